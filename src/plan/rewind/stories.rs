//! Stories of going back: an apply is recorded as the executor does it, and undone.

use serde_json::{Value, json};

use super::{Past, Rewind, Seals, rewind};
use crate::{
    model::{
        Address, ApplyId, Bindings, Blueprint, Cover, Creates, Ending, Field, Hidden, Intent, Kept,
        Record, RemoteId, Sequence, Spec, reference::Template, spec::DataStoreSpec,
    },
    plan::{
        Action, Plan, kept, kept_url,
        testing::{
            World, at, declared_scenario, doing, edit, every, folder, leads, lines, make, plan_id,
            steps, webhook,
        },
    },
};

/// Seals nothing: what a test can read. `has_key`: whether what was sealed can be opened.
struct Open {
    has_key: bool,
}

impl Seals for Open {
    fn open(&self, _: &Address, hidden: &Hidden) -> Option<Value> {
        let Cover::Sealed { text, .. } = &hidden.cover else {
            return None;
        };
        self.has_key.then(|| serde_json::from_str(text).unwrap())
    }

    fn is(&self, _: &Address, hidden: &Hidden, value: &Value) -> bool {
        let Cover::Sealed { text, .. } = &hidden.cover else {
            return false;
        };
        serde_json::from_str::<Value>(text).is_ok_and(|there| there == *value)
    }
}

fn cover(_: &Vec<String>, value: &Value) -> Option<Cover> {
    Some(Cover::Sealed {
        salt: String::new(),
        nonce: String::new(),
        text: value.to_string(),
    })
}

/// Carries a plan out; gives its journal.
fn record(world: &mut World, apply: u64, plan: &Plan) -> Vec<Record> {
    let started = json!({"started": {"apply": apply, "at": "2026-01-01T00:00:00Z", "by": "a@b",
        "digest": "sha256:0"}});
    let mut journal: Vec<Record> = vec![serde_json::from_value(started).unwrap()];
    let were = world.bindings.clone();
    let mut intents = Vec::new();
    for (step, number) in plan.steps.iter().zip(1..) {
        let live = step.id.as_ref();
        let live = live.and_then(|id| world.snapshot.get(step.address.kind, id));
        let before = step.before.as_ref().map(|before| {
            let mut kept = kept(before, &cover, &|_| false);
            let url = live.and_then(|live| live.facts.url.as_ref());
            let url =
                url.and_then(|url| kept_url(secrecy::ExposeSecret::expose_secret(url), &cover));
            kept.hidden.extend(url);
            kept
        });
        let makes = matches!(step.action, Action::Create | Action::Replace);
        let creates = makes.then(|| Creates {
            key: String::new(),
            existing: Vec::new(),
            sent: None,
            since: None,
        });
        let (form, editor, hidden) = match before {
            Some(Kept {
                form,
                editor,
                hidden,
            }) => (Some(form), editor, hidden),
            None => (None, None, Vec::new()),
        };
        intents.push(Intent {
            sequence: Sequence(number),
            apply: ApplyId(apply),
            address: step.address.clone(),
            what: step.action.as_str().into(),
            id: step.id.clone(),
            creates,
            before: form,
            editor,
            hidden,
            owes: None,
        });
    }
    world.carry_out(plan);
    for (step, intent) in plan.steps.iter().zip(intents) {
        let address = step.address.clone();
        let binding = were.by_address.get(&address).cloned();
        journal.push(Record::Stood {
            address: address.clone(),
            binding,
        });
        let sequence = intent.sequence;
        journal.push(Record::Intent(intent));
        let bound = world.bindings.by_address.get(&address).cloned();
        let id = bound.as_ref().map(|bound| bound.id.clone());
        journal.push(Record::Ended {
            sequence,
            ending: Ending::Confirmed { id },
        });
        journal.push(match bound {
            Some(binding) => Record::Bound { address, binding },
            None => Record::Unbound { address },
        });
    }
    journal
}

fn apply(world: &mut World, number: u64) -> Vec<Record> {
    let plan = world.plan();
    record(world, number, &plan)
}

/// The plan back to before the first of some journals.
fn back(world: &World, first: u64, journals: &[Vec<Record>], has_key: bool) -> Plan {
    let past = Past::before(ApplyId(first), journals, &world.bindings);
    let rewound = rewind(&Rewind {
        past: &past,
        bindings: &world.bindings,
        manifests: &world.desired,
        snapshot: Some(&world.snapshot),
        seals: &Open { has_key },
        only: &[],
    });
    rewound.plan(&world.input())
}

fn codes(plan: &Plan) -> Vec<&'static str> {
    plan.findings.iter().map(|found| found.code.name).collect()
}

/// The ids of the bindings do not tell whether things are as they were; their forms do.
fn forms(bindings: &Bindings) -> Vec<(String, Option<Value>)> {
    let bound = bindings.by_address.iter();
    bound
        .map(|(address, binding)| {
            let form = binding.form.as_ref().map(|form| form.document().unwrap());
            (address.to_string(), form)
        })
        .collect()
}

