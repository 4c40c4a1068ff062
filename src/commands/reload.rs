//! `reload`: reads the files anew, and touches only what has changed. Names of variables are told, values
//! never.

use super::{Answer, write_now};
use crate::cli::ReloadArgs;
use crate::control::client::Client;
use crate::control::protocol::Ask;
use crate::error::{Error, Exit};
use serde_json::Value;

pub fn reload(mut client: Client, args: &ReloadArgs) -> Result<Answer, Error> {
    let answer = client.ask(Ask::Reload { rolling: args.rolling })?;
    let changes = answer["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = if args.json { format!("{answer:#}\n") } else { text(changes) };
    write_now(text.as_bytes());
    if args.rolling {
        client.be_patient()?;
        for change in changes.iter().filter(|change| change["restart"] == true) {
            client.ask(Ask::Roll { name: name(change).to_owned() })?;
        }
    }
    Ok(Answer::ends(Exit::Done))
}

fn text(changes: &[Value]) -> String {
    if changes.is_empty() {
        return "nothing has changed\n".into();
    }
    let line = |change: &Value| match change["change"].as_str() {
        Some("added") => format!("+ {}\n", name(change)),
        Some("removed") => format!("− {}\n", name(change)),
        _ => {
            let what = change["what"].as_array().map(Vec::as_slice).unwrap_or_default();
            let what: Vec<&str> = what.iter().filter_map(Value::as_str).collect();
            format!("~ {}: {}\n", name(change), what.join(", "))
        }
    };
    changes.iter().map(line).collect()
}

fn name(change: &Value) -> &str {
    change["name"].as_str().unwrap_or_default()
}
