//! Each quirk, shown through the API with all its settings.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{LastEdit, Quirks, UnknownQuirk};
use crate::live::transport::Method::{Delete, Get, Patch, Post};
use crate::sandbox::trial::{Trial, save};

/// What `show` finds in a world under each setting of a quirk, in their order.
fn under_each<T>(name: &str, show: impl Fn(&Trial) -> T) -> Vec<T> {
    let quirk = Quirks::all().iter().find(|quirk| quirk.name == name);
    let settings = quirk.unwrap().settings.iter();
    settings
        .map(|setting| show(&Trial::quirky(&[&format!("{name}={}", setting.name)])))
        .collect()
}

fn empty(name: &str) -> Value {
    json!({ "name": name, "flow": [], "metadata": {} })
}

/// A blueprint that waits for a hook.
fn waiting(name: &str, hook: u64) -> Value {
    json!({ "name": name, "metadata": {}, "flow": [
        { "id": 1, "module": "gateway:CustomWebHook", "version": 1, "parameters": { "hook": hook } },
    ] })
}

fn on_demand() -> Value {
    json!({ "type": "on-demand" })
}

/// An active scenario of this blueprint, and its path.
fn started(trial: &Trial, blueprint: &Value) -> String {
    let made = trial.post("/scenarios", save(blueprint, &on_demand()));
    let path = format!("/scenarios/{}", made["scenario"]["id"]);
    trial.post(&format!("{path}/start"), json!({}));
    path
}

fn row(trial: &Trial, path: &str) -> Value {
    trial.get(path)["scenario"].clone()
}

/// Which of four changes move a column: of a description, a blueprint, the interface, starting.
fn movers(trial: &Trial, column: &str) -> [bool; 4] {
    let path = format!("/scenarios/{}", trial.scenario("x", json!([])));
    let interface = json!({ "input": [{ "name": "a", "type": "text" }] });
    let changes: [&dyn Fn() -> Value; 4] = [
        &|| trial.patch(&path, json!({ "description": "d" })),
        &|| trial.patch(&path, json!({ "blueprint": empty("x").to_string() })),
        &|| {
            trial.patch(
                &format!("{path}/interface"),
                json!({ "interface": interface }),
            )
        },
        &|| trial.post(&format!("{path}/start"), json!({})),
    ];
    changes.map(|change| {
        let before = row(trial, &path)[column].clone();
        change();
        row(trial, &path)[column] != before
    })
}

#[test]
fn last_edit_and_version_move_by_what_the_quirks_say() {
    let [any, save, blueprint] = [
        [true; 4],
        [true, true, false, false],
        [false, true, false, false],
    ];
    let moved = under_each("last-edit", |trial| movers(trial, "lastEdit"));
    assert_eq!(moved, [any, save, blueprint]);
    let moved = under_each("scenario-version", |trial| movers(trial, "scenarioVersion"));
    assert_eq!(moved, [blueprint, any, [false; 4]]);
    let trial = Trial::quirky(&["scenario-version=absent"]);
    trial.scenario("x", json!([]));
    let list = trial.get("/scenarios?teamId=1&cols[]=id&cols[]=scenarioVersion");
    assert_eq!(list["scenarios"], json!([{ "id": 1001 }]));
}

#[test]
fn rows_have_the_columns_that_quirks_leave_them() {
    let has_created = under_each("scenario-row", |trial| {
        let path = format!("/scenarios/{}", trial.scenario("x", json!([])));
        row(trial, &path).get("created").is_some()
    });
    assert_eq!(has_created, [true, false]);
    let unknown = under_each("unknown-columns", |trial| {
        trial
            .ask(Get, "/scenarios?teamId=1&cols[]=nonsense", None)
            .0
    });
    assert_eq!(unknown, [400, 200]);
    let described = under_each("empty-description", |trial| {
        let path = format!("/scenarios/{}", trial.scenario("x", json!([])));
        row(trial, &path)["description"].clone()
    });
    assert_eq!(described, ["", "\n"]);
    let unassigned = under_each("hook-unassigned", |trial| {
        let path = format!("/hooks/{}", trial.hook("h"));
        let listed = trial.get("/hooks?teamId=1")["hooks"][0].clone();
        assert_eq!(trial.get(&path)["hook"], listed);
        listed.get("scenarioId").cloned()
    });
    assert_eq!(unassigned, [None, Some(Value::Null)]);
}

