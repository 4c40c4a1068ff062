//! `pnpm-lock.yaml`. Of YAML only what pnpm writes is read: maps by indentation, quoted keys, flow maps in one line.

use super::Asked;
use crate::factors::deps::model::{Locked, Origin};

/// Of `lockfileVersion`.
const NEWEST: u32 = 9;
/// The first one in whose keys the version stands after an at sign, no more after a slash.
const KEYS_WITH_AT: u32 = 6;

/// A package that is being read.
#[derive(Default)]
struct Entry<'a> {
    key: &'a str,
    name: Option<&'a str>,
    version: Option<&'a str>,
    has_digest: bool,
}

/// Reads a whole text: the map `packages`, whose keys name the packages, in every version of the format. Version 9
/// keeps in `snapshots` what is known of each installation of a package, which adds no package.
pub fn read(text: &str) -> Result<Vec<Locked>, String> {
    super::is_whole(text)?;
    let mut all = Vec::new();
    let mut section = "";
    let mut version = 0;
    // Since 9 every package has a snapshot, and these come last.
    let (mut packages, mut snapshots) = (0_usize, 0_usize);
    let mut entry: Option<Entry<'_>> = None;
    for (at, line) in text.lines().enumerate() {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') || content == "---" {
            continue;
        }
        let depth = line.len() - line.trim_start_matches(' ').len();
        if line.starts_with('\t') {
            return Err(format!("line {}: a tab where YAML takes none", at + 1));
        }
        if depth == 0 {
            // A flow map at the margin is YAML, and nothing that pnpm writes.
            let (key, value) = key_value(content)
                .filter(|_| !content.starts_with('{'))
                .ok_or_else(|| format!("line {}: a key is expected", at + 1))?;
            if key == "lockfileVersion" {
                version = major(value).ok_or_else(|| format!("lockfileVersion {value} is not known"))?;
            }
            all.extend(finish(entry.take(), version)?);
            section = key;
        } else if section == "snapshots" && depth == 2 && !content.starts_with(':') {
            snapshots += 1;
        } else if section == "packages" && depth == 2 && !content.starts_with(':') {
            packages += 1;
            all.extend(finish(entry.take(), version)?);
            // A long key stands alone after a question mark.
            let key = match content.strip_prefix("? ") {
                Some(key) => unquoted(key),
                None => key_value(content).ok_or_else(|| format!("line {}: a key is expected", at + 1))?.0,
            };
            entry = Some(Entry { key, ..Entry::default() });
        } else if let Some(entry) = entry.as_mut() {
            field(entry, content.trim_start_matches(": "), depth);
        }
    }
    all.extend(finish(entry, version)?);
    if version == 0 && packages > 0 {
        return Err("it has no lockfileVersion".to_owned());
    }
    if version == NEWEST && snapshots < packages {
        return Err("packages without a snapshot: it is cut off".to_owned());
    }
    Ok(all)
}

fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok().filter(|major| *major <= NEWEST)
}

fn field<'a>(entry: &mut Entry<'a>, content: &'a str, depth: usize) {
    let Some((key, value)) = key_value(content) else { return };
    match key {
        "resolution" | "integrity" if content.contains("integrity:") => entry.has_digest = true,
        "name" if depth == 4 => entry.name = Some(value),
        "version" if depth == 4 => entry.version = Some(value),
        _ => {}
    }
}

/// `key: value`, the key perhaps quoted.
fn key_value(content: &str) -> Option<(&str, &str)> {
    for quote in ['\'', '"'] {
        if let Some(rest) = content.strip_prefix(quote) {
            let (key, rest) = rest.split_once(quote)?;
            return Some((key, unquoted(rest.trim_start().strip_prefix(':')?)));
        }
    }
    let (key, value) = match content.strip_suffix(':') {
        Some(key) => (key, ""),
        None => content.split_once(": ")?,
    };
    Some((key, unquoted(value)))
}

fn unquoted(value: &str) -> &str {
    value.trim().trim_matches(['\'', '"'])
}

