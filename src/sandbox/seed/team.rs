//! What an invented team has before it has scenarios: people, folders, and things to name.

use std::collections::BTreeSet;

use fastrand::Rng;
use serde_json::{Value, json};

use crate::sandbox::{Batch, Collection, WorldError};

use super::dice::{chance, pick, weighted};
use super::furniture;
use super::reference::{Named, Pool, Sort};
use super::report::SeedReport;
use super::rows::{self, TEAM, moment};
use super::words;

/// The team, as far as its scenarios need it.
#[derive(Debug, Default)]
pub(super) struct Team {
    /// What their modules can name.
    pub(super) pool: Pool,
    /// Who can have made them: `{"id":..,"name":..,"email":..}`.
    pub(super) people: Vec<Value>,
    /// The folders they can be in.
    pub(super) folders: Vec<u64>,
}

impl Team {
    /// Puts everything but scenarios and their hooks into team 1, as much as suits so many
    /// scenarios.
    pub(super) fn furnish(
        batch: &mut Batch<'_>,
        rng: &mut Rng,
        scenarios: usize,
        report: &mut SeedReport,
    ) -> Result<Self, WorldError> {
        let mut team = Self::default();
        report.members = team.members(batch, rng, (scenarios / 40).clamp(2, 40))?;
        team.folders(batch, rng, (scenarios * 6).div_ceil(100))?;
        let hundredths = |rate: usize, least: usize| (scenarios * rate / 100).max(least);
        // Even a small account has one of each type, so that every module finds what it needs.
        let amounts = [
            (Sort::Connection, hundredths(13, CONNECTION_TYPES_ONCE)),
            (Sort::Key, hundredths(4, KEY_TYPES.len())),
            (Sort::DataStructure, hundredths(5, 2)),
            (Sort::DataStore, hundredths(3, 2)),
        ];
        for (sort, amount) in amounts {
            for index in 0..amount {
                team.thing(batch, rng, sort, index)?;
            }
        }
        furniture::furnish(batch, &team.pool, scenarios, report)?;
        report.folders = team.folders.len();
        report.connections = team.pool.connections.len();
        report.keys = team.pool.keys.len();
        report.data_stores = team.pool.data_stores.len();
        report.data_structures = team.pool.data_structures.len();
        Ok(team)
    }

    /// Invites people, and remembers those who were there.
    fn members(
        &mut self,
        batch: &mut Batch<'_>,
        rng: &mut Rng,
        amount: usize,
    ) -> Result<usize, WorldError> {
        let mut invited = 0;
        let mut emails = BTreeSet::new();
        batch.each(Collection::Users, |_, user| {
            emails.extend(user.get("email").and_then(Value::as_str).map(str::to_owned));
            self.people.push(user);
        })?;
        for _ in 0..amount {
            let name = words::person(rng);
            let email = words::email(&name);
            if !emails.insert(email.clone()) {
                continue;
            }
            let user = batch.next_id(Collection::Users)?;
            let row = json!({"id": user, "name": name, "email": email, "language": "en",
                "timezoneId": 113, "localeId": 18, "countryId": 1, "features": {}, "avatar": "",
                "lastLogin": moment(rng, 0, 200)});
            batch.put(Collection::Users, user, &row)?;
            let role = weighted(rng, &[(2, 12), (16, 13), (2, 14)]).unwrap_or(13);
            batch.put(
                Collection::UserOrganizationRoles,
                Collection::pair(user, 1),
                &json!({
                "userId": user, "organizationId": 1, "usersRoleId": role, "invitation": null}),
            )?;
            let role = weighted(rng, &[(2, 1), (10, 3), (4, 4), (4, 6)]).unwrap_or(3);
            batch.put(
                Collection::UserTeamRoles,
                Collection::pair(user, TEAM),
                &json!({
                "usersRoleId": role, "userId": user, "teamId": TEAM, "changeable": true,
                "ssoPending": false}),
            )?;
            self.people.push(row);
            invited += 1;
        }
        for person in &mut self.people {
            if let Some(fields) = person.as_object_mut() {
                fields.retain(|key, _| matches!(key.as_str(), "id" | "name" | "email"));
            }
        }
        Ok(invited)
    }

