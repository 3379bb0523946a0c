//! From a target to its account: which way, which token, which organization and team.
//!
//! A token is looked for in this order: the variable that the target's `token` names;
//! `MAKE_API_KEY`; the login that was made for this target and host; the login of Make's own
//! command line, if it is for this host. A target that names a variable of its own has an account
//! of its own: where that variable is not set, only a login made for this very target will do.

use std::{fmt, path::PathBuf, sync::Arc};

use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use crate::{
    diagnostic::{Finding, codes},
    live::{
        self, Client, LiveError,
        auth::{Credential, Kept, LoginKey, OfficialLogin, Scheme, Session, Vault},
        transport::Transport,
    },
    model::{
        Dialect,
        reference::{Reference, Template},
    },
    sandbox::{self, TOKEN, World},
    state::Sealer,
};

use super::{
    error::Stop,
    network::network,
    session::{Connected, Scope, TargetHandle, now, world_folder},
    settings::Settings,
};

/// The way to an account, which nobody has gone yet.
pub(crate) struct Access {
    transport: Arc<dyn Transport>,
    /// The sandbox, where it is in this process.
    world: Option<World>,
    /// What the account is known by: the host, or the sandbox's name.
    pub(crate) host: String,
    /// The API's address; none where the sandbox is in this process.
    pub(crate) url: Option<Url>,
    /// The form of the API there.
    pub(crate) dialect: Dialect,
}

/// A token, and where it comes from.
pub(crate) struct Found {
    /// Lets a client in.
    pub(crate) credential: Credential,
    /// Where it comes from.
    pub(crate) source: TokenSource,
}

/// Where a token comes from.
#[derive(Clone, Debug)]
pub(crate) enum TokenSource {
    /// The emulator's own, which is no secret.
    Sandbox,
    /// A variable of the environment.
    Variable(String),
    /// `auth login` with an API key.
    ApiKey,
    /// `auth login` with OAuth.
    Oauth {
        /// When the access token ends.
        expires: Option<Timestamp>,
        /// Whether it can be replaced then.
        refreshes: bool,
    },
    /// Make's own command line.
    Official(PathBuf),
}

impl TokenSource {
    /// Its name in JSON.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Variable(_) => "environment",
            Self::ApiKey => "api-key-login",
            Self::Oauth { .. } => "oauth-login",
            Self::Official(_) => "official-cli",
        }
    }
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sandbox => f.write_str("the emulator's own"),
            Self::Variable(name) => write!(f, "the environment variable {name}"),
            Self::ApiKey => f.write_str("an API key kept by `auth login`"),
            Self::Oauth { expires, refreshes } => {
                f.write_str("a login by OAuth")?;
                if let Some(expires) = expires {
                    let then = if *refreshes { "renewed" } else { "ends" };
                    write!(f, " ({then} {expires:.0})")?;
                }
                Ok(())
            }
            Self::Official(file) => write!(f, "Make's own command line ({})", file.display()),
        }
    }
}

impl TargetHandle {
    /// The way to its account. Where a token may not go, there is none.
    pub(crate) fn access(&self, scope: &Scope<'_>) -> Result<Access, Stop> {
        let text = self.url(scope)?;
        if let Some(path) = text.strip_prefix("sandbox:") {
            if let Some(account) = &scope.account {
                return Ok(Access {
                    transport: Arc::clone(account),
                    world: None,
                    host: text,
                    url: None,
                    dialect: self.config.dialect,
                });
            }
            let folder = self.root.join(world_folder(path));
            self.check_folder(&folder)?;
            let world = World::open(&folder, scope.settings.sandbox()?)?;
            let world = world.speaking(match self.config.dialect {
                Dialect::Zone => sandbox::Dialect::Zone,
                Dialect::Unified => sandbox::Dialect::Unified,
            });
            return Ok(Access {
                transport: Arc::new(world.clone()),
                world: Some(world),
                host: text,
                url: None,
                dialect: self.config.dialect,
            });
        }
        let transport = live::HttpTransport::over(
            &text,
            &scope.settings.allowed_hosts,
            &network(scope.settings)?,
        )?;
        let url: Option<Url> = text.parse().ok();
        Ok(Access {
            host: transport.host(),
            transport: Arc::new(transport),
            world: None,
            dialect: self.config.dialect,
            url,
        })
    }

