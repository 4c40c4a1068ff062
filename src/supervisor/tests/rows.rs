//! Rows of COMPAT and FAULTS, each as a short story: facts in, orders out.

use super::super::*;
use crate::app::plan::StopSignal;

/// A supervisor with what it ordered since the last look.
pub(super) struct Story {
    pub(super) supervisor: Supervisor,
    pub(super) now: Duration,
}

pub(super) const SECOND: Duration = Duration::from_secs(1);

pub(super) fn rules(restart: Restart, on_exit: OnExit) -> Rules {
    Rules { restart, on_exit, ..Rules::default() }
}

impl Story {
    /// These types with these counts, all up, what was ordered for that forgotten.
    pub(super) fn of(types: &[(Rules, u16)]) -> Self {
        let rules = types.iter().map(|(rules, _)| rules.clone()).collect();
        let mut story = Self { supervisor: Supervisor::new(rules, 7), now: Duration::ZERO };
        let counts =
            types.iter().enumerate().map(|(at, (_, count))| Count::to(TypeId(at as u16), *count)).collect();
        story.ask(Ask::Scale(counts));
        story
    }

    pub(super) fn defaults(counts: &[u16]) -> Self {
        Self::of(&counts.iter().map(|count| (Rules::default(), *count)).collect::<Vec<_>>())
    }

    /// Hands in a fact and lets every spawn succeed at once.
    pub(super) fn fact(&mut self, event: Event) -> Vec<Action> {
        let mut all = Vec::new();
        let mut events = VecDeque::from([Event::Ticked, event]);
        while let Some(event) = events.pop_front() {
            self.supervisor.handle(self.now, event);
            while let Some(action) = self.supervisor.poll() {
                match action {
                    Action::Spawn(id) => events.extend([Event::Spawned { id, pid: 1 }, Event::Ticked]),
                    Action::AwaitStrays => events.push_back(Event::StraysGone),
                    _ => {}
                }
                all.push(action);
            }
        }
        all
    }

    pub(super) fn ask(&mut self, ask: Ask) -> Vec<Action> {
        self.fact(Event::Requested { request: RequestId(1), who: String::new(), ask })
    }

    pub(super) fn after(&mut self, time: Duration) -> Vec<Action> {
        self.now += time;
        self.fact(Event::Ticked)
    }

    pub(super) fn id(&self, kind: u16, index: u16) -> Id {
        self.supervisor.instances[&(TypeId(kind), index)].id
    }

    pub(super) fn exits(&mut self, kind: u16, index: u16, status: Status) -> Vec<Action> {
        let id = self.id(kind, index);
        self.fact(Event::Exited { id, status, remains: false })
    }

    /// Every process that is up ends by the stop signal.
    pub(super) fn all_leave(&mut self) -> Vec<Action> {
        let live: Vec<Id> =
            self.supervisor.instances.values().filter(|one| one.is_live()).map(|one| one.id).collect();
        live.into_iter()
            .flat_map(|id| self.fact(Event::Exited { id, status: Status::Signal(15), remains: false }))
            .collect()
    }

    pub(super) fn up(&self) -> Vec<(u16, u16)> {
        let up = self.supervisor.instances.values().filter(|one| one.is_up());
        up.map(|one| (one.id.kind.0, one.id.index)).collect()
    }
}

pub(super) fn code(actions: &[Action]) -> Option<u8> {
    actions.iter().find_map(|action| match action {
        Action::Finish { code, .. } => Some(*code),
        _ => None,
    })
}

pub(super) fn stops(actions: &[Action]) -> usize {
    actions.iter().filter(|action| matches!(action, Action::Stop { target: Target::Process(_), .. })).count()
}

pub(super) fn kills(actions: &[Action]) -> usize {
    actions.iter().filter(|action| matches!(action, Action::Kill(Target::Process(_)))).count()
}

#[test]
fn end_1_and_2_and_e5_an_end_stops_all_or_lets_the_rest_go_on() {
    for (on_exit, status, expected) in [
        (OnExit::StopAll, Status::Code(0), Some(0)),
        (OnExit::StopAll, Status::Code(3), Some(3)),
        (OnExit::StopAll, Status::Signal(9), Some(137)),
        (OnExit::Continue, Status::Code(3), None),
    ] {
        let mut story = Story::of(&[(rules(Restart::Never, on_exit), 1), (Rules::default(), 1)]);
        let mut orders = story.exits(0, 1, status);
        assert_eq!(stops(&orders), usize::from(expected.is_some()));
        if expected.is_some() {
            orders.extend(story.all_leave());
        }
        assert_eq!(code(&orders), expected, "{on_exit:?} {status:?}");
    }
}

