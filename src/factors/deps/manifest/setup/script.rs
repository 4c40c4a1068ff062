//! `setup.py`: what it gives to setuptools, as far as that is written out. What is computed is said to be.

use super::values::{Text as Found, Values};
use crate::factors::deps::closed::is_closed;
use crate::factors::deps::manifest::empty;
use crate::factors::deps::manifest::python::requirement;
use crate::factors::deps::model::{Declared, Dialect, Ecosystem, Manifest, Scope, Verdict};
use crate::factors::deps::text::Text;

/// Said in `unseen` where every name is written out, and not every version.
pub const VERSIONS: &str = "the version of a requirement is computed";

const KEYS: [(&str, Scope); 4] = [
    ("install_requires", Scope::Run),
    ("extras_require", Scope::Optional),
    ("tests_require", Scope::Dev),
    ("setup_requires", Scope::Build),
];

/// Lists of plain texts, given as arguments, as keys of a dictionary of arguments, or through variables of the module.
pub fn read(text: &Text) -> Result<Manifest, String> {
    const LARGEST: usize = 1 << 18;
    let content = text.content.as_str();
    if content.len() > LARGEST {
        return Err("it is larger than anybody writes one".to_owned());
    }
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
    let values = Values::new(content);
    let mut is_any = false;
    for (key, scope) in KEYS {
        let found = values.of(key);
        is_any |= found.is_given;
        manifest.declared.extend(found.texts.iter().filter_map(|one| declared(text, one, scope)));
        if scope == Scope::Build {
            continue;
        }
        if !found.is_whole {
            manifest.unseen.push(format!("`{key}` is computed"));
        } else if found.texts.iter().any(|one| one.is_cut)
            && !manifest.unseen.iter().any(|why| why == VERSIONS)
        {
            manifest.unseen.push(VERSIONS.to_owned());
        }
    }
    let arguments = content.split_once("setup(").map_or("", |(_, rest)| rest);
    if !is_any && values.is_passed_on(arguments) {
        manifest.unseen.push("the arguments of `setup` are computed".to_owned());
    }
    manifest.known_names = extensions(content);
    Ok(manifest)
}

/// A requirement whose name is written out; its version may be computed.
fn declared(text: &Text, found: &Found, scope: Scope) -> Option<Declared> {
    let written = &text.content[found.span.clone()];
    let place = text.place(found.span.clone());
    let mut one = if found.is_cut {
        let end = written.find(|letter: char| !letter.is_alphanumeric() && !"-_.".contains(letter));
        // A name that goes on in what is computed is none.
        let name = &written[..end?];
        let mut one = requirement(name, scope, place);
        one.verdict = if one.verdict == Verdict::Invalid { return None } else { Verdict::Range };
        one
    } else {
        requirement(written, scope, place)
    };
    one.is_conditional |= found.is_conditional;
    Some(one)
}

/// Modules that it compiles, which code of the tree imports: `Extension("a.b", …)`.
fn extensions(content: &str) -> Vec<String> {
    let first = |(at, word): (usize, &str)| {
        let rest = content[at + word.len()..].trim_start();
        let rest = rest.strip_prefix("name=").unwrap_or(rest);
        let name = rest.strip_prefix(['"', '\''])?.split(['"', '\'', '.']).next()?;
        Some(name.to_owned())
    };
    content.match_indices("Extension(").filter_map(first).collect()
}
