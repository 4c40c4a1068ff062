//! Semantic versions: npm, crates, Go modules, Hex. A leading `v` and missing numbers are taken as meant.

use super::number;
use std::cmp::Ordering;

/// Which comes first (semver 2.0, item 11).
pub fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (split(left)?, split(right)?);
    let release = left.0.cmp(&right.0);
    Some(release.then_with(|| match (left.1, right.1) {
        ("", "") => Ordering::Equal,
        ("", _) => Ordering::Greater,
        (_, "") => Ordering::Less,
        (left, right) => prerelease(left, right),
    }))
}

/// Whether a version may be taken where a constraint names these: a pre-release only where one of them is a pre-release
/// of the same three numbers (node-semver, "Prerelease Tags"; Cargo's `semver` does the same).
pub fn may_be_taken<'a>(version: &str, mut named: impl Iterator<Item = &'a str>) -> bool {
    let Some((release, pre)) = split(version) else { return true };
    pre.is_empty()
        || named.any(|named| split(named).is_some_and(|(other, pre)| other == release && !pre.is_empty()))
}

/// The three numbers and the pre-release; the build is nothing.
fn split(text: &str) -> Option<([u64; 3], &str)> {
    let text = text.trim().trim_start_matches(['v', '=', ' ']);
    let text = text.split('+').next().unwrap_or_default();
    let mut numbers = [0; 3];
    let (first, mut rest) = number(text)?;
    numbers[0] = first;
    for slot in &mut numbers[1..] {
        let Some((next, after)) = rest.strip_prefix('.').and_then(number) else { break };
        (*slot, rest) = (next, after);
    }
    // Anything else that follows is taken for a pre-release, as npm's loose reading does.
    Some((numbers, rest.trim_start_matches(['-', '.'])))
}

fn prerelease(left: &str, right: &str) -> Ordering {
    let mut right_parts = right.split('.');
    for left in left.split('.') {
        let Some(right) = right_parts.next() else { return Ordering::Greater };
        let order = match (whole(left), whole(right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => left.cmp(right),
        };
        if order.is_ne() {
            return order;
        }
    }
    if right_parts.next().is_some() { Ordering::Less } else { Ordering::Equal }
}

fn whole(text: &str) -> Option<u64> {
    number(text).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number)
}
