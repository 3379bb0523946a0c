//! Whole projects in, things and findings out.

use std::fs;

use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use serde_json::json;
use tempfile::TempDir;

use super::{find_project, load};
use crate::{
    diagnostic::Report,
    model::{
        Address, Desired, Field, Spec,
        spec::{Link, ScheduleUse, schedule::When},
    },
};

const PROJECT: &str = r#"apiVersion: makeform/v1
kind: Project
metadata: { name: test }
spec:
  manifests: ["m/**/*.yaml"]
  env: [CRM_TOKEN, UNSET]
  targets:
    sandbox: { url: "sandbox:", vars: { sheet: 1AbC, stage: 007 } }
    other: { url: https://eu1.make.com, token: "${env.MAKE_API_KEY}" }
"#;

#[expect(
    clippy::disallowed_methods,
    reason = "nobody else reads the test's files"
)]
pub(super) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let project = ("makeform.yaml", PROJECT);
    for (name, text) in [project].iter().chain(files) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

pub(super) fn read(folder: &TempDir) -> (Desired, Report) {
    let project = find_project(folder.path()).unwrap();
    load(&project, "sandbox", &|name| {
        (name == "CRM_TOKEN").then(|| "s3cret".to_owned())
    })
}

/// `file:line:column code: message`, one a line.
pub(super) fn lines(report: &Report) -> Vec<String> {
    report
        .sorted()
        .iter()
        .map(|finding| {
            let place = finding.place.as_ref().map(ToString::to_string);
            let place = place.unwrap_or_default();
            format!("{place} {}: {}", finding.code, finding.message)
        })
        .collect()
}

pub(super) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

const BLUEPRINT: &str = "\u{feff}{\"makeform\":1,\r\n\"name\":\"Lead Sync\",\"flow\":[{\"id\":1,\"parameters\":{\"hook\":\"${webhook.leads}\",\"n\":1.0}}]}";

const STORY: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: lead-sync }
spec:
  name: Lead Sync
  folder: ${folder.crm}
  description: In ${target.name} ${env.CRM_TOKEN}
  active: true
  schedule: schedule.nightly
  blueprint: { file: lead-sync.blueprint.json }
  settings: { maxErrors: 5, keepIncomplete: null }
  lifecycle: { preventDestroy: true, ignoreChanges: [description, /blueprint/flow/3, settings/keepIncomplete] }
---
apiVersion: makeform/v1
kind: Schedule
metadata: { name: nightly }
spec: { weekly: { days: [WED, monday], time: 06:30 }, timezone: Europe/Prague }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: leads }
spec: { name: "Leads ${var.stage}", type: jotform, connection: 12, formId: 1.50, secret: "${env.CRM_TOKEN}" }
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: crm }
---
apiVersion: makeform/v1
kind: TeamRole
metadata: { name: ann }
spec: { email: Ann@example.com, role: builder }
---
apiVersion: makeform/v1
removed: [{ address: scenario.old }, { address: webhook.old, destroy: true }]
"#;

#[test]
fn a_story_is_read_whole() {
    let folder = folder(&[
        ("m/story.yaml", &STORY.replace('\n', "\r\n")),
        ("m/lead-sync.blueprint.json", BLUEPRINT),
        (
            "makeform.ids.yaml",
            "apiVersion: makeform/v1\nkind: Ids\nspec: { sandbox: { folder.crm: 7 }, other: { folder.crm: 8 } }\n",
        ),
    ]);
    let (desired, report) = read(&folder);
    assert_eq!(lines(&report), Vec::<String>::new());
    assert_eq!(desired.things.len(), 5);
    let declared = &desired.things[&address("scenario.lead-sync")];
    assert_eq!(declared.place.to_string(), "m/story.yaml:4:19");
    assert_eq!(
        declared.places[&vec!["settings".to_owned(), "maxErrors".to_owned()]].line_column(),
        (12, 26)
    );
    assert!(declared.lifecycle.prevent_destroy);
    assert_eq!(
        declared.lifecycle.ignore_changes[2].join("/"),
        "blueprint/metadata/scenario/dlq"
    );
    let Spec::Scenario(scenario) = &declared.spec else {
        panic!("no scenario");
    };
    assert_eq!(
        scenario.folder,
        Field::Set(Link::Thing(address("folder.crm")))
    );
    assert_eq!(
        scenario.schedule,
        Field::Set(ScheduleUse::Shared(address("schedule.nightly")))
    );
    assert_eq!(scenario.settings.keep_incomplete, Field::Null);
    let blueprint = scenario.blueprint.as_set().unwrap();
    assert!(blueprint.has_references());
    let text = r#"{"name":"Lead Sync","flow":[{"id":1,"parameters":{"hook":"${webhook.leads}","n":1.0}}],"metadata":{}}"#;
    assert_eq!(blueprint.document().unwrap().to_string(), text);
    let Spec::Webhook(webhook) = &desired.things[&address("webhook.leads")].spec else {
        panic!("no webhook");
    };
    assert_eq!(webhook.name, "Leads 007");
    assert_eq!(
        json!(webhook.fields).to_string(),
        r#"{"formId":1.50,"secret":"${env.CRM_TOKEN}"}"#
    );
    let Spec::Schedule(schedule) = &desired.things[&address("schedule.nightly")].spec else {
        panic!("no schedule");
    };
    assert_eq!(
        schedule.when,
        When::Weekly([1, 3].into(), jiff::civil::time(6, 30, 0, 0))
    );
    assert!(desired.removed[&address("webhook.old")].destroy);
    assert_eq!(desired.pins[&address("folder.crm")].id.to_string(), "7");
    assert_eq!(desired.variables.env["CRM_TOKEN"].expose_secret(), "s3cret");
}

