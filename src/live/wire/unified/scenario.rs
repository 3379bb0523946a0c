//! Scenarios, whole: name, state, schedule and blueprint in one object.

use serde_json::{Map, Value, json};

use super::{ROWS, id_of};
use crate::{
    live::{
        LiveError,
        expected::Expected,
        page::{List, Paging},
        transport::Request,
        wire::{Node, Wrong},
        write::{Write, changed},
    },
    model::{
        Blueprint, Facts, Field, Form, Kind, Live, RemoteId, Spec,
        reference::Template,
        spec::{
            ScenarioSpec, ScheduleUse, Settings,
            schedule::{Cron, Schedule, When},
        },
        values_equal,
    },
};

/// All scenarios that the token sees.
pub(in crate::live) fn list() -> List {
    List {
        request: Request::get(&["scenarios"]),
        key: ROWS,
        paging: Paging::Offset { limit: 50 },
    }
}

/// One scenario, with its blueprint.
pub(in crate::live) fn get(id: &RemoteId) -> Request {
    Request::get(&["scenarios", &id.to_string()])
}

/// Reads the row of a list: what is missing there is read with [`whole`].
pub(in crate::live) fn live(row: &Node<'_>) -> Result<Live, Wrong> {
    let spec = ScenarioSpec {
        name: row.get("name")?.text()?,
        active: row.find_flag("active")?.map_or(Field::Absent, Field::Set),
        ..ScenarioSpec::default()
    };
    Ok(Live {
        id: id_of(row)?,
        spec: Spec::Scenario(Box::new(spec)),
        facts: Facts::default(),
    })
}

/// Reads a whole scenario. The id is the one that was asked for: the answer need not have one.
pub(in crate::live) fn whole(id: &RemoteId, answer: &Value) -> Result<Live, Wrong> {
    let node = Node::at(answer, "");
    let blueprint = blueprint(answer);
    let (mut settings, mut description) = (Settings::default(), Field::Absent);
    if !is_flow(&blueprint) {
        // An editor's export holds its settings itself.
        settings.max_errors = node
            .find_int("maxErrors")?
            .map_or(Field::Absent, Field::Set);
        settings.auto_commit = node
            .find_flag("autoCommit")?
            .map_or(Field::Absent, Field::Set);
    }
    if answer.get("description").is_some() {
        description = match node.find_text("description")?.as_deref() {
            None | Some("" | "\n") => Field::Null,
            Some(text) => Field::Set(Template::literal(text)),
        };
    }
    let spec = ScenarioSpec {
        name: node.get("name")?.text()?,
        description,
        active: node.find_flag("active")?.map_or(Field::Absent, Field::Set),
        schedule: schedule(answer.get("schedule")),
        blueprint: Field::Set(Blueprint::new(&blueprint, false)),
        settings,
        priority: match answer.get("priority") {
            None => Field::Absent,
            Some(Value::Null) => Field::Null,
            Some(priority) => Field::Set(priority.clone()),
        },
        ..ScenarioSpec::default()
    };
    Ok(Live {
        id: id.clone(),
        spec: Spec::Scenario(Box::new(spec)),
        facts: Facts {
            edited_at: node.find_time("updated"),
            ..Facts::default()
        },
    })
}

/// The blueprint as it was written, if the answer has it; else its modules and connections.
fn blueprint(answer: &Value) -> Value {
    if let Some(written @ Value::Object(_)) = answer.get("blueprint") {
        return written.clone();
    }
    let part = |key: &str| answer.get(key).cloned().unwrap_or_else(|| json!([]));
    json!({ "modules": part("modules"), "connections": part("connections") })
}

/// Whether a blueprint is an editor's export, which has a `flow`.
fn is_flow(blueprint: &Value) -> bool {
    blueprint.get("flow").is_some()
}

/// Reads `{cronExpression, timezone}`; one that can't be read is kept as it is.
fn schedule(value: Option<&Value>) -> Field<ScheduleUse> {
    let value = match value {
        None => return Field::Absent,
        Some(Value::Null) => {
            return Field::Set(ScheduleUse::Inline(Schedule::of(When::OnDemand)));
        }
        Some(value) => value,
    };
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let when = match text("cronExpression").map(Cron::parse) {
        Some(Ok(cron)) => When::Cron(cron),
        Some(Err(_)) | None => When::Raw(value.clone()),
    };
    Field::Set(ScheduleUse::Inline(Schedule {
        timezone: text("timezone").map(str::to_owned),
        ..Schedule::of(when)
    }))
}

