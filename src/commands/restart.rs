//! `restart`: stops processes and starts them again; starts those that are stopped.

use super::{Answer, ps};
use crate::cli::RestartArgs;
use crate::control::client::Client;
use crate::control::protocol::Ask;
use crate::error::Error;
use serde_json::json;

pub fn restart(mut client: Client, args: &RestartArgs) -> Result<Answer, Error> {
    if args.rolling {
        return rolling(client, args);
    }
    let answer = client.ask(Ask::Restart { names: args.names.clone() })?;
    Ok(Answer::told(&answer, args.json, |answer| {
        format!("restarting {}", super::list(&answer["restarting"]))
    }))
}

/// One type after the other, each until all of it is replaced.
fn rolling(mut client: Client, args: &RestartArgs) -> Result<Answer, Error> {
    let mut names = args.names.clone();
    if names.is_empty() {
        let kinds = ps::processes(&mut client, &[])?.into_iter().map(|process| process.kind);
        names = kinds.fold(Vec::new(), |mut all, kind| {
            if all.last() != Some(&kind) {
                all.push(kind);
            }
            all
        });
    }
    client.be_patient()?;
    for name in &names {
        client.ask(Ask::Roll { name: name.clone() })?;
    }
    let answer = json!({ "schema": 1, "replaced": names });
    Ok(Answer::told(&answer, args.json, |answer| format!("replaced {}", super::list(&answer["replaced"]))))
}
