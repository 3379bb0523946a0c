//! The account as a snapshot: everything that planning looks at, in as few requests as Make's
//! API allows: a constant, and one for each blueprint.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use futures_util::future::try_join_all;
use serde_json::Value;

use super::{
    LiveError,
    answer::found,
    cache::settled,
    client::Client,
    directory::Looked,
    fill::give,
    page::{self, List},
    transport::Request,
    wanted::Wanted,
    wire::{
        Node, Wrong,
        zone::{data_store, data_structure, folder, looked, scenario, team, variable, webhook},
    },
};
use crate::model::{
    Account, Dialect, Event, Field, Invitation, Kind, Live, Membership, Person, Reading, RemoteId,
    Snapshot, Spec, Tally, Unread,
    spec::{OrganizationRoleSpec, TeamRoleSpec, VariableScope},
};

/// What was read of a kind, and the refusal that kept the rest back.
pub(super) type Part<T> = (Vec<T>, Option<LiveError>);

impl Client {
    /// Reads the account. What the token may not read is left out, and the kind's reading says
    /// so; a refused token is an error.
    ///
    /// # Errors
    /// When the token is refused, the account can't be reached, or an answer can't be read.
    pub async fn collect(
        &self,
        account: &Account,
        wanted: &Wanted,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Snapshot, LiveError> {
        let mut kinds = wanted.read_kinds();
        if account.dialect == Dialect::Unified {
            kinds.retain(|kind| account.dialect.has(*kind));
        }
        let (roles, mut others): (BTreeSet<Kind>, BTreeSet<Kind>) =
            kinds.into_iter().partition(|kind| {
                // Members of the unified dialect need no directory.
                kind.is_role() && account.dialect == Dialect::Zone
            });
        let reads_scenarios = others.remove(&Kind::Scenario);
        let lists = others.into_iter().map(async |kind| {
            let part = partial(self.list(account, kind).await)?;
            Ok::<_, LiveError>((kind, part))
        });
        // Blueprints take by far the longest, and wait for nothing but the list of scenarios.
        let scenarios = async {
            match reads_scenarios {
                true => self.whole_scenarios(account, wanted, emit).await.map(Some),
                false => Ok(None),
            }
        };
        let (looked, functions, lists, scenarios) = tokio::try_join!(
            self.directory_for(account, &roles),
            self.functions(account, wanted),
            try_join_all(lists),
            scenarios,
        )?;
        let Looked {
            directory, refused, ..
        } = looked;
        let mut parts: BTreeMap<Kind, Part<Live>> = lists.into_iter().collect();
        let mut unread = BTreeSet::new();
        for kind in roles {
            match &refused {
                None => {
                    let roles = self.roles_of(account, kind, &directory).await;
                    parts.insert(kind, partial(roles)?);
                }
                Some(_) => drop(unread.insert(kind)),
            }
        }
        for kind in parts.keys() {
            emit(listed(*kind));
        }
        parts.extend(scenarios.map(|scenarios| (Kind::Scenario, scenarios)));
        let mut snapshot = Snapshot {
            account: account.clone(),
            live: BTreeMap::new(),
            reading: BTreeMap::new(),
            directory,
            functions,
        };
        for (kind, (lives, refused)) in parts {
            let by_id = lives.into_iter().map(|live| (live.id.clone(), live));
            let reading = refused.map_or(Reading::Whole, |refusal| {
                Reading::Partial(unread_by(&refusal))
            });
            snapshot.live.insert(kind, by_id.collect());
            snapshot.reading.insert(kind, reading);
        }
        if let Some(why) = &snapshot.directory.team_only
            && let Some(reading) = snapshot.reading.get_mut(&Kind::OrganizationRole)
        {
            // Who is a member already can't be told: nobody may be invited twice.
            *reading = Reading::Partial(why.clone());
        }
        add_unlisted(&mut snapshot, &wanted.unlisted);
        for kind in unread {
            let why = refused.as_ref().map_or_else(|| "".into(), unread_by);
            let reading = Reading::Partial(why);
            snapshot.reading.insert(kind, reading);
        }
        // The other dialect never tells who the token's user is.
        if account.own_user.is_none() && account.dialect == Dialect::Zone {
            for kind in Kind::ALL.into_iter().filter(|kind| kind.is_role()) {
                if snapshot.is_whole(kind) {
                    // The guard of the own role would be blind, and nobody would know.
                    let reason = "GET /users/me did not tell who the token's user is".into();
                    snapshot.reading.insert(kind, Reading::Partial(reason));
                }
            }
        }
        Ok(snapshot)
    }

    /// The names of the team's custom functions, if they are asked for and may be read.
    async fn functions(
        &self,
        account: &Account,
        wanted: &Wanted,
    ) -> Result<Option<BTreeSet<String>>, LiveError> {
        if !wanted.functions || account.dialect == Dialect::Unified {
            return Ok(None);
        }
        let list = looked::functions(account);
        let read = self.rows_as(&list, looked::function).await;
        match partial(read)? {
            (names, None) => Ok(Some(names.into_iter().collect())),
            (_, Some(_)) => Ok(None),
        }
    }

    /// The directory, if any kind needs it.
    async fn directory_for(
        &self,
        account: &Account,
        roles: &BTreeSet<Kind>,
    ) -> Result<Looked, LiveError> {
        if roles.is_empty() {
            return Ok(Looked::default());
        }
        let memberships = roles.contains(&Kind::OrganizationRole);
        self.directory(account, memberships).await
    }

    /// Lists the objects of a kind, without blueprints.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn list(&self, account: &Account, kind: Kind) -> Result<Vec<Live>, LiveError> {
        if account.dialect == Dialect::Unified {
            return self.list_unified(account, kind).await;
        }
        let team = account.team;
        match kind {
            Kind::Agent => {
                let read = self.rows_as(&looked::agents(account), looked::agent).await;
                // Few plans have any, and the others have no such list: nothing hangs on it.
                match read {
                    Err(error) if matches!(error.status(), Some(402..=404)) => Ok(Vec::new()),
                    read => read,
                }
            }
            Kind::Connection => {
                let list = looked::connections(account);
                self.rows_as(&list, looked::connection).await
            }
            Kind::DataStore => {
                self.rows_as(&data_store::list(team), data_store::live)
                    .await
            }
            Kind::DataStructure => {
                let list = data_structure::list(team);
                self.rows_as(&list, data_structure::live).await
            }
            Kind::Device => {
                self.rows_as(&looked::devices(account), looked::device)
                    .await
            }
            Kind::Folder => {
                let trees = self.rows_as(&folder::list(team), folder::lives).await?;
                Ok(trees.into_iter().flatten().collect())
            }
            Kind::Key => self.rows_as(&looked::keys(account), looked::key).await,
            Kind::Scenario => self.scenarios(&scenario::list(team, false)).await,
            Kind::Schedule => Ok(Vec::new()),
            Kind::Team => {
                let list = team::list(account.organization);
                self.rows_as(&list, team::live).await
            }
            Kind::OrganizationRole | Kind::TeamRole => {
                let of_all = kind == Kind::OrganizationRole;
                let read = self.directory(account, of_all).await?;
                // Whom the team's list leaves out would have no address.
                let team_only = read.team_only.filter(|_| of_all);
                match read.refused.or(team_only) {
                    None => self.roles_of(account, kind, &read.directory).await,
                    Some(refusal) => Err(refusal),
                }
            }
            Kind::Variable => {
                let mut all = Vec::new();
                for scope in VariableScope::ALL {
                    let request = variable::list(account, scope);
                    let read = |answer: &Value| variable::lives(answer, scope);
                    let lives = self.fetch_as(&request, read).await?;
                    all.extend(lives);
                }
                Ok(all)
            }
            Kind::Webhook => self.rows_as(&webhook::list(team), webhook::live).await,
        }
    }

