//! A small world for stories about planning: manifests, an account and a ledger, and an apply
//! that does what a plan says.

mod lines;
mod specs;
mod stored;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::stored::stored;
pub(super) use self::{
    lines::lines,
    specs::{connection, doing, every, folder, make, role, scenario, webhook},
};
use super::{Action, Drift, Known, Plan, PlanInput, Target, drift, fill, plan};
use crate::model::{
    Account, Address, Binding, Bindings, Blueprint, Declared, Desired, Dialect, Directory, Facts,
    Field, Kind, Licence, Lifecycle, Live, Person, Place, Reading, RemoteId, Role, Snapshot,
    Source, Spec,
    spec::{FolderSpec, Link, ScenarioSpec},
};

/// What time it is: a Friday, two days before clocks in Europe are put forward.
pub(in crate::plan) const NOW: &str = "2026-03-27T12:00:00Z";

#[derive(Clone)]
pub(in crate::plan) struct World {
    pub(in crate::plan) desired: Desired,
    pub(in crate::plan) snapshot: Snapshot,
    pub(in crate::plan) bindings: Bindings,
    pub(in crate::plan) only: Vec<Address>,
    pub(in crate::plan) destroy: bool,
    pub(in crate::plan) editor: bool,
    pub(in crate::plan) ledger_shared: bool,
    pub(in crate::plan) now: jiff::Timestamp,
    next: u64,
}

pub(in crate::plan) fn at(text: &str) -> Address {
    text.parse().unwrap()
}

impl World {
    pub(in crate::plan) fn new() -> Self {
        let account = Account {
            host: "sandbox".into(),
            dialect: crate::model::Dialect::Zone,
            organization: 1,
            organization_name: "Sandbox".into(),
            team: 1,
            team_name: "Sandbox team".into(),
            timezone: Some("Europe/Prague".into()),
            minimum_interval: Some(1),
            licence: Licence::default(),
            own_user: Some(1),
        };
        let person = |id, email: &str| Person {
            id,
            name: email.into(),
            email: email.into(),
        };
        let role = |id, name: &str, identifier: &str| Role {
            id,
            name: name.into(),
            identifier: Some(identifier.into()),
            permissions: None,
        };
        let whole = |kind| (kind, Reading::Whole);
        Self {
            desired: Desired::default(),
            snapshot: Snapshot {
                account,
                live: BTreeMap::new(),
                reading: Kind::ALL.into_iter().map(whole).collect(),
                directory: Directory {
                    people: vec![person(1, "Owner@example.com"), person(2, "ada@example.com")],
                    team_roles: vec![
                        role(1, "Team Admin", "company:team-admin"),
                        role(3, "Team Member", "company:team-member"),
                        role(6, "Team Operator", "company:team-operator"),
                    ],
                    ..Directory::default()
                },
                functions: None,
            },
            bindings: Bindings::default(),
            only: Vec::new(),
            destroy: false,
            editor: false,
            ledger_shared: true,
            now: NOW.parse().unwrap(),
            next: 100,
        }
    }

    /// The same in the dialect of `api.make.com`.
    pub(in crate::plan) fn unified() -> Self {
        let mut world = Self::new();
        world.snapshot.account.dialect = Dialect::Unified;
        world.snapshot.account.team = 0;
        world.snapshot.account.timezone = None;
        world.snapshot.account.own_user = None;
        world.snapshot.directory = Directory::default();
        world
    }

    pub(in crate::plan) fn plan(&self) -> Plan {
        plan(&self.input())
    }

