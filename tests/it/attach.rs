//! `attach`: somebody's terminal becomes a process's, and is his again afterwards.

use crate::running::Running;
use crate::world::{PROGRAM, World, skipped};
use nix::sys::signal::Signal;
use std::ffi::OsStr;
use std::fs;
use std::process::{Command, Stdio};

/// Tells what the terminal is like before and after what it runs, and passes on its code.
const SCRIPT: &str = "trap : TERM INT; stty -g >\"$1.before\"; \"$0\" attach \"$2\"; code=$?; stty -g >\"$1.after\"; exit $code";

/// A formation of one process on a terminal of its own, with what its folder holds.
fn on_terminals(command: &str) -> (World, Running) {
    let world = World::new().procfile(&format!("it: {command}\n"));
    let run = world.start(["--pty", "always", "-t", "1"]);
    (world, run)
}

/// Attaches to `name`, an instance of `it`, on a terminal of its own.
fn attach(world: &World, tag: &str, name: &str) -> Running {
    let there = world.another().on_terminal();
    let client = there.command(["bash", "-c", SCRIPT, PROGRAM, tag, name].map(OsStr::new));
    client.wait_for_line("attached to it.1, Ctrl-] leaves");
    client
}

/// What the terminal was like before and after, which must be the same.
fn expect_restored(world: &World, tag: &str) {
    let told =
        |when: &str| fs::read_to_string(world.app().join(format!("{tag}.{when}"))).expect("it was told");
    assert!(told("before").contains(':'), "{}", told("before"));
    assert_eq!(told("before"), told("after"));
}

#[test]
fn a_shell_is_typed_to_seen_resized_left_and_attached_to_again() {
    let (world, run) = on_terminals("exec env PS1=ready- HISTFILE= sh -i");
    run.wait_for_row("it.1", "running");
    let client = attach(&world, "first", "it");
    client.type_keys(b"echo $((6 * 7))\r");
    client.wait_for_line("42");
    client.type_keys(b"stty size\r");
    client.wait_for_line("24 100");
    client.resize(33, 77);
    // The kernel tells the client in its own time.
    client.wait_until("the size has arrived", || {
        client.type_keys(b"stty size\r");
        client.stdout().contains("33 77").then_some(())
    });
    // Ctrl-C is the shell's own.
    client.type_keys(b"pup on:INT=log:interrupted,exit:0 log:busy hang\r");
    run.wait_for_witness(1, "busy");
    client.type_keys(b"\x03");
    run.wait_for_witness(1, "interrupted");
    client.type_keys(b"mark=still; echo $mark-here\r");
    client.wait_for_line("still-here");
    client.type_keys(b"\x1d");
    let finished = client.finish().expect_code(0);
    assert!(finished.out().contains("left it.1; it runs on"), "{finished}");
    expect_restored(&world, "first");

    let client = attach(&world, "again", "it.1");
    // What was there before is shown, and what was set is set.
    client.wait_for_line("still-here");
    client.type_keys(b"echo again-$mark\r");
    client.wait_for_line("again-still");
    client.type_keys(b"\x1d");
    client.finish().expect_code(0);
    expect_restored(&world, "again");
    run.down();
}

#[test]
fn the_end_of_the_process_ends_the_attachment_and_gives_the_terminal_back() {
    let (world, run) = on_terminals("exec env PS1= sh -i");
    run.wait_for_row("it.1", "running");
    let client = attach(&world, "shell", "it");
    client.type_keys(b"exit 5\r");
    let finished = client.finish().expect_code(0);
    assert!(finished.out().contains("it.1 exited with code 5"), "{finished}");
    expect_restored(&world, "shell");
    run.finish().expect_code(5);
}

#[test]
fn the_end_of_the_formation_ends_the_attachment_and_gives_the_terminal_back() {
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        let (world, run) = on_terminals("pup on:TERM=exit:0 on:HUP log:up hang");
        run.wait_for_witness(1, "up");
        let client = attach(&world, "pup", "it");
        run.signal_to(run.supervisor(), signal);
        run.finish();
        client.finish().expect_code(0);
        expect_restored(&world, "pup");
    }
}

