//! A form as the spec that draws it: the inverse of `normalize`, kind by kind.

use serde_json::{Map, Value};

use crate::model::{
    Blueprint, Field, Kind, RemoteId, Spec,
    blueprint::is_graph,
    reference::{Reference, Template},
    spec::{
        DataStoreSpec, DataStructureSpec, FolderSpec, Link, OrganizationRoleSpec, ScenarioSpec,
        Schedule, ScheduleUse, Security, Settings, TeamRoleSpec, TeamSpec, VariableScope,
        VariableSpec, VariableType, WebhookSpec,
    },
};

/// The fields of a form whose texts may hold references, as the drawing of a spec reads them.
/// (So do all of an app's own fields of a webhook.)
const WITH_REFERENCES: [&str; 7] = [
    "customProperties",
    "description",
    "fields",
    "interface",
    "ip",
    "security",
    "value",
];

/// Before the name of an app's own field of a webhook.
const APP_FIELD: &str = "fields.";

/// Whether texts of a field may hold references.
pub(super) fn holds_references(field: &str) -> bool {
    WITH_REFERENCES.contains(&field) || field.starts_with(APP_FIELD)
}

/// The fields of a form, as far as they go back, and its blueprint.
pub(super) struct Fields {
    map: Map<String, Value>,
    document: Option<Value>,
}

impl Fields {
    pub(super) fn new(map: Map<String, Value>, document: Option<Value>) -> Self {
        Self { map, document }
    }

    /// The spec of a kind; none where it lacks what every thing of that kind has.
    pub(super) fn spec(mut self, kind: Kind) -> Option<Spec> {
        Some(match kind {
            Kind::DataStore => Spec::DataStore(DataStoreSpec {
                name: self.text("name")?,
                data_structure: self.link("dataStructure"),
                max_size_mb: self.field("maxSizeMB", |value| value.as_u64()),
            }),
            Kind::DataStructure => Spec::DataStructure(DataStructureSpec {
                name: self.text("name")?,
                strict: self.flag("strict"),
                fields: self.field("fields", |value| list(&value)),
            }),
            Kind::Folder => Spec::Folder(FolderSpec {
                name: self.text("name")?,
                parent: self.link("parent"),
            }),
            Kind::OrganizationRole => Spec::OrganizationRole(OrganizationRoleSpec {
                email: self.text("email")?,
                role: self.text("role")?,
                name: self.text("name"),
                note: self.text("note"),
            }),
            Kind::Scenario => Spec::Scenario(Box::new(self.scenario()?)),
            Kind::Team => Spec::Team(TeamSpec {
                name: self.text("name")?,
                operations_limit: match self.map.shift_remove("limits") {
                    Some(limits) => Field::from(limits.get("operations").and_then(Value::as_u64)),
                    None => Field::Absent,
                },
            }),
            Kind::TeamRole => Spec::TeamRole(TeamRoleSpec {
                email: self.text("email")?,
                role: self.text("role")?,
            }),
            Kind::Variable => Spec::Variable(VariableSpec {
                name: self.text("name")?,
                scope: scope(&self.text("scope")?)?,
                kind: VariableType::named(None, &self.text("type")?)?,
                value: self.map.shift_remove("value")?,
            }),
            Kind::Webhook => Spec::Webhook(self.webhook()?),
            // No steps of their own.
            Kind::Agent | Kind::Connection | Kind::Device | Kind::Key | Kind::Schedule => {
                return None;
            }
        })
    }

    fn scenario(&mut self) -> Option<ScenarioSpec> {
        let is_graph = self.document.as_ref().is_some_and(is_graph);
        Some(ScenarioSpec {
            name: self.text("name")?,
            folder: self.link("folder"),
            description: self.template("description"),
            active: self.flag("active"),
            schedule: self.schedule(),
            // Elsewhere they stand in the blueprint.
            settings: match is_graph {
                true => Settings {
                    max_errors: self.field("maxErrors", |value| value.as_u64()),
                    auto_commit: self.flag("autoCommit"),
                    ..Settings::default()
                },
                false => Settings::default(),
            },
            interface: self.field("interface", |value| serde_json::from_value(value).ok()),
            custom_properties: self.field("customProperties", |value| value.as_object().cloned()),
            priority: self.field("priority", Some),
            blueprint: match self.document.take() {
                Some(document) => Field::Set(Blueprint::new(&document, true)),
                None => Field::Absent,
            },
        })
    }

