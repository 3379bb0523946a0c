//! Bad input: every finding at once, each with its place, and never a panic.

use crate::support::world::World;

#[test]
fn ten_different_mistakes_give_ten_findings_in_one_run() {
    let world = World::new();
    world.write("manifests/a.yaml", MISTAKES);
    let output = world.run(&["validate", "--format", "json"]).exits(1);
    let findings: Vec<(String, u64, u64)> = output
        .stdout
        .lines()
        .flat_map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            value["findings"].as_array().unwrap().clone()
        })
        .filter(|finding| finding["severity"] == "error")
        .map(|finding| {
            assert_eq!(finding["file"], "manifests/a.yaml", "{finding}");
            let number = |key: &str| finding[key].as_u64().unwrap();
            (
                finding["code"].as_str().unwrap().to_owned(),
                number("line"),
                number("column"),
            )
        })
        .collect();
    let shown: Vec<String> = findings
        .iter()
        .map(|(code, line, column)| format!("{line}:{column} {code}"))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    5:3 unknown-key
    6:11 wrong-type
    7:11 dangling-reference
    8:22 bad-value
    9:22 unreadable-file
    12:7 unknown-kind
    23:19 duplicate-address
    28:19 bad-name
    36:3 duplicate-key
    42:7 missing-key
    ");
    assert_eq!(findings.len(), 10);
    let mut codes: Vec<&String> = findings.iter().map(|(code, ..)| code).collect();
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 10, "ten different mistakes");
}

const MISTAKES: &str = r#"apiVersion: makeform/v1
kind: Scenario
metadata: { name: lead-sync }
spec:
  nmae: Lead Sync
  active: "perhaps"
  folder: folder.crn
  schedule: { every: 15 parsecs }
  blueprint: { file: missing.json }
---
apiVersion: makeform/v1
kind: Scenaro
metadata: { name: other }
spec: {}
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: crm }
spec: { name: CRM }
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: crm }
spec: { name: CRM again }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: Leads }
spec: { name: Leads, type: custom }
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: orders }
spec:
  name: Orders
  name: Orders again
  type: custom
---
apiVersion: makeform/v1
kind: TeamRole
metadata: { name: max }
spec: { email: max@acme.example }
"#;

#[test]
fn a_slip_in_what_is_typed_is_told_with_what_was_probably_meant() {
    let world = World::copy_of("examples");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    for (typed, meant) in [
        ("plna", "'plan'"),
        ("plan --onyl scenario.lead-sync", "'--only'"),
        ("plan --only scenaro.lead-sync", "'scenario.lead-sync'"),
        ("plan --only scenario.lead-sinc", "`scenario.lead-sync`"),
        ("plan --format jsn", "'json'"),
        ("export --kind Scenaro", "'Scenario'"),
        ("export --only scenario.led-sync", "scenario.lead-sync"),
        ("schema --kind Webhok", "'Webhook'"),
        ("drift --only webhook.led", "`webhook.leads`"),
        ("apply --allow mass-delet", "`mass-delete`"),
        ("--target sandbx plan", "`sandbox`"),
        ("state show scenario.led-sync", "scenario.lead-sync"),
        ("run scenario.led-sync", "scenario.lead-sync"),
        ("import webhook.lead 7", "`webhook.leads`"),
        ("explain mas-delete", "`mass-delete`"),
        ("status --fail-on eror", "'errors'"),
        ("completions fsh", "'fish'"),
    ] {
        let args: Vec<&str> = typed.split(' ').collect();
        let output = world.run(&args).exits(1);
        // What a plan finds is part of the plan.
        let said = format!("{}{}", output.stdout, output.stderr);
        assert!(said.contains(meant), "{typed}: {output}");
    }
}

#[test]
fn a_refusal_says_what_was_done_to_which_thing_what_make_said_and_what_it_usually_means() {
    for (fault, code, help) in [
        ("401", "token-refused", "`makeform auth login`"),
        ("403", "access-denied", "`scenarios:write`"),
        ("404", "request-refused", "plan again"),
        ("413", "request-refused", "no request of this size"),
        ("422", "request-refused", "mend what Make does not accept"),
        ("500", "step-failed", "nothing is made twice"),
    ] {
        let world = World::copy_of("examples").with_env(
            "MAKEFORM_SANDBOX",
            &format!("fault POST /scenarios: {fault}"),
        );
        let output = world.run(&["apply", "--auto-approve"]);
        assert_ne!(output.code, Some(0), "{output}");
        let said = &output.stderr;
        let head = format!("error[{code}]: scenario.orders-report: ");
        let (_, told) = said
            .split_once(&head)
            .unwrap_or_else(|| panic!("{fault}: {output}"));
        let told = told.split("\nerror[").next().unwrap();
        for text in [
            "POST /scenarios was",
            &format!("status {fault}: The sandbox answers {fault}"),
            "--> manifests/nightly-sync/orders.yaml:14:19",
            "metadata: { name: orders-report }",
            help,
        ] {
            assert!(told.contains(text), "{fault}: `{text}` is not in {told}");
        }
    }
}
