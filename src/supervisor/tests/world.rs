//! Random worlds: a simulated operating system with virtual time carries out the orders, late and
//! faultily, while requests and signals come at any moment. After each step the promises are checked.
//!
//! `TWELVE_RUN_SIM_SEED=n cargo test --lib supervisor::tests::world` replays one seed;
//! `TWELVE_RUN_SIM_SEEDS=n` runs that many.

use super::super::*;
use crate::app::plan::{After, Health, Milestone, StopSignal};
use std::collections::{BTreeMap, BTreeSet};

const SEEDS: u64 = 2_500;
const STEPS: usize = 250;
/// The latest that a fact is told after it became one.
const LATE: Duration = Duration::from_secs(2);

/// splitmix64, once more, so that the world does not share the core's.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(super) fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    fn time(&mut self, most: Duration) -> Duration {
        Duration::from_nanos(self.below(most.as_nanos() as u64 + 1))
    }
}

/// One process of the simulated system.
#[derive(Debug)]
struct Life {
    born: Duration,
    deaf: bool,
    immortal: bool,
    /// What it leaves behind lives until it is killed.
    leaves: bool,
    leader_gone: bool,
    asked: bool,
    given_up: bool,
}

/// Which kinds of faults this seed has.
struct Kinds {
    spawn_errors: bool,
    deaf: bool,
    leaves: bool,
    immortal: bool,
    late: bool,
    jumps: bool,
    stale: bool,
    requests: bool,
    signals: bool,
}

struct World {
    dice: Dice,
    kinds: Kinds,
    rules: Vec<Rules>,
    supervisor: Supervisor,
    now: Duration,
    lives: BTreeMap<Id, Life>,
    /// Facts on their way, with the time at which they are told.
    coming: BTreeMap<(Duration, u64), Event>,
    sequence: u64,
    ever: BTreeSet<Id>,
    trace: Vec<String>,
    requests: u64,
    replies: BTreeMap<u64, usize>,
    /// Places that a person stopped and nobody started again.
    at_rest: BTreeSet<Key>,
    /// Quick ends in a row, as the world counts them.
    failures: BTreeMap<Key, u32>,
    shutdown_at: Option<Duration>,
    phase: Phase,
    first_failure: Option<u8>,
    broke: bool,
    any_kill_in_shutdown: bool,
    given_up: bool,
    finished: Option<u8>,
    /// Whose probe is out.
    asked: BTreeSet<Id>,
}

impl World {
    fn new(seed: u64, fault: Option<Fault>) -> Self {
        let mut dice = Dice(seed);
        let mut coin = || dice.one_in(2);
        let kinds = Kinds {
            spawn_errors: coin(),
            deaf: coin(),
            leaves: coin(),
            immortal: coin() && coin(),
            late: coin(),
            jumps: coin(),
            stale: coin(),
            requests: coin(),
            signals: coin(),
        };
        let rules: Vec<Rules> = (0..=dice.below(3))
            .map(|kind| Rules {
                restart: [Restart::Never, Restart::OnFailure, Restart::Always][dice.below(3) as usize],
                max_restarts: if dice.one_in(4) { Some(dice.below(4) as u32) } else { None },
                on_exit: if dice.one_in(3) { OnExit::StopAll } else { OnExit::Continue },
                stop_signal: StopSignal::TERM,
                grace: Duration::from_millis(dice.below(9_000)),
                after: after(&mut dice, kind),
                health: health(&mut dice),
                ..Rules::default()
            })
            .collect();
        let mut supervisor = Supervisor::new(rules.clone(), seed);
        supervisor.planted = fault;
        Self {
            dice,
            kinds,
            rules,
            supervisor,
            now: Duration::ZERO,
            lives: BTreeMap::new(),
            coming: BTreeMap::new(),
            sequence: 0,
            ever: BTreeSet::new(),
            trace: Vec::new(),
            requests: 0,
            replies: BTreeMap::new(),
            at_rest: BTreeSet::new(),
            failures: BTreeMap::new(),
            shutdown_at: None,
            phase: Phase::Running,
            first_failure: None,
            broke: false,
            any_kill_in_shutdown: false,
            given_up: false,
            finished: None,
            asked: BTreeSet::new(),
        }
    }

    fn run(mut self) -> Vec<String> {
        let counts =
            (0..self.rules.len()).map(|at| Count::to(TypeId(at as u16), self.dice.below(5) as u16)).collect();
        self.ask(Ask::Scale(counts));
        for _ in 0..STEPS {
            if self.finished.is_some() {
                break;
            }
            self.step();
        }
        self.settle();
        self.trace
    }

