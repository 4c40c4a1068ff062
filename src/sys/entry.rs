//! What we found when we were started, and what we make of it before the fork.
//!
//! Whatever is changed here for ourselves is remembered, because the services get it back: they are
//! born as if the one who started us had started them. File descriptors 0 to 2 need no care here:
//! Rust's start-up code opens those that are closed on `/dev/null`.

use nix::libc;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::SigSet;
use nix::sys::stat::{Mode, umask};
use std::io;
use std::mem::MaybeUninit;

/// What we were started with, for those who give it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inherited {
    /// `RLIMIT_NOFILE`, soft and hard.
    pub nofile: (u64, u64),
    /// `RLIMIT_CORE`, soft and hard, in bytes.
    pub core: (u64, u64),
    /// The mode bits that new files don't get.
    pub umask: u32,
    /// Whether HUP was ignored (`nohup`): it stays so.
    pub hangup_ignored: bool,
}

/// Remembers what we were started with, keeps leaked file descriptors from our children, and blocks
/// every signal, so that none is lost from here on. To be called once, before any thread exists.
pub(super) fn enter() -> io::Result<Inherited> {
    let inherited = Inherited {
        nofile: getrlimit(Resource::RLIMIT_NOFILE)?,
        core: getrlimit(Resource::RLIMIT_CORE)?,
        umask: current_umask(),
        hangup_ignored: is_ignored(libc::SIGHUP),
    };
    SigSet::all().thread_block()?;
    settle_dispositions(inherited.hangup_ignored);
    close_on_exec();
    // Our memory holds the app's secrets: no core dump of us. The hard limit stays, services need it.
    setrlimit(Resource::RLIMIT_CORE, 0, inherited.core.1)?;
    Ok(inherited)
}

/// Gives us as many file descriptors as we may have. Failing changes nothing but how far we scale.
pub(super) fn raise_nofile(inherited: &Inherited) {
    let (_, hard) = inherited.nofile;
    if let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        log::debug!("the limit of open files stays as it is: {error}");
    }
}

/// File descriptors that we keep for ourselves.
const RESERVED_FDS: u64 = 64;
/// What a process takes: three pipes and a handle, or both sides of a terminal twice.
const FDS_A_PROCESS: u64 = 4;

/// How many processes there are file descriptors for; `None` when that is not known.
pub fn most_processes() -> Option<u64> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    Some(hard.saturating_sub(RESERVED_FDS) / FDS_A_PROCESS)
}

/// Makes room for the descriptors of so many processes. To be called before there are threads: to enlarge a table
/// that threads share the kernel waits until nobody can be reading the old one, some 10 ms each time that it doubles.
pub fn make_room(processes: u64) {
    let Ok((soft, _)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    let highest = (RESERVED_FDS + processes * FDS_A_PROCESS).min(soft.saturating_sub(1));
    let highest = i32::try_from(highest).unwrap_or(i32::MAX);
    // Whatever is there already makes the room by itself; what is not wanted any more leaves it.
    if let Ok(null) = std::fs::File::open("/dev/null") {
        drop(rustix::io::fcntl_dupfd_cloexec(&null, highest));
    }
}

fn current_umask() -> u32 {
    // It can only be read by being set; nobody else is here yet to create a file between the two.
    let mask = umask(Mode::empty());
    umask(mask);
    mask.bits()
}

fn is_ignored(signal: i32) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: with a null second argument sigaction only writes to the third, which is as large as it wants.
    let read = unsafe { libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) } == 0;
    // SAFETY: zeroed is a valid sigaction, and the call has at most overwritten it with another one.
    read && unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN
}

/// What is ignored in us: PIPE (a reader that left is an error of `write`), TTIN and TTOU (in the
/// background we go on), and HUP when it was so. Nothing else: an ignored CHLD, for one, would keep
/// us from ever learning how a child ended.
fn settle_dispositions(hangup_ignored: bool) {
    for signal in 1..=libc::SIGRTMAX() {
        let ours = matches!(signal, libc::SIGPIPE | libc::SIGTTIN | libc::SIGTTOU);
        if ours || is_ignored(signal) && !(signal == libc::SIGHUP && hangup_ignored) {
            let disposition = if ours { libc::SIG_IGN } else { libc::SIG_DFL };
            // SAFETY: neither of the two dispositions is a function of ours.
            unsafe { libc::signal(signal, disposition) };
        }
    }
}

/// Marks every file descriptor from 3 on, so that none that was leaked to us reaches a service.
fn close_on_exec() {
    // SAFETY: with this flag the call closes nothing, it only marks.
    let marked =
        unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) == 0 };
    if marked {
        return;
    }
    // An old kernel, or a sandbox that refuses the call.
    let Ok(open) = std::fs::read_dir("/proc/self/fd") else { return };
    for fd in open.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()) {
        if fd > 2 {
            // SAFETY: only marks; a descriptor that is closed by now answers EBADF.
            unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    }
}
