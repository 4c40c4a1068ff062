//! What stands under a secret's name and only mentions something: an algorithm, a name of what holds the secret, one of
//! several words of a list, an expression of a template.

use memchr::memmem;

use super::assign::{Assigned, Style};
use super::language::Language;
use super::names::{self, Says, says};
use super::receiver::innermost;
use super::source::Source;
use super::values::{Looks, looks};

/// What a call on a secret is told besides it.
#[rustfmt::skip]
const ENCODINGS: &[&[u8]] = &[
    b"utf-8", b"utf8", b"utf-16", b"utf16", b"latin-1", b"latin1", b"iso-8859-1", b"ascii", b"hex", b"base64",
    b"base64url", b"md5", b"sha1", b"sha256", b"sha512", b"sha-1", b"sha-256", b"sha-512", b"hs256", b"rs256",
    b"scram-sha-256", b"scram-sha-1", b"aes-256-cbc", b"aes-256-gcm",
    // How passwords are kept, as PHP, Django and Spring name it.
    b"bcrypt", b"scrypt", b"argon2", b"argon2i", b"argon2d", b"argon2id", b"pbkdf2", b"pbkdf2_sha256", b"pbkdf2-sha256",
    b"pbkdf2_sha1", b"sha512-crypt", b"sha256-crypt", b"md5-crypt", b"ssha", b"ssha512", b"blowfish", b"des", b"3des",
];

/// The working directory, a pass over something, one of several names in a list, the text of a form.
pub fn is_no_password(source: &Source<'_>, given: &Assigned) -> bool {
    let (name, value) = (&source.text[given.name.clone()], &source.text[given.value.clone()]);
    // Encrypted for the cluster alone, and meant to be seen, as its documentation says.
    if source.language == Language::Yaml && source.mentions("kind: SealedSecret") {
        return true;
    }
    if ENCODINGS.iter().any(|encoding| value.eq_ignore_ascii_case(encoding)) {
        return true;
    }
    if names::is_weak_password(name) {
        let is_path =
            value.contains(&b'/') || name.eq_ignore_ascii_case(b"pwd") && source.language == Language::Shell;
        let alone = names::words(name).len() == 1;
        return is_path
            || is_resource(value)
            || alone && looks(value) == Looks::Word && !has_company(source, given);
    }
    if is_bound(source, given)
        || is_key_of_entry(source, given)
        || given.style == Style::Beside && is_migration(value)
        || source.left(given.name.start).ends_with(b"%(")
    {
        return true;
    }
    let words = names::words(name);
    let says = |list: &[&str]| words.first().is_some_and(|word| list.contains(&word.as_str()));
    says(&["lbl", "label", "text", "entry", "pref", "msg", "i18n"])
        || given.style == Style::Beside && is_one_of_many(source, given)
        || words.last().is_some_and(|word| word == "passwords") && looks(value) == Looks::Word
}

/// `pass: "next"`: with only a word for it, something that one logs in to or as must be near.
fn has_company(source: &Source<'_>, given: &Assigned) -> bool {
    const COMPANY: &[&[u8]] = &[
        b"user",
        b"login",
        b"host",
        b"auth",
        b"mail",
        b"account",
        b"database",
        b"db",
        b"sql",
        b"smtp",
        b"ftp",
    ];
    let before = source.behind(given.name.end, 200);
    let near = [before, source.ahead(given.value.end, 200)].concat().to_ascii_lowercase();
    COMPANY.iter().any(|word| memmem::find(&near, word).is_some())
}

/// Vue's `:password="…"` and `v-model:password="…"`, Angular's `[password]="…"`: an expression.
fn is_bound(source: &Source<'_>, given: &Assigned) -> bool {
    let left = source.left(given.name.start);
    let before = left.last().copied().unwrap_or(b' ');
    let sign = source.ahead(given.name.end, 3);
    let bound = match before {
        b':' | b'@' => sign.starts_with(b"=\""),
        b'[' => sign == b"]=\"",
        _ => false,
    };
    let start =
        left[..left.len().saturating_sub(1)].iter().rev().find(|b| !b.is_ascii_alphanumeric() && **b != b'-');
    bound
        && matches!(source.language, Language::Markup | Language::JavaScript)
        && start.is_none_or(u8::is_ascii_whitespace)
}

