//! Says when something is removed from a folder, or moved.
//!
//! By dnotify, which is older than inotify and tells less, because of how it ends: to close an inotify
//! descriptor takes the kernel 5 to 15 ms (it waits for all who may be reading its lists), also when it is
//! closed by our exit, and whoever waits for our end waits for that as well. To close a folder takes nothing.

use nix::errno::Errno;
use nix::libc::{self, c_int};
use nix::sys::signal::SigSet;
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// `F_SETSIG` and the events of fcntl(2), "File and directory change notification".
const F_SETSIG: c_int = 10;
const DN_CREATE: c_int = 0x04;
const DN_DELETE: c_int = 0x08;
const DN_RENAME: c_int = 0x10;
const DN_MULTISHOT: c_int = 0x8000_0000_u32 as c_int;

/// Folders that are looked after, as long as this lives.
pub struct Removals {
    _folders: [File; 2],
    signals: SignalFd,
}

impl Removals {
    /// Looks after a folder: what is in it, and whether it is moved itself, which its parent is told. Refused
    /// where the signal that tells of it is not blocked, and would end us.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let signal = signal();
        let mask = SigSet::thread_get_mask()?;
        // SAFETY: reads the set.
        if unsafe { libc::sigismember(mask.as_ref(), signal) } != 1 {
            return Err(io::Error::other("the signal is not blocked"));
        }
        let signals = SignalFd::with_flags(&told(), SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        let above = folder.parent().unwrap_or(folder);
        let folders =
            // What is moved in from elsewhere counts as made.
            [look_after(folder, DN_CREATE | DN_DELETE | DN_RENAME, signal)?, look_after(above, DN_RENAME, signal)?];
        Ok(Self { _folders: folders, signals })
    }

    /// Readable when something was removed or moved.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.signals.as_fd()
    }

    /// Forgets what was removed so far.
    pub fn forget(&self) {
        while let Ok(Some(_)) = self.signals.read_signal() {}
    }
}

/// One that nobody else has a use for.
pub(super) fn signal() -> c_int {
    libc::SIGRTMIN() + 1
}

/// Leaves it out of a set of signals.
pub(super) fn without_signal(set: &mut SigSet) {
    let mut raw = *set.as_ref();
    // SAFETY: a set that lives on our stack, and a signal of the C library's own choice.
    *set = unsafe {
        libc::sigdelset(&raw mut raw, signal());
        SigSet::from_sigset_t_unchecked(raw)
    };
}

/// The set of it alone.
fn told() -> SigSet {
    let mut raw = *SigSet::empty().as_ref();
    // SAFETY: as above.
    unsafe {
        libc::sigaddset(&raw mut raw, signal());
        SigSet::from_sigset_t_unchecked(raw)
    }
}

fn look_after(folder: &Path, events: c_int, signal: c_int) -> io::Result<File> {
    let folder = File::options().read(true).custom_flags(libc::O_DIRECTORY).open(folder)?;
    let order = |what: c_int, with: c_int| {
        // SAFETY: these commands take a number and touch no memory.
        Errno::result(unsafe { libc::fcntl(folder.as_raw_fd(), what, with) })
    };
    order(F_SETSIG, signal)?;
    order(libc::F_NOTIFY, events | DN_MULTISHOT)?;
    Ok(folder)
}
