//! Whatever Make turns out to do where it documents nothing: an apply settles.
//!
//! The sandbox's quirks are those doubts. Under every single setting, and under rows of settings in
//! which every two of them meet, something is applied and planned again, and the plan is empty. The
//! quirks come from the sandbox: a new one is tried without a line here. What is called `long` needs
//! the feature `long-tests`, which `.ci/run` turns on; only there is each setting tried alone.

use std::{
    collections::BTreeMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use makeform::{
    model::Dialect,
    sandbox::{Quirks, quirk::Quirk},
};

use crate::support::{
    compact::{change, compact},
    pairwise::{pairs, pairs_of, pairwise},
    world::World,
};

mod invitations;
#[cfg(feature = "long-tests")]
mod long;
pub(crate) mod seeded;

/// What the compact project needs beside quirks: custom properties, and no limit of requests.
const ENTERPRISE: &str = "plan enterprise; minute 0.001";

/// The settings without which a role can't be taken away, or an invitation not withdrawn.
const FOR_GOOD: [&str; 2] = [
    "team-role-removal=not-offered",
    "invitation-removal=refused",
];

/// A Make that answers so.
struct Case {
    dialect: Dialect,
    settings: Vec<String>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = self.settings.join(" ");
        write!(f, "{} {settings}", self.dialect.as_str())
    }
}

impl Case {
    /// Whether it answers in one of these ways.
    fn has(&self, any_of: &[&str]) -> bool {
        let mut settings = self.settings.iter();
        settings.any(|setting| any_of.contains(&setting.as_str()))
    }

    /// The words of `MAKEFORM_SANDBOX` for it.
    fn options(&self) -> String {
        let settings = self.settings.iter();
        let quirks: Vec<String> = settings.map(|setting| format!("quirk {setting}")).collect();
        quirks.join("; ")
    }
}

/// Make with rows of settings in which every two of them meet.
fn rows(dialect: Dialect) -> Vec<Case> {
    let quirks: Vec<&Quirk> = Quirks::all().iter().collect();
    let counts: Vec<usize> = quirks.iter().map(|quirk| quirk.settings.len()).collect();
    let rows = pairwise(&counts);
    let met = rows.iter().flat_map(|row| pairs_of(row)).collect();
    assert_eq!(pairs(&counts), met, "a pair of settings is not tried");
    let case = |row: Vec<usize>| {
        let chosen = quirks.iter().zip(row);
        let settings = chosen
            .map(|(quirk, setting)| format!("{}={}", quirk.name, quirk.settings[setting].name));
        Case {
            dialect,
            settings: settings.collect(),
        }
    };
    rows.into_iter().map(case).collect()
}

/// Tells a story of each case, several at a time, and of all that end badly at the end.
fn each(cases: &[Case], story: impl Fn(usize, &Case) + Sync) {
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(number) else {
                break;
            };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| story(number, case))) {
                let said = panic.downcast_ref::<String>().cloned();
                let said = said.unwrap_or_else(|| "it panicked".to_owned());
                failures.lock().unwrap().insert(number, said);
            }
        }
    };
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    let failures = failures.into_inner().unwrap();
    let told: Vec<String> = failures
        .iter()
        .map(|(number, said)| format!("=== {}\n{said}", cases[*number]))
        .collect();
    assert!(
        told.is_empty(),
        "{} of {} do not settle:\n{}",
        told.len(),
        cases.len(),
        told.join("\n")
    );
}

/// Applies, and nothing is left to do: with the cache and without it; and nothing is sent.
#[track_caller]
fn apply_and_settle(world: &World) {
    // All that is changed is meant: much at once, webhooks that are made anew, what is stopped.
    let mut apply = vec!["apply", "--auto-approve"];
    for guard in [
        "hook-url-changes",
        "mass-update",
        "stops-active",
        "waiting-work",
    ] {
        apply.extend(["--allow", guard]);
    }
    let _ = world.run(&apply).success();
    world.assert_settled();
    let refreshed = ["plan", "--detailed-exitcode", "--refresh"];
    let _ = world.run(&refreshed).success();
    let writes = world.writes();
    let again = world.run(&["apply", "--auto-approve"]).success();
    assert!(again.stdout.contains("No changes"), "{again}");
    assert_eq!(world.writes(), writes, "a no-op apply sent a write");
}

