//! Any answer, cut anywhere: no panic, one verdict, and nothing of the peer in the words.
#![no_main]

use twelve_run::probe::answer::{Answer, Fault, Verdict};

libfuzzer_sys::fuzz_target!(|input: (&[u8], u16)| {
    let (bytes, step) = input;
    let read = |step: usize| -> Result<Verdict, Fault> {
        let mut answer = Answer::default();
        for part in bytes.chunks(step.max(1)) {
            if let Some(verdict) = answer.feed(part)? {
                return Ok(verdict);
            }
        }
        answer.end()
    };
    let whole = read(bytes.len());
    assert_eq!(whole, read(usize::from(step)));
    match whole {
        Ok(verdict) => {
            assert!((100..=999).contains(&verdict.status));
            assert!(verdict.location.is_none_or(|place| place.bytes().all(|byte| byte.is_ascii_graphic())));
        }
        Err(fault) => assert!(fault.to_string().bytes().all(|byte| (b' '..=b'~').contains(&byte))),
    }
});
