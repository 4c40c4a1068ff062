//! One requirement of a file, judged.

use super::url;
use crate::factors::deps::model::{Ecosystem, Verdict};
use crate::factors::deps::requirement::{self, Requirement};
use crate::factors::deps::version::pep440::{Op, Specifier};
use std::ops::Range;

/// A requirement with its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Normalised; `None` where only the package itself knows it.
    pub name: Option<String>,
    /// As written, with extras and without hashes.
    pub shown: String,
    /// The specifiers alone.
    pub constraint: String,
    /// How exact it is.
    pub verdict: Verdict,
    /// `-e`, whatever the verdict.
    pub is_editable: bool,
    /// A marker decides whether it is installed.
    pub has_marker: bool,
    /// How many hashes it has.
    pub hashes: usize,
    /// The path or URL, when it is one.
    pub source: Option<String>,
    /// Where it is written.
    pub span: Range<usize>,
}

/// A requirement that is not editable.
pub fn plain(text: &str, hashes: usize, span: Range<usize>) -> Result<Entry, String> {
    let (text, has_marker) = split_marker(text)?;
    let mut entry = Entry {
        name: None,
        shown: url::redact(text),
        constraint: String::new(),
        verdict: Verdict::Invalid,
        is_editable: false,
        has_marker,
        hashes,
        source: None,
        span,
    };
    if let Some(source) = source_of(text) {
        of_source(&mut entry, source, text)?;
    } else {
        of_requirement(&mut entry, text)?;
    }
    Ok(entry)
}

/// The path or URL that a text is, extras apart; `None` for a name with or without `@ URL`.
fn source_of(text: &str) -> Option<&str> {
    if url::is_url(text) {
        return Some(text);
    }
    let is_name_at_url =
        text.split_once('@').is_some_and(|(name, at)| !url::is_path(name.trim()) && url::is_url(at.trim()));
    let path = strip_extras(text);
    (!is_name_at_url && (url::is_path(text) || url::is_archive(path))).then_some(path)
}

fn of_source(entry: &mut Entry, source: &str, text: &str) -> Result<(), String> {
    entry.source = Some(source.to_owned());
    let is_scp = source.split_once(':').is_some_and(|(host, _)| host.contains('@') && !host.contains('/'));
    entry.verdict = if url::is_url(text) {
        url::verdict(source, entry.hashes)
    } else if is_scp {
        Verdict::VcsBranch
    } else if entry.hashes > 0 {
        Verdict::Exact
    } else {
        Verdict::Local
    };
    let named = match url::wheel(source) {
        Some(wheel) => Some(wheel.map(|(name, version)| format!("{name}=={}", version.replace('_', "-")))?),
        None => url::egg(source).map(str::to_owned),
    };
    let Some(named) = named else { return Ok(()) };
    let requirement = requirement::parse(&named)?;
    // Without a space before it the marker is a part of the fragment.
    entry.has_marker |= requirement.marker.is_some();
    entry.name = Some(Ecosystem::PyPI.normalise(requirement.name));
    Ok(())
}

fn of_requirement(entry: &mut Entry, text: &str) -> Result<(), String> {
    let requirement = match requirement::parse(text) {
        Ok(requirement) => requirement,
        Err(why) => return of_variable(entry, text).ok_or_else(|| likely_cause(text, why)),
    };
    entry.name = Some(Ecosystem::PyPI.normalise(requirement.name));
    requirement.constraint.clone_into(&mut entry.constraint);
    entry.source = requirement.url.map(str::to_owned);
    entry.verdict = verdict(&requirement, entry.hashes);
    Ok(())
}

/// `name==${VERSION}`: the environment decides, so nothing is pinned.
fn of_variable(entry: &mut Entry, text: &str) -> Option<()> {
    let (before, after) = text.split_once("${")?;
    let (name, _) = after.split_once('}')?;
    let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let before = before.trim_end_matches(['=', '<', '>', '~', '!', ' ', ',']);
    let requirement = requirement::parse(before).ok().filter(|_| name.bytes().all(is_name))?;
    entry.name = Some(Ecosystem::PyPI.normalise(requirement.name));
    entry.verdict = Verdict::Unpinned;
    Some(())
}

/// How exact a requirement of PEP 508 is.
pub fn verdict(requirement: &Requirement<'_>, hashes: usize) -> Verdict {
    if let Some(source) = requirement.url {
        return url::verdict(source, hashes);
    }
    if hashes > 0 || requirement.specifiers.iter().any(Specifier::is_exact) {
        Verdict::Exact
    } else if requirement.specifiers.is_empty() {
        Verdict::Unpinned
    } else if requirement.specifiers.iter().any(|one| one.is_wildcard && one.op == Op::Equal) {
        Verdict::Wildcard
    } else {
        Verdict::Range
    }
}

fn likely_cause(text: &str, why: &str) -> String {
    let has_operator =
        ["==", ">=", "<=", "!=", "~=", "<", ">"].iter().any(|operator| text.contains(operator));
    if text.contains('=') && !has_operator {
        "`=` is no comparison, write `==`".to_owned()
    } else {
        why.to_owned()
    }
}

/// The text before its marker, and whether there is one. In a URL a semicolon needs a space after it.
fn split_marker(text: &str) -> Result<(&str, bool), String> {
    let separator = if url::is_url(text) { "; " } else { ";" };
    let Some((text, marker)) = text.split_once(separator) else { return Ok((text.trim(), false)) };
    let marker = marker.trim();
    if marker.is_empty() || requirement::is_marker(marker) {
        return Ok((text.trim(), !marker.is_empty()));
    }
    Err(format!("`{marker}` is not a marker"))
}

/// `path[extras]` without the brackets.
fn strip_extras(text: &str) -> &str {
    let inner = text.strip_suffix(']').and_then(|inner| inner.rsplit_once('['));
    match inner {
        Some((path, extras)) if !path.is_empty() && !extras.is_empty() => path,
        _ => text,
    }
}

/// `-e` with its value.
pub fn editable(value: &str, span: Range<usize>) -> Result<Entry, String> {
    let mut entry = Entry {
        name: None,
        shown: format!("-e {}", url::redact(value)),
        constraint: String::new(),
        verdict: Verdict::Editable,
        is_editable: true,
        has_marker: false,
        hashes: 0,
        source: None,
        span,
    };
    let (value, has_marker) = split_marker(value)?;
    entry.has_marker = has_marker;
    let at_url = value.split_once('@').filter(|(name, url)| !url::is_path(name) && url::is_vcs(url.trim()));
    let (named, source) = match at_url {
        Some((name, url)) => (Some(name.trim()), url.trim()),
        None => (url::egg(value), value),
    };
    if source.is_empty() {
        return Err("an editable requirement is a folder or a repository".to_owned());
    }
    let name = named.map(requirement::parse).transpose()?.map(|requirement| requirement.name);
    entry.name = name.map(|name| Ecosystem::PyPI.normalise(name));
    entry.source = Some(source.to_owned());
    // pip installs neither without more, and still it says where the package is to come from.
    entry.verdict = match url::verdict(source, 0) {
        verdict @ (Verdict::VcsBranch | Verdict::Url) if url::is_url(source) => verdict,
        _ => Verdict::Editable,
    };
    Ok(entry)
}
