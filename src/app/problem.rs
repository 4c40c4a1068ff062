//! A problem in what was written: its sentence, its place, its cure.

use std::ops::Range;
use std::sync::Arc;

/// One text that was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// As it is named to people: a path as typed, or `-m` for an argument.
    pub name: String,
    /// Its bytes, as read.
    pub text: Vec<u8>,
    /// Whether its lines may hold secrets and are never shown, only named by line and column.
    pub secret: bool,
}

/// A range of bytes of a [`Source`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub source: Arc<Source>,
    /// Bytes, counted from the start of the text as read.
    pub span: Range<usize>,
}

/// A value with the place where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub place: Place,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Shown by `check` alone, which exits 1.
    Note,
    /// Shown by every command that reads the file; `start` goes on, `check` exits 1.
    Warning,
    /// Nothing starts; exit 2.
    Error,
}

/// One problem. All problems of a reading are reported together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub level: Level,
    /// What is wrong: lower case, no full stop, literals in backticks, never a secret.
    pub sentence: String,
    /// Where.
    pub place: Option<Place>,
    /// Other places that belong to it, each with a short label.
    pub also: Vec<(Place, String)>,
    /// The cure.
    pub help: Option<String>,
}

impl Source {
    /// A text that was read from, or typed as, `name`.
    pub fn new(name: impl Into<String>, text: impl Into<Vec<u8>>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into(), secret: false })
    }
}

impl Place {
    /// These bytes of this text.
    pub fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        let end = source.text.len();
        Self { source: Arc::clone(source), span: span.start.min(end)..span.end.min(end) }
    }

    /// Counted from 1.
    pub fn line(&self) -> usize {
        line_ends(&self.source.text[..self.span.start]) + 1
    }

    /// In characters, counted from 1.
    pub fn column(&self) -> usize {
        let before = &self.source.text[..self.span.start];
        let start = before.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
        let line = before[start..].strip_prefix(BOM).unwrap_or(&before[start..]);
        String::from_utf8_lossy(line).chars().count() + 1
    }

    /// The whole line, for showing; the columns of the place in it, in characters from 0.
    fn excerpt(&self) -> (String, Range<usize>) {
        let text = &self.source.text;
        let end = text[self.span.start..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let end = end.map_or(text.len(), |at| self.span.start + at);
        let start = text[..self.span.start]
            .iter()
            .rposition(|byte| matches!(byte, b'\n' | b'\r'))
            .map_or(0, |at| at + 1);
        let start = if start == 0 && text.starts_with(BOM) { BOM.len().min(self.span.start) } else { start };
        let shown = |bytes: &[u8]| -> String {
            String::from_utf8_lossy(bytes)
                .chars()
                .map(|char| if char.is_control() { ' ' } else { char })
                .collect()
        };
        let before = shown(&text[start..self.span.start]);
        let inside = shown(&text[self.span.start..self.span.end.clamp(self.span.start, end)]);
        let after = shown(&text[self.span.end.clamp(self.span.start, end)..end]);
        let (from, length) = (before.chars().count(), inside.chars().count());
        // A very long line is cut so that the place stays in sight.
        let skip = from.saturating_sub(60);
        let line: String = (before + &inside + &after).chars().skip(skip).take(120).collect();
        let from = from - skip;
        (line, from..(from + length.max(1)).min(121))
    }
}

/// `\n`, `\r\n` and a lone `\r` end a line.
fn line_ends(text: &[u8]) -> usize {
    let newlines = memchr::memchr_iter(b'\n', text).count();
    let returns = text.windows(2).filter(|pair| pair[0] == b'\r' && pair[1] != b'\n').count();
    newlines + returns + usize::from(text.last() == Some(&b'\r'))
}

/// The byte order mark of UTF-8, which is no part of a text.
pub const BOM: &[u8] = b"\xef\xbb\xbf";

impl Problem {
    /// Nothing starts.
    pub fn error(sentence: impl Into<String>) -> Self {
        Self::new(Level::Error, sentence)
    }

