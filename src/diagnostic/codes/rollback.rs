//! Codes of going back.

use crate::diagnostic::{Code, Severity};

/// All codes of this domain.
pub const ALL: &[&Code] = &[
    &ROLLBACK_LACKS_FORM,
    &ROLLBACK_LACKS_RECORDS,
    &ROLLBACK_LACKS_VALUE,
    &ROLLBACK_NAMES_GONE,
    &ROLLBACK_NEW_URL,
    &ROLLBACK_OVERWRITES,
    &ROLLBACK_TARGET,
];

/// A thing of whose past nothing was kept.
pub static ROLLBACK_LACKS_FORM: Code = Code {
    name: "rollback-lacks-form",
    severity: Severity::Error,
    summary: "the journal does not say what a thing was",
    explanation: "A rollback goes back to what the journals of applies have recorded: each thing as \
it was before the first request was sent about it. For this one there is no such record: an \
earlier makeform applied it, which kept less, or its object was deleted in Make and nobody \
recorded what it was. Check out the commit that you want to go back to, and apply that.",
    example: "git checkout HEAD~1 -- manifests && makeform plan",
};

/// A data store comes back without its records.
pub static ROLLBACK_LACKS_RECORDS: Code = Code {
    name: "rollback-lacks-records",
    severity: Severity::Warning,
    summary: "a data store comes back empty",
    explanation: "makeform never reads the records of a data store, so a journal holds none. What was \
deleted with the data store is not brought back by making it anew.",
    example: "makeform rollback                           # the data store is back, empty",
};

/// A sensitive value that can't go back.
pub static ROLLBACK_LACKS_VALUE: Code = Code {
    name: "rollback-lacks-value",
    severity: Severity::Warning,
    summary: "a sensitive value can't go back",
    explanation: "Journals hold no secret in the clear. With MAKEFORM_STATE_KEY in the environment of \
an apply, sensitive values are sealed with it, and a rollback that has the same key opens them. \
Without it only a salted hash is kept, which shows whether a value is still the same. Where it is \
not, the value stays as it is in Make; where the thing is made anew, it gets what the environment \
says today, or a placeholder, which is a guard of its own.",
    example: "MAKEFORM_STATE_KEY=.. makeform apply\nMAKEFORM_STATE_KEY=.. makeform rollback",
};

/// What goes back names what is gone.
pub static ROLLBACK_NAMES_GONE: Code = Code {
    name: "rollback-names-gone",
    severity: Severity::Warning,
    summary: "what goes back names a thing that is gone in Make",
    explanation: "Somebody deleted an object in Make that no apply to be undone has touched, so the \
rollback does not make it again; but something that goes back names it, and would not work. Apply \
the manifests of today first, which makes the object anew, and roll back past that apply as well, \
with `rollback N`. Or go on all the same with `--allow rollback-names-gone`: the health check after the step \
then puts back a scenario that Make marks as invalid.",
    example: "makeform apply\nmakeform rollback 12",
};

/// A webhook comes back with another URL.
pub static ROLLBACK_NEW_URL: Code = Code {
    name: "rollback-new-url",
    severity: Severity::Warning,
    summary: "a webhook comes back with another URL",
    explanation: "Make gives each webhook a URL of its own, and nobody can ask for an earlier one. \
Scenarios of the project that named the webhook get its new id and URL with this plan; whoever \
calls it from outside has to be told. `makeform state show` and the webhook's page in Make say \
what it is.",
    example: "makeform state show webhook.leads           # its id, and what else is known of it",
};

/// A rollback would undo what somebody did in Make since.
pub static ROLLBACK_OVERWRITES: Code = Code {
    name: "rollback-overwrites",
    severity: Severity::Warning,
    summary: "somebody changed in Make what the rollback would overwrite",
    explanation: "The object is not as the last apply left it: somebody edited it in Make since, and \
going back would take that away. The plan marks these changes. Of a secret this shows only where the \
manifest has a reference and the environment still says what it said then: any other counts as \
changed. Export what you want to keep, or say that it may go with `--allow rollback-overwrites`.",
    example: "makeform rollback --allow rollback-overwrites",
};

/// There is no such apply to go back to.
pub static ROLLBACK_TARGET: Code = Code {
    name: "rollback-target",
    severity: Severity::Error,
    summary: "there is no such apply to go back to",
    explanation: "`rollback` goes back to before the last apply, `rollback N` to before apply N, and \
`rollback --to-commit COMMIT` to what the last apply from that commit has left. Applies that \
changed nothing have no number, and those of earlier versions of makeform recorded no commit. \
`makeform state history` lists them.",
    example: "makeform state history\nmakeform rollback 12",
};
