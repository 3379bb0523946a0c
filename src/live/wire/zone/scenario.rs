//! Scenarios, with their blueprints and schedules.

use serde_json::{Map, Value, json};

use crate::{
    live::{
        LiveError,
        expected::Expected,
        page::{List, Paging},
        transport::{Method, Request},
        wire::{Node, Wrong, zone::blueprint},
        write::{Write, changed},
    },
    model::{
        Blueprint, Facts, Field, Form, Kind, Live, RemoteId, Spec,
        reference::Template,
        spec::{Link, ScenarioSpec, Schedule, ScheduleUse, Settings},
        values_equal,
    },
};

/// All that is read of a scenario but its blueprint. Named, because what comes without being
/// asked for is not documented.
const COLUMNS: [&str; 15] = [
    "id",
    "name",
    "teamId",
    "hookId",
    "description",
    "folderId",
    "isinvalid",
    "islinked",
    "isActive",
    "isPaused",
    "lastEdit",
    "scenarioVersion",
    "scheduling",
    "dlqCount",
    "updatedByUser",
];

/// A column that was seen in answers, and that no document has.
const PROPERTIES: &str = "customProperties";

/// What the request that sets inputs and outputs does.
pub(in crate::live) const SET_INTERFACE: &str = "set scenario interface";

/// What changes, switches and deletions are answered with.
const ANSWER: Expected = Expected::member("scenario");

/// All scenarios of a team; with their custom properties, where rows have them.
pub(in crate::live) fn list(team: u64, with_properties: bool) -> List {
    let further = with_properties.then_some(PROPERTIES);
    let columns: Vec<&str> = COLUMNS.into_iter().chain(further).collect();
    List {
        request: Request::get(&["scenarios"])
            .query("teamId", team)
            .columns(&columns),
        key: "scenarios",
        paging: Paging::Sorted {
            limit: 10_000,
            by: "id",
        },
    }
}

/// One scenario, without its blueprint.
pub(in crate::live) fn get(id: &RemoteId) -> Request {
    Request::get(&["scenarios", &id.to_string()]).columns(&COLUMNS)
}

/// Reads a row, which has no blueprint.
pub(in crate::live) fn live(row: &Node<'_>) -> Result<Live, Wrong> {
    let active = row.find_flag("isActive")?;
    let active = active.map_or_else(|| row.find_flag("islinked"), |flag| Ok(Some(flag)))?;
    let description = row.find_text("description")?.unwrap_or_default();
    let folder = row.find_int("folderId")?;
    let spec = ScenarioSpec {
        name: row.get("name")?.text()?,
        folder: Field::from(folder.map(|id| Link::Id(RemoteId::Int(id)))),
        // Make stores a lone newline for a description that is empty.
        description: match description.as_str() {
            "" | "\n" => Field::Null,
            text => Field::Set(Template::literal(text)),
        },
        active: active.map_or(Field::Absent, Field::Set),
        schedule: row.find("scheduling").map_or(Field::Absent, |node| {
            Field::Set(ScheduleUse::Inline(schedule(node.value())))
        }),
        blueprint: Field::Absent,
        settings: Settings::default(),
        // Beside the blueprint.
        interface: Field::Absent,
        // A request of their own.
        custom_properties: Field::Absent,
        // Nothing of the zones' API.
        priority: Field::Absent,
    };
    let editor = row.find("updatedByUser");
    Ok(Live {
        id: RemoteId::Int(row.get("id")?.int()?),
        spec: Spec::Scenario(Box::new(spec)),
        facts: Facts {
            edited_at: row.find_time("lastEdit"),
            revision: blueprint::revision(row, &COLUMNS),
            edited_by: match &editor {
                Some(editor) => editor.find_text("name")?,
                None => None,
            },
            editor: editor.and_then(|editor| Node::loose_int(editor.value().get("id")?)),
            invalid: row.find_flag("isinvalid")?.unwrap_or(false),
            paused: row.find_flag("isPaused")?.unwrap_or(false),
            incomplete: row.find_int("dlqCount")?,
            attached: row.find_int("hookId")?.map(RemoteId::Int),
            ..Facts::default()
        },
    })
}

/// Reads a row of a list that may show custom properties.
pub(in crate::live) fn listed(row: &Node<'_>) -> Result<Live, Wrong> {
    let mut live = live(row)?;
    if let Spec::Scenario(spec) = &mut live.spec {
        spec.custom_properties = shown_properties(row);
    }
    Ok(live)
}

