//! The manager that started us, if it wants to be told how we are.
//!
//! What it started, and takes for the service, is the guardian; who speaks is the supervisor, its child. So
//! `WATCHDOG_PID` is compared with the guardian's number. Under systemd's `NotifyAccess=main` only the main
//! process is listened to: where we may (`CAP_SYS_ADMIN`, unix(7)) we speak in the guardian's name, as
//! `sd_pid_notify(3)` does; without that capability the unit needs `NotifyAccess=all`.
//!
//! Nothing here blocks, and nothing fails loudly: a manager that does not listen is no reason to stop.

use super::SOCKET;
use crate::sys::guardian::Charge;
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{ControlMessage, MsgFlags, UnixAddr, UnixCredentials, sendmsg};
use nix::unistd::{Pid, getegid, geteuid, getsid};
use std::ffi::{OsStr, OsString};
use std::io::IoSlice;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

/// Bytes of a status that are passed on; systemd reads 4096 of a whole message.
const STATUS_BYTES: usize = 1024;

/// Who is told.
#[derive(Debug)]
pub struct Manager {
    socket: UnixDatagram,
    address: UnixAddr,
    /// The guardian, in whose name we speak.
    guardian: i32,
    /// Whether it has to be told that the guardian is the main process.
    introduce: bool,
    watchdog: Option<Duration>,
}

impl Manager {
    /// The one that our environment names (`NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`), `None` when nobody
    /// wants to know. Those variables are meant for us, so children must not inherit them.
    pub fn from_environment(charge: &Charge) -> Option<Self> {
        let guardian = charge.guardian();
        let leads = getsid(Some(Pid::from_raw(guardian))).is_ok_and(|session| session.as_raw() == guardian);
        Self::new(|name| std::env::var_os(name), guardian, leads)
    }

    /// `leads`: whether the guardian leads a session.
    fn new(variable: impl Fn(&str) -> Option<OsString>, guardian: i32, leads: bool) -> Option<Self> {
        let address = address(&variable(SOCKET)?)?;
        let socket = UnixDatagram::unbound().ok()?;
        let number = |name| variable(name)?.to_str()?.parse::<u64>().ok();
        let is_guardian = |pid: u64| i32::try_from(pid) == Ok(guardian);
        // Started in the background the guardian is in a session of its own, and what the manager has started
        // is about to leave. Any other number is that of a shell in front of us, which stays what it is.
        let started = number("SYSTEMD_EXEC_PID");
        let introduce = leads && started.is_some_and(|pid| !is_guardian(pid));
        let ours = match variable("WATCHDOG_PID") {
            None => true,
            Some(_) => number("WATCHDOG_PID")
                .is_some_and(|pid| is_guardian(pid) || introduce && Some(pid) == started),
        };
        let watchdog = number("WATCHDOG_USEC").filter(|&usec| ours && usec > 0).map(Duration::from_micros);
        Some(Self { socket, address, guardian, introduce, watchdog })
    }

    /// All is up. False when the manager has not taken it, and it is to be told again.
    pub fn tell_ready(&self) -> bool {
        if self.introduce {
            self.tell(&format!("READY=1\nMAINPID={}", self.guardian))
        } else {
            self.tell("READY=1")
        }
    }

    /// How we are, in one line for people; what is no single short line is made one.
    pub fn tell_status(&self, status: &str) -> bool {
        let line: String = status.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
        self.tell(&format!("STATUS={}", &line[..line.floor_char_boundary(STATUS_BYTES)]))
    }

    /// We have begun to stop.
    pub fn tell_stopping(&self) -> bool {
        self.tell("STOPPING=1")
    }

    /// We are not stuck.
    pub fn tell_watchdog(&self) -> bool {
        self.tell("WATCHDOG=1")
    }

    /// How often [`Self::tell_watchdog`] is wanted: half of the time after which we are taken for stuck, as
    /// `sd_watchdog_enabled(3)` advises. `None` when nobody watches us.
    pub fn watchdog_interval(&self) -> Option<Duration> {
        self.watchdog.map(|time| time / 2)
    }

    fn tell(&self, message: &str) -> bool {
        let credentials = UnixCredentials::from(libc::ucred {
            pid: self.guardian,
            uid: geteuid().as_raw(),
            gid: getegid().as_raw(),
        });
        let sent = match self.send(message, &[ControlMessage::ScmCredentials(&credentials)]) {
            // We may speak for ourselves alone.
            Err(Errno::EPERM | Errno::ESRCH) => self.send(message, &[]),
            sent => sent,
        };
        if let Err(errno) = sent {
            log::debug!("our manager is not told `{}`: {errno}", message.escape_debug());
        }
        sent.is_ok()
    }

    fn send(&self, message: &str, extras: &[ControlMessage]) -> Result<(), Errno> {
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
        let message = [IoSlice::new(message.as_bytes())];
        sendmsg(self.socket.as_raw_fd(), &message, extras, flags, Some(&self.address)).map(drop)
    }
}

