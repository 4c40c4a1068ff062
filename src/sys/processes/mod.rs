//! The table of processes: what we started, what it left to us, and the one wait for all of it.
//!
//! A *leader* is a process that was spawned here; it leads a process group. What it starts may
//! escape from the group, and when its parents have ended it becomes our own child, since we are a
//! sub-reaper: it is *adopted*. A leader's *tree* is its group and everything adopted that is known
//! to be its. Leaders are observed by pidfd and reaped last, when their tree is empty, so that
//! neither pid nor group number can be used again while we may signal them.
//!
//! Nobody else in this process may reap children: those not spawned here are taken for adopted.
//!
//! This room must not know: why something is started or stopped, and what follows from it.

mod family;
mod keyboard;
mod reach;
mod status;

pub use super::birth::{Launch, Origin, Program, Stdio, Streams};
pub use keyboard::Keyboard;

use super::birth::{self, Keep, Nursery};
use super::notify::{Ear, Told};
use crate::supervisor::{Event, Id, SpawnFailure, Target};
use family::{Family, Leader};
use nix::errno::Errno;
use nix::libc;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::{Pid, getpgrp, tcgetpgrp};
use status::Ending;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Exits seen in one turn; the rest is for the next.
const EXITS_A_TURN: usize = 256;
/// While something is awaited that only SIGCHLD tells about, we look this often even without it.
const PATIENCE: Duration = Duration::from_millis(100);
/// When a pidfd that is readable cannot be waited for (a tracer has the process) it is looked at
/// again after this long, doubling up to [`PATIENCE`].
const TRACED_PAUSE: Duration = Duration::from_millis(10);
/// Between two looks at our children passes this many times what a look takes.
const REST: u32 = 4;
const SHORTEST_REST: Duration = Duration::from_millis(1);
/// The waker's key in epoll; leaders have their pid.
const WAKER: u64 = 0;
/// The key of SIGCHLD: no pid is so large.
const CHILDREN: u64 = u64::MAX - 2;
/// The key of our standard input.
const INPUT: u64 = u64::MAX;
/// The key of where processes speak to us.
const EAR: u64 = u64::MAX - 1;

/// Everything that was started and has not been let go of.
pub struct Processes {
    nursery: Nursery,
    epoll: Epoll,
    waker: Waker,
    family: Family,
    /// Leaders whose pidfd was readable too early, and when to look again.
    traced: Vec<Traced>,
    /// Until when our children are not listed again, and whether that is put off.
    rest: Rest,
    /// SIGCHLD, where it is blocked in every thread, as in a process with a guardian.
    deaths: SignalFd,
    /// SIGCHLD has been seen since the last look.
    children_changed: bool,
    /// Our controlling terminal, once a child got it from us.
    terminal: Option<OwnedFd>,
    /// Somebody has typed into the input that is watched.
    typed: bool,
    ear: Option<Ear>,
    /// What was heard and not asked for yet.
    told: Vec<Told>,
}

/// After a look.
#[derive(Default)]
struct Rest {
    until: Option<Instant>,
    /// The next look is wanted, and waits until then.
    is_due: bool,
}

struct Traced {
    pid: i32,
    again: Instant,
    pause: Duration,
}

/// Ends a [`Processes::wait`] from another thread or a signal handler.
#[derive(Clone)]
pub struct Waker(Arc<EventFd>);

impl Waker {
    /// Makes the present wait, or else the next, return. Async-signal-safe.
    pub fn wake(&self) {
        // A full counter has woken already.
        let _ = self.0.write(1);
    }
}

impl Processes {
    /// An empty table. Children get back what `origin` says.
    pub fn new(origin: impl Into<Origin>) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let waker = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        epoll.add(&waker, EpollEvent::new(EpollFlags::EPOLLIN, WAKER))?;
        let mut death = SigSet::empty();
        death.add(Signal::SIGCHLD);
        let deaths = SignalFd::with_flags(&death, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        epoll.add(&deaths, EpollEvent::new(EpollFlags::EPOLLIN, CHILDREN))?;
        Ok(Self {
            nursery: Nursery::new(origin.into()),
            epoll,
            waker: Waker(Arc::new(waker)),
            family: Family::default(),
            traced: Vec::new(),
            rest: Rest::default(),
            deaths,
            children_changed: false,
            terminal: None,
            typed: false,
            ear: None,
            told: Vec::new(),
        })
    }

