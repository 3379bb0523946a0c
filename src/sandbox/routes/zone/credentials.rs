//! The credentials of a request: each a connection or a key that somebody is to provide.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::body::{absent, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::seed::logins;
use crate::sandbox::store::{Batch, Objects, View};

use super::connection_data::{is_oauth, label, names};
use super::scope::{number, set, text};
use super::uses::Uses;

/// Where a request keeps its credentials; lists and single requests do not show them.
pub(super) const CREDENTIALS: &str = "credentials";

const CONNECTION: &str = "account";
const KEY: &str = "keychain";

/// What a request asks for.
pub(super) struct Asked {
    component: &'static str,
    /// The type of the connection or key.
    kind: String,
    description: String,
    name_override: Option<String>,
    app: Option<String>,
    app_version: Option<String>,
    modules: Vec<String>,
    pub(super) scopes: Vec<String>,
    /// The connection that is to get more scopes.
    pub(super) remote: Option<u64>,
}

impl Asked {
    /// A connection of a type.
    pub(super) fn connection(kind: &str) -> Self {
        Self::new(CONNECTION, kind)
    }

    fn new(component: &'static str, kind: &str) -> Self {
        Self {
            component,
            kind: kind.to_owned(),
            description: String::new(),
            name_override: None,
            app: None,
            app_version: None,
            modules: Vec::new(),
            scopes: Vec::new(),
            remote: None,
        }
    }

    /// Reads an item of one of the three lists of a body. What is prefilled is not kept.
    pub(super) fn read(list: &str, item: &Value) -> Result<Vec<Self>, Refusal> {
        let required = |name: &str| text(item, name).ok_or_else(|| absent(name));
        let modules = strings(item, "appModules")?;
        let mut asked = match list {
            "connections" => vec![Self::new(CONNECTION, required("type")?)],
            "keys" => vec![Self::new(KEY, required("type")?)],
            _ => of_app(required("appName")?, &modules, item)?,
        };
        for one in &mut asked {
            one.scopes = strings(item, "scope")?;
            one.description = text(item, "description").unwrap_or_default().to_owned();
            one.name_override = text(item, "nameOverride").map(str::to_owned);
            one.app = text(item, "appName").map(str::to_owned);
            let version = item.get("appVersion");
            let number = || version.and_then(Value::as_u64);
            one.app_version = text(item, "appVersion")
                .map(str::to_owned)
                .or_else(|| number().map(|number| number.to_string()));
            one.modules.clone_from(&modules);
        }
        Ok(asked)
    }

    /// As a credential of a request that is kept at `place`.
    pub(super) fn credential(&self, request: &str, place: u64, number: u64, now: &str) -> Value {
        let mechanism = match (self.component, is_oauth(&self.kind)) {
            (KEY, _) => "key",
            (_, true) => "oauth",
            (_, false) => "basic",
        };
        let mut credential = json!({
            "id": written_id("credential", Collection::pair(place, number), 24),
            "requestId": request, "component": self.component, "type": mechanism,
            "name": self.kind, "label": label(&self.kind), "description": self.description,
            "scope": self.scopes, "remoteId": null, "remoteScope": [], "tokenId": null,
            "createdAt": now, "updatedAt": now, "state": "pending", "declineReason": null,
            "appModules": self.modules,
        });
        let further = [
            ("appName", &self.app),
            ("appVersion", &self.app_version),
            ("nameOverride", &self.name_override),
        ];
        for (field, value) in further {
            if let Some(value) = value {
                set(&mut credential, field, value.as_str());
            }
        }
        if let Some(connection) = self.remote {
            set(&mut credential, EXTENDS, connection);
        }
        credential
    }
}

/// Where a credential says that it is more scopes for a connection that was there before.
const EXTENDS: &str = "extendsConnectionId";

