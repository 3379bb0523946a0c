//! A machine that does to a project what people and networks do, in any order: edits in git, edits
//! in Make, faults, kills, plans and applies. After each of its operations the promises of plan and
//! apply have to hold.
//!
//! | promise | where |
//! |---|---|
//! | a plan writes nothing, and says the same twice | [`Machine::plan`] |
//! | what ends with an error of the plan or a guard has written nothing | [`Machine::check_refused`] |
//! | what nobody made ours is never touched | [`Machine::check_strangers`] |
//! | nothing is there twice | [`Machine::check_twins`] |
//! | another digest than the approved one is refused, the same is carried out | [`Machine::expect`] |
//! | after whatever went wrong, an apply brings about what a first apply to an empty account does | [`Machine::settle`] |
//!
//! proptest makes up the operations and shrinks what fails. What it found is told in `found`.

mod account;
mod checks;
mod found;
mod manifests;
mod operation;
mod state;

use std::cell::Cell;

use proptest::test_runner::{Config, RngSeed, TestRunner};

use self::{operation::Op, state::Machine};

/// How many operations a story has at the most.
const LONGEST: usize = 50;

/// Goes through a story.
fn play(ops: &[Op]) {
    std::thread::scope(|scope| {
        // Nothing is optimized in tests, and the program's futures are large.
        let roomy = std::thread::Builder::new().stack_size(32 * 1024 * 1024);
        let played = roomy.spawn_scoped(scope, || {
            let mut machine = Machine::new();
            for (number, op) in ops.iter().enumerate() {
                machine.at = format!("operation {number}, {op:?}");
                machine.does(op);
            }
            machine.at = "the end".to_owned();
            machine.settle();
        });
        if let Err(panic) = played.unwrap().join() {
            tell(ops);
            std::panic::resume_unwind(panic);
        }
    });
}

/// The story in a form that `found` takes.
#[expect(clippy::print_stderr, reason = "proptest takes a line for each word")]
fn tell(ops: &[Op]) {
    eprintln!("{ops:?}");
}

/// As many stories as `PROPTEST_CASES` says, of the seed that `PROPTEST_RNG_SEED` says or any; else
/// a few that are the same each time: `cargo test` tells of a change, and no news of something old.
fn cases() -> Config {
    let asked = Config::default();
    let is_said = asked.cases != 256;
    Config {
        cases: if is_said { asked.cases } else { 6 },
        rng_seed: match is_said {
            true => asked.rng_seed,
            false => RngSeed::Fixed(1),
        },
        // What is found becomes a story of `found`.
        failure_persistence: None,
        max_shrink_iters: 200,
        ..asked
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "how much was done is to be read")]
fn any_order_of_edits_faults_and_applies_ends_well() {
    let (stories, operations) = (Cell::new(0), Cell::new(0));
    let story = proptest::collection::vec(operation::any_op(), 1..LONGEST);
    let done = TestRunner::new(cases()).run(&story, |ops| {
        play(&ops);
        stories.set(stories.get() + 1);
        operations.set(operations.get() + ops.len());
        Ok(())
    });
    eprintln!("{} stories, {} operations", stories.get(), operations.get());
    if let Err(failure) = done {
        panic!("{failure}");
    }
}
