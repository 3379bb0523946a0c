//! What agents reach: each system is kept with its agent.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::body::{Body, absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::agents;
use super::scope::{objects, set, text};

/// The longest name; Make states none.
const LONGEST_NAME: usize = 128;

/// What the ids of systems begin with; the rest is a number that no other system has.
const PREFIX: &str = "5757e000-0000-4000-8000-";

/// A connected system, with the agent that it is kept in.
struct Found {
    number: u64,
    agent: Value,
    system: Value,
}

/// `GET /connected-systems`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let organization = agents::organization(call, view)?;
    let id = call.query("agentId").ok_or_else(|| absent("agentId"))?;
    let (_, agent) = agents::by_id(view, organization, id)?;
    reply(&json!({ "connectedSystems": systems(&agent) }))
}

/// `GET /connected-systems/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    reply(&json!({ "connectedSystem": find(call, view)?.system }))
}

/// `POST /connected-systems`
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let organization = agents::organization(call, batch)?;
    let body = call
        .body()?
        .only(&["name", "agentId", "appName", "inputs"])?;
    let agent = body.required_text("agentId", LONGEST_NAME)?;
    let (number, agent) = agents::by_id(batch, organization, agent)?;
    let app = body.required_text("appName", LONGEST_NAME)?;
    // Numbers of agents go up, and so do those of systems: none is ever given twice.
    let serial = batch.next_id(Collection::Agents)?;
    let system = json!({
        "id": format!("{PREFIX}{serial:012x}"),
        "name": body.required_text("name", LONGEST_NAME)?, "agentId": agent.get("id"),
        "appName": app, "inputs": inputs(app, &body)?.ok_or_else(|| absent("inputs"))?,
    });
    keep(batch, number, agent, &system)?;
    reply(&json!({ "connectedSystem": system }))
}

/// `PATCH /connected-systems/{id}`; another `agentId` moves it there.
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let organization = agents::organization(call, batch)?;
    let mut found = find(call, batch)?;
    let body = call
        .body()?
        .only(&["name", "agentId", "appName", "inputs"])?;
    for field in ["name", "appName"] {
        if body.get(field).is_some() {
            let value = body.required_text(field, LONGEST_NAME)?;
            set(&mut found.system, field, value);
        }
    }
    let app = text(&found.system, "appName")
        .unwrap_or_default()
        .to_owned();
    if let Some(inputs) = inputs(&app, &body)? {
        set(&mut found.system, "inputs", inputs);
    } else if agents::fields_of(&app).is_none() {
        return Err(Refusal::missing(format!("App not found '{app}'.")));
    }
    let (mut number, mut agent) = (found.number, found.agent);
    if let Some(id) = body.text("agentId", LONGEST_NAME)? {
        take(batch, number, agent, &found.system)?;
        (number, agent) = agents::by_id(batch, organization, id)?;
        set(&mut found.system, "agentId", id);
    }
    keep(batch, number, agent, &found.system)?;
    reply(&json!({ "connectedSystem": found.system }))
}

/// `DELETE /connected-systems/{id}`
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let found = find(call, batch)?;
    take(batch, found.number, found.agent, &found.system)?;
    reply(&json!({ "connectedSystem": found.system.get("id") }))
}

fn systems(agent: &Value) -> Vec<Value> {
    let systems = agent.get("systems").and_then(Value::as_array);
    systems.cloned().unwrap_or_default()
}

fn find(call: &Call<'_>, world: &impl Objects) -> Result<Found, Refusal> {
    let organization = agents::organization(call, world)?;
    let id = call.segment(0);
    let is_it = |system: &Value| text(system, "id") == Some(id);
    for (number, agent) in objects(world, Collection::Agents, |agent| {
        agents::belongs(agent, organization)
    })? {
        if let Some(system) = systems(&agent).into_iter().find(is_it) {
            return Ok(Found {
                number,
                agent,
                system,
            });
        }
    }
    Err(Refusal::missing(format!(
        "Connected system not found '{id}'."
    )))
}

