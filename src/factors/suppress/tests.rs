//! What is allowed and what is not, and which permission was of use.

use super::*;
use crate::app::problem::{Place as Written, Placed, Source};
use crate::factors::tests::{RULE, finding};

const TODAY: &str = "2026-07-01";

fn today() -> Date {
    TODAY.parse().unwrap()
}

fn allow(rule: &str, path: Option<&str>, until: Option<&str>) -> Allow {
    let source = Source::new("twelve-run.toml", "\nrule");
    Allow {
        rule: Placed { value: rule.into(), place: Written::new(&source, 1..5) },
        path: path.map(Into::into),
        reason: "why".into(),
        until: until.map(|until| until.parse().unwrap()),
    }
}

/// Which lines of a file are let pass that has a finding on each of `lines`.
fn passes(text: &str, lines: &[u32]) -> Vec<u32> {
    let marks = marks(&"a.py".into(), text.as_bytes());
    let mut permissions = Permissions::new(today(), marks, &[], Known::default());
    let passes = |line: &&u32| permissions.allows(&finding("a.py", **line), "", "").is_some();
    lines.iter().filter(passes).copied().collect()
}

#[test]
fn a_mark_is_for_its_own_line_or_else_for_the_next() {
    let mark = "# twelve-run:allow config/test reason=\"x\"";
    assert_eq!(passes(&format!("k = 1 {mark}\nk = 2\n"), &[1, 2]), [1]);
    assert_eq!(passes(&format!("{mark}\nk = 2\nk = 3\n"), &[2, 2, 3]), [2, 2]);
    assert_eq!(passes("# twelve-run:allow config/other reason=\"x\"\nk\n", &[2]), [0; 0]);
    assert_eq!(passes("# twelve-run:allow config/te* reason=\"x\"\nk\n", &[2]), [2]);
}

#[test]
fn a_mark_ends_with_its_day() {
    for (until, passed) in
        [("2026-07-01", &[1][..]), ("2026-06-30", &[]), ("tomorrow", &[]), ("2027-01-01", &[1])]
    {
        let text = format!("k # twelve-run:allow config/test reason=x until={until}\n");
        assert_eq!(passes(&text, &[1]), passed, "{until}");
    }
}

#[test]
fn a_mark_without_a_reason_lets_pass_and_is_told() {
    let found = marks(&"a.py".into(), b"k # twelve-run:allow config/test\n");
    let mut permissions = Permissions::new(today(), found, &[], Known::default());
    assert!(permissions.allows(&finding("a.py", 1), "", "").is_some());
    let told = permissions.findings(|_| true);
    assert_eq!((told.len(), told[0].rule.id, told[0].place.line), (1, "audit/allow-without-reason", 1));
}

#[test]
fn what_is_wrong_with_a_mark_is_told_where_a_finding_needs_it() {
    let text = b"k # twelve-run:allow config/test reason=x until=soon\nk # twelve-run:allow config/test\n";
    let mut permissions = Permissions::new(today(), marks(&"a.py".into(), text), &[], Known::default());
    assert!(permissions.findings(|_| true).is_empty(), "it is text about marks");
    assert_eq!(permissions.idle(|_| true).len(), 2);
    permissions.meet(&[finding("a.py", 1)]);
    assert!(permissions.allows(&finding("a.py", 1), "", "").is_none());
    let told = permissions.findings(|_| true);
    assert_eq!((told.len(), told[0].rule.id, told[0].place.line), (1, "audit/allow-no-date", 1));
    assert_eq!(permissions.idle(|_| true).len(), 1);
}

#[test]
fn settings_allow_by_rule_path_and_day() {
    for (allowed, passes) in [
        (allow("config/test", None, None), true),
        (allow("config/test", Some("a.*"), None), true),
        (allow("config/*", Some("**/*.py"), Some(TODAY)), true),
        (allow("config/test", Some("b/**"), None), false),
        (allow("config/test", None, Some("2026-06-30")), false),
        (allow("deps/test", None, None), false),
    ] {
        let allowed = [allowed];
        let mut permissions = Permissions::new(today(), Vec::new(), &allowed, Known::default());
        assert_eq!(permissions.allows(&finding("a.py", 1), "", "").is_some(), passes, "{allowed:?}");
        assert_eq!(permissions.idle(|_| true).is_empty(), passes, "{allowed:?}");
    }
}

#[test]
fn marks_of_others_are_for_secrets_alone() {
    let mut permissions = Permissions::new(today(), Vec::new(), &[], Known::default());
    assert!(permissions.allows(&finding("a.py", 1), "k = 1 # gitleaks:allow", "").is_some());
    let deps = Finding { rule: &RULE.1, ..finding("a.py", 1) };
    assert!(permissions.allows(&deps, "k = 1 # gitleaks:allow", "").is_none());
}

#[test]
fn what_lets_nothing_pass_is_idle_and_says_whether_its_day_is_over() {
    let text = b"# twelve-run:allow config/test reason=x until=2020-01-01\nk\n# twelve-run:allow config/x reason=y\n";
    let mut permissions = Permissions::new(today(), marks(&"a.py".into(), text), &[], Known::default());
    assert!(permissions.allows(&finding("a.py", 2), "", "").is_none());
    let idle = permissions.idle(|_| true);
    assert_eq!(
        idle.iter().map(|idle| (idle.line, idle.expired)).collect::<Vec<_>>(),
        [(1, true), (3, false)]
    );
}
