//! The literal that a name is given: quoted or bare, over line ends, within calls that keep it what it is.

use std::ops::Range;

use super::assign::Style;
use super::language::Language;
use super::source::{At, Source};

pub const LONGEST_VALUE: usize = 1500;

/// Where reading has come to.
pub struct Cursor<'s, 't> {
    pub source: &'s Source<'t>,
    pub at: usize,
}

impl Cursor<'_, '_> {
    pub fn byte(&self) -> u8 {
        self.source.byte(self.at)
    }

    pub fn sees(&self, word: &[u8]) -> bool {
        self.source.ahead(self.at, word.len()) == word
    }

    pub fn pass(&mut self, byte: u8) -> bool {
        let passed = self.byte() == byte;
        self.at += usize::from(passed);
        passed
    }

    pub fn passes(&mut self, bytes: &[u8]) {
        while bytes.contains(&self.byte()) {
            self.at += 1;
        }
    }

    pub fn spaces(&mut self) {
        self.passes(b" \t");
    }

    pub fn blank(&mut self) {
        while self.byte().is_ascii_whitespace() && self.at < self.source.text.len() {
            self.at += 1;
        }
    }
}

/// The literal at the cursor: quoted, or bare where files have bare values.
pub fn value(cursor: &mut Cursor<'_, '_>, style: Style, name: &Range<usize>) -> Option<(Range<usize>, bool)> {
    let language = cursor.source.language;
    next_line(cursor, style);
    wrapper(cursor);
    if let Some(range) = quoted(cursor) {
        return Some((range, true));
    }
    let header = style == Style::Given
        && cursor.source.ahead(name.end, 2) == b": "
        && in_string(cursor.source, name.start);
    let before = cursor.source.behind(name.start, 1);
    let given = cursor.source.byte(name.end) == b'=';
    let query = (before == b"?" || before == b"&") && given;
    // `"--secret=…"` among the words of a command.
    let option = cursor.source.ahead(name.start, 2) == b"--" && given && in_string(cursor.source, name.start);
    let style = if option { Style::Option } else { style };
    let bare = language.has_bare_values() || style == Style::Option || header || query;
    if !bare || matches!(style, Style::Compared | Style::Called | Style::Beside) {
        return None;
    }
    let range = if query { query_value(cursor) } else { bare_value(cursor, style, header)? };
    Some((range, header || query || option))
}

/// A long literal is given a line of its own, by the usual formatters.
fn next_line(cursor: &mut Cursor<'_, '_>, style: Style) {
    let from = cursor.at;
    if style != Style::Given || !cursor.source.language.is_program() {
        return;
    }
    cursor.pass(b'\\');
    let ends = matches!(cursor.byte(), b'\n' | b'\r');
    cursor.blank();
    if !ends || !matches!(cursor.byte(), b'"' | b'\'' | b'`') {
        cursor.at = from;
    }
}

/// In a URL's query, to the next sign of it.
fn query_value(cursor: &Cursor<'_, '_>) -> Range<usize> {
    let rest = cursor.source.right(cursor.at);
    let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"-_.~%+/=:@!*".contains(b)).count();
    cursor.at..cursor.at + length
}

/// Inside of a literal, so that what follows is text and not code: `"Authorization: Bearer …"`.
fn in_string(source: &Source<'_>, at: usize) -> bool {
    matches!(source.at(at), At::Text(_))
}

/// What may stand before a literal and changes nothing: `b"…"`, `new String("…")`, `Some("…")`, a line end in brackets.
fn wrapper(cursor: &mut Cursor<'_, '_>) {
    for _ in 0..2 {
        let rest = cursor.source.ahead(cursor.at, 40);
        let word = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_.@$&: []".contains(b)).count();
        let call = rest.get(word) == Some(&b'(') && matches!(rest.get(word + 1), Some(b'"' | b'\'' | b'b'));
        let known = [
            &b"String"[..],
            b"new String",
            b"Some",
            b"bytes",
            b"b",
            b"str",
            b"SecretStr",
            b"Buffer.from",
            b"[]byte",
            b"String::from",
        ];
        if call && (word == 0 || known.contains(&rest[..word].trim_ascii()) || keeps_secret(&rest[..word])) {
            cursor.at += word + 1;
        } else if word > 0
            && word <= 3
            && matches!(rest.get(word), Some(b'"' | b'\''))
            && rest[..word].iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'@' | b'$' | b'&'))
        {
            cursor.at += word;
        } else if rest.first() == Some(&b'(')
            && rest[1..].trim_ascii_start().first().is_some_and(|b| matches!(b, b'"' | b'\''))
        {
            cursor.at += 1;
            cursor.blank();
        }
    }
}

