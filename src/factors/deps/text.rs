//! A file's text with its places: bytes become text, offsets become lines and columns.

use crate::factors::finding::Place;
use std::ops::Range;
use std::sync::Arc;

/// A text that was read, with its path relative to the root.
#[derive(Debug, Clone)]
pub struct Text {
    /// With `/`.
    pub path: Arc<str>,
    /// Without its byte order mark.
    pub content: String,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl Text {
    /// Never fails: what is neither UTF-8 nor UTF-16 with its mark is taken for Latin-1, where every byte is a
    /// character, which is also what a PEP 263 comment most often says of such a file.
    pub fn new(path: &str, bytes: &[u8]) -> Self {
        let content = decode(bytes);
        let starts =
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', content.as_bytes()).map(|at| at + 1));
        Self { path: path.into(), starts: starts.collect(), content }
    }

    /// Where a range of bytes stands.
    pub fn place(&self, range: Range<usize>) -> Place {
        let (line, column) = self.position(range.start);
        let (end_line, end_column) = self.position(range.end.max(range.start));
        Place { path: self.path.clone(), line, column, end_line, end_column }
    }

    /// Line and column of an offset, from 1, the column in characters.
    fn position(&self, offset: usize) -> (u32, u32) {
        let offset = floor(&self.content, offset);
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        (line as u32, self.content[start..offset].chars().count() as u32 + 1)
    }

    /// The stretch of a line that begins at `offset`, up to its end.
    pub fn line_at(&self, offset: usize) -> Range<usize> {
        let offset = floor(&self.content, offset);
        let end = memchr::memchr(b'\n', &self.content.as_bytes()[offset..]);
        let end = end.map_or(self.content.len(), |at| offset + at);
        offset..offset + self.content[offset..end].trim_end().len()
    }

    /// Where a line begins, from 1.
    pub fn line_start(&self, line: usize) -> usize {
        self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.content.len())
    }

    /// The first place where a package's name stands as a whole word with its version soon after, best at the head of
    /// its own entry, else the name alone, else the beginning: good for every lock file, and asked only for what is told.
    pub fn locate(&self, name: &str, version: &str) -> Place {
        const NEAR: usize = 200;
        let mut first = None;
        let mut near = None;
        for (at, _) in self.content.match_indices(name).filter(|_| !name.is_empty()) {
            let end = at + name.len();
            if self.is_within_word(at, end) {
                continue;
            }
            first.get_or_insert(at);
            let after = &self.content[end..floor(&self.content, (end + NEAR).min(self.content.len()))];
            // Where entries stand apart, the next one is another's.
            if !after.split("\n\n").next().is_some_and(|after| after.contains(version)) {
                continue;
            }
            near.get_or_insert(at);
            if is_head(&self.content[..at], after) {
                near = Some(at);
                break;
            }
        }
        near.or(first).map_or_else(|| self.place(0..0), |at| self.place(at..at + name.len()))
    }

    fn is_within_word(&self, at: usize, end: usize) -> bool {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
        let bytes = self.content.as_bytes();
        at > 0 && bytes.get(at - 1).is_some_and(is_word) || bytes.get(end).is_some_and(is_word)
    }

    /// The keys of a JSON object, of the one under `section` when it has a name.
    pub fn json_keys(&self, section: &str) -> Keys<'_> {
        let start = if section.is_empty() { Some(0) } else { self.find_key(0, section) };
        let start = start.unwrap_or(self.content.len());
        Keys { text: self, start, at: start }
    }

    /// The first `"key"` from an offset on that a colon follows; the offset of the key itself.
    fn find_key(&self, from: usize, key: &str) -> Option<usize> {
        let quoted = format!("\"{key}\"");
        let found = self.content[from..]
            .match_indices(&quoted)
            .find(|(at, _)| self.content[from + at + quoted.len()..].trim_start().starts_with(':'));
        found.map(|(at, _)| from + at + 1)
    }
}

/// Keys that are asked for in the order in which they stand: each is looked for behind the one before.
pub struct Keys<'a> {
    text: &'a Text,
    start: usize,
    at: usize,
}

impl Keys<'_> {
    /// Where a key stands, else the beginning of the file.
    pub fn place(&mut self, key: &str) -> Place {
        let found = self.text.find_key(self.at, key).or_else(|| self.text.find_key(self.start, key));
        self.at = found.map_or(self.at, |at| at + key.len());
        found.map_or_else(|| self.text.place(0..0), |at| self.text.place(at..at + key.len()))
    }
}

/// Whether a name between these begins a package's own entry: `"node_modules/a": {` of npm, `a@1.0.0:` and
/// `/a/1.0.0:` of pnpm, `name = "a"` and `"name": "a"`. What a lock keeps of its manifest looks otherwise.
fn is_head(before: &str, after: &str) -> bool {
    let is_path = before.ends_with("node_modules/") && after.starts_with("\": {");
    let is_field = ["name = \"", "\"name\": \""].iter().any(|field| before.ends_with(field));
    let line = before.rsplit('\n').next().unwrap_or(before);
    let begins = line.trim_start_matches([' ', '\'', '"', '/', '?']).is_empty();
    is_path || is_field || begins && after.starts_with(['@', '/'])
}

/// The last boundary of a character at or before an offset.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn decode(bytes: &[u8]) -> String {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        },
    }
}
