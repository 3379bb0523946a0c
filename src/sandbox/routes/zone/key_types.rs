//! The types of keys that are part of Make, and the fields that each asks for.

use serde_json::{Value, json};

/// A type of key.
pub(super) struct KeyType {
    pub(super) name: &'static str,
    label: &'static str,
    pub(super) theme: &'static str,
    pub(super) fields: &'static [Field],
}

/// A field of a key.
pub(super) struct Field {
    pub(super) name: &'static str,
    label: &'static str,
    kind: &'static str,
    /// Whether a key must have it. Make asks for fields with a default, too, and fills them.
    pub(super) required: bool,
    default: Option<&'static str>,
    /// Labels and values of a choice.
    options: &'static [(&'static str, &'static str)],
}

/// The type of this name.
pub(super) fn find(name: &str) -> Option<&'static KeyType> {
    TYPES.iter().find(|kind| kind.name == name)
}

/// Every type, in order of names.
pub(super) fn all() -> &'static [KeyType] {
    TYPES
}

impl KeyType {
    /// As `GET /keys/types` lists it.
    pub(super) fn shown(&self) -> Value {
        let parameters: Vec<Value> = self.fields.iter().map(Field::shown).collect();
        json!({
            "name": self.name, "label": self.label, "type": "key", "componentType": "key",
            "parameters": parameters, "author": "Make", "version": "1.0.0", "theme": self.theme,
            "icon": format!("/img/packages/{}.png", self.name),
        })
    }
}

impl Field {
    fn shown(&self) -> Value {
        let mut shown = json!({
            "name": self.name, "label": self.label, "type": self.kind,
            "required": self.required || self.default.is_some(),
        });
        let options = self.options.iter();
        let options: Vec<Value> = options
            .map(|(label, value)| json!({ "label": label, "value": value }))
            .collect();
        if let (Some(default), Some(fields)) = (self.default, shown.as_object_mut()) {
            fields.insert("default".to_owned(), json!(default));
            fields.insert("options".to_owned(), json!(options));
        }
        shown
    }
}

const fn needed(name: &'static str, label: &'static str, kind: &'static str) -> Field {
    Field {
        required: true,
        ..spare(name, label, kind)
    }
}

const fn spare(name: &'static str, label: &'static str, kind: &'static str) -> Field {
    Field {
        name,
        label,
        kind,
        required: false,
        default: None,
        options: &[],
    }
}

const fn choice(
    name: &'static str,
    label: &'static str,
    default: &'static str,
    options: &'static [(&'static str, &'static str)],
) -> Field {
    Field {
        default: Some(default),
        options,
        ..spare(name, label, "select")
    }
}

const fn kind(
    name: &'static str,
    label: &'static str,
    theme: &'static str,
    fields: &'static [Field],
) -> KeyType {
    KeyType {
        name,
        label,
        theme,
        fields,
    }
}

#[rustfmt::skip] // a table: a line for a type, a line for its fields
static TYPES: &[KeyType] = &[
    kind("aes-key", "AES", "#fa6f57", &[
        needed("key", "Key", "text"),
        choice("keyEncoding", "Key encoding", "hex", &[("Base 64", "base64"), ("Hexadecimal", "hex"), ("Plain text", "plain")]),
    ]),
    kind("apikeyauth", "API key", "#007ee5", &[
        needed("key", "Key", "password"),
        choice("placement", "Placement", "header", &[("Header", "header"), ("Query string", "qs")]),
        spare("name", "Name of the parameter", "text"),
    ]),
    kind("apn", "Apple Push Notifications", "#666666", &[
        needed("privateKey", "Private key", "pkey"),
        choice("method", "Authentication", "tokens", &[("Tokens", "tokens"), ("Certificate", "cert")]),
        spare("keyId", "Key ID", "text"), spare("teamId", "Team ID", "text"), spare("certificate", "Certificate", "cert"),
        spare("production", "Production", "boolean"),
    ]),
    kind("basicauth", "HTTP Basic Auth", "#007ee5", &[
        spare("authUser", "User name", "text"), spare("authPass", "Password", "password"),
    ]),
    kind("clientcertauth", "Client certificate", "#007ee5", &[
        needed("certificate", "Certificate", "cert"), needed("privateKey", "Private key", "pkey"),
    ]),
    kind("eet", "EET", "#00a1de", &[needed("certificate", "Certificate", "cert"), spare("password", "Password", "password")]),
    kind("gpg-private", "GPG private key", "#fa6f57", &[
        needed("privateKey", "Private key", "pkey"), spare("passphrase", "Passphrase", "password"),
    ]),
    kind("gpg-public", "GPG public key", "#fa6f57", &[needed("publicKey", "Public key", "text")]),
    kind("proxy", "Proxy", "#007ee5", &[
        needed("host", "Host", "text"), needed("port", "Port", "number"),
        spare("username", "User name", "text"), spare("password", "Password", "password"),
    ]),
    kind("webpay", "WebPay", "#00a1de", &[
        needed("privateKey", "Private key", "pkey"), spare("passphrase", "Passphrase", "password"),
    ]),
];
