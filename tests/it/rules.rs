//! Who waits for whom, and who is well: `after` and the probes, from end to end. FAULTS A9, K11, K12, K15,
//! K16, COMPAT end-5.

use crate::finished::Finished;
use crate::running::{Running, state};
use crate::world::{World, free_port, skipped};
use nix::sys::signal::Signal;
use nix::unistd::{Pid, mkfifo};
use std::fs;
use std::net::TcpListener;
use std::time::Duration;

const POLITE: &str = "pup on:TERM=log:down,exit:0 log:up hang";

/// Where in the witness this is; it must be there.
fn at(finished: &Finished, name: &str, event: &str) -> usize {
    let found = finished.witness.iter().position(|seen| seen.name == name && seen.event == event);
    found.unwrap_or_else(|| panic!("{name} has witnessed no {event}\n{finished}"))
}

/// Puts a file there at once, so that nobody reads half of it.
fn put(run: &Running, name: &str, text: &str) {
    let fresh = run.app().join(format!("{name}.new"));
    fs::write(&fresh, text).expect("a file of the app");
    fs::rename(fresh, run.app().join(name)).expect("in its place");
}

/// Waits until `ps` shows whether it can be used.
fn wait_for_ready(run: &Running, name: &str, ready: bool) {
    run.wait_until(&format!("`ready` of {name} is {ready}"), || {
        let rows = run.ask(["ps", "--json"]);
        let rows = (rows.code == 0).then(|| rows.json())?;
        let row = rows["processes"].as_array()?.iter().find(|row| row["name"] == name)?.clone();
        (row["ready"] == ready).then_some(())
    });
}

const CHAIN: &str = r#"
[process.migrate]
after = ["db:ready"]
[process.api]
after = ["migrate:completed"]
[process.web]
after = ["api:ready"]
[process.db.health]
readiness = { log = "ready for" }
[process.api.health]
readiness = { http = "/health", every = "50ms", failures = 2 }
"#;

#[test]
fn end_5_a_chain_starts_in_its_order_and_stops_in_the_other() {
    let procfile = [
        &format!("web: {POLITE}\n"),
        "api: pup on:TERM=sleep:100,log:down,exit:0 log:up http:status\n",
        "migrate: pup log:up sleep:100 log:migrated\n",
        "db: pup on:TERM=log:down,exit:0 log:up sleep:100 log:open say:ready\\for\\us hang\n",
    ];
    let procfile = procfile.concat().replace("say:ready\\for\\us", "'say:ready for all'");
    let world = World::new().procfile(&procfile).file("twelve-run.toml", CHAIN).file("status", "503");
    let run = world.start(["-p", &free_port().to_string()]);

    run.wait_for_witness(1, "serving");
    wait_for_ready(&run, "api.1", false);
    let row = run.wait_for_row("web.1", "waiting");
    assert_eq!(row["reason"], "waits for api:ready", "{row:#}");
    assert!(row["ready"].is_null(), "{row:#}");
    let why = run.ask(["why", "web", "--json"]).expect(0).json();
    assert_eq!(why["processes"][0]["waits_for"][0], "api:ready", "{why:#}");
    assert!(run.ask(["why", "web"]).expect(0).out.contains("api:ready"));
    run.wait_until("it says why", || run.ask(["why", "api"]).out.contains("503").then_some(()));

    put(&run, "status", "200");
    run.wait_for_witness(4, "up");
    wait_for_ready(&run, "api.1", true);
    wait_for_ready(&run, "db.1", true);
    let before = run.pids();

    // What is not ready any more is told, and is no reason to touch anybody.
    put(&run, "status", "500");
    run.wait_for_line("api.1     | not ready");
    wait_for_ready(&run, "api.1", false);
    put(&run, "status", "204");
    wait_for_ready(&run, "api.1", true);
    assert_eq!(run.pids(), before);

    let finished = run.down().expect_code(0);
    let order = [
        at(&finished, "db.1", "open"),
        at(&finished, "migrate.1", "up"),
        at(&finished, "migrate.1", "migrated"),
        at(&finished, "api.1", "up"),
        at(&finished, "web.1", "up"),
        at(&finished, "web.1", "down"),
        at(&finished, "api.1", "TERM"),
        at(&finished, "api.1", "down"),
        at(&finished, "db.1", "TERM"),
    ];
    assert!(order.is_sorted(), "{order:?}\n{finished}");
    assert_eq!(finished.count("up"), 4, "{finished}");
}

