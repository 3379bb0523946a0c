//! What is in an account, so that two can be compared which got there by different ways: ids and
//! what Make makes up are left out, references stand by the name of what they are to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use makeform::sandbox::{Collection, World};
use serde_json::Value;

/// Objects by collection, in order of their text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inventory(BTreeMap<&'static str, Vec<String>>);

/// What no apply is about: how the sandbox itself goes on.
const OWN: [Collection; 6] = [
    Collection::Tokens,
    Collection::OauthCodes,
    Collection::Consumptions,
    Collection::Settings,
    Collection::BlueprintVersions,
    Collection::HookLogs,
];

/// What Make makes up for each object anew, and what counts how often it was written: a change that
/// was lost is sent again.
const MADE_UP: [&str; 7] = [
    "udid",
    "url",
    "lastEdit",
    "nextExec",
    "invitationHash",
    "scenarioVersion",
    "history",
];

/// What an object gathers in its life: places of modules (those of a blueprint that has grown are
/// others than those of one that was made at once), counts of runs, and what Make notes when a
/// blueprint is read.
const GATHERED: [&str; 7] = [
    "designer",
    "failuresInARow",
    "instant",
    "moduleSequenceId",
    "operations",
    // Settings that no manifest of these stories has: a rollback spells Make's defaults out.
    "scenario",
    "transfer",
];

/// What lists number from 1: nothing refers to it by a number that could not be another one.
const SMALL: u64 = 600;

impl Inventory {
    pub(crate) fn of(world: &World) -> Self {
        Self::made(objects(world))
    }

    /// Of some objects only, and without their history.
    pub(crate) fn of_some(world: &World, is_one: impl Fn(Collection, u64) -> bool) -> Self {
        let mut objects = objects(world);
        objects.retain(|(collection, id, _)| is_one(*collection, *id));
        for (_, _, object) in &mut objects {
            without_history(object);
            object.sort_all_objects();
        }
        Self::made(objects)
    }

    fn made(objects: Vec<(Collection, u64, Value)>) -> Self {
        let names: BTreeMap<u64, String> = objects
            .iter()
            .filter(|(_, id, object)| *id > SMALL && object["name"].is_string())
            .map(|(collection, id, object)| {
                let name = object["name"].as_str().unwrap_or_default();
                (*id, format!("<{} {name}>", collection.name()))
            })
            .collect();
        let mut all: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for (collection, id, mut object) in objects {
            neutral(&mut object);
            let text = named(&format!("{id} {object}"), &names);
            // The number by which a row is kept.
            let text = match names.contains_key(&id) {
                true => text,
                false => object_only(&text),
            };
            all.entry(collection.name()).or_default().push(text);
        }
        for texts in all.values_mut() {
            texts.sort();
        }
        Self(all)
    }

    /// What one has and the other lacks; a thing that is there twice counts twice.
    pub(crate) fn difference(&self, expected: &Self) -> Vec<String> {
        let names: BTreeSet<_> = self.0.keys().chain(expected.0.keys()).collect();
        let mut lines = Vec::new();
        for name in names {
            let of = |inventory: &Self| inventory.0.get(*name).cloned().unwrap_or_default();
            let (mut here, mut there) = (of(self), of(expected));
            here.retain(|text| match there.iter().position(|other| other == text) {
                Some(at) => {
                    there.swap_remove(at);
                    false
                }
                None => true,
            });
            lines.extend(here.iter().map(|text| format!("+ {name}: {text}")));
            lines.extend(there.iter().map(|text| format!("- {name}: {text}")));
        }
        lines
    }
}

/// The objects that an apply is about.
fn objects(world: &World) -> Vec<(Collection, u64, Value)> {
    let mut objects = Vec::new();
    let read = world.batch(|batch| {
        for collection in Collection::ALL {
            if !OWN.contains(&collection) {
                batch.each(collection, |id, object| {
                    objects.push((collection, id, object));
                })?;
            }
        }
        Ok(())
    });
    read.unwrap();
    objects
}

fn without_history(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|key, _| !GATHERED.contains(&key.as_str()));
            members.values_mut().for_each(without_history);
        }
        Value::Array(items) => items.iter_mut().for_each(without_history),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Leaves out what Make makes up, and times.
fn neutral(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                if key == "unified"
                    && let Some(unified) = member.as_object_mut()
                {
                    // Another count of writes.
                    unified.shift_remove("version");
                }
                match MADE_UP.contains(&key.as_str()) && !member.is_null() {
                    true => *member = "(made up)".into(),
                    false => neutral(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(neutral),
        Value::String(text) if text.parse::<Timestamp>().is_ok() => *text = "(time)".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A text in which names stand for ids.
fn named(text: &str, names: &BTreeMap<u64, String>) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            let id = digits.parse().ok();
            match id.and_then(|id: u64| names.get(&id)) {
                Some(name) => out.push_str(name),
                None => out.push_str(&digits),
            }
            digits.clear();
        }
        out.push(c);
    }
    out.trim_end().to_owned()
}

fn object_only(text: &str) -> String {
    let (_, object) = text.split_once(' ').unwrap();
    object.to_owned()
}
