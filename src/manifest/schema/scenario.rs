//! The keys of scenarios and of what is in them.

use serde_json::{Value, json};

use super::{
    mapping::{Mapping, clearable, optional, or_null, required},
    values::{
        address_of, anything, default, defined, duration, examples, flag, from, limited, link,
        list, object, or_nothing, text, with, words,
    },
};
use crate::{
    manifest::lower::{DESCRIPTION, SCENARIO_NAME},
    model::{Kind, OnUnhealthy, spec::FIELD_TYPES},
};

pub(in crate::manifest) static SCENARIO: Mapping = Mapping {
    what: "a Scenario",
    about: "A scenario. What is absent here stays in Make as it is.",
    keys: &[
        super::things::name::<SCENARIO_NAME>(),
        clearable(
            "folder",
            "The folder that it is in; null is the top level.",
            || link(Kind::Folder),
        ),
        clearable(
            "description",
            "What Make shows below the name; at most 240 characters.",
            || limited(DESCRIPTION),
        ),
        optional(
            "active",
            "Whether it is switched on. A new one is not, unless this says so.",
            || default(flag(), false),
        ),
        clearable(
            "schedule",
            "When it runs: said here, or by a Schedule that several scenarios share. A new one runs on demand.",
            || {
                json!({
                    "anyOf": [defined("When"), address_of(Kind::Schedule)],
                    "examples": [{ "every": "15m" }, "schedule.office-hours"],
                })
            },
        ),
        optional(
            "blueprint",
            "What it does: a file beside the manifest, or the document itself.",
            || {
                json!({
                    "anyOf": [
                        with(BLUEPRINT_FILE.schema(), "title", json!("BlueprintFile")),
                        defined("InlineBlueprint"),
                    ],
                    "examples": [{ "file": "lead-sync.blueprint.json" }],
                })
            },
        ),
        optional(
            "settings",
            "Settings of the scenario. Each wins over the same in the blueprint; null returns it to Make's default.",
            || SETTINGS.schema(),
        ),
        clearable(
            "interface",
            "The inputs that a run takes, and the outputs that it gives back. Inputs need a schedule on demand.",
            || INTERFACE.schema(),
        ),
        clearable(
            "customProperties",
            "Values of the organization's custom properties, by their names. All of them: what is not named is taken \
             away.",
            || examples_of(object(), json!([{ "client": "Acme" }])),
        ),
        clearable(
            "priority",
            "How urgent its runs are, on api.make.com only.",
            || {
                examples_of(
                    json!({ "type": ["string", "number"] }),
                    json!(["low", "medium", "high"]),
                )
            },
        ),
        optional(
            "onUnhealthy",
            "What apply does when it does not work after its step: puts the form before back (what is new is switched \
             off and kept), switches it off, or goes on with a warning.",
            || {
                let words = words(OnUnhealthy::ALL.map(OnUnhealthy::as_str));
                default(words, OnUnhealthy::default().as_str())
            },
        ),
        optional(
            "verify",
            "A run after each step on it, which has to end in success. It costs operations, and does what the \
             scenario does.",
            || VERIFY.schema(),
        ),
        super::things::lifecycle(|| super::things::lifecycle_of(Kind::Scenario)),
    ],
};

pub(in crate::manifest) static VERIFY: Mapping = Mapping {
    what: "`verify`",
    about: "",
    keys: &[
        required("run", "How it is run.", || or_nothing(&VERIFY_RUN)),
        optional("expect", "How the run has to end.", || {
            default(words(["success"]), "success")
        }),
        optional("within", "How long the run may take.", || {
            default(examples(duration(), ["60s"]), "60s")
        }),
    ],
};

pub(in crate::manifest) static VERIFY_RUN: Mapping = Mapping {
    what: "`run`",
    about: "",
    keys: &[optional(
        "input",
        "The inputs that the run is given, as they are: references are not filled in.",
        object,
    )],
};

fn examples_of(schema: Value, values: Value) -> Value {
    with(schema, "examples", values)
}

pub(in crate::manifest) static BLUEPRINT_FILE: Mapping = Mapping {
    what: "`blueprint`",
    about: "A blueprint in a file: as makeform writes it, or as Make's editor exports it.",
    keys: &[
        required(
            "file",
            "The path of the file, from the manifest's folder.",
            || examples(text(), ["lead-sync.blueprint.json"]),
        ),
        optional(
            "references",
            "Whether its texts may hold `${..}`. By itself makeform reads references in the files that it wrote, which \
             carry the marker `\"makeform\": 1`.",
            flag,
        ),
    ],
};

