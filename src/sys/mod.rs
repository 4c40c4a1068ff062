//! The operating system made safe.
//!
//! The only room with `unsafe`; every block says why it is sound. Pids and file descriptors live here
//! and in what this room hands out. It does what it is told, says what it saw, and decides nothing about the
//! formation: it must not know restart policy, the Procfile, or how a line looks on a terminal.

mod birth;
pub mod detach;
pub mod entry;
pub mod fail;
pub mod guardian;
pub mod listen;
pub mod memory;
pub mod notify;
pub mod ports;
pub mod proc;
pub mod processes;
pub mod removals;
pub mod signals;
mod sweep;
pub mod terminal;

pub use entry::Inherited;
pub use guardian::Charge;
pub use signals::{Pulse, Seen, Signals};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use std::io;
use std::os::fd::AsFd;

/// Ends the process at once: no destructor, no handler, no other thread's consent.
fn leave(code: u8) -> ! {
    // SAFETY: _exit touches no memory of ours and does not return.
    unsafe { libc::_exit(i32::from(code)) }
}

/// Makes the ends that share this description non-blocking. fcntl(2), where the library would use an ioctl.
pub fn nonblocking(fd: impl AsFd) -> io::Result<()> {
    let flags = OFlag::from_bits_retain(fcntl(&fd, FcntlArg::F_GETFL)?);
    fcntl(&fd, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}

/// kill(2) with any signal number, the real-time ones included. `pid` as there: negative for a group.
fn kill(pid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: takes two numbers and touches no memory; whom it may hit is the callers' care.
    if unsafe { libc::kill(pid, signal) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
