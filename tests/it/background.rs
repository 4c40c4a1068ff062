//! Formations that are not simply in front of somebody: in the background (`start -D`), around a command
//! (`start -- CMD`), in front of one who types; and what a shell completes about them.

use crate::client::{Answer, run_in};
use crate::running::{Running, children};
use crate::world::{GUARD, POLITE, PROGRAM, World};
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A world whose oracle gives a formation time to be ended after its starter.
fn world(procfile: &str) -> World {
    World::new().procfile(procfile).patience(GUARD)
}

/// Runs a line of shell in which `"$0"` is the program.
fn shell(world: &World, line: &str) -> Running {
    world.command(["bash", "-c", line, PROGRAM].map(OsStr::new))
}

/// Whom the lock names.
fn holder(run: &Running) -> Pid {
    let text = fs::read_to_string(run.app().join(".twelve-run/lock")).expect("there is a lock");
    let holder: serde_json::Value = serde_json::from_str(&text).expect("it is signed");
    Pid::from_raw(holder["pid"].as_i64().expect("with a pid") as i32)
}

/// Fields of `/proc/PID/stat` from the state on.
fn stat(pid: Pid) -> Vec<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it lives");
    let rest = stat.rsplit_once(") ").expect("its form").1;
    rest.split_whitespace().map(str::to_owned).collect()
}

/// What the descriptors of a process are.
fn descriptors(pid: Pid) -> Vec<String> {
    let all = fs::read_dir(format!("/proc/{pid}/fd")).expect("it lives").flatten();
    let links = all.filter_map(|entry| fs::read_link(entry.path()).ok());
    links.map(|link| link.to_string_lossy().into_owned()).collect()
}

#[test]
fn a_caller_that_reads_a_pipe_goes_on_while_the_formation_runs() {
    let world =
        world(&format!("web: pup say:hello on:TERM=exit:0 log:up hang\nworker: {POLITE}\n")).free_ports();
    // The third is a descriptor that we were never told of.
    let run = shell(&world, "out=$(\"$0\" start -D 2>&1 3>&1); echo \"returned $?: $out\"");
    let line = run.wait_for_line("returned");
    let pid = holder(&run);
    assert!(line.starts_with(&format!("returned 0: running in the background (pid {pid})")), "{line}");
    run.wait_for_report("reaped");
    run.wait_for_witness(2, "up");

    let supervisor = children(pid)[0];
    for pid in [pid, supervisor] {
        assert_eq!(stat(pid)[3], holder(&run).to_string(), "its session is its own");
        assert_eq!(stat(pid)[4], "0", "and has no terminal");
    }
    let rows = run.rows();
    assert!(rows.iter().all(|row| row["state"] == "running"), "{rows:#?}");
    assert!(run.ask(["logs", "web.1"]).expect(0).out.contains("hello"));
    run.ask(["start", "-D"]).expect(3).expect_err(&format!("pid {pid}"));
    run.ask(["start"]).expect(3);

    let finished = run.down().expect_code(0);
    assert_eq!(finished.count("TERM"), 2, "{finished}");
    let log = fs::read_to_string(world.app().join(".twelve-run/logs/twelve-run.log")).expect("it is kept");
    assert!(log.contains("| hello") && log.contains("| exited with code 0"), "{log}");
    world.ask(["ps"]).expect(3);
}

#[test]
fn a_terminal_is_let_go_of_and_its_end_ends_nothing() {
    let world = world(&format!("web: {POLITE}\n")).on_terminal();
    let mut run = shell(&world, "\"$0\" start -D; echo \"returned $?\"");
    run.wait_for_line("returned 0");
    run.wait_for_witness(1, "up");
    let pid = holder(&run);
    for pid in [pid, children(pid)[0], Pid::from_raw(run.wait_for_witness(1, "up")[0].pid)] {
        let open = descriptors(pid);
        assert!(!open.iter().any(|link| link.starts_with("/dev/pts") || link == "/dev/tty"), "{open:?}");
    }
    run.leave();
    run.wait_for_report("reaped");
    run.wait_for_row("web.1", "running");
    run.ask(["down"]).expect(0);
    let finished = run.finish();
    assert_eq!((finished.count("TERM"), finished.count("HUP")), (1, 0), "{finished}");
}