#[test]
fn all_that_an_apply_did_is_undone_and_the_manifests_of_then_hold() {
    let mut world = leads();
    let first = apply(&mut world, 1);
    let (then, forms_then) = (world.desired.clone(), forms(&world.bindings));
    // A hook goes with its scenario, another changes, a folder comes.
    world.forget("webhook.leads");
    world.forget("scenario.a-lead");
    declared_scenario(&mut world, "scenario.child").name = "Other child".into();
    world.declare("folder.new", folder("New"));
    let second = apply(&mut world, 2);
    let gone = world.plan();
    assert!(gone.is_empty());

    let plan = back(&world, 2, std::slice::from_ref(&second), true);
    assert_eq!(
        steps(&plan),
        [
            "update scenario.child",
            "create webhook.leads",
            "create scenario.a-lead",
            "delete folder.new",
        ]
    );
    let third = record(&mut world, 3, &plan);
    world.desired = then;
    assert!(world.plan().is_empty(), "{:#?}", world.plan().steps);
    assert_eq!(forms(&world.bindings), forms_then);

    // And that is undone, too: the first apply of all at last.
    let plan = back(&world, 1, &[first, second, third], true);
    assert!(plan.steps.iter().all(|step| step.action == Action::Delete));
    world.carry_out(&plan);
    assert!(world.bindings.by_address.is_empty());
}

#[test]
fn what_named_a_thing_that_comes_back_gets_its_new_id_and_url() {
    let mut world = leads();
    let store = DataStoreSpec {
        name: "Store".into(),
        data_structure: Field::Absent,
        max_size_mb: Field::Absent,
    };
    world.declare("data-store.s", Spec::DataStore(store));
    let flow =
        json!([{"id": 1, "module": "http:Get", "mapper": {"url": "${webhook.leads.url}?a=1"}}]);
    world.declare("scenario.pings", make(doing("Pings", flow)));
    let _ = apply(&mut world, 1);
    // Somebody else's work names the store by its id; no apply touches it from now on.
    let old = plan_id(&world, "data-store.s");
    let flow =
        json!([{"id": 1, "module": "datastore:AddRecord", "parameters": {"datastore": old}}]);
    let mut raw = doing("Raw", flow);
    edit(&mut raw.blueprint, false, |_| {});
    world.declare("scenario.raw", make(raw));
    let _ = apply(&mut world, 2);
    world.forget("data-store.s");
    world.forget("webhook.leads");
    world.forget("scenario.a-lead");
    world.forget("scenario.pings");
    let third = apply(&mut world, 3);

    for has_key in [true, false] {
        let plan = back(&world, 3, std::slice::from_ref(&third), has_key);
        assert!(
            steps(&plan).contains(&"update scenario.raw".to_owned()),
            "{:?}",
            steps(&plan)
        );
        assert_eq!(
            codes(&plan)
                .iter()
                .filter(|code| code.contains("lacks-value"))
                .count(),
            0
        );
        let mut again = world.clone();
        again.carry_out(&plan);
        let new = plan_id(&again, "data-store.s");
        assert_ne!(new, old);
        let raw = again.live_scenario(plan_id(&again, "scenario.raw")).clone();
        let raw = raw.blueprint.as_set().unwrap().document().unwrap();
        assert_eq!(raw["flow"][0]["parameters"]["datastore"], new);
        let pings = again
            .live_scenario(plan_id(&again, "scenario.pings"))
            .clone();
        let pings = pings.blueprint.as_set().unwrap().document().unwrap();
        let url = pings["flow"][0]["mapper"]["url"].as_str().unwrap();
        assert!(
            url.starts_with("https://hook.") && url.ends_with("?a=1"),
            "{url}"
        );
    }
}

#[test]
fn a_value_that_was_only_hashed_stays_as_it_is_and_that_is_said() {
    let mut world = World::new();
    let set = |world: &mut World, value: &str| {
        let env = &mut world.desired.variables.env;
        env.insert("TOKEN".into(), value.to_owned().into());
    };
    set(&mut world, "first-s3cr3t");
    let flow = json!([{"id": 4, "module": "http:Get", "mapper": {"note": "${env.TOKEN}"}}]);
    world.declare("scenario.http", make(doing("Http", flow)));
    let _ = apply(&mut world, 1);
    set(&mut world, "second-s3cr3t");
    declared_scenario(&mut world, "scenario.http").schedule = every(30);
    let second = [apply(&mut world, 2)];
    let note = |plan: &Plan| {
        let after = plan.steps[0].after.as_ref().unwrap();
        let document = after.blueprint.as_ref().unwrap().document().unwrap();
        document["flow"][0]["mapper"]["note"].clone()
    };
    let with = back(&world, 2, &second, true);
    assert_eq!(note(&with), "first-s3cr3t");
    let shown = lines(&with.steps[0].changes).join("\n");
    assert!(
        shown.contains("note: (sensitive) -> (sensitive)"),
        "{shown}"
    );
    assert!(codes(&with).is_empty(), "{:?}", with.findings);
    let without = back(&world, 2, &second, false);
    assert_eq!(note(&without), "second-s3cr3t");
    assert_eq!(codes(&without), ["rollback-lacks-value"]);
    let said = without.findings.iter().next().unwrap().message.clone();
    assert!(
        said.contains("mapper.note of module 4 (http:Get) stays as it is"),
        "{said}"
    );
    // The environment has it again: then it is known by its hash.
    set(&mut world, "first-s3cr3t");
    let again = back(&world, 2, &second, false);
    assert_eq!(note(&again), "first-s3cr3t");
    // That what is there now was left by the last apply, and not written by hand, nobody knows then.
    assert_eq!(codes(&again), ["rollback-overwrites"]);
}

