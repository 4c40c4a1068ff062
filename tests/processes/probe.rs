//! One probe for one test: orders go in, facts come out, nothing may be left.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long a test waits for a fact before it is given up.
const GUARD: Duration = Duration::from_secs(30);

pub struct Probe {
    child: Child,
    orders: Option<ChildStdin>,
    facts: Receiver<String>,
    seen: Vec<String>,
    pub folder: tempfile::TempDir,
}

impl Probe {
    /// A probe in a folder of its own, with the variables `PATH` and `F`, the folder.
    pub fn new() -> Self {
        Self::with(&[])
    }

    pub fn with(arguments: &[&str]) -> Self {
        let mut command = Command::new(binary());
        command.args(arguments);
        Self::start(command)
    }

    /// Starts a command that becomes a probe.
    pub fn start(mut command: Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = command
            .current_dir(folder.path())
            .env("PATH", path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("the probe does not start: {error}; cargo build --examples"));
        let (tell, facts) = channel();
        let out = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        let orders = child.stdin.take();
        let mut probe = Self { child, orders, facts, seen: Vec::new(), folder };
        let path = probe.folder.path().to_owned();
        probe.tell(&[OsStr::new("set"), OsStr::new("F"), path.as_os_str()]);
        probe
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn order(&mut self, order: &str) {
        self.tell(&order.split(' ').map(OsStr::new).collect::<Vec<_>>());
    }

    pub fn tell(&mut self, words: &[&OsStr]) {
        let line: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        let line = [line.join(&b'\t').as_slice(), b"\n"].concat();
        self.orders.as_mut().unwrap().write_all(&line).unwrap();
    }

    /// Orders the start of a command line.
    pub fn spawn(&mut self, index: u16, line: impl AsRef<OsStr>) {
        self.tell(&[OsStr::new("spawn"), &OsString::from(index.to_string()), line.as_ref()]);
    }

    /// Starts a command line that runs; its pid.
    pub fn up(&mut self, index: u16, line: impl AsRef<OsStr>) -> i32 {
        self.spawn(index, line);
        let spawned = self.fact(&format!("spawned {index} "));
        spawned.rsplit(' ').next().unwrap().parse().unwrap()
    }

    /// The next fact that begins like this; those before it stay for later.
    pub fn fact(&mut self, beginning: &str) -> String {
        let end = Instant::now() + GUARD;
        let mut at = 0;
        loop {
            while at < self.seen.len() {
                if self.seen[at].starts_with(beginning) {
                    return self.seen.remove(at);
                }
                at += 1;
            }
            match self.facts.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Timeout) => panic!("no `{beginning}` among {:#?}", self.seen),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the probe ended; no `{beginning}` among {:#?}", self.seen)
                }
            }
        }
    }

    /// A fact that was told already.
    pub fn take(&mut self, beginning: &str) -> Option<String> {
        let at = self.seen.iter().position(|fact| fact.starts_with(beginning))?;
        Some(self.seen.remove(at))
    }

    /// Everything that was told and not asked for, up to now: an order that is answered marks the now.
    pub fn untold(&mut self) -> &[String] {
        self.order("turns");
        self.fact("turns ");
        &self.seen
    }

    pub fn no_fact(&mut self, beginning: &str) {
        let seen = self.untold();
        assert!(!seen.iter().any(|fact| fact.starts_with(beginning)), "`{beginning}` among {seen:#?}");
    }

    pub fn turns(&mut self) -> u64 {
        self.order("turns");
        self.fact("turns ")[6..].parse().unwrap()
    }

    /// Ends the probe; the table must have let go of everything.
    pub fn ends_clean(mut self) {
        self.orders = None;
        assert_eq!(self.fact("left "), "left 0");
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Probe {
    /// A test that failed leaves nothing either.
    fn drop(&mut self) {
        self.orders = None;
        if std::thread::panicking() {
            // It kills its children at the end of its input.
            let end = Instant::now() + GUARD;
            while self.facts.recv_timeout(end.saturating_duration_since(Instant::now())).is_ok() {}
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// The probe beside the tests. Cargo builds examples for `cargo test`, but not for `--test NAME` alone.
pub fn binary() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.parent().and_then(Path::parent).unwrap().join("examples/family_probe")
}

/// A `PATH` with the probe's folder in front.
pub fn path() -> OsString {
    let mut path = binary().parent().unwrap().as_os_str().to_owned();
    path.push(":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    path
}

/// Whether a process lives; a zombie does not.
pub fn lives(pid: i32) -> bool {
    twelve_run::sys::proc::stat(pid).is_some_and(|stat| !stat.is_dead())
}

/// Waits until a process has the state.
pub fn until_state(pid: i32, state: u8) {
    until(&format!("{pid} in state {}", state as char), || {
        twelve_run::sys::proc::stat(pid).is_some_and(|stat| stat.state == state)
    });
}

/// Waits until something is so that nobody tells.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + GUARD;
    while !is_so() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::yield_now();
    }
}

pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// A capability is missing: said, so that it can be counted.
pub fn skipped(why: &str) {
    // Written past the harness, so that it is seen and counted although the test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}