    /// Faults off, a stop is asked for, and everything must come to its end within its bound.
    fn settle(&mut self) {
        self.kinds = Kinds {
            spawn_errors: false,
            deaf: self.kinds.deaf,
            leaves: self.kinds.leaves,
            immortal: self.kinds.immortal,
            late: false,
            jumps: false,
            stale: false,
            requests: false,
            signals: false,
        };
        if self.finished.is_none() {
            self.now += COPIES;
            self.hand_in(Event::Signalled(Signal::Terminate));
        }
        for _ in 0..20_000 {
            if self.finished.is_some() {
                break;
            }
            self.pass_time();
        }
        let code = self
            .finished
            .unwrap_or_else(|| panic!("it never ends: {:?}", self.supervisor.snapshot(self.now)));
        for (request, count) in &self.replies {
            assert_eq!(*count, 1, "request {request} was not answered once");
        }
        let expected = match self.first_failure {
            _ if self.broke => 70,
            _ if self.given_up => 1,
            Some(code) => code,
            None if self.any_kill_in_shutdown => 137,
            None => 0,
        };
        assert_eq!(code, expected, "the exit code");
    }

    fn step(&mut self) {
        if self.kinds.requests && self.dice.one_in(4) {
            self.request();
        }
        if self.kinds.signals && self.dice.one_in(40) {
            self.signal();
        }
        if self.kinds.stale && self.dice.one_in(5) {
            self.stale();
        }
        self.pass_time();
    }

    /// Goes on to the next thing that happens.
    fn pass_time(&mut self) {
        let fact = self.coming.keys().next().map(|(at, _)| *at);
        let deadline = self.supervisor.deadline();
        let Some(mut next) = [fact, deadline].into_iter().flatten().min().map(|at| at.max(self.now)) else {
            self.now += Duration::from_secs(1);
            return self.hand_in(Event::Ticked);
        };
        if self.kinds.jumps && self.dice.one_in(50) {
            let gap = Duration::from_secs(3) + self.dice.time(Duration::from_hours(1));
            next += gap;
            // A stop that we slept through took no longer for that.
            self.shutdown_at = self.shutdown_at.map(|at| at + gap);
            self.now = next;
            self.hand_in(Event::ClockJumped { gap });
        }
        self.now = next;
        self.hand_in(Event::Ticked);
        // Deaths that fall together are told together.
        while let Some(entry) = self.coming.first_entry() {
            if entry.key().0 > self.now {
                break;
            }
            let event = entry.remove();
            self.tell(event);
        }
    }

    /// A fact of the system becomes true and is told.
    fn tell(&mut self, event: Event) {
        match &event {
            Event::Exited { id, .. } => {
                let Some(life) = self.lives.get_mut(id) else { return };
                if life.leader_gone {
                    return;
                }
                life.leader_gone = true;
                let id = *id;
                let remains = life.leaves;
                if !remains {
                    self.lives.remove(&id);
                }
                let Event::Exited { status, .. } = event else { return };
                self.note_end(id, status, None, false);
                return self.hand_in(Event::Exited { id, status, remains });
            }
            Event::TreeEmptied { id } => {
                // Nothing is empty whose leader lives; the leader's end will bring it about.
                if !self.lives.get(id).is_some_and(|life| life.leader_gone) {
                    return;
                }
                self.lives.remove(id);
            }
            Event::Probed { id, .. } => drop(self.asked.remove(id)),
            Event::SpawnFailed { id, failure } => {
                let transient = failure.class == FailureClass::Transient;
                self.note_end(*id, Status::Code(failure.code), Some(Duration::ZERO), transient);
            }
            _ => {}
        }
        self.hand_in(event);
    }

    /// What the world expects of an end: the list model of codes and of back-off.
    fn note_end(&mut self, id: Id, status: Status, up: Option<Duration>, anyway: bool) {
        let key = (id.kind, id.index);
        // A life that was given up may end after all, with nobody waiting for it.
        let Some(one) = self.supervisor.instances.get(&key).filter(|one| one.id == id && one.is_live())
        else {
            return;
        };
        if one.next().is_some() || self.shutdown_at.is_some() {
            return;
        }
        let up = up.unwrap_or(self.now - one.since);
        self.count_failure(key, status, up, anyway);
    }

