//! Tokens: who shows one, and what it opens.
//!
//! A world keeps no token, only the SHA-256 of each. The well-known [`TOKEN`] opens every world,
//! those too that were made before tokens were kept in them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::beginning::OWNER;
use super::collection::Collection;
use super::error::WorldError;
use super::routes::stamp;
use super::store::{Batch, Objects};

/// The token of every world, as `Authorization: Token <this>`. It opens nothing but sandboxes.
pub const TOKEN: &str = "5a4db0c5-0000-4000-8000-000000000001";

/// The scope that stands for all of them.
pub(crate) const EVERYTHING: &str = "*";

/// How a token came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Made by its user, to be sent as `Token`.
    Api,
    /// Given out by the authorization server, to be sent as `Bearer`.
    Oauth,
}

impl TokenKind {
    fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Oauth => "oauth",
        }
    }
}

/// A token that is to be let in.
#[derive(Clone)]
pub struct NewToken {
    /// The token itself; only its digest is kept.
    pub value: String,
    /// How it came about.
    pub kind: TokenKind,
    /// What it is for: `scenarios:read`, `*` for everything, or a word without a resource
    /// (`read`, `write`, `execute`) for that action on all of them.
    pub scope: Vec<String>,
    /// Whose it is: their roles bound what it can do.
    pub user: u64,
    /// The name that its user gave it.
    pub label: String,
    /// When it was made; an API token is removed by this.
    pub created: Timestamp,
    /// From when on it opens nothing, if ever.
    pub expires: Option<Timestamp>,
}

/// What a token that was shown allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Whose token it is.
    pub(crate) user: u64,
    /// Whether it came from the authorization server.
    pub(crate) is_oauth: bool,
    /// Whether it is [`TOKEN`], for which no role is looked at.
    pub(crate) is_well_known: bool,
    scope: Vec<String>,
}

impl Grant {
    /// The well-known token: all that the owner can do.
    fn well_known() -> Self {
        Self {
            user: OWNER,
            is_oauth: false,
            is_well_known: true,
            scope: vec![EVERYTHING.to_owned()],
        }
    }

    /// Whether the token is for a route that needs this scope.
    pub(crate) fn allows(&self, needed: &str) -> bool {
        let (resource, action) = needed.split_once(':').unwrap_or((needed, ""));
        self.scope.iter().any(|held| match held.split_once(':') {
            Some((of, to)) => of == resource && to == action,
            None => match held.as_str() {
                EVERYTHING => true,
                "execute" => action == "run",
                word => word == action || word == needed,
            },
        })
    }

    /// The scopes by name, those that `*` stands for included.
    pub(crate) fn scopes(&self) -> Vec<String> {
        match self.scope.iter().any(|held| held == EVERYTHING) {
            true => SCOPES.iter().map(|&name| name.to_owned()).collect(),
            false => self.scope.clone(),
        }
    }
}

/// Every scope that a token can have.
pub(crate) const SCOPES: [&str; 48] = [
    "agents:read",
    "agents:write",
    "analytics:read",
    "apps:read",
    "connections:read",
    "connections:write",
    "credential-requests:read",
    "credential-requests:write",
    "custom-property-structures:read",
    "custom-property-structures:write",
    "datastores:read",
    "datastores:write",
    "devices:read",
    "devices:write",
    "dlqs:read",
    "dlqs:write",
    "functions:read",
    "functions:write",
    "hooks:read",
    "hooks:write",
    "keys:read",
    "keys:write",
    "mcp:use",
    "notifications:read",
    "notifications:write",
    "organization-variables:read",
    "organization-variables:write",
    "organizations:read",
    "organizations:write",
    "private-spaces:read",
    "private-spaces:write",
    "scenarios-shared:read",
    "scenarios-shared:write",
    "scenarios:read",
    "scenarios:run",
    "scenarios:write",
    "sdk-apps:read",
    "sdk-apps:write",
    "team-variables:read",
    "team-variables:write",
    "teams:read",
    "teams:write",
    "templates:read",
    "templates:write",
    "udts:read",
    "udts:write",
    "user:read",
    "user:write",
];

/// Scopes that Make's pages spell in two ways, and how they are kept here.
const SPELLINGS: [(&str, &str); 5] = [
    ("function:read", "functions:read"),
    ("teams-variables:read", "team-variables:read"),
    ("teams-variables:write", "team-variables:write"),
    (
        "organizations-variables:read",
        "organization-variables:read",
    ),
    (
        "organizations-variables:write",
        "organization-variables:write",
    ),
];

/// The scope that a name means, or nothing where there is no such scope.
pub(crate) fn scope_named(name: &str) -> Option<&'static str> {
    let words = [EVERYTHING, "read", "write", "execute"];
    let spelling = SPELLINGS.iter().find(|(known, _)| *known == name);
    let name = spelling.map_or(name, |(_, kept)| kept);
    SCOPES.into_iter().chain(words).find(|scope| *scope == name)
}

/// A new token's value: a UUID of version 4, which is how clients tell API tokens from others.
pub(crate) fn invent() -> String {
    let version = 0x4000_u128 << 64;
    let variant = 0x8000_u128 << 48;
    let bits = fastrand::u128(..) & !(0xf000_u128 << 64) & !(0xc000_u128 << 48);
    let hex = format!("{:032x}", bits | version | variant);
    let mut value = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            value.push('-');
        }
        value.push(digit);
    }
    value
}

