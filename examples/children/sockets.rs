//! What a puppet does with what its manager gave it: the sockets from 3 on (`sd_listen_fds(3)`) and the
//! socket that `NOTIFY_SOCKET` names (`sd_notify(3)`).
#![allow(unsafe_code, reason = "descriptor 3 is ours by agreement alone")]

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{ControlMessage, MsgFlags, UnixAddr, sendmsg};
use std::io::{self, IoSlice, Write};
use std::net::TcpListener;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd};
use std::os::unix::net::UnixDatagram;

/// What is there, in one line: `LISTEN_FDS`, `LISTEN_FDNAMES`, whose number `LISTEN_PID` is (ours, our
/// parent's, …), and for each descriptor whether reading it blocks.
pub fn report() -> String {
    let variable = |name| std::env::var(name).unwrap_or_else(|_| "-".into());
    let count = variable("LISTEN_FDS").parse().unwrap_or(0);
    let whose = match variable("LISTEN_PID") {
        none if none == "-" => "nobody",
        pid if pid == std::process::id().to_string() => "own",
        pid if pid == nix::unistd::getppid().to_string() => "parent",
        _ => "stranger",
    };
    let kinds: Vec<&str> = (3..3 + count).map(kind).collect();
    format!(
        "fds {} names {} pid {whose} {}",
        variable("LISTEN_FDS"),
        variable("LISTEN_FDNAMES"),
        kinds.join(",")
    )
}

fn kind(number: i32) -> &'static str {
    // SAFETY: borrowed for one call, which answers EBADF when there is none.
    match fcntl(unsafe { BorrowedFd::borrow_raw(number) }, FcntlArg::F_GETFL) {
        Ok(flags) if OFlag::from_bits_retain(flags).contains(OFlag::O_NONBLOCK) => "nonblocking",
        Ok(_) => "blocking",
        Err(_) => "closed",
    }
}

/// Answers each connection to descriptor 3 with our number, for ever.
pub fn serve() -> io::Result<()> {
    // SAFETY: nothing else in a puppet has this descriptor.
    let listener = unsafe { TcpListener::from_raw_fd(3) };
    loop {
        let (mut connection, _) = listener.accept()?;
        // Who asked may have left.
        let _ = connection.write_all(format!("{}\n", std::process::id()).as_bytes());
    }
}

/// Sends a message.
pub fn notify(message: &[u8]) -> io::Result<()> {
    send(message, &[])
}

/// Waits until all that was sent before is taken.
pub fn barrier() -> io::Result<()> {
    let (here, there) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
    send(b"BARRIER=1", &[ControlMessage::ScmRights(&[there.as_raw_fd()])])?;
    drop(there);
    poll(&mut [PollFd::new(here.as_fd(), PollFlags::empty())], PollTimeout::NONE)?;
    Ok(())
}

fn send(message: &[u8], extras: &[ControlMessage]) -> io::Result<()> {
    let name = std::env::var("NOTIFY_SOCKET").map_err(io::Error::other)?;
    let to = match name.strip_prefix('@') {
        Some(name) => UnixAddr::new_abstract(name.as_bytes())?,
        None => UnixAddr::new(name.as_str())?,
    };
    let socket = UnixDatagram::unbound()?;
    sendmsg(socket.as_raw_fd(), &[IoSlice::new(message)], extras, MsgFlags::empty(), Some(&to))?;
    Ok(())
}
