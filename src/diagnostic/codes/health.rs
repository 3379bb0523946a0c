//! Codes of how scenarios fare after they were applied.

use crate::diagnostic::{Code, Severity};

/// All codes of this domain.
pub const ALL: &[&Code] = &[
    &SCENARIO_LEFT_OFF,
    &SCENARIO_PAUSED,
    &SCENARIO_UNHEALTHY,
    &VERIFY_NOT_ALLOWED,
    &VERIFY_SKIPPED,
];

/// A scenario that apply stopped, and did not come to start again.
pub static SCENARIO_LEFT_OFF: Code = Code {
    name: "scenario-left-off",
    severity: Severity::Error,
    summary: "a scenario was stopped for a change, and is still off",
    explanation: "A webhook that changes its type is deleted and made anew. The scenarios that use it \
are stopped before that, and started again once they have the new one. Here something went wrong \
on the way. Mend that and apply again: what is to be active is started then. Where the manifest \
does not say `active`, nobody starts the scenario but you, in Make.",
    example: "makeform status                             # which are off, and why\n\
        makeform apply",
};

/// A scenario that Make has paused.
pub static SCENARIO_PAUSED: Code = Code {
    name: "scenario-paused",
    severity: Severity::Warning,
    summary: "Make has paused the scenario over trouble with the subscription",
    explanation: "Make pauses scenarios where the subscription does not allow them to run: operations \
are used up, or a payment is missing. What was applied is not the reason, so nothing is put back, \
and no run verifies it. Mend the subscription in Make.",
    example: "makeform status --fail-on inactive",
};

/// A scenario that was applied and does not work.
pub static SCENARIO_UNHEALTHY: Code = Code {
    name: "scenario-unhealthy",
    severity: Severity::Error,
    summary: "Make took the scenario, but it does not work",
    explanation: "After each step on a scenario it is read again. Make accepts blueprints that it can't \
run: it marks them invalid, or leaves them switched off. With `verify` the scenario is also run, \
and has to end in success. What happens to one that does not work, `onUnhealthy` of its manifest \
says: `restore` (the default) puts the form before the step back and fails the step; what the step \
has made is switched off and kept. `stop` switches it off and fails the step. `continue` goes on \
with this as a warning. Usually a connection, a webhook or a required parameter is missing: open \
the scenario in Make's editor, which says what it misses, mend the blueprint and apply again.",
    example: "spec:\n  onUnhealthy: restore\n  verify: { run: { input: { email: ada@example.org } }, within: 60s }",
};

/// A scenario that can't be run with this token.
pub static VERIFY_NOT_ALLOWED: Code = Code {
    name: "verify-not-allowed",
    severity: Severity::Error,
    summary: "the token may not run scenarios, and a manifest asks for a run",
    explanation: "`verify` runs a scenario after its step. That takes the scope `scenarios:run` \
(`execute` at api.make.com), which this token lacks: the run would be refused, and the step undone. \
Use a token that has it, or leave `verify` out.",
    example: "spec:\n  verify: { run: {} }",
};

/// A scenario that is not verified because it is off.
pub static VERIFY_SKIPPED: Code = Code {
    name: "verify-skipped",
    severity: Severity::Warning,
    summary: "the scenario is not run to verify it, since it is switched off",
    explanation: "Make runs active scenarios only. After this step the scenario is switched off, so \
`verify` of its manifest is not carried out, and only its row is read. Switch it on with \
`active: true`, or leave `verify` out.",
    example: "spec:\n  active: true\n  verify: { run: {} }",
};
