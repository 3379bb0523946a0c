//! The machine's state and its operations.

use std::collections::{BTreeMap, BTreeSet};

use makeform::{
    cli::Ran,
    sandbox::{Collection, Dialect, World as Sandbox, WorldOptions, fault::SORTS},
};
use serde_json::Value;

use super::{
    manifests::{Manifests, Sort, Thing},
    operation::{At, Edit, Op},
};
use crate::support::{
    inventory::Inventory,
    trial::{self, Asked, Blow, Strike, Trial},
    world::World as Project,
};

/// The guards that these stories run into.
const ALLOW: [&str; 12] = [
    "--allow",
    "adopt-overwrites",
    "--allow",
    "hook-url-changes",
    "--allow",
    "mass-delete",
    "--allow",
    "mass-update",
    "--allow",
    "stops-active",
    "--allow",
    "waiting-work",
];

/// That a webhook is to start another scenario, and the one that it starts goes: that takes two
/// applies.
pub(super) const IN_USE: &str = "webhook-in-use";

const APPLY: [&str; 2] = ["apply", "--auto-approve"];

/// What an account is compared by: runs come and go.
const MANAGED: [Collection; 4] = [
    Collection::Blueprints,
    Collection::Folders,
    Collection::Hooks,
    Collection::Scenarios,
];

/// An object in Make.
pub(super) type Object = (Sort, u64);

pub(super) struct Machine {
    /// Where in its story it is, for who reads a failure.
    pub(super) at: String,
    pub(super) runtime: tokio::runtime::Runtime,
    pub(super) trial: Trial,
    /// Machines that were left: the account is on the first.
    left: Vec<Trial>,
    pub(super) manifests: Manifests,
    /// What somebody made in Make, as it was then.
    pub(super) strangers: BTreeMap<Object, Value>,
    /// What was somebody's own before it was ours.
    pub(super) adopted: BTreeSet<Object>,
    /// The last number that was given out.
    number: u32,
}

impl Machine {
    pub(super) fn new() -> Self {
        let project = Project::in_memory();
        project.write(
            "makeform.yaml",
            "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: machine }\nspec:\n\
             \x20 manifests: [\"manifests/*.yaml\"]\n\
             \x20 targets: { sandbox: { url: \"sandbox:\" } }\n",
        );
        project.write("manifests/all.yaml", "");
        let mut machine = Self {
            at: "the beginning".to_owned(),
            runtime: trial::runtime(),
            trial: begun(&project),
            left: Vec::new(),
            manifests: Manifests::default(),
            strangers: BTreeMap::new(),
            adopted: BTreeSet::new(),
            number: 0,
        };
        let sorts = [(Sort::Folder, 2), (Sort::Webhook, 2), (Sort::Scenario, 5)];
        for (sort, count) in sorts {
            (0..count).for_each(|_| machine.add(sort));
        }
        let edits = [
            Edit::Active,
            Edit::Hook(true),
            Edit::Folder(true),
            Edit::Callee(true),
        ];
        for (at, edit) in (4..).zip(edits.into_iter().cycle()).take(8) {
            machine.edit(at % 9, edit);
        }
        machine.settle();
        machine
    }

