//! Birth: how a process comes into the world.
//!
//! A launch says what is to run; a newborn is what came of it. Between the two lies the birth
//! contract: a session and a process group of its own, default signal dispositions, an empty mask,
//! the limits that we were started with, file descriptors 0 to 2 and the sockets held for it only, its
//! folder. All memory is prepared before ([`image`], [`stdio`], [`sockets`]), the short life between clone and exec makes system calls
//! only ([`stub`]), and what it could not do comes back as a stage and an errno, which
//! [`failure`] puts into words.
//!
//! This room must not know: why something is started, who waits for it, what is done with its end.

mod failure;
mod image;
mod sockets;
mod stdio;
mod stub;

pub(super) use stdio::resize;

use super::Inherited;
use super::listen::Socket;
use crate::supervisor::SpawnFailure;
use image::Image;
use nix::errno::Errno;
use rustix::process::PidfdFlags;
use sockets::Placed;
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use stdio::Slots;
use stub::{Orders, Stack, Stage};

/// How often a program that is just being written (ETXTBSY) is tried again, and after how long.
const BUSY_TRIES: u32 = 5;
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// What a child gets back of what we changed for ourselves. `None` leaves ours as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin {
    /// `RLIMIT_NOFILE`, soft and hard, as we were started with.
    pub nofile: Option<(u64, u64)>,
    /// `RLIMIT_CORE`, soft and hard, as we were started with.
    pub core: Option<(u64, u64)>,
    /// The umask that we were started with.
    pub umask: Option<u32>,
}

impl From<&Inherited> for Origin {
    fn from(inherited: &Inherited) -> Self {
        Self { nofile: Some(inherited.nofile), core: Some(inherited.core), umask: Some(inherited.umask) }
    }
}

/// What is to be executed.
#[derive(Clone)]
pub enum Program {
    /// These words, without a shell; the first is looked up in the `PATH` of the child.
    Words {
        /// The program and its arguments.
        words: Vec<OsString>,
        /// What `/bin/sh -c` gets when the file is a script without `#!`; without it, the shell is
        /// given the file and the words.
        otherwise: Option<OsString>,
    },
    /// `SHELL -c SCRIPT`.
    Shell {
        /// `/bin/sh`, or a name that is looked up in the `PATH` of the child.
        shell: OsString,
        /// Its command line.
        script: OsString,
    },
}

/// All that decides about a birth.
#[derive(Clone)]
pub struct Launch {
    /// What is executed.
    pub program: Program,
    /// Its whole environment; nothing of ours is inherited. `NAME=value`, each with a NUL at its end.
    pub environment: Arc<Vec<Arc<[u8]>>>,
    /// Its folder, absolute.
    pub cwd: PathBuf,
    /// Its file descriptors 0 to 2.
    pub stdio: Stdio,
    /// Its file descriptors from 3 on. When there are any, `LISTEN_FDS`, `LISTEN_PID` and `LISTEN_FDNAMES`
    /// are added to its environment (`sd_listen_fds(3)`), in the place of what is there by these names.
    /// `LISTEN_PID` is the number of whatever is executed: under [`Program::Shell`] that is the shell, which
    /// only a command that begins with `exec` hands on.
    pub sockets: Vec<Socket>,
}

impl Launch {
    /// The value of a variable in its environment.
    pub(super) fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment.iter().find_map(|variable| {
            let value = variable.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
            Some(OsStr::from_bytes(value.strip_suffix(b"\0").unwrap_or(value)))
        })
    }
}

/// What a child's file descriptors 0 to 2 are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stdio {
    /// Two pipes, and a third as standard input, which nobody writes to.
    Pipes,
    /// A pseudo-terminal of its own, which is its controlling terminal.
    Pty {
        /// Its height in characters.
        rows: u16,
        /// Its width in characters.
        cols: u16,
    },
    /// `/dev/null`, all three.
    Nothing,
    /// Ours: it stays in our session, as a group of its own, which gets the terminal when we had it.
    Terminal,
}

/// Our ends of a child's output.
#[derive(Debug)]
pub enum Streams {
    /// Read ends, blocking.
    Pipes {
        /// Of file descriptor 1.
        stdout: OwnedFd,
        /// Of file descriptor 2.
        stderr: OwnedFd,
    },
    /// Both sides of its terminal. The slave is to be held until its exit, so that a child which closes
    /// and opens its terminal is not taken for one that has ended.
    Pty {
        /// Where we read.
        master: OwnedFd,
        /// What the child has as 0, 1 and 2.
        slave: OwnedFd,
    },
    /// It writes where we write, or nowhere.
    None,
}

