//! What the manager that started us hears, and from whom: what it started is the guardian.
#![expect(clippy::unwrap_used, reason = "a test fails by panic")]

use crate::probe::Probe;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, UnixCredentials, recvmsg, setsockopt, sockopt};
use std::io::IoSliceMut;
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Starts one under a shell that prepares its environment; what the witness says, and what the manager hears.
fn check(manager: &UnixDatagram, name: &str, prepare: &str, told: &str, heard: Option<&str>) {
    setsockopt(manager, sockopt::PassCred, &true).unwrap();
    let prepare = format!("export NOTIFY_SOCKET={name}; {prepare}");
    let probe = Probe::under_shell(&prepare, &["100", "ready", "until:Terminate"]);
    let guardian = probe.guardian();
    assert_eq!(probe.wait_for("told ", 1)[0], told, "{prepare}");
    if let Some(heard) = heard {
        let mut bytes = [0; 4096];
        let mut room = nix::cmsg_space!(UnixCredentials);
        let mut parts = [IoSliceMut::new(&mut bytes)];
        let message =
            recvmsg::<()>(manager.as_raw_fd(), &mut parts, Some(&mut room), MsgFlags::empty()).unwrap();
        let Some(ControlMessageOwned::ScmCredentials(who)) = message.cmsgs().unwrap().next() else {
            panic!("credentials")
        };
        let length = message.bytes;
        assert_eq!(
            String::from_utf8_lossy(&bytes[..length]),
            heard.replace("GUARDIAN", &guardian.to_string())
        );
        // In the guardian's name where we may, else in our own.
        let may = nix::unistd::geteuid().is_root();
        assert!(who.pid() == guardian || !may && who.pid() == probe.supervisor(), "{}", who.pid());
    }
    crate::send(guardian, nix::libc::SIGTERM);
    probe.end();
}

#[test]
fn the_manager_hears_the_guardian_and_watches_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    let path = path.to_str().unwrap();
    let usec = "export WATCHDOG_USEC=3000000";
    check(&manager, path, "", "true watchdog None", Some("READY=1"));
    check(&manager, path, usec, "true watchdog Some(1.5s)", Some("READY=1"));
    // `$$` becomes the guardian by exec.
    let own = format!("{usec} WATCHDOG_PID=$$ SYSTEMD_EXEC_PID=$$");
    check(&manager, path, &own, "true watchdog Some(1.5s)", Some("READY=1"));
    let others = format!("{usec} WATCHDOG_PID=$PPID");
    check(&manager, path, &others, "true watchdog None", Some("READY=1"));
    check(&manager, "/nonexistent/x", "", "false watchdog None", None);
    check(&manager, "''", "", "nobody", None);
}

#[test]
fn the_manager_may_have_an_abstract_name() {
    let name = format!("twelve-run-test/guardian/{}", std::process::id());
    let manager = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    check(&manager, &format!("@{name}"), "", "true watchdog None", Some("READY=1"));
}
