//! `logs`: what processes wrote, in the layout of `start`.

use super::{Answer, write_now};
use crate::app::settings;
use crate::cli::LogsArgs;
use crate::control::client::Client;
use crate::control::protocol::Ask;
use crate::error::{Error, Exit};
use crate::output::{Look, print};
use jiff::Timestamp;
use serde_json::Value;
use std::io::{self, IsTerminal};

pub fn logs(mut client: Client, args: &LogsArgs, colored: bool) -> Result<Answer, Error> {
    let since = args.since.as_deref().map(since).transpose()?;
    let answer = client.ask(Ask::Logs {
        names: args.names.clone(),
        last: args.last,
        since: since.map(|since| since.to_string()),
        previous: args.previous,
        follow: args.follow,
    })?;
    if args.follow {
        client.be_patient()?;
    }
    let look = Look {
        color: colored,
        timestamp: true,
        prefix: true,
        terminal: io::stdout().is_terminal(),
        width: answer["width"].as_u64().unwrap_or(0).max("system".len() as u64) as usize,
    };
    let mut printer = print::Printer::new(&look);
    // A pager reads as slowly as people do, and a formation waits for nobody.
    let mut kept = if args.follow { Vec::new() } else { all(&mut client, &answer)? }.into_iter();
    while let Some(record) = kept.next().map_or_else(|| client.value(), |record| Ok(Some(record)))? {
        if let Some(why) = record["end"].as_str() {
            return Err(Error::Lost { cause: io::Error::other(why.to_owned()) });
        }
        let line =
            if args.json { format!("{record}\n").into_bytes() } else { printed(&mut printer, &record) };
        if !write_now(&line) {
            break;
        }
    }
    Ok(Answer::ends(Exit::Done))
}

/// All that was there when we asked.
fn all(client: &mut Client, answer: &Value) -> Result<Vec<Value>, Error> {
    let mut records = Vec::new();
    while let Some(record) = client.value()? {
        records.push(record);
    }
    if answer["records"].as_u64().is_some_and(|count| count > records.len() as u64) {
        return Err(Error::Lost { cause: io::ErrorKind::UnexpectedEof.into() });
    }
    Ok(records)
}

fn printed(printer: &mut print::Printer, record: &Value) -> Vec<u8> {
    let word = |key: &str| record[key].as_str().unwrap_or_default();
    let at = word("at").parse().unwrap_or(Timestamp::UNIX_EPOCH);
    printer.line(at, word("name"), record["continues"] == true, word("text").as_bytes())
}

/// `5m` ago, or a time.
fn since(text: &str) -> Result<Timestamp, Error> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let wrong = |sentence: String| Error::Usage {
        sentence,
        help: "write how long ago (`5m`) or a time (`2026-01-31T12:00:00Z`)".into(),
    };
    let ago = settings::duration(text).map_err(wrong)?;
    Timestamp::now().checked_sub(ago).map_err(|_| wrong(format!("`{text}` is too long ago")))
}
