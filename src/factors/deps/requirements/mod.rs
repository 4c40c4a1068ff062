//! A requirements file, in pip's full grammar: joined lines, comments, options, one verdict per requirement.
//!
//! The rules are those of pip's own reader (`pip._internal.req.req_file`), which cuts lines as Python does, joins
//! those that end in a backslash, and takes everything from the first word with a hyphen on for options.

mod entry;
mod follow;
mod lines;
mod options;
mod url;

pub use entry::Entry;
pub use follow::{Followed, Gap, follow};
pub use url::{commit_or_branch, is_url, redact};

use options::Given;
use std::ops::Range;

/// What one line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Something to install, or a constraint on it.
    Requirement(Box<Entry>),
    /// `-r` and `-c`.
    Nested {
        /// As written: relative to the file, or a URL.
        path: String,
        /// `-c`.
        is_constraint: bool,
        /// The line.
        span: Range<usize>,
    },
    /// An index or a place to look at: `--index-url`, `--find-links`.
    Index {
        /// As written.
        url: String,
        /// The line.
        span: Range<usize>,
    },
    /// `--require-hashes`.
    RequireHashes,
    /// Any other option of the file.
    Option,
    /// What pip refuses.
    Invalid {
        /// A fragment of a sentence.
        why: String,
        /// The line.
        span: Range<usize>,
    },
}

impl Item {
    /// The requirement, when it is one.
    pub fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Requirement(entry) => Some(entry),
            _ => None,
        }
    }
}

/// Reads a whole text, in order.
pub fn read(text: &str) -> Vec<Item> {
    lines::lines(text).into_iter().flat_map(|line| item(&line.text, line.span)).collect()
}

fn item(line: &str, span: Range<usize>) -> Vec<Item> {
    let (requirement, rest) = split_options(line);
    let read = options::read(rest).and_then(|given| {
        let editable = given.iter().find_map(Given::editable).map(str::to_owned);
        let entry = if !requirement.is_empty() {
            let hashes = given.iter().filter(|one| matches!(one, Given::Hash)).count();
            Some(entry::plain(requirement, hashes, span.clone())?)
        } else if let Some(value) = editable {
            Some(entry::editable(&value, span.clone())?)
        } else {
            None
        };
        let Some(entry) = entry else {
            return given.into_iter().map(|one| of_option(one, &span)).collect();
        };
        // An editable has no options of its own, and only one of it counts.
        let may_follow = |one: &Given| match one {
            Given::Stray(_) => true,
            Given::Editable(_) => entry.is_editable,
            Given::Hash | Given::OfRequirement => !entry.is_editable,
            _ => false,
        };
        let foreign = given.iter().find(|one| !may_follow(one));
        match foreign {
            Some(foreign) => Err(format!("{} has no place on the line of a requirement", foreign.shown())),
            None => Ok(vec![Item::Requirement(Box::new(entry))]),
        }
    });
    read.unwrap_or_else(|why| vec![Item::Invalid { why, span }])
}

fn of_option(given: Given, span: &Range<usize>) -> Result<Item, String> {
    let span = span.clone();
    Ok(match given {
        Given::Nested { path, is_constraint } => Item::Nested { path, is_constraint, span },
        Given::Index(url) => Item::Index { url, span },
        Given::RequireHashes => Item::RequireHashes,
        Given::Stray(word) => return Err(format!("the word `{}` belongs to no option", redact(&word))),
        Given::Gone(name) => return Err(format!("pip takes `{name}` no more")),
        Given::Editable(_) | Given::Hash | Given::OfFile(_) | Given::OfRequirement => Item::Option,
    })
}

/// The words before the first one with a hyphen, and the words from there on, without the one space in between.
fn split_options(line: &str) -> (&str, &str) {
    let mut at = 0_usize;
    for word in line.split(' ') {
        if word.starts_with('-') {
            return (&line[..at.saturating_sub(1)], &line[at..]);
        }
        at += word.len() + 1;
    }
    (line, "")
}

#[cfg(test)]
mod tests;
