//! A small world for stories about planning: manifests, an account and a ledger, and an apply
//! that does what a plan says.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Action, Change, Difference, Drift, Known, Plan, PlanInput, Shown, Target, drift, fill, plan,
};
use crate::model::{
    Account, Address, Binding, Bindings, Blueprint, Declared, Desired, Dialect, Directory, Facts,
    Field, Form, Kind, Licence, Lifecycle, Live, Person, Place, Reading, RemoteId, Role, Snapshot,
    Source, Spec,
    blueprint::is_graph,
    reference::Template,
    spec::{
        DataStoreSpec, DataStructureSpec, FolderSpec, Interface, Link, LookedSpec,
        OrganizationRoleSpec, ScenarioSpec, Schedule, ScheduleUse, Security, Settings,
        TeamRoleSpec, TeamSpec, VariableScope, VariableSpec, VariableType, WebhookSpec,
    },
};

/// What time it is: a Friday, two days before clocks in Europe are put forward.
pub(super) const NOW: &str = "2026-03-27T12:00:00Z";

#[derive(Clone)]
pub(super) struct World {
    pub(super) desired: Desired,
    pub(super) snapshot: Snapshot,
    pub(super) bindings: Bindings,
    pub(super) only: Vec<Address>,
    pub(super) destroy: bool,
    pub(super) editor: bool,
    pub(super) ledger_shared: bool,
    pub(super) now: jiff::Timestamp,
    next: u64,
}

pub(super) fn at(text: &str) -> Address {
    text.parse().unwrap()
}

impl World {
    pub(super) fn new() -> Self {
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
    pub(super) fn unified() -> Self {
        let mut world = Self::new();
        world.snapshot.account.dialect = Dialect::Unified;
        world.snapshot.account.team = 0;
        world.snapshot.account.timezone = None;
        world.snapshot.account.own_user = None;
        world.snapshot.directory = Directory::default();
        world
    }

    pub(super) fn plan(&self) -> Plan {
        plan(&self.input())
    }

    pub(super) fn input(&self) -> PlanInput<'_> {
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
    pub(super) fn steps(&self) -> Vec<String> {
        steps(&self.plan())
    }

    pub(super) fn codes(&self) -> Vec<&'static str> {
        self.plan()
            .findings
            .iter()
            .map(|finding| finding.code.name)
            .collect()
    }

