//! JavaScript that nobody wrote here: minified, bundled, or copied to where browsers fetch it. And which package it is of.

use crate::factors::deps::model::Ecosystem;
use crate::factors::deps::paths;
use crate::factors::deps::project::{Project, is_of_others};
use crate::factors::finding::{Level, Report};
use crate::factors::role;

/// Folders with a `package.json` of the tree, and the files that stand below none of them.
pub struct Packages<'a> {
    homes: Vec<Home<'a>>,
    /// The first file with imports that nothing here can be held against, and how many there are.
    outside: Option<(String, usize)>,
}

/// Where a `package.json` stands.
#[derive(Debug, Clone, Copy)]
pub struct Home<'a> {
    folder: &'a str,
    /// It came along with code of others.
    is_of_others: bool,
}

impl<'a> Packages<'a> {
    /// Those of a tree.
    pub fn new(project: &'a Project) -> Self {
        let of_npm = project.manifests.iter().filter(|(_, manifest)| manifest.ecosystem == Ecosystem::Npm);
        let home = of_npm.map(|(text, manifest)| Home {
            folder: paths::folder(&manifest.path),
            is_of_others: is_of_others(text),
        });
        Self { homes: home.collect(), outside: None }
    }

    /// The nearest `package.json` above a file: Node.js looks nowhere else (its documentation, "Modules:
    /// packages"; `node_modules` is looked for on the same way up).
    pub fn home(&self, path: &str) -> Option<Home<'a>> {
        let above = self.homes.iter().filter(|home| paths::is_in(path, home.folder));
        above.copied().max_by_key(|home| home.folder.len())
    }

    /// The most that an import of a file may weigh, from what the file is.
    pub fn most(path: &str, text: &str, home: Home<'_>) -> Level {
        let within = path[home.folder.len()..].trim_start_matches('/');
        if home.is_of_others || paths::is_handed_out(within) || is_made(path, text) {
            return Level::Note;
        }
        // Only a compiler reads these, and most often those of who takes the package over.
        let name = paths::file_name(path);
        let is_declarations = [".d.ts", ".d.mts", ".d.cts"].iter().any(|ending| name.ends_with(ending));
        if is_declarations { Level::Warn } else { Level::Error }
    }

    /// Remembers a file that asks for packages below no `package.json`. What was copied is a page's, which resolves it.
    pub fn is_outside(&mut self, path: &str, text: &str) {
        if paths::is_handed_out(path) || is_made(path, text) {
            return;
        }
        let (_, count) = self.outside.get_or_insert_with(|| (path.to_owned(), 0));
        *count += 1;
    }

    /// Says what was not judged.
    pub fn tell(&self, report: &mut Report) {
        let Some((first, count)) = &self.outside else { return };
        let others = if *count > 1 { format!(", nor above {} more", count - 1) } else { String::new() };
        report.skip(
            first.as_str(),
            format!("it imports packages, and no `package.json` stands above it{others}"),
        );
    }
}

/// Written by a tool: it says so in its name, or it has no lines that people read.
fn is_made(path: &str, text: &str) -> bool {
    role::is_bundled(path) || is_dense(text) || text.contains("__webpack_require__")
}

/// Lines that are on average longer than anybody writes them, as only a tool makes them.
fn is_dense(text: &str) -> bool {
    const LONG: usize = 300;
    text.len() / (memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1) > LONG
}
