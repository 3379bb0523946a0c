//! Webhooks and mailhooks.
//!
//! Which scenario a hook belongs to is not said here: it follows from the scenario's blueprint.

use serde_json::{Map, Value, json};

use crate::sandbox::beginning::ZONE;
use crate::sandbox::collection::Collection;
use crate::sandbox::engine::queue;
use crate::sandbox::hook_door::{LEARNED, LEARNING};
use crate::sandbox::quirk::{HookUnassigned, NewHooks};
use crate::sandbox::routes::body::{Body, absent};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::scope::{check_team, existing, is_true, number, required_team, set, text};
use super::uses::Uses;

/// The longest name.
const LONGEST_NAME: usize = 128;

const LIST: List = List {
    collection: Collection::Hooks,
    name: "hooks",
    usual: &[
        "id",
        "name",
        "teamId",
        "udid",
        "type",
        "packageName",
        "theme",
        "editable",
        "queueCount",
        "queueLimit",
        "enabled",
        "gone",
        "typeName",
        "data",
        "scenarioId",
        "url",
        "flags",
    ],
    further: &[],
    sorts: &["name"],
    order: Order::Ascending,
    page: None,
};

/// `GET /hooks`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    let kind = call.query("typeName");
    let assigned = call.query_flag("assigned")?;
    // Seen from a scenario, its own hook is as free to it as those that nobody has.
    let viewer = call.query_number("viewForScenarioId")?;
    let is_wanted = |hook: &Value| {
        let user = number(hook, "scenarioId");
        (kind.is_none() || text(hook, "typeName") == kind)
            && (assigned.is_none_or(|wanted| user.is_some() == wanted)
                || (user.is_some() && user == viewer))
    };
    LIST.answer(
        call,
        view,
        |hook| scope.holds(hook) && is_wanted(hook),
        |hook| shown(call, hook),
    )
}

/// `GET /hooks/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    answer_one(call, find(call, view)?)
}

/// `POST /hooks`
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call.body()?;
    let team = body.required_id("teamId")?;
    check_team(batch, team)?;
    let name = body.required_text("name", LONGEST_NAME)?.to_owned();
    let kind = body.required_text("typeName", LONGEST_NAME)?.to_owned();
    let may_omit = call.query("useDefaults") == Some("requiredOnly");
    let mut data = match is_plain(&kind) {
        true => plain_data(body, may_omit)?,
        false => app_data(batch, &body)?,
    };
    data.insert("teamId".to_owned(), json!(team));

    let id = batch.next_id(Collection::Hooks)?;
    let udid = udid(id);
    let url = match kind == MAIL {
        true => format!("{udid}@hook.{ZONE}"),
        false => format!("https://hook.{ZONE}/{udid}"),
    };
    let hook = json!({
        "id": id, "name": name, "teamId": team, "udid": udid,
        "type": if kind == MAIL { "mail" } else { "web" },
        "packageName": null, "theme": "#c73a63", "editable": is_plain(&kind),
        "queueCount": 0, "queueLimit": 10_000,
        "enabled": call.quirks().new_hooks == NewHooks::Enabled, "gone": false,
        "typeName": kind, "data": data, "url": url, LEARNING: true,
        queue::UNATTACHED: call.stamp(),
    });
    batch.put(Collection::Hooks, id, &hook)?;
    answer_one(call, hook)
}

/// `PATCH /hooks/{id}`: the name, and nothing else.
pub(super) fn rename(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let mut hook = find(call, batch)?;
    let body = call.body()?.only(&["name"])?;
    set(&mut hook, "name", body.required_text("name", LONGEST_NAME)?);
    batch.put(Collection::Hooks, call.id(0)?, &hook)?;
    answer_one(call, hook)
}

/// `POST /hooks/{id}/set-data`
pub(super) fn set_data(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let mut hook = find(call, batch)?;
    let mut body = call.body()?;
    if is_plain(text(&hook, "typeName").unwrap_or_default()) {
        body = body.only(&["ip", "udt", "headers", "method", "stringify"])?;
        body.text_or_null("ip")?;
        for flag in FLAGS {
            body.flag(flag)?;
        }
        if let Some(structure) = body.nullable_id("udt")?.flatten() {
            existing(
                batch,
                Collection::DataStructures,
                structure,
                "Data structure",
            )?;
        }
    }
    let before = hook.get("data").cloned();
    if let Some(data) = hook.get_mut("data").and_then(Value::as_object_mut) {
        for (field, value) in body.fields() {
            data.insert(field.clone(), value.clone());
        }
    }
    let changed = hook.get("data") != before.as_ref();
    batch.put(Collection::Hooks, call.id(0)?, &hook)?;
    reply(&json!({ "changed": changed }))
}

