//! What is typed and written: COMPAT cli-*, penv-*, port-*, and the files of FAULTS I, as a whole.

use crate::world::World;
use nix::sys::signal::Signal;

#[test]
fn cli_1_e9_i_errors_end_with_2_and_nothing_starts() {
    for (procfile, arguments, told) in [
        ("web: pup log:up\n", &["start", "-e", "nope"][..], "`nope` does not exist"),
        ("web: pup log:up\n", &["start", "wbe"], "did you mean `web`?"),
        ("web: pup log:up\nweb: b\n", &["start"], "`web` is defined twice"),
        ("web: pup log:up\n", &["start", "-m", "web=1001"], "too many"),
        ("web: pup log:up\n", &["start", "-p", "0"], "1 to 65535"),
        ("web: pup log:up\n", &["start", "-t", "soon"], "no time"),
        ("# none\n", &["start"], "no processes defined"),
        ("release: pup log:up\n", &["start"], "nothing to start"),
        ("web: pup log:up\n", &["start", "--nosuch"], "--nosuch"),
    ] {
        let world = World::new().procfile(procfile);
        let finished = world
            .run_words(arguments.iter().map(std::ffi::OsStr::new))
            .finish()
            .expect_code(2)
            .expect_err(told);
        assert_eq!(finished.count("up"), 0, "{finished}");
    }
}

#[test]
fn cli_3_and_4_positional_counts_colour_and_foremans_defaults() {
    let finished =
        World::new().procfile("web: echo $PORT\nworker: x\n").start(["-c", "web=2", "--keep-going"]).finish();
    assert!(finished.out().contains('\x1b') && !finished.out().contains("worker"), "{finished}");
    let world = World::new().procfile("web: echo $PORT\n").file(".foreman", "formation: web=2\nport: 3000\n");
    let finished = world.start(["--keep-going"]).finish();
    assert_eq!(finished.lines_of("web.2")[1], "3001", "{finished}");
}

#[test]
fn cli_5_check_says_what_foreman_says() {
    let world = World::new().procfile("web: a\nworker: b\nclock: c\n");
    let finished = world.run(["check"]).finish().expect_code(0);
    assert_eq!(finished.out(), "valid procfile detected (web, worker, clock)\n");
    World::new().procfile("web: a\n web: b\n").run(["check"]).finish().expect_code(1).expect_err("indented");
    World::new()
        .procfile("web: a\nweb: b\n")
        .run(["check", "--json"])
        .finish()
        .expect_code(2)
        .expect_out("\"schema\": 1");
}

#[test]
fn i2_a_broken_env_file_is_told_without_its_value_and_i3_a_broken_toml_with_its_place() {
    let finished = World::new().procfile("web: a\n").env("A=\"canary\n").start([]).finish().expect_code(2);
    assert!(finished.err().contains(".env:1:3") && !finished.err().contains("canary"), "{finished}");
    let world =
        World::new().procfile("web: a\n").file("twelve-run.toml", "[process.web]\nrestrat = \"never\"\n");
    world.start([]).finish().expect_code(2).expect_err("did you mean `restart`?");
}

#[test]
fn penv_1_and_2_port_5_the_environment_of_a_process() {
    let world = World::new()
        .procfile("web: printenv A PS PORT TWELVE_RUN_WORKER_PORT; printenv TWELVE_RUN_WEB_PORT || echo none\nworker: x\n")
        .env("A=f\nPS=x\nPORT=7000\n")
        .var("NOTIFY_SOCKET", "/x");
    let finished = world.start(["web"]).finish();
    assert_eq!(finished.lines_of("web.1")[1..6], ["f", "web.1", "7000", "7100", "none"], "{finished}");
    for (flags, expected) in
        [(&["start", "--keep-going"][..], "r"), (&["start", "--keep-going", "--env-override"], "f")]
    {
        let world = World::new().procfile("web: printenv A\n").env("A=f\n").var("A", "r");
        let finished = world.run_words(flags.iter().map(std::ffi::OsStr::new)).finish();
        assert_eq!(finished.lines_of("web.1")[1], expected, "{finished}");
    }
}

#[test]
fn i4_what_is_no_file_is_refused_at_once() {
    let world = World::new().file("Procfile/x", "");
    world.start([]).finish().expect_code(2).expect_err("it is a folder");
    let world = World::new().procfile("web: a\n");
    world.start(["-f", "/dev/zero"]).finish().expect_code(2).expect_err("it is a device");
    World::new().procfile("web: true\n").start(["-e", "/dev/null"]).finish().expect_code(0);
}

#[test]
fn dry_run_shows_the_plan_and_starts_nothing() {
    let world = World::new().procfile("web: pup log:up\n").env("SECRET=canary\n");
    let finished =
        world.start(["--dry-run", "--json"]).finish().expect_code(0).expect_out("\"base_port\": 5000");
    assert!(finished.out().contains("SECRET") && !finished.out().contains("canary"), "{finished}");
    assert_eq!(finished.count("up"), 0);
}

#[test]
fn settings_of_twelve_run_toml_are_heeded() {
    let toml = "[process.web]\ninstances = 2\nstop_signal = \"INT\"\ncwd = \"sub\"\nenv = { A = \"t\" }\n";
    let world = World::new()
        .procfile("web: pup on:INT=exit:0 on:TERM log:up hang\n")
        .file("sub/x", "")
        .file("twelve-run.toml", toml);
    let run = world.start([]);
    run.wait_for_witness(2, "up");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!((finished.count("INT"), finished.count("TERM")), (2, 0), "{finished}");
}
