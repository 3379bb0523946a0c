//! Webhooks of this dialect: each is made for a scenario, and never changes.

use serde_json::{Value, json};

use crate::live::transport::Method;
use crate::sandbox::collection::Collection;
use crate::sandbox::routes::body::{Body, absent};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::routes::zone::hooks;
use crate::sandbox::store::{Batch, Objects, View};

use super::KEPT;
use super::inner::Inner;
use super::page::Page;
use super::scenarios::existing;

/// `GET /webhooks`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let mut rows = Vec::new();
    view.each_in(Collection::Hooks, 0..=u64::MAX, |_, hook: Value| {
        // Mailhooks and apps' hooks have no form here.
        if hook.get("typeName").and_then(Value::as_str) == Some("gateway-webhook") {
            rows.push(row(&hooks::shown(call, hook)));
        }
    })?;
    Page::of(call)?.answer(rows)
}

/// A webhook as lists show it. Credentials never come back; a user name does.
fn row(hook: &Value) -> Value {
    let kept = |field: &str| hook.get(KEPT).and_then(|kept| kept.get(field));
    let stringify = hook.pointer("/data/stringify") == Some(&Value::Bool(true));
    let kind = if stringify { "raw" } else { "custom" };
    let security = kept("security").cloned();
    let security = security.map_or_else(
        || json!({ "type": "none" }),
        |security| {
            let mut shown = json!({ "type": security.get("type") });
            if let (Some(shown), Some(name)) = (shown.as_object_mut(), security.get("username")) {
                shown.insert("username".to_owned(), name.clone());
            }
            shown
        },
    );
    json!({
        "id": hook.get("id"), "name": hook.get("name"), "url": hook.get("url"),
        "scenarioId": hook.get("scenarioId"), "type": kind,
        "hookType": kept("hookType"), "security": security,
    })
}

/// `POST /webhooks`
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call
        .body()?
        .only(&["name", "scenarioId", "type", "hookType", "security"])?;
    let scenario = body.required_id("scenarioId")?;
    let mut of = existing(batch, scenario)?;
    if let Some(other) = of.get("hookId").and_then(Value::as_u64) {
        return Err(Refusal::conflict(format!(
            "Scenario '{scenario}' has webhook '{other}' already."
        )));
    }
    let stringify = match body.required_text("type", 20)? {
        "custom" => false,
        "raw" => true,
        _ => return Err(Refusal::invalid("'type' should be custom or raw")),
    };
    let hook_type = body.text("hookType", 20)?;
    if hook_type.is_some_and(|kind| !["HEAD", "GET"].contains(&kind)) {
        return Err(Refusal::invalid("'hookType' should be HEAD or GET"));
    }
    let security = security(&body)?;
    let made = Inner::new(Method::Post, "/hooks".to_owned())
        .body(&json!({
            "name": body.required_text("name", 128)?, "teamId": of.get("teamId"),
            "typeName": "gateway-webhook", "method": false, "headers": false,
            "stringify": stringify,
        }))
        .carry_out(call, batch)?;
    let id = made.pointer("/hook/id").and_then(Value::as_u64);
    let id = id.ok_or_else(|| Refusal::broken("a new hook has no id"))?;
    let mut hook = found(batch, id)?;
    if let Some(hook) = hook.as_object_mut() {
        hook.insert("scenarioId".to_owned(), json!(scenario));
        let kept = json!({ "hookType": hook_type, "security": security });
        hook.insert(KEPT.to_owned(), kept);
    }
    batch.put(Collection::Hooks, id, &hook)?;
    if let Some(of) = of.as_object_mut() {
        of.insert("hookId".to_owned(), json!(id));
    }
    batch.put(Collection::Scenarios, scenario, &of)?;
    let hook = hooks::shown(call, hook);
    reply(&json!({ "id": id, "url": hook.get("url") }))
}

/// What a caller has to show.
fn security(body: &Body) -> Result<Value, Refusal> {
    let Some(written) = body.get("security").filter(|written| !written.is_null()) else {
        return Ok(json!({ "type": "none" }));
    };
    let needs: &[&str] = match written.get("type").and_then(Value::as_str) {
        Some("none") => &[],
        Some("basic") => &["username", "password"],
        Some("token") => &["token"],
        _ => {
            return Err(Refusal::invalid(
                "'security.type' should be none, basic or token",
            ));
        }
    };
    for field in needs {
        let value = written.get(field).and_then(Value::as_str);
        if value.is_none_or(str::is_empty) {
            return Err(absent(&format!("security.{field}")));
        }
    }
    Ok(written.clone())
}

/// `DELETE /webhooks/{id}`
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    found(batch, id)?;
    Inner::new(Method::Delete, format!("/hooks/{id}"))
        .query("confirmed", true)
        .carry_out(call, batch)?;
    reply(&json!({ "id": id }))
}

fn found(world: &impl Objects, id: u64) -> Result<Value, Refusal> {
    world
        .object(Collection::Hooks, id)?
        .ok_or_else(|| Refusal::missing(format!("Webhook not found '{id}'.")))
}
