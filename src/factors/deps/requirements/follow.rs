//! `-r` and `-c` followed from file to file, each file once.

use super::{Item, read};
use crate::factors::deps::Tree;
use crate::factors::deps::text::Text;
use std::collections::BTreeSet;

/// A file that was read, with what it says.
pub struct Followed {
    /// The file.
    pub text: Text,
    /// In its order.
    pub items: Vec<Item>,
    /// It was first met as a constraint: it pins, and installs nothing.
    pub is_constraint: bool,
}

/// Reads a file and all that it names, depth first. `missing` is told what could not be read: the file that names it,
/// the item, and why. Files in `seen` are passed over, so circles end.
pub fn follow(
    tree: &dyn Tree,
    path: &str,
    is_constraint: bool,
    seen: &mut BTreeSet<String>,
    missing: &mut dyn FnMut(&Text, &Item, String),
) -> Vec<Followed> {
    let mut all = Vec::new();
    let mut open = vec![(path.to_owned(), is_constraint)];
    while let Some((path, is_constraint)) = open.pop() {
        if !seen.insert(path.clone()) {
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
        all.push(Followed { text, items, is_constraint });
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
