//! What takes long: run by `.ci/run`, one at a time.

use crate::output::expect_numbered;
use crate::world::World;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(110);

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
