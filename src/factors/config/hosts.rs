//! Where services are, as literals in program source: host names, addresses, URLs.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::assign::{Style, assigned};
use super::help;
use super::hits::{Hit, Rank};
use super::language::{Language, Role};
use super::names;
use super::receiver::receiver;
use super::rules;
use super::source::{At, Source};
use super::urls::{Url, default_variable, is_example_host, is_service_scheme, stands_in_text};
use super::values;
use super::vocabulary::{NO_SERVICE_PATHS, NO_SERVICES};
use crate::factors::finding::{Level, Rule};

/// Programs alone; in tests it is told and not counted, in samples and documentation not told.
fn level(source: &Source<'_>) -> Option<Level> {
    let program = source.language.is_program() && !matches!(source.language, Language::Sql);
    match source.role {
        Role::Program if program => Some(Level::Warn),
        Role::Test if program => Some(Level::Note),
        _ => None,
    }
}

fn push(
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

/// A word that speaks of a host stands at `at`.
pub fn look(source: &Source<'_>, at: usize, hits: &mut Vec<Hit>) {
    if level(source).is_none() {
        return;
    }
    let Some(given) = assigned(source, at).filter(|given| given.quoted || source.language == Language::Shell)
    else {
        return;
    };
    let name = &source.text[given.name.clone()];
    if !names::says_host(name)
        || matches!(given.style, Style::Compared | Style::Called)
        || !is_codes_own(source, &given.name)
    {
        return;
    }
    let value = &source.text[given.value.clone()];
    let shown = String::from_utf8_lossy(value).into_owned();
    let variable = help::variable(name, "HOST");
    let label = String::from_utf8_lossy(name).into_owned();
    if is_address(value) {
        push(source, &rules::IP, given.value, format!("`{label}` is the address {shown}"), &variable, hits);
    } else if is_host(value, given.style) {
        push(source, &rules::HOST, given.value, format!("`{label}` is the host `{shown}`"), &variable, hits);
    }
}

/// The name is the code's, or is a whole text: a key. A name within a text is what somebody writes about.
fn is_codes_own(source: &Source<'_>, name: &Range<usize>) -> bool {
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
    if !closed || !is_address(value) || !is_argument(source, at) {
        return;
    }
    let shown = String::from_utf8_lossy(value).into_owned();
    push(source, &rules::IP, at..at + length, format!("the address {shown} is written here"), "HOST", hits);
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

/// Four numbers, with or without a port, that are some machine's: no mask, no address to listen on, none of RFC 5737's.
pub fn is_address(value: &[u8]) -> bool {
    let host = memchr(b':', value).map_or(value, |colon| &value[..colon]);
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

/// `localhost`, a name with dots, or a bare name that a network would know.
fn is_host(value: &[u8], style: Style) -> bool {
    let host = memchr(b':', value).map_or(value, |colon| &value[..colon]);
    let port = &value[host.len()..];
    if host.is_empty()
        || !host.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        || !port.iter().skip(1).all(u8::is_ascii_digit)
    {
        return false;
    }
    if host == b"localhost" {
        return true;
    }
    let labels: Vec<_> = host.split(|b| *b == b'.').collect();
    let top = labels.last().copied().unwrap_or_default();
    let file = matches!(
        top,
        b"py"
            | b"js"
            | b"json"
            | b"txt"
            | b"html"
            | b"conf"
            | b"php"
            | b"xml"
            | b"yml"
            | b"sh"
            | b"rb"
            | b"go"
            | b"exe"
            | b"ts"
            | b"log"
            | b"sock"
    );
    if labels.len() >= 2 {
        let full = top.len() >= 2
            && top.iter().all(u8::is_ascii_lowercase)
            && labels.iter().all(|label| !label.is_empty());
        return full
            && !file
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

/// A URL without a password.
pub fn service_url(source: &Source<'_>, url: &Url, hits: &mut Vec<Hit>) {
    if level(source).is_none() {
        return;
    }
    let scheme = source.text[url.scheme.clone()].to_ascii_lowercase();
    let web = matches!(&scheme[..], b"http" | b"https" | b"ws" | b"wss");
    if !(web || is_service_scheme(&scheme))
        || !stands_in_text(source, url.whole.start)
        || !begins_text(source, url.whole.start)
    {
        return;
    }
    let host = &source.text[url.host.clone()];
    let whole = &source.text[url.whole.clone()];
    if host.is_empty()
        || is_example_host(host)
        || values::is_filled_in(host)
        || !host[0].is_ascii_alphanumeric()
        || is_namespace(host, whole)
    {
        return;
    }
    let name = receiver(source, url.whole.start).map(|name| source.text[name].to_vec()).unwrap_or_default();
    if web
        && (is_compared(source, url.whole.start) || !is_service(source, &name, host, whole, url.whole.start))
    {
        return;
    }
    let scheme = String::from_utf8_lossy(&scheme).into_owned();
    let variable = if names::words(&name).len() > 1 {
        help::variable(&name, "SERVICE_URL")
    } else {
        default_variable(&scheme).to_owned()
    };
    let host = String::from_utf8_lossy(host).into_owned();
    push(
        source,
        &rules::SERVICE_URL,
        url.whole.clone(),
        format!("the {scheme} service at `{host}` is written here"),
        &variable,
        hits,
    );
}

/// The text is the URL, and does not only mention it.
fn begins_text(source: &Source<'_>, at: usize) -> bool {
    match source.at(at) {
        At::Text(region) => region.start == at || (region.expands && source.byte(at - 1) == b'='),
        _ => matches!(source.byte(at.wrapping_sub(1)), b'=' | b' '),
    }
}

fn is_compared(source: &Source<'_>, at: usize) -> bool {
    let left = source.left(at).trim_ascii_end();
    let left = left.strip_suffix(b"\"").or_else(|| left.strip_suffix(b"'")).unwrap_or(left).trim_ascii_end();
    [&b"=="[..], b"startswith(", b"startsWith(", b"HasPrefix(", b" in", b"assertEqual(", b"replace("]
        .iter()
        .any(|end| left.ends_with(end))
}

/// Names things and is fetched by nobody: XML namespaces, schemas, licences, pages to read.
fn is_namespace(host: &[u8], whole: &[u8]) -> bool {
    let path = &whole[whole.len().min(8)..];
    NO_SERVICES.iter().any(|part| memmem::find(host, part.as_bytes()).is_some())
        || NO_SERVICE_PATHS.iter().any(|part| memmem::find(path, part.as_bytes()).is_some())
        || (memmem::find(host, b"github.com").is_some() && !host.starts_with(b"api."))
}

/// By its host, its path, what receives it, or what it is handed to.
fn is_service(source: &Source<'_>, name: &[u8], host: &[u8], whole: &[u8], at: usize) -> bool {
    let words = names::words(name);
    let says = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if says(&[
        "doc",
        "docs",
        "homepage",
        "help",
        "license",
        "licence",
        "link",
        "href",
        "namespace",
        "schema",
        "xmlns",
        "ns",
        "see",
        "img",
        "icon",
        "logo",
        "image",
        "src",
        "repo",
        "repository",
        "website",
        "author",
        "referer",
        "uri_ref",
        "comment",
        "message",
        "description",
        "title",
        "text",
        "site",
        "project",
        "download",
        "origin",
        "allowed",
        "error",
        "info",
        "example",
        "examples",
    ]) {
        return false;
    }
    let local = host.starts_with(b"localhost") || is_address(host) || memchr(b':', host).is_some();
    let api = host.starts_with(b"api.")
        || host.starts_with(b"api-")
        || memmem::find(whole, b"/api").is_some()
        || has_version(whole);
    let named = says(&[
        "url", "uri", "urls", "endpoint", "api", "base", "host", "server", "service", "backend", "upstream",
        "webhook", "gateway", "broker", "target", "address", "addr", "remote", "proxy", "callback",
    ]);
    local || api || named || is_requested(source, at)
}

/// `/v1` and kin as a part of the path.
fn has_version(whole: &[u8]) -> bool {
    memmem::find_iter(whole, b"/v").any(|n| {
        whole.get(n + 2).is_some_and(u8::is_ascii_digit)
            && whole.get(n + 3).is_none_or(|b| matches!(b, b'/' | b'?' | b'.'))
    })
}

/// The literal is the first argument of a request.
fn is_requested(source: &Source<'_>, at: usize) -> bool {
    let left = source.left(at);
    let left = &left[left.len().saturating_sub(40)..];
    let calls = [
        "get(", "post(", "put(", "patch(", "delete(", "fetch(", "request(", "urlopen(", "open(", "Get(",
        "Post(", "connect(", "Dial(", "curl ", "axios(", "Client(",
    ];
    let end = left
        .iter()
        .rposition(|b| !matches!(b, b'"' | b'\'' | b'`' | b' ' | b'f' | b'$' | b'@'))
        .map_or(0, |n| n + 1);
    calls.iter().any(|call| left[..end].ends_with(call.trim_end().as_bytes()))
}