#[test]
fn names_follow_each_other_or_not() {
    let names = under_each("name-source", |trial| {
        let path = format!("/scenarios/{}", trial.scenario("one", json!([])));
        let both = || {
            let saved = trial.get(&format!("{path}/blueprint"));
            let blueprint = saved["response"]["blueprint"]["name"].clone();
            [row(trial, &path)["name"].clone(), blueprint]
                .map(|name| name.as_str().unwrap().to_owned())
        };
        trial.patch(&path, json!({ "name": "two" }));
        let after_name = both();
        trial.patch(&path, json!({ "blueprint": empty("three").to_string() }));
        let after_blueprint = both();
        trial.patch(
            &path,
            json!({ "name": "four", "blueprint": empty("five").to_string() }),
        );
        [after_name, after_blueprint, both()].map(|names| names.join(" "))
    });
    assert_eq!(names[0], ["two two", "three three", "four four"]);
    assert_eq!(names[1], ["two one", "two three", "four five"]);
    assert_eq!(names[2], ["two one", "three three", "five five"]);
}

#[test]
fn an_interface_is_cleared_and_wrapped_as_the_quirks_say() {
    let inputs = json!({ "input": [{ "name": "a", "type": "text" }] });
    let left = under_each("patch-empty-interface", |trial| {
        let path = format!("/scenarios/{}", trial.scenario("x", json!([])));
        trial.patch(&format!("{path}/interface"), json!({ "interface": inputs }));
        let nothing = json!({ "input_spec": [], "output_spec": [] });
        trial.patch(&path, json!({ "name": "y", "metadata": nothing }));
        let interface = trial.get(&format!("{path}/interface"));
        interface["interface"]["input"].is_array()
    });
    assert_eq!(left, [false, true]);
    let statuses = under_each("interface-body", |trial| {
        let path = format!("/scenarios/{}/interface", trial.scenario("x", json!([])));
        let patch = |body: Value| trial.ask(Patch, &path, Some(body)).0;
        [patch(json!({ "interface": inputs })), patch(inputs.clone())]
    });
    assert_eq!(statuses, [[200, 400], [400, 200]]);
}

#[test]
fn a_hook_of_another_is_refused_or_moved() {
    let outcomes = under_each("hook-taken", |trial| {
        let hook = trial.hook("leads");
        let made = trial.post("/scenarios", save(&waiting("first", hook), &on_demand()));
        let first = format!("/scenarios/{}", made["scenario"]["id"]);
        let body = save(&waiting("second", hook), &on_demand());
        let (status, made) = trial.ask(Post, "/scenarios", Some(body));
        let owner = trial.get(&format!("/hooks/{hook}"))["hook"]["scenarioId"].clone();
        let first = row(trial, &first);
        (
            status,
            owner == made["scenario"]["id"],
            first["hookId"] == hook,
            first["isinvalid"] == true,
        )
    });
    assert_eq!(
        outcomes,
        [(422, false, true, false), (200, true, false, true)]
    );
}

#[test]
fn what_a_blueprint_names_must_be_there_or_not() {
    let statuses = under_each("unknown-ids", |trial| {
        let post = |blueprint: &Value| {
            trial
                .ask(Post, "/scenarios", Some(save(blueprint, &on_demand())))
                .0
        };
        let slack = json!({ "name": "x", "metadata": {}, "flow": [
            { "id": 1, "module": "slack:CreateMessage", "parameters": { "__IMTCONN__": 999 } },
        ] });
        [post(&waiting("x", 999)), post(&slack)]
    });
    assert_eq!(statuses, [[404, 404], [200, 404]]);
    let invalid = under_each("unset-connection", |trial| {
        let flow = json!([{ "id": 1, "module": "slack:CreateMessage", "parameters": {},
            "metadata": { "parameters": [{ "name": "account", "type": "account:slack" }] } }]);
        let unset =
            row(trial, &format!("/scenarios/{}", trial.scenario("x", flow)))["isinvalid"].clone();
        let flow = json!([{ "id": 1, "module": "slack:CreateMessage", "parameters": { "__IMTCONN__": 301 } }]);
        let set =
            row(trial, &format!("/scenarios/{}", trial.scenario("y", flow)))["isinvalid"].clone();
        [unset, set].map(|flag| flag == true)
    });
    assert_eq!(invalid, [[false, false], [true, false]]);
}

