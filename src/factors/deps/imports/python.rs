//! Imports of a Python file, found by its logical lines: comments, strings and continuations are understood.

use super::Import;

/// A statement's line: joined, without comments, every string empty.
struct Line {
    indent: usize,
    at: usize,
    text: String,
}

/// Every import of a top-level package; relative ones are the app's own.
pub fn imports(text: &str) -> Vec<Import> {
    let mut all = Vec::new();
    // Blocks in which an import is not asked for in earnest: where they are indented, and where their imports begin.
    let mut tries: Vec<(usize, usize)> = Vec::new();
    let mut soft: Option<usize> = None;
    for line in lines(text) {
        let is_handler = line.text.starts_with("except");
        while tries
            .last()
            .is_some_and(|(indent, _)| line.indent < *indent || line.indent == *indent && !is_handler)
        {
            tries.pop();
        }
        if soft.is_some_and(|indent| line.indent <= indent) {
            soft = None;
        }
        if line.text.starts_with("try") && line.text.ends_with(':') {
            tries.push((line.indent, all.len()));
        } else if is_handler {
            let is_ready = line.text.trim_end() == "except:" || names_absence(&line.text);
            if let Some((_, first)) = tries.last().filter(|_| is_ready) {
                all[*first..].iter_mut().for_each(|import: &mut Import| import.is_soft = true);
                soft = soft.or(Some(line.indent));
            }
        } else if line.text.starts_with("if ") && line.text.contains("TYPE_CHECKING")
            || line.text.starts_with("with ") && line.text.contains("suppress(") && names_absence(&line.text)
        {
            soft = soft.or(Some(line.indent));
        }
        for statement in line.text.split(';') {
            // `if x: import y` in one line.
            let statement = statement.rsplit(": ").next().unwrap_or(statement).trim();
            all.extend(modules(statement).map(|module| Import {
                name: module.split('.').next().unwrap_or_default().to_owned(),
                path: module.to_owned(),
                at: line.at,
                is_soft: soft.is_some(),
            }));
        }
    }
    all.retain(|import| !import.name.is_empty());
    all
}

/// Whether a handler is for a package that is not there.
fn names_absence(line: &str) -> bool {
    ["ImportError", "ModuleNotFoundError", "Exception"].iter().any(|name| line.contains(name))
}

/// The modules that a statement imports.
fn modules(statement: &str) -> impl Iterator<Item = &str> {
    let is_name = |module: &&str| {
        module.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '.')
            && !module.starts_with('.')
    };
    let several = statement.strip_prefix("import ").map(|rest| rest.split(','));
    let from =
        statement.strip_prefix("from ").and_then(|rest| rest.split_once(" import")).map(|(module, _)| module);
    let several = several.into_iter().flatten().map(|one| one.split(" as ").next().unwrap_or(one).trim());
    several.chain(from.map(str::trim)).filter(move |module| is_name(module))
}

fn lines(text: &str) -> Vec<Line> {
    let bytes = text.as_bytes();
    let mut all = Vec::new();
    let mut line = String::new();
    let mut start = 0;
    let mut depth = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' if depth == 0 => {
                finish(&mut all, text, start, &mut line);
                start = at + 1;
                at += 1;
            }
            b'#' => at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end),
            quote @ (b'"' | b'\'') => {
                at = string_end(bytes, at, quote);
                line.push_str("\"\"");
            }
            b'\\' if bytes.get(at + 1) == Some(&b'\n') => {
                line.push(' ');
                at += 2;
            }
            byte => {
                depth = match byte {
                    b'(' | b'[' | b'{' => depth + 1,
                    b')' | b']' | b'}' => depth.saturating_sub(1),
                    _ => depth,
                };
                // Letters of other scripts are of no account to the keywords.
                line.push(if byte == b'\n' || !byte.is_ascii() { ' ' } else { char::from(byte) });
                at += 1;
            }
        }
    }
    finish(&mut all, text, start, &mut line);
    all
}

/// Just past the string that begins here.
fn string_end(bytes: &[u8], start: usize, quote: u8) -> usize {
    let is_triple = bytes[start..].starts_with(&[quote; 3]);
    let mut at = start + if is_triple { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            // A raw string's backslash keeps a quote from ending it too.
            b'\\' => at += 2,
            b'\n' if !is_triple => return at,
            byte if byte == quote && !is_triple => return at + 1,
            byte if byte == quote && bytes[at..].starts_with(&[quote; 3]) => return at + 3,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn finish(all: &mut Vec<Line>, text: &str, start: usize, line: &mut String) {
    let indent = line.len() - line.trim_start().len();
    let trimmed = line.trim();
    if !trimmed.is_empty() {
        let at = start + text[start..].len() - text[start..].trim_start().len();
        all.push(Line { indent, at, text: trimmed.to_owned() });
    }
    line.clear();
}
