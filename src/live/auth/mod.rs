//! Logins: what lets us in, where it is kept, and how it is got.
//!
//! A [`Credential`] gives each request its `authorization` header: an API key, or an access token
//! of OAuth 2.0 that is refreshed before it expires, and once where it is refused. Logins are
//! kept in a [`Vault`], one for each target, and go only to the host that they were saved for.
//! Nothing here reads the environment: URLs, keys and folders are passed in.

mod credential;
mod endpoints;
mod error;
#[cfg(feature = "keyring")]
mod keyring;
mod login;
mod loopback;
mod oauth;
mod official_cli;
mod record;
mod scope;
mod seal;
mod session;
#[cfg(test)]
mod session_tests;
mod standing;
mod vault;

pub use credential::{Credential, Presented, Scheme};
pub use endpoints::{Endpoints, Overrides};
pub use error::AuthError;
#[cfg(feature = "keyring")]
pub use keyring::sealing_key;
pub use login::{Kept, Login, LoginKey, Tokens};
pub use loopback::{Arrival, Loopback};
pub use oauth::{Application, Authorization, Oauth};
pub use official_cli::OfficialLogin;
pub(in crate::live) use scope::needed;
pub use scope::{NEEDS, Need, UNIFIED_NEEDS, lacking};
pub use session::{Clock, Session};
pub use standing::{License, Subscription, User};
pub use vault::{LockedVault, Vault};
