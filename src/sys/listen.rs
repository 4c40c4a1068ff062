//! Sockets that are held while the processes behind them come and go (socket activation).
//!
//! They are bound before any process is started and stay open as long as somebody holds the [`Held`]: who
//! connects while a process is being replaced waits in the kernel's queue, and is never refused. A process
//! finds them as `sd_listen_fds(3)` says: descriptors 3, 4, … and the variables `LISTEN_FDS`, `LISTEN_PID`
//! and `LISTEN_FDNAMES`. How they get there is the birth's affair.
//!
//! All instances that are given a socket share it, and the kernel hands each connection to one that accepts.
//! Whether it blocks is the processes' choice: it does when they get it, and a change is seen by all.

use super::ports::{self, Holder};
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrIn, SockaddrIn6, bind, listen, setsockopt, socket,
    sockopt,
};
use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::Arc;

/// Every socket of a formation, by the address that was asked for.
#[derive(Debug, Default)]
pub struct Held(Vec<(SocketAddr, Socket)>);

/// A listening TCP socket. Copies are the same socket, open until the last is gone.
#[derive(Debug, Clone)]
pub struct Socket {
    listener: Arc<TcpListener>,
    name: String,
}

impl Held {
    /// Binds and listens. An address that is given twice is one socket. Either all are held or none.
    pub fn open(addresses: &[SocketAddr]) -> Result<Self, Refused> {
        let mut held = Self::default();
        for &address in addresses {
            if held.find(address).is_none() {
                // An IPv6 wildcard takes the IPv4 port as well (ipv6(7)), unless that is somebody else's.
                let shared = addresses.iter().any(|other| other.is_ipv4() && other.port() == address.port());
                let socket = Socket::open(address, shared).map_err(|errno| Refused::new(address, errno))?;
                held.0.push((address, socket));
            }
        }
        Ok(held)
    }

    /// Those of these addresses, in their order, each once for every time it is named.
    pub fn sockets(&self, addresses: &[SocketAddr]) -> Vec<Socket> {
        addresses.iter().filter_map(|&address| self.find(address).cloned()).collect()
    }

    fn find(&self, address: SocketAddr) -> Option<&Socket> {
        self.0.iter().find(|(known, _)| *known == address).map(|(_, socket)| socket)
    }
}

impl Socket {
    fn open(address: SocketAddr, only_v6: bool) -> Result<Self, Errno> {
        let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
        let fd = socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
        // Connections of the one before us that still fade away keep nobody from the port (socket(7)).
        setsockopt(&fd, sockopt::ReuseAddr, &true)?;
        if only_v6 && address.is_ipv6() {
            setsockopt(&fd, sockopt::Ipv6V6Only, &true)?;
        }
        match address {
            SocketAddr::V4(address) => bind(fd.as_raw_fd(), &SockaddrIn::from(address))?,
            SocketAddr::V6(address) => bind(fd.as_raw_fd(), &SockaddrIn6::from(address))?,
        }
        // As many as the kernel lets wait (`net.core.somaxconn`, listen(2)): they wait while a process starts.
        listen(&fd, Backlog::MAXALLOWABLE)?;
        let listener = TcpListener::from(fd);
        let port = listener.local_addr().map_or(address.port(), |local| local.port());
        Ok(Self { listener: Arc::new(listener), name: port.to_string() })
    }

