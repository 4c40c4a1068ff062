//! What the room promises: tables for what it decides, and real sockets for how it behaves. The client is
//! written by hand, so that it can say what no client should.

mod doors;
mod scrape;
mod verdicts;
mod wire;
mod words;

use super::answer::Desk;
use super::board::{Board, Figures, Kind, Lengths, Row, State};
use super::guard::Door;
use crate::supervisor::snapshot::Phase;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const TOKEN: &str = "a-token-of-this-run";
/// No test waits that long unless it fails.
const GUARD: Duration = Duration::from_secs(30);

fn door() -> Door {
    Door { token: TOKEN.into(), hosts: Vec::new() }
}

fn kind(name: &str, wanted: u16, readiness: bool) -> Kind {
    Kind { name: name.into(), wanted, readiness, startup: false }
}

fn row(kind: &str, index: u16, ready: Option<bool>) -> Row {
    Row {
        name: format!("{kind}.{index}"),
        kind: kind.into(),
        index,
        state: "running",
        begun: true,
        ready,
        ..Row::default()
    }
}

fn state(types: Vec<Kind>, instances: Vec<Row>) -> State {
    State { types, instances, ..State::new(Phase::Running, Duration::from_millis(100)) }
}

/// Two web that are probed, one of them not ready, and a worker that nobody probes.
fn shop() -> State {
    let sick = Row { reason: "connection refused".into(), restarts: 2, ..row("web", 2, Some(false)) };
    let figures = Figures {
        rss_bytes: Some(4096),
        cpu_s: Some(1.5),
        output_bytes: Some(10),
        probes: BTreeMap::from([("readiness", Lengths { sum: Duration::from_millis(250), count: 2 })]),
    };
    let worker =
        Row { figures, exits: BTreeMap::from([(0, 1), (137, 3)]), pid: Some(4711), ..row("worker", 1, None) };
    let rows = vec![row("web", 1, Some(true)), sick, worker];
    State { dropped_bytes: 7, ..state(vec![kind("web", 2, true), kind("worker", 1, false)], rows) }
}

/// A board whose driver answers at once.
fn board(state: State) -> Board {
    let driver: Arc<OnceLock<Board>> = Arc::default();
    let answering = Arc::clone(&driver);
    let board = Board::new(move || {
        if let Some(board) = answering.get() {
            board.beat();
        }
    });
    board.publish(state);
    let _ = driver.set(board.clone());
    board
}

/// A board whose driver hangs.
fn silent(state: State) -> Board {
    let board = Board::new(|| ());
    board.publish(state);
    board
}

fn desk(board: Board) -> Desk {
    Desk { board, door: door(), address: IpAddr::V4(Ipv4Addr::LOCALHOST) }
}

/// One connection.
struct Client(BufReader<TcpStream>);

#[derive(Debug)]
struct Reply {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(GUARD)).unwrap();
        stream.set_write_timeout(Some(GUARD)).unwrap();
        Self(BufReader::new(stream))
    }

    fn say(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// `GET path`, with these lines.
    fn get(&mut self, path: &str, lines: &[&str]) -> Reply {
        self.ask("GET", path, lines)
    }

    fn ask(&mut self, method: &str, path: &str, lines: &[&str]) -> Reply {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        for line in lines {
            text.push_str(line);
            text.push_str("\r\n");
        }
        self.say(&(text + "\r\n"));
        self.hear(method != "HEAD").unwrap()
    }

    /// The next answer.
    fn hear(&mut self, has_body: bool) -> io::Result<Reply> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let status = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
        let headers: BTreeMap<String, String> = lines[1..]
            .iter()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length =
            headers.get("content-length").filter(|_| has_body).map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok(Reply { status, headers, body: String::from_utf8(body).unwrap() })
    }

    /// Waits until the other side has closed; what it still says is returned.
    fn end(mut self) -> String {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("it was not closed: {error}"),
        }
        String::from_utf8(rest).unwrap()
    }
}
