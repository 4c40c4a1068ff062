//! What can be asked of a running formation, and what becomes of it: FAULTS A17, B19, E6 to E9, E11, H15,
//! COMPAT form-5.

use crate::client::{Answer, scale};
use crate::running::Running;
use crate::world::{POLITE, World};
use nix::sys::signal::Signal;
use serde_json::{Value, json};

/// A run in which web.1 and worker.1 are up.
fn web_and_worker() -> Running {
    let run = World::new().procfile(&format!("web: {POLITE}\nworker: {POLITE}\n")).start([]);
    run.wait_for_witness(2, "up");
    run
}

fn names_of(events: &[Value], event: &str) -> Vec<String> {
    let of = events.iter().filter(|one| one["event"] == event);
    of.map(|one| one["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn scale_up_keeps_the_others_and_scale_down_stops_the_highest_first_and_gently() {
    let run = web_and_worker();
    let before = run.pids();
    let mut events = run.connect();
    events.ask(1, &json!({ "events": {} }));
    let answer = run.ask(["scale", "worker=4", "--wait"]).expect(0);
    assert_eq!(answer.out, "worker from 1 to 4\n");
    run.wait_for_witness(5, "up");
    let rows = run.rows();
    let workers = rows.iter().filter(|row| row["type"] == "worker" && row["state"] == "running");
    assert_eq!(workers.count(), 4, "{rows:#?}");
    let with_four = run.pids();
    assert!(before.iter().all(|one| with_four.contains(one)), "{before:?} {with_four:?}");

    run.ask(["scale", "worker=1", "--wait"]).expect(0);
    assert_eq!(run.pids(), before);
    let finished = run.down().expect_code(0);
    let told = events.rest();
    assert_eq!(names_of(&told, "stopping")[..3], ["worker.4", "worker.3", "worker.2"], "{told:#?}");
    let ends: Vec<&Value> = told.iter().filter(|one| one["event"] == "exited").take(3).collect();
    assert!(ends.iter().all(|end| end["exit"] == 0), "{ends:#?}");
    assert_eq!(finished.count("TERM"), 5, "everybody was asked once\n{finished}");
}

#[test]
fn form_5_counts_are_absolute_or_relative_and_taken_whole_or_not_at_all() {
    let run = World::new().procfile(&format!("web: {POLITE}\nworker: {POLITE}\nclock: {POLITE}\n")).start([]);
    run.wait_for_witness(3, "up");
    let before = run.pids();
    run.ask(["scale", "web=3", "--wait"]).expect(0);
    assert_eq!(run.names(), ["web.1", "web.2", "web.3", "worker.1", "clock.1"]);
    run.ask(["scale", "web=+1", "worker=0", "--wait"]).expect(0);
    let names = run.names();
    assert!(names.contains(&"web.4".into()) && !names.contains(&"worker.1".into()), "{names:?}");
    let at_four = run.pids();
    run.ask(["scale", "web=9", "nosuch=1"]).expect(2).expect_err("nosuch");
    run.ask(["scale", "web=9", "web=2"]).expect(2).expect_err("given twice");
    assert_eq!(run.pids(), at_four);
    run.ask(["scale", "web=-3,worker=+1", "--wait"]).expect(0);
    let after = run.pids();
    let kept = before.iter().filter(|(name, _)| name != "worker.1");
    assert!(kept.clone().all(|one| after.contains(one)), "{before:?} {after:?}");
    run.down().expect_code(0);
}

#[test]
fn e6_a_formation_of_nothing_stays_and_can_be_asked() {
    let run = web_and_worker();
    run.ask(["scale", "web=0", "worker=0", "--wait"]).expect(0);
    assert!(run.ask(["ps"]).expect(0).out.contains("nothing is to run"));
    assert_eq!(run.names(), Vec::<String>::new());
    run.ask(["scale", "web=2", "--wait"]).expect(0);
    run.wait_for_witness(4, "up");
    assert_eq!(run.names(), ["web.1", "web.2"]);
    let finished = run.down().expect_code(0);
    assert_eq!((finished.count("up"), finished.count("TERM")), (4, 4), "{finished}");
}

#[test]
fn e7_more_than_there_may_be_is_refused_with_the_limit() {
    let run = web_and_worker();
    let before = run.pids();
    run.ask(["scale", "worker=10000"]).expect(2).expect_err("1000");
    run.ask(["scale", "worker=+1000"]).expect(2).expect_err("1000");
    run.ask(["scale", "worker=-2"]).expect(2).expect_err("there are 1");
    let reply = run.connect().ask(7, &scale("worker", 1001));
    assert_eq!(reply["error"]["kind"], "too_many", "{reply}");
    assert_eq!(run.pids(), before);
    run.down().expect_code(0);
}

#[test]
fn e7_more_than_file_descriptors_allow_is_refused_with_the_reason() {
    let run =
        World::new().procfile(&format!("web: {POLITE}\nworker: {POLITE}\n")).start_from("ulimit -n 200", []);
    run.wait_for_witness(2, "up");
    let before = run.pids();
    run.ask(["scale", "web=2", "worker=900"]).expect(1).expect_err("file descriptors");
    assert_eq!(run.pids(), before);
    run.down().expect_code(0);
}

#[test]
fn e8_what_is_no_count_is_an_error_and_changes_nothing() {
    let run = web_and_worker();
    let before = run.pids();
    let wrong = [
        "worker=",
        "=4",
        "worker=1.5",
        "worker=1e3",
        "worker=٣",
        "worker=18446744073709551616",
        "worker=4,worker=5",
        "worker=0x1",
        "worker= ",
        "worker=--1",
        "worker=+",
        "wörker=1",
        "worker",
        "",
    ];
    for text in wrong {
        let answer = run.ask(["scale", text]).expect(2);
        assert!(answer.err.contains("error") && answer.out.is_empty(), "{text}: {answer:#?}");
    }
    assert_eq!(run.pids(), before);
    run.down().expect_code(0);
}

#[test]
fn e8_relative_changes_of_many_at_once_add_up() {
    let run = web_and_worker();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8).map(|_| scope.spawn(|| run.ask(["scale", "web=+1"]))).collect();
        for client in clients {
            client.join().expect("it is answered").expect(0);
        }
    });
    let webs = run.names().iter().filter(|name| name.starts_with("web.")).count();
    assert_eq!(webs, 9);
    run.down().expect_code(0);
}

