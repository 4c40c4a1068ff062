//! Starting processes: what the plan says becomes what `sys` is to do, and their streams go to `output`.

use super::health::probes;
use super::{Driver, notice};
use crate::app::command::{self, How};
use crate::app::plan::{Environment, Health, ProbeHow, Pty};
use crate::output::{Source, Stream, Watcher};
use crate::probe::seen::Matcher;
use crate::supervisor::{Event, Id};
use crate::sys::processes::{Launch, Program, Stdio, Streams};
use regex::bytes::Regex;
use std::ffi::OsString;

impl Driver<'_> {
    pub(super) fn spawn(&mut self, id: Id) {
        let launch = self.launch(id);
        let fact = match self.processes.spawn(id, &notice::label(&self.plan, id), &launch) {
            Ok((pid, streams)) => {
                self.newborn.insert(id, streams);
                Event::Spawned { id, pid }
            }
            Err(failure) => Event::SpawnFailed { id, failure },
        };
        self.facts.push_back(fact);
    }

    fn launch(&self, id: Id) -> Launch {
        let kind = self.plan.process_type(id.kind);
        let environment = match &self.command {
            Some(command) => command.environment.clone(),
            None => {
                let mut environment = self.plan.environment_of(id.kind, id.index);
                if let Some((name, value)) = self.notify_socket(id) {
                    environment.set(name, value);
                }
                environment
            }
        };
        let errand = self.plan.errand.as_ref().filter(|errand| errand.kind == id.kind);
        let words = match (&self.command, errand) {
            (Some(command), _) => command.words.clone(),
            (None, Some(errand)) => errand.words.clone(),
            (None, None) => None,
        };
        let program = match (words, &kind.shell) {
            (Some(words), _) => Program::Words { words, otherwise: None },
            (None, Some(shell)) => Program::Shell { shell: shell.clone(), script: kind.command.clone() },
            (None, None) => program(&kind.command, &environment),
        };
        let pty = match kind.pty {
            Pty::Always => true,
            Pty::Never => false,
            Pty::Auto => self.on_terminal,
        };
        let stdio = match pty {
            _ if self.command.is_some() || errand.is_some() => Stdio::Terminal,
            true => Stdio::Pty { rows: self.window.0, cols: self.window.1 },
            false => Stdio::Pipes,
        };
        let sockets = self.held.sockets(&kind.listen);
        let environment = environment.into_variables();
        Launch { program, environment, cwd: kind.cwd.clone(), stdio, sockets }
    }

    pub(super) fn attach(&mut self, id: Id, pid: u32, streams: Streams) {
        let source = match streams {
            Streams::Pipes { stdout, stderr } => Source::Pipes { stdout, stderr },
            Streams::Pty { master, slave } => Source::Pty { master, slave },
            Streams::None => return,
        };
        let label = notice::label(&self.plan, id);
        let kind = self.plan.process_type(id.kind).name.clone();
        let hidden = self.plan.view.quiet.contains(&id.kind);
        let watchers = watchers(&self.plan.process_type(id.kind).rules.health, id);
        if let Some(output) = &mut self.output {
            output.widen(label.len());
            output.attach(Stream { id, label, kind, pid, hidden, source, watchers });
        }
    }
}

/// Those who look for a line of its output (`log = "regex"`).
fn watchers(health: &Health, id: Id) -> Vec<Watcher> {
    let matchers = probes(health).filter_map(|(tier, probe)| match &probe.how {
        // A wrong one was refused when it was read.
        ProbeHow::Log(regex) => Some(Matcher::new(id, tier, Regex::new(regex).ok()?)),
        ProbeHow::Http(_) | ProbeHow::Tcp | ProbeHow::Exec(_) | ProbeHow::Notify => None,
    });
    matchers
        .map(|mut matcher| Watcher { tier: matcher.tier, sees: Box::new(move |line| matcher.line(line)) })
        .collect()
}

/// How a command line is started: without a shell between us and the program where the result is the same.
pub(super) fn program(command: &OsString, environment: &Environment) -> Program {
    let sh = || OsString::from("/bin/sh");
    match command::how(command, environment) {
        How::Words(words) => Program::Words { words, otherwise: Some(command.clone()) },
        How::ExecShell => {
            let mut script = OsString::from("exec ");
            script.push(command);
            Program::Shell { shell: sh(), script }
        }
        How::Shell => Program::Shell { shell: sh(), script: command.clone() },
    }
}