/// `DELETE /hooks/{id}`: one that a scenario uses only with `confirmed=true`. The scenario stays,
/// without a trigger it could start on.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    find(call, batch)?;
    let id = call.id(0)?;
    let uses = Uses::of(batch, Collection::Hooks, id)?;
    uses.confirm(call, "deleteHook")?;
    uses.let_go(call, batch)?;
    batch.remove(Collection::Hooks, id)?;
    queue::forget(batch, id)?;
    reply(&json!({ "hook": id }))
}

/// `GET /hooks/{id}/ping`
pub(super) fn ping(call: &Call<'_>, view: &View<'_>) -> Answer {
    let hook = find(call, view)?;
    let mut state = json!({
        "attached": number(&hook, "scenarioId").is_some(), "learning": is_true(&hook, LEARNING),
    });
    if let Some(learned) = hook.get(LEARNED) {
        set(&mut state, "dataStructure", learned.clone());
    }
    let hook = shown(call, hook);
    set(&mut state, "address", hook.get("url").cloned());
    set(&mut state, "gone", hook.get("gone").cloned());
    reply(&state)
}

/// `POST /hooks/{id}/enable`
pub(super) fn enable(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let mut hook = find(call, batch)?;
    if number(&hook, "scenarioId").is_none() {
        // Whether a hook that was unused for too long can be had back is not documented.
        set(&mut hook, queue::UNATTACHED, call.stamp());
        batch.put(Collection::Hooks, call.id(0)?, &hook)?;
    }
    set_state(call, batch, "enabled", true)
}

/// `POST /hooks/{id}/disable`
pub(super) fn disable(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    set_state(call, batch, "enabled", false)
}

/// `POST /hooks/{id}/learn-start`
pub(super) fn learn_start(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    set_state(call, batch, LEARNING, true)
}

/// `POST /hooks/{id}/learn-stop`
pub(super) fn learn_stop(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    set_state(call, batch, LEARNING, false)
}

pub(super) fn find(call: &Call<'_>, world: &impl Objects) -> Result<Value, Refusal> {
    existing(world, Collection::Hooks, call.id(0)?, "Hook")
}

fn answer_one(call: &Call<'_>, hook: Value) -> Answer {
    reply(&json!({ "hook": LIST.row(call, shown(call, hook))? }))
}

/// As answers show it: in a served world with the URL at which it takes requests.
pub(in crate::sandbox::routes) fn shown(call: &Call<'_>, mut hook: Value) -> Value {
    if queue::is_gone(&hook, call.now) {
        set(&mut hook, "gone", true);
        set(&mut hook, "enabled", false);
    }
    if let (Some(base), Some("web" | "web-shared")) = (call.hooks_at, text(&hook, "type")) {
        let url = format!("{base}/{}", text(&hook, "udid").unwrap_or_default());
        set(&mut hook, "url", url);
    }
    if call.quirks().hook_unassigned == HookUnassigned::Null && hook.get("scenarioId").is_none() {
        set(&mut hook, "scenarioId", Value::Null);
    }
    hook
}

fn set_state(call: &Call<'_>, batch: &mut Batch<'_>, field: &str, state: bool) -> Answer {
    let mut hook = find(call, batch)?;
    set(&mut hook, field, state);
    batch.put(Collection::Hooks, call.id(0)?, &hook)?;
    reply(&json!({ "success": true }))
}

const WEB: &str = "gateway-webhook";
const MAIL: &str = "gateway-mailhook";
const FLAGS: [&str; 3] = ["headers", "method", "stringify"];

/// Whether a hook belongs to Make itself and not to an app with fields of its own.
fn is_plain(kind: &str) -> bool {
    kind == WEB || kind == MAIL
}

/// The fields of Make's own hooks. `ip` and `udt` come later, by `set-data`.
fn plain_data(body: Body, may_omit: bool) -> Result<Map<String, Value>, Refusal> {
    let body = body.only(&[
        "name",
        "teamId",
        "typeName",
        "headers",
        "method",
        "stringify",
    ])?;
    let mut data = Map::new();
    data.insert("ip".to_owned(), Value::Null);
    data.insert("udt".to_owned(), Value::Null);
    for flag in FLAGS {
        let state = match body.flag(flag)? {
            None if !may_omit => return Err(absent(flag)),
            state => state.unwrap_or(false),
        };
        data.insert(flag.to_owned(), json!(state));
    }
    Ok(data)
}

/// The fields of an app's hook are the app's affair, but for the connection among them.
fn app_data(batch: &Batch<'_>, body: &Body) -> Result<Map<String, Value>, Refusal> {
    if let Some(connection) = body.nullable_id("__IMTCONN__")?.flatten()
        && batch.get(Collection::Connections, connection)?.is_none()
    {
        return Err(Refusal::unknown_reference(
            "Connection",
            &connection.to_string(),
        ));
    }
    let is_own = |name: &str| !["name", "teamId", "typeName"].contains(&name);
    let own = body.fields().iter().filter(|(name, _)| is_own(name));
    Ok(own
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect())
}

