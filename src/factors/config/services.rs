//! Where services are, as URLs in program source.

use memchr::{memchr, memmem};

use super::help;
use super::hits::Hit;
use super::hosts::{is_address, is_compared, is_loopback, level, push};
use super::language::Language;
use super::names;
use super::reads::{self, Read};
use super::receiver::{innermost, name_ending, receiver};
use super::rules;
use super::source::{At, Source};
use super::urls::{Url, default_variable, is_example_host, is_service_scheme, stands_in_text};
use super::values;
use super::vocabulary::{NO_SERVICE_PATHS, NO_SERVICES};

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
    if is_dense_line(source, url.whole.start) || is_key(source, url) || is_base(source, url.whole.start, host)
    {
        return;
    }
    if let Some(name) = setting_before(source, url.whole.start) {
        let default = Some(url.whole.clone());
        let read = Read { name, span: url.whole.clone(), receiver: None, has_default: true, default };
        return reads::judge(source, &read, hits);
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

/// The text is the URL, and does not only mention it. JDBC's names its driver first.
fn begins_text(source: &Source<'_>, at: usize) -> bool {
    match source.at(at) {
        At::Text(region) => {
            region.start == at
                || (region.expands && source.byte(at - 1) == b'=')
                || is_jdbc(&source.text[region.start..at])
        }
        _ => matches!(source.byte(at.wrapping_sub(1)), b'=' | b' '),
    }
}

fn is_jdbc(before: &[u8]) -> bool {
    before.starts_with(b"jdbc:") && before.iter().all(|b| b.is_ascii_alphanumeric() || *b == b':')
}

/// The literal is a name for something: a key of a map, `links['https://api.w.org/x']`, `{"https://acme.io/claims/x": …}`. The
/// second arm of a choice comes after a colon, too.
fn is_key(source: &Source<'_>, url: &Url) -> bool {
    let end = url.whole.end;
    let quote = source.byte(end);
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return false;
    }
    let rest = source.right(end + 1).trim_ascii_start();
    let left = source.left(url.whole.start - 1).trim_ascii_end();
    let indexed = rest.starts_with(b"]")
        && left.strip_suffix(b"[").is_some_and(|left| {
            left.last().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b']' | b')' | b'.'))
        });
    let keyed = rest.starts_with(b"=>") || rest.starts_with(b":") && !rest.starts_with(b"::");
    indexed || keyed && !left.ends_with(b"?")
}

/// The base of `new URL(path, base)` that is only there because the call wants one.
fn is_base(source: &Source<'_>, at: usize, host: &[u8]) -> bool {
    let left = source.left(at);
    let call = [&b"new URL("[..], b"urljoin(", b"URL.parse("]
        .iter()
        .filter_map(|call| memmem::rfind(left, call))
        .max();
    let made_up = is_loopback(host) || !host.contains(&b'.');
    made_up && call.is_some_and(|call| memchr(b',', &left[call..]).is_some())
}

/// The name of the setting that is asked first, with this in its place: `base or get_secret("API_BASE") or "https://…"`.
fn setting_before(source: &Source<'_>, at: usize) -> Option<String> {
    let behind = source.behind(at, 300);
    let text =
        behind.strip_suffix(b"f\"").or_else(|| behind.split_last().map(|(_, rest)| rest))?.trim_ascii_end();
    let text = [&b" or"[..], b"\nor", b"||", b"??", b"?:"]
        .iter()
        .find_map(|sign| text.strip_suffix(*sign))?
        .trim_ascii_end();
    let inside = text.strip_suffix(b")")?;
    let (open, bracket) = innermost(inside)?;
    let callee = name_ending(inside, open).filter(|_| bracket == b'(')?;
    let asks = names::words(&inside[callee]).iter().any(|word| {
        matches!(
            word.as_str(),
            "get"
                | "read"
                | "fetch"
                | "load"
                | "lookup"
                | "secret"
                | "env"
                | "getenv"
                | "setting"
                | "config"
                | "require"
        )
    });
    let argument = inside[open + 1..].trim_ascii_start();
    let (quote, name) = argument.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    let length =
        name.iter().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || **b == b'_').count();
    (asks && length > 1 && name.get(length) == Some(quote))
        .then(|| String::from_utf8_lossy(&name[..length]).into_owned())
}

/// Names things and is fetched by nobody: XML namespaces, schemas, licences, pages to read.
fn is_namespace(host: &[u8], whole: &[u8]) -> bool {
    let path = &whole[whole.len().min(8)..];
    NAMESPACES.contains(&host)
        || NO_SERVICES.iter().any(|part| memmem::find(host, part.as_bytes()).is_some())
        || NO_SERVICE_PATHS.iter().any(|part| memmem::find(path, part.as_bytes()).is_some())
        || (memmem::find(host, b"github.com").is_some() && !host.starts_with(b"api."))
}

/// Hosts under which names are given out: JSP's tag libraries, a blog's link relations, the types of protocol buffers.
const NAMESPACES: &[&[u8]] =
    &[b"java.sun.com", b"xmlns.jcp.org", b"jakarta.ee", b"api.w.org", b"type.googleapis.com", b"www.w3.org"];

/// In a script that browsers are served, a line of this length was put together by a tool.
const LONG_LINE: usize = 1500;

