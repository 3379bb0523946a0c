//! The places of a blueprint that hold the id of a thing of one Make team.
//!
//! Make's editor tags each field of a module with its type (`account:google`, `hook:..`, `udt`);
//! the tag tells what an id stands for. A blueprint that was written through the API has no tags,
//! and a few fields of the editor's have none either: there the names of the fields tell.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value;

use super::modules::{Module, modules};
use crate::model::{Kind, Path, RemoteId};

/// A place that holds an id, or whatever else stands for a thing there.
#[derive(Clone, Debug, PartialEq)]
pub struct IdPlace<'a> {
    /// Its JSON path in the document.
    pub path: Path,
    /// What it is an id of.
    pub kind: Kind,
    /// The types of that kind that fit, as Make names them; empty where nothing says so.
    pub types: Vec<&'a str>,
    /// The key and the type of the module that it belongs to; none for the inputs of the scenario.
    pub module: Option<(String, Cow<'a, str>)>,
    /// What the editor called the thing when it last saved the module. It may be out of date.
    pub label: Option<&'a str>,
    /// What stands there.
    pub value: &'a Value,
}

impl IdPlace<'_> {
    /// The id; none where a reference, an expression of Make's or nothing stands there.
    #[must_use]
    pub fn id(&self) -> Option<RemoteId> {
        match self.kind {
            Kind::Scenario => {
                let digits = self.value.as_str()?.strip_prefix("SCN_")?;
                digits.parse().ok().map(RemoteId::Int)
            }
            Kind::Agent => {
                let text = self.value.as_str()?;
                is_uuid(text).then(|| RemoteId::Text(text.to_owned()))
            }
            Kind::Connection
            | Kind::DataStore
            | Kind::DataStructure
            | Kind::Device
            | Kind::Folder
            | Kind::Key
            | Kind::OrganizationRole
            | Kind::Schedule
            | Kind::Team
            | Kind::TeamRole
            | Kind::Variable
            | Kind::Webhook => {
                let written = self.value.as_str().filter(|text| is_canonical(text));
                let id = self.value.as_u64().or_else(|| written?.parse().ok())?;
                (id > 0).then_some(RemoteId::Int(id))
            }
        }
    }

    /// Whether the id is a number that stands there as a text.
    #[must_use]
    pub fn is_written_number(&self) -> bool {
        self.value.is_string() && self.kind != Kind::Scenario && self.kind != Kind::Agent
    }

    /// The module in words: `module 3 (http:Get)`.
    #[must_use]
    pub fn holder(&self) -> String {
        match &self.module {
            Some((key, kind)) if kind.is_empty() => format!("module {key}"),
            Some((key, kind)) => format!("module {key} ({kind})"),
            None => "the inputs".to_owned(),
        }
    }
}

/// Whether a text of digits is the one way to write its number.
fn is_canonical(text: &str) -> bool {
    !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

/// All such places of a document, in the order of its modules, its inputs last.
#[must_use]
pub fn id_places(document: &Value) -> Vec<IdPlace<'_>> {
    let mut found = Vec::new();
    for module in modules(document) {
        in_module(&module, &mut found);
    }
    in_inputs(document, &mut found);
    found
}

/// The lists of a module's metadata that describe fields, the likelier first for each section.
const SECTIONS: [(&str, [&str; 2]); 2] = [
    ("parameters", ["parameters", "expect"]),
    ("mapper", ["expect", "parameters"]),
];

pub(super) fn in_module<'a>(module: &Module<'a>, found: &mut Vec<IdPlace<'a>>) {
    let metadata = module.value.get("metadata");
    for (section, lists) in SECTIONS {
        let Some(Value::Object(fields)) = module.value.get(section) else {
            continue;
        };
        let mut specs: BTreeMap<&str, &Value> = BTreeMap::new();
        for spec in lists
            .iter()
            .filter_map(|list| metadata?.get(*list))
            .flat_map(each_spec)
        {
            if let Some(name) = name_of(spec) {
                specs.entry(name).or_insert(spec);
            }
        }
        for (name, value) in fields {
            let spec = specs.get(name.as_str()).copied();
            let kind = match spec {
                Some(spec) if has_ids(spec) => Kind::Connection,
                Some(_) => continue,
                None => match by_name(&module.module, section, name) {
                    Some(kind) => kind,
                    None => continue,
                },
            };
            let mut path = module.path.clone();
            path.extend([section.to_owned(), name.clone()]);
            let place = IdPlace {
                path,
                kind,
                types: Vec::new(),
                module: Some((module.key.clone(), module.module.clone())),
                label: label(metadata, section, name),
                value,
            };
            match spec {
                Some(spec) => by_spec(spec, place, found),
                None => found.push(place),
            }
        }
    }
}

/// Whether ids may stand in a field: it is tagged as one, or has fields of its own.
fn has_ids(spec: &Value) -> bool {
    let tag = spec.get("type").and_then(Value::as_str);
    tag.and_then(of_tag).is_some() || spec.get("spec").is_some()
}

