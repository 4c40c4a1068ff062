//! `signal`: sends processes a signal, and nothing else.

use super::Answer;
use crate::cli::SignalArgs;
use crate::control::client::Client;
use crate::control::protocol::Ask;
use crate::error::Error;
use crate::sys::terminal::{signal_name, signal_number};

pub fn signal(mut client: Client, args: &SignalArgs) -> Result<Answer, Error> {
    let signal = signal_number(&args.signal).ok_or_else(|| Error::Usage {
        sentence: format!("`{}` is no signal", args.signal),
        help: "write `USR1`, `SIGUSR1` or `10`".into(),
    })?;
    let answer = client.ask(Ask::Signal { names: args.names.clone(), signal })?;
    Ok(Answer::told(&answer, args.json, |answer| {
        format!("sent {} to {}", signal_name(signal), super::list(&answer["sent"]))
    }))
}
