//! Reads what was written: regular files of a sane size, in one go, without ever waiting for one that
//! does not come.

use super::problem::{Problem, Source};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{Mode, SFlag, fstat};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// No Procfile or environment file is larger.
const LARGEST: usize = 1024 * 1024;
/// How long a pipe that was named by `-e` may take.
const PIPE_PATIENCE: Duration = Duration::from_secs(2);

/// What a file is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A Procfile or a file of settings.
    Text,
    /// An environment file that was found: its lines may be secrets.
    Secret,
    /// An environment file that `-e` names: it may be a pipe (`-e <(secrets)`) or `/dev/null`.
    NamedSecret,
}

/// Why there is no text.
#[derive(Debug)]
pub enum Unread {
    /// There is no such file.
    Missing,
    /// Anything else, in words.
    Because(String),
}

impl Unread {
    /// As an error about the file that people know as `name`.
    pub fn problem(self, name: &str) -> Problem {
        match self {
            Self::Missing => Problem::error(format!("`{name}` does not exist")),
            Self::Because(reason) => Problem::error(format!("cannot read `{name}`: {reason}")),
        }
    }
}

/// Reads the file at `path`; `name` is how people know it.
pub fn read(path: &Path, name: &str, kind: Kind) -> Result<Arc<Source>, Unread> {
    let bytes = bytes(path, kind).map_err(|errno| match errno {
        Refusal::Errno(Errno::ENOENT) => Unread::Missing,
        Refusal::Errno(errno) => Unread::Because(reason(errno).into()),
        Refusal::Is(what) => Unread::Because(what.into()),
    })?;
    Ok(Arc::new(Source { name: name.to_owned(), text: bytes, secret: kind != Kind::Text }))
}

enum Refusal {
    Errno(Errno),
    Is(&'static str),
}

impl From<Errno> for Refusal {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

fn bytes(path: &Path, kind: Kind) -> Result<Vec<u8>, Refusal> {
    if kind == Kind::NamedSecret && path == Path::new("/dev/null") {
        return Ok(Vec::new());
    }
    let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    let file = open(path, flags, Mode::empty())?;
    let mode = SFlag::from_bits_truncate(fstat(&file)?.st_mode) & SFlag::S_IFMT;
    match mode {
        SFlag::S_IFREG => read_all(&file, None),
        SFlag::S_IFIFO if kind == Kind::NamedSecret => read_all(&file, Some(Instant::now() + PIPE_PATIENCE)),
        SFlag::S_IFDIR => Err(Refusal::Is("it is a folder")),
        SFlag::S_IFIFO => Err(Refusal::Is("it is a pipe")),
        SFlag::S_IFSOCK => Err(Refusal::Is("it is a socket")),
        _ => Err(Refusal::Is("it is a device")),
    }
}

/// To the end, or until `until` where it has to be waited for.
fn read_all(file: &OwnedFd, until: Option<Instant>) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        if let Some(until) = until {
            wait_for(file, until)?;
        }
        match nix::unistd::read(file, &mut chunk) {
            Ok(0) => return Ok(bytes),
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
            Err(Errno::EINTR | Errno::EAGAIN) => {}
            Err(errno) => return Err(errno.into()),
        }
        if bytes.len() > LARGEST {
            return Err(Refusal::Is("it is larger than 1 MiB"));
        }
    }
}

/// Until there is something to read, or nobody left who could write.
fn wait_for(file: &OwnedFd, until: Instant) -> Result<(), Refusal> {
    let rest = until.saturating_duration_since(Instant::now());
    let timeout = PollTimeout::try_from(rest).unwrap_or(PollTimeout::ZERO);
    let mut fds = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
    match poll(&mut fds, timeout) {
        Ok(0) => Err(Refusal::Is("the pipe was not written and closed within 2 s")),
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

fn reason(errno: Errno) -> &'static str {
    match errno {
        Errno::EACCES => "permission denied",
        Errno::ELOOP => "its symbolic links go round in a circle",
        Errno::ENOTDIR => "a part of its path is not a folder",
        Errno::EISDIR => "it is a folder",
        Errno::ENXIO => "it is a socket",
        Errno::EIO => "the disk failed",
        Errno::ENAMETOOLONG => "its name is too long",
        other => other.desc(),
    }
}
