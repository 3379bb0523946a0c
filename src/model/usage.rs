//! What scenarios consume.

use jiff::{Timestamp, civil::Date};

use super::RemoteId;

/// What was consumed in some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumed {
    /// Operations.
    pub operations: u64,
    /// Data that was transferred, in bytes.
    pub transfer: u64,
    /// Credits, in hundredths; none where Make does not tell.
    pub centicredits: Option<u64>,
}

impl Consumed {
    /// Nothing at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            operations: 0,
            transfer: 0,
            centicredits: Some(0),
        }
    }
}

/// What the scenarios of a team have consumed since a moment: usually the first of the period
/// that the organization is billed for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consumptions {
    /// Since when.
    pub since: Option<Timestamp>,
    /// By scenario. One that is not here has consumed nothing.
    pub scenarios: Vec<(RemoteId, Consumed)>,
}

/// What a scenario consumed on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageDay {
    /// The day, in UTC as far as is known.
    pub date: Date,
    /// What it consumed.
    pub consumed: Consumed,
}
