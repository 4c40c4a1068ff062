//! What can be typed. Nothing happens here: these are the definitions from which parsing, help,
//! completions and manual pages are all derived.
#![forbid(unsafe_code)]

mod asks;
mod audit;

pub use asks::*;
pub use audit::*;

use crate::app::Typed;
use crate::app::plan;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Yellow.on_default().bold())
    .usage(AnsiColor::Yellow.on_default().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(AnsiColor::Green.on_default());

/// Runs the processes of a Procfile: starts them, gives each its port, shows their output, restarts
/// them by rule, and stops everything without leaving anything behind.
#[derive(Debug, Parser)]
#[command(
    name = "twelve-run",
    version,
    disable_version_flag = true,
    styles = STYLES,
    max_term_width = 100,
    after_help = EXAMPLES,
    propagate_version = false
)]
pub struct Cli {
    /// What says which app is meant, and how.
    #[command(flatten)]
    pub app: AppArgs,
    /// What says whether there are colours.
    #[command(flatten)]
    pub color: ColorArgs,
    /// Print the version.
    #[arg(short = 'v', long, action = ArgAction::Version)]
    version: Option<bool>,
    /// What is to be done.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

const EXAMPLES: &str = "Examples:
  twelve-run start                    every process of ./Procfile
  twelve-run start web=2 worker       two webs and a worker, nothing else
  twelve-run run rake db:migrate      one command in the app's environment
  twelve-run check                    every finding in Procfile, .env and twelve-run.toml
  twelve-run audit                    the twelve factors over the app's files
  twelve-run ps                       what runs here, from another terminal
  twelve-run scale worker=4 web=+1    more of it, less of it, while it runs

Exit codes: 0 done, 1 failed or findings, 2 usage or configuration, 3 not running, 70 internal,
otherwise the code of the process that decided (128+n for signal n).";

/// The verbs, one file of `commands` each.
#[derive(Debug, Subcommand)]
#[command(defer = true)] // a verb's arguments are set up when it is the one: those of all take .2 ms of every start
pub enum Verb {
    /// Run the app: every process type, or those named.
    #[command(visible_alias = "s")]
    Start(StartArgs),
    /// Run one command, or one process type, in the app's environment.
    Run(RunArgs),
    /// Show what runs: state and its reason, pid, port, uptime, restarts, use of the machine.
    Ps(NamesArgs),
    /// Change how many of a type run, while they run: `worker=4`, `web=+1`.
    Scale(ScaleArgs),
    /// Stop processes and start them again; start those that are stopped.
    Restart(RestartArgs),
    /// Stop processes; the rest goes on.
    Stop(StopArgs),
    /// Send processes a signal.
    Signal(SignalArgs),
    /// Read the files anew, and touch only what has changed.
    Reload(ReloadArgs),
    /// Stop everything.
    Down(DownArgs),
    /// Show what processes wrote.
    Logs(LogsArgs),
    /// Be a process's terminal; Ctrl-] leaves.
    Attach(AttachArgs),
    /// Say why processes are in the state they are in.
    Why(NamesArgs),
    /// Whether everything that has a readiness probe can be used: 0, or 1.
    Health(NamesArgs),
    /// Show what happens, as it happens.
    Events(EventsArgs),
    /// Check the Procfile, .env and twelve-run.toml; starts nothing.
    Check(CheckArgs),
    /// Check the twelve factors over the app's files, with file and line; starts nothing.
    Audit(AuditArgs),
    /// Show every value that counts, and where it came from; starts nothing.
    Config(ConfigArgs),
    /// Print the JSON Schema of twelve-run.toml, for editors.
    Schema,
    /// Print a completion script for a shell.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder, or print the first to standard output.
    Man {
        /// The folder; it must exist.
        #[arg(value_hint = ValueHint::DirPath)]
        folder: Option<PathBuf>,
    },
    /// Print the version.
    Version,
}

/// Arguments of `start`.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// Which app, and how.
    #[command(flatten)]
    pub app: AppArgs,
    /// What to start: `web`, `web=2`, `all=1`. Types that are not named are not started.
    #[arg(value_name = "TYPE[=N]")]
    pub types: Vec<String>,
    /// Run this once everything is up, stop everything when it ends, and end with its code.
    #[arg(last = true, value_name = "CMD", value_hint = ValueHint::CommandWithArguments, conflicts_with = "detach")]
    pub command: Vec<OsString>,
    /// Run in the background: return when everything is up; the output goes to .twelve-run/logs.
    #[arg(short = 'D', long)]
    pub detach: bool,
    /// With --detach: return when everything is ready; what has no readiness probe is ready when it is up.
    #[arg(long, requires = "detach")]
    pub wait_ready: bool,
    /// How long to wait at most; then the exit code is 124, and the app runs on.
    #[arg(long, value_name = "TIME", default_value = "60s")]
    pub wait_timeout: String,
    /// Serve health and metrics: `127.0.0.1:5555`, or a port alone.
    #[arg(long, value_name = "ADDR")]
    pub http: Option<String>,
    /// Show what would be started, and start nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// With --dry-run: as JSON.
    #[arg(long, requires = "dry_run")]
    pub json: bool,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Which app, and how.
    #[command(flatten)]
    pub app: AppArgs,
    /// A process type, one line for the shell, or a program with its arguments. Our own options end here.
    #[arg(value_name = "CMD|TYPE", required = true, trailing_var_arg = true, allow_hyphen_values = true, value_hint = ValueHint::CommandWithArguments)]
    pub words: Vec<OsString>,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Which app, and how.
    #[command(flatten)]
    pub app: AppArgs,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Which app, and how.
    #[command(flatten)]
    pub app: AppArgs,
    /// Where each value came from, and the names of the environment; its values are never shown.
    #[arg(long)]
    pub origins: bool,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// Whether there are colours; before or after the verb.
#[derive(Debug, Args)]
pub struct ColorArgs {
    /// Colour: `auto`, `always` or `never`; alone it means `always`.
    #[arg(short = 'c', long, global = true, value_name = "WHEN", num_args = 0..=1, require_equals = true, default_missing_value = "always")]
    color: Option<When>,
    /// The same as --color=never.
    #[arg(long, global = true, conflicts_with = "color")]
    no_color: bool,
}

impl ColorArgs {
    /// Whether colour was asked for or refused by a flag.
    pub fn asked(&self) -> Option<plan::Color> {
        match (self.color, self.no_color) {
            (_, true) => Some(plan::Color::Never),
            (when, false) => when.map(|when| match when {
                When::Auto => plan::Color::Auto,
                When::Always => plan::Color::Always,
                When::Never => plan::Color::Never,
            }),
        }
    }
}

/// The options that say which app is meant, and how; before or after the verb.
#[derive(Debug, Clone, Args)]
pub struct AppArgs {
    /// The Procfile [default: Procfile in the app's folder].
    #[arg(short = 'f', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    procfile: Option<PathBuf>,
    /// The app's folder [default: the Procfile's].
    #[arg(short = 'd', long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    root: Option<PathBuf>,
    /// Environment files, the later wins [default: .env in the app's folder].
    #[arg(short = 'e', long, value_name = "FILE[,FILE]", value_hint = ValueHint::FilePath)]
    env: Vec<OsString>,
    /// How many of each: `web=2,worker=4`, `all=1,clock=0`.
    #[arg(short = 'm', long, value_name = "TYPE=N[,…]")]
    formation: Vec<String>,
    /// The first port; each type gets the next hundred [default: PORT, else 5000].
    #[arg(short = 'p', long, value_name = "N")]
    port: Option<String>,
    /// How long a process may take to stop before it is killed: `5`, `500ms`, `1m` [default: 8s].
    #[arg(short = 't', long, value_name = "TIME")]
    timeout: Option<String>,
    /// Show the time in front of each line (the default).
    #[arg(long, overrides_with = "no_timestamp", hide = true)]
    timestamp: bool,
    /// Do not show the time in front of each line.
    #[arg(long, overrides_with = "timestamp")]
    no_timestamp: bool,
    /// Do not show the time and the name in front of each line.
    #[arg(long)]
    no_prefix: bool,
    /// How lines are shown: as text, as JSON or logfmt with a stack trace as one event, or raw: what
    /// processes write, and nothing else.
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
    /// Mask the values of secrets in what processes write (the default in json and logfmt).
    #[arg(long, overrides_with = "no_redact_logs")]
    redact_logs: bool,
    /// Show what processes write as they write it.
    #[arg(long, overrides_with = "redact_logs", hide = true)]
    no_redact_logs: bool,
    /// Types whose lines are not shown.
    #[arg(short = 'q', long, value_name = "TYPE[,TYPE]")]
    quiet: Vec<String>,
    /// Let the environment files win over the real environment, as foreman does.
    #[arg(long)]
    env_override: bool,
    /// Whether processes write to a terminal, for every type.
    #[arg(long, value_name = "WHEN")]
    pty: Option<When>,
    /// When an ended process is started again, for every type.
    #[arg(long, value_name = "RULE")]
    restart: Option<RestartRule>,
    /// When a process ends, let the others go on.
    #[arg(long)]
    keep_going: bool,
}

/// `text`, `json`, `logfmt`, `raw`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// Time, name, line.
    Text,
    /// An object a line.
    Json,
    /// Pairs.
    Logfmt,
    /// As they were written.
    Raw,
}

