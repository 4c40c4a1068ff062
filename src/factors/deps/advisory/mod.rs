//! Known vulnerabilities: every locked version held against a folder of advisories, in the layout of `RustSec` or OSV.
//!
//! An answer is only as good as the database. So one that is missing, too old, or silent about an ecosystem makes the
//! answer incomplete; it is never taken for "nothing found".

mod date;
mod osv;
mod rustsec;

use super::Tree;
use super::locks::of_entry;
use super::model::{Ecosystem, Manifest, Origin, Verdict};
use super::paths;
use super::project::Project;
use super::requirements::Item;
use super::rules;
use super::text::Text;
use super::version::constraint::exact_version;
use crate::factors::finding::{Level, Place, Report};
use std::collections::{BTreeMap, BTreeSet};

/// Where advisories are, and what makes them too old. Days count from 1970.
pub struct Database<'a> {
    /// The folder.
    pub tree: &'a dyn Tree,
    /// When it was fetched; without it the newest date in it counts.
    pub fetched_day: Option<i64>,
    /// Today.
    pub today: i64,
    /// Older than this is too old.
    pub max_age_days: i64,
}

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Vulnerable,
    Unsound,
    /// Unmaintained, or worth a notice.
    Informational,
}

/// One advisory about one package.
#[derive(Debug)]
struct Advisory {
    id: String,
    aliases: Vec<String>,
    ecosystem: Ecosystem,
    /// As its registry compares it.
    package: String,
    title: String,
    trouble: Trouble,
    affected: Affected,
}

/// Which versions are affected.
#[derive(Debug)]
enum Affected {
    /// All but these.
    AllBut(Vec<rustsec::Interval>),
    /// In these, or listed.
    In(osv::Affected),
}

impl Advisory {
    /// `None` when the version cannot be compared.
    fn affects(&self, version: &str) -> Option<bool> {
        match &self.affected {
            Affected::AllBut(fine) => rustsec::affects(fine, version),
            Affected::In(affected) => affected.affects(self.ecosystem, version),
        }
    }

    /// The affected range, and the versions that mend it.
    fn range(&self, version: &str) -> (String, Vec<String>) {
        match &self.affected {
            Affected::AllBut(fine) => rustsec::shown(fine, version),
            Affected::In(affected) => affected.shown(self.ecosystem, version),
        }
    }
}

/// A version that will be installed, with the file that says so.
struct Installed<'a> {
    ecosystem: Ecosystem,
    name: String,
    version: String,
    origin: Origin,
    at: At<'a>,
}

/// A place that is worked out when it is asked for, as most packages have nothing told of them.
enum At<'a> {
    Known(Place),
    Lock(&'a Text),
}

/// What was read from a folder.
#[derive(Default)]
struct Loaded {
    /// By ecosystem and package, those that are asked for.
    advisories: BTreeMap<(Ecosystem, String), Vec<Advisory>>,
    /// Ecosystems that the folder knows at all.
    known: BTreeSet<Ecosystem>,
    newest_day: Option<i64>,
}

/// Judges every version that is locked or pinned.
pub fn judge(project: &Project, database: Option<&Database<'_>>, report: &mut Report) {
    let installed = installed(project);
    if installed.is_empty() {
        return;
    }
    let Some(database) = database else {
        return report.skip("advisories", "no database, give its folder with `--db`");
    };
    let loaded = load(database.tree, &installed, report);
    let Some(day) = database.fetched_day.or(loaded.newest_day).filter(|_| !loaded.known.is_empty()) else {
        return report.skip("advisories", "the folder holds none");
    };
    let age = database.today - day;
    if age > database.max_age_days {
        report
            .skip("advisories", format!("the database is {age} days old, {} at most", database.max_age_days));
    }
    let asked: BTreeSet<Ecosystem> = installed.iter().map(|one| one.ecosystem).collect();
    for unknown in asked.difference(&loaded.known) {
        report.skip(format!("advisories of {}", unknown.name()), "the database has none of this ecosystem");
    }
    for one in &installed {
        let advisories = loaded.advisories.get(&(one.ecosystem, one.name.clone()));
        judge_one(one, advisories.map_or(&[], Vec::as_slice), report);
    }
}

fn judge_one(one: &Installed<'_>, advisories: &[Advisory], report: &mut Report) {
    // One trouble often has several advisories, which name each other.
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for advisory in advisories {
        let names = || std::iter::once(&advisory.id).chain(&advisory.aliases).map(String::as_str);
        match advisory.affects(&one.version) {
            None => report.skip(format!("{} {}", one.name, one.version), "its version cannot be compared"),
            Some(true) if !names().any(|name| told.contains(name)) => {
                told.extend(names());
                tell(one, advisory, report);
            }
            Some(_) => {}
        }
    }
}

