//! Walks folders: every file in an order that depends on names alone, without what git ignores.
//!
//! What is ignored and tracked all the same is read: it is part of the codebase. Symbolic links are not
//! followed: what they lead to inside is read under its own name, and what is outside is not the app's.

use super::index::Names;
use super::repository::{Repository, rules_of};
use super::{Counts, Entry};
use crate::factors::finding::Unchecked;
use ignore::Match;
use ignore::gitignore::Gitignore;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What is nobody's source: repositories, and our own state.
const NEVER: [&str; 4] = [".git", ".hg", ".svn", ".twelve-run"];

/// What came of a walk.
#[derive(Debug, Default)]
pub struct Walked {
    pub files: Vec<Entry>,
    pub counts: Counts,
    pub unchecked: Vec<Unchecked>,
    /// Repositories below the root, by the names of their folders.
    pub nested: Vec<String>,
    /// Symbolic links that are not ignored, by their names.
    pub links: Vec<String>,
}

/// Walks `root`, whose files are named by `prefix` and their path below it.
pub fn walk(root: &Path, prefix: &str, ignored_too: bool, walked: &mut Walked) {
    if root.is_file() {
        let named = Repository::around(root.parent().unwrap_or(root)).map(|found| Git::new(found, walked));
        let tracked = named.and_then(|git| git.tracks(root));
        walked.files.push(Entry::new(prefix, root, tracked));
        return;
    }
    let git = Repository::around(root).map(|found| Rc::new(Git::new(found, walked)));
    let mut walker = Walker { walked, ignored_too };
    // Rules of the folders between the repository's top and here.
    let mut rules = Vec::new();
    if let Some(git) = &git {
        let above: Vec<&Path> = root.ancestors().skip(1).take_while(|at| at.starts_with(&git.top)).collect();
        rules.extend(git.rules.iter().cloned());
        rules.extend(above.into_iter().rev().filter_map(rules_of).map(Rc::new));
        // Who names an ignored folder means it all the same.
        if says(&rules, root, true) {
            rules.clear();
        }
    }
    walker.folder(root, prefix, git, &rules, false);
}

/// A repository with what it tracks.
struct Git {
    top: PathBuf,
    rules: Vec<Rc<Gitignore>>,
    tracked: Option<Names>,
}

impl Git {
    fn new(repository: Repository, walked: &mut Walked) -> Self {
        let rules = repository.rules().into_iter().map(Rc::new).collect();
        let tracked = repository.tracked();
        if let Err(why) = &tracked {
            walked.unchecked.push(Unchecked { what: "which files git tracks".into(), why: why.clone() });
        }
        Self { top: repository.top, rules, tracked: tracked.ok() }
    }

    /// Whether git tracks this file.
    fn tracks(&self, path: &Path) -> Option<bool> {
        let name = path.strip_prefix(&self.top).ok()?.as_os_str().as_bytes();
        Some(self.tracked.as_ref()?.contains(name))
    }

    /// Whether git tracks anything in this folder; nobody knowing counts as yes.
    fn tracks_below(&self, folder: &Path) -> bool {
        let (Some(tracked), Ok(name)) = (&self.tracked, folder.strip_prefix(&self.top)) else { return true };
        let begins: Vec<u8> = [name.as_os_str().as_bytes(), b"/"].concat();
        tracked.range(begins.clone()..).next().is_some_and(|first| first.starts_with(&begins))
    }
}

struct Walker<'a> {
    walked: &'a mut Walked,
    ignored_too: bool,
}

impl Walker<'_> {
    /// `inside`: the folder is ignored itself, and looked into for what is tracked all the same.
    fn folder(
        &mut self,
        folder: &Path,
        name: &str,
        git: Option<Rc<Git>>,
        above: &[Rc<Gitignore>],
        inside: bool,
    ) {
        let mut children = match fs::read_dir(folder) {
            Ok(children) => children.flatten().collect::<Vec<_>>(),
            Err(error) => {
                let what = if name.is_empty() { ".".to_owned() } else { name.to_owned() };
                return self.walked.unchecked.push(Unchecked { what, why: reason(&error) });
            }
        };
        children.sort_by_key(fs::DirEntry::file_name);
        let own = if git.is_some() && !self.ignored_too { rules_of(folder) } else { None };
        let rules: Vec<Rc<Gitignore>> = above.iter().cloned().chain(own.map(Rc::new)).collect();
        for child in children {
            let Ok(kind) = child.file_type() else { continue };
            let path = child.path();
            let name = joined(name, &child.file_name());
            if NEVER.iter().any(|never| child.file_name() == *never) {
                continue;
            }
            let ignored = !self.ignored_too && (inside || says(&rules, &path, kind.is_dir()));
            if kind.is_symlink() {
                self.walked.counts.links += 1;
                if !ignored {
                    self.walked.links.push(name);
                }
            } else if kind.is_dir() {
                match Repository::at(&path) {
                    _ if ignored && !git.as_ref().is_some_and(|git| git.tracks_below(&path)) => {
                        self.walked.counts.ignored += 1;
                    }
                    Some(inner) => {
                        self.walked.nested.push(name.clone());
                        let inner = Rc::new(Git::new(inner, self.walked));
                        let rules = inner.rules.clone();
                        self.folder(&path, &name, Some(inner), &rules, false);
                    }
                    None => self.folder(&path, &name, git.clone(), &rules, ignored),
                }
            } else if kind.is_file() {
                let tracked = git.as_ref().map_or(Some(false), |git| git.tracks(&path));
                if ignored && tracked == Some(false) {
                    self.walked.counts.ignored += 1;
                } else {
                    self.walked.files.push(Entry::new(&name, &path, tracked));
                }
            }
        }
    }
}

/// The last rule that says anything decides.
fn says(rules: &[Rc<Gitignore>], path: &Path, is_folder: bool) -> bool {
    let said = rules.iter().rev().find_map(|rules| match rules.matched(path, is_folder) {
        Match::None => None,
        Match::Ignore(_) => Some(true),
        Match::Whitelist(_) => Some(false),
    });
    said.unwrap_or(false)
}

/// Names that are no text are shown as well as they can be.
fn joined(folder: &str, name: &OsStr) -> String {
    let name = name.to_string_lossy();
    if folder.is_empty() { name.into_owned() } else { format!("{folder}/{name}") }
}

/// What the system said, in words that do not change with the machine.
pub fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        std::io::ErrorKind::NotFound => "it has gone away".into(),
        _ => error.to_string(),
    }
}
