//! Every fault at every request of an apply.
//!
//! The requests of a clean apply are learnt from the wire, the faults from the sandbox. For each
//! pair of them an apply meets that fault at that request; it must say what failed with the right
//! code, and end with the right exit code. A second apply must bring about the rest: the account
//! is then what a clean apply makes of it, with nothing twice.
//!
//! Beside what the account does, a run is killed at each request, the journal's disk gets full, and
//! its lock is broken. The second apply is on another machine, which has only the ledger.
//!
//! There are more than 13,000 pairs. `cargo test` takes some of them, so that each request and each
//! fault is among them; the feature `long-tests` takes all. The same request in another state is
//! another pair: a list that fails means one thing to a first apply and another to a destroy.

mod edits;
mod judge;
mod stage;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use makeform::{
    live::transport::Method,
    model,
    sandbox::{Dialect, fault::SORTS},
};

use self::{
    judge::{Case, Seen, What},
    stage::Stage,
};
#[cfg(feature = "long-tests")]
use crate::settle::seeded;
use crate::support::{
    examples::projects,
    trial::{Asked, runtime},
    world::World as Project,
};

fn zone() -> Vec<Stage> {
    stages(
        model::Dialect::Zone,
        Dialect::Zone,
        &[edits::of_the_examples],
    )
}

fn unified() -> Vec<Stage> {
    let edits = [edits::of_the_zones_examples, edits::of_the_help_desk];
    stages(model::Dialect::Unified, Dialect::Unified, &edits)
}

/// A first apply, one of changes and a destroy of each example project of a dialect.
fn stages(of: model::Dialect, dialect: Dialect, edits: &[fn(&Project)]) -> Vec<Stage> {
    let mut stages = Vec::new();
    assert_eq!(projects(of).len(), edits.len());
    for (number, edit) in edits.iter().enumerate() {
        let project = || projects(of).swap_remove(number);
        let name = format!("{dialect:?} {number}");
        stages.push(Stage::of_creates(&name, dialect, project()));
        stages.push(Stage::of_changes(&name, dialect, project(), edit));
        let doomed = project();
        edits::without_members(&doomed);
        stages.push(Stage::of_deletes(&name, dialect, doomed));
    }
    stages
}

/// What the program needs within a thread where nothing is optimized, in bytes.
const STACK: usize = 32 * 1024 * 1024;

/// Does something with room for the program.
fn with_room(what: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let roomy = std::thread::Builder::new().stack_size(STACK);
        let done = roomy.spawn_scoped(scope, what).unwrap().join();
        if let Err(panic) = done {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Goes through the cases on two threads, and says what came of it; what is wrong, told whole.
fn sweep(what: &str, cases: &[Case<'_>]) -> Vec<String> {
    let begun = Instant::now();
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let roomy = std::thread::Builder::new().stack_size(STACK);
            let worker = roomy.spawn_scoped(scope, || {
                let runtime = runtime();
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let seen = runtime.block_on(case.run());
                    if !seen.wrong.is_empty() {
                        failed.lock().unwrap().push(told(case, &seen));
                    }
                }
            });
            worker.unwrap();
        }
    });
    let failed = failed.into_inner().unwrap();
    let (all, bad) = (cases.len(), failed.len());
    let took = begun.elapsed();
    let each = took / u32::try_from(all.max(1)).unwrap();
    say(&format!(
        "{what}: {all} combinations, {bad} wrong, in {took:.0?}, one each {each:.0?}"
    ));
    failed
}

#[track_caller]
fn assert_right(failed: &[String]) {
    let bad = failed.len();
    assert!(
        failed.is_empty(),
        "{bad} wrong combinations:\n\n{}",
        failed.join("\n\n")
    );
}

#[expect(clippy::print_stderr, reason = "CI shows what was checked")]
fn say(text: &str) {
    eprintln!("{text}");
}

/// What is wrong with a case, and how to see it.
fn told(case: &Case<'_>, seen: &Seen) -> String {
    let at = seen.asked.get(case.number - 1);
    let at = at.map_or_else(String::new, |at| format!("{} {}", at.method, at.path));
    format!(
        "{}, {} ({at}), ended with {}\n{}\n{}",
        case.stage.name,
        case.told(),
        seen.ran.code,
        seen.ran.stderr,
        seen.wrong.join("\n")
    )
}

/// What requests have in common for a fault: when they are sent, and what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    /// A read of the plan.
    Planning,
    /// A read of a step.
    Checking,
    /// A write, by its verb.
    Writing(Method),
}

