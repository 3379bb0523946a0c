//! What is special about single kinds.

use serde_json::json;

use crate::{
    model::{
        Directory, Field, Invitation, Kind, Mark, Membership, Pin, RemoteId, Role, Spec,
        reference::Template,
        spec::{
            DataStoreSpec, DataStructureSpec, Interface, Link, LookedSpec, OrganizationRoleSpec,
            Security, TeamSpec, VariableScope, VariableSpec, VariableType, WebhookSpec,
        },
    },
    plan::{
        Reason, refusals,
        testing::{World, at, doing, every, make, role, steps, webhook},
    },
};

fn variable(name: &str, value: &str) -> Spec {
    Spec::Variable(VariableSpec {
        name: name.into(),
        scope: VariableScope::Team,
        kind: VariableType::Text,
        value: json!(value),
    })
}

fn member(email: &str, role: &str) -> Spec {
    Spec::OrganizationRole(OrganizationRoleSpec {
        email: email.into(),
        role: role.into(),
        name: None,
        note: Some("Welcome".into()),
    })
}

fn with_organization(world: &mut World) -> &mut Directory {
    let role = |id, name: &str| Role {
        id,
        name: name.into(),
        identifier: None,
        permissions: None,
    };
    let directory = &mut world.snapshot.directory;
    directory.organization_roles = vec![role(11, "Owner"), role(12, "Admin"), role(13, "Member")];
    directory
}

#[test]
fn a_secret_value_of_a_variable_is_never_shown_and_another_name_is_another_variable() {
    let mut world = World::new();
    let token = "s3cret-value-42".to_owned();
    world
        .desired
        .variables
        .env
        .insert("TOKEN".into(), token.clone().into());
    world.declare("variable.token", variable("token", "${env.TOKEN}"));
    let mut caller = doing(
        "Calls",
        json!([{"id": 1, "mapper": {"x": "{{var.team.token}}"}}]),
    );
    caller.active = Field::Set(true);
    world.declare("scenario.calls", make(caller));
    let plan = world.plan();
    assert_eq!(
        steps(&plan),
        ["create variable.token", "create scenario.calls"]
    );
    assert!(plan.steps[1].depends_on.contains(&at("variable.token")));
    let after = plan.steps[0].after.as_ref().unwrap();
    assert_eq!(
        after.marks[&vec!["value".to_owned()]],
        Mark::Sensitive("env.TOKEN".into())
    );
    assert!(!format!("{:?}", plan.steps[0].changes).contains(&token));
    world.settle();
    assert_eq!(world.steps(), Vec::<String>::new());

    world.declare("variable.token", variable("apiToken", "${env.TOKEN}"));
    assert_eq!(world.steps(), ["replace variable.token"]);
    world.snapshot.account.licence.custom_variables = Some(false);
    assert!(world.codes().contains(&"licence-lacks"));
}

#[test]
fn a_variable_s_value_from_the_environment_has_to_be_of_its_type() {
    for (value, code) in [("7", None), ("seven", Some("variable-value"))] {
        let mut world = World::new();
        world
            .desired
            .variables
            .env
            .insert("LIMIT".into(), value.to_owned().into());
        let Spec::Variable(mut spec) = variable("limit", "${env.LIMIT}") else {
            panic!("no variable");
        };
        spec.kind = VariableType::Number;
        world.declare("variable.limit", Spec::Variable(spec));
        assert_eq!(world.codes().first().copied(), code);
    }
}

#[test]
fn a_data_store_comes_after_its_structure_and_goes_before_it_with_a_guard_on_its_records() {
    let mut world = World::new();
    world.declare(
        "data-structure.order",
        Spec::DataStructure(DataStructureSpec {
            name: "Order".into(),
            strict: Field::Absent,
            fields: Field::Set(vec![
                json!({"name": "id", "type": "text", "required": false}),
            ]),
        }),
    );
    world.declare(
        "data-store.a-orders",
        Spec::DataStore(DataStoreSpec {
            name: "Orders".into(),
            data_structure: Field::Set(Link::Thing(at("data-structure.order"))),
            max_size_mb: Field::Absent,
        }),
    );
    assert_eq!(
        world.steps(),
        ["create data-structure.order", "create data-store.a-orders"]
    );
    world.settle();
    assert_eq!(world.steps(), Vec::<String>::new());
    let stores = world.snapshot.live.get_mut(&Kind::DataStore).unwrap();
    stores.values_mut().next().unwrap().facts.records = Some(12);
    world.forget("data-structure.order");
    world.forget("data-store.a-orders");
    let plan = world.plan();
    assert_eq!(
        steps(&plan),
        ["delete data-store.a-orders", "delete data-structure.order"]
    );
    let [refusal] = refusals(&plan, &[])[..] else {
        panic!("{:?}", plan.findings);
    };
    assert_eq!(refusal.code.name, "data-store-records");
    assert!(refusal.message.contains("12 records"));
}

