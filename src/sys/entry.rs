//! What we find at entry, before there is a second process or thread, and what we change for ourselves.
//! Children get back what was found.

use super::processes::Origin;
use super::proc;
use nix::errno::Errno;
use nix::libc;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigHandler, SigSet, Signal, signal};
use nix::sys::stat::{Mode, umask};
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

/// As we were found.
#[derive(Debug, Clone)]
pub struct Found {
    /// What children get back.
    pub origin: Origin,
    /// HUP was ignored, as under `nohup`, and stays so.
    pub hangup_ignored: bool,
    /// Children that were there before us, as after `sleep 9 & exec twelve-run`: not ours to signal.
    pub strangers: Vec<i32>,
}

/// Looks at what is there, and makes it safe: signals wait, file descriptors stay with us, nothing dumps
/// core. Must be called before any thread exists.
pub fn enter() -> io::Result<Found> {
    keep_fds();
    let found = Found {
        origin: Origin {
            nofile: getrlimit(Resource::RLIMIT_NOFILE).ok(),
            core: getrlimit(Resource::RLIMIT_CORE).ok(),
            umask: Some(read_umask()),
        },
        hangup_ignored: is_ignored(libc::SIGHUP),
        strangers: proc::children_of(nix::unistd::getpid().as_raw()).unwrap_or_default(),
    };
    // Those that come from now on are not lost: they wait until somebody reads them.
    SigSet::all().thread_block()?;
    for ignored in [Signal::SIGTTOU, Signal::SIGTTIN, Signal::SIGPIPE] {
        // SAFETY: ignoring runs no code of ours.
        unsafe { signal(ignored, SigHandler::SigIgn) }?;
    }
    if let Some((_, hard)) = found.origin.core {
        // The environment may hold secrets. The hard limit stays, so that children can have theirs back.
        let _ = setrlimit(Resource::RLIMIT_CORE, 0, hard);
    }
    Ok(found)
}

/// Raises our own limit of open files as far as it goes.
pub fn raise_open_files() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
        && let Err(errno) = setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
    {
        log::warn!("the limit of open files stays at {soft}: {errno}");
    }
}

/// How many files we may open at most.
pub fn open_files_limit() -> Option<u64> {
    getrlimit(Resource::RLIMIT_NOFILE).ok().map(|(_, hard)| hard)
}

/// File descriptors that somebody left open for us are closed to children.
fn keep_fds() {
    let (first, last, cloexec) = (3_u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
    // SAFETY: close_range touches no memory; with this flag it closes nothing here and now.
    let done = unsafe { libc::syscall(libc::SYS_close_range, first, last, cloexec) };
    if Errno::result(done).is_ok() {
        return;
    }
    let listed = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let fds: Vec<i32> = listed.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(|fd| *fd > 2).collect();
    for fd in fds {
        // SAFETY: fcntl with F_SETFD touches no memory; a number that is not open is refused.
        unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}

fn is_ignored(signal: i32) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: with no new action, sigaction only writes the present one.
    let asked = unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) };
    // SAFETY: all zeros is a sigaction, and the call has written one if it has written at all.
    Errno::result(asked).is_ok() && unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN
}

/// There is no way to read it but to set it.
fn read_umask() -> u32 {
    let found = umask(Mode::empty());
    umask(found);
    found.bits()
}
