//! The Procfile: `name: command`, one a line.
//!
//! The rule is foreman's, `^([A-Za-z0-9_-]+):\s*(.+)$` on bytes, never by locale. What foreman drops
//! in silence is told here, with its place and its likely cause; what nobody can have meant is an error.

use super::problem::{BOM, Place, Placed, Problem, Source};
use std::collections::HashMap;
use std::ffi::OsString;
use std::ops::Range;
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;

/// More process types than anybody has.
const MOST_ENTRIES: usize = 1000;

/// One process type, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `[A-Za-z0-9_-]+`.
    pub name: Placed<String>,
    /// As the shell gets it.
    pub command: Placed<OsString>,
}

/// Reads a Procfile. The entries are in the order of the file; every problem of the file is told.
pub fn parse(source: &Arc<Source>) -> (Vec<Entry>, Vec<Problem>) {
    if let Some(problem) = no_text(source) {
        return (Vec::new(), vec![problem]);
    }
    let mut entries: Vec<Entry> = Vec::new();
    let mut problems = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for line in lines(&source.text) {
        match read_line(source, &line) {
            Line::Nothing => {}
            Line::Problem(problem) => problems.push(problem),
            Line::Entry(entry, more) => {
                problems.extend(more);
                if let Some(&first) = seen.get(&entry.name.value) {
                    problems.push(duplicate(&entries[first], &entry));
                } else {
                    seen.insert(entry.name.value.clone(), entries.len());
                    entries.push(entry);
                }
            }
        }
        if entries.len() > MOST_ENTRIES {
            let place = entries[MOST_ENTRIES].name.place.clone();
            problems = vec![Problem::error(format!("more than {MOST_ENTRIES} process types")).at(place)];
            break;
        }
    }
    if entries.is_empty() && !problems.iter().any(|problem| problem.level == super::problem::Level::Error) {
        problems.push(
            Problem::error("no processes defined")
                .at(Place::new(source, 0..0))
                .help("add a line like `web: bin/server`"),
        );
    }
    (entries, problems)
}

/// A text as people mean it: UTF-8, without NUL.
pub(super) fn no_text(source: &Arc<Source>) -> Option<Problem> {
    let text = &source.text;
    let place = |at| Place::new(source, at..at + 1);
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        return Some(Problem::error("the file is UTF-16, not UTF-8").at(place(0)).help("save it as UTF-8"));
    }
    if let Some(at) = memchr::memchr(0, text) {
        return Some(Problem::error("NUL byte").at(place(at)));
    }
    let at = std::str::from_utf8(text).err()?.valid_up_to();
    Some(Problem::error("the text is not UTF-8").at(place(at)).help("save the file as UTF-8"))
}

/// A line with those that it is joined with: ranges of the text, line ends apart.
struct Lines {
    parts: Vec<Range<usize>>,
    /// The last part ended in a backslash, and there is no next line.
    dangling: bool,
}

enum Line {
    Nothing,
    Entry(Entry, Option<Problem>),
    Problem(Problem),
}

/// Cuts the text into lines, joins those that end in an odd number of backslashes with the next.
fn lines(text: &[u8]) -> Vec<Lines> {
    let mut all = Vec::new();
    let mut joined: Option<Lines> = None;
    let mut start = if text.starts_with(BOM) { BOM.len() } else { 0 };
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at);
        let line = start..end - usize::from(text[start..end].ends_with(b"\r"));
        start = end + 1;
        let goes_on = goes_on(&text[line.clone()]) && (joined.is_some() || !is_comment(&text[line.clone()]));
        let mut present = joined.take().unwrap_or(Lines { parts: Vec::new(), dangling: false });
        present.parts.push(line);
        if goes_on {
            joined = Some(present);
        } else {
            all.push(present);
        }
    }
    all.extend(joined.map(|lines| Lines { dangling: true, ..lines }));
    all
}

/// An odd number of backslashes at the end.
fn goes_on(line: &[u8]) -> bool {
    line.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

fn is_comment(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"#")
}

