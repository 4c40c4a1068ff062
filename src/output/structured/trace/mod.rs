//! Recognises stack traces line by line, so that one becomes one event.
//!
//! Each language has a file with what may open a trace, what goes on with it, and where its type and message stand.
//! A line is joined only for its own form: what merely comes behind a trace is not part of it. This room sees lines
//! without ends and keeps none; [`super::fold`] does.

mod dart;
mod elixir;
mod frames;
mod go;
mod php;
mod python;
mod ruby;
mod rust;
#[cfg(test)]
mod tests;

use super::level::Severity;

/// How far a trace has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Dart.
    Dart(dart::State),
    /// Elixir.
    Elixir(elixir::State),
    /// Those whose frames begin with `at`: JVM, JavaScript, .NET.
    Frames(frames::State),
    /// Go.
    Go(go::State),
    /// PHP.
    Php(php::State),
    /// Python.
    Python(python::State),
    /// Ruby.
    Ruby(ruby::State),
    /// Rust.
    Rust(rust::State),
}

/// What a line is to a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Part of it, and so is all that was held.
    Sure(State),
    /// Part of it when a line that is follows.
    Maybe(State),
    /// No part of it.
    Over,
}

/// What a trace says in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary<'a> {
    /// As the language names it; `panic` where there are no types.
    pub kind: &'a [u8],
    /// Its first line.
    pub message: &'a [u8],
    /// Of a line that names no level.
    pub severity: Severity,
}

/// What a line is that comes outside of any trace.
pub fn open(line: &[u8]) -> Step {
    let step = match line.first() {
        None => return Step::Over,
        Some(b' ' | b'\t') => python::open_indented(line),
        Some(b't' | b'g' | b'f' | b'U' | b'u' | b'e' | b's' | b'E' | b'F' | b'W' | b'*') => {
            by_beginning(line)
        }
        Some(_) => Step::Over,
    };
    if step != Step::Over {
        return step;
    }
    let step = by_colon(line);
    if step != Step::Over {
        return step;
    }
    let step = frames::open_without_colon(line);
    if step == Step::Over { python::open_task(line) } else { step }
}

fn by_beginning(line: &[u8]) -> Step {
    [rust::open, go::open, dart::open, php::open, python::open_above, ruby::open_logged, elixir::open]
        .iter()
        .map(|open| open(line))
        .find(|step| *step != Step::Over)
        .unwrap_or(Step::Over)
}

/// Nearly all that opens a trace has a colon with a telling word before it.
fn by_colon(line: &[u8]) -> Step {
    for at in memchr::memchr_iter(b':', line) {
        let (before, after) = (&line[..at], &line[at + 1..]);
        let step = match before.last() {
            Some(b'0'..=b'9') => match after {
                [b'i', b'n', b' ', b'`' | b'\'', ..] => ruby::open(line),
                _ => Step::Over,
            },
            Some(b')') if after.is_empty() => {
                if before.ends_with(b"Traceback (most recent call last)") {
                    python::open()
                } else {
                    ruby::open_rails(before)
                }
            }
            Some(b'c') => go::open_panic(before, after),
            Some(b'p') => go::open_http(before, after),
            Some(last) => by_last(*last, before, after),
            None => Step::Over,
        };
        if step != Step::Over {
            return step;
        }
    }
    Step::Over
}

/// What stands around a colon, by the last byte before it: lines have many colons.
fn by_last(last: u8, before: &[u8], after: &[u8]) -> Step {
    let step = match last {
        b'r' | b'"' => php::open_behind(before, after),
        b'n' => dart::open_behind(before, after),
        b'k' => python::open_behind(before, after),
        _ => Step::Over,
    };
    if step != Step::Over {
        return step;
    }
    let step = after.strip_prefix(b" ").map_or(Step::Over, php::open);
    if step == Step::Over { frames::open(before, after) } else { step }
}

impl State {
    /// What a line is to a trace that has been read so far.
    pub fn next(self, line: &[u8]) -> Step {
        match self {
            Self::Dart(state) => dart::next(state, line),
            Self::Elixir(state) => elixir::next(state, line),
            Self::Frames(state) => frames::next(state, line),
            Self::Go(state) => go::next(state, line),
            Self::Php(state) => php::next(state, line),
            Self::Python(state) => python::next(state, line),
            Self::Ruby(state) => ruby::next(state, line),
            Self::Rust(state) => rust::next(state, line),
        }
    }

    /// Whether any line may go on with a message here, so that one which opens a trace of its own should not.
    pub fn is_guess(self) -> bool {
        match self {
            Self::Frames(state) => {
                matches!(state, frames::State::Named | frames::State::Certain | frames::State::Cause)
            }
            Self::Php(_) | Self::Python(_) | Self::Ruby(_) | Self::Rust(_) => true,
            Self::Dart(_) | Self::Elixir(_) | Self::Go(_) => false,
        }
    }

    /// How many lines are held without being sure of them: many where a message is as good as certain, for what is
    /// compared is shown in full.
    pub fn guesses(self) -> usize {
        if self == Self::Frames(frames::State::Named) { 12 } else { 40 }
    }

    /// Type and message of a whole trace.
    pub fn summary(self, text: &[u8]) -> Option<Summary<'_>> {
        match self {
            Self::Dart(_) => dart::summary(text),
            Self::Elixir(_) => elixir::summary(text),
            Self::Frames(_) => frames::summary(text),
            Self::Go(_) => go::summary(text),
            Self::Php(_) => php::summary(text),
            Self::Python(_) => python::summary(text),
            Self::Ruby(_) => ruby::summary(text),
            Self::Rust(_) => rust::summary(text),
        }
    }
}

/// Type and message of a text that is a trace as a whole, as loggers put it into one field.
pub fn summary(text: &[u8]) -> Option<Summary<'_>> {
    let mut lines = lines(text);
    let (mut state, mut is_sure) = match open(lines.next()?) {
        Step::Sure(state) => (state, true),
        Step::Maybe(state) => (state, false),
        Step::Over => return None,
    };
    for line in lines {
        match state.next(line) {
            Step::Sure(next) => (state, is_sure) = (next, true),
            Step::Maybe(next) => state = next,
            Step::Over => break,
        }
    }
    state.summary(text).filter(|_| is_sure)
}

/// The lines of a trace.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
}

/// What follows the first occurrence of `word`.
fn after<'a>(line: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(line, word)?;
    Some(&line[at + word.len()..])
}

/// What stands before the first occurrence of `word`.
fn before<'a>(line: &'a [u8], word: &[u8]) -> &'a [u8] {
    memchr::memmem::find(line, word).map_or(line, |at| &line[..at])
}

fn is_indented(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t')) && !line.trim_ascii_start().is_empty()
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

/// `word`, then a number.
fn is_numbered(line: &[u8], word: &[u8]) -> bool {
    line.strip_prefix(word).and_then(<[u8]>::first).is_some_and(u8::is_ascii_digit)
}

/// `path:LINE:in 'method'`, the frame of Ruby.
fn is_ruby_place(line: &[u8]) -> bool {
    [b":in `", b":in '"].iter().any(|word| {
        memchr::memmem::find(line, *word).is_some_and(|at| at > 0 && line[at - 1].is_ascii_digit())
    })
}
