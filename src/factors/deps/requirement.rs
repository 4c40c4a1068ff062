//! One Python requirement (PEP 508): name, extras, specifiers or a URL, marker.

use super::version::pep440::{Specifier, specifiers};

/// What a requirement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement<'a> {
    /// As written.
    pub name: &'a str,
    /// As written.
    pub extras: Vec<&'a str>,
    /// In the order of the text.
    pub specifiers: Vec<Specifier>,
    /// The text of the specifiers.
    pub constraint: &'a str,
    /// After `@`.
    pub url: Option<&'a str>,
    /// After `;`.
    pub marker: Option<&'a str>,
}

/// What was expected instead.
pub type Fault = &'static str;

/// Reads a whole text.
pub fn parse(text: &str) -> Result<Requirement<'_>, Fault> {
    let mut reader = Reader { text, at: 0 };
    reader.spaces();
    let name = reader.identifier().ok_or("a package name is expected")?;
    reader.spaces();
    let extras = reader.extras()?;
    reader.spaces();
    let mut requirement =
        Requirement { name, extras, specifiers: Vec::new(), constraint: "", url: None, marker: None };
    if reader.take("@") {
        reader.spaces();
        let url = reader.take_while(|letter| letter != ' ' && letter != '\t');
        if url.is_empty() {
            return Err("a URL is expected after `@`");
        }
        requirement.url = Some(url);
        // Without a space the `;` belongs to the URL, which has run to the end of the text.
        reader.spaces();
    } else {
        requirement.constraint = reader.constraint()?;
        requirement.specifiers =
            specifiers(requirement.constraint).ok_or("one of the comparisons is none")?;
        reader.spaces();
    }
    if reader.take(";") {
        let start = reader.at;
        reader.marker(0)?;
        requirement.marker = Some(text[start..reader.at].trim());
        reader.spaces();
    }
    if reader.rest().is_empty() { Ok(requirement) } else { Err("a comma or a semicolon is expected") }
}

/// Whether a text is a marker.
pub fn is_marker(text: &str) -> bool {
    let mut reader = Reader { text, at: 0 };
    reader.marker(0).is_ok() && reader.rest().trim().is_empty()
}

/// Deeper than anybody writes; parentheses are read by recursion.
const DEEPEST: usize = 50;

/// What a marker may ask for (PEP 508; `extras` and `dependency_groups` of PEP 751), with the older dotted names.
const VARIABLES: [&str; 18] = [
    "python_version",
    "python_full_version",
    "os_name",
    "os.name",
    "sys_platform",
    "sys.platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform.version",
    "platform_machine",
    "platform.machine",
    "platform_python_implementation",
    "platform.python_implementation",
    "python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
];
const LOCK_VARIABLES: [&str; 2] = ["extras", "dependency_groups"];

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn take(&mut self, word: &str) -> bool {
        let is_there = self.rest().starts_with(word);
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }

    fn take_while(&mut self, mut takes: impl FnMut(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|letter| !takes(letter)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn spaces(&mut self) {
        self.take_while(|letter| letter == ' ' || letter == '\t');
    }

    /// Letters and digits, with `-`, `_` and `.` in between.
    fn identifier(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let longest = rest.bytes().take_while(is_inner).count();
        let end = longest
            - rest[..longest]
                .bytes()
                .rev()
                .take_while(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
                .count();
        let begins = rest.starts_with(|first: char| first.is_ascii_alphanumeric());
        // A letter of another script goes on with the word, so the word is no name.
        let goes_on = rest[end..].starts_with(|next: char| next.is_alphanumeric() || next == '_');
        if !begins || goes_on {
            return None;
        }
        self.at += end;
        Some(&rest[..end])
    }

    fn extras(&mut self) -> Result<Vec<&'a str>, Fault> {
        let mut extras = Vec::new();
        if !self.take("[") {
            return Ok(extras);
        }
        self.spaces();
        while let Some(extra) = self.identifier() {
            extras.push(extra);
            self.spaces();
            if !self.take(",") {
                break;
            }
            self.spaces();
            if self.rest().starts_with(']') {
                return Err("an extra is expected after the comma");
            }
        }
        if self.take("]") { Ok(extras) } else { Err("the bracket of the extras is not closed") }
    }

    fn constraint(&mut self) -> Result<&'a str, Fault> {
        let is_enclosed = self.take("(");
        if is_enclosed {
            self.spaces();
        }
        let start = self.at;
        while let Some((_, rest)) = Specifier::scan(self.rest()) {
            self.at = self.text.len() - rest.len();
            if rest.starts_with(".*") {
                return Err("`.*` goes with `==` and `!=` and a plain release only");
            }
            self.spaces();
            if !self.take(",") {
                break;
            }
            self.spaces();
        }
        let constraint = self.text[start..self.at].trim();
        self.spaces();
        if is_enclosed && !self.take(")") {
            return Err("the parenthesis of the versions is not closed");
        }
        Ok(constraint)
    }

    fn marker(&mut self, depth: usize) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err("the marker is nested too deeply");
        }
        loop {
            self.spaces();
            if self.take("(") {
                self.marker(depth + 1)?;
                self.spaces();
                if !self.take(")") {
                    return Err("the parenthesis of the marker is not closed");
                }
            } else {
                self.comparison()?;
            }
            self.spaces();
            if !(self.word("and") || self.word("or")) {
                return Ok(());
            }
        }
    }

    fn comparison(&mut self) -> Result<(), Fault> {
        self.operand()?;
        self.spaces();
        let is_operator = if self.word("not") {
            self.spaces();
            self.word("in")
        } else {
            self.word("in")
                || ["===", "==", "~=", "!=", "<=", ">=", "<", ">"].iter().any(|sign| self.take(sign))
        };
        if !is_operator {
            return Err("a comparison is expected in the marker");
        }
        self.spaces();
        self.operand()
    }

    fn operand(&mut self) -> Result<(), Fault> {
        for quote in ["'", "\""] {
            if self.take(quote) {
                let end = self.rest().find(quote).ok_or("the quote of the marker is not closed")?;
                self.at += end + 1;
                return Ok(());
            }
        }
        let is_variable = VARIABLES.iter().chain(&LOCK_VARIABLES).any(|name| self.word(name));
        if is_variable { Ok(()) } else { Err("a marker variable or a quoted text is expected") }
    }

    /// A word that no letter or digit continues.
    fn word(&mut self, word: &str) -> bool {
        let goes_on =
            |rest: &str| rest[word.len()..].starts_with(|next: char| next.is_alphanumeric() || next == '_');
        let is_there = self.rest().starts_with(word) && !goes_on(self.rest());
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }
}
