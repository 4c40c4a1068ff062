//! Signals: one thread catches them all and says what was seen.
//!
//! Handlers run only in this thread, because all others keep every signal blocked from before the fork
//! on; they set a bit and wake it, so that a storm of signals is one wake-up and never a lost TERM. What
//! a signal means for the formation is the supervisor's to say.
//!
//! The thread also is the one that notices when the loop no longer turns while something waits for it,
//! and ends the process then: the guardian cleans up.

use super::guardian::Charge;
use super::{leave, removals, terminal};
use crate::supervisor::Signal as Asked;
use nix::libc::{self, c_int};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::getppid;
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::SignalOnly;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Faults. Sent by a process they stay blocked and harmless; made by our own code they are forced on
/// us whatever is blocked, and the guardian sees a death like any other.
const FAULTS: [Signal; 7] = [
    Signal::SIGILL,
    Signal::SIGTRAP,
    Signal::SIGABRT,
    Signal::SIGBUS,
    Signal::SIGFPE,
    Signal::SIGSEGV,
    Signal::SIGSYS,
];

/// Copies of one signal within this time are one request.
const ONE_REQUEST: Duration = Duration::from_millis(100);
/// The watchdog counts ticks, not time: in a process that was stopped for an hour neither goes on.
const TICK: Duration = Duration::from_secs(1);
const STUCK_AFTER_TICKS: u32 = 10;
/// What a third Ctrl-C exits with, straight from the handler.
const INTERRUPTED: c_int = 130;
const INTERNAL: u8 = 70;

/// What the thread saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Somebody asks something of the formation.
    Asked(Asked),
    /// The terminal has another size.
    WindowChanged,
    /// A signal that means nothing to us, by name. At most one a second of each.
    Meaningless(&'static str),
    /// The guardian is dead. Told once.
    GuardianDied,
}

/// The running thread. It lives as long as the process, whatever becomes of this handle.
#[derive(Debug)]
pub struct Signals {
    pulse: Arc<Pulse>,
}

/// Whether the loop still turns.
#[derive(Debug, Default)]
pub struct Pulse {
    turns: AtomicU64,
    at_rest: AtomicBool,
}

impl Pulse {
    /// The loop has come round once more. To be called at each turn.
    pub fn turned(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// The loop is over, and what is left to do may take long.
    pub fn rest(&self) {
        self.at_rest.store(true, Ordering::Relaxed);
    }

    fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }
}

impl Signals {
    /// Catches everything that can be caught from here on, what has arrived since the fork included.
    ///
    /// `deliver` runs in the thread of its own and must not block: the watchdog would be blind.
    pub fn start(charge: &Charge, deliver: impl FnMut(Seen) + Send + 'static) -> io::Result<Self> {
        let last_resort = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register_conditional_shutdown(
            libc::SIGINT,
            INTERRUPTED,
            Arc::clone(&last_resort),
        )?;
        let (read, write) = UnixStream::pair()?;
        let catch = caught(charge.inherited().hangup_ignored);
        let arrived = SignalDelivery::with_pipe(read, write, SignalOnly, catch)?;
        let pulse = Arc::new(Pulse::default());
        let watch = Watch {
            guardian: Some(charge.guardian()),
            pulse: Arc::clone(&pulse),
            last_resort,
            interrupts: Interrupts::default(),
            waiting: None,
            said: [None; 65],
            deliver,
        };
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            // Without this thread the process is deaf and its watchdog gone, and nobody would notice: the
            // guardian, who hears for himself, is a better end (FAULTS C6). The panic has said why.
            let _ = catch_unwind(AssertUnwindSafe(move || watch.run(arrived)));
            leave(INTERNAL)
        })?;
        Ok(Self { pulse })
    }

    /// For the loop, to show that it turns.
    pub fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.pulse)
    }
}

/// Every signal with a handler: all that can be caught, but faults, what is ignored in us, what the C
/// library keeps for itself, and what others read: CHLD (`processes`), which comes with every death, and the
/// one of `removals`.
fn caught(hangup_ignored: bool) -> Vec<c_int> {
    let never = |signal: c_int| {
        const OTHERS: [c_int; 6] =
            [libc::SIGKILL, libc::SIGSTOP, libc::SIGPIPE, libc::SIGTTIN, libc::SIGTTOU, libc::SIGCHLD];
        OTHERS.contains(&signal)
            || signal == removals::signal()
            || FAULTS.iter().any(|&fault| fault as c_int == signal)
            || hangup_ignored && signal == libc::SIGHUP
    };
    (1..=31).chain(libc::SIGRTMIN()..=libc::SIGRTMAX()).filter(|&signal| !never(signal)).collect()
}

