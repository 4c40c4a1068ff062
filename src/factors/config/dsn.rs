//! Connection strings that are no URLs: ADO, ODBC, JDBC, libpq, Go's `MySQL` driver.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::explained;
use super::help;
use super::hits::{Hit, Rank};
use super::language::Role;
use super::names::{Says, says};
use super::rules;
use super::source::Source;
use super::values::{self, Looks, looks};
use crate::factors::finding::Level;

/// Keywords of which one beside the password makes a text a connection string, as the drivers document them.
const BESIDE: &[&[u8]] = &[
    b"server=",
    b"data source=",
    b"datasource=",
    b"host=",
    b"uid=",
    b"user id=",
    b"userid=",
    b"user=",
    b"database=",
    b"dbname=",
    b"driver=",
    b"initial catalog=",
    b"address=",
    b"hostname=",
    b"jdbc:",
    b"username=",
    b"endpoint=",
    b"addr=",
];

/// `name` is the name of a password, followed by `=` within a longer text. Tells whether it was a connection string.
pub fn look(source: &Source<'_>, name: &Range<usize>, hits: &mut Vec<Hit>) -> bool {
    let mut from = name.end;
    from += source.ahead(from, 3).iter().take_while(|b| **b == b' ').count();
    if source.byte(from) != b'=' || says(&source.text[name.clone()]) != Some(Says::Password) {
        return false;
    }
    let left = source.left(name.start);
    let joined = left.last().is_some_and(|b| matches!(b, b';' | b'?' | b'&' | b' ' | b'"' | b'\''));
    if !joined || !has_company(source, name.start, from) {
        return false;
    }
    from += 1;
    let value = value_at(source, from);
    if weigh(source, &value) {
        hits.push(hit(source, value, "a connection string"));
    }
    true
}

/// Another keyword stands before or after it in the same text.
fn has_company(source: &Source<'_>, at: usize, end: usize) -> bool {
    let left = source.left(at);
    let quote = left.iter().rposition(|b| matches!(b, b'"' | b'`')).map_or(0, |n| n + 1);
    let right = source.right(end);
    let close = right.iter().position(|b| matches!(b, b'"' | b'`')).unwrap_or(right.len());
    let text = [&left[quote..], b"\n", &right[..close]].concat().to_ascii_lowercase();
    // Arguments of a call are not one text.
    let separators = text.iter().any(|b| matches!(b, b';' | b'?' | b'&'))
        || !text.iter().any(|b| matches!(b, b',' | b'('));
    separators
        && BESIDE.iter().any(|word| {
            memmem::find_iter(&text, word).any(|n| n == 0 || !text[n - 1].is_ascii_alphanumeric())
        })
}

fn value_at(source: &Source<'_>, from: usize) -> Range<usize> {
    let rest = source.right(from);
    if let Some(quote) = rest.first().copied().filter(|b| matches!(b, b'\'' | b'{'))
        && let Some(length) = memchr(if quote == b'{' { b'}' } else { quote }, &rest[1..])
    {
        return from + 1..from + 1 + length;
    }
    let length = rest
        .iter()
        .take_while(|b| !matches!(b, b';' | b'&' | b'"' | b'`' | b'\'' | b' ' | b'<' | b'\\'))
        .count();
    from..from + length
}

fn weigh(source: &Source<'_>, value: &Range<usize>) -> bool {
    if source.holds_texts {
        return false;
    }
    let text = &source.text[value.clone()];
    let explains = matches!(source.role, Role::Docs | Role::Sample)
        || source.is_comment(value.start)
        || explained::is_example_text(source, value.start);
    match looks(text) {
        Looks::Random | Looks::Chosen => !explains || values::is_random(text),
        Looks::Word => !explains && text.len() > 3,
        Looks::Other | Looks::Placeholder => false,
    }
}

fn hit(source: &Source<'_>, span: Range<usize>, what: &str) -> Hit {
    Hit {
        rule: &rules::DB_URL,
        rank: Rank::Url,
        level: Level::Error,
        message: format!("the password of {what} ({} chars) is written here", span.len()),
        help: help::read(source.language, "DATABASE_URL"),
        public_prefix: Some(0),
        span,
    }
}

/// `user:password@tcp(host:port)/db`, as go-sql-driver documents its DSN. `at` is the `@`.
pub fn go(source: &Source<'_>, at: usize, hits: &mut Vec<Hit>) {
    let left = source.left(at);
    let start =
        left.iter().rposition(|b| matches!(b, b'"' | b'\'' | b'`' | b' ' | b'=')).map_or(0, |n| n + 1);
    let Some(colon) = memchr(b':', &left[start..]) else { return };
    let span = at - left.len() + start + colon + 1..at;
    if weigh(source, &span)
        || source.text[span.clone()] == left[start..start + colon]
            && source.role == Role::Program
            && span.len() > 2
    {
        hits.push(hit(source, span, "a MySQL DSN"));
    }
}
