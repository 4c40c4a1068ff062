//! The plan: the one value that is read downstream of `app`.
//!
//! Everything that was typed or written has become what is meant. A plan is complete (every default
//! is filled in) and sound (counts, ports and names have been checked), so nobody after it validates.

pub use super::environment::Environment;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// What is to be run, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The app's folder, absolute: `-d`, else the Procfile's. The default `cwd` of every process.
    pub root: PathBuf,
    /// The Procfile, as it is named to people.
    pub procfile: PathBuf,
    /// Every process type, in the order of the file; `release` is among them with `count` 0.
    pub types: Vec<ProcessType>,
    /// The first port: `-p` > `PORT` > 5000.
    pub base_port: u16,
    /// What every process inherits, before its own `env` and what is assigned to it.
    pub environment: Environment,
    /// What every process is told of the ports of all: [`offered`].
    pub offered: Environment,
    /// How lines are shown.
    pub view: View,
    /// How much of what was written is kept, in bytes.
    pub logs: Logs,
    /// Where health and metrics are served; `None`: nowhere.
    pub http: Option<std::net::SocketAddr>,
    /// What is run once the others are up, and ends everything when it ends: `start … -- CMD`.
    pub errand: Option<Errand>,
}

/// How much of what processes write is kept for `logs`, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logs {
    /// Of each instance; default 256 KiB.
    pub each: usize,
    /// Of all together; default 16 MiB.
    pub all: usize,
}

impl Default for Logs {
    fn default() -> Self {
        Self { each: 256 * 1024, all: 16 * 1024 * 1024 }
    }
}

/// A command for which the app is run: its type is the last of the plan's, with no instance to begin with.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Its type.
    pub kind: TypeId,
    /// `Some`: these words, without a shell. `None`: the type's command line.
    pub words: Option<Vec<OsString>>,
}

/// The position of a process type in [`Plan::types`], which is its position in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u16);

/// One line of the Procfile with all that `twelve-run.toml` and the flags say about it.
#[derive(Debug, Clone)]
pub struct ProcessType {
    /// `[A-Za-z0-9_-]+`, unique in the plan.
    pub name: String,
    /// The command line as written, for `/bin/sh -c` (or `shell`).
    pub command: OsString,
    /// How many instances `start` brings up, 0 to 1000.
    pub count: u16,
    /// When an ended process is started again, and what its end means for the others.
    pub rules: Rules,
    /// Whether its output is a terminal.
    pub pty: Pty,
    /// The folder it is started in, absolute.
    pub cwd: PathBuf,
    /// `None` is `/bin/sh`; otherwise this program with `-c`, always.
    pub shell: Option<OsString>,
    /// The port of instance 1, `None` when it would be past 65535; then it gets none.
    pub port: Option<u16>,
    /// Sockets that we hold and pass on (`LISTEN_FDS`), so that a restart never closes a port.
    pub listen: Vec<std::net::SocketAddr>,
    /// What of the app's files it is started anew for when they change.
    pub watch: Watch,
    /// The file has it no more, since a reload; its position stays.
    pub retired: bool,
    /// Its own environment: the plan's, with `[process.X] env` in its rank, without what is assigned.
    pub environment: Environment,
}

/// What of the app's files a type is interested in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watch {
    /// Globs relative to the app's folder; none: nothing is watched.
    pub globs: Vec<String>,
    /// What a change means: this signal, or a restart.
    pub signal: Option<StopSignal>,
}

/// What the supervisor goes by; it reads nothing else of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// When an ended process is started again.
    pub restart: Restart,
    /// After how many automatic restarts in a row it is given up; `None` is never.
    pub max_restarts: Option<u32>,
    /// What its last end means for the others.
    pub on_exit: OnExit,
    /// The signal that asks it to stop; default TERM.
    pub stop_signal: StopSignal,
    /// How long it has between the stop signal and KILL; default 8 s.
    pub grace: Duration,
    /// How long it waits before it is started again.
    pub backoff: Backoff,
    /// What must have happened to other types before it is started.
    pub after: Vec<After>,
    /// How it is asked whether it is well.
    pub health: Health,
}

/// The times between an end and the next start: doubling from the first to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// After the first end in a row; default 1 s.
    pub first: Duration,
    /// Never more; default 60 s.
    pub most: Duration,
    /// What was up for so long begins a new row; default 30 s.
    pub reset_after: Duration,
}

/// What must have happened to a type before another is started (`after = ["migrate:completed"]`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// Which type.
    pub kind: TypeId,
    /// What every instance of it must have come to.
    pub milestone: Milestone,
}

/// What an instance can come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Milestone {
    /// Its process runs.
    Started,
    /// Its startup and readiness probes have passed; without any, its process runs.
    Ready,
    /// It has ended with code 0.
    Completed,
}

impl Milestone {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Ready => "ready",
            Self::Completed => "completed",
        }
    }
}

/// The three tiers of health, as Kubernetes has them: startup gates the other two, readiness says whether
/// it is to be used, liveness whether it is to be started again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Until this has passed once, the others are not asked.
    pub startup: Option<Probe>,
    /// Never restarts anything.
    pub readiness: Option<Probe>,
    /// Its failure restarts the process.
    pub liveness: Option<Probe>,
}

