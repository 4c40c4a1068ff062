//! What goes in: what was typed, and where.

use super::plan::{Color, Environment, LogFormat, Pty, Restart};
use super::problem::Source;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    /// `--log-format`
    pub log_format: Option<LogFormat>,
    /// `--redact-logs`, `--no-redact-logs`
    pub redact_logs: Option<bool>,
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
    /// What environment files have said that can be read only once.
    pub piped: Piped,
}

/// What came from pipes (`-e <(secrets)`), by path, for whoever reads the files anew.
#[derive(Clone, Default)]
pub struct Piped(RefCell<BTreeMap<PathBuf, Arc<Source>>>);

impl Piped {
    /// What this pipe has said; else what `read` gives, which is kept when it is from a pipe.
    pub fn or_read<E>(
        &self,
        path: &Path,
        read: impl FnOnce() -> Result<Arc<Source>, E>,
    ) -> Result<Arc<Source>, E> {
        let known = self.0.borrow().get(path).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let is_pipe = std::fs::metadata(path).is_ok_and(|data| data.file_type().is_fifo());
        let text = read()?;
        if is_pipe {
            self.0.borrow_mut().insert(path.to_owned(), Arc::clone(&text));
        }
        Ok(text)
    }
}

/// Nothing of what they said: it is secret.
impl std::fmt::Debug for Piped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.borrow().keys()).finish()
    }
}
