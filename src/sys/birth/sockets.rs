//! A child's file descriptors from 3 on: the sockets that are held for it, as `sd_listen_fds(3)` says.
//!
//! `LISTEN_PID` is the number of the process that the program runs in. It is known only in the child, so the
//! stub completes the variable, in room that is left for it here. Where a shell stays in front of the program,
//! it is the shell's number, as under any manager that speaks this protocol: the program then finds that the
//! sockets are not meant for it, unless the command is given with `exec`.

use super::owned;
use crate::sys::listen::Socket;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc::c_char;
use std::ffi::OsString;
use std::iter::once;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// `SD_LISTEN_FDS_START`.
pub const FIRST: RawFd = 3;

/// Sockets where the stub can take them from: none lies on a number that it gives to another.
pub struct Placed {
    sources: Vec<RawFd>,
    /// Copies of those that were in the way, ours to close once the child has them.
    moved: Vec<OwnedFd>,
}

impl Placed {
    /// What lies in the way is copied to beyond the last target. One that lies on its own target is, too: to
    /// duplicate a descriptor onto itself would leave it close-on-exec (dup(2)).
    pub fn of(sockets: &[Socket]) -> Result<Self, Errno> {
        let beyond = FIRST + RawFd::try_from(sockets.len()).map_err(|_| Errno::EMFILE)?;
        let mut placed = Self { sources: Vec::with_capacity(sockets.len()), moved: Vec::new() };
        for socket in sockets {
            let mut source = socket.as_fd().as_raw_fd();
            if source < beyond {
                let moved = owned(fcntl(socket, FcntlArg::F_DUPFD_CLOEXEC(beyond))?);
                source = moved.as_raw_fd();
                placed.moved.push(moved);
            }
            placed.sources.push(source);
        }
        Ok(placed)
    }

    /// What becomes 3, 4, …
    pub fn sources(&self) -> &[RawFd] {
        &self.sources
    }
}

/// Whether a variable of this name is the birth's to set when there are sockets.
pub fn is_ours(name: &[u8]) -> bool {
    matches!(name, b"LISTEN_FDS" | b"LISTEN_FDNAMES" | b"LISTEN_PID")
}

/// The variables but `LISTEN_PID`.
pub fn variables(sockets: &[Socket]) -> [(OsString, OsString); 2] {
    let names: Vec<&str> = sockets.iter().map(Socket::name).collect();
    [
        ("LISTEN_FDS".into(), sockets.len().to_string().into()),
        ("LISTEN_FDNAMES".into(), names.join(":").into()),
    ]
}

/// `LISTEN_PID=` with room for a number.
///
/// The stub writes into it while it shares our memory, so its bytes are atomic: nothing says that they do not
/// change behind a shared reference. Nobody else looks at them meanwhile: the thread that made the stub is
/// suspended until exec has copied them or the stub has ended, and no other thread knows of them.
pub struct OwnPid(Box<[AtomicU8]>);

impl OwnPid {
    const NAME: &[u8] = b"LISTEN_PID=";
    /// The digits of the largest number that 32 bits hold.
    const DIGITS: usize = 10;

    /// Without a number yet.
    pub fn new() -> Self {
        // One more, for the NUL.
        let room = [0; Self::DIGITS + 1];
        Self(Self::NAME.iter().copied().chain(room).map(AtomicU8::new).collect())
    }

    /// A C string for exec: it ends with a NUL, which no number overwrites.
    pub fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }

    /// What the kernel counts, at most.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }

    /// Writes the number, for the stub: no allocation, and nothing here can panic. One that was written
    /// before, by a stub whose exec failed, is overwritten to its end.
    pub fn write(&self, pid: u32) {
        let mut digits = [b'0'; Self::DIGITS];
        let mut rest = pid;
        for digit in digits.iter_mut().rev() {
            *digit = b'0'.wrapping_add((rest % 10) as u8);
            rest /= 10;
        }
        let number = digits.iter().copied().skip_while(|&digit| digit == b'0');
        for (place, byte) in self.0.iter().skip(Self::NAME.len()).zip(number.chain(once(0))) {
            place.store(byte, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn a_number_of_any_length_is_written_whole_and_over_a_longer_one() {
        let own = OwnPid::new();
        for pid in [u32::MAX, 4_194_304, 10, 99_999, 1, 1_000_000_000] {
            own.write(pid);
            // SAFETY: it ends with a NUL and lives as long as `own`.
            let text = unsafe { CStr::from_ptr(own.as_ptr()) };
            assert_eq!(text.to_str().unwrap(), format!("LISTEN_PID={pid}"));
        }
    }
}
