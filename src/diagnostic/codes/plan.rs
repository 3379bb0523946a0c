//! Codes of planning: decisions.

use crate::diagnostic::{Code, Severity};

/// All codes of this domain.
pub const ALL: &[&Code] = &[
    &WEBHOOK_IN_USE,
    &WEBHOOK_SCENARIO,
    &AMBIGUOUS_NAME,
    &CONNECTION_NOT_FOUND,
    &CREATION_CYCLE,
    &CREDENTIALS_UNKNOWN,
    &FOREIGN_LEDGER,
    &INPUTS_ON_SCHEDULE,
    &INSTANT_REFUSED,
    &INTERVAL_TOO_SHORT,
    &INVITATION_EXPIRED,
    &INVITATION_OPEN,
    &INVITATION_UNSETTLED,
    &LICENCE_LACKS,
    &LOOKUP_FAILED,
    &MEMBER_NOT_FOUND,
    &NEVER_RUNS,
    &NOT_EXPRESSIBLE,
    &OWN_TEAM,
    &OWNER_ROLE,
    &PIN_NOT_FOUND,
    &PIN_TAKEN,
    &REMOVED_UNKNOWN,
    &RENAMED,
    &ROLE_NOT_FOUND,
    &TIMEZONE_DIFFERS,
    &UNKNOWN_ADDRESS,
    &UNREAD_BLUEPRINT,
    &UNRESOLVED_REFERENCE,
    &VARIABLE_VALUE,
];

/// Several objects, or several manifests, for one name.
pub static AMBIGUOUS_NAME: Code = Code {
    name: "ambiguous-name",
    severity: Severity::Error,
    summary: "the name alone does not tell which object is meant",
    explanation: "A thing that the ledger does not know yet is found in the account by its name. Make does not demand that names are unique: here several objects have it, or several manifests ask for it. `makeform import ADDRESS ID` says which is which, once.",
    example: "makeform import folder.crm 1576",
};

/// No connection, or several.
pub static CONNECTION_NOT_FOUND: Code = Code {
    name: "connection-not-found",
    severity: Severity::Error,
    summary: "a connection can't be found in the account",
    explanation: "Connections hold secrets that pass through no API, so makeform never creates them: it looks them up by name and type. There must be exactly one that fits. Create it in Make's own interface under the name of the manifest, or correct the manifest.",
    example: "kind: Connection\nmetadata: { name: slack }\nspec: { name: Team Slack, type: slack }",
};

/// Things that need each other to be created.
pub static CREATION_CYCLE: Code = Code {
    name: "creation-cycle",
    severity: Severity::Error,
    summary: "new things need each other's ids",
    explanation: "Each thing of the cycle can be created only when another of them has an id, so there is no first one. Create one of them without its reference, apply, and add the reference afterwards.",
    example: "webhook.a -> scenario.b -> webhook.a\n\
        \n\
        spec: { active: false }                     # first without the reference, then with it",
};

/// A webhook that can't be made again as it was.
pub static CREDENTIALS_UNKNOWN: Code = Code {
    name: "credentials-unknown",
    severity: Severity::Error,
    summary: "a guarded webhook would be made anew, and nobody knows its credentials",
    explanation: "The API of api.make.com changes no webhook: a change deletes it and makes another one. It tells no password or token either, so that a webhook which is guarded, and whose manifest says nothing about that, would be open to everybody afterwards. Say `security` in the manifest, with references to the environment.",
    example: "security: { type: token, token: \"${env.HOOK_TOKEN}\" }",
};

/// The ledger is another account's.
pub static FOREIGN_LEDGER: Code = Code {
    name: "foreign-ledger",
    severity: Severity::Error,
    summary: "the ledger belongs to another account",
    explanation: "A ledger says which address is which id, and ids mean something in one account and team only. The target's url, organization or team was changed after the first apply. Give the other account a target of its own, or remove the old bindings with `makeform state rm` if the old account is gone.",
    example: "targets:\n\
        \x20 old: { url: https://eu1.make.com, team: Marketing }\n\
        \x20 new: { url: https://eu1.make.com, team: Sales }   # a target of its own",
};