    pub(in crate::plan) fn input(&self) -> PlanInput<'_> {
        PlanInput {
            target: Target {
                name: "test".into(),
                account: self.snapshot.account.clone(),
            },
            desired: &self.desired,
            snapshot: &self.snapshot,
            bindings: &self.bindings,
            only: &self.only,
            destroy: self.destroy,
            editor: self.editor,
            ledger_shared: self.ledger_shared,
            now: self.now,
        }
    }

    /// `action address` for each step.
    pub(in crate::plan) fn steps(&self) -> Vec<String> {
        steps(&self.plan())
    }

    pub(in crate::plan) fn codes(&self) -> Vec<&'static str> {
        self.plan()
            .findings
            .iter()
            .map(|finding| finding.code.name)
            .collect()
    }

    pub(in crate::plan) fn declare(&mut self, address: &str, spec: Spec) -> &mut Declared {
        let source = Source {
            name: format!("manifests/{address}.yaml"),
            text: String::new(),
        };
        let declared = Declared {
            spec,
            lifecycle: Lifecycle::default(),
            place: Place::new(&source.into(), 0..0),
            places: BTreeMap::new(),
        };
        let entry = self.desired.things.entry(at(address));
        entry.insert_entry(declared).into_mut()
    }

    pub(in crate::plan) fn forget(&mut self, address: &str) {
        self.desired.things.remove(&at(address));
    }

    /// What somebody builds in Make.
    pub(in crate::plan) fn live(&mut self, id: u64, spec: Spec) -> &mut Live {
        let live = Live {
            id: RemoteId::Int(id),
            facts: quiet(),
            spec,
        };
        let kind = self.snapshot.live.entry(live.spec.kind()).or_default();
        let entry = kind.entry(live.id.clone());
        entry.insert_entry(live).into_mut()
    }

    pub(in crate::plan) fn live_scenario(&mut self, id: u64) -> &mut ScenarioSpec {
        let live = self.snapshot.live.get_mut(&Kind::Scenario).unwrap();
        scenario_in(&mut live.get_mut(&RemoteId::Int(id)).unwrap().spec)
    }

    /// Says which object a thing is.
    pub(in crate::plan) fn bind(&mut self, address: &str, id: u64) {
        let binding = Binding::bare(RemoteId::Int(id));
        self.bindings.by_address.insert(at(address), binding);
    }

    /// Carries a plan out as apply would.
    pub(in crate::plan) fn apply(&mut self) -> Plan {
        let plan = self.plan();
        self.carry_out(&plan);
        plan
    }

    /// Carries a plan out.
    pub(in crate::plan) fn carry_out(&mut self, plan: &Plan) {
        assert!(!plan.findings.has_errors(), "{:?}", plan.findings);
        self.bindings.by_address.extend(plan.records.clone());
        for address in &plan.lapsed {
            self.bindings.by_address.remove(address);
        }
        let mut known = Known::default();
        for step in &plan.steps {
            let kind = step.address.kind;
            let mut id = step.id.clone();
            if matches!(step.action, Action::Delete | Action::Replace) {
                let things = self.snapshot.live.get_mut(&kind).unwrap();
                assert!(things.remove(id.as_ref().unwrap()).is_some());
            }
            if matches!(step.action, Action::Create | Action::Replace) {
                self.next += 1;
                id = Some(
                    match step.after.as_ref().and_then(|form| form.text("email")) {
                        Some(email) => self.user(email),
                        None => RemoteId::Int(self.next),
                    },
                );
            }
            let id = id.unwrap();
            if step.after.is_some() {
                let after = fill(&step.first(), &known).unwrap();
                let url = (kind == Kind::Webhook)
                    .then(|| format!("https://hook.eu1.make.com/{}", "k3j9x8w7v6u5t4s3r2q1p0o9n8"));
                let facts = Facts {
                    url: url.clone().map(Into::into),
                    ..quiet()
                };
                known.learn(&step.address, id.clone(), url.map(Into::into));
                let live = Live {
                    id: id.clone(),
                    spec: stored(kind, &after),
                    facts,
                };
                let things = self.snapshot.live.entry(kind).or_default();
                things.insert(id.clone(), live);
                let binding = Binding {
                    id,
                    form: step.remembered.clone(),
                    prevent_destroy: step.prevent_destroy,
                    invited: false,
                    unchecked: None,
                };
                let bindings = &mut self.bindings.by_address;
                match step.releases {
                    true => bindings.remove(&step.address),
                    false => bindings.insert(step.address.clone(), binding),
                };
            } else {
                self.bindings.by_address.remove(&step.address);
            }
        }
        for step in plan.steps.iter().filter(|step| !step.later.is_empty()) {
            let kind = step.address.kind;
            let after = fill(step.after.as_ref().unwrap(), &known).unwrap();
            let id = &self.bindings.by_address[&step.address].id;
            let things = self.snapshot.live.get_mut(&kind).unwrap();
            things.get_mut(id).unwrap().spec = stored(kind, &after);
        }
    }

    fn user(&self, email: &str) -> RemoteId {
        let people = &self.snapshot.directory.people;
        let person = people.iter().find(|p| p.email.eq_ignore_ascii_case(email));
        // Who is invited is somebody new.
        RemoteId::Int(person.map_or(900, |person| person.id))
    }

    /// Applies, and holds the result against the manifests again.
    pub(in crate::plan) fn settle(&mut self) -> Plan {
        let plan = self.apply();
        let again = self.plan();
        assert!(again.is_empty(), "{:#?} {:#?}", again.steps, again.records);
        let drift = self.drift();
        assert!(drift.things.is_empty(), "{drift:#?}");
        plan
    }

    pub(in crate::plan) fn drift(&self) -> Drift {
        drift(&self.input())
    }
}

