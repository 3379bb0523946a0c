//! The client against the sandbox, in process: what it writes is what it reads back.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use makeform::{
    live::{
        self, Blueprints, Client, HttpTransport, Performed, Wanted, WriteError,
        transport::{Exchange, Request, Response, Transport},
    },
    model::{
        Account, Blueprint, Field, Form, Kind, Live, Reading, RemoteId, Snapshot, Spec, Unread,
        spec::{Link, ScheduleUse},
    },
    sandbox::{Collection, TOKEN, World, WorldOptions},
};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

/// A new world, and a client of its account.
struct Bench {
    world: World,
    client: Client,
    account: Account,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::open(folder.path(), WorldOptions::default()).unwrap();
        let client = Client::new(Arc::new(world.clone()), TOKEN.into(), "sandbox".into());
        let account = client.locate(None, None).await.unwrap();
        Self {
            world,
            client,
            account,
            _folder: folder,
        }
    }

    async fn collect(&self, blueprints: &Blueprints) -> Snapshot {
        let mut silent = |_| {};
        let wanted = wanted(blueprints.clone());
        let collected = self.client.collect(&self.account, &wanted, &mut silent);
        collected.await.unwrap()
    }

    async fn read(&self, kind: Kind, id: &RemoteId) -> Option<Live> {
        self.client.read(&self.account, kind, id).await.unwrap()
    }

    /// Brings a form about: creates, then updates from what stands to what is wanted.
    async fn make(&self, kind: Kind, after: &Form) -> Performed {
        let directory = self.collect(&none()).await.directory;
        let (write, standing) = live::create(&self.account, &directory, kind, after).unwrap();
        let made = self.client.perform(&write).await.unwrap();
        let id = made.id.clone().unwrap();
        self.change(kind, &id, &standing, after).await;
        made
    }

    async fn change(&self, kind: Kind, id: &RemoteId, before: &Form, after: &Form) {
        let directory = self.collect(&none()).await.directory;
        for write in live::update(&self.account, &directory, kind, id, before, after).unwrap() {
            self.client.perform(&write).await.unwrap();
        }
    }

    async fn destroy(&self, kind: Kind, id: &RemoteId, before: &Form) {
        for write in live::delete(&self.account, kind, id, before).unwrap() {
            self.client.perform(&write).await.unwrap();
        }
        assert!(self.read(kind, id).await.is_none());
    }
}

/// All kinds, and these blueprints.
fn wanted(blueprints: Blueprints) -> Wanted {
    Wanted {
        blueprints,
        ..Wanted::everything(false)
    }
}

fn none() -> Blueprints {
    Blueprints::Of {
        names: BTreeSet::new(),
        ids: BTreeSet::new(),
        known: BTreeMap::new(),
    }
}

fn form(fields: Value) -> Form {
    Form {
        fields: fields.as_object().unwrap().clone().into_iter().collect(),
        ..Form::default()
    }
}

fn scenario(name: &str, hook: Option<&RemoteId>) -> Form {
    let flow = hook.map_or_else(
        || json!([]),
        |hook| {
            json!([{"id": 1, "module": "gateway:CustomWebHook", "version": 1,
                "parameters": {"hook": hook, "maxResults": 1}, "mapper": {},
                "metadata": {"designer": {"x": 0, "y": 0}}}])
        },
    );
    let mut form = form(json!({
        "name": name, "description": "Copies leads.", "active": hook.is_some(), "folder": null,
        "schedule": if hook.is_some() { json!({"type": "immediately"}) }
            else { json!({"type": "on-demand"}) },
    }));
    let document = json!({"name": name, "flow": flow, "metadata": {"version": 1}});
    form.blueprint = Some(Blueprint::new(&document, false));
    form
}

#[tokio::test]
async fn the_account_is_found_by_name_by_id_or_as_the_only_one() {
    let bench = Bench::new().await;
    let account = &bench.account;
    assert_eq!(account.organization_name, "Sandbox");
    assert_eq!(account.team_name, "Sandbox team");
    assert_eq!(account.timezone.as_deref(), Some("Europe/Prague"));
    assert_eq!(account.minimum_interval, Some(1));
    assert!(account.own_user.is_some());
    for (organization, team) in [("Sandbox", "Sandbox team"), ("1", "1")] {
        let found = bench.client.locate(Some(organization), Some(team)).await;
        assert_eq!(found.unwrap(), *account);
    }
    let missing = bench.client.locate(None, Some("Sales")).await.unwrap_err();
    assert_eq!(
        missing.to_string(),
        "there is no team `Sales`; there is `Sandbox team` (1)"
    );
}

