//! One declared thing as a manifest.

use serde_json::{Map, Value, json};

use super::files::blueprint_name;
use crate::model::{
    Address, Declared, Field, Lifecycle, Path, Spec,
    reference::{Template, escape},
    spec::{
        DataStoreSpec, DataStructureSpec, FolderSpec, Interface, Link, LookedSpec,
        OrganizationRoleSpec, ScenarioSpec, Schedule, ScheduleUse, Security, TeamRoleSpec,
        TeamSpec, VariableSpec, WebhookSpec,
    },
};

/// The manifest of a thing. `blueprint_file` is what `blueprint.file` names.
pub(super) fn manifest(address: &Address, declared: &Declared, blueprint_file: &str) -> Value {
    json!({
        "apiVersion": "makeform/v1",
        "kind": address.kind.as_str(),
        "metadata": {"name": address.name.as_str()},
        "spec": spec(declared, blueprint_file),
    })
}

/// What the `spec` of a manifest says of a thing, its blueprint aside.
#[must_use]
pub fn spec_form(address: &Address, declared: &Declared) -> Value {
    spec(declared, &blueprint_name(address))
}

/// The `spec` of a manifest.
fn spec(declared: &Declared, blueprint_file: &str) -> Value {
    let Declared {
        spec,
        lifecycle,
        place: _,  // it is being given one
        places: _, // and so are its fields
    } = declared;
    let mut body = match spec {
        Spec::Agent(spec) | Spec::Connection(spec) | Spec::Device(spec) | Spec::Key(spec) => {
            looked(spec)
        }
        Spec::DataStore(spec) => data_store(spec),
        Spec::DataStructure(spec) => data_structure(spec),
        Spec::Folder(spec) => folder(spec),
        Spec::Scenario(spec) => scenario(spec, blueprint_file),
        Spec::Schedule(spec) => schedule(spec),
        Spec::OrganizationRole(spec) => organization_role(spec),
        Spec::Team(spec) => team(spec),
        Spec::TeamRole(spec) => team_role(spec),
        Spec::Variable(spec) => variable(spec),
        Spec::Webhook(spec) => webhook(spec),
    };
    for (key, value) in lifecycle.health.entries() {
        body.put(key, Field::Set(value));
    }
    let rules = lifecycle_form(lifecycle);
    if !rules.is_empty() {
        body.put("lifecycle", Field::Set(rules));
    }
    Value::Object(body.0)
}

/// The members of a mapping, in the order in which they are put.
#[derive(Default)]
struct Body(Map<String, Value>);

impl Body {
    /// Puts a field: nothing where it is absent, `null` where it is cleared.
    fn put(&mut self, key: &str, field: Field<impl Into<Value>>) {
        let value = match field {
            Field::Absent => return,
            Field::Null => Value::Null,
            Field::Set(value) => value.into(),
        };
        self.0.insert(key.to_owned(), value);
    }

    /// Puts a text that holds no references, whatever it looks like.
    fn put_text(&mut self, key: &str, text: &str) {
        self.put(key, Field::Set(escape(text)));
    }
}

fn data_store(spec: &DataStoreSpec) -> Body {
    let DataStoreSpec {
        name,
        data_structure,
        max_size_mb,
    } = spec;
    let mut body = Body::default();
    body.put_text("name", name);
    body.put("dataStructure", data_structure.as_ref().map(link));
    body.put("maxSizeMB", max_size_mb.clone());
    body
}

fn data_structure(spec: &DataStructureSpec) -> Body {
    let DataStructureSpec {
        name,
        strict,
        fields,
    } = spec;
    let mut body = Body::default();
    body.put_text("name", name);
    body.put("strict", strict.clone());
    // They hold references as they are.
    body.put("fields", fields.clone());
    body
}

fn organization_role(spec: &OrganizationRoleSpec) -> Body {
    let OrganizationRoleSpec {
        email,
        role,
        name,
        note,
    } = spec;
    let mut body = Body::default();
    body.put_text("email", email);
    body.put_text("role", role);
    for (key, text) in [("name", name), ("note", note)] {
        if let Some(text) = text {
            body.put_text(key, text);
        }
    }
    body
}

fn team(spec: &TeamSpec) -> Body {
    let TeamSpec {
        name,
        operations_limit,
    } = spec;
    let mut body = Body::default();
    body.put_text("name", name);
    let limits = operations_limit.as_ref();
    body.put("limits", limits.map(|most| json!({ "operations": most })));
    body
}

fn variable(spec: &VariableSpec) -> Body {
    let VariableSpec {
        name,
        scope,
        kind,
        value,
    } = spec;
    let mut body = Body::default();
    body.put_text("name", name);
    body.put("scope", Field::Set(scope.as_str()));
    body.put("type", Field::Set(kind.as_str()));
    body.put("value", Field::Set(value.clone()));
    body
}

fn looked(spec: &LookedSpec) -> Body {
    let LookedSpec { name, types } = spec;
    let mut body = Body::default();
    body.put_text("name", name);
    body.put(
        "type",
        match types.as_slice() {
            [] => Field::Absent,
            [only] => Field::Set(json!(only)),
            several => Field::Set(json!(several)),
        },
    );
    body
}

