//! The factor as a check: its tree is the audit's, its advisories lie in a folder that is named.

use super::{Command, Database, Options, Tree, check, rules};
use crate::app::procfile::Entry;
use crate::factors::check::{Advisories, App, Check, Scene};
use crate::factors::finding::{Factor, Report, Rule};
use crate::factors::shell;
use crate::factors::tree::{self, Files, Look, Part};
use jiff::civil::{Date, date};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The check.
pub struct Deps;

impl Check for Deps {
    fn factor(&self) -> Factor {
        Factor::Deps
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &rules::ALL
    }

    fn whole(&self, scene: &Scene<'_>) -> Report {
        let commands = scene.app.map(commands).unwrap_or_default();
        let seen = Seen::of(scene.tree);
        let Some((advisories, files)) = scene.advisories.and_then(|asked| Some((asked, open(asked)?))) else {
            return check(&seen, &Options { commands, database: None });
        };
        let database = Database {
            tree: &Seen::of(&files),
            fetched_day: fetched(&advisories.folder),
            today: day(scene.today),
            max_age_days: advisories.max_age_days.into(),
        };
        let mut report = check(&seen, &Options { commands, database: Some(database) });
        report.unchecked.extend(files.unchecked);
        report
    }
}

/// The audit's tree, as this factor asks for it.
struct Seen<'a> {
    tree: &'a dyn tree::Tree,
    paths: Vec<String>,
}

impl<'a> Seen<'a> {
    fn of(tree: &'a dyn tree::Tree) -> Self {
        Self { tree, paths: tree.files().iter().map(|entry| entry.path.to_string()).collect() }
    }
}

impl Tree for Seen<'_> {
    fn files(&self) -> &[String] {
        &self.paths
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let entry = self.tree.find(path).ok_or(io::ErrorKind::NotFound)?;
        self.tree.read(entry).map_err(|unread| io::Error::other(unread.why))
    }

    fn links(&self) -> &[String] {
        self.tree.links()
    }

    fn exists(&self, path: &str) -> bool {
        self.tree.exists(path)
    }
}

fn commands(app: &App<'_>) -> Vec<Command> {
    let command = |entry: &Entry| {
        let text = entry.command.value.to_string_lossy().into_owned();
        Command { place: shell::place(&app.procfile, entry, &(0..entry.command.value.len())), text }
    };
    app.entries.iter().map(command).collect()
}

/// Everything in the folder, ignored or not. One that is not there holds no advisory, which is told.
fn open(advisories: &Advisories) -> Option<Files> {
    let roots = vec![(advisories.folder.clone(), String::new())];
    Files::open(&Look { roots, ignored_too: true, part: Part::All }).ok()
}

/// The day on which git last asked for news, where the folder is a clone that was ever brought up to date.
fn fetched(folder: &Path) -> Option<i64> {
    const DAY: i64 = 24 * 60 * 60;
    let asked = folder.join(".git/FETCH_HEAD").metadata().ok()?;
    Some(asked.mtime() / DAY)
}

/// From 1970 on.
fn day(today: Date) -> i64 {
    today.duration_since(date(1970, 1, 1)).as_hours() / 24
}
