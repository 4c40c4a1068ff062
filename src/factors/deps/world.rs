//! A tree in memory, for tests.

use super::{Options, Tree, check};
use crate::factors::finding::{Level, Report};
use std::collections::BTreeMap;
use std::io;

/// Paths and what is in them.
pub struct World {
    content: BTreeMap<String, Vec<u8>>,
    paths: Vec<String>,
    links: Vec<String>,
}

impl World {
    /// Of texts.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let content: BTreeMap<String, Vec<u8>> =
            files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        let paths = content.keys().cloned().collect();
        Self { content, paths, links: Vec::new() }
    }

    /// With a symbolic link.
    pub fn link(mut self, path: &str) -> Self {
        self.links.push(path.to_owned());
        self
    }
}

impl Tree for World {
    fn files(&self) -> &[String] {
        &self.paths
    }

    fn links(&self) -> &[String] {
        &self.links
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.content.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn exists(&self, path: &str) -> bool {
        self.paths.iter().any(|known| known == path || super::paths::is_in(known, path))
    }
}

/// Every finding as `level rule path:line message`.
pub fn told(report: &Report) -> Vec<String> {
    let level = |level| match level {
        Level::Note => "note",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    let line = |finding: &crate::factors::finding::Finding| {
        let place = &finding.place;
        let id = finding.rule.id.trim_start_matches("deps/");
        format!("{} {id} {}:{} {}", level(finding.level), place.path, place.line, finding.message)
    };
    report.findings.iter().map(line).collect()
}

/// Checks a tree without a database: it tells exactly these, each given by how it begins.
pub fn expect(files: &[(&str, &str)], expected: &[&str]) {
    let told = told(&check(&World::of(files), &Options::default()));
    let is_same = told.len() == expected.len()
        && told.iter().zip(expected).all(|(told, begin)| told.starts_with(begin));
    assert!(is_same, "told:\n{}\nexpected:\n{}", told.join("\n"), expected.join("\n"));
}

/// Checks a tree without a database: nothing is told of it, and exactly these could not be looked at, each given by how
/// it begins.
pub fn left_out(files: &[(&str, &str)], expected: &[&str]) {
    let report = check(&World::of(files), &Options::default());
    let all = report.unchecked.iter().filter(|one| one.what != "advisories");
    let all: Vec<String> = all.map(|one| format!("{}: {}", one.what, one.why)).collect();
    let is_same =
        all.len() == expected.len() && all.iter().zip(expected).all(|(one, begin)| one.starts_with(begin));
    assert!(
        is_same && report.findings.is_empty(),
        "unchecked:\n{}\ntold:\n{}",
        all.join("\n"),
        told(&report).join("\n")
    );
    assert!(report.evidence.iter().all(|one| one.kind != "deps/lock-fresh"), "called fresh");
}
