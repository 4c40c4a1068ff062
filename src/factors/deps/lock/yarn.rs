//! `yarn.lock`, the classic one and the one of later yarns: one block for each package, which begins at the margin.

use super::Asked;
use crate::factors::deps::model::{Locked, Origin};

/// A block that is being read.
#[derive(Default)]
struct Block<'a> {
    name: &'a str,
    version: &'a str,
    /// Where it is taken from, in the words of either.
    resolution: &'a str,
    has_digest: bool,
    /// It is for some platforms only, and then yarn writes down no digest.
    has_conditions: bool,
}

/// Reads a whole text.
pub fn read(text: &str) -> Result<Vec<Locked>, String> {
    super::is_whole(text)?;
    let mut all = Vec::new();
    let mut block = Block::default();
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with(' ') {
            // Deeper lines are the dependencies of a package.
            let depth = line.len() - line.trim_start().len();
            if depth == 2 {
                field(&mut block, line.trim());
            }
            continue;
        }
        // A head past 1,024 letters stands alone after a question mark, and its colon on the next line (`syml.ts`).
        if line.trim_end() == ":" {
            continue;
        }
        let header = line.strip_prefix("? ").or_else(|| line.trim_end().strip_suffix(':'));
        let header = header.ok_or_else(|| format!("line {}: the head of a block is expected", at + 1))?;
        all.extend(finish(&block)?);
        block = Block { name: name(header), ..Block::default() };
    }
    all.extend(finish(&block)?);
    Ok(all)
}

fn field<'a>(block: &mut Block<'a>, line: &'a str) {
    let Some((key, value)) = line.split_once(' ') else { return };
    let value = value.trim().trim_matches('"');
    match key.trim_end_matches(':').trim_matches('"') {
        "version" => block.version = value,
        "resolved" | "resolution" => block.resolution = value,
        "integrity" | "checksum" => block.has_digest = true,
        "conditions" => block.has_conditions = true,
        _ => {}
    }
}

/// The package that the first descriptor of a head asks for: `"a@^1", a@^2`; of an alias `b@npm:a@^1` it is `a`.
fn name(header: &str) -> &str {
    let first = header.trim_matches('"').split([',', '"']).next().unwrap_or_default();
    let mut descriptor = first.trim();
    loop {
        let Some((at, _)) = descriptor.match_indices('@').find(|(at, _)| *at > 0) else { return descriptor };
        let range = &descriptor[at + 1..];
        match range.strip_prefix("npm:") {
            Some(alias) if alias.get(1..).is_some_and(|rest| rest.contains('@')) => descriptor = alias,
            _ => return &descriptor[..at],
        }
    }
}

/// The package of a block; none for the metadata and for members of the tree, and before the first block.
fn finish(block: &Block<'_>) -> Result<Option<Locked>, String> {
    let resolution = block.resolution;
    if ["", "__metadata"].contains(&block.name) || resolution.contains("@workspace:") {
        return Ok(None);
    }
    if block.version.is_empty() {
        return Err(format!("`{}` has no version", block.name));
    }
    let is_git =
        resolution.contains("git+") || resolution.contains(".git#") || resolution.contains("commit=");
    let is_path = ["file:", "link:", "portal:"].iter().any(|scheme| resolution.contains(scheme));
    let origin = match () {
        () if resolution.contains("@patch:") => Origin::Url,
        () if is_git => Origin::Git,
        () if is_path => Origin::Path,
        () => Origin::Registry,
    };
    let locked = Locked::new(block.name, block.version).from(origin);
    // Classic yarn gives the digest of a registry's package in the fragment too.
    let digest_in_url = resolution.rsplit_once('#').is_some_and(|(_, digest)| digest.len() >= 40);
    let is_hashed = block.has_digest || digest_in_url;
    let is_judged =
        origin == Origin::Registry && !resolution.is_empty() && (is_hashed || !block.has_conditions);
    Ok(Some(if is_judged { locked.hashed(is_hashed) } else { locked }))
}

/// The heads of all blocks: `"a@^1", a@^2`, in later yarns `"a@npm:^1, a@npm:^2"`, a long one after a question mark.
pub fn asked(text: &str) -> Asked {
    let mut asked = Asked::default();
    let lines = text.lines().filter(|line| !line.starts_with([' ', '#']));
    let heads = lines.filter_map(|line| line.strip_prefix("? ").or_else(|| line.strip_suffix(':')));
    for descriptor in heads.flat_map(|head| head.split(',')) {
        let descriptor = descriptor.trim().trim_matches('"');
        let Some((at, _)) = descriptor.match_indices('@').find(|(at, _)| *at > 0) else { continue };
        let range = &descriptor[at + 1..];
        asked.add("", &descriptor[..at], range.strip_prefix("npm:").unwrap_or(range));
    }
    asked
}
