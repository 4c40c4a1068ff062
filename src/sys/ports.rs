//! Who listens on a port. A hint for people, never a decision: by the time it is read, it may have
//! changed. Needs `/proc`; without it nobody is known to listen.

use super::proc;
use nix::errno::Errno;
use nix::sys::socket::sockopt::{Ipv6V6Only, ReuseAddr};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, SockaddrIn6, SockaddrLike, bind, setsockopt, socket,
};
use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsRawFd;
use std::path::Path;

/// A TCP listener that some process holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// `None` when it is another user's and we may not look.
    pub pid: Option<u32>,
    /// The program's short name, as the kernel has it.
    pub name: String,
}

/// The holders of those of `ports` that somebody listens on.
///
/// Reading the kernel's tables costs milliseconds whatever is in them, so each port is tried first.
pub fn holders(ports: &[u16]) -> BTreeMap<u16, Holder> {
    let mut inodes = BTreeMap::new();
    if ports.iter().all(|port| is_free(*port)) {
        return BTreeMap::new();
    }
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = fs::read_to_string(table).unwrap_or_default();
        inodes.extend(text.lines().skip(1).filter_map(listener).filter(|(port, _)| ports.contains(port)));
    }
    if inodes.is_empty() {
        return BTreeMap::new();
    }
    let owners = socket_owners(&inodes.values().copied().collect::<Vec<_>>());
    let holder = |inode| {
        owners
            .get(&inode)
            .cloned()
            .unwrap_or_else(|| Holder { pid: None, name: "another user's process".into() })
    };
    inodes.into_iter().map(|(port, inode)| (port, holder(inode))).collect()
}

/// Whether nobody listens on this port, on any address. False also when it cannot be known.
fn is_free(port: u16) -> bool {
    let try_bind = |family, address: &dyn SockaddrLike| {
        let socket = socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
        // With it connections that linger do not count, and listeners still do (socket(7)). It is bound for
        // a moment and never listens.
        setsockopt(&socket, ReuseAddr, &true)?;
        if family == AddressFamily::Inet6 {
            setsockopt(&socket, Ipv6V6Only, &false)?;
        }
        bind(socket.as_raw_fd(), address)
    };
    let everywhere = SockaddrIn6::from(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, port, 0, 0));
    match try_bind(AddressFamily::Inet6, &everywhere) {
        // Without IPv6 there is only one kind of address to be busy on.
        Err(Errno::EAFNOSUPPORT | Errno::EADDRNOTAVAIL) => {
            let everywhere = SockaddrIn::from(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port));
            try_bind(AddressFamily::Inet, &everywhere).is_ok()
        }
        tried => tried.is_ok(),
    }
}

/// Whose socket takes the connections to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taker {
    /// One of the family's processes holds it.
    Family,
    /// None of them does, and this one does.
    Stranger {
        /// Its number.
        pid: u32,
        /// The program's short name, as the kernel has it.
        name: String,
    },
    /// It cannot be seen.
    Unknown,
}

/// Whose socket takes the connections to this address. Looks at the `family` first; only when none of it has
/// the socket, and each could be looked into, all of `/proc` is walked for who has.
pub fn taker(at: SocketAddr, family: &[u32]) -> Taker {
    let mut best = (0, Vec::new());
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        for line in fs::read_to_string(table).unwrap_or_default().lines().skip(1) {
            let Some((local, inode)) = listening(line) else { continue };
            let nearness = nearness(local, at);
            if nearness > best.0 {
                best = (nearness, Vec::new());
            }
            if nearness > 0 && nearness == best.0 {
                best.1.push(inode);
            }
        }
    }
    let (_, inodes) = best;
    let mut all_seen = !family.is_empty();
    for pid in family {
        match fs::read_dir(format!("/proc/{pid}/fd")) {
            Ok(fds) => {
                let mut sockets =
                    fds.flatten().filter_map(|fd| socket_inode(&fs::read_link(fd.path()).ok()?));
                if sockets.any(|inode| inodes.contains(&inode)) {
                    return Taker::Family;
                }
            }
            // One that is gone or dead holds nothing.
            Err(_) => all_seen &= proc::stat(pid.cast_signed()).is_none_or(|stat| stat.is_dead()),
        }
    }
    if inodes.is_empty() || !all_seen {
        return Taker::Unknown;
    }
    let mut stranger = Taker::Unknown;
    for Holder { pid, name } in socket_owners(&inodes).into_values() {
        let Some(pid) = pid else { continue };
        // It may have been born since the family was listed.
        if descends(pid, family) {
            return Taker::Family;
        }
        stranger = Taker::Stranger { pid, name };
    }
    stranger
}

/// Whether it is one of these or below one of them.
fn descends(pid: u32, family: &[u32]) -> bool {
    // No tree is so deep; numbers that are reused meanwhile could lead in a circle.
    std::iter::successors(Some(pid), |pid| {
        let parent = proc::stat(pid.cast_signed())?.ppid;
        (parent > 1).then(|| parent.cast_unsigned())
    })
    .take(1000)
    .any(|pid| family.contains(&pid))
}

