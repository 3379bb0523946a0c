//! How credential requests are made: for somebody or for the caller, by the types of what is
//! wanted or by the modules that want it.

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::sandbox::beginning::ZONE;
use crate::sandbox::collection::Collection;
use crate::sandbox::routes::body::{Body, absent, wrong};
use crate::sandbox::routes::call::{Call, stamp};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects};

use super::connection_data::{holds_scopes, names};
use super::credential_requests::LIST;
use super::credentials::{self, Asked, CREDENTIALS};
use super::scope::{check_team, existing, number, organization_of, text};

/// The longest name. Make does not state it.
const LONGEST_NAME: usize = 255;

/// What a request is called that nobody named.
const NAME: &str = "Request for credentials";

/// How long a request can be answered.
const LIFE: SignedDuration = SignedDuration::from_hours(31 * 24);

/// `POST /credential-requests/requests`: connections and keys by their types. The second version
/// of the call derives them from apps and modules, as [`create_action`] does, and asks somebody
/// else, as this one does.
pub(super) fn create(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call.body()?.only(&[
        "name",
        "teamId",
        "description",
        "connections",
        "keys",
        "credentials",
        "provider",
    ])?;
    let provider = body.get("provider").ok_or_else(|| absent("provider"))?;
    let provider = provider
        .as_object()
        .ok_or_else(|| wrong("provider", "object"))?;
    let name = body.required_text("name", LONGEST_NAME)?.to_owned();
    let user = provider_user(batch, provider)?;
    let request = add(call, batch, &body, &name, user)?;
    reply(&json!({ "request": LIST.row(call, request)? }))
}

/// `POST /credential-requests/actions/create`: for the caller, by apps and modules.
pub(super) fn create_action(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call
        .body()?
        .only(&["name", "description", "teamId", "credentials"])?;
    let request = add_own(call, batch, &body)?;
    let uri = public_uri(&request);
    reply(&json!({ "request": LIST.row(call, request)?, "publicUri": uri }))
}

/// `POST /credential-requests/actions/create-by-credentials`: for the caller, by types.
pub(super) fn create_by_credentials(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call
        .body()?
        .only(&["name", "description", "teamId", "connections", "keys"])?;
    let request = add_own(call, batch, &body)?;
    let (uri, credentials) = (public_uri(&request), request.get(CREDENTIALS).cloned());
    reply(&json!({
        "request": LIST.row(call, request)?, "credentials": credentials, "publicUri": uri,
    }))
}

/// `POST /credential-requests/actions/extend`: more scopes for a connection that is there.
pub(super) fn extend(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let body = call.body()?.only(&["connectionId", "scopes"])?;
    let id = body.required_id("connectionId")?;
    let connection = existing(batch, Collection::Connections, id, "Connection")?;
    let scopes = body.get("scopes").and_then(names).unwrap_or_default();
    if scopes.is_empty() {
        return Err(wrong("scopes", "array of strings, at least one"));
    }
    if holds_scopes(&connection, &scopes) {
        return Err(Refusal::invalid("The connection has all of these scopes."));
    }
    let kind = text(&connection, "accountName").unwrap_or_default();
    let mut asked = Asked::connection(kind);
    asked.scopes = scopes.into_iter().map(str::to_owned).collect();
    asked.remote = Some(id);
    let team = number(&connection, "teamId").unwrap_or_default();
    let name = format!(
        "More scopes for {}",
        text(&connection, "name").unwrap_or(kind)
    );
    let wanted = Wanted {
        team,
        name: &name,
        description: None,
        provider: call.user(),
        asked: vec![asked],
    };
    let request = wanted.keep(call, batch)?;
    let uri = public_uri(&request);
    reply(&json!({ "request": LIST.row(call, request)?, "publicUri": uri }))
}

/// A request that the caller makes for themselves.
fn add_own(call: &Call<'_>, batch: &mut Batch<'_>, body: &Body) -> Result<Value, Refusal> {
    let name = match body.get("name") {
        None => NAME,
        Some(_) => body.required_text("name", LONGEST_NAME)?,
    };
    add(call, batch, body, name, call.user())
}

fn add(
    call: &Call<'_>,
    batch: &mut Batch<'_>,
    body: &Body,
    name: &str,
    provider: u64,
) -> Result<Value, Refusal> {
    let team = body.required_id("teamId")?;
    check_team(batch, team)?;
    let wanted = Wanted {
        team,
        name,
        description: body.text("description", usize::MAX)?,
        provider,
        asked: asked(body)?,
    };
    wanted.keep(call, batch)
}

/// What is asked for, from every list that a body can have.
fn asked(body: &Body) -> Result<Vec<Asked>, Refusal> {
    let mut asked = Vec::new();
    for name in ["connections", "keys", "credentials"] {
        let Some(items) = body.get(name) else {
            continue;
        };
        let items = items.as_array().ok_or_else(|| wrong(name, "array"))?;
        for item in items {
            asked.extend(Asked::read(name, item)?);
        }
    }
    match asked.is_empty() {
        false => Ok(asked),
        true => Err(Refusal::invalid(
            "a request should have at least one connection or key",
        )),
    }
}

/// Who is asked. Make also takes somebody to invite, by e-mail; here only who is there already.
fn provider_user(world: &impl Objects, provider: &Map<String, Value>) -> Result<u64, Refusal> {
    let id = provider.get("providerMakeUserId").and_then(Value::as_u64);
    let id = id.ok_or_else(|| wrong("provider.providerMakeUserId", "integer"))?;
    existing(world, Collection::Users, id, "User")?;
    Ok(id)
}

