//! Constraints in the words of each tool, and whether a version keeps them.
//!
//! Every dialect comes down to alternatives of comparisons; carets, tildes and wildcards are two comparisons.

use super::{compare, number, pep440, semver};
use crate::factors::deps::model::{Dialect, Ecosystem};
use std::cmp::Ordering;

/// Whether a version keeps a constraint; `None` where that cannot be told: a branch, a URL, a tag, a syntax of
/// somebody's own.
pub fn admits(dialect: Dialect, constraint: &str, version: &str) -> Option<bool> {
    let constraint = constraint.trim();
    if dialect == Dialect::Python {
        let version_read = pep440::Version::parse(version)?;
        let all = pep440::specifiers(constraint)?;
        return Some(all.iter().all(|specifier| specifier.admits(&version_read, version)));
    }
    let ecosystem = ecosystem(dialect);
    let mut is_kept = false;
    for alternative in alternatives(dialect, constraint) {
        let terms = terms(dialect, &alternative)?;
        let mut all = true;
        for term in &terms {
            all &= term.admits(ecosystem, version)?;
        }
        // Where nothing is compared nobody asked for a release: `*` is what tags and overrides stand behind.
        if matches!(dialect, Dialect::Npm | Dialect::Cargo) && !terms.is_empty() {
            all &= semver::may_be_taken(version, terms.iter().map(|term| term.version.as_str()));
        }
        is_kept |= all;
    }
    Some(is_kept)
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    op: Op,
    version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Term {
    fn admits(&self, ecosystem: Ecosystem, version: &str) -> Option<bool> {
        let order = compare(ecosystem, version, &self.version)?;
        Some(match self.op {
            Op::Equal => order == Ordering::Equal,
            Op::NotEqual => order != Ordering::Equal,
            Op::Less => order == Ordering::Less,
            Op::AtMost => order != Ordering::Greater,
            Op::Greater => order == Ordering::Greater,
            Op::AtLeast => order != Ordering::Less,
        })
    }
}

fn ecosystem(dialect: Dialect) -> Ecosystem {
    match dialect {
        Dialect::Python | Dialect::Poetry => Ecosystem::PyPI,
        Dialect::Npm => Ecosystem::Npm,
        Dialect::Cargo => Ecosystem::CratesIo,
        Dialect::Go => Ecosystem::Go,
        Dialect::Gem => Ecosystem::RubyGems,
        Dialect::Composer => Ecosystem::Packagist,
        Dialect::Hex => Ecosystem::Hex,
    }
}

fn alternatives(dialect: Dialect, constraint: &str) -> Vec<String> {
    let or = match dialect {
        Dialect::Hex => " or ",
        Dialect::Composer if !constraint.contains("||") => "|",
        _ => "||",
    };
    constraint.split(or).map(str::to_owned).collect()
}

/// Everything that must hold at once.
fn terms(dialect: Dialect, text: &str) -> Option<Vec<Term>> {
    // Composer's `dev-main as 1.0` installs what stands first.
    let text = text.split(" as ").next().unwrap_or_default().trim();
    let has_ranges = matches!(dialect, Dialect::Npm | Dialect::Composer);
    if let Some((from, to)) = text.split_once(" - ").filter(|_| has_ranges) {
        let mut all = vec![Term { op: Op::AtLeast, version: lowest(dialect, plain(from)?) }];
        // A partial upper end takes in all that begins with it.
        all.extend(upper_end(dialect, to.trim())?);
        return Some(all);
    }
    let text = text.replace(" and ", ",");
    let mut all = Vec::new();
    let mut pending = String::new();
    for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
        pending.push_str(word);
        // `>= 1.2` is one comparison in two words.
        if word.ends_with(['<', '>', '=', '~', '^', '!']) {
            continue;
        }
        all.extend(comparison(dialect, &pending)?);
        pending.clear();
    }
    pending.is_empty().then_some(all)
}

fn upper_end(dialect: Dialect, to: &str) -> Option<Vec<Term>> {
    let given = numbers(to);
    if given.len() >= 3 || dialect == Dialect::Composer && says_stability(to) {
        return Some(vec![Term { op: Op::AtMost, version: plain(to)? }]);
    }
    Some(vec![Term { op: Op::Less, version: after(dialect, &given, given.len().checked_sub(1)?) }])
}