    /// Which login is this target's.
    pub(crate) fn login_key(&self, access: &Access) -> LoginKey {
        LoginKey {
            project: self.project().to_owned(),
            target: self.name.clone(),
            host: access.host.clone(),
        }
    }

    /// The token for its account, if there is one.
    pub(crate) fn token(&self, scope: &Scope<'_>, access: &Access) -> Result<Option<Found>, Stop> {
        let settings = scope.settings;
        let own = self.token_variable();
        if access.url.is_none() && own.is_none() {
            let found = fixed(&TOKEN.into(), TokenSource::Sandbox, access);
            return Ok(Some(found));
        }
        let variable = own.unwrap_or("MAKE_API_KEY");
        if let Some(token) = settings.variable(variable) {
            let source = TokenSource::Variable(variable.to_owned());
            return Ok(Some(fixed(&token.into(), source, access)));
        }
        if access.url.is_none() {
            return Ok(None);
        }
        if let Some(found) = self.login(settings, access)? {
            return Ok(Some(found));
        }
        let is_general = own.is_none() || own == Some("MAKE_API_KEY");
        let home = settings.config_home().filter(|_| is_general);
        Ok(home
            .and_then(|home| OfficialLogin::for_host(&home, &access.host))
            .map(|login| fixed(&login.token, TokenSource::Official(login.file), access)))
    }

    /// The login that was made for this target and host.
    fn login(&self, settings: &Settings, access: &Access) -> Result<Option<Found>, Stop> {
        let Some(vault) = vault(settings) else {
            return Ok(None);
        };
        let Some(login) = vault.find(&self.login_key(access))? else {
            return Ok(None);
        };
        Ok(Some(match login.kept.clone() {
            Kept::ApiKey(token) => fixed(&token, TokenSource::ApiKey, access),
            Kept::Oauth(tokens) => {
                let source = TokenSource::Oauth {
                    expires: tokens.expires,
                    refreshes: tokens.refresh.is_some(),
                };
                let secret = settings.variable("MAKE_CLIENT_SECRET");
                let scheme = Scheme::of_access(access.dialect);
                let secret = secret.map(SecretString::from);
                let session = Session::new(login, *tokens, vault, scheme, secret, Arc::new(now))
                    .allow_hosts(&settings.allowed_hosts)
                    .over(network(settings)?);
                Found {
                    credential: Credential::session(session),
                    source,
                }
            }
        }))
    }

    /// The variable that its `token` names.
    pub(crate) fn token_variable(&self) -> Option<&str> {
        match self.config.token.as_ref().and_then(Template::single) {
            Some(Reference::Env(name)) => Some(name),
            _ => None,
        }
    }

    /// The finding that it has no token.
    pub(crate) fn no_token(&self) -> Finding {
        let name = &self.name;
        let message = match self.token_variable() {
            None => format!("target `{name}` has no token"),
            Some(variable) => format!(
                "target `{name}` has no token: the environment variable `{variable}`, which it \
                 names, is not set"
            ),
        };
        let variable = self.token_variable().unwrap_or("MAKE_API_KEY");
        Finding::new(&codes::account::NO_TOKEN, message)
            .at(self.config.place.clone())
            .help(format!(
                "run `makeform --target {name} auth login`, or set {variable}"
            ))
    }

    /// A client that is let in by a credential.
    pub(crate) fn client(
        &self,
        scope: &Scope<'_>,
        access: &Access,
        credential: Credential,
    ) -> Client {
        let secrets = self
            .env
            .iter()
            .filter_map(|name| scope.settings.variable(name));
        let transport = Arc::clone(&access.transport);
        let client = Client::with_credential(transport, credential, access.host.clone())
            .speaking(access.dialect)
            .hide(secrets.map(SecretString::from));
        if access.url.is_none() {
            // A sandbox in this process has nobody to be kept from.
            return client;
        }
        // One that can't be told is an error later, when it is looked for.
        let organization = self.organization(scope).ok().flatten();
        client.gated(scope.gates, organization.as_deref(), self.config.rate_limit)
    }