fn tell(one: &Installed<'_>, advisory: &Advisory, report: &mut Report) {
    let place = match &one.at {
        At::Known(place) => place.clone(),
        At::Lock(text) => text.locate(&one.name, &one.version),
    };
    let (level, says) = match advisory.trouble {
        Trouble::Vulnerable => (Level::Error, "is affected by"),
        Trouble::Unsound => (Level::Warn, "is unsound:"),
        Trouble::Informational => (Level::Note, "has a notice:"),
    };
    let (range, fixed) = advisory.range(&one.version);
    let title = if advisory.title.is_empty() { String::new() } else { format!(": {}", advisory.title) };
    let message = format!("{} {} {says} {}{title} (affected: {range})", one.name, one.version, advisory.id);
    let help = match fixed.as_slice() {
        [] => "no fixed version is known".to_owned(),
        fixed => format!("update to {}", fixed.join(" or ")),
    };
    report.weigh(&rules::ADVISORY, level, place, message, help);
}

/// Every version of every lock and every exact requirement. `go.sum` and `go.work.sum` list more than is built, so `go.mod` counts.
fn installed(project: &Project) -> Vec<Installed<'_>> {
    let mut all = Vec::new();
    for lock in project.locks.iter().filter(|lock| paths::ending(lock.format.file) != "sum") {
        for package in lock.packages.iter().filter(|package| !package.version.is_empty()) {
            all.push(Installed {
                ecosystem: lock.format.ecosystem,
                name: lock.format.ecosystem.normalise(&package.name),
                version: package.version.clone(),
                origin: package.origin,
                at: At::Lock(&lock.text),
            });
        }
    }
    for file in project.requirement_sets.iter().flatten().filter(|file| !file.is_constraint) {
        for item in &file.items {
            let Item::Requirement(entry) = item else { continue };
            let declared = of_entry(entry, &file.text);
            let Some(version) = exact_version(&declared.constraint) else { continue };
            all.push(Installed {
                ecosystem: Ecosystem::PyPI,
                name: declared.name,
                version: version.to_owned(),
                origin: Origin::Registry,
                at: At::Known(declared.place),
            });
        }
    }
    all.extend(project.manifests.iter().flat_map(|(_, manifest)| unlocked(project, manifest)));
    // What is in the tree is no release; and as cargo-audit has it, a crate of another registry or a repository is
    // another crate of the same name.
    all.retain(|one| {
        one.origin == Origin::Registry || one.ecosystem != Ecosystem::CratesIo && one.origin != Origin::Path
    });
    all
}

/// The exact versions of a manifest whose ecosystem has no lock here.
fn unlocked<'a>(project: &Project, manifest: &'a Manifest) -> impl Iterator<Item = Installed<'a>> {
    let has_lock = project.locks.iter().any(|lock| lock.format.ecosystem == manifest.ecosystem);
    let exact = manifest.declared.iter().filter(move |one| !has_lock && one.verdict == Verdict::Exact);
    exact.map(|one| Installed {
        ecosystem: manifest.ecosystem,
        name: manifest.ecosystem.normalise(&one.name),
        version: exact_version(&one.constraint)
            .unwrap_or(one.constraint.trim_start_matches(['=', ' ']))
            .to_owned(),
        origin: Origin::Registry,
        at: At::Known(one.place.clone()),
    })
}

fn load(tree: &dyn Tree, installed: &[Installed<'_>], report: &mut Report) -> Loaded {
    let wanted: BTreeSet<(Ecosystem, &str)> =
        installed.iter().map(|one| (one.ecosystem, one.name.as_str())).collect();
    let is_wanted = |ecosystem: Ecosystem, name: &str| wanted.contains(&(ecosystem, name));
    let mut loaded = Loaded::default();
    for path in tree.files() {
        let is_rustsec = rustsec::is_advisory(path);
        if !is_rustsec && paths::ending(path) != "json" {
            continue;
        }
        let Ok(bytes) = tree.read(path) else {
            report.skip(path.as_str(), "the advisory cannot be read");
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let read = if is_rustsec {
            rustsec::read(path, &text, &is_wanted, &mut loaded)
        } else {
            osv::read(&text, &is_wanted, &mut loaded)
        };
        match read {
            Ok(advisories) => {
                for one in advisories {
                    loaded.advisories.entry((one.ecosystem, one.package.clone())).or_default().push(one);
                }
            }
            Err(why) => report.skip(path.as_str(), format!("no advisory that can be read: {why}")),
        }
    }
    loaded.advisories.values_mut().for_each(|all| all.sort_by(|a, b| a.id.cmp(&b.id)));
    loaded
}

#[cfg(test)]
mod tests;
