//! Where our processes tell us how they are.
//!
//! Who speaks is what the kernel says (`SCM_CREDENTIALS`, unix(7)), so nobody can speak for another (root can,
//! as everywhere). Whose process that is must be asked before the next message is read: a `BARRIER=1` that
//! follows is answered by being read, and then the speaker may leave.

use crate::supervisor::Id;
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, bind, setsockopt, socket, sockopt};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// Messages read at once; the rest is for the next turn.
const MESSAGES_A_TURN: usize = 64;
/// The longest message that is heeded, as in systemd.
const MESSAGE_BYTES: usize = 4096;
/// Room for the speaker's credentials, which come first, and for nothing else.
// SAFETY: arithmetic on a number.
const EXTRA_BYTES: usize = unsafe { libc::CMSG_SPACE(size_of::<libc::ucred>() as libc::c_uint) } as usize;

/// What the header of credentials says of their length, itself included.
// SAFETY: arithmetic on a number.
const CREDENTIALS_BYTES: libc::c_uint = unsafe { libc::CMSG_LEN(size_of::<libc::ucred>() as libc::c_uint) };

/// A socket for `NOTIFY_SOCKET`. Its name is abstract: nothing is left on a disk, no folder is needed.
#[derive(Debug)]
pub struct Ear {
    socket: OwnedFd,
    name: String,
}

/// What a process has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Whose words they are.
    pub id: Id,
    /// Who spoke: its leader, or what descends from it.
    pub pid: i32,
    /// `READY=1`.
    pub ready: bool,
    /// `STATUS=`: a line for people, control characters made blanks; what is no UTF-8 is replaced.
    pub status: Option<String>,
    /// `STOPPING=1`.
    pub stopping: bool,
    /// `RELOADING=1`.
    pub reloading: bool,
    /// `WATCHDOG=1`.
    pub watchdog: bool,
}

impl Ear {
    /// Opens one under a new name.
    pub fn open() -> io::Result<Self> {
        let name = format!("twelve-run/{}/{:016x}", std::process::id(), RandomState::new().hash_one(()));
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket = socket(AddressFamily::Unix, SockType::Datagram, flags, None)?;
        // Before it has a name, so that no message comes without its speaker.
        setsockopt(&socket, sockopt::PassCred, &true)?;
        bind(socket.as_raw_fd(), &UnixAddr::new_abstract(name.as_bytes())?)?;
        Ok(Self { socket, name: format!("@{name}") })
    }

    /// What `NOTIFY_SOCKET` is to be for those who may speak.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Readable when somebody has spoken.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// What was said meanwhile by those that `whose` knows: a bounded number of messages, the rest stays. Of
    /// no account are strangers, messages over 4 KiB, unknown keys, and passed file descriptors, which we never
    /// get.
    pub fn take(&self, mut whose: impl FnMut(i32) -> Option<Id>) -> Vec<Told> {
        let mut told = Vec::new();
        let mut buffer = [0; MESSAGE_BYTES];
        for _ in 0..MESSAGES_A_TURN {
            match receive(self.fd(), &mut buffer) {
                Ok(Heard { length: Some(length), pid }) => match whose(pid) {
                    Some(id) => told.extend(understand(id, pid, &buffer[..length])),
                    None => log::debug!("{pid} speaks to us and is nobody's"),
                },
                Ok(Heard { length: None, pid }) => log::debug!("what {pid} says is too long"),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => break,
                Err(errno) => {
                    log::debug!("what processes say cannot be read: {errno}");
                    break;
                }
            }
        }
        told
    }
}

/// A message; `None` when it says nothing that we know.
fn understand(id: Id, pid: i32, message: &[u8]) -> Option<Told> {
    let nothing =
        Told { id, pid, ready: false, status: None, stopping: false, reloading: false, watchdog: false };
    let mut told = nothing.clone();
    for line in message.split(|&byte| byte == b'\n') {
        match line {
            b"READY=1" => told.ready = true,
            b"STOPPING=1" => told.stopping = true,
            b"RELOADING=1" => told.reloading = true,
            b"WATCHDOG=1" => told.watchdog = true,
            _ => {
                if let Some(status) = line.strip_prefix(b"STATUS=") {
                    told.status = Some(String::from_utf8_lossy(status).replace(char::is_control, " "));
                }
            }
        }
    }
    (told != nothing).then_some(told)
}

/// A message as it came.
struct Heard {
    /// `None`: it is longer than the buffer.
    length: Option<usize>,
    /// 0 when the speaker has no number here: it lives outside of our PID namespace.
    pid: i32,
}