/// What an account says of a thing in which no work waits.
fn quiet() -> Facts {
    Facts {
        incomplete: Some(0),
        queued: Some(0),
        records: Some(0),
        ..Facts::default()
    }
}

pub(in crate::plan) fn steps(plan: &Plan) -> Vec<String> {
    plan.steps
        .iter()
        .map(|step| format!("{} {}", step.action.as_str(), step.address))
        .collect()
}

/// Two folders, a webhook and two scenarios of which one calls the other.
pub(in crate::plan) fn leads() -> World {
    let mut world = World::new();
    world.live(96, connection("Team Slack", "slack"));
    world.declare("connection.slack", connection("Team Slack", "slack"));
    world.declare("folder.crm", folder("CRM"));
    let inner = FolderSpec {
        name: "Inner".into(),
        parent: Field::Set(Link::Thing(at("folder.crm"))),
    };
    world.declare("folder.a-inner", Spec::Folder(inner));
    world.declare("webhook.leads", webhook("Leads", "custom"));
    let child = doing(
        "Child",
        json!([{"id": 1, "module": "scenario-service:StartSubscenario"}]),
    );
    world.declare("scenario.child", make(child));
    // It looks for news itself: what a webhook starts, Make runs at no interval.
    let flow = json!([
        {"id": 7, "module": "rss:TriggerNewArticle"},
        {"id": 1, "module": "gateway:CustomWebHook", "parameters": {"hook": "${webhook.leads}"}},
        {"id": 2, "module": "slack:CreateMessage", "parameters": {"__IMTCONN__": "${connection.slack}"},
         "mapper": {"text": "{{1.email}}"}, "metadata": {"designer": {"name": "Tell sales"}}},
        {"id": 3, "module": "scenario-service:CallSubscenario", "parameters": {"scenario": "${scenario.child}"}},
    ]);
    let parent = ScenarioSpec {
        folder: Field::Set(Link::Thing(at("folder.a-inner"))),
        active: Field::Set(true),
        schedule: every(15),
        ..doing("A lead", flow)
    };
    world.declare("scenario.a-lead", make(parent));
    world.declare("team-role.ada", role("Ada@example.com", "builder"));
    world
}

pub(in crate::plan) fn declared_scenario<'w>(
    world: &'w mut World,
    address: &str,
) -> &'w mut ScenarioSpec {
    scenario_in(&mut world.desired.things.get_mut(&at(address)).unwrap().spec)
}

pub(in crate::plan) fn edit(
    blueprint: &mut Field<Blueprint>,
    references: bool,
    edit: impl FnOnce(&mut Value),
) {
    let mut document = blueprint.as_set().unwrap().document().unwrap();
    edit(&mut document);
    *blueprint = Field::Set(Blueprint::new(&document, references));
}

pub(in crate::plan) fn update_of(world: &World) -> Vec<String> {
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 1, "{:?}", steps(&plan));
    lines(&plan.steps[0].changes)
}

pub(in crate::plan) fn plan_id(world: &World, address: &str) -> u64 {
    world.bindings.by_address[&at(address)].id.as_int().unwrap()
}

fn scenario_in(spec: &mut Spec) -> &mut ScenarioSpec {
    let Spec::Scenario(spec) = spec else {
        panic!("{spec:?} is no scenario");
    };
    spec
}
