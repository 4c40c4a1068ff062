//! The end of the road: where all bytes go. It blocks, on this thread alone.

use super::Report;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How long to wait before a full disk is tried again, in milliseconds.
const FULL_DISK: u16 = 500;

/// Writes everything, once, in order.
pub struct Sink {
    fd: OwnedFd,
    /// What was given to us and not yet delivered.
    held: Arc<AtomicU64>,
    reader_left: bool,
    lost: u64,
    report: Box<dyn Fn(Report) + Send>,
}

impl Sink {
    pub fn new(fd: OwnedFd, held: Arc<AtomicU64>, report: Box<dyn Fn(Report) + Send>) -> Self {
        Self { fd, held, reader_left: false, lost: 0, report }
    }

    /// Whether nobody reads any more.
    pub fn reader_left(&self) -> bool {
        self.reader_left
    }

    /// Bytes that nobody was there to read.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Writes all of `bytes` and empties it. Waits as long as the reader takes, and for a full disk until
    /// there is room; a reader who has left is reported once.
    pub fn write(&mut self, bytes: &mut Vec<u8>) {
        let mut rest: &[u8] = bytes;
        while !rest.is_empty() && !self.reader_left {
            self.held.store(rest.len() as u64, Ordering::Relaxed);
            match nix::unistd::write(&self.fd, rest) {
                Ok(written) => rest = &rest[written..],
                Err(Errno::EINTR) => {}
                // Somebody else made it non-blocking, and it is theirs too (FAULTS F15).
                Err(Errno::EAGAIN) => self.wait(PollFlags::POLLOUT, PollTimeout::NONE),
                Err(Errno::ENOSPC | Errno::EDQUOT) => self.wait(PollFlags::empty(), FULL_DISK.into()),
                Err(_) => {
                    self.reader_left = true;
                    (self.report)(Report::ReaderLeft);
                }
            }
        }
        self.lost += rest.len() as u64;
        self.held.store(0, Ordering::Relaxed);
        bytes.clear();
    }

    fn wait(&self, what: PollFlags, timeout: PollTimeout) {
        // A regular file is always ready, so for a full disk nothing is asked but time.
        let mut fds = [PollFd::new(self.fd.as_fd(), what)];
        let _ = if what.is_empty() { poll(&mut [], timeout) } else { poll(&mut fds, timeout) };
    }
}
