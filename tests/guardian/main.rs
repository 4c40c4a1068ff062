//! The guardian and the signals thread, as the kernel really behaves: each test drives a
//! `guard_probe` (examples/children) by a script and reads its witness file.

mod manager;
mod places;
mod probe;

use nix::libc;
use probe::{HANG_GUARD, Probe, program, send, until, wait_for_state};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use twelve_run::sys::proc;

/// A service that leaves on TERM and writes that it got one.
const POLITE: &str =
    "sh:trap 'echo term $$ >> $W; exit' TERM; echo up $$ >> $W; while :; do sleep 0.02; done";
/// A service that does not.
const DEAF: &str = "sh:trap '' TERM; echo up $$ >> $W; while :; do sleep 0.02; done";
/// A daemon: its parent is gone, its session its own, and it is deaf.
const DEAF_DAEMON: &str =
    r#"sh:setsid sh -c 'trap "" TERM; echo up $$ >> $W; while :; do sleep 0.02; done' & exit"#;

#[test]
fn all_256_exit_codes_are_passed_on() {
    for code in 0..=255 {
        let end = Probe::start(&["100", &format!("exit:{code}")]).end();
        assert_eq!((end.code, end.stderr.as_str()), (code, ""));
    }
}

#[test]
fn a_death_by_signal_is_told_as_a_shell_tells_it_and_named() {
    let deadly = (1..=31).filter(|signal| ![17, 18, 19, 20, 21, 22, 23, 28].contains(signal));
    for signal in deadly.chain([64]) {
        let end = Probe::start(&["100", &format!("die:{signal}")]).end();
        assert_eq!(end.code, 128 + signal, "{}", end.stderr);
        assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
        assert!(end.stderr.contains("left nothing behind"), "{}", end.stderr);
    }
}

#[test]
fn a1_term_to_the_guardian_reaches_the_supervisor_once() {
    let probe = Probe::start(&["100", "until:Terminate", "until:SIGUSR1", "exit:0"]);
    probe.supervisor();
    send(probe.guardian(), libc::SIGTERM);
    probe.wait_for("seen Terminate", 1);
    send(probe.guardian(), libc::SIGUSR1);
    probe.wait_for("seen SIGUSR1", 1);
    assert_eq!(probe.lines("seen Terminate").len(), 1);
    assert_eq!(probe.end().code, 0);
}

#[test]
fn a11_no_catchable_signal_ends_guardian_or_supervisor() {
    let probe = Probe::start(&["100", "until:GuardianDied", "exit:0"]);
    let (guardian, supervisor) = (probe.guardian(), probe.supervisor());
    let stops = [libc::SIGKILL, libc::SIGSTOP];
    for signal in (1..=31).chain(34..=64).filter(|signal| !stops.contains(signal)) {
        send(guardian, signal);
        send(supervisor, signal);
    }
    // Both are alive and well: a last one goes all the way.
    let before = probe.lines("seen Window").len();
    send(guardian, libc::SIGWINCH);
    probe.wait_for("seen WindowChanged", before + 1);
    for name in
        ["Interrupt", "Terminate", "Hangup", "Quit", "Suspend", "SIGUSR1", "SIGUSR2", "a real-time signal"]
    {
        probe.wait_for(&format!("seen {name}"), 1);
    }
    assert_eq!(probe.lines("seen GuardianDied").len(), 0, "a signal cannot pretend that the guardian died");
    send(guardian, libc::SIGKILL);
    probe.wait_for("seen GuardianDied", 1);
    until("the supervisor's end", || proc::stat(supervisor).is_none_or(|now| now.is_dead()).then_some(()));
}

