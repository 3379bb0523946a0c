//! The keys of `makeform.yaml` and `makeform.ids.yaml`.

use serde_json::{Map, Value, json};

use super::{
    documents::VERSION,
    mapping::{Mapping, optional, required},
    values::{
        NAME, by_address, default, defined, examples, from, from_environment, list, map_of, only,
        pattern, text, whole, with, words,
    },
};
use crate::{
    diagnostic::codes::lints,
    manifest::Level,
    model::{Dialect, Handling, Kind, Policy, Threshold},
};

pub(in crate::manifest) static PROJECT: Mapping = Mapping {
    what: "a project",
    about: "A project: where its manifests are, and the accounts that they are for.",
    keys: &[
        VERSION,
        required("kind", "makeform.yaml is a Project.", || only("Project")),
        required("metadata", "What the project is called.", || {
            PROJECT_METADATA.schema()
        }),
        required("spec", "What it is made of.", || PROJECT_SPEC.schema()),
    ],
};

pub(in crate::manifest) static PROJECT_METADATA: Mapping = Mapping {
    what: "`metadata`",
    about: "",
    keys: &[required("name", "The name of the project.", text)],
};

pub(in crate::manifest) static PROJECT_SPEC: Mapping = Mapping {
    what: "the project's `spec`",
    about: "",
    keys: &[
        required(
            "manifests",
            "The manifests: patterns of paths from the project's folder. Each has to match a file.",
            || with(list(text()), "examples", json!([["manifests/**/*.yaml"]])),
        ),
        optional("state", "Where the ledger is kept.", || {
            let state = json!({
                "type": "string",
                "pattern": "^(file|git|(s3|gs|az)://[a-z0-9][a-z0-9._-]{2,62}(/[A-Za-z0-9._/-]*)?)$",
            });
            let state = with(state, "examples", json!(["git", "s3://bucket/prefix"]));
            default(state, "file")
        }),
        optional(
            "env",
            "The variables of the environment that manifests may name as `${env.NAME}`.",
            || {
                let name = json!({
                    "type": ["string", "integer"],
                    "minimum": 0,
                    "pattern": "^[A-Za-z0-9_]+$",
                    "not": { "type": "string", "pattern": "^MAKE(FORM)?_" },
                });
                with(list(name), "examples", json!([["CRM_TOKEN"]]))
            },
        ),
        optional(
            "defaultTarget",
            "The target of commands that name none.",
            text,
        ),
        required("targets", "The accounts and teams, by name.", || {
            map_of(TARGET.schema())
        }),
        optional(
            "guards",
            "How much of an account a plan may touch before apply refuses it.",
            || GUARDS.schema(),
        ),
        optional(
            "drift",
            "What people may change in Make: it is no difference, and is never written.",
            || DRIFT.schema(),
        ),
        optional(
            "lints",
            "How bad each lint is. `makeform explain LINT` tells what it finds.",
            || {
                let levels = || words(Level::ALL.map(|(word, _)| word));
                let lints = lints::SETTABLE.iter();
                let lints: Map<String, Value> = lints
                    .map(|lint| {
                        let level = with(levels(), "description", json!(lint.summary));
                        (lint.name.to_owned(), default(level, lint.severity.as_str()))
                    })
                    .collect();
                json!({ "type": "object", "properties": lints, "additionalProperties": false })
            },
        ),
    ],
};

pub(in crate::manifest) static GUARDS: Mapping = Mapping {
    what: "`guards`",
    about: "",
    keys: &[
        optional(
            "massDelete",
            "How much may be deleted at once, and how much of what is bound may be missing.",
            || threshold(Policy::MASS_DELETE),
        ),
        optional("massUpdate", "How much may be changed at once.", || {
            threshold(Policy::MASS_UPDATE)
        }),
        optional(
            "maxOperationsIncrease",
            "How many operations a month a plan may add, as far as the forecast tells. No limit by default.",
            || from(0),
        ),
    ],
};

pub(in crate::manifest) static THRESHOLD: Mapping = Mapping {
    what: "a guard",
    about: "More than `percent` of at least `least` managed things, or more than `count` of them, are refused without `--allow`.",
    keys: &[
        optional("percent", "The share that is allowed.", || whole(0, 100)),
        optional(
            "least",
            "Of how many managed things the share counts.",
            || from(0),
        ),
        optional("count", "How many are allowed, whatever the share.", || {
            from(0)
        }),
    ],
};

