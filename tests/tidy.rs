//! Keeps the map true.
//!
//! Who may name whom is written once, as the table in `ARCHITECTURE.md`; this test reads it there and
//! reads `src`, and every name that one room uses of another must have its row. Beside it stand the
//! house rules that a test can check. The reading is a reader of tokens, not a compiler: it knows
//! comments, strings, use trees, `super`, re-exports and `#[cfg(test)]`, and nothing of macros.
//!
//! Every rule has a made-up tree at the end of this file in which it must find something.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

#[test]
fn the_map_in_architecture_is_the_map_of_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let mut files = BTreeMap::new();
    collect(&root.join("src"), "", &mut files);
    assert!(files.len() > 10, "only {} files under src: is this the right folder?", files.len());
    let house =
        House { files, map: map_of(&read("ARCHITECTURE.md")), crates: crates_of(&read("Cargo.toml")) };
    let findings = house.findings();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// A tree of sources with what it is measured against.
struct House {
    /// Path below `src`, with `/`, to text.
    files: BTreeMap<String, String>,
    /// Room to the paths that it may name.
    map: BTreeMap<String, Vec<Names>>,
    /// The dependencies, as they are written in code.
    crates: BTreeSet<String>,
}

/// A path as its segments.
type Names = Vec<String>;

/// What the supervisor may take from std: values and collections, nothing that asks the world.
const WORLDLESS: [&str; 18] = [
    "array",
    "borrow",
    "cell",
    "cmp",
    "collections",
    "convert",
    "error",
    "fmt",
    "hash",
    "iter",
    "mem",
    "num",
    "ops",
    "rc",
    "result",
    "str",
    "time::Duration",
    "vec",
];
/// Who may ask what time it is.
const CLOCKED: [&str; 8] = ["driver", "sys", "probe", "watch", "output", "control", "http", "commands"];
/// And the one file that may: it gives up on a pipe that nobody writes.
const CLOCKED_FILE: &str = "app/source.rs";
const FILE_LINES: usize = 500;
const FILE_LINES_WITH_TESTS: usize = 800;

impl House {
    /// Every broken rule, as `src/file.rs:line: sentence`.
    fn findings(&self) -> Vec<String> {
        let modules: Vec<Module> = self.files.iter().map(|(path, text)| Module::read(path, text)).collect();
        let tests: Vec<&Names> = modules.iter().flat_map(|module| &module.test_modules).collect();
        let aliases: BTreeMap<&Names, &Names> = modules
            .iter()
            .flat_map(|module| &module.reexports)
            .map(|(name, meaning)| (name, meaning))
            .collect();
        let mut findings = Vec::new();
        for module in &modules {
            let is_test = tests.iter().any(|test| module.name.starts_with(test));
            let mut found = |line: usize, sentence: String| {
                findings.push(format!("src/{}:{line}: {sentence}", module.path));
            };
            module.check_shape(is_test, &mut found);
            module.check_unsafe(&mut found);
            if !is_test {
                module.check_words(&mut found);
                self.check_names(module, &aliases, &mut found);
            }
        }
        findings
    }

    /// Rule: a room names the rooms of its row, and the supervisor no world.
    fn check_names(
        &self,
        module: &Module,
        aliases: &BTreeMap<&Names, &Names>,
        found: &mut impl FnMut(usize, String),
    ) {
        let room = module.room();
        if room == "lib" {
            return;
        }
        let Some(allowed) = self.map.get(room) else {
            return found(1, format!("the room `{room}` has no row in ARCHITECTURE.md"));
        };
        for used in &module.uses {
            let shown = used.names.join("::");
            match &used.root {
                Root::Crate => {
                    let names = resolve(&used.names, aliases);
                    let is_own = names.first().is_some_and(|first| first == room);
                    if !is_own && !allowed.iter().any(|allowed| names.starts_with(allowed)) {
                        found(
                            used.line,
                            format!("`{room}` may not name `crate::{shown}` (the map in ARCHITECTURE.md)"),
                        );
                    }
                }
                Root::World if room == "supervisor" => {
                    let first = used.names.first().map_or("", String::as_str);
                    let rest = used.names.get(1..).unwrap_or_default().join("::");
                    let is_std = ["std", "core", "alloc"].contains(&first);
                    let is_worldless = WORLDLESS.iter().any(|allowed| {
                        rest.strip_prefix(allowed)
                            .is_some_and(|tail| tail.is_empty() || tail.starts_with("::"))
                    });
                    if is_std && !is_worldless || self.crates.contains(first) {
                        found(
                            used.line,
                            format!("the supervisor knows no world, so it may not name `{shown}`"),
                        );
                    }
                }
                Root::World => {}
            }
        }
    }
}