    pub(super) fn declare(&mut self, address: &str, spec: Spec) -> &mut Declared {
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

    pub(super) fn forget(&mut self, address: &str) {
        self.desired.things.remove(&at(address));
    }

    /// What somebody builds in Make.
    pub(super) fn live(&mut self, id: u64, spec: Spec) -> &mut Live {
        let live = Live {
            id: RemoteId::Int(id),
            facts: quiet(),
            spec,
        };
        let kind = self.snapshot.live.entry(live.spec.kind()).or_default();
        let entry = kind.entry(live.id.clone());
        entry.insert_entry(live).into_mut()
    }

    pub(super) fn live_scenario(&mut self, id: u64) -> &mut ScenarioSpec {
        let live = self.snapshot.live.get_mut(&Kind::Scenario).unwrap();
        scenario_in(&mut live.get_mut(&RemoteId::Int(id)).unwrap().spec)
    }

    /// Says which object a thing is.
    pub(super) fn bind(&mut self, address: &str, id: u64) {
        let binding = Binding::bare(RemoteId::Int(id));
        self.bindings.by_address.insert(at(address), binding);
    }

    /// Carries a plan out as apply would.
    pub(super) fn apply(&mut self) -> Plan {
        let plan = self.plan();
        self.carry_out(&plan);
        plan
    }

    /// Carries a plan out.
    pub(super) fn carry_out(&mut self, plan: &Plan) {
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
    pub(super) fn settle(&mut self) -> Plan {
        let plan = self.apply();
        let again = self.plan();
        assert!(again.is_empty(), "{:#?} {:#?}", again.steps, again.records);
        let drift = self.drift();
        assert!(drift.things.is_empty(), "{drift:#?}");
        plan
    }

    pub(super) fn drift(&self) -> Drift {
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

pub(super) fn steps(plan: &Plan) -> Vec<String> {
    plan.steps
        .iter()
        .map(|step| format!("{} {}", step.action.as_str(), step.address))
        .collect()
}

/// A form as the account keeps it: with defaults, and with what the server adds.
fn stored(kind: Kind, form: &Form) -> Spec {
    let id = |field: &str| {
        let value = form.get(field).and_then(RemoteId::from_value);
        Field::from(value.map(Link::Id))
    };
    let flag = |field, default| Field::Set(form.flag(field).unwrap_or(default));
    let text = |field| form.text(field).unwrap_or_default().to_owned();
    match kind {
        Kind::Folder => Spec::Folder(FolderSpec {
            name: text("name"),
            parent: id("parent"),
        }),
        Kind::Scenario => {
            let mut document = form.blueprint.as_ref().unwrap().document().unwrap();
            let mut settings = Settings::default();
            if is_graph(&document) {
                let errors = form.get("maxErrors").and_then(Value::as_u64);
                settings.max_errors = Field::Set(errors.unwrap_or(3));
                settings.auto_commit = flag("autoCommit", true);
            } else {
                document["metadata"]["instant"] = json!(true);
            }
            let schedule = form.get("schedule").cloned();
            let schedule = schedule.unwrap_or(json!({"type": "on-demand"}));
            Spec::Scenario(Box::new(ScenarioSpec {
                name: text("name"),
                folder: id("folder"),
                description: Field::Set(Template::literal(text("description"))),
                active: flag("active", false),
                schedule: Field::Set(ScheduleUse::Inline(Schedule {
                    timezone: form.text("timezone").map(str::to_owned),
                    ..Schedule::from_make(&schedule)
                })),
                settings,
                blueprint: Field::Set(Blueprint::new(&document, false)),
                interface: Field::Set(interface(form)),
                ..scenario("")
            }))
        }
        Kind::TeamRole => Spec::TeamRole(TeamRoleSpec {
            email: text("email"),
            role: text("role"),
        }),
        Kind::Webhook => Spec::Webhook(WebhookSpec {
            name: text("name"),
            kind: text("type"),
            connection: id("connection"),
            enabled: flag("enabled", true),
            headers: flag("headers", false),
            method: flag("method", false),
            stringify: flag("stringify", false),
            ip: Field::from(form.text("ip").map(Template::literal)),
            data_structure: id("dataStructure"),
            scenario: form
                .get("scenario")
                .map_or(Field::Absent, |_| id("scenario")),
            hook_type: form.get("hookType").map_or(Field::Absent, |_| {
                Field::from(form.text("hookType").map(Into::into))
            }),
            // Credentials are never told.
            security: form.get("security").map_or(Field::Absent, |security| {
                let untold = Template::literal("");
                match security["type"].as_str() {
                    Some("basic") => Field::Set(Security::Basic {
                        username: Template::literal(security["username"].as_str().unwrap()),
                        password: untold,
                    }),
                    Some("token") => Field::Set(Security::Token { token: untold }),
                    _ => Field::Null,
                }
            }),
            ..WebhookSpec::default()
        }),
        Kind::DataStore => Spec::DataStore(DataStoreSpec {
            name: text("name"),
            data_structure: id("dataStructure"),
            max_size_mb: Field::Set(form.get("maxSizeMB").and_then(Value::as_u64).unwrap_or(1)),
        }),
        Kind::DataStructure => Spec::DataStructure(DataStructureSpec {
            name: text("name"),
            strict: flag("strict", false),
            fields: Field::Set(match form.get("fields") {
                Some(Value::Array(fields)) => fields.clone(),
                _ => Vec::new(),
            }),
        }),
        Kind::OrganizationRole => Spec::OrganizationRole(OrganizationRoleSpec {
            email: text("email"),
            role: text("role"),
            name: None,
            note: None,
        }),
        Kind::Team => Spec::Team(TeamSpec {
            name: text("name"),
            operations_limit: Field::from(
                form.get("limits")
                    .and_then(|limits| limits["operations"].as_u64()),
            ),
        }),
        Kind::Variable => Spec::Variable(VariableSpec {
            name: text("name"),
            scope: match form.text("scope") {
                Some("organization") => VariableScope::Organization,
                _ => VariableScope::Team,
            },
            kind: VariableType::named(None, &text("type")).unwrap(),
            value: form.get("value").cloned().unwrap(),
        }),
        Kind::Agent | Kind::Connection | Kind::Device | Kind::Key | Kind::Schedule => {
            panic!("{kind} is never stored")
        }
    }
}

fn interface(form: &Form) -> Interface {
    let side = |key: &str| {
        let fields = form
            .get("interface")
            .and_then(|interface| interface.get(key));
        let fields = fields.and_then(|fields| fields.as_array().cloned());
        fields.unwrap_or_default()
    };
    Interface {
        input: side("input"),
        output: side("output"),
    }
}

pub(super) fn folder(name: &str) -> Spec {
    Spec::Folder(FolderSpec {
        name: name.into(),
        parent: Field::Absent,
    })
}

pub(super) fn connection(name: &str, kind: &str) -> Spec {
    Spec::Connection(LookedSpec {
        name: name.into(),
        types: vec![kind.into()],
    })
}

pub(super) fn role(email: &str, role: &str) -> Spec {
    Spec::TeamRole(TeamRoleSpec {
        email: email.into(),
        role: role.into(),
    })
}

pub(super) fn webhook(name: &str, kind: &str) -> Spec {
    Spec::Webhook(WebhookSpec {
        name: name.into(),
        kind: kind.into(),
        connection: Field::Absent,
        enabled: Field::Absent,
        headers: Field::Absent,
        method: Field::Absent,
        stringify: Field::Absent,
        ip: Field::Absent,
        ..WebhookSpec::default()
    })
}

pub(super) fn scenario(name: &str) -> ScenarioSpec {
    ScenarioSpec {
        name: name.into(),
        folder: Field::Absent,
        description: Field::Absent,
        active: Field::Absent,
        schedule: Field::Absent,
        blueprint: Field::Absent,
        ..ScenarioSpec::default()
    }
}

/// A scenario with a blueprint that may hold references.
pub(super) fn doing(name: &str, flow: Value) -> ScenarioSpec {
    let document = json!({"name": name, "flow": flow, "metadata": {}});
    ScenarioSpec {
        blueprint: Field::Set(Blueprint::new(&document, true)),
        ..scenario(name)
    }
}

pub(super) fn make(spec: ScenarioSpec) -> Spec {
    Spec::Scenario(Box::new(spec))
}

pub(super) fn every(minutes: u64) -> Field<ScheduleUse> {
    let schedule = json!({"type": "indefinitely", "interval": minutes * 60});
    Field::Set(ScheduleUse::Inline(Schedule::from_make(&schedule)))
}

/// Two folders, a webhook and two scenarios of which one calls the other.
pub(super) fn leads() -> World {
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

pub(super) fn declared_scenario<'w>(world: &'w mut World, address: &str) -> &'w mut ScenarioSpec {
    scenario_in(&mut world.desired.things.get_mut(&at(address)).unwrap().spec)
}

pub(super) fn edit(
    blueprint: &mut Field<Blueprint>,
    references: bool,
    edit: impl FnOnce(&mut Value),
) {
    let mut document = blueprint.as_set().unwrap().document().unwrap();
    edit(&mut document);
    *blueprint = Field::Set(Blueprint::new(&document, references));
}

/// The changes as lines: `path: before -> after (origin)`.
pub(super) fn lines(changes: &[Change]) -> Vec<String> {
    let text = |shown: &Shown| match shown {
        Shown::Value(value) => value.to_string(),
        Shown::Words(_, words) => words.clone(),
        Shown::Sensitive => "(sensitive)".into(),
        Shown::Unknown => "(known after apply)".into(),
    };
    let mut out = Vec::new();
    for change in changes {
        let origin = change
            .origin
            .map_or_else(String::new, |o| format!(" ({})", o.as_str()));
        let path = change.path.join(".");
        match &change.difference {
            Difference::Added(after) => out.push(format!("{path}: + {}{origin}", text(after))),
            Difference::Removed(before) => out.push(format!("{path}: - {}{origin}", text(before))),
            Difference::Changed(before, after) => {
                out.push(format!(
                    "{path}: {} -> {}{origin}",
                    text(before),
                    text(after)
                ));
            }
            Difference::Text { .. } => out.push(format!("{path}: text{origin}")),
            Difference::Part {
                sign,
                note,
                changes,
                ..
            } => {
                out.push(format!(
                    "{path}: {sign:?} [{}] {note}{origin}",
                    change.title
                ));
                out.extend(lines(changes));
            }
            Difference::Moved { from, to, changes } => {
                out.push(format!(
                    "{path}: Move [{}] {from} -> {to}{origin}",
                    change.title
                ));
                out.extend(lines(changes));
            }
            Difference::Group {
                sign,
                note,
                changes,
            } => {
                out.push(format!("{path}: {sign:?} [{}] {note}", change.title));
                out.extend(lines(changes));
            }
        }
    }
    out
}

pub(super) fn update_of(world: &World) -> Vec<String> {
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 1, "{:?}", steps(&plan));
    lines(&plan.steps[0].changes)
}

pub(super) fn plan_id(world: &World, address: &str) -> u64 {
    world.bindings.by_address[&at(address)].id.as_int().unwrap()
}

fn scenario_in(spec: &mut Spec) -> &mut ScenarioSpec {
    let Spec::Scenario(spec) = spec else {
        panic!("{spec:?} is no scenario");
    };
    spec
}
