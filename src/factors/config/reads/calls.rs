//! Calls that are given the name of a variable: the library's, and what people write around them.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::super::assign::name_around;
use super::super::language::Language;
use super::super::names;
use super::super::source::{At, Source};
use super::table::{Form, READERS};
use super::{
    How, Read, finish, is_in_capitals, is_read_here, is_variable, options, own, receive, text, whole, word,
};

/// The name is the literal at `from`, or a constant of this file.
pub fn literal_in(source: &Source<'_>, at: usize, from: usize, how: How, reads: &mut Vec<Read>) {
    match name_at(source, from) {
        Some((name, end)) => finish(source, at, name, end, how, reads),
        None => own::reader(source, at, from, reads),
    }
}

/// Elixir's `"X" |> System.get_env()`.
pub fn piped(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let left = source.left(at);
    let Some(before) = left.trim_ascii_end().strip_suffix(b"|>").map(<[u8]>::trim_ascii_end) else { return };
    let Some(inside) = before.strip_suffix(b"\"").filter(|_| source.language == Language::Elixir) else {
        return;
    };
    let open = memchr::memrchr(b'"', inside).map_or(0, |n| n + 1);
    if open > 0 && is_variable(&inside[open..]) {
        let start = at - left.len();
        finish(source, start + open - 1, start + open..start + inside.len(), end + 1, How::Member, reads);
    }
}

/// The same, where only a name in capitals is meant.
fn capitals_in(source: &Source<'_>, at: usize, from: usize, how: How, reads: &mut Vec<Read>) {
    if let Some((name, end)) = name_at(source, from)
        && is_in_capitals(&source.text[name.clone()])
    {
        finish(source, at, name, end, how, reads);
    }
}

/// Where the name stands, and where the code behind it goes on.
fn name_at(source: &Source<'_>, from: usize) -> Option<(Range<usize>, usize)> {
    let rest = source.ahead(from, 160);
    let mut n = rest.len() - rest.trim_ascii_start().len();
    n += keyword(source.language, &rest[n..]);
    if source.language == Language::Python && matches!(rest[n..], [b'b', b'"' | b'\'', ..]) {
        n += 1;
    }
    match rest.get(n) {
        Some(b'"' | b'\'' | b'`') => {
            let name = literal(source, from + n)?;
            Some((name.clone(), name.end + 1))
        }
        Some(b'&' | b'_' | b'a'..=b'z' | b'A'..=b'Z') => constant_at(source, from + n),
        _ => None,
    }
}

/// The variable's name in quotes at `at`.
pub fn literal(source: &Source<'_>, at: usize) -> Option<Range<usize>> {
    let quote = source.byte(at);
    let name = at + 1..at + 1 + word(source.ahead(at + 1, 120)).len();
    (matches!(quote, b'"' | b'\'' | b'`')
        && is_variable(&source.text[name.clone()])
        && source.byte(name.end) == quote)
        .then_some(name)
}

/// How long `key=` and kin are before the name: Python's and Kotlin's sign, C#'s and PHP's.
fn keyword(language: Language, rest: &[u8]) -> usize {
    use Language::{CSharp, Java, Kotlin, Php, Python};
    if !matches!(language, Python | Kotlin | Java | CSharp | Php) {
        return 0;
    }
    let name = word(rest).len();
    let sign = rest[name..].trim_ascii_start();
    match sign {
        [b'=' | b':', next, ..] if name > 0 && !matches!(next, b'=' | b':') => {
            rest.len() - sign[1..].trim_ascii_start().len()
        }
        _ => 0,
    }
}

/// A constant in place of the literal.
fn constant_at(source: &Source<'_>, at: usize) -> Option<(Range<usize>, usize)> {
    let rest = source.ahead(at, 120);
    let length = rest
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'&'))
        .count();
    let next = rest[length..].trim_ascii_start().first();
    if !matches!(next, Some(b')' | b']' | b',')) {
        return None;
    }
    let name = rest[..length].rsplit(|b| matches!(b, b'.' | b':' | b'&')).next().unwrap_or_default();
    Some((constant(source, name)?, at + length))
}

