//! Makes a line safe for a terminal. Colours act and end with the line; everything else that could
//! move, title, clip or beep is shown as text instead of being obeyed, and never dropped.
//!
//! It knows one line at a time and keeps nothing between two, so an unfinished sequence costs nothing.

use std::io::Write;

const ESC: u8 = 0x1b;
/// The longest colour sequence that is believed.
const LONGEST_COLOR: usize = 64;

/// Adds `line` to `out` as a terminal may have it: of a line with carriage returns the last segment
/// that has something in it, then escapes shown as text.
pub fn show(line: &[u8], out: &mut Vec<u8>) {
    if is_plain(line) {
        out.extend_from_slice(line);
        return;
    }
    let mut colored = false;
    for chunk in last_segment(line).utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find(char::is_control) {
            let (plain, control) = rest.split_at(at);
            out.extend_from_slice(plain.as_bytes());
            let taken = if let Some(length) = color(control.as_bytes()) {
                colored = true;
                out.extend_from_slice(&control.as_bytes()[..length]);
                length
            } else {
                control.chars().next().map_or(0, |char| show_control(char, out))
            };
            rest = &control[taken..];
        }
        out.extend_from_slice(rest.as_bytes());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    if colored {
        out.extend_from_slice(b"\x1b[0m");
    }
}

/// Whether it has nothing but printable ASCII and tabs, as most lines. Asked of whole blocks, without a way
/// out between their bytes, which the compiler makes into vector instructions.
fn is_plain(line: &[u8]) -> bool {
    line.chunks(32)
        .all(|block| block.iter().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~' | b'\t')))
}

/// A line, with its end, as a terminal may have it.
pub fn safe(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    show(line.strip_suffix(b"\n").unwrap_or(line), &mut out);
    out.push(b'\n');
    out
}

/// What a terminal would show of a line in the end.
fn last_segment(line: &[u8]) -> &[u8] {
    if memchr::memchr(b'\r', line).is_none() {
        return line;
    }
    line.rsplit(|byte| *byte == b'\r').find(|segment| !segment.is_empty()).unwrap_or_default()
}

/// The length of the colour sequence (`ESC [ … m`, ECMA-48 SGR) at the beginning of `bytes`.
fn color(bytes: &[u8]) -> Option<usize> {
    let parameters = bytes.strip_prefix(&[ESC, b'['])?;
    let length =
        parameters.iter().take(LONGEST_COLOR).position(|byte| !matches!(byte, b'0'..=b'9' | b';' | b':'))?;
    (parameters[length] == b'm').then_some(length + 3)
}

/// Adds what stands for a control character: `^G` as cat(1) -v has it, `\u{9b}` beyond ASCII. Returns the
/// character's own length in UTF-8.
fn show_control(char: char, out: &mut Vec<u8>) -> usize {
    match char {
        '\t' => out.push(b'\t'),
        '\0'..='\x1f' => out.extend_from_slice(&[b'^', char as u8 ^ 0x40]),
        '\x7f' => out.extend_from_slice(b"^?"),
        _ => {
            let _ = write!(out, "{}", char.escape_unicode());
        }
    }
    char.len_utf8()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(line: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        show(line, &mut out);
        out
    }

    #[test]
    fn f4_f5_lines_as_a_terminal_gets_them() {
        let cases: &[(&[u8], &[u8])] = &[
            (b"plain\ttext", b"plain\ttext"),
            (b"\x1b[31mred\x1b[0m", b"\x1b[31mred\x1b[0m\x1b[0m"),
            (b"\x1b]0;title\x07x", b"^[]0;title^Gx"),
            (b"\x1b]52;c;aGk=\x1b\\", b"^[]52;c;aGk=^[\\"),
            (b"\x1b[2J\x1b[1;1H", b"^[[2J^[[1;1H"),
            (b"\x1b[?1049h", b"^[[?1049h"),
            ("\u{9b}2J".as_bytes(), b"\\u{9b}2J"),
            (b"\x9b2J\xff\x03", b"\\x9b2J\\xff^C"),
            (b"10%\r50%\r100%\r", b"100%"),
            (b"\r\r", b""),
            (b"a\x08b\x7f\0", b"a^Hb^?^@"),
            ("h\u{e9}llo 日本".as_bytes(), "h\u{e9}llo 日本".as_bytes()),
            (b"\x1b[", b"^[["),
        ];
        for (line, expected) in cases {
            assert_eq!(shown(line), *expected, "{line:?}");
        }
        let endless = [b"\x1b[".to_vec(), vec![b'1'; 1000], b"m".to_vec()].concat();
        assert!(shown(&endless).starts_with(b"^[[1"));
    }

    /// The independent reading of what may reach a terminal.
    fn is_safe(mut text: &str) -> bool {
        while let Some(at) = text.find(|char: char| char.is_control() && char != '\t') {
            let Some(parameters) = text[at..].strip_prefix("\x1b[") else { return false };
            let after =
                parameters.trim_start_matches(|char: char| char.is_ascii_digit() || ";:".contains(char));
            let Some(rest) = after.strip_prefix('m') else { return false };
            text = rest;
        }
        true
    }

    #[test]
    fn the_judge_of_safety_can_say_no() {
        assert!(!is_safe("\x1b]0;x") && !is_safe("a\rb") && !is_safe("\u{9b}m") && is_safe("\x1b[1;31mx"));
    }

    proptest! {
        #[test]
        fn f5_whatever_comes_in_only_text_and_colours_come_out(
            line in proptest::collection::vec(prop_oneof![Just(ESC), Just(b'['), Just(b']'), Just(b'm'), Just(0x9b), any::<u8>()], 0..200)
        ) {
            let out = shown(&line);
            let text = std::str::from_utf8(&out).expect("valid UTF-8");
            prop_assert!(is_safe(text), "{text:?}");
        }
    }
}