#[test]
fn end_3_and_4_and_e4_the_restart_rule_comes_first() {
    for (restart, status, again) in [
        (Restart::OnFailure, Status::Code(3), true),
        (Restart::OnFailure, Status::Signal(11), true),
        (Restart::OnFailure, Status::Code(0), false),
        (Restart::Always, Status::Code(0), true),
        (Restart::Never, Status::Code(3), false),
    ] {
        let mut story = Story::of(&[(rules(restart, OnExit::Continue), 1), (Rules::default(), 1)]);
        story.exits(0, 1, status);
        assert_eq!(story.up(), [(1, 1)]);
        story.after(SECOND);
        assert_eq!(story.up().contains(&(0, 1)), again, "{restart:?} {status:?}");
    }
}

#[test]
fn code_1_the_first_failure_by_itself_decides_and_codes_after_our_stop_do_not_count() {
    let mut story = Story::defaults(&[1, 1]);
    story.exits(0, 1, Status::Code(3));
    assert_eq!(code(&story.exits(1, 1, Status::Code(1))), Some(3));
}

#[test]
fn code_3_and_a1_a_stop_that_was_asked_for_is_clean_whatever_the_children_say() {
    for status in [Status::Code(0), Status::Code(5), Status::Code(143), Status::Signal(15)] {
        let mut story = Story::defaults(&[2]);
        let orders = story.fact(Event::Signalled(Signal::Terminate));
        assert_eq!(stops(&orders), 2);
        story.exits(0, 1, status);
        assert_eq!(code(&story.exits(0, 2, status)), Some(0), "{status:?}");
    }
}

#[test]
fn code_4_b1_sig_3_who_stays_is_killed_after_the_grace_and_that_is_137() {
    let mut story = Story::defaults(&[1]);
    story.fact(Event::Signalled(Signal::Terminate));
    assert_eq!(kills(&story.after(Duration::from_millis(7_999))), 0);
    assert_eq!(kills(&story.after(Duration::from_millis(1))), 1);
    assert_eq!(code(&story.exits(0, 1, Status::Signal(9))), Some(137));
}

#[test]
fn code_5_a_failure_that_was_made_good_does_not_count_and_one_that_stayed_does() {
    let mut story = Story::of(&[(rules(Restart::OnFailure, OnExit::StopAll), 1)]);
    story.exits(0, 1, Status::Code(3));
    story.after(SECOND);
    story.fact(Event::Signalled(Signal::Terminate));
    assert_eq!(code(&story.all_leave()), Some(0));
    let mut story = Story::of(&[
        (rules(Restart::Never, OnExit::Continue), 1),
        (rules(Restart::Never, OnExit::Continue), 1),
    ]);
    assert_eq!(code(&story.exits(0, 1, Status::Code(3))), None);
    assert_eq!(code(&story.exits(1, 1, Status::Code(0))), Some(3));
}

#[test]
fn a3_sig_6_a_second_ctrl_c_kills_now_and_so_does_a_term_after_it() {
    for second in [Signal::Interrupt, Signal::Terminate] {
        let mut story = Story::defaults(&[2]);
        story.fact(Event::Signalled(Signal::Interrupt));
        story.now += SECOND;
        assert_eq!(kills(&story.fact(Event::Signalled(second))), 2, "{second:?}");
    }
}

#[test]
fn a15_a_repeated_term_a_hup_and_a_quit_change_nothing_while_stopping() {
    let mut story = Story::defaults(&[1]);
    story.fact(Event::Signalled(Signal::Terminate));
    for signal in [Signal::Terminate, Signal::Hangup, Signal::Quit] {
        story.now += SECOND;
        assert_eq!(story.fact(Event::Signalled(signal)), [], "{signal:?}");
    }
    assert_eq!(kills(&story.fact(Event::Signalled(Signal::Interrupt))), 1, "and a Ctrl-C does");
}

#[test]
fn a19_copies_of_a_signal_are_one() {
    let mut story = Story::defaults(&[1]);
    story.fact(Event::Signalled(Signal::Interrupt));
    story.now += Duration::from_millis(99);
    assert_eq!(story.fact(Event::Signalled(Signal::Interrupt)), []);
    story.now += Duration::from_millis(100);
    assert_eq!(kills(&story.fact(Event::Signalled(Signal::Interrupt))), 1);
}

