//! A name and the literal that it is given, in all the ways in which files write that.

use std::ops::Range;

use memchr::memchr;

use super::language::Language;
use super::literal::{Cursor, LONGEST_VALUE, value};
use super::source::Source;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `name = "value"`, `name: value`, `"name" => "value"`.
    Given,
    /// `name == "value"`.
    Compared,
    /// `"name", "value"`.
    Beside,
    /// `name("value")`.
    Called,
    /// `<name>value</name>`, `name="password" value="value"`.
    Element,
    /// `--name value`.
    Option,
}

#[derive(Debug, Clone)]
pub struct Assigned {
    pub name: Range<usize>,
    pub value: Range<usize>,
    pub style: Style,
    pub quoted: bool,
}

pub const LONGEST_NAME: usize = 80;

pub fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The whole name around `at`.
pub fn name_around(source: &Source<'_>, at: usize) -> Range<usize> {
    let left = source.behind(at, LONGEST_NAME).iter().rev().take_while(|b| is_name_byte(**b)).count();
    let right = source.ahead(at, LONGEST_NAME).iter().take_while(|b| is_name_byte(**b)).count();
    let (mut start, mut end) = (at - left, at + right);
    // `\n` and kin before the name in a string.
    if start > 0
        && source.text[start - 1] == b'\\'
        && matches!(source.text[start], b'n' | b't' | b'r')
        && end - start > 1
    {
        start += 1;
    }
    // `name->` and `name.` end before the sign.
    while end > start && matches!(source.text[end - 1], b'-' | b'.') {
        end -= 1;
    }
    start..end
}

/// What is given to the name around `at`.
pub fn assigned(source: &Source<'_>, at: usize) -> Option<Assigned> {
    let mut name = name_around(source, at);
    let compared = comparing_call(source, &name);
    if let Some(call) = compared {
        name.end -= call;
    }
    let before = source.behind(name.start, 1).first().copied().unwrap_or(b'\n');
    let quote = matches!(before, b'"' | b'\'' | b'`');
    let mut cursor = Cursor { source, at: name.end };
    if let Some(call) = compared {
        cursor.at += call + 1;
        let (value, quoted) = value(&mut cursor, Style::Compared, &name)?;
        return Some(Assigned { name, value, style: Style::Compared, quoted });
    }
    cursor.pass(b'\\');
    let closed = quote && cursor.pass(before);
    cursor.passes(b"]?)");
    cursor.spaces();
    let (style, in_markup) = separator(&mut cursor, &name, before, closed)?;
    if style == Style::Element && !in_markup {
        let value = element_value(source, cursor.at)?;
        return Some(Assigned { name, value, style, quoted: true });
    }
    cursor.spaces();
    let (value, quoted) = value(&mut cursor, style, &name)?;
    Some(Assigned { name, value, style, quoted })
}

/// `name.equals(`: how long the call's own name is.
fn comparing_call(source: &Source<'_>, name: &Range<usize>) -> Option<usize> {
    let text = &source.text[name.clone()];
    let calls = [&b".equals"[..], b".Equals", b".equalsIgnoreCase", b".eql", b".compareTo"];
    let call = calls.iter().find(|call| text.ends_with(call))?;
    (source.byte(name.end) == b'(' && text.len() > call.len()).then_some(call.len())
}

/// Passes over what joins name and value, and says what it was.
fn separator(
    cursor: &mut Cursor<'_, '_>,
    name: &Range<usize>,
    before: u8,
    closed: bool,
) -> Option<(Style, bool)> {
    for (sign, style) in
        [("===", Style::Compared), ("!==", Style::Compared), ("==", Style::Compared), ("!=", Style::Compared)]
    {
        if cursor.sees(sign.as_bytes()) {
            cursor.at += sign.len();
            return Some((style, false));
        }
    }
    for sign in ["=>", ":=", "::=", "||=", "?=", "<-"] {
        if cursor.sees(sign.as_bytes()) {
            cursor.at += sign.len();
            return Some((Style::Given, false));
        }
    }
    let directive = cursor.source.left(name.start).trim_ascii();
    let option = cursor.source.text[name.start] == b'-'
        || (cursor.source.language == Language::Dockerfile && directive == b"ENV")
        || (cursor.source.language == Language::Braces && directive == b"#define");
    if go_type(cursor) {
        return Some((Style::Given, false));
    }
    if before == b'<' && cursor.source.language == Language::Markup {
        attributes(cursor);
    }
    match cursor.byte() {
        b'=' => {
            cursor.at += 1;
            Some((Style::Given, false))
        }
        // A part of an ARN or URN.
        b':' if before == b':' => None,
        b':' => {
            cursor.at += 1;
            typed(cursor);
            Some((Style::Given, false))
        }
        b',' if closed => {
            cursor.at += 1;
            if is_defined(cursor.source, name) {
                return Some((Style::Given, false));
            }
            named_value(cursor);
            Some((Style::Beside, false))
        }
        b'(' if !closed => {
            cursor.at += 1;
            Some((Style::Called, false))
        }
        b'>' if before == b'<' || markup_attribute(cursor.source, name) => {
            cursor.at += 1;
            Some((Style::Element, false))
        }
        b'{' if closed && terraform_default(cursor) => Some((Style::Given, false)),
        _ if closed && attribute_value(cursor) => Some((Style::Element, true)),
        b'\n' | b'\r' if yaml_pair(cursor) => Some((Style::Given, false)),
        _ if option && cursor.source.byte(name.end) == b' ' => Some((Style::Option, false)),
        _ => None,
    }
}

