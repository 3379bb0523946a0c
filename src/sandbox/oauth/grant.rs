//! What was granted and not yet exchanged: authorization codes, and refresh tokens. Each is good
//! once. Only digests are kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::store::Batch;

/// What a code or refresh token stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Grant {
    pub(super) kind: Kind,
    pub(super) client: String,
    pub(super) user: u64,
    pub(super) scope: Vec<String>,
    /// Where the code went.
    pub(super) redirect: Option<String>,
    /// What its owner has to prove (S256).
    pub(super) challenge: Option<String>,
    /// Milliseconds since 1970; refresh tokens don't expire.
    pub(super) expires: Option<i64>,
}

/// What sort of secret it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Code,
    Refresh,
}

impl Grant {
    /// Keeps a grant; returns the secret that stands for it.
    pub(super) fn keep(&self, batch: &mut Batch<'_>) -> Result<String, WorldError> {
        let secret = invent(match self.kind {
            Kind::Code => "code",
            Kind::Refresh => "refresh",
        });
        let (id, digest) = digest(&secret);
        let object = json!({ "id": id, "digest": digest, "grant": self });
        batch.put(Collection::OauthCodes, id, &object)?;
        Ok(secret)
    }

    /// Takes a grant out: whoever shows the same secret again finds nothing.
    pub(super) fn take(
        batch: &mut Batch<'_>,
        kind: Kind,
        secret: &str,
        now: Timestamp,
    ) -> Result<Option<Self>, WorldError> {
        let (id, digest) = digest(secret);
        let Some(mut object) = batch.get(Collection::OauthCodes, id)? else {
            return Ok(None);
        };
        let is_it = object.get("digest").and_then(|kept| kept.as_str()) == Some(digest.as_str());
        let grant = object.get_mut("grant").map(serde_json::Value::take);
        let grant = grant.and_then(|grant| serde_json::from_value::<Self>(grant).ok());
        let Some(grant) = grant.filter(|grant| is_it && grant.kind == kind) else {
            return Ok(None);
        };
        batch.remove(Collection::OauthCodes, id)?;
        let is_good = grant.expires.is_none_or(|end| now.as_millisecond() < end);
        Ok(is_good.then_some(grant))
    }
}

/// A new secret that nobody can guess.
pub(super) fn invent(what: &str) -> String {
    let mut bytes = [0; 24];
    // A sandbox on a machine without random numbers would still be no place for secrets.
    if getrandom::fill(&mut bytes).is_err() {
        fastrand::fill(&mut bytes);
    }
    let hex = base16ct::lower::encode_string(&bytes);
    format!("sandbox-{what}-{hex}")
}

fn digest(secret: &str) -> (u64, String) {
    let digest = Sha256::digest(secret.as_bytes());
    let id = digest
        .iter()
        .take(8)
        .fold(0, |id, byte| (id << 8) | u64::from(*byte));
    (id, base16ct::lower::encode_string(&digest))
}
