//! The account as a snapshot: everything that planning looks at, in as few requests as Make's
//! API allows: a constant, and one for each blueprint.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream::FuturesUnordered};

use super::{
    LiveError,
    client::{Client, found},
    wire::{
        Node,
        zone::{connection, folder, scenario, team_role, webhook},
    },
};
use crate::model::{
    Account, Blueprint, Directory, Event, Field, Kind, Live, Person, Reading, RemoteId, Role,
    Snapshot, Spec, Tally,
};

/// Which scenarios' blueprints are read.
#[derive(Clone, Debug)]
pub enum Blueprints {
    /// All.
    All,
    /// Those of scenarios whose name or id is here.
    Of {
        /// Names.
        names: BTreeSet<String>,
        /// Ids.
        ids: BTreeSet<RemoteId>,
        /// Blueprints at hand, by digest: what reads equal is not held twice.
        known: BTreeMap<String, Blueprint>,
    },
}

impl Blueprints {
    /// The same blueprint, held once.
    fn shared(&self, read: Blueprint) -> Blueprint {
        match self {
            Self::All => read,
            Self::Of { known, .. } => match known.get(read.digest()) {
                Some(known) if *known == read => known.clone(),
                _ => read,
            },
        }
    }

    fn includes(&self, live: &Live) -> bool {
        match self {
            Self::All => true,
            Self::Of { names, ids, .. } => {
                ids.contains(&live.id)
                    || live
                        .spec
                        .match_key()
                        .is_some_and(|name| names.contains(&name))
            }
        }
    }
}

/// What was read of a kind, and the refusal that kept the rest back.
type Part<T> = (Vec<T>, Option<LiveError>);

impl Client {
    /// Reads the account. What the token may not read is left out, and the kind's reading says
    /// so; a refused token is an error.
    ///
    /// # Errors
    /// When the token is refused, the account can't be reached, or an answer can't be read.
    pub async fn collect(
        &self,
        account: &Account,
        blueprints: &Blueprints,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Snapshot, LiveError> {
        let (directory, connections, folders, scenarios, webhooks) = tokio::join!(
            self.directory(account),
            self.list(account, Kind::Connection),
            self.list(account, Kind::Folder),
            self.list(account, Kind::Scenario),
            self.list(account, Kind::Webhook),
        );
        let (directory, refused) = directory?;
        let roles = match refused {
            None => self.team_roles(account, &directory).await,
            Some(refusal) => Err(refusal),
        };
        let mut parts = BTreeMap::new();
        for (kind, part) in [
            (Kind::Connection, partial(connections)?),
            (Kind::Folder, partial(folders)?),
            (Kind::Scenario, partial(scenarios)?),
            (Kind::TeamRole, partial(roles)?),
            (Kind::Webhook, partial(webhooks)?),
        ] {
            emit(Event::Reading {
                kind,
                tally: Tally { done: 1, total: 1 },
            });
            parts.insert(kind, part);
        }
        if let Some((scenarios, refused)) = parts.get_mut(&Kind::Scenario) {
            self.fill(scenarios, refused, blueprints, emit).await?;
        }
        let mut snapshot = Snapshot {
            account: account.clone(),
            live: BTreeMap::new(),
            reading: BTreeMap::new(),
            directory,
        };
        for (kind, (lives, refused)) in parts {
            let by_id = lives.into_iter().map(|live| (live.id.clone(), live));
            let reading = refused.map_or(Reading::Whole, |refusal| {
                Reading::Partial(refusal.to_string())
            });
            snapshot.live.insert(kind, by_id.collect());
            snapshot.reading.insert(kind, reading);
        }
        if account.own_user.is_none() && snapshot.is_whole(Kind::TeamRole) {
            // The guard of the own role would be blind, and nobody would know.
            let reason = "who the token's user is could not be read".to_owned();
            let reading = Reading::Partial(reason);
            snapshot.reading.insert(Kind::TeamRole, reading);
        }
        Ok(snapshot)
    }

    /// Lists the objects of a kind, without blueprints.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn list(&self, account: &Account, kind: Kind) -> Result<Vec<Live>, LiveError> {
        let team = account.team;
        match kind {
            Kind::Connection => {
                self.rows_as(&connection::list(team), connection::live)
                    .await
            }
            Kind::Folder => {
                let trees = self.rows_as(&folder::list(team), folder::lives).await?;
                Ok(trees.into_iter().flatten().collect())
            }
            Kind::Scenario => self.rows_as(&scenario::list(team), scenario::live).await,
            Kind::Schedule => Ok(Vec::new()),
            Kind::TeamRole => match self.directory(account).await? {
                (directory, None) => self.team_roles(account, &directory).await,
                (_, Some(refusal)) => Err(refusal),
            },
            Kind::Webhook => self.rows_as(&webhook::list(team), webhook::live).await,
        }
    }

