//! FAULTS A: signals that reach us, from people, from terminals, from other programs.

use crate::running::Running;
use crate::world::{GUARD, PROGRAM, World};
use nix::sys::signal::Signal;
use nix::sys::signal::{kill, killpg};
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::time::{Duration, Instant};

/// Leaves when asked, and says so.
const POLITE: &str = "pup on:TERM=exit:0 on:INT on:HUP log:up hang";
/// Hears everything and does nothing about it.
const DEAF: &str = "pup on:TERM on:INT on:HUP log:up hang";
/// Copies of one signal within 100 ms are one request; this is longer.
const ANOTHER_REQUEST: Duration = Duration::from_millis(150);

fn formation(command: &str) -> World {
    World::new().procfile(&format!("web: {command}\n"))
}

fn up(world: &World) -> Running {
    let run = world.start(["-t", "20"]);
    run.wait_for_witness(1, "up");
    run
}

#[test]
fn a1_term_reaches_every_process_once() {
    let kid = "pup on:TERM=exit:0 spawn as:kid on:TERM=exit:0 log:up hang end log:up hang";
    let run = World::new().procfile(&format!("web: {kid}\nworker: {kid}\nclock: {POLITE}\n")).start([]);
    run.wait_for_witness(5, "up");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 5, "{finished}");
}

#[test]
fn out_2_a_shutdown_is_told_as_foreman_tells_it() {
    let run = up(&formation(POLITE));
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    let ours = finished.lines_of("system");
    assert!(ours[0].starts_with("SIGTERM received, starting shutdown"), "{finished}");
    assert!(ours[1].starts_with("sending SIGTERM to all processes"), "{finished}");
}

#[test]
fn a2_sig_1_ctrl_c_reaches_processes_as_their_stop_signal_alone() {
    let run = up(&formation(POLITE).on_terminal());
    run.type_keys(b"\x03");
    let finished = run.finish().expect_code(0);
    assert_eq!((finished.count("TERM"), finished.count("INT")), (1, 0), "{finished}");
    assert!(finished.out().contains("Ctrl-C"), "it says how to kill\n{finished}");
}

#[test]
fn a3_sig_6_a_second_interrupt_kills_at_once() {
    for second in [Signal::SIGINT, Signal::SIGTERM] {
        let run = up(&formation(DEAF));
        run.signal(Signal::SIGINT);
        run.wait_for_witness(1, "TERM");
        run.let_pass(ANOTHER_REQUEST);
        run.signal(second);
        let finished = run.finish().expect_code(137);
        assert!(finished.took < Duration::from_secs(15), "{finished}");
    }
}

#[test]
fn a3_a_second_ctrl_c_kills_at_once() {
    let run = up(&formation(DEAF).on_terminal());
    run.type_keys(b"\x03");
    run.wait_for_witness(1, "TERM");
    run.let_pass(ANOTHER_REQUEST);
    run.type_keys(b"\x03");
    let finished = run.finish().expect_code(137);
    assert!(finished.took < Duration::from_secs(15), "{finished}");
}

#[test]
fn a15_hup_quit_and_another_term_change_nothing_while_stopping() {
    for again in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
        let run = formation("pup on:TERM on:QUIT log:up hang").start(["-t", "2"]);
        run.wait_for_witness(1, "up");
        run.signal(Signal::SIGTERM);
        let asked = Instant::now();
        run.wait_for_witness(1, "TERM");
        run.let_pass(ANOTHER_REQUEST);
        run.signal(again);
        let finished = run.finish().expect_code(137);
        assert!(asked.elapsed() > Duration::from_millis(1900), "{again} cut the grace short\n{finished}");
        assert_eq!((finished.count("TERM"), finished.count("QUIT")), (1, 0), "{again}: {finished}");
    }
}

