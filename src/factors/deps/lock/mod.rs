//! Lock files of every ecosystem: text in, packages out.

mod asked;
mod bun;
mod hex;
mod json;
mod listed;
mod pnpm;
mod ruby;
mod toml_locks;
mod yarn;

pub use asked::{Asked, Names};

use super::model::{Ecosystem, Locked};
use super::paths;

/// A reader: every package, in the order of the file, or why it cannot be read.
pub type Read = fn(&str) -> Result<Vec<Locked>, String>;

/// One kind of lock file.
pub struct Format {
    /// The name of the file.
    pub file: &'static str,
    /// Whose packages.
    pub ecosystem: Ecosystem,
    /// The command that writes it.
    pub made_by: &'static str,
    /// Its reader.
    pub read: Read,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.file)
    }
}

const fn format(file: &'static str, ecosystem: Ecosystem, made_by: &'static str, read: Read) -> Format {
    Format { file, ecosystem, made_by, read }
}

/// Every format. Where a folder has several of one ecosystem, the first here counts.
pub static FORMATS: [Format; 26] = [
    format("uv.lock", Ecosystem::PyPI, "uv lock", toml_locks::python),
    format("poetry.lock", Ecosystem::PyPI, "poetry lock", toml_locks::python),
    format("pdm.lock", Ecosystem::PyPI, "pdm lock", toml_locks::python),
    format("pylock.toml", Ecosystem::PyPI, "pip lock", toml_locks::pylock),
    format("Pipfile.lock", Ecosystem::PyPI, "pipenv lock", json::pipfile),
    // The one with more in it first.
    format("requirements-dev.lock", Ecosystem::PyPI, "rye lock", listed::requirements),
    format("requirements.lock", Ecosystem::PyPI, "rye lock", listed::requirements),
    format("npm-shrinkwrap.json", Ecosystem::Npm, "npm shrinkwrap", json::npm),
    format("package-lock.json", Ecosystem::Npm, "npm install", json::npm),
    format("yarn.lock", Ecosystem::Npm, "yarn install", yarn::read),
    format("pnpm-lock.yaml", Ecosystem::Npm, "pnpm install", pnpm::read),
    format("bun.lock", Ecosystem::Npm, "bun install", bun::read),
    format("Cargo.lock", Ecosystem::CratesIo, "cargo generate-lockfile", toml_locks::cargo),
    format("go.sum", Ecosystem::Go, "go mod tidy", listed::go_sum),
    format("go.work.sum", Ecosystem::Go, "go work sync", listed::go_sum),
    format("go.mod", Ecosystem::Go, "go mod tidy", listed::go_mod),
    format("Gemfile.lock", Ecosystem::RubyGems, "bundle lock", ruby::read),
    format("gems.locked", Ecosystem::RubyGems, "bundle lock", ruby::read),
    format("composer.lock", Ecosystem::Packagist, "composer update --lock", json::composer),
    format("mix.lock", Ecosystem::Hex, "mix deps.get", hex::mix),
    format("rebar.lock", Ecosystem::Hex, "rebar3 lock", hex::rebar),
    format("gradle.lockfile", Ecosystem::Maven, "gradle dependencies --write-locks", listed::gradle),
    format(
        "buildscript-gradle.lockfile",
        Ecosystem::Maven,
        "gradle dependencies --write-locks",
        listed::gradle,
    ),
    // Locks too, so that nobody says that there is none.
    format("bun.lockb", Ecosystem::Npm, "bun install", not_read),
    format("deno.lock", Ecosystem::Npm, "deno install", not_read),
    format("pixi.lock", Ecosystem::PyPI, "pixi lock", not_read),
];

/// Stands for a reader where there is none.
fn not_read(_: &str) -> Result<Vec<Locked>, String> {
    Err("locks of this kind are not read".to_owned())
}

/// The format of a file, by its name. `pylock.dev.toml` is one too (PEP 751).
pub fn of(name: &str) -> Option<&'static Format> {
    let is_named_pylock = name.starts_with("pylock.") && paths::ending(name) == "toml";
    let name = if is_named_pylock { "pylock.toml" } else { name };
    FORMATS.iter().find(|format| format.file == name)
}

/// Tools end the last line of what they write, so a text that ends without was cut off.
fn is_whole(text: &str) -> Result<(), String> {
    let is_whole = text.is_empty() || text.ends_with('\n');
    if is_whole { Ok(()) } else { Err("the last line is cut off".to_owned()) }
}

#[cfg(test)]
mod tests;
