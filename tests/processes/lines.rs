//! The same line, by `sh` and by us: the same words, the same environment.

use crate::probe::{Probe, path};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::process::{Command, Stdio};

/// What a program finds when `/bin/sh` runs the line; the end of the shell when there is none.
fn by_sh(probe: &Probe, line: &str) -> Vec<String> {
    let ran = Command::new("/bin/sh")
        .args(["-c", line])
        .current_dir(probe.folder.path())
        .env_clear()
        .envs([("PATH", path()), ("PS", "web.1".into()), ("F", probe.folder.path().into())])
        .envs(VARIABLES)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let mut found: Vec<String> =
        ran.stdout.split(|&byte| byte == b'\n').map(|line| line.escape_ascii().to_string()).collect();
    // A line ends with `\n`, so the last is empty.
    found.pop();
    found.push(format!("code:{}", ran.status.code().unwrap()));
    found
}

fn by_us(probe: &mut Probe, line: &str) -> Vec<String> {
    probe.spawn(1, line);
    let exited = probe.fact("exited 1 ");
    probe.fact("end 1 1 ");
    probe.fact("end 1 2 ");
    let mut found = Vec::new();
    while let Some(out) = probe.take("out 1 1 ") {
        found.push(out["out 1 1 ".len()..].to_owned());
    }
    while probe.take("out 1 2 ").is_some() {}
    found.push(exited.split(' ').nth(2).unwrap().to_owned());
    found
}

const VARIABLES: [(&str, &str); 4] = [("A", "one"), ("TWO", "a  b"), ("EMPTY", ""), ("GLOB", "*")];

/// Nothing of it, alone or together, is the name of a program whose output depends on the machine (`ps`).
fn word() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(vec![
        "a", "b1", "-x", "--long=v", "K=V", "a#b", ",", ":", "@", "%", "+", "a.b/c", "ü", "!", "^", "]",
        "in", "then", "1",
    ]);
    let quoted = prop::sample::select(vec![
        "'a b'",
        "''",
        "\"\"",
        "\"a  b\"",
        "'$A'",
        "\"$A\"",
        "\"${TWO}\"",
        "'\"'",
        "\"'\"",
        "\"a\\\"b\"",
        "\"\\$A\"",
        "\"\\\\\"",
        "\\ ",
        "\\$A",
    ]);
    let expanded = prop::sample::select(vec![
        "$A",
        "$TWO",
        "$EMPTY",
        "$NONE",
        "${A}",
        "${NONE:-d0}",
        "${NONE-x y}",
        "${EMPTY:-e0}",
        "${A:+p0}",
        "${#TWO}",
        "${A%e}",
        "$#",
        "$?",
        "${TWO##*}",
        "$0",
        "$GLOB",
        "*",
        "~",
        "{a,b}",
        "[a]",
    ]);
    let trap = prop::sample::select(vec![
        ";",
        "&&",
        "#",
        "|",
        "$(echo s0)",
        "`echo s0`",
        "$((1+1))",
        "2>/dev/null",
        "<",
        "'",
        "\"",
        "\\",
    ]);
    let part = prop_oneof![6 => plain, 3 => quoted, 3 => expanded, 1 => trap];
    prop::collection::vec(part, 1..3).prop_map(|parts| parts.concat())
}

#[test]
fn what_runs_straight_finds_what_sh_gives() {
    let mut probe = Probe::new();
    for (name, value) in VARIABLES {
        probe.tell(&["set".as_ref(), name.as_ref(), value.as_ref()]);
    }
    let probe = std::cell::RefCell::new(probe);
    let blank = prop::sample::select(vec![" ", "  ", "\t "]);
    let line = prop::collection::vec((blank, word()), 0..5).prop_map(|words| {
        let words: Vec<String> = words.into_iter().map(|(blank, word)| format!("{blank}{word}")).collect();
        // A tab divides the probe's own words, so that a line has none.
        format!("family_probe --show{}", words.concat()).replace('\t', " ")
    });
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    runner
        .run(&line, |line| {
            let mut probe = probe.borrow_mut();
            let expected = by_sh(&probe, &line);
            let found = by_us(&mut probe, &line);
            prop_assert_eq!(found, expected, "{:?}", line);
            Ok(())
        })
        .unwrap();
    probe.into_inner().ends_clean();
}
