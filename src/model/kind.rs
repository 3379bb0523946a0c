//! The kinds of things that manifests describe.

use std::fmt;

/// What a thing is. Matched without a wildcard everywhere, so that the compiler lists what a
/// new kind needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A reference to an agent, looked up in the account and never created.
    Agent,
    /// A reference to a connection, looked up in the account and never created.
    Connection,
    /// A data store. Its records are the user's.
    DataStore,
    /// A data structure: the fields of records and payloads.
    DataStructure,
    /// A reference to a device, looked up in the account and never created.
    Device,
    /// A folder of scenarios.
    Folder,
    /// A reference to a key of the keychain, looked up in the account and never created.
    Key,
    /// A person's role in the organization.
    OrganizationRole,
    /// A scenario.
    Scenario,
    /// A schedule that scenarios share. It has no id in Make and no step of its own.
    Schedule,
    /// A team of the organization.
    Team,
    /// A person's role in the team.
    TeamRole,
    /// A custom variable of the team or of the organization.
    Variable,
    /// A webhook or mailhook.
    Webhook,
}

/// What makeform does with the things of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// Created, changed and deleted.
    Managed,
    /// Looked up in the account only.
    Looked,
    /// Lives in manifests alone.
    Local,
}

impl Kind {
    /// All kinds, in the order of their addresses.
    pub const ALL: [Self; 14] = [
        Self::Agent,
        Self::Connection,
        Self::DataStore,
        Self::DataStructure,
        Self::Device,
        Self::Folder,
        Self::Key,
        Self::OrganizationRole,
        Self::Scenario,
        Self::Schedule,
        Self::Team,
        Self::TeamRole,
        Self::Variable,
        Self::Webhook,
    ];

    /// The kind as manifests name it: `TeamRole`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "Agent",
            Self::Connection => "Connection",
            Self::DataStore => "DataStore",
            Self::DataStructure => "DataStructure",
            Self::Device => "Device",
            Self::Folder => "Folder",
            Self::Key => "Key",
            Self::OrganizationRole => "OrganizationRole",
            Self::Scenario => "Scenario",
            Self::Schedule => "Schedule",
            Self::Team => "Team",
            Self::TeamRole => "TeamRole",
            Self::Variable => "Variable",
            Self::Webhook => "Webhook",
        }
    }

    /// The kind as addresses and references name it: `team-role`.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Connection => "connection",
            Self::DataStore => "data-store",
            Self::DataStructure => "data-structure",
            Self::Device => "device",
            Self::Folder => "folder",
            Self::Key => "key",
            Self::OrganizationRole => "organization-role",
            Self::Scenario => "scenario",
            Self::Schedule => "schedule",
            Self::Team => "team",
            Self::TeamRole => "team-role",
            Self::Variable => "variable",
            Self::Webhook => "webhook",
        }
    }

    /// Whether it is the role of a person.
    #[must_use]
    pub fn is_role(self) -> bool {
        matches!(self, Self::OrganizationRole | Self::TeamRole)
    }

    /// What makeform does with things of this kind.
    #[must_use]
    pub fn handling(self) -> Handling {
        match self {
            Self::DataStore
            | Self::DataStructure
            | Self::Folder
            | Self::OrganizationRole
            | Self::Scenario
            | Self::Team
            | Self::TeamRole
            | Self::Variable
            | Self::Webhook => Handling::Managed,
            Self::Agent | Self::Connection | Self::Device | Self::Key => Handling::Looked,
            Self::Schedule => Handling::Local,
        }
    }

    /// Whether things of this kind belong to the organization, whatever team a target names.
    #[must_use]
    pub fn is_of_organization(self) -> bool {
        match self {
            Self::Agent | Self::OrganizationRole | Self::Team => true,
            // A variable says itself where it belongs.
            Self::Connection
            | Self::DataStore
            | Self::DataStructure
            | Self::Device
            | Self::Folder
            | Self::Key
            | Self::Scenario
            | Self::Schedule
            | Self::TeamRole
            | Self::Variable
            | Self::Webhook => false,
        }
    }

    /// The kind that a manifest's `kind:` names.
    #[must_use]
    pub fn from_manifest(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The kind that an address begins with.
    #[must_use]
    pub fn from_prefix(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.prefix() == text)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
