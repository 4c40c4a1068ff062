//! Keeps the values of secrets out of a stream of bytes, however reads have cut it.
//!
//! What every occurrence covers is replaced, overlapping ones by one mark. Only an end that may be the beginning of a
//! secret is held back. This file must not know which values are secret: [`super::secrets`] does.

use super::secrets::password;
use aho_corasick::{AhoCorasick, BuildError, Input, MatchKind};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What stands where a secret stood.
pub const MARK: &[u8] = b"[REDACTED]";
/// Shorter values are found everywhere by chance.
const SHORTEST: usize = 4;
/// The same for one line of a value of several.
const SHORTEST_LINE: usize = 8;
/// Values that are no secrets, whatever their variable is called.
const HARMLESS: [&str; 6] = ["true", "false", "none", "null", "undefined", "disabled"];

/// Finds the values.
#[derive(Clone)]
pub struct Redactor {
    finder: AhoCorasick,
    /// Everything that is looked for, sorted.
    needles: Vec<Vec<u8>>,
    /// The bytes that one of them begins with.
    begins: [bool; 256],
    longest: usize,
}

/// What is remembered of one stream between two reads.
#[derive(Debug, Default)]
pub struct Held {
    /// May be the beginning of a secret.
    tail: Vec<u8>,
    /// So many bytes of it are behind a mark that is out already.
    covered: usize,
}

/// Nothing of what it looks for.
impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

impl Redactor {
    /// Looks for these values and for each in the forms in which programs write them: its lines, in JSON strings,
    /// in URLs, and the password when it is a URL itself. Fails when they are too many for an automaton.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, BuildError> {
        let mut needles = BTreeSet::new();
        for value in values {
            add_forms(value, &mut needles);
        }
        let needles: Vec<Vec<u8>> = needles.into_iter().collect();
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&needles)?;
        let mut begins = [false; 256];
        for needle in &needles {
            begins[usize::from(needle[0])] = true;
        }
        let longest = needles.iter().map(Vec::len).max().unwrap_or(0);
        Ok(Self { finder, needles, begins, longest })
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// A text of ours without secrets.
    pub fn masked(&self, text: &str) -> String {
        let (mut held, mut out) = (Held::default(), Vec::new());
        self.redact(&mut held, text.as_bytes(), &mut out);
        self.finish(&mut held, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Adds the bytes of a read to `out`, without secrets.
    pub fn redact(&self, held: &mut Held, chunk: &[u8], out: &mut Vec<u8>) {
        let mut tail = std::mem::take(&mut held.tail);
        let text = if tail.is_empty() {
            chunk
        } else {
            tail.extend_from_slice(chunk);
            &tail
        };
        let end = self.replace(text, held.covered, out);
        let keep = self.beginning(text);
        if end < keep {
            out.extend_from_slice(&text[end..keep]);
        }
        held.covered = end.saturating_sub(keep);
        if tail.is_empty() {
            tail.extend_from_slice(&chunk[keep..]);
        } else {
            tail.drain(..keep);
        }
        held.tail = tail;
    }

    /// Adds what was held back: nothing more comes, or a reader should not wait longer for it.
    pub fn finish(&self, held: &mut Held, out: &mut Vec<u8>) {
        out.extend_from_slice(&held.tail[held.covered..]);
        held.tail.clear();
        held.covered = 0;
    }

    /// Adds `text` up to the end of the last secret, which is returned. Up to `end` all is behind a mark already.
    fn replace(&self, text: &[u8], mut end: usize, out: &mut Vec<u8>) -> usize {
        let mut from = 0;
        while let Some(found) = self.finder.find(Input::new(text).range(from..)) {
            if found.start() >= end {
                out.extend_from_slice(&text[end..found.start()]);
                out.extend_from_slice(MARK);
            }
            end = end.max(found.end());
            // The next may begin inside of this one.
            from = found.start() + 1;
        }
        end
    }

    /// Where the longest end of `text` begins that a secret could go on from.
    fn beginning(&self, text: &[u8]) -> usize {
        let from = (text.len() + 1).saturating_sub(self.longest);
        (from..text.len())
            .find(|&at| self.begins[usize::from(text[at])] && self.goes_on(&text[at..]))
            .unwrap_or(text.len())
    }

    /// Whether something longer that is looked for begins with `text`.
    fn goes_on(&self, text: &[u8]) -> bool {
        let at = self.needles.partition_point(|needle| needle.as_slice() <= text);
        self.needles.get(at).is_some_and(|needle| needle.starts_with(text))
    }
}

/// Adds a value, its lines, its password, and each as JSON and URLs have it.
fn add_forms(value: &[u8], needles: &mut BTreeSet<Vec<u8>>) {
    let value = value.trim_ascii();
    let mut plain = vec![value];
    if memchr::memchr(b'\n', value).is_some() {
        let lines = value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        plain.extend(lines.filter(|line| line.len() >= SHORTEST_LINE));
    }
    let text = std::str::from_utf8(value).ok();
    plain.extend(text.and_then(password).map(str::as_bytes));
    for value in plain {
        let is_harmless = HARMLESS.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()));
        if value.len() < SHORTEST || is_harmless {
            continue;
        }
        needles.insert(value.to_vec());
        let Ok(text) = std::str::from_utf8(value) else { continue };
        needles.extend([false, true].map(|ascii| in_json(text, ascii, "")));
        needles.extend(["/", "<>&", "<>&'"].map(|also| in_json(text, false, also)));
        needles.extend(["-._~", "-._~!*'()", "-._~/"].map(|kept| in_url(value, kept, "%20", true)));
        needles.insert(in_url(value, "-._~", "+", true));
        needles.insert(in_url(value, "-._~", "%20", false));
        needles.insert(from_url(value));
    }
    needles.retain(|needle| needle.len() >= SHORTEST);
}

