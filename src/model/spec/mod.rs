//! What a thing of each kind is made of, as wanted and as it is.

mod data_store;
mod data_structure;
mod folder;
mod link;
mod looked;
mod organization_role;
mod scenario;
pub mod schedule;
mod team;
mod team_role;
mod variable;
mod webhook;

pub use data_store::DataStoreSpec;
pub use data_structure::{DataStructureSpec, FIELD_TYPES, normal_fields};
pub use folder::FolderSpec;
pub use link::Link;
pub use looked::LookedSpec;
pub use organization_role::OrganizationRoleSpec;
pub use scenario::{Interface, ScenarioSpec, ScheduleUse, Settings};
pub use schedule::Schedule;
pub use team::TeamSpec;
pub use team_role::TeamRoleSpec;
pub use variable::{VariableScope, VariableSpec, VariableType};
pub use webhook::{Security, WebhookSpec};

use super::{Form, Kind};

/// The spec of one thing.
#[derive(Clone, Debug, PartialEq)]
pub enum Spec {
    /// A reference to an agent.
    Agent(LookedSpec),
    /// A reference to a connection.
    Connection(LookedSpec),
    /// A data store.
    DataStore(DataStoreSpec),
    /// A data structure.
    DataStructure(DataStructureSpec),
    /// A reference to a device.
    Device(LookedSpec),
    /// A folder.
    Folder(FolderSpec),
    /// A reference to a key.
    Key(LookedSpec),
    /// A role in the organization.
    OrganizationRole(OrganizationRoleSpec),
    /// A scenario.
    Scenario(Box<ScenarioSpec>),
    /// A shared schedule.
    Schedule(Schedule),
    /// A team.
    Team(TeamSpec),
    /// A role in the team.
    TeamRole(TeamRoleSpec),
    /// A variable.
    Variable(VariableSpec),
    /// A webhook.
    Webhook(WebhookSpec),
}

impl Spec {
    /// The kind of the thing.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Agent(_) => Kind::Agent,
            Self::Connection(_) => Kind::Connection,
            Self::DataStore(_) => Kind::DataStore,
            Self::DataStructure(_) => Kind::DataStructure,
            Self::Device(_) => Kind::Device,
            Self::Folder(_) => Kind::Folder,
            Self::Key(_) => Kind::Key,
            Self::OrganizationRole(_) => Kind::OrganizationRole,
            Self::Scenario(_) => Kind::Scenario,
            Self::Schedule(_) => Kind::Schedule,
            Self::Team(_) => Kind::Team,
            Self::TeamRole(_) => Kind::TeamRole,
            Self::Variable(_) => Kind::Variable,
            Self::Webhook(_) => Kind::Webhook,
        }
    }

    /// What pairs a desired thing with a live one where no id is known: the name that Make
    /// shows, the e-mail address of a role's holder, case-folded, or scope and name of a
    /// variable. A schedule has none.
    #[must_use]
    pub fn match_key(&self) -> Option<String> {
        match self {
            Self::Agent(spec) | Self::Connection(spec) | Self::Device(spec) | Self::Key(spec) => {
                Some(spec.name.clone())
            }
            Self::DataStore(spec) => Some(spec.name.clone()),
            Self::DataStructure(spec) => Some(spec.name.clone()),
            Self::Folder(spec) => Some(spec.name.clone()),
            Self::OrganizationRole(spec) => Some(spec.email.to_lowercase()),
            Self::Scenario(spec) => Some(spec.name.clone()),
            Self::Schedule(_) => None,
            Self::Team(spec) => Some(spec.name.clone()),
            Self::TeamRole(spec) => Some(spec.email.to_lowercase()),
            Self::Variable(spec) => Some(variable_key(spec.scope.as_str(), &spec.name)),
            Self::Webhook(spec) => Some(spec.name.clone()),
        }
    }

    /// The scenario, if it is one.
    #[must_use]
    pub fn as_scenario(&self) -> Option<&ScenarioSpec> {
        if let Self::Scenario(spec) = self {
            return Some(spec);
        }
        None
    }

    /// The webhook, if it is one.
    #[must_use]
    pub fn as_webhook(&self) -> Option<&WebhookSpec> {
        if let Self::Webhook(spec) = self {
            return Some(spec);
        }
        None
    }

    /// The shared schedule, if it is one.
    #[must_use]
    pub fn as_schedule(&self) -> Option<&Schedule> {
        if let Self::Schedule(spec) = self {
            return Some(spec);
        }
        None
    }

    /// What it is looked up by, where it is looked up.
    #[must_use]
    pub fn as_looked(&self) -> Option<&LookedSpec> {
        if let Self::Agent(spec) | Self::Connection(spec) | Self::Device(spec) | Self::Key(spec) =
            self
        {
            return Some(spec);
        }
        None
    }
}

/// What the object that a form makes will be paired by: [`Spec::match_key`] of what is read.
#[must_use]
pub fn match_key_of(kind: Kind, form: &Form) -> String {
    let text = |field: &str| form.text(field).unwrap_or_default();
    match kind {
        Kind::OrganizationRole | Kind::TeamRole => text("email").to_lowercase(),
        Kind::Variable => variable_key(text("scope"), text("name")),
        Kind::Agent
        | Kind::Connection
        | Kind::DataStore
        | Kind::DataStructure
        | Kind::Device
        | Kind::Folder
        | Kind::Key
        | Kind::Scenario
        | Kind::Schedule
        | Kind::Team
        | Kind::Webhook => text("name").to_owned(),
    }
}

/// A variable among those of the team and of the organization: `team/apiBase`. Also its id.
#[must_use]
pub fn variable_key(scope: &str, name: &str) -> String {
    format!("{scope}/{name}")
}
