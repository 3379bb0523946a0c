//! A scenario as this dialect shows it, and what it keeps of how one was written.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::sandbox::beginning::ORGANIZATION;
use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::store::Objects;

use super::{KEPT, cron, modules};

/// What is known of a scenario beside its row.
pub(super) struct Shown<'v> {
    pub(super) row: &'v Value,
    /// As saved for the zone dialect.
    pub(super) blueprint: &'v Value,
    /// The organization's time zone.
    pub(super) zone: &'v str,
    pub(super) last_run: Option<String>,
}

impl Shown<'_> {
    /// The whole scenario: every field that was written, and modules and connections of the
    /// blueprint whichever form it was written in.
    pub(super) fn whole(&self) -> Value {
        let kept = |field: &str| kept(self.row, field);
        let (all, connections) = modules::of_blueprint(self.blueprint);
        let stamp = stamp(self.blueprint);
        let written = match kept("stamp").and_then(Value::as_str) == Some(&*stamp) {
            true => kept("blueprint").cloned(),
            // Saved since by the zone dialect.
            false => None,
        };
        let setting = |name: &str, usual: Value| {
            let at = format!("/metadata/scenario/{name}");
            self.blueprint.pointer(&at).cloned().unwrap_or(usual)
        };
        let mut shown = self.short();
        let more = json!({
            "description": self.row.get("description"),
            "priority": kept("priority"),
            "maxErrors": setting("maxErrors", json!(3)),
            "autoCommit": setting("autoCommit", json!(true)),
            "schedule": self.schedule(),
            "blueprint": written.unwrap_or_else(|| self.blueprint.clone()),
            "modules": all, "connections": connections,
        });
        if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
            shown.extend(more);
        }
        shown
    }

    /// The row of a list.
    pub(super) fn short(&self) -> Value {
        let row = |field: &str| self.row.get(field);
        json!({
            "id": row("id"), "name": row("name"), "active": row("isActive"),
            "folder": row("folderId"), "lastRunDate": self.last_run,
            "created": row("created"), "updated": row("lastEdit"),
        })
    }

    /// The schedule as it was written, unless the zone dialect has changed it since.
    fn schedule(&self) -> Value {
        let now = self.row.get("scheduling").unwrap_or(&Value::Null);
        match kept(self.row, "schedule") {
            Some(written) if kept(self.row, "scheduling") == Some(now) => written.clone(),
            _ => cron::of_scheduling(now, self.zone),
        }
    }
}

/// What a saved blueprint is told by, whatever its scenario is called: versions may count up for
/// other reasons than a new one.
pub(super) fn stamp(blueprint: &Value) -> String {
    let mut blueprint = blueprint.clone();
    if let Some(fields) = blueprint.as_object_mut() {
        fields.shift_remove("name");
    }
    base16ct::lower::encode_string(&Sha256::digest(blueprint.to_string()))
}

/// What this dialect keeps of a scenario under a name.
pub(super) fn kept<'v>(row: &'v Value, field: &str) -> Option<&'v Value> {
    row.get(KEPT)?.get(field)
}

/// Keeps something of a scenario.
pub(super) fn keep(row: &mut Value, field: &str, value: Value) {
    if let Value::Object(row) = row {
        let kept = row.entry(KEPT).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(kept) = kept {
            kept.insert(field.to_owned(), value);
        }
    }
}

/// When a scenario ran last.
pub(super) fn last_run(world: &impl Objects, scenario: u64) -> Result<Option<String>, WorldError> {
    let mut last = None;
    let range = Collection::pair(scenario, 0)..=Collection::pair(scenario, u64::from(u32::MAX));
    world.each_in(Collection::Executions, range, |_, run: Value| {
        let time = run.get("timestamp").and_then(Value::as_str);
        last = last.take().max(time.map(str::to_owned));
    })?;
    Ok(last)
}

/// The IANA name of the organization's time zone.
pub(super) fn time_zone(world: &impl Objects) -> Result<String, WorldError> {
    let organization = world.object(Collection::Organizations, ORGANIZATION)?;
    let id = organization.and_then(|organization| organization.get("timezoneId")?.as_u64());
    let zone = id.and_then(crate::sandbox::routes::zone::time_zone);
    Ok(zone.unwrap_or("UTC").to_owned())
}
