//! Where services are, as literals in program source: host names and addresses, by the name that is given them.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::assign::{Assigned, Style, assigned, name_around};
use super::built::{self, Made};
use super::connects;
use super::help;
use super::hits::{Hit, Rank};
use super::language::{Language, Role};
use super::names;
use super::receiver::receiver;
use super::rules;
pub use super::services::service_url;
use super::source::{At, Source};
use super::urls::is_example_host;
use crate::factors::finding::{Level, Rule};

/// Programs alone; in tests and in what is served or was copied it is told and not counted, in samples, documentation and what
/// was built not told.
pub fn level(source: &Source<'_>) -> Option<Level> {
    let program = source.language.is_program() && !matches!(source.language, Language::Sql);
    match source.role {
        Role::Program | Role::Test if !program => None,
        Role::Program => match built::made(source) {
            Made::Here => Some(Level::Warn),
            Made::Elsewhere => Some(Level::Note),
            Made::Built => None,
        },
        Role::Test => Some(Level::Note),
        _ => None,
    }
}

pub fn push(
    source: &Source<'_>,
    rule: &'static Rule,
    span: Range<usize>,
    message: String,
    variable: &str,
    hits: &mut Vec<Hit>,
) {
    let Some(level) = level(source) else { return };
    let level = if source.is_test(span.start) { Level::Note } else { level };
    hits.push(Hit {
        rule,
        rank: Rank::Where,
        level,
        span,
        public_prefix: None,
        message,
        help: help::read(source.language, variable),
    });
}

/// A word that speaks of a host, or of a call to one, stands at `at`.
pub fn look(source: &Source<'_>, at: usize, hits: &mut Vec<Hit>) {
    if level(source).is_none() {
        return;
    }
    let name = name_around(source, at);
    if name.is_empty() || connects::command(source, &name, hits) {
        return;
    }
    if source.byte(name.end) == b'(' {
        return connects::called(source, &name, hits);
    }
    match assigned(source, at).filter(|given| given.quoted || source.language == Language::Shell) {
        Some(given) => named(source, given, hits),
        None if connects::data_source(source, &name, hits) => {}
        None => {
            for value in connects::list(source, &name) {
                tell(source, &name, value, Style::Given, hits);
            }
        }
    }
}

fn named(source: &Source<'_>, given: Assigned, hits: &mut Vec<Hit>) {
    let refused = match given.style {
        Style::Compared | Style::Called => true,
        Style::Beside => !is_set(source, &given.name),
        _ => false,
    };
    if refused {
        return;
    }
    let style = if given.style == Style::Beside { Style::Given } else { given.style };
    tell(source, &given.name, given.value, style, hits);
}

/// `put("host", "…")` sets it. In other calls the second argument is what `host` is when nobody says.
fn is_set(source: &Source<'_>, name: &Range<usize>) -> bool {
    let left = source.left(name.start).to_ascii_lowercase();
    let left = left.strip_suffix(b"\"").or_else(|| left.strip_suffix(b"'")).unwrap_or(&left);
    [&b"put("[..], b"set(", b"setproperty(", b"option(", b"add(", b"define(", b"pair(", b"setifmissing("]
        .iter()
        .any(|call| left.ends_with(call))
}

/// Says what `name` is, if it speaks of a host and the value is one.
fn tell(source: &Source<'_>, name: &Range<usize>, value: Range<usize>, style: Style, hits: &mut Vec<Hit>) {
    let label = &source.text[name.clone()];
    if !speaks_of_host(label) || !is_codes_own(source, name) {
        return;
    }
    let text = &source.text[value.clone()];
    let shown = String::from_utf8_lossy(text).into_owned();
    let variable = help::variable(label, "HOST");
    let bare = !may_be_other(label);
    if is_loopback(text) && lets_in(label) {
        return;
    }
    let label = String::from_utf8_lossy(label).into_owned();
    if is_address(text) {
        push(source, &rules::IP, value, format!("`{label}` is the address {shown}"), &variable, hits);
    } else if is_host(text, style)
        && (bare || text.iter().any(|b| matches!(b, b'.' | b':')) || text == b"localhost")
    {
        push(source, &rules::HOST, value, format!("`{label}` is the host `{shown}`"), &variable, hits);
    }
}

