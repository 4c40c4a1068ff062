//! The app as written.
//!
//! Text becomes values here, and every value keeps its file, line and column. `load` is the only
//! door: what was typed, the Procfile, `.env` and `twelve-run.toml` go in; one [`Plan`] comes out, or
//! every problem that was found. After it nobody asks the flags or the files again.
//!
//! This room must not know: processes, signals, threads, terminals. It starts nothing, and knows time
//! only as far as a pipe that is read must not keep it waiting.
#![forbid(unsafe_code)]

pub mod command;
mod defaults;
pub mod diff;
pub mod dotenv;
mod environment;
pub mod formation;
mod load;
pub mod origin;
pub mod plan;
mod ports;
pub mod problem;
pub mod procfile;
pub mod settings;
pub mod source;
mod typed;

pub use load::{One, Reading, RunReading, load, load_for_run, root};
pub use plan::Plan;
pub use typed::{Piped, Typed, World};
