//! What a tree says of its dependencies, whatever the language: declared, locked.

use crate::factors::finding::Place;

/// Where packages come from. The names are those of the OSV schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecosystem {
    /// Python.
    PyPI,
    /// JavaScript.
    Npm,
    /// Rust.
    CratesIo,
    /// Go modules.
    Go,
    /// Ruby.
    RubyGems,
    /// PHP.
    Packagist,
    /// Elixir and Erlang.
    Hex,
    /// Java.
    Maven,
}

impl Ecosystem {
    /// As the OSV schema writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PyPI => "PyPI",
            Self::Npm => "npm",
            Self::CratesIo => "crates.io",
            Self::Go => "Go",
            Self::RubyGems => "RubyGems",
            Self::Packagist => "Packagist",
            Self::Hex => "Hex",
            Self::Maven => "Maven",
        }
    }

    /// A package's name as its registry compares it.
    pub fn normalise(self, name: &str) -> String {
        match self {
            Self::PyPI => pep503(name),
            Self::Packagist | Self::Hex => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        }
    }
}

/// PEP 503: lower case, and one hyphen for every run of `-`, `_` and `.`.
fn pep503(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for letter in name.chars() {
        if !['-', '_', '.'].contains(&letter) {
            normal.extend(letter.to_lowercase());
        } else if !normal.ends_with('-') {
            normal.push('-');
        }
    }
    normal
}

/// How exactly a requirement says what is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// One version: `==`, `===`, a hash.
    Exact,
    /// `==2.*`.
    Wildcard,
    /// Anything that compares.
    Range,
    /// A name alone.
    Unpinned,
    /// `-e`, of a folder or a commit.
    Editable,
    /// A file or a folder.
    Local,
    /// A repository at a full commit.
    VcsCommit,
    /// A repository at a branch or tag, or at whatever is its head.
    VcsBranch,
    /// A URL whose content is known by its digest.
    UrlDigest,
    /// A URL whose content may change.
    Url,
    /// Not a requirement.
    Invalid,
}

impl Verdict {
    /// As evidence and JSON write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Wildcard => "wildcard",
            Self::Range => "range",
            Self::Unpinned => "unpinned",
            Self::Editable => "editable",
            Self::Local => "local",
            Self::VcsCommit => "vcs-at-commit",
            Self::VcsBranch => "vcs-branch",
            Self::UrlDigest => "url-with-digest",
            Self::Url => "url",
            Self::Invalid => "invalid",
        }
    }

    /// The same bytes tomorrow.
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Exact | Self::VcsCommit | Self::UrlDigest)
    }

    /// It is taken from a registry, by version.
    pub fn is_versioned(self) -> bool {
        matches!(self, Self::Exact | Self::Wildcard | Self::Range | Self::Unpinned)
    }
}

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The app itself.
    Run,
    /// Tests, tools, documentation.
    Dev,
    /// Making the package.
    Build,
    /// Only who asks for it.
    Optional,
}

/// One requirement of a manifest.
#[derive(Debug, Clone)]
pub struct Declared {
    /// As its registry compares it; empty when there is none.
    pub name: String,
    /// The name by which code imports it, where the manifest gives another one.
    pub alias: Option<String>,
    /// The constraint alone, in the words of its tool: `>=1,<2`, `^1.2`.
    pub constraint: String,
    /// Name and constraint, as they may be shown.
    pub shown: String,
    /// How exact it is.
    pub verdict: Verdict,
    /// What it is for.
    pub scope: Scope,
    /// A marker or a platform decides whether it is installed.
    pub is_conditional: bool,
    /// Nothing but the platform or an extra decides, so that a lock for all of them holds it.
    pub is_for_platform: bool,
    /// It is written in the workspace's manifest: `name.workspace = true`.
    pub is_inherited: bool,
    /// Where it is written.
    pub place: Place,
}

/// Which tool's constraints a manifest is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// PEP 440.
    Python,
    /// Carets over PEP 440.
    Poetry,
    /// npm, yarn, pnpm.
    Npm,
    /// Cargo: a caret where nothing is written.
    Cargo,
    /// Minimal versions, each one exact.
    Go,
    /// Bundler.
    Gem,
    /// Composer.
    Composer,
    /// Mix.
    Hex,
}

/// What a manifest is to its lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An app, or nobody can tell: it needs a lock.
    App,
    /// It says that it is a library, whose lock binds nobody who uses it.
    Library,
}

/// A file in which people say what they need.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Whose packages.
    pub ecosystem: Ecosystem,
    /// The words of its constraints.
    pub dialect: Dialect,
    /// Relative to the root.
    pub path: String,
    /// What it calls itself.
    pub own_name: Option<String>,
    /// App or library.
    pub kind: Kind,
    /// It has members whose dependencies its lock holds.
    pub is_workspace: bool,
    /// In the order of the file.
    pub declared: Vec<Declared>,
    /// What members of a workspace may take over by name alone.
    pub shared: Vec<Declared>,
    /// Further names that code of this manifest may import: path aliases, workspace members.
    pub known_names: Vec<String>,
    /// What it says and cannot be seen without running it, each a sentence.
    pub unseen: Vec<String>,
    /// Files of requirements that it names, from the root on.
    pub files: Vec<String>,
    /// Globs of the folders of its members, relative to its own; `!` takes some out.
    pub members: Vec<String>,
    /// Where it says that its lock is, from the root on.
    pub lock_path: Option<String>,
    /// The tool that it says installs it: `yarn`.
    pub manager: Option<String>,
    /// Packages whose version is decided elsewhere than where they are asked for.
    pub overridden: Vec<String>,
}

/// Where a locked package is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The ecosystem's own registry, or nobody says another.
    Registry,
    /// A registry of somebody's own.
    OtherRegistry,
    /// A repository at a commit.
    Git,
    /// A URL.
    Url,
    /// The tree itself.
    Path,
}

/// One package of a lock file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Locked {
    /// As its registry compares it.
    pub name: String,
    /// As the lock writes it; empty where it gives none.
    pub version: String,
    /// Where it is taken from.
    pub origin: Origin,
    /// Whether its content is checked; `None` where the format keeps no digest for it.
    pub is_hashed: Option<bool>,
    /// Further names that it stands for, each with its version, which is empty where nobody can tell it.
    pub stands_for: Vec<(String, String)>,
    /// It lies inside of another package, where the app itself does not find it.
    pub is_nested: bool,
}

impl Locked {
    /// A package of the registry, of which the format keeps no digest.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        let (name, version) = (name.into(), version.into());
        Self {
            name,
            version,
            origin: Origin::Registry,
            is_hashed: None,
            stands_for: Vec::new(),
            is_nested: false,
        }
    }

    /// The version of a package of this name: its own, or that of what it stands for.
    pub fn version_of(&self, name: &str) -> Option<&str> {
        if self.name == name {
            return Some(&self.version);
        }
        self.stands_for.iter().find(|(other, _)| other == name).map(|(_, version)| version.as_str())
    }

    /// With its digest present or missing.
    #[must_use]
    pub fn hashed(mut self, is_hashed: bool) -> Self {
        self.is_hashed = Some(is_hashed);
        self
    }

    /// From elsewhere. What is no registry's needs no digest.
    #[must_use]
    pub fn from(mut self, origin: Origin) -> Self {
        self.origin = origin;
        if matches!(origin, Origin::Path | Origin::Git) {
            self.is_hashed = None;
        }
        self
    }
}