/// Puts a system into its agent, in place of what it was.
fn keep(
    batch: &mut Batch<'_>,
    number: u64,
    mut agent: Value,
    system: &Value,
) -> Result<(), Refusal> {
    let mut systems = systems(&agent);
    match systems
        .iter_mut()
        .find(|known| known.get("id") == system.get("id"))
    {
        Some(known) => known.clone_from(system),
        None => systems.push(system.clone()),
    }
    set(&mut agent, "systems", systems);
    Ok(batch.put(Collection::Agents, number, &agent)?)
}

fn take(
    batch: &mut Batch<'_>,
    number: u64,
    mut agent: Value,
    system: &Value,
) -> Result<(), Refusal> {
    let mut systems = systems(&agent);
    systems.retain(|known| known.get("id") != system.get("id"));
    set(&mut agent, "systems", systems);
    Ok(batch.put(Collection::Agents, number, &agent)?)
}

/// The inputs of a body, by name there, as a list of names and values: those that the app has.
fn inputs(app: &str, body: &Body) -> Result<Option<Value>, Refusal> {
    let Some(given) = body.get("inputs") else {
        return Ok(None);
    };
    let given = given.as_object().ok_or_else(|| wrong("inputs", "object"))?;
    let fields = agents::fields_of(app);
    let fields = fields.ok_or_else(|| Refusal::missing(format!("App not found '{app}'.")))?;
    for (name, _, required) in fields {
        if *required && !given.contains_key(*name) {
            return Err(absent(name));
        }
    }
    if let Some(name) = given
        .keys()
        .find(|name| !fields.iter().any(|(known, ..)| known == name))
    {
        let detail = format!("should NOT have additional property '{name}'");
        return Err(Refusal::invalid(detail));
    }
    let rows = given
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }));
    Ok(Some(rows.collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Get, Post};
    use crate::sandbox::PlanName;
    use crate::sandbox::trial::Trial;

    #[test]
    fn a_system_is_made_moved_and_removed() {
        let trial = Trial::on(PlanName::Enterprise);
        let agent = |name: &str| {
            let made = trial.post("/agent/register?organizationId=1", json!({ "name": name }));
            made["agent"]["id"].as_str().unwrap().to_owned()
        };
        let (first, second) = (agent("A"), agent("B"));
        let config = trial.get(&format!(
            "/agents/{first}/apps/http/config?organizationId=1"
        ));
        assert_eq!(config["inputs"][0]["spec"][0]["name"], "baseUrl");
        let make = "/connected-systems?organizationId=1";
        let body = |inputs: Value| json!({ "name": "CRM", "agentId": first, "appName": "http", "inputs": inputs });
        let made = trial.post(make, body(json!({ "baseUrl": "https://crm.internal" })));
        let id = made["connectedSystem"]["id"].as_str().unwrap().to_owned();
        let path = format!("/connected-systems/{id}?organizationId=1");
        assert_eq!(trial.get(&path), made);
        let moved = trial.patch(&path, json!({ "name": "CRM 2", "agentId": second }));
        let of = |agent: &str| {
            let path = format!("/connected-systems?organizationId=1&agentId={agent}");
            trial.get(&path)["connectedSystems"].clone()
        };
        assert_eq!(
            (of(&first), of(&second)),
            (json!([]), json!([moved["connectedSystem"]]))
        );
        let counted = trial.get(&format!("/agents/{second}?organizationId=1"));
        assert_eq!(counted["agent"]["systemConnectionsCount"], 1);
        assert_eq!(trial.delete(&path), json!({ "connectedSystem": id }));
        assert!(trial.refused(Get, &path, None).starts_with("404"));

        let refused = |body: Value| trial.refused(Post, make, Some(body));
        assert!(
            refused(body(json!({}))).starts_with("400"),
            "what the app needs is not there"
        );
        let unknown = json!({ "baseUrl": "x", "colour": "red" });
        assert!(refused(body(unknown)).starts_with("400"));
        let nobody = json!({ "name": "x", "agentId": "x", "appName": "http", "inputs": {} });
        assert!(refused(nobody).starts_with("404"));
    }
}