/// Inside of a JSON string: as short as can be, in ASCII as Python writes it, or with `also` escaped: PHP does that to
/// slashes, Go and Ruby on Rails to what HTML would take amiss.
fn in_json(text: &str, ascii: bool, also: &str) -> Vec<u8> {
    let mut out = String::new();
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '/' if also.contains('/') => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            _ if char < ' ' || also.contains(char) || ascii && !char.is_ascii() => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            _ => out.push(char),
        }
    }
    out.into_bytes()
}

/// As part of a URL, with `kept` left as it is.
fn in_url(value: &[u8], kept: &str, blank: &str, is_upper: bool) -> Vec<u8> {
    let mut out = String::new();
    for &byte in value {
        let _ = match byte {
            b' ' => write!(out, "{blank}"),
            _ if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) => {
                write!(out, "{}", char::from(byte))
            }
            _ if is_upper => write!(out, "%{byte:02X}"),
            _ => write!(out, "%{byte:02x}"),
        };
    }
    out.into_bytes()
}

/// What a part of a URL stands for.
fn from_url(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.filter(|_| byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(code.unwrap_or(byte));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn redacted(values: &[&str], chunks: &[&str]) -> String {
        let redactor = Redactor::new(values.iter().map(|value| value.as_bytes())).unwrap();
        let (mut held, mut out) = (Held::default(), Vec::new());
        for chunk in chunks {
            redactor.redact(&mut held, chunk.as_bytes(), &mut out);
        }
        redactor.finish(&mut held, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_form_of_a_value_is_replaced() {
        let pem = "-----BEGIN KEY-----\nMIIBVgIBADANBg\nshort\n-----END KEY-----\n";
        for (value, text, expected) in [
            ("hunter22", "pw=hunter22, hunter2", "pw=[REDACTED], hunter2"),
            ("hunter22", "hunter22hunter22", "[REDACTED][REDACTED]"),
            ("pa\"s\\s", r#"{"p":"pa\"s\\s"}"#, r#"{"p":"[REDACTED]"}"#),
            ("p\u{e4}ss<w>", r#""p\u00e4ss<w>" "päss\u003cw\u003e""#, r#""[REDACTED]" "[REDACTED]""#),
            ("a/b+c d", "a%2Fb%2Bc%20d a%2Fb%2Bc+d a%2fb%2bc%20d", "[REDACTED] [REDACTED] [REDACTED]"),
            ("a/b+c d", r"a\/b+c d", "[REDACTED]"),
            (pem, "x MIIBVgIBADANBg y", "x [REDACTED] y"),
            (pem, "short -----END KEY-----", "short [REDACTED]"),
            // twelve-run:allow config/db-url reason="made up for the test"
            ("postgres://u:s3cr%40t@db/app", "s3cr%40t s3cr@t db", "[REDACTED] [REDACTED] db"),
            // twelve-run:allow config/db-url reason="made up for the test"
            ("postgres://u:s3cr%40t@db/app", "to postgres://u:s3cr%40t@db/app", "to [REDACTED]"),
            ("abc", "abc", "abc"),
            ("TRUE", "TRUE", "TRUE"),
            ("", "x", "x"),
        ] {
            assert_eq!(redacted(&[value], &[text]), expected, "{value:?}");
        }
    }

    #[test]
    fn secrets_that_overlap_leave_nothing_of_either() {
        for chunks in [&["xabcdefy"] as &[_], &["xabcd", "efy"], &["xabc", "d", "e", "f", "y"]] {
            assert_eq!(redacted(&["abcd", "cdef"], chunks), "x[REDACTED]y");
        }
        for chunks in [&["abcdefgh!"] as &[_], &["abcd", "efgh!"]] {
            assert_eq!(redacted(&["abcd", "abcdefgh"], chunks), "[REDACTED]!");
        }
        assert_eq!(redacted(&["abcd", "abcdefgh"], &["abcd", "ef!"]), "[REDACTED]ef!");
    }

    #[test]
    fn only_what_may_begin_a_secret_is_held_back() {
        let redactor = Redactor::new([b"hunter22" as &[u8]]).unwrap();
        let (mut held, mut out) = (Held::default(), Vec::new());
        redactor.redact(&mut held, b"name: hun", &mut out);
        assert_eq!(out, b"name: ");
        redactor.redact(&mut held, b"ger\n", &mut out);
        assert_eq!(out, b"name: hunger\n");
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_same(
            values in proptest::collection::vec("[ab]{4,7}", 0..4),
            text in "[abc]{0,60}",
            cuts in proptest::collection::vec(0_usize..60, 0..8),
        ) {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&str> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            let out = redacted(&values, &chunks);
            prop_assert_eq!(&out, &redacted(&values, &[&text]));
            for value in values {
                prop_assert!(!out.contains(value), "{} in {}", value, out);
            }
            if !out.contains("[REDACTED]") {
                prop_assert_eq!(out, text);
            }
        }
    }
}
