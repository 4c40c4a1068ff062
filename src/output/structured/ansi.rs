//! Takes terminal escapes (ECMA-48) out of text that no terminal will show.

const ESC: u8 = 0x1b;

/// Adds `text` to `out` without its escapes: control sequences, strings such as titles and hyperlinks, and single
/// ones. One that does not end in `text` is left as it is, for nobody can say how much of it was meant.
pub fn strip(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some(at) = memchr::memchr(ESC, text) {
        out.extend_from_slice(&text[..at]);
        let length = sequence(&text[at..]);
        if length == 0 {
            out.push(ESC);
        }
        text = &text[at + length.max(1)..];
    }
    out.extend_from_slice(text);
}

/// The length of the escape at the beginning of `text`; 0 when it is none.
fn sequence(text: &[u8]) -> usize {
    match text.get(1) {
        Some(b'[') => control(&text[2..]).map_or(0, |length| length + 2),
        Some(b']' | b'P' | b'X' | b'^' | b'_') => command(&text[2..]).map_or(0, |length| length + 2),
        // `ESC ( B`: a character set, with its name behind it.
        Some(b' '..=b'/') => {
            let names = text[1..].iter().take_while(|byte| matches!(byte, b' '..=b'/')).count();
            match text.get(1 + names) {
                Some(b'0'..=b'~') => names + 2,
                _ => 0,
            }
        }
        Some(b'0'..=b'~') => 2,
        _ => 0,
    }
}

/// The rest of a control sequence: parameters, then what is done with them.
fn control(text: &[u8]) -> Option<usize> {
    let parameters = text.iter().position(|byte| !matches!(byte, b' '..=b'?'))?;
    matches!(text[parameters], b'@'..=b'~').then_some(parameters + 1)
}

/// The rest of a string: ended by BEL or `ESC \`.
fn command(text: &[u8]) -> Option<usize> {
    let end = memchr::memchr2(ESC, 0x07, text)?;
    match (text[end], text.get(end + 1)) {
        (0x07, _) => Some(end + 1),
        (_, Some(b'\\')) => Some(end + 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_taken_out_and_nothing_else() {
        for (text, expected) in [
            ("plain", "plain"),
            ("\x1b[31mred\x1b[0m", "red"),
            ("\x1b[38;2;1;2;3mx\x1b[K", "x"),
            ("\x1b[?25lx\x1b[2Jy", "xy"),
            ("\x1b]0;title\x07x", "x"),
            ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1b(Bx\x1b=y\x1bMz", "xyz"),
            ("\x1bPq data\x1b\\x", "x"),
            ("\x1b[31", "\x1b[31"),
            ("\x1b]0;no end", "\x1b]0;no end"),
            ("\x1b", "\x1b"),
            ("\x1b[3\u{e9}m", "\x1b[3\u{e9}m"),
            ("\x1b\x1b[1mx", "\x1bx"),
        ] {
            let mut out = Vec::new();
            strip(text.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn text_stays_text(text in "[a\u{1b}\\[\\]m0;\u{7}\\\\\u{e9}(]{0,40}") {
            let mut out = Vec::new();
            strip(text.as_bytes(), &mut out);
            prop_assert!(std::str::from_utf8(&out).is_ok());
        }
    }
}
