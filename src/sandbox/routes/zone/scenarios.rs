//! Scenarios: their rows, and saving them.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::engine::queue;
use crate::sandbox::quirk::{
    DeleteActive, DeleteScenarioHook, NameSource, PatchEmptyInterface, SaveActive,
};
use crate::sandbox::routes::body::{Body, absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, View};

use super::scope::{Scope, check_team, existing, is_true, number, set, text};
use super::{
    blueprint, removal, scenario_blueprints, scenario_interface, scenario_row, scheduling,
};

/// The longest description.
const LONGEST_DESCRIPTION: usize = 240;

const LIST: List = List {
    collection: Collection::Scenarios,
    name: "scenarios",
    usual: &[
        "id",
        "name",
        "teamId",
        "hookId",
        "deviceId",
        "deviceScope",
        "description",
        "folderId",
        "isinvalid",
        "islinked",
        "isActive",
        "islocked",
        "isPaused",
        "usedPackages",
        "lastEdit",
        "scheduling",
        "iswaiting",
        "dlqCount",
        "createdByUser",
        "updatedByUser",
        "nextExec",
        "scenarioVersion",
        "moduleSequenceId",
        "created",
        "type",
        "concept",
        "operations",
        "transfer",
        "devices",
        "customProperties",
    ],
    further: &[],
    sorts: &[
        "proprietal",
        "id",
        "name",
        "teamId",
        "folderId",
        "isActive",
        "islinked",
        "isinvalid",
        "islocked",
        "lastEdit",
        "createdByUserName",
        "updatedByUserName",
        "created",
    ],
    order: Order::Descending,
    page: Some(10),
};

/// `GET /scenarios`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = Scope::of(call, view)?;
    let ids: Vec<&str> = call.query_all("id[]").collect();
    let folder = call.query_number("folderId")?;
    let kind = call.query("type");
    let mut flags = Vec::new();
    for name in ["isActive", "islinked", "concept"] {
        flags.extend(call.query_flag(name)?.map(|wanted| (name, wanted)));
    }
    let is_wanted = |row: &Value| {
        let id = || number(row, "id").unwrap_or_default().to_string();
        (ids.is_empty() || ids.contains(&id().as_str()))
            && (folder.is_none() || number(row, "folderId") == folder)
            && (kind.is_none() || text(row, "type").unwrap_or("scenario") == kind.unwrap_or(""))
            && flags
                .iter()
                .all(|(name, wanted)| is_true(row, name) == *wanted)
    };
    LIST.answer(
        call,
        view,
        |row| scope.holds(row) && is_wanted(row),
        |row| scenario_row::shown(call, row),
    )
}

/// `GET /scenarios/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let row = existing(view, Collection::Scenarios, call.id(0)?, "Scenario")?;
    answer_one(call, row)
}

/// `POST /scenarios`: new, inactive, with a description to be added later.
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let fields = [
        "teamId",
        "blueprint",
        "scheduling",
        "folderId",
        "basedon",
        "metadata",
    ];
    let body = call.body()?.only(&fields)?;
    let team = body.required_id("teamId")?;
    check_team(batch, team)?;
    let blueprint = blueprint::parse(json_text(&body, "blueprint")?.ok_or(absent("blueprint"))?)?;
    let scheduling =
        scheduling::parse(json_text(&body, "scheduling")?.ok_or(absent("scheduling"))?)?;
    let scheduling = scheduling::stored(scheduling, call.quirks());

    let id = batch.next_id(Collection::Scenarios)?;
    let mut row = scenario_row::new(id, team, call, batch)?;
    set(&mut row, "name", blueprint::name(&blueprint));
    set(&mut row, "scheduling", scheduling);
    put_in_folder(&mut row, &body, batch)?;
    let interface = scenario_interface::of_save(&body)?.unwrap_or_else(scenario_interface::none);
    scenario_interface::check_schedule(&interface, &row)?;
    scenario_row::bind(&mut row, &blueprint, call, batch)?;
    batch.put(Collection::Scenarios, id, &row)?;
    let saved = json!({ "created": call.stamp(), "blueprint": blueprint, "metadata": interface });
    batch.put(Collection::Blueprints, id, &saved)?;
    answer_one(call, row)
}

