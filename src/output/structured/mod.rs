//! Makes events of lines, for `start --log-format json|logfmt`: bytes in, bytes out.
//!
//! An event has, in this order: `timestamp` (RFC 3339, UTC, six digits), `level`, `severity_number` (OpenTelemetry),
//! `logger` (`web.1`), `message`, `exception` (`type`, `message`, `stacktrace`) where there is one, `stream`, `pid`,
//! `process` (`type`, `instance`), `release` where it is known, `part` (from 1) and `last` of what is longer than a
//! piece, `message_base64` of what is no UTF-8, then the child's own fields, and `app` for those whose names are ours.
//!
//! A line that is a JSON object or logfmt is merged (`merge`); any other is a message, without terminal escapes, and
//! a stack trace is one event. Every event is one line, and sound JSON whatever comes in; of bytes nothing is lost but
//! terminal escapes and the carriage return of a line's end, and none of a line that is no UTF-8.
//!
//! This room must not know: file descriptors, clocks, threads.

mod ansi;
mod event;
mod fold;
mod level;
mod logfmt;
mod merge;
pub mod redact;
mod scan;
pub mod secrets;
#[cfg(test)]
mod tests;
mod time;
mod trace;

pub use fold::Moment;
pub use level::Severity;

use event::{Event, Frame, Text, escape, member, number};
use fold::{Fold, Out, Part};
use jiff::Timestamp;
use merge::{Merger, write_exception};
use std::borrow::Cow;
use std::time::Instant;
use time::Stamper;

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An object a line.
    Json,
    /// Pairs.
    Logfmt,
}

/// What is known of a stream, or of what a notice is about.
#[derive(Debug, Clone, Copy, Default)]
pub struct Source<'a> {
    /// `web.1`.
    pub logger: &'a str,
    /// `stdout`, `stderr`; a notice has none.
    pub stream: Option<&'a str>,
    /// The process type, and the number of the instance.
    pub process: Option<(&'a str, usize)>,
    /// Of the process.
    pub pid: Option<u32>,
    /// That is running.
    pub release: Option<&'a str>,
}

/// What one stream has of its own between two lines.
#[derive(Debug, Default)]
pub struct Shaper {
    frame: Frame,
    fold: Fold,
    long: Long,
}

/// A line that comes in parts.
#[derive(Debug, Default)]
struct Long {
    parts: u32,
    severity: Option<Severity>,
    /// The beginning of a character whose other bytes come with the next part.
    rest: Vec<u8>,
}

/// Writes events; one for all streams.
#[derive(Debug)]
pub struct Encoder {
    format: Format,
    stamper: Stamper,
    merger: Merger,
    /// A line without escapes.
    text: Vec<u8>,
    /// An object that stands for a line of logfmt.
    object: Vec<u8>,
    /// An event before it is written as logfmt.
    event: Vec<u8>,
    exception: Vec<u8>,
    fields: scan::Fields,
}

impl Shaper {
    /// Of a stream.
    pub fn new(source: &Source<'_>) -> Self {
        Self { frame: frame(source), ..Self::default() }
    }

    /// When [`Encoder::flush`] is due: a line that may open a stack trace waits for the next one so long and no longer.
    pub fn deadline(&self) -> Option<Instant> {
        self.fold.deadline()
    }

    /// Whether lines are held.
    pub fn is_holding(&self) -> bool {
        self.fold.is_holding()
    }
}