/// The package of an entry; none where a place of the web alone is named.
fn finish(entry: Option<Entry<'_>>, lockfile: u32) -> Result<Option<Locked>, String> {
    let Some(entry) = entry else { return Ok(None) };
    let keyed = if lockfile < KEYS_WITH_AT { None } else { by_at(entry.key) };
    let (name, version) = keyed.or_else(|| by_slash(entry.key)).unwrap_or_default();
    let name = entry.name.unwrap_or(name);
    if name.is_empty() {
        let is_place = entry.key.contains('/');
        return if is_place { Ok(None) } else { Err(format!("`{}` names no package", entry.key)) };
    }
    // What is no version is a URL or a path.
    let version = Some(version).filter(|version| version.starts_with(|first: char| first.is_ascii_digit()));
    let is_registry = version.is_some() && entry.name.is_none();
    let version = entry.version.or(version).unwrap_or_default();
    if is_registry {
        return Ok(Some(Locked::new(name, version).hashed(entry.has_digest)));
    }
    let is_path = entry.key.contains("file:") || entry.key.contains("link:");
    Ok(Some(Locked::new(name, version).from(if is_path { Origin::Path } else { Origin::Git })))
}

/// Name and version of a key until 5: `/a/1.0.0_peer`, in the first ones `/a/1.0.0/peer@1.0.0`, from a registry of
/// somebody's own `registry.example.org/@s/a/1.0.0`. The version is the first part that can be one.
fn by_slash(key: &str) -> Option<(&str, &str)> {
    let parts = key.match_indices('/').map(|(at, _)| at + 1).skip(1);
    let versions = parts.filter_map(|at| Some((at, key[at..].split(['/', '_']).next()?)));
    let is_version =
        |version: &str| version.starts_with(|first: char| first.is_ascii_digit()) && version.contains('.');
    let (at, version) = versions.into_iter().find(|(_, version)| is_version(version))?;
    Some((last_name(&key[..at - 1]), version))
}

/// Name and version of a key since 6: `/a@1.0.0(peer)`, `registry.example.org/@s/a@1.0.0`, in 9 without the slash. The
/// at sign of a scope stands at the beginning of a part.
fn by_at(key: &str) -> Option<(&str, &str)> {
    let key = key.split('(').next()?;
    let (at, _) = key.match_indices('@').find(|(at, _)| *at > 0 && !key[..*at].ends_with('/'))?;
    Some((last_name(&key[..at]), key[at + 1..].split('_').next()?))
}

/// The last part of a path, with its scope.
fn last_name(path: &str) -> &str {
    let mut parts = path.rmatch_indices('/').map(|(at, _)| at + 1);
    let last = parts.next().unwrap_or(0);
    let scope = if last == 0 { None } else { Some(parts.next().unwrap_or(0)) };
    scope.filter(|at| path[*at..].starts_with('@')).map_or(&path[last..], |at| &path[at..])
}

/// `importers`, each with its `specifier`s; the older format without members has them at the margin: `specifiers`, and
/// `dependencies` with a `specifier` in each. And `overrides`.
pub fn asked(text: &str) -> Asked {
    const SECTIONS: [&str; 3] = ["dependencies", "devDependencies", "optionalDependencies"];
    let mut asked = Asked::default();
    // The keys that lead to the line, each with its depth.
    let mut way: Vec<(usize, &str)> = Vec::new();
    for line in text.lines() {
        let content = line.trim();
        let Some((key, value)) = key_value(content).filter(|_| !content.starts_with('#')) else { continue };
        let depth = line.len() - line.trim_start_matches(' ').len();
        way.retain(|(above, _)| *above < depth);
        let folder = |folder: &str| if folder == "." { String::new() } else { folder.to_owned() };
        match way.iter().map(|(_, key)| *key).collect::<Vec<_>>()[..] {
            ["importers"] => {
                asked.by_folder.entry(folder(key)).or_default();
            }
            ["importers", importer, "specifiers"] => asked.add(&folder(importer), key, value),
            ["importers", importer, section, name] if key == "specifier" && SECTIONS.contains(&section) => {
                asked.add(&folder(importer), name, value);
            }
            ["specifiers"] => asked.add("", key, value),
            [section, name] if key == "specifier" && SECTIONS.contains(&section) => {
                asked.add("", name, value);
            }
            ["overrides"] => {
                let name = key.rsplit('>').next().unwrap_or(key);
                let end = name.match_indices('@').find(|(at, _)| *at > 0).map_or(name.len(), |(at, _)| at);
                asked.overridden.push(name[..end].to_owned());
            }
            ["packages" | "snapshots", ..] => break,
            _ => {}
        }
        way.push((depth, key));
    }
    asked
}
