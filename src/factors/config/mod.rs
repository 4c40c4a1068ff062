//! Factor III, config in the environment: what `audit config` says about a file, and about the tree as a whole.
//!
//! One automaton meets every word that a rule waits for; a rule looks around its word, and a judgement of name, value
//! and context follows. Nothing here walks a tree, reads a file or asks git: bytes and names come in, findings go out.

#![forbid(unsafe_code)]

mod assign;
mod below;
mod built;
mod calls;
mod commands;
mod connects;
mod dsn;
mod encoded;
mod explained;
mod found_keys;
mod group;
mod help;
mod hits;
mod hosts;
mod keys;
mod language;
mod lexer;
mod literal;
mod mappings;
mod markup;
mod mentions;
pub(super) mod names;
mod password;
mod places;
mod reads;
mod receiver;
mod rows;
mod rules;
mod separator;
mod services;
mod settings;
mod socket;
mod source;
mod stand_ins;
mod stores;
mod syntax;
#[cfg(test)]
mod tests;
mod triggers;
mod urls;
mod values;
pub(super) mod vocabulary;
mod whole;

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use self::hits::Hit;
pub use self::reads::{EnvRead, EveryRead};
use self::reads::{Every, Read};
pub use self::settings::{Setting, SettingKind};
pub use self::socket::{Config, scan};
use self::source::{Places, Source};
use self::triggers::Trigger;
pub use self::whole::{Inventory, Name, committed, inventory};
use super::finding::{Evidence, Finding, Rule};

/// What one file has to say.
#[derive(Debug, Default)]
pub struct FileReport {
    /// In the order of the file.
    pub findings: Vec<Finding>,
    /// The environment reads once more, as they are listed.
    pub evidence: Vec<Evidence>,
    /// The same, with what an inventory asks of them.
    pub reads: Vec<EnvRead>,
    /// Where a library takes every variable, whatever its name.
    pub every: Vec<EveryRead>,
    /// Names that the file sets, if it is a `.env` or its example.
    pub settings: Vec<Setting>,
}

/// The rules, ready to be asked about any number of files by any number of threads.
#[derive(Debug)]
pub struct Scanner {
    words: AhoCorasick,
    triggers: Vec<Vec<Trigger>>,
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

/// Every rule of this factor.
pub fn all_rules() -> impl Iterator<Item = &'static Rule> {
    rules::ALL.iter().copied().chain(keys::all().map(|key| &key.rule))
}

impl Scanner {
    /// Builds the automaton: once is enough.
    pub fn new() -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut triggers: Vec<Vec<Trigger>> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (word, trigger) in triggers::triggers() {
            let place = *known.entry(word.to_ascii_lowercase()).or_insert_with(|| {
                words.push(word.to_ascii_lowercase());
                triggers.push(Vec::new());
                words.len() - 1
            });
            triggers[place].push(trigger);
        }
        let words = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&words)
            .expect("a thousand short words fit");
        Self { words, triggers }
    }

    /// `path` is relative to the root, with `/`: it tells the language and the part that the file plays.
    pub fn scan(&self, path: &str, bytes: &[u8]) -> FileReport {
        let source = Source::new(path, bytes);
        let mut look = Look {
            source: &source,
            hits: Vec::new(),
            reads: Vec::new(),
            every: Vec::new(),
            name_end: 0,
            host_end: 0,
        };
        for met in self.words.find_overlapping_iter(&*source.text) {
            for trigger in &self.triggers[met.pattern().as_usize()] {
                look.around(*trigger, met.start(), met.end());
            }
        }
        look.report()
    }
}

/// One file while it is looked at.
struct Look<'s, 't> {
    source: &'s Source<'t>,
    hits: Vec<Hit>,
    reads: Vec<Read>,
    every: Vec<Every>,
    /// Where the last name ended that was judged: a name holds several words, and is judged once.
    name_end: usize,
    host_end: usize,
}

impl Look<'_, '_> {
    fn around(&mut self, trigger: Trigger, at: usize, end: usize) {
        let (source, hits) = (self.source, &mut self.hits);
        match trigger {
            Trigger::Sure(key) => found_keys::sure(source, key, at, hits),
            Trigger::Pem => found_keys::pem(source, at, hits),
            Trigger::Putty => found_keys::putty(source, at, hits),
            Trigger::Jwt => found_keys::jwt(source, at, hits),
            // What follows is a judgement of context, and a dense file has none.
            _ if source.dense => {}
            Trigger::StandIn => found_keys::stand_in(source, at, hits),
            Trigger::Named(key) => found_keys::named(source, key, at, end, hits),
            Trigger::Name => self.name(at),
            Trigger::Host => {
                let name = assign::name_around(source, end - 1);
                if std::mem::replace(&mut self.host_end, name.end) != name.end {
                    hosts::look(source, end - 1, hits);
                }
            }
            Trigger::Address => hosts::address(source, at + 1, hits),
            Trigger::Url => urls::look(source, at, hits),
            Trigger::GoDsn => dsn::go(source, at, hits),
            Trigger::Call(calls) => calls::look(source, calls, at, end, hits),
            Trigger::Place(before) => places::look(source, before, end, hits),
            Trigger::Read(reader) => reads::look(source, reader, at, end, &mut self.reads),
            Trigger::Every(taker) => reads::take(source, taker, at, end, &mut self.every),
            Trigger::Tag => reads::tag(source, at, end, &mut self.reads),
            Trigger::Annotation => reads::annotation(source, at, end, &mut self.reads),
            Trigger::SettingsClass => reads::settings_class(source, at, end, &mut self.reads),
            Trigger::Group => group::compared(source, at, end, hits),
            Trigger::Question => group::asked(source, at, end, hits),
        }
    }

    fn name(&mut self, at: usize) {
        let name = assign::name_around(self.source, at);
        if std::mem::replace(&mut self.name_end, name.end) != name.end
            && !dsn::look(self.source, &name, &mut self.hits)
        {
            password::look(self.source, at, &mut self.hits);
        }
    }

    fn report(mut self) -> FileReport {
        let source = self.source;
        stores::look(source, &mut self.hits);
        found_keys::discord(source, &mut self.hits);
        found_keys::without_public(source, &mut self.hits);
        reads::expansions(source, &mut self.reads);
        self.reads.sort_by_key(|read| (read.span.start, read.span.end));
        self.reads.dedup_by_key(|read| read.span.start);
        for read in &self.reads {
            reads::judge(source, read, &mut self.hits);
        }
        let mut places = Places::of(source);
        let reads: Vec<EnvRead> = (self.reads.into_iter())
            .filter(Read::is_variables)
            .map(|read| EnvRead {
                place: places.place(&read.span),
                name: read.name,
                receiver: read.receiver,
                has_default: read.has_default,
            })
            .collect();
        self.every.sort_by_key(|every| every.span.start);
        let mut places = Places::of(source);
        let every = (self.every.into_iter())
            .map(|every| EveryRead { place: places.place(&every.span), prefix: every.prefix })
            .collect();
        FileReport {
            every,
            findings: hits::findings(source, self.hits),
            evidence: reads.iter().map(Evidence::from).collect(),
            reads,
            settings: settings::settings(source),
        }
    }
}
