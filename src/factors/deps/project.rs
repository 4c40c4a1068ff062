//! The files of a tree that speak of dependencies, read once.

use super::lock::{self, Asked, Format};
use super::locks::of_entry;
use super::manifest;
use super::model::{Locked, Manifest};
use super::paths;
use super::reach;
use super::requirements::{self, Followed, Gap, Item};
use super::text::Text;
use super::{Tree, rules};
use crate::factors::finding::Report;
use std::collections::BTreeSet;

/// A lock file that was read.
pub struct LockFile {
    /// The file.
    pub text: Text,
    /// Whose it is.
    pub format: &'static Format,
    /// Every package in it.
    pub packages: Vec<Locked>,
    /// What it was made for.
    pub asked: Asked,
}

/// All that was read.
#[derive(Default)]
pub struct Project {
    /// Requirements files with those that they name: one set for each that no other names.
    pub requirement_sets: Vec<Vec<Followed>>,
    /// Manifests, in the order of their paths.
    pub manifests: Vec<(Text, Manifest)>,
    /// Lock files, in the order of their paths.
    pub locks: Vec<LockFile>,
    /// Files of these kinds that are there and could not be read.
    pub unread: Vec<String>,
}

/// Folders whose content is somebody else's.
const FOREIGN: [&str; 11] = [
    "node_modules",
    "bower_components",
    "vendor",
    "third_party",
    "site-packages",
    "venv",
    ".venv",
    ".tox",
    ".nox",
    "target",
    ".git",
];

/// Whether a path is in a folder of somebody else's code.
pub fn is_foreign(path: &str) -> bool {
    paths::folder(path).split('/').any(|part| FOREIGN.contains(&part))
}

/// Whether a manifest came along with code of others. `assets/package.json` may well be the app's own, as Phoenix has
/// it; further down, where every library lies in a folder of its own, one that says where it is published from is not
/// (npm's documentation of `package.json`, `repository`).
pub fn is_of_others(manifest: &Text) -> bool {
    let is_published = manifest.content.contains("\"repository\"");
    paths::is_of_others(&manifest.path) || paths::is_handed_out(paths::folder(&manifest.path)) && is_published
}

impl Project {
    /// Reads everything; what cannot be read is told.
    pub fn read(tree: &dyn Tree, report: &mut Report) -> Self {
        let mut own: Vec<&str> =
            tree.files().iter().map(String::as_str).filter(|path| !is_foreign(path)).collect();
        own.sort_unstable();
        let mut project = Self::default();
        let mut works = Vec::new();
        for path in &own {
            let name = paths::file_name(path);
            if !is_known(name) {
                continue;
            }
            let format = lock::of(name);
            match whole(tree, path) {
                Ok(text) if name == "go.work" => works.push(text),
                Ok(text) => project.take(text, format, report),
                Err(why) => project.miss(path, why, report),
            }
        }
        for path in tree.links().iter().filter(|path| !is_foreign(path) && is_read(path)) {
            project.miss(path, "it is a symbolic link, which is not followed".to_owned(), report);
        }
        manifest::go::work_together(&mut project.manifests, &works);
        manifest::cargo::inherit(&mut project.manifests);
        manifest::cargo::discover(&mut project.manifests, |path| tree.exists(path));
        let mut named = project.named_files(tree, report);
        named.extend(compiled_beside(tree, &own));
        own.extend(named.iter().map(String::as_str));
        let candidates: Vec<&str> = own
            .into_iter()
            .filter(|path| is_requirements(path) || named.iter().any(|one| one == path))
            .collect();
        project.requirement_sets = project.sets(tree, candidates, report);
        project
    }

    /// A lock, a manifest, or both at once, as `go.mod` is.
    fn take(&mut self, text: Text, format: Option<&'static Format>, report: &mut Report) {
        let path = text.path.clone();
        if let Some(format) = format {
            match (format.read)(&text.content) {
                Ok(packages) => {
                    let asked = Asked::read(format, &text.content);
                    self.locks.push(LockFile { text: text.clone(), format, packages, asked });
                }
                Err(why) => self.miss(&path, why, report),
            }
        }
        match manifest::read(&text) {
            Some(Ok(manifest)) => self.manifests.push((text, manifest)),
            Some(Err(why)) => self.miss(&path, why, report),
            None => {}
        }
    }

    /// It is there, and what is in it stays unknown.
    fn miss(&mut self, path: &str, why: String, report: &mut Report) {
        self.unread.push(path.to_owned());
        report.skip(path, why);
    }

    /// Files of requirements that manifests name (`[tool.setuptools.dynamic]`). What a lock holds is asked for in the
    /// manifest; without one such a file is like any other of requirements, and is given back.
    fn named_files(&mut self, tree: &dyn Tree, report: &mut Report) -> Vec<String> {
        let mut loose = Vec::new();
        for at in 0..self.manifests.len() {
            let files = std::mem::take(&mut self.manifests[at].1.files);
            let has_lock = !files.is_empty() && reach::lock_of(self, &self.manifests[at].1).is_some();
            for path in files {
                match whole(tree, &path) {
                    Ok(_) if is_requirements(&path) => {}
                    Ok(text) if has_lock => {
                        let items = requirements::read(&text.content);
                        let entries = items.iter().filter_map(Item::entry);
                        self.manifests[at].1.declared.extend(entries.map(|entry| of_entry(entry, &text)));
                    }
                    Ok(_) => loose.push(path),
                    Err(why) => report.skip(format!("{path} (named by {})", self.manifests[at].1.path), why),
                }
            }
        }
        loose.sort();
        loose.dedup();
        loose
    }

