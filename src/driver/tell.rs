//! Telling people what happens: a notice goes to whoever follows the events, and to the output, behind the
//! last words that it must not overtake.

use super::ask::LAST_LINES;
use super::{Driver, events, notice};
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
                    terminal::say(&failure.reason);
                }
            }
            _ => {}
        }
        if let Some(shown) = &mut self.shown {
            shown.note(notice);
        }
        if let Some(control) = &self.control {
            control.publish(|| events::event(&self.plan, notice));
        }
        let processes = &self.processes;
        let pids = |id: Option<Id>| named(&processes.survivors(id.map_or(Target::Strays, Target::Process)));
        let line = notice::line(&self.plan, notice, pids);
        match (line.after_last_words_of, &mut self.output) {
            (Some(id), Some(output)) => {
                let again = if gave_up(notice) { LAST_LINES } else { 0 };
                output.farewell(id, &line.label, Some(line.text), again);
            }
            (None, Some(output)) => output.tell(line.about, &line.label, line.text),
            (_, None) => log::info!("{}: {}", line.label, line.text),
        }
        if let Notice::Started { id, .. } = notice
            && let Some(streams) = self.newborn.remove(id)
        {
            self.attach(*id, streams);
        }
    }

    /// Whether it is for this process that we run, and its end is to be ours.
    fn runs_for(&self, id: Id, then: Consequence) -> bool {
        let errand = self.plan.errand.as_ref().is_some_and(|errand| errand.kind == id.kind);
        self.command.is_some() || errand && then == Consequence::StopsAll
    }

    pub(super) fn say(&mut self, label: &str, text: String) {
        if let Some(output) = &mut self.output {
            output.tell(None, label, text);
        }
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
