//! What processes say about themselves (`sd_notify(3)`), and whose words they are.

use crate::probe::{Probe, until};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

fn hearing() -> (Probe, String) {
    let mut probe = Probe::new();
    probe.order("ear");
    let name = probe.fact("hearing ")["hearing ".len()..].to_owned();
    (probe, name)
}

#[test]
fn what_a_process_says_is_its() {
    let (mut probe, _) = hearing();
    let pid = probe.up(1, "pup 'notify:READY=1\\nSTATUS=up' notify:WATCHDOG=1 hang");
    assert_eq!(probe.fact("told "), format!("told 1 {pid} ready up"));
    assert_eq!(probe.fact("told "), format!("told 1 {pid} watchdog"));
    // `PS` is no passport.
    let pid = probe.up(2, "env PS=web.1 pup notify:RELOADING=1 notify:STOPPING=1 hang");
    assert_eq!(probe.fact("told "), format!("told 2 {pid} reloading"));
    assert_eq!(probe.fact("told "), format!("told 2 {pid} stopping"));
    probe.ends_clean();
}

#[test]
fn what_its_children_say_is_its_too() {
    let (mut probe, _) = hearing();
    let said = |told: String| told.split(' ').nth(2).and_then(|pid| pid.parse::<i32>().ok()).unwrap();
    let pid = probe.up(1, "pup spawn spawn notify:READY=1 hang end hang end hang");
    assert_ne!(said(probe.fact("told 1 ")), pid);
    // Behind a shell.
    let pid = probe.up(2, "pup notify:READY=1 hang; true");
    assert_ne!(said(probe.fact("told 2 ")), pid);
    // Escaped from session and group, and adopted by us.
    let pid = probe.up(3, "pup daemon notify:READY=1 hang end hang");
    assert_ne!(said(probe.fact("told 3 ")), pid);
    probe.ends_clean();
}

#[test]
fn last_words_are_heard_before_the_end_is_told() {
    let (mut probe, _) = hearing();
    for _ in 0..20 {
        let pid = probe.up(1, "pup notify:STATUS=bye exit:3");
        probe.fact("exited 1 code:3");
        assert_eq!(probe.take("told 1 "), Some(format!("told 1 {pid} bye")));
    }
    probe.ends_clean();
}

#[test]
fn a_barrier_is_answered_and_until_then_the_speaker_is_known() {
    let (mut probe, _) = hearing();
    let open = |probe: &Probe| std::fs::read_dir(format!("/proc/{}/fd", probe.pid())).unwrap().count();
    probe.turns();
    let before = open(&probe);
    for _ in 0..20 {
        // As `systemd-notify --ready` in a script: it waits for the answer and has then gone.
        probe.spawn(1, "pup notify:READY=1 barrier; echo passed");
        assert_eq!(probe.fact("out 1 "), "out 1 1 passed");
        assert!(probe.fact("told 1 ").ends_with(" ready"));
        probe.fact("exited 1 ");
    }
    until("nothing kept", || open(&probe) == before);
    probe.ends_clean();
}

#[test]
fn a_stranger_is_heard_by_nobody() {
    let (mut probe, name) = hearing();
    probe.up(1, "pup hang");
    let stranger = UnixDatagram::unbound().unwrap();
    let address = SocketAddr::from_abstract_name(name.trim_start_matches('@')).unwrap();
    stranger.send_to_addr(b"READY=1", &address).unwrap();
    let mut child = std::process::Command::new("pup")
        .env("PATH", crate::probe::path())
        .env("NOTIFY_SOCKET", &name)
        .env("PS", "web.1")
        .args(["notify:READY=1", "barrier"])
        .spawn()
        .unwrap();
    assert!(child.wait().unwrap().success());
    // Read in their order: this one comes after.
    let pid = probe.up(2, "pup notify:READY=1 hang");
    assert_eq!(probe.fact("told "), format!("told 2 {pid} ready"));
    probe.ends_clean();
}

#[test]
fn garbage_and_floods_do_no_harm() {
    let (mut probe, _) = hearing();
    let flood = "notify:WATCHDOG=1 ".repeat(1000);
    let long = "x".repeat(5000);
    let garbage = format!("notify: 'notify:\\xff\\0\\n=' 'notify:READY=1\\n{long}' notify:{long} ");
    let pid = probe.up(1, format!("pup {garbage}{flood}notify:READY=1 hang"));
    for _ in 0..1000 {
        assert_eq!(probe.fact("told "), format!("told 1 {pid} watchdog"));
    }
    assert_eq!(probe.fact("told "), format!("told 1 {pid} ready"));
    probe.ends_clean();
}
