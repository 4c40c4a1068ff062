//! How bad a line says it is: words and numbers of loggers become OpenTelemetry's severities, and the layouts of
//! plain lines are read for such a word.

use super::scan;

/// OpenTelemetry's `SeverityNumber`: 1 to 24, four for each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Severity(u8);

impl Severity {
    /// What says nothing else. Standard error is no sign: most loggers write everything there.
    pub const INFO: Self = Self(9);
    /// A warning.
    pub const WARN: Self = Self(13);
    /// An error, such as an exception.
    pub const ERROR: Self = Self(17);
    /// The end of a process.
    pub const FATAL: Self = Self(21);

    /// 1 to 24.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The level that it belongs to.
    pub fn level(self) -> &'static str {
        ["trace", "debug", "info", "warn", "error", "fatal"][usize::from((self.0 - 1) / 4)]
    }

    /// What a logger means by a JSON value, and whether ours says all of it.
    ///
    /// Numbers are those of bunyan and pino; syslog's run the other way and are left alone.
    pub fn take(value: &[u8]) -> Option<(Self, bool)> {
        if let Some(word) = scan::string(value) {
            return Self::word(word).map(|severity| (severity, true));
        }
        let tens = match value {
            [tens @ b'1'..=b'6', ones @ b'0'..=b'9'] if *tens < b'6' || *ones == b'0' => tens - b'1',
            _ => return None,
        };
        Some((Self(tens * 4 + 1), value[1] == b'0'))
    }

    /// A word of a logger, in any case: syslog's, .NET's, Rust's and Go's, or OpenTelemetry's with its digit.
    pub fn word(word: &[u8]) -> Option<Self> {
        let (word, more) = match word {
            [word @ .., digit @ b'2'..=b'4'] => (word, digit - b'1'),
            _ => (word, 0),
        };
        let mut lower = [0; 13];
        let lower = lower.get_mut(..word.len())?;
        for (to, from) in lower.iter_mut().zip(word) {
            *to = from.to_ascii_lowercase();
        }
        let number = match &*lower {
            b"trace" | b"trc" | b"trce" | b"finest" | b"verbose" | b"silly" => 1,
            b"debug" | b"dbg" | b"dbug" | b"fine" => 5,
            b"info" | b"inf" | b"information" | b"informational" | b"log" => 9,
            b"notice" => 10,
            b"warn" | b"warning" | b"wrn" => 13,
            b"error" | b"err" | b"eror" | b"fail" | b"severe" => 17,
            b"dpanic" => 18,
            b"fatal" | b"ftl" | b"critical" | b"crit" | b"panic" => 21,
            b"alert" => 22,
            b"emerg" | b"emergency" => 23,
            _ => return None,
        };
        let is_plain = number % 4 == 1;
        (more == 0 || is_plain).then_some(Self(number + more))
    }
}

/// How far into a line a level is looked for.
const WORDS: usize = 12;
const BYTES: usize = 160;

/// The level that a plain line names where loggers do: first, or behind nothing but times, numbers, names between
/// dashes, and brackets. A word further in is what somebody writes about.
pub fn guess(line: &[u8]) -> Option<Severity> {
    let line = &line[..line.len().min(BYTES)];
    if let Some(severity) = google(line) {
        return Some(severity);
    }
    let mut words =
        line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty()).take(WORDS);
    let mut before: &[u8] = b"";
    let mut word = words.next()?;
    loop {
        if let Some(severity) = of_word(word, before.is_empty()) {
            return Some(severity);
        }
        let next = words.next();
        let is_named = !before.is_empty() && next.is_some_and(ends_a_name);
        if !is_named && !is_layout(word) {
            return None;
        }
        before = word;
        word = next?;
    }
}

/// Whether what stands before is the name of a logger: behind it comes a dash, or the level itself.
fn ends_a_name(word: &[u8]) -> bool {
    let level = word.strip_suffix(b":").unwrap_or(word);
    matches!(word, b"-" | b"|" | b"--")
        || level.len() > 2 && level.iter().all(u8::is_ascii_uppercase) && Severity::word(level).is_some()
}

/// glog and klog: `E0131 12:00:00.000000 …`.
fn google(line: &[u8]) -> Option<Severity> {
    let (&letter, rest) = line.split_first()?;
    let number = match letter {
        b'I' => 9,
        b'W' => 13,
        b'E' => 17,
        b'F' => 21,
        _ => return None,
    };
    let is_day = rest.len() > 5 && rest[..4].iter().all(u8::is_ascii_digit) && rest[4] == b' ';
    is_day.then_some(Severity(number))
}

/// A word that is a level: in capitals, with a colon behind it at the beginning, between brackets, or as a value.
fn of_word(word: &[u8], is_first: bool) -> Option<Severity> {
    let inner = bare(word);
    if let Some(at) = memchr::memchr(b'=', word) {
        let is_level = matches!(&word[..at], b"level" | b"lvl" | b"severity" | b"LEVEL");
        return is_level.then(|| Severity::word(bare(&word[at + 1..])))?;
    }
    let is_bracketed =
        matches!(word.first(), Some(b'[' | b'(' | b'<')) || matches!(word.last(), Some(b']' | b')' | b'>'));
    // `ERROR/MainProcess`, `core:error`, `WARNING:root:`, `production.ERROR:`
    inner.split(|byte| matches!(byte, b':' | b'/' | b'.' | b'|')).take(3).find_map(|part| {
        let is_loud =
            part.len() > 2 && part.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let is_label = is_first && word.len() == part.len() + 1 && word.ends_with(b":");
        (is_loud || is_label || is_bracketed).then(|| Severity::word(part))?
    })
}