    /// Which organization it names.
    pub(crate) fn organization(&self, scope: &Scope<'_>) -> Result<Option<String>, Stop> {
        match &self.config.organization {
            Some(template) => self.text(template, scope).map(Some),
            None if self.url(scope)?.starts_with("sandbox:") => Ok(None),
            None => Ok(scope.settings.variable("MAKE_ORGANIZATION_ID")),
        }
    }

    /// The id of the team that its ledger belongs to.
    async fn own_team(&self, scope: &Scope<'_>) -> Option<String> {
        let ledger = self.store(scope).ok()?.read().await.ok()?;
        Some(ledger.bindings.identity?.team.to_string())
    }

    /// Finds organization and team.
    pub(crate) async fn locate(
        &self,
        scope: &Scope<'_>,
        client: Client,
    ) -> Result<Connected, Stop> {
        let organization = self.organization(scope)?;
        let team = match &self.config.team {
            Some(template) => Some(self.text(template, scope)?),
            None => None,
        };
        let located = client
            .locate(organization.as_deref(), team.as_deref())
            .await;
        let account = match located {
            // There was one when the target got its ledger, which may be far away.
            Err(error @ LiveError::Unnamed { what: "team", .. }) => {
                let Some(own) = self.own_team(scope).await else {
                    return Err(error.into());
                };
                let located = client.locate(organization.as_deref(), Some(&own));
                located.await?
            }
            located => located?,
        };
        Ok(Connected {
            client,
            account,
            world: None,
            ledger_shared: true,
        })
    }

    /// Opens the way to its account and finds organization and team.
    pub(crate) async fn connect(&self, scope: &Scope<'_>) -> Result<Connected, Stop> {
        let access = self.access(scope)?;
        let found = self.token(scope, &access)?;
        let found = found.ok_or_else(|| Stop::finding(self.no_token()))?;
        let client = self.client(scope, &access, found.credential);
        Ok(Connected {
            world: access.world,
            ledger_shared: self.is_ledger_shared(scope).await?,
            ..self
                .locate(scope, client)
                .await
                .map_err(|stop| with_source(stop, &found.source))?
        })
    }
}

/// Says of a refused token where it came from: that may be another one than was meant, since a variable
/// goes before a login.
fn with_source(stop: Stop, source: &TokenSource) -> Stop {
    let Stop::Findings(mut report) = stop else {
        return stop;
    };
    report.retain(|finding| {
        if finding.code.name == codes::account::TOKEN_REFUSED.name {
            finding.message = format!("{} (the token came from {source})", finding.message);
        }
        true
    });
    Stop::Findings(report)
}

/// What logins and caches are sealed with, where the user says so.
pub(super) fn state_key(settings: &Settings) -> Option<SecretString> {
    let key = settings.variable("MAKEFORM_STATE_KEY");
    key.map(SecretString::from)
}

/// What seals the sensitive values that journals keep: `MAKEFORM_STATE_KEY`; where that is not set, a
/// key in the keyring of the system, as logins have it.
pub(crate) fn sealer(settings: &Settings) -> Sealer {
    let key = state_key(settings);
    #[cfg(feature = "keyring")]
    let key = match settings.variable("MAKEFORM_KEYRING").as_deref() {
        Some("off") => key,
        _ => key.or_else(live::auth::sealing_key),
    };
    Sealer::new(key)
}

/// Where this user's logins are kept; nowhere, if the user has no folder.
pub(crate) fn vault(settings: &Settings) -> Option<Vault> {
    let vault = Vault::new(settings.config_folder()?, state_key(settings));
    #[cfg(feature = "keyring")]
    let vault = match settings.variable("MAKEFORM_KEYRING").as_deref() {
        Some("off") => vault,
        _ => vault.with_keyring(),
    };
    Some(vault)
}

fn fixed(token: &SecretString, source: TokenSource, access: &Access) -> Found {
    let scheme = match access.dialect {
        Dialect::Zone => None,
        Dialect::Unified => Some(Scheme::Token),
    };
    Found {
        credential: Credential::fixed(token, scheme),
        source,
    }
}
