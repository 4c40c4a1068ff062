//! A name and the literal that it is given, in all the ways in which files write that.

use std::ops::Range;

use memchr::memchr;

use super::language::Language;
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
const LONGEST_VALUE: usize = 1500;

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

struct Cursor<'s, 't> {
    source: &'s Source<'t>,
    at: usize,
}

impl Cursor<'_, '_> {
    fn byte(&self) -> u8 {
        self.source.byte(self.at)
    }

    fn sees(&self, word: &[u8]) -> bool {
        self.source.ahead(self.at, word.len()) == word
    }

    fn pass(&mut self, byte: u8) -> bool {
        let passed = self.byte() == byte;
        self.at += usize::from(passed);
        passed
    }

    fn passes(&mut self, bytes: &[u8]) {
        while bytes.contains(&self.byte()) {
            self.at += 1;
        }
    }

    fn spaces(&mut self) {
        self.passes(b" \t");
    }

    fn blank(&mut self) {
        while self.byte().is_ascii_whitespace() && self.at < self.source.text.len() {
            self.at += 1;
        }
    }
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

/// The literal at the cursor: quoted, or bare where files have bare values.
fn value(cursor: &mut Cursor<'_, '_>, style: Style, name: &Range<usize>) -> Option<(Range<usize>, bool)> {
    let language = cursor.source.language;
    wrapper(cursor);
    if let Some(range) = quoted(cursor) {
        return Some((range, true));
    }
    let header =
        style == Style::Given && cursor.source.byte(name.end) == b':' && in_string(cursor.source, name.start);
    let before = cursor.source.behind(name.start, 1);
    let query = (before == b"?" || before == b"&") && cursor.source.byte(name.end) == b'=';
    let bare = language.has_bare_values() || style == Style::Option || header || query;
    if !bare || matches!(style, Style::Compared | Style::Called | Style::Beside) {
        return None;
    }
    let range = if query { query_value(cursor) } else { bare_value(cursor, style, header)? };
    Some((range, header || query))
}

/// In a URL's query, to the next sign of it.
fn query_value(cursor: &Cursor<'_, '_>) -> Range<usize> {
    let rest = cursor.source.right(cursor.at);
    let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"-_.~%+/=:@!*".contains(b)).count();
    cursor.at..cursor.at + length
}

/// Inside of a literal, so that what follows is text and not code: `"Authorization: Bearer …"`.
fn in_string(source: &Source<'_>, at: usize) -> bool {
    matches!(source.at(at), super::source::At::Text(_))
}

/// What may stand before a literal and changes nothing: `b"…"`, `new String("…")`, `Some("…")`, a line end in brackets.
fn wrapper(cursor: &mut Cursor<'_, '_>) {
    for _ in 0..2 {
        let rest = cursor.source.ahead(cursor.at, 24);
        let word = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_.@$&: []".contains(b)).count();
        let call = rest.get(word) == Some(&b'(') && matches!(rest.get(word + 1), Some(b'"' | b'\''));
        let known = [
            &b"String"[..],
            b"new String",
            b"Some",
            b"bytes",
            b"b",
            b"str",
            b"SecretStr",
            b"Buffer.from",
            b"[]byte",
            b"String::from",
        ];
        if call && (word == 0 || known.contains(&rest[..word].trim_ascii())) {
            cursor.at += word + 1;
        } else if word > 0
            && word <= 3
            && matches!(rest.get(word), Some(b'"' | b'\''))
            && rest[..word].iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'@' | b'$' | b'&'))
        {
            cursor.at += word;
        } else if rest.first() == Some(&b'(')
            && rest[1..].trim_ascii_start().first().is_some_and(|b| matches!(b, b'"' | b'\''))
        {
            cursor.at += 1;
            cursor.blank();
        }
    }
}

fn quoted(cursor: &mut Cursor<'_, '_>) -> Option<Range<usize>> {
    let escaped = cursor.sees(b"\\\"") || cursor.sees(b"\\'");
    let open = cursor.at + usize::from(escaped);
    let quote = cursor.source.byte(open);
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let triple = cursor.source.ahead(open, 3) == [quote; 3];
    let start = open + if triple { 3 } else { 1 };
    let rest = cursor.source.ahead(start, LONGEST_VALUE);
    let mut n = 0;
    while n < rest.len() {
        match rest[n] {
            b'\\' if escaped && rest.get(n + 1) == Some(&quote) => return found(cursor, start, n, 2),
            b'\\' => n += 1,
            byte if byte == quote && !escaped => return found(cursor, start, n, 1),
            b'\n' => return None,
            _ => {}
        }
        n += 1;
    }
    None
}

fn found(cursor: &mut Cursor<'_, '_>, start: usize, length: usize, close: usize) -> Option<Range<usize>> {
    cursor.at = start + length + close;
    let rest = cursor.source.right(cursor.at).trim_ascii_start();
    // A part of a longer text, a format, or a call on it is not the value.
    let more = match rest {
        [b'+' | b'%' | b'[', ..] => true,
        [b'.', next, ..] if cursor.source.language == Language::Php => {
            next.is_ascii_whitespace() || *next == b'$'
        }
        [b'.', ..] => {
            rest.starts_with(b".format") || rest.starts_with(b".join") || rest.starts_with(b".replace")
        }
        _ => false,
    };
    (!more).then_some(start..start + length)
}

/// To the end of the value as the language has it.
fn bare_value(cursor: &mut Cursor<'_, '_>, style: Style, header: bool) -> Option<Range<usize>> {
    let language = cursor.source.language;
    let rest = cursor.source.right(cursor.at);
    let whole_line = matches!(language, Language::Yaml | Language::Ini | Language::Dotenv | Language::Other)
        && style != Style::Option
        && !header;
    let flow =
        language == Language::Yaml && cursor.source.left(cursor.at).iter().any(|b| matches!(b, b'{' | b'['));
    // `Bearer …`: the scheme and the secret are two words.
    let scheme = rest.iter().position(|b| *b == b' ').filter(|n| is_scheme(&rest[..*n])).map_or(0, |n| n + 1);
    let mut length = scheme;
    for (n, byte) in rest.iter().enumerate().skip(scheme) {
        let ends = match byte {
            b'#' => n > 0 && rest[n - 1] == b' ',
            b' ' | b'\t' => !whole_line && !header,
            b'"' | b'\'' | b'`' | b'\\' => header || !whole_line,
            b';' | b'&' | b'|' | b')' | b'<' | b'>' => {
                !whole_line
                    && (language == Language::Shell || style == Style::Option || language == Language::Prose)
            }
            b',' | b'}' | b']' => flow || (language == Language::Prose),
            _ => false,
        };
        if ends {
            break;
        }
        length = n + 1;
    }
    let value = rest[..length].trim_ascii_end();
    (!value.is_empty()).then(|| cursor.at..cursor.at + value.len())
}

/// The schemes of HTTP's authorization, and those that services made up.
pub fn is_scheme(word: &[u8]) -> bool {
    const SCHEMES: &[&str] =
        &["bearer", "basic", "token", "bot", "ssws", "apikey", "api-key", "digest", "api-token"];
    SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme.as_bytes()))
}
