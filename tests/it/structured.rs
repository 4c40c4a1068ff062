//! `--log-format`: what processes write and what we say become events, whole and in order, or stay as they are.

use crate::finished::Finished;
use crate::world::{GUARD, POLITE, World, skipped};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::time::Duration;

/// Every line of a text as an event: an object on a line of its own, and nothing between them.
pub fn events(text: &str) -> Vec<Value> {
    let event = |line: &str| match serde_json::from_str(line) {
        Ok(event @ Value::Object(_)) => event,
        other => panic!("{other:?}: {line:?}"),
    };
    text.lines().map(event).collect()
}

/// Runs a formation to its end, with events as JSON.
fn run(world: &World) -> Finished {
    world.start(["--log-format", "json", "--keep-going"]).finish()
}

/// The events of what processes wrote, and those of what we said.
fn both(finished: &Finished) -> (Vec<Value>, Vec<Value>) {
    events(&finished.out()).into_iter().partition(|event| event.get("stream").is_some())
}

fn said(finished: &Finished) -> Vec<Value> {
    both(finished).0
}

fn notices(finished: &Finished) -> Vec<Value> {
    both(finished).1
}

/// The messages of what processes wrote.
fn messages(finished: &Finished) -> Vec<String> {
    said(finished).iter().map(|event| event["message"].as_str().expect("a text").to_owned()).collect()
}

/// The first notice of this kind.
fn notice(finished: &Finished, event: &str) -> Value {
    let found = notices(finished).into_iter().find(|notice| notice["event"] == event);
    found.unwrap_or_else(|| panic!("no {event}\n{finished}"))
}

#[test]
fn lines_of_every_kind_become_events_of_one_form() {
    let lines = "plain\n\n2026-01-31 12:00:00,123 shop WARNING late\n\
        {\"level\":\"error\",\"time\":\"2026-01-31T12:00:00.5Z\",\"msg\":\"paid\",\"order_id\":42,\"pid\":\"x\"}\n\
        level=debug msg=\"by hand\" took=1.5\n\x1b[31mred\x1b[0m \x1b]0;title\x07dwarf\n";
    let world = World::new().procfile("web: cat lines\n").file("lines", lines).var("RELEASE_VERSION", "v7");
    let finished = run(&world);
    let said = said(&finished);
    let fields = ["timestamp", "level", "severity_number", "logger", "message"];
    let fields = fields.iter().chain(&["stream", "pid", "process", "release"]);
    let pid = &notice(&finished, "started")["pid"];
    for event in &said {
        let names: Vec<&str> = event.as_object().expect("one").keys().map(String::as_str).collect();
        assert!(names.iter().zip(fields.clone()).all(|(name, field)| name == field), "{names:?}");
        let stamp = event["timestamp"].as_str().expect("a text");
        assert!(
            stamp.len() == 27 && stamp.ends_with('Z') && stamp.parse::<jiff::Timestamp>().is_ok(),
            "{stamp}"
        );
        assert_eq!(event["pid"], *pid);
        assert_eq!(event["process"], json!({ "type": "web", "instance": 1 }));
        assert_eq!((&event["logger"], &event["stream"]), (&json!("web.1"), &json!("stdout")));
        assert_eq!(event["release"], "v7");
    }
    let told = said
        .iter()
        .map(|event| json!([event["level"], event["severity_number"], event["message"]]).to_string());
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            r#"["info",9,"plain"]"#,
            r#"["info",9,""]"#,
            r#"["warn",13,"2026-01-31 12:00:00,123 shop WARNING late"]"#,
            r#"["error",17,"paid"]"#,
            r#"["debug",5,"by hand"]"#,
            r#"["info",9,"red dwarf"]"#,
        ]
    );
    assert_eq!(said[3]["timestamp"], "2026-01-31T12:00:00.500000Z");
    assert_eq!((&said[3]["order_id"], &said[3]["app"]), (&json!(42), &json!({ "pid": "x" })));
    assert_eq!(said[4]["took"], 1.5);
}

