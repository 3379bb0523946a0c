//! OAuth 2.0: the requests of an application to an authorization server.
//!
//! Authorization code with PKCE (S256, RFC 7636) for every application, and the secret in the
//! body (`client_secret_post`) for those that have one. Requests go out over the same kind of
//! HTTP client as those to the API: TLS except to this machine, no redirects.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use oauth2::{
    AccessToken, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken, TokenResponse,
    TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize, de};
use url::Url;

use super::{
    endpoints::{Endpoints, check},
    error::AuthError,
    login::Tokens,
};
use crate::live::{Network, http, mask::Mask};

/// How long the exchange of a code or a refresh token may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The application that asks for tokens, as the authorization server knows it.
#[derive(Clone, Debug)]
pub struct Application {
    /// `MAKE_CLIENT_ID`.
    pub id: String,
    /// `MAKE_CLIENT_SECRET`, for applications that have one.
    pub secret: Option<SecretString>,
}

/// An application at an authorization server.
#[derive(Clone, Debug)]
pub struct Oauth {
    application: Application,
    endpoints: Endpoints,
    network: Network,
}

/// A login under way: where the browser goes, and what its return is checked with.
pub struct Authorization {
    /// The address for the browser.
    pub url: Url,
    /// What must come back with the code.
    pub state: SecretString,
    verifier: PkceCodeVerifier,
    redirect: Url,
}

type Configured = Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl Oauth {
    /// An application at an authorization server.
    ///
    /// # Errors
    /// When a code or token must not be sent there.
    pub fn new(
        application: Application,
        endpoints: Endpoints,
        extra_hosts: &[String],
    ) -> Result<Self, AuthError> {
        for url in [&endpoints.authorize, &endpoints.token]
            .into_iter()
            .chain(&endpoints.revoke)
        {
            check(url, extra_hosts)?;
        }
        Ok(Self {
            application,
            endpoints,
            network: Network::default(),
        })
    }

    /// The same over a network that is not the usual one.
    #[must_use]
    pub fn over(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// The application at the server that gave these tokens: a refresh token goes nowhere else.
    ///
    /// # Errors
    /// When they must not be sent there (any more).
    pub fn of_tokens(
        tokens: &Tokens,
        secret: Option<SecretString>,
        extra_hosts: &[String],
    ) -> Result<Self, AuthError> {
        let application = Application {
            id: tokens.client.clone(),
            secret,
        };
        let endpoints = Endpoints {
            authorize: tokens.token_url.clone(), // never visited
            token: tokens.token_url.clone(),
            revoke: tokens.revoke_url.clone(),
            scope: tokens.scope.clone(),
        };
        Self::new(application, endpoints, extra_hosts)
    }

    /// Begins a login that is to come back to `redirect`.
    #[must_use]
    pub fn authorize(&self, redirect: &Url, scope: &[String]) -> Authorization {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self
            .client()
            .set_redirect_uri(RedirectUrl::from_url(redirect.clone()));
        let scopes = match scope {
            [] => &self.endpoints.scope,
            scope => scope,
        };
        let (url, state) = client
            .authorize_url(CsrfToken::new_random)
            .add_scopes(scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .url();
        Authorization {
            url,
            state: state.into_secret().into(),
            verifier,
            redirect: redirect.clone(),
        }
    }

    /// Exchanges the code that came back.
    ///
    /// # Errors
    /// When the server refuses, can't be reached, or answers with something else.
    pub async fn exchange(
        &self,
        authorization: Authorization,
        code: SecretString,
        now: Timestamp,
    ) -> Result<Tokens, AuthError> {
        let asked = scope_of(&authorization.url);
        let client = self
            .client()
            .set_redirect_uri(RedirectUrl::from_url(authorization.redirect));
        let http = self.http()?;
        let answer = client
            .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
            .set_pkce_verifier(authorization.verifier)
            .request_async(&|request| send(http.clone(), request))
            .await
            .map_err(|error| self.failure(error, &[&code]))?;
        self.tokens(&answer, asked, None, now)
    }

    /// Exchanges a refresh token. The answer may hold another one, and the one before is
    /// worthless then.
    ///
    /// # Errors
    /// As [`Oauth::exchange`].
    pub async fn refresh(&self, tokens: &Tokens, now: Timestamp) -> Result<Tokens, AuthError> {
        let Some(refresh) = &tokens.refresh else {
            return Err(AuthError::Expired {
                reason: "the server gave no token to refresh it with".to_owned(),
            });
        };
        let client = self.client();
        let http = self.http()?;
        let answer = client
            .exchange_refresh_token(&RefreshToken::new(refresh.expose_secret().to_owned()))
            .request_async(&|request| send(http.clone(), request))
            .await
            .map_err(|error| self.failure(error, &[refresh]))?;
        self.tokens(&answer, tokens.scope.clone(), Some(refresh), now)
    }

    /// Gives tokens back, where the server takes them: says whether it did.
    ///
    /// # Errors
    /// When the server can't be reached or refuses.
    pub async fn revoke(&self, tokens: &Tokens) -> Result<bool, AuthError> {
        // The crate's own request demands TLS of a server on this machine too.
        let Some(url) = &self.endpoints.revoke else {
            return Ok(false);
        };
        let given = [
            ("refresh_token", tokens.refresh.as_ref()),
            ("access_token", Some(&tokens.access)),
        ];
        for (hint, token) in given {
            let Some(token) = token else {
                continue;
            };
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.append_pair("token", token.expose_secret());
            form.append_pair("token_type_hint", hint);
            form.append_pair("client_id", &self.application.id);
            if let Some(secret) = &self.application.secret {
                form.append_pair("client_secret", secret.expose_secret());
            }
            let request = oauth2::http::Request::post(url.as_str())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.finish().into_bytes())
                .map_err(|error| AuthError::Answer {
                    problem: error.to_string(),
                })?;
            let http = self.http()?;
            let response = send(http, request)
                .await
                .map_err(|error| error.into_auth(url))?;
            if !response.status().is_success() {
                return Err(status_error(response.status().as_u16()));
            }
        }
        Ok(true)
    }

    fn client(&self) -> Configured {
        let client = Client::new(ClientId::new(self.application.id.clone()))
            .set_auth_uri(AuthUrl::from_url(self.endpoints.authorize.clone()))
            .set_token_uri(TokenUrl::from_url(self.endpoints.token.clone()))
            .set_auth_type(AuthType::RequestBody);
        match &self.application.secret {
            Some(secret) => {
                client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
            }
            None => client,
        }
    }

    fn http(&self) -> Result<reqwest::Client, AuthError> {
        self.network
            .client(&self.endpoints.token)
            .map_err(|error| AuthError::Unreached {
                host: host_of(&self.endpoints.token),
                reason: error.to_string(),
            })
    }

    fn tokens(
        &self,
        answer: &Answer,
        asked: Vec<String>,
        before: Option<&SecretString>,
        now: Timestamp,
    ) -> Result<Tokens, AuthError> {
        let access = answer.access_token.secret();
        let is_header = !access.is_empty() && access.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_header {
            return Err(AuthError::Answer {
                problem: "the access token holds what no header can carry".to_owned(),
            });
        }
        let lasts = answer
            .expires_in
            .and_then(|seconds| i64::try_from(seconds).ok())
            .map(SignedDuration::from_secs);
        let refresh = answer.refresh_token.as_ref().map(RefreshToken::secret);
        Ok(Tokens {
            access: access.as_str().into(),
            refresh: refresh
                .map(|token| token.as_str().into())
                .or_else(|| before.cloned()),
            expires: lasts.and_then(|lasts| now.checked_add(lasts).ok()),
            scope: match &answer.scope {
                Some(scope) => words(scope),
                None => asked,
            },
            client: self.application.id.clone(),
            token_url: self.endpoints.token.clone(),
            revoke_url: self.endpoints.revoke.clone(),
        })
    }

    fn failure(
        &self,
        error: RequestTokenError<Unsent, BasicErrorResponse>,
        secrets: &[&SecretString],
    ) -> AuthError {
        match error {
            RequestTokenError::ServerResponse(refusal) => {
                let mut mask = Mask::default();
                for secret in secrets.iter().copied().chain(&self.application.secret) {
                    mask.add(secret);
                }
                AuthError::Refused {
                    error: mask.quoted(refusal.error().as_ref()),
                    description: refusal.error_description().map(|text| mask.quoted(text)),
                }
            }
            RequestTokenError::Request(unsent) => unsent.into_auth(&self.endpoints.token),
            // The body is not shown: tokens may be in it.
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => AuthError::Answer {
                problem: "it holds no access token".to_owned(),
            },
        }
    }
}

/// The answer of a token endpoint. `token_type`, which the standard demands, is not looked at:
/// Make's own guides show answers without it.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    access_token: AccessToken,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    /// Seconds; some servers write the number as text.
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    #[serde(default)]
    scope: Option<String>,
}

