//! Codes of guards: what makes apply refuse a plan, unless somebody says `--allow CODE`.

use crate::diagnostic::{Code, Severity};

/// All codes of this domain: the guards, and what is told of them.
pub const ALL: &[&Code] = &[
    &ADOPT_OVERWRITES,
    &DATA_STORE_RECORDS,
    &DRIFT_UNREAD,
    &HOOK_URL_CHANGES,
    &INCOMPLETE_SNAPSHOT,
    &LAST_ADMIN,
    &LEDGER_NOT_SHARED,
    &MASS_DELETE,
    &MASS_UPDATE,
    &NOT_SUPPORTED,
    &OPERATIONS_INCREASE,
    &OWN_USER,
    &PLACEHOLDER_VALUE,
    &PREVENT_DESTROY,
    &PROTECTION_LIFTED,
    &STOPS_ACTIVE,
    &TEAM_DELETE,
    &UNKNOWN_GUARD,
    &WAITING_WORK,
];

/// The guards: findings that make apply refuse a plan, each of which `--allow CODE` overrides.
pub const GUARDS: &[&Code] = &[
    &ADOPT_OVERWRITES,
    &DATA_STORE_RECORDS,
    &HOOK_URL_CHANGES,
    &INCOMPLETE_SNAPSHOT,
    &LAST_ADMIN,
    &LEDGER_NOT_SHARED,
    &MASS_DELETE,
    &MASS_UPDATE,
    &NOT_SUPPORTED,
    &OPERATIONS_INCREASE,
    &OWN_USER,
    &PLACEHOLDER_VALUE,
    &PREVENT_DESTROY,
    &super::rollback::ROLLBACK_NAMES_GONE,
    &super::rollback::ROLLBACK_OVERWRITES,
    &STOPS_ACTIVE,
    &TEAM_DELETE,
    &WAITING_WORK,
];

/// An adoption would change what somebody built.
pub static ADOPT_OVERWRITES: Code = Code {
    name: "adopt-overwrites",
    severity: Severity::Warning,
    summary: "an unmanaged object would be taken over and changed",
    explanation: "The account has exactly one object of this name, and the ledger does not know it. It is probably the one that the manifest means, but somebody may have built it by hand for something else, and apply would overwrite it. Export it or copy what it has into the manifest, rename one of the two, or confirm that the manifest is right with `--allow adopt-overwrites`.",
    example: "makeform apply --allow adopt-overwrites",
};

/// Records would be lost.
pub static DATA_STORE_RECORDS: Code = Code {
    name: "data-store-records",
    severity: Severity::Warning,
    summary: "a data store that holds records would be deleted",
    explanation: "The records of a data store are its users' own: makeform never reads or writes them, and nothing brings them back once the store is gone. The plan deletes the store, or replaces it by a new and empty one, and the account says that it holds records, or does not say.",
    example: "makeform apply --allow data-store-records",
};

/// Nobody can say whether something changed.
pub static DRIFT_UNREAD: Code = Code {
    name: "drift-unread",
    severity: Severity::Error,
    summary: "whether something changed in Make can't be told",
    explanation: "The account could not be read to its end, so that what is missing may be gone or may just not have been read. `makeform drift` says nothing then that might be wrong. The usual causes are a token that lost rights and trouble at Make.",
    example: "makeform drift",
};

/// A webhook would get another URL.
pub static HOOK_URL_CHANGES: Code = Code {
    name: "hook-url-changes",
    severity: Severity::Warning,
    summary: "a webhook would get another URL",
    explanation: "What the plan changes can't be changed in place, so that the webhook is deleted and \
        made anew, and Make gives the new one another URL (a mailhook another address). Forms, \
        shops and scripts that call the old one call in vain, and get no answer that tells them \
        why. Leave the field as it is, make a second webhook beside the first and move the \
        callers over, or tell all callers the new URL right after the apply.",
    example: "makeform apply --allow hook-url-changes",
};

