//! Webhooks and mailhooks.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    diagnostic::{codes::manifest as codes, nearest},
    manifest::{
        fields::Fields,
        node::{Node, Shape, Span},
        page::Page,
        schema::{BASIC_SECURITY, NO_SECURITY, TOKEN_SECURITY},
        scope::Scope,
        values::{bad_value, did_you_mean, flag, text},
    },
    model::{
        Kind,
        reference::{Reference, Template},
        spec::{Security, WebhookSpec},
    },
};

use super::thing::shown_name;

/// The longest name of a hook.
pub(in crate::manifest) const HOOK_NAME: usize = 128;

/// Keys that are shorter are not judged: an app's `id` is no slip for `ip`.
const SHORTEST_SLIP: usize = 4;

/// The methods of requests.
pub(in crate::manifest) const METHODS: [&str; 2] = ["HEAD", "GET"];

/// The types that are no app's.
pub(in crate::manifest) const OWN_TYPES: [&str; 3] = ["custom", "raw", "mail"];

pub(super) fn webhook(fields: &mut Fields<'_>, scope: &Scope<'_>, own: &str) -> WebhookSpec {
    let page = fields.page();
    let kind = fields.optional("type", |node| hook_type(page, node));
    let kind = kind.unwrap_or_else(|| "custom".to_owned());
    let mut spec = WebhookSpec {
        name: shown_name(fields, scope, own, HOOK_NAME),
        kind,
        connection: fields.field("connection", |node| {
            scope.link(page, node, Kind::Connection)
        }),
        enabled: fields.unclearable("enabled", |node| flag(page, node)),
        headers: fields.unclearable("headers", |node| flag(page, node)),
        method: fields.unclearable("method", |node| flag(page, node)),
        stringify: fields.unclearable("stringify", |node| flag(page, node)),
        ip: fields.field("ip", |node| scope.template(page, node)),
        data_structure: fields.field("dataStructure", |node| {
            scope.link(page, node, Kind::DataStructure)
        }),
        security: fields.field("security", |node| security(page, scope, node)),
        hook_type: fields.field("hookType", |node| method(page, node)),
        scenario: fields.field("scenario", |node| scope.link(page, node, Kind::Scenario)),
        fields: BTreeMap::new(),
    };
    if !OWN_TYPES.contains(&spec.kind.as_str()) {
        spec.fields = app_fields(fields, scope);
    }
    spec
}

fn hook_type(page: &Page, node: &Node) -> Option<String> {
    let written = text(page, node)?;
    let ours = match written.as_str() {
        "gateway-webhook" => "custom",
        "gateway-mailhook" => "mail",
        "" => {
            bad_value(page, node, "a type cannot be empty", "write `custom`");
            return None;
        }
        _ => {
            if !OWN_TYPES.contains(&written.as_str())
                && let Some(word) = nearest(&written, OWN_TYPES)
            {
                let message = format!("`{written}` is taken for the type of an app's webhook");
                misspelled(page, &node.span, message, word);
            }
            return Some(written);
        }
    };
    let message = format!("`{written}` is Make's own word");
    bad_value(page, node, message, &format!("write `{ours}`"));
    Some(ours.to_owned())
}

/// `{ type: none }`, `{ type: basic, username, password }` or `{ type: token, token }`.
fn security(page: &Page, scope: &Scope<'_>, node: &Node) -> Option<Security> {
    const TYPES: [&str; 3] = ["none", "basic", "token"];
    let keys = match node.get("type").and_then(Node::as_text) {
        Some("basic") => &BASIC_SECURITY,
        Some("token") => &TOKEN_SECURITY,
        Some(_) | None => &NO_SECURITY,
    };
    let mut fields = Fields::of(page, node, keys)?;
    let kind = fields.required("type", |node| {
        let word = text(page, node)?;
        if !TYPES.contains(&word.as_str()) {
            let message = format!("there is no security of type `{word}`");
            bad_value(page, node, message, &did_you_mean(&word, TYPES));
            return None;
        }
        Some(word)
    })?;
    let mut secret = |key| fields.required(key, |node| from_environment(page, scope, node));
    let security = match kind.as_str() {
        "basic" => {
            let (username, password) = (secret("username"), secret("password"));
            username
                .zip(password)
                .map(|(username, password)| Security::Basic { username, password })
        }
        "token" => secret("token").map(|token| Security::Token { token }),
        _ => Some(Security::None),
    };
    fields.finish();
    security
}

/// A reference to the environment: what guards a webhook stands in no file.
fn from_environment(page: &Page, scope: &Scope<'_>, node: &Node) -> Option<Template> {
    let template = scope.template(page, node)?;
    if !matches!(template.single(), Some(Reference::Env(_))) {
        let message = "what guards a webhook cannot stand in a file";
        bad_value(page, node, message, "write `${env.NAME}`");
        return None;
    }
    Some(template)
}

fn method(page: &Page, node: &Node) -> Option<String> {
    let word = text(page, node)?;
    if !METHODS.contains(&word.as_str()) {
        let message = format!("a webhook takes no method `{word}`");
        bad_value(page, node, message, &did_you_mean(&word, METHODS));
        return None;
    }
    Some(word)
}

/// Warns of what is valid because an app may have anything, but is most likely a slip.
fn misspelled(page: &Page, span: &Span, message: String, word: &str) {
    let finding = page.finding(&codes::LOOKS_MISSPELLED, span, message);
    page.report(finding.help(format!("did you mean `{word}`?")));
}

/// All other keys of an app's hook are fields of that app.
fn app_fields(fields: &mut Fields<'_>, scope: &Scope<'_>) -> BTreeMap<String, Value> {
    let page = fields.page();
    for key in fields.rest().map(|entry| &entry.key) {
        if key.text.len() >= SHORTEST_SLIP
            && let Some(word) = fields.nearest(&key.text)
        {
            let message = format!("`{}` is taken for a field of the app", key.text);
            misspelled(page, &key.span, message, word);
        }
    }
    let read: BTreeMap<String, Value> = fields
        .rest()
        .filter(|entry| entry.value.shape != Shape::Broken)
        .map(|entry| {
            scope.check_texts(page, &entry.value);
            (entry.key.text.clone(), entry.value.to_value())
        })
        .collect();
    fields.take_rest();
    read
}
