//! `pyproject.toml`: PEP 621, PEP 735, and the tables of Poetry, PDM and uv. And `Pipfile`, which is like them.

use super::python::{is_of_platform, poetry, requirement, source};
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
        reader.list("project.dependencies", project.get("dependencies"), Scope::Run);
        reader.lists("project.optional-dependencies", project.get("optional-dependencies"), Scope::Optional);
    }
    reader.lists("dependency-groups", root.get("dependency-groups"), Scope::Dev);
    let needed = table(root, &["build-system"]).and_then(|build| build.get("requires"));
    reader.list("build-system.requires", needed, Scope::Build);
    if let Some(tool) = table(root, &["tool"]) {
        let of = |name: &str| table(tool, &[name]).and_then(|tool| tool.get("dev-dependencies"));
        reader.lists("tool.pdm.dev-dependencies", of("pdm"), Scope::Dev);
        reader.list("tool.uv.dev-dependencies", of("uv"), Scope::Dev);
        reader.sources(table(tool, &["uv", "sources"]));
        if let Some(poetry) = table(tool, &["poetry"]) {
            // With `[project]` Poetry's own table only says where things come from.
            let is_its_own = reader.declared.iter().all(|one| one.scope == Scope::Build);
            manifest.dialect = if is_its_own { Dialect::Poetry } else { Dialect::Python };
            manifest.own_name =
                manifest.own_name.or(string(poetry, "name").map(|name| Ecosystem::PyPI.normalise(name)));
            reader.poetry(poetry, is_its_own);
        }
        manifest.overridden = overridden(tool);
        if let Some(workspace) = table(tool, &["uv", "workspace"]) {
            manifest.is_workspace = true;
            manifest.members = strings(workspace.get("members")).map(str::to_owned).collect();
            manifest.members.extend(strings(workspace.get("exclude")).map(|glob| format!("!{glob}")));
        }
    }
    manifest.declared = reader.declared;
    dynamic(root, &mut manifest);
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
        match value.get_ref().as_table() {
            Some(table) => reader.named(Some(table), scope),
            None => return Err(format!("`{}` is no table", key.get_ref())),
        }
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

fn strings<'a>(value: Option<&'a Spanned<DeValue<'a>>>) -> impl Iterator<Item = &'a str> {
    value
        .and_then(|value| value.get_ref().as_array())
        .into_iter()
        .flatten()
        .filter_map(|one| one.get_ref().as_str())
}

/// What uv and PDM put in the place of every constraint on a package.
fn overridden(tool: &Table<'_>) -> Vec<String> {
    let of_uv = table(tool, &["uv"]).and_then(|uv| uv.get("override-dependencies"));
    let place = crate::factors::finding::Place::line(&"".into(), 1);
    let of_uv = strings(of_uv).map(|written| requirement(written, Scope::Run, place.clone()).name);
    let of_pdm = table(tool, &["pdm", "resolution", "overrides"]).into_iter().flatten();
    of_uv.chain(of_pdm.map(|(name, _)| Ecosystem::PyPI.normalise(name.get_ref()))).collect()
}

/// `dynamic = ["dependencies"]` (PEP 621): the tool that makes the package finds them. Setuptools is told where.
fn dynamic(root: &Table<'_>, manifest: &mut Manifest) {
    let project = table(root, &["project"]);
    let is_dynamic =
        |key: &str| strings(project.and_then(|project| project.get("dynamic"))).any(|one| one == key);
    let told = table(root, &["tool", "setuptools", "dynamic"]);
    if let Some(files) = told.and_then(|told| table(told, &["dependencies"])?.get("file")) {
        let one = files.get_ref().as_str();
        super::python::name_files(strings(Some(files)).chain(one), manifest);
    } else if is_dynamic("dependencies") && manifest.declared.iter().all(|one| one.scope != Scope::Run) {
        manifest.unseen.push(super::ELSEWHERE.to_owned());
    }
}

struct Reader<'a> {
    text: &'a Text,
    declared: Vec<Declared>,
}

impl Reader<'_> {
    /// An array of requirements; tables in it include another group (PEP 735), which is read by itself.
    fn list(&mut self, key: &str, value: Option<&Spanned<DeValue<'_>>>, scope: Scope) {
        let Some(value) = value else { return };
        let Some(list) = value.get_ref().as_array() else { return self.wrong(key, value, scope) };
        for value in list {
            match value.get_ref() {
                DeValue::String(written) => {
                    self.declared.push(requirement(written, scope, self.text.place(value.span())));
                }
                DeValue::Table(_) if scope == Scope::Dev => {}
                _ => self.wrong(key, value, scope),
            }
        }
    }

    /// A table of arrays.
    fn lists(&mut self, key: &str, value: Option<&Spanned<DeValue<'_>>>, scope: Scope) {
        let Some(value) = value else { return };
        let Some(groups) = value.get_ref().as_table() else { return self.wrong(key, value, scope) };
        for (_, list) in groups {
            self.list(key, Some(list), scope);
        }
    }

    /// Something of another type than the key takes.
    fn wrong(&mut self, key: &str, value: &Spanned<DeValue<'_>>, scope: Scope) {
        let mut one = declared(String::new(), "", Verdict::Invalid, scope, self.text.place(value.span()));
        key.clone_into(&mut one.shown);
        self.declared.push(one);
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
        let mut section = |key: &str, scope: Scope| match poetry.get(key) {
            Some(value) if value.get_ref().as_table().is_none() => {
                self.wrong(&format!("tool.poetry.{key}"), value, scope);
            }
            _ => self.named(table(poetry, &[key]), scope),
        };
        if has_own {
            section("dependencies", Scope::Run);
        }
        section("dev-dependencies", Scope::Dev);
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
                    one.is_for_platform =
                        !table.contains_key("python") && string(table, "markers").is_none_or(is_of_platform);
                    one
                }
                _ => declared(name.to_owned(), "", Verdict::Invalid, scope, place),
            };
            self.declared.push(Declared { is_conditional: one.is_conditional || has_several, ..one });
        }
    }
}