/// Inputs that nobody would give.
pub static INPUTS_ON_SCHEDULE: Code = Code {
    name: "inputs-on-schedule",
    severity: Severity::Error,
    summary: "a scenario that takes inputs is not started on demand",
    explanation: "Who starts a scenario on demand gives it its inputs; a schedule or a webhook has none to give. Make refuses inputs on any other schedule (IM016).",
    example: "schedule: { onDemand: true }\ninterface: { input: [{ name: email, type: text, required: true }] }",
};

/// An invitation that was not taken.
pub static INVITATION_EXPIRED: Code = Code {
    name: "invitation-expired",
    severity: Severity::Note,
    summary: "an invitation has expired and is sent again",
    explanation: "Somebody was invited to the organization and did not come in time. An open invitation counts as being there; one that has expired does not, so that the next apply invites the person again. Take the manifest away if that is not meant.",
    example: "kind: OrganizationRole                      # as long as this is there\n\
        metadata: { name: ada }\n\
        spec: { email: ada@example.com, role: Member }",
};

/// An invitation of which the account says nothing.
pub static INVITATION_OPEN: Code = Code {
    name: "invitation-open",
    severity: Severity::Note,
    summary: "somebody was invited, and the account does not list them yet",
    explanation: "Make does not document whether people stand in the lists of an organization before they accept their invitation. Where they don't, makeform goes by its ledger: whoever it has invited counts as being there, with the role that they were invited as, and is not invited again. As soon as a list shows them, the list counts. An invitation that was withdrawn or has expired looks just the same from outside: `makeform state rm` forgets it, and the next apply invites again.",
    example: "makeform state rm organization-role.nina",
};

/// An invitation that may be the second one.
pub static INVITATION_UNSETTLED: Code = Code {
    name: "invitation-unsettled",
    severity: Severity::Warning,
    summary: "an invitation may have been sent already, and is sent again",
    explanation: "An earlier apply sent an invitation and never got its answer. The account does not list the person, which can mean two things: nothing was sent, or Make lists nobody before they accept. The next apply invites again, and the person may get a second letter; only one of the two can be accepted. To keep from that, wait until they accept: whoever is listed is bound, and not invited.",
    example: "makeform state show organization-role.ada",
};

/// An instant trigger at intervals.
pub static INSTANT_REFUSED: Code = Code {
    name: "instant-refused",
    severity: Severity::Error,
    summary: "Make refuses an instant trigger that runs at intervals",
    explanation: "The scenario begins with a webhook or another instant trigger, is to be switched on, and has an interval. Make refuses to start it: `Invalid interval.` Its schedule is `immediately: true`; an instant trigger that is to wait runs at times of day, and takes what its queue holds by then.",
    example: "schedule: { immediately: true }",
};

/// The licence does not allow the interval.
pub static INTERVAL_TOO_SHORT: Code = Code {
    name: "interval-too-short",
    severity: Severity::Error,
    summary: "the schedule is more frequent than the account's plan allows",
    explanation: "Each of Make's plans has a shortest interval between two runs: 15 minutes on the free plan, one minute on the paid ones. Make refuses to switch on a scenario with a shorter one: what is switched off is warned of only. Where the account does not say its shortest interval, nothing is found. Other schedules have none: times of day, `immediately`, `onDemand`.",
    example: "schedule: { every: 15m }",
};

/// The plan of the account does not include it.
pub static LICENCE_LACKS: Code = Code {
    name: "licence-lacks",
    severity: Severity::Error,
    summary: "the account's plan does not include what the manifest asks for",
    explanation: "Custom variables, custom properties, and inputs and outputs of scenarios are part of some of Make's plans only, and the account's licence says that they are not part of this one. Make would refuse the request in the middle of an apply.",
    example: "kind: Variable                              # needs a plan that has custom variables",
};

/// No key, device or agent, or several.
pub static LOOKUP_FAILED: Code = Code {
    name: "lookup-failed",
    severity: Severity::Error,
    summary: "a key, device or agent can't be found in the account",
    explanation: "Keys, devices and agents hold or are what passes through no API, so makeform never creates them: it looks them up by name, and by type where they have one. There must be exactly one that fits. Make's API lists on-premise agents only: the id of an AI agent is written into makeform.ids.yaml.",
    example: "kind: Key\nmetadata: { name: crm }\nspec: { name: CRM API key, type: apikeyauth }",
};

