//! The digest: of exactly what was decided, and of nothing else.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Action, Change, Difference, Reason, Rebinding, Step, Target,
    comparable::{cover, keepable, masked},
    normalize::Drawn,
};
use crate::model::{Binding, Path, digest_of, value_at};

/// The version of the plan format: of the file that `--out` writes and of the digest.
pub const FORMAT: &str = "makeform/plan/v1";

/// What one step was decided upon, and the decision. Digests only: nothing can be read from
/// them, and secrets are no part of what they are of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// All of it, which the digest of the plan is made of: `sha256:..`.
    #[serde(skip)]
    pub(super) digest: String,
    /// The live form, to tell whether it was changed in Make; empty where there is none, as are
    /// the others.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub live: String,
    /// The form to bring about, to tell whether the manifests changed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub wanted: String,
    /// The id and the form last applied, to tell whether the ledger changed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ledger: String,
}

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
) -> Decided {
    let after = wanted.map(|wanted| {
        let cover = cover(&wanted.marks, Some(&wanted.symbols));
        keepable(&wanted.fields, wanted.document.as_ref(), &cover)
    });
    let mut changed = BTreeSet::new();
    leaves(&step.changes, &mut changed);
    let before = step.before.as_ref().map(masked);
    let ids = wanted.map(known_ids);
    let binding = binding.map(|binding| json!({"id": binding.id, "form": binding.form}));
    let part = |value: Option<&Value>| value.map(short).unwrap_or_default();
    let (live, ledger) = (part(before.as_ref()), part(binding.as_ref()));
    let wanted = after
        .as_ref()
        .map(|after| short(&json!([after, ids, editor])));
    let mut decided = json!({
        "address": step.address.to_string(),
        "action": step.action.as_str(),
        "id": step.id,
        "before": before,
        "after": after,
        "ids": ids,
        "changed": changed,
        "binding": binding,
        "absent": key.filter(|_| step.action == Action::Create),
        "preventDestroy": step.prevent_destroy,
    });
    if let Value::Object(decided) = &mut decided {
        decided.extend(editor.map(|editor| ("editor".to_owned(), Value::from(editor))));
        if step.reasons.contains(&Reason::Unchecked) {
            decided.insert("unchecked".to_owned(), true.into());
        }
        let health = step.health.entries().into_iter();
        decided.extend(health.map(|(key, value)| (key.to_owned(), value)));
    }
    Decided {
        digest: digest_of(&decided),
        live,
        wanted: wanted.unwrap_or_default(),
        ledger,
    }
}

/// The beginning of a digest: enough to tell that something changed by accident or by a colleague.
/// Whether a plan is the approved one hangs on whole digests alone.
fn short(value: &Value) -> String {
    let digest = digest_of(value);
    let hexadecimal = digest.trim_start_matches("sha256:").chars();
    hexadecimal.take(16).collect()
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

/// The digest of a plan, from those of its steps in their order, and from what becomes of bindings
/// without a step.
pub(super) fn of_plan(target: &Target, steps: &[Step], rebindings: &[Rebinding]) -> String {
    let Target { name, account } = target;
    let steps: Vec<&str> = steps
        .iter()
        .map(|step| step.decided.digest.as_str())
        .collect();
    let mut decided = json!({
        "format": FORMAT,
        "target": name,
        "account": {
            "host": account.host,
            "organization": account.organization,
            "team": account.team,
        },
        "steps": steps,
    });
    if let (Value::Object(decided), false) = (&mut decided, rebindings.is_empty()) {
        decided.insert("bindings".to_owned(), json!(rebindings));
    }
    digest_of(&decided)
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