#[test]
fn a5_a_storm_of_signals_hides_no_term() {
    let probe = Probe::start(&["100", "until:Terminate", "exit:4"]);
    let supervisor = probe.supervisor();
    for _ in 0..100_000 {
        send(probe.guardian(), libc::SIGUSR1);
        send(supervisor, libc::SIGWINCH);
    }
    send(probe.guardian(), libc::SIGTERM);
    assert!(probe.wait_for("seen Terminate", 1).len() == 1);
    assert!(probe.lines("seen SIGUSR1").len() < 60, "one line a second at most");
    assert_eq!(probe.end().code, 4);
}

#[test]
fn a7_an_ignored_hangup_stays_ignored() {
    let probe = Probe::under_shell("trap '' HUP", &["100", "limits", "until:Terminate", "exit:0"]);
    let supervisor = probe.supervisor();
    for pid in [probe.guardian(), supervisor] {
        send(pid, libc::SIGHUP);
    }
    send(probe.guardian(), libc::SIGTERM);
    probe.wait_for("seen Terminate", 1);
    assert_eq!(probe.lines("seen Hangup").len(), 0);
    assert!(probe.witness().contains("hup true"));
    assert_eq!(probe.end().code, 0);
}

#[test]
fn a19_a_signal_to_the_whole_group_reaches_the_supervisor_at_most_twice() {
    for _ in 0..20 {
        let probe = Probe::start(&["100", "until:Terminate", "until:SIGUSR1", "exit:0"]);
        probe.supervisor();
        send(-probe.guardian(), libc::SIGTERM);
        probe.wait_for("seen Terminate", 1);
        send(probe.guardian(), libc::SIGUSR1);
        probe.wait_for("seen SIGUSR1", 1);
        assert!((1..=2).contains(&probe.lines("seen Terminate").len()));
        assert_eq!(probe.end().code, 0);
    }
}

#[test]
fn a22_a_suspend_stops_both_and_cont_to_the_guardian_resumes_both() {
    let probe =
        Probe::start(&["100", "until:Suspend", "suspend", "until:Continue", "until:Terminate", "exit:0"]);
    let (guardian, supervisor) = (probe.guardian(), probe.supervisor());
    send(guardian, libc::SIGTSTP);
    wait_for_state(supervisor, b"T");
    wait_for_state(guardian, b"T");
    send(guardian, libc::SIGCONT);
    assert_eq!(probe.wait_for("suspended ", 1), ["true"]);
    probe.wait_for("seen Continue", 1);
    send(guardian, libc::SIGTERM);
    assert_eq!(probe.end().code, 0);
}

#[test]
fn a23_where_nobody_could_resume_us_a_suspend_does_nothing() {
    let script = ["100", "until:Suspend", "suspend", "until:Terminate", "exit:0"];
    let mut command = Command::new("setsid");
    command.arg("--wait").arg(program()).args(script);
    // `setsid` forks when it leads a group, and then the guardian is its child.
    let probe = Probe::run(command, |_| {});
    let supervisor = probe.supervisor();
    let guardian = proc::stat(supervisor).unwrap().ppid;
    send(guardian, libc::SIGTSTP);
    assert_eq!(probe.wait_for("suspended ", 1), ["false"]);
    send(guardian, libc::SIGTERM);
    assert_eq!(probe.end().code, 0);
}

#[test]
fn a24_term_reaches_a_supervisor_that_somebody_stopped() {
    let probe = Probe::start(&["100", "until:Terminate", "exit:0"]);
    let supervisor = probe.supervisor();
    send(supervisor, libc::SIGSTOP);
    wait_for_state(supervisor, b"T");
    send(probe.guardian(), libc::SIGWINCH);
    assert_ne!(
        proc::stat(probe.guardian()).unwrap().state,
        b'T',
        "the guardian doesn't follow a foreign stop"
    );
    send(probe.guardian(), libc::SIGTERM);
    assert_eq!(probe.end().code, 0);
}

#[test]
fn a26_a_signal_before_the_supervisor_is_ready_is_not_lost() {
    let probe = Probe::with(&["100", "until:Terminate", "exit:6"], |command| {
        command.env("TWELVE_RUN_FAILPOINT", "ready:stop");
    });
    let supervisor = probe.only_child();
    wait_for_state(supervisor, b"T");
    send(probe.guardian(), libc::SIGTERM);
    assert_eq!(probe.end().code, 6);
}