/// The request that creates a scenario, and the form that stands then: it is inactive, whatever
/// is wanted.
pub(in crate::live) fn create(after: &Form) -> Result<(Write, Form), LiveError> {
    let name = after
        .text("name")
        .ok_or_else(|| unsayable("it has no name"))?;
    let mut body = Map::new();
    let mut standing = Form::default();
    body.insert("name".to_owned(), json!(name));
    body.insert("active".to_owned(), json!(false));
    standing.set("name", name);
    standing.set("active", false);
    if let Some(blueprint) = &after.blueprint {
        body.insert("blueprint".to_owned(), document(blueprint)?);
        standing.blueprint = Some(blueprint.clone());
    }
    for field in ["description", "priority", "maxErrors", "autoCommit"] {
        if let Some(value) = after.get(field).filter(|value| !value.is_null()) {
            body.insert(field.to_owned(), value.clone());
            standing.set(field, value.clone());
        }
    }
    if let Some(schedule) = after.get("schedule") {
        let said = said(schedule, after.get("timezone"))?;
        if !said.is_null() {
            body.insert("schedule".to_owned(), said);
            if let Some(zone) = after.get("timezone") {
                standing.set("timezone", zone.clone());
            }
        }
        standing.set("schedule", schedule.clone());
    }
    let request = Request::post(&["scenarios"]).json(&Value::Object(body));
    Ok((Write::create_unified(Kind::Scenario, request), standing))
}

/// The requests that turn one form into another: it is stopped first, and started last.
pub(in crate::live) fn update(
    id: &RemoteId,
    before: &Form,
    after: &Form,
) -> Result<Vec<Write>, LiveError> {
    let mut body = Map::new();
    for field in ["name", "description", "priority", "maxErrors", "autoCommit"] {
        if let Some(value) = changed(before, after, field) {
            body.insert(field.to_owned(), value.clone());
        }
    }
    if changed(before, after, "schedule").is_some() || changed(before, after, "timezone").is_some()
    {
        let zone = after.get("timezone").or_else(|| before.get("timezone"));
        let schedule = after.get("schedule").or_else(|| before.get("schedule"));
        let schedule = schedule.map(|schedule| said(schedule, zone)).transpose()?;
        body.insert("schedule".to_owned(), schedule.unwrap_or_default());
    }
    if let Some(wanted) = &after.blueprint {
        let same = match &before.blueprint {
            Some(before) if before.digest() == wanted.digest() => true,
            Some(before) => values_equal(&document(before)?, &document(wanted)?),
            None => false,
        };
        if !same {
            body.insert("blueprint".to_owned(), document(wanted)?);
        }
    }
    let active = changed(before, after, "active").and_then(Value::as_bool);
    let mut writes = Vec::new();
    if active == Some(false) {
        writes.push(switch(id, false));
    }
    if !body.is_empty() {
        let request = patch(id).json(&Value::Object(body));
        writes.push(Write::change("update scenario", request, Expected::OBJECT));
    }
    if active == Some(true) {
        writes.push(switch(id, true));
    }
    Ok(writes)
}

/// The requests that delete a scenario; an active one is stopped first.
pub(in crate::live) fn delete(id: &RemoteId, before: &Form) -> Vec<Write> {
    let request = Request::delete(&["scenarios", &id.to_string()]);
    let delete = Write::remove("delete scenario", request, Expected::OBJECT);
    match before.flag("active") {
        Some(true) => vec![switch(id, false), delete],
        Some(false) | None => vec![delete],
    }
}

/// Switches a scenario on or off. Switching on is sent once: it may also run it.
fn switch(id: &RemoteId, on: bool) -> Write {
    let request = patch(id).json(&json!({ "active": on }));
    match on {
        true => Write::change("start scenario", request, Expected::OBJECT).once(),
        false => Write::change("stop scenario", request, Expected::OBJECT),
    }
}

fn patch(id: &RemoteId) -> Request {
    Request::patch(&["scenarios", &id.to_string()])
}

/// A schedule as the API takes it: null for one that runs on demand.
fn said(schedule: &Value, zone: Option<&Value>) -> Result<Value, LiveError> {
    let Some(cron) = expression(schedule)? else {
        return Ok(Value::Null);
    };
    Ok(match zone.filter(|zone| !zone.is_null()) {
        Some(zone) => json!({ "cronExpression": cron, "timezone": zone }),
        None => json!({ "cronExpression": cron }),
    })
}

/// The cron expression of a schedule in the form of the zones; none for one on demand.
fn expression(schedule: &Value) -> Result<Option<String>, LiveError> {
    // Of cron that no rhythm says, and of what could not be read, the expression is kept.
    if let Some(written) = schedule.get("cronExpression").and_then(Value::as_str) {
        return Ok(Some(written.to_owned()));
    }
    let when = Schedule::from_make(schedule).normal().when;
    match Cron::of(&when) {
        _ if when == When::OnDemand => Ok(None),
        Some(cron) => Ok(Some(cron.to_string())),
        None => Err(unsayable("no cron expression says its schedule")),
    }
}