#[test]
fn blueprints_come_back_as_the_quirks_say() {
    let written = r#"{"name":"x","flow":[],"metadata":{"b":1.0,"a":[-2.00,1.50,1.0e3,7]}}"#;
    let metadata = |trial: &Trial| {
        let body =
            json!({ "teamId": 1, "blueprint": written, "scheduling": r#"{"type":"on-demand"}"# });
        let id = trial.post("/scenarios", body)["scenario"]["id"].clone();
        let saved = trial.get(&format!("/scenarios/{id}/blueprint"));
        saved["response"]["blueprint"]["metadata"].to_string()
    };
    let numbers = under_each("numbers", metadata);
    assert_eq!(
        numbers[0],
        r#"{"a":[-2.00,1.50,1.0e+3,7],"b":1.0,"instant":false}"#
    );
    assert_eq!(
        numbers[1],
        r#"{"a":[-2,1.50,1.0e+3,7],"b":1,"instant":false}"#
    );
    let keys = under_each("key-order", metadata);
    assert!(keys[0].starts_with(r#"{"a""#));
    assert!(keys[1].starts_with(r#"{"b""#));
}

#[test]
fn schedules_are_kept_as_sent_or_in_another_form() {
    let kept = |trial: &Trial, schedule: Value| {
        let made = trial.post("/scenarios", save(&empty("x"), &schedule));
        made["scenario"]["scheduling"].clone()
    };
    let daily = json!({ "type": "daily", "time": "06:00" });
    let forms = under_each("daily-stored", |trial| kept(trial, daily.clone()));
    let window = json!([{ "days": [1, 2, 3, 4, 5, 6, 0], "time": ["06:00", "06:01"] }]);
    let restricted = json!({ "type": "indefinitely", "interval": 900, "restrict": window });
    assert_eq!(forms, [daily, restricted]);
    let weekly = json!({ "type": "weekly", "days": [5, 1], "time": "06:00", "restrict": [{ "days": [3, 2] }] });
    let orders = under_each("list-order", |trial| {
        let kept = kept(trial, weekly.clone());
        [kept["days"].clone(), kept["restrict"][0]["days"].clone()]
    });
    assert_eq!(orders[0], [json!([5, 1]), json!([3, 2])]);
    assert_eq!(orders[1], [json!([1, 5]), json!([2, 3])]);
}

#[test]
fn starting_and_stopping_answer_as_the_quirks_say() {
    let repeated = under_each("start-repeat", |trial| {
        let path = started(trial, &empty("x"));
        let post = |verb: &str| trial.ask(Post, &format!("{path}/{verb}"), None);
        let (again, body) = post("start");
        assert!(
            again == 200 || body["message"] == "Scenario is already running",
            "{body}"
        );
        post("stop");
        [again, post("stop").0]
    });
    assert_eq!(repeated, [[422, 422], [400, 400], [200, 200]]);
    let failed = under_each("start-failure", |trial| {
        let hook = trial.hook("leads");
        let every_hour = json!({ "type": "indefinitely", "interval": 3600 });
        let made = trial.post("/scenarios", save(&waiting("x", hook), &every_hour));
        let path = format!("/scenarios/{}/start", made["scenario"]["id"]);
        let (status, body) = trial.ask(Post, &path, None);
        assert_eq!(body["message"], "Invalid interval.");
        status
    });
    assert_eq!(failed, [422, 400]);
    let still_active = under_each("save-active", |trial| {
        let path = started(trial, &empty("x"));
        trial.patch(&path, json!({ "blueprint": empty("x").to_string() }));
        row(trial, &path)["isActive"] == true
    });
    assert_eq!(still_active, [true, false]);
    let statuses = under_each("run-status", |trial| {
        let path = started(trial, &empty("x"));
        trial.post(&format!("{path}/run"), json!({ "responsive": true }))["status"].clone()
    });
    assert_eq!(statuses, [json!(1), json!("success")]);
}

#[test]
fn deleting_a_scenario_is_refused_or_takes_its_hook_along() {
    let statuses = under_each("delete-active", |trial| {
        let path = started(trial, &empty("x"));
        let first = trial.ask(Delete, &path, None).0;
        if first != 200 {
            trial.post(&format!("{path}/stop"), json!({}));
            trial.delete(&path);
        }
        first
    });
    assert_eq!(statuses, [200, 422]);
    let hooks = under_each("delete-scenario-hook", |trial| {
        let hook = trial.hook("leads");
        let made = trial.post("/scenarios", save(&waiting("x", hook), &on_demand()));
        trial.delete(&format!("/scenarios/{}", made["scenario"]["id"]));
        trial.ask(Get, &format!("/hooks/{hook}"), None).0
    });
    assert_eq!(hooks, [200, 404]);
}

#[test]
fn lists_have_the_pages_that_quirks_say() {
    let rows = |list: &Value, name: &str| list[name].as_array().unwrap().len();
    let pages = under_each("page-cap", |trial| {
        for number in 0..4 {
            trial.scenario(&number.to_string(), json!([]));
        }
        let list = trial.get("/scenarios?teamId=1&pg[limit]=10000&cols[]=id");
        (rows(&list, "scenarios"), list["pg"]["limit"].as_u64())
    });
    assert_eq!(pages, [(4, Some(10_000)), (4, Some(100)), (3, Some(3))]);
    let stated = under_each("page-statement", |trial| {
        let list = trial.get("/scenarios?teamId=1");
        list.get("pg").is_some()
    });
    assert_eq!(stated, [true, false]);
    let flat = under_each("flat-lists", |trial| {
        let list = trial.get("/connections?teamId=1&pg[limit]=2&pg[offset]=4");
        (rows(&list, "connections"), list["pg"]["offset"].as_u64())
    });
    assert_eq!(flat, [(5, None), (1, Some(4))]);
}

#[test]
fn new_hooks_are_on_or_off() {
    let enabled = under_each("new-hooks", |trial| {
        let path = format!("/hooks/{}", trial.hook("h"));
        trial.get(&path)["hook"]["enabled"] == true
    });
    assert_eq!(enabled, [true, false]);
}

#[test]
fn refusals_say_as_much_as_the_quirks_let_them() {
    let details = under_each("error-detail", |trial| {
        trial.ask(Get, "/scenarios", None).1.get("detail").cloned()
    });
    let text = "Missing required parameter teamId or organizationId";
    assert_eq!(
        details,
        [Some(json!(text)), None, Some(json!({ "reason": text }))]
    );
    let listed = under_each("confirmation-body", |trial| {
        let hook = trial.hook("leads");
        trial.post("/scenarios", save(&waiting("x", hook), &on_demand()));
        let (status, body) = trial.ask(Delete, &format!("/hooks/{hook}"), None);
        assert_eq!((status, &body["code"]), (406, &json!("IM004")));
        body.get("metadata").is_some()
    });
    assert_eq!(listed, [true, false]);
    let limits = under_each("api-limit", |trial| {
        let organization = trial.get("/organizations/1");
        organization["organization"]["license"]
            .get("apiLimit")
            .cloned()
    });
    assert_eq!(limits, [Some(json!(1_000_000)), Some(json!(0)), None]);
}

/// The answer to the first request that is over the limit.
fn limited(trial: &Trial) -> crate::live::transport::Response {
    let quirks = trial.world.quirks();
    let limited = Trial::with(crate::sandbox::WorldOptions {
        plan: Some(crate::sandbox::PlanName::Free),
        quirks,
        ..crate::sandbox::WorldOptions::default()
    });
    for _ in 0..30 {
        limited.get("/users/me");
    }
    limited.send(Get, "/users/me", None)
}

#[test]
fn a_refusal_over_the_limit_has_the_form_that_quirks_give_it() {
    let bodies = under_each("limit-body", |trial| {
        let answer = limited(trial);
        assert_eq!(answer.status, 429);
        String::from_utf8(answer.body.to_vec()).unwrap()
    });
    assert!(bodies[0].contains(r#""code":"SC429""#), "{}", bodies[0]);
    assert!(bodies[1].starts_with("Requests limit for"), "{}", bodies[1]);
    let waits = under_each("limit-retry-after", |trial| {
        limited(trial).header("retry-after").is_some()
    });
    assert_eq!(waits, [false, true]);
}

#[test]
fn every_setting_of_every_quirk_is_set_by_its_name() {
    let mut names = BTreeSet::new();
    for quirk in Quirks::all() {
        assert!(names.insert(quirk.name), "{} is there twice", quirk.name);
        assert!(quirk.settings.len() > 1, "{} asks nothing", quirk.name);
        assert!(quirk.question.ends_with('?'), "{}", quirk.question);
        let mut quirks = Quirks::default();
        assert_eq!(quirks.get(quirk.name), Some(quirk.default_setting()));
        for setting in quirk.settings {
            let text = format!("{}={}", quirk.name, setting.name);
            quirks.set_from(&text).unwrap();
            assert_eq!(quirks.get(quirk.name), Some(setting.name));
            let is_default = setting.name == quirk.default_setting();
            let changed = if is_default { vec![] } else { vec![text] };
            assert_eq!(quirks.changed(), changed);
        }
    }
}

#[test]
fn what_is_no_quirk_is_refused_with_what_there_is() {
    let mut quirks = Quirks::default();
    quirks.set_from("last-edit = save").unwrap();
    assert_eq!(quirks.last_edit, LastEdit::Save);
    let wrong = |text: &str| Quirks::default().set_from(text).unwrap_err().to_string();
    assert!(wrong("last-edit").contains("write NAME=SETTING"));
    assert!(wrong("lastedit=any").contains("last-edit, scenario-version"));
    assert_eq!(
        wrong("last-edit=never"),
        "quirk last-edit has no setting \"never\": there are any, save, blueprint"
    );
    assert!(matches!(
        quirks.set("x", "y"),
        Err(UnknownQuirk::Name(name)) if name == "x"
    ));
}
