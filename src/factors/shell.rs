//! A command line of a Procfile as far as checks must know it: its commands, their words, what parts them.
//!
//! It reads what is written and expands nothing. What it cannot follow (here-documents, functions) it reads as
//! words, so checks must only conclude from what is there.

use super::finding::Place;
use crate::app::procfile::Entry;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// One command of a line.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its words, from its program on.
    pub words: Vec<Word>,
    /// `NAME=value` in front of it.
    pub assignments: Vec<Word>,
    /// Files into which its output goes.
    pub into: Vec<Word>,
    /// What stands behind it: `&`, `;`, `|`, `&&`, `||`, or nothing.
    pub end: &'static str,
}

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Without its quotes.
    pub text: String,
    /// Its bytes in the line.
    pub span: Range<usize>,
}

/// What only starts another program, with the options of it that take a word of their own.
const WRAPPERS: [(&str, &[&str]); 14] = [
    ("exec", &["-a"]),
    ("env", &["-u", "-C", "-S"]),
    ("command", &[]),
    ("time", &["-f", "-o"]),
    ("nice", &["-n"]),
    ("ionice", &["-c", "-n"]),
    ("stdbuf", &["-i", "-o", "-e"]),
    ("dumb-init", &[]),
    ("tini", &[]),
    ("bundle", &[]),
    ("poetry", &[]),
    ("pipenv", &[]),
    ("uv", &[]),
    ("npx", &[]),
];

impl Command {
    /// Its program without its folder, whoever starts it: `gunicorn` of `exec bundle exec bin/gunicorn`.
    pub fn program(&self) -> Option<(&str, &[Word])> {
        let mut rest = &self.words[..];
        loop {
            let (first, after) = rest.split_first()?;
            let name = first.text.rsplit('/').next().unwrap_or_default();
            if let ("python" | "python3", [option, module, after @ ..]) = (name, after)
                && option.text == "-m"
            {
                return Some((&module.text, after));
            }
            let Some((_, with_word)) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name) else {
                return Some((name, after));
            };
            rest = after;
            while let Some(word) = rest.first() {
                let text = word.text.as_str();
                let skip = match text {
                    "exec" | "run" | "--" => 1,
                    _ if with_word.contains(&text) => 2,
                    _ if text.starts_with('-') || name == "env" && text.contains('=') => 1,
                    _ => break,
                };
                rest = rest.get(skip..)?;
            }
        }
    }
}

/// The commands of a line.
pub fn commands(line: &str) -> Vec<Command> {
    let mut commands = Vec::new();
    let mut command = Command::default();
    let mut redirects = false;
    let mut rest = Rest { line, at: 0 };
    while let Some(token) = rest.next() {
        match token {
            Token::Word(word) if redirects => {
                command.into.push(word);
                redirects = false;
            }
            Token::Word(word) if command.words.is_empty() && is_assignment(&word.text) => {
                command.assignments.push(word);
            }
            Token::Word(word) => command.words.push(word),
            Token::Into => redirects = true,
            Token::End(end) => {
                let ended = std::mem::take(&mut command);
                commands.push(Command { end, ..ended });
                redirects = false;
            }
        }
    }
    commands.push(command);
    commands.retain(|command| !command.words.is_empty() || !command.assignments.is_empty());
    commands
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// What sends output somewhere, and whether that is a file: duplicates of descriptors (`2>&1`) lead nowhere new.
const REDIRECTIONS: [(&str, bool); 7] =
    [(">&", false), ("<&", false), ("&>>", true), ("&>", true), (">>", true), (">|", true), (">", true)];

/// What ends a command, the longer first, and what it means.
const ENDS: [(&str, &str); 9] = [
    ("&&", "&&"),
    ("||", "||"),
    ("|&", "|"),
    ("|", "|"),
    ("&", "&"),
    (";", ";"),
    ("\n", ";"),
    ("(", ";"),
    (")", ";"),
];

enum Token {
    Word(Word),
    /// `>`, `>>`, `2>`, `&>`: a word follows.
    Into,
    End(&'static str),
}

struct Rest<'a> {
    line: &'a str,
    at: usize,
}

impl Rest<'_> {
    fn next(&mut self) -> Option<Token> {
        let rest = &self.line[self.at..];
        let blank =
            rest.len() - rest.trim_start_matches(|char: char| char.is_whitespace() && char != '\n').len();
        self.at += blank;
        let rest = &rest[blank..];
        let first = rest.chars().next()?;
        if first == '#' {
            self.at = self.line.len();
            return None;
        }
        let digits = rest.len() - rest.trim_start_matches(|char: char| char.is_ascii_digit()).len();
        // A number in front of a redirection is the descriptor; `&>` has none.
        let redirection = REDIRECTIONS.iter().find(|(operator, _)| {
            rest[digits..].starts_with(operator) && (digits == 0 || !operator.starts_with('&'))
        });
        if let Some((operator, is_file)) = redirection {
            self.at += digits + operator.len();
            if *is_file {
                return Some(Token::Into);
            }
            self.word();
            return self.next();
        }
        if let Some((operator, end)) = ENDS.iter().find(|(operator, _)| rest.starts_with(operator)) {
            self.at += operator.len();
            return Some(Token::End(end));
        }
        let start = self.at;
        if first == '<' {
            self.at += 1;
        }
        let text = self.word();
        Some(Token::Word(Word { text, span: start..self.at }))
    }

    /// To the end of the word, without its quotes.
    fn word(&mut self) -> String {
        let mut text = String::new();
        let mut chars = self.line[self.at..].char_indices();
        let mut quote = None;
        // How deep in `$(…)` and `${…}`, which are one with their word.
        let mut depth = 0usize;
        let mut last = ' ';
        let mut end = self.line.len() - self.at;
        while let Some((at, char)) = chars.next() {
            match (quote, char) {
                (Some('\''), '\'') | (Some('"'), '"') => quote = None,
                (None, '\'' | '"') => quote = Some(char),
                (None | Some('"'), '\\') => text.extend(chars.next().map(|(_, escaped)| escaped)),
                (None, '(' | '{') if last == '$' || depth > 0 => {
                    depth += 1;
                    text.push(char);
                }
                (None, ')' | '}') if depth > 0 => {
                    depth -= 1;
                    text.push(char);
                }
                (None, _) if depth == 0 && (char.is_whitespace() || "&|;()<>".contains(char)) => {
                    end = at;
                    break;
                }
                _ => text.push(char),
            }
            last = char;
        }
        self.at += end;
        text
    }
}

