//! What is declared, and whether it brings an import.

use super::{Import, is_for_development, python_names};
use crate::factors::deps::Tree;
use crate::factors::deps::model::{Ecosystem, Scope};
use crate::factors::deps::paths;
use crate::factors::deps::project::{Project, is_foreign, is_requirements};
use crate::factors::deps::requirements::{self, Item};
use crate::factors::finding::Level;
use std::collections::BTreeMap;

/// A package that something declares.
pub struct Provided {
    name: String,
    /// In the brackets after the name.
    extras: Vec<String>,
    scope: Scope,
    /// The folder whose files may count on it.
    folder: String,
}

/// Everything that is declared. An ecosystem of which there is no manifest has no entry.
pub fn all(project: &Project) -> BTreeMap<Ecosystem, Vec<Provided>> {
    let mut all: BTreeMap<Ecosystem, Vec<Provided>> = BTreeMap::new();
    for (_, manifest) in &project.manifests {
        let known = all.entry(manifest.ecosystem).or_default();
        let folder = paths::folder(&manifest.path);
        let mut add = |name: &str, extras, scope| {
            known.push(Provided { name: name.to_owned(), extras, scope, folder: folder.to_owned() });
        };
        for one in manifest.declared.iter().chain(&manifest.shared) {
            add(&one.name, extras(&one.shown), one.scope);
            if let Some(alias) = &one.alias {
                add(alias, Vec::new(), one.scope);
            }
        }
        for name in manifest.own_name.iter().chain(&manifest.known_names) {
            add(name, Vec::new(), Scope::Run);
        }
    }
    for file in project.requirement_sets.iter().flatten() {
        let known = all.entry(Ecosystem::PyPI).or_default();
        let scope = if is_named_for_development(&file.text.path) { Scope::Dev } else { Scope::Run };
        // A file in `requirements/` speaks for the folder above.
        let folder = paths::folder(&file.text.path);
        let folder = if paths::file_name(folder) == "requirements" { paths::folder(folder) } else { folder };
        known.extend(file.items.iter().filter_map(|item| of_item(item, scope, folder)));
    }
    all
}