/// `auto`, `always`, `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    /// When standard output is a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `never`, `on-failure`, `always`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RestartRule {
    /// Its end is its end.
    Never,
    /// After a code other than 0, a signal, or a failed start.
    OnFailure,
    /// After any end.
    Always,
}

impl AppArgs {
    /// The same with what was typed before the verb; what comes after it wins, lists are joined.
    #[must_use]
    pub fn after(&self, before: &Self) -> Self {
        let (one, other) = (self.clone(), before.clone());
        Self {
            procfile: one.procfile.or(other.procfile),
            root: one.root.or(other.root),
            env: joined(other.env, one.env),
            formation: joined(other.formation, one.formation),
            port: one.port.or(other.port),
            timeout: one.timeout.or(other.timeout),
            timestamp: one.timestamp || other.timestamp && !one.no_timestamp,
            no_timestamp: one.no_timestamp || other.no_timestamp && !one.timestamp,
            no_prefix: one.no_prefix || other.no_prefix,
            log_format: one.log_format.or(other.log_format),
            redact_logs: one.redact_logs || other.redact_logs && !one.no_redact_logs,
            no_redact_logs: one.no_redact_logs || other.no_redact_logs && !one.redact_logs,
            quiet: joined(other.quiet, one.quiet),
            env_override: one.env_override || other.env_override,
            pty: one.pty.or(other.pty),
            restart: one.restart.or(other.restart),
            keep_going: one.keep_going || other.keep_going,
        }
    }

