//! What of a form goes back, and what is added to it.

use super::{past::Touched, weave::Sheet};

/// What a form does not say, since no account tells it, and what was last applied does.
pub(super) fn complete(old: &mut Sheet, was: Option<&Sheet>) {
    let Some(was) = was else { return };
    for field in ["email", "name", "note", "role"] {
        if let (None, Some(value)) = (old.fields.get(field), was.fields.get(field)) {
            old.fields.insert(field.to_owned(), value.clone());
        }
    }
    // Of what guards a webhook, the account tells the kind and no more.
    if let (Some(security), Some(said)) =
        (old.fields.get_mut("security"), was.fields.get("security"))
        && security.get("type") == said.get("type")
    {
        *security = said.clone();
    }
}

/// Leaves out what no apply has touched: fields that are managed neither now nor then, which
/// somebody may have changed in Make since.
pub(super) fn keep_untouched(
    old: &mut Sheet,
    touched: &Touched,
    was: Option<&Sheet>,
    now: Option<&Sheet>,
) {
    let (Some(was), Some(now)) = (was, now) else {
        return;
    };
    let is_said = |field: &str| was.fields.contains_key(field) || now.fields.contains_key(field);
    let is_needed = |field: &str| matches!(field, "name" | "type" | "email" | "role" | "scope");
    let is_switched = |field: &str| field == "active" && touched.is_switched;
    let fields = &mut old.fields;
    fields.retain(|field, _| is_said(field) || is_needed(field) || is_switched(field));
    if was.document.is_none() && now.document.is_none() {
        old.document = None;
    }
}