#[tokio::test]
async fn a_wrong_token_is_an_error_and_is_not_shown() {
    let bench = Bench::new().await;
    let token = "11111111-2222-4333-8444-555555555555";
    let client = Client::new(
        Arc::new(bench.world.clone()),
        token.into(),
        "sandbox".into(),
    );
    let error = client.locate(None, None).await.unwrap_err();
    assert_eq!(error.status(), Some(401));
    assert!(error.usually().is_some());
    assert!(!format!("{error} {error:?} {client:?}").contains("11111111"));
}

#[tokio::test]
async fn a_scenario_is_made_read_back_changed_and_deleted() {
    let bench = Bench::new().await;
    let hook = form(json!({"name": "leads", "type": "custom"}));
    let hook = bench.make(Kind::Webhook, &hook).await.id.unwrap();
    let folder = form(json!({"name": "CRM", "parent": null}));
    let folder = bench.make(Kind::Folder, &folder).await.id.unwrap();
    let mut before = scenario("Lead sync", Some(&hook));
    before.set("folder", folder.to_value());
    let id = bench.make(Kind::Scenario, &before).await.id.unwrap();

    let live = bench.read(Kind::Scenario, &id).await.unwrap();
    assert_eq!(live.facts.attached, Some(hook.clone()));
    assert!(!live.facts.invalid && live.facts.edited_at.is_some());
    let Spec::Scenario(spec) = live.spec else {
        panic!("no scenario");
    };
    assert_eq!(spec.name, "Lead sync");
    assert_eq!(spec.active, Field::Set(true));
    assert_eq!(spec.folder, Field::Set(Link::Id(folder)));
    let text = spec.description.as_set().and_then(|text| text.as_literal());
    assert_eq!(text, Some("Copies leads."));
    let Field::Set(ScheduleUse::Inline(schedule)) = &spec.schedule else {
        panic!("no schedule");
    };
    assert_eq!(schedule.to_make(), json!({"type": "immediately"}));
    let document = spec.blueprint.as_set().unwrap().document().unwrap();
    assert_eq!(document["flow"][0]["parameters"]["hook"], hook.to_value());
    assert_eq!(
        bench
            .read(Kind::Webhook, &hook)
            .await
            .unwrap()
            .facts
            .attached,
        Some(id.clone())
    );

    let mut after = scenario("Leads", Some(&hook));
    after.set("folder", Value::Null);
    after.set("description", "");
    after.set("active", false);
    bench.change(Kind::Scenario, &id, &before, &after).await;
    let live = bench.read(Kind::Scenario, &id).await.unwrap();
    let Spec::Scenario(spec) = live.spec else {
        panic!("no scenario");
    };
    assert_eq!(spec.name, "Leads");
    assert_eq!(spec.active, Field::Set(false));
    assert_eq!((spec.folder, spec.description), (Field::Null, Field::Null));
    let document = spec.blueprint.as_set().unwrap().document().unwrap();
    assert_eq!(document["name"], "Leads");

    // Stopping what stands still is as good as done.
    bench.destroy(Kind::Scenario, &id, &before).await;
}

