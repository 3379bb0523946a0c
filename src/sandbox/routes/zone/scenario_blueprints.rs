//! The blueprint of a scenario, and the ones it had before.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply, reply_bytes};
use crate::sandbox::store::{Batch, Objects, View};

use super::scope::{existing, number, set};
use super::{blueprint, scenario_interface};

/// How many former blueprints are kept. Make keeps those of 60 days.
const KEPT: u64 = 20;

/// `GET /scenarios/{id}/blueprint`, in an envelope that no other route has.
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    let row = existing(view, Collection::Scenarios, id, "Scenario")?;
    let current = number(&row, "scenarioVersion");
    let former = call
        .query_number("blueprintId")?
        .filter(|version| Some(*version) != current);
    let stored = match call.rendered {
        Some(rendered) if former.is_none() => view
            .stored(Collection::Blueprints, id)?
            .map(|stored| (rendered, stored)),
        Some(_) | None => None,
    };
    let make = || saved(call, view, id, former);
    let saved = match &stored {
        Some((rendered, stored)) => rendered.of(id, stored, call.quirks(), make)?,
        None => make()?,
    };
    let told = |field: &str| row.get(field).unwrap_or(&Value::Null);
    let (scheduling, created) = (told("scheduling"), told("created"));
    let last_edit = told("lastEdit");
    let body = format!(
        "{{\"code\":\"OK\",\"response\":{{{saved},\"scheduling\":{scheduling},\
         \"created\":{created},\"last_edit\":{last_edit},\"concept\":false}}}}"
    );
    reply_bytes(body.into_bytes())
}

/// The part of the answer that is made of the blueprint, which is nearly all of it.
fn saved(
    call: &Call<'_>,
    view: &View<'_>,
    id: u64,
    former: Option<u64>,
) -> Result<String, Refusal> {
    let mut saved = existing(view, Collection::Blueprints, id, "Blueprint")?;
    if let Some(version) = former {
        let key = Collection::pair(id, version);
        let former = existing(view, Collection::BlueprintVersions, key, "Blueprint")?;
        set(&mut saved, "blueprint", former.get("blueprint").cloned());
    }
    let next = saved.get("blueprint").map_or(1, blueprint::next_module_id);
    let interface = saved.get("metadata").cloned();
    let interface = interface.unwrap_or_else(scenario_interface::none);
    let blueprint = saved
        .get_mut("blueprint")
        .map(Value::take)
        .unwrap_or_default();
    let blueprint = blueprint::shown(blueprint, call.quirks());
    Ok(format!(
        "\"blueprint\":{blueprint},\"idSequence\":{next},\"metadata\":{interface}"
    ))
}

/// All that is read of a blueprint to list it.
#[derive(Deserialize)]
struct Dated {
    created: Option<String>,
}

/// `GET /scenarios/{id}/blueprints`
pub(super) fn versions(call: &Call<'_>, view: &View<'_>) -> Answer {
    let id = call.id(0)?;
    let row = existing(view, Collection::Scenarios, id, "Scenario")?;
    let version = |version: u64, created: Value| json!({ "created": created, "version": version, "scenarioId": id, "draft": false });
    let saved = existing(view, Collection::Blueprints, id, "Blueprint")?;
    let created = saved.get("created").or(row.get("lastEdit")).cloned();
    let current = number(&row, "scenarioVersion").unwrap_or(1);
    let mut rows = vec![version(current, created.unwrap_or_default())];
    let former = Collection::pair(id, 0)..=Collection::pair(id, u64::MAX);
    view.each_in(
        Collection::BlueprintVersions,
        former,
        |key, dated: Dated| {
            rows.push(version(key & 0xffff_ffff, json!(dated.created)));
        },
    )?;
    rows.sort_by_key(|row| std::cmp::Reverse(number(row, "version")));
    reply(&json!({ "scenariosBlueprints": rows }))
}

