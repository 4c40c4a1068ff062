//! Completion of what is typed, names of running processes included.
//!
//! The shell asks us at each key; so the formation gets a tenth of a second to answer, and when it does
//! not, or nothing runs, there is simply nothing to offer.

use super::{ps, world};
use crate::app::{self, Typed};
use crate::cli::Cli;
use crate::control::client::Client;
use crate::control::protocol::Process;
use crate::error::Error;
use clap::{Command, CommandFactory};
use clap_complete::env::Shells;
use clap_complete::{ArgValueCandidates, CompleteEnv, CompletionCandidate};
use crossbeam_channel::bounded;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// The variable by which a shell says that it wants completions.
const VARIABLE: &str = "TWELVE_RUN_COMPLETE";
const BUDGET: Duration = Duration::from_millis(100);
/// The verbs that take names of processes, each with its argument.
const NAMED: [(&str, &str); 8] = [
    ("health", "names"),
    ("ps", "names"),
    ("why", "names"),
    ("restart", "names"),
    ("stop", "names"),
    ("signal", "names"),
    ("logs", "names"),
    ("attach", "name"),
];

/// Answers a shell. True when it was one that asked, and everything has been said.
pub fn complete(args: &[OsString]) -> bool {
    let asked = std::env::var_os(VARIABLE).is_some_and(|shell| !shell.is_empty() && shell != "0");
    asked && CompleteEnv::with_factory(command).var(VARIABLE).try_complete(args.iter().cloned(), None).is_ok()
}

/// The script by which a shell asks.
pub fn script(shell: clap_complete::Shell) -> Result<Vec<u8>, Error> {
    let mut script = Vec::new();
    let failed = |cause| Error::Write { path: PathBuf::from("standard output"), cause };
    let shells = Shells::builtins();
    let completer = shells
        .completer(&shell.to_string())
        .ok_or_else(|| failed(io::Error::other(format!("there are no completions for {shell}"))))?;
    completer
        .write_registration(VARIABLE, "twelve_run", "twelve-run", "twelve-run", &mut script)
        .map_err(failed)?;
    Ok(script)
}

/// The definitions of `cli`, which know nothing of what runs, with the candidates that do.
fn command() -> Command {
    let mut command = Cli::command();
    // Only then have the verbs their arguments.
    command.build();
    for (verb, argument) in NAMED {
        command = command.mut_subcommand(verb, |verb| {
            verb.mut_arg(argument, |argument| argument.add(ArgValueCandidates::new(names)))
        });
    }
    command.mut_subcommand("scale", |verb| {
        verb.mut_arg("counts", |argument| argument.add(ArgValueCandidates::new(counts)))
    })
}

fn names() -> Vec<CompletionCandidate> {
    running().into_iter().map(|one| candidate(one.name, &one.state)).collect()
}

/// `worker=`, with how many there are.
fn counts() -> Vec<CompletionCandidate> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for one in running() {
        *counts.entry(one.kind).or_default() += 1;
    }
    counts.into_iter().map(|(kind, count)| candidate(format!("{kind}="), &format!("{count} now"))).collect()
}

fn candidate(value: String, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(help.to_owned().into()))
}

/// What runs here; nothing when that cannot be known in time.
fn running() -> Vec<Process> {
    let (tell, told) = bounded(1);
    std::thread::spawn(move || {
        let ask = || {
            let root = app::root(&Typed::default(), &world()?);
            ps::processes(&mut Client::connect(&root, None)?, &[])
        };
        let _ = tell.send(ask().unwrap_or_default());
    });
    told.recv_timeout(BUDGET).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_verb_that_takes_names_is_there_with_its_argument() {
        super::command().debug_assert();
    }
}
