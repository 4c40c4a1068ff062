//! Names and values in XML and its relatives: in one element, in two, or in the attributes of one.

use std::ops::Range;

use memchr::{memchr, memmem, memrchr};

use super::assign::is_name_byte;
use super::language::Language;
use super::literal::{Cursor, LONGEST_VALUE};
use super::source::Source;

/// How much of a tag is looked at.
const TAG: usize = 300;

/// `<name kind="x">`: passes to the end of the tag.
pub fn attributes(cursor: &mut Cursor<'_, '_>) {
    let rest = cursor.source.ahead(cursor.at, 120);
    if let Some(end) = memchr(b'>', rest)
        .filter(|end| memchr(b'=', &rest[..*end]).is_some() && cursor.source.byte(cursor.at - 1) == b' ')
    {
        cursor.at += end;
    }
}

/// `name="password" value="…"`, `key="Password" value="…"`, and in markup with other attributes between them.
pub fn attribute_value(cursor: &mut Cursor<'_, '_>) -> bool {
    let rest = cursor.source.ahead(cursor.at, TAG);
    let words = [&b"value="[..], b"Value=", b"default="];
    let place = if is_markup(cursor.source) {
        let tag = &rest[..memchr(b'>', rest).unwrap_or(rest.len())];
        words.iter().filter_map(|word| attribute(tag, word)).min()
    } else {
        words.iter().find(|word| rest.starts_with(word)).map(|word| word.len())
    };
    cursor.at += place.unwrap_or(0);
    place.is_some()
}

/// Where the value of an attribute begins in a tag.
fn attribute(tag: &[u8], word: &[u8]) -> Option<usize> {
    let found = memmem::find_iter(tag, word).find(|at| *at == 0 || tag[*at - 1].is_ascii_whitespace())?;
    Some(found + word.len())
}

/// Markup, or a `.config` of the same kind that begins with something else.
fn is_markup(source: &Source<'_>) -> bool {
    matches!(source.language, Language::Markup | Language::Ini)
}

/// `<add value="…" key="name"/>`: goes back to the value.
pub fn value_before(cursor: &mut Cursor<'_, '_>) -> bool {
    let left = cursor.source.left(cursor.at);
    let Some(open) = memrchr(b'<', left).filter(|_| is_markup(cursor.source)) else { return false };
    let Some(value) = attribute(&left[open..], b"value=") else { return false };
    cursor.at -= left.len() - open - value;
    true
}

/// The name is what an element holds, `<key>name</key>`, and the next one holds the value: passes into that.
pub fn next_element(cursor: &mut Cursor<'_, '_>) -> bool {
    let Some(end) = memchr(b'>', cursor.source.ahead(cursor.at, TAG)) else { return false };
    cursor.source.language == Language::Markup && cursor.sees(b"</") && inner(cursor, end + 1)
}

/// `<setting name="password" kind="x">`: passes over the rest of the tag, and into `<value>` if that comes next.
pub fn rest_of_tag(cursor: &mut Cursor<'_, '_>) -> bool {
    let rest = cursor.source.ahead(cursor.at, TAG);
    let Some(end) = memchr(b'>', rest).filter(|_| cursor.source.language == Language::Markup) else {
        return false;
    };
    let open = memrchr(b'<', cursor.source.left(cursor.at)).is_some();
    let inside = memchr(b'<', &rest[..end]).is_none() && !rest[..end].ends_with(b"/");
    if open && inside && !inner(cursor, end + 1) {
        cursor.at += end + 1;
    }
    open && inside
}

/// Passes into the element that comes next after so many bytes, if by its name it holds a value.
pub fn inner(cursor: &mut Cursor<'_, '_>, after: usize) -> bool {
    let rest = cursor.source.ahead(cursor.at + after, TAG);
    let blank = rest.len() - rest.trim_ascii_start().len();
    let Some(text) = rest[blank..].strip_prefix(b"<") else { return false };
    let length = text.iter().take_while(|b| is_name_byte(**b) || **b == b':').count();
    let name = text[..length].to_ascii_lowercase();
    let holds = matches!(&name[..], b"value" | b"string" | b"stringvalue") || name.ends_with(b"-value");
    let Some(end) = memchr(b'>', text).filter(|end| holds && text[*end - 1] != b'/') else { return false };
    cursor.at += after + blank + 1 + end + 1;
    true
}

/// The name is an attribute's value or stands in an open tag: `<string name="x">`, `<Pass encoding="base64">`.
pub fn is_attribute(source: &Source<'_>, name: &Range<usize>) -> bool {
    source.language == Language::Markup && memchr(b'<', source.left(name.start)).is_some()
}

/// The text from `at` to the tag that closes the element.
pub fn element_value(source: &Source<'_>, at: usize) -> Option<Range<usize>> {
    let rest = source.ahead(at, LONGEST_VALUE);
    let start = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    if let Some(text) = rest[start..].strip_prefix(b"<![CDATA[") {
        let from = at + start + 9;
        return memmem::find(text, b"]]>").filter(|length| *length > 0).map(|length| from..from + length);
    }
    let end = memchr(b'<', rest)?;
    let length = rest[..end].trim_ascii().len();
    (length > 0 && rest.get(end + 1) == Some(&b'/') && !rest[..end].trim_ascii().contains(&b'\n'))
        .then_some(at + start..at + start + length)
}
