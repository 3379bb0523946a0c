//! One module of an invented blueprint, from its form: settings, ids, and the editor's metadata.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::dice::{chance, count, pick};
use super::form::{Field, Form, Kind, Place, Role, Slot};
use super::reference::{Named, Sort};
use super::words;

/// What the modules of one blueprint have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// How many optional fields and outputs the apps describe: 1.0 is the usual.
    pub(super) richness: f64,
    /// Whether `restore` is flat, as an older editor wrote it.
    pub(super) flat_restore: bool,
}

/// A slot of a form, with the thing chosen for it.
pub(super) type Filled = (Slot, Option<Named>);

/// Makes a module whose mapper refers to the modules before it.
pub(super) fn build(
    rng: &mut Rng,
    form: &Form,
    id: u64,
    filled: &[Filled],
    earlier: &[u64],
    style: Style,
) -> Map<String, Value> {
    let mut draft = Draft {
        earlier,
        mapper: Map::new(),
        expect: Vec::new(),
        restore: Map::new(),
    };
    let mut parameters = Map::new();
    let mut parameter_specs = Vec::new();
    let mut parameter_labels = Map::new();
    for (slot, named) in filled {
        let (value, label) = reference(slot, named.as_ref());
        let spec = json!({"name": slot.name, "type": slot.sort.tag(slot.types),
            "label": slot_label(slot.sort), "required": !slot.optional});
        match slot.place {
            Place::Parameters => {
                parameters.insert(slot.name.to_owned(), value);
                parameter_labels.extend(label.map(|label| (slot.name.to_owned(), label)));
                parameter_specs.push(spec);
            }
            Place::Mapper => {
                draft.mapper.insert(slot.name.to_owned(), value);
                draft
                    .restore
                    .extend(label.map(|label| (slot.name.to_owned(), label)));
                draft.expect.push(spec);
            }
        }
    }
    for field in form.fields {
        draft.fill(rng, field);
    }
    if !draft.expect.is_empty() {
        let optional = scaled(rng, 7.0, style.richness);
        for spec in specs(rng, optional, 5) {
            draft.remember(rng, &spec);
            draft.expect.push(spec);
        }
    }
    let Draft {
        mapper,
        expect,
        restore,
        ..
    } = draft;

    let mut metadata = Map::new();
    metadata.insert("designer".to_owned(), designer(rng, earlier.len()));
    let restore = restored(parameter_labels, restore, style.flat_restore);
    metadata.insert("restore".to_owned(), restore);
    if !parameter_specs.is_empty() {
        metadata.insert("parameters".to_owned(), Value::Array(parameter_specs));
    }
    if !expect.is_empty() {
        metadata.insert("expect".to_owned(), Value::Array(expect));
        let outputs = scaled(rng, 12.0, style.richness);
        metadata.insert("interface".to_owned(), Value::Array(specs(rng, outputs, 6)));
    }
    if chance(rng, 60) {
        metadata.insert("advanced".to_owned(), json!(true));
    }

    let mut module = Map::new();
    module.insert("id".to_owned(), json!(id));
    module.insert("module".to_owned(), json!(form.module));
    module.insert("version".to_owned(), json!(form.version));
    if form.role != Role::Handler {
        module.insert("parameters".to_owned(), Value::Object(parameters));
    }
    if form.role == Role::Handler && form.fields.is_empty() {
        // Some versions of the editor write a null here, some nothing.
        if style.flat_restore {
            module.insert("mapper".to_owned(), Value::Null);
        }
    } else {
        module.insert("mapper".to_owned(), Value::Object(mapper));
    }
    module.insert("metadata".to_owned(), Value::Object(metadata));
    module
}

/// Where the module stands on the canvas, and what it is called there.
pub(super) fn designer(rng: &mut Rng, place: usize) -> Value {
    let mut designer = Map::new();
    designer.insert("x".to_owned(), json!(place * 300));
    designer.insert("y".to_owned(), json!(rng.i32(-4..5) * 150));
    if chance(rng, 280) {
        designer.insert("name".to_owned(), json!(words::step_name(rng)));
    }
    if chance(rng, 40) {
        let message = "A transformer should not be the last module in the route.";
        let messages = json!([{"category": "last", "severity": "warning", "message": message}]);
        designer.insert("messages".to_owned(), messages);
    }
    Value::Object(designer)
}