/// `credentials: ["id" => x]`, `tokens = {"a": 1}`: a key of what is given, and not its value.
fn is_key_of_entry(source: &Source<'_>, given: &Assigned) -> bool {
    let after = source.right(given.value.end);
    given.style == Style::Beside
        && given.quoted
        && after.get(1..).is_some_and(|rest| {
            let rest = rest.trim_ascii_start();
            rest.starts_with(b"=>") || rest.starts_with(b":")
        })
}

/// `0006_enforce_password`, as Django numbers its migrations.
fn is_migration(value: &[u8]) -> bool {
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    digits == 4
        && value.get(4) == Some(&b'_')
        && value[5..].iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_')
}

/// `WSDL4J_JAR`: words in capitals, which is how constants and filters are named.
pub fn is_constant(value: &[u8]) -> bool {
    let parts = || value.split(|b| *b == b'_');
    value.len() < 24
        && value.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && parts().count() >= 2
        && parts().all(|part| part.first().is_some_and(u8::is_ascii_uppercase))
        && parts().all(|part| part.iter().filter(|b| b.is_ascii_digit()).count() <= 2)
}

/// An element of a list that has more than a name and its value.
fn is_one_of_many(source: &Source<'_>, given: &Assigned) -> bool {
    let after = source.right(given.value.end + 1).trim_ascii_start();
    let before = source.left(given.name.start.saturating_sub(1)).trim_ascii_end();
    let more = after.first() == Some(&b',')
        && after[1..].trim_ascii_start().first().is_some_and(|b| matches!(b, b'"' | b'\''));
    let earlier = before.last() == Some(&b',')
        && before[..before.len() - 1].trim_ascii_end().last().is_some_and(|b| matches!(b, b'"' | b'\''));
    let in_brackets = matches!(innermost(before), Some((_, b'[' | b'{')));
    // Two names of secrets are a list of names.
    in_brackets && (more || earlier || says(&source.text[given.value.clone()]).is_some())
}

/// `ssh_pwd`, `FTP_PASS`, `wgDbPassword`, `app.superPassword`: two words or more that are the name of a password themselves,
/// and no digit, which a password would have.
pub fn is_name_of_one(value: &[u8]) -> bool {
    // Names of one piece begin with a small letter: `AcmeAdminPass` is as often a password.
    let joined = value.iter().any(|b| !b.is_ascii_alphabetic());
    value.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.'))
        && (joined || value.first().is_some_and(u8::is_ascii_lowercase))
        && names::words(value).len() > if joined { 1 } else { 2 }
        && (says(value) == Some(Says::Password) || is_variable(value) && says(value).is_some())
}

/// `SHOP_KEY`, as variables of the environment are named.
fn is_variable(value: &[u8]) -> bool {
    value.contains(&b'_') && value.iter().all(|b| b.is_ascii_uppercase() || *b == b'_')
}

/// `tls-cert-2024b`, `gcp-sa-prod-1`: words and short numbers in one case, joined by one sign. It names what holds the secret.
pub fn is_resource(value: &[u8]) -> bool {
    let parts: Vec<&[u8]> = value.split(|b| matches!(b, b'-' | b'.')).collect();
    let short = |part: &&[u8]| {
        let letters = part.iter().all(u8::is_ascii_alphabetic);
        !part.is_empty()
            && part.iter().all(u8::is_ascii_alphanumeric)
            && (letters && part.len() <= 12 || part.len() <= 6)
    };
    let one_case = !value.iter().any(u8::is_ascii_uppercase) || !value.iter().any(u8::is_ascii_lowercase);
    parts.len() >= 2
        && one_case
        && parts.iter().all(short)
        && parts.iter().any(|part| part.iter().all(u8::is_ascii_alphabetic))
}
