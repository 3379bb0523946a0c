//! Blueprint files and blueprints written as YAML -> documents ready to be packed.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value};

use crate::{
    diagnostic::{Finding, codes::manifest as codes},
    model::{Dialect, Source},
};

use super::{
    json,
    node::{Node, Shape, Span},
    page::Page,
    values::wrong_type,
};

/// The top-level key that makeform writes into blueprint files whose texts hold references.
pub(super) const MARKER: &str = "makeform";

/// Reads a blueprint file: strict JSON, an object with a list `flow`, each key once. The marker
/// is taken out, and `metadata` is there even if the file has none.
///
/// # Errors
/// All that is wrong with it.
pub fn read_blueprint(source: &Arc<Source>) -> Result<Value, Vec<Finding>> {
    let page = Page::new(Arc::clone(source));
    let document = json::read(&page).filter(|document| check(&page, document, Dialect::Zone));
    let value = document.as_ref().map(to_value);
    let report = page.into_report();
    match value {
        Some(value) if !report.has_errors() => Ok(value),
        _ => Err(report.iter().cloned().collect()),
    }
}

/// Whether a document is a blueprint of a dialect. What is wrong with it is reported.
pub(super) fn check(page: &Page, document: &Node, dialect: Dialect) -> bool {
    let bad = |span: &Span, message: &str| {
        let finding = page.finding(&codes::BAD_BLUEPRINT, span, message);
        page.report(finding.help("export it from Make's editor as it is"));
        false
    };
    if !matches!(document.shape, Shape::Map(_)) {
        return bad(&document.span, "a blueprint is an object");
    }
    if is_graph(document) {
        return check_graph(page, document, dialect);
    }
    match document.get("flow") {
        None => return bad(&document.span, "a blueprint has a list `flow` of modules"),
        Some(flow) if !matches!(flow.shape, Shape::List(_)) => {
            return bad(&flow.span, "`flow` is a list of modules");
        }
        Some(_) => {}
    }
    let mut sound = true;
    if let Some(name) = document.get("name")
        && name.as_text().is_none()
    {
        wrong_type(page, name, "a text");
        sound = false;
    }
    if let Some(metadata) = document.get("metadata")
        && !matches!(metadata.shape, Shape::Map(_))
    {
        wrong_type(page, metadata, "an object");
        sound = false;
    }
    sound &= is_of_this_version(page, document);
    report_duplicate_modules(page, document);
    sound
}

/// Whether a document has `modules` and `connections` in place of the editor's `flow`.
pub(super) fn is_graph(document: &Node) -> bool {
    document.get("flow").is_none() && document.get("modules").is_some()
}

/// Checks a blueprint of modules and connections.
fn check_graph(page: &Page, document: &Node, dialect: Dialect) -> bool {
    let Some(modules) = document.get("modules") else {
        return false;
    };
    let mut sound = is_of_this_version(page, document);
    let mut bad = |span: &Span, message: &str, help: &str| {
        let finding = page.finding(&codes::BAD_BLUEPRINT, span, message);
        page.report(finding.help(help));
        sound = false;
    };
    if dialect == Dialect::Zone {
        let message = "`modules` and `connections` are a blueprint for `api.make.com` only";
        let help = "export the scenario from Make's editor: its blueprint has a list `flow`";
        bad(&modules.span, message, help);
        return false;
    }
    if !matches!(modules.shape, Shape::List(_)) {
        bad(&modules.span, "`modules` is a list", "write `[]` for none");
        return false;
    }
    for module in modules.items() {
        if module.get("id").is_none() || module.get("app").is_none() {
            let help = "write `{ id: 1, app: http, action: ActionSendData }`, for example";
            bad(
                &module.span,
                "a module has an `id`, an `app` and an `action`",
                help,
            );
        }
    }
    match document.get("connections") {
        Some(connections) if matches!(connections.shape, Shape::List(_)) => {
            for connection in connections.items() {
                if connection.get("from").is_none() || connection.get("to").is_none() {
                    let message = "a connection leads from one module to another";
                    bad(&connection.span, message, "write `{ from: 1, to: 2 }`");
                }
            }
        }
        Some(connections) if connections.shape != Shape::Null => {
            let message = "`connections` is a list";
            bad(
                &connections.span,
                message,
                "write `[{ from: 1, to: 2 }]`, for example",
            );
        }
        Some(_) | None => {}
    }
    report_duplicate_modules(page, document);
    sound
}

