//! FAULTS C5, C6, C8: what happens when we ourselves fail. Failpoints (`src/sys/fail.rs`) make us fail; releases
//! have none, so there these tests say that they are skipped.

use crate::running::Running;
use crate::world::{POLITE, World, skipped};
use nix::sys::signal::Signal;

const DEAF: &str = "pup on:TERM log:up hang";

/// A run of two types that fails at this place, by this deed; `None` (said on standard error) in releases.
fn failing(at: &str, deed: &str, command: &str) -> Option<Running> {
    if !cfg!(debug_assertions) {
        skipped("no failpoints");
        return None;
    }
    let world = World::new()
        .procfile(&format!("web: {command}\nworker: {command}\n"))
        .var("TWELVE_RUN_FAILPOINT", format!("{at}:{deed}"));
    Some(world.start(["-t", "1"]))
}

/// Both types are up, and hear of a stop once this fails.
fn fails_while_up(order: &str, command: &str, bring_about: &[Signal]) {
    let Some(run) = failing(order, "panic", command) else { return };
    let supervisor = run.supervisor();
    run.wait_for_witness(2, "up");
    for signal in bring_about {
        run.signal(*signal);
        if *signal == Signal::SIGTSTP {
            run.wait_for_state(supervisor, "T-");
        }
    }
    let finished = run.finish().expect_code(70).expect_err(&format!("failpoint {order}"));
    assert!(finished.count("TERM") >= 2, "{order}: everybody is asked\n{finished}");
}

#[test]
fn c5_a_panic_at_the_first_orders_leaves_nothing_and_is_70() {
    // Whoever is started may be asked to stop before he has said a word.
    for (order, started) in [("Reply", 0), ("Spawn", 0), ("Tell", 2)] {
        let Some(run) = failing(order, "panic", POLITE) else { return };
        let finished = run.finish().expect_code(70).expect_err(&format!("failpoint {order}"));
        assert!(finished.count("up") <= started, "{order}: {finished}");
    }
}

#[test]
fn c5_a_panic_at_an_order_to_stop_or_to_kill_leaves_nothing_and_is_70() {
    fails_while_up("Stop", POLITE, &[Signal::SIGTERM]);
    fails_while_up("Kill", DEAF, &[Signal::SIGTERM]);
}

#[test]
fn c5_a_panic_at_the_last_orders_leaves_nothing_and_is_70() {
    fails_while_up("AwaitStrays", POLITE, &[Signal::SIGTERM]);
    fails_while_up("Finish", POLITE, &[Signal::SIGTERM]);
}

#[test]
fn c5_a_panic_while_all_are_suspended_leaves_nothing_and_is_70() {
    fails_while_up("Pause", POLITE, &[Signal::SIGTSTP]);
    fails_while_up("SuspendSelf", POLITE, &[Signal::SIGTSTP]);
    fails_while_up("Resume", POLITE, &[Signal::SIGTSTP, Signal::SIGCONT]);
}

#[test]
fn c6_a_panic_of_the_output_thread_is_an_orderly_stop_and_70() {
    let Some(mut run) = failing("ReaderLeft", "panic", "pup on:TERM=exit:0 log:up tick:5") else { return };
    run.wait_for_witness(2, "up");
    run.wait_for_line("tick 3");
    run.leave();
    let finished = run.finish().expect_code(70).expect_err("failpoint ReaderLeft");
    assert!(!finished.err().contains("ended too early"), "the supervisor stops them itself\n{finished}");
}

#[test]
fn c6_a_panic_of_the_signals_thread_is_a_stop_and_70() {
    let Some(run) = failing("Meaningless", "panic", POLITE) else { return };
    run.wait_for_witness(2, "up");
    run.signal(Signal::SIGUSR1);
    let finished = run.finish().expect_code(70).expect_err("failpoint Meaningless");
    assert_eq!(finished.count("TERM"), 2, "{finished}");
}

#[test]
fn c8_a_fault_of_the_supervisor_is_told_by_its_code() {
    let escaper = "pup on:TERM=exit:0 daemon as:away on:TERM log:up hang end log:up hang";
    let Some(run) = failing("Stop", "segv", escaper) else { return };
    run.wait_for_witness(4, "up");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(139).expect_err("ended by SIGSEGV");
    assert_eq!(finished.count("TERM"), 4, "{finished}");
}
