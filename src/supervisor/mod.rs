//! Decides what is to be done.
//!
//! Facts come in ([`Event`]), orders go out ([`Action`]), and every answer is a pure function of what
//! came in before. The supervisor is told the time; it knows no clock, no operating system, no thread
//! and no file descriptor, so it cannot fail.
//!
//! ```text
//! handle(now, event)   one mutation
//! poll()               drain the orders, until None
//! deadline()           only then wait: for a fact, or until this moment
//! snapshot(now)        what is, and why
//! ```
#![forbid(unsafe_code)]

pub mod action;
mod after;
pub mod event;
mod health;
mod instance;
mod places;
mod requests;
mod restart;
mod rolling;
mod shutdown;
pub mod snapshot;
#[cfg(test)]
mod tests;

pub use action::{Action, Consequence, Notice, Refusal, Target};
pub use after::Progress;
pub use event::{Ask, Count, Event, Id, Outcome, RequestId, Signal, SpawnFailure, Status, Tier};
pub use snapshot::Snapshot;

use crate::app::plan::{OnExit, Restart, Rules, TypeId};
use event::FailureClass;
use health::{Checks, Verdict};
use instance::{Instance, Next, State};
use places::Places;
use restart::{Bucket, Jitter};
use rolling::Roll;
use shutdown::{Cause, Shutdown};
use snapshot::Phase;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

/// Spawns in one turn, so that a large formation keeps nobody waiting. `Ticked` begins a turn.
const SPAWNS_A_TURN: usize = 16;
/// Timers that are served in one turn.
const TIMERS_A_TURN: usize = 256;
/// Copies of a signal within this are one: a signal to a whole group reaches us twice (FAULTS A19).
const COPIES: Duration = Duration::from_millis(100);

/// Faults for the simulator to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    ReplyDropped,
    LowestIndexGoes,
    KillForgotten,
    TimerKept,
    StartsInShutdown,
    SpawnForgives,
    CopiesCount,
}

/// A place in the formation.
type Key = (TypeId, u16);

/// The formation and everything that is to become of it.
#[derive(Debug)]
pub struct Supervisor {
    rules: Vec<Rules>,
    /// Whether any type comes after another.
    ordered: bool,
    instances: Places,
    /// Who is [`State::Waiting`].
    waiting: Vec<Key>,
    /// Who is [`State::Queued`], in the order in which they start.
    queue: VecDeque<Key>,
    orders: VecDeque<Action>,
    spawns_left: usize,
    generations: u32,
    jitter: Jitter,
    bucket: Bucket,
    heard: HashMap<Signal, Duration>,
    paused: bool,
    /// Types that are being replaced one by one.
    rolls: BTreeMap<TypeId, Roll>,
    shutdown: Option<Shutdown>,
    /// The grace that a stop of everything was asked for with, instead of each type's own.
    grace: Option<Duration>,
    /// The code of the first process that failed by itself and stayed down.
    first_failure: Option<u8>,
    killed: bool,
    unkillable: bool,
    broke: bool,
    done: bool,
    /// A fault that the simulator must find, or it could not be trusted.
    #[cfg(test)]
    planted: Option<Fault>,
}

impl Supervisor {
    /// An empty formation of these types, by [`TypeId`]. The seed decides the jitter of restarts.
    pub fn new(rules: Vec<Rules>, seed: u64) -> Self {
        Self {
            ordered: after::is_ordered(&rules),
            rules,
            instances: Places::default(),
            waiting: Vec::new(),
            queue: VecDeque::new(),
            orders: VecDeque::new(),
            spawns_left: SPAWNS_A_TURN,
            generations: 0,
            jitter: Jitter::new(seed),
            bucket: Bucket::new(),
            heard: HashMap::new(),
            paused: false,
            rolls: BTreeMap::new(),
            shutdown: None,
            grace: None,
            first_failure: None,
            killed: false,
            unkillable: false,
            broke: false,
            done: false,
            #[cfg(test)]
            planted: None,
        }
    }

