//! Log files that an app writes: in its sources, and by its Procfile.

use super::{FILE, REDIRECTED};
use crate::app::procfile::Entry;
use crate::factors::finding::Finding;
use crate::factors::role::is_test;
use crate::factors::shell;
use crate::factors::text::{Text, place};
use aho_corasick::AhoCorasick;
use std::sync::{Arc, LazyLock};

/// A way of writing a log file.
struct Way {
    /// What stands in the source, to the character.
    needle: &'static str,
    /// In files with these endings.
    endings: &'static [&'static str],
    /// What must stand behind it in the line; empty: anything.
    then: &'static [&'static str],
}

const PY: &[&str] = &["py"];
const JS: &[&str] = &["js", "ts", "mjs", "cjs", "jsx", "tsx"];
const JVM: &[&str] = &["java", "kt", "groovy", "scala", "xml", "properties"];
const LOG: &[&str] = &[".log", "log/", "logs/"];

const fn way(needle: &'static str, endings: &'static [&'static str]) -> Way {
    Way { needle, endings, then: &[] }
}

const fn way_then(
    needle: &'static str,
    endings: &'static [&'static str],
    then: &'static [&'static str],
) -> Way {
    Way { needle, endings, then }
}

/// From the documentation of the libraries.
static WAYS: [Way; 27] = [
    way("RotatingFileHandler(", PY),
    way("WatchedFileHandler(", PY),
    way("FileHandler(", PY),
    way_then("basicConfig(", PY, &["filename="]),
    way_then("logger.add(", PY, LOG),
    way("transports.File(", JS),
    way("DailyRotateFile(", JS),
    way_then("pino.destination(", JS, &["\"", "'", "`", "dest"]),
    way_then("createWriteStream(", JS, LOG),
    way_then("appendFile(", JS, LOG),
    way_then("appendFileSync(", JS, LOG),
    way("FileAppender", JVM),
    way("FileHandler(", JVM),
    way_then("Logger.new(", &["rb", "ru", "rake"], &["'", "\"", "log", "File"]),
    way("lumberjack.Logger{", &["go"]),
    way_then("os.OpenFile(", &["go"], LOG),
    way_then("os.Create(", &["go"], LOG),
    way("tracing_appender::rolling", &["rs"]),
    way("RollingFileAppender", &["rs"]),
    way("FileAppender::builder", &["rs"]),
    way("fern::log_file(", &["rs"]),
    way("RotatingFileHandler(", &["php"]),
    way_then("StreamHandler(", &["php"], LOG),
    way("WriteTo.File(", &["cs"]),
    way("RollingFileAppender", &["config"]),
    way("LoggerFileBackend", &["ex", "exs"]),
    way("\"logging.handlers.RotatingFileHandler\"", PY),
];

static FINDER: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(WAYS.iter().map(|way| way.needle)).ok());

/// Files that configure a logger.
const SETTINGS: [&str; 3] = ["xml", "properties", "config"];

/// What others have written.
const OTHERS: [&str; 6] = ["node_modules", "vendor", "site-packages", "dist-packages", ".venv", "venv"];

/// The log files that a source writes.
pub fn in_source(path: &Arc<str>, bytes: &[u8]) -> Vec<Finding> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let written_so = |way: &Way| way.endings.contains(&ending);
    let is_app = !path.split('/').any(|part| OTHERS.contains(&part)) && !is_test(path);
    let Some(finder) = FINDER.as_ref().filter(|_| is_app && WAYS.iter().any(written_so)) else {
        return Vec::new();
    };
    if !finder.is_match(bytes) {
        return Vec::new();
    }
    let text = Text::read(bytes);
    let mut findings = Vec::new();
    for (number, line) in text.lines().filter(|(_, line)| !is_aside(line)) {
        let found = finder.find_overlapping_iter(line).find(|found| {
            let way = &WAYS[found.pattern().as_usize()];
            let rest = &line[found.end()..];
            // A word that begins a string is named, not used; in a file of settings it is what is used.
            let is_named = !SETTINGS.contains(&ending)
                && line[..found.start()].ends_with(['"', '\'', '`'])
                && !way.needle.starts_with('"');
            let goes_on = way.then.is_empty() || way.then.iter().any(|then| rest.contains(then));
            written_so(way) && goes_on && !is_named
        });
        if let Some(found) = found {
            let what = WAYS[found.pattern().as_usize()].needle.trim_matches(|char| "({\"".contains(char));
            let place = place(path, number, line, found.range());
            let message = format!("a log file is written: `{what}`");
            findings.push(Finding::new(
                &FILE,
                place,
                message,
                "log to standard output; who runs the app routes it",
            ));
        }
    }
    findings
}

