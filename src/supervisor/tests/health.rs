//! Probes: FAULTS K as far as it is about what answers come to, and a model to compare with.

use super::super::health::{Checks, Verdict};
use super::super::restart::Jitter;
use super::super::*;
use super::rows::{Story, rules};
use super::world::Dice;
use crate::app::plan::{Health, Probe, ProbeHow, Schedule};

const SECOND: Duration = Duration::from_secs(1);

pub(super) fn probe(every_ms: u64, failures: u32, successes: u32) -> Probe {
    let every = Duration::from_millis(every_ms);
    Probe { how: ProbeHow::Tcp, schedule: Schedule { every, timeout: SECOND, failures, successes } }
}

fn failed() -> Outcome {
    Outcome::Failed("connection refused".into())
}

/// The same rules as a list of answers and what their tails say, read afresh each time.
#[derive(Default)]
struct Model {
    startup: Vec<Outcome>,
    readiness: Vec<Outcome>,
    liveness: Vec<Outcome>,
    /// What has started stays started.
    started: bool,
}

impl Model {
    /// Replays the counted answers of one probe: whether it passes, and how many failed last in a row.
    fn replay(history: &[Outcome], schedule: Schedule) -> (bool, u32) {
        let (mut passes, mut good, mut bad) = (false, 0, 0);
        for outcome in history {
            match outcome {
                Outcome::Unknown(_) => {}
                Outcome::Passed => {
                    (good, bad) = (good + 1, 0);
                    passes |= good >= schedule.successes;
                }
                Outcome::Failed(_) => {
                    (good, bad) = (0, bad + 1);
                    passes &= bad < schedule.failures;
                }
            }
        }
        (passes, bad)
    }

    fn ready(&mut self, health: &Health) -> bool {
        let passes = |probe: &Probe| Self::replay(&self.startup, probe.schedule).0;
        let startup = self.started || health.startup.as_ref().is_none_or(passes);
        self.started = startup;
        let readiness =
            health.readiness.as_ref().is_none_or(|probe| Self::replay(&self.readiness, probe.schedule).0);
        startup && readiness
    }

    fn unwell(&self, health: &Health, tier: Tier) -> bool {
        let (probe, history) = match tier {
            Tier::Startup => (&health.startup, &self.startup),
            Tier::Liveness => (&health.liveness, &self.liveness),
            Tier::Readiness => return false,
        };
        let failed_last = matches!(history.last(), Some(Outcome::Failed(_)));
        failed_last
            && probe
                .as_ref()
                .is_some_and(|probe| Self::replay(history, probe.schedule).1 >= probe.schedule.failures)
    }
}

#[test]
fn k9_k10_ten_thousand_random_lives_are_judged_as_a_model_judges_them() {
    for seed in 0..10_000 {
        let mut dice = Dice::new(seed);
        let mut some = |successes: u64| {
            let (failures, successes) = (dice.below(3) as u32 + 1, dice.below(successes) as u32 + 1);
            (!dice.one_in(3)).then(|| probe(100, failures, successes))
        };
        let health = Health { startup: some(1), readiness: some(3), liveness: some(1) };
        let (mut checks, mut model) = (Checks::new(&health, Duration::ZERO), Model::default());
        let (mut now, mut jitter) = (Duration::ZERO, Jitter::new(seed));
        for _ in 0..40 {
            let Some(due) = checks.deadline() else { break };
            now = now.max(due);
            let tier = checks.ask(now).expect("it is due");
            assert_eq!(checks.ask(now), None, "one question at a time");
            let outcome = match dice.below(5) {
                0 => Outcome::Unknown("no file descriptor".into()),
                1 | 2 => failed(),
                _ => Outcome::Passed,
            };
            let before = model.ready(&health);
            match tier {
                Tier::Startup => model.startup.push(outcome.clone()),
                Tier::Readiness => model.readiness.push(outcome.clone()),
                Tier::Liveness => model.liveness.push(outcome.clone()),
            }
            let verdict = checks.answered(now, tier, &outcome, &mut jitter);
            let expected = match (model.unwell(&health, tier), before, model.ready(&health)) {
                (true, ..) => Verdict::Unwell(tier, "connection refused".into()),
                (false, false, true) => Verdict::Ready,
                (false, true, false) => Verdict::NotReady("connection refused".into()),
                (false, ..) => Verdict::Same,
            };
            assert_eq!(verdict, expected, "seed {seed}: {health:?} after {tier:?} {outcome:?}");
            assert_eq!(checks.ready(), model.ready(&health), "seed {seed}");
            if matches!(verdict, Verdict::Unwell(..)) {
                break;
            }
        }
    }
}

