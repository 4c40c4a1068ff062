//! Judges a literal under a name: what the name says, what the value looks like, and where they stand.

use std::ops::Range;

use super::assign::{Assigned, Style, assigned, is_name_byte, name_around};
use super::encoded;
use super::explained;
use super::help;
use super::hits::{Hit, Rank};
use super::keys::known_prefix;
use super::language::{Language, Role};
use super::literal::is_scheme;
use super::mappings;
use super::mentions::{is_constant, is_name_of_one, is_no_password, is_resource};
use super::names::{self, Says, says};
use super::rules;
use super::source::{At, Source};
use super::stand_ins;
use super::values::{self, Looks, looks};
use crate::factors::finding::Level;

/// A word that speaks of a secret stands at `at`.
pub fn look(source: &Source<'_>, at: usize, hits: &mut Vec<Hit>) {
    let Some(mut given) = assigned(source, at) else {
        if !source.holds_texts {
            look_below(source, at, hits);
        }
        return;
    };
    // Under the names of texts stand texts, but for what chance has made.
    let written = &source.text[given.value.clone()];
    if source.holds_texts && (written.contains(&b' ') || !explained::is_by_chance(written)) {
        return;
    }
    let name = &source.text[given.name.clone()];
    if is_wordpress_key(name, &source.text[given.value.clone()]) && !explained::is_example(source, &given) {
        hits.push(hit(source, &given, 0));
        return;
    }
    let Some(says) = says(name).filter(|_| !is_setter_of_other(name, given.style)) else { return };
    let basic = strip_scheme(source, &mut given);
    let value = &source.text[given.value.clone()];
    if basic {
        if encoded::is_basic(value) {
            hits.push(hit(source, &given, 0));
        }
    } else if is_login_without_password(name, value) {
        // Docker keeps the user of a registry that asks for none.
    } else if is_secret(source, says, &given) {
        let prefix = known_prefix(value).unwrap_or(0);
        hits.push(hit(source, &given, prefix));
    } else if stand_ins::is_key(source, says, &given) {
        hits.push(placeholder(source, given.value.clone(), &source.text[given.name.clone()]));
    } else if let Some(span) = stand_ins::login(source, says, &given) {
        hits.push(stand_ins::known_password(source, span, &source.text[given.name.clone()]));
    }
}

/// The name may be a mapping's, of which each entry is one.
fn look_below(source: &Source<'_>, at: usize, hits: &mut Vec<Hit>) {
    let name = name_around(source, at);
    for given in mappings::entries(source, &name) {
        let value = &source.text[given.value.clone()];
        // Their own names say nothing, so that the values must.
        let speaks = match looks(value) {
            Looks::Random => has_digit(value),
            Looks::Chosen => {
                says(&source.text[name.clone()]) == Some(Says::Password)
                    && has_digit(value)
                    && value.len() >= 6
            }
            _ => false,
        };
        if speaks && !values::is_uuid(value) && is_secret(source, Says::Secret, &given) {
            hits.push(hit(source, &given, known_prefix(value).unwrap_or(0)));
        }
    }
}

/// The eight keys and salts of `wp-config.php`, which its documentation has made of 64 characters of all kinds.
fn is_wordpress_key(name: &[u8], value: &[u8]) -> bool {
    let stem = name.strip_suffix(b"_KEY").or_else(|| name.strip_suffix(b"_SALT"));
    let is_one = matches!(stem, Some(b"AUTH" | b"SECURE_AUTH" | b"LOGGED_IN" | b"NONCE"));
    is_one && value.len() == 64 && !values::says_so(value)
}

/// `Bearer …` and `Basic …` are not part of the secret. Tells whether it was `Basic`.
fn strip_scheme(source: &Source<'_>, given: &mut Assigned) -> bool {
    let value = &source.text[given.value.clone()];
    let Some(space) = memchr::memchr(b' ', value).filter(|space| is_scheme(&value[..*space])) else {
        return false;
    };
    let rest = &value[space + 1..];
    let end = rest.iter().position(|b| matches!(b, b' ' | b'"' | b'\'' | b',' | b'\\')).unwrap_or(rest.len());
    let basic = value[..space].eq_ignore_ascii_case(b"basic");
    given.value.start += space + 1;
    given.value.end = given.value.start + end;
    basic
}