/// What the chosen modules of an app need. Make knows every app; the sandbox some. For another
/// it asks for a connection of the app's name.
fn of_app(app: &str, modules: &[String], item: &Value) -> Result<Vec<Asked>, Refusal> {
    if modules.is_empty() && strings(item, "appEndpoints")?.is_empty() {
        return Err(absent("appModules"));
    }
    let is_chosen = |module: &str| {
        modules.is_empty()
            || modules
                .iter()
                .any(|chosen| chosen == "*" || chosen == module)
    };
    let mut kinds: Vec<(&'static str, String)> = Vec::new();
    for login in logins(app) {
        let (component, types) = login.tag.split_once(':').unwrap_or_default();
        let component = if component == KEY { KEY } else { CONNECTION };
        let kind = types.split(',').next().unwrap_or_default().to_owned();
        if is_chosen(login.module) && !kinds.contains(&(component, kind.clone())) {
            kinds.push((component, kind));
        }
    }
    if kinds.is_empty() {
        kinds.push((CONNECTION, app.to_owned()));
    }
    let each = kinds.iter();
    Ok(each
        .map(|(component, kind)| Asked::new(component, kind))
        .collect())
}

fn strings(item: &Value, field: &str) -> Result<Vec<String>, Refusal> {
    let Some(value) = item.get(field) else {
        return Ok(Vec::new());
    };
    let names = names(value).ok_or_else(|| wrong(field, "array of strings"))?;
    Ok(names.into_iter().map(str::to_owned).collect())
}

/// `POST /credential-requests/credentials/{id}/decline`
pub(super) fn decline(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let reason = match call.has_body() {
        true => call.body()?.only(&["reason"])?.get("reason").cloned(),
        false => None,
    };
    if reason.as_ref().is_some_and(|reason| !reason.is_string()) {
        return Err(wrong("reason", "string"));
    }
    change(call, batch, |credential| {
        set(credential, "state", "declined");
        set(credential, "declineReason", reason);
    })
}

/// `POST /credential-requests/credentials/{id}/delete-remote`: what was provided goes, and is
/// asked for again.
pub(super) fn delete_remote(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let (_, request, index) = find(call, batch)?;
    let credential = request.get(CREDENTIALS).and_then(|all| all.get(index));
    if let Some((collection, id)) = credential.and_then(thing) {
        remove_thing(call, batch, collection, id)?;
    }
    change(call, batch, |credential| {
        set(credential, "state", "pending");
        set(credential, "remoteId", Value::Null);
        set(credential, "remoteScope", json!([]));
        set(credential, "declineReason", Value::Null);
    })
}

/// `GET /credential-requests/apps/{name}/{version}/modules-with-credentials`
pub(super) fn of_modules(call: &Call<'_>, _: &View<'_>) -> Answer {
    let app = call.text_segment(0)?;
    let version = call.segment(1);
    if version != "latest" && version.parse::<u64>().is_err() {
        return Err(Refusal::invalid("version should be integer or 'latest'"));
    }
    let found = logins(&app);
    if found.is_empty() {
        return Err(Refusal::missing(format!("App not found '{app}'.")));
    }
    let modules: Vec<Value> = found
        .iter()
        .map(|login| {
            let several = found
                .iter()
                .filter(|one| one.module == login.module)
                .count()
                > 1;
            let id = match several {
                true => format!("{}:{}", login.module, login.field),
                false => login.module.to_owned(),
            };
            let mut shown = json!({
                "id": id, "name": login.module, "label": words(login.module),
                "type": login.tag, "hook": login.is_instant,
            });
            if login.tag.starts_with(CONNECTION) {
                set(&mut shown, "scope", json!([]));
            }
            shown
        })
        .collect();
    reply(&json!({ "appModules": modules }))
}

/// The name of a module in words: `ActionSendEmail` is "Action Send Email".
fn words(name: &str) -> String {
    let mut words = String::new();
    for (index, letter) in name.char_indices() {
        if index == 0 {
            words.extend(letter.to_uppercase());
        } else {
            if letter.is_uppercase() && !words.ends_with(char::is_uppercase) {
                words.push(' ');
            }
            words.push(letter);
        }
    }
    words
}

/// The connections and keys that came of a request.
pub(super) fn made(request: &Value) -> Vec<(Collection, u64)> {
    let all = request.get(CREDENTIALS).and_then(Value::as_array);
    all.into_iter().flatten().filter_map(thing).collect()
}

/// What somebody provided for a credential; a connection that was there before is not that.
fn thing(credential: &Value) -> Option<(Collection, u64)> {
    let remote = credential.get("remoteId")?;
    let id = remote.as_u64().or_else(|| remote.as_str()?.parse().ok())?;
    let collection = match text(credential, "component") {
        Some(KEY) => Collection::Keys,
        _ => Collection::Connections,
    };
    (number(credential, EXTENDS) != Some(id)).then_some((collection, id))
}

/// Deletes a connection or key, as far as it is still there.
pub(super) fn remove_thing(
    call: &Call<'_>,
    batch: &mut Batch<'_>,
    collection: Collection,
    id: u64,
) -> Result<(), Refusal> {
    Uses::of(batch, collection, id)?.let_go(call, batch)?;
    batch.remove(collection, id)?;
    Ok(())
}

/// The request of the credential of the path, and which of its credentials that is.
fn find(call: &Call<'_>, world: &impl Objects) -> Result<(u64, Value, usize), Refusal> {
    let id = call.segment(0);
    let mut found = None;
    let search = |place, request: Value| {
        let all = request.get(CREDENTIALS).and_then(Value::as_array);
        let index = all.and_then(|all| all.iter().position(|one| text(one, "id") == Some(id)));
        if let Some(index) = index {
            found = Some((place, request, index));
        }
    };
    world.each_in(Collection::CredentialRequests, 0..=u64::MAX, search)?;
    found.ok_or_else(|| Refusal::missing(format!("Credential not found '{id}'.")))
}

fn change(call: &Call<'_>, batch: &mut Batch<'_>, change: impl FnOnce(&mut Value)) -> Answer {
    let (place, mut request, index) = find(call, batch)?;
    let credential = request.get_mut(CREDENTIALS);
    let Some(credential) = credential.and_then(|all| all.get_mut(index)) else {
        return Err(Refusal::missing("Credential not found."));
    };
    change(credential);
    set(credential, "updatedAt", call.stamp());
    let shown = credential.clone();
    batch.put(Collection::CredentialRequests, place, &request)?;
    reply(&json!({ "credential": shown }))
}

/// An id as these things have it: hexadecimal, and the same in every world.
pub(super) fn written_id(sort: &str, number: u64, length: usize) -> String {
    let digest = Sha256::digest(format!("{sort} {number}"));
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.chars().take(length).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::words;
    use crate::live::transport::Method::{Delete, Get, Post};
    use crate::sandbox::collection::Collection;
    use crate::sandbox::trial::Trial;

    /// A request for a connection that was authorized: connection 302.
    fn authorized(trial: &Trial) -> (String, String) {
        let body = json!({ "teamId": 1, "connections": [{ "type": "hubspotcrm" }] });
        let made = trial.post("/credential-requests/actions/create-by-credentials", body);
        let set = trial.world.batch(|batch| {
            let mut all = Vec::new();
            batch.each(Collection::CredentialRequests, |place, row| {
                all.push((place, row));
            })?;
            let (place, mut row) = all.remove(0);
            row["credentials"][0]["state"] = json!("authorized");
            row["credentials"][0]["remoteId"] = json!("302");
            batch.put(Collection::CredentialRequests, place, &row)
        });
        assert!(set.is_ok());
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        (id(&made["request"]), id(&made["credentials"][0]))
    }

    #[test]
    fn a_credential_is_declined_and_asked_for_again() {
        let trial = Trial::new();
        let (_, id) = authorized(&trial);
        let path = format!("/credential-requests/credentials/{id}");
        let declined = trial.post(&format!("{path}/decline"), json!({ "reason": "no" }));
        assert_eq!(
            (
                &declined["credential"]["state"],
                &declined["credential"]["declineReason"]
            ),
            (&json!("declined"), &json!("no"))
        );
        let (status, again) = trial.ask(Post, &format!("{path}/decline"), None);
        assert_eq!(
            (status, &again["credential"]["declineReason"]),
            (200, &Value::Null)
        );
        let (_, pending) = trial.ask(Post, &format!("{path}/delete-remote"), None);
        assert_eq!(
            (
                &pending["credential"]["state"],
                &pending["credential"]["remoteId"]
            ),
            (&json!("pending"), &Value::Null)
        );
        assert!(
            trial
                .refused(Get, "/connections/302", None)
                .starts_with("404")
        );
        let unknown = "/credential-requests/credentials/x/decline";
        assert!(trial.refused(Post, unknown, None).starts_with("404"));
        let wrong = Some(json!({ "reason": 1 }));
        assert!(
            trial
                .refused(Post, &format!("{path}/decline"), wrong)
                .starts_with("400")
        );
    }

    #[test]
    fn a_request_takes_along_what_came_of_it() {
        let trial = Trial::new();
        let (id, _) = authorized(&trial);
        let path = format!("/credential-requests/requests/{id}");
        assert!(trial.refused(Delete, &path, None).starts_with("406 IM004"));
        trial.delete(&format!("{path}?confirmed=true"));
        assert!(
            trial
                .refused(Get, "/connections/302", None)
                .starts_with("404")
        );
    }

    #[test]
    fn modules_say_what_they_need_to_log_in() {
        let trial = Trial::new();
        let path = |app: &str| format!("/credential-requests/apps/{app}/modules-with-credentials");
        let modules = trial.get(&path("google-email/4"))["appModules"].clone();
        let first = &modules[0];
        assert_eq!(
            (&first["type"], &first["hook"]),
            (&json!("account:google-restricted"), &json!(false))
        );
        let http = trial.get(&path("http/latest"))["appModules"].clone();
        assert!(http.as_array().unwrap().iter().any(|module| {
            module["id"] == "ActionSendDataBasicAuth:key"
                && module["name"] == "ActionSendDataBasicAuth"
                && module["type"] == "keychain:basicauth"
        }));
        assert!(
            trial
                .refused(Get, &path("nothing/1"), None)
                .starts_with("404")
        );
        assert!(
            trial
                .refused(Get, &path("http/new"), None)
                .starts_with("400")
        );
        assert_eq!(words("watchRSSItems"), "Watch RSSItems");
    }
}