    fn count_failure(&mut self, key: Key, status: Status, up: Duration, anyway: bool) {
        let rules = &self.rules[usize::from(key.0.0)];
        let failures = self.failures.entry(key).or_default();
        if up >= Duration::from_secs(30) {
            *failures = 0;
        }
        let again = anyway
            || match rules.restart {
                Restart::Never => false,
                Restart::OnFailure => !status.success(),
                Restart::Always => true,
            };
        let spent = rules.max_restarts.is_some_and(|most| *failures >= most);
        if again && !spent {
            *failures += 1;
        } else if !status.success() && !self.supervisor.is_extra(key) {
            self.first_failure.get_or_insert(status.code());
        }
    }

    fn come(&mut self, within: Duration, event: Event) {
        let late = if self.kinds.late && self.dice.one_in(3) { self.dice.time(LATE) } else { Duration::ZERO };
        self.sequence += 1;
        self.coming.insert((self.now + within + late, self.sequence), event);
    }

    fn hand_in(&mut self, event: Event) {
        if self.finished.is_some() {
            return;
        }
        if event == Event::Broke {
            self.broke = true;
        }
        self.trace.push(format!("{:?} {event:?}", self.now));
        self.supervisor.handle(self.now, event);
        while let Some(action) = self.supervisor.poll() {
            self.trace.push(format!("{:?} -> {action:?}", self.now));
            self.carry_out(action);
        }
        self.check();
    }

    fn carry_out(&mut self, action: Action) {
        assert!(self.finished.is_none(), "an order after the end: {action:?}");
        match action {
            Action::Spawn(id) => self.spawn(id),
            Action::Stop { target: Target::Process(id), .. } => self.stop(id),
            Action::Kill(Target::Process(id)) => self.kill(id),
            Action::Kill(Target::Strays) => self.any_kill_in_shutdown = true,
            Action::Pause(Target::Process(id)) | Action::Resume(Target::Process(id)) => {
                self.owned(id);
            }
            Action::Signal { target: Target::Process(id), .. } => {
                assert!(self.owned(id), "what is gone is signalled: {id:?}");
            }
            Action::AwaitStrays => self.come(Duration::ZERO, Event::StraysGone),
            Action::SuspendSelf => self.come(Duration::from_secs(1), Event::Signalled(Signal::Continue)),
            Action::Probe { id, tier } => self.probe(id, tier),
            Action::Reply { request, .. } => *self.replies.entry(request.0).or_default() += 1,
            Action::Finish { code, .. } => {
                let immortal = self.lives.values().any(|life| life.immortal);
                assert!(self.lives.is_empty() || immortal, "left behind: {:?}", self.lives);
                self.finished = Some(code);
            }
            Action::Tell(notice) => self.told(&notice),
            Action::Stop { target: Target::Strays, .. }
            | Action::Signal { target: Target::Strays, .. }
            | Action::Pause(Target::Strays)
            | Action::Resume(Target::Strays) => {}
        }
    }

    fn told(&mut self, notice: &Notice) {
        match notice {
            Notice::Exited { id, then: Consequence::Restarts { after, failures }, .. }
            | Notice::NotStarted { id, then: Consequence::Restarts { after, failures }, .. } => {
                let counted = self.failures.get(&(id.kind, id.index)).copied().unwrap_or(0);
                assert_eq!(*failures, counted, "failures in a row");
                let full = Duration::from_secs(1_u64.checked_shl(counted - 1).unwrap_or(60))
                    .min(Duration::from_mins(1));
                assert!(*after <= full && *after >= full * 9 / 10, "back-off {after:?} after {counted}");
            }
            Notice::Unwell { id, then, .. } => {
                let up = self.now.saturating_sub(self.supervisor.instances[&(id.kind, id.index)].began);
                self.count_failure((id.kind, id.index), Status::Code(1), up, true);
                assert!(!matches!(then, Consequence::Nothing), "a failed probe has its consequence");
            }
            // The extra one of a rolling restart is no part of the formation yet.
            Notice::WaitsInVain { id, .. } if self.supervisor.is_extra((id.kind, id.index)) => {}
            Notice::WaitsInVain { .. } => drop(self.first_failure.get_or_insert(1)),
            Notice::Unkillable { given_up: true, id } => {
                self.given_up = true;
                // Nobody waits for it any more, however soon it may end: its place is another's.
                if let Some(life) = id.and_then(|id| self.lives.get_mut(&id)) {
                    life.given_up = true;
                }
            }
            _ => {}
        }
    }

