//! The operating system made safe.
//!
//! The only room with `unsafe`; every block says why it is sound. Pids and file descriptors live here
//! and in what this room hands out. It does what it is told, says what it saw, and decides nothing about the
//! formation: it must not know restart policy, the Procfile, or how a line looks on a terminal.

mod birth;
pub mod entry;
pub mod fail;
pub mod guardian;
pub mod ports;
pub mod proc;
pub mod processes;
pub mod signals;
pub mod terminal;