    /// Does without pidfds, as on a kernel that has none. For tests.
    #[doc(hidden)]
    #[must_use]
    pub fn without_pidfds(mut self) -> Self {
        self.nursery.pidfds = false;
        self
    }

    /// What ends a wait.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// How many leaders are there, those included that have ended and whose tree lives.
    pub fn len(&self) -> usize {
        self.family.len()
    }

    /// Whether there is no leader.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A leader, if there is any.
    pub fn first(&self) -> Option<Id> {
        self.family.leaders().map(|leader| leader.id).min()
    }

    /// The pid of a leader.
    pub fn pid(&self, id: Id) -> Option<u32> {
        self.family.pid(id).map(i32::cast_unsigned)
    }

    /// Starts a process. `label` is its name in `PS`, by which what escapes from it is known.
    pub fn spawn(&mut self, id: Id, label: &str, launch: &Launch) -> Result<(u32, Streams), SpawnFailure> {
        if launch.stdio == Stdio::Terminal && self.terminal.is_none() {
            self.terminal = our_foreground();
        }
        let born = self.nursery.bear(launch, self.terminal.as_ref())?;
        let mut leader = Leader::new(id, label, launch);
        if let Some(pidfd) = born.pidfd {
            // Without a place in epoll it is observed as if there were no pidfds.
            let event = EpollEvent::new(EpollFlags::EPOLLIN, u64::from(born.pid.cast_unsigned()));
            match self.epoll.add(&pidfd, event) {
                Ok(()) => leader.pidfd = Some(pidfd),
                Err(errno) => log::warn!("{label} is watched without a handle: {errno}"),
            }
        }
        leader.keep = born.keep;
        self.family.add(born.pid, leader);
        Ok((born.pid.cast_unsigned(), born.streams))
    }

    /// Waits until something is to be told, somebody wakes us, a signal comes, or `timeout` is over
    /// (`None`: as long as it takes). What has happened to processes is added to `facts`.
    pub fn wait(&mut self, timeout: Option<Duration>, facts: &mut Vec<Event>) -> io::Result<()> {
        self.family.turn();
        let mut events = [EpollEvent::empty(); EXITS_A_TURN];
        let timeout = self.shortened(timeout);
        let ready = match self.epoll.wait(&mut events, milliseconds(timeout)) {
            Ok(ready) => ready,
            Err(Errno::EINTR) => 0,
            Err(errno) => return Err(errno.into()),
        };
        for event in &events[..ready] {
            match event.data() {
                WAKER => drop(self.waker.0.read()),
                // However many have died, it waits once.
                CHILDREN => self.children_changed |= matches!(self.deaths.read_signal(), Ok(Some(_))),
                INPUT => self.typed = true,
                EAR => {}
                pid => self.handle_readable(pid as i32, TRACED_PAUSE),
            }
        }
        self.retry_traced();
        self.hear();
        self.family.seek();
        if self.needs_look() {
            self.look();
        }
        if !self.family.unfinished && !self.rest.is_due {
            self.family.settle(facts);
        }
        Ok(())
    }

    /// Has [`Self::take_typed`] tell, once, that somebody has typed into `input`, which must stay open.
    pub fn watch_input(&self, input: BorrowedFd<'_>) {
        let once = EpollFlags::EPOLLIN | EpollFlags::EPOLLONESHOT;
        if let Err(errno) = self.epoll.add(input, EpollEvent::new(once, INPUT)) {
            log::debug!("the keyboard cannot be watched: {errno}");
        }
    }

    /// Whether somebody has typed since this was asked last.
    pub fn take_typed(&mut self) -> bool {
        std::mem::take(&mut self.typed)
    }

    /// Has what processes say at `ear` (`sd_notify(3)`) end a wait, for [`Self::take_told`].
    pub fn listen_to(&mut self, ear: Ear) -> io::Result<()> {
        self.epoll.add(ear.fd(), EpollEvent::new(EpollFlags::EPOLLIN, EAR))?;
        self.ear = Some(ear);
        Ok(())
    }