    fn schedule(&mut self) -> Field<ScheduleUse> {
        let timezone = self.text("timezone");
        self.field("schedule", |value| {
            Some(ScheduleUse::Inline(Schedule {
                timezone,
                ..Schedule::from_make(&value)
            }))
        })
    }

    fn webhook(&mut self) -> Option<WebhookSpec> {
        Some(WebhookSpec {
            name: self.text("name")?,
            kind: self.text("type")?,
            connection: self.link("connection"),
            enabled: self.flag("enabled"),
            headers: self.flag("headers"),
            method: self.flag("method"),
            stringify: self.flag("stringify"),
            ip: self.template("ip"),
            data_structure: self.link("dataStructure"),
            security: self.field("security", |value| security(&value)),
            hook_type: self.field("hookType", |value| value.as_str().map(str::to_owned)),
            scenario: self.link("scenario"),
            fields: std::mem::take(&mut self.map)
                .into_iter()
                .filter_map(|(key, value)| Some((key.strip_prefix(APP_FIELD)?.to_owned(), value)))
                .collect(),
        })
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let value = self.map.shift_remove(name)?;
        value.as_str().map(str::to_owned)
    }

    /// A field; absent where it is not there, or is nothing that it could be.
    fn field<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Option<T>) -> Field<T> {
        match self.map.shift_remove(name) {
            None => Field::Absent,
            Some(Value::Null) => Field::Null,
            Some(value) => read(value).map_or(Field::Absent, Field::Set),
        }
    }

    fn flag(&mut self, name: &str) -> Field<bool> {
        self.field(name, |value| value.as_bool())
    }

    fn template(&mut self, name: &str) -> Field<Template> {
        self.field(name, |value| value.as_str().map(Template::parse))
    }

    fn link(&mut self, name: &str) -> Field<Link> {
        self.field(name, |value| {
            let thing = match value.as_str().map(Template::parse) {
                Some(template) => match template.single() {
                    Some(Reference::Thing { address, .. }) => Some(Link::Thing(address.clone())),
                    _ => None,
                },
                None => None,
            };
            thing.or_else(|| RemoteId::from_value(&value).map(Link::Id))
        })
    }
}

fn list(value: &Value) -> Option<Vec<Value>> {
    value.as_array().cloned()
}

fn scope(word: &str) -> Option<VariableScope> {
    let mut scopes = VariableScope::ALL.into_iter();
    scopes.find(|scope| scope.as_str() == word)
}

