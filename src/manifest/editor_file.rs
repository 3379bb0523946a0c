//! The file beside a blueprint that holds what only Make's editor needs.
//!
//! Beside `x.blueprint.json` (or a raw export `x.json`) it is `x.editor.json`. It is read where it
//! is there; the blueprint alone is as good a blueprint, and an editor's file alone is nothing.

use std::{ffi::OsStr, path::Path};

use crate::{diagnostic::codes::manifest as codes, model::blueprint::EditorPart};

use super::{
    blueprint_file::{has_marker, is_of_this_version},
    node::{Node, Shape, Span},
    page::Page,
};

/// The end of the names of these files.
pub(super) const SUFFIX: &str = ".editor.json";

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

/// The editor's part that a document holds, and whether its texts may hold references.
pub(super) fn read(page: &Page, document: &Node) -> Option<(EditorPart, bool)> {
    let bad = |span: &Span, message: &str| {
        let finding = page.finding(&codes::BAD_EDITOR_FILE, span, message);
        page.report(
            finding.help("export it again, or delete it: Make then draws the scenario anew"),
        );
    };
    let is_map = |node: &Node| matches!(node.shape, Shape::Map(_));
    if !is_map(document) {
        bad(
            &document.span,
            "the editor's part of a blueprint is an object",
        );
        return None;
    }
    if !is_of_this_version(page, document) {
        return None;
    }
    let mut sound = true;
    for entry in document.entries() {
        let (key, value) = (entry.key.text.as_str(), &entry.value);
        match key {
            "modules" | "metadata" if !is_map(value) => {
                bad(&value.span, &format!("`{key}` is an object"));
                sound = false;
            }
            "modules" => {
                for odd in value.entries().iter().filter(|entry| !is_map(&entry.value)) {
                    bad(&odd.value.span, "what is kept with a module is an object");
                    sound = false;
                }
            }
            "metadata" | super::blueprint_file::MARKER => {}
            _ => {
                bad(
                    &entry.key.span,
                    &format!("the editor's part of a blueprint has no `{key}`"),
                );
                sound = false;
            }
        }
    }
    let part = EditorPart::from_value(document.to_value());
    sound.then(|| (part, has_marker(document)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{editor_file_name, read};
    use crate::{
        manifest::{json, page::Page},
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
            let part = read(&page, &document);
            let report = page.into_report();
            let told = report.iter().map(|finding| {
                let (line, column) = finding.place.as_ref().unwrap().line_column();
                format!("{line}:{column} {}", finding.code)
            });
            (part, told.collect::<Vec<_>>().join(", "))
        };
        let (part, told) = found(r#"{"makeform": 1, "modules": {"3": {"samples": 1}}}"#);
        let (part, references) = part.unwrap();
        assert!(references && part.modules.contains_key("3") && told.is_empty());
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
            assert_eq!(found(text), (None, expected.to_owned()), "{text}");
        }
    }
}
