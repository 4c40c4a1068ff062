//! `composer.json`.

use super::{declared, empty};
use crate::factors::deps::model::{Dialect, Ecosystem, Kind, Manifest, Scope};
use crate::factors::deps::requirements::commit_or_branch;
use crate::factors::deps::text::Text;
use serde_json::{Map, Value};

/// Reads a whole file. Extensions and PHP itself are no packages.
pub fn read(text: &Text) -> Result<Manifest, String> {
    let root: Map<String, Value> = serde_json::from_str(&text.content).map_err(|error| error.to_string())?;
    let mut manifest = empty(text, Ecosystem::Packagist, Dialect::Composer);
    manifest.own_name = root.get("name").and_then(Value::as_str).map(str::to_owned);
    // Composer's schema, `type`: a `project` is what is not installed into another one, and nothing is said where
    // nobody thought of it. Every other type (`library`, `metapackage`, `composer-plugin`, `mediawiki-extension`) is
    // installed by somebody else's project, whose lock counts. A `…-core` is what the others are installed into, so at
    // the root of the tree it is the app itself.
    let is_installed =
        |kind: &str| kind != "project" && (!kind.ends_with("-core") || text.path.contains('/'));
    if root.get("type").and_then(Value::as_str).is_some_and(is_installed) {
        manifest.kind = Kind::Library;
    }
    for (section, scope) in [("require", Scope::Run), ("require-dev", Scope::Dev)] {
        let mut keys = text.json_keys(section);
        for (name, value) in super::section(&root, section)? {
            if !name.contains('/') {
                continue;
            }
            let constraint = value.as_str().ok_or_else(|| format!("`{section}.{name}` is no text"))?;
            let (branch, commit) = constraint.split_once('#').unwrap_or((constraint, ""));
            let is_branch = branch.starts_with("dev-") || branch.ends_with("-dev");
            let verdict = if is_branch {
                commit_or_branch(Some(commit), false)
            } else {
                super::verdict(constraint, true)
            };
            let place = keys.place(name);
            let name = Ecosystem::Packagist.normalise(name);
            manifest.declared.push(declared(name, constraint, verdict, scope, place));
        }
    }
    Ok(manifest)
}
