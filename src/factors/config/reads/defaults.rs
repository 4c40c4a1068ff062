//! The default of an environment read, and whether it should be there.

use std::ops::Range;

use memchr::memmem;

use super::super::help;
use super::super::hits::{Hit, Rank};
use super::super::hosts::{is_address, without_port};
use super::super::language::{Language, Role};
use super::super::names::{Says, says, words};
use super::super::rules;
use super::super::source::Source;
use super::super::urls;
use super::super::values::{self, Looks, looks};
use super::Read;
use crate::factors::finding::Level;

pub struct Default {
    pub has: bool,
    pub literal: Option<Range<usize>>,
    /// Where the expression goes on.
    pub end: usize,
}

/// A second argument, or one named `default`, in the call whose first argument ended at `at`; passes the closing bracket.
/// In Rust and C# only a helper's is a default: the library's second arguments are messages and targets.
pub fn argument(source: &Source<'_>, at: usize, helper: bool) -> Default {
    let rest = source.ahead(at, 400);
    let close = closing(rest);
    let inside = &rest[..close];
    let end = (at + close + 1).min(source.text.len());
    let text = inside.trim_ascii_start();
    if !text.starts_with(b",") {
        return Default { has: false, literal: None, end };
    }
    let named = [&b"default="[..], b"default =", b"default:"]
        .iter()
        .find_map(|word| memmem::find(inside, word).map(|n| n + word.len()));
    let start = match named {
        Some(start) => start,
        None if is_keyword(&text[1..]) => return Default { has: false, literal: None, end },
        None => inside.len() - text.len() + 1,
    };
    let value = inside[start..].trim_ascii();
    let none = matches!(value, b"None" | b"nil" | b"null" | b"undefined");
    let message = !helper && matches!(source.language, Language::Rust | Language::CSharp);
    // `getenv("A", getenv("B", "x"))`: the inner one says itself what its default is.
    if !message && asked(source, at + start).is_some() {
        return Default { has: true, literal: None, end };
    }
    let has = !none && !value.is_empty() && !message;
    Default { has, literal: literal(source, at + start).filter(|_| has), end }
}

/// `cast=int`: a keyword that is no default.
fn is_keyword(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let word = text.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    word > 0
        && text[word..].trim_ascii_start().starts_with(b"=")
        && !text[word..].trim_ascii_start().starts_with(b"==")
}

/// In a call without brackets: what comes after a comma.
pub fn bare(source: &Source<'_>, at: usize) -> Default {
    let rest = source.right(at);
    let comma = rest.trim_ascii_start().strip_prefix(b",").map(<[u8]>::trim_ascii_start);
    let value = comma.filter(|value| !value.is_empty() && !value.starts_with(b"nil"));
    let from = value.map(|value| at + rest.len() - value.len());
    let end = from.map_or(at, |from| at.max(from));
    Default { has: value.is_some(), literal: from.and_then(|from| literal(source, from)), end }
}

/// Behind another read of the environment that begins at `from`: `os.getenv("B")`, `process.env.B`, `ENV["B"]`.
fn asked(source: &Source<'_>, from: usize) -> Option<usize> {
    let rest = source.ahead(from, 120);
    let blank = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let is_path = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'$' | b'?');
    let end = blank + rest[blank..].iter().take_while(|b| is_path(b)).count();
    let is_one = |word: &String| {
        matches!(word.as_str(), "env" | "environ" | "environment" | "getenv" | "mustgetenv" | "envvar")
    };
    if !words(&rest[blank..end]).iter().any(is_one) {
        return None;
    }
    match rest.get(end) {
        Some(b'(' | b'[') => Some(from + end + 2 + closing(source.ahead(from + end + 1, 400))),
        _ => Some(from + end),
    }
    .filter(|end| *end <= source.text.len())
}

/// The bracket that closes what is open before `rest`.
pub fn closing(rest: &[u8]) -> usize {
    let (mut depth, mut quote) = (0, None);
    for (n, byte) in rest.iter().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if *byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(*byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') if depth == 0 => return n,
            (None, b')' | b']' | b'}') => depth -= 1,
            _ => {}
        }
    }
    rest.len()
}

/// What takes the place of a missing value: Python's, JavaScript's, Kotlin's and PHP's operators, and calls that do the same.
#[rustfmt::skip]
const SIGNS: &[&str] = &[
    "||", "??", "?:", "or ", ".unwrap_or(", ".unwrap_or_else(", ".unwrap_or_default(", ".orElse(", ".orElseGet(", ".getOrElse(",
];