#[test]
fn a10_quit_reaches_the_processes_as_quit_and_sig_7_others_get_their_own() {
    let own = Rules { stop_signal: StopSignal::INT, ..Rules::default() };
    for (signal, expected) in [(Signal::Terminate, [2, 15]), (Signal::Quit, [3, 3])] {
        let mut story = Story::of(&[(own.clone(), 1), (Rules::default(), 1)]);
        let sent: Vec<i32> = story
            .fact(Event::Signalled(signal))
            .into_iter()
            .filter_map(|action| match action {
                Action::Stop { target: Target::Process(_), signal } => Some(signal.0),
                _ => None,
            })
            .collect();
        assert_eq!(sent, expected);
    }
}

#[test]
fn a16_a_term_while_a_spawn_is_out_stops_what_was_spawned_and_starts_no_other() {
    let mut supervisor = Supervisor::new(vec![Rules::default()], 1);
    supervisor.handle(
        Duration::ZERO,
        Event::Requested {
            request: RequestId(1),
            who: String::new(),
            ask: Ask::Scale(vec![Count::to(TypeId(0), 17)]),
        },
    );
    let spawned: Vec<Id> = std::iter::from_fn(|| supervisor.poll())
        .filter_map(|action| if let Action::Spawn(id) = action { Some(id) } else { None })
        .collect();
    assert_eq!(spawned.len(), 16);
    supervisor.handle(Duration::ZERO, Event::Signalled(Signal::Terminate));
    for id in spawned {
        supervisor.handle(Duration::ZERO, Event::Spawned { id, pid: 1 });
    }
    let orders: Vec<Action> = std::iter::from_fn(|| supervisor.poll()).collect();
    assert_eq!(stops(&orders), 16);
    assert!(!orders.iter().any(|action| matches!(action, Action::Spawn(_))));
}

#[test]
fn a8_ctrl_z_pauses_all_us_last_and_cont_resumes_all() {
    let mut story = Story::defaults(&[2]);
    let orders = story.fact(Event::Signalled(Signal::Suspend));
    assert_eq!(orders.iter().filter(|action| matches!(action, Action::Pause(_))).count(), 2);
    assert_eq!(orders.last(), Some(&Action::SuspendSelf));
    let orders = story.fact(Event::Signalled(Signal::Continue));
    assert_eq!(orders.iter().filter(|action| matches!(action, Action::Resume(_))).count(), 2);
}

#[test]
fn b3_what_the_leader_left_is_killed_after_the_same_grace_and_only_then_it_is_over() {
    let mut story = Story::defaults(&[1]);
    let id = story.id(0, 1);
    story.fact(Event::Signalled(Signal::Terminate));
    story.now += SECOND;
    assert_eq!(code(&story.fact(Event::Exited { id, status: Status::Code(0), remains: true })), None);
    assert_eq!(kills(&story.after(Duration::from_secs(7))), 1);
    assert_eq!(code(&story.fact(Event::TreeEmptied { id })), Some(137));
}

#[test]
fn b11_what_the_kernel_does_not_let_go_of_is_named_given_up_and_1() {
    let mut story = Story::defaults(&[1]);
    story.fact(Event::Signalled(Signal::Terminate));
    story.after(Duration::from_secs(8));
    let told = |orders: &[Action], expected| {
        orders.iter().any(|action| matches!(action, Action::Tell(Notice::Unkillable { given_up, .. }) if *given_up == expected))
    };
    assert!(told(&story.after(SECOND), false));
    let orders = story.after(Duration::from_secs(4));
    assert!(told(&orders, true));
    assert_eq!(code(&orders), Some(1));
}

#[test]
fn b14_a_leader_that_leaves_others_behind_is_told_and_its_place_waits_until_they_are_gone() {
    let mut story = Story::of(&[(rules(Restart::Always, OnExit::StopAll), 1)]);
    let id = story.id(0, 1);
    let orders = story.fact(Event::Exited { id, status: Status::Code(1), remains: true });
    assert_eq!(stops(&orders), 1);
    assert!(orders.iter().any(|action| matches!(action, Action::Tell(Notice::Exited { .. }))));
    story.after(Duration::from_secs(2));
    assert_eq!(story.up(), []);
    story.fact(Event::TreeEmptied { id });
    story.after(Duration::ZERO);
    assert_eq!(story.up(), [(0, 1)]);
}

