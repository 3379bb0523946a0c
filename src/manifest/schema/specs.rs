//! The schema of each kind's `spec`.

use serde_json::Value;

use super::{
    mapping::Mapping,
    scenario::SCENARIO,
    schedule::{SHARED_SCHEDULE, whole_schedule},
    things::{
        AGENT, CONNECTION, DATA_STORE, DATA_STRUCTURE, DEVICE, FOLDER, KEY, ORGANIZATION_ROLE,
        TEAM, TEAM_ROLE, VARIABLE, WEBHOOK, whole_webhook,
    },
};
use crate::model::Kind;

/// The keys of a kind.
pub(in crate::manifest) fn keys(kind: Kind) -> &'static Mapping {
    match kind {
        Kind::Agent => &AGENT,
        Kind::Connection => &CONNECTION,
        Kind::DataStore => &DATA_STORE,
        Kind::DataStructure => &DATA_STRUCTURE,
        Kind::Device => &DEVICE,
        Kind::Folder => &FOLDER,
        Kind::Key => &KEY,
        Kind::OrganizationRole => &ORGANIZATION_ROLE,
        Kind::Scenario => &SCENARIO,
        Kind::Schedule => &SHARED_SCHEDULE,
        Kind::Team => &TEAM,
        Kind::TeamRole => &TEAM_ROLE,
        Kind::Variable => &VARIABLE,
        Kind::Webhook => &WEBHOOK,
    }
}

/// What stands in the `spec` of a kind.
pub(super) fn spec(kind: Kind) -> Value {
    match kind {
        Kind::Schedule => whole_schedule(&SHARED_SCHEDULE),
        Kind::Webhook => whole_webhook(),
        Kind::Agent
        | Kind::Connection
        | Kind::DataStore
        | Kind::DataStructure
        | Kind::Device
        | Kind::Folder
        | Kind::Key
        | Kind::OrganizationRole
        | Kind::Scenario
        | Kind::Team
        | Kind::TeamRole
        | Kind::Variable => keys(kind).schema(),
    }
}

/// Whether a spec may be empty or left out.
pub(super) fn may_be_absent(kind: Kind) -> bool {
    kind != Kind::Schedule && !keys(kind).has_required()
}
