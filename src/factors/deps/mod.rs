//! Factor II, dependencies: what a tree declares, locks, imports and runs, held against each other.
//!
//! Everything is read from the tree; nothing is run and nothing is asked of the network. It must not know where the
//! tree comes from, what time it is, or how findings are shown.

pub mod advisory;
pub mod lock;
pub mod model;
pub mod requirements;
pub mod rules;

mod closed;
mod imports;
mod locks;
mod manifest;
mod paths;
mod pins;
mod programs;
mod project;
mod reach;
mod report;
mod requirement;
mod socket;
mod text;
mod version;

pub use advisory::Database;
pub use programs::Command;
pub use socket::Deps;

use crate::factors::finding::Report;
use project::Project;
use std::io;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;

/// The files that are looked at.
pub trait Tree {
    /// Every file, relative, with `/`; what git ignores is left out.
    fn files(&self) -> &[String];
    /// The content of a file.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;
    /// Symbolic links, which are not followed.
    fn links(&self) -> &[String] {
        &[]
    }
    /// Whether a file or folder is there, ignored ones included.
    fn exists(&self, path: &str) -> bool;
}

/// What is wished, beside the tree.
#[derive(Default)]
pub struct Options<'a> {
    /// The commands of the Procfile.
    pub commands: Vec<Command>,
    /// Advisories; without them the answer is incomplete.
    pub database: Option<Database<'a>>,
}

/// Looks at everything.
pub fn check(tree: &dyn Tree, options: &Options<'_>) -> Report {
    let mut report = Report::default();
    let project = Project::read(tree, &mut report);
    pins::judge(&project, &mut report);
    locks::judge(&project, &mut report);
    imports::judge(tree, &project, &mut report);
    programs::judge(tree, &project, &options.commands, &mut report);
    let files = report.unchecked.len();
    advisory::judge(&project, options.database.as_ref(), &mut report);
    let advisories = report.unchecked.len() - files;
    report.sort();
    report.undecided = match (project.is_empty(), files, advisories) {
        (true, 0, 0) => Some("nothing here declares a dependency".into()),
        (false, 0, 0) | (true, ..) => None,
        (false, files, advisories) => Some(so_far(files, advisories, options.database.is_some())),
    };
    report
}

/// What was looked at and what was not, where something is missing: who has no database still has the rest.
fn so_far(files: usize, advisories: usize, has_database: bool) -> String {
    let files = match files {
        0 => "checked".to_owned(),
        1 => "checked but for 1 thing".to_owned(),
        files => format!("checked but for {files} things"),
    };
    let advisories = match (advisories, has_database) {
        (0, true) => "checked",
        (0, false) => "no version to look up",
        (_, true) => "not all checked",
        (_, false) => "not checked, no --db",
    };
    format!("locks and imports: {files}; advisories: {advisories}")
}
