//! Going into the background: the process that the user started waits and leaves, its child runs on
//! in a session of its own, away from the terminal.

use nix::fcntl::OFlag;
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
    /// The one that runs on. It writes a byte when all is well.
    Back(OwnedFd),
}

/// What the one that waits knows.
pub struct Front {
    child: Pid,
    word: OwnedFd,
}

/// How the waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// All is well.
    Up,
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
            Ok(Side::Back(tell))
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
        if nix::unistd::read(self.word.as_fd(), &mut [0]).is_ok_and(|count| count == 1) {
            return Word::Up;
        }
        // Its end was closed without a word, so it has ended or is about to.
        Word::Ended(match waitpid(self.child, None) {
            Ok(WaitStatus::Exited(_, code)) => code as u8,
            Ok(WaitStatus::Signaled(_, signal, _)) => 128 + signal as u8,
            _ => 70,
        })
    }
}
