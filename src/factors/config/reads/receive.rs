//! What gets the value of a read: the last `=` or key before it in its statement.

use super::super::assign::name_ending;
use super::super::language::Language;
use super::super::source::Source;

/// The statement may begin on a line before.
const LINES: usize = 3;

pub fn receiver(source: &Source<'_>, at: usize) -> Option<String> {
    let mut end = at;
    for _ in 0..LINES {
        let left = source.left(end);
        if let Some(name) = on_line(source, left) {
            return Some(name);
        }
        let start = end - left.len();
        let text = left.trim_ascii();
        let head = source.behind(start, 400).trim_ascii_end();
        let goes_on = matches!(head.last(), Some(b'(' | b'=' | b'[' | b'\\' | b'{')) || text.starts_with(b".") || text.starts_with(b"??") || text.starts_with(b"||");
        if start == 0 || !goes_on || text.starts_with(b"return") {
            return None;
        }
        end = start - (source.behind(start, 400).len() - head.len());
    }
    None
}

fn on_line(source: &Source<'_>, left: &[u8]) -> Option<String> {
    let (mut n, mut quote) = (0, None);
    let mut found = None;
    let mut question = false;
    while n < left.len() {
        let byte = left[n];
        match quote {
            Some(open) => {
                if byte == open {
                    quote = None;
                }
            }
            None if matches!(byte, b'"' | b'\'' | b'`') && source.language != Language::Shell => quote = closes(left, n).then_some(byte),
            None => match step(source, left, n) {
                Step::Separator(width) => {
                    if !(question && byte == b':') {
                        found = Some(n);
                    }
                    n += width - 1;
                }
                Step::Question => question = true,
                Step::End => {
                    found = None;
                    question = false;
                }
                Step::Operator(width) => n += width - 1,
                Step::Other => {}
            },
        }
        n += 1;
    }
    name_before(&left[..found?])
}

/// The quote at `n` is closed on the line, so it is no apostrophe and no hole's.
fn closes(left: &[u8], n: usize) -> bool {
    left[n + 1..].contains(&left[n])
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
        b'=' if matches!(next, b'=' | b'~') => Step::Operator(if left.get(n + 2) == Some(&b'=') { 3 } else { 2 }),
        b'=' if next == b'>' => {
            // PHP's and Ruby's key; in the other languages an arrow begins a body.
            if matches!(source.language, Language::Php | Language::Ruby | Language::Elixir) { Step::Separator(2) } else { Step::End }
        }
        b'!' | b'<' | b'>' if next == b'=' => Step::Operator(2),
        b':' if next == b'=' => Step::Separator(2),
        b':' if next == b':' => Step::Operator(2),
        b'=' => Step::Separator(1),
        b':' if source.language != Language::Php && next != b':' => Step::Separator(1),
        b'?' if next == b' ' => Step::Question,
        b';' => Step::End,
        _ => Step::Other,
    }
}

/// The name that ends before the separator: `x`, `x: Type`, `self.x`, `config["x"]`, `"x"`, `a, b`.
fn name_before(left: &[u8]) -> Option<String> {
    let mut end = left.len();
    while end > 0 && matches!(left[end - 1], b' ' | b'\t' | b'"' | b'\'' | b']' | b'?' | b'|' | b'+' | b':') {
        end -= 1;
    }
    let name = name_ending(left, end)?;
    let mut head = &left[..name.start];
    let mut word = &left[name.clone()];
    // `x: Type`, `x: Option<Type>`.
    let typed = head.iter().rposition(|b| *b == b':').filter(|n| head[n + 1..].iter().all(|b| b.is_ascii_alphanumeric() || b" _<>&[]|,.'".contains(b)));
    if let Some(colon) = typed
        && !head[..colon].is_empty()
        && let Some(real) = name_ending(head, colon)
    {
        word = &left[real.clone()];
        head = &left[..real.start];
    }
    // `value, ok := …`
    if let Some(first) = head.trim_ascii_end().strip_suffix(b",").and_then(|first| name_ending(first, first.len())) {
        let line = &left[..first.start];
        if line.iter().all(|b| b.is_ascii_whitespace()) || line.trim_ascii().ends_with(b"if") {
            word = &left[first];
        }
    }
    let short = word.rsplit(|b| *b == b'.').next().unwrap_or(word);
    let keyword = matches!(short, b"if" | b"else" | b"return" | b"lambda" | b"case" | b"default" | b"try" | b"while" | b"except" | b"finally" | b"then");
    (!keyword && !short.is_empty()).then(|| String::from_utf8_lossy(short).into_owned())
}
