//! `setup.cfg` and `setup.py`: what can be read without running them.

use super::empty;
use super::python::requirement;
use crate::factors::deps::closed::is_closed;
use crate::factors::deps::model::{Dialect, Ecosystem, Manifest, Scope};
use crate::factors::deps::text::Text;
use std::collections::BTreeSet;
use std::ops::Range;

/// `[options] install_requires`, `[options.extras_require]`: one requirement a line, or a list with semicolons.
#[expect(clippy::unnecessary_wraps, reason = "a reader of the table, others of which can fail")]
pub fn cfg(text: &Text) -> Result<Manifest, String> {
    let mut manifest = empty(text, Ecosystem::PyPI, Dialect::Python);
    let mut section = "";
    let mut scope = None;
    let mut start = 0;
    let mut lines = text.content.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let at = start;
        start += line.len();
        let goes_on =
            lines.peek().is_some_and(|next| next.starts_with([' ', '\t']) && !next.trim().is_empty());
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let mut value = content;
        let mut separator = '\n';
        if !line.starts_with([' ', '\t']) {
            if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
                (section, scope) = (name.trim(), None);
                continue;
            }
            let Some((key, rest)) = content.split_once('=') else { continue };
            value = rest.trim();
            // What stands in one line is cut at semicolons, lines of a list are not: markers have some (setuptools,
            // `list-semi`).
            separator = if goes_on { '\n' } else { ';' };
            scope = scope_of(section, key.trim());
            if section == "metadata" && key.trim() == "name" {
                manifest.own_name = Some(Ecosystem::PyPI.normalise(value));
            }
        }
        let Some(scope) = scope else { continue };
        if let Some(files) = value.strip_prefix("file:") {
            super::python::name_files(files.split(','), &mut manifest);
            continue;
        }
        let mut at = at + line.find(value).unwrap_or(0);
        for one in value.split(separator) {
            let from = at + one.len() - one.trim_start().len();
            at += one.len() + 1;
            let one = one.trim();
            if !one.is_empty() {
                manifest.declared.push(requirement(one, scope, text.place(from..from + one.len())));
            }
        }
    }
    Ok(manifest)
}

fn scope_of(section: &str, key: &str) -> Option<Scope> {
    match (section, key) {
        ("options", "install_requires") => Some(Scope::Run),
        ("options", "tests_require") => Some(Scope::Dev),
        ("options", "setup_requires") => Some(Scope::Build),
        ("options.extras_require", _) => Some(Scope::Optional),
        _ => None,
    }
}

/// Lists of plain texts for `install_requires`, `extras_require`, `tests_require`, `setup_requires`, there or in a
/// variable of the module. Of what is computed is said that it cannot be seen.
pub fn script(text: &Text) -> Result<Manifest, String> {
    const KEYS: [(&str, Scope); 4] = [
        ("install_requires", Scope::Run),
        ("extras_require", Scope::Optional),
        ("tests_require", Scope::Dev),
        ("setup_requires", Scope::Build),
    ];
    let content = text.content.as_str();
    let mut manifest = empty(text, Ecosystem::PyPI, Dialect::Python);
    let calls = content
        .match_indices("setup")
        .any(|(at, word)| content[at + word.len()..].trim_start().starts_with('('));
    if !calls && !content.trim().is_empty() {
        return Err("it calls no `setup`".to_owned());
    }
    if !is_closed(content, '#', &['\'', '"']) {
        return Err("a bracket or a quote has no end".to_owned());
    }
    for (key, scope) in KEYS {
        let mut read = BTreeSet::new();
        for value in assigned(content, key) {
            let Some((start, spans)) = list(content, value) else {
                if scope != Scope::Build {
                    manifest.unseen.push(format!("`{key}` is computed"));
                }
                continue;
            };
            if read.insert(start) {
                let one = |span: Range<usize>| requirement(&content[span.clone()], scope, text.place(span));
                manifest.declared.extend(spans.into_iter().map(one));
            }
        }
    }
    let arguments = content.split_once("setup(").map_or("", |(_, rest)| rest);
    if arguments.contains("**") && !arguments.contains(KEYS[0].0) {
        manifest.unseen.push("the arguments of `setup` are computed".to_owned());
    }
    Ok(manifest)
}

/// Where the values begin that are given to a name, outside of comments.
fn assigned(text: &str, name: &str) -> Vec<usize> {
    let value = |(at, _): (usize, &str)| {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let is_word = text[..at].ends_with(|last: char| last.is_alphanumeric() || "_.'\"".contains(last));
        let rest = text[at + name.len()..].trim_start();
        let rest = rest.strip_prefix('+').unwrap_or(rest).strip_prefix('=')?;
        let is_value = !is_word && !rest.starts_with('=') && !text[line..at].contains('#');
        is_value.then(|| text.len() - rest.trim_start().len())
    };
    text.match_indices(name).filter_map(value).collect()
}

/// The texts of a list that is written here, or in the one place where the variable gets its value that is named here.
/// With where it begins; `None` when a part of it is computed.
fn list(text: &str, start: usize) -> Option<(usize, Vec<Range<usize>>)> {
    let name_end = text[start..].find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let name = &text[start..start + name_end.unwrap_or(text.len() - start)];
    if name.is_empty() {
        return literals(text, start).map(|spans| (start, spans));
    }
    let is_changed = ["append(", "extend(", "insert(", "remove("]
        .iter()
        .any(|method| text.contains(&format!("{name}.{method}")));
    let is_whole = text[start + name.len()..].trim_start_matches(' ').starts_with([',', ')', '\n', '\r']);
    // `install_requires=install_requires` gives it no value.
    let values = assigned(text, name).into_iter().filter(|at| !text[*at..].starts_with(name));
    let [value] = values.collect::<Vec<_>>()[..] else { return None };
    literals(text, value).filter(|_| is_whole && !is_changed).map(|spans| (value, spans))
}

/// The quoted texts of the list, tuple or dictionary of lists that begins here; `None` when anything else is in it or
/// follows it.
fn literals(text: &str, start: usize) -> Option<Vec<Range<usize>>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    let mut depth = 0_usize;
    // Two texts beside each other are one text.
    let mut is_after_text = false;
    let mut at = start;
    while let Some(letter) = text[at..].chars().next() {
        at += letter.len_utf8();
        match letter {
            '[' | '{' | '(' if !is_after_text => depth += 1,
            ']' | '}' | ')' if depth > 1 => (depth, is_after_text) = (depth - 1, false),
            ']' | '}' | ')' if depth == 1 => {
                let rest = text[at..].trim_start_matches([' ', '\t', '\r']);
                let ends = rest.is_empty() || rest.starts_with([',', ')', '\n', '#', ';', '}']);
                return ends.then_some(all);
            }
            '\'' | '"' if depth > 0 && !is_after_text => {
                let end = at + text[at..].find(letter)?;
                if end == at && text[end + 1..].starts_with(letter) {
                    return None;
                }
                all.push(at..end);
                (at, is_after_text) = (end + 1, true);
            }
            ',' => is_after_text = false,
            // The text before it was a key.
            ':' if is_after_text => is_after_text = all.pop().is_none(),
            '#' => at += text[at..].find('\n').unwrap_or(text.len() - at),
            _ if depth > 0 && letter.is_whitespace() => {}
            _ => return None,
        }
    }
    None
}