/// An account half read.
pub static INCOMPLETE_SNAPSHOT: Code = Code {
    name: "incomplete-snapshot",
    severity: Severity::Warning,
    summary: "the account was not read whole, or much of it is missing",
    explanation: "What was not read looks as if it were not there. Building it again would make duplicates, so creates, adoptions and deletions are refused while a kind could not be read to its end, or while more than 30 % of at least ten bound objects, or more than 20, are missing (or what `spec.guards.massDelete` of makeform.yaml says instead). The usual causes are a token that lost rights, another team of the same name, and trouble at Make.",
    example: "makeform apply --allow incomplete-snapshot",
};

/// Nobody would be left to administer the team.
pub static LAST_ADMIN: Code = Code {
    name: "last-admin",
    severity: Severity::Warning,
    summary: "the team or the organization would have no admin left",
    explanation: "The plan takes the admin role from everybody who has it; or it takes a role from somebody, and who else is an admin could not be read. Without an admin nobody in the team can give roles again; only an admin of the organization can. In an organization only its owner can, and here none is seen.",
    example: "makeform apply --allow last-admin",
};

/// The ledger would be lost.
pub static LEDGER_NOT_SHARED: Code = Code {
    name: "ledger-not-shared",
    severity: Severity::Warning,
    summary: "the ledger is on a disk that will be gone tomorrow",
    explanation: "In CI a ledger in a file vanishes with the runner, as does a ref of a repository without a remote, and with it all knowledge of what is ours: nothing would ever be deleted, and nobody could tell drift from a change in git. Keep the ledger where every run finds it, with `state:` in makeform.yaml.",
    example: "spec: { state: git }",
};

/// Too much would be deleted.
pub static MASS_DELETE: Code = Code {
    name: "mass-delete",
    severity: Severity::Warning,
    summary: "much would be deleted at once",
    explanation: "The plan deletes more than 30 % of at least ten managed things, or more than 20, or what `spec.guards.massDelete` of makeform.yaml says instead. That is seldom meant: a pattern in `manifests:` that no longer matches, a wrong checkout or a wrong target look just like this.",
    example: "makeform apply --allow mass-delete",
};

/// Too much would be changed.
pub static MASS_UPDATE: Code = Code {
    name: "mass-update",
    severity: Severity::Warning,
    summary: "much would be changed at once",
    explanation: "The plan changes more than 50 % of at least 20 managed things, or more than 100, \
        or what `spec.guards.massUpdate` of makeform.yaml says instead. A change of a shared \
        schedule or a variable may well mean that; a wrong branch or a wrong target looks just \
        like it. Adoptions are counted by the guard adopt-overwrites.",
    example: "makeform apply --allow mass-update",
};

/// A removal that nothing can carry out.
pub static NOT_SUPPORTED: Code = Code {
    name: "not-supported",
    severity: Severity::Warning,
    summary: "the account's API can't take away what would go",
    explanation: "The API of api.make.com invites members and changes their roles, and has nothing that removes one. Remove the member in Make, and plan again: what is gone is dropped from the ledger. A step that is allowed all the same fails.",
    example: "makeform state rm organization-role.ada     # leaves the member as they are",
};

/// The token's own user would lose the role.
pub static OWN_USER: Code = Code {
    name: "own-user",
    severity: Severity::Warning,
    summary: "the user of the token would lose a role",
    explanation: "The plan takes a role from the user whose token carries it out; or it takes a role from somebody, and the account does not say whose token it is. The rest of the apply, and every later one, may then be refused.",
    example: "makeform apply --allow own-user",
};

/// A variable holds no value yet.
pub static PLACEHOLDER_VALUE: Code = Code {
    name: "placeholder-value",
    severity: Severity::Warning,
    summary: "a placeholder would be written where a secret belongs",
    explanation: "A variable of the environment is set to something that only stands for a value, \
        such as `changeme`, `<TOKEN>`, `REDACTED` or `your-token-here`, and apply would write it \
        into the account, perhaps over a secret that works. Give the variable its real value: \
        where the account has just that, the plan shows no change. Some real values look like \
        this (`test`, an address at example.com): those are allowed with \
        `--allow placeholder-value`.",
    example: "makeform apply --allow placeholder-value",
};

