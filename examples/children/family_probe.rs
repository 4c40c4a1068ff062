//! Drives the table of processes by a script, for the tests: a program of its own, since the table
//! takes every child of its process for its own.
//!
//! Orders come in as lines on standard input, their words divided by tabs; facts go out as lines.
//!
//! | order | does | answer |
//! |---|---|---|
//! | `set NAME VALUE`, `unset NAME` | the environment of what follows | |
//! | `cwd PATH`, `stdio pipes\|pty\|terminal` | the same | |
//! | `listen N` | binds N sockets, numbered from 0 on | `listening PORT…`, of all |
//! | `sockets I…` | which of them what follows gets, in this order | |
//! | `ear` | listens to what processes say, and tells them where | `hearing NAME` |
//! | `spawn N LINE` | starts a command line as instance N | `spawned N PID` or `failed N CODE CLASS REASON` |
//! | `words N WORD…`, `shell N SHELL LINE` | the same without a shell, with this shell | |
//! | `stop WHO SIGNAL`, `kill WHO`, `pause WHO`, `resume WHO` | WHO is N or `strays` | `did` |
//! | `await` | waits for strays | `strays-gone` |
//! | `survivors WHO` | | `survivors WHO PID:NAME…` |
//! | `resize ROWS COLS`, `fg N`, `back` | sizes; the terminal given and taken back | `did` |
//! | `turns` | | `turns N`: how often a wait has returned |
//!
//! With `--listen N` the sockets are there before anything else is opened, so from descriptor 3 on.
//!
//! Unasked: `told N PID WORD…` (what instance N said), `exited N code:0 remains:no`, `emptied N`, `out N 1 TEXT` (a line of output), `paused`.
//! At the end of its input everything is killed; it ends with `left N`, the children that the table forgot.
//!
//! `family_probe --show WORD…` prints its words and its environment instead, `family_probe --race` what
//! a birth costs beside the standard library's.

use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use twelve_run::app::command::{How, how};
use twelve_run::app::plan::{Environment, TypeId};
use twelve_run::supervisor::event::{FailureClass, Id};
use twelve_run::supervisor::{Event, Status, Target};
use twelve_run::sys::listen::{Held, Socket};
use twelve_run::sys::notify::Ear;
use twelve_run::sys::processes::{Launch, Origin, Processes, Program, Stdio, Streams};

fn main() {
    let mut arguments = std::env::args_os().skip(1).peekable();
    if arguments.next_if(|first| first == "--show").is_some() {
        return show(arguments);
    }
    if arguments.next_if(|first| first == "--race").is_some() {
        return race();
    }
    let mut origin = Origin::default();
    let mut pidfds = true;
    let mut early = 0;
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.to_str()?.parse::<u64>().ok()).expect("a number");
        match argument.to_str() {
            Some("--without-pidfds") => pidfds = false,
            Some("--nofile") => setrlimit(Resource::RLIMIT_NOFILE, number(), 4096).expect("a limit"),
            Some("--listen") => early = number() as usize,
            Some("--nproc") => setrlimit(Resource::RLIMIT_NPROC, number(), 4096).expect("a limit"),
            Some("--give-nofile") => origin.nofile = Some((number(), 4096)),
            Some("--give-umask") => origin.umask = Some(number() as u32),
            other => panic!("what is {other:?}?"),
        }
    }
    // What `entry` does for twelve-run: files that leaked into us go no further.
    // SAFETY: marks file descriptors, and closes none.
    unsafe { nix::libc::close_range(3, u32::MAX, nix::libc::CLOSE_RANGE_CLOEXEC as i32) };
    let held = listen(early);
    // Before there is another thread: the table reads it.
    SigSet::from(Signal::SIGCHLD).thread_block().expect("a mask");
    nix::sys::prctl::set_child_subreaper(true).expect("sub-reaper");
    let processes = Processes::new(origin).expect("a table");
    let processes = if pidfds { processes } else { processes.without_pidfds() };
    Probe::new(processes, held).run();
}

fn show(words: impl Iterator<Item = OsString>) {
    let mut shown: Vec<String> = words.map(|word| word.as_bytes().escape_ascii().to_string()).collect();
    let mut variables: Vec<_> = std::env::vars_os().collect();
    // What bash adds, as `sh`, to every program's environment.
    variables.retain(|(name, _)| name != "SHLVL" && name != "_" && name != "OLDPWD");
    variables.sort();
    shown.push(format!("{variables:?}"));
    say(&shown.join(" "));
}

