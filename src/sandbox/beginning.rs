//! What a new world holds: one organization with one team, its people and its connections.

use jiff::Timestamp;
use serde_json::{Number, Value, json};

use super::collection::Collection;
use super::error::WorldError;
use super::license;
use super::limit::PlanName;
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
        &organization_object(organization, "Sandbox", license::of(PlanName::Teams)),
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
    for (name, usage, scheduling, flow) in templates() {
        let id = batch.next_id(Collection::Templates)?;
        batch.put(
            Collection::Templates,
            id,
            &template_object(id, name, usage, (&scheduling, &flow)),
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

/// The templates that everybody finds: name, how often it was used, schedule, modules.
fn templates() -> [(&'static str, u64, Value, Value); 2] {
    let call = json!([{
        "id": 1, "module": "http:ActionSendData", "version": 3, "parameters": {},
        "mapper": { "url": "https://example.com", "method": "get" },
        "metadata": { "designer": { "x": 0, "y": 0 } },
    }]);
    let forward = json!([
        {
            "id": 1, "module": "gateway:CustomWebHook", "version": 1,
            "parameters": { "hook": null, "maxResults": 1 }, "mapper": {},
            "metadata": { "designer": { "x": 0, "y": 0 } },
        },
        {
            "id": 2, "module": "email:ActionSendEmail", "version": 7, "parameters": {},
            "mapper": { "subject": "News", "html": "{{1.value}}" },
            "metadata": { "designer": { "x": 300, "y": 0 } },
        },
    ]);
    let regularly = json!({ "type": "indefinitely", "interval": 900 });
    let at_once = json!({ "type": "immediately" });
    [
        ("Call an HTTP address", 321, regularly, call),
        ("Send a webhook's data by e-mail", 52, at_once, forward),
    ]
}

fn template_object(id: u64, name: &str, usage: u64, parts: (&Value, &Value)) -> Value {
    let (scheduling, flow) = parts;
    let slug: String = name
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == ' ')
        .map(|c| if c == ' ' { '-' } else { c })
        .collect();
    let modules = flow.as_array().into_iter().flatten();
    let apps = modules.filter_map(|module| module.get("module")?.as_str()?.split(':').next());
    json!({
        "id": id, "name": name, "description": null, "url": format!("{id}-{slug}"),
        "usedApps": apps.collect::<Vec<&str>>(), "usage": usage, "public": true,
        "scheduling": scheduling,
        "blueprint": { "name": name, "flow": flow, "metadata": { "version": 1 } },
    })
}

/// A new organization, in Prague until it is said otherwise.
pub(crate) fn organization_object(id: u64, name: &str, license: Value) -> Value {
    json!({
        "id": id, "name": name, "timezoneId": 113, "countryId": 1, "zone": ZONE,
        "isPaused": false, "operations": "0", "transfer": "0", "operationsExt": "0",
        "transferExt": "0", "unusedOperations": "0", "unusedTransfer": "0", "lastReset": null,
        "nextReset": null, "serviceName": "default", "productName": "Sandbox", "features": {},
        "externalId": "", "autoPurchasingActivated": false, "solutionPartnerLink": "",
        "privateSpaces": [], "license": license,
    })
}

/// A new user.
pub(crate) fn user_object(id: u64, name: &str, email: &str) -> Value {
    json!({
        "id": id, "name": name, "email": email, "language": "en", "timezoneId": 113,
        "localeId": 18, "countryId": 1, "features": {}, "avatar": "", "lastLogin": null,
    })
}
