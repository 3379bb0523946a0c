//! What export writes is what the loader reads.

use std::{collections::BTreeMap, path::Path};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    ExportOptions, Exported, export,
    fixture::{connection, folder, scenario, snapshot, team_role, webhook},
};
use crate::{
    diagnostic::Severity,
    manifest::{
        IDS_FILE, PROJECT_FILE,
        emit::{ProjectFile, files, ids_file, project_file, write},
        find_project, load,
    },
    model::{
        Address, Desired, Facts, Field, Live, RemoteId, Spec,
        reference::Template,
        spec::{
            DataStoreSpec, DataStructureSpec, Interface, Link, LookedSpec, OrganizationRoleSpec,
            ScheduleUse, TeamSpec, VariableScope, VariableSpec, VariableType,
        },
    },
};

/// Writes an export as a project and reads it back.
fn read_back(exported: &Exported) -> (Desired, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let project = project_file(&ProjectFile {
        name: "acme",
        manifests: &["manifests/**/*.yaml"],
        target: "production",
        url: "https://eu1.make.com",
        organization: 7,
        dialect: crate::model::Dialect::Zone,
        team: Some("Marketing ${var.x}"),
        env: Vec::new(),
    });
    let pins = BTreeMap::from([("production".to_owned(), exported.desired.pins.clone())]);
    write(
        &folder.path().join(PROJECT_FILE),
        project.unwrap().as_bytes(),
    )
    .unwrap();
    write(
        &folder.path().join(IDS_FILE),
        ids_file(&pins).unwrap().as_bytes(),
    )
    .unwrap();
    for file in files(&exported.desired, &exported.places) {
        let file = file.unwrap();
        write(&folder.path().join(file.path), &file.bytes).unwrap();
    }
    read(folder.path())
}

fn read(folder: &Path) -> (Desired, Vec<String>) {
    let project = find_project(folder).unwrap();
    let (desired, report) = load(&project, "production", &|_| None);
    let told = report
        .iter()
        .filter(|finding| finding.severity != Severity::Note);
    let findings = told.map(|finding| format!("{}: {}", finding.code, finding.message));
    (desired, findings.collect())
}

/// All specs, schedules by their meaning: odd ones are written in Make's own words.
fn specs(desired: &Desired) -> BTreeMap<Address, Spec> {
    let mut specs = BTreeMap::new();
    for (address, declared) in &desired.things {
        let mut spec = declared.spec.clone();
        if let Spec::Scenario(scenario) = &mut spec
            && let Field::Set(ScheduleUse::Inline(schedule)) = &mut scenario.schedule
        {
            *schedule = schedule.clone().normal();
        }
        specs.insert(address.clone(), spec);
    }
    specs
}

fn pins(desired: &Desired) -> BTreeMap<&Address, &RemoteId> {
    desired
        .pins
        .iter()
        .map(|(address, pin)| (address, &pin.id))
        .collect()
}

/// A scenario with a schedule and a description of its own.
fn detailed(mut live: Live, description: &str, schedule: &Value) -> Live {
    if let Spec::Scenario(spec) = &mut live.spec {
        spec.description = Field::Set(Template::literal(description));
        let schedule = crate::model::spec::Schedule::from_make(schedule);
        spec.schedule = Field::Set(ScheduleUse::Inline(schedule));
    }
    live
}

/// A webhook of an app with fields of its own.
fn of_app(mut live: Live, fields: &Value) -> Live {
    if let Spec::Webhook(spec) = &mut live.spec {
        spec.kind = "jotform".to_owned();
        spec.fields.insert("form".to_owned(), fields.clone());
    }
    live
}

/// Texts that YAML readers are known to stumble over, and ours that mean something.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "yes",
            "no",
            "null",
            "~",
            "1:30",
            "007",
            "0x1F",
            "1e3",
            "1.0",
            "-",
            "- a",
            "? b",
            ": ",
            "a: b",
            "#",
            " # c",
            "'",
            "\"",
            "\\",
            "{",
            "}",
            "[",
            "]",
            ",",
            "&a",
            "*a",
            "!t",
            "|",
            ">",
            "%",
            "@",
            "`",
            "{{1.id}}",
            "${var.x}",
            "${env.HOME}",
            "$",
            "${",
            "}",
            "$${",
            "${webhook.x.url}",
            "\n",
            "\r\n",
            "\t",
            " ",
            "---",
            "...",
            "2026-01-01",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{a0}",
            "\u{200b}",
            "\u{7}",
            "é",
            "😀",
            "=",
            "<<",
            "on",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

