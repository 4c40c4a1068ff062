//! `config`: every value that counts, and with `--origins` where it came from. Starts nothing; values of the
//! environment are never shown.

use super::{Answer, table, words};
use crate::app::origin::{Origin, Origins, Variable};
use crate::app::plan::{Color, Plan, ProcessType};
use crate::app::problem;
use crate::app::settings::LOG_FORMATS;
use crate::app::{self, Reading, Typed, World};
use crate::cli::ConfigArgs;
use crate::error::Exit;
use serde_json::{Value, json};
use std::fmt::Write;

pub fn config(typed: &Typed, world: &World, args: &ConfigArgs, color: bool) -> Answer {
    let reading = app::load(typed, world);
    let talk = problem::render(&problem::serious(&reading.problems), color);
    let Some(plan) = &reading.plan else { return Answer::talk(talk, Exit::Usage) };
    let data = if args.json {
        format!("{:#}\n", as_json(&reading, plan, args.origins))
    } else {
        as_text(&reading, plan, args.origins)
    };
    Answer { talk: talk.into_bytes(), ..Answer::data(data) }
}

/// Every value by its key: those of `twelve-run.toml` as they are written there, the others by their flags.
fn values(plan: &Plan) -> Vec<(String, Value)> {
    let quiet: Vec<&str> = plan.view.quiet.iter().map(|id| plan.process_type(*id).name.as_str()).collect();
    let color = match plan.view.color {
        Color::Auto => "auto",
        Color::Always => "always",
        Color::Never => "never",
    };
    let format =
        LOG_FORMATS.iter().find(|(_, format)| *format == plan.view.format).map_or("", |(word, _)| word);
    let mut values: Vec<(String, Value)> = [
        ("root", json!(plan.root)),
        ("procfile", json!(plan.procfile)),
        ("port", json!(plan.base_port)),
        ("color", json!(color)),
        ("no-timestamp", json!(!plan.view.timestamp)),
        ("no-prefix", json!(!plan.view.prefix)),
        ("quiet", json!(quiet)),
        ("logs.each", json!(words::size(plan.logs.each))),
        ("logs.all", json!(words::size(plan.logs.all))),
        ("logs.format", json!(format)),
        ("logs.redact", json!(plan.view.redact)),
        ("logs.secrets", json!(plan.view.secrets)),
        ("http.listen", json!(plan.http)),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    for kind in &plan.types {
        let of_type = process(plan, kind).into_iter();
        values.extend(of_type.map(|(key, value)| (format!("process.{}.{key}", kind.name), value)));
    }
    values
}

fn process(plan: &Plan, kind: &ProcessType) -> Vec<(String, Value)> {
    let rules = &kind.rules;
    let after: Vec<String> = rules.after.iter().map(|after| words::after(plan, *after)).collect();
    let cwd = kind.cwd.strip_prefix(&plan.root).unwrap_or(&kind.cwd);
    let mut values = vec![
        ("instances", json!(kind.count)),
        ("after", json!(after)),
        ("restart", json!(rules.restart.word())),
        ("max_restarts", json!(rules.max_restarts)),
    ];
    values.extend(words::backoff(rules.backoff));
    values.extend([
        ("on_exit", json!(rules.on_exit.word())),
        ("stop_signal", json!(words::signal(rules.stop_signal.0))),
        ("grace", json!(words::time(rules.grace))),
        ("pty", json!(words::pty(kind.pty))),
        ("cwd", json!(if cwd.as_os_str().is_empty() { ".".as_ref() } else { cwd })),
        ("shell", json!(kind.shell.as_ref().map_or("/bin/sh".into(), |shell| shell.to_string_lossy()))),
        ("listen", json!(kind.listen)),
        ("watch", words::watch(&kind.watch)),
    ]);
    let mut values: Vec<(String, Value)> =
        values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    for (name, probe) in words::probes(&rules.health) {
        let probe = words::probe(probe).into_iter();
        values.extend(probe.map(|(key, value)| (format!("health.{name}.{key}"), value)));
    }
    values
}

fn as_text(reading: &Reading, plan: &Plan, origins: bool) -> String {
    let origin = |key: &str| reading.origins.of(key).to_string();
    let rows: Vec<Vec<String>> = values(plan)
        .into_iter()
        .map(|(key, value)| {
            let origin = origins.then(|| origin(&key));
            [key, words::plain(&value)].into_iter().chain(origin).map(|cell| table::clean(&cell)).collect()
        })
        .collect();
    if !origins {
        return table::table(&["KEY", "VALUE"], &rows);
    }
    let mut text = table::table(&["KEY", "VALUE", "FROM"], &rows);
    for (id, kind) in plan.types().filter(|(id, _)| !is_errand(plan, *id)) {
        let variables = reading.origins.environment(plan, id);
        let rows: Vec<Vec<String>> = variables.iter().map(row).collect();
        let _ = writeln!(text, "\nenvironment of {}", kind.name);
        text.push_str(&table::table(&["NAME", "FROM", "SHADOWED"], &rows));
    }
    text
}

fn row(variable: &Variable) -> Vec<String> {
    let shadowed: Vec<String> = variable.shadowed.iter().map(Origin::to_string).collect();
    let cells = [variable.name.clone(), variable.origin.to_string(), shadowed.join(", ")];
    cells.iter().map(|cell| table::clean(cell)).collect()
}

fn as_json(reading: &Reading, plan: &Plan, origins: bool) -> Value {
    let values: Vec<Value> = values(plan)
        .into_iter()
        .map(|(key, value)| {
            let mut row = json!({ "key": key, "value": value });
            if origins {
                row["from"] = from(&reading.origins.of(&key));
            }
            row
        })
        .collect();
    if !origins {
        return json!({ "schema": 1, "values": values });
    }
    let types = plan.types().filter(|(id, _)| !is_errand(plan, *id));
    let environment: serde_json::Map<String, Value> =
        types.map(|(id, kind)| (kind.name.clone(), variables(&reading.origins, plan, id))).collect();
    json!({ "schema": 1, "values": values, "environment": environment })
}

fn variables(origins: &Origins, plan: &Plan, id: app::plan::TypeId) -> Value {
    let variable = |variable: &Variable| {
        let shadowed: Vec<Value> = variable.shadowed.iter().map(from).collect();
        json!({ "name": variable.name, "from": from(&variable.origin), "shadowed": shadowed })
    };
    origins.environment(plan, id).iter().map(variable).collect()
}

fn from(origin: &Origin) -> Value {
    match origin {
        Origin::Default => json!({ "kind": "default" }),
        Origin::Flag(flag) => json!({ "kind": "flag", "name": flag }),
        Origin::Argument => json!({ "kind": "argument" }),
        Origin::Variable(name) => json!({ "kind": "environment", "name": name }),
        Origin::File(file) => json!({ "kind": "file", "file": file }),
        Origin::Written(place) => json!({ "kind": "file", "file": place.source.name, "line": place.line() }),
        Origin::Assigned => json!({ "kind": "assigned" }),
    }
}

fn is_errand(plan: &Plan, id: app::plan::TypeId) -> bool {
    plan.errand.as_ref().is_some_and(|errand| errand.kind == id)
}
