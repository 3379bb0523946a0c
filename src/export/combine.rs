//! The exports of several targets as one project, in which they share manifests.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::compose::Exported;
use crate::{
    manifest::emit::spec_form,
    model::{Address, Blueprint, Declared, Desired, Pin, blueprint::split, values_equal},
};

/// What several targets have, each thing once.
#[derive(Clone, Debug, Default)]
pub struct Combined {
    /// The things: as the first target has them that has them at all.
    pub desired: Desired,
    /// The file of each thing, relative to the project.
    pub places: BTreeMap<Address, PathBuf>,
    /// The ids that names do not tell and that are pinned nowhere yet, by target.
    pub pins: BTreeMap<String, BTreeMap<Address, Pin>>,
    /// What each target has, and what is otherwise there.
    pub targets: BTreeMap<String, Part>,
}

/// The part that a target has in what is exported.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Its things.
    pub things: BTreeSet<Address>,
    /// The secrets that it holds, by the variables that stand for them.
    pub secrets: BTreeMap<String, SecretString>,
    /// What differs from the manifest that is written.
    pub differences: BTreeMap<Address, Otherwise>,
}

/// What a target has otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Otherwise {
    /// The JSON merge patch of the manifest's `spec` that would say so, its blueprint aside.
    pub patch: Map<String, Value>,
    /// Whether the blueprint does something else.
    pub blueprint: bool,
}

/// Takes the exports of several targets together. What the editor alone needs of a blueprint is
/// that of the first target: it differs everywhere, and no plan looks at it.
#[must_use]
pub fn combine(exports: impl IntoIterator<Item = Exported>) -> Combined {
    let mut combined = Combined::default();
    for Exported {
        desired,
        mut places,
        objects: _,  // another one in each target
        findings: _, // they are told target by target
        skipped: _,
        secrets,
    } in exports
    {
        let target = desired.variables.target;
        let mut part = Part {
            secrets,
            ..Part::default()
        };
        for (address, declared) in desired.things {
            part.things.insert(address.clone());
            if let Some(first) = combined.desired.things.get(&address) {
                if let Some(otherwise) = otherwise(&address, first, &declared) {
                    part.differences.insert(address, otherwise);
                }
                continue;
            }
            combined.places.extend(places.remove_entry(&address));
            combined.desired.things.insert(address, declared);
        }
        if !desired.pins.is_empty() {
            combined.pins.insert(target.clone(), desired.pins);
        }
        combined.targets.insert(target, part);
    }
    combined
}

/// What one target has otherwise than the first.
fn otherwise(address: &Address, first: &Declared, other: &Declared) -> Option<Otherwise> {
    let patch = match patch(&spec_form(address, first), &spec_form(address, other)) {
        Some(Value::Object(patch)) => patch,
        Some(_) | None => Map::new(),
    };
    let blueprint = does(first) != does(other);
    let differs = blueprint || !patch.is_empty();
    differs.then_some(Otherwise { patch, blueprint })
}

/// The JSON merge patch that makes one value of another; nothing where they are equal.
fn patch(from: &Value, to: &Value) -> Option<Value> {
    let (Value::Object(from), Value::Object(to)) = (from, to) else {
        return (!values_equal(from, to)).then(|| to.clone());
    };
    let mut patched = Map::new();
    for (key, value) in to {
        let change = match from.get(key) {
            Some(before) => patch(before, value),
            None => Some(value.clone()),
        };
        patched.extend(change.map(|change| (key.clone(), change)));
    }
    let gone = from.keys().filter(|key| !to.contains_key(*key));
    patched.extend(gone.map(|key| (key.clone(), Value::Null)));
    (!patched.is_empty()).then_some(Value::Object(patched))
}

/// What a blueprint does, in its canonical text: compared as a plan compares it.
fn does(declared: &Declared) -> Option<String> {
    let spec = declared.spec.as_scenario()?;
    let document = spec.blueprint.as_set().map(Blueprint::document)?.ok()?;
    let (does, _) = split(document);
    Some(crate::manifest::emit::blueprint_text(&does))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Otherwise, combine, patch};
    use crate::{
        export::{
            ExportOptions, export_all,
            fixture::{folder, scenario, snapshot, team_role},
        },
        model::{Address, Field, Live, Spec},
    };

    #[test]
    fn a_patch_makes_one_value_of_the_other() {
        let from = json!({"active": true, "schedule": {"every": "15m"}, "n": 1.0, "gone": 1});
        let to = json!({"active": false, "schedule": {"daily": "06:30"}, "n": 1, "new": [1]});
        let patched = patch(&from, &to).unwrap();
        assert_eq!(
            patched,
            json!({"active": false, "schedule": {"daily": "06:30", "every": null}, "new": [1], "gone": null})
        );
        assert_eq!(patch(&from, &from), None);
    }

    fn at_rest(mut live: Live) -> Live {
        if let Spec::Scenario(spec) = &mut live.spec {
            spec.active = Field::Set(false);
        }
        live
    }

    #[test]
    fn what_is_equal_is_there_once_and_what_differs_is_said() {
        let module = |id: u64, x: u64, url: &str| {
            json!({"name": "A", "metadata": {}, "flow": [{"id": id, "module": "http:Get",
                "mapper": {"url": url}, "metadata": {"designer": {"x": x, "y": 0}}}]})
        };
        let staging = snapshot([
            folder(1, "CRM", None),
            scenario(2, "Same", Some(1), &module(1, 10, "https://a.example")),
            scenario(3, "Slow", None, &module(1, 10, "https://a.example")),
            scenario(4, "Own", None, &module(1, 10, "https://a.example")),
            scenario(5, "Twice", None, &module(1, 10, "https://a.example")),
            scenario(6, "Twice", None, &module(1, 10, "https://a.example")),
        ]);
        let production = snapshot([
            folder(11, "CRM", None),
            // Moved in the editor.
            scenario(12, "Same", Some(11), &module(1, 90, "https://a.example")),
            at_rest(scenario(
                13,
                "Slow",
                None,
                &module(1, 10, "https://b.example"),
            )),
            team_role(14, "mia@acme.example", "Team Member"),
        ]);
        let options = ["staging", "production"].map(|target| ExportOptions {
            target: target.to_owned(),
            ..ExportOptions::default()
        });
        let exports = export_all(&[(&staging, &options[0]), (&production, &options[1])]);
        let combined = combine(exports);
        let things: Vec<String> = combined.places.keys().map(Address::to_string).collect();
        assert_eq!(
            things,
            [
                "folder.crm",
                "scenario.own",
                "scenario.same",
                "scenario.slow",
                "scenario.twice",
                "scenario.twice-2",
                "team-role.mia"
            ]
        );
        let pinned: Vec<&String> = combined.pins.keys().collect();
        assert_eq!(pinned, ["staging"], "names are unique in the other");
        assert!(combined.targets["staging"].differences.is_empty());
        let part = &combined.targets["production"];
        assert_eq!(part.things.len(), 4);
        let slow: Address = "scenario.slow".parse().unwrap();
        let otherwise = Otherwise {
            patch: [("active".to_owned(), json!(false))].into_iter().collect(),
            blueprint: true,
        };
        assert_eq!(part.differences, [(slow, otherwise)].into());
    }
}
