//! `setup.cfg` and `setup.py`: what can be read without running them.

mod script;
mod values;

pub use script::{VERSIONS, read as script};

use super::empty;
use super::python::requirement;
use crate::factors::deps::model::{Dialect, Ecosystem, Manifest, Scope};
use crate::factors::deps::text::Text;

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

#[cfg(test)]
mod tests;