#[test]
fn who_is_not_there_is_invited_before_a_role_in_the_team_is_given() {
    let mut world = World::new();
    with_organization(&mut world);
    world.declare(
        "organization-role.zoe",
        member("Zoe@example.com", "builder"),
    );
    world.declare("team-role.zoe", role("zoe@example.com", "builder"));
    let plan = world.plan();
    assert_eq!(
        steps(&plan),
        ["create organization-role.zoe", "create team-role.zoe"]
    );
    assert!(
        plan.steps[1]
            .depends_on
            .contains(&at("organization-role.zoe"))
    );
    let after = plan.steps[0].after.as_ref().unwrap();
    assert_eq!(
        (after.text("role"), after.text("note")),
        (Some("Member"), Some("Welcome"))
    );
    world.settle();
    assert_eq!(world.steps(), Vec::<String>::new());

    // A list of people that leaves out who is only invited is no other person.
    for live in world
        .snapshot
        .live
        .get_mut(&Kind::OrganizationRole)
        .unwrap()
        .values_mut()
    {
        if let Spec::OrganizationRole(spec) = &mut live.spec {
            spec.email.clear();
        }
    }
    assert_eq!(world.steps(), Vec::<String>::new());
    world.forget("organization-role.zoe");
    world.forget("team-role.zoe");
    assert_eq!(
        world.steps(),
        ["delete team-role.zoe", "delete organization-role.zoe"]
    );
}

#[test]
fn roles_of_organizations_have_words_and_nobody_gives_or_takes_the_owner_s() {
    for (word, codes) in [
        ("viewer", &[][..]),
        ("admin", &[]),
        ("Member", &[]),
        ("manager", &["role-not-found"]),
    ] {
        let mut world = World::new();
        with_organization(&mut world);
        world.declare("organization-role.zoe", member("zoe@example.com", word));
        assert_eq!(world.codes(), codes, "{word}");
    }
    let mut world = World::new();
    with_organization(&mut world);
    world.live(1, member("Owner@example.com", "Owner"));
    world.declare(
        "organization-role.owner",
        member("owner@example.com", "admin"),
    );
    assert!(world.codes().contains(&"owner-role"), "{:?}", world.codes());
}

#[test]
fn an_invitation_that_has_expired_is_sent_again_and_said() {
    let mut world = World::new();
    let directory = with_organization(&mut world);
    directory.memberships.push(Membership {
        user: 2,
        role: Some(13),
        invitation: Invitation::Expired,
    });
    world.declare("organization-role.ada", member("ada@example.com", "Member"));
    assert_eq!(world.steps(), ["create organization-role.ada"]);
    assert_eq!(world.codes(), ["invitation-expired"]);
}

#[test]
fn the_last_admin_and_the_own_user_of_an_organization_are_guarded() {
    let mut world = World::new();
    with_organization(&mut world);
    world.snapshot.account.own_user = Some(2);
    world.live(2, member("ada@example.com", "Admin"));
    world.bind("organization-role.ada", 2);
    let plan = world.plan();
    let codes: Vec<_> = refusals(&plan, &[])
        .iter()
        .map(|found| found.code.name)
        .collect();
    assert_eq!(codes, ["own-user", "last-admin"]);
    world.live(1, member("owner@example.com", "Owner"));
    let plan = world.plan();
    let codes: Vec<_> = refusals(&plan, &[])
        .iter()
        .map(|found| found.code.name)
        .collect();
    assert_eq!(codes, ["own-user"]);
}

#[test]
fn a_team_goes_only_when_somebody_says_so_and_the_own_one_never() {
    let mut world = World::new();
    let own = world.snapshot.account.team;
    for (id, name) in [(own, "own"), (77, "other")] {
        let team = Spec::Team(TeamSpec {
            name: name.into(),
            operations_limit: Field::Set(100),
        });
        world.live(id, team).facts.active_scenarios = Some(3);
        world.bind(&format!("team.{name}"), id);
    }
    let plan = world.plan();
    let codes: Vec<_> = refusals(&plan, &[])
        .iter()
        .map(|found| found.code.name)
        .collect();
    assert_eq!(codes, ["team-delete", "team-delete"]);
    assert!(plan.findings.has_errors() && world.codes().contains(&"own-team"));
    assert!(
        refusals(&plan, &[])[0]
            .message
            .contains("3 active scenarios")
    );
}

#[test]
fn inputs_need_a_schedule_on_demand_and_return_to_none() {
    let mut world = World::new();
    let mut spec = doing("Ask", json!([]));
    spec.interface = Field::Set(Interface {
        input: vec![json!({"name": "email", "type": "text", "label": "", "required": true})],
        output: Vec::new(),
    });
    world.declare("scenario.ask", make(spec.clone()));
    assert_eq!(world.codes(), Vec::<&str>::new());
    world.settle();
    assert_eq!(world.steps(), Vec::<String>::new());
    let mut scheduled = spec.clone();
    scheduled.schedule = every(15);
    world.declare("scenario.ask", make(scheduled));
    assert_eq!(world.codes(), ["inputs-on-schedule"]);
    spec.interface = Field::Absent;
    world.declare("scenario.ask", make(spec));
    let plan = world.plan();
    assert_eq!(steps(&plan), ["update scenario.ask"]);
    assert_eq!(
        plan.steps[0].after.as_ref().unwrap().get("interface"),
        Some(&json!(null))
    );
    world.settle();
    assert_eq!(world.steps(), Vec::<String>::new());
}