    /// The same where a running formation is meant.
    #[must_use]
    pub fn meaning(&self, target: &Target) -> Self {
        let mut app = self.clone();
        app.root = target.root.clone().or(app.root);
        app.procfile = target.procfile.clone().or(app.procfile);
        app
    }

    /// The same for `app`, with the types named by `start`.
    pub fn typed(&self, types: &[String], color: &ColorArgs) -> Typed {
        Typed {
            procfile: self.procfile.clone(),
            root: self.root.clone(),
            env_files: self.env.clone(),
            formation: self.formation.clone(),
            types: types.to_vec(),
            command: Vec::new(),
            port: self.port.clone(),
            timeout: self.timeout.clone(),
            color: color.asked(),
            timestamp: said(self.timestamp, self.no_timestamp),
            prefix: self.no_prefix.then_some(false),
            log_format: self.log_format.map(|format| match format {
                LogFormat::Text => plan::LogFormat::Text,
                LogFormat::Json => plan::LogFormat::Json,
                LogFormat::Logfmt => plan::LogFormat::Logfmt,
                LogFormat::Raw => plan::LogFormat::Raw,
            }),
            redact_logs: said(self.redact_logs, self.no_redact_logs),
            quiet: self.quiet.clone(),
            env_override: self.env_override.then_some(true),
            pty: self.pty.map(|when| match when {
                When::Auto => plan::Pty::Auto,
                When::Always => plan::Pty::Always,
                When::Never => plan::Pty::Never,
            }),
            restart: self.restart.map(|rule| match rule {
                RestartRule::Never => plan::Restart::Never,
                RestartRule::OnFailure => plan::Restart::OnFailure,
                RestartRule::Always => plan::Restart::Always,
            }),
            keep_going: self.keep_going.then_some(true),
        }
    }
}

fn joined<T>(mut first: Vec<T>, then: Vec<T>) -> Vec<T> {
    first.extend(then);
    first
}

/// What a pair of opposite flags says.
fn said(yes: bool, no: bool) -> Option<bool> {
    match (yes, no) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}
