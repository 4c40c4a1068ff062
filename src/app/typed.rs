//! What goes in: what was typed, and where.

use super::plan::{Color, Environment, Pty, Restart};
use std::ffi::OsString;
use std::path::PathBuf;

/// What was typed, as typed; `None` and empty are not typed.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// `-f`
    pub procfile: Option<PathBuf>,
    /// `-d`
    pub root: Option<PathBuf>,
    /// `-e`; each may name several files with commas between.
    pub env_files: Vec<OsString>,
    /// `-m`
    pub formation: Vec<String>,
    /// The arguments of `start`.
    pub types: Vec<String>,
    /// What `start` is to run beside the app, after `--`.
    pub command: Vec<OsString>,
    /// `-p`
    pub port: Option<String>,
    /// `-t`
    pub timeout: Option<String>,
    /// `-c`, `--no-color`
    pub color: Option<Color>,
    /// `--no-timestamp`
    pub timestamp: Option<bool>,
    /// `--no-prefix`
    pub prefix: Option<bool>,
    /// `-q`
    pub quiet: Vec<String>,
    /// `--env-override`
    pub env_override: Option<bool>,
    /// `--pty`
    pub pty: Option<Pty>,
    /// `--restart`
    pub restart: Option<Restart>,
    /// `--keep-going`
    pub keep_going: Option<bool>,
}

/// Where we are.
#[derive(Debug, Clone)]
pub struct World {
    /// The caller's folder, absolute.
    pub cwd: PathBuf,
    /// The real environment.
    pub environment: Environment,
}