/// A line that does nothing: a comment, an import, a class of that name.
fn is_aside(line: &str) -> bool {
    let line = line.trim_start();
    ["#", "//", "*", "/*", "<!--", "import ", "from ", "class ", "using ", "use ", "require "]
        .iter()
        .any(|begin| line.starts_with(begin))
}

/// The files into which a command of the Procfile sends its output.
pub fn in_entry(procfile: &Arc<str>, entry: &Entry) -> Vec<Finding> {
    let line = entry.command.value.to_string_lossy();
    let commands = shell::commands(&line);
    let redirected = commands.iter().flat_map(|command| &command.into);
    let teed = commands.iter().filter(|command| command.program().is_some_and(|(name, _)| name == "tee"));
    let teed = teed.flat_map(|command| command.words.iter().skip(1));
    let is_file = |word: &&shell::Word| {
        let text = word.text.as_str();
        let is_stream = ["/dev/stdout", "/dev/stderr", "/dev/tty", "-"].contains(&text)
            || text.starts_with("/dev/fd/")
            || text.starts_with("/proc/");
        !is_stream && !text.starts_with('-')
    };
    redirected
        .chain(teed)
        .filter(is_file)
        .map(|word| {
            let name = &entry.name.value;
            let message = format!("`{name}` sends output into `{}`", word.text);
            let place = shell::place(procfile, entry, &word.span);
            Finding::new(&REDIRECTED, place, message, "leave it out: whoever runs the app routes its output")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::logs::Logs;
    use crate::factors::tests::of_procfile;

    #[test]
    fn log_files_are_found_in_every_language_and_nothing_else_is() {
        for (path, line, found) in [
            ("a.py", "h = logging.handlers.RotatingFileHandler('x')", true),
            ("a.py", "logging.basicConfig(level=1, filename='x.log')", true),
            ("a.py", "logging.basicConfig(level=1)", false),
            ("a.py", "# h = FileHandler('x')", false),
            ("a.py", "from logging import FileHandler", false),
            ("tests/a.py", "h = FileHandler('x')", false),
            ("test_a.py", "h = FileHandler('x')", false),
            ("src/a.ts", "new winston.transports.File({ filename: 'x' })", true),
            ("a.js", "new winston.transports.Console()", false),
            ("a.js", "fs.createWriteStream('out/data.bin')", false),
            ("a.js", "fs.createWriteStream(`logs/x`)", true),
            ("logback.xml", "<appender class=\"ch.qos.logback.core.FileAppender\">", true),
            ("a.rb", "Logger.new('log/production.log')", true),
            ("a.rb", "Logger.new($stdout)", false),
            ("a.go", "w := &lumberjack.Logger{", true),
            ("a.rs", "tracing_appender::rolling::daily(\"x\", \"y\")", true),
            ("a.cs", ".WriteTo.File(\"x\")", true),
            ("a.php", "new StreamHandler('php://stdout')", false),
            ("a.php", "new StreamHandler('var/app.log')", true),
            ("a.md", "FileHandler(", false),
            ("a.py", "names = ['FileHandler(', 'x']", false),
            ("a.py", "{\"class\": \"logging.handlers.RotatingFileHandler\"}", true),
        ] {
            assert_eq!(!in_source(&path.into(), line.as_bytes()).is_empty(), found, "{path}: {line}");
        }
    }

    #[test]
    fn output_into_files_is_found_in_the_procfile() {
        for (command, found) in [
            ("a > log/x.log 2>&1", 1),
            ("a >> x 2> y", 2),
            ("a 2>&1 | tee -a x.log", 1),
            ("a > /dev/null", 1),
            ("a > /dev/stdout", 0),
            ("a 2>&1", 0),
            ("a < in", 0),
        ] {
            let report = of_procfile(&Logs, &format!("web: {command}\n"));
            assert_eq!(report.findings.len(), found, "{command}");
        }
    }
}