/// Puts the saved blueprint among the former ones and counts the row's version up.
pub(super) fn keep_version(
    row: &mut Value,
    saved: &Value,
    batch: &mut Batch<'_>,
) -> Result<(), Refusal> {
    let id = number(row, "id").unwrap_or_default();
    let version = number(row, "scenarioVersion").unwrap_or(1);
    let created = saved.get("created").or(row.get("lastEdit"));
    let former = json!({ "created": created, "blueprint": saved.get("blueprint") });
    batch.put(
        Collection::BlueprintVersions,
        Collection::pair(id, version),
        &former,
    )?;
    if let Some(oldest) = version.checked_sub(KEPT) {
        batch.remove(Collection::BlueprintVersions, Collection::pair(id, oldest))?;
    }
    set(row, "scenarioVersion", version + 1);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::Get;
    use crate::sandbox::trial::Trial;

    #[test]
    fn a_blueprint_comes_back_whole_with_its_keys_in_order() {
        let trial = Trial::new();
        let written = r#"{"name":"x","metadata":{"zone":"","version":1},"flow":[{"module":"util:SetVariable2","id":7,
            "mapper":{"b":1.0,"a":123456789012345678901234567890,"c":1E5,"":"","ü":"a\u0000b😀","0":[[{}]],"n":null}}]}"#;
        let body = json!({
            "teamId": 1, "blueprint": written, "scheduling": "{\"type\":\"on-demand\"}",
        });
        let id = trial.post("/scenarios", body)["scenario"]["id"].clone();
        let answer = trial.get(&format!("/scenarios/{id}/blueprint"));
        assert_eq!(answer["code"], "OK");
        assert_eq!(answer["response"]["idSequence"], 8);
        let mut expected: Value = serde_json::from_str(written).unwrap();
        expected["metadata"]["instant"] = json!(false);
        let shown = answer["response"]["blueprint"].to_string();
        expected.sort_all_objects();
        assert_eq!(shown, expected.to_string());
        assert!(shown.starts_with(r#"{"flow":[{"id":7,"mapper":{"":"","0":[[{}]],"a":1234567890"#));
    }

    #[test]
    fn a_served_world_shows_every_edit_and_quirk_as_one_does_that_keeps_no_answers() {
        let [plain, served] = [Trial::new(), Trial::new()];
        let hooks = "http://127.0.0.1:1/wh".to_owned();
        served.world.take_hooks_at(hooks);
        let shown = |quirk: &str| {
            let both = [&plain, &served].map(|trial| {
                let id = trial.scenario(
                    "one",
                    json!([{"module": "util:SetVariable2", "id": 3, "x": 1.0}]),
                );
                let path = format!("/scenarios/{id}/blueprint");
                let first = trial.get(&path);
                assert_eq!(trial.get(&path), first);
                let two = json!({ "name": "two", "metadata": {}, "flow": [] }).to_string();
                trial.patch(&format!("/scenarios/{id}"), json!({ "blueprint": two }));
                let second = trial.get(&path);
                assert_ne!(
                    second["response"]["blueprint"],
                    first["response"]["blueprint"]
                );
                let mut quirks = trial.world.quirks();
                quirks.set_from(quirk).unwrap();
                trial.world.set_quirks(quirks);
                let former = trial.get(&format!("{path}?blueprintId=1"));
                let answers = [first, second, trial.get(&path), former];
                answers.map(|answer| {
                    let response = &answer["response"];
                    let of = |field: &str| response[field].to_string();
                    [
                        of("blueprint"),
                        of("idSequence"),
                        of("metadata"),
                        of("scheduling"),
                    ]
                })
            });
            let [plain, served] = both;
            assert_eq!(served, plain);
            served
        };
        let sorted = shown("key-order=as-sent");
        assert_ne!(sorted[1], sorted[2]);
        let _ = shown("numbers=integers");
    }

    #[test]
    fn former_blueprints_are_kept_and_counted() {
        let trial = Trial::new();
        let id = trial.scenario("one", json!([]));
        let two = json!({ "name": "two", "flow": [], "metadata": {} }).to_string();
        let row = trial.patch(&format!("/scenarios/{id}"), json!({ "blueprint": two }));
        assert_eq!(row["scenario"]["name"], "two");
        assert_eq!(row["scenario"]["scenarioVersion"], 2);
        let versions = trial.get(&format!("/scenarios/{id}/blueprints"));
        assert_eq!(versions["scenariosBlueprints"][0]["version"], 2);
        assert_eq!(versions["scenariosBlueprints"][1]["version"], 1);
        let name = |query: &str| {
            let answer = trial.get(&format!("/scenarios/{id}/blueprint{query}"));
            answer["response"]["blueprint"]["name"].clone()
        };
        assert_eq!(name(""), "two");
        assert_eq!(name("?blueprintId=2"), "two");
        assert_eq!(name("?blueprintId=1"), "one");
        let path = format!("/scenarios/{id}/blueprint?blueprintId=3");
        assert!(trial.refused(Get, &path, None).starts_with("404"));
    }
}
