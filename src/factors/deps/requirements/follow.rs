//! `-r` and `-c` followed from file to file, each file once.

use super::{Item, read};
use crate::factors::deps::Tree;
use crate::factors::deps::text::Text;
use std::collections::BTreeMap;

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
    /// The files that it names and that can be said of the tree, each with whether it is a constraint.
    pub fn named(&self) -> impl Iterator<Item = (String, bool)> {
        self.items.iter().filter_map(|item| {
            let Item::Nested { path, is_constraint, .. } = item else { return None };
            Some((resolve(&self.text.path, path).ok()?, *is_constraint))
        })
    }
}

/// Reads a file and all that it names, depth first, each once, so circles end. `missing` is told what could not be
/// read: the file that names it, the item, and why.
pub fn follow(
    tree: &dyn Tree,
    path: &str,
    is_constraint: bool,
    missing: &mut dyn FnMut(&Text, &Item, String),
) -> Vec<Followed> {
    let mut all: Vec<Followed> = Vec::new();
    let mut seen = BTreeMap::new();
    let mut open = vec![(path.to_owned(), is_constraint)];
    while let Some((path, is_constraint)) = open.pop() {
        if let Some(known) = seen.get(&path).map(|at: &usize| &mut all[*at]) {
            known.constrains |= is_constraint;
            // What one line takes for a constraint and another installs is installed, with all that it names.
            if known.is_constraint && !is_constraint {
                known.is_constraint = false;
                open.extend(known.named().filter(|(nested, _)| tree.exists(nested)));
            }
            continue;
        }
        // Only the first can be missing here: the others were asked for before they were opened.
        let Ok(bytes) = tree.read(&path) else { continue };
        let text = Text::new(&path, &bytes);
        let items = read(&text.content);
        let mut next = Vec::new();
        for item in &items {
            let Item::Nested { path: nested, is_constraint: as_constraint, .. } = item else { continue };
            match resolve(&path, nested) {
                Ok(nested) if tree.exists(&nested) => next.push((nested, is_constraint || *as_constraint)),
                Ok(nested) => missing(&text, item, format!("`{nested}` is not there")),
                Err(why) => missing(&text, item, why.to_owned()),
            }
        }
        open.extend(next.into_iter().rev());
        seen.insert(path, all.len());
        all.push(Followed { text, items, is_constraint, constrains: is_constraint });
    }
    all
}

/// A path of the tree, from a path relative to a file of it.
fn resolve(from: &str, path: &str) -> Result<String, &'static str> {
    if path.contains("://") {
        return Err("it is on the network");
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    crate::factors::deps::paths::join(folder, path).ok_or("it is outside of the app")
}
