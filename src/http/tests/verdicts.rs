//! From boards to yes or no, as tables.

use super::super::verdict::{Outcome, Question, Verdict};
use super::*;

/// A board with nothing on it but this.
fn view(state: State) -> super::super::View {
    board(state).read()
}

fn ready(name: &str) -> Question {
    Question::Ready((!name.is_empty()).then(|| name.to_owned()))
}

/// `web.1=pass` for each check.
fn said(state: State, question: &Question) -> String {
    let view = view(state);
    let Some(verdict) = Verdict::new(&view, question) else { return "unknown".into() };
    let line = |check: &super::super::verdict::Check<'_>| {
        let word = match check.outcome {
            Outcome::Excluded => "excluded",
            Outcome::Pass => "pass",
            Outcome::Warn => "warn",
            Outcome::Fail => "fail",
        };
        format!("{}={word}", check.name)
    };
    let checks: Vec<String> = verdict.checks.iter().skip(1).map(line).collect();
    format!("{} {}", if verdict.is_yes() { "yes" } else { "no" }, checks.join(" "))
}

#[test]
fn readiness_is_every_probed_instance_and_an_open_door() {
    let web = || kind("web", 2, true);
    let both = |first, second| vec![row("web", 1, first), row("web", 2, second)];
    let leaving = Row { leaving: true, ..row("web", 3, Some(false)) };
    let failed = Row { state: "failed", ..row("job", 1, None) };
    let unwell = Row { live: Some(false), ..row("web", 1, Some(true)) };
    let gated = Kind { startup: true, readiness: false, ..kind("web", 1, false) };
    let all = ready("");
    for (state, question, expect) in [
        // None defined is yes.
        (state(vec![], vec![]), &all, "yes formation=pass"),
        (
            state(vec![kind("job", 1, false)], vec![row("job", 1, None)]),
            &all,
            "yes formation=pass job.1=pass",
        ),
        (state(vec![web()], both(Some(true), Some(true))), &all, "yes formation=pass web.1=pass web.2=pass"),
        // Each is told, also after the first that fails.
        (state(vec![web()], both(Some(false), Some(true))), &all, "no formation=pass web.1=fail web.2=pass"),
        (state(vec![web()], both(Some(false), Some(false))), &all, "no formation=pass web.1=fail web.2=fail"),
        // Expected and absent is no: the answer, and the instance.
        (state(vec![web()], both(Some(true), None)), &all, "no formation=pass web.1=pass web.2=fail"),
        (state(vec![web()], vec![row("web", 1, Some(true))]), &all, "no formation=pass web=fail web.1=pass"),
        (state(vec![web()], vec![]), &all, "no formation=pass web=fail"),
        (state(vec![kind("web", 0, true)], vec![]), &all, "yes formation=pass"),
        // A startup probe alone makes a type probed.
        (state(vec![gated.clone()], vec![row("web", 1, None)]), &all, "no formation=pass web.1=fail"),
        (state(vec![gated], vec![row("web", 1, Some(true))]), &all, "yes formation=pass web.1=pass"),
        // Who leaves does not count, and is told so when asked for by name.
        (
            state(vec![web()], [both(Some(true), Some(true)), vec![leaving.clone()]].concat()),
            &all,
            "yes formation=pass web.1=pass web.2=pass",
        ),
        (state(vec![web()], vec![leaving]), &ready("web.3"), "no formation=pass web.3=fail"),
        // Something is wrong, though nothing that was asked for.
        (state(vec![kind("job", 1, false)], vec![failed]), &all, "yes formation=pass job.1=warn"),
        (state(vec![kind("web", 1, true)], vec![unwell]), &all, "yes formation=pass web.1=warn"),
        // While stopping nobody is.
        (
            State { phase: Phase::Stopping, ..state(vec![], vec![row("job", 1, None)]) },
            &all,
            "no formation=fail job.1=pass",
        ),
        (
            State { phase: Phase::Killing, ..state(vec![web()], both(Some(true), Some(true))) },
            &ready("web.1"),
            "no formation=fail web.1=pass",
        ),
        (State::new(Phase::Done, GUARD), &all, "no formation=fail"),
        // One type, one instance.
        (shop(), &ready("web"), "no formation=pass web.1=pass web.2=fail"),
        (shop(), &ready("web.1"), "yes formation=pass web.1=pass"),
        (shop(), &ready("worker"), "yes formation=pass worker.1=pass"),
        (shop(), &ready("web.3"), "unknown"),
        (shop(), &ready("w"), "unknown"),
        (state(vec![kind("web", 0, true)], vec![]), &ready("web"), "yes formation=pass"),
        // The names of our own checks are no names of theirs.
        (shop(), &ready("formation"), "unknown"),
    ] {
        assert_eq!(said(state.clone(), question), expect, "{question:?} of {state:#?}");
    }
}

