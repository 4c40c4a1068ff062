//! What the probes of one life have said, and what that comes to.
//!
//! The rules are Kubernetes' ("Liveness, Readiness, and Startup Probes" of its documentation): startup
//! gates the other two and fails the process when it does not pass in time; readiness says whether it is to be used
//! and restarts nothing; liveness restarts. A count is of answers in a row; an answer of the other kind
//! begins it anew. What could not be asked counts for nothing.
//!
//! There is never more than one question out for a life; the next is due after the last was answered.

use super::event::{Outcome, Tier};
use super::restart::Jitter;
use crate::app::plan::{Health, Probe, Schedule};
use std::time::Duration;

/// The probes of a life, from its start to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks {
    startup: Option<Check>,
    readiness: Option<Check>,
    liveness: Option<Check>,
    /// Which one is out, and whether its answer counts.
    out: Option<Out>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Out {
    tier: Tier,
    /// Time passed in which we did not look: the answer says nothing.
    spoilt: bool,
}

/// One probe with what it has said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Check {
    schedule: Schedule,
    /// Whether somebody has to ask; others are told.
    asked: bool,
    /// When it is asked next.
    due: Duration,
    failures: u32,
    successes: u32,
    /// What it comes to; nothing before the first answer that counts.
    passes: Option<bool>,
    /// Why it failed last.
    why: String,
}

/// What an answer comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As before.
    Same,
    /// From now on it can be used.
    Ready,
    /// From now on it cannot.
    NotReady(String),
    /// It is to be started again.
    Unwell(Tier, String),
}

impl Checks {
    /// The probes of a life that has just begun.
    pub fn new(health: &Health, now: Duration) -> Self {
        let check = |probe: &Option<Probe>| probe.as_ref().map(|probe| Check::new(probe, now));
        Self {
            startup: check(&health.startup),
            readiness: check(&health.readiness),
            liveness: check(&health.liveness),
            out: None,
        }
    }

    /// Other probes hold from now on. What is as before goes on with what it has counted; an answer to what
    /// has changed says nothing any more.
    pub fn adopt(&mut self, before: &Health, after: &Health, now: Duration) {
        let tiers = [
            (Tier::Startup, &mut self.startup, &before.startup, &after.startup),
            (Tier::Readiness, &mut self.readiness, &before.readiness, &after.readiness),
            (Tier::Liveness, &mut self.liveness, &before.liveness, &after.liveness),
        ];
        for (tier, check, before, after) in tiers {
            if before != after {
                *check = after.as_ref().map(|probe| Check::new(probe, now));
                if let Some(out) = self.out.as_mut().filter(|out| out.tier == tier) {
                    out.spoilt = true;
                }
            }
        }
    }

    /// Whether it can be used; without startup and readiness probes from the beginning.
    pub fn ready(&self) -> bool {
        [&self.startup, &self.readiness].into_iter().flatten().all(Check::passes)
    }

    /// Whether there is anything that says so.
    pub fn has_readiness(&self) -> bool {
        self.startup.is_some() || self.readiness.is_some()
    }

    /// What the probes have to say, worst first, for people.
    pub fn complaint(&self) -> Option<String> {
        let named =
            [("startup", &self.startup), ("readiness", &self.readiness), ("liveness", &self.liveness)];
        named.into_iter().find_map(|(name, check)| {
            let check = check.as_ref()?;
            let waits = name != "liveness" && check.passes.is_none();
            match check.why.as_str() {
                "" if waits => Some(format!("{name} was not answered yet")),
                why if waits || check.failures > 0 => Some(format!("{name}: {why}")),
                _ => None,
            }
        })
    }

    /// Every probe by name, and what it comes to.
    pub fn states(&self) -> Vec<(Tier, Option<bool>, String)> {
        let all = [
            (Tier::Startup, &self.startup),
            (Tier::Readiness, &self.readiness),
            (Tier::Liveness, &self.liveness),
        ];
        all.into_iter()
            .filter_map(|(tier, check)| check.as_ref().map(|check| (tier, check.passes, check.why.clone())))
            .collect()
    }

