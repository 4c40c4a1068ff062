//! Whatever comes in, sound JSON comes out, a line an event; and a secret does not, however reads cut it.
#![no_main]

use std::time::Instant;
use twelve_run::output::line::Splitter;
use twelve_run::output::structured::redact::{Held, Redactor};
use twelve_run::output::structured::{Encoder, Format, Moment, Shaper, Source};

libfuzzer_sys::fuzz_target!(|input: (Vec<u8>, usize, Vec<u8>)| {
    let (text, cut, secret) = input;
    let redactor = Redactor::new([&secret[..]]).expect("one value is few enough");
    let (mut held, mut clean) = (Held::default(), Vec::new());
    for chunk in text.chunks(cut % 64 + 1) {
        redactor.redact(&mut held, chunk, &mut clean);
    }
    redactor.finish(&mut held, &mut clean);
    let at = Moment { now: Instant::now(), wall: jiff::Timestamp::UNIX_EPOCH };
    for format in [Format::Json, Format::Logfmt] {
        let source = Source { logger: "web.1", ..Source::default() };
        let (mut encoder, mut shaper, mut out) = (Encoder::new(format), Shaper::new(&source), Vec::new());
        let (mut splitter, mut lines) = (Splitter::default(), 0);
        let mut take = |piece: twelve_run::output::line::Piece<'_>| {
            lines += 1;
            encoder.line(&mut shaper, at, piece.bytes, true, true, &mut out);
        };
        splitter.feed(&clean, &mut take);
        splitter.flush(&mut take);
        encoder.finish(&mut shaper, at, &mut out);
        let events = out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let mut count = 0;
        for event in events {
            count += 1;
            if format == Format::Json {
                let read = serde_json::from_slice::<serde_json::Value>(event);
                // Numbers pass as they were written, those that no f64 holds too.
                let is_out_of_range = |error: serde_json::Error| error.to_string().contains("out of range");
                assert!(read.map_or_else(is_out_of_range, |event| event.is_object()));
            }
        }
        assert!(count <= lines && (count > 0) == (lines > 0));
    }
});
