//! Webhooks.

use serde_json::{Map, Value, json};

use super::Draw;
use crate::model::{
    Dialect, Field,
    reference::Template,
    spec::{Security, WebhookSpec},
};

impl Draw<'_> {
    pub(super) fn webhook(&mut self, spec: &WebhookSpec) {
        let WebhookSpec {
            name,
            kind,
            connection,
            enabled,
            headers,
            method,
            stringify,
            ip,
            data_structure,
            security,
            hook_type,
            scenario,
            fields,
        } = spec;
        self.put("name", name.as_str());
        // The zones tell a raw hook by a setting: there it is one that hands JSON over as text.
        let by_setting = kind == "raw" && self.dialect() == Some(Dialect::Zone);
        self.put("type", if by_setting { "custom" } else { kind });
        self.link("connection", connection);
        self.field("enabled", enabled, |flag| Value::from(*flag));
        self.field("headers", headers, |flag| Value::from(*flag));
        self.field("method", method, |flag| Value::from(*flag));
        self.field("stringify", stringify, |flag| Value::from(*flag));
        if by_setting && stringify.is_absent() {
            self.put("stringify", true);
        }
        self.template("ip", ip);
        self.link("dataStructure", data_structure);
        if self.says("security", security) {
            self.security(security);
        }
        self.field("hookType", hook_type, |method| Value::from(method.as_str()));
        self.link("scenario", scenario);
        for (key, value) in fields {
            self.document(&format!("fields.{key}"), value.clone());
        }
    }

    /// What a caller has to show. On the live side credentials are empty: no account tells them.
    fn security(&mut self, security: &Field<Security>) {
        match security {
            Field::Absent => {}
            // Whoever knows the URL: that is nothing to be shown.
            Field::Null | Field::Set(Security::None) => self.clear("security"),
            Field::Set(Security::Basic { username, password }) => {
                self.guarded("basic", [("username", username), ("password", password)]);
            }
            Field::Set(Security::Token { token }) => self.guarded("token", [("token", token)]),
        }
    }

    fn guarded<const N: usize>(&mut self, kind: &str, parts: [(&str, &Template); N]) {
        let mut security = Map::new();
        security.insert("type".to_owned(), json!(kind));
        for (key, template) in parts {
            let text = match (self.context, template.as_literal()) {
                (None, Some("")) => continue,
                (None, Some(text)) => text.to_owned(),
                (_, _) => template.to_string(),
            };
            security.insert(key.to_owned(), Value::from(text));
        }
        self.document("security", Value::Object(security));
    }
}
