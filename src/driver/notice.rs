//! The sentences of notices. A notice begins with foreman's sentence under foreman's name (`web.1` or
//! `system`); what is ours follows after ` · `.

use crate::app::Plan;
use crate::app::plan::After;
use crate::output::Severity;
use crate::supervisor::action::Consequence;
use crate::supervisor::{Id, Notice, Status};
use crate::sys::terminal::signal_name;
use std::time::Duration;

/// Who speaks when no process does.
pub const SYSTEM: &str = "system";

/// A notice, ready to be shown.
pub struct Line {
    /// The process that it is about.
    pub about: Option<Id>,
    /// `web.1` or `system`.
    pub label: String,
    /// The sentence.
    pub text: String,
    /// Whose last words must come first.
    pub after_last_words_of: Option<Id>,
}

/// Puts a notice into words. `pids` names what of a process is still alive: `pid 12 (node)`.
pub fn line(plan: &Plan, notice: &Notice, pids: impl Fn(Option<Id>) -> String) -> Line {
    let of = |id: Id, text: String| Line {
        about: Some(id),
        label: label(plan, id),
        text,
        after_last_words_of: None,
    };
    let system = |text: String| Line { about: None, label: SYSTEM.into(), text, after_last_words_of: None };
    match notice {
        Notice::Started { id, pid } => of(*id, format!("started with pid {pid}")),
        Notice::NotStarted { id, failure, then } => Line {
            after_last_words_of: Some(*id),
            ..of(*id, format!("{}{}", failure.reason, consequence(*then)))
        },
        Notice::Exited { id, status, after, then } => Line {
            after_last_words_of: Some(*id),
            ..of(*id, format!("{}{}", ending(*status), after_and(*after, *then)))
        },
        Notice::Ready { id, after } => of(*id, format!("ready after {}", seconds(*after))),
        Notice::NotReady { id, why } => of(*id, format!("not ready · {why}")),
        Notice::Unwell { id, tier, why, then } => {
            of(*id, format!("{} probe failed: {why}{}", tier.word(), consequence(*then)))
        }
        Notice::WaitsInVain { id, after, why, then } => {
            of(*id, format!("waits in vain for {}: {why}{}", awaited(plan, *after), consequence(*then)))
        }
        Notice::LeftBehind { id } => {
            of(*id, format!("left {} behind · stopping what is left", pids(Some(*id))))
        }
        Notice::ShutdownBegan { signal, grace, again_kills } => {
            let cause = match signal {
                Some(signal) => format!("{} received, starting shutdown", signal.name()),
                None => "starting shutdown · asked for".into(),
            };
            let again = if *again_kills { "; press Ctrl-C again to kill" } else { "" };
            system(format!("{cause} · grace {}{again}", seconds(*grace)))
        }
        Notice::GuardianDied => system("the guardian process is gone, starting shutdown".into()),
        Notice::Broke => system("a part of twelve-run failed, starting shutdown".into()),
        Notice::StoppingAll { signal } => {
            system(format!("sending {} to all processes", signal_name(signal.0)))
        }
        Notice::KillingAll => system("sending SIGKILL to all processes".into()),
        Notice::Stopping { id, signal } => of(*id, format!("stopping · sending {}", signal_name(signal.0))),
        Notice::Killing { id, waited } => of(
            *id,
            format!("still there after {} · sending SIGKILL to {}", seconds(*waited), pids(Some(*id))),
        ),
        Notice::Unkillable { id, given_up } => {
            let text = format!(
                "SIGKILL had no effect on {}{}",
                pids(*id),
                if *given_up { " · not waiting any longer" } else { "" }
            );
            id.map_or_else(|| system(text.clone()), |id| of(id, text.clone()))
        }
        Notice::Sent { id, signal } => of(*id, format!("sending {}, as asked for", signal_name(*signal))),
        Notice::Scaled { kind, from, to } => {
            system(format!("scaling {} from {from} to {to}", plan.process_type(*kind).name))
        }
        Notice::Rolling { kind, count } => {
            system(format!("replacing {count} of {} one by one", plan.process_type(*kind).name))
        }
        Notice::Rolled { kind, done: true } => {
            system(format!("every {} has been replaced", plan.process_type(*kind).name))
        }
        Notice::Rolled { kind, done: false } => {
            system(format!("not every {} has been replaced", plan.process_type(*kind).name))
        }
        Notice::NothingUp => system("nothing is to run, as asked for · Ctrl-C ends".into()),
        Notice::Suspended => system("suspended".into()),
        Notice::Resumed => system("resumed".into()),
    }
}

