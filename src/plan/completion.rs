//! The wanted form, completed from the live one and from the one last applied.

use serde_json::Value;

use super::{
    EditorDifference, Reason,
    defaults::default_value,
    draft::Draft,
    editor::complete,
    merge::{keep_blocked, keep_ignored},
    normalize::{Drawn, settings_beside, write_name, write_settings},
};
use crate::{
    diagnostic::Finding,
    model::{
        Field, Spec,
        blueprint::{functional, is_graph},
        spec::Settings,
        values_equal,
    },
};

impl Draft<'_> {
    /// Returns fields that were applied before, and are gone from the manifest, to Make's
    /// defaults.
    pub(super) fn gone(
        &self,
        wanted: &mut Drawn,
        live: &Drawn,
        base: Option<&Value>,
    ) -> Vec<Reason> {
        let Some(Value::Object(base)) = base else {
            return Vec::new();
        };
        let mut reasons = Vec::new();
        for field in base.keys() {
            let Some(live) = live.fields.get(field) else {
                continue;
            };
            let ignored = &self.declared.lifecycle.ignore_changes;
            if wanted.left_out.contains(&field.as_str())
                || ignored
                    .iter()
                    .any(|path| path.as_slice() == [field.as_str()])
            {
                // It is wanted and can't be said, or it is not to be looked at: it stays as it is.
                continue;
            }
            if let Some(default) = default_value(self.address.kind, field)
                && !wanted.fields.contains_key(field)
            {
                if !values_equal(live, &default) {
                    reasons.push(Reason::FieldGone(field.clone()));
                }
                wanted.fields.insert(field.clone(), default);
            }
        }
        reasons
    }

    /// Completes the wanted form from the live one: what is ignored, what is not managed, and
    /// what the editor keeps. Says whether there is a blueprint, and it does the same; and where
    /// the editor's part differs.
    pub(super) fn fill(
        &self,
        wanted: &mut Drawn,
        live: &Drawn,
        editor: &mut EditorDifference,
    ) -> Result<bool, Box<Finding>> {
        if let Spec::Scenario(spec) = &self.declared.spec {
            let manages = wanted.document.is_some() || spec.settings != Settings::default();
            if manages && live.document.is_none() {
                return Err(self.unread());
            }
            if wanted.document.is_none() {
                wanted.document.clone_from(&live.document);
                match &mut wanted.document {
                    Some(document) if is_graph(document) => {
                        let kind = self.address.kind;
                        for (name, field) in settings_beside(&spec.settings) {
                            let value = match field {
                                Field::Absent => continue,
                                Field::Null => default_value(kind, name).unwrap_or_default(),
                                Field::Set(value) => value,
                            };
                            wanted.fields.insert(name.to_owned(), value);
                        }
                    }
                    Some(document) => write_settings(document, &spec.settings),
                    None => {}
                }
            }
        }
        // From here on the document may become another.
        let packed = wanted.packed.take();
        keep_blocked(wanted, live);
        let ignored = &self.declared.lifecycle.ignore_changes;
        if !ignored.is_empty() {
            keep_ignored(wanted, live, ignored);
            // What is filled in may be secret.
            self.around.secrets.mark(wanted);
        }
        keep_unmanaged(wanted, live);
        let marked = wanted.marked_in_blueprint();
        let (Some(document), Some(live_document)) = (&mut wanted.document, &live.document) else {
            return Ok(false);
        };
        let is_equal = ignored.is_empty() && packed.is_some() && packed == live.packed;
        let same = is_equal || values_equal(&functional(document), &functional(live_document));
        if !is_equal && (same || self.editor) {
            *editor = EditorDifference::between(document, live_document);
        }
        let name = wanted.fields.get("name").and_then(Value::as_str);
        if !same || (self.editor && !editor.is_none()) {
            complete(document, live_document, self.editor);
        } else {
            // Nothing of it is to be sent, but for a new name.
            document.clone_from(live_document);
            if live.fields.get("name").and_then(Value::as_str) == name {
                wanted.packed.clone_from(&live.packed);
            }
        }
        if let Some(name) = name {
            write_name(document, name);
        }
        wanted.unmark_replaced(marked);
        Ok(same)
    }
}

/// Leaves as they are what the manifest does not mention.
pub(super) fn keep_unmanaged(wanted: &mut Drawn, live: &Drawn) {
    for (field, value) in &live.fields {
        let kept = wanted.fields.entry(field.clone());
        kept.or_insert_with(|| value.clone());
    }
}
