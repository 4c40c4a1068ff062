//! From text to tables, with every mistake that the tables refuse, not only the first.
//!
//! A deserializer stops at its first mistake. So what is wrong is told, cut out of the tree and the rest is
//! read again, until nothing more is refused.

use crate::app::problem::{Place, Problem, Source};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer, Error};

/// More mistakes than anybody reads at once; each costs a reading of the file.
const MOST: usize = 50;

/// How the library begins to say that a key is missing.
const MISSING: &str = "missing field";

/// A file that was read, as far as it could be.
#[derive(Debug)]
pub struct Read<T> {
    /// What it says, without what is wrong; `None` when nothing can be said.
    pub tables: Option<T>,
    /// Every problem.
    pub problems: Vec<Problem>,
    /// Where each value is written, by its keys with dots between.
    pub places: BTreeMap<String, Place>,
    /// The same for what was cut out: it is there, and it is wrong.
    pub cut: Vec<String>,
}

/// Reads a text. `types` are the names that `[process.X]` may bear.
pub fn read<T: DeserializeOwned>(source: &Arc<Source>, text: &str, types: &[&str]) -> Read<T> {
    let (mut root, errors) = DeTable::parse_recoverable(text);
    let mut read = Read { tables: None, problems: Vec::new(), places: BTreeMap::new(), cut: Vec::new() };
    if !errors.is_empty() {
        for problem in errors.iter().map(|error| malformed(source, error, types)) {
            // What follows a mistake in its line is most often more of it.
            let line = |problem: &Problem| problem.place.as_ref().map(Place::line);
            if read.problems.last().is_none_or(|last| line(last) != line(&problem)) {
                read.problems.push(problem);
            }
        }
        read.problems.truncate(MOST);
        return read;
    }
    note_places(source, root.get_ref(), &mut Vec::new(), &mut read.places);
    loop {
        match T::deserialize(Deserializer::from(root.clone())) {
            Ok(tables) => {
                read.tables = Some(tables);
                return read;
            }
            Err(error) => {
                read.problems.push(malformed(source, &error, types));
                let mut path = Vec::new();
                let span = error.span().filter(|_| read.problems.len() < MOST);
                // A header like `[a.b]` spans the names of both its tables, so what is told exactly goes first.
                let mut cut = |span: &Range<usize>| {
                    let is = |found: &Range<usize>| found == span;
                    let holds = |found: &Range<usize>| found.start <= span.start && span.end <= found.end;
                    let root = root.get_mut();
                    cut(root, &is, &mut path) || cut(root, &holds, &mut path)
                };
                if !span.is_some_and(|span| cut(&span)) {
                    return read;
                }
                let path = path.join(".");
                // What is missing may be what was there, and wrong.
                if error.message().starts_with(MISSING) && is_at_or_below(&read.cut, &path) {
                    read.problems.pop();
                }
                read.cut.push(path);
            }
        }
    }
}

/// Whether one of these is at this key, or below it.
pub fn is_at_or_below(keys: &[String], key: &str) -> bool {
    let rest =
        |known: &String| known.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    keys.iter().any(rest)
}

/// A syntax error, an unknown key or a value that was refused.
fn malformed(source: &Arc<Source>, error: &Error, types: &[&str]) -> Problem {
    let message = error.message().lines().next().unwrap_or_default();
    let problem = match message.strip_prefix("unknown field `") {
        Some(rest) => unknown(rest, types),
        None => Problem::error(message.replace(MISSING, "missing key")),
    };
    problem.at(Place::new(source, error.span().unwrap_or(0..0)))
}

/// An unknown key, told as its name and, after a comma, all that are expected.
fn unknown(rest: &str, types: &[&str]) -> Problem {
    let (key, expected) = rest.rsplit_once("`, expected").unwrap_or((rest, ""));
    let known = expected.split('`').skip(1).step_by(2);
    let problem = Problem::error(format!("unknown key `{key}`"));
    if types.contains(&key) && expected.contains("`process`") {
        return problem.help(format!("write `[process.{key}]`"));
    }
    let problem = problem.did_you_mean(key, known.clone());
    if problem.help.is_some() {
        return problem;
    }
    let known: Vec<String> = known.map(|key| format!("`{key}`")).collect();
    problem.help(format!("there may be {}", known.join(", ")))
}

fn note_places(
    source: &Arc<Source>,
    table: &DeTable,
    path: &mut Vec<String>,
    places: &mut BTreeMap<String, Place>,
) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(table) => note_places(source, table, path, places),
            _ => drop(places.insert(path.join("."), Place::new(source, value.span()))),
        }
        path.pop();
    }
}

/// Takes out the innermost thing whose place is `wanted`; true when there was one. `path` is then where it was.
fn cut(table: &mut DeTable, wanted: &impl Fn(&Range<usize>) -> bool, path: &mut Vec<String>) -> bool {
    for (key, value) in table.iter_mut() {
        path.push(key.get_ref().to_string());
        if cut_below(value, wanted, path) {
            return true;
        }
        path.pop();
    }
    let found = table.iter().find(|(key, value)| wanted(&key.span()) || wanted(&value.span()));
    let Some(key) = found.map(|(key, _)| key.get_ref().to_string()) else { return false };
    table.remove(key.as_str());
    path.push(key);
    true
}

fn cut_below(
    value: &mut Spanned<DeValue>,
    wanted: &impl Fn(&Range<usize>) -> bool,
    path: &mut Vec<String>,
) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => cut(table, wanted, path),
        DeValue::Array(array) => {
            if array.iter_mut().any(|value| cut_below(value, wanted, path)) {
                return true;
            }
            let Some(at) = array.iter().position(|value| wanted(&value.span())) else { return false };
            let values = std::mem::replace(array, DeArray::new()).into_iter().enumerate();
            *array = values.filter(|(other, _)| *other != at).map(|(_, value)| value).collect();
            true
        }
        _ => false,
    }
}
