//! One line of a stream: what kind of event it is, and what is wrong with it. Pure.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// Names of fields, as the usual loggers have them.
const TIMES: [&str; 8] =
    ["timestamp", "time", "ts", "@timestamp", "datetime", "eventTime", "asctime", "date"];
const LEVELS: [&str; 7] = ["level", "severity", "levelname", "lvl", "log.level", "loglevel", "severity_text"];
const MESSAGES: [&str; 8] =
    ["message", "msg", "event", "body", "text", "short_message", "@message", "MESSAGE"];
/// Every usual form of a level's name.
const WORDS: [&str; 27] = [
    "trace",
    "debug",
    "info",
    "information",
    "informational",
    "notice",
    "warn",
    "warning",
    "error",
    "err",
    "critical",
    "crit",
    "fatal",
    "alert",
    "emerg",
    "emergency",
    "panic",
    "dpanic",
    "severe",
    "config",
    "fine",
    "finer",
    "finest",
    "verbose",
    "silly",
    "http",
    "success",
];

/// An event.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// `time`, `level`, `message`: those that it lacks.
    pub missing: Vec<&'static str>,
    /// When, in milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// How its time is written.
    pub time: Time,
    /// A level that nobody knows.
    pub unknown_level: Option<String>,
}

/// How a time is written.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Time {
    /// As it should be, or not at all.
    #[default]
    Utc,
    /// With another offset.
    OtherZone,
    /// Not as RFC 3339 has it.
    OtherForm,
}

/// The event of a line; `None`: it is no JSON object.
pub fn record(line: &[u8]) -> Option<Record> {
    let Ok(Value::Object(fields)) = serde_json::from_slice(line) else { return None };
    let mut record = Record::default();
    match first(&fields, &TIMES) {
        Some(time) => (record.time, record.at_ms) = when(time),
        None => record.missing.push("time"),
    }
    let nested = fields.get("log").and_then(|log| log.get("level"));
    match first(&fields, &LEVELS).or(nested) {
        Some(level) if is_known(level) => {}
        // Whatever else stands there is somebody's data and is not repeated.
        Some(level) => {
            let word = level.as_str().filter(|word| word.len() <= 16).unwrap_or("…");
            record.unknown_level = Some(word.to_owned());
        }
        None => record.missing.push("level"),
    }
    if first(&fields, &MESSAGES).is_none() {
        record.missing.push("message");
    }
    Some(record)
}

fn first<'a>(fields: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| fields.get(*name)).filter(|value| !value.is_null())
}

fn when(value: &Value) -> (Time, Option<i64>) {
    match value {
        Value::String(text) => {
            let at = text.parse::<Timestamp>().ok();
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TtZz+ ".contains(&byte));
            let is_utc = ["Z", "z", "+00:00", "-00:00"].iter().any(|end| text.ends_with(end));
            // `+0200` is ISO 8601, and no RFC 3339.
            let has_colon =
                text.len() > 6 && matches!(text.as_bytes()[text.len() - 6..], [b'+' | b'-', _, _, b':', ..]);
            let form = match at {
                Some(_) if is_plain && is_utc => Time::Utc,
                Some(_) if is_plain && has_colon => Time::OtherZone,
                _ => Time::OtherForm,
            };
            (form, at.map(Timestamp::as_millisecond))
        }
        // Seconds, or thousandths, millionths or milliardths of one: these times are not a thousand years from now.
        Value::Number(number) => {
            let at = number.as_f64().map(|number| match number.abs() {
                size if size < 1e11 => number * 1e3,
                size if size < 1e14 => number,
                size if size < 1e17 => number / 1e3,
                _ => number / 1e6,
            });
            (Time::OtherForm, at.map(|at| at as i64))
        }
        _ => (Time::OtherForm, None),
    }
}

fn is_known(level: &Value) -> bool {
    match level {
        Value::String(word) => WORDS.contains(&word.to_ascii_lowercase().as_str()),
        Value::Number(number) => {
            number.as_u64().is_some_and(|number| number <= 7 || number <= 60 && number.is_multiple_of(10))
        }
        _ => false,
    }
}

/// Whether a line of plain text is a part of a stack trace.
pub fn is_frame(line: &str) -> bool {
    let inner = line.trim_start();
    let is_indented = inner.len() < line.len();
    let begins = |word: &str| inner.starts_with(word);
    begins("Traceback (most recent call last)")
        || begins("Caused by: ")
        || begins("goroutine ") && inner.ends_with("]:")
        || is_indented && begins("File \"") && inner.contains(", line ")
        || begins("thread '") && inner.contains(" panicked at ")
        || begins("stack backtrace:")
        || is_indented && begins("at ") && (inner.contains('(') || is_path_with_line(inner))
        || is_indented && begins("from ") && inner.contains(":in ")
        || is_indented && begins("... ") && inner.ends_with(" more")
        || is_indented && inner.contains(".go:") && inner.contains(" +0x")
        || begins("#")
            && inner[1..].split_once(' ').is_some_and(|(number, rest)| {
                !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && rest.contains('(')
            })
}

