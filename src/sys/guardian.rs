//! The guardian: the process that the user started, and the last one to go.
//!
//! It forks once, before any thread exists; the child is the supervisor and does all the work. The
//! guardian forwards the signals that processes send, reaps, and passes on the exit code. When the
//! supervisor dies for any reason, everything it had started falls to the guardian, which stops it: TERM,
//! grace, KILL, until nothing is left. When the guardian dies, the supervisor stops everything itself. So
//! no single death leaves anything behind.
//!
//! It is small on purpose: one thread, no allocation that could matter, no decisions about the formation.

use super::entry::{self, Found};
use super::processes::Origin;
use super::processes::reach::Found as Process;
use super::processes::status;
use super::terminal::{say_on_stderr, signal_name};
use super::{fail, proc};
use crate::supervisor::Status;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd, siginfo};
use nix::unistd::{ForkResult, Pid, fork, getpid, getppid};
use std::collections::HashSet;
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// After KILL, what the kernel does not let go of is given up.
const KILL_WAIT: Duration = Duration::from_secs(5);
/// While killing, new ones may appear without a signal to tell of them.
const ROUND: Duration = Duration::from_millis(50);

/// What the supervisor is handed when it begins.
#[derive(Debug, Clone)]
pub struct Charge {
    guardian: Pid,
    found: Found,
}

impl Charge {
    /// Whether our guardian is still our parent. Nothing else tells its death for sure.
    pub fn guardian_is_alive(&self) -> bool {
        getppid() == self.guardian
    }

    /// What children get back of what we changed for ourselves.
    pub fn inherited(&self) -> Origin {
        self.found.origin
    }

    /// HUP was ignored when we were started, and stays so.
    pub fn hangup_ignored(&self) -> bool {
        self.found.hangup_ignored
    }
}

/// Puts a guardian in front of what follows. Returns in the supervisor alone: the guardian ends with the
/// supervisor's exit code and never comes back. `grace` is what the guardian gives processes when it
/// has to stop them.
///
/// No thread may exist yet.
pub fn guard(grace: Duration) -> io::Result<Charge> {
    let found = entry::enter()?;
    prctl::set_child_subreaper(true)?;
    let guardian = getpid();
    // SAFETY: there is one thread, so the child may do whatever we may.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            let code = Guardian::new(child, found, grace).and_then(|mut guardian| guardian.run()).unwrap_or(70);
            // SAFETY: _exit ends the process; nothing of ours waits to be written.
            unsafe { libc::_exit(i32::from(code)) }
        }
        ForkResult::Child => {
            fail::point("before-prctl");
            prctl::set_pdeathsig(Signal::SIGTERM)?;
            if getppid() != guardian {
                // It died before we could be told; nothing has been started yet.
                // SAFETY: as above.
                unsafe { libc::_exit(70) }
            }
            prctl::set_child_subreaper(true)?;
            entry::raise_open_files();
            fail::point("before-ready");
            Ok(Charge { guardian, found })
        }
    }
}

struct Guardian {
    supervisor: Pid,
    found: Found,
    grace: Duration,
    signals: SignalFd,
    /// How the supervisor has ended.
    ended: Option<Status>,
    /// KILL now was asked for.
    hurried: bool,
}

impl Guardian {
    fn new(supervisor: Pid, found: Found, grace: Duration) -> io::Result<Self> {
        // Told apart from the supervisor by `killall` and people.
        let _ = prctl::set_name(c"twelve-guard");
        let signals = SignalFd::with_flags(&SigSet::all(), SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        Ok(Self { supervisor, found, grace, signals, ended: None, hurried: false })
    }

    fn run(&mut self) -> io::Result<u8> {
        let status = loop {
            if let Some(status) = self.ended {
                break status;
            }
            self.wait(None);
        };
        Ok(self.sweep(status))
    }

    /// Waits for a signal, at most until `until`, and does what all that came ask for.
    fn wait(&mut self, until: Option<Instant>) {
        let timeout = until.map_or(PollTimeout::NONE, |until| {
            let rest = until.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
            PollTimeout::try_from(rest).unwrap_or(PollTimeout::MAX)
        });
        let _ = poll(&mut [PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)], timeout);
        while let Ok(Some(info)) = self.signals.read_signal() {
            self.signalled(&info);
        }
    }