fn folder(spec: &FolderSpec) -> Body {
    let FolderSpec { name, parent } = spec;
    let mut body = Body::default();
    body.put_text("name", name);
    body.put("parent", parent.as_ref().map(link));
    body
}

fn scenario(spec: &ScenarioSpec, blueprint_file: &str) -> Body {
    let ScenarioSpec {
        name,
        folder,
        description,
        active,
        schedule,
        blueprint,
        settings,
        interface,
        custom_properties,
        priority,
    } = spec;
    let mut body = Body::default();
    body.put_text("name", name);
    body.put("folder", folder.as_ref().map(link));
    body.put("description", description.as_ref().map(template));
    body.put("active", active.clone());
    body.put("schedule", schedule.as_ref().map(schedule_use));
    body.put(
        "blueprint",
        blueprint
            .as_ref()
            .map(|_| json!({ "file": blueprint_file })),
    );
    let mut settings_body = Body::default();
    for (name, _, value) in settings.entries() {
        settings_body.put(name, value);
    }
    if !settings_body.0.is_empty() {
        body.put("settings", Field::Set(settings_body.0));
    }
    body.put("interface", interface.as_ref().map(interface_form));
    body.put("customProperties", custom_properties.clone());
    body.put("priority", priority.clone());
    body
}

fn schedule(spec: &Schedule) -> Body {
    Body(schedule_form(spec))
}

fn team_role(spec: &TeamRoleSpec) -> Body {
    let TeamRoleSpec { email, role } = spec;
    let mut body = Body::default();
    body.put_text("email", email);
    body.put_text("role", role);
    body
}

fn webhook(spec: &WebhookSpec) -> Body {
    let WebhookSpec {
        name,
        kind,
        connection,
        enabled,
        headers,
        method,
        stringify,
        ip,
        data_structure,
        security,
        hook_type,
        scenario,
        fields,
    } = spec;
    let mut body = Body::default();
    body.put_text("name", name);
    body.put("type", Field::Set(kind.as_str()));
    body.put("connection", connection.as_ref().map(link));
    body.put("enabled", enabled.clone());
    body.put("headers", headers.clone());
    body.put("method", method.clone());
    body.put("stringify", stringify.clone());
    body.put("ip", ip.as_ref().map(template));
    body.put("dataStructure", data_structure.as_ref().map(link));
    body.put("security", security.as_ref().map(security_form));
    body.put("hookType", hook_type.clone());
    body.put("scenario", scenario.as_ref().map(link));
    // They stand beside ours, and hold references as they are.
    for (key, value) in fields {
        body.put(key, Field::Set(value.clone()));
    }
    body
}

fn link(link: &Link) -> Value {
    match link {
        Link::Thing(address) => json!(address.to_string()),
        Link::Id(id) => id.to_value(),
    }
}

fn template(text: &Template) -> Value {
    json!(text.to_string())
}

/// Only the lists that there are; an empty mapping where there is neither, which clears both.
fn interface_form(interface: &Interface) -> Value {
    let Interface { input, output } = interface;
    let mut body = Body::default();
    for (key, fields) in [("input", input), ("output", output)] {
        if !fields.is_empty() {
            body.put(key, Field::Set(fields.clone()));
        }
    }
    Value::Object(body.0)
}

fn security_form(security: &Security) -> Value {
    match security {
        Security::None => json!({ "type": "none" }),
        Security::Basic { username, password } => json!({
            "type": "basic",
            "username": username.to_string(),
            "password": password.to_string(),
        }),
        Security::Token { token } => json!({ "type": "token", "token": token.to_string() }),
    }
}

fn schedule_use(schedule: &ScheduleUse) -> Value {
    match schedule {
        ScheduleUse::Inline(schedule) => Value::Object(schedule_form(schedule)),
        ScheduleUse::Shared(address) => json!(address.to_string()),
    }
}

fn schedule_form(schedule: &Schedule) -> Map<String, Value> {
    match schedule.to_manifest() {
        Value::Object(form) => form,
        other @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)) => Map::from_iter([("raw".to_owned(), other)]),
    }
}

fn lifecycle_form(lifecycle: &Lifecycle) -> Map<String, Value> {
    let Lifecycle {
        prevent_destroy,
        ignore_changes,
        health: _, // beside it
    } = lifecycle;
    let mut body = Body::default();
    if *prevent_destroy {
        body.put("preventDestroy", Field::Set(true));
    }
    if !ignore_changes.is_empty() {
        let pointers: Vec<String> = ignore_changes.iter().map(pointer).collect();
        body.put("ignoreChanges", Field::Set(pointers));
    }
    body.0
}

/// A path as people write it: a field by its name, what is deeper as a JSON Pointer.
fn pointer(path: &Path) -> String {
    match path.as_slice() {
        [field] if !field.contains(['/', '~']) => field.clone(),
        keys => keys
            .iter()
            .map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1")))
            .collect(),
    }
}
