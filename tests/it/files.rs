//! FAULTS I and D8, COMPAT cli-2 and cli-6: the files an app is written in, in every state they may be found in.

use crate::finished::Finished;
use crate::world::{PROGRAM, World, is_root, skipped};
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, Instant};

/// A start that must be refused before anything runs, for this reason.
fn refused(world: &World, arguments: &[&str], told: &str) -> Finished {
    let words = ["start"].iter().chain(arguments).map(OsStr::new);
    let finished = world.run_words(words).finish().expect_code(2).expect_err(told);
    assert_eq!(finished.count("up"), 0, "{finished}");
    finished
}

#[test]
fn i1_a_stray_line_is_a_warning_in_start_and_a_finding_in_check() {
    for (line, told) in [
        (" web: a", "indented"),
        ("web : a", "blank before the colon"),
        ("// x", "`//`"),
        ("a.b: x", "letters, digits, `_` and `-`"),
        ("gunicorn app", "no `name:`"),
        ("empty:", "command"),
        ("blank:  ", "command"),
    ] {
        let world = World::new().procfile(&format!("# a comment\n\ngood: exit 7\n{line}\n"));
        let finished = world.start([]).finish().expect_code(7).expect_err(told).expect_err("Procfile:4:");
        assert!(finished.err().contains("warning"), "{finished}");
        world.run(["check"]).finish().expect_code(1).expect_err(told).expect_err("Procfile:4:");
    }
}

#[test]
fn i1_proc_7_a_name_that_is_there_twice_is_an_error_that_names_both_lines() {
    let world = World::new().procfile("web: pup log:up\nworker: pup log:up\nweb: pup log:up\n");
    let finished = refused(&world, &[], "`web` is defined twice");
    assert!(finished.err().contains("Procfile:3:") && finished.err().contains("1 |"), "{finished}");
    world.run(["check"]).finish().expect_code(2).expect_err("`web` is defined twice");
}

#[test]
fn i1_marks_line_ends_tabs_comments_and_joined_lines_are_read_as_meant() {
    let text = "\u{feff}web:\techo one \\\r\n\t two\r\n  # web: no\r\n\r\nworker:echo three # four\r\n";
    let world = World::new().procfile(text).free_ports();
    let finished = world.start(["--keep-going"]).finish().expect_code(0);
    assert_eq!(finished.lines_of("web.1")[1], "one two", "{finished}");
    assert_eq!(finished.lines_of("worker.1")[1], "three", "{finished}");
    assert_eq!(finished.err(), "", "nothing of this is worth a word in `start`");
    world.run(["check"]).finish().expect_out("valid procfile detected (web, worker)");
}

#[test]
fn i5_a_file_that_cannot_be_read_is_named_with_the_reason() {
    let good = || World::new().procfile("web: pup log:up\n");
    for name in ["Procfile", ".env", "twelve-run.toml", "other.env"] {
        let world = good().file(name, "web: pup log:up\n");
        fs::set_permissions(world.app().join(name), Permissions::from_mode(0o000)).expect("it is ours");
        let arguments = if name == "other.env" { &["-e", "other.env"][..] } else { &[] };
        let Some(world) = world.by_a_user() else { return };
        refused(&world, arguments, &format!("cannot read `{name}`: permission denied"));
    }
    refused(&World::new(), &[], "`Procfile` does not exist");
    refused(&World::new(), &["-f", "sub/Other"], "`sub/Other` does not exist");
    refused(&good(), &["-f", "Procfile/x"], "cannot read `Procfile/x`: a part of its path is not a folder");
    // The kernel gives an error of input for the memory at nothing.
    refused(&good(), &["-f", "/proc/self/mem"], "cannot read `/proc/self/mem`: the disk failed");
}

#[test]
fn i6_links_that_go_round_in_a_circle_are_told() {
    for name in ["Procfile", ".env", "twelve-run.toml"] {
        let world = World::new();
        if name != "Procfile" {
            fs::write(world.app().join("Procfile"), "web: pup log:up\n").expect("the app's folder");
        }
        symlink("other", world.app().join(name)).expect("a link");
        symlink(name, world.app().join("other")).expect("a link");
        refused(&world, &[], &format!("cannot read `{name}`: its symbolic links go round in a circle"));
    }
}

