//! The names that `.env` and its example set: the other side of the reads.

use super::language::{Language, is_dotenv_name, is_sample};
use super::reads::is_variable;
use super::source::{Places, Source};
use crate::factors::finding::Place;

/// What a file does with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SettingKind {
    /// A `.env` gives it a value.
    Set,
    /// A `.env` names it without a value.
    Empty,
    /// `.env.example` names it.
    Example,
}

/// A name with its place.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The variable's name.
    pub name: String,
    /// What the file does with it.
    pub kind: SettingKind,
    /// Where it is named.
    pub place: Place,
}

pub fn settings(source: &Source<'_>) -> Vec<Setting> {
    let name = source.path.rsplit('/').next().unwrap_or_default();
    if source.language != Language::Dotenv || !is_dotenv_name(&name.to_ascii_lowercase()) {
        return Vec::new();
    }
    let example = is_sample(name);
    let mut places = Places::of(source);
    let mut settings = Vec::new();
    let mut at = 0;
    for line in source.text.split_inclusive(|b| *b == b'\n') {
        let start = at;
        at += line.len();
        let text = line.trim_ascii_start();
        let indent = line.len() - text.len();
        let text = text.strip_prefix(b"export ").map_or((indent, text), |rest| (indent + 7, rest));
        let Some(equals) = memchr::memchr(b'=', text.1) else { continue };
        let name = text.1[..equals].trim_ascii_end();
        if !is_variable(name) {
            continue;
        }
        let value = text.1[equals + 1..].trim_ascii();
        let empty = value.is_empty() || matches!(value, b"\"\"" | b"''") || value.starts_with(b"#");
        let kind = if example {
            SettingKind::Example
        } else if empty {
            SettingKind::Empty
        } else {
            SettingKind::Set
        };
        let from = start + text.0;
        settings.push(Setting {
            name: String::from_utf8_lossy(name).into_owned(),
            kind,
            place: places.place(&(from..from + name.len())),
        });
    }
    settings
}
