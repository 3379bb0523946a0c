//! Codes of logins.

use crate::diagnostic::{Code, Severity};

/// All codes of this domain.
pub const ALL: &[&Code] = &[
    &LOGINS_SEALED,
    &LOGINS_UNUSABLE,
    &LOGIN_EXPIRED,
    &LOGIN_FAILED,
];

/// A login that can't be refreshed.
pub static LOGIN_EXPIRED: Code = Code {
    name: "login-expired",
    severity: Severity::Error,
    summary: "the stored login is no longer good",
    explanation: "An access token of OAuth lasts for an hour or so, and is replaced by means of a \
        refresh token. That failed: there is none (applications without a secret are often given \
        none), or the authorization server takes it no more, because it was revoked, or used by \
        somebody else. An application with a secret needs MAKE_CLIENT_SECRET for this too, which \
        is never stored.",
    example: "makeform --target production auth login",
};

/// No login came about.
pub static LOGIN_FAILED: Code = Code {
    name: "login-failed",
    severity: Severity::Error,
    summary: "the login did not come about",
    explanation: "The authorization server said no, was not reached, or answered with something \
        that is no token; or nobody came back from the browser. `access_denied` means that the \
        request was declined at the server's page; `invalid_client` that it does not know \
        MAKE_CLIENT_ID, or that MAKE_CLIENT_SECRET is wrong; a complaint about the redirect URI \
        that MAKE_REDIRECT_URI must be one of those that the application was registered with. \
        Nothing was kept.",
    example: "MAKE_CLIENT_ID=... makeform auth login --oauth",
};

/// Sealed, and not to be opened.
pub static LOGINS_SEALED: Code = Code {
    name: "logins-sealed",
    severity: Severity::Error,
    summary: "the stored logins can't be opened",
    explanation: "The file of logins was written while MAKEFORM_STATE_KEY was set, and is sealed \
        with that key. It is needed to read the file, and the same one: without it the file is \
        worthless, and can only be removed.",
    example: "export MAKEFORM_STATE_KEY=...                # the one that it was written with\n\
        makeform auth status",
};

/// The file, not what is in it.
pub static LOGINS_UNUSABLE: Code = Code {
    name: "logins-unusable",
    severity: Severity::Error,
    summary: "the stored logins can't be read or written",
    explanation: "Logins are kept in logins.json, in makeform's folder among the user's settings \
        (MAKEFORM_CONFIG_DIR, else makeform below XDG_CONFIG_HOME or ~/.config). The file is for \
        its user alone, and is refused while others may read it.",
    example: "chmod 600 ~/.config/makeform/logins.json",
};
