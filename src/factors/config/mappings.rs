//! Mappings of secrets in YAML: under `app_secrets:` or `passwords:` each entry has what the parent says, whatever it is called.

use std::ops::Range;

use super::assign::{Assigned, Style};
use super::language::Language;
use super::names::{self, says};
use super::source::Source;
use super::vocabulary::ABOUT;

/// How far down the entries are looked for.
const NEAR: usize = 4 << 10;

/// The entries right below the name at `name`, with nothing behind its colon and with plain values of their own. What has a
/// name that says by itself what it is, or what it is about, is left to that name.
pub fn entries(source: &Source<'_>, name: &Range<usize>) -> Vec<Assigned> {
    let mut found = Vec::new();
    if source.language != Language::Yaml
        || !is_of_secrets(&source.text[name.clone()])
        || source.right(name.end).trim_ascii() != b":"
    {
        return found;
    }
    let own = source.left(name.start);
    if !own.iter().all(|b| *b == b' ') {
        return found;
    }
    let mut at = name.end + source.right(name.end).len() + 1;
    let mut column = None;
    for line in source.ahead(at, NEAR).split_inclusive(|b| *b == b'\n') {
        let start = at;
        at += line.len();
        let text = line.trim_ascii();
        if text.is_empty() || text[0] == b'#' {
            continue;
        }
        let here = line.iter().take_while(|b| **b == b' ').count();
        let column = *column.get_or_insert(here);
        if here <= own.len() || here < column {
            break;
        }
        if here == column
            && let Some(entry) = entry(source, start + here)
        {
            found.push(entry);
        }
    }
    found
}

/// Several passwords, secrets or keys.
fn is_of_secrets(name: &[u8]) -> bool {
    let words = names::words(name);
    let last = words.last().map_or("", String::as_str);
    let keys = last == "keys" && words.len() > 1 && words[words.len() - 2] == "api";
    keys || matches!(last, "secrets" | "passwords" | "credentials")
}

/// `name: value` at `at`.
fn entry(source: &Source<'_>, at: usize) -> Option<Assigned> {
    let line = source.right(at);
    let colon = memchr::memmem::find(line, b": ")?;
    let name = at..at + colon;
    let own = &source.text[name.clone()];
    let plain = own.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let about = names::words(own).last().is_some_and(|last| ABOUT.contains(&last.as_str()));
    if !plain || about || says(own).is_some() {
        return None;
    }
    let rest = &line[colon + 2..];
    let value = rest.trim_ascii();
    let from = at + colon + 2 + rest.len() - rest.trim_ascii_start().len();
    match value {
        [quote @ (b'"' | b'\''), inner @ .., last] if quote == last => {
            let value = from + 1..from + 1 + inner.len();
            Some(Assigned { name, value, style: Style::Given, quoted: true })
        }
        [] | [b'"' | b'\'' | b'{' | b'[' | b'|' | b'>' | b'!' | b'&' | b'*' | b'$', ..] => None,
        _ => Some(Assigned { name, value: from..from + value.len(), style: Style::Given, quoted: false }),
    }
}
