//! The files of a project that no thing stands in: `makeform.yaml` and `makeform.ids.yaml`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{EmitError, yaml::to_yaml};
use crate::model::{Address, Dialect, Pin, reference::escape};

/// What a new `makeform.yaml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectFile<'a> {
    /// The project's name.
    pub name: &'a str,
    /// The patterns of its manifests.
    pub manifests: &'a [&'a str],
    /// The name of its only target.
    pub target: &'a str,
    /// Where the target is: a zone's URL, or `sandbox:`.
    pub url: &'a str,
    /// The organization's id.
    pub organization: u64,
    /// The team's name; none in a dialect that knows no teams.
    pub team: Option<&'a str>,
    /// The form of the API that is spoken there.
    pub dialect: Dialect,
    /// The variables that the manifests name.
    pub env: Vec<&'a str>,
}

/// The text of a `makeform.yaml` with one target.
///
/// The token is always named, never written: `${env.MAKE_API_KEY}`. A sandbox needs none.
///
/// # Errors
/// When a value has no form in YAML.
pub fn project_file(project: &ProjectFile<'_>) -> Result<String, EmitError> {
    let ProjectFile {
        name,
        manifests,
        target,
        url,
        organization,
        team,
        dialect,
        env,
    } = project;
    let mut config = json!({
        "url": escape(url),
        // Quoted: what is filled in from elsewhere is a text here.
        "organization": organization.to_string(),
    });
    if let Some(config) = config.as_object_mut() {
        if let Some(team) = team {
            config.insert("team".to_owned(), json!(escape(team)));
        }
        if *dialect == Dialect::Unified {
            config.insert("dialect".to_owned(), json!(dialect.as_str()));
        }
        if !url.starts_with("sandbox:") {
            config.insert("token".to_owned(), json!("${env.MAKE_API_KEY}"));
        }
    }
    let mut spec = Map::from_iter([
        ("manifests".to_owned(), json!(manifests)),
        ("defaultTarget".to_owned(), json!(target)),
    ]);
    if !env.is_empty() {
        spec.insert("env".to_owned(), json!(env));
    }
    let targets = json!(Map::from_iter([((*target).to_owned(), config)]));
    spec.insert("targets".to_owned(), targets);
    to_yaml(&json!({
        "apiVersion": "makeform/v1",
        "kind": "Project",
        "metadata": {"name": name},
        "spec": spec,
    }))
}

/// The text of `makeform.ids.yaml`: the ids of things whose names are not unique, by target.
///
/// # Errors
/// When a value has no form in YAML.
pub fn ids_file(pins: &BTreeMap<String, BTreeMap<Address, Pin>>) -> Result<String, EmitError> {
    let targets: Map<String, Value> = pins
        .iter()
        .map(|(target, pins)| {
            let ids = pins
                .iter()
                .map(|(address, pin)| (address.to_string(), pin.id.to_value()))
                .collect();
            (target.clone(), Value::Object(ids))
        })
        .collect();
    to_yaml(&json!({"apiVersion": "makeform/v1", "kind": "Ids", "spec": targets}))
}
