//! `down`: stops everything, shows how it goes, and returns when nothing is left.

use super::{Answer, talk_now};
use crate::app::settings;
use crate::cli::DownArgs;
use crate::control::client::Client;
use crate::control::place;
use crate::control::protocol::Ask;
use crate::error::{Error, Exit};

pub fn down(connect: &dyn Fn() -> Result<Client, Error>, args: &DownArgs) -> Result<Answer, Error> {
    let grace = match &args.timeout {
        Some(text) => Some(settings::duration(text).map_err(|sentence| Error::Usage {
            sentence,
            help: "`-t` is the time between the stop signal and SIGKILL".into(),
        })?),
        None => None,
    };
    let mut events = connect()?;
    let socket = events.socket().to_owned();
    events.ask(Ask::Events {})?;
    connect()?.ask(Ask::Down { grace_ms: grace.map(|grace| grace.as_millis() as u64) })?;
    events.be_patient()?;
    let mut exit = Exit::Done;
    while let Some(event) = events.value()? {
        match (event["event"].as_str(), event["name"].as_str()) {
            (Some("exited"), Some(name)) => {
                talk_now(format!("{name} {}\n", event["how"].as_str().unwrap_or("ended")).as_bytes());
            }
            (Some("unkillable"), _) if event["given_up"] == true => exit = Exit::Failed,
            _ => {}
        }
    }
    place::wait_until_free(&socket);
    Ok(Answer::ends(exit))
}
