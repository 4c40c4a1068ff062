//! Any cutting of any bytes gives the frames of the whole, and what was read is the same when it is written again.
#![no_main]

use twelve_run::control::frame::{Broken, Frame, LONGEST};

libfuzzer_sys::fuzz_target!(|input: (Vec<u8>, Vec<u8>)| {
    let (bytes, cuts) = input;
    let whole = read(&bytes, &[]);
    assert_eq!(read(&bytes, &cuts), whole);
    let (frames, _) = whole;
    // What was no text may have grown by becoming some.
    if frames.iter().any(|frame| matches!(frame, Frame::End(why) if why.len() > LONGEST)) {
        return;
    }
    let mut again = Vec::new();
    frames.iter().for_each(|frame| frame.write(&mut again));
    // Of nothing there is no frame to write.
    let frames: Vec<Frame> = frames.into_iter().filter(|frame| !is_empty(frame)).collect();
    assert_eq!(read(&again, &cuts), (frames, Ok(())));
});

/// Every frame of what comes in pieces of these lengths, and how it ended.
fn read(bytes: &[u8], cuts: &[u8]) -> (Vec<Frame>, Result<(), Broken>) {
    let (mut rest, mut received, mut frames) = (bytes, Vec::new(), Vec::new());
    let mut cuts = cuts.iter().map(|cut| usize::from(*cut) + 1);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(cuts.next().unwrap_or(rest.len()).min(rest.len()));
        received.extend_from_slice(piece);
        rest = after;
        loop {
            match Frame::read(&received) {
                Ok(Some((frame, length))) => {
                    received.drain(..length);
                    frames.push(frame);
                }
                Ok(None) => break,
                Err(broken) => return (frames, Err(broken)),
            }
        }
    }
    (frames, Ok(()))
}

fn is_empty(frame: &Frame) -> bool {
    matches!(frame, Frame::Keys(bytes) | Frame::Output(bytes) if bytes.is_empty())
}
