//! A problem in what was written: its sentence, its place, its cure.

use std::ops::Range;
use std::sync::Arc;

/// One text that was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// As it is named to people: a path as typed, or `-m` for an argument.
    pub name: String,
    /// Its bytes, as read.
    pub text: Vec<u8>,
    /// Whether its lines may hold secrets and are never shown, only named by line and column.
    pub secret: bool,
}

/// A range of bytes of a [`Source`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub source: Arc<Source>,
    /// Bytes, counted from the start of the text as read.
    pub span: Range<usize>,
}

/// A value with the place where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub place: Place,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Shown by `check` alone, which exits 1.
    Note,
    /// Shown by every command that reads the file; `start` goes on, `check` exits 1.
    Warning,
    /// Nothing starts; exit 2.
    Error,
}

/// One problem. All problems of a reading are reported together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub level: Level,
    /// What is wrong: lower case, no full stop, literals in backticks, never a secret.
    pub sentence: String,
    /// Where.
    pub place: Option<Place>,
    /// Other places that belong to it, each with a short label.
    pub also: Vec<(Place, String)>,
    /// The cure.
    pub help: Option<String>,
}
