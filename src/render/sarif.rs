//! Findings as SARIF 2.1.0 (OASIS): what code scanning of GitHub and other tools read.
//!
//! One run for each target, told apart by `automationDetails`. Columns count code points.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::{
    diagnostic::{Code, Finding, Report},
    model::Place,
};

use super::words;

/// The schema that the document says it follows.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The file that stands for what is said of no file: readers of SARIF show nothing without a place.
const PROJECT: &str = "makeform.yaml";

/// What is no part of a path in a URI as it is.
const IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');

/// The findings of some targets as one document. `folder`: what leads from the repository to the
/// project, empty or with a slash at its end.
#[must_use]
pub fn findings_sarif(targets: &[(String, Report)], folder: &str) -> String {
    let runs: Vec<Value> = targets
        .iter()
        .map(|(target, report)| run(target, report, folder))
        .collect();
    let document = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": runs });
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    words::safe_json(&text) + "\n"
}

fn run(target: &str, report: &Report, folder: &str) -> Value {
    let findings = report.sorted();
    let rules: BTreeMap<&str, &Code> = findings
        .iter()
        .map(|finding| (finding.code.name, finding.code))
        .collect();
    let index = |code: &Code| rules.keys().position(|name| *name == code.name);
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| result(finding, index(finding.code), folder))
        .collect();
    json!({
        "tool": { "driver": {
            "name": "makeform",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules.values().map(|code| rule(code)).collect::<Vec<_>>(),
        } },
        "automationDetails": { "id": format!("makeform/validate/{}/", words::printable(target)) },
        "columnKind": "unicodeCodePoints",
        "results": results,
    })
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.name,
        "shortDescription": { "text": code.summary },
        "fullDescription": { "text": code.explanation },
        "help": { "text": format!("{}\n\nmakeform explain {}", code.explanation, code.name) },
        "defaultConfiguration": { "level": code.severity.as_str() },
    })
}

fn result(finding: &Finding, rule: Option<usize>, folder: &str) -> Value {
    let mut message = words::printable(&finding.message);
    if let Some(help) = &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(&words::printable(help));
    }
    let mut location = Map::new();
    let physical_location = match &finding.place {
        Some(place) => physical(place, folder),
        None => json!({ "artifactLocation": artifact(PROJECT, folder) }),
    };
    location.insert("physicalLocation".to_owned(), physical_location);
    if let Some(address) = &finding.address {
        let named = json!([{ "fullyQualifiedName": address.to_string() }]);
        location.insert("logicalLocations".to_owned(), named);
    }
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), json!(finding.code.name));
    result.insert("level".to_owned(), json!(finding.severity.as_str()));
    result.insert("message".to_owned(), json!({ "text": message }));
    result.insert("locations".to_owned(), json!([location]));
    if let Some(rule) = rule {
        result.insert("ruleIndex".to_owned(), json!(rule));
    }
    if !finding.labels.is_empty() {
        let related = finding.labels.iter().enumerate().map(|(id, label)| {
            json!({
                "id": id,
                "physicalLocation": physical(&label.place, folder),
                "message": { "text": words::printable(&label.text) },
            })
        });
        result.insert("relatedLocations".to_owned(), related.collect());
    }
    Value::Object(result)
}

fn physical(place: &Place, folder: &str) -> Value {
    let (line, column) = place.line_column();
    let end = Place::new(&place.source, place.span.end..place.span.end);
    let (end_line, end_column) = end.line_column();
    json!({
        "artifactLocation": artifact(&place.source.name, folder),
        "region": {
            "startLine": line,
            "startColumn": column,
            "endLine": end_line,
            "endColumn": end_column,
        },
    })
}

fn artifact(file: &str, folder: &str) -> Value {
    let path = format!("{folder}{file}").replace('\\', "/");
    json!({
        "uri": utf8_percent_encode(&path, IN_PATH).to_string(),
        "uriBaseId": "%SRCROOT%",
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::findings_sarif;
    use crate::{
        diagnostic::{Code, Finding, Report, Severity},
        model::{Place, Source},
        render::sample::{address, code},
    };

    const UNKNOWN_KEY: Code = code("unknown-key", Severity::Error);

    #[test]
    fn a_document_says_where_things_are_and_what_the_rules_are() {
        let source = Arc::new(Source {
            name: "manifests/a b#1.yaml".into(),
            text: "x: 1\nü: shedule\n".into(),
        });
        let place = |word: &str| {
            let at = source.text.find(word).expect("the word");
            Place::new(&source, at..at + word.len())
        };
        let report = Report::from_iter([
            Finding::new(&UNKNOWN_KEY, "unknown key\u{202e} `shedule`")
                .at(place("shedule"))
                .label(place("x"), "beside this one")
                .about(&address("scenario.leads"))
                .help("did you mean `schedule`?"),
            Finding::new(&UNKNOWN_KEY, "no place"),
        ]);
        let targets = [
            ("production".to_owned(), report),
            ("other".to_owned(), Report::default()),
        ];
        insta::assert_snapshot!(findings_sarif(&targets, "infra/"));
    }
}