fn read_line(source: &Arc<Source>, line: &Lines) -> Line {
    let first = line.parts[0].clone();
    let bytes = &source.text[first.clone()];
    if is_comment(bytes) || bytes.trim_ascii().is_empty() {
        return Line::Nothing;
    }
    let place = Place::new(source, first.clone());
    if [b"<<<<<<<".as_slice(), b"=======", b">>>>>>>", b"|||||||"].iter().any(|mark| bytes.starts_with(mark))
    {
        return Line::Problem(Problem::error("conflict marker").at(place).help("resolve the merge"));
    }
    let name = bytes.iter().take_while(|byte| is_name(**byte)).count();
    if name == 0 || bytes.get(name) != Some(&b':') {
        return Line::Problem(stray(bytes).at(place));
    }
    let (command, at) = joined(source, line, name + 1);
    if command.trim_ascii().is_empty() {
        let sentence =
            format!("`{}` has no command, the line is ignored", String::from_utf8_lossy(&bytes[..name]));
        return Line::Problem(Problem::warning(sentence).at(place));
    }
    let entry = Entry {
        name: Placed {
            value: String::from_utf8_lossy(&bytes[..name]).into_owned(),
            place: Place::new(source, first.start..first.start + name),
        },
        command: Placed { value: OsString::from_vec(command), place: Place::new(source, at) },
    };
    let told = if line.dangling {
        let end = line.parts.last().map_or(first.end, |part| part.end);
        Some(
            Problem::warning("the last line ends in `\\`, and there is no line to join it with")
                .at(Place::new(source, end - 1..end)),
        )
    } else if line.parts.len() > 1 {
        Some(
            Problem::note("this line is joined with the next; other Procfile tools do not do that").at(place),
        )
    } else {
        None
    };
    Line::Entry(entry, told)
}

/// The command of a line, and its first part's place. Blanks round a join become one.
fn joined(source: &Source, line: &Lines, after: usize) -> (Vec<u8>, Range<usize>) {
    let mut command = Vec::new();
    let last = line.parts.len() - 1;
    for (number, part) in line.parts.iter().enumerate() {
        let from = if number == 0 { part.start + after } else { part.start };
        let mut bytes = &source.text[from..part.end];
        if number < last || line.dangling {
            bytes = bytes.strip_suffix(b"\\").unwrap_or(bytes).trim_ascii_end();
        }
        if number > 0 {
            bytes = bytes.trim_ascii_start();
            command.push(b' ');
        } else {
            bytes = trim_blanks_start(bytes);
        }
        command.extend_from_slice(bytes);
    }
    let first = &line.parts[0];
    let start = first.end - trim_blanks_start(&source.text[first.start + after..first.end]).len();
    (command, start..first.end)
}

/// What `\s` drops between colon and command, within a line.
fn trim_blanks_start(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | 0x0b | 0x0c | b'\r')).count();
    &bytes[blanks..]
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn duplicate(first: &Entry, second: &Entry) -> Problem {
    let name = &first.name.value;
    Problem::error(format!("`{name}` is defined twice"))
        .at(second.name.place.clone())
        .also(first.name.place.clone(), "first here")
        .help(format!("`-m {name}=2` starts two of one; two commands need two names"))
}

