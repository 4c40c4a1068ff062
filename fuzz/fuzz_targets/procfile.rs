//! Any bytes: no panic, places point at what they name, and every problem can be shown.
#![no_main]

use twelve_run::app::{problem, problem::Source, procfile};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let source = Source::new("Procfile", text);
    let (entries, problems) = procfile::parse(&source);
    assert!(!entries.is_empty() || !problems.is_empty());
    for entry in &entries {
        assert_eq!(&source.text[entry.name.place.span.clone()], entry.name.value.as_bytes());
    }
    problem::render(&problems, false);
});
