//! Steps of the puppet that strain what it runs on.
//!
//! | step | does |
//! |---|---|
//! | `user:UID` | becomes this user, with no group but that number |
//! | `nonblock:N` | makes descriptor 0, 1 or 2 non-blocking, for all who share it |
//! | `pipes:N` | opens so many pipes, and leaves them open to the program that it becomes |
//! | `bomb` | starts itself again and again, for ever, and so does each of these |
//! | `unthread` | ends the first thread; those that answer signals go on |

use crate::own_program;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Gid, Uid, pipe, setgid, setgroups, setuid};
use std::process::Command;
use std::time::Duration;

pub fn become_user(id: u32) -> nix::Result<()> {
    setgroups(&[])?;
    setgid(Gid::from_raw(id))?;
    setuid(Uid::from_raw(id))
}

pub fn nonblock(descriptor: u64) -> nix::Result<()> {
    let flags = FcntlArg::F_SETFL(OFlag::O_NONBLOCK);
    let done = match descriptor {
        0 => fcntl(std::io::stdin(), flags),
        1 => fcntl(std::io::stdout(), flags),
        2 => fcntl(std::io::stderr(), flags),
        _ => Err(Errno::EBADF),
    };
    done.map(drop)
}

pub fn open_pipes(count: u64) -> nix::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    for _ in 0..count {
        std::mem::forget(pipe()?);
    }
    Ok(())
}

/// Whoever calls for this has put a limit around it.
pub fn bomb() -> ! {
    let mut children = Vec::new();
    loop {
        match Command::new(own_program()).args(["on:TERM", "bomb"]).spawn() {
            Ok(child) => children.push(child),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

#[allow(unsafe_code, reason = "no library has it: Rust knows no first thread that is not the program")]
pub fn end_this_thread() -> ! {
    // SAFETY: the bare system call ends this thread alone; nothing of its stack is borrowed by others, since
    // what they share with it is counted.
    unsafe { libc::syscall(libc::SYS_exit, 0) };
    unreachable!("the thread has ended")
}
