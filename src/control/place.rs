//! Where a formation's state lives, and who has it: one function for those who run a formation and
//! those who talk to it, so that both always mean the same place.
//!
//! `.twelve-run` beside the Procfile; where that cannot be written, or is too long for a socket's name, a
//! folder of the user's that is named after the app's. The lock is an flock(2), taken before the
//! guardian is forked and inherited by both, so that it is free exactly when the last of them is gone.

use crate::error::Error;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use nix::unistd::geteuid;
use serde::{Deserialize, Serialize};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folder's name beside the Procfile.
const FOLDER: &str = ".twelve-run";
const LOCK: &str = "lock";
const SOCKET: &str = "control.sock";
/// What a socket's name may have at most (`sun_path` less its NUL); see unix(7).
const LONGEST_SOCKET: usize = 107;
/// How often a lock is tried that seemed free, a millisecond apart.
const LOOKS: usize = 20;

/// A folder that is ours alone as long as the lock lives.
#[derive(Debug)]
pub struct Lock {
    file: File,
    folder: PathBuf,
}

/// Who has the lock, as he wrote it into the file. For people only: no number in a file is ever signalled.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Holder {
    /// The process that the user started; `None` when he has not written it yet.
    pub pid: Option<u32>,
    /// When, in local time.
    pub since: Option<String>,
}

/// What came of asking for the lock.
#[derive(Debug)]
pub enum Claim {
    /// It is ours.
    Ours(Lock),
    /// Somebody runs here, and this is what he wrote.
    Theirs(Holder, PathBuf),
    /// There is no place that can be written: the formation can run, and nobody can talk to it.
    Nowhere,
}

impl Lock {
    /// The folder that it guards.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the control socket is.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(SOCKET)
    }

    /// Writes who holds it into it: the process that calls this.
    pub fn sign(&self) -> io::Result<()> {
        let since = Timestamp::now().to_zoned(TimeZone::system()).strftime("%F %T").to_string();
        let holder = Holder { pid: Some(std::process::id()), since: Some(since) };
        let mut file = &self.file;
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", serde_json::to_string(&holder)?)
    }

    /// Whether the lock's file is still where others look for it.
    pub fn is_in_place(&self) -> bool {
        let there = fs::symlink_metadata(self.folder.join(LOCK)).map(|found| (found.dev(), found.ino()));
        let ours = self.file.metadata().map(|found| (found.dev(), found.ino()));
        matches!((there, ours), (Ok(there), Ok(ours)) if there == ours)
    }

    /// Makes the folder anew, and takes its lock, after somebody removed it. `None`: another has it now.
    pub fn again(&self) -> io::Result<Option<Self>> {
        make(&self.folder)?;
        Ok(take(&self.folder)?.ok())
    }
}

/// Asks for the lock of the app in `root`, an absolute path without symbolic links.
pub fn claim(root: &Path) -> Result<Claim, Error> {
    let candidates = candidates(root);
    for folder in &candidates {
        // Somebody with another environment may have found another place.
        if let Some(holder) = held(&folder.join(LOCK)) {
            return Ok(Claim::Theirs(holder, folder.clone()));
        }
    }
    for folder in candidates {
        match make(&folder) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(Error::StateFolder { path: folder, reason: error.to_string() });
            }
            Err(error) => {
                log::debug!("`{}` cannot be used: {error}", folder.display());
                continue;
            }
        }
        match take(&folder) {
            Ok(Ok(lock)) => return Ok(Claim::Ours(lock)),
            Ok(Err(holder)) => return Ok(Claim::Theirs(holder, folder)),
            Err(error) => log::debug!("`{}` cannot be locked: {error}", folder.display()),
        }
    }
    Ok(Claim::Nowhere)
}

/// The sockets at which a formation of the app in `root` may listen.
pub fn sockets(root: &Path) -> Vec<PathBuf> {
    candidates(root).into_iter().map(|folder| folder.join(SOCKET)).collect()
}

/// The socket of a formation that has its lock in this folder.
pub fn socket_in(folder: &Path) -> PathBuf {
    folder.join(SOCKET)
}

/// Waits until nobody has the lock beside this socket: its formation, and the sweep after it, are over.
pub fn wait_until_free(socket: &Path) {
    if let Ok(file) = File::open(socket.with_file_name(LOCK)) {
        let _ = file.lock_shared();
    }
}

/// In the order in which they are tried. The environment's TMPDIR does not matter: who runs a formation
/// and who asks about it may have different ones.
fn candidates(root: &Path) -> Vec<PathBuf> {
    let id = id(root);
    let user = geteuid();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let beside = root.join(FOLDER);
    let of_user = [runtime.filter(|folder| folder.is_absolute()), Some(format!("/run/user/{user}").into())];
    let of_user = of_user.into_iter().flatten().map(|folder| folder.join("twelve-run"));
    let shared = PathBuf::from(format!("/tmp/twelve-run-{user}"));
    let mut all = vec![beside];
    // In places where others write, they may have been first: neither do they keep us from running, nor do
    // we believe what listens there.
    let elsewhere = of_user.chain([shared]).filter(|folder| is_nobody_elses(folder));
    all.extend(elsewhere.map(|folder| folder.join(&id)));
    all.retain(|folder| folder.join(SOCKET).as_os_str().len() <= LONGEST_SOCKET);
    all.dedup();
    all
}

/// Whether it is a folder of ours, or can still become one.
fn is_nobody_elses(folder: &Path) -> bool {
    fs::symlink_metadata(folder).map_or(true, |found| found.is_dir() && found.uid() == geteuid().as_raw())
}