/// The place of some bytes of an entry's command. A command that goes on over lines is meant as a whole.
pub fn place(procfile: &Arc<str>, entry: &Entry, span: &Range<usize>) -> Place {
    let written = &entry.command.place;
    let text = &written.source.text[written.span.clone()];
    let (line, column) = (written.line() as u32, written.column() as u32);
    let command = entry.command.value.as_bytes();
    let wide = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().count() as u32;
    let (start, end) = if text == command && !text.contains(&b'\n') {
        (column + wide(&command[..span.start]), column + wide(&command[..span.end]))
    } else {
        (column, column + wide(text.split(|byte| *byte == b'\n').next().unwrap_or_default()))
    };
    Place { path: Arc::clone(procfile), line, column: start, end_line: line, end_column: end }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As one text: words with blanks, what goes into files behind `>`, and the end.
    fn shown(line: &str) -> Vec<String> {
        let words =
            |words: &[Word]| words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        let one = |command: Command| {
            let assigned = words(&command.assignments);
            let into: Vec<String> = command.into.iter().map(|word| format!(" >{}", word.text)).collect();
            let into = into.concat();
            let shown = format!("{assigned} {}{into} {}", words(&command.words), command.end);
            shown.trim().to_owned()
        };
        commands(line).into_iter().map(one).collect()
    }

    #[test]
    fn a_line_is_cut_where_the_shell_cuts_it() {
        for (line, expected) in [
            ("a -b 'c d' \"e f\"", &["a -b c d e f"][..]),
            ("a && b || c; d", &["a &&", "b ||", "c ;", "d"]),
            ("a & b &", &["a &", "b &"]),
            ("a > x.log 2>&1", &["a >x.log"]),
            ("a &> x >> y 2> z", &["a >x >y >z"]),
            ("A=1 B=2 c D=3", &["A=1 B=2 c D=3"]),
            ("a | tee b.log", &["a |", "tee b.log"]),
            ("echo 'a & b' # & c", &["echo a & b"]),
            ("a ${X:-b c} $(d & e)", &["a ${X:-b c} $(d & e)"]),
            ("(cd x; a)", &["cd x ;", "a ;"]),
            ("a --x=$PORT\\ b", &["a --x=$PORT b"]),
            ("", &[]),
        ] {
            assert_eq!(shown(line), expected, "{line}");
        }
    }

    #[test]
    fn the_program_is_the_one_that_runs_in_the_end() {
        for (line, program) in [
            ("gunicorn app", Some("gunicorn")),
            ("exec bundle exec bin/puma -C x", Some("puma")),
            ("env -u X A=1 nice -n 5 ./server", Some("server")),
            ("poetry run uvicorn app", Some("uvicorn")),
            ("dumb-init -- node x", Some("node")),
            ("python3 -m gunicorn app", Some("gunicorn")),
            ("python app.py", Some("python")),
            ("exec", None),
        ] {
            let commands = commands(line);
            assert_eq!(commands[0].program().map(|(name, _)| name), program, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read_and_spans_are_in_it(line in "[a-z &|;<>()\\\\'\"$={}#é0-9\n]{0,40}") {
            for command in commands(&line) {
                for word in command.words {
                    prop_assert!(line.get(word.span).is_some());
                }
            }
        }
    }
}