#[test]
fn a26_an_interrupt_during_the_sweep_means_kill_now() {
    let probe = Probe::start(&["60000", DEAF, "until:GuardianDied"]);
    let service: i32 = probe.wait_for("up ", 1)[0].parse().unwrap();
    send(probe.supervisor(), libc::SIGKILL);
    until("adoption", || (proc::stat(service)?.ppid == probe.guardian()).then_some(()));
    until("the sweep's line", || {
        let said = std::fs::read_to_string(probe.folder.path().join("stderr")).unwrap();
        said.contains("within 60s").then_some(())
    });
    send(probe.guardian(), libc::SIGINT);
    assert_eq!(probe.end().code, 137);
}

#[test]
fn a4_the_third_interrupt_ends_a_deaf_supervisor_and_nothing_is_left() {
    let probe = Probe::start(&["60000", DEAF, DEAF_DAEMON, "deaf"]);
    let supervisor = probe.supervisor();
    probe.wait_for("up ", 2);
    let mut probe = probe;
    // People press slower than copies come, and we cannot see when the second was counted.
    let pressed = Instant::now();
    while probe.child.try_wait().unwrap().is_none() {
        assert!(pressed.elapsed() < HANG_GUARD, "three interrupts must end it");
        send(probe.guardian(), libc::SIGINT);
        std::thread::park_timeout(Duration::from_millis(150));
    }
    assert!(proc::stat(supervisor).is_none());
    assert_eq!(probe.end().code, 130);
}

#[test]
fn c1_what_a_killed_supervisor_leaves_gets_term_once_then_kill() {
    let mut script = vec!["500"];
    script.extend([POLITE; 20]);
    script.extend([DEAF_DAEMON; 10]);
    script.push("until:GuardianDied");
    let probe = Probe::start(&script);
    probe.wait_for("up ", 30);
    send(probe.supervisor(), libc::SIGKILL);
    let witness = probe.folder.path().join("wit");
    let keep = std::fs::File::open(&witness).unwrap();
    let end = probe.end();
    let text = std::io::read_to_string(keep).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with("term ")).count(), 20, "TERM once each:\n{text}");
    assert_eq!(end.code, 137);
    let ours = end.stderr.lines().filter(|line| line.starts_with("twelve-run: "));
    assert_eq!(ours.count(), 1, "{}", end.stderr); // the shells have words of their own
    assert!(end.stderr.contains("SIGKILL"), "{}", end.stderr);
}

#[test]
fn c1_a_stopped_service_still_gets_its_term() {
    let probe = Probe::start(&["20000", POLITE, "until:GuardianDied"]);
    let service: i32 = probe.wait_for("up ", 1)[0].parse().unwrap();
    send(service, libc::SIGSTOP);
    wait_for_state(service, b"T");
    send(probe.supervisor(), libc::SIGKILL);
    let keep = std::fs::File::open(probe.folder.path().join("wit")).unwrap();
    assert_eq!(probe.end().code, 137);
    assert!(std::io::read_to_string(keep).unwrap().contains(&format!("term {service}")));
}

#[test]
fn c2_a_supervisor_learns_once_that_its_guardian_was_killed() {
    let probe = Probe::start(&["100", "until:GuardianDied", "until:SIGUSR2", "exit:0"]);
    let supervisor = probe.supervisor();
    send(probe.guardian(), libc::SIGKILL);
    probe.wait_for("seen GuardianDied", 1);
    send(supervisor, libc::SIGTERM);
    probe.wait_for("seen Terminate", 1);
    send(supervisor, libc::SIGUSR2);
    probe.wait_for("seen SIGUSR2", 1);
    assert_eq!(probe.lines("seen GuardianDied").len(), 1);
    until("its end", || proc::stat(supervisor).is_none_or(|now| now.is_dead()).then_some(()));
}