/// Distinct INTs, so that two of them arm the last resort even when the loop is deaf.
#[derive(Debug, Default)]
struct Interrupts {
    count: u32,
    latest: Option<Instant>,
}

struct Watch<F> {
    /// `None` once its death was told.
    guardian: Option<i32>,
    pulse: Arc<Pulse>,
    /// From now on the next INT ends the process from within the handler.
    last_resort: Arc<AtomicBool>,
    interrupts: Interrupts,
    /// Something was delivered that the loop has not turned for yet.
    waiting: Option<Waiting>,
    /// When a meaningless signal was last spoken of.
    said: [Option<Instant>; 65],
    deliver: F,
}

struct Waiting {
    since_turn: u64,
    ticks: u32,
    ticked: Instant,
}

impl<F: FnMut(Seen)> Watch<F> {
    fn run(mut self, mut arrived: SignalDelivery<UnixStream, SignalOnly>) {
        let mut open = SigSet::all();
        for closed in FAULTS.into_iter().chain([Signal::SIGCHLD]) {
            open.remove(closed);
        }
        removals::without_signal(&mut open);
        if open.thread_unblock().is_err() {
            return; // cannot fail
        }
        loop {
            let mut ready = [PollFd::new(arrived.get_read().as_fd(), PollFlags::POLLIN)];
            let _ = poll(&mut ready, self.patience());
            self.look_for_guardian();
            for signal in arrived.pending() {
                self.saw(signal);
            }
            self.arm();
            self.tick();
        }
    }

    /// For ever, unless there is something to look after.
    fn patience(&self) -> PollTimeout {
        if self.wants_arming() {
            PollTimeout::from(ONE_REQUEST.as_millis() as u16)
        } else if self.waiting.is_some() {
            PollTimeout::from(TICK.as_millis() as u16)
        } else {
            PollTimeout::NONE
        }
    }

    /// The parent-death signal can also come from elsewhere, or again: only the parent's number is true.
    fn look_for_guardian(&mut self) {
        if self.guardian.is_some_and(|guardian| getppid().as_raw() != guardian) {
            self.guardian = None;
            self.tell(Seen::GuardianDied);
        }
    }

    fn saw(&mut self, signal: c_int) {
        let seen = match signal {
            libc::SIGINT => {
                self.interrupts.note(Instant::now());
                Seen::Asked(Asked::Interrupt)
            }
            libc::SIGTERM => Seen::Asked(Asked::Terminate),
            libc::SIGHUP => Seen::Asked(Asked::Hangup),
            libc::SIGQUIT => Seen::Asked(Asked::Quit),
            libc::SIGTSTP => Seen::Asked(Asked::Suspend),
            libc::SIGCONT => Seen::Asked(Asked::Continue),
            libc::SIGWINCH => Seen::WindowChanged,
            other if other == Charge::death_signal() && self.guardian.is_none() => return,
            other => {
                let now = Instant::now();
                let Some(said) = self.said.get_mut(other as usize) else { return };
                if said.is_some_and(|said| now.duration_since(said) < TICK) {
                    return;
                }
                *said = Some(now);
                Seen::Meaningless(terminal::signal_name(other))
            }
        };
        self.tell(seen);
    }

    fn tell(&mut self, seen: Seen) {
        let since_turn = self.pulse.turns();
        (self.deliver)(seen);
        self.waiting.get_or_insert_with(|| Waiting { since_turn, ticks: 0, ticked: Instant::now() });
    }

    fn wants_arming(&self) -> bool {
        self.interrupts.count >= 2 && !self.last_resort.load(Ordering::Relaxed)
    }

    /// Not before copies of the INT that asked for it have gone by.
    fn arm(&self) {
        let quiet = self.interrupts.latest.is_none_or(|latest| latest.elapsed() >= ONE_REQUEST);
        if self.wants_arming() && quiet {
            self.last_resort.store(true, Ordering::Release);
        }
    }

    fn tick(&mut self) {
        let turns = self.pulse.turns();
        let Some(waiting) = &mut self.waiting else { return };
        if turns != waiting.since_turn || self.pulse.at_rest.load(Ordering::Relaxed) {
            self.waiting = None;
        } else if waiting.ticked.elapsed() >= TICK {
            waiting.ticks += 1;
            waiting.ticked = Instant::now();
            if waiting.ticks >= STUCK_AFTER_TICKS {
                terminal::say("the main loop hangs, and this is a bug; everything is being stopped");
                leave(INTERNAL);
            }
        }
    }
}

impl Interrupts {
    fn note(&mut self, now: Instant) {
        if self.latest.is_none_or(|latest| now.duration_since(latest) > ONE_REQUEST) {
            self.count += 1;
        }
        self.latest = Some(now);
    }
}
