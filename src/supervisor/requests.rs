//! What can be asked of the formation, and the ways up and down that every cause shares.

use super::action::{Action, Notice, Refusal, Target};
use super::event::{Ask, Count, Id, RequestId};
use super::instance::{Instance, Next, State};
use super::shutdown::{Cause, Shutdown};
use super::{Fault, Key, Supervisor, after};
use crate::app::plan::{Rules, StopSignal, TypeId};
use std::time::Duration;

impl Supervisor {
    pub(super) fn requested(&mut self, now: Duration, request: RequestId, who: &str, ask: Ask) {
        let outcome = self.refusal(&ask).map_or(Ok(()), Err);
        let at_once = outcome.is_err() || !matches!(ask, Ask::Roll(_));
        if at_once && !self.has_fault(Fault::ReplyDropped) {
            self.orders.push_back(Action::Reply { request, outcome });
        }
        if outcome.is_err() {
            return;
        }
        self.interrupt_rolls(now, ask.types());
        match ask {
            Ask::Roll(kind) => self.roll(now, request, who, kind),
            Ask::Scale(counts) => {
                for count in counts {
                    self.scale(now, who, count);
                }
                if self.instances.is_empty() {
                    self.tell(Notice::NothingUp);
                }
            }
            Ask::Start(places) => self.each(places, who, |me, key| me.start(now, key)),
            Ask::Stop(places) => self.each(places, who, |me, key| me.stop(now, key, Next::Stopped)),
            Ask::Restart(places) => self.each(places, who, |me, key| me.stop(now, key, Next::Again)),
            Ask::Signal(places, signal) => {
                let ids: Vec<Id> =
                    places.iter().filter_map(|key| Some(self.instances.get(key)?.id)).collect();
                for id in ids {
                    self.orders.push_back(Action::Signal { target: Target::Process(id), signal });
                    self.tell(Notice::Sent { id, signal });
                }
            }
            Ask::Down { grace } => {
                self.grace = grace;
                self.shut_down(now, Cause::Asked(None));
            }
        }
    }

    /// Other rules hold from now on; who runs is asked by them.
    pub(super) fn reconfigured(&mut self, now: Duration, rules: Vec<Rules>) {
        self.ordered = after::is_ordered(&rules);
        let before = std::mem::replace(&mut self.rules, rules);
        for one in self.instances.values_mut().filter(|one| one.state == State::Running) {
            let kind = usize::from(one.id.kind.0);
            if let (Some(before), Some(after)) = (before.get(kind), self.rules.get(kind)) {
                one.checks.adopt(&before.health, &after.health, now);
            }
        }
    }

    /// Does the same to each place, and notes who asked for it.
    pub(super) fn each(&mut self, places: Vec<Key>, who: &str, deed: impl Fn(&mut Self, Key)) {
        for key in places {
            if let Some(instance) = self.instances.get_mut(&key) {
                who.clone_into(&mut instance.asked_by);
            }
            deed(self, key);
        }
    }

    pub(super) fn refusal(&self, ask: &Ask) -> Option<Refusal> {
        let places = match ask {
            Ask::Down { .. } => return None,
            _ if self.shutdown.is_some() => return Some(Refusal::ShuttingDown),
            Ask::Scale(counts) => return counts.iter().find_map(|count| self.refused_count(*count)),
            Ask::Roll(kind) => return self.refused_roll(*kind),
            Ask::Start(places) | Ask::Stop(places) | Ask::Restart(places) | Ask::Signal(places, _) => places,
        };
        // The extra one of a rolling restart comes and goes with that.
        let missing =
            |key: &&Key| self.instances.get(*key).is_none_or(Instance::is_leaving) || self.is_extra(**key);
        if let Some(&(kind, index)) = places.iter().find(missing) {
            return Some(Refusal::NoSuchInstance(kind, index));
        }
        let runs = |key: &Key| self.instances.get(key).is_some_and(|one| one.up_since().is_some());
        let deaf = places.iter().find(|key| matches!(ask, Ask::Signal(..)) && !runs(key));
        deaf.map(|&(kind, index)| Refusal::NotRunning(kind, index))
    }

    fn refused_count(&self, count: Count) -> Option<Refusal> {
        if usize::from(count.kind.0) >= self.rules.len() {
            return Some(Refusal::NoSuchInstance(count.kind, 0));
        }
        let have = self.present(count.kind).count() as u16;
        count.from.filter(|from| *from != have).map(|_| Refusal::CountIs(count.kind, have))
    }

    fn refused_roll(&self, kind: TypeId) -> Option<Refusal> {
        if self.rolls.contains_key(&kind) {
            return Some(Refusal::Rolls(kind));
        }
        let none = !self.present(kind).any(Instance::is_wanted);
        none.then_some(Refusal::NothingToRoll(kind))
    }

    /// The instances of a type that stay.
    pub(super) fn present(&self, kind: TypeId) -> impl Iterator<Item = &Instance> {
        self.instances.range((kind, 0)..=(kind, u16::MAX)).map(|(_, one)| one).filter(|one| !one.is_leaving())
    }

    fn scale(&mut self, now: Duration, who: &str, Count { kind, to, .. }: Count) {
        let present: Vec<&Instance> = self.present(kind).collect();
        let (have, want) = (present.len(), usize::from(to));
        // What is down goes first, then the highest index.
        let mut order: Vec<(bool, u16)> =
            present.iter().map(|one| (one.state == State::Running, one.id.index)).collect();
        order.sort_by_key(|&(running, index)| (running, std::cmp::Reverse(index)));
        if self.has_fault(Fault::LowestIndexGoes) {
            order.sort_by_key(|&(_, index)| index);
        }
        // The start itself tells of each process.
        if have != want && !who.is_empty() {
            self.tell(Notice::Scaled { kind, from: have as u16, to });
        }
        let going = order.into_iter().take(have.saturating_sub(want)).map(|(_, index)| (kind, index));
        self.each(going.collect(), who, |me, key| me.stop(now, key, Next::Removed));
        let free: Vec<u16> = (1..=u16::MAX)
            .filter(|index| !self.instances.contains_key(&(kind, *index)))
            .take(want.saturating_sub(have))
            .collect();
        for index in free {
            self.add(now, who, (kind, index));
        }
    }

