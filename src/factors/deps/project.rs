//! The files of a tree that speak of dependencies, read once.

use super::lock::{self, Format};
use super::manifest;
use super::model::{Locked, Manifest};
use super::paths;
use super::requirements::{self, Followed, Item};
use super::text::Text;
use super::{Tree, rules};
use crate::factors::finding::Report;
use std::collections::BTreeSet;

/// A lock file that was read.
pub struct LockFile {
    /// The file.
    pub text: Text,
    /// Whose it is.
    pub format: &'static Format,
    /// Every package in it.
    pub packages: Vec<Locked>,
}

/// All that was read.
#[derive(Default)]
pub struct Project {
    /// Requirements files with those that they name: one set for each that no other names.
    pub requirement_sets: Vec<Vec<Followed>>,
    /// Manifests, in the order of their paths.
    pub manifests: Vec<(Text, Manifest)>,
    /// Lock files, in the order of their paths.
    pub locks: Vec<LockFile>,
}

/// Folders whose content is somebody else's.
const FOREIGN: [&str; 11] = [
    "node_modules",
    "bower_components",
    "vendor",
    "third_party",
    "site-packages",
    "venv",
    ".venv",
    ".tox",
    ".nox",
    "target",
    ".git",
];

/// Whether a path is in a folder of somebody else's code.
pub fn is_foreign(path: &str) -> bool {
    paths::folder(path).split('/').any(|part| FOREIGN.contains(&part))
}

impl Project {
    /// Reads everything; what cannot be read is told.
    pub fn read(tree: &dyn Tree, report: &mut Report) -> Self {
        let mut own: Vec<&str> =
            tree.files().iter().map(String::as_str).filter(|path| !is_foreign(path)).collect();
        own.sort_unstable();
        let mut project = Self { requirement_sets: requirement_sets(tree, &own, report), ..Self::default() };
        for path in own {
            let name = paths::file_name(path);
            let format = lock::of(name);
            if format.is_none() && !manifest::is_known(name) {
                continue;
            }
            let text = match tree.read(path) {
                Ok(bytes) => Text::new(path, &bytes),
                Err(error) => {
                    report.skip(path, error.to_string());
                    continue;
                }
            };
            if let Some(format) = format {
                match (format.read)(&text.content) {
                    Ok(packages) => project.locks.push(LockFile { text: text.clone(), format, packages }),
                    Err(why) => report.skip(path, why),
                }
            }
            match manifest::read(&text) {
                Some(Ok(manifest)) => project.manifests.push((text, manifest)),
                Some(Err(why)) => report.skip(path, why),
                None => {}
            }
        }
        manifest::cargo::inherit(&mut project.manifests);
        manifest::cargo::discover(&mut project.manifests, |path| tree.exists(path));
        project
    }

    /// Whether anything at all is declared or locked.
    pub fn is_empty(&self) -> bool {
        self.requirement_sets.is_empty() && self.manifests.is_empty() && self.locks.is_empty()
    }
}

/// `requirements.txt`, `dev-requirements.txt`, `requirements/base.txt`, `constraints.txt`, and their `.in`.
pub fn is_requirements(path: &str) -> bool {
    let name = paths::file_name(path).to_ascii_lowercase();
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let folder = paths::file_name(paths::folder(path)).to_ascii_lowercase();
    let is_named = stem.contains("requirements") || stem.contains("constraints") || folder == "requirements";
    is_named && ["txt", "in", "pip"].contains(&ending)
}

/// By its name alone.
fn is_constraints(path: &str) -> bool {
    paths::file_name(path).to_ascii_lowercase().contains("constraints")
}

fn requirement_sets(tree: &dyn Tree, own: &[&str], report: &mut Report) -> Vec<Vec<Followed>> {
    let candidates: Vec<&str> = own.iter().copied().filter(|path| is_requirements(path)).collect();
    let mut named = BTreeSet::new();
    for path in &candidates {
        let bytes = tree.read(path).unwrap_or_default();
        for item in requirements::read(&Text::new(path, &bytes).content) {
            // What is only a constraint here may well be installed elsewhere, unless its name says that it is none.
            if let Item::Nested { path: nested, is_constraint, .. } = item
                && (!is_constraint || is_constraints(&nested))
            {
                named.extend(paths::join(paths::folder(path), &nested));
            }
        }
    }
    let mut sets = Vec::new();
    let mut met: BTreeSet<String> = BTreeSet::new();
    // Those of a circle name each other; they come last, and whoever comes first stands for all.
    let (inner, outer): (Vec<&str>, Vec<&str>) =
        candidates.into_iter().partition(|path| named.contains(*path));
    for path in outer.into_iter().chain(inner) {
        if met.contains(path) {
            continue;
        }
        let set = requirements::follow(tree, path, is_constraints(path), &mut |text, item, why| {
            let Item::Nested { path, span, .. } = item else { return };
            if path.contains("://") {
                return report.skip(format!("{} (named by {})", requirements::redact(path), text.path), why);
            }
            let help = "commit the file, or take the line out";
            report.find(
                &rules::INVALID,
                text.place(span.clone()),
                format!("cannot follow this line: {why}"),
                help,
            );
        });
        let judged = set.iter().filter(|file| !file.is_constraint || is_constraints(&file.text.path));
        met.extend(judged.map(|file| file.text.path.to_string()));
        sets.push(set);
    }
    sets
}
