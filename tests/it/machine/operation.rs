//! What the machine can be told to do.

use proptest::prelude::*;

use super::manifests::Sort;
use crate::support::trial::{self, Blow, Strike};
use makeform::sandbox::fault::SORTS;

/// Chooses among what there is, as far as there is anything.
pub(super) type At = u8;

/// One operation.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// A new thing in git.
    Add(Sort),
    /// A change of one in git.
    Edit(At, Edit),
    /// One goes from git.
    Remove(At),
    /// One gets another address in git.
    Readdress(At),
    /// Somebody changes a thing of ours in Make.
    Meddle(At, Meddling),
    /// Somebody deletes a thing of ours in Make.
    Vanish(At),
    /// Somebody makes a thing of their own in Make.
    Stranger(Sort),
    /// Somebody makes one in Make that has the name of a thing of ours.
    Namesake(At),
    /// `plan`.
    Plan,
    /// `drift`.
    Drift,
    /// `apply`, all guards overridden.
    Apply,
    /// `rollback` of the last apply, all guards overridden.
    Rollback,
    /// `apply`, and its guards hold.
    Guarded,
    /// `apply` with a fault of the sandbox at the n-th request.
    Faulty(usize, usize),
    /// `apply` that dies on the way, can't write its journal, or loses its lock.
    Struck(Strike),
    /// A plan is approved, something happens, and it is applied.
    Expect(Option<Box<Op>>),
    /// All that is left of the machine is the ledger.
    NewMachine,
    /// Everything has to be well now.
    Settle,
}

/// A change in git.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edit {
    Title,
    Text,
    Active,
    Minutes,
    Folder(bool),
    Hook(bool),
    Callee(bool),
}

/// A change in Make.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meddling {
    Rename,
    Description,
    Schedule,
    Blueprint,
    Start,
    Stop,
    Folder,
}

fn sort() -> impl Strategy<Value = Sort> {
    prop_oneof![
        1 => Just(Sort::Folder),
        1 => Just(Sort::Webhook),
        3 => Just(Sort::Scenario),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        Just(Edit::Title),
        Just(Edit::Text),
        Just(Edit::Active),
        Just(Edit::Minutes),
        any::<bool>().prop_map(Edit::Folder),
        any::<bool>().prop_map(Edit::Hook),
        any::<bool>().prop_map(Edit::Callee),
    ]
}

fn meddling() -> impl Strategy<Value = Meddling> {
    prop_oneof![
        Just(Meddling::Rename),
        Just(Meddling::Description),
        Just(Meddling::Schedule),
        Just(Meddling::Blueprint),
        Just(Meddling::Start),
        Just(Meddling::Stop),
        Just(Meddling::Folder),
    ]
}

/// What changes something without a run of the program.
fn change() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => sort().prop_map(Op::Add),
        6 => (any::<At>(), edit()).prop_map(|(at, edit)| Op::Edit(at, edit)),
        1 => any::<At>().prop_map(Op::Remove),
        1 => any::<At>().prop_map(Op::Readdress),
        3 => (any::<At>(), meddling()).prop_map(|(at, what)| Op::Meddle(at, what)),
        1 => any::<At>().prop_map(Op::Vanish),
        1 => sort().prop_map(Op::Stranger),
        1 => any::<At>().prop_map(Op::Namesake),
    ]
}

pub(super) fn any_op() -> impl Strategy<Value = Op> {
    let at = || {
        prop_oneof![
            2 => (1..8_usize).prop_map(trial::At::Write),
            1 => (1..40_usize).prop_map(trial::At::Request),
        ]
    };
    let blow = || {
        prop_oneof![
            2 => Just(Blow::DieBefore),
            2 => Just(Blow::DieAfter),
            1 => Just(Blow::FullDisk),
            1 => Just(Blow::StolenLock),
        ]
    };
    prop_oneof![
        26 => change(),
        1 => Just(Op::Plan),
        1 => Just(Op::Drift),
        2 => Just(Op::Apply),
        1 => Just(Op::Guarded),
        2 => Just(Op::Rollback),
        3 => (1..40_usize, 0..SORTS.len()).prop_map(|(number, what)| Op::Faulty(number, what)),
        4 => (at(), blow()).prop_map(|(at, what)| Op::Struck(Strike { at, what })),
        2 => proptest::option::of(change().prop_map(Box::new)).prop_map(Op::Expect),
        1 => Just(Op::NewMachine),
        1 => Just(Op::Settle),
    ]
}
