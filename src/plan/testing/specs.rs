//! Specs of things, as manifests have them.

use serde_json::{Value, json};

use crate::model::{
    Blueprint, Field, Spec,
    spec::{
        FolderSpec, LookedSpec, ScenarioSpec, Schedule, ScheduleUse, TeamRoleSpec, WebhookSpec,
    },
};

pub(in crate::plan) fn folder(name: &str) -> Spec {
    Spec::Folder(FolderSpec {
        name: name.into(),
        parent: Field::Absent,
    })
}

pub(in crate::plan) fn connection(name: &str, kind: &str) -> Spec {
    Spec::Connection(LookedSpec {
        name: name.into(),
        types: vec![kind.into()],
    })
}

pub(in crate::plan) fn role(email: &str, role: &str) -> Spec {
    Spec::TeamRole(TeamRoleSpec {
        email: email.into(),
        role: role.into(),
    })
}

pub(in crate::plan) fn webhook(name: &str, kind: &str) -> Spec {
    Spec::Webhook(WebhookSpec {
        name: name.into(),
        kind: kind.into(),
        connection: Field::Absent,
        enabled: Field::Absent,
        headers: Field::Absent,
        method: Field::Absent,
        stringify: Field::Absent,
        ip: Field::Absent,
        ..WebhookSpec::default()
    })
}

pub(in crate::plan) fn scenario(name: &str) -> ScenarioSpec {
    ScenarioSpec {
        name: name.into(),
        folder: Field::Absent,
        description: Field::Absent,
        active: Field::Absent,
        schedule: Field::Absent,
        blueprint: Field::Absent,
        ..ScenarioSpec::default()
    }
}

/// A scenario with a blueprint that may hold references.
pub(in crate::plan) fn doing(name: &str, flow: Value) -> ScenarioSpec {
    let document = json!({"name": name, "flow": flow, "metadata": {}});
    ScenarioSpec {
        blueprint: Field::Set(Blueprint::new(&document, true)),
        ..scenario(name)
    }
}

pub(in crate::plan) fn make(spec: ScenarioSpec) -> Spec {
    Spec::Scenario(Box::new(spec))
}

pub(in crate::plan) fn every(minutes: u64) -> Field<ScheduleUse> {
    let schedule = json!({"type": "indefinitely", "interval": minutes * 60});
    Field::Set(ScheduleUse::Inline(Schedule::from_make(&schedule)))
}