/// `"auth": "YW5uOg=="`, which is `ann:`.
fn is_login_without_password(name: &[u8], value: &[u8]) -> bool {
    name == b"auth"
        && encoded::base64(value).is_some_and(|plain| {
            plain.len() > 1 && plain.ends_with(b":") && plain.iter().all(u8::is_ascii_graphic)
        })
}

/// A call that sets, checks with or logs in by it gets the secret; any other call with that word gets something else.
fn is_setter_of_other(name: &[u8], style: Style) -> bool {
    if style != Style::Called {
        return false;
    }
    let last = name.rsplit(|b| *b == b'.').next().unwrap_or(name);
    let words = names::words(last);
    let sets = words.len() == 1 && name.len() > last.len();
    !(sets || words.first().is_some_and(|first| matches!(first.as_str(), "set" | "with" | "use")))
}

fn is_secret(source: &Source<'_>, says: Says, given: &Assigned) -> bool {
    let value = &source.text[given.value.clone()];
    let name = &source.text[given.name.clone()];
    // Two words of a list stand side by side, too.
    let is_listed = given.style == Style::Beside && value.contains(&b' ');
    if is_listed || is_not_a_value(source, given, value) {
        return false;
    }
    if says == Says::Password && (is_kept(source, value) || values::is_app_password(value)) {
        return true;
    }
    if values::is_public_key(value) || values::is_wallet(value) || is_no_password(source, given) {
        return false;
    }
    // What a documenting string or a comment holds is asked last: it takes the whole file to be lexed.
    weigh(source, says, given, name, without_encoder(value))
        && !source.is_documentation(given.value.start)
        && !explained::is_example(source, given)
}

/// By what the name says and what the value looks like.
fn weigh(source: &Source<'_>, says: Says, given: &Assigned, name: &[u8], value: &[u8]) -> bool {
    if says == Says::Secret && (is_resource(value) || is_constant(value)) {
        return false;
    }
    if names::words(value) == names::words(name) || is_name_of_one(value) {
        return false;
    }
    // Only a program compares with this sign.
    if given.style == Style::Compared && !source.language.is_program() {
        return false;
    }
    if values::is_crypt(value) {
        return says >= Says::Secret;
    }
    if values::is_uuid(value) {
        return says >= Says::Secret && source.role != Role::Docs;
    }
    let careful = matches!(source.role, Role::Docs | Role::Sample) || source.language == Language::Prose;
    let comment = !careful && !source.language.is_settings() && source.is_comment(given.value.start);
    let told = careful || comment;
    if told && values::is_disguised(value) {
        return false;
    }
    match says {
        Says::Password => weigh_password(source, given, value, told),
        Says::Secret => weigh_secret(given, value, told),
        Says::Perhaps => weigh_perhaps(source, given, name, value, told),
    }
}

/// `told`: in a text, a sample or a comment, where people write what is none.
fn weigh_password(source: &Source<'_>, given: &Assigned, value: &[u8], told: bool) -> bool {
    match looks(value) {
        Looks::Other | Looks::Placeholder => false,
        Looks::Random => true,
        Looks::Chosen if told => given.quoted && has_digit(value) && value.len() >= 6,
        Looks::Chosen => match given.style {
            Style::Beside => value.len() >= 6 && has_digit(value),
            Style::Called => value.len() >= 4 && has_digit(value),
            _ => value.len() >= 4 || (value.len() == 3 && source.role != Role::Test),
        },
        Looks::Word => {
            let made_up = source.role == Role::Test && !is_unspoken(value, 6);
            !told
                && !made_up
                && value.len() >= 4
                && matches!(given.style, Style::Given | Style::Element | Style::Option)
        }
    }
}

fn weigh_secret(given: &Assigned, value: &[u8], told: bool) -> bool {
    let is_given = !matches!(given.style, Style::Beside | Style::Called);
    match looks(value) {
        Looks::Other | Looks::Placeholder => false,
        Looks::Random => value.len() >= 10 && has_digit(value) || value.len() >= 20,
        Looks::Chosen => {
            is_given
                && !values::is_wordy(value)
                && !told
                && value.len() >= 8
                && has_digit(value)
                && value.iter().any(u8::is_ascii_alphabetic)
                && !is_dotted_or_spaced(value)
        }
        // Ten letters that cannot be spoken are no word.
        Looks::Word => {
            is_given && given.quoted && !told && is_unspoken(value, 10) && values::is_unspeakable(value)
        }
    }
}

