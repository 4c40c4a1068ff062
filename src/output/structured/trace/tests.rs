//! Whole traces and what surrounds them. `traces.txt` has a trace a section: a heading with its name, type and
//! message, then its lines, as the runtimes write them.

use super::super::fold::{Fold, Moment, Out, Part};
use super::summary;
use jiff::Timestamp;
use std::time::Instant;

struct Case {
    name: &'static str,
    kind: &'static str,
    message: &'static str,
    text: &'static str,
}

fn cases() -> Vec<Case> {
    let sections = include_str!("traces.txt").trim_end().split("=== ").skip(1);
    let case = |section: &'static str| {
        let (heading, text) = section.split_once('\n').unwrap();
        let mut words = heading.splitn(3, " | ");
        let mut word = || words.next().unwrap().trim();
        Case { name: word(), kind: word(), message: word(), text: text.strip_suffix('\n').unwrap_or(text) }
    };
    sections.map(case).collect()
}

/// What came out of a fold: a trace, with its part, or a line.
#[derive(Debug, PartialEq, Clone)]
enum Told {
    Trace(String, Option<Part>),
    Line(String),
}

fn line(text: &str) -> Told {
    Told::Line(text.to_owned())
}

fn trace(text: &str) -> Told {
    Told::Trace(text.to_owned(), None)
}

fn collect(told: &mut Vec<Told>) -> impl FnMut(Out<'_>, Timestamp) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    move |out, _| {
        told.push(match out {
            Out::Trace { text: bytes, part, .. } => Told::Trace(text(bytes), part),
            Out::Line(bytes) => Told::Line(text(bytes)),
        });
    }
}

fn moment() -> Moment {
    Moment { now: Instant::now(), wall: Timestamp::UNIX_EPOCH }
}

fn fold(text: &str) -> Vec<Told> {
    let (mut fold, mut told) = (Fold::default(), Vec::new());
    for line in text.split('\n') {
        fold.take(line.as_bytes(), moment(), &mut collect(&mut told));
    }
    while fold.is_holding() {
        fold.end(&mut collect(&mut told));
    }
    told
}

#[test]
fn each_trace_is_one_event_with_type_and_message() {
    let cases = cases();
    assert!(cases.len() > 60, "{}", cases.len());
    for case in cases {
        let told = fold(case.text);
        assert_eq!(told, [trace(case.text)], "{}", case.name);
        let summary = summary(case.text.as_bytes()).unwrap_or_else(|| panic!("{}", case.name));
        let found = (str::from_utf8(summary.kind).unwrap(), str::from_utf8(summary.message).unwrap());
        assert_eq!(found, (case.kind, case.message), "{}", case.name);
    }
}

#[test]
fn what_stands_around_a_trace_is_not_joined() {
    for prose in [
        "2026-01-31 INFO served / in 3 ms",
        "listening on 0.0.0.0:80",
        "done",
        "",
        "{\"a\":1}",
        "x: y",
        "    at",
    ] {
        for case in cases() {
            // A message may be set in, and a certain one may go on with anything.
            if prose.starts_with(' ')
                && (case.name.contains("python") || case.name.contains("rust") || case.name == "anyhow")
            {
                continue;
            }
            let text = format!("{prose}\n{}\n{prose}\n{prose}", case.text);
            let expected = [line(prose), trace(case.text), line(prose), line(prose)];
            assert_eq!(fold(&text), expected, "{} and {prose:?}", case.name);
        }
    }
}

#[test]
fn two_traces_are_two_events() {
    let cases = cases();
    for first in &cases {
        for second in &cases {
            let text = format!("{}\n{}", first.text, second.text);
            let told = fold(&text);
            assert_eq!(told, [trace(first.text), trace(second.text)], "{} and {}", first.name, second.name);
        }
    }
}

#[test]
fn what_only_begins_like_a_trace_is_lines() {
    for text in [
        "Error: could not connect\nretrying\nError: could not connect\nconnected",
        "panic: at the disco\n\ntickets are sold out",
        "/app/index.js:10\nis where it happens\nso they say",
        "Traceback (most recent call last):\nis what Python says first",
        "Unhandled exception:\nno frames here\nnor here",
        "a.rb:3:in `f' is slow\nvery slow",
        "Fatal error: out of luck\nStack trace: none",
        "thread 'main' panicked at noon\nand was calm again",
        "java.lang.IllegalStateException: logged without frames\nnext",
        "  File \"x.py\", line 3\n    is what I read\nthen",
        "NoMethodError (as I said):\n\nnothing",
        "Uncaught exceptions: 3\nof them: 2",
    ] {
        let expected: Vec<Told> = text.split('\n').map(line).collect();
        assert_eq!(fold(text), expected, "{text}");
    }
}

