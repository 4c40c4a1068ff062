//! Those who ask a running formation: the program's own verbs, and bare connections that say whatever a
//! test has them say.

use crate::running::Running;
use crate::stream::Stream;
use crate::world::{GUARD, PROGRAM, World};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a verb came to.
#[derive(Debug)]
pub struct Answer {
    pub code: i32,
    pub out: String,
    pub err: String,
    pub took: Duration,
}

impl Answer {
    /// Fails the test unless it ended with this code.
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Fails the test unless it said this on standard error.
    pub fn expect_err(self, text: &str) -> Self {
        assert!(self.err.contains(text), "it does not say {text:?}: {self:#?}");
        self
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// Runs any program in a folder with a small environment, and waits for its end.
pub fn run_in(folder: &Path, words: &[&str], variables: &[(&str, &Path)]) -> Answer {
    let began = Instant::now();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(folder).env_clear();
    command
        .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
        .env("HOME", folder)
        .env("LANG", "C.UTF-8");
    command.envs(variables.iter().copied());
    let mut client = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a client starts");
    let out = OwnedFd::from(client.stdout.take().expect("it is piped"));
    let err = OwnedFd::from(client.stderr.take().expect("it is piped"));
    let (mut out, mut err) = (Stream::read(Arc::new(out), false), Stream::read(Arc::new(err), false));
    let status = loop {
        if let Some(status) = client.try_wait().expect("it is our child") {
            break status;
        }
        if began.elapsed() > GUARD {
            let _ = client.kill();
            let _ = client.wait();
            panic!("{words:?} does not end\n--- its output\n{}\n--- its errors\n{}", out.text(), err.text());
        }
        std::thread::park_timeout(Duration::from_millis(1));
    };
    let took = began.elapsed();
    assert!(out.finish(GUARD) && err.finish(GUARD), "something of {words:?} goes on");
    Answer { code: status.code().unwrap_or(-1), out: out.text(), err: err.text(), took }
}

impl World {
    /// Runs a verb in the app's folder.
    pub fn ask<const N: usize>(&self, words: [&str; N]) -> Answer {
        run_in(&self.app(), &[&[PROGRAM], words.as_slice()].concat(), &[])
    }
}

impl Running {
    /// Runs a verb in the app's folder.
    pub fn ask<const N: usize>(&self, words: [&str; N]) -> Answer {
        run_in(&self.app(), &[&[PROGRAM], words.as_slice()].concat(), &[])
    }

    /// The control socket.
    pub fn socket(&self) -> PathBuf {
        self.app().join(".twelve-run/control.sock")
    }

    /// A connection that has been greeted.
    pub fn connect(&self) -> Line {
        Line::to(&self.socket())
    }

    /// The rows of `ps`.
    pub fn rows(&self) -> Vec<Value> {
        let answer = self.ask(["ps", "--json"]).expect(0).json();
        answer["processes"].as_array().expect("rows").clone()
    }

    /// Name and pid of everything in `ps`.
    pub fn pids(&self) -> Vec<(String, u64)> {
        let pair = |row: &Value| {
            (row["name"].as_str().expect("a name").to_owned(), row["pid"].as_u64().unwrap_or(0))
        };
        self.rows().iter().map(pair).collect()
    }

    /// The names in `ps`.
    pub fn names(&self) -> Vec<String> {
        self.pids().into_iter().map(|(name, _)| name).collect()
    }

    /// Waits until `ps` shows this instance in this state, and gives its row.
    pub fn wait_for_row(&self, name: &str, state: &str) -> Value {
        let mut found = Value::Null;
        self.wait_until(&format!("`{name}` is {state}"), || {
            // Whoever has just begun need not listen yet.
            let answer = self.ask(["ps", "--json"]);
            let rows = (answer.code == 0).then(|| answer.json())?;
            found = rows["processes"].as_array()?.iter().find(|row| row["name"] == name)?.clone();
            (found["state"] == state).then_some(())
        });
        found
    }

    /// How many file descriptors the supervisor has.
    pub fn fds(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.supervisor())).expect("it lives").count()
    }

    /// What the supervisor has used of the processor, in hundredths of a second.
    pub fn cpu_ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.supervisor())).expect("it lives");
        let fields: Vec<&str> = stat.rsplit_once(") ").expect("its form").1.split(' ').collect();
        fields[11..13].iter().map(|field| field.parse::<u64>().expect("a number")).sum()
    }

    /// Memory of the supervisor, in kilobytes, without the pages of its program: those come as they are used.
    pub fn anonymous_kb(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.supervisor())).expect("it lives");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("its form");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

/// A bare connection.
pub struct Line {
    pub stream: UnixStream,
    reader: BufReader<UnixStream>,
}

impl Line {
    /// Connects, and takes the greeting.
    pub fn to(socket: &Path) -> Self {
        let mut line = Self::silent(socket);
        let hello = line.next().expect("a greeting");
        assert_eq!(hello["protocol"], 1, "{hello}");
        line
    }

    /// Connects, and does nothing more.
    pub fn silent(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).expect("somebody listens");
        stream.set_read_timeout(Some(GUARD)).expect("a timeout");
        stream.set_write_timeout(Some(GUARD)).expect("a timeout");
        let reader = BufReader::new(stream.try_clone().expect("a descriptor"));
        Self { stream, reader }
    }

    /// Sends bytes; whether they were taken.
    pub fn send(&self, bytes: impl AsRef<[u8]>) -> bool {
        (&self.stream).write_all(bytes.as_ref()).is_ok()
    }

    /// Sends a request.
    pub fn request(&self, id: u64, ask: &Value) {
        self.send(request(id, ask));
    }

    /// Asks, and takes the answer.
    pub fn ask(&mut self, id: u64, ask: &Value) -> Value {
        self.request(id, ask);
        let reply = self.next().expect("an answer");
        assert_eq!(reply["id"], id, "{reply}");
        reply
    }

    /// The next line; `None` when the connection has ended. Fails when nothing comes.
    pub fn next(&mut self) -> Option<Value> {
        let mut line = Vec::new();
        match self.reader.read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => Some(serde_json::from_slice(&line).unwrap_or_else(|error| {
                panic!("{error}: {:?}", String::from_utf8_lossy(&line));
            })),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => None,
            Err(error) => panic!("nothing comes: {error}"),
        }
    }

    /// Everything until the connection ends.
    pub fn rest(&mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

/// A request as it goes over the line.
pub fn request(id: u64, ask: &Value) -> Vec<u8> {
    format!("{}\n", json!({ "protocol": 1, "id": id, "ask": ask })).into_bytes()
}

/// `scale worker=4` as a request.
pub fn scale(name: &str, to: u64) -> Value {
    json!({ "scale": { "counts": [{ "name": name, "to": to }] } })
}

/// `ps` as a request.
pub fn ps() -> Value {
    json!({ "ps": { "names": [] } })
}
