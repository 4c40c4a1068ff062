//! Small databases of both layouts, asked about small locks.

use super::{Database, date};
use crate::factors::deps::world::{World, told};
use crate::factors::deps::{Options, check};
use crate::factors::finding::Report;

fn ask(tree: &[(&str, &str)], database: &[(&str, &str)], today: &str) -> Report {
    let database = World::of(database);
    let today = date::day(today).unwrap();
    let database = Database { tree: &database, fetched_day: None, today, max_age_days: 30 };
    check(&World::of(tree), &Options { database: Some(database), ..Options::default() })
}

fn advisories(report: &Report) -> Vec<String> {
    told(report).into_iter().filter(|line| line.contains(" advisory ")).collect()
}

fn rustsec(name: &str, more: &str, versions: &str) -> String {
    format!(
        "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\npackage = \"{name}\"\ndate = \"2026-11-01\"\n{more}\n[versions]\n{versions}\n```\n\n# Wrong\n"
    )
}

/// A lock of one crate.
const LOCKED: &str = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"0\"\n";

/// Which of these versions an advisory of `RustSec` takes in.
fn affected(versions: &str, asked: &str) -> String {
    let package = |version: &str| LOCKED.replace("1.0.0", version);
    let lock: String = asked.split(' ').map(package).collect();
    let report = ask(
        &[("Cargo.lock", &lock)],
        &[("crates/a/RUSTSEC-2026-0001.md", &rustsec("a", "", versions))],
        "2026-11-02",
    );
    assert!(report.unchecked.is_empty(), "{:?}", report.unchecked);
    let found = advisories(&report);
    let is_told =
        |version: &&str| found.iter().any(|line| line.contains(&format!(" a {version} is affected")));
    asked.split(' ').filter(is_told).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_neither_patched_nor_unaffected_is_affected() {
    let asked = "0.9.0 1.0.0 1.5.0 2.0.0-rc.1 2.0.0 2.1.0";
    for (versions, expected) in [
        ("patched = [\">= 2.0.0\"]", "0.9.0 1.0.0 1.5.0 2.0.0-rc.1"),
        ("patched = [\">= 2\"]\nunaffected = [\"< 1.0.0\"]", "1.0.0 1.5.0 2.0.0-rc.1"),
        ("patched = [\"^1.5\", \">= 2.1.0\"]", "0.9.0 1.0.0 2.0.0-rc.1 2.0.0"),
        ("patched = [\"~1.5.0\"]\nunaffected = [\"<= 1.0.0\"]", "2.0.0-rc.1 2.0.0 2.1.0"),
        ("patched = [\"> 1.0.0\"]", "0.9.0 1.0.0"),
        ("patched = [\"= 1.5.0\"]", "0.9.0 1.0.0 2.0.0-rc.1 2.0.0 2.1.0"),
        ("patched = [\">= 1.5, < 2.0.0\"]", "0.9.0 1.0.0 2.0.0 2.1.0"),
        ("patched = []", asked),
    ] {
        assert_eq!(affected(versions, asked), expected, "{versions}");
    }
}

#[test]
fn an_advisory_is_told_with_its_range_and_its_cure() {
    let lock = LOCKED;
    let text = rustsec("a", "", "patched = [\">= 1.0.5\", \"^0.9.3\"]");
    let report = ask(&[("Cargo.lock", lock)], &[("crates/a/RUSTSEC-2026-0001.md", &text)], "2026-11-02");
    assert_eq!(
        told(&report),
        [
            "error advisory Cargo.lock:2 a 1.0.0 is affected by RUSTSEC-2026-0001: Wrong (affected: all but >= 1.0.5, ^0.9.3)"
        ]
    );
    assert_eq!(report.findings[0].help, "update to >= 1.0.5");
}

#[test]
fn the_withdrawn_the_informational_and_the_namesakes_weigh_less_or_nothing() {
    let package = |name: &str, source: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n{source}checksum = \"0\"\n")
    };
    let crates_io = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    let lock = package("a", crates_io)
        + &package("b", crates_io)
        + &package("c", crates_io)
        + &package("own", "")
        + &package("other", "source = \"registry+https://example.com/index\"\n")
        + &package("git", "source = \"git+https://example.com/x#1\"\n");
    let database = [
        ("crates/a/RUSTSEC-2026-0001.md", rustsec("a", "withdrawn = \"2026-11-01\"", "patched = []")),
        ("crates/b/RUSTSEC-2026-0001.md", rustsec("b", "informational = \"unmaintained\"", "patched = []")),
        ("crates/c/RUSTSEC-2026-0001.md", rustsec("c", "informational = \"unsound\"", "patched = []")),
        ("crates/own/RUSTSEC-2026-0001.md", rustsec("own", "", "patched = []")),
        ("crates/other/RUSTSEC-2026-0001.md", rustsec("other", "", "patched = []")),
        ("crates/git/RUSTSEC-2026-0001.md", rustsec("git", "", "patched = []")),
        ("rust/std/RUSTSEC-2026-0001.md", rustsec("b", "", "patched = []")),
    ];
    let database: Vec<(&str, &str)> = database.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let told = advisories(&ask(&[("Cargo.lock", &lock)], &database, "2026-11-02"));
    let short: Vec<&str> = told.iter().filter_map(|line| line.split(" RUSTSEC").next()).collect();
    assert_eq!(
        short,
        [
            "note advisory Cargo.lock:7 b 1.0.0 has a notice:",
            "warn advisory Cargo.lock:12 c 1.0.0 is unsound:"
        ]
    );
}