/// Reads a message and who sent it.
///
/// By the bare call. A passed file descriptor finds no room behind the credentials, and the kernel closes it
/// for want of it (unix(7)): none is ever opened in us, however many are sent and whatever our limit. That
/// answers a barrier as well. The wrappers that there are refuse to tell who spoke when something was cut off.
fn receive(socket: BorrowedFd<'_>, buffer: &mut [u8]) -> Result<Heard, Errno> {
    /// Aligned as the header of a control message asks.
    #[repr(C)]
    union Extra {
        room: [u8; EXTRA_BYTES],
        _align: libc::cmsghdr,
    }
    let mut extra = Extra { room: [0; EXTRA_BYTES] };
    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    // SAFETY: all zeros is a valid msghdr: no name, no parts.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = (&raw mut extra).cast();
    message.msg_controllen = EXTRA_BYTES as _;
    let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
    // SAFETY: `part` and `extra` are as large as `message` says, and live here.
    let length = Errno::result(unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut message, flags) })?;
    let mut pid = 0;
    // SAFETY: the kernel has written `msg_controllen` bytes of whole headers into `extra`.
    let first = unsafe { libc::CMSG_FIRSTHDR(&raw const message).as_ref() };
    if let Some(header) = first
        && (header.cmsg_level, header.cmsg_type) == (libc::SOL_SOCKET, libc::SCM_CREDENTIALS)
        && header.cmsg_len >= CREDENTIALS_BYTES as _
    {
        // SAFETY: the header says that a ucred follows it, which is plain numbers.
        pid = unsafe { libc::CMSG_DATA(header).cast::<libc::ucred>().read_unaligned() }.pid;
    }
    let whole = message.msg_flags & libc::MSG_TRUNC == 0;
    Ok(Heard { length: usize::try_from(length).ok().filter(|_| whole), pid })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::plan::TypeId;
    use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
    use std::io::IoSlice;
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    const ID: Id = Id { kind: TypeId(0), index: 1, generation: 1 };

    fn speaker(ear: &Ear) -> UnixDatagram {
        let speaker = UnixDatagram::unbound().unwrap();
        let name = ear.name().strip_prefix('@').unwrap();
        speaker.connect_addr(&SocketAddr::from_abstract_name(name).unwrap()).unwrap();
        speaker
    }

    fn us(pid: i32) -> Option<Id> {
        (pid == std::process::id() as i32).then_some(ID)
    }

    #[test]
    fn what_is_said_is_understood_and_the_rest_left_alone() {
        let long = format!("READY=1\nX={}", "x".repeat(MESSAGE_BYTES));
        let full = format!("READY=1\nX={}", "x".repeat(MESSAGE_BYTES - 10));
        for (message, expected) in [
            (&b"READY=1"[..], "r"),
            (b"READY=1\n", "r"),
            (b"STATUS=up\nREADY=1\nMAINPID=1", "r up"),
            (b"STOPPING=1", "s"),
            (b"RELOADING=1\nMONOTONIC_USEC=1", "l"),
            (b"WATCHDOG=1", "w"),
            (b"STATUS=a\x1b[31m\xff", " a [31m\u{fffd}"),
            (b"STATUS=", " "),
            (b"", "-"),
            (b"READY=0\nREADY= 1\n READY=1\nready=1", "-"),
            (b"\0\xff\n\n=\nSTATUS", "-"),
            (b"FDSTORE=1\nBARRIER=1", "-"),
            (full.as_bytes(), "r"),
            (long.as_bytes(), "-"),
        ] {
            let ear = Ear::open().unwrap();
            speaker(&ear).send(message).unwrap();
            let told = ear.take(us);
            let shown = told.first().map_or("-".into(), |told| {
                assert_eq!((told.id, us(told.pid)), (ID, Some(ID)));
                let said =
                    [(told.ready, "r"), (told.stopping, "s"), (told.reloading, "l"), (told.watchdog, "w")];
                let said: String = said.iter().filter(|(said, _)| *said).map(|(_, letter)| *letter).collect();
                said + &told.status.as_ref().map_or(String::new(), |status| format!(" {status}"))
            });
            assert_eq!(shown, expected, "{}", message.escape_ascii());
            assert_eq!(ear.take(us), []);
        }
    }

    #[test]
    fn whom_nobody_knows_is_not_heard() {
        let ear = Ear::open().unwrap();
        speaker(&ear).send(b"READY=1").unwrap();
        assert_eq!(ear.take(|_| None), []);
        assert_eq!(ear.take(us), []);
    }

    #[test]
    fn a_flood_is_taken_in_portions() {
        let ear = Ear::open().unwrap();
        let speaker = speaker(&ear);
        speaker.set_nonblocking(true).unwrap();
        let mut sent = 0;
        let mut taken = 0;
        while sent < 10 * MESSAGES_A_TURN {
            while speaker.send(b"WATCHDOG=1").is_ok() {
                sent += 1;
            }
            let told = ear.take(us).len();
            assert!((1..=MESSAGES_A_TURN).contains(&told), "{told}");
            taken += told;
        }
        while taken < sent {
            taken += ear.take(us).len();
        }
        assert_eq!(taken, sent);
    }

    #[test]
    fn passed_descriptors_never_reach_us() {
        let ear = Ear::open().unwrap();
        let speaker = speaker(&ear);
        let (here, there) = nix::unistd::pipe().unwrap();
        let passed = vec![there.as_raw_fd(); 253];
        for passed in [&passed[..1], &passed] {
            let message = [IoSlice::new(b"READY=1\nFDSTORE=1")];
            let extras = [ControlMessage::ScmRights(passed)];
            sendmsg::<()>(speaker.as_raw_fd(), &message, &extras, MsgFlags::empty(), None).unwrap();
        }
        drop(there);
        let told = ear.take(us);
        assert!(told.len() == 2 && told.iter().all(|told| told.ready), "{told:?}");
        // No copy of its other end is left: this is its end of file.
        assert_eq!(nix::unistd::read(&here, &mut [0]), Ok(0));
    }
}
