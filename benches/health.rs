//! What an answer about health costs beside the least that hyper can do: a fixed word, by the same kind of
//! thread, in the same run. Rounds take turns, so that a busy machine is busy for both.
//!
//! `cargo bench --bench health`. The 99th percentile is to be at most 5 ms with 50 checks, one of which hangs,
//! at 2000 requests a second; the rate here is as high as it gets.

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};
use twelve_run::http::{Board, Door, Http, Kind, Row, State};
use twelve_run::supervisor::snapshot::Phase;

const ROUNDS: usize = 5;
const REQUESTS: usize = 20_000;
const CONNECTIONS: usize = 4;

fn main() -> std::io::Result<()> {
    let bare = hello()?;
    let (small, _small) = health(50)?;
    let (large, _large) = health(1000)?;
    let mut out = std::io::stdout();
    writeln!(out, "{:<28} {:>12} {:>10} {:>10} {:>8}", "what", "requests/s", "p50 us", "p99 us", "ratio")?;
    let token = "Authorization: Bearer t";
    let cases = [
        ("bare hyper", bare, "/", ""),
        ("/livez", small, "/livez", ""),
        ("/readyz, 50", small, "/readyz", ""),
        ("/readyz?verbose, 50", small, "/readyz?verbose", token),
        ("/readyz, 1000", large, "/readyz", ""),
        ("/metrics, 50", small, "/metrics", ""),
    ];
    let mut best = vec![(0.0, Duration::MAX, Duration::MAX); cases.len()];
    for _ in 0..ROUNDS {
        for ((_, address, path, line), best) in cases.iter().zip(&mut best) {
            let (rate, p50, p99) = round(*address, path, line);
            *best = (rate.max(best.0), p50.min(best.1), p99.min(best.2));
        }
    }
    let bare = best[0].0;
    for ((name, ..), (rate, p50, p99)) in cases.iter().zip(&best) {
        let (p50, p99) = (p50.as_micros(), p99.as_micros());
        writeln!(out, "{name:<28} {rate:>12.0} {p50:>10} {p99:>10} {:>8.2}", rate / bare)?;
    }
    Ok(())
}

/// How many a second, and how long half and nearly all of them took at most.
fn round(address: SocketAddr, path: &str, line: &str) -> (f64, Duration, Duration) {
    let began = Instant::now();
    let mut lengths: Vec<Duration> = thread::scope(|scope| {
        let asks = |_| scope.spawn(|| ask(address, path, line).expect("the server answers"));
        let clients: Vec<_> = (0..CONNECTIONS).map(asks).collect();
        clients.into_iter().flat_map(|client| client.join().expect("a client ends well")).collect()
    });
    let took = began.elapsed();
    lengths.sort_unstable();
    let at = |percent: usize| lengths[lengths.len() * percent / 100];
    (lengths.len() as f64 / took.as_secs_f64(), at(50), at(99))
}

fn ask(address: SocketAddr, path: &str, line: &str) -> std::io::Result<Vec<Duration>> {
    let mut stream = BufReader::new(TcpStream::connect(address)?);
    stream.get_ref().set_nodelay(true)?;
    let line = if line.is_empty() { String::new() } else { format!("{line}\r\n") };
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{line}\r\n");
    let mut lengths = Vec::new();
    let (mut text, mut body) = (String::new(), Vec::new());
    for _ in 0..REQUESTS / CONNECTIONS {
        let began = Instant::now();
        stream.get_mut().write_all(request.as_bytes())?;
        let mut length = 0;
        loop {
            text.clear();
            stream.read_line(&mut text)?;
            match text.trim_end().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().expect("a number"),
                None if text.trim_end().is_empty() => break,
                _ => {}
            }
        }
        body.resize(length, 0);
        stream.read_exact(&mut body)?;
        lengths.push(began.elapsed());
    }
    Ok(lengths)
}

/// All of them probed; the last has not answered yet.
fn health(instances: u16) -> std::io::Result<(SocketAddr, Http)> {
    let row = |index: u16| Row {
        name: format!("web.{index}"),
        kind: "web".into(),
        index,
        state: "running",
        begun: true,
        ready: (index < instances).then_some(true),
        ..Row::default()
    };
    let web = Kind { name: "web".into(), wanted: instances, readiness: true, startup: false };
    let state = State {
        types: vec![web],
        instances: (1..=instances).map(row).collect(),
        ..State::new(Phase::Running, Duration::ZERO)
    };
    // Its driver answers by a thread of its own.
    let (ask, asked) = std::sync::mpsc::channel();
    let board = Board::new(move || {
        let _ = ask.send(());
    });
    board.publish(state);
    let driver = board.clone();
    thread::spawn(move || asked.iter().for_each(|()| driver.beat()));
    let door = Door { token: "t".into(), hosts: Vec::new() };
    let http = Http::start(TcpListener::bind("127.0.0.1:0")?, board, door, |_| ())?;
    Ok((http.address(), http))
}

/// The least.
fn hello() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::spawn(move || {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                tokio::spawn(async move {
                    let service = service_fn(|_: hyper::Request<Incoming>| async {
                        Ok::<_, Infallible>(hyper::Response::new(Full::new(Bytes::from_static(b"ok\n"))))
                    });
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
    });
    Ok(address)
}
