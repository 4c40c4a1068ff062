//! Who listens on a port. A hint for people, never a decision: by the time it is read, it may have
//! changed. Needs `/proc`; without it nobody is known to listen.

use std::collections::BTreeMap;
use std::fs;
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
pub fn holders(ports: &[u16]) -> BTreeMap<u16, Holder> {
    let mut inodes = BTreeMap::new();
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

/// The port and inode of a line of `/proc/net/tcp` that listens (state 0A); see proc(5).
fn listener(line: &str) -> Option<(u16, u64)> {
    let mut fields = line.split_ascii_whitespace();
    let (_, port) = fields.nth(1)?.rsplit_once(':')?;
    let state = fields.nth(1)?;
    let inode = fields.nth(5)?.parse().ok()?;
    (state == "0A").then_some((u16::from_str_radix(port, 16).ok()?, inode))
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
                let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
                owners
                    .entry(inode)
                    .or_insert_with(|| Holder { pid: Some(pid), name: name.trim_end().to_owned() });
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
