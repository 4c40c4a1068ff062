//! How a command line is started: by the shell, by `exec` in the shell, or without one.
//!
//! A shell that waits for its only command is in the way: its pid is not the app's, and it takes
//! memory. Where the result is the same it is left out. "The same" is what `sh` makes of the line, by
//! POSIX (Shell Command Language 2.2 to 2.9) and by what dash, bash, ksh and busybox add to it; where
//! there is doubt the shell gets the line as it is written.
//!
//! This module must not know: how anything is started. It reads a line and an environment.

use super::plan::Environment;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// How a command line is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// Plain words: executed as they are, without a shell.
    Words(Vec<OsString>),
    /// A simple command that needs the shell's quotes or expansions: `sh -c 'exec COMMAND'`.
    ExecShell,
    /// Anything else: `sh -c COMMAND`.
    Shell,
}

/// Decides how `command` is started in `environment`.
pub fn how(command: &OsStr, environment: &Environment) -> How {
    if changes_the_shell(environment) {
        return How::Shell;
    }
    let Some(line) = Line::read(command.as_bytes()) else { return How::Shell };
    if !is_program(&line.head) {
        return How::Shell;
    }
    match (line.plain, environment.get("PATH")) {
        // Without a `PATH` each shell looks in places of its own.
        (Some(words), Some(path)) if !path.is_empty() => How::Words(words),
        _ => How::ExecShell,
    }
}

/// Functions that bash exports may bear the name of a command; the others are the shell's own variables,
/// which it takes from the environment and does not pass on.
fn changes_the_shell(environment: &Environment) -> bool {
    environment.iter().any(|(name, _)| {
        name.as_bytes().starts_with(b"BASH_FUNC_")
            || [&b"IFS"[..], b"OPTIND", b"PPID", b"SHELLOPTS", b"BASHOPTS"].contains(&name.as_bytes())
    })
}

/// Whether a word at the head of a line names a file to be executed, whatever shell reads it.
fn is_program(head: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_./+@:,-".contains(byte) || !byte.is_ascii();
    let named = std::str::from_utf8(head).is_ok_and(|head| NOT_PROGRAMS.contains(&head));
    !head.is_empty() && head[0] != b'-' && head.iter().all(plain) && !named
}

/// Reserved words and built-in commands of POSIX, dash, bash, ksh and busybox ash that do something
/// else than a program of that name would, sorted.
const NOT_PROGRAMS: &[&str] = &[
    ".",
    ":",
    "alias",
    "autoload",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "case",
    "cd",
    "chdir",
    "command",
    "compgen",
    "complete",
    "compopt",
    "compound",
    "continue",
    "coproc",
    "declare",
    "dirs",
    "disown",
    "do",
    "done",
    "echo",
    "elif",
    "else",
    "enable",
    "enum",
    "esac",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fc",
    "fg",
    "fi",
    "float",
    "for",
    "function",
    "functions",
    "getopts",
    "global",
    "hash",
    "help",
    "hist",
    "history",
    "if",
    "in",
    "integer",
    "jobs",
    "kill",
    "let",
    "local",
    "login",
    "logout",
    "mapfile",
    "nameref",
    "namespace",
    "newgrp",
    "popd",
    "print",
    "printf",
    "pushd",
    "pwd",
    "r",
    "read",
    "readarray",
    "readonly",
    "redirect",
    "return",
    "select",
    "set",
    "shift",
    "shopt",
    "source",
    "stop",
    "suspend",
    "test",
    "then",
    "time",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "until",
    "wait",
    "whence",
    "while",
];

/// A line that is a simple command of words, quotes and expansions.
struct Line {
    /// The first word, without its quotes.
    head: Vec<u8>,
    /// The words, if none of them has anything that a shell would take away or replace.
    plain: Option<Vec<OsString>>,
}

impl Line {
    /// `None`: it is more than a simple command, or the shell has to say what is wrong with it.
    fn read(line: &[u8]) -> Option<Self> {
        let mut cursor = Cursor { rest: line };
        let mut words = Vec::new();
        loop {
            cursor.skip_blanks();
            match cursor.word()? {
                Read::Word(word) => words.push(word),
                Read::End => break,
            }
        }
        let head = words.first()?;
        if !head.literal {
            return None;
        }
        let head = head.text.clone();
        let plain = words.iter().all(|word| word.plain);
        let plain = plain.then(|| words.into_iter().map(|word| OsString::from_vec(word.text)).collect());
        Some(Self { head, plain })
    }
}

