//! A plan that was written to a file: an approval of that very plan.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Plan, Step, digest::FORMAT};

/// What a plan file says, as far as it can be held against another plan.
///
/// Nothing of it is ever applied: apply plans again, and goes on only if the digest is the same.
#[derive(Clone, Debug, Deserialize)]
pub struct PlanFile {
    format: String,
    /// The digest of the plan that was approved.
    pub digest: String,
    #[serde(default)]
    steps: Vec<FileStep>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileStep {
    address: String,
    action: String,
    #[serde(default)]
    changes: Vec<FileChange>,
}

#[derive(Clone, Debug, Deserialize)]
struct FileChange {
    path: Vec<String>,
}

/// Why a text is no plan file.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It is no JSON, or not of that shape.
    #[error("this is no plan file")]
    Shape(#[source] serde_json::Error),
    /// Another version wrote it.
    #[error("this is a plan of format `{0}`, and this version reads `{FORMAT}`")]
    Format(String),
}

impl PlanFile {
    /// Reads a plan as `plan --out` writes it.
    ///
    /// # Errors
    /// When it is no plan, or one of another format.
    pub fn parse(text: &str) -> Result<Self, PlanFileError> {
        let file: Self = serde_json::from_str(text).map_err(PlanFileError::Shape)?;
        if file.format == FORMAT {
            Ok(file)
        } else {
            Err(PlanFileError::Format(file.format))
        }
    }

    /// What has moved since, thing by thing: lines for people. Empty where only values or live
    /// forms differ.
    #[must_use]
    pub fn moved(&self, plan: &Plan) -> Vec<String> {
        let approved: BTreeMap<&str, &FileStep> = self
            .steps
            .iter()
            .map(|step| (step.address.as_str(), step))
            .collect();
        let mut moved = Vec::new();
        let mut still = Vec::new();
        for step in &plan.steps {
            let address = step.address.to_string();
            match approved.get(address.as_str()) {
                None => moved.push(format!("{address}: {} is new", step.action.as_str())),
                Some(old) if old.action != step.action.as_str() => moved.push(format!(
                    "{address}: {} was approved, now it is {}",
                    old.action,
                    step.action.as_str()
                )),
                Some(old) => moved.extend(fields(old, step, &address)),
            }
            still.push(address);
        }
        for step in &self.steps {
            if !still.contains(&step.address) {
                moved.push(format!("{}: {} is gone", step.address, step.action));
            }
        }
        moved.sort();
        moved
    }
}

/// The fields that were to change in one of the plans only.
fn fields(old: &FileStep, step: &Step, address: &str) -> Option<String> {
    let heads = |path: &[String]| path.first().cloned();
    let before: std::collections::BTreeSet<String> = old
        .changes
        .iter()
        .filter_map(|change| heads(&change.path))
        .collect();
    let after = step
        .changes
        .iter()
        .filter_map(|change| heads(&change.path))
        .collect();
    let other: Vec<&str> = before
        .symmetric_difference(&after)
        .map(String::as_str)
        .collect();
    (!other.is_empty()).then(|| format!("{address}: other changes in {}", other.join(", ")))
}
