//! The board: what the driver writes and the HTTP thread reads, so that neither waits for the other.
//!
//! The driver hangs up a whole new [`State`] whenever something has changed; a reader takes the one that
//! hangs there. A lock is held for as long as it takes to swap a pointer. The board also carries a
//! [`Pulse`]: the HTTP thread asks the driver's loop once a second to turn, and counts how often nobody
//! answered. A loop that has nothing to do is not stuck; one that is asked and does not turn is.

use super::verdict::has_started;
use crate::supervisor::snapshot::Phase;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many questions in a row, one a second, the driver's loop may leave unanswered. Half of what the
/// watchdog of the loop allows: an orchestrator hears of it before the end.
pub const MISSED_BEATS: u32 = 5;

/// A formation at one moment, as far as the outside may know it. What the driver does not know stays out.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// How far the run is.
    pub phase: Phase,
    /// How long the run has lasted.
    pub up: Duration,
    /// Bytes of output that nobody was there to read.
    pub dropped_bytes: u64,
    /// `RELEASE_ID`, when the app's environment has one.
    pub release: Option<String>,
    /// Every process type.
    pub types: Vec<Kind>,
    /// Every instance.
    pub instances: Vec<Row>,
}

impl State {
    /// A run that has just begun and has nothing in it.
    pub fn new(phase: Phase, up: Duration) -> Self {
        Self { phase, up, dropped_bytes: 0, release: None, types: Vec::new(), instances: Vec::new() }
    }
}

/// A process type, and what is expected of its instances.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kind {
    /// `web`.
    pub name: String,
    /// How many instances it is to have.
    pub wanted: u16,
    /// Whether it has a readiness probe.
    pub readiness: bool,
    /// Whether it has a startup probe.
    pub startup: bool,
}

/// One instance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// `web.1`.
    pub name: String,
    /// `web`.
    pub kind: String,
    /// 1.
    pub index: u16,
    /// The word of the state, as in [`crate::supervisor::snapshot::Instance::state`].
    pub state: &'static str,
    /// Why it is in it, or why it is not ready.
    pub reason: String,
    /// Whether it is being taken out of the formation.
    pub leaving: bool,
    /// Whether it has ever been started in this run.
    pub begun: bool,
    /// Whether it is ready; `None` without a readiness or startup probe, or before its first answer.
    pub ready: Option<bool>,
    /// Whether its startup probe has passed; `None` without one.
    pub started: Option<bool>,
    /// Whether its liveness probe passes; `None` without one.
    pub live: Option<bool>,
    /// Of its leader, while it lives.
    pub pid: Option<u32>,
    /// How many times it was started again by rule.
    pub restarts: u64,
    /// How often it ended with which code (128+n for signal n).
    pub exits: BTreeMap<u8, u64>,
    /// What it uses, and has written.
    pub figures: Figures,
}

/// Numbers of one instance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Resident memory of all its processes.
    pub rss_bytes: Option<u64>,
    /// Processor time of all its processes.
    pub cpu_s: Option<f64>,
    /// What it has written.
    pub output_bytes: Option<u64>,
    /// How long its probes took, by probe: `readiness`, `liveness`, `startup`.
    pub probes: BTreeMap<&'static str, Lengths>,
}

/// How long something took, over many times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lengths {
    /// All of them together.
    pub sum: Duration,
    /// How many.
    pub count: u64,
}

impl Lengths {
    /// One more.
    pub fn add(&mut self, length: Duration) {
        self.sum += length;
        self.count += 1;
    }
}

/// What a reader sees.
#[derive(Debug, Clone)]
pub struct View {
    /// What hangs on the board; `None` before the first.
    pub state: Option<Arc<State>>,
    /// How long it took until everything had started, once it had. What comes later does not take it back.
    pub startup: Option<Duration>,
    /// How many questions in a row the driver's loop has not answered.
    pub missed: u32,
    /// How long it took to answer the others.
    pub latency: Lengths,
}

impl View {
    /// Whether the driver's loop has stopped turning.
    pub fn is_stale(&self) -> bool {
        self.missed >= MISSED_BEATS
    }
}

/// Fills in figures.
type Measure = dyn Fn(&mut [Row]) + Send + Sync;

/// The board. A copy is the same board.
#[derive(Clone)]
pub struct Board(Arc<Shared>);

struct Shared {
    latest: Mutex<Latest>,
    pulse: Mutex<Pulse>,
    wake: Box<dyn Fn() + Send + Sync>,
    /// Fills in the figures that take long to find, for who wants them.
    measure: Box<Measure>,
    /// What the pulse counts from.
    origin: Instant,
}

