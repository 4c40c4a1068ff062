//! Go: a panic or a fatal error, then goroutines, whose frames are pairs of lines.

use super::super::level::Severity;
use super::{State as Trace, Step, Summary, after, is_blank, is_numbered, lines};

/// Where in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Behind what happened.
    Heading,
    /// Behind a whole frame.
    Frames,
    /// Behind the function of a frame; its place follows.
    Function,
    /// Behind a blank line.
    Gap,
}

/// Lines that begin with what no other line does.
pub fn open(line: &[u8]) -> Step {
    if is_goroutine(line) {
        return sure(State::Frames);
    }
    let is_fatal = line.starts_with(b"fatal error: ") || line.starts_with(b"unexpected fault address ");
    if is_fatal { maybe(State::Heading) } else { Step::Over }
}

/// `panic: `, at the beginning or behind what a logger put there.
pub fn open_panic(before: &[u8], after: &[u8]) -> Step {
    let is_word =
        before.strip_suffix(b"panic").is_some_and(|rest| matches!(rest.last(), None | Some(b' ' | b'\t')));
    if is_word && after.starts_with(b" ") { maybe(State::Heading) } else { Step::Over }
}

/// `http: panic serving`, of the server that goes on.
pub fn open_http(before: &[u8], after: &[u8]) -> Step {
    if before.ends_with(b"http") && after.starts_with(b" panic serving ") {
        maybe(State::Heading)
    } else {
        Step::Over
    }
}

pub fn next(state: State, line: &[u8]) -> Step {
    if is_goroutine(line) || matches!(line, b"runtime stack:") || line.starts_with(b"[signal ") {
        return sure(if line.starts_with(b"[") { State::Heading } else { State::Frames });
    }
    match state {
        State::Heading
            if is_blank(line)
                || line.starts_with(b"\t")
                || line.starts_with(b"panic: ")
                || line.starts_with(b"fatal error: ") =>
        {
            maybe(State::Heading)
        }
        State::Heading => Step::Over,
        State::Function | State::Frames
            if line.starts_with(b"\t") && memchr::memchr(b':', line).is_some() =>
        {
            sure(State::Frames)
        }
        // Cut off where the runtime's buffer or the line ended.
        State::Function if line.starts_with(b"\t/") => sure(State::Frames),
        State::Frames if line.starts_with(b"...") && line.ends_with(b"elided...") => sure(State::Frames),
        State::Frames if is_function(line) => maybe(State::Function),
        State::Frames if is_blank(line) => maybe(State::Gap),
        State::Gap if is_register(line) => sure(State::Gap),
        State::Function | State::Frames | State::Gap => Step::Over,
    }
}

pub fn summary(text: &[u8]) -> Option<Summary<'_>> {
    let first = lines(text).next()?;
    let (kind, message, severity): (&[u8], &[u8], _) =
        if let Some(rest) = after(first, b"http: panic serving ") {
            (b"panic", after(rest, b": ").unwrap_or(rest), Severity::ERROR)
        } else if let Some(message) = first.strip_prefix(b"fatal error: ") {
            (b"fatal error", message, Severity::FATAL)
        } else if let Some(message) = after(first, b"panic: ") {
            (b"panic", message, Severity::FATAL)
        } else if is_goroutine(first) {
            (b"goroutine", first.strip_prefix(b"goroutine ")?, Severity::ERROR)
        } else {
            (b"fatal error", first, Severity::FATAL)
        };
    Some(Summary { kind, message, severity })
}

/// `goroutine 1 [running]:`.
fn is_goroutine(line: &[u8]) -> bool {
    is_numbered(line, b"goroutine ") && memchr::memchr(b'[', line).is_some() && line.ends_with(b":")
}

/// `main.f(0x1, ...)`, `created by main.f in goroutine 1`, `panic({…})`.
fn is_function(line: &[u8]) -> bool {
    let is_call = || memchr::memchr2(b'(', b' ', line).is_some_and(|at| line[at] == b'(');
    line.starts_with(b"created by ") || line.ends_with(b")") && is_call()
}

/// `rax    0x0`.
fn is_register(line: &[u8]) -> bool {
    let name = line.iter().take_while(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()).count();
    (2..=6).contains(&name)
        && line[name..].starts_with(b" ")
        && line[name..].trim_ascii_start().starts_with(b"0x")
}

fn sure(state: State) -> Step {
    Step::Sure(Trace::Go(state))
}

fn maybe(state: State) -> Step {
    Step::Maybe(Trace::Go(state))
}
