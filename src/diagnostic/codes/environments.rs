//! Codes of what targets say otherwise and leave out, and of things that have other addresses.

use crate::diagnostic::{Code, Severity};

/// An override of something that no manifest declares.
pub static OVERRIDE_UNKNOWN: Code = Code {
    name: "override-unknown",
    severity: Severity::Error,
    summary: "an override of something that no manifest declares",
    explanation: "`overrides` of a target changes parts of the specs of declared things, by their \
                  addresses. Mend the address, or take the entry out.",
    example: "overrides: { scenario.lead-sync: { active: false } }",
};

/// An override takes away what is not there.
pub static OVERRIDE_REMOVES_NOTHING: Code = Code {
    name: "override-removes-nothing",
    severity: Severity::Warning,
    summary: "an override takes away what is not there",
    explanation: "An override is a JSON merge patch (RFC 7396): null takes a field out of the manifest's \
                  spec. The manifest has no such field, so the line does nothing.",
    example: "overrides: { scenario.lead-sync: { description: null } }",
};

/// An entry of `exclude` leaves nothing out.
pub static EXCLUDE_UNKNOWN: Code = Code {
    name: "exclude-unknown",
    severity: Severity::Error,
    summary: "an entry of `exclude` leaves nothing out",
    explanation: "`exclude` of a target takes addresses of declared things, and patterns of them with `*`, \
                  `?` and `[..]`. No manifest declares what this one names, so what was to be left out \
                  would be made. Mend it, or take it out.",
    example: "exclude: [scenario.billing, \"webhook.test-*\"]",
};

/// A manifest needs what the target leaves out.
pub static NAMES_EXCLUDED: Code = Code {
    name: "names-excluded",
    severity: Severity::Error,
    summary: "a manifest needs what the target leaves out",
    explanation: "`exclude` of the target leaves out what this manifest names. An object of the account may \
                  be there in spite of that, made by hand or by another project: then the name finds it. \
                  Here it does not. Leave out the user too, override its field, or make the object.",
    example: "targets:\n\
        \x20 staging:\n\
        \x20   exclude: [webhook.leads, scenario.lead-sync]   # the user, too",
};

/// Two entries of `moved`, or one and a manifest, contradict each other.
pub static MOVED_CONFLICT: Code = Code {
    name: "moved-conflict",
    severity: Severity::Error,
    summary: "entries of `moved` contradict each other, the manifests or the ledger",
    explanation: "`moved` says under which address a thing goes on that the ledger knows under another. \
                  An address is left only once, and no manifest declares it any more; no two things go on \
                  as one; a chain ends somewhere.",
    example: "moved: [{ from: scenario.leads, to: scenario.lead-sync }]",
};

/// What goes and what comes are the same.
pub static LOOKS_MOVED: Code = Code {
    name: "looks-moved",
    severity: Severity::Warning,
    summary: "what goes and what comes have the same content",
    explanation: "One thing of a kind would be deleted and another made that differs in its name only: it \
                  was probably renamed, and would lose its id, its history and its URL. `moved` in any \
                  manifest keeps the object and changes its name.",
    example: "moved: [{ from: scenario.leads, to: scenario.lead-sync }]",
};

/// All codes of this domain.
pub const ALL: &[&Code] = &[
    &OVERRIDE_UNKNOWN,
    &OVERRIDE_REMOVES_NOTHING,
    &EXCLUDE_UNKNOWN,
    &NAMES_EXCLUDED,
    &MOVED_CONFLICT,
    &LOOKS_MOVED,
];
