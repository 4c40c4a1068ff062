//! One lexer for all languages: cuts a file into code, comments and strings, and nothing finer.
//!
//! It never fails. What it does not understand is code, and a string that may not cross a line ends with it, so a
//! mistake stays small. It looks at every byte a bounded number of times, whatever the length of a line.

use memchr::{memchr, memmem};

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
    /// Words that end the here-documents begun on this line, and whether they expand.
    heredocs: Vec<(&'t [u8], bool)>,
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
            Quirk::Heredocs => {
                table[b'<' as usize] = true;
                table[b'\n' as usize] = true;
            }
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
        while let Some(skip) = self.text[self.at..].iter().position(|&b| self.starts[b as usize]) {
            self.at += skip;
            if !(self.hole_edge() || self.comment() || self.heredoc() || self.quirk() || self.string()) {
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
            if self.sees(sign) && at_word {
                let start = self.at;
                self.at = self.line_end(start + 1);
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

    fn heredoc(&mut self) -> bool {
        if !self.has(Quirk::Heredocs) {
            return false;
        }
        if self.text[self.at] == b'\n' && !self.heredocs.is_empty() {
            let begun: Vec<_> = self.heredocs.drain(..).collect();
            let mut at = self.at + 1;
            for (word, expands) in begun {
                let end = self.heredoc_end(at, word);
                self.push(at, end, Kind::Text, expands);
                at = (self.line_end(end) + 1).min(self.text.len());
            }
            self.at = at.saturating_sub(1).max(self.at + 1);
            return true;
        }
        let Some(rest) = self.text[self.at..].strip_prefix(b"<<") else { return false };
        let skipped = rest.iter().take_while(|b| matches!(b, b'<' | b'-' | b'~' | b' ')).count();
        let quoted = matches!(rest.get(skipped), Some(b'"' | b'\'' | b'\\'));
        let literal = matches!(rest.get(skipped), Some(b'\'' | b'\\'));
        let from = skipped + usize::from(quoted);
        let length = rest[from..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        // `a << 2` and `list << item` are no here-documents; a word in capitals is how they are written.
        if length == 0 || !rest[from].is_ascii_alphabetic() || (!quoted && !rest[from].is_ascii_uppercase()) {
            return false;
        }
        self.heredocs.push((&rest[from..from + length], !literal));
        self.at += 2 + from + length + usize::from(quoted && rest.get(from + length) == rest.get(skipped));
        true
    }

    fn heredoc_end(&self, mut at: usize, word: &[u8]) -> usize {
        while at < self.text.len() {
            let end = self.line_end(at);
            let line = self.text[at..end].trim_ascii();
            if line
                .strip_prefix(word)
                .is_some_and(|rest| rest.first().is_none_or(|b| !b.is_ascii_alphanumeric()))
            {
                return at;
            }
            at = end + 1;
        }
        self.text.len()
    }

    fn quirk(&mut self) -> bool {
        match self.text[self.at] {
            b'/' if self.has(Quirk::RegexLiterals) => self.regex(),
            b'\'' if self.has(Quirk::Rust) => self.rust_quote(),
            b'"' if self.has(Quirk::Rust) => self.rust_raw(),
            b'"' if self.has(Quirk::CSharpPrefixes) => self.csharp(),
            b'"' | b'\'' if self.has(Quirk::QuoteAtValueStart) => self.quote_in_word(),
            _ => false,
        }
    }

    /// A quote in the midst of a word opens nothing.
    fn quote_in_word(&mut self) -> bool {
        let opens =
            matches!(self.before(), b' ' | b'\t' | b'\n' | b'=' | b':' | b'[' | b'{' | b',' | b'(' | b'-');
        if !opens {
            self.at += 1;
        }
        !opens
    }

    /// Passes over a regular expression, so that a quote in it opens no string.
    fn regex(&mut self) -> bool {
        let before = self.text[..self.at].trim_ascii_end();
        let value =
            before.last().is_none_or(|b| b"(,=:[!&|?{};~+\n".contains(b)) || before.ends_with(b"return");
        let line = &self.text[self.at..self.line_end(self.at).min(self.at + 1000)];
        if !value || matches!(line.get(1), None | Some(b'/' | b'*' | b' ')) {
            return false;
        }
        let (mut n, mut class) = (1, false);
        while n < line.len() {
            match line[n] {
                b'\\' => n += 1,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => {
                    self.at += n + 1;
                    return true;
                }
                _ => {}
            }
            n += 1;
        }
        false
    }

    /// `'x'` and `'\n'` are characters, `'a` is a lifetime: neither is of interest.
    fn rust_quote(&mut self) -> bool {
        let rest = &self.text[self.at + 1..];
        self.at += match rest {
            [b'\\', _, b'\'', ..] => 4,
            [_, b'\'', ..] => 3,
            _ => 1,
        };
        true
    }

    fn rust_raw(&mut self) -> bool {
        let hashes = self.text[..self.at].iter().rev().take_while(|b| **b == b'#').count();
        let prefix = self.at - hashes;
        if prefix == 0 || self.text[prefix - 1] != b'r' {
            return false;
        }
        let mut close = vec![b'"'];
        close.resize(hashes + 1, b'#');
        let start = self.at + 1;
        let end = memmem::find(&self.text[start..], &close).map_or(self.text.len(), |n| start + n);
        self.push(start, end, Kind::Text, false);
        self.at = (end + close.len()).min(self.text.len());
        true
    }

    /// A verbatim string, in which `""` is a quote.
    fn csharp(&mut self) -> bool {
        if !matches!(self.before(), b'@') && !self.text[..self.at].ends_with(b"@$") {
            return false;
        }
        let start = self.at + 1;
        let mut end = start;
        while let Some(n) = memchr(b'"', &self.text[end..]) {
            end += n;
            if self.text.get(end + 1) != Some(&b'"') {
                break;
            }
            end += 2;
        }
        self.push(start, end, Kind::Text, false);
        self.at = (end + 1).min(self.text.len());
        true
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
