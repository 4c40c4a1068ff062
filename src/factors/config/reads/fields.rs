//! Fields that a library fills from the environment: Go's struct tags, Spring's `@Value`, clap's `env`, click's `envvar`.

use std::ops::Range;

use memchr::{memchr, memmem, memrchr};

use super::super::language::Language;
use super::super::source::Source;
use super::calls::literal;
use super::defaults::{self, closing};
use super::{Read, is_variable, text, word};

/// Go's `env:"PORT" envDefault:"8080"` and clap's `env = "PORT"`. `end` is where the name begins.
pub fn tag(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let name = word(source.right(end));
    let closed = matches!(source.byte(end + name.len()), b'"' | b',');
    // `target_env = "musl"` is the compiler's.
    let before = source.byte(at.wrapping_sub(1));
    if !closed
        || before.is_ascii_alphanumeric()
        || before == b'_'
        || !is_variable(name)
        || !matches!(source.language, Language::Go | Language::Rust)
    {
        return;
    }
    let rest = source.right(end + name.len());
    let (receiver, word_of_default) = if source.language == Language::Go {
        (text(word(source.left(at).trim_ascii_start())), &b"efault:\""[..])
    } else {
        if memmem::find(source.left(at), b"#[").is_none() && !is_in_attribute(source, at) {
            return;
        }
        let field = attribute_end(source, end + name.len() + 1).map(|end| field_after(source, end));
        (text(field.unwrap_or_default()), &b"default_value"[..])
    };
    let default = memmem::find(rest, word_of_default).map(|n| n + word_of_default.len());
    let quote = usize::from(source.language == Language::Go);
    let literal = default.and_then(|n| defaults::literal(source, end + name.len() + n - quote));
    reads.push(Read {
        span: at..end + name.len() + 1,
        name: text(name),
        receiver: Some(receiver).filter(|r| !r.is_empty()),
        has_default: default.is_some(),
        default: literal,
    });
}

/// An attribute of several lines: its beginning is nearer than the end of another.
fn is_in_attribute(source: &Source<'_>, at: usize) -> bool {
    let behind = source.behind(at, 600);
    let open = memmem::rfind(behind, b"#[");
    open.is_some_and(|open| memmem::find(&behind[open..], b")]").is_none())
}

/// Behind the `)]` of the attribute around `at`.
fn attribute_end(source: &Source<'_>, at: usize) -> Option<usize> {
    let rest = source.ahead(at, 600);
    memmem::find(rest, b")]").map(|n| at + n + 2)
}

/// The name of the Rust field that comes after an attribute, past other attributes and its documentation.
fn field_after<'s>(source: &'s Source<'_>, end: usize) -> &'s [u8] {
    let mut rest = source.ahead(end, 800).trim_ascii_start();
    loop {
        let skipped = if rest.starts_with(b"//") {
            memchr(b'\n', rest)
        } else if rest.starts_with(b"#[") {
            memchr(b']', rest)
        } else {
            break;
        };
        let Some(skipped) = skipped else { return &[] };
        rest = rest[skipped + 1..].trim_ascii_start();
    }
    if let Some(public) = rest.strip_prefix(b"pub") {
        let scope = if public.starts_with(b"(") { memchr(b')', public).map_or(0, |n| n + 1) } else { 0 };
        rest = public[scope..].trim_ascii_start();
    }
    let name = word(rest);
    if rest[name.len()..].trim_ascii_start().starts_with(b":") { name } else { &[] }
}

/// clap's `#[arg(long, env)]`: the variable has the field's name in capitals, by clap's documentation.
pub fn attribute(source: &Source<'_>, end: usize, reads: &mut Vec<Read>) {
    let Some(close) = attribute_end(source, end) else { return };
    let inside = &source.text[end..close - 2];
    let mut from = end;
    for item in inside.split(|b| *b == b',') {
        if item.trim_ascii() == b"env" {
            let name = field_after(source, close);
            let start = from + item.len() - item.trim_ascii_start().len();
            if is_variable(name) {
                reads.push(Read {
                    name: text(name).to_ascii_uppercase(),
                    span: start..start + 3,
                    receiver: Some(text(name)),
                    has_default: memmem::find(inside, b"default_value").is_some(),
                    default: memmem::find(inside, b"default_value")
                        .and_then(|n| defaults::literal(source, end + n + 13)),
                });
            }
            return;
        }
        from += item.len() + 1;
    }
}

/// `@Value("${NAME:default}")`; `end` is behind the brace. `${a:${NAME}}` falls back to the inner one.
pub fn annotation(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    if !matches!(source.language, Language::Java | Language::Kotlin) {
        return;
    }
    let rest = source.right(end);
    let Some(close) = memchr(b'}', rest) else { return };
    let field = field_below(source, end + close);
    let mut from = 0;
    while from < close {
        let colon = memchr(b':', &rest[from..close]).map(|n| from + n);
        let name = &rest[from..colon.unwrap_or(close)];
        let fits = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        if name.is_empty() || !name.iter().all(fits) {
            return;
        }
        let inner = colon.and_then(|colon| {
            let default = &rest[colon + 1..close];
            let sign = default.strip_prefix(b"\\").unwrap_or(default).strip_prefix(b"${")?;
            Some(close - sign.len())
        });
        reads.push(Read {
            span: if from == 0 { at..end + close + 1 } else { end + from..end + close },
            name: text(name),
            receiver: field.clone(),
            has_default: colon.is_some(),
            default: colon.filter(|_| inner.is_none()).map(|colon| end + colon + 1..end + close),
        });
        from = inner.unwrap_or(close);
    }
}