/// One probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What is asked.
    pub how: ProbeHow,
    /// How often, and what counts.
    pub schedule: Schedule,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeHow {
    /// GET of a path at the process's port, or of a whole URL; 200 to 399 is well.
    Http(String),
    /// Whether a connection to its port is accepted, on 127.0.0.1 or `::1`.
    Tcp,
    /// A command line in its environment and folder; code 0 is well.
    Exec(OsString),
    /// A regular expression that a line of its output matches. Nobody asks: it is seen.
    Log(String),
    /// It says `READY=1` at `NOTIFY_SOCKET` (`sd_notify(3)`). Nobody asks: it is told.
    Notify,
}

impl ProbeHow {
    /// Whether somebody has to ask; else it is seen or told.
    pub fn is_asked(&self) -> bool {
        match self {
            Self::Http(_) | Self::Tcp | Self::Exec(_) => true,
            Self::Log(_) | Self::Notify => false,
        }
    }
}

/// How often a probe is asked, and what counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// From the end of one to the next.
    pub every: Duration,
    /// In all, for one.
    pub timeout: Duration,
    /// So many in a row mean failure.
    pub failures: u32,
    /// So many in a row mean success, after a failure.
    pub successes: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            restart: Restart::Never,
            max_restarts: None,
            on_exit: OnExit::StopAll,
            stop_signal: StopSignal::TERM,
            grace: Duration::from_secs(8),
            backoff: Backoff::default(),
            after: Vec::new(),
            health: Health::default(),
        }
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            most: Duration::from_mins(1),
            reset_after: Duration::from_secs(30),
        }
    }
}

/// When an ended process is started again (`restart`, `--restart`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// Its end is its end.
    Never,
    /// After an exit code other than 0, a signal, or a failed start.
    OnFailure,
    /// After any end.
    Always,
}

impl Restart {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::OnFailure => "on-failure",
            Self::Always => "always",
        }
    }
}

/// What the end of a process that is not started again means (`on_exit`, `--keep-going`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnExit {
    /// Everything stops, as foreman does.
    StopAll,
    /// The rest goes on.
    Continue,
}

impl OnExit {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::StopAll => "stop-all",
            Self::Continue => "continue",
        }
    }
}

/// Whether a process's output is a pseudo-terminal (`pty`, `--pty`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pty {
    /// A terminal when our own standard output is one.
    Auto,
    /// A terminal.
    Always,
    /// Pipes.
    Never,
}

/// A signal number that asks a process to stop: 1 to 31 but KILL and STOP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StopSignal(pub i32);

impl StopSignal {
    /// SIGTERM, 15.
    pub const TERM: Self = Self(15);
    /// SIGINT, 2.
    pub const INT: Self = Self(2);
    /// SIGQUIT, 3.
    pub const QUIT: Self = Self(3);
}

/// How lines are shown on standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// `--color`; `Auto` asks `NO_COLOR`, `CLICOLOR_FORCE` and the terminal.
    pub color: Color,
    /// `HH:MM:SS ` in front of each line.
    pub timestamp: bool,
    /// `web.1 | ` in front of each line.
    pub prefix: bool,
    /// Types whose lines are not shown (`-q`).
    pub quiet: Vec<TypeId>,
    /// `--log-format`.
    pub format: LogFormat,
    /// The values of secrets are masked in what processes write; by default where lines become events.
    pub redact: bool,
    /// Names of variables whose values are secrets, beside those that say so: globs with `*`.
    pub secrets: Vec<String>,
}

/// `--log-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Time, name, line.
    Text,
    /// Each line, or stack trace, is an object.
    Json,
    /// The same as pairs.
    Logfmt,
    /// What processes write, and nothing else.
    Raw,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Plan {
    /// The type with this position.
    pub fn process_type(&self, id: TypeId) -> &ProcessType {
        &self.types[usize::from(id.0)]
    }

    /// Every type with its position, in the order of the file.
    pub fn types(&self) -> impl Iterator<Item = (TypeId, &ProcessType)> {
        self.types.iter().enumerate().map(|(at, kind)| (TypeId(at as u16), kind))
    }

    /// `web.1`.
    pub fn name(&self, kind: TypeId, index: u16) -> String {
        format!("{}.{index}", self.process_type(kind).name)
    }

    /// The port of an instance (1-based), `None` past 65535.
    pub fn port(&self, kind: TypeId, index: u16) -> Option<u16> {
        self.process_type(kind).port?.checked_add(index.checked_sub(1)?)
    }

    /// What instance `index` of `kind` finds in its environment: its type's, then what is assigned
    /// (`PS`, `PORT`, and `TWELVE_RUN_<TYPE>_PORT` for every other type).
    pub fn environment_of(&self, kind: TypeId, index: u16) -> Environment {
        let mut env = self.process_type(kind).environment.with(&self.offered);
        env.set("PS", self.name(kind, index));
        if let Some(port) = self.port(kind, index) {
            env.set("PORT", port.to_string());
        }
        env.remove(&port_variable(&self.process_type(kind).name));
        env
    }
}

/// `TWELVE_RUN_<TYPE>_PORT` of every type that has a port. Two names that meet once spelled as a variable: the
/// first in the file has it.
pub fn offered(types: &[ProcessType]) -> Environment {
    let mut offered = Environment::default();
    for kind in types.iter().rev() {
        if let Some(port) = kind.port {
            offered.set(port_variable(&kind.name), port.to_string());
        }
    }
    offered
}

/// `TWELVE_RUN_<TYPE>_PORT`: the name in upper case, `-` as `_`.
pub fn port_variable(type_name: &str) -> String {
    format!("TWELVE_RUN_{}_PORT", type_name.to_ascii_uppercase().replace('-', "_"))
}
