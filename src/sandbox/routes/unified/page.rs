//! Lists of this dialect: `{"data":[..]}`, cut by `limit` and `offset`.

use serde_json::{Value, json};

use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};

/// The rows of a page when nobody asks for another number.
const USUAL: u64 = 50;

/// The most rows of a page. Nothing documents one.
const MOST: u64 = 1_000;

/// A part of a list.
pub(super) struct Page {
    pub(super) offset: u64,
    pub(super) limit: u64,
}

impl Page {
    /// What a call asks for.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Refusal> {
        Ok(Self {
            offset: call.query_number("offset")?.unwrap_or(0),
            limit: call.query_number("limit")?.unwrap_or(USUAL).min(MOST),
        })
    }

    /// The page of rows that are all at hand.
    pub(super) fn answer(&self, rows: impl IntoIterator<Item = Value>) -> Answer {
        let to_usize = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let rows: Vec<Value> = rows
            .into_iter()
            .skip(to_usize(self.offset))
            .take(to_usize(self.limit))
            .collect();
        reply(&json!({ "data": rows }))
    }
}
