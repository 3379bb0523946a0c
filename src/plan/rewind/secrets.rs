//! Secrets that somebody may have changed in Make since.
//!
//! Of the secrets that an apply sends, nothing is kept: the form that the ledger remembers has the
//! reference, or only says that there was one. Whether one is still as it was left shows where the
//! reference stands for the same today.

use serde_json::Value;

use super::{hidden::Values, ids::Ids, spec::holds_references, weave::Sheet};
use crate::{
    model::{Path, reference::Template, values_equal},
    plan::{credentials::CREDENTIALS, hide::secret_paths},
};

/// How sure it is that a secret is not as the last apply left it.
#[derive(Clone, Copy, PartialEq)]
enum Doubt {
    /// What it was is not known.
    Unknown,
    /// It is another than what the reference stands for today.
    Other,
}

/// Whether going back writes over a secret of which nobody can say that the last apply left it.
/// `left`: the form last applied; `old`: what goes back.
pub(super) fn overwrites_secret(
    old: &Sheet,
    (left, live): (&Sheet, &Sheet),
    values: &Values<'_>,
    ids: &Ids<'_>,
) -> bool {
    doubtful(left, live, values, ids).iter().any(|(path, _)| {
        if !old.has_field(path) {
            return false;
        }
        let there = left.beside(path, live);
        let back = left.beside(path, old);
        let back = back.map(|back| match is_template(path) {
            true => whole(back, values, ids),
            false => Some(back.clone()),
        });
        match (there, back) {
            (None, None) => false,
            (Some(there), Some(Some(back))) => !values_equal(there, &back),
            (_, _) => true,
        }
    })
}

/// Whether a secret is another than what an apply left, as far as that is known.
pub(super) fn has_other_secret(
    left: &Sheet,
    live: &Sheet,
    values: &Values<'_>,
    ids: &Ids<'_>,
) -> bool {
    let doubtful = doubtful(left, live, values, ids);
    doubtful.iter().any(|(_, doubt)| *doubt == Doubt::Other)
}

/// The secrets of the form last applied that are not for sure what they were.
fn doubtful(left: &Sheet, live: &Sheet, values: &Values<'_>, ids: &Ids<'_>) -> Vec<(Path, Doubt)> {
    let fields = left.fields.iter();
    let parts = fields.map(|(field, value)| (field.as_str(), value));
    let parts = parts.chain(
        left.document
            .as_ref()
            .map(|document| ("blueprint", document)),
    );
    let paths = parts.flat_map(|(head, value)| {
        let paths = secret_paths(value).into_iter();
        paths.map(move |path| -> Path { std::iter::once(head.to_owned()).chain(path).collect() })
    });
    let judged = paths.filter(|path| is_told(path, live));
    let judged = judged.filter_map(|path| {
        let text = left.at(&path)?.as_str()?;
        let is_symbol = Template::parse(text).references().next().is_some();
        let was = is_symbol.then(|| values.resolved(text, ids)).flatten();
        let there = left.beside(&path, live);
        let doubt = match was.map(Value::from) {
            Some(was) if there.is_some_and(|there| values_equal(there, &was)) => return None,
            Some(_) => Doubt::Other,
            None => Doubt::Unknown,
        };
        Some((path, doubt))
    });
    judged.collect()
}

/// Whether the account tells what stands at a path: of what guards a webhook, it does not.
fn is_told(path: &[String], live: &Sheet) -> bool {
    let is_credential = match path {
        [head, key, ..] => head == "security" && CREDENTIALS.contains(&key.as_str()),
        [] | [_] => false,
    };
    live.has_field(path) && !is_credential
}

fn is_template(path: &[String]) -> bool {
    path.first()
        .is_some_and(|head| head == "blueprint" || holds_references(head))
}

/// A value with what its references stand for; none where that is not known.
fn whole(value: &Value, values: &Values<'_>, ids: &Ids<'_>) -> Option<Value> {
    Some(match value {
        Value::String(text) => Value::from(values.resolved(text, ids)?),
        Value::Array(items) => {
            let items = items.iter().map(|item| whole(item, values, ids));
            Value::Array(items.collect::<Option<_>>()?)
        }
        Value::Object(map) => {
            let items = map.iter();
            let items = items.map(|(key, item)| Some((key.clone(), whole(item, values, ids)?)));
            Value::Object(items.collect::<Option<_>>()?)
        }
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain.clone(),
    })
}
