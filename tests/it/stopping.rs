//! FAULTS B and C: nothing is left behind, whoever dies.

use crate::world::World;
use nix::sys::signal::Signal;
use std::time::Duration;

/// A process of each kind: polite, deaf, with a deaf child, with a deaf daemon.
const KINDS: &str = "polite: pup on:TERM=exit:0 log:up hang
deaf: pup on:TERM log:up hang
parent: pup on:TERM=exit:0 spawn as:kid on:TERM log:up hang end log:up hang
daemoniser: pup on:TERM=exit:0 daemon as:d on:TERM log:up hang end log:up hang
";
const UP: usize = 6;

#[test]
fn b1_b3_b5_sig_3_to_5_every_kind_is_gone_after_one_grace() {
    let run = World::new().procfile(KINDS).start(["-t", "1"]);
    run.wait_for_witness(UP, "up");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(137);
    assert_eq!(finished.count("TERM"), UP, "{finished}");
    assert!(finished.took < Duration::from_secs(15), "{finished}");
    assert!(
        finished.lines_of("deaf.1").iter().any(|line| line.contains("still there after 1 s")),
        "{finished}"
    );
}

#[test]
fn b2_sig_5_a_stopped_process_still_hears_its_stop_signal() {
    let run = World::new().procfile("web: pup on:TERM=exit:0 log:up stop hang\n").start([]);
    run.wait_for_witness(1, "up");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 1, "{finished}");
}

#[test]
fn b4_sig_2_the_program_behind_a_shell_is_reached() {
    let run = World::new().procfile("web: pup on:TERM=exit:0 log:up hang; true\n").start([]);
    run.wait_for_witness(1, "up");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 1, "{finished}");
}

#[test]
fn b14_what_a_leader_leaves_behind_when_it_ends_is_stopped_before_its_place_is_filled() {
    let run = World::new().procfile("web: pup daemon as:d on:TERM=exit:0 log:up hang end until:up exit:1\n");
    let run = run.file("up", "").start([]);
    let finished = run.finish().expect_code(1);
    assert_eq!(finished.count("TERM"), finished.count("up"), "{finished}");
}

#[test]
fn b17_a_process_that_signals_its_own_group_hits_nobody_else() {
    let world =
        World::new().procfile("web: kill -TERM 0\nworker: pup on:TERM=exit:0 log:up until:go exit:0\n");
    let run = world.start(["--keep-going"]);
    run.wait_for_line("terminated by SIGTERM");
    run.wait_for_witness(1, "up");
    std::fs::write(world.app().join("go"), "").unwrap();
    let finished = run.finish().expect_code(143);
    assert_eq!(finished.count("TERM"), 0, "{finished}");
}

#[test]
fn c1_sig_8_a_killed_supervisor_leaves_nothing() {
    let run = World::new().procfile(KINDS).start(["-t", "1"]);
    run.wait_for_witness(UP, "up");
    run.signal_to(run.supervisor(), Signal::SIGKILL);
    let finished = run.finish().expect_code(137);
    assert_eq!(finished.count("TERM"), UP, "each once\n{finished}");
}

#[test]
fn c2_a_killed_guardian_leaves_nothing() {
    let run = World::new().procfile(KINDS).patience(Duration::from_secs(15)).start(["-t", "1"]);
    run.wait_for_witness(UP, "up");
    run.signal(Signal::SIGKILL);
    let finished = run.finish();
    assert_eq!(finished.count("TERM"), UP, "{finished}");
}

#[test]
fn c18_children_from_before_we_were_exec_ed_are_left_alone() {
    let run = World::new().procfile("web: pup on:TERM=exit:0 log:up hang\n");
    let run = run.start_from("pup as:stranger on:TERM log:there until:gone & :", []);
    run.wait_for_witness(1, "up");
    run.wait_for_witness(1, "there");
    run.signal(Signal::SIGTERM);
    let finished = run.finish_whatever_is_left();
    assert_eq!(finished.count("TERM"), 1, "only web\n{finished}");
}
