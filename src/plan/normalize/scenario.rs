//! Scenarios: their fields, and what of them stands in the blueprint.

use serde_json::{Map, Value, json};

use super::{Draw, Ties};
use crate::model::{
    Address, Blueprint, Dialect, Field, UnpackError,
    blueprint::is_graph,
    reference::Reference,
    spec::{ScenarioSpec, Schedule, ScheduleUse, Settings, schedule::When},
};

/// The settings that are fields of their own beside a blueprint of modules and connections, which
/// has no place for any.
const OWN_SETTINGS: [&str; 2] = ["maxErrors", "autoCommit"];

impl<'a> Draw<'a> {
    /// The fields of a scenario, and its blueprint: as a document, and packed.
    pub(super) fn scenario(
        &mut self,
        spec: &ScenarioSpec,
    ) -> Result<Option<(Value, Option<Blueprint>)>, UnpackError> {
        let ScenarioSpec {
            name,
            folder,
            description,
            active,
            schedule,
            blueprint,
            settings,
            interface,
            custom_properties,
            priority,
        } = spec;
        self.put("name", name.as_str());
        self.link("folder", folder);
        self.template("description", description);
        // The API answers with a bare newline where there is none.
        if self.fields.get("description") == Some(&json!("\n")) {
            self.put("description", "");
        }
        self.field("active", active, |active| Value::from(*active));
        match schedule {
            Field::Set(ScheduleUse::Shared(address)) => match self.shared(address) {
                Some(schedule) => self.schedule(schedule),
                None => {
                    self.notes.unresolved.insert(Reference::Thing {
                        address: address.clone(),
                        attribute: None,
                    });
                }
            },
            Field::Set(ScheduleUse::Inline(schedule)) => self.schedule(schedule),
            Field::Null => self.clear("schedule"),
            Field::Absent => {}
        }
        if self.says("interface", interface) {
            self.interface(interface);
        }
        if self.says("customProperties", custom_properties) {
            self.custom_properties(custom_properties);
        }
        self.field("priority", priority, Value::clone);
        let Some(blueprint) = blueprint.as_set() else {
            return Ok(None);
        };
        let mut document = match self.parsed {
            Some((parsed, document)) if parsed == blueprint => document.clone(),
            Some(_) | None => blueprint.document()?,
        };
        if let Some(context) = self.context {
            self.ties = Ties::of(&document, blueprint.has_references());
            if blueprint.has_references() {
                if let Value::Object(map) = &mut document {
                    // The marker that says so is ours, not Make's.
                    map.shift_remove("makeform");
                }
                let mut path = vec!["blueprint".to_owned()];
                let resolver = context.resolver;
                resolver.blueprint(&mut document, &mut path, &mut self.notes);
            }
            let formulas = std::mem::take(&mut self.ties.formulas);
            self.variables_in(&formulas);
            self.ties.formulas = formulas;
        }
        let is_named =
            is_graph(&document) || document.get("name").and_then(Value::as_str) == Some(name);
        let untouched = !blueprint.has_references() && *settings == Settings::default() && is_named;
        if is_graph(&document) {
            self.own_settings(settings);
        } else {
            write_settings(&mut document, settings);
        }
        write_name(&mut document, name);
        Ok(Some((document, untouched.then(|| blueprint.clone()))))
    }

    /// When it runs: in the unified dialect as far as a cron expression says that.
    fn schedule(&mut self, schedule: &Schedule) {
        let normal = match self.dialect() {
            Some(Dialect::Unified) => schedule.as_cron(),
            Some(Dialect::Zone) | None => Some(schedule.clone().normal()),
        };
        let Some(schedule) = normal else {
            self.left_out.push("schedule");
            return;
        };
        self.put("schedule", schedule.to_make());
        // Zones have one time zone for the whole organization; their accounts tell none.
        if let Some(zone) = &schedule.timezone
            && self.dialect() != Some(Dialect::Zone)
            && schedule.when != When::OnDemand
        {
            self.put("timezone", zone.as_str());
        }
    }

    /// Settings beside a blueprint of modules and connections.
    fn own_settings(&mut self, settings: &Settings) {
        for (name, _, field) in settings.entries() {
            if OWN_SETTINGS.contains(&name) {
                self.field(name, &field, Value::clone);
            } else if field.as_set().is_some() {
                self.left_out.push("settings");
            }
        }
        self.left_out.dedup();
    }

    fn shared(&self, address: &Address) -> Option<&'a Schedule> {
        let declared = self.context?.desired.things.get(address)?;
        declared.spec.as_schedule()
    }
}

/// The settings that are fields of their own beside such a blueprint, as values of a form.
pub(in crate::plan) fn settings_beside(
    settings: &Settings,
) -> impl Iterator<Item = (&'static str, Field<Value>)> {
    let own = |(name, _, field): (&'static str, &'static str, Field<Value>)| {
        OWN_SETTINGS.contains(&name).then_some((name, field))
    };
    settings.entries().into_iter().filter_map(own)
}

/// Writes settings into a blueprint; null ones are taken out, which makes them Make's defaults.
pub(in crate::plan) fn write_settings(document: &mut Value, settings: &Settings) {
    for (_, key, field) in settings.entries() {
        match field {
            Field::Absent => {}
            Field::Null => {
                if let Some(Value::Object(map)) = document.pointer_mut("/metadata/scenario") {
                    map.shift_remove(key);
                }
            }
            Field::Set(value) => {
                if let Some(metadata) = object_in(document, "metadata")
                    && let Some(settings) = object_in(metadata, "scenario")
                    && let Value::Object(map) = settings
                {
                    map.insert(key.to_owned(), value);
                }
            }
        }
    }
}

/// Writes the name into a blueprint, if it is one that has a name.
pub(in crate::plan) fn write_name(document: &mut Value, name: &str) {
    if !is_graph(document)
        && let Value::Object(map) = document
    {
        map.insert("name".to_owned(), Value::from(name));
    }
}

fn object_in<'v>(value: &'v mut Value, key: &str) -> Option<&'v mut Value> {
    let Value::Object(map) = value else {
        return None;
    };
    let inner = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if inner.is_null() {
        *inner = Value::Object(Map::new());
    }
    Some(inner)
}
