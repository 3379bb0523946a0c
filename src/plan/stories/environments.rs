//! What targets leave out, and things that are moved to other addresses.

use crate::{
    model::{
        Address, Excluded, Field, Kind, Moved, RemoteId, Spec,
        spec::{FolderSpec, Link},
    },
    plan::{
        Reason,
        testing::{World, at, folder, leads, plan_id, steps},
    },
};

/// What was declared so far is left out from now on.
fn leave_out(world: &mut World, address: &str) {
    let address = at(address);
    let declared = world.desired.things.remove(&address).unwrap();
    let place = declared.place.clone();
    let declared = Some(declared);
    let excluded = Excluded { declared, place };
    world.desired.excluded.insert(address, excluded);
}

fn moved(world: &mut World, from: &str, to: &str) {
    let place = world.desired.things.values().next().unwrap().place.clone();
    let to: Address = at(to);
    world.desired.moved.insert(at(from), Moved { to, place });
}

fn inside(parent: &str) -> Spec {
    Spec::Folder(FolderSpec {
        name: "Inner".into(),
        parent: Field::Set(Link::Thing(at(parent))),
    })
}

#[test]
fn what_was_applied_and_is_left_out_is_forgotten_and_stays() {
    let mut world = leads();
    world.settle();
    leave_out(&mut world, "folder.crm");
    let plan = world.plan();
    assert_eq!(steps(&plan), ["forget folder.crm"]);
    assert_eq!(plan.steps[0].reasons, [Reason::Excluded]);
    // What names it goes on to: first by the ledger, then by its name.
    world.settle();
    assert!(!world.bindings.by_address.contains_key(&at("folder.crm")));
    assert!(world.plan().is_empty());
}

#[test]
fn what_is_left_out_is_found_by_its_name_or_missed_where_it_is_needed() {
    let mut world = World::new();
    world.declare("folder.crm", folder("CRM"));
    world.declare("folder.inner", inside("folder.crm"));
    leave_out(&mut world, "folder.crm");
    let plan = world.plan();
    let found: Vec<&str> = plan.findings.iter().map(|found| found.code.name).collect();
    assert_eq!(found, ["names-excluded"]);
    let finding = plan.findings.iter().next().unwrap();
    assert_eq!(
        finding.message,
        "target `test` leaves out `folder.crm`, and the account has nothing of that name; \
         `folder.inner` needs it"
    );
    world.live(7, folder("CRM"));
    assert_eq!(world.codes(), Vec::<&str>::new());
    assert_eq!(world.steps(), ["create folder.inner"]);
    world.settle();
    let inner = RemoteId::Int(plan_id(&world, "folder.inner"));
    let live = world.snapshot.get(Kind::Folder, &inner).unwrap();
    assert_eq!(live.spec, {
        Spec::Folder(FolderSpec {
            name: "Inner".into(),
            parent: Field::Set(Link::Id(RemoteId::Int(7))),
        })
    });
    // Two of that name are as bad as none.
    world.live(8, folder("CRM"));
    assert_eq!(world.codes(), ["names-excluded"]);
    // Nobody needs it any more.
    world.desired.things.clear();
    assert_eq!(world.codes(), Vec::<&str>::new());
}

#[test]
fn a_moved_thing_keeps_its_object_and_takes_its_new_name() {
    let mut world = World::new();
    world.declare("folder.a", folder("A"));
    world.settle();
    let id = plan_id(&world, "folder.a");
    world.forget("folder.a");
    world.declare("folder.c", folder("C"));
    // Nothing but the name differs: it is proposed.
    assert_eq!(world.steps(), ["create folder.c", "delete folder.a"]);
    assert_eq!(world.codes(), ["looks-moved"]);
    moved(&mut world, "folder.a", "folder.c");
    moved(&mut world, "folder.b", "folder.c");
    assert_eq!(world.steps(), ["update folder.c"]);
    assert_eq!(world.codes(), ["renamed"]);
    world.settle();
    assert_eq!(plan_id(&world, "folder.c"), id);
    assert_eq!(world.bindings.by_address.len(), 1);
    // Its work is done, and it may stay.
    assert!(world.plan().is_empty());
    assert_eq!(world.codes(), Vec::<&str>::new());
}

#[test]
fn of_two_objects_that_are_to_be_one_none_is_touched() {
    let mut world = World::new();
    world.declare("folder.a", folder("A"));
    world.declare("folder.b", folder("B"));
    world.settle();
    world.forget("folder.a");
    moved(&mut world, "folder.a", "folder.b");
    assert!(world.plan().findings.has_errors());
    assert!(
        world.codes().contains(&"moved-conflict"),
        "{:?}",
        world.codes()
    );
}

#[test]
fn a_moved_thing_that_is_left_out_is_forgotten_and_one_that_is_gone_is_made() {
    let mut world = World::new();
    world.declare("folder.a", folder("A"));
    world.declare("folder.z", folder("Z"));
    world.settle();
    let old = RemoteId::Int(plan_id(&world, "folder.a"));
    let declared = world.desired.things.remove(&at("folder.a")).unwrap();
    world.declare("folder.b", declared.spec);
    moved(&mut world, "folder.a", "folder.b");
    leave_out(&mut world, "folder.b");
    assert_eq!(world.steps(), ["forget folder.a"]);
    world.desired.excluded.clear();
    world.declare("folder.b", folder("B"));
    let folders = world.snapshot.live.get_mut(&Kind::Folder).unwrap();
    folders.remove(&old);
    let plan = world.plan();
    assert_eq!(steps(&plan), ["create folder.b"]);
    assert_eq!(plan.lapsed, [at("folder.a")]);
    world.settle();
}

#[test]
fn people_who_come_and_go_are_not_one() {
    let mut world = leads();
    world.settle();
    let spec = world
        .desired
        .things
        .remove(&at("team-role.ada"))
        .unwrap()
        .spec;
    let Spec::TeamRole(mut role) = spec else {
        panic!("no role");
    };
    role.email = "owner@example.com".into();
    world.declare("team-role.owner", Spec::TeamRole(role));
    assert!(
        !world.codes().contains(&"looks-moved"),
        "{:?}",
        world.codes()
    );
}
