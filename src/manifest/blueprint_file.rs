//! Blueprint files and blueprints written as YAML -> documents ready to be packed.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value};

use crate::{
    diagnostic::{Finding, codes::manifest as codes},
    model::{
        Dialect, Path, Source,
        blueprint::{is_graph, modules},
    },
};

use super::{json, page::Page, written::Written};

/// The top-level key that makeform writes into blueprint files whose texts hold references.
pub(super) const MARKER: &str = "makeform";

/// Reads a blueprint file: strict JSON, an object with a list `flow`, each key once. The marker
/// is taken out, and `metadata` is there even if the file has none.
///
/// # Errors
/// All that is wrong with it.
pub fn read_blueprint(source: &Arc<Source>) -> Result<Value, Vec<Finding>> {
    let page = Page::new(Arc::clone(source));
    let written = Written::in_json(&page);
    let document = json::read(&page).filter(|document| check(written, document, Dialect::Zone));
    let value = document.map(as_sent);
    let report = page.into_report();
    match value {
        Some(value) if !report.has_errors() => Ok(value),
        _ => Err(report.iter().cloned().collect()),
    }
}

/// Nothing but the document itself.
const ITSELF: [&str; 0] = [];

/// Whether a document is a blueprint of a dialect. What is wrong with it is reported.
pub(super) fn check(written: Written<'_>, document: &Value, dialect: Dialect) -> bool {
    let page = written.page;
    let bad = |path: &[&str], message: &str| {
        let finding = written.finding(&codes::BAD_BLUEPRINT, path, message);
        page.report(finding.help("export it from Make's editor as it is"));
        false
    };
    if !document.is_object() {
        return bad(&ITSELF, "a blueprint is an object");
    }
    if is_graph(document) {
        return check_graph(written, document, dialect);
    }
    match document.get("flow") {
        None => return bad(&ITSELF, "a blueprint has a list `flow` of modules"),
        Some(Value::Array(_)) => {}
        Some(_) => return bad(&["flow"], "`flow` is a list of modules"),
    }
    let mut sound = true;
    if let Some(name) = document.get("name")
        && !name.is_string()
    {
        written.wrong_type(&["name"], name, "a text");
        sound = false;
    }
    if let Some(metadata) = document.get("metadata")
        && !metadata.is_object()
    {
        written.wrong_type(&["metadata"], metadata, "an object");
        sound = false;
    }
    sound &= is_of_this_version(written, document);
    report_duplicate_modules(written, document);
    sound
}

/// Checks a blueprint of modules and connections.
fn check_graph(written: Written<'_>, document: &Value, dialect: Dialect) -> bool {
    let Some(modules) = document.get("modules") else {
        return false;
    };
    let mut sound = is_of_this_version(written, document);
    let mut bad = |path: &[&str], message: &str, help: &str| {
        let finding = written.finding(&codes::BAD_BLUEPRINT, path, message);
        written.page.report(finding.help(help));
        sound = false;
    };
    if dialect == Dialect::Zone {
        let message = "`modules` and `connections` are a blueprint for `api.make.com` only";
        let help = "export the scenario from Make's editor: its blueprint has a list `flow`";
        bad(&["modules"], message, help);
        return false;
    }
    let Value::Array(modules) = modules else {
        bad(&["modules"], "`modules` is a list", "write `[]` for none");
        return false;
    };
    for (index, module) in modules.iter().enumerate() {
        if module.get("id").is_none() || module.get("app").is_none() {
            let help = "write `{ id: 1, app: http, action: ActionSendData }`, for example";
            bad(
                &["modules", &index.to_string()],
                "a module has an `id`, an `app` and an `action`",
                help,
            );
        }
    }
    match document.get("connections") {
        Some(Value::Array(connections)) => {
            for (index, connection) in connections.iter().enumerate() {
                if connection.get("from").is_none() || connection.get("to").is_none() {
                    let message = "a connection leads from one module to another";
                    let path = ["connections", &index.to_string()];
                    bad(&path, message, "write `{ from: 1, to: 2 }`");
                }
            }
        }
        Some(Value::Null) | None => {}
        Some(_) => bad(
            &["connections"],
            "`connections` is a list",
            "write `[{ from: 1, to: 2 }]`, for example",
        ),
    }
    report_duplicate_modules(written, document);
    sound
}

pub(super) fn is_of_this_version(written: Written<'_>, document: &Value) -> bool {
    let later = document
        .get(MARKER)
        .is_some_and(|marker| marker.as_u64() != Some(1));
    if later {
        let message = "this file was written by a later version";
        let finding = written.finding(&codes::BAD_BLUEPRINT, &[MARKER], message);
        let help = finding.help("export it from Make's editor as it is");
        written.page.report(help);
    }
    !later
}

/// Whether the file says that its texts hold references.
pub(super) fn has_marker(document: &Value) -> bool {
    document.get(MARKER).is_some()
}

/// The document as it is sent: without the marker, and with `metadata`.
pub(super) fn as_sent(mut document: Value) -> Value {
    let is_graph = is_graph(&document);
    if let Value::Object(members) = &mut document {
        members.shift_remove(MARKER);
        if !is_graph && !members.contains_key("metadata") {
            members.insert("metadata".to_owned(), Value::Object(Map::new()));
        }
    }
    document
}

