//! An audit in words and for machines. Each form is bytes, which somebody else writes.
//!
//! It must not know secrets: lines come masked, and of a secret itself only its length and its public prefix are
//! asked for, through `mask`.

mod inventory;
mod json;
mod rules;
mod sarif;
mod text;

use super::finding::Level;
use super::text::count;
use super::verdict::tally;
use super::{Audit, Found};

pub use inventory::{inventory, inventory_json};
pub use json::json;
pub use rules::{explain, list, list_json};
pub use sarif::sarif;
pub use text::{idle, text};

/// The one line that says it all: what was found, what is missing, what was looked at.
pub fn summary(audit: &Audit) -> String {
    let counted = |found: &&Found| found.finding.level > Level::Note;
    let counted: Vec<&Found> = audit.found.iter().filter(counted).collect();
    let checked = &audit.checked;
    let mut parts = vec![if counted.is_empty() { "nothing found".to_owned() } else { tally(&counted) }];
    if !audit.unchecked.is_empty() {
        parts.push(format!("{} not checked", count(audit.unchecked.len(), "thing")));
    }
    let mut looked = Vec::new();
    let mut add = |number: usize, noun: &str, what: &str| {
        if number > 0 {
            looked.push(count(number, noun) + what);
        }
    };
    add(checked.read, "file", " read");
    add(checked.lines as usize, "line", " read");
    add(checked.counts.ignored, "entry", " that git ignores");
    add(checked.counts.links, "link", " not followed");
    add(checked.binary, "large binary", " not read");
    add(audit.allowed.len(), "finding", " let pass");
    let looked = if looked.is_empty() { String::new() } else { format!("; {}", looked.join(", ")) };
    format!("{}{looked}\n", parts.join(", "))
}

#[cfg(test)]
mod tests;
