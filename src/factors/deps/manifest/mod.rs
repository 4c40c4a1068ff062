//! Manifests: the files in which people write what they need, text in, requirements out.

pub mod cargo;
pub mod go;

mod composer;
mod mix;
mod npm;
mod pyproject;
mod python;
mod ruby;
mod setup;

pub use setup::VERSIONS;

use super::model::{Declared, Dialect, Ecosystem, Kind, Manifest, Scope, Verdict};
use super::text::Text;
use crate::factors::finding::Place;
use serde_json::{Map, Value};

/// A reader: the manifest, or why it cannot be read.
type Read = fn(&Text) -> Result<Manifest, String>;

/// Every manifest, by the name of its file.
const KINDS: [(&str, Read); 10] = [
    ("pyproject.toml", pyproject::read),
    ("Pipfile", pyproject::pipfile),
    ("setup.cfg", setup::cfg),
    ("setup.py", setup::script),
    ("package.json", npm::read),
    ("Cargo.toml", cargo::read),
    ("go.mod", go::read),
    ("composer.json", composer::read),
    ("mix.exs", mix::read),
    ("Gemfile", ruby::read),
];

fn reader(name: &str) -> Option<Read> {
    let name = if name == "gems.rb" { "Gemfile" } else { name };
    KINDS.iter().find(|(file, _)| *file == name).map(|(_, read)| *read)
}

/// By its name alone.
pub fn is_known(name: &str) -> bool {
    reader(name).is_some()
}

/// Reads a file; `None` when it is no manifest.
pub fn read(text: &Text) -> Option<Result<Manifest, String>> {
    Some(reader(super::paths::file_name(&text.path))?(text))
}

/// Said in `unseen` where a manifest leaves its requirements to a `setup.py` that may stand beside it.
pub const ELSEWHERE: &str = "its dependencies are dynamic, and nothing here says where they come from";

/// A manifest that says nothing yet.
fn empty(text: &Text, ecosystem: Ecosystem, dialect: Dialect) -> Manifest {
    Manifest {
        ecosystem,
        dialect,
        path: text.path.to_string(),
        own_name: None,
        kind: Kind::App,
        is_workspace: false,
        declared: Vec::new(),
        shared: Vec::new(),
        known_names: Vec::new(),
        unseen: Vec::new(),
        files: Vec::new(),
        members: Vec::new(),
        lock_path: None,
        manager: None,
        overridden: Vec::new(),
    }
}

/// A requirement of a name and a constraint.
fn declared(name: String, constraint: &str, verdict: Verdict, scope: Scope, place: Place) -> Declared {
    let constraint = constraint.trim().to_owned();
    let shown = super::requirements::redact(&constraint);
    let shown = if shown.is_empty() { name.clone() } else { format!("{name} {shown}") };
    Declared {
        name,
        alias: None,
        constraint,
        shown,
        verdict,
        scope,
        is_conditional: false,
        is_for_platform: false,
        is_inherited: false,
        place,
    }
}

/// The object under a key of a JSON object: empty when there is none, wrong when it is something else.
fn section<'a>(
    root: &'a Map<String, Value>,
    key: &str,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)>, String> {
    let found = match root.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(section)) => Ok(Some(section)),
        // PHP writes an empty object so.
        Some(Value::Array(list)) if list.is_empty() => Ok(None),
        Some(_) => Err(format!("`{key}` is no object")),
    };
    Ok(found?.into_iter().flatten())
}

/// How exact a constraint is where a bare version means itself (`exact`) or the versions compatible with it.
fn verdict(constraint: &str, bare_is_exact: bool) -> Verdict {
    let constraint = constraint.trim();
    let is_number =
        |text: &str| text.trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit());
    let bare = constraint.trim_start_matches(['=', ' ']);
    let is_one = is_number(bare) && !bare.contains([' ', ',', '|', '*', '<', '>', '^', '~']);
    if constraint.is_empty() || constraint == "*" {
        Verdict::Unpinned
    } else if is_one && (bare_is_exact || bare.len() < constraint.len()) {
        if bare.split('.').any(|part| part.eq_ignore_ascii_case("x")) {
            Verdict::Wildcard
        } else {
            Verdict::Exact
        }
    } else if bare.contains('*') && is_number(bare) {
        Verdict::Wildcard
    } else if constraint.contains(|letter: char| letter.is_ascii_digit()) {
        Verdict::Range
    } else {
        // A tag: `latest`, `next`.
        Verdict::Unpinned
    }
}

/// How exact a constraint of npm or Cargo is: `=1.2` is every 1.2.
fn of_semver(constraint: &str, bare_is_exact: bool) -> Verdict {
    let verdict = verdict(constraint, bare_is_exact);
    let is_whole =
        || constraint.split(['-', '+']).next().is_some_and(|release| release.split('.').count() >= 3);
    if verdict == Verdict::Exact && !is_whole() { Verdict::Wildcard } else { verdict }
}

#[cfg(test)]
mod tests;
