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
        allow: &[],
        baseline: None,
        today: "2026-07-01".parse().unwrap(),
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
    let app = App { root: std::path::Path::new("/nowhere"), procfile: "Procfile".into(), entries: &entries };
    check.whole(&Scene { tree: &files, app: Some(&app) })
}
