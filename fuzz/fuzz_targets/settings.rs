//! Any bytes: no panic, and every problem has a place that can be shown.
#![no_main]

use twelve_run::app::{problem, problem::Source, settings};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let (_, problems) = settings::parse(&Source::new("twelve-run.toml", text), &["web", "worker", "api"]);
    assert!(problems.iter().all(|problem| problem.place.is_some()));
    problem::render(&problems, false);
});