#[derive(Default)]
struct Latest {
    state: Option<Arc<State>>,
    startup: Option<Duration>,
}

impl Board {
    /// `wake` makes the driver's loop turn, from any thread and without waiting for it; a turn calls
    /// [`Board::beat`].
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self::measured(wake, |_| ())
    }

    /// With somebody who fills in figures when they are asked for, on the HTTP thread.
    pub fn measured(
        wake: impl Fn() + Send + Sync + 'static,
        measure: impl Fn(&mut [Row]) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            latest: Mutex::default(),
            pulse: Mutex::default(),
            wake: Box::new(wake),
            measure: Box::new(measure),
            origin: Instant::now(),
        }))
    }

    /// Hangs up a new state. For the driver, whenever something has changed.
    pub fn publish(&self, state: State) {
        let is_known = held(&self.0.latest).startup.is_some();
        let startup = (!is_known && has_started(&state)).then_some(state.up);
        let state = Some(Arc::new(state));
        let mut latest = held(&self.0.latest);
        latest.startup = latest.startup.or(startup);
        let old = std::mem::replace(&mut latest.state, state);
        drop(latest);
        // Outside of the lock: a thousand rows take a while.
        drop(old);
    }

    /// The driver's loop has turned. Costs a lock that nobody contends for when nobody asked.
    pub fn beat(&self) {
        held(&self.0.pulse).beat(|| self.0.origin.elapsed());
    }

    /// What there is to see, with all figures.
    pub fn read_measured(&self) -> View {
        let mut view = self.read();
        if let Some(state) = &mut view.state {
            (self.0.measure)(&mut Arc::make_mut(state).instances);
        }
        view
    }

    /// What there is to see.
    pub fn read(&self) -> View {
        let (state, startup) = {
            let latest = held(&self.0.latest);
            (latest.state.clone(), latest.startup)
        };
        let pulse = held(&self.0.pulse);
        View { state, startup, missed: pulse.missed, latency: pulse.latency }
    }

    /// Once a second, by the HTTP thread: asks the loop to turn.
    pub(super) fn ask(&self) {
        held(&self.0.pulse).ask(self.0.origin.elapsed());
        (self.0.wake)();
    }
}

/// A panic of the other side is told by other roads; what it left here is whole.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Questions and answers. It counts questions, not time: a process that was suspended for an hour has
/// asked none.
#[derive(Debug, Default)]
struct Pulse {
    asked: Option<Duration>,
    missed: u32,
    latency: Lengths,
}

impl Pulse {
    fn ask(&mut self, now: Duration) {
        match self.asked {
            None => self.asked = Some(now),
            Some(_) => self.missed = self.missed.saturating_add(1),
        }
    }

    fn beat(&mut self, now: impl FnOnce() -> Duration) {
        if let Some(asked) = self.asked.take() {
            self.missed = 0;
            self.latency.add(now().saturating_sub(asked));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_loop_that_nobody_asks_is_not_stuck_and_one_that_does_not_answer_is() {
        let mut pulse = Pulse::default();
        pulse.beat(|| unreachable!("nobody asked"));
        assert_eq!(pulse.missed, 0);
        for second in 0..=u64::from(MISSED_BEATS) {
            pulse.ask(s(second));
        }
        assert_eq!(pulse.missed, MISSED_BEATS);
        pulse.beat(|| s(7));
        assert_eq!((pulse.missed, pulse.latency), (0, Lengths { sum: s(7), count: 1 }));
    }

    #[test]
    fn a_reader_keeps_what_it_has_read_and_startup_is_not_taken_back() {
        let board = Board::new(|| ());
        assert!(board.read().state.is_none());
        board.publish(State::new(Phase::Running, s(1)));
        let seen = board.read();
        let row = Row { name: "late.1".into(), state: "queued", ..Row::default() };
        board.publish(State { instances: vec![row], ..State::new(Phase::Stopping, s(9)) });
        assert_eq!(seen.state.map(|state| state.phase), Some(Phase::Running));
        let seen = board.read();
        assert_eq!(seen.state.map(|state| state.phase), Some(Phase::Stopping));
        assert_eq!(seen.startup, Some(s(1)));
    }

    #[test]
    fn asking_wakes_the_driver() {
        let (tell, told) = std::sync::mpsc::channel();
        let board = Board::new(move || tell.send(()).unwrap());
        board.ask();
        assert!(told.try_recv().is_ok());
    }
}