#[test]
fn a5_a_storm_of_signals_loses_no_term() {
    let run = up(&formation(POLITE));
    let (guardian, supervisor) = (run.guardian(), run.supervisor());
    for _ in 0..50_000 {
        for pid in [guardian, supervisor] {
            run.signal_to(pid, Signal::SIGUSR1);
            run.signal_to(pid, Signal::SIGWINCH);
        }
    }
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 1, "{finished}");
}

#[test]
fn a6_a_closed_terminal_is_a_graceful_stop() {
    let world = formation(POLITE).on_terminal().patience(GUARD);
    let mut run = world.start(["--pty", "never"]);
    run.wait_for_witness(1, "up");
    run.leave();
    let finished = run.finish().expect_code(0);
    assert_eq!((finished.count("TERM"), finished.count("HUP")), (1, 0), "{finished}");
}

#[test]
fn a21_the_leader_of_a_terminal_stops_gracefully_when_that_closes() {
    let mut run = formation("pup on:TERM=sleep:300,log:handled,exit:0 log:up hang")
        .leading_terminal()
        .start(["--pty", "never"]);
    run.wait_for_witness(1, "up");
    run.leave();
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("handled"), 1, "{finished}");
}

#[test]
fn a7_under_nohup_hup_stays_ignored_by_us_and_is_default_in_children() {
    let run = formation("grep SigIgn /proc/self/status && exec pup on:TERM=exit:0 log:up tick:5")
        .start_from("trap '' HUP", []);
    run.wait_for_witness(1, "up");
    run.wait_for_line("SigIgn:\t0000000000000000");
    run.signal(Signal::SIGHUP);
    run.signal_to(run.supervisor(), Signal::SIGHUP);
    // Whatever HUP might do it has done before this many more ticks.
    let ticks = run.stdout().matches("| tick").count();
    run.wait_for_line(&format!("tick {}", ticks + 40));
    run.signal(Signal::SIGTERM);
    assert_eq!(run.finish().expect_code(0).count("TERM"), 1);
}

