//! The text of a file: its lines, and the places in them. Files are UTF-8, UTF-16 with its mark, or nearly so.

use super::finding::Place;
use std::ops::Range;
use std::sync::Arc;

/// A file as text.
pub struct Text {
    text: String,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl Text {
    /// What is no text in it becomes U+FFFD.
    pub fn read(bytes: &[u8]) -> Self {
        let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        };
        let text = match bytes {
            [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
            [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
            bytes => String::from_utf8_lossy(bytes).into_owned(),
        };
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
        let starts = [0].into_iter().chain(ends).collect();
        Self { text, starts }
    }

    /// The lines with their numbers, without their ends.
    pub fn lines(&self) -> impl Iterator<Item = (u32, &str)> {
        (1..=self.starts.len() as u32).filter_map(|number| Some((number, self.line(number)?)))
    }

    /// One line, counted from 1, without its end.
    pub fn line(&self, number: u32) -> Option<&str> {
        let at = (number as usize).checked_sub(1)?;
        let start = *self.starts.get(at)?;
        let end = self.starts.get(at + 1).map_or(self.text.len(), |next| next - 1);
        Some(self.text[start..end].trim_end_matches('\r'))
    }
}

/// The place of some bytes of a line.
pub fn place(path: &Arc<str>, number: u32, line: &str, bytes: Range<usize>) -> Place {
    let column = |at: usize| line[..at].chars().count() as u32 + 1;
    Place {
        path: Arc::clone(path),
        line: number,
        column: column(bytes.start),
        end_line: number,
        end_column: column(bytes.end),
    }
}

/// `1 file`, `2 files`.
pub fn count(number: usize, noun: &str) -> String {
    let ending = match number {
        1 => "",
        _ if noun.ends_with('y') => return format!("{number} {}ies", &noun[..noun.len() - 1]),
        _ => "s",
    };
    format!("{number} {noun}{ending}")
}

/// `a key`, `an age key`, `an npm token`.
pub fn with_article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
    // These are spoken letter by letter.
    let spelt = ["npm", "NPM", "SSH", "NVIDIA", "LDAP", "SMTP"].iter().any(|word| noun.starts_with(word));
    format!("{} {noun}", if vowel || spelt { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_that_an_editor_shows_whatever_their_ends_and_their_encoding() {
        let wide: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("a\r\nb".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for bytes in [b"a\nb".as_slice(), b"a\r\nb", b"\xef\xbb\xbfa\nb", &wide] {
            let text = Text::read(bytes);
            assert_eq!(text.lines().collect::<Vec<_>>(), [(1, "a"), (2, "b")], "{bytes:?}");
            assert_eq!((text.line(0), text.line(3)), (None, None));
        }
        assert_eq!(Text::read(b"\xff\n").line(1), Some("\u{fffd}"));
    }

    #[test]
    fn columns_count_characters() {
        let found = place(&"a".into(), 3, "é = x", 5..6);
        assert_eq!((found.column, found.end_column, found.line), (5, 6, 3));
    }

    #[test]
    fn many_have_an_ending() {
        assert_eq!(
            [count(1, "file"), count(2, "file"), count(0, "entry")],
            ["1 file", "2 files", "0 entries"]
        );
    }
}
