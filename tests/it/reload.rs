//! What changes while it runs: `reload` touches only what has changed, `restart --rolling` never has fewer
//! than were asked for. FAULTS I13, COMPAT §5.

use crate::finished::Seen;
use crate::running::Running;
use crate::world::{PROGRAM, World, free_port};
use serde_json::Value;
use std::fs;

const POLITE: &str = "pup on:TERM=log:down,exit:0 log:up hang";
/// A value that nobody may ever see.
const CANARY: &str = "canary-5e7a1";

fn four() -> String {
    ["web", "worker", "clock", "mail"].map(|name| format!("{name}: {POLITE}\n")).concat()
}

fn write(run: &Running, name: &str, text: &str) {
    fs::write(run.app().join(name), text).expect("a file of the app");
}

/// The pids that are the same in both, by name.
fn kept(before: &[(String, u64)], after: &[(String, u64)]) -> Vec<String> {
    before.iter().filter(|one| after.contains(one)).map(|one| one.0.clone()).collect()
}

#[test]
fn what_has_not_changed_keeps_its_processes() {
    let run = World::new().procfile(&four()).start([]);
    run.wait_for_witness(4, "up");
    let before = run.pids();
    assert_eq!(run.ask(["reload"]).expect(0).out, "nothing has changed\n");
    write(&run, "Procfile", &four().replace("worker: pup", "worker: pup as:new"));
    assert_eq!(run.ask(["reload"]).expect(0).out, "~ worker: command\n");
    run.wait_for_witness(5, "up");
    run.wait_for_row("worker.1", "running");
    let after = run.pids();
    assert_eq!(kept(&before, &after), ["web.1", "clock.1", "mail.1"], "{before:?} {after:?}");
    let finished = run.down().expect_code(0);
    assert_eq!(finished.witness.iter().filter(|seen| seen.name == "new" && seen.event == "up").count(), 1);
}

#[test]
fn types_come_and_go_with_the_file() {
    let run = World::new().procfile(&four()).start([]);
    run.wait_for_witness(4, "up");
    let before = run.pids();
    let changed = four().replace("mail:", "post:");
    write(&run, "Procfile", &changed);
    let told = run.ask(["reload"]).expect(0).out;
    assert!(told.contains("+ post\n") && told.contains("− mail\n"), "{told}");
    run.wait_for_witness(5, "up");
    run.wait_for_witness(1, "down");
    run.wait_until("mail is gone", || (!run.names().contains(&"mail.1".into())).then_some(()));
    assert_eq!(kept(&before, &run.pids()), ["web.1", "worker.1", "clock.1"]);
    run.ask(["restart", "mail"]).expect(2).expect_err("`mail` is no process");
    run.ask(["scale", "post=2", "--wait"]).expect(0);
    run.wait_for_witness(6, "up");
    let finished = run.down().expect_code(0);
    assert_eq!((finished.count("up"), finished.count("down")), (6, 6), "{finished}");
}

#[test]
fn a_changed_variable_is_told_by_name_and_its_value_to_nobody() {
    let world = World::new()
        .procfile(&format!(
            "web: test \"$SECRET\" = {CANARY} && pup log:knows; exec {POLITE}\nclock: {POLITE}\n"
        ))
        .file("twelve-run.toml", "[process.web]\nenv = { SECRET = \"old\" }\n");
    let run = world.start([]);
    run.wait_for_witness(2, "up");
    let before = run.pids();
    let toml = format!("[process.web]\nenv = {{ SECRET = \"{CANARY}\", OTHER = \"{CANARY}\" }}\n");
    write(&run, "twelve-run.toml", &toml);
    let json = run.ask(["reload", "--json"]).expect(0);
    let changes = &json.json()["changes"];
    assert_eq!(changes[0]["what"][0], "env OTHER SECRET", "{changes:#}");
    assert_eq!(changes.as_array().map(Vec::len), Some(1), "{changes:#}");
    run.wait_for_witness(1, "knows");
    run.wait_for_witness(3, "up");
    assert_eq!(kept(&before, &run.pids()), ["clock.1"]);
    let said =
        [json.out, json.err, run.ask(["why"]).out, run.ask(["logs"]).out, run.ask(["ps", "--json"]).out];
    // The Procfile itself holds it; what is shown of that is its own affair.
    assert!(said[..2].iter().all(|said| !said.contains(CANARY)), "{said:#?}");
    // All of them, when it comes from `.env`.
    write(&run, ".env", &format!("TOKEN={CANARY}\n"));
    let told = run.ask(["reload"]).expect(0);
    assert_eq!(told.out, "~ web: env TOKEN\n~ clock: env TOKEN\n", "{told:#?}");
    run.wait_for_witness(5, "up");
    run.ask(["down"]).expect(0);
    run.finish();
}

