//! `auth login`: gets a token, checks it, and keeps it.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    cli::{
        access::{Access, vault},
        error::Stop,
        exit::Exit,
        network::network,
        session::{Scope, TargetHandle, now},
    },
    live::{
        LiveError,
        auth::{
            Application, AuthError, Credential, Endpoints, Kept, Login, Loopback, Oauth, Overrides,
            Scheme, Tokens, User, Vault,
        },
    },
    model::{Account, Dialect},
    render::printable,
};

use super::LoginArgs;

/// How long the user has in the browser.
const PATIENCE: Duration = Duration::from_secs(300);

pub(super) async fn run(args: &LoginArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let name = scope.one_target(&project, "auth login")?;
    let target = scope.target(&project, &name)?;
    let access = target.access(scope)?;
    if access.url.is_none() {
        let words = format!("Target {name} is the emulator in this process: it needs no login.");
        scope.ui.status(&words);
        return Ok(Exit::Done);
    }
    let Some(vault) = vault(scope.settings) else {
        return Err(no_vault());
    };
    // Before anybody is asked for anything: what can't be kept need not be fetched.
    drop(vault.lock()?);
    vault.find(&target.login_key(&access))?;

    let by_oauth =
        args.oauth || (!args.api_key && scope.settings.variable("MAKE_CLIENT_ID").is_some());
    let desk = Desk {
        scope,
        target: &target,
        access: &access,
        vault: &vault,
    };
    match by_oauth {
        true => desk.by_oauth(args).await?,
        false => desk.by_api_key().await?,
    }
    let variable = target.token_variable().unwrap_or("MAKE_API_KEY");
    if scope.settings.variable(variable).is_some() {
        scope.ui.status(&format!(
            "Note: {variable} is set, and goes before this login while it is."
        ));
    }
    Ok(Exit::Done)
}

/// Keeps an API key for a target, if it opens the target's account.
pub(in crate::cli::command) async fn keep_api_key(
    key: &SecretString,
    name: &str,
    scope: &Scope<'_>,
) -> Result<(), Stop> {
    let target = scope.target(&scope.project()?, name)?;
    let access = target.access(scope)?;
    let vault = vault(scope.settings).ok_or_else(no_vault)?;
    let desk = Desk {
        scope,
        target: &target,
        access: &access,
        vault: &vault,
    };
    desk.with_api_key(key).await
}

fn no_vault() -> Stop {
    anyhow::anyhow!("there is no folder to keep a login in: set HOME or MAKEFORM_CONFIG_DIR").into()
}

/// What a login is made with.
struct Desk<'a> {
    scope: &'a Scope<'a>,
    target: &'a TargetHandle,
    access: &'a Access,
    vault: &'a Vault,
}

