//! The blueprint of a scenario, brought to what the account has: its files, or what stands in the
//! manifest.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use super::{Update, fields::Thing, shared::Shared, sheets::assign};
use crate::{
    cli::error::Stop,
    export::{Side, keep},
    manifest::{editor_file_name, emit},
    model::{
        Blueprint, Field, Spec,
        blueprint::{
            EDITOR_KEYS, EditorPart, functional, is_editor_metadata, join, modules, split,
            visit_modules_mut,
        },
        values_equal,
    },
    plan::keep_ignored_parts,
};

/// A blueprint as export writes it, and as the account has it.
struct Now {
    written: Value,
    live: Value,
}

impl Update<'_> {
    pub(super) fn blueprint(&mut self, thing: Thing<'_>, manifest: &mut Value) -> Result<(), Stop> {
        let Some(now) = self.now(thing) else {
            self.by_hand(thing, "blueprint");
            return Ok(());
        };
        let managed = self.settings(thing, manifest, &now);
        let Some(written) = manifest.pointer("/spec/blueprint").cloned() else {
            return Ok(());
        };
        match written.get("file").and_then(Value::as_str) {
            Some(file) => {
                let folder = thing.path().parent().unwrap_or(Path::new(""));
                let path = folder.join(file);
                let references = written.get("references").and_then(Value::as_bool);
                self.file(thing, &path, references, &managed, now)
            }
            None => {
                let made = self.inline(thing, &written, &managed, &now);
                assign(manifest, &["blueprint"], Some(made));
                Ok(())
            }
        }
    }

    fn now(&self, thing: Thing<'_>) -> Option<Now> {
        let document = |spec: &Spec| {
            let blueprint = spec.as_scenario()?.blueprint.as_set();
            blueprint.map(Blueprint::document)?.ok()
        };
        let id = thing.step.id.as_ref()?;
        let live = self.source.snapshot.get(thing.address.kind, id)?;
        let mut live = document(&live.spec)?;
        if let Some(Value::Object(metadata)) = live.get_mut("metadata") {
            // As export leaves it out.
            metadata.shift_remove("instant");
        }
        let written = document(&thing.now.spec)?;
        Some(Now { written, live })
    }

    /// The settings that the manifest says, which win over those of the blueprint: by their names
    /// there. They are changed in the manifest.
    fn settings(&mut self, thing: Thing<'_>, manifest: &mut Value, now: &Now) -> Vec<&'static str> {
        let Some(spec) = thing.there.spec.as_scenario() else {
            return Vec::new();
        };
        let live = functional(&now.live);
        let mut managed = Vec::new();
        for (name, key, said) in spec.settings.entries() {
            if matches!(said, Field::Absent) {
                continue;
            }
            managed.push(key);
            let value = live
                .pointer("/metadata/scenario")
                .and_then(|settings| settings.get(key));
            let is_same = match (&said, value) {
                (Field::Set(said), Some(value)) => values_equal(said, value),
                (Field::Set(_), None) => false,
                (Field::Null | Field::Absent, value) => {
                    let default = functional(&Value::Object(serde_json::Map::new()));
                    let default = default.pointer("/metadata/scenario");
                    value == default.and_then(|settings| settings.get(key))
                }
            };
            let path = ["settings", name].map(str::to_owned).to_vec();
            if is_same || thing.there.lifecycle.ignore_changes.contains(&path) {
                continue;
            }
            if self.overrides_setting(thing.address, name) {
                self.leave(thing.address, &format!("settings.{name}"));
                continue;
            }
            let value = value.cloned().unwrap_or_default();
            assign(manifest, &["settings", name], Some(value));
        }
        managed
    }

    /// What the functional part is to be, as it is written.
    fn kept(
        &self,
        thing: Thing<'_>,
        was: &Value,
        resolved: &Value,
        managed: &[&str],
        (written, live): (&Value, &Value),
    ) -> Value {
        let (did, mut does) = (functional(resolved), functional(live));
        let ignored = &thing.there.lifecycle.ignore_changes;
        keep_ignored_parts("blueprint", &mut does, &did, ignored);
        // The manifest says these.
        let scenario = "/metadata/scenario";
        for key in managed {
            let is_there = was
                .pointer(scenario)
                .is_some_and(|settings| settings.get(key).is_some());
            let value = did.pointer(scenario).and_then(|settings| settings.get(key));
            let value = value.filter(|_| !is_there).cloned();
            if let (Some(value), Some(Value::Object(settings))) =
                (value, does.pointer_mut(scenario))
            {
                settings.insert((*key).to_owned(), value);
            }
        }
        let old = Side {
            written: was,
            compared: &did,
        };
        let new = Side {
            written,
            compared: &does,
        };
        let mut made = keep(old, new);
        // What a scenario is called is a field of its own; here it stands beside.
        let (said, is) = (resolved.get("name"), live.get("name"));
        if said.is_some()
            && said != is
            && !self.is_overridden(thing.address, "name")
            && let (Some(name), Value::Object(members)) = (written.get("name"), &mut made)
        {
            members.insert("name".to_owned(), name.clone());
        }
        made
    }

    /// A blueprint that stands in the manifest. Of what the editor keeps only what stands there is
    /// changed.
    fn inline(&self, thing: Thing<'_>, was: &Value, managed: &[&str], now: &Now) -> Value {
        let resolved = self.meanings.blueprint(was);
        let (written, _) = split(now.written.clone());
        // What is new is in the order that the files have.
        let written = serde_json::from_str(&emit::blueprint_text(&written)).unwrap_or(written);
        let mut made = self.kept(thing, was, &resolved, managed, (&written, &now.live));
        editor_in_place(&mut made, &now.written);
        made
    }

    fn file(
        &mut self,
        thing: Thing<'_>,
        path: &Path,
        references: Option<bool>,
        managed: &[&str],
        now: Now,
    ) -> Result<(), Stop> {
        let text = self.read(&path.to_string_lossy())?;
        let text = text.trim_start_matches('\u{feff}');
        let mut was: Value = serde_json::from_str(text).map_err(anyhow::Error::new)?;
        let marker = was
            .as_object_mut()
            .and_then(|members| members.shift_remove("makeform"));
        let has_references = references.unwrap_or(marker.is_some());
        let (was, editor) = split(was);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = path.with_file_name(editor_file_name(&name));
        let has_file = self.root.join(&beside).exists();
        // A raw export, whole as Make's editor gives it, becomes the two files.
        let is_raw = !editor.is_empty();
        let may_refer = references != Some(false);
        let live = split(now.live.clone());
        let (made, refers) = match (has_references, may_refer) {
            (true, _) => {
                let resolved = self.meanings.blueprint(&was);
                let (written, _) = split(now.written.clone());
                let sides = (&written, &live.0);
                (self.kept(thing, &was, &resolved, managed, sides), true)
            }
            (false, true) if is_raw => (split(now.written.clone()).0, true),
            // Without the marker a text is what it is.
            (false, _) => {
                let sides = (&live.0, &live.0);
                (self.kept(thing, &was, &was, managed, sides), false)
            }
        };
        let new_editor = match (refers, has_file || is_raw) {
            (_, false) => EditorPart::default(),
            (true, true) => split(now.written).1,
            (false, true) => live.1,
        };
        let has_editor = !new_editor.is_empty();
        let does = made != was || is_raw;
        let shared = self.blueprints.entry(path.to_owned());
        let shared = shared.or_insert_with(|| Shared::new(&was));
        shared.wants(thing.address, &made);
        for file in emit::blueprint_files(path, join(made, new_editor), refers) {
            if does || file.path != path {
                self.sheets.put(&file.path, Some(file.bytes));
            }
        }
        if has_file && !has_editor {
            self.sheets.put(&beside, None);
        }
        Ok(())
    }
}

