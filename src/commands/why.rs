//! `why`: what a process is doing, since when, for what reason, and how it ended before.

use super::Answer;
use super::table::{ago, clean};
use crate::cli::NamesArgs;
use crate::control::client::Client;
use crate::control::protocol::Ask;
use crate::error::Error;
use serde_json::Value;
use std::fmt::Write;

pub fn why(mut client: Client, args: &NamesArgs) -> Result<Answer, Error> {
    let answer = client.ask(Ask::Why { names: args.names.clone() })?;
    if args.json {
        return Ok(Answer::data(format!("{answer:#}\n")));
    }
    let processes = answer["processes"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(Answer::data(processes.iter().map(one).collect::<Vec<_>>().join("\n")))
}

fn one(process: &Value) -> String {
    let word = |key: &str| clean(process[key].as_str().unwrap_or_default());
    let mut text = format!(
        "{} · {} for {}\n  {}\n",
        word("name"),
        word("state"),
        seconds(&process["since_s"]),
        word("reason")
    );
    let _ = writeln!(text, "  runs `{}`", word("command"));
    let _ = writeln!(text, "  restart {}, on_exit {}", word("restart"), word("on_exit"));
    if process["asked_by"].is_string() {
        let _ = writeln!(text, "  changed last by {}", word("asked_by"));
    }
    lines(&mut text, "  it said last:", &process["last_lines"]);
    for end in process["ends"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let _ = writeln!(
            text,
            "  {} ago: {}, after {}",
            seconds(&end["ago_s"]),
            clean(end["how"].as_str().unwrap_or_default()),
            seconds(&end["ran_s"])
        );
        lines(&mut text, "    its last words:", &end["last_lines"]);
    }
    text
}

fn lines(text: &mut String, head: &str, lines: &Value) {
    let lines = lines.as_array().map(Vec::as_slice).unwrap_or_default();
    if !lines.is_empty() {
        let _ = writeln!(text, "{head}");
    }
    for line in lines {
        let _ = writeln!(text, "      {}", clean(line.as_str().unwrap_or_default()));
    }
}

fn seconds(value: &Value) -> String {
    ago(value.as_f64().unwrap_or_default())
}