    /// The start goes on.
    pub fn warning(sentence: impl Into<String>) -> Self {
        Self::new(Level::Warning, sentence)
    }

    /// For `check` alone.
    pub fn note(sentence: impl Into<String>) -> Self {
        Self::new(Level::Note, sentence)
    }

    fn new(level: Level, sentence: impl Into<String>) -> Self {
        Self { level, sentence: sentence.into(), place: None, also: Vec::new(), help: None }
    }

    /// Where.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Another place that belongs to it.
    #[must_use]
    pub fn also(mut self, place: Place, label: impl Into<String>) -> Self {
        self.also.push((place, label.into()));
        self
    }

    /// The cure.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The cure, when something like `word` exists.
    #[must_use]
    pub fn did_you_mean<'a>(self, word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match did_you_mean(word, candidates).as_slice() {
            [] => self,
            near => {
                let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
                self.help(format!("did you mean {}?", quoted.join(" or ")))
            }
        }
    }

    /// For machines.
    pub fn to_json(&self) -> serde_json::Value {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning | Level::Note => "warning",
        };
        let place = self.place.as_ref();
        serde_json::json!({
            "level": level,
            "message": self.sentence,
            "file": place.map(|place| place.source.name.clone()),
            "line": place.map(Place::line),
            "column": place.map(Place::column),
            "help": self.help,
        })
    }
}

/// What is so like `word` that it may have been meant: three at most, the likest first.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut near: Vec<(f64, &str)> = candidates
        .into_iter()
        .map(|name| (likeness(word, name), name))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0));
    // What is far less like it than the likest was hardly meant.
    let enough = near.first().map_or(0.0, |(likest, _)| likest - 0.1);
    near.retain(|(likeness, _)| *likeness >= enough);
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Jaro and Winkler's, which sees no exchange of two letters in short words; one slip is always near.
fn likeness(word: &str, name: &str) -> f64 {
    let slip = word.len() > 1 && strsim::osa_distance(word, name) == 1;
    strsim::jaro_winkler(word, name).max(if slip { 0.9 } else { 0.0 })
}

/// All but what only `check` shows.
pub fn serious(problems: &[Problem]) -> Vec<Problem> {
    problems.iter().filter(|problem| problem.level > Level::Note).cloned().collect()
}

/// The problems as people read them, in the form of the Rust compiler's.
pub fn render(problems: &[Problem], color: bool) -> String {
    use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for problem in problems {
        let title = match problem.level {
            Level::Error => Title::ERROR,
            Level::Warning | Level::Note => Title::WARNING,
        };
        let mut group = Group::with_title(title.primary_title(clean(&problem.sentence)));
        let first = problem.place.iter().map(|place| (place, String::new(), true));
        let more = problem.also.iter().map(|(place, label)| (place, label.clone(), false));
        for (place, label, is_first) in first.chain(more) {
            let path = clean(&place.source.name);
            if place.source.secret || place.source.text.is_empty() {
                let origin =
                    annotate_snippets::Origin::path(path).line(place.line()).char_column(place.column());
                group = group.element(origin);
                continue;
            }
            let (line, columns) = place.excerpt();
            let offset = |column: usize| line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
            let span = offset(columns.start)..offset(columns.end);
            let kind = if is_first { AnnotationKind::Primary } else { AnnotationKind::Context };
            let annotation = kind.span(span).label(Some(label).filter(|label| !label.is_empty()));
            let snippet =
                Snippet::source(line.clone()).line_start(place.line()).path(path).annotation(annotation);
            group = group.element(snippet);
        }
        if let Some(help) = &problem.help {
            group = group.element(Title::HELP.message(clean(help)));
        }
        text.push_str(&renderer.render(&[group]));
        text.push('\n');
    }
    text
}

/// Names from files may hold anything; a terminal gets no control characters.
pub fn clean(text: &str) -> String {
    text.chars()
        .flat_map(|char| if char.is_control() { char.escape_default().collect() } else { vec![char] })
        .collect()
}