#[test]
fn what_others_write_later_is_not_taken_for_the_end_of_a_trace() {
    let java = "java.lang.Error: x\n\tat a.B.c(B.java:1)\nCaused by: java.lang.Error: y";
    let panic = "thread 'main' panicked at a.rs:1:2:\nboom";
    let backtrace =
        "thread 'main' panicked at a.rs:1:2:\nboom\nstack backtrace:\n   0: a::b\n             at ./a.rs:1:2";
    let ruby = "a.rb:1:in `f': boom (Boom)";
    let bare =
        "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\nKeyboardInterrupt";
    for (first, next) in [
        (java, "tea is served\na.rb:3:in `f': boom (Boom)"),
        (panic, "tea is served\nnote: declared here"),
        (backtrace, "      |    ^~~~"),
        (backtrace, "     Running tea"),
        (ruby, "tea is served\n    ^^^^"),
        (bare, "    tea is served"),
    ] {
        let next_told: Vec<Told> = match next.split_once('\n') {
            Some((one, two)) if two == ruby.replace(":1:", ":3:") => vec![line(one), trace(two)],
            _ => next.split('\n').map(line).collect(),
        };
        assert_eq!(fold(&format!("{first}\n{next}")), [vec![trace(first)], next_told].concat(), "{first}");
    }
}

#[test]
fn a_long_message_is_held_and_a_backtrace_that_comes_too_late_is_an_event_of_its_own() {
    let message =
        |lines: usize| format!("thread 'main' panicked at a.rs:1:2:\nboom{}", "\nmore".repeat(lines));
    let backtrace = "stack backtrace:\n   0: a::b\n             at ./a.rs:1:2";
    let whole = format!("{}\n{backtrace}", message(30));
    assert_eq!(fold(&whole), [trace(&whole)]);
    let told = fold(&format!("{}\n{backtrace}", message(50)));
    assert_eq!((told.first(), told.last()), (Some(&trace(&message(0))), Some(&trace(backtrace))));
    assert_eq!(summary(backtrace.as_bytes()), None, "nobody knows what it is of");
}

#[test]
fn a_line_of_prose_among_frames_ends_the_trace() {
    let java = "java.lang.Error: x\n\tat a.B.c(B.java:1)";
    assert_eq!(
        fold(&format!("{java}\nGET / 200\n\tat a.B.d(B.java:2)")),
        [trace(java), line("GET / 200"), line("\tat a.B.d(B.java:2)")]
    );
}

#[test]
fn what_waits_comes_out_in_time_and_goes_on_as_a_part() {
    let (mut fold, mut told) = (Fold::default(), Vec::new());
    let at = moment();
    fold.take(b"Error: x", at, &mut collect(&mut told));
    assert_eq!((fold.deadline(), told.len()), (Some(at.now + super::super::fold::WAIT), 0));
    fold.flush(&mut collect(&mut told));
    assert_eq!((fold.deadline(), &told[..]), (None, &[line("Error: x")][..]));
    told.clear();
    for text in ["Error: x", "    at f (a.js:1:2)"] {
        fold.take(text.as_bytes(), at, &mut collect(&mut told));
    }
    fold.flush(&mut collect(&mut told));
    for text in ["    at g (a.js:3:4)", "next"] {
        fold.take(text.as_bytes(), at, &mut collect(&mut told));
    }
    let rest = Told::Trace("    at g (a.js:3:4)".to_owned(), Some(Part { number: 2, is_last: true }));
    assert_eq!(told, [trace("Error: x\n    at f (a.js:1:2)"), rest, line("next")]);
}

#[test]
fn a_trace_without_end_comes_out_in_parts_and_nothing_is_lost() {
    let text = format!("Error: x{}", "\n    at f (a.js:1:2)".repeat(2500));
    let told = fold(&text);
    let parts: Vec<Option<Part>> = told
        .iter()
        .map(|told| match told {
            Told::Trace(_, part) => *part,
            Told::Line(_) => None,
        })
        .collect();
    let part = |number, is_last| Some(Part { number, is_last });
    assert_eq!(parts, [part(1, false), part(2, false), part(3, true)]);
    let joined: Vec<String> = told
        .into_iter()
        .map(|told| match told {
            Told::Trace(text, _) | Told::Line(text) => text,
        })
        .collect();
    assert_eq!(joined.join("\n"), text);
}

proptest::proptest! {
    #[test]
    fn every_line_comes_out_once_and_in_its_order(picks in proptest::collection::vec(0_usize..4000, 0..60)) {
        let all: Vec<&str> = include_str!("traces.txt").lines().filter(|line| !line.starts_with("===")).collect();
        let lines: Vec<&str> = picks.iter().map(|pick| all[pick % all.len()]).collect();
        let told = fold(&lines.join("\n"));
        let joined: Vec<String> = told.into_iter().map(|told| match told {
            Told::Trace(text, _) | Told::Line(text) => text,
        }).collect();
        proptest::prop_assert_eq!(joined.join("\n"), lines.join("\n"));
    }
}
