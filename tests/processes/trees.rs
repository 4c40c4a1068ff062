//! What a process leaves behind, and how all of it is reached.

use crate::probe::{Probe, is_root, lives, skipped, until, until_state};
use std::process::Command;
use std::time::Instant;

/// With and without pidfds: the facts are the same.
const WAYS: [&[&str]; 2] = [&[], &["--without-pidfds"]];

#[test]
fn every_exit_code_and_every_signal_is_told() {
    for way in WAYS {
        let mut probe = Probe::with(way);
        for code in [0, 1, 2, 42, 126, 127, 128, 137, 255] {
            probe.spawn(code, format!("exit {code}"));
            assert_eq!(
                probe.fact(&format!("exited {code} ")),
                format!("exited {code} code:{code} remains:no")
            );
        }
        for signal in (1..=64).filter(|signal| ![17, 18, 19, 20, 21, 22, 23, 28, 32, 33].contains(signal)) {
            probe.spawn(signal, format!("ulimit -c 0; kill -{signal} $$; exit 99"));
            let told = probe.fact(&format!("exited {signal} "));
            assert_eq!(told, format!("exited {signal} signal:{signal} remains:no"));
        }
        probe.ends_clean();
    }
}

#[test]
fn b2_a_stopped_child_runs_its_handler() {
    let mut probe = Probe::new();
    let pid =
        probe.up(1, "trap 'echo bye; exit 4' TERM; echo up; kill -STOP $$; while :; do sleep 0.01; done");
    probe.fact("out 1 1 up");
    until_state(pid, b'T');
    probe.order("stop 1 15");
    probe.fact("out 1 1 bye");
    assert_eq!(probe.fact("exited 1 "), "exited 1 code:4 remains:no");
    probe.ends_clean();
}

#[test]
fn b3_the_tree_outlives_its_leader_until_the_group_is_killed() {
    for way in WAYS {
        let mut probe = Probe::with(way);
        probe.spawn(
            1,
            "sh -c 'trap \"\" TERM; echo $$; while :; do sleep 60; done' & trap 'exit 0' TERM; wait",
        );
        let deaf: i32 = probe.fact("out 1 1 ")[8..].parse().unwrap();
        probe.order("stop 1 15");
        assert_eq!(probe.fact("exited 1 "), "exited 1 code:0 remains:yes");
        assert!(lives(deaf));
        probe.no_fact("emptied 1");
        probe.order("survivors 1");
        assert!(probe.fact("survivors 1 ").contains(&format!("{deaf}:sh")));
        probe.order("kill 1");
        probe.fact("emptied 1");
        assert!(!lives(deaf));
        probe.ends_clean();
    }
}

#[test]
fn b4_the_app_behind_a_shell_gets_the_signal_too() {
    for shell in ["dash", "bash"] {
        let mut probe = Probe::new();
        let app = "sh -c 'trap \"echo app; exit 0\" TERM; echo up; while :; do sleep 0.01; done'";
        probe.order("set X 1");
        probe.tell(&["shell".as_ref(), "1".as_ref(), shell.as_ref(), format!("{app} && true").as_ref()]);
        probe.fact("out 1 1 up");
        probe.order("stop 1 15");
        probe.fact("out 1 1 app");
        probe.fact("exited 1 ");
        probe.ends_clean();
    }
}

/// A line that leaves a double-forked daemon in a session of its own, deaf to TERM, which tells its pid.
const DAEMON: &str = "(setsid sh -c 'trap \"echo told\" TERM; echo $$; while :; do sleep 0.01; done' &)";

/// The same, not left behind by itself, and not deaf.
const SESSION: &str = "setsid sh -c 'trap \"echo told; exit\" TERM; echo $$; while :; do sleep 0.01; done'";

/// Stops instance 1 alone, or as everything is stopped: strays are asked first, and nobody looks below it before.
fn stop(probe: &mut Probe, in_a_shutdown: bool) {
    if in_a_shutdown {
        probe.order("stop strays 15");
    }
    probe.order("stop 1 15");
}

