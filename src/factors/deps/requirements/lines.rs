//! Lines as pip makes them: cut as Python cuts, joined, without comments.

use std::ops::Range;

/// A line with those that were joined to it.
pub struct Line {
    /// Without comments and outer spaces; never empty.
    pub text: String,
    /// The part of the file that its first line takes, outer spaces apart.
    pub span: Range<usize>,
}

/// Every line that says something.
pub fn lines(text: &str) -> Vec<Line> {
    let mut all = Vec::new();
    let mut joined: Option<(String, usize)> = None;
    for physical in physical(text) {
        let line = &text[physical.clone()];
        let is_comment = line.trim_start().starts_with('#');
        if line.ends_with('\\') && !is_comment {
            let (so_far, _) = joined.get_or_insert_with(|| (String::new(), physical.start));
            so_far.push_str(line.trim_matches('\\'));
            continue;
        }
        match joined.take() {
            None => finish(&mut all, text, line, physical.start),
            Some((mut so_far, start)) => {
                // The space keeps a comment line recognisable once it is joined.
                so_far.push_str(if is_comment { " " } else { "" });
                so_far.push_str(line);
                finish(&mut all, text, &so_far, start);
            }
        }
    }
    if let Some((so_far, start)) = joined {
        finish(&mut all, text, &so_far, start);
    }
    all
}

fn finish(all: &mut Vec<Line>, file: &str, line: &str, start: usize) {
    let content = without_comment(line).trim();
    if content.is_empty() {
        return;
    }
    let start = start + file[start..].len() - file[start..].trim_start().len();
    let first = file[start..].lines().next().unwrap_or_default();
    let end = start + without_comment(first).trim_end_matches('\\').trim_end().len();
    all.push(Line { text: content.to_owned(), span: start..end });
}

/// A `#` begins a comment at the start of a line and after a space.
fn without_comment(line: &str) -> &str {
    let before = |at: usize| line[..at].chars().next_back();
    let start =
        line.match_indices('#').map(|(at, _)| at).find(|at| before(*at).is_none_or(char::is_whitespace));
    start.map_or(line, |at| &line[..at])
}

/// Where each line stands, its end apart: every line end that Python's `splitlines` knows.
fn physical(text: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut start = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let is_end = matches!(
            letter,
            '\n' | '\r' | '\x0b' | '\x0c' | '\x1c' | '\x1d' | '\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
        );
        if is_end {
            all.push(start..at);
            let is_pair = letter == '\r' && letters.peek().is_some_and(|(_, next)| *next == '\n');
            start = at + letter.len_utf8() + usize::from(is_pair);
            if is_pair {
                letters.next();
            }
        }
    }
    if start < text.len() {
        all.push(start..text.len());
    }
    all
}
