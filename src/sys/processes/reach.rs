//! Signals that reach whom they are meant for, and never a stranger.

use crate::sys::proc;
use nix::errno::Errno;
use nix::libc;
use rustix::process::PidfdFlags;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr;

/// A process as it was seen: neither its child nor its parent need be ours.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    pub pid: i32,
    pub pgid: i32,
    starttime: u64,
    dead: bool,
}

impl Found {
    /// Looks at a process.
    pub fn look(pid: i32) -> Option<Self> {
        let stat = proc::stat(pid)?;
        Some(Self { pid, pgid: stat.pgid, starttime: stat.starttime, dead: stat.is_dead() })
    }

    /// What tells it from another with the same number.
    pub fn key(&self) -> (i32, u64) {
        (self.pid, self.starttime)
    }

    /// Whether it has ended and waits for its parent.
    pub fn is_dead(&self) -> bool {
        self.dead
    }

    /// Signals it if it is still the one that was seen.
    pub fn send(&self, signal: i32) -> Result<(), Errno> {
        let raw = rustix::process::Pid::from_raw(self.pid).ok_or(Errno::ESRCH)?;
        match rustix::process::pidfd_open(raw, PidfdFlags::empty()) {
            Ok(handle) => {
                // Whatever the handle names now, it names for good: if that is the one, send.
                self.is_same()?;
                signal_handle(&handle, signal)
            }
            Err(rustix::io::Errno::SRCH) => Err(Errno::ESRCH),
            Err(_) => {
                self.is_same()?;
                signal_number(self.pid, signal)
            }
        }
    }

    fn is_same(&self) -> Result<(), Errno> {
        let now = Self::look(self.pid).ok_or(Errno::ESRCH)?;
        if now.starttime == self.starttime { Ok(()) } else { Err(Errno::ESRCH) }
    }
}

/// Whether a living process shows an empty environment.
pub fn shows_no_environment(pid: i32) -> bool {
    std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environ| environ.is_empty())
        && proc::stat(pid).is_some_and(|stat| !stat.is_dead())
}

/// Sends these signals, one after the other, to a leader's group, and to the leader itself should it have left.
/// Its number is pinned: it is a child that we have not reaped. What went wrong first is told.
pub fn signal_group(leader: i32, signals: &[i32]) -> Result<(), Errno> {
    let sent = signals.iter().try_for_each(|signal| signal_number(-leader, *signal));
    // SAFETY: getpgid has no preconditions.
    let group = unsafe { libc::getpgid(leader) };
    if group != leader && group > 0 {
        return signals.iter().try_for_each(|signal| signal_number(leader, *signal));
    }
    sent
}

/// Our children; none where there is no `/proc`, so that only groups are reached.
pub fn children() -> Vec<i32> {
    proc::our_children().unwrap_or_default()
}

/// What descends from `pid`; nothing where there is no `/proc`.
pub fn below(pid: i32) -> Vec<i32> {
    proc::descendants_of(pid).unwrap_or_default()
}

fn signal_number(number: i32, signal: i32) -> Result<(), Errno> {
    // SAFETY: kill has no preconditions; that the number is the right one is the callers' care.
    Errno::result(unsafe { libc::kill(number, signal) }).map(drop)
}

fn signal_handle(handle: &OwnedFd, signal: i32) -> Result<(), Errno> {
    let no_info = ptr::null::<libc::siginfo_t>();
    // SAFETY: pidfd_send_signal reads nothing through a null siginfo.
    let sent = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, handle.as_raw_fd(), signal, no_info, 0) };
    Errno::result(sent).map(drop)
}
