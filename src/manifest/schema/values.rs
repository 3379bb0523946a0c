//! Values: the schema of what a place takes. Each function goes with the one of the same name that
//! reads such a value, in `values.rs`, `scope.rs` or `lower/moments.rs`.

use serde_json::{Value, json};

use super::mapping::Mapping;
use crate::model::Kind;

/// The name of a thing, as a pattern.
pub(super) const NAME: &str = "[a-z0-9][a-z0-9-]*";

/// Where a text may hold `${..}`: what is demanded of it then shows when that is resolved.
const HOLDS_REFERENCES: &str = r"\$\{";

/// Adds a keyword.
pub(super) fn with(mut schema: Value, keyword: &str, value: Value) -> Value {
    if let Value::Object(members) = &mut schema {
        members.insert(keyword.to_owned(), value);
    }
    schema
}

/// Adds what a new thing has that says nothing.
pub(super) fn default(schema: Value, value: impl Into<Value>) -> Value {
    with(schema, "default", value.into())
}

/// Adds examples.
pub(super) fn examples<const N: usize>(schema: Value, values: [&str; N]) -> Value {
    with(schema, "examples", json!(values.as_slice()))
}

/// A text; a number is taken as it is written.
pub(super) fn text() -> Value {
    json!({ "type": ["string", "number"] })
}

/// A text that may hold references.
pub(super) fn template() -> Value {
    text()
}

/// A text of so many characters at most, unless it holds references.
pub(super) fn limited(most: usize) -> Value {
    let mut schema = text();
    if most < usize::MAX {
        let short = json!({ "maxLength": most });
        schema = with(
            schema,
            "anyOf",
            json!([short, { "pattern": HOLDS_REFERENCES }]),
        );
    }
    schema
}

/// The name that Make shows, of so many characters at most. References to variables and to the
/// target may stand in it.
pub(super) fn shown_name(most: usize) -> Value {
    with(limited(most), "pattern", json!(r"\S"))
}

/// A text of a form, unless it holds references.
pub(super) fn formed(form: Value) -> Value {
    json!({
        "type": "string",
        "anyOf": [form, { "pattern": HOLDS_REFERENCES }],
    })
}

/// A text of a form.
pub(super) fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

/// `true` or `false`.
pub(super) fn flag() -> Value {
    json!({ "type": "boolean" })
}

/// A whole number, from `least` on.
pub(super) fn from(least: u64) -> Value {
    json!({ "type": "integer", "minimum": least })
}

/// A whole number of a range.
pub(super) fn whole(least: u64, most: u64) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most })
}

/// One of some words.
pub(super) fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Value {
    json!({ "type": "string", "enum": words.into_iter().collect::<Vec<_>>() })
}

/// The one word that may stand there.
pub(super) fn only(word: &str) -> Value {
    json!({ "const": word })
}

/// A list.
pub(super) fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// A list of at least one of them, or one without a list.
pub(super) fn some_of(item: Value) -> Value {
    json!({
        "anyOf": [item, { "type": "array", "minItems": 1, "items": item }],
    })
}

/// Two values: from and to.
pub(super) fn range(item: Value) -> Value {
    json!({ "type": "array", "items": item, "minItems": 2, "maxItems": 2 })
}

/// A mapping from names of the user's to values.
pub(super) fn map_of(values: Value) -> Value {
    json!({ "type": "object", "additionalProperties": values })
}

/// A mapping whose keys are addresses.
pub(super) fn by_address(values: Value) -> Value {
    let any = format!("^({})\\.{NAME}$", prefixes(|_| true));
    json!({
        "type": "object",
        "propertyNames": { "pattern": any },
        "additionalProperties": values,
    })
}

/// Whatever JSON can say.
pub(super) fn anything() -> Value {
    json!({})
}

/// A mapping of which nothing is known.
pub(super) fn object() -> Value {
    json!({ "type": "object" })
}

/// A mapping that may be left empty, as `spec:` with nothing behind it.
pub(super) fn or_nothing(mapping: &Mapping) -> Value {
    let schema = mapping.schema();
    if mapping.has_required() {
        return schema;
    }
    with(schema, "type", json!(["object", "null"]))
}

/// A thing of a kind: its address, as it is or in `${..}`, or an id of the account.
pub(super) fn link(kind: Kind) -> Value {
    let prefix = kind.prefix();
    json!({
        "type": ["string", "integer"],
        "pattern": format!(r"^({prefix}\.{NAME}|\$\{{{prefix}\.{NAME}\}}|[+]?[0-9]+)$"),
        "minimum": 0,
        "examples": [format!("{prefix}.NAME")],
    })
}

/// The address of a thing of a kind, as it is or in `${..}`.
pub(super) fn address_of(kind: Kind) -> Value {
    let prefix = kind.prefix();
    json!({
        "type": "string",
        "pattern": format!(r"^({prefix}\.{NAME}|\$\{{{prefix}\.{NAME}\}})$"),
        "examples": [format!("{prefix}.NAME")],
    })
}

/// The address of a thing of the kinds that are meant.
pub(super) fn address(is_meant: impl Fn(Kind) -> bool) -> Value {
    let schema = pattern(&format!("^({})\\.{NAME}$", prefixes(is_meant)));
    examples(schema, ["scenario.lead-sync"])
}

fn prefixes(is_meant: impl Fn(Kind) -> bool) -> String {
    let kinds = Kind::ALL.into_iter().filter(|kind| is_meant(*kind));
    kinds.map(Kind::prefix).collect::<Vec<_>>().join("|")
}

/// A reference to a variable of the environment, and nothing else.
pub(super) fn from_environment() -> Value {
    pattern(r"^\$\{env\.[A-Za-z0-9_-]+\}$")
}

/// A length of time.
pub(super) fn duration() -> Value {
    pattern(r"^\s*([0-9]+[smhd])+\s*$")
}

/// A time of day.
pub(super) fn time() -> Value {
    let schema = pattern("^([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9])?$");
    examples(schema, ["06:30"])
}

/// A moment.
pub(super) fn moment() -> Value {
    let schema = pattern(r"^[+-]?[0-9]{4,6}-?[0-9]{2}-?[0-9]{2}[Tt ]\s*[0-9].*$");
    examples(schema, ["2026-12-01T09:00:00Z"])
}

/// One of some words, or its first three letters, in capitals or not.
pub(super) fn named(names: &[&str]) -> Value {
    let short = names.iter().filter_map(|name| name.get(..3));
    let all: Vec<&str> = short.chain(names.iter().copied()).collect();
    let any_case = |word: &str| -> String {
        let letters = word.chars();
        letters
            .map(|letter| format!("[{}{letter}]", letter.to_ascii_uppercase()))
            .collect()
    };
    let pattern: Vec<String> = all.iter().map(|word| any_case(word)).collect();
    json!({
        "type": "string",
        "anyOf": [{ "enum": all }, { "pattern": format!("^({})$", pattern.join("|")) }],
    })
}

/// What is defined once, by its name.
pub(super) fn defined(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}
