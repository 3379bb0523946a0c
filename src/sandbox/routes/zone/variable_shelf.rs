//! Where variables are: the sets of teams and of organizations, and what is in each.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::license;
use crate::sandbox::quirk::VariablesWrapper;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::Objects;

use super::rights;
use super::scope::{check_team, existing, number, objects, organization_at, organization_of, text};

/// The type of variables that are numbers.
pub(super) const NUMBER: u64 = 1;

/// The type of variables that are text.
pub(super) const STRING: u64 = 2;

/// Where variables are: in a team, or in an organization.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Team,
    Organization,
}

/// One set of variables.
pub(super) struct Shelf {
    pub(super) place: Place,
    /// The team or the organization.
    pub(super) id: u64,
    /// The team or the organization, as it is stored.
    owner: Value,
    /// Whether the license has variables that people make.
    pub(super) has_custom: bool,
}

impl Place {
    /// How it is stored.
    pub(super) fn scope(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Organization => "organization",
        }
    }

    /// What an answer with one variable, with several, or with a history has it under. The
    /// second is in Make's reference; the others are made after its other answers.
    fn wrapper(self, what: Wrapped, call: &Call<'_>) -> &'static str {
        if call.quirks().variables_wrapper == VariablesWrapper::Plain {
            return match what {
                Wrapped::One => "variable",
                Wrapped::Many => "variables",
                Wrapped::History => "variableHistory",
            };
        }
        match (self, what) {
            (Self::Team, Wrapped::One) => "teamVariable",
            (Self::Team, Wrapped::Many) => "teamVariables",
            (Self::Team, Wrapped::History) => "teamVariableHistory",
            (Self::Organization, Wrapped::One) => "organizationVariable",
            (Self::Organization, Wrapped::Many) => "organizationVariables",
            (Self::Organization, Wrapped::History) => "organizationVariableHistory",
        }
    }

    pub(super) fn answer(self, call: &Call<'_>, what: Wrapped, value: impl Into<Value>) -> Answer {
        reply(&json!({ self.wrapper(what, call): value.into() }))
    }
}

/// What an answer is about.
#[derive(Clone, Copy)]
pub(super) enum Wrapped {
    One,
    Many,
    History,
}

impl Shelf {
    pub(super) fn open(
        call: &Call<'_>,
        world: &impl Objects,
        place: Place,
    ) -> Result<Self, Refusal> {
        let id = call.id(0)?;
        let (owner, organization) = match place {
            Place::Team => {
                check_team(world, id)?;
                let organization = organization_of(world, id)?;
                let team = existing(world, Collection::Teams, id, "Team")?;
                (team, organization_at(call, world, organization)?)
            }
            Place::Organization => {
                let organization = organization_at(call, world, id)?;
                (organization.clone(), organization)
            }
        };
        let license = license::effective(call.plan, &organization);
        Ok(Self {
            place,
            id,
            owner,
            has_custom: license::allows(&license, "customVariables"),
        })
    }

    /// The same, for who wants to change something: without the license there is nothing here
    /// to change, and Make answers 404.
    pub(super) fn open_to_write(
        call: &Call<'_>,
        world: &impl Objects,
        place: Place,
    ) -> Result<Self, Refusal> {
        let shelf = Self::open(call, world, place)?;
        match place {
            Place::Team => rights::require_in_team(call, world, shelf.id, "team variables edit")?,
            Place::Organization => {
                rights::require(call, world, shelf.id, "organization variables edit")?;
            }
        }
        match shelf.has_custom {
            true => Ok(shelf),
            false => Err(Refusal::missing("The license has no custom variables.")),
        }
    }

    /// What Make itself knows of a team or organization. Which variables there are is public,
    /// their names in the API are made after those in the editor.
    pub(super) fn system(&self) -> Vec<Value> {
        let says = |field: &str| self.owner.get(field).cloned().unwrap_or_default();
        let row = |name: &str, kind: u64, value: Value| json!({ "name": name, "typeId": kind, "value": value, "isSystem": true });
        let mut rows = vec![
            row("id", NUMBER, json!(self.id)),
            row("name", STRING, says("name")),
        ];
        if let Place::Organization = self.place {
            let left = |limit: &str, used: &str| {
                let limit = self.owner.pointer(limit).and_then(Value::as_u64);
                let used = text(&self.owner, used).and_then(|used| used.parse::<u64>().ok());
                json!(limit.unwrap_or(0).saturating_sub(used.unwrap_or(0)))
            };
            rows.push(row(
                "operationsLeft",
                NUMBER,
                left("/license/operations", "operations"),
            ));
            rows.push(row(
                "dataLeft",
                NUMBER,
                left("/license/transfer", "transfer"),
            ));
            rows.push(row("zone", STRING, says("zone")));
        }
        rows
    }

    pub(super) fn custom(&self, world: &impl Objects) -> Result<Vec<(u64, Value)>, Refusal> {
        objects(world, Collection::Variables, |variable| {
            text(variable, "scope") == Some(self.place.scope())
                && number(variable, "scopeId") == Some(self.id)
        })
    }

    pub(super) fn find(
        &self,
        world: &impl Objects,
        name: &str,
    ) -> Result<Option<(u64, Value)>, Refusal> {
        let mut all = self.custom(world)?.into_iter();
        Ok(all.find(|(_, variable)| text(variable, "name") == Some(name)))
    }

    /// A variable that people made, by its name in the path.
    pub(super) fn named(
        &self,
        call: &Call<'_>,
        world: &impl Objects,
    ) -> Result<(u64, Value), Refusal> {
        let name = call.segment(1);
        if self.is_system(name) {
            let detail = format!("'{name}' is a system variable: it cannot be changed.");
            return Err(Refusal::forbidden(detail));
        }
        self.find(world, name)?
            .ok_or_else(|| Refusal::missing(format!("Variable not found '{name}'.")))
    }

    pub(super) fn is_system(&self, name: &str) -> bool {
        let system = self.system();
        system.iter().any(|row| text(row, "name") == Some(name))
    }
}