fn comparison(dialect: Dialect, term: &str) -> Option<Vec<Term>> {
    const SIGNS: [&str; 13] = ["~>", "~=", "===", "==", "!=", "<>", ">=", "<=", "^", "~", "=", ">", "<"];
    let sign = SIGNS.into_iter().find(|sign| term.starts_with(sign)).unwrap_or("");
    let version = term[sign.len()..].trim();
    // `dev-main#commit`: the branch is meant.
    let version = version.split('#').next().unwrap_or_default();
    let (version, stability) = version.split_once('@').unwrap_or((version, ""));
    if version.is_empty() || ["*", "x", "X", "any"].contains(&version) {
        return (sign.is_empty() || sign == "^" || sign.contains('=')).then(Vec::new);
    }
    let given = numbers(version);
    let is_wildcard = has_wildcard(version);
    if given.is_empty() {
        return None;
    }
    let last = given.len() - 1;
    let written = plain(version)?;
    let from = Term { op: Op::AtLeast, version: lowest(dialect, written.clone()) };
    let below = |at: usize| Term { op: Op::Less, version: after(dialect, &given, at) };
    let one = |op: Op| vec![Term { op, version: bound(dialect, op, written.clone(), stability) }];
    let is_partial = is_wildcard || given.len() < 3 && matches!(dialect, Dialect::Npm | Dialect::Cargo);
    Some(match sign {
        "!=" | "<>" => one(Op::NotEqual),
        ">=" => one(Op::AtLeast),
        "<" => one(Op::Less),
        // `> 1.2` leaves out all of 1.2 where a partial version means all that begins with it.
        ">" if is_partial => vec![Term { op: Op::AtLeast, version: next(&given, last) }],
        ">" => one(Op::Greater),
        "<=" if is_partial => vec![below(last)],
        "<=" => one(Op::AtMost),
        "^" => vec![from, below(caret(&given))],
        "" if dialect == Dialect::Cargo && !is_wildcard => vec![from, below(caret(&given))],
        "~>" | "~=" => vec![from, below(last.saturating_sub(1))],
        // Composer's tilde lets the last number go up; the others' never more than the patch.
        "~" if dialect == Dialect::Composer => vec![from, below(last.saturating_sub(1))],
        "~" => vec![from, below(last.min(1))],
        _ if is_partial => vec![from, below(last)],
        _ => one(Op::Equal),
    })
}

/// The numbers that are given, up to a wildcard.
fn numbers(version: &str) -> Vec<u64> {
    let version = version.trim_start_matches(['v', 'V']);
    let mut all = Vec::new();
    let mut rest = version;
    while let Some((next, after)) = number(rest) {
        all.push(next);
        match after.strip_prefix('.') {
            Some(after) => rest = after,
            None => break,
        }
    }
    all
}

fn has_wildcard(version: &str) -> bool {
    version.split('.').any(|part| ["*", "x", "X"].contains(&part))
}

/// The version that a term begins with: without wildcards.
fn plain(version: &str) -> Option<String> {
    let version = version.trim();
    if !has_wildcard(version) {
        return Some(version.to_owned()).filter(|version| !numbers(version).is_empty());
    }
    let given = numbers(version);
    (!given.is_empty()).then(|| join(&given))
}

/// What a caret lets through ends after the first number that is not zero.
fn caret(given: &[u64]) -> usize {
    given.iter().position(|number| *number != 0).unwrap_or(given.len() - 1)
}

/// Where Composer lets a range begin: with the `-dev` of its first version, unless the constraint says another
/// stability (`VersionParser::parseConstraint`).
fn lowest(dialect: Dialect, version: String) -> String {
    let is_bare = dialect == Dialect::Composer && !says_stability(&version);
    if is_bare { version + "-dev" } else { version }
}

fn says_stability(version: &str) -> bool {
    version.trim_start_matches(['v', 'V']).contains(|letter: char| letter.is_ascii_alphabetic())
}

/// What one comparison is with. Composer's `>=1.0@beta` is `>=1.0-beta`; without a word `>=` and `<` mean the `-dev`.
fn bound(dialect: Dialect, op: Op, version: String, stability: &str) -> String {
    if ["", "stable"].contains(&stability) {
        return if matches!(op, Op::AtLeast | Op::Less) { lowest(dialect, version) } else { version };
    }
    let is_raised = dialect == Dialect::Composer && op != Op::Equal && !says_stability(&version);
    if is_raised { format!("{version}-{stability}") } else { version }
}

/// The first version past all that begin with the numbers up to `at`: before its own pre-releases too.
fn after(dialect: Dialect, given: &[u64], at: usize) -> String {
    let lowest = match dialect {
        Dialect::Python | Dialect::Poetry => ".dev0",
        Dialect::Gem => ".a",
        Dialect::Composer => "-dev",
        _ => "-0",
    };
    next(given, at) + lowest
}

/// The release itself that comes after all that begin with the numbers up to `at`.
fn next(given: &[u64], at: usize) -> String {
    let mut next = given[..=at].to_vec();
    next[at] = next[at].saturating_add(1);
    next.resize(next.len().max(3), 0);
    join(&next)
}

fn join(numbers: &[u64]) -> String {
    let words: Vec<String> = numbers.iter().map(u64::to_string).collect();
    words.join(".")
}

/// The one version that a set of Python's comparisons names.
pub fn exact_version(constraint: &str) -> Option<&str> {
    let terms = constraint.split(',').map(str::trim);
    let mut exact = terms.filter_map(|term| term.strip_prefix("===").or_else(|| term.strip_prefix("==")));
    exact.next().map(str::trim).filter(|version| !version.ends_with(".*"))
}
