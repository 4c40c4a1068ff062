//! FAULTS B: whatever a child does, a stop ends it, all of it, and in time.

use crate::running::{Running, state};
use crate::world::{POLITE, World, is_root, skipped};
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use std::time::{Duration, Instant};

const DEAF: &str = "pup on:TERM log:up hang";

fn formation(command: &str) -> World {
    World::new().procfile(&format!("web: {command}\n"))
}

/// A run with a grace of one second in which `count` puppets are up.
fn up(world: &World, count: usize) -> Running {
    let run = world.start(["-t", "1"]);
    run.wait_for_witness(count, "up");
    run
}

#[test]
fn b1_code_4_a_process_deaf_to_term_is_killed_after_the_grace_and_named() {
    let run = up(&formation(DEAF), 1);
    let asked = Instant::now();
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(137);
    let took = asked.elapsed();
    assert!(took > Duration::from_millis(950) && took < Duration::from_secs(6), "{took:?}\n{finished}");
    assert_eq!(finished.count("TERM"), 1, "{finished}");
    let ours = finished.lines_of("system").join("\n");
    assert!(ours.contains("sending SIGKILL"), "{finished}");
    let its = finished.lines_of("web.1").join("\n");
    assert!(its.contains("terminated by SIGKILL"), "{finished}");
}

#[test]
fn sig_3_ten_deaf_processes_take_one_grace_together() {
    let world = formation(DEAF);
    let run = world.start(["-t", "1", "-m", "web=10"]);
    run.wait_for_witness(10, "up");
    let asked = Instant::now();
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(137);
    assert!(asked.elapsed() < Duration::from_secs(6), "{finished}");
    assert_eq!(finished.count("TERM"), 10, "{finished}");
}

#[test]
fn sig_9_processes_that_leave_at_once_cost_no_waiting() {
    let world = formation(POLITE);
    let run = world.start(["-m", "web=3"]);
    run.wait_for_witness(3, "up");
    let asked = Instant::now();
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}\n{finished}", asked.elapsed());
}

#[test]
fn b2_a_stopped_process_still_hears_its_stop_signal() {
    let run = up(&formation("pup on:TERM=log:handled,exit:0 log:up stop hang"), 1);
    let pid = Pid::from_raw(run.wait_for_witness(1, "up")[0].pid);
    run.wait_for_state(pid, "T");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("handled"), 1, "{finished}");
}

#[test]
fn b3_sig_4_a_deaf_grandchild_gets_the_same_grace_and_then_kill() {
    let run = up(&formation("pup on:TERM=exit:0 spawn as:kid on:TERM log:up hang end log:up hang"), 2);
    let asked = Instant::now();
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(137);
    let took = asked.elapsed();
    assert!(took > Duration::from_millis(950) && took < Duration::from_secs(6), "{took:?}\n{finished}");
    assert_eq!(finished.count("TERM"), 2, "{finished}");
}

#[test]
fn b4_sig_2_the_program_behind_a_shell_is_stopped_with_it() {
    for shell in ["/bin/sh", "bash"] {
        let world = formation("true && pup on:TERM=exit:0 log:up hang; true")
            .file("twelve-run.toml", format!("[process.web]\nshell = \"{shell}\"\n"));
        let run = up(&world, 1);
        run.signal(Signal::SIGTERM);
        let finished = run.finish().expect_code(0);
        assert_eq!(finished.count("TERM"), 1, "{shell}: {finished}");
    }
    let run = formation("echo here; sleep 99; true").start([]);
    run.wait_for_line("here");
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn b5_sig_5_a_double_forked_daemon_is_asked_and_then_killed() {
    let run = up(&formation("pup on:TERM=exit:0 daemon as:away on:TERM log:up hang end log:up hang"), 2);
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(137);
    assert_eq!(finished.count("TERM"), 2, "{finished}");
}

#[test]
fn b5_a_daemon_that_leaves_when_asked_makes_a_clean_stop() {
    let daemon = "daemon as:away close:0 close:1 close:2 on:TERM=exit:0 log:up hang end";
    let run = up(&formation(&format!("pup on:TERM=exit:0 {daemon} log:up hang")), 2);
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 2, "{finished}");
}

