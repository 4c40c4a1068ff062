//! What stands for a secret in what is run: a key's prefix with words behind it, and the passwords that everybody knows. Whoever
//! runs it as it is runs it with these, so they are warnings, and in texts and samples nothing.

use std::ops::Range;

use super::assign::{Assigned, Style, is_name_byte};
use super::explained;
use super::help;
use super::hits::{Hit, Rank};
use super::keys::known_prefix;
use super::language::Role;
use super::names::{self, Says};
use super::rules;
use super::source::Source;
use super::values::{self, Looks, looks};
use crate::factors::finding::Level;

/// A key's prefix with words behind it, in a program or its settings.
pub fn is_key(source: &Source<'_>, says: Says, given: &Assigned) -> bool {
    let value = &source.text[given.value.clone()];
    says >= Says::Secret
        && given.quoted
        && matches!(source.role, Role::Program)
        && !source.is_comment(given.value.start)
        && !source.is_test(given.value.start)
        && known_prefix(value).is_some_and(|prefix| value[prefix..].iter().all(|b| is_name_byte(*b)))
}

/// The first passwords of everything that is installed: `changeit` of Java's key stores, and words for a password.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "passw0rd", "changeit", "changeme", "change-me", "change_me", "default", "dummy", "example", "mysql", "mysecretpassword",
    "pass", "passwd", "password", "password1", "password123", "postgres", "secret", "supersecret", "test",
];

/// Where such a password stands that what is run is run with; also one that a variable of the environment may replace:
/// `${DB_PASSWORD:-dockerpass}`.
pub fn login(source: &Source<'_>, says: Says, given: &Assigned) -> Option<Range<usize>> {
    let name = &source.text[given.name.clone()];
    let runs = matches!(source.role, Role::Program | Role::Settings)
        && !source.holds_texts
        && matches!(given.style, Style::Given | Style::Element | Style::Option)
        && (says == Says::Password || name.eq_ignore_ascii_case(b"SECRET_KEY"));
    if !runs {
        return None;
    }
    let inner = fallback(&source.text[given.value.clone()]);
    let span = given.value.start + inner.start..given.value.start + inner.end;
    let is_default = span != given.value;
    let value = source.text[span.clone()].to_ascii_lowercase();
    let asks_to_change = value.starts_with(b"change")
        && value.len() >= 8
        && value.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let known = KNOWN.iter().any(|known| known.as_bytes() == value);
    let fits = if is_default {
        known || matches!(looks(&value), Looks::Word | Looks::Chosen | Looks::Random)
    } else {
        // In a program `password` is as often the name of a field.
        asks_to_change || known && source.language.is_settings() && is_setting(name)
    };
    let told = || {
        source.is_comment(span.start)
            || source.is_test(span.start)
            || source.is_documentation(span.start)
            || explained::is_example(source, given)
    };
    (fits && !told()).then_some(span)
}

/// A variable of an environment, or a name of more than the word: `POSTGRES_PASSWORD`, `db_password`. `password: password`
/// says which field is meant.
fn is_setting(name: &[u8]) -> bool {
    names::words(name).len() > 1 || !name.iter().any(u8::is_ascii_lowercase)
}

/// Of `${NAME:-value}` and `${NAME-value}` the value, of anything else the whole.
fn fallback(value: &[u8]) -> Range<usize> {
    let whole = 0..value.len();
    let Some(inner) = value.strip_prefix(b"${").and_then(|rest| rest.strip_suffix(b"}")) else {
        return whole;
    };
    let name = inner.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let sign = inner[name..].iter().take_while(|b| matches!(b, b':' | b'-')).count();
    let from = 2 + name + sign;
    let fits = name > 0 && inner[name..name + sign].ends_with(b"-") && from < value.len() - 1;
    if fits { from..value.len() - 1 } else { whole }
}

/// `span` holds a password that everybody knows. To hide such a word would hide it wherever else it is said.
pub fn known_password(source: &Source<'_>, span: Range<usize>, name: &[u8]) -> Hit {
    let shown = String::from_utf8_lossy(name).into_owned();
    let value = &source.text[span.clone()];
    Hit {
        rule: &rules::PASSWORD,
        rank: Rank::KeyPlaceholder,
        level: Level::Warn,
        message: format!(
            "`{}` is given a password that everybody knows ({} chars)",
            shown.trim_start_matches('-'),
            span.len()
        ),
        help: help::read(source.language, &help::variable(name, "PASSWORD")),
        public_prefix: (!values::says_so(value) && looks(value) > Looks::Placeholder).then_some(0),
        span,
    }
}
