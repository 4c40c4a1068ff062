//! What a lock was made for: the requirements as they stood in the manifests when it was written.
//!
//! A strict install (`yarn install --frozen-lockfile`, `pnpm install --frozen-lockfile`, `bundle install --deployment`,
//! `uv sync --locked`) refuses a lock that was made for other words, whether or not its versions would still do.

use super::{Format, pnpm, ruby, toml_locks, yarn};
use std::collections::{BTreeMap, BTreeSet};

/// Name to all the constraints under which it was asked for.
pub type Names = BTreeMap<String, BTreeSet<String>>;

/// What a lock says of its manifests; nothing where the format keeps nothing of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// By the folder of the manifest, seen from the lock's. A format that keeps the manifests together has one, which
    /// is the lock's own.
    pub by_folder: BTreeMap<String, Names>,
    /// Names whose version is decided elsewhere than where they are asked for.
    pub overridden: Vec<String>,
}

impl Asked {
    /// Reads a lock that its own reader has read.
    pub fn read(format: &Format, text: &str) -> Self {
        match format.file {
            "yarn.lock" => yarn::asked(text),
            "pnpm-lock.yaml" => pnpm::asked(text),
            "Gemfile.lock" | "gems.locked" => ruby::asked(text),
            "uv.lock" => toml_locks::asked(text),
            _ => Self::default(),
        }
    }

    /// One requirement more.
    pub fn add(&mut self, folder: &str, name: &str, constraint: &str) {
        let names = self.by_folder.entry(folder.to_owned()).or_default();
        names.entry(name.to_owned()).or_default().insert(constraint.to_owned());
    }
}
