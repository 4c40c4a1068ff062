//! PHP's versions, in the order of `version_compare`: dev, alpha, beta, RC, the number, patch level.

use super::number;
use std::cmp::Ordering;

/// Which comes first. A branch (`dev-main`) is no version.
pub fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (parts(left)?, parts(right)?);
    let longest = left.len().max(right.len());
    let order = (0..longest).map(|at| part(&left, at).cmp(&part(&right, at))).find(|order| order.is_ne());
    Some(order.unwrap_or(Ordering::Equal))
}

/// Rank and number: words below numbers, except for patch levels. What is missing is a zero.
fn part(parts: &[(i8, u64)], at: usize) -> (i8, u64) {
    parts.get(at).copied().unwrap_or((0, 0))
}

fn parts(text: &str) -> Option<Vec<(i8, u64)>> {
    let text = text.trim().trim_start_matches(['v', 'V']);
    let text = text.split(['+', '@']).next().unwrap_or_default();
    number(text)?;
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((number, after)) = number(rest) {
            parts.push((0, number));
            rest = after;
        } else if let Some(after) = branch(rest) {
            parts.resize(parts.len().max(4), (0, OF_BRANCH));
            rest = after;
        } else if first.is_ascii_alphabetic() {
            let end = rest.find(|end: char| !end.is_ascii_alphabetic()).unwrap_or(rest.len());
            let rank = rank(&rest[..end]);
            // A word begins after the fourth number, as Composer fills versions up.
            parts.resize(parts.len().max(4), (0, 0));
            let after = rest[end..].trim_start_matches(['.', '-']);
            let (number, after) = number(after).unwrap_or((0, after));
            parts.push((rank, number));
            rest = after;
        } else {
            rest = &rest[first.len_utf8()..];
        }
    }
    Some(parts)
}

/// What a branch has for the numbers that it leaves open: `1.x-dev` is after every version 1
/// (`VersionParser::normalizeBranch`).
const OF_BRANCH: u64 = 9_999_999;

/// What follows the `x` of `1.x-dev`.
fn branch(rest: &str) -> Option<&str> {
    let after = rest.strip_prefix(['x', 'X', '*'])?;
    (!after.starts_with(|next: char| next.is_ascii_alphanumeric())).then_some(after)
}

fn rank(word: &str) -> i8 {
    match word.to_ascii_lowercase().as_str() {
        "dev" => -5,
        "alpha" | "a" => -4,
        "beta" | "b" => -3,
        "rc" | "c" => -2,
        "pl" | "p" | "patch" => 1,
        "stable" => 0,
        _ => -6,
    }
}
