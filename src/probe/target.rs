//! What an http probe asks: the plan's text becomes a place and a path, and so does the place that a
//! redirect names.
//!
//! This file must not know: how anything is asked.

use std::net::{IpAddr, Ipv6Addr};

/// GET of this path at this place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpTarget {
    /// Where.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// Path and query, visible ASCII, with `/` at its beginning.
    pub path: String,
    /// Whether it is the process's own port, so that nobody else should answer there.
    pub is_own: bool,
}

/// Whom to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// This machine: 127.0.0.1, and `::1` where that refuses (FAULTS K15).
    Loopback,
    /// This address and no other.
    Address(IpAddr),
    /// What this name means when it is asked; lower case.
    Name(String),
}

/// Where a redirect leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    /// To a path at the same host and port.
    Here(HttpTarget),
    /// Away; nobody goes there (FAULTS K4).
    Away,
}

impl HttpTarget {
    /// From `http = "…"`: a path at the process's `port`, or a whole `http://` URL. The `Err` is a sentence
    /// without its subject, for the place where the text was written.
    pub fn of(text: &str, port: Option<u16>) -> Result<Self, String> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("may hold only visible ASCII characters; write others as `%20`".into());
        }
        if text.starts_with('/') {
            let port = port.ok_or("is a path at the process's port, but the process has no port")?;
            let path = without_fragment(text).to_owned();
            return Ok(Self { host: Host::Loopback, port, path, is_own: true });
        }
        match scheme(text) {
            Some(("http", rest)) => {
                let target = Self::of_authority(rest)?;
                let is_here = target.host == Host::Loopback || target.host.is_local();
                Ok(Self { is_own: is_here && port == Some(target.port), ..target })
            }
            Some(("https", _)) => Err("TLS is not spoken here: use `http://`, or an `exec` probe".into()),
            _ => Err("is neither a path (`/health`) nor an `http://` URL".into()),
        }
    }

    /// What follows `http://`.
    fn of_authority(rest: &str) -> Result<Self, String> {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err("may hold no name and password".into());
        }
        let (host, port) = match authority.rfind(']') {
            Some(at) => authority.split_at(at + 1),
            None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => 80,
            Some("") => 80,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|port| *port > 0).ok_or("names a port that is not 1 to 65535")?
            }
            _ => return Err("names a port that is not 1 to 65535".into()),
        };
        let path = without_fragment(path);
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { host: Host::of(host)?, port, path, is_own: false })
    }

    /// For the `Host` field. Frameworks that look at it take `localhost` for a friend.
    pub fn authority(&self) -> String {
        let host = match &self.host {
            Host::Loopback => "localhost".into(),
            Host::Address(IpAddr::V6(address)) => format!("[{address}]"),
            Host::Address(address) => address.to_string(),
            Host::Name(name) => name.clone(),
        };
        if self.port == 80 { host } else { format!("{host}:{}", self.port) }
    }

    /// Where `location` leads from here (RFC 3986, 5.2); without dots taken out, which servers do themselves.
    pub fn follow(&self, location: &str) -> Result<Leads, String> {
        let there = if let Some(authority) = location.strip_prefix("//") {
            Self::of_authority(authority)?
        } else if let Some((scheme, rest)) = scheme(location) {
            if scheme != "http" {
                return Ok(Leads::Away);
            }
            Self::of_authority(rest)?
        } else {
            let (base, _) = self.path.split_once('?').unwrap_or((&self.path, ""));
            let location = without_fragment(location);
            let path = match location.as_bytes().first() {
                None => self.path.clone(),
                Some(b'/') => location.to_owned(),
                Some(b'?') => format!("{base}{location}"),
                Some(_) => format!("{}{location}", &base[..=base.rfind('/').unwrap_or(0)]),
            };
            Self { path, ..self.clone() }
        };
        let is_same_host = there.host == self.host || (there.host.is_local() && self.host == Host::Loopback);
        if is_same_host && there.port == self.port {
            return Ok(Leads::Here(Self { path: there.path, ..self.clone() }));
        }
        Ok(Leads::Away)
    }
}