fn schedule() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({"type": "on-demand"}),
        json!({"type": "immediately", "maximum_runs_per_minute": 60}),
        json!({"type": "indefinitely", "interval": 5400,
               "restrict": [{"days": [1, 0], "months": [2], "time": ["08:00", "18:00:30"]}],
               "between": ["2026-01-01T00:00:00.000Z", "2026-12-31T23:59:00.123Z"]}),
        json!({"type": "indefinitely", "interval": 900,
               "restrict": [{"days": [1, 2, 3, 4, 5, 6, 0], "time": ["06:00", "06:01"]}]}),
        json!({"type": "indefinitely", "interval": 0}),
        json!({"type": "daily", "time": "22:00", "restrict": [{"time": ["22:00", "06:00"]}]}),
        json!({"type": "weekly", "days": [0, 3], "time": "09:00"}),
        json!({"type": "monthly", "days": [31], "time": "09:00:01"}),
        json!({"type": "yearly", "months": [12], "days": [24], "time": "00:00"}),
        json!({"type": "once", "date": "2026-04-11T09:00:00.000Z"}),
        json!({"type": "lunar", "yes": ["no", 1.5, {}]}),
    ])
}

#[test]
fn an_export_reads_back_without_a_word() {
    let blueprint = json!({"name": "A ${env.HOME}", "metadata": {"version": 1},
        "flow": [{"id": 1, "mapper": {"x": "`${var.a}`", "n": 1.50}}]});
    let exported = export(
        &snapshot([
            folder(1, "CRM", None),
            folder(2, "Inbound", Some(1)),
            scenario(9, "A ${env.HOME}", Some(2), &blueprint),
            scenario(10, "A ${env.HOME}", None, &blueprint),
            webhook(58, "Leads", "https://hook.eu1.make.com/x"),
            connection(11, "Acme Slack", "slack"),
            connection(12, "Acme Slack", "slack2,slack3"),
            team_role(5, "mia@acme.example", "Team Member"),
        ]),
        &ExportOptions::default(),
    );
    let (read, findings) = read_back(&exported);
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(pins(&read), pins(&exported.desired));
    assert_eq!(read.pins.len(), 4);
    assert_eq!(read.things.len(), 8);
}

#[test]
fn things_of_every_other_kind_read_back_too() {
    let fields = json!([
        {"name": "id", "type": "text", "label": "", "required": true, "default": "${var.x}"},
        {"name": "lines", "type": "array", "spec": {"type": "collection", "spec": [
            {"name": "sku", "type": "text", "multiline": false}]}},
    ]);
    let fields = fields.as_array().unwrap();
    let live = |id: u64, spec: Spec| Live {
        id: RemoteId::Int(id),
        spec,
        facts: Facts::default(),
    };
    let looked = |name: &str, types: &[&str]| LookedSpec {
        name: name.into(),
        types: types.iter().map(|kind| (*kind).to_owned()).collect(),
    };
    let variable = |name: &str, scope, kind, value: Value| {
        let value = VariableSpec {
            name: name.into(),
            scope,
            kind,
            value,
        };
        let mut live = live(0, Spec::Variable(value));
        live.id = RemoteId::Text(format!("{}/{name}", scope.as_str()));
        live
    };
    let role = |email: &str, role: &str| {
        Spec::OrganizationRole(OrganizationRoleSpec {
            email: email.into(),
            role: role.into(),
            name: None,
            note: None,
        })
    };
    let mut asked = scenario(
        9,
        "Ask",
        None,
        &json!({"name": "Ask", "metadata": {}, "flow": []}),
    );
    if let Spec::Scenario(spec) = &mut asked.spec {
        let mut input = fields.clone();
        input.push(json!({"name": "from", "type": "account:slack,google", "default": 11}));
        spec.interface = Field::Set(Interface {
            input,
            output: Vec::new(),
        });
        let values = json!({"client": "${var.x}", "tier": 2});
        spec.custom_properties = Field::Set(values.as_object().unwrap().clone());
    }
    let exported = export(
        &snapshot([
            live(
                701,
                Spec::DataStructure(DataStructureSpec {
                    name: "Order".into(),
                    strict: Field::Set(true),
                    fields: Field::Set(fields.clone()),
                }),
            ),
            live(
                601,
                Spec::DataStore(DataStoreSpec {
                    name: "Orders".into(),
                    data_structure: Field::Set(Link::Id(RemoteId::Int(701))),
                    max_size_mb: Field::Set(10),
                }),
            ),
            live(
                3,
                Spec::Team(TeamSpec {
                    name: "Ops".into(),
                    operations_limit: Field::Null,
                }),
            ),
            live(1, role("olivia@acme.example", "Owner")),
            live(2, role("max@acme.example", "Member")),
            live(4, role("", "Member")),
            variable(
                "base",
                VariableScope::Team,
                VariableType::Text,
                json!("${env.X} 1"),
            ),
            variable(
                "base",
                VariableScope::Organization,
                VariableType::Number,
                json!(5),
            ),
            variable(
                "on",
                VariableScope::Team,
                VariableType::Boolean,
                json!(false),
            ),
            connection(11, "Slack", "slack"),
            live(501, Spec::Key(looked("CRM", &["apikeyauth"]))),
            live(2501, Spec::Device(looked("Phone", &["sms", "call"]))),
            live(2601, Spec::Agent(looked("Bridge", &[]))),
            asked,
        ]),
        &ExportOptions::default(),
    );
    let (read, findings) = read_back(&exported);
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(specs(&read), specs(&exported.desired));
    let Spec::Scenario(asked) = &read.things[&"scenario.ask".parse().unwrap()].spec else {
        panic!("no scenario");
    };
    let inputs = &asked.interface.as_set().unwrap().input;
    assert_eq!(inputs.last().unwrap()["default"], "${connection.slack}");
    let addresses: Vec<String> = read.things.keys().map(ToString::to_string).collect();
    assert_eq!(
        addresses,
        [
            "agent.bridge",
            "connection.slack",
            "data-store.orders",
            "data-structure.order",
            "device.phone",
            "key.crm",
            "organization-role.max",
            "scenario.ask",
            "team.ops",
            "variable.base",
            "variable.on",
            "variable.organization-base",
        ]
    );
}

