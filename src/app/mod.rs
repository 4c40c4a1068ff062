//! The app as written.
//!
//! Text becomes values here, and every value keeps its file, line and column. `load` is the only
//! door: what was typed, the Procfile, `.env` and `twelve-run.toml` go in; one [`Plan`] comes out, or
//! every problem that was found. After it nobody asks the flags or the files again.
//!
//! This room must not know: processes, signals, threads, terminals, time. It starts nothing.
#![forbid(unsafe_code)]

pub mod command;
pub mod plan;
pub mod problem;

pub use plan::Plan;