impl Encoder {
    /// In this format.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            stamper: Stamper::default(),
            merger: Merger::default(),
            text: Vec::new(),
            object: Vec::new(),
            event: Vec::new(),
            exception: Vec::new(),
            fields: scan::Fields::default(),
        }
    }

    /// Takes a piece of a stream: a line without its end, or a part of a longer one, which `first` and `ends` tell. Adds
    /// what is decided by it, whole events with their line ends.
    pub fn line(
        &mut self,
        shaper: &mut Shaper,
        at: Moment,
        piece: &[u8],
        first: bool,
        ends: bool,
        out: &mut Vec<u8>,
    ) {
        if !(first && ends) {
            self.end(shaper, out);
            self.part(shaper, at, piece, first, ends, out);
            return;
        }
        let piece = without_return(piece);
        let is_object = piece.trim_ascii_end().ends_with(b"}")
            && (piece.first() == Some(&b'{')
                || !shaper.is_holding() && piece.trim_ascii_start().starts_with(b"{"));
        if is_object || logfmt::is_likely(piece) {
            // What the fold holds came before; should this be text after all, it has cost a trace its end, no more.
            if self.object(shaper, at, piece, is_object, out) {
                return;
            }
        }
        let mut text = std::mem::take(&mut self.text);
        let line = plain(piece, &mut text);
        let Shaper { frame, fold, .. } = shaper;
        fold.take(line, at, &mut |told, wall| self.tell(frame, told, wall, out));
        self.text = text;
    }

    /// The lines that are held have waited long enough.
    pub fn flush(&mut self, shaper: &mut Shaper, out: &mut Vec<u8>) {
        let Shaper { frame, fold, .. } = shaper;
        fold.flush(&mut |told, wall| self.tell(frame, told, wall, out));
    }

    /// Nothing more comes of the stream.
    pub fn finish(&mut self, shaper: &mut Shaper, at: Moment, out: &mut Vec<u8>) {
        self.end(shaper, out);
        if !shaper.long.rest.is_empty() {
            self.part(shaper, at, b"", false, true, out);
        }
    }

    /// Adds a notice of ours: `event` is what happened, in one word.
    pub fn notice(
        &mut self,
        source: &Source<'_>,
        at: Timestamp,
        severity: Severity,
        event: &str,
        message: &str,
        out: &mut Vec<u8>,
    ) {
        let stamp = self.stamper.stamp(at);
        let message = Text::Plain(message.as_bytes());
        let told = Event { stamp: &stamp, severity, message, exception: b"", part: None, bytes: None };
        self.emit(out, |_, out| {
            told.write(&frame(source), out);
            member("event", Text::Plain(event.as_bytes()), out);
            true
        });
    }

    fn end(&mut self, shaper: &mut Shaper, out: &mut Vec<u8>) {
        let Shaper { frame, fold, .. } = shaper;
        while fold.is_holding() {
            fold.end(&mut |told, wall| self.tell(frame, told, wall, out));
        }
        fold.end(&mut |_, _| {});
    }

    /// Writes an event in the format, when there is one.
    fn emit(&mut self, out: &mut Vec<u8>, write: impl FnOnce(&mut Self, &mut Vec<u8>) -> bool) -> bool {
        match self.format {
            Format::Json => {
                let is_event = write(self, out);
                if is_event {
                    out.extend_from_slice(b"}\n");
                }
                is_event
            }
            Format::Logfmt => {
                let mut event = std::mem::take(&mut self.event);
                event.clear();
                let is_event = write(self, &mut event);
                if is_event {
                    event.push(b'}');
                    logfmt::write(&event, &mut self.fields, out);
                    out.push(b'\n');
                }
                self.event = event;
                is_event
            }
        }
    }

    /// A line that is an object, or stands for one. False when it is text.
    fn object(
        &mut self,
        shaper: &mut Shaper,
        at: Moment,
        line: &[u8],
        is_object: bool,
        out: &mut Vec<u8>,
    ) -> bool {
        let mut object = std::mem::take(&mut self.object);
        object.clear();
        let is_likely = is_object || logfmt::read(line, &mut object);
        if is_likely && shaper.is_holding() {
            self.end(shaper, out);
        }
        let line = if is_object { line } else { &object };
        let stamp = self.stamper.stamp(at.wall);
        let is_event =
            is_likely && self.emit(out, |this, out| this.merger.merge(line, &stamp, &shaper.frame, out));
        self.object = object;
        is_event
    }

    /// A part of a line that is too long for one event. It is text, whatever it would be as a whole.
    fn part(
        &mut self,
        shaper: &mut Shaper,
        at: Moment,
        piece: &[u8],
        first: bool,
        ends: bool,
        out: &mut Vec<u8>,
    ) {
        let Shaper { frame, long, .. } = shaper;
        if first {
            long.parts = 0;
            long.severity = level::guess(piece);
        }
        long.parts += 1;
        let mut bytes = std::mem::take(&mut long.rest);
        bytes.extend_from_slice(piece);
        let whole = if ends { bytes.len() } else { whole_chars(&bytes) };
        let part = Part { number: long.parts, is_last: ends };
        let severity = long.severity.unwrap_or(Severity::INFO);
        let mut text = std::mem::take(&mut self.text);
        let line = plain(&bytes[..whole], &mut text);
        self.message(frame, line, severity, Some(part), at.wall, out);
        self.text = text;
        bytes.drain(..whole);
        bytes.shrink_to(4);
        long.rest = bytes;
    }

    /// What has come out of the fold.
    fn tell(&mut self, frame: &Frame, told: Out<'_>, wall: Timestamp, out: &mut Vec<u8>) {
        match told {
            Out::Line(line) => {
                let severity = level::guess(line).unwrap_or(Severity::INFO);
                self.message(frame, line, severity, None, wall, out);
            }
            Out::Trace { text, state, part } => self.trace(frame, text, state, part, wall, out),
        }
    }

    fn message(
        &mut self,
        frame: &Frame,
        line: &[u8],
        severity: Severity,
        part: Option<Part>,
        wall: Timestamp,
        out: &mut Vec<u8>,
    ) {
        let stamp = self.stamper.stamp(wall);
        let bytes = std::str::from_utf8(line).is_err().then_some(line);
        let event =
            Event { stamp: &stamp, severity, message: Text::Plain(line), exception: b"", part, bytes };
        self.emit(out, |_, out| {
            event.write(frame, out);
            true
        });
    }

    fn trace(
        &mut self,
        frame: &Frame,
        text: &[u8],
        state: trace::State,
        part: Option<Part>,
        wall: Timestamp,
        out: &mut Vec<u8>,
    ) {
        let first = &text[..memchr::memchr(b'\n', text).unwrap_or(text.len())];
        let summary = state.summary(text).filter(|_| part.is_none_or(|part| part.number == 1));
        let mut exception = std::mem::take(&mut self.exception);
        exception.clear();
        match summary {
            Some(summary) => {
                let (kind, message) = (Text::Plain(summary.kind), Text::Plain(summary.message));
                write_exception(kind, message, Text::Plain(text), &mut exception);
            }
            None => {
                exception.push(b'{');
                member("stacktrace", Text::Plain(text), &mut exception);
            }
        }
        exception.push(b'}');
        let default = summary.map_or(Severity::ERROR, |summary| summary.severity);
        let message = summary.map_or(Cow::Borrowed(first), |summary| heading(first, summary));
        let event = Event {
            stamp: &self.stamper.stamp(wall),
            severity: level::guess(first).unwrap_or(default),
            message: Text::Plain(&message),
            exception: &exception,
            part,
            bytes: std::str::from_utf8(text).is_err().then_some(text),
        };
        self.emit(out, |_, out| {
            event.write(frame, out);
            true
        });
        self.exception = exception;
    }
}

