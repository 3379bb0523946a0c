//! Projects and manifests: whatever stands in them, what is wrong is told, with its place, and what
//! is right is written again as what reads the same.

use std::{collections::BTreeMap, path::PathBuf};

use makeform::{
    diagnostic::Report,
    manifest::{emit, validate_texts},
    model::{
        Address, Declared, Desired, Field, Spec, canonical,
        spec::{Schedule, ScheduleUse, schedule::When},
    },
    render::{self, Style},
};
use serde_json::Value;

/// Stands between `makeform.yaml` and the manifest. Without it there is a manifest only.
const SEPARATOR: &[u8] = b"\n%%%\n";

/// The project of manifests that stand alone.
const PROJECT: &[u8] = b"apiVersion: makeform/v1
kind: Project
metadata: { name: fuzz }
spec:
  manifests: [\"*.yaml\"]
  env: [TOKEN]
  targets:
    unified: { url: \"https://api.make.com\", vars: { sheet: 1AbC } }
    zone: { url: \"sandbox:\", vars: { sheet: 1AbC } }
";

/// Holds for every project and every manifest.
pub(super) fn check(data: &[u8]) {
    let separator = data
        .windows(SEPARATOR.len())
        .position(|window| window == SEPARATOR);
    let (project, manifest) = match separator {
        Some(at) => (&data[..at], &data[at + SEPARATOR.len()..]),
        None => (PROJECT, data),
    };
    let targets = match validate_texts(project, manifest) {
        Ok(targets) => targets,
        Err(report) => {
            assert!(report.has_errors(), "refused without a reason");
            return shown(&report);
        }
    };
    for (target, desired, report) in targets {
        shown(&report);
        // What a project's own overrides change, they would change again.
        if !report.has_errors() && separator.is_none() {
            written(&target, &desired);
        }
    }
}

/// Every finding can be shown, and points at what is there.
fn shown(report: &Report) {
    for finding in report.iter() {
        let places = finding.labels.iter().map(|label| &label.place);
        for place in finding.place.iter().chain(places) {
            let text = &place.source.text;
            assert!(
                text.get(place.span.clone()).is_some(),
                "{finding:?} points nowhere"
            );
            let (line, column) = place.line_column();
            assert!(line > 0 && column > 0, "{finding:?}");
        }
    }
    let text = render::findings_text(report, &Style::plain());
    assert_eq!(text.is_empty(), report.is_empty());
    let json = render::findings_json("zone", report);
    let json: Value = serde_json::from_str(&json).unwrap();
    let number = report.iter().count();
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(number));
    assert_eq!(render::findings_github(report, "").lines().count(), number);
}

/// What was read is written as what reads the same. Blueprints lie in files, of which there are none
/// here.
fn written(target: &str, desired: &Desired) {
    let mut desired = desired.clone();
    for declared in desired.things.values_mut() {
        if let Spec::Scenario(scenario) = &mut declared.spec {
            scenario.blueprint = Field::Absent;
        }
    }
    let path = PathBuf::from("manifest.yaml");
    let places: BTreeMap<Address, PathBuf> = desired
        .things
        .keys()
        .map(|address| (address.clone(), path.clone()))
        .collect();
    for file in emit::files(&desired, &places) {
        let text = file.unwrap().bytes;
        let read = validate_texts(PROJECT, &text).unwrap();
        let again = read.into_iter().find(|(name, _, _)| name == target);
        let (_, again, report) = again.unwrap();
        let shown = || String::from_utf8_lossy(&text).into_owned();
        assert!(!report.has_errors(), "{}\n{report:?}", shown());
        assert_eq!(said(&again), said(&desired), "{}", shown());
    }
}

/// What things are to be, without where that stands, and numbers by value.
fn said(desired: &Desired) -> Vec<String> {
    let things = desired.things.iter().map(|(address, declared)| {
        let Declared {
            spec,
            lifecycle,
            place: _,
            places: _,
        } = declared;
        let (spec, values) = without_values(spec.clone());
        format!("{address} {spec:?} {values:?} {lifecycle:?}")
    });
    things.collect()
}

/// A spec without the JSON that it holds as it was written, and the canonical text of that.
fn without_values(mut spec: Spec) -> (Spec, Vec<String>) {
    let mut values = Vec::new();
    let mut take = |value: Value| values.push(canonical(&value));
    match &mut spec {
        Spec::DataStructure(spec) => {
            if let Field::Set(fields) = &mut spec.fields {
                take(std::mem::take(fields).into());
            }
        }
        Spec::Scenario(spec) => {
            if let Field::Set(interface) = &mut spec.interface {
                take(std::mem::take(&mut interface.input).into());
                take(std::mem::take(&mut interface.output).into());
            }
            if let Field::Set(properties) = &mut spec.custom_properties {
                take(std::mem::take(properties).into());
            }
            if let Field::Set(priority) = &mut spec.priority {
                take(priority.take());
            }
            if let Field::Set(ScheduleUse::Inline(schedule)) = &mut spec.schedule {
                take(raw(schedule));
            }
        }
        Spec::Schedule(schedule) => take(raw(schedule)),
        Spec::Variable(spec) => take(spec.value.take()),
        Spec::Webhook(spec) => {
            take(std::mem::take(&mut spec.fields).into_iter().collect());
        }
        Spec::Agent(_)
        | Spec::Connection(_)
        | Spec::DataStore(_)
        | Spec::Device(_)
        | Spec::Folder(_)
        | Spec::Key(_)
        | Spec::OrganizationRole(_)
        | Spec::Team(_)
        | Spec::TeamRole(_) => {}
    }
    (spec, values)
}

fn raw(schedule: &mut Schedule) -> Value {
    match &mut schedule.when {
        When::Raw(value) => value.take(),
        When::Every(_)
        | When::Daily(_)
        | When::Weekly(..)
        | When::Monthly(..)
        | When::Yearly(..)
        | When::Once(_)
        | When::Immediately
        | When::OnDemand
        | When::Cron(_) => Value::Null,
    }
}
