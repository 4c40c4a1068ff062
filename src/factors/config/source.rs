//! One file as the rules see it: its bytes, its language, its role, and what at an offset is code, comment or string.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr, memchr_iter, memmem, memrchr};

use super::language::{Language, Role, holds_texts};
use super::lexer::{Kind, Region, lex};
use super::names;
use super::receiver::receiver;
use super::stores;
use super::syntax::syntax_of;
use crate::factors::finding::Place;
use crate::factors::role::is_bundled;

/// Where a line is this long on average nobody wrote it by hand.
const DENSE_LINE: usize = 400;
/// A file below this is read whole, however it is laid out.
const DENSE_FILE: usize = 8 << 10;
/// How far a rule looks to the left or right on one line.
const REACH: usize = 2000;
/// How many readers of its own a file may have.
const READERS: usize = 128;
/// Where a file says what it imports.
const HEAD: usize = 64 << 10;

pub struct Source<'a> {
    pub path: Arc<str>,
    pub text: Cow<'a, [u8]>,
    pub language: Language,
    pub role: Role,
    /// A program keeps logins in it, so none of them is an example.
    pub keeps_logins: bool,
    /// It translates what a screen says.
    pub holds_texts: bool,
    /// Binary or minified: only formats that are sure by themselves are looked for.
    pub dense: bool,
    regions: OnceCell<Vec<Region>>,
    /// Where the unit tests of a Rust file begin.
    tests_from: OnceCell<usize>,
    mentioned: RefCell<Vec<(&'static str, bool)>>,
    /// Readers of the environment that the file makes for itself, of which the calls were looked for.
    readers: RefCell<Vec<Vec<u8>>>,
}

/// What stands at an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Code,
    Comment,
    Text(Region),
}

impl<'a> Source<'a> {
    pub fn new(path: &str, bytes: &'a [u8]) -> Self {
        let text = decode(bytes);
        let language = Language::of(path, &text);
        let dense = is_bundled(path) || path.contains("/_next/static/") || is_dense(&text);
        Self {
            path: path.into(),
            language,
            role: Role::of(path, language),
            keeps_logins: stores::keeps_logins(path),
            holds_texts: holds_texts(path, language),
            dense,
            text,
            regions: OnceCell::new(),
            tests_from: OnceCell::new(),
            mentioned: RefCell::default(),
            readers: RefCell::default(),
        }
    }

    /// Lexed when first asked: most files never are.
    pub fn at(&self, offset: usize) -> At {
        match self.region(offset) {
            Some(region) if region.kind == Kind::Comment => At::Comment,
            Some(region) => At::Text(region),
            None => At::Code,
        }
    }

    fn region(&self, offset: usize) -> Option<Region> {
        let regions = self.regions.get_or_init(|| lex(syntax_of(&self.path, self.language), &self.text));
        let next = regions.partition_point(|region| region.start <= offset);
        let region = regions[next.checked_sub(1)?];
        (offset < region.end || region.start == offset && region.end == offset).then_some(region)
    }

    /// In a file of tests, or in the tests at the end of a Rust file.
    pub fn is_test(&self, offset: usize) -> bool {
        let tests_from = || {
            let mut marks = memmem::find_iter(&self.text, b"#[cfg(test)]");
            marks.find(|mark| is_module(self.ahead(*mark + 12, 200))).unwrap_or(usize::MAX)
        };
        self.role == Role::Test
            || self.language == Language::Rust && offset >= *self.tests_from.get_or_init(tests_from)
    }

    /// The head of the file holds the word; looked for once. It is how a short name is known to be a library's.
    pub fn mentions(&self, word: &'static str) -> bool {
        let known = self.mentioned.borrow().iter().find(|(known, _)| *known == word).map(|(_, found)| *found);
        known.unwrap_or_else(|| {
            let found = memmem::find(self.ahead(0, HEAD), word.as_bytes()).is_some();
            self.mentioned.borrow_mut().push((word, found));
            found
        })
    }

    /// The file's own reader of that name is met for the first time; of so many alone, since each is looked for in the whole file.
    pub fn is_new_reader(&self, name: &[u8]) -> bool {
        let mut readers = self.readers.borrow_mut();
        let new = readers.len() < READERS && !readers.iter().any(|known| known == name);
        if new {
            readers.push(name.to_vec());
        }
        new
    }