    /// Only one that runs is asked, one thing at a time; it may take its time.
    fn probe(&mut self, id: Id, tier: Tier) {
        assert!(self.lives.contains_key(&id), "{id:?} is asked and does not run");
        assert!(self.asked.insert(id), "{id:?} is asked twice");
        let outcome = match self.dice.below(6) {
            0 => Outcome::Unknown("no time".into()),
            1 | 2 => Outcome::Failed("refused".into()),
            _ => Outcome::Passed,
        };
        let within = self.dice.time(Duration::from_secs(1));
        self.come(within, Event::Probed { id, tier, outcome });
    }

    fn spawn(&mut self, id: Id) {
        assert!(self.ever.insert(id), "{id:?} is spawned twice");
        let key = (id.kind, id.index);
        assert!(self.shutdown_at.is_none(), "{id:?} is started during a shutdown");
        assert!(!self.at_rest.contains(&key), "{id:?} was stopped by a person and is started");
        let in_place =
            self.lives.iter().find(|(other, life)| (other.kind, other.index) == key && !life.given_up);
        assert!(in_place.is_none(), "{id:?} beside {in_place:?}");
        if self.kinds.spawn_errors && self.dice.one_in(6) {
            let class = if self.dice.one_in(2) { FailureClass::Transient } else { FailureClass::Permanent };
            return self.come(
                Duration::ZERO,
                Event::SpawnFailed { id, failure: SpawnFailure { class, code: 127, reason: "no".into() } },
            );
        }
        let life = Life {
            born: self.now,
            deaf: self.kinds.deaf && self.dice.one_in(3),
            immortal: self.kinds.immortal && self.dice.one_in(20),
            leaves: self.kinds.leaves && self.dice.one_in(3),
            leader_gone: false,
            asked: false,
            given_up: false,
        };
        let immortal = life.immortal;
        self.lives.insert(id, life);
        let before = self.sequence;
        self.come(Duration::ZERO, Event::Spawned { id, pid: 1 });
        let told =
            self.coming.keys().find(|(_, sequence)| *sequence == before + 1).map_or(self.now, |(at, _)| *at);
        if !immortal && self.dice.one_in(2) {
            let status = match self.dice.below(3) {
                0 => Status::Code(0),
                1 => Status::Code(self.dice.below(255) as u8 + 1),
                _ => Status::Signal(self.dice.below(15) as u8 + 1),
            };
            let most =
                [Duration::ZERO, Duration::from_secs(5), Duration::from_mins(2)][self.dice.below(3) as usize];
            let at = told + self.dice.time(most);
            self.sequence += 1;
            self.coming.insert((at, self.sequence), Event::Exited { id, status, remains: false });
        }
    }

    /// Only what we own may be signalled.
    fn owned(&mut self, id: Id) -> bool {
        assert!(self.ever.contains(&id), "a stranger is signalled: {id:?}");
        self.lives.contains_key(&id)
    }

    fn stop(&mut self, id: Id) {
        assert!(self.owned(id), "a tree that is gone is signalled: {id:?}");
        let (deaf, leaves, gone, immortal) = {
            let life = self.lives.get_mut(&id).expect("owned");
            assert!(self.now >= life.born);
            life.asked = true;
            (life.deaf, life.leaves, life.leader_gone, life.immortal)
        };
        if deaf || immortal {
            return;
        }
        if !gone {
            let within = self.dice.time(Duration::from_secs(2));
            self.come(within, Event::Exited { id, status: Status::Signal(15), remains: false });
        }
        if leaves && self.dice.one_in(2) {
            self.come(Duration::from_secs(5), Event::TreeEmptied { id });
        }
    }

    fn kill(&mut self, id: Id) {
        assert!(self.owned(id), "a tree that is gone is killed: {id:?}");
        self.any_kill_in_shutdown |= self.supervisor.shutdown.is_some();
        let life = &self.lives[&id];
        assert!(life.asked, "{id:?} is killed and was never asked");
        if life.immortal {
            return;
        }
        if !life.leader_gone {
            self.come(Duration::ZERO, Event::Exited { id, status: Status::Signal(9), remains: false });
        }
        self.come(LATE, Event::TreeEmptied { id });
    }

