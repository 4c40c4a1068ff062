//! The whole environment as a value: what is taken out of it, under whatever name it goes.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::super::language::Language;
use super::super::receiver::name_ending;
use super::super::source::{At, Source};
use super::calls::{literal_in, literals_in};
use super::table::Form;
use super::{How, Read, defaults, finish, is_in_capitals, is_read_here, is_variable, text, word};

/// Calls on the whole that answer with one variable, or whether there is one.
#[rustfmt::skip]
const GETTERS: &[&str] = &[
    ".get(", ".fetch(", ".getOrDefault(", ".get (", ".has(", ".key?(", "?.get(", ".pop(", ".setdefault(", ".dig(",
    ".containsKey(", ".getValue(", ".getOrElse(", ".include?(", ".has_key?(", ".member?(", ".delete(",
    ".hasOwnProperty(", ".contains(", ".Contains(",
];

/// The same in Ruby, where the brackets may be left out.
const BARE_GETTERS: &[&str] = &[".fetch ", ".key? ", ".include? ", ".has_key? "];

/// How far a name for the whole is looked for.
const SCOPE: usize = 64 << 10;

/// `["X"]`, `.X`, `.get("X", …)`, names taken out of the whole, or another name for it.
pub fn map(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let (begin, end) = cast(source, at, end).unwrap_or((at, end));
    if taken(source, begin, end, reads) {
        return;
    }
    match source.ahead(end, 8) {
        [b' ' | b'\n' | b'\r' | b';' | b':' | b')' | b',', ..] | [] => {
            member_test(source, begin, reads);
            taken_out(source, begin, reads);
            other_name(source, begin, end, reads);
        }
        [b'.', ..] => other_name(source, begin, end, reads),
        _ => {}
    }
}

/// TypeScript's `(process.env as any)`: from the bracket to behind the other one.
fn cast(source: &Source<'_>, at: usize, end: usize) -> Option<(usize, usize)> {
    let rest = source.right(end);
    let close = memchr(b')', rest)?;
    let is_cast = source.language == Language::JavaScript
        && rest.starts_with(b" as ")
        && source.left(at).ends_with(b"(");
    is_cast.then(|| (at - 1, end + close + 1))
}

/// One variable is taken from the whole that ends at `end`.
fn taken(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) -> bool {
    let from = end + source.ahead(end, 2).iter().take_while(|b| matches!(b, b'?' | b'!')).count();
    let rest = source.ahead(from, 80);
    if let Some(getter) = GETTERS.iter().find(|getter| rest.starts_with(getter.as_bytes())) {
        // Alone in its line it sets or removes, and nobody reads.
        let changes = matches!(*getter, ".pop(" | ".setdefault(" | ".delete(");
        if !changes || is_received(source, at) {
            literal_in(source, at, from + getter.len(), How::Argument, reads);
        }
        return true;
    }
    if source.language == Language::Ruby {
        if let Some(getter) = BARE_GETTERS.iter().find(|getter| rest.starts_with(getter.as_bytes())) {
            literal_in(source, at, from + getter.len(), How::Bare, reads);
            return true;
        }
        if let Some(getter) = [".values_at(", ".slice("].iter().find(|word| rest.starts_with(word.as_bytes()))
        {
            literals_in(source, at, from + getter.len(), reads);
            return true;
        }
    }
    match rest {
        [b'[', ..] => literal_in(source, at, from + 1, How::Index, reads),
        [b'.', first, ..] if source.language == Language::JavaScript => {
            if !(first.is_ascii_alphabetic() || matches!(first, b'_' | b'[')) {
                return false;
            }
            if *first == b'[' {
                literal_in(source, at, from + 2, How::Index, reads);
            } else {
                member(source, at, from + 1, reads);
            }
        }
        _ => return false,
    }
    true
}

fn is_received(source: &Source<'_>, at: usize) -> bool {
    let left = source.left(at);
    !left.strip_suffix(b"os.").unwrap_or(left).trim_ascii().is_empty()
}

fn member(source: &Source<'_>, at: usize, from: usize, reads: &mut Vec<Read>) {
    let end = from + word(source.ahead(from, 100)).len();
    if is_variable(&source.text[from..end]) && source.byte(end) != b'(' {
        finish(source, at, from..end, end, How::Member, reads);
    }
}

/// `"X" in os.environ`, `"X" in process.env`, PHP's `array_key_exists('X', $_ENV)`.
fn member_test(source: &Source<'_>, at: usize, reads: &mut Vec<Read>) {
    let left = source.left(at);
    let left = left.strip_suffix(b"os.").unwrap_or(left).trim_ascii_end();
    let asked = if let Some(text) = left.strip_suffix(b" in").or_else(|| left.strip_suffix(b" !in")) {
        text.strip_suffix(b" not").unwrap_or(text)
    } else if let Some(text) = left.strip_suffix(b",")
        && memmem::find(text, b"key_exists(").is_some()
    {
        text
    } else {
        return;
    };
    let Some((quote, inside)) = asked.split_last().filter(|(quote, _)| matches!(quote, b'"' | b'\'')) else {
        return;
    };
    let start = inside.iter().rposition(|b| b == quote).map_or(0, |n| n + 1);
    if is_variable(&inside[start..]) {
        let offset = at - source.left(at).len() + start;
        let span = offset..offset + inside.len() - start;
        reads.push(Read {
            name: text(&inside[start..]),
            span,
            receiver: None,
            has_default: false,
            default: None,
        });
    }
}

