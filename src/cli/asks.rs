//! Arguments of the verbs that talk to a running formation.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// Which running formation is meant.
#[derive(Debug, Args)]
pub struct Target {
    /// The app's folder [default: the current one].
    #[arg(short = 'd', long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) root: Option<PathBuf>,
    /// The Procfile that was started.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) procfile: Option<PathBuf>,
    /// Its control socket, instead of looking for it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub socket: Option<PathBuf>,
}

/// Arguments of `ps` and `why`.
#[derive(Debug, Args)]
pub struct NamesArgs {
    /// `web` (every instance) or `web.1` [default: all].
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Which formation.
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `scale`.
#[derive(Debug, Args)]
pub struct ScaleArgs {
    /// `worker=4`, `web=+1`, `web=-1`.
    #[arg(value_name = "TYPE=N", required = true)]
    pub counts: Vec<String>,
    /// Return when everything runs, or is gone.
    #[arg(long)]
    pub wait: bool,
    /// How long to wait at most; then the exit code is 124.
    #[arg(long, value_name = "TIME", default_value = "60s")]
    pub wait_timeout: String,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Which formation.
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `restart`.
#[derive(Debug, Args)]
pub struct RestartArgs {
    /// `web` (every instance) or `web.1` [default: all].
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// One instance after the other, with one more while it goes on; names types.
    #[arg(long)]
    pub rolling: bool,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Which formation.
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `stop`.
#[derive(Debug, Args)]
pub struct StopArgs {
    /// `web` (every instance) or `web.1`.
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Which formation.
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `signal`.
#[derive(Debug, Args)]
pub struct SignalArgs {
    /// `USR1`, `SIGUSR1` or `10`.
    pub signal: String,
    /// `web` (every instance) or `web.1`.
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Which formation.
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `reload`.
#[derive(Debug, Args)]
pub struct ReloadArgs {
    /// Replace the processes of what has changed one by one.
    #[arg(long)]
    pub rolling: bool,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Which formation.
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `down`.
#[derive(Debug, Args)]
pub struct DownArgs {
    /// How long each process may take before it is killed [default: its own grace].
    #[arg(short = 't', long, value_name = "TIME")]
    pub timeout: Option<String>,
    /// Which formation.
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `logs`.
#[derive(Debug, Args)]
pub struct LogsArgs {
    /// `web` (every instance) or `web.1` [default: all].
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Go on with what is written from now on.
    #[arg(short = 'f', long)]
    pub follow: bool,
    /// Only the newest lines.
    #[arg(short = 'n', long = "lines", value_name = "N")]
    pub last: Option<usize>,
    /// Only what was written lately (`5m`), or since a time (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Of the life before the present one.
    #[arg(long, conflicts_with = "follow")]
    pub previous: bool,
    /// As JSON, one object a line.
    #[arg(long)]
    pub json: bool,
    /// Which formation.
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `attach`.
#[derive(Debug, Args)]
pub struct AttachArgs {
    /// `web.1`, or `web` when there is one of it.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Which formation.
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `events`.
#[derive(Debug, Args)]
pub struct EventsArgs {
    /// As JSON, one object a line.
    #[arg(long)]
    pub json: bool,
    /// Which formation.
    #[command(flatten)]
    pub target: Target,
}
