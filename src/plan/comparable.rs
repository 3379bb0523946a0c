//! Forms as JSON that can be compared, remembered and digested.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::normalize::Drawn;
use crate::model::{
    Form, Mark, Path,
    blueprint::functional,
    canonical,
    reference::{Part, Template},
    secret, value_at_mut, values_equal,
};

/// What stands for a value that is secret by its looks.
pub(super) const SENSITIVE: &str = "(sensitive)";

/// Whether two forms are the same thing: editor noise, what the server adds, key order and the
/// spelling of numbers aside.
#[must_use]
pub fn holds(before: &Form, now: &Form) -> bool {
    let same_fields = before.fields.len() == now.fields.len()
        && before.fields.iter().all(|(key, value)| {
            now.fields
                .get(key)
                .is_some_and(|now| values_equal(value, now))
        });
    same_fields
        && match (&before.blueprint, &now.blueprint) {
            (Some(before), Some(now)) => {
                before.digest() == now.digest()
                    || match (before.document(), now.document()) {
                        (Ok(before), Ok(now)) => {
                            values_equal(&functional(&before), &functional(&now))
                        }
                        _ => false,
                    }
            }
            (None, None) => true,
            _ => false,
        }
}

/// A form as it may be kept: comparable, without sensitive values.
#[must_use]
pub fn masked(form: &Form) -> Value {
    let document = form
        .blueprint
        .as_ref()
        .and_then(|blueprint| blueprint.document().ok());
    keepable(&form.fields, document.as_ref(), &cover(&form.marks, None))
}

/// Adds a field that the plan did not look at to the form before a step, for the journal. What is
/// secret in it by its looks is marked, or all of it if that `is_secret`.
pub fn add_unplanned(form: &mut Form, field: &str, value: &Value, is_secret: bool) {
    let mark = || Mark::Sensitive("the rule for secrets".to_owned());
    let whole = Value::Object(Map::from_iter([(field.to_owned(), value.clone())]));
    let paths = match is_secret {
        true => BTreeSet::from([vec![field.to_owned()]]),
        false => secret::sensitive_paths(&whole),
    };
    form.set(field, value.clone());
    for path in paths {
        form.marks.entry(path).or_insert_with(mark);
    }
}

/// What the ledger remembers of a form: references by their texts.
pub(super) fn remembered(drawn: &Drawn) -> Value {
    let cover = cover(&drawn.marks, Some(&drawn.symbols));
    keepable(&drawn.fields, drawn.document.as_ref(), &cover)
}

/// What stands for single values of a form.
pub(super) fn cover(
    marks: &BTreeMap<Path, Mark>,
    symbols: Option<&BTreeMap<Path, String>>,
) -> BTreeMap<Path, String> {
    let hidden = marks.iter().filter_map(|(path, mark)| match mark {
        Mark::Sensitive(_) => Some((path.clone(), SENSITIVE.to_owned())),
        Mark::Unknown => None,
    });
    let mut cover: BTreeMap<Path, String> = hidden.collect();
    for (path, symbol) in symbols.into_iter().flatten() {
        let text = match holds_a_secret(symbol) {
            true => SENSITIVE,
            false => symbol.as_str(),
        };
        cover.insert(path.clone(), text.to_owned());
    }
    cover
}

/// Whether a text with references looks like a secret beside them: `https://hook../..?x=${env.X}`.
fn holds_a_secret(symbol: &str) -> bool {
    let template = Template::parse(symbol);
    let literal = template.parts().iter().map(|part| match part {
        Part::Text(text) => text.as_str(),
        // What is filled in is judged as a formula is.
        Part::Reference(_) => "{{1}}",
    });
    let literal: String = literal.collect();
    !secret::sensitive_paths(&Value::String(literal)).is_empty()
}

