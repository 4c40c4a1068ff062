//! Imports that nothing declares: what code asks for, held against what its manifests say.
//!
//! Precision goes before recall: what could be the app's own, or an alias, or brought by a distribution of another
//! name is passed over. Each missing package is told once, at its first place.

mod aliases;
mod compiled;
mod javascript;
mod local;
mod provided;
mod python;
mod python_names;
mod python_standard;
mod shipped;

use super::Tree;
use super::locks;
use super::manifest;
use super::model::{Ecosystem, Manifest};
use super::paths;
use super::project::{Project, is_foreign};
use super::rules;
use super::text::Text;
use crate::factors::finding::{Level, Report};
use crate::factors::role;
use local::Local;
use provided::Provided;
use shipped::Packages;
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

/// Files larger than this are made by machines.
const LARGEST: usize = 1 << 20;

/// What is missing, by ecosystem and name: the worst place, and how many files ask.
type Missing = BTreeMap<(Ecosystem, String), (Level, Text, Import, usize)>;

/// Judges every source file of the four languages, once there is anything to hold code against.
pub fn judge(tree: &dyn Tree, project: &Project, report: &mut Report) {
    if project.is_empty() {
        return;
    }
    let local = Local::new(tree, project);
    let mut provided = provided::all(project);
    let bare = without_manifest(&mut provided);
    let mut packages = Packages::new(project);
    let half = half_read(project);
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
        // A script of Python may declare what it needs in itself.
        let own = Some(&text.content).filter(|_| ecosystem == Ecosystem::PyPI);
        let own = own.and_then(|text| provided::by_script(text));
        let known = own.as_ref().unwrap_or(known);
        let asked = asked(ecosystem, &text, &local);
        if asked.is_empty() {
            continue;
        }
        let Some(most) = most(ecosystem, &text, &asked, &half, &mut packages) else { continue };
        for import in asked {
            if let Some(level) = provided::weight(ecosystem, path, &import, known) {
                note(&mut missing, ecosystem, level.min(most), &text, import);
            }
        }
    }
    packages.tell(report);
    for ecosystem in bare {
        settle(tree, ecosystem, &mut missing, report);
    }
    for ((ecosystem, _), (level, text, import, files)) in missing {
        let half = above(&half, &text.path).filter(|_| ecosystem == Ecosystem::PyPI);
        tell((ecosystem, level), (&text, &import), files, project, half, report);
    }
}

/// What a file asks for that is not the app's own: the first import of each name.
fn asked(ecosystem: Ecosystem, text: &Text, local: &Local) -> Vec<Import> {
    let mut all: BTreeMap<String, Import> = BTreeMap::new();
    for import in imports(ecosystem, &text.path, &text.content) {
        if !local.is_own(ecosystem, &text.path, &import) {
            all.entry(import.name.clone()).or_insert(import);
        }
    }
    all.into_values().collect()
}

/// The most that imports of a file may weigh; `None` where there is nothing to hold them against.
fn most(
    ecosystem: Ecosystem,
    text: &Text,
    asked: &[Import],
    half: &[&Manifest],
    packages: &mut Packages<'_>,
) -> Option<Level> {
    match ecosystem {
        Ecosystem::Npm => {
            let home = packages.home(&text.path);
            if home.is_none() && asked.iter().any(|import| !import.is_soft) {
                packages.is_outside(&text.path, &text.content);
            }
            Some(Packages::most(&text.path, &text.content, home?))
        }
        Ecosystem::PyPI if above(half, &text.path).is_some() => Some(Level::Warn),
        _ => Some(Level::Error),
    }
}

/// The first of these manifests that stands above a file.
fn above<'a>(manifests: &[&'a Manifest], path: &str) -> Option<&'a Manifest> {
    manifests.iter().copied().find(|manifest| paths::is_in(path, paths::folder(&manifest.path)))
}

/// The manifests of Python that name more than could be read. What one takes from a file of requirements that was read
/// is known.
fn half_read(project: &Project) -> Vec<&Manifest> {
    let is_known = |text: &Text| {
        let files = project.requirement_sets.iter().flatten();
        files.map(|file| paths::file_name(&file.text.path)).any(|name| {
            ['"', '\''].iter().any(|quote| {
                text.content.contains(&format!("{quote}{name}{quote}"))
                    || text.content.contains(&format!("/{name}{quote}"))
            })
        })
    };
    let is_half = |(text, manifest): &&(Text, Manifest)| {
        manifest.ecosystem == Ecosystem::PyPI
            && locks::unseen(project, manifest).any(|why| why != manifest::VERSIONS)
            && !is_known(text)
    };
    project.manifests.iter().filter(is_half).map(|(_, manifest)| manifest).collect()
}

/// The languages that have no manifest here; for them nothing is declared. Rust's compiler refuses without one, and
/// JavaScript without one is a page's as often as not, whose imports the page resolves.
fn without_manifest(provided: &mut BTreeMap<Ecosystem, Vec<Provided>>) -> Vec<Ecosystem> {
    let mut bare = vec![Ecosystem::PyPI, Ecosystem::Go];
    bare.retain(|ecosystem| !provided.contains_key(ecosystem));
    provided.extend(bare.iter().map(|ecosystem| (*ecosystem, Vec::new())));
    bare
}

/// Without a manifest that was read, what is missing is sure only when nothing else may declare it. Without `go.mod`
/// nobody knows which paths are the app's own. What only tests need is then let be.
fn settle(tree: &dyn Tree, ecosystem: Ecosystem, missing: &mut Missing, report: &mut Report) {
    let is_of = |of: &(Ecosystem, String)| of.0 == ecosystem;
    if !missing.keys().any(is_of) {
        return;
    }
    let other = provided::unread(tree).filter(|_| ecosystem == Ecosystem::PyPI);
    if other.is_none() && ecosystem != Ecosystem::Go {
        return;
    }
    let asking = missing.iter().find(|(of, (level, ..))| is_of(of) && *level == Level::Error);
    let asking = asking.map(|(_, (_, text, ..))| text.path.to_string());
    missing.retain(|of, _| !is_of(of));
    let Some(asking) = asking else { return };
    let (what, why) = match other {
        Some(path) => {
            (path.clone(), "it may declare what Python code imports, and no manifest of Python was read")
        }
        None => (asking, "it imports packages, and no `go.mod` was read"),
    };
    if !report.unchecked.iter().any(|one| one.what == what) {
        report.skip(what, why);
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
    if ecosystem == Ecosystem::PyPI {
        python_standard::without_python_2(text, &mut all);
    }
    all.retain(|import| match ecosystem {
        Ecosystem::PyPI => !python_standard::is_standard(&import.name),
        Ecosystem::Go => !compiled::is_go_standard(&import.name),
        Ecosystem::CratesIo => !compiled::is_rust_standard(&import.name),
        _ => true,
    });
    all
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
    (ecosystem, level): (Ecosystem, Level),
    (text, import): (&Text, &Import),
    files: usize,
    project: &Project,
    half: Option<&Manifest>,
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
    let why = match half {
        _ if is_locked => "only another package brings it".to_owned(),
        Some(half) => format!("nothing that could be read declares it (not all of `{}` could)", half.path),
        None => "nothing declares it for the app".to_owned(),
    };
    let is_sure =
        ecosystem != Ecosystem::PyPI || is_locked || python_names::distribution(&import.name).is_some();
    // A distribution may have any name, so what no table knows is only likely.
    let level = if is_sure || import.name == likely && python_names::is_common(&import.name) {
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

#[cfg(test)]
mod tests;
