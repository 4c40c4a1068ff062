//! Passwords whose place says what they are: command lines, headers, SQL, and the files that programs keep them in.

use std::ops::Range;

use memchr::memchr;

use super::encoded;
use super::hits::Hit;
use super::language::Language;
use super::password::{by_place, is_password};
use super::source::Source;
use super::stores;
use super::values;

/// What stands before a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// curl's and wget's `-u user:password`, as their manuals have it.
    UserOption,
    /// `mysql -pPASSWORD`, `sshpass -p PASSWORD`, `redis-cli -a PASSWORD`, `docker login -p PASSWORD`.
    Program(&'static str),
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
    /// `'$2y$…'`: what `crypt(3)` makes, in the rows of a dump.
    Row,
}

pub const WORDS: &[(&str, Before)] = &[
    (" -u ", Before::UserOption),
    (" --user ", Before::UserOption),
    (" -u\"", Before::UserOption),
    ("\"-u\", \"", Before::UserOption),
    ("\"--user\", \"", Before::UserOption),
    ("mysql", Before::Program(" -p")),
    ("mysqldump", Before::Program(" -p")),
    ("mysqladmin", Before::Program(" -p")),
    ("sshpass", Before::Program(" -p")),
    ("redis-cli", Before::Program(" -a ")),
    ("az login", Before::Program(" -p ")),
    ("openssl enc", Before::Program(" -k ")),
    ("convertto-securestring", Before::Argument),
    ("password('", Before::Sql),
    ("docker login", Before::Program(" -p ")),
    ("sqlcmd", Before::Program(" -p ")),
    ("ldapsearch", Before::Program(" -w ")),
    ("identified by", Before::Sql),
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
];

/// `at` is the end of the word.
pub fn look(source: &Source<'_>, before: Before, at: usize, hits: &mut Vec<Hit>) {
    let found = match before {
        Before::UserOption => user_option(source, at),
        Before::Program(option) => program(source, at, option),
        Before::Sql => sql(source, at),
        Before::Netrc => netrc(source, at),
        Before::BasicAuth => basic_auth(source, at),
        Before::Argument if !matches!(source.right(at), [b' ', b'"' | b'\'', ..]) => None,
        Before::Argument => Some((word_at(source, at), "the command line", "PASSWORD")),
        Before::Directive => Some((word_at(source, at), "the directive", "REDIS_PASSWORD")),
        Before::Row => row(source, at),
    };
    let Some((span, what, variable)) = found else { return };
    let encoded = before == Before::BasicAuth;
    if !span.is_empty() && (encoded || is_password(source, &span)) {
        hits.push(by_place(source, span, what, variable));
    }
}

type Found = Option<(Range<usize>, &'static str, &'static str)>;

/// From `at`, past quotes, to the end of the word.
fn word_at(source: &Source<'_>, at: usize) -> Range<usize> {
    let rest = source.right(at);
    let quotes = rest.iter().take_while(|b| matches!(b, b'"' | b'\'' | b' ')).count();
    let quote = rest.get(quotes.wrapping_sub(1)).copied().filter(|b| *b != b' ');
    let length = rest[quotes..]
        .iter()
        .take_while(|b| match quote {
            Some(quote) => **b != quote && !b.is_ascii_whitespace(),
            None => {
                !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\'' | b'`' | b';' | b'|' | b')' | b'\\')
            }
        })
        .count();
    at + quotes..at + quotes + length
}

fn user_option(source: &Source<'_>, at: usize) -> Found {
    let word = word_at(source, at);
    let line = source.left(at);
    let tool = [&b"curl"[..], b"wget", b"http ", b"\"-u\"", b"\"--user\""]
        .iter()
        .any(|tool| memchr::memmem::find(line, tool).is_some());
    let text = &source.text[word.clone()];
    let colon = memchr(b':', text).filter(|colon| tool && *colon > 0)?;
    Some((word.start + colon + 1..word.end, "the command line", "CURL_PASSWORD"))
}

fn program(source: &Source<'_>, at: usize, option: &str) -> Found {
    let rest = source.right(at);
    let rest = &rest[..rest.len().min(200)];
    let found = memchr::memmem::find(rest, option.as_bytes()).or_else(|| {
        // sqlcmd and ldapsearch differ in the case of the letter only.
        memchr::memmem::find(&rest.to_ascii_lowercase(), option.as_bytes())
    })?;
    let word = word_at(source, at + found + option.len());
    let text = &source.text[word.clone()];
    let glued = source.byte(at + found + option.len()) != b' ';
    // `mysql -p` asks; `mysql -p db` asks too. Only what is glued to it is the password.
    let asks = option == " -p" && !glued && !source.text[..at].ends_with(b"sshpass");
    (!asks && text.first().is_some_and(|b| *b != b'-') && !values::is_identifier(text)).then_some((
        word,
        "the command line",
        "MYSQL_PWD",
    ))
}

fn sql(source: &Source<'_>, at: usize) -> Found {
    if source.language != Language::Sql && source.text[..at].ends_with(b"('") {
        return None;
    }
    let start = if source.byte(at - 1) == b'\'' { at - 1 } else { at };
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
    (stores::is_of_words(&source.path) || line).then(|| (word_at(source, at), "the login", "NETRC"))
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
