//! The fields of one manifest, brought to what the account has.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Map, Value};

use super::{
    Update,
    sheets::{assign, read},
};
use crate::{
    cli::error::Stop,
    diagnostic::{Finding, codes::export as codes},
    export::{Side, keep},
    manifest::emit::spec_form,
    model::{
        Address, Blueprint, Declared, Dialect, Field,
        spec::{ScheduleUse, normal_fields},
        values_equal,
    },
    plan::{Step, keep_ignored_parts},
};

/// What is looked at of one thing.
#[derive(Clone, Copy)]
pub(super) struct Thing<'a> {
    pub(super) address: &'a Address,
    /// As the manifests have it.
    pub(super) there: &'a Declared,
    /// As export would declare it.
    pub(super) now: &'a Declared,
    /// What an apply would do to it.
    pub(super) step: &'a Step,
}

impl Thing<'_> {
    /// The file of its manifest.
    pub(super) fn path(&self) -> &Path {
        Path::new(&self.there.place.source.name)
    }

    /// The fields of its manifest that say something else than the account does.
    fn fields(&self) -> BTreeSet<String> {
        let changes = self.step.changes.iter();
        let heads = changes.filter_map(|change| change.path.first());
        let fields = heads.filter_map(|head| match head.as_str() {
            // It comes with another object, and no manifest says it.
            "url" => None,
            "editor" => Some("blueprint"),
            "timezone" => Some("schedule"),
            "maxErrors" | "autoCommit" => Some("settings"),
            head => Some(head.strip_prefix("fields.").unwrap_or(head)),
        });
        fields.map(str::to_owned).collect()
    }
}

