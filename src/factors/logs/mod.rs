//! XI, logs: an app writes its stream of events to standard output, unbuffered, and owns no log file.
//!
//! `written` finds log files in sources and in the Procfile; `stream` judges what an app has really written.

mod record;
mod stream;
mod written;

use super::check::{Check, File, Scene};
use super::finding::{Factor, Level, Report, Rule};

pub use stream::stream;

/// The check of the files.
pub struct Logs;

/// A rule of this factor.
macro_rules! rule {
    ($name:ident, $id:literal, $summary:literal, $explain:literal) => {
        static $name: Rule =
            Rule { id: $id, factor: Factor::Logs, level: Level::Warn, summary: $summary, explain: $explain };
    };
}

rule!(
    FILE,
    "logs/file",
    "the app writes a log file",
    "\
An app never concerns itself with where its stream of events goes. A log file fills the disk of one machine, is lost
with it, and is seen by nobody who looks at the stream.

Found in sources that are no tests: handlers and appenders that write files, by their names in the logging libraries'
own documentation (Python's FileHandler and its kin, winston's File transport, pino.destination, log4j and logback
FileAppender, Ruby's Logger.new with a path, lumberjack, tracing_appender, Serilog's WriteTo.File, Monolog's
RotatingFileHandler). Comments and imports are passed over.
Cure: log to standard output; who runs the app routes it.
Source: 12factor.net/logs"
);
rule!(
    REDIRECTED,
    "logs/redirected",
    "the Procfile sends output into a file",
    "\
What goes into a file is not seen by who runs the app: not in its output, not in `twelve-run logs`.

Found in commands of the Procfile: `> FILE`, `>> FILE`, `2> FILE`, and `| tee FILE`; `/dev/stdout`, `/dev/stderr` and
terminals are no files, and what is thrown away in `/dev/null` is found as well.
Cure: leave it out; `twelve-run start -D` keeps rotated logs, a platform routes the stream.
Source: 12factor.net/logs"
);
rule!(
    NOT_JSON,
    "logs/not-json",
    "lines that are no JSON object",
    "\
A stream is read by programs: where every line is a JSON object, each event is whole and its fields can be asked for.
One line of plain text among them is an event that nobody finds.

Found in what `audit logs --from` reads: lines that are not empty and no JSON object.
Cure: give the logger, and the logger of the libraries that print by themselves, a JSON formatter; of what stays text
`start --log-format json` makes events."
);
rule!(
    MISSING,
    "logs/missing-field",
    "events without a time, a level or a message",
    "\
Found in JSON lines: no field for the time (timestamp, time, ts, @timestamp, datetime, eventTime), the level (level,
severity, levelname, lvl, log.level, loglevel) or the message (message, msg, event, body, text, short_message).
Cure: let the logger write all three into each event."
);
rule!(
    TIME_FORMAT,
    "logs/time-format",
    "times that are not written as RFC 3339 has it",
    "\
A time without a zone means another moment on another machine, and a number does not say whether it counts seconds
or milliseconds.

Found in JSON lines: a time that is a number, or a text that RFC 3339 does not allow. Cure: `2026-01-31T12:00:00.123Z`."
);
rule!(
    NOT_UTC,
    "logs/time-not-utc",
    "times that are not UTC",
    "\
Events of several machines are read together. Found in JSON lines: a time with an offset other than zero. Cure: log UTC."
);
rule!(
    TORN,
    "logs/torn-trace",
    "stack traces that are torn into lines",
    "\
An event is one line. A stack trace over twenty lines is twenty events, mixed with those of other processes.

Found: frames as Python, Java, JavaScript, Go, Ruby, PHP, C#, Rust and Dart print them, outside of JSON.
Cure: put the trace into a field of the event (`exception`); `start --log-format json` joins what stays text."
);
rule!(
    ANSI,
    "logs/ansi",
    "lines with colours",
    "\
Escape sequences for a terminal are part of the text for everybody else: no search finds a word with a colour in it.

Found: ESC and `[`, also written as \\u001b or \\u001B. Cure: colours only when standard output is a terminal."
);
rule!(
    NOT_UTF8,
    "logs/not-utf8",
    "lines that are not UTF-8",
    "\
JSON is UTF-8. Found: lines with bytes that are not. Cure: set the encoding of standard output (`PYTHONIOENCODING`,
`-Dstdout.encoding=UTF-8`, `LANG=C.UTF-8`)."
);
rule!(
    LEVEL,
    "logs/unknown-level",
    "levels that nobody else knows",
    "\
Who filters by level must know them. Found in JSON lines: a level that is none of trace, debug, info, notice, warn,
error, critical, fatal and their usual forms, nor a number of syslog (0 to 7) or of bunyan, pino and Python (10 to 60).
Cure: use the names that others use."
);
rule!(
    LATE,
    "logs/late",
    "lines that come long after their time",
    "\
A stream of events is unbuffered. Where standard output is a pipe, many runtimes write it in blocks of some KiB: lines
come late, and after a crash not at all.

Found: a line whose time is more than a second before that of a line above it. More than an hour is no buffer: another
stream begins there.
Cure: flush after each line (`PYTHONUNBUFFERED=1`, `$stdout.sync = true`, `stdbuf -oL`)."
);
rule!(
    TWICE,
    "logs/twice",
    "events that are written twice",
    "\
Found: a JSON line with a time that is the same as the line above it to the byte; where times count whole seconds, two
equal events may well have happened, and none is found. That is most often two handlers of one logger, or a logger that
also passes its events to its parent.
Cure: leave one handler; in Python `propagate = False`."
);

impl Check for Logs {
    fn factor(&self) -> Factor {
        Factor::Logs
    }

    fn rules(&self) -> &'static [&'static Rule] {
        static RULES: [&Rule; 12] = [
            &FILE,
            &REDIRECTED,
            &NOT_JSON,
            &MISSING,
            &TIME_FORMAT,
            &NOT_UTC,
            &TORN,
            &ANSI,
            &NOT_UTF8,
            &LEVEL,
            &LATE,
            &TWICE,
        ];
        &RULES
    }

    fn looks_at_files(&self) -> bool {
        true
    }

    fn file(&self, file: &File<'_>) -> Report {
        Report { findings: written::in_source(file.path, file.bytes), ..Report::default() }
    }

    fn bears_a_part(&self) -> bool {
        true
    }

    fn whole(&self, scene: &Scene<'_>) -> Report {
        let Some(app) = scene.app else { return Report::default() };
        let in_entries = app.entries.iter().flat_map(|entry| written::in_entry(&app.procfile, entry));
        Report { findings: in_entries.collect(), ..Report::default() }
    }
}