    /// Reads one object whole, a scenario with its blueprint; none if it is gone.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn read(
        &self,
        account: &Account,
        kind: Kind,
        id: &RemoteId,
    ) -> Result<Option<Live>, LiveError> {
        match kind {
            Kind::Connection => {
                let request = connection::get(id);
                let read = self.fetch_as(&request, |answer| {
                    connection::live(&Node::at(answer, "").get("connection")?)
                });
                found(read.await)
            }
            Kind::Scenario => {
                let request = scenario::get(id);
                let read = self.fetch_as(&request, |answer| {
                    scenario::live(&Node::at(answer, "").get("scenario")?)
                });
                let Some(mut live) = found(read.await)? else {
                    return Ok(None);
                };
                let Some(blueprint) = self.blueprint(id).await? else {
                    return Ok(None);
                };
                give(&mut live, blueprint);
                Ok(Some(live))
            }
            Kind::Webhook => {
                let request = webhook::get(id);
                let read = self.fetch_as(&request, |answer| {
                    webhook::live(&Node::at(answer, "").get("hook")?)
                });
                found(read.await)
            }
            // These have no request for a single one that tells all that the list does.
            Kind::Folder | Kind::Schedule | Kind::TeamRole => {
                let all = self.list(account, kind).await?;
                Ok(all.into_iter().find(|live| live.id == *id))
            }
        }
    }

    /// Reads a scenario's blueprint; none if the scenario is gone. That the blueprint is not
    /// found does not say so: only the scenario itself can.
    async fn blueprint(&self, id: &RemoteId) -> Result<Option<Blueprint>, LiveError> {
        let request = scenario::blueprint(id);
        match self.fetch_as(&request, scenario::read_blueprint).await {
            Err(missing) if missing.status() == Some(404) => {
                let request = scenario::get(id);
                let read = self.fetch_as(&request, |answer| {
                    Node::at(answer, "").get("scenario").map(drop)
                });
                match found(read.await)? {
                    Some(()) => Err(missing),
                    None => Ok(None),
                }
            }
            read => read.map(Some),
        }
    }

    /// Reads the blueprints of scenarios. A scenario that is gone by now is taken out; one whose
    /// blueprint is refused stays without it.
    async fn fill(
        &self,
        scenarios: &mut Vec<Live>,
        refused: &mut Option<LiveError>,
        blueprints: &Blueprints,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Result<(), LiveError> {
        let wanted: Vec<RemoteId> = scenarios
            .iter()
            .filter(|live| blueprints.includes(live))
            .map(|live| live.id.clone())
            .collect();
        let total = wanted.len();
        let mut read = BTreeMap::new();
        let mut gone = BTreeSet::new();
        let mut asked = wanted.into_iter().map(|id| async move {
            let blueprint = self.blueprint(&id).await;
            (id, blueprint)
        });
        let mut answers = FuturesUnordered::new();
        let mut done = 0;
        self.pace().begin();
        loop {
            let room = self.pace().in_flight().saturating_sub(answers.len());
            answers.extend(asked.by_ref().take(room));
            let Some((id, blueprint)) = answers.next().await else {
                break;
            };
            match blueprint {
                Ok(Some(blueprint)) => drop(read.insert(id, blueprints.shared(blueprint))),
                Ok(None) => drop(gone.insert(id)),
                Err(error) => *refused = Some(bearable(error)?),
            }
            done += 1;
            emit(Event::Reading {
                kind: Kind::Scenario,
                tally: Tally { done, total },
            });
        }
        drop(answers);
        scenarios.retain(|live| !gone.contains(&live.id));
        for live in scenarios {
            if let Some(blueprint) = read.remove(&live.id) {
                give(live, blueprint);
            }
        }
        Ok(())
    }

    /// The people of the organization and of the team, and the roles that teams give; with the
    /// refusal where the roles, or both lists of people, could not be read.
    async fn directory(
        &self,
        account: &Account,
    ) -> Result<(Directory, Option<LiveError>), LiveError> {
        let (members, team, roles) = tokio::join!(
            self.members("organizationId", account.organization),
            self.members("teamId", account.team),
            self.roles(),
        );
        let (members, of_organization) = partial(members)?;
        let (team, of_team) = partial(team)?;
        let (team_roles, of_roles) = partial(roles)?;
        let people: BTreeMap<u64, Person> = members
            .into_iter()
            .chain(team)
            .map(|person| (person.id, person))
            .collect();
        // Either list will do: a token may be bound to the team alone.
        let no_people = of_organization.and(of_team);
        let directory = Directory {
            people: people.into_values().collect(),
            team_roles,
        };
        Ok((directory, of_roles.or(no_people)))
    }

    async fn members(&self, of: &str, id: u64) -> Result<Vec<Person>, LiveError> {
        let list = team_role::people(of, id);
        let rows = self.rows_as(&list, team_role::person).await?;
        Ok(rows.into_iter().flatten().collect())
    }

    async fn roles(&self) -> Result<Vec<Role>, LiveError> {
        let list = team_role::roles();
        let rows = self.rows_as(&list, team_role::role).await?;
        Ok(rows.into_iter().flatten().collect())
    }

    async fn team_roles(
        &self,
        account: &Account,
        directory: &Directory,
    ) -> Result<Vec<Live>, LiveError> {
        let list = team_role::list(account.team);
        let rows = self.rows_as(&list, |row| team_role::live(row, directory));
        Ok(rows.await?.into_iter().flatten().collect())
    }
}

fn give(live: &mut Live, blueprint: Blueprint) {
    if let Spec::Scenario(spec) = &mut live.spec {
        spec.blueprint = Field::Set(blueprint);
    }
}

/// Turns what was refused into nothing, and keeps the refusal.
fn partial<T>(read: Result<Vec<T>, LiveError>) -> Result<Part<T>, LiveError> {
    match read {
        Ok(rows) => Ok((rows, None)),
        Err(error) => Ok((Vec::new(), Some(bearable(error)?))),
    }
}

/// A failure despite which the rest can go on: Make said no, and not because of the token, or
/// a list has no end.
fn bearable(error: LiveError) -> Result<LiveError, LiveError> {
    match error.status() {
        Some(401) => Err(error),
        Some(_) => Ok(error),
        None if matches!(error, LiveError::Unending { .. }) => Ok(error),
        None => Err(error),
    }
}
