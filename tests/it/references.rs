//! References and what they stand for: any blueprint of one account, exported, and planned for
//! that account and for another one.

use std::collections::BTreeMap;

use makeform::{
    export::{ExportOptions, export},
    model::{
        Account, Bindings, Blueprint, Dialect, Directory, Facts, Field, Kind, Licence, Live, Pin,
        Reading, RemoteId, Snapshot, Spec,
        blueprint::id_places,
        spec::{
            DataStoreSpec, DataStructureSpec, Interface, LookedSpec, ScenarioSpec, Schedule,
            ScheduleUse, WebhookSpec,
        },
        value_at_mut, values_equal,
    },
    plan::{Action, PlanInput, Target, plan},
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// How far ids of the second account lie above those of the first.
const APART: u64 = 1_000_000;

const SCENARIO: u64 = 99;

fn looked(name: &str, types: &[&str]) -> LookedSpec {
    LookedSpec {
        name: name.to_owned(),
        types: types.iter().map(|kind| (*kind).to_owned()).collect(),
    }
}

fn url(id: u64) -> String {
    format!("https://hook.eu1.make.com/d4ezzfwgyav7qaukv8dbh3l21eru{id:04}")
}

fn agent(id: u64) -> String {
    format!("0198c2d4-77aa-7c1b-8d2e-{id:012}")
}

fn scenario(name: &str, document: &Value) -> Spec {
    Spec::Scenario(Box::new(ScenarioSpec {
        name: name.to_owned(),
        folder: Field::Null,
        description: Field::Absent,
        active: Field::Set(false),
        schedule: Field::Set(ScheduleUse::Inline(Schedule::from_make(
            &json!({"type": "on-demand"}),
        ))),
        blueprint: Field::Set(Blueprint::new(document, false)),
        settings: makeform::model::spec::Settings::default(),
        interface: Field::Set(Interface::default()),
        custom_properties: Field::Absent,
        priority: Field::Absent,
    }))
}

/// An account with two things of each kind, under ids from `base` on. The second connections have
/// the name of the first.
fn account(base: u64, document: Option<&Value>) -> Snapshot {
    let mut things: Vec<(u64, Spec)> = Vec::new();
    for number in [1, 2] {
        let name = format!("Thing {number}");
        let kind = |kind: u64| base + kind * 10 + number;
        things.push((
            kind(1),
            Spec::Connection(looked(
                "Mail",
                &[["smtp", "imap"][usize::from(number == 2)]],
            )),
        ));
        things.push((kind(2), Spec::Key(looked(&name, &["apikeyauth"]))));
        things.push((kind(3), Spec::Device(looked(&name, &["sms"]))));
        let store = DataStoreSpec {
            name: name.clone(),
            data_structure: Field::Absent,
            max_size_mb: Field::Set(1),
        };
        things.push((kind(4), Spec::DataStore(store)));
        let structure = DataStructureSpec {
            name: name.clone(),
            strict: Field::Set(false),
            fields: Field::Set(Vec::new()),
        };
        things.push((kind(5), Spec::DataStructure(structure)));
        let hook = WebhookSpec {
            name: name.clone(),
            kind: "custom".to_owned(),
            ..WebhookSpec::default()
        };
        things.push((kind(6), Spec::Webhook(hook)));
        let called = json!({"name": name, "flow": [], "metadata": {}});
        things.push((kind(7), scenario(&name, &called)));
    }
    if let Some(document) = document {
        things.push((base + SCENARIO, scenario("The one", document)));
    }
    let mut live: BTreeMap<Kind, BTreeMap<RemoteId, Live>> = BTreeMap::new();
    for (id, spec) in things {
        let facts = Facts {
            url: (spec.kind() == Kind::Webhook).then(|| url(id % APART + base / APART).into()),
            ..Facts::default()
        };
        let id = RemoteId::Int(id);
        let of_kind = live.entry(spec.kind()).or_default();
        of_kind.insert(id.clone(), Live { id, spec, facts });
    }
    Snapshot {
        account: Account {
            host: "sandbox".to_owned(),
            dialect: Dialect::Zone,
            organization: 1,
            organization_name: "Acme".to_owned(),
            team: 1,
            team_name: "Marketing".to_owned(),
            timezone: None,
            minimum_interval: None,
            licence: Licence::default(),
            own_user: Some(1),
        },
        live,
        reading: Kind::ALL
            .into_iter()
            .map(|kind| (kind, Reading::Whole))
            .collect(),
        directory: Directory::default(),
        functions: None,
    }
}

/// The section and the name of a field that tell what it is without a tag.
type Named = Option<(&'static str, &'static str)>;

/// The kinds of places: their number in ids, a tag, and a name that tells without one.
const PLACES: [(u64, &str, Named); 7] = [
    (1, "account:smtp,imap", Some(("parameters", "__IMTCONN__"))),
    (
        2,
        "keychain:apikeyauth",
        Some(("parameters", "apiKeyKeychain")),
    ),
    (3, "device", None),
    (4, "datastore", Some(("parameters", "datastore"))),
    (5, "udt", Some(("mapper", "bodyDataStructure"))),
    (6, "hook:gateway-webhook", Some(("parameters", "hook"))),
    (7, "scenario", None),
];

/// What stands in such a place.
fn filling(kind: u64) -> impl Strategy<Value = Value> {
    let id = move |number: u64| match kind {
        7 => json!(format!("SCN_{}", 70 + number)),
        8 => json!(agent(number)),
        _ => json!(kind * 10 + number),
    };
    let text = move |number: u64| match kind {
        7 | 8 => id(number),
        _ => json!((kind * 10 + number).to_string()),
    };
    prop_oneof![
        4 => (1..=2_u64).prop_map(id),
        1 => (1..=2_u64).prop_map(text),
        1 => Just(json!("")),
        1 => Just(json!("{{CONNECTION}}")),
        1 => Just(json!("${connection.mail}")),
        1 => Just(json!(null)),
        1 => Just(json!(555)),
    ]
}

/// Texts of people: with formulas, with what looks like a reference, with URLs of webhooks.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "${connection.mail}",
            "${env.TOKEN}",
            "${var.x}",
            "$${var.x}",
            "${x}",
            "${",
            "}",
            " ",
            "{{1.a}}",
            "{{connection(1)}}",
            "SCN_71",
            "11",
            "\n",
            "é😀",
            "${webhook.thing-1.url}",
            "\\",
            "\"",
            "a$",
        ])
        .prop_map(str::to_owned),
        (61..=62_u64, prop::sample::select(vec!["", "?a=1", "."]))
            .prop_map(|(id, end)| format!(" {}{end} ", url(id))),
        "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn module() -> impl Strategy<Value = Value> {
    let place = prop_oneof![
        // Found by its tag, whatever its name.
        (0..7_usize, 0..3_u8, any::<bool>()).prop_flat_map(|(index, field, mapped)| {
            let (kind, tag, _) = PLACES[index];
            filling(kind).prop_map(move |value| {
                let section = if mapped { "mapper" } else { "parameters" };
                (
                    section.to_owned(),
                    format!("field{field}"),
                    Some(tag),
                    value,
                )
            })
        }),
        // By its name.
        prop::sample::select(
            PLACES
                .iter()
                .filter_map(|(kind, _, name)| Some((*kind, (*name)?)))
                .collect::<Vec<_>>()
        )
        .prop_flat_map(|(kind, (section, name))| {
            filling(kind).prop_map(move |value| (section.to_owned(), name.to_owned(), None, value))
        }),
        filling(8).prop_map(|value| (
            "mapper".to_owned(),
            "agent".to_owned(),
            Some("aiagent"),
            value
        )),
        text().prop_map(|text| (
            "mapper".to_owned(),
            "text".to_owned(),
            Some("text"),
            json!(text)
        )),
    ];
    let places = prop::collection::vec(place, 0..5);
    (0..50_u8, places).prop_map(|(id, places)| {
        let mut module = json!({"id": id, "module": "app:Do", "parameters": {}, "mapper": {},
            "metadata": {"designer": {"x": id, "y": 0}, "parameters": [], "expect": []}});
        for (section, name, tag, value) in places {
            if module[&section].get(&name).is_some() {
                continue;
            }
            module[&section][&name] = value;
            let list = if section == "mapper" {
                "expect"
            } else {
                "parameters"
            };
            if let (Some(tag), Some(specs)) = (tag, module["metadata"][list].as_array_mut()) {
                specs.push(json!({"name": name, "type": tag}));
            }
        }
        module
    })
}

