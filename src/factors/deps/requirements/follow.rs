//! `-r` and `-c` followed from file to file, each file once.

use super::{Entry, Item, read};
use crate::factors::deps::Tree;
use crate::factors::deps::paths;
use crate::factors::deps::text::Text;
use std::collections::BTreeMap;
use std::io;

/// A file that was read, with what it says.
pub struct Followed {
    /// The file.
    pub text: Text,
    /// In its order.
    pub items: Vec<Item>,
    /// Nothing but constraints name it: it pins, and installs nothing.
    pub is_constraint: bool,
    /// Some line takes it for a constraint, whatever installs it too.
    pub constrains: bool,
}

impl Followed {
    /// Its requirements.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.items.iter().filter_map(Item::entry)
    }

    /// The files that it names and that are inside of the tree, each with whether it is a constraint.
    pub fn named(&self) -> impl Iterator<Item = (String, bool)> {
        self.items.iter().filter_map(|item| {
            let Item::Nested { path, is_constraint, .. } = item else { return None };
            Some((paths::join(paths::folder(&self.text.path), path)?, *is_constraint))
        })
    }
}

/// Why a file that is named is not followed.
pub enum Gap {
    /// The line that names it is wrong.
    Wrong(String),
    /// The line may be right; the file cannot be read here.
    Unread(String),
}

/// Reads a file and all that it names, depth first, each once, so circles end. `missing` is told what could not be
/// read: the file that names it, the item, and why.
pub fn follow(
    tree: &dyn Tree,
    path: &str,
    is_constraint: bool,
    missing: &mut dyn FnMut(&Text, &Item, Gap),
) -> Vec<Followed> {
    let mut all: Vec<Followed> = Vec::new();
    let mut seen = BTreeMap::new();
    let open = |path: String, is_constraint: bool| tree.read(&path).map(|bytes| (path, bytes, is_constraint));
    // Who opens a file has read it: only the first can be missing here, which its caller has seen to.
    let mut left: Vec<Open> = open(path.to_owned(), is_constraint).into_iter().collect();
    while let Some((path, bytes, is_constraint)) = left.pop() {
        if let Some(known) = seen.get(&path).map(|at: &usize| &mut all[*at]) {
            known.constrains |= is_constraint;
            // What one line takes for a constraint and another installs is installed, with all that it names.
            if known.is_constraint && !is_constraint {
                known.is_constraint = false;
                left.extend(known.named().filter_map(|(path, is_constraint)| open(path, is_constraint).ok()));
            }
            continue;
        }
        let text = Text::new(&path, &bytes);
        let items = read(&text.content);
        let mut next = Vec::new();
        for item in &items {
            let Item::Nested { path: nested, is_constraint: as_constraint, .. } = item else { continue };
            match resolve(tree, &path, nested) {
                Ok(nested) if seen.contains_key(&nested) => {
                    next.push((nested, Vec::new(), is_constraint || *as_constraint));
                }
                Ok(nested) => match open(nested.clone(), is_constraint || *as_constraint) {
                    Ok(file) => next.push(file),
                    Err(error) => missing(&text, item, unread(tree, &nested, &error)),
                },
                Err(gap) => missing(&text, item, gap),
            }
        }
        left.extend(next.into_iter().rev());
        seen.insert(path, all.len());
        all.push(Followed { text, items, is_constraint, constrains: is_constraint });
    }
    all
}

/// Path, content, and whether it is a constraint.
type Open = (String, Vec<u8>, bool);

/// A file of the tree, from a path relative to another.
fn resolve(tree: &dyn Tree, from: &str, path: &str) -> Result<String, Gap> {
    if path.contains("://") {
        return Err(Gap::Unread("it is on the network".to_owned()));
    }
    let path = paths::join(paths::folder(from), path)
        .ok_or_else(|| Gap::Wrong("it is outside of the app".to_owned()))?;
    if tree.exists(&path) { Ok(path) } else { Err(Gap::Wrong(format!("`{path}` is not there"))) }
}

/// Why what is there was not read.
fn unread(tree: &dyn Tree, path: &str, error: &io::Error) -> Gap {
    if tree.files().iter().any(|file| paths::is_in(file, path)) {
        return Gap::Wrong(format!("`{path}` is a folder"));
    }
    Gap::Unread(match error.kind() {
        io::ErrorKind::NotFound => format!("`{path}` is ignored by git, or a link"),
        _ => error.to_string(),
    })
}
