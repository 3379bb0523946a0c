//! The keys of the kinds that have few, and of what all of them have.

use serde_json::{Value, json};

use super::{
    mapping::{Key, Mapping, clearable, optional, required},
    scenario::fields,
    values::{
        default, examples, flag, formed, from, from_environment, link, list, only, shown_name,
        template, text, whole, with, words,
    },
};
use crate::{
    manifest::lower::{
        DATA_NAME, FOLDER_NAME, HOOK_NAME, METHODS, MOST_MB, OWN_TYPES, TEAM_NAME, VARIABLE_NAME,
        fields_of,
    },
    model::{
        Kind,
        spec::{VariableScope, VariableType},
    },
};

/// `spec.name`, of so many characters at most.
pub(super) const fn name<const MOST: usize>() -> Key {
    optional(
        "name",
        "What Make shows. Without it, `metadata.name`. `${var.NAME}` and `${target.name}` may stand in it.",
        || shown_name(MOST),
    )
}

/// `spec.lifecycle`.
pub(super) const fn lifecycle(value: fn() -> Value) -> Key {
    optional("lifecycle", "How it may change.", value)
}

/// What stands there for a kind: the fields that it has can be ignored.
pub(super) fn lifecycle_of(kind: Kind) -> Value {
    let known = fields_of(kind);
    // An app's hook has fields that only the app knows.
    let field = if kind == Kind::Webhook {
        text()
    } else {
        json!({
            "type": "string",
            "anyOf": [
                { "enum": known },
                { "pattern": format!("^/?({})(/.*)?$", known.join("|")) },
            ],
        })
    };
    let mut schema = LIFECYCLE.schema();
    if let Some(items) = schema.pointer_mut("/properties/ignoreChanges/items") {
        *items = field;
    }
    schema
}

pub(in crate::manifest) static LIFECYCLE: Mapping = Mapping {
    what: "`lifecycle`",
    about: "",
    keys: &[
        optional(
            "preventDestroy",
            "Whether a plan that would delete or replace it is refused.",
            || default(flag(), false),
        ),
        optional(
            "ignoreChanges",
            "What is neither compared nor written: fields, or JSON Pointers into them, modules by id \
             (`/blueprint/flow/3/mapper`).",
            || list(text()),
        ),
    ],
};

pub(in crate::manifest) static FOLDER: Mapping = Mapping {
    what: "a Folder",
    about: "A folder of scenarios.",
    keys: &[
        name::<FOLDER_NAME>(),
        clearable(
            "parent",
            "The folder that it is in; null is the top level.",
            || link(Kind::Folder),
        ),
        lifecycle(|| lifecycle_of(Kind::Folder)),
    ],
};

pub(in crate::manifest) static AGENT: Mapping = Mapping {
    what: "an Agent",
    about: "An AI agent that is in Make already: looked up by name, never created.",
    keys: &[name::<{ usize::MAX }>()],
};

pub(in crate::manifest) static CONNECTION: Mapping = Mapping {
    what: "a Connection",
    about: "A connection that is in Make already: looked up by name and type, never created, since no API takes its \
            secrets.",
    keys: &[
        name::<{ usize::MAX }>(),
        optional(
            "type",
            "The app that it is for, as Make's API has it. Several, in a list or with commas, are alternatives.",
            || types(["slack", "google,google-restricted"]),
        ),
    ],
};

pub(in crate::manifest) static DEVICE: Mapping = Mapping {
    what: "a Device",
    about: "A device that is in Make already: looked up by name, never created.",
    keys: &[
        name::<{ usize::MAX }>(),
        optional(
            "type",
            "A scope that it has, as Make's API has it. Several are alternatives.",
            || types(["android", "ios"]),
        ),
    ],
};

pub(in crate::manifest) static KEY: Mapping = Mapping {
    what: "a Key",
    about: "A key that is in Make already: looked up by name and type, never created, since no API takes its secrets.",
    keys: &[
        name::<{ usize::MAX }>(),
        optional(
            "type",
            "Its type, as Make's API has it. Several are alternatives.",
            || types(["apikeyauth", "basicauth"]),
        ),
    ],
};

