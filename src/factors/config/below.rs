//! A value that stands one level below its name or beside it under a word of its own: `"name": {"value": …}`,
//! `name:` and `default: …` in the next lines, `name: X, value: …`, `'--name', default='…'`.

use super::language::Language;
use super::literal::Cursor;

/// What values are called: Azure's and AWS' parameters, Kubernetes' environment, Terraform's variables, options of
/// argparse, click, yargs and commander.
const VALUES: &[&str] = &["value", "default", "defaultvalue", "default_value", "parametervalue"];
/// Of these, what a call says that has something else to do.
const DEFAULTS: &[&str] = &["default", "default_value", "defaultvalue"];

/// How far below or beside it may stand.
const NEAR: usize = 400;

/// The cursor stands before the block that is given to the name: passes to the value in it.
pub fn enter(cursor: &mut Cursor<'_, '_>) -> bool {
    let rest = cursor.source.ahead(cursor.at, NEAR);
    let blank = rest.len() - rest.trim_ascii_start().len();
    let known = matches!(
        cursor.source.language,
        Language::Json
            | Language::Yaml
            | Language::Hcl
            | Language::JavaScript
            | Language::Python
            | Language::Toml
    );
    let entry =
        (known && rest.get(blank) == Some(&b'{')).then(|| entry(&rest[blank + 1..], VALUES)).flatten();
    if let Some(entry) = entry {
        cursor.at += blank + 1 + entry;
    }
    entry.is_some()
}

/// The name is itself the value of an entry, or an argument: passes to the value in one of the next.
pub fn beside(cursor: &mut Cursor<'_, '_>) -> bool {
    let entry = entry(cursor.source.ahead(cursor.at, NEAR), VALUES);
    cursor.at += entry.unwrap_or(0);
    entry.is_some() || enter(cursor)
}

/// Where in `text` the value of the first entry under one of these keys begins, before the bracket that closes them all.
fn entry(text: &[u8], keys: &[&str]) -> Option<usize> {
    let (mut depth, mut n, mut first) = (0usize, 0, true);
    while n < text.len() {
        match text[n] {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.checked_sub(1)?,
            b',' | b'\n' | b';' => first = true,
            b' ' | b'\t' | b'\r' => {}
            byte if first || matches!(byte, b'"' | b'\'' | b'`') => {
                let (word, end) = word(&text[n..])?;
                n += end;
                if first
                    && depth == 0
                    && is_one_of(word, keys)
                    && let Some(sign) = sign(&text[n..])
                {
                    return Some(n + sign);
                }
                first = false;
                continue;
            }
            _ => {}
        }
        n += 1;
    }
    None
}

/// What begins here, quoted or not, and where it ends.
fn word(text: &[u8]) -> Option<(&[u8], usize)> {
    if let quote @ (b'"' | b'\'' | b'`') = text[0] {
        let length = memchr::memchr(quote, &text[1..])?;
        return Some((&text[1..=length], length + 2));
    }
    let length = text.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    Some((&text[..length], length.max(1)))
}

/// How far it is over `:` or `=`.
fn sign(text: &[u8]) -> Option<usize> {
    let spaces = text.len() - text.trim_ascii_start().len();
    match text[spaces..] {
        [b'=', b'=', ..] => None,
        [b'=', b'>', ..] => Some(spaces + 2),
        [b':' | b'=', ..] => Some(spaces + 1),
        _ => None,
    }
}

fn is_one_of(word: &[u8], keys: &[&str]) -> bool {
    keys.iter().any(|key| word.eq_ignore_ascii_case(key.as_bytes()))
}

/// `name:` of YAML with nothing behind it: passes to the value in the entries below.
pub fn yaml_child(cursor: &mut Cursor<'_, '_>) -> bool {
    let left = cursor.source.left(cursor.at);
    let own = indentation(left);
    yaml_entry(cursor, |column, first| column > own && column == first)
}

/// `- name: DB_PASSWORD`: passes to the value in the entries beside it.
pub fn yaml_pair(cursor: &mut Cursor<'_, '_>) -> bool {
    let left = cursor.source.left(cursor.at);
    let own = indentation(left);
    yaml_entry(cursor, |column, _| column == own)
}

/// How far in the first key of the line stands, a list's dash passed over.
fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|b| matches!(b, b' ' | b'-')).count()
}

