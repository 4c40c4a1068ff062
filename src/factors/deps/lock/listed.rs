//! Locks of one line a package: `go.sum`, `gradle.lockfile`, Rye's `requirements.lock`; and `go.mod`, whose requirements
//! are the build list.

use crate::factors::deps::manifest::go;
use crate::factors::deps::model::{Locked, Origin, Verdict};
use crate::factors::deps::requirements::{self, Item};

/// `module version h1:…`; a line for the module's `go.mod` alone has `/go.mod` after the version.
pub fn go_sum(text: &str) -> Result<Vec<Locked>, String> {
    let mut all = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let (Some(module), Some(version), Some(digest), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(format!("line {}: module, version and digest are expected", at + 1));
        };
        if !is_digest(digest) {
            return Err(format!("line {}: no digest", at + 1));
        }
        all.push(Locked::new(module, version).hashed(true));
    }
    Ok(all)
}

/// `h1:` and 32 bytes in base64. Of an algorithm that is not known Go believes nothing and refuses nothing.
fn is_digest(word: &str) -> bool {
    const LENGTH: usize = 44;
    match word.strip_prefix("h1:") {
        Some(digest) => digest.len() == LENGTH && digest.ends_with('='),
        None => word.starts_with('h') && word.contains(':'),
    }
}

/// What a `go.mod` requires, after its replacements.
pub fn go_mod(text: &str) -> Result<Vec<Locked>, String> {
    let module = go::parse(text)?;
    let mut all: Vec<Locked> = Vec::new();
    for require in &module.requires {
        let (name, version) = module.replaced(require).unwrap_or((require.path, require.version));
        let locked = Locked::new(name, version.trim_start_matches('v'));
        all.push(if version.is_empty() { locked.from(Origin::Path) } else { locked });
    }
    if let Some(version) = module.toolchain.or(module.go) {
        all.push(Locked::new("stdlib", version));
    }
    Ok(all)
}

/// A file of requirements, each with its version; the packages of the tree are editable.
pub fn requirements(text: &str) -> Result<Vec<Locked>, String> {
    super::is_whole(text)?;
    let mut all = Vec::new();
    for item in requirements::read(text) {
        let entry = match item {
            Item::Requirement(entry) => entry,
            Item::Invalid { why, .. } => return Err(why),
            Item::Nested { path, .. } => return Err(format!("it leaves the rest to `{path}`")),
            Item::Index { .. } | Item::RequireHashes | Item::Option => continue,
        };
        let origin = match entry.verdict {
            Verdict::Editable | Verdict::Local => Origin::Path,
            Verdict::VcsCommit | Verdict::VcsBranch => Origin::Git,
            Verdict::UrlDigest | Verdict::Url => Origin::Url,
            _ => Origin::Registry,
        };
        let version = entry.constraint.trim_start_matches('=').trim();
        if origin == Origin::Registry && entry.verdict != Verdict::Exact {
            return Err(format!("`{}` has no version", entry.shown));
        }
        // Only a folder of the tree itself is without a name.
        let Some(name) = entry.name else { continue };
        // Rye writes digests only where it is told to.
        let locked = Locked::new(name, version);
        all.push(if entry.hashes > 0 { locked.hashed(true).from(origin) } else { locked.from(origin) });
    }
    Ok(all)
}

/// `group:artifact:version=configurations`.
#[expect(clippy::unnecessary_wraps, reason = "a reader of the table, others of which can fail")]
pub fn gradle(text: &str) -> Result<Vec<Locked>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let packages = lines.filter_map(|line| line.split('=').next()?.rsplit_once(':'));
    Ok(packages.map(|(name, version)| Locked::new(name, version)).collect())
}
