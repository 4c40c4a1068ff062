//! Versions of every ecosystem, told which comes first. Written by us because the answer to "is it affected"
//! hangs on it, and each ecosystem has its own.

pub mod constraint;
pub mod pep440;

mod composer;
mod gem;
mod semver;

use super::model::Ecosystem;
use std::cmp::Ordering;

/// Which of two versions comes first; `None` when one of them is none.
pub fn compare(ecosystem: Ecosystem, left: &str, right: &str) -> Option<Ordering> {
    match ecosystem {
        Ecosystem::PyPI => Some(pep440::Version::parse(left)?.cmp(&pep440::Version::parse(right)?)),
        Ecosystem::RubyGems => gem::compare(left, right),
        Ecosystem::Packagist | Ecosystem::Maven => composer::compare(left, right),
        Ecosystem::Npm | Ecosystem::CratesIo | Ecosystem::Go | Ecosystem::Hex => semver::compare(left, right),
    }
}

/// The digits at the start of a text as a number, and the rest. A number past all bounds is the greatest.
fn number(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = text[..digits]
        .bytes()
        .fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    (digits > 0).then(|| (number, &text[digits..]))
}

#[cfg(test)]
mod tests;