    /// Takes a fact in. `now` is the time since the run began; it never goes back.
    pub fn handle(&mut self, now: Duration, event: Event) {
        match event {
            Event::Requested { request, who, ask } => self.requested(now, request, &who, ask),
            Event::Spawned { id, pid } => self.spawned(now, id, pid),
            Event::SpawnFailed { id, failure } => self.spawn_failed(now, id, failure),
            Event::Exited { id, status, remains } => self.exited(now, id, status, remains),
            Event::TreeEmptied { id } => self.tree_emptied(now, id),
            Event::StraysGone => self.strays_gone(),
            Event::Signalled(signal) => self.signalled(now, signal),
            Event::GuardianDied => self.shut_down(now, Cause::GuardianDied),
            Event::Probed { id, tier, outcome } => self.probed(now, id, tier, &outcome),
            Event::ClockJumped { gap } => self.clock_jumped(now, gap),
            Event::Reconfigured { rules } => self.reconfigured(now, rules),
            Event::Broke => {
                self.broke = true;
                self.shut_down(now, Cause::Broke);
            }
            Event::Ticked => self.spawns_left = SPAWNS_A_TURN,
        }
        self.serve_timers(now);
        self.advance_rolls(now);
        self.advance_stop(now);
        self.advance_waiting(now);
        self.conclude(now);
        self.instances.file(self.paused);
    }

    /// The next order, oldest first.
    pub fn poll(&mut self) -> Option<Action> {
        if let Some(order) = self.orders.pop_front() {
            return Some(order);
        }
        while self.spawns_left > 0 && !self.paused {
            let key = self.queue.pop_front()?;
            let Some(instance) = self.instances.get_mut(&key) else { continue };
            if instance.state == State::Queued {
                self.spawns_left -= 1;
                instance.state = State::Starting { stop: None };
                return Some(Action::Spawn(instance.id));
            }
        }
        None
    }

    /// When it wants to be woken if nothing happens before; as a time since the run began.
    pub fn deadline(&self) -> Option<Duration> {
        if !self.orders.is_empty() || (!self.queue.is_empty() && !self.paused) {
            return Some(Duration::ZERO);
        }
        let shutdown = self.shutdown.as_ref().and_then(Shutdown::deadline);
        [self.instances.next_timer(), shutdown, self.rolls_deadline()].into_iter().flatten().min()
    }

    /// What is, and why.
    pub fn snapshot(&self, now: Duration) -> Snapshot {
        let instances = self.instances.values().map(|instance| snapshot::Instance {
            id: instance.id,
            state: instance.word(),
            reason: instance.reason(now),
            leaving: instance.is_leaving(),
            since: now.saturating_sub(instance.since),
            up: instance.up_since().map(|began| now.saturating_sub(began)),
            restarts: instance.restarts,
            last: instance.last,
            ready: (instance.state == State::Running && instance.checks.has_readiness())
                .then(|| instance.checks.ready()),
            probes: instance.checks.states(),
            awaits: if instance.state == State::Waiting { self.awaited(instance.id) } else { Vec::new() },
            asked_by: instance.asked_by.clone(),
            ends: instance.ends.iter().rev().map(|end| end.told(now)).collect(),
        });
        Snapshot { phase: self.phase(), instances: instances.collect() }
    }

    /// The places of the formation that stay, by type in file order, then by index.
    pub fn places(&self) -> Vec<(TypeId, u16)> {
        self.instances.iter().filter(|(_, one)| !one.is_leaving()).map(|(key, _)| *key).collect()
    }

    /// Whether everything is being stopped.
    pub fn is_shutting_down(&self) -> bool {
        self.shutdown.is_some()
    }

    /// The places of a type that nobody has asked to be down.
    pub fn wanted(&self, kind: TypeId) -> Vec<(TypeId, u16)> {
        self.present(kind).filter(|one| one.is_wanted()).map(|one| (kind, one.id.index)).collect()
    }

    /// The present or last life in a place.
    pub fn id(&self, place: (TypeId, u16)) -> Option<Id> {
        self.instances.get(&place).map(|instance| instance.id)
    }

    fn phase(&self) -> Phase {
        match &self.shutdown {
            _ if self.done => Phase::Done,
            None => Phase::Running,
            Some(shutdown) if shutdown.killing() => Phase::Killing,
            Some(_) => Phase::Stopping,
        }
    }

    /// Whether a test has planted this fault.
    #[cfg(test)]
    fn has_fault(&self, fault: Fault) -> bool {
        self.planted == Some(fault)
    }