/// One of several has the same name without its last letters: `nodes`, `ADDRESSES`.
pub fn speaks_of_host(name: &[u8]) -> bool {
    let one = name.strip_suffix(b"s").or_else(|| name.strip_suffix(b"S"));
    let one_of_es = name.strip_suffix(b"es").or_else(|| name.strip_suffix(b"ES"));
    let words = names::words(name);
    let in_two = matches!(&words[..], [.., host, name] if host == "host" && name == "name");
    in_two || [Some(name), one, one_of_es].into_iter().flatten().any(names::says_host)
}

/// `master`, `node`: of a branch and of a tree as well, so that `branch-1` is no host there.
pub fn may_be_other(name: &[u8]) -> bool {
    names::words(name).last().is_some_and(|last| {
        matches!(
            last.as_str(),
            "master" | "node" | "nodes" | "domain" | "domains" | "upstream" | "address" | "ip"
        )
    })
}

/// The name is the code's, or is a whole text: a key. A name within a text is what somebody writes about.
pub fn is_codes_own(source: &Source<'_>, name: &Range<usize>) -> bool {
    match source.at(name.start) {
        At::Code => true,
        At::Comment => false,
        At::Text(region) => region.start == name.start,
    }
}

/// An address of four numbers begins at `at`, after a quote.
pub fn address(source: &Source<'_>, at: usize, hits: &mut Vec<Hit>) {
    if level(source).is_none() || !matches!(source.at(at), At::Text(region) if region.start == at) {
        return;
    }
    let rest = source.ahead(at, 24);
    let length = rest.iter().take_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b':')).count();
    let value = &rest[..length];
    let closed = rest.get(length).is_some_and(|b| matches!(b, b'"' | b'\'' | b'`'));
    let allowed = is_loopback(value) && is_of_allowed(source, at);
    if !closed || !is_address(value) || !is_argument(source, at) || allowed || is_compared(source, at) {
        return;
    }
    let shown = String::from_utf8_lossy(value).into_owned();
    push(source, &rules::IP, at..at + length, format!("the address {shown} is written here"), "HOST", hits);
}

/// This machine, seen from itself.
pub fn is_loopback(host: &[u8]) -> bool {
    let name = without_port(host);
    name == b"localhost" || name.starts_with(b"127.") || host.starts_with(b"[::1]")
}

/// A name of those who are let in, or passed over: Django's `INTERNAL_IPS`, a list of trusted proxies. That this machine is one
/// of them is so in every deployment.
pub fn lets_in(name: &[u8]) -> bool {
    let words = names::words(name);
    let several = words.last().is_some_and(|last| last.ends_with('s'));
    words.iter().any(|word| {
        // An `INTERNAL_API_HOST` is one that is talked to.
        word == "internal" && several
            || matches!(
                word.as_str(),
                "trusted"
                    | "allowed"
                    | "allow"
                    | "allowlist"
                    | "whitelist"
                    | "permitted"
                    | "loopback"
                    | "ignore"
                    | "ignored"
                    | "exclude"
                    | "excluded"
                    | "bypass"
                    | "safe"
                    | "known"
                    | "no"
                    | "origin"
                    | "origins"
                    | "cors"
            )
    })
}

/// Stands in a list that such a name receives.
fn is_of_allowed(source: &Source<'_>, at: usize) -> bool {
    receiver(source, at).is_some_and(|name| lets_in(&source.text[name]))
}

/// The literal at `at` is held against something: by a sign, a method, or membership.
pub fn is_compared(source: &Source<'_>, at: usize) -> bool {
    let left = source.left(at).trim_ascii_end();
    let left = left.strip_suffix(b"\"").or_else(|| left.strip_suffix(b"'")).unwrap_or(left).trim_ascii_end();
    #[rustfmt::skip]
    let ends: &[&[u8]] = &[
        b"==", b"!=", b"<>", b" in", b" in (", b" in [", b" in {", b" eq", b" ne", b"case", b"when", b"startswith(", b"startsWith(",
        b"HasPrefix(", b"starts_with(", b"start_with?(", b"StartsWith(", b"assertEqual(", b"equals(", b"Equals(",
        b"equalsIgnoreCase(", b"includes(", b"indexOf(", b"replace(", b"toBe(", b"toEqual(", b"contains(", b"Contains(",
    ];
    ends.iter().any(|end| left.ends_with(end))
}

