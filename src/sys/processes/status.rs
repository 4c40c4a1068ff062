//! Waiting for children, one question each. The library's own reading of a status knows no real-time
//! signals, so it is read here.

use crate::supervisor::Status;
use nix::errno::Errno;
use nix::libc::{self, id_t, idtype_t, siginfo_t};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};

/// Whether a child can be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Not yet.
    Running,
    /// It has ended like this.
    Ended(Status),
}

/// How `pid` has ended, if it has; it stays as a zombie.
pub fn peek(pid: i32) -> Ending {
    ending_of(wait(libc::P_PID, pid, libc::WEXITED | libc::WNOWAIT))
}

/// As [`peek`], and lets go of it.
pub fn reap(pid: i32) -> Ending {
    ending_of(wait(libc::P_PID, pid, libc::WEXITED))
}

/// Some child that has ended and is not reaped.
pub fn anyone_ended() -> Option<i32> {
    wait(libc::P_ALL, 0, libc::WEXITED | libc::WNOWAIT).ok().flatten().map(|info| pid_of(&info))
}

/// Whether `pid` has stopped since this was asked last.
pub fn has_stopped(pid: i32) -> bool {
    stopped_by(pid).is_some()
}

/// The signal that has stopped `pid` since this was asked last.
pub fn stopped_by(pid: i32) -> Option<i32> {
    let info = wait(libc::P_PID, pid, libc::WSTOPPED).ok().flatten()?;
    // SAFETY: waitid filled it in for a child, so its status is there.
    Some(unsafe { info.si_status() })
}

/// Does `what` while the terminal cannot stop us for it.
pub fn with_ttou_blocked<T>(what: impl FnOnce() -> T) -> T {
    let mut before = SigSet::empty();
    let _ = pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&SigSet::from(Signal::SIGTTOU)), Some(&mut before));
    let result = what();
    let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&before), None);
    result
}

fn ending_of(waited: Result<Option<siginfo_t>, Errno>) -> Ending {
    match waited {
        Ok(None) => Ending::Running,
        Ok(Some(info)) => Ending::Ended(status_of(&info)),
        // Not our child (any more): it is gone, and nobody knows how.
        Err(errno) => {
            log::error!("a child was reaped by somebody else: {errno}");
            Ending::Ended(Status::Code(255))
        }
    }
}

fn status_of(info: &siginfo_t) -> Status {
    // SAFETY: waitid filled it in for a child, so its status is there.
    let status = unsafe { info.si_status() };
    match info.si_code {
        libc::CLD_EXITED => Status::Code(status as u8),
        _ => Status::Signal(status as u8),
    }
}

fn pid_of(info: &siginfo_t) -> i32 {
    // SAFETY: as above; zero when there was nothing to wait for.
    unsafe { info.si_pid() }
}

/// `Ok(None)`: there is such a child, and nothing to tell about it.
fn wait(kind: idtype_t, id: i32, what: i32) -> Result<Option<siginfo_t>, Errno> {
    loop {
        // SAFETY: all zeros is a siginfo_t, and the one that waitid leaves when there is nothing.
        let mut info: siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: waitid writes one siginfo_t.
        let waited = unsafe { libc::waitid(kind, id as id_t, &raw mut info, what | libc::WNOHANG) };
        match Errno::result(waited) {
            Ok(_) => return Ok(Some(info).filter(|info| pid_of(info) != 0)),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}
