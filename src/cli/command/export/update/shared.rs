//! Files of blueprints that several scenarios name.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use super::{Update, sheets::Outcome};
use crate::{
    diagnostic::{Finding, codes::export as codes},
    manifest::editor_file_name,
    model::{Address, Declared},
};

/// What a file of a blueprint says, and what the scenarios would have in it that name it. What they
/// are called is a field of their own, and not looked at.
pub(super) struct Shared {
    was: Value,
    wants: BTreeMap<Address, Value>,
}

impl Shared {
    pub(super) fn new(was: &Value) -> Self {
        Self {
            was: nameless(was),
            wants: BTreeMap::new(),
        }
    }

    /// Says what a scenario would have.
    pub(super) fn wants(&mut self, address: &Address, made: &Value) {
        self.wants.insert(address.clone(), nameless(made));
    }
}

impl Update<'_> {
    /// Refuses to change a file for one scenario where another one that names it has something
    /// else in the account.
    pub(super) fn shared_blueprints(&mut self) {
        for (path, shared) in &self.blueprints {
            let Some((first, made)) = shared.wants.iter().next() else {
                continue;
            };
            let named = self.existing.desired.blueprint_files.iter();
            let named = named.filter(|(_, file)| Path::new(&file.path) == path);
            for (address, _) in named {
                let Some(declared) = self.existing.desired.things.get(address) else {
                    continue;
                };
                let wanted = shared.wants.get(address).unwrap_or(&shared.was);
                if wanted == made || ignores_blueprint(declared) {
                    continue;
                }
                let message = format!(
                    "{first} and {address} do not do the same in the account any more, and both \
                     have their blueprint in {}",
                    path.display()
                );
                let place = declared.places.get(&vec!["blueprint".to_owned()]);
                let finding = Finding::new(&codes::UPDATE_BY_HAND, message).about(address);
                let finding = finding.at(place.unwrap_or(&declared.place).clone());
                self.report
                    .push(finding.help("give each a file of its own, and run this again"));
            }
        }
    }

    /// Counts the scenarios whose files are written.
    pub(super) fn count_blueprints(&mut self, outcome: &Outcome) {
        for (path, shared) in &self.blueprints {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let beside = path.with_file_name(editor_file_name(&name));
            if outcome.contains_key(path) || outcome.contains_key(&beside) {
                self.changed.extend(shared.wants.keys().cloned());
            }
        }
    }
}

fn ignores_blueprint(declared: &Declared) -> bool {
    let mut ignored = declared.lifecycle.ignore_changes.iter();
    ignored.any(|path| path.first().is_some_and(|field| field == "blueprint"))
}

fn nameless(blueprint: &Value) -> Value {
    let mut blueprint = blueprint.clone();
    if let Value::Object(members) = &mut blueprint {
        members.shift_remove("name");
    }
    blueprint
}