#[test]
fn startup_is_once_everything_has_been_started_and_has_passed() {
    let gated = |started| Row { started, ..row("web", 1, Some(false)) };
    let queued = Row { begun: false, state: "queued", ..row("job", 1, None) };
    let broken = Row { begun: false, state: "failed", ..row("job", 1, None) };
    let web = || Kind { startup: true, ..kind("web", 1, false) };
    for (state, expect) in [
        (state(vec![], vec![]), "yes startup=pass"),
        (state(vec![web()], vec![gated(Some(true))]), "yes startup=pass web.1=pass"),
        (state(vec![web()], vec![gated(Some(false))]), "no formation=pass web.1=fail"),
        (state(vec![web()], vec![gated(None)]), "no formation=pass web.1=fail"),
        (state(vec![web()], vec![]), "no formation=pass web=fail"),
        (state(vec![], vec![queued.clone(), row("x", 1, None)]), "no formation=pass job.1=fail x.1=pass"),
        (state(vec![], vec![broken]), "no formation=pass job.1=fail"),
        (
            State { phase: Phase::Stopping, ..state(vec![], vec![row("x", 1, None)]) },
            "no formation=fail x.1=pass",
        ),
    ] {
        assert_eq!(said(state.clone(), &Question::Startup), expect, "{state:#?}");
    }
    // What comes later has gates of its own.
    let board = board(state(vec![web()], vec![gated(Some(true))]));
    board.publish(state(vec![web()], vec![gated(Some(false)), queued]));
    let view = board.read();
    let verdict = Verdict::new(&view, &Question::Startup).unwrap();
    assert!(verdict.is_yes() && verdict.checks.len() == 4, "{verdict:#?}");
    assert_eq!(verdict.checks[1].reason, "took 0.1 s");
}

#[test]
fn liveness_is_about_us_alone() {
    let dying = Row { live: Some(false), state: "failed", ..row("web", 1, Some(false)) };
    for phase in [Phase::Running, Phase::Stopping, Phase::Killing, Phase::Done] {
        let state = State { phase, ..state(vec![kind("web", 3, true)], vec![dying.clone()]) };
        assert_eq!(said(state, &Question::Live), "yes ");
    }
}

#[test]
fn before_the_first_word_we_live_and_are_not_ready() {
    let view = Board::new(|| ()).read();
    for (question, expect) in
        [(Question::Live, true), (ready(""), false), (ready("web"), false), (Question::Startup, false)]
    {
        assert_eq!(Verdict::new(&view, &question).unwrap().is_yes(), expect, "{question:?}");
    }
}

#[test]
fn a_loop_that_hangs_makes_every_answer_no() {
    let board = silent(state(vec![], vec![]));
    for _ in 0..=super::super::board::MISSED_BEATS {
        board.ask();
    }
    let view = board.read();
    for question in [Question::Live, ready(""), Question::Startup] {
        assert!(!Verdict::new(&view, &question).unwrap().is_yes(), "{question:?}");
    }
}

#[test]
fn who_is_excluded_is_listed_and_does_not_count() {
    for (excluded, yes) in [
        (&["web.2"][..], true),
        (&["web"], true),
        (&["web.1"], false),
        (&["nobody"], false),
        (&["web.1", "web.2", "worker.1", "formation", "supervisor"], true),
    ] {
        let view = view(shop());
        let mut verdict = Verdict::new(&view, &ready("")).unwrap();
        let before = verdict.checks.len();
        for name in excluded {
            verdict.exclude(name);
        }
        assert_eq!((verdict.is_yes(), verdict.checks.len()), (yes, before), "{excluded:?}");
    }
}
