//! The kinds of things that manifests describe.

use std::fmt;

/// What a thing is. Matched without a wildcard everywhere, so that the compiler lists what a
/// new kind needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A reference to a connection, looked up in the account and never created.
    Connection,
    /// A folder of scenarios.
    Folder,
    /// A scenario.
    Scenario,
    /// A schedule that scenarios share. It has no id in Make and no step of its own.
    Schedule,
    /// A person's role in the team.
    TeamRole,
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
    pub const ALL: [Self; 6] = [
        Self::Connection,
        Self::Folder,
        Self::Scenario,
        Self::Schedule,
        Self::TeamRole,
        Self::Webhook,
    ];

    /// The kind as manifests name it: `TeamRole`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connection => "Connection",
            Self::Folder => "Folder",
            Self::Scenario => "Scenario",
            Self::Schedule => "Schedule",
            Self::TeamRole => "TeamRole",
            Self::Webhook => "Webhook",
        }
    }

    /// The kind as addresses and references name it: `team-role`.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Folder => "folder",
            Self::Scenario => "scenario",
            Self::Schedule => "schedule",
            Self::TeamRole => "team-role",
            Self::Webhook => "webhook",
        }
    }

    /// What makeform does with things of this kind.
    #[must_use]
    pub fn handling(self) -> Handling {
        match self {
            Self::Folder | Self::Scenario | Self::TeamRole | Self::Webhook => Handling::Managed,
            Self::Connection => Handling::Looked,
            Self::Schedule => Handling::Local,
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
