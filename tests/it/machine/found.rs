//! What the machine has found: told again, so that it stays mended.

use super::{
    manifests::Sort,
    operation::{Edit, Meddling, Op},
    play,
};
use crate::support::trial::{At, Blow, Strike};

/// A life that has something of everything.
#[test]
fn a_thing_is_made_lost_found_adopted_moved_and_taken_away() {
    let killed = |write, after| {
        let what = if after {
            Blow::DieAfter
        } else {
            Blow::DieBefore
        };
        let at = At::Write(write);
        Op::Struck(Strike { at, what })
    };
    play(&[
        Op::Add(Sort::Scenario),
        killed(1, true),
        Op::NewMachine,
        Op::Guarded,
        Op::Add(Sort::Webhook),
        killed(1, false),
        Op::Namesake(9),
        Op::Apply,
        Op::Edit(4, Edit::Title),
        Op::Readdress(5),
        Op::Meddle(6, Meddling::Stop),
        Op::Expect(Some(Box::new(Op::Meddle(4, Meddling::Rename)))),
        Op::Vanish(3),
        Op::Faulty(20, 3),
        Op::Remove(2),
        killed(2, true),
    ]);
}

/// What was moved and is gone is made again under its old address, and bound under no other.
#[test]
fn a_rollback_of_a_move_whose_object_is_gone_leaves_one_binding() {
    play(&[Op::Readdress(1), Op::Apply, Op::Vanish(1), Op::Rollback]);
}

/// A scenario that an apply deletes, and another that called it by an id at a place that nothing but
/// the manifest knows to hold one: it calls the new one afterwards.
#[test]
fn a_rollback_names_what_it_makes_anew_wherever_a_reference_stood() {
    play(&[
        Op::Edit(42, Edit::Active),
        Op::Edit(15, Edit::Callee(true)),
        Op::Add(Sort::Scenario),
        Op::Apply,
        Op::Add(Sort::Scenario),
        Op::Edit(38, Edit::Hook(false)),
        Op::Apply,
        Op::Remove(226),
        Op::Edit(187, Edit::Active),
        Op::Edit(124, Edit::Minutes),
        Op::Edit(76, Edit::Text),
        Op::Readdress(206),
        Op::Edit(67, Edit::Folder(true)),
        Op::Guarded,
        Op::Add(Sort::Scenario),
        Op::Rollback,
        Op::Faulty(23, 2),
        Op::Edit(24, Edit::Active),
        Op::Edit(192, Edit::Title),
        Op::Edit(50, Edit::Folder(false)),
        Op::Rollback,
    ]);
}

/// What goes back would name what somebody deleted in Make: it is refused.
#[test]
fn a_rollback_to_what_names_an_object_that_is_gone_is_refused() {
    play(&[
        Op::Add(Sort::Scenario),
        Op::Apply,
        Op::Meddle(158, Meddling::Start),
        Op::Meddle(0, Meddling::Description),
        Op::Edit(0, Edit::Title),
        Op::Faulty(1, 20),
        Op::Rollback,
        Op::Rollback,
        Op::Vanish(162),
        Op::Rollback,
    ]);
}
