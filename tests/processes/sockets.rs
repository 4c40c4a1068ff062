//! Sockets that are held for processes, as `sd_listen_fds(3)` promises them.

use crate::birth::open_files;
use crate::probe::{Probe, until};
use std::ffi::OsString;
use std::io::Read;
use std::net::{Ipv4Addr, TcpStream};
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

/// The ports that the probe listens on, after `order`.
fn ports(probe: &mut Probe, order: &str) -> Vec<u16> {
    probe.order(order);
    let told = probe.fact("listening");
    told.split(' ').skip(1).map(|port| port.parse().unwrap()).collect()
}

/// Who answers a connection; `None` when it ended while it had it.
fn answer(port: u16) -> Option<u32> {
    let mut connection =
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("a port that is never closed");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    answer.trim().parse().ok()
}

/// Gives a process these sockets: it has them, in this order, and nothing else.
fn check_birth(probe: &mut Probe, ports: &[u16], chosen: &[usize]) {
    let list: Vec<String> = chosen.iter().map(ToString::to_string).collect();
    probe.order(format!("sockets {}", list.join(" ")).trim_end());
    for (index, stdio) in ["pipes", "pty", "terminal"].into_iter().enumerate() {
        let index = index as u16 + 1;
        probe.order(&format!("stdio {stdio}"));
        let pid = probe.up(index, "sleep 60");
        let expected: Vec<OsString> = (0..3 + chosen.len()).map(|fd| fd.to_string().into()).collect();
        until("its own descriptors alone", || open_files(pid) == expected);
        for (at, &socket) in chosen.iter().enumerate() {
            assert_eq!(
                port_of(pid, 3 + at),
                Some(ports[socket]),
                "{stdio}, {chosen:?}, descriptor {}",
                3 + at
            );
        }
        probe.order(&format!("kill {index}"));
        probe.fact(&format!("exited {index} "));
    }
    let names: Vec<String> = chosen.iter().map(|&socket| ports[socket].to_string()).collect();
    let expected = match chosen.len() {
        0 => "fds - names - pid nobody ".into(),
        count => {
            format!("fds {count} names {} pid own {}", names.join(":"), vec!["blocking"; count].join(","))
        }
    };
    probe.order("stdio pipes");
    probe.spawn(9, "pup sockets");
    assert_eq!(probe.fact("out 9 "), format!("out 9 1 {expected}"));
    probe.fact("exited 9 code:0");
}

/// The local port of a process's listening socket, by way of its inode.
fn port_of(pid: i32, fd: usize) -> Option<u16> {
    let link = std::fs::read_link(format!("/proc/{pid}/fd/{fd}")).ok()?;
    let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned();
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    let line = table.lines().find(|line| line.split_ascii_whitespace().nth(9) == Some(&inode))?;
    let (_, port) = line.split_ascii_whitespace().nth(1)?.rsplit_once(':')?;
    u16::from_str_radix(port, 16).ok()
}

#[test]
fn d10_a_process_has_0_to_2_and_its_sockets() {
    let mut probe = Probe::new();
    let ports = ports(&mut probe, "listen 3");
    for chosen in [&[][..], &[1], &[0, 1, 2], &[2, 0, 1], &[1, 1]] {
        check_birth(&mut probe, &ports, chosen);
    }
    probe.ends_clean();
}

#[test]
fn d10_sockets_that_lie_where_others_go_are_not_mixed_up() {
    // On 3, 4 and 5 in the probe, so that each order but the first has some in the way of others.
    let mut probe = Probe::with(&["--listen", "3"]);
    let ports = ports(&mut probe, "listen 1");
    let lies_on = |socket: u16| (3..6).find(|&fd| port_of(probe.pid() as i32, fd) == Some(socket));
    assert_eq!([0, 1, 2].map(|socket| lies_on(ports[socket])), [Some(3), Some(4), Some(5)]);
    for chosen in
        [&[][..], &[0], &[2], &[0, 1, 2], &[2, 1, 0], &[1, 2, 0], &[3, 0, 1, 2], &[0, 3, 1], &[1, 0, 0]]
    {
        check_birth(&mut probe, &ports, chosen);
    }
    probe.ends_clean();
}

