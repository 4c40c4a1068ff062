//! A table of options in which each names its variable: `port: { env: "APP_PORT", default: 1337 }`, as applications write it
//! for a loop that goes through the whole.

use memchr::memmem;

use super::super::language::Language;
use super::super::receiver::{innermost, name_ending};
use super::super::source::{At, Source};
use super::calls::literal;
use super::defaults::{self, closing};
use super::{Read, is_in_capitals, text};

/// So many make a table; fewer may be anything.
const TABLE: usize = 3;
/// How far around an entry the others are looked for.
const AROUND: usize = 4000;

/// The word `env` is a key at `at..end`.
pub fn entry(source: &Source<'_>, at: usize, end: usize, reads: &mut Vec<Read>) {
    if source.language != Language::JavaScript || source.byte(end) != b':' || source.at(at) != At::Code {
        return;
    }
    let Some(name) = named(source, end) else { return };
    let from = at.saturating_sub(AROUND);
    let around = source.ahead(from, 2 * AROUND);
    let alike = memmem::find_iter(around, b"env:").filter(|n| named(source, from + n + 3).is_some());
    if alike.take(TABLE).count() < TABLE {
        return;
    }
    let behind = source.behind(at, 400);
    let receiver = innermost(behind).filter(|(_, bracket)| *bracket == b'{').and_then(|(open, _)| {
        let key = behind[..open].trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
        let key = key.strip_suffix(b"\"").or_else(|| key.strip_suffix(b"'")).unwrap_or(key);
        Some(text(&key[name_ending(key, key.len())?]))
    });
    let rest = source.ahead(name.end + 1, 600);
    let default = memmem::find(&rest[..closing(rest)], b"default:").map(|n| name.end + 1 + n + 8);
    reads.push(Read {
        name: text(&source.text[name.clone()]),
        span: name,
        receiver,
        has_default: default.is_some(),
        default: default.and_then(|from| defaults::literal(source, from)),
    });
}

/// The variable's name behind the key that ends at `end`.
fn named(source: &Source<'_>, end: usize) -> Option<std::ops::Range<usize>> {
    let blank = source.ahead(end + 1, 8).iter().take_while(|b| b.is_ascii_whitespace()).count();
    literal(source, end + 1 + blank).filter(|name| is_in_capitals(&source.text[name.clone()]))
}
