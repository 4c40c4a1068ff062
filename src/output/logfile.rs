//! A file that output goes to, kept from growing without end.
//!
//! `name` is written to; the older ones are `name.1` (the newest) to `name.5`. A file that others have
//! moved away or deleted is made anew, so that a foreign log rotation needs no signal from us. This file
//! must not know: what is written, and what is to be done about a full disk.

use nix::errno::Errno;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often it is looked whether the name still means our file. Only a write looks: there is no timer.
const LOOK: Duration = Duration::from_secs(5);

/// The file that is written to.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    /// A file does not grow beyond this, in bytes, but by a single write.
    max_bytes: u64,
    /// How many older ones stay.
    keep: usize,
    file: File,
    size: u64,
    look_at: Instant,
}

impl LogFile {
    /// What a file may grow to, in bytes, unless somebody asks for something else.
    pub const MAX_BYTES: u64 = 10 * 1024 * 1024;
    /// How many older ones stay, unless somebody asks for something else.
    pub const KEEP: usize = 5;

    /// Opens `name` in `folder` for appending; both are made if need be, for our own eyes only (0700 and
    /// 0600).
    pub fn open(folder: &Path, name: &str, max_bytes: u64, keep: usize) -> io::Result<Self> {
        let path = folder.join(name);
        let file = create(&path)?;
        let size = file.metadata()?.len();
        Ok(Self { path, max_bytes, keep, file, size, look_at: Instant::now() + LOOK })
    }

    /// Before a batch of `coming` bytes, which begins at a line: goes on in a new file if that is due.
    pub(super) fn before(&mut self, coming: usize) {
        self.look();
        if self.size > 0
            && self.size + coming as u64 > self.max_bytes
            && let Err(error) = self.rotate()
        {
            log::warn!("cannot rotate `{}`: {error}", self.path.display());
            // It goes on in the file that it has, and tries again after the next look.
            self.size = 0;
        }
    }