    /// What processes have said since this was asked last. The last words of one are there when its end is
    /// told.
    pub fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    /// Whose process this is: a leader, what descends from one, or what was adopted and is known to be its.
    /// `None` for strangers, and for what has gone without a trace.
    pub fn owner_of(&self, pid: i32) -> Option<Id> {
        self.family.whose(pid)
    }

    /// Sends `signal`, then CONT, to every process of the target.
    pub fn stop(&mut self, target: Target, signal: i32) {
        self.family.stop(target, signal);
    }

    /// Kills every process of the target, and what appears of it from now on.
    pub fn kill(&mut self, target: Target) {
        self.family.kill(target);
    }

    /// Sends a signal, and nothing else, to every process of the target.
    pub fn signal(&mut self, target: Target, signal: i32) {
        self.family.signal(target, signal);
    }

    /// Sends STOP to every process of the target.
    pub fn pause(&mut self, target: Target) {
        self.family.signal(target, libc::SIGSTOP);
    }

    /// Sends CONT to every process of the target.
    pub fn resume(&mut self, target: Target) {
        self.family.signal(target, libc::SIGCONT);
    }

    /// Has [`Event::StraysGone`] told as soon as it is true.
    pub fn await_strays(&mut self) {
        self.family.await_strays();
        self.children_changed = true;
    }

    /// Pid and command name of what lives of the target.
    pub fn survivors(&self, target: Target) -> Vec<(u32, String)> {
        self.family.survivors(target)
    }

    /// Tells every child's terminal its size in characters.
    pub fn resize(&mut self, rows: u16, cols: u16) {
        for leader in self.family.leaders() {
            if let Keep::Tty(tty) = &leader.keep
                && let Err(errno) = birth::resize(tty, rows, cols)
            {
                log::debug!("{} is not told its size: {errno}", leader.label);
            }
        }
    }

    /// The way to type into a process. `Ok(None)`: somebody else has it.
    pub fn keyboard(&mut self, id: Id, size: (u16, u16)) -> io::Result<Option<Keyboard>> {
        let pid = self.family.pid(id).ok_or(io::ErrorKind::NotFound)?;
        let leader = self.family.leader_mut(pid).ok_or(io::ErrorKind::NotFound)?;
        if leader.typing.strong_count() > 0 {
            return Ok(None);
        }
        let (fd, terminal) = match &leader.keep {
            Keep::Stdin(pipe) => (pipe, false),
            Keep::Tty(master) => (master, true),
            Keep::Nothing => return Err(io::ErrorKind::NotFound.into()),
        };
        let taken = Arc::new(());
        leader.typing = Arc::downgrade(&taken);
        Keyboard::new(fd, terminal, size, taken).map(Some)
    }

    /// Where the trees of a process begin: its leader while it lives, then what has escaped from it and
    /// was adopted by us, as far as that is known now.
    pub fn roots(&mut self, id: Id) -> Vec<u32> {
        self.family.roots(id).into_iter().map(i32::cast_unsigned).collect()
    }

    /// Whether the child that has our terminal has stopped (Ctrl-Z) and was not resumed since.
    pub fn paused(&self) -> bool {
        self.family.leaders().any(|leader| leader.paused)
    }

    /// Gives our terminal to the stopped child again, and lets it go on.
    pub fn resume_terminal(&mut self, id: Id) {
        let Some(pid) = self.family.pid(id) else { return };
        if let Some(terminal) = &self.terminal {
            give(terminal, Pid::from_raw(pid));
        }
        self.family.resumed(pid);
        self.family.signal(Target::Process(id), libc::SIGCONT);
    }

    /// Makes our own group the terminal's foreground again, if it was given away.
    pub fn take_terminal_back(&mut self) {
        if let Some(terminal) = &self.terminal {
            give(terminal, getpgrp());
        }
    }

    /// Before anything is reaped, so that who has spoken and left can still be placed.
    fn hear(&mut self) {
        if let Some(ear) = &self.ear {
            self.told.extend(ear.take(|pid| self.family.whose(pid)));
        }
    }