fn types(samples: [&str; 2]) -> Value {
    examples(json!({ "anyOf": [text(), list(text())] }), samples)
}

pub(in crate::manifest) static DATA_STORE: Mapping = Mapping {
    what: "a DataStore",
    about: "A data store. Its records are yours: they are never touched.",
    keys: &[
        name::<DATA_NAME>(),
        clearable(
            "dataStructure",
            "The structure of its records; null is none.",
            || link(Kind::DataStructure),
        ),
        optional("maxSizeMB", "The most that it may hold, in MB.", || {
            whole(1, MOST_MB)
        }),
        lifecycle(|| lifecycle_of(Kind::DataStore)),
    ],
};

pub(in crate::manifest) static DATA_STRUCTURE: Mapping = Mapping {
    what: "a DataStructure",
    about: "A data structure.",
    keys: &[
        name::<DATA_NAME>(),
        clearable(
            "strict",
            "Whether what has other fields is refused.",
            || default(flag(), false),
        ),
        clearable("fields", "Its fields, in order.", fields),
        lifecycle(|| lifecycle_of(Kind::DataStructure)),
    ],
};

pub(in crate::manifest) static TEAM: Mapping = Mapping {
    what: "a Team",
    about: "A team of the organization.",
    keys: &[
        name::<TEAM_NAME>(),
        clearable("limits", "What it may use at most.", || LIMITS.schema()),
        lifecycle(|| lifecycle_of(Kind::Team)),
    ],
};

pub(in crate::manifest) static LIMITS: Mapping = Mapping {
    what: "`limits`",
    about: "",
    keys: &[clearable(
        "operations",
        "The most operations in a period; null is no limit.",
        || from(0),
    )],
};

const EMAIL: &str = "The person's e-mail address.";

fn email() -> Value {
    examples(
        formed(json!({ "pattern": r"^[^@\s]+@\S+$" })),
        ["ada@example.com"],
    )
}

fn role() -> Value {
    let schema = with(
        shown_name(usize::MAX),
        "not",
        json!({ "type": "string", "pattern": "^[Oo][Ww][Nn][Ee][Rr]$" }),
    );
    examples(schema, ["viewer", "builder", "admin", "Team Operator"])
}

pub(in crate::manifest) static TEAM_ROLE: Mapping = Mapping {
    what: "a TeamRole",
    about: "A person's role in the team.",
    keys: &[
        required("email", EMAIL, email),
        required(
            "role",
            "The role: viewer, builder, manager, admin, or the name that Make shows.",
            role,
        ),
        lifecycle(|| lifecycle_of(Kind::TeamRole)),
    ],
};

pub(in crate::manifest) static ORGANIZATION_ROLE: Mapping = Mapping {
    what: "an OrganizationRole",
    about: "A person's role in the organization. Who is not there yet is invited.",
    keys: &[
        required("email", EMAIL, email),
        required(
            "role",
            "The role: viewer, builder, admin, or the name that Make shows.",
            role,
        ),
        optional("name", "The person's name in the invitation.", || {
            shown_name(usize::MAX)
        }),
        optional("note", "The text of the invitation.", || {
            shown_name(usize::MAX)
        }),
        lifecycle(|| lifecycle_of(Kind::OrganizationRole)),
    ],
};

pub(in crate::manifest) static VARIABLE: Mapping = Mapping {
    what: "a Variable",
    about: "A custom variable, which scenarios read as `{{var.team.NAME}}` or `{{var.organization.NAME}}`.",
    keys: &[
        optional(
            "name",
            "Its name in formulas: letters, digits, `$` and `_`. Without it, `metadata.name`.",
            || {
                let schema =
                    formed(json!({ "pattern": "^[A-Za-z0-9$_]+$", "maxLength": VARIABLE_NAME }));
                with(
                    with(schema, "type", json!(["string", "integer"])),
                    "minimum",
                    json!(0),
                )
            },
        ),
        optional("scope", "Where it belongs.", || {
            default(
                words(VariableScope::ALL.map(VariableScope::as_str)),
                VariableScope::Team.as_str(),
            )
        }),
        optional(
            "type",
            "The type of its value. Without it, what the value is.",
            || words(VariableType::ALL.map(|(_, _, word)| word)),
        ),
        required(
            "value",
            "Its value; a date is written like 2026-12-01T09:00:00Z. Texts may hold `${..}`.",
            || json!({ "type": ["string", "number", "boolean"] }),
        ),
        lifecycle(|| lifecycle_of(Kind::Variable)),
    ],
};

