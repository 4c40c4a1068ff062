//! `scale`: changes how many of a type run, while they run.

use super::{Answer, ps};
use crate::app::formation::{self, Change};
use crate::app::settings;
use crate::cli::ScaleArgs;
use crate::control::client::Client;
use crate::control::protocol::{Ask, Count, Kind, Process};
use crate::error::Error;
use std::time::{Duration, Instant};

/// How often a relative change is asked for again when somebody else was quicker.
const TRIES: usize = 10;

type Connect<'a> = &'a dyn Fn() -> Result<Client, Error>;

pub fn scale(connect: Connect<'_>, args: &ScaleArgs) -> Result<Answer, Error> {
    let usage = |sentence: String| Error::Usage { sentence, help: "write `worker=4` or `web=+1`".into() };
    let within = settings::duration(&args.wait_timeout).map_err(usage)?;
    let changes = args
        .counts
        .iter()
        .flat_map(|argument| argument.split(','))
        .map(|part| match formation::change(part.trim()).map_err(usage)? {
            (name, Change::Named) => Err(usage(format!("how many of `{name}` is not said"))),
            (name, change) => Ok((name.to_owned(), change)),
        })
        .collect::<Result<Vec<_>, Error>>()?;
    // Listening begins before anything changes, so that nothing is missed.
    let events = if args.wait { Some(listen(connect)?) } else { None };
    let answer = ask(connect, &changes)?;
    if let Some(events) = events {
        wait(connect, events, &answer, within)?;
    }
    Ok(Answer::told(&answer, args.json, |answer| {
        let scaled = answer["scaled"].as_array().map(Vec::as_slice).unwrap_or_default();
        let told: Vec<String> = scaled
            .iter()
            .map(|one| {
                format!("{} from {} to {}", one["name"].as_str().unwrap_or_default(), one["from"], one["to"])
            })
            .collect();
        told.join("\n")
    }))
}

/// A relative change becomes an absolute one that holds only while nobody else changes the same.
fn ask(connect: Connect<'_>, changes: &[(String, Change)]) -> Result<serde_json::Value, Error> {
    let mut client = connect()?;
    let relative = changes.iter().any(|(_, change)| matches!(change, Change::By(_)));
    for _ in 1..TRIES {
        let present = if relative { ps::processes(&mut client, &[])? } else { Vec::new() };
        match client.try_ask(Ask::Scale { counts: counts(changes, &present)? })? {
            Err(refused) if refused.kind == Kind::Changed => {}
            outcome => return outcome.map_err(Error::Refused),
        }
    }
    let present = if relative { ps::processes(&mut client, &[])? } else { Vec::new() };
    client.ask(Ask::Scale { counts: counts(changes, &present)? })
}

fn counts(changes: &[(String, Change)], present: &[Process]) -> Result<Vec<Count>, Error> {
    let count = |(name, change): &(String, Change)| {
        let have = present.iter().filter(|process| process.kind == *name && stays(process)).count() as i32;
        let (to, from) = match change {
            Change::Named => (have, None),
            Change::To(to) => (i32::from(*to), None),
            Change::By(more) => (have + more, Some(have as u16)),
        };
        let most = i32::from(formation::MOST);
        if !(0..=most).contains(&to) {
            let sentence = format!("`{name}` would have {to} instances");
            return Err(Error::Usage {
                sentence,
                help: format!("there can be 0 to {most}; there are {have}"),
            });
        }
        Ok(Count { name: name.clone(), to: to as u16, from })
    };
    changes.iter().map(count).collect()
}

/// Whether it is counted: what is being taken away is not.
fn stays(process: &Process) -> bool {
    !process.leaving
}

fn listen(connect: Connect<'_>) -> Result<Client, Error> {
    let mut events = connect()?;
    events.ask(Ask::Events {})?;
    Ok(events)
}

/// Until each type has its count, all running, and nothing of it is on its way out.
fn wait(
    connect: Connect<'_>,
    mut events: Client,
    answer: &serde_json::Value,
    within: Duration,
) -> Result<(), Error> {
    let scaled = answer["scaled"].as_array().map(Vec::as_slice).unwrap_or_default();
    let until = Instant::now() + within;
    loop {
        let present = ps::processes(&mut connect()?, &[])?;
        let reached = |one: &serde_json::Value| {
            let of_type =
                present.iter().filter(|process| Some(process.kind.as_str()) == one["name"].as_str());
            let (up, other): (Vec<_>, Vec<_>) = of_type.partition(|process| process.state == "running");
            other.is_empty() && Some(up.len() as u64) == one["to"].as_u64()
        };
        if scaled.iter().all(reached) {
            return Ok(());
        }
        let late = || Error::TimedOut { what: "not everything is as it should be".into(), within };
        let rest = until.checked_duration_since(Instant::now()).ok_or_else(late)?;
        events.wait_at_most(rest)?;
        match events.value() {
            Ok(Some(_)) => {}
            Ok(None) => return Err(Error::Lost { cause: std::io::ErrorKind::UnexpectedEof.into() }),
            Err(_) => return Err(late()),
        }
    }
}