/// Says once for the whole file which ids several modules have: old accounts hold blueprints
/// with dozens of them.
fn report_duplicate_modules(written: Written<'_>, document: &Value) {
    let mut seen: HashMap<String, Path> = HashMap::new();
    let mut shared: Vec<String> = Vec::new();
    let mut example = None;
    for module in modules(document) {
        let id = match module.value.get("id") {
            Some(Value::String(id)) => id.clone(),
            Some(Value::Number(id)) => id.to_string(),
            Some(_) | None => continue,
        };
        match seen.get(&id) {
            None => {
                seen.insert(id, module.path);
            }
            Some(first) => {
                example.get_or_insert((first.clone(), module.path));
                if !shared.contains(&id) {
                    shared.push(id);
                }
            }
        }
    }
    let Some((mut first, mut second)) = example else {
        return;
    };
    let message = match shared.as_slice() {
        [id] => format!("several modules have the id {id}"),
        ids => format!("several modules each have the ids {}", ids.join(", ")),
    };
    for path in [&mut first, &mut second] {
        path.push("id".to_owned());
    }
    let page = written.page;
    page.report(
        written
            .finding(&codes::DUPLICATE_MODULE, &second, message)
            .label(page.place(&written.span(&first)), "one of the others"),
    );
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::read_blueprint;
    use crate::{
        manifest::written::Written,
        model::{Dialect, Source},
    };

    /// The document's text, or `line:column code` of each finding.
    fn read(text: &str) -> Result<String, Vec<String>> {
        let source = Source {
            name: "a.json".to_owned(),
            text: text.to_owned(),
        };
        let read = read_blueprint(&Arc::new(source));
        read.map(|value| value.to_string()).map_err(|findings| {
            let lines = findings.iter().map(|finding| {
                let (line, column) = finding.place.as_ref().unwrap().line_column();
                format!("{line}:{column} {}", finding.code)
            });
            lines.collect()
        })
    }

    #[test]
    fn what_editors_export_is_kept_as_it_is() {
        let text = r#"{"name":"a\r\nb 😀","flow":[{"id":1,"mapper":null,"0":{"a b":1.50}}],"metadata":{"x":"\u00a0"}}"#;
        assert_eq!(read(text), Ok(text.replace("\\u00a0", "\u{a0}")));
        assert_eq!(
            read("{\r\n\"flow\": [],\t\"makeform\": 1}\n"),
            Ok(r#"{"flow":[],"metadata":{}}"#.to_owned())
        );
    }

    #[test]
    fn shared_ids_of_modules_are_one_warning_for_each_file() {
        let text = r#"{"flow": [{"id": 1}, {"id": 2}, {"id": 1}, {"id": 3, "routes": [
            {"flow": [{"id": 1}, {"id": 2}]}]}]}"#;
        let source = Source {
            name: "a.json".to_owned(),
            text: text.to_owned(),
        };
        let page = super::Page::new(Arc::new(source));
        let document = super::json::read(&page).unwrap();
        let written = Written::in_json(&page);
        assert!(super::check(written, &document, Dialect::Zone));
        let report = page.into_report();
        let [finding] = report.sorted()[..] else {
            panic!("{report:?}");
        };
        assert_eq!(finding.message, "several modules each have the ids 1, 2");
        let place = finding.place.as_ref().unwrap();
        assert_eq!(place.line_column(), (1, 40));
        assert_eq!(finding.labels[0].place.line_column(), (1, 18));
    }

    #[test]
    fn modules_and_connections_are_a_blueprint_of_the_other_dialect() {
        let found = |text: &str| {
            let source = Source {
                name: "a.json".to_owned(),
                text: text.to_owned(),
            };
            let page = super::Page::new(Arc::new(source));
            let document = super::json::read(&page).unwrap();
            let sound = super::check(Written::in_json(&page), &document, Dialect::Unified);
            let report = page.into_report();
            let codes: Vec<&str> = report.iter().map(|finding| finding.code.name).collect();
            (sound, codes.join(" "), super::as_sent(document))
        };
        let whole = r#"{"modules":[{"id":1,"app":"a","action":"b"}],"connections":[]}"#;
        let (sound, codes, value) = found(whole);
        assert_eq!((sound, codes.as_str()), (true, ""));
        assert_eq!(value.to_string(), whole, "it gets no metadata");
        for wrong in [
            r#"{"modules": {}}"#,
            r#"{"modules": [{"id": 1}]}"#,
            r#"{"modules": [], "connections": {}}"#,
            r#"{"modules": [], "connections": [{"from": 1}]}"#,
            r#"{"modules": [], "makeform": 2}"#,
        ] {
            let (sound, codes, _) = found(wrong);
            assert_eq!((sound, codes.as_str()), (false, "bad-blueprint"), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_blueprint_is_refused_with_its_place() {
        for (text, finding) in [
            ("[]", "1:1 bad-blueprint"),
            ("{\"modules\": []}", "1:13 bad-blueprint"),
            ("{\"flow\": {}}", "1:10 bad-blueprint"),
            ("{\"flow\": [], \"makeform\": 2}", "1:26 bad-blueprint"),
            ("{\"flow\": [], \"name\": 1}", "1:22 wrong-type"),
            (
                "{\"flow\": [{\"id\": 1,\n \"id\": 2}]}",
                "2:2 duplicate-key",
            ),
        ] {
            assert_eq!(read(text), Err(vec![finding.to_owned()]), "{text}");
        }
    }
}
