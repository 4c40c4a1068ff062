//! The only door of this room: reads what was typed, the environment and the files. `join` makes one plan of
//! them, `one` what `run` needs.

mod join;
mod notes;
mod one;

use crate::app::defaults::{self, Said};
use crate::app::dotenv::{self, Scope};
use crate::app::origin::Origins;
use crate::app::plan::{Environment, Plan};
use crate::app::problem::{Level, Problem};
use crate::app::procfile::{self, Entry};
use crate::app::settings::{self, Allow, Settings};
use crate::app::source::{self, Kind, Unread};
use crate::app::typed::{Typed, World};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What came of reading.
#[derive(Debug)]
pub struct Reading {
    /// `None` exactly when there is an error among the problems.
    pub plan: Option<Plan>,
    /// Every problem that was found.
    pub problems: Vec<Problem>,
    /// Where the values came from; those of variables are nobody's business.
    pub origins: Origins,
    /// The Procfile's entries, as far as it could be read.
    pub entries: Vec<Entry>,
    /// What the audit is to let pass.
    pub allow: Vec<Allow>,
}

/// What came of reading for `run`.
#[derive(Debug)]
pub struct RunReading {
    /// Every problem that was found.
    pub problems: Vec<Problem>,
    /// `None` exactly when there is an error among them.
    pub one: Option<One>,
}

/// One command, ready to be run.
#[derive(Debug)]
pub struct One {
    /// It alone: one type with one instance.
    pub plan: Plan,
    /// `Some`: these words, without a shell.
    pub words: Option<Vec<OsString>>,
    /// Its whole environment.
    pub environment: Environment,
}

/// What our own manager meant for us is not for the processes.
const OURS: [&str; 6] =
    ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"];

/// Reads the app for `start` and `check`.
pub fn load(typed: &Typed, world: &World) -> Reading {
    let mut loader = Loader::new(typed, world);
    let entries = loader.procfile();
    loader.environment();
    let plan = if entries.is_empty() { None } else { Some(loader.plan(&entries)) };
    let failed = loader.problems.iter().any(|problem| problem.level == Level::Error);
    Reading {
        plan: plan.filter(|_| !failed),
        origins: loader.origins(),
        problems: loader.problems,
        entries,
        allow: loader.allow,
    }
}

/// Reads the app for `run`: one argument that is a process type means that, anything else is a command,
/// which needs no Procfile.
pub fn load_for_run(typed: &Typed, words: &[OsString], world: &World) -> RunReading {
    let mut loader = Loader::new(typed, world);
    let there = loader.procfile.exists() || loader.typed.procfile.is_some();
    let entries = if there && words.len() == 1 { loader.procfile() } else { Vec::new() };
    loader.environment();
    let kind = entries.iter().find(|entry| words.first().is_some_and(|word| *word == *entry.name.value));
    let one = match kind {
        Some(kind) => {
            loader.typed.formation = vec![format!("{}=1", kind.name.value)];
            loader.alone = true;
            one::of_type(loader.plan(&entries), &kind.name.value)
        }
        None => loader.one_command(words),
    };
    let failed = loader.problems.iter().any(|problem| problem.level == Level::Error);
    RunReading { problems: loader.problems, one: one.filter(|_| !failed) }
}

/// The app's folder, absolute and without symbolic links where it exists: what every command means by
/// "here". Reads no file of the app.
pub fn root(typed: &Typed, world: &World) -> PathBuf {
    Loader::new(typed, world).root
}

struct Loader<'a> {
    typed: Typed,
    /// What the `.foreman` file says; it stands below `twelve-run.toml`.
    foreman: Typed,
    world: &'a World,
    root: PathBuf,
    procfile: PathBuf,
    shown: String,
    scope: Scope,
    /// Where what is in `typed` and in `foreman` comes from.
    said: Said,
    foreman_said: Said,
    origins: Origins,
    /// What every process inherits.
    inherited: Environment,
    /// One type is run by itself, and waits for nobody.
    alone: bool,
    allow: Vec<Allow>,
    problems: Vec<Problem>,
}

