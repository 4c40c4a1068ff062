//! The values of a plan as they are written in `twelve-run.toml`.

use crate::app::plan::{After, Backoff, Health, Plan, Probe, ProbeHow, Pty, Watch};
use crate::sys::terminal::signal_name;
use serde_json::{Value, json};
use std::time::Duration;

/// `250ms`, `1.5s`.
pub fn time(time: Duration) -> String {
    format!("{time:?}")
}

/// `256KiB`, or the number when it is no whole KiB.
pub fn size(bytes: usize) -> String {
    match bytes {
        _ if bytes.is_multiple_of(1 << 20) => format!("{}MiB", bytes >> 20),
        _ if bytes.is_multiple_of(1 << 10) => format!("{}KiB", bytes >> 10),
        _ => bytes.to_string(),
    }
}

pub fn pty(rule: Pty) -> &'static str {
    match rule {
        Pty::Auto => "auto",
        Pty::Always => "always",
        Pty::Never => "never",
    }
}

/// `TERM`.
pub fn signal(number: i32) -> String {
    let name = signal_name(number);
    name.strip_prefix("SIG").unwrap_or(name).to_owned()
}

/// `api:ready`.
pub fn after(plan: &Plan, after: After) -> String {
    format!("{}:{}", plan.process_type(after.kind).name, after.milestone.word())
}

/// `startup`, `readiness`, `liveness`: those that there are.
pub fn probes(health: &Health) -> impl Iterator<Item = (&'static str, &Probe)> {
    let all =
        [("startup", &health.startup), ("readiness", &health.readiness), ("liveness", &health.liveness)];
    all.into_iter().filter_map(|(name, probe)| Some((name, probe.as_ref()?)))
}

/// What is asked: `http` and `/health`.
pub fn asks(how: &ProbeHow) -> (&'static str, Value) {
    match how {
        ProbeHow::Http(url) => ("http", json!(url)),
        ProbeHow::Tcp => ("tcp", json!(true)),
        ProbeHow::Exec(line) => ("exec", json!(line.to_string_lossy())),
        ProbeHow::Log(pattern) => ("log", json!(pattern)),
        ProbeHow::Notify => ("notify", json!(true)),
    }
}

/// A probe's keys and values, defaults among them.
pub fn probe(probe: &Probe) -> Vec<(&'static str, Value)> {
    let (way, value) = asks(&probe.how);
    let schedule = probe.schedule;
    vec![
        (way, value),
        ("every", json!(time(schedule.every))),
        ("timeout", json!(time(schedule.timeout))),
        ("failures", json!(schedule.failures)),
        ("successes", json!(schedule.successes)),
    ]
}

/// The back-off's keys and values.
pub fn backoff(backoff: Backoff) -> [(&'static str, Value); 3] {
    [
        ("backoff", json!(time(backoff.first))),
        ("backoff_max", json!(time(backoff.most))),
        ("reset_after", json!(time(backoff.reset_after))),
    ]
}

/// What is watched, as a table; `null`: nothing.
pub fn watch(watch: &Watch) -> Value {
    if watch.globs.is_empty() {
        return Value::Null;
    }
    json!({ "globs": watch.globs, "signal": watch.signal.map(|number| signal(number.0)) })
}

/// A value for people: text without quotes, a list with commas.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "-".into(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(table) => {
            let said = table.iter().filter(|(_, value)| !value.is_null());
            said.map(|(key, value)| format!("{key} {}", plain(value))).collect::<Vec<_>>().join(" · ")
        }
        other => other.to_string(),
    }
}
