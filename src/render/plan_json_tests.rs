//! Plans as programs read them.

use super::plan_json::{plan_json, plan_json_pretty};
use crate::{
    plan::{Action, Difference, Shown, Sign},
    render::sample::{change, lead_sync, plan, step, value},
};
use serde_json::{Value, json};

#[test]
fn the_plan_of_the_design_has_exactly_the_keys_of_the_contract() {
    insta::assert_snapshot!(plan_json_pretty(&lead_sync()), @r#"
    {
      "format": "makeform/plan/v1",
      "digest": "sha256:c0ffee",
      "target": {
        "name": "production",
        "host": "eu1.make.com",
        "organization": {
          "id": 7,
          "name": "Acme"
        },
        "team": {
          "id": 22,
          "name": "Marketing"
        }
      },
      "summary": {
        "create": 1,
        "update": 1,
        "replace": 0,
        "delete": 0,
        "adopt": 0,
        "unchanged": 0
      },
      "steps": [
        {
          "address": "scenario.lead-sync",
          "kind": "Scenario",
          "action": "update",
          "id": 925,
          "reasons": [
            "schedule and blueprint differ"
          ],
          "changes": [
            {
              "path": [
                "schedule"
              ],
              "before": {
                "type": "indefinitely",
                "interval": 900
              },
              "after": {
                "type": "indefinitely",
                "interval": 300
              }
            },
            {
              "path": [
                "blueprint",
                "flow",
                "3",
                "mapper",
                "values",
                "0"
              ],
              "before": "{{1.email}}",
              "after": "{{lower(1.email)}}",
              "origin": "git"
            },
            {
              "path": [
                "blueprint",
                "flow",
                "12"
              ],
              "before": null,
              "after": {
                "module": "slack:CreateMessage",
                "position": "after 3"
              }
            }
          ],
          "dependsOn": [
            "webhook.leads"
          ]
        },
        {
          "address": "webhook.leads",
          "kind": "Webhook",
          "action": "create",
          "id": null,
          "reasons": [
            "the account has nothing of that name"
          ],
          "changes": [
            {
              "path": [
                "name"
              ],
              "before": null,
              "after": "leads"
            },
            {
              "path": [
                "url"
              ],
              "before": null,
              "after": null,
              "unknown": true
            }
          ],
          "dependsOn": []
        }
      ],
      "findings": []
    }
    "#);
}

#[test]
fn both_forms_read_back_as_the_same_document() {
    let mut plan = lead_sync();
    plan.target.account.team_name = "\u{1b}[2J\u{9b}\u{202e}\n".into();
    let compact = plan_json(&plan);
    assert_eq!(compact.lines().count(), 1);
    let pretty = plan_json_pretty(&plan);
    assert!(pretty.chars().all(|c| c == '\n' || !c.is_control()));
    let compact: Value = serde_json::from_str(&compact).unwrap();
    assert_eq!(compact, serde_json::from_str::<Value>(&pretty).unwrap());
    assert_eq!(
        compact["target"]["team"]["name"],
        "\u{1b}[2J\u{9b}\u{202e}\n"
    );
}

#[test]
fn sensitive_and_unknown_values_are_marked_and_numbers_keep_their_text() {
    let number: Value = serde_json::from_str("9007199254740993.10").unwrap();
    let changes = vec![
        change(
            &["a"],
            "a",
            Difference::Changed(Shown::Sensitive, Shown::Sensitive),
        ),
        change(
            &["b"],
            "b",
            Difference::Changed(value(number), Shown::Unknown(None)),
        ),
        change(
            &["blueprint", "flow", "4"],
            "4 util:Sleep",
            Difference::Moved {
                from: "first".into(),
                to: "after 9".into(),
                changes: Vec::new(),
            },
        ),
        change(
            &["blueprint", "flow", "5"],
            "5 util:Sleep",
            Difference::Part {
                sign: Sign::Remove,
                note: "after 4".into(),
                value: json!({"module": "util:Sleep", "position": "after 4"}),
                changes: Vec::new(),
            },
        ),
    ];
    let plan = plan(vec![step("webhook.a", Action::Update, Some(1), changes)]);
    let text = plan_json(&plan);
    assert!(text.contains("9007199254740993.10"));
    let document: Value = serde_json::from_str(&text).unwrap();
    let changes = &document["steps"][0]["changes"];
    assert_eq!(
        changes[0],
        json!({"path": ["a"], "before": null, "after": null, "sensitive": true})
    );
    assert_eq!(changes[1]["unknown"], true);
    assert_eq!(changes[1]["after"], Value::Null);
    assert_eq!(
        changes[2],
        json!({"path": ["blueprint", "flow", "4"], "before": {"position": "first"}, "after": {"position": "after 9"}})
    );
    assert_eq!(
        changes[3],
        json!({"path": ["blueprint", "flow", "5"],
               "before": {"module": "util:Sleep", "position": "after 4"}, "after": null})
    );
}
