//! What waits in a hook's queue, and what the hook took.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::engine::queue;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::chosen::Chosen;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::hooks;
use super::scope::{number, text};

const ITEMS: List = List {
    collection: Collection::HookItems,
    name: "incomings",
    usual: &["id", "scope", "size", "created"],
    further: &[],
    sorts: &["created"],
    order: Order::Ascending,
    page: Some(10_000),
};

const LOGS: List = List {
    collection: Collection::HookLogs,
    name: "hookLogs",
    usual: &["id", "hookId", "statusId", "loggedAt", "method", "size"],
    further: &[],
    sorts: &["loggedAt"],
    order: Order::Descending,
    page: Some(25),
};

/// `GET /hooks/{id}/incomings`
pub(super) fn items(call: &Call<'_>, view: &View<'_>) -> Answer {
    hooks::find(call, view)?;
    let hook = Some(call.id(0)?);
    ITEMS.answer(
        call,
        view,
        |item| number(item, "hookId") == hook,
        |item| item,
    )
}

/// `GET /hooks/{id}/incomings/{incomingId}`: one, with its data.
pub(super) fn item(call: &Call<'_>, view: &View<'_>) -> Answer {
    let mut item = find(call, view, Collection::HookItems)?;
    if let Some(fields) = item.as_object_mut() {
        fields.shift_remove("hookId");
    }
    reply(&json!({ "incoming": item }))
}

/// `GET /hooks/{id}/incomings/stats`
pub(super) fn stats(call: &Call<'_>, view: &View<'_>) -> Answer {
    let hook = hooks::shown(call, hooks::find(call, view)?);
    let stats = json!({
        "queue": hook.get("queueCount"), "limit": hook.get("queueLimit"),
        "enabled": hook.get("enabled"),
    });
    reply(&json!({ "incomingStat": stats }))
}

/// `DELETE /hooks/{id}/incomings`: those that are chosen; all of them only with `confirmed=true`.
/// The answer is not documented.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    hooks::find(call, batch)?;
    let chosen = Chosen::of(call.body()?)?;
    let hook = call.id(0)?;
    let mut found = Vec::new();
    let ids = Collection::pair(hook, 0)..=Collection::pair(hook, u64::MAX);
    batch.each_in(Collection::HookItems, ids, |key, item: Value| {
        let id = text(&item, "id").unwrap_or_default();
        if chosen.holds(id) {
            found.push((key, id.to_owned()));
        }
    })?;
    if matches!(chosen, Chosen::AllBut(_)) && !call.is_confirmed()? {
        return Err(Refusal::unconfirmed(
            json!([{ "type": "deleteIncomings", "data": [{ "count": found.len() }] }]),
        ));
    }
    let mut removed = Vec::new();
    for (key, id) in found {
        queue::remove(batch, key)?;
        removed.push(id);
    }
    reply(&json!({ "incomings": removed }))
}

/// `GET /hooks/{id}/logs`, between `from` and `to` in milliseconds.
pub(super) fn logs(call: &Call<'_>, view: &View<'_>) -> Answer {
    hooks::find(call, view)?;
    let hook = Some(call.id(0)?);
    let from = call.query_number("from")?.unwrap_or(0);
    let to = call.query_number("to")?.unwrap_or(u64::MAX);
    let is_wanted = |row: &Value| {
        let at = text(row, "loggedAt").and_then(|time| time.parse::<jiff::Timestamp>().ok());
        let at = at.and_then(|at| u64::try_from(at.as_millisecond()).ok());
        number(row, "hookId") == hook && at.is_some_and(|at| (from..=to).contains(&at))
    };
    LOGS.answer(call, view, is_wanted, |row| row)
}

/// `GET /hooks/{id}/logs/{logId}`
pub(super) fn log(call: &Call<'_>, view: &View<'_>) -> Answer {
    reply(&json!({ "hookLog": find(call, view, Collection::HookLogs)? }))
}

fn find(call: &Call<'_>, view: &View<'_>, collection: Collection) -> Result<Value, Refusal> {
    hooks::find(call, view)?;
    let (hook, wanted) = (call.id(0)?, call.segment(1));
    let mut found = None;
    let ids = Collection::pair(hook, 0)..=Collection::pair(hook, u64::MAX);
    view.each_in(collection, ids, |_, item: Value| {
        if text(&item, "id") == Some(wanted) {
            found = Some(item);
        }
    })?;
    found.ok_or_else(|| Refusal::missing(format!("Item not found '{wanted}'.")))
}
