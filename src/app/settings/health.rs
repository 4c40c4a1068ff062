//! `[process.X.health]`: what its probes mean, with the defaults of each of the three.

use super::tree::is_at_or_below;
use super::values::At;
use super::{Reader, raw};
use crate::app::plan::{Health, Probe, ProbeHow, Schedule};
use crate::app::problem::Problem;
use std::ops::Range;
use std::time::Duration;

/// What can be asked, as its keys.
pub const WAYS: [&str; 5] = ["http", "tcp", "exec", "log", "notify"];

/// One of the three.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    Startup,
    Readiness,
    Liveness,
}

impl Tier {
    fn name(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Readiness => "readiness",
            Self::Liveness => "liveness",
        }
    }

    fn schedule(self) -> Schedule {
        let schedule = |every, timeout, failures| Schedule {
            every: Duration::from_millis(every),
            timeout: Duration::from_millis(timeout),
            failures,
            successes: 1,
        };
        match self {
            Self::Startup => schedule(250, 1000, 120),
            Self::Readiness => schedule(5000, 1000, 3),
            Self::Liveness => schedule(10_000, 2000, 3),
        }
    }
}

impl Reader<'_> {
    /// The health of the type with this name.
    pub(super) fn health(&mut self, name: &str, raw: raw::Health) -> Health {
        Health {
            startup: self.probe(name, Tier::Startup, raw.startup),
            readiness: self.probe(name, Tier::Readiness, raw.readiness),
            liveness: self.probe(name, Tier::Liveness, raw.liveness),
        }
    }

    fn probe(&mut self, name: &str, tier: Tier, raw: Option<At<raw::Probe>>) -> Option<Probe> {
        let table = raw?;
        let place = table.span();
        let raw = table.into_inner();
        let schedule = self.schedule(tier, &raw);
        let ways = ways(raw);
        let (way, how, span) = match ways.as_slice() {
            [] => {
                // Where the only one was refused, that was told.
                let key = format!("process.{name}.health.{}", tier.name());
                if !is_at_or_below(&self.cut, &key) {
                    let sentence = format!("`{}` does not say what is asked", tier.name());
                    let all = WAYS.map(|way| format!("`{way}`")).join(", ");
                    let problem = Problem::error(sentence).help(format!("add one of {all}"));
                    self.problems.push(problem.at(self.place(place)));
                }
                return None;
            }
            [one] => one,
            [first, second, ..] => {
                let sentence = format!(
                    "`{}` asks one thing, and here are `{}` and `{}`",
                    tier.name(),
                    first.0,
                    second.0
                );
                let problem = Problem::error(sentence).at(self.place(second.2.clone()));
                self.problems.push(problem.also(self.place(first.2.clone()), "first here"));
                return None;
            }
        };
        if tier == Tier::Liveness && matches!(how, ProbeHow::Log(_) | ProbeHow::Notify) {
            let sentence =
                format!("`liveness` cannot be `{way}`: it is seen once, and nobody would ask again");
            let problem = Problem::error(sentence).at(self.place(span.clone()));
            self.problems.push(problem.help("use `http`, `tcp` or `exec`, or make it `startup`"));
            return None;
        }
        Some(Probe { how: how.clone(), schedule })
    }

    fn schedule(&mut self, tier: Tier, raw: &raw::Probe) -> Schedule {
        let default = tier.schedule();
        if let Some(successes) = &raw.successes
            && successes.get().0 != 1
            && tier != Tier::Readiness
        {
            let sentence = format!("`successes` of `{}` is 1 and nothing else", tier.name());
            self.problems.push(Problem::error(sentence).at(self.place(successes.span())));
        }
        let schedule = Schedule {
            every: raw.every.as_ref().map_or(default.every, |every| every.get().0),
            timeout: raw.timeout.as_ref().map_or(default.timeout, |timeout| timeout.get().0),
            failures: raw.failures.map_or(default.failures, |failures| failures.0),
            successes: raw.successes.as_ref().map_or(default.successes, |successes| successes.get().0),
        };
        // By default startup is asked so often that each answer may take longer than that.
        let said = raw.timeout.as_ref().map(At::span).or(raw.every.as_ref().map(At::span));
        if let Some(span) = said.filter(|_| tier != Tier::Startup && schedule.timeout > schedule.every) {
            let sentence = format!(
                "the `timeout` of {:?} is longer than `every`, {:?}",
                schedule.timeout, schedule.every
            );
            self.problems.push(Problem::warning(sentence).at(self.place(span)));
        }
        schedule
    }
}

/// What is asked: key, meaning and place of each.
fn ways(raw: raw::Probe) -> Vec<(&'static str, ProbeHow, Range<usize>)> {
    fn way<T>(
        key: &'static str,
        value: Option<At<T>>,
        how: impl FnOnce(T) -> ProbeHow,
    ) -> Option<(&'static str, ProbeHow, Range<usize>)> {
        let value = value?;
        let span = value.span();
        Some((key, how(value.into_inner()), span))
    }
    let all = [
        way("http", raw.http, |url| ProbeHow::Http(url.0)),
        way("tcp", raw.tcp, |_| ProbeHow::Tcp),
        way("exec", raw.exec, |line| ProbeHow::Exec(line.0)),
        way("log", raw.log, |pattern| ProbeHow::Log(pattern.0)),
        way("notify", raw.notify, |_| ProbeHow::Notify),
    ];
    all.into_iter().flatten().collect()
}
