//! The corpus: lines of `+rule path :: text` (is found, at the place between `«` and `»`), `-rule path :: text` (is not), and
//! `-* path :: text` (no rule of secrets finds anything).

use std::collections::BTreeMap;

use twelve_run::factors::finding::Level;

use super::grow::Dice;
use super::scanner;

const FILES: &[(&str, &str)] = &[
    ("keys", include_str!("../corpus/keys.txt")),
    ("formats", include_str!("../corpus/formats.txt")),
    ("passwords", include_str!("../corpus/passwords.txt")),
    ("urls", include_str!("../corpus/urls.txt")),
    ("env", include_str!("../corpus/env.txt")),
    ("alike", include_str!("../corpus/alike.txt")),
    ("values", include_str!("../corpus/values.txt")),
    ("forms", include_str!("../corpus/forms.txt")),
    ("places", include_str!("../corpus/places.txt")),
    ("services", include_str!("../corpus/services.txt")),
    ("explained", include_str!("../corpus/explained.txt")),
];

/// Each case is made so many times, with other values.
const SEEDS: u64 = 8;

/// One case with its values in it.
pub struct Case {
    pub rule: String,
    pub wanted: bool,
    pub path: String,
    pub text: String,
    /// The value between the marks, as a byte range of the text.
    pub value: Option<std::ops::Range<usize>>,
    pub source: String,
}

pub fn cases(seeds: u64) -> Vec<Case> {
    let mut cases = Vec::new();
    for seed in 1..=seeds {
        for (file, text) in FILES {
            for (n, line) in text.lines().enumerate() {
                let Some((head, text)) = line.split_once(" :: ") else {
                    assert!(line.is_empty() || line.starts_with('#'), "{file}:{}: {line}", n + 1);
                    continue;
                };
                let (rule, path) = head[1..].split_once(' ').expect("a rule and a path");
                let made = Dice::new(seed * 1000 + n as u64).expand(text);
                let value =
                    made.find('«').map(|open| open..made.find('»').expect("both marks") - '«'.len_utf8());
                cases.push(Case {
                    rule: format!("config/{rule}"),
                    wanted: head.starts_with('+'),
                    path: path.to_owned(),
                    text: made.replace(['«', '»'], ""),
                    value,
                    source: format!("{file}:{} seed {seed}: {line}", n + 1),
                });
            }
        }
    }
    cases
}

fn is_secret_rule(rule: &str) -> bool {
    rule.starts_with("config/key-")
        || matches!(rule, "config/password" | "config/db-url" | "config/env-default")
}

/// The rule by which it is found, or another of secrets: what stands there is found.
fn fits(wanted: &str, found: &str) -> bool {
    wanted == found
        || (is_secret_rule(wanted)
            && is_secret_rule(found)
            && wanted != "config/key-placeholder"
            && wanted != "config/env-default")
}

/// All providers' keys are one family.
fn family(rule: &str) -> &str {
    let key = rule.starts_with("config/key-") && !rule.ends_with("placeholder");
    if key { "config/key-*" } else { rule }
}

#[derive(Default)]
struct Score {
    found: usize,
    exact: usize,
    missed: usize,
    clean: usize,
    wrong: usize,
}

