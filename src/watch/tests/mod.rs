//! Real files in real folders. Most stories have no time in them: the kernel has queued what happened when the
//! call that did it returns, so all of it is read into one burst, and what is not in there was not told.

mod limits;
mod pure;

use super::*;
use crossbeam_channel::Receiver;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than anything takes that is not stuck.
const GUARD: Duration = Duration::from_secs(30);

/// An app's folder, watched without a thread.
struct App {
    folder: TempDir,
    tree: Tree,
}

impl App {
    /// With these files; a name that ends in `/` is a folder. `globs` are wished by type 0, 1, and so on.
    fn new(files: &[&str], globs: &[&[&str]]) -> Self {
        let folder = TempDir::new().unwrap();
        for file in files {
            make(&folder.path().join(file));
        }
        let tree = Tree::new(folder.path(), Globs::new(&wishes(globs)).unwrap()).unwrap();
        Self { folder, tree }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn write(&self, file: &str) {
        fs::write(self.path(file), "changed").unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// All that the kernel has told by now, as one change: the types, the example, how many more.
    fn told(&mut self) -> Option<(Vec<u16>, String, usize)> {
        let mut burst = Burst::default();
        while self.tree.read(Instant::now(), &mut burst).unwrap() {}
        burst.take().map(told)
    }
}

fn make(path: &Path) {
    if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return fs::create_dir_all(path).unwrap();
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "first").unwrap();
}

fn wishes(globs: &[&[&str]]) -> Vec<(TypeId, Vec<String>)> {
    let texts = |globs: &[&str]| globs.iter().map(|glob| (*glob).to_owned()).collect();
    globs.iter().enumerate().map(|(kind, globs)| (TypeId(kind as u16), texts(globs))).collect()
}

fn told(changed: Changed) -> (Vec<u16>, String, usize) {
    let kinds = changed.kinds.into_iter().map(|kind| kind.0).collect();
    (kinds, changed.path.to_str().unwrap().to_owned(), changed.more)
}

#[expect(clippy::unnecessary_wraps, reason = "it is what `App::told` is compared with")]
fn one(kinds: &[u16], path: &str) -> Option<(Vec<u16>, String, usize)> {
    Some((kinds.to_vec(), path.to_owned(), 0))
}

#[test]
fn a_hundred_writes_are_one_change() {
    let mut app = App::new(&["src/a.rs"], &[&["src/**/*.rs"], &["other"]]);
    for _ in 0..100 {
        app.write("src/a.rs");
    }
    assert_eq!(app.told(), one(&[0], "src/a.rs"));
    assert_eq!(app.told(), None);
}

#[test]
fn every_type_concerned_is_told_once() {
    let globs: [&[&str]; 3] = [&["a/*", "a/x"], &["b/*"], &["**/x", "*/y"]];
    let mut app = App::new(&["a/x", "b/y", "c/z"], &globs);
    app.write("a/x");
    assert_eq!(app.told(), one(&[0, 2], "a/x"));
    app.write("b/y");
    app.write("a/x");
    app.write("c/z");
    assert_eq!(app.told(), Some((vec![0, 1, 2], "b/y".into(), 1)));
}

#[test]
fn to_read_is_no_change() {
    let mut app = App::new(&["src/a.rs"], &[&["**"]]);
    fs::read(app.path("src/a.rs")).unwrap();
    fs::read_dir(app.path("src")).unwrap().for_each(drop);
    fs::OpenOptions::new().read(true).write(true).open(app.path("src/a.rs")).unwrap();
    assert_eq!(app.told(), None);
}

#[test]
fn metadata_is_no_change_but_a_touch_is() {
    let mut app = App::new(&["tmp/restart.txt"], &[&["tmp/restart.txt"]]);
    let file = fs::File::options().write(true).open(app.path("tmp/restart.txt")).unwrap();
    let past = std::time::UNIX_EPOCH + Duration::from_secs(1);
    // The time of the last write alone would be told as a write by the kernel itself.
    file.set_times(fs::FileTimes::new().set_modified(past).set_accessed(past)).unwrap();
    file.set_times(fs::FileTimes::new().set_accessed(past)).unwrap();
    file.set_permissions(PermissionsExt::from_mode(0o600)).unwrap();
    fs::hard_link(app.path("tmp/restart.txt"), app.path("tmp/other")).unwrap();
    assert_eq!(app.told(), None);
    let path = app.path("tmp/restart.txt");
    assert!(std::process::Command::new("touch").arg(path).status().unwrap().success());
    assert_eq!(app.told(), one(&[0], "tmp/restart.txt"));
}

#[test]
fn to_create_write_truncate_and_delete_are_changes() {
    let deeds: [fn(&Path); 4] = [
        |path| drop(fs::File::create_new(path.with_extension("new")).unwrap()),
        |path| fs::write(path, "x").unwrap(),
        |path| drop(fs::File::create(path).unwrap()),
        |path| fs::remove_file(path).unwrap(),
    ];
    let mut app = App::new(&["src/a.rs"], &[&["src/*"]]);
    for (deed, path) in deeds.into_iter().zip(["src/a.new", "src/a.rs", "src/a.rs", "src/a.rs"]) {
        deed(&app.path("src/a.rs"));
        assert_eq!(app.told(), one(&[0], path));
    }
}

#[test]
fn both_names_of_a_rename_count() {
    let mut app = App::new(&["a/1", "b/"], &[&["a/*"], &["b/*"]]);
    app.rename("a/1", "b/2");
    assert_eq!(app.told(), Some((vec![0, 1], "a/1".into(), 1)));
}

#[test]
fn an_editors_save_is_one_change_of_the_file() {
    let saves: [fn(&App); 4] = [
        // A temporary file and a rename.
        |app| {
            app.write("src/a.rs.tmp81");
            app.rename("src/a.rs.tmp81", "src/a.rs");
        },
        // vim: tries out whether it may write here, keeps a copy, writes anew.
        |app| {
            app.write("src/.a.rs.swp");
            app.write("src/4913");
            fs::remove_file(app.path("src/4913")).unwrap();
            app.rename("src/a.rs", "src/a.rs~");
            app.write("src/a.rs");
            fs::remove_file(app.path("src/a.rs~")).unwrap();
        },
        // emacs: a lock that is a link to nowhere, a saved copy.
        |app| {
            symlink("user@host.1:2", app.path("src/.#a.rs")).unwrap();
            app.write("src/#a.rs#");
            app.write("src/a.rs");
            fs::remove_file(app.path("src/#a.rs#")).unwrap();
            fs::remove_file(app.path("src/.#a.rs")).unwrap();
        },
        |app| app.write("src/a.rs"),
    ];
    for save in saves {
        let mut app = App::new(&["src/a.rs"], &[&["src/**"]]);
        save(&app);
        assert_eq!(app.told(), one(&[0], "src/a.rs"));
    }
}

#[test]
fn a_new_folder_is_watched_with_what_is_in_it() {
    let mut app = App::new(&["src/a.rs"], &[&["src/**/*.rs"]]);
    make(&app.path("src/x/y/b.rs"));
    make(&app.path("src/x/y/b.md"));
    assert_eq!(app.told(), one(&[0], "src/x/y/b.rs"));
    app.write("src/x/y/b.rs");
    assert_eq!(app.told(), one(&[0], "src/x/y/b.rs"));
    fs::create_dir(app.path("src/empty")).unwrap();
    assert_eq!(app.told(), None);
    make(&app.path("src/empty/c.rs"));
    assert_eq!(app.told(), one(&[0], "src/empty/c.rs"));
}

#[test]
fn a_folder_that_is_deleted_and_made_again_is_watched_again() {
    let mut app = App::new(&["src/x/a.rs"], &[&["src/x/*.rs"]]);
    for _ in 0..3 {
        fs::remove_dir_all(app.path("src")).unwrap();
        assert_eq!(app.told(), one(&[0], "src/x/a.rs"));
        make(&app.path("src/x/a.rs"));
        assert_eq!(app.told(), one(&[0], "src/x/a.rs"));
        app.write("src/x/a.rs");
        assert_eq!(app.told(), one(&[0], "src/x/a.rs"));
    }
    // The same before we have looked.
    fs::remove_dir_all(app.path("src")).unwrap();
    make(&app.path("src/x/a.rs"));
    assert_eq!(app.told(), one(&[0], "src/x/a.rs"));
    app.write("src/x/a.rs");
    assert_eq!(app.told(), one(&[0], "src/x/a.rs"));
}

#[test]
fn a_folder_that_is_moved_takes_its_files_along() {
    let mut app = App::new(&["src/x/a.rs", "other/"], &[&["src/**/*.rs"]]);
    app.rename("src/x", "other/x");
    assert_eq!(app.told(), one(&[0], "src/x"));
    app.write("other/x/a.rs");
    assert_eq!(app.told(), None);
    app.rename("other/x", "src/z");
    assert_eq!(app.told(), one(&[0], "src/z/a.rs"));
    app.write("src/z/a.rs");
    assert_eq!(app.told(), one(&[0], "src/z/a.rs"));
    app.rename("src/z", "src/x");
    assert_eq!(app.told(), Some((vec![0], "src/z".into(), 1)));
    app.write("src/x/a.rs");
    assert_eq!(app.told(), one(&[0], "src/x/a.rs"));
}

#[test]
fn only_folders_where_a_glob_can_match_are_watched() {
    let files =
        ["src/a/b/1", "lib/x/1", "doc/1", "node_modules/x/1", ".git/x", ".twelve-run/1", "pkg/a/src/1"];
    let watched = |globs: &[&str]| {
        let app = App::new(&files, &[globs]);
        app.tree.watched().map(|folder| folder.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(watched(&["Gemfile"]), [""]);
    assert_eq!(watched(&["src/**/*.rs", "lib/*"]), ["", "lib", "src", "src/a", "src/a/b"]);
    assert_eq!(watched(&["pkg/*/src/*"]), ["", "pkg", "pkg/a", "pkg/a/src"]);
    assert_eq!(watched(&["node_modules/*/*.js"]), ["", "node_modules", "node_modules/x"]);
    let all = ["", "doc", "lib", "lib/x", "pkg", "pkg/a", "pkg/a/src", "src", "src/a", "src/a/b"];
    assert_eq!(watched(&["**"]), all);
}

#[test]
fn nobody_means_the_places_of_tools() {
    let files = [
        ".git/index",
        ".twelve-run/logs/web.1.log",
        "node_modules/x/a.js",
        "target/debug/app",
        "lib/__pycache__/a.pyc",
        "lib/node_modules/x.js",
        "lib/.a.py.swp",
        "lib/.a.py.swo",
        "lib/a.py~",
        "lib/4913",
        "lib/.#a.py",
    ];
    let mut app = App::new(&files, &[&["**"], &["**/*", "*/*"]]);
    for file in files {
        app.write(file);
        fs::remove_file(app.path(file)).unwrap();
    }
    make(&app.path("deep/down/node_modules/x/a.js"));
    assert_eq!(app.told(), None);
}

#[test]
fn who_names_an_ignored_place_literally_means_it() {
    let globs: [&[&str]; 4] = [&["target/app"], &["**/*"], &["out/*.css", "lib/x~"], &["target/**"]];
    let mut app = App::new(&["target/app", "target/b", "out/a.css", "lib/x~", ".gitignore"], &globs);
    fs::write(app.path(".gitignore"), "/out\n*~\n").unwrap();
    assert_eq!(app.told(), one(&[1], ".gitignore"));
    for (file, expect) in [
        ("target/app", one(&[0, 3], "target/app")),
        ("target/b", one(&[3], "target/b")),
        ("out/a.css", one(&[2], "out/a.css")),
        ("lib/x~", one(&[2], "lib/x~")),
    ] {
        app.write(file);
        assert_eq!(app.told(), expect);
    }
    make(&app.path("target/node_modules/x.js"));
    assert_eq!(app.told(), None);
}

#[test]
fn rules_count_from_when_they_are_written() {
    let mut app = App::new(&["a/1", "b/1", ".gitignore"], &[&["*/*"]]);
    for (rules, expect) in [("a/\n", one(&[0], "b/1")), ("b/\n", one(&[0], "a/1"))] {
        fs::write(app.path(".gitignore"), rules).unwrap();
        assert_eq!(app.told(), None);
        app.write("a/1");
        app.write("b/1");
        assert_eq!(app.told(), expect);
    }
    // A folder that was ignored when we began has no watch yet.
    fs::create_dir(app.path("b/c")).unwrap();
    fs::remove_file(app.path(".gitignore")).unwrap();
    app.told();
    app.write("b/1");
    assert_eq!(app.told(), one(&[0], "b/1"));
}

#[test]
fn links_are_not_followed() {
    let outside = TempDir::new().unwrap();
    let mut app = App::new(&["src/a.rs"], &[&["src/**"]]);
    symlink(outside.path(), app.path("src/link")).unwrap();
    assert_eq!(app.told(), one(&[0], "src/link"));
    fs::write(outside.path().join("x"), "x").unwrap();
    symlink(app.folder.path(), app.path("src/up")).unwrap();
    assert_eq!(app.told(), one(&[0], "src/up"));
    app.write("src/a.rs");
    assert_eq!(app.told(), one(&[0], "src/a.rs"));
}

#[test]
fn what_is_unlinked_and_still_written_is_no_file_of_the_app() {
    use std::io::Write as _;
    let mut app = App::new(&["src/a.rs"], &[&["src/**"]]);
    let mut file = fs::File::options().append(true).open(app.path("src/a.rs")).unwrap();
    fs::remove_file(app.path("src/a.rs")).unwrap();
    assert_eq!(app.told(), one(&[0], "src/a.rs"));
    file.write_all(b"x").unwrap();
    assert_eq!(app.told(), None);
}

#[test]
fn lost_changes_are_a_change_of_everything() {
    use std::io::Write as _;
    let mut app = App::new(&["src/a", "src/b"], &[&["src/a"], &["x"], &[]]);
    let most = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let mut files = ["src/a", "src/b"].map(|file| fs::File::create(app.path(file)).unwrap());
    // Equal neighbours are made one by the kernel.
    for _ in 0..=most.trim().parse::<usize>().unwrap() / 2 {
        files[0].write_all(b"x").unwrap();
        files[1].write_all(b"x").unwrap();
    }
    // Nobody tells of this folder.
    fs::create_dir(app.path("x")).unwrap();
    assert_eq!(app.told(), Some((vec![0, 1], "src/a".into(), 1)));
    make(&app.path("x/1"));
    assert_eq!(app.told(), one(&[1], "x/1"));
}

#[test]
fn a_root_that_is_not_there_is_an_error() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("none");
    let error = Watcher::start(&root, wishes(&[&["x"]]), |_| {}).unwrap_err().to_string();
    assert!(error.contains("none` cannot be watched: No such file"), "{error}");
}

fn watcher(root: &Path, globs: &[&[&str]]) -> (Watcher, Receiver<News>) {
    let (tell, told) = crossbeam_channel::unbounded();
    (Watcher::start(root, wishes(globs), move |news| drop(tell.send(news))).unwrap(), told)
}

fn next(news: &Receiver<News>) -> (Vec<u16>, String, usize) {
    match news.recv_timeout(GUARD).unwrap() {
        News::Changed(changed) => told(changed),
        News::Incomplete(error) => panic!("{error}"),
    }
}

#[test]
fn a_thread_tells_each_burst_and_ends_with_the_watcher() {
    let folder = TempDir::new().unwrap();
    make(&folder.path().join("src/a.rs"));
    let (watcher, news) = watcher(folder.path(), &[&["src/**/*.rs"], &["last"]]);
    // A rename is one event: there is no pause within it that could end a burst.
    let elsewhere = TempDir::new_in(folder.path().parent().unwrap()).unwrap();
    let save = |file: &str| {
        make(&elsewhere.path().join("new"));
        fs::rename(elsewhere.path().join("new"), folder.path().join(file)).unwrap();
    };
    fs::create_dir_all(folder.path().join("src/x/y")).unwrap();
    for file in ["src/a.rs", "src/x/y/b.rs"] {
        save(file);
        assert_eq!(next(&news), (vec![0], file.into(), 0));
    }
    fs::read(folder.path().join("src/a.rs")).unwrap();
    save("last");
    assert_eq!(next(&news), (vec![1], "last".into(), 0));
    drop(watcher);
    // The thread's end is the end of `tell`.
    assert!(news.recv_timeout(GUARD).unwrap_err().is_disconnected());
}

#[test]
fn what_never_rests_is_told_all_the_same() {
    let folder = TempDir::new().unwrap();
    make(&folder.path().join("a"));
    let (_watcher, news) = watcher(folder.path(), &[&["a"]]);
    let begin = Instant::now();
    while news.is_empty() && begin.elapsed() < GUARD {
        fs::write(folder.path().join("a"), "x").unwrap();
    }
    assert_eq!(next(&news), (vec![0], "a".into(), 0));
}

#[test]
fn who_wishes_nothing_has_no_thread() {
    let folder = TempDir::new().unwrap();
    let (watcher, news) = watcher(folder.path(), &[&[], &[]]);
    assert!(watcher.stop.is_none());
    // Nobody holds `tell`.
    assert!(news.recv_timeout(GUARD).unwrap_err().is_disconnected());
}
