//! The schemas and the reader say the same, as an independent validator sees it.

mod samples;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use boon::{Compiler, Schemas};
use serde_json::{Value, json};

use super::{Document, json_schema};
use crate::{
    diagnostic::{Report, Severity},
    manifest::{
        Project,
        load::{Files, checked},
        page::Page,
        project::parse_project,
        scope::Blueprints,
        source::decode,
        yaml,
    },
    model::Kind,
};

use samples::{manifests, project, samples};

/// A validator of one schema.
struct Validator {
    schemas: Schemas,
    index: boon::SchemaIndex,
}

impl Validator {
    /// Checks the schema itself against that of draft 2020-12.
    fn of(document: Document) -> Self {
        let mut compiler = Compiler::new();
        let mut schemas = Schemas::new();
        let name = "urn:test";
        compiler.add_resource(name, json_schema(document)).unwrap();
        let index = compiler.compile(name, &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn problem(&self, document: &Value) -> Option<String> {
        let found = self.schemas.validate(document, self.index);
        found.err().map(|problem| problem.to_string())
    }
}

/// The places of a document: each key of each mapping, and each item of each list.
fn places(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), document)];
    while let Some((at, value)) = open.pop() {
        match value {
            Value::Object(members) => {
                let inner = members.iter();
                open.extend(inner.map(|(key, value)| (format!("{at}/{key}"), value)));
            }
            Value::Array(items) => {
                let inner = items.iter().enumerate();
                open.extend(inner.map(|(index, value)| (format!("{at}/{index}"), value)));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        if !at.is_empty() {
            found.push(at);
        }
    }
    found.sort();
    found
}

/// Places that all manifests have, and that one of them is tried at for all.
const COMMON: [&str; 3] = ["/apiVersion", "/metadata", "/metadata/name"];

/// Every document that differs from this one in one place: another value, a key less, a key more.
fn variations(document: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let is_first = document["kind"] != "Agent";
    let mut all_places = places(document);
    all_places.retain(|at| !is_first || !COMMON.contains(&at.as_str()));
    for at in all_places {
        let takes_words = document.pointer(&at).is_some_and(Value::is_string)
            || ["/spec/schedule", "/spec/blueprint"].contains(&at.as_str());
        let worth_it = |sample: &Value| takes_words || !sample.is_string() || sample == "1";
        for sample in samples().into_iter().filter(worth_it) {
            let mut other = document.clone();
            *other.pointer_mut(&at).unwrap() = sample.clone();
            all.push((format!("{at} = {sample}"), other));
        }
        let (parent, key) = at.rsplit_once('/').unwrap();
        let mut less = document.clone();
        if let Some(Value::Object(members)) = less.pointer_mut(parent) {
            members.shift_remove(key);
            all.push((format!("no {at}"), less));
        }
        let mut more = document.clone();
        if let Some(Value::Object(members)) = more.pointer_mut(&at) {
            members.insert("unheardOf".to_owned(), json!(1));
            all.push((format!("{at}/unheardOf"), more));
        }
    }
    all
}

/// Codes of errors that a document has by itself, whatever else the project holds.
const OF_THE_DOCUMENT: [&str; 16] = [
    "bad-blueprint",
    "bad-name",
    "bad-schedule",
    "bad-target",
    "bad-value",
    "missing-key",
    "not-supported-yet",
    "reference-not-allowed",
    "undeclared-variable",
    "wrong-reference",
    "null-not-allowed",
    "token-in-file",
    "too-long",
    "unknown-key",
    "unknown-kind",
    "wrong-type",
];

/// What no schema of one document can know: what a name stands for, and how values go together.
fn is_beyond(error: &str) -> bool {
    [
        "bad-schedule: `", // cron expressions
        "bad-value: there is no time zone",
        "bad-value: this ends before it begins",
        "bad-value: `1` is no e-mail address", // what `${var.a}` stands for
        "bad-value: this is no value of type",
        "can't become a",
        "reference-not-allowed: ",
        "undeclared-variable: ",
    ]
    .iter()
    .any(|words| error.contains(words))
}

/// The errors of a report that the document has by itself, at its own places.
fn own_errors(report: &Report) -> BTreeSet<String> {
    let errors = report.iter().filter(|finding| {
        finding.severity == Severity::Error && OF_THE_DOCUMENT.contains(&finding.code.name)
    });
    errors
        .map(|finding| format!("{}: {}", finding.code, finding.message))
        .collect()
}

/// What the reader finds wrong with a manifest in each dialect; nothing if it takes it for one.
struct Reader(Project);

impl Reader {
    fn new() -> Self {
        let text = project().to_string();
        let source = decode("makeform.yaml".to_owned(), text.into_bytes()).unwrap();
        Self(parse_project(PathBuf::from("/nowhere"), source).unwrap())
    }

    fn refuses(&self, manifest: &Value) -> BTreeSet<String> {
        let source = decode("a.yaml".to_owned(), manifest.to_string().into_bytes()).unwrap();
        let found = ["unified", "zone"].map(|target| {
            let mut report = Report::default();
            let mut files = Files::default();
            let page = Page::new(Arc::clone(&source));
            let stream = yaml::read(&page);
            files.add(page, stream);
            let environment = |name: &str| Some(name.to_owned());
            checked(
                &self.0,
                target,
                &environment,
                Blueprints::Checked,
                files,
                &mut report,
            );
            own_errors(&report)
        });
        let [one, other] = found;
        if one.len() < other.len() { one } else { other }
    }
}

fn refuses_project(project: &Value) -> BTreeSet<String> {
    let source = decode("makeform.yaml".to_owned(), project.to_string().into_bytes());
    let read = parse_project(PathBuf::from("/nowhere"), source.unwrap());
    read.err()
        .map(|report| own_errors(&report))
        .unwrap_or_default()
}

/// Compares what the reader and the schema say of each variation of some documents.
fn compare(document: Document, samples: &[Value], refuses: impl Fn(&Value) -> BTreeSet<String>) {
    let validator = Validator::of(document);
    let mut apart = BTreeSet::new();
    let mut refusals = 0;
    for sample in samples {
        assert_eq!(refuses(sample), BTreeSet::new(), "{sample}");
        assert_eq!(validator.problem(sample), None, "{sample}");
        for (what, other) in variations(sample) {
            let errors = refuses(&other);
            let problem = validator.problem(&other);
            let kind = &other["kind"];
            match (errors.is_empty(), problem) {
                (true, Some(problem)) => {
                    let problem = problem.lines().last().unwrap_or_default();
                    apart.insert(format!("{kind} {what}: the reader takes it: {problem}"));
                }
                (false, None) if !errors.iter().all(|error| is_beyond(error)) => {
                    apart.insert(format!("{kind} {what}: the schema takes it: {errors:?}"));
                }
                (false, _) => refusals += 1,
                (true, None) => {}
            }
        }
    }
    let told: Vec<String> = apart.into_iter().collect();
    assert!(
        told.is_empty(),
        "{} differences\n{}",
        told.len(),
        told.join("\n")
    );
    assert!(refusals > 100, "only {refusals} refusals");
}

#[test]
fn an_editor_takes_of_manifests_what_the_reader_takes() {
    let reader = Reader::new();
    compare(Document::Any, &manifests(), |manifest| {
        reader.refuses(manifest)
    });
}

#[test]
fn an_editor_takes_of_projects_what_the_reader_takes() {
    compare(Document::Any, &[project()], refuses_project);
}

#[test]
fn every_document_has_a_schema_of_its_own() {
    let kinds = Kind::ALL.map(Kind::as_str);
    let named: Vec<&str> = Document::NAMED.iter().map(|(name, _)| *name).collect();
    for kind in kinds {
        assert!(named.contains(&kind), "{kind}");
    }
    for (name, document) in Document::NAMED {
        let validator = Validator::of(document);
        if let Document::Thing(kind) = document {
            let mine = manifests()
                .into_iter()
                .filter(|manifest| manifest["kind"] == name);
            let mine: Vec<Value> = mine.collect();
            assert!(!mine.is_empty(), "no manifest of {kind}");
            for manifest in manifests() {
                let is_mine = mine.contains(&manifest);
                assert_eq!(
                    validator.problem(&manifest).is_none(),
                    is_mine,
                    "{kind}: {manifest}"
                );
            }
        }
    }
}

#[test]
fn all_that_a_schema_says_is_explained_and_named() {
    fn walk(schema: &Value, at: &str, bare: &mut Vec<String>) {
        match schema {
            Value::Object(members) => {
                if let Some(Value::Object(properties)) = members.get("properties") {
                    let is_demand = ["/if", "/else", "/then"].iter().any(|end| at.contains(end));
                    let told = |value: &Value| value.get("description").is_some();
                    for (key, value) in properties.iter().filter(|_| !is_demand) {
                        if !told(value) {
                            bare.push(format!("{at}/{key}"));
                        }
                    }
                }
                members
                    .iter()
                    .for_each(|(key, value)| walk(value, &format!("{at}/{key}"), bare));
            }
            Value::Array(items) => {
                items.iter().for_each(|item| walk(item, at, bare));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut bare = Vec::new();
    walk(&json_schema(Document::Any), "", &mut bare);
    assert_eq!(bare, Vec::<String>::new());
}

#[test]
fn an_override_is_any_part_of_a_spec_with_null_for_what_goes() {
    let validator = Validator::of(Document::Project);
    let with = |address: &str, patch: Value| {
        let mut project = project();
        project["spec"]["targets"]["zone"]["overrides"] = json!({ address: patch });
        validator.problem(&project).is_none()
    };
    for (address, patch) in [
        (
            "scenario.a",
            json!({ "active": false, "schedule": { "every": null, "daily": "06:30" } }),
        ),
        (
            "scenario.a",
            json!({ "settings": { "maxErrors": null }, "blueprint": null }),
        ),
        (
            "scenario.a",
            json!({ "blueprint": { "file": null, "flow": [] } }),
        ),
        ("team-role.a", json!({ "role": "viewer" })),
        (
            "webhook.a",
            json!({ "portalId": 8, "security": { "token": "${env.TOKEN}" } }),
        ),
        ("schedule.a", json!({ "restrict": null, "every": "6h" })),
        ("variable.a", json!({})),
    ] {
        assert!(with(address, patch.clone()), "{address} {patch}");
    }
    for (address, patch) in [
        ("scenario.a", json!(null)),
        ("scenario.a", json!({ "activ": false })),
        ("scenario.a", json!({ "active": "no" })),
        ("scenario.a", json!({ "settings": { "maxErrors": "3" } })),
        ("scenario.A", json!({})),
        ("sheet.a", json!({})),
        ("schedule.a", json!({ "restrict": [{ "day": "mon" }] })),
    ] {
        assert!(!with(address, patch.clone()), "{address} {patch}");
    }
}