fn osv(events: &str, more: &str) -> String {
    format!(
        r#"{{"id": "OSV-1", "modified": "2026-11-01T00:00:00Z", "summary": "Wrong", {more}
        "affected": [{{"package": {{"ecosystem": "PyPI", "name": "Jinja2"}}, "ranges": [{{"type": "ECOSYSTEM", "events": [{events}]}}], "versions": ["0.5"]}}]}}"#
    )
}

#[test]
fn osv_is_evaluated_as_its_schema_says() {
    for (events, expected) in [
        (r#"{"introduced": "0"}, {"fixed": "2.0"}"#, "0.5 1.0 2.0rc1"),
        (r#"{"fixed": "2.0"}, {"introduced": "1.0"}"#, "0.5 1.0 2.0rc1"),
        (r#"{"introduced": "1.0"}, {"last_affected": "2.0"}"#, "0.5 1.0 2.0rc1 2.0"),
        (r#"{"introduced": "0.9"}, {"fixed": "1.0"}, {"introduced": "2.0"}"#, "0.5 2.0 3.0"),
        (r#"{"introduced": "0"}, {"limit": "1.5"}"#, "0.5 1.0"),
        ("", "0.5"),
    ] {
        let asked = "0.5 1.0 2.0rc1 2.0 3.0";
        let is_told = |version: &&str| {
            let requirements = format!("jinja2=={version}\n");
            !advisories(&ask(
                &[("requirements.txt", &requirements)],
                &[("PyPI/x.json", &osv(events, ""))],
                "2026-11-02",
            ))
            .is_empty()
        };
        assert_eq!(asked.split(' ').filter(is_told).collect::<Vec<_>>().join(" "), expected, "{events}");
    }
}

#[test]
fn an_exact_version_counts_without_a_lock_too() {
    let text = osv(r#"{"introduced": "0"}"#, "");
    let manifest = "[project]\nname = \"x\"\ndependencies = [\n\"jinja2==1.0\"]\n";
    let told = advisories(&ask(&[("pyproject.toml", manifest)], &[("x.json", &text)], "2026-11-02"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("error advisory pyproject.toml:4 jinja2 1.0"), "{told:?}");
}

#[test]
fn one_trouble_with_two_names_is_told_once() {
    let first = osv(r#"{"introduced": "0"}, {"fixed": "2.0"}"#, r#""aliases": ["CVE-1"],"#);
    let second = first.replace("OSV-1", "OSV-2");
    let third =
        osv(r#"{"introduced": "0"}"#, r#""withdrawn": "2026-11-01T00:00:00Z","#).replace("OSV-1", "OSV-3");
    let database = [("a.json", first.as_str()), ("b.json", &second), ("c.json", &third)];
    let report = ask(&[("requirements.txt", "jinja2==1.0\n")], &database, "2026-11-02");
    assert_eq!(
        advisories(&report),
        ["error advisory requirements.txt:1 jinja2 1.0 is affected by OSV-1: Wrong (affected: < 2.0)"]
    );
}

#[test]
fn an_answer_without_a_good_database_is_incomplete() {
    let why = |report: &Report| {
        report.unchecked.iter().map(|one| format!("{}: {}", one.what, one.why)).collect::<Vec<_>>()
    };
    let tree = [("requirements.txt", "jinja2==1.0\n")];
    let text = osv(r#"{"introduced": "0"}"#, "");
    assert_eq!(
        why(&check(&World::of(&tree), &Options::default())),
        ["advisories: no database, give its folder with `--db`"]
    );
    assert_eq!(why(&ask(&tree, &[], "2026-11-02")), ["advisories: the folder holds none"]);
    assert_eq!(
        why(&ask(&tree, &[("x.json", &text)], "2027-11-02")),
        ["advisories: the database is 366 days old, 30 at most"]
    );
    let lock = ("Cargo.lock", LOCKED);
    assert_eq!(
        why(&ask(&[lock], &[("x.json", &text)], "2026-11-02")),
        ["advisories of crates.io: the database has none of this ecosystem"]
    );
    assert_eq!(
        why(&ask(&[("requirements.txt", "jinja2===odd\n")], &[("x.json", &text)], "2026-11-02")),
        ["jinja2 odd: its version cannot be compared"]
    );
    assert!(why(&check(&World::of(&[("main.py", "")]), &Options::default())).is_empty(), "nothing was asked");
}

#[test]
fn days_are_counted() {
    assert_eq!(date::day("1970-01-01"), Some(0));
    assert_eq!(date::day("2000-03-01T00:00:00Z"), Some(11_017));
    assert_eq!(date::day("2024-02-29"), Some(19_782));
    assert_eq!(date::day("2024-13-01"), None);
}