#[test]
fn ten_mistakes_are_ten_findings_with_their_places() {
    let folder = folder(&[(
        "m/a.yaml",
        r#"apiVersion: makeform/v1
kind: Scenario
metadata: { name: a }
spec:
  name: true
  shedule: { every: 15m }
  folder: folder.crn
  active: yes
  description: ${var.shet}
  schedule: { every: 15 }
  active: false
  blueprint: { file: gone.json }
  settings: { maxErrors: many }
  onUnhealthy: restart
  lifecycle: { ignoreChanges: [nam] }
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: crm }
spec: { name: null, parent: webhook.a }
"#,
    )]);
    let (_, report) = read(&folder);
    assert_eq!(
        lines(&report),
        [
            "m/a.yaml:5:9 wrong-type: expected a text, found true",
            "m/a.yaml:6:3 unknown-key: a Scenario has no key `shedule`",
            "m/a.yaml:7:11 dangling-reference: no manifest declares `folder.crn`",
            "m/a.yaml:8:11 wrong-type: expected true or false, found a text",
            "m/a.yaml:9:16 undeclared-variable: target `sandbox` has no variable `shet`",
            "m/a.yaml:10:22 bad-value: `15` of what?",
            "m/a.yaml:11:3 duplicate-key: the key `active` stands twice in one mapping",
            "m/a.yaml:12:22 unreadable-file: failed to read `gone.json`: there is no such file",
            "m/a.yaml:13:26 wrong-type: expected a number, found a text",
            "m/a.yaml:14:16 bad-value: `restart` is nothing that is done with a scenario",
            "m/a.yaml:15:32 bad-value: a Scenario has no field `nam`",
            "m/a.yaml:20:15 null-not-allowed: `name` of a Folder cannot be null",
            "m/a.yaml:20:29 wrong-reference: `webhook.a` is a Webhook, and this takes a Folder",
        ]
    );
    let helps: Vec<Option<&str>> = report.sorted().iter().map(|f| f.help.as_deref()).collect();
    assert_eq!(helps[1], Some("did you mean `schedule`?"));
    assert_eq!(helps[2], Some("did you mean `folder.crm`?"));
}

#[test]
fn what_an_app_could_mean_but_hardly_does_is_a_warning() {
    let folder = folder(&[(
        "m/a.yaml",
        "apiVersion: makeform/v1
kind: Webhook
metadata: { name: a }
spec: { type: custm, conection: x, id: 7, formId: 7 }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: b }
spec: { type: raw }
",
    )]);
    let (desired, report) = read(&folder);
    assert_eq!(
        lines(&report),
        [
            "m/a.yaml:4:15 looks-misspelled: `custm` is taken for the type of an app's webhook",
            "m/a.yaml:4:22 looks-misspelled: `conection` is taken for a field of the app",
        ]
    );
    assert!(!report.has_errors());
    let helps: Vec<Option<&str>> = report.sorted().iter().map(|f| f.help.as_deref()).collect();
    assert_eq!(helps[0], Some("did you mean `custom`?"));
    assert_eq!(helps[1], Some("did you mean `connection`?"));
    let Spec::Webhook(webhook) = &desired.things[&address("webhook.a")].spec else {
        panic!("no webhook");
    };
    assert_eq!(webhook.fields.len(), 3);
}

