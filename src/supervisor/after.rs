//! Who waits for whom: a process is started when those it comes after have come as far as it wants
//! them, and is stopped before them.

use super::action::{Consequence, Notice};
use super::event::Status;
use super::instance::{Instance, Next, State};
use super::{Key, Supervisor};
use crate::app::plan::{After, Milestone, OnExit, Rules, TypeId};
use std::time::Duration;

/// How far a type has come on its way to a milestone.
enum Way {
    Reached,
    Coming,
    /// It never will by itself, and why.
    Lost(String),
}

/// How far the start of everything has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Something waits for its start, its end or its next try, or cannot be used yet.
    OnItsWay,
    /// All is up.
    Up,
    /// Something is down and stays down, so that all will never be up.
    Lost,
}

impl Supervisor {
    /// How far the start of everything has come; with `ready`, whether it can be used counts as well.
    pub fn progress(&self, ready: bool) -> Progress {
        let of_one = |one: &Instance| match one.state {
            State::Running if !ready || one.checks.ready() => Progress::Up,
            State::Exited if one.last.is_none_or(Status::success) => Progress::Up,
            State::Stopped => Progress::Up,
            State::Exited | State::GaveUp => Progress::Lost,
            State::Running
            | State::Waiting
            | State::Queued
            | State::Starting { .. }
            | State::Stopping { .. }
            | State::Killing { .. }
            | State::Backoff { .. } => Progress::OnItsWay,
        };
        let mut progress = if self.shutdown.is_some() { Progress::OnItsWay } else { Progress::Up };
        for one in self.instances.values() {
            match of_one(one) {
                Progress::Lost => return Progress::Lost,
                Progress::OnItsWay => progress = Progress::OnItsWay,
                Progress::Up => {}
            }
        }
        progress
    }

    /// Whoever waits for its turn and has reached it is started; whoever waits in vain is given up, which
    /// may be what another has waited for.
    pub(super) fn advance_waiting(&mut self, now: Duration) {
        loop {
            let before = self.waiting.len();
            if before == 0 || self.shutdown.is_some() {
                return;
            }
            self.look_at_the_waiting(now);
            if self.waiting.len() == before {
                return;
            }
        }
    }

    fn look_at_the_waiting(&mut self, now: Duration) {
        for key in std::mem::take(&mut self.waiting) {
            let Some(instance) = self.instances.get(&key).filter(|one| one.state == State::Waiting) else {
                continue;
            };
            let id = instance.id;
            let after = self.rules(id).after.clone();
            let mut coming = false;
            let mut lost = None;
            for after in &after {
                match self.way(*after) {
                    Way::Reached => {}
                    Way::Coming => coming = true,
                    Way::Lost(why) => lost = lost.or(Some((*after, why))),
                }
            }
            match (lost, coming) {
                (Some((after, why)), _) => self.give_up_waiting(now, key, after, why),
                (None, true) => self.waiting.push(key),
                (None, false) => {
                    if let Some(instance) = self.instances.get_mut(&key) {
                        instance.enter(State::Queued, now);
                        self.queue.push_back(key);
                    }
                }
            }
        }
    }

    /// What a place waits for, for `why`.
    pub(super) fn awaited(&self, id: super::Id) -> Vec<After> {
        let open = |after: &After| !matches!(self.way(*after), Way::Reached);
        self.rules(id).after.iter().copied().filter(open).collect()
    }

    /// Whether others wait for this type's completion, so that its good end is no end of the whole.
    pub(super) fn is_errand(&self, kind: TypeId) -> bool {
        let awaited = |after: &After| after.kind == kind && after.milestone == Milestone::Completed;
        self.ordered && self.rules.iter().any(|rules| rules.after.iter().any(awaited))
    }

    /// Whether a type has nobody any more that comes after it, directly or through others: then it may be
    /// stopped.
    pub(super) fn is_free_to_stop(&self, kind: TypeId) -> bool {
        if !self.ordered {
            return true;
        }
        let mut found = vec![kind];
        let mut next = 0;
        while let Some(&first) = found.get(next) {
            next += 1;
            for (other, rules) in self.rules.iter().enumerate() {
                let other = TypeId(other as u16);
                if rules.after.iter().any(|after| after.kind == first) && !found.contains(&other) {
                    found.push(other);
                }
            }
        }
        let live =
            |kind: TypeId| self.instances.range((kind, 0)..=(kind, u16::MAX)).any(|(_, one)| one.is_live());
        !found.into_iter().skip(1).any(live)
    }

    fn way(&self, after: After) -> Way {
        let mut way = Way::Coming;
        for one in self.present(after.kind) {
            match way_of(one, after.milestone) {
                Way::Reached => way = Way::Reached,
                other => return other,
            }
        }
        way
    }

    fn give_up_waiting(&mut self, now: Duration, key: Key, after: After, why: String) {
        let Some(instance) = self.instances.get_mut(&key) else { return };
        let id = instance.id;
        instance.trouble = Some(why.clone());
        instance.end(now, Status::Code(1));
        let extra = self.is_extra(key);
        if !extra {
            self.first_failure.get_or_insert(1);
        }
        let stops_all = self.rules(id).on_exit == OnExit::StopAll && !extra;
        let then = if stops_all { Consequence::StopsAll } else { Consequence::Nothing };
        self.tell(Notice::WaitsInVain { id, after, why, then });
        self.settle(now, key, Next::GaveUp);
        self.follow(now, then);
    }
}

/// Whether any of these types comes after another.
pub(super) fn is_ordered(rules: &[Rules]) -> bool {
    rules.iter().any(|rules| !rules.after.is_empty())
}

fn way_of(one: &Instance, milestone: Milestone) -> Way {
    let ended = || one.ends.back().map_or_else(|| "never ran".to_owned(), |_| one.ending());
    match (milestone, &one.state) {
        (Milestone::Completed, State::Exited) if one.last == Some(Status::Code(0)) => Way::Reached,
        (Milestone::Started, State::Running) => Way::Reached,
        (Milestone::Started, State::Exited) if one.trouble.is_none() => Way::Reached,
        (Milestone::Ready, State::Running) if one.checks.ready() => Way::Reached,
        (_, State::Exited | State::GaveUp) => Way::Lost(ended()),
        (
            _,
            State::Waiting
            | State::Queued
            | State::Starting { .. }
            | State::Running
            | State::Stopping { .. }
            | State::Killing { .. }
            | State::Backoff { .. }
            | State::Stopped,
        ) => Way::Coming,
    }
}
