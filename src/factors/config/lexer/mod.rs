//! One lexer for all languages: cuts a file into code, comments and strings, and nothing finer.
//!
//! It never fails. What it does not understand is code, and a string that may not cross a line ends with it, so a
//! mistake stays small. It looks at every byte a bounded number of times, whatever the length of a line.

mod heredoc;
mod quirks;
mod tags;
#[cfg(test)]
mod tests;

use memchr::{memchr, memmem};

use self::heredoc::Begun;
use super::syntax::{Quirk, Quote, Syntax};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A comment, or a string that documents.
    Comment,
    /// The inside of a string, or the part of it up to the next hole.
    Text,
}

/// A stretch that is not code. For a string, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    /// Its language puts values into it (`"$X"`, `#{x}`), as opposed to a string that is what it says.
    pub expands: bool,
}

/// A string that is left open while the code in its hole is read.
struct Open<'s> {
    quote: &'s Quote,
    hole: Option<(&'static str, u8)>,
    depth: usize,
}

pub fn lex(syntax: &Syntax, text: &[u8]) -> Vec<Region> {
    Lexer {
        syntax,
        text,
        at: 0,
        regions: Vec::new(),
        open: Vec::new(),
        heredocs: Vec::new(),
        without_end: Vec::new(),
        starts: starts(syntax),
    }
    .run()
}

struct Lexer<'s, 't> {
    syntax: &'s Syntax,
    text: &'t [u8],
    at: usize,
    regions: Vec<Region>,
    open: Vec<Open<'s>>,
    /// The here-documents begun on this line.
    heredocs: Vec<Begun>,
    /// Words after a sign of a here-document that no later line ends.
    without_end: Vec<&'t [u8]>,
    /// The bytes at which something other than code may begin.
    starts: [bool; 256],
}

fn starts(syntax: &Syntax) -> [bool; 256] {
    let mut table = [false; 256];
    let openers = (syntax.line_comments.iter().copied())
        .chain(syntax.block_comments.iter().map(|pair| pair.0))
        .chain(syntax.quotes.iter().map(|quote| quote.open));
    for opener in openers {
        table[opener.as_bytes()[0] as usize] = true;
    }
    for quirk in syntax.quirks {
        match quirk {
            Quirk::RegexLiterals => table[b'/' as usize] = true,
            Quirk::Rust => table[b'\'' as usize] = true,
            Quirk::Heredocs(_) => {
                table[b'<' as usize] = true;
                table[b'\n' as usize] = true;
            }
            Quirk::Tags(tags) => table[tags.close.as_bytes()[0] as usize] = true,
            Quirk::RubyLiterals => table[b'%' as usize] = true,
            Quirk::ElixirLiterals => table[b'~' as usize] = true,
            Quirk::Backslash => table[b'\\' as usize] = true,
            _ => {}
        }
    }
    if syntax.quotes.iter().any(|quote| quote.hole.is_some())
        || syntax.quirks.iter().any(|q| matches!(q, Quirk::PythonPrefixes | Quirk::CSharpPrefixes))
    {
        for byte in [b'{', b'}', b'(', b')'] {
            table[byte as usize] = true;
        }
    }
    table
}

