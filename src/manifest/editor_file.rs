//! The file beside a blueprint that holds what only Make's editor needs.
//!
//! Beside `x.blueprint.json` (or a raw export `x.json`) it is `x.editor.json`. It is read where it
//! is there; the blueprint alone is as good a blueprint, and an editor's file alone is nothing.

use std::{ffi::OsStr, path::Path};

use serde_json::Value;

use crate::diagnostic::codes::manifest as codes;

use super::{
    blueprint_file::{MARKER, is_of_this_version},
    written::Written,
};

/// The end of the names of these files.
pub(super) const SUFFIX: &str = ".editor.json";

/// What to do about one that is odd.
const HELP: &str = "export it again, or delete it: Make then draws the scenario anew";

/// The name of the file that holds the editor's part of a blueprint, from the blueprint's own.
#[must_use]
pub fn editor_file_name(blueprint: &str) -> String {
    let stem = blueprint
        .strip_suffix(".blueprint.json")
        .or_else(|| blueprint.strip_suffix(".json"));
    format!("{}{SUFFIX}", stem.unwrap_or(blueprint))
}

/// Whether a file is one of those, by its name.
#[must_use]
pub fn is_editor_file(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str);
    name.is_some_and(|name| name.ends_with(SUFFIX))
}

/// Whether a document is an editor's part. What is wrong with it is reported.
pub(super) fn check(written: Written<'_>, document: &Value) -> bool {
    let page = written.page;
    let bad = |path: &[&str], message: &str| {
        let finding = written.finding(&codes::BAD_EDITOR_FILE, path, message);
        page.report(finding.help(HELP));
    };
    let Value::Object(members) = document else {
        bad(&[], "the editor's part of a blueprint is an object");
        return false;
    };
    if !is_of_this_version(written, document) {
        return false;
    }
    let mut sound = true;
    for (key, value) in members {
        match (key.as_str(), value) {
            ("modules", Value::Object(modules)) => {
                for (module, _) in modules.iter().filter(|(_, kept)| !kept.is_object()) {
                    bad(&[key, module], "what is kept with a module is an object");
                    sound = false;
                }
            }
            ("metadata", Value::Object(_)) | (MARKER, _) => {}
            ("modules" | "metadata", _) => {
                bad(&[key], &format!("`{key}` is an object"));
                sound = false;
            }
            _ => {
                let message = format!("the editor's part of a blueprint has no `{key}`");
                let span = written.span_of_key(&Vec::new(), key);
                page.report(
                    page.finding(&codes::BAD_EDITOR_FILE, &span, message)
                        .help(HELP),
                );
                sound = false;
            }
        }
    }
    sound
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{check, editor_file_name};
    use crate::{
        manifest::{json, page::Page, written::Written},
        model::Source,
    };

    #[test]
    fn the_two_files_of_a_blueprint_share_a_name() {
        for (blueprint, editor) in [
            ("lead-sync.blueprint.json", "lead-sync.editor.json"),
            ("raw/Lead Sync.json", "raw/Lead Sync.editor.json"),
            ("export", "export.editor.json"),
        ] {
            assert_eq!(editor_file_name(blueprint), editor);
        }
    }

    #[test]
    fn what_is_no_such_file_is_refused_with_its_place() {
        let found = |text: &str| {
            let source = Source {
                name: "a.editor.json".to_owned(),
                text: text.to_owned(),
            };
            let page = Page::new(Arc::new(source));
            let document = json::read(&page).unwrap();
            let sound = check(Written::in_json(&page), &document);
            let report = page.into_report();
            let told = report.iter().map(|finding| {
                let (line, column) = finding.place.as_ref().unwrap().line_column();
                format!("{line}:{column} {}", finding.code)
            });
            (sound, told.collect::<Vec<_>>().join(", "))
        };
        let whole = r#"{"makeform": 1, "modules": {"3": {"samples": 1}}}"#;
        assert_eq!(found(whole), (true, String::new()));
        for (text, expected) in [
            ("[]", "1:1 bad-editor-file"),
            ("{\"flow\": []}", "1:2 bad-editor-file"),
            (
                "{\"modules\": [],\n \"metadata\": 1}",
                "1:13 bad-editor-file, 2:14 bad-editor-file",
            ),
            ("{\"modules\": {\"3\": 1}}", "1:19 bad-editor-file"),
            ("{\"makeform\": 2}", "1:14 bad-blueprint"),
        ] {
            assert_eq!(found(text), (false, expected.to_owned()), "{text}");
        }
    }
}