/// Behind the read: a sign of a default, or a block, after calls on the value and the ends of calls around it.
pub fn behind(source: &Source<'_>, mut at: usize) -> Default {
    let mut another = false;
    for n in 0..8 {
        let rest = source.ahead(at, 60);
        let blank = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let text = &rest[blank..];
        let crossed = rest[..blank].contains(&b'\n');
        if let Some(sign) = SIGNS.iter().find(|sign| text.starts_with(sign.as_bytes())) {
            if crossed && *sign == "or " {
                break;
            }
            let from = at + blank + sign.len();
            // Another variable in its place has a name and no value; what comes after it may have one.
            if let Some(end) = asked(source, from) {
                (at, another) = (end, true);
                continue;
            }
            let has = another || !is_nothing(source, from);
            return Default { has, literal: literal(source, from).filter(|_| has), end: at };
        }
        let block =
            matches!(source.language, Language::Ruby | Language::Kotlin) || source.language.is_settings();
        if n == 0 && block && text.starts_with(b"{") && !crossed {
            let from = at + blank + 1;
            let has = !is_nothing(source, from);
            return Default { has, literal: literal(source, from).filter(|_| has), end: at };
        }
        if n == 0
            && source.language == Language::Ruby
            && (text.starts_with(b"do\n") || text.starts_with(b"do |"))
        {
            return Default { has: true, literal: None, end: at };
        }
        let Some(passed) = passed(source, at + blank) else { break };
        at += blank + passed;
    }
    Default { has: another, literal: None, end: at }
}

/// The read at `at..end` is one arm of a choice by whether there is such a variable, and the other arm is the default:
/// `X ? X : "y"`, Python's `X if "X" in … else "y"`.
pub fn other_arm(source: &Source<'_>, at: usize, end: usize, name: &[u8]) -> Default {
    let none = Default { has: false, literal: None, end };
    let (left, right) = (source.left(at), source.right(end));
    let asked = |text: &[u8]| memmem::find(text, name).is_some();
    let from = if left.trim_ascii_end().ends_with(b"?") && asked(left) {
        right.trim_ascii_start().strip_prefix(b":").map(|rest| right.len() - rest.len())
    } else if source.language == Language::Python && right.trim_ascii_start().starts_with(b"if ") {
        memmem::find(right, b" else ").filter(|word| asked(&right[..*word])).map(|word| word + 6)
    } else {
        None
    };
    match from.filter(|from| !is_nothing(source, end + from)) {
        Some(from) => Default { has: true, literal: literal(source, end + from), end },
        None => none,
    }
}

