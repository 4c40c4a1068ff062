//! FAULTS F6, F15, G6, G9: what is told from what, flags that are not ours, and terminals as odd as they come.

use crate::output::expect_numbered;
use crate::world::{PROGRAM, World};
use nix::sys::signal::Signal;
use std::ffi::OsStr;
use std::fs;

/// A process that says what another one's line, or one of ours, looks like.
const FORGER: &str =
    "web: pup 'print:12:00:00\\sworker.1\\s|\\sforged\\n\\rsystem\\s\\s\\s|\\sforged\\n' hang\n";

#[test]
fn f6_a_prefix_that_a_process_prints_is_behind_its_own() {
    let run = World::new().procfile(FORGER).start([]);
    run.wait_for_line("system   | forged");
    run.signal(Signal::SIGTERM);
    let finished = run.finish();
    let forged: Vec<_> =
        finished.out().lines().filter(|line| line.contains("forged")).map(str::to_owned).collect();
    assert_eq!(forged.len(), 2, "{finished}");
    assert!(forged.iter().all(|line| line.split_whitespace().nth(1) == Some("web.1")), "{finished}");
}

#[test]
fn f6_on_a_terminal_a_carriage_return_does_not_uncover_a_forged_prefix() {
    let run = World::new().procfile(FORGER).on_terminal().start(["--pty", "never", "--no-color"]);
    run.wait_for_line("system   | forged");
    run.type_keys(b"\x03");
    let finished = run.finish();
    let out = finished.out();
    assert_eq!(out.matches("forged").count(), 2, "{finished}");
    for line in out.lines().filter(|line| line.contains("forged")) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        assert!(
            !line.contains('\r') && line.split_whitespace().nth(1) == Some("web.1"),
            "{line:?}\n{finished}"
        );
    }
}

/// The flags of a process's standard streams, as the kernel tells them.
fn flags(run: &crate::running::Running, pid: nix::unistd::Pid) -> Vec<String> {
    let flags = |fd: i32| {
        let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).ok()?;
        info.lines().find_map(|line| line.strip_prefix("flags:")).map(|flags| flags.trim().to_owned())
    };
    (0..3).map(|fd| flags(fd).unwrap_or_else(|| run.fail(&format!("no descriptor {fd}")))).collect()
}

#[test]
fn f15_the_flags_of_streams_that_a_shell_shares_with_us_stay_as_they_are() {
    // The shell waits for us with the very descriptors that we got from it.
    let script = "trap : TERM; cat /proc/self/fdinfo/[012] | grep flags >before; \"$0\" \"$@\"; code=$?
        cat /proc/self/fdinfo/[012] | grep flags >after; exit $code";
    for (on_terminal, verb) in [(false, "start"), (true, "start"), (false, "run"), (true, "run")] {
        let world = World::new().procfile("web: pup on:TERM=exit:0 log:up tick:5\n");
        let world = if on_terminal { world.on_terminal() } else { world.input("keys\n") };
        let words = ["bash", "-c", script, PROGRAM, verb].into_iter().chain((verb == "run").then_some("web"));
        let run = world.command(words.map(OsStr::new));
        run.wait_for_witness(1, "up");
        run.wait_for_line("tick 3");
        let guardian = run.guardian();
        let before = flags(&run, guardian);
        run.wait_for_line("tick 9");
        assert_eq!(flags(&run, guardian), before);
        run.signal(Signal::SIGTERM);
        run.finish().expect_code(0);
        let told = |name: &str| fs::read_to_string(world.app().join(name)).expect("the shell wrote it");
        assert_eq!(told("after"), told("before"));
        let nonblocking = |flags: &str| u32::from_str_radix(flags, 8).expect("octal") & 0o4000 != 0;
        assert!(before.iter().all(|flags| !nonblocking(flags)), "{before:?}");
    }
}

#[test]
fn g6_the_end_of_a_terminal_is_an_end_and_what_was_pending_comes_first() {
    for _ in 0..3 {
        let world = World::new().procfile("p: pup lines:20 print:last\n").free_ports();
        let finished =
            world.start(["-m", "p=100", "--keep-going", "--pty", "always"]).finish().expect_code(0);
        expect_numbered(&finished.out().replace("| last", "|"), 100, 20);
        for index in 1..=100 {
            let told = finished.lines_of(&format!("p.{index}"));
            assert_eq!(told[told.len() - 2..], ["last", "exited with code 0"], "{finished}");
        }
        assert_eq!(finished.err(), "", "the error by which a terminal ends is none");
    }
}

#[test]
fn g9_on_a_terminal_without_a_size_processes_get_a_usual_one() {
    let world = World::new()
        .procfile("web: stty size; echo ready; exec pup on:TERM=exit:0 tick:5\n")
        .on_terminal()
        .before("sh:stty rows 0 cols 0");
    let run = world.start([]);
    run.wait_for_line("| 24 80");
    run.wait_for_line("tick 5");
    run.type_keys(b"\x03");
    run.finish().expect_code(0);
}

#[test]
fn g9_a_terminal_that_changes_its_size_all_the_time_loses_no_line() {
    let world = World::new()
        .procfile("p: pup on:TERM=exit:0 on:WINCH as:p.1 lines:3000 log:done hang\n")
        .on_terminal();
    let run = world.start(["--no-color"]);
    run.wait_for_line("0000001");
    for size in [(0, 0), (1, 1), (0, 80), (24, 0), (1000, 1000), (65535, 65535), (24, 80)]
        .into_iter()
        .cycle()
        .take(70)
    {
        run.resize(size.0, size.1);
        run.let_pass(std::time::Duration::from_millis(1));
    }
    run.wait_for_line("p.1 0003000");
    run.type_keys(b"\x03");
    let finished = run.finish().expect_code(0);
    expect_numbered(&finished.out().replace('\r', ""), 1, 3000);
    assert!(finished.count("WINCH") > 0, "it was told of sizes\n{finished}");
}

#[test]
fn g8_a_terminal_that_nobody_looks_at_is_drained() {
    // More than a terminal, a pipe and all of our memory for it hold.
    let world = World::new().procfile("p: pup on:TERM=exit:0 lines:200000 log:done hang\n");
    let run = world.start(["--pty", "always", "--quiet", "p"]);
    run.wait_for_witness(1, "done");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert!(!finished.out().contains("p.1 0"), "none of it is shown");
}
