//! What a check is, and what it is given: the socket into which every factor is plugged.

use super::finding::{Factor, Report, Rule};
use super::tree::Tree;
use crate::app::procfile::Entry;
use jiff::civil::Date;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A check of one factor. What it says may depend on what it is given alone: files come in any order, from
/// several threads.
pub trait Check: Sync {
    /// Which one.
    fn factor(&self) -> Factor;

    /// All rules by which it may speak.
    fn rules(&self) -> &'static [&'static Rule];

    /// Whether it looks at single files at all; when nobody does, none is read.
    fn looks_at_files(&self) -> bool {
        false
    }

    /// Looks at one file; called for every file of the tree, in parallel.
    fn file(&self, _file: &File<'_>) -> Report {
        Report::default()
    }

    /// Looks at everything at once.
    fn whole(&self, _scene: &Scene<'_>) -> Report {
        Report::default()
    }

    /// Whether `whole` makes sense for a part of the tree: the staged files, those that changed.
    fn bears_a_part(&self) -> bool {
        false
    }
}

/// One file, read.
pub struct File<'a> {
    /// As findings name it.
    pub path: &'a Arc<str>,
    /// All of it.
    pub bytes: &'a [u8],
    /// Whether git tracks it; `None`: nobody knows.
    pub tracked: Option<bool>,
}

/// Everything that there is to look at.
pub struct Scene<'a> {
    /// The files.
    pub tree: &'a dyn Tree,
    /// The app as written; there is none where a folder is looked at for itself.
    pub app: Option<&'a App<'a>>,
    /// The day.
    pub today: Date,
    /// Where known vulnerabilities are written.
    pub advisories: Option<&'a Advisories>,
}

/// A folder of advisories.
#[derive(Debug)]
pub struct Advisories {
    /// Where.
    pub folder: PathBuf,
    /// Older than this is too old to be believed.
    pub max_age_days: u32,
}

/// The app as written.
pub struct App<'a> {
    /// Its folder, absolute.
    pub root: &'a Path,
    /// Its Procfile, relative to the folder where it is in there.
    pub procfile: Arc<str>,
    /// What stands in that.
    pub entries: &'a [Entry],
}
