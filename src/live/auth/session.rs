//! A stored login in use: refreshed before it expires, and where it is refused.
//!
//! However many requests are in flight, one of them refreshes and the others wait. However many
//! processes there are, one of them does: it holds the lock of the logins, and who comes after
//! finds in the file what the first one wrote.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{sync::Mutex, task::spawn_blocking};

use super::{
    credential::{Presented, Scheme},
    error::AuthError,
    login::{Kept, Login, Tokens},
    oauth::Oauth,
    vault::{LockedVault, Vault},
};
use crate::live::Network;

/// How long before its end a token is replaced. A request may wait for its turn meanwhile.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// The clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A stored OAuth login in use.
pub struct Session {
    login: Mutex<(Login, Tokens)>,
    vault: Vault,
    scheme: Scheme,
    secret: Option<SecretString>,
    allowed_hosts: Vec<String>,
    network: Network,
    now: Clock,
}

impl Session {
    /// A login of this vault. `secret` is that of the application, where it has one.
    #[must_use]
    pub fn new(
        login: Login,
        tokens: Tokens,
        vault: Vault,
        scheme: Scheme,
        secret: Option<SecretString>,
        now: Clock,
    ) -> Self {
        Self {
            login: Mutex::new((login, tokens)),
            vault,
            scheme,
            secret,
            allowed_hosts: Vec::new(),
            network: Network::default(),
            now,
        }
    }

    /// Hosts beside Make's own that refresh tokens may go to, as the environment has them.
    #[must_use]
    pub fn allow_hosts(mut self, hosts: &[String]) -> Self {
        self.allowed_hosts = hosts.to_vec();
        self
    }

    /// The same over a network that is not the usual one.
    #[must_use]
    pub fn over(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// What it was made for.
    pub(super) async fn scope(&self) -> Vec<String> {
        self.login.lock().await.1.scope.clone()
    }

    pub(super) async fn present(&self) -> Result<Presented, AuthError> {
        let mut login = self.login.lock().await;
        let now = (self.now)();
        let tokens = &login.1;
        if tokens.refresh.is_some() && ends_before(tokens, now, MARGIN) {
            match self.renew(&login).await {
                Ok(renewed) => *login = renewed,
                // It is still good for a moment, and the server may be back by then.
                Err(AuthError::Unreached { .. } | AuthError::Answer { .. })
                    if !ends_before(&login.1, now, SignedDuration::ZERO) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.presented(&login.1))
    }

    pub(super) async fn replace(&self, refused: &Presented) -> Result<Presented, AuthError> {
        let mut login = self.login.lock().await;
        if is_same(&login.1.access, &refused.token) {
            *login = self.renew(&login).await?;
        }
        Ok(self.presented(&login.1))
    }

    fn presented(&self, tokens: &Tokens) -> Presented {
        Presented {
            token: tokens.access.clone(),
            scheme: self.scheme,
        }
    }

    /// Another access token than the one in hand: from the vault, where another process put
    /// one, else from the server.
    async fn renew(&self, old: &(Login, Tokens)) -> Result<(Login, Tokens), AuthError> {
        let (login, tokens) = old;
        let locked = self.lock().await?;
        let now = (self.now)();
        let (locked, stored) = self.stored(locked, login).await?;
        let stored = stored.unwrap_or_else(|| tokens.clone());
        let is_newer = !is_same(&stored.access, &tokens.access);
        if is_newer && !ends_before(&stored, now, MARGIN) {
            return Ok((login.clone(), stored));
        }
        let oauth = Oauth::of_tokens(&stored, self.secret.clone(), &self.allowed_hosts)?
            .over(self.network.clone());
        let renewed = match oauth.refresh(&stored, now).await {
            Ok(renewed) => renewed,
            Err(AuthError::Refused { error, description }) => {
                // A process that does not share our lock may have been here.
                let (_, again) = self.stored(locked, login).await?;
                return match again {
                    Some(again) if !is_same(&again.access, &stored.access) => {
                        Ok((login.clone(), again))
                    }
                    _ => Err(AuthError::Expired {
                        reason: AuthError::Refused { error, description }.to_string(),
                    }),
                };
            }
            Err(error) => return Err(error),
        };
        let kept = Login {
            kept: Kept::Oauth(Box::new(renewed.clone())),
            saved: now,
            ..login.clone()
        };
        let login = kept.clone();
        blocking(move || locked.put(&kept)).await?;
        Ok((login, renewed))
    }

    async fn lock(&self) -> Result<LockedVault, AuthError> {
        let vault = self.vault.clone();
        blocking(move || vault.lock()).await
    }

    /// The tokens as the vault has them.
    async fn stored(
        &self,
        locked: LockedVault,
        login: &Login,
    ) -> Result<(LockedVault, Option<Tokens>), AuthError> {
        let key = login.key.clone();
        let (locked, found) = blocking(move || {
            let found = locked.find(&key)?;
            Ok((locked, found))
        })
        .await?;
        match found.map(|login| login.kept) {
            Some(Kept::Oauth(tokens)) => Ok((locked, Some(*tokens))),
            Some(Kept::ApiKey(_)) | None => Ok((locked, None)),
        }
    }
}

/// Files and locks, on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
) -> Result<T, AuthError> {
    spawn_blocking(work).await.unwrap_or_else(|stopped| {
        Err(AuthError::Sealing {
            reason: stopped.to_string(),
        })
    })
}

fn ends_before(tokens: &Tokens, now: Timestamp, margin: SignedDuration) -> bool {
    tokens
        .expires
        .is_some_and(|end| end.duration_since(now) <= margin)
}

fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
