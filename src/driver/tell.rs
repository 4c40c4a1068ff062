//! Telling people what happens: a notice goes to whoever follows the events, and to the output, behind the
//! last words that it must not overtake.

use super::ask::LAST_LINES;
use super::{Driver, events, notice};
use crate::app::plan::LogFormat;
use crate::output::{Severity, Words};
use crate::supervisor::{Consequence, Id, Notice, Status, Target};
use crate::sys::terminal;

impl Driver<'_> {
    pub(super) fn tell(&mut self, notice: &Notice) {
        match notice {
            Notice::Exited { id, status, then, .. } if self.runs_for(*id, *then) => {
                self.last_status = Some(*status);
                // Ctrl-C is for us again, while all the rest is being stopped.
                self.processes.take_terminal_back();
            }
            Notice::NotStarted { id, failure, then } if self.runs_for(*id, *then) => {
                self.last_status = Some(Status::Code(failure.code));
                if self.command.is_some() {
                    terminal::say(&self.masked(failure.reason.clone()));
                }
            }
            _ => {}
        }
        if let Some(shown) = &mut self.shown {
            shown.note(notice);
        }
        if let Some(control) = &self.control {
            control.publish(|| self.masked_event(events::event(&self.plan, notice)));
        }
        let processes = &self.processes;
        let pids = |id: Option<Id>| named(&processes.survivors(id.map_or(Target::Strays, Target::Process)));
        let line = notice::line(&self.plan, notice, pids);
        // Who has just been started may be gone already.
        let pid = match notice {
            Notice::Started { pid, .. } => Some(*pid),
            _ => line.about.and_then(|id| processes.pid(id)),
        };
        let words = Words {
            pid,
            about: line.about,
            label: line.label,
            text: line.text,
            event: events::word(notice),
            severity: notice::severity(notice),
        };
        match line.after_last_words_of {
            Some(id) => {
                let words = self.spoken(words);
                let again = if gave_up(notice) { LAST_LINES } else { 0 };
                if let Some(output) = &mut self.output {
                    output.farewell(id, words, again);
                }
            }
            None => self.speak(words),
        }
        if let Notice::Started { id, pid } = notice
            && let Some(streams) = self.newborn.remove(id)
        {
            self.attach(*id, *pid, streams);
        }
    }

    /// Whether it is for this process that we run, and its end is to be ours.
    fn runs_for(&self, id: Id, then: Consequence) -> bool {
        let errand = self.plan.errand.as_ref().is_some_and(|errand| errand.kind == id.kind);
        self.command.is_some() || errand && then == Consequence::StopsAll
    }

    pub(super) fn say(&mut self, label: &str, text: String) {
        let (event, severity) = ("notice", Severity::INFO);
        self.speak(Words { about: None, label: label.to_owned(), text, event, severity, pid: None });
    }

    fn speak(&mut self, words: Words) {
        if let (Some(words), Some(output)) = (self.spoken(words), &mut self.output) {
            output.tell(words);
        }
    }

    /// What of our own words goes to the output. Where that is the processes' alone, we speak elsewhere.
    fn spoken(&self, words: Words) -> Option<Words> {
        let words = Words { text: self.masked(words.text), ..words };
        if self.output.is_none() {
            log::info!("{}: {}", words.label, words.text);
        } else if self.plan.view.format == LogFormat::Raw {
            terminal::say(&format!("{}: {}", words.label, words.text));
        } else {
            return Some(words);
        }
        None
    }
}

/// Nobody starts it again: who reads this has to.
fn gave_up(notice: &Notice) -> bool {
    matches!(
        notice,
        Notice::Exited { then: Consequence::GaveUp { .. }, .. }
            | Notice::NotStarted { then: Consequence::GaveUp { .. }, .. }
    )
}

/// `pid 12 (node), pid 13 (sh)`; three at most, then how many more.
fn named(survivors: &[(u32, String)]) -> String {
    let mut told: Vec<String> =
        survivors.iter().take(3).map(|(pid, name)| format!("pid {pid} ({name})")).collect();
    if let Some(more) = survivors.len().checked_sub(3).filter(|more| *more > 0) {
        told.push(format!("{more} more"));
    }
    if told.is_empty() { "nothing".into() } else { told.join(", ") }
}