    /// Its name in `LISTEN_FDNAMES`: its port. Two addresses with one port share it, as `sd_listen_fds(3)`
    /// lets sockets of one kind share theirs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it listens; the port is a real one even when 0 was asked for.
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

/// An address that is not to be had, and why.
#[derive(Debug)]
pub struct Refused {
    /// The one that was asked for.
    pub address: SocketAddr,
    /// What the kernel said.
    pub errno: Errno,
    /// Who listens on the port, if that is why and can be known.
    pub holder: Option<Holder>,
}

impl Refused {
    fn new(address: SocketAddr, errno: Errno) -> Self {
        let port = address.port();
        let holder = (errno == Errno::EADDRINUSE).then(|| ports::holders(&[port]).remove(&port)).flatten();
        Self { address, errno, holder }
    }
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address;
        match (&self.holder, self.errno) {
            (Some(Holder { pid: Some(pid), .. }), _) if *pid == std::process::id() => {
                write!(f, "`{address}` covers another address that `listen` names; leave one of them out")
            }
            (Some(Holder { pid: Some(pid), name }), _) => {
                write!(f, "`{address}` is taken: `{name}` (pid {pid}) listens there")
            }
            (Some(Holder { pid: None, name }), _) => write!(f, "`{address}` is taken: {name} listens there"),
            (None, Errno::EACCES) => write!(
                f,
                "`{address}` may not be bound: a port below 1024 needs root or `CAP_NET_BIND_SERVICE`"
            ),
            (None, Errno::EADDRNOTAVAIL) => write!(f, "`{address}` is no address of this machine"),
            (None, errno) => {
                write!(f, "`{address}` cannot be listened on: {}", errno.desc().to_ascii_lowercase())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::fcntl::{FcntlArg, FdFlag, fcntl};
    use std::net::TcpStream;
    use std::os::fd::OwnedFd;
    use std::process::Command;
    use std::time::{Duration, Instant};

    fn any() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }

    #[test]
    fn a_held_socket_takes_connections_that_nobody_accepts_and_closes_on_exec() {
        let held = Held::open(&[any(), any()]).unwrap();
        let [socket, again] = &held.sockets(&[any(), any()])[..] else { panic!("two") };
        let address = socket.local_address().unwrap();
        assert_eq!(again.local_address(), Some(address));
        assert_eq!(socket.name(), address.port().to_string());
        let flags = fcntl(socket, FcntlArg::F_GETFD).unwrap();
        assert!(FdFlag::from_bits_retain(flags).contains(FdFlag::FD_CLOEXEC));
        let waiting: Vec<_> = (0..200).map(|_| TcpStream::connect(address).unwrap()).collect();
        assert_eq!(waiting.len(), 200);
    }

    #[test]
    fn d18_a_taken_port_is_told_with_its_address_and_holder() {
        let taken = TcpListener::bind(any()).unwrap();
        let address = taken.local_addr().unwrap();
        let refused = Held::open(&[address]).unwrap_err();
        assert_eq!((refused.address, refused.errno), (address, Errno::EADDRINUSE));
        assert_eq!(refused.holder.as_ref().and_then(|holder| holder.pid), Some(std::process::id()));
        assert!(refused.to_string().contains(&address.to_string()), "{refused}");

        // The same socket as the standard input of another, and no more in us.
        let sleep = Command::new("sleep").arg("60").stdin(OwnedFd::from(taken)).spawn();
        let mut child = sleep.unwrap();
        let expected = format!("`{address}` is taken: `sleep` (pid {}) listens there", child.id());
        let begun = Instant::now();
        let told = || Held::open(&[address]).unwrap_err().to_string();
        // A process that another test is just starting may have it for a moment.
        while told() != expected && begun.elapsed() < Duration::from_secs(30) {}
        let told = told();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_no_address_of_ours_is_told_in_words() {
        // TEST-NET-1, which no machine has (RFC 5737).
        let address = SocketAddr::from(([192, 0, 2, 1], 5000));
        let refused = Held::open(&[any(), address]).unwrap_err();
        assert_eq!(refused.to_string(), "`192.0.2.1:5000` is no address of this machine");
    }

    #[test]
    fn both_wildcards_of_one_port_are_held_side_by_side() {
        let free = TcpListener::bind(any()).unwrap().local_addr().unwrap().port();
        let both = [SocketAddr::from(([0; 8], free)), SocketAddr::from(([0, 0, 0, 0], free))];
        match Held::open(&both) {
            Ok(held) => assert_eq!(held.sockets(&both).len(), 2),
            // A machine without IPv6.
            Err(refused) => assert_eq!(refused.errno, Errno::EAFNOSUPPORT, "{refused}"),
        }
    }
}
