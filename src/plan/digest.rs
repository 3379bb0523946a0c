//! The digest: of exactly what was decided, and of nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    Action, Change, Difference, Step,
    comparable::{cover, keepable, masked},
    normalize::Drawn,
};
use crate::model::{Account, Binding, Path, digest_of, value_at};

/// The version of the plan format: of the file that `--out` writes and of the digest.
pub const FORMAT: &str = "makeform/plan/v1";

/// The digest of one step: its full after-form, the live form and the binding that it was
/// decided upon, and for a create that there was no object of that name.
///
/// Sensitive values enter by the names of their references; of those that have none, and of
/// live ones, enters only whether they differ. Ids of things enter beside their references.
/// `editor`: the digest of the editor's part, where that is applied.
pub(super) fn of_step(
    step: &Step,
    wanted: Option<&Drawn>,
    binding: Option<&Binding>,
    key: Option<String>,
    editor: Option<&str>,
) -> String {
    let after = wanted.map(|wanted| {
        let cover = cover(&wanted.marks, Some(&wanted.symbols));
        keepable(&wanted.fields, wanted.document.as_ref(), &cover)
    });
    let mut changed = BTreeSet::new();
    leaves(&step.changes, &mut changed);
    let mut decided = json!({
        "address": step.address.to_string(),
        "action": step.action.as_str(),
        "id": step.id,
        "before": step.before.as_ref().map(masked),
        "after": after,
        "ids": wanted.map(known_ids),
        "changed": changed,
        "binding": binding.map(|binding| json!({"id": binding.id, "form": binding.form})),
        "absent": key.filter(|_| step.action == Action::Create),
        "preventDestroy": step.prevent_destroy,
    });
    if let Value::Object(decided) = &mut decided {
        decided.extend(editor.map(|editor| ("editor".to_owned(), Value::from(editor))));
        let health = step.health.entries().into_iter();
        decided.extend(health.map(|(key, value)| (key.to_owned(), value)));
    }
    digest_of(&decided)
}

/// What references to things lead to, where that is known: another connection of the same name is
/// another decision.
fn known_ids(wanted: &Drawn) -> Vec<(&Path, &Value)> {
    let known = wanted
        .symbols
        .keys()
        .filter(|path| !wanted.marks.contains_key(*path));
    let found = known.filter_map(|path| {
        let (head, rest) = path.split_first()?;
        let value = match head.as_str() {
            "blueprint" => wanted.document.as_ref(),
            field => wanted.fields.get(field),
        };
        Some((path, value_at(value?, rest)?))
    });
    found.collect()
}

/// The digest of a plan, from those of its steps in their order.
pub(super) fn of_plan(account: &Account, steps: &[String]) -> String {
    digest_of(&json!({
        "format": FORMAT,
        "account": {
            "host": account.host,
            "organization": account.organization,
            "team": account.team,
        },
        "steps": steps,
    }))
}

/// The paths of all single differences.
fn leaves<'c>(changes: &'c [Change], found: &mut BTreeSet<&'c Path>) {
    for change in changes {
        match &change.difference {
            Difference::Group {
                sign: _,
                note: _,
                changes,
            }
            | Difference::Moved {
                from: _,
                to: _,
                changes,
            } => {
                found.insert(&change.path);
                leaves(changes, found);
            }
            Difference::Added(_)
            | Difference::Removed(_)
            | Difference::Changed(..)
            | Difference::Text { .. }
            | Difference::Part { .. } => {
                found.insert(&change.path);
            }
        }
    }
}
