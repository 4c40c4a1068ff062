//! What only the tree as a whole can tell: a tracked `.env`, and the inventory of the environment.

use std::collections::BTreeMap;

use super::language::is_sample;
use super::rules;
use super::settings::SettingKind;
use super::{EnvRead, EveryRead, FileReport, Setting};
use crate::factors::finding::{Finding, Level, Place};

/// Every name that the app reads or that a file sets, in order.
#[derive(Debug, Default)]
pub struct Inventory<'a> {
    /// By name.
    pub names: BTreeMap<&'a str, Name<'a>>,
    /// Where every variable is taken, whatever its name.
    pub every: Vec<&'a EveryRead>,
}

/// Where a name occurs.
#[derive(Debug, Default)]
pub struct Name<'a> {
    /// Where the code reads it.
    pub reads: Vec<&'a EnvRead>,
    /// Where files set or name it.
    pub settings: Vec<&'a Setting>,
}

impl<'a> Inventory<'a> {
    /// Read without a default, and nowhere set or named. The first place is given.
    pub fn read_but_never_set(&self) -> impl Iterator<Item = (&'a str, &'a Place)> {
        self.names.iter().filter_map(|(name, about)| {
            let needed = about.reads.iter().find(|read| !read.has_default)?;
            (about.settings.is_empty() && !is_platforms(name)).then_some((*name, &needed.place))
        })
    }

    /// A library takes every variable, or every one that begins as this name does.
    fn is_taken(&self, name: &str) -> bool {
        let begins =
            |prefix: &str| name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
        self.every.iter().any(|every| every.prefix.as_deref().is_none_or(begins))
    }

    /// Set or named in a `.env`, and nowhere read.
    pub fn set_but_never_read(&self) -> impl Iterator<Item = (&'a str, &'a Place)> {
        self.names.iter().filter_map(|(name, about)| {
            let set = about.settings.first()?;
            (about.reads.is_empty() && !self.is_taken(name)).then_some((*name, &set.place))
        })
    }
}

/// POSIX's own variables, and those that twelve-run and its peers give every process.
fn is_platforms(name: &str) -> bool {
    matches!(
        name,
        "PORT"
            | "PS"
            | "HOME"
            | "PATH"
            | "USER"
            | "SHELL"
            | "TERM"
            | "TMPDIR"
            | "LANG"
            | "TZ"
            | "PWD"
            | "LOGNAME"
            | "EDITOR"
            | "PAGER"
            | "CI"
            | "HOSTNAME"
    ) || name.starts_with("LC_")
        || name.starts_with("XDG_")
}

/// Of the reports of all files.
pub fn inventory(reports: &[FileReport]) -> Inventory<'_> {
    let mut all = Inventory::default();
    for report in reports {
        for read in &report.reads {
            all.names.entry(&read.name).or_default().reads.push(read);
        }
        all.every.extend(&report.every);
        for setting in &report.settings {
            all.names.entry(&setting.name).or_default().settings.push(setting);
        }
    }
    all
}

/// At the first value of a `.env`, for one that git tracks.
pub fn committed(report: &FileReport) -> Option<Finding> {
    let values: Vec<_> = report.settings.iter().filter(|setting| setting.kind == SettingKind::Set).collect();
    let first = values.first()?;
    let path = &first.place.path;
    let name = path.rsplit('/').next().unwrap_or(path);
    if is_sample(name) {
        return None;
    }
    let many = values.len();
    Some(Finding {
        rule: &rules::DOTENV_COMMITTED,
        level: Level::Error,
        message: format!("`{path}` is tracked by git, with {many} value{}", if many == 1 { "" } else { "s" }),
        place: first.place.clone(),
        help: format!(
            "`git rm --cached {path}`, ignore it, and commit an example without values; change what was secret"
        ),
        secret: None,
    })
}