/// The field or parameter below an annotation: its name is the last word before `;`, `=`, `,` or `)`.
fn field_below(source: &Source<'_>, at: usize) -> Option<String> {
    let behind = source.ahead(at, 200);
    let declaration = memchr(b')', behind).map_or(&b""[..], |n| &behind[n + 1..]);
    let stop =
        declaration.iter().position(|b| matches!(b, b';' | b'=' | b',' | b')' | b':' | b'{')).unwrap_or(0);
    let field = declaration[..stop]
        .trim_ascii_end()
        .rsplit(|b| !(b.is_ascii_alphanumeric() || *b == b'_'))
        .next()
        .unwrap_or_default();
    Some(text(field)).filter(|field| !field.is_empty())
}

/// `@ConfigProperty(name = "X", defaultValue = "y")`; a name with dots is a file's key as often as a variable.
pub fn property(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let inside = &source.right(end)[..closing(source.right(end))];
    let Some(name) = quoted_after(source, inside, end, &[b"name = ", b"name="]) else { return };
    if !super::is_in_capitals(&source.text[name.clone()]) {
        return;
    }
    let default = memmem::find(inside, b"defaultValue").map(|n| end + n + 12);
    reads.push(Read {
        span: at..end + inside.len() + 1,
        name: text(&source.text[name]),
        receiver: field_below(source, end + inside.len()),
        has_default: default.is_some(),
        default: default.and_then(|from| quoted_from(source, from)),
    });
}

/// The variable's name behind one of the words in `inside`, which begins at `start`.
fn quoted_after(source: &Source<'_>, inside: &[u8], start: usize, words: &[&[u8]]) -> Option<Range<usize>> {
    let at = words.iter().find_map(|word| memmem::find(inside, word).map(|n| n + word.len()))?;
    literal(source, start + at)
}

/// `= "x"` at `from`.
fn quoted_from(source: &Source<'_>, from: usize) -> Option<Range<usize>> {
    let rest = source.right(from);
    let open = rest.iter().take_while(|b| matches!(b, b' ' | b'=')).count();
    let length = memchr(b'"', rest.get(open + 1..)?)?;
    (rest[open] == b'"').then_some(from + open + 1..from + open + 1 + length)
}

/// click's `@click.option("--token", envvar="X")` and its kin: the names are a literal or a list of them.
pub fn field(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let call = call_around(source, at);
    // The default of a parameter of that name.
    if memmem::find(source.left(call.start), b"def ")
        .is_some_and(|def| is_only_name(&source.left(call.start)[def + 4..]))
    {
        return;
    }
    let inside = &source.text[call.clone()];
    let named = memmem::find(inside, b"default=").map(|n| call.start + n + 8);
    let default = named.filter(|from| !source.right(*from).starts_with(b"None"));
    let mut from = end;
    loop {
        let rest = source.ahead(from, 160);
        let skipped = rest.iter().take_while(|b| b.is_ascii_whitespace() || matches!(b, b'[' | b'(')).count();
        let Some(name) = literal(source, from + skipped) else { return };
        from = name.end + 1;
        let next = source.ahead(from, 60).trim_ascii_start().first().copied();
        // `Command::env("X", "value")` gives one to a program; clap's takes the name alone.
        if source.language == Language::Rust && next != Some(b')') {
            return;
        }
        reads.push(Read {
            span: name.clone(),
            name: text(&source.text[name]),
            receiver: option_before(source, call.start, at),
            has_default: default.is_some() || memmem::find(inside, b"default_value").is_some(),
            default: default.and_then(|from| defaults::literal(source, from)),
        });
        if next != Some(b',') || !is_list(source, end) {
            return;
        }
        from += memchr(b',', source.ahead(from, 60)).map_or(0, |n| n + 1);
    }
}

/// `name(`: what is between `def` and its parameters.
fn is_only_name(text: &[u8]) -> bool {
    text.strip_suffix(b"(").is_some_and(is_variable)
}

fn is_list(source: &Source<'_>, end: usize) -> bool {
    matches!(source.byte(end), b'[' | b'(') || matches!(source.byte(end - 1), b'{' | b'(')
}

/// The inside of the brackets around `at`.
fn call_around(source: &Source<'_>, at: usize) -> Range<usize> {
    let open =
        memrchr(b'(', source.behind(at, 600)).map_or(at, |n| at - source.behind(at, 600).len() + n + 1);
    at.min(open)..(at + closing(source.ahead(at, 600))).min(source.text.len())
}

/// The option that the call defines, or what receives the call's result.
fn option_before(source: &Source<'_>, call: usize, at: usize) -> Option<String> {
    let inside = &source.text[call..at];
    if let Some(dashes) = memmem::find(inside, b"\"--").or_else(|| memmem::find(inside, b"'--")) {
        let name = &inside[dashes + 3..];
        let length =
            name.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
        let owned = memmem::find(source.left(call), b"ption(").is_some()
            || memmem::find(source.left(call), b"add_arg").is_some();
        return owned.then(|| text(&name[..length]).replace('-', "_"));
    }
    (source.language == Language::Python).then(|| super::receive::receiver(source, call)).flatten()
}