impl Update<'_> {
    /// Changes the manifest of a thing, and its blueprint's files.
    pub(super) fn thing(&mut self, thing: Thing<'_>) -> Result<(), Stop> {
        let path = thing.path();
        let mut manifest = self.sheets.manifest(path, thing.address)?;
        let before = manifest.clone();
        let form = spec_form(thing.address, thing.now);
        for field in thing.fields() {
            if field != "settings" && self.is_overridden(thing.address, &field) {
                self.leave(thing.address, &field);
                continue;
            }
            match field.as_str() {
                "schedule" => self.schedule(thing, &mut manifest, &form),
                "settings" => self.own_settings(thing, &mut manifest),
                "blueprint" => self.blueprint(thing, &mut manifest)?,
                // Nobody tells credentials.
                "security" => self.by_hand(thing, &field),
                field => self.field(thing, field, &mut manifest, &form),
            }
        }
        if self.follows_name(thing) {
            self.blueprint(thing, &mut manifest)?;
        }
        if manifest != before {
            self.sheets.set(path, thing.address, manifest)?;
            self.changed.insert(thing.address.clone());
        }
        Ok(())
    }

    /// Whether a blueprint says the name that its scenario had, and nothing else of it changes.
    fn follows_name(&self, thing: Thing<'_>) -> bool {
        let fields = thing.fields();
        let is_alone = fields.contains("name") && !fields.contains("blueprint");
        let Some(scenario) = thing.there.spec.as_scenario() else {
            return false;
        };
        let blueprint = scenario.blueprint.as_set().map(Blueprint::document);
        let says = blueprint.and_then(|document| document.ok()?.get("name").cloned());
        let is_its = says.as_ref().and_then(Value::as_str) == Some(scenario.name.as_str());
        is_alone && is_its && !self.is_overridden(thing.address, "name")
    }

    fn field(&self, thing: Thing<'_>, field: &str, manifest: &mut Value, form: &Value) {
        let live = thing.step.before.as_ref();
        let live = live.and_then(|live| live.fields.get(field));
        let plain = live.filter(|value| !value.is_object() && !value.is_array());
        let written = match (form.get(field), plain) {
            (Some(written), _) => written.clone(),
            // What export does not say since it goes without saying is said here: it is managed.
            (None, Some(Value::String(id))) if !id.is_empty() => Value::from(id.as_str()),
            (None, Some(value)) => value.clone(),
            (None, None) => Value::Null,
        };
        let was = manifest.pointer("/spec").and_then(|spec| spec.get(field));
        let Some(was) = was.cloned() else {
            assign(manifest, &[field], Some(written));
            return;
        };
        let compared = |value: &Value| comparable(field, &self.meanings.document(value));
        let did = compared(&was);
        let mut does = compared(&written);
        let ignored = &thing.there.lifecycle.ignore_changes;
        keep_ignored_parts(field, &mut does, &did, ignored);
        let old = Side {
            written: &was,
            compared: &did,
        };
        let new = Side {
            written: &written,
            compared: &does,
        };
        assign(manifest, &[field], Some(keep(old, new)));
    }

    fn schedule(&mut self, thing: Thing<'_>, manifest: &mut Value, form: &Value) {
        let Some(Value::Object(new)) = form.get("schedule").cloned() else {
            self.by_hand(thing, "schedule");
            return;
        };
        let scenario = thing.there.spec.as_scenario();
        let shared = scenario.and_then(|spec| match spec.schedule.as_set() {
            Some(ScheduleUse::Shared(address)) => Some(address.clone()),
            Some(ScheduleUse::Inline(_)) | None => None,
        });
        if let Some(shared) = shared {
            let users = self.shared.entry(shared).or_default();
            users.insert(thing.address.clone(), Value::Object(new));
            return;
        }
        let was = manifest.pointer("/spec/schedule").cloned();
        let now = self.schedule_over(&was.unwrap_or_default(), new);
        assign(manifest, &["schedule"], Some(now));
    }

    /// A schedule in the place of another: its time zone stays where the account tells none.
    fn schedule_over(&self, was: &Value, mut new: Map<String, Value>) -> Value {
        let is_zone = self.source.snapshot.account.dialect == Dialect::Zone;
        if let Some(zone) = was.get("timezone").filter(|_| is_zone)
            && !new.contains_key("onDemand")
        {
            let entry = new.entry("timezone");
            entry.or_insert_with(|| zone.clone());
        }
        let new = Value::Object(new);
        let (did, does) = (self.meanings.document(was), self.meanings.document(&new));
        let old = Side {
            written: was,
            compared: &did,
        };
        keep(
            old,
            Side {
                written: &new,
                compared: &does,
            },
        )
    }

    /// Schedules that scenarios share: where all of them have one other now, that document
    /// changes; else those that differ get one of their own.
    pub(super) fn shared_schedules(&mut self) -> Result<(), Stop> {
        for (shared, users) in std::mem::take(&mut self.shared) {
            let things = &self.existing.desired.things;
            let all = things.values().filter(|declared| {
                let schedule = declared.spec.as_scenario().map(|spec| &spec.schedule);
                matches!(schedule, Some(Field::Set(ScheduleUse::Shared(address))) if *address == shared)
            });
            let is_everybodys = all.count() == users.len();
            let mut forms = users.values();
            let first = forms.next().cloned().unwrap_or_default();
            let is_one = forms.all(|form| values_equal(form, &first));
            let declared = things.get(&shared);
            if let (true, true, Some(declared), Value::Object(new)) =
                (is_everybodys, is_one, declared, &first)
                && self.config.overridden(&shared).is_none()
            {
                let path = Path::new(&declared.place.source.name);
                let mut manifest = self.sheets.manifest(path, &shared)?;
                let was = manifest.get("spec").cloned().unwrap_or_default();
                let now = self.schedule_over(&was, new.clone());
                if let Value::Object(members) = &mut manifest {
                    members.insert("spec".to_owned(), now);
                }
                self.sheets.set(path, &shared, manifest)?;
                self.changed.insert(shared);
                continue;
            }
            for (user, form) in users {
                let Some(declared) = things.get(&user) else {
                    continue;
                };
                let path = Path::new(&declared.place.source.name);
                let mut manifest = self.sheets.manifest(path, &user)?;
                assign(&mut manifest, &["schedule"], Some(form));
                self.sheets.set(path, &user, manifest)?;
                self.changed.insert(user);
            }
        }
        Ok(())
    }

    /// Settings that are fields of their own beside a blueprint of modules and connections.
    fn own_settings(&mut self, thing: Thing<'_>, manifest: &mut Value) {
        let live = thing.step.before.as_ref();
        for name in ["maxErrors", "autoCommit"] {
            let says = manifest
                .pointer("/spec/settings")
                .and_then(|settings| settings.get(name));
            let value = live.and_then(|live| live.fields.get(name));
            let (Some(says), Some(value)) = (says, value) else {
                continue;
            };
            if values_equal(&self.meanings.document(says), value) {
                continue;
            }
            if self.overrides_setting(thing.address, name) {
                self.leave(thing.address, &format!("settings.{name}"));
                continue;
            }
            assign(manifest, &["settings", name], Some(value.clone()));
        }
    }

    /// Tells that a field is to be changed by hand.
    pub(super) fn by_hand(&mut self, thing: Thing<'_>, field: &str) {
        let message =
            format!("`{field}` is otherwise in the account, and can't be written by export");
        let place = thing.there.places.get(&vec![field.to_owned()]);
        let place = place.unwrap_or(&thing.there.place).clone();
        let finding = Finding::new(&codes::UPDATE_BY_HAND, message);
        let finding = finding.about(thing.address).at(place);
        self.report
            .push(finding.help("change it by hand to what the account has, and run this again"));
    }

    pub(super) fn read(&self, path: &str) -> Result<String, Stop> {
        read(&self.root.join(path))
    }
}

/// What of a field is compared: fields of data structures without what says nothing.
fn comparable(field: &str, value: &Value) -> Value {
    match (field, value) {
        ("fields", Value::Array(fields)) => normal_fields(fields),
        ("interface", Value::Object(lists)) => {
            let lists = lists.iter().map(|(key, list)| {
                let list = list.as_array().map(|fields| normal_fields(fields));
                (key.clone(), list.unwrap_or_default())
            });
            Value::Object(lists.collect())
        }
        (_, value) => value.clone(),
    }
}
