//! References in blueprints: what they lead to, what is missing, and what ties a blueprint to one
//! account.

use serde_json::{Value, json};

use crate::{
    model::{
        Dialect, Field, Kind, Pin, Place, RemoteId, Source, Spec,
        spec::{LookedSpec, VariableScope, VariableSpec, VariableType},
    },
    plan::testing::{World, at, doing, edit, make},
};

fn looked(name: &str, types: &[&str]) -> LookedSpec {
    LookedSpec {
        name: name.into(),
        types: types.iter().map(|kind| (*kind).to_owned()).collect(),
    }
}

/// A scenario with a module whose field takes two types of connections.
fn mailing(connection: &Value) -> Spec {
    let module = json!([{"id": 3, "module": "email:Send", "parameters": {"any": connection},
        "metadata": {"parameters": [{"name": "any", "type": "account:smtp,google-restricted"}]}}]);
    make(doing("Mail", module))
}

fn codes(world: &World) -> Vec<(&'static str, String)> {
    let plan = world.plan();
    let found = plan.findings.iter();
    found
        .map(|finding| (finding.code.name, finding.message.clone()))
        .collect()
}

#[test]
fn of_the_types_that_a_field_takes_any_does() {
    let mut world = World::new();
    world.declare(
        "connection.mail",
        Spec::Connection(looked("Mail", &["google-restricted"])),
    );
    world.declare("scenario.mail", mailing(&json!("${connection.mail}")));
    world.live(31, Spec::Connection(looked("Mail", &["smtp"])));
    world.live(32, Spec::Connection(looked("Mail", &["slack"])));
    let plan = world.settle();
    let document = plan.steps[0].after.as_ref().unwrap();
    let document = document.blueprint.as_ref().unwrap().document().unwrap();
    assert_eq!(document["flow"][0]["parameters"]["any"], 31);

    // The very type is better; two that do are none.
    world.live(33, Spec::Connection(looked("Mail", &["google-restricted"])));
    assert_eq!(world.steps(), ["update scenario.mail"]);
    world.live(34, Spec::Connection(looked("Mail", &["google-restricted"])));
    let found = codes(&world);
    assert_eq!(found[0].0, "connection-not-found");
    assert_eq!(
        found[0].1,
        "the account has several connections of type `google-restricted` named `Mail`: 33, 34; \
         `scenario.mail` in module 3 (email:Send) needs it"
    );
}

#[test]
fn a_target_may_call_a_connection_by_another_name() {
    let mut world = World::new();
    world.declare(
        "connection.mail",
        Spec::Connection(looked("Mail", &["smtp"])),
    );
    world.declare("scenario.mail", mailing(&json!("${connection.mail}")));
    world.live(
        31,
        Spec::Connection(looked("Mail of production", &["smtp"])),
    );
    assert_eq!(codes(&world)[0].0, "connection-not-found");
    let source = Source {
        name: "makeform.yaml".into(),
        text: String::new(),
    };
    let pin = |id: RemoteId| Pin {
        id,
        place: Place::new(&source.clone().into(), 0..0),
    };
    let named = pin(RemoteId::Text("Mail of production".into()));
    world.desired.pins.insert(at("connection.mail"), named);
    world.settle();
    let wrong = pin(RemoteId::Text("Mail of staging".into()));
    world.desired.pins.insert(at("connection.mail"), wrong);
    let found = codes(&world);
    assert!(found[0].1.contains("named `Mail of staging`"), "{found:?}");
}

#[test]
fn all_that_needs_setup_is_said_at_once() {
    let mut world = World::new();
    world.declare("connection.a", Spec::Connection(looked("A", &["smtp"])));
    world.declare("connection.b", Spec::Connection(looked("B", &["smtp"])));
    world.declare("connection.c", Spec::Connection(looked("C", &["smtp"])));
    world.declare("key.k", Spec::Key(looked("K", &["apikeyauth"])));
    let parameters = |a: &str| {
        json!([{"id": 1, "module": "x:Do", "parameters": {"__IMTCONN__": a, "auth": "${key.k}"}},
               {"id": 2, "module": "x:Do", "parameters": {"__IMTCONN__": a}}])
    };
    world.declare(
        "scenario.s",
        make(doing("S", parameters("${connection.a}"))),
    );
    world.declare(
        "scenario.t",
        make(doing("T", parameters("${connection.b}"))),
    );
    let found = codes(&world);
    let names: Vec<&str> = found.iter().map(|(code, _)| *code).collect();
    assert_eq!(
        names,
        [
            "connection-not-found",
            "connection-not-found",
            "lookup-failed",
            "needs-setup"
        ]
    );
    assert!(
        found[0]
            .1
            .ends_with("; `scenario.s` in module 1 (x:Do), module 2 (x:Do) needs it"),
        "{found:?}"
    );
    // Nothing needs the third connection.
    assert_eq!(found[3].1, "2 connections and 1 key need setup in test");
}

