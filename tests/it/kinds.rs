//! Variables, roles in the organization, teams, interfaces and custom properties over the
//! sandbox's own routes: made, read back, changed and deleted.

use std::{collections::BTreeSet, sync::Arc};

use makeform::{
    live::{
        self, Blueprints, Client, Scenarios, Wanted,
        transport::{Method, Request, Transport as _},
    },
    model::{Account, Blueprint, Form, Invitation, Kind, Live, RemoteId, Snapshot},
    plan,
    sandbox::{PlanName, TOKEN, World, WorldOptions},
};
use serde_json::{Value, json};

struct Bench {
    world: World,
    client: Client,
    account: Account,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = WorldOptions {
            plan: Some(PlanName::Enterprise),
            ..WorldOptions::default()
        };
        let world = World::open(folder.path(), options).unwrap();
        let client = Client::new(Arc::new(world.clone()), TOKEN.into(), "sandbox".into());
        let account = client.locate(None, None).await.unwrap();
        Self {
            world,
            client,
            account,
            _folder: folder,
        }
    }

    async fn collect(&self, kind: Kind, properties: Scenarios) -> Snapshot {
        let wanted = Wanted {
            functions: false,
            kinds: [kind].into(),
            blueprints: Blueprints::All,
            interfaces: Scenarios::All,
            scheduled: Scenarios::none(),
            properties,
            cache: None,
            unlisted: Vec::new(),
        };
        let mut silent = |_| {};
        let collected = self.client.collect(&self.account, &wanted, &mut silent);
        collected.await.unwrap()
    }

    async fn directory(&self) -> makeform::model::Directory {
        let none = Scenarios::Of {
            names: BTreeSet::new(),
            ids: BTreeSet::new(),
        };
        self.collect(Kind::OrganizationRole, none).await.directory
    }

    async fn make(&self, kind: Kind, after: &Form) -> RemoteId {
        let directory = self.directory().await;
        let (write, standing) = live::create(&self.account, &directory, kind, after).unwrap();
        let id = self.client.perform(&write).await.unwrap().id.unwrap();
        self.change(kind, &id, &standing, after).await;
        id
    }

    async fn change(&self, kind: Kind, id: &RemoteId, before: &Form, after: &Form) {
        let directory = self.directory().await;
        for write in live::update(&self.account, &directory, kind, id, before, after).unwrap() {
            self.client.perform(&write).await.unwrap();
        }
    }

    async fn read(&self, kind: Kind, id: &RemoteId) -> Option<Live> {
        self.client.read(&self.account, kind, id).await.unwrap()
    }

    async fn form(&self, kind: Kind, id: &RemoteId) -> Form {
        plan::live_form(&self.read(kind, id).await.unwrap())
    }

    /// A request of another client.
    async fn send(&self, method: Method, path: &str, body: Value) -> Value {
        let request = Request {
            method,
            path: path.to_owned(),
            query: Vec::new(),
            headers: vec![
                ("authorization", format!("Token {TOKEN}")),
                ("content-type", "application/json".to_owned()),
            ],
            body: Some(body.to_string().into()),
        };
        let response = self.world.send(&request).await.unwrap();
        assert_eq!(response.status, 200, "{path}: {response:?}");
        serde_json::from_slice(&response.body).unwrap()
    }
}

fn form(fields: Value) -> Form {
    Form {
        fields: fields.as_object().unwrap().clone().into_iter().collect(),
        ..Form::default()
    }
}

fn scenario(fields: Value) -> Form {
    let document = json!({"name": "Ask", "flow": [], "metadata": {}});
    Form {
        blueprint: Some(Blueprint::new(&document, false)),
        ..form(fields)
    }
}

#[tokio::test]
async fn variables_of_both_scopes_are_made_changed_and_deleted_by_their_names() {
    let bench = Bench::new().await;
    for scope in ["team", "organization"] {
        let wanted = form(json!({
            "name": "apiBase", "scope": scope, "type": "text", "value": "https://a.example",
        }));
        let id = bench.make(Kind::Variable, &wanted).await;
        assert_eq!(id.to_string(), format!("{scope}/apiBase"));
        assert_eq!(bench.form(Kind::Variable, &id).await, wanted);
        let mut other = wanted.clone();
        other.set("type", "date");
        other.set("value", "2026-12-01T09:00:00.000Z");
        bench.change(Kind::Variable, &id, &wanted, &other).await;
        assert_eq!(bench.form(Kind::Variable, &id).await, other);
        for write in live::delete(&bench.account, Kind::Variable, &id, &other).unwrap() {
            bench.client.perform(&write).await.unwrap();
        }
        assert!(bench.read(Kind::Variable, &id).await.is_none());
    }
}