/// A call that makes of a literal what the same secret is: a digest of it, its bytes, another text type.
fn keeps_secret(call: &[u8]) -> bool {
    const LAST: &[&[u8]] = &[
        b"hashsync",
        b"make",
        b"bcrypt",
        b"make_password",
        b"generate_password_hash",
        b"hash_password",
        b"hex2bin",
        b"md5",
        b"sha1",
        b"sha256",
        b"fromhex",
        b"unhexlify",
        b"b64decode",
        b"decodestring",
        b"frombase64string",
        b"getbytes",
        b"hextoecdsa",
        b"qstringliteral",
        b"string",
        b"btoa",
        b"atob",
        b"tobytes",
        b"base64_decode",
    ];
    let call = call.trim_ascii().to_ascii_lowercase();
    let last = call.rsplit(|b| matches!(b, b'.' | b':' | b' ')).next().unwrap_or_default();
    // `text.encode("utf-8")` is another thing.
    LAST.contains(&last)
        || last == b"decode" && memchr::memmem::find(&call, b"64").is_some()
        || last == b"encode" && memchr::memmem::find(&call, b"enc").is_some_and(|at| at + 6 < call.len())
}

fn quoted(cursor: &mut Cursor<'_, '_>) -> Option<Range<usize>> {
    let escaped = cursor.sees(b"\\\"") || cursor.sees(b"\\'");
    let open = cursor.at + usize::from(escaped);
    let quote = cursor.source.byte(open);
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let triple = cursor.source.ahead(open, 3) == [quote; 3];
    let start = open + if triple { 3 } else { 1 };
    let rest = cursor.source.ahead(start, LONGEST_VALUE);
    let mut n = 0;
    while n < rest.len() {
        match rest[n] {
            b'\\' if escaped && rest.get(n + 1) == Some(&quote) => return found(cursor, start, n, 2),
            b'\\' => n += 1,
            byte if byte == quote && !escaped => return found(cursor, start, n, 1),
            b'\n' => return None,
            _ => {}
        }
        n += 1;
    }
    None
}

fn found(cursor: &mut Cursor<'_, '_>, start: usize, length: usize, close: usize) -> Option<Range<usize>> {
    cursor.at = start + length + close;
    let rest = cursor.source.right(cursor.at).trim_ascii_start();
    // A part of a longer text, a format, or a call on it is not the value.
    let more = match rest {
        // Two literals in a row are one that was too long for its line.
        [b'+', next @ ..] => !matches!(next.trim_ascii_start().first(), Some(b'"' | b'\'') | None),
        [b'%' | b'[', ..] => true,
        [b'.', next, ..] if cursor.source.language == Language::Php => {
            next.is_ascii_whitespace() || *next == b'$'
        }
        [b'.', ..] => {
            rest.starts_with(b".format") || rest.starts_with(b".join") || rest.starts_with(b".replace")
        }
        _ => false,
    };
    (!more).then_some(start..start + length)
}

/// To the end of the value as the language has it.
fn bare_value(cursor: &mut Cursor<'_, '_>, style: Style, header: bool) -> Option<Range<usize>> {
    let language = cursor.source.language;
    let rest = cursor.source.right(cursor.at);
    let whole_line = matches!(language, Language::Yaml | Language::Ini | Language::Dotenv | Language::Other)
        && style != Style::Option
        && !header;
    let flow =
        language == Language::Yaml && cursor.source.left(cursor.at).iter().any(|b| matches!(b, b'{' | b'['));
    // `Bearer …`: the scheme and the secret are two words.
    let scheme = rest.iter().position(|b| *b == b' ').filter(|n| is_scheme(&rest[..*n])).map_or(0, |n| n + 1);
    let mut length = scheme;
    for (n, byte) in rest.iter().enumerate().skip(scheme) {
        let ends = match byte {
            b'#' => n > 0 && rest[n - 1] == b' ',
            b' ' | b'\t' => !whole_line && !header,
            b'"' | b'\'' | b'`' | b'\\' => header || !whole_line,
            b';' | b'&' | b'|' | b')' | b'<' | b'>' => {
                !whole_line
                    && (language == Language::Shell || style == Style::Option || language == Language::Prose)
            }
            b',' | b'}' | b']' => flow || (language == Language::Prose),
            _ => false,
        };
        if ends {
            break;
        }
        length = n + 1;
    }
    let value = rest[..length].trim_ascii_end();
    (!value.is_empty()).then(|| cursor.at..cursor.at + value.len())
}

/// The schemes of HTTP's authorization, and those that services made up.
pub fn is_scheme(word: &[u8]) -> bool {
    const SCHEMES: &[&str] =
        &["bearer", "basic", "token", "bot", "ssws", "apikey", "api-key", "digest", "api-token"];
    SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme.as_bytes()))
}
