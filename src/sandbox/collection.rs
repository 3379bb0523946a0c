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
    /// Role assignments in teams, one object for a user and team, by [`Collection::pair`].
    UserTeamRoles,
    /// Role assignments in organizations, one object for a user and organization, by
    /// [`Collection::pair`].
    UserOrganizationRoles,
    /// Scenario rows (everything of `GET /scenarios/{id}`), without the blueprint.
    Scenarios,
    /// Blueprints by scenario id: `{"blueprint":..,"metadata":{"input_spec":..,"output_spec":..}}`,
    /// `metadata` being the scenario's interface. The schedule is in the scenario's row.
    Blueprints,
    /// Blueprints that were replaced, by [`Collection::pair`] of scenario and version:
    /// `{"created":..,"blueprint":..}`.
    BlueprintVersions,
    /// Runs of scenarios, as `GET /scenarios/{id}/logs` lists them, with `scenarioId`.
    Executions,
    /// Scenario folders: `id`, `name`, `teamId`, `parentId`; the totals are counted on demand.
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
    /// Roles that teams and organizations give; custom ones beside Make's own.
    Roles,
    /// Custom variables: `scope` (`team`, `organization`), `scopeId`, `name`, `typeId`, `value`.
    Variables,
    /// Structures of custom properties.
    CustomPropertyStructures,
    /// The items of those structures, with `structureId`.
    CustomPropertyItems,
    /// Custom properties of scenarios, by scenario id.
    CustomProperties,
    /// Notes on scenarios, with `scenarioId`.
    Notes,
    /// Custom functions, with their code.
    Functions,
    /// Devices.
    Devices,
    /// AI agents.
    Agents,
    /// Templates.
    Templates,
    /// Credential requests.
    CredentialRequests,
    /// Records of data stores, with `dataStoreId` and `key`.
    Records,
    /// Incomplete executions (`dlqs`), with `scenarioId`.
    IncompleteExecutions,
    /// What waits in the queues of hooks, with `hookId`.
    HookItems,
    /// What hooks took, with `hookId`.
    HookLogs,
    /// Tokens that open the world, by digest: `{"digest","kind","scope","userId","label","created","expires"}`.
    Tokens,
    /// Authorization codes that were given out and not yet exchanged.
    OauthCodes,
    /// Operations, transfer and credits, by [`Collection::pair`] of scenario and quarter of an hour
    /// since 1970.
    Consumptions,
    /// How the sandbox itself behaves, shared by all processes: the clock's offset.
    Settings,
    /// Runs that have not ended yet, under the ids that they have among the executions.
    RunningExecutions,
}

impl Collection {
    /// Every collection, each once.
    pub const ALL: [Self; 35] = [
        Self::Organizations,
        Self::Teams,
        Self::Users,
        Self::UserTeamRoles,
        Self::UserOrganizationRoles,
        Self::Scenarios,
        Self::Blueprints,
        Self::BlueprintVersions,
        Self::Executions,
        Self::Folders,
        Self::Hooks,
        Self::Connections,
        Self::Keys,
        Self::DataStores,
        Self::DataStructures,
        Self::Roles,
        Self::Variables,
        Self::CustomPropertyStructures,
        Self::CustomPropertyItems,
        Self::CustomProperties,
        Self::Notes,
        Self::Functions,
        Self::Devices,
        Self::Agents,
        Self::Templates,
        Self::CredentialRequests,
        Self::Records,
        Self::IncompleteExecutions,
        Self::HookItems,
        Self::HookLogs,
        Self::Tokens,
        Self::OauthCodes,
        Self::Consumptions,
        Self::Settings,
        Self::RunningExecutions,
    ];

    /// The name of its table in the world's file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Organizations => "organizations",
            Self::Teams => "teams",
            Self::Users => "users",
            Self::UserTeamRoles => "user-team-roles",
            Self::UserOrganizationRoles => "user-organization-roles",
            Self::Scenarios => "scenarios",
            Self::Blueprints => "blueprints",
            Self::BlueprintVersions => "blueprint-versions",
            Self::Executions => "executions",
            Self::Folders => "folders",
            Self::Hooks => "hooks",
            Self::Connections => "connections",
            Self::Keys => "keys",
            Self::DataStores => "data-stores",
            Self::DataStructures => "data-structures",
            Self::Roles => "roles",
            Self::Variables => "variables",
            Self::CustomPropertyStructures => "custom-property-structures",
            Self::CustomPropertyItems => "custom-property-items",
            Self::CustomProperties => "custom-properties",
            Self::Notes => "notes",
            Self::Functions => "functions",
            Self::Devices => "devices",
            Self::Agents => "agents",
            Self::Templates => "templates",
            Self::CredentialRequests => "credential-requests",
            Self::Records => "records",
            Self::IncompleteExecutions => "incomplete-executions",
            Self::HookItems => "hook-items",
            Self::HookLogs => "hook-logs",
            Self::Tokens => "tokens",
            Self::OauthCodes => "oauth-codes",
            Self::Consumptions => "consumptions",
            Self::Settings => "settings",
            Self::RunningExecutions => "running-executions",
        }
    }

    /// The first id that is given out. The ranges lie apart, so that in a world of usual size
    /// an id that was put into the wrong place finds nothing there.
    pub(crate) fn first_id(self) -> u64 {
        match self {
            Self::Organizations | Self::Teams | Self::Users => 1,
            // These are kept by the ids of other things.
            Self::UserTeamRoles
            | Self::UserOrganizationRoles
            | Self::Blueprints
            | Self::BlueprintVersions => 1,
            Self::Executions
            | Self::Variables
            | Self::CustomProperties
            | Self::Records
            | Self::IncompleteExecutions
            | Self::HookItems
            | Self::HookLogs
            | Self::Tokens
            | Self::OauthCodes
            | Self::Consumptions
            | Self::Settings
            | Self::RunningExecutions => 1,
            Self::Connections => 301,
            Self::Keys => 501,
            Self::DataStores => 601,
            Self::DataStructures => 701,
            Self::Folders => 801,
            Self::Roles => 2001,
            Self::CustomPropertyStructures => 2101,
            Self::CustomPropertyItems => 2201,
            Self::Notes => 2301,
            Self::Functions => 2401,
            Self::Devices => 2501,
            Self::Agents => 2601,
            Self::Templates => 2701,
            Self::CredentialRequests => 2801,
            Self::Scenarios => 1_001,
            Self::Hooks => 100_001,
        }
    }

    /// The id of an object that belongs to two others: `owner` first, so that all objects of an
    /// owner stand together. Both must be below 2^32.
    #[must_use]
    pub fn pair(owner: u64, other: u64) -> u64 {
        (owner << 32) | (other & 0xffff_ffff)
    }
}