impl Desk<'_> {
    async fn by_api_key(&self) -> Result<(), Stop> {
        let host = &self.access.host;
        let prompt = format!("API key for {host} (it is not shown)");
        let token = self.scope.ui.secret(&prompt)?;
        self.with_api_key(&token).await
    }

    async fn with_api_key(&self, token: &SecretString) -> Result<(), Stop> {
        if token.expose_secret().is_empty() {
            return Err(LiveError::TokenMalformed {
                problem: "is empty",
            }
            .into());
        }
        let scheme = match self.access.dialect {
            Dialect::Zone => None,
            Dialect::Unified => Some(Scheme::Token),
        };
        let (user, account) = self.check(Credential::fixed(token, scheme)).await?;
        self.keep(Kept::ApiKey(token.clone()), user, &account)
    }

    async fn by_oauth(&self, args: &LoginArgs) -> Result<(), Stop> {
        let oauth = self.oauth()?;
        let redirect = self.scope.settings.variable("MAKE_REDIRECT_URI");
        let loopback = Loopback::bind(redirect.as_deref()).await?;
        let authorization = oauth.authorize(loopback.redirect(), &args.scope);
        let ui = self.scope.ui;
        ui.status("Log in on this page, and come back:");
        ui.status(&format!("  {}", authorization.url));
        if !args.no_browser && open::that_detached(authorization.url.as_str()).is_err() {
            ui.status("No browser could be opened: open the page yourself.");
        }
        let mut arrival = loopback.arrival(&authorization.state, PATIENCE).await?;
        let code = arrival.take_code();
        let made = match code {
            Ok(code) => match oauth.exchange(authorization, code, now()).await {
                Ok(tokens) => self.take_in(&oauth, tokens).await,
                Err(error) => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        };
        arrival.finish(made.is_ok()).await;
        made
    }

    /// Checks tokens and keeps them. What is not kept is given back.
    async fn take_in(&self, oauth: &Oauth, tokens: Tokens) -> Result<(), Stop> {
        let scheme = Scheme::of_access(self.access.dialect);
        let checked = self
            .check(Credential::fixed(&tokens.access, Some(scheme)))
            .await;
        let kept = match checked {
            Ok((user, account)) => self.keep(Kept::Oauth(Box::new(tokens.clone())), user, &account),
            Err(stop) => Err(stop),
        };
        if kept.is_err() {
            // That it can't be used is what the user has to know; it ends by itself as well.
            let _ = oauth.revoke(&tokens).await;
        }
        kept
    }

    fn oauth(&self) -> Result<Oauth, Stop> {
        let settings = self.scope.settings;
        let id = settings
            .variable("MAKE_CLIENT_ID")
            .ok_or_else(|| AuthError::Setting {
                name: "MAKE_CLIENT_ID",
                problem: "it is not set, and Make gives tokens to registered applications only; \
                    an API key needs none (--api-key)"
                    .to_owned(),
            })?;
        let application = Application {
            id,
            secret: settings
                .variable("MAKE_CLIENT_SECRET")
                .map(SecretString::from),
        };
        let overrides = Overrides {
            authorize: settings.variable("MAKEFORM_OAUTH_AUTHORIZE_URL"),
            token: settings.variable("MAKEFORM_OAUTH_TOKEN_URL"),
            revoke: settings.variable("MAKEFORM_OAUTH_REVOKE_URL"),
        };
        let Access { url, dialect, .. } = self.access;
        let url = url
            .as_ref()
            .ok_or_else(|| anyhow::anyhow!("the target has no address"))?;
        let hosts = &settings.allowed_hosts;
        let endpoints = Endpoints::of(url, *dialect, &overrides, hosts)?;
        Ok(Oauth::new(application, endpoints, hosts)?.over(network(settings)?))
    }

    /// Whether a token opens the account that the target names. A token of another zone may
    /// still tell whose it is, so that is not enough.
    async fn check(&self, credential: Credential) -> Result<(Option<User>, Account), Stop> {
        let client = self.target.client(self.scope, self.access, credential);
        let user = client.user().await?;
        let connected = self.target.locate(self.scope, client).await?;
        Ok((user, connected.account))
    }

    fn keep(&self, kept: Kept, user: Option<User>, account: &Account) -> Result<(), Stop> {
        let who = user.map(|user| format!("{} ({})", user.name, user.email));
        let shown = who.clone().unwrap_or_else(|| "a member".to_owned());
        let login = Login {
            key: self.target.login_key(self.access),
            who,
            saved: now(),
            kept,
        };
        let place = self.vault.lock()?.put(&login)?;
        let team = match account.dialect {
            Dialect::Zone => format!(", team {}", account.team_name),
            Dialect::Unified => String::new(),
        };
        self.scope.ui.status(&printable(&format!(
            "Logged in to target {} ({}) as {shown}, organization {}{team}.",
            self.target.name, self.access.host, account.organization_name
        )));
        self.scope
            .ui
            .status(&format!("The login is kept in {place}."));
        Ok(())
    }
}
