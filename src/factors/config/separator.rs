//! What joins a name and its value: signs, types, tags, brackets, or only a space.

use std::ops::Range;

use super::assign::Style;
use super::below;
use super::language::Language;
use super::literal::Cursor;
use super::markup;
use super::names::says;
use super::source::Source;

/// What was passed over, and where the value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// A literal comes next.
    By(Style),
    /// The text of an element comes next.
    Element,
}

/// Passes over what joins name and value, and says what it was.
pub fn separator(
    cursor: &mut Cursor<'_, '_>,
    name: &Range<usize>,
    before: u8,
    closed: bool,
) -> Option<Joined> {
    if let Some(style) = sign(cursor) {
        return Some(Joined::By(style));
    }
    if subscripts(cursor) || typed_before_sign(cursor) || property(cursor) || lazy(cursor) {
        return Some(Joined::By(Style::Given));
    }
    if closed && value_first(cursor, name) {
        return Some(Joined::By(Style::Beside));
    }
    if before == b'<' && cursor.source.language == Language::Markup {
        markup::attributes(cursor);
    }
    match cursor.byte() {
        b'<' if before == b'>' => markup::next_element(cursor).then_some(Joined::Element),
        b'>' if before == b'<' || markup::is_attribute(cursor.source, name) => {
            if !markup::inner(cursor, 1) {
                cursor.at += 1;
            }
            Some(Joined::Element)
        }
        byte => mark(cursor, name, before, closed, byte)
            .or_else(|| by_space(cursor, name, before, closed))
            .map(Joined::By)
            .or_else(|| in_tag(cursor, closed)),
    }
}

/// A sign of more than one byte.
fn sign(cursor: &mut Cursor<'_, '_>) -> Option<Style> {
    for (signs, style) in [
        (&["===", "!==", "==", "!="][..], Style::Compared),
        (&["=>", ":=", "::=", "||=", "?=", "<-"], Style::Given),
    ] {
        if let Some(sign) = signs.iter().find(|sign| cursor.sees(sign.as_bytes())) {
            cursor.at += sign.len();
            return Some(style);
        }
    }
    None
}

/// The sign of one byte at the cursor.
fn mark(
    cursor: &mut Cursor<'_, '_>,
    name: &Range<usize>,
    before: u8,
    closed: bool,
    byte: u8,
) -> Option<Style> {
    match byte {
        b'=' => {
            cursor.at += 1;
            Some(Style::Given)
        }
        // A part of an ARN or URN.
        b':' if before == b':' => None,
        // Foundation's `boolForKey:` and kin: what follows is what the thing is found by.
        b':' if is_found_by(cursor.source, name) => None,
        b':' => {
            cursor.at += 1;
            // A quoted key has no type behind it.
            if !closed {
                typed(cursor);
            }
            // A host that is put one level down is a default, which the rule for hosts does not tell.
            if says(&cursor.source.text[name.clone()]).is_some() && !below::enter(cursor) {
                below::yaml_child(cursor);
            }
            Some(Style::Given)
        }
        b',' if closed => {
            cursor.at += 1;
            if is_defined(cursor.source, name) || field_of_build(cursor, name) {
                return Some(Style::Given);
            }
            let named = below::beside(cursor);
            let as_given = matches!(cursor.source.language, Language::Yaml | Language::Hcl);
            Some(if named && as_given { Style::Given } else { Style::Beside })
        }
        b',' if is_erlang(cursor.source, name, before) => {
            cursor.at += 1;
            Some(if before == b'(' { Style::Given } else { Style::Beside })
        }
        b',' if cursor.source.language == Language::Yaml => {
            cursor.at += 1;
            below::beside(cursor).then_some(Style::Given)
        }
        b'(' if !closed && !is_defined_as(cursor.source, name) => {
            let given = is_declared(cursor.source, name) || getter(cursor);
            cursor.at += usize::from(cursor.byte() == b'(');
            Some(if given { Style::Given } else { Style::Called })
        }
        b'{' if !closed && is_declared(cursor.source, name) => {
            cursor.at += 1;
            Some(Style::Given)
        }
        b'{' if closed && cursor.source.language == Language::Hcl => {
            below::enter(cursor).then_some(Style::Given)
        }
        b'\n' | b'\r' if closed && cursor.source.language == Language::Hcl => {
            below::beside(cursor).then_some(Style::Given)
        }
        b'\n' | b'\r' => below::yaml_pair(cursor).then_some(Style::Given),
        b'}' if before == b'{' && is_robot(cursor.source) => {
            cursor.at += 1;
            Some(Style::Given)
        }
        _ => None,
    }
}