    /// A leader's pidfd is readable: it has ended, or a tracer holds its end back.
    fn handle_readable(&mut self, pid: i32, pause: Duration) {
        let Some(leader) = self.family.leader_mut(pid) else { return };
        match status::peek(pid) {
            // With its pidfd it leaves epoll.
            Ending::Ended(status) => self.family.end(pid, status),
            Ending::Running => {
                if let Some(pidfd) = &leader.pidfd {
                    // It stays readable; it has said what it can.
                    let _ = self.epoll.delete(pidfd);
                }
                let pause = pause.min(PATIENCE);
                self.traced.push(Traced { pid, again: Instant::now() + pause, pause });
            }
        }
    }

    /// Those whose pause is over are looked at again, and watched again when they are still running.
    fn retry_traced(&mut self) {
        if self.traced.is_empty() {
            return;
        }
        let now = Instant::now();
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.traced).into_iter().partition(|traced| traced.again <= now);
        self.traced = later;
        for traced in due {
            self.handle_readable(traced.pid, traced.pause * 2);
        }
    }

    /// Whether our children must be listed in this turn. Listing costs by their number.
    fn needs_look(&mut self) -> bool {
        let changed = std::mem::take(&mut self.children_changed);
        if changed || self.family.has_handleless() {
            self.family.check_by_pid();
        }
        if self.family.unfinished || self.rest.is_due || self.family.is_waiting() {
            return true;
        }
        changed && status::anyone_ended().is_some_and(|pid| !self.family.is_leader(pid))
    }

    /// Lists our children, or puts it off: listing costs by their number, and when a thousand die one after
    /// the other, to list them at each death would cost more than all the rest.
    fn look(&mut self) {
        let began = Instant::now();
        self.rest.is_due = self.rest.until.is_some_and(|until| until > began);
        if self.rest.is_due {
            return;
        }
        self.family.look();
        let ended = Instant::now();
        // Waits are whole milliseconds, so a shorter rest would cost more than it spares.
        let rest = ended.duration_since(began) * REST;
        self.rest.until = (rest >= SHORTEST_REST).then(|| ended + rest);
    }

    /// The caller's patience, or ours where it is shorter.
    fn shortened(&self, timeout: Option<Duration>) -> Option<Duration> {
        let now = Instant::now();
        let traced = self.traced.iter().map(|traced| traced.again.saturating_duration_since(now)).min();
        let own = if self.family.unfinished || self.children_changed {
            Some(Duration::ZERO)
        } else if self.family.is_waiting() || self.family.has_handleless() {
            Some(PATIENCE)
        } else {
            None
        };
        let until = self.rest.until.filter(|_| self.rest.is_due);
        let put_off = until.map(|until| until.saturating_duration_since(now));
        let sought = self.family.seek_at().map(|at| at.saturating_duration_since(now));
        [timeout, traced, own, put_off, sought].into_iter().flatten().min()
    }
}

/// In whole milliseconds, rounded up so that a deadline has passed when the wait is over.
fn milliseconds(timeout: Option<Duration>) -> EpollTimeout {
    let Some(timeout) = timeout else { return EpollTimeout::NONE };
    let rounded = timeout.as_nanos().div_ceil(1_000_000);
    EpollTimeout::try_from(i32::try_from(rounded).unwrap_or(i32::MAX)).unwrap_or(EpollTimeout::MAX)
}

/// Our controlling terminal, when we are in its foreground: started in the background we leave it alone.
fn our_foreground() -> Option<OwnedFd> {
    let terminal = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    (tcgetpgrp(&terminal).ok()? == getpgrp()).then(|| terminal.into())
}

/// Makes `group` the foreground. A terminal that has gone meanwhile is nobody's, so no failure counts.
fn give(terminal: &OwnedFd, group: Pid) {
    // From the background the kernel would stop us for asking (TTOU), unless it is blocked.
    let asked = status::with_ttou_blocked(|| nix::unistd::tcsetpgrp(terminal, group));
    if let Err(errno) = asked {
        log::debug!("the terminal's foreground is left as it is: {errno}");
    }
}
