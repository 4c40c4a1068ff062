//! The pool against servers that misbehave, one story for each row of the fault matrix.

use super::*;
use crate::app::plan::TypeId;
use crossbeam_channel::bounded;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, getsockname, socket};
use std::env;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

/// Longer than anything takes that is not stuck.
const GUARD: Duration = Duration::from_secs(30);
const ID: Id = Id { kind: TypeId(0), index: 1, generation: 1 };

/// A server that lives for so many connections.
struct Server {
    port: u16,
    thread: JoinHandle<()>,
}

impl Server {
    fn new(connections: usize, serve: impl Fn(TcpStream) + Send + 'static) -> Self {
        Self::on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), connections, serve)
    }

    fn on(listener: TcpListener, connections: usize, serve: impl Fn(TcpStream) + Send + 'static) -> Self {
        let port = listener.local_addr().unwrap().port();
        let thread = std::thread::spawn(move || {
            for _ in 0..connections {
                serve(listener.accept().unwrap().0);
            }
        });
        Self { port, thread }
    }

    /// One that reads the request and says this.
    fn saying(connections: usize, words: impl Into<Vec<u8>>) -> Self {
        let words = words.into();
        Self::new(connections, move |mut stream| {
            request(&mut stream);
            // Who knows enough goes before the end.
            let _ = stream.write_all(&words);
        })
    }

    fn http(&self, path: &str) -> Target {
        Target::Http(HttpTarget::of(path, Some(self.port)).unwrap())
    }

    /// Every connection has been served.
    fn finish(self) {
        self.thread.join().unwrap();
    }
}

/// The request, to its empty line.
fn request(stream: &mut TcpStream) -> String {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        text.push(byte[0]);
    }
    String::from_utf8(text).unwrap()
}

fn question(target: Target) -> Question {
    Question { id: ID, tier: Tier::Readiness, target, timeout: GUARD, owner: None }
}

fn prober() -> (Prober, Receiver<Answered>) {
    let (tell, told) = unbounded();
    (Prober::new(move |answer| tell.send(answer).unwrap()), told)
}

fn answer(question: Question) -> Answered {
    let (prober, told) = prober();
    prober.ask(question).unwrap();
    told.recv_timeout(GUARD * 2).unwrap()
}

fn outcome(target: Target) -> Outcome {
    answer(question(target)).outcome
}

fn failed(why: &str) -> Outcome {
    Outcome::Failed(why.into())
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A port that nobody listens on, and nobody else gets: an address without a listener.
fn deaf_port(port: u16) -> Option<(OwnedFd, u16)> {
    let fd = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).unwrap();
    bind(fd.as_raw_fd(), &SockaddrIn::new(127, 0, 0, 1, port)).ok()?;
    let port = getsockname::<SockaddrIn>(fd.as_raw_fd()).unwrap().port();
    Some((fd, port))
}

#[test]
fn who_answers_is_well_and_who_asks_says_who_he_is() {
    let (tell, told) = bounded(1);
    let server = Server::new(1, move |mut stream| {
        tell.send(request(&mut stream)).unwrap();
        stream.write_all(OK.as_bytes()).unwrap();
    });
    let answer = answer(question(server.http("/health?x")));
    assert_eq!((answer.id, answer.tier, answer.outcome), (ID, Tier::Readiness, Outcome::Passed));
    let request = told.recv().unwrap();
    assert!(request.starts_with("GET /health?x HTTP/1.1\r\n"), "{request}");
    let agent = format!("twelve-run/{}", env!("CARGO_PKG_VERSION"));
    for line in
        [&format!("Host: localhost:{}", server.port), &format!("User-Agent: {agent}"), "Connection: close"]
    {
        assert!(request.contains(&format!("\r\n{line}\r\n")), "{line} in {request}");
    }
    server.finish();
    let busy = Server::saying(1, "HTTP/1.1 503 Busy\r\n\r\n");
    assert_eq!(outcome(busy.http("/")), failed("status 503"));
    busy.finish();
}