/// Exports the account, and its manifests change nothing.
#[track_caller]
fn export_and_settle(world: &World) {
    let _ = world.run(&["export", "--out", "exported"]).success();
    let plan = ["-C", "exported", "plan", "--detailed-exitcode"];
    let plan = world.run(&plan).success();
    assert!(plan.stdout.contains("No changes"), "{plan}");
}

/// Addresses with their ids, as the ledger has them.
fn bound(world: &World) -> Vec<(String, String)> {
    let list = world.run(&["state", "list"]).success();
    let rows = list.stdout.lines().skip(1);
    let pair = |row: &str| {
        let mut words = row.split_whitespace().map(str::to_owned);
        Some((words.next()?, words.next()?))
    };
    rows.filter_map(pair).collect()
}

/// Whether an address is the role of a person.
fn is_role(address: &str) -> bool {
    address.starts_with("organization-role.") || address.starts_with("team-role.")
}

/// Forgets things of three kinds and binds them again, and nothing is left to do. The number says
/// of which kinds. What no list shows can't be bound.
#[track_caller]
fn import_and_settle(world: &World, number: usize, case: &Case) {
    let is_hidden = |address: &str| is_role(address) && case.has(&["invitation-row=hidden"]);
    let mut kinds = BTreeMap::new();
    for (address, id) in bound(world) {
        let (kind, _) = address.split_once('.').unwrap();
        if !is_hidden(&address) {
            kinds.entry(kind.to_owned()).or_insert((address, id));
        }
    }
    let kinds = kinds.values().cycle().skip(number % kinds.len());
    for (address, id) in kinds.take(3) {
        let _ = world.run(&["state", "rm", address]).success();
        let _ = world.run(&["import", address, id]).success();
    }
    world.assert_settled();
}

/// Takes away all that was made, and nothing is left to take away. Roles that the API can't take
/// away are said, stay, and are forgotten.
#[track_caller]
fn destroy_and_settle(world: &World, case: &Case) {
    let mut destroy = vec!["apply", "--destroy", "--auto-approve"];
    for guard in [
        "prevent-destroy",
        "mass-delete",
        "team-delete",
        "stops-active",
        "waiting-work",
    ] {
        destroy.extend(["--allow", guard]);
    }
    let forget_roles = || {
        for (address, _) in bound(world) {
            assert!(is_role(&address), "{address} is still there");
            let _ = world.run(&["state", "rm", &address]).success();
        }
    };
    if case.dialect == Dialect::Unified {
        // Members are removed in Make alone.
        for (address, _) in bound(world) {
            if is_role(&address) {
                let _ = world.run(&["state", "rm", &address]).success();
            }
        }
    }
    let output = world.run(&destroy);
    if case.dialect == Dialect::Zone && case.has(&FOR_GOOD) {
        let output = output.exits(4);
        assert!(output.stderr.contains("makeform state rm"), "{output}");
        forget_roles();
    } else {
        let _ = output.success();
    }
    assert_eq!(bound(world), []);
    let _ = world
        .run(&["plan", "--destroy", "--detailed-exitcode"])
        .success();
}

/// The life of the compact project.
fn life(number: usize, case: &Case) {
    let world = compact(case.dialect, &format!("{ENTERPRISE}; {}", case.options()));
    apply_and_settle(&world);
    change(&world, case.dialect);
    apply_and_settle(&world);
    export_and_settle(&world);
    import_and_settle(&world, number, case);
    destroy_and_settle(&world, case);
}

#[test]
fn the_compact_project_settles_under_every_two_settings() {
    for dialect in [Dialect::Zone, Dialect::Unified] {
        each(&rows(dialect), life);
    }
}

#[test]
fn a_target_without_a_team_stays_with_the_one_team_that_there_was() {
    let world = World::new();
    let teams = "apiVersion: makeform/v1\nkind: Team\nmetadata: { name: other }\nspec: {}\n";
    world.write("manifests/teams.yaml", teams);
    apply_and_settle(&world);
}
