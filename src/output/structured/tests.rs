//! Whole events, as a reader gets them.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const SOURCE: Source<'_> = Source {
    logger: "web.1",
    stream: Some("stdout"),
    process: Some(("web", 1)),
    pid: Some(42),
    release: Some("v7"),
};

fn moment() -> Moment {
    Moment { now: Instant::now(), wall: Timestamp::from_microsecond(1_769_860_800_123_456).unwrap() }
}

fn write(format: Format, pieces: &[(&[u8], bool, bool)]) -> Vec<u8> {
    let (mut encoder, mut shaper, mut out) = (Encoder::new(format), Shaper::new(&SOURCE), Vec::new());
    for (piece, first, ends) in pieces {
        encoder.line(&mut shaper, moment(), piece, *first, *ends, &mut out);
    }
    encoder.finish(&mut shaper, moment(), &mut out);
    out
}

/// The events that lines become; each must be one line of sound JSON.
fn events(lines: &[&[u8]]) -> Vec<Value> {
    let pieces: Vec<(&[u8], bool, bool)> = lines.iter().map(|line| (*line, true, true)).collect();
    parse(&write(Format::Json, &pieces))
}

fn parse(out: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(out).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.split_terminator('\n')
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn event(line: &str) -> Value {
    let mut events = events(&[line.as_bytes()]);
    assert_eq!(events.len(), 1, "{events:?}");
    events.remove(0)
}

/// An event without what every one of the source has.
fn told(line: &str) -> Value {
    let mut event = event(line);
    let fields = event.as_object_mut().unwrap();
    for (name, value) in [
        ("stream", json!("stdout")),
        ("pid", json!(42)),
        ("process", json!({"type": "web", "instance": 1})),
        ("release", json!("v7")),
        ("logger", json!("web.1")),
    ] {
        assert_eq!(fields.shift_remove(name), Some(value), "{line}");
    }
    if fields["timestamp"] == "2026-01-31T12:00:00.123456Z" {
        fields.shift_remove("timestamp");
    }
    event
}

#[test]
fn an_event_has_its_fields_in_their_order() {
    let out = write(Format::Json, &[(b"WARN slow\t\"x\"\0", true, true)]);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "{\"timestamp\":\"2026-01-31T12:00:00.123456Z\",\"level\":\"warn\",\"severity_number\":13,\"logger\":\"web.1\",\
         \"message\":\"WARN slow\\t\\\"x\\\"\\u0000\",\"stream\":\"stdout\",\"pid\":42,\
         \"process\":{\"type\":\"web\",\"instance\":1},\"release\":\"v7\"}\n"
    );
}

