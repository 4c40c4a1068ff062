//! System programs that code or the Procfile runs and nothing declares.
//!
//! Only literal names count. What is basic, in the tree, brought by a package or a runtime that a manifest declares,
//! or mentioned where programs are declared, is fine.

mod calls;
mod known;
mod shell;

use super::Tree;
use super::imports::is_for_development;
use super::model::Ecosystem;
use super::paths;
use super::project::{Project, is_foreign};
use super::requirements::Item;
use super::rules;
use super::text::Text;
use crate::factors::finding::{Level, Place, Report};
use std::collections::{BTreeMap, BTreeSet};

/// A command of the Procfile.
#[derive(Debug, Clone)]
pub struct Command {
    /// As the shell gets it.
    pub text: String,
    /// Where it is written.
    pub place: Place,
}

/// What is there without being asked for by name.
struct Declared<'a> {
    tree: &'a dyn Tree,
    /// Names of declared and locked packages, scopes apart.
    packages: BTreeSet<String>,
    /// Whose manifests are there: each stands for its runtime.
    ecosystems: BTreeSet<Ecosystem>,
    /// Every word of the files in which programs are declared.
    mentions: BTreeSet<String>,
    /// Names of the tree's own files.
    own: BTreeSet<&'a str>,
    /// There is a place to declare programs in.
    has_place: bool,
}

/// Judges every call and every command; each program is told once, at its first place.
pub fn judge(tree: &dyn Tree, project: &Project, commands: &[Command], report: &mut Report) {
    let declared = Declared::new(tree, project);
    let mut missing: BTreeMap<String, Place> = BTreeMap::new();
    for command in commands {
        for program in shell::programs(&command.text) {
            if !declared.has(&program) {
                missing.entry(program).or_insert_with(|| command.place.clone());
            }
        }
    }
    let mut paths: Vec<&String> = tree.files().iter().filter(|path| !is_foreign(path)).collect();
    paths.sort_unstable();
    for path in paths {
        let Some(language) = calls::language(path) else { continue };
        // Whoever cannot be read was told with the imports.
        let Ok(bytes) = tree.read(path) else { continue };
        if memchr::memchr(0, &bytes).is_some() || !language.may_run(&bytes) {
            continue;
        }
        let text = Text::new(path, &bytes);
        for (program, span) in language.programs(&text.content) {
            if !declared.has(&program) {
                missing.entry(program).or_insert_with(|| text.place(span));
            }
        }
    }
    for (program, place) in missing {
        tell(&program, place, declared.has_place, report);
    }
}

fn tell(program: &str, place: Place, has_place: bool, report: &mut Report) {
    let package = known::system_package(program).unwrap_or(program);
    let is_told_only = !has_place || is_for_development(&place.path);
    let level = if is_told_only { Level::Note } else { rules::UNDECLARED_PROGRAM.level };
    let message = format!("`{program}` is run and nothing declares it");
    let help = format!("install `{package}` in the Dockerfile or name it in an Aptfile");
    report.weigh(&rules::UNDECLARED_PROGRAM, level, place, message, help);
}

impl<'a> Declared<'a> {
    fn new(tree: &'a dyn Tree, project: &Project) -> Self {
        let mut declared = Self {
            tree,
            packages: BTreeSet::new(),
            ecosystems: BTreeSet::new(),
            mentions: BTreeSet::new(),
            own: tree.files().iter().map(|path| paths::file_name(path)).collect(),
            has_place: false,
        };
        let mut add = |name: &str| {
            declared.packages.insert(name.rsplit('/').next().unwrap_or(name).to_owned());
            declared.packages.insert(name.to_owned());
        };
        for (_, manifest) in &project.manifests {
            declared.ecosystems.insert(manifest.ecosystem);
            manifest.own_name.iter().for_each(|name| add(name));
            manifest.declared.iter().for_each(|one| add(&one.name));
        }
        project.locks.iter().flat_map(|lock| &lock.packages).for_each(|package| add(&package.name));
        for item in project.requirement_sets.iter().flatten().flat_map(|file| &file.items) {
            declared.ecosystems.insert(Ecosystem::PyPI);
            if let Item::Requirement(entry) = item {
                entry.name.iter().for_each(|name| add(name));
            }
        }
        for path in tree.files().iter().filter(|path| known::declares_programs(path) && !is_foreign(path)) {
            declared.has_place = true;
            let bytes = tree.read(path).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            declared.mentions.extend(mentions(path, &text));
        }
        declared
    }

