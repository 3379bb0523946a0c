//! Blueprints in two files.

use serde_json::{Value, json};

use super::{
    emit::blueprint_files,
    tests::{address, folder, lines, read},
};
use crate::model::{Blueprint, values_equal};

const MANIFEST: &str = "apiVersion: makeform/v1\nkind: Scenario\nmetadata: { name: sync }\n\
    spec: { name: Sync, blueprint: { file: sync.blueprint.json } }\n";

const DOES: &str = r#"{"name": "Sync", "flow": [{"id": 1, "module": "a:b", "mapper": {"t": "${x}"}}],
    "metadata": {"version": 1}}"#;

const EDITOR: &str = r#"{"modules": {"1": {"module": "a:b", "samples": "${env.CRM_TOKEN}",
    "metadata": {"designer": {"x": 3, "y": 4}}}, "9": {"samples": 1}}, "metadata": {"zone": "z"}}"#;

/// The blueprint that a project with these files holds, and what is found.
fn loaded(files: &[(&str, &str)]) -> (Option<Blueprint>, Vec<String>) {
    let folder = folder(files);
    let (desired, report) = read(&folder);
    let thing = desired.things.get(&address("scenario.sync"));
    let spec = thing.and_then(|thing| thing.spec.as_scenario());
    let blueprint = spec.and_then(|spec| spec.blueprint.as_set().cloned());
    (blueprint, lines(&report))
}

fn document(files: &[(&str, &str)]) -> (Value, bool) {
    let (blueprint, found) = loaded(files);
    let blueprint = blueprint.unwrap_or_else(|| panic!("{found:?}"));
    (blueprint.document().unwrap(), blueprint.has_references())
}

#[test]
fn the_editor_s_part_is_joined_from_the_file_beside() {
    let manifest = ("m/a/sync.yaml", MANIFEST);
    let does = ("m/a/sync.blueprint.json", DOES);
    let (alone, references) = document(&[manifest, does]);
    assert!(values_equal(&alone, &serde_json::from_str(DOES).unwrap()) && !references);
    let (whole, references) = document(&[manifest, does, ("m/a/sync.editor.json", EDITOR)]);
    assert!(!references);
    assert_eq!(
        whole,
        json!({"name": "Sync", "flow": [{"id": 1, "module": "a:b", "mapper": {"t": "${x}"},
            "samples": "${env.CRM_TOKEN}", "metadata": {"designer": {"x": 3, "y": 4}}}],
            "metadata": {"version": 1, "zone": "z"}})
    );
}

#[test]
fn each_of_the_two_files_says_itself_whether_it_holds_references() {
    let marked = |text: &str| text.replacen('{', "{\"makeform\": 1, ", 1);
    let does = DOES.replace("${x}", "${env.CRM_TOKEN}");
    for (does, editor, mapper, sample) in [
        (
            marked(&does),
            EDITOR.to_owned(),
            "${env.CRM_TOKEN}",
            "$${env.CRM_TOKEN}",
        ),
        (
            does.clone(),
            marked(EDITOR),
            "$${env.CRM_TOKEN}",
            "${env.CRM_TOKEN}",
        ),
        (
            marked(&does),
            marked(EDITOR),
            "${env.CRM_TOKEN}",
            "${env.CRM_TOKEN}",
        ),
    ] {
        let files = [
            ("m/sync.yaml", MANIFEST),
            ("m/sync.blueprint.json", &does),
            ("m/sync.editor.json", &editor),
        ];
        let (whole, references) = document(&files);
        assert!(references);
        let module = &whole["flow"][0];
        assert_eq!(
            (&module["mapper"]["t"], &module["samples"]),
            (&json!(mapper), &json!(sample))
        );
        assert!(whole.get("makeform").is_none());
    }
}

#[test]
fn a_raw_export_is_a_blueprint_and_counts_more_than_what_lies_beside_it() {
    let manifest = MANIFEST.replace("sync.blueprint.json", "Raw Export.json");
    let raw = r#"{"name": "Sync", "flow": [{"id": 1, "module": "a:b", "metadata":
        {"designer": {"x": 100, "y": 0}}}], "metadata": {"zone": "here"}}"#;
    let files = [
        ("m/sync.yaml", manifest.as_str()),
        ("m/Raw Export.json", raw),
        ("m/Raw Export.editor.json", EDITOR),
    ];
    let (whole, _) = document(&files);
    assert_eq!(
        whole["flow"][0]["metadata"]["designer"],
        json!({"x": 100, "y": 0})
    );
    assert_eq!(whole["flow"][0]["samples"], "${env.CRM_TOKEN}");
    assert_eq!(whole["metadata"]["zone"], "here");
}

#[test]
fn what_is_wrong_beside_a_blueprint_is_found_with_its_place() {
    let found = |editor: &str| {
        let files = [
            ("m/sync.yaml", MANIFEST),
            ("m/sync.blueprint.json", DOES),
            ("m/sync.editor.json", editor),
        ];
        let (blueprint, found) = loaded(&files);
        assert!(blueprint.is_none());
        found
    };
    assert_eq!(
        found("{\"flow\": []}"),
        ["m/sync.editor.json:1:2 bad-editor-file: the editor's part of a blueprint has no `flow`"]
    );
    assert_eq!(found("{\"modules\": }").len(), 1);
    let unset = "{\"makeform\": 1,\n \"modules\": {\"1\": {\"samples\": \"${env.NOPE}\"}}}";
    assert_eq!(
        found(unset),
        ["m/sync.editor.json:2:32 undeclared-variable: `NOPE` is not declared in makeform.yaml"]
    );
}

#[test]
fn a_blueprint_written_as_yaml_stands_in_its_manifest() {
    let inline = MANIFEST.replace(
        "{ file: sync.blueprint.json }",
        "{ flow: [{ id: 1, module: \"a:b\" }] }",
    );
    let (whole, references) = document(&[("m/sync.yaml", &inline)]);
    assert!(references);
    assert_eq!(
        whole,
        json!({"flow": [{"id": 1, "module": "a:b"}], "metadata": {}})
    );
}

#[test]
fn what_is_written_is_read_back_as_the_same_blueprint() {
    let whole: Value = serde_json::from_str(EDITOR).unwrap();
    let whole = json!({"name": "Sync", "flow": [{"id": 1, "module": "a:b", "samples": whole,
        "metadata": {"designer": {"x": 0, "y": 0, "name": "L"}}}], "metadata": {"notes": [1]}});
    for references in [false, true] {
        let files = blueprint_files("m/sync.blueprint.json".as_ref(), whole.clone(), references);
        let texts = files.iter().map(|file| {
            (
                file.path.to_str().unwrap().to_owned(),
                String::from_utf8(file.bytes.clone()).unwrap(),
            )
        });
        let mut all = vec![("m/sync.yaml".to_owned(), MANIFEST.to_owned())];
        all.extend(texts);
        assert_eq!(all[2].0, "m/sync.editor.json");
        let all: Vec<(&str, &str)> = all.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let (blueprint, _) = loaded(&all);
        assert_eq!(blueprint.unwrap(), Blueprint::new(&whole, references));
    }
}
