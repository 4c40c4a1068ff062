//! What is, and why: the formation at one moment, for every reader (ps, why, the tests).

use super::event::{Id, Status, Tier};
use crate::app::plan::{After, TypeId};
use std::time::Duration;

/// The formation at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// How far the run is.
    pub phase: Phase,
    /// Every instance of the formation, by type in file order, then by index.
    pub instances: Vec<Instance>,
}

/// How far a run is. It never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Up, or coming up.
    Running,
    /// Everything is being stopped.
    Stopping,
    /// Everything is being killed.
    Killing,
    /// Nothing is left.
    Done,
}

/// One place in the formation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its present or last life.
    pub id: Id,
    /// The word of the state: `queued`, `starting`, `running`, `stopping`, `killing`, `backoff`,
    /// `exited`, `stopped`, `failed`.
    pub state: &'static str,
    /// Why it is in that state: `backoff: exited 1 three times, next start in 4 s`.
    pub reason: String,
    /// Whether its place is being taken away.
    pub leaving: bool,
    /// How long it has been in it.
    pub since: Duration,
    /// How long its process has been up; `None` when there is none.
    pub up: Option<Duration>,
    /// How many times it was started again by rule.
    pub restarts: u32,
    /// How it ended last.
    pub last: Option<Status>,
    /// Whether it can be used; `None` where nothing says so.
    pub ready: Option<bool>,
    /// Each of its probes, what it comes to (nothing yet: `None`) and why it failed last.
    pub probes: Vec<(Tier, Option<bool>, String)>,
    /// What it waits for.
    pub awaits: Vec<After>,
    /// Who asked last for something that changed it; empty when it was the start alone.
    pub asked_by: String,
    /// Its latest ends, the newest first.
    pub ends: Vec<End>,
}

/// How a life ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// Of which life.
    pub generation: u32,
    /// Its code or signal.
    pub status: Status,
    /// Why it never ran, when that is it.
    pub trouble: Option<String>,
    /// How long ago.
    pub ago: Duration,
    /// How long it had run.
    pub ran: Duration,
}

impl Snapshot {
    /// The instances of one type.
    pub fn of(&self, kind: TypeId) -> impl Iterator<Item = &Instance> {
        self.instances.iter().filter(move |instance| instance.id.kind == kind)
    }
}
