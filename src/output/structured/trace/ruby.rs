//! Ruby: the error and `from` lines, in both orders, and the layout of Rails.

use super::super::level::Severity;
use super::{State as Trace, Step, Summary, after, before, is_blank, is_ruby_place, lines};

/// Where in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Behind the error; the code may be shown next.
    Error,
    /// Behind a blank line after that.
    Blank,
    /// Behind the code.
    Code,
    /// In what may be more of the message.
    More,
    /// Among `from` lines.
    From,
    /// Among numbered `from` lines; the error comes last.
    Reversed,
    /// Behind the heading of Rails, or a blank line.
    Rails,
    /// Among places without `from`.
    Places,
    /// Behind what the standard logger says of an error; places follow.
    Logged,
}

/// `file:1:in 'method': message (Class)`.
pub fn open(line: &[u8]) -> Step {
    match split(line) {
        Some((message, class)) if !class.is_empty() || message == b"unhandled exception" => {
            sure(State::Error)
        }
        Some(_) => maybe(State::Error),
        None => Step::Over,
    }
}

/// `Class (message):`, without its colon.
pub fn open_rails(line: &[u8]) -> Step {
    if rails(line).is_some() { maybe(State::Rails) } else { Step::Over }
}

/// `E, [2026-01-31T12:00:00.123456 #7] ERROR -- : message (Class)`.
pub fn open_logged(line: &[u8]) -> Step {
    let is_logged =
        matches!(line, [_, b',', b' ', b'[', .., b')']) && after(line, b" -- ").is_some_and(is_told);
    if is_logged { maybe(State::Logged) } else { Step::Over }
}

/// What follows Python's heading when it is Ruby's: `\t1: from file:1:in 'method'`.
pub fn next_reversed(line: &[u8]) -> Step {
    if is_numbered_from(line) { sure(State::Reversed) } else { Step::Over }
}

pub fn next(state: State, line: &[u8]) -> Step {
    match state {
        State::Error | State::From | State::Blank | State::Code | State::More if is_from(line) => {
            sure(State::From)
        }
        State::Code if is_mark(line) => sure(State::More),
        State::Error if is_blank(line) => maybe(State::Blank),
        State::Blank => maybe(State::Code),
        State::Error | State::Code | State::More => maybe(State::More),
        State::From if line.starts_with(b"\t ... ") => sure(State::From),
        // The error that led to this one follows directly, and looks like any other: it is an event of its own.
        State::From => Step::Over,
        State::Reversed if is_numbered_from(line) || line.starts_with(b"\t ... ") => sure(State::Reversed),
        State::Reversed if split(line).is_some() => sure(State::From),
        State::Reversed => Step::Over,
        State::Rails | State::Places | State::Logged if is_ruby_place(line) && split(line).is_none() => {
            sure(State::Places)
        }
        State::Rails | State::Places if is_blank(line) || is_tag(line) => maybe(State::Rails),
        State::Rails if line == b"Causes:" => sure(State::Rails),
        State::Rails | State::Places | State::Logged => Step::Over,
    }
}

pub fn summary(text: &[u8]) -> Option<Summary<'_>> {
    let first = lines(text).next()?;
    let (kind, message) = split(first)
        .map(|(message, class)| (class, message))
        .or_else(|| lines(text).filter_map(split).last().map(|(message, class)| (class, message)))
        .or_else(|| told(after(after(first, b" -- ")?, b": ")?))
        .or_else(|| rails(first.strip_suffix(b":")?))
        .or_else(|| super::frames::summary(text).map(|summary| (summary.kind, summary.message)))?;
    let kind = if kind.is_empty() { b"RuntimeError" } else { kind };
    Some(Summary { kind, message, severity: Severity::ERROR })
}

/// Message and class of `file:1:in 'method': message (Class)`; no class when the message goes on.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    if !is_ruby_place(line) || is_from(line) {
        return None;
    }
    let message = after(line, b"': ")?;
    Some(told(message).map_or((message, b""), |(class, message)| (message, class)))
}

/// Class and message of `message (Class)`.
fn told(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.strip_suffix(b")")?;
    let at = memchr::memmem::rfind(inner, b" (")?;
    Some((&inner[at + 2..], &text[..at])).filter(|(class, _)| is_class(class))
}

fn is_told(text: &[u8]) -> bool {
    told(text).is_some()
}

/// Class and message of `Class (message)`, behind whatever a logger put there.
fn rails(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = before(line, b" (");
    let start = if start.is_empty() { return None } else { start };
    let class = start.rsplit(|byte| *byte == b' ').next().filter(|class| is_class(class))?;
    let message = line[start.len() + 2..].strip_suffix(b")")?;
    Some((class, message))
}

fn is_class(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_uppercase)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
}

/// `[request-id]` and nothing else: Rails tags blank lines as well.
fn is_tag(line: &[u8]) -> bool {
    line.starts_with(b"[") && line.trim_ascii_end().ends_with(b"]")
}

/// `    ^^^^` and nothing else.
fn is_mark(line: &[u8]) -> bool {
    let text = line.trim_ascii();
    !text.is_empty() && text.iter().all(|byte| *byte == b'^')
}

fn is_from(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"from ")
        && matches!(line.first(), Some(b'\t' | b' '))
        && is_ruby_place(line)
}

fn is_numbered_from(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && text[digits..].starts_with(b": from ")
}

fn sure(state: State) -> Step {
    Step::Sure(Trace::Ruby(state))
}

fn maybe(state: State) -> Step {
    Step::Maybe(Trace::Ruby(state))
}