/// `PATCH /scenarios/{id}`: what is not sent stays. `isActive` and `teamId` are no fields of it.
pub(super) fn update(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let mut row = existing(batch, Collection::Scenarios, id, "Scenario")?;
    let fields = [
        "name",
        "blueprint",
        "scheduling",
        "folderId",
        "description",
        "metadata",
    ];
    let body = call.body()?.only(&fields)?;
    let blueprint = json_text(&body, "blueprint")?
        .map(blueprint::parse)
        .transpose()?;
    let scheduling = json_text(&body, "scheduling")?
        .map(scheduling::parse)
        .transpose()?
        .map(|scheduling| scheduling::stored(scheduling, call.quirks()));
    let has_blueprint = blueprint.is_some();
    let interface = scenario_interface::of_save(&body)?;
    let keeps_interface = call.quirks().patch_empty_interface == PatchEmptyInterface::Keeps;
    let interface = interface.filter(|given| !(keeps_interface && is_empty(given)));
    let name = body.text("name", blueprint::LONGEST_NAME)?;

    if let Some(description) = body.text("description", LONGEST_DESCRIPTION)? {
        set(&mut row, "description", description);
    }
    put_in_folder(&mut row, &body, batch)?;
    if blueprint.is_some() || scheduling.is_some() || interface.is_some() || name.is_some() {
        let mut saved = existing(batch, Collection::Blueprints, id, "Blueprint")?;
        let has_schedule = scheduling.is_some();
        if let Some(scheduling) = scheduling {
            set(&mut row, "scheduling", scheduling);
        }
        if let Some(blueprint) = blueprint {
            scenario_blueprints::keep_version(&mut row, &saved, batch)?;
            scenario_row::bind(&mut row, &blueprint, call, batch)?;
            if call.quirks().save_active == SaveActive::Deactivates {
                scenario_row::deactivate(&mut row);
            }
            if call.quirks().name_source != NameSource::ScenarioWins {
                set(&mut row, "name", blueprint::name(&blueprint));
            }
            set(&mut saved, "blueprint", blueprint);
            set(&mut saved, "created", call.stamp());
        }
        if let Some(name) = name {
            blueprint::check_name(name)?;
            rename(&mut row, &mut saved, name, has_blueprint, call);
        }
        if let Some(interface) = interface {
            set(&mut saved, "metadata", interface);
        }
        let interface = saved.get("metadata").unwrap_or(&Value::Null);
        scenario_interface::check_schedule(interface, &row)?;
        if scenario_row::is_active(&row) {
            let blueprint = saved.get("blueprint").unwrap_or(&Value::Null);
            scenario_row::check_interval(&row, blueprint, call)?;
            if has_schedule {
                scenario_row::activate(&mut row, call, batch)?; // another next run
            }
        }
        batch.put(Collection::Blueprints, id, &saved)?;
    }
    scenario_row::touch_saved(&mut row, has_blueprint, call, batch)?;
    batch.put(Collection::Scenarios, id, &row)?;
    answer_one(call, row)
}

/// Takes the name of a save over, into the blueprint too where the two are one.
fn rename(row: &mut Value, saved: &mut Value, name: &str, has_blueprint: bool, call: &Call<'_>) {
    match call.quirks().name_source {
        NameSource::BlueprintWins if has_blueprint => {}
        NameSource::ScenarioWins | NameSource::BlueprintWins => set(row, "name", name),
        NameSource::BothFollow => {
            set(row, "name", name);
            if let Some(blueprint) = saved.get_mut("blueprint") {
                set(blueprint, "name", name);
            }
        }
    }
}

/// Whether an interface has neither inputs nor outputs.
fn is_empty(interface: &Value) -> bool {
    let mut specifications = interface.as_object().into_iter().flatten();
    specifications.all(|(_, fields)| fields.as_array().is_none_or(Vec::is_empty))
}