/// One word of a line.
struct Word {
    /// Its characters without the quotes round them.
    text: Vec<u8>,
    /// Whether `text` is what the shell would make of it.
    literal: bool,
    /// Whether the shell would leave it as it is written.
    plain: bool,
}

enum Read {
    Word(Word),
    End,
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn skip_blanks(&mut self) {
        while let [b' ' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// `None`: not a simple command.
    fn word(&mut self) -> Option<Read> {
        match self.rest.first() {
            None => return Some(Read::End),
            Some(b'#') => return None,
            Some(_) => {}
        }
        let mut word = Word { text: Vec::new(), literal: true, plain: true };
        while let Some(&byte) = self.rest.first() {
            if matches!(byte, b' ' | b'\t') {
                break;
            }
            self.next();
            match byte {
                b'\n' | b'\0' | b'|' | b'&' | b';' | b'<' | b'>' | b'(' | b')' | b'`' => return None,
                b'\'' => self.single_quoted(&mut word)?,
                b'"' => self.double_quoted(&mut word)?,
                b'\\' => {
                    let escaped = self.next().filter(|&byte| byte != b'\n')?;
                    word.text.push(escaped);
                    word.literal = false;
                    word.plain = false;
                }
                b'$' => self.expansion(&mut word)?,
                b'*' | b'?' | b'[' | b'~' | b'{' | b'}' => {
                    word.text.push(byte);
                    word.literal = false;
                    word.plain = false;
                }
                _ => word.text.push(byte),
            }
        }
        Some(Read::Word(word))
    }

    fn single_quoted(&mut self, word: &mut Word) -> Option<()> {
        word.plain = false;
        loop {
            match self.next()? {
                b'\'' => return Some(()),
                b'\n' | b'\0' => return None,
                byte => word.text.push(byte),
            }
        }
    }

    fn double_quoted(&mut self, word: &mut Word) -> Option<()> {
        word.plain = false;
        loop {
            match self.next()? {
                b'"' => return Some(()),
                b'\n' | b'\0' | b'`' => return None,
                b'\\' => {
                    let escaped = self.next().filter(|&byte| byte != b'\n')?;
                    word.text.push(escaped);
                    word.literal = false;
                }
                b'$' => self.expansion(word)?,
                byte => word.text.push(byte),
            }
        }
    }

    /// After `$`: a parameter, and nothing that runs commands or counts.
    fn expansion(&mut self, word: &mut Word) -> Option<()> {
        word.literal = false;
        word.plain = false;
        match self.next()? {
            b'{' => self.braced(),
            b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' | b'0'..=b'9' => Some(()),
            first if is_name_start(first) => {
                let rest = self.rest.iter().take_while(|&&byte| is_name(byte)).count();
                let alone = first == b'_' && rest == 0;
                self.rest = &self.rest[rest..];
                // `$_` is the last word of the line before, in some shells.
                (!alone).then_some(())
            }
            _ => None,
        }
    }

    /// After `${`: a name, perhaps an operator and a word without anything to expand or to quote.
    fn braced(&mut self) -> Option<()> {
        if let [b'#', next, rest @ ..] = self.rest
            && is_name_start(*next)
        {
            let length = rest.iter().take_while(|&&byte| is_name(byte)).count();
            self.rest = &rest[length..];
            return (self.next()? == b'}').then_some(());
        }
        let name = self.rest;
        if !is_name_start(self.next()?) {
            return None;
        }
        while let [byte, rest @ ..] = self.rest
            && is_name(*byte)
        {
            self.rest = rest;
        }
        if name.len() - self.rest.len() == 1 && name[0] == b'_' {
            return None;
        }
        if self.rest.first() == Some(&b':') {
            self.next();
            if !matches!(self.rest.first(), Some(b'-' | b'=' | b'+' | b'?')) {
                return None;
            }
        }
        match self.next()? {
            b'}' => return Some(()),
            b'-' | b'=' | b'+' | b'?' | b'#' | b'%' => {}
            _ => return None,
        }
        loop {
            match self.next()? {
                b'}' => return Some(()),
                byte if byte.is_ascii_alphanumeric() || b" _./+@:,-=#%*?".contains(&byte) => {}
                _ => return None,
            }
        }
    }
}

fn is_name_start(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic()
}

fn is_name(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit()
}

#[cfg(test)]
mod tests;