#[tokio::test]
async fn somebody_is_invited_counts_as_being_there_gets_another_role_and_leaves() {
    let bench = Bench::new().await;
    let wanted = form(json!({
        "email": "zoe@acme.example", "role": "Member", "name": "Zoe", "note": "Welcome",
    }));
    let id = bench.make(Kind::OrganizationRole, &wanted).await;
    let directory = bench.directory().await;
    let user = id.as_int().unwrap();
    let mut memberships = directory.memberships.iter();
    let membership = memberships
        .find(|membership| membership.user == user)
        .unwrap();
    assert_eq!(membership.invitation, Invitation::Pending);
    let now = bench.form(Kind::OrganizationRole, &id).await;
    assert_eq!(
        now,
        form(json!({"email": "zoe@acme.example", "role": "Member"}))
    );
    let admin = form(json!({"email": "zoe@acme.example", "role": "Admin"}));
    bench
        .change(Kind::OrganizationRole, &id, &now, &admin)
        .await;
    assert_eq!(bench.form(Kind::OrganizationRole, &id).await, admin);
    for write in live::delete(&bench.account, Kind::OrganizationRole, &id, &admin).unwrap() {
        bench.client.perform(&write).await.unwrap();
    }
    assert!(bench.read(Kind::OrganizationRole, &id).await.is_none());
}

#[tokio::test]
async fn a_team_is_made_with_a_limit_renamed_and_deleted() {
    let bench = Bench::new().await;
    let wanted = form(json!({"name": "Ops", "limits": {"operations": null}}));
    let id = bench.make(Kind::Team, &wanted).await;
    assert_eq!(bench.form(Kind::Team, &id).await, wanted);
    let other = form(json!({"name": "Operations", "limits": {"operations": null}}));
    bench.change(Kind::Team, &id, &wanted, &other).await;
    assert_eq!(bench.form(Kind::Team, &id).await, other);
    for write in live::delete(&bench.account, Kind::Team, &id, &other).unwrap() {
        bench.client.perform(&write).await.unwrap();
    }
    assert!(bench.read(Kind::Team, &id).await.is_none());
}

#[tokio::test]
async fn an_interface_is_set_read_beside_the_blueprint_and_taken_away() {
    let bench = Bench::new().await;
    let input = json!([{"name": "email", "type": "text", "required": true}]);
    let wanted = scenario(json!({
        "name": "Ask", "schedule": {"type": "on-demand"},
        "interface": {"input": input, "output": []},
    }));
    let id = bench.make(Kind::Scenario, &wanted).await;
    let now = bench.form(Kind::Scenario, &id).await;
    assert_eq!(now.get("interface"), wanted.get("interface"));
    let mut timed = now.clone();
    timed.set("interface", Value::Null);
    timed.set("schedule", json!({"type": "indefinitely", "interval": 900}));
    bench.change(Kind::Scenario, &id, &now, &timed).await;
    assert_eq!(bench.form(Kind::Scenario, &id).await.get("interface"), None);
}

#[tokio::test]
async fn custom_properties_are_made_replaced_and_taken_away_whatever_was_there() {
    let bench = Bench::new().await;
    assert_eq!(bench.account.licence.custom_properties, Some(true));
    let structure = bench
        .send(
            Method::Post,
            "/custom-property-structures",
            json!({"associatedType": "scenario", "belongerType": "organization", "belongerId": 1}),
        )
        .await;
    let structure = structure.pointer("/customPropertyStructure/id").unwrap();
    for name in ["client", "owner"] {
        let path =
            format!("/custom-property-structures/{structure}/custom-property-structure-items");
        let item = json!({"name": name, "label": name, "type": "shortText", "required": false});
        bench.send(Method::Post, &path, item).await;
    }
    let bare = scenario(json!({"name": "Ask", "schedule": {"type": "on-demand"}}));
    let id = bench.make(Kind::Scenario, &bare).await;
    let read = async || {
        let snapshot = bench.collect(Kind::Scenario, Scenarios::All).await;
        plan::live_form(snapshot.get(Kind::Scenario, &id).unwrap())
    };
    let none = read().await;
    assert_eq!(none.get("customProperties"), Some(&Value::Null));
    let mut acme = none.clone();
    acme.set(
        "customProperties",
        json!({"client": "Acme", "owner": "Mia"}),
    );
    bench.change(Kind::Scenario, &id, &none, &acme).await;
    assert_eq!(
        read().await.get("customProperties"),
        acme.get("customProperties")
    );
    // Somebody was faster: the first ones are there already, or gone again.
    let mut other = none.clone();
    other.set("customProperties", json!({"client": "Other"}));
    bench.change(Kind::Scenario, &id, &none, &other).await;
    assert_eq!(
        read().await.get("customProperties"),
        other.get("customProperties")
    );
    bench.change(Kind::Scenario, &id, &other, &none).await;
    assert_eq!(read().await.get("customProperties"), Some(&Value::Null));
    bench.change(Kind::Scenario, &id, &other, &acme).await;
    assert_eq!(
        read().await.get("customProperties"),
        acme.get("customProperties")
    );
}

#[tokio::test]
async fn what_nobody_manages_is_not_read() {
    let bench = Bench::new().await;
    let count = || bench.world.stats().unwrap().total;
    let spent = async |kind| {
        let before = count();
        let snapshot = bench.collect(kind, Scenarios::All).await;
        let read: Vec<Kind> = snapshot.reading.keys().copied().collect();
        (read, count() - before)
    };
    assert_eq!(spent(Kind::Team).await, (vec![Kind::Team], 1));
    assert_eq!(spent(Kind::Variable).await, (vec![Kind::Variable], 2));
    let (read, requests) = spent(Kind::Webhook).await;
    assert_eq!(
        read,
        [
            Kind::Connection,
            Kind::Folder,
            Kind::Scenario,
            Kind::Webhook
        ]
    );
    assert_eq!(requests, 4);
    assert_eq!(spent(Kind::OrganizationRole).await.1, 3);
}
