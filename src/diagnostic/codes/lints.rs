//! Codes of lints: what is sound and probably not what was meant. The level of each may be set.

use crate::diagnostic::{Code, Severity};

use super::{manifest::DUPLICATE_MODULE, ties::RAW_ID};

/// All codes of this domain.
pub const ALL: &[&Code] = &[
    &BREAK_NOT_KEPT,
    &CALLED_NOT_ON_DEMAND,
    &IMMEDIATELY_NEVER,
    &INSTANT_ON_INTERVAL,
    &LEFTOVER_PLACEHOLDER,
    &LITERAL_SECRET,
    &MODULE_LATER,
    &MODULE_MISSING,
    &UNKNOWN_FUNCTION,
    &UNREACHABLE,
];

/// The codes whose level `spec.lints` sets: those of this domain, and two of others. Planning finds
/// some of them too.
pub const SETTABLE: &[&Code] = &[
    &BREAK_NOT_KEPT,
    &CALLED_NOT_ON_DEMAND,
    &DUPLICATE_MODULE,
    &IMMEDIATELY_NEVER,
    &INSTANT_ON_INTERVAL,
    &LEFTOVER_PLACEHOLDER,
    &LITERAL_SECRET,
    &MODULE_LATER,
    &MODULE_MISSING,
    &RAW_ID,
    &UNKNOWN_FUNCTION,
    &UNREACHABLE,
];

/// An error handler stores runs that are not kept.
pub static BREAK_NOT_KEPT: Code = Code {
    name: "break-not-kept",
    severity: Severity::Warning,
    summary: "an error handler breaks, and incomplete executions are not kept",
    explanation: "The handler `builtin:Break` stores a run that failed as an incomplete execution, so that it can be \
                  completed later. That takes the setting `keepIncomplete` (`dlq` in the blueprint); without it there is \
                  nothing to complete, and Make may mark the scenario as invalid. Switch it on, or handle the error \
                  in another way: Resume, Commit, Rollback or Ignore.",
    example: "spec: { settings: { keepIncomplete: true } }",
};

/// A called scenario has a schedule of its own.
pub static CALLED_NOT_ON_DEMAND: Code = Code {
    name: "called-not-on-demand",
    severity: Severity::Warning,
    summary: "a scenario that another one calls is not on demand",
    explanation: "A module of another scenario calls this one, which has a schedule of its own. Make starts called \
                  scenarios on demand: with a schedule it also runs by itself, without what its callers \
                  would give it. Make the schedule `onDemand: true`, or do not call it.",
    example: "spec: { schedule: { onDemand: true } }",
};

/// Nothing tells the first module of news.
pub static IMMEDIATELY_NEVER: Code = Code {
    name: "immediately-never",
    severity: Severity::Warning,
    summary: "a scenario runs immediately, and nothing tells it of new data",
    explanation: "The schedule `immediately` starts a scenario whenever its first module is told of new data: by a \
                  webhook, a mailhook, or another instant trigger. This one has no hook: it asks for news when the \
                  schedule says so, and `immediately` never does. Say when, or begin with an instant trigger.",
    example: "spec: { schedule: { every: 15m } }",
};

/// An instant trigger waits for a schedule.
pub static INSTANT_ON_INTERVAL: Code = Code {
    name: "instant-on-interval",
    severity: Severity::Warning,
    summary: "a scenario with an instant trigger runs at intervals",
    explanation: "The first module is told of new data the moment it arrives, a webhook for example, and the schedule \
                  says when to look. Started so, Make refuses the scenario with `Invalid interval.` or leaves the data \
                  waiting in the webhook's queue.",
    example: "spec: { schedule: { immediately: true } }",
};

/// Something stands in for a value that never came.
pub static LEFTOVER_PLACEHOLDER: Code = Code {
    name: "leftover-placeholder",
    severity: Severity::Warning,
    summary: "a blueprint holds a placeholder that nobody filled in",
    explanation: "Blueprints that are passed on have `{{CONNECTION_GMAIL}}`, `<YOUR_TOKEN>` or `REDACTED` where a \
                  connection or a value belongs. Make fills none of these in: `{{..}}` is its own formula, which is empty \
                  then. Write the value, a reference to a declared thing (`${connection.gmail}`) or a variable of the target \
                  (`${var.NAME}`).",
    example: "\"__IMTCONN__\": \"${connection.gmail}\"",
};

/// A secret stands in a file.
pub static LITERAL_SECRET: Code = Code {
    name: "literal-secret",
    severity: Severity::Warning,
    summary: "a file holds what looks like a secret",
    explanation: "A manifest or a blueprint holds a password, a key, a token or an address that needs no login as \
                  text, and a file in git is read by many. Write `${env.NAME}` in its place and list NAME under \
                  `env` in makeform.yaml; `export` does both. What was in git before stays in its history: \
                  replace the secret itself, too. docs/secrets.md says what counts as a secret; where the rule is \
                  wrong, set the level of this lint.",
    example: "{ \"name\": \"Authorization\", \"value\": \"Bearer ${env.CRM_TOKEN}\" }",
};

/// A formula reads a module that has not run yet.
pub static MODULE_LATER: Code = Code {
    name: "module-later",
    severity: Severity::Warning,
    summary: "a formula reads a module that comes later in the flow",
    explanation: "`{{7.email}}` is what module 7 gave. A module that comes later has given nothing yet, so that the \
                  formula is empty. That happens when a module is moved. Read a module that comes before, or move either.",
    example: "\"flow\": [ { \"id\": 2, \"mapper\": { \"to\": \"{{7.email}}\" } }, { \"id\": 7 } ]",
};

/// A formula reads a module that is not there.
pub static MODULE_MISSING: Code = Code {
    name: "module-missing",
    severity: Severity::Warning,
    summary: "a formula reads a module that the blueprint does not have",
    explanation: "`{{7.email}}` is what module 7 gave, and the blueprint has no module 7 in its flow: it was deleted, \
                  or is parked, or the text was copied from another scenario. The formula is empty when it runs. Write \
                  the id of the module that is meant.",
    example: "\"flow\": [ { \"id\": 2, \"mapper\": { \"to\": \"{{7.email}}\" } } ]",
};

/// A formula calls a function that looks like a slip.
pub static UNKNOWN_FUNCTION: Code = Code {
    name: "unknown-function",
    severity: Severity::Warning,
    summary: "a formula calls a function that looks like a misspelled one",
    explanation: "The function is none of Make's, and its name is nearly that of one. Make saves such a formula, and each run \
                  of it fails. A custom function of the team may have any name: `plan` knows those of the account, and \
                  says which are missing (`function-missing`). If the team has this one, switch the lint off.",
    example: "{{formatDate(now; \"YYYY-MM-DD\")}}",
};

/// Modules that never run.
pub static UNREACHABLE: Code = Code {
    name: "unreachable",
    severity: Severity::Warning,
    summary: "modules that can never run",
    explanation: "A filter that compares two fixed values which differ lets nothing pass; a fallback route is taken only when no \
                  other is, and a route without a filter always is; a branch after one without conditions has no turn. Mend the \
                  filter, or delete what can't run. `disabled: true` on a route says that it is meant.",
    example: "\"filter\": { \"conditions\": [[ { \"a\": \"1\", \"b\": \"2\", \"o\": \"text:equal\" } ]] }",
};

#[cfg(test)]
mod tests {
    use super::{ALL, SETTABLE};

    #[test]
    fn the_level_of_every_lint_can_be_set() {
        for code in ALL {
            assert!(SETTABLE.contains(code), "{code}");
        }
    }
}