#[test]
fn the_corpus_is_found_and_what_looks_alike_is_not() {
    let scanner = scanner();
    let mut table: BTreeMap<String, Score> = BTreeMap::new();
    let mut failures = Vec::new();
    let (mut positives, mut negatives) = (0, 0);
    for case in cases(SEEDS) {
        let report = scanner.scan(&case.path, case.text.as_bytes());
        let score = table.entry(family(&case.rule).to_owned()).or_default();
        let found: Vec<_> = (report.findings.iter())
            .filter(|finding| match (case.wanted, case.rule.as_str()) {
                (true, rule) => fits(rule, finding.rule.id),
                (false, "config/*") => is_secret_rule(finding.rule.id),
                (false, rule) => finding.rule.id == rule && finding.level >= Level::Warn,
            })
            .collect();
        if case.wanted {
            positives += 1;
            let place = case.value.clone().map(|value| place(&case.text, &value));
            let there = found.iter().find(|finding| {
                let at = (
                    finding.place.line,
                    finding.place.column,
                    finding.place.end_line,
                    finding.place.end_column,
                );
                place.is_none_or(|place| place == at)
            });
            match there {
                Some(finding) => {
                    score.found += 1;
                    score.exact += usize::from(finding.rule.id == case.rule);
                    if finding.rule.id != case.rule {
                        failures.push(format!("by {}: {}", finding.rule.id, case.source));
                    }
                }
                None => {
                    score.missed += 1;
                    failures.push(format!(
                        "missed: {} {:?}",
                        case.source,
                        report
                            .findings
                            .iter()
                            .map(|f| (f.rule.id, f.place.column, f.place.end_column))
                            .collect::<Vec<_>>()
                    ));
                }
            }
        } else {
            negatives += 1;
            score.clean += usize::from(found.is_empty());
            if let Some(finding) = found.first() {
                score.wrong += 1;
                failures.push(format!("false {}: {}", finding.rule.id, case.source));
            }
        }
    }
    println!(
        "{:26} {:>6} {:>6} {:>6} {:>6} {:>6}  recall precision",
        "rule", "found", "byrule", "missed", "clean", "wrong"
    );
    let (mut found, mut missed, mut wrong) = (0, 0, 0);
    for (rule, score) in &table {
        let recall = ratio(score.found, score.found + score.missed);
        let precision = ratio(score.found, score.found + score.wrong);
        println!(
            "{rule:26} {:6} {:6} {:6} {:6} {:6}  {recall:6.3} {precision:9.3}",
            score.found, score.exact, score.missed, score.clean, score.wrong
        );
        (found, missed, wrong) = (found + score.found, missed + score.missed, wrong + score.wrong);
    }
    println!(
        "{positives} positive, {negatives} negative, of {} and {} lines",
        positives as u64 / SEEDS,
        negatives as u64 / SEEDS
    );
    println!("{}", failures.join("\n"));
    assert!(
        positives as u64 / SEEDS >= 400 && negatives as u64 / SEEDS >= 400,
        "the corpus has become small"
    );
    assert!(ratio(found, found + missed) >= 0.98, "recall");
    assert!(ratio(found, found + wrong) >= 0.98, "precision");
    for (rule, score) in &table {
        assert!(
            score.found + score.missed == 0 || ratio(score.found, score.found + score.missed) >= 0.93,
            "recall of {rule}"
        );
    }
}

/// What `benches/scanners` shows to other tools: each case a file in a folder of its own, and what is known of each.
#[test]
#[ignore = "writes into the folder that TWELVE_RUN_CORPUS names"]
fn the_corpus_for_others() {
    let folder = std::path::PathBuf::from(std::env::var_os("TWELVE_RUN_CORPUS").expect("TWELVE_RUN_CORPUS"));
    let mut labels = Vec::new();
    for (number, case) in cases(1).into_iter().enumerate() {
        let name = format!("{number:04}");
        let file = folder.join(&name).join(&case.path);
        std::fs::create_dir_all(file.parent().expect("it is in the folder")).expect("a folder");
        std::fs::write(file, &case.text).expect("a file");
        let (from, _, to, _) =
            case.value.as_ref().map_or((1, 0, u32::MAX, 0), |value| place(&case.text, value));
        let (group, rule, wanted) = (family(&case.rule), &case.rule, case.wanted);
        let label = serde_json::json!({
            "case": name, "group": group, "rule": rule, "wanted": wanted, "from": from, "to": to,
        });
        labels.push(label.to_string());
    }
    std::fs::write(folder.join("labels.jsonl"), labels.join("\n")).expect("a file");
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

fn place(text: &str, value: &std::ops::Range<usize>) -> (u32, u32, u32, u32) {
    let at = |offset: usize| {
        let before = &text[..offset];
        let line = before.matches('\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
        (line, column)
    };
    let (start, end) = (at(value.start), at(value.end));
    (start.0, start.1, end.0, end.1)
}
