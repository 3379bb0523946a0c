//! Which organization and team a target means.

use super::{
    LiveError,
    answer::found,
    client::Client,
    page,
    wire::{
        unified::member,
        zone::organization::{self, Named, Organization},
    },
};
use crate::model::{Account, Dialect, Kind, Licence};

impl Client {
    /// Finds the account that a target means: organization and team by name or id, or the only
    /// one where the target names none.
    ///
    /// # Errors
    /// When there is none of that name, several, or the account can't be read.
    pub async fn locate(
        &self,
        organization: Option<&str>,
        team: Option<&str>,
    ) -> Result<Account, LiveError> {
        if self.dialect() == Dialect::Unified {
            return self.locate_unified(organization).await;
        }
        let organization = self.organization(organization).await?;
        self.enter(organization.named.id, organization.api_limit)
            .await;
        let (team, timezone, own_user) = tokio::join!(
            self.team(&organization, team),
            self.timezone(organization.timezone),
            self.own_user(),
        );
        let team = team?;
        Ok(Account {
            host: self.host().to_owned(),
            dialect: self.dialect(),
            organization: organization.named.id,
            organization_name: organization.named.name,
            team: team.id,
            team_name: team.name,
            timezone: timezone?,
            minimum_interval: organization.minimum_interval,
            licence: organization.licence,
            own_user: own_user?,
        })
    }

    /// The account in a dialect that lists neither organizations nor teams: the organization has
    /// to be named by its id, and its members are asked for to see that it is there.
    async fn locate_unified(&self, organization: Option<&str>) -> Result<Account, LiveError> {
        let id = organization
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| LiveError::Unnamed {
                what: "organization",
                there: Vec::new(),
            })?;
        self.rows_as(&member::list(id), |row| {
            member::live(Kind::OrganizationRole, row)
        })
        .await?;
        Ok(Account {
            host: self.host().to_owned(),
            dialect: Dialect::Unified,
            organization: id,
            organization_name: id.to_string(),
            team: 0,
            team_name: String::new(),
            timezone: None,
            minimum_interval: None,
            licence: Licence::default(),
            own_user: None,
        })
    }

    /// The organizations that the token sees, each with its id.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn organizations(&self) -> Result<Vec<(u64, String)>, LiveError> {
        let list = organization::organizations();
        let all = self.rows_as(&list, organization::named).await?;
        Ok(all
            .into_iter()
            .map(|named| (named.id, named.name))
            .collect())
    }

    /// The teams of an organization that the token sees, each with its id.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn teams(&self, organization: u64) -> Result<Vec<(u64, String)>, LiveError> {
        let list = organization::teams(organization);
        let all = self.rows_as(&list, organization::named).await?;
        Ok(all
            .into_iter()
            .map(|named| (named.id, named.name))
            .collect())
    }

    async fn organization(&self, wanted: Option<&str>) -> Result<Organization, LiveError> {
        if let Some(id) = wanted.and_then(|text| text.parse().ok()) {
            let request = organization::organization(id);
            if let Some(found) = found(self.fetch_as(&request, organization::read).await)? {
                return Ok(found);
            }
        }
        let list = organization::organizations();
        let all = self.rows_as(&list, organization::named).await?;
        let chosen = choose("organization", wanted, all)?;
        let request = organization::organization(chosen.id);
        self.fetch_as(&request, organization::read).await
    }

    async fn team(
        &self,
        organization: &Organization,
        wanted: Option<&str>,
    ) -> Result<Named, LiveError> {
        // The organization's own answer usually names its teams: one request less.
        if let Some(teams) = &organization.teams
            && let Ok(team) = choose("team", wanted, teams.clone())
        {
            return Ok(team);
        }
        let list = organization::teams(organization.named.id);
        let listed = self.rows_as(&list, organization::named).await;
        // A token that is bound to one team may not list them.
        match (listed, wanted.and_then(|text| text.parse().ok())) {
            (Err(error), Some(id)) if error.status() == Some(403) => {
                self.fetch_as(&organization::team(id), organization::team_of)
                    .await
            }
            (listed, _) => choose("team", wanted, listed?),
        }
    }

    /// The IANA name of the organization's time zone. Only warnings hang on it, so that a
    /// catalogue that can't be read is no error.
    async fn timezone(&self, id: Option<u64>) -> Result<Option<String>, LiveError> {
        let Some(id) = id else {
            return Ok(None);
        };
        let rows = optional(page::rows(self, &organization::timezones()).await)?;
        Ok(rows.and_then(|rows| organization::iana_name(&rows, id)))
    }

    /// The id of the token's own user, which only a guard needs. Where it is not told, a snapshot
    /// says that its roles are not whole.
    async fn own_user(&self) -> Result<Option<u64>, LiveError> {
        let request = organization::own_user();
        optional(self.fetch_as(&request, organization::user_id).await)
    }
}

/// What can be done without: a refusal leaves it out, unless the token itself is refused.
fn optional<T>(read: Result<T, LiveError>) -> Result<Option<T>, LiveError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) => match error.status() {
            Some(401) | None => Err(error),
            Some(_) => Ok(None),
        },
    }
}

/// The one that is wanted: by id, else by name; the only one where none is named.
fn choose(
    what: &'static str,
    wanted: Option<&str>,
    mut all: Vec<Named>,
) -> Result<Named, LiveError> {
    let there = all
        .iter()
        .map(|named| format!("`{}` ({})", named.name, named.id))
        .collect();
    if let Some(wanted) = wanted {
        let id = wanted.parse().ok();
        let is_id = all.iter().any(|named| Some(named.id) == id);
        all.retain(|named| match is_id {
            true => Some(named.id) == id,
            false => named.name == wanted,
        });
    }
    match (all.pop(), all.is_empty(), wanted) {
        (Some(one), true, _) => Ok(one),
        (found, _, Some(wanted)) => Err(LiveError::NotThere {
            what,
            wanted: wanted.to_owned(),
            several: found.is_some(),
            there,
        }),
        (_, _, None) => Err(LiveError::Unnamed { what, there }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, choose};

    #[test]
    fn a_team_is_chosen_by_id_by_name_or_as_the_only_one() {
        let team = |id, name: &str| Named {
            id,
            name: name.to_owned(),
        };
        let all = || {
            vec![
                team(1, "Sales"),
                team(2, "Ops"),
                team(3, "Ops"),
                team(4, "1"),
            ]
        };
        let pick = |wanted, all| choose("team", wanted, all).map(|team: Named| team.id);
        assert_eq!(pick(Some("Sales"), all()).unwrap(), 1);
        assert_eq!(pick(Some("1"), all()).unwrap(), 1);
        assert_eq!(pick(Some("3"), all()).unwrap(), 3);
        assert_eq!(pick(None, vec![team(7, "Only")]).unwrap(), 7);
        assert_eq!(
            pick(Some("Ops"), all()).unwrap_err().to_string(),
            "there is more than one team `Ops`; there is `Sales` (1), `Ops` (2), `Ops` (3) and \
             `1` (4)"
        );
        assert!(pick(None, all()).is_err());
        assert!(pick(Some("HR"), all()).is_err());
    }
}
