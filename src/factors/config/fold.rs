//! Many of one kind in one file are one thing to mend: a client of one vendor's API names its host in every call.

use std::collections::BTreeMap;

use memchr::memchr_iter;

use super::hits::Hit;
use super::rules;
use super::source::Source;
use crate::factors::finding::Level;

/// From so many on they are told as one.
const MANY: usize = 5;
/// So many lines are named.
const LINES: usize = 12;

/// URLs of one host become one, at the first, that tells where the others are.
pub fn fold(source: &Source<'_>, hits: &mut Vec<Hit>) {
    let mut places: BTreeMap<(String, Level), Vec<usize>> = BTreeMap::new();
    for hit in hits.iter().filter(|hit| is_url(hit)) {
        places.entry((hit.message.clone(), hit.level)).or_default().push(hit.span.start);
    }
    places.retain(|_, starts| {
        starts.sort_unstable();
        starts.dedup();
        starts.len() >= MANY
    });
    if places.is_empty() {
        return;
    }
    hits.retain_mut(|hit| {
        let Some(starts) = places.get(&(hit.message.clone(), hit.level)).filter(|_| is_url(hit)) else {
            return true;
        };
        let first = hit.span.start == starts[0];
        if first {
            hit.message.push_str(&others(source, starts));
        }
        first
    });
}

fn is_url(hit: &Hit) -> bool {
    hit.rule.id == rules::SERVICE_URL.id
}

/// `, and 7 more in this file, in the lines 3, 8, …`
fn others(source: &Source<'_>, starts: &[usize]) -> String {
    let (mut line, mut passed) = (1, 0);
    let mut lines: Vec<usize> = Vec::new();
    for start in starts {
        line += memchr_iter(b'\n', &source.text[passed..*start]).count();
        passed = *start;
        lines.push(line);
    }
    let others = lines.len() - 1;
    lines.remove(0);
    lines.dedup();
    let shown: Vec<String> = lines.iter().take(LINES).map(usize::to_string).collect();
    let more = if lines.len() > LINES { ", …" } else { "" };
    format!(", and {others} more of its URLs in this file: lines {}{more}", shown.join(", "))
}
