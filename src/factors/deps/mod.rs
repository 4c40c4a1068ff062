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
    advisory::judge(&project, options.database.as_ref(), &mut report);
    report.sort();
    if project.is_empty() {
        report.undecided = Some("nothing here declares a dependency".into());
    }
    report
}
