//! FAULTS C: any single death leaves nothing behind.

use crate::running::{Running, children, state};
use crate::world::{GUARD, POLITE, World};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::time::{Duration, Instant};

const DEAF: &str = "pup on:TERM log:up hang";
/// A process with a daemon deaf to TERM.
const ESCAPER: &str = "pup on:TERM=exit:0 daemon as:away on:TERM log:up hang end log:up hang";

/// 12 instances, a third of them with a daemon deaf to TERM, up with a grace of a second.
fn mixed(world: World) -> (World, Running) {
    let world = world.procfile(&format!("web: {POLITE}\nworker: {ESCAPER}\n"));
    let run = world.start(["-t", "1", "-m", "web=8,worker=4"]);
    run.wait_for_witness(16, "up");
    (world, run)
}

#[test]
fn c1_sig_8_kill_of_the_supervisor_leaves_nothing_and_asks_everybody_once() {
    let (_, run) = mixed(World::new());
    let killed = Instant::now();
    run.signal_to(run.supervisor(), Signal::SIGKILL);
    let finished = run.finish().expect_code(137);
    assert!(killed.elapsed() < Duration::from_secs(6), "{finished}");
    assert_eq!(finished.count("TERM"), 16, "{finished}");
}

#[test]
fn c2_kill_of_the_guardian_leaves_nothing_and_asks_everybody_once() {
    let (_, run) = mixed(World::new().patience(GUARD));
    let killed = Instant::now();
    run.signal(Signal::SIGKILL);
    let finished = run.finish();
    assert!(killed.elapsed() < Duration::from_secs(6), "{finished}");
    assert_eq!(finished.count("TERM"), 16, "{finished}");
}

#[test]
fn c3_guardian_and_supervisor_bear_different_names() {
    let run = World::new().procfile(&format!("web: {POLITE}\n")).start([]);
    run.wait_for_witness(1, "up");
    let name = |pid: Pid| std::fs::read_to_string(format!("/proc/{pid}/comm")).expect("it lives");
    assert_ne!(name(run.guardian()), name(run.supervisor()));
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn c4_after_the_death_of_both_the_next_start_works() {
    let world = World::new().procfile(&format!("web: {POLITE}\n")).patience(2 * GUARD);
    let first = world.start([]);
    first.wait_for_witness(1, "up");
    killpg(first.guardian(), Signal::SIGKILL).expect("it leads its group");
    first.wait_for_reports(2, "reaped");
    let second = world.start([]);
    second.wait_for_witness(2, "up");
    second.signal(Signal::SIGTERM);
    second.finish().expect_code(0);
    // Dropped, the first world ends what it left, as nothing else could.
    drop(first);
}

#[test]
fn c9_the_guardian_has_one_thread_and_one_child() {
    let (_, run) = mixed(World::new());
    let guardian = run.guardian();
    let threads = std::fs::read_dir(format!("/proc/{guardian}/task")).expect("it lives").count();
    assert_eq!((threads, children(guardian).len()), (1, 1));
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(137);
}

#[test]
fn c12_a_stopped_supervisor_is_waited_for() {
    let run =
        World::new().procfile("web: pup on:TERM=exit:0 as:web log:up lines:30000 log:done hang\n").start([]);
    run.wait_for_witness(1, "up");
    let supervisor = run.supervisor();
    run.signal_to(supervisor, Signal::SIGSTOP);
    run.wait_for_state(supervisor, "T");
    run.let_pass(Duration::from_millis(500));
    assert_eq!(state(supervisor), Some('T'), "the guardian judges death only");
    run.signal_to(supervisor, Signal::SIGCONT);
    run.wait_for_line("web 0030000");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 1, "{finished}");
}

