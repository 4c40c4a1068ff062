//! Python: frames between `Traceback (most recent call last):` and the exception, chains and groups of them.

use super::super::level::Severity;
use super::{State as Trace, Step, Summary, is_blank, is_indented, lines, ruby};

/// Where in a traceback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Behind the heading.
    Heading,
    /// Among frames.
    Frames,
    /// Behind an exception.
    Exception,
    /// Behind a blank line after an exception.
    Gap,
    /// Behind the sentence that leads to the next one.
    Chain,
    /// In a group, which has a margin that the further lines of a message lack.
    Group,
    /// In what stands before a syntax error outside of a traceback.
    Syntax,
}

const HEADING: &[u8] = b"Traceback (most recent call last):";
const GROUP: &[u8] = b"  + Exception Group Traceback (most recent call last):";
const CHAINS: [&[u8]; 2] = [
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
];

pub fn open() -> Step {
    maybe(State::Heading)
}

/// A group, or a syntax error that was found before anything ran.
pub fn open_indented(line: &[u8]) -> Step {
    if line == GROUP {
        return maybe(State::Group);
    }
    if line.starts_with(b"  File \"")
        && super::after(line, b"\", line ").is_some_and(|number| number.iter().all(u8::is_ascii_digit))
    {
        return maybe(State::Syntax);
    }
    Step::Over
}

pub fn next(state: State, line: &[u8]) -> Step {
    match state {
        State::Heading if line.trim_ascii_start().starts_with(b"File \"") => sure(State::Frames),
        State::Heading => ruby::next_reversed(line),
        State::Frames if is_indented(line) => sure(State::Frames),
        State::Frames if exception(line).is_some() => sure(State::Exception),
        State::Frames => Step::Over,
        // What belongs to a message is set in; what begins like a frame begins another one.
        State::Exception if is_indented(line) && !line.starts_with(b"  File \"") => match super::open(line) {
            Step::Over => sure(State::Exception),
            _ => Step::Over,
        },
        State::Exception if is_blank(line) => maybe(State::Gap),
        State::Exception => Step::Over,
        State::Gap if CHAINS.contains(&line) => sure(State::Chain),
        State::Gap => Step::Over,
        State::Chain if is_blank(line) => sure(State::Chain),
        State::Chain if line == HEADING => sure(State::Frames),
        State::Chain if line == GROUP => sure(State::Group),
        State::Chain => Step::Over,
        // A group in a group stands further in.
        State::Group if line == GROUP => Step::Over,
        State::Group if matches!(line.trim_ascii_start(), [b'|' | b'+', ..]) => sure(State::Group),
        State::Group => maybe(State::Group),
        State::Syntax if exception(line).is_some_and(|(kind, _)| is_syntax(kind)) => sure(State::Exception),
        State::Syntax if is_indented(line) => maybe(State::Syntax),
        State::Syntax => Step::Over,
    }
}

/// The exception that was raised last, which is the one that nobody handled; of a group the group itself.
pub fn summary(text: &[u8]) -> Option<Summary<'_>> {
    let is_group = super::after(text, b"+ Exception Group Traceback").is_some();
    let mut is_behind_frames = false;
    let mut found = None;
    for line in lines(text) {
        let line = if is_group { line.trim_ascii_start().strip_prefix(b"| ").unwrap_or(line) } else { line };
        if is_indented(line) {
            is_behind_frames = true;
        } else if is_behind_frames && let Some(pair) = exception(line) {
            is_behind_frames = false;
            found = Some(pair);
            if is_group {
                break;
            }
        }
    }
    found.map(|(kind, message)| Summary { kind, message, severity: Severity::ERROR })
}

/// `package.Name: message`, or the name alone.
fn exception(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (kind, message) = match memchr::memchr(b':', line) {
        Some(at) => (&line[..at], line[at + 1..].trim_ascii_start()),
        None => (line, &line[line.len()..]),
    };
    let is_part = |part: &[u8]| part.first().is_some_and(|byte| !byte.is_ascii_digit());
    let is_name = kind
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'<' | b'>' | 0x80..));
    (is_name && kind.split(|byte| *byte == b'.').all(is_part)).then_some((kind, message))
}

fn is_syntax(kind: &[u8]) -> bool {
    matches!(kind, b"SyntaxError" | b"IndentationError" | b"TabError")
}

fn sure(state: State) -> Step {
    Step::Sure(Trace::Python(state))
}

fn maybe(state: State) -> Step {
    Step::Maybe(Trace::Python(state))
}
