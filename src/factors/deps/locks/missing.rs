//! Manifests that no lock stands beside: what each weighs, which lock its tool would write, and which are told together.

use crate::factors::deps::lock::{self, Format};
use crate::factors::deps::model::{Declared, Dialect, Ecosystem, Kind, Manifest, Scope, Verdict};
use crate::factors::deps::paths;
use crate::factors::deps::project::{Project, is_of_others};
use crate::factors::deps::rules;
use crate::factors::deps::text::Text;
use crate::factors::finding::{Level, Report};
use std::collections::BTreeMap;

/// Why a lock is nobody's loss. Many of a kind are told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Excuse {
    /// Who installs it has a lock of his own.
    Library,
    /// It stands among tests, examples, or code that is handed out as it came.
    Aside,
    /// It names only tools, and stands below what is installed.
    ToolsBelow,
}

impl Excuse {
    /// What such manifests are called, of how many there are.
    fn says(self) -> &'static str {
        match self {
            Self::Library => "of libraries and plugins",
            Self::Aside => "of tests, examples and code of others",
            Self::ToolsBelow => "that only name tools, below another one,",
        }
    }
}

/// A manifest without a lock, with those of its requirements that a lock would hold.
struct Bare<'a> {
    text: &'a Text,
    manifest: &'a Manifest,
    declared: Vec<&'a Declared>,
}

/// What was met without a lock, until everything was looked at.
#[derive(Default)]
pub struct Missing<'a> {
    bare: Vec<Bare<'a>>,
}

impl<'a> Missing<'a> {
    /// Remembers a manifest. What is in the tree needs no lock, and `x[all]` inside of `x` is the package itself.
    pub fn note(&mut self, text: &'a Text, manifest: &'a Manifest, declared: &[&'a Declared]) {
        let is_own = |one: &&&Declared| manifest.own_name.as_ref() == Some(&one.name);
        let declared: Vec<&Declared> = declared.iter().filter(|one| !is_own(one)).copied().collect();
        if declared.iter().any(|one| one.verdict != Verdict::Local) {
            self.bare.push(Bare { text, manifest, declared });
        }
    }

    /// Tells each for itself, and of those with the same excuse the first with the number of all.
    pub fn tell(self, project: &Project, report: &mut Report) {
        let mut excused: BTreeMap<(Ecosystem, Excuse), Vec<Bare<'a>>> = BTreeMap::new();
        for bare in self.bare {
            match excuse(project, bare.text, bare.manifest) {
                Some(excuse) => excused.entry((bare.manifest.ecosystem, excuse)).or_default().push(bare),
                None => tell_one(&bare, report),
            }
        }
        for ((_, excuse), all) in excused {
            tell_alike(excuse, &all, report);
        }
    }
}

fn excuse(project: &Project, text: &Text, manifest: &Manifest) -> Option<Excuse> {
    let is_below = || {
        let folder = paths::folder(&manifest.path);
        project.manifests.iter().any(|(_, other)| {
            let above = paths::folder(&other.path);
            other.ecosystem == manifest.ecosystem && above != folder && paths::is_in(folder, above)
        })
    };
    if manifest.kind == Kind::Library {
        Some(Excuse::Library)
    } else if paths::is_aside(&manifest.path) || is_of_others(text) {
        Some(Excuse::Aside)
    } else if manifest.declared.iter().all(|one| one.scope == Scope::Dev) && is_below() {
        Some(Excuse::ToolsBelow)
    } else {
        None
    }
}

fn tell_alike(excuse: Excuse, all: &[Bare<'_>], report: &mut Report) {
    const SHOWN: usize = 3;
    let Some(first) = all.first() else { return };
    if all.len() == 1 {
        return tell_as(first, Level::Note, report);
    }
    let paths: Vec<String> = all.iter().take(SHOWN).map(|bare| format!("`{}`", bare.manifest.path)).collect();
    let more = match all.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "{} manifests {} have no lock file beside them: {}{more}",
        all.len(),
        excuse.says(),
        paths.join(", ")
    );
    let Some(lock) = lock_for(first) else { return };
    report.weigh(&rules::LOCK_MISSING, Level::Note, first.text.place(0..0), message, lock.help());
}

fn tell_one(bare: &Bare<'_>, report: &mut Report) {
    let is_fixed = |one: &&Declared| one.verdict.is_exact() || one.verdict == Verdict::Local;
    // What `go.mod` names is exact, and `go.sum` is not about versions: without it nothing is built at all.
    let all_fixed = bare.declared.iter().all(is_fixed) && bare.manifest.dialect != Dialect::Go;
    tell_as(bare, if all_fixed { Level::Warn } else { Level::Error }, report);
    // What every requirement leaves open is in the message; each by itself is evidence.
    for one in &bare.declared {
        let details = vec![("name", one.name.clone()), ("verdict", one.verdict.name().to_owned())];
        report.show("deps/unlocked", one.place.clone(), one.shown.clone(), details);
        // These two are about where a package comes from, which only a lock would have settled.
        let (rule, says) = match one.verdict {
            Verdict::VcsBranch => (&rules::VCS_BRANCH, "is not at a full commit"),
            Verdict::Url => (&rules::URL_WITHOUT_DIGEST, "has no digest"),
            _ => continue,
        };
        let message = format!("`{}` {says}, and nothing locks it", one.shown);
        report.weigh(rule, Level::Warn, one.place.clone(), message, "commit a lock file");
    }
}

fn tell_as(bare: &Bare<'_>, level: Level, report: &mut Report) {
    let Some(lock) = lock_for(bare) else { return };
    let message = format!(
        "{} {} declared and no lock file beside it ({}){}",
        bare.declared.len(),
        if bare.declared.len() == 1 { "requirement is" } else { "requirements are" },
        lock.named(),
        open(&bare.declared)
    );
    report.weigh(&rules::LOCK_MISSING, level, bare.text.place(0..0), message, lock.help());
}

/// How much the requirements leave open: `: 130 are ranges, 4 unpinned`.
fn open(declared: &[&Declared]) -> String {
    let of = |verdict: Verdict| declared.iter().filter(|one| one.verdict == verdict).count();
    let kinds = [
        (of(Verdict::Range), "a range", "ranges"),
        (of(Verdict::Unpinned), "unpinned", "unpinned"),
        (of(Verdict::Wildcard), "a wildcard", "wildcards"),
    ];
    let parts: Vec<String> = kinds
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .enumerate()
        .map(|(at, (count, one, many))| match (at, count) {
            (0, 1) => format!(": 1 is {one}"),
            (0, _) => format!(": {count} are {many}"),
            (_, 1) => format!(", 1 {one}"),
            _ => format!(", {count} {many}"),
        })
        .collect();
    parts.concat()
}

/// The lock that would be there.
enum Lock {
    /// Of the tool that the manifest is written for.
    Of(&'static Format),
    /// `requirements.txt`, compiled.
    Compiled,
    /// Python has several tools, and nothing says which is used.
    AnyOfPython,
}

impl Lock {
    fn named(&self) -> &'static str {
        match self {
            Self::Of(format) => format.file,
            Self::Compiled => "a compiled requirements file",
            Self::AnyOfPython => "uv.lock or a compiled requirements file",
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Of(format) => format!("run `{}` and commit `{}`", format.made_by, format.file),
            Self::Compiled => "run `pip-compile --generate-hashes` and commit what it writes".to_owned(),
            Self::AnyOfPython => {
                "run `uv lock` or `pip-compile --generate-hashes`, and commit what it writes".to_owned()
            }
        }
    }
}

/// The lock of the tool that a manifest is written for; `None` where an ecosystem has none.
fn lock_for(bare: &Bare<'_>) -> Option<Lock> {
    if bare.manifest.ecosystem == Ecosystem::PyPI {
        return Some(of_python(bare));
    }
    let format = match bare.manifest.dialect {
        Dialect::Npm => {
            let manager = bare.manifest.manager.as_deref();
            manager.and_then(by_manager).or_else(|| lock::of("package-lock.json"))
        }
        _ => lock::FORMATS.iter().find(|format| format.ecosystem == bare.manifest.ecosystem),
    };
    format.map(Lock::Of)
}

/// What `packageManager` names (Corepack).
fn by_manager(manager: &str) -> Option<&'static Format> {
    lock::of(match manager {
        "yarn" => "yarn.lock",
        "pnpm" => "pnpm-lock.yaml",
        _ => return None,
    })
}

