//! `pnpm-lock.yaml`. Of YAML only what pnpm writes is read: maps by indentation, quoted keys, flow maps in one line.

use super::Asked;
use crate::factors::deps::model::{Locked, Origin};

/// Of `lockfileVersion`.
const NEWEST: u32 = 9;

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
            all.extend(entry.take().and_then(|entry| finish(&entry)));
            section = key;
        } else if section == "snapshots" && depth == 2 && !content.starts_with(':') {
            snapshots += 1;
        } else if section == "packages" && depth == 2 && !content.starts_with(':') {
            packages += 1;
            all.extend(entry.take().and_then(|entry| finish(&entry)));
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
    all.extend(entry.and_then(|entry| finish(&entry)));
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

fn finish(entry: &Entry<'_>) -> Option<Locked> {
    let (name, version) = of_key(entry.key);
    let name = entry.name.or(name)?;
    let is_registry = version.is_some() && entry.name.is_none();
    let version = entry.version.or(version).unwrap_or_default();
    if is_registry {
        return Some(Locked::new(name, version).hashed(entry.has_digest));
    }
    let is_path = entry.key.contains("file:") || entry.key.contains("link:");
    Some(Locked::new(name, version).from(if is_path { Origin::Path } else { Origin::Git }))
}

/// Name and version of a key: `/a/1.0.0_peer` (5), `/a@1.0.0(peer)` (6), `a@1.0.0` (9). What is no version is a URL
/// or a path.
fn of_key(key: &str) -> (Option<&str>, Option<&str>) {
    let key = key.split('(').next().unwrap_or(key);
    let is_absolute = key.starts_with('/');
    let key = key.strip_prefix('/').unwrap_or(key);
    let name_parts = if key.starts_with('@') { 2 } else { 1 };
    let name_end = key.match_indices('/').nth(name_parts - 1).map(|(at, _)| at);
    let (name, version) = match name_end {
        Some(at) if is_absolute => (&key[..at], key[at + 1..].split('_').next()),
        _ => match key.match_indices('@').find(|(at, _)| *at > 0) {
            Some((at, _)) => (&key[..at], key[at + 1..].split('_').next()),
            None => return (None, None),
        },
    };
    let is_version = |version: &&str| version.starts_with(|first: char| first.is_ascii_digit());
    (Some(name), version.filter(is_version))
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
