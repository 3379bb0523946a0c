//! Credential requests: what a person is asked to log in to or to enter, by a link.
//!
//! The link of a sandbox leads nowhere, so a credential stays pending until a test says in the
//! world itself that it is authorized (`state`, and in `remoteId` the connection or key).

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::list::{List, Order};
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, Objects, View};

use super::credentials::{self, CREDENTIALS};
use super::scope::{number, required_team, set, text};

/// How requests are listed, and one is shown.
pub(super) const LIST: List = List {
    collection: Collection::CredentialRequests,
    name: "requests",
    usual: &[
        "id",
        "organizationId",
        "teamId",
        "userId",
        "name",
        "description",
        "externalProviderId",
        "makeProviderId",
        "createdAt",
        "updatedAt",
        "expiresAt",
        "status",
        "shouldSendEmail",
        "emailSentAt",
    ],
    further: &["appNames"],
    sorts: &[
        "id",
        "name",
        "createdAt",
        "updatedAt",
        "expiresAt",
        "status",
    ],
    order: Order::Ascending,
    page: Some(100),
};

/// `GET /credential-requests/requests`
pub(super) fn list(call: &Call<'_>, view: &View<'_>) -> Answer {
    let scope = required_team(call, view)?;
    let user = call.query_number("userId")?;
    let is_wanted = |request: &Value| {
        let is = |name| {
            call.query(name)
                .is_none_or(|wanted| text(request, name) == Some(wanted))
        };
        user.is_none_or(|wanted| number(request, "userId") == Some(wanted))
            && ["makeProviderId", "status", "name"].into_iter().all(is)
    };
    LIST.answer(
        call,
        view,
        |request| scope.holds(request) && is_wanted(request),
        with_apps,
    )
}

/// `GET /credential-requests/requests/{id}`
pub(super) fn show(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (_, request) = find(call, view)?;
    reply(&json!({ "request": LIST.row(call, with_apps(request))? }))
}

/// `GET /credential-requests/requests/{id}/detail`
pub(super) fn detail(call: &Call<'_>, view: &View<'_>) -> Answer {
    let (_, request) = find(call, view)?;
    let person = |id: Option<u64>| -> Result<Value, Refusal> {
        let user = match id {
            Some(id) => view.object(Collection::Users, id)?,
            None => None,
        };
        let shown = user
            .map(|user| json!({ "id": id, "email": user.get("email"), "name": user.get("name") }));
        Ok(shown.unwrap_or_default())
    };
    let provider = text(&request, "makeProviderId").and_then(|id| id.parse().ok());
    let (user, provider) = (person(number(&request, "userId"))?, person(provider)?);
    let asked = request.get(CREDENTIALS).cloned();
    let mut shown = LIST.row(call, request)?;
    set(&mut shown, "makeProvider", provider);
    set(&mut shown, "user", user);
    set(&mut shown, "credentials", asked);
    reply(&json!({ "requestDetail": shown }))
}

/// `DELETE /credential-requests/requests/{id}`: with the connections and keys that came of it,
/// and if there are some, only with `confirmed=true`.
pub(super) fn remove(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (place, request) = find(call, batch)?;
    let id = request.get("id").cloned();
    let made = credentials::made(&request);
    if !made.is_empty() && !call.is_confirmed()? {
        let listed: Vec<Value> = made.iter().map(|(_, id)| json!({ "id": id })).collect();
        let data = json!([{ "type": "deleteCredentialRequest", "data": listed }]);
        return Err(Refusal::unconfirmed(data));
    }
    for (collection, thing) in made {
        credentials::remove_thing(call, batch, collection, thing)?;
    }
    batch.remove(Collection::CredentialRequests, place)?;
    reply(&json!({ "request": id }))
}

/// Where the request of the path is, and what is there.
fn find(call: &Call<'_>, world: &impl Objects) -> Result<(u64, Value), Refusal> {
    let id = call.segment(0);
    let mut found = None;
    world.each_in(
        Collection::CredentialRequests,
        0..=u64::MAX,
        |place, request: Value| {
            if text(&request, "id") == Some(id) {
                found = Some((place, request));
            }
        },
    )?;
    found.ok_or_else(|| Refusal::missing(format!("Credential request not found '{id}'.")))
}

/// With the apps that the credentials are for.
fn with_apps(mut request: Value) -> Value {
    let asked = request.get(CREDENTIALS).and_then(Value::as_array);
    let apps: Vec<Value> = asked
        .into_iter()
        .flatten()
        .filter_map(|credential| credential.get("appName").cloned())
        .collect();
    set(&mut request, "appNames", apps);
    request
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::live::transport::Method::{Delete, Get};
    use crate::sandbox::trial::Trial;

    const REQUESTS: &str = "/credential-requests/requests";

    #[test]
    fn a_request_for_somebody_is_made_listed_shown_and_deleted() {
        let trial = Trial::new();
        let body = json!({
            "name": "Shop", "teamId": 1, "provider": { "providerMakeUserId": 2 },
            "keys": [{
                "type": "basicauth", "appName": "http", "appVersion": "3", "description": "",
                "appModules": ["ActionSendDataBasicAuth"],
            }],
        });
        let request = trial.post(REQUESTS, body)["request"].clone();
        let id = request["id"].as_str().unwrap().to_owned();
        assert_eq!(id.len(), 32);
        assert_eq!(
            (&request["status"], &request["makeProviderId"]),
            (&json!("pending"), &json!("2"))
        );
        let path = format!("{REQUESTS}/{id}");
        assert_eq!(trial.get(&path)["request"], request);
        let some = trial.get(&format!("{path}?cols[]=name&cols[]=appNames"));
        assert_eq!(
            some["request"],
            json!({ "name": "Shop", "appNames": ["http"] })
        );
        let detail = trial.get(&format!("{path}/detail"))["requestDetail"].clone();
        assert_eq!(detail["makeProvider"]["name"], "Max Moreau");
        assert_eq!(detail["user"]["id"], 1);
        let credential = &detail["credentials"][0];
        assert_eq!(
            (
                &credential["component"],
                &credential["name"],
                &credential["state"]
            ),
            (&json!("keychain"), &json!("basicauth"), &json!("pending"))
        );
        assert_eq!(credential["requestId"], id.as_str());

        let listed = |query: &str| {
            let rows = trial.get(&format!("{REQUESTS}?teamId=1{query}"))["requests"].clone();
            rows.as_array().unwrap().len()
        };
        assert_eq!(
            listed("&status=pending&name=Shop&userId=1&makeProviderId=2"),
            1
        );
        assert_eq!(listed("&status=approved"), 0);
        assert_eq!(listed("&userId=2"), 0);
        trial.delete(&path);
        assert_eq!(listed(""), 0);
        assert!(trial.refused(Get, &path, None).starts_with("404"));
    }

    #[test]
    fn requests_belong_to_a_team_and_must_be_there() {
        let trial = Trial::new();
        assert!(trial.refused(Get, REQUESTS, None).starts_with("400"));
        let path = format!("{REQUESTS}/x");
        assert!(trial.refused(Delete, &path, None).starts_with("404"));
        let path = format!("{path}/detail");
        assert!(trial.refused(Get, &path, None).starts_with("404"));
    }
}
