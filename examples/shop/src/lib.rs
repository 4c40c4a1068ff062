//! What the three processes of the shop share: a log, a setting, a queue, and a way to be stopped.
//!
//! The shop keeps the twelve factors with the standard library alone. Its settings are environment
//! variables, its log is standard output, its queue is a folder that any number of processes may
//! share, and each process leaves within moments of SIGTERM without dropping what it was doing.

pub mod orders;
pub mod stop;

use std::io::{self, Write};

/// Writes one line of the log, at once. A reader who has left is no reason to stop working.
pub fn say(line: impl std::fmt::Display) {
    // `writeln!` may write a line in pieces; one buffer is one write, so lines never mix.
    let line = format!("{line}\n");
    let mut out = io::stdout().lock();
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}

/// The environment variable `name`, or `default` where it is unset, empty or unreadable.
pub fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name)
        .ok()
        .filter(|text| !text.is_empty())
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// What this process is called in the formation, such as `web.1`; its supervisor says so in `PS`.
pub fn name() -> String {
    setting("PS", "a process on its own".to_owned())
}
