//! `setup.cfg` and `setup.py`: what can be read without running them.

use super::empty;
use super::python::requirement;
use crate::factors::deps::model::{Dialect, Ecosystem, Manifest, Scope};
use crate::factors::deps::text::Text;
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

/// Literal lists of `install_requires`, `extras_require`, `tests_require`, `setup_requires`. What is computed cannot
/// be seen here.
#[expect(clippy::unnecessary_wraps, reason = "a reader of the table, others of which can fail")]
pub fn script(text: &Text) -> Result<Manifest, String> {
    const KEYS: [(&str, Scope); 4] = [
        ("install_requires", Scope::Run),
        ("extras_require", Scope::Optional),
        ("tests_require", Scope::Dev),
        ("setup_requires", Scope::Build),
    ];
    let mut manifest = empty(text, Ecosystem::PyPI, Dialect::Python);
    for (key, scope) in KEYS {
        for (at, _) in text.content.match_indices(key) {
            let rest = text.content[at + key.len()..].trim_start();
            let Some(value) = rest.strip_prefix('=').map(str::trim_start) else { continue };
            let start = text.content.len() - value.len();
            for span in literals(&text.content, start) {
                let written = &text.content[span.clone()];
                let is_key = text.content[span.end + 1..].trim_start().starts_with(':');
                if !is_key {
                    manifest.declared.push(requirement(written, scope, text.place(span)));
                }
            }
        }
    }
    Ok(manifest)
}

/// The quoted texts of the list or dictionary that begins here; none when something else does.
fn literals(text: &str, start: usize) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut depth = 0_usize;
    let mut letters = text[start..].char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' if depth <= 1 => break,
            ']' | '}' | ')' => depth -= 1,
            '\'' | '"' if depth > 0 => {
                let from = start + at + 1;
                let Some(end) = text[from..].find(letter) else { break };
                all.push(from..from + end);
                while letters.offset() < from + end + 1 - start && letters.next().is_some() {}
            }
            '#' => while letters.next().is_some_and(|(_, letter)| letter != '\n') {},
            _ if depth == 0 => break,
            _ => {}
        }
    }
    all
}
