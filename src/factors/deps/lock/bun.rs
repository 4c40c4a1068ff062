//! `bun.lock`: JSON with commas after the last of a list. Each package is a list, whose first text says what it is.

use super::json::object;
use crate::factors::deps::model::{Locked, Origin};
use serde_json::Value;

/// Each package as `BunLockFile` in Bun's reference says: `"a/b": ["b@1.0.0", "registry", {…}, "sha512-…"]`. Its key is the
/// way to it, so that `a/b` lies inside of `a`.
pub fn read(text: &str) -> Result<Vec<Locked>, String> {
    let root = object(&without_last_commas(text))?;
    if !matches!(root.get("lockfileVersion").and_then(Value::as_u64), Some(0..=2)) {
        return Err("its lockfileVersion is not known".to_owned());
    }
    let packages = root.get("packages").and_then(Value::as_object).into_iter().flatten();
    packages.filter_map(|(way, package)| one(way, package).transpose()).collect()
}

/// None for the root and for members of the workspace.
fn one(way: &str, package: &Value) -> Result<Option<Locked>, String> {
    let resolved = package.get(0).and_then(Value::as_str);
    let parts = resolved.and_then(|resolved| {
        let (at, _) = resolved.match_indices('@').find(|(at, _)| *at > 0)?;
        Some((&resolved[..at], &resolved[at + 1..]))
    });
    let (name, version) = parts.ok_or_else(|| format!("`{way}` names no package"))?;
    if version.starts_with("workspace:") || version.starts_with("root:") {
        return Ok(None);
    }
    let has = |starts: &[&str]| starts.iter().any(|start| version.starts_with(start));
    let origin = match () {
        () if version.starts_with(|first: char| first.is_ascii_digit()) => Origin::Registry,
        () if has(&["http:", "https:"]) => Origin::Url,
        () if has(&["git", "ssh:", "bitbucket:"]) => Origin::Git,
        () => Origin::Path,
    };
    let version = if origin == Origin::Registry { version } else { "" };
    let is_digest = |text: &&str| text.starts_with("sha");
    let digest = package.as_array().and_then(|parts| parts.last()?.as_str()).filter(is_digest);
    let own_slashes = usize::from(way.starts_with('@'));
    let mut locked = Locked::new(name, version).from(origin);
    // Of archives from elsewhere it did not always keep one.
    if origin == Origin::Registry || digest.is_some() {
        locked = locked.hashed(digest.is_some()).from(origin);
    }
    locked.is_nested = way.matches('/').count() > own_slashes;
    Ok(Some(locked))
}

/// JSON as everybody else reads it.
fn without_last_commas(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        let is_last = || text[at + 1..].trim_start().starts_with(['}', ']']);
        if letter == ',' && !is_quoted && is_last() {
            continue;
        }
        is_quoted ^= letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        plain.push(letter);
    }
    plain
}
