//! The same guardian in other places: on a terminal, as process 1, where there is no `/proc`.

use crate::probe::{Probe, program, send, until};
use nix::fcntl::OFlag;
use nix::libc;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;
use twelve_run::sys::proc;

const POLITE: &str = crate::POLITE;

/// A probe on a terminal of its own, started by these words, and the keyboard. Hanging up is closing it.
fn on_terminal(words: &[&str], script: &[&str]) -> (Probe, File) {
    // Not openpty: another test's child would inherit the keyboard, and hanging up would be no hanging up.
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let keyboard = posix_openpt(flags).expect("a pty");
    grantpt(&keyboard).and_then(|()| unlockpt(&keyboard)).expect("a terminal");
    let name = ptsname_r(&keyboard).expect("its name");
    let mut options = File::options();
    let screen = options.read(true).write(true).custom_flags(libc::O_NOCTTY).open(name).expect("it opens");
    let mut command = Command::new("setsid");
    command.args(["--wait", "--ctty"]).args(words).arg(program()).args(script);
    let probe = Probe::run(command, |command| {
        command.stdin(screen);
    });
    (probe, File::from(OwnedFd::from(keyboard)))
}

fn guardian_of(probe: &Probe) -> i32 {
    proc::stat(probe.supervisor()).map_or(0, |supervisor| supervisor.ppid)
}

#[test]
fn a18_an_interrupt_reaches_the_supervisor_once_from_the_keyboard_and_once_from_a_process() {
    let script = ["100", "until:SIGUSR1", "until:SIGUSR2", "exit:0"];
    let (probe, mut keyboard) = on_terminal(&[], &script);
    let guardian = guardian_of(&probe);
    keyboard.write_all(b"\x03").expect("a key");
    probe.wait_for("seen Interrupt", 1);
    send(guardian, libc::SIGUSR1);
    probe.wait_for("seen SIGUSR1", 1);
    assert_eq!(probe.lines("seen Interrupt").len(), 1);
    send(guardian, libc::SIGINT);
    probe.wait_for("seen Interrupt", 2);
    send(guardian, libc::SIGUSR2);
    probe.wait_for("seen SIGUSR2", 1);
    assert_eq!(probe.lines("seen Interrupt").len(), 2);
    assert_eq!(probe.end().code, 0);
}

#[test]
fn a13_a_new_window_size_is_seen() {
    let (probe, keyboard) = on_terminal(&[], &["100", "until:WindowChanged", "exit:0"]);
    probe.supervisor();
    let size = libc::winsize { ws_row: 11, ws_col: 22, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCSWINSZ reads one winsize, which outlives the call.
    let set = unsafe { libc::ioctl(keyboard.as_raw_fd(), libc::TIOCSWINSZ, &size) };
    assert_eq!(set, 0);
    assert_eq!(twelve_run::sys::terminal::size(&keyboard), Some((11, 22)));
    assert!(twelve_run::sys::terminal::is_terminal(&keyboard));
    assert_eq!(probe.end().code, 0);
}

#[test]
fn a8_ctrl_z_under_a_shell_gives_the_prompt_and_fg_takes_it_back() {
    let shell = ["sh", "-mc", "\"$0\" \"$@\"; echo prompt >> $W; fg"];
    let script = ["100", "until:Suspend", "suspend", "until:Continue", "until:Interrupt", "exit:5"];
    let (probe, mut keyboard) = on_terminal(&shell, &script);
    probe.supervisor();
    keyboard.write_all(b"\x1a").expect("a key");
    probe.wait_for("prompt", 1);
    assert_eq!(probe.wait_for("suspended ", 1), ["true"]);
    probe.wait_for("seen Continue", 1);
    keyboard.write_all(b"\x03").expect("a key");
    assert_eq!(probe.end().code, 5);
}

#[test]
fn a21_a_terminal_that_hangs_up_on_the_guardian_alone_stops_the_supervisor() {
    let (probe, keyboard) = on_terminal(&[], &["100", "until:Hangup", "exit:8"]);
    probe.supervisor();
    drop(keyboard);
    assert_eq!(probe.end().code, 8);
}

/// A probe that is process 1 of a namespace, with its own `/proc` or with a foreign one. `None`, and
/// a line that says so, where namespaces are not to be had.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn as_process_1(options: &[&str], script: &[&str]) -> Option<Probe> {
    let may = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    if !may(Command::new("unshare").args(options).arg("true")) {
        println!("skipped: `unshare {}` is not allowed here", options.join(" "));
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(options).arg(program()).args(script);
    Some(Probe::run(command, |_| {}))
}

/// The numbers that guardian and supervisor have for us, who are outside.
fn from_outside(probe: &Probe) -> (i32, i32) {
    let only_child = |pid| until("a child", || proc::children_of(pid).ok()?.first().copied());
    probe.supervisor();
    let guardian = only_child(probe.guardian());
    (guardian, only_child(guardian))
}

const OWN_PROC: &[&str] = &["--map-root-user", "--pid", "--fork", "--mount-proc"];
const FOREIGN_PROC: &[&str] = &["--map-root-user", "--pid", "--fork"];

#[test]
fn m1_a20_process_1_acts_on_a_term_from_outside_its_namespace() {
    let Some(probe) = as_process_1(OWN_PROC, &["100", "until:Terminate", "exit:7"]) else { return };
    let (guardian, _) = from_outside(&probe);
    send(guardian, libc::SIGTERM);
    assert_eq!(probe.end().code, 7);
}

#[test]
fn c1_m6_process_1_sweeps_with_its_own_proc_and_without() {
    for options in [OWN_PROC, FOREIGN_PROC] {
        let script = ["20000", POLITE, POLITE, "until:GuardianDied"];
        let Some(probe) = as_process_1(options, &script) else { return };
        probe.wait_for("up ", 2);
        let (_, supervisor) = from_outside(&probe);
        send(supervisor, libc::SIGKILL);
        let witness = File::open(probe.folder.path().join("wit")).expect("the witness file");
        assert_eq!(probe.end().code, 137);
        let text = std::io::read_to_string(witness).expect("text");
        assert_eq!(text.lines().filter(|line| line.starts_with("term ")).count(), 2, "{text}");
    }
}

#[test]
fn m2_process_1_reaps_a_thousand_orphans_that_were_never_ours() {
    // They fall to the supervisor while it lives, so it has to leave them; then they are the guardian's.
    let orphans = "sh:i=0; while [ $i -lt 1000 ]; do (sleep 0.01 &) ; i=$((i+1)); done; echo up $$ >> $W";
    let Some(probe) = as_process_1(OWN_PROC, &["20000", orphans, "until:GuardianDied"]) else { return };
    probe.wait_for("up ", 1);
    let (_, supervisor) = from_outside(&probe);
    send(supervisor, libc::SIGKILL);
    assert_eq!(probe.end().code, 137);
}