#[test]
fn references_in_blueprints_are_found_where_they_stand() {
    let scenario = |name: &str, blueprint: &str| {
        format!(
            "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: {name} }}\nspec:\n  blueprint:\n    {blueprint}\n"
        )
    };
    let marked = "{ \"makeform\": 1,\r\n  \"flow\": [\r\n    { \"id\": 1, \"a\": \"é ${webhook.b} ${webhook.a.urll}\" },\n    {\"id\": 1}]}";
    let folder = folder(&[
        (
            "m/a.yaml",
            &format!(
                "{}---\n{}---\n{}---\napiVersion: makeform/v1\nkind: Webhook\nmetadata: {{ name: a }}\n",
                scenario("a", "file: sub/../marked.json"),
                scenario("b", "{ file: raw.json, references: true }"),
                scenario(
                    "c",
                    "flow: [{ id: 1, x: \"{{1.a}}\", y: 007, z: \"${env.UNSET} ${env.MAKE_X} $${var.x}\" }]"
                ),
            ),
        ),
        ("m/marked.json", marked),
        ("m/sub/x", ""),
        (
            "m/raw.json",
            "{\"name\": \"b\", \"flow\": [{\"s\": \"${folder.x}\"}]}",
        ),
    ]);
    let (desired, report) = read(&folder);
    assert_eq!(
        lines(&report),
        [
            "m/a.yaml:20:47 unset-variable: the environment variable `UNSET` is not set",
            "m/a.yaml:20:60 undeclared-variable: `MAKE_X` is for the settings of a target only",
            "m/marked.json:3:24 dangling-reference: no manifest declares `webhook.b`",
            "m/marked.json:3:37 wrong-reference: a Webhook has no attribute `urll`",
            "m/marked.json:4:12 duplicate-module: several modules have the id 1",
            "m/raw.json:1:31 dangling-reference: no manifest declares `folder.x`",
        ]
    );
    let Spec::Scenario(inline) = &desired.things[&address("scenario.c")].spec else {
        panic!("no scenario");
    };
    let document = inline.blueprint.as_set().unwrap().document().unwrap();
    assert_eq!(document["flow"][0]["y"], json!("007"));
}