pub(super) fn is_of_this_version(page: &Page, document: &Node) -> bool {
    let later = document
        .get(MARKER)
        .filter(|marker| marker.shape != Shape::Number("1".to_owned()));
    if let Some(marker) = later {
        let message = "this file was written by a later version";
        let finding = page.finding(&codes::BAD_BLUEPRINT, &marker.span, message);
        page.report(finding.help("export it from Make's editor as it is"));
    }
    later.is_none()
}

/// Whether the file says that its texts hold references.
pub(super) fn has_marker(document: &Node) -> bool {
    document.get(MARKER).is_some()
}

/// The document as it is sent: without the marker, and with `metadata`.
pub(super) fn to_value(document: &Node) -> Value {
    let mut object: Map<String, Value> = document
        .entries()
        .iter()
        .filter(|entry| entry.key.text != MARKER)
        .map(|entry| (entry.key.text.clone(), entry.value.to_value()))
        .collect();
    if !object.contains_key("metadata") && !is_graph(document) {
        object.insert("metadata".to_owned(), Value::Object(Map::new()));
    }
    Value::Object(object)
}

/// Says once for the whole file which ids several modules have: old accounts hold blueprints
/// with dozens of them.
fn report_duplicate_modules(page: &Page, document: &Node) {
    let mut seen: HashMap<&str, &Span> = HashMap::new();
    let mut shared: Vec<&str> = Vec::new();
    let mut example = None;
    each_module(document, &mut |module| {
        let Some(id) = module.get("id") else {
            return;
        };
        let (Shape::Number(text) | Shape::Text(text)) = &id.shape else {
            return;
        };
        match seen.get(text.as_str()) {
            None => {
                seen.insert(text, &id.span);
            }
            Some(first) => {
                example.get_or_insert((*first, &id.span));
                if !shared.contains(&text.as_str()) {
                    shared.push(text);
                }
            }
        }
    });
    let Some((first, second)) = example else {
        return;
    };
    let message = match shared.as_slice() {
        [id] => format!("several modules have the id {id}"),
        ids => format!("several modules each have the ids {}", ids.join(", ")),
    };
    page.report(
        page.finding(&codes::DUPLICATE_MODULE, second, message)
            .label(page.place(first), "one of the others"),
    );
}

/// Visits each module, wherever one may be: in flows, routes, error handlers, branches, tools,
/// and among those that nothing leads to.
fn each_module<'a>(document: &'a Node, visit: &mut dyn FnMut(&'a Node)) {
    let orphans = document
        .get("metadata")
        .and_then(|metadata| metadata.get("designer")?.get("orphans"));
    let loose = orphans.into_iter().flat_map(Node::items);
    let list = document.get("flow").or_else(|| document.get("modules"));
    for flow in list.into_iter().chain(loose) {
        each_in_flow(flow, visit);
    }
}

fn each_in_flow<'a>(flow: &'a Node, visit: &mut dyn FnMut(&'a Node)) {
    for module in flow.items() {
        visit(module);
        if let Some(handler) = module.get("onerror") {
            each_in_flow(handler, visit);
        }
        for key in ["routes", "branches", "tools"] {
            for branch in module.get(key).into_iter().flat_map(Node::items) {
                if let Some(flow) = branch.get("flow") {
                    each_in_flow(flow, visit);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::read_blueprint;
    use crate::model::{Dialect, Source};

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
        assert!(super::check(&page, &document, Dialect::Zone));
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
            let sound = super::check(&page, &document, Dialect::Unified);
            let report = page.into_report();
            let codes: Vec<&str> = report.iter().map(|finding| finding.code.name).collect();
            (sound, codes.join(" "), super::to_value(&document))
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