/// What the address is given to opens a connection, or says that it is a host.
fn is_argument(source: &Source<'_>, at: usize) -> bool {
    let left = source.left(at - 1);
    let left = left[left.len().saturating_sub(80)..].to_ascii_lowercase();
    // One of the patterns of a match.
    let before = left.strip_suffix(b"b").unwrap_or(&left).trim_ascii_end();
    if before.ends_with(b" |") {
        return false;
    }
    if [&b"bind"[..], b"listen", b"version", b"allowed", b"mask", b"=="]
        .iter()
        .any(|word| memmem::find(&left, word).is_some())
    {
        return false;
    }
    let calls = [
        &b"connect"[..],
        b"socket",
        b"client(",
        b"dial",
        b"host",
        b"server",
        b"addr",
        b"ssh",
        b"ping",
        b"redis(",
        b"proxy",
        b"endpoint",
        b"upstream",
        b"node",
        b"broker",
        b"ip",
    ];
    calls.iter().any(|word| memmem::find(&left, word).is_some())
}

/// What stands before the port, if there is one.
pub fn without_port(host: &[u8]) -> &[u8] {
    memchr(b':', host).map_or(host, |colon| &host[..colon])
}

/// Four numbers, with or without a port, that are some machine's: no mask, no address to listen on, none of RFC 5737's.
pub fn is_address(value: &[u8]) -> bool {
    let host = without_port(value);
    let parts: Vec<_> = host.split(|b| *b == b'.').collect();
    let numbers = parts.len() == 4
        && parts.iter().all(|part| {
            matches!(part.len(), 1..=3)
                && part.iter().all(u8::is_ascii_digit)
                && std::str::from_utf8(part).is_ok_and(|p| p.parse::<u8>().is_ok())
        });
    let kept = [&b"0."[..], b"255.", b"192.0.2.", b"198.51.100.", b"203.0.113.", b"1.2.3.4", b"169.254."]
        .iter()
        .any(|prefix| host.starts_with(prefix));
    numbers && !kept
}

/// Ends of file names, some of which are countries too.
#[rustfmt::skip]
const FILES: &[&[u8]] = &[
    b"py", b"js", b"json", b"txt", b"html", b"conf", b"php", b"xml", b"yml", b"sh", b"rb", b"go", b"exe", b"ts",
    b"log", b"sock", b"db",
];

/// `localhost`, a name with dots, or a bare name that a network would know.
pub fn is_host(value: &[u8], style: Style) -> bool {
    let host = without_port(value);
    let port = &value[host.len()..];
    if host.is_empty()
        || !host.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        || !port.iter().skip(1).all(u8::is_ascii_digit)
        || port.len() == 1
    {
        return false;
    }
    if host == b"localhost" {
        return true;
    }
    let labels: Vec<_> = host.split(|b| *b == b'.').collect();
    let top = labels.last().copied().unwrap_or_default();
    if labels.len() >= 2 {
        let full = top.len() >= 2
            && top.iter().all(u8::is_ascii_lowercase)
            && labels.iter().all(|label| !label.is_empty());
        return full
            && !FILES.contains(&top)
            && is_top_level(top)
            && style == Style::Given
            && !is_example_host(host)
            && host.iter().all(|b| !b.is_ascii_uppercase());
    }
    // One label is a host when it is written as one: `db-1`, `redis-master`, or with a port.
    style == Style::Given
        && (!port.is_empty()
            || host.contains(&b'-') && host.iter().any(u8::is_ascii_digit) && !host.starts_with(b"-"))
}

/// Ends names that are looked up: countries, the usual generic ones, and those of private networks.
pub fn is_top_level(label: &[u8]) -> bool {
    label.len() == 2
        || matches!(
            label,
            b"com"
                | b"net"
                | b"org"
                | b"edu"
                | b"gov"
                | b"mil"
                | b"int"
                | b"info"
                | b"biz"
                | b"dev"
                | b"app"
                | b"cloud"
                | b"tech"
                | b"xyz"
                | b"online"
                | b"site"
                | b"svc"
                | b"lan"
                | b"home"
                | b"corp"
                | b"local"
                | b"internal"
                | b"localdomain"
                | b"cluster"
                | b"private"
                | b"consul"
                | b"intranet"
        )
}
