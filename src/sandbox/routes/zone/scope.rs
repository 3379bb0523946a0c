//! Which team or organization a request is about, and whether the token may see it.

use serde_json::Value;

use crate::sandbox::beginning::ORGANIZATION;
use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::Refusal;
use crate::sandbox::store::Objects;

/// The teams that a list is about.
#[derive(Clone, Copy)]
pub(super) enum Scope {
    Team(u64),
    /// All teams of the organization; a world has one organization.
    Organization,
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
            (None, Some(organization)) => {
                check_organization(organization)?;
                Ok(Self::Organization)
            }
        }
    }

    /// Whether an object with a `teamId` belongs to it.
    pub(super) fn holds(self, object: &Value) -> bool {
        match self {
            Self::Team(team) => number(object, "teamId") == Some(team),
            Self::Organization => true,
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

/// Refuses any organization but the world's.
pub(super) fn check_organization(organization: u64) -> Result<(), Refusal> {
    match organization == ORGANIZATION {
        true => Ok(()),
        false => Err(Refusal::forbidden(format!(
            "No access to organization {organization}."
        ))),
    }
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
