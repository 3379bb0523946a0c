//! Organizations, teams, the token's own user, and time zones.

use serde_json::Value;

use crate::{
    live::{
        page::{List, Paging},
        transport::Request,
        wire::{Node, Wrong},
    },
    model::{Licence, spec::schedule::time_zone},
};

/// An organization or team, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::live) struct Named {
    /// Its id.
    pub(in crate::live) id: u64,
    /// Its name.
    pub(in crate::live) name: String,
}

/// What planning needs to know of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::live) struct Organization {
    /// Id and name.
    pub(in crate::live) named: Named,
    /// The id of its time zone, to be looked up in the catalogue.
    pub(in crate::live) timezone: Option<u64>,
    /// The shortest interval of schedules, in minutes.
    pub(in crate::live) minimum_interval: Option<u64>,
    /// The requests a minute that its plan allows.
    pub(in crate::live) api_limit: Option<u32>,
    /// What else the plan includes.
    pub(in crate::live) licence: Licence,
    /// Its teams, where the answer has them.
    pub(in crate::live) teams: Option<Vec<Named>>,
}

/// All organizations that the token sees.
pub(in crate::live) fn organizations() -> List {
    List {
        request: Request::get(&["organizations"]),
        key: "organizations",
        paging: Paging::Sorted {
            limit: 10_000,
            by: "name",
        },
    }
}

/// One organization, with its license.
pub(in crate::live) fn organization(id: u64) -> Request {
    Request::get(&["organizations", &id.to_string()])
}

/// All teams of an organization.
pub(in crate::live) fn teams(organization: u64) -> List {
    List {
        request: Request::get(&["teams"]).query("organizationId", organization),
        key: "teams",
        paging: Paging::Sorted {
            limit: 10_000,
            by: "name",
        },
    }
}

/// One team. A token that is bound to a team may read it, but not list teams.
pub(in crate::live) fn team(id: u64) -> Request {
    Request::get(&["teams", &id.to_string()])
}

/// The token's own user.
pub(in crate::live) fn own_user() -> Request {
    Request::get(&["users", "me"])
}

/// The catalogue of time zones.
pub(in crate::live) fn timezones() -> List {
    List {
        request: Request::get(&["enums", "timezones"]),
        key: "timezones",
        paging: Paging::Whole,
    }
}

/// Reads id and name of an organization or team.
pub(in crate::live) fn named(row: &Node<'_>) -> Result<Named, Wrong> {
    Ok(Named {
        id: row.get("id")?.int()?,
        name: row.get("name")?.text()?,
    })
}

/// Reads the answer about one team.
pub(in crate::live) fn team_of(answer: &Value) -> Result<Named, Wrong> {
    named(&Node::at(answer, "").get("team")?)
}

/// Reads an organization.
pub(in crate::live) fn read(answer: &Value) -> Result<Organization, Wrong> {
    let row = Node::at(answer, "").get("organization")?;
    let license = row.find("license");
    let license = license.as_ref();
    let includes = |key: &str| -> Option<bool> { included(&license?.find(key)?) };
    let number = |key: &str| license.map_or(Ok(None), |license| license.find_int(key));
    let teams = row.find("teams").map(|teams| {
        let items = teams.items()?;
        items.iter().map(named).collect::<Result<Vec<_>, _>>()
    });
    let api_limit = number("apiLimit")?.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX));
    Ok(Organization {
        named: named(&row)?,
        timezone: row.find_int("timezoneId")?,
        minimum_interval: number("interval")?,
        api_limit,
        licence: Licence {
            custom_variables: includes("customVariables"),
            custom_properties: includes("customProperties"),
            scenario_io: includes("scenarioIO"),
            operations: number("operations").ok().flatten(),
            requests: api_limit,
        },
        teams: teams.transpose()?,
    })
}

/// Whether a licence has something: some it allows or not, of some it allows a number.
fn included(node: &Node<'_>) -> Option<bool> {
    let number = || node.int().ok().map(|number| number > 0);
    node.flag().ok().or_else(number)
}

/// Reads the id of the token's own user.
pub(in crate::live) fn user_id(answer: &Value) -> Result<u64, Wrong> {
    Node::at(answer, "").get("authUser")?.get("id")?.int()
}

/// The IANA name of a time zone of the catalogue, whichever of its columns holds it.
pub(in crate::live) fn iana_name(rows: &[Value], id: u64) -> Option<String> {
    let row = rows
        .iter()
        .find(|row| row.get("id").and_then(Node::loose_int) == Some(id))?;
    ["name", "code"]
        .into_iter()
        .filter_map(|key| row.get(key)?.as_str())
        .find(|name| time_zone(name).is_some())
        .map(str::to_owned)
}
