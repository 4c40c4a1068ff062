//! `.env`: names and values, by a strict grammar with places. Values are never shown: what is told of
//! a line is where it stands and which name it is about.

use super::plan::Environment;
use super::problem::{BOM, Level, Place, Problem, Source};
use super::procfile::no_text;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::sync::Arc;

/// What the files have set so far, and what they see.
#[derive(Debug)]
pub struct Scope {
    /// The real environment.
    pub real: Environment,
    /// The files win over the real environment.
    pub files_win: bool,
    /// What the files have set; the later wins.
    pub set: Environment,
    /// Where each was set; the last is the one that holds.
    pub places: HashMap<String, Vec<Place>>,
}

impl Scope {
    /// Nothing is set yet.
    pub fn new(real: Environment, files_win: bool) -> Self {
        Self { real, files_win, set: Environment::default(), places: HashMap::new() }
    }

    /// What a process will see under this name, as far as it is known.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let (first, second) = if self.files_win { (&self.set, &self.real) } else { (&self.real, &self.set) };
        first.get(name).or_else(|| second.get(name))
    }
}

/// Reads a file into the scope. Every problem of the file is told.
pub fn read(source: &Arc<Source>, scope: &mut Scope) -> Vec<Problem> {
    if let Some(problem) = no_text(source) {
        return vec![problem];
    }
    let at = if source.text.starts_with(BOM) { BOM.len() } else { 0 };
    // Checked just now.
    let text = std::str::from_utf8(&source.text).unwrap_or_default();
    let mut reader = Reader { source, text, at, scope, problems: Vec::new() };
    while reader.at < text.len() {
        reader.line();
    }
    reader.problems
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    text: &'a str,
    at: usize,
    scope: &'a mut Scope,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    /// One assignment, with all lines that its value takes.
    fn line(&mut self) {
        let start = self.at;
        let line = &self.text[start..self.line_end(start)];
        let body = trim_start(line);
        if body.is_empty() || body.starts_with('#') {
            return self.go_past_line();
        }
        let Some((name, after)) = assignment(body) else {
            self.tell(
                Level::Warning,
                start..start + line.len(),
                "this line is no `NAME=value` and is ignored",
            );
            return self.go_past_line();
        };
        let name_at = start + line.len() - body.len() + (name.as_ptr() as usize - body.as_ptr() as usize);
        let name_span = name_at..name_at + name.len();
        if !is_shell_name(name) {
            self.tell(
                Level::Warning,
                name_span.clone(),
                &format!("`{name}` is no name that a shell can use"),
            );
        }
        self.at = start + line.len() - after.len();
        if let Some(value) = self.value(name) {
            self.scope.set.set(name, value);
            let place = Place::new(self.source, name_span);
            self.scope.places.entry(name.to_owned()).or_default().push(place);
        }
        self.go_past_line();
    }

    /// The value from here on. `None` when it is no value, which was told.
    fn value(&mut self, name: &str) -> Option<String> {
        let line = &self.text[self.at..self.line_end(self.at)];
        let body = trim_start(line);
        let body_at = self.at + line.len() - body.len();
        match body.chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(name, quote, body_at),
            _ => {
                let raw = unquoted(line);
                self.expand(raw, body_at)
            }
        }
    }

    fn quoted(&mut self, name: &str, quote: char, open: usize) -> Option<String> {
        let from = open + 1;
        let Some(length) = closing(&self.text[from..], quote) else {
            self.tell(Level::Error, open..from, &format!("unclosed `{quote}` in the value of `{name}`"));
            self.at = self.line_end(open);
            // Everything to the end may be inside the quote: nothing after it can be judged.
            self.at = self.text.len();
            return None;
        };
        let inside = &self.text[from..from + length];
        self.at = from + length + 1;
        let rest = &self.text[self.at..self.line_end(self.at)];
        let text_after = trim_start(rest);
        if !text_after.is_empty() && !text_after.starts_with('#') {
            let at = self.at + rest.len() - text_after.len();
            let sentence = format!("text after the closing `{quote}` in the value of `{name}`");
            self.tell(Level::Error, at..at + text_after.len(), &sentence);
            return None;
        }
        let inside = inside.replace("\r\n", "\n").replace('\r', "\n");
        if quote == '\'' { Some(inside.replace("\\'", "'")) } else { self.unescape(&inside, open) }
    }

    /// What double quotes hold: escapes and references.
    fn unescape(&mut self, inside: &str, at: usize) -> Option<String> {
        let mut value = String::new();
        let mut rest = inside;
        while let Some(next) = rest.find(['\\', '$']) {
            value.push_str(&rest[..next]);
            rest = &rest[next..];
            if let Some(escaped) = rest.strip_prefix('\\') {
                let (text, taken) = escape(escaped);
                value.push_str(text);
                rest = &rest[taken..];
            } else {
                let (text, taken) = self.reference(rest, at, 0)?;
                value.push_str(&text);
                rest = &rest[taken..];
            }
        }
        value.push_str(rest);
        Some(value)
    }

    /// References in a value without quotes.
    fn expand(&mut self, raw: &str, at: usize) -> Option<String> {
        self.expand_to(raw, at, 0)
    }

    fn expand_to(&mut self, raw: &str, at: usize, depth: usize) -> Option<String> {
        let mut value = String::new();
        let mut rest = raw;
        while let Some(next) = rest.find('$') {
            value.push_str(&rest[..next]);
            let (text, taken) = self.reference(&rest[next..], at, depth)?;
            value.push_str(&text);
            rest = &rest[next + taken..];
        }
        value.push_str(rest);
        Some(value)
    }

    /// What stands for the `$…` at the beginning of `text`, and how much of it that is.
    fn reference(&mut self, text: &str, at: usize, depth: usize) -> Option<(String, usize)> {
        let Some(body) = text.strip_prefix("${") else { return Some(("$".into(), 1)) };
        let Some(end) = closing_brace(body) else { return Some(("$".into(), 1)) };
        let taken = end + 3;
        let as_written = || Some((text[..taken].to_owned(), taken));
        let inside = &body[..end];
        let name = &inside
            [..inside.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()];
        let (colon, operator) = match inside[name.len()..].strip_prefix(':') {
            Some(operator) => (true, operator),
            None => (false, &inside[name.len()..]),
        };
        let mut operation = operator.chars();
        let kind = operation.next();
        let word = operation.as_str();
        if name.is_empty()
            || depth > 1
            || !matches!((colon, kind), (false, None) | (_, Some('-' | '+' | '?')))
        {
            let sentence = "this form of `${…}` is not known and stays as it is written";
            self.tell(Level::Warning, at..at + 1, sentence);
            return as_written();
        }
        let present = self.scope.get(name).map(|value| value.to_string_lossy().into_owned());
        let present = present.filter(|value| !(colon && value.is_empty()));
        let value = match (kind, present) {
            (None, None) => {
                self.tell(
                    Level::Warning,
                    at..at + 1,
                    &format!("`${{{name}}}` is not set, it is taken for empty"),
                );
                String::new()
            }
            (Some('-'), None) => self.expand_to(word, at, depth + 1)?,
            (Some('+'), Some(_)) => self.expand_to(word, at, depth + 1)?,
            (Some('+'), None) => String::new(),
            (Some('?'), None) => {
                let why = if word.is_empty() { "not set" } else { word };
                self.tell(Level::Error, at..at + 1, &format!("{name}: {why}"));
                return None;
            }
            (_, Some(value)) => value,
            (Some(_), None) => String::new(),
        };
        Some((value, taken))
    }

    fn tell(&mut self, level: Level, span: std::ops::Range<usize>, sentence: &str) {
        let problem = match level {
            Level::Error => Problem::error(sentence),
            Level::Warning => Problem::warning(sentence),
            Level::Note => Problem::note(sentence),
        };
        self.problems.push(problem.at(Place::new(self.source, span)));
    }

    fn line_end(&self, from: usize) -> usize {
        self.text[from..].find(['\n', '\r']).map_or(self.text.len(), |at| from + at)
    }

    fn go_past_line(&mut self) {
        let end = self.line_end(self.at);
        let rest = &self.text[end..];
        self.at = end + if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
    }
}

fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\u{a0}')
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

/// The name, and what follows the `=`.
fn assignment(body: &str) -> Option<(&str, &str)> {
    let plain = |body: &'_ str| -> Option<(usize, usize)> {
        let length =
            body.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte)).count();
        let first = body.bytes().next()?;
        let rest = trim_start(&body[length..]);
        let is_name = length > 0 && (first.is_ascii_alphanumeric() || first == b'_');
        (is_name && rest.starts_with('=')).then(|| (length, body.len() - rest.len() + 1))
    };
    if let Some((length, after)) = plain(body) {
        return Some((&body[..length], &body[after..]));
    }
    let exported = body.strip_prefix("export").filter(|rest| rest.starts_with(is_blank)).map(trim_start)?;
    let (length, after) = plain(exported)?;
    Some((&exported[..length], &exported[after..]))
}

fn is_shell_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit()) && !name.contains(['.', '-'])
}

/// A value without quotes ends at its line's end, or at a blank with `#`.
fn unquoted(line: &str) -> &str {
    let mut before_is_blank = false;
    let mut end = line.len();
    for (at, char) in line.char_indices() {
        if char == '#' && before_is_blank {
            end = at;
            break;
        }
        before_is_blank = is_blank(char);
    }
    line[..end].trim_matches(is_blank)
}

/// Where the quote closes; escaped ones do not count.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, char) in text.char_indices() {
        match char {
            // In single quotes the backslash is a character like any other, but before a quote.
            '\\' if quote == '"' => escaped = !escaped,
            '\\' if text[at + 1..].starts_with('\'')
                && text[at + 2..].contains('\'')
                && !ends_value(&text[at + 2..]) =>
            {
                escaped = true;
            }
            _ if char == quote && !escaped => return Some(at),
            _ => escaped = false,
        }
    }
    None
}

/// Whether a single quote just before `rest` ends its value: only blanks or a comment follow on the line.
fn ends_value(rest: &str) -> bool {
    let line = rest.split(['\n', '\r']).next().unwrap_or_default();
    let line = trim_start(line);
    line.is_empty() || line.starts_with('#')
}

/// What an escape in double quotes stands for, and its length with the backslash.
fn escape(after: &str) -> (&str, usize) {
    match after.chars().next() {
        Some('n') => ("\n", 2),
        Some('r') => ("\r", 2),
        Some('t') => ("\t", 2),
        Some('"') => ("\"", 2),
        Some('\\') => ("\\", 2),
        Some('$') => ("$", 2),
        _ => ("\\", 1),
    }
}

/// Where the brace of a reference closes; one more level may open inside.
fn closing_brace(body: &str) -> Option<usize> {
    let mut depth = 0;
    let mut before = ' ';
    for (at, char) in body.char_indices() {
        match char {
            '{' if before == '$' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        before = char;
    }
    None
}

#[cfg(test)]
mod tests;