#[test]
fn an_id_that_stands_there_is_a_warning_and_one_that_leads_nowhere_an_error() {
    let mut world = World::new();
    world.live(31, Spec::Connection(looked("Mail", &["smtp"])));
    world.declare("scenario.mail", mailing(&json!(31)));
    assert_eq!(
        codes(&world),
        [(
            "raw-id",
            "its blueprint holds ids of this one account: connection 31, which is \"Mail\" \
             (module 3 (email:Send))"
                .to_owned()
        )]
    );
    world.settle();
    world.declare("scenario.mail", mailing(&json!(77)));
    assert_eq!(
        codes(&world),
        [(
            "id-not-found",
            "its blueprint names what the account has not: connection 77 (module 3 (email:Send))"
                .to_owned()
        )]
    );
    // Where not all connections could be read, nobody knows.
    world.snapshot.reading.remove(&Kind::Connection);
    assert_eq!(codes(&world)[0].0, "raw-id");
    world
        .snapshot
        .reading
        .insert(Kind::Connection, crate::model::Reading::Whole);
    // What stands there already is no news.
    let id = world.bindings.by_address[&at("scenario.mail")].id.clone();
    world.live(id.as_int().unwrap(), mailing(&json!(77)));
    assert_eq!(codes(&world)[0].0, "raw-id");
}

#[test]
fn variables_and_functions_that_the_account_lacks_are_said_once() {
    let mut world = World::new();
    let text = "{{var.team.base}}{{var.organization.base}}{{toCents(1.x)}}{{lower(1.x)}}";
    for (address, name) in [("scenario.a", "A"), ("scenario.b", "B")] {
        let module = json!([{"id": 1, "module": "a:b", "mapper": {"text": text}}]);
        world.declare(address, make(doing(name, module)));
    }
    let told = |world: &World| {
        let plan = world.plan();
        let found = plan.findings.iter().map(|finding| finding.message.clone());
        found.collect::<Vec<_>>()
    };
    // The functions were not read.
    assert_eq!(
        told(&world),
        [
            "the team has no variable `base`; `scenario.a`, `scenario.b` need it",
            "the organization has no variable `base`; `scenario.a`, `scenario.b` need it",
        ]
    );
    world.snapshot.functions = Some(["other".to_owned()].into());
    let variable = |scope| {
        Spec::Variable(VariableSpec {
            name: "base".into(),
            scope,
            kind: VariableType::Text,
            value: json!("x"),
        })
    };
    world.declare("variable.base", variable(VariableScope::Team));
    world.live(5, variable(VariableScope::Organization));
    assert_eq!(
        told(&world),
        ["the team has no custom function `toCents`; `scenario.a`, `scenario.b` need it"]
    );
    world.snapshot.functions = Some(["toCents".to_owned()].into());
    assert_eq!(told(&world), [] as [&str; 0]);
    // A dialect without variables says nothing of them.
    world.snapshot.functions = None;
    world.snapshot.account.dialect = Dialect::Unified;
    world.snapshot.reading.remove(&Kind::Variable);
    assert!(
        !codes(&world)
            .iter()
            .any(|(code, _)| *code == "variable-missing")
    );
}

#[test]
fn a_blueprint_with_references_is_known_by_its_digest() {
    let mut world = World::new();
    world.declare(
        "connection.mail",
        Spec::Connection(looked("Mail", &["smtp"])),
    );
    world.live(31, Spec::Connection(looked("Mail", &["smtp"])));
    world.declare("scenario.mail", mailing(&json!("${connection.mail}")));
    world.settle();
    // What Make's editor does to it alone is no change; what it means is.
    let id = world.bindings.by_address[&at("scenario.mail")]
        .id
        .as_int()
        .unwrap();
    let editor =
        |document: &mut Value| document["flow"][0]["metadata"]["designer"] = json!({"x": 7});
    edit(&mut world.live_scenario(id).blueprint, false, editor);
    assert!(world.plan().is_empty());
    let other = |document: &mut Value| document["flow"][0]["parameters"]["any"] = json!(99);
    edit(&mut world.live_scenario(id).blueprint, false, other);
    assert_eq!(world.steps(), ["update scenario.mail"]);
    let Some(Spec::Scenario(spec)) = world
        .desired
        .things
        .get_mut(&at("scenario.mail"))
        .map(|declared| &mut declared.spec)
    else {
        panic!("no scenario");
    };
    assert!(matches!(&spec.blueprint, Field::Set(blueprint) if blueprint.has_references()));
}
