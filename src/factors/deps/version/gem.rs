//! Ruby's versions (`Gem::Version`): segments of digits or letters; a letter is before every number.

use super::number;
use std::cmp::Ordering;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Word(String),
    Number(u64),
}

/// Which comes first; missing segments are zeros.
pub fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (segments(left)?, segments(right)?);
    let zero = Segment::Number(0);
    let longest = left.len().max(right.len());
    let order = (0..longest)
        .map(|at| left.get(at).unwrap_or(&zero).cmp(right.get(at).unwrap_or(&zero)))
        .find(|order| order.is_ne());
    Some(order.unwrap_or(Ordering::Equal))
}

fn segments(text: &str) -> Option<Vec<Segment>> {
    // `1.0-2` is `1.0.pre.2`.
    let text = text.trim().replace('-', ".pre.");
    number(&text)?;
    let mut segments = Vec::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        if let Some((number, after)) = number(rest) {
            segments.push(Segment::Number(number));
            rest = after;
        } else if first.is_ascii_alphabetic() {
            let end = rest.find(|end: char| !end.is_ascii_alphabetic()).unwrap_or(rest.len());
            segments.push(Segment::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            rest = &rest[first.len_utf8()..];
        }
    }
    // `1.0.a` is `1.a`: zeros before a word count nothing.
    let word = segments.iter().position(|segment| matches!(segment, Segment::Word(_)));
    let end = word.unwrap_or(segments.len());
    let start =
        segments[..end].iter().rposition(|segment| *segment != Segment::Number(0)).map_or(0, |at| at + 1);
    segments.drain(start..end);
    Some(segments)
}