/// `name: Type = value`: passes over the type.
fn typed(cursor: &mut Cursor<'_, '_>) {
    if !matches!(
        cursor.source.language,
        Language::Python | Language::JavaScript | Language::Rust | Language::Kotlin | Language::Braces
    ) {
        return;
    }
    let rest = cursor.source.ahead(cursor.at, 80);
    let length =
        rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b" _<>&[]?.:'|,*".contains(b)).count();
    if rest.get(length) == Some(&b'=')
        && rest.get(length + 1) != Some(&b'=')
        && rest[..length].iter().any(u8::is_ascii_alphabetic)
    {
        cursor.at += length + 1;
    }
}

/// Go's `name string = value`: passes over the type and the sign.
fn go_type(cursor: &mut Cursor<'_, '_>) -> bool {
    let found = cursor.source.language == Language::Go && cursor.sees(b"string = ");
    cursor.at += if found { 9 } else { 0 };
    found
}

/// `<name kind="x">`: passes to the end of the tag.
fn attributes(cursor: &mut Cursor<'_, '_>) {
    let rest = cursor.source.ahead(cursor.at, 120);
    if let Some(end) = memchr(b'>', rest)
        .filter(|end| memchr(b'=', &rest[..*end]).is_some() && cursor.source.byte(cursor.at - 1) == b' ')
    {
        cursor.at += end;
    }
}

/// PHP's `define("NAME", "value")`.
fn is_defined(source: &Source<'_>, name: &Range<usize>) -> bool {
    source.language == Language::Php
        && source.left(name.start - 1).trim_ascii_end().to_ascii_lowercase().ends_with(b"define(")
}

/// `"name": "DB_PASSWORD", "value": …`: passes to the value.
fn named_value(cursor: &mut Cursor<'_, '_>) {
    let rest = cursor.source.ahead(cursor.at, 80);
    let text = rest.trim_ascii_start();
    let word = text.strip_prefix(b"\"").unwrap_or(text);
    if word.get(..5).is_some_and(|w| w.eq_ignore_ascii_case(b"value")) {
        cursor.at += rest.len() - word.len() + 5;
        cursor.passes(b"\"");
        cursor.spaces();
        cursor.passes(b":");
        cursor.spaces();
    }
}

/// `- name: DB_PASSWORD` and `value: …` in the next line.
fn yaml_pair(cursor: &mut Cursor<'_, '_>) -> bool {
    if cursor.source.language != Language::Yaml {
        return false;
    }
    let from = cursor.at;
    cursor.blank();
    let found = cursor.sees(b"value:");
    cursor.at = if found { cursor.at + 6 } else { from };
    found
}

/// `name="password" value="…"`, `key="Password" value="…"`.
fn attribute_value(cursor: &mut Cursor<'_, '_>) -> bool {
    let from = cursor.at;
    for word in [&b"value="[..], b"Value=", b"default="] {
        if cursor.sees(word) {
            cursor.at += word.len();
            return from > 0;
        }
    }
    if cursor.pass(b'>') && cursor.source.language == Language::Markup {
        cursor.at = from;
    }
    cursor.at = from;
    false
}

/// `variable "name" { default = "…" }`: passes to the value.
fn terraform_default(cursor: &mut Cursor<'_, '_>) -> bool {
    let block = cursor.source.ahead(cursor.at, 400);
    let block = &block[..memchr(b'}', block).unwrap_or(block.len())];
    let Some(word) =
        memchr::memmem::find(block, b"default").filter(|_| cursor.source.language == Language::Hcl)
    else {
        return false;
    };
    let rest = &block[word + 7..];
    let sign = rest.len() - rest.trim_ascii_start().len();
    cursor.at += word + 7 + sign + 1;
    rest.get(sign) == Some(&b'=')
}

/// The name is an attribute's value or stands in an open tag: `<string name="x">`, `<Pass encoding="base64">`.
fn markup_attribute(source: &Source<'_>, name: &Range<usize>) -> bool {
    source.language == Language::Markup && memchr(b'<', source.left(name.start)).is_some()
}

fn element_value(source: &Source<'_>, at: usize) -> Option<Range<usize>> {
    let rest = source.ahead(at, LONGEST_VALUE);
    let end = memchr(b'<', rest)?;
    let text = &rest[..end];
    let start = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let length = text.trim_ascii().len();
    (length > 0 && rest.get(end + 1) == Some(&b'/') && !text.trim_ascii().contains(&b'\n'))
        .then_some(at + start..at + start + length)
}
