//! Imports of a JavaScript or TypeScript file: strings that stand after `from`, `import`, `require(` or `import(`.

use super::Import;
use crate::factors::deps::paths;

/// What Node.js brings, with or without `node:`.
const BUILT_IN: [&str; 45] = [
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "sea",
    "sqlite",
    "stream",
    "string_decoder",
    "sys",
    "test",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// The package of every import that is not of the app itself.
pub fn imports(path: &str, text: &str) -> Vec<Import> {
    let is_page = ["vue", "svelte"].contains(&paths::ending(path));
    if !is_page {
        return scan(text, 0);
    }
    // In a page only its scripts are code.
    let mut all = Vec::new();
    for (at, _) in text.match_indices("<script") {
        let Some(start) = text[at..].find('>').map(|end| at + end + 1) else { continue };
        let end = text[start..].find("</script").map_or(text.len(), |end| start + end);
        all.extend(scan(&text[start..end], start));
    }
    all
}

fn scan(text: &str, offset: usize) -> Vec<Import> {
    let bytes = text.as_bytes();
    let is_own = has_own_require(text);
    let mut all = Vec::new();
    let mut at = 0;
    // Where the last thing ended that is neither space nor comment.
    let mut last = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        match bytes[at] {
            b'/' if rest.starts_with(b"//") => {
                at = memchr::memchr(b'\n', rest).map_or(bytes.len(), |end| at + end);
            }
            b'/' if rest.starts_with(b"/*") => {
                at = memchr::memmem::find(rest, b"*/").map_or(bytes.len(), |end| at + end + 2);
            }
            b'/' if begins_regex(&text[..last]) => {
                at = regex_end(bytes, at);
                last = at;
            }
            quote @ (b'"' | b'\'' | b'`') => {
                let end = string_end(bytes, at, quote);
                let inner = text.get(at + 1..end.saturating_sub(1)).unwrap_or_default();
                if let Some(package) = package(inner).filter(|_| quote != b'`' && asks(&text[..last])) {
                    let (name, path) = (package.to_owned(), inner.to_owned());
                    all.push(Import { name, path, at: offset + at, is_soft: is_own || is_soft(&text[..at]) });
                }
                at = end;
                last = at;
            }
            byte => {
                at += 1;
                if !byte.is_ascii_whitespace() {
                    last = at;
                }
            }
        }
    }
    all
}

/// Whether what stands before a string makes it an import.
fn asks(before: &str) -> bool {
    let word = |text: &str, word: &str| {
        let is_apart =
            |start: &str| !start.ends_with(|end: char| end.is_alphanumeric() || "_$.".contains(end));
        text.strip_suffix(word).is_some_and(is_apart)
    };
    if word(before, "from") || word(before, "import") {
        return true;
    }
    let Some(called) = before.strip_suffix('(').map(str::trim_end) else { return false };
    word(called, "require") || word(called, "import") || called.ends_with("require.resolve")
}

/// The code is ready for its absence, or it is not sure that this asks for a package at all.
fn is_soft(before: &str) -> bool {
    is_tried(before) || is_guarded(before)
}

/// `try { … require("x") }` in one short stretch: the code is ready for its absence.
fn is_tried(before: &str) -> bool {
    let near = tail(before, 120);
    let start = near.rfind("try {").or_else(|| near.rfind("try{"));
    start.is_some_and(|at| !near[at..].contains('}'))
}

/// Whether it is asked first in the same statement, or in a block around it, whether there are modules at all: the head
/// of a file that also runs in a page, where a global stands for the package (the patterns of UMD).
fn is_guarded(before: &str) -> bool {
    let near = tail(before, 2048);
    let mut asked = near.match_indices("typeof").filter_map(|(at, word)| {
        let rest = near[at + word.len()..].trim_start_matches([' ', '(']);
        let of =
            ["exports", "module", "define", "require"].iter().find_map(|name| rest.strip_prefix(name))?;
        Some(of).filter(|of| !of.starts_with(|next: char| next.is_alphanumeric() || "_$".contains(next)))
    });
    asked.any(still_holds)
}

/// Whether what is asked at the beginning of a text still holds at its end.
fn still_holds(text: &str) -> bool {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return false,
            '}' => {
                depth -= 1;
                if depth == 0 && !text[at + 1..].trim_start().starts_with("else") {
                    return false;
                }
            }
            ';' if depth == 0 => return false,
            _ => {}
        }
    }
    true
}

/// The last bytes of a text.
fn tail(text: &str, bytes: usize) -> &str {
    let start = (text.len().saturating_sub(bytes)..=text.len()).find(|at| text.is_char_boundary(*at));
    &text[start.unwrap_or(text.len())..]
}

/// Whether a function of the file is given a `require` of its own, as Browserify's bundles and AMD's modules are: what
/// they ask for is in the bundle, or found by the page's loader.
fn has_own_require(text: &str) -> bool {
    const HEADS: [&str; 4] =
        ["function(require", "function (require", "define((require", "define(['require'"];
    HEADS.iter().any(|head| memchr::memmem::find(text.as_bytes(), head.as_bytes()).is_some())
}

/// A slash begins a regular expression where a value is expected.
fn begins_regex(before: &str) -> bool {
    let is_after_word = ["return", "typeof", "case", "in", "of"].iter().any(|word| before.ends_with(word));
    before.is_empty()
        || is_after_word
        || before.ends_with(['(', ',', '=', ':', '[', '!', '&', '|', '?', '{', '}', ';', '>'])
}

fn regex_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    let mut in_class = false;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if !in_class => return at + 1,
            // It was a division after all.
            b'\n' => return start + 1,
            _ => {}
        }
        at += 1;
    }
    start + 1
}

fn string_end(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            byte if byte == quote => return at + 1,
            b'\n' if quote != b'`' => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The package of a specifier; `None` for files, aliases, URLs and what Node.js brings.
fn package(specifier: &str) -> Option<&str> {
    // `@/` and `@@/` are how Vue's and Nuxt's tools write the app's own folders; no scope is empty.
    let is_own = specifier.starts_with(['.', '/', '#', '~', '$'])
        || ["@/", "@@/"].iter().any(|start| specifier.starts_with(start));
    let is_odd = specifier.contains([':', '!', ' ', '*', '\\', '?', '{', '\n']);
    if specifier.is_empty() || is_own || is_odd {
        return None;
    }
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    let end = specifier.match_indices('/').nth(parts - 1).map_or(specifier.len(), |(at, _)| at);
    let name = &specifier[..end];
    let first = specifier.split('/').next().unwrap_or_default();
    let is_whole = parts == 1 || name.contains('/');
    // Brought by the program that runs the code, not by a package.
    let is_host = ["electron", "vscode", "bun", "k6"].contains(&first);
    (is_whole && !is_host && !BUILT_IN.contains(&first)).then_some(name)
}
