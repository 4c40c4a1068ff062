//! Proof of the machinery: each oracle is shown to fail where it must, with programs other than ours.

use crate::world::World;
use nix::sys::signal::Signal;
use std::ffi::OsStr;

fn words(text: &str) -> Vec<&OsStr> {
    text.split_whitespace().map(OsStr::new).collect()
}

#[test]
fn the_oracle_names_and_ends_what_a_careless_program_leaves_behind() {
    let world = World::new();
    let run = world.command(["sh", "-c", "setsid sleep 60 & exit 3"].map(OsStr::new));
    let finished = run.finish_whatever_is_left();
    assert_eq!(finished.code(), 3);
    assert_eq!(finished.left.len(), 1, "{finished}");
    let pid = finished.left[0].split(' ').next().expect("it has a pid").to_owned();
    assert!(!std::path::Path::new("/proc").join(pid).exists(), "and it is gone now");
}

#[test]
fn the_oracle_sees_a_daemon_that_cut_every_tie() {
    let world = World::new();
    let run = world.command(words("pup daemon close:0 close:1 close:2 on:TERM log:up hang end log:away"));
    let finished = run.finish_whatever_is_left();
    assert_eq!(finished.left.len(), 1, "{finished}");
}

#[test]
fn the_oracle_sees_a_process_whose_first_thread_has_ended() {
    let world = World::new();
    let run = world.command(words("pup on:TERM=exit:0 spawn on:TERM log:up unthread end hang"));
    let kid = nix::unistd::Pid::from_raw(run.wait_for_witness(1, "up")[0].pid);
    run.wait_for_state(kid, "Z");
    run.signal(Signal::SIGTERM);
    let finished = run.finish_whatever_is_left();
    assert_eq!(finished.left.len(), 1, "{finished}");
}

#[test]
#[should_panic(expected = "left behind")]
fn finish_fails_when_something_is_left_behind() {
    World::new().command(["sh", "-c", "sleep 60 & exit 0"].map(OsStr::new)).finish();
}

#[test]
fn the_oracle_is_content_with_a_program_that_leaves_nothing() {
    let finished = World::new().command(words("pup say:hello sleep:1 err:woe exit:7")).finish();
    assert_eq!((finished.out().as_str(), finished.err().as_str()), ("hello\n", "woe\n"));
    assert_eq!(finished.code(), 7);
}

#[test]
fn a_signal_that_ends_a_program_is_told() {
    for (signal, number) in [("KILL", 9), ("SEGV", 11), ("TERM", 15)] {
        let finished = World::new().command(words(&format!("pup raise:{signal}"))).finish();
        assert!(finished.ends[0].ends_with(&format!("signal {number}")), "{finished}");
    }
}

#[test]
fn every_signal_is_witnessed_once() {
    let run = World::new().command(words("pup on:TERM on:USR1=log:thanks,exit:4 log:up hang"));
    run.wait_for_witness(1, "up");
    run.signal(Signal::SIGTERM);
    run.wait_for_witness(1, "TERM");
    run.signal(Signal::SIGUSR1);
    let finished = run.finish().expect_code(4);
    let events: Vec<&str> = finished.witness.iter().map(|seen| seen.event.as_str()).collect();
    assert_eq!(events, ["up", "TERM", "USR1", "thanks"]);
}

#[test]
fn a_job_on_the_terminal_is_interrupted_stopped_and_resumed_by_keys() {
    let world = World::new().on_terminal();
    let run = world.command(words("pup on:INT=exit:5 on:CONT log:up sh:stty tick:10"));
    run.wait_for_line("tick 3");
    run.type_keys(b"\x1a");
    assert_eq!(run.wait_for_report("stopped"), "20");
    run.wait_for_state(run.guardian(), "T");
    run.fg();
    run.wait_for_witness(1, "CONT");
    run.type_keys(b"\x03");
    run.finish().expect_code(5);
}

#[test]
fn a_leader_of_a_terminal_gets_hup_when_that_closes() {
    let world = World::new().leading_terminal();
    let mut run = world.command(words("pup on:HUP=exit:6 log:up hang"));
    run.wait_for_witness(1, "up");
    run.leave();
    run.finish().expect_code(6);
}

#[test]
fn a_shells_death_sends_hup_to_its_job() {
    let world = World::new().on_terminal().patience(crate::world::GUARD);
    let mut run = world.command(words("pup on:HUP=exit:6 log:up hang"));
    run.wait_for_witness(1, "up");
    // The shell may be slower to tell of its job than the job is.
    run.guardian();
    run.leave();
    run.finish().expect_code(6);
}

#[test]
fn what_the_tests_runner_ignores_is_none_of_a_runs() {
    let world = World::new();
    let report = world.folder.path().join("inner");
    let oracle = format!("oracle:{}:0", report.display());
    let script = "trap '' HUP INT QUIT TSTP; exec pup \"$0\" sh:'grep SigIgn /proc/self/status'";
    let finished = world.command(["sh", "-c", script, &oracle].map(OsStr::new)).finish();
    let out = finished.out();
    let ignored = out.trim().strip_prefix("SigIgn:\t").and_then(|mask| u64::from_str_radix(mask, 16).ok());
    let told = [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTSTP]
        .map(|one| 1_u64 << (one as u32 - 1));
    assert_eq!(ignored.map(|mask| mask & told.iter().sum::<u64>()), Some(0), "{out}");
}

#[test]
fn a_reader_that_pauses_gets_every_line_later() {
    let world = World::new().unread();
    let run = world.command(words("pup as:web lines:20000 log:done"));
    run.guardian();
    assert_eq!(run.stdout(), "");
    assert!(!world.witness().exists(), "the child waits for its reader");
    run.read_on();
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.out().lines().count(), 20000);
    assert!(finished.out().starts_with("web 0000001 "));
}

#[test]
fn a_run_sees_no_variable_that_the_world_did_not_set() {
    let finished = World::new().var("A", "b").command([OsStr::new("env")]).finish();
    let out = finished.out();
    let mut names: Vec<&str> =
        out.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(names, ["A", "HOME", "LANG", "PATH", "PUP_WITNESS"]);
}
