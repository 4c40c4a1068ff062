//! Any bytes: no panic, a refusal that can be sent, and what is a request is the same when it is sent again.
#![no_main]

use twelve_run::control::protocol::{self, Reply};

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    match protocol::read(line) {
        Ok(request) => assert_eq!(protocol::read(&protocol::line(&request)), Ok(request)),
        Err(refused) => {
            let reply = protocol::line(&Reply::new(0, Err(refused)));
            assert_eq!(reply.iter().filter(|byte| **byte == b'\n').count(), 1, "an answer is one line");
        }
    }
});
