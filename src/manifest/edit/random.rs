//! Random edits of random files.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{documents, edit};

/// A document with comments, as text and as a value.
#[derive(Clone, Debug)]
enum Doc {
    Scalar(&'static str, Value),
    Flow(Value),
    Map(Vec<(String, Notes, Doc)>),
    List(Vec<(Notes, Doc)>),
}

/// What comments stand around an entry.
#[derive(Clone, Debug)]
struct Notes {
    above: bool,
    gap: bool,
    beside: bool,
    below: bool,
}

fn notes() -> impl Strategy<Value = Notes> {
    any::<[bool; 4]>().prop_map(|[above, gap, beside, below]| Notes {
        above,
        gap,
        beside,
        below,
    })
}

fn doc() -> impl Strategy<Value = Doc> {
    let scalar = prop::sample::select(vec![
        ("plain text", json!("plain text")),
        ("\"12:30\"", json!("12:30")),
        ("'it''s # no comment'", json!("it's # no comment")),
        ("15", json!(15)),
        ("~", Value::Null),
        ("true", json!(true)),
        ("{{1.x}}", json!("")),
    ]);
    let scalar = scalar.prop_map(|(text, value)| match text {
        "{{1.x}}" => Doc::Scalar("\"{{1.x}}\"", json!("{{1.x}}")),
        text => Doc::Scalar(text, value),
    });
    let flow = prop_oneof![
        Just(json!({"a": 1, "b": "x"})),
        Just(json!([1, "two", {"c": null}])),
        Just(json!([])),
        Just(json!({})),
    ];
    let leaf = prop_oneof![4 => scalar, 1 => flow.prop_map(Doc::Flow)];
    leaf.prop_recursive(4, 30, 5, |inner| {
        let keys = "[a-z]{1,3}";
        prop_oneof![
            prop::collection::vec((keys, notes(), inner.clone()), 1..5).prop_map(|entries| {
                let mut seen = BTreeSet::new();
                let kept = entries
                    .into_iter()
                    .filter(|(key, ..)| seen.insert(key.clone()));
                Doc::Map(kept.collect())
            }),
            prop::collection::vec((notes(), inner), 1..4).prop_map(Doc::List),
        ]
    })
}

impl Doc {
    fn value(&self) -> Value {
        match self {
            Self::Scalar(_, value) | Self::Flow(value) => value.clone(),
            Self::Map(entries) => {
                let entries = entries.iter();
                Value::Object(
                    entries
                        .map(|(key, _, doc)| (key.clone(), doc.value()))
                        .collect(),
                )
            }
            Self::List(items) => items.iter().map(|(_, doc)| doc.value()).collect(),
        }
    }

