//! How a key is written: literal parts and runs of a class of bytes, matched from left to right without going back.
//!
//! Providers document their formats as "a prefix, then so many characters of an alphabet". That is all a shape can
//! say; so the whole table is constant data, costs nothing at the start, and is matched in one pass.

/// A set of ASCII bytes.
#[derive(Debug, Clone, Copy)]
pub struct Class(u128);

impl Class {
    const fn of(ranges: &[(u8, u8)]) -> Self {
        let (mut set, mut n) = (0, 0);
        while n < ranges.len() {
            let (mut byte, last) = ranges[n];
            while byte <= last {
                set |= 1 << byte;
                byte += 1;
            }
            n += 1;
        }
        Self(set)
    }

    pub const fn has(self, byte: u8) -> bool {
        byte < 128 && self.0 >> byte & 1 == 1
    }
}

pub const DIGIT: Class = Class::of(&[(b'0', b'9')]);
pub const HEX: Class = Class::of(&[(b'0', b'9'), (b'a', b'f')]);
pub const ANY_HEX: Class = Class::of(&[(b'0', b'9'), (b'a', b'f'), (b'A', b'F')]);
pub const LOWER: Class = Class::of(&[(b'0', b'9'), (b'a', b'z')]);
pub const UPPER: Class = Class::of(&[(b'0', b'9'), (b'A', b'Z')]);
pub const ALNUM: Class = Class::of(&[(b'0', b'9'), (b'a', b'z'), (b'A', b'Z')]);
pub const BASE32: Class = Class::of(&[(b'2', b'7'), (b'A', b'Z')]);
pub const BECH32: Class = Class::of(&[(b'0', b'9'), (b'A', b'Z')]);
pub const WORD: Class = Class::of(&[(b'0', b'9'), (b'a', b'z'), (b'A', b'Z'), (b'_', b'_')]);
/// The alphabet of base64 for URLs.
pub const URL64: Class = Class::of(&[(b'0', b'9'), (b'a', b'z'), (b'A', b'Z'), (b'_', b'_'), (b'-', b'-')]);
pub const BASE64: Class = Class::of(&[(b'0', b'9'), (b'a', b'z'), (b'A', b'Z'), (b'+', b'+'), (b'/', b'/')]);
pub const UUID: Class = Class::of(&[(b'0', b'9'), (b'a', b'f'), (b'-', b'-')]);
/// Base64 as it stands in a URL.
pub const PERCENT: Class = Class::of(&[(b'0', b'9'), (b'a', b'z'), (b'A', b'Z'), (b'%', b'%')]);
pub const DOTTED: Class =
    Class::of(&[(b'0', b'9'), (b'a', b'z'), (b'A', b'Z'), (b'_', b'_'), (b'-', b'-'), (b'.', b'.')]);
/// RFC 3986's unreserved characters.
pub const UNRESERVED: Class = Class::of(&[
    (b'0', b'9'),
    (b'a', b'z'),
    (b'A', b'Z'),
    (b'_', b'_'),
    (b'-', b'-'),
    (b'.', b'.'),
    (b'~', b'~'),
]);

#[derive(Debug, Clone, Copy)]
pub enum Part {
    Is(&'static str),
    /// The first of these that fits.
    Any(&'static [&'static str]),
    /// So many bytes of the class, at least and at most; as many as there are.
    Run(Class, u16, u16),
}

pub const fn run(class: Class, exactly: u16) -> Part {
    Part::Run(class, exactly, exactly)
}

pub const fn alnum(exactly: u16) -> Part {
    run(ALNUM, exactly)
}

pub const fn hex(exactly: u16) -> Part {
    run(HEX, exactly)
}

pub const fn lower(exactly: u16) -> Part {
    run(LOWER, exactly)
}

pub const fn url64(exactly: u16) -> Part {
    run(URL64, exactly)
}

/// Where the shape ends that begins at `at`, with nothing on either side that would make it longer.
pub fn matches(parts: &[Part], text: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    for part in parts {
        end += length(part, &text[end..])?;
    }
    let glued = match (parts.last(), text.get(end)) {
        (_, None) => false,
        (Some(Part::Run(class, _, _)), Some(next)) => class.has(*next) || next.is_ascii_alphanumeric(),
        (_, Some(next)) => next.is_ascii_alphanumeric(),
    };
    (!glued && starts(text, at) && !continues(parts, text, at)).then_some(end)
}

/// What begins with a run has no mark of its own, and may be the midst of a longer one.
fn continues(parts: &[Part], text: &[u8], at: usize) -> bool {
    match (parts.first(), &text[..at]) {
        (_, [.., b'\\', b'n' | b't' | b'r']) => false,
        (Some(Part::Run(class, ..)), [.., before]) => class.has(*before),
        _ => false,
    }
}

fn length(part: &Part, text: &[u8]) -> Option<usize> {
    match part {
        Part::Is(word) => text.starts_with(word.as_bytes()).then_some(word.len()),
        Part::Any(words) => {
            words.iter().find(|word| text.starts_with(word.as_bytes())).map(|word| word.len())
        }
        Part::Run(class, least, most) => {
            let length = text.iter().take(usize::from(*most)).take_while(|b| class.has(**b)).count();
            (length >= usize::from(*least)).then_some(length)
        }
    }
}

/// Does not begin in the midst of a word. `\n` in a string is not a letter.
pub fn starts(text: &[u8], at: usize) -> bool {
    match &text[..at] {
        [.., b'\\', b'n' | b't' | b'r'] => true,
        [.., before] => {
            let goes_on = matches!(before, b'_' | b'-') && text[at].is_ascii_lowercase();
            !before.is_ascii_alphanumeric() && !goes_on
        }
        [] => true,
    }
}
