//! Those whose frames begin with `at`: Java and Kotlin, JavaScript, .NET. What begins like one of theirs may turn
//! out to be PHP's or Ruby's.

use super::super::level::Severity;
use super::{
    State as Trace, Step, Summary, after, before, dart, is_blank, is_indented, is_numbered, is_ruby_place,
    lines, php, ruby, rust,
};

/// Where in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Behind a line that names an exception; its message may go on, set in.
    Named,
    /// Behind one that is certain: its message may go on in any way.
    Certain,
    /// Behind `nested exception is:`; the next line names it.
    Nested,
    /// Behind a cause, whose message may go on; it is the trace's own, whatever others look like.
    Cause,
    /// Among frames.
    Frames,
    /// In the properties that Node.js shows of an error.
    Properties,
    /// Behind a blank line or the last brace.
    Gap,
    /// Behind `file:line`, where Node.js shows the code next.
    Place,
    /// Behind the code.
    Code,
    /// Behind the mark below the code.
    Caret,
}

/// What types of exceptions are called.
const ENDINGS: [&[u8]; 8] =
    [b"Error", b"Exception", b"Throwable", b"Failure", b"Fault", b"Rejection", b"Warning", b"Trace"];
/// So long may what stands in brackets behind a type be, with them.
const LONGEST_CODE: usize = 120;
/// What Node.js before 15 put in front of an error.
const REJECTION: &[u8] = b"UnhandledPromiseRejectionWarning";
/// Names that need no more to be believed.
const CERTAIN: [&[u8]; 3] = [b"Exception in thread ", b"Uncaught ", b"Unhandled "];

/// A line with a colon: before it a type.
pub fn open(before: &[u8], after: &[u8]) -> Step {
    if !matches!(after.first(), None | Some(b' ' | b'\t')) || kind(before).is_none() {
        return Step::Over;
    }
    let is_certain = CERTAIN.iter().any(|word| memchr::memmem::find(before, word).is_some());
    maybe(if is_nesting(after) {
        State::Nested
    } else if after.ends_with(b"] {") && memchr::memchr(b'[', before).is_some() {
        State::Properties
    } else if is_certain || before.ends_with(b"]") {
        State::Certain
    } else {
        State::Named
    })
}

/// A type alone at the end of a line, or a place in a file.
pub fn open_without_colon(line: &[u8]) -> Step {
    let line = line.trim_ascii_end();
    if is_place(line) {
        return maybe(State::Place);
    }
    match kind(line) {
        Some(kind) if is_named(kind) => maybe(State::Named),
        Some(kind) if is_in_thread(&line[..line.len() - kind.len()]) => maybe(State::Certain),
        _ if line.ends_with(b"V8 errors stack trace") => maybe(State::Named),
        _ => Step::Over,
    }
}

pub fn next(state: State, line: &[u8]) -> Step {
    let text = line.trim_ascii_start();
    match state {
        State::Place if is_blank(line) => Step::Over,
        State::Place => maybe(State::Code),
        State::Code
            if !text.is_empty() && text.trim_ascii_end().iter().all(|byte| matches!(byte, b'^' | b'~')) =>
        {
            sure(State::Caret)
        }
        State::Code => Step::Over,
        State::Caret if is_blank(line) => sure(State::Caret),
        State::Caret if is_version(line) => sure(State::Gap),
        State::Caret if line.ends_with(b"] {") => sure(State::Properties),
        State::Caret => sure(State::Certain),
        State::Nested if kind(before(line, b": ")).is_some() => sure(State::Named),
        State::Nested => Step::Over,
        State::Properties if line == b"}" => sure(State::Gap),
        State::Properties if is_indented(line) => sure(State::Properties),
        State::Properties => Step::Over,
        State::Named | State::Certain | State::Cause | State::Frames | State::Gap if is_frame(line) => {
            sure(if line.ends_with(b" {") { State::Properties } else { State::Frames })
        }
        State::Gap if is_version(line) => sure(State::Gap),
        State::Gap if is_blank(line) => maybe(State::Gap),
        State::Gap if text.starts_with(b"Caused by: ") => sure(behind_cause(line)),
        State::Gap => Step::Over,
        State::Cause | State::Frames if is_cause(text) => sure(behind_cause(line)),
        State::Cause | State::Frames if is_between(text) => sure(State::Frames),
        State::Cause => maybe(State::Cause),
        State::Frames if is_blank(line) => maybe(State::Gap),
        State::Frames => Step::Over,
        State::Named | State::Certain => next_named(state, line),
    }
}

