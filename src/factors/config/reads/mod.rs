//! Where the code reads its environment: the evidence that speaks for an app, and the defaults that may speak against it.

mod defaults;
mod fields;
mod receive;
mod shell;
mod table;

use std::ops::Range;

pub use self::defaults::judge;
pub use self::fields::{annotation, settings_class, tag};
pub use self::shell::expansions;
pub use self::table::{Form, READERS, Reader};
use super::language::Language;
use super::source::{At, Source};
use crate::factors::finding::{Evidence, Factor, Place};

/// One read, as offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The variable's name.
    pub name: String,
    /// The whole expression that reads it.
    pub span: Range<usize>,
    /// What gets the value: a variable, a key, a keyword argument.
    pub receiver: Option<String>,
    pub has_default: bool,
    /// The default where it is a literal.
    pub default: Option<Range<usize>>,
}

/// One read with its place.
#[derive(Debug, Clone)]
pub struct EnvRead {
    /// The variable's name.
    pub name: String,
    /// What gets the value: a variable, a key, a keyword argument.
    pub receiver: Option<String>,
    /// The code is ready for its absence.
    pub has_default: bool,
    /// The whole expression that reads it.
    pub place: Place,
}

impl From<&EnvRead> for Evidence {
    fn from(read: &EnvRead) -> Self {
        let what = read.receiver.as_ref().unwrap_or(&read.name);
        let tail = if read.has_default { ", with a default" } else { "" };
        Self {
            kind: "config/env-read",
            factor: Factor::Config,
            message: format!("`{what}` is read from `{}`{tail}", read.name),
            place: read.place.clone(),
            details: vec![
                ("name", read.name.clone()),
                ("receiver", read.receiver.clone().unwrap_or_default()),
                ("default", if read.has_default { "yes" } else { "no" }.to_owned()),
            ],
        }
    }
}