/// Words of names of which the URL is read by people, or shown.
#[rustfmt::skip]
const READ_BY_PEOPLE: &[&str] = &[
    "doc", "docs", "homepage", "help", "license", "licence", "link", "href", "namespace", "schema", "xmlns", "ns",
    "see", "img", "icon", "logo", "image", "src", "repo", "repository", "website", "author", "referer", "uri_ref",
    "comment", "message", "description", "title", "text", "site", "project", "download", "origin", "allowed",
    "error", "info", "example", "examples",
];

/// Words of names of those from whom requests may come, or to whom browsers are sent.
const LETS_IN: &[&str] =
    &["origins", "cors", "trusted", "redirect", "callback", "whitelist", "allowlist", "hosts"];

/// Nobody wrote this line.
fn is_dense_line(source: &Source<'_>, at: usize) -> bool {
    source.language == Language::JavaScript && source.left(at).len() + source.right(at).len() >= LONG_LINE
}

/// By its host, its path, what receives it, or what it is handed to.
fn is_service(source: &Source<'_>, name: &[u8], host: &[u8], whole: &[u8], at: usize) -> bool {
    let words = names::words(name);
    let says = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if says(READ_BY_PEOPLE) || is_identifier(&words) || is_about_package(source) {
        return false;
    }
    if memmem::find(whole, b"ws://").is_some() || memmem::find(whole, b"wss://").is_some() {
        return true;
    }
    let api = host.starts_with(b"api.")
        || host.starts_with(b"api-")
        || memmem::find(whole, b"/api").is_some()
        || has_version(whole);
    // `baseurl`: written in one.
    let compound =
        words.iter().any(|word| word.len() > 3 && (word.ends_with("url") || word.ends_with("uri")));
    let named = compound
        || says(&[
            "url", "uri", "urls", "endpoint", "api", "base", "host", "server", "service", "backend",
            "upstream", "webhook", "gateway", "broker", "target", "address", "addr", "remote", "proxy",
            "callback",
        ]);
    // This machine is where a laptop runs it: told where it is a name's value, or is asked; not where it is printed, or let in.
    if is_loopback(host) {
        // A name in capitals is a setting, whatever it says.
        let setting = name.len() > 2 && !name.iter().any(u8::is_ascii_lowercase);
        return (named || setting) && !says(LETS_IN)
            || is_requested(source, at) && source.language != Language::Shell;
    }
    let placed = is_address(host) || memchr(b':', host).is_some();
    // What the whole world reads with a browser has `www.` before it, and its name is no more than `url`.
    placed || api || named && !host.starts_with(b"www.") || is_requested(source, at)
}

/// `PREDICATE_TYPE`, `claim`: the URL is a name for something.
fn is_identifier(words: &[String]) -> bool {
    words.last().is_some_and(|last| {
        matches!(
            last.as_str(),
            "type"
                | "types"
                | "predicate"
                | "claim"
                | "scope"
                | "scopes"
                | "audience"
                | "aud"
                // Web Linking's relations (RFC 8288), JSON-LD's contexts.
                | "rel"
                | "rels"
                | "relation"
                | "relations"
                | "context"
                | "xmlns"
                | "urn"
                | "namespaces"
        )
    })
}

/// Where a package is described or built, its URLs are its home and where its parts come from.
fn is_about_package(source: &Source<'_>) -> bool {
    let name = source.path.rsplit('/').next().unwrap_or_default();
    matches!(name, "setup.py" | "mix.exs" | "Podfile" | "Gemfile" | "conf.py" | "noxfile.py" | "__about__.py")
        || [".gemspec", ".gradle", ".gradle.kts", ".podspec"].iter().any(|end| name.ends_with(end))
}

/// `/v1` and kin as a part of the path.
fn has_version(whole: &[u8]) -> bool {
    memmem::find_iter(whole, b"/v").any(|n| {
        whole.get(n + 2).is_some_and(u8::is_ascii_digit)
            && whole.get(n + 3).is_none_or(|b| matches!(b, b'/' | b'?' | b'.'))
    })
}

/// curl with a method, data or a header talks to a service; without them it fetches a file as often as not.
fn is_sent(left: &[u8]) -> bool {
    memmem::find(left, b"curl ").is_some()
        && [&b" -X"[..], b" --request", b" -d ", b" --data", b" -H ", b" --header", b" --json"]
            .iter()
            .any(|option| memmem::find(left, option).is_some())
}

/// The literal is the first argument of a request.
fn is_requested(source: &Source<'_>, at: usize) -> bool {
    let left = source.left(at);
    let left = &left[left.len().saturating_sub(40)..];
    #[rustfmt::skip]
    let calls = [
        "get(", "post(", "put(", "patch(", "delete(", "fetch(", "request(", "urlopen(", "open(", "Get(", "Post(",
        "connect(", "Dial(", "curl ", "axios(", "Client(", "WebSocket(", "Async(", "curl_init(", "get!(", "post!(",
        "Client.create(",
    ];
    if source.language == Language::Shell && is_sent(source.left(at)) {
        return true;
    }
    let end = left
        .iter()
        .rposition(|b| !matches!(b, b'"' | b'\'' | b'`' | b' ' | b'f' | b'$' | b'@'))
        .map_or(0, |n| n + 1);
    // A page for the user.
    !left[..end].ends_with(b"window.open(")
        && calls.iter().any(|call| left[..end].ends_with(call.trim_end().as_bytes()))
}
