//! FAULTS H1 to H5, H12, J3 to J5, J7 and J8: where a formation's state lives, and who has it, whatever was
//! there before and whatever becomes of it meanwhile.

use crate::client::{Line, run_in};
use crate::running::Running;
use crate::world::{GUARD, POLITE, PROGRAM, World, is_root, others_reach_the_program, skipped};
use nix::sys::signal::{Signal, killpg};
use serde_json::json;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn polite() -> World {
    World::new().procfile(&format!("web: {POLITE}\n"))
}

fn stop(run: Running) {
    run.signal(Signal::SIGTERM);
    run.finish().expect_code(0);
}

fn state(run: &Running) -> PathBuf {
    run.app().join(".twelve-run")
}

#[test]
fn h1_after_the_death_of_both_the_next_start_takes_the_socket_over() {
    let world = polite().free_ports().patience(2 * GUARD);
    let first = world.start([]);
    first.wait_for_witness(1, "up");
    killpg(first.guardian(), Signal::SIGKILL).expect("it leads its group");
    first.wait_for_reports(2, "reaped");
    world.ask(["ps"]).expect(3);
    assert!(first.socket().exists(), "nobody was left to remove it");
    let second = world.start([]);
    second.wait_for_witness(2, "up");
    assert_eq!(second.names(), ["web.1"]);
    let finished = {
        second.signal(Signal::SIGTERM);
        second.finish().expect_code(0)
    };
    assert_eq!(finished.err(), "", "nothing is worth a word");
    assert!(!first.socket().exists(), "who leaves takes his socket along");
    drop(first);
}

#[test]
fn after_kill_of_the_supervisor_the_next_start_works_at_once() {
    let world = polite();
    for round in 1..=3 {
        let run = world.start([]);
        run.wait_for_witness(round, "up");
        run.signal_to(run.supervisor(), Signal::SIGKILL);
        run.finish().expect_code(137);
    }
    let run = world.start([]);
    run.wait_for_witness(4, "up");
    assert_eq!(run.names(), ["web.1"]);
    stop(run);
}

#[test]
fn h2_of_twenty_that_start_at_once_one_wins_and_the_others_change_nothing() {
    for _ in 0..3 {
        let world = polite();
        let runs: Vec<Running> = (0..20).map(|_| world.start([])).collect();
        let mut losers = Vec::new();
        let mut winner = None;
        for run in runs {
            run.wait_until("it has won or lost", || {
                (run.has_ended() || run.stdout().contains("started with pid")).then_some(())
            });
            if run.has_ended() { losers.push(run) } else { winner = Some(run) }
        }
        let winner = winner.expect("one has won");
        assert_eq!(losers.len(), 19);
        winner.wait_for_witness(1, "up");
        let pid = winner.guardian();
        for loser in losers {
            let finished = loser.finish().expect_code(3);
            let err = finished.err();
            assert!(err.contains("runs already") || err.contains("starting or stopping"), "{finished}");
        }
        // Who comes late is told whom he meets.
        let late = world.start([]).finish().expect_code(3);
        assert!(late.err().contains(&format!("pid {pid}")), "{late}");
        assert!(late.err().contains(&winner.socket().display().to_string()), "{late}");
        winner.signal(Signal::SIGTERM);
        let finished = winner.finish().expect_code(0);
        assert_eq!((finished.count("up"), finished.count("TERM")), (1, 1), "{finished}");
    }
}

#[test]
fn h3_a_deep_folder_has_its_state_elsewhere_and_clients_find_it_whatever_their_tmpdir() {
    let world = polite();
    let deep = world.app().join("d".repeat(100));
    fs::create_dir(&deep).expect("a folder");
    fs::rename(world.app().join("Procfile"), deep.join("Procfile")).expect("the Procfile");
    let procfile = deep.join("Procfile");
    let procfile = procfile.to_str().expect("text");
    let folder = deep.to_str().expect("text");
    let run = world.start(["-f", procfile]);
    run.wait_for_witness(1, "up");
    assert!(!deep.join(".twelve-run").exists());
    for elsewhere in [world.app(), "/var/tmp".into()] {
        let answer = run_in(&deep, &[PROGRAM, "ps", "--json"], &[("TMPDIR", &elsewhere)]).expect(0);
        assert_eq!(answer.json()["processes"][0]["name"], "web.1");
    }
    run.ask(["ps", "-d", folder]).expect(0);
    run.ask(["ps"]).expect(3);
    world.start(["-f", procfile]).finish().expect_code(3);
    let lock = lock_of(&run);
    run.ask(["down", "-d", folder]).expect(0);
    run.finish().expect_code(0);
    fs::remove_dir_all(lock.parent().expect("a folder")).expect("it is ours");
}