/// `supervisor::Event` becomes `supervisor::event::Event`, as the re-exports say.
fn resolve(names: &Names, aliases: &BTreeMap<&Names, &Names>) -> Names {
    match (1..=names.len()).find_map(|end| Some((end, aliases.get(&names[..end].to_vec())?))) {
        Some((end, meaning)) => meaning.iter().chain(&names[end..]).cloned().collect(),
        None => names.clone(),
    }
}

/// One file, read.
struct Module {
    path: String,
    text: String,
    /// `sys::birth::image`; empty for the crate's root.
    name: Names,
    tokens: Vec<Token>,
    uses: Vec<Used>,
    reexports: Vec<(Names, Names)>,
    /// Modules that exist under `#[cfg(test)]` only.
    test_modules: Vec<Names>,
    /// How many lines `#[cfg(test)]` items take, and which they are.
    test_lines: usize,
    test_ranges: Vec<std::ops::RangeInclusive<usize>>,
}

/// A path that the code names.
struct Used {
    line: usize,
    root: Root,
    names: Names,
}

/// Where a path begins.
#[derive(Clone, Copy, PartialEq)]
enum Root {
    /// At our own crate's root; its names are absolute.
    Crate,
    /// At another crate, or at a name in scope.
    World,
}

impl Module {
    fn read(path: &str, text: &str) -> Self {
        let mut name: Names = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if ["mod", "lib", "main"].contains(&name.last().map_or("", String::as_str)) {
            name.pop();
        }
        let tokens = tokens_of(text);
        let mut module = Self {
            path: path.to_owned(),
            text: text.to_owned(),
            name: name.clone(),
            tokens: tokens.clone(),
            uses: Vec::new(),
            reexports: Vec::new(),
            test_modules: Vec::new(),
            test_lines: 0,
            test_ranges: Vec::new(),
        };
        Reader { tokens: &tokens, at: 0, here: name, depth: 0, open: Vec::new(), module: &mut module }.read();
        module
    }

    /// `sys` for everything below it; `main`, `lib` for the two doors.
    fn room(&self) -> &str {
        self.name.first().map_or_else(|| self.path.trim_end_matches(".rs"), String::as_str)
    }

    /// Rules: a file opens with prose, is not too long, and a room but `sys` forbids `unsafe`.
    fn check_shape(&self, is_test: bool, found: &mut impl FnMut(usize, String)) {
        let first = self.text.lines().next().unwrap_or_default();
        if first.strip_prefix("//! ").is_none_or(|prose| prose.trim().len() <= 12) {
            found(1, "a file opens with `//!` prose: what it is for, what it must not know".to_owned());
        }
        let lines = self.text.lines().count();
        let own = if is_test { 0 } else { lines - self.test_lines };
        if own > FILE_LINES || lines > FILE_LINES_WITH_TESTS {
            found(
                1,
                format!(
                    "{own} lines of code in {lines}, past {FILE_LINES} in {FILE_LINES_WITH_TESTS}: redraw it"
                ),
            );
        }
        let is_door = self.name.len() == 1 && self.room() != "sys" || self.room() == "main";
        if is_door && !has(&self.tokens, "#![forbid(unsafe_code)]") {
            found(1, "a room opens with `#![forbid(unsafe_code)]`".to_owned());
        }
    }

