//! Why there is no process, in words: the one page for sentences about a failed birth.

use super::image::Image;
use super::stub::Stage;
use super::{Failed, Launch};
use crate::supervisor::SpawnFailure;
use crate::supervisor::event::FailureClass::{Permanent, Transient};
use nix::errno::Errno;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A shell's code for what is not there, and for all else that cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;

impl Failed {
    /// The failure as people and the supervisor are told it.
    pub fn explain(self, image: &Image, launch: &Launch) -> SpawnFailure {
        let class = match self.errno {
            Errno::EAGAIN | Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE => Transient,
            // No pseudo-terminal is left.
            Errno::ENOSPC if self.stage == Stage::Open => Transient,
            _ => Permanent,
        };
        let code = match (self.stage, self.errno) {
            (Stage::Exec, Errno::ENOENT | Errno::ENOTDIR | Errno::ELOOP | Errno::ENAMETOOLONG) => NOT_FOUND,
            _ => NOT_EXECUTABLE,
        };
        SpawnFailure { class, code, reason: self.sentence(image, launch) }
    }

    fn sentence(self, image: &Image, launch: &Launch) -> String {
        let (program, folder) = (image.program(), launch.cwd.display());
        match (self.stage, self.errno) {
            (_, Errno::EMFILE) => "too many open files; raise `ulimit -n`".into(),
            (_, Errno::ENFILE) => "the machine has too many open files".into(),
            (_, Errno::ENOMEM) => "the machine has no memory left for another process".into(),
            (Stage::Clone | Stage::Exec, Errno::EAGAIN) => {
                "no more processes are allowed; raise `ulimit -u` or the container's `pids` limit".into()
            }
            (Stage::Folder, Errno::ENOENT) => format!("folder `{folder}` is missing"),
            (Stage::Folder, Errno::ENOTDIR) => format!("`{folder}` is not a folder"),
            (Stage::Folder, Errno::EACCES) => format!("folder `{folder}` may not be entered"),
            (Stage::Folder, errno) => format!("folder `{folder}` cannot be entered: {}", words(errno)),
            (Stage::Exec, Errno::ENOENT) => not_found(image, launch),
            (Stage::Exec, Errno::ENOTDIR) => {
                format!("command `{program}` not found: a part of its path is not a folder")
            }
            (Stage::Exec, Errno::ELOOP) => {
                format!("command `{program}` not found: its symbolic links form a loop")
            }
            (Stage::Exec, Errno::ENAMETOOLONG) => {
                format!("command `{program}` not found: its name is too long")
            }
            (Stage::Exec, Errno::EACCES) => not_allowed(image, launch),
            (Stage::Exec, Errno::ENOEXEC) => {
                format!("`{program}` is not made for this machine, or damaged")
            }
            (Stage::Exec, Errno::E2BIG) => "command and environment are too large together".into(),
            (Stage::Exec, Errno::ETXTBSY) => format!("`{program}` is still being written"),
            (Stage::Exec, errno) => format!("`{program}` cannot be executed: {}", words(errno)),
            (stage, errno) => format!("{}: {}", deed(stage), words(errno)),
        }
    }
}

/// Whether the file that exec refused is a program for another machine rather than a script.
pub fn is_binary(image: &Image, launch: &Launch) -> bool {
    // A NUL byte at the start is what shells go by, too.
    existing(image, launch).is_some_and(|path| beginning(&path).contains(&0))
}

fn deed(stage: Stage) -> &'static str {
    match stage {
        Stage::Open => "its pipes, terminal or sockets cannot be opened",
        Stage::Clone => "a process cannot be made",
        Stage::Table => "it cannot have file descriptors of its own",
        Stage::Session => "its session or process group cannot be made",
        Stage::Terminal => "its terminal cannot be made its own",
        Stage::Stdio => "its standard streams cannot be put in place",
        Stage::Sockets => "its sockets cannot be put in place",
        Stage::Limits => "its limits cannot be set",
        Stage::Folder => "its folder cannot be entered",
        Stage::Exec => "it cannot be executed",
    }
}

/// ENOENT has three causes, and only one of them is a missing command.
fn not_found(image: &Image, launch: &Launch) -> String {
    let program = image.program();
    let Some(path) = existing(image, launch) else {
        return if image.is_explicit() {
            format!("command `{program}` not found")
        } else {
            format!("command `{program}` not found in `PATH`")
        };
    };
    let start = beginning(&path);
    match start.strip_prefix(b"#!") {
        Some(line) => {
            let line = line.split(|&byte| byte == b'\n').next().unwrap_or_default();
            let interpreter = String::from_utf8_lossy(line);
            let interpreter = interpreter.split_ascii_whitespace().next().unwrap_or_default();
            format!("`{program}` wants the interpreter `{interpreter}`, which is not found")
        }
        None => format!("`{program}` is there, but the loader that it was linked for is not found"),
    }
}

fn not_allowed(image: &Image, launch: &Launch) -> String {
    let program = image.program();
    match existing(image, launch) {
        Some(path) if path.is_dir() => format!("`{program}` is a folder"),
        Some(path) => match beginning(&path).strip_prefix(b"#!") {
            Some(_) if is_executable(&path) => format!("`{program}` or its interpreter is not executable"),
            _ => format!("`{program}` is not executable"),
        },
        None => format!("`{program}` may not be reached"),
    }
}

fn is_executable(path: &Path) -> bool {
    nix::unistd::access(path, nix::unistd::AccessFlags::X_OK).is_ok()
}

/// The first candidate that is there, from where the child would have looked.
fn existing(image: &Image, launch: &Launch) -> Option<PathBuf> {
    image.candidate_paths().map(|path| launch.cwd.join(path)).find(|path| path.exists())
}

/// The first bytes of a regular file, as many as a kernel reads for `#!`.
fn beginning(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if path.is_file()
        && let Ok(file) = std::fs::File::open(path)
    {
        // What cannot be read has no beginning that we could tell.
        let _ = file.take(256).read_to_end(&mut bytes);
    }
    bytes
}

fn words(errno: Errno) -> String {
    errno.desc().to_ascii_lowercase()
}