#[test]
fn c14_the_reason_of_a_stop_is_told_apart() {
    let world = World::new().procfile(&format!("web: {POLITE}\n")).patience(GUARD);
    let run = world.start([]);
    run.wait_for_witness(1, "up");
    run.signal(Signal::SIGKILL);
    let finished = run.finish();
    let told = finished.lines_of("system").join("\n");
    assert!(told.contains("guardian") && !told.contains("SIGTERM received"), "{finished}");
    assert!(!told.contains("SIGKILL"), "it was never a second request\n{finished}");

    let run = world.start([]);
    run.wait_for_witness(2, "up");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    let told = finished.lines_of("system").join("\n");
    assert!(told.contains("SIGTERM received") && !told.contains("guardian"), "{finished}");
}

fn kill_at_any_moment_leaves_nothing(rounds: u64, of_guardian: bool) {
    for round in 0..rounds {
        let world = World::new().procfile(&format!("web: {POLITE}\nworker: {ESCAPER}\n")).patience(GUARD);
        let run = world.start(["-t", "1", "-m", "web=4,worker=2"]);
        let victim = if of_guardian { run.guardian() } else { run.supervisor() };
        let until = Instant::now() + Duration::from_micros(round * 997 % 40_000);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        run.signal_to(victim, Signal::SIGKILL);
        let finished = run.finish();
        assert!(finished.took < Duration::from_secs(8), "round {round}: {finished}");
    }
}

#[test]
fn c15_kill_of_the_supervisor_at_any_moment_leaves_nothing() {
    kill_at_any_moment_leaves_nothing(12, false);
}

#[test]
fn c15_kill_of_the_guardian_at_any_moment_leaves_nothing() {
    kill_at_any_moment_leaves_nothing(12, true);
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn c15_kill_of_either_at_any_moment_leaves_nothing_150_times() {
    kill_at_any_moment_leaves_nothing(150, false);
    kill_at_any_moment_leaves_nothing(150, true);
}

#[test]
fn c16_a_start_during_the_sweep_is_refused_and_one_after_it_works() {
    let world = World::new().procfile(&format!("web: {DEAF}\n"));
    let first = world.start(["-t", "3"]);
    first.wait_for_witness(1, "up");
    first.signal_to(first.supervisor(), Signal::SIGKILL);
    first.wait_for_witness(1, "TERM");
    world.start([]).finish().expect_code(3);
    first.finish().expect_code(137);
    let third = world.start(["-t", "1"]);
    third.wait_for_witness(2, "up");
    third.signal(Signal::SIGTERM);
    third.finish().expect_code(137);
}

#[test]
fn cli_7_code_7_a_second_start_in_the_same_folder_changes_nothing() {
    let world = World::new().procfile(&format!("web: {POLITE}\n"));
    let first = world.start([]);
    first.wait_for_witness(1, "up");
    for arguments in [vec!["start"], vec!["start", "web"]] {
        let second = world.run_words(arguments.into_iter().map(OsStr::new)).finish().expect_code(3);
        assert_eq!(second.count("up"), 1, "{second}");
    }
    first.signal(Signal::SIGTERM);
    first.finish().expect_code(0);
}

#[test]
fn c17_processes_on_terminals_of_ours_are_swept_too() {
    let world = World::new().procfile("web: pup on:HUP on:TERM log:up hang\n");
    let run = world.start(["-t", "1", "--pty", "always"]);
    run.wait_for_witness(1, "up");
    run.signal_to(run.supervisor(), Signal::SIGKILL);
    let finished = run.finish().expect_code(137);
    assert_eq!(finished.count("TERM"), 1, "{finished}");
}

#[test]
fn c18_a_child_that_the_guardian_never_started_is_left_alone() {
    for of_supervisor in [false, true] {
        let world = World::new().procfile(&format!("web: {POLITE}\n"));
        let run = world.start_from("sleep 77 & :", ["-t", "1"]);
        run.wait_for_witness(1, "up");
        if of_supervisor {
            run.signal_to(run.supervisor(), Signal::SIGKILL);
        } else {
            run.signal(Signal::SIGTERM);
        }
        let finished = run.finish_whatever_is_left();
        assert_eq!(finished.left.len(), 1, "{finished}");
        assert!(finished.left[0].contains("sleep 77"), "{:?}", finished.left);
    }
}

#[test]
fn c19_kill_of_the_supervisor_during_its_own_ladder_still_ends_in_time() {
    let run = World::new().procfile(&format!("web: {DEAF}\n")).start(["-t", "1"]);
    run.wait_for_witness(1, "up");
    run.signal(Signal::SIGTERM);
    run.wait_for_witness(1, "TERM");
    let killed = Instant::now();
    run.signal_to(run.supervisor(), Signal::SIGKILL);
    let finished = run.finish().expect_code(137);
    assert!(killed.elapsed() < Duration::from_secs(7), "{finished}");
}

#[test]
fn c20_kill_of_the_guardian_while_stopping_changes_nothing() {
    let web = "web: pup on:TERM=until:go,log:handled,exit:0 log:up hang\n";
    let run = World::new().procfile(web).patience(GUARD).start(["-t", "30"]);
    run.wait_for_witness(1, "up");
    run.signal(Signal::SIGTERM);
    run.wait_for_witness(1, "TERM");
    run.signal(Signal::SIGKILL);
    std::fs::write(run.app().join("go"), "").expect("the app's folder");
    let finished = run.finish();
    assert_eq!((finished.count("TERM"), finished.count("handled")), (1, 1), "{finished}");
}

#[test]
fn c22_m2_m10_pid1_1_an_orphan_that_ends_as_pid_1s_child_stops_nothing() {
    let procfile = format!(
        "web: {POLITE}\norphans: pup daemon log:up exit:1 end daemon log:up exit:1 end on:TERM=exit:0 log:up hang\n"
    );
    let world = World::new().procfile(&procfile);
    let Some(run) = world.start_as_pid_1(["-t", "1"]) else { return };
    run.wait_for_witness(4, "up");
    // Whatever these ends might do is done before the supervisor has no zombie left.
    let supervisor = run.supervisor();
    run.wait_until("every orphan is reaped", || {
        let zombies = children(supervisor).into_iter().filter(|child| state(*child) == Some('Z'));
        (zombies.count() == 0 && children(supervisor).len() == 2).then_some(())
    });
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 2, "{finished}");
}

