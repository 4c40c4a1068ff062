//! `composer.json`.

use super::{declared, empty};
use crate::factors::deps::model::{Dialect, Ecosystem, Kind, Manifest, Scope, Verdict};
use crate::factors::deps::text::Text;
use serde_json::{Map, Value};

/// Reads a whole file. Extensions and PHP itself are no packages.
pub fn read(text: &Text) -> Result<Manifest, String> {
    let root: Map<String, Value> = serde_json::from_str(&text.content).map_err(|error| error.to_string())?;
    let mut manifest = empty(text, Ecosystem::Packagist, Dialect::Composer);
    manifest.own_name = root.get("name").and_then(Value::as_str).map(str::to_owned);
    if root.get("type").and_then(Value::as_str) == Some("library") {
        manifest.kind = Kind::Library;
    }
    for (section, scope) in [("require", Scope::Run), ("require-dev", Scope::Dev)] {
        for (name, value) in super::section(&root, section)? {
            if !name.contains('/') {
                continue;
            }
            let constraint = value.as_str().ok_or_else(|| format!("`{section}.{name}` is no text"))?;
            let is_branch = constraint.starts_with("dev-") || constraint.ends_with("-dev");
            let verdict = if is_branch { Verdict::VcsBranch } else { super::verdict(constraint, true) };
            let place = text.json_key(section, name);
            let name = Ecosystem::Packagist.normalise(name);
            manifest.declared.push(declared(name, constraint, verdict, scope, place));
        }
    }
    Ok(manifest)
}
