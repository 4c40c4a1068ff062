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
    /// In the backtrace, or behind a note.
    Backtrace,
}

pub fn open(line: &[u8]) -> Step {
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
    let is_known = line.starts_with(b"note: ") || line.eq_ignore_ascii_case(b"stack backtrace:");
    match state {
        State::Heading => sure(State::Message),
        _ if is_known => sure(State::Backtrace),
        State::Message if is_indented(line) && python::open_indented(line) == Step::Over => sure(state),
        State::Backtrace if is_frame(line) => sure(state),
        State::Message | State::More => maybe(State::More),
        State::Backtrace => Step::Over,
    }
}

pub fn summary(text: &[u8]) -> Option<Summary<'_>> {
    let first = lines(text).next()?;
    let Some(rest) = after(first, b" panicked at ") else { return super::frames::summary(text) };
    let message = match rest.strip_prefix(b"'") {
        Some(quoted) => before(quoted, b"', "),
        None => lines(text).nth(1)?,
    };
    Some(Summary { kind: b"panic", message, severity: Severity::ERROR })
}

/// `   0: function`, the place below it, or a cause.
fn is_frame(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    line.starts_with(b" ") && digits > 0 && text[digits..].starts_with(b": ")
        || line.starts_with(b"    ") && is_indented(line)
}

fn sure(state: State) -> Step {
    Step::Sure(Trace::Rust(state))
}

fn maybe(state: State) -> Step {
    Step::Maybe(Trace::Rust(state))
}
