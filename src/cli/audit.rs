//! Arguments of `audit`.

use super::AppArgs;
use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Which app, and how.
    #[command(flatten)]
    pub app: AppArgs,
    /// Which factors, by name or numeral: `config`, `VIII` [default: all]. Names are never paths.
    #[arg(value_name = "FACTOR")]
    pub factors: Vec<String>,
    /// Look here instead of at the app's folder; may be repeated. No Procfile is needed.
    #[arg(long = "path", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// Read what git ignores as well.
    #[arg(long)]
    pub no_ignore: bool,
    /// Look at what is staged for the next commit, as it is staged.
    #[arg(long, conflicts_with_all = ["since", "no_ignore"])]
    pub staged: bool,
    /// Look at what has changed since a revision, or is new.
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
    /// With `logs`: judge what an app has written, from a file or, as `-`, from standard input.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["paths", "staged", "since"])]
    pub from: Option<PathBuf>,
    /// With `deps`: known vulnerabilities, as a folder in the layout of `RustSec` or OSV. Nothing is fetched.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub db: Option<PathBuf>,
    /// A database that is older proves nothing.
    #[arg(long, value_name = "DAYS", default_value_t = 7, requires = "db")]
    pub db_max_age: u32,
    /// List what the app reads from its environment, and what its files set, and do nothing else.
    #[arg(long, conflicts_with_all = ["from", "baseline", "write_baseline"])]
    pub env_inventory: bool,
    /// How it is told.
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub format: Format,
    /// The same as --format=json.
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// From which level on findings end it with 1.
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    pub fail_on: FailOn,
    /// Warnings count, and what could not be checked ends it with 3 even when nobody asked for it by name.
    #[arg(long, conflicts_with = "fail_on")]
    pub strict: bool,
    /// Tell only what is not in this file; alone it means twelve-run.baseline.json in the app's folder.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub baseline: Option<Option<PathBuf>>,
    /// Write what is found into this file, so that --baseline knows it.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, conflicts_with = "baseline")]
    pub write_baseline: Option<Option<PathBuf>>,
    /// List what is allowed and no longer lets anything pass.
    #[arg(long)]
    pub audit_suppressions: bool,
    /// Explain a rule, and do nothing else.
    #[arg(long, value_name = "RULE")]
    pub explain: Option<String>,
    /// List all rules, and do nothing else.
    #[arg(long, conflicts_with = "explain")]
    pub rules: bool,
}

/// How an audit is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

/// What counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// What breaks a factor.
    Error,
    /// What very likely does, too.
    Warn,
    /// Nothing.
    Never,
}