fn story(health: Health, restart: Restart) -> Story {
    Story::of(&[(Rules { health, ..rules(restart, OnExit::Continue) }, 1)])
}

fn asked(actions: &[Action]) -> Vec<Tier> {
    let tiers = actions.iter().filter_map(|action| match action {
        Action::Probe { tier, .. } => Some(*tier),
        _ => None,
    });
    tiers.collect()
}

impl Story {
    fn answers(&mut self, tier: Tier, outcome: Outcome) -> Vec<Action> {
        let id = self.id(0, 1);
        self.fact(Event::Probed { id, tier, outcome })
    }
}

#[test]
fn k10_startup_gates_readiness_and_liveness_and_its_failure_restarts() {
    let health = Health {
        startup: Some(probe(250, 2, 1)),
        readiness: Some(probe(5000, 3, 1)),
        liveness: Some(probe(10_000, 3, 1)),
    };
    let mut story = story(health, Restart::Never);
    // The question of the start itself was asked when it came up.
    story.answers(Tier::Startup, failed());
    assert_eq!(asked(&story.after(SECOND / 4)), [Tier::Startup]);
    let orders = story.answers(Tier::Startup, Outcome::Passed);
    assert_eq!(asked(&orders).len(), 1, "one question at a time: {orders:?}");
    let mut second =
        self::story(Health { startup: Some(probe(250, 1, 1)), ..Health::default() }, Restart::Never);
    let orders = second.answers(Tier::Startup, failed());
    assert!(
        orders.iter().any(|order| matches!(
            order,
            Action::Tell(Notice::Unwell { tier: Tier::Startup, then: Consequence::Restarts { .. }, .. })
        )),
        "{orders:?}"
    );
    assert!(orders.iter().any(|order| matches!(order, Action::Stop { .. })), "{orders:?}");
}

#[test]
fn readiness_is_told_and_restarts_nothing() {
    let mut story =
        story(Health { readiness: Some(probe(1000, 2, 1)), ..Health::default() }, Restart::Always);
    assert_eq!(story.supervisor.snapshot(story.now).instances[0].ready, Some(false));
    let orders = story.answers(Tier::Readiness, Outcome::Passed);
    assert!(orders.iter().any(|order| matches!(order, Action::Tell(Notice::Ready { .. }))), "{orders:?}");
    let mut stops = 0;
    for _ in 0..10 {
        story.after(SECOND);
        let orders = story.answers(Tier::Readiness, failed());
        stops += orders.iter().filter(|order| matches!(order, Action::Stop { .. })).count();
    }
    let snapshot = story.supervisor.snapshot(story.now);
    assert_eq!((stops, snapshot.instances[0].ready), (0, Some(false)));
    assert_eq!(snapshot.instances[0].reason, "up, not ready · readiness: connection refused");
}

#[test]
fn liveness_restarts_through_the_ladder_and_the_back_off_whatever_the_rule() {
    let mut story = story(Health { liveness: Some(probe(1000, 2, 1)), ..Health::default() }, Restart::Never);
    story.answers(Tier::Liveness, failed());
    story.after(SECOND);
    let orders = story.answers(Tier::Liveness, failed());
    assert!(orders.iter().any(|order| matches!(order, Action::Stop { .. })), "{orders:?}");
    let first = story.id(0, 1);
    story.exits(0, 1, Status::Signal(15));
    assert_eq!(story.supervisor.snapshot(story.now).instances[0].state, "backoff");
    story.after(SECOND);
    assert_ne!(story.id(0, 1), first);
    assert_eq!(story.up(), [(0, 1)]);
}

#[test]
fn k8_answers_about_an_old_life_change_nothing() {
    let mut story = story(Health { liveness: Some(probe(1000, 1, 1)), ..Health::default() }, Restart::Always);
    let old = story.id(0, 1);
    story.exits(0, 1, Status::Code(0));
    story.after(SECOND);
    assert_ne!(story.id(0, 1), old);
    let orders = story.fact(Event::Probed { id: old, tier: Tier::Liveness, outcome: failed() });
    assert!(!orders.iter().any(|order| matches!(order, Action::Stop { .. })), "{orders:?}");
}

#[test]
fn k11_a9_nobody_is_restarted_for_time_in_which_we_did_not_look() {
    let mut story = story(Health { liveness: Some(probe(1000, 2, 1)), ..Health::default() }, Restart::Always);
    story.answers(Tier::Liveness, failed());
    assert_eq!(asked(&story.after(SECOND)), [Tier::Liveness]);
    story.now += Duration::from_hours(1);
    story.fact(Event::ClockJumped { gap: Duration::from_hours(1) });
    // The answer that was out all that time, and one more.
    for _ in 0..2 {
        let orders = story.answers(Tier::Liveness, failed());
        assert!(!orders.iter().any(|order| matches!(order, Action::Stop { .. })), "{orders:?}");
        story.after(SECOND);
    }
    let orders = story.answers(Tier::Liveness, failed());
    assert!(orders.iter().any(|order| matches!(order, Action::Stop { .. })), "it is asked on: {orders:?}");
}