#[test]
fn end_5_a_migration_that_fails_is_told_by_whom_it_keeps_waiting_and_is_the_code() {
    let world = World::new()
        .procfile(&format!("migrate: pup log:tried exit:4\nweb: {POLITE}\nclock: {POLITE}\n"))
        .file("twelve-run.toml", "[process.web]\nafter = [\"migrate:completed\"]\n");
    let finished = world.start([]).finish().expect_code(4);
    assert!(!finished.witness.iter().any(|seen| seen.name == "web.1"), "{finished}");

    let run = world.start(["--keep-going"]);
    run.wait_for_line("waits in vain for migrate:completed: exited with code 4");
    let row = run.wait_for_row("web.1", "failed");
    assert!(row["pid"].is_null(), "{row:#}");
    run.wait_for_row("clock.1", "running");
    // Once it has gone well, so may the other.
    put(&run, "Procfile", &format!("migrate: pup log:tried\nweb: {POLITE}\nclock: {POLITE}\n"));
    run.ask(["reload"]).expect(0);
    run.ask(["restart", "migrate"]).expect(0);
    run.wait_for_row("migrate.1", "exited");
    run.ask(["restart", "web"]).expect(0);
    run.wait_for_row("web.1", "running");
    run.ask(["down"]).expect(0);
    run.finish().expect_code(4);
}

#[test]
fn what_is_not_alive_any_more_is_started_again_after_its_back_off() {
    let liveness =
        "[process.web.health]\nliveness = { exec = \"test -e alive\", every = \"50ms\", failures = 2 }\n";
    let world = World::new()
        .procfile(&format!("web: {POLITE}\nclock: {POLITE}\n"))
        .file("twelve-run.toml", liveness)
        .file("alive", "");
    let run = world.start([]);
    run.wait_for_witness(2, "up");
    let before = run.pids();
    fs::remove_file(run.app().join("alive")).expect("it is there");
    let line = run.wait_for_line("liveness probe failed");
    assert!(line.contains("exited with code 1") && line.contains("restarting in"), "{line}");
    run.wait_for_row("web.1", "backoff");
    put(&run, "alive", "");
    run.wait_for_witness(3, "up");
    let row = run.wait_for_row("web.1", "running");
    assert_eq!(row["restarts"], 1, "{row:#}");
    assert_eq!(run.pids()[1], before[1]);
    let finished = run.down().expect_code(0);
    let ups: Vec<_> =
        finished.witness.iter().filter(|seen| seen.name == "web.1" && seen.event == "up").collect();
    let asked = &finished.witness[at(&finished, "web.1", "TERM")];
    assert!(ups[1].at - asked.at > Duration::from_millis(400), "{finished}");
}

/// A command that answers to nobody, with all that it has started.
const STUCK: &str = "pup as:probe on:TERM spawn as:kid on:TERM log:asked hang end daemon as:away on:TERM log:asked hang end log:asked hang";

#[test]
fn k12_a_command_that_asks_for_ever_is_killed_at_its_time_with_all_that_it_started() {
    let readiness = format!(
        "[process.web.health]\nreadiness = {{ exec = \"{STUCK}\", every = \"50ms\", timeout = \"700ms\" }}\n"
    );
    let run = World::new().procfile(&format!("web: {POLITE}\n")).file("twelve-run.toml", readiness).start([]);
    let first = run.wait_for_witness(3, "asked");
    run.wait_for_witness(6, "asked");
    for seen in &first[..3] {
        run.wait_for_state(Pid::from_raw(seen.pid), "-");
    }
    let why = run.ask(["why", "web"]).expect(0).out;
    assert!(why.contains("no answer within 700ms"), "{why}");
    let finished = run.down().expect_code(0);
    assert_eq!((finished.count("up"), finished.count("down")), (1, 1), "{finished}");
}

