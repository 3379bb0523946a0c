//! What targets say otherwise and leave out, and what is moved.

use super::{
    load::load,
    project::find_project,
    tests::{folder, lines},
};
use crate::{
    diagnostic::Report,
    model::{Address, Desired, Field, spec::ScheduleUse, spec::schedule::When},
};

const MANIFESTS: &str = r#"apiVersion: makeform/v1
kind: Scenario
metadata: { name: sync }
spec:
  name: Sync
  active: true
  description: Copies leads.
  schedule: { every: 15m }
  settings: { maxErrors: 3, sequential: true }
  folder: folder.crm
  blueprint: { flow: [{ id: 1, module: "http:ActionSendData", version: 3, mapper: { a: "${var.only-there}" } }] }
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: crm }
---
apiVersion: makeform/v1
kind: Schedule
metadata: { name: hours }
spec: { every: 1h }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: test-a }
"#;

/// What a target's manifests come to; `more` stands in its block.
fn environment(more: &str, manifests: &str) -> (Desired, Report) {
    let project = format!(
        "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: p }}\nspec:\n  manifests: [m/*.yaml]\n  targets:\n    production: {{ url: \"sandbox:\", vars: {{ only-there: x }} }}\n    staging:\n      url: \"sandbox:staging\"\n{more}"
    );
    let folder = folder(&[("makeform.yaml", &project), ("m/a.yaml", manifests)]);
    let project = find_project(folder.path());
    match project {
        Ok(project) => load(&project, "staging", &|_| None),
        Err(report) => (Desired::default(), report),
    }
}

fn at(text: &str) -> Address {
    text.parse().unwrap()
}

const VARS: &str = "      vars: { only-there: y }\n";

#[test]
fn an_override_is_merged_into_the_spec_of_its_target() {
    let more = format!(
        "{VARS}      overrides:\n        scenario.sync:\n          active: false\n          description: null\n          schedule: {{ every: null, daily: \"06:30\" }}\n          settings: {{ maxErrors: 9 }}\n          blueprint: {{ flow: [] }}\n        webhook.test-a: {{ name: Staging }}\n"
    );
    let (desired, report) = environment(&more, MANIFESTS);
    assert!(!report.has_errors(), "{:?}", lines(&report));
    let declared = &desired.things[&at("scenario.sync")];
    let spec = declared.spec.as_scenario().unwrap();
    assert_eq!(spec.name, "Sync");
    assert_eq!(spec.active, Field::Set(false));
    assert!(spec.description.is_absent());
    let Field::Set(ScheduleUse::Inline(schedule)) = &spec.schedule else {
        panic!("no schedule");
    };
    assert!(matches!(schedule.when, When::Daily { .. }), "{schedule:?}");
    assert_eq!(spec.settings.max_errors, Field::Set(9));
    assert_eq!(spec.settings.sequential, Field::Set(true));
    let blueprint = spec.blueprint.as_set().unwrap().document().unwrap();
    assert_eq!(blueprint["flow"], serde_json::json!([]));
    // What is found later points to where it stands.
    let place = |field: &str| declared.places[&vec![field.to_owned()]].to_string();
    assert_eq!(place("active"), "makeform.yaml:13:19");
    assert_eq!(place("folder"), "m/a.yaml:10:11");
    // A document without a spec gets one.
    let webhook = &desired.things[&at("webhook.test-a")].spec;
    assert_eq!(webhook.as_webhook().unwrap().name, "Staging");
}

#[test]
fn what_is_wrong_with_an_override_is_found_in_the_project_file() {
    let more = format!(
        "{VARS}      overrides:\n        scenario.sync:\n          actve: false\n          folder: folder.gone\n          active: maybe\n          descripton: null\n          settings: {{ maxErors: 1 }}\n        scenario.snc: {{ active: false }}\n        webhook.test-a: null\n        nonsense: {{}}\n      exclude: [webhook.text-*]\n"
    );
    let (_, report) = environment(&more, MANIFESTS);
    // What the project file alone shows stops before anything is read.
    assert_eq!(
        lines(&report),
        [
            "makeform.yaml:19:25 wrong-type: expected a mapping: fields of its `spec`, found null",
            "makeform.yaml:20:9 bad-value: `nonsense` is no address: expected `kind.name`, such as `scenario.lead-sync`",
        ]
    );
    let more = more.replace("        webhook.test-a: null\n        nonsense: {}\n", "");
    let (_, report) = environment(&more, MANIFESTS);
    assert_eq!(
        lines(&report),
        [
            "m/a.yaml:19:19 unused: nothing uses `schedule.hours`",
            "makeform.yaml:13:11 unknown-key: a Scenario has no key `actve`",
            "makeform.yaml:14:19 dangling-reference: no manifest declares `folder.gone`",
            "makeform.yaml:15:19 wrong-type: expected true or false, found a text",
            "makeform.yaml:16:11 override-removes-nothing: there is no `descripton` to take away",
            "makeform.yaml:17:23 unknown-key: `settings` has no key `maxErors`",
            "makeform.yaml:18:9 override-unknown: no manifest declares `scenario.snc`",
            "makeform.yaml:19:17 exclude-unknown: no manifest declares `webhook.text-*`",
        ]
    );
    let helps = report
        .sorted()
        .iter()
        .filter_map(|f| f.help.clone())
        .collect::<Vec<_>>();
    assert!(
        helps.contains(&"did you mean `description`?".to_owned()),
        "{helps:?}"
    );
    assert!(
        helps.contains(&"did you mean `scenario.sync`?".to_owned()),
        "{helps:?}"
    );
}

