//! What a Python file gives to a name, without running it: lists and dictionaries of plain texts, joined with `+`,
//! given in one place and added to in others. Whatever else there is makes the answer incomplete, and is passed over.

use std::cell::{Cell, RefCell};
use std::ops::Range;

/// A quoted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Between its quotes.
    pub span: Range<usize>,
    /// Something that is computed goes on after it.
    pub is_cut: bool,
    /// It is given below an `if`.
    pub is_conditional: bool,
}

/// What was found for a name.
#[derive(Debug, Default)]
pub struct Found {
    /// In the order in which they stand.
    pub texts: Vec<Text>,
    /// Every text is here, at least as far as it names something.
    pub is_whole: bool,
    /// It is given a value at all.
    pub is_given: bool,
}

/// Brackets and names inside of each other beyond this are nobody's `setup.py`.
const DEEPEST: usize = 24;

/// So many variables are looked up, and no more.
const MOST_LOOKUPS: usize = 100;

/// So many values are read, each of which may be as long as the file.
const MOST_VALUES: usize = 1000;

/// A longer line is looked through for no comment.
const LONGEST_LINE: usize = 2000;

/// The values of a file.
pub struct Values<'a> {
    text: &'a str,
    /// Names that are being looked up: who meets itself adds nothing.
    open: RefCell<Vec<&'a str>>,
    /// How often a variable was looked up.
    lookups: Cell<usize>,
    /// How many values were read.
    given: Cell<usize>,
}