fn flow() -> impl Strategy<Value = Value> {
    let leaf = prop::collection::vec(module(), 0..3).prop_map(Value::Array);
    leaf.prop_recursive(2, 12, 3, move |inner| {
        let nested = (module(), inner, 0..4_u8).prop_map(|(mut module, flow, place)| {
            match place {
                0 => module["routes"] = json!([{"flow": flow}]),
                1 => module["onerror"] = flow,
                2 => module["branches"] = json!([{"type": "if", "flow": flow}]),
                _ => module["tools"] = json!([{"name": "t", "flow": flow}]),
            }
            module
        });
        prop::collection::vec(nested, 0..3).prop_map(Value::Array)
    })
}

fn blueprint() -> impl Strategy<Value = Value> {
    (flow(), flow(), filling(1)).prop_map(|(flow, parked, default)| {
        json!({"name": "The one", "flow": flow,
            "metadata": {"designer": {"orphans": [parked]}},
            "io": {"input_spec": [{"name": "c", "type": "account:smtp,imap", "default": default}]}})
    })
}

/// The same blueprint as the second account is to have it: written by its own rules.
fn moved(mut document: Value) -> Value {
    let places: Vec<_> = id_places(&document)
        .into_iter()
        .filter_map(|place| Some((place.path.clone(), place.kind, place.id()?)))
        .collect();
    for (path, kind, id) in places {
        let value = value_at_mut(&mut document, &path).unwrap();
        *value = match (kind, id) {
            (_, RemoteId::Int(555)) => continue,
            (Kind::Scenario, RemoteId::Int(id)) => json!(format!("SCN_{}", id + APART)),
            (_, RemoteId::Int(id)) if value.is_string() => json!((id + APART).to_string()),
            (_, RemoteId::Int(id)) => json!(id + APART),
            (_, RemoteId::Text(id)) => json!(id.replacen("0198c2d4", "ffffffff", 1)),
        };
    }
    called_elsewhere(&mut document);
    document
}

