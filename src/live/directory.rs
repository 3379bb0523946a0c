//! Who is in the organization, and which roles there are.

use std::collections::BTreeMap;

use super::{
    LiveError,
    client::Client,
    collect::{partial, unread_by},
    wire::zone::{
        organization_role,
        role::{self, Category},
        team_role,
    },
};
use crate::model::{Account, Dialect, Directory, Kind, Live, Membership, Person, RemoteId, Role};

/// A directory, as far as it could be read.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) directory: Directory,
    /// Why the roles, or all lists of people, could not be read.
    pub(super) refused: Option<LiveError>,
    /// Why the people of the team alone are known.
    pub(super) team_only: Option<LiveError>,
}

impl Client {
    /// The people of the organization and the roles that it and its teams give. `memberships`: who
    /// has which role in the organization, too.
    pub(super) async fn directory(
        &self,
        account: &Account,
        memberships: bool,
    ) -> Result<Looked, LiveError> {
        let (members, roles, given) = tokio::join!(
            self.members("organizationId", account.organization),
            self.roles(account),
            self.memberships(account, memberships),
        );
        let (mut people, mut no_people) = partial(members)?;
        let mut team_only = None;
        if let Some(refused) = no_people.take_if(|refused| refused.status() == Some(403)) {
            // A token may be bound to the team alone.
            (people, no_people) = partial(self.members("teamId", account.team).await)?;
            team_only = Some(refused);
        }
        let (roles, no_roles) = partial(roles)?;
        let (memberships, no_memberships) = partial(given)?;
        let people: BTreeMap<u64, Person> = people
            .into_iter()
            .map(|person| (person.id, person))
            .collect();
        let mut directory = Directory {
            people: people.into_values().collect(),
            memberships,
            team_only: team_only.as_ref().map(unread_by),
            ..Directory::default()
        };
        for (category, role) in roles {
            match category {
                Category::Team => directory.team_roles.push(role),
                Category::Organization => directory.organization_roles.push(role),
            }
        }
        Ok(Looked {
            directory,
            refused: no_roles.or(no_people).or(no_memberships),
            team_only,
        })
    }

    async fn members(&self, of: &str, id: u64) -> Result<Vec<Person>, LiveError> {
        let rows = self.rows_as(&role::people(of, id), role::person).await?;
        Ok(rows.into_iter().flatten().collect())
    }

    async fn roles(&self, account: &Account) -> Result<Vec<(Category, Role)>, LiveError> {
        let rows = self
            .rows_as(&role::roles(account.organization), role::role)
            .await?;
        Ok(rows.into_iter().flatten().collect())
    }

    async fn memberships(
        &self,
        account: &Account,
        wanted: bool,
    ) -> Result<Vec<Membership>, LiveError> {
        if !wanted {
            return Ok(Vec::new());
        }
        let list = organization_role::list(account.organization);
        self.rows_as(&list, organization_role::membership).await
    }

    /// Whether the lists show somebody with a role in the organization.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn is_member(&self, account: &Account, user: &RemoteId) -> Result<bool, LiveError> {
        if account.dialect == Dialect::Unified {
            let all = self.list_unified(account, Kind::OrganizationRole).await?;
            return Ok(all.iter().any(|live| live.id == *user));
        }
        let all = self.memberships(account, true).await?;
        Ok(all
            .iter()
            .any(|membership| RemoteId::Int(membership.user) == *user))
    }

    /// The roles of people, in the team or in the organization.
    pub(super) async fn roles_of(
        &self,
        account: &Account,
        kind: Kind,
        directory: &Directory,
    ) -> Result<Vec<Live>, LiveError> {
        if kind == Kind::OrganizationRole {
            return Ok(organization_role::lives(directory));
        }
        let list = team_role::list(account.team);
        let rows = self.rows_as(&list, |row| team_role::live(row, directory));
        Ok(rows.await?.into_iter().flatten().collect())
    }
}