/// How much a listener at `local` is preferred for connections to `at`; 0 does not take them. The kernel
/// takes the address itself before any, and IPv4 before an IPv6 socket that takes both.
fn nearness(local: SocketAddr, at: SocketAddr) -> u8 {
    if local.port() != at.port() {
        return 0;
    }
    let is_mapped = local.ip().to_canonical() == at.ip().to_canonical();
    match (local.ip(), at.ip()) {
        (local, at) if local == at => 4,
        _ if is_mapped => 3,
        (local, at) if local.is_unspecified() && local.is_ipv4() == at.is_ipv4() => 2,
        (local, _) if local.is_unspecified() && local.is_ipv6() => 1,
        _ => 0,
    }
}

/// The port and inode of a line of `/proc/net/tcp` that listens.
fn listener(line: &str) -> Option<(u16, u64)> {
    listening(line).map(|(local, inode)| (local.port(), inode))
}

/// The address and inode of a line of `/proc/net/tcp` or `tcp6` that listens (state 0A); see proc(5).
fn listening(line: &str) -> Option<(SocketAddr, u64)> {
    let mut fields = line.split_ascii_whitespace();
    let (address, port) = fields.nth(1)?.rsplit_once(':')?;
    let state = fields.nth(1)?;
    let inode = fields.nth(5)?.parse().ok()?;
    // Words of four bytes, each a number of this machine.
    let words: Vec<[u8; 4]> = (0..address.len() / 8)
        .map(|at| u32::from_str_radix(address.get(at * 8..at * 8 + 8)?, 16).ok().map(u32::to_ne_bytes))
        .collect::<Option<_>>()?;
    let ip: IpAddr = match words[..] {
        [word] => word.into(),
        [_, _, _, _] => <[u8; 16]>::try_from(words.concat()).ok()?.into(),
        _ => return None,
    };
    (state == "0A").then_some((SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?), inode))
}

/// Which processes hold these sockets: of several the first that `/proc` lists, which is the one that the others
/// come from unless numbers have started anew. Walks `/proc`, so it is asked only when there is a clash.
fn socket_owners(inodes: &[u64]) -> BTreeMap<u64, Holder> {
    let mut owners = BTreeMap::new();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        for fd in fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten() {
            let inode = fs::read_link(fd.path()).ok().and_then(|link| socket_inode(&link));
            if let Some(inode) = inode.filter(|inode| inodes.contains(inode)) {
                // Of several the first, which is the one that had it before it forked.
                owners.entry(inode).or_insert_with(|| {
                    let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
                    Holder { pid: Some(pid), name: name.trim_end().to_owned() }
                });
            }
        }
    }
    owners
}

/// The 7 of `socket:[7]`.
fn socket_inode(link: &Path) -> Option<u64> {
    link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn d18_a_listener_of_ours_is_found_with_its_pid_and_a_free_port_is_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let held = holders(&[port]);
        assert_eq!(held[&port].pid, Some(std::process::id()));
        drop(listener);
        // A process that another test is just starting may have it for a moment.
        let now = holders(&[port]).remove(&port).and_then(|holder| holder.pid);
        assert_ne!(now, Some(std::process::id()));
    }

    #[test]
    fn k16_the_listener_that_the_kernel_takes_is_the_one_that_is_meant() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let order = ["127.0.0.1:80", "[::ffff:127.0.0.1]:80", "0.0.0.0:80", "[::]:80"];
        let near: Vec<u8> = order.iter().map(|local| nearness(at(local), at("127.0.0.1:80"))).collect();
        assert_eq!(near, [4, 3, 2, 1]);
        for other in ["127.0.0.2:80", "127.0.0.1:81", "[::1]:80"] {
            assert_eq!(nearness(at(other), at("127.0.0.1:80")), 0, "{other}");
        }
        assert!(nearness(at("[::]:80"), at("[::1]:80")) > 0);
        assert_eq!(nearness(at("0.0.0.0:80"), at("[::1]:80")), 0);
    }

    #[test]
    fn k16_the_taker_is_family_or_a_stranger_or_not_to_be_seen() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let me = std::process::id();
        assert_eq!(taker(address, &[me]), Taker::Family);
        // Nothing is known of nobody.
        assert_eq!(taker(address, &[]), Taker::Unknown);
        let mut other =
            std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        // It gets no socket of ours: they close on exec.
        let name = fs::read_to_string("/proc/self/comm").unwrap().trim_end().to_owned();
        assert_eq!(taker(address, &[other.id()]), Taker::Stranger { pid: me, name });
        drop(other.stdin.take());
        other.wait().unwrap();
        drop(listener);
        assert_eq!(taker(address, &[me]), Taker::Unknown);
    }

    #[test]
    fn only_listening_lines_count() {
        let line = |state| {
            format!(
                "   0: 0100007F:1388 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 4711 1"
            )
        };
        assert_eq!(listener(&line("0A")), Some((5000, 4711)));
        assert_eq!(listener(&line("01")), None);
        assert_eq!(listener("nonsense"), None);
    }
}
