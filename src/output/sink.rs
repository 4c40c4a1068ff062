//! The end of the road: where all bytes go. It blocks, on this thread alone.

use super::{Destination, Report};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How long to wait before a full disk is tried again, in milliseconds.
const FULL_DISK: u16 = 500;

/// Bytes that others may ask about.
#[derive(Default)]
pub struct Tally {
    /// Of our own words, told and not yet taken in.
    pub told: AtomicU64,
    /// Given to the sink and not yet delivered.
    pub held: AtomicU64,
    /// Nobody was there to read them.
    pub lost: AtomicU64,
}

/// Writes everything, once, in order.
pub struct Sink {
    to: Destination,
    tally: Arc<Tally>,
    reader_left: bool,
    report: Box<dyn Fn(Report) + Send>,
}

impl Sink {
    pub fn new(to: Destination, tally: Arc<Tally>, report: Box<dyn Fn(Report) + Send>) -> Self {
        Self { to, tally, reader_left: false, report }
    }

    /// Whether nobody reads any more.
    pub fn reader_left(&self) -> bool {
        self.reader_left
    }

    /// Bytes that nobody was there to read.
    pub fn lost(&self) -> u64 {
        self.tally.lost.load(Ordering::Relaxed)
    }

    /// Nobody is there to read so many.
    pub fn lose(&self, bytes: usize) {
        self.tally.lost.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Writes all of `bytes`, which end with a line, and empties it. Waits as long as the reader takes, and
    /// for a full disk until there is room; a reader who has left is reported once.
    pub fn write(&mut self, bytes: &mut Vec<u8>) {
        if let (Destination::File(file), false) = (&mut self.to, bytes.is_empty()) {
            file.before(bytes.len());
        }
        let mut rest: &[u8] = bytes;
        while !rest.is_empty() && !self.reader_left {
            self.tally.held.store(rest.len() as u64, Ordering::Relaxed);
            let written = match &mut self.to {
                Destination::Fd(fd) => nix::unistd::write(fd, rest),
                Destination::File(file) => file.write(rest),
            };
            match written {
                Ok(written) => rest = &rest[written..],
                Err(Errno::EINTR) => {}
                // Somebody else made it non-blocking, and it is theirs too (FAULTS F15).
                Err(Errno::EAGAIN) => self.wait_for_reader(),
                Err(Errno::ENOSPC | Errno::EDQUOT) => self.wait_for_room(),
                Err(_) => {
                    self.reader_left = true;
                    (self.report)(Report::ReaderLeft);
                }
            }
        }
        self.lose(rest.len());
        self.tally.held.store(0, Ordering::Relaxed);
        bytes.clear();
    }

    fn wait_for_reader(&self) {
        if let Destination::Fd(fd) = &self.to {
            let _ = poll(&mut [PollFd::new(fd.as_fd(), PollFlags::POLLOUT)], PollTimeout::NONE);
        }
    }

    /// A regular file is always ready, so nothing is asked but time.
    fn wait_for_room(&mut self) {
        let _ = poll(&mut [], PollTimeout::from(FULL_DISK));
        if let Destination::File(file) = &mut self.to {
            // Who deletes a file to make room gets it.
            file.look();
        }
    }
}
