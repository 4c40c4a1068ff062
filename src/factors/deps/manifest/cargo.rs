//! `Cargo.toml`, members of workspaces included.

use super::{declared, empty, of_semver};
use crate::factors::deps::model::{Declared, Dialect, Ecosystem, Kind, Manifest, Scope, Verdict};
use crate::factors::deps::paths;
use crate::factors::deps::requirements::commit_or_branch;
use crate::factors::deps::text::Text;
use crate::factors::finding::Place;
use toml::de::{DeTable, DeValue};

const SECTIONS: [(&str, Scope); 5] = [
    ("dependencies", Scope::Run),
    ("dev-dependencies", Scope::Dev),
    ("dev_dependencies", Scope::Dev),
    ("build-dependencies", Scope::Build),
    ("build_dependencies", Scope::Build),
];

/// Reads a whole file.
pub fn read(text: &Text) -> Result<Manifest, String> {
    let root = DeTable::parse(&text.content).map_err(|error| error.message().to_owned())?;
    let root = root.get_ref();
    let mut manifest = empty(text, Ecosystem::CratesIo, Dialect::Cargo);
    manifest.own_name =
        within(root, "package").and_then(|package| string(package, "name")).map(str::to_owned);
    // Only a library that says so and has no program beside it; files speak too, see `discover`.
    if root.contains_key("lib") && !root.contains_key("bin") {
        manifest.kind = Kind::Library;
    }
    sections(text, root, false, &mut manifest.declared)?;
    for (_, target) in within(root, "target").into_iter().flatten() {
        if let Some(target) = target.get_ref().as_table() {
            sections(text, target, true, &mut manifest.declared)?;
        }
    }
    if let Some(workspace) = within(root, "workspace") {
        manifest.is_workspace = true;
        manifest.members = members(workspace);
        sections(text, workspace, false, &mut manifest.shared)?;
    }
    Ok(manifest)
}

fn within<'a>(table: &'a DeTable<'a>, key: &str) -> Option<&'a DeTable<'a>> {
    table.get(key)?.get_ref().as_table()
}

fn string<'a>(table: &'a DeTable<'a>, key: &str) -> Option<&'a str> {
    table.get(key)?.get_ref().as_str()
}

/// Whatever is below and not taken out: what a member needs from a folder is a member too.
fn members(workspace: &DeTable<'_>) -> Vec<String> {
    let excluded = workspace.get("exclude").and_then(|value| value.get_ref().as_array());
    let folders = excluded.into_iter().flatten().filter_map(|folder| folder.get_ref().as_str());
    let folders = folders.map(|folder| folder.trim_end_matches('/'));
    let out = folders.flat_map(|folder| [format!("!{folder}"), format!("!{folder}/**")]);
    std::iter::once("**".to_owned()).chain(out).collect()
}

fn sections(
    text: &Text,
    root: &DeTable<'_>,
    is_conditional: bool,
    all: &mut Vec<Declared>,
) -> Result<(), String> {
    for (section, scope) in SECTIONS {
        if root.get(section).is_some_and(|value| value.get_ref().as_table().is_none()) {
            return Err(format!("`{section}` is no table"));
        }
        for (key, value) in within(root, section).into_iter().flatten() {
            if !matches!(value.get_ref(), DeValue::String(_) | DeValue::Table(_)) {
                return Err(format!("`{section}.{}` is neither a text nor a table", key.get_ref()));
            }
            let wrong = value.get_ref().as_table().and_then(no_text);
            if let Some(wrong) = wrong {
                return Err(format!("`{section}.{}.{wrong}` is no text", key.get_ref()));
            }
            let mut one = requirement(key.get_ref(), value.get_ref(), scope, text.place(key.span()));
            one.is_conditional |= is_conditional;
            all.push(one);
        }
    }
    Ok(())
}

/// A key of a requirement that must be a text, and is something else.
fn no_text(table: &DeTable<'_>) -> Option<&'static str> {
    ["version", "git", "rev", "path", "package"]
        .into_iter()
        .find(|key| table.contains_key(*key) && string(table, key).is_none())
}

fn requirement(name: &str, value: &DeValue<'_>, scope: Scope, place: Place) -> Declared {
    let Some(table) = value.as_table() else {
        let constraint = value.as_str().unwrap_or_default();
        return declared(name.to_owned(), constraint, of_semver(constraint, false), scope, place);
    };
    let constraint = string(table, "version").unwrap_or_default();
    let verdict = match () {
        () if table.contains_key("git") => commit_or_branch(string(table, "rev"), false),
        () if table.contains_key("path") => Verdict::Local,
        () => of_semver(constraint, false),
    };
    let real = string(table, "package").unwrap_or(name);
    let mut one = declared(real.to_owned(), constraint, verdict, scope, place);
    one.alias = (real != name).then(|| name.to_owned());
    one.is_inherited = table.contains_key("workspace");
    one
}

/// What Cargo finds without being told (Cargo book, target auto-discovery): `src/main.rs` and `src/bin` are programs,
/// `src/lib.rs` without any program is a library.
pub fn discover(manifests: &mut [(Text, Manifest)], exists: impl Fn(&str) -> bool) {
    for (text, manifest) in manifests.iter_mut().filter(|(_, manifest)| manifest.dialect == Dialect::Cargo) {
        let folder = paths::folder(&text.path);
        let has = |path: &str| paths::join(folder, path).is_some_and(|path| exists(&path));
        if has("src/main.rs") || has("src/bin") {
            manifest.kind = Kind::App;
        } else if has("src/lib.rs") && !names_a_program(text) {
            manifest.kind = Kind::Library;
        }
    }
}

fn names_a_program(text: &Text) -> bool {
    DeTable::parse(&text.content).is_ok_and(|root| root.get_ref().contains_key("bin"))
}

/// Fills in what members take over from the manifest of the nearest workspace above them.
pub fn inherit(manifests: &mut [(Text, Manifest)]) {
    let shared: Vec<(String, Vec<Declared>)> = manifests
        .iter()
        .filter(|(_, manifest)| manifest.dialect == Dialect::Cargo && manifest.is_workspace)
        .map(|(_, manifest)| (paths::folder(&manifest.path).to_owned(), manifest.shared.clone()))
        .collect();
    for (_, manifest) in manifests.iter_mut().filter(|(_, manifest)| manifest.dialect == Dialect::Cargo) {
        let mut above = paths::ancestors(paths::folder(&manifest.path));
        let nearest = above.find_map(|folder| shared.iter().find(|(at, _)| at == folder));
        let Some((_, shared)) = nearest else { continue };
        for one in manifest.declared.iter_mut().filter(|one| one.is_inherited) {
            let written = one.alias.as_ref().unwrap_or(&one.name);
            let Some(whole) =
                shared.iter().find(|whole| whole.alias.as_ref().unwrap_or(&whole.name) == written)
            else {
                continue;
            };
            let (scope, place, is_conditional) = (one.scope, one.place.clone(), one.is_conditional);
            *one = Declared { scope, place, is_conditional, is_inherited: true, ..whole.clone() };
        }
    }
}
