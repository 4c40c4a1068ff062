//! What somebody who is attached to a process types with: its terminal, or its standard input.

use super::birth;
use crate::sys::nonblocking;
use nix::errno::Errno;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// The way to one process's ear. There is one at a time; dropping it makes room for another.
#[derive(Debug)]
pub struct Keyboard {
    fd: OwnedFd,
    terminal: bool,
    /// The size to go back to.
    size: (u16, u16),
    /// What was typed and has found no room yet.
    waiting: Vec<u8>,
    /// Alive as long as this is.
    _taken: Arc<()>,
}

impl Keyboard {
    pub(super) fn new(fd: &OwnedFd, terminal: bool, size: (u16, u16), taken: Arc<()>) -> io::Result<Self> {
        let fd = fd.try_clone()?;
        // This end is ours alone: the process has another description.
        nonblocking(&fd)?;
        Ok(Self { fd, terminal, size, waiting: Vec::new(), _taken: taken })
    }

    /// Whether the process has a terminal, which echoes and knows control keys; else it has a pipe.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Readable by nobody, writable when there is room.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Types. What finds no room waits; ask for no more while it does.
    pub fn type_in(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        self.flush();
    }

    /// Whether something waits for room.
    pub fn is_full(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Types on.
    pub fn flush(&mut self) {
        while !self.waiting.is_empty() {
            match nix::unistd::write(&self.fd, &self.waiting) {
                Ok(count) => drop(self.waiting.drain(..count)),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return,
                // The process does not listen any more; its end is told elsewhere.
                Err(_) => self.waiting.clear(),
            }
        }
    }

    /// Tells the process how large its terminal is now.
    pub fn resize(&self, rows: u16, cols: u16) {
        if self.terminal && rows > 0 && cols > 0 && birth::resize(&self.fd, rows, cols).is_err() {
            log::debug!("a terminal is not told its size");
        }
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.resize(self.size.0, self.size.1);
    }
}
