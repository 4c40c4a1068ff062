//! What Python's manifests share: requirements as PEP 508 writes them, and constraints as Poetry does.

use super::declared;
use crate::factors::deps::model::{Declared, Ecosystem, Manifest, Scope, Verdict};
use crate::factors::deps::paths;
use crate::factors::deps::requirements::{Entry, Item, commit_or_branch, is_url};
use crate::factors::finding::Place;

/// A requirement of PEP 508; what is none is declared as invalid.
pub fn requirement(text: &str, scope: Scope, place: Place) -> Declared {
    let read = crate::factors::deps::requirements::read(text);
    // What pip takes beyond it, a path or a URL without a name, is none; PDM takes editable ones.
    let is_one = |entry: &Entry| {
        entry.is_editable || entry.name.is_some() && (entry.source.is_none() || text.contains('@'))
    };
    let entry = match read.into_iter().next() {
        Some(Item::Requirement(entry)) if is_one(&entry) => entry,
        _ => return declared(String::new(), text, Verdict::Invalid, scope, place),
    };
    Declared {
        name: entry.name.unwrap_or_default(),
        alias: None,
        constraint: entry.constraint,
        shown: entry.shown,
        verdict: entry.verdict,
        scope,
        is_for_platform: entry.has_marker && is_of_platform(text),
        is_conditional: entry.has_marker,
        is_inherited: false,
        place,
    }
}

/// Whether a marker asks for no version of Python: a lock leaves out what its own range of versions excludes.
pub fn is_of_platform(text: &str) -> bool {
    text.rsplit(';')
        .next()
        .is_some_and(|marker| !marker.contains("python") && !marker.contains("implementation"))
}

/// A name and a constraint of Poetry's, where a bare version is exact.
pub fn poetry(name: &str, constraint: &str, scope: Scope, place: Place) -> Declared {
    declared(Ecosystem::PyPI.normalise(name), constraint, super::verdict(constraint, true), scope, place)
}

/// A source that is no index: the verdict of its keys, `None` when none of them is there.
pub fn source<'a>(string: impl Fn(&str) -> Option<&'a str>) -> Option<Verdict> {
    if string("git").is_some() || string("hg").is_some() || string("svn").is_some() {
        return Some(commit_or_branch(string("rev").or(string("ref")), false));
    }
    if string("path").is_some() {
        return Some(Verdict::Local);
    }
    // Pipenv's `file` is a path or a URL.
    let written = string("file").or_else(|| string("url"))?;
    let is_far = is_url(written) && !written.starts_with("file:");
    Some(if is_far { Verdict::Url } else { Verdict::Local })
}

/// Files of requirements, as setuptools lets manifests name them, from their own folder on.
pub fn name_files<'a>(files: impl Iterator<Item = &'a str>, manifest: &mut Manifest) {
    for file in files.map(str::trim).filter(|file| !file.is_empty()) {
        match paths::join(paths::folder(&manifest.path), file) {
            Some(path) => manifest.files.push(path),
            None => manifest.unseen.push(format!("`{file}` is outside of the app")),
        }
    }
}
