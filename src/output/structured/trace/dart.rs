//! Dart: `Unhandled exception:`, what it was, and numbered frames.

use super::super::level::Severity;
use super::{State as Trace, Step, Summary, frames, is_numbered, lines};

/// Where in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Behind the heading; what follows tells what it was.
    Heading,
    /// Among frames.
    Frames,
}

/// How errors of the core library begin to speak that do not say their type.
const SPOKEN: [(&[u8], &[u8]); 13] = [
    (b"Bad state", b"StateError"),
    (b"Invalid argument", b"ArgumentError"),
    (b"Unsupported operation", b"UnsupportedError"),
    (b"Concurrent modification during iteration", b"ConcurrentModificationError"),
    (b"Cannot instantiate abstract class", b"AbstractClassInstantiationError"),
    (b"Reading static variable", b"CyclicInitializationError"),
    (b"No such method", b"NoSuchMethodError"),
    (b"Stack Overflow", b"StackOverflowError"),
    (b"Out of Memory", b"OutOfMemoryError"),
    (b"Assertion failed", b"AssertionError"),
    (b"Throw of null", b"NullThrownError"),
    (b"type '", b"TypeError"),
    (b"LateInitializationError", b"LateInitializationError"),
];

const HEADING: &[u8] = b"Unhandled exception";

fn is_heading(line: &[u8]) -> bool {
    let trimmed = line.trim_ascii_end();
    trimmed.strip_suffix(b":").is_some_and(|before| open_behind(before, b"") != Step::Over)
}

pub fn open(line: &[u8]) -> Step {
    line.trim_ascii_end().strip_suffix(b":").map_or(Step::Over, |before| open_behind(before, b""))
}

/// The same behind what a logger put there.
pub fn open_behind(before: &[u8], after: &[u8]) -> Step {
    let from = before.len().checked_sub(HEADING.len());
    let is_heading = after.trim_ascii().is_empty()
        && from.is_some_and(|from| {
            before[from..].eq_ignore_ascii_case(HEADING) && matches!(before[..from].last(), None | Some(b' '))
        });
    if is_heading { maybe(State::Heading) } else { Step::Over }
}

pub fn next(state: State, line: &[u8]) -> Step {
    match state {
        _ if is_numbered(line, b"#") || line == b"<asynchronous suspension>" => sure(State::Frames),
        // Mono has the same heading.
        State::Heading if line.trim_ascii_start().starts_with(b"at ") => {
            frames::next(frames::State::Frames, line)
        }
        State::Heading => maybe(State::Heading),
        State::Frames if line == b"..." => sure(State::Frames),
        State::Frames => Step::Over,
    }
}

/// `#0      main (file:///app/main.dart:3:5)`; PHP has one space.
pub fn is_frame(line: &[u8]) -> bool {
    line.strip_prefix(b"#").is_some_and(|rest| {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0 && rest[digits..].starts_with(b"  ")
    })
}

pub fn summary(text: &[u8]) -> Option<Summary<'_>> {
    let first = lines(text).next()?;
    // Flutter has both in one line; and what was caught has no heading.
    let what = if let Some(what) = super::after(first, b"Unhandled Exception: ") {
        what
    } else if is_heading(first) {
        lines(text).nth(1)?
    } else {
        return frames::summary(text);
    };
    let severity = Severity::ERROR;
    let kind = SPOKEN.iter().find(|(words, _)| what.starts_with(words)).map(|(_, kind)| *kind);
    if let Some(kind) = kind {
        return Some(Summary { kind, message: what, severity });
    }
    if let Some(class) = what.strip_prefix(b"Instance of '").and_then(|class| class.strip_suffix(b"'")) {
        return Some(Summary { kind: class, message: what, severity });
    }
    if super::after(what, b"Failed assertion").is_some() {
        return Some(Summary { kind: b"AssertionError", message: what, severity });
    }
    // `FormatException: text`, `RangeError (index): text`
    let name = what.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let rest = &what[name..];
    let message = rest.strip_prefix(b": ").or_else(|| super::after(rest, b"): "));
    let is_name = what.first().is_some_and(u8::is_ascii_uppercase) && (rest.is_empty() || message.is_some());
    let kind = if is_name { &what[..name] } else { b"Unhandled exception" };
    Some(Summary { kind, message: message.filter(|_| is_name).unwrap_or(what), severity })
}

fn sure(state: State) -> Step {
    Step::Sure(Trace::Dart(state))
}

fn maybe(state: State) -> Step {
    Step::Maybe(Trace::Dart(state))
}
