//! Going into the background: the process that the user started waits and leaves, its child runs on
//! in a session of its own, away from the terminal.

use nix::fcntl::OFlag;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, dup2_stderr, dup2_stdin, dup2_stdout, fork, pipe2, setsid};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// Which of the two we are.
pub enum Side {
    /// The one that waits.
    Front(Front),
    /// The one that runs on. It writes one byte, a [`Told`].
    Back(OwnedFd),
}

/// What the one that runs on has to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Told {
    /// All is well.
    Up = b'u',
    /// Some of it never will be; the rest runs on.
    Lost = b'l',
}

/// What the one that waits knows.
pub struct Front {
    child: Pid,
    word: OwnedFd,
}

/// How the waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// This was told.
    Told(Told),
    /// The child has ended before, with this code.
    Ended(u8),
    /// Nothing was heard in time.
    Late,
}

/// Forks. To be called before any thread exists. What the child says from now on, and is no output of a
/// process, goes to the file `errors`.
pub fn detach(errors: &Path) -> io::Result<Side> {
    let errors = OpenOptions::new().append(true).create(true).mode(0o600).open(errors)?;
    let nothing = File::open("/dev/null")?;
    let (word, tell) = pipe2(OFlag::O_CLOEXEC)?;
    // SAFETY: there is only one thread, so the child's copy of memory is as whole as ours.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => Ok(Side::Front(Front { child, word })),
        ForkResult::Child => {
            drop(word);
            setsid()?;
            dup2_stdin(&nothing)?;
            dup2_stdout(&errors)?;
            dup2_stderr(&errors)?;
            close_inherited();
            Ok(Side::Back(tell))
        }
    }
}

/// Closes what others have left open in us, for whose end somebody may wait: whatever came through `exec`
/// has no close-on-exec flag, and all that we open has.
fn close_inherited() {
    let Ok(open) = std::fs::read_dir("/proc/self/fd") else { return };
    let open: Vec<i32> =
        open.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    for fd in open.into_iter().filter(|fd| *fd > 2) {
        // SAFETY: only asks; a descriptor that is closed by now answers EBADF.
        let flags = unsafe { libc::fcntl(fd, libc::F_GETFD) };
        if flags >= 0 && flags & libc::FD_CLOEXEC == 0 {
            // SAFETY: nothing of ours owns a descriptor without the flag.
            unsafe { libc::close(fd) };
        }
    }
}

impl Front {
    /// The process that runs on.
    pub fn pid(&self) -> i32 {
        self.child.as_raw()
    }

    /// Waits for its word.
    pub fn wait(&self, within: Duration) -> Word {
        let mut ready = [PollFd::new(self.word.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(within).unwrap_or(PollTimeout::MAX);
        if poll(&mut ready, timeout) == Ok(0) {
            return Word::Late;
        }
        let mut told = [0];
        if nix::unistd::read(self.word.as_fd(), &mut told).is_ok_and(|count| count == 1) {
            return Word::Told(if told[0] == Told::Lost as u8 { Told::Lost } else { Told::Up });
        }
        // Its end was closed without a word, so it has ended or is about to.
        Word::Ended(match waitpid(self.child, None) {
            Ok(WaitStatus::Exited(_, code)) => code as u8,
            Ok(WaitStatus::Signaled(_, signal, _)) => 128 + signal as u8,
            _ => 70,
        })
    }
}
