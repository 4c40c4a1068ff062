//! Trees on the disk, with git where it is there.

use super::*;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

/// A folder with files; a name that ends in `/` is a folder, `a -> b` a link.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn git(folder: &Path, words: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]);
    let done = command.args(words).current_dir(folder).env("HOME", folder).output().unwrap();
    assert!(done.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn look(root: &Path, part: Part) -> Look {
    Look { roots: vec![(root.canonicalize().unwrap(), String::new())], ignored_too: false, part }
}

fn names(files: &Files) -> Vec<&str> {
    files.files().iter().map(|entry| &*entry.path).collect()
}

#[test]
fn hidden_files_are_seen_and_without_a_repository_nothing_is_ignored() {
    let folder = folder(&[("b.py", ""), (".env", ""), ("a/.x/y", ""), (".gitignore", "*.py\n")]);
    let files = Files::open(&look(folder.path(), Part::All)).unwrap();
    assert_eq!(names(&files), [".env", ".gitignore", "a/.x/y", "b.py"]);
    assert!(files.files().iter().all(|entry| entry.tracked == Some(false)) && files.unchecked.is_empty());
}

#[test]
fn what_git_ignores_is_counted_unless_it_is_tracked_or_asked_for() {
    let folder = folder(&[
        (".gitignore", "*.log\n/out/\n"),
        ("a.log", ""),
        ("kept.log", ""),
        ("out/x", ""),
        ("out/deep/kept", ""),
        ("sub/.gitignore", "!b.log\n"),
        ("sub/b.log", ""),
        ("c", ""),
    ]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "-f", "kept.log", "out/deep/kept", "c"]);
    let mut look = look(folder.path(), Part::All);
    let files = Files::open(&look).unwrap();
    assert_eq!(
        names(&files),
        [".gitignore", "c", "kept.log", "out/deep/kept", "sub/.gitignore", "sub/b.log"]
    );
    assert_eq!(files.counts.ignored, 2, "a.log and out/x");
    let tracked = |name: &str| files.find(name).unwrap().tracked;
    assert_eq!((tracked("c"), tracked("sub/b.log")), (Some(true), Some(false)));
    look.ignored_too = true;
    assert_eq!(Files::open(&look).unwrap().files().len(), 8);
}

#[test]
fn a_folder_of_a_repository_obeys_the_rules_above_it() {
    let folder = folder(&[(".gitignore", "*.log\n"), ("app/a.log", ""), ("app/b", "")]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "app/b"]);
    let files = Files::open(&look(&folder.path().join("app"), Part::All)).unwrap();
    assert_eq!(names(&files), ["b"]);
    assert_eq!(files.files()[0].tracked, Some(true));
}

#[test]
fn links_are_not_followed_and_what_cannot_be_read_whole_is_told() {
    let outside = folder(&[("secret", "x")]);
    let folder = folder(&[("a", "x")]);
    std::os::unix::fs::symlink(outside.path(), folder.path().join("out")).unwrap();
    std::os::unix::fs::symlink("a", folder.path().join("b")).unwrap();
    for (name, first) in [("big.txt", b"text"), ("big.bin", b"\0\0\0\0")] {
        fs::write(folder.path().join(name), first).unwrap();
        let file = OpenOptions::new().append(true).open(folder.path().join(name)).unwrap();
        file.set_len(if name == "big.txt" { 4 } else { LARGEST + 1 }).unwrap();
    }
    fs::write(folder.path().join("big.txt"), "x".repeat(LARGEST as usize + 1)).unwrap();
    let files = Files::open(&look(folder.path(), Part::All)).unwrap();
    assert_eq!(names(&files), ["a", "big.bin", "big.txt"]);
    assert_eq!(files.counts.links, 2);
    assert_eq!(files.links(), ["b", "out"]);
    let read = |name: &str| files.read(files.find(name).unwrap());
    assert_eq!(read("a"), Ok(b"x".to_vec()));
    assert_eq!(read("big.txt").map_err(|unread| unread.binary), Err(false));
    assert_eq!(read("big.bin").map_err(|unread| unread.binary), Err(true));
}

#[test]
fn repositories_inside_are_told_and_track_their_own() {
    let folder = folder(&[("a", ""), ("in/b", ""), ("in/c", "")]);
    git(folder.path(), &["init", "-q"]);
    git(&folder.path().join("in"), &["init", "-q"]);
    git(&folder.path().join("in"), &["add", "b"]);
    let files = Files::open(&look(folder.path(), Part::All)).unwrap();
    assert_eq!(files.nested(), ["in"]);
    assert_eq!(files.find("in/b").unwrap().tracked, Some(true));
    assert_eq!(files.find("in/c").unwrap().tracked, Some(false));
}

#[test]
fn what_is_staged_is_read_from_the_index_and_not_from_the_disk() {
    let folder = folder(&[("a", "old"), ("sub/b c", "one"), ("gone", "x")]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    let staged = |at: &Path| Files::open(&look(at, Part::Staged)).unwrap();
    assert_eq!(names(&staged(folder.path())), ["a", "gone", "sub/b c"], "before the first commit");
    git(folder.path(), &["commit", "-qm", "x"]);
    fs::write(folder.path().join("sub/b c"), "two").unwrap();
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["rm", "-q", "gone"]);
    fs::write(folder.path().join("sub/b c"), "three").unwrap();
    fs::write(folder.path().join("a"), "new").unwrap();
    for (at, name) in [(folder.path().to_owned(), "sub/b c"), (folder.path().join("sub"), "b c")] {
        let files = staged(&at);
        assert_eq!(names(&files), [name]);
        assert_eq!(files.read(&files.files()[0]), Ok(b"two".to_vec()));
    }
}

#[test]
fn what_has_changed_since_a_revision_is_with_what_is_new() {
    let folder = folder(&[("a", "old"), ("b", "old")]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "x"]);
    fs::write(folder.path().join("a"), "new").unwrap();
    fs::write(folder.path().join("c"), "new").unwrap();
    let files = Files::open(&look(folder.path(), Part::Since("HEAD".into()))).unwrap();
    assert_eq!(names(&files), ["a", "c"]);
    for revision in ["nowhere", "--output=x", ""] {
        assert!(Files::open(&look(folder.path(), Part::Since(revision.into()))).is_err(), "{revision}");
    }
    let nowhere = TempDir::new().unwrap();
    assert!(Files::open(&look(nowhere.path(), Part::Staged)).is_err());
}
