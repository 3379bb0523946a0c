//! Two forms of a thing, field by field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Change, Difference, Shown, Sign,
    comparable::remembered_blueprint,
    diff_blueprint,
    diff_value::{Base, Sides, Spot},
};
use crate::model::blueprint::functional;

/// The values of one form.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    /// All fields but the blueprint.
    pub(super) fields: &'a BTreeMap<String, Value>,
    /// The blueprint.
    pub(super) document: Option<&'a Value>,
}

/// How two forms differ.
#[derive(Default)]
pub(super) struct Compared {
    /// The differences.
    pub(super) changes: Vec<Change>,
    /// The fields that differ.
    pub(super) fields: Vec<String>,
    /// How many attributes are the same: fields, and modules of a blueprint that differs.
    pub(super) unchanged: usize,
}

/// Compares what is with what is wanted: the fields that the latter has.
pub(super) fn compare(
    sides: Sides<'_>,
    before: Values<'_>,
    after: Values<'_>,
    base: Option<&Value>,
) -> Compared {
    let mut compared = Compared::default();
    for (field, value) in in_order(after.fields) {
        let spot = Spot::field(field);
        // A field that was not managed until now changes because of the manifest.
        let old = before.fields.get(field);
        let base = match base.map(|base| base.get(field)) {
            None => Base::Unknown,
            Some(None) => Base::Known(old),
            Some(value) => Base::Known(value),
        };
        if old.is_none() && value.is_null() {
            // What is not there need not be cleared.
            continue;
        }
        let known = compared.changes.len();
        let changes = &mut compared.changes;
        if field == "schedule" {
            sides.whole(&spot, old, Some(value), base, changes);
        } else {
            sides.compare(&spot, old, Some(value), base, changes);
        }
        if compared.changes.len() > known {
            compared.fields.push(field.to_owned());
        } else {
            compared.unchanged += 1;
        }
    }
    let (Some(old), Some(new)) = (before.document, after.document) else {
        return compared;
    };
    let (old, new) = (functional(old), functional(new));
    let last = base.map(remembered_blueprint);
    let last = match &last {
        None => Base::Unknown,
        Some(None) => Base::Known(Some(&old)),
        Some(Some(document)) => Base::Known(Some(document)),
    };
    match diff_blueprint::compare(sides, &old, &new, last) {
        Some((change, same)) => {
            compared.changes.push(change);
            compared.fields.push("blueprint".to_owned());
            compared.unchanged += same;
        }
        None => compared.unchanged += 1,
    }
    compared
}

/// All of a form, as it comes or goes.
pub(super) fn whole(
    sides: Sides<'_>,
    values: Values<'_>,
    sign: Sign,
    base: Option<&Value>,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for (field, value) in in_order(values.fields) {
        if value.is_null() {
            continue;
        }
        let spot = Spot::field(field);
        let (before, after) = match sign {
            Sign::Remove => (Some(value), None),
            Sign::Add | Sign::Change => (None, Some(value)),
        };
        // A field that was not managed comes or goes because of the manifest.
        let base = match base.map(|base| base.get(field)) {
            None => Base::Unknown,
            Some(None) => Base::Known(before),
            Some(value) => Base::Known(value),
        };
        if field == "schedule" {
            sides.whole(&spot, before, after, base, &mut changes);
        } else {
            sides.compare(&spot, before, after, base, &mut changes);
        }
    }
    if let Some(document) = values.document {
        let document = functional(document);
        let last = base.map(remembered_blueprint);
        let last = match &last {
            None | Some(None) => Base::Unknown,
            Some(Some(document)) => Base::Known(Some(document)),
        };
        changes.push(diff_blueprint::whole(sides, &document, sign, last));
    }
    changes
}

/// The URL that a webhook gets from Make when it is created.
pub(super) fn coming_url() -> Change {
    Change {
        path: vec!["url".to_owned()],
        title: "url".to_owned(),
        difference: Difference::Added(Shown::Unknown(None)),
        origin: None,
    }
}

/// What a thing is called comes first.
fn in_order(fields: &BTreeMap<String, Value>) -> Vec<(&str, &Value)> {
    let mut fields: Vec<(&str, &Value)> = fields
        .iter()
        .map(|(field, value)| (field.as_str(), value))
        .collect();
    fields.sort_by_key(|(field, _)| !matches!(*field, "name" | "email"));
    fields
}
