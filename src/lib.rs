//! twelve-run: runs a Procfile the way it should be run.
//!
//! The rooms, in the order in which data passes through them. Who may name whom is written in
//! `ARCHITECTURE.md` and kept true by `tests/tidy.rs`.
//!
//! ```text
//! flags, Procfile, .env, toml ─► app ─► Plan ─► supervisor ══Action══► driver ─► sys ─► children ─► output ─► terminal
//!                                                   ╚═════Event (the only loop)══╝
//! ```

pub mod app;
pub mod cli;
pub mod commands;
pub mod control;
pub mod driver;
pub mod error;
pub mod factors;
#[cfg(feature = "web")]
pub mod http;
pub mod output;
pub mod probe;
pub mod supervisor;
pub mod sys;
pub mod watch;
