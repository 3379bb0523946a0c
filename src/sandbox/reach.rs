//! How far a user's roles reach: which teams' things they see, and which they change.
//!
//! It is kept to where objects are read and put, so that it holds for every route. What single
//! permissions of roles allow beyond that is the routes' own affair.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::collection::Collection;
use super::error::WorldError;
use super::store::Objects;

/// The roles of an organization that reach into all of its teams: owner and admin.
const OF_ALL_TEAMS: [u64; 2] = [11, 12];

/// The role of a team that only looks: Team Monitoring.
const ONLY_LOOKS: u64 = 4;

/// Which teams' things a transaction may see and change. What belongs to no team is everybody's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All of them.
    #[default]
    Everything,
    /// Those of these teams; a team that is `true` can be changed as well.
    Teams(BTreeMap<u64, bool>),
}

impl Reach {
    /// How far the roles of a user reach.
    pub(crate) fn of(world: &impl Objects, user: u64) -> Result<Self, WorldError> {
        let mut led = Vec::new();
        let roles = Collection::pair(user, 0)..=Collection::pair(user, u64::MAX);
        world.each_in(
            Collection::UserOrganizationRoles,
            roles.clone(),
            |_, row: Value| {
                if number(&row, "usersRoleId").is_some_and(|role| OF_ALL_TEAMS.contains(&role)) {
                    led.extend(number(&row, "organizationId"));
                }
            },
        )?;
        let mut teams = BTreeMap::new();
        world.each_in(Collection::UserTeamRoles, roles, |_, row: Value| {
            if let Some(team) = number(&row, "teamId") {
                teams.insert(team, number(&row, "usersRoleId") != Some(ONLY_LOOKS));
            }
        })?;
        world.each_in(Collection::Teams, 0..=u64::MAX, |id, team: Value| {
            if number(&team, "organizationId").is_some_and(|of| led.contains(&of)) {
                teams.insert(id, true);
            }
        })?;
        Ok(Self::Teams(teams))
    }

    /// Whether an object is there for the user, from its JSON.
    pub(crate) fn sees_json(
        &self,
        collection: Collection,
        id: u64,
        json: &[u8],
    ) -> Result<bool, serde_json::Error> {
        // Those of blueprints are long, and no team stands in them.
        if *self == Self::Everything || collection == Collection::Blueprints {
            return Ok(true);
        }
        let said = serde_json::from_slice(json)?;
        Ok(self.state(collection, id, &said).is_some())
    }

    /// Whether an object is there for the user.
    pub(crate) fn sees(&self, collection: Collection, id: u64, object: &Value) -> bool {
        self.state(collection, id, &object.into()).is_some()
    }

    /// Whether the user may change an object.
    pub(crate) fn changes(&self, collection: Collection, id: u64, object: &Value) -> bool {
        self.state(collection, id, &object.into()) == Some(true)
    }

    fn state(&self, collection: Collection, id: u64, said: &Said) -> Option<bool> {
        let Self::Teams(teams) = self else {
            return Some(true);
        };
        let is_of_team = said.scope.as_ref().is_some_and(|scope| scope == "team");
        let team = if collection == Collection::Teams {
            Some(id)
        } else if collection == Collection::Variables && is_of_team {
            said.scope_id.as_ref().and_then(Value::as_u64)
        } else {
            said.team_id.as_ref().and_then(Value::as_u64)
        };
        match team {
            Some(team) => teams.get(&team).copied(),
            None => Some(true),
        }
    }
}

/// What an object says of the team that it belongs to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    scope: Option<Value>,
    scope_id: Option<Value>,
    team_id: Option<Value>,
}

impl From<&Value> for Said {
    fn from(object: &Value) -> Self {
        let said = |field: &str| object.get(field).cloned();
        Self {
            scope: said("scope"),
            scope_id: said("scopeId"),
            team_id: said("teamId"),
        }
    }
}

