//! What the authorization server must refuse.

use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::live::transport::{Method, Request, Response};
use crate::sandbox::trial::Trial;

use super::{CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, PUBLIC_CLIENT};

const REDIRECT: &str = "http://127.0.0.1:4711/callback";

/// The verifier and challenge of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn post(trial: &Trial, path: &str, fields: &[(&str, &str)]) -> Response {
    let body = Serializer::new(String::new()).extend_pairs(fields).finish();
    trial.world.answer_oauth(&Request {
        method: Method::Post,
        path: path.to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Some(body.into()),
    })
}

fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

/// A request for the user, with some of its parameters changed.
fn request<'a>(client: &'a str, changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("client_id", client),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "scenarios:read teams:read"),
        ("state", "s&t<"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("decision", "allow"),
        ("user", "2"),
    ];
    for (name, value) in changed {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

/// Where a decision leads, by its parameters.
fn back(response: &Response) -> Vec<(String, String)> {
    assert_eq!(response.status, 303);
    let url: Url = response.header("location").unwrap().parse().unwrap();
    assert!(url.as_str().starts_with(REDIRECT), "{url}");
    url.query_pairs().into_owned().collect()
}

fn code(trial: &Trial, client: &str, changed: &[(&str, &str)]) -> String {
    let sent = post(trial, "/oauth/v2/authorize", &request(client, changed));
    let pairs = back(&sent);
    assert_eq!(pairs[1], ("state".to_owned(), "s&t<".to_owned()));
    assert_eq!(pairs[0].0, "code");
    pairs[0].1.clone()
}

fn exchange(trial: &Trial, code: &str, changed: &[(&str, &str)]) -> (u16, Value) {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("client_id", PUBLIC_CLIENT),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("code", code),
    ];
    for (name, value) in changed {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    let answer = post(trial, "/oauth/v2/token", &fields);
    (answer.status, json(&answer))
}

#[test]
fn a_code_is_good_once_for_who_asked_and_who_can_prove_it() {
    let trial = Trial::new();
    for (changed, status, error) in [
        (("code_verifier", "too-short"), 400, "invalid_grant"),
        (("code_verifier", ""), 400, "invalid_grant"),
        (
            ("redirect_uri", "http://127.0.0.1:4712/callback"),
            400,
            "invalid_grant",
        ),
        (("client_id", CONFIDENTIAL_CLIENT), 401, "invalid_client"),
        (("client_id", "stranger"), 401, "invalid_client"),
        (("client_secret", "x"), 401, "invalid_client"),
        (("grant_type", "password"), 400, "unsupported_grant_type"),
        (("code", ""), 400, "invalid_request"),
    ] {
        let code = code(&trial, PUBLIC_CLIENT, &[]);
        let (answered, body) = exchange(&trial, &code, &[changed]);
        assert_eq!(
            (answered, body["error"].as_str().unwrap()),
            (status, error),
            "{changed:?}"
        );
        if error == "invalid_grant" {
            assert_eq!(
                exchange(&trial, &code, &[]).0,
                400,
                "it is used up: {changed:?}"
            );
        }
    }
    let code = code(&trial, PUBLIC_CLIENT, &[]);
    let (status, tokens) = exchange(&trial, &code, &[]);
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], "scenarios:read teams:read");
    assert_eq!(tokens["refresh_token"], Value::Null);
    assert_eq!(exchange(&trial, &code, &[]).0, 400);

    // The token is its user's, for its scopes.
    let header = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let (_, me) = trial.ask_as(&header, Method::Get, "/users/me", None);
    assert_eq!(me["authUser"]["name"], "Max Moreau");
    assert_eq!(trial.ask_as(&header, Method::Get, "/hooks", None).0, 403);
}

#[test]
fn refresh_tokens_rotate_and_are_their_client_s() {
    let trial = Trial::new();
    let code = code(&trial, CONFIDENTIAL_CLIENT, &[]);
    let own = [
        ("client_id", CONFIDENTIAL_CLIENT),
        ("client_secret", CONFIDENTIAL_SECRET),
    ];
    let (status, first) = exchange(&trial, &code, &own);
    assert_eq!(status, 200, "{first}");
    let refresh = |token: &Value, client: &[(&str, &str)]| {
        let token = token["refresh_token"].as_str().unwrap();
        let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        fields.extend(client);
        let answer = post(&trial, "/oauth/v2/token", &fields);
        (answer.status, json(&answer))
    };
    let (status, second) = refresh(&first, &own);
    assert_eq!(status, 200, "{second}");
    assert_ne!(first["access_token"], second["access_token"]);
    assert_eq!(refresh(&first, &own).1["error"], "invalid_grant");
    assert_eq!(refresh(&second, &[own[0]]).1["error"], "invalid_client");
    let (status, third) = refresh(&second, &own);
    assert_eq!(status, 200, "{third}");

    // Taken back, and unknown tokens are no error.
    for token in [
        &third["refresh_token"],
        &third["access_token"],
        &Value::from("x"),
    ] {
        let mut fields = vec![("token", token.as_str().unwrap())];
        fields.extend(own);
        assert_eq!(post(&trial, "/oauth/v2/revoke", &fields).status, 200);
    }
    assert_eq!(refresh(&third, &own).1["error"], "invalid_grant");
    assert_eq!(
        post(&trial, "/oauth/v2/revoke", &[("token", "x")]).status,
        401
    );
    assert_eq!(post(&trial, "/oauth/revoke", &[]).status, 405);
    assert_eq!(post(&trial, "/oauth/else", &[]).status, 404);
}

#[test]
fn nothing_is_sent_to_an_address_that_is_not_the_application_s() {
    let trial = Trial::new();
    for changed in [
        ("client_id", "stranger"),
        ("redirect_uri", "https://evil.example/callback"),
        ("redirect_uri", "http://127.0.0.1.evil.example/"),
        ("redirect_uri", "http://evil.example@10.0.0.1/"),
        ("redirect_uri", "nothing"),
        ("redirect_uri", ""),
    ] {
        let sent = post(
            &trial,
            "/oauth/v2/authorize",
            &request(PUBLIC_CLIENT, &[changed]),
        );
        assert_eq!(sent.status, 400, "{changed:?}");
        assert_eq!(sent.header("location"), None);
    }
    for (changed, error) in [
        (("decision", "deny"), "access_denied"),
        (("decision", ""), "access_denied"),
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("scope", "everything:always"), "invalid_scope"),
        (("scope", ""), "invalid_scope"),
    ] {
        let sent = post(
            &trial,
            "/oauth/v2/authorize",
            &request(PUBLIC_CLIENT, &[changed]),
        );
        let pairs = back(&sent);
        assert_eq!(
            pairs[0],
            ("error".to_owned(), error.to_owned()),
            "{changed:?}"
        );
    }
}

#[test]
fn what_stands_on_the_page_is_text() {
    let trial = Trial::new();
    let pairs = request(PUBLIC_CLIENT, &[("state", "\"><script>alert(1)</script>")]);
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let page = trial.world.answer_oauth(&Request {
        method: Method::Get,
        path: "/oauth/authorize".to_owned(),
        query: pairs.into_iter().map(own).collect(),
        headers: Vec::new(),
        body: None,
    });
    let html = String::from_utf8_lossy(&page.body);
    assert!(!html.contains("<script"), "{html}");
    assert!(html.contains("&quot;&gt;&lt;script&gt;"), "{html}");
    assert!(html.contains("Olivia Owen (olivia@acme.example)"), "{html}");
}