/// Births of `/bin/true`, each seen to its end, by us and by the standard library (`posix_spawn`), in turns.
fn race() {
    const ROUNDS: u32 = 300;
    let launch = Launch {
        program: Program::Words { words: vec!["/bin/true".into()], otherwise: None },
        environment: Arc::default(),
        cwd: "/".into(),
        stdio: Stdio::Pipes,
        sockets: Vec::new(),
    };
    let mut processes = Processes::new(Origin::default()).expect("a table");
    let (mut births, mut spawns) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let born = processes.spawn(id(1), "web.1", &launch);
        births += begun.elapsed();
        let mut facts = Vec::new();
        while facts.is_empty() {
            processes.wait(None, &mut facts).expect("a wait");
        }
        drop(born);
        let begun = Instant::now();
        let piped = std::process::Stdio::piped;
        let mut command = std::process::Command::new("/bin/true");
        let spawned = command.stdin(piped()).stdout(piped()).stderr(piped()).spawn();
        spawns += begun.elapsed();
        spawned.and_then(|mut child| child.wait()).expect("a child");
    }
    say(&format!("birth {:?}, posix_spawn {:?}", births / ROUNDS, spawns / ROUNDS));
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

struct Probe {
    processes: Processes,
    orders: Receiver<Option<Vec<u8>>>,
    environment: Environment,
    cwd: PathBuf,
    stdio: Stdio,
    held: Vec<Socket>,
    sockets: Vec<Socket>,
    slaves: HashMap<u16, OwnedFd>,
    turns: u64,
    paused: bool,
}

impl Probe {
    fn new(processes: Processes, held: Vec<Socket>) -> Self {
        let (tell, orders) = channel();
        let waker = processes.waker();
        std::thread::spawn(move || {
            for line in BufReader::new(std::io::stdin()).split(b'\n') {
                let _ = tell.send(line.ok());
                waker.wake();
            }
            let _ = tell.send(None);
            waker.wake();
        });
        let mut environment = Environment::default();
        environment.set("PATH", std::env::var_os("PATH").unwrap_or_default());
        Self {
            processes,
            orders,
            environment,
            cwd: std::env::current_dir().expect("a folder"),
            stdio: Stdio::Pipes,
            held,
            sockets: Vec::new(),
            slaves: HashMap::new(),
            turns: 0,
            paused: false,
        }
    }

    fn run(mut self) {
        let mut over = false;
        while !(over && self.processes.is_empty()) {
            let mut facts = Vec::new();
            self.processes.wait(None, &mut facts).expect("a wait");
            self.turns += 1;
            for told in self.processes.take_told() {
                let words = [
                    (told.ready, "ready"),
                    (told.stopping, "stopping"),
                    (told.reloading, "reloading"),
                    (told.watchdog, "watchdog"),
                    (told.status.is_some(), told.status.as_deref().unwrap_or_default()),
                ];
                let words: Vec<_> = words.iter().filter(|(said, _)| *said).map(|(_, word)| *word).collect();
                say(&format!("told {} {} {}", told.id.index, told.pid, words.join(" ")));
            }
            for fact in facts {
                self.tell(&fact);
            }
            if self.processes.paused() != self.paused {
                self.paused = !self.paused;
                say(if self.paused { "paused" } else { "unpaused" });
            }
            while let Ok(order) = self.orders.try_recv() {
                if let Some(order) = order {
                    self.obey(&order);
                } else {
                    over = true;
                    self.kill_everything();
                }
            }
        }
        self.settle_strays();
        say(&format!("left {}", own_children()));
    }

    fn kill_everything(&mut self) {
        for index in 0..2000 {
            let target = Target::Process(id(index));
            self.processes.kill(target);
        }
    }

    /// Strays are no leaders, so they are awaited on their own.
    fn settle_strays(&mut self) {
        self.processes.await_strays();
        let mut facts = Vec::new();
        while !facts.contains(&Event::StraysGone) {
            // Again: one that forked as it was killed has left a successor.
            self.processes.kill(Target::Strays);
            self.processes.wait(Some(Duration::from_millis(100)), &mut facts).expect("a wait");
        }
    }

    fn tell(&mut self, fact: &Event) {
        match fact {
            Event::Exited { id, status, remains } => {
                self.slaves.remove(&id.index);
                let status = match status {
                    Status::Code(code) => format!("code:{code}"),
                    Status::Signal(signal) => format!("signal:{signal}"),
                };
                let remains = if *remains { "yes" } else { "no" };
                say(&format!("exited {} {status} remains:{remains}", id.index));
            }
            Event::TreeEmptied { id } => say(&format!("emptied {}", id.index)),
            Event::StraysGone => say("strays-gone"),
            other => say(&format!("unexpected {other:?}")),
        }
    }

