//! A run of the program, seen from outside: what can be asked of it, done to it and waited for.

use crate::finished::{Finished, Seen, read_witness, tail};
use crate::stream::{Stream, open_terminal};
use crate::world::{Input, PROGRAM, Place, World};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A run of the program.
pub struct Running {
    /// A run may outlive the value that described its world.
    folder: Arc<TempDir>,
    oracle: Option<Child>,
    began: Instant,
    report: PathBuf,
    witness: PathBuf,
    guard: Duration,
    place: Place,
    runs_program: bool,
    stdout: Stream,
    stderr: Option<Stream>,
    terminal: Option<Arc<OwnedFd>>,
    input: Option<File>,
}

impl Running {
    /// Starts these words in a world.
    pub fn begin<'a>(world: &World, words: impl IntoIterator<Item = &'a OsStr>) -> Self {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let report = world.folder.path().join(format!("report-{run}"));
        let witness = world.witness();

        let terminal = matches!(world.place, Place::UnderShell | Place::Leading).then(open_terminal);
        let mut command =
            world.oracle(&report, terminal.as_ref().map(|(_, program_side)| program_side.as_str()));
        let terminal = terminal.map(|(our_side, _)| Arc::new(our_side));
        let words: Vec<&OsStr> = words.into_iter().collect();
        let runs_program = words.contains(&OsStr::new(PROGRAM));
        command.args(words);
        let mut oracle = command.spawn().expect("the oracle starts");
        let (stdout, stderr) = if let Some(terminal) = &terminal {
            (Stream::read(Arc::clone(terminal), world.unread), None)
        } else {
            let out = OwnedFd::from(oracle.stdout.take().expect("it is piped"));
            let err = OwnedFd::from(oracle.stderr.take().expect("it is piped"));
            (Stream::read(Arc::new(out), world.unread), Some(Stream::read(Arc::new(err), false)))
        };
        let mut input = oracle.stdin.take().map(|pipe| File::from(OwnedFd::from(pipe)));
        if let (Input::Text(text), Some(pipe)) = (&world.input, &mut input) {
            pipe.write_all(text).expect("the input is taken");
            input = None;
        }
        if let (Input::Open(text), Some(pipe)) = (&world.input, &mut input) {
            pipe.write_all(text).expect("the input is taken");
        }
        Self {
            folder: Arc::clone(&world.folder),
            oracle: Some(oracle),
            began: Instant::now(),
            report,
            witness,
            guard: world.guard,
            place: world.place,
            runs_program,
            stdout,
            stderr,
            terminal,
            input,
        }
    }

    /// The process that the user started: the first of the program below what was run.
    pub fn guardian(&self) -> Pid {
        let mut found = None;
        self.wait_until("the guardian runs", || {
            let top = self.told(self.place.word()).first()?.parse().ok()?;
            found = if self.runs_program { first_of_program(Pid::from_raw(top)) } else { past_exec(top) };
            found.map(|_| ())
        });
        found.expect("it was found")
    }

    /// The guardian's child that is of the same program.
    pub fn supervisor(&self) -> Pid {
        let guardian = self.guardian();
        let mut found = None;
        self.wait_until("the guardian has its supervisor", || {
            found = children(guardian).into_iter().find(|child| is_program(*child));
            found.map(|_| ())
        });
        found.expect("it was found")
    }

    /// The app's folder.
    pub fn app(&self) -> PathBuf {
        self.folder.path().join("app")
    }

    /// Sends a signal to the guardian.
    pub fn signal(&self, signal: Signal) {
        self.signal_to(self.guardian(), signal);
    }

    /// Sends a signal to one process of this world.
    pub fn signal_to(&self, pid: Pid, signal: Signal) {
        if let Err(error) = kill(pid, signal) {
            self.fail(&format!("{signal} could not be sent to {pid}: {error}"));
        }
    }

    /// Lets time pass, where time is what the test is about.
    pub fn let_pass(&self, time: Duration) {
        let began = Instant::now();
        self.wait_until("time has passed", || (began.elapsed() >= time).then_some(()));
    }

    /// Tells the shell to bring the stopped job to the foreground.
    pub fn fg(&self) {
        self.signal_to(self.shell(), Signal::SIGUSR1);
    }

    /// Tells the shell to let the stopped job go on in the background.
    pub fn bg(&self) {
        self.signal_to(self.shell(), Signal::SIGUSR2);
    }

    /// The shell, where there is one.
    pub fn shell(&self) -> Pid {
        Pid::from_raw(self.told("child").first().and_then(|pid| pid.parse().ok()).expect("there is a shell"))
    }

    /// Types on the terminal, or writes to the open input.
    pub fn type_keys(&self, keys: &[u8]) {
        if let Some(terminal) = &self.terminal {
            nix::unistd::write(terminal, keys).expect("the terminal takes keys");
        } else {
            let mut input = self.input.as_ref().expect("the input is open");
            input.write_all(keys).expect("the input is taken");
        }
    }

    /// Changes the size of the terminal.
    pub fn resize(&self, rows: u16, columns: u16) {
        let size = rustix::termios::Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let terminal = self.terminal.as_ref().expect("there is a terminal");
        rustix::termios::tcsetwinsize(terminal, size).expect("a terminal has a size");
    }

    /// Whether the terminal shows what is typed.
    pub fn echoes(&self) -> bool {
        let terminal = self.terminal.as_ref().expect("there is a terminal");
        let modes = rustix::termios::tcgetattr(terminal).expect("a terminal has modes").local_modes;
        modes.contains(rustix::termios::LocalModes::ECHO)
    }

    /// Closes our end of the terminal, or of standard output: the reader has left.
    pub fn leave(&mut self) {
        self.terminal = None;
        self.stdout.leave();
    }

    /// Reads what the run writes, from here on.
    pub fn read_on(&self) {
        self.stdout.pause(false);
    }

    /// Reads no more for now.
    pub fn pause_reading(&self) {
        self.stdout.pause(true);
    }

    /// What has come on standard output (or the terminal) so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Waits for a line of standard output (or the terminal) that contains `text`, and gives it.
    pub fn wait_for_line(&self, text: &str) -> String {
        self.wait_for_line_in(&self.stdout, text)
    }

    /// Waits for a line of standard error that contains `text`, and gives it.
    pub fn wait_for_error_line(&self, text: &str) -> String {
        self.wait_for_line_in(self.stderr.as_ref().unwrap_or(&self.stdout), text)
    }

    fn wait_for_line_in(&self, stream: &Stream, text: &str) -> String {
        let line = stream.wait_for_line(text, self.guard);
        line.unwrap_or_else(|| self.fail(&format!("no line with {text:?} came")))
    }

    /// Waits until the witness holds `count` events of this text, and gives them.
    pub fn wait_for_witness(&self, count: usize, event: &str) -> Vec<Seen> {
        let mut found = Vec::new();
        self.wait_until(&format!("{count} × {event:?} in the witness"), || {
            found = read_witness(&self.witness);
            found.retain(|seen| seen.event == event);
            (found.len() >= count).then_some(())
        });
        found
    }

    /// Waits for a fact.
    pub fn wait_until(&self, what: &str, mut fact: impl FnMut() -> Option<()>) {
        let until = Instant::now() + self.guard;
        while fact().is_none() {
            if Instant::now() >= until {
                self.fail(&format!("waited in vain until {what}"));
            }
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// Waits until this process is in this state (`S`, `T`, …; `-` is gone), a letter of `/proc/PID/stat`.
    pub fn wait_for_state(&self, pid: Pid, wanted: &str) {
        self.wait_until(&format!("{pid} is in a state of {wanted:?}"), || {
            wanted.contains(state(pid).unwrap_or('-')).then_some(())
        });
    }

    /// Waits until the oracle or the shell tells a line that begins with `word`, and gives its rest.
    pub fn wait_for_report(&self, word: &str) -> String {
        let mut found = None;
        self.wait_until(&format!("{word:?} is reported"), || {
            found = self.told(word).into_iter().next();
            found.as_ref().map(|_| ())
        });
        found.expect("it was found")
    }

    /// Whether it is over, with all that it left.
    pub fn has_ended(&self) -> bool {
        !self.told("swept").is_empty()
    }

    /// Waits until the oracle or the shell has told `count` lines that begin with `word`.
    pub fn wait_for_reports(&self, count: usize, word: &str) {
        self.wait_until(&format!("{count} × {word:?} is reported"), || {
            (self.told(word).len() >= count).then_some(())
        });
    }

    /// What the oracle told after `word`, a line each.
    fn told(&self, word: &str) -> Vec<String> {
        let report = fs::read_to_string(&self.report).unwrap_or_default();
        // A line without its end is still being written.
        let whole = report.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '))
            .map(str::to_owned)
            .collect()
    }

    /// Ends the formation by `down`, which must go well.
    pub fn down(self) -> Finished {
        self.ask(["down"]).expect(0);
        self.finish()
    }

    /// Waits for the end; fails when anything is left behind.
    pub fn finish(self) -> Finished {
        let finished = self.finish_whatever_is_left();
        assert!(finished.left.is_empty(), "left behind: {:#?}\n{finished}", finished.left);
        finished
    }

    /// Waits for the end; what was left behind (and is killed by now) is in [`Finished::left`].
    pub fn finish_whatever_is_left(mut self) -> Finished {
        self.input = None;
        self.wait_for_report("swept");
        let took = self.began.elapsed();
        let mut oracle = self.oracle.take().expect("it runs until here");
        self.wait_until("the oracle ends", || oracle.try_wait().expect("it is our child").map(|_| ()));
        let guardian = self.told(self.place.word()).first().cloned().unwrap_or_default();
        let end = self.told(&format!("reaped {guardian}")).into_iter().next().unwrap_or_default();
        let left = self.told("left");
        let ends = self.told("reaped");
        let ended = self.stdout.finish(self.guard);
        if !ended || self.stderr.as_mut().is_some_and(|stderr| !stderr.finish(self.guard)) {
            self.fail("a stream does not end");
        }
        Finished {
            end,
            ends,
            left,
            took,
            stdout: self.stdout.bytes(),
            stderr: self.stderr.as_ref().map(Stream::bytes).unwrap_or_default(),
            witness: read_witness(&self.witness),
        }
    }

    /// Fails the test with all that is known.
    pub fn fail(&self, why: &str) -> ! {
        let mut known = String::new();
        let report = fs::read_to_string(&self.report).unwrap_or_default();
        let _ = writeln!(known, "{why}\n--- standard output\n{}", tail(&self.stdout.text()));
        if let Some(stderr) = &self.stderr {
            let _ = writeln!(known, "--- standard error\n{}", tail(&stderr.text()));
        }
        let _ = writeln!(known, "--- report\n{}", tail(&report));
        let _ = writeln!(known, "--- witness");
        let witness = fs::read_to_string(&self.witness).unwrap_or_default();
        let _ = writeln!(known, "{}", tail(&witness));
        panic!("{known}");
    }
}

impl Drop for Running {
    /// A test that failed: the oracle ends whatever is below it, and itself.
    fn drop(&mut self) {
        if let Some(mut oracle) = self.oracle.take() {
            let _ = kill(Pid::from_raw(oracle.id() as i32), Signal::SIGTERM);
            let until = Instant::now() + self.guard;
            while matches!(oracle.try_wait(), Ok(None)) && Instant::now() < until {
                std::thread::park_timeout(Duration::from_millis(2));
            }
        }
        self.stdout.leave();
        if let Some(stderr) = &mut self.stderr {
            stderr.leave();
        }
    }
}

fn is_program(pid: Pid) -> bool {
    fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == Path::new(PROGRAM))
}

fn first_of_program(top: Pid) -> Option<Pid> {
    if is_program(top) {
        return Some(top);
    }
    children(top).into_iter().find_map(first_of_program)
}

/// The process, once it is no longer the puppet that sets the scene.
fn past_exec(pid: i32) -> Option<Pid> {
    let words = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    (!words.split(|byte| *byte == 0).any(|word| word == b"exec")).then_some(Pid::from_raw(pid))
}

/// The children of a process.
pub fn children(parent: Pid) -> Vec<Pid> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    let pids =
        |list: String| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<i32>>();
    lists.flat_map(pids).map(Pid::from_raw).collect()
}

/// The letter of a process's state, `None` when there is no such process.
pub fn state(pid: Pid) -> Option<char> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    String::from_utf8_lossy(&stat).rsplit_once(") ")?.1.chars().next()
}