#[test]
fn e9_an_unknown_name_is_refused_with_the_nearest_and_all_of_the_request_with_it() {
    let run = web_and_worker();
    let before = run.pids();
    run.ask(["scale", "web=2", "wroker=2"])
        .expect(2)
        .expect_err("wroker")
        .expect_err("did you mean `worker`");
    for verb in
        [["restart", "web.9"], ["stop", "web.9"], ["why", "web.9"], ["logs", "web.9"], ["attach", "web.9"]]
    {
        run.ask(verb).expect(2).expect_err("`web.9` is no process").expect_err("web.1");
    }
    run.ask(["restart", "web", "nosuch"]).expect(2);
    run.ask(["stop", "web.01"]).expect(2);
    run.ask(["signal", "NOSUCH", "web"]).expect(2).expect_err("no signal");
    assert_eq!(run.pids(), before);
    run.down().expect_code(0);
}

#[test]
fn e11_what_is_down_goes_before_what_runs_and_siblings_keep_their_pids() {
    let procfile = format!("web: case $PS in web.2) exec pup log:down exit:3;; *) exec {POLITE};; esac\n");
    let run = World::new().procfile(&procfile).start(["-m", "web=3", "--restart", "on-failure"]);
    run.wait_for_witness(2, "up");
    // From its second end on it waits for two seconds and more.
    run.wait_for_witness(2, "down");
    let row = run.wait_for_row("web.2", "backoff");
    assert_eq!((row["restarts"].as_u64(), row["exit"].as_u64()), (Some(1), Some(3)), "{row:#}");
    let before = run.pids();
    run.ask(["scale", "web=2"]).expect(0);
    let after = run.pids();
    assert_eq!(after, [before[0].clone(), before[2].clone()], "{before:?}");
    run.ask(["scale", "web=1", "--wait"]).expect(0);
    assert_eq!(run.pids(), [before[0].clone()]);
    // The lowest index that is free is taken.
    run.ask(["scale", "web=2"]).expect(0);
    run.wait_for_row("web.2", "backoff");
    run.ask(["down"]).expect(0);
    run.finish();
}

