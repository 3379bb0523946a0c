//! What a new world holds: one organization with one team, its people and its connections.

use jiff::Timestamp;
use serde_json::{Number, Value, json};

use super::collection::Collection;
use super::error::WorldError;
use super::store::Batch;
use super::token::{self, EVERYTHING, NewToken, TOKEN, TokenKind};

/// The zone of every world. No such host can exist, so no hook URL of a sandbox leads anywhere.
pub(crate) const ZONE: &str = "sandbox.invalid";

/// The user whose token opens the world: the organization's owner.
pub(crate) const OWNER: u64 = 1;

/// The only organization.
pub(crate) const ORGANIZATION: u64 = 1;

/// Name, e-mail, role in the organization, role in the team. One is not in the team yet.
const PEOPLE: [(&str, &str, u64, Option<u64>); 4] = [
    ("Olivia Owen", "olivia@acme.example", 11, Some(1)),
    ("Max Moreau", "max@acme.example", 13, Some(3)),
    ("Mia Novak", "mia@acme.example", 13, Some(6)),
    ("Sam Sato", "sam@acme.example", 13, None),
];

/// Name, type, the type's label, how it logs in.
const CONNECTIONS: [(&str, &str, &str, &str); 5] = [
    ("Acme Slack", "slack", "Slack", "oauth"),
    ("Acme HubSpot", "hubspotcrm", "HubSpot CRM", "oauth"),
    ("Acme Google", "google", "Google", "oauth"),
    ("Acme Gmail", "google-email", "Gmail", "oauth"),
    ("Acme Airtable", "airtable3", "Airtable", "basic"),
];

/// Fills an empty world.
pub(crate) fn fill(batch: &mut Batch<'_>) -> Result<(), WorldError> {
    let organization = batch.next_id(Collection::Organizations)?;
    batch.put(
        Collection::Organizations,
        organization,
        &organization_object(organization),
    )?;
    let team = batch.next_id(Collection::Teams)?;
    batch.put(
        Collection::Teams,
        team,
        &json!({
            "id": team, "name": "Sandbox team", "organizationId": organization,
            "scenarioDrafts": false, "type": "standard", "operationsLimit": null,
            "transferLimit": "0", "isPaused": false,
        }),
    )?;
    for (name, email, organization_role, team_role) in PEOPLE {
        let user = batch.next_id(Collection::Users)?;
        batch.put(Collection::Users, user, &user_object(user, name, email))?;
        batch.put(
            Collection::UserOrganizationRoles,
            Collection::pair(user, organization),
            &json!({
                "userId": user, "organizationId": organization,
                "usersRoleId": organization_role, "invitation": null,
            }),
        )?;
        let Some(team_role) = team_role else {
            continue;
        };
        batch.put(
            Collection::UserTeamRoles,
            Collection::pair(user, team),
            &json!({
                "usersRoleId": team_role, "userId": user, "teamId": team,
                "changeable": user != OWNER, "ssoPending": false,
            }),
        )?;
    }
    for (name, kind, label, login) in CONNECTIONS {
        let id = batch.next_id(Collection::Connections)?;
        let scopes = scopes(kind);
        batch.put(
            Collection::Connections,
            id,
            &json!({
                "id": id, "name": name, "accountName": kind, "accountLabel": label,
                "packageName": null, "expire": null, "metadata": null, "teamId": team,
                "theme": "#fecd5f", "upgradeable": false, "scopesCnt": scopes.len(), "scoped": true,
                "accountType": login, "editable": false, "uid": uid(kind),
                "connectedSystemId": null, "organizationId": organization, "scopes": scopes,
            }),
        )?;
    }
    token::issue(batch, &well_known_token())?;
    Ok(())
}

fn well_known_token() -> NewToken {
    NewToken {
        value: TOKEN.to_owned(),
        kind: TokenKind::Api,
        scope: vec![EVERYTHING.to_owned()],
        user: OWNER,
        label: "Sandbox".to_owned(),
        created: Timestamp::constant(1_767_225_600, 0), // 2026-01-01: every world has the same
        expires: None,
    }
}

/// What a connection may do at its service.
fn scopes(kind: &str) -> Vec<Value> {
    let names: &[&str] = match kind {
        "google" => &[
            "https://www.googleapis.com/auth/drive",
            "https://www.googleapis.com/auth/spreadsheets",
            "openid",
        ],
        _ => &[],
    };
    let shown = |name: &&str| json!({ "id": name, "account": kind });
    names.iter().map(shown).collect()
}

/// The user at the service. Google's were seen to be numbers beyond what 64 bits hold.
fn uid(kind: &str) -> Option<Number> {
    match kind {
        "google" => serde_json::from_str("225874569526501080000").ok(),
        _ => None,
    }
}

fn organization_object(id: u64) -> Value {
    json!({
        "id": id, "name": "Sandbox", "timezoneId": 113, "countryId": 1, "zone": ZONE,
        "isPaused": false, "operations": "0", "transfer": "0", "nextReset": null,
        "license": {
            "apiLimit": 240, "interval": 1, "teams": 0, "users": 0, "scenarios": 0,
            "operations": 10_000, "transfer": 5_368_709_120_u64, "dslimit": 0,
            "dsslimit": 1_073_741_824_u64, "fslimit": 52_428_800, "iolimit": 0, "advsched": true,
            "onDemandScheduling": true, "customVariables": true, "customFunctions": true,
            "customProperties": false, "dynamicConnections": false, "scenarioIO": true,
            "analyticsAccess": false, "auditLogsDays": 0, "retention": 30, "dlqStorage": 104_857_600,
            "webhookLogRetentionDays": 3, "priority": "high",
        },
    })
}

fn user_object(id: u64, name: &str, email: &str) -> Value {
    json!({
        "id": id, "name": name, "email": email, "language": "en", "timezoneId": 113,
        "localeId": 18, "countryId": 1, "features": {}, "avatar": "", "lastLogin": null,
    })
}