fn document(blueprint: &Blueprint) -> Result<Value, LiveError> {
    blueprint
        .document()
        .map_err(|error| unsayable(&error.to_string()))
}

fn unsayable(reason: &str) -> LiveError {
    LiveError::Unsayable {
        kind: "scenario",
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Blueprint, Field, Form, Spec, create, delete, update, whole};
    use crate::live::write::Write;

    fn wanted() -> Form {
        let document = json!({ "modules": [{ "id": 1, "app": "http", "action": "Get" }] });
        let mut form = Form {
            blueprint: Some(Blueprint::new(&document, false)),
            ..Form::default()
        };
        form.set("name", "Sync");
        form.set("active", true);
        form.set("schedule", json!({"type": "indefinitely", "interval": 900}));
        form.set("priority", "high");
        form
    }

    fn sent(writes: &[Write]) -> Vec<(String, Value)> {
        let body = |write: &Write| write.request.body.as_deref().map(serde_json::from_slice);
        writes
            .iter()
            .map(|write| {
                let body = body(write).map_or(Value::Null, |body| body.unwrap());
                (format!("{:?}", write.request), body)
            })
            .collect()
    }

    #[test]
    fn one_request_creates_all_but_the_active_state() {
        let after = wanted();
        let (write, standing) = create(&after).unwrap();
        let [(request, body)] = sent(&[write]).try_into().unwrap();
        assert_eq!(request, "POST /scenarios");
        assert_eq!(
            body,
            json!({"name": "Sync", "active": false, "priority": "high",
                "schedule": {"cronExpression": "*/15 * * * *"},
                "blueprint": {"modules": [{"id": 1, "app": "http", "action": "Get"}]}})
        );
        let rest = sent(&update(&"9".into(), &standing, &after).unwrap());
        assert_eq!(
            rest,
            [("PATCH /scenarios/9".to_owned(), json!({ "active": true }))]
        );
        assert!(update(&"9".into(), &after, &after).unwrap().is_empty());
    }

    #[test]
    fn what_changes_is_sent_between_stopping_and_starting() {
        let (before, mut after) = (wanted(), wanted());
        after.set("active", false);
        after.set("schedule", json!({"type": "on-demand"}));
        let writes = sent(&update(&"9".into(), &before, &after).unwrap());
        let bodies: Vec<&Value> = writes.iter().map(|(_, body)| body).collect();
        assert_eq!(
            bodies,
            [&json!({ "active": false }), &json!({ "schedule": null })]
        );
        let gone = sent(&delete(&"9".into(), &before));
        assert_eq!(gone[1].0, "DELETE /scenarios/9");
        after.set("timezone", "Europe/Prague");
        after.set("schedule", json!({"type": "daily", "time": "09:00"}));
        let writes = sent(&update(&"9".into(), &before, &after).unwrap());
        assert_eq!(
            writes[1].1,
            json!({ "schedule": { "cronExpression": "0 9 * * *", "timezone": "Europe/Prague" } })
        );
    }

    #[test]
    fn a_time_zone_alone_travels_with_the_schedule_that_stands() {
        let (before, mut after) = (wanted(), wanted());
        after.set("timezone", "Europe/Prague");
        let writes = sent(&update(&"9".into(), &before, &after).unwrap());
        let schedule = json!({ "cronExpression": "*/15 * * * *", "timezone": "Europe/Prague" });
        assert_eq!(writes[0].1, json!({ "schedule": schedule }));
        after.set(
            "schedule",
            json!({"type": "cron", "cronExpression": "0 9 1 * 1"}),
        );
        let writes = sent(&update(&"9".into(), &before, &after).unwrap());
        assert_eq!(writes[0].1["schedule"]["cronExpression"], "0 9 1 * 1");
        after.set("schedule", json!({"type": "immediately"}));
        assert!(update(&"9".into(), &before, &after).is_err());
    }

    #[test]
    fn a_scenario_is_read_whatever_is_missing() {
        let answer = json!({ "name": "x", "modules": [{ "id": 1 }], "active": false,
            "schedule": { "cronExpression": "0 9 * * MON", "timezone": "UTC" } });
        let Spec::Scenario(spec) = whole(&"9".into(), &answer).unwrap().spec else {
            panic!("no scenario");
        };
        assert_eq!(spec.description, Field::Absent);
        let blueprint = spec.blueprint.as_set().unwrap().document().unwrap();
        assert_eq!(
            blueprint,
            json!({ "modules": [{ "id": 1 }], "connections": [] })
        );
        assert!(whole(&"9".into(), &json!({})).is_err());
    }
}
