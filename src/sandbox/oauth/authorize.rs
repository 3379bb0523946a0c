//! `GET` and `POST /oauth/../authorize`: the page, and what the user decides on it.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::Url;

use crate::live::transport::Response;
use crate::sandbox::beginning::OWNER;
use crate::sandbox::collection::Collection;
use crate::sandbox::store::{Objects as _, Store};
use crate::sandbox::token::scope_named;

use super::application::Application;
use super::form::Form;
use super::grant::{Grant, Kind};
use super::{Answer, page, response};

/// How long a code waits to be exchanged.
const CODE_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// A request that can be put to the user.
struct Asked {
    application: &'static Application,
    redirect: Url,
    scope: Vec<String>,
}

/// Shows the page.
pub(super) fn ask(store: &Store, request: &Form) -> Answer {
    let asked = match check(request) {
        Ok(asked) => asked,
        Err(answer) => return Ok(*answer),
    };
    let mut users = Vec::new();
    store
        .read()?
        .each_in(Collection::Users, 0..=u64::MAX, |id, user: Value| {
            let text = |key| user.get(key).and_then(Value::as_str).unwrap_or_default();
            users.push((id, format!("{} ({})", text("name"), text("email"))));
        })?;
    Ok(page::consent(
        asked.application,
        request,
        &asked.scope,
        &users,
    ))
}

/// Sends the user back with a code, or with word that they said no.
pub(super) fn decide(store: &Store, request: &Form, now: Timestamp) -> Answer {
    let asked = match check(request) {
        Ok(asked) => asked,
        Err(answer) => return Ok(*answer),
    };
    let state = request.get("state");
    if request.get("decision") != Some("allow") {
        let error = [
            ("error", "access_denied"),
            ("error_description", "The user said no."),
        ];
        return Ok(back(&asked.redirect, &error, state));
    }
    let user = request.get("user").and_then(|id| id.parse().ok());
    let grant = Grant {
        kind: Kind::Code,
        client: asked.application.id.to_owned(),
        user: user.unwrap_or(OWNER),
        scope: asked.scope,
        redirect: request.get("redirect_uri").map(str::to_owned),
        challenge: request.get("code_challenge").map(str::to_owned),
        expires: now
            .checked_add(CODE_LASTS)
            .ok()
            .map(Timestamp::as_millisecond),
    };
    let code = store.write(|batch| grant.keep(batch))?;
    Ok(back(&asked.redirect, &[("code", &code)], state))
}

/// Checks a request. What is wrong with the application or the address is shown to the user:
/// nothing is sent to an address that is not the application's. The rest is sent there.
fn check(request: &Form) -> Result<Asked, Box<Response>> {
    let mistake = |words: &str| Box::new(page::mistake(words));
    let application = request
        .get("client_id")
        .and_then(Application::find)
        .ok_or_else(|| mistake("No application has this client_id."))?;
    let redirect = request
        .get("redirect_uri")
        .and_then(|redirect| application.may_return_to(redirect))
        .ok_or_else(|| mistake("The redirect_uri is not one of the application's."))?;
    let refuse = |error: &str, description: &str| {
        let pairs = [("error", error), ("error_description", description)];
        Box::new(back(&redirect, &pairs, request.get("state")))
    };
    if request.get("response_type") != Some("code") {
        return Err(refuse(
            "unsupported_response_type",
            "Only code is supported.",
        ));
    }
    match (
        request.get("code_challenge"),
        request.get("code_challenge_method"),
    ) {
        (Some(_), Some("S256")) => {}
        (Some(_), _) => {
            let words = "The code_challenge_method must be S256.";
            return Err(refuse("invalid_request", words));
        }
        (None, _) if application.is_public() => {
            let words = "A public client must send a code_challenge.";
            return Err(refuse("invalid_request", words));
        }
        (None, _) => {}
    }
    let mut scope = Vec::new();
    for word in request.get("scope").unwrap_or_default().split(' ') {
        match scope_named(word) {
            Some(name) => scope.push(name.to_owned()),
            None if word.is_empty() => {}
            None => return Err(refuse("invalid_scope", "One of the scopes is unknown.")),
        }
    }
    if scope.is_empty() {
        return Err(refuse("invalid_scope", "A scope must be named."));
    }
    Ok(Asked {
        application,
        redirect,
        scope,
    })
}

/// Sends the browser back to the application.
fn back(redirect: &Url, pairs: &[(&str, &str)], state: Option<&str>) -> Response {
    let mut url = redirect.clone();
    url.query_pairs_mut()
        .extend_pairs(pairs)
        .extend_pairs(state.map(|state| ("state", state)));
    let mut response = response(303, "text/plain", "");
    response
        .headers
        .push(("location".to_owned(), url.to_string()));
    response
}