#[test]
fn what_came_from_a_pipe_is_still_known() {
    for background in ["", "-D"] {
        let world = World::new()
            .procfile("web: echo \"token $TOKEN\"; exec pup on:TERM=exit:0 log:up hang\n")
            .patience(crate::world::GUARD);
        let line = format!("\"$0\" start {background} -e <(echo TOKEN=from-a-pipe)");
        let run = world.command(["bash", "-c", &line, PROGRAM].map(std::ffi::OsStr::new));
        run.wait_for_witness(1, "up");
        let row = run.wait_for_row("web.1", "running");
        assert_eq!(run.ask(["reload"]).expect(0).out, "nothing has changed\n");
        run.ask(["restart"]).expect(0);
        run.wait_for_witness(2, "up");
        run.wait_until("both lives have spoken", || {
            let logs = run.ask(["logs"]).out + &run.ask(["logs", "--previous"]).out;
            (logs.matches("token from-a-pipe").count() == 2).then_some(())
        });
        assert_ne!(run.wait_for_row("web.1", "running")["pid"], row["pid"]);
        run.ask(["down"]).expect(0);
        run.finish().expect_code(0);
    }
}

#[test]
fn i13_a_bad_file_changes_nothing_and_is_told_with_its_place() {
    let run = World::new().procfile(&four()).start([]);
    run.wait_for_witness(4, "up");
    let before = run.pids();
    write(&run, "twelve-run.toml", "[process.web]\nrestart = \"sometimes\"\n");
    write(&run, "Procfile", &four().replace("worker: pup", "worker: pup as:new"));
    run.ask(["reload"]).expect(2).expect_err("nothing was changed").expect_err("twelve-run.toml:2");
    assert_eq!(run.pids(), before);
    // What was not taken is still to be taken.
    fs::remove_file(run.app().join("twelve-run.toml")).expect("it is there");
    assert_eq!(run.ask(["reload"]).expect(0).out, "~ worker: command\n");
    run.wait_for_witness(5, "up");
    run.down().expect_code(0);
}

#[test]
fn fewer_of_what_has_changed_are_all_new() {
    let run =
        World::new().procfile(&four()).file("twelve-run.toml", "[process.web]\ninstances = 3\n").start([]);
    run.wait_for_witness(6, "up");
    let before = run.pids();
    write(&run, "Procfile", &four().replace("web: pup", "web: pup as:new"));
    write(&run, "twelve-run.toml", "[process.web]\ninstances = 2\n");
    assert_eq!(run.ask(["reload"]).expect(0).out, "~ web: command, instances\n");
    run.wait_for_witness(3, "down");
    run.wait_for_witness(8, "up");
    for name in ["web.1", "web.2"] {
        run.wait_for_row(name, "running");
    }
    assert_eq!(run.names().len(), 5);
    assert_eq!(kept(&before, &run.pids()), ["worker.1", "clock.1", "mail.1"]);
    // More of them touch nobody who is there.
    let before = run.pids();
    write(&run, "twelve-run.toml", "[process.web]\ninstances = 3\n");
    assert_eq!(run.ask(["reload"]).expect(0).out, "~ web: instances\n");
    run.wait_for_witness(9, "up");
    assert_eq!(kept(&before, &run.pids()).len(), 5);
    run.down().expect_code(0);
}

#[test]
fn what_a_person_stopped_stays_stopped_with_its_new_command() {
    for rolling in [false, true] {
        let run = World::new().procfile(&four()).start([]);
        run.wait_for_witness(4, "up");
        run.ask(["stop", "worker"]).expect(0);
        run.wait_for_row("worker.1", "stopped");
        let changed =
            four().replace("worker: pup", "worker: pup as:new").replace("mail: pup", "mail: pup as:new");
        write(&run, "Procfile", &changed);
        let answer = if rolling { run.ask(["reload", "--rolling"]) } else { run.ask(["reload"]) };
        answer.expect(0);
        run.wait_until("mail is new", || {
            let all = crate::finished::read_witness(&run.app().join("../witness"));
            all.iter().any(|seen| seen.name == "new" && seen.event == "up").then_some(())
        });
        run.wait_for_row("mail.1", "running");
        run.wait_for_row("worker.1", "stopped");
        run.ask(["restart", "worker"]).expect(0);
        run.wait_for_row("worker.1", "running");
        let names: Vec<String> = run.wait_for_witness(6, "up").into_iter().map(|seen| seen.name).collect();
        assert_eq!(names.last().map(String::as_str), Some("new"), "{names:?}");
        run.down().expect_code(0);
    }
}

