//! One place of the formation and the life in it.
//!
//! A timer lives in the state that owns it: leaving the state forgets it. A state says nothing about
//! processes or time beyond what it needs to go on from there.

use super::event::{Id, Status};
use super::health::Checks;
use super::snapshot;
use crate::app::plan::StopSignal;
use std::collections::VecDeque;
use std::time::Duration;

/// Ends that are remembered, for `why`.
const ENDS: usize = 5;

/// A place, `web.1`, with its present or last life.
#[derive(Debug, Clone)]
pub struct Instance {
    pub id: Id,
    pub state: State,
    /// When the state was entered.
    pub since: Duration,
    /// Ends in a row that led to a restart; 30 s of uptime reset it.
    pub failures: u32,
    /// How many times it was started again by rule.
    pub restarts: u32,
    /// How its last life ended.
    pub last: Option<Status>,
    /// Why it could not be started, when that is how its last life ended.
    pub trouble: Option<String>,
    /// When its present or last life began to run.
    pub began: Duration,
    /// What the probes of its present life say; none while it does not run.
    pub checks: Checks,
    /// The latest ends, oldest first.
    pub ends: VecDeque<End>,
    /// Who asked last for something that changed it; empty when nobody did but the start itself.
    pub asked_by: String,
}

/// How a life ended.
#[derive(Debug, Clone)]
pub struct End {
    generation: u32,
    status: Status,
    trouble: Option<String>,
    at: Duration,
    ran: Duration,
}

impl End {
    /// The same for a reader at `now`.
    pub fn told(&self, now: Duration) -> snapshot::End {
        snapshot::End {
            generation: self.generation,
            status: self.status,
            trouble: self.trouble.clone(),
            ago: now.saturating_sub(self.at),
            ran: self.ran,
        }
    }
}

/// Where a life stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Wanted up, waits for others.
    Waiting,
    /// Wanted up, waits for its turn.
    Queued,
    /// The order to spawn is out. `stop`: what is to follow once it is known to run.
    Starting { stop: Option<Next> },
    /// It runs.
    Running,
    /// It, or what it left behind, was asked to stop.
    Stopping { signal: StopSignal, sent_at: Duration, kill_at: Duration, next: Next },
    /// It, or what it left behind, was sent KILL.
    Killing { at: Duration, named: bool, next: Next },
    /// Waits for its next start.
    Backoff { until: Duration },
    /// It ended by itself and stays that way.
    Exited,
    /// It ended by itself too often.
    GaveUp,
    /// A person stopped it, or everything is being stopped.
    Stopped,
}

/// What follows when the last of a life's processes is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It stays in the formation, stopped.
    Stopped,
    /// Its place goes.
    Removed,
    /// It is started again at once.
    Again,
    /// It is started again then.
    Backoff { until: Duration },
    /// It had ended by itself.
    Exited,
    /// It had ended by itself too often.
    GaveUp,
}

impl Instance {
    pub fn new(id: Id, now: Duration) -> Self {
        Self {
            id,
            state: State::Queued,
            since: now,
            failures: 0,
            restarts: 0,
            last: None,
            trouble: None,
            began: now,
            checks: Checks::default(),
            ends: VecDeque::new(),
            asked_by: String::new(),
        }
    }

    /// Its life has ended, or never began. Returns how long it ran.
    pub fn end(&mut self, now: Duration, status: Status) -> Duration {
        let ran = if self.trouble.is_some() { Duration::ZERO } else { now.saturating_sub(self.began) };
        self.last = Some(status);
        if self.ends.len() == ENDS {
            self.ends.pop_front();
        }
        let generation = self.id.generation;
        self.ends.push_back(End { generation, status, trouble: self.trouble.clone(), at: now, ran });
        ran
    }

    /// Since when its process is up, if there is one that was not seen to end.
    pub fn up_since(&self) -> Option<Duration> {
        let ended = self.ends.back().is_some_and(|end| end.generation == self.id.generation);
        match self.state {
            State::Running | State::Stopping { .. } | State::Killing { .. } if !ended => Some(self.began),
            State::Waiting
            | State::Queued
            | State::Starting { .. }
            | State::Running
            | State::Stopping { .. }
            | State::Killing { .. }
            | State::Backoff { .. }
            | State::Exited
            | State::GaveUp
            | State::Stopped => None,
        }
    }

    /// Enters a state.
    pub fn enter(&mut self, state: State, now: Duration) {
        self.state = state;
        self.since = now;
        // The questions to a life end with it, or with its being stopped.
        self.checks = Checks::default();
    }

    /// Whether there may be a process.
    pub fn is_live(&self) -> bool {
        match self.state {
            State::Starting { .. } | State::Running | State::Stopping { .. } | State::Killing { .. } => true,
            State::Waiting
            | State::Queued
            | State::Backoff { .. }
            | State::Exited
            | State::GaveUp
            | State::Stopped => false,
        }
    }