#[test]
fn listen_pid_is_the_number_of_what_is_executed() {
    let mut probe = Probe::new();
    let ports = ports(&mut probe, "listen 1");
    // What is meant for somebody else is replaced, and comes once.
    for name in ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"] {
        probe.order(&format!("set {name} 77"));
    }
    probe.order("sockets 0");
    for (line, whose) in [
        ("pup sockets", "own"),
        ("exec pup sockets", "own"),
        ("pup \"sockets\"", "own"),
        // Here a shell stays in front.
        ("pup sockets; true", "parent"),
        ("env pup sockets", "own"),
    ] {
        probe.spawn(1, line);
        assert_eq!(
            probe.fact("out 1 "),
            format!("out 1 1 fds 1 names {} pid {whose} blocking", ports[0]),
            "{line}"
        );
        probe.fact("exited 1 code:0");
    }
    probe.spawn(2, "env | grep ^LISTEN_ | sort | sed s/PID=.*/PID/");
    for told in [format!("LISTEN_FDNAMES={}", ports[0]), "LISTEN_FDS=1".into(), "LISTEN_PID".into()] {
        assert_eq!(probe.fact("out 2 "), format!("out 2 1 {told}"));
    }
    probe.fact("exited 2 ");
    probe.ends_clean();
}

#[test]
fn a_script_without_its_first_line_has_its_sockets_all_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let mut probe = Probe::new();
    let ports = ports(&mut probe, "listen 2");
    // Its first try has a number that is no longer true in the second.
    std::fs::write(probe.file("script"), "exec pup sockets\n").unwrap();
    std::fs::set_permissions(probe.file("script"), PermissionsExt::from_mode(0o755)).unwrap();
    probe.order("sockets 1 0");
    probe.order("words 1 ./script");
    let expected = format!("out 1 1 fds 2 names {}:{} pid own blocking,blocking", ports[1], ports[0]);
    assert_eq!(probe.fact("out 1 "), expected);
    probe.fact("exited 1 code:0");
    probe.ends_clean();
}

#[test]
fn a_port_is_never_closed_while_its_process_is_replaced() {
    const LIVES: usize = 8;
    let mut probe = Probe::new();
    let port = ports(&mut probe, "listen 1")[0];
    probe.order("sockets 0");
    let (tell, answers) = std::sync::mpsc::channel();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let caller = std::thread::spawn(move || {
        // An answer from nobody was taken by one that was then killed.
        while stopped.try_recv() == Err(TryRecvError::Empty) {
            let _ = tell.send(answer(port));
        }
    });
    for _ in 0..LIVES {
        let pid = probe.up(1, "pup serve") as u32;
        let end = Instant::now() + Duration::from_secs(30);
        let answered =
            std::iter::from_fn(|| answers.recv_timeout(end.saturating_duration_since(Instant::now())).ok());
        assert!(answered.into_iter().any(|answer| answer == Some(pid)), "{pid} never answered");
        probe.order("kill 1");
        probe.fact("exited 1 ");
    }
    // The last caller waits in the queue, for whoever comes next.
    drop(stop);
    probe.up(1, "pup serve");
    caller.join().expect("a port that is never closed");
    probe.ends_clean();
}

#[test]
fn all_instances_share_their_sockets() {
    let mut probe = Probe::new();
    let port = ports(&mut probe, "listen 1")[0];
    probe.order("sockets 0");
    let first = probe.up(1, "pup serve") as u32;
    assert_eq!(answer(port), Some(first));
    let second = probe.up(2, "pup serve") as u32;
    probe.order("kill 1");
    probe.fact("exited 1 ");
    assert_eq!(answer(port), Some(second));
    probe.ends_clean();
}
