//! JSON Schemas (draft 2020-12) of whole documents.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    documents::{FORMER, METADATA, THING, moved, removed},
    patch::patch,
    project::{IDS, PROJECT},
    scenario::{blueprint, field, inline_blueprint, module},
    schedule::{SCHEDULE, month_days, months, week_days, whole_schedule, window},
    specs::{may_be_absent, spec},
    values::{only, with},
};
use crate::model::Kind;

/// What a schema may be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// Any document of the project's YAML files: they tell themselves apart by `kind`.
    Any,
    /// A manifest of this kind.
    Thing(Kind),
    /// `makeform.yaml`.
    Project,
    /// `makeform.ids.yaml`.
    Ids,
    /// The file of a blueprint, `NAME.blueprint.json`.
    Blueprint,
}

/// What stands where drafts of JSON Schema are told apart.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// What schemas are called. They need not be anywhere for that.
const ID: &str = "urn:makeform:v1";

impl Document {
    /// The documents that have a kind, by its word.
    pub const NAMED: [(&'static str, Self); 17] = [
        ("Project", Self::Project),
        ("Ids", Self::Ids),
        ("Agent", Self::Thing(Kind::Agent)),
        ("Connection", Self::Thing(Kind::Connection)),
        ("DataStore", Self::Thing(Kind::DataStore)),
        ("DataStructure", Self::Thing(Kind::DataStructure)),
        ("Device", Self::Thing(Kind::Device)),
        ("Folder", Self::Thing(Kind::Folder)),
        ("Key", Self::Thing(Kind::Key)),
        ("OrganizationRole", Self::Thing(Kind::OrganizationRole)),
        ("Scenario", Self::Thing(Kind::Scenario)),
        ("Schedule", Self::Thing(Kind::Schedule)),
        ("Team", Self::Thing(Kind::Team)),
        ("TeamRole", Self::Thing(Kind::TeamRole)),
        ("Variable", Self::Thing(Kind::Variable)),
        ("Webhook", Self::Thing(Kind::Webhook)),
        ("Blueprint", Self::Blueprint),
    ];
}

/// The JSON Schema of a document, from the keys that the reader takes. It demands what can be told
/// from the document alone: whether a reference leads anywhere is for `validate`.
#[must_use]
pub fn json_schema(document: Document) -> Value {
    let root = match document {
        Document::Any => any(),
        Document::Thing(kind) => thing(kind),
        Document::Project => project(),
        Document::Ids => ids(),
        Document::Blueprint => blueprint(),
    };
    let definitions = definitions();
    let mut named = BTreeSet::new();
    names(&root, &definitions, &mut named);
    let id = match document {
        Document::Any => ID.to_owned(),
        Document::Thing(kind) => format!("{ID}:{kind}"),
        Document::Project => format!("{ID}:Project"),
        Document::Ids => format!("{ID}:Ids"),
        Document::Blueprint => format!("{ID}:Blueprint"),
    };
    let mut schema = Map::from_iter([
        ("$schema".to_owned(), json!(DRAFT)),
        ("$id".to_owned(), json!(id)),
    ]);
    if let Value::Object(root) = root {
        schema.extend(root);
    }
    let used = definitions.into_iter();
    let used: Map<String, Value> = used.filter(|(name, _)| named.contains(name)).collect();
    if !used.is_empty() {
        schema.insert("$defs".to_owned(), Value::Object(used));
    }
    Value::Object(schema)
}

/// Any document. Nothing at all is one too: a comment above the first `---` makes it.
fn any() -> Value {
    let kinds: Vec<&str> = Document::NAMED
        .iter()
        .filter(|(_, document)| *document != Document::Blueprint)
        .map(|(name, _)| *name)
        .collect();
    let of_kind = |kind: &&str| {
        json!({
            "if": { "type": "object", "properties": { "kind": only(kind) }, "required": ["kind"] },
            "then": { "$ref": format!("#/$defs/{kind}") },
        })
    };
    let former = json!({
        "if": { "type": "object", "not": { "required": ["kind"] } },
        "then": { "$ref": "#/$defs/Former" },
    });
    let mut forms: Vec<Value> = kinds.iter().map(of_kind).collect();
    forms.push(former);
    json!({
        "title": "makeform",
        "description": "A document of makeform.yaml, of makeform.ids.yaml, or of a manifest.",
        "type": ["object", "null"],
        "properties": {
            "apiVersion": { "description": "The version of the format: makeform/v1." },
            "kind": {
                "description": "What the document declares.",
                "enum": kinds,
            },
        },
        "required": ["apiVersion"],
        "allOf": forms,
    })
}

/// All that schemas name by `$ref`.
fn definitions() -> Map<String, Value> {
    let things = Kind::ALL.map(|kind| (kind.as_str().to_owned(), thing(kind)));
    let others = [
        ("Project", project()),
        ("Ids", ids()),
        ("Former", titled("Former", former())),
        ("Metadata", METADATA.schema()),
        ("Removed", removed()),
        ("Moved", moved()),
        ("When", when()),
        ("WhenPatch", patch(when())),
        ("Window", window()),
        ("WeekDays", week_days()),
        ("MonthDays", month_days()),
        ("Months", months()),
        ("Field", field()),
        ("InlineBlueprint", inline_blueprint()),
        ("Module", module()),
    ];
    let others = others.map(|(name, schema)| (name.to_owned(), schema));
    let patches = Kind::ALL.map(|kind| (format!("{kind}Patch"), patch(spec(kind))));
    things.into_iter().chain(others).chain(patches).collect()
}

/// The names of the definitions that a schema needs.
fn names(schema: &Value, definitions: &Map<String, Value>, into: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            for (keyword, value) in members {
                let name = value.as_str().filter(|_| keyword == "$ref");
                let name = name.and_then(|name| name.strip_prefix("#/$defs/"));
                if let Some(name) = name
                    && into.insert(name.to_owned())
                    && let Some(definition) = definitions.get(name)
                {
                    names(definition, definitions, into);
                }
                names(value, definitions, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, definitions, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A scenario's own schedule.
fn when() -> Value {
    titled("When", whole_schedule(&SCHEDULE))
}

fn project() -> Value {
    titled("Project", PROJECT.schema())
}

fn ids() -> Value {
    titled("Ids", IDS.schema())
}

/// Something of it has to be said.
fn former() -> Value {
    let told = json!([{ "required": ["removed"] }, { "required": ["moved"] }]);
    with(FORMER.schema(), "anyOf", told)
}

/// A manifest of a kind.
fn thing(kind: Kind) -> Value {
    let mut schema = titled(kind.as_str(), THING.schema());
    let about = super::specs::keys(kind).about;
    schema = with(schema, "description", json!(about));
    let what = spec(kind);
    let what = match may_be_absent(kind) {
        true => with(what, "type", json!(["object", "null"])),
        false => {
            if let Some(Value::Array(required)) = schema.get_mut("required") {
                required.push(json!("spec"));
            }
            what
        }
    };
    for (key, value) in [("kind", only(kind.as_str())), ("spec", what)] {
        if let Some(Value::Object(property)) = schema.pointer_mut(&format!("/properties/{key}"))
            && let Value::Object(value) = value
        {
            property.extend(value);
        }
    }
    schema
}

fn titled(title: &str, schema: Value) -> Value {
    let mut members = Map::from_iter([("title".to_owned(), json!(title))]);
    if let Value::Object(schema) = schema {
        members.extend(schema);
    }
    Value::Object(members)
}
