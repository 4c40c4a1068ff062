//! The environment as a tree knows it: what its code reads, and what its files set.

use super::config::{self, FileReport, Inventory};
use super::finding::Unchecked;
use super::tree::{self, Entry, Files, Look, Refusal, Tree, Unread};
use rayon::prelude::*;

/// What is the app's own, whether git tracks it or not.
const DOTENV: &str = ".env";

/// What all files say.
pub struct Environment {
    reports: Vec<FileReport>,
    /// Files that should have been read and could not be.
    pub unchecked: Vec<Unchecked>,
}

impl Environment {
    /// By name.
    pub fn inventory(&self) -> Inventory<'_> {
        config::inventory(&self.reports)
    }
}

/// Reads every file; of values nothing is kept.
pub fn environment(look: &Look) -> Result<Environment, Refusal> {
    let files = Files::open(look)?;
    let read = |entry: &Entry| files.read(entry).map(|bytes| config::scan(&entry.path, &bytes));
    let told: Vec<Result<_, Unread>> = files.files().par_iter().map(read).collect();
    let mut all = Environment { reports: Vec::new(), unchecked: files.unchecked.clone() };
    for (entry, told) in files.files().iter().zip(told) {
        match told {
            Ok(report) => all.reports.push(report),
            Err(unread) if unread.binary => {}
            Err(unread) => all.unchecked.push(Unchecked { what: entry.path.to_string(), why: unread.why }),
        }
    }
    for (root, name) in &look.roots {
        let path = if name.is_empty() { DOTENV.to_owned() } else { format!("{name}/{DOTENV}") };
        if let (None, Ok(bytes)) = (files.find(&path), tree::read_file(&root.join(DOTENV))) {
            all.reports.push(config::scan(&path, &bytes));
        }
    }
    Ok(all)
}
