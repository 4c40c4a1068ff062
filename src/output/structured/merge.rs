//! A child's JSON object becomes an event: what it says about time, level, message and exception is taken over, the
//! rest follows byte for byte. Nothing is encoded twice, and nothing is lost:
//!
//! - What is taken over and says more than ours can hold (nanoseconds, level 35) stands once more under `app`.
//! - A name of ours that means something else with the child (`logger`, `pid`, `process`, …) stands under `app`, and so
//!   does one of its values that we do not understand. `app` is such a name itself, so it is always an object of ours.
//! - Of a name that occurs again the first value counts; the others stand under `app`. Where several values of one
//!   name meet there, they are an array in their order.

use super::event::{Event, Frame, Text, member};
use super::level::Severity;
use super::scan::{self, Field, Fields};
use super::time::{Stamp, Stamper, Taken};
use super::trace;

/// What a child means by a name; the number is its rank among those that mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Message(u8),
    Level(u8),
    Time(u8),
    Exception(u8),
    /// A name of ours that is filled by us alone.
    Ours,
    Own,
}

fn role(name: &[u8]) -> Role {
    match name {
        b"message" => Role::Message(0),
        b"msg" => Role::Message(1),
        b"event" => Role::Message(2),
        b"level" => Role::Level(0),
        b"severity" => Role::Level(1),
        b"lvl" => Role::Level(2),
        b"levelname" => Role::Level(3),
        b"log.level" => Role::Level(4),
        b"timestamp" => Role::Time(0),
        b"@timestamp" => Role::Time(1),
        b"time" => Role::Time(2),
        b"ts" => Role::Time(3),
        b"exception" => Role::Exception(0),
        b"exc_info" => Role::Exception(1),
        b"err" => Role::Exception(2),
        b"error" => Role::Exception(3),
        b"stack_trace" => Role::Exception(4),
        b"error.stack_trace" => Role::Exception(5),
        b"stacktrace" => Role::Exception(6),
        b"stack" => Role::Exception(7),
        b"severity_number" | b"logger" | b"stream" | b"pid" | b"process" | b"release" | b"part" | b"last"
        | b"app" | b"message_base64" => Role::Ours,
        _ => Role::Own,
    }
}

impl Role {
    /// Whether the name is one of an event of ours.
    fn is_ours(self) -> bool {
        matches!(self, Self::Ours | Self::Message(0) | Self::Level(0) | Self::Time(0) | Self::Exception(0))
    }
}

/// Where a field goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Passed,
    TakenOver,
    /// Under `app`.
    Aside,
}

/// Merges objects; its memory is used again for the next one.
#[derive(Debug, Default)]
pub struct Merger {
    fields: Fields,
    fates: Vec<Fate>,
    /// For the times of children, which lie close together as ours do.
    stamper: Stamper,
    /// For the members of an object that is an exception.
    members: Fields,
    exception: Vec<u8>,
    text: Vec<u8>,
}

/// A field that was taken over: its place, its rank, and what it says.
type Choice<T> = Option<(usize, u8, T)>;

/// What is taken over of an object.
#[derive(Default)]
struct Choices<'a> {
    message: Choice<&'a [u8]>,
    /// And whether ours says all of it.
    level: Choice<(Severity, bool)>,
    time: Choice<Taken>,
    /// It is in [`Merger::exception`].
    exception: Choice<()>,
}

impl Merger {
    /// Adds the event that `line` is, without its last brace. False when it is no object, and nothing is added.
    pub fn merge(&mut self, line: &[u8], arrived: &Stamp, frame: &Frame, out: &mut Vec<u8>) -> bool {
        if std::str::from_utf8(line).is_err() || !self.fields.scan(line) {
            return false;
        }
        let Choices { message, level, time, exception } = self.choose(line, &frame.pid);
        let is_exception = exception.is_some();
        let default = if is_exception { Severity::ERROR } else { Severity::INFO };
        let event = Event {
            stamp: time.as_ref().map_or(arrived, |(_, _, taken)| &taken.stamp),
            severity: level.map_or(default, |(_, _, (severity, _))| severity),
            message: Text::Escaped(message.map_or(b"", |(_, _, text)| text)),
            exception: if is_exception { &self.exception } else { b"" },
            part: None,
            bytes: None,
        };
        event.write(frame, out);
        self.write_fields(line, out);
        true
    }

