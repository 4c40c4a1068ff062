//! `restart`: stops processes and starts them again; starts those that are stopped.

use super::Answer;
use crate::cli::RestartArgs;
use crate::control::client::Client;
use crate::control::protocol::Ask;
use crate::error::Error;

pub fn restart(mut client: Client, args: &RestartArgs) -> Result<Answer, Error> {
    let answer = client.ask(Ask::Restart { names: args.names.clone() })?;
    Ok(Answer::told(&answer, args.json, |answer| {
        format!("restarting {}", super::list(&answer["restarting"]))
    }))
}