#[test]
fn k1_who_accepts_and_never_answers_fails_when_the_time_is_up_and_is_hung_up_on() {
    let server = Server::new(1, |mut stream| {
        request(&mut stream);
        assert!(matches!(stream.read(&mut [0]), Ok(0)), "the connection is closed");
    });
    let timeout = Duration::from_secs(1);
    let answer = answer(Question { timeout, ..question(server.http("/")) });
    assert_eq!(answer.outcome, failed("no answer within 1 s"));
    assert!(answer.took >= timeout);
    server.finish();
}

#[test]
fn k2_the_time_is_for_all_and_not_for_each_byte() {
    for head in ["HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n"] {
        let server = Server::new(1, move |mut stream| {
            let (_never, pause) = bounded::<()>(0);
            let mut words = head.bytes().chain(std::iter::repeat(b'x'));
            while stream.write_all(&[words.next().unwrap()]).is_ok() {
                let _ = pause.recv_timeout(Duration::from_millis(5));
            }
        });
        let timeout = Duration::from_secs(1);
        let answer = answer(Question { timeout, ..question(server.http("/")) });
        assert_eq!(answer.outcome, failed("no answer within 1 s"));
        server.finish();
    }
}

#[test]
fn k3_of_much_too_much_a_little_is_read_and_the_status_decides() {
    let endless = |head: &'static str| {
        Server::new(1, move |mut stream| {
            request(&mut stream);
            let _ = stream.write_all(head.as_bytes());
            while stream.write_all(&[b'x'; 4096]).is_ok() {}
        })
    };
    for (head, expect) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", Outcome::Passed),
        ("HTTP/1.1 200 OK\r\n\r\n", Outcome::Passed),
        ("HTTP/1.1 500 No\r\nContent-Length: 99999999999\r\n\r\n", failed("status 500")),
        ("HTTP/1.1 200 OK\r\nX: ", failed("more than 8 KiB of headers")),
    ] {
        let server = endless(head);
        assert_eq!(outcome(server.http("/")), expect, "{head}");
        server.finish();
    }
}

#[test]
fn k4_a_loop_fails_after_ten_redirects_and_nobody_goes_to_another_host() {
    let server = Server::saying(11, "HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n");
    assert_eq!(outcome(server.http("/")), failed("more than 10 redirects"));
    server.finish();

    let server = Server::saying(1, "HTTP/1.1 301 Moved\r\nLocation: http://example.invalid/\r\n\r\n");
    assert_eq!(outcome(server.http("/")), Outcome::Passed);
    server.finish();

    let server = Server::new(2, |mut stream| {
        let words = match request(&mut stream) {
            text if text.starts_with("GET /a/login ") => "HTTP/1.1 404 No\r\n\r\n",
            _ => "HTTP/1.1 307 There\r\nLocation: login\r\n\r\n",
        };
        stream.write_all(words.as_bytes()).unwrap();
    });
    assert_eq!(outcome(server.http("/a/b")), failed("status 404"));
    server.finish();
}

#[test]
fn k5_a_resolver_that_never_answers_delays_nobody_and_is_asked_once_for_a_name() {
    let (tell, told) = unbounded();
    let (release, held) = bounded::<()>(0);
    let (count, lookups) = unbounded();
    let names = Names::by(move |name| {
        count.send(name.to_owned()).unwrap();
        // Until the test is over.
        let _ = held.recv();
        Err(ErrorKind::NotFound.into())
    });
    let prober = Prober::with(move |answer| tell.send(answer).unwrap(), names, QUEUE);
    let named = |timeout| Question {
        timeout,
        ..question(Target::Http(HttpTarget::of("http://Db.invalid/", None).unwrap()))
    };
    for _ in 0..2 {
        prober.ask(named(Duration::from_secs(1))).unwrap();
    }
    for _ in 0..2 {
        let outcome = told.recv_timeout(GUARD).unwrap().outcome;
        assert_eq!(outcome, failed("`db.invalid`: no answer within 1 s from the resolver"));
    }
    assert_eq!(lookups.recv_timeout(GUARD).unwrap(), "db.invalid");
    assert!(lookups.is_empty());

    // Who needs no resolver passes by one who waits for it, and the one is told when it answers.
    prober.ask(named(GUARD)).unwrap();
    let server = Server::saying(1, OK);
    prober.ask(question(server.http("/"))).unwrap();
    assert_eq!(told.recv_timeout(GUARD).unwrap().outcome, Outcome::Passed);
    server.finish();
    drop(release);
    assert_eq!(told.recv_timeout(GUARD).unwrap().outcome, failed("`db.invalid` cannot be resolved"));
}

