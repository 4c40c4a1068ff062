//! What takes long: run by `.ci/run`, one at a time.

use crate::client::{Line, ps, scale};
use crate::output::expect_numbered;
use crate::world::{PROGRAM, World};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader};
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

/// Reads events, each of which must be sound, and tells the number of the last one of each stream; before it there must
/// have been all others in their order.
const CHECK: &str = r#"import json
last = {}
for line in open(0, encoding="utf-8", newline="\n"):
    event = json.loads(line)
    stream = event.get("stream")
    if stream:
        who = event["logger"] + " " + stream
        number = event.get("n") or int(event["message"].split()[1])
        assert number == last.get(who, 0) + 1, line
        last[who] = number
print("CHECKED", json.dumps(last))
"#;

/// The same by another reader of JSON.
fn check(events: impl BufRead) -> BTreeMap<String, u64> {
    let mut last = BTreeMap::new();
    for line in events.lines() {
        let line = line.expect("a text");
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let word = |name: &str| event[name].as_str().unwrap_or_else(|| panic!("no {name}: {line}"));
        if event.get("stream").is_some() {
            let number = event["n"].as_u64().or_else(|| word("message").split(' ').nth(1)?.parse().ok());
            let last: &mut u64 = last.entry(format!("{} {}", word("logger"), word("stream"))).or_default();
            assert_eq!(number, Some(*last + 1), "{line}");
            *last += 1;
        }
    }
    last
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn of_ten_million_lines_from_eight_processes_every_one_is_a_sound_event_and_none_is_lost() {
    const EACH: u64 = 1_250_000;
    let procfile = format!(
        "plain: exec seq -f 'line %.0f of many' {EACH}\n\
         json: exec seq -f '{{\"level\":\"warn\",\"msg\":\"order\",\"n\":%.0f}}' {EACH}\n\
         logfmt: exec seq -f 'level=debug msg=\"by hand\" n=%.0f' {EACH}\n\
         error: exec seq -f 'ERROR %.0f is wrong' {EACH} >&2\n"
    );
    let world = World::new().procfile(&procfile).file("check", CHECK).guard(3 * LONG);
    let pipe = world.app().join("events");
    mkfifo(&pipe, Mode::S_IRWXU).expect("a pipe");
    let other =
        std::thread::spawn(move || check(BufReader::new(File::open(pipe).expect("it is written to"))));
    let line = "\"$0\" start --log-format json --keep-going -m all=2 | tee events | python3 check";
    let run = world.command(["bash", "-c", line, PROGRAM].map(OsStr::new));
    let told = run.wait_for_line("CHECKED ");
    let finished = run.finish().expect_code(0);
    let expected: BTreeMap<String, u64> = ["plain", "json", "logfmt", "error"]
        .iter()
        .flat_map(|kind| [1, 2].map(|index| (kind, index)))
        .map(|(kind, index)| {
            (format!("{kind}.{index} {}", if *kind == "error" { "stderr" } else { "stdout" }), EACH)
        })
        .collect();
    let told = told.strip_prefix("CHECKED ").and_then(|told| serde_json::from_str(told).ok());
    assert_eq!(
        (told, other.join().expect("they are sound")),
        (Some(expected.clone()), expected),
        "{finished}"
    );
}
