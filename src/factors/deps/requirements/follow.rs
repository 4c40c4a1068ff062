//! `-r` and `-c` followed from file to file, each file once.

use super::{Item, read};
use crate::factors::deps::Tree;
use crate::factors::deps::paths;
use crate::factors::deps::text::Text;
use std::collections::BTreeSet;
use std::io;

/// A file that was read, with what it says.
pub struct Followed {
    /// The file.
    pub text: Text,
    /// In its order.
    pub items: Vec<Item>,
    /// It was first met as a constraint: it pins, and installs nothing.
    pub is_constraint: bool,
}

/// Why a file that is named is not followed.
pub enum Gap {
    /// The line that names it is wrong.
    Wrong(String),
    /// The line may be right; the file cannot be read here.
    Unread(String),
}

/// Reads a file and all that it names, depth first. `missing` is told what could not be read: the file that names it,
/// the item, and why. Files in `seen` are passed over, so circles end.
pub fn follow(
    tree: &dyn Tree,
    path: &str,
    is_constraint: bool,
    seen: &mut BTreeSet<String>,
    missing: &mut dyn FnMut(&Text, &Item, Gap),
) -> Vec<Followed> {
    let mut all = Vec::new();
    // Who opens a file has read it: only the first can be missing here, which its caller has seen to.
    let mut open: Vec<Open> =
        tree.read(path).ok().map(|bytes| (path.to_owned(), bytes, is_constraint)).into_iter().collect();
    while let Some((path, bytes, is_constraint)) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let text = Text::new(&path, &bytes);
        let items = read(&text.content);
        let mut next = Vec::new();
        for item in &items {
            let Item::Nested { path: nested, is_constraint: as_constraint, .. } = item else { continue };
            match resolve(tree, &path, nested) {
                Ok(nested) if seen.contains(&nested) => {}
                Ok(nested) => match tree.read(&nested) {
                    Ok(bytes) => next.push((nested, bytes, is_constraint || *as_constraint)),
                    Err(error) => missing(&text, item, unread(tree, &nested, &error)),
                },
                Err(gap) => missing(&text, item, gap),
            }
        }
        open.extend(next.into_iter().rev());
        all.push(Followed { text, items, is_constraint });
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
