//! Here-documents: texts that begin on the line after their sign, and end at a line that holds their word alone.
//!
//! The same sign shifts numbers and appends to lists. What no line ends is no here-document: otherwise one `list << Item`
//! would make a text of the rest of the file.

use super::super::syntax::{Heredocs, Quirk};
use super::{Kind, Lexer};

/// So many words without an end, and no more here-documents are looked for: each one costs a look at the rest of the file.
const WITHOUT_END: usize = 32;

/// One that began on this line.
pub struct Begun {
    /// Where the line stands that ends it.
    end: usize,
    /// Behind its word on that line.
    after: usize,
    expands: bool,
}

/// What stands behind the sign.
struct Word<'t> {
    text: &'t [u8],
    expands: bool,
    /// How much of the code it takes, with the sign.
    length: usize,
}

impl<'t> Lexer<'_, 't> {
    pub fn heredoc(&mut self) -> bool {
        let find = |quirk: &Quirk| if let Quirk::Heredocs(kind) = quirk { Some(*kind) } else { None };
        let Some(kind) = self.syntax.quirks.iter().find_map(find) else { return false };
        if self.text[self.at] == b'\n' && !self.heredocs.is_empty() {
            return self.pass_heredocs();
        }
        let Some(word) = word(kind, &self.text[self.at..]).filter(|_| self.may_begin(kind)) else {
            return false;
        };
        // The next one on the same line comes after this one.
        let last = self.heredocs.last().map_or(self.at, |begun| begun.end);
        let from = (self.line_end(last) + 1).min(self.text.len());
        let Some(end) = self.heredoc_end(kind, from, word.text) else { return false };
        let after = end + self.indent(end) + word.text.len();
        self.heredocs.push(Begun { end, after, expands: word.expands });
        self.at += word.length;
        true
    }

    /// The line is over on which they began.
    fn pass_heredocs(&mut self) -> bool {
        let mut start = self.at + 1;
        let mut next = start;
        for begun in std::mem::take(&mut self.heredocs) {
            // A string of that line that has more than one line may have gone past it.
            if start <= begun.end {
                self.push(start, begun.end, Kind::Text, begun.expands);
                start = (self.line_end(begun.end) + 1).min(self.text.len());
                next = begun.after;
            }
        }
        self.at = next;
        true
    }

    /// In Ruby and Perl what stands before the sign is no value, or it is a shift: `call(<<EOF`, `x = <<EOF`, `puts <<EOF`.
    fn may_begin(&self, kind: Heredocs) -> bool {
        let before = self.before();
        match kind {
            Heredocs::Ruby | Heredocs::Perl => {
                !(before.is_ascii_alphanumeric()
                    || matches!(before, b'_' | b')' | b']' | b'}' | b'"' | b'\''))
            }
            // A shell's `<<<` is the sign of a text that stands there.
            _ => before != b'<',
        }
    }

    fn indent(&self, at: usize) -> usize {
        self.text[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
    }

    /// Where the line begins that holds nothing but the word.
    fn heredoc_end(&mut self, kind: Heredocs, from: usize, word: &'t [u8]) -> Option<usize> {
        if self.without_end.len() >= WITHOUT_END || self.without_end.contains(&word) {
            return None;
        }
        let mut at = from;
        while at < self.text.len() {
            let end = self.line_end(at);
            let rest = self.text[at..end].trim_ascii().strip_prefix(word);
            // PHP's goes on after it: `EOF;`, `EOF)`.
            let is_end = |rest: &[u8]| match rest.first() {
                None => true,
                Some(next) => kind == Heredocs::Php && !(next.is_ascii_alphanumeric() || *next == b'_'),
            };
            if rest.is_some_and(is_end) {
                return Some(at);
            }
            at = end + 1;
        }
        self.without_end.push(word);
        None
    }
}

/// By the manuals: shells take blanks before the word and any word; Ruby, Perl and HCL take none; PHP's sign has a `<` more.
fn word(kind: Heredocs, text: &[u8]) -> Option<Word<'_>> {
    let sign: &[u8] = if kind == Heredocs::Php { b"<<<" } else { b"<<" };
    let rest = text.strip_prefix(sign)?;
    let indents: &[u8] = match kind {
        Heredocs::Php => b"",
        Heredocs::Shell | Heredocs::Hcl => b"-",
        Heredocs::Ruby | Heredocs::Perl => b"-~",
    };
    let indent = rest.iter().take(1).filter(|b| indents.contains(b)).count();
    let blanks = if matches!(kind, Heredocs::Shell | Heredocs::Php) {
        rest[indent..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
    } else {
        0
    };
    let open = indent + blanks;
    let quote = rest.get(open).copied().filter(|b| matches!(b, b'"' | b'\'' | b'\\' | b'`'));
    let from = open + usize::from(quote.is_some());
    let length = rest[from..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let first = rest.get(from).filter(|_| length > 0)?;
    // `1 << n` is a shift in every language; outside of shells a bare word is in capitals where it is none.
    let is_word = match kind {
        _ if quote.is_some() => first.is_ascii_alphabetic() || *first == b'_',
        Heredocs::Shell | Heredocs::Php => first.is_ascii_alphabetic() || *first == b'_',
        _ => first.is_ascii_uppercase() || *first == b'_',
    };
    let closed = quote.is_some() && rest.get(from + length).copied() == quote;
    is_word.then(|| Word {
        text: &rest[from..from + length],
        expands: !matches!(quote, Some(b'\'' | b'\\')),
        length: sign.len() + from + length + usize::from(closed),
    })
}
