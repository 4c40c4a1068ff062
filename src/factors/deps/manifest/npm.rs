//! `package.json`.

use super::{declared, empty};
use crate::factors::deps::model::{Declared, Dialect, Ecosystem, Kind, Manifest, Scope, Verdict};
use crate::factors::deps::requirements::commit_or_branch;
use crate::factors::deps::text::Text;
use crate::factors::finding::Place;
use serde_json::{Map, Value};

const SECTIONS: [(&str, Scope); 4] = [
    ("dependencies", Scope::Run),
    ("devDependencies", Scope::Dev),
    ("optionalDependencies", Scope::Optional),
    ("peerDependencies", Scope::Optional),
];

/// Reads a whole file.
pub fn read(text: &Text) -> Result<Manifest, String> {
    let root: Map<String, Value> = serde_json::from_str(&text.content).map_err(|error| error.to_string())?;
    let mut manifest = empty(text, Ecosystem::Npm, Dialect::Npm);
    manifest.own_name = root.get("name").and_then(Value::as_str).map(str::to_owned);
    manifest.is_workspace = root.contains_key("workspaces");
    // `#name`: the package's own imports (Node.js, subpath imports).
    let own = root.get("imports").and_then(Value::as_object);
    manifest
        .known_names
        .extend(own.into_iter().flatten().map(|(name, _)| name.trim_end_matches("/*").to_owned()));
    for (section, scope) in SECTIONS {
        let mut keys = text.json_keys(section);
        for (name, value) in super::section(&root, section)? {
            let written = value.as_str().ok_or_else(|| format!("`{section}.{name}` is no text"))?;
            let one = requirement(keys.place(name), name, written, scope);
            manifest.declared.push(one);
        }
    }
    manifest.overridden = overridden(&root);
    manifest.members = members(&root);
    // `yarn@1.22.19+sha224.…` (Corepack).
    let manager = root.get("packageManager").and_then(Value::as_str);
    manifest.manager = manager.and_then(|written| written.split('@').next()).map(str::to_owned);
    let only_for_peers = manifest.declared.iter().all(|one| one.scope != Scope::Run);
    if root.contains_key("peerDependencies") && only_for_peers {
        manifest.kind = Kind::Library;
    }
    Ok(manifest)
}

/// A list of globs, or yarn's object with such a list.
fn members(root: &Map<String, Value>) -> Vec<String> {
    let listed = root.get("workspaces").map(|listed| listed.get("packages").unwrap_or(listed));
    let globs = listed.and_then(Value::as_array).into_iter().flatten();
    globs.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Packages whose version is decided elsewhere: npm's and pnpm's `overrides`, yarn's `resolutions`.
fn overridden(root: &Map<String, Value>) -> Vec<String> {
    let tables = [
        root.get("overrides"),
        root.get("resolutions"),
        root.get("pnpm").and_then(|pnpm| pnpm.get("overrides")),
    ];
    let keys = tables.into_iter().flatten().filter_map(Value::as_object).flat_map(Map::keys);
    // `a@^1`, `**/a`, `b/a`: the last name is meant.
    let name = |key: &String| {
        let key = key.trim_start_matches("**/");
        let end = key.match_indices('@').find(|(at, _)| *at > 0).map_or(key.len(), |(at, _)| at);
        key[..end].to_owned()
    };
    keys.map(name).collect()
}

fn requirement(place: Place, name: &str, written: &str, scope: Scope) -> Declared {
    let is_optional = scope == Scope::Optional;
    // `"a": "npm:b@^1"` installs b under the name a.
    let alias = written
        .strip_prefix("npm:")
        .map(|rest| rest.rsplit_once('@').filter(|(name, _)| !name.is_empty()).unwrap_or((rest, "*")));
    let (real, constraint) = alias.unwrap_or((name, written));
    let verdict = verdict(constraint);
    let constraint = if verdict.is_versioned() { constraint } else { "" };
    let mut one = declared(real.to_owned(), constraint, verdict, scope, place);
    one.alias = alias.map(|_| name.to_owned());
    one.is_conditional = is_optional;
    one
}

fn verdict(written: &str) -> Verdict {
    let has = |schemes: &[&str]| schemes.iter().any(|scheme| written.starts_with(scheme));
    if has(&["file:", "link:", "portal:", "workspace:", "./", "../", "/", "~/"]) {
        return Verdict::Local;
    }
    let is_hosted = !written.starts_with('@') && written.contains('/') && !written.contains(':');
    if is_hosted
        || has(&["git", "github:", "gitlab:", "bitbucket:", "ssh:", "git@"])
        || written.contains(".git#")
    {
        return commit_or_branch(written.split_once('#').map(|(_, revision)| revision), false);
    }
    if has(&["http:", "https:"]) {
        return Verdict::Url;
    }
    if has(&["catalog:", "patch:"]) {
        return Verdict::Range;
    }
    super::of_semver(written, true)
}