/// How much at `at` only makes something of the value: `.trim()`, `?.toInt()`, `as string`, `, 10)`, a closing bracket.
fn passed(source: &Source<'_>, at: usize) -> Option<usize> {
    let text = source.ahead(at, 60);
    if let Some(word) = [&b")"[..], b"as string", b"!"].iter().find(|word| text.starts_with(word)) {
        return Some(word.len());
    }
    if let Some(base) = text.strip_prefix(b", ") {
        let digits = base.iter().take_while(|b| b.is_ascii_digit()).count();
        return (digits > 0 && base.get(digits) == Some(&b')')).then_some(digits + 2);
    }
    let dot = text.iter().take_while(|b| matches!(b, b'?' | b'!' | b'.' | b'&')).count();
    let name = text[dot..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    if name == 0 || !text[..dot].contains(&b'.') {
        return None;
    }
    let call = dot + name;
    let open = text.get(call) == Some(&b'(');
    let end = if open { call + 2 + closing(source.ahead(at + call + 1, 300)) } else { call };
    // Kotlin's and Ruby's blocks: `.takeIf { … }`.
    let block =
        matches!(source.language, Language::Kotlin | Language::Ruby) && source.ahead(at + end, 2) == b" {";
    Some(if block { end + 3 + closing(source.ahead(at + end + 2, 300)) } else { end })
}

/// Nothing stands there, or what ends the program; perhaps in a closure.
fn is_nothing(source: &Source<'_>, from: usize) -> bool {
    let text = source.ahead(from, 60).trim_ascii_start();
    let closure = text.strip_prefix(b"|").and_then(|rest| Some(&rest[memchr::memchr(b'|', rest)? + 1..]));
    let text = closure.unwrap_or(text).trim_ascii_start();
    let text = text.strip_prefix(b"{").unwrap_or(text).trim_ascii_start();
    #[rustfmt::skip]
    let words = [
        "None", "nil", "null", "undefined", "throw", "raise", "die", "exit", "panic", "return", "error(", "abort",
        "process::exit", "std::process::exit", "unreachable", "bail",
    ];
    words.iter().any(|word| text.starts_with(word.as_bytes()))
}

/// The string at `from`, behind what may stand before it.
pub fn literal(source: &Source<'_>, from: usize) -> Option<Range<usize>> {
    let rest = source.ahead(from, 60);
    let mut n = 0;
    while n < rest.len() && !matches!(rest[n], b'"' | b'\'' | b'`') {
        let passed = rest[n].is_ascii_alphanumeric()
            || matches!(rest[n], b' ' | b'\n' | b'|' | b'_' | b'(' | b':' | b'{' | b'.');
        if !passed {
            return None;
        }
        n += 1;
    }
    let quote = *rest.get(n)?;
    if is_asked(&rest[..n]) {
        return None;
    }
    let start = from + n + 1;
    let text = source.right(start);
    let length = text.iter().position(|b| *b == quote)?;
    Some(start..start + length)
}

/// What stands before the literal asks for something by it: `get_secret("B")`, `settings.get("b")`. Calls that make something
/// of it, `String::from(`, `int(`, do not.
fn is_asked(before: &[u8]) -> bool {
    #[rustfmt::skip]
    const ASKS: &[&str] = &[
        "get", "fetch", "read", "load", "lookup", "find", "require", "getenv", "env", "environ", "config", "setting",
        "settings", "param", "parameter", "resolve", "decrypt", "join",
    ];
    let callee = before.trim_ascii_end().strip_suffix(b"(").unwrap_or_default();
    let length =
        callee.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')).count();
    words(&callee[callee.len() - length..]).iter().any(|word| ASKS.contains(&word.as_str()))
}

/// A secret or a production URL as a default.
pub fn judge(source: &Source<'_>, read: &Read, hits: &mut Vec<Hit>) {
    let Some(span) = read.default.clone().filter(|span| !span.is_empty()) else { return };
    if matches!(source.role, Role::Docs | Role::Sample) || source.is_comment(span.start) {
        return;
    }
    let value = &source.text[span.clone()];
    if let Some(at) = memmem::find(value, b"://") {
        url(source, read, &span, at, hits);
        return;
    }
    let says = says(read.name.as_bytes());
    let level = match (says, looks(value)) {
        (None, _) | (_, Looks::Other) => return,
        (Some(Says::Perhaps), Looks::Random) => Level::Error,
        (Some(Says::Perhaps), _) => return,
        (Some(_), Looks::Random | Looks::Chosen) => Level::Error,
        // It says that it is no secret; production runs with it all the same when the variable is forgotten.
        (Some(_), Looks::Placeholder | Looks::Word) => Level::Warn,
    };
    let level = if source.role == Role::Test { Level::Note } else { level };
    let message = format!("the default of `{}` is a secret of {} chars", read.name, span.len());
    hits.push(hit(source, read, span, level, message, Some(0)));
}

fn url(source: &Source<'_>, read: &Read, span: &Range<usize>, at: usize, hits: &mut Vec<Hit>) {
    let Some(url) = urls::parse(source, span.start + at) else { return };
    let host = &source.text[url.host.clone()];
    let name = without_port(host);
    let local = matches!(name, b"localhost" | b"" | b"0.0.0.0" | b"127.0.0.1" | b"[")
        || (is_address(name) && name.starts_with(b"127."))
        || name.starts_with(b"host.docker");
    let scheme = String::from_utf8_lossy(&source.text[url.scheme.clone()]).into_owned();
    if let Some(password) = url
        .password
        .filter(|password| !password.is_empty() && !values::is_filled_in(&source.text[password.clone()]))
    {
        let stands_in = values::is_placeholder(&source.text[password.clone()])
            || url.user.is_some_and(|user| source.text[user] == source.text[password.clone()]);
        let level = if source.role == Role::Test {
            Level::Note
        } else if stands_in {
            Level::Warn
        } else {
            Level::Error
        };
        let message = format!(
            "the default of `{}` is a {scheme} URL with a password of {} chars",
            read.name,
            password.len()
        );
        hits.push(hit(source, read, password, level, message, Some(0)));
        return;
    }
    if local
        || urls::is_example_host(name)
        || values::is_filled_in(host)
        || source.role == Role::Test
        || !name.contains(&b'.') && !urls::is_service_scheme(scheme.as_bytes())
    {
        return;
    }
    // `live` is a top-level domain, too.
    let below = name.iter().rposition(|b| *b == b'.').map_or(name, |dot| &name[..dot]);
    let production = below
        .split(|b| matches!(b, b'.' | b'-'))
        .any(|label| matches!(label, b"prod" | b"production" | b"live"));
    let level =
        if production || urls::is_service_scheme(scheme.as_bytes()) { Level::Error } else { Level::Warn };
    let message = format!(
        "the default of `{}` is the {scheme} service at `{}`",
        read.name,
        String::from_utf8_lossy(host)
    );
    hits.push(hit(source, read, span.clone(), level, message, None));
}

fn hit(
    source: &Source<'_>,
    read: &Read,
    span: Range<usize>,
    level: Level,
    message: String,
    public_prefix: Option<usize>,
) -> Hit {
    Hit {
        rule: &rules::ENV_DEFAULT,
        rank: Rank::EnvDefault,
        level,
        span,
        public_prefix,
        message,
        help: format!("require it: {}", help::read(source.language, &read.name)),
    }
}
