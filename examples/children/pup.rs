//! The puppet: a child whose whole life is written in its arguments, for the tests.
//!
//! A script is a row of words, each a step, done one after the other; the end of the script is exit 0.
//! Words need no quoting in any shell, so that a Procfile line is the script and nothing else:
//!
//! ```text
//! web: pup on:TERM=say:bye,exit:0 log:up tick:50
//! web: pup spawn as:kid on:TERM log:up hang end log:up hang
//! ```
//!
//! | step | does |
//! |---|---|
//! | `as:NAME` | its name in the witness, `$PS` without it |
//! | `on:TERM=STEP,STEP` | a declaration, true from the start: TERM is witnessed as `TERM`, then these steps are done; without steps it is deaf to it |
//! | `wait:TERM` | waits for a declared signal |
//! | `log:TEXT` | an event in the witness |
//! | `say:TEXT` `err:TEXT` | a line on standard output, on standard error |
//! | `print:TEXT` | bytes without a line end; `\n \r \e \0 \xHH \\` |
//! | `lines:N` | `NAME 0000001 …` N times, written in pieces that end anywhere |
//! | `bytes:N` | N bytes `x` without a line end |
//! | `tick:MS` | `tick N` for ever |
//! | `flood` | lines as fast as they are taken, for ever |
//! | `cat` | standard input to standard output; witnesses `read` and at the end `eof` |
//! | `sleep:MS` `hang` | does nothing for so long, for ever |
//! | `until:PATH` `touch:PATH` | waits for a file, makes one |
//! | `sh:TEXT` | `sh -c TEXT`, waited for |
//! | `exit:N` `raise:SEGV` `stop` | ends, ends by a signal, stops itself with STOP |
//! | `spawn … end` | a child with a script of its own |
//! | `daemon … end` | the same, double-forked into a session of its own |
//! | `join` | waits for all of its children |
//! | `close:N` | descriptor 0, 1 or 2 becomes `/dev/null` |
//! | `block:USR1` | blocked, for the program that it becomes |
//! | `setsid` `group` `foreground` `tty:PATH` `chdir:PATH` `guard:S` | changes what it is |
//! | `user:UID` `nonblock:N` `pipes:N` `bomb` `unthread` | see `strain.rs` |
//! | `sockets` `serve` | tells what was passed from 3 on; answers connections to 3 with its pid |
//! | `notify:TEXT` `barrier` | a message to `$NOTIFY_SOCKET`, escaped as for `print:`; waits until it is taken |
//! | `http:FILE` `tcp:ADDRESS` | serves on `$PORT` for ever, see `serve.rs`; witnesses `serving` |
//! | `exec WORD…` | becomes another program |
//! | `shell:REPORT WORD…` | runs a program as a shell with job control does |
//! | `oracle:REPORT:MS SCRIPT` | runs a script in a child and tells what that leaves behind (`oracle.rs`) |
//!
//! An event is one `write` to the end of the file in `$PUP_WITNESS`: `mono_ns pid name event`. No
//! puppet outlives its guard of 120 s, so that a test that fails cannot leave one for ever.

#![deny(unsafe_code)]

mod oracle;
mod serve;
mod shell;
mod sockets;
mod strain;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, pthread_sigmask};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::{Pid, alarm, dup2_stderr, dup2_stdin, dup2_stdout, getpgrp, setpgid, setsid, tcsetpgrp};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, exit};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A script that cannot be understood.
const BAD_SCRIPT: i32 = 99;
/// What was written was not taken.
const NOT_TAKEN: i32 = 74;
/// How long any puppet lives at most, in seconds.
const GUARD_S: u32 = 120;

fn main() {
    let script: Vec<OsString> = std::env::args_os().skip(1).collect();
    alarm::set(GUARD_S);
    // Whoever started us may have blocked signals for its own ends.
    let _ = SigSet::empty().thread_set_mask();
    let pup = Arc::new(Pup::new());
    pup.listen(&declarations(&script));
    pup.perform(&script);
    exit(0);
}

/// What is known to every thread of a puppet.
struct Pup {
    name: Mutex<String>,
    children: Mutex<Vec<Child>>,
    /// How many of each signal came and were not waited for.
    got: Mutex<BTreeMap<Signal, u32>>,
    came: Condvar,
    /// What a program that it becomes finds blocked.
    blocked: Mutex<SigSet>,
}