fn security(value: &Value) -> Option<Security> {
    let part = |key: &str| {
        let text = value.get(key).and_then(Value::as_str);
        Template::parse(text.unwrap_or_default())
    };
    match value.get("type")?.as_str()? {
        "basic" => Some(Security::Basic {
            username: part("username"),
            password: part("password"),
        }),
        "token" => Some(Security::Token {
            token: part("token"),
        }),
        "none" => Some(Security::None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Map, Value, json};

    use super::{Fields, holds_references};
    use crate::{
        model::{
            Desired, Dialect, Directory, Kind, Spec, Variables, blueprint::functional,
            reference::escape_texts, values_equal,
        },
        plan::{
            normalize::{Context, draw},
            resolve::Resolver,
        },
    };

    /// Draws the spec of a form.
    fn drawn(dialect: Dialect, spec: &Spec) -> (BTreeMap<String, Value>, Option<Value>) {
        let (desired, variables) = (Desired::default(), Variables::default());
        let resolver = Resolver::new(&variables, BTreeMap::new());
        let context = Context {
            desired: &desired,
            resolver: &resolver,
            directory: &Directory::default(),
            dialect,
        };
        let drawn = draw(spec, context).unwrap();
        assert!(drawn.unresolved.is_empty());
        (drawn.fields, drawn.document)
    }

    #[test]
    fn a_form_of_each_kind_is_drawn_again_as_it_was() {
        let forms = [
            (Kind::Folder, json!({"name": "CRM ${var.x}", "parent": 7})),
            (Kind::Folder, json!({"name": "CRM", "parent": null})),
            (
                Kind::DataStore,
                json!({"name": "S", "dataStructure": 4, "maxSizeMB": 2}),
            ),
            (
                Kind::DataStructure,
                json!({"name": "D", "strict": true,
                "fields": [{"name": "a", "type": "text", "default": "${env.X}"}]}),
            ),
            (
                Kind::OrganizationRole,
                json!({"email": "a@b.example", "role": "Member", "name": "A"}),
            ),
            (
                Kind::TeamRole,
                json!({"email": "a@b.example", "role": "Team Member"}),
            ),
            (
                Kind::Team,
                json!({"name": "T", "limits": {"operations": null}}),
            ),
            (
                Kind::Team,
                json!({"name": "T", "limits": {"operations": 500}}),
            ),
            (
                Kind::Variable,
                json!({"name": "v", "scope": "organization", "type": "number", "value": 5}),
            ),
            (
                Kind::Variable,
                json!({"name": "v", "scope": "team", "type": "text", "value": "$${env.X}"}),
            ),
            (
                Kind::Webhook,
                json!({"name": "W", "type": "jotform", "connection": 3, "enabled": true,
                "headers": false, "method": false, "stringify": false, "ip": null,
                "dataStructure": null, "fields.formId": "1", "fields.x": {"a": "${var.b}"}}),
            ),
            (
                Kind::Scenario,
                json!({"name": "S", "folder": null, "description": "a ${var.x} b",
                "active": true, "schedule": {"type": "indefinitely", "interval": 900},
                "interface": {"input": [{"name": "a", "type": "text"}], "output": []},
                "customProperties": {"cost": 1, "team": "${var.x}"}}),
            ),
        ];
        for (kind, form) in forms {
            let Value::Object(map) = &form else { panic!() };
            let mut escaped = map.clone();
            for (key, value) in &mut escaped {
                if holds_references(key) {
                    escape_texts(value);
                }
            }
            let spec = Fields::new(escaped, None).spec(kind).unwrap();
            assert_eq!(spec.kind(), kind);
            let (fields, _) = drawn(Dialect::Zone, &spec);
            let again = Value::Object(fields.into_iter().collect());
            assert!(values_equal(&again, &form), "{again}\n{form}");
        }
    }

    #[test]
    fn what_the_other_dialect_has_is_drawn_again_too() {
        let document =
            json!({"modules": [{"id": 1, "app": "a", "action": "b"}], "connections": []});
        let form = json!({"name": "S", "active": false, "priority": "high", "maxErrors": 5,
            "autoCommit": false, "timezone": "Europe/Prague",
            "schedule": {"type": "daily", "time": "06:00"}});
        let Value::Object(map) = form.clone() else {
            panic!()
        };
        let spec = Fields::new(map, Some(document.clone()))
            .spec(Kind::Scenario)
            .unwrap();
        let (fields, again) = drawn(Dialect::Unified, &spec);
        let fields: Map<String, Value> = fields.into_iter().collect();
        assert!(
            values_equal(&Value::Object(fields.clone()), &form),
            "{fields:?}"
        );
        assert!(values_equal(
            &functional(&again.unwrap()),
            &functional(&document)
        ));

        let form = json!({"name": "W", "type": "custom", "hookType": "GET", "scenario": 9,
            "security": {"type": "basic", "username": "u", "password": "p"}});
        let Value::Object(map) = form.clone() else {
            panic!()
        };
        let spec = Fields::new(map, None).spec(Kind::Webhook).unwrap();
        let (fields, _) = drawn(Dialect::Unified, &spec);
        let fields: Map<String, Value> = fields.into_iter().collect();
        assert!(values_equal(&Value::Object(fields), &form));
    }

    #[test]
    fn what_lacks_its_name_is_no_spec() {
        assert!(Fields::new(Map::new(), None).spec(Kind::Folder).is_none());
        assert!(
            Fields::new(Map::new(), None)
                .spec(Kind::Connection)
                .is_none()
        );
    }
}