#[test]
fn the_death_of_either_half_leaves_nothing() {
    for guardian in [false, true] {
        let world = world("web: pup on:TERM=exit:0 daemon as:away log:up hang end log:up hang\n");
        let run = world.start(["-D"]);
        run.wait_for_witness(2, "up");
        run.wait_for_report("reaped");
        let pid = holder(&run);
        run.signal_to(if guardian { pid } else { children(pid)[0] }, Signal::SIGKILL);
        let finished = run.finish().expect_code(0);
        assert!(finished.took < GUARD, "the oracle has not ended it\n{finished}");
        world.ask(["ps"]).expect(3);
    }
}

#[test]
fn what_fails_at_once_is_told_with_its_code_and_its_own_last_lines() {
    let world = world("web: pup say:first-woe exit:3\n");
    let finished = world.start(["-D"]).finish().expect_code(3).expect_err("first-woe");
    assert!(finished.err().contains("exited with code 3"), "{finished}");
    // The log goes on; what is shown is of this start alone.
    let world = world.procfile("web: pup say:second-woe exit:4\n");
    let finished = world.start(["-D"]).finish().expect_code(4).expect_err("second-woe");
    assert!(!finished.err().contains("first-woe"), "{finished}");
    let world = world.procfile("web: nosuchprogram\n");
    world.start(["-D"]).finish().expect_code(127).expect_err("nosuchprogram");
    world.ask(["ps"]).expect(3);
}

const READY: &str = "[process.web.health]\nreadiness = { exec = \"test -e ready\", every = \"50ms\" }\n";

#[test]
fn it_returns_when_all_is_ready_where_that_is_asked_for() {
    let world = world(&format!("web: {POLITE}\nworker: {POLITE}\n")).file("twelve-run.toml", READY);
    let run = shell(&world, "\"$0\" start -D --wait-ready; echo \"returned $?\"");
    run.wait_for_witness(2, "up");
    let row = run.wait_for_row("web.1", "running");
    assert_eq!(row["ready"], false, "{row:#}");
    // Long enough for one who does not wait.
    run.let_pass(Duration::from_secs(1));
    assert!(!run.stdout().contains("returned"), "{}", run.stdout());
    fs::write(run.app().join("ready"), "").expect("a file");
    run.wait_for_line("returned 0");
    assert_eq!(run.wait_for_row("web.1", "running")["ready"], true);
    run.down();
}