    /// Rule: `unsafe` lives in `sys`, each with its reason, in tests too.
    fn check_unsafe(&self, found: &mut impl FnMut(usize, String)) {
        let lines: Vec<&str> = self.text.lines().collect();
        for token in self.tokens.iter().filter(|token| token.text == "unsafe") {
            let above = &lines[token.line.saturating_sub(10)..token.line];
            if self.room() != "sys" {
                found(token.line, "`unsafe` outside of `sys`".to_owned());
            } else if !above.iter().any(|line| line.contains("SAFETY:") || line.contains("# Safety")) {
                found(token.line, "`unsafe` without a `SAFETY:` line above it".to_owned());
            }
        }
    }

    /// Rules: one writer prints, few ask the time, and no file is smuggled in.
    fn check_words(&self, found: &mut impl FnMut(usize, String)) {
        for (at, token) in self.tokens.iter().enumerate() {
            let next = |steps: usize| self.tokens.get(at + steps).map_or("", |token| token.text.as_str());
            let word = token.text.as_str();
            if self.test_ranges.iter().any(|range| range.contains(&token.line)) {
                continue;
            }
            if ["println", "eprintln", "print", "eprint"].contains(&word) && next(1) == "!" {
                found(token.line, format!("`{word}!`: there is one writer, and it is in `output`"));
            }
            let is_clock = ["Instant", "SystemTime"].contains(&word) && next(1) == "::" && next(2) == "now";
            if is_clock && self.path != CLOCKED_FILE && !CLOCKED.contains(&self.room()) {
                found(token.line, format!("`{word}::now`: `{}` is told the time", self.room()));
            }
            if word == "include" && next(1) == "!" || word == "#" && next(1) == "[" && next(2) == "path" {
                found(token.line, "a file of another place: the map cannot see it".to_owned());
            }
        }
    }
}

/// Walks the tokens of one file and notes what they name.
struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    /// The module that the walk is in, inline modules included.
    here: Names,
    depth: usize,
    /// Inline modules that are open: the depth at which each began.
    open: Vec<usize>,
    module: &'a mut Module,
}

