//! Rows as Make's lists show them, for things that are put straight into a world.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Map, Number, Value, json};

use crate::sandbox::beginning::ZONE;

use super::furniture;
use super::reference::{Named, Sort};

/// The team that everything is put into.
pub(super) const TEAM: u64 = 1;

/// The latest moment at which anything in an invented account happened: 2026-10-30.
const NOW: i64 = 1_793_318_400;

/// A scenario, without its blueprint.
#[derive(Clone, Debug)]
pub(super) struct Scenario {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) hook: Option<u64>,
    pub(super) folder: Option<u64>,
    pub(super) active: bool,
    pub(super) invalid: bool,
    pub(super) incomplete: u64,
    pub(super) packages: Vec<String>,
    pub(super) scheduling: Value,
    pub(super) version: u64,
    pub(super) next_module: u64,
    pub(super) created: String,
    pub(super) edited: String,
    pub(super) next_run: Option<String>,
    /// Who made it and who changed it last: `{"id":..,"name":..,"email":..}`.
    pub(super) author: Value,
    pub(super) editor: Value,
}

impl Scenario {
    pub(super) fn row(self) -> Value {
        json!({
            "id": self.id, "name": self.name, "teamId": TEAM, "hookId": self.hook,
            "deviceId": null, "deviceScope": null, "concept": false, "type": "scenario",
            "description": self.description, "folderId": self.folder, "isinvalid": self.invalid,
            "islinked": self.active, "isActive": self.active, "islocked": false,
            "isPaused": false, "usedPackages": self.packages, "lastEdit": self.edited,
            "scheduling": self.scheduling, "iswaiting": false, "dlqCount": self.incomplete,
            "createdByUser": self.author, "updatedByUser": self.editor, "nextExec": self.next_run,
            "created": self.created, "scenarioVersion": self.version,
            "moduleSequenceId": self.next_module, "devices": [],
            "operations": 0, "transfer": 0,
        })
    }
}

/// What is kept beside a scenario's row.
pub(super) fn blueprint(blueprint: Value, inputs: Value) -> Value {
    json!({"blueprint": blueprint, "metadata": {"input_spec": inputs, "output_spec": []}})
}

/// A hook that feeds one scenario, or none yet.
pub(super) fn hook(rng: &mut Rng, named: &Named, scenario: Option<u64>, further: Value) -> Value {
    let udid: String = (0..32)
        .map(|_| rng.alphanumeric().to_ascii_lowercase())
        .collect();
    let mail = named.type_name == "gateway-mailhook";
    let gateway = named.type_name.starts_with("gateway-");
    let url = if mail {
        format!("{udid}@hook.{ZONE}")
    } else {
        format!("https://hook.{ZONE}/{udid}")
    };
    let mut data = Map::new();
    data.insert("teamId".to_owned(), json!(TEAM));
    if gateway {
        for (key, value) in [("headers", false), ("method", false), ("stringify", false)] {
            data.insert(key.to_owned(), json!(value));
        }
        data.insert("ip".to_owned(), Value::Null);
        data.insert("udt".to_owned(), Value::Null);
    }
    if let Value::Object(further) = further {
        data.extend(further);
    }
    let mut row = json!({
        "id": named.id, "name": named.label, "teamId": TEAM, "udid": udid,
        "type": if mail { "mail" } else { "web" },
        "packageName": if gateway { Value::Null } else { json!(named.type_name) },
        "theme": "#c73a63", "editable": true, "queueCount": 0, "queueLimit": 10_000,
        "enabled": true, "gone": false, "typeName": named.type_name, "data": data, "url": url,
    });
    if let (Some(row), Some(scenario)) = (row.as_object_mut(), scenario) {
        row.insert("scenarioId".to_owned(), json!(scenario));
    }
    row
}

/// A connection, a key, a data store or a data structure.
///
/// Hooks and scenarios have rows of their own; for them it is null.
pub(super) fn thing(sort: Sort, named: &Named) -> Value {
    let Named {
        id,
        label,
        type_name,
    } = named;
    match sort {
        Sort::Connection => json!({
            "id": id, "name": label, "accountName": type_name, "accountLabel": title(type_name),
            "packageName": null, "expire": null, "metadata": null, "teamId": TEAM,
            "theme": "#fecd5f", "upgradeable": false, "scopesCnt": 0, "scoped": true,
            "connectedSystemId": null,
            "accountType": "oauth", "editable": false, "uid": uid(*id, type_name),
            "connectedSystemId": null, "organizationId": 1,
        }),
        Sort::Key => json!({"id": id, "name": label, "typeName": type_name, "teamId": TEAM,
            "packageName": null, "theme": "#007ee5"}),
        Sort::DataStore => json!({"id": id, "name": label, "records": 0, "size": "0",
            "maxSize": "1048576", "teamId": TEAM, "datastructureId": null}),
        Sort::DataStructure => json!({"id": id, "name": label, "teamId": TEAM,
            "strict": id % 2 == 0, "spec": furniture::spec(*id)}),
        Sort::Hook | Sort::Scenario => Value::Null,
    }
}

/// The user at the service: Google's are numbers beyond what 64 bits hold.
fn uid(id: u64, type_name: &str) -> Option<Number> {
    match type_name {
        "google" => serde_json::from_str(&format!("2258745695265{id:08}")).ok(),
        _ => None,
    }
}

/// A folder of scenarios.
pub(super) fn folder(id: u64, name: &str, parent: Option<u64>) -> Value {
    json!({"id": id, "name": name, "teamId": TEAM, "parentId": parent})
}

/// How an app writes the name of its type.
fn title(type_name: &str) -> String {
    let name = type_name.trim_start_matches("app#").replace('-', " ");
    let mut chars = name.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// A moment between so many days before the account's present and so many.
pub(super) fn moment(rng: &mut Rng, latest: i64, earliest: i64) -> String {
    let day = 86_400_000;
    let before = rng.i64(latest * day..(earliest * day).max(latest * day + 1));
    Timestamp::from_millisecond(NOW * 1000 - before)
        .map(|moment| moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
        .unwrap_or_default()
}
