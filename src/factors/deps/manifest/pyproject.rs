//! `pyproject.toml`: PEP 621, PEP 735, and the tables of Poetry, PDM and uv. And `Pipfile`, which is like them.

use super::python::{poetry, requirement, source};
use super::{declared, empty};
use crate::factors::deps::model::{Declared, Dialect, Ecosystem, Manifest, Scope, Verdict};
use crate::factors::deps::text::Text;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

type Table<'a> = DeTable<'a>;

/// Reads `pyproject.toml`.
pub fn read(text: &Text) -> Result<Manifest, String> {
    let root = DeTable::parse(&text.content).map_err(|error| error.message().to_owned())?;
    let root = root.get_ref();
    let mut manifest = empty(text, Ecosystem::PyPI, Dialect::Python);
    let mut reader = Reader { text, declared: Vec::new() };
    if let Some(project) = table(root, &["project"]) {
        manifest.own_name = string(project, "name").map(|name| Ecosystem::PyPI.normalise(name));
        reader.list(project.get("dependencies"), Scope::Run);
        reader.lists(project.get("optional-dependencies"), Scope::Optional);
    }
    reader.lists(root.get("dependency-groups"), Scope::Dev);
    reader.list(table(root, &["build-system"]).and_then(|build| build.get("requires")), Scope::Build);
    if let Some(tool) = table(root, &["tool"]) {
        reader.lists(table(tool, &["pdm"]).and_then(|pdm| pdm.get("dev-dependencies")), Scope::Dev);
        reader.list(table(tool, &["uv"]).and_then(|uv| uv.get("dev-dependencies")), Scope::Dev);
        reader.sources(table(tool, &["uv", "sources"]));
        if let Some(poetry) = table(tool, &["poetry"]) {
            // With `[project]` Poetry's own table only says where things come from.
            let is_its_own = reader.declared.iter().all(|one| one.scope == Scope::Build);
            manifest.dialect = if is_its_own { Dialect::Poetry } else { Dialect::Python };
            manifest.own_name =
                manifest.own_name.or(string(poetry, "name").map(|name| Ecosystem::PyPI.normalise(name)));
            reader.poetry(poetry, is_its_own);
        }
        manifest.is_workspace = table(tool, &["uv", "workspace"]).is_some();
    }
    manifest.declared = reader.declared;
    Ok(manifest)
}

/// Reads `Pipfile`.
pub fn pipfile(text: &Text) -> Result<Manifest, String> {
    let root = DeTable::parse(&text.content).map_err(|error| error.message().to_owned())?;
    let mut manifest = empty(text, Ecosystem::PyPI, Dialect::Poetry);
    let mut reader = Reader { text, declared: Vec::new() };
    for (key, value) in root.get_ref() {
        let scope = match key.get_ref().as_ref() {
            "packages" => Scope::Run,
            "source" | "requires" | "scripts" | "pipenv" => continue,
            _ => Scope::Dev,
        };
        reader.named(value.get_ref().as_table(), scope);
    }
    manifest.declared = reader.declared;
    Ok(manifest)
}

fn table<'a>(root: &'a Table<'a>, path: &[&str]) -> Option<&'a Table<'a>> {
    path.iter().try_fold(root, |table, key| table.get(*key)?.get_ref().as_table())
}

fn string<'a>(table: &'a Table<'a>, key: &str) -> Option<&'a str> {
    table.get(key)?.get_ref().as_str()
}

struct Reader<'a> {
    text: &'a Text,
    declared: Vec<Declared>,
}

impl Reader<'_> {
    /// An array of requirements; tables in it include another group (PEP 735), which is read by itself.
    fn list(&mut self, value: Option<&Spanned<DeValue<'_>>>, scope: Scope) {
        for value in value.and_then(|value| value.get_ref().as_array()).into_iter().flatten() {
            if let Some(written) = value.get_ref().as_str() {
                self.declared.push(requirement(written, scope, self.text.place(value.span())));
            }
        }
    }

    /// A table of arrays.
    fn lists(&mut self, value: Option<&Spanned<DeValue<'_>>>, scope: Scope) {
        let groups = value.and_then(|value| value.get_ref().as_table());
        for (_, list) in groups.into_iter().flatten() {
            self.list(Some(list), scope);
        }
    }

    /// Where uv takes packages from, when it is no index.
    fn sources(&mut self, sources: Option<&Table<'_>>) {
        for (name, value) in sources.into_iter().flatten() {
            let name = Ecosystem::PyPI.normalise(name.get_ref());
            let Some(value) = value.get_ref().as_table() else { continue };
            let is_member = value.contains_key("workspace");
            let verdict = if is_member { Some(Verdict::Local) } else { source(|key| string(value, key)) };
            for one in self.declared.iter_mut().filter(|one| one.name == name) {
                one.verdict = verdict.unwrap_or(one.verdict);
            }
        }
    }

    /// `[tool.poetry]`.
    fn poetry(&mut self, poetry: &Table<'_>, has_own: bool) {
        if has_own {
            self.named(table(poetry, &["dependencies"]), Scope::Run);
        }
        self.named(table(poetry, &["dev-dependencies"]), Scope::Dev);
        for (_, group) in table(poetry, &["group"]).into_iter().flatten() {
            self.named(
                group.get_ref().as_table().and_then(|group| table(group, &["dependencies"])),
                Scope::Dev,
            );
        }
    }

    /// `name = "^1"`, `name = { version = "^1", … }`, or an array of these.
    fn named(&mut self, table: Option<&Table<'_>>, scope: Scope) {
        for (key, value) in table.into_iter().flatten() {
            let name = key.get_ref().as_ref();
            if name == "python" {
                continue;
            }
            let place = self.text.place(key.span());
            let several = value.get_ref().as_array().and_then(|array| array.first());
            let has_several = several.is_some();
            let one = match several.unwrap_or(value).get_ref() {
                DeValue::String(constraint) => poetry(name, constraint, scope, place),
                DeValue::Table(table) => {
                    let constraint = string(table, "version").unwrap_or("*");
                    let mut one = poetry(name, constraint, scope, place);
                    one.verdict = source(|key| string(table, key)).unwrap_or(one.verdict);
                    one.is_conditional = ["markers", "python", "platform", "sys_platform", "optional"]
                        .iter()
                        .any(|key| table.contains_key(*key));
                    one
                }
                _ => declared(name.to_owned(), "", Verdict::Invalid, scope, place),
            };
            self.declared.push(Declared { is_conditional: one.is_conditional || has_several, ..one });
        }
    }
}