/// What the file says that `name` is, if it says one thing only, and that is the name of a variable.
fn constant(source: &Source<'_>, name: &[u8]) -> Option<Range<usize>> {
    let mut found: Option<Range<usize>> = None;
    for at in memmem::find_iter(&source.text, name) {
        let before = source.behind(at, 1).first().copied().unwrap_or(b'\n');
        let end = at + name.len();
        if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'.') {
            continue;
        }
        let rest = source.right(end);
        let typed = rest
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b':' | b'&' | b'\''))
            .count();
        let Some(value) = rest[typed..].strip_prefix(b"=") else { continue };
        let value = value.trim_ascii_start();
        // `call(name="X")` gives an argument and defines nothing.
        let argument = matches!(source.left(at).trim_ascii_end().last(), Some(b'(' | b','));
        if rest.first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
            || argument
            || value.first() == Some(&b'=')
            || source.at(at) != At::Code
        {
            continue;
        }
        let range = literal(source, end + rest.len() - value.len())?;
        let same = |known: &Range<usize>| source.text[known.clone()] == source.text[range.clone()];
        if !is_in_capitals(&source.text[range.clone()]) || found.as_ref().is_some_and(|known| !same(known)) {
            return None;
        }
        found = Some(range);
    }
    found
}

/// Ruby's `values_at("A", "B")`; of `a, b = …` each gets its own.
pub fn literals_in(source: &Source<'_>, at: usize, mut from: usize, reads: &mut Vec<Read>) {
    let left = source.left(at).trim_ascii_end();
    let given: Vec<&[u8]> =
        left.strip_suffix(b"=").unwrap_or_default().split(|b| *b == b',').map(<[u8]>::trim_ascii).collect();
    for n in 0.. {
        let rest = source.ahead(from, 160);
        let Some(name) = literal(source, from + rest.len() - rest.trim_ascii_start().len()) else { break };
        let own = given.get(n).filter(|name| given.len() > 1 && is_variable(name));
        reads.push(Read {
            name: text(&source.text[name.clone()]),
            span: name.clone(),
            receiver: own.map(|name| text(name)).or_else(|| receive::receiver(source, at)),
            has_default: false,
            default: None,
        });
        from = name.end + 1;
        if source.byte(from) != b',' {
            break;
        }
        from += 1;
    }
}

/// The word ends in `(`, `[`, or the `<` of a type.
pub fn settings(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    match source.byte(end - 1) {
        b'<' => {
            if let Some(open) = memmem::find(source.right(end), b">(") {
                capitals_in(source, at, end + open + 2, How::Helper, reads);
            }
        }
        b'[' => capitals_in(source, at, end, How::Index, reads),
        _ => capitals_in(source, at, end, How::Helper, reads),
    }
}

/// Words of which the names of such helpers are made; one of `ASKS` says that it answers.
#[rustfmt::skip]
const ASKS: &[&str] = &[
    "get", "getenv", "lookup", "read", "require", "required", "must", "mustgetenv", "fetch", "load", "or",
    "default", "fallback", "str", "string", "int", "bool", "boolean", "float", "list", "duration", "number",
    "expect", "parse", "from", "has", "optional", "opt", "ensure",
];
#[rustfmt::skip]
const BESIDE: &[&str] = &[
    "env", "environment", "var", "variable", "envvar", "as", "with", "else", "os", "safe", "to",
    "value", "throw", "panic", "fail", "exit", "die", "url", "port", "slice", "array", "strict", "try", "e",
    "i", "b", "s", "int64", "int32", "float64", "uint", "secret", "path", "and", "non", "empty",
];
/// Who asks like this ends the program when there is none.
const DEMANDS: &[&str] = &["require", "required", "must", "mustgetenv", "expect", "ensure", "panic", "throw"];
/// What these own reads the environment: env-var's and Adonis' `env`, dotenv-java's `dotenv`, viper.
const OWNERS: &[&str] = &["env", "dotenv", "viper"];

/// A name with `env` in it stands around `at`.
pub fn helper(source: &Source<'_>, at: usize, reads: &mut Vec<Read>) {
    let mut name = name_around(source, at);
    if source.language == Language::Php && source.ahead(name.end, 2) == b"::" {
        name.end += 2 + word(source.ahead(name.end + 2, 60)).len();
    }
    let end = name.end + generics(source.ahead(name.end, 60));
    let start = name.start;
    if &source.text[name.clone()] == b"env" {
        options::entry(source, start, name.end, reads);
    }
    if source.byte(end) == b'('
        && source.byte(end + 1) == b')'
        && is_whole(&source.text[name.clone()])
        && is_read_here(source, start, Form::Helper)
    {
        return whole::other_name(source, start, end + 2, reads);
    }
    if source.byte(end) != b'(' || !is_helper(source.language, &source.text[name.clone()]) {
        return;
    }
    // What the table knows has rules of its own.
    let known = |form| matches!(form, Form::Call | Form::SecondArgument | Form::Field | Form::Expand);
    let of_table = READERS.iter().any(|reader| {
        known(reader.form)
            && reader.languages.contains(&source.language)
            && is_word(&source.text[..=end], reader.word.as_bytes())
    });
    if !of_table && is_read_here(source, start, Form::Helper) {
        let words = names::words(&source.text[name]);
        let demands = words.iter().any(|word| DEMANDS.contains(&word.as_str()));
        let how = if demands { How::Demand } else { How::Helper };
        capitals_in(source, start, end + 1, how, reads);
    }
}