#[test]
fn what_has_a_blank_name_is_left_out_and_named_by_its_id() {
    let blueprint = json!({"name": "A", "metadata": {}, "flow": []});
    let mut hook = of_app(
        webhook(58, "Leads", "https://hook.eu1.make.com/x"),
        &json!(1),
    );
    if let Spec::Webhook(spec) = &mut hook.spec {
        spec.connection = Field::Set(Link::Id(RemoteId::Int(11)));
    }
    let exported = export(
        &snapshot([
            folder(1, " ", None),
            folder(2, "", Some(1)),
            scenario(9, "A", Some(2), &blueprint),
            scenario(10, "\u{2028}", None, &blueprint),
            hook,
            connection(11, "\t", "slack"),
        ]),
        &ExportOptions::default(),
    );
    let told: Vec<String> = exported
        .findings
        .sorted()
        .iter()
        .map(|finding| format!("{}: {}", finding.code, finding.message))
        .collect();
    assert_eq!(
        told,
        [
            "export-unknown-id: it names folder 2, which has no name",
            "export-unknown-id: it names connection 11, which has no name",
            "export-unsayable: connection 11 has a blank name, so it was left out",
            "export-unsayable: folder 1 has a blank name, so it was left out",
            "export-unsayable: folder 2 has a blank name, so it was left out",
            "export-unsayable: scenario 10 has a blank name, so it was left out",
        ]
    );
    assert_eq!(exported.skipped.len(), 4);
    let (read, findings) = read_back(&exported);
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(specs(&read), specs(&exported.desired));
    assert_eq!(read.things.len(), 2);
    let Spec::Scenario(spec) = &read.things[&"scenario.a".parse().unwrap()].spec else {
        panic!("no scenario");
    };
    assert_eq!(spec.folder, Field::Set(Link::Id(RemoteId::Int(2))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_an_account_holds_reads_back_as_it_was_exported(
        texts in prop::collection::vec(hostile(), 7),
        role in hostile().prop_filter("a role is one of a list", |text| !text.trim().is_empty()),
        schedule in schedule(),
    ) {
        let [name, inner, other, description, form, key, hook] = texts.as_slice() else {
            return Err(TestCaseError::reject("seven texts"));
        };
        let blueprint = json!({"name": other, "metadata": {}, "flow": [{"id": 1, "mapper": {key: form}}]});
        let exported = export(
            &snapshot([
                folder(1, name, None),
                folder(2, inner, Some(1)),
                detailed(scenario(9, other, Some(2), &blueprint), description, &schedule),
                of_app(webhook(58, hook, "https://hook.eu1.make.com/x"), &json!({key: [form, 1.5, null]})),
                connection(11, name, "slack"),
                team_role(5, "mia@acme.example", &role),
            ]),
            &ExportOptions::default(),
        );
        let (read, findings) = read_back(&exported);
        prop_assert_eq!(specs(&read), specs(&exported.desired), "{:?}", findings);
    }
}
