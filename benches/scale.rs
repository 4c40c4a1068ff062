//! What one step of `scale` costs while a formation runs, beside the least that could do it: the same child
//! by bare fork and exec, killed and waited for, in the same run.
//!
//! `cargo bench --bench scale`. A step is measured from the request's first byte to its reply, and to the
//! child's `started` or `exited`; the own part is what a step takes longer than the bare one. It is to stay
//! under 10 ms, and the last line says whether it does.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const LIMIT_MS: f64 = 10.0;

fn main() -> io::Result<()> {
    let steps = std::env::var("STEPS").ok().and_then(|steps| steps.parse().ok()).unwrap_or(500);
    let mut out = io::stdout();
    writeln!(
        out,
        "{:>6} {:>6} {:>10} {:>10} {:>10} {:>10} {:>8} {:>10} {:>10}",
        "others", "step", "reply ms", "done ms", "done p99", "bare ms", "ratio", "own ms", "own p99"
    )?;
    let mut worst: f64 = 0.0;
    for others in [0, 100, 500] {
        let measured = formation(others, steps)?;
        for (name, step) in [("up", &measured.up), ("down", &measured.down)] {
            let (reply, done, bare) = (middle(&step.reply), middle(&step.done), middle(&step.bare));
            let (late, own) = (late(&step.done), late(&step.done) - bare);
            worst = worst.max(own);
            writeln!(
                out,
                "{others:>6} {name:>6} {reply:>10.3} {done:>10.3} {late:>10.3} {bare:>10.3} {:>8.2} {:>10.3} {own:>10.3}",
                done / bare,
                done - bare,
            )?;
        }
    }
    let verdict = if worst < LIMIT_MS { "under" } else { "NOT under" };
    writeln!(out, "of a hundred steps the slowest has an own part of {worst:.3} ms, {verdict} {LIMIT_MS} ms")
}

/// The times of steps of one direction.
#[derive(Default)]
struct Step {
    reply: Vec<Duration>,
    done: Vec<Duration>,
    bare: Vec<Duration>,
}

#[derive(Default)]
struct Measured {
    up: Step,
    down: Step,
}

/// Many steps up and down of one type, while so many others run.
fn formation(others: usize, steps: usize) -> io::Result<Measured> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("Procfile"), "other: sleep 1000\nstep: sleep 1000\n")?;
    let mut ours = Command::new(env!("CARGO_BIN_EXE_twelve-run"))
        .args(["start", "-m", &format!("other={others},step=1")])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        // That many others come near the ports of the next type; nobody listens there.
        .stderr(Stdio::null())
        .spawn()?;
    // Somebody reads on, as on a terminal.
    let (up, all_up) = std::sync::mpsc::channel();
    let lines = BufReader::new(ours.stdout.take().expect("stdout is piped")).lines();
    std::thread::spawn(move || {
        for _ in lines.map_while(Result::ok).filter(|line| line.contains("started with pid")) {
            let _ = up.send(());
        }
    });
    (0..=others).for_each(|_| all_up.recv().expect("every process starts"));

    let socket = folder.path().join(".twelve-run/control.sock");
    let (mut asking, mut events) = (Line::to(&socket)?, Line::to(&socket)?);
    events.ask(&json!({ "events": {} }))?;
    let mut measured = Measured::default();
    for step in 0..=steps {
        let (up, down) = (
            one(&socket, &mut asking, &mut events, 2, "started")?,
            one(&socket, &mut asking, &mut events, 1, "exited")?,
        );
        let (bare_up, bare_down) = bare()?;
        // The first one warms everybody up.
        if step > 0 {
            measured.up.add(up, bare_up);
            measured.down.add(down, bare_down);
        }
    }
    kill(Pid::from_raw(ours.id().cast_signed()), Signal::SIGTERM)?;
    ours.wait()?;
    Ok(measured)
}

/// From the request to its reply, and to the event that it is about.
fn one(
    socket: &Path,
    asking: &mut Line,
    events: &mut Line,
    count: u64,
    event: &str,
) -> io::Result<(Duration, Duration)> {
    // Each on a connection of its own, as the verb does it; that it is open already is not part of the step.
    *asking = Line::to(socket)?;
    let began = Instant::now();
    let reply = asking.ask(&json!({ "scale": { "counts": [{ "name": "step", "to": count }] } }))?;
    let replied = began.elapsed();
    assert!(reply["ok"].is_object(), "{reply}");
    while events.next()?["event"] != event {}
    Ok((replied, began.elapsed()))
}

/// The same child by hand: forked and executed, asked to end and waited for.
fn bare() -> io::Result<(Duration, Duration)> {
    let began = Instant::now();
    let mut child = Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn()?;
    let up = began.elapsed();
    let asked = Instant::now();
    kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM)?;
    child.wait()?;
    Ok((up, asked.elapsed()))
}

impl Step {
    fn add(&mut self, (reply, done): (Duration, Duration), bare: Duration) {
        self.reply.push(reply);
        self.done.push(done);
        self.bare.push(bare);
    }
}

/// A connection to the formation.
struct Line {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
}

impl Line {
    fn to(socket: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        let mut line = Self { reader: BufReader::new(stream.try_clone()?), stream };
        line.next()?;
        Ok(line)
    }

    fn ask(&mut self, ask: &Value) -> io::Result<Value> {
        let request = format!("{}\n", json!({ "protocol": 1, "id": 1, "ask": ask }));
        self.stream.write_all(request.as_bytes())?;
        self.next()
    }

    fn next(&mut self) -> io::Result<Value> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }
}

fn middle(times: &[Duration]) -> f64 {
    at(times, 50)
}

fn late(times: &[Duration]) -> f64 {
    at(times, 99)
}

/// The time that so many of a hundred do not exceed, in milliseconds.
fn at(times: &[Duration], percent: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() * percent / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