/// A process that runs.
pub(super) struct Newborn {
    /// Its pid, which is also its process group's.
    pub pid: i32,
    /// Its pidfd, where the kernel has it.
    pub pidfd: Option<OwnedFd>,
    /// Our ends.
    pub streams: Streams,
    /// What must stay open as long as it lives, and no longer: the silent end of its standard input,
    /// or its terminal.
    pub keep: Keep,
}

/// What is held open for a living child.
pub(super) enum Keep {
    /// The write end of its standard input.
    Stdin(OwnedFd),
    /// The master of its terminal, to tell it sizes and to type into it.
    Tty(OwnedFd),
    /// Nothing.
    Nothing,
}

/// Brings processes into the world, one at a time.
pub(super) struct Nursery {
    origin: Origin,
    stack: Stack,
    /// `None` where a birth copies all of our file descriptors.
    slots: Option<Slots>,
    /// Whether pidfds are asked for; off only to test the way of older kernels.
    pub pidfds: bool,
}

impl Nursery {
    /// Prepares what every birth needs. `origin` is what children get back.
    pub fn new(origin: Origin) -> Self {
        Self { origin, stack: Stack::new(), slots: Slots::new().ok(), pidfds: true }
    }

    /// Starts a process. `terminal` is the controlling terminal to hand over under
    /// [`Stdio::Terminal`].
    pub fn bear(&mut self, launch: &Launch, terminal: Option<&OwnedFd>) -> Result<Newborn, SpawnFailure> {
        let image = Image::of(launch)?;
        match self.bear_patiently(launch, &image, terminal) {
            Err(failed) if failed.is(Stage::Exec, Errno::ENOEXEC) && !failure::is_binary(&image, launch) => {
                let image = Image::by_shell(launch)?;
                self.bear_patiently(launch, &image, terminal).map_err(|failed| failed.explain(&image, launch))
            }
            result => result.map_err(|failed| failed.explain(&image, launch)),
        }
    }

    fn bear_patiently(
        &mut self,
        launch: &Launch,
        image: &Image,
        terminal: Option<&OwnedFd>,
    ) -> Result<Newborn, Failed> {
        let mut tries = 0;
        loop {
            match self.bear_once(launch, image, terminal) {
                // A kernel before 5.9, or somebody who filters our calls.
                Err(Failed { stage: Stage::Table, errno: Errno::ENOSYS | Errno::EINVAL | Errno::EPERM })
                    if self.slots.take().is_some() => {}
                Err(failed) if failed.is(Stage::Exec, Errno::ETXTBSY) && tries < BUSY_TRIES => {
                    tries += 1;
                    std::thread::sleep(BUSY_PAUSE);
                }
                result => return result,
            }
        }
    }

    fn bear_once(
        &mut self,
        launch: &Launch,
        image: &Image,
        terminal: Option<&OwnedFd>,
    ) -> Result<Newborn, Failed> {
        let ends = stdio::open(launch.stdio).map_err(|errno| Failed { stage: Stage::Open, errno })?;
        let placed = Placed::of(&launch.sockets).map_err(|errno| Failed { stage: Stage::Open, errno })?;
        let terminal = terminal.map(AsRawFd::as_raw_fd);
        let mut orders = Orders::new(image, &ends.child, placed.sources(), self.origin, terminal);
        // Sockets lie anywhere.
        let slots = self.slots.as_ref().filter(|_| launch.sockets.is_empty());
        let slots = slots.and_then(|slots| Some((slots, slots.fill(orders.stdio()?).ok()?)));
        if let Some((slots, stdio)) = slots {
            orders.take_from(stdio, slots.last());
        }
        let cloned = stub::clone(&orders, &mut self.stack, self.pidfds);
        if let Some((slots, _)) = slots {
            slots.clear();
        }
        let (pid, pidfd) = cloned?;
        let pidfd = pidfd.or_else(|| self.open_pidfd(pid));
        Ok(Newborn { pid, pidfd, streams: ends.ours, keep: ends.keep })
    }

    /// For kernels that have pidfds but none from clone: nobody else reaps, so the pid is still its.
    fn open_pidfd(&self, pid: i32) -> Option<OwnedFd> {
        let pid = rustix::process::Pid::from_raw(pid).filter(|_| self.pidfds)?;
        rustix::process::pidfd_open(pid, PidfdFlags::empty()).ok()
    }
}

/// What could not be done, as the kernel tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Failed {
    stage: Stage,
    errno: Errno,
}

impl Failed {
    fn is(self, stage: Stage, errno: Errno) -> bool {
        self == Self { stage, errno }
    }
}

/// Takes ownership of a file descriptor that a system call has just given us.
fn owned(raw: i32) -> OwnedFd {
    // SAFETY: the callers pass what a system call has just returned, and nobody else has seen it.
    unsafe { OwnedFd::from_raw_fd(raw) }
}
