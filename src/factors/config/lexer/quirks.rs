//! What no table of quotes can say: characters, regular expressions, raw and verbatim strings, literals in brackets.

use memchr::{memchr, memmem};

use super::super::syntax::Quirk;
use super::{Kind, Lexer};

impl Lexer<'_, '_> {
    pub fn quirk(&mut self) -> bool {
        match self.text[self.at] {
            b'/' if self.has(Quirk::RegexLiterals) => self.regex(),
            b'\'' if self.has(Quirk::Rust) => self.rust_quote(),
            b'"' if self.has(Quirk::Rust) => self.rust_raw(),
            b'"' if self.has(Quirk::CSharpPrefixes) => self.csharp(),
            b'"' | b'\'' if self.has(Quirk::QuoteAtValueStart) => self.quote_in_word(),
            b'"' | b'\'' if self.has(Quirk::RubyLiterals) || self.has(Quirk::ElixirLiterals) => {
                self.character()
            }
            b'%' if self.has(Quirk::RubyLiterals) => self.bracketed(),
            b'~' if self.has(Quirk::ElixirLiterals) => self.bracketed(),
            // Takes the meaning from what follows it: `don\'t`.
            b'\\' if self.has(Quirk::Backslash) => {
                self.at += 2.min(self.text.len() - self.at);
                true
            }
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
        let behind = &self.text[self.at.saturating_sub(100)..self.at];
        let before = behind.trim_ascii_end();
        let value = before.last().is_none_or(|b| b"(,=:[!&|?{};~+\n".contains(b))
            || before.ends_with(b"=>")
            || BEFORE_REGEX.contains(&last_word(before)) && before.len() < behind.len();
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
        // A sign outside of ASCII has more than one byte: its second quote must not be taken for a first one.
        let sign = 1 + rest.iter().skip(1).take_while(|b| (0x80..0xc0).contains(*b)).count();
        self.at += match rest {
            [b'\\', _, b'\'', ..] => 4,
            _ if rest.get(sign) == Some(&b'\'') => sign + 2,
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

    /// `?"` is a character in Ruby and Elixir, of which the quote opens nothing.
    fn character(&mut self) -> bool {
        let head = &self.text[..self.at];
        let mark = head.strip_suffix(b"?\\").or_else(|| head.strip_suffix(b"?"));
        let is_own = |b: &u8| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b')' | b']' | b'"' | b'\''));
        let alone = mark.is_some_and(|mark| mark.last().is_none_or(is_own));
        let next = self.text.get(self.at + 1).copied().unwrap_or(b'\n');
        let is_character = alone && (next.is_ascii_whitespace() || b",)]}.;".contains(&next));
        if is_character {
            self.at += 1;
        }
        is_character
    }

    /// Ruby's `%w[…]` and `%r{…}`, Elixir's `~s(…)`: what stands in them may hold any quote.
    fn bracketed(&mut self) -> bool {
        let before = self.text[self.at.saturating_sub(100)..self.at].trim_ascii_end();
        let rest = &self.text[self.at + 1..];
        let letters = rest.iter().take(2).take_while(|b| b.is_ascii_alphabetic()).count();
        let is_kind = match letters {
            // `a %(b)` is a remainder, unless what stands before is no value.
            0 => self.text[self.at] == b'%' && before.last().is_none_or(|b| b"(,=[{|&!?:;<".contains(b)),
            1 => self.text[self.at] == b'~' || b"qQwWiIxrs".contains(&rest[0]),
            _ => false,
        };
        let own = !(self.before().is_ascii_alphanumeric() || matches!(self.before(), b'_' | b')' | b']'));
        let Some(&open) = rest.get(letters).filter(|_| is_kind && own) else { return false };
        let close = match open {
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            b'<' => b'>',
            b'|' | b'/' | b'!' | b'^' => open,
            _ => return false,
        };
        let start = self.at + 1 + letters + 1;
        let Some(length) = balanced(&self.text[start..(start + LONGEST).min(self.text.len())], open, close)
        else {
            return false;
        };
        if !matches!(rest[0], b'r' | b'R') {
            self.push(start, start + length, Kind::Text, false);
        }
        self.at = start + length + 1;
        true
    }
}

/// Words after which a value begins, and so a `/` is no division.
const BEFORE_REGEX: &[&[u8]] = &[
    b"return", b"typeof", b"case", b"when", b"if", b"elsif", b"unless", b"and", b"or", b"not", b"in",
    b"while", b"until", b"split", b"match", b"scan", b"gsub", b"sub", b"then",
];

fn last_word(text: &[u8]) -> &[u8] {
    let length = text.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    &text[text.len() - length..]
}

/// How far a literal in brackets may reach; what is longer is none.
const LONGEST: usize = 4 << 10;

/// Where `close` stands that belongs to the `open` before the text.
fn balanced(text: &[u8], open: u8, close: u8) -> Option<usize> {
    let (mut depth, mut n) = (1usize, 0);
    while n < text.len() {
        match text[n] {
            b'\\' => n += 1,
            byte if byte == close => {
                depth -= 1;
                if depth == 0 {
                    return Some(n);
                }
            }
            byte if byte == open => depth += 1,
            _ => {}
        }
        n += 1;
    }
    None
}