/// Behind the name: frames of others, or more of the message.
fn next_named(state: State, line: &[u8]) -> Step {
    let text = line.trim_ascii_start();
    if is_cause(text) {
        sure(behind_cause(line))
    } else if is_between(text) || text.starts_with(b"(Use `node ") {
        sure(State::Frames)
    } else if is_version(line) && state == State::Certain {
        sure(State::Gap)
    } else if dart::is_frame(line) {
        Step::Sure(Trace::Dart(dart::State::Frames))
    } else if matches!(line, b"Stack trace:" | b"[stacktrace]") || is_numbered(line, b"#") {
        Step::Sure(Trace::Php(php::State::Frames))
    } else if line == b"Caused by:" {
        Step::Sure(Trace::Rust(rust::State::Causes))
    } else if line == b"Stack backtrace:" {
        Step::Sure(Trace::Rust(rust::State::Backtrace))
    } else if is_ruby_place(line) && ruby::open(line) == Step::Over {
        Step::Sure(Trace::Ruby(ruby::State::Places))
    } else if state == State::Certain || is_blank(line) || is_indented(line) {
        maybe(state)
    } else {
        Step::Over
    }
}

pub fn summary(text: &[u8]) -> Option<Summary<'_>> {
    // Behind the code that Node.js shows comes what was thrown.
    let first = lines(text).next()?;
    let thrown = if is_place(first.trim_ascii_end()) {
        lines(text).skip(3).find(|line| !is_blank(line))?
    } else if dart::open(first) != Step::Over {
        lines(text).nth(1)?
    } else {
        first
    };
    for at in memchr::memchr_iter(b':', thrown).chain([thrown.len()]) {
        if let Some(kind) = kind(&thrown[..at]).filter(|kind| *kind != REJECTION) {
            let message = thrown[at..].strip_prefix(b":").unwrap_or_default();
            // `[AggregateError: text] {` of Node.js, `#<RuntimeError: text>` of Ruby.
            let (brace, angle) = (message.strip_suffix(b"] {"), message.strip_suffix(b">"));
            let angle = angle.filter(|_| thrown[..at - kind.len()].ends_with(b"#<"));
            let message = brace.or(angle).unwrap_or(message).trim_ascii();
            return Some(Summary { kind, message, severity: severity(kind) });
        }
    }
    Some(Summary { kind: b"Uncaught", message: thrown, severity: Severity::ERROR })
}

/// Node.js shows where a warning comes from, and where `console.trace` was called.
fn severity(kind: &[u8]) -> Severity {
    if kind.ends_with(b"Warning") {
        Severity::WARN
    } else if kind == b"Trace" {
        Severity::INFO
    } else {
        Severity::ERROR
    }
}

