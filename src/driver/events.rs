//! Notices as events, for `twelve-run events` and whoever else follows what happens.

use super::notice::{self, ending};
use crate::app::Plan;
use crate::supervisor::action::Consequence;
use crate::supervisor::{Id, Notice, Signal};
use crate::sys::terminal::signal_name;
use serde_json::{Value, json};

/// A notice as one object: `event` says what happened, `name` to whom.
pub fn event(plan: &Plan, notice: &Notice) -> Value {
    let name = |id: &Id| notice::label(plan, *id);
    match notice {
        Notice::Started { id, pid } => json!({ "event": "started", "name": name(id), "pid": pid }),
        Notice::NotStarted { id, failure, then } => with(
            json!({ "event": "not_started", "name": name(id), "exit": failure.code, "reason": failure.reason }),
            *then,
        ),
        Notice::Exited { id, status, after, then } => with(
            json!({
                "event": "exited",
                "name": name(id),
                "exit": status.code(),
                "how": ending(*status),
                "ran_s": after.as_secs_f64(),
            }),
            *then,
        ),
        Notice::Ready { id, after } => {
            json!({ "event": "ready", "name": name(id), "after_s": after.as_secs_f64() })
        }
        Notice::NotReady { id, why } => json!({ "event": "not_ready", "name": name(id), "reason": why }),
        Notice::Unwell { id, tier, why, then } => {
            with(json!({ "event": "unwell", "name": name(id), "probe": tier.word(), "reason": why }), *then)
        }
        Notice::WaitsInVain { id, after, why, then } => {
            let awaited = notice::awaited(plan, *after);
            with(json!({ "event": "waits_in_vain", "name": name(id), "for": awaited, "reason": why }), *then)
        }
        Notice::LeftBehind { id } => json!({ "event": "left_behind", "name": name(id) }),
        Notice::ShutdownBegan { signal, grace, .. } => json!({
            "event": "shutdown",
            "signal": signal.map(Signal::name),
            "grace_s": grace.as_secs_f64(),
        }),
        Notice::GuardianDied => json!({ "event": "shutdown", "reason": "the guardian is gone" }),
        Notice::Broke => json!({ "event": "shutdown", "reason": "a part of twelve-run failed" }),
        Notice::StoppingAll { signal } => json!({ "event": "stopping_all", "signal": signal_name(signal.0) }),
        Notice::KillingAll => json!({ "event": "killing_all" }),
        Notice::Stopping { id, signal } => {
            json!({ "event": "stopping", "name": name(id), "signal": signal_name(signal.0) })
        }
        Notice::Sent { id, signal } => {
            json!({ "event": "signalled", "name": name(id), "signal": signal_name(*signal) })
        }
        Notice::Killing { id, waited } => {
            json!({ "event": "killing", "name": name(id), "waited_s": waited.as_secs_f64() })
        }
        Notice::Unkillable { id, given_up } => {
            json!({ "event": "unkillable", "name": id.as_ref().map(name), "given_up": given_up })
        }
        Notice::Scaled { kind, from, to } => {
            json!({ "event": "scaled", "type": plan.process_type(*kind).name, "from": from, "to": to })
        }
        Notice::Rolling { kind, count } => {
            json!({ "event": "rolling", "type": plan.process_type(*kind).name, "count": count })
        }
        Notice::Rolled { kind, done } => {
            json!({ "event": "rolled", "type": plan.process_type(*kind).name, "done": done })
        }
        Notice::NothingUp => json!({ "event": "nothing_up" }),
        Notice::Suspended => json!({ "event": "suspended" }),
        Notice::Resumed => json!({ "event": "resumed" }),
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
