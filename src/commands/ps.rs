//! `ps`: what runs.

use super::Answer;
use super::table::{ago, clean, table as columns};
use crate::cli::NamesArgs;
use crate::control::client::Client;
use crate::control::protocol::{Ask, Process};
use crate::error::Error;
use serde_json::Value;
use std::io;

pub fn ps(mut client: Client, args: &NamesArgs) -> Result<Answer, Error> {
    if args.json {
        return Ok(Answer::data(format!("{:#}\n", ask(&mut client, &args.names)?)));
    }
    table(&mut client, &args.names).map(Answer::data)
}

/// As people read it.
pub fn table(client: &mut Client, names: &[String]) -> Result<String, Error> {
    let rows: Vec<Vec<String>> = processes(client, names)?.iter().map(row).collect();
    if rows.is_empty() {
        return Ok("nothing is to run; `twelve-run scale TYPE=1` starts something\n".into());
    }
    Ok(columns(&["NAME", "STATE", "PID", "PORT", "UP", "RESTARTS", "CPU", "MEMORY", "WHY"], &rows))
}

/// The rows as they were answered.
pub fn processes(client: &mut Client, names: &[String]) -> Result<Vec<Process>, Error> {
    let mut answer = ask(client, names)?;
    let rows = answer.get_mut("processes").map(Value::take).unwrap_or_default();
    serde_json::from_value(rows).map_err(|error| Error::Lost { cause: io::Error::from(error) })
}

fn ask(client: &mut Client, names: &[String]) -> Result<Value, Error> {
    client.ask(Ask::Ps { names: names.to_vec() })
}

fn row(process: &Process) -> Vec<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    let escaped = match process.escaped.len() {
        0 => String::new(),
        count => format!(" · {count} escaped"),
    };
    vec![
        process.name.clone(),
        process.state.clone(),
        or_dash(process.pid.map(|pid| pid.to_string())),
        or_dash(process.port.map(|port| port.to_string())),
        or_dash(process.uptime_s.map(ago)),
        process.restarts.to_string(),
        or_dash(process.cpu_percent.map(|percent| format!("{percent:.1} %"))),
        or_dash(process.rss_bytes.map(|bytes| format!("{:.1} MB", bytes as f64 / 1e6))),
        clean(&process.reason) + &escaped,
    ]
}
