//! A form as journals keep it: whole, with what must not be read covered.

use serde_json::{Value, json};

use super::{
    comparable::{SENSITIVE, masked, remembered_blueprint},
    merge::counterpart,
};
use crate::model::{
    Blueprint, Cover, Form, Hidden, Kept, Mark, PackedJson, Path, Trail,
    blueprint::{EditorPart, join, split},
    each_text, secret, value_at, value_at_mut,
};

/// What covers the values of one thing.
pub type Covering<'a> = &'a dyn Fn(&Path, &Value) -> Option<Cover>;

/// A form as a journal keeps it. Its marks say what must not be read; in what the editor keeps,
/// that is what is secret by its looks, and texts of which `is_secret` says so.
#[must_use]
pub fn kept(form: &Form, cover: Covering<'_>, is_secret: &dyn Fn(&str) -> bool) -> Kept {
    let document = form.blueprint.as_ref();
    let document = document.and_then(|blueprint| blueprint.document().ok());
    let mut hidden: Vec<Hidden> = Vec::new();
    let mut hide = |path: &Path, value: &Value| {
        let within = hidden
            .last()
            .is_some_and(|last| path.starts_with(&last.path));
        if !within && let Some(cover) = cover(path, value) {
            let path = path.clone();
            hidden.push(Hidden { path, cover });
        }
    };
    for (path, mark) in &form.marks {
        let value = match (mark, path.split_first()) {
            (Mark::Sensitive(_), Some((head, rest))) => match head.as_str() {
                "blueprint" => document.as_ref().and_then(|whole| value_at(whole, rest)),
                field => form.get(field).and_then(|value| value_at(value, rest)),
            },
            (Mark::Sensitive(_) | Mark::Unknown, _) => None,
        };
        if let Some(value) = value {
            hide(path, value);
        }
    }
    let editor = document.map(|document| split(document).1.into_value());
    let editor = editor.filter(|editor| editor.as_object().is_some_and(|map| !map.is_empty()));
    let editor = editor.map(|mut editor| {
        for path in secret_paths(&editor, is_secret) {
            if let Some(value) = value_at_mut(&mut editor, &path) {
                hide(&below_editor(&path), value);
                *value = Value::from(SENSITIVE);
            }
        }
        PackedJson::from(editor)
    });
    Kept {
        form: PackedJson::from(masked(form)),
        editor,
        hidden,
    }
}

/// The paths of what must not be read, each before those below it.
fn secret_paths(document: &Value, is_secret: &dyn Fn(&str) -> bool) -> Vec<Path> {
    let mut found = secret::sensitive_paths(document);
    each_text(document, &Trail::from(&[]), &mut |text, trail| {
        if is_secret(text) {
            found.insert(trail.path());
        }
    });
    found.into_iter().collect()
}

fn below_editor(path: &[String]) -> Path {
    std::iter::once("editor".to_owned())
        .chain(path.iter().cloned())
        .collect()
}

/// The URL of a webhook, which stands in no form of it.
#[must_use]
pub fn kept_url(url: &str, cover: Covering<'_>) -> Option<Hidden> {
    let path = vec!["url".to_owned()];
    let cover = cover(&path, &Value::from(url))?;
    Some(Hidden { path, cover })
}

/// What is hidden, where that is to be had: it is given what stands in its place now.
pub type Uncovering<'a> = &'a dyn Fn(&Hidden, Option<&Value>) -> Option<Value>;

