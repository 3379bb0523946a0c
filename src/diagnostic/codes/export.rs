//! Codes of writing manifests.

use crate::diagnostic::{Code, Severity};

/// A file that export would write exists and says something else.
pub static FILE_DIFFERS: Code = Code {
    name: "file-differs",
    severity: Severity::Error,
    summary: "a file that export would write says something else",
    explanation: "Without `--update` export never replaces what somebody wrote. Nothing was written. \
                  `--update` changes the manifests that are there; or export to a folder of its own and \
                  compare the two.",
    example: "makeform export --out from-the-account",
};

/// A place in a file that `--update` does not change.
pub static UPDATE_BY_HAND: Code = Code {
    name: "update-by-hand",
    severity: Severity::Error,
    summary: "a manifest can't be changed in place here",
    explanation: "`export --update` changes just what differs, and reads the result before it writes \
                  it. Here the file says what it says in a way that no change of this place alone \
                  leads to what the account has: an anchor that other places share, a key that `<<` \
                  brings, a layout that is odd; or Make tells nobody the value, as with the \
                  credentials of a webhook. Nothing was written, in any file. Change that place by \
                  hand, and run the command again for the rest.",
    example: "schedule: &often { every: 15m }             # two scenarios share it, and one of them changed:\n\
        schedule: { every: 5m }                     # give it one of its own",
};

/// A field that the target's `overrides` say.
pub static UPDATE_OVERRIDDEN: Code = Code {
    name: "update-overridden",
    severity: Severity::Warning,
    summary: "a field differs that the target's `overrides` say",
    explanation: "The account has something else than the `overrides` of the target say. The manifest \
                  is shared with other targets, and makeform.yaml is never changed by an export: the \
                  field was left as it is, and a plan goes on to show the difference. Change the \
                  override to what the account has, or take it away.",
    example: "targets:\n  staging:\n    overrides:\n      scenario.lead-sync: { active: false }",
};

/// A manifest of something that the account has no more.
pub static GONE: Code = Code {
    name: "gone",
    severity: Severity::Warning,
    summary: "a manifest declares something that the account has no more",
    explanation: "The account has no object that the manifest could mean: by the ledger, by a pin, or \
                  by its name. Somebody deleted or renamed it in Make. An apply would make it again. \
                  `--prune` takes the manifest away, with its blueprint's files and its pin. What the \
                  ledger has never seen counts as not applied yet, and is not told, unless there is no \
                  ledger at all. Where other targets have the thing, list it under `exclude` of this \
                  one instead.",
    example: "makeform export --update --prune",
};

/// Something that is gone is still named.
pub static GONE_BUT_NAMED: Code = Code {
    name: "gone-but-named",
    severity: Severity::Error,
    summary: "something names what `--prune` would take away",
    explanation: "A manifest, a blueprint or makeform.yaml names a thing whose manifest would go, since \
                  the account has no such thing any more. Without it that reference would lead nowhere. \
                  Nothing was written. Take the reference away first: for a scenario in Make's editor, \
                  which may not run as it is; or leave `--prune` out.",
    example: "spec: { folder: folder.crm }                # take this away, and the folder's manifest may go",
};

/// What was written does not read back as the account.
pub static NOT_THE_ACCOUNT: Code = Code {
    name: "not-the-account",
    severity: Severity::Error,
    summary: "planning from what was exported shows a change",
    explanation: "Export reads back what it wrote, and plans it against what it read of the account: \
                  nothing may change. Here something would, at the paths that are named. Where \
                  `overrides` of the target change the thing, they say something else than the account \
                  does, and one of the two is to be mended. Otherwise it is a defect of makeform. The \
                  files are kept as they were written, for you to look at: apply nothing from them.",
    example: "targets:\n\
        \x20 production:\n\
        \x20   overrides:\n\
        \x20     scenario.lead-sync: { active: true }  # the account has it inactive",
};

/// What was exported is not found by the project that it was exported to.
pub static NOT_READ_BACK: Code = Code {
    name: "not-read-back",
    severity: Severity::Error,
    summary: "the project does not find what was exported to it",
    explanation: "Export reads back what it wrote, and plans it against the account. The folder is \
                  a project, but none of the patterns of its `manifests` finds the new files, so \
                  they do nothing yet. The files are written and complete.",
    example: "manifests: [\"manifests/**/*.yaml\"]",
};