    fn ask(&mut self, ask: Ask) {
        self.requests += 1;
        let request = RequestId(self.requests);
        self.replies.insert(self.requests, 0);
        let before: Vec<(Key, bool)> = self.present();
        let accepted = self.supervisor.refusal(&ask).is_none();
        if accepted {
            self.expect(&ask);
        }
        self.hand_in(Event::Requested { request, who: "somebody".into(), ask: ask.clone() });
        if let (true, Ask::Scale(counts), None) = (accepted, &ask, self.finished) {
            self.check_scale(&before, counts);
        }
    }

    /// The places of the formation, and whether each runs.
    fn present(&self) -> Vec<(Key, bool)> {
        let extra: Vec<Key> = self.supervisor.rolls.values().map(|roll| roll.extra).collect();
        let here = self.supervisor.instances.iter();
        let here = here.filter(|(key, one)| !one.is_leaving() && !extra.contains(key));
        here.map(|(key, one)| (*key, one.state == State::Running)).collect()
    }

    fn expect(&mut self, ask: &Ask) {
        // What interrupts a rolling restart takes its extra instance away.
        for kind in ask.types() {
            if let Some(roll) = self.supervisor.rolls.get(&kind) {
                self.failures.remove(&roll.extra);
                self.at_rest.remove(&roll.extra);
            }
        }
        match ask {
            Ask::Stop(keys) => self.at_rest.extend(keys),
            Ask::Start(keys) | Ask::Restart(keys) => {
                self.at_rest.retain(|key| !keys.contains(key));
            }
            Ask::Scale(_) | Ask::Roll(_) | Ask::Signal(..) | Ask::Down { .. } => {}
        }
    }

    /// What was taken away was down, or had the highest indices; what stayed was left alone.
    fn check_scale(&mut self, before: &[(Key, bool)], counts: &[Count]) {
        let after: Vec<Key> = self.present().into_iter().map(|(key, _)| key).collect();
        for &Count { kind, to: count, .. } in counts {
            let was: Vec<_> = before.iter().filter(|(key, _)| key.0 == kind).collect();
            let gone: Vec<_> = was.iter().filter(|(key, _)| !after.contains(key)).collect();
            let stay: Vec<_> = was.iter().filter(|(key, _)| after.contains(key)).collect();
            for (key, running) in &gone {
                self.at_rest.remove(key);
                self.failures.remove(key);
                for (kept, kept_running) in &stay {
                    assert!(!*running || *kept_running, "{key:?} ran and went, {kept:?} did not and stayed");
                    assert!(running != kept_running || key.1 > kept.1, "{key:?} went before {kept:?}");
                }
            }
            let now = after.iter().filter(|key| key.0 == kind).count();
            assert_eq!(now, usize::from(count), "the count of {kind:?}");
        }
    }

    fn request(&mut self) {
        let kind = TypeId(self.dice.below(self.rules.len() as u64 + 1) as u16);
        let place = (kind, self.dice.below(5) as u16 + 1);
        let ask = match self.dice.below(42) {
            0..8 => Ask::Scale(vec![Count::to(kind, self.dice.below(6) as u16)]),
            8..12 => {
                let (to, from) = (self.dice.below(6) as u16, Some(self.dice.below(4) as u16));
                Ask::Scale(vec![Count { kind, to, from }])
            }
            12..20 => Ask::Start(vec![place]),
            20..29 => Ask::Stop(vec![place]),
            29..39 => Ask::Restart(vec![place]),
            39 => Ask::Signal(vec![place], 10),
            40 => Ask::Roll(kind),
            _ => Ask::Down { grace: None },
        };
        self.ask(ask);
    }

    fn signal(&mut self) {
        let event = match self.dice.below(9) {
            0 => Event::Signalled(Signal::Terminate),
            1 => Event::Signalled(Signal::Hangup),
            2 => Event::Signalled(Signal::Quit),
            3 | 4 => Event::Signalled(Signal::Suspend),
            5 => Event::GuardianDied,
            6 => Event::Broke,
            _ => Event::Signalled(Signal::Interrupt),
        };
        self.now += COPIES;
        let was = self.supervisor.shutdown.is_some();
        let doubled = matches!(event, Event::Signalled(_)) && self.dice.one_in(2);
        self.hand_in(event.clone());
        if doubled && !was && self.finished.is_none() {
            // A copy of what has just begun the stop is part of it.
            self.now += Duration::from_millis(self.dice.below(100));
            self.hand_in(event);
            assert!(
                !self.supervisor.shutdown.as_ref().is_some_and(|shutdown| shutdown.now),
                "a copy counted"
            );
        }
    }

