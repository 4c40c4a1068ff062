//! Keys by their format, around the word that the prefilter met.

use memchr::{memchr_iter, memmem};

use super::assign::name_around;
use super::encoded;
use super::help;
use super::hits::{Hit, Rank};
use super::keys::shape::{BASE64, starts};
use super::keys::{self, Key, known_prefix, published};
use super::language::Role;
use super::names::{Says, says};
use super::password;
use super::receiver::receiver;
use super::rules;
use super::source::{At, Source};
use super::values;
use crate::factors::finding::{Level, Rule};
use crate::factors::text::with_article;

/// How far behind the provider's name its key may stand, on the same line.
const NEAR: usize = 120;

/// The format's own fixed part stands at `at`.
pub fn sure(source: &Source<'_>, key: &'static Key, at: usize, hits: &mut Vec<Hit>) {
    let at = key.start(&source.text, at);
    let Some(end) = key.end(&source.text, at) else { return };
    let value = &source.text[at..end];
    if is_in_data(source, key, at, end) || published::is_sample(value) {
        return;
    }
    let prefix = key.public_prefix(value);
    if is_made_up(&value[prefix..]) {
        if known_prefix(value).is_some() && speaks(source, at) {
            let name = receiver(source, at).map(|name| source.text[name].to_vec()).unwrap_or_default();
            hits.push(password::placeholder(source, at..end, &name));
        }
        return;
    }
    hits.push(hit(source, key, Rank::SureKey, at, end));
    if key.rule.id == "config/key-aws-access-key" {
        aws_pair(source, end, hits);
    }
}

/// Inside of a long run of base64, or, without a prefix, between bytes that no text has: chance makes every short form there.
fn is_in_data(source: &Source<'_>, key: &Key, at: usize, end: usize) -> bool {
    let before = source.behind(at, 64);
    let run = before.iter().rev().take_while(|b| BASE64.has(**b)).count();
    let run = &before[before.len() - run..];
    let kinds = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    let slashes = memchr_iter(b'/', run).count();
    let goes_on = matches!(run.last(), Some(b'+' | b'/'))
        && run.len() >= 40
        // A path has more of them: one of 64 bytes is a slash.
        && slashes <= 2
        && kinds.iter().all(|kind| run.iter().filter(|b| kind(b)).count() >= 4);
    let binary = |bytes: &[u8]| bytes.iter().any(|b| matches!(b, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f));
    goes_on || key.has_no_prefix() && (binary(before) || binary(source.ahead(end, 64)))
}

/// Bots' tokens of Discord, which have no prefix: around two dots that are seven bytes apart.
pub fn discord(source: &Source<'_>, hits: &mut Vec<Hit>) {
    for dot in pairs_of_dots(&source.text) {
        let Some(span) = encoded::discord(&source.text, dot) else { continue };
        let key = keys::all().find(|key| key.rule.id == "config/key-discord-bot");
        if let Some(key) = key.filter(|_| !is_made_up(&source.text[dot + 8..span.end])) {
            hits.push(hit(source, key, Rank::SureKey, span.start, span.end));
        }
    }
}

/// Every first of two dots with six bytes between them. A file has many dots and few such pairs, so that most of it is
/// passed in blocks, without a branch for each dot.
fn pairs_of_dots(text: &[u8]) -> impl Iterator<Item = usize> {
    const BLOCK: usize = 64;
    let ahead = text.get(7..).unwrap_or_default();
    let blocks = text.as_chunks::<BLOCK>().0.iter().zip(ahead.as_chunks::<BLOCK>().0);
    let passed = ahead.len() / BLOCK * BLOCK;
    let met = blocks.enumerate().filter(|(_, (block, ahead))| {
        let pairs = block.iter().zip(*ahead);
        pairs.fold(0, |met, (one, two)| met | (u8::from(*one == b'.') & u8::from(*two == b'.'))) != 0
    });
    met.flat_map(|(n, _)| n * BLOCK..(n + 1) * BLOCK)
        .chain(passed..text.len())
        .filter(|at| text[*at] == b'.' && text.get(at + 7) == Some(&b'.'))
}