/// The secret part of a hook's URL: the same for the same hook of every world, so that what a
/// fresh world answers can be compared.
fn udid(id: u64) -> String {
    let mut random = fastrand::Rng::with_seed(id);
    (0..32)
        .filter_map(|_| char::from_digit(random.u32(0..36), 36))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::live::transport::Method::{Delete, Get, Patch, Post};
    use crate::sandbox::trial::Trial;

    #[test]
    fn a_hook_is_made_renamed_set_and_deleted() {
        let trial = Trial::new();
        let id = trial.hook("leads");
        let path = format!("/hooks/{id}");
        let hook = trial.get(&path)["hook"].clone();
        assert_eq!(hook["type"], "web");
        assert_eq!(hook["enabled"], true);
        assert_eq!(hook.get("scenarioId"), None);
        assert_eq!(
            trial.get("/hooks?teamId=1&assigned=false")["hooks"],
            json!([hook])
        );
        let ping = trial.get(&format!("{path}/ping"));
        assert_eq!(ping["address"], hook["url"]);
        assert_eq!(ping["learning"], true);
        trial.post(&format!("{path}/learn-stop"), json!({}));
        trial.post(&format!("{path}/disable"), json!({}));
        let set = json!({ "ip": "203.0.113.7", "headers": true });
        assert_eq!(
            trial.post(&format!("{path}/set-data"), set.clone())["changed"],
            true
        );
        assert_eq!(
            trial.post(&format!("{path}/set-data"), set)["changed"],
            false
        );
        let hook = trial.patch(&path, json!({ "name": "Leads" }))["hook"].clone();
        assert_eq!(hook["name"], "Leads");
        assert_eq!(hook["enabled"], false);
        assert_eq!(
            hook["data"],
            json!({
                "ip": "203.0.113.7", "udt": null, "headers": true, "method": false,
                "stringify": false, "teamId": 1,
            })
        );
        assert_eq!(
            trial.get(&format!("{path}/incomings"))["incomings"],
            json!([])
        );
        assert_eq!(
            trial.get(&format!("{path}/incomings/stats"))["incomingStat"]["queue"],
            0
        );
        assert_eq!(trial.delete(&path), json!({ "hook": id }));
        assert!(trial.refused(Get, &path, None).starts_with("404"));
    }

    #[test]
    fn a_hook_in_use_goes_only_when_that_is_confirmed() {
        let trial = Trial::new();
        let hook = trial.hook("leads");
        let flow = json!([{
            "id": 1, "module": "gateway:CustomWebHook", "version": 1,
            "parameters": { "hook": hook },
        }]);
        let scenario = trial.scenario("x", flow);
        let free = |viewer: u64| {
            let path = format!("/hooks?teamId=1&assigned=false&viewForScenarioId={viewer}");
            trial.get(&path)["hooks"].as_array().map(Vec::len)
        };
        assert_eq!((free(scenario), free(scenario + 1)), (Some(1), Some(0)));
        let path = format!("/hooks/{hook}");
        let (status, body) = trial.ask(Delete, &path, None);
        assert_eq!((status, &body["code"]), (406, &json!("IM004")));
        assert_eq!(body["metadata"][0]["data"][0]["scenarioId"], scenario);
        trial.delete(&format!("{path}?confirmed=true"));
        let row = trial.get(&format!("/scenarios/{scenario}"))["scenario"].clone();
        assert_eq!(row["isinvalid"], true);
        assert!(row["hookId"].is_null());
    }

    #[test]
    fn what_is_not_documented_of_a_hook_is_refused() {
        let trial = Trial::new();
        let refused = |body| trial.refused(Post, "/hooks", Some(body));
        let body = json!({ "name": "a", "teamId": "1", "typeName": "gateway-webhook" });
        assert_eq!(
            refused(body.clone()),
            "400 SC400 should have required property 'headers'"
        );
        let hook = trial.post("/hooks?useDefaults=requiredOnly", body);
        assert_eq!(hook["hook"]["data"]["method"], false);
        assert!(refused(json!({ "teamId": 1, "typeName": "gateway-webhook" })).starts_with("400"));
        let app = json!({ "name": "a", "teamId": 1, "typeName": "jotform", "__IMTCONN__": 99 });
        assert!(refused(app).starts_with("404 IM304"));
        let path = format!("/hooks/{}", hook["hook"]["id"]);
        assert!(
            trial
                .refused(Patch, &path, Some(json!({ "enabled": false })))
                .starts_with("400")
        );
    }
}
