//! Who may ask: the checks that a request passes before anybody looks at what it wants (FAULTS N1, N2, N6,
//! N7). Pure.
//!
//! A page in a browser on this machine can send us requests. What it cannot do is choose the `Host` that
//! belongs to our address (DNS rebinding brings its own name along), or leave out the `Origin` when it
//! reads the answer.

use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE, HOST, HeaderMap, ORIGIN, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::{Method, StatusCode};
use std::net::IpAddr;

/// The cookie that carries the token.
pub const COOKIE_NAME: &str = "twelve_run_token";

/// Whom to let in, and whom to tell more than yes or no.
#[derive(Debug, Clone, Default)]
pub struct Door {
    /// With it, names and reasons are told. An empty one opens nothing.
    pub token: String,
    /// Names by which the listening address is known beside those of the loopback, as in `Host`.
    pub hosts: Vec<String>,
}

/// Why a request goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The answer's status.
    pub status: StatusCode,
    /// For people.
    pub why: &'static str,
}

const fn refuse<T>(status: StatusCode, why: &'static str) -> Result<T, Refusal> {
    Err(Refusal { status, why })
}

impl Door {
    /// Whether a request that came to `address` may be looked at.
    pub fn admit(&self, request: &Parts, address: IpAddr) -> Result<(), Refusal> {
        let host = host(&request.headers)?;
        // A request in absolute form says its authority twice, and the first counts (RFC 9112, 3.2.2).
        let named = request.uri.authority().into_iter().chain([&host]);
        for authority in named {
            if !self.is_ours(authority, address) {
                return refuse(StatusCode::MISDIRECTED_REQUEST, "this is not the host that was asked for");
            }
        }
        if is_foreign(&request.headers, &host) {
            return refuse(StatusCode::FORBIDDEN, "another site may not ask");
        }
        if ![Method::GET, Method::HEAD].contains(&request.method) {
            return refuse(StatusCode::METHOD_NOT_ALLOWED, "there is only GET and HEAD");
        }
        if has_body(&request.headers) {
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "a question has no body");
        }
        Ok(())
    }

    /// Whether a name or address in `Host` is one of ours; the port is not looked at, since forwarding
    /// changes it.
    fn is_ours(&self, authority: &Authority, address: IpAddr) -> bool {
        let host = authority.host();
        let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if let Ok(ip) = literal.parse::<IpAddr>() {
            // What cannot be resolved cannot be rebound: where we listen on every address, each may be ours,
            // also one that a gateway in between has translated.
            let (ip, address) = (ip.to_canonical(), address.to_canonical());
            return ip.is_loopback() || ip == address || address.is_unspecified();
        }
        let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        name == "localhost"
            || name.ends_with(".localhost")
            || self.hosts.iter().any(|ours| ours.eq_ignore_ascii_case(&name))
    }

    /// Whether a request carries the token.
    pub fn knows(&self, headers: &HeaderMap) -> bool {
        let bearers = headers.get_all(AUTHORIZATION).iter().filter_map(|value| {
            let (scheme, token) = value.to_str().ok()?.trim().split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookies = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| {
            let (name, value) = cookie.trim().split_once('=')?;
            (name == COOKIE_NAME).then_some(value)
        });
        bearers
            .chain(cookies)
            .any(|token| !token.is_empty() && is_same(token.as_bytes(), self.token.as_bytes()))
    }
}

/// The one `Host` of a request.
fn host(headers: &HeaderMap) -> Result<Authority, Refusal> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return refuse(StatusCode::BAD_REQUEST, "exactly one Host is needed");
    };
    let read = Authority::try_from(host.as_bytes()).ok().filter(|authority| {
        let rest = authority.as_str().strip_prefix(authority.host());
        let port = rest.is_some_and(|rest| rest.is_empty() || authority.port_u16().is_some());
        port && !authority.host().is_empty()
    });
    read.ok_or(Refusal { status: StatusCode::BAD_REQUEST, why: "Host is not a host" })
}

/// Whether a page of another site is behind it. Following a link is no asking: its page sees nothing.
fn is_foreign(headers: &HeaderMap, host: &Authority) -> bool {
    let is_other = |origin: &[u8]| {
        let own = ["http://", "https://"].iter().any(|scheme| {
            origin
                .strip_prefix(scheme.as_bytes())
                .is_some_and(|rest| rest.eq_ignore_ascii_case(host.as_str().as_bytes()))
        });
        !own
    };
    let is = |name: &str, words: &[&str]| {
        headers.get_all(name).iter().any(|value| words.iter().any(|word| value.as_bytes() == word.as_bytes()))
    };
    headers.get_all(ORIGIN).iter().any(|origin| is_other(origin.as_bytes()))
        || is("sec-fetch-site", &["cross-site", "same-site"]) && !is("sec-fetch-mode", &["navigate"])
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING)
        || headers.get_all(CONTENT_LENGTH).iter().any(|length| length.as_bytes() != b"0")
}

/// Compares in a time that depends on the lengths alone.
fn is_same(left: &[u8], right: &[u8]) -> bool {
    let differences = left.iter().zip(right).fold(0, |sum, (left, right)| sum | (left ^ right));
    // Without the hint a compiler may see that one difference is enough, and leave early.
    left.len() == right.len() && std::hint::black_box(differences) == 0
}