#[test]
fn k12_nothing_is_left_of_a_command_in_the_middle_of_its_question() {
    let liveness = format!(
        "[process.db.health]\nliveness = {{ exec = \"{STUCK}\", every = \"50ms\", timeout = \"60s\" }}\n"
    );
    // With somebody for whom it is held back, it is asked on while all are being stopped.
    for after in ["", "[process.web]\nafter = [\"db\"]\n"] {
        let run = World::new()
            .procfile(&format!("db: {POLITE}\nweb: {}\n", POLITE.replace("log:down", "sleep:700,log:down")))
            .file("twelve-run.toml", format!("{liveness}{after}"))
            .start([]);
        run.wait_for_witness(3, "asked");
        run.wait_for_witness(2, "up");
        let finished = run.down().expect_code(0);
        assert!(finished.took < Duration::from_secs(6), "{finished}");
        assert!(!finished.err().contains("left behind"), "{finished}");
    }
}

#[test]
fn k16_a_stranger_at_the_port_is_not_taken_for_the_process_and_is_named() {
    let first = free_port();
    let _stranger = TcpListener::bind(("127.0.0.1", first)).expect("it is free");
    for how in ["tcp = true", "http = \"/\""] {
        let readiness =
            format!("[process.web.health]\nreadiness = {{ {how}, every = \"50ms\", timeout = \"300ms\" }}\n");
        let run = World::new()
            .procfile(&format!("web: {POLITE}\n"))
            .file("twelve-run.toml", readiness)
            .start(["-p", &first.to_string()]);
        run.wait_for_witness(1, "up");
        if how.starts_with("tcp") {
            let us = format!("pid {}", std::process::id());
            run.wait_until("the stranger is named", || {
                run.ask(["why", "web"]).out.contains(&us).then_some(())
            });
        }
        wait_for_ready(&run, "web.1", false);
        run.down().expect_code(0);
    }
}

#[test]
fn k15_who_listens_on_either_loopback_address_is_ready() {
    let readiness = "[process.web.health]\nreadiness = { tcp = true, every = \"50ms\" }\n";
    for address in ["127.0.0.1", "::1"] {
        if TcpListener::bind((address, 0)).is_err() {
            skipped(&format!("no {address}"));
            continue;
        }
        let run = World::new()
            .procfile(&format!("web: pup on:TERM=exit:0 tcp:{address}\n"))
            .file("twelve-run.toml", readiness)
            .start(["-p", &free_port().to_string()]);
        run.wait_for_witness(1, "serving");
        wait_for_ready(&run, "web.1", true);
        run.down().expect_code(0);
    }
}

/// Stops the supervisor for so long, and does `meanwhile` in that time.
fn freeze(run: &Running, time: Duration, meanwhile: impl FnOnce()) {
    let supervisor = run.supervisor();
    run.signal_to(supervisor, Signal::SIGSTOP);
    run.wait_for_state(supervisor, "T");
    meanwhile();
    run.let_pass(time);
    run.signal_to(supervisor, Signal::SIGCONT);
}

#[test]
fn a9_k11_an_answer_that_we_were_too_late_to_hear_is_none() {
    let liveness = "[process.web.health]\nstartup = { tcp = true, every = \"50ms\" }\nliveness = { http = \"/\", every = \"1s\", timeout = \"2s\", failures = 1 }\n";
    let world =
        World::new().procfile("web: pup on:TERM=exit:0 http:status\n").file("twelve-run.toml", liveness);
    // Whoever is asked waits for what is written into it.
    mkfifo(&world.app().join("status"), nix::sys::stat::Mode::S_IRWXU).expect("a fifo");
    let run = world.start(["-p", &free_port().to_string()]);
    run.wait_for_witness(1, "asked");
    freeze(&run, Duration::from_secs(6), || {
        fs::write(run.app().join("status"), "200").expect("somebody reads");
        put(&run, "status", "200");
    });
    run.wait_for_witness(3, "asked");
    let row = run.wait_for_row("web.1", "running");
    assert_eq!(row["restarts"], 0, "{row:#}");
    let finished = run.down().expect_code(0);
    assert_eq!(finished.count("serving"), 1, "{finished}");
}