impl Pup {
    fn new() -> Self {
        Self {
            name: Mutex::new(std::env::var("PS").unwrap_or_else(|_| "pup".into())),
            children: Mutex::default(),
            got: Mutex::default(),
            came: Condvar::new(),
            blocked: Mutex::new(SigSet::empty()),
        }
    }

    /// Starts the thread that answers the declared signals.
    fn listen(self: &Arc<Self>, reactions: &BTreeMap<Signal, Vec<String>>) {
        if reactions.is_empty() {
            return;
        }
        let heard: SigSet = reactions.keys().copied().collect();
        if pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&heard), None).is_err() {
            self.refuse("cannot block signals");
        }
        let (pup, reactions) = (Arc::clone(self), reactions.clone());
        std::thread::spawn(move || {
            loop {
                let Ok(signal) = heard.wait() else { continue };
                pup.log(signal.as_str().trim_start_matches("SIG"));
                *lock(&pup.got).entry(signal).or_default() += 1;
                pup.came.notify_all();
                for step in &reactions[&signal] {
                    pup.step(step);
                }
            }
        });
    }

    /// Does a whole script.
    fn perform(&self, script: &[OsString]) {
        let mut at = 0;
        while at < script.len() {
            let word = script[at].to_string_lossy();
            let rest = &script[at + 1..];
            at += 1;
            match word.split_once(':').unwrap_or((&word, "")) {
                (what @ ("spawn" | "daemon"), _) => {
                    let length = block(rest).unwrap_or_else(|| self.refuse("a block without `end`"));
                    self.spawn(&rest[..length], what == "daemon");
                    at += length + 1;
                }
                ("exec", _) => self.become_program(rest),
                ("shell", report) => exit(shell::run(Path::new(report), rest)),
                ("oracle", order) => exit(oracle::run(order, rest)),
                ("on", _) => {}
                _ => self.step(&word),
            }
        }
    }

    /// Does one step that needs no more than its own word.
    fn step(&self, word: &str) {
        let (what, with) = word.split_once(':').unwrap_or((word, ""));
        match what {
            "as" => with.clone_into(&mut lock(&self.name)),
            "log" => self.log(with),
            "say" => self.write(format!("{with}\n").as_bytes()),
            "err" => {
                let _ = std::io::stderr().write_all(format!("{with}\n").as_bytes());
            }
            "print" => self.write(&unescaped(with)),
            "lines" => self.lines(self.number(with)),
            "bytes" => self.bytes(self.number(with)),
            "tick" => self.tick(Duration::from_millis(self.number(with))),
            "flood" => self.lines(u64::MAX),
            "cat" => self.cat(),
            "wait" => self.wait_for(self.signal(with)),
            "sleep" => std::thread::sleep(Duration::from_millis(self.number(with))),
            "hang" => loop {
                std::thread::park();
            },
            "until" => {
                while !Path::new(with).exists() {
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
            "touch" => self.must("touch", File::create(with)),
            "sh" => self.must("sh", Command::new("/bin/sh").arg("-c").arg(with).status()),
            "exit" => exit(self.number(with) as i32),
            "raise" => self.raise(self.signal(with)),
            "stop" => self.must("stop", kill(Pid::this(), Signal::SIGSTOP)),
            "join" => {
                for mut child in lock(&self.children).drain(..) {
                    let _ = child.wait();
                }
            }
            "block" => lock(&self.blocked).add(self.signal(with)),
            "close" => self.close(with),
            "setsid" => self.must("setsid", setsid()),
            "group" => self.must("group", setpgid(Pid::from_raw(0), Pid::from_raw(0))),
            "foreground" => self.must("foreground", in_front(getpgrp())),
            "tty" => self.must("tty", on_terminal(Path::new(with))),
            "chdir" => self.must("chdir", std::env::set_current_dir(with)),
            "user" => self.must("user", strain::become_user(self.number(with) as u32)),
            "nonblock" => self.must("nonblock", strain::nonblock(self.number(with))),
            "pipes" => self.must("pipes", strain::open_pipes(self.number(with))),
            "http" => self.must("http", serve::http(with, |event| self.log(event))),
            "tcp" => self.must("tcp", serve::tcp(with, |event| self.log(event))),
            "bomb" => strain::bomb(),
            "sockets" => self.write(format!("{}\n", sockets::report()).as_bytes()),
            "serve" => self.must("serve", sockets::serve()),
            "notify" => self.must("notify", sockets::notify(&unescaped(with))),
            "barrier" => self.must("barrier", sockets::barrier()),
            "unthread" => strain::end_this_thread(),
            "guard" => {
                alarm::set(self.number(with) as u32);
            }
            _ => self.refuse(&format!("no such step: {word}")),
        }
    }

    /// Appends one event to the witness, in one write.
    fn log(&self, event: &str) {
        let Some(path) = std::env::var_os("PUP_WITNESS") else { return };
        let line = format!("{} {} {} {event}\n", monotonic_ns(), std::process::id(), lock(&self.name));
        let file = OpenOptions::new().append(true).create(true).open(path);
        let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
    }

    fn write(&self, bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        if out.write_all(bytes).and_then(|()| out.flush()).is_err() {
            drop(out);
            self.log("not-taken");
            exit(NOT_TAKEN);
        }
    }

    fn lines(&self, count: u64) {
        let name = lock(&self.name).clone();
        // Not a divisor of anything, so that pieces end in the middle of lines.
        let mut piece = Vec::with_capacity(8191);
        for number in 1..=count {
            let line = format!("{name} {number:07} {}\n", "abcdefghijklmnopqrstuvwxyz");
            for byte in line.bytes() {
                piece.push(byte);
                if piece.len() == 8191 {
                    self.write(&piece);
                    piece.clear();
                }
            }
        }
        self.write(&piece);
    }

    fn bytes(&self, count: u64) {
        let piece = [b'x'; 8 * 1024];
        let mut left = count as usize;
        while left > 0 {
            let length = left.min(piece.len());
            self.write(&piece[..length]);
            left -= length;
        }
    }

    fn tick(&self, every: Duration) {
        for number in 1_u64.. {
            self.write(format!("tick {number}\n").as_bytes());
            std::thread::sleep(every);
        }
    }

    fn cat(&self) {
        let mut buffer = [0; 4096];
        loop {
            match std::io::stdin().read(&mut buffer) {
                Ok(0) => return self.log("eof"),
                Ok(length) => {
                    self.log("read");
                    self.write(&buffer[..length]);
                }
                Err(error) => return self.log(&format!("read failed: {error}")),
            }
        }
    }

    fn wait_for(&self, signal: Signal) {
        let mut got = lock(&self.got);
        loop {
            match got.get_mut(&signal) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    return;
                }
                _ => got = self.came.wait(got).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Ends by a signal. The runtime's handler for memory faults only takes itself away the first
    /// time, so it is sent until it works.
    fn raise(&self, signal: Signal) -> ! {
        if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_CORE) {
            let _ = setrlimit(Resource::RLIMIT_CORE, 0, hard);
        }
        let _ = SigSet::empty().thread_set_mask();
        for _ in 0..3 {
            let _ = kill(Pid::this(), signal);
            std::thread::sleep(Duration::from_millis(20));
        }
        self.refuse("lives on after its signal")
    }

    /// Starts a child with a script of its own: as it is, or double-forked into its own session.
    fn spawn(&self, script: &[OsString], daemon: bool) {
        let mut command = Command::new(own_program());
        if daemon {
            command.args(["setsid", "spawn"]).args(script).arg("end");
        } else {
            command.args(script);
        }
        match command.spawn() {
            Ok(mut child) if daemon => self.must("daemon", child.wait()),
            Ok(child) => lock(&self.children).push(child),
            Err(error) => self.refuse(&format!("cannot spawn: {error}")),
        }
    }

    fn become_program(&self, words: &[OsString]) -> ! {
        let Some((program, arguments)) = words.split_first() else { self.refuse("exec what?") };
        let _ = lock(&self.blocked).thread_set_mask();
        alarm::cancel();
        let error = Command::new(program).args(arguments).exec();
        self.refuse(&format!("cannot exec {}: {error}", program.display()))
    }

    fn close(&self, descriptor: &str) {
        let nowhere = OpenOptions::new().read(true).write(true).open("/dev/null");
        match (descriptor, nowhere) {
            ("0", Ok(nowhere)) => self.must("close", dup2_stdin(nowhere)),
            ("1", Ok(nowhere)) => self.must("close", dup2_stdout(nowhere)),
            ("2", Ok(nowhere)) => self.must("close", dup2_stderr(nowhere)),
            _ => self.refuse("close:0, close:1 or close:2"),
        }
    }

    fn number(&self, text: &str) -> u64 {
        text.parse().unwrap_or_else(|_| self.refuse(&format!("not a number: {text}")))
    }

    fn signal(&self, name: &str) -> Signal {
        signal_named(name).unwrap_or_else(|| self.refuse(&format!("no such signal: {name}")))
    }

    fn must<T, E: std::fmt::Display>(&self, what: &str, result: Result<T, E>) {
        if let Err(error) = result {
            self.refuse(&format!("{what}: {error}"));
        }
    }

    fn refuse(&self, why: &str) -> ! {
        self.log(&format!("pup: {why}"));
        let _ = writeln!(std::io::stderr(), "pup: {why}");
        exit(BAD_SCRIPT)
    }
}

/// Every `on:` of a script that is not inside a block.
fn declarations(script: &[OsString]) -> BTreeMap<Signal, Vec<String>> {
    let mut found = BTreeMap::new();
    let mut depth = 0;
    for word in script.iter().filter_map(|word| word.to_str()) {
        match word.split_once(':') {
            // What follows is for another process.
            Some(("oracle" | "shell", _)) => break,
            Some(("on", order)) if depth == 0 => {
                let (name, steps) = order.split_once('=').unwrap_or((order, ""));
                let steps = steps.split(',').filter(|step| !step.is_empty()).map(str::to_owned).collect();
                if let Some(signal) = signal_named(name) {
                    found.insert(signal, steps);
                }
            }
            _ if word == "exec" && depth == 0 => break,
            _ => depth += nesting(word),
        }
    }
    found
}

/// How many words stand before the `end` that closes a block.
fn block(words: &[OsString]) -> Option<usize> {
    let mut depth = 1;
    words.iter().position(|word| {
        depth += nesting(&word.to_string_lossy());
        depth == 0
    })
}

fn nesting(word: &str) -> i32 {
    match word {
        "spawn" | "daemon" => 1,
        "end" => -1,
        _ => 0,
    }
}

fn signal_named(name: &str) -> Option<Signal> {
    format!("SIG{name}").parse().ok()
}

fn own_program() -> std::path::PathBuf {
    std::env::current_exe().unwrap_or_else(|_| "pup".into())
}

/// Takes a terminal as standard input, output and error; the leader of a session gets it as its
/// controlling terminal by opening it.
fn on_terminal(path: &Path) -> std::io::Result<()> {
    let terminal = OpenOptions::new().read(true).write(true).open(path)?;
    dup2_stdin(&terminal)?;
    dup2_stdout(&terminal)?;
    dup2_stderr(&terminal)?;
    Ok(())
}

/// Lets go of standard input, output and error, so that their other ends see only the program's copies.
fn forget_standard_streams() {
    if let Ok(nowhere) = OpenOptions::new().read(true).write(true).open("/dev/null") {
        let _ = dup2_stdin(&nowhere);
        let _ = dup2_stdout(&nowhere);
        let _ = dup2_stderr(&nowhere);
    }
}

/// Makes a group the terminal's foreground group, as a shell does it: without being stopped for it.
fn in_front(group: Pid) -> nix::Result<()> {
    let mut quiet = SigSet::empty();
    quiet.add(Signal::SIGTTOU);
    quiet.thread_block()?;
    let done = tcsetpgrp(std::io::stdin(), group);
    quiet.thread_unblock()?;
    done
}

fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Duration::ZERO, Duration::from);
    now.as_nanos() as u64
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let Some((kind, after)) = rest.split_first() else { break };
        rest = after;
        bytes.push(match kind {
            b'n' => b'\n',
            b'r' => b'\r',
            b'e' => 0x1b,
            b'0' => 0,
            b's' => b' ',
            b'x' => {
                let (digits, after) = rest.split_at(rest.len().min(2));
                rest = after;
                let digits = std::ffi::OsStr::from_bytes(digits).to_string_lossy();
                u8::from_str_radix(&digits, 16).unwrap_or(b'?')
            }
            other => *other,
        });
    }
    bytes
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