/// Name, pid and port of all.
fn ports(run: &Running) -> Vec<(String, u64, u64)> {
    let of = |row: &Value, key: &str| row[key].as_u64().unwrap_or_default();
    let rows = run.rows();
    let all = rows
        .iter()
        .map(|row| (row["name"].as_str().unwrap_or_default().to_owned(), of(row, "pid"), of(row, "port")));
    all.collect()
}

/// The fewest that were up at once after all three were.
fn fewest(witness: &[Seen]) -> usize {
    let (mut up, mut full, mut fewest) = (0, false, usize::MAX);
    for seen in witness {
        match seen.event.as_str() {
            "up" => up += 1,
            "down" => up -= 1,
            _ => {}
        }
        full |= up == 3;
        if full {
            fewest = fewest.min(up);
        }
    }
    fewest
}

fn three(command: &str) -> World {
    World::new()
        .procfile(&format!("web: {command}\n"))
        .file("twelve-run.toml", "[process.web]\ninstances = 3\nrestart = \"never\"\n")
}

#[test]
fn a_rolling_restart_never_has_fewer_than_there_are_to_be() {
    let first = free_port().to_string();
    let run = three(POLITE).start(["-p", &first]);
    run.wait_for_witness(3, "up");
    let before = ports(&run);
    assert_eq!(run.ask(["restart", "--rolling", "web"]).expect(0).out, "replaced web\n");
    run.wait_until("the extra one is gone", || (run.rows().len() == 3).then_some(()));
    let after = ports(&run);
    let parts = |all: &[(String, u64, u64)]| -> Vec<(String, u64)> {
        all.iter().map(|one| (one.0.clone(), one.2)).collect()
    };
    assert_eq!(parts(&before), parts(&after), "names and ports");
    assert!(before.iter().all(|one| after.iter().all(|other| one.1 != other.1)), "{before:?} {after:?}");
    let witness = crate::finished::read_witness(&run.app().join("../witness"));
    assert_eq!(fewest(&witness), 3, "{witness:#?}");
    let finished = run.down().expect_code(0);
    assert_eq!((finished.count("up"), finished.count("down")), (7, 7), "{finished}");
}

#[test]
fn a_rolling_reload_replaces_what_has_changed_one_by_one() {
    let run = three(POLITE).start([]);
    run.wait_for_witness(3, "up");
    write(&run, "Procfile", &format!("web: {}\n", POLITE.replace("log:up", "say:anew log:up")));
    assert_eq!(run.ask(["reload", "--rolling"]).expect(0).out, "~ web: command\n");
    let witness = crate::finished::read_witness(&run.app().join("../witness"));
    assert_eq!(fewest(&witness), 3, "{witness:#?}");
    run.wait_until("the extra one is gone", || (run.rows().len() == 3).then_some(()));
    let finished = run.down().expect_code(0);
    assert_eq!(finished.out().matches("| anew").count(), 4, "{finished}");
}

#[test]
fn what_does_not_come_up_is_replaced_nowhere_and_ends_nothing() {
    // By a restart, what has changed is outside of our files.
    let run = three(&format!("if [ -e bad ]; then pup log:bad exit:1; else exec {POLITE}; fi")).start([]);
    run.wait_for_witness(3, "up");
    let before = run.pids();
    write(&run, "bad", "");
    run.ask(["restart", "--rolling", "web"]).expect(1).expect_err("`web.4` did not come up");
    run.wait_for_witness(1, "bad");
    run.wait_until("the extra one is gone", || (run.rows().len() == 3).then_some(()));
    assert_eq!(run.pids(), before);
    // By a reload, it is in them.
    write(&run, "Procfile", "web: pup log:bad exit:1\n");
    run.ask(["reload", "--rolling"]).expect(1).expect_err("did not come up");
    run.wait_for_witness(2, "bad");
    run.wait_until("the extra one is gone", || (run.rows().len() == 3).then_some(()));
    assert_eq!(run.pids(), before);
    let finished = run.down().expect_code(0);
    assert_eq!(finished.count("down"), 3, "{finished}");
}