#[test]
fn a9_k11_a_command_that_has_answered_in_time_is_not_late_because_we_are() {
    let liveness = "[process.web.health]\nliveness = { exec = \"pup as:probe log:asked until:go\", every = \"50ms\", timeout = \"3s\", failures = 1 }\n";
    let run = World::new().procfile(&format!("web: {POLITE}\n")).file("twelve-run.toml", liveness).start([]);
    let asked = run.wait_for_witness(1, "asked")[0].pid;
    // Not for so long that it is taken for a sleep.
    freeze(&run, Duration::from_secs(4), || {
        put(&run, "go", "");
        run.wait_until("it has answered", || {
            matches!(state(Pid::from_raw(asked)), Some('Z') | None).then_some(())
        });
    });
    run.wait_for_witness(3, "asked");
    assert_eq!(run.wait_for_row("web.1", "running")["restarts"], 0);
    let finished = run.down().expect_code(0);
    assert_eq!(finished.count("up"), 1, "{finished}");
}

#[test]
fn a_probe_that_has_changed_is_asked_from_the_reload_on() {
    let health = |readiness: &str| format!("[process.web.health]\nreadiness = {readiness}\n");
    let run = World::new()
        .procfile(&format!("web: {POLITE}\n"))
        .file("twelve-run.toml", health("{ exec = \"test -e never\", every = \"50ms\" }"))
        .start([]);
    run.wait_for_witness(1, "up");
    wait_for_ready(&run, "web.1", false);
    let before = run.pids();
    put(&run, "twelve-run.toml", &health("{ exec = \"test -e Procfile\", every = \"50ms\" }"));
    assert_eq!(run.ask(["reload"]).expect(0).out, "~ web: health\n");
    wait_for_ready(&run, "web.1", true);
    put(&run, "twelve-run.toml", &health("{ exec = \"test -e never\", every = \"50ms\", failures = 1 }"));
    run.ask(["reload"]).expect(0);
    wait_for_ready(&run, "web.1", false);
    put(&run, "twelve-run.toml", "");
    run.ask(["reload"]).expect(0);
    run.wait_until("nothing is to be ready", || run.rows()[0]["ready"].is_null().then_some(()));
    assert_eq!(run.pids(), before);
    // A line that has been written cannot be looked for any more.
    put(&run, "twelve-run.toml", &health("{ log = \"begun\" }"));
    put(&run, "Procfile", &format!("web: {}\n", POLITE.replace("log:up", "log:up say:begun")));
    run.ask(["reload"]).expect(0);
    wait_for_ready(&run, "web.1", true);
    put(&run, "twelve-run.toml", &health("{ log = \"beg\" }"));
    run.ask(["reload"]).expect(0);
    run.wait_for_witness(3, "up");
    wait_for_ready(&run, "web.1", true);
    run.down().expect_code(0);
}

#[test]
fn what_gives_up_says_once_more_what_it_said_last_and_its_code_is_ours() {
    let settings = "[process.web]\nrestart = \"on-failure\"\nmax_restarts = 1\nbackoff = \"100ms\"\n";
    let world = World::new()
        .procfile(&format!("web: pup log:up lines:9 print:tail exit:6\nclock: {POLITE}\n"))
        .file("twelve-run.toml", settings);
    let finished = world.start([]).finish().expect_code(6);
    let told = finished.lines_of("web.1");
    let gave_up = told.iter().position(|line| line.contains("gave up after 1 restart, stopping all"));
    let again = &told[gave_up.expect("it is told") + 1..];
    assert_eq!(again[0], "it said last:", "{finished}");
    assert_eq!((again.len(), again[5].trim()), (6, "tail"), "{finished}");
    assert_eq!(
        told.iter().filter(|line| *line == "it said last:").count(),
        1,
        "not at each restart\n{finished}"
    );
    assert_eq!(finished.count("up"), 3, "{finished}");
}
