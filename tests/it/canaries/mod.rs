//! Canaries: unmistakable values for everything that must be nowhere but where it belongs. Every
//! command runs, in every format, well and badly, in both dialects; then all that it said and all
//! that it left on disk is searched.
//!
//! | what | may be in |
//! |---|---|
//! | an API key of the environment, the application's secret, codes, `MAKEFORM_STATE_KEY`, the proxy's password | nothing |
//! | an API key of `auth login`, access and refresh tokens | the file of logins, unless it is sealed |
//! | values of `${env.*}` | the account |
//! | the URL of a hook, a token in a live blueprint | the account, and what `export` writes, which says so |
//!
//! The local cache of blueprints holds none of them: it is sealed.

mod cut_short;
mod life;
mod logins;
mod story;
mod wrong_answers;
