//! `start --dry-run`: the plan, for people or machines. Values of the environment are never shown.

use crate::app::Reading;
use crate::app::plan::{Plan, ProcessType, Pty};
use crate::app::problem::Place;
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
        row("pty", pty(kind.pty).into());
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
                "pty": pty(kind.pty),
            })
        })
        .collect();
    json!({
        "schema": 1,
        "root": plan.root,
        "procfile": plan.procfile,
        "base_port": plan.base_port,
        "environment_files_set": set_names(reading),
        "types": types,
    })
}

/// `NAME (.env:3)`.
fn set_names(reading: &Reading) -> Vec<String> {
    let named = |(name, place): (&String, &Place)| format!("{name} ({}:{})", place.source.name, place.line());
    let mut names: Vec<String> = reading.set_by_files.iter().map(named).collect();
    names.sort();
    names
}

fn ports(kind: &ProcessType) -> String {
    match (kind.port, kind.count) {
        (Some(port), 2..) => format!("{port}–{}", u32::from(port) + u32::from(kind.count) - 1),
        (Some(port), _) => port.to_string(),
        (None, _) => "none".into(),
    }
}

fn pty(rule: Pty) -> &'static str {
    match rule {
        Pty::Auto => "auto",
        Pty::Always => "always",
        Pty::Never => "never",
    }
}
