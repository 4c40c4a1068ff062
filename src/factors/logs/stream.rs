//! What an app has written, line by line: how much of it is events that a program can read, and what is wrong with
//! the rest. However long the stream is, only counts and the first places are kept.

use super::record::{Record, Time, is_frame, record, without_prefix};
use super::{ANSI, LATE, LEVEL, MISSING, NOT_JSON, NOT_UTC, NOT_UTF8, TIME_FORMAT, TORN, TWICE};
use crate::app::problem::clean;
use crate::factors::finding::{Evidence, Factor, Finding, Place, Report, Rule, Unchecked};
use crate::factors::text::count;
use memchr::memmem;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

/// So many places of one kind are named.
const PLACES: usize = 5;
/// Kinds of one rule that are told apart, unknown levels for one.
const KINDS: usize = 20;
/// A longer line is not read whole.
const LONGEST: u64 = 1 << 20;
/// So much may a line be behind another: several threads write.
const LATE_MS: i64 = 1000;
/// No buffer keeps a line so long: another stream begins, or the clock was set.
const ANOTHER_MS: i64 = 3_600_000;
/// Source lines stand between the frames of a trace.
const BETWEEN_FRAMES: u64 = 3;

/// Judges a stream to its end; the number is that of its lines.
pub fn stream(mut from: impl BufRead, name: &Arc<str>) -> io::Result<(Report, u64)> {
    let mut judge = Judge::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut from).take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(judge.report(name));
        }
        judge.lines += 1;
        if line.len() as u64 == LONGEST && !line.ends_with(b"\n") {
            judge.long += 1;
            skip_line(&mut from)?;
        } else {
            let line = line.strip_suffix(b"\n").unwrap_or(&line);
            judge.line(without_prefix(line.strip_suffix(b"\r").unwrap_or(line)));
        }
    }
}

/// To the end of the line, without keeping it.
fn skip_line(from: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = from.fill_buf()?;
        let (used, ends) = match memchr::memchr(b'\n', buffer) {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        from.consume(used);
        if ends {
            return Ok(());
        }
    }
}

/// What was seen so far.
#[derive(Default)]
struct Judge {
    lines: u64,
    empty: u64,
    events: u64,
    long: u64,
    seen: BTreeMap<(&'static str, String), Seen>,
    /// The youngest time so far.
    youngest_ms: Option<i64>,
    most_late_ms: i64,
    last_frame: Option<u64>,
    /// The line above, where it is an event with a time.
    above: Vec<u8>,
}

/// One kind of thing.
struct Seen {
    rule: &'static Rule,
    count: u64,
    first: Vec<u64>,
}

impl Judge {
    fn line(&mut self, line: &[u8]) {
        if line.trim_ascii().is_empty() {
            self.empty += 1;
            return;
        }
        if memchr::memchr(0x1b, line).is_some_and(|at| line.get(at + 1) == Some(&b'['))
            || [b"\\u001b[", b"\\u001B["].iter().any(|escape| memmem::find(line, *escape).is_some())
        {
            self.saw(&ANSI, "");
        }
        let Ok(text) = std::str::from_utf8(line) else {
            self.saw(&NOT_UTF8, "");
            self.saw(&NOT_JSON, "");
            return;
        };
        match record(line) {
            Some(record) => self.event(&record, line),
            None => self.plain(text),
        }
    }

    fn event(&mut self, record: &Record, line: &[u8]) {
        self.events += 1;
        for field in &record.missing {
            self.saw(&MISSING, field);
        }
        match record.time {
            Time::Utc => {}
            Time::OtherZone => self.saw(&NOT_UTC, ""),
            Time::OtherForm => self.saw(&TIME_FORMAT, ""),
        }
        if let Some(level) = &record.unknown_level {
            self.saw(&LEVEL, level);
        }
        if let Some(at) = record.at_ms {
            let late = self.youngest_ms.map_or(0, |youngest| youngest.saturating_sub(at));
            if late > ANOTHER_MS {
                self.youngest_ms = None;
            } else if late > LATE_MS {
                self.saw(&LATE, "");
                self.most_late_ms = self.most_late_ms.max(late);
            }
            self.youngest_ms = self.youngest_ms.max(Some(at));
            // In one second the same may happen twice.
            if self.above == line && at % 1000 != 0 {
                self.saw(&TWICE, "");
            }
            self.above.clear();
            self.above.extend_from_slice(line);
        }
    }

