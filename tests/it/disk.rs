//! FAULTS F11, F13, F14: standard output that takes less than it is given, or nothing for a while.

use crate::output::expect_numbered;
use crate::running::Running;
use crate::world::{PROGRAM, World, can_trace, is_root, skipped};
use nix::sys::signal::Signal;
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Lines that are far more than a small disk, a pipe and all that we hold.
const MANY: usize = 20_000;

/// A run whose standard output is a file on a disk that has 64 KiB left, in a mount namespace of its own;
/// `None` (said on standard error) where we may have none.
fn on_a_full_disk(world: &World) -> Option<Running> {
    let mut unshare = vec!["unshare", "--mount", "--propagation", "private"];
    if !is_root() {
        unshare.extend(["--user", "--map-root-user"]);
    }
    // A ballast fills the disk but for 64 KiB; to take it away is to free the disk.
    let script = "mkdir disk && mount -t tmpfs -o size=4m tmpfs disk &&
        head -c $((4032 * 1024)) /dev/zero >disk/ballast || exit 99
        exec \"$0\" start -t 1 --no-timestamp >disk/out";
    let mut trial = Command::new(unshare[0]);
    trial.args(&unshare[1..]).args(["sh", "-c", "mount -t tmpfs tmpfs /mnt"]).stderr(Stdio::null());
    if !trial.status().is_ok_and(|status| status.success()) {
        skipped("no disk may be mounted");
        return None;
    }
    Some(world.command(unshare.into_iter().chain(["sh", "-c", script, PROGRAM]).map(OsStr::new)))
}

/// The disk, which only those in its namespace see, seen through one of them.
fn disk(run: &Running) -> PathBuf {
    let root = PathBuf::from(format!("/proc/{}/root", run.supervisor()));
    root.join(run.app().strip_prefix("/").expect("it is absolute")).join("disk")
}

fn wait_until_full(run: &Running) {
    let disk = disk(run);
    run.wait_until("the disk is full", || {
        let free = nix::sys::statvfs::statvfs(&disk).ok()?.blocks_free();
        (free == 0).then_some(())
    });
}

#[test]
fn f11_f14_on_a_full_disk_processes_wait_and_when_it_is_freed_no_line_is_missing() {
    let procfile = format!("web: pup on:TERM=exit:0 as:web.1 lines:{MANY} log:done hang\n");
    let world = World::new().procfile(&procfile);
    let Some(run) = on_a_full_disk(&world) else { return };
    wait_until_full(&run);
    // The loop goes on meanwhile, though nothing can be said.
    let both = [run.guardian(), run.supervisor()];
    for (signal, state) in [(Signal::SIGTSTP, "T"), (Signal::SIGCONT, "S")] {
        run.signal(signal);
        for pid in both {
            run.wait_for_state(pid, state);
        }
    }
    assert!(!world.witness().exists(), "the process waits: nobody has taken its lines");
    fs::remove_file(disk(&run).join("ballast")).expect("the disk is ours");
    run.wait_for_witness(1, "done");
    let out = disk(&run).join("out");
    let last = format!("web.1 {MANY:07} ");
    let mut text = String::new();
    run.wait_until("the last line is on the disk", || {
        text = fs::read_to_string(&out).ok()?;
        text.contains(&last).then_some(())
    });
    expect_numbered(&text, 1, MANY);
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert!(!finished.err().contains("not taken"), "{finished}");
}

#[test]
fn f11_a_full_disk_does_not_hold_up_a_stop_and_what_was_not_taken_is_counted() {
    let world = World::new()
        .procfile("web: pup on:TERM=exit:0 log:up flood\nworker: pup on:TERM=exit:0 log:up hang\n");
    let Some(run) = on_a_full_disk(&world) else { return };
    run.wait_for_witness(2, "up");
    wait_until_full(&run);
    let asked = Instant::now();
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0).expect_err("bytes of output were not taken by their reader");
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "grace and five seconds, and a slow machine\n{finished}"
    );
    assert_eq!(finished.count("TERM"), 2, "{finished}");
}

#[test]
fn f13_a_pipe_that_takes_parts_or_nothing_gets_every_byte_once() {
    // Somebody made it non-blocking: a write takes what there is room for, or says EAGAIN.
    let world = World::new().procfile(&format!("p: pup lines:{MANY}\n")).before("nonblock:1").unread();
    let run = world.start(["-m", "p=3", "--keep-going"]);
    let supervisor = run.supervisor();
    run.wait_until("the writer waits for its reader", || {
        let threads = fs::read_dir(format!("/proc/{supervisor}/task")).ok()?.flatten();
        let comms = threads.filter_map(|thread| {
            let name = fs::read_to_string(thread.path().join("comm")).ok()?;
            (name == "output\n").then(|| fs::read_to_string(thread.path().join("wchan")).unwrap_or_default())
        });
        comms.into_iter().any(|place| place.contains("poll")).then_some(())
    });
    for _ in 0..50 {
        run.read_on();
        run.let_pass(Duration::from_millis(1));
        run.pause_reading();
        run.let_pass(Duration::from_millis(3));
    }
    run.read_on();
    expect_numbered(&run.finish().expect_code(0).out(), 3, MANY);
}

#[test]
fn f13_a_write_that_is_interrupted_or_refused_for_now_is_done_again() {
    for error in ["EINTR", "EAGAIN", "ENOSPC", "EDQUOT"] {
        let world = World::new().procfile("p: pup lines:2000\n");
        let out = world.app().join("out");
        let inject = format!("inject=write:error={error}:when=2+2");
        let script = "exec \"$0\" start -m p=2 --keep-going --no-timestamp >out";
        let strace = ["strace", "-f", "-o", "/dev/null", "-P", out.to_str().expect("text"), "-e", &inject];
        if !can_trace() {
            return skipped("no strace");
        }
        let words = strace.into_iter().chain(["sh", "-c", script, PROGRAM]);
        world.command(words.map(OsStr::new)).finish().expect_code(0);
        expect_numbered(&fs::read_to_string(out).expect("it was written"), 2, 2000);
    }
}
