//! Over a real socket: what is answered, what is refused, and how it ends.

use super::super::server::Limits;
use super::super::{Heard, Http};
use super::*;
use crossbeam_channel::{Receiver, unbounded};
use std::net::TcpListener;

struct Served {
    http: Http,
    heard: Receiver<Heard>,
}

fn serve(board: Board) -> Served {
    serve_within(Limits::default(), board)
}

fn serve_within(limits: Limits, board: Board) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (tell, heard) = unbounded();
    let tell = move |word| tell.send(word).unwrap();
    Served { http: Http::within(limits, listener, board, door(), tell).unwrap(), heard }
}

impl Served {
    fn client(&self) -> Client {
        Client::new(self.http.address())
    }

    /// It ends, and nothing in it had broken.
    fn finish(self) {
        self.http.finish();
        assert!(self.heard.recv_timeout(GUARD).is_err(), "it broke");
    }
}

#[test]
fn one_connection_asks_everything() {
    let served = serve(board(shop()));
    let mut client = served.client();
    for (path, status, body) in [
        ("/livez", 200, "ok\n"),
        ("/health/live", 200, "ok\n"),
        ("/readyz", 503, "not ready\n"),
        ("/health/ready", 503, "not ready\n"),
        ("/readyz/web", 503, "not ready\n"),
        ("/readyz/web.1", 200, "ok\n"),
        ("/readyz/web.2", 503, "not ready\n"),
        ("/readyz/worker", 200, "ok\n"),
        ("/readyz?exclude=web.2", 200, "ok\n"),
        ("/readyz/web.3", 404, "there is nothing of that name\n"),
        ("/readyz/", 404, "there is nothing of that name\n"),
        ("/", 404, "there is nothing of that name\n"),
        ("/readyz/../etc/passwd", 404, "there is nothing of that name\n"),
        ("/startupz", 200, "ok\n"),
        ("/health/startup", 200, "ok\n"),
    ] {
        let reply = client.get(path, &[]);
        assert_eq!((reply.status, reply.body.as_str()), (status, body), "{path}");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("content-type", "text/plain; charset=utf-8"),
        ] {
            assert_eq!(reply.headers[name], value, "{path}");
        }
        assert!(!reply.headers.keys().any(|name| name.starts_with("access-control")), "{path}");
    }
    drop(client);
    served.finish();
}

#[test]
fn head_is_get_without_a_body_and_everything_else_is_405() {
    let served = serve(board(shop()));
    let mut client = served.client();
    let (get, head) = (client.get("/readyz", &[]), client.ask("HEAD", "/readyz", &[]));
    assert_eq!((head.status, head.body.as_str()), (get.status, ""));
    assert_eq!(head.headers["content-length"], get.headers["content-length"]);
    assert_eq!(client.get("/livez", &[]).status, 200);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"] {
        let mut client = served.client();
        let reply = client.ask(method, "/livez", &[]);
        assert_eq!((reply.status, reply.headers["allow"].as_str()), (405, "GET, HEAD"), "{method}");
        assert_eq!(client.end(), "");
    }
}

