//! Libraries that take every variable, or every one with a prefix: which names the app knows cannot be read off the code, so
//! that the inventory says that and where.

use std::ops::Range;

use memchr::memmem;

use super::super::language::Language::{self, CSharp, Go, JavaScript, Python, Rust};
use super::super::source::{At, Source};
use super::{text, word};
use crate::factors::finding::Place;

/// How far around a call its prefix may be set by another.
const NEAR: usize = 8 << 10;

/// Where the whole environment is read.
#[derive(Debug, Clone)]
pub struct EveryRead {
    /// What the names begin with, where it is a literal.
    pub prefix: Option<String>,
    /// The call.
    pub place: Place,
}

/// The same, as offsets.
#[derive(Debug)]
pub struct Every {
    pub span: Range<usize>,
    pub prefix: Option<String>,
}

/// A call that takes them all, by its library's documentation.
#[derive(Debug)]
pub struct Taker {
    pub word: &'static str,
    language: Language,
    /// Must stand in the head of the file, for the word alone means other things too.
    import: &'static str,
}

const fn taker(word: &'static str, language: Language, import: &'static str) -> Taker {
    Taker { word, language, import }
}

pub static TAKERS: &[Taker] = &[
    taker(".env({", JavaScript, "nconf"),
    taker(".env()", JavaScript, "nconf"),
    taker(".env('", JavaScript, "nconf"),
    taker(".env(\"", JavaScript, "nconf"),
    taker("Env::prefixed(", Rust, "figment"),
    taker("Env::raw(", Rust, "figment"),
    taker("Environment::with_prefix(", Rust, "config"),
    taker("Environment::default(", Rust, "config"),
    taker("envy::from_env", Rust, ""),
    taker("envy::prefixed(", Rust, ""),
    taker(".AutomaticEnv(", Go, "viper"),
    taker("envconfig.Process(", Go, ""),
    taker("env.Provider(", Go, "koanf"),
    taker(".AddEnvironmentVariables(", CSharp, ""),
    taker("Dynaconf(", Python, "dynaconf"),
];

/// A taker's word stands at `at..end`.
pub fn take(source: &Source<'_>, taker: &Taker, at: usize, end: usize, all: &mut Vec<Every>) {
    let before = source.byte(at.wrapping_sub(1));
    let whole = taker.word.starts_with('.') || !(before.is_ascii_alphanumeric() || before == b'_');
    if source.language != taker.language
        || &source.text[at..end] != taker.word.as_bytes()
        || !whole
        || source.at(at) != At::Code
        || !(taker.import.is_empty() || source.mentions(taker.import))
    {
        return;
    }
    let line = source.right(end);
    let argument = line.strip_prefix(b"\"").or_else(|| line.strip_prefix(b"'"));
    let named = || {
        [&b"envvar_prefix="[..], b"SetEnvPrefix(", b"prefix:", b"prefix ="].iter().find_map(|sign| {
            let rest = source.ahead(at, 400);
            let value = rest[memmem::find(rest, sign)? + sign.len()..].trim_ascii_start();
            value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'"))
        })
    };
    // viper's prefix has a call of its own, before or after.
    let set = || {
        const SIGN: &[u8] = b"SetEnvPrefix(\"";
        let start = at.saturating_sub(NEAR);
        let near = &source.text[start..source.text.len().min(at + NEAR)];
        let call = memmem::find(near, SIGN).filter(|_| taker.language == Go)?;
        Some(source.right(start + call + SIGN.len()))
    };
    let prefix = argument.or_else(named).or_else(set).map(word).filter(|prefix| !prefix.is_empty());
    all.push(Every { span: at..end, prefix: prefix.map(text) });
}