/// The names between the braces that end before `at`, with the offset of each: `{ A, B: b = "x" }`.
fn braced<'s>(source: &'s Source<'_>, at: usize, sign: &[u8]) -> Vec<(usize, &'s [u8])> {
    let behind = source.behind(at, 1500);
    let Some(head) = (behind.trim_ascii_end().strip_suffix(sign))
        .and_then(|head| head.trim_ascii_end().strip_suffix(b"}"))
    else {
        return Vec::new();
    };
    let Some(open) = head.iter().rposition(|b| *b == b'{') else { return Vec::new() };
    let mut start = at - behind.len() + open + 1;
    let mut items = Vec::new();
    for item in head[open + 1..].split(|b| *b == b',') {
        items.push((start + (item.len() - item.trim_ascii_start().len()), item.trim_ascii()));
        start += item.len() + 1;
    }
    items
}

/// `const { A, B: b = "x" } = process.env`.
fn taken_out(source: &Source<'_>, at: usize, reads: &mut Vec<Read>) {
    if source.language != Language::JavaScript {
        return;
    }
    for (offset, item) in braced(source, at, b"=") {
        let name = word(item);
        if !is_variable(name) {
            continue;
        }
        let rest = item[name.len()..].trim_ascii_start();
        let receiver = rest.strip_prefix(b":").map_or(name, |alias| word(alias.trim_ascii_start()));
        let equals = memchr(b'=', item);
        reads.push(Read {
            name: text(name),
            span: offset..offset + name.len(),
            receiver: Some(text(receiver)),
            has_default: equals.is_some(),
            default: equals.and_then(|equals| defaults::literal(source, offset + equals + 1)),
        });
    }
}

/// `env = os.environ`, `const env = process.env`, `from os import environ as env`: it is the whole too from here on.
pub fn other_name(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let left = source.left(at);
    let rest = source.right(end);
    if source.language == Language::Python
        && let Some(name) = rest.strip_prefix(b" as ").map(|rest| word(rest.trim_ascii_start()))
        && memmem::find(left, b"import").is_some()
    {
        return uses(source, end + 4, name, false, reads);
    }
    let left = left.strip_suffix(b"os.").unwrap_or(left).trim_ascii_end();
    let call = rest.strip_prefix(b".get");
    let rest = rest.strip_prefix(b".copy()").or(call).unwrap_or(rest);
    let rest = if rest.starts_with(b" as ") { &b""[..] } else { rest.trim_ascii() };
    let Some(given) =
        left.strip_suffix(b"=").map(<[u8]>::trim_ascii_end).filter(|_| matches!(rest, b"" | b";"))
    else {
        return;
    };
    if let Some(name) = name_given(given) {
        let name = given[name].to_vec();
        uses(source, end, &name, call.is_some(), reads);
    }
}

/// The name that a sign after `given` gives something to; `name: Type` names it before its type.
fn name_given(given: &[u8]) -> Option<Range<usize>> {
    let given = given.strip_suffix(b":").unwrap_or(given);
    let before_type = memchr(b':', given).map_or(given, |colon| &given[..colon]).trim_ascii_end();
    let name = name_ending(before_type, before_type.len())?;
    let plain = is_variable(&before_type[name.clone()]);
    let kept = [&b"self."[..], b"this."].iter().any(|owner| before_type[name.clone()].starts_with(owner));
    (plain || kept).then_some(name)
}

/// Each place from `from` on where `name` stands for the whole, or for the call that takes one variable from it.
fn uses(source: &Source<'_>, from: usize, name: &[u8], is_call: bool, reads: &mut Vec<Read>) {
    let scope = source.ahead(from, SCOPE);
    for found in memmem::find_iter(scope, name) {
        let (at, end) = (from + found, from + found + name.len());
        let before = source.byte(at - 1);
        let whole = !(before.is_ascii_alphanumeric() || matches!(before, b'_' | b'.' | b'$' | b'-'));
        if !whole || !is_read_here(source, at, Form::Map) {
            continue;
        }
        let known = reads.len();
        if !is_call {
            if !taken(source, at, end, reads) && matches!(source.byte(end), b';' | b'\n') {
                taken_out(source, at, reads);
            }
        } else if source.byte(end) == b'(' {
            literal_in(source, at, end + 1, How::Argument, reads);
        }
        // The same short name may be something else in another function.
        if reads.get(known).is_some_and(|read| !is_in_capitals(read.name.as_bytes())) {
            reads.truncate(known);
        }
    }
}

/// `import { env as e } from "process"`, `const { env } = process`.
pub fn module(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let sign: &[u8] = match source.text[at..end] {
        [b'=', ..] if matches!(source.byte(end), b'.' | b'[' | b'?') => return,
        [b'=', ..] => b"",
        _ if source.left(at).trim_ascii_end().ends_with(b"require(") => b"= require(",
        _ => b"from",
    };
    for (_, item) in braced(source, at, sign) {
        let Some(rest) = item.strip_prefix(b"env") else { continue };
        let rest = rest.trim_ascii_start();
        let alias = rest.strip_prefix(b"as ").or_else(|| rest.strip_prefix(b":"));
        let name = alias.map_or(&b"env"[..], |alias| word(alias.trim_ascii_start()));
        if rest.is_empty() || alias.is_some() && !name.is_empty() {
            let name = name.to_vec();
            uses(source, end, &name, false, reads);
        }
    }
}

/// `import { X } from "$env/static/private"`.
pub fn names(source: &Source<'_>, at: usize, reads: &mut Vec<Read>) {
    for (offset, item) in braced(source, at, b"from") {
        let name = word(item);
        let alias = item[name.len()..].trim_ascii_start().strip_prefix(b"as ").map(<[u8]>::trim_ascii_start);
        if is_variable(name) && source.at(offset) == At::Code {
            reads.push(Read {
                name: text(name),
                span: offset..offset + name.len(),
                receiver: Some(text(alias.map_or(name, word))),
                has_default: false,
                default: None,
            });
        }
    }
}
