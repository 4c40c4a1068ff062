//! What is shown, and above all what is not.

use super::*;
use crate::factors::baseline::Baseline;
use crate::factors::finding::{Place, Secret};
use crate::factors::mask::RUN;
use crate::factors::tests::{RULE, found, question};
use crate::factors::{Audit, Checked, Ending, rules};
use proptest::prelude::*;

fn audit(found: Vec<Found>) -> Audit {
    let ending = Ending::of(question(Vec::new()).fail_on, &found, &[]);
    Audit {
        verdicts: Vec::new(),
        found,
        allowed: Vec::new(),
        evidence: Vec::new(),
        idle: Vec::new(),
        checked: Checked { files: 2, read: 2, ..Checked::default() },
        unchecked: Vec::new(),
        ending,
    }
}

#[test]
fn a_finding_is_shown_with_its_place_and_without_its_secret() {
    let mut one = found("src/a.py", 3, "KEY = 'sk-abcdefghijkl'", "sk-abcdefghijkl");
    one.finding.secret = Some(Secret { value: b"sk-abcdefghijkl".to_vec(), public_prefix: 3 });
    let shown = text(&audit(vec![one]), false);
    let expected = "\
error[config/test]: a thing
 --> src/a.py:3:8
  |
3 | KEY = '…'
  |        ^ `sk-…`, 15 characters
  |
  = help: do another


1 error; 2 files read
";
    assert_eq!(shown, expected);
}

#[test]
fn many_of_one_rule_in_a_file_are_told_by_their_lines() {
    let many = (1..=33).map(|line| found("a.py", line, "k = x", "x")).chain([found("b.py", 1, "k = x", "x")]);
    let shown = text(&audit(many.collect()), false);
    assert_eq!(shown.matches("error[config/test]").count(), 21);
    let folded = "and 13 more of config/test in a.py: lines 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, …\n";
    assert!(shown.contains(folded) && shown.ends_with("34 errors; 2 files read\n"), "{shown}");
}

#[test]
fn the_summary_says_what_was_found_and_what_is_missing() {
    let mut both = audit(vec![found("a.py", 1, "k = x", "x")]);
    both.unchecked.push(crate::factors::finding::Unchecked { what: "b".into(), why: "c".into() });
    assert_eq!(summary(&both), "1 error, 1 thing not checked; 2 files read\n");
    assert_eq!(summary(&audit(Vec::new())), "nothing found; 2 files read\n");
}

#[test]
fn sarif_has_the_structure_that_its_readers_need() {
    let rules = [&RULE.0, &RULE.1];
    let log = sarif(&audit(vec![found("a b.py", 3, "k = 'hunter2'", "hunter2")]), &rules);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let result = &run["results"][0];
    let at = result["ruleIndex"].as_u64().unwrap() as usize;
    assert_eq!(run["tool"]["driver"]["rules"][at]["id"], result["ruleId"]);
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.py");
    assert_eq!(place["region"]["startColumn"], 6);
    assert_eq!(place["region"]["endColumn"], 13);
    assert!(run["originalUriBaseIds"][place["artifactLocation"]["uriBaseId"].as_str().unwrap()].is_object());
    assert_eq!(result["partialFingerprints"]["twelveRun/v1"].as_str().unwrap().len(), 32);
    assert!(result.get("suppressions").is_none());
}

#[test]
fn what_is_allowed_is_in_sarif_with_its_reason() {
    let mut one = audit(Vec::new());
    let why =
        crate::factors::suppress::Allowed { by: "inline", reason: Some("a test".into()), in_source: true };
    one.allowed.push((found("a.py", 1, "k = 'hunter2'", "hunter2"), why));
    let suppression = &sarif(&one, &[&RULE.0])["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!((&suppression["kind"], &suppression["justification"]), (&"inSource".into(), &"a test".into()));
}

#[test]
fn every_rule_can_be_explained_and_belongs_to_its_factor() {
    let all = rules();
    assert!(all.windows(2).all(|pair| pair[0].id < pair[1].id), "each rule has a name of its own");
    for rule in all {
        assert!(
            rule.id.split_once('/').is_some_and(|(factor, _)| factor == rule.factor.name()),
            "{}",
            rule.id
        );
        assert!(!rule.summary.ends_with('.') && rule.explain.len() > 40, "{}", rule.id);
        assert!(explain(rule).starts_with(rule.id));
    }
}

proptest! {
    /// No output of any form has six characters of a secret in a row, whatever stands around it.
    #[test]
    fn nothing_of_a_secret_comes_out(
        first in "[a-zA-Z0-9/+_-]{8,50}", second in "[a-zA-Z0-9]{4,30}", prefix in 0usize..4,
        before in "[A-Z ='\"é]{0,140}", color in any::<bool>(),
    ) {
        let line = format!("{before}{first}:{second}@host '{first}'");
        let secret = |value: &str, prefix| {
            let mut finding = crate::factors::tests::secret("src/a.py", 7, &line, value, prefix);
            // Who words a sentence carelessly gives nothing away either.
            finding.message = format!("found {value} here");
            finding.help = format!("remove {value}");
            finding
        };
        let elsewhere = crate::factors::finding::Finding {
            place: Place::line(&"src/a.py".into(), 7),
            ..crate::factors::tests::finding("src/a.py", 7)
        };
        let findings = vec![secret(&first, prefix), secret(&second, 0), elsewhere];
        let audit = crate::factors::tests::of_line(findings, 7, &line);
        prop_assert_eq!(audit.found.len(), 3);
        let outputs = [
            text(&audit, color),
            json(&audit).to_string(),
            sarif(&audit, &[&RULE.0]).to_string(),
            summary(&audit),
            String::from_utf8(Baseline::new([3; 32]).write(&audit.found)).unwrap(),
            format!("{audit:?}"),
        ];
        for secret in [&first[prefix..], &second] {
            for run in secret.as_bytes().windows(RUN) {
                let run = std::str::from_utf8(run).unwrap();
                for output in &outputs {
                    prop_assert!(!output.contains(run), "{run}: {output}");
                }
            }
        }
    }
}
