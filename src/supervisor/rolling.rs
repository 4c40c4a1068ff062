//! Rolling restarts: a type is replaced one instance after the other, with one more of it than before
//! while that goes on, so that there are never fewer than were asked for.
//!
//! The extra one comes first, on an index and a port of its own. When it has proved itself, the others
//! are stopped and started again, each after the one before has proved itself; the extra one goes last.
//! What does not prove itself ends the whole: whoever was not replaced yet is left alone.

use super::action::{Action, Notice, Refusal};
use super::event::RequestId;
use super::instance::{Instance, Next, State};
use super::{Key, Supervisor};
use crate::app::plan::TypeId;
use std::collections::VecDeque;
use std::time::Duration;

/// What has been up for so long has proved itself, where no probe says so.
const PROVEN: Duration = Duration::from_secs(1);
/// What is not ready after so long never will be.
const PATIENCE: Duration = Duration::from_mins(1);

/// One type on its way.
#[derive(Debug)]
pub struct Roll {
    request: RequestId,
    /// Who asked for it.
    who: String,
    pub(super) extra: Key,
    /// Whom it waits for: the extra one, then each of the others.
    waits_for: Key,
    /// Who is to be replaced yet.
    left: VecDeque<Key>,
}

/// How far one is that is waited for.
enum Trial {
    /// Not yet up, or not for long enough; then when it will be.
    Under(Option<Duration>),
    Passed,
    Failed,
}

impl Supervisor {
    /// Begins one for each of these types; answered when the last is over.
    pub(super) fn roll(&mut self, now: Duration, request: RequestId, who: &str, kind: TypeId) {
        let wanted = self.present(kind).filter(|one| one.is_wanted());
        let left: VecDeque<Key> = wanted.map(|one| (kind, one.id.index)).collect();
        let Some(extra) =
            (1..=u16::MAX).map(|index| (kind, index)).find(|key| !self.instances.contains_key(key))
        else {
            return;
        };
        self.add(now, who, extra);
        self.tell(Notice::Rolling { kind, count: left.len() as u16 });
        self.rolls.insert(kind, Roll { request, who: who.to_owned(), extra, waits_for: extra, left });
    }

    /// Whether this is the extra one of a type that is being replaced. Its failure is told to who asked for
    /// that, and is no failure of the formation, of which it is no part yet.
    pub(super) fn is_extra(&self, key: Key) -> bool {
        self.rolls.get(&key.0).is_some_and(|roll| roll.extra == key)
    }

    /// Goes on with every type whose turn has come.
    pub(super) fn advance_rolls(&mut self, now: Duration) {
        let kinds: Vec<TypeId> = self.rolls.keys().copied().collect();
        for kind in kinds {
            let Some(roll) = self.rolls.get_mut(&kind) else { continue };
            match trial(self.instances.get(&roll.waits_for), now) {
                Trial::Under(_) => {}
                Trial::Failed => {
                    let (kind, index) = roll.waits_for;
                    self.end_roll(now, kind, Err(Refusal::DidNotComeUp(kind, index)));
                }
                Trial::Passed => match roll.left.pop_front() {
                    Some(next) => {
                        roll.waits_for = next;
                        let who = roll.who.clone();
                        self.each(vec![next], &who, |me, key| me.stop(now, key, Next::Again));
                    }
                    None => self.end_roll(now, kind, Ok(())),
                },
            }
        }
    }

    /// It is over, one way or the other: the extra one goes, and who asked is answered.
    pub(super) fn end_roll(&mut self, now: Duration, kind: TypeId, outcome: Result<(), Refusal>) {
        let Some(roll) = self.rolls.remove(&kind) else { return };
        self.orders.push_back(Action::Reply { request: roll.request, outcome });
        self.tell(Notice::Rolled { kind, done: outcome.is_ok() });
        if self.shutdown.is_none() {
            self.stop(now, roll.extra, Next::Removed);
        }
    }

    /// Somebody asks for something else of a type that is on its way.
    pub(super) fn interrupt_rolls(&mut self, now: Duration, kinds: impl IntoIterator<Item = TypeId>) {
        for kind in kinds {
            self.end_roll(now, kind, Err(Refusal::Interrupted(kind)));
        }
    }

    /// When the next one will have proved itself.
    pub(super) fn rolls_deadline(&self) -> Option<Duration> {
        let trials =
            self.rolls.values().map(|roll| trial(self.instances.get(&roll.waits_for), Duration::ZERO));
        trials
            .filter_map(|trial| match trial {
                Trial::Under(until) => until,
                Trial::Passed | Trial::Failed => Some(Duration::ZERO),
            })
            .min()
    }
}

/// How far an instance is: ready by its probes, or without any up for long enough.
fn trial(instance: Option<&Instance>, now: Duration) -> Trial {
    let Some(one) = instance else { return Trial::Failed };
    let up = now.saturating_sub(one.began);
    match one.state {
        State::Running if one.checks.has_readiness() => match one.checks.ready() {
            true => Trial::Passed,
            false if up >= PATIENCE => Trial::Failed,
            false => Trial::Under(Some(one.began.saturating_add(PATIENCE))),
        },
        State::Running if up >= PROVEN => Trial::Passed,
        State::Running => Trial::Under(Some(one.began.saturating_add(PROVEN))),
        State::Waiting
        | State::Queued
        | State::Starting { .. }
        | State::Stopping { .. }
        | State::Killing { .. } => Trial::Under(None),
        State::Backoff { .. } | State::Exited | State::GaveUp | State::Stopped => Trial::Failed,
    }
}