/// `useEnv()`, `getEnv()`: answers with the whole.
fn is_whole(name: &[u8]) -> bool {
    let last = names::words(name.rsplit(|b| *b == b'.').next().unwrap_or_default());
    let is_one = |word: &String| matches!(word.as_str(), "use" | "get" | "load" | "read");
    matches!(&last[..], [verb, env] if is_one(verb) && matches!(env.as_str(), "env" | "environ" | "environment"))
}

/// The text ends in the word, which is no part of a longer one.
fn is_word(text: &[u8], word: &[u8]) -> bool {
    let before = text.strip_suffix(word).map(|before| before.last().copied().unwrap_or(b' '));
    before.is_some_and(|b| !(b.is_ascii_alphanumeric() || b == b'_'))
}

/// `<string>`, `::<T>`.
fn generics(rest: &[u8]) -> usize {
    let open = rest.iter().take_while(|b| **b == b':').count();
    let close = (rest.get(open) == Some(&b'<')).then(|| memmem::find(rest, b">(")).flatten();
    close.map_or(0, |close| close + 1)
}

fn is_helper(language: Language, name: &[u8]) -> bool {
    let mut parts = name.rsplit(|b| matches!(b, b'.' | b':')).filter(|part| !part.is_empty());
    let last = names::words(parts.next().unwrap_or_default());
    let owner = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is = |list: &[&str], word: &String| list.contains(&word.as_str());
    let all = last.iter().all(|word| is(ASKS, word) || is(BESIDE, word));
    let asks = last.iter().any(|word| is(ASKS, word));
    let says = last.iter().any(|word| matches!(word.as_str(), "env" | "environment" | "envvar"))
        || last.iter().any(|word| matches!(word.as_str(), "getenv" | "mustgetenv"));
    let owned = language != Language::Python && OWNERS.iter().any(|word| word.as_bytes() == owner);
    // Strapi's and Prisma's `env("X")`, and what a compiler makes of the former: `utils.env("X")`.
    let bare = language == Language::JavaScript && (name == b"env" || name.ends_with(b".env"));
    bare || all && asks && (says || owned)
}

/// `os.ExpandEnv("$X/${Y}")`.
pub fn expanded(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let rest = source.right(end);
    let Some(quote) = rest.first().copied().filter(|b| matches!(b, b'"' | b'\'' | b'`')) else { return };
    let length = memchr(quote, &rest[1..]).unwrap_or(0);
    let inside = &rest[1..=length];
    for dollar in memchr::memchr_iter(b'$', inside) {
        let from = dollar + 1 + usize::from(inside.get(dollar + 1) == Some(&b'{'));
        let name = word(&inside[from.min(inside.len())..]);
        if is_in_capitals(name) {
            let from = end + 1 + from;
            reads.push(Read {
                name: text(name),
                span: from..from + name.len(),
                receiver: receive::receiver(source, at),
                has_default: false,
                default: None,
            });
        }
    }
}

/// Symfony's `%env(X)%` and `%env(default:other:int:X)%`, by its documentation on processors: the name comes last.
pub fn processor(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    let rest = source.right(end);
    let Some(inside) = memmem::find(rest, b")%").map(|close| &rest[..close]) else { return };
    let from = memchr::memrchr(b':', inside).map_or(0, |colon| colon + 1);
    if is_variable(&inside[from..]) {
        let before = source.byte(at.wrapping_sub(1));
        let begin = at - usize::from(matches!(before, b'"' | b'\''));
        reads.push(Read {
            name: text(&inside[from..]),
            span: at..end + inside.len() + 2,
            receiver: receive::receiver(source, begin),
            has_default: inside.starts_with(b"default:"),
            default: None,
        });
    }
}