/// So many letters that are no word and hold none that stands for a password: nobody made them up, a machine did.
fn is_unspoken(value: &[u8], least: usize) -> bool {
    let lower = value.to_ascii_lowercase();
    let holds = |word: &[u8]| memchr::memmem::find(&lower, word).is_some();
    value.len() >= least
        && !values::is_wordy(value)
        && !lower.iter().all(|b| (b'a'..=b'f').contains(b))
        && ![&b"pass"[..], b"pwd", b"pswd", b"test", b"secret", b"key", b"token", b"qwe", b"asdf"]
            .iter()
            .any(|word| holds(word))
}

fn weigh_perhaps(source: &Source<'_>, given: &Assigned, name: &[u8], value: &[u8], told: bool) -> bool {
    // Data holds one of these beside each of its records.
    let record = source.language.is_settings() && names::is_of_record(name) && !is_named_settings(source);
    if record || looks(value) != Looks::Random {
        return false;
    }
    // `VENDOR_KEY=…` among the variables of an environment.
    let variable = source.language == Language::Dotenv
        && given.style == Style::Given
        && name.ends_with(b"_KEY")
        && value.len() >= 16
        && has_digit(value)
        && !values::is_public_key(value);
    variable || !told && (is_strong(value) || is_salt(name) && values::is_digest(value))
}

/// `secrets.yml`, `appsettings.json`: a salt in it is the app's own.
fn is_named_settings(source: &Source<'_>) -> bool {
    let name = source.path.rsplit('/').next().unwrap_or(&source.path).to_ascii_lowercase();
    ["secret", "settings", "config", "credentials", ".ini", ".toml", ".tfvars", ".properties"]
        .iter()
        .any(|word| name.contains(word))
}

/// `{noop}secret`: Spring's name of the encoder in front.
fn without_encoder(value: &[u8]) -> &[u8] {
    let end = value.iter().position(|b| *b == b'}').filter(|_| value[0] == b'{').unwrap_or(0);
    let named = end > 2 && value[1..end].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    if named && value.len() > end + 3 { &value[end + 1..] } else { value }
}

/// In a file that keeps logins, where only what says that it is none, or is put in later, is none.
fn is_kept(source: &Source<'_>, value: &[u8]) -> bool {
    source.keeps_logins && !values::says_so(value) && !matches!(looks(value), Looks::Other)
}

/// Of a salt's value and its kin's a row of hexadecimal digits is what one expects.
fn is_salt(name: &[u8]) -> bool {
    let last = names::words(name).pop();
    last.is_some_and(|word| matches!(word.as_str(), "salt" | "nonce" | "iv" | "pepper" | "seed"))
}

/// Under a name that says little the value must say all: long, of many kinds of bytes, and not what things are found by.
fn is_strong(value: &[u8]) -> bool {
    let kinds = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit]
        .iter()
        .filter(|kind| value.iter().any(kind))
        .count();
    value.len() >= 20
        && kinds == 3
        && !values::is_digest(value)
        && !values::is_public_key(value)
        && !value.iter().any(|b| matches!(b, b' ' | b':' | b',' | b'(' | b'.' | b';'))
        && !value.windows(2).any(|pair| pair[0] == b'=' && pair[1] != b'=')
        && values::entropy(value) >= 3.8
}

fn has_digit(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit)
}

fn is_dotted_or_spaced(value: &[u8]) -> bool {
    value.iter().any(|b| matches!(b, b' ' | b',' | b'(' | b'[' | b'{' | b'<' | b'|'))
        || value.split(|b| matches!(b, b'.' | b'-' | b'_' | b'/')).all(values::is_wordy)
}

