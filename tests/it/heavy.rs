//! What takes long: run by `.ci/run`, one at a time.

use crate::client::{Line, ps, scale};
use crate::output::expect_numbered;
use crate::world::World;
use serde_json::Value;
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

#[test]
#[ignore = "heavy: run by .ci/run"]
fn d16_while_it_is_scaled_to_a_thousand_everybody_is_answered_and_nothing_is_left() {
    let world = World::new().procfile("p: exec sleep 300\n").guard(LONG);
    let run = world.start(["--no-timestamp"]);
    run.wait_for_line("started with pid");
    let up = |answer: &Value| {
        let rows = answer["processes"].as_array().expect("rows");
        rows.iter().filter(|row| row["state"] == "running").count()
    };
    // Asked behind each other on one connection: the second is not kept waiting for the thousand.
    let mut line = Line::to(&run.socket());
    line.request(1, &scale("p", 1000));
    line.request(2, &ps());
    assert!(line.next().expect("an answer")["ok"].is_object());
    assert!(up(&line.next().expect("an answer")["ok"]) < 1000);
    run.wait_until("all are up", || (up(&run.ask(["ps", "--json"]).expect(0).json()) == 1000).then_some(()));
    run.ask(["scale", "--wait", "p=1"]).expect(0);
    assert_eq!(up(&run.ask(["ps", "--json"]).expect(0).json()), 1);
    run.ask(["down"]).expect(0);
    run.finish().expect_code(0);
}