/// The type that a text ends with: `java.lang.Error`, `TypeError`, `AssertionError [ERR_ASSERTION]`, `Own [Error]`; or
/// a name with its package at the beginning of a line, or that of what ended a thread, whatever it is called.
fn kind(text: &[u8]) -> Option<&[u8]> {
    let (text, is_error) = match text {
        [start @ .., b']'] => {
            let near = start.len().saturating_sub(LONGEST_CODE);
            let at = near + memchr::memmem::rfind(&start[near..], b" [")?;
            (&start[..at], is_named(&start[at + 2..]))
        }
        _ => (text, false),
    };
    let (before, kind) = text.split_at(last_word(text));
    let kind = kind.strip_prefix(b".").unwrap_or(kind);
    let name = kind.rsplit(|byte| *byte == b'.').next()?;
    let is_class = name.first().is_some_and(u8::is_ascii_uppercase);
    let is_packaged = before.is_empty()
        && is_class
        && kind.split(|byte| *byte == b'.').count() > 2
        && kind[0].is_ascii_lowercase();
    let is_kind =
        is_named(name) || is_packaged || is_class && is_error || is_in_thread(before) && !kind.is_empty();
    is_kind.then_some(kind)
}

/// Where the last word begins that may be a type.
fn last_word(text: &[u8]) -> usize {
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$' | b'`' | b'+');
    text.iter().rposition(|byte| !is_part(byte)).map_or(0, |at| at + 1)
}

fn is_named(name: &[u8]) -> bool {
    matches!(name.last(), Some(b'r' | b'n' | b'e' | b't' | b'g'))
        && ENDINGS.iter().any(|end| name.ends_with(end))
}

/// Of `Exception in thread "main" com.example.Boom` what stands before the type.
fn is_in_thread(before: &[u8]) -> bool {
    before.ends_with(b"\" ") && after(before, b"Exception in thread \"").is_some()
}

/// RMI and `JavaMail` name the cause in the next line.
fn is_nesting(text: &[u8]) -> bool {
    text.trim_ascii_end().ends_with(b"nested exception is:")
}

fn behind_cause(line: &[u8]) -> State {
    if is_nesting(line) { State::Nested } else { State::Cause }
}

/// `    at function (file:1:2)`.
fn is_frame(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    is_indented(line) && (text.starts_with(b"at ") || text.starts_with(b"eval at ") || is_jruby_place(text))
}

/// `call at org/jruby/RubyProc.java:318`.
fn is_jruby_place(text: &[u8]) -> bool {
    let is_line = |rest: &[u8]| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit);
    after(text, b" at ").is_some_and(|place| {
        [b".rb:".as_slice(), b".java:"].iter().any(|word| after(place, word).is_some_and(is_line))
    })
}

fn is_cause(text: &[u8]) -> bool {
    [b"Caused by: ".as_slice(), b"Suppressed: ", b"Wrapped by: ", b"---> ", b"nested exception is:"]
        .iter()
        .any(|word| text.starts_with(word))
}

/// What may stand between frames.
fn is_between(text: &[u8]) -> bool {
    is_numbered(text, b"... ")
        || text.starts_with(b"--- End of ")
        || text.starts_with(b"Emitted 'error' event ")
        || text.starts_with(b"[CIRCULAR REFERENCE")
}

/// `Node.js v20.1.0`, the last line of Node.js.
fn is_version(line: &[u8]) -> bool {
    is_numbered(line, b"Node.js v")
}

/// `/app/index.js:10`, `node:internal/fs:573`, `file:///app/index.mjs:3` and nothing else in the line.
fn is_place(line: &[u8]) -> bool {
    let Some(colon) = memchr::memrchr(b':', line) else { return false };
    let (path, number) = (&line[..colon], &line[colon + 1..]);
    let is_path = path.starts_with(b"node:")
        || path.starts_with(b"file://")
        || matches!(
            path,
            b"[eval]" | b"[stdin]" | b"evalmachine.<anonymous>" | b"<anonymous_script>" | b"undefined"
        )
        || memchr::memchr2(b'/', b'\\', path).is_some() && after(path, b"://").is_none();
    is_path && !number.is_empty() && number.iter().all(u8::is_ascii_digit) && before(path, b" ") == path
}

fn sure(state: State) -> Step {
    Step::Sure(Trace::Frames(state))
}

fn maybe(state: State) -> Step {
    Step::Maybe(Trace::Frames(state))
}