impl Host {
    fn of(text: &str) -> Result<Self, String> {
        let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        if let Some(inner) = inner {
            let address: Ipv6Addr = inner.parse().map_err(|_| "names an IPv6 address that is none")?;
            return Ok(Self::Address(address.into()));
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(IpAddr::V4(address)));
        }
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if text.is_empty() || text.len() > 253 || !text.bytes().all(is_letter) {
            return Err("names no host".into());
        }
        let name = text.to_ascii_lowercase();
        // No resolver is needed to know it (RFC 6761, 6.3).
        Ok(if name == "localhost" { Self::Loopback } else { Self::Name(name) })
    }

    fn is_local(&self) -> bool {
        matches!(self, Self::Address(address) if address.is_loopback())
    }
}

/// The scheme in lower case, as far as we know it, and what follows its `://`.
fn scheme(text: &str) -> Option<(&'static str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let mut letters = scheme.bytes();
    let is_scheme = letters.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let known = ["http", "https"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known));
    match (known, rest.strip_prefix("//")) {
        (Some(known), Some(rest)) => Some((known, rest)),
        _ => is_scheme.then_some(("other", rest)),
    }
}

fn without_fragment(text: &str) -> &str {
    text.split_once('#').map_or(text, |(before, _)| before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_at_the_port_of_the_process_and_a_url_says_all_itself() {
        let loopback = |port, path: &str| HttpTarget {
            host: Host::Loopback,
            port,
            path: path.into(),
            is_own: port == 5000,
        };
        let address = |text: &str, port, path: &str| HttpTarget {
            host: Host::Address(text.parse().unwrap()),
            port,
            path: path.into(),
            is_own: port == 5000,
        };
        for (text, expect) in [
            ("/health?deep=1#x", Ok(loopback(5000, "/health?deep=1"))),
            ("http://localhost", Ok(loopback(80, "/"))),
            ("HTTP://LOCALHOST:3000?x", Ok(loopback(3000, "/?x"))),
            ("http://localhost:5000/", Ok(loopback(5000, "/"))),
            ("http://[::1]:5000/", Ok(address("::1", 5000, "/"))),
            ("http://127.0.0.1:1/a", Ok(address("127.0.0.1", 1, "/a"))),
            ("http://[::1]:8080/", Ok(address("::1", 8080, "/"))),
            ("http://Db.internal:/x", {
                let host = Host::Name("db.internal".into());
                Ok(HttpTarget { host, port: 80, path: "/x".into(), is_own: false })
            }),
            ("https://localhost/", Err("TLS")),
            ("health", Err("neither")),
            ("ftp://x/", Err("neither")),
            ("", Err("neither")),
            ("/a b", Err("visible")),
            ("/\r\nX: y", Err("visible")),
            ("http://me:secret@x/", Err("password")),
            ("http://x:0/", Err("port")),
            ("http://x:+1/", Err("port")),
            ("http://x:65536/", Err("port")),
            ("http://[::1]8080/", Err("port")),
            ("http://[::x]/", Err("IPv6")),
            ("http://::1/", Err("port")),
            ("http:///x", Err("no host")),
            ("http://a_b%/", Err("no host")),
        ] {
            match (HttpTarget::of(text, Some(5000)), expect) {
                (Ok(target), Ok(expect)) => assert_eq!(target, expect, "{text}"),
                (Err(error), Err(expect)) => assert!(error.contains(expect), "{text}: {error}"),
                (got, _) => panic!("{text}: {got:?}"),
            }
        }
        assert!(HttpTarget::of("/health", None).is_err());
    }

    #[test]
    fn k4_a_redirect_leads_on_at_the_same_host_and_port_and_else_away() {
        let from = HttpTarget::of("/a/b?c", Some(5000)).unwrap();
        for (location, expect) in [
            ("/x", Some("/x")),
            ("x?y#z", Some("/a/x?y")),
            ("?y", Some("/a/b?y")),
            ("", Some("/a/b?c")),
            ("http://localhost:5000/x", Some("/x")),
            ("http://127.0.0.1:5000", Some("/")),
            ("//[::1]:5000/x", Some("/x")),
            ("http://localhost:5001/x", None),
            ("http://localhost/x", None),
            ("https://localhost:5000/x", None),
            ("http://example.com:5000/x", None),
            ("//example.com/", None),
            ("mailto:a@b", None),
        ] {
            let expect = match expect {
                Some(path) => Leads::Here(HttpTarget { path: path.into(), ..from.clone() }),
                None => Leads::Away,
            };
            assert_eq!(from.follow(location).unwrap(), expect, "{location}");
        }
        assert!(from.follow("http://:::/").is_err());
    }
}
