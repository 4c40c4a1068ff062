//! `twelve-run:allow RULE reason="…" until=2027-01-31`, written in the files themselves: on the line of the
//! finding, or on the one above it.

use crate::factors::text::Text;
use jiff::civil::Date;
use std::sync::Arc;

/// What a mark begins with.
pub const MARK: &str = "twelve-run:allow";

/// One mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The file that it stands in.
    pub path: Arc<str>,
    /// And its line.
    pub line: u32,
    /// `config/db-url`, or `config/key-*`.
    pub rule: String,
    /// As it is written; an empty one is none.
    pub reason: Option<String>,
    /// As it is written.
    pub until: Until,
}

/// How long something is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Nothing is said.
    Always,
    /// That day is the last.
    Day(Date),
    /// What is written is no date, so nothing is allowed.
    NoDate,
}

impl Until {
    /// Whether it holds on a day.
    pub fn holds(self, today: Date) -> bool {
        match self {
            Self::Always => true,
            Self::Day(day) => today <= day,
            Self::NoDate => false,
        }
    }
}

/// Every mark of a file.
pub fn marks(path: &Arc<str>, bytes: &[u8]) -> Vec<Mark> {
    // UTF-16 has a zero between its letters.
    let is_wide = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    if !is_wide && memchr::memmem::find(bytes, MARK.as_bytes()).is_none() {
        return Vec::new();
    }
    let text = Text::read(bytes);
    let mut marks = Vec::new();
    for (number, line) in text.lines() {
        for at in line.match_indices(MARK).map(|(at, mark)| at + mark.len()) {
            let rest = &line[at..];
            let rest = rest.find(MARK).map_or(rest, |next| &rest[..next]);
            marks.extend(read(path, number, rest));
        }
    }
    marks
}

/// What follows the mark's own word; `None` when no rule does.
fn read(path: &Arc<str>, line: u32, text: &str) -> Option<Mark> {
    let text = text.strip_prefix([' ', '\t'])?.trim_start();
    let is_rule = |char: char| char.is_ascii_alphanumeric() || "-/*_".contains(char);
    let end = text.find(|char| !is_rule(char)).unwrap_or(text.len());
    let (rule, mut rest) = text.split_at(end);
    if !rule.contains('/') {
        return None;
    }
    let mut mark =
        Mark { path: Arc::clone(path), line, rule: rule.to_owned(), reason: None, until: Until::Always };
    while let Some((key, value, after)) = pair(rest) {
        match key {
            "reason" => mark.reason = Some(value.to_owned()).filter(|reason| !reason.trim().is_empty()),
            _ => mark.until = value.parse().map_or(Until::NoDate, Until::Day),
        }
        rest = after;
    }
    Some(mark)
}

/// `key=word` or `key="words"`, one of the two keys that there are; whatever else stands there ends the mark.
fn pair(text: &str) -> Option<(&'static str, &str, &str)> {
    let text = text.trim_start();
    let (key, rest) = ["reason", "until"]
        .into_iter()
        .find_map(|key| Some((key, text.strip_prefix(key)?.strip_prefix('=')?)))?;
    // Where the line is a string itself, the quotes are escaped.
    let escaped = rest.strip_prefix("\\\"").and_then(|rest| rest.split_once("\\\""));
    let quoted = escaped.or_else(|| {
        let quote = rest.chars().next().filter(|first| ['"', '\''].contains(first))?;
        rest[1..].split_once(quote)
    });
    let (value, rest) = quoted.unwrap_or_else(|| {
        let end =
            rest.find(|char: char| char.is_whitespace() || "\"'<>*".contains(char)).unwrap_or(rest.len());
        rest.split_at(end)
    });
    Some((key, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(line: &str) -> Option<Mark> {
        marks(&"a.py".into(), line.as_bytes()).into_iter().next()
    }

    #[test]
    fn a_mark_is_read_in_every_kind_of_comment() {
        let day = Until::Day("2027-01-31".parse().unwrap());
        for (line, rule, reason, until) in [
            (
                "# twelve-run:allow config/db-url reason=\"a test\" until=2027-01-31",
                "config/db-url",
                Some("a test"),
                day,
            ),
            (
                "<!-- twelve-run:allow config/key-* until=2027-01-31 reason='x' -->",
                "config/key-*",
                Some("x"),
                day,
            ),
            ("/* twelve-run:allow config/host reason=local*/", "config/host", Some("local"), Until::Always),
            ("// twelve-run:allow deps/unpinned", "deps/unpinned", None, Until::Always),
            (
                "{\"_\": \"twelve-run:allow a/b reason=\\\"why not\\\"\"}",
                "a/b",
                Some("why not"),
                Until::Always,
            ),
            ("# twelve-run:allow a/b reason=\"\" until=soon", "a/b", None, Until::NoDate),
            ("# twelve-run:allow a/b because reason=x", "a/b", None, Until::Always),
        ] {
            let mark = first(line).unwrap();
            assert_eq!(
                (mark.rule.as_str(), mark.reason.as_deref(), mark.until),
                (rule, reason, until),
                "{line}"
            );
        }
        for line in ["# twelve-run:allow", "# twelve-run:allow everything", "# twelve-run:allowconfig/x"] {
            assert_eq!(first(line), None, "{line}");
        }
        let two = marks(&"a".into(), b"\n# twelve-run:allow a/b reason=x twelve-run:allow c/d reason=y\n");
        assert_eq!(
            two.iter().map(|mark| (mark.line, mark.rule.as_str())).collect::<Vec<_>>(),
            [(2, "a/b"), (2, "c/d")]
        );
    }

    #[test]
    fn the_last_day_is_still_allowed_and_no_date_allows_nothing() {
        let day: Date = "2027-01-31".parse().unwrap();
        assert!(Until::Day(day).holds(day) && Until::Always.holds(day));
        assert!(!Until::Day(day).holds(day.tomorrow().unwrap()) && !Until::NoDate.holds(day));
    }
}