/// Its parent has ended, so that it is the probe's own child.
fn until_adopted(probe: &Probe, daemon: i32) {
    until("adopted", || {
        twelve_run::sys::proc::stat(daemon).is_some_and(|stat| stat.ppid == probe.pid() as i32)
    });
}

#[test]
fn b5_a_daemon_is_found_told_once_and_killed() {
    for (way, in_a_shutdown) in WAYS.into_iter().flat_map(|way| [(way, false), (way, true)]) {
        let mut probe = Probe::with(way);
        probe.spawn(1, format!("{DAEMON}; exec sleep 60"));
        let daemon: i32 = probe.fact("out 1 1 ")[8..].parse().unwrap();
        until_adopted(&probe, daemon);
        stop(&mut probe, in_a_shutdown);
        probe.fact("out 1 1 told");
        assert_eq!(probe.fact("exited 1 "), "exited 1 signal:15 remains:yes");
        probe.no_fact("out 1 1 told");
        probe.order("kill 1");
        probe.fact("emptied 1");
        assert!(!lives(daemon));
        probe.ends_clean();
    }
}

#[test]
fn b5_what_escapes_below_a_living_leader_is_told_too() {
    for in_a_shutdown in [false, true] {
        let mut probe = Probe::new();
        // Not adopted: its parent is the leader, which is deaf.
        probe.spawn(1, format!("trap : TERM; {SESSION} & wait; wait"));
        probe.fact("out 1 1 ");
        stop(&mut probe, in_a_shutdown);
        probe.fact("out 1 1 told");
        probe.fact("exited 1 ");
        probe.ends_clean();
    }
}

#[test]
fn b5_a_daemon_without_a_name_is_a_stray() {
    let mut probe = Probe::new();
    // Its environment is read when it is adopted: that is after it has printed.
    let daemon = DAEMON.replace("setsid", "env -i setsid");
    probe.spawn(1, format!("{daemon}; exec sleep 60"));
    let daemon: i32 = probe.fact("out 1 1 ")[8..].parse().unwrap();
    until_adopted(&probe, daemon);
    probe.order("stop 1 15");
    probe.fact("exited 1 signal:15 remains:no");
    assert!(lives(daemon));
    probe.no_fact("out 1 1 told");
    probe.order("survivors strays");
    // By number, and what it runs may have a lower one where numbers have begun anew.
    let survivors = probe.fact("survivors strays ");
    assert!(survivors.split(' ').any(|one| one == format!("{daemon}:sh")), "{survivors}");
    probe.order("stop strays 15");
    probe.fact("out 1 1 told");
    probe.order("await");
    probe.no_fact("strays-gone");
    probe.order("kill strays");
    probe.fact("strays-gone");
    assert!(!lives(daemon));
    probe.ends_clean();
}

#[test]
fn b5_in_a_shutdown_what_was_adopted_from_a_living_leader_is_told_too() {
    let mut probe = Probe::new();
    probe.spawn(1, format!("trap : TERM; {DAEMON}; while :; do sleep 0.01; done"));
    let daemon: i32 = probe.fact("out 1 1 ")[8..].parse().unwrap();
    until_adopted(&probe, daemon);
    stop(&mut probe, true);
    probe.fact("out 1 1 told");
    probe.no_fact("out 1 1 told");
    probe.order("kill 1");
    // Leader and daemon are killed together; either may be seen to end first.
    if probe.fact("exited 1 ").ends_with("remains:yes") {
        probe.fact("emptied 1");
    }
    assert!(!lives(daemon));
    probe.ends_clean();
}

#[test]
fn b5_in_a_shutdown_a_daemon_without_a_name_is_told_when_its_leader_is_gone() {
    let mut probe = Probe::new();
    // Its parent lives until it is asked to stop, so that it is adopted only then, and nobody can say from whom.
    probe.spawn(1, format!("env -i {SESSION} & wait"));
    let daemon: i32 = probe.fact("out 1 1 ")[8..].parse().unwrap();
    stop(&mut probe, true);
    probe.fact("out 1 1 told");
    probe.fact("exited 1 signal:15 remains:no");
    probe.order("await");
    probe.fact("strays-gone");
    assert!(!lives(daemon));
    probe.ends_clean();
}

