//! Whatever comes in, a terminal gets text and colours.
#![no_main]

use twelve_run::output::screen;

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    let mut out = Vec::new();
    screen::show(line, &mut out);
    let mut text = std::str::from_utf8(&out).expect("valid UTF-8");
    while let Some(at) = text.find(|char: char| char.is_control() && char != '\t') {
        let parameters = text[at..].strip_prefix("\x1b[").expect("a colour");
        text = parameters.trim_start_matches(|char: char| char.is_ascii_digit() || ";:".contains(char));
        text = text.strip_prefix('m').expect("a colour");
    }
});
