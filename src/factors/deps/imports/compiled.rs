//! Imports of Go and Rust. Their compilers refuse what is undeclared, so only what is sure is told.

use super::Import;

/// The imported paths of a Go file. Its imports come before everything else, one a line or in a block.
pub fn go(text: &str) -> Vec<Import> {
    let mut all = Vec::new();
    let mut in_block = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
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
        let is_comment = content.starts_with("//") || content.starts_with("/*");
        let Some(path) = asked.split('"').nth(1).filter(|_| !is_comment) else { continue };
        let at = at + line.find('"').unwrap_or(0);
        all.push(Import { name: path.to_owned(), path: path.to_owned(), at, is_soft: false });
    }
    all
}

/// Whether Go itself brings a package: its first element has no dot.
pub fn is_go_standard(path: &str) -> bool {
    !path.split('/').next().unwrap_or_default().contains('.')
}

/// The crates that a Rust file names at the start of a line: `use x::…`, `extern crate x`.
pub fn rust(text: &str) -> Vec<Import> {
    let mut all = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let content = line.trim_end().trim_end_matches(';');
        let content = content.strip_prefix("pub ").unwrap_or(content);
        let named = match content.strip_prefix("extern crate ") {
            Some(rest) => rest.split(' ').next(),
            None => content
                .strip_prefix("use ")
                .and_then(|rest| rest.trim_start_matches("::").split_once("::"))
                .map(|(first, _)| first),
        };
        let is_crate = |name: &&str| {
            let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            !name.is_empty() && name.bytes().all(is_word)
        };
        let Some(name) = named.filter(is_crate) else { continue };
        all.push(Import { name: name.to_owned(), path: name.to_owned(), at, is_soft: false });
    }
    all
}

/// What Rust brings, and the words that begin a path of the crate itself.
pub fn is_rust_standard(name: &str) -> bool {
    ["std", "core", "alloc", "proc_macro", "test", "crate", "self", "super"].contains(&name)
}