/// `at /app/a.js:1:7`, `at node:internal/main:28:49`; a time of day has no path.
fn is_path_with_line(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let has_line = text.rsplit_once(':').is_some_and(|(_, line)| is_number(line));
    has_line && (text.contains(['/', '\\']) || text.contains("node:"))
}

/// What a supervisor puts in front of a line (`12:00:00 web.1 | `), and the rest.
pub fn without_prefix(line: &[u8]) -> &[u8] {
    const LONGEST: usize = 80;
    let Some(at) = memchr::memmem::find(&line[..line.len().min(LONGEST)], b" | ") else { return line };
    let (prefix, rest) = (&line[..at], &line[at + 3..]);
    let is_ours = prefix.iter().all(|byte| byte.is_ascii_alphanumeric() || b" :._-".contains(byte))
        && prefix
            .trim_ascii_end()
            .rsplit(|byte| *byte == b'.')
            .next()
            .is_some_and(|index| index.len() < prefix.len() && index.iter().all(u8::is_ascii_digit));
    if is_ours { rest } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_whatever_its_logger_calls_its_fields() {
        for line in [
            r#"{"timestamp":"2026-01-31T12:00:00Z","level":"info","message":"x"}"#,
            r#"{"@timestamp":"2026-01-31T12:00:00.123456+00:00","log":{"level":"WARN"},"message":"x"}"#,
            r#"{"time":"2026-01-31T12:00:00Z","level":30,"msg":"x"}"#,
            r#"{"ts":"2026-01-31T12:00:00Z","severity":"ERROR","event":"x"}"#,
        ] {
            let record = record(line.as_bytes()).unwrap();
            assert!(record.missing.is_empty() && record.unknown_level.is_none(), "{line}: {record:?}");
            assert_eq!(record.time, Time::Utc, "{line}");
            assert_eq!(record.at_ms.map(|at| at / 1000), Some(1_769_860_800), "{line}");
        }
    }

    #[test]
    fn what_is_wrong_with_an_event_is_said() {
        for (line, missing, time, level) in [
            ("{}", &["time", "level", "message"][..], Time::Utc, None),
            (r#"{"time":1769860800,"level":"info","msg":"x"}"#, &[], Time::OtherForm, None),
            (r#"{"time":"2026-01-31 12:00:00,123","level":"info","msg":"x"}"#, &[], Time::OtherForm, None),
            (r#"{"time":"2026-01-31T12:00:00","level":"info","msg":"x"}"#, &[], Time::OtherForm, None),
            (r#"{"time":"2026-01-31T12:00:00+0000","level":"info","msg":"x"}"#, &[], Time::OtherForm, None),
            (
                r#"{"time":"2026-01-31T12:00:00+02:00","level":"loud","msg":"x"}"#,
                &[],
                Time::OtherZone,
                Some("loud"),
            ),
            (
                r#"{"time":"2026-01-31T12:00:00Z","level":99,"message":null}"#,
                &["message"],
                Time::Utc,
                Some("…"),
            ),
        ] {
            let record = record(line.as_bytes()).unwrap();
            assert_eq!((&record.missing[..], &record.time), (missing, &time), "{line}");
            assert_eq!(record.unknown_level.as_deref(), level, "{line}");
        }
        for line in ["", "x", "[1]", "1", "{", "{\"a\":1} x"] {
            assert_eq!(record(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn frames_of_every_language_are_known_and_sentences_are_not() {
        for frame in [
            "Traceback (most recent call last):",
            "  File \"a.py\", line 3, in <module>",
            "\tat com.example.A.b(A.java:3)",
            "    at Object.<anonymous> (/app/a.js:1:7)",
            "Caused by: java.io.IOException: x",
            "\t... 12 more",
            "goroutine 1 [running]:",
            "\t/app/main.go:12 +0x1d",
            "\tfrom a.rb:3:in `b'",
            "#0 /app/a.php(3): b()",
            "   at A.B() in /app/a.cs:line 3",
            "    at async file:///app/a.mjs:1:7",
            "thread 'main' panicked at src/main.rs:3:5:",
            "             at ./src/main.rs:3:5",
            "#0      main (file:///app/main.dart:3:5)",
        ] {
            assert!(is_frame(frame), "{frame}");
        }
        for line in [
            "at last",
            "  at 12:00:05 all was well",
            "thread 'main' goes on",
            "  from here on",
            "# 1 thing (really)",
            "#channel (x)",
            "File \"x\"",
            "  done",
        ] {
            assert!(!is_frame(line), "{line}");
        }
    }

    #[test]
    fn a_supervisors_prefix_is_taken_off() {
        for (line, rest) in [
            ("12:00:00 web.1     | {}", "{}"),
            ("web.12 | x | y", "x | y"),
            ("{\"a\": \"b | c\"}", "{\"a\": \"b | c\"}"),
            ("a | b", "a | b"),
        ] {
            assert_eq!(without_prefix(line.as_bytes()), rest.as_bytes());
        }
    }
}