/// Nobody of that address.
pub static MEMBER_NOT_FOUND: Code = Code {
    name: "member-not-found",
    severity: Severity::Error,
    summary: "nobody in the organization has this e-mail address",
    explanation: "A role in a team can be given to members of the organization only. An OrganizationRole of the same address invites the person, before the role in the team is given; or correct the address.",
    example: "kind: OrganizationRole\nmetadata: { name: ada }\nspec: { email: ada@example.com, role: Member }",
};

/// A schedule has no time left.
pub static NEVER_RUNS: Code = Code {
    name: "never-runs",
    severity: Severity::Warning,
    summary: "no moment is left at which the schedule would start the scenario",
    explanation: "`once` is past, `between` has ended, `restrict` forbids each of the schedule's times, or no month of it has such a day (30 February). Make takes such a schedule, and nothing ever runs.",
    example: "schedule: { once: 2020-01-01T09:00:00Z }",
};

/// The dialect has no word for it.
pub static NOT_EXPRESSIBLE: Code = Code {
    name: "not-expressible",
    severity: Severity::Warning,
    summary: "the account's API can't say what the manifest asks for",
    explanation: "Make's API has two forms: that of its zones (eu1.make.com and its sisters), and that of api.make.com. Each can say some things that the other can't. What this account's can't say is left out: it is never sent, and is no change.",
    example: "targets:\n\
        \x20 production: { url: https://api.make.com } # has no data stores, for one",
};

/// The plan's own ground.
pub static OWN_TEAM: Code = Code {
    name: "own-team",
    severity: Severity::Error,
    summary: "the target's own team would be deleted",
    explanation: "The plan deletes the team in which all other things of the target live. Forget the team instead, and delete it in Make, or from a target that names another team.",
    example: "removed: [{ address: team.marketing, destroy: false }]",
};

/// The owner stays the owner.
pub static OWNER_ROLE: Code = Code {
    name: "owner-role",
    severity: Severity::Error,
    summary: "the owner of the organization would get another role",
    explanation: "An organization has one owner, and the ownership goes to somebody else by a transfer in Make only. No manifest gives it, and none takes it.",
    example: "kind: OrganizationRole\n\
        spec: { email: olivia@example.com, role: Admin }   # she is the owner",
};

/// A pin without an object.
pub static PIN_NOT_FOUND: Code = Code {
    name: "pin-not-found",
    severity: Severity::Error,
    summary: "makeform.ids.yaml names an object that the account does not have",
    explanation: "A pin says which object of the account a manifest means. This object is not in the target's team: it was deleted, or the pin was made for another account.",
    example: "spec:                                       # of makeform.ids.yaml\n\
        \x20 production: { scenario.lead-sync: 925 }     # there is no 925 any more: remove the line",
};

/// One object, two things.
pub static PIN_TAKEN: Code = Code {
    name: "pin-taken",
    severity: Severity::Error,
    summary: "makeform.ids.yaml names an object that is another thing already",
    explanation: "A pin says which object of the account a manifest means. This object belongs to another manifest of the project, by the ledger or by a pin of its own, and two manifests that change one object undo each other's work.",
    example: "spec:                                       # of makeform.ids.yaml\n\
        \x20 production: { scenario.a: 925, scenario.b: 925 }",
};

/// A `removed:` entry without a binding.
pub static REMOVED_UNKNOWN: Code = Code {
    name: "removed-unknown",
    severity: Severity::Note,
    summary: "a `removed:` entry names nothing that the ledger knows",
    explanation: "Entries of `removed:` are about things that the ledger knows under that address. This one is not among them: its work is done already and it can be taken out, or the address is misspelled, or this target never had the thing.",
    example: "removed: [{ address: webhook.leads, destroy: false }]",
};

/// The same object under another address.
pub static RENAMED: Code = Code {
    name: "renamed",
    severity: Severity::Note,
    summary: "an object keeps its id under another address",
    explanation: "A manifest's `metadata.name` was changed, or its thing moved to another manifest: the address that the ledger knows is declared no more, and exactly one new thing of that kind means the same object, by its name or by a pin. The object stays, and the next apply binds it to the new address.",
    example: "metadata: { name: leads }                   # was lead-sync\n\
        \n\
        moved:                                      # says so outright\n\
        \x20 - { from: scenario.lead-sync, to: scenario.leads }",
};