/// In a tag the value is another attribute, or what the element holds.
fn in_tag(cursor: &mut Cursor<'_, '_>, closed: bool) -> Option<Joined> {
    if closed && (markup::attribute_value(cursor) || markup::value_before(cursor)) {
        return Some(Joined::By(Style::Element));
    }
    (closed && markup::rest_of_tag(cursor)).then_some(Joined::Element)
}

/// Only a space joins them: a directive, a method without brackets, Clojure's keywords.
fn by_space(cursor: &Cursor<'_, '_>, name: &Range<usize>, before: u8, closed: bool) -> Option<Style> {
    let source = cursor.source;
    if cursor.at == name.end || closed {
        return None;
    }
    if matches!(source.byte(name.end), b' ' | b'\t') && is_directive(source, name) {
        return Some(Style::Option);
    }
    let path = &source.path;
    let of = |ends: &[&str]| path.rsplit_once('.').is_some_and(|(_, end)| ends.contains(&end));
    let keyword = before == b':' && of(&["clj", "cljs", "cljc", "edn"]);
    let method = source.left(name.start).trim_ascii().is_empty()
        && (source.language == Language::Ruby || of(&["gradle", "groovy"]));
    // An attribute of a module: `@api_key "…"`.
    let attribute = before == b'@' && source.language == Language::Elixir;
    ((keyword || method || attribute) && matches!(cursor.byte(), b'"' | b'\'')).then_some(Style::Given)
}

/// `#define name value`.
fn is_defined_as(source: &Source<'_>, name: &Range<usize>) -> bool {
    let left = source.left(name.start).trim_ascii();
    source.language == Language::Braces && (left == b"#define" || left == b"# define")
}

/// `--name value`, `ENV name value`, `#define name value`, and what sets headers and variables: nginx' modules proxy,
/// grpc, fastcgi and uwsgi, Passenger, Apache's `mod_env` and `mod_headers`, csh, fish.
fn is_directive(source: &Source<'_>, name: &Range<usize>) -> bool {
    const SET: &[&str] = &[
        "proxy_set_header",
        "grpc_set_header",
        "fastcgi_param",
        "uwsgi_param",
        "passenger_env_var",
        "setenv",
        "requestheader set",
        "set -x",
        "set -gx",
        "set -xg",
        "set -ux",
        "set -lx",
    ];
    let left = source.left(name.start).trim_ascii();
    if source.text[name.start] == b'-' {
        return true;
    }
    match source.language {
        Language::Dockerfile => left == b"ENV",
        Language::Braces => is_defined_as(source, name),
        Language::Ini | Language::Other | Language::Script | Language::Shell => {
            SET.iter().any(|set| left.eq_ignore_ascii_case(set.as_bytes()))
        }
        _ => false,
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
    } else if rest.starts_with(b" String by lazy") {
        cursor.at += 8;
        lazy(cursor);
    }
}

/// Go's `name string = value`, Bicep's `name string = value`, Visual Basic's `name As String = value`.
fn typed_before_sign(cursor: &mut Cursor<'_, '_>) -> bool {
    let words = ["string = ", "[]byte = ", "As String = "];
    let known = matches!(cursor.source.language, Language::Go | Language::Braces);
    let word = words.iter().find(|word| known && cursor.sees(word.as_bytes()));
    cursor.at += word.map_or(0, |word| word.len());
    word.is_some()
}

/// C's `name[] =`, `name[32] =`, with Arduino's word for where it lies: passes over the sign.
fn subscripts(cursor: &mut Cursor<'_, '_>) -> bool {
    let c_like = matches!(cursor.source.language, Language::Braces | Language::Java | Language::CSharp);
    let rest = cursor.source.ahead(cursor.at, 60);
    let Some(inside) = rest.strip_prefix(b"[").filter(|_| c_like) else { return false };
    let length = inside.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_+ ".contains(b)).count();
    let Some(after) = inside[length..].strip_prefix(b"]") else { return false };
    let after = after.trim_ascii_start();
    let after = after.strip_prefix(b"PROGMEM").unwrap_or(after).trim_ascii_start();
    let found = after.first() == Some(&b'=') && after.get(1) != Some(&b'=');
    cursor.at += if found { rest.len() - after.len() + 1 } else { 0 };
    found
}