#[test]
fn pid1_2_as_pid_1_a_deaf_process_is_killed_and_told_by_137() {
    let world = World::new().procfile(&format!("web: {DEAF}\n"));
    let Some(run) = world.start_as_pid_1(["-t", "1"]) else { return };
    run.wait_for_witness(1, "up");
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(137);
}

/// A thousand instances, a third of them with a double-forked daemon deaf to TERM.
fn thousand(patience: Duration) -> Running {
    let deaf = "pup guard:300 daemon guard:300 as:away close:0 close:1 close:2 on:TERM log:up hang end on:TERM=exit:0 log:up hang";
    let world = World::new()
        .procfile(&format!("web: pup guard:300 on:TERM=exit:0 log:up hang\nworker: {deaf}\n"))
        .guard(Duration::from_mins(3))
        .patience(patience);
    let run = world.start(["-t", "4", "-m", "web=667,worker=333"]);
    run.wait_for_witness(1333, "up");
    run
}

fn nothing_is_left_of_a_thousand(victim: fn(&Running) -> (Pid, Signal)) {
    let run = thousand(Duration::from_mins(1));
    let (pid, signal) = victim(&run);
    let began = Instant::now();
    run.signal_to(pid, signal);
    let finished = run.finish();
    let took = began.elapsed();
    assert!(took < Duration::from_secs(9), "grace + 5 s, but it took {took:?}");
    assert!(finished.count("TERM") >= 1333, "everybody was asked");
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn a_thousand_processes_stop_within_grace_and_five_seconds() {
    nothing_is_left_of_a_thousand(|run| (run.guardian(), Signal::SIGTERM));
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn c1_kill_of_the_supervisor_leaves_nothing_of_a_thousand() {
    nothing_is_left_of_a_thousand(|run| (run.supervisor(), Signal::SIGKILL));
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn c2_kill_of_the_guardian_leaves_nothing_of_a_thousand() {
    nothing_is_left_of_a_thousand(|run| (run.guardian(), Signal::SIGKILL));
}