/// Whether a requirements file is for development, by a whole word of its name: `social` is not for `ci`.
fn is_named_for_development(path: &str) -> bool {
    const WORDS: [&str; 18] = [
        "ci",
        "dev",
        "devel",
        "develop",
        "developer",
        "development",
        "devtools",
        "doc",
        "docs",
        "documentation",
        "lint",
        "linter",
        "linters",
        "linting",
        "local",
        "test",
        "testing",
        "tests",
    ];
    let name = paths::file_name(path).to_ascii_lowercase().replace("requirements", " ");
    name.split(|letter: char| !letter.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

fn of_item(item: &Item, scope: Scope, folder: &str) -> Option<Provided> {
    let Item::Requirement(entry) = item else { return None };
    let name = entry.name.clone().unwrap_or_default();
    Some(Provided { name, extras: extras(&entry.shown), scope, folder: folder.to_owned() })
}

/// The extras of a requirement as it is written: `psycopg[pool]>=3`.
fn extras(shown: &str) -> Vec<String> {
    let Some((name, rest)) = shown.split_once('[') else { return Vec::new() };
    let is_name = |letter: char| letter.is_alphanumeric() || "-_. ".contains(letter);
    let list = rest.split_once(']').map_or("", |(list, _)| list);
    let list = if name.chars().all(is_name) { list } else { "" };
    list.split(',').map(|extra| extra.trim().to_owned()).filter(|extra| !extra.is_empty()).collect()
}

/// What a Python script declares in itself: the block `# /// script` of PEP 723.
pub fn by_script(text: &str) -> Option<Vec<Provided>> {
    let mut lines = text.lines().skip_while(|line| line.trim_end() != "# /// script").skip(1);
    let first = lines.next()?;
    let block = std::iter::once(first)
        .chain(lines)
        .map_while(|line| line.strip_prefix('#').filter(|rest| rest.trim() != "///"))
        .fold(String::new(), |block, line| block + line + "\n");
    let table: toml::Table = block.parse().ok()?;
    let list = table.get("dependencies").and_then(toml::Value::as_array);
    let of = |value: &toml::Value| requirements::read(value.as_str()?).into_iter().next();
    let items = list.into_iter().flatten().filter_map(of);
    Some(items.filter_map(|item| of_item(&item, Scope::Run, "")).collect())
}

/// How much a missing import weighs; `None` when it is declared.
pub fn weight(ecosystem: Ecosystem, path: &str, import: &Import, known: &[Provided]) -> Option<Level> {
    // What a manifest above the file says counts; where there is none, what any says. Of npm there is one above.
    let reaches = |one: &&Provided| paths::is_in(path, &one.folder);
    let is_bound = ecosystem == Ecosystem::Npm || known.iter().any(|one| reaches(&one));
    let brings = |one: &&Provided| (!is_bound || reaches(one)) && one.brings(ecosystem, import);
    let is_development = is_for_development(path);
    let mut scopes = known.iter().filter(brings).map(|one| one.scope).peekable();
    if scopes.peek().is_some() {
        // What a bundler takes in is declared for development as often as not, so this is for Python alone.
        let is_dev_only =
            ecosystem == Ecosystem::PyPI && scopes.all(|scope| scope == Scope::Dev || scope == Scope::Build);
        return (is_dev_only && !is_development && !import.is_soft).then_some(Level::Warn);
    }
    Some(match ecosystem {
        _ if import.is_soft => Level::Note,
        Ecosystem::CratesIo => Level::Note,
        _ if is_development => Level::Warn,
        _ => Level::Error,
    })
}

impl Provided {
    fn brings(&self, ecosystem: Ecosystem, asked: &Import) -> bool {
        let (declared, import) = (self.name.as_str(), asked.name.as_str());
        match ecosystem {
            Ecosystem::PyPI => {
                python_names::brings(declared, import)
                    || python_names::brings_path(declared, &asked.path)
                    || self.extras.iter().any(|extra| python_names::extra_brings(declared, extra, import))
            }
            Ecosystem::Npm => {
                // Types alone are enough for an import of types.
                let types = declared.strip_prefix("@types/").map(|name| name.replacen("__", "/", 1));
                declared == import || types.is_some_and(|types| types == import.trim_start_matches('@'))
            }
            Ecosystem::Go => is_of_module(import, declared),
            _ => declared.replace('-', "_") == import,
        }
    }
}

/// Whether a package of Go is in a module. `a/b/v2` is another module than `a/b` (Go modules reference, "Module paths":
/// the major version suffix).
fn is_of_module(import: &str, module: &str) -> bool {
    let Some(rest) = import.strip_prefix(module).filter(|_| !module.is_empty()) else { return false };
    let Some(rest) = rest.strip_prefix('/') else { return rest.is_empty() };
    let major = rest.split('/').next().unwrap_or_default().strip_prefix('v').unwrap_or_default();
    !major.parse().is_ok_and(|major: u32| major >= 2)
}

/// A file that may declare packages of Python. Asked where no manifest of Python was read.
pub fn unread(tree: &dyn Tree) -> Option<&String> {
    const FILES: [&str; 13] = [
        "pyproject.toml",
        "Pipfile",
        "setup.cfg",
        "setup.py",
        "environment.yml",
        "environment.yaml",
        "conda.yml",
        "pixi.toml",
        "pylock.toml",
        "uv.lock",
        "poetry.lock",
        "pdm.lock",
        "Pipfile.lock",
    ];
    let installs = |path: &str| {
        let text = tree.read(path).unwrap_or_default();
        ["pip install", "pip3 install", "python3-"]
            .iter()
            .any(|call| memchr::memmem::find(&text, call.as_bytes()).is_some())
    };
    tree.files().iter().filter(|path| !is_foreign(path)).find(|path| {
        let name = paths::file_name(path);
        let is_container = ["Dockerfile", "Containerfile"].iter().any(|start| name.starts_with(start));
        FILES.contains(&name) || is_requirements(path) || is_container && installs(path)
    })
}