/// More operations than a project allows itself.
pub static OPERATIONS_INCREASE: Code = Code {
    name: "operations-increase",
    severity: Severity::Warning,
    summary: "the plan would add more operations a month than the project allows",
    explanation: "`spec.guards.maxOperationsIncrease` of makeform.yaml says how many operations a \
        month one plan may add. The forecast counts the runs that schedules start in 30 days, and \
        takes for each the operations that the scenario needed on average since the organization's \
        counters were reset. A scenario without a history counts one operation a run, which is the \
        least that a run costs; what webhooks and people start is not counted, since no schedule \
        tells how often that is.",
    example: "spec:\n  guards: { maxOperationsIncrease: 50000 }",
};

/// A protected thing would go.
pub static PREVENT_DESTROY: Code = Code {
    name: "prevent-destroy",
    severity: Severity::Warning,
    summary: "a protected thing would be deleted",
    explanation: "Its manifest says, or said when it was last applied, `lifecycle: { preventDestroy: true }`, and the plan deletes it or replaces it by a new one. Removing the manifest does not remove the protection.",
    example: "makeform apply --allow prevent-destroy",
};

/// Protection that goes.
pub static PROTECTION_LIFTED: Code = Code {
    name: "protection-lifted",
    severity: Severity::Note,
    summary: "a manifest protects its thing no longer",
    explanation: "When it was last applied, the manifest said `lifecycle: { preventDestroy: true }`, and now it does not. Nothing in Make changes by that, but after the next apply a plan may delete or replace the thing without being refused.",
    example: "lifecycle: { preventDestroy: true }",
};

/// An active scenario would not run any more.
pub static STOPS_ACTIVE: Code = Code {
    name: "stops-active",
    severity: Severity::Warning,
    summary: "an active scenario would be stopped",
    explanation: "Something that runs today would not run after the apply: the plan deletes an \
        active scenario, or switches it off because its manifest says `active: false` or no \
        `active` any more; or it deletes or replaces the webhook of one, and Make switches a \
        scenario off as its webhook goes; or it deletes what the blueprint of one names, a data \
        store for instance, and leaves the scenario as it is. One whose blueprint refers to the \
        webhook by `${webhook.NAME}` is changed and started again in the same apply. One that holds the id \
        as a number, that `--only` leaves out, or that no manifest declares, would stay off until \
        somebody sees it.",
    example: "makeform apply --allow stops-active",
};

/// A team would go with all that is in it.
pub static TEAM_DELETE: Code = Code {
    name: "team-delete",
    severity: Severity::Warning,
    summary: "a team would be deleted with all that it holds",
    explanation: "Make deletes a team together with its scenarios, webhooks, data stores and variables, whoever made them, and nothing brings them back.",
    example: "makeform apply --allow team-delete",
};

/// `--allow` names something that is no guard.
pub static UNKNOWN_GUARD: Code = Code {
    name: "unknown-guard",
    severity: Severity::Error,
    summary: "`--allow` names something that is no guard",
    explanation: "Each guard has a code and is overridden by `--allow CODE`, one by one. There is \
        no way to override them all, and errors can't be overridden. Nothing was sent.",
    example: "makeform apply --allow mass-delete",
};

/// Work that waits would be lost.
pub static WAITING_WORK: Code = Code {
    name: "waiting-work",
    severity: Severity::Warning,
    summary: "what would be deleted still has work waiting",
    explanation: "A scenario with incomplete executions, or a webhook with items in its queue, holds data that nobody has processed. Deleting it loses them. Where the account does not say how much waits (that of api.make.com never does), it may be anything, and the plan is refused all the same.",
    example: "makeform apply --allow waiting-work",
};