    /// Lists scenarios, each with the revision that its row shows.
    pub(super) async fn scenarios(&self, list: &List) -> Result<Vec<Live>, LiveError> {
        let (rows, read_at) = page::dated_rows(self, list).await?;
        let mut lives = Self::read_rows(list, &rows, scenario::listed)?;
        // Where no clock is told, it is at least as late as the latest edit.
        let latest = || lives.iter().filter_map(|live| live.facts.edited_at).max();
        let read_at = read_at.or_else(latest);
        for live in &mut lives {
            let revision = live.facts.revision.take();
            live.facts.revision = revision.and_then(|revision| settled(revision, read_at));
        }
        Ok(lives)
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
        if account.dialect == Dialect::Unified {
            return self.read_unified(account, kind, id).await;
        }
        match kind {
            Kind::DataStore => {
                self.one(&data_store::get(id), "dataStore", data_store::live)
                    .await
            }
            Kind::DataStructure => {
                let request = data_structure::get(id);
                self.one(&request, "dataStructure", data_structure::live)
                    .await
            }
            Kind::Scenario => {
                let request = scenario::get(id);
                let read = self.one(&request, "scenario", scenario::live);
                let Some(mut live) = read.await? else {
                    return Ok(None);
                };
                let Some(content) = self.content(id).await? else {
                    return Ok(None);
                };
                // Somebody may have edited it between the two.
                let at = content.edited_at;
                live.facts.revision = live.facts.revision.filter(|it| at == Some(it.edited_at));
                give(&mut live, content.blueprint, Field::Set(content.interface));
                Ok(Some(live))
            }
            Kind::Webhook => self.one(&webhook::get(id), "hook", webhook::live).await,
            // These have no request for a single one that tells all that the list does, or (teams)
            // none that tells what is gone from what is forbidden.
            Kind::Agent
            | Kind::Connection
            | Kind::Device
            | Kind::Folder
            | Kind::Key
            | Kind::OrganizationRole
            | Kind::Schedule
            | Kind::Team
            | Kind::TeamRole
            | Kind::Variable => {
                let all = self.list(account, kind).await?;
                Ok(all.into_iter().find(|live| live.id == *id))
            }
        }
    }

