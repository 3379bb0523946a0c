//! A form as journals keep it: whole, with what must not be read covered.

use serde_json::Value;

use super::comparable::{SENSITIVE, masked};
use crate::model::{
    Cover, Form, Hidden, Kept, Mark, PackedJson, Path, Trail, blueprint::split, each_text, secret,
    value_at, value_at_mut,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::kept;
    use crate::model::{Blueprint, Cover, Form, Mark, value_at};

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
    }
}
