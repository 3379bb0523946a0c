//! Codes of reading manifests.

mod text;

use crate::diagnostic::{Code, Severity};

pub use self::text::{
    ALIAS_BOMB, DUPLICATE_KEY, JSON_SYNTAX, NESTING_TOO_DEEP, OUTSIDE_PROJECT, UNQUOTED_BRACES,
    UNREADABLE_FILE, UNSUPPORTED_YAML, YAML_SYNTAX,
};

/// There is no makeform.yaml.
pub static NO_PROJECT: Code = Code {
    name: "no-project",
    severity: Severity::Error,
    summary: "there is no makeform.yaml",
    explanation: "A project is a folder with a makeform.yaml, looked for from the current folder \
                  upwards. `makeform init` writes one and asks for what stands in it; the five lines below \
                  are enough, too. Or name another folder with `-C DIR`.",
    example: "apiVersion: makeform/v1\n\
              kind: Project\n\
              metadata: { name: acme }\n\
              spec:\n  \
              { manifests: [\"manifests/**/*.yaml\"], targets: { sandbox: { url: \"sandbox:\" } } }",
};

/// A pattern of `manifests` matches no file.
pub static PATTERN_WITHOUT_MATCH: Code = Code {
    name: "pattern-without-match",
    severity: Severity::Error,
    summary: "a pattern of `manifests` matches no file",
    explanation: "A pattern that matches nothing is most often a slip, and everything it should have \
                  named would be planned for deletion.",
    example: "manifests: [\"manifests/**/*.yaml\"]",
};

/// There is no target of this name.
pub static UNKNOWN_TARGET: Code = Code {
    name: "unknown-target",
    severity: Severity::Error,
    summary: "there is no target of this name",
    explanation: "Targets are declared under `spec.targets` of makeform.yaml.",
    example: "makeform --target prod plan\n\
        \n\
        targets:\n\
        \x20 production: { url: https://eu1.make.com }",
};

/// A target is not set up right.
pub static BAD_TARGET: Code = Code {
    name: "bad-target",
    severity: Severity::Error,
    summary: "a target is not set up right",
    explanation: "A target needs a `url`: `sandbox:`, `sandbox:PATH`, or the https address of a zone \
                  of Make. Plain http is for this machine's own addresses only, since a token travels \
                  with each request.",
    example: "url: https://eu1.make.com",
};

/// A token stands in makeform.yaml.
pub static TOKEN_IN_FILE: Code = Code {
    name: "token-in-file",
    severity: Severity::Error,
    summary: "a token stands in makeform.yaml",
    explanation: "Whoever reads the repository would own the account. Put the token into the \
                  environment, name it here, and revoke the one that was written down.",
    example: "token: ${env.MAKE_API_KEY}",
};

/// A key that nobody reads.
pub static UNKNOWN_KEY: Code = Code {
    name: "unknown-key",
    severity: Severity::Error,
    summary: "a key that nobody reads",
    explanation: "An unknown key in a declarative file silently means \"not managed\", so it is an \
                  error. The help names the nearest key there is.",
    example: "spec:\n\
        \x20 shedule: { every: 15m }                   # schedule",
};

/// A word that may be an app's is nearly one of ours.
pub static LOOKS_MISSPELLED: Code = Code {
    name: "looks-misspelled",
    severity: Severity::Warning,
    summary: "a word that may be an app's is nearly one of ours",
    explanation: "The type of a webhook may be that of any app, and an app's webhook may have fields of \
                  any name, so both are taken as written. This one differs so little from a word that \
                  means something to every webhook that it is more likely a slip.",
    example: "kind: Webhook\n\
        spec: { type: costum }                      # custom",
};

/// A key is missing.
pub static MISSING_KEY: Code = Code {
    name: "missing-key",
    severity: Severity::Error,
    summary: "a key is missing",
    explanation: "The mapping cannot do without this key.",
    example: "kind: Scenario\n\
        metadata: { name: lead-sync }               # without it there is no address",
};

/// A value is of the wrong type.
pub static WRONG_TYPE: Code = Code {
    name: "wrong-type",
    severity: Severity::Error,
    summary: "a value is of the wrong type",
    explanation: "Unquoted `true`, `false` and `null` are no texts; quote them where a text is meant. \
                  Everything else that is unquoted, such as `no`, `1:30` or `007`, is the text as \
                  written where a text is wanted.",
    example: "name: \"true\"",
};

