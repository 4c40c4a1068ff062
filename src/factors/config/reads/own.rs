//! Readers that the file makes for itself: a function or a class that asks the environment for what it is given by name. Its
//! calls with a name in capitals are reads.

use std::ops::Range;

use memchr::memmem;

use super::super::language::Language;
use super::super::names::words;
use super::super::receiver::{innermost, name_ending};
use super::super::source::{At, Source};
use super::calls::literal;
use super::defaults::{self, closing};
use super::{How, Read, finish, is_in_capitals, is_variable, word};

/// How far back the head of the function may stand.
const FUNCTION: usize = 3000;
/// Before what an object keeps.
const OWNERS: &[&[u8]] = &[b"self.", b"this.", b"this->", b"@"];
/// So many calls of one reader are listed.
const CALLS: usize = 4000;

/// A function, or a class that is made by one.
struct Maker {
    name: Vec<u8>,
    /// Which argument is the variable's name, and which one is the default.
    which: usize,
    parameter: Vec<u8>,
    default: Option<usize>,
}

/// The environment is asked at `at` for what the name at `from` holds: `os.getenv(name)`, `process.env[this.key]`.
pub fn reader(source: &Source<'_>, at: usize, from: usize, reads: &mut Vec<Read>) {
    let rest = source.ahead(from, 80);
    let skipped = rest.iter().take_while(|b| matches!(b, b' ' | b'&' | b'$' | b'\n')).count();
    let name = &rest[skipped..];
    let kept = OWNERS.iter().find(|owner| name.starts_with(owner));
    let name = kept.map_or(name, |owner| &name[owner.len()..]);
    let name = word(name);
    if name.is_empty() || name[0].is_ascii_digit() {
        return;
    }
    let maker = match kept {
        // It is looked for in the whole file.
        Some(owner) if !source.is_new_reader(&[owner, name].concat()) => None,
        Some(owner) => constructor(source, owner, name),
        None => function(source, at, name),
    };
    let Some(maker) = maker.filter(|maker| maker.name.len() > 2 && source.is_new_reader(&maker.name)) else {
        return;
    };
    calls(source, &maker, reads);
    if kept.is_some() {
        for child in children(source, &maker.name).into_iter().filter(|child| source.is_new_reader(child)) {
            calls(source, &Maker { name: child, parameter: maker.parameter.clone(), ..maker }, reads);
        }
    }
}

/// The class of which the constructor keeps what it is given: `self.name = name`.
fn constructor(source: &Source<'_>, owner: &[u8], name: &[u8]) -> Option<Maker> {
    let kept = [owner, name, b" = "].concat();
    let at = memmem::find(&source.text, &kept)?;
    let given = source.ahead(at + kept.len(), 80);
    let given = given.strip_prefix(b"$").unwrap_or(given);
    let maker = function(source, at, word(given))?;
    let makes = matches!(&maker.name[..], b"__init__" | b"constructor" | b"initialize" | b"__construct");
    let head = &source.text[..at];
    let class = memmem::rfind(head, b"class ").filter(|_| makes)?;
    Some(Maker { name: word(&head[class + 6..]).to_vec(), ..maker })
}

/// Classes that are made of `class` and have no constructor of their own, as far as one can see here.
fn children(source: &Source<'_>, class: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for sign in [[b"(", class].concat(), [b" extends ", class].concat(), [b" < ", class].concat()] {
        for at in memmem::find_iter(&source.text, &sign) {
            let left = source.left(at).trim_ascii_start();
            if let Some(rest) = left.strip_prefix(b"class ")
                && word(rest).len() == rest.len()
                && !rest.is_empty()
            {
                found.push(rest.to_vec());
            }
        }
    }
    found
}

/// The function around `at` that has a parameter of that name.
fn function(source: &Source<'_>, at: usize, parameter: &[u8]) -> Option<Maker> {
    if parameter.is_empty() {
        return None;
    }
    if matches!(source.language, Language::Python | Language::Ruby) {
        let behind = source.behind(at, FUNCTION);
        let line = behind.len() - source.left(at).len();
        let indent = indent(source.left(at));
        let mut end = behind.len();
        while let Some(def) = memmem::rfind(&behind[..end], b"def ") {
            end = def;
            let start = behind[..def].iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
            if start == line || behind[start..].len() - behind[start..].trim_ascii_start().len() < indent {
                let head = &behind[def + 4..];
                return maker(head, parameter);
            }
        }
        return None;
    }
    let left = source.left(at);
    let signs = [&b"=>"[..], b"fun ", b"function", b"func ", b"fn "];
    if signs.iter().any(|sign| memmem::find(left, sign).is_some())
        && let Some(maker) = maker(left, parameter)
    {
        return Some(maker);
    }
    let mut behind = source.behind(at, FUNCTION);
    for _ in 0..8 {
        let (open, bracket) = innermost(behind)?;
        let head = &behind[..open];
        behind = head;
        if bracket == b'{' {
            let start = head.iter().rposition(|b| matches!(b, b'}' | b'{' | b';')).map_or(0, |n| n + 1);
            if let Some(maker) = maker(&head[start..], parameter) {
                return Some(maker);
            }
        }
    }
    None
}

fn indent(line: &[u8]) -> usize {
    line.len() - line.trim_ascii_start().len()
}

