//! Who waits for whom: starting by levels, stopping in reverse, waiting in vain.

use super::super::*;
use super::health::probe;
use super::rows::{Story, rules};
use crate::app::plan::{After, Health, Milestone};

const SECOND: Duration = Duration::from_secs(1);

fn comes_after(waits: &[(u16, Milestone)]) -> Rules {
    let after =
        waits.iter().map(|(kind, milestone)| After { kind: TypeId(*kind), milestone: *milestone }).collect();
    Rules { after, ..rules(Restart::Never, OnExit::StopAll) }
}

fn stopped(actions: &[Action]) -> Vec<u16> {
    let stops = actions.iter().filter_map(|action| match action {
        Action::Stop { target: Target::Process(id), .. } => Some(id.kind.0),
        _ => None,
    });
    stops.collect()
}

/// db, migrate after db, api after migrate is done, web after api is ready.
fn shop() -> Story {
    let db = comes_after(&[]);
    let migrate = comes_after(&[(0, Milestone::Started)]);
    let api = Rules {
        health: Health { readiness: Some(probe(100, 1, 1)), ..Health::default() },
        ..comes_after(&[(1, Milestone::Completed)])
    };
    let web = comes_after(&[(2, Milestone::Ready)]);
    Story::of(&[(db, 1), (migrate, 1), (api, 1), (web, 2)])
}

#[test]
fn end_5_everything_starts_when_what_it_comes_after_has_come_so_far() {
    let mut story = shop();
    assert_eq!(story.up(), [(0, 1), (1, 1)]);
    let waiting = &story.supervisor.snapshot(story.now).instances[2];
    assert_eq!((waiting.state, waiting.awaits.len()), ("waiting", 1));
    // Its good end ends nothing, though its rule is stop-all.
    story.exits(1, 1, Status::Code(0));
    assert_eq!(story.up(), [(0, 1), (2, 1)]);
    assert_eq!(story.supervisor.progress(true), Progress::OnItsWay);
    let id = story.id(2, 1);
    story.fact(Event::Probed { id, tier: Tier::Readiness, outcome: Outcome::Passed });
    assert_eq!(story.up(), [(0, 1), (2, 1), (3, 1), (3, 2)]);
    assert_eq!(story.supervisor.progress(true), Progress::Up);
}

#[test]
fn what_will_never_come_fails_fast_and_says_so() {
    let mut story = Story::of(&[
        (rules(Restart::Never, OnExit::Continue), 1),
        (comes_after(&[(0, Milestone::Completed)]), 1),
    ]);
    let orders = story.exits(0, 1, Status::Code(3));
    let told = orders.iter().any(
        |order| matches!(order, Action::Tell(Notice::WaitsInVain { why, .. }) if why == "exited with code 3"),
    );
    assert!(told, "{orders:?}");
    assert!(orders.iter().any(|order| matches!(order, Action::Finish { code: 3, .. })), "{orders:?}");
}

#[test]
fn what_is_down_for_good_is_no_progress_and_what_went_well_is() {
    let quiet = || rules(Restart::Never, OnExit::Continue);
    let mut story = Story::of(&[(quiet(), 1), (quiet(), 1), (comes_after(&[(1, Milestone::Completed)]), 1)]);
    assert_eq!(story.supervisor.progress(false), Progress::OnItsWay);
    story.exits(1, 1, Status::Code(0));
    assert_eq!(story.supervisor.progress(false), Progress::Up);
    story.exits(0, 1, Status::Code(3));
    assert_eq!(story.supervisor.progress(false), Progress::Lost);
}

#[test]
fn what_is_tried_again_is_waited_for() {
    let mut story = Story::of(&[
        (rules(Restart::OnFailure, OnExit::Continue), 1),
        (comes_after(&[(0, Milestone::Completed)]), 1),
    ]);
    story.exits(0, 1, Status::Code(3));
    story.after(SECOND);
    assert_eq!(story.up(), [(0, 1)]);
    story.exits(0, 1, Status::Code(0));
    assert_eq!(story.up(), [(1, 1)]);
}

#[test]
fn a_stop_goes_the_other_way_round_under_one_deadline() {
    let mut story = shop();
    story.exits(1, 1, Status::Code(0));
    let id = story.id(2, 1);
    story.fact(Event::Probed { id, tier: Tier::Readiness, outcome: Outcome::Passed });
    assert_eq!(stopped(&story.fact(Event::Signalled(Signal::Terminate))), [3, 3]);
    assert_eq!(stopped(&story.exits(3, 1, Status::Signal(15))), Vec::<u16>::new());
    assert_eq!(stopped(&story.exits(3, 2, Status::Signal(15))), [2]);
    // The api stays; half of the grace of 8 s is the database's.
    assert_eq!(stopped(&story.after(SECOND * 3)), Vec::<u16>::new());
    assert_eq!(stopped(&story.after(SECOND)), [0]);
    let orders = story.after(SECOND * 4);
    let kills = orders.iter().filter(|order| matches!(order, Action::Kill(Target::Process(_)))).count();
    assert_eq!(kills, 2, "{orders:?}");
}

#[test]
fn a_second_ctrl_c_kills_those_too_who_were_held_back() {
    let mut story = shop();
    story.fact(Event::Signalled(Signal::Interrupt));
    story.now += SECOND;
    let orders = story.fact(Event::Signalled(Signal::Interrupt));
    let kills = orders.iter().filter(|order| matches!(order, Action::Kill(Target::Process(_)))).count();
    assert_eq!(kills, 2, "{orders:?}");
}
