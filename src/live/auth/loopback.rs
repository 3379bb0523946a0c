//! The way back from the browser: a server on this machine that takes one visit.
//!
//! As RFC 8252 has it: on the loopback interface alone, on a free port unless the application
//! was registered with another one. A visit counts only with the state that this login began
//! with; others are turned away and do not end the wait.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use url::{Host, Url, form_urlencoded};

use super::error::AuthError;

/// The server, before anybody came.
pub struct Loopback {
    listener: TcpListener,
    redirect: Url,
}

/// A visit with the right state.
pub struct Arrival {
    code: Option<Result<SecretString, AuthError>>,
    browser: oneshot::Sender<&'static str>,
    server: JoinHandle<()>,
}

/// What the server checks visits with, and where it reports them.
struct Expected {
    path: String,
    state: SecretString,
    visits: mpsc::Sender<Visit>,
}

type Visit = (
    Result<SecretString, AuthError>,
    oneshot::Sender<&'static str>,
);

impl Loopback {
    /// Listens where `MAKE_REDIRECT_URI` says, else on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When that is no address on this machine, or it can't be listened on.
    pub async fn bind(redirect: Option<&str>) -> Result<Self, AuthError> {
        let unusable = |problem: String| AuthError::Setting {
            name: "MAKE_REDIRECT_URI",
            problem,
        };
        let wanted: Url = redirect
            .unwrap_or("http://127.0.0.1:0/callback")
            .parse()
            .map_err(|error| unusable(format!("it is no URL: {error}")))?;
        let address = match (wanted.scheme(), wanted.host()) {
            ("http", Some(Host::Ipv4(ip))) if ip.is_loopback() => ip.into(),
            ("http", Some(Host::Ipv6(ip))) if ip.is_loopback() => ip.into(),
            ("http", Some(Host::Domain("localhost"))) => [127, 0, 0, 1].into(),
            _ => {
                let problem = "the browser must come back to this machine, as in \
                    http://127.0.0.1:8976/callback";
                return Err(unusable(problem.to_owned()));
            }
        };
        if wanted.query().is_some() || wanted.fragment().is_some() {
            return Err(unusable("it has a query or a fragment".to_owned()));
        }
        let port = wanted.port_or_known_default().unwrap_or(80);
        let failed =
            |error: std::io::Error| unusable(format!("failed to listen on port {port}: {error}"));
        let listener = TcpListener::bind(SocketAddr::new(address, port))
            .await
            .map_err(failed)?;
        let mut redirect = wanted;
        if port == 0 {
            let port = listener.local_addr().map_err(failed)?.port();
            // A URL with a host takes any port.
            let _ = redirect.set_port(Some(port));
        }
        Ok(Self { listener, redirect })
    }

    /// Where the browser is to come back to.
    #[must_use]
    pub fn redirect(&self) -> &Url {
        &self.redirect
    }

    /// Waits for the browser.
    ///
    /// # Errors
    /// When nobody came in time.
    pub async fn arrival(
        self,
        state: &SecretString,
        patience: Duration,
    ) -> Result<Arrival, AuthError> {
        let (visits, mut visited) = mpsc::channel(1);
        let expected = Arc::new(Expected {
            path: self.redirect.path().to_owned(),
            state: state.clone(),
            visits,
        });
        let router = Router::new().fallback(visit).with_state(expected);
        let server = tokio::spawn(async move {
            // It ends with the task; a connection that breaks is the browser's to notice.
            let _ = axum::serve(self.listener, router).await;
        });
        match tokio::time::timeout(patience, visited.recv()).await {
            Ok(Some((code, browser))) => Ok(Arrival {
                code: Some(code),
                browser,
                server,
            }),
            Ok(None) | Err(_) => {
                server.abort();
                Err(AuthError::TimedOut {
                    seconds: patience.as_secs(),
                })
            }
        }
    }
}

impl Arrival {
    /// The code to exchange, once.
    ///
    /// # Errors
    /// With what the server, or the user at its page, had to say instead.
    pub fn take_code(&mut self) -> Result<SecretString, AuthError> {
        self.code.take().unwrap_or_else(|| {
            Err(AuthError::Answer {
                problem: "the code was taken already".to_owned(),
            })
        })
    }

    /// Tells the user in the browser how it went, and closes the server.
    pub async fn finish(self, is_in: bool) {
        let words = match is_in {
            true => "You are logged in. You can close this page and go back to the terminal.",
            false => "The login did not come about. The terminal says why.",
        };
        // A browser that has gone away needs no page.
        let _ = self.browser.send(words);
        // The answer is on its way once the handler has it; give it the time to leave.
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.server.abort();
    }
}

async fn visit(
    State(expected): State<Arc<Expected>>,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Response {
    if uri.path() != expected.path {
        return StatusCode::NOT_FOUND.into_response();
    }
    let query = query.unwrap_or_default();
    let get = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let found = pairs.find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    };
    if get("state").as_deref() != Some(expected.state.expose_secret()) {
        let words = "This is not the login that makeform waits for.";
        return (StatusCode::BAD_REQUEST, page(words)).into_response();
    }
    let code = match (get("code"), get("error")) {
        (_, Some(error)) => Err(AuthError::Refused {
            error: plain(&error),
            description: get("error_description").map(|text| plain(&text)),
        }),
        (Some(code), None) if !code.is_empty() => Ok(code.into()),
        (_, None) => Err(AuthError::Answer {
            problem: "it came back with neither a code nor an error".to_owned(),
        }),
    };
    let (browser, told) = oneshot::channel();
    if expected.visits.try_send((code, browser)).is_err() {
        let words = "This login has come back already.";
        return (StatusCode::CONFLICT, page(words)).into_response();
    }
    let words = told.await.unwrap_or("The terminal says how it went.");
    page(words).into_response()
}

/// A server's words on one line, and not many of them.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(300).collect()
}

/// A page that holds nothing but these words: no code, no state, nothing to load.
fn page(words: &str) -> impl IntoResponse {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (header::CONNECTION, "close"),
    ];
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>makeform</title>\
         <body><h1>makeform</h1><p>{words}</p></body></html>"
    );
    (headers, Html(html))
}
