//! Makes events of lines: bytes in, bytes out.
//!
//! This room must not know: file descriptors, clocks, threads.

pub mod redact;
pub mod secrets;
