//! Passwords whose place says what they are: command lines, headers, SQL, and the files that programs keep them in.

use std::ops::Range;

use memchr::memchr;

use super::commands::{self, Command, word_at};
use super::encoded;
use super::hits::Hit;
use super::language::Language;
use super::password::{by_place, is_password};
use super::source::Source;
use super::stores;
use super::values::{Looks, looks};

/// What stands before a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// The words of a command line.
    Command(Command),
    /// SQL's `IDENTIFIED BY '…'` (`MySQL`, Oracle) and `PASSWORD '…'` (`PostgreSQL`'s `CREATE ROLE`).
    Sql,
    /// `machine h login l password p`, and the words of other files that keep logins.
    Netrc,
    /// `Authorization: Basic …` outside of any name, Docker's `"auth": "…"`.
    BasicAuth,
    /// PowerShell's `ConvertTo-SecureString "…" -AsPlainText`.
    Argument,
    /// `requirepass …` and `masterauth …` of redis.conf, `password …` of IOS and kin.
    Directive,
    /// The same in a router's configuration, where a digit may come first that says how it is encrypted.
    Leveled,
    /// `username u … password p` of a router's configuration.
    Username,
    /// `Bearer …` outside of any name, as RFC 6750 writes it.
    Bearer,
    /// `'$2y$…'`: what `crypt(3)` makes, in the rows of a dump.
    Row,
}

pub const WORDS: &[(&str, Before)] = &[
    ("convertto-securestring", Before::Argument),
    ("password('", Before::Sql),
    ("identified by", Before::Sql),
    ("identified with", Before::Sql),
    ("password '", Before::Sql),
    (" password ", Before::Netrc),
    ("\npassword ", Before::Netrc),
    ("'$2y$", Before::Row),
    ("'$2a$", Before::Row),
    ("'$2b$", Before::Row),
    ("'$6$", Before::Row),
    ("'$argon2", Before::Row),
    ("\"auth\"", Before::BasicAuth),
    ("basic ", Before::BasicAuth),
    ("\nrequirepass ", Before::Directive),
    ("\nmasterauth ", Before::Directive),
    ("\nenable secret ", Before::Leveled),
    ("\nenable password ", Before::Leveled),
    ("\nsnmp-server community ", Before::Leveled),
    ("\nusername ", Before::Username),
    ("bearer ", Before::Bearer),
];

/// `at` is the end of the word.
pub fn look(source: &Source<'_>, before: Before, at: usize, hits: &mut Vec<Hit>) {
    let found = match before {
        Before::Command(command) => {
            commands::find(source, command, at).map(|span| (span, "the command line", "PASSWORD"))
        }
        Before::Sql => sql(source, at),
        Before::Netrc => netrc(source, at),
        Before::BasicAuth => basic_auth(source, at),
        Before::Argument => secure_string(source, at),
        Before::Directive => Some((word_at(source, at), "the directive", "REDIS_PASSWORD")),
        Before::Leveled => leveled(source, at),
        Before::Username => username(source, at),
        Before::Bearer => bearer(source, at),
        Before::Row => row(source, at),
    };
    let Some((span, what, variable)) = found else { return };
    let encoded = before == Before::BasicAuth;
    if !span.is_empty() && (encoded || is_password(source, &span)) {
        hits.push(by_place(source, span, what, variable));
    }
}

type Found = Option<(Range<usize>, &'static str, &'static str)>;

/// The text among `-String`, `-AsPlainText` and `-Force`, which come in any order.
fn secure_string(source: &Source<'_>, at: usize) -> Found {
    let rest = source.right(at);
    let mut n = 0;
    loop {
        n += rest[n..].iter().take_while(|b| **b == b' ').count();
        match rest.get(n)? {
            b'-' => n += rest[n..].iter().take_while(|b| **b == b'-' || b.is_ascii_alphabetic()).count(),
            b'"' | b'\'' => return Some((word_at(source, at + n), "the command line", "PASSWORD")),
            _ => return None,
        }
    }
}

/// After the digit of a router's configuration that says how what follows is encrypted, if there is one.
fn leveled(source: &Source<'_>, at: usize) -> Found {
    let word = word_at(source, at);
    let level = word.len() == 1 && source.byte(word.start).is_ascii_digit();
    let word = if level { word_at(source, word.end) } else { word };
    source.language.is_settings().then_some((word, "the directive", "PASSWORD"))
}

fn username(source: &Source<'_>, at: usize) -> Found {
    let rest = source.right(at);
    let place = [&b" password "[..], b" secret "]
        .iter()
        .find_map(|word| memchr::memmem::find(rest, word).map(|found| found + word.len()))?;
    leveled(source, at + place)
}

/// RFC 6750's `b64token`, long and made by a machine. A token in three parts is another rule's.
fn bearer(source: &Source<'_>, at: usize) -> Found {
    let rest = source.right(at);
    let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(b)).count();
    let end = length + rest[length..].iter().take_while(|b| **b == b'=').count();
    let token = &rest[..end];
    let ends = rest.get(end).is_none_or(|b| b.is_ascii_whitespace() || b"\"'`,;<)}]\\".contains(b));
    let made = length >= 20 && token.iter().any(u8::is_ascii_digit) && looks(token) == Looks::Random;
    (ends && made && !token.starts_with(b"eyJ")).then_some((
        at..at + end,
        "the bearer authorization",
        "AUTHORIZATION",
    ))
}

fn sql(source: &Source<'_>, at: usize) -> Found {
    if source.language != Language::Sql && source.text[..at].ends_with(b"('") {
        return None;
    }
    let start = if source.byte(at - 1) == b'\'' { at - 1 } else { at };
    // `IDENTIFIED WITH caching_sha2_password BY '…'`
    let with = source.text[..start].last_chunk::<4>().is_some_and(|last| last.eq_ignore_ascii_case(b"with"));
    let start = if with {
        let rest = source.right(start);
        start + rest.windows(4).position(|word| word.eq_ignore_ascii_case(b" by "))? + 3
    } else {
        start
    };
    let rest = source.right(start);
    let spaces = rest.iter().take_while(|b| **b == b' ').count();
    let quote = rest.get(spaces).copied().filter(|b| matches!(b, b'\'' | b'"'))?;
    let from = start + spaces + 1;
    let length = memchr(quote, source.right(from))?;
    Some((from..from + length, "the SQL statement", "DB_PASSWORD"))
}

fn netrc(source: &Source<'_>, at: usize) -> Found {
    let left = source.left(at);
    let has = |word: &[u8]| memchr::memmem::find(left, word).is_some();
    let line = has(b"login ") && has(b"machine ") && source.language != Language::Prose;
    (stores::is_of_words(source) || line).then(|| (word_at(source, at), "the login", "NETRC"))
}

fn row(source: &Source<'_>, at: usize) -> Found {
    let start = at - source.left(at).iter().rev().position(|b| *b == b'\'')?;
    let length = memchr(b'\'', source.right(start))?;
    (source.language == Language::Sql).then_some((start..start + length, "the row", "DB_PASSWORD"))
}

fn basic_auth(source: &Source<'_>, at: usize) -> Found {
    let rest = source.right(at);
    let skip = rest.iter().take_while(|b| matches!(b, b':' | b' ' | b'"' | b'\\')).count();
    let length = rest[skip..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        .count();
    let text = &rest[skip..skip + length];
    if length < 8 || !encoded::is_basic(text) {
        return None;
    }
    Some((at + skip..at + skip + length, "the basic authorization", "AUTHORIZATION"))
}
