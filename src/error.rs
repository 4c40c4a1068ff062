//! Every way to fail: its sentence, its cure, its exit code.
//!
//! Problems in what was written have their sentences where the text is read (`app`); this page holds
//! what fails after that, and the exit codes of all.
#![forbid(unsafe_code)]

use std::io;
use std::path::PathBuf;
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
    #[error("{asked} processes need {needed} file descriptors, the limit is {limit}")]
    TooManyProcesses {
        /// How many processes.
        asked: u64,
        /// What they need: four each and 64 of our own.
        needed: u64,
        /// The hard limit.
        limit: u64,
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
            Self::NoCurrentFolder(_) | Self::TooManyProcesses { .. } => Exit::Usage,
            Self::Setup { .. } => Exit::Internal,
            Self::Write { .. } => Exit::Failed,
        }
    }

    /// What the reader can do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoCurrentFolder(_) => Some("change to a folder that exists, or name one with `-d`".into()),
            Self::TooManyProcesses { limit, .. } => Some(format!(
                "raise the limit (`ulimit -Hn`), or start at most {} processes",
                limit.saturating_sub(64) / 4
            )),
            Self::Setup { .. } | Self::Write { .. } => None,
        }
    }
}