/// The tables of a tool, or the build back end that it brings, say which one is used (`[tool.uv]`; PEP 518 gives every
/// tool its table, PEP 517 the back end its key).
fn of_python(bare: &Bare<'_>) -> Lock {
    const TOOLS: [(&str, &str, &str); 4] = [
        ("uv", "uv_build", "uv.lock"),
        ("poetry", "poetry", "poetry.lock"),
        ("pdm", "pdm", "pdm.lock"),
        ("pip-tools", "pip-tools", ""),
    ];
    let content = &bare.text.content;
    let has_table = |tool: &str| {
        let mut heads = content.lines().filter_map(|line| line.trim_start().strip_prefix("[tool."));
        heads.any(|head| head.strip_prefix(tool).is_some_and(|rest| rest.starts_with([']', '.'])))
    };
    let backend = content.lines().find(|line| line.trim_start().starts_with("build-backend"));
    let file = match bare.manifest.dialect {
        _ if bare.manifest.path.ends_with("Pipfile") => Some("Pipfile.lock"),
        Dialect::Poetry => Some("poetry.lock"),
        _ => {
            let by_table = TOOLS.iter().find(|(tool, ..)| has_table(tool));
            let by_backend =
                || TOOLS.iter().find(|(_, end, _)| backend.is_some_and(|line| line.contains(end)));
            by_table.or_else(by_backend).map(|(.., file)| *file)
        }
    };
    match file {
        None => Lock::AnyOfPython,
        Some(file) => lock::of(file).map_or(Lock::Compiled, Lock::Of),
    }
}
