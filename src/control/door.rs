//! The socket in its folder: made under the lock, made again when somebody removes it, removed at the
//! end if it still is ours.

use super::place::Lock;
use crate::sys::nonblocking;
use crate::sys::removals::Removals;
use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

/// Tells of changes in the folder.
enum Watch {
    /// As it should be.
    Removals(Removals),
    /// Where that cannot be had.
    Inotify(Inotify),
}

/// The socket and whoever watches over it.
pub struct Door {
    lock: Lock,
    listener: Option<UnixListener>,
    /// Device and inode of the socket that we made.
    ours: Option<(u64, u64)>,
    /// Tells of changes in the folder; `None` where the kernel has no more of these.
    watch: Option<Watch>,
    /// Kept so that there is one file descriptor to accept with when all are taken.
    spare: Option<File>,
}

impl Door {
    /// Opens the socket in the lock's folder. Whatever bears its name there is left over from somebody
    /// who has gone: the lock is ours.
    pub fn open(lock: Lock) -> io::Result<Self> {
        let mut door = Self { lock, listener: None, ours: None, watch: None, spare: spare() };
        door.bind()?;
        Ok(door)
    }

    fn bind(&mut self) -> io::Result<()> {
        let path = self.lock.socket();
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        nonblocking(&listener)?;
        // The folder lets nobody else in, so nobody was here before.
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        self.ours = identity(&path);
        self.listener = Some(listener);
        self.watch = watch(self.lock.folder()).ok();
        Ok(())
    }

    /// Where connections arrive.
    pub fn listener(&self) -> Option<BorrowedFd<'_>> {
        self.listener.as_ref().map(AsFd::as_fd)
    }

    /// Readable when something has changed in the folder.
    pub fn watch(&self) -> Option<BorrowedFd<'_>> {
        self.watch.as_ref().map(|watch| match watch {
            Watch::Removals(removals) => removals.fd(),
            Watch::Inotify(inotify) => inotify.as_fd(),
        })
    }

    /// Forgets what has changed, and says whether socket and lock are still where others look for them:
    /// without the lock another formation could begin here.
    pub fn is_whole(&mut self) -> bool {
        match &self.watch {
            Some(Watch::Removals(removals)) => removals.forget(),
            Some(Watch::Inotify(inotify)) => while inotify.read_events().is_ok() {},
            None => {}
        }
        self.ours.is_some() && identity(&self.lock.socket()) == self.ours && self.lock.is_in_place()
    }

    /// Makes it again, with its folder and lock if those are gone, too.
    pub fn restore(&mut self) -> io::Result<()> {
        self.listener = None;
        if !self.lock.is_in_place() {
            match self.lock.again()? {
                Some(lock) => self.lock = lock,
                None => return Err(io::Error::other("another formation has taken its place")),
            }
        }
        self.bind()
    }

    /// The next connection; `None` when there is none now.
    pub fn accept(&mut self) -> io::Result<Option<UnixStream>> {
        let Some(listener) = &self.listener else { return Ok(None) };
        loop {
            match listener.accept() {
                Ok((socket, _)) => return Ok(Some(socket)),
                Err(error) => match Errno::from_raw(error.raw_os_error().unwrap_or(0)) {
                    Errno::EINTR | Errno::ECONNABORTED => {}
                    Errno::EAGAIN => return Ok(None),
                    // One is let in by the spare one and goes at once, so that he need not wait for nothing.
                    Errno::EMFILE | Errno::ENFILE if self.spare.take().is_some() => {
                        drop(listener.accept());
                        self.spare = spare();
                        return Err(error);
                    }
                    _ => return Err(error),
                },
            }
        }
    }

    /// Nobody comes in any more. What bears the socket's name goes only if it is ours.
    pub fn close(&mut self) {
        self.listener = None;
        if self.ours.is_some() && identity(&self.lock.socket()) == self.ours {
            let _ = fs::remove_file(self.lock.socket());
        }
    }
}

fn spare() -> Option<File> {
    File::open("/dev/null").ok()
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

fn watch(folder: &Path) -> nix::Result<Watch> {
    if let Ok(removals) = Removals::of(folder) {
        return Ok(Watch::Removals(removals));
    }
    let watch = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
    let gone = AddWatchFlags::IN_DELETE
        | AddWatchFlags::IN_MOVED_FROM
        | AddWatchFlags::IN_MOVED_TO
        | AddWatchFlags::IN_DELETE_SELF
        | AddWatchFlags::IN_MOVE_SELF;
    watch.add_watch(folder, gone | AddWatchFlags::IN_ONLYDIR)?;
    Ok(Watch::Inotify(watch))
}
