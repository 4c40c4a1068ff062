//! From a board to yes or no: which checks there are, and what each says. Pure.
//!
//! Every check is listed, also after the first that fails. Liveness is about the supervisor and never about
//! its children: whoever restarts us because a child is ill makes every other child ill too.

use super::board::{Kind, Row, State, View};
use crate::supervisor::snapshot::Phase;
use std::borrow::Cow;
use std::time::Duration;

/// The check that is about ourselves.
pub const SUPERVISOR: &str = "supervisor";
/// The check that is about the whole.
pub const FORMATION: &str = "formation";
/// The check that says how long the startup took.
pub const STARTUP: &str = "startup";

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Does the supervisor live?
    Live,
    /// Is the app ready, or a type, or an instance?
    Ready(Option<String>),
    /// Has everything started?
    Startup,
}

/// How a check came out, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The asker did not want it to count.
    Excluded,
    /// Well.
    Pass,
    /// Something is wrong, though nothing that was asked for.
    Warn,
    /// Not well.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Clone)]
pub struct Check<'a> {
    /// `web.1`, `web`, or one of ours.
    pub name: &'a str,
    /// How it came out.
    pub outcome: Outcome,
    /// What there is to say; empty when it is well.
    pub reason: Cow<'a, str>,
    /// The instance that it is about.
    pub row: Option<&'a Row>,
}

impl<'a> Check<'a> {
    fn new(name: &'a str, outcome: Outcome, reason: impl Into<Cow<'a, str>>) -> Self {
        Self { name, outcome, reason: reason.into(), row: None }
    }

    fn pass(name: &'a str) -> Self {
        Self::new(name, Outcome::Pass, "")
    }

    fn fail(name: &'a str, reason: impl Into<Cow<'a, str>>) -> Self {
        Self::new(name, Outcome::Fail, reason)
    }

    fn of(row: &'a Row, (outcome, reason): (Outcome, Cow<'a, str>)) -> Self {
        Self { name: &row.name, outcome, reason, row: Some(row) }
    }
}

/// The answer to a question.
#[derive(Debug)]
pub struct Verdict<'a> {
    /// Each check.
    pub checks: Vec<Check<'a>>,
}

impl<'a> Verdict<'a> {
    /// `None` when the question names what does not exist.
    pub fn new(view: &'a View, question: &Question) -> Option<Self> {
        let state = view.state.as_deref();
        let mut checks = vec![supervisor(view, matches!(question, Question::Live))];
        match (question, state) {
            (Question::Live, _) | (_, None) => {}
            (Question::Ready(name), Some(state)) => {
                checks.push(formation(state));
                let named = |this: &str| name.as_deref().is_none_or(|name| name == this);
                let known = checks.len();
                checks.extend(
                    state
                        .types
                        .iter()
                        .filter(|kind| named(&kind.name) && probed(kind))
                        .filter_map(|kind| absent(state, kind)),
                );
                checks.extend(
                    state
                        .instances
                        .iter()
                        // One that leaves is no longer a part of it; who asks for it by name is told so.
                        .filter(|row| named(&row.name) && name.is_some() || named(&row.kind) && !row.leaving)
                        .map(|row| Check::of(row, readiness(state, row))),
                );
                if name.is_some()
                    && checks.len() == known
                    && !state.types.iter().any(|kind| named(&kind.name))
                {
                    return None;
                }
            }
            (Question::Startup, Some(state)) => checks.extend(startups(state, view.startup)),
        }
        Some(Self { checks })
    }

    /// Leaves out of account what is called so: a check, or every instance of a type.
    pub fn exclude(&mut self, name: &str) {
        for check in &mut self.checks {
            if check.name == name || check.row.is_some_and(|row| row.kind == name) {
                check.outcome = Outcome::Excluded;
            }
        }
    }

    /// The worst of them; with none that counts, all is well.
    pub fn outcome(&self) -> Outcome {
        self.checks.iter().map(|check| check.outcome).max().unwrap_or(Outcome::Pass).max(Outcome::Pass)
    }