/// The form that a journal keeps, whole again; none where something of it that must not be read is
/// not to be had. `now`: a form of the same thing.
#[must_use]
pub fn uncovered(kept: &Kept, now: &Form, value: Uncovering<'_>) -> Option<Form> {
    let whole = kept.form.document().ok()?;
    let mut document = remembered_blueprint(&whole);
    let Value::Object(mut fields) = whole else {
        return None;
    };
    fields.shift_remove("blueprint");
    let now_document = now.blueprint.as_ref();
    let now_document = now_document.and_then(|blueprint| blueprint.document().ok());
    let now_editor = now_document.clone().map(|now| split(now).1.into_value());
    let mut editor = kept.editor.as_ref().and_then(|it| it.document().ok());
    for hidden in &kept.hidden {
        let (head, rest) = hidden.path.split_first()?;
        let (slot, there) = match head.as_str() {
            "url" => continue,
            "editor" => (
                value_at_mut(editor.as_mut()?, rest),
                now_editor.as_ref().and_then(|now| value_at(now, rest)),
            ),
            "blueprint" => {
                let from = document.as_mut()?;
                let beside = now_document.as_ref();
                let beside = beside.and_then(|to| value_at(to, &counterpart(rest, from, to)));
                (value_at_mut(from, rest), beside)
            }
            field => (
                value_at_mut(fields.get_mut(field)?, rest),
                now.get(field).and_then(|now| value_at(now, rest)),
            ),
        };
        *slot? = value(hidden, there)?;
    }
    // What could not even be hashed is covered still.
    let mut is_covered = false;
    for part in fields.values().chain(&document).chain(&editor) {
        each_text(part, &Trail::from(&[]), &mut |text, _| {
            is_covered |= text == SENSITIVE;
        });
    }
    if is_covered {
        return None;
    }
    if let (Some(document), Some(now)) = (&mut document, &now_document)
        && let (Some(name), Some(map)) = (now.get("name"), document.as_object_mut())
    {
        // The name is compared as a field, and stands in the document as well.
        let name = fields.get("name").unwrap_or(name).clone();
        map.entry("name").or_insert(name);
    }
    let mut form = Form::default();
    form.fields.extend(fields);
    form.marks.clone_from(&now.marks);
    form.blueprint = document.map(|document| {
        let editor = EditorPart::from_value(editor.unwrap_or_else(|| json!({})));
        Blueprint::new(&join(document, editor), false)
    });
    Some(form)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{kept, uncovered};
    use crate::model::{Blueprint, Cover, Form, Hidden, Mark, value_at};

    #[test]
    fn a_form_is_kept_whole_and_nothing_secret_in_it_is_read() {
        let document = json!({"name": "A", "flow": [
            {"id": 1, "module": "http:Get", "mapper": {"token": "canary-1", "list": [{"k": "canary-2"}]},
             "samples": {"answer": "it was canary-3 again", "plain": "kept"},
             "metadata": {"designer": {"x": 3, "y": 4}}}], "metadata": {"version": 1}});
        let mut form = Form::default();
        form.set("description", "plain");
        form.blueprint = Some(Blueprint::new(&document, false));
        for path in [
            "blueprint.flow.0.mapper.list",
            "blueprint.flow.0.mapper.list.0.k",
            "blueprint.flow.0.mapper.token",
        ] {
            let path = path.split('.').map(str::to_owned).collect();
            form.marks.insert(path, Mark::Sensitive("env.X".into()));
        }
        let cover = |path: &Vec<String>, value: &serde_json::Value| {
            let hash = format!("{}={value}", path.join("."));
            Some(Cover::Hashed {
                salt: String::new(),
                hash,
            })
        };
        let kept = kept(&form, &cover, &|text| text.contains("canary"));
        let (again, now, original) = (kept.clone(), form.clone(), document);
        let hidden: Vec<&str> = kept
            .hidden
            .iter()
            .map(|hidden| match &hidden.cover {
                Cover::Hashed { hash, .. } => hash.as_str(),
                Cover::Sealed { .. } => "",
            })
            .collect();
        assert_eq!(
            hidden,
            [
                r#"blueprint.flow.0.mapper.list=[{"k":"canary-2"}]"#,
                r#"blueprint.flow.0.mapper.token="canary-1""#,
                r#"editor.modules.1.samples.answer="it was canary-3 again""#,
            ]
        );
        let (form, editor) = (
            kept.form.document().unwrap(),
            kept.editor.unwrap().document().unwrap(),
        );
        assert!(
            !format!("{form}{editor}").contains("canary"),
            "{form} {editor}"
        );
        assert_eq!(form["description"], "plain");
        let at = |path: &str| {
            value_at(
                &editor,
                &path.split('.').map(str::to_owned).collect::<Vec<_>>(),
            )
        };
        assert_eq!(at("modules.1.samples.plain"), Some(&json!("kept")));
        assert_eq!(at("modules.1.metadata.designer.x"), Some(&json!(3)));

        // Beside the same secrets it is whole again, and beside others it is not.
        let whole = uncovered(&again, &now, &|_, now| now.cloned()).unwrap();
        let document = whole.blueprint.as_ref().unwrap().document().unwrap();
        // What is a default is written out.
        assert_eq!(document["flow"], original["flow"]);
        assert_eq!(document["name"], "A");
        assert_eq!(whole.text("description"), Some("plain"));
        let editors = |hidden: &Hidden, now: Option<&Value>| {
            now.filter(|_| hidden.path[0] == "editor").cloned()
        };
        assert!(uncovered(&again, &now, &editors).is_none());
    }
}
