//! `Gemfile.lock`: sections at the margin, gems four spaces in, what they need six.

use super::Asked;
use crate::factors::deps::model::{Locked, Origin};
use std::collections::BTreeSet;

/// Reads a whole text. A gem for a platform (`1.2-x86_64-linux`) is the gem.
pub fn read(text: &str) -> Result<Vec<Locked>, String> {
    // Bundler writes it last of what counts, even where it is empty.
    if !text.trim().is_empty() && !text.lines().any(|line| line.trim_end() == "DEPENDENCIES") {
        return Err("it has no DEPENDENCIES: it is cut off, or no lock".to_owned());
    }
    let mut all: Vec<Locked> = Vec::new();
    let mut known = BTreeSet::new();
    let mut section = "";
    let mut sums = BTreeSet::new();
    let mut has_sums = false;
    for line in text.lines() {
        if !line.starts_with(' ') {
            section = line.trim();
            has_sums |= section == "CHECKSUMS";
            continue;
        }
        let Some((name, version, rest)) = gem(line.trim()) else { continue };
        let depth = line.len() - line.trim_start().len();
        let origin = match section {
            "CHECKSUMS" => {
                sums.extend(rest.contains('=').then(|| (name.to_owned(), version.to_owned())));
                continue;
            }
            "GEM" => Origin::Registry,
            "GIT" => Origin::Git,
            "PATH" => Origin::Path,
            _ => continue,
        };
        let locked = Locked::new(name, version).from(origin);
        if depth == 4 && known.insert((name, version, origin)) {
            all.push(locked);
        }
    }
    for locked in all.iter_mut().filter(|locked| locked.origin == Origin::Registry) {
        // The section came late (Bundler 2.6), so without it nothing can be said of one gem.
        locked.is_hashed = has_sums.then(|| sums.contains(&(locked.name.clone(), locked.version.clone())));
    }
    Ok(all)
}

/// `name (version)` and what follows.
fn gem(line: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = line.split_once(" (")?;
    let (version, rest) = rest.split_once(')')?;
    Some((name, version.split('-').next().unwrap_or(version), rest))
}

/// `DEPENDENCIES`: `name (~> 1.0, >= 1.0.2)`, with `!` after what is from elsewhere.
pub fn asked(text: &str) -> Asked {
    let mut asked = Asked::default();
    let lines = text.lines().skip_while(|line| line.trim_end() != "DEPENDENCIES").skip(1);
    for line in lines.take_while(|line| line.starts_with(' ')).map(str::trim) {
        let (name, rest) = line.split_once(" (").unwrap_or((line, ""));
        let constraint = rest.split(')').next().unwrap_or_default();
        asked.add("", name.trim_end_matches('!'), constraint);
    }
    asked
}