    /// Writes it, each comment with the path of what it is about.
    fn write(&self, indent: usize, path: &str, text: &mut String, about: &mut Vec<String>) {
        let pad = " ".repeat(indent);
        let mut one = |head: &str, notes: &Notes, doc: &Self, path: String, text: &mut String| {
            let mut comment = |text: &mut String| {
                text.push_str(&format!("# c{}.\n", about.len()));
                about.push(path.clone());
            };
            if notes.gap {
                text.push('\n');
            }
            if notes.above {
                text.push_str(&pad);
                comment(text);
            }
            text.push_str(&format!("{pad}{head}"));
            match doc {
                Self::Scalar(written, _) => text.push_str(&format!(" {written}")),
                Self::Flow(value) => text.push_str(&format!(" {value}")),
                Self::Map(_) | Self::List(_) => {}
            }
            if notes.beside {
                text.push_str("  ");
                comment(text);
            } else {
                text.push('\n');
            }
            let below = (notes.below, path.clone());
            doc.write(indent + 2, &path, text, about);
            if below.0 && matches!(doc, Self::Map(_) | Self::List(_)) {
                text.push_str(&format!("{pad}  # c{}.\n", about.len()));
                about.push(below.1);
            }
        };
        match self {
            Self::Scalar(..) | Self::Flow(_) => {}
            Self::Map(entries) => {
                for (key, notes, doc) in entries {
                    one(
                        &format!("{key}:"),
                        notes,
                        doc,
                        format!("{path}/{key}"),
                        text,
                    );
                }
            }
            Self::List(items) => {
                for (index, (notes, doc)) in items.iter().enumerate() {
                    one("-", notes, doc, format!("{path}/{index}"), text);
                }
            }
        }
    }
}

/// The paths of all values in one.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                paths(item, &format!("{path}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (key, value) in members {
                paths(value, &format!("{path}/{key}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What is done to one place.
#[derive(Clone, Debug)]
enum Act {
    Set(Value),
    Remove,
    Add(Value),
}

fn act() -> impl Strategy<Value = Act> {
    let value = prop_oneof![
        Just(json!("another")),
        Just(json!("07:45")),
        Just(json!("two\nlines\n")),
        Just(json!(7)),
        Just(Value::Null),
        Just(json!({"k": {"l": [1, {"m": "x"}]}})),
        Just(json!([{"n": 1}, "o, p"])),
        Just(json!({})),
    ];
    prop_oneof![
        value.clone().prop_map(Act::Set),
        Just(Act::Remove),
        value.prop_map(Act::Add)
    ]
}

/// Does it; the path of what is no more, if anything is.
fn act_on(root: &mut Value, path: &str, act: &Act) -> Option<String> {
    let (parent, last) = path.rsplit_once('/')?;
    match act {
        Act::Set(value) => {
            let slot = root.pointer_mut(path)?;
            *slot = value.clone();
            Some(path.to_owned())
        }
        Act::Remove => {
            let holder = root.pointer_mut(parent)?;
            match holder {
                Value::Object(members) => drop(members.shift_remove(last)),
                Value::Array(items) => drop(items.remove(last.parse().ok()?)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
            }
            // Of what is empty no line is left.
            let is_empty = *holder == json!({}) || *holder == json!([]);
            Some(if is_empty { parent } else { path }.to_owned())
        }
        Act::Add(value) => {
            match root.pointer_mut(path)? {
                Value::Object(members) => drop(members.insert("zzzz".to_owned(), value.clone())),
                Value::Array(items) => items.push(value.clone()),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
            }
            None
        }
    }
}

fn comments(text: &str) -> BTreeSet<usize> {
    let found = text.split("# c").skip(1);
    found
        .filter_map(|rest| rest.split('.').next()?.parse().ok())
        .collect()
}

proptest! {
    #[test]
    fn edits_lead_to_what_is_wanted_and_keep_all_comments_elsewhere(
        doc in doc(),
        at: prop::sample::Index,
        act in act(),
        crlf: bool,
        open: bool,
    ) {
        // At the top stands a mapping, as in all manifests.
        let empty = Notes { above: false, gap: false, beside: false, below: false };
        let doc = Doc::Map(vec![
            ("first".to_owned(), empty.clone(), Doc::Scalar("15", json!(15))),
            ("spec".to_owned(), Notes { above: true, beside: true, ..empty.clone() },
             Doc::Map(vec![("it".to_owned(), Notes { above: true, ..empty.clone() }, doc),
                           ("kept".to_owned(), empty, Doc::Flow(json!({})))])),
        ]);
        let (mut text, mut about) = (String::new(), Vec::new());
        doc.write(0, "", &mut text, &mut about);
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        if open {
            text.truncate(text.trim_end().len());
        }
        let before = doc.value();
        prop_assert_eq!(documents(&text), Some(vec![before.clone()]), "{}", text);
        let mut found = Vec::new();
        paths(&before["spec"]["it"], "/spec/it", &mut found);
        let path = at.get(&found);
        let mut wanted = before.clone();
        let gone = act_on(&mut wanted, path, &act);
        // Of equal items nobody can know which is which.
        let unclear = (1..path.len()).filter(|at| path.get(*at..).is_some_and(|rest| rest.starts_with('/')));
        let unclear = unclear.filter_map(|at| path.get(..at)).find(|list| {
            let lists = [&before, &wanted].map(|value| value.pointer(list));
            let mut lists = lists.into_iter().flatten().filter_map(Value::as_array);
            lists.any(|items| (1..items.len()).any(|at| items[..at].contains(&items[at])))
        });
        let gone = unclear.map(str::to_owned).or(gone);
        let made = edit(&text, &BTreeMap::from([(0, Some(wanted.clone()))]), &[]);
        let made = match made {
            Ok(made) => made,
            Err(refused) => return Err(TestCaseError::fail(format!("{refused:?}\n{text}\n{wanted}"))),
        };
        prop_assert_eq!(documents(&made), Some(vec![wanted.clone()]));
        if wanted == before {
            prop_assert_eq!(&made, &text);
        }
        prop_assert_eq!(made.contains("\r\n"), crlf);
        prop_assert!(!made.replace("\r\n", "").contains('\r'));
        prop_assert_eq!(made.ends_with('\n'), !open);
        let kept = comments(&made);
        for (number, about) in about.iter().enumerate() {
            let may_go = gone.as_ref().is_some_and(|gone| about.starts_with(gone.as_str()));
            prop_assert!(may_go || kept.contains(&number), "c{} of {}\n{}\n{}\n{:?}", number, about, text, made, act);
        }
    }

    #[test]
    fn many_edits_at_once_lead_to_what_is_wanted(before in doc(), after in doc(), top: bool) {
        let whole = |doc: Doc| {
            let empty = Notes { above: top, gap: false, beside: false, below: true };
            Doc::Map(vec![("spec".to_owned(), empty, doc)])
        };
        let (before, after) = (whole(before), whole(after).value());
        let mut text = String::new();
        before.write(0, "", &mut text, &mut Vec::new());
        let made = edit(&text, &BTreeMap::from([(0, Some(after.clone()))]), &[]);
        prop_assert_eq!(made.map(|made| documents(&made)), Ok(Some(vec![after])), "{}", text);
    }
}
