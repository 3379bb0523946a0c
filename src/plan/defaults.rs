//! What is known of single fields, kind by kind: what Make gives to a new object, what can't be
//! changed in place, and what is said only once.

use serde_json::{Value, json};

use crate::model::{Dialect, Kind};

/// What a field is when nobody says anything: to which it returns when it is gone from its
/// manifest, or null. None for fields that can't be cleared.
pub(super) fn default_value(kind: Kind, field: &str) -> Option<Value> {
    let value = match kind {
        Kind::Scenario => match field {
            "folder" | "interface" | "customProperties" | "priority" => Value::Null,
            "description" => json!(""),
            "active" => json!(false),
            "schedule" => json!({"type": "on-demand"}),
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
pub(super) fn fixed_fields(kind: Kind) -> &'static [&'static str] {
    match kind {
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
    match dialect {
        Dialect::Zone => !matches!(
            (kind, field),
            (Kind::Scenario, "priority") | (Kind::Webhook, "security" | "hookType" | "scenario")
        ),
        Dialect::Unified => true,
    }
}