#[test]
fn b19_a_stop_by_name_cancels_the_restart_that_was_to_come() {
    let procfile = format!("web: pup log:down exit:3\nworker: {POLITE}\n");
    let run = World::new().procfile(&procfile).start(["--restart", "on-failure"]);
    run.wait_for_witness(1, "up");
    run.wait_for_row("web.1", "backoff");
    assert_eq!(run.ask(["stop", "web"]).expect(0).out, "stopping web.1\n");
    let stopped = run.wait_for_row("web.1", "stopped");
    let downs = run.wait_for_witness(1, "down").len();
    // Its timer would have come by then.
    run.let_pass(std::time::Duration::from_millis(2500));
    assert_eq!(run.wait_for_witness(1, "down").len(), downs, "{stopped:#}");
    run.ask(["restart", "web.1"]).expect(0);
    run.wait_for_witness(downs + 1, "down");
    run.ask(["down"]).expect(0);
    run.finish();
}

#[test]
fn a17_a_client_that_leaves_changes_nothing_about_what_it_asked_for() {
    let run = web_and_worker();
    let line = run.connect();
    line.request(1, &json!({ "stop": { "names": ["worker"] } }));
    drop(line);
    run.wait_for_witness(1, "TERM");
    run.wait_for_row("worker.1", "stopped");
    let line = run.connect();
    line.request(1, &json!({ "down": { "grace_ms": null } }));
    drop(line);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 2, "{finished}");
}

#[test]
fn restart_stops_and_starts_only_what_is_named() {
    let run = web_and_worker();
    let before = run.pids();
    assert_eq!(run.ask(["restart", "worker"]).expect(0).out, "restarting worker.1\n");
    run.wait_for_witness(3, "up");
    let after = run.pids();
    assert_eq!(after[0], before[0]);
    assert_ne!(after[1].1, before[1].1);
    let row = run.wait_for_row("worker.1", "running");
    assert_eq!(row["restarts"], 0, "only what happens by rule is counted: {row:#}");
    let finished = run.down().expect_code(0);
    assert_eq!(finished.count("TERM"), 3, "{finished}");
}

#[test]
fn restart_of_one_that_would_end_everything_ends_nothing() {
    // `on_exit` is about ends that nobody asked for.
    let run = World::new().procfile(&format!("web: {POLITE}\n")).start([]);
    run.wait_for_witness(1, "up");
    run.ask(["restart", "web"]).expect(0);
    run.wait_for_witness(2, "up");
    run.ask(["stop", "web"]).expect(0);
    run.wait_for_row("web.1", "stopped");
    run.ask(["restart"]).expect(0);
    run.wait_for_witness(3, "up");
    run.down().expect_code(0);
}

#[test]
fn signal_sends_it_to_whom_it_is_for_and_nothing_else() {
    let puppet = "pup on:TERM=exit:0 on:USR1 log:up hang";
    let run = World::new().procfile(&format!("web: {puppet}\nworker: {puppet}\n")).start([]);
    run.wait_for_witness(2, "up");
    for (name, count) in [("USR1", 1), ("SIGUSR1", 2), ("10", 3)] {
        run.ask(["signal", name, "web"]).expect(0);
        let seen = run.wait_for_witness(count, "USR1");
        assert!(seen.iter().all(|one| one.name == "web.1"), "{seen:?}");
    }
    run.ask(["stop", "web"]).expect(0);
    run.wait_for_row("web.1", "stopped");
    run.ask(["signal", "USR1", "web"]).expect(1).expect_err("does not run");
    run.down().expect_code(0);
}

