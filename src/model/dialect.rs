//! The form of the API that a target speaks.

use std::fmt;

use super::Kind;

/// Which form of Make's API an account is reached by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// The documented API of Make's zones (`eu1.make.com` and its sisters).
    #[default]
    Zone,
    /// The form of `api.make.com`, as integration guides describe it.
    Unified,
}

impl Dialect {
    /// The dialect as `makeform.yaml` names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Unified => "unified",
        }
    }

    /// The dialect as people are told of it.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Zone => "the zone dialect",
            Self::Unified => "the unified dialect (api.make.com)",
        }
    }

    /// The dialect that `dialect:` names.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Zone, Self::Unified]
            .into_iter()
            .find(|dialect| dialect.as_str() == name)
    }

    /// Whether it has things of a kind. What is local to the project needs no API.
    #[must_use]
    pub fn has(self, kind: Kind) -> bool {
        match kind {
            Kind::OrganizationRole
            | Kind::Scenario
            | Kind::Schedule
            | Kind::TeamRole
            | Kind::Webhook => true,
            Kind::Agent
            | Kind::Connection
            | Kind::DataStore
            | Kind::DataStructure
            | Kind::Device
            | Kind::Folder
            | Kind::Key
            | Kind::Team
            | Kind::Variable => self == Self::Zone,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