/// Leaves out what stands under a secret's name and is meant to be seen.
pub fn without_public(source: &Source<'_>, hits: &mut Vec<Hit>) {
    hits.retain(|hit| {
        let value = &source.text[hit.span.clone()];
        hit.rule.id != rules::PASSWORD.id || !(published::is_public(value) || published::is_sample(value))
    });
}

/// An access key's id is of use with its secret, which often is the next literal and has no name.
fn aws_pair(source: &Source<'_>, from: usize, hits: &mut Vec<Hit>) {
    let Some(secret) = keys::all().find(|key| key.rule.id == "config/key-aws-secret") else { return };
    let near = source.ahead(from, NEAR);
    let starts = (1..near.len()).filter(|n| matches!(near[n - 1], b'"' | b'\'' | b'=' | b' ' | b','));
    let found = starts.into_iter().find_map(|n| secret.end(&source.text, from + n).map(|end| from + n..end));
    if let Some(span) = found
        && values::is_random(&source.text[span.clone()])
    {
        hits.push(hit(source, secret, Rank::NamedKey, span.start, span.end));
    }
}

/// Examples of documentation, rows, names from the code, and words in place of chance.
fn is_made_up(body: &[u8]) -> bool {
    let letters = body.iter().filter(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.')).count();
    let one_case = !body.iter().any(u8::is_ascii_lowercase) || !body.iter().any(u8::is_ascii_uppercase);
    values::is_placeholder(body)
        // Chance would have put a digit among so many.
        || (body.len() >= 20 && letters == body.len() && one_case)
        || (body.len() >= 16 && values::entropy(body) < 2.7)
        || (letters * 10 > body.len() * 9
            && body.len() < 60
            && body.iter().any(u8::is_ascii_lowercase)
            && values::is_wordy(body))
}

/// A program's own string, and not a comment's, a test's or a sample's.
fn speaks(source: &Source<'_>, at: usize) -> bool {
    source.role == Role::Program
        && !source.is_test(at)
        && source.language.is_program()
        && matches!(source.at(at), At::Text(_))
}

/// A prefix that people know, in a program's string, with words instead of the rest: `OpenAI("sk-your-key")`.
pub fn stand_in(source: &Source<'_>, at: usize, hits: &mut Vec<Hit>) {
    if !matches!(source.byte(at.wrapping_sub(1)), b'"' | b'\'' | b'`') || source.role != Role::Program {
        return;
    }
    let rest = source.ahead(at, 100);
    let length =
        rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')).count();
    let value = &rest[..length];
    let Some(prefix) = known_prefix(value) else { return };
    let name = receiver(source, at).map(|name| source.text[name].to_vec()).unwrap_or_default();
    let named = says(&name).is_some_and(|says| says >= Says::Secret);
    // A prefix alone is what keys are known by.
    let is_whole = value.len() >= prefix + 6 && value.last().is_some_and(u8::is_ascii_alphanumeric);
    if rest.get(length) == Some(&source.byte(at - 1))
        && is_whole
        && (values::is_placeholder(&value[prefix..]) || named)
        && speaks(source, at)
    {
        hits.push(password::placeholder(source, at..at + length, &name));
    }
}

/// The provider's name stands at `at..end`; its key may follow on the line.
pub fn named(source: &Source<'_>, key: &'static Key, at: usize, end: usize, hits: &mut Vec<Hit>) {
    if !is_whole_word(source, at, end) {
        return;
    }
    let line = source.right(at);
    let line = &line[..line.len().min(NEAR + end - at)];
    let sign = |b: &u8| matches!(b, b'=' | b':' | b',' | b'>' | b'(' | b' ');
    let word = end - at;
    // A word that ends in a sign is followed by the key itself.
    let joined = matches!(line[word - 1], b'=' | b'(' | b'/' | b'>' | b':' | b' ');
    let first = if joined {
        Some(word - 1)
    } else {
        // Or a quote stands alone: `token 'x'`, as Ruby and Groovy write it.
        (word..line.len()).find(|n| {
            let is_sign = matches!(line[*n], b'=' | b':' | b',' | b'>');
            is_sign || matches!(line[*n], b'"' | b'\'') && line[n - 1] == b' '
        })
    };
    let Some(first) = first else { return };
    // The word itself says that a key follows, or a word after it does, or it is the variable that programs read.
    let lower = line.to_ascii_lowercase();
    let own = source.text[name_around(source, at)].eq_ignore_ascii_case(key.variable.as_bytes());
    let says_key = |n: usize| {
        joined
            || own
            || ["key", "token", "secret", "pass", "auth", "pat", "cred", "login"]
                .iter()
                .any(|word| memmem::find(&lower[..n], word.as_bytes()).is_some())
    };
    // What is meant to be in a page, by the same providers.
    let is_public = |n: usize| {
        let words = ["sitekey", "site_key", "site-key", "publishable", "vapid", "publickey", "public_key"];
        words.iter().any(|word| memmem::find(&lower[..n], word.as_bytes()).is_some())
    };
    for n in first + 1..line.len() {
        let begins = line[n].is_ascii_alphanumeric() || matches!(line[n], b'_' | b'+' | b'/' | b'{');
        if begins && (matches!(line[n - 1], b'"' | b'\'' | b'`' | b'/') || sign(&line[n - 1])) {
            let Some(stop) = key.end(&source.text, at + n).filter(|_| says_key(n) && !is_public(n)) else {
                continue;
            };
            let value = &source.text[at + n..stop];
            let closed = !matches!(source.byte(stop), b'.' | b'(' | b'_' | b'-' | b'/' | b'+');
            if closed
                && !is_made_up(value)
                && !published::is_sample(value)
                && values::entropy(value) >= 2.8
                && value.iter().any(u8::is_ascii_digit)
                && !matches!(source.role, Role::Docs | Role::Sample)
            {
                hits.push(hit(source, key, Rank::NamedKey, at + n, stop));
            }
            return;
        }
    }
}

/// A short name must be a word of its own; a long one is sure within a longer word.
fn is_whole_word(source: &Source<'_>, at: usize, end: usize) -> bool {
    let word = &source.text[at..end];
    let (before, next) = (source.behind(at, 1).first().copied().unwrap_or(b' '), source.byte(end));
    let last = word[word.len() - 1];
    let goes_on = last.is_ascii_alphabetic()
        && (next.is_ascii_lowercase() || (next.is_ascii_uppercase() && last.is_ascii_uppercase()));
    let glued = before.is_ascii_alphabetic()
        && !(before.is_ascii_lowercase() && word[0].is_ascii_uppercase())
        && word[0].is_ascii_alphabetic();
    !glued && (word.len() >= 7 || !goes_on)
}

fn hit(source: &Source<'_>, key: &'static Key, rank: Rank, at: usize, end: usize) -> Hit {
    let value = &source.text[at..end];
    let prefix = key.public_prefix(value);
    let shown = String::from_utf8_lossy(&value[..prefix]).into_owned();
    let shown = if prefix == 0 { String::new() } else { format!("`{shown}…`, ") };
    Hit {
        rule: &key.rule,
        rank,
        level: Level::Error,
        message: format!("{} is written here ({shown}{} chars)", with_article(key.what), value.len()),
        help: format!("revoke it, then {}", help::read(source.language, key.variable)),
        public_prefix: Some(prefix),
        span: at..end,
    }
}

fn whole(
    source: &Source<'_>,
    rule: &'static Rule,
    what: &str,
    at: usize,
    end: usize,
    prefix: usize,
    variable: &str,
) -> Hit {
    Hit {
        rule,
        rank: Rank::SureKey,
        level: Level::Error,
        message: format!("{what} is written here ({} chars)", end - at),
        help: format!("revoke it, then {}", help::read(source.language, variable)),
        public_prefix: Some(prefix),
        span: at..end,
    }
}

pub fn jwt(source: &Source<'_>, at: usize, hits: &mut Vec<Hit>) {
    if starts(&source.text, at)
        && let Some(range) = encoded::jwt(&source.text, at)
    {
        hits.push(whole(
            source,
            &rules::JWT,
            "a signed JSON web token",
            range.start,
            range.end,
            3,
            "ACCESS_TOKEN",
        ));
    }
}

const LONGEST_PEM: usize = 16 << 10;

/// `-----BEGIN … PRIVATE KEY-----` with a body, over lines or with `\n` in a string.
pub fn pem(source: &Source<'_>, at: usize, hits: &mut Vec<Hit>) {
    let block = source.ahead(at, LONGEST_PEM);
    let Some(head) = memmem::find(&block[5..block.len().min(90)], b"-----").map(|n| n + 10) else { return };
    let label = &block[..head];
    if memmem::find(label, b"PRIVATE KEY").is_none() || label.contains(&b'\n') {
        return;
    }
    let (body, ended) = match memmem::find(&block[head..], b"-----END") {
        Some(end) => (&block[head..head + end], true),
        None => (&block[head..block.len().min(head + 2000)], false),
    };
    let text = pem_text(body);
    // What stands between two mentions of a key's first and last line is no key.
    let solid = body.iter().filter(|b| b.is_ascii_graphic()).count();
    if !is_headed(body) && (text.len() * 10 < solid * 7 || !begins_base64(body)) {
        return;
    }
    let enough = if ended { 40 } else { 120 };
    if text.len() < enough
        || values::entropy(&text) < 4.0
        || values::is_placeholder(&text[..text.len().min(40)])
    {
        return;
    }
    let end = if ended {
        let tail = head + body.len();
        tail + memmem::find(&block[tail + 5..], b"-----").map_or(0, |n| n + 10)
    } else {
        head + body.len()
    };
    hits.push(whole(source, &rules::PEM, "a private key", at, at + end, head, "PRIVATE_KEY"));
}

/// Base64 follows the first line at once, and not code that looks for that line. Between them stand at most an end of line, in
/// one of its forms, and what ends and begins a literal.
fn begins_base64(body: &[u8]) -> bool {
    let mut n = 0;
    while n < body.len() {
        match body[n] {
            b'\\' => n += 2,
            byte if byte.is_ascii_whitespace() || b"\"'`+.,*#|>/;$&<-".contains(&byte) => n += 1,
            _ => break,
        }
    }
    let text = &body[n.min(body.len())..];
    text.iter().take_while(|b| BASE64.has(**b)).count() >= 16
}

/// Headers follow the first line at once: `Proc-Type: 4,ENCRYPTED`.
fn is_headed(body: &[u8]) -> bool {
    let text = body.trim_ascii_start();
    let text = text.strip_prefix(b"\\r").unwrap_or(text);
    let text = text.strip_prefix(b"\\n").unwrap_or(text).trim_ascii_start();
    let name = text.iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-').count();
    name > 0 && text[name..].starts_with(b": ")
}

/// The base64 of a body: without line ends, quotes and signs between its lines, and without its headers.
fn pem_text(body: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(body.len());
    for line in body.split(|b| *b == b'\n') {
        let line = line.trim_ascii();
        // `Proc-Type: 4,ENCRYPTED` and kin.
        if memchr::memchr(b':', line).is_some() && line.len() < 90 && !line.starts_with(b"\"") {
            continue;
        }
        let mut bytes = line.iter().peekable();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' => {
                    bytes.next();
                }
                b'"' | b'\'' | b' ' | b'+' if text.is_empty() => {}
                byte if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=') => {
                    text.push(*byte);
                }
                _ => {}
            }
        }
    }
    text
}

/// `PuTTY`'s format: its private part is counted in lines.
pub fn putty(source: &Source<'_>, at: usize, hits: &mut Vec<Hit>) {
    let rest = source.ahead(at, LONGEST_PEM);
    if memmem::find(&rest[..rest.len().min(60)], b"Private-Lines:").is_none()
        && memmem::find(rest, b"Private-Lines:").is_none()
    {
        return;
    }
    let end = memmem::find(rest, b"Private-MAC:").unwrap_or(rest.len());
    hits.push(whole(source, &rules::PEM, "a private key", at, at + end, 24, "PRIVATE_KEY"));
}
