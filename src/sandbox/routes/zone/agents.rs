//! On-premises agents, through which a local network is reached, as Make's SDK knows them.
//!
//! Their ids are UUIDs; a world keeps them by the number at the end of it. An agent of a world
//! is registered and never starts.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::sandbox::collection::Collection;
use crate::sandbox::license;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::scope::{number, objects, organization_at, set};

/// The longest name; Make states none.
const LONGEST_NAME: usize = 128;

/// The feature of the license.
const FEATURE: &str = "onPremAgent";

/// What the ids of agents begin with.
const PREFIX: &str = "a6e27000-0000-4000-8000-";

/// The apps that an agent can reach, each with its fields: name, label, and whether one needs it.
type App = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str, bool)],
);
#[rustfmt::skip] // a table
const APPS: [App; 2] = [
    ("http", "HTTP", &[("baseUrl", "Base URL", true), ("user", "User name", false)]),
    ("sap-agent", "SAP", &[
        ("ashost", "Application server host", true), ("sysnr", "System number", true),
        ("client", "Client", true),
    ]),
];

/// The fields of an app, if it is one that agents reach.
pub(super) fn fields_of(app: &str) -> Option<&'static [(&'static str, &'static str, bool)]> {
    let known = APPS.iter().find(|(name, ..)| *name == app);
    known.map(|(_, _, fields)| *fields)
}

/// `GET /enums/connected-system-apps`
pub(super) fn apps(_: &Call<'_>, _: &View<'_>) -> Answer {
    let apps = APPS.iter();
    let rows = apps.map(|(name, label, _)| json!({ "name": name, "label": label, "icon": name }));
    reply(&json!({ "connectedSystemApps": rows.collect::<Vec<Value>>() }))
}

/// `GET /agents/{id}/apps/{app}/config`
pub(super) fn app_config(call: &Call<'_>, view: &View<'_>) -> Answer {
    find(call, view)?;
    let app = call.segment(1);
    let fields =
        fields_of(app).ok_or_else(|| Refusal::missing(format!("App not found '{app}'.")))?;
    let spec = fields.iter().map(|(name, label, required)| {
        json!({ "name": name, "label": label, "help": null, "required": required })
    });
    reply(&json!({ "inputs": [{
        "name": "inputs", "label": "Inputs", "type": "collection",
        "spec": spec.collect::<Vec<Value>>(),
    }] }))
}

/// `GET /agents`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let organization = organization(call, view)?;
    let rows = objects(view, Collection::Agents, |agent| {
        belongs(agent, organization)
    })?;
    let rows: Vec<Value> = rows.into_iter().map(|(_, agent)| shown(agent)).collect();
    reply(&json!({ "agents": rows }))
}

/// `GET /agents/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (_, agent) = find(call, view)?;
    reply(&json!({ "agent": shown(agent) }))
}

/// `POST /agent/register`. The secret is in this answer only, and nowhere in the world.
pub(super) fn register(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.required_number("organizationId")?;
    let organization = organization_at(call, batch, id)?;
    if !license::allows(&license::effective(call.plan, &organization), FEATURE) {
        return Err(Refusal::not_in_plan(FEATURE));
    }
    let body = call.body()?.only(&["name"])?;
    let name = body.required_text("name", LONGEST_NAME)?;
    let number = batch.next_id(Collection::Agents)?;
    let agent = json!({
        "id": format!("{PREFIX}{number:012x}"), "tenantId": format!("tenant-{id}"), "name": name,
        "status": "REGISTERED", "alerted": false, "connected": false,
        "createdDate": call.stamp(), "organizationId": id, "systems": [],
    });
    batch.put(Collection::Agents, number, &agent)?;
    let mut agent = shown(agent);
    let seed = format!("{number}/{}", call.now.as_nanosecond());
    let secret = base16ct::lower::encode_string(&Sha256::digest(seed));
    set(&mut agent, "clientSecret", secret);
    reply(&json!({ "agent": agent }))
}

