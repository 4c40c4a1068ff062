//! Tells which process types are concerned when files of the app change.
//!
//! Globs go in with the types that wish them; one [`Changed`] comes out for each burst of changes. The room must
//! not know what follows from a change: whether something is started anew, signalled, or left alone.
//!
//! Only folders in which a glob can match are watched, each by itself: the kernel has no watch of a whole tree.
//! `globs` says which they are, `ignored` which of them nobody means, `tree` keeps the watches with the folders
//! as they come and go, and `burst` waits for quiet. Who wishes nothing has neither a thread nor a file
//! descriptor of it, and where nothing changes the thread sleeps without a timer.
#![forbid(unsafe_code)]

mod burst;
mod globs;
mod ignored;
#[cfg(test)]
mod tests;
mod tree;

use crate::app::plan::TypeId;
use burst::Burst;
use globs::Globs;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use thiserror::Error;
use tree::Tree;

/// Files that types wished to hear about have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The types concerned, each once, in the order of the plan.
    pub kinds: Vec<TypeId>,
    /// One of the files, relative to the app's folder; `.` when changes were lost, and all may have changed.
    pub path: PathBuf,
    /// How many files more.
    pub more: usize,
}

/// What is told.
#[derive(Debug)]
pub enum News {
    /// Something has changed.
    Changed(Changed),
    /// From now on not every change is seen. Told once for each reason.
    Incomplete(WatchError),
}

/// Why files are not watched, or not all of them.
#[derive(Debug, Error)]
pub enum WatchError {
    /// A pattern that is none.
    #[error("`{glob}` is no pattern of files: {cause}")]
    Glob {
        /// As it was wished.
        glob: String,
        /// What is wrong with it.
        cause: globset::ErrorKind,
    },
    /// The kernel grants no further inotify instance.
    #[error(
        "no files are watched: there are too many inotify instances, or open files; raise `sysctl \
         fs.inotify.max_user_instances` or `ulimit -n`"
    )]
    TooManyInstances,
    /// The kernel grants no further inotify watch.
    #[error(
        "only {watched} folders are watched and changes in others are not seen: raise `sysctl \
         fs.inotify.max_user_watches`, or let `watch` name fewer folders"
    )]
    TooManyFolders {
        /// So many have a watch.
        watched: usize,
    },
    /// The app's folder cannot be watched.
    #[error("`{}` cannot be watched: {cause}", root.display())]
    Root {
        /// The app's folder.
        root: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// What watching needs was refused, or has broken.
    #[error("files are not watched: {0}")]
    Broken(io::Error),
}

/// Who watches. Dropped, its thread ends by itself; nobody waits for it.
#[derive(Debug)]
pub struct Watcher {
    /// What ends the thread; `None`: nobody wished anything, and there is no thread.
    stop: Option<Arc<EventFd>>,
}

impl Watcher {
    /// Watches the files below `root` that the globs of `wishes` match. A change made after this has returned is
    /// told, on a thread of the room, by `tell`, which should not wait.
    ///
    /// # Errors
    /// When nothing at all can be watched. What can be watched only in part is told as [`News::Incomplete`].
    pub fn start(
        root: &Path,
        wishes: Vec<(TypeId, Vec<String>)>,
        tell: impl Fn(News) + Send + 'static,
    ) -> Result<Self, WatchError> {
        if wishes.iter().all(|(_, globs)| globs.is_empty()) {
            return Ok(Self { stop: None });
        }
        let tree = Tree::new(root, Globs::new(&wishes)?)?;
        let broken = |errno: Errno| WatchError::Broken(errno.into());
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let stop = Arc::new(EventFd::from_value_and_flags(0, flags).map_err(broken)?);
        let stopped = Arc::clone(&stop);
        std::thread::Builder::new()
            .name("watch".into())
            .spawn(move || serve(tree, &stopped, tell))
            .map_err(WatchError::Broken)?;
        Ok(Self { stop: Some(stop) })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if let Some(stop) = &self.stop {
            // It fails only when the counter is full, and then the thread has been told.
            let _ = stop.write(1);
        }
    }
}

/// Tells what the tree sees, until it is stopped.
fn serve(mut tree: Tree, stop: &EventFd, tell: impl Fn(News)) {
    let mut burst = Burst::default();
    loop {
        if let Some(trouble) = tree.trouble() {
            tell(News::Incomplete(trouble));
        }
        let mut fds =
            [PollFd::new(tree.as_fd(), PollFlags::POLLIN), PollFd::new(stop.as_fd(), PollFlags::POLLIN)];
        let polled = poll(&mut fds, timeout(burst.deadline()));
        let [news, stopped] = fds.map(|fd| fd.any().unwrap_or(true));
        let read = match polled {
            Ok(_) if stopped => return,
            Ok(_) if news => tree.read(Instant::now(), &mut burst).map(drop),
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(errno) => Err(errno),
        };
        if let Err(errno) = read {
            return tell(News::Incomplete(WatchError::Broken(errno.into())));
        }
        if burst.deadline().is_some_and(|deadline| deadline <= Instant::now())
            && let Some(changed) = burst.take()
        {
            tell(News::Changed(changed));
        }
    }
}

/// Until then; rounded up, so that nobody wakes just before the time and turns idly.
fn timeout(deadline: Option<Instant>) -> PollTimeout {
    deadline.map_or(PollTimeout::NONE, |deadline| {
        let left = deadline.saturating_duration_since(Instant::now());
        PollTimeout::try_from(left.as_millis() + u128::from(left.subsec_nanos() % 1_000_000 > 0))
            .unwrap_or(PollTimeout::MAX)
    })
}
