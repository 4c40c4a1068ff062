//! Values, problems and places, by the ids of the table that decides them.

use super::*;
use proptest::prelude::*;

type Set = Vec<(String, String)>;
type Told = Vec<(Level, usize, String)>;

/// What the file sets, and each problem as its level, line and a part of its sentence.
fn read_text(text: &[u8], real: &[(&str, &str)], files_win: bool) -> (Set, Told) {
    let mut environment = Environment::default();
    for (name, value) in real {
        environment.set(name, value);
    }
    let mut scope = Scope::new(environment, files_win);
    let source = Arc::new(Source { name: ".env".into(), text: text.to_vec(), secret: true });
    let problems = read(&source, &mut scope);
    let string = |text: &OsStr| text.to_str().unwrap().to_owned();
    let set = scope.set.iter().map(|(name, value)| (string(name), string(value))).collect();
    let told = problems
        .into_iter()
        .map(|problem| (problem.level, problem.place.unwrap().line(), problem.sentence))
        .collect();
    (set, told)
}

fn check(text: &str, expected: &[(&str, &str)]) {
    let (set, told) = read_text(text.as_bytes(), &[], false);
    let set: Vec<_> = set.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!((set.as_slice(), told.as_slice()), (expected, &[][..]), "{text:?}");
}

#[test]
fn env_1_to_5_values() {
    for (text, value) in [
        ("A=b c", "b c"),
        ("A = b", "b"),
        (" A=b ", "b"),
        ("export\tA=b", "b"),
        ("A=", ""),
        ("A==b", "=b"),
        ("A=x # c", "x"),
        ("A=x#y", "x#y"),
        ("A=#x", "#x"),
        ("A= # x", ""),
        ("A=\"x\"#c", "x"),
        ("A='$X \\n \"q\"'", "$X \\n \"q\""),
        ("A='a\\'b'", "a'b"),
        ("A=\"it's\"", "it's"),
        ("A=it's", "it's"),
        ("A=\"a\\nb\"", "a\nb"),
        ("A=a\\nb", "a\\nb"),
        ("A=\"a\\db\"", "a\\db"),
        ("A=\"\\${X}\"", "${X}"),
        ("A=\"C:\\\\t\"", "C:\\t"),
        ("A='C:\\'", "C:\\"),
        ("\u{a0}A\u{a0}=\u{a0}b\u{a0}", "b"),
    ] {
        check(text, &[("A", value)]);
    }
    check("A=\"1\n# 2\n\"\nB=3", &[("A", "1\n# 2\n"), ("B", "3")]);
    check("\u{feff}A=1\r\nB=\"q\"\r\n", &[("A", "1"), ("B", "q")]);
}

#[test]
fn env_6_to_8_references() {
    check("A=1\nB=${A}x\nC='${A}'\nD=$A", &[("A", "1"), ("B", "1x"), ("C", "${A}"), ("D", "$A")]);
    check("H=$2b$12$ab\nP=a$$b\nE=$(touch x)", &[("E", "$(touch x)"), ("H", "$2b$12$ab"), ("P", "a$$b")]);
    check("B=${N:-d}", &[("B", "d")]);
    check("B=${N:-${M:-e}}", &[("B", "e")]);
    let (set, told) = read_text(b"B=${N}x", &[], false);
    assert_eq!(set, [("B".to_owned(), "x".to_owned())]);
    assert_eq!((told[0].0, told[0].1), (Level::Warning, 1));
    let (set, told) = read_text(b"B=${N:?why}", &[], false);
    assert_eq!((set, &told[0]), (vec![], &(Level::Error, 1, "N: why".to_owned())));
    for (files_win, expected) in [(false, "r"), (true, "f")] {
        let (set, _) = read_text(b"A=f\nB=${A}", &[("A", "r")], files_win);
        assert_eq!(set[1], ("B".to_owned(), expected.to_owned()));
    }
}

#[test]
fn env_9_to_11_errors_and_warnings() {
    for text in ["A=\"x", "A=\"x\"y", "A=\"x\" \"y\"", "A=\0", "A='x"] {
        let (_, told) = read_text(text.as_bytes(), &[], false);
        assert!(told.len() == 1 && told[0].0 == Level::Error, "{text:?}: {told:?}");
    }
    for text in ["FOO", "FOO: x", "; c", "[s]", "F\u{d6}O=1", "A B=1"] {
        let (set, told) = read_text(format!("{text}\nB=2").as_bytes(), &[], false);
        assert_eq!(set, [("B".to_owned(), "2".to_owned())]);
        assert!(told.len() == 1 && told[0].0 == Level::Warning && told[0].1 == 1, "{text:?}: {told:?}");
    }
    check("A=1\nA=2", &[("A", "2")]);
}

#[test]
fn p2_no_problem_shows_a_value_or_a_line() {
    let text = "A=\"canary\"x\nB='canary\ncanary line\n";
    let source = Arc::new(Source { name: ".env".into(), text: text.into(), secret: true });
    let problems = read(&source, &mut Scope::new(Environment::default(), false));
    let shown = crate::app::problem::render(&problems, false);
    assert!(!problems.is_empty() && !shown.contains("canary") && shown.contains(".env:1"), "{shown}");
}

proptest! {
    #[test]
    fn what_is_quoted_comes_back(value in "[^\0\r\u{feff}]{0,30}") {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
        let (set, told) = read_text(format!("A=\"{escaped}\"\n").as_bytes(), &[], false);
        prop_assert_eq!((set, told), (vec![("A".to_owned(), value)], vec![]));
    }

    #[test]
    fn any_text_is_read_without_a_panic_and_never_silently_empty(text in ".{0,40}(\n.{0,30}){0,4}") {
        let (set, told) = read_text(text.as_bytes(), &[], false);
        let marked = text.starts_with('\u{feff}');
        let means_something = text.lines().any(|line| !line.trim_matches(is_blank).is_empty() && !line.trim_start_matches(is_blank).starts_with('#') );
        prop_assert!(!means_something || !set.is_empty() || !told.is_empty() || text.contains('\r') || marked);
    }
}
