//! `twelve-run.toml`: what stands beside the Procfile, so that the Procfile stays valid everywhere.
//!
//! Strict: an unknown key or a wrong value is an error with its place, and all are told at once. `tree` gets
//! the tables out of the text, `raw` says what they look like, `values` what may be written in them; here
//! and in `after` and `health` they become what is meant.

mod after;
mod health;
mod raw;
mod schema;
mod terms;
mod tree;
mod values;

use super::plan::{
    After, Backoff, Environment, Health, LogFormat, Logs, OnExit, Pty, Restart, StopSignal, Watch,
};
use super::problem::{Place, Placed, Problem, Source};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use terms::Address;
use values::At;

pub use schema::schema;
pub use values::{LOG_FORMATS, PTYS, RESTARTS, duration};

/// What the file says.
#[derive(Debug, Default)]
pub struct Settings {
    /// `[process.X]`, by name.
    pub processes: BTreeMap<String, Process>,
    /// `[logs]`, with its defaults.
    pub logs: Logs,
    /// The rest of `[logs]`.
    pub lines: Lines,
    /// `[http] listen`.
    pub http: Option<SocketAddr>,
    /// `[[audit.allow]]`.
    pub allow: Vec<Allow>,
    /// Where each value is written, by its keys with dots between: `process.web.health.startup.every`.
    pub places: BTreeMap<String, Place>,
}

/// How lines are shown, as far as `[logs]` says so.
#[derive(Debug, Default)]
pub struct Lines {
    /// In which format.
    pub format: Option<LogFormat>,
    /// Without secrets.
    pub redact: Option<bool>,
    /// Whose values are secrets, too.
    pub secrets: Vec<String>,
}

/// What `[process.X]` says; `None` and empty are not said.
#[derive(Debug, Default)]
pub struct Process {
    /// How many `start` brings up.
    pub instances: Option<u16>,
    /// What it waits for.
    pub after: Vec<Placed<After>>,
    /// When it is started again.
    pub restart: Option<Restart>,
    /// How often in a row.
    pub max_restarts: Option<u32>,
    /// How soon, with its defaults.
    pub backoff: Backoff,
    /// What its end means for the others.
    pub on_exit: Option<OnExit>,
    /// What asks it to stop.
    pub stop_signal: Option<StopSignal>,
    /// How long it has then.
    pub grace: Option<std::time::Duration>,
    /// Whether it writes to a terminal.
    pub pty: Option<Pty>,
    /// Its folder, as written.
    pub cwd: Option<Placed<PathBuf>>,
    /// The program that gets its command with `-c`.
    pub shell: Option<OsString>,
    /// Its own variables.
    pub env: Environment,
    /// Its own environment files, as written.
    pub env_files: Vec<Placed<PathBuf>>,
    /// The sockets that are held for it.
    pub listen: Vec<SocketAddr>,
    /// The files whose change it is interested in.
    pub watch: Watch,
    /// How it is asked whether it is well.
    pub health: Health,
}

/// A finding of the audit that is let pass.
#[derive(Debug, Clone)]
pub struct Allow {
    /// Its rule, or the beginning of several and `*`.
    pub rule: Placed<String>,
    /// A pattern of the files in which it is; `None`: everywhere.
    pub path: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it is let pass.
    pub until: Option<Date>,
}

/// Reads the file for the types of a Procfile, in their order; with every problem.
pub fn parse(source: &Arc<Source>, types: &[&str]) -> (Settings, Vec<Problem>) {
    let text = match std::str::from_utf8(&source.text) {
        Ok(text) => text,
        Err(bad) => {
            let at = bad.valid_up_to();
            let problem = Problem::error("the text is not UTF-8").at(Place::new(source, at..at + 1));
            return (Settings::default(), vec![problem]);
        }
    };
    let tree::Read { tables, problems, places, cut } = tree::read::<raw::File>(source, text, types);
    let mut reader = Reader { source, types, cut, problems, held: Vec::new() };
    let mut settings = Settings { places, ..Settings::default() };
    if let Some(file) = tables {
        reader.file(file, &mut settings);
    }
    // As they stand in the file; what follows from several lines at the last of them.
    reader.problems.sort_by_key(|problem| problem.place.as_ref().map(|place| place.span.start));
    (settings, reader.problems)
}

/// A process gets them as file descriptors, of which there are about as many.
const MOST_ADDRESSES: usize = 1000;

struct Reader<'a> {
    source: &'a Arc<Source>,
    /// The Procfile's, in its order.
    types: &'a [&'a str],
    /// What was there and was refused.
    cut: Vec<String>,
    problems: Vec<Problem>,
    /// Every address so far.
    held: Vec<(SocketAddr, Place)>,
}