/// No role of that name.
pub static ROLE_NOT_FOUND: Code = Code {
    name: "role-not-found",
    severity: Severity::Error,
    summary: "the account has no role of this name",
    explanation: "A role is one of the words viewer, builder, manager and admin (in an organization there is no manager), or the name or identifier of a role that teams or the organization can give, custom ones included, exactly as Make shows it.",
    example: "spec: { email: ada@example.com, role: Team Operator }",
};

/// Times in another zone than the organization's.
pub static TIMEZONE_DIFFERS: Code = Code {
    name: "timezone-differs",
    severity: Severity::Error,
    summary: "the schedule's time zone is not the organization's",
    explanation: "Make reads all times of schedules in the one time zone of the organization. A schedule that means another zone would run at another hour. Write the times in the organization's zone, or change the zone of the organization in Make. A zone of another name whose clocks show the same counts as the same. Intervals without `restrict`, `once` and `between` are in no zone.",
    example: "schedule: { daily: \"06:30\", timezone: Europe/Prague }",
};

/// Nothing has this address.
pub static UNKNOWN_ADDRESS: Code = Code {
    name: "unknown-address",
    severity: Severity::Error,
    summary: "no manifest and no binding has this address",
    explanation: "Addresses are `kind.name`, such as `scenario.lead-sync`; the name is `metadata.name` of the manifest, not the name that Make shows.",
    example: "makeform plan --only scenario.lead-sync",
};

/// A blueprint is missing.
pub static UNREAD_BLUEPRINT: Code = Code {
    name: "unread-blueprint",
    severity: Severity::Error,
    summary: "the blueprint could not be read",
    explanation: "Without the blueprint that the account has, nobody can tell what apply would change. The scenario's blueprint could not be read from the account; the reading says why.",
    example: "makeform doctor\n\
        makeform plan --refresh",
};

/// A reference that leads nowhere.
pub static UNRESOLVED_REFERENCE: Code = Code {
    name: "unresolved-reference",
    severity: Severity::Error,
    summary: "a reference leads nowhere",
    explanation: "What the reference names does not exist or has no such attribute. A thing has an id, `${webhook.leads}`; a webhook also has a URL, `${webhook.leads.url}`.",
    example: "\"url\": \"${webhook.leads.uri}\"               # ${webhook.leads.url}",
};

/// A value that is none of its type.
pub static VARIABLE_VALUE: Code = Code {
    name: "variable-value",
    severity: Severity::Error,
    summary: "the value of a variable is not of its type",
    explanation: "A variable is a number, a text, true or false, or a date. What its value refers to is resolved when the plan is made, and came out as something else.",
    example: "kind: Variable\nmetadata: { name: limit }\nspec: { name: limit, type: number, value: \"${env.LIMIT}\" }",
};

/// A scenario would take a webhook that another one still has.
pub static WEBHOOK_IN_USE: Code = Code {
    name: "webhook-in-use",
    severity: Severity::Error,
    summary: "a scenario takes a webhook that another one still has",
    explanation: "Make attaches a webhook to one scenario at most, and refuses to save a second \
        one that names it. New scenarios are made before old ones are deleted, so that nothing is \
        lost when a create fails: the webhook would still be taken. If the scenario only has \
        another address and name now, tell the ledger with `makeform state mv`; it is then \
        changed in place and keeps its webhook. Otherwise free the webhook first.",
    example: "makeform state mv scenario.old scenario.new",
};

/// Which scenario a webhook starts is not known.
pub static WEBHOOK_SCENARIO: Code = Code {
    name: "webhook-scenario",
    severity: Severity::Error,
    summary: "nobody says which scenario a webhook starts",
    explanation: "In the unified dialect (api.make.com) a webhook is made for a scenario. It is the one whose blueprint holds the id of the webhook, `${webhook.NAME}`, or the one that `scenario:` in the manifest of the webhook names, where no blueprint does, or several do.",
    example: "kind: Webhook\nmetadata: { name: leads }\nspec: { scenario: scenario.lead-sync }",
};
