//! Rows about much at once and about time: many requests, many timers, a long gap, an old life's timer.

use super::super::*;
use super::rows::{SECOND, Story, code, kills, rules, stops};

const HOUR: Duration = Duration::from_hours(1);

fn spawns(actions: &[Action]) -> Vec<Id> {
    actions
        .iter()
        .filter_map(|action| if let Action::Spawn(id) = action { Some(*id) } else { None })
        .collect()
}

#[test]
fn a9_after_an_hour_asleep_what_we_owe_is_done_once_and_what_runs_is_left_alone() {
    let mut story = Story::of(&[
        (rules(Restart::OnFailure, OnExit::Continue), 1),
        (Rules::default(), 1),
        (rules(Restart::Always, OnExit::Continue), 1),
    ]);
    let steady = story.id(2, 1);
    story.exits(0, 1, Status::Code(1));
    story.ask(Ask::Stop(vec![(TypeId(1), 1)]));
    story.now += HOUR;
    let mut orders = story.fact(Event::ClockJumped { gap: HOUR });
    orders.extend(story.after(SECOND));
    assert_eq!(spawns(&orders), [story.id(0, 1)], "the restart that was due, once");
    assert_eq!(kills(&orders), 1, "a stop's deadline runs on: the deaf one is killed");
    assert_eq!((stops(&orders), code(&orders), story.id(2, 1)), (0, None, steady));
}

#[test]
fn a9_a_gap_begins_no_storm_of_restarts() {
    let mut story = Story::of(&[(rules(Restart::Always, OnExit::Continue), 1000)]);
    for index in 1..=1000 {
        story.exits(0, index, Status::Code(1));
    }
    story.now += HOUR;
    let orders = story.fact(Event::ClockJumped { gap: HOUR });
    assert!(
        spawns(&orders).len() <= 50,
        "the bucket is as full as it can be, and no fuller: {}",
        spawns(&orders).len()
    );
}

#[test]
fn l4_ten_thousand_timers_that_are_due_are_served_in_bounded_turns() {
    let mut supervisor = Supervisor::new(vec![Rules::default(); 10], 7);
    let counts = (0..10).map(|kind| Count::to(TypeId(kind), 1000)).collect();
    let now = Duration::ZERO;
    supervisor
        .handle(now, Event::Requested { request: RequestId(1), who: String::new(), ask: Ask::Scale(counts) });
    let mut up = 0;
    while up < 10_000 {
        match supervisor.poll() {
            Some(Action::Spawn(id)) => {
                supervisor.handle(now, Event::Spawned { id, pid: 1 });
                up += 1;
            }
            Some(_) => {}
            None => supervisor.handle(now, Event::Ticked),
        }
    }
    supervisor.handle(now, Event::Signalled(Signal::Terminate));
    while supervisor.poll().is_some() {}
    let due = now + Rules::default().grace;
    let (mut killed, mut turns) = (0, 0);
    while killed < 10_000 {
        assert!(supervisor.deadline().is_some_and(|at| at <= due), "it wants the next turn at once");
        supervisor.handle(due, Event::Ticked);
        let orders: Vec<Action> = std::iter::from_fn(|| supervisor.poll()).collect();
        let now_killed = kills(&orders);
        assert!((1..=256).contains(&now_killed), "{now_killed} in one turn");
        killed += now_killed;
        turns += 1;
    }
    assert_eq!((killed, turns), (10_000, 40));
    assert!(supervisor.deadline().is_some_and(|at| at > due), "and then it waits");
}

