//! The terminal, and the words that go there without the help of `output`.

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};
use nix::sys::termios::{FlushArg, SetArg, Termios, cfmakeraw, tcflush, tcgetattr, tcsetattr};
use nix::unistd::{getpgrp, tcgetpgrp};
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A CONT that takes a suspension back comes within this time.
const TAKEN_BACK_WITHIN: Duration = Duration::from_millis(10);
/// How long we wait for the sign that we were continued, when we may never have been stopped.
const CONTINUED_WITHIN: Duration = Duration::from_millis(100);

/// Whether it is one.
pub fn is_terminal(fd: impl AsFd) -> bool {
    fd.as_fd().is_terminal()
}

/// Its rows and columns; `None` when it is no terminal, or one that doesn't know.
pub fn size(fd: impl AsFd) -> Option<(u16, u16)> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCGWINSZ writes one winsize to the pointer, which is valid for the call.
    let known = unsafe { libc::ioctl(fd.as_fd().as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) } == 0;
    (known && size.ws_row > 0 && size.ws_col > 0).then_some((size.ws_row, size.ws_col))
}

/// Stops the whole process as Ctrl-Z stops any program, and returns when it is continued. False when
/// it was never stopped: in an orphaned process group, where nobody could continue us, the kernel
/// ignores TSTP. Wants TSTP and CONT to be blocked in the calling thread and caught in another
/// ([`super::Signals`]).
pub fn suspend_self() -> io::Result<bool> {
    let continued = Arc::new(AtomicBool::new(false));
    let id = signal_hook::flag::register(libc::SIGCONT, Arc::clone(&continued))?;
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // It waits while it is blocked, and a CONT takes it away: so a TSTP from elsewhere, which stops us as soon as
    // that is what it means, and the CONT after it leave us no stop of our own that nobody would end.
    raise(Signal::SIGTSTP)?;
    // SAFETY: the default is no function of ours; the old one, restored below, was sound before.
    let caught = unsafe { sigaction(Signal::SIGTSTP, &default) }?;
    let stopped = let_through(Signal::SIGTSTP);
    // SAFETY: as above.
    let restored = unsafe { sigaction(Signal::SIGTSTP, &caught) };
    let waiting = Instant::now();
    while !continued.load(Ordering::Acquire) && waiting.elapsed() < CONTINUED_WITHIN {
        std::thread::sleep(Duration::from_millis(1)); // the handler runs in another thread, in a moment or never
    }
    signal_hook::low_level::unregister(id);
    stopped?;
    restored?;
    Ok(continued.load(Ordering::Acquire))
}

/// As [`suspend_self`], for a process that has CONT blocked: one that waits, or comes meanwhile, is heeded. The
/// kernel forgets a CONT that waits when a stop signal is made, so it is let through before.
pub(super) fn stop_unless_continued() -> io::Result<()> {
    let continued = Arc::new(AtomicBool::new(false));
    let id = signal_hook::flag::register(libc::SIGCONT, Arc::clone(&continued))?;
    let (suspend, resume) = (SigSet::from(Signal::SIGTSTP), SigSet::from(Signal::SIGCONT));
    resume.thread_unblock()?;
    // One that comes in the very moment of our own stop signal would be forgotten all the same. Who takes a
    // suspension back at once does so within milliseconds, so we are never that quick.
    std::thread::sleep(TAKEN_BACK_WITHIN);
    raise(Signal::SIGTSTP)?; // waits; from here on a CONT takes it away
    if continued.load(Ordering::Acquire) {
        raise(Signal::SIGCONT)?;
    }
    suspend.thread_unblock()?; // here we stop, and from here we go on
    suspend.thread_block()?;
    resume.thread_block()?;
    signal_hook::low_level::unregister(id);
    Ok(())
}

/// Lets a signal that waits hit this thread, with whatever disposition it has. It is blocked before and after.
fn let_through(signal: Signal) -> io::Result<()> {
    let waiting = SigSet::from(signal);
    waiting.thread_unblock()?; // here we stop, and from here we go on
    waiting.thread_block()?;
    Ok(())
}

/// Says a line on standard error, or gives up: neither a terminal that was stopped with Ctrl-S nor a
/// reader that is gone may hold up or end the one who cleans up.
pub fn say(line: &str) {
    let stderr = io::stderr();
    let mut ready = [PollFd::new(stderr.as_fd(), PollFlags::POLLOUT)];
    if poll(&mut ready, PollTimeout::from(100_u8)).is_ok_and(|count| count > 0) {
        // One write, shorter than what a pipe that is ready takes at once.
        let text = format!("twelve-run: {line}\n");
        let _ = nix::unistd::write(stderr.as_fd(), text.as_bytes());
    }
}

/// Throws away what was typed, if we are in the foreground; false when it was typed for somebody else.
pub fn forget_input(terminal: impl AsFd) -> bool {
    let ours = tcgetpgrp(&terminal).is_ok_and(|group| group == getpgrp());
    ours && tcflush(&terminal, FlushArg::TCIFLUSH).is_ok()
}

/// Our terminal passes every key on as it is, until this is dropped.
pub struct Raw(Termios);

impl Raw {
    /// Goes over; `None` when standard input is no terminal. A panic drops it as well, and signals that
    /// are caught have it dropped by whoever caught them: nothing but SIGKILL leaves the terminal behind.
    pub fn enter() -> io::Result<Option<Self>> {
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            return Ok(None);
        }
        let before = tcgetattr(&stdin)?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        tcsetattr(&stdin, SetArg::TCSADRAIN, &raw)?;
        Ok(Some(Self(before)))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &self.0);
    }
}

/// The number of a signal, however it is written: `USR1`, `SIGUSR1`, `10`.
pub fn signal_number(text: &str) -> Option<i32> {
    if let Ok(number) = text.parse::<i32>() {
        return (1..=64).contains(&number).then_some(number);
    }
    let name = text.to_ascii_uppercase();
    let name = if name.starts_with("SIG") { name } else { format!("SIG{name}") };
    name.parse::<Signal>().ok().map(|signal| signal as i32)
}

/// What a signal is called, `SIGTERM`; of those without a name, what they are.
pub fn signal_name(signal: i32) -> &'static str {
    match Signal::try_from(signal) {
        Ok(signal) => signal.as_str(),
        Err(_) if (32..=64).contains(&signal) => "a real-time signal",
        Err(_) => "an unknown signal",
    }
}