#[test]
fn what_is_not_ready_in_time_is_told_with_124_and_runs_on() {
    let world = world(&format!("web: {POLITE}\n")).file("twelve-run.toml", READY);
    let run = world.start(["-D", "--wait-ready", "--wait-timeout", "300ms"]);
    run.wait_for_error_line("runs on");
    run.wait_for_report("reaped");
    run.wait_for_row("web.1", "running");
    run.down().expect_code(124);
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_anything_starts() {
    for taken in [".twelve-run", ".twelve-run/logs"] {
        let world = world(&format!("web: {POLITE}\n")).file(taken, "no folder");
        fs::set_permissions(
            world.app().join(".twelve-run"),
            std::os::unix::fs::PermissionsExt::from_mode(0o700),
        )
        .expect("it is ours");
        let finished = world.start(["-D"]).finish().expect_code(2).expect_err(taken);
        assert!(finished.witness.is_empty(), "{finished}");
    }
}

#[test]
fn what_can_never_be_up_is_told_at_once_and_the_rest_runs_on() {
    let world = world(&format!("migrate: pup exit:4\nweb: {POLITE}\nclock: {POLITE}\n"))
        .file("twelve-run.toml", "[process.web]\nafter = [\"migrate:completed\"]\n");
    let run = world.start(["-D", "--keep-going"]);
    run.wait_for_report("reaped");
    run.wait_for_row("web.1", "failed");
    run.wait_for_row("clock.1", "running");
    let finished = run.down();
    assert_eq!(finished.code(), 1, "{finished}");
    assert!(finished.err().contains("web.1"), "{finished}");
}

#[test]
fn a_command_runs_once_all_is_up_and_its_code_is_ours() {
    for (command, code) in [("exit:0", 0), ("exit:7", 7), ("raise:TERM", 143), ("raise:KILL", 137)] {
        let world = World::new()
            .procfile(&format!("migrate: pup sleep:100 log:migrated\nweb: {POLITE}\n"))
            .file("twelve-run.toml", "[process.web]\nafter = [\"migrate:completed\"]\n");
        let finished = world.start(["--", "pup", "log:begun", command]).finish().expect_code(code);
        let at = |event: &str| finished.witness.iter().position(|seen| seen.event == event);
        assert!(at("migrated").is_some() && at("migrated") < at("begun"), "{finished}");
        assert_eq!(finished.count("begun"), 1, "{finished}");
        let begun = &finished.witness[at("begun").expect("it ran")];
        assert_eq!(begun.name, "run.1", "{finished}");
    }
    let world = World::new().procfile(&format!("web: {POLITE}\n"));
    world.start(["--", "nosuchprogram"]).finish().expect_code(127).expect_out("nosuchprogram");
}

#[test]
fn a_command_has_the_ports_and_the_callers_folder() {
    let world = World::new().procfile(&format!("clock: {POLITE}\nweb: {POLITE}\n"));
    let line = "echo \"it: $PORT $PS $TWELVE_RUN_WEB_PORT ${PWD##*/}\"";
    let run = world.start_from("mkdir sub; cd sub", ["-d", "..", "-p", "6100", "--", "sh", "-c", line]);
    let finished = run.finish().expect_code(0).expect_out("it: 6100 run.1 6200 sub");
    assert!(!finished.out().contains("| it:"), "it writes for itself\n{finished}");
}

#[test]
fn a_formation_that_fails_first_gives_its_code_and_its_command_never_runs() {
    let after = "[process.web]\nafter = [\"migrate:completed\"]\n";
    let world = World::new()
        .procfile(&format!("migrate: pup exit:4\nweb: {POLITE}\nclock: {POLITE}\n"))
        .file("twelve-run.toml", after);
    let finished = world.start(["--", "pup", "log:begun"]).finish().expect_code(4);
    assert_eq!(finished.count("begun"), 0, "{finished}");
    // It will never be up, so that nobody need wait for that.
    let finished = world.start(["--keep-going", "--", "pup", "log:begun"]).finish().expect_code(4);
    assert_eq!(finished.count("begun"), 0, "{finished}");
}

#[test]
fn a_formation_that_fails_meanwhile_stops_the_command_and_gives_its_code() {
    let world = World::new().procfile("web: pup until:go exit:5\n");
    let run = world.start(["--", "pup", "on:TERM=log:stopped,exit:0", "touch:go", "hang"]);
    let finished = run.finish().expect_code(5);
    assert_eq!(finished.count("stopped"), 1, "{finished}");
}

#[test]
fn a_command_on_a_terminal_has_the_keyboard_and_ctrl_c_reaches_it_alone() {
    let world = World::new().procfile("web: pup on:INT on:TERM=exit:0 log:up hang\n").on_terminal();
    let run = world.start(["--", "pup", "on:INT=log:pressed,exit:9", "log:begun", "cat"]);
    run.wait_for_witness(1, "begun");
    run.type_keys(b"hello\n");
    run.wait_for_witness(1, "read");
    run.type_keys(b"\x03");
    let finished = run.finish().expect_code(9);
    let interrupted: Vec<_> = finished.witness.iter().filter(|seen| seen.event == "INT").collect();
    assert_eq!(interrupted.len(), 1, "{finished}");
    assert_eq!(interrupted[0].name, "run.1", "{finished}");
    assert!(!finished.out().contains("keys reach no process"), "{finished}");
}

#[test]
fn after_the_command_ctrl_c_is_for_what_is_being_stopped() {
    let world = World::new().procfile("web: pup on:INT on:TERM touch:here hang\n").on_terminal();
    let run = world.start(["-t", "25", "--", "pup", "until:here", "exit:6"]);
    run.wait_for_witness(1, "TERM");
    run.type_keys(b"\x03");
    let finished = run.finish().expect_code(6);
    assert!(finished.took < Duration::from_secs(20), "nobody heard it\n{finished}");
}

#[test]
fn a_reload_leaves_the_command_alone() {
    let world = World::new().procfile(&format!("web: {POLITE}\n"));
    let run = world.start(["--", "pup", "on:TERM=log:stopped,exit:1", "log:begun", "until:go", "exit:6"]);
    run.wait_for_witness(1, "begun");
    fs::write(run.app().join("Procfile"), format!("web: {POLITE}\nworker: {POLITE}\n")).expect("a file");
    assert_eq!(run.ask(["reload"]).expect(0).out, "+ worker\n");
    run.wait_for_witness(2, "up");
    fs::write(run.app().join("go"), "").expect("a file");
    let finished = run.finish().expect_code(6);
    assert_eq!((finished.count("begun"), finished.count("stopped")), (1, 0), "{finished}");
}

#[test]
fn who_types_in_front_is_told_once_where_to_and_the_shell_gets_none_of_it() {
    let world = World::new().procfile(&format!("web: {POLITE}\n")).on_terminal();
    // What is still to be read afterwards, typed to its line's end or not.
    let after = "\"$0\" start; stty -icanon min 0 time 1; echo \"rest: <$(cat)>\"";
    let run = shell(&world, after);
    run.wait_for_witness(1, "up");
    run.wait_for_row("web.1", "running");
    run.type_keys(b"rs\n");
    let hint = run.wait_for_line("twelve-run attach web.1");
    assert!(hint.contains("system"), "{hint}");
    run.type_keys(b"rs again\nand");
    run.wait_for_line("rs again");
    run.ask(["down"]).expect(0);
    let finished = run.finish();
    assert_eq!(finished.out().matches("keys reach no process").count(), 1, "{finished}");
    assert!(finished.out().contains("rest: <>"), "{finished}");
}

#[test]
fn what_is_typed_after_a_start_in_the_background_is_the_shells() {
    let world = world(&format!("web: {POLITE}\n")).on_terminal();
    let run = shell(&world, "\"$0\" start -D; read line; echo \"got <$line>\"; \"$0\" down");
    run.wait_for_line("running in the background");
    run.type_keys(b"rs\n");
    run.wait_for_line("got <rs>");
    let finished = run.finish().expect_code(0);
    let log = fs::read_to_string(world.app().join(".twelve-run/logs/twelve-run.log")).expect("it is kept");
    assert!(!log.contains("keys reach") && !finished.out().contains("keys reach"), "{log}\n{finished}");
}

#[test]
fn what_comes_from_a_pipe_is_nobody_typing() {
    let run = World::new().procfile(&format!("web: {POLITE}\n")).open_input("rs\n").start([]);
    run.wait_for_witness(1, "up");
    run.type_keys(b"rs\n");
    run.ask(["restart"]).expect(0);
    run.wait_for_witness(2, "up");
    run.ask(["down"]).expect(0);
    let finished = run.finish().expect_code(0);
    assert!(!finished.out().contains("keys reach"), "{finished}");
}

/// What a shell gets for the last of these words.
fn completed(run: &World, words: &[&str]) -> Answer {
    let index = (words.len() - 1).to_string();
    let variables = [
        ("TWELVE_RUN_COMPLETE", Path::new("bash")),
        ("_CLAP_COMPLETE_INDEX", Path::new(&index)),
        ("_CLAP_IFS", Path::new("\n")),
        ("_CLAP_COMPLETE_COMP_TYPE", Path::new("9")),
        ("_CLAP_COMPLETE_SPACE", Path::new("true")),
    ];
    run_in(&run.app(), &[&[PROGRAM, "--"], words].concat(), &variables).expect(0)
}

#[test]
fn a_shell_completes_the_names_of_what_runs_and_is_never_kept_waiting() {
    let world = World::new().procfile(&format!("web: {POLITE}\nworker: {POLITE}\n"));
    let nothing = completed(&world, &["twelve-run", "ps", ""]);
    assert!(!nothing.out.contains("web"), "{nothing:#?}");
    let run = world.start(["-m", "web=2,worker=1"]);
    run.wait_for_witness(3, "up");
    run.wait_for_row("worker.1", "running");
    for verb in ["ps", "why", "restart", "stop", "logs", "attach"] {
        let offered = completed(&world, &["twelve-run", verb, ""]);
        for name in ["web.1", "web.2", "worker.1"] {
            assert!(offered.out.lines().any(|line| line.trim() == name), "{verb}: {offered:#?}");
        }
        let offered = completed(&world, &["twelve-run", verb, "wo"]);
        assert_eq!(offered.out.trim(), "worker.1", "{verb}: {offered:#?}");
    }
    let offered = completed(&world, &["twelve-run", "scale", "w"]);
    assert!(offered.out.contains("web=") && offered.out.contains("worker="), "{offered:#?}");
    // One who does not answer is not waited for; a fraction of what the test would wait.
    run.signal_to(run.supervisor(), Signal::SIGSTOP);
    run.wait_for_state(run.supervisor(), "T");
    let late = completed(&world, &["twelve-run", "ps", ""]);
    run.signal_to(run.supervisor(), Signal::SIGCONT);
    assert!(!late.out.contains("web.1") && late.took < GUARD / 6, "{late:#?}");
    run.ask(["down"]).expect(0);
    run.finish().expect_code(0);
}

#[test]
fn every_shell_gets_its_script() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = world.ask(["completions", shell]).expect(0);
        assert!(script.out.contains("TWELVE_RUN_COMPLETE") && script.err.is_empty(), "{script:#?}");
    }
    world.ask(["completions", "nosuch"]).expect(2);
}
