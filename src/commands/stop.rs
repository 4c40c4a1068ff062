//! `stop`: stops processes; they stay in the formation, and the rest goes on.

use super::Answer;
use crate::cli::StopArgs;
use crate::control::client::Client;
use crate::control::protocol::Ask;
use crate::error::Error;

pub fn stop(mut client: Client, args: &StopArgs) -> Result<Answer, Error> {
    let answer = client.ask(Ask::Stop { names: args.names.clone() })?;
    Ok(Answer::told(&answer, args.json, |answer| format!("stopping {}", super::list(&answer["stopping"]))))
}
