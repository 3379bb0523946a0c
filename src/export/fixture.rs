//! Small accounts for tests.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::Value;

use crate::model::{
    Account, Blueprint, Directory, Facts, Field, Kind, Live, Reading, RemoteId, Snapshot, Spec,
    reference::Template,
    spec::{
        FolderSpec, Link, LookedSpec, ScenarioSpec, Schedule, ScheduleUse, TeamRoleSpec,
        WebhookSpec,
    },
};

pub(super) fn snapshot(things: impl IntoIterator<Item = Live>) -> Snapshot {
    let mut live: BTreeMap<Kind, BTreeMap<RemoteId, Live>> = BTreeMap::new();
    for thing in things {
        let of_kind = live.entry(thing.spec.kind()).or_default();
        of_kind.insert(thing.id.clone(), thing);
    }
    Snapshot {
        account: Account {
            host: "eu1.make.com".to_owned(),
            dialect: crate::model::Dialect::Zone,
            organization: 7,
            organization_name: "Acme".to_owned(),
            team: 4,
            team_name: "Marketing".to_owned(),
            timezone: None,
            minimum_interval: None,
            licence: crate::model::Licence::default(),
            own_user: None,
        },
        live,
        reading: Kind::ALL
            .into_iter()
            .map(|kind| (kind, Reading::Whole))
            .collect(),
        directory: Directory::default(),
        functions: None,
    }
}

fn live(id: u64, spec: Spec) -> Live {
    Live {
        id: RemoteId::Int(id),
        spec,
        facts: Facts::default(),
    }
}

fn link(id: Option<u64>) -> Field<Link> {
    Field::from(id.map(|id| Link::Id(RemoteId::Int(id))))
}

pub(super) fn folder(id: u64, name: &str, parent: Option<u64>) -> Live {
    let spec = FolderSpec {
        name: name.to_owned(),
        parent: link(parent),
    };
    live(id, Spec::Folder(spec))
}

pub(super) fn connection(id: u64, name: &str, kind: &str) -> Live {
    let spec = LookedSpec {
        name: name.to_owned(),
        types: vec![kind.to_owned()],
    };
    live(id, Spec::Connection(spec))
}

pub(super) fn team_role(id: u64, email: &str, role: &str) -> Live {
    let spec = TeamRoleSpec {
        email: email.to_owned(),
        role: role.to_owned(),
    };
    live(id, Spec::TeamRole(spec))
}

pub(super) fn webhook(id: u64, name: &str, url: &str) -> Live {
    let spec = WebhookSpec {
        name: name.to_owned(),
        kind: "custom".to_owned(),
        connection: Field::Null,
        enabled: Field::Set(true),
        headers: Field::Set(true),
        method: Field::Set(false),
        stringify: Field::Set(false),
        ip: Field::Null,
        data_structure: Field::Null,
        ..WebhookSpec::default()
    };
    let mut live = live(id, Spec::Webhook(spec));
    live.facts.url = Some(SecretString::from(url));
    live
}

pub(super) fn scenario(id: u64, name: &str, folder: Option<u64>, blueprint: &Value) -> Live {
    let every = serde_json::json!({"type": "indefinitely", "interval": 900});
    let spec = ScenarioSpec {
        name: name.to_owned(),
        folder: link(folder),
        description: Field::Set(Template::literal("\n")),
        active: Field::Set(true),
        schedule: Field::Set(ScheduleUse::Inline(Schedule::from_make(&every))),
        blueprint: Field::Set(Blueprint::new(blueprint, false)),
        ..ScenarioSpec::default()
    };
    live(id, Spec::Scenario(Box::new(spec)))
}
