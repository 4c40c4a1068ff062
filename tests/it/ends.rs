//! How processes end, and what our own exit code makes of it: FAULTS D and E, COMPAT end-*, code-*, run-*.

use crate::world::World;
use nix::sys::signal::Signal;

fn code_of(procfile: &str) -> i32 {
    World::new().procfile(procfile).start([]).finish().code()
}

#[test]
fn m3_code_1_all_256_exit_codes_come_out_as_they_are() {
    for code in 0..=255 {
        assert_eq!(code_of(&format!("web: exit {code}\n")), code);
    }
}

#[test]
fn code_2_every_terminating_signal_is_128_and_its_number() {
    let harmless = [Signal::SIGCHLD, Signal::SIGCONT, Signal::SIGURG, Signal::SIGWINCH];
    let stopping = [Signal::SIGSTOP, Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU];
    for signal in Signal::iterator().filter(|signal| !harmless.contains(signal) && !stopping.contains(signal))
    {
        let name = signal.as_str();
        let finished =
            World::new().procfile(&format!("web: kill -{} $$\n", signal as i32)).start([]).finish();
        assert_eq!(finished.code(), 128 + signal as i32, "{name}\n{finished}");
        let told = finished.lines_of("web.1");
        assert!(
            told.iter().any(|line| line.starts_with(&format!("terminated by {name}"))),
            "{name}\n{finished}"
        );
    }
}

#[test]
fn out_1_an_end_is_told_after_its_last_words_and_stops_the_rest() {
    let finished =
        World::new().procfile("web: echo hi; exit 3\nworker: pup log:up hang\n").start([]).finish();
    assert_eq!(finished.code(), 3, "{finished}");
    let web = finished.lines_of("web.1");
    assert!(web[0].starts_with("started with pid "), "{finished}");
    assert_eq!(web[1..], ["hi", "exited with code 3 · stopping all (on_exit)"], "{finished}");
    assert_eq!(finished.lines_of("system"), ["sending SIGTERM to all processes"], "{finished}");
    assert_eq!(finished.lines_of("worker.1").last().unwrap(), "terminated by SIGTERM", "{finished}");
}

#[test]
fn end_2_keep_going_lets_the_rest_go_on_and_code_5_the_first_failure_is_the_code() {
    let world = World::new().procfile("web: exit 3\nworker: pup until:go exit:0\n");
    let run = world.start(["--keep-going"]);
    run.wait_for_line("exited with code 3");
    std::fs::write(world.app().join("go"), "").unwrap();
    run.finish().expect_code(3);
}

#[test]
fn end_3_on_failure_starts_again_until_it_succeeds() {
    let once = "web: test -e failed || { touch failed; exit 1; }\n";
    let finished = World::new().procfile(once).start(["--restart", "on-failure"]).finish().expect_code(0);
    let told = finished.lines_of("web.1");
    assert!(told[1].contains("restarting in"), "{finished}");
    assert_eq!(told.last().unwrap(), "exited with code 0 · stopping all (on_exit)", "{finished}");
}

#[test]
fn code_3_what_children_answer_to_our_stop_does_not_count() {
    for script in ["on:TERM=exit:0", "on:TERM=exit:5", "on:TERM=exit:143"] {
        let run = World::new().procfile(&format!("web: pup {script} log:up hang\n")).start([]);
        run.wait_for_witness(1, "up");
        run.signal(Signal::SIGTERM);
        run.finish().expect_code(0);
    }
}

#[test]
fn code_6_d5_birth_8_what_cannot_be_started_is_127_or_126_and_told() {
    let world = World::new().file("plain", "no program").procfile("web: nosuchprogram\n");
    world.start([]).finish().expect_code(127).expect_out("nosuchprogram");
    World::new().file("plain", "x").procfile("web: ./plain\n").start([]).finish().expect_code(126);
    World::new().procfile("web: ./gone && true\n").start([]).finish().expect_code(127);
}

#[test]
fn e3_a_crash_loop_is_throttled_and_a_stop_ends_it() {
    let run = World::new().procfile("web: false\n").start(["-m", "web=100", "--restart", "always"]);
    run.wait_for_line("failure 2 in a row");
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

#[test]
fn run_1_to_5_commands_types_words_and_codes() {
    let world = || World::new().procfile("web: x\nworker: echo $PS $PORT\n").env("A=1\n");
    let out = |arguments: &[&str]| {
        let words = ["run"].iter().chain(arguments).map(|word| std::ffi::OsStr::new(*word));
        let finished = world().run_words(words).finish();
        (finished.out(), finished.code())
    };
    assert_eq!(out(&["printenv", "A"]), ("1\n".into(), 0));
    assert_eq!(out(&["echo $A"]), ("1\n".into(), 0));
    assert_eq!(out(&["echo", "$A", "b  c"]), ("$A b  c\n".into(), 0));
    assert_eq!(out(&["worker"]), ("worker.1 5100\n".into(), 0));
    assert_eq!(out(&["echo $PS $PORT"]), ("run.1 5000\n".into(), 0));
    assert_eq!(out(&["grep", "-e", "A", ".env"]), ("A=1\n".into(), 0));
    assert_eq!(out(&["sh", "-c", "exit 4"]).1, 4);
    assert_eq!(out(&["sh", "-c", "kill -9 $$"]).1, 137);
    assert_eq!(out(&["nosuch"]).1, 127);
    assert_eq!(out(&["./.env"]).1, 126);
    let finished = world().input("x\n").run(["run", "cat"]).finish();
    assert_eq!((finished.out().as_str(), finished.code()), ("x\n", 0));
}

#[test]
fn run_sweeps_what_its_command_leaves_behind_and_passes_on_its_code() {
    let world = World::new();
    world
        .run(["run", "pup daemon on:TERM=exit:0 log:up hang end until:/dev/null exit:6"])
        .finish()
        .expect_code(6);
}