#[test]
fn what_the_dialect_can_t_say_is_a_warning_and_no_change() {
    let mut world = World::new();
    let Spec::Webhook(hook) = webhook("Leads", "custom") else {
        panic!("no webhook");
    };
    world.declare("webhook.leads", Spec::Webhook(hook.clone()));
    world.settle();
    world
        .desired
        .variables
        .env
        .insert("TOKEN".into(), "s3cret-value-42".to_owned().into());
    world.declare(
        "webhook.leads",
        Spec::Webhook(WebhookSpec {
            security: Field::Set(Security::Token {
                token: Template::parse("${env.TOKEN}"),
            }),
            hook_type: Field::Set("GET".into()),
            ..hook
        }),
    );
    let plan = world.plan();
    assert_eq!(steps(&plan), Vec::<String>::new());
    assert_eq!(world.codes(), ["not-expressible", "not-expressible"]);
    assert!(!plan.findings.has_errors());
}

#[test]
fn keys_are_looked_up_by_name_and_type_and_agents_also_by_a_pin() {
    let mut world = World::new();
    let looked = |name: &str, types: &[&str]| LookedSpec {
        name: name.into(),
        types: types.iter().map(|kind| (*kind).to_owned()).collect(),
    };
    world.live(17, Spec::Key(looked("CRM", &["apikeyauth"])));
    world.live(18, Spec::Key(looked("CRM", &["basicauth"])));
    world.declare("key.crm", Spec::Key(looked("CRM", &["basicauth"])));
    world.declare("agent.sales", Spec::Agent(looked("Sales", &[])));
    let flow = json!([{"id": 1, "parameters": {"auth": "${key.crm}"}, "mapper": {"agent": "${agent.sales}"}}]);
    world.declare("scenario.calls", make(doing("Calls", flow)));
    assert_eq!(world.codes(), ["lookup-failed"]);
    let id = "0d6f3f6e-6a5c-4a58-9f5c-3f9a2a3ad111";
    let place = world.desired.things[&at("agent.sales")].place.clone();
    let id_there = RemoteId::from(id);
    world.desired.pins.insert(
        at("agent.sales"),
        Pin {
            id: id_there,
            place,
        },
    );
    let plan = world.plan();
    assert_eq!(world.codes(), Vec::<&str>::new());
    let after = plan.steps[0].after.as_ref().unwrap();
    let document = after.blueprint.as_ref().unwrap().document().unwrap();
    assert_eq!(document["flow"][0]["parameters"]["auth"], json!(18));
    assert_eq!(document["flow"][0]["mapper"]["agent"], json!(id));
}

#[test]
fn another_role_says_what_somebody_may_do_from_now_on_and_what_no_longer() {
    let mut world = World::new();
    let allowed = [
        (
            "Team Admin",
            ["scenario edit", "scenario view", "team delete"].as_slice(),
        ),
        (
            "Team Operator",
            ["scenario start", "scenario view"].as_slice(),
        ),
    ];
    for role in &mut world.snapshot.directory.team_roles {
        let allowed = allowed.iter().find(|(name, _)| *name == role.name);
        let names = allowed.map(|(_, names)| names.iter().map(|&name| name.to_owned()));
        role.permissions = names.map(Iterator::collect);
    }
    let told = |world: &World| -> Vec<Reason> {
        let plan = world.plan();
        let reasons = plan.steps.iter().flat_map(|step| step.reasons.clone());
        let is_right =
            |reason: &Reason| matches!(reason, Reason::MayAlso(_) | Reason::MayNoLonger(_));
        reasons.filter(is_right).collect()
    };
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    world.declare("team-role.ada", role("ada@example.com", "admin"));
    // Who comes has a role, and nothing before it.
    assert_eq!(told(&world), []);
    world.settle();
    world.declare("team-role.ada", role("ada@example.com", "Team Operator"));
    let digest = world.plan().digest;
    assert_eq!(
        told(&world),
        [
            Reason::MayNoLonger(names(&["scenario edit", "team delete"])),
            Reason::MayAlso(names(&["scenario start"])),
        ]
    );
    // The account does not say what a Team Member may.
    world.declare("team-role.ada", role("ada@example.com", "Team Member"));
    assert_eq!(told(&world), []);
    // What roles allow is nothing that was decided.
    world.declare("team-role.ada", role("ada@example.com", "Team Operator"));
    for role in &mut world.snapshot.directory.team_roles {
        role.permissions = None;
    }
    assert_eq!(told(&world), []);
    assert_eq!(world.plan().digest, digest);
}
