//! Which lock is whose: the one beside a manifest, or that of the workspace above it.

use super::lock;
use super::model::{Dialect, Ecosystem, Manifest};
use super::paths;
use super::project::{LockFile, Project, is_requirements};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeSet;

/// The lock that holds what a manifest asks for.
pub fn lock_of<'a>(project: &'a Project, manifest: &Manifest) -> Option<&'a LockFile> {
    if let Some(path) = &manifest.lock_path {
        return project.locks.iter().find(|lock| *lock.text.path == **path);
    }
    let folder = paths::folder(&manifest.path);
    for above in paths::ancestors(folder) {
        let in_folder = |lock: &&LockFile| {
            paths::folder(&lock.text.path) == above && lock.format.ecosystem == manifest.ecosystem
        };
        let reaches = |lock: &&LockFile| above == folder || reaches(project, lock, manifest);
        let best = project
            .locks
            .iter()
            .filter(in_folder)
            .filter(|lock| lock.format.file != "go.mod")
            .filter(reaches)
            .min_by_key(|lock| rank(project, lock));
        if best.is_some() {
            return best;
        }
        // A workspace of Cargo's or uv's is never a member of another.
        let is_root = manifest.is_workspace && matches!(manifest.dialect, Dialect::Cargo | Dialect::Python);
        if is_root {
            return None;
        }
    }
    None
}

/// Whether a lock that would be a manifest's is there and could not be read: then nothing is said of its absence.
pub fn is_unread(project: &Project, manifest: &Manifest) -> bool {
    let folder = paths::folder(&manifest.path);
    project.unread.iter().any(|path| {
        let is_above = paths::ancestors(folder).any(|above| paths::folder(path) == above);
        let is_lock = lock::of(paths::file_name(path)).is_some_and(|of| of.ecosystem == manifest.ecosystem)
            || manifest.ecosystem == Ecosystem::PyPI && is_requirements(path);
        manifest.lock_path.as_ref().map_or(is_lock && is_above, |named| named == path)
    })
}

/// Whether a requirement is met by another manifest of the tree that has the same lock.
pub fn is_sibling(project: &Project, manifest: &Manifest, name: &str, lock: &LockFile) -> bool {
    project.manifests.iter().any(|(_, other)| {
        other.own_name.as_deref() == Some(name)
            && other.ecosystem == manifest.ecosystem
            && other.path != manifest.path
            && lock_of(project, other).is_some_and(|of| of.text.path == lock.text.path)
    })
}

/// Names whose version is decided by the manifest itself, by the one beside the lock, or by the lock.
pub fn overridden<'a>(project: &'a Project, manifest: &'a Manifest, lock: &'a LockFile) -> BTreeSet<&'a str> {
    let folder = paths::folder(&lock.text.path);
    let manifests = project.manifests.iter().map(|(_, other)| other);
    let beside = manifests.filter(|other| paths::folder(&other.path) == folder);
    let says = beside.filter(|other| other.ecosystem == manifest.ecosystem).chain([manifest]);
    says.flat_map(|other| &other.overridden).chain(&lock.asked.overridden).map(String::as_str).collect()
}

/// Whether a lock further up holds what a manifest below asks for.
fn reaches(project: &Project, lock: &LockFile, manifest: &Manifest) -> bool {
    let (top, folder) = (paths::folder(&lock.text.path), paths::folder(&manifest.path));
    match lock.format.file {
        // pnpm names its members in a file of its own, and all of them in the lock.
        "pnpm-lock.yaml" => lock.asked.by_folder.contains_key(relative(folder, top)),
        "go.work.sum" => true,
        _ => project.manifests.iter().any(|(_, other)| {
            let root = paths::folder(&other.path);
            other.ecosystem == manifest.ecosystem
                && other.is_workspace
                && is_at_or_in(root, top)
                && paths::is_in(folder, root)
                && has_member(other, relative(folder, root))
        }),
    }
}

fn is_at_or_in(path: &str, folder: &str) -> bool {
    path == folder || paths::is_in(path, folder)
}

/// A folder as it is named from one above it.
pub fn relative<'a>(folder: &'a str, top: &str) -> &'a str {
    folder.strip_prefix(top).unwrap_or(folder).trim_start_matches('/')
}

/// By the globs of a workspace. One that cannot be read may mean anything.
fn has_member(workspace: &Manifest, folder: &str) -> bool {
    let matches = |glob: &str| glob_of(glob).is_none_or(|glob| glob.is_match(folder));
    let (out, of): (Vec<&str>, Vec<&str>) =
        workspace.members.iter().map(String::as_str).partition(|glob| glob.starts_with('!'));
    of.into_iter().any(matches) && !out.into_iter().any(|glob| matches(&glob[1..]))
}

fn glob_of(written: &str) -> Option<GlobMatcher> {
    let plain = written.trim_start_matches("./").trim_end_matches('/');
    Some(GlobBuilder::new(plain).literal_separator(true).build().ok()?.compile_matcher())
}

/// Of the locks of one folder the smallest counts: that of the tool which the manifest beside it names, then by the
/// order of the formats; `pylock.toml` goes before those with a name of their own (PEP 751).
fn rank(project: &Project, lock: &LockFile) -> (bool, Option<usize>, usize) {
    let folder = paths::folder(&lock.text.path);
    let beside = project.manifests.iter().map(|(_, manifest)| manifest).find(|manifest| {
        manifest.ecosystem == lock.format.ecosystem && paths::folder(&manifest.path) == folder
    });
    let manager = beside.and_then(|manifest| manifest.manager.as_deref());
    let is_other = manager.is_some_and(|manager| lock.format.made_by.split(' ').next() != Some(manager));
    let place = lock::FORMATS.iter().position(|format| format.file == lock.format.file);
    (is_other, place, lock.text.path.len())
}