/// What may stand before a level: it names nothing that a sentence would begin with.
fn is_layout(word: &[u8]) -> bool {
    let inner = bare(word);
    inner.len() < word.len() && !matches!(word.last(), Some(b'.' | b'!'))
        || inner.iter().any(u8::is_ascii_digit)
        || matches!(inner, b"" | b"UTC" | b"GMT" | b"CET" | b"AM" | b"PM" | b"npm")
        || inner.len() == 3 && is_calendar(inner)
}

/// Days and months, as in `Fri Jan 31`.
fn is_calendar(word: &[u8]) -> bool {
    const NAMES: &[u8] = b"MonTueWedThuFriSatSunJanFebMarAprMayJunJulAugSepOctNovDec";
    NAMES.chunks(3).any(|name| name == word)
}

/// A word without what is put around it.
fn bare(word: &[u8]) -> &[u8] {
    let from = word.iter().position(u8::is_ascii_alphanumeric).unwrap_or(word.len());
    let to = word.iter().rposition(u8::is_ascii_alphanumeric).map_or(from, |at| at + 1);
    &word[from..to]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_loggers_become_severities() {
        for (value, expected) in [
            (r#""INFO""#, Some((9, "info", true))),
            (r#""warning""#, Some((13, "warn", true))),
            (r#""Information""#, Some((9, "info", true))),
            (r#""CRITICAL""#, Some((21, "fatal", true))),
            (r#""notice""#, Some((10, "info", true))),
            (r#""emerg""#, Some((23, "fatal", true))),
            (r#""ERROR3""#, Some((19, "error", true))),
            (r#""notice2""#, None),
            (r#""loud""#, None),
            (r#""a word longer than any""#, None),
            (r#""""#, None),
            ("10", Some((1, "trace", true))),
            ("30", Some((9, "info", true))),
            ("35", Some((9, "info", false))),
            ("60", Some((21, "fatal", true))),
            ("61", None),
            ("3", None),
            ("300", None),
            ("null", None),
        ] {
            let taken = Severity::take(value.as_bytes());
            let taken = taken.map(|(severity, exact)| (severity.number(), severity.level(), exact));
            assert_eq!(taken, expected, "{value}");
        }
    }

    #[test]
    fn a_level_is_found_where_loggers_put_it() {
        for (line, expected) in [
            ("ERROR something", Some("error")),
            ("WARNING:root:disk is nearly full", Some("warn")),
            ("error: no such file", Some("error")),
            ("Warning: deprecated", Some("warn")),
            ("[warn] slow", Some("warn")),
            ("E0131 12:00:00.123456    7 main.go:3] boom", Some("error")),
            ("2026-01-31 12:00:00,123 - shop.orders - WARNING - late", Some("warn")),
            ("2026-01-31 12:00:00,123 INFO ok", Some("info")),
            ("2026-01-31 12:00:00,123 root ERROR failed", Some("error")),
            ("12:00:00.123 [main] DEBUG com.example.Foo - x", Some("debug")),
            ("2026-01-31T12:00:00.000Z  WARN 1234 --- [           main] c.e.Foo : x", Some("warn")),
            ("W, [2026-01-31T12:00:00.123456 #123]  WARN -- : x", Some("warn")),
            ("2026/01/31 12:00:00 [error] 123#123: *1 open() failed", Some("error")),
            ("[Fri Jan 31 12:00:00.123456 2026] [core:error] [pid 1] x", Some("error")),
            ("[2026-01-31 12:00:00 +0000] [1234] [INFO] Booting", Some("info")),
            ("[2026-01-31 12:00:00,123: ERROR/MainProcess] x", Some("error")),
            ("[2026-01-31 12:00:00] production.ERROR: x", Some("error")),
            ("2026-01-31 12:00:00.123 UTC [7] FATAL:  the database system is starting up", Some("fatal")),
            ("2026-01-31 12:00:00.123 UTC [7] LOG:  ready", Some("info")),
            ("[2026-01-31T12:00:00Z ERROR shop] x", Some("error")),
            ("12:00PM ERR failed", Some("error")),
            ("npm ERR! code 1", Some("error")),
            ("fail: Microsoft.Hosting[0]", Some("error")),
            ("INFO:     127.0.0.1:1 - \"GET / HTTP/1.1\" 200", Some("info")),
            ("[worker] level=warn late", Some("warn")),
            ("Jan 31 12:00:00 host app[1]: ERROR x", None),
            ("everything is fine", None),
            ("We saw no ERROR today", None),
            ("The error was handled", None),
            ("no error: all good", None),
            ("Finished. ERROR count 0", None),
            ("", None),
            ("   ", None),
        ] {
            assert_eq!(guess(line.as_bytes()).map(Severity::level), expected, "{line}");
        }
    }
}
