//! Ledgers kept by real servers of object stores.

use std::{collections::BTreeMap, process::Stdio};

use makeform::sandbox::TOKEN;

use crate::support::{account::Account, server::Server, stores::ObjectServer, world::World};

const SCENARIOS: usize = 4;

/// Another machine, which has nothing but the project: an account that is served, and a ledger in a
/// store.
fn machine(account: &Server, store: &ObjectServer) -> World {
    let mut world = World::empty();
    world.write(
        "makeform.yaml",
        &format!(
            "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: test }}\nspec:\n  \
             manifests: [\"manifests/**/*.yaml\"]\n  state: {}\n  \
             targets: {{ main: {{ url: \"{}\", token: \"${{env.MAKE_API_KEY}}\" }} }}\n",
            store.state, account.url
        ),
    );
    for number in 0..SCENARIOS {
        world.write(
            &format!("manifests/s{number}.yaml"),
            &format!(
                "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: s{number} }}\nspec:\n  \
                 name: Scenario {number}\n  blueprint:\n    flow:\n      - {{ id: 1, module: \
                 \"util:SetVariable2\", version: 1, mapper: {{ name: x, value: one }} }}\n    \
                 metadata: {{ version: 1 }}\n"
            ),
        );
    }
    world.set_env("MAKE_API_KEY", Some(TOKEN));
    world.set_env("MAKEFORM_TIMEOUTS", Some("arrival 1s"));
    // A runner, whose disk is gone tomorrow.
    world.set_env("CI", Some("true"));
    for (name, value) in &store.environment {
        world.set_env(name, Some(value));
    }
    world
}

/// What one machine applies the next one knows, and nobody sees a credential.
fn outlives_the_machine(store: &ObjectServer) {
    let project = World::new();
    let account = Server::start(&project, &[]);
    let first = machine(&account, store);
    let applied = first.run(&["apply", "--auto-approve"]).success();
    assert!(applied.stdout.contains("4 added"), "{applied}");
    first.assert_settled();

    let second = machine(&account, store);
    second.assert_settled();
    second.edit("manifests/s1.yaml", "value: one", "value: two");
    std::fs::remove_file(second.file("manifests/s2.yaml")).unwrap();
    let applied = second.run(&["apply", "--auto-approve"]).success();
    assert!(
        applied.stdout.contains("0 added, 1 changed, 1 destroyed"),
        "{applied}"
    );
    second.assert_settled();
    let list = machine(&account, store).run(&["state", "list"]).success();
    let bound = list.stdout.matches("scenario.").count();
    assert_eq!(bound, SCENARIOS - 1, "{list}");

    // What cannot be reached, or not like that, is told without the secret.
    let (name, secret) = store
        .environment
        .iter()
        .find(|(name, _)| name.contains("SECRET") || name.contains("ACCOUNT_KEY"))
        .unwrap();
    let mut other = machine(&account, store);
    other.set_env(name, None);
    let refused = other.run(&["plan"]).exits(1);
    assert!(refused.stderr.contains(name), "{refused}");
    for world in [&first, &second, &other] {
        assert!(!world.holds(secret));
    }
    assert!(!applied.to_string().contains(secret) && !refused.to_string().contains(secret));
    let mut gone = machine(&account, store);
    gone.edit("makeform.yaml", "ledgers", "no-such-bucket");
    gone.set_env(name, Some(secret));
    let refused = gone.run(&["apply", "--auto-approve"]).exits(1);
    assert!(refused.stderr.contains("no-such-bucket"), "{refused}");
    assert!(
        refused.stderr.contains("there is no such bucket"),
        "{refused}"
    );
    assert!(!refused.to_string().contains(secret), "{refused}");
}

/// Ten machines apply at once: each in its turn, and nothing is made twice.
fn ten_apply_at_once(store: &ObjectServer) {
    let project = World::new();
    let account = Server::start(&project, &[]);
    let machines: Vec<World> = (0..10).map(|_| machine(&account, store)).collect();
    let running: Vec<_> = machines
        .iter()
        .map(|machine| {
            let args = ["apply", "--auto-approve", "--lock-timeout", "300"];
            let mut command = machine.command(&args);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for child in running {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{said}\n{error}");
        let end = match said.contains("Apply complete! 4 added") {
            true => "made all",
            false if said.contains("No changes") => "found all",
            false => unreachable!("{said}\n{error}"),
        };
        *ends.entry(end.to_owned()).or_default() += 1;
    }
    assert_eq!(ends["made all"], 1, "{ends:?}");
    assert_eq!(ends["found all"], 9, "{ends:?}");
    machines[0].assert_settled();
    let made = Account::of(&project).scenarios().len();
    assert_eq!(made, SCENARIOS);
}

#[test]
fn a_ledger_in_s3_outlives_the_machine() {
    outlives_the_machine(&ObjectServer::s3());
}

#[test]
fn a_ledger_in_azure_outlives_the_machine() {
    outlives_the_machine(&ObjectServer::azure());
}

#[test]
fn ten_machines_apply_at_once_with_a_ledger_in_s3() {
    ten_apply_at_once(&ObjectServer::s3());
}

#[test]
fn ten_machines_apply_at_once_with_a_ledger_in_azure() {
    ten_apply_at_once(&ObjectServer::azure());
}
