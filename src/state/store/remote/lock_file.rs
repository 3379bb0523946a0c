//! The document that says who may write.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Remote;
use crate::state::{
    Owner, StateError,
    format::{self, LOCK},
};

/// `lock.json`. It is never deleted: one that is free can be told from any other that was.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LockFile {
    pub(super) format: String,
    /// Whoever wrote it last, by a random number.
    pub(super) token: String,
    /// How often they have.
    pub(super) count: u64,
    /// Who holds it; none if it is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) held: Option<Held>,
}

/// Who holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Held {
    pub(super) owner: Owner,
    /// How long a lease lasts that is not renewed, in milliseconds.
    pub(super) lease: u64,
}

/// Reads it.
pub(super) fn parse(remote: &Remote, bytes: &[u8]) -> Result<LockFile, StateError> {
    format::lock_from_bytes(&remote.path_of(LOCK), bytes)
}

/// Its bytes.
pub(super) fn bytes(
    token: &str,
    count: u64,
    held: Option<(&Owner, Duration)>,
) -> Result<Vec<u8>, StateError> {
    let file = LockFile {
        format: format::LOCK_FORMAT.to_owned(),
        token: token.to_owned(),
        count,
        held: held.map(|(owner, lease)| Held {
            owner: owner.clone(),
            lease: u64::try_from(lease.as_millis()).unwrap_or(u64::MAX),
        }),
    };
    let mut bytes = serde_json::to_vec(&file).map_err(crate::state::store::encode(LOCK))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A number that nobody else has.
pub(super) fn token() -> Result<String, StateError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| StateError::Io {
        doing: "draw a random number for",
        path: LOCK.into(),
        source: std::io::Error::other(error.to_string()),
    })?;
    Ok(base16ct::lower::encode_string(&random))
}