/// The requests of all stages by their sort.
fn by_sort(stages: &[Stage]) -> BTreeMap<Sort, Vec<(&Stage, usize)>> {
    let mut sorts: BTreeMap<Sort, Vec<(&Stage, usize)>> = BTreeMap::new();
    for stage in stages {
        let writes = |asked: &Asked| !asked.method.is_read();
        let first = stage.requests.iter().position(writes).unwrap();
        for (index, asked) in stage.requests.iter().enumerate() {
            let sort = match asked.method {
                Method::Get if index < first => Sort::Planning,
                Method::Get => Sort::Checking,
                method @ (Method::Post | Method::Put | Method::Patch | Method::Delete) => {
                    Sort::Writing(method)
                }
            };
            sorts.entry(sort).or_default().push((stage, index + 1));
        }
    }
    sorts
}

/// Each request with at least one fault, and each fault at each sort of request.
#[test]
fn every_request_gets_over_a_fault_or_says_what_failed() {
    with_room(rotate);
}

fn rotate() {
    let stages: Vec<Stage> = zone().into_iter().chain(unified()).collect();
    let mut cases = Vec::new();
    for (_, requests) in by_sort(&stages) {
        let all: Vec<What> = What::all().collect();
        for turn in 0..requests.len().max(all.len()) {
            let (stage, number) = requests[turn % requests.len()];
            let what = all[turn % all.len()];
            cases.push(Case {
                stage,
                number,
                what,
                lasts: false,
            });
        }
    }
    assert_right(&sweep("each request with a fault", &cases));
}

/// Some requests of each sort, from which on every request has the fault.
#[test]
fn a_fault_that_does_not_end_is_said_once_and_leaves_nothing_twice() {
    with_room(last);
}

fn last() {
    let stages: Vec<Stage> = zone().into_iter().chain(unified()).collect();
    let mut cases = Vec::new();
    for (_, requests) in by_sort(&stages) {
        for (turn, what) in SORTS.iter().enumerate() {
            if what.contains("for") || what.contains("latency") || turn % 3 != 0 {
                continue;
            }
            let (stage, number) = requests[turn * 5 % requests.len()];
            let what = What::Fault(what);
            cases.push(Case {
                stage,
                number,
                what,
                lasts: true,
            });
        }
    }
    assert_right(&sweep("faults that last", &cases));
}

/// Each request of a stage with each fault, and none left out.
#[cfg(feature = "long-tests")]
fn cases_of(stage: &Stage, is_tried: fn(&What) -> bool) -> Vec<Case<'_>> {
    let numbers = 1..=stage.requests.len();
    let cases = numbers.flat_map(|number| {
        What::all().filter(is_tried).map(move |what| Case {
            stage,
            number,
            what,
            lasts: false,
        })
    });
    cases.collect()
}

/// Each request of each apply with each fault: in CI, optimized, for it takes minutes.
#[cfg(feature = "long-tests")]
#[test]
fn every_request_gets_over_every_fault_or_says_what_failed() {
    with_room(|| {
        let stages: Vec<Stage> = zone().into_iter().chain(unified()).collect();
        sweep_all(&stages, |_| true);
    });
}

/// The same of an account that somebody else has built, of 60 things: with what differs there. All
/// that a fault may do to a request is tried on the examples.
#[cfg(feature = "long-tests")]
#[test]
fn every_request_to_a_seeded_account_gets_over_what_may_happen() {
    with_room(|| {
        let project = seeded::taken_over(model::Dialect::Zone, "34");
        let change = |project: &Project| {
            seeded::change_each_kind(project);
            seeded::describe_all(project);
        };
        let stage = Stage::of_changes("a seeded account", Dialect::Zone, project, change);
        sweep_all(&[stage], |what| match what {
            What::Fault(what) => TOLD.contains(what),
            What::Blow(_) => true,
        });
    });
}

/// The faults that are tried on a seeded account.
#[cfg(feature = "long-tests")]
const TOLD: [&str; 9] = [
    "unreachable",
    "drop",
    "drop after",
    "429",
    "500",
    "500 after",
    "truncated",
    "hang",
    "hang after",
];

#[cfg(feature = "long-tests")]
fn sweep_all(stages: &[Stage], is_tried: fn(&What) -> bool) {
    let cases: Vec<Vec<Case<'_>>> = stages
        .iter()
        .map(|stage| cases_of(stage, is_tried))
        .collect();
    let all: usize = cases.iter().map(Vec::len).sum();
    say(&format!("{} applies, {all} combinations", stages.len()));
    let mut failed = Vec::new();
    for (stage, cases) in stages.iter().zip(&cases) {
        let what = format!("{}, {} requests", stage.name, stage.requests.len());
        failed.extend(sweep(&what, cases));
    }
    assert_right(&failed);
}