/// Brings what a blueprint says of the editor's part to what the account has.
fn editor_in_place(made: &mut Value, now: &Value) {
    let twins: BTreeMap<String, &Value> = modules(now)
        .into_iter()
        .map(|module| (module.key.clone(), module.value))
        .collect();
    visit_modules_mut(made, &mut |key, module| {
        let Some(twin) = twins.get(key) else { return };
        let kind = module.get("module").and_then(Value::as_str);
        let kind = kind.unwrap_or_default().to_owned();
        follow(module, twin, &|key| key == "samples");
        if let Some(Value::Object(metadata)) = module.get_mut("metadata")
            && let Some(twin) = twin.get("metadata")
        {
            follow(metadata, twin, &|key| is_editor_metadata(&kind, key));
        }
    });
    if let Some(Value::Object(metadata)) = made.get_mut("metadata")
        && let Some(twin) = now.get("metadata")
    {
        let changes = |key: &str| key == "notes" && EDITOR_KEYS.contains(&key);
        follow(metadata, twin, &changes);
    }
}

/// Gives the members of some names the values of another object; what it lacks goes.
fn follow(members: &mut serde_json::Map<String, Value>, twin: &Value, is: &dyn Fn(&str) -> bool) {
    let keys: Vec<String> = members.keys().filter(|key| is(key)).cloned().collect();
    for key in keys {
        match twin.get(&key) {
            Some(value) if members.get(&key) != Some(value) => {
                members.insert(key, value.clone());
            }
            Some(_) => {}
            None => drop(members.shift_remove(&key)),
        }
    }
}