#[test]
fn strays_are_gone_at_once_when_there_are_none() {
    let mut probe = Probe::new();
    probe.order("await");
    probe.fact("strays-gone");
    probe.ends_clean();
}

#[test]
fn b6_an_escaper_that_forks_without_end_is_swept() {
    let mut probe = Probe::new();
    // One that hops: it forks its successor into a session of its own and ends, a thousand times at
    // most. One or two live at any moment; it never multiplies.
    let hopper =
        "[ $1 -gt 0 ] || exit 0; echo x >>\"$F/hops\"; setsid sh \"$F/hopper\" $(($1 - 1)) & exit 0\n";
    std::fs::write(probe.file("hopper"), hopper).unwrap();
    probe.spawn(1, "sh ./hopper 1000 >/dev/null 2>&1; exec sleep 60");
    let hops = probe.file("hops");
    until("twenty hops", || std::fs::read(&hops).is_ok_and(|hops| hops.len() > 40));
    probe.order("kill 1");
    let exited = probe.fact("exited 1 ");
    if exited.ends_with("remains:yes") {
        probe.fact("emptied 1");
    }
    let last = std::fs::read(&hops).unwrap().len();
    assert!(last < 2000, "it came to its own end");
    probe.ends_clean();
}

#[test]
fn b8_b9_a_number_is_not_free_while_it_may_be_signalled() {
    let mut probe = Probe::new();
    let leader = probe.up(1, "sleep 60 & exit 0");
    probe.fact("exited 1 code:0 remains:yes");
    // What pins pid and group is the leader, not reaped.
    assert_eq!(twelve_run::sys::proc::stat(leader).unwrap().state, b'Z');
    probe.order("kill 1");
    probe.fact("emptied 1");
    assert_eq!(twelve_run::sys::proc::stat(leader), None);
    probe.ends_clean();
}

#[test]
fn b8_a_stranger_with_the_same_number_is_untouched() {
    if !is_root() {
        return skipped("needs root for a pid namespace");
    }
    // In the namespace: take a leader's number for a stranger as soon as it is free, then signal the leader.
    let mut command = Command::new("unshare");
    command.args(["-pf", "--mount-proc", "--kill-child"]).arg(crate::probe::binary());
    let mut probe = Probe::start(command);
    let leader = probe.up(1, "exit 0");
    probe.fact("exited 1 ");
    let last = leader - 1;
    let stranger = probe.up(
        2,
        format!(
            "until [ -e go ]; do :; done; echo {last} >/proc/sys/kernel/ns_last_pid; echo set; exec sleep 60"
        ),
    );
    // The threads that the probe starts for it have their numbers before.
    probe.turns();
    std::fs::write(probe.file("go"), "").unwrap();
    probe.fact("out 2 1 set");
    let again = probe.up(3, "sleep 60");
    if again != leader {
        probe.ends_clean();
        return skipped(&format!("the number {leader} was not given again but {again}"));
    }
    assert!(stranger != leader);
    probe.order("stop 1 15");
    probe.order("kill 1");
    probe.no_fact("exited 3");
    probe.order("survivors 3");
    probe.fact(&format!("survivors 3 {leader}:sleep"));
    probe.ends_clean();
}

#[test]
fn b10_signals_to_what_has_just_ended_are_no_failure() {
    let mut probe = Probe::new();
    for index in 0..1000 {
        probe.spawn(index, "/bin/true");
        probe.order(&format!("stop {index} 15"));
        probe.order(&format!("kill {index}"));
    }
    for index in 0..1000 {
        let told = probe.fact(&format!("exited {index} "));
        assert!(told.ends_with("remains:no"), "{told}");
    }
    probe.ends_clean();
}

#[test]
fn b12_a_traced_child_neither_spins_nor_is_lost() {
    let mut probe = Probe::new();
    let pid = probe.up(1, "exec sleep 60");
    if let Err(errno) = trace::seize(pid) {
        return skipped(&format!("may not trace: {errno}"));
    }
    probe.order("kill 1");
    // As long as its tracer, which is this thread, has not taken its end, the probe cannot.
    until_state(pid, b'Z');
    let before = probe.turns();
    let begun = Instant::now();
    until("half a second", || begun.elapsed().as_millis() > 500);
    let turns = probe.turns() - before;
    assert!(turns <= 20, "{turns} turns in half a second");
    probe.no_fact("exited 1");
    trace::take_end(pid);
    assert_eq!(probe.fact("exited 1 "), "exited 1 signal:9 remains:no");
    probe.ends_clean();
}

