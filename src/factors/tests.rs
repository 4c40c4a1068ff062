//! What the tests of this room build with, and the audit as a whole on trees of files.

use super::finding::{Place, Secret};
use super::*;

/// Of the factor about secrets, and of another.
pub static RULE: (Rule, Rule) = (
    Rule {
        id: "config/test",
        factor: Factor::Config,
        level: Level::Error,
        summary: "a test",
        explain: "A test.",
    },
    Rule { id: "deps/test", factor: Factor::Deps, level: Level::Warn, summary: "a test", explain: "A test." },
);

/// A finding at the beginning of a line.
pub fn finding(path: &str, line: u32) -> Finding {
    Finding::new(&RULE.0, Place::line(&path.into(), line), "a thing", "do another")
}

/// A secret in a line.
pub fn secret(path: &str, number: u32, line: &str, value: &str, public_prefix: usize) -> Finding {
    let at = line.find(value).unwrap();
    let place = text::place(&path.into(), number, line, at..at + value.len());
    let secret = Secret { value: value.into(), public_prefix };
    Finding { place, secret: Some(secret), ..finding(path, number) }
}

/// The same with what may be shown of it.
pub fn found(path: &str, number: u32, line: &str, value: &str) -> Found {
    let finding = secret(path, number, line, value, 0);
    let (shown, places) = Masks::of([&finding]).line(number, line, &[&finding]);
    let alike = words(&shown);
    let fingerprint = fingerprint(&finding, &alike, 1);
    Found { finding, line: Some((shown, places[0].clone())), alike, fingerprint }
}

/// Asked of nothing in particular.
pub fn question(factors: Vec<Factor>) -> Question<'static> {
    Question {
        factors,
        look: Look { roots: Vec::new(), ignored_too: false, part: Part::All },
        app: None,
        own: None,
        allow: &[],
        baseline: None,
        today: "2026-07-01".parse().unwrap(),
        advisories: None,
        fail_on: Some(Level::Error),
        strict: false,
    }
}

/// What is concluded from findings in a file that has this line again and again.
pub fn of_line(findings: Vec<Finding>, number: usize, line: &str) -> Audit {
    let mut looked = Looked::default();
    looked.reports.insert(Factor::Config, Report { findings, ..Report::default() });
    let text = format!("{line}\n").repeat(number);
    conclude(&question(vec![Factor::Config]), looked, &|_| Some(text.clone().into()), Known::default())
}

/// What a check says of an app that is only a Procfile.
pub fn of_procfile(check: &dyn Check, text: &str) -> Report {
    let source = crate::app::problem::Source::new("Procfile", text);
    let (entries, _) = crate::app::procfile::parse(&source);
    let files = Files::open(&question(Vec::new()).look).unwrap();
    let app = App { root: Path::new("/nowhere"), procfile: "Procfile".into(), entries: &entries };
    check.whole(&Scene { tree: &files, app: Some(&app), today: question(Vec::new()).today, advisories: None })
}

/// The audit of a folder of logs, as its own app or as a strange tree.
fn of_folder(folder: &Path, is_own: bool) -> Audit {
    let folder = folder.canonicalize().unwrap();
    let mut question = question(vec![Factor::Config, Factor::Logs]);
    question.look.roots.push((folder.clone(), String::new()));
    question.own = is_own.then_some(&folder);
    audit(&question).unwrap()
}

#[test]
fn what_a_strange_tree_says_of_itself_in_files_lets_nothing_pass() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join(".secrets.baseline"), "no json").unwrap();
    assert_eq!(of_folder(folder.path(), false).unchecked.len(), 0);
    assert_eq!(of_folder(folder.path(), true).unchecked.len(), 1, "the file, which is no JSON");
}

#[test]
fn fingerprints_are_the_same_whatever_else_is_found_and_tell_nothing_of_the_secret() {
    let one = |value: &str| found("a.py", 3, &format!("key = '{value}'"), value).fingerprint;
    assert_eq!(one("hunter2"), one("another-secret"), "the secret is no part of it");
    let line = "a = 'first-secret' b = 'second-secret'";
    let both = [secret("a.py", 1, line, "first-secret", 0), secret("a.py", 1, line, "second-secret", 0)];
    let audit = of_line(both.to_vec(), 1, line);
    assert_ne!(audit.found[0].fingerprint, audit.found[1].fingerprint);
    let moved = of_line(
        both.map(|mut finding| {
            (finding.place.line, finding.place.end_line) = (7, 7);
            finding
        })
        .to_vec(),
        7,
        line,
    );
    assert_eq!(moved.found[0].fingerprint, audit.found[0].fingerprint);
}

