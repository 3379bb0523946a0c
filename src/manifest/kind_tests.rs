//! Single kinds: what their manifests may say, and what is found where they say something else.

use serde_json::json;

use super::tests::{address, folder, lines, read};
use crate::model::{
    Field, Spec,
    spec::{Interface, Link, Security, VariableScope, VariableType},
};

#[test]
fn every_kind_is_read_from_its_manifest() {
    let folder = folder(&[(
        "m/a.yaml",
        r#"apiVersion: makeform/v1
kind: DataStructure
metadata: { name: order }
spec:
  name: Order
  strict: true
  fields:
    - { name: id, type: text, required: true }
    - { name: lines, type: array, spec: { type: collection, spec: [{ name: sku, type: text }] } }
---
apiVersion: makeform/v1
kind: DataStore
metadata: { name: orders }
spec: { name: Orders, dataStructure: data-structure.order, maxSizeMB: 10 }
---
apiVersion: makeform/v1
kind: Variable
metadata: { name: token }
spec: { scope: organization, type: number, value: "${env.CRM_TOKEN}" }
---
apiVersion: makeform/v1
kind: Team
metadata: { name: ops }
spec: { name: Ops, limits: { operations: 1000 } }
---
apiVersion: makeform/v1
kind: OrganizationRole
metadata: { name: ada }
spec: { email: ada@example.com, role: Member, note: Welcome }
---
apiVersion: makeform/v1
kind: Key
metadata: { name: crm }
spec: { name: CRM key, type: apikeyauth }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: orders }
spec:
  dataStructure: data-structure.order
  security: { type: token, token: "${env.CRM_TOKEN}" }
  hookType: GET
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: ask }
spec:
  interface: { input: [{ name: order, type: text }] }
  customProperties: { client: Acme, tier: 2 }
  priority: high
"#,
    )]);
    let (desired, report) = read(&folder);
    assert_eq!(lines(&report), Vec::<String>::new());
    let spec = |at: &str| &desired.things[&address(at)].spec;
    let Spec::DataStructure(structure) = spec("data-structure.order") else {
        panic!("no data structure");
    };
    assert_eq!(structure.fields.as_set().unwrap().len(), 2);
    let Spec::DataStore(store) = spec("data-store.orders") else {
        panic!("no data store");
    };
    let link = Field::Set(Link::Thing(address("data-structure.order")));
    assert_eq!(
        (&store.data_structure, &store.max_size_mb),
        (&link, &Field::Set(10))
    );
    let Spec::Variable(variable) = spec("variable.token") else {
        panic!("no variable");
    };
    assert_eq!(
        (variable.name.as_str(), variable.scope, variable.kind),
        ("token", VariableScope::Organization, VariableType::Number)
    );
    let Spec::Team(team) = spec("team.ops") else {
        panic!("no team");
    };
    assert_eq!(team.operations_limit, Field::Set(1000));
    let Spec::OrganizationRole(role) = spec("organization-role.ada") else {
        panic!("no role");
    };
    assert_eq!(role.note.as_deref(), Some("Welcome"));
    assert_eq!(spec("key.crm").as_looked().unwrap().types, ["apikeyauth"]);
    let Spec::Webhook(hook) = spec("webhook.orders") else {
        panic!("no webhook");
    };
    assert_eq!(hook.data_structure, link);
    assert!(matches!(hook.security, Field::Set(Security::Token { .. })));
    let scenario = spec("scenario.ask").as_scenario().unwrap();
    let input = vec![json!({"name": "order", "type": "text"})];
    let interface = Interface {
        input,
        output: Vec::new(),
    };
    assert_eq!(scenario.interface, Field::Set(interface));
    assert_eq!(
        scenario.custom_properties.as_set().unwrap()["tier"],
        json!(2)
    );
}

#[test]
fn mistakes_in_them_are_found_where_they_stand() {
    let folder = folder(&[(
        "m/a.yaml",
        r#"apiVersion: makeform/v1
kind: DataStructure
metadata: { name: order }
spec:
  fields:
    - { name: id, type: txt }
    - { name: id, type: number }
    - text
---
apiVersion: makeform/v1
kind: DataStore
metadata: { name: orders }
spec: { dataStructure: webhook.x, maxSizeMB: 0 }
---
apiVersion: makeform/v1
kind: Variable
metadata: { name: api-base }
spec: { scope: account, type: number, value: many }
---
apiVersion: makeform/v1
kind: OrganizationRole
metadata: { name: ada }
spec: { email: ada, role: Owner }
---
apiVersion: makeform/v1
kind: Agent
metadata: { name: sales }
spec: { type: x }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: x }
spec: { security: { type: token, token: literal }, hookType: POST }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: s }
spec: { description: "${variable.api-base}" }
"#,
    )]);
    let (_, report) = read(&folder);
    assert_eq!(
        lines(&report),
        [
            "m/a.yaml:6:25 looks-misspelled: Make documents no type `txt` of fields",
            "m/a.yaml:7:15 duplicate-key: two fields have the name `id`",
            "m/a.yaml:8:7 wrong-type: expected a field: a mapping with `name` and `type`, found a text",
            "m/a.yaml:13:24 wrong-reference: `webhook.x` is a Webhook, and this takes a DataStructure",
            "m/a.yaml:13:46 bad-value: expected a whole number from 1 to 1000000",
            "m/a.yaml:18:7 missing-key: `api-base` cannot be the name of a variable",
            "m/a.yaml:18:16 bad-value: a variable belongs to no `account`",
            "m/a.yaml:18:46 bad-value: this is no value of type `number`",
            "m/a.yaml:23:16 bad-value: `ada` is no e-mail address",
            "m/a.yaml:23:27 bad-value: nobody is made an owner by a manifest: only a transfer in Make does that",
            "m/a.yaml:28:9 unknown-key: an Agent has no key `type`",
            "m/a.yaml:33:41 bad-value: what guards a webhook cannot stand in a file",
            "m/a.yaml:33:62 bad-value: a webhook takes no method `POST`",
            "m/a.yaml:38:23 wrong-reference: a Variable has no id in Make",
        ]
    );
}