    /// Folders for clients and subjects, and some within them.
    fn folders(
        &mut self,
        batch: &mut Batch<'_>,
        rng: &mut Rng,
        amount: usize,
    ) -> Result<(), WorldError> {
        let mut named = BTreeSet::new();
        for _ in 0..amount {
            let parent = if chance(rng, 350) {
                rng.choice(&self.folders).copied()
            } else {
                None
            };
            let name = match parent {
                Some(_) => {
                    pick(rng, &["Archive", "Drafts", "Helpers", "Monthly", "Old"]).to_owned()
                }
                None if rng.bool() => words::client(rng).to_owned(),
                None => words::step_name(rng),
            };
            // Two folders of a name are found, but not side by side.
            if !named.insert((parent, name.clone())) {
                continue;
            }
            let id = batch.next_id(Collection::Folders)?;
            batch.put(Collection::Folders, id, &rows::folder(id, &name, parent))?;
            self.folders.push(id);
        }
        Ok(())
    }

    fn thing(
        &mut self,
        batch: &mut Batch<'_>,
        rng: &mut Rng,
        sort: Sort,
        index: usize,
    ) -> Result<(), WorldError> {
        let client = words::client(rng);
        let (collection, shelf, type_name, label) = match sort {
            Sort::Key => {
                let type_name = one_of(rng, KEY_TYPES, index);
                let label = format!("{client} {type_name}");
                (Collection::Keys, &mut self.pool.keys, type_name, label)
            }
            Sort::DataStore => {
                let label = format!("{client}: {}", words::subject(rng));
                (
                    Collection::DataStores,
                    &mut self.pool.data_stores,
                    "",
                    label,
                )
            }
            Sort::DataStructure => {
                let label = format!("{} of {client}", words::subject(rng));
                (
                    Collection::DataStructures,
                    &mut self.pool.data_structures,
                    "",
                    label,
                )
            }
            Sort::Connection | Sort::Hook | Sort::Scenario => {
                let type_name = one_of(rng, CONNECTION_TYPES, index);
                // The editor proposes the first form, and many leave it at that.
                let label = match rng.u8(..8) {
                    0 => format!("My {type_name} connection"),
                    1..5 => {
                        let owner = words::email(&words::person(rng));
                        format!("My {type_name} connection ({owner})")
                    }
                    _ => format!("{client} {type_name}"),
                };
                (
                    Collection::Connections,
                    &mut self.pool.connections,
                    type_name,
                    label,
                )
            }
        };
        let id = batch.next_id(collection)?;
        let named = Named {
            id,
            label,
            type_name: type_name.to_owned(),
        };
        batch.put(collection, id, &rows::thing(sort, &named))?;
        shelf.push(named);
        Ok(())
    }
}

/// How many entries of [`CONNECTION_TYPES`] give each type once.
const CONNECTION_TYPES_ONCE: usize = 12;

/// Types of connections: each once, then those again that people have several of.
#[rustfmt::skip] // a list of words
const CONNECTION_TYPES: &[&str] = &[
    "google", "slack2", "airtable3", "google-restricted", "openai-gpt-3", "smtp", "hubspotcrm",
    "notion2", "telegram", "imap", "app#acme-crm", "ai-provider",
    "google", "google", "google", "slack3", "airtable2", "google-restricted", "openai-gpt-3", "notion3",
];

/// Types of keys, the most frequent one several times.
const KEY_TYPES: &[&str] = &[
    "apikeyauth",
    "basicauth",
    "proxy",
    "apikeyauth",
    "apikeyauth",
];

/// The table in order as far as it goes, then entries of it by chance.
fn one_of(rng: &mut Rng, table: &[&'static str], index: usize) -> &'static str {
    table
        .get(index)
        .copied()
        .unwrap_or_else(|| pick(rng, table))
}