#[test]
fn nobody_is_asked_while_everybody_pauses() {
    let mut story = story(Health { liveness: Some(probe(1000, 1, 1)), ..Health::default() }, Restart::Always);
    story.answers(Tier::Liveness, Outcome::Passed);
    story.fact(Event::Signalled(Signal::Suspend));
    assert_eq!(asked(&story.after(SECOND * 100)), []);
    assert_eq!(story.supervisor.deadline(), None);
    assert_eq!(asked(&story.fact(Event::Signalled(Signal::Continue))), [Tier::Liveness]);
}

/// The rules as Kubernetes and process-compose document them, each as answers (P passed, F failed, ? not
/// asked) and what they come to: r ready, n not ready, ! started again.
const DOCUMENTED: [(&str, Tier, u32, u32, &str, char); 20] = [
    ("readiness: not ready before the first answer", Tier::Readiness, 3, 1, "", 'n'),
    ("readiness: one success is enough", Tier::Readiness, 3, 1, "P", 'r'),
    ("readiness: a failure at the start is not ready", Tier::Readiness, 3, 1, "F", 'n'),
    ("readiness: fewer failures than the threshold change nothing", Tier::Readiness, 3, 1, "PFF", 'r'),
    ("readiness: the threshold of failures in a row", Tier::Readiness, 3, 1, "PFFF", 'n'),
    ("readiness: a success in between begins the count anew", Tier::Readiness, 3, 1, "PFFPFF", 'r'),
    ("readiness: it comes back with one success", Tier::Readiness, 3, 1, "PFFFP", 'r'),
    ("readiness: a success threshold of two wants two", Tier::Readiness, 3, 2, "P", 'n'),
    ("readiness: a success threshold of two has two", Tier::Readiness, 3, 2, "PP", 'r'),
    ("readiness: after failure two in a row again", Tier::Readiness, 1, 2, "PPFP", 'n'),
    ("readiness: a failure between two successes", Tier::Readiness, 1, 2, "PPFPFP", 'n'),
    ("readiness: never restarts", Tier::Readiness, 1, 1, "PFFFFFFFF", 'n'),
    ("readiness: what could not be asked counts for nothing", Tier::Readiness, 2, 1, "PF?", 'r'),
    ("liveness: alive before the first answer", Tier::Liveness, 3, 1, "", 'r'),
    ("liveness: fewer failures than the threshold", Tier::Liveness, 3, 1, "FF", 'r'),
    ("liveness: the threshold restarts", Tier::Liveness, 3, 1, "FFF", '!'),
    ("liveness: a success begins the count anew", Tier::Liveness, 3, 1, "FFPFF", 'r'),
    ("liveness: unknown is no failure", Tier::Liveness, 2, 1, "F???", 'r'),
    ("startup: passes once and for all", Tier::Startup, 2, 1, "FP", 'r'),
    ("startup: the threshold restarts", Tier::Startup, 2, 1, "FF", '!'),
];

#[test]
fn k9_probes_mean_what_is_documented_for_kubernetes_and_process_compose() {
    for (rule, tier, failures, successes, answers, expected) in DOCUMENTED {
        let probe = Some(probe(1000, failures, successes));
        let health = match tier {
            Tier::Startup => Health { startup: probe, ..Health::default() },
            Tier::Readiness => Health { readiness: probe, ..Health::default() },
            Tier::Liveness => Health { liveness: probe, ..Health::default() },
        };
        let mut checks = Checks::new(&health, Duration::ZERO);
        let mut jitter = Jitter::new(1);
        let mut restarted = false;
        for (at, answer) in answers.chars().enumerate() {
            let now = SECOND * at as u32;
            assert_eq!(checks.ask(now), Some(tier), "{rule}");
            let outcome = match answer {
                'P' => Outcome::Passed,
                'F' => failed(),
                _ => Outcome::Unknown("no time".into()),
            };
            restarted |= matches!(checks.answered(now, tier, &outcome, &mut jitter), Verdict::Unwell(..));
        }
        let came_to = match (restarted, checks.ready()) {
            (true, _) => '!',
            (false, true) => 'r',
            (false, false) => 'n',
        };
        assert_eq!(came_to, expected, "{rule}");
    }
}
