//! Edits of files that people wrote.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{documents, edit};

/// The file with one document changed.
fn edited(text: &str, index: usize, change: impl FnOnce(&mut Value)) -> String {
    let mut value = documents(text).unwrap()[index].clone();
    change(&mut value);
    edit(text, &BTreeMap::from([(index, Some(value))]), &[]).unwrap()
}

const FILE: &str = "\u{feff}# the file
# yaml-language-server: $schema=x

apiVersion: makeform/v1   # the version
kind:   Scenario
metadata: { name: a,   # its name
            'x': \"y\" }
spec:
  # about it
  description: 'it''s'  # why

  # when it runs
  schedule: &often   # often enough
    every: 15m     # not more
    # nothing else
    # about the zone

  active:   true
  # blocks
  note: |  # shown
    one
    two

  # lists
  days:
  - mon   # first
  # the middle
  - tue
  - name: wed
    # deep
    hours: [ 9, 10 ] # twice
  other: *often
  settings: { maxErrors: 5, sequential: false } # flow
# between
---
# the second
spec: {}
";

/// Each line that is not in both, as a diff shows it.
fn diff(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split('\n').collect(), after.split('\n').collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[same..].iter().rev().zip(new[same..].iter().rev());
    let rest = tail.take_while(|(a, b)| a == b).count();
    let gone = old[same..old.len() - rest]
        .iter()
        .map(|line| format!("-{line}\n"));
    let come = new[same..new.len() - rest]
        .iter()
        .map(|line| format!("+{line}\n"));
    gone.chain(come).collect()
}

/// What is tested, how the value is changed, and the lines that change with it.
type Case<'a> = (&'a str, &'a dyn Fn(&mut Value), &'a str);

#[test]
fn what_changes_is_what_was_asked_for_and_nothing_else() {
    let cases: [Case<'_>; 14] = [
        (
            "quotes stay",
            &|v| v["spec"]["description"] = json!("that's"),
            "-  description: 'it''s'  # why\n+  description: 'that''s'  # why\n",
        ),
        (
            "blanks stay",
            &|v| v["spec"]["active"] = json!(false),
            "-  active:   true\n+  active:   false\n",
        ),
        (
            "a value between braces",
            &|v| v["metadata"]["x"] = json!("z"),
            "-            'x': \"y\" }\n+            'x': \"z\" }\n",
        ),
        (
            "a key between braces",
            &|v| {
                v["spec"]["settings"] =
                    json!({"maxErrors": 3, "sequential": false, "dataLoss": true});
            },
            "-  settings: { maxErrors: 5, sequential: false } # flow\n\
             +  settings: { maxErrors: 3, sequential: false, dataLoss: true } # flow\n",
        ),
        (
            "a key between braces goes",
            &|v| {
                drop(
                    v["spec"]["settings"]
                        .as_object_mut()
                        .unwrap()
                        .shift_remove("maxErrors"),
                );
            },
            "-  settings: { maxErrors: 5, sequential: false } # flow\n\
             +  settings: { sequential: false } # flow\n",
        ),
        (
            "lines",
            &|v| v["spec"]["note"] = json!("one\nthree\n"),
            "-    two\n+    three\n",
        ),
        (
            "lines become one",
            &|v| v["spec"]["note"] = json!("one"),
            "-  note: |  # shown\n-    one\n-    two\n+  note: one  # shown\n",
        ),
        (
            "an item with the comment above it",
            &|v| drop(v["spec"]["days"].as_array_mut().unwrap().remove(1)),
            "-  # the middle\n-  - tue\n",
        ),
        (
            "an item behind another",
            &|v| {
                v["spec"]["days"]
                    .as_array_mut()
                    .unwrap()
                    .insert(1, json!("12:30"));
            },
            "+  - \"12:30\"\n",
        ),
        (
            "an item before all others",
            &|v| {
                v["spec"]["days"]
                    .as_array_mut()
                    .unwrap()
                    .insert(0, json!({"name": "sun"}));
            },
            "+  - name: sun\n",
        ),
        (
            "deep in an item",
            &|v| v["spec"]["days"][2]["hours"] = json!([9, 10, 11]),
            "-    hours: [ 9, 10 ] # twice\n+    hours: [ 9, 10, 11 ] # twice\n",
        ),
        (
            "an alias becomes a value of its own",
            &|v| v["spec"]["other"] = json!({"every": "1h"}),
            "-  other: *often\n+  other:\n+    every: 1h\n",
        ),
        (
            "a key with the comments above it",
            &|v| drop(v["spec"].as_object_mut().unwrap().shift_remove("days")),
            "-  # lists\n-  days:\n-  - mon   # first\n-  # the middle\n-  - tue\n-  - name: wed\n\
             -    # deep\n-    hours: [ 9, 10 ] # twice\n",
        ),
        (
            "a new key behind the one before it",
            &|v| {
                let spec = v["spec"].as_object_mut().unwrap();
                spec.shift_insert(1, "folder".to_owned(), json!("folder.crm"));
            },
            "+  folder: folder.crm\n",
        ),
    ];
    for (what, change, expected) in cases {
        let made = edited(FILE, 0, change);
        assert_eq!(diff(FILE, &made), expected, "{what}\n{made}");
        let windows = FILE.replace('\n', "\r\n");
        let expected = made.replace('\n', "\r\n");
        assert_eq!(edited(&windows, 0, change), expected, "{what}, CRLF");
        let open = FILE.trim_end_matches('\n');
        assert_eq!(
            edited(open, 0, change),
            made.trim_end_matches('\n'),
            "{what}, no end"
        );
    }
}

