//! Where we say "as foreman does", the same case runs against foreman and honcho and must give the same.
//!
//! Needs `foreman` and `honcho` on the `PATH`: `cargo test --features compliance --test compliance`. A tool that is
//! missing fails the test. Where the three differ on purpose, the case says what each gives.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![forbid(unsafe_code)]

use std::process::{Command, Stdio};

const OURS: &str = env!("CARGO_BIN_EXE_twelve-run");

/// What a run is measured by: its exit code, and its lines without time, pid and padding.
#[derive(Debug, PartialEq, Eq, Clone)]
struct Result {
    code: Option<i32>,
    lines: Vec<String>,
}

struct Case {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    arguments: &'static [&'static str],
    /// The lines of processes (`web.1 | x`), sorted, and the exit code.
    expected: (&'static [&'static str], i32),
    /// Which tools give that.
    tools: &'static [Tool],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Ours,
    Foreman,
    Honcho,
}

use Tool::{Foreman, Honcho, Ours};

const ALL: &[Tool] = &[Ours, Foreman, Honcho];

const CASES: &[Case] = &[
    Case {
        name: "a process speaks and its end ends the run",
        files: &[("Procfile", "web: echo hi\n")],
        arguments: &["start"],
        expected: (&["web.1 | hi"], 0),
        tools: ALL,
    },
    Case {
        name: "code-1 the code of the first process that ends",
        files: &[("Procfile", "web: echo hi; exit 3\n")],
        arguments: &["start"],
        expected: (&["web.1 | hi"], 3),
        tools: ALL,
    },
    Case {
        name: "port-1 ports count from 5000 in steps of a hundred by type and one by instance",
        files: &[("Procfile", "web: echo $PORT; sleep 1\nworker: echo $PORT; sleep 1\n")],
        arguments: &["start", "-m", "web=2,worker=2"],
        expected: (&["web.1 | 5000", "web.2 | 5001", "worker.1 | 5100", "worker.2 | 5101"], 0),
        tools: &[Ours, Foreman],
    },
    Case {
        name: "port-2 -p sets the first port",
        files: &[("Procfile", "web: echo $PORT; sleep 1\nworker: echo $PORT; sleep 1\n")],
        arguments: &["start", "-p", "3000"],
        expected: (&["web.1 | 3000", "worker.1 | 3100"], 0),
        tools: ALL,
    },
    Case {
        name: "port-1 one type keeps its place in the file",
        files: &[("Procfile", "web: echo $PORT\nworker: echo $PORT\n")],
        arguments: &["start", "worker"],
        expected: (&["worker.1 | 5100"], 0),
        tools: &[Ours, Foreman],
    },
    Case {
        name: "form-1 what is not listed is not started",
        files: &[("Procfile", "web: echo web; sleep 1\nworker: echo worker\n")],
        arguments: &["start", "-m", "web=1"],
        expected: (&["web.1 | web"], 0),
        tools: &[Ours, Foreman],
    },
    Case {
        name: "form-2 all is every type and a named one beats it",
        files: &[("Procfile", "web: echo web; sleep 1\nworker: echo worker; sleep 1\n")],
        arguments: &["start", "-m", "all=1,web=2"],
        expected: (&["web.1 | web", "web.2 | web", "worker.1 | worker"], 0),
        tools: &[Ours, Foreman],
    },
    Case {
        name: ".env is read and several files add up, the later wins",
        files: &[("Procfile", "web: echo $A $B $C\n"), ("one", "A=1\nB=1\n"), ("two", "B=2\nC=2\n")],
        arguments: &["start", "-e", "one,two"],
        expected: (&["web.1 | 1 2 2"], 0),
        tools: ALL,
    },
    Case {
        name: "env-1 a quoted value",
        files: &[("Procfile", "web: echo \"$A\"\n"), (".env", "A=\"b  c\"\n")],
        arguments: &["start"],
        expected: (&["web.1 | b  c"], 0),
        tools: ALL,
    },
    Case {
        name: "PS names the instance",
        files: &[("Procfile", "web: echo $PS\n")],
        arguments: &["start"],
        expected: (&["web.1 | web.1"], 0),
        tools: &[Ours, Foreman],
    },
    Case {
        name: "cli-4 .foreman holds defaults",
        files: &[("Procfile", "web: echo $PORT; sleep 1\n"), (".foreman", "formation: web=2\nport: 3000\n")],
        arguments: &["start"],
        expected: (&["web.1 | 3000", "web.2 | 3001"], 0),
        tools: &[Ours, Foreman],
    },
    Case {
        name: "-f names a Procfile in another folder, which is where it runs",
        files: &[("sub/Procfile", "web: cat here\n"), ("sub/here", "sub\n")],
        arguments: &["start", "-f", "sub/Procfile"],
        expected: (&["web.1 | sub"], 0),
        tools: &[Ours, Foreman],
    },
    Case {
        name: "both streams are shown",
        files: &[("Procfile", "web: echo out; sleep 0.2; echo err >&2\n")],
        arguments: &["start"],
        expected: (&["web.1 | err", "web.1 | out"], 0),
        tools: ALL,
    },
    Case {
        name: "code-2 on purpose: a death by a signal is 128 and its number",
        files: &[("Procfile", "web: kill -9 $$; true\n")],
        arguments: &["start"],
        expected: (&[], 137),
        tools: &[Ours],
    },
    Case {
        name: "birth-1 on purpose: only the shell replaces variables",
        files: &[("Procfile", "web: echo $PORTX [\\$PORT]\n")],
        arguments: &["start", "-p", "7000"],
        expected: (&["web.1 | [$PORT]"], 0),
        tools: &[Ours, Honcho],
    },
    Case {
        name: "proc-10 on purpose: release is not started",
        files: &[("Procfile", "release: echo no\nweb: echo web\n")],
        arguments: &["start"],
        expected: (&["web.1 | web"], 0),
        tools: &[Ours],
    },
];