#[test]
fn k5_a_name_is_reached_at_the_first_of_its_addresses_that_accepts() {
    let names = Names::by(|_| Ok(vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()]));
    let (tell, told) = bounded(1);
    let prober = Prober::with(move |answer| tell.send(answer).unwrap(), names, QUEUE);
    let server = Server::saying(1, OK);
    let url = format!("http://web.invalid:{}/", server.port);
    prober.ask(question(Target::Http(HttpTarget::of(&url, None).unwrap()))).unwrap();
    assert_eq!(told.recv_timeout(GUARD).unwrap().outcome, Outcome::Passed);
    server.finish();
}

/// This test again, alone in a process with these variables. `None`: this is that process.
fn again(name: &str, variables: &[(&str, &str)]) -> Option<Command> {
    const MARK: &str = "TWELVE_RUN_PROBE_TEST_AGAIN";
    if env::var_os(MARK).is_some() {
        return None;
    }
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", &format!("probe::tests::{name}")]).env(MARK, "1");
    command.envs(variables.iter().copied()).stdout(Stdio::null());
    Some(command)
}

#[test]
fn k6_proxy_variables_are_nothing_to_us() {
    let (_deaf, port) = deaf_port(0).unwrap();
    let proxy = format!("http://127.0.0.1:{port}");
    let names = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
    let name = "k6_proxy_variables_are_nothing_to_us";
    if let Some(mut again) = again(name, &names.map(|name| (name, proxy.as_str()))) {
        assert!(again.status().unwrap().success());
        return;
    }
    assert!(env::var_os("http_proxy").is_some());
    let server = Server::saying(1, OK);
    assert_eq!(outcome(server.http("/")), Outcome::Passed);
    server.finish();
}

#[test]
fn k7_what_is_no_answer_fails_and_nothing_of_it_is_repeated() {
    for (words, expect) in [
        ("", "closed without an answer"),
        ("hello, this is 0.9\x1b[2J", "malformed answer (not HTTP/1)"),
        ("HTTP/1.1 200 \x1b[2J\r\n\r\n", "malformed answer (status)"),
        ("HTTP/1.1 200 OK\r\nX\x1b[2J: y\r\n\r\n", "malformed answer (headers)"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "the answer breaks off"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "malformed answer (chunks)"),
        ("HTTP/1.1 302 x\r\nLocation: http://[\r\n\r\n", "malformed answer (location)"),
    ] {
        let server = Server::saying(1, words);
        assert_eq!(outcome(server.http("/")), failed(expect), "{words:?}");
        server.finish();
    }
    let server = Server::new(1, |mut stream| {
        stream.set_nodelay(true).unwrap();
        for byte in "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n".bytes() {
            stream.write_all(&[byte]).unwrap();
        }
        request(&mut stream);
    });
    assert_eq!(outcome(server.http("/")), Outcome::Passed);
    server.finish();
}

#[test]
fn k13_what_comes_too_late_or_finds_no_room_is_unknown() {
    let (tell, told) = unbounded();
    let (release, held) = bounded::<()>(0);
    let tell = move |answer| {
        tell.send(answer).unwrap();
        let _ = held.recv();
    };
    let prober = Prober::with(tell, Names::default(), THREADS);
    assert_eq!(*prober.threads.lock().unwrap(), 0, "who asks nothing needs no thread");
    let (_deaf, port) = deaf_port(0).unwrap();
    for _ in 0..THREADS {
        prober.ask(question(Target::Tcp { port })).unwrap();
    }
    for _ in 0..THREADS {
        assert_eq!(told.recv_timeout(GUARD).unwrap().outcome, failed("connection refused"));
    }
    // Every thread is held now.
    let timeout = Duration::from_millis(1);
    for _ in 0..THREADS {
        prober.ask(Question { timeout, ..question(Target::Tcp { port }) }).unwrap();
    }
    let refused = prober.ask(question(Target::Tcp { port })).unwrap_err();
    assert_eq!(refused.outcome, Outcome::Unknown("too many probes wait".into()));
    assert!(told.recv_timeout(timeout * 5).is_err());
    drop(release);
    for _ in 0..THREADS {
        let outcome = told.recv_timeout(GUARD).unwrap().outcome;
        assert_eq!(outcome, Outcome::Unknown("too many probes wait: it came too late".into()));
    }
    // The threads end, and with them what they told it by.
    drop(prober);
    assert_eq!(told.recv_timeout(GUARD), Err(crossbeam_channel::RecvTimeoutError::Disconnected));
}