impl Reader<'_> {
    fn read(&mut self) {
        while self.at < self.tokens.len() {
            match self.word(0) {
                "#" if has(&self.tokens[self.at..], "#[cfg(test)]") => self.skip_test_item(),
                "{" => self.enter(),
                "}" => self.leave(),
                "mod" if self.word(2) == "{" => {
                    self.here.push(self.word(1).to_owned());
                    self.open.push(self.depth);
                    self.at += 2;
                    self.enter();
                }
                // `pub(crate)`, `pub(super)`, `pub(in …)` say who sees, they name nobody.
                "pub" if self.word(1) == "(" => {
                    while self.at < self.tokens.len() && self.word(0) != ")" {
                        self.at += 1;
                    }
                }
                "use" => {
                    let is_public =
                        self.at > 0 && ["pub", ")"].contains(&self.tokens[self.at - 1].text.as_str());
                    self.at += 1;
                    self.tree(&mut Vec::new(), is_public);
                }
                word if is_name(word) && (self.word(1) == "::" || word == "crate") => {
                    self.tree(&mut Vec::new(), false);
                }
                _ => self.at += 1,
            }
        }
    }

    fn word(&self, steps: usize) -> &str {
        self.tokens.get(self.at + steps).map_or("", |token| token.text.as_str())
    }

    fn enter(&mut self) {
        self.depth += 1;
        self.at += 1;
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.at += 1;
        if self.open.last() == Some(&self.depth) {
            self.open.pop();
            self.here.pop();
        }
    }

    /// `a::b`, `a::{b, c::d as e}`, `a::*`, from here to where it ends.
    fn tree(&mut self, before: &mut Names, is_public: bool) {
        let length = before.len();
        loop {
            match self.word(0) {
                "::" => self.at += 1,
                "{" if before.len() > length
                    || self.at > 0 && ["::", "use", ",", "{"].contains(&self.last_word()) =>
                {
                    self.at += 1;
                    while !["}", ""].contains(&self.word(0)) {
                        self.tree(before, is_public);
                        if self.word(0) == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    break;
                }
                "*" => {
                    self.note(before, None, is_public);
                    self.at += 1;
                    break;
                }
                word if is_name(word) => {
                    let word = word.to_owned();
                    before.push(word);
                    self.at += 1;
                    if self.word(0) != "::" || !is_name(self.word(1)) && !["{", "*"].contains(&self.word(1)) {
                        let name = (self.word(0) == "as").then(|| self.word(1).to_owned());
                        self.at += if name.is_some() { 2 } else { 0 };
                        self.note(before, name, is_public);
                        break;
                    }
                }
                _ => {
                    self.at += 1;
                    break;
                }
            }
        }
        before.truncate(length);
    }

    fn last_word(&self) -> &str {
        self.tokens[self.at - 1].text.as_str()
    }

    /// Notes one whole path as written; `self` at its end is the module itself.
    fn note(&mut self, written: &[String], renamed: Option<String>, is_public: bool) {
        let written =
            written.strip_suffix(&["self".to_owned()]).filter(|rest| !rest.is_empty()).unwrap_or(written);
        let mut names = self.here.clone();
        let mut root = Root::Crate;
        let mut rest = written;
        if let Some(("crate" | "twelve_run", tail)) = split(rest) {
            (names, rest) = (Vec::new(), tail);
        } else if let Some(("self" | "super", _)) = split(rest) {
            while let Some((step @ ("self" | "super"), tail)) = split(rest) {
                rest = tail;
                if step == "super" {
                    names.pop();
                }
            }
        } else if !is_public {
            (names, root) = (Vec::new(), Root::World);
        }
        names.extend(rest.iter().cloned());
        if is_public && let Some(last) = renamed.or_else(|| names.last().cloned()) {
            let name = self.here.iter().cloned().chain([last]).collect();
            self.module.reexports.push((name, names.clone()));
            if written.first().is_some_and(|first| !["crate", "self", "super"].contains(&first.as_str())) {
                (names, root) = (written.to_vec(), Root::World);
            }
        }
        let line = self.tokens[self.at.min(self.tokens.len()) - 1].line;
        self.module.uses.push(Used { line, root, names });
    }

    /// An item that exists in tests only: it may name anybody.
    fn skip_test_item(&mut self) {
        let first_line = self.tokens[self.at].line;
        let mut depth = 0_usize;
        self.at += tokens_of("#[cfg(test)]").len();
        while self.at < self.tokens.len() {
            match self.word(0) {
                "mod" if depth == 0 && self.word(2) == ";" => {
                    let name = self.here.iter().cloned().chain([self.word(1).to_owned()]).collect();
                    self.module.test_modules.push(name);
                }
                "{" | "[" | "(" => depth += 1,
                "}" | "]" | ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            let ends = depth == 0 && ["}", ";"].contains(&self.word(0));
            self.at += 1;
            if ends {
                break;
            }
        }
        let last_line = self.tokens[self.at - 1].line;
        self.module.test_lines += last_line + 1 - first_line;
        self.module.test_ranges.push(first_line..=last_line);
    }
}

fn split(names: &[String]) -> Option<(&str, &[String])> {
    names.split_first().map(|(first, rest)| (first.as_str(), rest))
}

/// A word, `::`, or one other character, with its line.
#[derive(Clone, Debug)]
struct Token {
    line: usize,
    text: String,
}

/// The code without comments, and with every literal as `""`.
fn tokens_of(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let bytes = text.as_bytes();
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() {
        let rest = &text[at..];
        let length = literal(rest).or_else(|| comment(rest));
        let (length, token) = match length {
            Some(length) if !rest.starts_with('/') => (length, Some("\"\"")),
            Some(length) => (length, None),
            None if rest.starts_with("::") => (2, Some("::")),
            None => {
                let length = rest.find(|letter: char| !is_letter(letter)).unwrap_or(rest.len());
                let length = length.max(rest.chars().next().map_or(1, char::len_utf8));
                (length, Some(&rest[..length]).filter(|token| !token.trim().is_empty()))
            }
        };
        if let Some(token) = token {
            tokens.push(Token { line, text: token.to_owned() });
        }
        line += rest[..length].matches('\n').count();
        at += length;
    }
    tokens
}

fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    rest.strip_prefix("/*")?;
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        match (here.starts_with(b"/*"), here.starts_with(b"*/")) {
            (true, _) => depth += 1,
            (_, true) => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            break;
        }
    }
    Some(at)
}

