//! What gets the value of a read: the last `=` or key before it in its statement.

use super::super::language::Language;
use super::super::receiver::name_ending;
use super::super::source::{At, Source};

/// The statement may begin on a line before.
const LINES: usize = 3;

pub fn receiver(source: &Source<'_>, at: usize) -> Option<String> {
    let mut end = at;
    for _ in 0..LINES {
        let left = source.left(end);
        if let Some(name) = on_line(source, left, end) {
            return Some(name);
        }
        let start = end - left.len();
        let text = left.trim_ascii();
        let head = source.behind(start, 400).trim_ascii_end();
        let goes_on = matches!(head.last(), Some(b'(' | b'=' | b'[' | b'\\' | b'{'))
            || text.starts_with(b".")
            || text.starts_with(b"??")
            || text.starts_with(b"||");
        if start == 0 || !goes_on || text.starts_with(b"return") {
            return None;
        }
        end = start - (source.behind(start, 400).len() - head.len());
    }
    None
}

/// `left` is the line up to `end`.
fn on_line(source: &Source<'_>, left: &[u8], end: usize) -> Option<String> {
    let start = end - left.len();
    let mut n = 0;
    // Where each receiver ends, with the commas after it that are no call's.
    let mut found: Vec<(usize, usize)> = Vec::new();
    let (mut question, mut depth, mut begin) = (false, 0usize, 0);
    while n < left.len() {
        if let At::Text(region) = source.at(start + n)
            && region.end > start + n
        {
            n = region.end - start;
            continue;
        }
        match step(source, left, n) {
            // Python's `if x: …`, whose colon gives nothing.
            Step::Separator(_) if left[n] == b':' && depth == 0 && is_block(source, left) => {
                found.clear();
                begin = n + 1;
            }
            Step::Separator(width) => {
                if !(question && left[n] == b':') {
                    found.push((n, 0));
                    depth = 0;
                }
                n += width - 1;
            }
            Step::Question => question = true,
            Step::End => {
                found.clear();
                question = false;
            }
            Step::Operator(width) => n += width - 1,
            Step::Other => match left[n] {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                b',' if depth == 0 => {
                    if let Some((_, commas)) = found.last_mut() {
                        *commas += 1;
                    }
                }
                _ => {}
            },
        }
        n += 1;
    }
    while let Some((at, commas)) = found.pop() {
        let is_key = match (left[at], left.get(at + 1)) {
            (b':', next) => next != Some(&b'='),
            (_, next) => next == Some(&b'>'),
        };
        let before = &left[begin..at];
        let name = if is_key { key_before(before) } else { name_before(before, commas) };
        // `config(default=…)` hands it on to who gets the whole.
        let hands_on = |name: &String| !is_key && name.starts_with("default");
        if name.as_ref().is_some_and(|name| !hands_on(name)) {
            return name;
        }
    }
    defined(source, left)
}

fn is_block(source: &Source<'_>, left: &[u8]) -> bool {
    let first = left.trim_ascii_start();
    source.language == Language::Python
        && [&b"if "[..], b"elif ", b"else:", b"for ", b"while ", b"with ", b"try:", b"except", b"finally:"]
            .iter()
            .any(|word| first.starts_with(word))
}

/// PHP's `define('NAME', …)`.
fn defined(source: &Source<'_>, left: &[u8]) -> Option<String> {
    let call = memchr::memmem::find(left, b"define(").filter(|_| source.language == Language::Php)?;
    let name = left[call + 7..].trim_ascii_start();
    let name = name.strip_prefix(b"'").or_else(|| name.strip_prefix(b"\""))?;
    let length = name.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    (length > 0 && matches!(name.get(length), Some(b'\'' | b'"')))
        .then(|| String::from_utf8_lossy(&name[..length]).into_owned())
}

enum Step {
    Separator(usize),
    /// A comparison, which gives nothing.
    Operator(usize),
    Question,
    /// What came before belongs to another statement.
    End,
    Other,
}

fn step(source: &Source<'_>, left: &[u8], n: usize) -> Step {
    let next = left.get(n + 1).copied().unwrap_or(b' ');
    match left[n] {
        b'=' if matches!(next, b'=' | b'~') => {
            Step::Operator(if left.get(n + 2) == Some(&b'=') { 3 } else { 2 })
        }
        b'=' if next == b'>' => {
            // PHP's and Ruby's key, C#'s property; in the other languages an arrow begins a body.
            let is_property = source.language == Language::CSharp && !left[..n].contains(&b'(');
            if is_property || matches!(source.language, Language::Php | Language::Ruby | Language::Elixir) {
                Step::Separator(2)
            } else {
                Step::End
            }
        }
        b'!' if next == b'=' => Step::Operator(if left.get(n + 2) == Some(&b'=') { 3 } else { 2 }),
        b'<' | b'>' if next == b'=' => Step::Operator(2),
        b':' if next == b'=' => Step::Separator(2),
        b':' if next == b':' => Step::Operator(2),
        b'=' => Step::Separator(1),
        b':' if source.language != Language::Php && next != b':' => Step::Separator(1),
        b'?' if next == b' ' => Step::Question,
        b';' => Step::End,
        _ => Step::Other,
    }
}

/// The key before a colon: `x`, `"x"`. In quotes any word is one.
fn key_before(left: &[u8]) -> Option<String> {
    let end =
        left.iter().rposition(|b| !matches!(b, b' ' | b'\t' | b'"' | b'\'' | b'?')).map_or(0, |n| n + 1);
    let name = &left[name_ending(left, end)?];
    if left[end..].trim_ascii().is_empty() { named(name) } else { Some(short(name)) }
}

/// The name before the sign: `x`, `x: Type`, `self.x`, `config["x"]`; of `a, b = …` the one with so many before it.
fn name_before(left: &[u8], commas: usize) -> Option<String> {
    let mut end = left.len();
    while end > 0 && matches!(left[end - 1], b' ' | b'\t' | b'"' | b'\'' | b']' | b'?' | b'|' | b'+' | b':') {
        end -= 1;
    }
    let name = name_ending(left, end)?;
    let head = &left[..name.start];
    // `x: Type`, `x: Option<Type>`.
    let typed = head
        .iter()
        .rposition(|b| *b == b':')
        .filter(|n| head[n + 1..].iter().all(|b| b.is_ascii_alphanumeric() || b" _<>&[]|,.'".contains(b)));
    if let Some(real) = typed.and_then(|colon| name_ending(head, colon)) {
        return named(&left[real]);
    }
    // `value, ok := …`, `a, b = …`
    let line = left[..end].trim_ascii_start();
    let line = line.strip_prefix(b"if ").unwrap_or(line);
    let several = line.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b',' | b' ' | b'.'));
    let nth = line
        .split(|b| *b == b',')
        .map(<[u8]>::trim_ascii)
        .nth(commas)
        .filter(|_| several && line.contains(&b','));
    named(nth.unwrap_or(&left[name]))
}

/// Without its owner.
fn short(word: &[u8]) -> String {
    String::from_utf8_lossy(word.rsplit(|b| *b == b'.').next().unwrap_or(word)).into_owned()
}

fn named(word: &[u8]) -> Option<String> {
    let short = short(word);
    let keyword = matches!(
        short.as_bytes(),
        b"if"
            | b"else"
            | b"return"
            | b"lambda"
            | b"case"
            | b"default"
            | b"try"
            | b"while"
            | b"except"
            | b"finally"
            | b"then"
    );
    (!keyword && !short.is_empty()).then_some(short)
}