    /// Only tests plant faults.
    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "the same call as in tests")]
    fn has_fault(&self, _fault: Fault) -> bool {
        false
    }

    fn tell(&mut self, notice: Notice) {
        self.orders.push_back(Action::Tell(notice));
    }

    fn rules(&self, id: Id) -> &Rules {
        &self.rules[usize::from(id.kind.0)]
    }

    /// The instance whose present life this is. Facts about earlier lives find nobody.
    fn living(&mut self, id: Id) -> Option<&mut Instance> {
        self.instances
            .get_mut(&(id.kind, id.index))
            .filter(|instance| instance.id == id && instance.is_live())
    }
}

/// Lives and their ends.
impl Supervisor {
    fn spawned(&mut self, now: Duration, id: Id, pid: u32) {
        let paused = self.paused;
        let forgives = self.has_fault(Fault::SpawnForgives);
        let checks = Checks::new(&self.rules(id).health, now);
        let Some(instance) = self.living(id) else { return };
        let State::Starting { stop } = instance.state else { return };
        instance.trouble = None;
        if forgives {
            instance.failures = 0;
        }
        instance.enter(State::Running, now);
        instance.began = now;
        instance.checks = checks;
        self.tell(Notice::Started { id, pid });
        let key = (id.kind, id.index);
        match stop {
            Some(next) => self.ask_to_stop(now, key, next, self.shutdown.is_none()),
            None if self.shutdown.is_some() => self.ask_to_stop(now, key, Next::Stopped, false),
            None if paused => self.orders.push_back(Action::Pause(Target::Process(id))),
            None => {}
        }
    }

    fn spawn_failed(&mut self, now: Duration, id: Id, failure: SpawnFailure) {
        let Some(instance) = self.living(id) else { return };
        let State::Starting { stop } = instance.state else { return };
        let status = Status::Code(failure.code);
        instance.trouble = Some(failure.reason.clone());
        instance.end(now, status);
        let (then, next) = match stop {
            Some(next) => (Consequence::Nothing, next),
            None => self.judge(now, id, status, Duration::ZERO, failure.class == FailureClass::Transient),
        };
        self.tell(Notice::NotStarted { id, failure, then });
        self.settle(now, (id.kind, id.index), next);
        self.follow(now, then);
    }

    fn exited(&mut self, now: Duration, id: Id, status: Status, remains: bool) {
        let Some(instance) = self.living(id) else { return };
        let after = instance.end(now, status);
        let key = (id.kind, id.index);
        let asked = instance.next();
        let (then, next) = match asked {
            // Codes after a stop of ours are shown, not judged.
            Some(next) => (Consequence::Nothing, next),
            None => self.judge(now, id, status, after, false),
        };
        self.tell(Notice::Exited { id, status, after, then });
        if !remains {
            self.settle(now, key, next);
        } else if asked.is_none() {
            self.tell(Notice::LeftBehind { id });
            self.ask_to_stop(now, key, next, false);
        }
        self.follow(now, then);
    }

    fn tree_emptied(&mut self, now: Duration, id: Id) {
        if let Some(next) = self.living(id).and_then(|instance| instance.next()) {
            self.settle(now, (id.kind, id.index), next);
        }
    }

    /// The restart rule first, then `on_exit`. `anyway`: it is tried again whatever the rule.
    fn judge(
        &mut self,
        now: Duration,
        id: Id,
        status: Status,
        up: Duration,
        anyway: bool,
    ) -> (Consequence, Next) {
        let rules = self.rules(id).clone();
        let wanted = match rules.restart {
            Restart::Never => false,
            Restart::OnFailure => !status.success(),
            Restart::Always => true,
        };
        let shutting_down = self.shutdown.is_some();
        let extra = self.is_extra((id.kind, id.index));
        let Some(instance) = self.instances.get_mut(&(id.kind, id.index)) else {
            return (Consequence::Nothing, Next::Removed);
        };
        if up >= rules.backoff.reset_after {
            instance.failures = 0;
        }
        let spent = rules.max_restarts.is_some_and(|most| instance.failures >= most);
        if shutting_down {
            return (Consequence::Nothing, Next::Stopped);
        }
        if (wanted || anyway) && !spent {
            instance.failures = instance.failures.saturating_add(1);
            let failures = instance.failures;
            let after = restart::backoff(&rules.backoff, failures, &mut self.jitter);
            let until = now.saturating_add(after);
            return (Consequence::Restarts { after, failures }, Next::Backoff { until });
        }
        let restarts = instance.restarts;
        if !status.success() && !extra {
            self.first_failure.get_or_insert(status.code());
        }
        // A good end of what others wait for is no end of the whole.
        let done = status.success() && self.is_errand(id.kind);
        let stops_all = rules.on_exit == OnExit::StopAll && !done && !extra;
        match (wanted || anyway, stops_all) {
            (true, stops_all) => (Consequence::GaveUp { restarts, stops_all }, Next::GaveUp),
            (false, true) => (Consequence::StopsAll, Next::Exited),
            (false, false) => (Consequence::Nothing, Next::Exited),
        }
    }