/// A tracer, as small as can be.
mod trace {
    use nix::errno::Errno;
    use nix::libc;

    pub fn seize(pid: i32) -> nix::Result<()> {
        // SAFETY: PTRACE_SEIZE with no address and no options.
        Errno::result(unsafe { libc::ptrace(libc::PTRACE_SEIZE, pid, 0, 0) }).map(drop)
    }

    pub fn take_end(pid: i32) {
        // SAFETY: waits for what this thread traces, without a place for the status.
        let taken = unsafe { libc::waitpid(pid, std::ptr::null_mut(), libc::__WALL) };
        assert_eq!(taken, pid);
    }
}

#[test]
fn b16_a_child_that_changes_its_group_is_reached() {
    let mut probe = Probe::new();
    probe.spawn(1, "set -m; sh -c 'echo $$; sleep 60; true' & wait");
    let other: i32 = probe.fact("out 1 1 ")[8..].parse().unwrap();
    probe.order("kill 1");
    probe.fact("exited 1 signal:9");
    until("gone", || !lives(other));
    probe.ends_clean();
}

#[test]
fn b17_a_child_that_signals_its_group_hits_nobody_else() {
    let mut probe = Probe::new();
    probe.up(1, "sleep 60");
    probe.spawn(2, "kill -9 0; true");
    assert_eq!(probe.fact("exited 2 "), "exited 2 signal:9 remains:no");
    probe.no_fact("exited 1");
    probe.ends_clean();
}

#[test]
fn m2_m10_adopted_orphans_are_reaped_without_a_word() {
    for way in WAYS {
        let mut probe = Probe::with(way);
        probe.up(1, "for i in 1 2 3 4 5 6 7 8 9 10; do for j in 1 2 3 4 5 6 7 8 9 10; do (sleep 0.05 &) ; done; done; echo made; exec sleep 60");
        probe.fact("out 1 1 made");
        let me = probe.pid() as i32;
        until("one child", || twelve_run::sys::proc::children_of(me).unwrap().len() == 1);
        probe.no_fact("exited");
        probe.ends_clean();
    }
}

#[test]
fn pause_and_resume_reach_the_whole_tree() {
    let mut probe = Probe::new();
    // One that forks is no witness: stopped within vfork, it is not in state T.
    let leader = probe.up(1, "(setsid sh -c 'echo $$; exec sleep 60' &); exec sleep 60");
    let daemon: i32 = probe.fact("out 1 1 ")[8..].parse().unwrap();
    probe.order("pause 1");
    until_state(leader, b'T');
    until_state(daemon, b'T');
    probe.order("resume 1");
    until_state(leader, b'S');
    until("going on", || twelve_run::sys::proc::stat(daemon).is_some_and(|stat| stat.state != b'T'));
    probe.ends_clean();
}

#[test]
fn a_deaf_formation_with_daemons_is_gone_in_a_fraction_of_the_grace() {
    let mut probe = Probe::new();
    let count = 90;
    for index in 0..count {
        let line = if index % 3 == 0 { format!("{DAEMON}; exec sleep 60") } else { "exec sleep 60".into() };
        probe.spawn(index, line);
    }
    for index in (0..count).step_by(3) {
        probe.fact(&format!("out {index} 1 "));
    }
    let begun = Instant::now();
    for index in 0..count {
        probe.order(&format!("stop {index} 15"));
    }
    for index in 0..count {
        let remains = if index % 3 == 0 { "yes" } else { "no" };
        assert_eq!(
            probe.fact(&format!("exited {index} ")),
            format!("exited {index} signal:15 remains:{remains}")
        );
    }
    for index in (0..count).step_by(3) {
        probe.order(&format!("kill {index}"));
        probe.fact(&format!("emptied {index}"));
    }
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    probe.ends_clean();
}