#[test]
fn l5_an_old_lifes_timers_are_forgotten_with_its_state() {
    // A back-off that a person cut short.
    let mut story = Story::of(&[(rules(Restart::OnFailure, OnExit::Continue), 1)]);
    story.exits(0, 1, Status::Code(1));
    let started = spawns(&story.ask(Ask::Start(vec![(TypeId(0), 1)])));
    assert_eq!(started, [story.id(0, 1)]);
    assert_eq!((story.after(HOUR), story.supervisor.deadline()), (vec![], None));

    // A grace that was not needed: the life that follows is not killed by it.
    let mut story = Story::defaults(&[1]);
    let old = story.id(0, 1);
    story.ask(Ask::Restart(vec![(TypeId(0), 1)]));
    assert!(story.supervisor.deadline().is_some());
    story.fact(Event::Exited { id: old, status: Status::Signal(15), remains: false });
    assert_ne!(story.id(0, 1), old);
    assert_eq!((story.after(HOUR), story.supervisor.deadline()), (vec![], None));
    assert_eq!(story.up(), [(0, 1)]);
}

#[test]
fn e10_of_fifty_scales_at_once_each_is_answered_once_in_order_and_the_last_wins() {
    let mut supervisor = Supervisor::new(vec![Rules::default()], 7);
    let counts: Vec<u16> = (0..50).map(|at| at * 17 % 23).collect();
    for (request, count) in counts.iter().enumerate() {
        let ask = Ask::Scale(vec![Count::to(TypeId(0), *count)]);
        supervisor.handle(
            Duration::ZERO,
            Event::Requested { request: RequestId(request as u64), who: String::new(), ask },
        );
    }
    let mut replies = Vec::new();
    while let Some(action) = supervisor.poll() {
        match action {
            Action::Reply { request, outcome } => replies.push((request.0, outcome)),
            Action::Spawn(id) => supervisor.handle(Duration::ZERO, Event::Spawned { id, pid: 1 }),
            _ => {}
        }
        supervisor.handle(Duration::ZERO, Event::Ticked);
    }
    assert_eq!(replies, (0..50).map(|request| (request, Ok(()))).collect::<Vec<_>>());
    let up = supervisor.instances.values().filter(|one| one.is_up()).count();
    assert_eq!(up, usize::from(counts[49]), "of {counts:?} the last");
}

#[test]
fn e13_after_a_crash_and_scaling_no_place_is_held_twice() {
    let mut story = Story::of(&[(rules(Restart::Always, OnExit::Continue), 3)]);
    story.exits(0, 2, Status::Code(1));
    // Down past the one in back-off and up again, while web.3 has not left yet.
    let mut orders = story.ask(Ask::Scale(vec![Count::to(TypeId(0), 1)]));
    let leaving = story.id(0, 3);
    orders.extend(story.ask(Ask::Scale(vec![Count::to(TypeId(0), 3)])));
    assert!(spawns(&orders).iter().all(|id| id.index != 3), "web.3 still holds its place");
    assert_eq!(story.up().len(), 3, "three are up beside the one that leaves: {:?}", story.up());
    // The crash's timer finds nobody, and the end of the old web.3 starts nobody.
    let mut later = story.after(HOUR);
    later.extend(story.fact(Event::Exited { id: leaving, status: Status::Signal(15), remains: false }));
    assert_eq!(spawns(&later), []);
    let up = story.up();
    let places: std::collections::BTreeSet<_> = up.iter().collect();
    assert_eq!((up.len(), places.len()), (3, 3), "{up:?}");
}

#[test]
fn port_6_scaling_up_and_down_and_up_gives_the_same_indices_and_so_the_same_ports() {
    let mut story = Story::defaults(&[1]);
    let mut seen = Vec::new();
    for count in [3, 1, 2] {
        story.ask(Ask::Scale(vec![Count::to(TypeId(0), count)]));
        for index in count + 1..=3 {
            if let Some(one) = story.supervisor.instances.get(&(TypeId(0), index)) {
                let id = one.id;
                story.fact(Event::Exited { id, status: Status::Signal(15), remains: false });
            }
        }
        seen.push(story.up());
    }
    assert_eq!(seen, [vec![(0, 1), (0, 2), (0, 3)], vec![(0, 1)], vec![(0, 1), (0, 2)]]);
}
