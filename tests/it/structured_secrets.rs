//! What must not be shown: the values of the app's secrets, in what processes write and in our own words.

use crate::running::Running;
use crate::structured::events;
use crate::world::{POLITE, World};
use serde_json::json;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;

/// Writes every secret of the environment, each byte of it by a write of its own, so that reads cut it anywhere.
const WRITE: &str = r#"i=0
while [ $i -lt 1000 ]; do
    eval "rest=\$S${i}_TOKEN"
    printf 'value %s is ' "$i"
    while [ -n "$rest" ]; do
        next=${rest#?}
        printf %s "${rest%"$next"}"
        rest=$next
    done
    echo .
    i=$((i + 1))
done
"#;

/// A thousand secrets, some the beginning of others.
fn secrets() -> Vec<String> {
    (0..1000).map(|number| format!("zq{:x}-{number}", number % 7)).collect()
}

/// An app that writes its secrets and then waits to be stopped.
fn world() -> World {
    let mut file = String::new();
    for (number, secret) in secrets().iter().enumerate() {
        let _ = writeln!(file, "S{number}_TOKEN={secret}");
    }
    World::new()
        .procfile(&format!("web: sh write; exec {POLITE}\n"))
        .env(&file)
        .file("write", WRITE)
        // Of each read something is remembered.
        .file("twelve-run.toml", "[logs]\neach = \"4MiB\"\n")
}

/// Lets it write everything, and gives what was shown and what `logs` has.
fn shown(run: Running) -> [String; 2] {
    run.wait_for_witness(1, "up");
    run.wait_for_line("value 999 is ");
    let logs = run.ask(["logs", "-n", "2000"]).expect(0).out;
    [run.down().expect_code(0).out(), logs]
}

#[test]
fn a_secret_with_a_colour_inside_is_one_without_it() {
    let finished = World::new()
        .procfile("web: printf 'is hun\\033[1mter22\\033[0mx ok\\n'\n")
        .env("API_TOKEN=hunter22x\n")
        .run_words(["start", "--log-format", "json"].iter().map(OsStr::new))
        .finish()
        .expect_code(0);
    let out = finished.out();
    assert!(out.contains("is [REDACTED] ok") && !out.contains("ter22"), "{out}");
}

#[test]
fn a_secret_with_a_colour_inside_is_found_in_a_trace_that_ends_with_its_process() {
    let finished = World::new()
        .procfile("web: sh raise\n")
        .file(
            "raise",
            r#"printf 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nKeyError: hun\033[1mter22x'"#,
        )
        .env("API_TOKEN=hunter22x\n")
        .run_words(["start", "--log-format", "json"].iter().map(OsStr::new))
        .finish()
        .expect_code(0);
    let out = finished.out();
    assert!(out.contains("KeyError") && out.contains("[REDACTED]") && !out.contains("ter22"), "{out}");
}

#[test]
fn of_a_thousand_secrets_written_in_pieces_none_comes_out() {
    for arguments in [
        &["start", "--log-format", "json"][..],
        &["start", "--redact-logs", "--no-timestamp"],
        &["start", "--redact-logs", "--log-format", "raw"],
    ] {
        let run = world().run_words(arguments.iter().map(OsStr::new));
        for text in shown(run) {
            let masked = text.matches("[REDACTED]").count();
            assert_eq!(masked, 1000, "{arguments:?}");
            assert!(
                !text.contains("zq"),
                "{arguments:?}: {:?}",
                text.lines().find(|line| line.contains("zq"))
            );
        }
    }
}

#[test]
fn who_wishes_sees_them() {
    for text in shown(world().start(["--log-format", "json", "--no-redact-logs"])) {
        assert!(!text.contains("REDACTED"));
        for secret in secrets() {
            assert!(text.contains(&secret), "{secret}");
        }
    }
    let world = World::new().env("API_TOKEN=hunter22hunter\n").procfile("web: echo \"$API_TOKEN\"\n");
    world.start([]).finish().expect_code(0).expect_out("| hunter22hunter\n");
}

#[test]
fn a_secret_that_a_read_has_cut_is_masked() {
    let world = World::new()
        .env("API_TOKEN=hunter22hunter\n")
        .procfile("web: pup 'print:first\\nhunter22' until:go say:hunter. on:TERM=exit:0 hang\n");
    let run = world.start(["--log-format", "json"]);
    // It came by the same read as the first half.
    run.wait_for_line("first");
    fs::write(run.app().join("go"), "").unwrap();
    run.wait_for_line("[REDACTED].");
    let finished = run.down().expect_code(0);
    assert!(!finished.out().contains("hunter"), "{finished}");
}

#[test]
fn what_only_begins_like_a_secret_comes_out_at_the_end() {
    let world = World::new().env("API_TOKEN=hunter22hunter\n").procfile("web: printf 'hunter22'\n");
    let finished = world.start(["--log-format", "json"]).finish().expect_code(0);
    finished.expect_out("\"message\":\"hunter22\"");
}

#[test]
fn what_was_held_back_for_a_secret_that_is_gone_comes_out() {
    let world = World::new()
        .procfile(&format!("web: pup 'print:first\\nhunter22' until:go say:. hang\nother: {POLITE}\n"))
        .file("twelve-run.toml", "[process.other]\nenv = { API_TOKEN = \"hunter22hunter\" }\n");
    let run = world.start(["--log-format", "json"]);
    run.wait_for_line("first");
    fs::write(run.app().join("twelve-run.toml"), "").unwrap();
    // After the first one the old secrets are still kept.
    for _ in 0..2 {
        run.ask(["reload"]).expect(0);
    }
    fs::write(run.app().join("go"), "").unwrap();
    run.wait_for_line("\"message\":\"hunter22.\"");
    run.down();
}

#[test]
fn patterns_name_secrets_whose_names_do_not() {
    let world = World::new()
        .procfile("web: echo \"$TLS_CERT $TLS_NAME\"\n")
        .env("TLS_CERT=certain-value\nTLS_NAME=other-value\n")
        .file("twelve-run.toml", "[logs]\nsecrets = [\"*_CERT\"]\nformat = \"json\"\n");
    let finished = world.start([]).finish().expect_code(0);
    finished.expect_out("\"message\":\"[REDACTED] other-value\"");
}

#[test]
fn our_own_words_show_none_in_any_format_to_nobody() {
    for format in ["text", "json", "logfmt", "raw"] {
        let world = World::new()
            .procfile(&format!("web: /opt/hunter22hunter/web\nother: {POLITE}\n"))
            .env("API_TOKEN=hunter22hunter\n");
        let run = world.start(["--log-format", format, "--keep-going", "--no-redact-logs"]);
        run.wait_for_witness(1, "up");
        let told = "command `/opt/[REDACTED]/web` not found";
        if format == "raw" {
            run.wait_for_error_line(told)
        } else {
            run.wait_for_line(told)
        };
        let mut follower = run.connect();
        follower.ask(1, &json!({ "events": {} }));
        run.ask(["restart", "web"]);
        let logs = run.ask(["logs"]).expect(0).out;
        let why = run.ask(["why"]).expect(0).out;
        let finished = run.down();
        let followed = follower.rest();
        assert!(followed.iter().any(|event| event.to_string().contains(told)), "{followed:#?}");
        // In raw our words are not among the lines, so they are not kept with them.
        assert_eq!(logs.contains(told), format != "raw", "{logs}");
        let all = format!("{}{}{logs}{why}{followed:?}", finished.out(), finished.err());
        assert!(!all.contains("hunter"), "{format}\n{all}");
    }
}

#[test]
fn a_reload_brings_new_secrets() {
    let world = World::new()
        .procfile("web: echo \"token $API_TOKEN\"; exec pup on:TERM=exit:0 log:up hang\n")
        .env("API_TOKEN=first-value\nTLS_CERT=certain-value\n");
    let run = world.start(["--log-format", "json"]);
    run.wait_for_witness(1, "up");
    fs::write(run.app().join(".env"), "API_TOKEN=second-value\nTLS_CERT=certain-value\n").unwrap();
    run.ask(["reload"]).expect(0);
    run.wait_for_witness(2, "up");
    let toml = "[logs]\nsecrets = [\"TLS_*\"]\n[process.web]\nenv = { SHOW = \"1\" }\n";
    fs::write(run.app().join("twelve-run.toml"), toml).unwrap();
    fs::write(
        run.app().join("Procfile"),
        "web: echo \"token $API_TOKEN $TLS_CERT\"; exec pup on:TERM=exit:0 log:up hang\n",
    )
    .unwrap();
    run.ask(["reload"]).expect(0);
    run.wait_for_witness(3, "up");
    let finished = run.down().expect_code(0);
    let all = events(&finished.out());
    let told: Vec<_> =
        all.iter().filter_map(|event| event["message"].as_str()?.strip_prefix("token ")).collect();
    assert_eq!(told, ["[REDACTED]", "[REDACTED]", "[REDACTED] [REDACTED]"], "{finished}");
}
