//! The only door of this room: joins what was typed, the environment and the files to one plan.

use super::dotenv::{self, Scope};
use super::formation::{self, Asked};
use super::plan::{
    Color, Environment, Errand, Logs, OnExit, Plan, ProcessType, Pty, Rules, TypeId, View, Watch,
};
use super::problem::{Level, Place, Problem, Source};
use super::procfile::{self, Entry};
use super::settings::{self, Process, Settings};
use super::source::{self, Kind, Unread};
use super::typed::{Typed, World};
use super::{defaults, ports};
use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What came of reading.
#[derive(Debug)]
pub struct Reading {
    /// `None` exactly when there is an error among the problems.
    pub plan: Option<Plan>,
    /// Every problem that was found.
    pub problems: Vec<Problem>,
    /// Where the environment files set each name; values are nobody's business.
    pub set_by_files: HashMap<String, Place>,
    /// The Procfile's entries, as far as it could be read.
    pub entries: Vec<Entry>,
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
        problems: loader.problems,
        set_by_files: loader.scope.places,
        entries,
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
            one_type(loader.plan(&entries), &kind.name.value)
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
    problems: Vec<Problem>,
}

impl<'a> Loader<'a> {
    fn new(typed: &Typed, world: &'a World) -> Self {
        let mut typed = typed.clone();
        let mut problems = defaults::from_environment(&mut typed, &world.environment);
        let mut foreman = Typed::default();
        match source::read(&world.cwd.join(".foreman"), ".foreman", Kind::Text) {
            Ok(file) => {
                let (said, more) = defaults::from_foreman(&file);
                typed.fall_back_on(&said);
                foreman = said;
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
        Self { typed, foreman, world, root, procfile, shown, scope, problems }
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
            match source::read(&self.world.cwd.join(&file), &shown, Kind::NamedSecret) {
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

    /// The environment of a process, before what is assigned to it.
    fn merged(&self, own: &Environment) -> Environment {
        let Scope { real, set, files_win, .. } = &self.scope;
        let order = if *files_win { [real, set, own] } else { [set, own, real] };
        let mut merged = Environment::default();
        for layer in order {
            for (name, value) in layer.iter() {
                merged.set(name, value);
            }
        }
        merged
    }

    fn plan(&mut self, entries: &[Entry]) -> Plan {
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.value.as_str()).collect();
        let Settings { mut processes, logs, http, .. } = self.settings(&names);
        let typed = [("-m", self.typed.formation.clone()), ("start", self.typed.types.clone())];
        let asked = self.asked(&names, &typed);
        let foreman = [(".foreman", self.foreman.formation.clone())];
        let by_foreman = self.asked(&names, if asked.is_empty() { &foreman } else { &[] });
        let by_default = self.app_json();
        let base_port = self.base_port();
        let graces = self.graces();
        let quiet = self.quiet(&names);
        let mut types = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let name = &entry.name.value;
            let process = processes.remove(name).unwrap_or_default();
            let usual = process.instances.or_else(|| by_default.get(name).copied()).unwrap_or(1);
            let count = match asked.is_empty() {
                true if name == "release" => by_foreman.count(name, 0),
                true if process.instances.is_none() && !by_foreman.is_empty() => {
                    by_foreman.count(name, usual)
                }
                true => usual,
                false => asked.count(name, usual.max(u16::from(name == "release"))),
            };
            let port = ports::of_type(base_port, at);
            types.push(self.process_type(entry, process, count, port, graces));
        }
        self.problems.extend(ports::check(&types, base_port));
        if types.iter().all(|kind| kind.count == 0) && asked.is_empty() && names == ["release"] {
            let problem = Problem::error(
                "there is nothing to start: `release` is run before a release, not by `start`",
            );
            self.problems.push(problem.help("`twelve-run start release` runs it"));
        }
        self.check_folder();
        let errand = self.errand(&mut types, base_port, graces[0].or(graces[1]));
        Plan {
            root: self.root.clone(),
            procfile: PathBuf::from(&self.shown),
            types,
            base_port,
            environment: self.merged(&Environment::default()),
            view: self.view(quiet),
            logs,
            http,
            errand,
        }
    }

    fn view(&self, quiet: Vec<TypeId>) -> View {
        View {
            color: self.typed.color.unwrap_or(Color::Auto),
            timestamp: self.typed.timestamp.unwrap_or(true),
            prefix: self.typed.prefix.unwrap_or(true),
            quiet,
        }
    }

    fn process_type(
        &mut self,
        entry: &Entry,
        process: Process,
        count: u16,
        port: Option<u16>,
        [typed_grace, foreman_grace]: [Option<Duration>; 2],
    ) -> ProcessType {
        let default = Rules::default();
        let (typed, foreman) = (&self.typed, &self.foreman);
        let on_exit = |typed: &Typed| typed.keep_going.unwrap_or(false).then_some(OnExit::Continue);
        let on_exit = on_exit(typed).or(process.on_exit).or(on_exit(foreman));
        let rules = Rules {
            restart: typed.restart.or(process.restart).or(foreman.restart).unwrap_or(default.restart),
            max_restarts: process.max_restarts,
            on_exit: on_exit.unwrap_or(default.on_exit),
            stop_signal: process.stop_signal.unwrap_or(default.stop_signal),
            grace: typed_grace.or(process.grace).or(foreman_grace).unwrap_or(default.grace),
            backoff: process.backoff,
            after: process.after.iter().map(|after| after.value).collect(),
            health: process.health,
        };
        let pty = typed.pty.or(process.pty).or(foreman.pty).unwrap_or(Pty::Auto);
        let cwd = match process.cwd {
            Some(cwd) => {
                let path = self.root.join(&cwd.value);
                if !path.is_dir() {
                    let sentence = format!("the folder `{}` does not exist", cwd.value.display());
                    self.problems.push(Problem::error(sentence).at(cwd.place));
                }
                path
            }
            None => self.root.clone(),
        };
        ProcessType {
            name: entry.name.value.clone(),
            command: entry.command.value.clone(),
            count,
            rules,
            pty,
            cwd,
            shell: process.shell,
            port,
            listen: process.listen,
            watch: process.watch,
            retired: false,
            environment: self.merged(&process.env),
        }
    }

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

    /// How many of each these arguments, told apart by their names, ask for.
    fn asked(&mut self, names: &[&str], arguments: &[(&str, Vec<String>)]) -> Asked {
        let mut asked = Asked::default();
        for (source, text) in
            arguments.iter().flat_map(|(source, all)| all.iter().map(move |text| (source, text)))
        {
            self.problems.extend(asked.add(&Source::new(*source, text.as_str()), names));
        }
        asked
    }

    /// Heroku's `app.json` may say how many of each.
    fn app_json(&mut self) -> BTreeMap<String, u16> {
        let path = self.root.join("app.json");
        let shown = shown_in(&self.world.cwd, &path);
        let Ok(text) = source::read(&path, &shown, Kind::Text) else { return BTreeMap::new() };
        formation::of_app_json(&text).unwrap_or_else(|problem| {
            self.problems.push(problem);
            BTreeMap::new()
        })
    }

    /// `-p` > `PORT` (the real one, else the files') > 5000.
    fn base_port(&mut self) -> u16 {
        let asked = match (&self.typed.port, self.scope.get("PORT").filter(|port| !port.is_empty())) {
            (Some(port), _) => Source::new("-p", port.as_str()),
            (None, Some(port)) => Source::new("PORT", port.as_bytes()),
            (None, None) => return ports::FIRST,
        };
        ports::base(&asked).unwrap_or_else(|problem| {
            self.problems.push(problem);
            ports::FIRST
        })
    }

    /// The grace that was typed, and the one of the `.foreman` file.
    fn graces(&mut self) -> [Option<Duration>; 2] {
        let foreman = self.foreman.timeout.clone().filter(|_| self.typed.timeout.is_none());
        [("-t", self.typed.timeout.clone()), (".foreman", foreman)].map(|(name, text)| {
            let text = text?;
            let refuse = |sentence| {
                let source = Source::new(name, text.as_str());
                self.problems.push(Problem::error(sentence).at(Place::new(&source, 0..text.len())));
            };
            settings::duration(&text).map_err(refuse).ok()
        })
    }

    fn quiet(&mut self, names: &[&str]) -> Vec<TypeId> {
        let mut quiet = Vec::new();
        for name in self
            .typed
            .quiet
            .iter()
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            match names.iter().position(|known| *known == name) {
                Some(at) => quiet.push(TypeId(at as u16)),
                None => self.problems.push(
                    Problem::error(format!("`{name}` is no process of the Procfile"))
                        .did_you_mean(name, names.iter().copied()),
                ),
            }
        }
        quiet
    }

    /// A folder that everybody can write is no place for root to run things from (FAULTS I11).
    fn check_folder(&mut self) {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let Ok(folder) = std::fs::metadata(&self.root) else { return };
        let others_write =
            folder.permissions().mode() & 0o002 != 0 && folder.permissions().mode() & 0o1000 == 0;
        if nix::unistd::geteuid().is_root()
            && (others_write || (folder.uid() != 0 && folder.permissions().mode() & 0o020 != 0))
        {
            self.problems.push(Problem::warning(format!(
                "root runs commands from `{}`, which others can write",
                self.root.display()
            )));
        }
    }

    fn one_command(&mut self, words: &[OsString]) -> Option<One> {
        let base_port = self.base_port();
        let [typed_grace, foreman_grace] = self.graces();
        let (mut kind, words) = self.command("run", words, base_port, typed_grace.or(foreman_grace))?;
        kind.count = 1;
        let environment = kind.environment.clone();
        let plan = Plan {
            root: self.root.clone(),
            procfile: PathBuf::from(&self.shown),
            types: vec![kind],
            base_port,
            environment: environment.clone(),
            view: self.view(Vec::new()),
            logs: Logs::default(),
            http: None,
            errand: None,
        };
        Some(One { plan, words, environment })
    }

    /// A command that is no process of the Procfile, as a type without instances: in the caller's folder,
    /// with the first port. One word is a line for the shell, several are executed as they are.
    fn command(
        &self,
        name: &str,
        words: &[OsString],
        base_port: u16,
        grace: Option<Duration>,
    ) -> Option<(ProcessType, Option<Vec<OsString>>)> {
        let (line, words) = match words {
            [] => return None,
            [line] => (line.clone(), None),
            several => (several.join(OsStr::new(" ")), Some(several.to_vec())),
        };
        let mut environment = self.merged(&Environment::default());
        environment.set("PORT", base_port.to_string());
        environment.set("PS", format!("{name}.1"));
        let kind = ProcessType {
            name: name.into(),
            command: line,
            count: 0,
            rules: Rules { grace: grace.unwrap_or(Rules::default().grace), ..Rules::default() },
            pty: Pty::Never,
            cwd: self.world.cwd.clone(),
            shell: None,
            port: None,
            listen: Vec::new(),
            watch: Watch::default(),
            retired: false,
            environment,
        };
        Some((kind, words))
    }

    /// What is run beside the app.
    fn errand(
        &self,
        types: &mut Vec<ProcessType>,
        base_port: u16,
        grace: Option<Duration>,
    ) -> Option<Errand> {
        let taken = types.iter().any(|kind| kind.name == "run");
        let name = if taken { "run-command" } else { "run" };
        let (kind, words) = self.command(name, &self.typed.command, base_port, grace)?;
        types.push(kind);
        Some(Errand { kind: TypeId(types.len() as u16 - 1), words })
    }
}

/// The plan with this type alone; the others keep their ports.
fn one_type(mut plan: Plan, name: &str) -> Option<One> {
    let at = plan.types.iter().position(|kind| kind.name == name)?;
    let environment = plan.environment_of(TypeId(at as u16), 1);
    plan.types = vec![plan.types.swap_remove(at)];
    plan.view.quiet.clear();
    Some(One { plan, words: None, environment })
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
