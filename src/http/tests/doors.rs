//! Who is let in, as tables: the host, the origin, the token.

use super::super::guard::Door;
use hyper::Request;
use hyper::http::request::Parts;
use std::net::IpAddr;

fn request(method: &str, target: &str, lines: &[(&str, &str)]) -> Parts {
    let request = Request::builder().method(method).uri(target);
    let request = lines.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(()).unwrap().into_parts().0
}

/// The status of the refusal; 200 when there is none.
fn admitted(address: &str, request: &Parts) -> u16 {
    let door = Door { hosts: vec!["Shop.internal".into()], ..super::door() };
    let address: IpAddr = address.parse().unwrap();
    door.admit(request, address).err().map_or(200, |refusal| refusal.status.as_u16())
}

#[test]
fn n1_and_n7_a_host_is_ours_or_misdirected() {
    let (loopback, six, named, every, every_six) = ("127.0.0.1", "::1", "192.0.2.7", "0.0.0.0", "::");
    for (address, host, expect) in [
        (loopback, "localhost", 200),
        (loopback, "LOCALHOST:5555", 200),
        (loopback, "localhost.:80", 200),
        (loopback, "shop.localhost:80", 200),
        (loopback, "127.0.0.1:1", 200),
        (loopback, "127.8.8.8", 200),
        (loopback, "[::1]:5555", 200),
        (loopback, "[::ffff:127.0.0.1]", 200),
        (loopback, "shop.internal:5555", 200),
        (six, "localhost", 200),
        (six, "[::1]", 200),
        (loopback, "evil.example", 421),
        (loopback, "localhost.evil.example", 421),
        (loopback, "evil-localhost", 421),
        (loopback, "127.0.0.1.nip.io", 421),
        (loopback, "2130706433", 421),
        (loopback, "0x7f000001", 421),
        (loopback, "192.0.2.7", 421),
        (loopback, "0.0.0.0", 421),
        (loopback, "[::]", 421),
        (named, "192.0.2.7:5555", 200),
        (named, "localhost", 200),
        (named, "192.0.2.8", 421),
        (named, "evil.example", 421),
        (every, "192.0.2.8:5555", 200),
        (every, "0.0.0.0", 200),
        (every, "[2001:db8::1]", 200),
        (every, "evil.example", 421),
        (every_six, "192.0.2.8", 200),
        (every_six, "evil.example", 421),
        (loopback, "", 400),
        (loopback, "user@localhost", 400),
        (loopback, "localhost:port", 400),
        (loopback, "localhost:", 400),
        (loopback, "localhost:99999", 400),
        (loopback, "local host", 400),
        (loopback, "localhost/", 400),
        (loopback, "[::1", 400),
        (loopback, "a,b", 421),
    ] {
        assert_eq!(
            admitted(address, &request("GET", "/livez", &[("host", host)])),
            expect,
            "{host} at {address}"
        );
    }
    for (target, lines, expect) in [
        ("/livez", &[][..], 400),
        ("/livez", &[("host", "localhost"), ("host", "localhost")], 400),
        ("http://evil.example/livez", &[("host", "localhost")], 421),
        ("http://localhost/livez", &[("host", "evil.example")], 421),
        ("http://localhost/livez", &[], 400),
        ("http://localhost/livez", &[("host", "localhost")], 200),
    ] {
        assert_eq!(admitted(loopback, &request("GET", target, lines)), expect, "{target} {lines:?}");
    }
}

#[test]
fn n2_another_site_may_not_ask() {
    let host = ("host", "localhost:5555");
    for (lines, expect) in [
        (&[host][..], 200),
        (&[host, ("origin", "http://localhost:5555")], 200),
        (&[host, ("origin", "https://LOCALHOST:5555")], 200),
        (&[host, ("origin", "http://localhost:5556")], 403),
        (&[host, ("origin", "http://localhost")], 403),
        (&[host, ("origin", "http://127.0.0.1:5555")], 403),
        (&[host, ("origin", "http://evil.example")], 403),
        (&[host, ("origin", "http://localhost:5555.evil.example")], 403),
        (&[host, ("origin", "null")], 403),
        (&[host, ("origin", "")], 403),
        (&[host, ("origin", "file://")], 403),
        (&[host, ("origin", "http://localhost:5555"), ("origin", "http://evil.example")], 403),
        // `<img>`, `<form>`, and a link that is followed.
        (&[host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")], 403),
        (&[host, ("sec-fetch-site", "same-site"), ("sec-fetch-mode", "no-cors")], 403),
        (&[host, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")], 200),
        (&[host, ("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")], 200),
        (&[host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], 200),
    ] {
        assert_eq!(admitted("127.0.0.1", &request("GET", "/livez", lines)), expect, "{lines:?}");
    }
}

#[test]
fn what_would_be_an_order_or_a_letter_is_refused() {
    let host = ("host", "localhost");
    for (method, lines, expect) in [
        ("GET", &[host][..], 200),
        ("HEAD", &[host], 200),
        ("GET", &[host, ("content-length", "0")], 200),
        ("POST", &[host], 405),
        ("OPTIONS", &[host, ("access-control-request-method", "GET")], 405),
        ("get", &[host], 405),
        ("GET", &[host, ("content-length", "1")], 413),
        ("GET", &[host, ("transfer-encoding", "chunked")], 413),
        // The host comes first, then the site, then what is wanted.
        ("POST", &[("host", "evil.example"), ("origin", "null")], 421),
        ("POST", &[host, ("origin", "null"), ("content-length", "9")], 403),
        ("POST", &[host, ("content-length", "9")], 405),
    ] {
        assert_eq!(admitted("127.0.0.1", &request(method, "/livez", lines)), expect, "{method} {lines:?}");
    }
}

#[test]
fn n6_only_the_whole_token_opens() {
    let knows = |token: &str, name: &str, value: &str| {
        let door = Door { token: token.into(), hosts: Vec::new() };
        door.knows(&request("GET", "/", &[(name, value)]).headers)
    };
    for (name, value, expect) in [
        ("authorization", "Bearer secret", true),
        ("authorization", "bearer  secret ", true),
        ("authorization", "Bearer secre", false),
        ("authorization", "Bearer secrets", false),
        ("authorization", "Bearer Secret", false),
        ("authorization", "Bearer", false),
        ("authorization", "Bearer ", false),
        ("authorization", "secret", false),
        ("authorization", "Basic secret", false),
        ("cookie", "twelve_run_token=secret", true),
        ("cookie", "a=b;twelve_run_token=secret; c", true),
        ("cookie", "twelve_run_token=guess; twelve_run_token=secret", true),
        ("cookie", "twelve_run_token=", false),
        ("cookie", "other_twelve_run_token=secret", false),
        ("cookie", "secret", false),
    ] {
        assert_eq!(knows("secret", name, value), expect, "{name}: {value}");
    }
    // Where there is no token, nothing opens.
    for value in ["Bearer ", "Bearer", "Bearer x"] {
        assert!(!knows("", "authorization", value));
    }
    assert!(!knows("", "cookie", "twelve_run_token="));
}