/// In the lines after this one up to one that stands further out, a value's key in a column that fits.
fn yaml_entry(cursor: &mut Cursor<'_, '_>, fits: impl Fn(usize, usize) -> bool) -> bool {
    if cursor.source.language != Language::Yaml {
        return false;
    }
    let rest = cursor.source.ahead(cursor.at, NEAR);
    let mut at = 0;
    let mut least = None;
    for (number, line) in rest.split_inclusive(|b| *b == b'\n').enumerate() {
        let text = line.trim_ascii();
        let from = at;
        at += line.len();
        if number == 0 && !(text.is_empty() || text[0] == b'#') {
            return false;
        }
        if number == 0 || text.is_empty() || text[0] == b'#' {
            continue;
        }
        let column = line.iter().take_while(|b| **b == b' ').count();
        let first = *least.get_or_insert(column);
        if !fits(first, first) || column < first || text[0] == b'-' {
            return false;
        }
        let Some((word, end)) = word(&line[column..]) else { continue };
        if fits(column, first) && is_one_of(word, VALUES) && line[column + end..].starts_with(b":") {
            cursor.at += from + column + end + 1;
            return true;
        }
    }
    false
}

/// `name = Field(default="…")`, `name: string().min(8).default("…")`: passes to the default.
pub fn default_of_call(cursor: &mut Cursor<'_, '_>) {
    let rest = cursor.source.ahead(cursor.at, NEAR);
    let mut n = 0;
    loop {
        let path =
            rest[n..].iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')).count();
        let open = n + path;
        if path == 0 || rest.get(open) != Some(&b'(') {
            return;
        }
        if rest[n..open].ends_with(b".default") {
            cursor.at += open + 1;
            return;
        }
        if let Some(entry) = entry(&rest[open + 1..], DEFAULTS) {
            cursor.at += open + 1 + entry;
            return;
        }
        let Some(close) = closing(&rest[open..]) else { return };
        n = open + close + 1;
        n += rest[n..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    }
}

/// `name = asked || "…"`, `name = asked ? other : "…"`: passes to the literal that is taken when there is nothing else. What is
/// taken in place of a variable of the environment is another rule's.
pub fn fallback(cursor: &mut Cursor<'_, '_>) {
    const OPERATORS: &[&[u8]] = &[b" || ", b" ?? ", b" or ", b" ?: "];
    let rest = cursor.source.right(cursor.at);
    let commands = matches!(cursor.source.language, Language::Shell | Language::Sql);
    if commands || memchr::memmem::find(&rest.to_ascii_lowercase(), b"env").is_some() {
        return;
    }
    let (mut depth, mut n, mut asked) = (0usize, 0, false);
    while n < rest.len() {
        match rest[n] {
            b'"' | b'\'' | b'`' if n == 0 => return,
            b'"' | b'\'' | b'`' => n += word(&rest[n..]).map_or(rest.len(), |(_, end)| end - 1),
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth > 0 => depth -= 1,
            b')' | b']' | b'}' => return,
            b',' | b';' | b'=' | b'#' if depth == 0 => return,
            b' ' if depth == 0 && n > 0 => {
                asked |= rest[n..].starts_with(b" ? ");
                let operator = OPERATORS.iter().find(|operator| rest[n..].starts_with(operator));
                let length =
                    operator.map_or(if asked && rest[n..].starts_with(b" : ") { 3 } else { 0 }, |o| o.len());
                if length > 0 && matches!(rest.get(n + length), Some(b'"' | b'\'' | b'`')) {
                    cursor.at += n + length;
                    return;
                }
            }
            _ => {}
        }
        n += 1;
    }
}

/// Where the bracket that `text` begins with is closed.
fn closing(text: &[u8]) -> Option<usize> {
    let (mut depth, mut n) = (0usize, 0);
    while n < text.len() {
        match text[n] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b'"' | b'\'' | b'`' => n += word(&text[n..])?.1 - 1,
            _ => {}
        }
        if depth == 0 {
            return Some(n);
        }
        n += 1;
    }
    None
}

/// `user, password = "…", "…"`: passes to the literal that is the name's.
pub fn of_tuple(cursor: &mut Cursor<'_, '_>, names: &[u8]) {
    let names = names.trim_ascii_start();
    let names = ["let ", "const ", "var ", "my ", "local "]
        .iter()
        .find_map(|word| names.strip_prefix(word.as_bytes()))
        .unwrap_or(names);
    let names = names.strip_prefix(b"(").or_else(|| names.strip_prefix(b"[")).unwrap_or(names);
    let names = names.trim_ascii_end().strip_suffix(b"$").unwrap_or(names).trim_ascii_end();
    let only_names = names.iter().all(|b| b.is_ascii_alphanumeric() || b"_$, ".contains(b));
    if !only_names || !names.ends_with(b",") {
        return;
    }
    let before = memchr::memchr_iter(b',', names).count();
    let rest = cursor.source.right(cursor.at);
    let mut n = rest.iter().take_while(|b| matches!(b, b' ' | b'(' | b'[')).count();
    for _ in 0..before {
        let Some((_, end)) = rest.get(n..).filter(|rest| !rest.is_empty()).and_then(word) else { return };
        n += end;
        if rest.get(n) != Some(&b',') {
            return;
        }
        n += 1;
        n += rest[n..].iter().take_while(|b| **b == b' ').count();
    }
    cursor.at += n;
}