    /// A new place in the formation, which is to be filled.
    pub(super) fn add(&mut self, now: Duration, who: &str, key: Key) {
        let id = self.next_life(key.0, key.1);
        let mut instance = Instance::new(id, now);
        who.clone_into(&mut instance.asked_by);
        self.instances.insert(key, instance);
        self.line_up(now, key);
    }

    /// A place that is to be filled gets in line: behind those it comes after, or for its turn.
    fn line_up(&mut self, now: Duration, key: Key) {
        let Some(instance) = self.instances.get_mut(&key) else { return };
        if self.rules[usize::from(key.0.0)].after.is_empty() {
            instance.enter(State::Queued, now);
            self.queue.push_back(key);
        } else {
            instance.enter(State::Waiting, now);
            self.waiting.push(key);
        }
    }

    fn next_life(&mut self, kind: TypeId, index: u16) -> Id {
        self.generations += 1;
        Id { kind, index, generation: self.generations }
    }

    /// Brings a place up that is down; one that is being stopped comes up after that.
    fn start(&mut self, now: Duration, key: Key) {
        let Some(instance) = self.instances.get_mut(&key) else { return };
        match &mut instance.state {
            State::Waiting | State::Queued | State::Running => {}
            State::Starting { stop } => *stop = None,
            State::Stopping { next, .. } | State::Killing { next, .. } => *next = Next::Again,
            State::Backoff { .. } | State::Exited | State::GaveUp | State::Stopped => {
                self.queue_again(now, key);
            }
        }
    }

    pub(super) fn queue_again(&mut self, now: Duration, key: Key) {
        let id = self.next_life(key.0, key.1);
        if let Some(instance) = self.instances.get_mut(&key) {
            instance.id = id;
            self.line_up(now, key);
        }
    }

    /// Stops what runs in a place, and goes on from there with `next`. Forgets any timer.
    pub(super) fn stop(&mut self, now: Duration, key: Key, next: Next) {
        let keeps_timer = self.has_fault(Fault::TimerKept);
        let Some(instance) = self.instances.get_mut(&key) else { return };
        match &mut instance.state {
            State::Running => self.ask_to_stop(now, key, next, true),
            State::Starting { stop } => *stop = Some(next),
            State::Stopping { next: then, .. } | State::Killing { next: then, .. } => *then = next,
            State::Backoff { .. } if keeps_timer => {}
            State::Waiting
            | State::Queued
            | State::Backoff { .. }
            | State::Exited
            | State::GaveUp
            | State::Stopped => {
                self.settle(now, key, next);
            }
        }
    }

    /// The first rung of the ladder, for one place.
    pub(super) fn ask_to_stop(&mut self, now: Duration, key: Key, next: Next, told: bool) {
        let quit = self.shutdown.as_ref().is_some_and(Shutdown::with_quit);
        let forgets = self.has_fault(Fault::KillForgotten);
        let Some(instance) = self.instances.get_mut(&key) else { return };
        let id = instance.id;
        let rules = &self.rules[usize::from(id.kind.0)];
        let signal = if quit { StopSignal::QUIT } else { rules.stop_signal };
        let grace = self.grace.unwrap_or(rules.grace);
        let mut kill_at = now.saturating_add(if forgets { Duration::MAX } else { grace });
        // Who was held back for others has what is left of the one time for all.
        if let (Some(shutdown), false) = (&self.shutdown, forgets) {
            kill_at = kill_at.min(shutdown.kill_at()).max(now);
        }
        instance.enter(State::Stopping { signal, sent_at: now, kill_at, next }, now);
        self.orders.push_back(Action::Stop { target: Target::Process(id), signal });
        if told {
            self.tell(Notice::Stopping { id, signal });
        }
    }

    /// The last of a place's processes is gone, or there was none: what follows.
    pub(super) fn settle(&mut self, now: Duration, key: Key, next: Next) {
        let over = self.shutdown.is_some() && !self.has_fault(Fault::StartsInShutdown);
        let next = if over { next.without_start() } else { next };
        let Some(instance) = self.instances.get_mut(&key) else { return };
        match next {
            Next::Removed => self.instances.remove(&key),
            Next::Again => self.queue_again(now, key),
            Next::Stopped => instance.enter(State::Stopped, now),
            Next::Backoff { until } => instance.enter(State::Backoff { until }, now),
            Next::Exited => instance.enter(State::Exited, now),
            Next::GaveUp => instance.enter(State::GaveUp, now),
        }
    }
}

impl Ask {
    /// The types whose instances it changes.
    pub(super) fn types(&self) -> Vec<TypeId> {
        match self {
            Self::Scale(counts) => counts.iter().map(|count| count.kind).collect(),
            Self::Start(places) | Self::Stop(places) | Self::Restart(places) => {
                places.iter().map(|place| place.0).collect()
            }
            Self::Roll(_) | Self::Signal(..) | Self::Down { .. } => Vec::new(),
        }
    }
}

impl Next {
    /// The same when nothing may be started any more.
    fn without_start(self) -> Self {
        match self {
            Self::Again | Self::Backoff { .. } => Self::Stopped,
            Self::Stopped | Self::Removed | Self::Exited | Self::GaveUp => self,
        }
    }
}
