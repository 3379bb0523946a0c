//! Logins as they are written down.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::login::{Kept, Login, LoginKey, Tokens};

/// One login.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    project: String,
    target: String,
    host: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    who: Option<String>,
    saved: Timestamp,
    #[serde(flatten)]
    secret: Secret,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Secret {
    ApiKey {
        token: String,
    },
    #[serde(rename_all = "camelCase")]
    Oauth {
        access: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refresh: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Timestamp>,
        scope: Vec<String>,
        client: String,
        token_url: Box<Url>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revoke_url: Option<Box<Url>>,
    },
}

impl Record {
    /// Whether this is the login of a target.
    pub(super) fn is_of(&self, key: &LoginKey) -> bool {
        self.project == key.project && self.target == key.target && self.host == key.host
    }
}

impl From<&Login> for Record {
    fn from(login: &Login) -> Self {
        let text = |secret: &SecretString| secret.expose_secret().to_owned();
        Self {
            project: login.key.project.clone(),
            target: login.key.target.clone(),
            host: login.key.host.clone(),
            who: login.who.clone(),
            saved: login.saved,
            secret: match &login.kept {
                Kept::ApiKey(token) => Secret::ApiKey { token: text(token) },
                Kept::Oauth(tokens) => Secret::Oauth {
                    access: text(&tokens.access),
                    refresh: tokens.refresh.as_ref().map(text),
                    expires: tokens.expires,
                    scope: tokens.scope.clone(),
                    client: tokens.client.clone(),
                    token_url: Box::new(tokens.token_url.clone()),
                    revoke_url: tokens.revoke_url.clone().map(Box::new),
                },
            },
        }
    }
}

impl From<Record> for Login {
    fn from(record: Record) -> Self {
        Self {
            key: LoginKey {
                project: record.project,
                target: record.target,
                host: record.host,
            },
            who: record.who,
            saved: record.saved,
            kept: match record.secret {
                Secret::ApiKey { token } => Kept::ApiKey(token.into()),
                Secret::Oauth {
                    access,
                    refresh,
                    expires,
                    scope,
                    client,
                    token_url,
                    revoke_url,
                } => Kept::Oauth(Box::new(Tokens {
                    access: access.into(),
                    refresh: refresh.map(Into::into),
                    expires,
                    scope,
                    client,
                    token_url: *token_url,
                    revoke_url: revoke_url.map(|url| *url),
                })),
            },
        }
    }
}