pub(in crate::manifest) static WEBHOOK: Mapping = Mapping {
    what: "a Webhook",
    about: "A webhook or mailhook. One of an app's has other fields too, as that app has them.",
    keys: &[
        name::<HOOK_NAME>(),
        optional(
            "type",
            "custom, raw (the body as it comes, on api.make.com), mail, or the type of an app's webhook.",
            || {
                let own = json!({ "enum": OWN_TYPES });
                let of_app =
                    json!({ "not": { "enum": ["", "gateway-webhook", "gateway-mailhook"] } });
                default(with(text(), "anyOf", json!([own, of_app])), "custom")
            },
        ),
        clearable(
            "connection",
            "The connection that an app's webhook is set up with.",
            || link(Kind::Connection),
        ),
        optional("enabled", "Whether it takes requests.", || {
            default(flag(), true)
        }),
        optional(
            "headers",
            "Whether scenarios see the headers of requests.",
            || default(flag(), false),
        ),
        optional(
            "method",
            "Whether scenarios see the method of requests.",
            || default(flag(), false),
        ),
        optional(
            "stringify",
            "Whether scenarios get JSON as a text, not as what it says.",
            || default(flag(), false),
        ),
        clearable(
            "ip",
            "The addresses that requests may come from; null is all.",
            template,
        ),
        clearable(
            "dataStructure",
            "The structure that requests must have; null is any.",
            || link(Kind::DataStructure),
        ),
        clearable(
            "security",
            "What callers have to show, on api.make.com only.",
            || {
                let forms =
                    SECURITY.map(|(title, form)| with(form.schema(), "title", json!(title)));
                json!({ "oneOf": forms })
            },
        ),
        clearable(
            "hookType",
            "The method of requests, on api.make.com only.",
            || words(METHODS),
        ),
        clearable(
            "scenario",
            "The scenario that it starts, on api.make.com only, where no blueprint says it.",
            || link(Kind::Scenario),
        ),
        lifecycle(|| lifecycle_of(Kind::Webhook)),
    ],
};

/// The schema of webhooks: those of apps take any key.
pub(super) fn whole_webhook() -> Value {
    let known: Vec<&str> = WEBHOOK.keys.iter().map(|key| key.name).collect();
    let schema = with(
        WEBHOOK.open_schema(),
        "if",
        json!({ "properties": { "type": { "enum": OWN_TYPES } } }),
    );
    with(
        schema,
        "then",
        json!({ "propertyNames": { "enum": known } }),
    )
}

/// The forms of `security`.
static SECURITY: [(&str, &Mapping); 3] = [
    ("NoSecurity", &NO_SECURITY),
    ("BasicSecurity", &BASIC_SECURITY),
    ("TokenSecurity", &TOKEN_SECURITY),
];

pub(in crate::manifest) static NO_SECURITY: Mapping = Mapping {
    what: "`security`",
    about: "Everybody may call it.",
    keys: &[required("type", "none", || only("none"))],
};

pub(in crate::manifest) static BASIC_SECURITY: Mapping = Mapping {
    what: "`security`",
    about: "Callers show a user name and a password.",
    keys: &[
        required("type", "basic", || only("basic")),
        required(
            "username",
            "The user name, as `${env.NAME}`.",
            from_environment,
        ),
        required(
            "password",
            "The password, as `${env.NAME}`.",
            from_environment,
        ),
    ],
};

pub(in crate::manifest) static TOKEN_SECURITY: Mapping = Mapping {
    what: "`security`",
    about: "Callers show a token.",
    keys: &[
        required("type", "token", || only("token")),
        required("token", "The token, as `${env.NAME}`.", from_environment),
    ],
};
