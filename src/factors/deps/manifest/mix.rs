//! `mix.exs`: the tuples of its `deps` function, `{:name, "~> 1.0", only: :test}`.

use super::{declared, empty};
use crate::factors::deps::model::{Dialect, Ecosystem, Manifest, Scope, Verdict};
use crate::factors::deps::paths;
use crate::factors::deps::requirements::commit_or_branch;
use crate::factors::deps::text::Text;

/// Reads a whole file.
pub fn read(text: &Text) -> Result<Manifest, String> {
    let mut manifest = empty(text, Ecosystem::Hex, Dialect::Hex);
    if !text.content.trim().is_empty() && !text.content.contains("Mix.Project") {
        return Err("it defines no project of Mix".to_owned());
    }
    // A module ends at the margin; what ends elsewhere is cut off.
    let last = text.content.lines().rfind(|line| !line.trim().is_empty() && !line.starts_with('#'));
    if last.is_some_and(|line| line.trim_end() != "end") {
        return Err("its module is not closed".to_owned());
    }
    // Members of an umbrella say where the lock is.
    let lock = text.content.split_once("lockfile:").and_then(|(_, rest)| rest.trim_start().strip_prefix('"'));
    let lock = lock.and_then(|path| paths::join(paths::folder(&manifest.path), path.split('"').next()?));
    manifest.lock_path = lock;
    let Some((start, end)) = list(&text.content) else {
        if text.content.contains("deps:") {
            manifest.unseen.push("its `deps` are computed".to_owned());
        }
        return Ok(manifest);
    };
    let body = &text.content[start..];
    for (at, _) in body[..end].match_indices("{:") {
        let line_start = body[..at].rfind('\n').map_or(0, |at| at + 1);
        if body[line_start..at].trim_start().starts_with('#') {
            continue;
        }
        let tuple = body[at + 2..end].split('}').next().unwrap_or_default();
        let Some((name, rest)) = tuple.split_once(',') else { continue };
        let constraint = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
        let has = |key: &str| rest.contains(key);
        let is_dev = has("only:") && !has(":prod");
        let verdict = match () {
            () if has("git:") || has("github:") => commit_or_branch(after(rest, "ref:"), false),
            () if has("path:") || has("in_umbrella:") => Verdict::Local,
            () => super::verdict(constraint.unwrap_or_default(), true),
        };
        let name_at = start + at + 2;
        let place = text.place(name_at..name_at + name.len());
        let scope = if is_dev { Scope::Dev } else { Scope::Run };
        let name = after(rest, "hex:").map_or(name, |name| name.trim_start_matches(':')).trim();
        let mut one =
            declared(Ecosystem::Hex.normalise(name), constraint.unwrap_or_default(), verdict, scope, place);
        one.is_conditional = has("optional:") || has("targets:");
        manifest.declared.push(one);
    }
    Ok(manifest)
}

/// Where the requirements begin, and how long they are: the function `deps`, or the list after `deps:`.
fn list(text: &str) -> Option<(usize, usize)> {
    if let Some(start) = ["defp deps", "def deps"].iter().find_map(|head| text.find(head)) {
        let body = &text[start..];
        return Some((start, body[1..].find("\n  def").map_or(body.len(), |end| end + 1)));
    }
    let (at, _) = text.match_indices("deps:").find(|(at, _)| text[at + 5..].trim_start().starts_with('['))?;
    let body = &text[at..];
    let mut depth = 0_usize;
    let end = body.char_indices().find(|(_, letter)| {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *letter == ']' && depth == 0
    });
    Some((at, end.map_or(body.len(), |(end, _)| end)))
}

/// The value of a keyword: an atom, or a text without its quotes.
fn after<'a>(text: &'a str, keyword: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(keyword)?;
    let rest = rest.trim_start();
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split([',', ' ', '\n', ']']).next(),
    }
}
