//! The applies that a sweep goes over, each prepared once.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use makeform::{
    cli::Ran,
    sandbox::{Dialect, World, WorldOptions},
};

use crate::support::{
    inventory::Inventory,
    trial::{self, Asked, Trial, runtime},
    world::World as Project,
};

/// A project in a state from which an apply starts, and what a clean one does.
pub(super) struct Stage {
    pub(super) name: String,
    pub(super) dialect: Dialect,
    project: Project,
    env: BTreeMap<String, String>,
    pub(super) args: &'static [&'static str],
    /// The requests of a clean apply, in order.
    pub(super) requests: Vec<Asked>,
    /// The account before it, and after a clean one.
    pub(super) before: Inventory,
    pub(super) after: Inventory,
    /// Where it is left to be tried by hand.
    kept: OnceLock<PathBuf>,
}

const APPLY: &[&str] = &[
    "apply",
    "--auto-approve",
    "--allow",
    "hook-url-changes",
    "--allow",
    "waiting-work",
];

const DESTROY: &[&str] = &[
    "apply",
    "--destroy",
    "--auto-approve",
    "--allow",
    "prevent-destroy",
    "--allow",
    "mass-delete",
    "--allow",
    "stops-active",
    "--allow",
    "waiting-work",
];

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Stage {
    /// The first apply of a project, to an account that nobody used.
    pub(super) fn of_creates(name: &str, dialect: Dialect, project: Project) -> Self {
        World::open(&trial::world_in(project.path()), WorldOptions::default()).unwrap();
        Self::learn(format!("{name}, made"), dialect, project, APPLY)
    }

    /// An apply of a project that was applied and then edited.
    pub(super) fn of_changes(
        name: &str,
        dialect: Dialect,
        project: Project,
        edit: impl FnOnce(&Project),
    ) -> Self {
        let project = applied(dialect, project);
        edit(&project);
        Self::learn(format!("{name}, changed"), dialect, project, APPLY)
    }

    /// A destroy of a project that was applied.
    pub(super) fn of_deletes(name: &str, dialect: Dialect, project: Project) -> Self {
        let project = applied(dialect, project);
        Self::learn(format!("{name}, destroyed"), dialect, project, DESTROY)
    }

    fn learn(
        name: String,
        dialect: Dialect,
        project: Project,
        args: &'static [&'static str],
    ) -> Self {
        let env = environment(&project);
        let trial = Trial::copy_of(project.path(), &env, dialect);
        let before = Inventory::of(trial.world());
        let (ran, requests) = runtime().block_on(trial.run(args, None));
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.stdout, ran.stderr);
        let after = Inventory::of(trial.world());
        assert!(before != after, "{name} changes nothing");
        Self {
            name,
            dialect,
            project,
            env,
            args,
            requests,
            before,
            after,
            kept: OnceLock::new(),
        }
    }

    /// A copy of it, to try something on.
    pub(super) fn trial(&self) -> Trial {
        Trial::copy_of(self.project.path(), &self.env, self.dialect)
    }

    /// Leaves the project where it can be tried by hand, and says how to bring about a fault.
    pub(super) fn by_hand(&self, fault: &str) -> String {
        let kept = self.kept.get_or_init(|| {
            let name = self.name.to_lowercase().replace([' ', ','], "-");
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sweep");
            let kept = folder.join(name);
            fs::remove_dir_all(&kept).ok();
            trial::copy(self.project.path(), &kept);
            kept
        });
        let env = self
            .env
            .iter()
            .map(|(name, value)| format!("{name}={value} "));
        let env: String = env.collect();
        let args = self.args.join(" ");
        format!(
            "cp -r {} /tmp/by-hand && {env}MAKEFORM_SANDBOX='fault {fault}' \\\n  \
             target/debug/makeform -C /tmp/by-hand {args}",
            kept.display()
        )
    }
}

fn environment(project: &Project) -> BTreeMap<String, String> {
    let mut env = project.env().clone();
    for (name, value) in [("USER", "tester"), ("HOSTNAME", "testhost")] {
        env.insert(name.to_owned(), value.to_owned());
    }
    env
}

/// The project after a first apply.
fn applied(dialect: Dialect, project: Project) -> Project {
    World::open(&trial::world_in(project.path()), WorldOptions::default()).unwrap();
    let trial = Trial::copy_of(project.path(), &environment(&project), dialect);
    let (ran, _) = runtime().block_on(trial.run(APPLY, None));
    let Ran { stdout, stderr, .. } = &ran;
    assert_eq!(ran.code, 0, "{stdout}{stderr}");
    // Its counts are written when it is closed.
    let made = ".makeform";
    trial::copy(&trial.path().join(made), &project.file(made));
    project
}
