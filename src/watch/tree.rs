//! The folders of the app with their inotify watches: what the kernel tells becomes deeds on files.
//!
//! It must not know the time; what it sees it puts into a burst with the time that it was given. inotify is asked
//! through nix and for no more than needed: opening and reading is not asked for, so that a search through the
//! whole tree neither wakes us nor overflows the queue. Symbolic links are not followed: a link is a file, and
//! what it leads to is seen where it is.

use super::WatchError;
use super::burst::{Burst, Deed};
use super::globs::Globs;
use super::ignored::Ignored;
use crate::app::plan::TypeId;
use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags as Flags, InitFlags, Inotify, InotifyEvent, WatchDescriptor};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Every folder in which a glob can match. Paths are relative to the root, which is the empty path.
pub struct Tree {
    root: PathBuf,
    inotify: Inotify,
    globs: Globs,
    ignored: Ignored,
    /// Sorted by their parts, so that what is below a folder comes right after it.
    watches: BTreeMap<PathBuf, WatchDescriptor>,
    folders: HashMap<WatchDescriptor, PathBuf>,
    trouble: Trouble,
}

/// Whether there were too many folders; told once.
#[derive(Debug)]
enum Trouble {
    None,
    Untold(WatchError),
    Told,
}

impl Tree {
    /// Watches what there is.
    pub fn new(root: &Path, globs: Globs) -> Result<Self, WatchError> {
        let inotify =
            Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).map_err(|errno| match errno {
                Errno::EMFILE => WatchError::TooManyInstances,
                errno => WatchError::Broken(errno.into()),
            })?;
        let (watches, folders) = (BTreeMap::new(), HashMap::new());
        let (root, ignored) = (root.to_path_buf(), Ignored::new(root));
        let mut tree = Self { root, inotify, globs, ignored, watches, folders, trouble: Trouble::None };
        if let Err(errno) = tree.watch(Path::new("")) {
            return Err(match refusal(errno, 0) {
                Some(error) => error,
                None => WatchError::Root { root: tree.root, cause: errno.into() },
            });
        }
        tree.walk(PathBuf::new(), None);
        Ok(tree)
    }

    /// Puts what the kernel has to tell, at most one buffer of it, into the burst; whether there was anything.
    pub fn read(&mut self, now: Instant, burst: &mut Burst) -> Result<bool, Errno> {
        match self.inotify.read_events() {
            Ok(events) => {
                for event in events {
                    self.handle(event, now, burst);
                }
                Ok(true)
            }
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(false),
            Err(errno) => Err(errno),
        }
    }

    /// What has to be told about the watching itself, the first time.
    pub fn trouble(&mut self) -> Option<WatchError> {
        match std::mem::replace(&mut self.trouble, Trouble::None) {
            Trouble::Untold(error) => {
                self.trouble = Trouble::Told;
                Some(error)
            }
            other => {
                self.trouble = other;
                None
            }
        }
    }

    /// Every folder that has a watch.
    #[cfg(test)]
    pub fn watched(&self) -> impl Iterator<Item = &Path> {
        self.watches.keys().map(PathBuf::as_path)
    }

    fn handle(&mut self, event: InotifyEvent, now: Instant, burst: &mut Burst) {
        let is = |flags: Flags| event.mask.intersects(flags);
        if is(Flags::IN_Q_OVERFLOW) {
            // Folders may have come unseen, too.
            self.walk(PathBuf::new(), None);
            return burst.note(now, ".".into(), self.globs.kinds(), Deed::Changed);
        }
        // Of a watch that is no more: what was in that folder has been accounted for.
        let Some(folder) = self.folders.get(&event.wd) else { return };
        let Some(name) = &event.name else {
            if is(Flags::IN_IGNORED) {
                let folder = folder.clone();
                self.drop_watch(&folder);
            }
            return;
        };
        let path = folder.join(name);
        if is(Flags::IN_ISDIR) {
            return self.handle_folder(path, event.mask, now, burst);
        }
        if Ignored::has_rules(name) {
            let folder = folder.clone();
            self.ignored.load(&folder);
            self.walk(folder, None);
        }
        let kinds = self.concerned(&path);
        if kinds.is_empty() {
            return;
        }
        let deed = match event.mask {
            mask if mask.contains(Flags::IN_CREATE) => Deed::Appeared,
            mask if mask.intersects(Flags::IN_DELETE | Flags::IN_MOVED_FROM) => Deed::Gone,
            mask if mask.contains(Flags::IN_ATTRIB) && !self.is_touched(&path) => return,
            _ => Deed::Changed,
        };
        burst.note(now, path, kinds, deed);
    }

    /// A folder is no file: what counts is what comes and goes with it.
    fn handle_folder(&mut self, path: PathBuf, mask: Flags, now: Instant, burst: &mut Burst) {
        if mask.intersects(Flags::IN_DELETE | Flags::IN_MOVED_FROM) {
            // Who deletes a folder has deleted its files before, one by one. Moved away it takes them along, and
            // which they were nobody knows any more.
            if mask.contains(Flags::IN_MOVED_FROM) {
                let kinds = self.globs.below(&path, self.ignored.parts(&path, true));
                if !kinds.is_empty() {
                    burst.note(now, path.clone(), kinds, Deed::Gone);
                }
            }
            self.forget(&path);
        } else if mask.intersects(Flags::IN_CREATE | Flags::IN_MOVED_TO) {
            self.walk(path, Some((now, burst)));
        }
    }

    /// The types that wish to hear of the file. Most files are wished by none, and need no look at the rules.
    fn concerned(&self, file: &Path) -> Vec<TypeId> {
        match self.globs.matching(file, 0) {
            none if none.is_empty() => none,
            _ => self.globs.matching(file, self.ignored.parts(file, false)),
        }
    }

    /// Watches the folder and what is below it, where a glob can match. `found`: the folder is new, and so are
    /// the files in it; some may have been there before its watch was.
    fn walk(&mut self, folder: PathBuf, mut found: Option<(Instant, &mut Burst)>) {
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            if self.globs.below(&folder, self.ignored.parts(&folder, true)).is_empty() {
                continue;
            }
            if let Err(errno) = self.watch(&folder) {
                match (refusal(errno, self.watches.len()), &self.trouble) {
                    (Some(error), Trouble::None) => self.trouble = Trouble::Untold(error),
                    (Some(_), _) => {}
                    // Gone again, or not for us to read.
                    (None, _) => log::debug!("{} is not watched: {errno}", folder.display()),
                }
                continue;
            }
            self.ignored.load(&folder);
            let Ok(entries) = fs::read_dir(self.root.join(&folder)) else { continue };
            for entry in entries.flatten() {
                let path = folder.join(entry.file_name());
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(path);
                } else if let Some((now, burst)) = &mut found {
                    let kinds = self.concerned(&path);
                    if !kinds.is_empty() {
                        burst.note(*now, path, kinds, Deed::Appeared);
                    }
                }
            }
        }
    }

    /// Has the kernel tell of the folder, if it does not yet.
    fn watch(&mut self, folder: &Path) -> Result<(), Errno> {
        // What has been unlinked and is still written to is no file of the app any more (inotify(7)).
        let mut flags = Flags::IN_CREATE
            | Flags::IN_MODIFY
            | Flags::IN_ATTRIB
            | Flags::IN_DELETE
            | Flags::IN_MOVE
            | Flags::IN_ONLYDIR
            | Flags::from_bits_retain(nix::libc::IN_EXCL_UNLINK);
        // The app's folder itself may be reached by a link.
        if !folder.as_os_str().is_empty() {
            flags |= Flags::IN_DONT_FOLLOW;
        }
        let watch = self.inotify.add_watch(&self.root.join(folder), flags)?;
        if self.watches.get(folder) != Some(&watch) {
            // The folder of that name was another one, or this one had another name, and nobody told.
            self.drop_watch(folder);
            if let Some(before) = self.folders.insert(watch, folder.into()) {
                self.watches.remove(&before);
            }
            self.watches.insert(folder.into(), watch);
        }
        Ok(())
    }

    /// Forgets a folder with all that is below it: a watch stays with its folder, wherever it is moved.
    fn forget(&mut self, folder: &Path) {
        let below = self.watches.range(folder.to_path_buf()..).map(|(path, _)| path);
        let gone: Vec<PathBuf> = below.take_while(|path| path.starts_with(folder)).cloned().collect();
        for folder in gone {
            self.drop_watch(&folder);
        }
    }

    fn drop_watch(&mut self, folder: &Path) {
        if let Some(watch) = self.watches.remove(folder) {
            self.folders.remove(&watch);
            self.ignored.forget(folder);
            // It fails for a folder that is deleted: the kernel was first.
            let _ = self.inotify.rm_watch(watch);
        }
    }

    /// `touch` sets the time of the last write to that of the last change of metadata, which is now. Mode, owner,
    /// links and the time of the last access leave it behind.
    fn is_touched(&self, path: &Path) -> bool {
        fs::symlink_metadata(self.root.join(path))
            .is_ok_and(|file| (file.mtime(), file.mtime_nsec()) == (file.ctime(), file.ctime_nsec()))
    }
}

impl AsFd for Tree {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}

/// What is to be told when the kernel refuses a watch; `None`: it is only this folder.
fn refusal(errno: Errno, watched: usize) -> Option<WatchError> {
    (errno == Errno::ENOSPC).then_some(WatchError::TooManyFolders { watched })
}