#[tokio::test]
async fn a_webhook_is_made_read_back_changed_and_deleted() {
    let bench = Bench::new().await;
    let before = form(
        json!({"name": "leads", "type": "custom", "connection": null,
        "enabled": false, "headers": true, "method": false, "stringify": false,
        "ip": "10.0.0.1", "dataStructure": null}),
    );
    let made = bench.make(Kind::Webhook, &before).await;
    let id = made.id.clone().unwrap();
    let read = async || {
        let live = bench.read(Kind::Webhook, &id).await.unwrap();
        let Spec::Webhook(spec) = live.spec else {
            panic!("no webhook");
        };
        (spec, live.facts.url.unwrap())
    };
    let (spec, url) = read().await;
    assert_eq!(
        url.expose_secret(),
        made.url.as_ref().unwrap().expose_secret()
    );
    assert!(!format!("{made:?} {spec:?}").contains(url.expose_secret()));
    assert_eq!(
        (spec.name.as_str(), spec.kind.as_str()),
        ("leads", "custom")
    );
    assert_eq!(
        (&spec.enabled, &spec.headers),
        (&Field::Set(false), &Field::Set(true))
    );
    assert_eq!(
        spec.ip.as_set().and_then(|ip| ip.as_literal()),
        Some("10.0.0.1")
    );
    assert_eq!(
        (&spec.data_structure, &spec.connection),
        (&Field::Null, &Field::Absent)
    );
    assert!(spec.fields.is_empty());

    let mut after = before.clone();
    after.set("name", "orders");
    after.set("ip", Value::Null);
    after.set("enabled", true);
    bench.change(Kind::Webhook, &id, &before, &after).await;
    let (spec, _) = read().await;
    assert_eq!((spec.name.as_str(), spec.ip), ("orders", Field::Null));
    assert_eq!(
        (spec.enabled, spec.headers),
        (Field::Set(true), Field::Set(true))
    );
    bench.destroy(Kind::Webhook, &id, &after).await;
}

#[tokio::test]
async fn an_app_s_webhook_keeps_its_connection_and_fields() {
    let bench = Bench::new().await;
    let snapshot = bench.collect(&none()).await;
    let connection = snapshot.of(Kind::Connection).next().unwrap();
    let before = form(json!({"name": "form", "type": "jotform", "enabled": true,
        "connection": connection.id, "fields.formId": "9128"}));
    let id = bench.make(Kind::Webhook, &before).await.id.unwrap();
    let Spec::Webhook(spec) = bench.read(Kind::Webhook, &id).await.unwrap().spec else {
        panic!("no webhook");
    };
    assert_eq!(spec.kind, "jotform");
    assert_eq!(spec.connection, Field::Set(Link::Id(connection.id.clone())));
    assert_eq!(spec.fields, [("formId".to_owned(), json!("9128"))].into());
}

#[tokio::test]
async fn folders_nest_and_move() {
    let bench = Bench::new().await;
    let top = form(json!({"name": "Sales", "parent": null}));
    let top_id = bench.make(Kind::Folder, &top).await.id.unwrap();
    let before = form(json!({"name": "Leads", "parent": top_id}));
    let id = bench.make(Kind::Folder, &before).await.id.unwrap();
    let parent = async || {
        let Spec::Folder(spec) = bench.read(Kind::Folder, &id).await.unwrap().spec else {
            panic!("no folder");
        };
        (spec.name, spec.parent)
    };
    assert_eq!(
        parent().await,
        ("Leads".into(), Field::Set(Link::Id(top_id)))
    );
    let after = form(json!({"name": "All leads", "parent": null}));
    bench.change(Kind::Folder, &id, &before, &after).await;
    assert_eq!(parent().await, ("All leads".into(), Field::Null));
    bench.destroy(Kind::Folder, &id, &after).await;
}

#[tokio::test]
async fn a_team_role_is_taken_away_given_and_changed() {
    let bench = Bench::new().await;
    let snapshot = bench.collect(&none()).await;
    let own = bench.account.own_user.map(RemoteId::Int);
    let member = snapshot
        .of(Kind::TeamRole)
        .find(|live| Some(&live.id) != own.as_ref());
    let member = member.unwrap();
    let Spec::TeamRole(spec) = &member.spec else {
        panic!("no role");
    };
    let before = form(json!({"email": spec.email.to_uppercase(), "role": spec.role}));
    bench.destroy(Kind::TeamRole, &member.id, &before).await;
    assert_eq!(
        bench.make(Kind::TeamRole, &before).await.id,
        Some(member.id.clone())
    );
    let mut after = before.clone();
    after.set("role", "Team Operator");
    bench
        .change(Kind::TeamRole, &member.id, &before, &after)
        .await;
    let live = bench.read(Kind::TeamRole, &member.id).await.unwrap();
    let Spec::TeamRole(spec) = live.spec else {
        panic!("no role");
    };
    assert_eq!(spec.role, "Team Operator");

    let stranger = form(json!({"email": "nobody@example.org", "role": "Team Member"}));
    let refused = live::create(
        &bench.account,
        &snapshot.directory,
        Kind::TeamRole,
        &stranger,
    );
    assert_eq!(
        refused.unwrap_err().to_string(),
        "`nobody@example.org` is no member of the organization"
    );
}