#[test]
fn things_are_checked_against_each_other() {
    let folder = folder(&[
            (
                "m/a.yaml",
                "apiVersion: makeform/v1
kind: Folder
metadata: { name: a }
spec: { parent: folder.b }
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: b }
spec: { parent: folder.a }
---
apiVersion: makeform/v1
kind: Connection
metadata: { name: crm }
spec: { type: [slack, slack2] }
---
apiVersion: makeform/v1
kind: TeamRole
metadata: { name: ann }
spec: { email: ann@example.com, role: admin }
removed: [{ address: folder.a }]
",
            ),
            (
                "m/deep/b.yaml",
                "apiVersion: makeform/v1
kind: TeamRole
metadata: { name: ann }
spec: { email: x@example.com, role: admin }
---
apiVersion: makeform/v1
kind: TeamRole
metadata: { name: zoe }
spec: { email: ANN@example.com, role: admin }
---
apiVersion: makeform/v2
kind: Scenaro
metadata: { name: Lead Sync }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: call }
spec: { name: call, blueprint: { name: Call, flow: [{ parameters: { scenario: \"${scenario.call}\" } }] } }
",
            ),
            ("m/.hidden.yaml", "kind: x"),
            ("makeform.ids.yaml", "apiVersion: makeform/v1\nkind: Ids\nspec: { sandbox: { folder.z: 1 } }\n"),
        ]);
    let (_, report) = read(&folder);
    assert_eq!(
        lines(&report),
        [
            "m/a.yaml:4:17 reference-cycle: folders hold each other: folder.a -> folder.b -> folder.a",
            "m/a.yaml:20:22 removed-and-declared: `folder.a` is declared and removed at once",
            "m/deep/b.yaml:3:19 duplicate-address: `team-role.ann` is declared twice",
            "m/deep/b.yaml:9:16 same-person: `ANN@example.com` has two roles",
            "m/deep/b.yaml:11:13 bad-value: this program does not read `makeform/v2`",
            "m/deep/b.yaml:12:7 unknown-kind: there is no kind `Scenaro`",
            "m/deep/b.yaml:13:19 bad-name: `Lead Sync` cannot be part of an address",
            "m/deep/b.yaml:18:15 overridden-by-spec: the blueprint is named `Call`, but the scenario `call`",
            "m/deep/b.yaml:18:32 calls-in-a-circle: scenarios call each other: scenario.call -> scenario.call",
            "makeform.ids.yaml:3:30 unused-pin: no manifest declares `folder.z`",
        ]
    );
}

#[test]
fn the_second_thing_of_an_address_is_checked_too() {
    let folder = folder(&[(
        "m/a.yaml",
        "apiVersion: makeform/v1
kind: Scenario
metadata: { name: a }
spec: { name: First }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: a }
spec:
  name: Second
  shedule: { every: 15m }
  schedule: { every: 15 }
",
    )]);
    let (desired, report) = read(&folder);
    assert_eq!(
        lines(&report),
        [
            "m/a.yaml:8:19 duplicate-address: `scenario.a` is declared twice",
            "m/a.yaml:11:3 unknown-key: a Scenario has no key `shedule`",
            "m/a.yaml:12:22 bad-value: `15` of what?",
        ]
    );
    let Spec::Scenario(kept) = &desired.things[&address("scenario.a")].spec else {
        panic!("no scenario");
    };
    assert_eq!(kept.name, "First");
}

#[test]
fn schedules_say_when_exactly_once() {
    let bad = [
        ("{}", "bad-schedule: this schedule does not say when"),
        // One slip, one finding.
        ("{ evry: 15m }", "unknown-key: a Schedule has no key `evry`"),
        (
            "{ every: 15m, daily: 06:30 }",
            "bad-schedule: this schedule says both `every` and `daily`",
        ),
        (
            "{ cron: \"*/5 * * * *\" }",
            "cron-phase: Make counts `*/5 * * * *` from the moment of activation",
        ),
        (
            "{ cron: \"0 9,17 * * *\" }",
            "bad-schedule: Make's zones have no schedule that says `0 9,17 * * *`",
        ),
        (
            "{ cron: often }",
            "bad-schedule: `often` is no cron expression: it has not five fields: minute, hour, day, month, weekday",
        ),
        ("{ onDemand: false }", "bad-value: this says nothing"),
        (
            "{ weekly: { days: [mon, wensday], time: 9h } }",
            "bad-value: `wensday` is no day",
        ),
        (
            "{ every: 15m, maxRunsPerMinute: 5 }",
            "bad-schedule: `maxRunsPerMinute` goes with `immediately` only",
        ),
        (
            "{ once: 2026-12-01 }",
            "bad-value: `2026-12-01` is no moment",
        ),
        (
            "{ daily: 06:30, timezone: Europe/Prag }",
            "bad-value: there is no time zone `Europe/Prag`",
        ),
        (
            "{ monthly: { days: [32], time: 06:30 } }",
            "bad-value: expected a whole number from 1 to 31",
        ),
        (
            "{ every: 1h, restrict: [{ time: [\"17:00\", \"09:00\"] }] }",
            "bad-value: this ends before it begins",
        ),
    ];
    for (schedule, finding) in bad {
        let text = format!(
            "apiVersion: makeform/v1\nkind: Schedule\nmetadata: {{ name: a }}\nspec: {schedule}\n"
        );
        let (_, report) = read(&folder(&[("m/a.yaml", &text)]));
        let found = lines(&report).concat();
        assert!(found.contains(finding), "{schedule}: {found}");
    }
    let good = "{ yearly: { months: [jan, 7], days: [1], time: 00:05 }, between: [2026-01-01T00:00:00Z, 2026-12-31T00:00:00+01:00], restrict: [{ days: [Sat], time: [09:00, 17:00] }], timezone: UTC }";
    let text = format!(
        "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: a }}\nspec: {{ schedule: {good} }}\n"
    );
    let (desired, report) = read(&folder(&[("m/a.yaml", &text)]));
    assert_eq!(lines(&report), Vec::<String>::new());
    let Spec::Scenario(scenario) = &desired.things[&address("scenario.a")].spec else {
        panic!("no scenario");
    };
    let Field::Set(ScheduleUse::Inline(schedule)) = &scenario.schedule else {
        panic!("no schedule");
    };
    let at = jiff::civil::time(0, 5, 0, 0);
    assert_eq!(schedule.when, When::Yearly([1, 7].into(), [1].into(), at));
    assert_eq!(schedule.restrict[0].days, Some([6].into()));
}

#[cfg(unix)]
#[test]
fn nothing_outside_of_the_project_is_read() {
    let outside = folder(&[("secret.json", BLUEPRINT), ("x.yaml", "kind: x")]);
    let patterns = r#"m/**/*.yaml", "../*.yaml", "none/*.yaml", "m/link/x.yaml", "m/a["#;
    let inside = folder(&[
        ("makeform.yaml", &PROJECT.replace("m/**/*.yaml", patterns)),
        (
            "m/a.yaml",
            "apiVersion: makeform/v1\nkind: Scenario\nmetadata: { name: a }\nspec: { blueprint: { file: link.json } }\n",
        ),
    ]);
    let link = |from: &str, to: &std::path::Path| {
        std::os::unix::fs::symlink(to, inside.path().join(from)).unwrap();
    };
    link("m/link.json", &outside.path().join("secret.json"));
    link("m/link", outside.path());
    link("m/loop", inside.path());
    link("m/again.yaml", std::path::Path::new("a.yaml"));
    let (desired, report) = read(&inside);
    assert_eq!(desired.things.len(), 1);
    assert_eq!(
        lines(&report),
        [
            "m/a.yaml:4:28 outside-project: failed to read `link.json`: it lies outside of the project",
            "makeform.yaml:5:30 outside-project: `../*.yaml` lies outside of the project",
            "makeform.yaml:5:43 pattern-without-match: the pattern `none/*.yaml` matches no file",
            "makeform.yaml:5:58 outside-project: `m/link/x.yaml` lies outside of the project",
            "makeform.yaml:5:75 bad-value: `m/a[` is no pattern: invalid range pattern",
        ]
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_file_leads_nowhere_or_never_ends_is_a_finding() {
    let blueprint = |name: &str, file: &str| {
        format!(
            "apiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: {name} }}\nspec: {{ blueprint: {{ file: {file} }} }}\n"
        )
    };
    let folder = folder(&[
        ("m/a.yaml", &blueprint("a", "large.json")),
        ("m/b.yaml", &blueprint("b", "pipe.yaml")),
        ("m/c.yaml", &blueprint("c", "..")),
    ]);
    let path = |name: &str| folder.path().join(name);
    let large = fs::File::create(path("m/large.json")).unwrap();
    large.set_len(100 * 1024 * 1024).unwrap();
    std::os::unix::fs::symlink("gone.yaml", path("m/link.yaml")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(path("m/pipe.yaml"))
        .status();
    assert!(made.unwrap().success());
    let (_, report) = read(&folder);
    assert_eq!(
        lines(&report),
        [
            "m/a.yaml:4:28 unreadable-file: failed to read `large.json`: it has 104857600 bytes, and 33554432 are read at most",
            "m/b.yaml:4:28 unreadable-file: failed to read `pipe.yaml`: it is no regular file",
            "m/c.yaml:4:28 unreadable-file: failed to read `..`: it is no regular file",
            " unreadable-file: failed to read m/link.yaml: it is a link that leads nowhere",
            " unreadable-file: failed to read m/pipe.yaml: it is no regular file",
        ]
    );
}

#[test]
fn a_file_that_ends_early_makes_nothing_else_seem_missing() {
    let folder = folder(&[
        (
            "m/a.yaml",
            "apiVersion: makeform/v1\nkind: Scenario\nmetadata: { name: a }\nspec: { folder: folder.crm }\n",
        ),
        (
            "m/b.yaml",
            "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: crm\n",
        ),
    ]);
    let (_, report) = read(&folder);
    let found = lines(&report);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("m/b.yaml:3:"), "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_slip_of_the_keyboard_makes_the_loader_panic(
        slips in prop::collection::vec((0..2_000_usize, 0..12_usize, "[{}\\[\\]:,&*!'\"\n0-9a-c~ -]{0,4}"), 1..8)
    ) {
        let mut files = [STORY.to_owned(), BLUEPRINT.to_owned()];
        for (at, length, typed) in slips {
            for text in &mut files {
                let letters: Vec<char> = text.chars().collect();
                let at = at % letters.len().max(1);
                let after = letters.iter().skip(at + length);
                *text = letters.iter().take(at).chain(typed.chars().collect::<Vec<_>>().iter()).chain(after).collect();
            }
        }
        let folder = folder(&[("m/a.yaml", &files[0]), ("m/lead-sync.blueprint.json", &files[1])]);
        let (_, report) = read(&folder);
        for line in lines(&report) {
            prop_assert!(!line.contains("s3cret"), "{}", line);
        }
    }
}

#[test]
fn what_guards_a_webhook_is_refused_in_a_file_and_never_shown() {
    let manifest = "apiVersion: makeform/v1\nkind: Webhook\nmetadata: { name: w }\n\
        spec: { type: custom, security: { type: basic, username: canary1, password: canary2 }, oops: 1 }\n";
    let folder = folder(&[("m/a.yaml", manifest)]);
    let (_, report) = read(&folder);
    assert_eq!(report.iter().count(), 3);
    for finding in report.iter() {
        let place = finding.place.as_ref().unwrap();
        assert!(!place.source.text.contains("canary"), "{finding:?}");
    }
}