    pub(super) fn does(&mut self, op: &Op) {
        match op {
            Op::Add(sort) => self.add(*sort),
            Op::Edit(at, edit) => self.edit(*at, *edit),
            Op::Remove(at) => {
                if let Some(name) = self.name(*at) {
                    self.manifests.remove(&name);
                }
            }
            Op::Readdress(at) => {
                let new = format!("moved-{}", self.next());
                if let Some(name) = self.name(*at) {
                    self.manifests.readdress(&name, &new);
                }
            }
            Op::Meddle(at, what) => self.meddle(*at, *what),
            Op::Vanish(at) => {
                if let Some((sort, id)) = self.one_of_ours(*at) {
                    self.delete(sort, id);
                }
            }
            Op::Stranger(sort) => {
                let title = format!("Strange {}", self.next());
                self.stranger(*sort, &title);
            }
            Op::Namesake(at) => {
                if let Some(name) = self.name(*at) {
                    let Thing { sort, title, .. } = self.manifests.things[&name].clone();
                    self.stranger(sort, &title);
                }
            }
            Op::Plan => {
                self.plan();
            }
            Op::Drift => {
                let (drift, asked) = self.run(&["drift"], None);
                self.holds(matches!(drift.code, 0 | 2), &drift.stderr);
                let is_read = asked.iter().all(|asked| asked.method.is_read());
                self.holds(is_read, "drift writes nothing");
            }
            Op::Apply => {
                let ran = self.run(&[&APPLY[..], &ALLOW].concat(), None).0;
                self.check_apply(&ran);
            }
            Op::Rollback => {
                let allow = ["--allow", "rollback-overwrites"];
                let args = [&["rollback", "--auto-approve"], &allow[..], &ALLOW].concat();
                let (ran, asked) = self.run(&args, None);
                match ran.code {
                    0 => self.release(),
                    // There was no apply yet, or what was is not to be had any more.
                    1 | 3 => self.check_refused(&ran, &asked),
                    code => {
                        let said = format!("a rollback ends with {code}:\n{}", ran.stderr);
                        self.holds(false, &format!("{said}\n{}", ran.stdout));
                    }
                }
            }
            Op::Guarded => {
                let (ran, asked) = self.run(&APPLY, None);
                match ran.code {
                    3 => self.check_refused(&ran, &asked),
                    _ => self.check_apply(&ran),
                }
            }
            Op::Faulty(number, what) => {
                let fault = format!("{number}th any: {}", SORTS[what % SORTS.len()]);
                self.run(&[&APPLY[..], &ALLOW].concat(), Some(&fault));
            }
            Op::Struck(strike) => self.struck(*strike),
            Op::Expect(between) => self.expect(between.as_deref()),
            Op::NewMachine => {
                let new = self.trial.elsewhere();
                self.left.push(std::mem::replace(&mut self.trial, new));
            }
            Op::Settle => self.settle(),
        }
    }

    // Edits in git.

    fn add(&mut self, sort: Sort) {
        let number = self.next();
        let thing = Thing::new(sort, number);
        self.manifests
            .things
            .insert(format!("thing-{number}"), thing);
    }

    fn edit(&mut self, at: At, edit: Edit) {
        let number = self.next();
        let Some(name) = self.name(at) else { return };
        let one_of = |sort| {
            let names = self.manifests.of(sort);
            chosen(&names, at).map(|name| name.to_string())
        };
        let folder = one_of(Sort::Folder);
        let hook = self.manifests.free_hook().map(str::to_owned);
        // What was added later is never called, so that nothing goes in circles.
        let callee = one_of(Sort::Scenario).filter(|callee| {
            let serial = |name: &str| self.manifests.things[name].serial;
            serial(callee) < serial(&name)
        });
        let Some(thing) = self.manifests.things.get_mut(&name) else {
            return;
        };
        match edit {
            Edit::Title => thing.title = format!("Retitled {number}"),
            Edit::Text => thing.text = number,
            Edit::Active => thing.active = !thing.active,
            Edit::Minutes => thing.minutes = 15 + number % 60,
            Edit::Folder(is_in) => thing.folder = folder.filter(|_| is_in),
            Edit::Hook(is_in) => thing.hook = hook.filter(|_| is_in),
            Edit::Callee(is_in) => thing.callee = callee.filter(|_| is_in),
        }
    }

    // The program.

    /// Plans twice. Gives the digest; none where there is no plan.
    fn plan(&mut self) -> Option<String> {
        let args = ["plan", "--format", "json"];
        let (first, asked) = self.run(&args, None);
        let (second, _) = self.run(&args, None);
        self.holds(first == second, "the same plan twice");
        self.holds(
            asked.iter().all(|asked| asked.method.is_read()),
            "a plan writes nothing",
        );
        if first.code == 0 {
            let plan: Value = serde_json::from_str(&first.stdout).unwrap();
            return plan["digest"].as_str().map(str::to_owned);
        }
        self.check_confused(&first);
        None
    }

    /// Applies, and something happens on the way. Who has lost the lock sends nothing more.
    fn struck(&mut self, strike: Strike) {
        self.write_manifests();
        let args = [&APPLY[..], &ALLOW].concat();
        let (ran, _) = self.runtime.block_on(self.trial.struck(&args, strike));
        self.check_account();
        let is_killed = matches!(strike.what, Blow::DieBefore | Blow::DieAfter);
        match ran {
            Some(ran) if is_killed || ran.code == 0 => self.check_apply(&ran),
            Some(ran) => self.holds(matches!(ran.code, 1 | 4), "it says that it was stopped"),
            None => {}
        }
    }

