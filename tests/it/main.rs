//! The real program in small worlds: one file a subject, every test on the builder in `world.rs`.
//!
//! The names of the tests begin with the ids of FAULTS.md and COMPAT.md that they prove.

#![forbid(unsafe_code)]
#![allow(clippy::print_stderr, reason = "what cannot run here says so")]

mod asked;
mod attach;
mod audit;
mod audit_factors;
mod background;
mod client;
mod control;
mod disk;
mod endpoints;
mod ends;
mod faults;
mod files;
mod finished;
mod guardian;
mod heavy;
mod oracle;
mod output;
mod place;
mod reload;
mod rolling;
mod rules;
mod running;
mod scarce;
mod signals;
mod stopping;
mod stream;
mod structured;
mod structured_secrets;
mod terminal;
mod typed;
mod world;