impl<'s> Lexer<'s, '_> {
    fn run(mut self) -> Vec<Region> {
        self.first_line();
        self.first_tag();
        while let Some(skip) = self.text[self.at..].iter().position(|&b| self.starts[b as usize]) {
            self.at += skip;
            let known = self.hole_edge() || self.leaves() || self.comment() || self.heredoc();
            if !(known || self.quirk() || self.string()) {
                self.at += 1;
            }
        }
        self.regions
    }

    fn has(&self, quirk: Quirk) -> bool {
        self.syntax.quirks.contains(&quirk)
    }

    fn sees(&self, word: &str) -> bool {
        self.text[self.at..].starts_with(word.as_bytes())
    }

    fn before(&self) -> u8 {
        if self.at == 0 { b'\n' } else { self.text[self.at - 1] }
    }

    fn push(&mut self, start: usize, end: usize, kind: Kind, expands: bool) {
        self.regions.push(Region { start, end, kind, expands });
    }

    fn line_end(&self, from: usize) -> usize {
        memchr(b'\n', &self.text[from..]).map_or(self.text.len(), |n| from + n)
    }

    /// A comment sign that wants a line's beginning has no line end before it in the first line.
    fn first_line(&mut self) {
        let signs = self.syntax.line_comments.iter().filter_map(|sign| sign.strip_prefix('\n'));
        if self.text.starts_with(b"#!")
            || signs.into_iter().any(|sign| self.text.starts_with(sign.as_bytes()))
        {
            let end = self.line_end(0);
            self.push(0, end, Kind::Comment, false);
            self.at = end;
        }
    }

    /// Counts the braces in a hole; the last one goes back into the string.
    fn hole_edge(&mut self) -> bool {
        let byte = self.text[self.at];
        let Some(open) = self.open.last_mut() else { return false };
        let close = open.hole.map_or(b'}', |hole| hole.1);
        let opener = if close == b')' { b'(' } else { b'{' };
        if byte == opener {
            open.depth += 1;
            self.at += 1;
            return true;
        }
        if byte != close {
            return false;
        }
        open.depth -= 1;
        self.at += 1;
        if open.depth == 0 {
            let open = self.open.pop().expect("it was just looked at");
            self.inside(open.quote, open.hole, self.at, false);
        }
        true
    }

    fn comment(&mut self) -> bool {
        for sign in self.syntax.line_comments {
            let at_word = !self.has(Quirk::HashAtWordStart)
                || matches!(self.before(), b' ' | b'\t' | b'\n' | b';' | b'(' | b')');
            let attribute = self.has(Quirk::HashAttributes) && self.sees("#[");
            if self.sees(sign) && at_word && !attribute {
                let start = self.at;
                self.at = self.before_tag(start, self.line_end(start + 1));
                self.push(start, self.at, Kind::Comment, false);
                return true;
            }
        }
        for (open, close) in self.syntax.block_comments {
            if self.sees(open) {
                let start = self.at;
                self.at = self.block_end(open, close);
                self.push(start, self.at, Kind::Comment, false);
                return true;
            }
        }
        false
    }

    fn block_end(&self, open: &str, close: &str) -> usize {
        let mut at = self.at + open.len();
        let mut depth = 1;
        loop {
            let rest = &self.text[at..];
            let Some(end) = memmem::find(rest, close.as_bytes()) else { return self.text.len() };
            if self.syntax.nested {
                depth += memmem::find_iter(&rest[..end], open.as_bytes()).count();
            }
            at += end + close.len();
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }

    fn string(&mut self) -> bool {
        let Some(quote) = self.syntax.quotes.iter().find(|quote| self.sees(quote.open)) else { return false };
        let prefixed = |letter: u8| {
            let letters = self.text[..self.at]
                .iter()
                .rev()
                .take(2)
                .take_while(|b| b.is_ascii_alphabetic() || **b == b'$');
            letters.into_iter().any(|b| b.eq_ignore_ascii_case(&letter))
        };
        let hole = if (self.has(Quirk::PythonPrefixes) && prefixed(b'f'))
            || (self.has(Quirk::CSharpPrefixes) && prefixed(b'$'))
        {
            Some(("{", b'}'))
        } else {
            quote.hole
        };
        let documents = self.documents(quote);
        let start = self.at + quote.open.len();
        self.inside(quote, hole, start, documents);
        true
    }

    /// A string nobody receives says something to the reader alone.
    fn documents(&self, quote: &Quote) -> bool {
        if quote.open.len() < 3 {
            return false;
        }
        let before = self.text[..self.at].trim_ascii_end();
        if self.has(Quirk::ElixirDocs) {
            return [&b"@doc"[..], b"@moduledoc", b"@typedoc"].iter().any(|word| before.ends_with(word));
        }
        let line = self.text[..self.at].iter().rev().find(|b| !matches!(b, b' ' | b'\t' | b'r' | b'u'));
        self.has(Quirk::PythonPrefixes)
            && line.is_none_or(|b| *b == b'\n')
            && !before.last().is_some_and(|b| b"=(,[{+\\".contains(b))
    }

    /// The inside of a string from `start` to its end or its next hole.
    fn inside(&mut self, quote: &'s Quote, hole: Option<(&'static str, u8)>, start: usize, documents: bool) {
        let kind = if documents { Kind::Comment } else { Kind::Text };
        let close = quote.close.as_bytes();
        let mut at = start;
        while at < self.text.len() {
            let byte = self.text[at];
            let rest = &self.text[at..];
            if byte == b'\\' && quote.escapes {
                at += 2;
            } else if rest.starts_with(close) {
                self.push(start, at, kind, hole.is_some());
                self.at = at + close.len();
                return;
            } else if byte == b'\n' && !quote.lines {
                break;
            } else if let Some((opens, closes)) = hole.filter(|hole| rest.starts_with(hole.0.as_bytes())) {
                if opens == "{" && rest.get(1) == Some(&b'{') {
                    at += 2;
                    continue;
                }
                self.push(start, at, kind, true);
                self.at = at + opens.len();
                self.open.push(Open { quote, hole: Some((opens, closes)), depth: 1 });
                return;
            } else {
                at += 1;
            }
        }
        let at = at.min(self.text.len());
        self.push(start, at, kind, hole.is_some());
        self.at = at;
    }
}