#[test]
fn c4_the_oracle_sees_what_is_left_when_both_are_killed() {
    let mut probe = Probe::start(&["100", POLITE, "until:GuardianDied"]);
    probe.wait_for("up ", 1);
    let supervisor = probe.supervisor();
    // Neither may act in between.
    send(supervisor, libc::SIGSTOP);
    send(probe.guardian(), libc::SIGKILL);
    send(supervisor, libc::SIGKILL);
    assert_eq!(probe.end_leaving().code, -libc::SIGKILL);
    assert!(!probe.marked().is_empty());
}

#[test]
fn c9_the_guardian_has_one_thread_and_a_name_of_its_own() {
    let probe = Probe::start(&["100", "until:Terminate", "exit:0"]);
    let supervisor = probe.supervisor();
    let guardian = probe.guardian();
    assert_eq!(std::fs::read_dir(format!("/proc/{guardian}/task")).unwrap().count(), 1);
    assert_eq!(proc::stat(guardian).unwrap().comm, b"twelve-guard");
    assert_eq!(proc::stat(supervisor).unwrap().comm, b"guard_probe");
    send(guardian, libc::SIGTERM);
    probe.end();
}

#[test]
fn c10_a_supervisor_whose_guardian_died_at_birth_leaves() {
    let probe = Probe::with(&["100", "exit:0"], |command| {
        command.env("TWELVE_RUN_FAILPOINT", "born:kill-parent");
    });
    let mut probe = probe;
    assert_eq!(probe.end_leaving().code, -libc::SIGKILL);
    until("nothing left", || probe.marked().is_empty().then_some(()));
    assert_eq!(probe.witness(), "", "it never got as far as its script");
}

#[test]
fn c18_children_from_before_our_exec_are_left_alone() {
    let strangers = "sh -c 'sleep 300 & wait' & echo stranger $! >> $W";
    for (script, code) in
        [(&["300", DEAF, "until:GuardianDied"][..], 137), (&["300", DEAF_DAEMON, "until:GuardianDied"], 137)]
    {
        let mut probe = Probe::under_shell(strangers, script);
        let stranger: i32 = probe.wait_for("stranger ", 1)[0].parse().unwrap();
        let service: i32 = probe.wait_for("up ", 1)[0].parse().unwrap();
        let sleeper = until("its child", || proc::children_of(stranger).unwrap().first().copied());
        send(probe.supervisor(), libc::SIGKILL);
        assert_eq!(probe.end_leaving().code, code);
        assert!(proc::stat(service).is_none_or(|now| now.is_dead()), "ours is gone");
        let mut left = probe.marked();
        left.sort_unstable();
        let mut expected = [stranger, sleeper];
        expected.sort_unstable();
        assert_eq!(left, expected);
    }
}

#[test]
fn c21_a_supervisor_that_ends_well_and_leaves_something_has_not_ended_well() {
    for (given, expected) in [(0, 70), (3, 3)] {
        let probe = Probe::start(&["10000", POLITE, "until:Terminate", &format!("exit:{given}")]);
        probe.wait_for("up ", 1);
        send(probe.guardian(), libc::SIGTERM);
        let end = probe.end();
        assert_eq!(end.code, expected);
        assert!(end.stderr.contains("ended too early; stopping"), "{}", end.stderr);
    }
}

