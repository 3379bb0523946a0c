//! What a world holds, by Make's own names.

/// One sort of object in a world; each is a table of JSON objects by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Collection {
    /// Organizations; `license` and time zone in the object.
    Organizations,
    /// Teams; `organizationId` in the object.
    Teams,
    /// People; members of the organization.
    Users,
    /// Role assignments in teams, one object for a user and team.
    UserTeamRoles,
    /// Role assignments in organizations, one object for a user and organization.
    UserOrganizationRoles,
    /// Scenario rows (everything of `GET /scenarios/{id}`), without the blueprint.
    Scenarios,
    /// Blueprints by scenario id: `{"blueprint":..,"scheduling":..,"metadata":..}`.
    Blueprints,
    /// Scenario folders.
    Folders,
    /// Webhooks and mailhooks.
    Hooks,
    /// Connections (never their secrets).
    Connections,
    /// Keys of the keychain (never their values).
    Keys,
    /// Data stores.
    DataStores,
    /// Data structures (`udt`).
    DataStructures,
}