#[test]
fn b6_a_daemon_without_a_trace_of_whose_it_is_goes_too() {
    let run = up(&formation("setsid env -i sleep 300 & pup on:TERM=exit:0 log:up hang"), 1);
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn b6_processes_that_fork_faster_than_they_are_killed_lose() {
    // Each generation starts the next in a session of its own and leaves.
    let relay =
        "run() { setsid env -i DEPTH=$1 sh \"$0\" $(($1 - 1)) & }; [ $1 -gt 0 ] && run $1; sleep 0.01";
    let world =
        formation("sh relay.sh 300 & pup on:TERM=exit:0 log:up hang").file("relay.sh", format!("{relay}\n"));
    let run = up(&world, 1);
    run.signal(Signal::SIGTERM);
    run.finish();
}

#[test]
fn b10_a_process_that_ends_while_it_is_stopped_is_no_error() {
    // Whoever comes first, the end of a web or the signal, the keeper is there until both have come.
    let keeper = "keeper: pup on:TERM=until:go,exit:0 touch:ready hang";
    for round in 0..20 {
        let web = format!("web: pup until:ready log:up sleep:{}", round % 5);
        let run =
            World::new().procfile(&format!("{web}\n{keeper}\n")).start(["-t", "60", "-m", "web=4,keeper=1"]);
        run.wait_for_witness(1, "up");
        run.signal(Signal::SIGTERM);
        std::fs::write(run.app().join("go"), "").expect("the app's folder");
        run.finish().expect_code(0);
    }
}

/// Waits until the first thread of a process has ended and others go on.
fn wait_until_headless(run: &Running, pid: Pid) {
    run.wait_for_state(pid, "Z");
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("it lives").count();
    assert!(threads > 1, "{pid} has ended");
}

#[test]
fn b13_a_process_whose_first_thread_has_ended_still_runs_and_is_stopped() {
    let run = World::new()
        .procfile("web: pup on:TERM=exit:0 log:up unthread\nticker: pup on:TERM=exit:0 tick:5\n")
        .start([]);
    wait_until_headless(&run, Pid::from_raw(run.wait_for_witness(1, "up")[0].pid));
    let ticks = run.stdout().matches("| tick").count();
    run.wait_for_line(&format!("tick {}", ticks + 40));
    assert!(!run.stdout().contains("exited"), "it runs");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 2, "{finished}");
}

#[test]
fn b13_an_escaped_process_whose_first_thread_has_ended_is_stopped_too() {
    let daemon = "daemon as:away on:TERM=exit:0 log:up unthread end";
    for kill_supervisor in [false, true] {
        let run = up(&formation(&format!("pup on:TERM=exit:0 {daemon} log:up hang")), 2);
        let ups = run.wait_for_witness(2, "up");
        let away = ups.iter().find(|seen| seen.name == "away").expect("it is up");
        wait_until_headless(&run, Pid::from_raw(away.pid));
        if kill_supervisor {
            run.signal_to(run.supervisor(), Signal::SIGKILL);
        } else {
            run.signal(Signal::SIGTERM);
        }
        let finished = run.finish().expect_code(if kill_supervisor { 137 } else { 0 });
        assert_eq!(finished.count("TERM"), 2, "{finished}");
    }
}

#[test]
fn b14_an_end_is_told_though_a_grandchild_holds_the_pipe() {
    let holder = "daemon as:holder on:TERM=exit:0 log:up hang end";
    let run = formation(&format!("pup {holder} until:go say:last-words exit:3")).start(["-t", "5"]);
    run.wait_for_witness(1, "up");
    std::fs::write(run.app().join("go"), "").expect("the app's folder");
    run.wait_for_line("exited with code 3");
    let finished = run.finish().expect_code(3);
    let its = finished.lines_of("web.1");
    let at = |text: &str| its.iter().position(|line| line.contains(text)).expect(text);
    assert!(at("last-words") < at("exited with code 3"), "{finished}");
}