impl<'a> Values<'a> {
    /// Of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, open: RefCell::new(Vec::new()), lookups: Cell::new(0), given: Cell::new(0) }
    }

    /// What is given to a name: as a variable, as an argument, as a key of a dictionary.
    pub fn of(&self, name: &'a str) -> Found {
        let mut found = Found { is_whole: true, ..Found::default() };
        // `install_requires=install_requires` adds nothing.
        self.open.borrow_mut().push(name);
        for (at, _) in self.text.match_indices(name) {
            self.at_name(at, at + name.len(), &mut found, 0);
        }
        self.open.borrow_mut().clear();
        found.texts.sort_by_key(|text| text.span.start);
        found.texts.dedup_by_key(|text| text.span.clone());
        found
    }

    /// Whether a call is given a dictionary that is not written out: `**arguments`.
    pub fn is_passed_on(&self, arguments: &str) -> bool {
        let Some((_, rest)) = arguments.split_once("**") else { return false };
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let name = &rest[..end.unwrap_or(rest.len())];
        let is_written = |opening: &str| {
            let given = self.text.split(&format!("{name} =")).nth(1);
            given.is_some_and(|value| value.trim_start().starts_with(opening))
        };
        name.is_empty() || !is_written("{") && !is_written("dict(")
    }

    /// What happens to a name that stands here.
    fn at_name(&self, start: usize, end: usize, found: &mut Found, depth: usize) {
        let before = &self.text[..start];
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        if self.is_comment(line, start) {
            return;
        }
        let quote = before.chars().next_back().filter(|last| ['"', '\''].contains(last));
        if let Some(quote) = quote {
            let Some(rest) = self.text[end..].strip_prefix(quote) else { return };
            let after = self.blanks(self.text.len() - rest.len());
            return match self.byte(after) {
                Some(b':') => {
                    self.give(start, after + 1, found, depth);
                }
                Some(b']') => self.after_name(start, after + 1, found, depth),
                // `x.setdefault('key', []).append('a')`
                Some(b',') if before[..before.len() - 1].ends_with("setdefault(") => {
                    let at = self.give(start, after + 1, found, depth);
                    if self.byte(at) == Some(b')') {
                        self.after_name(start, at + 1, found, depth);
                    }
                }
                _ => {}
            };
        }
        let is_within = before.ends_with(|last: char| last.is_alphanumeric() || "_.".contains(last));
        if !is_within {
            self.after_name(start, end, found, depth);
        }
    }

    /// What follows a name, or a place in a dictionary: a value that is given or added.
    fn after_name(&self, start: usize, end: usize, found: &mut Found, depth: usize) {
        let at = self.blanks(end);
        let rest = &self.text[at..];
        let is_value = |rest: &str| rest.starts_with('=') && !rest.starts_with("==");
        if rest.starts_with("+=") {
            self.give(start, at + 2, found, depth);
        } else if is_value(rest) {
            self.give(start, at + 1, found, depth);
        } else if let Some(method) = rest.strip_prefix('.') {
            self.method(start, at + 1, method, found, depth);
        } else if rest.starts_with('[') {
            // `extras['x'] = […]`
            let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
            let Some(close) = line.find(']') else { return };
            let after = line[close + 1..].trim_start();
            if is_value(after) || after.starts_with("+=") || after.starts_with('.') {
                self.after_name(start, at + close + 1, found, depth);
            }
        } else if let Some(annotated) = rest.strip_prefix(':') {
            // `requires: list[str] = […]`
            let line = &annotated[..annotated.find('\n').unwrap_or(annotated.len())];
            let is_statement = self.text[..start].ends_with('\n') || start == 0;
            if let Some(sign) = line.find('=').filter(|_| is_statement) {
                self.give(start, at + 1 + sign + 1, found, depth);
            }
        }
    }

    fn method(&self, start: usize, at: usize, method: &str, found: &mut Found, depth: usize) {
        let opens = |name: &str| method.starts_with(name).then_some(at + name.len());
        if let Some(argument) = opens("append(").or_else(|| opens("extend(")).or_else(|| opens("update(")) {
            self.give(start, argument, found, depth);
        } else if let Some(argument) = opens("insert(") {
            if let Some(comma) = self.text[argument..].find(',') {
                self.give(start, argument + comma + 1, found, depth);
            }
        } else if ["remove(", "pop(", "clear(", "discard("].iter().any(|name| method.starts_with(name)) {
            found.is_whole = false;
        }
    }

    /// Takes the value that begins here, and says where it ends.
    fn give(&self, start: usize, value: usize, found: &mut Found, depth: usize) -> usize {
        let first = found.texts.len();
        found.is_given = true;
        self.given.set(self.given.get() + 1);
        if self.given.get() > MOST_VALUES {
            found.is_whole = false;
            return value;
        }
        let end = self.expression(value, found, depth + 1);
        if self.is_below_condition(start) {
            found.texts[first..].iter_mut().for_each(|text| text.is_conditional = true);
        }
        end
    }

    /// Terms that are joined with `+`. Ends at what closes or parts, however far that is.
    fn expression(&self, start: usize, found: &mut Found, depth: usize) -> usize {
        let mut at = self.blanks(start);
        if depth > DEEPEST {
            found.is_whole = false;
            return self.skip(at);
        }
        loop {
            at = self.blanks(self.term(at, found, depth));
            match self.byte(at) {
                Some(b'+') => at = self.gap(at + 1),
                None | Some(b',' | b')' | b']' | b'}' | b'\n' | b'\r' | b';' | b'#') => return at,
                Some(_) => {
                    found.is_whole = false;
                    return self.skip(at);
                }
            }
        }
    }

    fn term(&self, at: usize, found: &mut Found, depth: usize) -> usize {
        let rest = &self.text[at..];
        if let Some((span, after)) = self.string(at) {
            // setuptools takes a text too: one requirement a line.
            let mut from = span.start;
            for line in self.text[span.clone()].split('\n') {
                let start = from + line.len() - line.trim_start().len();
                from += line.len() + 1;
                let span = start..start + line.trim().len();
                if !span.is_empty() && !line.trim_start().starts_with('#') {
                    found.texts.push(Text { span, is_cut: false, is_conditional: false });
                }
            }
            return after;
        }
        if rest.starts_with(['[', '(', '{']) {
            return self.collection(at + 1, found, depth);
        }
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && !"_.".contains(letter));
        let name = &rest[..end.unwrap_or(rest.len())];
        let after = at + name.len();
        let opens = self.byte(after) == Some(b'(');
        match name {
            "None" => {}
            "list" | "tuple" | "set" | "sorted" if opens => return self.collection(after + 1, found, depth),
            _ if name.is_empty() || opens || self.byte(after) == Some(b'[') => found.is_whole = false,
            _ => self.variable(name, found, depth),
        }
        if name.is_empty() || opens || self.byte(after) == Some(b'[') { self.skip(after) } else { after }
    }

    /// What a variable of the module holds.
    fn variable(&self, name: &'a str, found: &mut Found, depth: usize) {
        if self.open.borrow().contains(&name) {
            return;
        }
        self.lookups.set(self.lookups.get() + 1);
        if self.lookups.get() > MOST_LOOKUPS {
            found.is_whole = false;
            return;
        }
        self.open.borrow_mut().push(name);
        let mut held = Found { is_whole: true, ..Found::default() };
        for (at, _) in self.text.match_indices(name) {
            let end = at + name.len();
            let is_whole_word =
                !self.text[end..].starts_with(|next: char| next.is_alphanumeric() || next == '_');
            let is_quoted = self.text[..at].ends_with(['"', '\'']);
            if is_whole_word && !is_quoted {
                self.at_name(at, end, &mut held, depth + 1);
            }
        }
        self.open.borrow_mut().pop();
        found.is_whole &= held.is_whole && held.is_given;
        found.texts.extend(held.texts);
    }

    /// The texts of a list, tuple or dictionary of lists whose bracket was just opened.
    fn collection(&self, start: usize, found: &mut Found, depth: usize) -> usize {
        let mut at = start;
        loop {
            at = self.gap(at);
            match self.byte(at) {
                None => {
                    found.is_whole = false;
                    return at;
                }
                Some(b']' | b')' | b'}') => return at + 1,
                // `[*a, *b]`, and a sum that goes on in the next line.
                Some(b',' | b';' | b'*' | b'+') => at += 1,
                Some(_) => at = self.element(at, found, depth),
            }
        }
    }

    fn element(&self, at: usize, found: &mut Found, depth: usize) -> usize {
        if let Some((span, end)) = self.string(at) {
            let after = self.gap(end);
            match self.byte(after) {
                // It was a key.
                Some(b':') => return self.gap(self.expression(self.gap(after + 1), found, depth + 1)),
                Some(b',' | b']' | b')' | b'}') => {
                    found.texts.push(Text { span, is_cut: false, is_conditional: false });
                    return after;
                }
                _ => return self.cut(span, after, found),
            }
        }
        // What is computed from a text begins with it, as far as the first brace.
        if let Some((span, end)) = self.text[at..].strip_prefix(['f', 'F']).and_then(|_| self.string(at + 1))
        {
            let length = self.text[span.clone()].find('{').unwrap_or(span.len());
            return self.cut(span.start..span.start + length, end, found);
        }
        let end = self.expression(at, found, depth + 1);
        match self.byte(end) {
            // A line ends nothing inside of brackets, and a key may be a name.
            Some(b'\n' | b'\r' | b'#') => self.gap(end),
            _ if end == at => {
                found.is_whole = false;
                at + self.text[at..].chars().next().map_or(1, char::len_utf8)
            }
            _ => end,
        }
    }

    /// A text after which something that is computed goes on: `'name ' + version`. Where its name may go on there too,
    /// as in `f"name{suffix}"`, nobody knows whom it names.
    fn cut(&self, span: Range<usize>, after: usize, found: &mut Found) -> usize {
        let text = &self.text[span.clone()];
        let name = text.find(|letter: char| !letter.is_alphanumeric() && !"-_.".contains(letter));
        match name {
            Some(end) if end > 0 => found.texts.push(Text { span, is_cut: true, is_conditional: false }),
            _ => found.is_whole = false,
        }
        self.skip(after)
    }

    /// A text that begins here, without letters before it that make it something else: between its quotes, and after.
    fn string(&self, at: usize) -> Option<(Range<usize>, usize)> {
        let rest = &self.text[at..];
        let prefix = rest.bytes().take(2).position(|byte| [b'"', b'\''].contains(&byte))?;
        if prefix == 1 && !rest.starts_with(['u', 'U', 'r', 'R', 'b', 'B']) {
            return None;
        }
        let quote = &rest[prefix..=prefix];
        let triple = quote.repeat(3);
        let open = if rest[prefix..].starts_with(&triple) { triple.as_str() } else { quote };
        let start = at + prefix + open.len();
        let end = self.closing(start, open)?;
        let is_torn = open.len() == 1 && self.text[start..end].contains('\n');
        (!is_torn).then_some((start..end, end + open.len()))
    }

    /// Where these quotes close a text; what is escaped closes nothing.
    fn closing(&self, start: usize, quotes: &str) -> Option<usize> {
        let mut at = start;
        loop {
            let step = self.text[at..].find(['\\', '"', '\''])?;
            at += step;
            if self.text[at..].starts_with(quotes) {
                return Some(at);
            }
            let escaped = self.text[at..].strip_prefix('\\').and_then(|rest| rest.chars().next());
            at += 1 + escaped.map_or(0, char::len_utf8);
        }
    }

    /// Whether `at` stands behind a sign of a comment on its line, outside of quotes.
    fn is_comment(&self, line: usize, at: usize) -> bool {
        let mut here = if at - line > LONGEST_LINE { at } else { line };
        while here < at {
            if self.byte(here) == Some(b'#') {
                return true;
            }
            here = match self.string(here) {
                Some((_, end)) => end,
                None => here + self.text[here..].chars().next().map_or(1, char::len_utf8),
            };
        }
        false
    }

    /// Up to what closes or parts here, past all that is in brackets or quotes.
    fn skip(&self, start: usize) -> usize {
        let mut depth = 0_usize;
        let mut at = start;
        while let Some(letter) = self.text[at..].chars().next() {
            match letter {
                '"' | '\'' => {
                    if let Some((_, end)) = self.string(at) {
                        at = end;
                        continue;
                    }
                }
                '#' => {
                    at += self.text[at..].find('\n').unwrap_or(self.text.len() - at);
                    continue;
                }
                '[' | '(' | '{' => depth += 1,
                ']' | ')' | '}' if depth > 0 => depth -= 1,
                ']' | ')' | '}' | ',' | '\n' if depth == 0 => return at,
                _ => {}
            }
            at += letter.len_utf8();
        }
        at
    }

    /// Past blanks and continued lines.
    fn blanks(&self, start: usize) -> usize {
        let mut rest = self.text[start..].trim_start_matches([' ', '\t']);
        while let Some(next) = rest.strip_prefix("\\\n") {
            rest = next.trim_start_matches([' ', '\t']);
        }
        self.text.len() - rest.len()
    }

    /// Past blanks, lines and comments, as inside of brackets.
    fn gap(&self, start: usize) -> usize {
        let mut at = start;
        loop {
            at = self.text.len() - self.text[at..].trim_start_matches([' ', '\t', '\r', '\n', '\\']).len();
            if self.byte(at) != Some(b'#') {
                return at;
            }
            at += self.text[at..].find('\n').unwrap_or(self.text.len() - at);
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Whether a statement stands below an `if`: each line above it that is less indented is what it stands in. That a
    /// file is run, and not imported, is no condition.
    fn is_below_condition(&self, at: usize) -> bool {
        const FARTHEST: usize = 400;
        let indent = |line: &str| line.len() - line.trim_start().len();
        let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let mut least = indent(&self.text[start..at]);
        for line in self.text[..start].lines().rev().take(FARTHEST) {
            if least == 0 {
                return false;
            }
            let content = line.trim_start();
            if content.is_empty() || content.starts_with('#') || indent(line) >= least {
                continue;
            }
            least = indent(line);
            let is_condition =
                ["if ", "elif ", "else:", "try:", "except"].iter().any(|word| content.starts_with(word));
            if is_condition && !content.contains("__name__") {
                return true;
            }
        }
        false
    }
}
