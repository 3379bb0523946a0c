//! What an account makes of a form that it is sent.

use serde_json::{Value, json};

use super::specs::scenario;
use crate::model::{
    Blueprint, Field, Form, Kind, RemoteId, Spec,
    blueprint::is_graph,
    reference::Template,
    spec::{
        DataStoreSpec, DataStructureSpec, FolderSpec, Interface, Link, OrganizationRoleSpec,
        ScenarioSpec, Schedule, ScheduleUse, Security, Settings, TeamRoleSpec, TeamSpec,
        VariableScope, VariableSpec, VariableType, WebhookSpec,
    },
};

/// A form as the account keeps it: with defaults, and with what the server adds.
pub(super) fn stored(kind: Kind, form: &Form) -> Spec {
    let id = |field: &str| {
        let value = form.get(field).and_then(RemoteId::from_value);
        Field::from(value.map(Link::Id))
    };
    let flag = |field, default| Field::Set(form.flag(field).unwrap_or(default));
    let text = |field| form.text(field).unwrap_or_default().to_owned();
    match kind {
        Kind::Folder => Spec::Folder(FolderSpec {
            name: text("name"),
            parent: id("parent"),
        }),
        Kind::Scenario => {
            let mut document = form.blueprint.as_ref().unwrap().document().unwrap();
            let mut settings = Settings::default();
            if is_graph(&document) {
                let errors = form.get("maxErrors").and_then(Value::as_u64);
                settings.max_errors = Field::Set(errors.unwrap_or(3));
                settings.auto_commit = flag("autoCommit", true);
            } else {
                document["metadata"]["instant"] = json!(true);
            }
            let schedule = form.get("schedule").cloned();
            let schedule = schedule.unwrap_or(json!({"type": "on-demand"}));
            Spec::Scenario(Box::new(ScenarioSpec {
                name: text("name"),
                folder: id("folder"),
                description: Field::Set(Template::literal(text("description"))),
                active: flag("active", false),
                schedule: Field::Set(ScheduleUse::Inline(Schedule {
                    timezone: form.text("timezone").map(str::to_owned),
                    ..Schedule::from_make(&schedule)
                })),
                settings,
                blueprint: Field::Set(Blueprint::new(&document, false)),
                interface: Field::Set(interface(form)),
                ..scenario("")
            }))
        }
        Kind::TeamRole => Spec::TeamRole(TeamRoleSpec {
            email: text("email"),
            role: text("role"),
        }),
        Kind::Webhook => Spec::Webhook(WebhookSpec {
            name: text("name"),
            kind: text("type"),
            connection: id("connection"),
            enabled: flag("enabled", true),
            headers: flag("headers", false),
            method: flag("method", false),
            stringify: flag("stringify", false),
            ip: Field::from(form.text("ip").map(Template::literal)),
            data_structure: id("dataStructure"),
            scenario: form
                .get("scenario")
                .map_or(Field::Absent, |_| id("scenario")),
            hook_type: form.get("hookType").map_or(Field::Absent, |_| {
                Field::from(form.text("hookType").map(Into::into))
            }),
            // Credentials are never told.
            security: form.get("security").map_or(Field::Absent, |security| {
                let untold = Template::literal("");
                match security["type"].as_str() {
                    Some("basic") => Field::Set(Security::Basic {
                        username: Template::literal(security["username"].as_str().unwrap()),
                        password: untold,
                    }),
                    Some("token") => Field::Set(Security::Token { token: untold }),
                    _ => Field::Null,
                }
            }),
            ..WebhookSpec::default()
        }),
        Kind::DataStore => Spec::DataStore(DataStoreSpec {
            name: text("name"),
            data_structure: id("dataStructure"),
            max_size_mb: Field::Set(form.get("maxSizeMB").and_then(Value::as_u64).unwrap_or(1)),
        }),
        Kind::DataStructure => Spec::DataStructure(DataStructureSpec {
            name: text("name"),
            strict: flag("strict", false),
            fields: Field::Set(match form.get("fields") {
                Some(Value::Array(fields)) => fields.clone(),
                _ => Vec::new(),
            }),
        }),
        Kind::OrganizationRole => Spec::OrganizationRole(OrganizationRoleSpec {
            email: text("email"),
            role: text("role"),
            name: None,
            note: None,
        }),
        Kind::Team => Spec::Team(TeamSpec {
            name: text("name"),
            operations_limit: Field::from(
                form.get("limits")
                    .and_then(|limits| limits["operations"].as_u64()),
            ),
        }),
        Kind::Variable => Spec::Variable(VariableSpec {
            name: text("name"),
            scope: match form.text("scope") {
                Some("organization") => VariableScope::Organization,
                _ => VariableScope::Team,
            },
            kind: VariableType::named(None, &text("type")).unwrap(),
            value: form.get("value").cloned().unwrap(),
        }),
        Kind::Agent | Kind::Connection | Kind::Device | Kind::Key | Kind::Schedule => {
            panic!("{kind} is never stored")
        }
    }
}

fn interface(form: &Form) -> Interface {
    let side = |key: &str| {
        let fields = form
            .get("interface")
            .and_then(|interface| interface.get(key));
        let fields = fields.and_then(|fields| fields.as_array().cloned());
        fields.unwrap_or_default()
    };
    Interface {
        input: side("input"),
        output: side("output"),
    }
}
