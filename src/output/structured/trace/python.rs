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
    /// Among frames with blank lines between them, as loguru has them.
    Spaced,
    /// Behind an exception.
    Exception,
    /// In what may be more of its message, when the sentence that leads to the next one follows.
    More,
    /// Behind the sentence that leads to the next one.
    Chain,
    /// In a group, which has a margin that the further lines of a message lack.
    Group,
    /// In what stands before a syntax error outside of a traceback.
    Syntax,
    /// Behind what is said of a traceback that follows.
    Above,
    /// Behind what ended the interpreter.
    Fatal,
    /// In the stacks of its threads.
    Dump,
}

const HEADING: &[u8] = b"Traceback (most recent call last):";
const GROUP: &[u8] = b"  + Exception Group Traceback (most recent call last):";
const TASK: &[u8] = b"Task exception was never retrieved";
/// The last line of a group.
const END: &[u8] = b"    +------------------------------------";
const FATAL: &[u8] = b"Fatal Python error: ";
const CHAINS: [&[u8]; 2] = [
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
];

pub fn open() -> Step {
    maybe(State::Heading)
}

/// What is said of a traceback in a line of its own; and what ends the interpreter.
pub fn open_above(line: &[u8]) -> Step {
    if line.starts_with(FATAL) {
        return maybe(State::Fatal);
    }
    // Java has quotes around the name of a thread.
    let is_thread = line.strip_prefix(b"Exception in thread ").is_some_and(|name| !name.starts_with(b"\""));
    let is_ignored = line.starts_with(b"Exception ignored in");
    if is_thread && line.ends_with(b":") || is_ignored { maybe(State::Above) } else { Step::Over }
}

/// `multiprocessing.pool.RemoteTraceback: `, the cause of what comes out of a pool.
pub fn open_behind(before: &[u8], after: &[u8]) -> Step {
    if before.ends_with(b"RemoteTraceback") && is_blank(after) { maybe(State::Above) } else { Step::Over }
}

/// What asyncio says of a task, behind what a logger put there.
pub fn open_task(line: &[u8]) -> Step {
    if line.ends_with(TASK) { maybe(State::Above) } else { Step::Over }
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
        State::Heading if is_blank(line) => maybe(State::Spaced),
        State::Heading => ruby::next_reversed(line),
        State::Spaced if is_indented(line) || line.starts_with(b"> File \"") => sure(State::Spaced),
        State::Spaced if is_blank(line) => maybe(State::Spaced),
        State::Frames if is_indented(line) => sure(State::Frames),
        // A message that is a traceback itself, as that of a build backend.
        State::Frames if is_nesting(line) => sure(State::Frames),
        State::Frames | State::Spaced => match exception(line) {
            Some((_, message)) => sure(if message.is_empty() { State::More } else { State::Exception }),
            None => Step::Over,
        },
        // What belongs to a message is set in; what begins like a frame begins another one.
        State::Exception if is_indented(line) && !line.starts_with(b"  File \"") => match super::open(line) {
            Step::Over => sure(State::Exception),
            _ => Step::Over,
        },
        State::More | State::Group if CHAINS.contains(&line) => sure(State::Chain),
        State::Exception | State::More => maybe(State::More),
        State::Chain if is_blank(line) => sure(State::Chain),
        State::Chain if line == HEADING => sure(State::Frames),
        State::Chain if line == GROUP => sure(State::Group),
        State::Chain => Step::Over,
        // A group in a group stands further in.
        State::Group if line == GROUP => Step::Over,
        State::Group if line == END => sure(State::More),
        State::Group if matches!(line.trim_ascii_start(), [b'|' | b'+', ..]) => sure(State::Group),
        State::Group => maybe(State::Group),
        State::Syntax if exception(line).is_some_and(|(kind, _)| is_syntax(kind)) => sure(State::Exception),
        State::Syntax if is_indented(line) => maybe(State::Syntax),
        State::Syntax => Step::Over,
        State::Above if line == HEADING => sure(State::Heading),
        State::Above if line == b"\"\"\"" || line.starts_with(b"future: <") => maybe(State::Above),
        State::Above => Step::Over,
        State::Fatal | State::Dump => next_fatal(state, line),
    }
}

fn next_fatal(state: State, line: &[u8]) -> Step {
    let is_thread = line.ends_with(b" (most recent call first):");
    let is_place = line.starts_with(b"  File \"")
        && super::after(line, b"\", line ").is_some_and(|rest| super::after(rest, b" in ").is_some());
    let is_part = is_place || matches!(line, b"  <no Python frame>" | b"  ...");
    if is_thread || state == State::Dump && is_part {
        sure(State::Dump)
    } else if state == State::Dump && line.starts_with(b"Extension modules: ") {
        sure(State::More)
    } else if is_blank(line) || state == State::Fatal && line.starts_with(b"Python runtime state: ") {
        maybe(state)
    } else {
        Step::Over
    }
}

/// The exception that was raised last, which is the one that nobody handled; of a group the group itself.
pub fn summary(text: &[u8]) -> Option<Summary<'_>> {
    if let Some(rest) = text.strip_prefix(FATAL) {
        return Some(Summary {
            kind: b"Fatal Python error",
            message: lines(rest).next()?,
            severity: Severity::FATAL,
        });
    }
    let text = from_last_heading(text);
    let is_group = text.starts_with(GROUP);
    let (mut is_behind_frames, mut found, mut nesting) = (false, None, None);
    for line in lines(text) {
        let line = if is_group { line.trim_ascii_start().strip_prefix(b"| ").unwrap_or(line) } else { line };
        if is_indented(line) {
            is_behind_frames = true;
        } else if is_behind_frames && let Some(pair) = exception(line) {
            is_behind_frames = false;
            // Of one in another's message the whole line is the message.
            found = Some(nesting.map_or(pair, |kind| (kind, line)));
            if is_nesting(line) {
                nesting = nesting.or(Some(pair.0));
            }
            if is_group {
                break;
            }
        }
    }
    found.map(|(kind, message)| Summary { kind, message, severity: Severity::ERROR })
}

/// The last traceback of a chain.
fn from_last_heading(text: &[u8]) -> &[u8] {
    let (mut from, mut at) = (0, 0);
    for line in lines(text) {
        if line == HEADING || line == GROUP {
            from = at;
        }
        at += line.len() + 1;
    }
    &text[from..]
}

/// `Class: Traceback (most recent call last):`.
fn is_nesting(line: &[u8]) -> bool {
    line.ends_with(HEADING) && line != HEADING && exception(line).is_some()
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