/// Targets that share a manifest have the thing otherwise.
pub static TARGETS_DIFFER: Code = Code {
    name: "targets-differ",
    severity: Severity::Warning,
    summary: "a target has a thing otherwise than the manifest that the targets share",
    explanation: "Export wrote one project from several targets, and a thing of one name is not the \
                  same in all of them. The manifest says what the target has that was named first. \
                  An apply to this target would change the thing there, as its plan shows. Say what is \
                  otherwise under `overrides` of the target, or put what differs into `vars`. The \
                  values of fields that may hold secrets are not shown: `..` stands for them.",
    example: "targets:\n  staging:\n    overrides:\n      scenario.lead-sync: { active: false }",
};

/// A target lacks what another has.
pub static TARGET_LACKS: Code = Code {
    name: "target-lacks",
    severity: Severity::Warning,
    summary: "a target has nothing of what another target has",
    explanation: "Export wrote one project from several targets, and some things are in one account and \
                  not in another. As all manifests hold for all targets, an apply to this target would \
                  make them there. Where that is not meant, list them under `exclude` of the target.",
    example: "targets:\n  staging:\n    exclude: [scenario.billing, \"webhook.partner-*\"]",
};

/// A part of the account could not be read, so it is not in the files.
pub static EXPORT_INCOMPLETE: Code = Code {
    name: "export-incomplete",
    severity: Severity::Warning,
    summary: "a part of the account could not be read",
    explanation: "The account did not hand out everything that was asked for: a list broke off, \
                  the token lacks a permission, or the blueprint of a scenario could not be \
                  fetched. What is missing was not written. Nothing that was written is wrong, \
                  but the files do not describe the whole team. Mend the cause and export again.",
    example: "makeform doctor                             # what the token may not read\n\
        makeform export --update",
};

/// Several objects of a kind have the same name.
pub static EXPORT_NAME_SHARED: Code = Code {
    name: "export-name-shared",
    severity: Severity::Note,
    summary: "several things have the same name in Make",
    explanation: "Make does not demand that names are unique, and makeform pairs a manifest with \
                  an object by its name. Where a name says too little, export writes the ids to \
                  `makeform.ids.yaml`, which belongs in git beside the manifests. Once the \
                  objects have names of their own, their entries there can go.",
    example: "spec:\n  production:\n    scenario.lead-sync: 925\n    scenario.lead-sync-2: 931",
};

/// A thing names another that has no manifest.
pub static EXPORT_UNKNOWN_ID: Code = Code {
    name: "export-unknown-id",
    severity: Severity::Warning,
    summary: "a thing names another for which no manifest can stand",
    explanation: "A scenario stands in a folder, or a webhook uses a connection, that was not \
                  found in the team: it was deleted meanwhile, or the token may not see it; or \
                  it has no name. The id was written as it is, which ties the manifest to this \
                  one team.",
    example: "\"__IMTHOOK__\": 4711                         # no webhook of the team has this id any more",
};

/// `--only` names something that is not there.
pub static EXPORT_NOTHING_CHOSEN: Code = Code {
    name: "export-nothing-chosen",
    severity: Severity::Error,
    summary: "what was asked for is not in the account",
    explanation: "`--only` takes addresses as export gives them: the kind, a dot, and the name \
                  in Make as lowercase letters, digits and `-`. No object of the account has that \
                  address. An export without `--only` shows all of them.",
    example: "makeform export --only scenario.lead-sync",
};

/// A blueprint holds the URL of a webhook.
pub static EXPORT_HOOK_URL: Code = Code {
    name: "export-hook-url",
    severity: Severity::Warning,
    summary: "a blueprint holds the URL of one of the team's webhooks",
    explanation: "Whoever knows a webhook's URL can call it, and a file in git is read by many. \
                  A blueprint that calls another scenario's webhook holds its URL as text. Keep \
                  it out of git: put the URL into a variable of the team in Make, or refer to it \
                  as `${webhook.NAME.url}` in a blueprint file that may hold references.",
    example: "\"url\": \"${webhook.orders.url}\"              # in a blueprint with `\"makeform\": 1`",
};

/// AI agents are known by their ids only.
pub static EXPORT_AGENTS: Code = Code {
    name: "export-agents",
    severity: Severity::Note,
    summary: "AI agents are known by their ids only",
    explanation: "Modules name AI agents by ids, and no API of Make lists these agents. Export declares \
                  each as an Agent, under the name that Make's editor remembered when the module was \
                  saved, and writes its id to `makeform.ids.yaml` for the target of the export. \
                  Another target has agents of its own: their ids belong there too, under its name.",
    example: "spec:\n  production:\n    agent.support: 0198c2d4-77aa-7c1b-8d2e-4f6a9b1c3d5e",
};