/// A line that is no entry: what is likely wrong with it.
fn stray(line: &[u8]) -> Problem {
    let text = String::from_utf8_lossy(line);
    let trimmed = text.trim();
    let head = trimmed.split(':').next().unwrap_or_default();
    let named = trimmed.contains(':');
    let is_a_name = |name: &str| !name.is_empty() && name.bytes().all(is_name);
    let warn =
        |cause: &str| Problem::warning(format!("this line is no `name: command` and is ignored: {cause}"));
    if trimmed.starts_with("//") {
        warn("`//` is no comment here").help("comments begin with `#`")
    } else if trimmed == "---" {
        warn("a Procfile is not YAML").help("delete it")
    } else if trimmed.starts_with("```") {
        warn("it is a mark of Markdown").help("delete it")
    } else if named && is_a_name(head) && text.starts_with([' ', '\t']) {
        warn("it is indented").help("begin the line with the name")
    } else if named && is_a_name(head.trim_end()) && head.ends_with([' ', '\t']) {
        warn("there is a blank before the colon").help(format!("write `{}:`", head.trim_end()))
    } else if named && is_a_name(head.trim_matches(['"', '\''])) {
        warn("the name is quoted").help(format!("write `{}:`", head.trim_matches(['"', '\''])))
    } else if named && !head.is_empty() && !head.contains(char::is_whitespace) && !head.contains('=') {
        warn("names are made of letters, digits, `_` and `-` only")
    } else if trimmed.split_once('=').is_some_and(|(name, _)| is_a_name(name)) {
        warn("there is no `name:`").help("write a colon, not `=`; variables belong into `.env`")
    } else {
        warn("there is no `name:`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::problem::Level;
    use proptest::prelude::*;

    /// The entries, and each problem as its level, line and a part of its sentence.
    fn check(text: &[u8], entries: &[(&str, &str)], problems: &[(Level, usize, &str)]) {
        let (got, told) = parse(&Source::new("Procfile", text));
        let got: Vec<_> = got
            .iter()
            .map(|entry| (entry.name.value.as_str(), entry.command.value.to_str().unwrap()))
            .collect();
        let shown = String::from_utf8_lossy(text);
        assert_eq!(got, entries, "{shown:?}");
        let told: Vec<_> = told
            .iter()
            .map(|problem| (problem.level, problem.place.as_ref().unwrap().line(), &problem.sentence))
            .collect();
        assert_eq!(told.len(), problems.len(), "{shown:?}: {told:?}");
        for (got, expected) in told.iter().zip(problems) {
            assert!(
                got.0 == expected.0 && got.1 == expected.1 && got.2.contains(expected.2),
                "{shown:?}: {got:?}, not {expected:?}"
            );
        }
    }

    #[test]
    fn proc_1_to_3_names_blanks_and_comments() {
        for text in ["web: a", "web:a", "web:\ta\n", "web: a\r\n"] {
            check(text.as_bytes(), &[("web", "a")], &[]);
        }
        check(b"web: curl http://x:80/ # y", &[("web", "curl http://x:80/ # y")], &[]);
        check(b"  # web: a\n\nworker: b\n", &[("worker", "b")], &[]);
        check(b"web: a  \n-x_1: b", &[("web", "a  "), ("-x_1", "b")], &[]);
    }

    #[test]
    fn proc_4_and_5_stray_lines_are_told_with_their_cause() {
        for (line, cause) in [
            ("web : a", "blank before the colon"),
            (" web: a", "indented"),
            ("// x", "no comment"),
            ("w\u{e9}b: a", "letters, digits"),
            ("a.b: x", "letters, digits"),
            ("gunicorn app", "no `name:`"),
            ("```", "Markdown"),
            ("---", "YAML"),
            ("\"web\": a", "quoted"),
            ("web=a", "no `name:`"),
            ("web:", "no command"),
            ("web:  ", "no command"),
        ] {
            check(format!("{line}\nok: a\n").as_bytes(), &[("ok", "a")], &[(Level::Warning, 1, cause)]);
        }
    }

    #[test]
    fn proc_6_to_8_marks_ends_and_joins() {
        check(b"\xef\xbb\xbfweb: a\r\nworker: b\r", &[("web", "a"), ("worker", "b")], &[]);
        check(
            b"web: gunicorn app \\\n  --bind :1\n",
            &[("web", "gunicorn app --bind :1")],
            &[(Level::Note, 1, "joined")],
        );
        check(b"web: a \\", &[("web", "a")], &[(Level::Warning, 1, "no line to join")]);
        check(b"web: echo \\\\\n", &[("web", "echo \\\\")], &[]);
        check(b"# a \\\nweb: b\n", &[("web", "b")], &[]);
    }

    #[test]
    fn proc_7_9_11_errors_come_all_at_once() {
        check(b"web: a\nweb: b\n", &[("web", "a")], &[(Level::Error, 2, "twice")]);
        for text in ["", "# only\n"] {
            check(text.as_bytes(), &[], &[(Level::Error, 1, "no processes defined")]);
        }
        check(
            b"<<<<<<< HEAD\nweb: a\n=======\nweb: b\n>>>>>>> x\n",
            &[("web", "a")],
            &[
                (Level::Error, 1, "conflict"),
                (Level::Error, 3, "conflict"),
                (Level::Error, 4, "twice"),
                (Level::Error, 5, "conflict"),
            ],
        );
        check(b"web: a\nb: \0\n", &[], &[(Level::Error, 2, "NUL")]);
        check(b"web: a\nb: \xff\n", &[], &[(Level::Error, 2, "UTF-8")]);
        check(b"\xff\xfew\0", &[], &[(Level::Error, 1, "UTF-16")]);
    }

    #[test]
    fn i9_a_flood_of_types_is_one_error() {
        let lines: Vec<String> = (0..100_000).map(|number| format!("p{number}: a")).collect();
        let text = lines.join("\n");
        let (_, problems) = parse(&Source::new("Procfile", text));
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].place.as_ref().unwrap().line(), 1001);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic_and_places_point_at_what_they_name(text in ".{0,60}(\n.{0,30}){0,5}") {
            let source = Source::new("Procfile", text);
            let (entries, problems) = parse(&source);
            for entry in &entries {
                prop_assert_eq!(&source.text[entry.name.place.span.clone()], entry.name.value.as_bytes());
            }
            prop_assert!(!entries.is_empty() || !problems.is_empty());
            let _ = crate::app::problem::render(&problems, false);
        }
    }
}