#[test]
fn events_tell_the_streams_apart_and_notices_have_none() {
    let finished = run(&World::new().procfile("web: pup say:out err:err exit:3\n").var("RELEASE_ID", "r1"));
    let mut streams: Vec<_> = said(&finished)
        .iter()
        .map(|event| json!([event["stream"], event["message"], event["level"]]).to_string())
        .collect();
    streams.sort();
    assert_eq!(streams, [r#"["stderr","err","info"]"#, r#"["stdout","out","info"]"#]);
    assert!(notices(&finished).iter().all(|notice| notice["release"] == "r1"), "{finished}");
}

#[test]
fn notices_are_events_in_their_place() {
    let world = World::new().procfile(&format!("web: pup say:bye exit:3\nother: {POLITE}\n"));
    let finished = world.start(["--log-format", "json"]).finish().expect_code(3);
    let started = notice(&finished, "started");
    assert_eq!((&started["level"], &started["logger"]), (&json!("info"), &json!("web.1")));
    assert_eq!(started["message"], format!("started with pid {}", started["pid"]));
    let exited = notice(&finished, "exited");
    assert_eq!((&exited["level"], &exited["severity_number"]), (&json!("error"), &json!(17)));
    assert_eq!(exited["message"], "exited with code 3 · stopping all (on_exit)");
    assert_eq!((&exited["pid"], &exited["process"]["type"]), (&started["pid"], &json!("web")));
    let stopping = notice(&finished, "stopping_all");
    assert_eq!((&stopping["logger"], stopping.get("process")), (&json!("twelve-run"), None));
    let all = events(&finished.out());
    let at = |message: &str| {
        all.iter().position(|event| {
            event["logger"] == "web.1" && event["message"].as_str().unwrap().starts_with(message)
        })
    };
    assert!(at("started") < at("bye") && at("bye") < at("exited"), "{finished}");
}

#[test]
fn a_shutdown_is_an_event_of_ours() {
    let run = World::new().procfile(&format!("web: {POLITE}\n")).start(["--log-format", "json"]);
    run.wait_for_witness(1, "up");
    run.signal(Signal::SIGTERM);
    let shutdown = notice(&run.finish().expect_code(0), "shutdown");
    assert_eq!((&shutdown["logger"], &shutdown["level"]), (&json!("twelve-run"), &json!("info")));
    assert!(shutdown["message"].as_str().unwrap().starts_with("SIGTERM received"), "{shutdown}");
}

const TRACE: &str = "Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\n\
    ValueError: no such order\n";

#[test]
fn a_stack_trace_is_one_event_whoever_wrote_it() {
    let python = "python3 -c 'raise ValueError(\"no such order\")' || :";
    let world = World::new()
        .procfile(&format!("cat: echo before >&2; cat trace >&2; echo after >&2\npython: command -v python3 >/dev/null && {python}\n"))
        .file("trace", TRACE);
    let finished = run(&world);
    let said = said(&finished);
    let of = |logger: &str| said.iter().filter(|event| event["logger"] == logger).collect::<Vec<_>>();
    let (cat, python) = (of("cat.1"), of("python.1"));
    assert_eq!(cat.len(), 3, "{finished}");
    assert_eq!(cat[1]["exception"]["stacktrace"], TRACE.trim_end());
    if python.is_empty() {
        skipped("no python3");
    }
    for event in cat[1..2].iter().chain(&python) {
        let exception = &event["exception"];
        assert_eq!(
            (&exception["type"], &exception["message"]),
            (&json!("ValueError"), &json!("no such order"))
        );
        assert_eq!(
            (&event["level"], &event["message"]),
            (&json!("error"), &json!("ValueError: no such order"))
        );
    }
    assert!(python.len() < 2, "{finished}");
}

#[test]
fn a_trace_that_nothing_follows_does_not_wait_for_its_process_to_end() {
    let world =
        World::new().procfile("web: cat trace >&2; exec pup on:TERM=exit:0 hang\n").file("trace", TRACE);
    let run = world.start(["--log-format", "json"]);
    run.wait_for_line("\"type\":\"ValueError\"");
    run.down().expect_code(0);
}

#[test]
fn f18_half_a_line_at_the_exit_is_an_event_before_the_exit() {
    for pty in ["never", "always"] {
        let world = World::new().procfile("web: printf abc; exit 1\n");
        let finished =
            world.start(["--log-format", "json", "-m", "web=20", "--keep-going", "--pty", pty]).finish();
        let all = events(&finished.out());
        for index in 1..=20 {
            let own = all.iter().filter(|event| event["process"]["instance"] == index);
            let told: Vec<_> = own.map(|event| event["message"].as_str().unwrap()).skip(1).collect();
            assert_eq!(told, ["abc", "exited with code 1"], "{pty} {index}\n{finished}");
        }
    }
}

#[test]
fn f2_a_line_of_4_mib_comes_in_marked_parts_that_joined_are_the_line() {
    let finished = run(&World::new().procfile("web: pup print:a bytes:4194304 print:b\\\\nc\\\\n\n"));
    let mut said = said(&finished);
    let next = said.pop().expect("an event");
    assert_eq!((&next["message"], next.get("part")), (&json!("c"), None));
    let numbers: Vec<_> = said.iter().map(|event| event["part"].as_u64().expect("its number")).collect();
    assert_eq!(numbers, (1..=said.len() as u64).collect::<Vec<_>>());
    let lasts: Vec<_> = said.iter().map(|event| event["last"] == true).collect();
    assert!(lasts[lasts.len() - 1] && !lasts[..lasts.len() - 1].contains(&true), "{lasts:?}");
    let line: String = said.iter().map(|event| event["message"].as_str().unwrap()).collect();
    assert!(line == format!("a{}b", "x".repeat(4 << 20)), "{} bytes", line.len());
}

#[test]
fn f3_of_bytes_that_are_no_text_nothing_is_lost() {
    let world =
        World::new().procfile("web: pup 'print:a\\xffb\\n' 'print:a\\0b\\n' 'print:\\xff\\e[1m\\n'\n");
    let finished = run(&world);
    let told: Vec<_> =
        said(&finished).iter().map(|event| json!([event["message"], event["message_base64"]])).collect();
    assert_eq!(
        told,
        [json!(["a\u{fffd}b", "Yf9i"]), json!(["a\0b", null]), json!(["\u{fffd}\x1b[1m", "/xtbMW0="])]
    );
}

#[test]
fn f1_a_line_that_pauses_is_one_event() {
    let world = World::new().procfile("web: pup print:abc log:half until:go say:def\n");
    let run = world.start(["--log-format", "json"]);
    run.wait_for_witness(1, "half");
    // Longer than the silence after which text would come out in halves.
    run.let_pass(Duration::from_millis(600));
    fs::write(run.app().join("go"), "").unwrap();
    assert_eq!(messages(&run.finish()), ["abcdef"]);
}

#[test]
fn f5_f6_what_a_process_forges_stays_inside_its_event() {
    let line = r#"{"message":"x\n{\"logger\":\"evil\"}","logger":"evil","stream":"none","process":7,"event":"exited"}"#;
    let finished = run(&World::new().procfile("web: cat line; echo; printf 'a\\rb\\n'\n").file("line", line));
    let said = said(&finished);
    assert_eq!((&said[0]["logger"], &said[0]["process"]["type"]), (&json!("web.1"), &json!("web")));
    assert_eq!(said[0]["app"], json!({ "logger": "evil", "stream": "none", "process": 7 }));
    assert_eq!(said[1]["message"], "a\rb");
}

#[test]
fn logfmt_is_one_line_of_pairs_for_each_event() {
    let world = World::new()
        .procfile("web: cat lines; exit 3\n")
        .file("lines", format!("two words\n{{\"level\":\"warn\",\"msg\":\"x\",\"n\":1}}\n{TRACE}"));
    let finished = world.start(["--log-format", "logfmt"]).finish().expect_code(3);
    let out = finished.out();
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines.iter().all(|line| line.starts_with("ts=2") && line.contains(" level=")), "{finished}");
    for (line, told) in lines.iter().zip([
        "msg=\"started with pid ",
        "logger=web.1 stream=stdout ",
        "level=warn severity_number=13 ",
        "exception=\"{\\\"type\\\":\\\"ValueError\\\"",
        "level=error severity_number=17 logger=web.1 ",
    ]) {
        assert!(line.contains(told), "{told} is not in {line}");
    }
    assert!(lines[1].ends_with("msg=\"two words\"") && lines[2].ends_with("msg=x n=1"), "{finished}");
    assert!(lines[4].ends_with(" event=exited"), "{finished}");
}

#[test]
fn raw_is_every_byte_of_the_processes_and_none_of_ours() {
    let bytes =
        [&b"a\0b\xff\x1b[31m\r\n\n"[..], "y".repeat(200 * 1024).as_bytes(), b"\nTraceback\nno end"].concat();
    let world = World::new().procfile("web: cat bytes; exit 3\n").file("bytes", &bytes);
    let finished = world.start(["--log-format", "raw"]).finish().expect_code(3);
    assert!(finished.stdout == bytes, "{finished}");
    let finished = finished.expect_err("twelve-run: web.1: started with pid ");
    finished.expect_err("twelve-run: web.1: exited with code 3 · stopping all (on_exit)");
}

#[test]
fn quiet_types_have_no_events_but_those_of_ours() {
    let world = World::new().procfile("web: pup say:hidden\nworker: pup say:shown\n");
    let finished = world.start(["--log-format", "json", "--keep-going", "-q", "web"]).finish();
    assert_eq!(messages(&finished), ["shown"]);
    assert_eq!(
        notices(&finished).iter().filter(|notice| notice["event"] == "exited").count(),
        2,
        "{finished}"
    );
}

#[test]
fn in_the_background_events_go_to_the_log() {
    let world = World::new().procfile("web: pup say:hello on:TERM=exit:0 log:up hang\n").patience(GUARD);
    let run = world.start(["-D", "--log-format", "json"]);
    run.wait_for_witness(1, "up");
    run.wait_for_report("reaped");
    assert!(run.ask(["logs"]).expect(0).out.contains("| hello\n"), "`logs` shows what was written");
    run.down().expect_code(0);
    let log = fs::read_to_string(world.app().join(".twelve-run/logs/twelve-run.log")).expect("it is kept");
    let events = events(&log);
    assert!(events.iter().any(|event| event["message"] == "hello" && event["stream"] == "stdout"), "{log}");
    assert!(events.iter().any(|event| event["event"] == "shutdown"), "{log}");
}

#[test]
fn the_format_comes_from_a_flag_a_variable_or_the_file_in_this_order() {
    let toml = "[logs]\nformat = \"raw\"\nredact = true\nsecrets = [\"*_CERT\"]\n";
    let in_file = World::new().procfile("web: a\n").file("twelve-run.toml", toml);
    let in_variable =
        in_file.another().var("TWELVE_RUN_LOG_FORMAT", "logfmt").var("TWELVE_RUN_REDACT_LOGS", "0");
    for (world, arguments, format, from, redact) in [
        (&in_file, &[][..], "raw", "file", true),
        (&in_variable, &[][..], "logfmt", "environment", false),
        (&in_variable, &["--log-format", "json", "--redact-logs"][..], "json", "flag", true),
    ] {
        let words = ["config", "--origins", "--json"].iter().chain(arguments).map(OsStr::new);
        let finished = world.run_words(words).finish().expect_code(0);
        let told: Value = serde_json::from_slice(&finished.stdout).expect("it is JSON");
        let row = |key: &str| {
            let mut rows = told["values"].as_array().expect("a list").iter();
            rows.find(|row| row["key"] == key).unwrap_or_else(|| panic!("no {key}")).clone()
        };
        assert_eq!(
            (&row("logs.format")["value"], &row("logs.format")["from"]["kind"]),
            (&json!(format), &json!(from))
        );
        assert_eq!(row("logs.redact")["value"], redact, "{format}");
        assert_eq!(row("logs.secrets")["value"], json!(["*_CERT"]));
    }
}

#[test]
fn wrong_values_start_nothing_and_say_what_is_wanted() {
    let world = || World::new().procfile("web: pup log:up\n");
    let written = |toml: &str| world().file("twelve-run.toml", format!("[logs]\n{toml}\n"));
    for (world, arguments, told) in [
        (world(), &["start", "--log-format", "xml"][..], "possible values: text, json, logfmt, raw"),
        (world().var("TWELVE_RUN_LOG_FORMAT", "xml"), &["start"], "one of `text`, `json`, `logfmt`, `raw`"),
        (world().var("TWELVE_RUN_REDACT_LOGS", "maybe"), &["start"], "`true` or `false` is wanted"),
        (written("format = \"xml\""), &["start"], "one of `text`, `json`, `logfmt`, `raw`"),
        (written("redact = \"yes\""), &["start"], "expected a boolean"),
        (written("secrets = \"*_CERT\""), &["start"], "twelve-run.toml:2"),
        (written("redacted = true"), &["start"], "did you mean `redact`?"),
    ] {
        let words = arguments.iter().map(OsStr::new);
        let finished = world.run_words(words).finish().expect_code(2).expect_err(told);
        assert_eq!(finished.count("up"), 0, "{finished}");
    }
}
