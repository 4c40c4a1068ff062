//! A name and the literal that it is given, in all the ways in which files write that.

use std::ops::Range;

use super::below;
use super::language::Language;
use super::literal::{Cursor, value};
use super::markup;
use super::names::says;
use super::separator::{Joined, separator};
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
    cursor.passes(if source.language == Language::Script { b"]?)}" } else { b"]?)" });
    cursor.spaces();
    let style = match separator(&mut cursor, &name, before, closed)? {
        Joined::By(style) => style,
        Joined::Element => {
            let value = markup::element_value(source, cursor.at)?;
            return Some(Assigned { name, value, style: Style::Element, quoted: true });
        }
    };
    cursor.spaces();
    let style = if style == Style::Given { given(&mut cursor, &name) } else { style };
    let (value, quoted) = value(&mut cursor, style, &name)?;
    let spoken = has_foreign_letters(&source.text[value.clone()]);
    (!spoken).then_some(Assigned { name, value, style, quoted })
}

/// `\u5bc6\u78bc`: what a screen says in another language, as JSON escapes it. A password that is escaped is so for `&` or `<`.
fn has_foreign_letters(value: &[u8]) -> bool {
    value.windows(6).any(|six| {
        six.starts_with(b"\\u") && six[2..].iter().all(u8::is_ascii_hexdigit) && !six.starts_with(b"\\u00")
            || six.starts_with(b"\\u00") && matches!(six[4], b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F')
    })
}

/// Passes to the literal in what is given to a secret: a call's default, the first of a list, the name's own of a tuple. Of
/// hosts the rule for hosts says what a default is, and tells all of a list.
fn given(cursor: &mut Cursor<'_, '_>, name: &Range<usize>) -> Style {
    let source = cursor.source;
    if says(&source.text[name.clone()]).is_none() {
        return Style::Given;
    }
    if source.language.is_program() {
        below::default_of_call(cursor);
        below::of_tuple(cursor, source.left(name.start));
        cursor.spaces();
        below::fallback(cursor);
    }
    let several = source.text[name.end - 1].eq_ignore_ascii_case(&b's');
    if several && cursor.byte() == b'[' {
        cursor.at += 1;
        cursor.blank();
        return Style::Beside;
    }
    cursor.spaces();
    Style::Given
}

/// `name.equals(`: how long the call's own name is.
fn comparing_call(source: &Source<'_>, name: &Range<usize>) -> Option<usize> {
    let text = &source.text[name.clone()];
    let calls = [&b".equals"[..], b".Equals", b".equalsIgnoreCase", b".eql", b".compareTo"];
    let call = calls.iter().find(|call| text.ends_with(call))?;
    (source.byte(name.end) == b'(' && text.len() > call.len()).then_some(call.len())
}
