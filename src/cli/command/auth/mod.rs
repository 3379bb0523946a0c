//! `auth`: logins.

mod login;
mod logout;
pub(super) mod status;

use clap::{Args, Subcommand};

pub(super) use self::login::keep_api_key;

use crate::cli::{error::Stop, exit::Exit, session::Scope};

/// Log in to a target's account, and see who you are there
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  makeform auth login                                  an API key, or OAuth with MAKE_CLIENT_ID
  makeform --target client-a auth status               who you are there, and what you may do
  makeform auth logout")]
pub(crate) enum AuthCommand {
    Login(LoginArgs),
    Status(StatusArgs),
    Logout(LogoutArgs),
}

/// Keep a login for a target
///
/// An API key is typed unseen, or piped in. OAuth 2.0 needs an application that is registered
/// with Make: MAKE_CLIENT_ID, and MAKE_CLIENT_SECRET if it has a secret. Either is checked
/// against the account before it is kept, for this target and its host alone.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  makeform auth login                                  an API key, or OAuth with MAKE_CLIENT_ID
  makeform --target client-a auth login --api-key
  pass make/client-a | makeform --target client-a auth login --api-key
  MAKE_CLIENT_ID=... makeform auth login --oauth --no-browser

Environment: MAKE_CLIENT_ID, MAKE_CLIENT_SECRET, MAKE_REDIRECT_URI, MAKEFORM_CONFIG_DIR,
MAKEFORM_STATE_KEY (seals the file), MAKEFORM_OAUTH_AUTHORIZE_URL, MAKEFORM_OAUTH_TOKEN_URL,
MAKEFORM_OAUTH_REVOKE_URL.")]
pub(crate) struct LoginArgs {
    /// Keep an API key
    #[arg(long, conflicts_with_all = ["oauth", "no_browser", "scope"])]
    api_key: bool,
    /// Log in by OAuth 2.0, in the browser
    #[arg(long)]
    oauth: bool,
    /// Print the address to open, and open nothing
    #[arg(long)]
    no_browser: bool,
    /// Ask for these scopes only, in place of all that makeform can use (can be repeated)
    #[arg(long, value_name = "SCOPE", value_delimiter = ' ')]
    scope: Vec<String>,
}

/// Show who the token of a target is, and what it may do
///
/// Exits with 1 if a target has no token, or one that does not let in.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  makeform auth status
  makeform --target client-a --target client-b auth status --format json")]
pub(crate) struct StatusArgs {
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Forget the login of a target, and revoke it where that is possible
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  makeform --target client-a auth logout")]
pub(crate) struct LogoutArgs {}

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs: one object a line for each target.
    Json,
}

pub(crate) async fn run(command: &AuthCommand, scope: &Scope<'_>) -> Result<Exit, Stop> {
    match command {
        AuthCommand::Login(args) => login::run(args, scope).await,
        AuthCommand::Status(args) => status::run(args, scope).await,
        AuthCommand::Logout(LogoutArgs {}) => logout::run(scope).await,
    }
}
