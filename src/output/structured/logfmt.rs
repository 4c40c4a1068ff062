//! logfmt: pairs of name and value with blanks between them. A line of it becomes the JSON object that it stands for,
//! and an event in JSON becomes a line of it; so there is one way in which events are made.

use super::event::{Text, escape, member};
use super::level::Severity;
use super::scan::{self, Fields};

/// Numbers that every reader of JSON takes exactly.
const DIGITS: usize = 15;

/// Whether `line` may be logfmt: it begins with a name and `=`.
pub fn is_likely(line: &[u8]) -> bool {
    let name = line.iter().position(|byte| !is_name(*byte)).unwrap_or(line.len());
    name > 0 && line.get(name) == Some(&b'=')
}

/// Adds the object that a line of logfmt stands for. False when it is none: each of its words must be a pair, and a
/// single pair must be a message or a level, for people write `x=1` too.
pub fn read(line: &[u8], out: &mut Vec<u8>) -> bool {
    let mut rest = line.trim_ascii_end();
    let (mut pairs, mut is_known) = (0, false);
    out.push(b'{');
    while !rest.is_empty() {
        let name = rest.iter().position(|byte| !is_name(*byte)).unwrap_or(rest.len());
        if name == 0 || rest.get(name) != Some(&b'=') {
            return false;
        }
        let (key, value) = (&rest[..name], &rest[name + 1..]);
        is_known |= match key {
            b"msg" | b"message" => true,
            b"level" | b"lvl" | b"severity" => Severity::word(value).is_some(),
            _ => false,
        };
        pairs += 1;
        let Ok(name) = std::str::from_utf8(key) else { return false };
        let length = match value.first() {
            Some(b'"') => {
                let Some(length) = quoted(value) else { return false };
                member(name, Text::Escaped(&value[1..length - 1]), out);
                length
            }
            _ => {
                let length =
                    value.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(value.len());
                if memchr::memchr2(b'"', b'=', &value[..length]).is_some() {
                    return false;
                }
                bare(name, &value[..length], out);
                length
            }
        };
        let (_, after) = value.split_at(length);
        rest = after.trim_ascii_start();
        if rest.len() == after.len() && !rest.is_empty() {
            return false;
        }
    }
    out.push(b'}');
    pairs > 1 || pairs == 1 && is_known
}

/// The length of a quoted value, whose escapes must be JSON's.
fn quoted(value: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += scan::clean(&value[at..]);
        match value.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += if value.get(at + 1)? == &b'u' { 6 } else { 2 },
            _ => return None,
        }
        if at > value.len() {
            return None;
        }
    }
}

/// Adds a value without quotes: a number or truth as such, anything else as text.
fn bare(name: &str, value: &[u8], out: &mut Vec<u8>) {
    let from = out.len() + usize::from(out.last() != Some(&b'{'));
    member(name, Text::Plain(value), out);
    if is_value(value) {
        out.truncate(from);
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        out.extend_from_slice(value);
    }
}

/// Whether a bare word is a JSON value that loses nothing by being one.
fn is_value(word: &[u8]) -> bool {
    if matches!(word, b"true" | b"false" | b"null") {
        return true;
    }
    let (whole, fraction) = match memchr::memchr(b'.', word) {
        Some(dot) => (&word[..dot], Some(&word[dot + 1..])),
        None => (word, None),
    };
    let whole = whole.strip_prefix(b"-").unwrap_or(whole);
    let is_digits = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    word.len() <= DIGITS
        && is_digits(whole)
        && (whole.len() == 1 || whole[0] != b'0')
        && fraction.is_none_or(is_digits)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/' | b'@' | b'#')
}

/// Adds an event, a JSON object of ours, as a line of logfmt. Values that are objects or arrays are quoted as JSON.
pub fn write(event: &[u8], fields: &mut Fields, out: &mut Vec<u8>) {
    if !fields.scan(event) {
        return;
    }
    // What was said comes behind who said it.
    let (mut message, mut is_told) = (None, false);
    let from = out.len();
    for field in fields.iter() {
        let name = fields.name(event, field);
        let value = field.value.of(event);
        match name {
            b"message" if message.is_none() => message = Some(value),
            b"timestamp" => write_pair(b"ts", value, from, out),
            b"exception" | b"stream" | b"pid" | b"process" | b"release" | b"level" | b"severity_number"
            | b"logger" => {
                write_pair(name, value, from, out);
            }
            _ => {
                if !std::mem::replace(&mut is_told, true) {
                    write_pair(b"msg", message.unwrap_or(b"\"\""), from, out);
                }
                // Ours go by these names here.
                match name {
                    b"ts" | b"msg" => write_pair(&[b"app.", name].concat(), value, from, out),
                    _ => write_pair(name, value, from, out),
                }
            }
        }
    }
    if !is_told {
        write_pair(b"msg", message.unwrap_or(b"\"\""), from, out);
    }
}

fn write_pair(name: &[u8], value: &[u8], from: usize, out: &mut Vec<u8>) {
    if out.len() > from {
        out.push(b' ');
    }
    // A name has no quotes: what would end it is written as in a URL.
    let mut rest = name;
    while let Some(at) = rest.iter().position(|byte| !is_name(*byte) && byte.is_ascii()) {
        let digit = |half: u8| b"0123456789ABCDEF"[usize::from(half)];
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[b'%', digit(rest[at] >> 4), digit(rest[at] & 15)]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'=');
    match (scan::string(value), value.first()) {
        (Some(text), _) if is_bare(text) => out.extend_from_slice(text),
        (None, Some(b'{' | b'[')) => {
            out.push(b'"');
            escape(value, out);
            out.push(b'"');
        }
        _ => out.extend_from_slice(value),
    }
}

/// Whether a text needs no quotes, and is not taken for a number without them.
fn is_bare(text: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'=' | b'\\');
    !text.is_empty() && text.iter().all(is_plain) && !is_value(text)
}
