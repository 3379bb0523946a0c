//! A mapping of a manifest: which keys it takes, and what each is for.

use serde_json::{Map, Value, json};

/// What may stand in one mapping.
///
/// The reader takes the keys from here ([`crate::manifest::fields::Fields`]), and so does the JSON
/// Schema: what one of them knows, the other knows too.
#[derive(Debug)]
pub(in crate::manifest) struct Mapping {
    /// What it is called in findings: `` `weekly` ``, "a Folder".
    pub(in crate::manifest) what: &'static str,
    /// What it is for.
    pub(super) about: &'static str,
    /// The keys, in the order in which people write them.
    pub(in crate::manifest) keys: &'static [Key],
}

/// One key.
#[derive(Debug)]
pub(in crate::manifest) struct Key {
    pub(in crate::manifest) name: &'static str,
    pub(in crate::manifest) presence: Presence,
    about: &'static str,
    value: fn() -> Value,
}

/// Whether a key has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::manifest) enum Presence {
    /// It has to be there, and is not null.
    Required,
    /// It may be absent; null says nothing, and is refused.
    Optional,
    /// It may be absent, and null clears it.
    Clearable,
}

/// A key that has to be there. `value` is the schema of what stands behind it.
pub(super) const fn required(name: &'static str, about: &'static str, value: fn() -> Value) -> Key {
    let presence = Presence::Required;
    Key {
        name,
        presence,
        about,
        value,
    }
}

/// A key that may be absent.
pub(super) const fn optional(name: &'static str, about: &'static str, value: fn() -> Value) -> Key {
    let presence = Presence::Optional;
    Key {
        name,
        presence,
        about,
        value,
    }
}

/// A key that may be absent or null.
pub(super) const fn clearable(
    name: &'static str,
    about: &'static str,
    value: fn() -> Value,
) -> Key {
    let presence = Presence::Clearable;
    Key {
        name,
        presence,
        about,
        value,
    }
}

impl Mapping {
    /// The key of a name.
    pub(in crate::manifest) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Its schema: an object that has no other keys.
    pub(super) fn schema(&self) -> Value {
        let mut schema = self.open_schema();
        if let Value::Object(members) = &mut schema {
            members.insert("additionalProperties".to_owned(), json!(false));
        }
        schema
    }

    /// The same of one that may have other keys.
    pub(super) fn open_schema(&self) -> Value {
        let properties = self
            .keys
            .iter()
            .map(|key| (key.name.to_owned(), key.schema()));
        let mut schema = Map::from_iter([("type".to_owned(), json!("object"))]);
        if !self.about.is_empty() {
            schema.insert("description".to_owned(), json!(self.about));
        }
        schema.insert("properties".to_owned(), Value::Object(properties.collect()));
        if self.has_required() {
            let required = self.keys.iter();
            let required = required.filter(|key| key.presence == Presence::Required);
            let required: Value = required.map(|key| json!(key.name)).collect();
            schema.insert("required".to_owned(), required);
        }
        Value::Object(schema)
    }

    /// Whether any key has to be there.
    pub(super) fn has_required(&self) -> bool {
        self.keys
            .iter()
            .any(|key| key.presence == Presence::Required)
    }
}

impl Key {
    fn schema(&self) -> Value {
        let mut schema = Map::new();
        schema.insert("description".to_owned(), json!(self.about));
        let value = match self.presence {
            Presence::Required | Presence::Optional => (self.value)(),
            Presence::Clearable => or_null((self.value)()),
        };
        if let Value::Object(value) = value {
            for (key, value) in value {
                // What the key is for says more than what its value is made of.
                schema.entry(key).or_insert(value);
            }
        }
        Value::Object(schema)
    }
}

/// The schema of what may be null as well. What it says of the value (`default`, `examples`) stays
/// outside.
pub(super) fn or_null(schema: Value) -> Value {
    let Value::Object(mut members) = schema else {
        return schema;
    };
    if members
        .keys()
        .all(|key| key == "type" || NOTES.contains(&key.as_str()))
        && let Some(Value::String(only)) = members.get("type").cloned()
    {
        members.insert("type".to_owned(), json!([only, "null"]));
        return Value::Object(members);
    }
    let mut outside = Map::new();
    for note in NOTES {
        if let Some((key, value)) = members.shift_remove_entry(note) {
            outside.insert(key, value);
        }
    }
    outside.insert("anyOf".to_owned(), json!([members, { "type": "null" }]));
    Value::Object(outside)
}

/// Keywords that demand nothing.
const NOTES: [&str; 4] = ["title", "description", "default", "examples"];
