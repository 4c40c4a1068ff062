//! Every way to fail: its sentence, its cure, its exit code.
//!
//! Problems in what was written have their sentences where the text is read (`app`); this page holds
//! what fails after that, and the exit codes of all.
#![forbid(unsafe_code)]

use crate::control::place::Holder;
use crate::control::protocol::{Kind, Refused};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// How a command ends, as the number that the shell sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: the thing asked failed, or there are findings.
    Failed,
    /// 2: usage or configuration; nothing was started.
    Usage,
    /// 3: nothing is running here, or something already is, or a check is incomplete.
    NotRunning,
    /// 70: a fault of our own.
    Internal,
    /// 124: timed out.
    TimedOut,
    /// The code of the process that decided: 126, 127, 128+n among them.
    Of(u8),
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotRunning => 3,
            Self::Internal => 70,
            Self::TimedOut => 124,
            Self::Of(code) => code,
        }
    }
}

/// What can go wrong once the configuration is known to be sound.
#[derive(Debug, Error)]
pub enum Error {
    /// The folder that we stand in is gone.
    #[error("the current folder cannot be named: {0}")]
    NoCurrentFolder(io::Error),
    /// The world refused something that twelve-run itself needs to supervise.
    #[error("cannot {doing}: {cause}")]
    Setup {
        /// What was tried, as a verb with its object.
        doing: &'static str,
        /// What the system said.
        cause: io::Error,
    },
    /// More processes were asked for than file descriptors allow.
    #[error("there are not enough file descriptors for {asked} processes: {most} at most")]
    TooManyProcesses {
        /// How many processes.
        asked: u64,
        /// How many there could be.
        most: u64,
    },
    /// A formation of this app runs already.
    #[error("{}", already(holder, socket, *stopping))]
    AlreadyRunning {
        /// What it says about itself.
        holder: Holder,
        /// Where it can be asked.
        socket: PathBuf,
        /// It does not answer any more: it is being stopped.
        stopping: bool,
    },
    /// Nothing runs that could be asked.
    #[error("nothing is running in `{}`", root.display())]
    NotRunning {
        /// The app's folder.
        root: PathBuf,
    },
    /// There is a socket, and we may not connect to it.
    #[error("cannot connect to `{}`: {cause}", path.display())]
    Unreachable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The connection to a formation has broken.
    #[error("the formation does not answer as it should: {cause}")]
    Lost {
        /// What the system said.
        cause: io::Error,
    },
    /// It speaks another version.
    #[error("the running formation is of version {theirs} of twelve-run and does not understand this one")]
    OtherVersion {
        /// Which.
        theirs: String,
    },
    /// The formation has refused, and changed nothing.
    #[error("{}", .0.message)]
    Refused(Refused),
    /// What was waited for did not happen in time.
    #[error("{what} within {within:?}")]
    TimedOut {
        /// What did not happen, as a sentence.
        what: String,
        /// How long was waited.
        within: Duration,
    },
    /// What was typed has no meaning.
    #[error("{sentence}")]
    Usage {
        /// What is wrong.
        sentence: String,
        /// The cure.
        help: String,
    },
    /// The state folder is not to be trusted.
    #[error("`{}` cannot be used: {reason}", path.display())]
    StateFolder {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be written.
    #[error("cannot write `{}`: {cause}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl Error {
    /// The exit code it ends with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::NoCurrentFolder(_)
            | Self::TooManyProcesses { .. }
            | Self::StateFolder { .. }
            | Self::Usage { .. } => Exit::Usage,
            Self::AlreadyRunning { .. } | Self::NotRunning { .. } => Exit::NotRunning,
            Self::Setup { .. } => Exit::Internal,
            Self::TimedOut { .. } => Exit::TimedOut,
            Self::Refused(refused) if matches!(refused.kind, Kind::UnknownName | Kind::Malformed) => {
                Exit::Usage
            }
            Self::Write { .. }
            | Self::Unreachable { .. }
            | Self::Lost { .. }
            | Self::OtherVersion { .. }
            | Self::Refused(_) => Exit::Failed,
        }
    }

    /// What the reader can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoCurrentFolder(_) => Some("change to a folder that exists, or name one with `-d`".into()),
            Self::TooManyProcesses { .. } => Some("raise the limit (`ulimit -Hn`), or start fewer".into()),
            Self::AlreadyRunning { stopping: true, .. } => Some("in a moment it answers, or it has ended; `twelve-run ps` tells which".into()),
            Self::AlreadyRunning { .. } => Some(
                "`twelve-run ps` shows it, `scale` and `restart` change it (`restart` also starts what was stopped), `down` ends it".into(),
            ),
            Self::NotRunning { .. } => Some("`twelve-run start` runs it; `-d` or `-f` name another folder".into()),
            Self::OtherVersion { .. } => Some("use the same version for both, or `down` and `start` it anew".into()),
            Self::Refused(refused) => refused.help.clone(),
            Self::Usage { help, .. } => Some(help.clone()),
            Self::StateFolder { .. } => Some("remove it, or make it yours and private (`chmod 700`)".into()),
            Self::Setup { .. }
            | Self::Write { .. }
            | Self::Unreachable { .. }
            | Self::Lost { .. }
            | Self::TimedOut { .. } => None,
        }
    }
}

fn already(holder: &Holder, socket: &Path, stopping: bool) -> String {
    let what =
        if stopping { "a formation of this app is starting or stopping" } else { "this app runs already" };
    match (holder.pid, &holder.since) {
        (Some(pid), Some(since)) => format!("{what} (pid {pid}, since {since}, at `{}`)", socket.display()),
        _ => format!("{what} (at `{}`)", socket.display()),
    }
}
