//! The places of the formation, and what is known of all of them without asking each.
//!
//! Whoever gets a place to change it leaves a mark; marked places are filed anew before anybody asks for a
//! timer or a number. So an event costs by what it changes, not by how large the formation is.

use super::Key;
use super::instance::{Instance, State};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::time::Duration;

/// All places. Reading is reading the map; changing goes through here.
#[derive(Debug, Default)]
pub struct Places {
    map: BTreeMap<Key, Instance>,
    /// What may have changed since it was filed.
    marked: Vec<Key>,
    filed: BTreeMap<Key, Filed>,
    /// Every place's next moment, earliest first.
    timers: BTreeSet<(Duration, Key)>,
    running: usize,
    resting: usize,
    /// Of those at rest, the ones that ended by themselves.
    ended: usize,
}

/// What a place counted for when it was looked at last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Filed {
    timer: Option<Duration>,
    running: bool,
    resting: bool,
    ended: bool,
}

impl Filed {
    /// Nobody is asked whether he is well while everybody pauses.
    fn of(instance: &Instance, paused: bool) -> Self {
        let running = instance.state == State::Running;
        Self {
            timer: instance.deadline().filter(|_| !(paused && running)),
            running,
            resting: instance.is_at_rest(),
            ended: matches!(instance.state, State::Exited | State::GaveUp),
        }
    }
}

impl Deref for Places {
    type Target = BTreeMap<Key, Instance>;

    fn deref(&self) -> &Self::Target {
        &self.map
    }
}

impl Places {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as a map has it")]
    pub fn get_mut(&mut self, key: &Key) -> Option<&mut Instance> {
        let found = self.map.get_mut(key)?;
        self.marked.push(*key);
        Some(found)
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Instance> {
        self.mark_all();
        self.map.values_mut()
    }

    pub fn insert(&mut self, key: Key, instance: Instance) {
        self.marked.push(key);
        self.map.insert(key, instance);
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as a map has it")]
    pub fn remove(&mut self, key: &Key) {
        self.marked.push(*key);
        self.map.remove(key);
    }

    /// Something changed that all of them go by.
    pub fn mark_all(&mut self) {
        self.marked.extend(self.map.keys());
    }

    /// Looks at what may have changed. To be called before any of the questions below.
    pub fn file(&mut self, paused: bool) {
        while let Some(key) = self.marked.pop() {
            let new = self.map.get(&key).map(|instance| Filed::of(instance, paused));
            let old = match new {
                Some(new) => self.filed.insert(key, new),
                None => self.filed.remove(&key),
            };
            if old == new {
                continue;
            }
            if let Some(old) = old {
                if let Some(at) = old.timer {
                    self.timers.remove(&(at, key));
                }
                self.running -= usize::from(old.running);
                self.resting -= usize::from(old.resting);
                self.ended -= usize::from(old.ended);
            }
            if let Some(new) = new {
                if let Some(at) = new.timer {
                    self.timers.insert((at, key));
                }
                self.running += usize::from(new.running);
                self.resting += usize::from(new.resting);
                self.ended += usize::from(new.ended);
            }
        }
    }

    /// The next moment at which something is to happen by time alone.
    pub fn next_timer(&self) -> Option<Duration> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Whose moment has come, the longest overdue first; at most so many.
    pub fn due(&self, now: Duration, most: usize) -> Vec<Key> {
        self.timers.iter().take_while(|(at, _)| *at <= now).take(most).map(|(_, key)| *key).collect()
    }

    /// Whether any of them runs and nothing was asked of it.
    pub fn any_running(&self) -> bool {
        self.running > 0
    }

    /// Whether nothing will happen to any of them by itself.
    pub fn all_at_rest(&self) -> bool {
        self.resting == self.map.len()
    }

    /// Whether every one of them has ended by itself.
    pub fn all_ended(&self) -> bool {
        self.ended == self.map.len()
    }

    /// Whether the file is what one would find by asking each place.
    #[cfg(test)]
    pub fn is_true(&self, paused: bool) -> bool {
        let asked: BTreeMap<Key, Filed> =
            self.map.iter().map(|(key, one)| (*key, Filed::of(one, paused))).collect();
        let timers: BTreeSet<_> =
            asked.iter().filter_map(|(key, filed)| Some((filed.timer?, *key))).collect();
        let count = |what: fn(&Filed) -> bool| asked.values().filter(|filed| what(filed)).count();
        self.filed == asked
            && self.timers == timers
            && self.running == count(|filed| filed.running)
            && self.resting == count(|filed| filed.resting)
            && self.ended == count(|filed| filed.ended)
    }
}