/// How grave it is: what failed and is not tried again is an error, what is tried again or hastened a warning.
pub fn severity(notice: &Notice) -> Severity {
    match notice {
        Notice::NotStarted { .. }
        | Notice::WaitsInVain { .. }
        | Notice::GuardianDied
        | Notice::Broke
        | Notice::Unkillable { .. }
        | Notice::Exited { then: Consequence::GaveUp { .. }, .. } => Severity::ERROR,
        Notice::Exited { status, then: Consequence::StopsAll, .. } if !status.success() => Severity::ERROR,
        Notice::Exited { status, then: Consequence::Restarts { .. }, .. } if !status.success() => {
            Severity::WARN
        }
        Notice::NotReady { .. }
        | Notice::Unwell { .. }
        | Notice::LeftBehind { .. }
        | Notice::Killing { .. }
        | Notice::KillingAll
        | Notice::Rolled { done: false, .. } => Severity::WARN,
        _ => Severity::INFO,
    }
}

/// `migrate:completed`.
pub fn awaited(plan: &Plan, after: After) -> String {
    format!("{}:{}", plan.process_type(after.kind).name, after.milestone.word())
}

/// `web.1`.
pub fn label(plan: &Plan, id: Id) -> String {
    plan.name(id.kind, id.index)
}

/// `exited with code 3`, `terminated by SIGKILL`.
pub fn ending(status: Status) -> String {
    match status {
        Status::Code(code) => format!("exited with code {code}"),
        Status::Signal(signal) => format!("terminated by {}", signal_name(i32::from(signal))),
    }
}

fn consequence(then: Consequence) -> String {
    match then {
        Consequence::Nothing => String::new(),
        Consequence::Restarts { after, failures } if failures > 1 => {
            format!(" · failure {failures} in a row, restarting in {}", seconds(after))
        }
        Consequence::Restarts { after, .. } => format!(" · restarting in {}", seconds(after)),
        Consequence::GaveUp { restarts, stops_all } => format!(
            " · gave up after {restarts} restart{}{}",
            if restarts == 1 { "" } else { "s" },
            if stops_all { ", stopping all (on_exit)" } else { "" }
        ),
        Consequence::StopsAll => " · stopping all (on_exit)".into(),
    }
}

/// How long it had run is worth a word only where it is judged by it.
fn after_and(after: Duration, then: Consequence) -> String {
    match then {
        Consequence::Restarts { .. } => {
            format!(" · after {}{}", seconds(after), consequence(then).replacen(" · ", ", ", 1))
        }
        Consequence::Nothing | Consequence::GaveUp { .. } | Consequence::StopsAll => consequence(then),
    }
}

/// `8 s`, `0.5 s`, `2.4 s`.
fn seconds(time: Duration) -> String {
    let tenths = (time.as_millis() + 50) / 100;
    if tenths.is_multiple_of(10) {
        format!("{} s", tenths / 10)
    } else {
        format!("{}.{} s", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_seconds_with_one_digit_at_most() {
        for (ms, told) in
            [(0, "0 s"), (49, "0 s"), (500, "0.5 s"), (1_000, "1 s"), (2_449, "2.4 s"), (8_000, "8 s")]
        {
            assert_eq!(seconds(Duration::from_millis(ms)), told);
        }
    }
}