/// `PATCH /agents/{id}`
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (number, mut agent) = find(call, batch)?;
    let body = call.body()?.only(&["name"])?;
    if body.get("name").is_some() {
        set(
            &mut agent,
            "name",
            body.required_text("name", LONGEST_NAME)?,
        );
    }
    batch.put(Collection::Agents, number, &agent)?;
    reply(&json!({ "agent": shown(agent) }))
}

/// `DELETE /agents/{id}`: with its connected systems.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (number, agent) = find(call, batch)?;
    batch.remove(Collection::Agents, number)?;
    reply(&json!({ "agent": agent.get("id") }))
}

/// The organization that must be in the query.
pub(super) fn organization(call: &Call<'_>, world: &impl Objects) -> Result<u64, Refusal> {
    let organization = call.required_number("organizationId")?;
    organization_at(call, world, organization)?;
    Ok(organization)
}

pub(super) fn belongs(agent: &Value, organization: u64) -> bool {
    number(agent, "organizationId") == Some(organization)
}

fn find(call: &Call<'_>, world: &impl Objects) -> Result<(u64, Value), Refusal> {
    by_id(world, organization(call, world)?, call.segment(0))
}

/// An agent of an organization, with its number in the world.
pub(super) fn by_id(
    world: &impl Objects,
    organization: u64,
    id: &str,
) -> Result<(u64, Value), Refusal> {
    let missing = || Refusal::missing(format!("Agent not found '{id}'."));
    let number = id.strip_prefix(PREFIX).ok_or_else(missing)?;
    let number = u64::from_str_radix(number, 16).map_err(|_| missing())?;
    let agent = world.object(Collection::Agents, number)?;
    let agent = agent.filter(|agent| belongs(agent, organization));
    Ok((number, agent.ok_or_else(missing)?))
}

fn shown(mut agent: Value) -> Value {
    let systems = agent.get("systems").and_then(Value::as_array).map(Vec::len);
    set(&mut agent, "systemConnectionsCount", systems.unwrap_or(0));
    if let Some(fields) = agent.as_object_mut() {
        fields.retain(|name, _| !matches!(name.as_str(), "systems" | "organizationId"));
    }
    agent
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::live::transport::Method::{Delete, Get, Post};
    use crate::sandbox::PlanName;
    use crate::sandbox::trial::Trial;

    #[test]
    fn an_agent_is_registered_renamed_and_removed() {
        let trial = Trial::on(PlanName::Enterprise);
        let register = "/agent/register?organizationId=1";
        let made = trial.post(register, json!({ "name": "Bridge" }))["agent"].clone();
        assert_eq!(made["status"], "REGISTERED");
        assert_eq!(made["clientSecret"].as_str().map(str::len), Some(64));
        let path = format!("/agents/{}?organizationId=1", made["id"].as_str().unwrap());
        let shown = trial.get(&path);
        assert_eq!(shown["agent"].get("clientSecret"), None, "shown once");
        assert_eq!(shown["agent"]["systemConnectionsCount"], 0);
        let renamed = trial.patch(&path, json!({ "name": "Gate" }));
        let listed = trial.get("/agents?organizationId=1");
        assert_eq!(listed["agents"], json!([renamed["agent"]]));
        assert_eq!(listed["agents"][0]["name"], "Gate");
        assert_eq!(trial.delete(&path), json!({ "agent": made["id"] }));
        assert!(trial.refused(Delete, &path, None).starts_with("404"));
        assert!(
            trial
                .refused(Get, "/agents/x?organizationId=1", None)
                .starts_with("404")
        );
        assert!(trial.refused(Get, "/agents", None).starts_with("400"));
        let nameless = trial.refused(Post, register, Some(json!({})));
        assert!(nameless.starts_with("400"));
    }

    #[test]
    fn agents_are_a_matter_of_the_plan_and_their_apps_of_nobody() {
        let trial = Trial::new();
        let body = Some(json!({ "name": "Bridge" }));
        let refused = trial.refused(Post, "/agent/register?organizationId=1", body);
        assert!(refused.starts_with("402 SC402"), "{refused}");
        assert_eq!(trial.get("/agents?organizationId=1")["agents"], json!([]));
        let apps = trial.get("/enums/connected-system-apps");
        assert_eq!(apps["connectedSystemApps"][1]["name"], "sap-agent");
    }
}