#[test]
fn f10_a7_a_terminal_that_goes_away_under_nohup_leaves_the_app_running() {
    let mut run = formation("pup on:TERM=exit:0 log:up tick:5")
        .leading_terminal()
        .start_from("trap '' HUP", ["--pty", "never"]);
    run.wait_for_line("tick 3");
    run.leave();
    let supervisor = run.supervisor();
    run.let_pass(Duration::from_millis(300));
    assert_ne!(crate::running::state(supervisor), None, "it has ended");
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn a8_ctrl_z_pauses_everybody_and_the_prompt_comes_last() {
    let run = formation("pup on:TERM=exit:0 log:up tick:5").on_terminal().start([]);
    run.wait_for_line("tick 3");
    let (guardian, supervisor) = (run.guardian(), run.supervisor());
    let service = Pid::from_raw(run.wait_for_witness(1, "up")[0].pid);
    run.type_keys(b"\x1a");
    assert_eq!(run.wait_for_report("stopped"), "20");
    let states = [guardian, supervisor, service].map(crate::running::state);
    assert_eq!(states, [Some('T'); 3], "when the prompt is back everybody has stopped");
    run.fg();
    for pid in [guardian, supervisor, service] {
        run.wait_for_state(pid, "SRD");
    }
    let ticks = run.stdout().matches("| tick").count();
    run.wait_for_line(&format!("tick {}", ticks + 20));
    run.type_keys(b"\x03");
    run.finish().expect_code(0);
}

#[test]
fn a8_ctrl_z_can_be_repeated() {
    let run = formation("pup on:TERM=exit:0 log:up tick:5").on_terminal().start([]);
    let guardian = run.guardian();
    for round in 1..=3 {
        let ticks = run.stdout().matches("| tick").count();
        run.wait_for_line(&format!("tick {}", ticks + 10));
        run.type_keys(b"\x1a");
        run.wait_for_reports(round, "stopped");
        run.wait_for_state(guardian, "T");
        run.fg();
    }
    run.wait_for_state(guardian, "S");
    run.type_keys(b"\x03");
    run.finish().expect_code(0);
}

#[test]
fn a22_tstp_and_cont_sent_to_the_guardian_pause_and_resume_all() {
    let run = formation("pup on:TERM=exit:0 log:up tick:5").start([]);
    let (guardian, supervisor) = (run.guardian(), run.supervisor());
    let service = Pid::from_raw(run.wait_for_witness(1, "up")[0].pid);
    run.signal(Signal::SIGTSTP);
    for pid in [guardian, supervisor, service] {
        run.wait_for_state(pid, "T");
    }
    run.signal(Signal::SIGCONT);
    for pid in [guardian, supervisor, service] {
        run.wait_for_state(pid, "SRD");
    }
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn a22_a_cont_that_comes_before_everybody_has_stopped_resumes_all() {
    let run = formation("pup on:TERM=exit:0 log:up tick:5").start([]);
    run.wait_for_line("tick 3");
    let guardian = run.guardian();
    // Rounds differ in how far the suspension is when it is taken back.
    for round in 0..40 {
        let until = Instant::now() + Duration::from_micros(round * 100);
        kill(guardian, Signal::SIGTSTP).expect("it lives");
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        kill(guardian, Signal::SIGCONT).expect("it lives");
        let ticks = run.stdout().matches("| tick").count();
        run.wait_for_line(&format!("tick {}", ticks + 10));
    }
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn a23_where_nobody_could_resume_us_tstp_stops_nothing_for_long() {
    let run = formation("pup on:TERM=exit:0 log:up tick:5").in_own_session().start([]);
    run.wait_for_line("tick 3");
    run.signal(Signal::SIGTSTP);
    let ticks = run.stdout().matches("| tick").count();
    run.wait_for_line(&format!("tick {}", ticks + 50));
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn a9_what_was_due_while_we_were_stopped_is_done_once_and_nobody_else_is_touched() {
    let run = World::new()
        .procfile("web: pup on:TERM=exit:0 log:up hang\nfails: pup log:try until:again exit:3\n")
        .start(["--restart", "on-failure"]);
    run.wait_for_witness(1, "up");
    run.wait_for_witness(1, "try");
    let supervisor = run.supervisor();
    std::fs::write(run.app().join("again"), "").expect("the app's folder");
    run.wait_for_line("restarting in");
    std::fs::remove_file(run.app().join("again")).expect("it was there");
    run.signal_to(supervisor, Signal::SIGSTOP);
    run.wait_for_state(supervisor, "T");
    // The restart falls due in the gap, and the gap is one that is noticed.
    run.let_pass(Duration::from_millis(3500));
    run.signal_to(supervisor, Signal::SIGCONT);
    run.wait_for_witness(2, "try");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(
        (finished.count("up"), finished.count("try"), finished.count("TERM")),
        (1, 2, 1),
        "{finished}"
    );
}

#[test]
fn a12_sigpipe_is_ignored_in_us_and_default_in_processes() {
    let run = up(&formation(POLITE));
    let service = Pid::from_raw(run.wait_for_witness(1, "up")[0].pid);
    let ignores = |pid: Pid| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
        let ignored =
            status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("the kernel tells it");
        u64::from_str_radix(ignored.trim(), 16).expect("a set") & 1 << (Signal::SIGPIPE as i32 - 1) != 0
    };
    assert!(ignores(run.guardian()) && ignores(run.supervisor()), "a reader who has left would end us");
    // The puppet's runtime ignores it for itself, so this asks somebody who leaves it as it was.
    assert!(ignores(service), "the judge can say yes");
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
    let run = formation("echo here; exec sleep 99").start([]);
    run.wait_for_line("here");
    let mut sleeper = None;
    run.wait_until("the sleeper runs", || {
        sleeper = crate::running::children(run.supervisor()).into_iter().next();
        let name = std::fs::read_to_string(format!("/proc/{}/comm", sleeper?)).ok()?;
        (name == "sleep\n").then_some(())
    });
    assert!(!ignores(sleeper.expect("it was found")), "pipes of shells would never break");
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn a10_quit_gives_processes_quit_first() {
    let world = formation("pup on:QUIT=exit:0 on:TERM=exit:0 log:up hang");
    let run = up(&world);
    run.signal(Signal::SIGQUIT);
    let finished = run.finish().expect_code(0);
    assert_eq!((finished.count("QUIT"), finished.count("TERM")), (1, 0), "{finished}");

    let run = up(&formation("pup on:QUIT=exit:0 on:TERM=exit:0 log:up hang").on_terminal());
    run.type_keys(b"\x1c");
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("QUIT"), 1, "{finished}");
}

#[test]
fn a11_signals_without_a_meaning_end_nothing() {
    let named = "USR1 USR2 PIPE ALRM VTALRM PROF URG WINCH IO PWR XCPU XFSZ TTIN TTOU STKFLT CHLD TRAP";
    let numbers = (34..=64).map(|number| number.to_string());
    let run = up(&formation("pup on:TERM=exit:0 on:USR1 on:USR2 log:up hang"));
    for pid in [run.guardian(), run.supervisor()] {
        for signal in named.split(' ').map(str::to_owned).chain(numbers.clone()) {
            let line = format!("kill -{signal} {pid}");
            let sent = std::process::Command::new("bash").args(["-c", &line]).status();
            assert!(sent.is_ok_and(|status| status.success()), "{signal} could not be sent: {pid} is gone");
        }
    }
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 1, "{finished}");
    assert_eq!(finished.count("USR1") + finished.count("USR2"), 0, "they are not forwarded\n{finished}");
}

#[test]
fn a13_a_process_on_a_terminal_of_ours_sees_its_size_change() {
    let run = formation("trap 'stty size' WINCH; stty size; echo ready; while :; do sleep 0.02; done")
        .on_terminal()
        .start(["--pty", "always"]);
    run.wait_for_line("ready");
    run.resize(33, 120);
    run.wait_for_line("| 33 ");
    run.type_keys(b"\x03");
    run.finish().expect_code(0);
}

#[test]
fn a14_in_the_background_of_a_terminal_with_tostop_output_goes_on() {
    let run = formation("pup on:TERM=exit:0 log:up tick:5").on_terminal().before("sh:stty tostop").start([]);
    run.wait_for_line("tick 3");
    run.type_keys(b"\x1a");
    run.wait_for_report("stopped");
    let ticks = run.stdout().matches("| tick").count();
    run.bg();
    run.wait_for_line(&format!("tick {}", ticks + 50));
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn a18_a_key_and_a_sent_signal_count_once_each() {
    let run = formation(DEAF).on_terminal().start(["-t", "2"]);
    run.wait_for_witness(1, "up");
    run.type_keys(b"\x03");
    let asked = Instant::now();
    let finished = run.finish().expect_code(137);
    assert!(asked.elapsed() > Duration::from_millis(1900), "one Ctrl-C was taken for two\n{finished}");

    let run = up(&formation(DEAF).on_terminal());
    run.type_keys(b"\x03");
    run.wait_for_witness(1, "TERM");
    run.let_pass(ANOTHER_REQUEST);
    run.signal(Signal::SIGINT);
    let finished = run.finish().expect_code(137);
    assert!(finished.took < Duration::from_secs(15), "{finished}");
}

fn a_signal_to_the_whole_group_is_one_request(rounds: usize) {
    for round in 0..rounds {
        let run = up(&formation("pup on:TERM=sleep:20,log:handled,exit:0 log:up hang"));
        killpg(run.guardian(), Signal::SIGTERM).expect("it leads its group");
        let finished = run.finish().expect_code(0);
        assert_eq!((finished.count("TERM"), finished.count("handled")), (1, 1), "round {round}: {finished}");
    }
}

#[test]
fn a19_a_signal_to_the_whole_group_is_one_request_20_times() {
    a_signal_to_the_whole_group_is_one_request(20);
}

#[test]
#[ignore = "heavy: run by .ci/run"]
fn a19_a_signal_to_the_whole_group_is_one_request_200_times() {
    a_signal_to_the_whole_group_is_one_request(200);
}

#[test]
fn a19_interrupts_to_the_whole_group_kill_nobody() {
    let run = up(&formation("pup on:TERM=sleep:300,log:handled,exit:0 log:up hang"));
    killpg(run.guardian(), Signal::SIGINT).expect("it leads its group");
    let finished = run.finish().expect_code(0);
    assert_eq!((finished.count("TERM"), finished.count("handled")), (1, 1), "{finished}");
}

#[test]
fn a19_g5_under_timeout_it_neither_freezes_nor_is_killed_twice() {
    let world =
        formation("pup on:TERM=sleep:100,log:handled,exit:0 log:up tick:5").on_terminal().patience(GUARD);
    let run = world.command(["timeout", "60", PROGRAM, "start"].map(OsStr::new));
    run.wait_for_line("tick 20");
    let timeout: i32 = run.wait_for_report("job").parse().expect("a pid");
    run.signal_to(Pid::from_raw(timeout), Signal::SIGTERM);
    let finished = run.finish();
    assert_eq!((finished.count("TERM"), finished.count("handled")), (1, 1), "{finished}");
}

#[test]
fn a24_a_stopped_supervisor_is_woken_for_its_stop() {
    let run = up(&formation(POLITE));
    let supervisor = run.supervisor();
    run.signal_to(supervisor, Signal::SIGSTOP);
    run.wait_for_state(supervisor, "T");
    run.signal(Signal::SIGTERM);
    assert_eq!(run.finish().expect_code(0).count("TERM"), 1);
}

#[test]
fn a25_a_stopped_guardian_stops_nothing_else() {
    let run = formation("pup on:TERM=exit:0 log:up tick:5").start([]);
    let guardian = run.guardian();
    run.wait_for_line("tick 3");
    run.signal(Signal::SIGSTOP);
    run.wait_for_state(guardian, "T");
    let ticks = run.stdout().matches("| tick").count();
    run.wait_for_line(&format!("tick {}", ticks + 40));
    run.signal(Signal::SIGTERM);
    run.signal(Signal::SIGCONT);
    assert_eq!(run.finish().expect_code(0).count("TERM"), 1);
}

#[test]
fn a26_a_signal_in_the_first_moments_is_not_lost() {
    for round in 0..30_u32 {
        let run = formation(POLITE).start([]);
        let guardian = run.guardian();
        // Rounds differ in how far it is: from the first instruction to the first child.
        let until = Instant::now() + Duration::from_micros(u64::from(round) * 300);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        kill(guardian, Signal::SIGTERM).expect("it lives");
        let finished = run.finish();
        if finished.ends.iter().any(|end| *end == format!("{guardian} signal 15")) {
            assert_eq!(finished.count("up"), 0, "it died of TERM with a child up\n{finished}");
        } else {
            assert_eq!(finished.code(), 0, "round {round}: {finished}");
        }
    }
}

#[test]
fn a26_an_interrupt_while_the_guardian_sweeps_kills_at_once() {
    let run = up(&formation(DEAF));
    run.signal_to(run.supervisor(), Signal::SIGKILL);
    run.wait_for_witness(1, "TERM");
    run.signal(Signal::SIGINT);
    let finished = run.finish();
    assert!(finished.took < Duration::from_secs(15), "{finished}");
}

#[test]
fn a20_m1_as_pid_1_a_signal_from_outside_the_namespace_is_forwarded() {
    let world = formation("pup on:TERM=exit:0 log:up hang");
    let Some(run) = world.start_as_pid_1([]) else { return };
    run.wait_for_witness(1, "up");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 1, "{finished}");
}
