//! Being asked to stop, as something that can be waited for.
//!
//! A real app takes a crate for this (`signal-hook`, `tokio::signal`); the shop has no dependencies,
//! so it shows what they do: the handler may do next to nothing, so it writes one byte into a socket
//! pair, and whoever waits on the other end learns of it.

use std::ffi::c_int;
use std::io::{self, Read};
use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

const SIGINT: c_int = 2;
const SIGTERM: c_int = 15;

/// Where the handler writes its byte.
static DOOR_BELL: AtomicI32 = AtomicI32::new(-1);

/// Learns of SIGTERM and SIGINT.
pub struct Stop {
    bell: UnixStream,
}

impl Stop {
    /// From here on SIGTERM and SIGINT no longer end the process; they end the waits below.
    ///
    /// # Errors
    ///
    /// When the machine has no file descriptor left.
    pub fn on_request() -> io::Result<Self> {
        let (bell, button) = UnixStream::pair()?;
        DOOR_BELL.store(button.into_raw_fd(), Ordering::SeqCst);
        for number in [SIGTERM, SIGINT] {
            // SAFETY: `ring` does only what a handler may do, and it lives as long as the process.
            unsafe { signal(number, ring) };
        }
        Ok(Self { bell })
    }

    /// Waits for the request, however long it takes.
    pub fn wait(&self) {
        self.listen(None);
    }

    /// Waits for the request, but not longer than `time`. Returns whether it has come.
    pub fn wait_for(&self, time: Duration) -> bool {
        self.listen(Some(time.max(Duration::from_millis(1))))
    }

    fn listen(&self, time: Option<Duration>) -> bool {
        let heard = self.bell.set_read_timeout(time).and_then(|()| (&self.bell).read(&mut [0]));
        // A bell that cannot be heard is a reason to stop as well, rather than to run deaf.
        !matches!(heard, Err(ref error) if is_silence(error.kind()))
    }
}

fn is_silence(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

extern "C" fn ring(_number: c_int) {
    // SAFETY: write(2) may be called from a handler; the byte outlives the call, and the descriptor
    // stays open until the process ends.
    unsafe { write(DOOR_BELL.load(Ordering::SeqCst), [1_u8].as_ptr(), 1) };
}

// The C library that std is linked with; see signal(2) and write(2).
unsafe extern "C" {
    fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
    fn write(descriptor: c_int, bytes: *const u8, count: usize) -> isize;
}
