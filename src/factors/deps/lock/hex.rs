//! `mix.lock` (an Elixir map) and `rebar.lock` (Erlang terms): the tuples in them, found by how they begin.

use crate::factors::deps::closed::is_closed;
use crate::factors::deps::model::{Locked, Origin};
use std::collections::BTreeSet;

/// `"name": {:hex, :name, "1.2.3", "digest", …}`, `{:git, "url", "commit", …}`.
pub fn mix(text: &str) -> Result<Vec<Locked>, String> {
    let map = text.trim();
    if map.is_empty() {
        return Ok(Vec::new());
    }
    if !map.starts_with("%{") {
        return Err("an Elixir map is expected".to_owned());
    }
    if !map.ends_with('}') || !is_closed(map, '#', &['"']) {
        return Err("the map is not closed".to_owned());
    }
    let mut all = Vec::new();
    for (at, _) in text.match_indices("{:") {
        let head = text[..at].trim_end();
        let head = head.strip_suffix(':').or_else(|| head.strip_suffix("=>"));
        let Some(name) = head.and_then(|head| last_quoted(head.trim_end())) else { continue };
        let tuple = text[at + 2..].split(['{', '}']).next().unwrap_or_default();
        let mut strings = quoted(tuple, "\"", "\"");
        if let Some(package) = tuple.strip_prefix("hex") {
            // Hex's own name; the key is the app's, which may be another (`hex: :name` in `mix.exs`).
            let name = atom(package).unwrap_or(name);
            let version = strings.next().ok_or_else(|| format!("`{name}` has no version"))?;
            let has_digest = strings.next().is_some_and(|digest| digest.len() == 64);
            all.push(Locked::new(name, version).hashed(has_digest));
        } else if tuple.starts_with("git") || tuple.starts_with("path") {
            let origin = if tuple.starts_with("git") { Origin::Git } else { Origin::Path };
            all.push(Locked::new(name, "").from(origin));
        }
    }
    Ok(all)
}

/// The atom after a comma.
fn atom(text: &str) -> Option<&str> {
    let rest = text.trim_start().strip_prefix(',')?.trim_start().strip_prefix(':')?;
    let name = rest.split([',', '}']).next()?.trim().trim_matches('"');
    (!name.is_empty()).then_some(name)
}

/// The quoted text at the very end.
fn last_quoted(text: &str) -> Option<&str> {
    let text = text.strip_suffix('"')?;
    text.rsplit_once('"').map(|(_, name)| name)
}

fn quoted<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(open)?;
        let (inner, after) = after.split_once(close)?;
        rest = after;
        Some(inner)
    })
}

/// `{<<"name">>,{pkg,<<"package">>,<<"1.2.3">>},0}` and `{<<"name">>,{git,…},0}`; the digests stand after them all. Every
/// term ends with a full stop.
pub fn rebar(text: &str) -> Result<Vec<Locked>, String> {
    let terms = text.trim();
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    if !terms.starts_with(['[', '{', '%']) {
        return Err("an Erlang term is expected".to_owned());
    }
    if !terms.ends_with('.') || !is_closed(terms, '%', &['"']) {
        return Err("the term is not closed".to_owned());
    }
    let entries = || terms.match_indices("{<<\"").filter_map(|(at, open)| entry(&terms[at + open.len()..]));
    let hashed: BTreeSet<&str> =
        entries().filter(|(_, rest)| rest.starts_with("<<\"")).map(|(name, _)| name).collect();
    let mut all = Vec::new();
    for (name, rest) in entries() {
        if let Some(package) = rest.strip_prefix("{pkg,") {
            let mut strings = quoted(package.split(['{', '}']).next().unwrap_or_default(), "<<\"", "\">>");
            let package = strings.next().unwrap_or(name);
            let version = strings.next().ok_or_else(|| format!("`{name}` has no version"))?;
            all.push(Locked::new(package, version).hashed(hashed.contains(name)));
        } else if rest.starts_with('{') {
            // `git`, `git_subdir`, `hg`, and what plugins fetch.
            all.push(Locked::new(name, "").from(Origin::Git));
        }
    }
    Ok(all)
}

/// The name of a tuple, and what stands after it: `name">>, …`.
fn entry(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once('"')?;
    Some((name, rest.strip_prefix(">>")?.trim_start().strip_prefix(',')?.trim_start()))
}