impl Reader<'_> {
    fn file(&mut self, file: raw::File, settings: &mut Settings) {
        for (name, process) in file.process {
            let place = self.place(name.span());
            let name = name.into_inner().0;
            if self.types.contains(&name.as_str()) {
                let process = self.process(&name, process);
                settings.processes.insert(name, process);
            } else {
                let problem = Problem::error(format!("`{name}` is no process of the Procfile"));
                self.problems.push(problem.did_you_mean(&name, self.types.iter().copied()).at(place));
            }
        }
        let after = settings.processes.iter().map(|(name, process)| (name.clone(), process.after.clone()));
        self.circles(&after.collect());
        if let Some(logs) = file.logs {
            settings.logs = self.logs(&logs);
            settings.lines = Lines {
                format: logs.format.map(|word| word.0),
                redact: logs.redact,
                secrets: logs.secrets.into_iter().map(|glob| glob.0).collect(),
            };
        }
        settings.http = file.http.map(|http| self.listen(&http.listen));
        settings.allow =
            file.audit.into_iter().flat_map(|audit| audit.allow).map(|raw| self.allow(raw)).collect();
    }

    fn allow(&self, raw: raw::Allow) -> Allow {
        let place = self.place(raw.rule.span());
        Allow {
            rule: Placed { value: raw.rule.into_inner().0, place },
            path: raw.path.map(|glob| glob.0),
            reason: raw.reason.0,
            until: raw.until.map(|day| day.0),
        }
    }

    fn process(&mut self, name: &str, raw: raw::Process) -> Process {
        let backoff = self.backoff(&raw);
        let placed = |path: At<String>| {
            let place = Place::new(self.source, path.span());
            Placed { value: PathBuf::from(path.into_inner()), place }
        };
        let (cwd, env_files) = (raw.cwd.map(placed), raw.env_file.into_iter().map(placed).collect());
        let mut env = Environment::default();
        for (name, value) in raw.env {
            env.set(name.into_inner().0, value.into_inner().0);
        }
        Process {
            instances: raw.instances.map(|count| count.0 as u16),
            after: self.after(name, raw.after),
            restart: raw.restart.map(|word| word.0),
            max_restarts: raw.max_restarts.map(|count| count.0),
            backoff,
            on_exit: raw.on_exit.map(|word| word.0),
            stop_signal: raw.stop_signal.map(|signal| signal.0),
            grace: raw.grace.map(|time| time.0),
            pty: raw.pty.map(|word| word.0),
            cwd,
            shell: raw.shell.map(|shell| shell.0),
            env,
            env_files,
            listen: raw.listen.iter().map(|address| self.listen(address)).collect(),
            watch: raw.watch.map_or_else(Watch::default, |watch| Watch {
                globs: watch.globs.into_iter().map(|glob| glob.0).collect(),
                signal: watch.signal.map(|signal| signal.0),
            }),
            health: raw.health.map_or_else(Health::default, |health| self.health(name, health)),
        }
    }

    /// The defaults give way to what is written: who only lowers the most, or raises the first, means it.
    fn backoff(&mut self, raw: &raw::Process) -> Backoff {
        let default = Backoff::default();
        let first = raw.backoff.as_ref().map(|time| time.get().0);
        let most = raw.backoff_max.as_ref().map(|time| time.get().0);
        if let (Some(first), Some(most), Some(written)) = (first, most, &raw.backoff)
            && first > most
        {
            let sentence = format!("`backoff` of {first:?} is longer than `backoff_max`, {most:?}");
            self.problems.push(Problem::error(sentence).at(self.place(written.span())));
        }
        Backoff {
            first: first.unwrap_or(default.first.min(most.unwrap_or(default.first))),
            most: most.unwrap_or(default.most.max(first.unwrap_or(default.most))),
            reset_after: raw.reset_after.map_or(default.reset_after, |time| time.0),
        }
    }

    fn logs(&mut self, raw: &raw::Logs) -> Logs {
        let default = Logs::default();
        let each = raw.each.as_ref().map(|size| size.get().0);
        let all = raw.all.as_ref().map(|size| size.get().0);
        let spans = [raw.each.as_ref().map(At::span), raw.all.as_ref().map(At::span)];
        if let Some(span) = spans.into_iter().flatten().next()
            && each.unwrap_or(default.each) > all.unwrap_or(default.all)
        {
            let problem = Problem::error("`each` is more than `all` together");
            self.problems.push(problem.at(self.place(span)));
        }
        Logs { each: each.unwrap_or(default.each), all: all.unwrap_or(default.all) }
    }

    /// An address that nobody else in the file has.
    fn listen(&mut self, written: &At<Address>) -> SocketAddr {
        let address = written.get().0;
        let place = self.place(written.span());
        if self.held.len() >= MOST_ADDRESSES {
            if self.held.len() == MOST_ADDRESSES {
                let sentence = format!("these are more than {MOST_ADDRESSES} addresses");
                self.problems.push(Problem::error(sentence).at(place.clone()));
                self.held.push((address, place));
            }
            return address;
        }
        if let Some((other, first)) = self.held.iter().find(|(other, _)| meet(*other, address)) {
            let sentence = if *other == address {
                format!("`{address}` is named twice")
            } else {
                format!("`{address}` and `{other}` cannot both be held")
            };
            let problem = Problem::error(sentence).at(place.clone());
            self.problems.push(problem.also(first.clone(), "first here"));
        }
        self.held.push((address, place));
        address
    }

    fn place(&self, span: Range<usize>) -> Place {
        Place::new(self.source, span)
    }
}

/// Whether the system gives out only one of the two: the same, or all addresses and one of them.
fn meet(one: SocketAddr, other: SocketAddr) -> bool {
    let all = |address: SocketAddr| address.ip().is_unspecified() && one.is_ipv4() == other.is_ipv4();
    one.port() == other.port() && (one.ip() == other.ip() || all(one) || all(other))
}

#[cfg(test)]
mod tests;
