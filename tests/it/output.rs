//! FAULTS F and G1: what processes write comes out, whole and in order.

use crate::world::World;
use nix::sys::signal::Signal;
use std::collections::BTreeMap;

/// Checks numbered lines (`NAME 0000001 …`): none lost, none torn, none out of order. A line whose process was
/// silent in the middle of it comes in pieces, marked with `+`; they are joined.
pub fn expect_numbered(out: &str, processes: usize, lines: usize) {
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    for line in out.lines() {
        let (mark, (prefix, said)) = match (line.find(" | "), line.find(" + ")) {
            (Some(at), more) if more.is_none_or(|more| at < more) => ('|', (&line[..at], &line[at + 3..])),
            (_, Some(at)) => ('+', (&line[..at], &line[at + 3..])),
            (_, None) => continue,
        };
        let text = texts.entry(prefix.split_whitespace().next_back().unwrap_or_default()).or_default();
        if mark == '|' {
            text.push('\n');
        }
        text.push_str(said);
    }
    let mut counted = 0;
    for (name, text) in &texts {
        let numbers = text
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.split_ascii_whitespace().next()?.parse().ok());
        let numbers: Vec<usize> = numbers.collect();
        if let Some(at) = numbers.iter().enumerate().find(|(at, number)| **number != at + 1) {
            panic!("{name}: {at:?}");
        }
        if !numbers.is_empty() {
            assert_eq!(numbers.len(), lines, "{name}");
            counted += 1;
        }
    }
    assert_eq!(counted, processes);
}

#[test]
fn f7_f19_ten_processes_write_five_thousand_lines_each_and_none_is_lost_or_torn() {
    let finished =
        World::new().procfile("p: pup lines:5000\n").start(["-m", "p=10", "--keep-going"]).finish();
    expect_numbered(&finished.out(), 10, 5000);
}

#[test]
fn f17_the_same_through_terminals() {
    let world = World::new().procfile("p: pup lines:5000\n");
    let finished = world.start(["-m", "p=4", "--keep-going", "--pty", "always"]).finish();
    expect_numbered(&finished.out(), 4, 5000);
}

#[test]
fn f8_a_reader_who_pauses_loses_nothing() {
    let run = World::new().unread().procfile("p: pup lines:20000 log:done\n").start(["--keep-going"]);
    run.let_pass(std::time::Duration::from_millis(500));
    run.read_on();
    expect_numbered(&run.finish().out(), 1, 20000);
}

#[test]
fn f1_out_3_a_partial_line_comes_out_and_its_rest_is_marked() {
    let run = World::new().procfile("web: pup print:abc until:go say:def\n");
    let started = run.start(["--no-timestamp"]);
    started.wait_for_line("web.1  | abc");
    std::fs::write(run.app().join("go"), "").unwrap();
    let finished = started.finish();
    assert!(finished.out().contains("web.1  + def\n"), "{finished}");
}

/// A number of `/proc/PID/status` in KiB.
fn memory(pid: nix::unistd::Pid, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.expect("the kernel tells it").trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn f2_an_endless_line_takes_no_memory() {
    let gibibyte = 1 << 30;
    let run = World::new()
        .procfile(&format!(
            "web: pup on:TERM=exit:0 bytes:1000000 log:warm until:go bytes:{gibibyte} log:done hang\n"
        ))
        .start_from("exec >/dev/null", []);
    run.wait_for_witness(1, "warm");
    let supervisor = run.supervisor();
    let before = memory(supervisor, "VmHWM");
    std::fs::write(run.app().join("go"), "").unwrap();
    run.wait_for_witness(1, "done");
    // The kernel keeps the mark by counters that are not exact, so it can be less than it was.
    let grown = memory(supervisor, "VmHWM").saturating_sub(before);
    assert!(grown < 8 * 1024, "{grown} KiB more at the most");
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn f2_out_4_a_long_line_comes_in_marked_pieces_that_joined_are_the_line() {
    let finished =
        World::new().procfile("web: pup bytes:1048576 print:\\\\n\n").start(["--no-timestamp"]).finish();
    let out = finished.out();
    let pieces: Vec<_> = out.lines().filter(|line| line.ends_with('x')).collect();
    assert!(pieces[0].starts_with("web.1  | x"), "{}", &pieces[0][..20]);
    assert!(pieces[1..].iter().all(|piece| piece.starts_with("web.1  + x")));
    let longest = pieces.iter().map(|piece| piece.len() - "web.1  | ".len()).max();
    assert!(longest <= Some(64 * 1024), "{longest:?}");
    let joined: usize = pieces.iter().map(|piece| piece.matches('x').count()).sum();
    assert_eq!(joined, 1 << 20);
}

#[test]
fn f18_out_4_last_words_without_an_end_come_before_the_exit_a_hundred_times() {
    for pty in ["never", "always"] {
        let world = World::new().procfile("web: printf abc; exit 1\n");
        let finished = world.start(["-m", "web=100", "--keep-going", "--pty", pty]).finish().expect_code(1);
        for index in 1..=100 {
            let told = finished.lines_of(&format!("web.{index}"));
            assert_eq!(told[1..], ["abc", "exited with code 1"], "{pty} {index}\n{finished}");
        }
    }
}

#[test]
fn f3_bytes_go_through_a_pipe_as_they_are() {
    let finished = World::new().procfile("web: pup 'print:a\\0b\\xff\\x03\\rc\\n'\n").start([]).finish();
    let bytes = b"| a\0b\xff\x03\rc\n";
    assert!(finished.stdout.windows(bytes.len()).any(|window| window == bytes), "{finished}");
}

#[test]
fn f5_a_terminal_gets_no_escape_of_a_process_but_colours() {
    let world =
        World::new().procfile("web: pup 'print:\\e]0;t\\x07\\e[2J\\e[31mred\\n' log:up hang\n").on_terminal();
    let run = world.start(["--pty", "never"]);
    run.wait_for_line("red");
    run.signal(Signal::SIGTERM);
    let out = run.finish().out();
    assert!(!out.contains("\x1b]0;t") && !out.contains("\x1b[2J"), "{out:?}");
    assert!(out.contains("^[]0;t^G^[[2J\x1b[31mred\x1b[0m"), "{out:?}");
}

#[test]
fn f9_out_6_a_reader_who_leaves_does_not_end_the_app() {
    let mut run = World::new().procfile("web: pup on:TERM=exit:0 log:up tick:1\n").start([]);
    run.wait_for_witness(1, "up");
    run.wait_for_line("tick");
    run.leave();
    run.wait_for_error_line("standard output is closed");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.err().matches("is closed").count(), 1, "{finished}");
}

#[test]
fn g1_birth_5_standard_input_is_open_and_silent() {
    let run = World::new().procfile("web: pup log:up cat\nticker: pup tick:1\n").input("keys\n").start([]);
    run.wait_for_witness(1, "up");
    run.wait_for_line("tick 100");
    run.signal(Signal::SIGTERM);
    let finished = run.finish();
    assert_eq!(finished.count("eof") + finished.count("read"), 0, "{finished}");
}