#[test]
fn why_tells_how_it_ended_and_what_it_said_last() {
    let procfile = format!("web: pup say:first say:the-last-words exit:3\nworker: {POLITE}\n");
    let run = World::new().procfile(&procfile).start(["--keep-going"]);
    run.wait_for_witness(1, "up");
    run.wait_for_row("web.1", "exited");
    let told = run.ask(["why", "web.1"]).expect(0).out;
    for part in ["web.1 · exited", "exited with code 3", "the-last-words", "pup say:first"] {
        assert!(told.contains(part), "{part:?} is missing\n{told}");
    }
    let json = run.ask(["why", "web.1", "--json"]).expect(0).json();
    assert_eq!(json["processes"][0]["ends"][0]["exit"], 3, "{json:#}");
    run.ask(["restart", "worker"]).expect(0);
    run.wait_for_witness(2, "up");
    let told = run.ask(["why", "worker"]).expect(0).out;
    assert!(told.contains("changed last by restart (pid "), "{told}");
    run.ask(["down"]).expect(0);
    run.finish();
}

#[test]
fn logs_show_the_last_words_of_a_life_that_crashed() {
    let procfile = "web: if [ -e again ]; then exec pup on:TERM=exit:0 say:second-life log:up hang; fi; touch again; exec pup lines:500 err:cannot-go-on raise:SEGV\n";
    let run = World::new().procfile(procfile).start(["--restart", "on-failure"]);
    run.wait_for_witness(1, "up");
    run.wait_for_line("second-life");
    let now = run.ask(["logs", "web.1"]).expect(0).out;
    assert!(now.contains("second-life") && !now.contains("cannot-go-on"), "{now}");
    let before = run.ask(["logs", "--previous", "web.1"]).expect(0).out;
    assert!(before.contains("cannot-go-on") && before.contains("web.1 0000500"), "{before}");
    assert!(!before.contains("second-life"), "{before}");
    let last = run.ask(["logs", "--previous", "-n", "1", "--json"]).expect(0).json();
    assert_eq!(last["name"], "web.1", "{last}");
    run.down().expect_code(0);
}

#[test]
fn logs_that_are_read_slowly_are_read_to_their_end() {
    let run = World::new().procfile("web: pup on:TERM=exit:0 lines:5000 log:up hang\n").start([]);
    run.wait_for_witness(1, "up");
    run.wait_for_line("web.1 0005000");
    // A pager takes a screen, and no more until somebody has read that.
    let slow = format!("{} logs web.1 | (read first; sleep 4; echo \"$first\"; cat)", crate::world::PROGRAM);
    let answer = crate::client::run_in(&run.app(), &["sh", "-c", &slow], &[]).expect(0);
    let whole = run.ask(["logs", "web.1"]).expect(0);
    assert!(whole.out.lines().count() > 2000, "it is more than pipes hold");
    assert_eq!(answer.out.lines().count(), whole.out.lines().count(), "{}", answer.err);
    run.down().expect_code(0);
}

#[test]
fn what_a_flood_leaves_in_memory_is_bounded() {
    let run = World::new()
        .procfile("web: pup on:TERM=exit:0 log:up flood\nmark: pup on:TERM=exit:0 log:up hang\n")
        .start_from("exec >/dev/null", []);
    run.wait_for_witness(2, "up");
    let (mut last, mut peak) = (String::new(), 0);
    // Until it has written more than a hundred megabytes.
    run.wait_until("the flood has come far", || {
        last = run.ask(["logs", "-n", "1", "web.1"]).expect(0).out;
        peak = peak.max(run.anonymous_kb());
        let number = last.split_whitespace().find(|word| word.len() == 7)?.parse::<u64>().ok()?;
        (number > 2_500_000).then_some(())
    });
    assert!(peak < 48 * 1024, "{peak} kB");
    let kept = run.ask(["logs", "web.1"]).expect(0).out.len();
    assert!(kept > 50 * 1024 && kept < 2 * 1024 * 1024, "{kept} bytes");
    run.down().expect_code(0);
}