/// A value is not one of those that fit.
pub static BAD_VALUE: Code = Code {
    name: "bad-value",
    severity: Severity::Error,
    summary: "a value is not one of those that fit",
    explanation: "The value has the right type, but does not say anything that this key understands. \
                  The message lists what it does.",
    example: "schedule: { every: 15 parsecs }             # 15m",
};

/// Null makes no sense here.
pub static NULL_NOT_ALLOWED: Code = Code {
    name: "null-not-allowed",
    severity: Severity::Error,
    summary: "null makes no sense here",
    explanation: "`null` clears a field. This one cannot be empty: give it a value, or leave the key \
                  out, which means that it is not managed.",
    example: "active: null                                # true or false, or no such line",
};

/// A text is longer than Make takes.
pub static TOO_LONG: Code = Code {
    name: "too-long",
    severity: Severity::Error,
    summary: "a text is longer than Make takes",
    explanation: "Make limits the length of names and descriptions and refuses longer ones.",
    example: "name: Copies each lead that comes in to the CRM, and then ..   # 128 characters at most",
};

/// A part of the contract that this version does not know yet.
pub static NOT_SUPPORTED_YET: Code = Code {
    name: "not-supported-yet",
    severity: Severity::Error,
    summary: "a part of the contract that this version does not know yet",
    explanation: "The key or kind is documented, but not part of this version. It is refused rather \
                  than ignored, so that nothing seems managed that is not.",
    example: "kind: Policy                                # remove it for now",
};

/// There is no kind of this name.
pub static UNKNOWN_KIND: Code = Code {
    name: "unknown-kind",
    severity: Severity::Error,
    summary: "there is no kind of this name",
    explanation: "Manifests describe the kinds Agent, Connection, DataStore, DataStructure, Device, \
                  Folder, Key, OrganizationRole, Scenario, Schedule, Team, TeamRole, Variable and \
                  Webhook. `makeform schema --kind KIND` has what each takes.",
    example: "kind: Scenario",
};

/// A name cannot be part of an address.
pub static BAD_NAME: Code = Code {
    name: "bad-name",
    severity: Severity::Error,
    summary: "a name cannot be part of an address",
    explanation: "`metadata.name` becomes the address of the thing, `kind.name`: lowercase letters, \
                  digits and `-`, not beginning with `-`. What Make shows is `spec.name`, which may be \
                  anything.",
    example: "metadata: { name: lead-sync }",
};

/// Two manifests have the same address.
pub static DUPLICATE_ADDRESS: Code = Code {
    name: "duplicate-address",
    severity: Severity::Error,
    summary: "two manifests have the same address",
    explanation: "Names are unique in their kind. Rename one of them, or remove it.",
    example: "kind: Scenario\n\
        metadata: { name: lead-sync }               # in leads.yaml, and in crm.yaml again",
};

/// Two manifests give roles to the same person.
pub static SAME_PERSON: Code = Code {
    name: "same-person",
    severity: Severity::Error,
    summary: "two manifests give roles to the same person",
    explanation: "A member has one role in a team. Addresses of e-mail are compared without regard to \
                  case.",
    example: "kind: TeamRole\n\
        spec: { email: Ada@example.com, role: Team Member }\n\
        ---\n\
        kind: TeamRole\n\
        spec: { email: ada@example.com, role: Team Admin }",
};

/// A reference names something that no manifest declares.
pub static DANGLING_REFERENCE: Code = Code {
    name: "dangling-reference",
    severity: Severity::Error,
    summary: "a reference names something that no manifest declares",
    explanation: "References name things by their address in this project. Declare the thing, or write \
                  `$${` for a literal `${`.",
    example: "spec: { folder: folder.crn }                # folder.crm",
};

/// A reference names a thing that does not fit here.
pub static WRONG_REFERENCE: Code = Code {
    name: "wrong-reference",
    severity: Severity::Error,
    summary: "a reference names a thing that does not fit here",
    explanation: "The place wants a thing of another kind, or one that has an id in Make; or the thing \
                  has no such attribute.",
    example: "folder: folder.crm",
};

/// A variable that is not declared.
pub static UNDECLARED_VARIABLE: Code = Code {
    name: "undeclared-variable",
    severity: Severity::Error,
    summary: "a variable that is not declared",
    explanation: "`${var.NAME}` must stand under `vars` of the target, `${env.NAME}` under `env` of \
                  makeform.yaml, and the only one of `${target.*}` is `${target.name}`. Variables of \
                  the environment that begin with `MAKE_` are for the account's own settings in \
                  makeform.yaml.",
    example: "env: [CRM_TOKEN]",
};

