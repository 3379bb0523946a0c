//! What was read from the account.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{Dialect, Kind, RemoteId, Spec};

/// An account and team, as read at one time, and how completely.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Whose it is.
    pub account: Account,
    /// The things, by kind and id.
    pub live: BTreeMap<Kind, BTreeMap<RemoteId, Live>>,
    /// How completely each kind was read. A kind that is not here was not read at all.
    pub reading: BTreeMap<Kind, Reading>,
    /// Who is in the organization, and which roles there are.
    pub directory: Directory,
    /// The names of the team's custom functions; none where they were not read.
    pub functions: Option<BTreeSet<String>>,
}

impl Snapshot {
    /// The live things of a kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Live> {
        self.live.get(&kind).into_iter().flat_map(BTreeMap::values)
    }

    /// One live thing.
    #[must_use]
    pub fn get(&self, kind: Kind, id: &RemoteId) -> Option<&Live> {
        self.live.get(&kind)?.get(id)
    }

    /// Whether a kind was read to its end.
    #[must_use]
    pub fn is_whole(&self, kind: Kind) -> bool {
        self.reading.get(&kind) == Some(&Reading::Whole)
    }
}

/// The account and team that a target names, with what planning needs to know of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The API's host, or the sandbox's name.
    pub host: String,
    /// The form of the API that is spoken there.
    pub dialect: Dialect,
    /// The organization's id.
    pub organization: u64,
    /// The organization's name.
    pub organization_name: String,
    /// The team's id.
    pub team: u64,
    /// The team's name.
    pub team_name: String,
    /// The organization's time zone as an IANA name, where it could be read: all times of
    /// schedules are in it.
    pub timezone: Option<String>,
    /// The shortest interval that the plan allows, in minutes (`license.interval`).
    pub minimum_interval: Option<u64>,
    /// What the plan includes beside that.
    pub licence: Licence,
    /// The id of the user whose token this is.
    pub own_user: Option<u64>,
}

impl Account {
    /// The team; the organization, in a dialect that has no teams: `team Marketing`.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self.dialect {
            Dialect::Zone => format!("team {}", self.team_name),
            Dialect::Unified => format!("organization {}", self.organization_name),
        }
    }
}

/// What the organization's plan includes; none where the account does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Licence {
    /// Variables of one's own (`customVariables`).
    pub custom_variables: Option<bool>,
    /// Custom properties of scenarios (`customProperties`).
    pub custom_properties: Option<bool>,
    /// Inputs and outputs of scenarios (`scenarioIO`).
    pub scenario_io: Option<bool>,
    /// The operations of a month (`operations`).
    pub operations: Option<u64>,
    /// The requests of a minute (`apiLimit`).
    pub requests: Option<u32>,
}

/// How completely a kind was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// To the end.
    Whole,
    /// In part, or not at all.
    Partial(Unread),
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// What was asked, and what the account said.
    pub why: String,
    /// What is usually behind it, and what to do, where that is known: which scope is lacking.
    pub usually: Option<String>,
}

impl From<&str> for Unread {
    fn from(why: &str) -> Self {
        Self {
            why: why.to_owned(),
            usually: None,
        }
    }
}

/// One object of the account.
#[derive(Clone)]
pub struct Live {
    /// Its id.
    pub id: RemoteId,
    /// What it is. A scenario whose blueprint was not asked for has none.
    pub spec: Spec,
    /// What else the account says of it.
    pub facts: Facts,
}

/// Who edited an object last and when; never neither.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edited {
    /// By name, where the API tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When, where the API tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl Facts {
    /// Who edited the object last and when, where the API tells.
    #[must_use]
    pub fn edited(&self) -> Option<Edited> {
        let (by, at) = (self.edited_by.clone(), self.edited_at);
        (by.is_some() || at.is_some()).then_some(Edited { by, at })
    }
}

impl fmt::Debug for Live {
    /// Without what it is: any value may be one that a variable was filled in for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("kind", &self.spec.kind())
            .field("id", &self.id)
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}

/// What an account says of an object beside its spec. No part of it is managed.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// When it was last edited, where the API tells.
    pub edited_at: Option<Timestamp>,
    /// Who edited it last, where the API tells.
    pub edited_by: Option<String>,
    /// The same by id.
    pub editor: Option<u64>,
    /// Which state of a scenario its row showed; none where no later edit could be told from it,
    /// or where the blueprint that was read with it is of another edit.
    pub revision: Option<Revision>,
    /// A scenario that Make can't run because of errors.
    pub invalid: bool,
    /// A scenario that is paused over trouble with the subscription.
    pub paused: bool,
    /// Incomplete executions of a scenario, where the account says.
    pub incomplete: Option<u64>,
    /// Items that wait in a webhook's queue, where the account says.
    pub queued: Option<u64>,
    /// Records of a data store, where the account says.
    pub records: Option<u64>,
    /// Scenarios of a team that are switched on, where the account says.
    pub active_scenarios: Option<u64>,
    /// The role of somebody who was invited and is in no list: it is as the ledger has it.
    pub unlisted: bool,
    /// The scenario of a webhook, or the webhook of a scenario.
    pub attached: Option<RemoteId>,
    /// The URL of a webhook or the address of a mailhook: whoever knows it can call it.
    pub url: Option<SecretString>,
}

/// One state of a scenario, by what its row shows. Two that are equal are the same state: saving a
/// blueprint moves the time or the version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Revision {
    /// When it was last edited (`lastEdit`).
    pub edited_at: Timestamp,
    /// `scenarioVersion`.
    pub version: u64,
    /// The digest of the row, but for what runs change.
    pub row: String,
}

/// The people and roles of an organization.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// The organization's members.
    pub people: Vec<Person>,
    /// The roles that a team can give.
    pub team_roles: Vec<Role>,
    /// The roles that an organization can give, the owner's among them.
    pub organization_roles: Vec<Role>,
    /// Who has which role in the organization, those who are only invited too.
    pub memberships: Vec<Membership>,
    /// Why only the people of the team are among the people; none if all members are.
    pub team_only: Option<Unread>,
}

/// That somebody has a role in the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The user's id.
    pub user: u64,
    /// The role's id; none where it was taken away.
    pub role: Option<u64>,
    /// Whether it waits for the user.
    pub invitation: Invitation,
}

/// The state of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invitation {
    /// There is none: the user is a member.
    None,
    /// It is open, which counts as being there.
    Pending,
    /// It was not taken in time.
    Expired,
}

/// A member of the organization, or somebody who is invited to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The user's id.
    pub id: u64,
    /// The user's name.
    pub name: String,
    /// The user's e-mail address.
    pub email: String,
}

/// A role that can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its id, which may differ between zones.
    pub id: u64,
    /// Its name: `Team Member`.
    pub name: String,
    /// Its identifier, where it has one: `company:team-member`.
    pub identifier: Option<String>,
    /// What it allows, in Make's words, where the account says: `scenario edit`.
    pub permissions: Option<BTreeSet<String>>,
}
