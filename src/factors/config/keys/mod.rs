//! The formats of keys, a row for each, in tables by what the provider is for.
//!
//! Each row is written from what the provider documents of its keys and says in words where; `(structure)` there means that
//! the length is that of keys as they are issued, because no page tells it. A format with a prefix of
//! its own is sure wherever it stands; one without needs the provider's name before it.

pub mod published;
pub mod shape;

mod ai;
mod cloud;
mod code;
mod data;
mod identity;
mod money;
mod observe;
mod saas;
mod talk;
mod webhooks;

use self::shape::{Part, matches};
use crate::factors::finding::Rule;

#[derive(Debug)]
pub struct Key {
    pub rule: Rule,
    /// `GitHub personal access token`.
    pub what: &'static str,
    /// The variable from which programs usually read it.
    pub variable: &'static str,
    /// Words of which one stands before it. Empty when the format is sure by itself.
    pub words: &'static [&'static str],
    pub parts: &'static [Part],
}

/// A row: id, what it is, its usual variable, the words before it, its shape, and where the format is documented.
macro_rules! keys {
    ($(#[$doc:meta])* $name:ident: $($id:literal, $what:literal, $variable:literal, [$($word:literal),*], [$($part:expr),*], $from:literal;)*) => {
        $(#[$doc])*
        pub static $name: &[$crate::factors::config::keys::Key] = &[$($crate::factors::config::keys::Key {
            rule: $crate::factors::finding::Rule {
                id: concat!("config/key-", $id),
                factor: $crate::factors::finding::Factor::Config,
                level: $crate::factors::finding::Level::Error,
                summary: concat!("finds a ", $what, " in a file"),
                explain: concat!(
                    "Whoever can read the file can use the key, and so can whoever reads any old version of it. Documented keys of \
                     examples and rows of one character are not found.\n\nTo cure it: revoke the key, for it is known; then read the new one \
                     from the environment (", $variable, ").\n\nThe format: ", $from, "."
                ),
            },
            what: $what,
            variable: $variable,
            words: &[$($word),*],
            parts: &[$($part),*],
        }),*];
    };
}
pub(crate) use keys;

/// Every key, in a fixed order.
pub fn all() -> impl Iterator<Item = &'static Key> {
    [
        ai::AI,
        cloud::CLOUD,
        code::CODE,
        data::DATA,
        identity::IDENTITY,
        money::MONEY,
        observe::OBSERVE,
        saas::SAAS,
        talk::TALK,
        webhooks::WEBHOOKS,
    ]
    .into_iter()
    .flatten()
}

impl Key {
    /// The words of which one must be near before it pays to look: the provider's name, or the first fixed part of the format.
    pub fn keywords(&self) -> &'static [&'static str] {
        if !self.words.is_empty() {
            return self.words;
        }
        let fixed = self.parts.iter().find(|part| !matches!(part, Part::Run(..)));
        match fixed {
            Some(Part::Any(words)) => words,
            Some(Part::Is(word)) => std::slice::from_ref(word),
            _ => &[],
        }
    }

    /// Where a key begins whose first fixed part stands at `at`: some have a run before it.
    pub fn start(&self, text: &[u8], at: usize) -> usize {
        match self.parts.first() {
            Some(Part::Run(class, _, most)) => {
                at - text[..at].iter().rev().take(usize::from(*most)).take_while(|b| class.has(**b)).count()
            }
            _ => at,
        }
    }

    /// Begins with bytes that other keys and data have as well.
    pub fn has_no_prefix(&self) -> bool {
        matches!(self.parts.first(), Some(Part::Run(..)))
    }

    pub fn is_sure(&self) -> bool {
        self.words.is_empty()
    }

    pub fn end(&self, text: &[u8], at: usize) -> Option<usize> {
        matches(self.parts, text, at)
    }

    /// How many bytes at the beginning of `value` are the same for every such key.
    pub fn public_prefix(&self, value: &[u8]) -> usize {
        match self.parts.first() {
            Some(Part::Is(word)) => word.len().min(value.len()),
            Some(Part::Any(words)) => {
                words.iter().find(|w| value.starts_with(w.as_bytes())).map_or(0, |w| w.len())
            }
            _ => 0,
        }
    }
}

/// The prefix by which people recognise a key, when `value` begins with one and goes on.
pub fn known_prefix(value: &[u8]) -> Option<usize> {
    const KNOWN: &[&str] = &[
        "sk-",
        "sk_live_",
        "sk_test_",
        "pk_live_",
        "pk_test_",
        "rk_live_",
        "ghp_",
        "gho_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "SG.",
        "AKIA",
        "AIza",
        "hf_",
        "r8_",
        "npm_",
        "pypi-",
        "dop_v1_",
        "whsec_",
        "shpat_",
        "gsk_",
        "tvly-",
        "pplx-",
        "xai-",
        "lin_api_",
    ];
    let prefix = KNOWN.iter().find(|prefix| value.starts_with(prefix.as_bytes()))?;
    (value.len() > prefix.len() + 3).then_some(prefix.len())
}
