//! One connection: its buffers, its caps, its deadlines. It never blocks, and it never waits for longer
//! than its side of the promise: a request is complete within two seconds, and what a slow reader has
//! not taken is bounded.

use super::protocol::{self, Kind, Refused, Reply};
use crate::sys::nonblocking;
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// How long a request may take from its first byte, or from the connection, to its end.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// How long nothing may be read of a connection that is over.
const FAREWELL: Duration = Duration::from_secs(2);
/// What may wait for a reader who follows something.
const UNREAD: usize = 256 * 1024;

/// Somebody on the other side.
#[derive(Debug)]
pub struct Connection {
    socket: UnixStream,
    /// His process, for `why`; 0 when he is in another PID namespace.
    pub pid: i32,
    input: Vec<u8>,
    output: Vec<u8>,
    /// How much of `output` is gone.
    sent: usize,
    /// When it is closed for being too slow; `None` while somebody else has to act.
    pub deadline: Option<Instant>,
    /// Closed as soon as what waits is out.
    closing: bool,
    /// He says no more, and may still listen.
    ended: bool,
    /// He listens no more; what he has asked is heard all the same.
    deaf: bool,
    /// He is not there any more.
    pub gone: bool,
}

impl Connection {
    /// Takes a connection in. `None`: he is neither our user nor root, or gone again.
    pub fn accept(socket: UnixStream, now: Instant) -> Option<Self> {
        let peer = getsockopt(&socket, PeerCredentials).ok()?;
        if peer.uid() != nix::unistd::geteuid().as_raw() && peer.uid() != 0 {
            log::warn!("a connection of user {} is refused", peer.uid());
            return None;
        }
        nonblocking(&socket).ok()?;
        Some(Self {
            socket,
            pid: peer.pid(),
            input: Vec::new(),
            output: Vec::new(),
            sent: 0,
            deadline: Some(now + PATIENCE),
            closing: false,
            ended: false,
            deaf: false,
            gone: false,
        })
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Reads what is there, as far as there is room for `most` bytes. What has no room waits in the kernel.
    pub fn receive(&mut self, most: usize) {
        let mut chunk = [0; 16 * 1024];
        while self.input.len() < most && !self.gone && !self.closing && !self.ended {
            let room = chunk.len().min(most - self.input.len());
            match self.socket.read(&mut chunk[..room]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.input.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // He has gone without reading all that he was told.
                Err(_) => self.ended = true,
            }
        }
    }

    /// What was received and not taken.
    pub fn received(&mut self) -> &mut Vec<u8> {
        &mut self.input
    }

    /// The next whole line, without its end. An error when no line can come of what is there.
    pub fn line(&mut self) -> Result<Option<Vec<u8>>, Refused> {
        match memchr::memchr(b'\n', &self.input) {
            Some(end) => {
                let mut line: Vec<u8> = self.input.drain(..=end).collect();
                line.pop();
                Ok(Some(line))
            }
            None if self.input.len() >= protocol::LONGEST => {
                let message = format!("a request is at most {} bytes long", protocol::LONGEST);
                Err(Refused::new(Kind::TooLarge, message))
            }
            None => Ok(None),
        }
    }

    /// Gives it bytes; what cannot be sent at once waits.
    pub fn send(&mut self, bytes: &[u8]) {
        self.output.extend_from_slice(bytes);
        self.flush();
    }

    /// How much may still be given to it before its reader is too slow.
    pub fn room(&self) -> usize {
        UNREAD.saturating_sub(self.waiting())
    }

    fn waiting(&self) -> usize {
        self.output.len() - self.sent
    }

    /// Answers and ends: it cannot go on.
    pub fn refuse(&mut self, id: u64, refused: Refused, now: Instant) {
        self.send(&protocol::line(&Reply::new(id, Err(refused))));
        self.close(now);
    }

    /// Ends when what waits is out, or after a moment.
    pub fn close(&mut self, now: Instant) {
        self.closing = true;
        self.deadline = Some(now + FAREWELL);
        self.flush();
    }

    /// Whether it is past everything.
    pub fn is_closing(&self) -> bool {
        self.closing
    }

    /// Whether more may come from him.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether nothing reaches him any more.
    pub fn is_deaf(&self) -> bool {
        self.deaf
    }

    /// Whether it waits to be written to.
    pub fn wants_to_write(&self) -> bool {
        self.waiting() > 0
    }

    /// Sends what waits, as far as it is taken.
    pub fn flush(&mut self) {
        while self.waiting() > 0 && !self.deaf {
            match self.socket.write(&self.output[self.sent..]) {
                Ok(count) => {
                    self.sent += count;
                    // Who reads on is not too slow, however much there is to read.
                    self.deadline = self.deadline.map(|_| Instant::now() + PATIENCE);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => self.deaf = true,
            }
        }
        self.output.clear();
        self.output.shrink_to(4096);
        self.sent = 0;
        if self.closing {
            self.gone = true;
        }
    }
}