#[test]
fn logs_of_a_follower_go_on_through_a_restart_until_the_end() {
    let run = World::new().procfile("web: pup on:TERM=say:goodbye,exit:0 say:hello log:up hang\n").start([]);
    run.wait_for_witness(1, "up");
    run.wait_for_line("hello");
    let mut logs = run.connect();
    let ask =
        json!({ "logs": { "names": [], "last": null, "since": null, "previous": false, "follow": true } });
    assert!(logs.ask(1, &ask)["error"].is_null());
    run.ask(["restart"]).expect(0);
    run.wait_for_witness(2, "up");
    run.down().expect_code(0);
    let told = logs.rest();
    let texts: Vec<&str> = told.iter().filter_map(|one| one["text"].as_str()).collect();
    let count = |text: &str| texts.iter().filter(|one| **one == text).count();
    assert_eq!((count("hello"), count("goodbye")), (2, 2), "{texts:?}");
}

#[test]
fn down_returns_when_nothing_is_left_and_says_how_it_went() {
    let run = World::new()
        .procfile(
            "web: pup on:TERM=sleep:300,log:handled,exit:0 log:up hang\ndeaf: pup on:TERM log:up hang\n",
        )
        .start([]);
    run.wait_for_witness(2, "up");
    let answer = run.ask(["down", "-t", "1"]).expect(0);
    assert!(answer.err.contains("deaf.1 terminated by SIGKILL"), "{answer:#?}");
    assert!(answer.err.contains("web.1 exited with code 0"), "{answer:#?}");
    let handled = run.wait_for_witness(1, "handled");
    assert_eq!(handled.len(), 1);
    run.ask(["ps"]).expect(3);
    run.finish().expect_code(137);
}

#[test]
fn after_down_the_next_start_needs_no_waiting() {
    let world = World::new().procfile(&format!("web: {POLITE}\n"));
    let mut runs = Vec::new();
    for round in 1..=5 {
        let run = world.start([]);
        run.wait_for_witness(round, "up");
        run.wait_for_row("web.1", "running");
        run.ask(["down"]).expect(0);
        runs.push(run);
    }
    for run in runs {
        run.finish().expect_code(0);
    }
}

#[test]
fn e12_h16_while_everything_is_being_stopped_every_request_is_refused_by_kind() {
    let run = World::new().procfile("web: pup on:TERM log:up hang\n").start(["-t", "2"]);
    run.wait_for_witness(1, "up");
    let mut line = run.connect();
    run.signal(Signal::SIGTERM);
    run.wait_for_witness(1, "TERM");
    for (id, ask) in [
        scale("web", 2),
        json!({ "restart": { "names": [] } }),
        json!({ "stop": { "names": ["web"] } }),
        json!({ "signal": { "names": ["web"], "signal": 10 } }),
    ]
    .iter()
    .enumerate()
    {
        let reply = line.ask(id as u64, ask);
        assert_eq!(reply["error"]["kind"], "shutting_down", "{reply}");
    }
    let row = run.wait_for_row("web.1", "stopping");
    assert_eq!(row["name"], "web.1");
    run.ask(["scale", "web=2"]).expect(1).expect_err("being stopped");
    run.finish().expect_code(137);
}

#[test]
fn h15_with_nothing_running_every_verb_says_so_and_ends_with_3() {
    let world = World::new().procfile(&format!("web: {POLITE}\n"));
    let ask_all = || -> Vec<Answer> {
        vec![
            world.ask(["ps"]),
            world.ask(["why"]),
            world.ask(["scale", "web=1"]),
            world.ask(["restart"]),
            world.ask(["stop", "web"]),
            world.ask(["signal", "USR1", "web"]),
            world.ask(["logs"]),
            world.ask(["attach", "web.1"]),
            world.ask(["events"]),
            world.ask(["down"]),
        ]
    };
    for answer in ask_all() {
        answer.expect(3).expect_err("nothing is running in").expect_err("twelve-run start");
    }
    assert!(!world.app().join(".twelve-run").exists(), "who asks leaves no trace");
    // A socket that nobody listens at any more.
    std::fs::create_dir(world.app().join(".twelve-run")).expect("a folder");
    drop(std::os::unix::net::UnixListener::bind(world.app().join(".twelve-run/control.sock")));
    for answer in ask_all() {
        answer.expect(3).expect_err("nothing is running in");
    }
}