/// The lock file that the supervisor has open.
fn lock_of(run: &Running) -> PathBuf {
    let fds = fs::read_dir(format!("/proc/{}/fd", run.supervisor())).expect("it lives").flatten();
    let mut open = fds.filter_map(|fd| fs::read_link(fd.path()).ok());
    open.find(|path| path.file_name().is_some_and(|name| name == "lock")).expect("it has a lock")
}

#[test]
fn h3_a_folder_that_cannot_be_written_has_its_state_in_the_runtime_folder() {
    let world = polite();
    let runtime = world.folder.path().join("runtime");
    fs::create_dir(&runtime).expect("a folder");
    fs::set_permissions(world.app(), fs::Permissions::from_mode(0o555)).expect("it is ours");
    fs::write(world.witness(), "").expect("the witness");
    let Some(world) = world.var("XDG_RUNTIME_DIR", &runtime).by_a_user() else { return };
    let run = world.start([]);
    run.wait_for_witness(1, "up");
    let lock = lock_of(&run);
    assert!(lock.starts_with(runtime.join("twelve-run")), "{}", lock.display());
    assert_eq!(fs::metadata(lock.parent().expect("a folder")).expect("it is there").mode() & 0o777, 0o700);
    world.run(["ps"]).finish().expect_code(0).expect_out("web.1");
    // Who runs without that variable looks elsewhere, too, but cannot know of this place.
    world.start([]).finish().expect_code(3);
    stop(run);
    fs::set_permissions(world.app(), fs::Permissions::from_mode(0o755)).expect("it is ours");
}

#[test]
fn h4_another_user_is_kept_out_by_the_folder_and_by_name() {
    if !is_root() {
        return skipped("no root");
    }
    if !others_reach_the_program() {
        return;
    }
    let run = polite().start([]);
    run.wait_for_witness(1, "up");
    for path in [run.app().join(".."), run.app()] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("they are ours");
    }
    let mode = |path: &Path| fs::metadata(path).expect("it is there").mode() & 0o777;
    assert_eq!((mode(&state(&run)), mode(&run.socket())), (0o700, 0o600));
    let stranger = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", PROGRAM];
    let ask = |verb: &[&str]| run_in(&run.app(), &[stranger.as_slice(), verb].concat(), &[]);
    for verb in [["ps"].as_slice(), &["down"], &["scale", "web=0"]] {
        ask(verb).expect(1).expect_err("Permission denied");
    }
    // Even where the folder lets everybody in.
    fs::set_permissions(state(&run), fs::Permissions::from_mode(0o777)).expect("it is ours");
    fs::set_permissions(run.socket(), fs::Permissions::from_mode(0o666)).expect("it is ours");
    for verb in [["ps"].as_slice(), &["down"], &["scale", "web=0"]] {
        ask(verb).expect(1).expect_err("does not answer");
    }
    run.ask(["ps"]).expect(0);
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.count("TERM"), 1, "{finished}");
}

#[test]
fn h5_a_state_folder_that_is_not_ours_alone_is_refused_by_name() {
    let refused = |world: &World, why: &str| {
        let finished = world.start([]).finish().expect_code(2).expect_err(why).expect_err(".twelve-run");
        assert_eq!(finished.count("up"), 0, "{finished}");
    };
    let world = polite();
    let folder = world.app().join(".twelve-run");
    let elsewhere = world.folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    symlink(&elsewhere, &folder).expect("a link");
    refused(&world, "symbolic link");
    assert_eq!(fs::read_dir(&elsewhere).expect("a folder").count(), 0, "nothing was made behind it");
    fs::remove_file(&folder).expect("it is a link");
    fs::write(&folder, "").expect("a file");
    refused(&world, "no folder");
    fs::remove_file(&folder).expect("it is a file");
    fs::create_dir(&folder).expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("it is ours");
    refused(&world, "others can write");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("it is ours");
    if is_root() {
        std::os::unix::fs::chown(&folder, Some(65534), None).expect("root may");
        refused(&world, "another user");
    } else {
        skipped("no root to make a folder of another user");
    }
}

