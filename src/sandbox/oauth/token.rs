//! `POST /oauth/../token` and `/revoke`: secrets for tokens, and tokens given back.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::live::transport::Response;
use crate::sandbox::collection::Collection;
use crate::sandbox::error::WorldError;
use crate::sandbox::store::{Batch, Store};
use crate::sandbox::token::{NewToken, TokenKind, issue};

use super::application::Application;
use super::form::Form;
use super::grant::{Grant, Kind, invent};
use super::{Answer, Edition, response};

/// How long an access token is good, as Make documents it.
const LASTS: SignedDuration = SignedDuration::from_hours(1);

/// Exchanges a code or a refresh token.
pub(super) fn exchange(store: &Store, form: &Form, edition: Edition, now: Timestamp) -> Answer {
    let Some(application) = authenticated(form) else {
        return Ok(refused(
            401,
            "invalid_client",
            "Client id or secret is wrong.",
        ));
    };
    // A secret that was shown is used up, whether or not the exchange succeeds: so this is one
    // transaction that is kept in either case.
    store.write(|batch| match form.get("grant_type") {
        Some("authorization_code") => {
            let Some(code) = form.get("code") else {
                return Ok(refused(400, "invalid_request", "There is no code."));
            };
            match Grant::take(batch, Kind::Code, code, now)? {
                Some(grant) if fits(&grant, application, form) => {
                    give(batch, &grant, application, edition, now)
                }
                _ => Ok(refused(400, "invalid_grant", "The code is not good.")),
            }
        }
        Some("refresh_token") => {
            let Some(token) = form.get("refresh_token") else {
                return Ok(refused(400, "invalid_request", "There is no token."));
            };
            match Grant::take(batch, Kind::Refresh, token, now)? {
                Some(grant) if grant.client == application.id => {
                    give(batch, &grant, application, edition, now)
                }
                _ => Ok(refused(400, "invalid_grant", "The token is not good.")),
            }
        }
        _ => {
            let words = "Only codes and refresh tokens are exchanged.";
            Ok(refused(400, "unsupported_grant_type", words))
        }
    })
}

/// Takes a token back. Whatever is no token of the application is ignored (RFC 7009).
pub(super) fn revoke(store: &Store, form: &Form) -> Answer {
    if authenticated(form).is_none() {
        return Ok(refused(
            401,
            "invalid_client",
            "Client id or secret is wrong.",
        ));
    }
    let token = form.get("token").unwrap_or_default();
    store.write(|batch| -> Result<(), WorldError> {
        Grant::take(batch, Kind::Refresh, token, Timestamp::MIN)?;
        let digest = base16ct::lower::encode_string(&Sha256::digest(token.as_bytes()));
        let mut ids = Vec::new();
        batch.each(Collection::Tokens, |id, kept: Value| {
            let is_it = kept.get("digest").and_then(Value::as_str) == Some(digest.as_str());
            let is_oauth = kept.get("kind").and_then(Value::as_str) == Some("oauth");
            if is_it && is_oauth {
                ids.push(id);
            }
        })?;
        for id in ids {
            batch.remove(Collection::Tokens, id)?;
        }
        Ok(())
    })?;
    Ok(response(200, "application/json; charset=utf-8", "{}"))
}

/// The application that proves to be the one that it says.
fn authenticated(form: &Form) -> Option<&'static Application> {
    let application = Application::find(form.get("client_id")?)?;
    application
        .is_proven_by(form.get("client_secret"))
        .then_some(application)
}

/// Whether a code was given to this application, for this address, with this proof.
fn fits(grant: &Grant, application: &Application, form: &Form) -> bool {
    let proof = form.get("code_verifier").map(|verifier| {
        let is_sound = (43..=128).contains(&verifier.len());
        let digest = Sha256::digest(verifier.as_bytes());
        is_sound.then(|| BASE64_URL_SAFE_NO_PAD.encode(digest))
    });
    let is_proven = match &grant.challenge {
        Some(challenge) => proof.flatten().as_ref() == Some(challenge),
        None => proof.is_none(),
    };
    grant.client == application.id
        && grant.redirect.as_deref() == form.get("redirect_uri")
        && is_proven
}

/// Gives an access token, and another refresh token.
fn give(
    batch: &mut Batch<'_>,
    grant: &Grant,
    application: &Application,
    edition: Edition,
    now: Timestamp,
) -> Result<Response, WorldError> {
    let access = invent("access");
    issue(
        batch,
        &NewToken {
            value: access.clone(),
            kind: TokenKind::Oauth,
            scope: grant.scope.clone(),
            user: grant.user,
            label: application.name.to_owned(),
            created: now,
            expires: now.checked_add(LASTS).ok(),
        },
    )?;
    let mut body = json!({ "access_token": access, "expires_in": LASTS.as_secs() });
    // The zones document that a public client is normally given none; the guides of the unified
    // dialect show one in every answer, and no `token_type`.
    let refreshes = edition == Edition::Unified || !application.is_public();
    if let Some(fields) = body.as_object_mut() {
        if refreshes {
            let refresh = Grant {
                kind: Kind::Refresh,
                redirect: None,
                challenge: None,
                expires: None,
                ..grant.clone()
            };
            fields.insert("refresh_token".to_owned(), refresh.keep(batch)?.into());
        }
        if edition == Edition::Zone {
            fields.insert("token_type".to_owned(), "Bearer".into());
            fields.insert("scope".to_owned(), grant.scope.join(" ").into());
        }
    }
    Ok(response(
        200,
        "application/json; charset=utf-8",
        body.to_string(),
    ))
}

fn refused(status: u16, error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    response(status, "application/json; charset=utf-8", body.to_string())
}
