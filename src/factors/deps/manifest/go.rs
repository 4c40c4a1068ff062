//! `go.mod`: its requirements are minimal versions, so each is exact.

use super::{declared, empty};
use crate::factors::deps::model::{Dialect, Ecosystem, Manifest, Scope, Verdict};
use crate::factors::deps::paths;
use crate::factors::deps::text::Text;
use std::collections::{BTreeMap, BTreeSet};

/// What the file says.
#[derive(Debug, Default)]
pub struct Module<'a> {
    /// Its own path.
    pub path: &'a str,
    /// `go 1.22`.
    pub go: Option<&'a str>,
    /// `toolchain go1.22.3`, without `go`.
    pub toolchain: Option<&'a str>,
    /// In the order of the file.
    pub requires: Vec<Require<'a>>,
    /// Module and version, which is empty for every one; and by which module and version, which a folder has none of.
    replaces: BTreeMap<(&'a str, &'a str), (&'a str, &'a str)>,
    /// Of a `go.work`: the folders of its modules.
    uses: Vec<&'a str>,
}

/// One requirement.
#[derive(Debug)]
pub struct Require<'a> {
    /// The module.
    pub path: &'a str,
    /// With its `v`.
    pub version: &'a str,
    /// Nothing in the module itself imports it.
    pub is_indirect: bool,
    /// The line, from 1.
    pub line: usize,
}

impl<'a> Module<'a> {
    /// What stands in the place of a requirement; a folder has an empty version.
    pub fn replaced(&self, require: &Require<'a>) -> Option<(&'a str, &'a str)> {
        // The one for this version goes before the one for all.
        let of = |version| self.replaces.get(&(require.path, version)).copied();
        of(require.version).or_else(|| of(""))
    }
}

/// Reads a whole text.
pub fn parse(text: &str) -> Result<Module<'_>, String> {
    let mut module = Module::default();
    let mut block = None;
    for (at, line) in text.lines().enumerate() {
        let (content, comment) = line.split_once("//").unwrap_or((line, ""));
        let mut words: Vec<&str> = content.split_whitespace().collect();
        let Some(first) = words.first().copied() else { continue };
        let verb = match block {
            Some(_) if first == ")" => {
                block = None;
                continue;
            }
            Some(verb) => verb,
            None if words.last() == Some(&"(") => {
                block = Some(first);
                continue;
            }
            None => words.remove(0),
        };
        let is_indirect = comment.trim_start().starts_with("indirect");
        directive(&mut module, verb, &words, is_indirect, at + 1)?;
    }
    match block {
        Some(verb) => Err(format!("the block `{verb} (` is not closed")),
        None => Ok(module),
    }
}

fn directive<'a>(
    module: &mut Module<'a>,
    verb: &'a str,
    words: &[&'a str],
    is_indirect: bool,
    line: usize,
) -> Result<(), String> {
    let word = |at: usize| words.get(at).map_or("", |word| word.trim_matches(['"', '`']));
    match verb {
        "module" => module.path = word(0),
        "go" => module.go = Some(word(0)),
        // A toolchain of somebody's own has a suffix: `go1.22.3-acme` (go.dev/doc/toolchain).
        "toolchain" => module.toolchain = word(0).strip_prefix("go").and_then(|word| word.split('-').next()),
        "require" if words.len() >= 2 => {
            module.requires.push(Require { path: word(0), version: word(1), is_indirect, line });
        }
        "replace" => {
            let arrow = words.iter().position(|word| *word == "=>");
            let arrow = arrow.ok_or_else(|| format!("line {line}: `=>` is expected"))?;
            let version = if arrow > 1 { word(1) } else { "" };
            let by = (word(arrow + 1), word(arrow + 2));
            if module.replaces.insert((word(0), version), by).is_some_and(|other| other != by) {
                return Err(format!("line {line}: `{}` is replaced twice", word(0)));
            }
        }
        "use" => module.uses.push(word(0)),
        "exclude" | "retract" | "tool" | "godebug" | "ignore" => {}
        _ => return Err(format!("line {line}: `{verb}` is not understood")),
    }
    Ok(())
}

/// Reads a file as a manifest.
pub fn read(text: &Text) -> Result<Manifest, String> {
    let module = parse(&text.content)?;
    let mut manifest = empty(text, Ecosystem::Go, Dialect::Go);
    manifest.own_name = Some(module.path.to_owned()).filter(|path| !path.is_empty());
    for require in &module.requires {
        let place = text.place(text.line_at(text.line_start(require.line)));
        let replaced = module.replaced(require);
        let is_local = replaced.is_some_and(|(_, version)| version.is_empty());
        let verdict = if is_local { Verdict::Local } else { Verdict::Exact };
        let mut one = declared(require.path.to_owned(), require.version, verdict, Scope::Run, place);
        if let Some((path, version)) = replaced.filter(|_| !is_local) {
            // Code goes on importing the old name.
            one.alias = Some(std::mem::replace(&mut one.name, path.to_owned()));
            version.clone_into(&mut one.constraint);
        }
        one.is_conditional = require.is_indirect;
        manifest.declared.push(one);
    }
    Ok(manifest)
}

/// Modules that one `go.work` uses take each other from the tree (Go modules reference, workspaces).
pub fn work_together(manifests: &mut [(Text, Manifest)], works: &[Text]) {
    for work in works {
        let folder = paths::folder(&work.path);
        let uses = parse(&work.content).map(|work| work.uses).unwrap_or_default();
        let used: BTreeSet<String> = uses.iter().filter_map(|path| paths::join(folder, path)).collect();
        let is_used = |manifest: &Manifest| {
            manifest.dialect == Dialect::Go && used.contains(paths::folder(&manifest.path))
        };
        let members = manifests.iter().filter(|(_, manifest)| is_used(manifest));
        let names: BTreeSet<String> = members.filter_map(|(_, manifest)| manifest.own_name.clone()).collect();
        for (_, manifest) in manifests.iter_mut().filter(|(_, manifest)| is_used(manifest)) {
            for one in manifest.declared.iter_mut().filter(|one| names.contains(&one.name)) {
                one.verdict = Verdict::Local;
            }
        }
    }
}
