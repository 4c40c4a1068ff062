//! Decides.
//!
//! Facts come in ([`Event`]), orders go out ([`Action`]), and every answer is a pure function of what
//! came in before. The supervisor is told the time; it knows no clock, no operating system, no thread
//! and no file descriptor, so it cannot fail.
//!
//! ```text
//! handle(now, event)   one mutation
//! poll()               drain the orders, until None
//! deadline()           only then wait: for a fact, or until this moment
//! snapshot(now)        what is, and why
//! ```
#![forbid(unsafe_code)]

pub mod action;
pub mod event;
pub mod snapshot;

pub use action::{Action, Notice, Target};
pub use event::{Ask, Event, Id, RequestId, Signal, SpawnFailure, Status};
pub use snapshot::Snapshot;
