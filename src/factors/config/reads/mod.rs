//! Where the code reads its environment: the evidence that speaks for an app, and the defaults that may speak against it.

mod calls;
mod defaults;
mod every;
mod fields;
mod options;
mod own;
mod receive;
mod settings_class;
mod shell;
mod table;
mod whole;

use std::ops::Range;

pub use self::defaults::judge;
pub use self::every::{Every, EveryRead, TAKERS, Taker, take};
pub use self::fields::{annotation, tag};
pub use self::settings_class::settings_class;
pub use self::shell::expansions;
pub use self::table::{Form, READERS, Reader};
use super::language::Language;
use super::source::{At, Source};
use crate::factors::finding::{Evidence, Factor, Place};

/// One read, as offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The variable's name.
    pub name: String,
    /// The whole expression that reads it.
    pub span: Range<usize>,
    /// What gets the value: a variable, a key, a keyword argument.
    pub receiver: Option<String>,
    pub has_default: bool,
    /// The default where it is a literal.
    pub default: Option<Range<usize>>,
}

/// One read with its place.
#[derive(Debug, Clone)]
pub struct EnvRead {
    /// The variable's name.
    pub name: String,
    /// What gets the value: a variable, a key, a keyword argument.
    pub receiver: Option<String>,
    /// The code is ready for its absence.
    pub has_default: bool,
    /// The whole expression that reads it.
    pub place: Place,
}

impl From<&EnvRead> for Evidence {
    fn from(read: &EnvRead) -> Self {
        let what = read.receiver.as_ref().unwrap_or(&read.name);
        let tail = if read.has_default { ", with a default" } else { "" };
        Self {
            kind: "config/env-read",
            factor: Factor::Config,
            message: format!("`{what}` is read from `{}`{tail}", read.name),
            place: read.place.clone(),
            details: vec![
                ("name", read.name.clone()),
                ("receiver", read.receiver.clone().unwrap_or_default()),
                ("default", if read.has_default { "yes" } else { "no" }.to_owned()),
            ],
        }
    }
}

impl Read {
    /// A key with dots is a property of a file, whose default is judged all the same.
    pub fn is_variables(&self) -> bool {
        is_variable(self.name.as_bytes())
    }
}

pub fn is_variable(name: &[u8]) -> bool {
    name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// As POSIX has the names of variables, and as nobody writes the keys of a file.
fn is_in_capitals(name: &[u8]) -> bool {
    name.len() > 1
        && is_variable(name)
        && name.iter().any(u8::is_ascii_uppercase)
        && !name.iter().any(u8::is_ascii_lowercase)
}

/// The word at the beginning.
fn word(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()]
}

/// A reader's word stands at `at..end`.
pub fn look(source: &Source<'_>, reader: &Reader, at: usize, end: usize, reads: &mut Vec<Read>) {
    if !reader.languages.contains(&source.language) && !is_embedded(source, reader, at) {
        return;
    }
    if reader.form == Form::Helper {
        return calls::helper(source, at, reads);
    }
    let before = source.behind(at, 1).first().copied().unwrap_or(b'\n');
    let whole = !(before.is_ascii_alphanumeric() || before == b'_')
        || !reader.word.as_bytes()[0].is_ascii_alphabetic();
    if !whole
        || &source.text[at..end] != reader.word.as_bytes()
        || !is_read_here(source, at, reader.form)
        || !reader.fits(source, at)
    {
        return;
    }
    match reader.form {
        Form::Call if source.byte(end) == b')' => calls::piped(source, at, end, reads),
        Form::Call => calls::literal_in(source, at, end, How::Argument, reads),
        Form::Bare => calls::literal_in(source, at, end, How::Bare, reads),
        Form::SecondArgument => {
            if let Some(comma) = memchr::memchr(b',', source.right(end)) {
                calls::literal_in(source, at, end + comma + 1, How::Argument, reads);
            }
        }
        Form::Map => whole::map(source, at, end, reads),
        Form::Settings => calls::settings(source, at, end, reads),
        Form::Helper => {}
        Form::Field => fields::field(source, at, end, reads),
        Form::Attribute => fields::attribute(source, end, reads),
        Form::Property => fields::property(source, at, end, reads),
        Form::Expand => calls::expanded(source, at, end, reads),
        Form::Processor => calls::processor(source, at, end, reads),
        Form::Module => whole::module(source, at, end, reads),
        Form::Names => whole::names(source, at, reads),
    }
}