    fn plain(&mut self, text: &str) {
        self.saw(&NOT_JSON, "");
        if is_frame(text) {
            if self.last_frame.is_none_or(|last| self.lines - last > BETWEEN_FRAMES) {
                self.saw(&TORN, "");
            }
            self.last_frame = Some(self.lines);
        }
    }

    fn saw(&mut self, rule: &'static Rule, kind: &str) {
        let kinds = self.seen.len();
        let key = (rule.id, kind.to_owned());
        let key =
            if kinds < KINDS || self.seen.contains_key(&key) { key } else { (rule.id, "…".to_owned()) };
        let seen = self.seen.entry(key).or_insert(Seen { rule, count: 0, first: Vec::new() });
        seen.count += 1;
        if seen.first.len() < PLACES {
            seen.first.push(self.lines);
        }
    }

    fn report(self, name: &Arc<str>) -> (Report, u64) {
        let mut report = Report::default();
        let written = self.lines - self.empty;
        if written == 0 {
            report.unchecked.push(Unchecked { what: name.to_string(), why: "nothing was written".into() });
            return (report, self.lines);
        }
        if self.long > 0 {
            let what = format!("{} of {name}", count(self.long as usize, "line"));
            let why = format!("longer than {} MiB", LONGEST >> 20);
            report.unchecked.push(Unchecked { what, why });
        }
        for ((_, kind), seen) in &self.seen {
            let message = self.sentence(seen, kind, written);
            let place = Place::line(name, seen.first[0] as u32);
            report.findings.push(Finding::new(seen.rule, place, message, cure(seen.rule)));
        }
        let share = format!("{}.{}", self.events * 100 / written, self.events * 1000 / written % 10);
        report.evidence.push(Evidence {
            kind: "logs/stream",
            factor: Factor::Logs,
            message: format!("{} of {written} lines are JSON objects ({share} %)", self.events),
            place: Place::line(name, 1),
            details: vec![
                ("lines", self.lines.to_string()),
                ("events", self.events.to_string()),
                ("share", share),
            ],
        });
        (report, self.lines)
    }