/// A variable of the environment is not set.
pub static UNSET_VARIABLE: Code = Code {
    name: "unset-variable",
    severity: Severity::Error,
    summary: "a variable of the environment is not set",
    explanation: "A manifest uses a variable that the project declares under `env`, but it is not set \
                  where makeform runs.",
    example: "CRM_TOKEN=... makeform plan",
};

/// A reference stands where only plain text may.
pub static REFERENCE_NOT_ALLOWED: Code = Code {
    name: "reference-not-allowed",
    severity: Severity::Error,
    summary: "a reference stands where only plain text may",
    explanation: "Names pair things with those of the account before anything is read from there, so \
                  they hold no ids and no secrets; settings of a target hold only references to the \
                  environment.",
    example: "spec: { name: \"${var.prefix} Leads\" }        # write the name out",
};

/// Things stand on each other in a circle.
pub static REFERENCE_CYCLE: Code = Code {
    name: "reference-cycle",
    severity: Severity::Error,
    summary: "things stand on each other in a circle",
    explanation: "None of them can be made before the others. Take one of the references out.",
    example: "kind: Folder\n\
        metadata: { name: a }\n\
        spec: { parent: folder.b }\n\
        ---\n\
        kind: Folder\n\
        metadata: { name: b }\n\
        spec: { parent: folder.a }",
};

/// Scenarios call each other in a circle.
pub static CALLS_IN_A_CIRCLE: Code = Code {
    name: "calls-in-a-circle",
    severity: Severity::Note,
    summary: "scenarios call each other in a circle",
    explanation: "Make allows it, and it may be meant; a run that never ends uses operations without \
                  end. Planning decides whether it can be brought about.",
    example: "scenario.a -> scenario.b -> scenario.a      # by `scenario-service:CallSubscenario`",
};

/// A schedule does not say when.
pub static BAD_SCHEDULE: Code = Code {
    name: "bad-schedule",
    severity: Severity::Error,
    summary: "a schedule does not say when",
    explanation: "A schedule has exactly one rhythm: every, daily, weekly, monthly, yearly, once, \
                  immediately, onDemand, cron or raw; beside it between, restrict, maxRunsPerMinute (with \
                  immediately only) and timezone. Intervals are a minute long or more. Of cron, Make's zones \
                  can say one interval, or one time of day on days of the week, of the month or of the year; \
                  for what else there is, the nearest is shown.",
    example: "schedule: { weekly: { days: [mon, wed], time: \"09:00\" } }",
};

/// A cron expression became an interval.
pub static CRON_PHASE: Code = Code {
    name: "cron-phase",
    severity: Severity::Warning,
    summary: "a cron expression keeps its interval, but not its phase",
    explanation: "Make's zones know intervals, which they count from the moment of activation; cron \
                  counts from the full hour or from midnight. To say when exactly, use daily, weekly \
                  or monthly; to accept it, write every instead of cron.",
    example: "schedule: { cron: \"*/15 * * * *\" }   # the same as { every: 15m }",
};

/// A document is no blueprint.
pub static BAD_BLUEPRINT: Code = Code {
    name: "bad-blueprint",
    severity: Severity::Error,
    summary: "a document is no blueprint",
    explanation: "A blueprint is a JSON object with a list `flow` of modules, as Make's editor exports \
                  it.",
    example: "{ \"modules\": [] }                           # { \"flow\": [] }",
};

/// A file is not the editor's part of a blueprint.
pub static BAD_EDITOR_FILE: Code = Code {
    name: "bad-editor-file",
    severity: Severity::Error,
    summary: "a file is not the editor's part of a blueprint",
    explanation: "`x.editor.json` beside `x.blueprint.json` holds what only Make's editor needs, by the \
                  ids of the modules: positions, labels, samples. `export` and `fmt` write it. Without it \
                  the blueprint does the same, and modules that Make has not yet are laid out anew.",
    example: "{\"modules\": {\"3\": {\"metadata\": {\"designer\": {\"x\": 300, \"y\": 0}}}}}",
};

