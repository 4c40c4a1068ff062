//! Notices as events, for `twelve-run events` and whoever else follows what happens.

use super::notice::{self, ending};
use crate::app::Plan;
use crate::supervisor::action::Consequence;
use crate::supervisor::{Id, Notice, Signal};
use crate::sys::terminal::signal_name;
use serde_json::{Value, json};

/// A notice as one object: `event` says what happened, `name` to whom.
pub fn event(plan: &Plan, notice: &Notice) -> Value {
    let (name, word) = (|id: &Id| notice::label(plan, *id), word(notice));
    match notice {
        Notice::Started { id, pid } => json!({ "event": word, "name": name(id), "pid": pid }),
        Notice::NotStarted { id, failure, then } => with(
            json!({ "event": word, "name": name(id), "exit": failure.code, "reason": failure.reason }),
            *then,
        ),
        Notice::Exited { id, status, after, then } => with(
            json!({
                "event": word,
                "name": name(id),
                "exit": status.code(),
                "how": ending(*status),
                "ran_s": after.as_secs_f64(),
            }),
            *then,
        ),
        Notice::Ready { id, after } => {
            json!({ "event": word, "name": name(id), "after_s": after.as_secs_f64() })
        }
        Notice::NotReady { id, why } => json!({ "event": word, "name": name(id), "reason": why }),
        Notice::Unwell { id, tier, why, then } => {
            with(json!({ "event": word, "name": name(id), "probe": tier.word(), "reason": why }), *then)
        }
        Notice::WaitsInVain { id, after, why, then } => {
            let awaited = notice::awaited(plan, *after);
            with(json!({ "event": word, "name": name(id), "for": awaited, "reason": why }), *then)
        }
        Notice::LeftBehind { id } => json!({ "event": word, "name": name(id) }),
        Notice::ShutdownBegan { signal, grace, .. } => json!({
            "event": word,
            "signal": signal.map(Signal::name),
            "grace_s": grace.as_secs_f64(),
        }),
        Notice::GuardianDied => json!({ "event": word, "reason": "the guardian is gone" }),
        Notice::Broke => json!({ "event": word, "reason": "a part of twelve-run failed" }),
        Notice::StoppingAll { signal } => json!({ "event": word, "signal": signal_name(signal.0) }),
        Notice::KillingAll => json!({ "event": word }),
        Notice::Stopping { id, signal } => {
            json!({ "event": word, "name": name(id), "signal": signal_name(signal.0) })
        }
        Notice::Sent { id, signal } => {
            json!({ "event": word, "name": name(id), "signal": signal_name(*signal) })
        }
        Notice::Killing { id, waited } => {
            json!({ "event": word, "name": name(id), "waited_s": waited.as_secs_f64() })
        }
        Notice::Unkillable { id, given_up } => {
            json!({ "event": word, "name": id.as_ref().map(name), "given_up": given_up })
        }
        Notice::Scaled { kind, from, to } => {
            json!({ "event": word, "type": plan.process_type(*kind).name, "from": from, "to": to })
        }
        Notice::Rolling { kind, count } => {
            json!({ "event": word, "type": plan.process_type(*kind).name, "count": count })
        }
        Notice::Rolled { kind, done } => {
            json!({ "event": word, "type": plan.process_type(*kind).name, "done": done })
        }
        Notice::NothingUp => json!({ "event": word }),
        Notice::Suspended => json!({ "event": word }),
        Notice::Resumed => json!({ "event": word }),
    }
}

/// What has happened, in a word.
pub fn word(notice: &Notice) -> &'static str {
    match notice {
        Notice::Started { .. } => "started",
        Notice::NotStarted { .. } => "not_started",
        Notice::Exited { .. } => "exited",
        Notice::Ready { .. } => "ready",
        Notice::NotReady { .. } => "not_ready",
        Notice::Unwell { .. } => "unwell",
        Notice::WaitsInVain { .. } => "waits_in_vain",
        Notice::LeftBehind { .. } => "left_behind",
        Notice::ShutdownBegan { .. } | Notice::GuardianDied | Notice::Broke => "shutdown",
        Notice::StoppingAll { .. } => "stopping_all",
        Notice::KillingAll => "killing_all",
        Notice::Stopping { .. } => "stopping",
        Notice::Sent { .. } => "signalled",
        Notice::Killing { .. } => "killing",
        Notice::Unkillable { .. } => "unkillable",
        Notice::Scaled { .. } => "scaled",
        Notice::Rolling { .. } => "rolling",
        Notice::Rolled { .. } => "rolled",
        Notice::NothingUp => "nothing_up",
        Notice::Suspended => "suspended",
        Notice::Resumed => "resumed",
    }
}

/// Everything is over.
pub fn ended(code: u8) -> Value {
    json!({ "event": "ended", "exit": code })
}

/// With what follows from an end.
fn with(mut event: Value, then: Consequence) -> Value {
    match then {
        Consequence::Nothing => {}
        Consequence::Restarts { after, failures } => {
            event["restart_in_s"] = json!(after.as_secs_f64());
            event["failures"] = json!(failures);
        }
        Consequence::GaveUp { restarts, .. } => event["gave_up_after"] = json!(restarts),
        Consequence::StopsAll => event["stops_all"] = json!(true),
    }
    event
}