/// A secret of the account is written as a variable.
pub static EXPORT_SECRET: Code = Code {
    name: "export-secret",
    severity: Severity::Warning,
    summary: "the account holds a secret as text, which is written as a variable",
    explanation: "A module, a webhook or a variable holds a key, a password or an address that needs no login as \
                  text, and a file in git is read by many. Export writes `${env.NAME}` in its place, \
                  declares the name under `env` of makeform.yaml, and lists it in .env.example. Planning takes \
                  the value from the environment: set the variable, in your shell and in CI, before you plan. \
                  Better still, move the secret into a key or connection of Make. docs/secrets.md says what \
                  counts as a secret.",
    example: "export LEAD_SYNC_3_AUTHORIZATION=...",
};

/// The project does not declare a variable, and its file can't be added to.
pub static EXPORT_UNDECLARED: Code = Code {
    name: "export-undeclared",
    severity: Severity::Error,
    summary: "variables for secrets have to be declared in makeform.yaml by hand",
    explanation: "Export writes `${env.NAME}` in place of secrets, and manifests may name only variables that are \
                  listed under `env` of makeform.yaml. It adds them there, comments and all else kept; but this \
                  file is written in a way in which it can't. Nothing was written. Add the names and \
                  export again.",
    example: "env: [CRM_TOKEN, LEAD_SYNC_3_AUTHORIZATION]",
};

/// A secret goes to a file, as was asked for.
pub static EXPORT_SECRET_KEPT: Code = Code {
    name: "export-secret-kept",
    severity: Severity::Warning,
    summary: "what looks like a secret was written to a file",
    explanation: "With `--keep-secrets` export writes secrets as they are. All files that it writes can be read \
                  by you alone (0600), which git does not keep. Keep such files out of git: what was in it \
                  once stays in its history. Without the flag, export writes `${env.NAME}`.",
    example: "makeform export --out backup --keep-secrets",
};

/// A secret stands where no reference can.
pub static EXPORT_SECRET_LEFT_OUT: Code = Code {
    name: "export-secret-left-out",
    severity: Severity::Warning,
    summary: "a thing was left out, since no variable can stand for a secret in it",
    explanation: "Export writes `${env.NAME}` in place of a secret. In a name, and in the key of an object, no \
                  reference can stand, so that what holds the secret was left out. Change the name or the key \
                  in Make and export again. A key can be written as it is with `--keep-secrets`.",
    example: "name: Sync with token sk-live-4f..          # rename it in Make\n\
        name: Sync",
};

/// An object, or a part of one, has no form in manifests.
pub static EXPORT_UNSAYABLE: Code = Code {
    name: "export-unsayable",
    severity: Severity::Warning,
    summary: "an object, or a part of one, has no form in manifests",
    explanation: "Some things that an account may hold can't be written in a manifest: an object \
                  with a blank name, a field of an app's webhook that has the name of a field of \
                  every webhook, beside which it would stand, or a schedule without a type. It \
                  was left out. Nothing that is applied will change it, but what is created from \
                  the manifests will not have it.",
    example: "name: \"   \"                                 # give it a name in Make",
};

/// It is not certain what an id in a blueprint is.
pub static UNCERTAIN_ID: Code = Code {
    name: "uncertain-id",
    severity: Severity::Note,
    summary: "it is not certain what an id in a blueprint is",
    explanation: "`fmt` turns an id into a reference where the ledger or `makeform.ids.yaml` knows which \
                  declared thing has it, or where Make's editor left the name of exactly one declared \
                  thing beside it. Here nothing says so, or two of them say different things. The id \
                  stays: it fits one team only. Declare the thing (a connection by `kind: Connection`), \
                  write the reference yourself, or pin the id.",
    example: "parameters: { __IMTCONN__: \"${connection.slack}\" }",
};

/// All codes of this domain.
pub const ALL: &[&Code] = &[
    &FILE_DIFFERS,
    &UPDATE_BY_HAND,
    &UPDATE_OVERRIDDEN,
    &GONE,
    &GONE_BUT_NAMED,
    &NOT_READ_BACK,
    &NOT_THE_ACCOUNT,
    &TARGETS_DIFFER,
    &TARGET_LACKS,
    &EXPORT_AGENTS,
    &EXPORT_HOOK_URL,
    &EXPORT_INCOMPLETE,
    &EXPORT_NAME_SHARED,
    &EXPORT_NOTHING_CHOSEN,
    &EXPORT_SECRET,
    &EXPORT_SECRET_KEPT,
    &EXPORT_SECRET_LEFT_OUT,
    &EXPORT_UNDECLARED,
    &EXPORT_UNKNOWN_ID,
    &EXPORT_UNSAYABLE,
    &UNCERTAIN_ID,
];
