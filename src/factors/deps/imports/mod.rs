//! Imports that nothing declares: what code asks for, held against what its manifests say.
//!
//! Precision goes before recall: what could be the app's own, or an alias, or brought by a distribution of another
//! name is passed over. Each missing package is told once, at its first place.

mod compiled;
mod javascript;
mod local;
mod python;
mod python_names;

use super::Tree;
use super::model::{Ecosystem, Scope};
use super::paths;
use super::project::{Project, is_foreign};
use super::requirements::Item;
use super::rules;
use super::text::Text;
use crate::factors::finding::{Level, Report};
use crate::factors::role;
use local::Local;
use std::collections::BTreeMap;

/// An import of something that is not plainly the app's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// What must be declared: a top-level module, a package, a path.
    name: String,
    /// As written.
    path: String,
    /// The offset in the file.
    at: usize,
    /// The code is ready for its absence.
    is_soft: bool,
}

/// A package that something declares.
struct Provided {
    name: String,
    scope: Scope,
    /// The folder whose files may count on it.
    folder: String,
}

/// Files larger than this are made by machines.
const LARGEST: usize = 1 << 20;

/// What is missing, by ecosystem and name: the worst place, and how many files ask.
type Missing = BTreeMap<(Ecosystem, String), (Level, Text, Import, usize)>;

/// Judges every source file of the four languages.
pub fn judge(tree: &dyn Tree, project: &Project, report: &mut Report) {
    let local = Local::new(tree, project);
    let provided = provided(project);
    let mut missing = Missing::new();
    let mut paths: Vec<&String> = tree.files().iter().filter(|path| !is_foreign(path)).collect();
    paths.sort_unstable();
    for path in paths {
        let Some(ecosystem) = language(path) else { continue };
        let Some(known) = provided.get(&ecosystem) else { continue };
        let Ok(bytes) = tree.read(path) else {
            report.skip(path.as_str(), "it cannot be read");
            continue;
        };
        if bytes.len() > LARGEST || memchr::memchr(0, &bytes).is_some() {
            continue;
        }
        let text = Text::new(path, &bytes);
        let mut in_file: BTreeMap<String, Import> = BTreeMap::new();
        for import in imports(ecosystem, path, &text.content) {
            if !local.is_own(ecosystem, path, &import) {
                in_file.entry(import.name.clone()).or_insert(import);
            }
        }
        for import in in_file.into_values() {
            if let Some(level) = weight(ecosystem, path, &import, known) {
                note(&mut missing, ecosystem, level, &text, import);
            }
        }
    }
    for ((ecosystem, _), (level, text, import, files)) in missing {
        tell(ecosystem, level, &text, &import, files, project, report);
    }
}

/// The language of a file, by its ending.
fn language(path: &str) -> Option<Ecosystem> {
    let (_, ending) = paths::file_name(path).rsplit_once('.')?;
    Some(match ending {
        "py" => Ecosystem::PyPI,
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte" => Ecosystem::Npm,
        "go" => Ecosystem::Go,
        "rs" => Ecosystem::CratesIo,
        _ => return None,
    })
}

fn imports(ecosystem: Ecosystem, path: &str, text: &str) -> Vec<Import> {
    let mut all = match ecosystem {
        Ecosystem::PyPI => python::imports(text),
        Ecosystem::Npm => javascript::imports(path, text),
        Ecosystem::Go => compiled::go(text),
        _ => compiled::rust(text),
    };
    all.retain(|import| match ecosystem {
        Ecosystem::PyPI => !python_names::is_standard(&import.name),
        Ecosystem::Go => !compiled::is_go_standard(&import.name),
        Ecosystem::CratesIo => !compiled::is_rust_standard(&import.name),
        _ => true,
    });
    all
}

/// Everything that is declared. An ecosystem in which nothing is has no entry: there is nothing to hold code against.
fn provided(project: &Project) -> BTreeMap<Ecosystem, Vec<Provided>> {
    let mut all: BTreeMap<Ecosystem, Vec<Provided>> = BTreeMap::new();
    for (_, manifest) in &project.manifests {
        let known = all.entry(manifest.ecosystem).or_default();
        let folder = paths::folder(&manifest.path);
        let mut add = |name: &str, scope| {
            known.push(Provided { name: name.to_owned(), scope, folder: folder.to_owned() });
        };
        for one in manifest.declared.iter().chain(&manifest.shared) {
            add(&one.name, one.scope);
            if let Some(alias) = &one.alias {
                add(alias, one.scope);
            }
        }
        for name in manifest.own_name.iter().chain(&manifest.known_names) {
            add(name, Scope::Run);
        }
    }
    for file in project.requirement_sets.iter().flatten() {
        let known = all.entry(Ecosystem::PyPI).or_default();
        let name = paths::file_name(&file.text.path).to_ascii_lowercase();
        let is_dev = ["dev", "test", "doc", "lint", "ci", "local"].iter().any(|word| name.contains(word));
        // A file in `requirements/` speaks for the folder above.
        let folder = paths::folder(&file.text.path);
        let folder = if paths::file_name(folder) == "requirements" { paths::folder(folder) } else { folder };
        for item in &file.items {
            if let Item::Requirement(entry) = item {
                let name = entry.name.clone().unwrap_or_default();
                let scope = if is_dev { Scope::Dev } else { Scope::Run };
                known.push(Provided { name, scope, folder: folder.to_owned() });
            }
        }
    }
    all
}