/// The length of the string or character that begins here.
fn literal(rest: &str) -> Option<usize> {
    let body = rest.trim_start_matches(['b', 'c', 'r']);
    let prefix = rest.len() - body.len();
    let hashes = body.len() - body.trim_start_matches('#').len();
    if prefix > 2 || prefix == 0 && hashes > 0 {
        return None;
    }
    if rest[..prefix].contains('r') && body[hashes..].starts_with('"') {
        let end = format!("\"{}", "#".repeat(hashes));
        let start = prefix + hashes + 1;
        return Some(start + rest[start..].find(&end)? + end.len());
    }
    let quote = body.chars().next().filter(|quote| ['"', '\''].contains(quote))?;
    let mut letters = body.char_indices().skip(1).peekable();
    let mut count = 0;
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            letter if letter == quote => return Some(prefix + at + 1),
            // `'a` without a quote after it is a lifetime.
            _ if quote == '\'' && letters.peek().is_none_or(|(_, next)| *next != '\'') && count == 0 => {
                return None;
            }
            _ => {}
        }
        count += 1;
    }
    None
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn is_name(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

fn has(tokens: &[Token], code: &str) -> bool {
    let code = tokens_of(code);
    let matches = |window: &[Token]| window.iter().zip(&code).all(|(is, ought)| is.text == ought.text);
    if code[1].text == "!" {
        tokens.windows(code.len()).any(matches)
    } else {
        tokens.len() >= code.len() && matches(tokens)
    }
}

fn collect(folder: &Path, below: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else if Path::new(&name).extension().is_some_and(|extension| extension == "rs") {
            files.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The rows between the two `map` comments: the room, then the paths that it may name.
fn map_of(architecture: &str) -> BTreeMap<String, Vec<Names>> {
    let (_, after) = architecture.split_once("<!-- map -->").expect("ARCHITECTURE.md has a map");
    let (table, _) = after.split_once("<!-- /map -->").expect("the map has an end");
    let in_backticks =
        |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let mut map = BTreeMap::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').collect();
        let names =
            in_backticks(cells[2]).iter().map(|path| path.split("::").map(str::to_owned).collect()).collect();
        for room in in_backticks(cells[1]) {
            assert!(map.insert(room, Vec::clone(&names)).is_none(), "two rows for one room: {row}");
        }
    }
    map
}

fn crates_of(manifest: &str) -> BTreeSet<String> {
    let manifest: toml::Table = manifest.parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().map(|name| name.replace('-', "_")).collect()
}

/// A small sound tree: `app`, `supervisor`, `sys` and `driver`, to be spoiled by `change`.
fn house(changes: &[(&str, &str)]) -> House {
    let map = "<!-- map -->\n| room | may name |\n|---|---|\n| `main` | `commands` |\n| `app` | nothing |\n\
               | `supervisor` | `app::plan` |\n| `sys` | `supervisor::event` |\n\
               | `driver` | `supervisor`, `sys`, `app::plan` |\n| `commands` | `driver`, `app` |\n<!-- /map -->";
    let mut files = BTreeMap::new();
    for (path, code) in [
        ("main.rs", "fn main() { twelve_run::commands::main() }"),
        ("lib.rs", "pub mod app; pub mod supervisor; pub mod sys; pub mod driver; pub mod commands;"),
        ("app/mod.rs", "pub mod plan; pub mod dotenv; pub use plan::Plan;"),
        ("app/plan.rs", "pub struct Plan;"),
        ("supervisor/mod.rs", "pub mod event; pub use event::Event; pub struct Supervisor;"),
        ("supervisor/event.rs", "use crate::app::Plan; use std::{fmt, time::Duration};"),
        ("sys/mod.rs", "pub mod child;"),
        ("sys/child.rs", "use crate::supervisor::Event;"),
        (
            "driver.rs",
            "use crate::{app::plan::Plan, supervisor::{Supervisor, Event}, sys}; fn f() { Instant::now(); }",
        ),
        ("commands.rs", "pub fn main() { crate::driver::run(crate::app::load()) }"),
    ] {
        files.insert(path.to_owned(), code.to_owned());
    }
    for (path, code) in changes {
        let _ = write!(files.entry((*path).to_owned()).or_default(), "\n{code}");
    }
    for (path, text) in &mut files {
        let prose = if text.contains("NO PROSE") { "//! x" } else { "//! What this file is for." };
        let forbid = if path.starts_with("sys/") || text.contains("NO FORBID") {
            ""
        } else {
            "#![forbid(unsafe_code)]"
        };
        *text = format!("{prose}\n{forbid}\n{text}");
    }
    House { files, map: map_of(map), crates: BTreeSet::from(["nix".to_owned()]) }
}

#[test]
fn a_broken_rule_is_found() {
    let long = "fn f() {}\n".repeat(501);
    let deep_test = format!("#[cfg(test)]\nmod tests {{\n{}}}", "fn f() {}\n".repeat(800));
    for (path, code, expect) in [
        ("sys/child.rs", "use crate::driver::X;", "sys/child.rs:4: `sys` may not name `crate::driver::X`"),
        (
            "sys/child.rs",
            "use crate::supervisor::Supervisor;",
            "`sys` may not name `crate::supervisor::Supervisor`",
        ),
        ("sys/child.rs", "use super::super::driver;", "`sys` may not name `crate::driver`"),
        ("sys/child.rs", "fn f() -> super::super::driver::X { todo() }", "may not name `crate::driver::X`"),
        ("sys/child.rs", "mod inner { use super::super::super::driver; }", "may not name `crate::driver`"),
        ("sys/child.rs", "use crate as root;", "`sys` may not name `crate::`"),
        ("sys/child.rs", "use crate::*;", "`sys` may not name `crate::`"),
        (
            "sys/child.rs",
            "use crate::{supervisor::Event, driver::{self, X}};",
            "may not name `crate::driver`",
        ),
        ("sys/child.rs", "use {crate::driver, std::fmt};", "`sys` may not name `crate::driver`"),
        ("app/plan.rs", "use std::fmt; use crate::sys as s;", "`app` may not name `crate::sys`"),
        ("app/plan.rs", "pub use crate::sys::child;", "`app` may not name `crate::sys::child`"),
        ("driver.rs", "use crate::app::dotenv;", "`driver` may not name `crate::app::dotenv`"),
        ("driver.rs", "use crate::app;", "`driver` may not name `crate::app`"),
        ("driver.rs", "#[cfg(test)] fn f() {} fn g() { crate::commands::main() }", "`crate::commands::main`"),
        ("main.rs", "fn f() { twelve_run::sys::f() }", "`main` may not name `crate::sys::f`"),
        ("cellar.rs", "fn f() {}", "the room `cellar` has no row"),
        (
            "supervisor/mod.rs",
            "use std::time::Instant;",
            "knows no world, so it may not name `std::time::Instant`",
        ),
        ("supervisor/mod.rs", "use std::{collections::BTreeMap, time};", "may not name `std::time`"),
        (
            "supervisor/event.rs",
            "fn f() { std::thread::yield_now() }",
            "may not name `std::thread::yield_now`",
        ),
        ("supervisor/event.rs", "use std::fs::{self, File};", "may not name `std::fs`"),
        ("supervisor/event.rs", "use nix::unistd::Pid;", "may not name `nix::unistd::Pid`"),
        ("app/plan.rs", "fn f() { println!(\"x\") }", "`println!`: there is one writer"),
        ("driver.rs", "fn f() { eprintln!() }", "`eprintln!`: there is one writer"),
        ("app/plan.rs", "fn f() { std::time::Instant::now(); }", "`Instant::now`: `app` is told the time"),
        ("app/plan.rs", "fn f() { SystemTime::now(); }", "`SystemTime::now`: `app` is told the time"),
        ("app/plan.rs", "// NO PROSE", "a file opens with `//!` prose"),
        ("driver.rs", "// NO FORBID", "a room opens with `#![forbid(unsafe_code)]`"),
        ("app/plan.rs", "fn f() { unsafe { g() } }", "`unsafe` outside of `sys`"),
        ("sys/child.rs", "fn f() { unsafe { g() } }", "`unsafe` without a `SAFETY:` line"),
        (
            "sys/child.rs",
            "#[cfg(test)] mod tests { fn f() { unsafe { g() } } }",
            "`unsafe` without a `SAFETY:` line",
        ),
        ("app/plan.rs", "#[path = \"../driver.rs\"] mod d;", "a file of another place"),
        ("app/plan.rs", &long, "past 500"),
        ("app/plan.rs", &deep_test, "past 500 in 800"),
    ] {
        let findings = house(&[(path, code)]).findings();
        assert!(findings.iter().any(|finding| finding.contains(expect)), "{path}: {code}\n{findings:?}");
    }
}

#[test]
fn what_only_looks_like_a_broken_rule_is_left_alone() {
    for (path, code) in [
        ("app/plan.rs", "// use crate::sys; println!() unsafe Instant::now()"),
        ("app/plan.rs", "/* /* unsafe */ use crate::sys; */ const A: &str = \"use crate::sys; println!()\";"),
        (
            "app/plan.rs",
            "const A: &[u8] = br#\"unsafe { \"crate::sys\" }\"#; const Q: char = '\"'; const B: char = '\\'';",
        ),
        (
            "app/plan.rs",
            "fn f<'a>(x: &'a str) -> &'a str { x } pub(crate) fn g() {} pub(in crate::app) fn h() {}",
        ),
        ("app/plan.rs", "mod inner { use super::super::dotenv; use self::x::y; }"),
        ("app/plan.rs", "use super::{dotenv, Plan as P};"),
        ("app/plan.rs", "#[cfg(test)]\nmod tests { use crate::driver; fn f() { println!(); } }"),
        ("app/plan.rs", "#[cfg(test)] #[path = \"x\"] mod world;"),
        ("supervisor/mod.rs", "#[cfg(test)] mod simulator;"),
        ("supervisor/simulator.rs", "use std::time::Instant; use crate::sys; fn f() { Instant::now(); }"),
        (
            "supervisor/event.rs",
            "use std::collections::{BTreeMap, VecDeque}; fn f() -> std::fmt::Result { Ok(()) }",
        ),
        ("sys/child.rs", "// SAFETY: nothing can go wrong.\nunsafe fn f() {}"),
        ("sys/child.rs", "fn f(e: crate::supervisor::event::Event) { match e { Event::Ticked => {} } }"),
    ] {
        let mut changes = vec![(path, code)];
        if path == "supervisor/simulator.rs" {
            changes.push(("supervisor/mod.rs", "#[cfg(test)] mod simulator;"));
        }
        let findings: Vec<String> = house(&changes)
            .findings()
            .into_iter()
            .filter(|finding| !finding.contains("another place"))
            .collect();
        assert!(findings.is_empty(), "{path}: {code}\n{findings:?}");
    }
}
