//! The guardian: the process that the user started, and that outlives the supervisor.
//!
//! It is the supervisor's parent, and the sub-reaper of all that the supervisor ever starts. While the
//! supervisor lives, it passes signals on, follows it into a stop, and reaps. When the supervisor has
//! ended, for whatever reason, it sweeps up what is left (`sweep`) and passes on the exit code.
//! It must stay so simple that it has no reason to fail: one thread, no allocation that grows, no
//! decision about services, no message to or from the supervisor.
//!
//! Kernel facts used here: a signal that a terminal makes reaches the supervisor as well and has an
//! `si_code` above 0, one that a process sends has 0 or less (sigaction(2)); an unreaped child's
//! number belongs to nobody else; blocked signals wait, even those that would be ignored.

use super::entry::{self, Inherited};
use super::sweep::{Hurry, Sweep};
use super::{fail, kill, leave, memory, proc, terminal};
use nix::libc::{self, c_int, signalfd_siginfo};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::SigSet;
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::{ForkResult, fork, getpid, getppid};
use rustix::process::{WaitOptions, WaitStatus, wait, waitpid};
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// Copies of one signal within this time are one request.
const ONE_REQUEST: Duration = Duration::from_millis(100);

/// How often it is asked who was there before us, while the answers differ.
const LOOKS: u32 = 10;

/// What an internal error ends with.
const INTERNAL: u8 = 70;

/// What the supervisor is handed after the fork.
#[derive(Debug)]
pub struct Charge {
    inherited: Inherited,
    guardian: i32,
}

/// Forks. Returns in the child, which is the supervisor; the parent becomes its guardian and never
/// returns. To be called once, before any thread exists: the parent-death signal is bound to the
/// *thread* that forks, and the memory of other threads would be copied in the middle of whatever they do.
///
/// From here on every signal is blocked, in both, until [`super::Signals::start`]. `grace` is what is
/// left behind gets between TERM and KILL.
pub fn guard(grace: Duration) -> io::Result<Charge> {
    let has_proc = proc::has_proc();
    if has_proc && std::fs::read_dir("/proc/self/task")?.count() != 1 {
        return Err(io::Error::other("cannot fork in the middle of other threads"));
    }
    let inherited = entry::enter()?;
    let strangers = Strangers::here(has_proc);
    prctl::set_child_subreaper(true)?;
    let signals = SignalFd::with_flags(&SigSet::all(), SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
    let guardian = getpid().as_raw();
    // SAFETY: there is only one thread, so the child's copy of memory is as whole as ours.
    match unsafe { fork() }? {
        ForkResult::Child => {
            drop(signals);
            Charge::take(inherited, guardian)
        }
        ForkResult::Parent { child } => {
            let supervisor = child.as_raw();
            let (presses, suspension) = (Presses::default(), Suspension::None);
            Guardian { supervisor, signals, strangers, grace, inherited, presses, suspension }.serve()
        }
    }
}

impl Charge {
    /// What we were started with, and what the services get back.
    pub fn inherited(&self) -> &Inherited {
        &self.inherited
    }

    /// Whether the one who cleans up after us is still there. When not, everything is to be stopped.
    pub fn guardian_is_alive(&self) -> bool {
        getppid().as_raw() == self.guardian
    }

    /// The guardian's process id.
    pub(super) fn guardian(&self) -> i32 {
        self.guardian
    }

    /// The signal that the kernel sends us when the guardian dies: one that nobody else has a use for,
    /// so that it can neither hide nor be hidden by a TERM that was meant for us.
    pub(super) fn death_signal() -> c_int {
        libc::SIGRTMIN()
    }

    fn take(inherited: Inherited, guardian: i32) -> io::Result<Self> {
        fail::point("born");
        let charge = Self { inherited, guardian };
        // SAFETY: this prctl takes a signal number and touches no memory.
        if unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, Self::death_signal()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        if !charge.guardian_is_alive() {
            leave(INTERNAL); // it died before the kernel was told to tell us; nothing has been started yet
        }
        prctl::set_child_subreaper(true)?;
        entry::raise_nofile(&charge.inherited);
        fail::point("ready");
        Ok(charge)
    }
}

/// How the supervisor ended.
#[derive(Debug, Clone, Copy)]
enum End {
    Code(u8),
    Signal(i32),
}

struct Guardian {
    supervisor: i32,
    signals: SignalFd,
    strangers: Strangers,
    grace: Duration,
    inherited: Inherited,
    presses: Presses,
    suspension: Suspension,
}

/// How far a Ctrl-Z has come that we have passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suspension {
    None,
    /// The supervisor is about to stop, and we after it.
    Asked,
    /// A CONT has come meanwhile. The supervisor may have heard it before its stop, and then hears no other.
    TakenBack,
}