/// What tells one app's folder from another's: its last name for people, a hash (FNV-1a) for machines.
fn id(root: &Path) -> String {
    let hash = root.as_os_str().as_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain = |char: &char| char.is_ascii_alphanumeric() || "_-".contains(*char);
    let name: String = name.chars().filter(plain).take(16).collect();
    format!("{name}-{hash:016x}")
}

/// The folder, private to us. `InvalidData`: it is there, and not to be trusted.
fn make(folder: &Path) -> io::Result<()> {
    if let (Some(parent), false) = (folder.parent(), folder.ends_with(FOLDER)) {
        // `/tmp/twelve-run-UID`: in a place where others write, too.
        if parent.parent().is_some_and(Path::is_dir) {
            private(parent)?;
        }
    }
    private(folder)?;
    match OpenOptions::new().write(true).create_new(true).open(folder.join(".gitignore")) {
        Ok(mut file) => file.write_all(b"*\n"),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn private(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = fs::symlink_metadata(folder)?;
    let refuse = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidData, what.to_owned()));
    if found.is_symlink() {
        return refuse("it is a symbolic link");
    }
    if !found.is_dir() {
        return refuse("it is no folder");
    }
    if found.uid() != geteuid().as_raw() {
        return refuse(&format!("it belongs to another user (uid {})", found.uid()));
    }
    if found.mode() & 0o022 != 0 {
        return refuse("others can write in it");
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn take(folder: &Path) -> io::Result<Result<Lock, Holder>> {
    let path = folder.join(LOCK);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(&path)?;
    let mut looks = 0;
    while let Err(error) = file.try_lock() {
        match error {
            // Who only looks whether it is free has it for a moment, too.
            TryLockError::WouldBlock if looks < LOOKS => {
                looks += 1;
                std::thread::sleep(Duration::from_millis(1));
            }
            TryLockError::WouldBlock => return Ok(Err(read(&mut file))),
            TryLockError::Error(error) => return Err(error),
        }
    }
    can_hold_a_socket(folder)?;
    let lock = Lock { file, folder: folder.to_owned() };
    lock.sign()?;
    Ok(Ok(lock))
}

/// Some file systems of shared folders hold no sockets. Whatever bears the name is left over: we have the lock.
fn can_hold_a_socket(folder: &Path) -> io::Result<()> {
    let path = folder.join(SOCKET);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    drop(UnixListener::bind(&path)?);
    fs::remove_file(&path)
}

/// Who holds the lock in this file, if anybody does.
fn held(path: &Path) -> Option<Holder> {
    let mut file = File::open(path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(read(&mut file)),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn read(file: &mut File) -> Holder {
    let mut text = String::new();
    let read = file.take(1024).read_to_string(&mut text);
    read.ok().and_then(|_| serde_json::from_str(&text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(root: &Path) -> Lock {
        match claim(root).unwrap() {
            Claim::Ours(lock) => lock,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn h2_the_lock_has_one_holder_who_is_named_and_is_free_after_him() {
        let root = tempfile::tempdir().unwrap();
        let lock = ours(root.path());
        assert_eq!(fs::metadata(lock.folder()).unwrap().mode() & 0o777, 0o700);
        assert_eq!(fs::read_to_string(lock.folder().join(".gitignore")).unwrap(), "*\n");
        match claim(root.path()).unwrap() {
            Claim::Theirs(holder, _) => assert_eq!(holder.pid, Some(std::process::id())),
            other => panic!("{other:?}"),
        }
        drop(lock);
        ours(root.path());
    }

    #[test]
    fn h3_a_path_that_is_too_long_for_a_socket_has_another_place_that_both_sides_find() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("d".repeat(90));
        fs::create_dir(&deep).unwrap();
        let lock = ours(&deep);
        assert!(!lock.folder().starts_with(&deep), "{:?}", lock.folder());
        assert!(sockets(&deep).contains(&lock.socket()));
        assert!(!sockets(root.path()).contains(&lock.socket()), "another app has another place");
        let folder = lock.folder().to_owned();
        drop(lock);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn h5_a_folder_that_cannot_be_trusted_is_refused_by_name() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(FOLDER);
        let reason = || match claim(root.path()) {
            Err(Error::StateFolder { reason, .. }) => reason,
            other => panic!("{other:?}"),
        };
        std::os::unix::fs::symlink(root.path(), &folder).unwrap();
        assert!(reason().contains("symbolic link"));
        fs::remove_file(&folder).unwrap();
        fs::write(&folder, "").unwrap();
        assert!(reason().contains("no folder"));
        fs::remove_file(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(reason().contains("others can write"));
    }

    #[test]
    fn h5_where_others_write_what_they_have_put_there_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        assert!(is_nobody_elses(&at("absent")) && is_nobody_elses(root.path()));
        fs::write(at("file"), "").unwrap();
        std::os::unix::fs::symlink(root.path(), at("link")).unwrap();
        assert!(!is_nobody_elses(&at("file")) && !is_nobody_elses(&at("link")));
        let foreign = if geteuid().is_root() {
            fs::create_dir(at("foreign")).unwrap();
            std::os::unix::fs::chown(at("foreign"), Some(65534), None).unwrap();
            at("foreign")
        } else {
            "/".into()
        };
        assert!(!is_nobody_elses(&foreign));
    }

    #[test]
    fn j3_what_a_lock_file_says_matters_to_nobody_who_can_take_it() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(FOLDER)).unwrap();
        fs::write(root.path().join(FOLDER).join(LOCK), "{\"pid\":1,\"since\":\"never\"} and more").unwrap();
        ours(root.path());
    }
}
