//! The keys around the things of a manifest, and of what is said of things that are no more.

use serde_json::{Value, json};

use super::{
    mapping::{Key, Mapping, optional, required},
    values::{NAME, address, anything, default, defined, flag, list, only},
};
use crate::{
    manifest::document::API_VERSION,
    model::{Handling, Kind},
};

/// `apiVersion`.
pub(super) const VERSION: Key = required("apiVersion", "The version of the format.", || {
    only(API_VERSION)
});

const REMOVED: Key = optional(
    "removed",
    "Things that are to be forgotten, or deleted, although no manifest names them any more.",
    || defined("Removed"),
);

const MOVED: Key = optional(
    "moved",
    "Things that have another address than before: their objects in Make are kept.",
    || defined("Moved"),
);

/// A document that declares a thing. What stands behind `kind` and `spec` depends on the kind.
pub(in crate::manifest) static THING: Mapping = Mapping {
    what: "a manifest",
    about: "",
    keys: &[
        VERSION,
        required("kind", "What it declares.", anything),
        required("metadata", "What it is called.", || defined("Metadata")),
        optional("spec", "What it is to be.", anything),
        REMOVED,
        MOVED,
    ],
};

/// A document that declares nothing, and says what became of things that were declared.
pub(in crate::manifest) static FORMER: Mapping = Mapping {
    what: "a manifest",
    about: "What became of things that were declared.",
    keys: &[VERSION, REMOVED, MOVED],
};

pub(in crate::manifest) static METADATA: Mapping = Mapping {
    what: "`metadata`",
    about: "",
    keys: &[required(
        "name",
        "Its name in the project: lowercase letters, digits and `-`. With the kind it makes its address, such as \
         scenario.lead-sync.",
        || {
            json!({
                "type": ["string", "integer"],
                "pattern": format!("^{NAME}$"),
                "minimum": 0,
                "examples": ["lead-sync"],
            })
        },
    )],
};

/// Entries of `removed`.
pub(super) fn removed() -> Value {
    list(REMOVED_ENTRY.schema())
}

/// Entries of `moved`.
pub(super) fn moved() -> Value {
    list(MOVED_ENTRY.schema())
}

fn managed() -> Value {
    address(|kind: Kind| kind.handling() == Handling::Managed)
}

pub(in crate::manifest) static REMOVED_ENTRY: Mapping = Mapping {
    what: "an entry of `removed`",
    about: "A thing that is declared no more.",
    keys: &[
        required("address", "Its address.", managed),
        optional(
            "destroy",
            "Whether it is deleted in Make too; otherwise it is only forgotten.",
            || default(flag(), false),
        ),
    ],
};

pub(in crate::manifest) static MOVED_ENTRY: Mapping = Mapping {
    what: "an entry of `moved`",
    about: "A thing that has another address.",
    keys: &[
        required("from", "The address that it had.", managed),
        required("to", "The address that it has, of the same kind.", managed),
    ],
};