impl Guardian {
    fn serve(mut self) -> ! {
        // `killall twelve-run` must not hit both of us.
        let _ = prctl::set_name(c"twelve-guard");
        let end = self.watch();
        let code = self.sweep_up(end);
        leave(code)
    }

    /// Until the supervisor has ended.
    fn watch(&mut self) -> End {
        let mut starting = Some(memory::START);
        loop {
            if let Some(end) = self.look_after() {
                return end;
            }
            loop {
                let Some(signal) = self.next_signal(starting) else {
                    if starting.take().is_some() {
                        memory::forget_the_start();
                    }
                    break;
                };
                let made_by_process = signal.ssi_code <= 0;
                let number = signal.ssi_signo as c_int;
                if number == libc::SIGCHLD {
                    break;
                }
                self.presses.note(number, Instant::now());
                self.suspension = match (number, self.suspension) {
                    (libc::SIGTSTP, _) => Suspension::Asked,
                    (libc::SIGCONT, Suspension::Asked) => Suspension::TakenBack,
                    (_, as_before) => as_before,
                };
                self.pass_on(number, made_by_process);
            }
        }
    }

    /// Follows the supervisor into a stop, learns of its end, and reaps whoever else has ended: as
    /// process 1, or for the children of the program that we were before `exec`, we adopt strangers.
    fn look_after(&mut self) -> Option<End> {
        let supervisor = rustix::process::Pid::from_raw(self.supervisor);
        loop {
            match waitpid(supervisor, WaitOptions::NOHANG | WaitOptions::UNTRACED) {
                // Only a stop of its own choice: a SIGSTOP from elsewhere is between it and its sender.
                Ok(Some((_, status))) if status.stopping_signal() == Some(libc::SIGTSTP) => self.stop_too(),
                Ok(Some((_, status))) if !status.stopped() => return Some(End::of(status)),
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => break,
                Err(_) => return Some(End::Code(INTERNAL)), // no such child: cannot be, and must not spin
            }
        }
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid.as_raw_pid() == self.supervisor {
                return Some(End::of(status));
            }
        }
        None
    }

    fn stop_too(&mut self) {
        if std::mem::replace(&mut self.suspension, Suspension::None) != Suspension::TakenBack {
            let _ = terminal::stop_unless_continued();
        }
        // Continued, or never stopped because nobody could continue us: the supervisor goes on as well.
        self.tell(libc::SIGCONT);
    }

    fn pass_on(&self, signal: c_int, made_by_process: bool) {
        match signal {
            // A terminal that hangs up tells its session's leader alone, which may be us.
            libc::SIGHUP if self.inherited.hangup_ignored => {}
            libc::SIGHUP => self.tell_to_stop(signal),
            libc::SIGTERM | libc::SIGINT | libc::SIGQUIT => {
                // What the terminal makes has reached the supervisor as well; but it may be stopped.
                if made_by_process { self.tell_to_stop(signal) } else { self.tell(libc::SIGCONT) }
            }
            // What is ignored in both; and faults, which sent by hand are none and would only break the
            // one who is to survive them.
            libc::SIGTTIN
            | libc::SIGTTOU
            | libc::SIGPIPE
            | libc::SIGILL
            | libc::SIGTRAP
            | libc::SIGABRT
            | libc::SIGBUS
            | libc::SIGFPE
            | libc::SIGSEGV
            | libc::SIGSYS => {}
            _ if made_by_process => self.tell(signal),
            _ => {}
        }
    }

    /// A stopped process acts on a signal only when it is continued.
    fn tell_to_stop(&self, signal: c_int) {
        self.tell(signal);
        self.tell(libc::SIGCONT);
    }

    fn tell(&self, signal: c_int) {
        // Our unreaped child: the number can be nobody else's. It may have ended, which we are about to learn.
        let _ = kill(self.supervisor, signal);
    }

    /// The next signal that has arrived, after at most this long.
    fn next_signal(&self, within: Option<Duration>) -> Option<signalfd_siginfo> {
        let mut ready = [PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        let timeout = within.map_or(PollTimeout::NONE, |within| {
            PollTimeout::try_from(within + Duration::from_micros(999)).unwrap_or(PollTimeout::MAX)
        });
        match poll(&mut ready, timeout) {
            Ok(_) => self.signals.read_signal().ok().flatten(),
            Err(_) => None,
        }
    }

    /// Stops what the supervisor has left behind, if anything, and says so.
    fn sweep_up(&mut self, end: End) -> u8 {
        // What was pressed before the end was meant for the supervisor; what comes later is for us.
        while let Some(signal) = self.next_signal(Some(Duration::ZERO)) {
            self.presses.note(signal.ssi_signo as c_int, Instant::now());
        }
        let sweep = Sweep::new(&self.strangers, self.grace);
        let left = sweep.count_left();
        end.announce(left, self.grace);
        let hurry = if self.presses.kill_now { Hurry::Now } else { Hurry::AfterGrace };
        let unkillable = sweep.run(hurry, |within| {
            // During the sweep any Ctrl-C is one more than was needed.
            self.next_signal(Some(within)).is_some_and(|signal| signal.ssi_signo as c_int == libc::SIGINT)
        });
        if !unkillable.is_empty() {
            let pids: Vec<String> = unkillable.iter().take(100).map(ToString::to_string).collect();
            terminal::say(&format!("the kernel does not let go of these processes: {}", pids.join(" ")));
        }
        match end {
            End::Code(0) if left != Some(0) && left.is_some() => INTERNAL,
            End::Code(code) => code,
            End::Signal(signal) => 128 + signal as u8,
        }
    }
}