/// `name(a, parameter, default)` in a head; an arrow's name stands before its sign.
fn maker(head: &[u8], parameter: &[u8]) -> Option<Maker> {
    let open = memchr::memchr_iter(b'(', head).find(|open| {
        let inside = &head[open + 1..];
        let close = closing(inside);
        close < inside.len() && place(&inside[..close], parameter).is_some()
    })?;
    let inside = &head[open + 1..];
    let inside = &inside[..closing(inside)];
    let before = head[..open].trim_ascii_end();
    let before = before.strip_suffix(b"async").unwrap_or(before).trim_ascii_end();
    let before = before.strip_suffix(b"function").unwrap_or(before).trim_ascii_end();
    let before =
        before.strip_suffix(b"=").or_else(|| before.strip_suffix(b":")).unwrap_or(before).trim_ascii_end();
    let before = before
        .strip_suffix(b">")
        .and_then(|text| Some(&text[..memchr::memrchr(b'<', text)?]))
        .unwrap_or(before);
    let name = name_ending(before, before.len())?;
    let name = before[name].rsplit(|b| *b == b'.').next().unwrap_or_default();
    let branch = matches!(
        name,
        b"if" | b"for" | b"while" | b"switch" | b"catch" | b"with" | b"match" | b"foreach" | b"return"
    );
    if branch || !is_variable(name) {
        return None;
    }
    let parts = parts(inside);
    let default = parts.iter().position(|part| {
        words(declared(part)).iter().any(|word| {
            matches!(word.as_str(), "default" | "fallback" | "def" | "dflt" | "otherwise" | "alternative")
        })
    });
    Some(Maker {
        name: name.to_vec(),
        which: place(inside, parameter)?,
        parameter: parameter.to_vec(),
        default,
    })
}

/// Parameters at their commas, without the one that is the object.
fn parts(inside: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut from = 0;
    while from <= inside.len() {
        let rest = &inside[from..];
        let end = comma(rest).unwrap_or(rest.len());
        let part = rest[..end].trim_ascii();
        if !matches!(part, b"self" | b"cls" | b"&self" | b"this" | b"*" | b"") {
            parts.push(part);
        }
        from += end + 1;
    }
    parts
}

/// The next comma that is in no brackets and no string.
fn comma(text: &[u8]) -> Option<usize> {
    let mut n = 0;
    while n < text.len() {
        match text[n] {
            b',' => return Some(n),
            b'(' | b'[' | b'{' => n += 1 + closing(&text[n + 1..]),
            quote @ (b'"' | b'\'' | b'`') => {
                n += 1 + memchr::memchr(quote, &text[n + 1..]).unwrap_or(text.len());
            }
            b')' | b']' | b'}' => return None,
            _ => {}
        }
        n += 1;
    }
    None
}

/// Without its type and its default.
fn declared(part: &[u8]) -> &[u8] {
    part.split(|b| matches!(b, b'=' | b':')).next().unwrap_or(part).trim_ascii()
}

/// Which one of the parameters it is.
fn place(inside: &[u8], parameter: &[u8]) -> Option<usize> {
    parts(inside).iter().position(|part| {
        let name = declared(part);
        name.split(|b| !(b.is_ascii_alphanumeric() || *b == b'_')).any(|word| word == parameter)
    })
}

/// Where the argument begins: by its name, or the one with so many before it.
fn argument(source: &Source<'_>, open: usize, which: usize, name: &[u8]) -> Option<usize> {
    let rest = source.ahead(open, 600);
    let inside = &rest[..closing(rest)];
    let mut from = 0;
    let mut found = None;
    for n in 0..12 {
        let part = &inside[from..];
        let blank = part.len() - part.trim_ascii_start().len();
        let own = part[blank..].strip_prefix(name).map(<[u8]>::trim_ascii_start);
        if let Some(value) = own.and_then(|rest| rest.strip_prefix(b"=").or_else(|| rest.strip_prefix(b":")))
        {
            return Some(open + inside.len() - value.trim_ascii_start().len());
        }
        if n == which && blank < part.len() {
            found = Some(open + from + blank);
        }
        match comma(part) {
            Some(end) => from += end + 1,
            None => break,
        }
    }
    found
}

fn calls(source: &Source<'_>, maker: &Maker, reads: &mut Vec<Read>) {
    for at in memmem::find_iter(&source.text, &maker.name[..]).take(CALLS) {
        let end = at + maker.name.len();
        let before = source.byte(at.wrapping_sub(1));
        if before.is_ascii_alphanumeric() || before == b'_' {
            continue;
        }
        let typed = (source.byte(end) == b'<').then(|| memmem::find(source.right(end), b">(")).flatten();
        let end = typed.map_or(end, |n| end + n + 1);
        if source.byte(end) != b'(' || source.at(at) != At::Code {
            continue;
        }
        let Some(from) = argument(source, end + 1, maker.which, &maker.parameter) else { continue };
        let Some(name) = literal(source, from).filter(|name| is_in_capitals(&source.text[name.clone()]))
        else {
            continue;
        };
        let known = reads.len();
        finish(source, path_start(source, at), name.clone(), name.end + 1, How::Demand, reads);
        let default = maker.default.and_then(|which| argument(source, end + 1, which, b"default"));
        if let (Some(read), Some(default)) = (reads.get_mut(known), default) {
            has_default(source, read, default);
        }
    }
}

fn has_default(source: &Source<'_>, read: &mut Read, at: usize) {
    let none = [&b"None"[..], b"nil", b"null", b"undefined"]
        .iter()
        .any(|word| source.ahead(at, 10).starts_with(word));
    if !none {
        read.has_default = true;
        read.default = read.default.clone().or_else(|| defaults::literal(source, at));
    }
}

/// `config.env("X")` begins with its owner.
fn path_start(source: &Source<'_>, at: usize) -> usize {
    let left = source.left(at);
    let owner: Range<usize> =
        name_ending(left, left.len()).filter(|_| left.ends_with(b".")).unwrap_or(left.len()..left.len());
    at - (left.len() - owner.start)
}