    /// Yes or no.
    pub fn is_yes(&self) -> bool {
        self.outcome() < Outcome::Fail
    }
}

/// Whether everything has been started, and every startup probe has passed.
pub fn has_started(state: &State) -> bool {
    startups(state, None).all(|check| check.outcome < Outcome::Fail)
}

fn supervisor(view: &View, may_be_silent: bool) -> Check<'static> {
    if view.is_stale() {
        Check::fail(SUPERVISOR, format!("its loop has not turned for {} s", view.missed))
    } else if view.state.is_none() && !may_be_silent {
        Check::fail(SUPERVISOR, "it has not said anything yet")
    } else {
        Check::pass(SUPERVISOR)
    }
}

fn formation(state: &State) -> Check<'static> {
    match state.phase {
        Phase::Running => Check::pass(FORMATION),
        Phase::Stopping | Phase::Killing | Phase::Done => Check::fail(FORMATION, "shutting down"),
    }
}

fn probed(kind: &Kind) -> bool {
    kind.readiness || kind.startup
}

fn kind_of<'a>(state: &'a State, row: &Row) -> Option<&'a Kind> {
    state.types.iter().find(|kind| kind.name == row.kind)
}

/// What is expected and not there.
fn absent<'a>(state: &State, kind: &'a Kind) -> Option<Check<'a>> {
    let there = state.instances.iter().filter(|row| row.kind == kind.name && !row.leaving).count();
    let wanted = usize::from(kind.wanted);
    (there < wanted).then(|| Check::fail(&kind.name, format!("{there} of {wanted} instances are there")))
}

fn readiness<'a>(state: &State, row: &'a Row) -> (Outcome, Cow<'a, str>) {
    if row.leaving {
        return (Outcome::Fail, "it is being taken out of the formation".into());
    }
    match row.ready {
        Some(true) if row.live == Some(false) => (Outcome::Warn, said(row, "its liveness probe fails")),
        Some(true) => (Outcome::Pass, "".into()),
        Some(false) => (Outcome::Fail, said(row, "not ready")),
        None if kind_of(state, row).is_some_and(probed) => (Outcome::Fail, said(row, "no answer yet")),
        // Nothing was defined that it must be to be ready.
        None if row.live == Some(false) => (Outcome::Warn, said(row, "its liveness probe fails")),
        None if ["failed", "backoff"].contains(&row.state) => (Outcome::Warn, said(row, row.state)),
        None => (Outcome::Pass, "".into()),
    }
}

fn said<'a>(row: &'a Row, otherwise: &'static str) -> Cow<'a, str> {
    if row.reason.is_empty() { otherwise.into() } else { row.reason.as_str().into() }
}

fn startups(state: &State, took: Option<Duration>) -> impl Iterator<Item = Check<'_>> {
    let whole = match took {
        Some(took) => Check::new(STARTUP, Outcome::Pass, format!("took {:.1} s", took.as_secs_f64())),
        None => formation(state),
    };
    let absent = state.types.iter().filter(move |_| took.is_none()).filter_map(|kind| absent(state, kind));
    let rows = state.instances.iter().filter(|row| !row.leaving);
    let rows = rows.map(move |row| {
        let has_probe = kind_of(state, row).is_some_and(|kind| kind.startup);
        Check::of(
            row,
            match row.started {
                // Once is enough: a later life has its own gate, which readiness shows.
                _ if took.is_some() => (Outcome::Pass, "".into()),
                _ if !row.begun => (Outcome::Fail, said(row, "not started yet")),
                Some(false) => (Outcome::Fail, said(row, "its startup probe has not passed yet")),
                None if has_probe => (Outcome::Fail, said(row, "no answer yet")),
                Some(true) | None => (Outcome::Pass, "".into()),
            },
        )
    });
    std::iter::once(whole).chain(absent).chain(rows)
}