#[test]
fn a_secret_in_an_override_is_refused_and_never_shown() {
    let more = format!(
        "{VARS}      overrides:\n        webhook.test-a: {{ type: custom, security: {{ type: token, token: canary1 }}, oops: 1 }}\n"
    );
    let (_, report) = environment(&more, MANIFESTS);
    assert!(report.has_errors());
    for finding in report.iter() {
        let place = finding.place.as_ref().unwrap();
        assert!(!place.source.text.contains("canary"), "{finding:?}");
    }
}

#[test]
fn what_is_left_out_is_neither_wanted_nor_wrong() {
    // The variable that only production has is no error of a scenario that staging leaves out.
    let (desired, report) = environment(
        "      exclude: [scenario.sync, \"webhook.test-*\"]\n",
        MANIFESTS,
    );
    assert_eq!(
        lines(&report),
        ["m/a.yaml:19:19 unused: nothing uses `schedule.hours`"]
    );
    let wanted: Vec<String> = desired.things.keys().map(Address::to_string).collect();
    assert_eq!(wanted, ["folder.crm", "schedule.hours"]);
    let excluded: Vec<String> = desired.excluded.keys().map(Address::to_string).collect();
    assert_eq!(excluded, ["scenario.sync", "webhook.test-a"]);
    // A schedule is no object that could be found in the account.
    let manifests = MANIFESTS.replace("schedule: { every: 15m }", "schedule: schedule.hours");
    let (_, report) = environment(
        &format!("{VARS}      exclude: [schedule.hours]\n"),
        &manifests,
    );
    assert_eq!(
        lines(&report),
        ["m/a.yaml:8:13 names-excluded: target `staging` leaves out `schedule.hours`"]
    );
}

#[test]
fn moves_are_followed_to_their_end_and_may_not_contradict() {
    let manifests = |moved: &str| {
        format!(
            "{MANIFESTS}---\napiVersion: makeform/v1\nmoved:\n{moved}removed: [{{ address: scenario.r }}]\n"
        )
    };
    let (desired, report) = environment(
        VARS,
        &manifests(
            "  - { from: scenario.a, to: scenario.b }\n  - { from: scenario.b, to: scenario.sync }\n",
        ),
    );
    assert!(!report.has_errors(), "{:?}", lines(&report));
    let (start, end) = (at("scenario.a"), at("scenario.sync"));
    assert_eq!(desired.moved[&start].to, end);
    let former: Vec<&Address> = desired.former(&end).collect();
    assert_eq!(former, [&start, &at("scenario.b")]);
    let wrong = "  - { from: scenario.sync, to: scenario.x }
  - { from: scenario.r, to: scenario.sync }
  - { from: scenario.c, to: scenario.sync }
  - { from: scenario.d, to: scenario.sync }
  - { from: scenario.c, to: scenario.e }
  - { from: folder.f, to: folder.g }
  - { from: folder.g, to: folder.f }
  - { from: folder.h, to: folder.crn }
  - { from: folder.i, to: scenario.sync }
  - { from: folder.j, to: folder.j }
  - { from: schedule.k, to: schedule.hours }
";
    let (_, report) = environment(VARS, &manifests(wrong));
    let lines = lines(&report);
    let found: Vec<&str> = lines
        .iter()
        .filter(|line| !line.contains(" unused"))
        .map(|line| line.split_once(' ').unwrap().1)
        .collect();
    assert_eq!(
        found,
        [
            "moved-conflict: `scenario.sync` is moved and declared at once",
            "moved-conflict: `scenario.r` is moved and removed at once",
            "moved-conflict: two things are moved to `scenario.sync`",
            "moved-conflict: `scenario.c` is moved twice",
            "moved-conflict: what is moved from `folder.f` comes back to `folder.f`",
            "moved-conflict: what is moved from `folder.g` comes back to `folder.g`",
            "dangling-reference: `folder.h` is moved to `folder.crn`, which no manifest declares",
            "bad-value: a Folder can't become a Scenario",
            "bad-value: it moves to where it is",
            "bad-value: the ledger knows no Schedule",
            "bad-value: the ledger knows no Schedule",
        ]
    );
}
