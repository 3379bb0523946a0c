//! Blueprint files: what is taken apart joins again, canonical texts are what they say, and nothing
//! that can be read makes anything panic.

use std::{path::Path, sync::Arc};

use makeform::{
    manifest::{emit, read_blueprint},
    model::{
        Blueprint, Source,
        blueprint::{
            EditorPart, formulas, functional, id_places, is_graph, join, lay_out, modules, split,
        },
        canonical,
        reference::{Template, escape_texts},
        values_equal,
    },
};
use serde_json::{Value, value::RawValue};

/// Holds for every file.
pub(super) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(document) = read_blueprint(&source(text)) else {
        return;
    };
    texts(text, &document);
    parts(&document);
    files(&document);
    references(&document);

    for module in modules(&document) {
        assert!(!module.key.is_empty(), "a module without a key in {text}");
    }
    let _ = formulas(&document);
    let mut laid_out = document.clone();
    lay_out(&mut laid_out);
    assert!(
        values_equal(&functional(&laid_out), &functional(&document)),
        "{text}"
    );
    let mut again = laid_out.clone();
    lay_out(&mut again);
    assert_eq!(again, laid_out, "laid out twice");
}

/// The canonical text, its digest, and packing.
fn texts(text: &str, document: &Value) {
    let canonical_text = canonical(document);
    let again: Value = serde_json::from_str(&canonical_text).unwrap();
    assert_eq!(canonical(&again), canonical_text);
    assert!(
        values_equal(&again, document),
        "{canonical_text} is not {document}"
    );

    let packed = Blueprint::new(document, false);
    assert_eq!(packed.document().unwrap(), *document);
    assert!(packed.is_of(&again));
    // What accounts answer is digested without being parsed.
    let raw: Box<RawValue> = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    let whole: Value = serde_json::from_str(raw.get()).unwrap();
    let written = Blueprint::written(&raw).unwrap();
    assert_eq!(
        written.digest(),
        Blueprint::new(&whole, false).digest(),
        "{text}"
    );
}

/// What the scenario does, and what only the editor needs.
fn parts(document: &Value) {
    let (does, editor) = split(document.clone());
    assert_eq!(EditorPart::from_value(editor.clone().into_value()), editor);
    assert!(values_equal(&functional(&does), &functional(document)));
    let (again, nothing) = split(does.clone());
    assert!(
        nothing.is_empty() && again == does,
        "split twice: {document}"
    );
    let joined = join(does, editor);
    let whole = without_instant(document);
    assert!(values_equal(&joined, &whole), "{joined} is not {whole}");
}

/// The files that are written say the same, whichever way their texts may hold references.
fn files(document: &Value) {
    for references in [false, true] {
        let mut files =
            emit::blueprint_files(Path::new("a.blueprint.json"), document.clone(), references)
                .into_iter()
                .map(|file| String::from_utf8(file.bytes).unwrap());
        let does = files.next().unwrap();
        let read = read_blueprint(&source(&does)).unwrap();
        assert_eq!(emit_text(&read, references), does, "written twice");
        let editor = files
            .next()
            .map(|text| serde_json::from_str(&text).unwrap());
        let editor = EditorPart::from_value(editor.unwrap_or(Value::Null));
        let (joined, whole) = (join(read, editor), without_instant(document));
        assert!(values_equal(&joined, &whole), "{joined} is not {whole}");
    }
}

fn emit_text(document: &Value, references: bool) -> String {
    let files = emit::blueprint_files(Path::new("a.blueprint.json"), document.clone(), references);
    let first = files.into_iter().next().unwrap();
    String::from_utf8(first.bytes).unwrap()
}

/// A document whose texts are escaped holds the same texts and no reference, and its ids stay where
/// they were.
fn references(document: &Value) {
    let mut escaped = document.clone();
    escape_texts(&mut escaped);
    same_texts(document, &escaped);
    let places = id_places(document).len();
    assert_eq!(id_places(&escaped).len(), places, "{document}");
}

fn same_texts(plain: &Value, escaped: &Value) {
    match (plain, escaped) {
        (Value::String(plain), Value::String(escaped)) => {
            assert_eq!(Template::parse(escaped).as_literal(), Some(plain.as_str()));
        }
        (Value::Array(plain), Value::Array(escaped)) => {
            plain
                .iter()
                .zip(escaped)
                .for_each(|(a, b)| same_texts(a, b));
        }
        (Value::Object(plain), Value::Object(escaped)) => {
            plain
                .values()
                .zip(escaped.values())
                .for_each(|(a, b)| same_texts(a, b));
        }
        (plain, escaped) => assert_eq!(plain, escaped),
    }
}

/// Make computes it: it is in no file.
fn without_instant(document: &Value) -> Value {
    let mut whole = document.clone();
    let metadata = whole.get_mut("metadata").and_then(Value::as_object_mut);
    if let Some(metadata) = metadata.filter(|_| !is_graph(document)) {
        metadata.shift_remove("instant");
    }
    whole
}

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source {
        name: "a.blueprint.json".to_owned(),
        text: text.trim_start_matches('\u{feff}').to_owned(),
    })
}