/// The message of a trace: its first line, unless that says less than what it is about.
fn heading<'a>(first: &'a [u8], summary: trace::Summary<'_>) -> Cow<'a, [u8]> {
    let is_told =
        [summary.kind, summary.message].iter().all(|word| memchr::memmem::find(first, word).is_some());
    if is_told {
        return Cow::Borrowed(first);
    }
    let between: &[u8] = if summary.message.is_empty() { b"" } else { b": " };
    Cow::Owned([summary.kind, between, summary.message].concat())
}

/// A line without the carriage return of its end, unless it is no UTF-8.
fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").filter(|_| std::str::from_utf8(line).is_ok()).unwrap_or(line)
}

/// A line without escapes, unless it is no UTF-8: then every byte may matter.
fn plain<'a>(line: &'a [u8], text: &'a mut Vec<u8>) -> &'a [u8] {
    if memchr::memchr(0x1b, line).is_none() || std::str::from_utf8(line).is_err() {
        return line;
    }
    text.clear();
    ansi::strip(line, text);
    text
}

/// How many bytes there are without the beginning of a character at the end.
fn whole_chars(bytes: &[u8]) -> usize {
    let lead = bytes.iter().rev().take(3).position(|byte| *byte & 0xc0 != 0x80);
    let Some(behind) = lead else { return bytes.len() };
    let length = match bytes[bytes.len() - 1 - behind] {
        0xf0..0xf8 => 4,
        0xe0..0xf0 => 3,
        0xc0..0xe0 => 2,
        _ => 1,
    };
    if length > behind + 1 { bytes.len() - 1 - behind } else { bytes.len() }
}

/// What the events of a source share.
fn frame(source: &Source<'_>) -> Frame {
    let mut before = b",\"logger\":\"".to_vec();
    escape(source.logger.as_bytes(), &mut before);
    before.extend_from_slice(b"\",\"message\":\"");
    let (mut after, mut pid) = (Vec::new(), Vec::new());
    if let Some(stream) = source.stream {
        member("stream", Text::Plain(stream.as_bytes()), &mut after);
    }
    if let Some(own) = source.pid {
        number(own, &mut pid);
        after.extend_from_slice(b",\"pid\":");
        after.extend_from_slice(&pid);
    }
    if let Some((kind, instance)) = source.process {
        after.extend_from_slice(b",\"process\":{");
        member("type", Text::Plain(kind.as_bytes()), &mut after);
        after.extend_from_slice(b",\"instance\":");
        number(instance as u32, &mut after);
        after.push(b'}');
    }
    if let Some(release) = source.release {
        member("release", Text::Plain(release.as_bytes()), &mut after);
    }
    Frame { before, after, pid }
}
