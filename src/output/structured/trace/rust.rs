//! Rust: a panic, whose message stands in the next line since 1.73, with or without a backtrace.

use super::super::level::Severity;
use super::{State as Trace, Step, Summary, after, before, is_indented, lines, python};

/// Where in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Behind the heading; the message is next.
    Heading,
    /// In the message.
    Message,
    /// In what may be more of it.
    More,
    /// In what anyhow says of the causes.
    Causes,
    /// In the backtrace.
    Backtrace,
    /// Behind the heading of a backtrace whose panic is not known, or was said too many lines ago.
    Alone,
    /// Behind the last note.
    Done,
}

pub fn open(line: &[u8]) -> Step {
    if line == b"stack backtrace:" {
        return maybe(State::Alone);
    }
    if !line.starts_with(b"thread '") {
        return Step::Over;
    }
    match after(line, b" panicked at ") {
        // The old form has the message in quotes, here.
        Some(rest) if rest.starts_with(b"'") => sure(State::Message),
        Some(rest) if rest.ends_with(b":") => maybe(State::Heading),
        _ => Step::Over,
    }
}

pub fn next(state: State, line: &[u8]) -> Step {
    match state {
        State::Heading => sure(State::Message),
        State::Alone | State::Backtrace if is_frame(line) => sure(State::Backtrace),
        State::Alone | State::Done => Step::Over,
        _ if is_note(line) => sure(State::Done),
        _ if line.eq_ignore_ascii_case(b"stack backtrace:") => sure(State::Backtrace),
        State::Message if is_indented(line) && python::open_indented(line) == Step::Over => sure(state),
        State::Message | State::More => maybe(State::More),
        State::Causes if line.starts_with(b"    ") && is_indented(line) => sure(state),
        State::Causes if line.is_empty() => maybe(state),
        State::Causes | State::Backtrace => Step::Over,
    }
}

pub fn summary(text: &[u8]) -> Option<Summary<'_>> {
    let first = lines(text).next()?;
    if first == b"stack backtrace:" {
        return None;
    }
    let Some(rest) = after(first, b" panicked at ") else { return super::frames::summary(text) };
    let message = match rest.strip_prefix(b"'") {
        Some(quoted) => before(quoted, b"', "),
        None => lines(text).nth(1)?,
    };
    Some(Summary { kind: b"panic", message, severity: Severity::ERROR })
}

/// `note: run with …`; compilers have notes of other kinds.
fn is_note(line: &[u8]) -> bool {
    line == b"thread caused non-unwinding panic. aborting."
        || line.starts_with(b"note: ")
            && [b"backtrace", b"BACKTRACE"].iter().any(|word| after(line, *word).is_some())
}

/// `   0: function`, or the place below it.
fn is_frame(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    line.starts_with(b" ") && digits > 0 && text[digits..].starts_with(b": ")
        || line.starts_with(b"    ") && text.starts_with(b"at ")
}

fn sure(state: State) -> Step {
    Step::Sure(Trace::Rust(state))
}

fn maybe(state: State) -> Step {
    Step::Maybe(Trace::Rust(state))
}