#[test]
fn the_same_thing_told_twice_is_told_once_and_order_does_not_depend_on_who_speaks_first() {
    let all = || vec![finding("a.py", 3), finding("a.py", 1), finding("a.py", 3), finding("a.py", 2)];
    let lines = |findings| {
        let audit = of_line(findings, 3, "k");
        audit.found.iter().map(|found| found.finding.place.line).collect::<Vec<_>>()
    };
    assert_eq!(lines(all()), [1, 2, 3]);
    assert_eq!(lines(all().into_iter().rev().collect()), [1, 2, 3]);
}

/// Finds what stands behind `SECRET=`, to the end of the line.
struct Planted;

impl Check for Planted {
    fn factor(&self) -> Factor {
        Factor::Config
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 1] = [&RULE.0];
        &RULES
    }

    fn looks_at_files(&self) -> bool {
        true
    }

    fn file(&self, file: &File<'_>) -> Report {
        let text = Text::read(file.bytes);
        let found = text.lines().filter_map(|(number, line)| {
            let value = line.split_once("SECRET=")?.1.split(' ').next()?;
            Some(secret(file.path, number, line, value, 0))
        });
        Report { findings: found.collect(), ..Report::default() }
    }
}

/// What the planted check finds in a folder, on so many threads.
fn planted(folder: &Path, threads: usize, baseline: Option<&Baseline>) -> Audit {
    let folder = folder.canonicalize().unwrap();
    let mut question = question(vec![Factor::Config]);
    question.look.roots.push((folder.clone(), String::new()));
    question.own = Some(&folder);
    question.baseline = baseline;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| audit_by(&[&Planted], &question)).unwrap()
}

#[test]
fn secrets_go_through_the_whole_of_it_and_none_comes_out() {
    let folder = tempfile::TempDir::new().unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    let mut values = Vec::new();
    for number in 0..30 {
        let value = format!("qX{number}zW-{}", number * 7919);
        let end = ["", " # gitleaks:allow", " # twelve-run:allow config/test reason=x"][number % 3];
        write(&format!("f{number}.txt"), format!("a\r\nSECRET={value}{end}\r\n").as_bytes());
        values.push(value);
    }
    let wide = "x\nSECRET=wide-secret-value\n".encode_utf16().flat_map(u16::to_le_bytes);
    write("wide.txt", &[0xff, 0xfe].into_iter().chain(wide).collect::<Vec<u8>>());
    values.push("wide-secret-value".into());
    write(".gitleaksignore", b"f0.txt:any:2\n");

    let one = planted(folder.path(), 1, None);
    assert_eq!((one.found.len(), one.allowed.len()), (10, 21));
    let known = Baseline::new([5; 32]).write(&one.found);
    let outputs = |audit: &Audit| {
        let sarif = show::sarif(audit, &[&RULE.0]);
        [show::text(audit, false), show::json(audit).to_string(), sarif.to_string(), show::summary(audit)]
    };
    assert_eq!(outputs(&one), outputs(&planted(folder.path(), 4, None)));
    for output in outputs(&one).into_iter().chain([String::from_utf8(known.clone()).unwrap()]) {
        for value in &values {
            assert!(!output.contains(value.as_str()), "{value}: {output}");
        }
    }

    write(baseline::FILE, &known);
    let baseline = Baseline::read(&known).unwrap();
    assert_eq!(planted(folder.path(), 2, Some(&baseline)).found.len(), 0);
    write("f3.txt", b"a\nb\nSECRET=qX3zW-another-one\n");
    let after = planted(folder.path(), 2, Some(&baseline));
    let places: Vec<_> = after.found.iter().map(|found| &*found.finding.place.path).collect();
    assert_eq!(places, ["f3.txt"], "another secret in the same place is new");
}
