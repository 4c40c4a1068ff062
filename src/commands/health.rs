//! `health`: whether everything that says so can be used; the same verdict as `/readyz`.

use super::table::{clean, table};
use super::{Answer, ps};
use crate::cli::NamesArgs;
use crate::control::client::Client;
use crate::control::protocol::Process;
use crate::error::{Error, Exit};
use serde_json::json;

pub fn health(mut client: Client, args: &NamesArgs) -> Result<Answer, Error> {
    let processes = ps::processes(&mut client, &args.names)?;
    let checked: Vec<&Process> = processes.iter().filter(|process| counts(process)).collect();
    let ready = checked.iter().all(|process| process.ready == Some(true));
    let mut answer = Answer::ends(if ready { Exit::Done } else { Exit::Failed });
    answer.data = if args.json { as_json(ready, &checked) } else { as_text(ready, &checked) }.into_bytes();
    Ok(answer)
}

/// What has no readiness probe is no part of the verdict, unless it should be up and is not.
fn counts(process: &Process) -> bool {
    process.ready.is_some() || matches!(process.state.as_str(), "failed" | "backoff" | "waiting")
}

fn as_json(ready: bool, checked: &[&Process]) -> String {
    let checks: Vec<_> = checked
        .iter()
        .map(|process| json!({ "name": process.name, "ready": process.ready == Some(true), "reason": process.reason }))
        .collect();
    format!("{:#}\n", json!({ "schema": 1, "ready": ready, "checks": checks }))
}

fn as_text(ready: bool, checked: &[&Process]) -> String {
    let word = if ready { "ready\n" } else { "not ready\n" };
    if checked.is_empty() {
        return word.into();
    }
    let row = |process: &&Process| {
        let state = if process.ready == Some(true) { "ready" } else { "not ready" };
        vec![process.name.clone(), state.into(), clean(&process.reason)]
    };
    word.to_owned() + &table(&["NAME", "HEALTH", "WHY"], &checked.iter().map(row).collect::<Vec<_>>())
}
