//! The files that are looked at: what is there, what git says of it, and their bytes.
//!
//! It must not know what is looked for. The same tree gives the same list, whatever order the system names
//! its files in; a file that cannot be read whole is told, never passed over.

mod changes;
mod index;
mod repository;
mod walk;

use super::finding::Unchecked;
use changes::Blobs;
use nix::fcntl::OFlag;
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub use repository::Repository;

/// What checks of everything at once may ask; checks of one file are handed it.
pub trait Tree: Sync {
    /// Every file, in the order of their names.
    fn files(&self) -> &[Entry];

    /// All bytes of a file, or why they cannot be had.
    fn read(&self, entry: &Entry) -> Result<Vec<u8>, Unread>;

    /// Repositories below the root, by their folders.
    fn nested(&self) -> &[String] {
        &[]
    }

    /// Symbolic links by their names: what they lead to is not read as theirs.
    fn links(&self) -> &[String] {
        &[]
    }

    /// The file of this name.
    fn find(&self, path: &str) -> Option<&Entry> {
        let files = self.files();
        files.binary_search_by(|entry| (*entry.path).cmp(path)).ok().map(|at| &files[at])
    }

    /// Whether a file or folder is there, what git ignores included.
    fn exists(&self, path: &str) -> bool {
        self.find(path).is_some()
    }
}

/// One file.
#[derive(Debug, Clone)]
pub struct Entry {
    /// As findings name it.
    pub path: Arc<str>,
    /// Where it is.
    pub real: PathBuf,
    /// Whether git tracks it; `None`: nobody knows.
    pub tracked: Option<bool>,
}

impl Entry {
    fn new(path: &str, real: &Path, tracked: Option<bool>) -> Self {
        Self { path: path.into(), real: real.to_owned(), tracked }
    }
}

/// Why the bytes of a file cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// In words.
    pub why: String,
    /// It is too large, and no text: nobody expects it to be read.
    pub binary: bool,
}

impl<T: Into<String>> From<T> for Unread {
    fn from(why: T) -> Self {
        Self { why: why.into(), binary: false }
    }
}

/// What was passed over on purpose.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Files and folders that git ignores.
    pub ignored: usize,
    /// Symbolic links, which are not followed.
    pub links: usize,
}

/// Where is looked, and at how much.
#[derive(Debug, Clone)]
pub struct Look {
    /// The folders and files, absolute; each with the name that its files get in front of their own.
    pub roots: Vec<(PathBuf, String)>,
    /// What git ignores is read too.
    pub ignored_too: bool,
    /// How much of it.
    pub part: Part,
}

/// How much is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Everything.
    All,
    /// What is staged for the next commit, as it is staged.
    Staged,
    /// What has changed since a revision, or is new.
    Since(String),
}

/// Why nothing can be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub sentence: String,
    /// The cure.
    pub help: &'static str,
}

/// Files above this are not read whole. A source file is smaller by far, and what is read takes memory on
/// every thread.
pub const LARGEST: u64 = 16 << 20;

/// Files on the disk, or in git's index.
pub struct Files {
    entries: Vec<Entry>,
    nested: Vec<String>,
    links: Vec<String>,
    roots: Vec<(PathBuf, String)>,
    /// What was passed over.
    pub counts: Counts,
    /// What could not be listed.
    pub unchecked: Vec<Unchecked>,
    /// Where staged content comes from.
    blobs: Option<Mutex<Blobs>>,
}

impl Files {
    /// Lists what is there.
    pub fn open(look: &Look) -> Result<Self, Refusal> {
        if look.part == Part::Staged {
            return Self::staged(look);
        }
        let mut walked = walk::Walked::default();
        for (root, name) in &look.roots {
            walk::walk(root, name, look.ignored_too, &mut walked);
        }
        if let Part::Since(revision) = &look.part {
            let mut changed = BTreeSet::new();
            for (root, _) in &look.roots {
                changed.extend(changes::since(root, revision)?);
            }
            walked.links.clear();
            walked.files.retain(|entry| entry.tracked == Some(false) || changed.contains(&entry.real));
        }
        Ok(Self::new(look, walked, None))
    }

    fn staged(look: &Look) -> Result<Self, Refusal> {
        let mut walked = walk::Walked::default();
        let mut blobs = Blobs::default();
        for (root, name) in &look.roots {
            for (path, real, blob) in changes::staged(root)? {
                let path = if name.is_empty() { path } else { format!("{name}/{path}") };
                walked.files.push(Entry::new(&path, &real, Some(true)));
                blobs.add(root, real, blob);
            }
        }
        Ok(Self::new(look, walked, Some(Mutex::new(blobs))))
    }

    fn new(look: &Look, walked: walk::Walked, blobs: Option<Mutex<Blobs>>) -> Self {
        let walk::Walked { mut files, counts, unchecked, nested, links } = walked;
        files.sort_by(|one, other| one.path.cmp(&other.path));
        files.dedup_by(|one, other| one.real == other.real);
        Self { entries: files, nested, links, roots: look.roots.clone(), counts, unchecked, blobs }
    }
}

impl Tree for Files {
    fn files(&self) -> &[Entry] {
        &self.entries
    }

    fn read(&self, entry: &Entry) -> Result<Vec<u8>, Unread> {
        match &self.blobs {
            // A thread that failed with it leaves at worst a broken pipe, which is told.
            Some(blobs) => blobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner).read(&entry.real),
            None => read_file(&entry.real),
        }
    }

    fn nested(&self) -> &[String] {
        &self.nested
    }

    fn links(&self) -> &[String] {
        &self.links
    }

    fn exists(&self, path: &str) -> bool {
        let is_in = |(root, name): &(PathBuf, String)| {
            Path::new(path).strip_prefix(name).is_ok_and(|inside| root.join(inside).exists())
        };
        self.roots.iter().any(is_in)
    }
}

/// A regular file that is not too large; it may have been replaced since it was listed.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Unread> {
    let flags = (OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW).bits();
    let said = |error: std::io::Error| Unread::from(walk::reason(&error));
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(said)?;
    let data = file.metadata().map_err(said)?;
    if !data.is_file() {
        return Err("it is no regular file".into());
    }
    let is_large = data.len() > LARGEST;
    let most = if is_large { BEGINNING } else { LARGEST + 1 };
    let mut bytes = Vec::with_capacity(data.len().min(most) as usize + 1);
    file.take(most).read_to_end(&mut bytes).map_err(said)?;
    if is_large || bytes.len() as u64 > LARGEST { Err(too_large(&bytes)) } else { Ok(bytes) }
}

/// So much tells whether a file is text.
const BEGINNING: u64 = 8 << 10;

/// `beginning`: the first bytes of it.
fn too_large(beginning: &[u8]) -> Unread {
    let is_wide = matches!(beginning, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let binary = !is_wide && beginning.iter().take(BEGINNING as usize).any(|byte| *byte == 0);
    Unread { why: format!("it is larger than {} MiB", LARGEST >> 20), binary }
}

#[cfg(test)]
mod tests;
