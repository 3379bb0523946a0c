//! Codes of carrying out a plan.

use crate::diagnostic::{Code, Severity};

/// All codes of this domain.
pub const ALL: &[&Code] = &[
    &BINDING_KEPT,
    &BINDING_REFUSED,
    &CREATE_UNSETTLED,
    &LEDGER_DAMAGED,
    &LEDGER_LOCKED,
    &LEDGER_MOVED,
    &LEDGER_NEWER,
    &LEDGER_OF_ANOTHER_ACCOUNT,
    &LEDGER_UNREACHABLE,
    &STEP_FAILED,
    &STEP_STALE,
];

/// A binding that was to be dropped, of an object that is there.
pub static BINDING_KEPT: Code = Code {
    name: "binding-kept",
    severity: Severity::Warning,
    summary: "an object that seemed to be gone is still there",
    explanation: "The lists that the plan was made from lacked an object that is ours, and no manifest \
declares it any more, so its binding was to be dropped. Before that, apply asks for the object by \
its id. It is there, or Make did not say, so the binding is kept: without it nobody would know \
whose the object is. The next plan decides again. Where the object was moved to another team, \
`state rm` drops the binding.",
    example: "makeform plan\nmakeform state rm webhook.leads",
};

/// A binding that can't be made, moved or removed.
pub static BINDING_REFUSED: Code = Code {
    name: "binding-refused",
    severity: Severity::Error,
    summary: "a binding can't be made, moved or removed as asked",
    explanation: "A thing of the project has at most one object in Make, and an object at most \
one thing. `import` binds what is free on both sides; `state mv` moves a binding to a free \
address of the same kind; `state rm` forgets one without touching the object.",
    example: "makeform state list\nmakeform state rm webhook.leads\nmakeform import webhook.leads 41",
};

/// A lost create that several objects could be.
pub static CREATE_UNSETTLED: Code = Code {
    name: "create-unsettled",
    severity: Severity::Error,
    summary: "nobody knows whether an earlier apply made an object",
    explanation: "An apply was interrupted after it had asked Make to make something and before \
it had read the answer. The next run reads the account to find the object. Here that is not \
clear: several objects fit, or the account could not be read to its end. Nothing is created until \
it is clear, since that could make a duplicate. Say which object is yours with `import`, or delete \
those in Make that nobody needs.",
    example: "makeform import webhook.leads 41",
};

/// A file of the ledger that is not what was written.
pub static LEDGER_DAMAGED: Code = Code {
    name: "ledger-damaged",
    severity: Severity::Error,
    summary: "a file of the ledger is not what makeform wrote",
    explanation: "The ledger knows which objects of the account are the project's. A torn last line of \
its journal is normal after a crash and is dealt with; anything else means that the file was \
changed or lost content. Going on could make duplicates or delete what is not ours, so nothing \
is done. Without a backup, move the target's folder in `.makeform` aside: the next plan adopts what \
has the same name, and `import` binds the rest.",
    example: "git log -p --all -- .makeform               # who changed it, if it was ever committed\n\
        makeform state show scenario.lead-sync",
};

/// Another process has the ledger.
pub static LEDGER_LOCKED: Code = Code {
    name: "ledger-locked",
    severity: Severity::Error,
    summary: "another process is applying to this target",
    explanation: "Only one process at a time may change a target's account and ledger. The message \
says which one it is. Its lock ends with it, however it ends: a process that was killed blocks \
nobody.",
    example: "makeform apply --lock-timeout 600           # wait for it",
};

/// A ledger that counts no more, or not yet.
pub static LEDGER_MOVED: Code = Code {
    name: "ledger-moved",
    severity: Severity::Error,
    summary: "the ledger is kept elsewhere",
    explanation: "A target has one ledger. `makeform state migrate` takes it from one place to \
another (a file, a git ref, an object store) and marks the old one as moved, so that a checkout \
with an older makeform.yaml can't go on with it: two ledgers would each make what the other made \
already. For the same reason none is begun elsewhere while there is one in `.makeform/<target>` that \
was not moved: take it along first. A migration that was cut short leaves a ledger that does not \
count yet; the same command ends it. Where there is a ledger in the new place already, nothing is moved.",
    example: "makeform state migrate --from file",
};

/// A ledger of a newer version.
pub static LEDGER_NEWER: Code = Code {
    name: "ledger-newer",
    severity: Severity::Error,
    summary: "a newer version of makeform wrote the ledger",
    explanation: "The ledger states its format, and this version does not know that one. Guessing at \
it could lose what the newer version remembers. Everybody who applies to a target should use the \
same version.",
    example: "makeform --version                          # the same in CI and on every machine",
};

/// Bindings of another account.
pub static LEDGER_OF_ANOTHER_ACCOUNT: Code = Code {
    name: "ledger-of-another-account",
    severity: Severity::Error,
    summary: "the ledger belongs to another account or team",
    explanation: "Ids mean something in one account only: used in another, they would change or delete \
what is not ours. So the ledger names the host, organization and team it belongs to, and is \
refused for any other. That happens when the `url`, `organization` or `team` of a target is \
changed. Give the other account a target of its own.",
    example: "targets:\n  staging:    { url: https://eu1.make.com, team: Staging }\n  production: { url: https://eu1.make.com, team: Marketing }",
};

/// A ledger that can't be read or written.
pub static LEDGER_UNREACHABLE: Code = Code {
    name: "ledger-unreachable",
    severity: Severity::Error,
    summary: "the ledger can't be read or written",
    explanation: "What is about to be sent is written to disk first, so that a crash can't make \
anything twice. If that fails, nothing is sent. The message says what the system said; it is \
nearly always a permission or a full disk.",
    example: "ls -ld .makeform && df -h .makeform",
};

/// A step that Make refused.
pub static STEP_FAILED: Code = Code {
    name: "step-failed",
    severity: Severity::Error,
    summary: "a step of the plan was not carried out",
    explanation: "Make refused a request of the step, or its answer was lost. Steps that build upon it \
are skipped, all others are done. What was done is remembered: mend the cause and apply again, \
and only the rest is done.",
    example: "makeform apply                              # once the cause is mended: only the rest is done",
};

/// A step whose object changed after planning.
pub static STEP_STALE: Code = Code {
    name: "step-stale",
    severity: Severity::Error,
    summary: "somebody changed the object after the plan was made",
    explanation: "Before each step the object is read again. If it is no longer what the plan decided \
upon, nothing is sent for it: the change that was reviewed is not the one that would happen. Plan \
again to see how things stand now.",
    example: "makeform plan                               # shows what somebody changed, too",
};