#[test]
fn c22_an_orphan_that_falls_to_the_guardian_is_reaped_and_nothing_else_happens() {
    // The stranger's child is orphaned while the supervisor lives, and then ends.
    let stranger = r#"sh -c 'sh -c "read x < $W.go" & echo orphan $! >> $W; read x < $W.orphan' &"#;
    let line = format!("mkfifo $W.go $W.orphan; {stranger}");
    let probe = Probe::under_shell(&line, &["100", "until:Terminate", "exit:0"]);
    probe.supervisor();
    let orphan: i32 = probe.wait_for("orphan ", 1)[0].parse().unwrap();
    std::fs::write(probe.folder.path().join("wit.orphan"), "\n").unwrap();
    until("adoption", || (proc::stat(orphan)?.ppid == probe.guardian()).then_some(()));
    std::fs::write(probe.folder.path().join("wit.go"), "\n").unwrap();
    until("the reap", || proc::stat(orphan).is_none().then_some(()));
    send(probe.guardian(), libc::SIGTERM);
    probe.wait_for("seen Terminate", 1);
    assert_eq!(probe.lines("seen ").iter().filter(|seen| *seen != "Continue").count(), 1);
    assert_eq!(probe.end().code, 0);
}

#[test]
fn d10_leaked_file_descriptors_reach_no_child() {
    let leak = "exec 3</dev/null 9</dev/null";
    let probe = Probe::under_shell(leak, &["10000", POLITE, "until:Terminate", "exit:0"]);
    let service: i32 = probe.wait_for("up ", 1)[0].parse().unwrap();
    // The shell itself holds a copy of its output for the moment of a redirection.
    until("0, 1 and 2 alone", || {
        let open = std::fs::read_dir(format!("/proc/{service}/fd")).ok()?;
        let mut open: Vec<_> = open.flatten().map(|fd| fd.file_name()).collect();
        open.sort();
        (open == ["0", "1", "2"]).then_some(())
    });
    send(probe.guardian(), libc::SIGTERM);
    assert_eq!(probe.end().code, 70, "the service was left to the guardian");
}

#[test]
fn d11_closed_standard_descriptors_are_open_on_nothing() {
    let probe = Probe::under_shell("exec <&- >&- 2>&-", &["100", "until:Terminate", "exit:0"]);
    for pid in [probe.supervisor(), probe.guardian()] {
        for fd in 0..3 {
            let target = std::fs::read_link(format!("/proc/{pid}/fd/{fd}")).unwrap();
            assert_eq!(target, Path::new("/dev/null"), "fd {fd} of {pid}");
        }
    }
    send(probe.guardian(), libc::SIGTERM);
    assert_eq!(probe.end().code, 0);
}

#[test]
fn d12_what_was_blocked_or_ignored_at_entry_does_not_matter_to_us() {
    // With CHLD ignored the kernel would reap for us, and the code would be lost.
    let probe = Probe::with(&["100", "until:Terminate", "exit:9"], |command| {
        // SAFETY: plain system calls between fork and exec.
        unsafe {
            command.pre_exec(|| {
                for signal in [libc::SIGCHLD, libc::SIGTERM, libc::SIGINT] {
                    libc::signal(signal, libc::SIG_IGN);
                }
                nix::sys::signal::SigSet::all().thread_block()?;
                Ok(())
            });
        }
    });
    probe.supervisor();
    send(probe.guardian(), libc::SIGTERM);
    assert_eq!(probe.end().code, 9);
}

#[test]
fn d4_p3_limits_are_raised_and_cut_for_us_and_remembered() {
    let probe = Probe::under_shell("ulimit -S -n 100; umask 027", &["100", "limits", "exit:0"]);
    let line = probe.wait_for("limits ", 1).remove(0);
    assert!(line.starts_with("nofile 100/"), "{line}");
    assert!(line.ends_with("umask 027 hup false now raised core 0"), "{line}");
    assert_eq!(probe.end().code, 0);
}

#[test]
fn c13_a_loop_that_no_longer_turns_is_ended_and_swept() {
    let probe = Probe::start(&["5000", POLITE, "deaf"]);
    probe.wait_for("up ", 1);
    send(probe.guardian(), libc::SIGUSR1);
    let end = probe.end();
    assert_eq!(end.code, 70);
    assert!(end.stderr.contains("main loop hangs"), "{}", end.stderr);
}