impl End {
    fn of(status: WaitStatus) -> Self {
        match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Self::Code(code as u8),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Code(INTERNAL),
        }
    }

    /// One line, when the supervisor did not end as it should. `left` is `None` when it cannot be known.
    fn announce(self, left: Option<usize>, grace: Duration) {
        let what = match left {
            None => "cannot list what it left behind (no /proc)".to_owned(),
            Some(0) => "it left nothing behind".to_owned(),
            Some(1) => format!("stopping the process it left behind, within {grace:?}"),
            Some(count) => format!("stopping the {count} processes it left behind, within {grace:?}"),
        };
        match (self, left) {
            (Self::Signal(signal), _) => {
                terminal::say(&format!(
                    "the supervisor was ended by {}; {what}",
                    terminal::signal_name(signal)
                ));
            }
            (Self::Code(_), Some(count)) if count > 0 => {
                terminal::say(&format!("the supervisor has ended too early; {what}"));
            }
            (Self::Code(_), _) => {}
        }
    }
}

/// Who was there before us: the children, and their trees, of the program that `exec`ed us. They are
/// reaped when they fall to us, and never signalled.
#[derive(Debug)]
pub(super) struct Strangers {
    /// By number and start time.
    known: Vec<(i32, u64)>,
    /// Our session: theirs, and never that of a service.
    session: i32,
    /// Our name, which a service bears in our session for the moment between its fork and its own.
    comm: Vec<u8>,
    /// Whether there is a `/proc` to look at. Asked while all is well: when memory is out the kernel refuses
    /// the question for a moment, which is not to be taken for an answer (FAULTS C7).
    pub(super) has_proc: bool,
}

impl Strangers {
    fn here(has_proc: bool) -> Self {
        let me = getpid().as_raw();
        // One look may miss a child while another one ends, two that agree have missed none.
        let mut below = proc::descendants_of(me).unwrap_or_default();
        for _ in 0..LOOKS {
            let again = proc::descendants_of(me).unwrap_or_default();
            if again == below {
                break;
            }
            below.extend(again);
            below.sort_unstable();
            below.dedup();
        }
        let known = below.into_iter().filter_map(|pid| Some((pid, proc::stat(pid)?.starttime))).collect();
        let (session, comm) = proc::stat(me).map_or((0, Vec::new()), |us| (us.sid, us.comm));
        Self { known, session, comm, has_proc }
    }

    /// Whether there were any.
    pub(super) fn any(&self) -> bool {
        !self.known.is_empty()
    }

    /// Of all processes, those below us that are not of this kind, dead ones left out.
    pub(super) fn ours<'a>(&self, me: i32, all: &'a [proc::Stat]) -> Vec<&'a proc::Stat> {
        let mut ours = proc::below(me, all);
        if self.any() {
            let mut theirs = std::collections::HashSet::new();
            // Parents come before children, so one pass is enough.
            for process in &ours {
                let known = self.known.contains(&(process.pid, process.starttime));
                // A younger one of theirs whose parent has ended is told by its session.
                let theirs_by_session = process.sid == self.session && process.comm != self.comm;
                if known || theirs_by_session || theirs.contains(&process.ppid) {
                    theirs.insert(process.pid);
                }
            }
            ours.retain(|process| !theirs.contains(&process.pid));
        }
        ours.retain(|process| !process.is_dead());
        ours
    }
}

/// What has been asked so far, as the person at the keyboard counts it.
#[derive(Debug, Default)]
struct Presses {
    interrupt: Option<Instant>,
    kill_now: bool,
}

impl Presses {
    /// A second INT, or a TERM after an INT, means KILL; copies of one are one.
    fn note(&mut self, signal: c_int, now: Instant) {
        if !matches!(signal, libc::SIGINT | libc::SIGTERM) {
            return;
        }
        match self.interrupt {
            Some(first) if signal == libc::SIGTERM || now.duration_since(first) > ONE_REQUEST => {
                self.kill_now = true;
            }
            None if signal == libc::SIGINT => self.interrupt = Some(now),
            _ => {}
        }
    }
}
