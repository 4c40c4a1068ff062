//! Which places nobody means who watches an app: what tools and editors keep for themselves, and what
//! `.gitignore` and `.ignore` name. It must not know what is wished.

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Files with rules, for all that is below their folder; the later has the last word.
const FILES: [&str; 2] = [".gitignore", ".ignore"];
/// Never meant, at any depth.
const NAMES: [&str; 6] = [".git", ".twelve-run", "node_modules", "target", "__pycache__", "4913"];

/// The rules of every folder that has some.
#[derive(Debug)]
pub struct Ignored {
    root: PathBuf,
    /// Relative to the root.
    folders: HashMap<PathBuf, Gitignore>,
    /// Of the repository's folders above the root, the nearest first.
    above: Vec<Gitignore>,
}

impl Ignored {
    /// With the rules from above the app's folder: those of the repository that it is a part of.
    pub fn new(root: &Path) -> Self {
        let top = root.ancestors().find(|folder| folder.join(".git").exists());
        let between =
            root.ancestors().skip(1).take_while(|folder| top.is_some_and(|top| folder.starts_with(top)));
        let mut above: Vec<Gitignore> = between.filter_map(rules).collect();
        // Who runs an app in an ignored place means it all the same.
        if says(above.iter(), root, true) {
            above.clear();
        }
        Self { root: root.into(), folders: HashMap::new(), above }
    }

    /// Whether a file of that name holds rules.
    pub fn has_rules(name: &OsStr) -> bool {
        FILES.iter().any(|file| name == *file)
    }

    /// Reads the rules of a folder, relative to the root, anew.
    pub fn load(&mut self, folder: &Path) {
        match rules(&self.root.join(folder)) {
            Some(rules) => drop(self.folders.insert(folder.into(), rules)),
            None => self.forget(folder),
        }
    }

    /// The folder is not there any more.
    pub fn forget(&mut self, folder: &Path) {
        self.folders.remove(folder);
    }

    /// How many parts of the path make its longest ignored beginning; 0: it is not ignored.
    pub fn parts(&self, path: &Path, is_folder: bool) -> usize {
        let whole = path.components().count();
        // The path itself first; every beginning of it is a folder.
        let mut beginnings = path.ancestors().take(whole).enumerate();
        beginnings
            .find(|(less, beginning)| self.has(beginning, *less > 0 || is_folder))
            .map_or(0, |(less, _)| whole - less)
    }

    /// Whether rules name this very place, whatever they say of the folders above it.
    fn has(&self, path: &Path, is_folder: bool) -> bool {
        let own = path.ancestors().skip(1).filter_map(|folder| self.folders.get(folder));
        path.file_name().is_some_and(is_never_meant)
            || says(own.chain(&self.above), &self.root.join(path), is_folder)
    }
}

/// The first rule that says anything decides.
fn says<'a>(mut rules: impl Iterator<Item = &'a Gitignore>, path: &Path, is_folder: bool) -> bool {
    rules
        .find_map(|rules| match rules.matched(path, is_folder) {
            Match::None => None,
            Match::Ignore(_) => Some(true),
            Match::Whitelist(_) => Some(false),
        })
        .unwrap_or(false)
}

/// What the folder's files say; a line that is no rule is passed over, as git does.
fn rules(folder: &Path) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new(folder);
    for file in FILES.map(|file| folder.join(file)) {
        // A pipe of that name would never end.
        if file.is_file()
            && let Some(error) = builder.add(&file)
        {
            log::debug!("{}: {error}", file.display());
        }
    }
    builder.build().ok().filter(|rules| !rules.is_empty())
}

/// The folders of tools, and what editors leave beside a file while they have it open or save it.
fn is_never_meant(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    NAMES.iter().any(|never| name == *never)
        || bytes.ends_with(b"~")
        || bytes.starts_with(b".#")
        || bytes.starts_with(b"#") && bytes.ends_with(b"#")
        // `.swp`, and what vim takes when that is taken.
        || bytes.starts_with(b".") && matches!(bytes, [_, .., b'.', b's', b'w', b'a'..=b'z'])
}
