//! Starts a `guard_probe`, watches its witness file, and knows what it left behind.
//!
//! The oracle for "nothing left behind": every process of a test bears a mark in its environment, and
//! none with that mark may be alive in the end.
#![expect(clippy::unwrap_used, reason = "a test fails by panic")]

use nix::libc;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use twelve_run::sys::proc;

/// No test waits longer than this for a fact.
pub const HANG_GUARD: Duration = Duration::from_secs(30);

pub struct Probe {
    pub child: Child,
    pub folder: TempDir,
    mark: String,
}

/// How it ended, and what it said.
pub struct End {
    pub code: i32,
    pub stderr: String,
}

impl Probe {
    pub fn start(script: &[&str]) -> Self {
        Self::with(script, |_| {})
    }

    pub fn with(script: &[&str], prepare: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(program());
        command.args(script);
        Self::run(command, prepare)
    }

    pub fn under_shell(line: &str, script: &[&str]) -> Self {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("{line}\nexec \"$0\" \"$@\"")]).arg(program()).args(script);
        Self::run(command, |_| {})
    }

    pub fn run(mut command: Command, prepare: impl FnOnce(&mut Command)) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let mark = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = TempDir::new().unwrap();
        command.process_group(0).env("W", folder.path().join("wit")).env("GUARD_TEST", &mark);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(std::fs::File::create(folder.path().join("stderr")).unwrap());
        // Whoever runs the tests may ignore signals, as nohup(1) does.
        // SAFETY: one system call between fork and exec.
        unsafe {
            command.pre_exec(|| {
                for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTSTP] {
                    libc::signal(signal, libc::SIG_DFL);
                }
                Ok(())
            });
        }
        prepare(&mut command);
        let child = command.spawn().unwrap();
        Self { child, folder, mark }
    }

    pub fn guardian(&self) -> i32 {
        self.child.id() as i32
    }

    /// Its number, once it is ready.
    pub fn supervisor(&self) -> i32 {
        self.wait_for("supervisor ", 1)[0].parse().unwrap()
    }

    pub fn witness(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("wit")).unwrap_or_default()
    }

    /// What follows `start` on the lines that begin with it.
    pub fn lines(&self, start: &str) -> Vec<String> {
        self.witness().lines().filter_map(|line| line.strip_prefix(start)).map(str::to_owned).collect()
    }

    pub fn wait_for(&self, start: &str, count: usize) -> Vec<String> {
        until(&format!("{count} × `{start}` in {}", self.witness()), || {
            let lines = self.lines(start);
            (lines.len() >= count).then_some(lines)
        })
    }

    /// The supervisor, ready or not.
    pub fn only_child(&self) -> i32 {
        until("the supervisor", || proc::children_of(self.guardian()).unwrap().first().copied())
    }

    pub fn marked(&self) -> Vec<i32> {
        let all = proc::all().unwrap().into_iter().filter(|process| !process.is_dead());
        all.map(|process| process.pid)
            .filter(|&pid| proc::environ_value(pid, "GUARD_TEST").as_deref() == Some(self.mark.as_bytes()))
            .collect()
    }

    /// Waits for the guardian's end; fails when anything is left.
    pub fn end(mut self) -> End {
        let end = self.end_leaving();
        assert!(self.marked().is_empty(), "left behind: {:?}; witness:\n{}", self.marked(), self.witness());
        end
    }

    pub fn end_leaving(&mut self) -> End {
        let status = until(&format!("the guardian's end; witness:\n{}", self.witness()), || {
            self.child.try_wait().unwrap()
        });
        let stderr = std::fs::read_to_string(self.folder.path().join("stderr")).unwrap();
        let code = status.code().unwrap_or_else(|| -status.signal().unwrap());
        End { code, stderr }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        for pid in self.marked() {
            send(pid, libc::SIGKILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().and_then(Path::parent).unwrap().join("examples/guard_probe");
    assert!(program.exists(), "`cargo build --examples` makes {}", program.display());
    program
}

/// Looks again and again until there is an answer.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < HANG_GUARD, "waited too long for {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

pub fn send(pid: i32, signal: i32) {
    // SAFETY: takes two numbers; the pids are of processes that this test has started.
    unsafe { libc::kill(pid, signal) };
}

/// Until a process is in one of these states.
pub fn wait_for_state(pid: i32, states: &[u8]) {
    until(&format!("{pid} in state {states:?}"), || {
        proc::stat(pid).is_some_and(|now| states.contains(&now.state)).then_some(())
    });
}
