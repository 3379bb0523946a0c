//! What stands on what across things: calls, webhooks, data stores, connections.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::{
        Address, Desired, Field, Kind, RemoteId, Spec, Trail, each_text,
        reference::{Reference, Template},
        spec::{Link, ScheduleUse},
    },
    plan::ties::Ties,
};

/// Things, and which of them uses which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relations {
    /// The things, each once.
    pub things: Vec<Thing>,
    /// Who uses what.
    pub uses: Vec<Use>,
}

/// A thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// What kind of thing it is.
    pub kind: Kind,
    /// Its address; that of an object no manifest declares is its kind and id.
    pub address: String,
    /// What Make shows, where that says more.
    pub name: Option<String>,
}

/// That one thing uses another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Who uses: an index of [`Relations::things`].
    pub from: usize,
    /// What it uses.
    pub to: usize,
    /// How: `calls`, `starts`, `reads and writes`.
    pub how: &'static str,
}

/// A thing by its address, or an object by its id.
type Name = Result<Address, (Kind, RemoteId)>;

/// What uses what, as the manifests say it. Folders and teams, which only hold things, are left
/// out, and so are things that nothing uses and that use nothing, but for scenarios.
#[must_use]
pub fn relations(desired: &Desired) -> Relations {
    let mut links: BTreeSet<(Name, Name)> = BTreeSet::new();
    for (address, declared) in &desired.things {
        for used in uses(&declared.spec) {
            let used = used.or_else(|object| pinned(desired, object));
            let is_own = used.as_ref().is_ok_and(|used| used == address);
            if !is_own || address.kind == Kind::Scenario {
                links.insert((Ok(address.clone()), used));
            }
        }
    }
    let scenarios = desired.things.keys();
    let scenarios = scenarios.filter(|address| address.kind == Kind::Scenario);
    let mut names: BTreeSet<Name> = scenarios.cloned().map(Ok).collect();
    for (from, to) in &links {
        names.extend([from.clone(), to.clone()]);
    }
    let at: BTreeMap<&Name, usize> = names.iter().zip(0..).collect();
    let uses = links.iter().filter_map(|(from, to)| {
        let (from_at, to_at) = (*at.get(from)?, *at.get(to)?);
        let (from_kind, to_kind) = (kind_of(from), kind_of(to));
        // A webhook starts its scenario: the line goes the way of the data.
        Some(match (from_kind, to_kind) {
            (Kind::Scenario, Kind::Webhook) => Use {
                from: to_at,
                to: from_at,
                how: "starts",
            },
            _ => Use {
                from: from_at,
                to: to_at,
                how: how(from_kind, to_kind),
            },
        })
    });
    let mut uses: Vec<Use> = uses.collect();
    uses.sort_by_key(|link| (link.from, link.to));
    uses.dedup();
    Relations {
        uses,
        things: names.iter().map(|name| thing(name, desired)).collect(),
    }
}

/// The address that makeform.ids.yaml gives an object, where it does.
fn pinned(desired: &Desired, (kind, id): (Kind, RemoteId)) -> Name {
    let mut pins = desired.pins.iter();
    let pin = pins.find(|(address, pin)| address.kind == kind && pin.id == id);
    pin.map(|(address, _)| address.clone()).ok_or((kind, id))
}

fn kind_of(name: &Name) -> Kind {
    match name {
        Ok(address) => address.kind,
        Err((kind, _)) => *kind,
    }
}

fn how(from: Kind, to: Kind) -> &'static str {
    match to {
        Kind::Scenario if from == Kind::Webhook => "starts",
        Kind::Scenario => "calls",
        Kind::Schedule => "runs by",
        Kind::Agent
        | Kind::Connection
        | Kind::DataStore
        | Kind::DataStructure
        | Kind::Device
        | Kind::Folder
        | Kind::Key
        | Kind::OrganizationRole
        | Kind::Team
        | Kind::TeamRole
        | Kind::Variable
        | Kind::Webhook => "uses",
    }
}

fn thing(name: &Name, desired: &Desired) -> Thing {
    match name {
        Ok(address) => Thing {
            kind: address.kind,
            address: address.to_string(),
            name: desired
                .things
                .get(address)
                .and_then(|declared| declared.spec.match_key()),
        },
        Err((kind, id)) => Thing {
            kind: *kind,
            address: format!("{} {id}", kind.prefix()),
            name: None,
        },
    }
}