fn number(object: &Value, field: &str) -> Option<u64> {
    object.get(field).and_then(Value::as_u64)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{self, Delete, Get, Patch, Post};
    use crate::sandbox::Collection;
    use crate::sandbox::trial::Trial;

    /// Users of a new world by what they are in its team.
    const OWNER: u64 = 1;
    const MEMBER: u64 = 2;
    const STRANGER: u64 = 4;

    struct Told {
        trial: Trial,
        scenario: u64,
    }

    impl Told {
        fn new() -> Self {
            let trial = Trial::new();
            let scenario = trial.scenario("x", json!([]));
            trial.hook("leads");
            Self { trial, scenario }
        }

        fn status(&self, user: u64, method: Method, path: &str, body: Option<Value>) -> u16 {
            let token = self.trial.world.issue_token(user, &["*"]).unwrap();
            let shown = format!("Token {token}");
            self.trial.ask_as(&shown, method, path, body).0
        }

        /// The statuses of looking and changing.
        fn may(&self, user: u64) -> [u16; 4] {
            let scenario = format!("/scenarios/{}", self.scenario);
            let renamed = json!({ "name": "y" });
            let folder = json!({ "name": "CRM", "teamId": 1 });
            [
                self.status(user, Get, "/scenarios?teamId=1", None),
                self.status(user, Get, &scenario, None),
                self.status(user, Patch, &scenario, Some(renamed)),
                self.status(user, Post, "/scenarios-folders", Some(folder)),
            ]
        }

        /// Gives the member this role in the team.
        fn make_member(&self, role: u64) {
            let body = json!({ "usersRoleId": role });
            self.trial.post("/users/2/user-team-roles/1", body);
        }
    }

    #[test]
    fn a_team_is_there_for_those_who_are_in_it_and_those_who_lead() {
        let told = Told::new();
        assert_eq!(told.may(OWNER), [200; 4]);
        assert_eq!(told.may(MEMBER), [200; 4]);
        assert_eq!(told.may(STRANGER), [403, 404, 404, 403]);
        let token = told.trial.world.issue_token(STRANGER, &["*"]).unwrap();
        let shown = format!("Token {token}");
        let path = "/teams?organizationId=1";
        assert_eq!(
            told.trial.ask_as(&shown, Get, path, None).1["teams"],
            json!([])
        );
        let admin = json!({ "usersRoleId": 12 });
        told.trial.post("/users/4/user-organization-roles/1", admin);
        assert_eq!(told.may(STRANGER), [200; 4]);
    }

    #[test]
    fn who_only_monitors_a_team_changes_nothing_in_it() {
        let told = Told::new();
        told.make_member(4);
        assert_eq!(told.may(MEMBER), [200, 200, 403, 403]);
        let path = format!("/scenarios/{}", told.scenario);
        assert_eq!(told.status(MEMBER, Delete, &path, None), 403);
        assert_eq!(told.status(MEMBER, Post, &format!("{path}/run"), None), 403);
        let own = json!({ "label": "x", "scope": ["teams:read"] });
        let made = told.status(MEMBER, Post, "/users/me/api-tokens", Some(own));
        assert_eq!(made, 200, "their tokens are their own");
        assert_eq!(told.trial.get(&path)["scenario"]["name"], "x");
        told.make_member(3);
        assert_eq!(told.may(MEMBER), [200; 4]);
    }

    #[test]
    fn a_variable_of_a_team_is_seen_with_it() {
        let told = Told::new();
        let variable = json!({ "scope": "team", "scopeId": 1, "name": "v", "typeId": 2 });
        let reach = super::Reach::Teams([(2, true)].into());
        assert!(!reach.sees(Collection::Variables, 1, &variable));
        let reach = told
            .trial
            .world
            .batch(|batch| super::Reach::of(batch, MEMBER))
            .unwrap();
        assert!(reach.changes(Collection::Variables, 1, &variable));
    }
}