pub(in crate::manifest) static DRIFT: Mapping = Mapping {
    what: "`drift`",
    about: "",
    keys: &[optional(
        "ignore",
        "What is neither compared nor written, kind by kind: `lifecycle.ignoreChanges` for all things of it.",
        || list(IGNORE.schema()),
    )],
};

pub(in crate::manifest) static IGNORE: Mapping = Mapping {
    what: "an entry of `ignore`",
    about: "",
    keys: &[
        required("kind", "The kind of the things.", || {
            let managed = Kind::ALL.into_iter();
            let managed = managed.filter(|kind| kind.handling() == Handling::Managed);
            words(managed.map(Kind::as_str))
        }),
        required(
            "paths",
            "Fields, or JSON Pointers into the form, modules by id.",
            || {
                let paths = list(text());
                with(
                    paths,
                    "examples",
                    json!([["/description", "/blueprint/flow/3/mapper"]]),
                )
            },
        ),
    ],
};

pub(in crate::manifest) static TARGET: Mapping = Mapping {
    what: "a target",
    about: "An account and a team to keep in step.",
    keys: &[
        required(
            "url",
            "The zone of the account, or `sandbox:` for the emulator.",
            || {
                let schema = pattern(r"^\s*([Ss][Aa][Nn][Dd][Bb][Oo][Xx]:|[Hh][Tt][Tt][Pp][Ss]?:)");
                examples(
                    schema,
                    ["https://eu1.make.com", "https://api.make.com", "sandbox:"],
                )
            },
        ),
        optional(
            "organization",
            "The organization, by name or id; the only one, if none is named.",
            || examples(text(), ["${env.MAKE_ORGANIZATION_ID}"]),
        ),
        optional(
            "team",
            "The team, by name or id; the only one, if none is named.",
            || examples(text(), ["Marketing"]),
        ),
        optional(
            "token",
            "The token, as a reference to the environment. Without it, that of `makeform auth login`.",
            || examples(from_environment(), ["${env.MAKE_API_KEY}"]),
        ),
        optional("vars", "What `${var.NAME}` stands for.", || map_of(text())),
        optional(
            "dialect",
            "The form of the API that is spoken there. Without it, what follows from the URL.",
            || words([Dialect::Zone, Dialect::Unified].map(Dialect::as_str)),
        ),
        optional(
            "rateLimit",
            "Requests a minute, where it is not what the organization's plan says.",
            || whole(1, u64::from(u32::MAX)),
        ),
        optional(
            "map",
            "Ids, or other names, of things that the account does not list under theirs.",
            pins,
        ),
        optional(
            "overrides",
            "What is said otherwise here: JSON merge patches (RFC 7396) of specs, by address. Null takes a key away.",
            overrides,
        ),
        optional(
            "exclude",
            "What is left out here: addresses, or patterns with `*`, `?` and `[..]`.",
            || with(list(text()), "examples", json!([["scenario.test-*"]])),
        ),
    ],
};

pub(in crate::manifest) static IDS: Mapping = Mapping {
    what: "the file of ids",
    about: "Ids of things whose names are not unique in the account. `export` and `import` write it.",
    keys: &[
        VERSION,
        required("kind", "makeform.ids.yaml holds Ids.", || only("Ids")),
        required("spec", "Ids by addresses, for each target.", || {
            let pins = with(pins(), "type", json!(["object", "null"]));
            map_of(pins)
        }),
    ],
};

/// A threshold, with what counts where a project leaves something out.
fn threshold(default: Threshold) -> Value {
    let Threshold {
        percent,
        least,
        count,
    } = default;
    let default = json!({ "percent": percent, "least": least, "count": count });
    with(THRESHOLD.schema(), "default", default)
}

/// Ids by addresses.
fn pins() -> Value {
    by_address(json!({ "type": ["string", "number"] }))
}

fn overrides() -> Value {
    let patches = Kind::ALL.into_iter().map(|kind| {
        let pattern = format!("^{}\\.{NAME}$", kind.prefix());
        (pattern, defined(&format!("{kind}Patch")))
    });
    json!({
        "type": "object",
        "patternProperties": Map::from_iter(patches),
        "additionalProperties": false,
    })
}