    /// Approves a plan, lets something happen, and applies with the approval.
    fn expect(&mut self, between: Option<&Op>) {
        let Some(approved) = self.plan() else { return };
        if let Some(op) = between {
            self.does(op);
        }
        let now = self.plan();
        let args = [&["apply", "--expect", &approved], &ALLOW[..]].concat();
        let (ran, asked) = self.run(&args, None);
        match now {
            Some(now) if now == approved => self.check_apply(&ran),
            Some(_) => {
                self.holds(ran.code == 3, "another digest is refused");
                self.check_refused(&ran, &asked);
            }
            None => self.check_refused(&ran, &asked),
        }
    }

    /// Applies until all is well, and looks whether it is.
    pub(super) fn settle(&mut self) {
        let args = [&APPLY[..], &ALLOW].concat();
        for _ in 0..3 {
            let (ran, _) = self.run(&args, None);
            if ran.code == 0 {
                break;
            }
            self.check_confused(&ran);
            self.send_namesakes_away();
            if ran.stdout.contains(IN_USE) {
                let manifests = self.manifests.without_hooks();
                let all = std::mem::replace(&mut self.manifests, manifests);
                let _ = self.run(&args, None);
                self.manifests = all;
            }
        }
        let (plan, _) = self.run(&["plan", "--detailed-exitcode"], None);
        self.holds(
            plan.code == 0,
            &format!("a complete apply leaves no changes:\n{}", plan.stdout),
        );
        let (drift, _) = self.run(&["drift"], None);
        self.holds(
            drift.code == 0,
            &format!("nobody has changed anything since:\n{}", drift.stdout),
        );
        let project = Project::in_memory();
        for name in ["makeform.yaml", "manifests/all.yaml"] {
            let text = std::fs::read_to_string(self.trial.path().join(name)).unwrap();
            project.write(name, &text);
        }
        let fresh = begun(&project);
        let (ran, _) = self.runtime.block_on(fresh.run(&args, None));
        self.holds(
            ran.code == 0,
            &format!("a first apply:\n{}{}", ran.stdout, ran.stderr),
        );
        let is_stranger = |collection, id| {
            let mut strangers = self.strangers.keys();
            strangers.any(|(sort, stranger)| {
                let is_it = sort.collection() == collection
                    || (*sort == Sort::Scenario && collection == Collection::Blueprints);
                is_it && *stranger == id
            })
        };
        let is_told = |collection, _| MANAGED.contains(&collection);
        let here = Inventory::of_some(self.trial.world(), |collection, id| {
            is_told(collection, id) && !is_stranger(collection, id)
        });
        let there = Inventory::of_some(fresh.world(), is_told);
        let difference = here.difference(&there);
        self.holds(
            difference.is_empty(),
            &format!(
                "the account is as a first apply makes it:\n{}",
                difference.join("\n")
            ),
        );
    }

    pub(super) fn run(&mut self, args: &[&str], fault: Option<&str>) -> (Ran, Vec<Asked>) {
        self.write_manifests();
        let ran = self.runtime.block_on(self.trial.run(args, fault));
        self.check_account();
        ran
    }

    fn write_manifests(&self) {
        let path = self.trial.path().join("manifests/all.yaml");
        std::fs::write(path, self.manifests.yaml()).unwrap();
    }

    // What there is.

    pub(super) fn next(&mut self) -> u32 {
        self.number += 1;
        self.number
    }

    fn name(&self, at: At) -> Option<String> {
        let names: Vec<&String> = self.manifests.things.keys().collect();
        chosen(&names, at).map(|name| name.to_string())
    }
}

/// A project with an account that nobody used.
fn begun(project: &Project) -> Trial {
    let world = trial::world_in(project.path());
    Sandbox::open(&world, WorldOptions::default()).unwrap();
    Trial::copy_of(project.path(), &BTreeMap::new(), Dialect::Zone)
}

pub(super) fn chosen<T>(among: &[T], at: At) -> Option<&T> {
    among.get(usize::from(at) % among.len().max(1))
}