/// How much a missing import weighs; `None` when it is declared.
fn weight(ecosystem: Ecosystem, path: &str, import: &Import, known: &[Provided]) -> Option<Level> {
    // What a manifest above the file says counts; where there is none, what any says.
    let reaches = |one: &&Provided| paths::is_in(path, &one.folder);
    let has_any = known.iter().any(|one| reaches(&one));
    let brings = |one: &&Provided| (!has_any || reaches(one)) && brings(ecosystem, &one.name, &import.name);
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

fn brings(ecosystem: Ecosystem, declared: &str, import: &str) -> bool {
    match ecosystem {
        Ecosystem::PyPI => python_names::brings(declared, import),
        Ecosystem::Npm => {
            // Types alone are enough for an import of types.
            let types = declared.strip_prefix("@types/").map(|name| name.replacen("__", "/", 1));
            declared == import || types.is_some_and(|types| types == import.trim_start_matches('@'))
        }
        Ecosystem::Go => import == declared || paths::is_in(import, declared) && !declared.is_empty(),
        _ => declared.replace('-', "_") == import,
    }
}

/// Tests, and what only development runs.
pub fn is_for_development(path: &str) -> bool {
    const FOLDERS: [&str; 9] =
        ["docs", "doc", "examples", "example", "benchmarks", "benches", "scripts", "tools", "stories"];
    const FILES: [&str; 8] =
        ["setup.py", "noxfile.", "fabfile.", "gulpfile.", "gruntfile.", "rollup.", "webpack.", "build.rs"];
    let name = paths::file_name(path).to_ascii_lowercase();
    role::is_test(path)
        || paths::folder(path).split('/').any(|part| FOLDERS.contains(&part))
        || name.starts_with('.')
        || [".config.", ".stories."].iter().any(|part| name.contains(part))
        || FILES.iter().any(|start| name.starts_with(start))
}

fn note(missing: &mut Missing, ecosystem: Ecosystem, level: Level, text: &Text, import: Import) {
    let key = (ecosystem, import.name.clone());
    match missing.get_mut(&key) {
        Some((worst, known, first, files)) => {
            *files += 1;
            if level > *worst {
                (*worst, *known, *first) = (level, text.clone(), import);
            }
        }
        None => {
            missing.insert(key, (level, text.clone(), import, 1));
        }
    }
}

fn tell(
    ecosystem: Ecosystem,
    level: Level,
    text: &Text,
    import: &Import,
    files: usize,
    project: &Project,
    report: &mut Report,
) {
    let likely = match ecosystem {
        Ecosystem::PyPI => python_names::distribution(&import.name).unwrap_or(&import.name),
        _ => &import.name,
    };
    let is_locked = project
        .locks
        .iter()
        .filter(|lock| lock.format.ecosystem == ecosystem)
        .any(|lock| lock.packages.iter().any(|package| package.name == ecosystem.normalise(likely)));
    let others = if files > 1 { format!(" (and in {} more)", files - 1) } else { String::new() };
    let why = if is_locked { "only another package brings it" } else { "nothing declares it for the app" };
    let is_sure =
        ecosystem != Ecosystem::PyPI || is_locked || python_names::distribution(&import.name).is_some();
    // A distribution may have any name, so what no table knows is only likely.
    let level = if is_sure || import.name == likely && is_common(&import.name) {
        level
    } else {
        level.min(Level::Warn)
    };
    let help = format!("declare `{likely}`");
    let end = text.line_at(import.at).end;
    report.weigh(
        &rules::UNDECLARED_IMPORT,
        level,
        text.place(import.at..end),
        format!("`{}` is imported and {why}{others}", import.name),
        help,
    );
}

/// Distributions that everybody knows under the name of their import.
fn is_common(name: &str) -> bool {
    const COMMON: &str = "aiohttp alembic anthropic boto3 botocore cachetools celery certifi cffi chardet click \
        cryptography django docker fastapi flask gevent graphene gunicorn h5py httpx idna jinja2 jsonschema kombu \
        lxml mako markupsafe marshmallow matplotlib mypy networkx nltk numpy openai openpyxl pandas paramiko peewee \
        pika plotly prometheus_client psutil pyarrow pydantic pygments pymongo pymysql pyparsing pytest pytz \
        requests rich rq scipy scrapy seaborn selenium setuptools simplejson six spacy sqlalchemy starlette stripe \
        tabulate tensorflow toml torch tornado tqdm transformers twisted typer ujson urllib3 uvicorn websockets \
        werkzeug wtforms xlrd";
    COMMON.split_ascii_whitespace().any(|common| common == name)
}

#[cfg(test)]
mod tests;