#[tokio::test]
async fn make_s_refusals_are_told_in_its_own_words() {
    let bench = Bench::new().await;
    let mut wanted = scenario("Broken", None);
    let document = json!({"name": "Broken", "metadata": {}, "flow": [{"id": 1,
        "module": "slack:CreateMessage", "version": 1, "parameters": {"__IMTCONN__": 999_999}}]});
    wanted.blueprint = Some(Blueprint::new(&document, false));
    let directory = bench.collect(&none()).await.directory;
    let (write, _) = live::create(&bench.account, &directory, Kind::Scenario, &wanted).unwrap();
    match bench.client.perform(&write).await.unwrap_err() {
        WriteError::Refused(error) => {
            assert_eq!(error.status(), Some(404));
            assert_eq!(error.refusal().unwrap().code.as_deref(), Some("IM304"));
        }
        WriteError::Unknown(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_reading_costs_a_request_for_each_blueprint_and_a_constant() {
    let bench = Bench::new().await;
    let made = 30;
    for index in 0..made {
        let wanted = scenario(&format!("Scenario {index}"), None);
        bench.make(Kind::Scenario, &wanted).await;
    }
    let before = bench.world.stats().unwrap().total;
    bench.client.locate(None, None).await.unwrap();
    let snapshot = bench.collect(&Blueprints::All).await;
    let all = bench.world.stats().unwrap().total - before;
    assert!(all <= made + 20, "{all} requests");
    assert_eq!(snapshot.of(Kind::Scenario).count(), 30);
    assert!(
        snapshot
            .reading
            .values()
            .all(|reading| *reading == Reading::Whole)
    );

    let before = bench.world.stats().unwrap().total;
    let one = Blueprints::Of {
        names: ["Scenario 7".to_owned()].into(),
        ids: BTreeSet::new(),
        known: BTreeMap::new(),
    };
    let snapshot = bench.collect(&one).await;
    let some = bench.world.stats().unwrap().total - before;
    assert!(some <= 20, "{some} requests");
    let with_blueprint = snapshot.of(Kind::Scenario).filter(
        |live| matches!(&live.spec, Spec::Scenario(spec) if spec.blueprint.as_set().is_some()),
    );
    assert_eq!(with_blueprint.count(), 1);
}

#[tokio::test]
async fn people_without_an_address_are_left_out() {
    let bench = Bench::new().await;
    let before = bench.collect(&none()).await.of(Kind::TeamRole).count();
    let user = bench.account.own_user.unwrap();
    bench
        .world
        .batch(|batch| {
            let mut person = batch.get(Collection::Users, user)?.unwrap();
            person["email"] = Value::Null;
            batch.put(Collection::Users, user, &person)
        })
        .unwrap();
    let snapshot = bench.collect(&none()).await;
    assert_eq!(snapshot.of(Kind::TeamRole).count(), before - 1);
    assert!(snapshot.is_whole(Kind::TeamRole));
}

/// A world that answers some paths with a status of its own.
struct Denying {
    world: World,
    prefix: &'static str,
    suffix: &'static str,
    status: u16,
}

impl Transport for Denying {
    fn send<'a>(&'a self, request: &'a Request) -> Exchange<'a> {
        if !request.path.starts_with(self.prefix) || !request.path.ends_with(self.suffix) {
            return self.world.send(request);
        }
        Box::pin(async {
            Ok(Response {
                status: self.status,
                headers: Vec::new(),
                body: br#"{"message":"Permission denied","code":"SC403"}"#.as_slice().into(),
            })
        })
    }
}

#[tokio::test]
async fn what_may_not_be_read_is_left_out_and_said() {
    let bench = Bench::new().await;
    let scenario = scenario("Sync", None);
    let id = bench.make(Kind::Scenario, &scenario).await.id.unwrap();
    let read = async |prefix, suffix, status| {
        let denying = Denying {
            world: bench.world.clone(),
            prefix,
            suffix,
            status,
        };
        let client = Client::new(Arc::new(denying), TOKEN.into(), "sandbox".into());
        let mut silent = |_| {};
        client
            .collect(&bench.account, &wanted(Blueprints::All), &mut silent)
            .await
    };
    let partial = |snapshot: &Snapshot| -> Vec<Kind> {
        let readings = snapshot.reading.iter();
        readings
            .filter(|(_, reading)| **reading != Reading::Whole)
            .map(|(kind, _)| *kind)
            .collect()
    };
    let whole = read("/nothing", "", 403).await.unwrap();
    assert_eq!(partial(&whole), []);
    let snapshot = read("/hooks", "", 403).await.unwrap();
    assert_eq!(partial(&snapshot), [Kind::Webhook]);
    assert_eq!(
        snapshot.reading[&Kind::Webhook],
        Reading::Partial(Unread {
            why: "GET /hooks was refused with status 403: Permission denied (SC403)".into(),
            usually: Some(
                "the token lacks the scope `hooks:read`, its user the right, or the team is in \
                 another zone: `makeform auth status` shows what the token may do"
                    .into()
            ),
        })
    );
    let snapshot = read("/users/roles", "", 403).await.unwrap();
    assert_eq!(partial(&snapshot), [Kind::OrganizationRole, Kind::TeamRole]);
    let snapshot = read("/scenarios/", "", 403).await.unwrap();
    assert_eq!(partial(&snapshot), [Kind::Scenario]);
    assert!(snapshot.get(Kind::Scenario, &id).is_some());
    // Deleted by somebody else between the list and its blueprint.
    let snapshot = read("/scenarios/", "", 404).await.unwrap();
    assert_eq!(partial(&snapshot), []);
    assert!(snapshot.get(Kind::Scenario, &id).is_none());
    // A blueprint that is not there is no scenario that is gone.
    let snapshot = read("/scenarios/", "/blueprint", 404).await.unwrap();
    assert_eq!(partial(&snapshot), [Kind::Scenario]);
    assert!(snapshot.get(Kind::Scenario, &id).is_some());
    assert_eq!(
        read("/hooks", "", 401).await.unwrap_err().status(),
        Some(401)
    );
}

#[tokio::test]
async fn roles_are_not_whole_while_the_token_s_own_user_is_unknown() {
    let bench = Bench::new().await;
    let denying = Denying {
        world: bench.world.clone(),
        prefix: "/users/me",
        suffix: "",
        status: 403,
    };
    let client = Client::new(Arc::new(denying), TOKEN.into(), "sandbox".into());
    let account = client.locate(None, None).await.unwrap();
    assert_eq!(account.own_user, None);
    let mut silent = |_| {};
    let read = client.collect(&account, &wanted(none()), &mut silent).await;
    let snapshot = read.unwrap();
    assert!(snapshot.of(Kind::TeamRole).count() > 0);
    assert_eq!(
        snapshot.reading[&Kind::TeamRole],
        Reading::Partial("GET /users/me did not tell who the token's user is".into())
    );
}

#[tokio::test]
async fn reading_and_writing_may_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let bench = Bench::new().await;
    let (write, _) = live::create(
        &bench.account,
        &bench.collect(&none()).await.directory,
        Kind::Folder,
        &form(json!({"name": "CRM", "parent": null})),
    )
    .unwrap();
    let mut silent = |_| {};
    is_send(&bench.client.locate(None, None));
    is_send(&bench.client.perform(&write));
    is_send(
        &bench
            .client
            .read(&bench.account, Kind::Folder, &RemoteId::Int(1)),
    );
    is_send(
        &bench
            .client
            .collect(&bench.account, &wanted(Blueprints::All), &mut silent),
    );
}

#[tokio::test]
async fn the_same_client_speaks_http() {
    let bench = Bench::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let world = Arc::new(bench.world.clone());
    let server = tokio::spawn(makeform::sandbox::serve(
        world,
        listener,
        std::future::pending(),
    ));
    let transport = HttpTransport::new(&url, &[]).unwrap();
    let host = transport.host();
    let client = Client::new(Arc::new(transport), TOKEN.into(), host.clone());
    let bench = Bench {
        account: client.locate(None, None).await.unwrap(),
        client,
        ..bench
    };
    assert_eq!(bench.account.host, host);
    let id = bench.make(Kind::Scenario, &scenario("Sync", None)).await.id;
    let snapshot = bench.collect(&Blueprints::All).await;
    assert!(snapshot.get(Kind::Scenario, &id.unwrap()).is_some());
    server.abort();
}