/// A request that is about to be made.
struct Wanted<'w> {
    team: u64,
    name: &'w str,
    description: Option<&'w str>,
    /// The user who is asked.
    provider: u64,
    asked: Vec<Asked>,
}

impl Wanted<'_> {
    fn keep(&self, call: &Call<'_>, batch: &mut Batch<'_>) -> Result<Value, Refusal> {
        let place = batch.next_id(Collection::CredentialRequests)?;
        let id = credentials::written_id("request", place, 32);
        let now = call.stamp();
        let expires = call.now.checked_add(LIFE).unwrap_or(call.now);
        let each = self.asked.iter().zip(0_u64..);
        let credentials: Vec<Value> = each
            .map(|(asked, number)| asked.credential(&id, place, number, &now))
            .collect();
        let request = json!({
            "id": id, "organizationId": organization_of(batch, self.team)?, "teamId": self.team, "userId": call.user(),
            "name": self.name, "description": self.description, "externalProviderId": null,
            "makeProviderId": self.provider.to_string(), "createdAt": now, "updatedAt": now,
            "expiresAt": stamp(expires), "status": "pending",
            "shouldSendEmail": self.provider != call.user(), "emailSentAt": null,
            CREDENTIALS: credentials,
        });
        batch.put(Collection::CredentialRequests, place, &request)?;
        Ok(request)
    }
}

/// Where somebody answers the request; in a sandbox, nowhere.
fn public_uri(request: &Value) -> String {
    let id = text(request, "id").unwrap_or_default();
    format!("https://{ZONE}/credential-requests/{id}/authorize")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::live::transport::Method::Post;
    use crate::sandbox::trial::Trial;

    const REQUESTS: &str = "/credential-requests/requests";

    #[test]
    fn a_request_for_oneself_is_by_apps_or_by_types() {
        let trial = Trial::new();
        let actions = "/credential-requests/actions";
        let body = json!({
            "teamId": 1, "credentials": [{ "appName": "google-sheets", "appModules": ["*"] }],
        });
        let made = trial.post(&format!("{actions}/create"), body);
        let id = made["request"]["id"].as_str().unwrap();
        assert!(made["publicUri"].as_str().unwrap().contains(id));
        assert_eq!(made["request"]["name"], "Request for credentials");
        let detail = trial.get(&format!("{REQUESTS}/{id}/detail"));
        assert_eq!(detail["requestDetail"]["credentials"][0]["name"], "google");

        let body = json!({
            "teamId": 1, "name": "Both", "keys": [{ "type": "apikeyauth", "prefill": {
                "hard": { "key": "s3cret" },
            } }],
            "connections": [{ "type": "google", "scope": ["drive"], "nameOverride": "Mine" }],
        });
        let made = trial.post(&format!("{actions}/create-by-credentials"), body);
        let credentials = made["credentials"].as_array().unwrap();
        let components: Vec<&Value> = credentials.iter().map(|one| &one["component"]).collect();
        assert_eq!(components, ["account", "keychain"]);
        assert_eq!(credentials[0]["nameOverride"], "Mine");
        assert_eq!(credentials[0]["scope"], json!(["drive"]));
        let all = trial.get(&format!(
            "{REQUESTS}/{}/detail",
            made["request"]["id"].as_str().unwrap()
        ));
        assert!(!all.to_string().contains("s3cret"));
    }

    #[test]
    fn a_connection_is_asked_for_scopes_that_it_lacks() {
        let trial = Trial::new();
        let path = "/credential-requests/actions/extend";
        let body = json!({ "connectionId": 303, "scopes": ["new"] });
        let made = trial.post(path, body);
        let id = made["request"]["id"].as_str().unwrap();
        let detail = trial.get(&format!("{REQUESTS}/{id}/detail"));
        let credential = &detail["requestDetail"]["credentials"][0];
        assert_eq!(
            (&credential["scope"], &credential["name"]),
            (&json!(["new"]), &json!("google"))
        );
        // The connection was there before and is not the request's to delete.
        trial.delete(&format!("{REQUESTS}/{id}"));
        assert_eq!(trial.get("/connections/303")["connection"]["id"], 303);
        let refused = |body: Value| trial.refused(Post, path, Some(body));
        let known = "https://www.googleapis.com/auth/drive";
        assert!(refused(json!({ "connectionId": 303, "scopes": [known] })).starts_with("400"));
        assert!(refused(json!({ "connectionId": 303, "scopes": [] })).starts_with("400"));
        assert!(refused(json!({ "connectionId": 9, "scopes": ["a"] })).starts_with("404"));
    }

    #[test]
    fn what_no_request_can_be_is_refused() {
        let trial = Trial::new();
        let post = |body: Value| trial.refused(Post, REQUESTS, Some(body));
        let whole = json!({
            "name": "x", "teamId": 1, "provider": { "providerMakeUserId": 2 },
            "connections": [{ "type": "google" }],
        });
        let without = |field: &str| {
            let mut body = whole.clone();
            body.as_object_mut().unwrap().remove(field);
            post(body)
        };
        for field in ["name", "teamId", "provider", "connections"] {
            assert!(without(field).starts_with("400"), "{field}");
        }
        let with = |field: &str, value: Value| {
            let mut body = whole.clone();
            body[field] = value;
            post(body)
        };
        assert!(with("teamId", json!(9)).starts_with("403"));
        assert!(with("provider", json!({ "providerMakeUserId": 9 })).starts_with("404"));
        assert!(with("connections", json!([{ "name": "google" }])).starts_with("400"));
        assert!(with("keys", json!("x")).starts_with("400"));
        assert!(with("credentials", json!([{ "appName": "slack" }])).starts_with("400"));
    }
}
