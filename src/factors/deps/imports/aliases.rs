//! What configurations of TypeScript, bundlers and test runners make of an import: base folders and aliases.

use super::Import;
use crate::factors::deps::Tree;
use crate::factors::deps::paths;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What the configurations of a tree say.
#[derive(Default)]
pub struct Aliases {
    /// The text of the files that may name aliases.
    configs: String,
    /// Keys of `alias` objects, as an import begins with them.
    names: BTreeSet<String>,
    /// For each `baseUrl` the folder whose files count on it, and what lies directly in the base.
    bases: Vec<(String, BTreeSet<String>)>,
    /// Docusaurus gives its pages names of its own.
    pub has_docusaurus: bool,
}

/// Endings that an import leaves out.
const LEFT_OUT: [&str; 11] =
    [".d.ts", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".json"];

static BASE: LazyLock<Regex> = LazyLock::new(|| pattern(r#""baseUrl"\s*:\s*"([^"\n]*)""#));
static EXTENDS: LazyLock<Regex> = LazyLock::new(|| pattern(r#""extends"\s*:\s*(\[[^\]]*\]|"[^"\n]*")"#));
/// An object of aliases: Vite, webpack, Babel, Parcel and Turbopack, Jest, the package `module-alias`.
static OBJECT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\b(?:alias|resolveAlias|moduleNameMapper|_moduleAliases)["']?\s*[:=]\s*\{"#));
/// A key, and the package of a value that is a bare specifier.
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?m)(?:^|[{,])\s*(?:["']([^"'\n]+)["']|([A-Za-z_]\w*))\s*:\s*(?:["']([@\w-][^"'\n]*)["'])?"#)
});
/// One of Vite's and Rollup's array of aliases.
static FIND: LazyLock<Regex> = LazyLock::new(|| pattern(r#"\bfind["']?\s*:\s*["']([^"'\n]+)["']"#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern that the tests compile")
}

impl Aliases {
    /// Reads a file that `is_config`.
    pub fn learn(&mut self, tree: &dyn Tree, path: &str) {
        self.read(tree, path, paths::folder(path), &mut BTreeSet::new());
    }

    /// What a file says counts for the files in `reach`; with it what it extends, whose paths are relative to itself.
    fn read(&mut self, tree: &dyn Tree, path: &str, reach: &str, seen: &mut BTreeSet<String>) {
        if !seen.insert(path.to_owned()) {
            return;
        }
        let bytes = tree.read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        self.names.extend(names(&text));
        // Of a package's own file only what Jest is told; its dependencies are no aliases.
        let is_package = paths::file_name(path) == "package.json";
        let start = if is_package { text.find("\"moduleNameMapper\"") } else { Some(0) };
        self.configs.push_str(start.map_or("", |start| &text[start..]));
        if is_package || paths::ending(path) != "json" {
            return;
        }
        let folder = paths::folder(path);
        for found in written(&BASE, &text) {
            if let Some(base) = paths::join(folder, found) {
                self.bases.push((reach.to_owned(), lying_in(tree, &base)));
            }
        }
        for found in written(&EXTENDS, &text).flat_map(|list| list.split('"')) {
            let Some(other) = paths::join(folder, found).filter(|_| found.starts_with('.')) else { continue };
            let other = if paths::ending(&other) == "json" { other } else { format!("{other}.json") };
            self.read(tree, &other, reach, seen);
        }
    }

    /// Whether an import of a file goes by an alias, or from a base folder.
    pub fn resolve(&self, path: &str, import: &Import) -> bool {
        let first = import.path.split('/').next().unwrap_or_default();
        let is_written = ['"', '\''].iter().any(|quote| {
            self.configs.contains(&format!("{quote}{first}/"))
                || self.configs.contains(&format!("{quote}{first}{quote}:"))
                || self.configs.contains(&format!("{quote}^{first}"))
        });
        let is_named = [first, &import.name, &import.path].iter().any(|name| self.names.contains(*name));
        let lies_in =
            |(reach, names): &(String, BTreeSet<String>)| paths::is_in(path, reach) && names.contains(first);
        is_written
            || is_named
            || self.bases.iter().any(lies_in)
            || self.has_docusaurus && is_of_docusaurus(&import.path)
    }
}

/// Where bundlers, compilers and test runners are told what stands for which folder.
pub fn is_config(name: &str) -> bool {
    const TOOLS: [&str; 21] = [
        "vite.",
        "vitest.",
        "webpack.",
        "rollup.",
        "babel.",
        "jest.",
        ".babelrc",
        "next.",
        "nuxt.",
        "metro.",
        "svelte.",
        "rspack.",
        "astro.",
        "snowpack.",
        "deno.",
        "import_map",
        "importmap",
        "craco.",
        "electron.vite.",
        "quasar.",
        "vue.config.",
    ];
    let is_typescript =
        paths::ending(name) == "json" && (name.starts_with("tsconfig") || name.starts_with("jsconfig"));
    is_typescript || TOOLS.iter().any(|start| name.starts_with(start)) || name == "package.json"
}

/// The first group of every match that is not on a commented line.
fn written<'a>(pattern: &Regex, text: &'a str) -> impl Iterator<Item = &'a str> {
    let is_code = |found: &regex::Match<'_>| {
        let start = text[..found.start()].rfind('\n').map_or(0, |at| at + 1);
        !text[start..].trim_start().starts_with("//")
    };
    pattern.captures_iter(text).filter_map(|found| found.get(1)).filter(is_code).map(|found| found.as_str())
}

/// The names that stand for something else, as imports begin with them: `store` of `store$`, `@ui` of `^@ui/(.*)$`.
fn names(text: &str) -> Vec<String> {
    let mut all: Vec<&str> = written(&FIND, text).collect();
    for found in OBJECT.find_iter(text) {
        let body = &text[found.end() - 1..];
        for key in KEY.captures_iter(&body[..object_end(body)]) {
            let Some(name) = key.get(1).or(key.get(2)).map(|name| name.as_str()) else { continue };
            // `vue: 'vue/dist/vue.esm.js'` is the package itself.
            let is_itself = key.get(3).is_some_and(|value| {
                value.as_str() == name || paths::is_in(value.as_str(), name) && !name.is_empty()
            });
            if !is_itself {
                all.push(name);
            }
        }
    }
    let begin = |name: &str| {
        let name = name.trim_start_matches('^');
        name[..name.find(['$', '*', '(']).unwrap_or(name.len())].trim_end_matches('/').to_owned()
    };
    all.into_iter().map(begin).filter(|name| !name.is_empty()).collect()
}

/// Where the brace closes that a text begins with.
fn object_end(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// The folders and files directly in a folder, as an import names them.
fn lying_in(tree: &dyn Tree, base: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for path in tree.files().iter().filter(|path| paths::is_in(path, base)) {
        let rest = path[base.len()..].trim_start_matches('/');
        let name = rest.split('/').next().unwrap_or(rest);
        let stem = LEFT_OUT.iter().find_map(|ending| name.strip_suffix(ending)).filter(|_| name == rest);
        all.extend([name, stem.unwrap_or(name)].map(str::to_owned));
    }
    all
}

/// What Docusaurus gives its pages, from its documentation ("Client API", "Advanced guides: Client architecture").
fn is_of_docusaurus(path: &str) -> bool {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let is_client = ["router", "constants"].contains(&rest)
        || rest.contains(|letter: char| letter.is_ascii_uppercase()) && !rest.contains('/');
    ["@site", "@theme", "@theme-original", "@theme-init", "@generated"].contains(&first)
        || first == "@docusaurus" && is_client
}