/// Modules of a blueprint have the same id.
pub static DUPLICATE_MODULE: Code = Code {
    name: "duplicate-module",
    severity: Severity::Warning,
    summary: "modules of a blueprint have the same id",
    explanation: "Accounts hold such blueprints, and Make runs them; they are exported and applied as \
                  they are. But expressions such as `{{3.email}}` name modules by their id, and of \
                  several with the same id one is meant. Make's editor gives a fresh id to a module \
                  that is inserted again.",
    example: "\"flow\": [ { \"id\": 3 }, { \"id\": 3 } ]",
};

/// The manifest and its blueprint say two different things.
pub static OVERRIDDEN_BY_SPEC: Code = Code {
    name: "overridden-by-spec",
    severity: Severity::Warning,
    summary: "the manifest and its blueprint say two different things",
    explanation: "`spec.name` (or else `metadata.name`) and `spec.settings` win over the same things \
                  inside the blueprint and are written into it. Make both say the same, or leave it to \
                  one of them.",
    example: "spec:\n\
        \x20 name: Lead Sync                           # the blueprint's `name` is `Leads`",
};

/// A thing is declared and removed at once.
pub static REMOVED_AND_DECLARED: Code = Code {
    name: "removed-and-declared",
    severity: Severity::Error,
    summary: "a thing is declared and removed at once",
    explanation: "`removed` lists things that no manifest declares any more. Take it off that list, or \
                  remove its manifest.",
    example: "removed: [{ address: scenario.old, destroy: false }]",
};

/// Nothing uses this.
pub static UNUSED: Code = Code {
    name: "unused",
    severity: Severity::Note,
    summary: "nothing uses this",
    explanation: "A Schedule does nothing by itself: it is there for scenarios to name.",
    example: "kind: Schedule\n\
        metadata: { name: nightly }\n\
        spec: { daily: \"02:30\" }\n\
        ---\n\
        kind: Scenario\n\
        spec: { schedule: schedule.nightly }        # this uses it",
};

/// A pinned id belongs to nothing.
pub static UNUSED_PIN: Code = Code {
    name: "unused-pin",
    severity: Severity::Warning,
    summary: "a pinned id belongs to nothing",
    explanation: "makeform.ids.yaml gives an id to an address that no manifest declares, or for a \
                  target that is not there. Remove the line, or mend the address.",
    example: "spec:                                       # of makeform.ids.yaml\n\
        \x20 production: { scenario.gone: 925 }          # remove the line",
};

/// `spec.lints` sets the level of something that is no lint.
pub static UNKNOWN_LINT: Code = Code {
    name: "unknown-lint",
    severity: Severity::Error,
    summary: "`lints` names a code that is no lint",
    explanation: "`spec.lints` of makeform.yaml sets how bad a lint is: `off`, `warning` or `error`. Its keys \
                  are codes of lints, which docs/lints.md lists; the levels of other findings are fixed.",
    example: "lints: { module-later: error, raw-id: off }",
};

/// All codes of this domain.
pub const ALL: &[&Code] = &[
    &YAML_SYNTAX,
    &UNSUPPORTED_YAML,
    &ALIAS_BOMB,
    &NESTING_TOO_DEEP,
    &UNQUOTED_BRACES,
    &DUPLICATE_KEY,
    &JSON_SYNTAX,
    &UNREADABLE_FILE,
    &OUTSIDE_PROJECT,
    &NO_PROJECT,
    &PATTERN_WITHOUT_MATCH,
    &UNKNOWN_TARGET,
    &BAD_TARGET,
    &TOKEN_IN_FILE,
    &UNKNOWN_KEY,
    &LOOKS_MISSPELLED,
    &MISSING_KEY,
    &WRONG_TYPE,
    &BAD_VALUE,
    &NULL_NOT_ALLOWED,
    &TOO_LONG,
    &NOT_SUPPORTED_YET,
    &UNKNOWN_KIND,
    &BAD_NAME,
    &DUPLICATE_ADDRESS,
    &SAME_PERSON,
    &DANGLING_REFERENCE,
    &WRONG_REFERENCE,
    &UNDECLARED_VARIABLE,
    &UNSET_VARIABLE,
    &REFERENCE_NOT_ALLOWED,
    &REFERENCE_CYCLE,
    &CALLS_IN_A_CIRCLE,
    &BAD_SCHEDULE,
    &CRON_PHASE,
    &BAD_BLUEPRINT,
    &BAD_EDITOR_FILE,
    &DUPLICATE_MODULE,
    &OVERRIDDEN_BY_SPEC,
    &REMOVED_AND_DECLARED,
    &UNUSED,
    &UNUSED_PIN,
    &UNKNOWN_LINT,
];