#[test]
fn i7_d17_a_path_may_be_any_bytes_and_a_text_may_not() {
    let odd = OsStr::from_bytes(b"caf\xe9\n");
    let inside = std::path::Path::new(odd);
    let world = World::new()
        .file(inside.join("Procfile"), "web: pwd; printenv A; exit 7\n")
        .file(inside.join(".env"), "A=there\n");
    for flag in ["-d", "-f"] {
        let mut path = odd.to_os_string();
        if flag == "-f" {
            path.push("/Procfile");
        }
        let finished =
            world.run_words([OsStr::new("start"), OsStr::new(flag), &path]).finish().expect_code(7);
        let place = [world.app().as_os_str().as_bytes(), b"/", odd.as_bytes()].concat();
        let place = place.strip_suffix(b"\n").expect("it ends so");
        assert!(finished.stdout.windows(place.len()).any(|bytes| bytes == place), "{finished}");
        assert!(finished.out().contains("| there"), "{finished}");
    }
    for (name, text, place) in [
        ("Procfile", &b"web: pup log:up\nbad: \xff\n"[..], "Procfile:2:6"),
        (".env", b"A=1\n\nB=\xff\n", ".env:3:3"),
        ("twelve-run.toml", b"[process.web]\ncwd = \"\xff\"\n", "twelve-run.toml:2:8"),
    ] {
        let world = World::new().procfile("web: pup log:up\n").file(name, text);
        refused(&world, &[], place).expect_err("UTF-8");
    }
}

#[test]
fn i8_a_file_that_changes_is_read_once_and_as_one() {
    let write = |world: &World, version: &str| {
        let (new, file) = (world.app().join("new"), world.app().join("Procfile"));
        fs::write(&new, format!("{version}: echo {version}\n")).expect("the app's folder");
        fs::rename(new, file).expect("the same folder");
    };
    let world = World::new();
    write(&world, "one");
    std::thread::scope(|threads| {
        // It ends by itself, so that a test which fails does.
        let swapper = threads.spawn(|| {
            for _ in 0..3_000 {
                write(&world, "one");
                write(&world, "two");
            }
        });
        while !swapper.is_finished() {
            let finished = world.start([]).finish().expect_code(0);
            let both = ["one", "two"].map(|name| finished.lines_of(&format!("{name}.1")));
            let said: Vec<_> = both.iter().filter(|lines| !lines.is_empty()).collect();
            assert_eq!(said.len(), 1, "{finished}");
            let name = if both[0].is_empty() { "two" } else { "one" };
            assert_eq!(said[0][1], name, "half of one file and half of another\n{finished}");
        }
    });
    // What runs was read at the start; what is written later is for the next one.
    let world = World::new().procfile("web: pup log:old until:changed exit:3\n").env("A=old\n");
    let run = world.start(["--restart", "on-failure"]);
    run.wait_for_witness(1, "old");
    let world = world.procfile("web: pup log:new hang\n");
    fs::write(world.app().join("changed"), "").expect("the app's folder");
    run.wait_for_witness(2, "old");
    run.signal(nix::sys::signal::Signal::SIGTERM);
    let finished = run.finish();
    assert_eq!(finished.count("new"), 0, "{finished}");
}

#[test]
fn i10_in_a_folder_that_was_deleted_nothing_starts_and_that_is_told() {
    let world = World::new();
    let run = world.start_from("mkdir ../gone; cd ../gone; rmdir ../gone", []);
    run.finish().expect_code(2).expect_err("the current folder cannot be named").expect_err("`-d`");
}

#[test]
fn i11_root_is_warned_of_a_folder_that_others_can_write() {
    let mode = |mode| {
        let world = World::new().procfile("web: exit 7\n");
        fs::set_permissions(world.app(), Permissions::from_mode(mode)).expect("it is ours");
        world
    };
    let sentence = "which others can write";
    for (open, mode_bits) in [(true, 0o777), (false, 0o755), (false, 0o1777), (false, 0o775)] {
        let finished = mode(mode_bits).start([]).finish().expect_code(7);
        let warned = finished.err().contains(sentence);
        assert_eq!(warned, open && is_root(), "{mode_bits:o}: a plain Procfile runs\n{finished}");
        let code = i32::from(open && is_root());
        mode(mode_bits).run(["check"]).finish().expect_code(code);
    }
    if !is_root() {
        return skipped("no root to be warned");
    }
    let Some(world) = mode(0o777).by_a_user() else { return };
    let finished = world.start([]).finish().expect_code(7);
    assert!(!finished.err().contains(sentence), "that is for root\n{finished}");
}

