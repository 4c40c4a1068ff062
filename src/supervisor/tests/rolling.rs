//! Replacing one by one: what becomes of the whole when the new one does not work.

use super::super::*;
use super::rows::{SECOND, Story, code, rules};

fn reply(actions: &[Action]) -> Option<Result<(), Refusal>> {
    actions.iter().find_map(|action| match action {
        Action::Reply { outcome, .. } => Some(*outcome),
        _ => None,
    })
}

#[test]
fn the_failure_of_the_extra_one_is_told_and_ends_nothing() {
    for restart in [Restart::Never, Restart::OnFailure] {
        let mut story = Story::of(&[(rules(restart, OnExit::StopAll), 2)]);
        let orders = story.ask(Ask::Roll(TypeId(0)));
        assert_eq!((reply(&orders), story.up()), (None, vec![(0, 1), (0, 2), (0, 3)]));
        let orders = story.exits(0, 3, Status::Code(3));
        assert_eq!(reply(&orders), Some(Err(Refusal::DidNotComeUp(TypeId(0), 3))));
        story.after(SECOND * 5);
        assert_eq!(story.up(), [(0, 1), (0, 2)]);
        assert!(!story.supervisor.is_shutting_down());
        // Nor is it a failure of the formation later.
        story.ask(Ask::Down { grace: None });
        assert_eq!(code(&story.all_leave()), Some(0));
    }
}

#[test]
fn a_member_that_fails_is_judged_as_ever() {
    let mut story = Story::of(&[(rules(Restart::Never, OnExit::StopAll), 2)]);
    story.ask(Ask::Roll(TypeId(0)));
    story.exits(0, 1, Status::Code(4));
    assert_eq!(code(&story.all_leave()), Some(4));
}