#[test]
fn b19_b20_a_stop_forgets_the_timer_and_what_was_not_started_yet() {
    let mut story = Story::of(&[(rules(Restart::Always, OnExit::StopAll), 1), (Rules::default(), 1)]);
    story.exits(0, 1, Status::Code(1));
    story.ask(Ask::Stop(vec![(TypeId(0), 1)]));
    story.after(Duration::from_secs(100));
    assert_eq!(story.up(), [(1, 1)]);
    assert_eq!(story.supervisor.snapshot(story.now).instances[0].state, "stopped");
}

#[test]
fn c14_c20_a_dead_guardian_is_a_stop_with_grace_and_never_a_second_press() {
    let mut story = Story::defaults(&[1]);
    assert_eq!(stops(&story.fact(Event::GuardianDied)), 1);
    let mut story = Story::defaults(&[1]);
    story.fact(Event::Signalled(Signal::Interrupt));
    assert_eq!(story.fact(Event::GuardianDied), []);
}

#[test]
fn c5_c6_a_fault_of_ours_stops_in_order_and_is_70() {
    let mut story = Story::defaults(&[1]);
    assert_eq!(stops(&story.fact(Event::Broke)), 1);
    assert_eq!(code(&story.all_leave()), Some(70));
}

#[test]
fn d1_what_the_machine_is_short_of_is_tried_again_whatever_the_rule_and_d5_a_wrong_command_is_not() {
    for (class, again) in [(FailureClass::Transient, true), (FailureClass::Permanent, false)] {
        let mut supervisor = Supervisor::new(vec![rules(Restart::Never, OnExit::StopAll)], 1);
        supervisor.handle(
            Duration::ZERO,
            Event::Requested {
                request: RequestId(1),
                who: String::new(),
                ask: Ask::Scale(vec![Count::to(TypeId(0), 1)]),
            },
        );
        let id = std::iter::from_fn(|| supervisor.poll())
            .find_map(|action| if let Action::Spawn(id) = action { Some(id) } else { None })
            .unwrap();
        let failure = SpawnFailure { class, code: 127, reason: "not found".into() };
        supervisor.handle(Duration::ZERO, Event::SpawnFailed { id, failure });
        supervisor.handle(Duration::ZERO, Event::StraysGone);
        let mut orders: Vec<Action> = std::iter::from_fn(|| supervisor.poll()).collect();
        supervisor.handle(SECOND, Event::Ticked);
        orders.extend(std::iter::from_fn(|| supervisor.poll()));
        assert_eq!(orders.iter().any(|action| matches!(action, Action::Spawn(_))), again);
        assert_eq!(code(&orders), (!again).then_some(127));
    }
}

#[test]
fn e1_e2_back_off_doubles_to_a_minute_and_only_thirty_seconds_up_reset_it() {
    let mut story = Story::of(&[(rules(Restart::Always, OnExit::StopAll), 1)]);
    for failures in 1..=10_u32 {
        let full = Duration::from_secs(1 << (failures - 1)).min(Duration::from_mins(1));
        story.exits(0, 1, Status::Code(1));
        let until = story.supervisor.deadline().unwrap() - story.now;
        assert!(until <= full && until >= full * 9 / 10, "{failures}: {until:?}");
        story.after(until);
        assert_eq!(story.up(), [(0, 1)]);
    }
    story.now += Duration::from_secs(30);
    story.exits(0, 1, Status::Code(1));
    assert!(story.supervisor.deadline().unwrap() - story.now <= SECOND);
}

#[test]
fn e3_a_thousand_crashes_together_are_twenty_starts_a_second_after_a_burst_of_fifty() {
    let mut story = Story::of(&[(rules(Restart::Always, OnExit::StopAll), 1000)]);
    for index in 1..=1000 {
        story.exits(0, index, Status::Code(1));
    }
    let began = story.now;
    let mut started = 0_u32;
    while started < 1000 {
        let at = story.supervisor.deadline().expect("some are still to come").max(story.now);
        story.now = at;
        started +=
            story.fact(Event::Ticked).iter().filter(|action| matches!(action, Action::Spawn(_))).count()
                as u32;
        let allowed = 50 + ((story.now - began).as_millis() / 50) as u32 + 1;
        assert!(started <= allowed, "{started} of {allowed} after {:?}", story.now - began);
    }
    assert!(story.now - began < Duration::from_mins(1), "and they are not late: {:?}", story.now - began);
}