/// Makes a schedule of what Make has; a text that holds JSON counts as that JSON.
fn schedule(value: &Value) -> Schedule {
    match value.as_str().map(serde_json::from_str::<Value>) {
        Some(Ok(inner)) => Schedule::from_make(&inner),
        Some(Err(_)) | None => Schedule::from_make(value),
    }
}

/// A scenario's custom properties.
pub(in crate::live) fn properties(id: &RemoteId) -> Request {
    Request::get(&["scenarios", &id.to_string(), "custom-properties"])
}

/// The custom properties that a row shows. One that does not may lack the column, or have none.
fn shown_properties(row: &Node<'_>) -> Field<Map<String, Value>> {
    match row.value().get(PROPERTIES) {
        Some(Value::Object(values)) => Field::Set(values.clone()),
        Some(_) | None => Field::Absent,
    }
}

/// Reads the answer about custom properties; null where there never were any.
pub(in crate::live) fn read_properties(answer: &Value) -> Result<Field<Map<String, Value>>, Wrong> {
    let values = Node::at(answer, "").find("customProperties");
    let values = values.and_then(|values| values.value().as_object().cloned());
    Ok(Field::from(values))
}

/// The request that creates a scenario, and the form that stands then: it is inactive and has no
/// description, whatever is wanted.
pub(in crate::live) fn create(team: u64, after: &Form) -> Result<(Write, Form), LiveError> {
    let (name, blueprint) = after
        .text("name")
        .zip(after.blueprint.as_ref())
        .ok_or_else(|| unsayable("it has no name or no blueprint"))?;
    let schedule = after
        .get("schedule")
        .filter(|schedule| !schedule.is_null())
        .cloned()
        .unwrap_or_else(|| json!({ "type": "on-demand" }));
    let folder = after.get("folder").cloned().unwrap_or(Value::Null);
    let mut body = json!({
        "teamId": team,
        "blueprint": text(blueprint)?,
        "scheduling": schedule.to_string(),
    });
    if let (Some(body), false) = (body.as_object_mut(), folder.is_null()) {
        body.insert("folderId".to_owned(), folder.clone());
    }
    let mut standing = Form {
        blueprint: Some(blueprint.clone()),
        ..Form::default()
    };
    standing.set("name", name);
    standing.set("folder", folder);
    standing.set("schedule", schedule);
    standing.set("description", "");
    standing.set("active", false);
    // Make asks for confirmation when an app is used for the first time in the organization.
    let request = Request::post(&["scenarios"])
        .query("confirmed", true)
        .json(&body);
    Ok((Write::create(Kind::Scenario, request), standing))
}

