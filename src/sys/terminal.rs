//! The terminal we may have, and the names of signals.

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

/// Height and width in characters; `None` when it is no terminal or has no size.
pub fn size(fd: BorrowedFd<'_>) -> Option<(u16, u16)> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCGWINSZ writes one winsize.
    let asked = unsafe { libc::ioctl(fd.as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
    (Errno::result(asked).is_ok() && size.ws_row > 0 && size.ws_col > 0).then_some((size.ws_row, size.ws_col))
}

/// Stops us as Ctrl-Z does, until somebody lets us go on. Where nobody could (an orphaned process group)
/// the kernel ignores it, and this returns at once.
pub fn suspend_self() {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: the default action runs no code of ours.
    let Ok(handler) = (unsafe { sigaction(Signal::SIGTSTP, &default) }) else { return };
    let only = SigSet::from(Signal::SIGTSTP);
    let _ = raise(Signal::SIGTSTP);
    // It was blocked; here it takes effect.
    let _ = only.thread_unblock();
    let _ = only.thread_block();
    // SAFETY: the handler is the one that was there before.
    let _ = unsafe { sigaction(Signal::SIGTSTP, &handler) };
}

/// Says something on stderr if it can be said at once: never waits, never fails.
pub fn say_on_stderr(text: &str) {
    let stderr = std::io::stderr();
    let mut fds = [PollFd::new(stderr.as_fd(), PollFlags::POLLOUT)];
    // A pipe that is ready takes at least 4096 bytes, see pipe(7).
    if poll(&mut fds, PollTimeout::ZERO).is_ok_and(|ready| ready > 0) {
        let _ = nix::unistd::write(stderr.as_fd(), &text.as_bytes()[..text.len().min(4096)]);
    }
}

/// `SIGTERM` for 15. Real-time signals count from the kernel's first, 32.
pub fn signal_name(number: i32) -> String {
    match Signal::try_from(number) {
        Ok(signal) => signal.as_str().to_owned(),
        Err(_) if number >= 34 => format!("SIGRTMIN+{}", number - 34),
        Err(_) => format!("signal {number}"),
    }
}
