//! One event as a line of JSON: what every event has, in its order.

use super::fold::Part;
use super::level::Severity;
use super::scan::clean;
use super::time::Stamp;

/// A text, as it is or as it stands in a JSON string.
#[derive(Debug, Clone, Copy)]
pub enum Text<'a> {
    /// Any bytes.
    Plain(&'a [u8]),
    /// The inside of a JSON string.
    Escaped(&'a [u8]),
}

/// What an event has of its own.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// When.
    pub stamp: &'a Stamp,
    /// How bad.
    pub severity: Severity,
    /// What.
    pub message: Text<'a>,
    /// A JSON object, or nothing.
    pub exception: &'a [u8],
    /// Not the whole of a long one.
    pub part: Option<Part>,
    /// Bytes that `message` cannot hold.
    pub bytes: Option<&'a [u8]>,
}

/// What all events of a stream share, rendered once.
#[derive(Debug, Default)]
pub struct Frame {
    /// `,"logger":"web.1","message":"`
    pub before: Vec<u8>,
    /// `,"stream":"stdout","pid":1,"process":{"type":"web","instance":1}`
    pub after: Vec<u8>,
    /// The pid as it is written.
    pub pid: Vec<u8>,
}

impl Event<'_> {
    /// Adds the event without its last brace; fields may follow.
    pub fn write(&self, frame: &Frame, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"timestamp\":\"");
        out.extend_from_slice(self.stamp);
        out.extend_from_slice(b"\",\"level\":\"");
        out.extend_from_slice(self.severity.level().as_bytes());
        out.extend_from_slice(b"\",\"severity_number\":");
        number(self.severity.number().into(), out);
        out.extend_from_slice(&frame.before);
        match self.message {
            Text::Plain(text) => escape(text, out),
            Text::Escaped(text) => out.extend_from_slice(text),
        }
        out.push(b'"');
        if !self.exception.is_empty() {
            out.extend_from_slice(b",\"exception\":");
            out.extend_from_slice(self.exception);
        }
        out.extend_from_slice(&frame.after);
        if let Some(part) = self.part {
            out.extend_from_slice(b",\"part\":");
            number(part.number, out);
            out.extend_from_slice(if part.is_last { b",\"last\":true" } else { b",\"last\":false" });
        }
        if let Some(bytes) = self.bytes {
            out.extend_from_slice(b",\"message_base64\":\"");
            base64(bytes, out);
            out.push(b'"');
        }
    }
}

/// Adds `,"name":"text"`; without a comma when it is the first.
pub fn member(name: &str, text: Text<'_>, out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":\"");
    match text {
        Text::Plain(text) => escape(text, out),
        Text::Escaped(text) => out.extend_from_slice(text),
    }
    out.push(b'"');
}

/// Adds any bytes as the inside of a JSON string; what is no UTF-8 becomes U+FFFD.
pub fn escape(text: &[u8], out: &mut Vec<u8>) {
    match std::str::from_utf8(text) {
        Ok(_) => escape_text(text, out),
        Err(_) => {
            for chunk in text.utf8_chunks() {
                escape_text(chunk.valid().as_bytes(), out);
                if !chunk.invalid().is_empty() {
                    out.extend_from_slice("\u{fffd}".as_bytes());
                }
            }
        }
    }
}

fn escape_text(mut text: &[u8], out: &mut Vec<u8>) {
    loop {
        let (plain, rest) = text.split_at(clean(text));
        out.extend_from_slice(plain);
        let Some((&byte, rest)) = rest.split_first() else { return };
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                let digit = |half: u8| b"0123456789abcdef"[usize::from(half)];
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            }
        }
        text = rest;
    }
}

/// Adds a number.
pub fn number(number: u32, out: &mut Vec<u8>) {
    if number > 9 {
        self::number(number / 10, out);
    }
    out.push(b'0' + (number % 10) as u8);
}

/// Adds bytes as base64 (RFC 4648, with padding).
fn base64(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place > group.len() { b'=' } else { digit });
        }
    }
}