    fn obey(&mut self, order: &[u8]) {
        let words: Vec<&OsStr> = order.split(|&byte| byte == b'\t').map(OsStr::from_bytes).collect();
        let verb = words[0].to_str().unwrap_or_default();
        let number =
            |at: usize| words[at].to_str().and_then(|word| word.parse::<u16>().ok()).expect("a number");
        let who =
            |at: usize| if words[at] == "strays" { Target::Strays } else { Target::Process(id(number(at))) };
        match verb {
            "set" => return self.environment.set(words[1], words[2]),
            "unset" => return self.environment.remove(words[1].to_str().unwrap_or_default()),
            "cwd" => return self.cwd = words[1].into(),
            "stdio" => {
                return self.stdio = match words[1].to_str() {
                    Some("pty") => Stdio::Pty { rows: 24, cols: 80 },
                    Some("terminal") => Stdio::Terminal,
                    _ => Stdio::Pipes,
                };
            }
            "listen" => {
                self.held.extend(listen(number(1).into()));
                let ports: Vec<&str> = self.held.iter().map(Socket::name).collect();
                return say(&format!("listening {}", ports.join(" ")));
            }
            "ear" => {
                let ear = Ear::open().expect("an ear");
                self.environment.set("NOTIFY_SOCKET", ear.name());
                say(&format!("hearing {}", ear.name()));
                return self.processes.listen_to(ear).expect("a place in epoll");
            }
            "sockets" => {
                let chosen = (1..words.len()).map(|at| self.held[usize::from(number(at))].clone());
                return self.sockets = chosen.collect();
            }
            "spawn" => return self.spawn(number(1), line(words[2])),
            "words" => {
                let words = words[2..].iter().map(|&word| word.to_owned()).collect();
                return self.spawn(number(1), |_| Program::Words { words, otherwise: None });
            }
            "shell" => {
                let (shell, script) = (words[2].to_owned(), words[3].to_owned());
                return self.spawn(number(1), |_| Program::Shell { shell, script });
            }
            "stop" => self.processes.stop(who(1), i32::from(number(2))),
            "kill" => self.processes.kill(who(1)),
            "pause" => self.processes.pause(who(1)),
            "resume" => self.processes.resume(who(1)),
            "await" => self.processes.await_strays(),
            "resize" => self.processes.resize(number(1), number(2)),
            "fg" => self.processes.resume_terminal(id(number(1))),
            "back" => self.processes.take_terminal_back(),
            "survivors" => {
                let found = self.processes.survivors(who(1));
                let found: Vec<_> = found.iter().map(|(pid, name)| format!("{pid}:{name}")).collect();
                return say(&format!("survivors {} {}", words[1].display(), found.join(" ")));
            }
            "turns" => return say(&format!("turns {}", self.turns)),
            other => panic!("what is {other:?}?"),
        }
        say("did");
    }

    fn spawn(&mut self, index: u16, program: impl FnOnce(&Environment) -> Program) {
        let mut environment = self.environment.clone();
        let label = format!("web.{index}");
        if environment.get("PS").is_none() {
            environment.set("PS", &label);
        }
        let launch = Launch {
            program: program(&environment),
            environment: environment.into_variables(),
            cwd: self.cwd.clone(),
            stdio: self.stdio,
            sockets: self.sockets.clone(),
        };
        match self.processes.spawn(id(index), &label, &launch) {
            Err(failure) => {
                let class = match failure.class {
                    FailureClass::Transient => "transient",
                    FailureClass::Permanent => "permanent",
                };
                say(&format!("failed {index} {} {class} {}", failure.code, failure.reason));
            }
            Ok((pid, streams)) => {
                say(&format!("spawned {index} {pid}"));
                match streams {
                    Streams::Pipes { stdout, stderr } => {
                        relay(index, 1, stdout);
                        relay(index, 2, stderr);
                    }
                    Streams::Pty { master, slave } => {
                        self.slaves.insert(index, slave);
                        relay(index, 1, master);
                    }
                    Streams::None => {}
                }
            }
        }
    }
}

/// Sockets on ports of the kernel's choice.
fn listen(count: usize) -> Vec<Socket> {
    let any = [SocketAddr::from(([127, 0, 0, 1], 0))];
    (0..count).flat_map(|_| Held::open(&any).expect("a socket").sockets(&any)).collect()
}

fn id(index: u16) -> Id {
    Id { kind: TypeId(0), index, generation: 1 }
}

fn line(command: &OsStr) -> impl FnOnce(&Environment) -> Program {
    let (sh, command) = (OsString::from("/bin/sh"), command.to_owned());
    move |environment| match how(&command, environment) {
        How::Words(words) => Program::Words { words, otherwise: Some(command) },
        How::ExecShell => {
            let script = [b"exec ", command.as_bytes()].concat();
            Program::Shell { shell: sh, script: OsString::from_vec(script) }
        }
        How::Shell => Program::Shell { shell: sh, script: command },
    }
}

/// Prints the lines of a stream, control characters escaped.
fn relay(index: u16, stream: u8, from: OwnedFd) {
    std::thread::spawn(move || {
        let mut from = std::fs::File::from(from);
        let mut partial = Vec::new();
        let mut buffer = [0; 4096];
        // A terminal ends with EIO.
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            partial.extend_from_slice(&buffer[..length]);
            while let Some(end) = partial.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = partial.drain(..=end).collect();
                say(&format!("out {index} {stream} {}", line[..end].escape_ascii()));
            }
        }
        say(&format!("end {index} {stream} {}", partial.escape_ascii()));
    });
}

/// How many children this process has that nobody reaped.
fn own_children() -> usize {
    twelve_run::sys::proc::children_of(std::process::id() as i32).map_or(0, |children| children.len())
}
