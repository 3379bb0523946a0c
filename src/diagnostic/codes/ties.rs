//! Codes of planning: what ties a blueprint to one account.

use crate::diagnostic::{Code, Severity};

/// All codes of this domain.
pub const ALL: &[&Code] = &[
    &FUNCTION_MISSING,
    &ID_NOT_FOUND,
    &NEEDS_SETUP,
    &RAW_ID,
    &VARIABLE_MISSING,
];

/// Formulas call a custom function that the team lacks.
pub static FUNCTION_MISSING: Code = Code {
    name: "function-missing",
    severity: Severity::Warning,
    summary: "formulas call a function that the team does not have",
    explanation: "A formula of a blueprint calls a function that is not one of Make's own, and the team has no custom function of that name: the module will fail whenever it runs. Custom functions belong to a team, and makeform does not write them. Add it in Make, under Functions, with the code that the other team has.",
    example: "{{toCents(1.price)}}",
};

/// A blueprint would be written with an id that leads nowhere.
pub static ID_NOT_FOUND: Code = Code {
    name: "id-not-found",
    severity: Severity::Error,
    summary: "a blueprint holds an id that the account does not have",
    explanation: "A module of the blueprint names a connection, a webhook, a data store or another thing by its id, and the account, which was read to its end, has no such thing: the id is that of another team, or the thing was deleted. Make would refuse the blueprint or mark the scenario as invalid. Write a reference to a thing that the manifests declare in place of the id.",
    example: "\"__IMTCONN__\": \"${connection.slack}\"",
};

/// Several things have to be set up in Make by hand.
pub static NEEDS_SETUP: Code = Code {
    name: "needs-setup",
    severity: Severity::Note,
    summary: "connections, keys, devices or agents have to be set up in Make",
    explanation: "What the manifests name by name and type is not in the account, or not only once. Secrets pass through no API, so that makeform creates none of these: errors beside this one name each, with the scenarios and modules that need it. Create them in Make under the names that the manifests say, or name others under `map` of the target.",
    example: "map: { connection.slack: Slack of production }",
};

/// A blueprint is tied to one account.
pub static RAW_ID: Code = Code {
    name: "raw-id",
    severity: Severity::Warning,
    summary: "a blueprint holds an id of one account",
    explanation: "A module of the blueprint names a connection, a webhook, a data store or another thing by its id in Make. That is allowed, and ties the manifest to one team: another has other ids. `makeform export` writes references for the ids that it knows; by hand, declare the thing and write `${kind.name}` in place of the id.",
    example: "\"__IMTCONN__\": \"${connection.slack}\"",
};

/// Formulas name a variable that the account lacks.
pub static VARIABLE_MISSING: Code = Code {
    name: "variable-missing",
    severity: Severity::Warning,
    summary: "formulas name a variable that the account does not have",
    explanation: "A formula of a blueprint names a variable of the team or of the organization, and neither the account nor the manifests have it: Make fills in nothing. Declare it as a Variable, or add it in Make.",
    example: "kind: Variable\nmetadata: { name: base-url }\nspec: { name: base_url, scope: team, type: text, value: https://api.example.com }",
};