    /// Every requirements file with those that it names.
    fn sets(&mut self, tree: &dyn Tree, candidates: Vec<&str>, report: &mut Report) -> Vec<Vec<Followed>> {
        let mut named = BTreeSet::new();
        let mut readable = Vec::new();
        for path in candidates {
            let text = match whole(tree, path) {
                Ok(text) => text,
                Err(why) => {
                    self.miss(path, why, report);
                    continue;
                }
            };
            readable.push(path);
            for item in requirements::read(&text.content) {
                // What is only a constraint here may well be installed elsewhere, unless its name says that it is none.
                if let Item::Nested { path: nested, is_constraint, .. } = item
                    && (!is_constraint || is_constraints(&nested))
                {
                    named.extend(paths::join(paths::folder(path), &nested));
                }
            }
        }
        let mut sets = Vec::new();
        let mut met: BTreeSet<String> = BTreeSet::new();
        // Those of a circle name each other; they come last, and whoever comes first stands for all.
        let (inner, outer): (Vec<&str>, Vec<&str>) =
            readable.into_iter().partition(|path| named.contains(*path));
        for path in outer.into_iter().chain(inner) {
            if met.contains(path) {
                continue;
            }
            let set = requirements::follow(tree, path, is_constraints(path), &mut |text, item, gap| {
                let Item::Nested { path, span, .. } = item else { return };
                match gap {
                    Gap::Unread(why) => {
                        report.skip(format!("{} (named by {})", requirements::redact(path), text.path), why);
                    }
                    Gap::Wrong(why) => report.find(
                        &rules::INVALID,
                        text.place(span.clone()),
                        format!("cannot follow this line: {why}"),
                        "commit the file, or take the line out",
                    ),
                }
            });
            let judged = set.iter().filter(|file| !file.is_constraint || is_constraints(&file.text.path));
            met.extend(judged.map(|file| file.text.path.to_string()));
            sets.push(set);
        }
        sets
    }

    /// Whether anything at all is declared or locked.
    pub fn is_empty(&self) -> bool {
        self.requirement_sets.is_empty() && self.manifests.is_empty() && self.locks.is_empty()
    }
}

/// What is compiled from a `.in` file under an ending of its own: `requirements.old` says so at its head.
fn compiled_beside(tree: &dyn Tree, own: &[&str]) -> Vec<String> {
    let inputs: Vec<&str> = own.iter().filter_map(|path| path.strip_suffix(".in")).collect();
    let is_beside = |path: &str| {
        let ending = inputs.iter().find_map(|stem| path.strip_prefix(stem)?.strip_prefix('.'));
        ending.is_some_and(|ending| !ending.contains('/')) && !is_read(path)
    };
    let is_compiled = |path: &str| whole(tree, path).is_ok_and(|text| is_autogenerated(&text));
    own.iter().filter(|path| is_beside(path) && is_compiled(path)).map(|path| (*path).to_owned()).collect()
}

/// What pip-compile, uv and Poetry write at the head of what they compile.
pub fn is_autogenerated(text: &Text) -> bool {
    text.content.lines().take(3).any(|line| line.starts_with('#') && line.contains("autogenerated by"))
}

/// Locks, manifests, and Go's list of modules.
fn is_known(name: &str) -> bool {
    lock::of(name).is_some() || manifest::is_known(name) || name == "go.work"
}

/// Whether a file of this path is read at all.
fn is_read(path: &str) -> bool {
    is_requirements(path) || is_known(paths::file_name(path))
}

/// `requirements.txt`, `dev-requirements.txt`, `requirements/base.txt`, `constraints.txt`, and their `.in`.
pub fn is_requirements(path: &str) -> bool {
    let name = paths::file_name(path).to_ascii_lowercase();
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let folder = paths::file_name(paths::folder(path)).to_ascii_lowercase();
    let is_named = stem.contains("requirements") || stem.contains("constraints") || folder == "requirements";
    is_named && ["txt", "in", "pip"].contains(&ending)
}

/// By its name alone.
fn is_constraints(path: &str) -> bool {
    paths::file_name(path).to_ascii_lowercase().contains("constraints")
}

/// A file's text, or why it is none.
fn whole(tree: &dyn Tree, path: &str) -> Result<Text, String> {
    let text = Text::new(path, &tree.read(path).map_err(|error| error.to_string())?);
    if text.content.starts_with("version https://git-lfs.github.com/spec/") {
        return Err("it is a pointer to Git LFS, not the file".to_owned());
    }
    if text.content.contains('\0') {
        return Err("it is no text".to_owned());
    }
    let is_torn = |line: &str| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ");
    if !is_requirements(path) && text.content.lines().any(is_torn) {
        return Err("it has the marks of a merge conflict".to_owned());
    }
    Ok(text)
}
