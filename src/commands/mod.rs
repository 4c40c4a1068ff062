//! commands

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs what was typed.
pub fn main(_args: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::SUCCESS
}
