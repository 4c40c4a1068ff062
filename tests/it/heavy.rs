//! What takes long: run by `.ci/run`, one at a time.

use crate::output::expect_numbered;
use crate::running::Running;
use crate::world::World;
use nix::sys::signal::Signal;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(110);

/// 1000 processes; every third has a daemon that is deaf to TERM.
fn thousand() -> Running {
    let world = World::new()
        .procfile("plain: pup on:TERM=exit:0 log:up hang\nescaper: pup on:TERM=exit:0 daemon as:d on:TERM log:up hang end log:up hang\n")
        .guard(LONG)
        .patience(Duration::from_secs(30));
    let run = world.start(["-m", "plain=667,escaper=333", "-t", "2"]);
    run.wait_for_witness(1333, "up");
    run
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn a_thousand_processes_with_deaf_daemons_are_gone_after_a_term() {
    let run = thousand();
    run.signal(Signal::SIGTERM);
    let finished = run.finish();
    assert!(finished.code() == 137 || finished.code() == 0, "{finished}");
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn c1_a_thousand_processes_with_deaf_daemons_are_gone_after_the_supervisor_was_killed() {
    let run = thousand();
    run.signal_to(run.supervisor(), Signal::SIGKILL);
    run.finish().expect_code(137);
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn c2_a_thousand_processes_with_deaf_daemons_are_gone_after_the_guardian_was_killed() {
    let run = thousand();
    run.signal(Signal::SIGKILL);
    run.finish();
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn fifty_processes_write_two_hundred_thousand_lines_each_to_a_pipe_and_none_is_lost() {
    let world = World::new().procfile("p: pup lines:200000\n").guard(LONG);
    let finished = world.start(["-m", "p=50", "--keep-going", "--no-timestamp"]).finish();
    expect_numbered(&finished.out(), 50, 200_000);
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn fifty_processes_write_two_hundred_thousand_lines_each_through_terminals_and_none_is_lost() {
    let world = World::new().procfile("p: pup lines:200000\n").guard(LONG);
    let finished = world.start(["-m", "p=50", "--keep-going", "--no-timestamp", "--pty", "always"]).finish();
    expect_numbered(&finished.out(), 50, 200_000);
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn f8_the_same_when_the_reader_pauses_for_three_seconds() {
    let world = World::new().procfile("p: pup lines:200000\n").guard(LONG);
    let run = world.start(["-m", "p=50", "--keep-going", "--no-timestamp"]);
    run.wait_for_line("| p.1 0000100");
    run.pause_reading();
    run.let_pass(Duration::from_secs(3));
    run.read_on();
    expect_numbered(&run.finish().out(), 50, 200_000);
}
