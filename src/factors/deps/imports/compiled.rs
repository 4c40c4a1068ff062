//! Imports of Go and Rust. Their compilers refuse what is undeclared, so only what is sure is told.

use super::Import;

/// The imported paths of a Go file. Its imports come before everything else, one a line or in a block.
pub fn go(text: &str) -> Vec<Import> {
    let mut all = Vec::new();
    let mut in_block = false;
    let mut in_comment = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let line = without_comments(line, &mut in_comment);
        let content = line.trim();
        if ["func ", "type ", "var ", "const "].iter().any(|word| content.starts_with(word)) {
            break;
        }
        let asked = match content.strip_prefix("import") {
            Some(rest) if rest.trim_start().starts_with('(') => {
                in_block = !rest.contains(')');
                rest
            }
            Some(rest) => rest,
            None if in_block => content,
            None => continue,
        };
        in_block &= !content.starts_with(')');
        let Some(path) = asked.split('"').nth(1) else { continue };
        let at = at + line.find('"').unwrap_or(0);
        all.push(Import { name: path.to_owned(), path: path.to_owned(), at, is_soft: false });
    }
    all
}

/// A line of Go with its comments blank, so that offsets stay; no import path holds the signs of one.
fn without_comments(line: &str, in_comment: &mut bool) -> String {
    let mut code = String::with_capacity(line.len());
    let mut rest = line;
    while !rest.is_empty() {
        let (end, is_comment) = match (*in_comment, rest.find("*/"), rest.find("/*"), rest.find("//")) {
            (true, end, ..) => (end.map_or(rest.len(), |end| end + 2), true),
            (false, _, _, Some(0)) => (rest.len(), true),
            (false, _, open, short) => {
                let end = open.unwrap_or(rest.len()).min(short.unwrap_or(rest.len()));
                (end, false)
            }
        };
        let (part, after) = rest.split_at(end);
        if is_comment {
            *in_comment &= !part.ends_with("*/");
            code.extend(part.bytes().map(|_| ' '));
        } else {
            code.push_str(part);
            *in_comment = after.starts_with("/*");
        }
        rest = after;
    }
    code
}

/// Whether Go itself brings a package: its first element has no dot.
pub fn is_go_standard(path: &str) -> bool {
    !path.split('/').next().unwrap_or_default().contains('.')
}

/// The crates that a Rust file names at the start of a line: `use x::…`, `use {x::…, y::…}`, `extern crate x`.
pub fn rust(text: &str) -> Vec<Import> {
    let mut all = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let content = without_visibility(line);
        let named = match (content.strip_prefix("extern crate "), content.strip_prefix("use ")) {
            (Some(rest), _) => Vec::from_iter(rest.split([' ', ';', '\n', '\r']).next()),
            // In braces it may go on over several lines.
            (_, Some(rest)) => roots(&text[start - rest.len()..]),
            _ => continue,
        };
        let is_crate = |name: &&str| {
            let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            !name.is_empty() && name.bytes().all(is_word)
        };
        all.extend(named.into_iter().filter(is_crate).map(|name| Import {
            name: name.to_owned(),
            path: name.to_owned(),
            at,
            is_soft: false,
        }));
    }
    all
}

/// Without `pub` and `pub(…)`.
fn without_visibility(line: &str) -> &str {
    let Some(rest) = line.strip_prefix("pub") else { return line };
    let rest = if rest.starts_with('(') { rest.split_once(')').map_or(rest, |(_, rest)| rest) } else { rest };
    rest.strip_prefix(' ').unwrap_or(line)
}

/// What the paths of a `use` begin with, up to its semicolon. A name alone may be anything, so it is passed over.
fn roots(used: &str) -> Vec<&str> {
    const LONGEST: usize = 4096;
    let end = memchr::memchr(b';', &used.as_bytes()[..used.len().min(LONGEST)]).unwrap_or(0);
    let used = used[..end].trim();
    let mut depth = 0_usize;
    let list = used.strip_prefix('{').unwrap_or(used);
    let paths = list.split(|letter: char| {
        depth = match letter {
            '{' => depth + 1,
            '}' => depth.saturating_sub(1),
            _ => depth,
        };
        letter == ',' && depth == 0
    });
    paths.filter_map(|path| Some(path.trim().trim_start_matches("::").split_once("::")?.0)).collect()
}

/// What Rust brings, and the words that begin a path of the crate itself. The compiler's own crates come with it (the
/// unstable book, `rustc_private`).
pub fn is_rust_standard(name: &str) -> bool {
    let is_word = ["std", "core", "alloc", "proc_macro", "test", "crate", "self", "super"].contains(&name);
    is_word || name.starts_with("rustc_")
}