/// Where the Ruby begins that stands at `at` in a file of another kind: ERB's `<%= … %>`, as Rails has it in its YAML.
fn embedded(source: &Source<'_>, at: usize) -> Option<usize> {
    let left = source.left(at);
    let open = memchr::memmem::rfind(left, b"<%")?;
    let inside = memchr::memmem::find(&left[open..], b"%>").is_none();
    inside.then_some(at - left.len() + open)
}

fn is_embedded(source: &Source<'_>, reader: &Reader, at: usize) -> bool {
    source.language.is_settings()
        && reader.languages.contains(&Language::Ruby)
        && embedded(source, at).is_some()
}

/// In code, or in the hole of a string.
fn is_read_here(source: &Source<'_>, at: usize, form: Form) -> bool {
    match source.at(at) {
        At::Code => true,
        At::Comment => false,
        At::Text(_) if form == Form::Processor => true,
        At::Text(_) if source.path.ends_with(".erb") => embedded(source, at).is_some(),
        // PHP's `"$_ENV[X]"` and markup around code are no strings of their own; in a file of settings ERB comes first.
        At::Text(region) => {
            region.expands && source.language == Language::Php || source.language.is_settings()
        }
    }
}

/// How the name was found, which says what may come after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// In a call, of which a second argument may be the default.
    Argument,
    /// The same, and a second argument is one in every language.
    Helper,
    /// The same, and a second argument says what is told when there is none.
    Demand,
    /// In a call without brackets.
    Bare,
    /// `["X"]`.
    Index,
    /// `.X`, `%env(X)%`.
    Member,
}

/// The name is known and `end` is behind it: the default, the receiver, and whether it is a write after all.
fn finish(
    source: &Source<'_>,
    at: usize,
    name: Range<usize>,
    mut end: usize,
    how: How,
    reads: &mut Vec<Read>,
) {
    let mut default = match how {
        How::Member => None,
        How::Bare => Some(defaults::bare(source, end)),
        How::Demand => {
            Some(defaults::Default { has: false, literal: None, ..defaults::argument(source, end, true) })
        }
        How::Argument | How::Index | How::Helper => Some(defaults::argument(source, end, how == How::Helper)),
    };
    if let Some(default) = &default {
        end = default.end;
    }
    if matches!(how, How::Index | How::Member) && is_written(source, end) || is_removed(source, at) {
        return;
    }
    if !default.as_ref().is_some_and(|default| default.has) {
        default = Some(defaults::behind(source, end));
    }
    if !default.as_ref().is_some_and(|default| default.has) {
        default = Some(defaults::other_arm(source, at, end, &source.text[name.clone()]));
    }
    let begin = embedded(source, at).unwrap_or(at);
    reads.push(Read {
        name: text(&source.text[name]),
        span: at..end,
        receiver: receive::receiver(source, begin),
        has_default: default.as_ref().is_some_and(|default| default.has),
        default: default.and_then(|default| default.literal),
    });
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn is_written(source: &Source<'_>, end: usize) -> bool {
    let rest = source.right(end).trim_ascii_start();
    matches!(rest, [b'=', next, ..] if !matches!(next, b'=' | b'~' | b'>'))
        || rest.starts_with(b"||=")
        || rest.starts_with(b"??=")
        || rest.starts_with(b"+=")
}

fn is_removed(source: &Source<'_>, at: usize) -> bool {
    let left = source.left(at).trim_ascii_end();
    left.ends_with(b"delete")
        || left.ends_with(b"del")
        || left.ends_with(b"del os.")
        || left.ends_with(b"unset(")
}
