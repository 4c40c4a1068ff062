//! A child's file descriptors 0 to 2, and our ends of them.

use super::{Keep, Stdio, Streams, owned};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::stat::Mode;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

/// Both sides of a child's standard streams.
pub struct Ends {
    pub child: ChildEnds,
    pub ours: Streams,
    pub keep: Keep,
}

/// What becomes 0, 1 and 2; ours to close once the child has them.
pub enum ChildEnds {
    Pipes([OwnedFd; 3]),
    Pty(OwnedFd),
    Inherited,
}

/// Opens what `stdio` asks for. Everything is close-on-exec.
pub fn open(stdio: Stdio) -> Result<Ends, Errno> {
    match stdio {
        Stdio::Pipes => {
            let (input, silence) = pipe()?;
            let (stdout, output) = pipe()?;
            let (stderr, errors) = pipe()?;
            Ok(Ends {
                child: ChildEnds::Pipes([input, output, errors]),
                ours: Streams::Pipes { stdout, stderr },
                keep: Keep::Stdin(silence),
            })
        }
        Stdio::Pty { rows, cols } => {
            let (master, slave) = pty(rows, cols)?;
            let (theirs, held) = (duplicate(&slave)?, duplicate(&master)?);
            Ok(Ends {
                child: ChildEnds::Pty(theirs),
                ours: Streams::Pty { master, slave },
                keep: Keep::Tty(held),
            })
        }
        Stdio::Nothing => {
            let open = |flags| nix::fcntl::open("/dev/null", flags | OFlag::O_CLOEXEC, Mode::empty());
            let (input, output) =
                (above_stdio(open(OFlag::O_RDONLY)?)?, above_stdio(open(OFlag::O_WRONLY)?)?);
            let errors = duplicate(&output)?;
            Ok(Ends {
                child: ChildEnds::Pipes([input, output, errors]),
                ours: Streams::None,
                keep: Keep::Nothing,
            })
        }
        Stdio::Terminal => Ok(Ends { child: ChildEnds::Inherited, ours: Streams::None, keep: Keep::Nothing }),
    }
}

/// Three low file descriptors that hold a child's own for the moment of its birth.
///
/// A child that copies all of our descriptors, only to close them, costs by their number, and a thousand births
/// cost by its square. From here it has what it needs with nothing but a handful below it ([`Self::last`]).
pub struct Slots {
    /// What they hold otherwise, so that nobody else is given their numbers.
    nothing: OwnedFd,
    slots: [OwnedFd; 3],
}

impl Slots {
    /// To be made early, while the lowest numbers are free.
    pub fn new() -> Result<Self, Errno> {
        let nothing = nix::fcntl::open("/dev/null", OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())?;
        let nothing = above_stdio(nothing)?;
        let slots = [duplicate(&nothing)?, duplicate(&nothing)?, duplicate(&nothing)?];
        Ok(Self { nothing, slots })
    }

    /// Puts a child's descriptors in. What is given back is where they are.
    pub fn fill(&self, ends: [RawFd; 3]) -> Result<[RawFd; 3], Errno> {
        for (end, slot) in ends.into_iter().zip(&self.slots) {
            put(end, slot).inspect_err(|_| self.clear())?;
        }
        Ok(self.slots.each_ref().map(AsRawFd::as_raw_fd))
    }

    /// Takes them out.
    pub fn clear(&self) {
        for slot in &self.slots {
            // Cannot fail: the number is taken already.
            let _ = put(self.nothing.as_raw_fd(), slot);
        }
    }

    /// The highest number of them.
    pub fn last(&self) -> RawFd {
        self.slots.iter().map(AsRawFd::as_raw_fd).max().unwrap_or(RawFd::MAX)
    }
}

/// Has `slot` be what `fd` is.
fn put(fd: RawFd, slot: &OwnedFd) -> Result<(), Errno> {
    loop {
        // SAFETY: `slot` is ours, and whoever owns it still owns a descriptor of that number afterwards.
        match Errno::result(unsafe { libc::dup3(fd, slot.as_raw_fd(), libc::O_CLOEXEC) }) {
            Ok(_) => return Ok(()),
            Err(Errno::EINTR | Errno::EBUSY) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// Tells a terminal its size; the kernel tells the processes in its foreground.
pub fn resize(tty: &OwnedFd, rows: u16, cols: u16) -> Result<(), Errno> {
    let size = libc::winsize { ws_row: rows, ws_col: cols, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCSWINSZ reads one `winsize`, which lives here.
    Errno::result(unsafe { libc::ioctl(tty.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) }).map(drop)
}

fn pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (read, write) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
    Ok((above_stdio(read)?, above_stdio(write)?))
}

/// A terminal like any other, with the modes that the kernel gives it: who attaches to it types into what
/// programs expect. That it writes `\r\n` for `\n` is undone where lines are cut.
fn pty(rows: u16, cols: u16) -> Result<(OwnedFd, OwnedFd), Errno> {
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let open = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
    // SAFETY: TIOCGPTPEER takes open flags and returns a new file descriptor or -1.
    let peer = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCGPTPEER, open) };
    let slave = match Errno::result(peer) {
        Ok(fd) => owned(fd),
        // Kernels before 4.13: by its name.
        Err(_) => {
            nix::fcntl::open(ptsname_r(&master)?.as_str(), OFlag::from_bits_retain(open), Mode::empty())?
        }
    };
    let slave = above_stdio(slave)?;
    resize(&slave, rows, cols)?;
    let master = above_stdio(duplicate(&master)?)?;
    Ok((master, slave))
}

fn duplicate(fd: &impl AsFd) -> Result<OwnedFd, Errno> {
    fd.as_fd().try_clone_to_owned().map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(0)))
}

/// Nothing of ours may lie on 0 to 2 of the child, where it would be in the way of its own. `dup`
/// by the standard library never gives those.
fn above_stdio(fd: OwnedFd) -> Result<OwnedFd, Errno> {
    if fd.as_raw_fd() > 2 { Ok(fd) } else { duplicate(&fd) }
}
