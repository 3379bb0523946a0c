//! Which team or organization a request is about, and whether the token may see it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::store::Objects;

/// The teams that a list is about.
#[derive(Clone)]
pub(super) enum Scope {
    /// One team.
    Team(u64),
    /// All teams of an organization.
    Organization {
        /// The organization.
        id: u64,
        /// Its teams.
        teams: BTreeSet<u64>,
    },
}

impl Scope {
    /// Exactly one of `teamId` and `organizationId` must be in the query.
    pub(super) fn of(call: &Call<'_>, world: &impl Objects) -> Result<Self, Refusal> {
        match (
            call.query_number("teamId")?,
            call.query_number("organizationId")?,
        ) {
            (Some(_), Some(_)) => Err(Refusal::invalid(
                "teamId and organizationId cannot be used together",
            )),
            (None, None) => Err(Refusal::invalid(
                "Missing required parameter teamId or organizationId",
            )),
            (Some(team), None) => {
                check_team(world, team)?;
                Ok(Self::Team(team))
            }
            (None, Some(id)) => {
                organization_at(call, world, id)?;
                let teams = teams_of(world, id)?;
                Ok(Self::Organization { id, teams })
            }
        }
    }

    /// Whether an object with a `teamId` belongs to it.
    pub(super) fn holds(&self, object: &Value) -> bool {
        let team = number(object, "teamId");
        match self {
            Self::Team(wanted) => team == Some(*wanted),
            Self::Organization { teams, .. } => team.is_some_and(|team| teams.contains(&team)),
        }
    }
}

/// The team that must be in the query.
pub(super) fn required_team(call: &Call<'_>, world: &impl Objects) -> Result<Scope, Refusal> {
    let team = call.required_number("teamId")?;
    check_team(world, team)?;
    Ok(Scope::Team(team))
}

/// Refuses a team that is not there: to a token, that is one it has no right to.
pub(super) fn check_team(world: &impl Objects, team: u64) -> Result<(), Refusal> {
    match world.object(Collection::Teams, team)? {
        Some(_) => Ok(()),
        None => Err(Refusal::forbidden(format!("No access to team {team}."))),
    }
}

/// The organization, if it is there and whoever calls belongs to it: to a token, one that it has
/// no right to is not there.
pub(super) fn organization_at(
    call: &Call<'_>,
    world: &impl Objects,
    organization: u64,
) -> Result<Value, Refusal> {
    let id = Collection::pair(call.user(), organization);
    let role = world.object(Collection::UserOrganizationRoles, id)?;
    let is_member = role.is_some_and(|role| role.get("invitation").is_none_or(Value::is_null));
    let found = world.object(Collection::Organizations, organization)?;
    found
        .filter(|_| is_member)
        .ok_or_else(|| Refusal::forbidden(format!("No access to organization {organization}.")))
}

/// The organization that a team belongs to.
pub(super) fn organization_of(world: &impl Objects, team: u64) -> Result<u64, Refusal> {
    let team = existing(world, Collection::Teams, team, "Team")?;
    Ok(number(&team, "organizationId").unwrap_or_default())
}

/// The teams of an organization.
pub(super) fn teams_of(world: &impl Objects, organization: u64) -> Result<BTreeSet<u64>, Refusal> {
    let mut teams = BTreeSet::new();
    world.each_in(Collection::Teams, 0..=u64::MAX, |id, team: Value| {
        if number(&team, "organizationId") == Some(organization) {
            teams.insert(id);
        }
    })?;
    Ok(teams)
}

/// The objects of a collection that `keep` picks, in order of their ids.
pub(super) fn objects(
    world: &impl Objects,
    collection: Collection,
    keep: impl Fn(&Value) -> bool,
) -> Result<Vec<(u64, Value)>, Refusal> {
    let mut found = Vec::new();
    world.each_in(collection, 0..=u64::MAX, |id, object: Value| {
        if keep(&object) {
            found.push((id, object));
        }
    })?;
    Ok(found)
}

/// An object that must be there; `what` names its sort in the refusal.
pub(super) fn existing(
    world: &impl Objects,
    collection: Collection,
    id: u64,
    what: &str,
) -> Result<Value, Refusal> {
    world
        .object(collection, id)?
        .ok_or_else(|| Refusal::missing(format!("{what} not found '{id}'.")))
}

/// A field that holds an id.
pub(in crate::sandbox) fn number(object: &Value, field: &str) -> Option<u64> {
    object.get(field).and_then(Value::as_u64)
}

/// A field that holds text.
pub(in crate::sandbox) fn text<'v>(object: &'v Value, field: &str) -> Option<&'v str> {
    object.get(field).and_then(Value::as_str)
}

/// Whether a field is there and true.
pub(in crate::sandbox) fn is_true(object: &Value, field: &str) -> bool {
    object.get(field).and_then(Value::as_bool).unwrap_or(false)
}

/// Sets a field of an object.
pub(in crate::sandbox) fn set(object: &mut Value, field: &str, value: impl Into<Value>) {
    if let Value::Object(fields) = object {
        fields.insert(field.to_owned(), value.into());
    }
}