/// The specifications of a list, and those that stand inside the options of a selection, whose
/// fields lie beside it.
fn each_spec(list: &Value) -> Vec<&Value> {
    let mut specs = Vec::new();
    let mut open: Vec<&Value> = list.as_array().into_iter().flatten().rev().collect();
    while let Some(spec) = open.pop() {
        specs.push(spec);
        let nested = spec.get("nested");
        let options = spec.get("options");
        let nested_there = options.and_then(|options| options.get("nested"));
        let store = options.and_then(|options| options.get("store").or(Some(options)));
        let of_options = store.and_then(Value::as_array).into_iter().flatten();
        let deeper = of_options.filter_map(|option| option.get("nested"));
        for list in nested.into_iter().chain(nested_there).chain(deeper) {
            open.extend(list.as_array().into_iter().flatten().rev());
        }
    }
    specs
}

fn name_of(spec: &Value) -> Option<&str> {
    spec.get("name").and_then(Value::as_str)
}

/// A field with a specification, and the fields inside it.
fn by_spec<'a>(spec: &'a Value, place: IdPlace<'a>, found: &mut Vec<IdPlace<'a>>) {
    let tag = spec.get("type").and_then(Value::as_str);
    if let Some((kind, types)) = tag.and_then(of_tag) {
        found.push(IdPlace {
            kind,
            types,
            ..place
        });
        return;
    }
    let Some(inside) = spec.get("spec") else {
        return;
    };
    match place.value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let mut specs = each_spec(inside).into_iter();
                if let Some(spec) = specs.find(|spec| name_of(spec) == Some(name)) {
                    by_spec(spec, within(&place, name, value), found);
                }
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                let item = within(&place, &index.to_string(), value);
                match value {
                    // The items of a list of collections: their fields are what is specified.
                    Value::Object(_) => by_spec(spec, item, found),
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::String(_)
                    | Value::Array(_) => by_spec(inside, item, found),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn within<'a>(place: &IdPlace<'a>, key: &str, value: &'a Value) -> IdPlace<'a> {
    let mut inner = IdPlace {
        value,
        label: None,
        ..place.clone()
    };
    inner.path.push(key.to_owned());
    inner
}

/// The places in the inputs of a scenario, one of whose defaults may be a connection.
#[must_use]
pub fn id_places_of_inputs(inputs: &[Value]) -> Vec<IdPlace<'_>> {
    let mut found = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let tag = input.get("type").and_then(Value::as_str);
        if let (Some((kind, types)), Some(value)) = (tag.and_then(of_tag), input.get("default")) {
            found.push(IdPlace {
                path: vec![index.to_string(), "default".to_owned()],
                kind,
                types,
                module: None,
                label: None,
                value,
            });
        }
    }
    found
}

/// The same of a blueprint that holds its inputs.
fn in_inputs<'a>(document: &'a Value, found: &mut Vec<IdPlace<'a>>) {
    let inputs = document.pointer("/io/input_spec").and_then(Value::as_array);
    let places = inputs
        .map(|inputs| id_places_of_inputs(inputs))
        .unwrap_or_default();
    found.extend(places.into_iter().map(|mut place| {
        place
            .path
            .splice(0..0, ["io", "input_spec"].map(str::to_owned));
        place
    }));
}

/// What a type tag says: the kind, and the types that fit.
fn of_tag(tag: &str) -> Option<(Kind, Vec<&str>)> {
    let (head, types) = tag.split_once(':').unwrap_or((tag, ""));
    let kind = match head {
        "account" => Kind::Connection,
        "hook" => Kind::Webhook,
        "keychain" => Kind::Key,
        "datastore" => Kind::DataStore,
        "udt" => Kind::DataStructure,
        "scenario" => Kind::Scenario,
        "aiagent" => Kind::Agent,
        "device" => Kind::Device,
        _ => return None,
    };
    let types = types.split(',').map(str::trim);
    Some((kind, types.filter(|one| !one.is_empty()).collect()))
}

/// What a field without a tag is by its name.
fn by_name(module: &str, section: &str, name: &str) -> Option<Kind> {
    let app = module.split(':').next().unwrap_or_default();
    let kind = match (section, name) {
        ("parameters", "__IMTCONN__" | "account" | "accountImap" | "makeConnectionId") => {
            Kind::Connection
        }
        ("parameters", "hook" | "__IMTHOOK__") => Kind::Webhook,
        ("parameters", "apiKeyKeychain" | "proxyKeychain") => Kind::Key,
        // Words that other apps have for other things.
        ("parameters", "auth" | "key") if app == "http" => Kind::Key,
        ("parameters", "datastore") => Kind::DataStore,
        // Many modules have a `type` that is something else.
        ("parameters", "type") if matches!(app, "json" | "xml" | "csv") => Kind::DataStructure,
        ("mapper", "bodyDataStructure") => Kind::DataStructure,
        ("parameters", "scenario") if app == "scenario-service" => Kind::Scenario,
        ("mapper", "agent") => Kind::Agent,
        _ => return None,
    };
    Some(kind)
}