    /// Whether a program is there without more ado.
    fn has(&self, program: &str) -> bool {
        let name = paths::file_name(program);
        if program.contains('/') && !program.starts_with('/') {
            // A path of the app: either it is there, or a build makes it.
            return true;
        }
        known::is_basic(name)
            || self.own.contains(name)
            || known::runtime(name).is_some_and(|ecosystem| self.ecosystems.contains(&ecosystem))
            || known::packages_with(name).any(|package| self.packages.contains(package))
            || self.is_installed(name)
            || self.is_mentioned(name)
    }

    fn is_installed(&self, name: &str) -> bool {
        const FOLDERS: [&str; 5] = ["bin", "node_modules/.bin", ".venv/bin", "venv/bin", "vendor/bin"];
        FOLDERS.iter().any(|folder| self.tree.exists(&format!("{folder}/{name}")))
    }

    fn is_mentioned(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let packages = known::system_packages(&name);
        // `postgresql-client-16` is `postgresql-client`; `redis_url` is a variable.
        let begins = |package: &str| {
            let next = self.mentions.range(package.to_owned()..).next();
            next.and_then(|word| word.strip_prefix(package)).is_some_and(|rest| !rest.starts_with('_'))
        };
        self.mentions.contains(&name) || packages.iter().any(|package| begins(package))
    }
}

/// The words of a file in which programs are declared: no comment's, and none that says by which scheme or at which
/// address a service is met.
fn mentions(path: &str, text: &str) -> BTreeSet<String> {
    let is_word = |letter: char| letter.is_alphanumeric() || "._+-".contains(letter);
    let mut all = BTreeSet::new();
    for line in text.lines() {
        let mut rest = without_comment(line);
        while let Some(start) = rest.find(is_word) {
            let end = rest[start..].find(|letter| !is_word(letter)).map_or(rest.len(), |end| start + end);
            let word = &rest[start..end];
            rest = &rest[end..];
            if !rest.starts_with("://") {
                all.extend([word, program_of(path, word)].map(str::to_owned));
            } else if !["http", "https", "ftp", "git", "github"].contains(&word) {
                // What is downloaded may well be a program; a service's address is none.
                rest = rest.find([' ', '"', '\'', '\t']).map_or("", |end| &rest[end..]);
            }
        }
    }
    all
}

/// The program that a word is of: `ffmpeg` of `ffmpeg-7.1.tar.xz` and of `ffmpeg_version`, `jq` of Nix's `pkgs.jq`.
fn program_of<'a>(path: &str, word: &'a str) -> &'a str {
    let word = if paths::ending(path) == "nix" { word.rsplit('.').next().unwrap_or(word) } else { word };
    let is_version = |at: usize| word[at + 1..].chars().next().is_none_or(|next| next.is_ascii_digit());
    let end = word.match_indices(['-', '_']).map(|(at, _)| at).find(|at| is_version(*at));
    let word = &word[..end.unwrap_or(word.len())];
    word.strip_suffix("_version").unwrap_or(word)
}

/// A comment begins with `#` at the start of a word, or takes a whole line.
fn without_comment(line: &str) -> &str {
    let is_comment = |at: &usize| line[..*at].ends_with(|before: char| before.is_whitespace());
    let start = line.match_indices('#').map(|(at, _)| at).find(|at| *at == 0 || is_comment(at));
    let line = &line[..start.unwrap_or(line.len())];
    if line.trim_start().starts_with("//") { "" } else { line }
}

#[cfg(test)]
mod tests;