#[test]
fn lines_become_events() {
    for (line, expected) in [
        ("hello", json!({"level": "info", "severity_number": 9, "message": "hello"})),
        ("", json!({"level": "info", "severity_number": 9, "message": ""})),
        ("\x1b[31mERROR\x1b[0m x", json!({"level": "error", "severity_number": 17, "message": "ERROR x"})),
        (
            r#"{"timestamp":"2026-01-31T13:00:00.5+01:00","level":"WARNING","message":"m","order_id":42,"user_id":7}"#,
            json!({"timestamp": "2026-01-31T12:00:00.500000Z", "level": "warn", "severity_number": 13, "message": "m",
                "order_id": 42, "user_id": 7}),
        ),
        (
            r#"{"level":30,"time":1769860800123,"pid":42,"hostname":"h","msg":"a \"b\" \u00e9"}"#,
            json!({"timestamp": "2026-01-31T12:00:00.123000Z", "level": "info", "severity_number": 9,
                "message": "a \"b\" \u{e9}", "hostname": "h"}),
        ),
        (
            r#"{"event":"e","logger":"shop","level":"loud","pid":43,"part":42,"app":"x","stream":1,"message":{"a":1}}"#,
            json!({"level": "info", "severity_number": 9, "message": "e", "app":
                {"logger": "shop", "level": "loud", "pid": 43, "part": 42, "app": "x", "stream": 1, "message": {"a": 1}}}),
        ),
        (
            r#"{"msg":"x","ts":1700000000.1234567,"level":35}"#,
            json!({"timestamp": "2023-11-14T22:13:20.123456Z", "level": "info", "severity_number": 9, "message": "x",
                "app": {"ts": 1_700_000_000.123_456_7_f64, "level": 35}}),
        ),
        (
            r#"{"message":"x","msg":"y","event":"z","severity":"err","lvl":"info","time":12.5}"#,
            json!({"level": "error", "severity_number": 17, "message": "x", "msg": "y", "event": "z", "lvl": "info",
                "time": 12.5}),
        ),
        (
            r#"{"a":1,"a":2,"b":3,"\u0061":4,"b":5,"level":null,"level":"info"}"#,
            json!({"level": "info", "severity_number": 9, "message": "", "a": 1, "b": 3,
                "app": {"a": [2, 4], "b": 5, "level": [null, "info"]}}),
        ),
        ("{}", json!({"level": "info", "severity_number": 9, "message": ""})),
        ("{\"a\":1} x", json!({"level": "info", "severity_number": 9, "message": "{\"a\":1} x"})),
        ("[1]", json!({"level": "info", "severity_number": 9, "message": "[1]"})),
        (
            r#"level=warn msg="slow \"query\"" took=3 ratio=0.5 id=007 big=12345678901234567890 ok=true to= u="é""#,
            json!({"level": "warn", "severity_number": 13, "message": "slow \"query\"", "took": 3, "ratio": 0.5,
                "id": "007", "big": "12345678901234567890", "ok": true, "to": "", "u": "é"}),
        ),
        ("x=1", json!({"level": "info", "severity_number": 9, "message": "x=1"})),
        ("msg=hi", json!({"level": "info", "severity_number": 9, "message": "hi"})),
        ("a=1 and b=2", json!({"level": "info", "severity_number": 9, "message": "a=1 and b=2"})),
        ("a=\"1\"b=2", json!({"level": "info", "severity_number": 9, "message": "a=\"1\"b=2"})),
        ("a=1 a=2", json!({"level": "info", "severity_number": 9, "message": "", "a": 1, "app": {"a": 2}})),
    ] {
        assert_eq!(told(line), expected, "{line}");
    }
}