/// What the editor remembers a field's thing to be called, in the newer shape or the older flat
/// one.
fn label<'a>(metadata: Option<&'a Value>, section: &str, name: &str) -> Option<&'a str> {
    let restore = metadata?.get("restore")?;
    let section = if section == "mapper" {
        "expect"
    } else {
        section
    };
    let newer = restore.get(section).and_then(|kept| kept.get(name));
    let kept = newer.or_else(|| restore.get(name))?;
    let label = kept.get("label")?.as_str()?;
    (!label.trim().is_empty()).then_some(label)
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::id_places;

    /// `path kind id (types) "label"` of each place.
    fn found(document: &Value) -> Vec<String> {
        let places = id_places(document);
        let lines = places.iter().map(|place| {
            let id = place.id().map_or("-".to_owned(), |id| id.to_string());
            let label = place.label.map(|label| format!(" {label:?}"));
            format!(
                "{} {} {id} ({}){}",
                place.path.join("."),
                place.kind.prefix(),
                place.types.join("|"),
                label.unwrap_or_default()
            )
        });
        lines.collect()
    }

    fn with_module(module: Value) -> Value {
        json!({"name": "x", "flow": [module], "metadata": {}})
    }

    #[test]
    fn tags_tell_what_a_field_is_whatever_its_name() {
        let module = json!({
            "id": 1, "module": "app:Do",
            "parameters": {"any": 5, "type": 7, "auth": "apiKey", "mail": 8, "empty": ""},
            "mapper": {"agent": "0198c2d4-77aa-7c1b-8d2e-4f6a9b1c3d5e", "scenario": "SCN_901"},
            "metadata": {
                "parameters": [
                    {"name": "any", "type": "account:smtp,google-restricted"},
                    {"name": "type", "type": "select"},
                    {"name": "auth", "type": "select"},
                    {"name": "mail", "type": "hook:gateway-mailhook"},
                    {"name": "empty", "type": "udt"},
                ],
                "expect": [{"name": "agent", "type": "aiagent"}, {"name": "scenario", "type": "scenario"}],
                "restore": {"parameters": {"any": {"label": "Mail"}}, "mail": {"label": "Inbox"}},
            },
        });
        assert_eq!(
            found(&with_module(module)),
            [
                "flow.0.parameters.any connection 5 (smtp|google-restricted) \"Mail\"",
                "flow.0.parameters.mail webhook 8 (gateway-mailhook) \"Inbox\"",
                "flow.0.parameters.empty data-structure - ()",
                "flow.0.mapper.agent agent 0198c2d4-77aa-7c1b-8d2e-4f6a9b1c3d5e ()",
                "flow.0.mapper.scenario scenario 901 ()",
            ]
        );
    }

    #[test]
    fn names_tell_where_there_are_no_tags() {
        let document = json!({
            "flow": [
                {"id": 1, "module": "json:ParseJSON", "parameters": {"type": 11}},
                {"id": 2, "module": "slack:Post", "parameters": {"type": 12, "__IMTCONN__": 13, "key": 17}},
                {"id": 3, "module": "scenario-service:CallSubscenario", "parameters": {"scenario": "SCN_14"}},
                {"id": 4, "module": "http:Do", "parameters": {"auth": 15, "scenario": "SCN_16"}},
            ],
        });
        assert_eq!(
            found(&document),
            [
                "flow.0.parameters.type data-structure 11 ()",
                "flow.1.parameters.__IMTCONN__ connection 13 ()",
                "flow.2.parameters.scenario scenario 14 ()",
                "flow.3.parameters.auth key 15 ()",
            ]
        );
    }

    #[test]
    fn fields_inside_fields_and_inputs_are_found() {
        let mut document = with_module(json!({
            "id": 1, "module": "ai:RunAgent",
            "mapper": {"more": {"store": 3, "other": 4}, "list": [{"store": 5}], "deep": 6},
            "metadata": {"expect": [
                {"name": "more", "type": "collection", "spec": [{"name": "store", "type": "datastore"}]},
                {"name": "list", "type": "array", "spec": [{"name": "store", "type": "datastore"}]},
                {"name": "how", "type": "select", "options": [
                    {"value": "a", "nested": [{"name": "deep", "type": "account:x"}]}]},
            ]},
        }));
        document["io"] = json!({"input_spec": [{"name": "c", "type": "account:y", "default": 9},
                                                {"name": "d", "type": "text", "default": 9}]});
        assert_eq!(
            found(&document),
            [
                "flow.0.mapper.more.store data-store 3 ()",
                "flow.0.mapper.list.0.store data-store 5 ()",
                "flow.0.mapper.deep connection 6 (x)",
                "io.input_spec.0.default connection 9 (y)",
            ]
        );
    }

    #[test]
    fn expressions_placeholders_and_references_are_no_ids() {
        for value in [
            json!("{{CONNECTION_GMAIL}}"),
            json!("${connection.gmail}"),
            json!("REDACTED"),
            json!(0),
            json!(null),
            json!("012"),
            json!("12 "),
        ] {
            let module = json!({"id": 1, "module": "a:b", "parameters": {"__IMTCONN__": value}});
            let document = with_module(module);
            let places = id_places(&document);
            assert_eq!(places.len(), 1);
            assert_eq!(places[0].id(), None, "{value}");
        }
    }
}
