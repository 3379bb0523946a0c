//! Scenarios.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::{
    manifest::{
        fields::Fields,
        node::{Node, Shape},
        page::Page,
        schema::{SCHEDULE, SETTINGS},
        scope::Scope,
        values::{flag, limit, whole, wrong_type},
    },
    model::{
        Field, Kind,
        spec::{ScenarioSpec, ScheduleUse, Settings},
    },
};

use super::{
    blueprint::{Claims, blueprint},
    data::interface,
    schedule::schedule,
    thing::shown_name,
};

/// The longest name of a scenario.
pub(in crate::manifest) const SCENARIO_NAME: usize = 120;

/// The longest description of one.
pub(in crate::manifest) const DESCRIPTION: usize = 240;

pub(super) fn scenario(fields: &mut Fields<'_>, scope: &Scope<'_>, own: &str) -> ScenarioSpec {
    let page = fields.page();
    let name = shown_name(fields, scope, own, SCENARIO_NAME);
    let settings = fields.optional("settings", |node| settings(page, node));
    let settings = settings.unwrap_or_default();
    let claims = Claims {
        name: &name,
        name_node: fields.mapping().get("name"),
        settings: &settings,
        settings_node: fields.mapping().get("settings"),
    };
    let blueprint = fields.unclearable("blueprint", |node| blueprint(page, scope, node, &claims));
    ScenarioSpec {
        folder: fields.field("folder", |node| scope.link(page, node, Kind::Folder)),
        description: fields.field("description", |node| {
            let template = scope.template(page, node)?;
            if let Some(text) = template.as_literal() {
                limit(page, node, text, DESCRIPTION);
            }
            Some(template)
        }),
        active: fields.unclearable("active", |node| flag(page, node)),
        schedule: fields.field("schedule", |node| schedule_use(page, scope, node)),
        blueprint,
        interface: fields.field("interface", |node| interface(page, scope, node)),
        custom_properties: fields.field("customProperties", |node| properties(page, scope, node)),
        priority: fields.field("priority", |node| priority(page, node)),
        name,
        settings,
    }
}

/// Custom properties: which there are, the organization says.
fn properties(page: &Page, scope: &Scope<'_>, node: &Node) -> Option<Map<String, Value>> {
    let Shape::Map(entries) = &node.shape else {
        wrong_type(page, node, "a mapping from properties to values");
        return None;
    };
    scope.check_texts(page, node);
    let read = entries
        .iter()
        .filter(|entry| entry.value.shape != Shape::Broken);
    Some(
        read.map(|entry| (entry.key.text.clone(), entry.value.to_value()))
            .collect(),
    )
}

fn priority(page: &Page, node: &Node) -> Option<Value> {
    match &node.shape {
        Shape::Number(_) | Shape::Text(_) => Some(node.to_value()),
        Shape::Null | Shape::Bool(_) | Shape::List(_) | Shape::Map(_) | Shape::Broken => {
            wrong_type(page, node, "a word or a number");
            None
        }
    }
}

fn schedule_use(page: &Page, scope: &Scope<'_>, node: &Node) -> Option<ScheduleUse> {
    match &node.shape {
        Shape::Map(_) => {
            let mut fields = Fields::of(page, node, &SCHEDULE)?;
            let schedule = schedule(&mut fields, scope.known.dialect);
            fields.finish();
            schedule.map(ScheduleUse::Inline)
        }
        Shape::Text(_) => scope
            .address(page, node, Kind::Schedule)
            .map(ScheduleUse::Shared),
        Shape::Null | Shape::Bool(_) | Shape::Number(_) | Shape::List(_) | Shape::Broken => {
            wrong_type(page, node, "a schedule or `schedule.NAME`");
            None
        }
    }
}

fn settings(page: &Page, node: &Node) -> Option<Settings> {
    let mut fields = Fields::of(page, node, &SETTINGS)?;
    let mut switch = |key| fields.field(key, |node| flag(page, node));
    let auto_commit = switch("autoCommit");
    let auto_commit_trigger_last = switch("autoCommitTriggerLast");
    let sequential = switch("sequential");
    let confidential = switch("confidential");
    let data_loss = switch("dataLoss");
    let keep_incomplete = switch("keepIncomplete");
    let fresh_variables = switch("freshVariables");
    let mut count = |key, range: RangeInclusive<u64>| -> Field<u64> {
        fields.field(key, |node| whole(page, node, range))
    };
    let settings = Settings {
        max_errors: count("maxErrors", 0..=u64::MAX),
        auto_commit,
        auto_commit_trigger_last,
        sequential,
        confidential,
        data_loss,
        keep_incomplete,
        fresh_variables,
        roundtrips: count("roundtrips", 1..=u64::MAX),
    };
    fields.finish();
    Some(settings)
}