    fn signalled(&mut self, info: &siginfo) {
        let number = info.ssi_signo as i32;
        // What the kernel made from a key or a closed terminal reaches the whole group, so the supervisor
        // has it already (FAULTS §2, fact 5).
        let sent = info.ssi_code <= 0;
        match number {
            libc::SIGCHLD => self.reap(),
            // A session leader gets it alone (fact 7).
            libc::SIGHUP if self.found.hangup_ignored => {}
            libc::SIGHUP => self.forward(number),
            libc::SIGINT if self.ended.is_some() => self.hurried = true,
            _ if sent => self.forward(number),
            _ => {}
        }
    }

    fn forward(&self, number: i32) {
        if self.ended.is_some() {
            return;
        }
        self.send(number);
        // So that it is heard by one who is stopped.
        if matches!(number, libc::SIGINT | libc::SIGTERM | libc::SIGHUP | libc::SIGQUIT) {
            self.send(libc::SIGCONT);
        }
    }

    /// The supervisor is our child and not reaped, so the number is its.
    fn send(&self, number: i32) {
        // SAFETY: kill has no preconditions. The library's own knows no real-time signals.
        unsafe { libc::kill(self.supervisor.as_raw(), number) };
    }

    /// Reaps whatever has ended; follows the supervisor when Ctrl-Z has stopped it.
    fn reap(&mut self) {
        while let Some((pid, status)) = status::reap_any() {
            if pid == self.supervisor.as_raw() {
                self.ended = Some(status);
            }
        }
        if self.ended.is_none() && status::stopped_by(self.supervisor.as_raw()) == Some(libc::SIGTSTP) {
            let _ = kill(getpid(), Signal::SIGSTOP);
            // We go on, so everybody does.
            self.send(libc::SIGCONT);
        }
    }

    /// Stops what the supervisor has left, and decides the exit code.
    fn sweep(&mut self, status: Status) -> u8 {
        let left = self.left();
        if left.is_empty() {
            if let Status::Signal(signal) = status {
                say_on_stderr(&format!("twelve-run: the supervisor was ended by {}\n", signal_name(i32::from(signal))));
            }
            return status.code();
        }
        let how = match status {
            Status::Code(code) => format!("ended with code {code}"),
            Status::Signal(signal) => format!("was ended by {}", signal_name(i32::from(signal))),
        };
        say_on_stderr(&format!("twelve-run: the supervisor {how}; stopping the {} processes it left\n", left.len()));
        self.stop(left);
        // It said that all was well, and it was not: that is a fault of ours.
        if status.success() { 70 } else { status.code() }
    }

    fn stop(&mut self, left: Vec<Process>) {
        let mut asked = HashSet::new();
        let deadline = Instant::now() + self.grace;
        let mut left = left;
        while !left.is_empty() && !self.hurried && Instant::now() < deadline {
            for process in left.iter().filter(|process| asked.insert(process.key())) {
                let _ = process.send(libc::SIGTERM);
                let _ = process.send(libc::SIGCONT);
            }
            self.wait(Some(deadline));
            left = self.left();
        }
        let give_up = Instant::now() + KILL_WAIT;
        while !left.is_empty() && Instant::now() < give_up {
            // What is stopped forks no more, so the second signal reaches all (FAULTS B6).
            for signal in [libc::SIGSTOP, libc::SIGKILL] {
                for process in &left {
                    let _ = process.send(signal);
                }
            }
            self.wait(Some(Instant::now() + ROUND));
            left = self.left();
        }
        if !left.is_empty() {
            let pids: Vec<String> = left.iter().map(|process| process.pid.to_string()).collect();
            say_on_stderr(&format!("twelve-run: SIGKILL had no effect on pid {}\n", pids.join(", ")));
        }
    }

    /// Every descendant that lives and was not there before us.
    fn left(&mut self) -> Vec<Process> {
        self.reap();
        let roots = proc::children_of(getpid().as_raw()).unwrap_or_default();
        let ours = roots.into_iter().filter(|pid| !self.found.strangers.contains(pid));
        let all = ours.flat_map(|root| std::iter::once(root).chain(proc::descendants_of(root).unwrap_or_default()));
        all.filter_map(Process::look).filter(|process| !process.is_dead()).collect()
    }
}
