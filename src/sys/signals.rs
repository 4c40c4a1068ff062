//! The supervisor's signals: caught on a thread of their own, told to the driver as facts.
//!
//! Every catchable signal has a handler, so that none ends us by default; what has no meaning is told as
//! such. Handlers run on this thread alone, all others keep everything blocked. The thread is also the
//! watchdog: when the driver's loop has not turned for long although something waits for it, it ends us,
//! and the guardian cleans up.

use super::guardian::Charge;
use super::terminal::{say_on_stderr, signal_name};
use crate::supervisor::Signal;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::SigSet;
use signal_hook::consts::FORBIDDEN;
use signal_hook::flag::register_conditional_shutdown;
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::SignalOnly;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How many ticks the driver may take for a turn while something waits for it. Counted in ticks, so
/// that a time for which we were stopped is one at most.
const PATIENCE: u32 = 10;
const TICK: Duration = Duration::from_secs(1);
/// Copies of a signal within this are one press.
const COPIES: Duration = Duration::from_millis(100);

/// What a signal means to the driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Something is asked of the formation.
    Asked(Signal),
    /// A child has changed its state.
    Children,
    /// The terminal has another size.
    WindowChanged,
    /// A signal of this name, which means nothing here.
    Meaningless(String),
    /// The signal that tells of our guardian's death.
    GuardianDied,
}

/// The thread's handle.
pub struct Signals {
    pulse: Arc<Pulse>,
}

/// Shows that the driver's loop turns.
#[derive(Debug, Default)]
pub struct Pulse {
    turns: AtomicU64,
    at_rest: AtomicBool,
}

impl Pulse {
    /// The loop has turned.
    pub fn turned(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// The loop will not turn any more, and that is right.
    pub fn rest(&self) {
        self.at_rest.store(true, Ordering::Relaxed);
    }
}

impl Signals {
    /// Starts the thread. `deliver` is called on it.
    pub fn start(charge: &Charge, deliver: impl FnMut(Seen) + Send + 'static) -> io::Result<Self> {
        let pulse = Arc::new(Pulse::default());
        let (read, write) = UnixStream::pair()?;
        let caught: Vec<i32> = (1..=libc::SIGRTMAX()).filter(|number| is_caught(*number, charge)).collect();
        let last_resort = Arc::new(AtomicBool::new(false));
        // Before the other handler of INT, so that it comes first.
        register_conditional_shutdown(libc::SIGINT, 130, Arc::clone(&last_resort))?;
        let delivery = SignalDelivery::with_pipe(read, write, SignalOnly::default(), caught)?;
        let thread = Thread {
            delivery,
            charge: charge.clone(),
            pulse: Arc::clone(&pulse),
            last_resort,
            interrupts: 0,
            last_interrupt: None,
            deliver,
        };
        std::thread::Builder::new().name("signals".into()).spawn(move || thread.run())?;
        Ok(Self { pulse })
    }

    /// What the driver shows its life with.
    pub fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.pulse)
    }
}

/// Faults end us, as they should; what cannot be caught cannot be caught; what `entry` ignores stays so.
fn is_caught(number: i32, charge: &Charge) -> bool {
    const FAULTS: [i32; 4] = [libc::SIGBUS, libc::SIGABRT, libc::SIGSYS, libc::SIGTRAP];
    const IGNORED: [i32; 3] = [libc::SIGTTOU, libc::SIGTTIN, libc::SIGPIPE];
    let exists = number < 32 || number >= libc::SIGRTMIN();
    exists
        && !FORBIDDEN.contains(&number)
        && !FAULTS.contains(&number)
        && !IGNORED.contains(&number)
        && !(number == libc::SIGHUP && charge.hangup_ignored())
}

struct Thread<F> {
    delivery: SignalDelivery<UnixStream, SignalOnly>,
    charge: Charge,
    pulse: Arc<Pulse>,
    /// The next INT ends us at once, whatever the loop does.
    last_resort: Arc<AtomicBool>,
    interrupts: u32,
    last_interrupt: Option<Instant>,
    deliver: F,
}

impl<F: FnMut(Seen)> Thread<F> {
    fn run(mut self) {
        let _ = SigSet::all().thread_unblock();
        // The turn at which something was delivered, and how many ticks ago.
        let mut watched: Option<(u64, u32)> = None;
        loop {
            let timeout = if watched.is_some() { TICK.try_into().unwrap_or(PollTimeout::MAX) } else { PollTimeout::NONE };
            let ready = poll(&mut [PollFd::new(self.delivery.get_read().as_fd(), PollFlags::POLLIN)], timeout);
            let turns = self.pulse.turns.load(Ordering::Relaxed);
            if ready == Ok(0) {
                watched = match watched {
                    Some((turn, ticks)) if turn == turns && !self.pulse.at_rest.load(Ordering::Relaxed) => {
                        if ticks >= PATIENCE {
                            give_up();
                        }
                        Some((turn, ticks + 1))
                    }
                    _ => None,
                };
            }
            let seen: Vec<i32> = self.delivery.pending().collect();
            for number in &seen {
                let seen = self.meaning(*number);
                (self.deliver)(seen);
            }
            if !seen.is_empty() && watched.is_none() {
                watched = Some((turns, 0));
            }
        }
    }

    fn meaning(&mut self, number: i32) -> Seen {
        match number {
            libc::SIGCHLD => Seen::Children,
            libc::SIGWINCH => Seen::WindowChanged,
            // The signal of a parent's death looks like any other; the parent itself tells (fact 2).
            libc::SIGTERM if !self.charge.guardian_is_alive() => Seen::GuardianDied,
            libc::SIGTERM => Seen::Asked(Signal::Terminate),
            libc::SIGINT => {
                self.count_interrupt();
                Seen::Asked(Signal::Interrupt)
            }
            libc::SIGHUP => Seen::Asked(Signal::Hangup),
            libc::SIGQUIT => Seen::Asked(Signal::Quit),
            libc::SIGTSTP => Seen::Asked(Signal::Suspend),
            libc::SIGCONT => Seen::Asked(Signal::Continue),
            other => Seen::Meaningless(signal_name(other)),
        }
    }

    /// After the second Ctrl-C the third needs nobody's help.
    fn count_interrupt(&mut self) {
        let now = Instant::now();
        let copy = self.last_interrupt.replace(now).is_some_and(|before| now.duration_since(before) < COPIES);
        self.interrupts += u32::from(!copy);
        if self.interrupts >= 2 {
            self.last_resort.store(true, Ordering::Relaxed);
        }
    }
}

fn give_up() -> ! {
    say_on_stderr("twelve-run: the main loop is stuck; giving up, the guardian stops everything\n");
    // SAFETY: _exit ends the process; whatever the other threads do, nothing of theirs can be saved.
    unsafe { libc::_exit(70) }
}
