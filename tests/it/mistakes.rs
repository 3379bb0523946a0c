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
