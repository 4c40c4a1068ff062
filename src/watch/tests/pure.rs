//! Globs, rules and bursts by themselves: nothing is watched, and the time is made up.

use super::*;
use crate::watch::burst::{Deed, LATEST, QUIET};
use crate::watch::ignored::Ignored;

#[test]
fn globs_and_places() {
    // The glob; what it matches and what not; the folders where that can be and where not.
    for (glob, matches, others, folders, no_folders) in [
        ("Gemfile.lock", "Gemfile.lock", "a/Gemfile.lock gemfile.lock Gemfile", "", "a"),
        ("src/**/*.rs", "src/a.rs src/a/b/c.rs", "a.rs src/a.rb src.rs", " src src/a/b", "lib src.rs s"),
        ("src/*.rs", "src/a.rs", "src/a/b.rs src/.rs/x src/a.RS", " src", "src/a lib"),
        ("**/*.rs", "a.rs a/b.rs a/b/c.rs", "a.rb", " a a/b", ""),
        ("{a,b}.toml", "a.toml b.toml", "c.toml {a,b}.toml", "", "a a.toml"),
        ("{a,b}/*.x", "a/1.x b/.x", "c/1.x a/b/1.x", " a b", "c a/b"),
        ("{a/b,c}/*.x", "a/b/1.x c/1.x", "a/1.x", " a a/b c", ""),
        ("a/{b,c}/**", "a/b/x a/c/x/y", "a/x a/d/x", " a a/b a/c a/b/x", "b a/d"),
        ("a/**/z/*.x", "a/z/1.x a/b/c/z/1.x", "a/1.x z/1.x", " a a/b a/z a/z/b", "z"),
        ("a/[bc]/d?", "a/b/d1 a/c/dx", "a/d/d1 a/b/d", " a a/b a/c", "a/d a/b/d1"),
        ("src", "src src/a src/a/b", "srcs a/src", " src src/a", "srcs a"),
        ("./src//x/", "src/x src/x/y", "src/y x", " src src/x src/x/y", "src/y x"),
        ("target/app", "target/app target/app/x", "target/b app", " target target/app", "app target/b"),
        ("**", "a a/b .x", "", " a a/b", ""),
        ("a/**", "a/b a/b/c", "a b/a", " a a/b", "b"),
        ("dög/*.é", "dög/x.é", "dog/x.é dög/x.e", " dög", "dog"),
        (r"a\*/b", "a*/b", "ab/b a/b", " a*", "ab a"),
    ] {
        let globs = Globs::new(&wishes(&[&[glob]])).unwrap();
        let all = |list: &'static str| list.split(' ').filter(|name| !name.is_empty());
        for (list, expect) in [(matches, true), (others, false)] {
            for path in all(list) {
                assert_eq!(!globs.matching(Path::new(path), 0).is_empty(), expect, "{glob}: file {path}");
            }
        }
        for (list, expect) in [(folders, true), (no_folders, false)] {
            for path in all(list) {
                assert_eq!(!globs.below(Path::new(path), 0).is_empty(), expect, "{glob}: folder {path}");
            }
        }
        assert!(!globs.below(Path::new(""), 0).is_empty(), "{glob}: the root");
    }
}

#[test]
fn what_is_no_glob_is_named() {
    let error = Globs::new(&wishes(&[&["ok", "src/[a"]])).unwrap_err().to_string();
    assert!(error.starts_with("`src/[a` is no pattern of files: "), "{error}");
}

#[test]
fn a_burst_is_told_when_it_is_quiet_and_at_the_latest_after_a_second() {
    let begin = Instant::now();
    let mut burst = Burst::default();
    assert_eq!(burst.deadline(), None);
    let mut note = |ms: u64, path: &str, deed| {
        let now = begin + Duration::from_millis(ms);
        burst.note(now, path.into(), vec![TypeId(0)], deed);
        burst.deadline().map(|deadline| deadline - begin)
    };
    assert_eq!(note(0, "a", Deed::Changed), Some(QUIET));
    assert_eq!(note(99, "b", Deed::Appeared), Some(QUIET + Duration::from_millis(99)));
    for ms in [198, 297, 396, 495, 594, 693, 792, 891] {
        note(ms, "a", Deed::Changed);
    }
    assert_eq!(note(950, "a", Deed::Changed), Some(LATEST));
    assert_eq!(note(960, "b", Deed::Gone), Some(LATEST));
    assert_eq!(burst.take().map(told), one(&[0], "a"));
    assert_eq!((burst.deadline(), burst.take()), (None, None));
}

#[test]
fn what_comes_and_goes_in_one_burst_leaves_nothing_to_wait_for() {
    let mut burst = Burst::default();
    for deed in [Deed::Appeared, Deed::Changed, Deed::Gone] {
        burst.note(Instant::now(), "a".into(), vec![TypeId(0)], deed);
    }
    assert_eq!((burst.deadline(), burst.take()), (None, None));
}

#[test]
fn a_burst_of_very_many_files_counts_them() {
    let mut burst = Burst::default();
    for number in 0..25_000 {
        let kind = TypeId(u16::from(number > 20_000));
        burst.note(Instant::now(), number.to_string().into(), vec![kind], Deed::Changed);
    }
    assert_eq!(burst.take().map(told), Some((vec![0, 1], "0".into(), 24_999)));
}

#[test]
fn what_gitignore_names_is_ignored_as_git_does() {
    let folder = TempDir::new().unwrap();
    let app = folder.path().join("apps/one");
    for (file, rules) in [
        (".gitignore", "*.log\ndist/\n/apps/one/top\n"),
        ("apps/one/.gitignore", "build/\n!keep.log\n/only-here\nnot-a-folder/\n# build\nx[\n"),
        ("apps/one/sub/.gitignore", "*.tmp\n!dist/\n"),
        ("apps/one/.ignore", "*.min.js\n"),
    ] {
        make(&folder.path().join(file));
        fs::write(folder.path().join(file), rules).unwrap();
    }
    fs::create_dir(folder.path().join(".git")).unwrap();
    let mut ignored = Ignored::new(&app);
    ignored.load(Path::new(""));
    ignored.load(Path::new("sub"));
    for (path, parts) in [
        ("a.rb", 0),
        ("a.log", 1),
        ("keep.log", 0),
        ("sub/deep/a.log", 3),
        ("dist/x/y", 1),
        ("sub/dist/y", 0),
        ("top", 1),
        ("sub/top", 0),
        ("sub/build/x", 2),
        ("build", 0),
        ("only-here/x", 1),
        ("sub/only-here", 0),
        ("not-a-folder", 0),
        ("a.tmp", 0),
        ("sub/x/a.tmp", 3),
        ("sub/a.min.js", 2),
        ("dist/node_modules/x", 2),
    ] {
        assert_eq!(ignored.parts(Path::new(path), false), parts, "{path}");
    }
    // Who runs an app in a place that the repository ignores means it.
    fs::write(folder.path().join(".gitignore"), "*\n").unwrap();
    assert_eq!(Ignored::new(&app).parts(Path::new("a.log"), false), 0);
}
