//! The caller's own tokens, and what the one that was shown allows.

use serde_json::{Value, json};
use url::form_urlencoded;

use crate::sandbox::routes::body::{absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, View};
use crate::sandbox::token::{self, Grant, NewToken, TokenKind};

/// `GET /users/me/current-authorization`
pub(super) fn authorization(call: &Call<'_>, _: &View<'_>) -> Answer {
    let grant = call.grant.as_ref();
    let used = match grant {
        Some(grant) if grant.is_oauth => "oauth",
        _ => "token",
    };
    let scope = grant.map(Grant::scopes).unwrap_or_default();
    reply(&json!({ "authorization": { "authUsed": used, "scope": scope } }))
}

/// `GET /enums/user-api-tokes-scopes`
pub(super) fn scopes(_: &Call<'_>, _: &View<'_>) -> Answer {
    let rows = token::SCOPES.iter().map(|name| json!({ "name": name }));
    reply(&json!({ "userApiTokenScopes": rows.collect::<Vec<Value>>() }))
}

/// `GET /users/me/api-tokens`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    reply(&json!({ "apiTokens": token::listed(view, call.user())? }))
}

/// `POST /users/me/api-tokens`: the only answer that holds the token.
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call.body()?.only(&["label", "scope"])?;
    let scope = match body.get("scope") {
        None => return Err(absent("scope")),
        Some(Value::Array(names)) => names.iter().map(known_scope).collect::<Result<_, _>>()?,
        Some(_) => return Err(wrong("scope", "array")),
    };
    let new = NewToken {
        value: token::invent(),
        kind: TokenKind::Api,
        scope,
        user: call.user(),
        label: body.required_text("label", 255)?.to_owned(),
        created: call.now,
        expires: None,
    };
    token::issue(batch, &new)?;
    reply(&json!({ "apiToken": {
        "token": new.value, "scope": new.scope, "created": call.stamp(), "label": new.label,
    } }))
}

/// `DELETE /users/me/api-tokens/{created}`. What it answers is not documented.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    // A time has colons, which a client may percent-encode.
    let encoded = call.segment(0).replace('+', "%2B");
    let created = form_urlencoded::parse(encoded.as_bytes())
        .next()
        .map(|(text, _)| text.into_owned())
        .unwrap_or_default();
    match token::revoke(batch, call.user(), &created)? {
        true => reply(&json!({ "ok": true })),
        false => Err(Refusal::missing(format!(
            "There is no API token of {created}."
        ))),
    }
}

fn known_scope(name: &Value) -> Result<String, Refusal> {
    let known = name.as_str().and_then(token::scope_named);
    known
        .map(str::to_owned)
        .ok_or_else(|| Refusal::invalid(format!("unknown scope {name}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::live::transport::Method::{Delete, Get, Post};
    use crate::sandbox::Collection;
    use crate::sandbox::TOKEN;
    use crate::sandbox::trial::Trial;

    #[test]
    fn a_token_opens_what_its_scopes_say_and_nothing_after_it_is_removed() {
        let trial = Trial::new();
        let made = trial.post(
            "/users/me/api-tokens",
            json!({ "label": "CI", "scope": ["hooks:read", "function:read"] }),
        );
        let made = made["apiToken"].clone();
        let value = made["token"].as_str().unwrap().to_owned();
        assert_eq!(made["scope"], json!(["hooks:read", "functions:read"]));
        assert_eq!(value.len(), 36);
        assert_eq!(value.as_bytes()[14], b'4', "{value} is a UUID of version 4");

        for scheme in ["Token", "Bearer"] {
            let shown = format!("{scheme} {value}");
            let (status, hooks) = trial.ask_as(&shown, Get, "/hooks?teamId=1", None);
            assert_eq!((status, hooks), (200, json!({ "hooks": [] })));
            let (status, refused) = trial.ask_as(&shown, Post, "/hooks", Some(json!({})));
            assert_eq!((status, &refused["code"]), (403, &json!("SC403")));
            assert_eq!(refused["message"], "Permission denied");
            assert_eq!(
                refused["detail"],
                "The token lacks the scope 'hooks:write'."
            );
        }
        let shown = format!("Token {value}");
        let (_, own) = trial.ask_as(&shown, Get, "/users/me/current-authorization", None);
        let scope = json!(["hooks:read", "functions:read"]);
        assert_eq!(
            own["authorization"],
            json!({ "authUsed": "token", "scope": scope })
        );

        let listed = trial.get("/users/me/api-tokens")["apiTokens"].clone();
        assert_eq!(listed[0]["label"], "Sandbox");
        assert_eq!(listed[1]["created"], made["created"]);
        assert!(!listed.to_string().contains(&value), "{listed}");
        assert!(
            listed[1]["token"]
                .as_str()
                .unwrap()
                .starts_with(value.split('-').next().unwrap())
        );
        let created = made["created"].as_str().unwrap().replace(':', "%3A");
        trial.delete(&format!("/users/me/api-tokens/{created}"));
        let (status, refused) = trial.ask_as(&shown, Get, "/hooks?teamId=1", None);
        assert_eq!((status, &refused["code"]), (401, &json!("IM015")));
        let again = trial.refused(Delete, &format!("/users/me/api-tokens/{created}"), None);
        assert!(again.starts_with("404"), "{again}");
    }

    #[test]
    fn scopes_are_listed_and_others_refused() {
        let trial = Trial::new();
        let known = trial.get("/enums/user-api-tokes-scopes")["userApiTokenScopes"].clone();
        assert!(
            known
                .as_array()
                .unwrap()
                .contains(&json!({ "name": "hooks:write" }))
        );
        let body = json!({ "label": "x", "scope": ["hook:write"] });
        let refused = trial.refused(Post, "/users/me/api-tokens", Some(body));
        assert_eq!(refused, r#"400 SC400 unknown scope "hook:write""#);
    }

    #[test]
    fn the_well_known_token_opens_worlds_that_were_made_before_it() {
        let trial = Trial::new();
        let kept = |batch: &mut crate::sandbox::Batch<'_>| {
            let mut ids = Vec::new();
            batch.each(Collection::Tokens, |id, kept| {
                assert!(!kept.to_string().contains(TOKEN));
                ids.push(id);
            })?;
            Ok(ids)
        };
        let ids = trial.world.batch(kept).unwrap();
        assert_eq!(ids.len(), 1);
        trial
            .world
            .batch(|batch| batch.remove(Collection::Tokens, ids[0]))
            .unwrap();
        assert_eq!(trial.get("/users/me")["authUser"]["id"], 1);
    }
}