/// What a bare value may be besides a value: a keyword, code, a number, a reference.
fn is_not_a_value(source: &Source<'_>, given: &Assigned, value: &[u8]) -> bool {
    let number = value.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'x'));
    if number && (value.len() < 4 || !given.quoted || matches!(given.style, Style::Called | Style::Beside)) {
        return !(source.language.is_settings()
            && value.len() >= 4
            && given.style == Style::Given
            && says(&source.text[given.name.clone()]) == Some(Says::Password));
    }
    if given.quoted {
        let holed = || memchr::memchr(b'{', value).is_some_and(|at| value[at..].contains(&b'}'));
        return (value[0] == b'$' && !values::is_crypt(value) || holed())
            && matches!(source.at(given.value.start), At::Text(region) if region.expands);
    }
    let opens = opens(source.language).contains(&value[0]) && !values::is_crypt(value);
    let settings = source.language.is_settings();
    // Base64 is filled up with this sign at its end.
    let body = &value[..value.iter().rposition(|b| *b != b'=').map_or(0, |last| last + 1)];
    let code = matches!(value.last(), Some(b'(' | b'{' | b'['))
        || !settings && matches!(value.last(), Some(b')' | b';' | b','))
        || body
            .windows(2)
            .any(|w| w == b"()" || w == b"::" || w == b"->" || w == b"==" || w == b"[\"" || w == b"['")
        || (memchr::memchr(b' ', value).is_some())
        || is_method_call(value);
    opens || code
}

/// With which signs a bare value is something other than itself, by each format's rules.
fn opens(language: Language) -> &'static [u8] {
    match language {
        Language::Ini => b"<([{",
        Language::Dotenv => b"$`<([{",
        _ => b"$([{<*&|>@`!%",
    }
}

/// `base64.b64decode(raw`, `strenv(NAME`, cut where its argument ends.
fn is_method_call(value: &[u8]) -> bool {
    let path = value.iter().take_while(|byte| is_name_byte(**byte) || **byte == b'.').count();
    let spoken = path >= 3 && value[..path].iter().all(|b| b.is_ascii_lowercase() || *b == b'_');
    value.get(path) == Some(&b'(') && (value[..path].contains(&b'.') || spoken)
}

/// `span` holds a key's prefix and words.
pub fn placeholder(source: &Source<'_>, span: Range<usize>, name: &[u8]) -> Hit {
    let value = &source.text[span.clone()];
    let prefix = known_prefix(value).unwrap_or(0);
    let shown = String::from_utf8_lossy(&value[..prefix]).into_owned();
    Hit {
        rule: &rules::KEY_PLACEHOLDER,
        rank: Rank::KeyPlaceholder,
        level: Level::Warn,
        message: format!(
            "what stands for a key is written here (`{shown}…`, {} chars); the real one will follow",
            value.len()
        ),
        help: help::read(source.language, &help::variable(name, "API_KEY")),
        public_prefix: Some(prefix),
        span,
    }
}

fn hit(source: &Source<'_>, given: &Assigned, prefix: usize) -> Hit {
    let name = String::from_utf8_lossy(&source.text[given.name.clone()]).into_owned();
    let name = name.trim_start_matches('-');
    Hit {
        rule: &rules::PASSWORD,
        rank: Rank::Password,
        level: Level::Error,
        message: format!("`{name}` is given a literal of {} chars", given.value.len()),
        help: help::read(source.language, &help::variable(name.as_bytes(), "PASSWORD")),
        public_prefix: Some(prefix),
        span: given.value.clone(),
    }
}

/// `span` holds a password that no name was given to, because its place says it: a command line, a password file.
pub fn by_place(source: &Source<'_>, span: Range<usize>, what: &str, variable: &str) -> Hit {
    Hit {
        rule: &rules::PASSWORD,
        rank: Rank::Password,
        level: Level::Error,
        message: format!("{what} holds a password of {} chars", span.len()),
        help: help::read(source.language, variable),
        public_prefix: Some(0),
        span,
    }
}

/// A value whose place says that it is a password: weighed as under such a name.
pub fn is_password(source: &Source<'_>, span: &Range<usize>) -> bool {
    let value = &source.text[span.clone()];
    if is_kept(source, value) {
        return true;
    }
    if source.holds_texts || source.is_documentation(span.start) {
        return false;
    }
    match looks(value) {
        Looks::Random => true,
        Looks::Chosen => {
            !matches!(source.role, Role::Docs | Role::Sample) || (has_digit(value) && value.len() >= 8)
        }
        Looks::Word => {
            value.len() >= 4
                && matches!(source.role, Role::Program | Role::Settings)
                && source.at(span.start) != At::Comment
        }
        Looks::Other | Looks::Placeholder => values::is_crypt(value),
    }
}
