//! What is the app's own: its modules, its path aliases, its workspace.

use super::aliases::{self, Aliases};
use super::{Import, language};
use crate::factors::deps::Tree;
use crate::factors::deps::model::Ecosystem;
use crate::factors::deps::paths;
use crate::factors::deps::project::{Project, is_foreign};
use std::collections::BTreeSet;

/// Names that code of the tree may use without declaring them.
pub struct Local {
    /// Python modules and packages, wherever they are: which folders are searched is decided when the app runs.
    python: BTreeSet<String>,
    /// Names of folders and files of JavaScript, from which a base folder may resolve.
    javascript: BTreeSet<String>,
    /// What stands for a folder or file of JavaScript.
    aliases: Aliases,
    /// npm packages of the tree itself.
    members: BTreeSet<String>,
    /// Names that Rust code defines.
    rust: BTreeSet<String>,
    /// Module paths of the tree's own `go.mod` files.
    go: Vec<String>,
}

impl Local {
    /// Looks at every path, and into the files that may define names.
    pub fn new(tree: &dyn Tree, project: &Project) -> Self {
        let mut local = Self {
            python: BTreeSet::new(),
            javascript: BTreeSet::new(),
            aliases: Aliases::default(),
            members: BTreeSet::new(),
            rust: BTreeSet::new(),
            go: Vec::new(),
        };
        for (_, manifest) in &project.manifests {
            let own = manifest.own_name.clone();
            match manifest.ecosystem {
                Ecosystem::Npm => {
                    local.members.extend(own);
                    local.aliases.has_docusaurus |=
                        manifest.declared.iter().any(|one| one.name == "@docusaurus/core");
                }
                Ecosystem::Go => local.go.extend(own),
                Ecosystem::CratesIo => local.rust.extend(own.map(|name| name.replace('-', "_"))),
                _ => {}
            }
        }
        for path in tree.files() {
            if !is_foreign(path) {
                local.learn(tree, path);
            } else if is_carried(path) && language(path) == Some(Ecosystem::PyPI) {
                local.python.extend(names(path).map(str::to_owned));
            }
        }
        local
    }

    fn learn(&mut self, tree: &dyn Tree, path: &str) {
        let name = paths::file_name(path);
        let stem = name.split('.').next().unwrap_or(name);
        let names = names(path).map(str::to_owned);
        match language(path) {
            Some(Ecosystem::PyPI) => self.python.extend(names),
            Some(Ecosystem::Npm) => self.javascript.extend(names),
            Some(Ecosystem::CratesIo) => {
                self.rust.extend(names);
                let bytes = tree.read(path).unwrap_or_default();
                self.rust.extend(defined(&String::from_utf8_lossy(&bytes)));
            }
            _ => {}
        }
        // Compiled modules: `_speedups.pyx`, `native.cpython-312-x86_64-linux-gnu.so`.
        if [".pyx", ".so", ".pyd", ".pyi"].iter().any(|ending| name.ends_with(ending)) {
            self.python.insert(stem.to_owned());
        }
        if aliases::is_config(name) {
            self.aliases.learn(tree, path);
        }
    }

    /// Whether an import is of the app itself.
    pub fn is_own(&self, ecosystem: Ecosystem, path: &str, import: &Import) -> bool {
        match ecosystem {
            Ecosystem::PyPI => {
                self.python.contains(&import.name)
                    || is_build_of_python(path, &import.name)
                    || is_generated(&import.name)
            }
            Ecosystem::Npm => {
                let first = import.path.split('/').next().unwrap_or_default();
                let resolves =
                    import.path.contains('/') && !first.starts_with('@') && self.javascript.contains(first);
                self.members.contains(&import.name) || self.aliases.resolve(path, import) || resolves
            }
            Ecosystem::Go => {
                self.go.iter().any(|module| import.name == *module || paths::is_in(&import.name, module))
            }
            _ => self.rust.contains(&import.name),
        }
    }
}

/// The names by which a file can be imported, from whatever folder.
fn names(path: &str) -> impl Iterator<Item = &str> {
    let name = paths::file_name(path);
    paths::folder(path).split('/').chain([name.split('.').next().unwrap_or(name)])
}

/// Code of others that the tree brings along, so that nobody has to install it. What was installed into the tree is not.
fn is_carried(path: &str) -> bool {
    const CARRIED: [&str; 2] = ["vendor", "third_party"];
    const INSTALLED: [&str; 6] = ["site-packages", "venv", ".venv", ".tox", ".nox", "node_modules"];
    let has = |names: &[&str]| paths::folder(path).split('/').any(|part| names.contains(&part));
    has(&CARRIED) && !has(&INSTALLED)
}

/// What protoc makes of a file of the app, beside it (Protocol Buffers, "Python generated code guide").
fn is_generated(module: &str) -> bool {
    ["_pb2", "_pb2_grpc"].iter().any(|end| module.ends_with(end))
}

/// What whoever runs a file brings: a build its back end (Hatch's build hooks, setuptools), nox itself.
fn is_build_of_python(path: &str, module: &str) -> bool {
    let brought: &[&str] = match paths::file_name(path) {
        "setup.py" | "build.py" => &["setuptools", "pkg_resources", "Cython", "wheel", "pip"],
        "hatch_build.py" => &["hatchling"],
        "noxfile.py" => &["nox"],
        _ => &[],
    };
    brought.contains(&module)
}

/// Names that a Rust file defines, which a path may begin with: modules, renamed imports, and all kinds of items.
fn defined(text: &str) -> impl Iterator<Item = String> {
    const KEYWORDS: [&str; 8] = ["mod", "as", "fn", "enum", "struct", "trait", "type", "macro_rules!"];
    let mut words = text.split_ascii_whitespace().peekable();
    std::iter::from_fn(move || {
        loop {
            let word = words.next()?;
            let next = words.peek().filter(|_| KEYWORDS.contains(&word));
            if let Some(next) = next {
                let end = next.find(|end: char| !end.is_alphanumeric() && end != '_').unwrap_or(next.len());
                return Some(next[..end].to_owned());
            }
        }
    })
}