/// `DELETE /scenarios/{id}`
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let id = call.id(0)?;
    let mut row = existing(batch, Collection::Scenarios, id, "Scenario")?;
    if scenario_row::is_active(&row) && call.quirks().delete_active == DeleteActive::Refused {
        return Err(Refusal::conflict("Scenario is running"));
    }
    let hook = number(&row, "hookId");
    scenario_row::assign_hook(&mut row, None, call, batch)?;
    match hook {
        Some(hook) if call.quirks().delete_scenario_hook == DeleteScenarioHook::Goes => {
            batch.remove(Collection::Hooks, hook)?;
            queue::forget(batch, hook)?;
        }
        _ => {}
    }
    removal::scenarios(batch, &[id].into())?;
    reply(&json!({ "scenario": id }))
}

fn answer_one(call: &Call<'_>, row: Value) -> Answer {
    let row = scenario_row::shown(call, row);
    reply(&json!({ "scenario": LIST.row(call, row)? }))
}

/// A field that holds JSON as text. The reply to plain JSON is not documented; taking it would
/// hide a client's mistake.
fn json_text<'b>(body: &'b Body, name: &str) -> Result<Option<&'b str>, Refusal> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(name, "string")),
    }
}

fn put_in_folder(row: &mut Value, body: &Body, batch: &Batch<'_>) -> Result<(), Refusal> {
    let Some(wanted) = body.nullable_id("folderId")? else {
        return Ok(());
    };
    if let Some(id) = wanted {
        let folder = existing(batch, Collection::Folders, id, "Folder")?;
        if number(&folder, "teamId") != number(row, "teamId") {
            return Err(Refusal::missing(format!("Folder not found '{id}'.")));
        }
    }
    set(row, "folderId", wanted);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::{Get, Patch, Post};
    use crate::sandbox::trial::{Trial, save};

    #[test]
    fn a_scenario_is_made_read_changed_and_deleted() {
        let trial = Trial::new();
        let folder = trial.post("/scenarios-folders", json!({ "name": "CRM", "teamId": 1 }));
        let folder = &folder["scenarioFolder"]["id"];
        let blueprint = json!({ "name": "Leads", "flow": [], "metadata": {} });
        let mut body = save(
            &blueprint,
            &json!({ "type": "indefinitely", "interval": 900 }),
        );
        body["folderId"] = folder.clone();
        let made = trial.post("/scenarios", body)["scenario"].clone();
        assert_eq!(made["name"], "Leads");
        assert_eq!(made["isActive"], false);
        assert_eq!(
            made["scheduling"],
            json!({ "type": "indefinitely", "interval": 900 })
        );
        assert_eq!(made["operations"], 0);
        let path = format!("/scenarios/{}", made["id"]);
        assert_eq!(trial.get(&path)["scenario"], made);
        assert_eq!(trial.get("/scenarios?teamId=1")["scenarios"], json!([made]));

        let change = json!({ "name": "All leads", "folderId": null, "description": "Copies." });
        let changed = trial.patch(&path, change)["scenario"].clone();
        assert_eq!(changed["name"], "All leads");
        assert_eq!(changed["folderId"], Value::Null);
        assert_ne!(changed["lastEdit"], made["lastEdit"]);
        assert_eq!(changed["scenarioVersion"], made["scenarioVersion"]);
        let saved = trial.get(&format!("{path}/blueprint"));
        assert_eq!(saved["response"]["blueprint"]["name"], "All leads");
        assert_eq!(saved["response"]["last_edit"], changed["lastEdit"]);

        assert_eq!(trial.delete(&path), json!({ "scenario": made["id"] }));
        assert!(trial.refused(Get, &path, None).starts_with("404 SC404"));
    }

    #[test]
    fn a_list_wants_one_owner_and_gives_pages_columns_and_order() {
        let trial = Trial::new();
        for name in ["b", "C", "a"] {
            trial.scenario(name, json!([]));
        }
        let neither = trial.refused(Get, "/scenarios", None);
        assert_eq!(
            neither,
            "400 SC400 Missing required parameter teamId or organizationId"
        );
        let both = trial.refused(Get, "/scenarios?teamId=1&organizationId=1", None);
        assert_eq!(
            both,
            "400 SC400 teamId and organizationId cannot be used together"
        );
        assert!(
            trial
                .refused(Get, "/scenarios?teamId=9", None)
                .starts_with("403")
        );
        assert!(
            trial
                .refused(Get, "/scenarios?teamId=1&cols[]=active", None)
                .starts_with("400")
        );

        let query = "organizationId=1&pg[limit]=2&pg[offset]=1&pg[sortBy]=name&pg[sortDir]=asc";
        assert_eq!(
            trial.get(&format!("/scenarios?{query}&cols[]=name")),
            json!({
                "scenarios": [{ "name": "b" }, { "name": "C" }],
                "pg": { "sortBy": "name", "sortDir": "asc", "limit": 2, "offset": 1 },
            })
        );
        let some = trial.get("/scenarios?teamId=1&id[]=1001&id[]=1003&isActive=false&cols[]=id");
        assert_eq!(some["scenarios"], json!([{ "id": 1003 }, { "id": 1001 }]));
        assert_eq!(some["pg"]["limit"], 10);
    }

    #[test]
    fn what_make_refuses_is_refused_and_nothing_is_stored() {
        let trial = Trial::new();
        let on_demand = json!({ "type": "on-demand" });
        let blueprint = json!({ "name": "x", "flow": [], "metadata": {} });
        let mut plain = save(&blueprint, &on_demand);
        plain["blueprint"] = blueprint.clone();
        let create = |body| trial.refused(Post, "/scenarios", Some(body));
        assert_eq!(create(plain), "400 SC400 'blueprint' should be string");
        let without = |field: &str| {
            let mut blueprint = blueprint.clone();
            blueprint.as_object_mut().map(|fields| fields.remove(field));
            create(save(&blueprint, &on_demand))
        };
        assert_eq!(
            without("metadata"),
            "400 SC400 should have required property 'metadata'"
        );
        assert_eq!(
            without("flow"),
            "400 SC400 should have required property 'flow'"
        );
        assert!(without("name").starts_with("500"));

        let slack = json!([{
            "id": 1, "module": "slack:CreateMessage", "version": 4,
            "parameters": { "__IMTCONN__": 999 },
        }]);
        let unknown = json!({ "name": "x", "flow": slack, "metadata": {} });
        let unknown = create(save(&unknown, &on_demand));
        assert_eq!(unknown, "404 IM304 Connection not found 'slack:999'.");
        let large = json!({ "name": "x", "flow": [], "metadata": { "a": "b".repeat(2_500_000) } });
        assert_eq!(
            create(save(&large, &on_demand)),
            "400 SC400 request entity too large"
        );
        assert_eq!(trial.get("/scenarios?teamId=1")["scenarios"], json!([]));

        let path = format!("/scenarios/{}", trial.scenario("y", json!([])));
        let patch = |body| trial.refused(Patch, &path, Some(body));
        assert!(patch(json!({ "isActive": true })).starts_with("400"));
        assert!(patch(json!({ "description": "d".repeat(241) })).starts_with("400"));
        assert!(patch(json!({ "folderId": 4711 })).starts_with("404"));
        assert!(patch(json!({ "scheduling": "{\"type\":\"once\"}" })).starts_with("400"));
    }

    #[test]
    fn an_app_that_is_new_to_the_organization_must_be_confirmed_once() {
        let trial = Trial::new();
        let flow = json!([{ "id": 1, "module": "app#billing:List", "version": 1 }]);
        let blueprint = json!({ "name": "x", "flow": flow, "metadata": {} });
        let body = || save(&blueprint, &json!({ "type": "on-demand" }));
        assert!(
            trial
                .refused(Post, "/scenarios", Some(body()))
                .starts_with("406 IM004")
        );
        let made = trial.post("/scenarios?confirmed=true", body());
        assert_eq!(made["scenario"]["usedPackages"], json!(["app#billing"]));
        trial.post("/scenarios", body());
    }
}
