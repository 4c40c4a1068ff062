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
    for line in text.content.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let mut value = content;
        if !line.starts_with([' ', '\t']) {
            if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
                (section, scope) = (name.trim(), None);
                continue;
            }
            let Some((key, rest)) = content.split_once('=') else { continue };
            value = rest.trim();
            scope = scope_of(section, key.trim());
            if section == "metadata" && key.trim() == "name" {
                manifest.own_name = Some(Ecosystem::PyPI.normalise(value));
            }
        }
        if let Some(scope) = scope.filter(|_| !value.is_empty()) {
            let at = at + line.find(value).unwrap_or(0);
            manifest.declared.push(requirement(value, scope, text.place(at..at + value.len())));
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