#[test]
fn b15_a_process_that_closes_its_output_lives_and_costs_nothing() {
    let procfile = "web: pup close:1 close:2 on:TERM=exit:0 log:up hang\nclock: pup tick:10\n";
    let run = World::new().procfile(procfile).start([]);
    run.wait_for_witness(1, "up");
    let supervisor = run.supervisor();
    let before = cpu_ticks(supervisor);
    run.wait_for_line("tick 100");
    let spent = cpu_ticks(supervisor) - before;
    assert!(spent < 30, "{spent} hundredths of a second");
    let web = Pid::from_raw(run.wait_for_witness(1, "up")[0].pid);
    assert_ne!(state(web), None, "it lives");
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

/// What a process has used of the processor, in hundredths of a second.
fn cpu_ticks(pid: Pid) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it lives");
    let fields: Vec<&str> = stat.rsplit_once(") ").expect("its form").1.split(' ').collect();
    fields[11..13].iter().map(|field| field.parse::<u64>().expect("a number")).sum()
}

#[test]
fn b16_a_child_in_a_session_of_its_own_is_asked_once_and_goes() {
    let kid = "spawn setsid as:kid on:TERM=exit:0 log:up hang end";
    let run = up(&formation(&format!("pup on:TERM=exit:0 {kid} log:up hang")), 2);
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 2, "{finished}");
}

#[test]
fn b17_a_process_that_signals_its_whole_group_hits_nobody_else() {
    let procfile = "web: pup on:TERM=exit:0 log:up tick:5\nbad: pup log:up until:go sh:kill\\ -KILL\\ 0\n";
    let run = World::new().procfile(procfile).start(["--keep-going"]);
    run.wait_for_witness(2, "up");
    std::fs::write(run.app().join("go"), "").expect("the app's folder");
    run.wait_for_line("terminated by SIGKILL");
    let ticks = run.stdout().matches("| tick").count();
    run.wait_for_line(&format!("tick {}", ticks + 20));
    run.signal(Signal::SIGTERM);
    let finished = run.finish();
    assert_eq!(finished.count("TERM"), 1, "{finished}");
}

#[test]
fn b18_root_stops_a_process_of_another_user() {
    if !is_root() {
        return skipped("no root");
    }
    let run =
        formation("exec setpriv --reuid 65534 --regid 65534 --clear-groups sh -c 'echo here; exec sleep 99'")
            .start(["-t", "5"]);
    run.wait_for_line("here");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert!(finished.took < Duration::from_secs(5), "{finished}");
}

#[test]
fn b19_a_stop_cancels_the_restart_that_was_to_come() {
    let run = formation("pup log:up exit:3").start(["--restart", "on-failure"]);
    run.wait_for_line("exited with code 3");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("up"), 1, "{finished}");
}

#[test]
fn sig_7_a_type_with_a_stop_signal_of_its_own_gets_that() {
    let puppet = "pup on:TERM=exit:0 on:INT=exit:0 log:up hang";
    let world = World::new()
        .procfile(&format!("web: {puppet}\nworker: {puppet}\n"))
        .file("twelve-run.toml", "[process.web]\nstop_signal = \"INT\"\n");
    let run = up(&world, 2);
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    let got: Vec<(&str, &str)> = finished
        .witness
        .iter()
        .filter(|seen| seen.event != "up")
        .map(|seen| (seen.name.as_str(), seen.event.as_str()))
        .collect();
    assert_eq!(got.len(), 2, "{finished}");
    assert!(got.contains(&("web.1", "INT")) && got.contains(&("worker.1", "TERM")), "{finished}");
}

#[test]
fn a_type_with_a_grace_of_its_own_is_killed_by_that() {
    let world = formation(DEAF).file("twelve-run.toml", "[process.web]\ngrace = \"1s\"\n");
    let run = world.start([]);
    run.wait_for_witness(1, "up");
    let asked = Instant::now();
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(137);
    assert!(asked.elapsed() < Duration::from_secs(6));
}