    /// In a long string that documents: a docstring, or one that a name like `EXAMPLES` receives.
    pub fn is_documentation(&self, offset: usize) -> bool {
        let Some(region) = self.region(offset) else { return false };
        let opened = self.behind(region.start, 3);
        if opened != b"\"\"\"" && opened != b"'''" {
            return false;
        }
        region.kind == Kind::Comment
            || receiver(self, region.start).is_some_and(|name| names::documents(&self.text[name]))
    }

    pub fn is_comment(&self, offset: usize) -> bool {
        self.language == Language::Prose || self.at(offset) == At::Comment
    }

    /// Up to `REACH` bytes of the line before `offset`.
    pub fn left(&self, offset: usize) -> &[u8] {
        let from = offset.saturating_sub(REACH);
        let start = memrchr(b'\n', &self.text[from..offset]).map_or(from, |n| from + n + 1);
        &self.text[start..offset]
    }

    /// Up to `REACH` bytes of the line from `offset` on, without its end.
    pub fn right(&self, offset: usize) -> &[u8] {
        let rest = &self.text[offset..(offset + REACH).min(self.text.len())];
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end])
    }

    pub fn byte(&self, offset: usize) -> u8 {
        self.text.get(offset).copied().unwrap_or(b'\n')
    }

    /// Up to `limit` bytes before `offset`, over the ends of lines.
    pub fn behind(&self, offset: usize, limit: usize) -> &[u8] {
        &self.text[offset.saturating_sub(limit)..offset]
    }

    /// Up to `limit` bytes from `offset` on, over the ends of lines.
    pub fn ahead(&self, offset: usize, limit: usize) -> &[u8] {
        &self.text[offset.min(self.text.len())..(offset + limit).min(self.text.len())]
    }
}

/// `mod tests {`, and not `mod tests;`, which is a file of its own.
fn is_module(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.starts_with(b"mod ") && line.trim_ascii_end().ends_with(b"{")
}

/// UTF-16 with a mark becomes UTF-8, and a mark of UTF-8 goes; everything else stays as it is.
fn decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    let wide = |read: fn([u8; 2]) -> u16| {
        let units = bytes[2..].as_chunks::<2>().0.iter().map(|pair| read(*pair));
        let text: String =
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        Cow::Owned(text.into_bytes())
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(rest),
        _ => Cow::Borrowed(bytes),
    }
}

fn is_dense(text: &[u8]) -> bool {
    if memchr(0, &text[..text.len().min(8 << 10)]).is_some() {
        return true;
    }
    text.len() > DENSE_FILE && memchr_iter(b'\n', text).count() * DENSE_LINE < text.len()
}

/// Turns byte offsets into places. Offsets come in order, so that a file is walked once, however long its lines are.
pub struct Places<'s> {
    path: &'s Arc<str>,
    text: &'s [u8],
    at: usize,
    line: u32,
    column: u32,
}

impl<'s> Places<'s> {
    pub fn of(source: &'s Source<'_>) -> Self {
        Self { path: &source.path, text: &source.text, at: 0, line: 1, column: 1 }
    }

    pub fn place(&mut self, span: &Range<usize>) -> Place {
        self.advance(span.start);
        let (line, column) = (self.line, self.column);
        // The end is walked apart: the next span may begin inside this one.
        let mut end = Places { path: self.path, text: self.text, at: self.at, line, column };
        end.advance(span.end);
        Place { path: self.path.clone(), line, column, end_line: end.line, end_column: end.column }
    }

    fn advance(&mut self, to: usize) {
        let Some(passed) = self.text.get(self.at..to) else { return };
        let lines = memchr_iter(b'\n', passed).count() as u32;
        let tail = match memrchr(b'\n', passed) {
            Some(last) => {
                self.column = 1;
                &passed[last + 1..]
            }
            None => passed,
        };
        self.line += lines;
        // A byte that continues a character of UTF-8 begins no column.
        self.column += tail.iter().filter(|b| (**b & 0xc0) != 0x80).count() as u32;
        self.at = to;
    }
}