pub fn is_variable(name: &[u8]) -> bool {
    name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// A reader's word stands at `at..end`.
pub fn look(source: &Source<'_>, reader: &Reader, at: usize, end: usize, reads: &mut Vec<Read>) {
    let known =
        reader.languages.contains(&source.language) && &source.text[at..end] == reader.word.as_bytes();
    let before = source.behind(at, 1).first().copied().unwrap_or(b'\n');
    let whole = !(before.is_ascii_alphanumeric() || before == b'_')
        || !reader.word.as_bytes()[0].is_ascii_alphabetic();
    if !known || !whole || !is_read_here(source, at) || !reader.fits(source, at) {
        return;
    }
    match reader.form {
        Form::Call => literal_in(source, at, end, false, reads),
        Form::SecondArgument => {
            if let Some(comma) = memchr::memchr(b',', source.right(end)) {
                literal_in(source, at, end + comma + 1, false, reads);
            }
        }
        Form::Map => map(source, at, end, reads),
    }
}

/// In code, or in the hole of a string.
fn is_read_here(source: &Source<'_>, at: usize) -> bool {
    match source.at(at) {
        At::Code => true,
        At::Comment => false,
        // PHP's `"$_ENV[X]"` and markup around code are no strings of their own.
        At::Text(region) => region.expands && source.language == Language::Php,
    }
}

/// `["X"]`, `.X`, `.get("X", …)`, or names taken out of the whole: `{ A, B } = process.env`.
fn map(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let from = end + source.ahead(end, 2).iter().take_while(|b| matches!(b, b'?' | b'!')).count();
    let rest = source.ahead(from, 80);
    for getter in [".get(", ".fetch(", ".getOrDefault(", ".get (", ".has(", ".key?(", "?.get("] {
        if rest.starts_with(getter.as_bytes()) {
            return literal_in(source, at, from + getter.len(), false, reads);
        }
    }
    match rest {
        [b'[', ..] => literal_in(source, at, from + 1, true, reads),
        [b'.', first, ..]
            if source.language == Language::JavaScript
                && (first.is_ascii_uppercase() || *first == b'_' || first.is_ascii_lowercase()) =>
        {
            let from = from + usize::from(rest.starts_with(b".?"));
            member(source, at, from + 1, reads);
        }
        [b' ' | b'\n' | b'\r' | b';' | b':' | b')' | b',', ..] | []
            if source.language == Language::Python =>
        {
            member_test(source, at, reads);
        }
        [b' ' | b'\n' | b'\r' | b';' | b')' | b',', ..] | [] => taken_out(source, at, reads),
        _ => {}
    }
}

fn member(source: &Source<'_>, at: usize, from: usize, reads: &mut Vec<Read>) {
    let length =
        source.ahead(from, 100).iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let name = &source.text[from..from + length];
    let next = source.byte(from + length);
    if is_variable(name) && next != b'(' {
        finish(source, at, from..from + length, from + length, false, reads);
    }
}

/// The name is the literal at `from`.
fn literal_in(source: &Source<'_>, at: usize, from: usize, index: bool, reads: &mut Vec<Read>) {
    let rest = source.ahead(from, 160);
    let skipped = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let Some(quote) = rest.get(skipped).copied().filter(|b| matches!(b, b'"' | b'\'' | b'`')) else { return };
    let start = from + skipped + 1;
    let length = source.ahead(start, 120).iter().take_while(|b| **b != quote && **b != b'\n').count();
    let name = start..start + length;
    if is_variable(&source.text[name.clone()]) && source.byte(name.end) == quote {
        let close = name.end + 1;
        finish(source, at, name, close, index, reads);
    }
}

/// The name is known and the cursor behind it: the default, the receiver, and whether it is a write after all.
fn finish(
    source: &Source<'_>,
    at: usize,
    name: Range<usize>,
    mut end: usize,
    index: bool,
    reads: &mut Vec<Read>,
) {
    let (mut has_default, mut default) = (false, None);
    let member = name.end == end;
    if !member {
        let inside = defaults::argument(source, end);
        has_default = inside.has;
        default = inside.literal;
        end = inside.end;
    }
    if (index || member) && is_written(source, end) || is_removed(source, at) {
        return;
    }
    if !has_default {
        let after = defaults::behind(source, end);
        has_default = after.has;
        default = after.literal;
    }
    reads.push(Read {
        name: String::from_utf8_lossy(&source.text[name]).into_owned(),
        span: at..end,
        receiver: receive::receiver(source, at),
        has_default,
        default,
    });
}

fn is_written(source: &Source<'_>, end: usize) -> bool {
    let rest = source.right(end).trim_ascii_start();
    matches!(rest, [b'=', next, ..] if !matches!(next, b'=' | b'~' | b'>'))
        || rest.starts_with(b"||=")
        || rest.starts_with(b"??=")
        || rest.starts_with(b"+=")
}

fn is_removed(source: &Source<'_>, at: usize) -> bool {
    let left = source.left(at).trim_ascii_end();
    left.ends_with(b"delete")
        || left.ends_with(b"del")
        || left.ends_with(b"del os.")
        || left.ends_with(b"unset(")
}

/// Python's `"X" in os.environ`.
fn member_test(source: &Source<'_>, at: usize, reads: &mut Vec<Read>) {
    let left = source.left(at);
    let left = left.strip_suffix(b"os.").unwrap_or(left).trim_ascii_end();
    let Some(text) = left.strip_suffix(b" in") else { return };
    let text = text.strip_suffix(b" not").unwrap_or(text);
    let Some((quote, inside)) = text.split_last().filter(|(quote, _)| matches!(quote, b'"' | b'\'')) else {
        return;
    };
    let start = inside.iter().rposition(|b| b == quote).map_or(0, |n| n + 1);
    if is_variable(&inside[start..]) {
        let offset = at - source.left(at).len() + start;
        let name = String::from_utf8_lossy(&inside[start..]).into_owned();
        reads.push(Read {
            name,
            span: offset..offset + inside.len() - start,
            receiver: None,
            has_default: false,
            default: None,
        });
    }
}

/// `const { A, B: b = "x" } = process.env`.
fn taken_out(source: &Source<'_>, at: usize, reads: &mut Vec<Read>) {
    let behind = source.behind(at, 1500);
    let Some(head) = behind
        .trim_ascii_end()
        .strip_suffix(b"=")
        .map(<[u8]>::trim_ascii_end)
        .and_then(|head| head.strip_suffix(b"}"))
    else {
        return;
    };
    let Some(open) = head.iter().rposition(|b| *b == b'{') else { return };
    let mut start = at - behind.len() + open + 1;
    for item in head[open + 1..].split(|b| *b == b',') {
        let text = item.trim_ascii();
        let length = text.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let offset = start + (item.len() - item.trim_ascii_start().len());
        start += item.len() + 1;
        if length == 0 || !is_variable(&text[..length]) {
            continue;
        }
        let rest = text[length..].trim_ascii_start();
        let alias = rest.strip_prefix(b":").map(<[u8]>::trim_ascii_start);
        let receiver = alias.map_or(&text[..length], |alias| {
            &alias[..alias.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()]
        });
        let equals = memchr::memchr(b'=', text);
        reads.push(Read {
            name: String::from_utf8_lossy(&text[..length]).into_owned(),
            span: offset..offset + length,
            receiver: Some(String::from_utf8_lossy(receiver).into_owned()),
            has_default: equals.is_some(),
            default: equals.and_then(|equals| defaults::literal(source, offset + equals + 1)),
        });
    }
}
