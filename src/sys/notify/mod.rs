//! Words about readiness, in the protocol of `sd_notify(3)`: datagrams of `KEY=VALUE` lines, to the socket
//! that `NOTIFY_SOCKET` names. [`Manager`] is the one above us, to whom we speak; [`Ear`] is where our
//! processes speak to us.
//!
//! This room must not know: what follows from being ready, and who waits for it.

mod ear;
mod manager;

pub use ear::{Ear, Told};
pub use manager::Manager;

/// Where they send to.
pub const SOCKET: &str = "NOTIFY_SOCKET";
