//! `events`: what happens, as it happens.

use super::table::clean;
use super::{Answer, write_now};
use crate::cli::EventsArgs;
use crate::control::client::Client;
use crate::control::protocol::Ask;
use crate::error::{Error, Exit};
use serde_json::Value;

pub fn events(mut client: Client, args: &EventsArgs) -> Result<Answer, Error> {
    client.ask(Ask::Events {})?;
    client.be_patient()?;
    while let Some(event) = client.value()? {
        if let Some(why) = event["end"].as_str() {
            return Err(Error::Lost { cause: std::io::Error::other(why.to_owned()) });
        }
        let line = if args.json { format!("{event}\n") } else { line(&event) };
        if !write_now(line.as_bytes()) {
            break;
        }
    }
    Ok(Answer::ends(Exit::Done))
}

/// `exited  web.1  exit 3  ran_s 0.2`, without what is nothing.
fn line(event: &Value) -> String {
    let word = |value: &Value| match value {
        Value::String(text) => clean(text),
        other => other.to_string(),
    };
    let mut cells = vec![word(&event["at"]), word(&event["event"])];
    for (key, value) in event.as_object().into_iter().flatten() {
        match key.as_str() {
            "at" | "event" | "schema" => {}
            "name" => cells.insert(2, word(value)),
            _ if value.is_null() => {}
            _ => cells.push(format!("{key} {}", word(value))),
        }
    }
    cells.join("  ") + "\n"
}
