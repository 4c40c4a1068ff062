//! `start --dry-run`: the plan, for people or machines. Values of the environment are never shown.

use super::words;
use crate::app::Reading;
use crate::app::plan::{Backoff, Plan, ProcessType, Restart, Schedule};
use crate::sys::terminal::signal_name;
use serde_json::{Value, json};
use std::fmt::Write;

/// The plan as text, or as one JSON object.
pub fn dry_run(reading: &Reading, plan: &Plan, json: bool) -> String {
    if json { format!("{:#}\n", as_json(reading, plan)) } else { as_text(reading, plan) }
}

fn as_text(reading: &Reading, plan: &Plan) -> String {
    let mut text = format!("folder    {}\nprocfile  {}\n", plan.root.display(), plan.procfile.display());
    let names = set_names(reading);
    if !names.is_empty() {
        let _ = writeln!(text, "files set {}", names.join(", "));
    }
    if let Some(http) = plan.http {
        let _ = writeln!(text, "http      {http}");
    }
    for kind in &plan.types {
        let _ = writeln!(text, "\n{} × {}", kind.name, kind.count);
        let mut row = |name: &str, value: String| {
            let _ = writeln!(text, "  {name:12}{value}");
        };
        row("command", kind.command.to_string_lossy().escape_debug().to_string());
        row("ports", ports(kind));
        if kind.cwd != plan.root {
            row("cwd", kind.cwd.display().to_string());
        }
        row("restart", format!("{}, on_exit {}", kind.rules.restart.word(), kind.rules.on_exit.word()));
        row(
            "stop",
            format!("{}, SIGKILL after {:?}", signal_name(kind.rules.stop_signal.0), kind.rules.grace),
        );
        row("pty", words::pty(kind.pty).into());
        let after: Vec<String> = kind.rules.after.iter().map(|after| words::after(plan, *after)).collect();
        if !after.is_empty() {
            row("after", after.join(", "));
        }
        if kind.rules.restart != Restart::Never {
            let Backoff { first, most, reset_after } = kind.rules.backoff;
            row("backoff", format!("{first:?} to {most:?}, anew after {reset_after:?} up"));
        }
        for (name, probe) in words::probes(&kind.rules.health) {
            let (way, what) = words::asks(&probe.how);
            let Schedule { every, timeout, failures, successes } = probe.schedule;
            let what = format!("{way} {} every {every:?}, {timeout:?} each", words::plain(&what));
            row(name, format!("{}, {failures} failures, {successes} successes", what.escape_debug()));
        }
        if !kind.listen.is_empty() {
            row("listen", words::plain(&json!(kind.listen)));
        }
        if !kind.watch.globs.is_empty() {
            row("watch", words::plain(&words::watch(&kind.watch)).escape_debug().to_string());
        }
    }
    text
}

fn as_json(reading: &Reading, plan: &Plan) -> Value {
    let types: Vec<Value> = plan
        .types
        .iter()
        .map(|kind| {
            json!({
                "name": kind.name,
                "count": kind.count,
                "command": kind.command.to_string_lossy(),
                "shell": kind.shell.as_ref().map(|shell| shell.to_string_lossy().into_owned()),
                "cwd": kind.cwd,
                "port": kind.port,
                "restart": kind.rules.restart.word(),
                "max_restarts": kind.rules.max_restarts,
                "on_exit": kind.rules.on_exit.word(),
                "stop_signal": signal_name(kind.rules.stop_signal.0),
                "grace_s": kind.rules.grace.as_secs_f64(),
                "pty": words::pty(kind.pty),
                "after": kind.rules.after.iter().map(|after| words::after(plan, *after)).collect::<Vec<_>>(),
                "backoff_s": kind.rules.backoff.first.as_secs_f64(),
                "backoff_max_s": kind.rules.backoff.most.as_secs_f64(),
                "reset_after_s": kind.rules.backoff.reset_after.as_secs_f64(),
                "health": health(kind),
                "listen": kind.listen,
                "watch": words::watch(&kind.watch),
            })
        })
        .collect();
    json!({
        "schema": 1,
        "root": plan.root,
        "procfile": plan.procfile,
        "base_port": plan.base_port,
        "environment_files_set": set_names(reading),
        "logs": { "each": plan.logs.each, "all": plan.logs.all },
        "http": plan.http,
        "types": types,
    })
}

/// The probes that there are, by their tiers; times as they are written.
fn health(kind: &ProcessType) -> Value {
    let probes = words::probes(&kind.rules.health);
    let probe = |probe| words::probe(probe).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Value::Object(probes.map(|(name, one)| (name.to_owned(), Value::Object(probe(one)))).collect())
}

/// `NAME (.env:3)`.
fn set_names(reading: &Reading) -> Vec<String> {
    let set = reading.origins.set_by_files().into_iter();
    set.map(|(name, place)| format!("{name} ({}:{})", place.source.name, place.line())).collect()
}

fn ports(kind: &ProcessType) -> String {
    match (kind.port, kind.count) {
        (Some(port), 2..) => format!("{port}–{}", u32::from(port) + u32::from(kind.count) - 1),
        (Some(port), _) => port.to_string(),
        (None, _) => "none".into(),
    }
}