#[test]
fn n1_a_name_that_was_rebound_is_refused_before_routing() {
    let served = serve(board(shop()));
    for (request, status) in [
        ("GET /livez HTTP/1.1\r\nHost: evil.example:5555\r\n\r\n", 421),
        ("GET /nothing HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        ("GET http://evil.example/livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 421),
        ("GET /livez HTTP/1.1\r\n\r\n", 400),
        ("GET /livez HTTP/1.0\r\n\r\n", 400),
        ("GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400),
        ("GET /livez HTTP/1.1\r\nHost:\r\n\r\n", 400),
        ("GET http://localhost/livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    ] {
        let mut client = served.client();
        client.say(request);
        assert_eq!(client.hear(true).unwrap().status, status, "{request}");
    }
}

#[test]
fn n2_another_site_is_refused_and_gets_no_cors() {
    let served = serve(board(shop()));
    for origin in ["http://evil.example", "null", "http://localhost:1"] {
        let reply =
            served.client().ask("POST", "/livez", &[&format!("Origin: {origin}"), "Content-Length: 0"]);
        assert_eq!(reply.status, 403, "{origin}");
        assert!(!reply.headers.contains_key("access-control-allow-origin"));
    }
    assert_eq!(served.client().get("/livez", &["Origin: http://localhost"]).status, 200);
}

#[test]
fn n3_what_is_asked_for_does_not_come_back_in_the_lines_of_the_answer() {
    let served = serve(board(shop()));
    let mut client = served.client();
    for path in ["/readyz/web%0d%0aSet-Cookie:%20a=b", "/readyz?exclude=%0d%0aX:%20y&verbose", "/%00"] {
        let reply = client.get(path, &[]);
        assert!(!reply.headers.contains_key("set-cookie") && !reply.headers.contains_key("x"), "{path}");
    }
}

#[test]
fn n5_what_can_be_read_in_two_ways_is_refused_and_what_follows_unread() {
    let smuggled = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let served = serve(board(shop()));
    for (lines, expect) in [
        ("Content-Length: 4\r\nTransfer-Encoding: chunked", &[400, 413][..]),
        ("Transfer-Encoding: chunked\r\nContent-Length: 4", &[400, 413]),
        ("Content-Length: 4\r\nContent-Length: 5", &[400]),
        ("Content-Length: +4", &[400]),
        ("Transfer-Encoding: xchunked", &[400]),
        ("Transfer-Encoding: chunked, identity", &[400]),
        ("Transfer-Encoding : chunked", &[400]),
        ("A: b\r\n folded: c", &[400]),
        ("Content-Length: 45", &[413]),
        ("Content-Length: 999999999999", &[413]),
        ("Expect: 100-continue\r\nContent-Length: 45", &[413]),
    ] {
        let mut client = served.client();
        client.say(&format!("GET /readyz HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n\r\n0\r\n\r\n{smuggled}"));
        let reply = client.hear(true).unwrap();
        assert!(expect.contains(&reply.status), "{lines}: {reply:?}");
        assert_eq!(client.end(), "", "{lines}: what was smuggled got an answer");
    }
    assert_eq!(served.client().get("/livez", &["Content-Length: 0"]).status, 200);
    served.finish();
}

#[test]
fn n5_garbage_is_400_or_the_end_and_hurts_nobody() {
    let served = serve(board(shop()));
    let long = format!("GET /livez HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(17 * 1024));
    let many = format!("GET /livez HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: y\r\n".repeat(200));
    for (text, status) in [
        (long.as_str(), 431),
        (many.as_str(), 431),
        ("GET /livez\r\n\r\n", 400),
        ("\u{16}\u{3}\u{1}\0\0\0\0\r\n\r\n", 400),
        ("GET /livez HTTP/9.9\r\n\r\n", 400),
        ("GET /livez HTTP/1.1\r\nHost: local\0host\r\n\r\n", 400),
    ] {
        let mut client = served.client();
        client.say(text);
        match client.hear(true) {
            Ok(reply) => assert_eq!(reply.status, status, "{text:?}"),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{text:?}"),
        }
    }
    assert_eq!(served.client().get("/livez", &[]).status, 200);
    served.finish();
}

#[test]
fn n5_pipelined_questions_are_answered_in_order() {
    let served = serve(board(shop()));
    let mut client = served.client();
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client.say(&(ask("/livez") + &ask("/nothing") + &ask("/readyz") + &ask("/livez")));
    let heard: Vec<u16> = (0..4).map(|_| client.hear(true).unwrap().status).collect();
    assert_eq!(heard, [200, 404, 503, 200]);
}

#[test]
fn n5_who_never_ends_the_header_is_cut_off_however_busy() {
    let limits = Limits { header: Duration::from_millis(300), ..Limits::default() };
    let served = serve_within(limits, board(shop()));
    let mut client = served.client();
    client.0.get_ref().set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    client.say("GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ");
    // One letter for each time that nothing is heard, as long as the other side lets us.
    while client.0.get_mut().write_all(b"x").is_ok() {
        match client.0.fill_buf() {
            Ok([]) => break,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Ok(_) | Err(_) => break,
        }
    }
    // And one who says nothing at all, before or after a question.
    served.client().end();
    let mut client = served.client();
    assert_eq!(client.get("/livez", &[]).status, 200);
    assert_eq!(client.end(), "");
    served.finish();
}

#[test]
fn n5_a_connection_has_a_longest_life() {
    let limits = Limits { life: Duration::from_millis(300), ..Limits::default() };
    let served = serve_within(limits, board(shop()));
    let mut client = served.client();
    let ask = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // It asks without end; the end comes all the same.
    while client.0.get_mut().write_all(ask.as_bytes()).is_ok() {
        if client.hear(true).is_err() {
            break;
        }
    }
    assert_eq!(served.client().get("/livez", &[]).status, 200);
}

#[test]
fn n5_connections_beyond_the_limit_wait_and_get_their_turn() {
    let limits = Limits { connections: 4, header: GUARD, ..Limits::default() };
    let served = serve_within(limits, board(shop()));
    let mut holding: Vec<Client> = (0..4).map(|_| served.client()).collect();
    for client in &mut holding {
        assert_eq!(client.get("/livez", &[]).status, 200);
    }
    let mut late = served.client();
    late.say("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    late.0.get_ref().set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert_eq!(late.hear(true).unwrap_err().kind(), io::ErrorKind::WouldBlock, "it was let in");
    holding.pop();
    late.0.get_ref().set_read_timeout(Some(GUARD)).unwrap();
    assert_eq!(late.hear(true).unwrap().status, 200);
    served.finish();
}

#[test]
fn n6_names_and_reasons_need_the_token() {
    let served = serve(board(shop()));
    let mut client = served.client();
    let bearer = format!("Authorization: Bearer {TOKEN}");
    let cookie = format!("Cookie: a=b; twelve_run_token={TOKEN}; c=d");
    let told = "[+]supervisor ok\n[+]formation ok\n[+]web.1 ok\n[-]web.2 connection refused\n[+]worker.1 ok\nnot ready\n";
    for (line, body) in [
        ("X: y", "not ready\n"),
        ("Authorization: Bearer guess", "not ready\n"),
        ("Authorization: Bearer ", "not ready\n"),
        ("Authorization: Basic YTpi", "not ready\n"),
        ("Cookie: twelve_run_token=guess", "not ready\n"),
        (bearer.as_str(), told),
        (cookie.as_str(), told),
    ] {
        assert_eq!(client.get("/readyz?verbose", &[line]).body, body, "{line}");
    }
    for accept in ["application/json", "application/health+json", "application/json;profile=microprofile"] {
        let body = client.get("/readyz?verbose", &[&format!("Accept: {accept}")]).body;
        assert!(!body.contains("web") && !body.contains("refused"), "{accept}: {body}");
    }
    assert_eq!(client.get("/metrics", &[]).status, 200);
}

#[test]
fn n7_on_every_address_there_is_the_same_and_nothing_else() {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let http = Http::start(listener, board(shop()), door(), |_| ()).unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], http.address().port()));
    let mut client = Client::new(address);
    client.say("GET /livez HTTP/1.1\r\nHost: 192.0.2.7:5555\r\n\r\n");
    assert_eq!(client.hear(true).unwrap().status, 200);
    client.say("GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    assert_eq!(client.hear(true).unwrap().status, 421);
    http.finish();
}

#[test]
fn a_loop_that_hangs_is_told_and_one_that_has_nothing_to_do_is_not() {
    let board = silent(state(vec![kind("web", 1, true)], vec![row("web", 1, Some(true))]));
    let served = serve(board.clone());
    let mut client = served.client();
    assert_eq!(client.get("/livez", &[]).status, 200);
    for _ in 0..=super::super::board::MISSED_BEATS {
        board.ask();
    }
    assert_eq!(client.get("/livez", &[]).status, 503);
    assert_eq!(client.get("/readyz", &[]).status, 503);
    assert!(client.get("/metrics", &[]).body.contains("\ntwelve_run_up 0\n"));
    board.beat();
    assert_eq!(client.get("/livez", &[]).status, 200);
}

#[test]
fn what_is_published_is_what_the_next_answer_says() {
    let board = board(state(vec![kind("web", 1, true)], vec![row("web", 1, Some(true))]));
    let served = serve(board.clone());
    let mut client = served.client();
    assert_eq!(client.get("/readyz", &[]).status, 200);
    board.publish(State { phase: Phase::Stopping, ..shop() });
    let reply = client.get("/readyz?verbose", &[&format!("Authorization: Bearer {TOKEN}")]);
    assert_eq!(reply.status, 503);
    assert!(reply.body.contains("[-]formation shutting down\n"), "{}", reply.body);
    assert_eq!(client.get("/livez", &[]).status, 200);
}

#[test]
fn the_end_waits_for_no_client() {
    let served = serve(board(shop()));
    let mut idle = served.client();
    assert_eq!(idle.get("/livez", &[]).status, 200);
    let mut half = served.client();
    half.say("GET /livez HT");
    // One who asks more than it ever reads.
    let rude = TcpStream::connect(served.http.address()).unwrap();
    rude.set_nonblocking(true).unwrap();
    let ask = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(64);
    while (&rude).write(ask.as_bytes()).is_ok() {}
    let address = served.http.address();
    served.finish();
    assert_eq!(idle.end(), "");
    assert!(TcpStream::connect(address).is_err(), "it still listens");
}

#[test]
fn a_panic_of_the_thread_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (tell, heard) = unbounded();
    let board = Board::new(|| panic!("the waker is broken, as this test wants it"));
    let http = Http::start(listener, board, door(), move |word| tell.send(word).unwrap()).unwrap();
    assert_eq!(heard.recv_timeout(GUARD), Ok(Heard::Broke));
    http.finish();
}
