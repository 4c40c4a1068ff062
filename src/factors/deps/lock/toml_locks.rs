//! Locks in TOML: Cargo, uv, Poetry, PDM, and pylock (PEP 751).

use super::Asked;
use crate::factors::deps::model::{Ecosystem, Locked, Origin};
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// How Cargo writes crates.io, by git and by the sparse protocol.
const CRATES_IO: [&str; 2] =
    ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];

/// Reads a whole text.
fn table(text: &str) -> Result<Spanned<DeTable<'_>>, String> {
    DeTable::parse(text).map_err(|error| error.message().lines().next().unwrap_or_default().to_owned())
}

/// The tables of an array of tables; none when there is no such array.
fn tables<'a>(root: &'a DeTable<'a>, key: &str) -> impl Iterator<Item = &'a DeTable<'a>> {
    let array = root.get(key).and_then(|value| value.get_ref().as_array());
    array.into_iter().flatten().filter_map(|value| value.get_ref().as_table())
}

fn string<'a>(table: &'a DeTable<'a>, key: &str) -> Option<&'a str> {
    table.get(key)?.get_ref().as_str()
}

fn within<'a>(table: &'a DeTable<'a>, key: &str) -> Option<&'a DeTable<'a>> {
    table.get(key)?.get_ref().as_table()
}

/// Every format requires it, so that a package without was cut off.
fn name<'a>(package: &'a DeTable<'a>) -> Result<&'a str, String> {
    string(package, "name").ok_or_else(|| "a package has no name".to_owned())
}

/// `Cargo.lock`, all versions. Version 1 keeps the checksums in a table of their own.
pub fn cargo(text: &str) -> Result<Vec<Locked>, String> {
    let root = table(text)?;
    let root = root.get_ref();
    let old_sums: BTreeSet<&str> =
        within(root, "metadata").into_iter().flatten().map(|(key, _)| key.get_ref().as_ref()).collect();
    let packages = tables(root, "package").chain(within(root, "root"));
    let read = packages.map(|package| {
        let name = name(package)?;
        let version = string(package, "version").ok_or_else(|| format!("`{name}` has no version"))?;
        let source = string(package, "source");
        let origin = match source {
            None => Origin::Path,
            Some(source) if CRATES_IO.contains(&source) => Origin::Registry,
            Some(source) if source.starts_with("git+") => Origin::Git,
            Some(_) => Origin::OtherRegistry,
        };
        let old_sum = || format!("checksum {name} {version} ({})", source.unwrap_or_default());
        let is_hashed = package.contains_key("checksum") || old_sums.contains(old_sum().as_str());
        Ok(Locked::new(name, version).hashed(is_hashed).from(origin))
    });
    read.collect()
}

/// `uv.lock`, `poetry.lock` and `pdm.lock`: `[[package]]`, and the files of each in it or in `[metadata.files]`.
pub fn python(text: &str) -> Result<Vec<Locked>, String> {
    let root = table(text)?;
    let root = root.get_ref();
    let metadata = within(root, "metadata");
    // Poetry and PDM once kept the files of all packages together; before that, Poetry kept bare hashes.
    let older = ["files", "hashes"].into_iter().find_map(|key| within(metadata?, key));
    // PDM's key is `name version`.
    let hashed: BTreeSet<&str> = older
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.get_ref().as_array().is_some_and(|files| !files.is_empty()))
        .filter_map(|(key, _)| key.get_ref().split(' ').next())
        .collect();
    let read = tables(root, "package").map(|package| {
        let name = name(package)?;
        let is_hashed = has_hash(package) || hashed.contains(name);
        let version = string(package, "version").unwrap_or_default();
        let locked = Locked::new(Ecosystem::PyPI.normalise(name), version).hashed(is_hashed);
        Ok(locked.from(origin(package)))
    });
    read.collect()
}

/// Any file with a hash: `files` (Poetry, PDM), `sdist` and `wheels` (uv, pylock), `archive` (pylock).
fn has_hash(package: &DeTable<'_>) -> bool {
    let is_given = |value: &Spanned<DeValue<'_>>| match value.get_ref() {
        DeValue::String(hash) => !hash.is_empty(),
        DeValue::Table(hashes) => !hashes.is_empty(),
        _ => false,
    };
    let one =
        |table: &DeTable<'_>| ["hash", "hashes"].iter().any(|key| table.get(*key).is_some_and(is_given));
    let listed = ["files", "wheels"].into_iter().any(|key| tables(package, key).any(one));
    listed || ["sdist", "archive"].into_iter().any(|key| within(package, key).is_some_and(one))
}

fn origin(package: &DeTable<'_>) -> Origin {
    // PDM writes these into the package itself.
    let of_package = if package.contains_key("git") {
        Some(Origin::Git)
    } else if package.contains_key("path") {
        Some(Origin::Path)
    } else if package.contains_key("url") {
        Some(Origin::Url)
    } else {
        None
    };
    let Some(source) = within(package, "source") else { return of_package.unwrap_or(Origin::Registry) };
    if let Some(kind) = string(source, "type") {
        return match kind {
            "git" => Origin::Git,
            "url" => Origin::Url,
            "directory" | "file" => Origin::Path,
            _ => Origin::Registry,
        };
    }
    let has = |key: &str| source.contains_key(key);
    match () {
        () if has("registry") => Origin::Registry,
        () if has("git") => Origin::Git,
        () if has("url") => Origin::Url,
        () => Origin::Path,
    }
}

/// `pylock.toml`.
pub fn pylock(text: &str) -> Result<Vec<Locked>, String> {
    let root = table(text)?;
    let read = tables(root.get_ref(), "packages").map(|package| {
        let name = Ecosystem::PyPI.normalise(name(package)?);
        let origin = match () {
            () if package.contains_key("vcs") => Origin::Git,
            () if package.contains_key("directory") => Origin::Path,
            () if package.contains_key("archive") => Origin::Url,
            () => Origin::Registry,
        };
        let version = string(package, "version").unwrap_or_default();
        Ok(Locked::new(name, version).hashed(has_hash(package)).from(origin))
    });
    read.collect()
}

/// What `uv.lock` keeps of each member: `requires-dist`, and `requires-dev` by groups. Only a package with one of them
/// says what it was asked for.
pub fn asked(text: &str) -> Asked {
    let mut asked = Asked::default();
    let Ok(root) = table(text) else { return asked };
    for package in tables(root.get_ref(), "package") {
        let source = within(package, "source");
        let source = source.and_then(|source| {
            ["virtual", "editable", "directory"].into_iter().find_map(|key| string(source, key))
        });
        let (Some(folder), Some(metadata)) = (source, within(package, "metadata")) else { continue };
        let folder = folder.trim_start_matches('.').trim_matches('/');
        asked.by_folder.entry(folder.to_owned()).or_default();
        let groups = within(metadata, "requires-dev");
        let groups =
            groups.into_iter().flat_map(|all| all.iter().flat_map(|(key, _)| tables(all, key.get_ref())));
        for one in tables(metadata, "requires-dist").chain(groups) {
            let name = Ecosystem::PyPI.normalise(string(one, "name").unwrap_or_default());
            asked.add(folder, &name, string(one, "specifier").unwrap_or_default());
        }
    }
    asked
}
