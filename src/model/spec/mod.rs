//! What a thing of each kind is made of, as wanted and as it is.

mod connection;
mod folder;
mod link;
mod scenario;
pub mod schedule;
mod team_role;
mod webhook;

pub use connection::ConnectionSpec;
pub use folder::FolderSpec;
pub use link::Link;
pub use scenario::{ScenarioSpec, ScheduleUse, Settings};
pub use schedule::Schedule;
pub use team_role::TeamRoleSpec;
pub use webhook::WebhookSpec;

use super::Kind;

/// The spec of one thing.
#[derive(Clone, Debug, PartialEq)]
pub enum Spec {
    /// A reference to a connection.
    Connection(ConnectionSpec),
    /// A folder.
    Folder(FolderSpec),
    /// A scenario.
    Scenario(Box<ScenarioSpec>),
    /// A shared schedule.
    Schedule(Schedule),
    /// A role in the team.
    TeamRole(TeamRoleSpec),
    /// A webhook.
    Webhook(WebhookSpec),
}

impl Spec {
    /// The kind of the thing.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Connection(_) => Kind::Connection,
            Self::Folder(_) => Kind::Folder,
            Self::Scenario(_) => Kind::Scenario,
            Self::Schedule(_) => Kind::Schedule,
            Self::TeamRole(_) => Kind::TeamRole,
            Self::Webhook(_) => Kind::Webhook,
        }
    }

    /// What pairs a desired thing with a live one where no id is known: the name that Make
    /// shows, or the e-mail address of a role's holder, case-folded. A schedule has none.
    #[must_use]
    pub fn match_key(&self) -> Option<String> {
        match self {
            Self::Connection(spec) => Some(spec.name.clone()),
            Self::Folder(spec) => Some(spec.name.clone()),
            Self::Scenario(spec) => Some(spec.name.clone()),
            Self::Schedule(_) => None,
            Self::TeamRole(spec) => Some(spec.email.to_lowercase()),
            Self::Webhook(spec) => Some(spec.name.clone()),
        }
    }
}