/// What a thing names.
fn uses(spec: &Spec) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    let mut link = |kind: Kind, link: &Field<Link>| match link.as_set() {
        Some(Link::Thing(address)) => {
            found.insert(Ok(address.clone()));
        }
        Some(Link::Id(id)) => {
            found.insert(Err((kind, id.clone())));
        }
        None => {}
    };
    match spec {
        Spec::Webhook(spec) => {
            link(Kind::Connection, &spec.connection);
            link(Kind::DataStructure, &spec.data_structure);
            link(Kind::Scenario, &spec.scenario);
        }
        Spec::DataStore(spec) => link(Kind::DataStructure, &spec.data_structure),
        Spec::Scenario(spec) => {
            if let Some(ScheduleUse::Shared(address)) = spec.schedule.as_set() {
                found.insert(Ok(address.clone()));
            }
            let blueprint = spec.blueprint.as_set();
            let document = blueprint.and_then(|blueprint| blueprint.document().ok());
            if let (Some(blueprint), Some(document)) = (blueprint, document) {
                let ties = Ties::of(&document, blueprint.has_references());
                found.extend(ties.named.into_keys().map(Ok));
                found.extend(ties.ids.into_keys().map(Err));
                if blueprint.has_references() {
                    each_text(&document, &Trail::from(&[]), &mut |text, _| {
                        found.extend(named(text).map(Ok));
                    });
                }
            }
        }
        Spec::Agent(_)
        | Spec::Connection(_)
        | Spec::DataStructure(_)
        | Spec::Device(_)
        | Spec::Folder(_)
        | Spec::Key(_)
        | Spec::OrganizationRole(_)
        | Spec::Schedule(_)
        | Spec::Team(_)
        | Spec::TeamRole(_)
        | Spec::Variable(_) => {}
    }
    found
}

/// The things that a text names.
fn named(text: &str) -> impl Iterator<Item = Address> {
    let template = match text.contains("${") {
        true => Template::parse(text),
        false => Template::default(),
    };
    let references: Vec<Reference> = template.references().cloned().collect();
    references
        .into_iter()
        .filter_map(|reference| match reference {
            Reference::Thing { address, .. } => Some(address),
            Reference::Var(_) | Reference::Env(_) | Reference::Target(_) => None,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::relations;
    use crate::{
        model::{Blueprint, Field, Kind, Pin, Place, RemoteId, Source},
        plan::testing::{World, at, connection, doing, make, webhook},
    };

    #[test]
    fn who_calls_starts_and_uses_whom_is_found() {
        let mut world = World::new();
        world.declare("connection.crm", connection("CRM", "hubspot"));
        world.declare("webhook.leads", webhook("leads", "custom"));
        let mut parent = doing("Parent", json!([]));
        parent.blueprint = Field::Set(Blueprint::new(
            &json!({"makeform": 1, "name": "Parent", "flow": [
                {"id": 1, "module": "gateway:CustomWebHook", "parameters": {"hook": "${webhook.leads}"}},
                {"id": 2, "module": "scenario-service:CallSubscenario", "parameters": {"scenario": "${scenario.child}"}},
                {"id": 3, "module": "hubspot:x", "parameters": {"__IMTCONN__": "${connection.crm}"}},
                {"id": 4, "module": "datastore:AddRecord", "parameters": {"datastore": 77}},
            ], "metadata": {}}),
            true,
        ));
        world.declare("scenario.parent", make(parent));
        world.declare("scenario.child", make(doing("Child", json!([]))));
        let relations = relations(&world.desired);
        let name = |at: usize| relations.things[at].address.as_str();
        let uses = relations.uses.iter();
        let mut told: Vec<String> = uses
            .map(|link| format!("{} {} {}", name(link.from), link.how, name(link.to)))
            .collect();
        told.sort();
        assert_eq!(
            told,
            [
                "scenario.parent calls scenario.child",
                "scenario.parent uses connection.crm",
                "scenario.parent uses data-store 77",
                "webhook.leads starts scenario.parent",
            ]
        );
        assert_eq!(relations.things.len(), 5);

        let source = Source {
            name: "makeform.ids.yaml".into(),
            text: String::new(),
        };
        let pin = Pin {
            id: RemoteId::Int(77),
            place: Place::new(&source.into(), 0..0),
        };
        world.desired.pins.insert(at("data-store.orders"), pin);
        let relations = super::relations(&world.desired);
        let things = relations.things.iter();
        let stores: Vec<&str> = things
            .filter(|thing| thing.kind == Kind::DataStore)
            .map(|thing| thing.address.as_str())
            .collect();
        assert_eq!(stores, ["data-store.orders"]);
    }
}