/// A filter on the way to a module.
pub(super) fn filter(rng: &mut Rng, earlier: &[u64]) -> Value {
    let operator = pick(
        rng,
        &[
            "text:equal",
            "exist",
            "number:greater",
            "text:contain:ci",
            "notexist",
        ],
    );
    let mut condition = json!({"a": mapped(rng, earlier), "o": operator});
    if let (Some(condition), false) = (condition.as_object_mut(), operator.ends_with("exist")) {
        let value = pick(rng, &["yes", "no", "new", "0", "100", "on", "won", "true"]);
        condition.insert("b".to_owned(), json!(value));
    }
    json!({"name": words::step_name(rng), "conditions": [[condition]]})
}

/// An expression that reads a field of an earlier module, or a plain word where there is none.
pub(super) fn mapped(rng: &mut Rng, earlier: &[u64]) -> String {
    let Some(from) = rng.choice(earlier) else {
        return words::subject(rng).to_owned();
    };
    let field = words::field_name(words::field_label(rng));
    match rng.u8(..12) {
        0 => format!("{{{{lower({from}.{field})}}}}"),
        1 => format!("{{{{ifempty({from}.{field}; \"-\")}}}}"),
        2 => format!("{{{{formatDate({from}.{field}; \"YYYY-MM-DD\")}}}}"),
        3 => format!("{{{{{from}.data.{field}}}}}"),
        4 => "{{var.organization.default_owner}}".to_owned(),
        _ => format!("{{{{{from}.{field}}}}}"),
    }
}

/// The fields of an app as the editor describes them; some hold fields of their own.
pub(super) fn specs(rng: &mut Rng, amount: usize, levels: usize) -> Vec<Value> {
    (0..amount).map(|_| spec(rng, levels)).collect()
}

fn spec(rng: &mut Rng, levels: usize) -> Value {
    let label = words::field_label(rng);
    let name = words::field_name(label);
    if levels > 0 && chance(rng, 70) {
        let inner = rng.usize(1..4);
        let spec = specs(rng, inner, levels - 1);
        return if rng.bool() {
            json!({"name": name, "type": "collection", "label": label, "spec": spec})
        } else {
            json!({"name": name, "type": "array", "label": label, "spec": spec})
        };
    }
    match rng.u8(..10) {
        0 => json!({"name": name, "type": "select", "label": label,
            "validate": {"enum": ["yes", "no", pick(rng, &["auto", "off", "007", "1:30"])]}}),
        1 => json!({"name": name, "type": "boolean", "label": label, "required": true}),
        2 => json!({"name": name, "type": "uinteger", "label": label}),
        3 => json!({"name": name, "type": "date", "label": label, "time": true}),
        4 => json!({"name": name, "type": "text", "label": label, "help": words::sentence(rng)}),
        _ => json!({"name": name, "type": "text", "label": label}),
    }
}

fn scaled(rng: &mut Rng, usual: f64, richness: f64) -> usize {
    let bound = usual * richness;
    count(
        rng,
        &[(0.0, bound * 0.2), (0.5, bound * 0.9), (1.0, bound * 2.0)],
    )
}

/// The value of a slot, and what `restore` remembers of it.
fn reference(slot: &Slot, named: Option<&Named>) -> (Value, Option<Value>) {
    let Some(named) = named else {
        return (json!(""), None);
    };
    let mut label = json!({"label": named.label});
    let data = match slot.sort {
        Sort::Connection => json!({"scoped": "true", "connection": named.type_name}),
        Sort::Hook => json!({"editable": "true"}),
        Sort::Key | Sort::DataStore | Sort::DataStructure | Sort::Scenario => Value::Null,
    };
    if let (Some(label), false) = (label.as_object_mut(), data.is_null()) {
        label.insert("data".to_owned(), data);
    }
    let value = match slot.sort {
        Sort::Scenario => json!(format!("SCN_{}", named.id)),
        Sort::Connection | Sort::Key | Sort::Hook | Sort::DataStore | Sort::DataStructure => {
            json!(named.id)
        }
    };
    (value, Some(label))
}