/// The requests that turn one form into another: one for all that is stored, and one that
/// switches it. What becomes inactive is stopped before it changes, so that the new content
/// never runs.
pub(in crate::live) fn update(
    id: &RemoteId,
    before: &Form,
    after: &Form,
) -> Result<Vec<Write>, LiveError> {
    let mut body = Map::new();
    for (field, key) in [
        ("name", "name"),
        ("folder", "folderId"),
        ("description", "description"),
    ] {
        if let Some(value) = changed(before, after, field) {
            body.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(schedule) = changed(before, after, "schedule") {
        body.insert("scheduling".to_owned(), json!(schedule.to_string()));
    }
    if let Some(blueprint) = &after.blueprint
        && !is_stored(before.blueprint.as_ref(), blueprint)?
    {
        body.insert("blueprint".to_owned(), json!(text(blueprint)?));
    }
    let patch = (!body.is_empty()).then(|| {
        let request = Request::patch(&["scenarios", &id.to_string()])
            .query("confirmed", true)
            .json(&Value::Object(body));
        Write::change("update scenario", request, ANSWER)
    });
    let switch = changed(before, after, "active").and_then(Value::as_bool);
    // Inputs stand only where the schedule is on demand: they go before it changes, and come
    // after it has.
    let (first, last) = match interface(id, before, after) {
        Some(write) if has_inputs(after) => (None, Some(write)),
        other => (other, None),
    };
    let stop = (switch == Some(false)).then(|| stop(id));
    let start = (switch == Some(true)).then(|| start(id));
    let writes = [
        stop,
        first,
        patch,
        last,
        custom_properties(id, before, after),
        start,
    ];
    Ok(writes.into_iter().flatten().collect())
}

/// The request that sets inputs and outputs. The documents wrap them, and one source does not:
/// where the one form is refused, the other is tried.
fn interface(id: &RemoteId, before: &Form, after: &Form) -> Option<Write> {
    let wanted = changed(before, after, "interface")?;
    let side = |key: &str| wanted.get(key).cloned().unwrap_or_else(|| json!([]));
    let bare = json!({ "input": side("input"), "output": side("output") });
    let request = || Request::patch(&["scenarios", &id.to_string(), "interface"]);
    let wrapped = request().json(&json!({ "interface": bare }));
    let write = Write::change(SET_INTERFACE, wrapped, Expected::member("interface"));
    Some(write.or_else(|refusal| refusal.status == 400, request().json(&bare)))
}

fn has_inputs(form: &Form) -> bool {
    let inputs = form
        .get("interface")
        .and_then(|interface| interface.get("input"));
    inputs
        .and_then(Value::as_array)
        .is_some_and(|inputs| !inputs.is_empty())
}

/// The request that sets custom properties: the first ones come by another call than all others,
/// and nothing tells whether there were any that are empty by now.
fn custom_properties(id: &RemoteId, before: &Form, after: &Form) -> Option<Write> {
    let wanted = changed(before, after, "customProperties")?;
    let request =
        |method| Request::new(method, &["scenarios", &id.to_string(), "custom-properties"]);
    if wanted.is_null() {
        let what = "delete custom properties";
        let request = request(Method::Delete);
        return Some(Write::change(what, request, Expected::OBJECT));
    }
    let (create, replace) = (
        request(Method::Post).json(wanted),
        request(Method::Put).json(wanted),
    );
    let is_new = before.get("customProperties").is_none_or(Value::is_null);
    let what = "set custom properties";
    let write = |request| Write::change(what, request, Expected::OBJECT);
    Some(match is_new {
        true => write(create).or_else(|refusal| refusal.code.as_deref() == Some("IM005"), replace),
        false => write(replace).or_else(|refusal| refusal.code.as_deref() == Some("IM013"), create),
    })
}

/// Whether a blueprint is what Make has, but for the `metadata.instant` that it adds.
fn is_stored(before: Option<&Blueprint>, after: &Blueprint) -> Result<bool, LiveError> {
    let Some(before) = before else {
        return Ok(false);
    };
    if before.digest() == after.digest() {
        return Ok(true);
    }
    let (mut stored, wanted) = (document(before)?, document(after)?);
    let instant = |document: &Value| document.pointer("/metadata/instant").is_some();
    if !instant(&stored) || instant(&wanted) {
        return Ok(false);
    }
    if let Some(Value::Object(metadata)) = stored.get_mut("metadata") {
        metadata.shift_remove("instant");
    }
    Ok(values_equal(&stored, &wanted))
}

/// The requests that delete a scenario. An active one is stopped first: whether Make deletes it
/// as it is, nobody documents.
pub(in crate::live) fn delete(id: &RemoteId, before: &Form) -> Vec<Write> {
    let request = Request::delete(&["scenarios", &id.to_string()]);
    let delete = Write::remove("delete scenario", request, ANSWER);
    match before.flag("active") {
        Some(true) => vec![stop(id), delete],
        Some(false) | None => vec![delete],
    }
}

/// Starts a scenario. Sent once: it also runs a scenario that has regular intervals.
fn start(id: &RemoteId) -> Write {
    let request = Request::post(&["scenarios", &id.to_string(), "start"]);
    Write::change("start scenario", request, ANSWER)
        .once()
        .settled_by(&["Scenario is already running"])
}

fn stop(id: &RemoteId) -> Write {
    let request = Request::post(&["scenarios", &id.to_string(), "stop"]);
    Write::change("stop scenario", request, ANSWER).settled_by(&["Scenario is not running"])
}

/// A blueprint as Make wants it: a text that holds JSON.
fn text(blueprint: &Blueprint) -> Result<String, LiveError> {
    Ok(document(blueprint)?.to_string())
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

    use super::{Blueprint, Form, create, delete, live, update};
    use crate::{
        live::{wire::Node, write::Write},
        model::{Field, Spec},
    };

    fn wanted() -> Form {
        let document = json!({"name": "Sync", "flow": [], "metadata": {}});
        let mut form = Form {
            blueprint: Some(Blueprint::new(&document, false)),
            ..Form::default()
        };
        form.set("name", "Sync");
        form.set("description", "Copies");
        form.set("active", true);
        form.set("schedule", json!({"type": "indefinitely", "interval": 900}));
        form
    }

    fn shape(writes: &[Write]) -> Vec<String> {
        writes
            .iter()
            .map(|write| format!("{:?}", write.request))
            .collect()
    }

    fn body(write: &Write) -> Value {
        serde_json::from_slice(write.request.body.as_deref().unwrap()).unwrap()
    }

    #[test]
    fn a_create_says_what_it_can_and_the_rest_is_an_update() {
        let after = wanted();
        let (write, standing) = create(4, &after).unwrap();
        assert_eq!(
            body(&write),
            json!({"teamId": 4,
                "blueprint": r#"{"name":"Sync","flow":[],"metadata":{}}"#,
                "scheduling": r#"{"type":"indefinitely","interval":900}"#})
        );
        let rest = update(&"9".into(), &standing, &after).unwrap();
        assert_eq!(
            shape(&rest),
            [
                "PATCH /scenarios/9?confirmed=true",
                "POST /scenarios/9/start"
            ]
        );
        assert_eq!(body(&rest[0]), json!({"description": "Copies"}));
        assert!(update(&"9".into(), &after, &after).unwrap().is_empty());
    }

    #[test]
    fn what_make_adds_to_a_blueprint_is_no_reason_to_send_it_again() {
        let (mut before, after) = (wanted(), wanted());
        let stored = json!({"metadata": {"instant": false}, "flow": [], "name": "Sync"});
        before.blueprint = Some(Blueprint::new(&stored, false));
        assert!(update(&"9".into(), &before, &after).unwrap().is_empty());
        let other = json!({"metadata": {"instant": false}, "flow": [{}], "name": "Sync"});
        before.blueprint = Some(Blueprint::new(&other, false));
        assert_eq!(update(&"9".into(), &before, &after).unwrap().len(), 1);
    }

    #[test]
    fn what_becomes_inactive_is_stopped_before_it_changes_or_goes() {
        let before = wanted();
        let mut after = before.clone();
        after.set("active", false);
        after.set("folder", 12);
        assert_eq!(
            shape(&update(&"9".into(), &before, &after).unwrap()),
            [
                "POST /scenarios/9/stop",
                "PATCH /scenarios/9?confirmed=true"
            ]
        );
        assert_eq!(
            shape(&delete(&"9".into(), &before)),
            ["POST /scenarios/9/stop", "DELETE /scenarios/9"]
        );
    }

    #[test]
    fn inputs_come_after_the_schedule_that_allows_them_and_go_before_the_one_that_does_not() {
        let hourly = wanted();
        let mut asked = hourly.clone();
        asked.set("schedule", json!({"type": "on-demand"}));
        asked.set(
            "interface",
            json!({"input": [{"name": "a", "type": "text"}], "output": []}),
        );
        let writes = update(&"9".into(), &hourly, &asked).unwrap();
        let patch = "PATCH /scenarios/9?confirmed=true";
        assert_eq!(shape(&writes), [patch, "PATCH /scenarios/9/interface"]);
        assert_eq!(
            body(&writes[1]),
            json!({"interface": {"input": [{"name": "a", "type": "text"}], "output": []}})
        );
        let mut back = hourly;
        back.set("interface", Value::Null);
        let writes = update(&"9".into(), &asked, &back).unwrap();
        assert_eq!(shape(&writes), ["PATCH /scenarios/9/interface", patch]);
        assert_eq!(
            body(&writes[0]),
            json!({"interface": {"input": [], "output": []}})
        );
    }

    #[test]
    fn custom_properties_come_by_one_call_first_and_by_others_then() {
        let (mut before, mut after) = (wanted(), wanted());
        after.set("customProperties", json!({"client": "Acme"}));
        let shape =
            |before: &Form, after: &Form| shape(&update(&"9".into(), before, after).unwrap());
        assert_eq!(
            shape(&before, &after),
            ["POST /scenarios/9/custom-properties"]
        );
        before.set("customProperties", json!({"client": "Other"}));
        assert_eq!(
            shape(&before, &after),
            ["PUT /scenarios/9/custom-properties"]
        );
        after.set("customProperties", Value::Null);
        assert_eq!(
            shape(&before, &after),
            ["DELETE /scenarios/9/custom-properties"]
        );
    }

    #[test]
    fn a_row_is_read_whatever_is_missing_or_oddly_written() {
        let row = json!({"id": "925", "name": "x", "description": "\n", "islinked": true,
            "folderId": null, "scheduling": "{\"type\":\"on-demand\"}", "dlqCount": "3",
            "lastEdit": "2021-09-22T06:40:56.692Z", "updatedByUser": {"name": "John"},
            "somethingNew": {}});
        let live = live(&Node::at(&row, "")).unwrap();
        assert_eq!(live.facts.incomplete, Some(3));
        assert_eq!(live.facts.edited_by.as_deref(), Some("John"));
        assert!(live.facts.edited_at.is_some());
        let Spec::Scenario(spec) = live.spec else {
            panic!("no scenario");
        };
        assert_eq!(spec.active, Field::Set(true));
        assert_eq!((spec.description, spec.folder), (Field::Null, Field::Null));
        assert!(matches!(spec.schedule, Field::Set(_)));
    }
}