#[test]
fn the_same_cases_give_the_same_in_all_tools_that_should() {
    let mut wrong = Vec::new();
    for case in CASES {
        for tool in case.tools {
            let got = run(*tool, case);
            let lines = case.expected.0.iter().map(|line| (*line).to_owned()).collect();
            let expected = Result { code: Some(case.expected.1), lines };
            if got != expected {
                wrong.push(format!("{}: {tool:?}\n  wants {expected:?}\n  got   {got:?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn out_1_the_notices_begin_with_foremans_sentences() {
    let case = Case {
        name: "out-1",
        files: &[("Procfile", "web: echo hi; sleep 1; exit 3\nworker: sleep 99\n")],
        arguments: &["start"],
        expected: (&[], 3),
        tools: &[],
    };
    let all = |tool| {
        let (code, text) = raw(tool, &case);
        let lines: Vec<String> =
            text.lines().filter_map(plain).map(|line| line.split(" · ").next().unwrap().to_owned()).collect();
        (code, lines)
    };
    let (code, mut ours) = all(Ours);
    let (foremans_code, mut foremans) = all(Foreman);
    ours.sort();
    foremans.sort();
    assert_eq!((code, ours), (foremans_code, foremans));
}

#[test]
fn cli_5_check_says_the_same() {
    let case = Case {
        name: "check",
        files: &[("Procfile", "web: a\nworker: b\nclock: c\n")],
        arguments: &["check"],
        expected: (&[], 0),
        tools: &[],
    };
    assert_eq!(raw(Ours, &case), raw(Foreman, &case));
}

#[test]
fn the_judge_can_say_no() {
    let case = &CASES[0];
    let other = Case { files: &[("Procfile", "web: echo other\n")], ..Case { ..*case } };
    assert_ne!(run(Ours, case), run(Ours, &other));
}

fn run(tool: Tool, case: &Case) -> Result {
    let (code, text) = raw(tool, case);
    let of_process = |line: &String| {
        let said = line.split_once(" | ").map_or("", |(_, said)| said);
        !line.starts_with("system | ")
            && ![
                "started with pid",
                "exited with code",
                "terminated by",
                "process started",
                "process terminated",
                "stopping",
            ]
            .iter()
            .any(|notice| said.contains(notice))
    };
    let mut lines: Vec<String> = text.lines().filter_map(plain).filter(of_process).collect();
    lines.sort();
    Result { code, lines }
}

/// `12:00:00 web.1   | started with pid 7` as `web.1 | started with pid N`; honcho names a single instance
/// `web.1` as well.
fn plain(line: &str) -> Option<String> {
    let (prefix, said) = line.split_once(" | ")?;
    let name = prefix.split_whitespace().last()?;
    let said = match said.split_once("pid ") {
        Some((before, _)) => format!("{before}pid N"),
        None => said.to_owned(),
    };
    Some(format!("{name} | {said}"))
}

fn raw(tool: Tool, case: &Case) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in case.files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let program = match tool {
        Ours => OURS,
        Foreman => "foreman",
        Honcho => "honcho",
    };
    let output = Command::new(program)
        .args(case.arguments)
        .current_dir(folder.path())
        .env_remove("PORT")
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program} cannot be run: {error}"));
    let text = [output.stdout, if tool == Honcho { output.stderr } else { Vec::new() }].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}