#[test]
fn a_secret_that_somebody_changed_in_make_is_not_overwritten_without_a_word() {
    let mut world = World::new();
    let set = |world: &mut World, name: &str, value: &str| {
        let env = &mut world.desired.variables.env;
        env.insert(name.into(), value.to_owned().into());
    };
    set(&mut world, "TOKEN", "first-s3cr3t");
    set(&mut world, "OTHER", "other-s3cr3t");
    let flow = |note: &str| json!([{"id": 4, "module": "http:Get", "mapper": {"note": note}}]);
    world.declare("scenario.http", make(doing("Http", flow("${env.TOKEN}"))));
    world.declare(
        "scenario.plain",
        make(doing("Plain", flow("nothing secret"))),
    );
    let _ = apply(&mut world, 1);
    set(&mut world, "TOKEN", "second-s3cr3t");
    declared_scenario(&mut world, "scenario.http").schedule = every(30);
    world.declare("scenario.plain", make(doing("Plain", flow("${env.OTHER}"))));
    world.declare("scenario.new", make(doing("New", flow("${env.OTHER}"))));
    let second = [apply(&mut world, 2)];
    let all = [
        "update scenario.http",
        "update scenario.plain",
        "delete scenario.new",
    ];
    let plan = back(&world, 2, &second, true);
    assert_eq!(steps(&plan), all);
    assert!(codes(&plan).is_empty(), "{:?}", plan.findings);

    let left = world.clone();
    let rotate = |world: &mut World, address: &str| {
        let id = plan_id(world, address);
        let document = json!({"name": "X", "flow": flow("by-hand-s3cr3t")});
        world.live_scenario(id).blueprint = Field::Set(Blueprint::new(&document, false));
    };
    for address in ["scenario.http", "scenario.plain", "scenario.new"] {
        let mut world = left.clone();
        rotate(&mut world, address);
        let plan = back(&world, 2, &second, true);
        assert_eq!(codes(&plan), ["rollback-overwrites"], "{address}");
        let finding = plan.findings.iter().next().unwrap();
        assert!(finding.message.contains(address), "{}", finding.message);
        assert!(!format!("{plan:?}").contains("by-hand"), "{plan:#?}");
    }
    // Without the key the new one can't go back: what somebody wrote stays, and that is said.
    let mut rotated = left.clone();
    rotate(&mut rotated, "scenario.http");
    let plan = back(&rotated, 2, &second, false);
    assert_eq!(codes(&plan), ["rollback-lacks-value"; 2]);
    // Where the environment has another by now, nobody can say whose it is.
    let mut moved = left;
    set(&mut moved, "TOKEN", "third-s3cr3t");
    let plan = back(&moved, 2, &second, true);
    assert_eq!(codes(&plan), ["rollback-overwrites"]);
    let said = plan.findings.iter().next().unwrap().message.clone();
    assert!(said.contains("holds a secret that is not known"), "{said}");
}

#[test]
fn what_somebody_edited_since_is_a_guard_and_what_nobody_manages_stays() {
    let mut world = World::new();
    world.declare(
        "scenario.a",
        make(doing("A", json!([{"id": 1, "module": "a:b"}]))),
    );
    world.declare("webhook.w", webhook("W", "custom"));
    let _ = apply(&mut world, 1);
    declared_scenario(&mut world, "scenario.a").schedule = every(15);
    world.declare("folder.f", folder("F"));
    let second = [apply(&mut world, 2)];
    let id = plan_id(&world, "scenario.a");
    // No manifest ever said anything of it.
    world.live_scenario(id).description = Field::Set(Template::literal("by hand"));
    let plan = back(&world, 2, &second, true);
    assert_eq!(steps(&plan), ["update scenario.a", "delete folder.f"]);
    assert!(codes(&plan).is_empty(), "{:?}", plan.findings);
    let shown = lines(&plan.steps[0].changes);
    assert_eq!(shown.len(), 1, "{shown:?}");

    world.live_scenario(id).schedule = every(60);
    let folder = RemoteId::Int(plan_id(&world, "folder.f"));
    let folders = world.snapshot.live.get_mut(&crate::model::Kind::Folder);
    if let Some(Spec::Folder(spec)) = folders
        .and_then(|folders| folders.get_mut(&folder))
        .map(|live| &mut live.spec)
    {
        spec.name = "Theirs now".into();
    }
    let plan = back(&world, 2, &second, true);
    let found = codes(&plan);
    assert_eq!(found, ["rollback-overwrites", "rollback-overwrites"]);
    assert_eq!(at("folder.f"), plan.steps[1].address);
}
