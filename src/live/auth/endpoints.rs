//! Where logins are made: the authorization server of an API.
//!
//! Make's own is `www.make.com`, whichever zone the account is in. An API elsewhere (the sandbox,
//! an instance of one's own) is taken to have its authorization server beside it. The
//! environment may name others, a project never: codes and refresh tokens go there.

use url::Url;

use super::{
    error::AuthError,
    scope::{NEEDS, Need, UNIFIED_NEEDS},
};
use crate::{live::host::allowed_endpoint, model::Dialect};

/// The pages of an authorization server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Where the user's browser goes.
    pub authorize: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token: Url,
    /// Where tokens are given back, if there is such a place.
    pub revoke: Option<Url>,
    /// What is asked for where the user says nothing else.
    pub scope: Vec<String>,
}

/// What the environment says instead.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `MAKEFORM_OAUTH_AUTHORIZE_URL`.
    pub authorize: Option<String>,
    /// `MAKEFORM_OAUTH_TOKEN_URL`.
    pub token: Option<String>,
    /// `MAKEFORM_OAUTH_REVOKE_URL`.
    pub revoke: Option<String>,
}

impl Endpoints {
    /// The authorization server of an API, with what the environment says instead. That of the
    /// unified dialect documents no place to revoke.
    ///
    /// # Errors
    /// When one of them is no URL, or no place for a code or a token.
    pub fn of(
        api: &Url,
        dialect: Dialect,
        overrides: &Overrides,
        extra_hosts: &[String],
    ) -> Result<Self, AuthError> {
        let host = api.host_str().unwrap_or_default();
        let is_makes = host.ends_with(".make.com") || host.ends_with(".make.celonis.com");
        let mut base = match is_makes {
            true => Url::parse("https://www.make.com/").unwrap_or_else(|_| api.clone()),
            false => api.clone(),
        };
        base.set_query(None);
        let (folder, scope) = match dialect {
            Dialect::Zone => ("/oauth/v2", scopes_of(NEEDS)),
            Dialect::Unified => ("/oauth", scopes_of(UNIFIED_NEEDS)),
        };
        let page = |name: &'static str, word: &str, text: Option<&String>| {
            let mut url = base.clone();
            match text {
                None => url.set_path(&format!("{folder}/{word}")),
                Some(text) => {
                    url = text.parse().map_err(|error| AuthError::Setting {
                        name,
                        problem: format!("it is no URL: {error}"),
                    })?;
                }
            }
            check(&url, extra_hosts)?;
            Ok(url)
        };
        let revoke = match (dialect, &overrides.revoke) {
            (Dialect::Unified, None) => None,
            (_, text) => Some(page("MAKEFORM_OAUTH_REVOKE_URL", "revoke", text.as_ref())?),
        };
        Ok(Self {
            authorize: page(
                "MAKEFORM_OAUTH_AUTHORIZE_URL",
                "authorize",
                overrides.authorize.as_ref(),
            )?,
            token: page(
                "MAKEFORM_OAUTH_TOKEN_URL",
                "token",
                overrides.token.as_ref(),
            )?,
            revoke,
            scope: scope.into_iter().map(str::to_owned).collect(),
        })
    }
}

/// What all commands together need of a token.
fn scopes_of(needs: &[Need]) -> Vec<&'static str> {
    let mut scopes: Vec<&str> = needs.iter().map(|need| need.scope).collect();
    scopes.dedup();
    scopes
}

/// Checks that a code or token may be sent to a URL.
pub(super) fn check(url: &Url, extra_hosts: &[String]) -> Result<(), AuthError> {
    allowed_endpoint(url, extra_hosts).map_err(|reason| AuthError::Endpoint {
        host: url.host_str().unwrap_or_default().to_owned(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::{Dialect, Endpoints, Overrides};

    fn of(api: &str, dialect: Dialect) -> Endpoints {
        Endpoints::of(&api.parse().unwrap(), dialect, &Overrides::default(), &[]).unwrap()
    }

    #[test]
    fn both_dialects_have_their_own_pages_at_make_and_a_sandbox_has_them_beside_its_api() {
        let zone = of("https://us1.make.celonis.com/api/v2", Dialect::Zone);
        assert_eq!(
            zone.authorize.as_str(),
            "https://www.make.com/oauth/v2/authorize"
        );
        assert_eq!(zone.token.as_str(), "https://www.make.com/oauth/v2/token");
        let revoke = zone.revoke.unwrap();
        assert_eq!(revoke.as_str(), "https://www.make.com/oauth/v2/revoke");
        let unified = of("https://api.make.com", Dialect::Unified);
        assert_eq!(
            unified.authorize.as_str(),
            "https://www.make.com/oauth/authorize"
        );
        assert_eq!(unified.token.as_str(), "https://www.make.com/oauth/token");
        assert_eq!(unified.revoke, None);
        assert_eq!(unified.scope, ["read", "write", "execute"]);
        let local = of("http://127.0.0.1:8090/api/v2", Dialect::Zone);
        assert_eq!(local.token.as_str(), "http://127.0.0.1:8090/oauth/v2/token");
    }

    #[test]
    fn other_pages_must_be_places_for_a_token() {
        let api = "https://eu1.make.com".parse().unwrap();
        for (url, allowed) in [
            ("https://auth.example.org/token", true),
            ("http://localhost:9/token", true),
            ("https://eu1.make.com/oauth/v2/token", true),
            ("https://evil.example/token", false),
            ("http://auth.example.org/token", false),
            ("http://www.make.com/oauth/v2/token", false),
            ("https://a:b@www.make.com/oauth/v2/token", false),
            ("https://hook.eu1.make.com/abc", false),
            ("https://www.make.com.evil.example/token", false),
            ("file:///etc/passwd", false),
            ("nothing", false),
        ] {
            let overrides = Overrides {
                token: Some(url.to_owned()),
                ..Overrides::default()
            };
            let extra = ["auth.example.org".to_owned()];
            let found = Endpoints::of(&api, Dialect::Zone, &overrides, &extra);
            assert_eq!(found.is_ok(), allowed, "{url}: {found:?}");
        }
    }
}
