//! Any cutting of any bytes gives the lines of the whole.
#![no_main]

use twelve_run::output::line::Splitter;

libfuzzer_sys::fuzz_target!(|input: (Vec<u8>, usize)| {
    let (text, cut) = input;
    let mut splitter = Splitter::default();
    let mut joined = Vec::new();
    let mut first = true;
    let mut take = |piece: twelve_run::output::line::Piece<'_>| {
        if !piece.continues && !std::mem::take(&mut first) {
            joined.push(b'\n');
        }
        joined.extend_from_slice(piece.bytes);
    };
    for chunk in text.chunks(cut % 64 + 1) {
        splitter.feed(chunk, &mut take);
    }
    splitter.flush(&mut take);
    assert_eq!(joined, text.strip_suffix(b"\n").unwrap_or(&text));
});