    /// Reads what stands under a key of an answer; none if it is gone.
    async fn one(
        &self,
        request: &Request,
        key: &str,
        live: impl Fn(&Node<'_>) -> Result<Live, Wrong>,
    ) -> Result<Option<Live>, LiveError> {
        let read = self.fetch_as(request, |answer| live(&Node::at(answer, "").get(key)?));
        found(read.await)
    }

    /// Reads the custom properties of a scenario into it.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn read_properties(&self, live: &mut Live) -> Result<(), LiveError> {
        let Spec::Scenario(spec) = &mut live.spec else {
            return Ok(());
        };
        let request = scenario::properties(&live.id);
        let read = self.fetch_as(&request, scenario::read_properties).await;
        // A scenario that never had any may have none to be found.
        spec.custom_properties = found(read)?.unwrap_or(Field::Null);
        Ok(())
    }
}

/// That a kind was listed.
pub(super) fn listed(kind: Kind) -> Event {
    Event::Reading {
        kind,
        tally: Tally { done: 1, total: 1 },
    }
}

/// Adds the roles of people who were invited, where the lists were read whole and leave them out.
fn add_unlisted(snapshot: &mut Snapshot, unlisted: &[Live]) {
    for live in unlisted {
        let (kind, directory) = (live.spec.kind(), &mut snapshot.directory);
        let (Spec::OrganizationRole(OrganizationRoleSpec { email, role, .. })
        | Spec::TeamRole(TeamRoleSpec { email, role })) = &live.spec
        else {
            continue;
        };
        let lives = snapshot.live.get_mut(&kind);
        let lives = lives.filter(|_| snapshot.reading.get(&kind) == Some(&Reading::Whole));
        let (Some(lives), Some(user)) = (lives, live.id.as_int()) else {
            continue;
        };
        if lives.contains_key(&live.id) {
            continue;
        }
        lives.insert(live.id.clone(), live.clone());
        if !email.is_empty() && directory.people.iter().all(|person| person.id != user) {
            directory.people.push(Person {
                id: user,
                name: String::new(),
                email: email.clone(),
            });
        }
        if kind == Kind::OrganizationRole {
            let mut roles = directory.organization_roles.iter();
            directory.memberships.push(Membership {
                user,
                role: roles.find(|known| known.name == *role).map(|role| role.id),
                invitation: Invitation::Pending,
            });
        }
    }
}

/// Why it could not be read, with what is usually behind that.
pub(super) fn unread_by(refusal: &LiveError) -> Unread {
    Unread {
        why: refusal.to_string(),
        usually: refusal.usually().map(Cow::into_owned),
    }
}

/// Turns what was refused into nothing, and keeps the refusal.
pub(super) fn partial<T>(read: Result<Vec<T>, LiveError>) -> Result<Part<T>, LiveError> {
    match read {
        Ok(rows) => Ok((rows, None)),
        Err(error) => Ok((Vec::new(), Some(bearable(error)?))),
    }
}

/// A failure despite which the rest can go on: Make said no, and not because of the token, or
/// a list has no end.
pub(super) fn bearable(error: LiveError) -> Result<LiveError, LiveError> {
    match error.status() {
        Some(401) => Err(error),
        Some(_) => Ok(error),
        None if matches!(error, LiveError::Unending { .. }) => Ok(error),
        None => Err(error),
    }
}