impl TokenResponse for Answer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None // read from `scope` here, which is one text
    }
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Null => Ok(None),
        serde_json::Value::String(text) => text.trim().parse().map(Some).map_err(de::Error::custom),
        serde_json::Value::Number(number) => Ok(number.as_u64()),
        serde_json::Value::Bool(_) | serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
            Err(de::Error::custom("expires_in is no number"))
        }
    }
}

/// Why a request has no answer of an authorization server.
#[derive(Debug, thiserror::Error)]
enum Unsent {
    #[error("{0}")]
    Unreached(String),
    #[error("status {0}")]
    Status(u16),
}

impl Unsent {
    fn into_auth(self, url: &Url) -> AuthError {
        match self {
            Self::Unreached(reason) => AuthError::Unreached {
                host: host_of(url),
                reason,
            },
            Self::Status(status) => status_error(status),
        }
    }
}

fn status_error(status: u16) -> AuthError {
    AuthError::Answer {
        problem: format!("it has status {status}"),
    }
}

async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, Unsent> {
    let unreached = |error: reqwest::Error| Unsent::Unreached(http::innermost(&error));
    let request = reqwest::Request::try_from(request).map_err(unreached)?;
    let mut request = request;
    *request.timeout_mut() = Some(PATIENCE);
    let answer = client.execute(request).await.map_err(unreached)?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(unreached)?;
    let says_why = || {
        serde_json::from_slice::<serde_json::Value>(&body)
            .is_ok_and(|body| body.get("error").is_some_and(serde_json::Value::is_string))
    };
    if !status.is_success() && !says_why() {
        return Err(Unsent::Status(status.as_u16()));
    }
    let mut response = HttpResponse::new(body.to_vec());
    // The library knows 200 only.
    *response.status_mut() = match status.is_success() {
        true => oauth2::http::StatusCode::OK,
        false => status,
    };
    Ok(response)
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn scope_of(url: &Url) -> Vec<String> {
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(name, _)| name == "scope");
    found.map_or_else(Vec::new, |(_, scope)| words(&scope))
}

fn words(text: &str) -> Vec<String> {
    text.split([' ', ','])
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
