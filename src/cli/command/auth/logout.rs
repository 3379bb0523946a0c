//! `auth logout`: forgets a login, and revokes it where that is possible.

use secrecy::SecretString;

use crate::{
    cli::{
        access::vault,
        error::{Stop, chain},
        exit::Exit,
        network::network,
        session::Scope,
    },
    live::{
        Network,
        auth::{AuthError, Kept, Oauth, Tokens},
    },
};

pub(super) async fn run(scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let vault = vault(scope.settings);
    for name in scope.target_names(&project)? {
        let target = scope.target(&project, &name)?;
        let access = target.access(scope)?;
        let key = target.login_key(&access);
        let removed = match &vault {
            // Nothing is written where there is nothing to remove.
            Some(vault) if vault.find(&key)?.is_some() => vault.lock()?.remove(&key)?,
            _ => None,
        };
        let host = &access.host;
        let Some(login) = removed else {
            let words = format!("There is no stored login for target {name} ({host}).");
            scope.ui.status(&words);
            continue;
        };
        let words = match login.kept {
            Kept::ApiKey(_) => {
                "The API key itself still works: delete it in Make, in your profile under API \
                 access."
                    .to_owned()
            }
            Kept::Oauth(tokens) => match revoke(&tokens, scope, network(scope.settings)?).await {
                Ok(true) => "The server took its tokens back.".to_owned(),
                Ok(false) => "Its access token ends by itself; the application can be removed in \
                    Make's settings."
                    .to_owned(),
                Err(error) => format!(
                    "Its tokens could not be revoked: {}. Remove the application in Make's \
                     settings.",
                    chain(&error.into())
                ),
            },
        };
        scope.ui.status(&format!(
            "Forgot the login of target {name} ({host}). {words}"
        ));
    }
    Ok(Exit::Done)
}

async fn revoke(tokens: &Tokens, scope: &Scope<'_>, network: Network) -> Result<bool, AuthError> {
    let secret = scope.settings.variable("MAKE_CLIENT_SECRET");
    let hosts = &scope.settings.allowed_hosts;
    Oauth::of_tokens(tokens, secret.map(SecretString::from), hosts)?
        .over(network)
        .revoke(tokens)
        .await
}
