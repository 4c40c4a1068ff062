//! What receives a literal: the name to its left.

use std::ops::Range;

use super::assign::{LONGEST_NAME, is_name_byte};
use super::source::Source;

/// The name to the left of the literal at `at`, on its line: what receives it, or which argument it is.
pub fn receiver(source: &Source<'_>, at: usize) -> Option<Range<usize>> {
    if let Some(name) = declared(source, at) {
        return Some(name);
    }
    let left = source.left(at);
    let line_start = at - left.len();
    let name = list_begins(left).and_then(|list| named(left, list)).or_else(|| named(left, left.len()))?;
    Some(line_start + name.start..line_start + name.end)
}

/// Calls by which a class declares one of its fields, and a parser one of its options: what they are given as a default is
/// their receiver's. pydantic's, dataclasses', attrs', `SQLAlchemy`'s, Django's, click's.
const DECLARES: &[&[u8]] =
    &[b"field", b"column", b"mapped_column", b"attrib", b"ib", b"query", b"body", b"header"];
/// How far back the call may begin.
const DECLARATION: usize = 600;

/// The field that is declared by the call around the literal at `at`: `name: str = Field(default="…")`, over lines.
fn declared(source: &Source<'_>, at: usize) -> Option<Range<usize>> {
    let quoted = source.behind(at, 20);
    let head = quoted
        .iter()
        .rev()
        .take_while(|b| matches!(b, b'"' | b'\'' | b'`' | b'b' | b'f' | b'r' | b'u'))
        .count();
    let before = source.behind(at - head, 40).trim_ascii_end();
    let first = before.last() == Some(&b'(');
    let named = before.strip_suffix(b"=").map(<[u8]>::trim_ascii_end);
    if !first && !named.is_some_and(|name| name.ends_with(b"default")) {
        return None;
    }
    let behind = source.behind(at - head, DECLARATION);
    let (open, bracket) = innermost(behind)?;
    let callee = name_ending(behind, open).filter(|_| bracket == b'(')?;
    let last = behind[callee.clone()].rsplit(|b| *b == b'.').next().unwrap_or_default().to_ascii_lowercase();
    if !DECLARES.contains(&&last[..]) && !last.ends_with(b"field") {
        return None;
    }
    let given = behind[..callee.start].trim_ascii_end().strip_suffix(b"=")?;
    let line = given.iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
    let statement = &given[line..];
    let indent = statement.len() - statement.trim_ascii_start().len();
    let length = statement[indent..].iter().take_while(|b| is_name_byte(**b)).count();
    let start = at - head - behind.len() + line + indent;
    (length > 0).then_some(start..start + length)
}

/// The name of what begins at `end`.
fn named(left: &[u8], mut end: usize) -> Option<Range<usize>> {
    while end > 0
        && (matches!(left[end - 1], b'"' | b'\'' | b'`' | b' ' | b'\t' | b'(' | b'@' | b'&' | b'[' | b'{')
            || is_prefix(left, end))
    {
        end -= 1;
    }
    while end > 0
        && matches!(left[end - 1], b'=' | b':' | b'>' | b' ' | b'\t' | b'"' | b'\'' | b']' | b'?' | b',')
    {
        end -= 1;
    }
    let name = name_ending(left, end)?;
    // `name: &str = "…"`: the name is before the type.
    let before = left[..name.start].trim_ascii_end();
    let before =
        [&b"&'static"[..], b"&"].iter().find_map(|sign| before.strip_suffix(*sign)).unwrap_or(before);
    if let Some(typed) = before.trim_ascii_end().strip_suffix(b":")
        && is_type(&left[name.clone()])
        && let Some(real) = name_ending(typed, typed.len())
    {
        return Some(real);
    }
    if is_type(&left[name.clone()]) && before.last().is_some_and(u8::is_ascii_alphanumeric) {
        return name_ending(before, before.len());
    }
    Some(name)
}

/// Where the list begins of which a second or later element comes after `left`.
fn list_begins(left: &[u8]) -> Option<usize> {
    let before = left.iter().rposition(|byte| !b"\"'`@& bfru".contains(byte))?;
    if left[before] != b',' {
        return None;
    }
    innermost(&left[..before]).filter(|(_, bracket)| *bracket == b'[').map(|(at, _)| at)
}

/// The last bracket that is still open, and where.
pub fn innermost(left: &[u8]) -> Option<(usize, u8)> {
    let mut depth = 0usize;
    for (at, byte) in left.iter().enumerate().rev() {
        match byte {
            b']' | b')' | b'}' => depth += 1,
            b'[' | b'(' | b'{' if depth > 0 => depth -= 1,
            b'[' | b'(' | b'{' => return Some((at, *byte)),
            _ => {}
        }
    }
    None
}

fn is_type(word: &[u8]) -> bool {
    matches!(word, b"str" | b"String" | b"string" | b"Optional" | b"any" | b"const")
}

/// The letter of `b"…"`, `f"…"`.
fn is_prefix(left: &[u8], end: usize) -> bool {
    matches!(left[end - 1], b'b' | b'f' | b'r' | b'u')
        && (end < 2 || !is_name_byte(left[end - 2]))
        && left.get(end).is_some_and(|b| matches!(b, b'"' | b'\''))
}

pub fn name_ending(left: &[u8], end: usize) -> Option<Range<usize>> {
    let length = left[..end].iter().rev().take(LONGEST_NAME).take_while(|b| is_name_byte(**b)).count();
    (length > 0).then_some(end - length..end)
}