/// A token as it stands in [`Collection::Tokens`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    id: u64,
    digest: String,
    /// Its first characters, by which its user tells it from others.
    start: String,
    kind: String,
    scope: Vec<String>,
    user_id: u64,
    label: String,
    created: String,
    /// In milliseconds since 1970.
    expires: Option<i64>,
}

impl Kept {
    fn is_api_token_of(&self, user: u64) -> bool {
        self.user_id == user && self.kind == TokenKind::Api.name()
    }
}

/// Lets a token in. Returns its id in [`Collection::Tokens`].
pub(crate) fn issue(batch: &mut Batch<'_>, token: &NewToken) -> Result<u64, WorldError> {
    let (id, digest) = digest_of(&token.value);
    let kept = Kept {
        id,
        digest,
        start: token.value.chars().take(8).collect(),
        kind: token.kind.name().to_owned(),
        scope: token.scope.clone(),
        user_id: token.user,
        label: token.label.clone(),
        created: stamp(token.created),
        expires: token.expires.map(Timestamp::as_millisecond),
    };
    batch.put(Collection::Tokens, id, &json!(kept))?;
    Ok(id)
}

/// What a token that is shown `now` allows; nothing if it is unknown or has expired.
pub(crate) fn find(
    world: &impl Objects,
    shown: &str,
    now: Timestamp,
) -> Result<Option<Grant>, WorldError> {
    if shown == TOKEN {
        return Ok(Some(Grant::well_known()));
    }
    let (id, digest) = digest_of(shown);
    let mut grant = None;
    world.each_in(Collection::Tokens, id..=id, |_, kept: Kept| {
        let is_good = kept.expires.is_none_or(|end| now.as_millisecond() < end);
        if kept.digest == digest && is_good {
            grant = Some(Grant {
                user: kept.user_id,
                is_oauth: kept.kind == TokenKind::Oauth.name(),
                is_well_known: false,
                scope: kept.scope,
            });
        }
    })?;
    Ok(grant)
}

/// Where a token is kept, and its digest: the one begins the other, so that one look finds it.
fn digest_of(value: &str) -> (u64, String) {
    let digest = Sha256::digest(value.as_bytes());
    let start = digest.iter().take(8);
    let id = start.fold(0, |id, byte| (id << 8) | u64::from(*byte));
    (id, base16ct::lower::encode_string(&digest))
}

/// The API tokens of a user as the API lists them: of a value, only its start.
pub(crate) fn listed(world: &impl Objects, user: u64) -> Result<Vec<Value>, WorldError> {
    let mut rows = BTreeMap::new();
    world.each_in(Collection::Tokens, 0..=u64::MAX, |id, kept: Kept| {
        if kept.is_api_token_of(user) {
            let row = json!({
                "token": format!("{}-****-****-****-************", kept.start),
                "scope": kept.scope, "created": kept.created, "label": kept.label,
            });
            rows.insert((kept.created, id), row);
        }
    })?;
    Ok(rows.into_values().collect())
}

/// Removes the API tokens that a user made at a time; says whether there were any.
pub(crate) fn revoke(batch: &mut Batch<'_>, user: u64, created: &str) -> Result<bool, WorldError> {
    let mut ids = Vec::new();
    batch.each_in(Collection::Tokens, 0..=u64::MAX, |id, kept: Kept| {
        if kept.is_api_token_of(user) && kept.created == created {
            ids.push(id);
        }
    })?;
    for &id in &ids {
        batch.remove(Collection::Tokens, id)?;
    }
    Ok(!ids.is_empty())
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Grant, NewToken, TokenKind, find, invent, issue};
    use crate::sandbox::WorldError;
    use crate::sandbox::trial::Trial;

    fn grant(scope: &[&str]) -> Grant {
        Grant {
            user: 1,
            is_oauth: true,
            is_well_known: false,
            scope: scope.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    #[test]
    fn a_scope_is_for_one_resource_and_one_action() {
        let hooks = grant(&["hooks:read"]);
        assert!(hooks.allows("hooks:read"));
        assert!(!hooks.allows("hooks:write"));
        assert!(!hooks.allows("keys:read"));
        assert!(grant(&["*"]).allows("keys:read"));
        let words = grant(&["read", "execute"]);
        assert!(words.allows("keys:read"));
        assert!(words.allows("scenarios:run"));
        assert!(!words.allows("keys:write"));
    }

    #[test]
    fn a_token_is_good_until_it_expires() -> Result<(), WorldError> {
        let trial = Trial::new();
        let made: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let expires = made + SignedDuration::from_hours(1);
        let new = NewToken {
            value: invent(),
            kind: TokenKind::Oauth,
            scope: vec!["read".to_owned()],
            user: 2,
            label: String::new(),
            created: made,
            expires: Some(expires),
        };
        trial.world.batch(|batch| {
            issue(batch, &new)?;
            let found = |now| find(batch, &new.value, now);
            let just_before = expires - SignedDuration::from_millis(1);
            let grant = found(just_before)?.unwrap();
            assert_eq!((grant.user, grant.is_oauth), (2, true));
            assert_eq!(found(expires)?, None);
            assert_eq!(find(batch, "another", made)?, None);
            Ok(())
        })
    }
}