impl<'a> Loader<'a> {
    fn new(typed: &Typed, world: &'a World) -> Self {
        let mut typed = typed.clone();
        let (mut said, mut problems) = defaults::from_environment(&mut typed, &world.environment);
        let (mut foreman, mut foreman_said) = (Typed::default(), Said::new());
        match source::read(&world.cwd.join(".foreman"), ".foreman", Kind::Text) {
            Ok(file) => {
                let (fallback, places, more) = defaults::from_foreman(&file);
                typed.fall_back_on(&fallback, &mut said, &places);
                (foreman, foreman_said) = (fallback, places);
                problems.extend(more);
            }
            Err(Unread::Missing) => {}
            Err(unread) => problems.push(unread.problem(".foreman")),
        }
        let asked_root = typed.root.as_ref().map(|root| world.cwd.join(root));
        let (procfile, shown) = match (&typed.procfile, &typed.root) {
            (Some(file), _) => (world.cwd.join(file), file.display().to_string()),
            (None, Some(root)) => {
                (world.cwd.join(root).join("Procfile"), root.join("Procfile").display().to_string())
            }
            (None, None) => (world.cwd.join("Procfile"), "Procfile".to_owned()),
        };
        let root = asked_root.unwrap_or_else(|| procfile.parent().unwrap_or(&world.cwd).to_owned());
        // A folder that is not there is told when something in it is read.
        let root = root.canonicalize().unwrap_or(root);
        let mut real = world.environment.clone();
        for name in OURS {
            real.remove(name);
        }
        let scope = Scope::new(real, typed.env_override.unwrap_or(false));
        Self {
            typed,
            foreman,
            world,
            root,
            procfile,
            shown,
            scope,
            said,
            foreman_said,
            origins: Origins::default(),
            inherited: Environment::default(),
            alone: false,
            allow: Vec::new(),
            problems,
        }
    }

    fn procfile(&mut self) -> Vec<Entry> {
        match source::read(&self.procfile, &self.shown, Kind::Text) {
            Ok(text) => {
                let (entries, problems) = procfile::parse(&text);
                self.problems.extend(problems);
                entries
            }
            Err(unread) => {
                let missing = matches!(unread, Unread::Missing);
                let mut problem = unread.problem(&self.shown);
                if missing {
                    problem = problem.help("name one with `-f`, or its folder with `-d`");
                }
                self.problems.push(problem);
                Vec::new()
            }
        }
    }

    /// Reads the environment files into the scope.
    fn environment(&mut self) {
        let named: Vec<PathBuf> = self.typed.env_files.iter().flat_map(|files| split_commas(files)).collect();
        if named.is_empty() {
            return self.found_environment();
        }
        for file in named {
            let shown = file.display().to_string();
            let path = self.world.cwd.join(&file);
            match self.world.piped.or_read(&path, || source::read(&path, &shown, Kind::NamedSecret)) {
                Ok(text) => self.problems.extend(dotenv::read(&text, &mut self.scope)),
                Err(unread) => self.problems.push(unread.problem(&shown)),
            }
        }
    }

    /// `.env` in the app's folder, if there is one.
    fn found_environment(&mut self) {
        let path = self.root.join(".env");
        let shown = shown_in(&self.world.cwd, &path);
        match source::read(&path, &shown, Kind::Secret) {
            Ok(text) => self.problems.extend(dotenv::read(&text, &mut self.scope)),
            Err(Unread::Missing) => {}
            Err(unread) => self.problems.push(unread.problem(&shown)),
        }
        let here = self.world.cwd.join(".env");
        let elsewhere = self.world.cwd.canonicalize().is_ok_and(|cwd| cwd != self.root);
        if elsewhere && here.exists() {
            let sentence = format!("`.env` in this folder is not read; the app's is `{shown}`");
            self.problems.push(Problem::warning(sentence).help("name it with `-e .env`"));
        }
    }

    /// `twelve-run.toml`, if there is one.
    fn settings(&mut self, names: &[&str]) -> Settings {
        let path = self.root.join("twelve-run.toml");
        let shown = shown_in(&self.world.cwd, &path);
        match source::read(&path, &shown, Kind::Text) {
            Ok(text) => {
                let (settings, problems) = settings::parse(&text, names);
                self.problems.extend(problems);
                settings
            }
            Err(Unread::Missing) => Settings::default(),
            Err(unread) => {
                self.problems.push(unread.problem(&shown));
                Settings::default()
            }
        }
    }
}

fn split_commas(files: &OsStr) -> Vec<PathBuf> {
    let parts = files.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    parts.filter(|part| !part.is_empty()).map(|part| PathBuf::from(OsStr::from_bytes(part))).collect()
}

/// A path as people standing in `cwd` name it.
fn shown_in(cwd: &Path, path: &Path) -> String {
    let cwd = cwd.canonicalize().unwrap_or_else(|_| cwd.to_owned());
    path.strip_prefix(cwd).unwrap_or(path).display().to_string()
}
