//! FAULTS B7, C7, D2, D14, F16, COMPAT pid1-3: a machine that has little of something, or refuses it.

use crate::output::expect_numbered;
use crate::running::Running;
use crate::world::{PROGRAM, World, can_trace, is_root, others_reach_the_program, skipped};
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A control group of our own, for one run, with a limit; gone when dropped.
struct Group(PathBuf);

impl Group {
    /// Version 1 and version 2 name the same limit in different folders and files. `None` (said on standard
    /// error) where no group may be made.
    fn with(controller: &str, limits: [&str; 2], limit: &str) -> Option<Self> {
        static GROUPS: AtomicU32 = AtomicU32::new(0);
        let number = GROUPS.fetch_add(1, Ordering::Relaxed);
        let name = format!("twelve-run-it-{}-{number}", std::process::id());
        let top = Path::new("/sys/fs/cgroup");
        for (place, file) in [top.join(controller), top.to_owned()].iter().zip(limits) {
            let group = Self(place.join(&name));
            if fs::create_dir(&group.0).is_ok() && fs::write(group.0.join(file), limit).is_ok() {
                return Some(group);
            }
        }
        skipped(&format!("no control group for {controller}"));
        None
    }

    /// Starts in it.
    fn start(&self, world: &World) -> Running {
        world.start_from(&format!("echo $$ >{}/cgroup.procs", self.0.display()), ["-t", "1", "--keep-going"])
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap_or_default()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

#[test]
fn b7_a_fork_bomb_keeps_nobody_from_running_or_from_stopping() {
    let Some(group) = Group::with("pids", ["pids.max", "pids.max"], "150") else { return };
    let procfile = "web: pup on:TERM=exit:0 log:up tick:5\nbomb: pup on:TERM log:up until:go bomb\n";
    let run = group.start(&World::new().procfile(procfile));
    run.wait_for_witness(2, "up");
    fs::write(run.app().join("go"), "").expect("the app's folder");
    run.wait_until("not one process more is allowed", || {
        let refused = group.read("pids.events");
        refused.lines().any(|line| line.starts_with("max ") && line != "max 0").then_some(())
    });
    let ticks = run.stdout().matches("| tick").count();
    run.wait_for_line(&format!("tick {}", ticks + 20));
    let asked = Instant::now();
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(137);
    assert!(asked.elapsed() < Duration::from_secs(8), "{finished}");
    let web = finished.witness.iter().filter(|seen| seen.name == "web.1" && seen.event == "TERM");
    assert_eq!(web.count(), 1, "{finished}");
}

#[test]
fn c7_when_memory_is_out_the_guardian_is_not_chosen_and_stops_what_the_supervisor_leaves() {
    let limits = ["memory.limit_in_bytes", "memory.max"];
    let Some(group) = Group::with("memory", limits, "150000000") else { return };
    let procfile = "web: pup on:TERM=exit:0 log:up hang\neater: pup log:up until:go exec tail /dev/zero\n";
    let run = group.start(&World::new().procfile(procfile));
    run.wait_for_witness(2, "up");
    let (guardian, supervisor) = (run.guardian(), run.supervisor());
    let score =
        |pid: nix::unistd::Pid| fs::read_to_string(format!("/proc/{pid}/oom_score_adj")).expect("it lives");
    let ours = fs::read_to_string("/proc/self/oom_score_adj").expect("we live");
    assert_eq!(
        [score(guardian), score(supervisor)],
        [ours.clone(), ours],
        "we give ourselves no better place"
    );
    let members = group.read("cgroup.procs");
    assert!(members.lines().any(|pid| pid == supervisor.to_string()), "nobody else is to run out: {members}");
    // The first to go is the supervisor, the next the one who eats.
    fs::write(format!("/proc/{supervisor}/oom_score_adj"), "1000").expect("a worse place is free");
    fs::write(run.app().join("go"), "").expect("the app's folder");
    let finished = run.finish().expect_code(137).expect_err("the supervisor was ended by SIGKILL");
    // Where there is not even memory to look at somebody, he is not asked before he is killed.
    assert!(finished.count("TERM") <= 1, "{finished}");
}

#[test]
fn c7_a_guardian_whose_question_is_refused_for_want_of_memory_does_not_take_that_for_an_answer() {
    if !can_trace() {
        return skipped("no strace");
    }
    // It asks for /proc before it forks; any later time the kernel has no memory for an answer.
    let world = World::new().procfile("web: pup on:TERM=exit:0 log:up hang\n");
    let inject = "inject=readlink,readlinkat:error=ENOMEM:when=2+";
    let strace = ["strace", "-f", "-o", "/dev/null", "-P", "/proc/self", "-e", inject, PROGRAM, "start"];
    let run = world.command(strace.map(OsStr::new));
    run.wait_for_witness(1, "up");
    run.signal_to(run.supervisor(), Signal::SIGKILL);
    let finished = run.finish().expect_code(137);
    assert_eq!(finished.count("TERM"), 1, "{finished}");
}

/// A run whose system calls fail as told.
fn injected(world: &World, inject: &str, arguments: &[&str]) -> Running {
    let strace = ["strace", "-f", "-o", "/dev/null", "-e", inject, PROGRAM, "start"];
    world.command(strace.into_iter().chain(arguments.iter().copied()).map(OsStr::new))
}

#[test]
fn d2_when_memory_is_out_for_a_process_it_is_tried_again_and_others_run() {
    if !can_trace() {
        return skipped("no strace");
    }
    // The main thread's first is the guardian's, or the first process; its second is the second process.
    let world = World::new()
        .procfile("web: pup on:TERM=exit:0 log:up hang\nworker: pup on:TERM=exit:0 log:up hang\n");
    let run = injected(&world, "inject=clone:error=ENOMEM:when=2", &[]);
    let told = run.wait_for_line("the machine has no memory left for another process");
    assert!(told.contains("worker.1") && told.contains("restarting in"), "{told}");
    run.wait_for_witness(2, "up");
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 2, "{finished}");
}

#[test]
fn d14_a_stage_of_a_birth_that_fails_is_named_and_what_does_no_harm_is_not() {
    if !can_trace() {
        return skipped("no strace");
    }
    let world = World::new().procfile("web: pup log:up\n").free_ports();
    let finished = injected(&world, "inject=setsid:error=EPERM", &[]).finish().expect_code(126);
    assert_eq!(finished.count("up"), 0, "{finished}");
    finished.expect_out("its session or process group cannot be made: operation not permitted");
    // Nothing that we ask of a terminal has an answer where there is none.
    let finished = injected(&world, "inject=ioctl:error=ENOTTY", &[]).finish().expect_code(0);
    assert_eq!((finished.count("up"), finished.err().as_str()), (1, ""), "{finished}");
}

#[test]
fn f16_past_a_users_share_of_pipes_they_are_small_and_no_line_is_lost() {
    let share = fs::read_to_string("/proc/sys/fs/pipe-user-pages-soft").unwrap_or_default();
    // A pipe has 16 pages, and so many pipes as this are the share and a few more.
    let pipes = match share.trim().parse::<u32>() {
        Ok(pages @ 1..=40_000) => pages / 16 + 20,
        _ => return skipped("pipes have no share that could be used up"),
    };
    let procfile = "p: pup on:TERM=exit:0 log:up until:go lines:5000 log:done\n";
    let Some(world) = World::new().procfile(procfile).by_a_user() else { return };
    let run = world.before(&format!("pipes:{pipes}")).start(["-m", "p=4", "--keep-going"]);
    for up in run.wait_for_witness(4, "up") {
        let pipe = open(
            format!("/proc/{}/fd/1", up.pid).as_str(),
            OFlag::O_WRONLY | OFlag::O_NONBLOCK,
            Mode::empty(),
        );
        let size = fcntl(pipe.expect("it lives"), FcntlArg::F_GETPIPE_SZ).expect("it is a pipe");
        if size != 8192 && !is_root() {
            return skipped("no small pipe, since others of this user's have just closed theirs");
        }
        assert_eq!(size, 8192, "or this tests nothing");
    }
    fs::write(run.app().join("go"), "").expect("the app's folder");
    expect_numbered(&run.finish().expect_code(0).out(), 4, 5000);
}

#[test]
fn pid1_3_m5_on_a_read_only_root_as_nobody_known_without_a_home_it_runs() {
    if !others_reach_the_program() {
        return;
    }
    let namespace = if is_root() {
        &["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--propagation", "private"][..]
    } else {
        &["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]
    };
    let user = if is_root() { "setpriv --reuid 1234567 --regid 1234567 --clear-groups" } else { "" };
    let script = format!("mount -o remount,bind,ro / || exit 99; unset HOME; exec {user} \"$0\" \"$@\"");
    let here = |words: &[&str]| -> Vec<String> {
        namespace
            .iter()
            .chain(&["sh", "-c", script.as_str()])
            .chain(words)
            .map(|word| (*word).to_owned())
            .collect()
    };
    let trial = here(&["true"]);
    let allowed = Command::new(&trial[0]).args(&trial[1..]).stderr(Stdio::null()).status();
    if !allowed.is_ok_and(|status| status.success()) {
        return skipped("no read-only root in a namespace");
    }
    for code in [0, 7, 255] {
        let world =
            World::new().procfile(&format!("web: touch x || echo read-only $$ [$HOME]; exit {code}\n"));
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(world.folder.path(), open).expect("it is ours");
        let words = here(&[PROGRAM, "start"]);
        let finished = world.command(words.iter().map(OsStr::new)).finish().expect_code(code);
        let told = finished.lines_of("web.1");
        assert!(told.iter().any(|line| line.starts_with("read-only") && line.ends_with("[]")), "{finished}");
    }
}
