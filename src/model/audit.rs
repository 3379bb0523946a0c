//! What an apply did, in figures: for whoever asks later.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Conclusion;

/// What an apply did, in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// Its steps, by what they were to do: `create`, `update`.
    pub steps: BTreeMap<String, Figures>,
    /// The guards that it ran into and that were overridden with `--allow`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// How many requests were sent to the account, reads and repetitions among them.
    pub requests: u64,
}

/// How many steps ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Carried out.
    pub done: u64,
    /// Refused, lost, not working, or no longer as planned.
    pub failed: u64,
    /// Not begun, since something before them was not done.
    pub skipped: u64,
}

/// How an apply is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// How it ended.
    pub conclusion: Conclusion,
    /// What it did.
    pub audit: Option<Audit>,
}

impl From<Conclusion> for Closing {
    fn from(conclusion: Conclusion) -> Self {
        Self {
            conclusion,
            audit: None,
        }
    }
}