/// C#'s `name { get; set; } = value`.
fn property(cursor: &mut Cursor<'_, '_>) -> bool {
    let rest = cursor.source.ahead(cursor.at, 60);
    let Some(close) = memchr::memchr(b'}', rest).filter(|_| cursor.source.language == Language::CSharp)
    else {
        return false;
    };
    let accessors = rest.starts_with(b"{")
        && memchr::memmem::find(&rest[..close], b"get;").is_some()
        && rest[1..close].iter().all(|b| b.is_ascii_lowercase() || b"; ".contains(b));
    let found = accessors && rest[close + 1..].starts_with(b" = ");
    cursor.at += if found { close + 4 } else { 0 };
    found
}

/// Kotlin's `name by lazy { value }`.
fn lazy(cursor: &mut Cursor<'_, '_>) -> bool {
    let from = cursor.at;
    if !cursor.sees(b"by lazy") {
        return false;
    }
    cursor.at += 7;
    cursor.spaces();
    let found = cursor.pass(b'{');
    cursor.blank();
    cursor.at = if found { cursor.at } else { from };
    found
}

/// C++'s `std::string name("value")`, `const QString name{"value"}`: what stands before the name is a type of text.
fn is_declared(source: &Source<'_>, name: &Range<usize>) -> bool {
    let left = source.left(name.start);
    let before = left.trim_ascii_end();
    let length = before.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let word = before[before.len() - length..].to_ascii_lowercase();
    let text = word.ends_with(b"string") || word == b"string_view" || word == b"auto";
    source.language == Language::Braces && before.len() < left.len() && text
}

/// `getPassword() { return value`: passes to the value.
fn getter(cursor: &mut Cursor<'_, '_>) -> bool {
    let rest = cursor.source.ahead(cursor.at, 120);
    let Some(after) = rest.strip_prefix(b"()") else { return false };
    let length = after.iter().take_while(|b| b.is_ascii_alphanumeric() || b" :?\r\n".contains(b)).count();
    let Some(body) = after[length..].strip_prefix(b"{") else { return false };
    let Some(value) = body.trim_ascii_start().strip_prefix(b"return ") else { return false };
    cursor.at += rest.len() - value.len();
    true
}

/// `setValue("…", forHTTPHeaderField: "name")`, `setObject:@"…" forKey:@"name"`: goes back to the value.
fn value_first(cursor: &mut Cursor<'_, '_>, name: &Range<usize>) -> bool {
    let source = cursor.source;
    let left = source.left(name.start - 1);
    let left = left.strip_suffix(b"@").unwrap_or(left).trim_ascii_end();
    let label = ["forHTTPHeaderField:", "forKey:"].iter().find_map(|word| left.strip_suffix(word.as_bytes()));
    let Some(call) = label.filter(|_| source.language == Language::Braces) else { return false };
    let value = call.trim_ascii_end();
    let value = value.strip_suffix(b",").unwrap_or(value);
    let Some(open) = value.strip_suffix(b"\"").and_then(|value| memchr::memrchr(b'"', value)) else {
        return false;
    };
    cursor.at = name.start - 1 - source.left(name.start - 1).len() + open;
    true
}

fn is_found_by(source: &Source<'_>, name: &Range<usize>) -> bool {
    let name = &source.text[name.clone()];
    source.language == Language::Braces && (name.ends_with(b"ForKey") || name == b"forKey")
}

/// PHP's `define("NAME", "value")`.
fn is_defined(source: &Source<'_>, name: &Range<usize>) -> bool {
    source.language == Language::Php
        && source.left(name.start - 1).trim_ascii_end().to_ascii_lowercase().ends_with(b"define(")
}

/// The Android plugin's `buildConfigField "String", "NAME", "\"value\""` and `resValue`: passes into the outer quotes of what
/// becomes a literal.
fn field_of_build(cursor: &mut Cursor<'_, '_>, name: &Range<usize>) -> bool {
    let left = cursor.source.left(name.start);
    let found =
        [&b"buildConfigField"[..], b"resValue"].iter().any(|call| left.trim_ascii().starts_with(call));
    cursor.spaces();
    let outer = matches!(cursor.source.ahead(cursor.at, 3), [b'\'' | b'"', b'"', ..] | [b'"', b'\\', b'"']);
    cursor.at += usize::from(found && outer);
    found
}

/// Erlang's `{name, "value"}` and `-define(NAME, "value")`.
fn is_erlang(source: &Source<'_>, name: &Range<usize>, before: u8) -> bool {
    let erlang = matches!(source.language, Language::Other | Language::Ini);
    erlang && (before == b'{' || before == b'(' && source.left(name.start).ends_with(b"-define("))
}

/// Robot Framework's table of variables: `${NAME}    value`.
fn is_robot(source: &Source<'_>) -> bool {
    [".robot", ".resource"].iter().any(|end| source.path.ends_with(end))
}