/// Fields and blueprint as one document, some values covered.
///
/// The blueprint is its own canonical text: a tenth of the memory of a parsed one, which counts
/// when a ledger has 10,000, and equal exactly when the blueprints are.
pub(super) fn keepable(
    fields: &BTreeMap<String, Value>,
    document: Option<&Value>,
    cover: &BTreeMap<Path, String>,
) -> Value {
    let mut kept: Map<String, Value> = fields
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let mut document = document.map(functional);
    for (path, text) in cover {
        let Some((head, rest)) = path.split_first() else {
            continue;
        };
        let value = if head == "blueprint" {
            document.as_mut()
        } else {
            kept.get_mut(head)
        };
        if let Some(value) = value.and_then(|value| value_at_mut(value, rest)) {
            *value = Value::from(text.as_str());
        }
    }
    if let Some(document) = document {
        kept.insert("blueprint".to_owned(), Value::from(canonical(&document)));
    }
    Value::Object(kept)
}

/// The blueprint of a remembered form.
pub(super) fn remembered_blueprint(form: &Value) -> Option<Value> {
    serde_json::from_str(form.get("blueprint")?.as_str()?).ok()
}

/// Values that must not be shown wherever they stand: those of environment variables.
#[derive(Default)]
pub(super) struct Secrets(BTreeSet<String>);

impl Secrets {
    /// Shorter values would hide half of a plan: `1`, `true`, `admin`.
    const SHORTEST: usize = 8;

    pub(super) fn new<'s>(values: impl Iterator<Item = &'s str>) -> Self {
        Self(
            values
                .filter(|value| value.len() >= Self::SHORTEST)
                .map(str::to_owned)
                .collect(),
        )
    }

    /// Whether a value holds one of them.
    pub(super) fn are_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.0.iter().any(|secret| text.contains(secret.as_str())),
            Value::Array(items) => items.iter().any(|item| self.are_in(item)),
            Value::Object(map) => map.values().any(|item| self.are_in(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Marks what is secret by its looks or holds one of these values.
    pub(super) fn mark(&self, drawn: &mut Drawn) {
        let mut found = Vec::new();
        // Names of fields tell of secrets too.
        let fields = drawn.fields.iter();
        let mut all: Map<String, Value> = fields.map(|(k, v)| (k.clone(), v.clone())).collect();
        if let Some(document) = &drawn.document {
            // What the editor keeps is neither shown nor kept.
            all.insert("blueprint".to_owned(), functional(document));
        }
        let all = Value::Object(all);
        found.extend(secret::sensitive_paths(&all));
        self.search(&all, &mut Vec::new(), &mut |path| found.push(path.clone()));
        for path in found {
            let mark = || Mark::Sensitive("the rule for secrets".to_owned());
            drawn.marks.entry(path).or_insert_with(mark);
        }
    }

    /// The paths of the texts that hold one of them.
    pub(super) fn search(&self, value: &Value, path: &mut Path, found: &mut dyn FnMut(&Path)) {
        if self.0.is_empty() {
            return;
        }
        match value {
            Value::String(_) if self.are_in(value) => found(path),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(index.to_string());
                    self.search(item, path, found);
                    path.pop();
                }
            }
            Value::Object(map) => {
                for (key, item) in map {
                    path.push(key.clone());
                    self.search(item, path, found);
                    path.pop();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{add_unplanned, masked};
    use crate::model::Form;

    #[test]
    fn what_is_added_to_a_form_hides_its_secrets() {
        let fields = json!({"input": [
            {"name": "email", "default": "a@b.example"},
            {"name": "auth", "default": "Bearer sk_live_4eC39HqLyjWDarjtT1zdp7dc"},
        ]});
        let mut form = Form::default();
        form.set("name", "Sync");
        add_unplanned(&mut form, "interface", &fields, false);
        let kept = masked(&form);
        assert_eq!(kept["name"], "Sync");
        assert_eq!(kept["interface"]["input"][0], fields["input"][0]);
        assert!(!kept.to_string().contains("sk_live"), "{kept}");
        let mut form = Form::default();
        add_unplanned(&mut form, "interface", &fields, true);
        assert_eq!(masked(&form), json!({"interface": "(sensitive)"}));
    }
}