    /// A probe was answered.
    fn probed(&mut self, now: Duration, id: Id, tier: Tier, outcome: &Outcome) {
        let shutting_down = self.shutdown.is_some();
        let Some(instance) = self.instances.get_mut(&(id.kind, id.index)) else { return };
        if instance.id != id || instance.state != State::Running {
            return;
        }
        let after = now.saturating_sub(instance.began);
        match instance.checks.answered(now, tier, outcome, &mut self.jitter) {
            Verdict::Same => {}
            Verdict::Ready => self.tell(Notice::Ready { id, after }),
            Verdict::NotReady(why) => self.tell(Notice::NotReady { id, why }),
            Verdict::Unwell(..) if shutting_down => {}
            Verdict::Unwell(tier, why) => {
                // It is asked to leave like any other; whatever its rule, that is what such a probe is for.
                let (then, next) = self.judge(now, id, Status::Code(1), after, true);
                self.tell(Notice::Unwell { id, tier, why, then });
                self.ask_to_stop(now, (id.kind, id.index), next, true);
                self.follow(now, then);
            }
        }
    }

    fn follow(&mut self, now: Duration, then: Consequence) {
        match then {
            Consequence::StopsAll | Consequence::GaveUp { stops_all: true, .. } => {
                self.shut_down(now, Cause::OnExit);
            }
            Consequence::Nothing
            | Consequence::Restarts { .. }
            | Consequence::GaveUp { stops_all: false, .. } => {}
        }
    }
}

/// Time.
impl Supervisor {
    fn serve_timers(&mut self, now: Duration) {
        self.instances.file(self.paused);
        for key in self.instances.due(now, TIMERS_A_TURN) {
            self.timer(now, key);
        }
        self.shutdown_timer(now);
    }

    fn timer(&mut self, now: Duration, key: Key) {
        let Some(instance) = self.instances.get_mut(&key) else { return };
        let id = instance.id;
        match &mut instance.state {
            State::Stopping { .. } => self.kill(now, key),
            State::Killing { named: named @ false, .. } => {
                *named = true;
                self.tell(Notice::Unkillable { id: Some(id), given_up: false });
            }
            State::Killing { next, .. } => {
                let next = *next;
                self.unkillable = true;
                self.tell(Notice::Unkillable { id: Some(id), given_up: true });
                // It may never be gone, so its place may not be filled again.
                let asked_for = matches!(next, Next::Removed | Next::Stopped);
                self.settle(now, key, if asked_for { next } else { Next::GaveUp });
            }
            State::Backoff { until } => match self.bucket.take(now) {
                Ok(()) => {
                    instance.restarts = instance.restarts.saturating_add(1);
                    self.queue_again(now, key);
                }
                Err(later) => *until = later,
            },
            State::Running => {
                if let Some(tier) = instance.checks.ask(now) {
                    self.orders.push_back(Action::Probe { id, tier });
                }
            }
            State::Waiting
            | State::Queued
            | State::Starting { .. }
            | State::Exited
            | State::GaveUp
            | State::Stopped => {}
        }
    }

    /// The second rung of the ladder, for one place that is on the first.
    fn kill(&mut self, now: Duration, key: Key) {
        let Some(instance) = self.instances.get_mut(&key) else { return };
        let State::Stopping { sent_at, next, .. } = instance.state else { return };
        let id = instance.id;
        instance.enter(State::Killing { at: now, named: false, next }, now);
        self.tell(Notice::Killing { id, waited: now.saturating_sub(sent_at) });
        self.announce_kill();
        self.orders.push_back(Action::Kill(Target::Process(id)));
    }

    /// Only what we wait to see is put off by a gap; what we owe (KILL) is due when it was due.
    fn clock_jumped(&mut self, now: Duration, gap: Duration) {
        for instance in self.instances.values_mut() {
            instance.checks.forgive(now);
            if let State::Backoff { until } = &mut instance.state
                && *until <= now
            {
                *until = until.saturating_add(gap).min(now);
            }
        }
    }
}