#[test]
fn k14_without_a_file_descriptor_left_the_answer_is_unknown() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Some(mut again) = again("k14_without_a_file_descriptor_left_the_answer_is_unknown", &[]) {
        assert!(again.status().unwrap().success());
        return;
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let free = std::fs::File::open("/dev/null").unwrap().as_raw_fd();
    setrlimit(Resource::RLIMIT_NOFILE, free as u64, hard).unwrap();
    let http = Target::Http(HttpTarget::of("/", Some(port)).unwrap());
    let (tcp, http) = (outcome(Target::Tcp { port }), outcome(http));
    setrlimit(Resource::RLIMIT_NOFILE, soft, hard).unwrap();
    assert_eq!(tcp, Outcome::Unknown("too many open files".into()));
    assert_eq!(http, tcp);
}

#[test]
fn k15_who_listens_on_one_loopback_alone_is_ready() {
    let (_deaf, port) = deaf_port(0).unwrap();
    assert_eq!(outcome(Target::Tcp { port }), failed("connection refused"));
    let server = Server::new(1, drop);
    assert_eq!(outcome(Target::Tcp { port: server.port }), Outcome::Passed);
    server.finish();

    // The same port without a listener on 127.0.0.1, as far as somebody else has not got it.
    let pair = (0..100).find_map(|_| match TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) {
        Ok(listener) => {
            let deaf = deaf_port(listener.local_addr().unwrap().port())?;
            Some(Some((listener, deaf)))
        }
        // A machine without IPv6 has nothing to show here.
        Err(_) => Some(None),
    });
    let Some((listener, _deaf)) = pair.unwrap() else { return };
    let server = Server::on(listener, 2, |mut stream| {
        if !request(&mut stream).is_empty() {
            stream.write_all(OK.as_bytes()).unwrap();
        }
    });
    assert_eq!(outcome(Target::Tcp { port: server.port }), Outcome::Passed);
    assert_eq!(outcome(server.http("/")), Outcome::Passed);
    server.finish();
}

/// A process that is not us and does nothing.
struct Other(Child);

impl Other {
    fn new() -> Self {
        Self(Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

#[test]
fn k16_who_answers_for_the_process_is_named_unless_it_is_the_process() {
    let (me, other) = (std::process::id(), Other::new());
    let name = std::fs::read_to_string("/proc/self/comm").unwrap().trim_end().to_owned();
    let server = Server::saying(3, OK);
    let (prober, told) = prober();
    let asked = |target: Target, generation, owner| {
        let id = Id { generation, ..ID };
        prober.ask(Question { id, owner: Some(vec![owner]), ..question(target) }).unwrap();
        told.recv_timeout(GUARD).unwrap().outcome
    };
    let stranger = failed(&format!("port {} is held by pid {me} ({name})", server.port));
    assert_eq!(asked(server.http("/"), 1, other.0.id()), stranger);
    // A URL says itself whom it means.
    let url = format!("http://localhost:{}/", server.port);
    let elsewhere = Target::Http(HttpTarget::of(&url, Some(1)).unwrap());
    assert_eq!(asked(elsewhere, 1, other.0.id()), Outcome::Passed);
    assert_eq!(asked(server.http("/"), 1, me), Outcome::Passed);
    server.finish();

    // Found right once, this life is not looked at again, but the next is.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    assert_eq!(asked(Target::Tcp { port }, 1, me), Outcome::Passed);
    assert_eq!(asked(Target::Tcp { port }, 1, other.0.id()), Outcome::Passed);
    let stranger = failed(&format!("port {port} is held by pid {me} ({name})"));
    assert_eq!(asked(Target::Tcp { port }, 2, other.0.id()), stranger);
}
