//! What a connection is made of beyond its row: the fields its type asks for, and its scopes.
//!
//! A world knows which fields were filled, never with what.

use serde_json::{Map, Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::routes::body::{Body, wrong};
use crate::sandbox::routes::call::Call;
use crate::sandbox::routes::refusal::{Answer, Refusal, reply};
use crate::sandbox::store::{Batch, View};

use super::connections::find;
use super::scope::{is_true, set, text};

/// Where a connection keeps the names of its fields, and whether each was filled. No answer
/// shows it.
const FIELDS: &str = "fields";

/// Types that log in at their service in a browser. All others take what is sent to them.
const OAUTH: [&str; 15] = [
    "azure",
    "facebook",
    "google",
    "google-email",
    "google-restricted",
    "hubspotcrm",
    "linkedin",
    "microsoft-email",
    "notion2",
    "notion3",
    "salesforce",
    "shopify",
    "slack",
    "slack2",
    "slack3",
];

/// Whether a type logs in at its service in a browser.
pub(super) fn is_oauth(kind: &str) -> bool {
    OAUTH.contains(&kind)
}

/// What people call a type: its name without the version.
pub(super) fn label(kind: &str) -> String {
    let plain = kind.trim_start_matches("app#");
    let plain = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    let words = plain.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        first.unwrap_or_default() + letters.as_str()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The scopes that a new connection is to have, as connections show theirs.
pub(super) fn asked_scopes(body: &Body, kind: &str) -> Result<Vec<Value>, Refusal> {
    let Some(scopes) = body.get("scopes") else {
        return Ok(Vec::new());
    };
    let names = names(scopes).ok_or_else(|| wrong("scopes", "array of strings"))?;
    let shown = |name: &str| json!({ "id": name, "account": kind });
    Ok(names.into_iter().map(shown).collect())
}

/// The strings of an array of strings.
pub(super) fn names(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

/// Whether a connection has all of these scopes. One that needs none has whatever is asked.
pub(super) fn holds_scopes(connection: &Value, asked: &[&str]) -> bool {
    let held = connection.get("scopes").and_then(Value::as_array);
    let held: Vec<&str> = held
        .into_iter()
        .flatten()
        .filter_map(|scope| text(scope, "id"))
        .collect();
    text(connection, "accountType") != Some("oauth") || asked.iter().all(|one| held.contains(one))
}

/// Notes which fields came, and whether each was filled.
pub(super) fn note_fields<'f>(
    connection: &mut Value,
    fields: impl Iterator<Item = (&'f String, &'f Value)>,
) {
    let is_filled = |value: &Value| !matches!(value, Value::Null) && value.as_str() != Some("");
    let noted: Map<String, Value> = fields
        .map(|(name, value)| (name.clone(), json!(is_filled(value))))
        .collect();
    set(connection, FIELDS, noted);
}

fn fields(connection: &Value) -> Map<String, Value> {
    let noted = connection.get(FIELDS).and_then(Value::as_object);
    noted.cloned().unwrap_or_default()
}

/// `GET /connections/{id}/editable-data-schema`
pub(super) fn schema(call: &Call<'_>, view: &View<'_>) -> Answer {
    let connection = find(call, view)?;
    check_editable(&connection)?;
    let names: Vec<String> = fields(&connection)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    reply(&json!({ "editableParameters": names }))
}

/// `POST /connections/{id}/set-data`: replaces everything; a field that is not sent is empty
/// from then on.
pub(super) fn set_data(call: &Call<'_>, batch: &mut Batch<'_>) -> Answer {
    let mut connection = find(call, batch)?;
    check_editable(&connection)?;
    let known = fields(&connection);
    let known: Vec<&str> = known.keys().map(String::as_str).collect();
    let body = call.body()?.only(&known)?;
    let sent = known.iter().map(|name| {
        let value = body.get(name).cloned().unwrap_or_default();
        ((*name).to_owned(), value)
    });
    let sent: Vec<(String, Value)> = sent.collect();
    note_fields(
        &mut connection,
        sent.iter().map(|(name, value)| (name, value)),
    );
    batch.put(Collection::Connections, call.id(0)?, &connection)?;
    reply(&json!({ "changed": true }))
}

/// `POST /connections/{id}/test`: no service is asked; what was filled counts as right.
pub(super) fn test(call: &Call<'_>, view: &View<'_>) -> Answer {
    let connection = find(call, view)?;
    let verified = fields(&connection).values().all(|filled| filled == true);
    reply(&json!({ "verified": verified }))
}

/// `POST /connections/{id}/scoped`
pub(super) fn scoped(call: &Call<'_>, view: &View<'_>) -> Answer {
    let connection = find(call, view)?;
    let body = call.body()?.only(&["scope"])?;
    let asked = body.get("scope").and_then(names);
    let asked = asked.ok_or_else(|| wrong("scope", "array of strings"))?;
    let scoped = holds_scopes(&connection, &asked);
    reply(&json!({ "connection": { "scoped": scoped } }))
}

fn check_editable(connection: &Value) -> Result<(), Refusal> {
    match is_true(connection, "editable") {
        true => Ok(()),
        false => Err(Refusal::invalid("Cannot edit this connection.")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::label;
    use crate::live::transport::Method::{Get, Post};
    use crate::sandbox::trial::Trial;

    #[test]
    fn data_is_replaced_as_a_whole_and_tested() {
        let trial = Trial::new();
        let body = json!({
            "accountName": "Mine", "accountType": "make", "apiKey": "s3cret", "url": "https://a",
        });
        let made = trial.post("/connections?teamId=1", body);
        let path = format!("/connections/{}", made["connection"]["id"]);
        let schema = trial.get(&format!("{path}/editable-data-schema"));
        assert_eq!(schema, json!({ "editableParameters": ["apiKey", "url"] }));
        let verified = || trial.send(Post, &format!("{path}/test"), None).body;
        assert_eq!(verified().as_ref(), br#"{"verified":true}"#);
        let set_data = format!("{path}/set-data");
        let changed = trial.post(&set_data, json!({ "apiKey": "n3w" }));
        assert_eq!(changed, json!({ "changed": true }));
        assert_eq!(verified().as_ref(), br#"{"verified":false}"#);
        trial.post(&set_data, json!({ "apiKey": "n3w", "url": "https://b" }));
        assert_eq!(verified().as_ref(), br#"{"verified":true}"#);
        let unknown = trial.refused(Post, &set_data, Some(json!({ "token": "x" })));
        assert!(unknown.starts_with("400"), "{unknown}");
    }

    #[test]
    fn what_logs_in_elsewhere_cannot_be_edited() {
        let trial = Trial::new();
        let refusal = "400 SC400 Cannot edit this connection.";
        let schema = trial.refused(Get, "/connections/303/editable-data-schema", None);
        assert_eq!(schema, refusal);
        let body = Some(json!({ "token": "x" }));
        assert_eq!(
            trial.refused(Post, "/connections/303/set-data", body),
            refusal
        );
        let missing = trial.refused(Post, "/connections/999/test", None);
        assert!(missing.starts_with("404"));
    }

    #[test]
    fn a_label_is_the_type_in_words() {
        assert_eq!(label("google-email"), "Google Email");
        assert_eq!(label("app#acme-crm"), "Acme Crm");
        assert_eq!(label("slack2"), "Slack");
    }
}
