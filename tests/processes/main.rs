//! The table of processes and the birth contract, against the real kernel. Each test has a probe of its
//! own (`examples/children/family_probe.rs`), in a process of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod birth;
mod lines;
mod notify;
mod probe;
mod sockets;
mod trees;
