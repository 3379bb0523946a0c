//! Codes of the account and its API.

use crate::diagnostic::{Code, Severity};

/// All codes of this domain.
pub const ALL: &[&Code] = &[
    &ACCESS_DENIED,
    &ACCOUNT_NOT_FOUND,
    &ACCOUNT_UNREACHED,
    &ACTION_UNCLEAR,
    &ANSWER_UNREADABLE,
    &HOST_NOT_ALLOWED,
    &NOT_A_MEMBER,
    &NOT_SAYABLE,
    &NO_TOKEN,
    &REQUEST_REFUSED,
    &TOKEN_MALFORMED,
    &TOKEN_REFUSED,
    &UNKNOWN_ROLE,
];

/// A target of a real account without a token.
pub static NO_TOKEN: Code = Code {
    name: "no-token",
    severity: Severity::Error,
    summary: "the target has no token",
    explanation: "Make's API wants a token with each request. It never stands in a file of the \
        project. It is taken from the variable that the target's `token` names, else from \
        MAKE_API_KEY, else from the login of `makeform auth login`, else from the login of \
        Make's own command line, if that is for the same host. A target that names a variable \
        of its own gets no other token but its own login. Make's users create tokens in their \
        profile, under API access.",
    example: "targets:\n  production: { url: https://eu1.make.com, token: \"${env.MAKE_API_KEY}\" }",
};

/// 403.
pub static ACCESS_DENIED: Code = Code {
    name: "access-denied",
    severity: Severity::Error,
    summary: "the token may not do this",
    explanation: "Make answered 403. A token has scopes, chosen when it was made, and never more \
        rights than its user has in the organization and team. Reading needs scenarios:read, \
        hooks:read, connections:read, teams:read, organizations:read and user:read; applying \
        needs scenarios:write, hooks:write and user:write too.",
    example: "makeform --target production auth status    # the token's scopes, and what it lacks",
};

/// No such organization or team, or several and none named.
pub static ACCOUNT_NOT_FOUND: Code = Code {
    name: "account-not-found",
    severity: Severity::Error,
    summary: "the target's organization or team is not there",
    explanation: "The target names an organization or team that the token does not see, or names \
        none where there are several. Organizations live in one zone each: an organization of \
        eu1.make.com is unknown to us1.make.com, and so are its tokens.",
    example: "targets:\n  production: { url: https://eu1.make.com, team: Marketing }",
};

/// No answer.
pub static ACCOUNT_UNREACHED: Code = Code {
    name: "account-unreached",
    severity: Severity::Error,
    summary: "Make's API could not be reached",
    explanation: "There was no answer, and trying again several times did not help. Check the \
        target's `url`, the network, and the proxy variables of the environment. A write whose \
        answer was lost is looked up by the next apply, which reads the account first.",
    example: "makeform --target production doctor         # the network, the proxy, the address\n\
        HTTPS_PROXY=http://proxy.example.com:3128 makeform plan",
};

/// A lost answer of something that must not be done twice.
pub static ACTION_UNCLEAR: Code = Code {
    name: "action-unclear",
    severity: Severity::Error,
    summary: "Make may have done it: the answer was lost",
    explanation: "A run, a retry, a stop or a deletion was sent, and no answer came that tells how \
        it ended. To send it again could do it twice, so makeform leaves that to you: look at the \
        executions first, with the command that the message names.",
    example: "makeform executions list scenario.lead-sync # did it run?",
};

/// Not what is documented.
pub static ANSWER_UNREADABLE: Code = Code {
    name: "answer-unreadable",
    severity: Severity::Error,
    summary: "Make's answer is not what its API documents",
    explanation: "An answer lacks something that it must have; the message names it by its path. \
        Unknown additions never cause this. A proxy that answers in Make's place does, and so \
        does a change of the API: please report it.",
    example: "makeform --log makeform.log plan            # what was asked, and how it was answered\n\
        makeform doctor",
};

/// The token stays here.
pub static HOST_NOT_ALLOWED: Code = Code {
    name: "host-not-allowed",
    severity: Severity::Error,
    summary: "the target's URL is no zone of Make",
    explanation: "A token goes only to Make's own zones (eu1.make.com and its sisters, and those \
        below make.celonis.com), to api.make.com and to this machine, over TLS except to this \
        machine: a changed URL in a pull request must not be able to send it elsewhere. Other \
        hosts of Make, hooks above all, carry what users put there. The URL has no path but \
        /api/v2. Hosts of your own are named in the environment, never in a file.",
    example: "MAKEFORM_ALLOWED_HOSTS=make.example.org makeform plan",
};

/// A role for a stranger.
pub static NOT_A_MEMBER: Code = Code {
    name: "not-a-member",
    severity: Severity::Error,
    summary: "a role is meant for somebody outside the organization",
    explanation: "Team roles are given to members of the organization, who are found by their \
        e-mail address. Nobody in the organization has this one: invite the person first, or \
        correct the address.",
    example: "kind: OrganizationRole                      # invites the person\n\
        metadata: { name: ada }\n\
        spec: { email: ada@example.com, role: Member }",
};

/// No request says it.
pub static NOT_SAYABLE: Code = Code {
    name: "not-sayable",
    severity: Severity::Error,
    summary: "the API has no request for this",
    explanation: "The change can't be expressed in the API of the target: a webhook's type, for \
        one, is fixed when it is made. Planning finds such changes first; this is the check \
        behind it.",
    example: "kind: Webhook\n\
        metadata: { name: leads }\n\
        spec: { type: custom }                      # it was `mail`: delete it, and make it anew",
};

/// Any other no.
pub static REQUEST_REFUSED: Code = Code {
    name: "request-refused",
    severity: Severity::Error,
    summary: "Make refused a request",
    explanation: "Make's own message, detail and code are in the error. IM304 means that a \
        blueprint names a connection that the team does not have; IM016 that something else \
        must change first; IM004 that a deletion needs to be confirmed.",
    example: "POST /scenarios was refused with status 404: Account doesn't exist; Connection not\n\
        found 'google-email:9'. (IM304)\n\
        \n\
        # in the blueprint, name the connection of this team:\n\
        \"__IMTCONN__\": \"${connection.mail}\"",
};

/// No token looks like this.
pub static TOKEN_MALFORMED: Code = Code {
    name: "token-malformed",
    severity: Severity::Error,
    summary: "the token holds what no token holds",
    explanation: "Tokens are made of visible ASCII characters. A blank, a line break or a control \
        character inside one comes from copying, or from a secret store that keeps more than \
        the token. Line breaks at its end are left out without a word; nothing else is guessed, \
        and nothing is sent.",
    example: "export MAKE_API_KEY=\"$(tr -d ' \\n\
        ' < token.txt)\"",
};

/// 401.
pub static TOKEN_REFUSED: Code = Code {
    name: "token-refused",
    severity: Severity::Error,
    summary: "Make does not know the token",
    explanation: "Make answered 401: the token is wrong, was deleted or has expired, or it belongs \
        to another zone. Each zone has tokens of its own. Which token it was is said with it: the \
        variable that the target names, or MAKE_API_KEY, goes before a login.",
    example: "targets:\n\
        \x20 production: { url: https://eu2.make.com } # the zone of Make's address bar",
};

/// A role that is not there.
pub static UNKNOWN_ROLE: Code = Code {
    name: "unknown-role",
    severity: Severity::Error,
    summary: "the account has no such team role",
    explanation: "A TeamRole names its role by a word (viewer, builder, manager, admin) or by the \
        role's own name as Make shows it. Custom roles exist in the organization that made \
        them only.",
    example: "spec: { email: jane@example.com, role: Team Operator }",
};
