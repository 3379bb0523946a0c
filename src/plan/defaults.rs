//! What is known of single fields, kind by kind: what Make gives to a new object, what can't be
//! changed in place, and what is said only once.

use serde_json::{Value, json};

use crate::model::{Dialect, Kind, Spec};

/// What a field is when nobody says anything: to which it returns when it is gone from its
/// manifest, or null. None for fields that can't be cleared.
pub(super) fn default_value(kind: Kind, field: &str) -> Option<Value> {
    let value = match kind {
        Kind::Scenario => match field {
            "folder" | "interface" | "customProperties" | "priority" => Value::Null,
            "description" => json!(""),
            "active" => json!(false),
            "schedule" => json!({"type": "on-demand"}),
            // Fields of their own beside a blueprint of modules and connections.
            "maxErrors" => json!(3),
            "autoCommit" => json!(true),
            _ => return None,
        },
        Kind::Webhook => match field {
            "connection" | "dataStructure" | "ip" | "security" | "hookType" | "scenario" => {
                Value::Null
            }
            "enabled" => json!(true),
            "headers" | "method" | "stringify" => json!(false),
            _ => return None,
        },
        Kind::Folder => match field {
            "parent" => Value::Null,
            _ => return None,
        },
        Kind::DataStore => match field {
            "dataStructure" => Value::Null,
            _ => return None,
        },
        Kind::DataStructure => match field {
            "strict" => json!(false),
            "fields" => json!([]),
            _ => return None,
        },
        Kind::Team => match field {
            "limits" => json!({ "operations": null }),
            _ => return None,
        },
        Kind::Agent
        | Kind::Connection
        | Kind::Device
        | Kind::Key
        | Kind::OrganizationRole
        | Kind::Schedule
        | Kind::TeamRole
        | Kind::Variable => return None,
    };
    Some(value)
}

/// The fields that can't be changed in place: another value is another object.
pub(super) fn fixed_fields(dialect: Dialect, kind: Kind) -> &'static [&'static str] {
    match kind {
        // Nothing changes one there.
        Kind::Webhook if dialect == Dialect::Unified => &[
            "type",
            "stringify",
            "scenario",
            "name",
            "hookType",
            "security",
        ],
        Kind::Webhook => &["type", "connection"],
        Kind::OrganizationRole | Kind::TeamRole => &["email"],
        Kind::Variable => &["scope", "name"],
        Kind::Agent
        | Kind::Connection
        | Kind::DataStore
        | Kind::DataStructure
        | Kind::Device
        | Kind::Folder
        | Kind::Key
        | Kind::Scenario
        | Kind::Schedule
        | Kind::Team => &[],
    }
}

/// The fields that are said when a thing is made, and that no account tells again.
pub(super) fn once_fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::OrganizationRole => &["name", "note"],
        Kind::Agent
        | Kind::Connection
        | Kind::DataStore
        | Kind::DataStructure
        | Kind::Device
        | Kind::Folder
        | Kind::Key
        | Kind::Scenario
        | Kind::Schedule
        | Kind::Team
        | Kind::TeamRole
        | Kind::Variable
        | Kind::Webhook => &[],
    }
}

/// Whether a dialect can say a field. What it can't is left out of forms, and a finding.
pub(super) fn is_expressible(dialect: Dialect, kind: Kind, field: &str) -> bool {
    match (dialect, kind) {
        (Dialect::Zone, Kind::Scenario) => field != "priority",
        (Dialect::Zone, Kind::Webhook) => !matches!(field, "security" | "hookType" | "scenario"),
        (Dialect::Unified, Kind::Scenario) => {
            !matches!(field, "folder" | "interface" | "customProperties")
        }
        (Dialect::Unified, Kind::Webhook) => matches!(
            field,
            "name" | "type" | "security" | "hookType" | "scenario"
        ),
        (Dialect::Zone | Dialect::Unified, _) => true,
    }
}

/// Whether a dialect can say a thing at all.
pub(super) fn is_sayable(dialect: Dialect, spec: &Spec) -> bool {
    let is_known = match spec {
        Spec::Webhook(spec) => {
            dialect == Dialect::Zone || matches!(spec.kind.as_str(), "custom" | "raw")
        }
        Spec::Agent(_)
        | Spec::Connection(_)
        | Spec::DataStore(_)
        | Spec::DataStructure(_)
        | Spec::Device(_)
        | Spec::Folder(_)
        | Spec::Key(_)
        | Spec::OrganizationRole(_)
        | Spec::Scenario(_)
        | Spec::Schedule(_)
        | Spec::Team(_)
        | Spec::TeamRole(_)
        | Spec::Variable(_) => true,
    };
    is_known && dialect.has(spec.kind())
}