    /// Decides where each field goes.
    fn choose<'a>(&mut self, line: &'a [u8], pid: &[u8]) -> Choices<'a> {
        let mut choices = Choices::default();
        self.fates.clear();
        for (place, field) in self.fields.iter().enumerate() {
            let name = self.fields.name(line, field);
            let role = role(name);
            self.fates.push(if role.is_ours() { Fate::Aside } else { Fate::Passed });
            if !field.is_first {
                continue;
            }
            let value = field.value.of(line);
            match role {
                Role::Message(rank) => choose(&mut choices.message, place, rank, || scan::string(value)),
                Role::Level(rank) => choose(&mut choices.level, place, rank, || Severity::take(value)),
                Role::Time(rank) => choose(&mut choices.time, place, rank, || self.stamper.take(value)),
                Role::Exception(rank) => choose(&mut choices.exception, place, rank, || {
                    take_exception(value, &mut self.members, &mut self.text, &mut self.exception)
                }),
                Role::Ours if name == b"pid" && value == pid => self.fates[place] = Fate::TakenOver,
                Role::Ours | Role::Own => {}
            }
        }
        let taken = [
            choices.message.map(|(place, ..)| (place, true)),
            choices.level.map(|(place, _, (_, is_exact))| (place, is_exact)),
            choices.time.map(|(place, _, taken)| (place, taken.is_exact)),
            choices.exception.map(|(place, ..)| (place, true)),
        ];
        for (place, is_exact) in taken.into_iter().flatten() {
            self.fates[place] = if is_exact { Fate::TakenOver } else { Fate::Aside };
        }
        choices
    }

    fn write_fields(&self, line: &[u8], out: &mut Vec<u8>) {
        let mut is_any_aside = false;
        for (field, fate) in self.fields.iter().zip(&self.fates) {
            is_any_aside |= !field.is_first || *fate == Fate::Aside;
            if field.is_first && *fate == Fate::Passed {
                out.push(b',');
                out.extend_from_slice(field.whole(line));
            }
        }
        if !is_any_aside {
            return;
        }
        out.extend_from_slice(b",\"app\":{");
        for (field, fate) in self.fields.iter().zip(&self.fates).filter(|(field, _)| field.is_first) {
            let first = (*fate == Fate::Aside).then_some(field);
            let again = std::iter::successors(self.fields.again(field), |field| self.fields.again(field));
            write_aside(line, first.into_iter().chain(again), out);
        }
        out.push(b'}');
    }
}

/// Keeps what is understood and ranks before what was chosen so far.
fn choose<T>(choice: &mut Choice<T>, place: usize, rank: u8, take: impl FnOnce() -> Option<T>) {
    if choice.as_ref().is_none_or(|(_, chosen, _)| rank < *chosen)
        && let Some(taken) = take()
    {
        *choice = Some((place, rank, taken));
    }
}

/// Adds the values of one name that cannot stand at the top.
fn write_aside<'a>(line: &[u8], values: impl Iterator<Item = &'a Field>, out: &mut Vec<u8>) {
    let mut values = values.peekable();
    let Some(first) = values.next() else { return };
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    if values.peek().is_none() {
        out.extend_from_slice(first.whole(line));
        return;
    }
    out.push(b'"');
    out.extend_from_slice(first.raw_name.of(line));
    out.extend_from_slice(b"\":[");
    out.extend_from_slice(first.value.of(line));
    for field in values {
        out.push(b',');
        out.extend_from_slice(field.value.of(line));
    }
    out.push(b']');
}

/// An exception from what loggers make of one: a text that is a stack trace, or an object with a stack in it. Members
/// that we have no name for stay as they are.
fn take_exception(value: &[u8], members: &mut Fields, text: &mut Vec<u8>, out: &mut Vec<u8>) -> Option<()> {
    let found = match scan::string(value) {
        Some(stack) => {
            text.clear();
            scan::unescape(stack, text);
            let summary = trace::summary(text.trim_ascii_end())?;
            out.clear();
            write_exception(
                Text::Plain(summary.kind),
                Text::Plain(summary.message),
                Text::Escaped(stack),
                out,
            );
            true
        }
        None => value.starts_with(b"{") && members.scan(value) && write_members(value, members, out),
    };
    found.then(|| out.push(b'}'))
}

/// Adds an exception without its last brace.
pub fn write_exception(kind: Text<'_>, message: Text<'_>, stacktrace: Text<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    member("type", kind, out);
    member("message", message, out);
    member("stacktrace", stacktrace, out);
}

/// The same from an object: pino's and bunyan's `err`, or one that has our form.
fn write_members(value: &[u8], members: &Fields, out: &mut Vec<u8>) -> bool {
    let find = |names: [&[u8]; 3]| {
        names.iter().find_map(|wanted| {
            let mut named = members.iter().filter(|field| members.name(value, field) == *wanted);
            let field = named.next()?;
            Some((field.raw_name, scan::string(field.value.of(value))?))
        })
    };
    let kind = find([b"type", b"name", b"class"]);
    let message = find([b"message", b"msg", b"description"]);
    let stack = find([b"stacktrace", b"stack", b"stack_trace"]);
    let (Some(kind), Some(message)) = (kind, message) else { return false };
    out.clear();
    out.push(b'{');
    member("type", Text::Escaped(kind.1), out);
    member("message", Text::Escaped(message.1), out);
    if let Some(stack) = stack {
        member("stacktrace", Text::Escaped(stack.1), out);
    }
    let taken = [Some(kind.0), Some(message.0), stack.map(|(name, _)| name)];
    for field in members.iter().filter(|field| !taken.contains(&Some(field.raw_name))) {
        // Two values of one name, or a name that we have given away: it is left as it was.
        let name = members.name(value, field);
        if !field.is_first
            || members.again(field).is_some()
            || matches!(name, b"type" | b"message" | b"stacktrace")
        {
            return false;
        }
        out.push(b',');
        out.extend_from_slice(field.whole(value));
    }
    true
}
