//! Any bytes: no panic, and nothing that is shown holds a line of the file.
#![no_main]

use std::sync::Arc;
use twelve_run::app::dotenv::{self, Scope};
use twelve_run::app::plan::Environment;
use twelve_run::app::problem::{self, Source};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let source = Arc::new(Source { name: ".env".into(), text: text.to_vec(), secret: true });
    let problems = dotenv::read(&source, &mut Scope::new(Environment::default(), false));
    problem::render(&problems, false);
});