#[test]
fn numbers_pass_as_they_are() {
    let out = write(Format::Json, &[(br#"{"a":1e400,"b":12345678901234567890,"c":1.0,"d":-0}"#, true, true)]);
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains(r#","a":1e400,"b":12345678901234567890,"c":1.0,"d":-0}"#), "{out}");
}

#[test]
fn exceptions_of_loggers_become_ours() {
    let python =
        "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    f()\nValueError: bad";
    let from_python = json!({"type": "ValueError", "message": "bad", "stacktrace": python});
    let stack = "Error: bad\n    at f (a.js:1:2)";
    for (fields, exception, app) in [
        (json!({"exc_info": python}), from_python.clone(), Value::Null),
        (json!({"exception": python}), from_python, Value::Null),
        (
            json!({"exception": {"type": "E", "message": "m", "stacktrace": "s"}}),
            json!({"type": "E", "message": "m", "stacktrace": "s"}),
            Value::Null,
        ),
        (
            json!({"err": {"type": "Error", "message": "bad", "stack": stack, "code": 7}}),
            json!({"type": "Error", "message": "bad", "stacktrace": stack, "code": 7}),
            Value::Null,
        ),
        (
            json!({"stack_trace": stack}),
            json!({"type": "Error", "message": "bad", "stacktrace": stack}),
            Value::Null,
        ),
        (json!({"exception": "none"}), Value::Null, json!({"exception": "none"})),
    ] {
        let event = told(&fields.to_string());
        assert_eq!((&event["exception"], &event["app"]), (&exception, &app), "{fields}");
        assert_eq!(event["level"], if exception.is_null() { "info" } else { "error" });
    }
    let event = told(r#"{"error":"just text","err":null}"#);
    assert_eq!((&event["error"], &event["err"]), (&json!("just text"), &Value::Null));
}

#[test]
fn a_stack_trace_is_one_event_between_others() {
    let trace = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    f()\nValueError: bad";
    let lines: Vec<&[u8]> = trace.split('\n').map(str::as_bytes).collect();
    let all = [&[b"before" as &[u8]], &lines[..], &[br#"{"msg":"after"}"#]].concat();
    let events = events(&all);
    assert_eq!(
        events.iter().map(|event| &event["message"]).collect::<Vec<_>>(),
        ["before", "ValueError: bad", "after"]
    );
    assert_eq!(events[1]["exception"], json!({"type": "ValueError", "message": "bad", "stacktrace": trace}));
    assert_eq!(events[1]["level"], "error");
    let go = events_of("panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1");
    assert_eq!((&go[0]["level"], &go[0]["message"], go.len()), (&json!("fatal"), &json!("panic: boom"), 1));
}

#[test]
fn a_line_that_ends_as_on_windows_is_read_as_any_other() {
    for case in ["Error: cold\r\n    at pour (tea.js:1:2)\r", "Error: cold\n    at pour (tea.js:1:2)"] {
        let events = events_of(case);
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(events[0]["exception"]["stacktrace"], "Error: cold\n    at pour (tea.js:1:2)");
    }
    assert_eq!(event("1%\r2%\r")["message"], "1%\r2%");
    let bytes = &events(&[b"\xff\r"])[0];
    assert_eq!(decode(bytes["message_base64"].as_str().unwrap()), b"\xff\r", "of these all is kept");
}

#[test]
fn a_brace_alone_ends_no_trace() {
    let trace = "node:assert:9\n  throw it;\n  ^\n\nAssertionError [ERR_ASSERTION]: not alike:\n\n{\n  cup: 1\n}\n\n    at pour (tea.js:1:2)";
    let told = events_of(trace);
    assert_eq!((told.len(), &told[0]["exception"]["stacktrace"]), (1, &json!(trace)), "{told:?}");
}

fn events_of(text: &str) -> Vec<Value> {
    events(&text.split('\n').map(str::as_bytes).collect::<Vec<_>>())
}

#[test]
fn a_long_line_comes_in_numbered_parts_and_no_character_is_cut() {
    let out = write(
        Format::Json,
        &[
            (b"ERROR h\xc3", true, false),
            (b"\xa9llo \xe6\x97", false, false),
            (b"\xa5", false, true),
            (b"next", true, true),
        ],
    );
    let events = parse(&out);
    let parts: Vec<_> = events
        .iter()
        .map(|event| (&event["message"], &event["part"], &event["last"], &event["level"]))
        .collect();
    assert_eq!(
        parts,
        [
            (&json!("ERROR h"), &json!(1), &json!(false), &json!("error")),
            (&json!("\u{e9}llo "), &json!(2), &json!(false), &json!("error")),
            (&json!("\u{65e5}"), &json!(3), &json!(true), &json!("error")),
            (&json!("next"), &Value::Null, &Value::Null, &json!("info")),
        ]
    );
    let cut = parse(&write(Format::Json, &[(b"h\xc3", true, false)]));
    assert_eq!((&cut[1]["message"], &cut[1]["message_base64"]), (&json!("\u{fffd}"), &json!("ww==")));
}

#[test]
fn notices_have_the_same_form() {
    for (format, expected) in [
        (
            Format::Json,
            "{\"timestamp\":\"2026-01-31T12:00:00.123456Z\",\"level\":\"warn\",\"severity_number\":13,\
             \"logger\":\"web.1\",\"message\":\"exited with code 1\",\"pid\":42,\
             \"process\":{\"type\":\"web\",\"instance\":1},\"event\":\"exited\"}\n",
        ),
        (
            Format::Logfmt,
            "ts=2026-01-31T12:00:00.123456Z level=warn severity_number=13 logger=web.1 pid=42 \
             process=\"{\\\"type\\\":\\\"web\\\",\\\"instance\\\":1}\" msg=\"exited with code 1\" event=exited\n",
        ),
    ] {
        let mut out = Vec::new();
        let source = Source { stream: None, release: None, ..SOURCE };
        Encoder::new(format).notice(
            &source,
            moment().wall,
            Severity::WARN,
            "exited",
            "exited with code 1",
            &mut out,
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

#[test]
fn logfmt_says_the_same() {
    let line =
        br#"{"msg":"a b","ts":5,"n":1e400,"s":"7","o":{"a":"b c"},"k\u0020y":"x=y","e":"","t":"plain"}"#;
    let out = String::from_utf8(write(Format::Logfmt, &[(line, true, true)])).unwrap();
    assert_eq!(
        out,
        "ts=2026-01-31T12:00:00.123456Z level=info severity_number=9 logger=web.1 stream=stdout pid=42 \
         process=\"{\\\"type\\\":\\\"web\\\",\\\"instance\\\":1}\" release=v7 msg=\"a b\" app.ts=5 n=1e400 s=\"7\" \
         o=\"{\\\"a\\\":\\\"b c\\\"}\" k%20y=\"x=y\" e=\"\" t=plain\n"
    );
}

fn decode(text: &str) -> Vec<u8> {
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut out) = (0_u32, 0, Vec::new());
    for char in text.chars().filter(|char| *char != '=') {
        bits = bits << 6 | digits.find(char).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

/// JSON of every kind, with names that mean something to us.
fn object() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z\"\\\\\u{e9}\n ]{0,8}",
        Just("INFO".to_owned()),
        Just("2026-01-31T12:00:00Z".to_owned())
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 4.0)),
        text.prop_map(Value::from),
    ];
    let name = prop_oneof![
        "[a-z\"\u{e9}]{0,3}",
        proptest::sample::select(vec![
            "message",
            "msg",
            "event",
            "level",
            "severity",
            "timestamp",
            "time",
            "ts",
            "logger",
            "pid",
            "app",
            "exception",
            "err",
            "stream",
            "process",
            "part",
            "last",
            "type",
            "stack",
            "stacktrace",
            "name",
        ])
        .prop_map(str::to_owned)
    ];
    let map = move |value| {
        proptest::collection::vec((name.clone(), value), 0..6)
            .prop_map(|pairs| Value::Object(pairs.into_iter().collect()))
    };
    let value = leaf.prop_recursive(3, 16, 4, {
        let map = map.clone();
        move |inner| {
            prop_oneof![proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from), map(inner)]
        }
    });
    map(value.boxed())
}

proptest! {
    #[test]
    fn any_bytes_become_sound_events_and_can_be_had_again(
        line in proptest::collection::vec(prop_oneof![Just(b'"'), Just(b'{'), Just(b'='), Just(b' '), Just(0xc3), any::<u8>()], 0..60)
    ) {
        let line: Vec<u8> = line.into_iter().filter(|byte| !matches!(byte, b'\n' | 0x1b)).collect();
        let events = events(&[&line]);
        prop_assert_eq!(events.len(), 1);
        if !logfmt::is_likely(&line) && !line.trim_ascii_start().starts_with(b"{") {
            let had = match events[0]["message_base64"].as_str() {
                Some(text) => decode(text),
                None => events[0]["message"].as_str().unwrap().as_bytes().to_vec(),
            };
            prop_assert_eq!(had, line);
        }
    }

    #[test]
    fn cut_anywhere_the_parts_are_the_line(text in "[a\u{e9}\u{65e5}\u{1f600}\"]{0,30}", cuts in proptest::collection::vec(0_usize..60, 1..6)) {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let last = cuts.len() - 2;
        let pieces: Vec<_> = cuts.windows(2).enumerate().map(|(n, pair)| (&text.as_bytes()[pair[0]..pair[1]], n == 0, n == last)).collect();
        let events = parse(&write(Format::Json, &pieces));
        let joined: String = events.iter().map(|event| event["message"].as_str().unwrap()).collect();
        prop_assert_eq!(joined, text);
        prop_assert!(events.iter().all(|event| event.get("message_base64").is_none()));
    }

    #[test]
    fn every_field_of_an_object_can_be_had_again(object in object()) {
        let event = event(&object.to_string());
        let found = |value: &Value| *value == event || {
            let top = event.as_object().unwrap();
            top.values().chain(top.get("app").and_then(Value::as_object).into_iter().flat_map(|app| app.values())).any(|other| other == value)
        };
        for (name, value) in object.as_object().unwrap() {
            let same = event.get(name) == Some(value) || event["app"].get(name) == Some(value);
            // What is taken over has the same meaning under our name.
            let is_level = ["level", "severity"].contains(&name.as_str()) && event["level"] == "info";
            let is_time = ["timestamp", "time", "ts"].contains(&name.as_str()) && event["timestamp"] == "2026-01-31T12:00:00.000000Z";
            let is_number = value.is_number() && ["timestamp", "time", "ts"].contains(&name.as_str());
            let is_exception = ["exception", "err"].contains(&name.as_str()) && event["exception"]["type"].is_string();
            prop_assert!(same || found(value) || is_level || is_time || is_number || is_exception, "{} of {} in {}", name, object, event);
        }
    }

    #[test]
    fn nothing_is_encoded_twice(text in "[a-z]{1,5}") {
        let inner = json!({"msg": text, "a": {"b": [text]}}).to_string();
        let out = String::from_utf8(write(Format::Json, &[(inner.as_bytes(), true, true)])).unwrap();
        prop_assert!(!out.contains("\\\""), "{}", out);
    }

    #[test]
    fn the_scanner_takes_what_serde_takes(object in object(), at in 0_usize..200, byte in prop_oneof![
        Just(b'"'), Just(b'\\'), Just(b'u'), Just(b'd'), Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b','), Just(b':'),
        Just(b'0'), Just(b'.'), Just(b'e'), Just(b'-'), Just(b' '), any::<u8>()
    ], insert in any::<bool>()) {
        let mut text = object.to_string().into_bytes();
        if at < text.len() {
            if insert { text.insert(at, byte) } else { text[at] = byte }
        }
        let theirs = serde_json::from_slice::<Value>(&text);
        let is_object = match &theirs {
            Ok(value) => value.is_object(),
            // A sound number that no f64 holds passes through us.
            Err(error) if error.to_string().contains("out of range") => return Ok(()),
            Err(_) => false,
        };
        let mut fields = scan::Fields::default();
        let ours = std::str::from_utf8(&text).is_ok() && fields.scan(&text);
        prop_assert_eq!(ours, is_object, "{:?}", String::from_utf8_lossy(&text));
        if let Ok(Value::Object(object)) = theirs {
            let mut names: Vec<&[u8]> = fields.iter().filter(|field| field.is_first).map(|field| fields.name(&text, field)).collect();
            let mut expected: Vec<&[u8]> = object.keys().map(String::as_bytes).collect();
            names.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(names, expected);
        }
    }

    #[test]
    fn escapes_in_strings_mean_what_serde_says(text in any::<String>(), ascii in any::<bool>()) {
        let mut raw = serde_json::to_string(&text).unwrap();
        if ascii {
            let units: Vec<String> = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
            raw = format!("\"{}\"", units.concat());
        }
        let mut out = Vec::new();
        scan::unescape(scan::string(raw.as_bytes()).unwrap(), &mut out);
        prop_assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn logfmt_has_one_line_for_each_event(line in proptest::collection::vec(any::<u8>(), 0..40)) {
        let line: Vec<u8> = line.into_iter().filter(|byte| *byte != b'\n').collect();
        let out = write(Format::Logfmt, &[(&line, true, true)]);
        prop_assert!(out.starts_with(b"ts=") && memchr::memchr(b'\n', &out) == Some(out.len() - 1));
    }
}

#[test]
fn deep_nesting_is_text() {
    let depth = scan::DEPTH as usize;
    for (levels, expected) in [(depth - 2, true), (depth + 2, false), (100_000, false)] {
        let line = format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        let out = write(Format::Json, &[(line.as_bytes(), true, true)]);
        assert_eq!(memchr::memmem::find(&out, b"\"message\":\"\"").is_some(), expected, "{levels}");
    }
}