#[test]
fn d8_nul_in_a_command_or_in_the_environment_is_an_error_and_nothing_starts() {
    let good = || World::new().procfile("web: pup log:up\n");
    refused(&World::new().procfile("web: pup log:up\0hidden\n"), &[], "NUL");
    refused(&good().env("A=\"a\0b\"\n"), &[], "NUL").expect_err(".env:1:");
    for line in ["env = { A = \"a\\u0000b\" }", "env = { \"A\\u0000\" = \"b\" }", "shell = \"sh\\u0000\""] {
        let toml = format!("[process.web]\n{line}\n");
        refused(&good().file("twelve-run.toml", toml), &[], "twelve-run.toml:2:");
    }
    refused(
        &good().file("twelve-run.toml", "[process.web]\ncwd = \"a\\u0000b\"\n"),
        &[],
        "twelve-run.toml:2:",
    );
}

#[test]
fn cli_2_the_env_file_is_the_apps_and_the_one_that_is_not_read_is_named() {
    let world = World::new()
        .env("A=here\n")
        .file("sub/.env", "A=there\n")
        .file("sub/Procfile", "web: printenv A; basename $PWD\n");
    let finished = world.start(["-f", "sub/Procfile"]).finish().expect_code(0);
    assert_eq!(finished.lines_of("web.1")[1..3], ["there", "sub"], "{finished}");
    assert!(
        finished.err().contains("`.env` in this folder is not read; the app's is `sub/.env`"),
        "{finished}"
    );
    let finished = world.start(["-f", "sub/Procfile", "-e", ".env"]).finish().expect_code(0);
    assert_eq!(finished.lines_of("web.1")[1], "here", "what is named is the caller's\n{finished}");
}

#[test]
fn cli_6_no_env_file_and_one_that_is_a_pipe() {
    let world = World::new().procfile("web: echo [$A]\n").env("A=file\n").free_ports();
    let finished = world.start(["-e", "/dev/null"]).finish().expect_code(0);
    assert_eq!((finished.lines_of("web.1")[1].as_str(), finished.err().as_str()), ("[]", ""), "{finished}");
    // bash starts the other end, which is nobody of ours.
    let line = "exec \"$0\" start -e <(echo A=piped)";
    let finished = world.command(["bash", "-c", line, PROGRAM].map(OsStr::new)).finish().expect_code(0);
    assert_eq!(finished.lines_of("web.1")[1], "[piped]", "{finished}");
}

#[test]
fn cli_6_i4_a_pipe_that_nobody_writes_is_given_up_after_two_seconds() {
    let world = World::new().procfile("web: pup log:up\n");
    let pipe = world.app().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    let began = Instant::now();
    refused(&world, &["-e", "pipe"], "the pipe was not written and closed within 2 s");
    let took = began.elapsed();
    assert!(took > Duration::from_millis(1900) && took < Duration::from_secs(10), "{took:?}");
    refused(&world, &["-f", "pipe"], "cannot read `pipe`: it is a pipe");
    fs::rename(pipe, world.app().join(".env")).expect("the same folder");
    refused(&world, &[], "cannot read `.env`: it is a pipe");
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
fn p1_p5_what_a_file_sets_is_for_the_processes_alone_and_on_nobodys_command_line() {
    let run = World::new()
        .env("SECRET=canary\nPATH=/canary\nLD_PRELOAD=/canary.so\n")
        .procfile(
            "web: trap 'exit 0' TERM; echo \"$SECRET $PATH $LD_PRELOAD\"; while :; do read line; done\n",
        )
        .start(["--env-override"]);
    run.wait_for_line("canary /canary /canary.so");
    let web = run.pids()[0].1;
    let ours = [run.guardian(), run.supervisor()].map(|pid| pid.to_string());
    let seen = |pid: &str, what: &str| {
        String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/{what}")).expect("it lives")).into_owned()
    };
    for pid in &ours {
        assert!(!seen(pid, "environ").contains("canary"), "{pid}");
        assert!(!seen(pid, "maps").contains("canary"), "{pid}");
    }
    assert!(seen(&web.to_string(), "environ").contains("SECRET=canary"));
    for pid in ours.iter().chain([&web.to_string()]) {
        assert!(
            !seen(pid, "cmdline").contains("SECRET=canary") && !seen(pid, "cmdline").contains("/canary"),
            "{pid}"
        );
    }
    run.signal(nix::sys::signal::Signal::SIGTERM);
    run.finish().expect_code(0);
}