#[test]
fn pdb_can_be_used() {
    let mut trial = Command::new("python3");
    trial.args(["-c", "import pdb"]).env("PATH", "/usr/local/bin:/usr/bin:/bin").stderr(Stdio::null());
    if !trial.status().is_ok_and(|status| status.success()) {
        return skipped("no python3");
    }
    let world = World::new()
        .procfile("it: python3 -m pdb app.py\n")
        .file("app.py", "answer = 6 * 7\nquestion = 'why'\nprint('over', question)\n");
    let run = world.start(["--pty", "always", "-t", "1"]);
    run.wait_for_line("answer = 6 * 7");
    let client = attach(&world, "pdb", "it");
    client.type_keys(b"next\r");
    client.wait_for_line("question = 'why'");
    client.type_keys(b"p 'it', 'is', answer\r");
    client.wait_for_line("('it', 'is', 42)");
    client.type_keys(b"\x1d");
    client.finish().expect_code(0);
    expect_restored(&world, "pdb");
    let client = attach(&world, "pdb", "it");
    client.type_keys(b"next\r");
    client.wait_for_line("print('over', question)");
    client.type_keys(b"!question = 'twelve'\rcontinue\r");
    client.wait_for_line("over twelve");
    client.type_keys(b"\x1d");
    client.finish().expect_code(0);
    run.down();
}

#[test]
fn g2_a_second_attachment_is_refused_by_name_and_possible_when_the_first_is_over() {
    let (world, run) = on_terminals("pup on:TERM=exit:0 log:up cat");
    run.wait_for_witness(1, "up");
    let first = attach(&world, "first", "it");
    run.ask(["attach", "it"])
        .expect(1)
        .expect_err("somebody else is attached to `it.1`")
        .expect_err("Ctrl-]");
    // However the first one goes.
    first.signal_to(first.guardian(), Signal::SIGKILL);
    first.finish();
    let second = attach(&world, "second", "it");
    second.type_keys(b"hello\r");
    run.wait_for_line("| hello");
    second.type_keys(b"\x1d");
    second.finish().expect_code(0);
    run.down();
}

#[test]
fn g3_a_client_that_is_ended_by_a_signal_gives_the_terminal_back() {
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGHUP, 129), (Signal::SIGINT, 130)] {
        let (world, run) = on_terminals("pup on:TERM=exit:0 on:HUP on:INT log:up hang");
        run.wait_for_witness(1, "up");
        let client = attach(&world, "client", "it");
        client.wait_until("the terminal is raw", || (!client.echoes()).then_some(()));
        client.signal(signal);
        let finished = client.finish().expect_code(code);
        assert!(finished.out().contains("it runs on"), "{finished}");
        expect_restored(&world, "client");
        run.down();
    }
}

#[test]
fn what_is_piped_is_sent_whole_to_a_process_without_a_terminal() {
    let world = World::new().procfile("it: pup on:TERM=exit:0 log:up cat\n");
    let run = world.start(["--pty", "never"]);
    run.wait_for_witness(1, "up");
    // As much as a buffered reader takes at once.
    let text = (1..=512).map(|number| format!("line {number:04} abcde\n")).collect::<Vec<_>>().concat();
    assert_eq!(text.len(), 8192);
    let client = world.another().open_input(text).run(["attach", "it"]);
    run.wait_for_line("| line 0512");
    // It is still there, and hears on.
    client.type_keys(b"more\n");
    run.wait_for_line("| more");
    client.wait_for_line("more");
    client.signal(Signal::SIGTERM);
    client.finish().expect_code(143);
    run.ask(["down"]).expect(0);
    let finished = run.finish().expect_code(0);
    let lines: Vec<String> =
        finished.lines_of("it.1").into_iter().filter(|line| line.starts_with("line")).collect();
    assert_eq!(lines.len(), 512, "{finished}");
    assert_eq!(lines[300], "line 0301 abcde");
}

#[test]
fn one_of_several_must_be_named_and_one_that_is_down_cannot_be_attached_to() {
    let world = World::new().procfile("it: pup on:TERM=exit:0 log:up hang\n");
    let run = world.start(["-m", "it=2"]);
    run.wait_for_witness(2, "up");
    run.ask(["attach", "it"]).expect(2).expect_err("there are 2 instances of `it`").expect_err("it.1");
    run.ask(["stop", "it.2"]).expect(0);
    run.wait_for_row("it.2", "stopped");
    run.ask(["attach", "it.2"]).expect(1).expect_err("does not run").expect_err("twelve-run restart it.2");
    run.down();
}

#[test]
fn a_process_that_does_not_listen_takes_what_it_can_and_lets_the_client_go() {
    let (world, run) = on_terminals("stty raw -echo; exec pup on:TERM=exit:0 log:up hang");
    run.wait_for_witness(1, "up");
    let client = attach(&world, "deaf", "it");
    client.wait_until("the terminal is raw", || (!client.echoes()).then_some(()));
    for _ in 0..40 {
        client.type_keys(&[b'x'; 1000]);
    }
    run.ask(["ps"]).expect(0);
    client.signal(Signal::SIGTERM);
    client.finish().expect_code(143);
    expect_restored(&world, "deaf");
    // Whoever comes next finds it free.
    let next = attach(&world, "next", "it");
    next.type_keys(b"\x1d");
    next.finish().expect_code(0);
    run.down();
}