    /// Writes once.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<usize, Errno> {
        let written = nix::unistd::write(&self.file, bytes)?;
        self.size += written as u64;
        Ok(written)
    }

    /// If the name means another file by now, or none, that one is ours from now on. Asked in vain to make
    /// room on a full disk, we would hold on to a deleted file for ever, so this is for then too.
    pub(super) fn look(&mut self) {
        let now = Instant::now();
        if now < self.look_at {
            return;
        }
        self.look_at = now + LOOK;
        if let Err(error) = self.reopen() {
            log::warn!("cannot reopen `{}`: {error}", self.path.display());
        }
    }

    fn reopen(&mut self) -> io::Result<()> {
        let ours = self.file.metadata()?;
        let same = |named: std::fs::Metadata| (named.dev(), named.ino()) == (ours.dev(), ours.ino());
        self.size = ours.len();
        if !std::fs::metadata(&self.path).is_ok_and(same) {
            self.file = create(&self.path)?;
            self.size = self.file.metadata()?.len();
        }
        Ok(())
    }

    /// `name.4` becomes `name.5`, …, `name` becomes `name.1`; the oldest goes.
    fn rotate(&mut self) -> io::Result<()> {
        for age in (0..self.keep).rev() {
            match std::fs::rename(self.aged(age), self.aged(age + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        if self.keep == 0 {
            std::fs::remove_file(&self.path)?;
        }
        self.file = create(&self.path)?;
        self.size = 0;
        Ok(())
    }

    fn aged(&self, age: usize) -> PathBuf {
        if age == 0 {
            return self.path.clone();
        }
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{age}"));
        name.into()
    }
}

fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::super::Destination;
    use super::super::sink::{Sink, Tally};
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    fn read(folder: &Path, name: &str) -> String {
        std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| format!("{name}: {error}"))
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn write(file: &mut LogFile, batch: &str) {
        file.before(batch.len());
        assert_eq!(file.write(batch.as_bytes()), Ok(batch.len()));
    }

    #[test]
    fn it_is_ours_alone_and_goes_on_where_it_ended() {
        let world = tempfile::tempdir().unwrap();
        let folder = world.path().join("logs");
        for batch in ["one\n", "two\n"] {
            write(&mut LogFile::open(&folder, "app.log", 100, 5).unwrap(), batch);
        }
        assert_eq!(read(&folder, "app.log"), "one\ntwo\n");
        assert_eq!((mode(&folder), mode(&folder.join("app.log"))), (0o700, 0o600));
    }

    #[test]
    fn it_is_rotated_between_batches_and_the_oldest_goes() {
        let world = tempfile::tempdir().unwrap();
        let mut file = LogFile::open(world.path(), "log", 8, 2).unwrap();
        for batch in ["a\n", "b\n", "longer than it may be\n", "c\n", "d\n", "e\n", "f\n", "g\n", "h\n"] {
            write(&mut file, batch);
        }
        let names = ["log", "log.1", "log.2"].map(|name| read(world.path(), name));
        assert_eq!(names, ["g\nh\n", "c\nd\ne\nf\n", "longer than it may be\n"]);
        assert_eq!(std::fs::read_dir(world.path()).unwrap().count(), 3);
        assert_eq!(mode(&world.path().join("log.1")), 0o600);
    }

    #[test]
    fn without_older_ones_it_begins_anew() {
        let world = tempfile::tempdir().unwrap();
        let mut file = LogFile::open(world.path(), "log", 3, 0).unwrap();
        write(&mut file, "a\n");
        write(&mut file, "b\n");
        assert_eq!(read(world.path(), "log"), "b\n");
    }

    #[test]
    fn a_rotation_that_fails_loses_nothing() {
        let world = tempfile::tempdir().unwrap();
        // A folder that has something in it cannot be replaced.
        std::fs::create_dir_all(world.path().join("log.1/x")).unwrap();
        let mut file = LogFile::open(world.path(), "log", 3, 1).unwrap();
        write(&mut file, "a\n");
        write(&mut file, "b\n");
        assert_eq!(read(world.path(), "log"), "a\nb\n");
        assert_eq!(file.size, 2, "and is not tried again with every batch");
    }

    #[test]
    fn f12_what_others_moved_or_deleted_is_made_anew_and_not_looked_at_all_the_time() {
        let world = tempfile::tempdir().unwrap();
        let log = world.path().join("log");
        let mut file = LogFile::open(world.path(), "log", 100, 5).unwrap();
        write(&mut file, "a\n");
        std::fs::rename(&log, world.path().join("moved")).unwrap();
        write(&mut file, "b\n");
        assert!(!log.exists(), "it has just been looked at");
        file.look_at = Instant::now();
        write(&mut file, "c\n");
        assert_eq!((read(world.path(), "moved"), read(world.path(), "log")), ("a\nb\n".into(), "c\n".into()));
        std::fs::remove_file(&log).unwrap();
        file.look_at = Instant::now();
        write(&mut file, "d\n");
        assert_eq!(read(world.path(), "log"), "d\n");
        // Emptied in place: the next byte is the first, and the size is known again.
        std::fs::write(&log, "").unwrap();
        file.look_at = Instant::now();
        write(&mut file, "e\n");
        assert_eq!((read(world.path(), "log"), file.size), ("e\n".into(), 2));
    }

    #[test]
    fn f11_f12_a_full_disk_is_waited_for_and_who_deletes_the_file_gets_its_room() {
        let world = tempfile::tempdir().unwrap();
        let log = world.path().join("log");
        std::os::unix::fs::symlink("/dev/full", &log).unwrap();
        let mut file = LogFile::open(world.path(), "log", 100, 5).unwrap();
        file.look_at = Instant::now();
        let tally = Arc::new(Tally::default());
        let mut sink =
            Sink::new(Destination::File(file), Arc::clone(&tally), Box::new(|report| panic!("{report:?}")));
        let writer = std::thread::spawn(move || {
            sink.write(&mut b"words\n".to_vec());
            sink.lost()
        });
        while tally.held.load(Ordering::Relaxed) != 6 {
            std::thread::yield_now();
        }
        std::fs::remove_file(&log).unwrap();
        assert_eq!(writer.join().unwrap(), 0);
        assert_eq!(read(world.path(), "log"), "words\n");
    }
}
