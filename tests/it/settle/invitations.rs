//! Whoever is invited may be in no list before they accept: nobody is invited twice for that.

use makeform::sandbox::{Collection, World as Sandbox, WorldOptions};
use serde_json::Value;

use crate::support::world::World;

const HIDDEN: &str = "quirk invitation-row=hidden";

const ROLES: &str = "apiVersion: makeform/v1\n\
    kind: OrganizationRole\n\
    metadata: { name: nina }\n\
    spec: { email: nina@acme.example, role: Member }\n\
    ---\n\
    apiVersion: makeform/v1\n\
    kind: TeamRole\n\
    metadata: { name: nina }\n\
    spec: { email: nina@acme.example, role: viewer }\n";

fn project(options: &str) -> World {
    let world = World::new().with_env("MAKEFORM_SANDBOX", options);
    world.write("manifests/roles.yaml", ROLES);
    world
}

/// How many invitations the sandbox was asked for.
fn invitations(world: &World) -> u64 {
    let requests = world.requests();
    let invited = requests.get("POST /organizations/{id}/invite");
    invited.copied().unwrap_or(0)
}

/// Changes the one open invitation behind makeform's back: what the invited do, or another admin.
fn meddle(world: &World, change: impl Fn(Value) -> Option<Value>) {
    let folder = world.file(".makeform/sandbox");
    let sandbox = Sandbox::open(&folder, WorldOptions::default()).unwrap();
    let rows = Collection::UserOrganizationRoles;
    let changed = sandbox.batch(|batch| {
        let mut latest = None;
        batch.each(rows, |id, row| latest = Some((id, row)))?;
        let (id, row) = latest.unwrap();
        match change(row) {
            Some(row) => batch.put(rows, id, &row),
            None => batch.remove(rows, id).map(drop),
        }
    });
    changed.unwrap();
}

fn apply(world: &World) -> String {
    let output = world.run(&["apply", "--auto-approve"]).success();
    output.to_string()
}

#[test]
fn an_invitation_that_no_list_shows_is_open_until_its_person_is_seen_and_is_sent_once() {
    let world = project(HIDDEN);
    apply(&world);
    assert_eq!(invitations(&world), 1);
    let plan = world.run(&["plan", "--detailed-exitcode"]).success();
    assert!(plan.to_string().contains("invitation-open"), "{plan}");
    apply(&world);
    assert_eq!(invitations(&world), 1);

    // Another role is given to who is not seen yet.
    world.edit("manifests/roles.yaml", "role: Member", "role: Accountant");
    apply(&world);
    world.assert_settled();

    // She comes, and the lists count from then on.
    meddle(&world, |mut row| {
        row["invitation"] = Value::Null;
        Some(row)
    });
    let plan = world.run(&["plan", "--detailed-exitcode"]).success();
    assert!(!plan.to_string().contains("invitation-open"), "{plan}");
    apply(&world);
    meddle(&world, |_| None);
    let plan = world.run(&["plan", "--detailed-exitcode"]).exits(2);
    assert!(
        plan.stdout
            .contains("organization-role.nina will be created"),
        "{plan}"
    );
}

#[test]
fn an_invitation_that_was_withdrawn_is_sent_again_when_the_ledger_forgets_it() {
    let world = project(HIDDEN);
    apply(&world);
    meddle(&world, |_| None);
    world.assert_settled();
    let _ = world
        .run(&["state", "rm", "organization-role.nina"])
        .success();
    apply(&world);
    assert_eq!(invitations(&world), 2);
    world.assert_settled();
}

#[test]
fn a_list_that_shows_open_invitations_counts_at_once() {
    let world = project("");
    apply(&world);
    assert!(
        !world
            .read(".makeform/sandbox/ledger.json")
            .contains("invited")
    );
    meddle(&world, |_| None);
    let plan = world.run(&["plan", "--detailed-exitcode"]).exits(2);
    assert!(
        plan.stdout
            .contains("organization-role.nina will be created"),
        "{plan}"
    );
}

#[test]
fn an_invitation_whose_answer_was_lost_is_not_sent_again_without_a_word() {
    let lost = format!("{HIDDEN}; fault POST /organizations/*/invite: drop after");
    let world = project(&lost);
    let first = world.run(&["apply", "--auto-approve"]).exits(1);
    assert!(
        first.stderr.contains("whether the invitation was sent"),
        "{first}"
    );
    let world = world.with_env("MAKEFORM_SANDBOX", HIDDEN);
    for _ in 0..2 {
        let plan = world.run(&["plan"]).success();
        assert!(plan.to_string().contains("invitation-unsettled"), "{plan}");
    }
    assert_eq!(invitations(&world), 1);
    let second = apply(&world);
    assert!(second.contains("invitation-unsettled"), "{second}");
    assert_eq!(invitations(&world), 2);
    let plan = world.run(&["plan", "--detailed-exitcode"]).success();
    assert!(!plan.to_string().contains("unsettled"), "{plan}");

    // Where the list shows her, the first one is found, and no second one sent.
    let world = project("fault POST /organizations/*/invite: drop after");
    apply(&world);
    assert_eq!(invitations(&world), 1);
    world.assert_settled();
}

#[test]
fn an_invitation_that_nobody_wants_any_more_is_in_doubt_no_more() {
    let world = project(&format!(
        "{HIDDEN}; fault POST /organizations/*/invite: drop after"
    ));
    let _ = world.run(&["apply", "--auto-approve"]).exits(1);
    let world = world.with_env("MAKEFORM_SANDBOX", HIDDEN);
    world.write("manifests/roles.yaml", "");
    let plan = world.run(&["plan", "--detailed-exitcode"]).success();
    assert!(!plan.to_string().contains("unsettled"), "{plan}");
    apply(&world);
    world.write("manifests/roles.yaml", ROLES);
    let plan = world.run(&["plan"]).success();
    assert!(!plan.to_string().contains("unsettled"), "{plan}");
}