    fn sentence(&self, seen: &Seen, kind: &str, written: u64) -> String {
        let what = match seen.rule.id {
            "logs/missing-field" => format!("no {kind}"),
            "logs/unknown-level" => format!("unknown level `{}`", clean(kind)),
            "logs/torn-trace" => "a stack trace is torn into lines".to_owned(),
            "logs/late" => format!("later than lines above by up to {:.1} s", self.most_late_ms as f64 / 1e3),
            _ => seen.rule.summary.trim_start_matches("lines ").trim_start_matches("that are ").to_owned(),
        };
        let first: Vec<String> = seen.first.iter().map(ToString::to_string).collect();
        let more = if seen.count as usize > first.len() { ", …" } else { "" };
        format!("{what}: {} of {written} lines ({}{more})", seen.count, first.join(", "))
    }
}

/// The end of the explanation says it in full.
fn cure(rule: &Rule) -> String {
    let cure = rule.explain.split("Cure: ").nth(1).unwrap_or(rule.summary);
    cure.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each rule with its count, by its places.
    fn judged(text: &str) -> Vec<(&'static str, String)> {
        let (report, _) = stream(text.as_bytes(), &"-".into()).unwrap();
        report.findings.into_iter().map(|finding| (finding.rule.id, finding.message)).collect()
    }

    fn event(time: &str) -> String {
        format!("{{\"timestamp\":\"2026-01-31T12:00:{time}Z\",\"level\":\"info\",\"message\":\"x\"}}\n")
    }

    #[test]
    fn a_stream_of_events_is_judged_to_be_one() {
        let text = event("00") + &event("01") + "\n" + &event("02");
        let (report, lines) = stream(text.as_bytes(), &"-".into()).unwrap();
        assert!(report.findings.is_empty() && report.unchecked.is_empty(), "{report:?}");
        assert_eq!(
            (lines, report.evidence[0].message.as_str()),
            (4, "3 of 3 lines are JSON objects (100.0 %)")
        );
    }

    #[test]
    fn everything_that_is_wrong_is_counted_and_its_first_places_are_named() {
        let plain = event("00") + &"plain\n".repeat(7);
        let told = judged(&plain);
        assert_eq!(told, [("logs/not-json", "no JSON object: 7 of 8 lines (2, 3, 4, 5, 6, …)".to_owned())]);
        for (line, rule) in [
            ("\x1b[31mred\x1b[0m\n", "logs/ansi"),
            ("{\"msg\":\"\\u001b[31mred\"}\n", "logs/ansi"),
            ("{\"msg\":\"\\u001B[31mred\"}\n", "logs/ansi"),
            ("{\"level\":\"loud\"}\n", "logs/unknown-level"),
            ("{\"time\":17}\n", "logs/time-format"),
            ("{\"time\":\"2026-01-31T12:00:00+01:00\"}\n", "logs/time-not-utc"),
            ("{\"level\":\"info\"}\n", "logs/missing-field"),
        ] {
            assert!(judged(line).iter().any(|(found, _)| *found == rule), "{line}: {:?}", judged(line));
        }
        let (report, _) = stream(&b"\xff\n"[..], &"-".into()).unwrap();
        assert!(report.findings.iter().any(|finding| finding.rule.id == "logs/not-utf8"));
    }

    #[test]
    fn a_trace_is_one_trace() {
        let trace = "Traceback (most recent call last):\n  File \"a\", line 1, in b\n    x()\n  File \"a\", line 2, in c\nE: x\n";
        let text = event("00") + trace + &event("01") + &event("02") + &event("03") + trace;
        let torn: Vec<_> = judged(&text).into_iter().filter(|(rule, _)| *rule == "logs/torn-trace").collect();
        assert_eq!(torn[0].1, "a stack trace is torn into lines: 2 of 14 lines (2, 10)");
    }

    #[test]
    fn what_comes_late_and_what_comes_twice_is_seen() {
        let late = judged(&(event("00") + &event("09") + &event("02")));
        assert_eq!(
            late,
            [("logs/late", "later than lines above by up to 7.0 s: 1 of 3 lines (3)".to_owned())]
        );
        let streams = event("00") + &event("01").replace("T12", "T09") + &event("02").replace("T12", "T09");
        assert_eq!(judged(&streams), [], "another stream begins");
        assert_eq!(judged(&(event("00") + &event("00"))), [], "in one second the same may happen twice");
        let twice = judged(&(event("00.25") + &event("00.25") + &event("01")));
        assert_eq!(twice.len(), 1, "{twice:?}");
        assert_eq!(twice[0].0, "logs/twice");
        assert_eq!(judged(&(event("01.5") + &event("01.0"))), [], "threads may overtake each other a little");
    }

    #[test]
    fn nothing_written_is_nothing_proved_and_a_line_without_end_does_not_fill_the_memory() {
        for text in ["", "\n\n"] {
            let (report, _) = stream(text.as_bytes(), &"-".into()).unwrap();
            assert_eq!((report.findings.len(), report.unchecked.len()), (0, 1), "{text:?}");
        }
        let long = "x".repeat(3 << 20) + "\n" + &event("00");
        let (report, lines) = stream(long.as_bytes(), &"-".into()).unwrap();
        assert_eq!((lines, report.unchecked.len(), report.findings.len()), (2, 1, 0));
    }

    #[test]
    fn no_stream_makes_more_kinds_than_are_kept() {
        let levels: Vec<String> = (0..500).map(|number| format!("{{\"level\":\"l{number}\"}}\n")).collect();
        assert!(judged(&levels.concat()).len() <= KINDS + 2);
    }
}
