//! What manifests declare and the account has no more.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{super::variables, Update};
use crate::{
    cli::error::Stop,
    diagnostic::{Finding, codes::export as codes},
    manifest::{self, IDS_FILE, editor_file_name},
    model::{
        Address, Declared, Handling, Kind, Place, Reading, Trail, each_text,
        reference::{Reference, Template},
    },
};

impl Update<'_> {
    /// Tells of each thing that is gone, and takes it away if that is asked for.
    pub(super) fn gone(&mut self, prunes: bool) -> Result<(), Stop> {
        let things = self.existing.desired.things.iter();
        let gone: Vec<(&Address, &Declared)> = things
            .filter(|(address, declared)| self.is_gone(address, declared))
            .collect();
        for (address, declared) in &gone {
            let (message, help) = match prunes {
                true => (
                    format!("the account has nothing of {address}: its manifest goes"),
                    String::new(),
                ),
                false => (
                    format!("the account has nothing of {address}"),
                    format!(
                        "take its manifest away with --prune; where only other targets have it, list \
                         it under `exclude` of target `{}`; or apply, which makes it",
                        self.source.target.name
                    ),
                ),
            };
            let finding = Finding::new(&codes::GONE, message).about(address);
            let finding = finding.at(declared.place.clone());
            self.told.push(match help.is_empty() {
                true => finding,
                false => finding.help(help),
            });
        }
        if prunes && !gone.is_empty() {
            self.prune(&gone)?;
        }
        Ok(())
    }

    fn is_gone(&self, address: &Address, declared: &Declared) -> bool {
        let (kind, existing) = (address.kind, self.existing);
        let snapshot = &self.source.snapshot;
        let options = &self.source.options;
        let is_chosen = (options.kinds.is_empty() || options.kinds.contains(&kind))
            && (options.only.is_empty() || options.only.contains(address));
        let is_read = snapshot.account.dialect.has(kind)
            && matches!(snapshot.reading.get(&kind), Some(Reading::Whole));
        if kind.handling() == Handling::Local || !is_chosen || !is_read {
            return false;
        }
        let is_pinned = existing.desired.pins.contains_key(address);
        // What the ledger has never seen was perhaps never applied.
        let bound = &existing.bindings.by_address;
        let mut known = [address]
            .into_iter()
            .chain(existing.desired.former(address));
        let was_applied = bound.is_empty() || known.any(|address| bound.contains_key(address));
        let live = snapshot.live.get(&kind);
        let mut live = live.into_iter().flat_map(|all| all.values());
        let key = declared.spec.match_key();
        let has_namesake = live.any(|live| live.spec.match_key() == key);
        let is_paired = existing.objects.contains_key(address);
        match kind.handling() {
            Handling::Looked => !is_paired && !is_pinned && !has_namesake,
            Handling::Managed | Handling::Local => {
                was_applied && !is_paired && self.creates.contains(address)
            }
        }
    }

    /// Takes manifests away, with what belongs to them.
    fn prune(&mut self, gone: &[(&Address, &Declared)]) -> Result<(), Stop> {
        let addresses: BTreeSet<&Address> = gone.iter().map(|(address, _)| *address).collect();
        let mut files: BTreeSet<PathBuf> = BTreeSet::new();
        for (address, declared) in gone {
            let path = Path::new(&declared.place.source.name);
            self.sheets.remove(path, address)?;
            if let Some(file) = self.existing.desired.blueprint_files.get(*address) {
                files.insert(PathBuf::from(&file.path));
            }
            self.pruned.insert((*address).clone());
        }
        self.look_at_all()?;
        // Others may share a file, those too that this target leaves out.
        for (address, file) in &self.existing.desired.blueprint_files {
            if !addresses.contains(address) {
                files.remove(Path::new(&file.path));
            }
        }
        for (path, document) in self.sheets.documents() {
            let file = document.pointer("/spec/blueprint/file");
            if let Some(file) = file.and_then(Value::as_str) {
                files.remove(&path.with_file_name(file));
            }
        }
        for path in &files {
            self.sheets.put(path, None);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let beside = path.with_file_name(editor_file_name(&name));
            if self.root.join(&beside).exists() {
                self.sheets.put(&beside, None);
            }
        }
        self.unpin(&addresses)?;
        self.refuse_users(&addresses)
    }

    fn unpin(&mut self, gone: &BTreeSet<&Address>) -> Result<(), Stop> {
        // What was added to it stays.
        let text = match self.sheets.other(Path::new(IDS_FILE)) {
            Some(added) => added
                .as_ref()
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
            None => variables::read(&self.root.join(IDS_FILE))?,
        };
        let Some(text) = text else {
            return Ok(());
        };
        let Some(documents) = manifest::edit::documents(&text) else {
            return Ok(());
        };
        let mut changed = manifest::edit::Documents::new();
        for (index, document) in documents.iter().enumerate() {
            let mut now = document.clone();
            let targets = now.get_mut("spec").and_then(Value::as_object_mut);
            for pins in targets.into_iter().flat_map(|targets| targets.values_mut()) {
                if let Value::Object(pins) = pins {
                    pins.retain(|key, _| !gone.iter().any(|address| address.to_string() == *key));
                }
            }
            if now != *document {
                changed.insert(index, Some(now));
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        match manifest::edit::edit(&text, &changed, &[]) {
            Ok(text) => {
                let bytes = Some(text.into_bytes());
                self.sheets.put(Path::new(IDS_FILE), bytes);
            }
            Err(_) => {
                let message = format!("{IDS_FILE} can't be changed in place");
                let finding = Finding::new(&codes::UPDATE_BY_HAND, message);
                self.report
                    .push(finding.help("take the pins of what is gone out of it by hand"));
            }
        }
        Ok(())
    }

    /// Opens all files of manifests, of what the target leaves out too.
    fn look_at_all(&mut self) -> Result<(), Stop> {
        let desired = &self.existing.desired;
        for declared in desired.things.values() {
            self.sheets
                .look_at(Path::new(&declared.place.source.name))?;
        }
        let excluded = desired.excluded.values();
        for declared in excluded.filter_map(|thing| thing.declared.as_ref()) {
            self.sheets
                .look_at(Path::new(&declared.place.source.name))?;
        }
        Ok(())
    }

    /// Refuses to take away what something else names.
    fn refuse_users(&mut self, gone: &BTreeSet<&Address>) -> Result<(), Stop> {
        let desired = &self.existing.desired;
        let mut found: Vec<(String, Option<Address>, Address)> = Vec::new();
        for (path, document) in self.sheets.documents() {
            let name = document.pointer("/metadata/name").and_then(Value::as_str);
            let kind = document.get("kind").and_then(Value::as_str);
            let user = kind.and_then(Kind::from_manifest).zip(name);
            let user = user.and_then(|(kind, name)| {
                crate::model::Name::new(name).map(|name| Address::new(kind, name))
            });
            let spec = document.get("spec").unwrap_or(&Value::Null);
            for named in named_in(spec, gone, true) {
                found.push((path.display().to_string(), user.clone(), named));
            }
            for key in ["moved", "removed"] {
                let entries = document.get(key).unwrap_or(&Value::Null);
                for named in named_in(entries, gone, true) {
                    found.push((path.display().to_string(), None, named));
                }
            }
        }
        for (address, file) in &desired.blueprint_files {
            if self.pruned.contains(address) {
                continue;
            }
            let path = Path::new(&file.path);
            let text = match self.sheets.other(path) {
                Some(bytes) => {
                    let bytes = bytes.as_deref().unwrap_or_default();
                    String::from_utf8_lossy(bytes).into_owned()
                }
                None => self.read(&file.path)?,
            };
            let is_marked = text.contains("\"makeform\"");
            let document: Value = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
                Ok(document) if is_marked => document,
                Ok(_) | Err(_) => continue,
            };
            for named in named_in(&document, gone, false) {
                found.push((file.path.clone(), Some(address.clone()), named));
            }
        }
        for (path, user, named) in found {
            let message = match user {
                Some(user) => {
                    format!("{user} names {named}, which the account has no more ({path})")
                }
                None => format!("{path} names {named}, which the account has no more"),
            };
            self.still_named(message, &named, None);
        }
        for address in gone {
            let targets = self.project.targets.values();
            let places: Vec<Place> = targets
                .filter_map(|target| target.naming(address))
                .cloned()
                .collect();
            for place in places {
                let message =
                    format!("makeform.yaml names {address}, which the account has no more");
                self.still_named(message, address, Some(place));
            }
        }
        Ok(())
    }

    fn still_named(&mut self, message: String, named: &Address, place: Option<Place>) {
        let finding = Finding::new(&codes::GONE_BUT_NAMED, message).about(named);
        let finding = match place {
            Some(place) => finding.at(place),
            None => finding,
        };
        self.report
            .push(finding.help("take that reference away first, or leave --prune out"));
    }
}

/// The things that texts in a value name. `plain`: whether an address alone is a name.
fn named_in(value: &Value, gone: &BTreeSet<&Address>, plain: bool) -> BTreeSet<Address> {
    let mut named = BTreeSet::new();
    each_text(value, &Trail::from(&[]), &mut |text, _| {
        if plain && let Some(address) = gone.iter().find(|address| address.to_string() == text) {
            named.insert((*address).clone());
        }
        for reference in Template::parse(text).references() {
            if let Reference::Thing { address, .. } = reference
                && gone.contains(address)
            {
                named.insert(address.clone());
            }
        }
    });
    named
}