#[test]
fn h5_a_lock_or_socket_that_is_a_link_leads_nowhere() {
    let world = polite();
    let folder = world.app().join(".twelve-run");
    let victim = world.folder.path().join("victim");
    fs::write(&victim, "precious").expect("a file");
    fs::create_dir(&folder).expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("it is ours");
    symlink(&victim, folder.join("control.sock")).expect("a link");
    let run = world.start([]);
    run.wait_for_witness(1, "up");
    assert_eq!(run.names(), ["web.1"]);
    stop(run);
    fs::remove_file(folder.join("lock")).expect("the lock");
    symlink(&victim, folder.join("lock")).expect("a link");
    let run = world.start([]);
    run.wait_for_witness(2, "up");
    let lock = lock_of(&run);
    stop(run);
    assert_eq!(fs::read_to_string(victim).expect("it is there"), "precious");
    fs::remove_dir_all(lock.parent().expect("a folder")).expect("it is ours");
}

#[test]
fn h12_j8_a_socket_that_is_removed_or_replaced_is_made_again() {
    let run = polite().start([]);
    run.wait_for_witness(1, "up");
    fs::remove_file(run.socket()).expect("it is there");
    run.wait_for_error_line("the control socket was removed");
    run.wait_until("it is asked again", || (run.ask(["ps"]).code == 0).then_some(()));
    let other = run.app().join("other");
    drop(std::os::unix::net::UnixListener::bind(&other));
    fs::rename(&other, run.socket()).expect("the folder is ours");
    run.wait_until("it is asked again", || (run.ask(["ps"]).code == 0).then_some(()));
    let mut following = run.connect();
    following.ask(1, &json!({ "events": {} }));
    fs::remove_file(run.socket()).expect("it is there");
    run.wait_until("it is asked again", || (run.ask(["ps"]).code == 0).then_some(()));
    run.ask(["signal", "CONT", "web"]).expect(0);
    assert_eq!(following.next().expect("an event")["event"], "signalled", "who was there is there still");
    stop(run);
}

#[test]
fn j3_a_process_that_a_file_names_is_never_signalled() {
    let world = polite();
    let mut bystander = Command::new("sleep").arg("300").spawn().expect("a bystander");
    let folder = world.app().join(".twelve-run");
    fs::create_dir(&folder).expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("it is ours");
    let forged = format!("{{\"pid\":{},\"since\":\"today\"}}\n", bystander.id());
    fs::write(folder.join("lock"), &forged).expect("a lock");
    for verb in [["down", "-t1"].as_slice(), &["stop", "web"], &["signal", "KILL", "web"], &["ps"]] {
        run_in(&world.app(), &[&[PROGRAM], verb].concat(), &[]).expect(3);
    }
    let run = world.start([]);
    run.wait_for_witness(1, "up");
    fs::write(folder.join("lock"), forged).expect("it is ours");
    world.start([]).finish().expect_code(3);
    run.ask(["down", "-t", "1"]).expect(0);
    run.finish().expect_code(0);
    assert!(bystander.try_wait().expect("it is our child").is_none(), "the bystander was hit");
    bystander.kill().expect("it is our child");
    bystander.wait().expect("it is our child");
}

#[test]
fn j4_files_of_another_boot_or_host_are_in_nobodys_way() {
    let world = polite();
    let folder = world.app().join(".twelve-run");
    fs::create_dir(&folder).expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("it is ours");
    fs::write(folder.join("lock"), b"\xff\0 whatever another version writes").expect("a lock");
    drop(std::os::unix::net::UnixListener::bind(folder.join("control.sock")));
    let run = world.start([]);
    run.wait_for_witness(1, "up");
    assert_eq!(run.names(), ["web.1"]);
    assert_eq!(fs::metadata(&folder).expect("it is there").mode() & 0o777, 0o700, "it is private by now");
    stop(run);
}