    /// Facts about lives that are over change nothing.
    fn stale(&mut self) {
        let old: Vec<Id> = self.ever.iter().copied().filter(|id| !self.lives.contains_key(id)).collect();
        let Some(&id) = old.get(self.dice.below(old.len().max(1) as u64) as usize) else { return };
        if self
            .supervisor
            .instances
            .get(&(id.kind, id.index))
            .is_some_and(|one| one.id == id && one.is_live())
        {
            return;
        }
        let before = self.supervisor.snapshot(self.now).instances;
        let event = if self.dice.one_in(2) {
            Event::Exited { id, status: Status::Code(9), remains: self.dice.one_in(2) }
        } else {
            Event::TreeEmptied { id }
        };
        if self.supervisor.deadline().is_none_or(|at| at > self.now) && self.finished.is_none() {
            self.hand_in(event);
            assert_eq!(self.supervisor.snapshot(self.now).instances, before, "an old life still acts");
        }
    }

    fn check(&mut self) {
        let phase = self.supervisor.phase();
        assert!(phase >= self.phase, "{phase:?} after {:?}", self.phase);
        self.phase = phase;
        if self.supervisor.shutdown.is_some() && self.shutdown_at.is_none() {
            self.shutdown_at = Some(self.now);
        }
        // A stop is bounded: grace, what is waited for KILL, and the lateness of this world.
        if let (Some(began), None) = (self.shutdown_at, self.finished) {
            let grace = self.rules.iter().map(|rules| rules.grace).max().unwrap_or_default();
            let bound = grace * 2 + Duration::from_secs(5) + LATE * 3;
            assert!(self.now <= began + bound, "still not over {:?} after the stop began", self.now - began);
        }
        // Whatever was changed was marked, or a timer would be forgotten.
        self.supervisor.instances.file(self.supervisor.paused);
        assert!(self.supervisor.instances.is_true(self.supervisor.paused), "the places are filed wrongly");
        let places = &self.supervisor.instances;
        self.failures.retain(|key, _| places.contains_key(key));
        self.at_rest.retain(|key| places.contains_key(key));
        for (key, one) in self.supervisor.instances.iter() {
            assert_eq!((one.id.kind, one.id.index), *key);
        }
    }
}

/// Now and then a type comes after one that stands before it in the file.
fn after(dice: &mut Dice, kind: u64) -> Vec<After> {
    if kind == 0 || !dice.one_in(3) {
        return Vec::new();
    }
    let milestones = [Milestone::Started, Milestone::Ready, Milestone::Completed];
    let milestone = milestones[dice.below(3) as usize];
    vec![After { kind: TypeId(dice.below(kind) as u16), milestone }]
}

/// Some are asked whether they are well.
fn health(dice: &mut Dice) -> Health {
    if !dice.one_in(3) {
        return Health::default();
    }
    let mut some = || dice.one_in(2).then(|| super::health::probe(500, dice.below(3) as u32 + 1, 1));
    Health { startup: some(), readiness: some(), liveness: some() }
}

/// Runs one seed; the panic's message if it failed.
fn outcome(seed: u64, fault: Option<Fault>) -> Result<Vec<String>, String> {
    std::panic::catch_unwind(|| World::new(seed, fault).run()).map_err(|panic| {
        panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default()
    })
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn whatever_happens_the_promises_hold() {
    if let Some(seed) = number("TWELVE_RUN_SIM_SEED") {
        for line in World::new(seed, None).run() {
            println!("{line}");
        }
        return;
    }
    for seed in 0..number("TWELVE_RUN_SIM_SEEDS").unwrap_or(SEEDS) {
        if let Err(message) = outcome(seed, None) {
            panic!(
                "{message}\nreplay: TWELVE_RUN_SIM_SEED={seed} cargo test --lib supervisor::tests::world -- --nocapture"
            );
        }
    }
}

#[test]
fn l1_l2_the_same_seed_gives_the_same_run() {
    for seed in 0..50 {
        assert_eq!(World::new(seed, None).run(), World::new(seed, None).run());
    }
}

#[test]
fn every_planted_fault_is_found() {
    // The panics are what is wanted here; their messages are not.
    for fault in [
        Fault::ReplyDropped,
        Fault::LowestIndexGoes,
        Fault::KillForgotten,
        Fault::TimerKept,
        Fault::StartsInShutdown,
        Fault::SpawnForgives,
        Fault::CopiesCount,
    ] {
        assert!((0..SEEDS).any(|seed| outcome(seed, Some(fault)).is_err()), "{fault:?} is never found");
    }
}