    /// When somebody has to be asked next.
    pub fn deadline(&self) -> Option<Duration> {
        if self.out.is_some() {
            return None;
        }
        self.waiting().map(|(_, due)| due).min()
    }

    /// Whom to ask now, if anybody; the question is out from then on.
    pub fn ask(&mut self, now: Duration) -> Option<Tier> {
        if self.out.is_some() {
            return None;
        }
        let (tier, _) = self.waiting().filter(|(_, due)| *due <= now).min_by_key(|(_, due)| *due)?;
        self.out = Some(Out { tier, spoilt: false });
        Some(tier)
    }

    /// An answer, or something seen that is one.
    pub fn answered(&mut self, now: Duration, tier: Tier, outcome: &Outcome, jitter: &mut Jitter) -> Verdict {
        let spoilt = match self.out {
            Some(out) if out.tier == tier => {
                self.out = None;
                out.spoilt
            }
            // What is seen rather than asked comes at any time.
            Some(_) | None => false,
        };
        let before = self.ready();
        let started = self.started();
        let Some(check) = self.check(tier) else { return Verdict::Same };
        check.due = now.saturating_add(jitter.shorten(check.schedule.every));
        if spoilt || (!started && tier != Tier::Startup && check.asked) {
            return Verdict::Same;
        }
        let failed = check.count(tier, outcome);
        if failed && tier != Tier::Readiness {
            return Verdict::Unwell(tier, check.why.clone());
        }
        let why = check.why.clone();
        match (before, self.ready()) {
            (false, true) => Verdict::Ready,
            (true, false) => Verdict::NotReady(why),
            _ => Verdict::Same,
        }
    }

    /// We, or the machine, did not look for a while: what is out says nothing, and what failed before begins anew.
    pub fn forgive(&mut self, now: Duration) {
        if let Some(out) = &mut self.out {
            out.spoilt = true;
        }
        for check in [&mut self.startup, &mut self.readiness, &mut self.liveness].into_iter().flatten() {
            check.failures = 0;
            check.due = check.due.max(now);
        }
    }

    fn started(&self) -> bool {
        self.startup.as_ref().is_none_or(Check::passes)
    }

    /// Who waits to be asked: startup alone until it has passed, then the other two.
    fn waiting(&self) -> impl Iterator<Item = (Tier, Duration)> {
        let started = self.started();
        let startup = self.startup.as_ref().filter(|_| !started).map(|check| (Tier::Startup, check));
        let readiness = self.readiness.as_ref().filter(|_| started).map(|check| (Tier::Readiness, check));
        let liveness = self.liveness.as_ref().filter(|_| started).map(|check| (Tier::Liveness, check));
        let all = [startup, readiness, liveness].into_iter().flatten();
        all.filter(|(_, check)| check.asked).map(|(tier, check)| (tier, check.due))
    }

    fn check(&mut self, tier: Tier) -> Option<&mut Check> {
        match tier {
            Tier::Startup => self.startup.as_mut(),
            Tier::Readiness => self.readiness.as_mut(),
            Tier::Liveness => self.liveness.as_mut(),
        }
    }
}

impl Check {
    fn new(probe: &Probe, now: Duration) -> Self {
        Self {
            schedule: probe.schedule,
            asked: probe.how.is_asked(),
            due: now,
            failures: 0,
            successes: 0,
            passes: None,
            why: String::new(),
        }
    }

    fn passes(&self) -> bool {
        self.passes == Some(true)
    }

    /// Counts an answer; true when it is one failure too many.
    fn count(&mut self, tier: Tier, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Unknown(_) => false,
            Outcome::Passed => {
                self.failures = 0;
                self.successes = self.successes.saturating_add(1);
                if self.successes >= self.schedule.successes {
                    self.passes = Some(true);
                    self.why.clear();
                }
                false
            }
            Outcome::Failed(why) => {
                self.successes = 0;
                self.failures = self.failures.saturating_add(1);
                self.why.clone_from(why);
                let too_many = self.failures >= self.schedule.failures;
                // What has started stays started.
                if too_many && tier != Tier::Startup {
                    self.passes = Some(false);
                }
                too_many
            }
        }
    }
}