pub(in crate::manifest) static SETTINGS: Mapping = Mapping {
    what: "`settings`",
    about: "",
    keys: &[
        clearable(
            "maxErrors",
            "How many errors in a row switch the scenario off.",
            || from(0),
        ),
        clearable(
            "autoCommit",
            "Whether each module's changes are committed at once, not at the end of the run.",
            flag,
        ),
        clearable(
            "autoCommitTriggerLast",
            "Whether the trigger is committed last.",
            flag,
        ),
        clearable(
            "sequential",
            "Whether a run waits until the one before it has ended.",
            flag,
        ),
        clearable("confidential", "Whether no data of runs is kept.", flag),
        clearable(
            "dataLoss",
            "Whether runs go on where what they leave can't be stored (`dataloss` in blueprints).",
            flag,
        ),
        clearable(
            "keepIncomplete",
            "Whether runs that failed are kept, to be completed later (`dlq` in blueprints).",
            flag,
        ),
        clearable(
            "freshVariables",
            "Whether variables are read anew in each cycle.",
            flag,
        ),
        clearable("roundtrips", "The most cycles of one run.", || from(1)),
    ],
};

pub(in crate::manifest) static INTERFACE: Mapping = Mapping {
    what: "an interface",
    about: "",
    keys: &[
        clearable("input", "The inputs, in order.", fields),
        clearable("output", "The outputs, in order.", fields),
    ],
};

/// Fields of an interface or of a data structure.
pub(super) fn fields() -> Value {
    list(json!({ "$ref": "#/$defs/Field" }))
}

/// One field, as Make's API has it. It may have more than is said here.
pub(super) fn field() -> Value {
    json!({
        "title": "Field",
        "type": "object",
        "description": "A field of a data structure or an interface, as Make's API has it.",
        "properties": {
            "name": with(text(), "description", json!("Its name, unique among its neighbours.")),
            "type": {
                "description": "Its type. Interfaces also take types of modules, such as `select`.",
                "anyOf": [{ "enum": FIELD_TYPES }, text()],
            },
            "label": with(anything(), "description", json!("What people see in place of the name.")),
            "help": with(anything(), "description", json!("What people are told about it.")),
            "required": with(anything(), "description", json!("Whether it has to be there.")),
            "default": with(anything(), "description", json!("Its value where none is given.")),
            "multiline": with(anything(), "description", json!("Whether a text may have several lines.")),
            "spec": {
                "description": "The fields of a collection, as a list, or the items of an array.",
                "if": { "type": "array" },
                "then": fields(),
                "else": {
                    "properties": {
                        "type": text(),
                    },
                },
            },
        },
    })
}

/// A blueprint as it stands in a manifest: an export of Make's editor, or modules and connections.
pub(super) fn inline_blueprint() -> Value {
    let mut schema = blueprint();
    if let Value::Object(members) = &mut schema {
        members.insert("not".to_owned(), json!({ "required": ["file"] }));
        members.insert("title".to_owned(), json!("InlineBlueprint"));
    }
    schema
}

/// A blueprint's file.
pub(super) fn blueprint() -> Value {
    json!({
        "title": "Blueprint",
        "type": "object",
        "description": "What a scenario does: an export of Make's editor (`flow`), or for api.make.com `modules` and \
                        `connections`.",
        "properties": {
            "makeform": {
                "description": "Says that the texts of the file may hold `${..}`. makeform writes it.",
                "const": 1,
            },
            "name": {
                "description": "The name of the scenario, where its manifest says none.",
                "type": "string",
            },
            "flow": {
                "description": "The modules, in the order in which they run.",
                "type": "array",
                "items": { "$ref": "#/$defs/Module" },
            },
            "modules": { "description": "The modules, for api.make.com." },
            "connections": { "description": "Which module leads to which: `{ from: 1, to: 2 }`, for api.make.com." },
            "metadata": {
                "description": "What Make keeps beside the modules: settings in `scenario`, and what its editor needs.",
                "type": "object",
            },
            "io": { "description": "Inputs and outputs of the scenario, as exports have them." },
        },
        "if": { "not": { "required": ["flow"] } },
        "then": {
            "required": ["modules"],
            "properties": {
                "name": true,
                "modules": {
                    "type": "array",
                    "items": { "type": "object", "required": ["id", "app"] },
                },
                "connections": or_null(list(json!({ "type": "object", "required": ["from", "to"] }))),
            },
        },
    })
}

/// A module of a blueprint. Nothing of it is demanded: Make checks it, and knows more than this.
pub(super) fn module() -> Value {
    let flows = |of: &str| {
        let flow = json!({ "description": "Its modules.", "items": defined("Module") });
        json!({
            "description": of,
            "items": { "properties": { "flow": flow } },
        })
    };
    json!({
        "title": "Module",
        "description": "A module. Its formulas are Make's own: `{{1.email}}`.",
        "properties": {
            "id": { "description": "Its number, by which formulas name it." },
            "module": {
                "description": "The app and what it does.",
                "examples": ["http:ActionSendData", "builtin:BasicRouter"],
            },
            "version": { "description": "The version of the app." },
            "parameters": { "description": "What is fixed while it runs: connections, webhooks, limits." },
            "mapper": { "description": "What is computed in each run." },
            "filter": { "description": "What has to hold for a run to get here." },
            "routes": flows("The routes of a router."),
            "branches": flows("The branches of an if-else."),
            "tools": flows("The tools of an AI agent."),
            "onerror": {
                "description": "What runs where it fails.",
                "items": { "$ref": "#/$defs/Module" },
            },
            "metadata": { "description": "What Make's editor keeps with it." },
        },
    })
}