    /// Whether it runs and nothing was asked of it.
    pub fn is_up(&self) -> bool {
        matches!(self.state, State::Running | State::Starting { stop: None })
    }

    /// Whether nothing will happen to it any more by itself.
    pub fn is_at_rest(&self) -> bool {
        matches!(self.state, State::Exited | State::GaveUp | State::Stopped)
    }

    /// Whether its place is being taken away.
    pub fn is_leaving(&self) -> bool {
        self.next() == Some(Next::Removed)
    }

    /// Whether nobody has asked for it to be down.
    pub fn is_wanted(&self) -> bool {
        self.state != State::Stopped && !matches!(self.next(), Some(Next::Stopped | Next::Removed))
    }

    /// What follows when its processes are gone, while it is being stopped.
    pub fn next(&self) -> Option<Next> {
        match self.state {
            State::Starting { stop } => stop,
            State::Stopping { next, .. } | State::Killing { next, .. } => Some(next),
            State::Waiting
            | State::Queued
            | State::Running
            | State::Backoff { .. }
            | State::Exited
            | State::GaveUp
            | State::Stopped => None,
        }
    }

    /// When something is to happen to it by time alone.
    pub fn deadline(&self) -> Option<Duration> {
        match self.state {
            State::Stopping { kill_at, .. } => Some(kill_at),
            State::Killing { at, named, .. } => Some(at + if named { GIVE_UP } else { NAME }),
            State::Backoff { until } => Some(until),
            State::Running => self.checks.deadline(),
            State::Waiting
            | State::Queued
            | State::Starting { .. }
            | State::Exited
            | State::GaveUp
            | State::Stopped => None,
        }
    }

    /// The word of the state.
    pub fn word(&self) -> &'static str {
        match self.state {
            State::Waiting => "waiting",
            State::Queued => "queued",
            State::Starting { .. } => "starting",
            State::Running => "running",
            State::Stopping { .. } => "stopping",
            State::Killing { .. } => "killing",
            State::Backoff { .. } => "backoff",
            State::Exited => "exited",
            State::GaveUp => "failed",
            State::Stopped => "stopped",
        }
    }

    /// Why it is in its state.
    pub fn reason(&self, now: Duration) -> String {
        match &self.state {
            State::Waiting => "waits for others".into(),
            State::Queued => "waits for its turn to start".into(),
            State::Starting { .. } => "is being started".into(),
            State::Running if self.checks.complaint().is_some() => {
                let ready = if self.checks.ready() { "up" } else { "up, not ready" };
                format!("{ready} · {}", self.checks.complaint().unwrap_or_default())
            }
            State::Running if self.restarts > 0 => {
                format!("up after {}", times(self.restarts, "restart", "restarts"))
            }
            State::Running if !self.asked_by.is_empty() => format!("up, started by {}", self.asked_by),
            State::Running => "up".into(),
            State::Stopping { signal, sent_at, kill_at, .. } => {
                let sent = seconds(now.saturating_sub(*sent_at));
                let left = seconds(kill_at.saturating_sub(now));
                let sent = format!("sent signal {} {sent} ago, SIGKILL in {left}", signal.0);
                if self.asked_by.is_empty() {
                    sent
                } else {
                    format!("{sent}, as asked for by {}", self.asked_by)
                }
            }
            State::Killing { at, .. } => format!("sent SIGKILL {} ago", seconds(now.saturating_sub(*at))),
            State::Backoff { until } => {
                let next = seconds(until.saturating_sub(now));
                let failures = match self.failures {
                    0 | 1 => String::new(),
                    many => format!(" {many} times in a row"),
                };
                format!("{}{failures}, next start in {next}", self.ending())
            }
            State::Exited => format!("{}, not restarted", self.ending()),
            State::GaveUp => {
                format!("{}, gave up after {}", self.ending(), times(self.restarts, "restart", "restarts"))
            }
            State::Stopped if self.asked_by.is_empty() => "stopped, as asked for".into(),
            State::Stopped => format!("stopped, as asked for by {}", self.asked_by),
        }
    }

    /// How its last life ended.
    pub fn ending(&self) -> String {
        match (&self.trouble, self.last) {
            (Some(trouble), _) => trouble.clone(),
            (None, Some(Status::Code(code))) => format!("exited with code {code}"),
            (None, Some(Status::Signal(signal))) => format!("terminated by signal {signal}"),
            (None, None) => "never ran".into(),
        }
    }
}

/// After KILL, what is still there is named,
pub const NAME: Duration = Duration::from_secs(1);
/// and no longer waited for.
pub const GIVE_UP: Duration = Duration::from_secs(5);

fn times(count: u32, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_millis().div_ceil(1000))
}