#[test]
fn e6_and_all_zero_keep_it_up() {
    for mut story in [Story::defaults(&[1]), Story::defaults(&[0])] {
        story.ask(Ask::Scale(vec![Count::to(TypeId(0), 0)]));
        assert_eq!(code(&story.all_leave()), None);
        story.ask(Ask::Scale(vec![Count::to(TypeId(0), 1)]));
        assert_eq!(story.up(), [(0, 1)]);
    }
}

#[test]
fn e9_e12_a_request_is_refused_whole() {
    let mut story = Story::defaults(&[1]);
    let orders = story.ask(Ask::Scale(vec![Count::to(TypeId(0), 3), Count::to(TypeId(9), 1)]));
    assert_eq!(
        orders,
        [Action::Reply { request: RequestId(1), outcome: Err(Refusal::NoSuchInstance(TypeId(9), 0)) }]
    );
    let orders = story.ask(Ask::Stop(vec![(TypeId(0), 1), (TypeId(0), 2)]));
    assert_eq!(orders.len(), 1);
    story.fact(Event::Signalled(Signal::Terminate));
    let orders = story.ask(Ask::Scale(vec![Count::to(TypeId(0), 3)]));
    assert_eq!(orders, [Action::Reply { request: RequestId(1), outcome: Err(Refusal::ShuttingDown) }]);
}

#[test]
fn e11_form_5_what_is_down_goes_first_then_the_highest_and_siblings_live_on() {
    let mut story = Story::of(&[(rules(Restart::Always, OnExit::StopAll), 3)]);
    let first = story.id(0, 1);
    story.exits(0, 2, Status::Code(1));
    let orders = story.ask(Ask::Scale(vec![Count::to(TypeId(0), 2)]));
    assert_eq!((stops(&orders), story.up()), (0, vec![(0, 1), (0, 3)]));
    story.ask(Ask::Scale(vec![Count::to(TypeId(0), 1)]));
    assert_eq!((story.up(), story.id(0, 1)), (vec![(0, 1)], first));
    let third = story.id(0, 3);
    story.fact(Event::Exited { id: third, status: Status::Signal(15), remains: false });
    story.ask(Ask::Scale(vec![Count::to(TypeId(0), 2)]));
    assert_eq!(story.up(), [(0, 1), (0, 2)], "the lowest free index is used again");
}

#[test]
fn a_restart_asked_for_waits_for_the_old_life_and_the_rest_keeps_its_own() {
    let mut story = Story::defaults(&[1, 1]);
    let (old, other) = (story.id(0, 1), story.id(1, 1));
    story.ask(Ask::Restart(vec![(TypeId(0), 1)]));
    assert_eq!(story.up(), [(1, 1)]);
    story.fact(Event::Exited { id: old, status: Status::Code(1), remains: false });
    assert!(story.id(0, 1).generation > old.generation && story.id(1, 1) == other);
    assert_eq!(story.up(), [(0, 1), (1, 1)], "and its end stops nobody");
}

#[test]
fn max_restarts_gives_up_and_then_on_exit_decides() {
    let spent = Rules { max_restarts: Some(2), ..rules(Restart::Always, OnExit::StopAll) };
    let mut story = Story::of(&[(spent, 1)]);
    for wait in [1, 2] {
        story.exits(0, 1, Status::Code(4));
        story.after(Duration::from_secs(wait));
    }
    assert_eq!(code(&story.exits(0, 1, Status::Code(4))), Some(4));
}

#[test]
fn every_state_has_a_reason() {
    let mut story = Story::of(&[(rules(Restart::OnFailure, OnExit::Continue), 2), (Rules::default(), 1)]);
    story.exits(0, 1, Status::Code(1));
    story.ask(Ask::Stop(vec![(TypeId(1), 1)]));
    let shown = story.supervisor.snapshot(story.now);
    let told: Vec<_> = shown.instances.iter().map(|one| format!("{}: {}", one.state, one.reason)).collect();
    assert_eq!(
        told,
        [
            "backoff: exited with code 1, next start in 1 s",
            "running: up",
            "stopping: sent signal 15 0 s ago, SIGKILL in 8 s",
        ]
    );
}

#[test]
fn l3_absurd_times_do_not_overflow() {
    let endless = Rules { grace: Duration::MAX, ..Rules::default() };
    let mut story = Story::of(&[(endless, 1)]);
    story.now = Duration::from_secs(u64::MAX / 4);
    story.fact(Event::Signalled(Signal::Terminate));
    assert_eq!(kills(&story.after(SECOND)), 0);
}
