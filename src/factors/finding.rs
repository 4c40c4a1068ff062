//! What a check has to say: a finding, its rule, its place. It must not know how anything is shown.

use std::fmt;
use std::sync::Arc;

/// What a rule belongs to: one of the twelve factors, or what stands beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Factor {
    /// I
    Codebase,
    /// II
    Deps,
    /// III
    Config,
    /// IV
    Services,
    /// V
    Release,
    /// VI
    Stateless,
    /// VII
    Port,
    /// VIII
    Processes,
    /// IX
    Shutdown,
    /// X
    Parity,
    /// XI
    Logs,
    /// XII
    Admin,
    /// No factor of its own: how the app says that it is well.
    Health,
    /// No factor at all: what is written about the audit itself.
    Audit,
}

impl Factor {
    /// What can be asked for by name, in the order of the numerals.
    pub const ALL: [Self; 13] = [
        Self::Codebase,
        Self::Deps,
        Self::Config,
        Self::Services,
        Self::Release,
        Self::Stateless,
        Self::Port,
        Self::Processes,
        Self::Shutdown,
        Self::Parity,
        Self::Logs,
        Self::Admin,
        Self::Health,
    ];

    /// As it is typed, and as rules begin.
    pub fn name(self) -> &'static str {
        match self {
            Self::Codebase => "codebase",
            Self::Deps => "deps",
            Self::Config => "config",
            Self::Services => "services",
            Self::Release => "release",
            Self::Stateless => "stateless",
            Self::Port => "port",
            Self::Processes => "processes",
            Self::Shutdown => "shutdown",
            Self::Parity => "parity",
            Self::Logs => "logs",
            Self::Admin => "admin",
            Self::Health => "health",
            Self::Audit => "audit",
        }
    }

    /// `III`; those that are no factor have none.
    pub fn numeral(self) -> Option<&'static str> {
        const NUMERALS: [&str; 12] =
            ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];
        NUMERALS.get(self as usize).copied()
    }

    /// `factor III, config`.
    pub fn title(self) -> String {
        match self.numeral() {
            Some(numeral) => format!("factor {numeral}, {}", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// The factor of this numeral or name, whatever its case.
    pub fn find(word: &str) -> Option<Self> {
        let is = |factor: &Self| {
            factor.name().eq_ignore_ascii_case(word)
                || factor.numeral().is_some_and(|numeral| numeral.eq_ignore_ascii_case(word))
        };
        Self::ALL.into_iter().find(is)
    }
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Never counted.
    Note,
    /// Very likely breaks the factor, or does so only in production.
    Warn,
    /// Breaks the factor.
    Error,
}

impl Level {
    /// For machines.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// What is looked for, and why.
#[derive(Debug)]
pub struct Rule {
    /// `config/db-url`.
    pub id: &'static str,
    /// Which factor it is about.
    pub factor: Factor,
    /// What a finding weighs unless it says otherwise.
    pub level: Level,
    /// One sentence: what it finds.
    pub summary: &'static str,
    /// For `--explain`: why it matters, what is found and what is not, how to cure it, where the rule comes from.
    pub explain: &'static str,
}

/// A stretch of a file. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Relative to the root that was looked at, with `/`.
    pub path: Arc<str>,
    /// Of its beginning.
    pub line: u32,
    /// Of its beginning.
    pub column: u32,
    /// Of its end.
    pub end_line: u32,
    /// Of its end.
    pub end_column: u32,
}

impl Place {
    /// The beginning of a line, where a file or a line as a whole is meant.
    pub fn line(path: &Arc<str>, line: u32) -> Self {
        Self { path: Arc::clone(path), line, column: 1, end_line: line, end_column: 1 }
    }
}

/// What must never be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The bytes themselves, for the fingerprint's keyed digest and for masking the line; never printed.
    pub value: Vec<u8>,
    /// How many of its first bytes are a public prefix of its kind (`sk-`, `AKIA`), which may be shown.
    pub public_prefix: usize,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.value.len())
    }
}

/// One thing found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// By which rule.
    pub rule: &'static Rule,
    /// What it weighs.
    pub level: Level,
    /// A sentence without the secret.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What to do about it.
    pub help: String,
    /// The secret that stands at `place`, when it is one.
    pub secret: Option<Secret>,
}

impl Finding {
    /// A finding that weighs what its rule says, and is no secret.
    pub fn new(
        rule: &'static Rule,
        place: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { rule, level: rule.level, message: message.into(), place, help: help.into(), secret: None }
    }
}

/// Something that speaks for the app, not against it: an environment read, a fresh lock.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// `config/env-read`.
    pub kind: &'static str,
    /// Which factor it is about.
    pub factor: Factor,
    /// A sentence.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Further fields for JSON: name and value.
    pub details: Vec<(&'static str, String)>,
}

/// What could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unchecked {
    /// A file, a database, a factor.
    pub what: String,
    /// The reason.
    pub why: String,
}

/// What a check has to say about a file, or about everything.
#[derive(Debug, Default)]
pub struct Report {
    /// What speaks against the app.
    pub findings: Vec<Finding>,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
    /// What should have been looked at and could not be: the answer is incomplete.
    pub unchecked: Vec<Unchecked>,
    /// Why nothing can be said about the factor, where there is nothing that could have been looked at.
    pub undecided: Option<String>,
}

impl Report {
    /// Nothing can be said, and why.
    pub fn undecided(why: impl Into<String>) -> Self {
        Self { undecided: Some(why.into()), ..Self::default() }
    }

    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.evidence.extend(other.evidence);
        self.unchecked.extend(other.unchecked);
        self.undecided = self.undecided.take().or(other.undecided);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_found_by_its_numeral_and_by_its_name() {
        for (word, factor) in [
            ("III", Some(Factor::Config)),
            ("iii", Some(Factor::Config)),
            ("config", Some(Factor::Config)),
            ("XII", Some(Factor::Admin)),
            ("health", Some(Factor::Health)),
            ("audit", None),
            ("XIII", None),
            ("", None),
        ] {
            assert_eq!(Factor::find(word), factor, "{word}");
        }
        assert_eq!(Factor::ALL.iter().filter_map(|factor| factor.numeral()).count(), 12);
    }

    #[test]
    fn a_secret_does_not_show_itself_to_who_debugs() {
        let secret = Secret { value: b"canary-value".to_vec(), public_prefix: 0 };
        assert!(!format!("{secret:?}").contains("canary"));
    }
}
