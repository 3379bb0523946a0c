//! The authorization server: OAuth 2.0 as Make documents it, over the same world.
//!
//! Both forms are served: `/oauth/v2/{authorize,token,revoke}` of the zones, and
//! `/oauth/{authorize,token}` of the unified dialect. The access tokens open the world's API.
//! Whoever is at the browser is taken for whomever they choose on the page: a sandbox has no
//! passwords. What is not emulated: OpenID Connect (no id token, no user info).

mod application;
mod authorize;
mod form;
mod grant;
mod page;
#[cfg(test)]
mod tests;
mod token;

use crate::live::transport::{Method, Request, Response};
use bytes::Bytes;

use super::clock;
use super::dialect::Dialect;
use super::error::WorldError;
use super::quirk::Quirks;
use super::routes::Refusal;
use super::store::Store;
use form::Form;

pub use application::{CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, PUBLIC_CLIENT};

/// Where the authorization server begins, beside the API.
pub(super) const BASE: &str = "/oauth/";

/// The two forms of the same server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edition {
    /// `/oauth/v2/..`, as the zones have it.
    Zone,
    /// `/oauth/..`, as the unified dialect has it.
    Unified,
}

/// What an answer is made of.
type Answer = Result<Response, WorldError>;

/// Answers one request, blocking on the disk. Its path begins with [`BASE`].
pub(super) fn answer(store: &Store, request: &Request) -> Response {
    let (edition, page) = match request.path.strip_prefix("/oauth/v2/") {
        Some(page) => (Edition::Zone, page),
        None => {
            let page = request.path.strip_prefix(BASE).unwrap_or_default();
            (Edition::Unified, page)
        }
    };
    let form = || Form::parse(request.body.as_deref().unwrap_or_default());
    let query = || Form::from_pairs(&request.query);
    let known = ["authorize", "token", "revoke"].contains(&page);
    if known {
        store
            .counts
            .add(&format!("{} {}", request.method, request.path));
    }
    let now = || store.read().and_then(|view| clock::now(&view));
    let answer = now().and_then(|now| match (request.method, page) {
        (Method::Get, "authorize") => authorize::ask(store, &query()),
        (Method::Post, "authorize") => authorize::decide(store, &form(), now),
        (Method::Post, "token") => token::exchange(store, &form(), edition, now),
        (Method::Post, "revoke") if edition == Edition::Zone => token::revoke(store, &form()),
        _ if known => Ok(Refusal::wrong_method().into_response(Dialect::Zone, &Quirks::default())),
        _ => Ok(Refusal::missing("The path does not exist.")
            .into_response(Dialect::Zone, &Quirks::default())),
    });
    answer.unwrap_or_else(|error| {
        Refusal::from(error).into_response(Dialect::Zone, &Quirks::default())
    })
}

/// An answer with a body; nothing of this server may be kept by a cache.
fn response(status: u16, kind: &str, body: impl Into<Bytes>) -> Response {
    let headers = [
        ("content-type", kind),
        ("cache-control", "no-store"),
        ("pragma", "no-cache"),
    ];
    Response {
        status,
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        body: body.into(),
    }
}
