//! The table of processes and the birth contract, against the real kernel. Each test has a probe of its
//! own (`examples/children/family_probe.rs`), in a process of its own.

mod birth;
mod lines;
mod probe;
mod trees;
