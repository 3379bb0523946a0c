//! A project with a thing of each kind.

use std::{collections::BTreeMap, sync::Arc};

use makeform::{
    apply::{Outcome, StepOutcome},
    model::{
        Address, Blueprint, Declared, Desired, Field, Kind, Lifecycle, Place, Source, Spec,
        reference::Template,
        spec::{FolderSpec, Link, ScenarioSpec, Schedule, ScheduleUse, TeamRoleSpec, WebhookSpec},
    },
};
use serde_json::json;

pub(crate) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

pub(crate) fn declared(spec: Spec) -> Declared {
    let source = Arc::new(Source {
        name: "manifests/all.yaml".into(),
        text: String::new(),
    });
    Declared {
        spec,
        lifecycle: Lifecycle::default(),
        place: Place::new(&source, 0..0),
        places: BTreeMap::new(),
    }
}

pub(crate) fn folder(name: &str) -> Spec {
    Spec::Folder(FolderSpec {
        name: name.into(),
        parent: Field::Absent,
    })
}

pub(crate) fn webhook(name: &str) -> Spec {
    Spec::Webhook(webhook_spec(name))
}

pub(super) fn webhook_spec(name: &str) -> WebhookSpec {
    WebhookSpec {
        name: name.into(),
        kind: "custom".into(),
        connection: Field::Absent,
        enabled: Field::Absent,
        headers: Field::Set(true),
        method: Field::Absent,
        stringify: Field::Absent,
        ip: Field::Set(Template::literal("10.0.0.1")),
        ..WebhookSpec::default()
    }
}

pub(crate) fn scenario(name: &str, hook: Option<&str>, active: bool) -> Spec {
    let first = match hook {
        Some(hook) => json!({"id": 1, "module": "gateway:CustomWebHook", "version": 1,
            "parameters": {"hook": format!("${{{hook}}}"), "maxResults": 1},
            "mapper": {}, "metadata": {"designer": {"x": 0, "y": 0}}}),
        None => json!({"id": 1, "module": "json:ParseJSON", "version": 1,
            "parameters": {"type": ""}, "mapper": {"json": "{}"},
            "metadata": {"designer": {"x": 0, "y": 0}}}),
    };
    let document = json!({"name": name, "flow": [first], "metadata": {"version": 1,
        "scenario": {"roundtrips": 1, "maxErrors": 3, "autoCommit": true}}});
    let schedule = match hook {
        Some(_) => json!({"type": "immediately"}),
        None => json!({"type": "indefinitely", "interval": 900}),
    };
    let schedule = Schedule::from_make(&schedule).normal();
    Spec::Scenario(Box::new(ScenarioSpec {
        name: name.into(),
        folder: Field::Set(Link::Thing(address("folder.crm"))),
        description: Field::Set(Template::literal("made by a test")),
        active: Field::Set(active),
        schedule: Field::Set(ScheduleUse::Inline(schedule)),
        blueprint: Field::Set(Blueprint::new(&document, true)),
        ..ScenarioSpec::default()
    }))
}

/// A project with a thing of each kind, and references between them. Mia is in the team of a new
/// world, with another role.
pub(crate) fn desired() -> Desired {
    let mia = Spec::TeamRole(TeamRoleSpec {
        email: "mia@acme.example".into(),
        role: "builder".into(),
    });
    let things = [
        ("team-role.mia", mia),
        ("folder.crm", folder("CRM")),
        ("folder.other", folder("Other")),
        ("webhook.leads", webhook("Leads")),
        (
            "scenario.lead-sync",
            scenario("Lead sync", Some("webhook.leads"), true),
        ),
        ("scenario.nightly", scenario("Nightly", None, false)),
    ];
    Desired {
        things: things
            .map(|(name, spec)| (address(name), declared(spec)))
            .into(),
        ..Desired::default()
    }
}

/// What of a project is of one kind.
pub(crate) fn only(desired: &Desired, kind: Kind) -> Desired {
    let mut only = desired.clone();
    only.things.retain(|at, _| at.kind == kind);
    only
}

pub(crate) fn of<'o>(outcome: &'o Outcome, name: &str) -> &'o StepOutcome {
    let address = address(name);
    let step = outcome.steps.iter().find(|step| step.address == address);
    &step.unwrap().outcome
}