/// Runs `twelve-run start` where these folders cannot be written; `None` (said) where no folder can be made so.
fn start_read_only(world: &World, folders: &str) -> Option<Running> {
    let line = format!(
        "for it in {folders}; do mount --bind $it $it && mount -o remount,bind,ro $it || exit 99; done"
    );
    let trial = Command::new("unshare")
        .args(["--mount", "sh", "-c", &line])
        .current_dir(world.app())
        .stderr(Stdio::null())
        .status();
    if !trial.is_ok_and(|status| status.success()) {
        skipped("no mount namespaces");
        return None;
    }
    let line = format!("{line}; cd \"$PWD\" && exec \"$0\" start");
    Some(world.command(["unshare", "--mount", "sh", "-c", &line, PROGRAM].map(std::ffi::OsStr::new)))
}

#[test]
fn j5_in_a_read_only_folder_the_state_lives_elsewhere() {
    let world = World::new().procfile("web: echo ready; exec sleep 300\n").free_ports();
    let Some(run) = start_read_only(&world, "\"$PWD\"") else { return };
    run.wait_for_line("ready");
    let lock = lock_of(&run);
    assert!(!state(&run).exists());
    assert_eq!(run.names(), ["web.1"], "who can write there finds it all the same");
    run.ask(["down"]).expect(0);
    let finished = run.finish().expect_code(0);
    assert_eq!(finished.err(), "", "{finished}");
    fs::remove_dir_all(lock.parent().expect("a folder")).expect("it is ours");
}

#[test]
fn j5_where_nothing_can_be_written_it_runs_and_says_that_nobody_can_ask() {
    let world = World::new().procfile("web: echo ready; exec sleep 300\n");
    let everywhere = "/tmp \"$(dirname \"$PWD\")\" $(ls -d /run 2>/dev/null)";
    let Some(run) = start_read_only(&world, everywhere) else { return };
    run.wait_for_error_line("no folder for the control socket can be written");
    run.wait_for_line("ready");
    run.ask(["ps"]).expect(3);
    stop(run);
}

#[test]
fn j7_a_state_folder_that_is_taken_away_is_made_again_with_its_lock() {
    let world = polite();
    let run = world.start([]);
    run.wait_for_witness(1, "up");
    let answers = || run.wait_until("it is asked again", || (run.ask(["ps"]).code == 0).then_some(()));
    fs::rename(state(&run), run.app().join("moved")).expect("it is ours");
    answers();
    // Of all that is removed, what was made again meanwhile may stay.
    let _ = fs::remove_dir_all(state(&run));
    answers();
    fs::remove_file(state(&run).join("lock")).expect("it is there");
    run.wait_until("the lock is made again", || state(&run).join("lock").exists().then_some(()));
    answers();
    world.start([]).finish().expect_code(3);
    run.signal(Signal::SIGTERM);
    let finished = run.finish().expect_code(0);
    assert_eq!((finished.count("up"), finished.count("TERM")), (1, 1), "{finished}");
}

#[test]
fn j8_what_another_formation_has_made_there_is_not_removed() {
    let world = polite().free_ports();
    let first = world.start([]);
    first.wait_for_witness(1, "up");
    let supervisor = first.supervisor();
    first.signal_to(supervisor, Signal::SIGSTOP);
    first.wait_for_state(supervisor, "T");
    fs::remove_dir_all(state(&first)).expect("it is ours");
    let second = world.start([]);
    second.wait_for_witness(2, "up");
    first.signal_to(supervisor, Signal::SIGCONT);
    first.wait_for_error_line("another formation has taken its place");
    let theirs = second.pids();
    assert_eq!(
        Line::to(&second.socket()).ask(1, &crate::client::ps())["ok"]["processes"][0]["pid"],
        theirs[0].1
    );
    stop(first);
    assert_eq!(second.pids(), theirs);
    second.signal(Signal::SIGTERM);
    let finished = second.finish().expect_code(0);
    assert_eq!(finished.err(), "", "nobody had to make anything again");
}
