//! What the kernel grants can be too little. A user namespace has limits of its own, so the tests that need small
//! ones run there, as this program once more; where no namespace is allowed they say so and do nothing.

use super::*;
use std::process::Command;

/// Runs an ignored test of this file under a limit of `/proc/sys/user`.
fn under(limit: &str, number: usize, test: &str) {
    let namespace = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "sh", "-c", script]);
        command
    };
    let set = format!("echo {number} > /proc/sys/user/{limit}");
    if !namespace(&set).output().is_ok_and(|output| output.status.success()) {
        return println!("skipped: no user namespace with a limit of its own is allowed here");
    }
    let mut trial = namespace(&format!("{set} && exec \"$@\""));
    trial.arg("sh").arg(std::env::current_exe().unwrap());
    let output = trial.args(["--ignored", "--exact", &format!("watch::tests::limits::{test}")]).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn too_many_folders_are_told_once_and_the_others_are_watched() {
    under("max_inotify_watches", 3, "with_three_watches");
}

#[test]
fn too_many_instances_are_an_error() {
    under("max_inotify_instances", 0, "without_an_instance");
}

#[test]
#[ignore = "another test runs it, under a limit"]
fn with_three_watches() {
    let folder = TempDir::new().unwrap();
    for name in ["a/", "b/", "c/", "d/"] {
        make(&folder.path().join(name));
    }
    let (_watcher, news) = watcher(folder.path(), &[&["**"]]);
    let News::Incomplete(error) = news.recv_timeout(GUARD).unwrap() else {
        panic!("a change, not a trouble")
    };
    let sentence = error.to_string();
    assert!(sentence.starts_with("only 3 folders are watched"), "{sentence}");
    assert!(sentence.contains("fs.inotify.max_user_watches"), "{sentence}");
    // One folder more is refused as well, and not told again.
    make(&folder.path().join("e/"));
    make(&folder.path().join("file"));
    assert_eq!(next(&news), (vec![0], "file".into(), 0));
}

#[test]
#[ignore = "another test runs it, under a limit"]
fn without_an_instance() {
    let folder = TempDir::new().unwrap();
    let sentence = Watcher::start(folder.path(), wishes(&[&["x"]]), |_| {}).unwrap_err().to_string();
    assert!(sentence.contains("fs.inotify.max_user_instances"), "{sentence}");
}
