//! The queue: a folder in which a file is an order.
//!
//! It plays the part of a backing service. The processes find it by a setting and keep nothing of it
//! in memory, so that any number of them may put and take, and any of them may be killed.

use crate::setting;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, process};

/// An order that waits to be taken.
const WAITING: &str = "order";

/// The queue that `ORDERS_DIR` names; without it a folder in the build's, so that `cargo clean` takes it along.
pub struct Orders {
    folder: PathBuf,
}

/// An order that one worker, and nobody else, has in hand.
pub struct Taken {
    path: PathBuf,
    /// What is to be done.
    pub task: String,
}

impl Orders {
    /// Opens the queue and makes its folder where it is missing.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made.
    pub fn open() -> io::Result<Self> {
        let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join("orders");
        let folder = setting("ORDERS_DIR", default);
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Puts an order at the end.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn put(&self, task: &str) -> io::Result<()> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{now:020}-{}-{count}", process::id());
        // Written beside and then renamed: nobody takes half an order.
        let unfinished = self.folder.join(&name).with_extension("new");
        fs::write(&unfinished, task)?;
        fs::rename(&unfinished, unfinished.with_extension(WAITING))
    }

    /// Takes the oldest order, if there is one.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn take(&self) -> io::Result<Option<Taken>> {
        for waiting in self.waiting()? {
            let path = waiting.with_extension(format!("taken-{}", process::id()));
            // Renaming is how two workers agree on who has it: it succeeds for one of them.
            if fs::rename(&waiting, &path).is_ok() {
                let task = fs::read_to_string(&path)?;
                return Ok(Some(Taken { path, task }));
            }
        }
        Ok(None)
    }

    /// How many orders wait.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn count(&self) -> io::Result<usize> {
        Ok(self.waiting()?.len())
    }

    /// The orders that wait, oldest first.
    fn waiting(&self) -> io::Result<Vec<PathBuf>> {
        let mut waiting = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == WAITING) {
                waiting.push(path);
            }
        }
        waiting.sort();
        Ok(waiting)
    }
}

impl Taken {
    /// The order is done and leaves the queue.
    ///
    /// # Errors
    ///
    /// When its file cannot be removed.
    pub fn done(self) -> io::Result<()> {
        fs::remove_file(self.path)
    }

    /// The order is not done; it waits again, in its old place.
    ///
    /// # Errors
    ///
    /// When its file cannot be renamed.
    pub fn put_back(self) -> io::Result<()> {
        fs::rename(&self.path, self.path.with_extension(WAITING))
    }
}
