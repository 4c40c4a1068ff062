//! Joins what was read to a plan: what was typed before variables, those before `twelve-run.toml`, that before
//! a `.foreman` file, and the defaults last.

use super::{Loader, shown_in};
use crate::app::dotenv::{self, Scope};
use crate::app::formation::{self, Asked};
use crate::app::origin::Origin;
use crate::app::plan::{
    After, Color, Environment, LogFormat, Milestone, OnExit, Plan, ProcessType, Pty, Restart, Rules, TypeId,
    View, offered,
};
use crate::app::ports;
use crate::app::problem::{Place, Placed, Problem, Source};
use crate::app::procfile::Entry;
use crate::app::settings::{self, Lines, Process, Settings};
use crate::app::source::{self, Kind};
use crate::app::typed::Typed;
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

impl Loader<'_> {
    /// The plan of these entries, sound when no problem of it is an error.
    pub(super) fn plan(&mut self, entries: &[Entry]) -> Plan {
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.value.as_str()).collect();
        let Settings { mut processes, logs, lines, http, allow, places } = self.settings(&names);
        self.allow = allow;
        let typed = [("-m", self.typed.formation.clone()), ("start", self.typed.types.clone())];
        let asked = self.asked(&names, &typed);
        let foreman = [(".foreman", self.foreman.formation.clone())];
        let by_foreman = self.asked(&names, if asked.is_empty() { &foreman } else { &[] });
        let by_default = self.app_json();
        for name in by_default.keys() {
            self.origins.note(format!("process.{name}.instances"), Origin::File("app.json"));
        }
        self.note_origins(&names, &places, !by_foreman.is_empty(), !asked.is_empty());
        let base_port = self.base_port();
        let graces = self.graces();
        let quiet = self.quiet(&names);
        self.inherited = self.merged(&self.scope.set, &Environment::default());
        let mut types = Vec::new();
        let mut waits = Vec::new();
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
            waits.push(process.after.clone());
            types.push(self.process_type(entry, process, count, port, graces, &places));
        }
        let chosen = base_port != ports::FIRST || self.typed.port.is_some();
        self.problems.extend(ports::check(&types, base_port, chosen));
        if !self.alone {
            self.check_waits(&types, &waits);
        }
        if types.iter().all(|kind| kind.count == 0) && asked.is_empty() && names == ["release"] {
            let problem = Problem::error(
                "there is nothing to start: `release` is run before a release, not by `start`",
            );
            self.problems.push(problem.help("`twelve-run start release` runs it"));
        }
        self.check_folder();
        let offered = offered(&types);
        let errand = self.errand(&mut types, base_port, graces[0].or(graces[1]));
        Plan {
            root: self.root.clone(),
            procfile: PathBuf::from(&self.shown),
            types,
            base_port,
            environment: self.inherited.clone(),
            offered,
            view: self.view(quiet, lines),
            logs,
            http,
            errand,
        }
    }

    pub(super) fn view(&self, quiet: Vec<TypeId>, lines: Lines) -> View {
        let format = self.typed.log_format.or(lines.format).unwrap_or(LogFormat::Text);
        let by_default = matches!(format, LogFormat::Json | LogFormat::Logfmt);
        View {
            format,
            redact: self.typed.redact_logs.or(lines.redact).unwrap_or(by_default),
            secrets: lines.secrets,
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
        places: &BTreeMap<String, Place>,
    ) -> ProcessType {
        let environment = if process.env.is_empty() && process.env_files.is_empty() {
            self.inherited.clone()
        } else {
            let files = self.own_files(&entry.name.value, &process, places);
            self.merged(&files, &process.env)
        };
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
            environment,
        }
    }

    /// The environment of a process, before what is assigned to it: what the files say, and its own.
    pub(super) fn merged(&self, files: &Environment, own: &Environment) -> Environment {
        let real = &self.scope.real;
        let order = if self.scope.files_win { [real, files, own] } else { [files, own, real] };
        let mut merged = Environment::default();
        for layer in order {
            for (name, value) in layer.iter() {
                merged.set(name, value);
            }
        }
        merged
    }

    /// The environment files with those of one type read after them.
    fn own_files(&mut self, name: &str, process: &Process, places: &BTreeMap<String, Place>) -> Environment {
        let mut scope = Scope::new(self.scope.real.clone(), self.scope.files_win);
        scope.set = self.scope.set.clone();
        for file in &process.env_files {
            let path = self.root.join(&file.value);
            let shown = shown_in(&self.world.cwd, &path);
            let problems = match source::read(&path, &shown, Kind::Secret) {
                Ok(text) => dotenv::read(&text, &mut scope),
                Err(unread) => vec![unread.problem(&shown).at(file.place.clone())],
            };
            // Several types may have the same file, with the same mistakes.
            let new: Vec<_> = problems.into_iter().filter(|one| !self.problems.contains(one)).collect();
            self.problems.extend(new);
        }
        for (variable, _) in process.env.iter() {
            let variable = variable.to_string_lossy().into_owned();
            if let Some(place) = places.get(&format!("process.{name}.env.{variable}")) {
                scope.places.entry(variable).or_default().push(place.clone());
            }
        }
        self.origins.own.insert(name.to_owned(), scope.places);
        scope.set
    }

    /// Who waits for what is not going to be started would wait for ever.
    fn check_waits(&mut self, types: &[ProcessType], waits: &[Vec<Placed<After>>]) {
        for (kind, waits) in types.iter().zip(waits).filter(|(kind, _)| kind.count > 0) {
            for wait in waits {
                let awaited = &types[usize::from(wait.value.kind.0)];
                let (name, other) = (&kind.name, &awaited.name);
                let always = awaited.rules.restart == Restart::Always;
                let problem = if awaited.count == 0 {
                    let sentence = format!("`{name}` waits for `{other}`, which is not going to be started");
                    let cure = format!("start it as well (`{other}=1`), or take it out of `after`");
                    Problem::error(sentence).help(cure)
                } else if always && wait.value.milestone == Milestone::Completed {
                    let sentence =
                        format!("`{name}` waits for `{other}` to complete, which is always started again");
                    Problem::warning(sentence)
                        .help(format!("write `restart = \"on-failure\"` under `[process.{other}]`"))
                } else {
                    continue;
                };
                self.problems.push(problem.at(wait.place.clone()));
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
    pub(super) fn base_port(&mut self) -> u16 {
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
    pub(super) fn graces(&mut self) -> [Option<Duration>; 2] {
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
}
