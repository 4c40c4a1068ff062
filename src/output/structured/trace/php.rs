//! PHP: what was not caught, `Stack trace:`, numbered frames, and where it was thrown.

use super::super::level::Severity;
use super::{State as Trace, Step, Summary, after, before, is_blank, is_numbered, lines};

/// Where in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Behind the heading, whose message may go on.
    Heading,
    /// Among frames.
    Frames,
    /// Behind a blank line.
    Gap,
}

/// How Monolog begins an exception in its JSON: `"[object] (Class(code: 0): message at /app/tea.php:3)`.
const OBJECT: &[u8] = b"\"[object] (";

/// `exception 'Class' with message 'text' in file:1`, of PHP 5.
pub fn open(line: &[u8]) -> Step {
    let is_exception = line.starts_with(b"exception '") && after(line, b"' with message '").is_some();
    if is_exception { maybe(State::Heading) } else { Step::Over }
}

/// `PHP Fatal error:  Uncaught …`, or what Monolog says.
pub fn open_behind(before: &[u8], after: &[u8]) -> Step {
    let is_fatal = before.ends_with(b"Fatal error") && after.trim_ascii_start().starts_with(b"Uncaught ");
    let is_monolog = before.ends_with(b"{\"exception\"") && after.starts_with(OBJECT);
    if is_fatal || is_monolog { maybe(State::Heading) } else { Step::Over }
}

pub fn next(state: State, line: &[u8]) -> Step {
    match state {
        State::Heading if matches!(line, b"Stack trace:" | b"[stacktrace]") => sure(State::Frames),
        State::Heading => maybe(State::Heading),
        State::Frames
            if is_numbered(line, b"#") || line.starts_with(b"  thrown in ") || line == b"Stack trace:" =>
        {
            sure(State::Frames)
        }
        // Monolog's frames stand in a string of JSON, which ends here.
        State::Frames if line.trim_ascii_end() == b"\"}" => sure(State::Frames),
        State::Frames | State::Gap if line.starts_with(b"Next ") => sure(State::Heading),
        State::Frames if is_blank(line) => maybe(State::Gap),
        State::Frames | State::Gap => Step::Over,
    }
}

pub fn summary(text: &[u8]) -> Option<Summary<'_>> {
    let first = lines(text).next()?;
    if let Some(object) = after(first, OBJECT) {
        let (kind, message) = (before(object, b"(code"), after(object, b"): ")?);
        let place = memchr::memmem::rfind(message, b" at ").unwrap_or(message.len());
        return Some(Summary { kind, message: &message[..place], severity: Severity::ERROR });
    }
    let severity = if after(first, b"Fatal error").is_some() { Severity::FATAL } else { Severity::ERROR };
    // The last of a chain is the one that nobody caught.
    let last = lines(text).filter_map(|line| line.strip_prefix(b"Next ")).last();
    let thrown = last.or_else(|| after(first, b"Uncaught ")).unwrap_or(first);
    if let Some(rest) = after(thrown, b"xception '") {
        let message = after(rest, b"' with message '").map_or(rest, |rest| before(rest, b"' in "));
        return Some(Summary { kind: before(rest, b"'"), message, severity });
    }
    let summary = if thrown == first {
        super::frames::summary(first)?
    } else {
        Summary { kind: before(thrown, b": "), message: after(thrown, b": ").unwrap_or_default(), severity }
    };
    let place = memchr::memmem::rfind(summary.message, b" in ").unwrap_or(summary.message.len());
    Some(Summary { message: &summary.message[..place], ..summary })
}

fn sure(state: State) -> Step {
    Step::Sure(Trace::Php(state))
}

fn maybe(state: State) -> Step {
    Step::Maybe(Trace::Php(state))
}
