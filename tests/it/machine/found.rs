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