/// A path, or `@` and an abstract name; other kinds (`vsock:`) are not ours to reach.
fn address(name: &OsStr) -> Option<UnixAddr> {
    match name.as_bytes() {
        [b'@', name @ ..] => UnixAddr::new_abstract(name).ok(),
        [b'/', ..] => UnixAddr::new(name).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::socket::{ControlMessageOwned, recvmsg, setsockopt, sockopt};
    use std::collections::HashMap;
    use std::io::IoSliceMut;
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;

    const GUARDIAN: i32 = 4711;

    fn manager(variables: &[(&str, &str)], guardian: i32, leads: bool) -> Option<Manager> {
        let variables: HashMap<_, _> = variables.iter().copied().collect();
        Manager::new(|name| variables.get(name).map(OsString::from), guardian, leads)
    }

    /// What is heard next, and from whom.
    fn heard(socket: &UnixDatagram) -> (String, i32) {
        let mut bytes = [0; 4096];
        let mut room = nix::cmsg_space!(UnixCredentials);
        let mut parts = [IoSliceMut::new(&mut bytes)];
        let heard =
            recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut room), MsgFlags::MSG_DONTWAIT).unwrap();
        let Some(ControlMessageOwned::ScmCredentials(who)) = heard.cmsgs().unwrap().next() else {
            panic!("credentials")
        };
        let length = heard.bytes;
        (String::from_utf8(bytes[..length].to_vec()).unwrap(), who.pid())
    }

    fn check_words(socket: &UnixDatagram, name: &str) {
        setsockopt(socket, sockopt::PassCred, &true).unwrap();
        let parent = nix::unistd::getppid().as_raw();
        let manager = manager(&[("NOTIFY_SOCKET", name)], parent, true).unwrap();
        assert!(manager.tell_ready());
        let (words, who) = heard(socket);
        assert_eq!(words, "READY=1");
        // Without the capability it is our own name.
        assert!([parent, std::process::id() as i32].contains(&who), "{who}");
        assert!(manager.tell_status("2 of 3\nREADY=0\u{1b}"));
        assert_eq!(heard(socket).0, "STATUS=2 of 3 READY=0 ");
        assert!(manager.tell_status(&"ä".repeat(5000)));
        assert_eq!(heard(socket).0, format!("STATUS={}", "ä".repeat(512)));
        assert!(manager.tell_watchdog() && manager.tell_stopping());
        assert_eq!((heard(socket).0, heard(socket).0), ("WATCHDOG=1".into(), "STOPPING=1".into()));
        assert_eq!(manager.watchdog_interval(), None);
        // One that does not listen is not waited for.
        while manager.tell_watchdog() {}
    }

    #[test]
    fn a_manager_is_told_by_path_and_by_abstract_name_and_never_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        check_words(&UnixDatagram::bind(&path).unwrap(), path.to_str().unwrap());
        let name = format!("twelve-run-test/{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        check_words(&UnixDatagram::bind_addr(&address).unwrap(), &format!("@{name}"));
    }

    #[test]
    fn who_cannot_be_reached_is_not_told_and_nothing_happens() {
        for name in ["", "relative", "vsock:2:1234", &"/x".repeat(200)] {
            assert!(manager(&[("NOTIFY_SOCKET", name)], GUARDIAN, false).is_none(), "{name}");
        }
        assert!(manager(&[], GUARDIAN, false).is_none());
        let gone = manager(&[("NOTIFY_SOCKET", "/nonexistent/x")], GUARDIAN, false).unwrap();
        assert!(!gone.tell_ready());
    }

    #[test]
    fn the_watchdog_and_the_main_process_are_the_guardians() {
        let own = GUARDIAN.to_string();
        for (started, leads, usec, pid, expected) in [
            (None, false, "3000000", None, (Some(1500), false)),
            (None, false, "3000000", Some(own.as_str()), (Some(1500), false)),
            (None, false, "3000000", Some("1"), (None, false)),
            (None, false, "3000000", Some("x"), (None, false)),
            (None, false, "0", None, (None, false)),
            (None, false, "-1", None, (None, false)),
            (Some(own.as_str()), true, "10000", Some(own.as_str()), (Some(5), false)),
            // A shell is in front.
            (Some("17"), false, "10000", Some("17"), (None, false)),
            // In the background.
            (Some("17"), true, "10000", Some("17"), (Some(5), true)),
            (Some("17"), true, "10000", Some("18"), (None, true)),
        ] {
            let mut variables = vec![("NOTIFY_SOCKET", "/x"), ("WATCHDOG_USEC", usec)];
            variables.extend(pid.map(|pid| ("WATCHDOG_PID", pid)));
            variables.extend(started.map(|pid| ("SYSTEMD_EXEC_PID", pid)));
            let manager = manager(&variables, GUARDIAN, leads).unwrap();
            let interval = manager.watchdog_interval().map(|time| time.as_millis());
            assert_eq!((interval, manager.introduce), expected, "{variables:?} {leads}");
        }
    }
}