#[test]
fn what_others_share_is_not_changed_through_an_anchor() {
    let value = documents(FILE).unwrap()[0].clone();
    let mut wanted = value.clone();
    wanted["spec"]["schedule"] = json!({"every": "5m"});
    let refused = edit(FILE, &BTreeMap::from([(0, Some(wanted))]), &[]).unwrap_err();
    let field = ["spec", "schedule"].map(str::to_owned).to_vec();
    assert_eq!(refused.field, Some((0, field)));
    let mut wanted = value;
    for field in ["schedule", "other"] {
        wanted["spec"][field] = json!({"every": "5m"});
    }
    let made = edit(FILE, &BTreeMap::from([(0, Some(wanted))]), &[]).unwrap();
    assert!(made.contains("every: 5m     # not more"), "{made}");
}

#[test]
fn merged_keys_are_overridden_where_they_stand() {
    let text = "a: &a { x: 1, y: 2 }\nb:\n  <<: *a # base\n  z: 3\n";
    let made = edited(text, 0, |v| v["b"]["x"] = json!(5));
    assert_eq!(
        made,
        "a: &a { x: 1, y: 2 }\nb:\n  <<: *a # base\n  z: 3\n  x: 5\n"
    );
}

#[test]
fn values_change_their_form_where_they_must() {
    for (text, change, expected) in [
        ("a: b # c\n", json!({"a": {"d": 1}}), "a: # c\n  d: 1\n"),
        ("a: # c\n  d: 1\n  # e\n", json!({"a": "b"}), "a: b # c\n"),
        ("a: { d: 1 } # c\n", json!({"a": "b"}), "a: b # c\n"),
        ("a: # c\n", json!({"a": "b"}), "a: b # c\n"),
        ("a:\nb: 1", json!({"a": ["x"], "b": 1}), "a:\n  - x\nb: 1"),
        ("a: [1, 2] # c\n", json!({"a": []}), "a: [] # c\n"),
        ("a:\n- 1\n", json!({"a": []}), "a: []\n"),
        ("a: x\n", json!({"a": "l1\nl2\n"}), "a: |\n  l1\n  l2\n"),
        ("a: \"06:30\"\n", json!({"a": "07:00"}), "a: \"07:00\"\n"),
        (
            "x:\n- a: 1\n  b: 2\n",
            json!({"x": [{"b": 2}]}),
            "x:\n- b: 2\n",
        ),
        (
            "x:\n  - a: 1\n",
            json!({"x": [{"a": 1, "b": {"c": 1}}]}),
            "x:\n  - a: 1\n    b:\n      c: 1\n",
        ),
        (
            "{\"a\": [1,\n  2]}",
            json!({"a": [1, 2, 3], "b": "x, y"}),
            "{\"a\": [1,\n  2, 3], b: \"x, y\"}",
        ),
    ] {
        let wanted = BTreeMap::from([(0, Some(change))]);
        assert_eq!(edit(text, &wanted, &[]).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn documents_come_and_go_with_what_is_about_them() {
    let text = "# the file\n\n# one\na: 1\n# below one\n---\n# two\na: 2\n---\na: 3";
    let gone = |index| edit(text, &BTreeMap::from([(index, None)]), &[]).unwrap();
    assert_eq!(gone(0), "# the file\n\n# two\na: 2\n---\na: 3");
    assert_eq!(gone(1), "# the file\n\n# one\na: 1\n# below one\n---\na: 3");
    assert_eq!(
        gone(2),
        "# the file\n\n# one\na: 1\n# below one\n---\n# two\na: 2\n"
    );
    let all = BTreeMap::from([(0, None), (1, None), (2, None)]);
    assert_eq!(edit(text, &all, &[]).as_deref(), Ok(""));
    let more = edit(text, &BTreeMap::new(), &[json!({"a": 4})]).unwrap();
    assert_eq!(more, format!("{text}\n---\na: 4\n"));
}

#[test]
fn a_document_alone_is_a_map() {
    assert_eq!(
        documents("a: 1\n"),
        Some(vec![Value::Object(Map::from_iter([(
            "a".to_owned(),
            json!(1)
        )]))])
    );
    assert_eq!(documents("a: [1\n"), None);
}