fn slot_label(sort: Sort) -> &'static str {
    match sort {
        Sort::Connection => "Connection",
        Sort::Key => "Key",
        Sort::Hook => "Webhook",
        Sort::DataStore => "Data store",
        Sort::DataStructure => "Data structure",
        Sort::Scenario => "Scenario",
    }
}

/// The two shapes of `restore`: by section, or everything in one object.
fn restored(parameters: Map<String, Value>, expect: Map<String, Value>, flat: bool) -> Value {
    if flat {
        return Value::Object(parameters.into_iter().chain(expect).collect());
    }
    let mut restore = Map::new();
    for (section, labels) in [("expect", expect), ("parameters", parameters)] {
        if !labels.is_empty() {
            restore.insert(section.to_owned(), Value::Object(labels));
        }
    }
    Value::Object(restore)
}

/// The mapper of a module while its fields are filled in, with what the editor keeps of them.
struct Draft<'a> {
    earlier: &'a [u64],
    mapper: Map<String, Value>,
    expect: Vec<Value>,
    restore: Map<String, Value>,
}

impl Draft<'_> {
    fn fill(&mut self, rng: &mut Rng, field: &Field) {
        let value = match field.kind {
            Kind::Text => json!(mapped(rng, self.earlier)),
            Kind::Long => json!(self.long(rng)),
            Kind::Address => json!(address(rng)),
            Kind::Choice(words) => json!(pick(rng, words)),
            Kind::Count if rng.bool() => json!(rng.u32(1..300).to_string()),
            Kind::Count => json!(rng.u32(1..300)),
            Kind::Switch => json!(rng.bool()),
            Kind::Picked => json!(picked(rng)),
            Kind::Cells => self.cells(rng),
            Kind::Pairs => self.pairs(rng),
            Kind::Record => self.record(rng),
            Kind::File => {
                json!([{"fileName": mapped(rng, self.earlier), "data": mapped(rng, self.earlier)}])
            }
            Kind::Agent => json!(uuid(rng)),
        };
        self.describe(rng, field);
        self.mapper.insert(field.name.to_owned(), value);
    }

    /// Uses an optional field now and then, and keeps what the editor notes of it.
    fn remember(&mut self, rng: &mut Rng, spec: &Value) {
        let Some(name) = spec.get("name").and_then(Value::as_str) else {
            return;
        };
        if chance(rng, 250) {
            self.mapper
                .insert(name.to_owned(), json!(mapped(rng, self.earlier)));
        }
        if chance(rng, 550) {
            let note = match rng.u8(..4) {
                0 => json!({"mode": "chose", "label": words::step_name(rng)}),
                1 => json!({"mode": "edit"}),
                2 => json!({"mode": "chose", "items": [null]}),
                _ => json!({"label": "Empty", "mode": "chose"}),
            };
            self.restore.insert(name.to_owned(), note);
        }
    }

    /// What `expect` and `restore` say of a field.
    fn describe(&mut self, rng: &mut Rng, field: &Field) {
        let mut spec = Map::new();
        spec.insert("name".to_owned(), json!(field.name));
        spec.insert("label".to_owned(), json!(field.label));
        let mut say = |key: &str, value: Value| {
            spec.insert(key.to_owned(), value);
        };
        let pair = || {
            json!([{"name": "name", "type": "text", "label": "Name", "required": true},
            {"name": "value", "type": "text", "label": "Value"}])
        };
        let mut restore = Value::Null;
        match field.kind {
            Kind::Text => say("type", json!("text")),
            Kind::Long => {
                say("type", json!("text"));
                say("multiline", json!(true));
            }
            Kind::Address => say("type", json!("url")),
            Kind::Choice(words) => {
                say("type", json!("select"));
                say("required", json!(true));
                say("validate", json!({"enum": words}));
                restore = json!({"mode": "chose", "label": pick(rng, words)});
            }
            Kind::Count => say("type", json!("uinteger")),
            Kind::Switch => {
                say("type", json!("boolean"));
                say("required", json!(true));
                restore = json!({"mode": "chose"});
            }
            Kind::Picked => {
                say("type", json!("file"));
                say("required", json!(true));
                let path = [words::client(rng).to_owned(), words::step_name(rng)];
                restore = json!({"mode": "chose", "path": path});
            }
            Kind::Cells => {
                say("type", json!("collection"));
                let columns: Vec<Value> = (0..8_u8)
                    .map(|column| {
                        let letter = char::from(b'A' + column);
                        let label = format!("{} ({letter})", words::field_label(rng));
                        json!({"name": column.to_string(), "type": "text", "label": label})
                    })
                    .collect();
                say("spec", Value::Array(columns));
            }
            Kind::Pairs => {
                say("type", json!("array"));
                say("spec", pair());
                restore = json!({"mode": "chose", "items": [null, null]});
            }
            Kind::Record => {
                say("type", json!("collection"));
                let amount = rng.usize(2..7);
                say("spec", Value::Array(specs(rng, amount, 2)));
                let nested = json!({"priority": {"mode": "chose", "label": "yes"}});
                restore = json!({"nested": nested});
            }
            Kind::File => {
                say("type", json!("array"));
                say(
                    "spec",
                    json!([{"name": "fileName", "type": "filename", "label": "File name", "semantic": "file:name"},
                    {"name": "data", "type": "buffer", "label": "Data", "semantic": "file:data"}]),
                );
                restore = json!({"mode": "chose", "items": [null]});
            }
            Kind::Agent => {
                say("type", json!("aiagent"));
                restore = json!({"label": format!("{} assistant", words::client(rng))});
            }
        }
        self.expect.push(Value::Object(spec));
        if !restore.is_null() {
            self.restore.insert(field.name.to_owned(), restore);
        }
    }

    fn long(&self, rng: &mut Rng) -> String {
        match rng.u8(..5) {
            0 => mapped(rng, self.earlier),
            1 => format!(
                "{{\n  \"name\": \"{}\",\n  \"note\": \"{}\"\n}}",
                mapped(rng, self.earlier),
                words::sentence(rng)
            ),
            2 => {
                let sentences = rng.usize(3..9);
                let body = words::paragraph(rng, sentences);
                format!(
                    "Hi {},\n\n{body}\n\nBest,\n{}",
                    mapped(rng, self.earlier),
                    words::person(rng)
                )
            }
            _ => format!("{}: {}", words::sentence(rng), mapped(rng, self.earlier)),
        }
    }

    fn cells(&self, rng: &mut Rng) -> Value {
        let columns = rng.usize(2..9);
        let cell = |column: usize| (column.to_string(), json!(mapped(rng, self.earlier)));
        Value::Object((0..columns).map(cell).collect())
    }

    fn pairs(&self, rng: &mut Rng) -> Value {
        let amount = rng.usize(..3);
        let pair = |_| {
            // Some people paste what should be in the keychain.
            if chance(rng, 60) {
                return json!({"name": "x-api-key", "value": words::token(rng, 28)});
            }
            json!({"name": words::field_name(words::field_label(rng)), "value": mapped(rng, self.earlier)})
        };
        Value::Array((0..amount).map(pair).collect())
    }

    fn record(&self, rng: &mut Rng) -> Value {
        let amount = rng.usize(1..6);
        let entry = |_| {
            let name = words::field_name(words::field_label(rng));
            (name, json!(mapped(rng, self.earlier)))
        };
        Value::Object((0..amount).map(entry).collect())
    }
}

fn address(rng: &mut Rng) -> String {
    let host = pick(
        rng,
        &["api.example.com", "crm.example.com", "shop.example.net"],
    );
    let path = pick(
        rng,
        &[
            "v1/items",
            "rest/v2/contacts",
            "orders",
            "hooks/in",
            "search",
        ],
    );
    format!("https://{host}/{path}/{}", rng.u32(1..9999))
}

/// The id of something at another service; what is picked from a drive begins with a slash.
fn picked(rng: &mut Rng) -> String {
    match rng.u8(..4) {
        0 => format!("/{}", words::token(rng, 33)),
        1 => format!("app{}", words::token(rng, 14)),
        2 => format!("/{}/{}", words::token(rng, 19), words::token(rng, 19)),
        _ => words::step_name(rng),
    }
}

fn uuid(rng: &mut Rng) -> String {
    let (a, b, c) = (rng.u32(..), rng.u16(..), rng.u64(..1 << 48));
    format!(
        "{a:08x}-{b:04x}-4{:03x}-8{:03x}-{c:012x}",
        rng.u16(..4096),
        rng.u16(..4096)
    )
}