fn called_elsewhere(value: &mut Value) {
    match value {
        Value::String(text) => {
            for id in [62, 61] {
                *text = text.replace(&url(id), &url(id + 1));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(called_elsewhere),
        Value::Object(members) => members.values_mut().for_each(called_elsewhere),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

proptest! {
    // As many cases as PROPTEST_CASES says.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_exported_means_the_same_here_and_the_like_elsewhere(document in blueprint()) {
        let first = account(0, Some(&document));
        let exported = export(&first, &ExportOptions::default());
        let mut desired = exported.desired;
        let planned = |desired: &_, snapshot: &Snapshot| {
            plan(&PlanInput {
                target: Target { name: "main".to_owned(), account: snapshot.account.clone() },
                desired,
                snapshot,
                bindings: &Bindings::default(),
                only: &[],
                destroy: false,
                editor: false,
                ledger_shared: true,
                now: jiff::Timestamp::UNIX_EPOCH,
            })
        };
        let here = planned(&desired, &first);
        prop_assert!(!here.has_changes(), "{:?} {:?}", here.steps, here.findings);

        // The ids of agents are in no list: each account says its own.
        for (address, pin) in &mut desired.pins {
            let id = match &pin.id {
                RemoteId::Int(id) => RemoteId::Int(id + APART),
                RemoteId::Text(id) => RemoteId::Text(id.replacen("0198c2d4", "ffffffff", 1)),
            };
            *pin = Pin { id, place: pin.place.clone() };
            prop_assert!(address.kind == Kind::Agent || address.kind == Kind::Connection, "{}", address);
        }
        let second = account(APART, None);
        let there = planned(&desired, &second);
        let step = there.steps.iter().find(|step| step.action == Action::Create);
        let form = step.and_then(|step| step.after.as_ref()).unwrap();
        prop_assert!(form.is_known(), "{:?}", there.findings);
        let made = form.blueprint.as_ref().unwrap().document().unwrap();
        let expected = moved(document);
        prop_assert!(values_equal(&made, &expected), "{made:#}\n{expected:#}");
    }
}
