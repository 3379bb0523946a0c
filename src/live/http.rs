//! Requests over HTTP.

use std::{error::Error, sync::Once, time::Duration};

use reqwest::header::HeaderValue;
use tokio::time::timeout;
use url::Url;

use super::{
    LiveError,
    host::{Barred, allowed_host},
    network::{Network, Timeouts},
    transport::{Exchange, Method, Request, Response, Transport, TransportError},
};

/// Chooses the cryptography of TLS for this process; later calls do nothing.
///
/// [`HttpTransport::new`] calls it. A process that makes its own TLS connections before that
/// has to call it first.
pub fn install_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that somebody else chose already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Sends requests to one API base over HTTP.
///
/// TLS always, except to this machine. Redirects are answers, so that a token never follows
/// one.
#[derive(Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    base: Url,
    timeouts: Timeouts,
}

impl HttpTransport {
    /// A transport to the API of a target's URL: `https://eu1.make.com`, with or without the
    /// `/api/v2` behind it. `extra` are the hosts that the environment allows beside Make's.
    ///
    /// # Errors
    /// When the URL may not get a token, or TLS can't be set up. Nothing is sent.
    pub fn new(url: &str, extra: &[String]) -> Result<Self, LiveError> {
        Self::over(url, extra, &Network::default())
    }

    /// The same over a network that is not the usual one.
    ///
    /// # Errors
    /// As [`HttpTransport::new`].
    pub fn over(url: &str, extra: &[String], network: &Network) -> Result<Self, LiveError> {
        let base: Url = url.parse().map_err(|_| LiveError::HostRefused {
            host: String::new(),
            reason: Barred::NoUrl,
        })?;
        allowed_host(&base, extra)?;
        Ok(Self {
            client: network.client(&base)?,
            base,
            timeouts: network.timeouts(),
        })
    }

    /// The host, and the port where it is not the usual one.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        match self.base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// The whole URL of a request. The request's path is encoded already.
    fn url(&self, request: &Request) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/api/v2{}", request.path));
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        url
    }

    async fn exchange(&self, request: &Request) -> Result<Response, TransportError> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.client.request(method, self.url(request));
        for (name, value) in &request.headers {
            // Marked so that no log or table of header compression keeps a token.
            let value = HeaderValue::from_str(value).map(|mut value| {
                value.set_sensitive(*name == "authorization");
                value
            });
            builder = match value {
                Ok(value) => builder.header(*name, value),
                Err(_) => {
                    return Err(TransportError::NotSent {
                        host: self.host(),
                        reason: format!("the header `{name}` holds characters that HTTP forbids"),
                    });
                }
            };
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        // Connecting has a limit of its own, which ends first.
        let Timeouts {
            connect,
            answer: first,
            body: whole,
            arrival: _,
            ledger: _,
        } = self.timeouts;
        let answer = timeout(connect + first, builder.send())
            .await
            .map_err(|_| self.silent(format!("no answer began within {first:?}")))?
            .map_err(|error| self.failure(&error))?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect();
        let body = timeout(whole, answer.bytes())
            .await
            .map_err(|_| self.silent(format!("it did not end within {whole:?}")))?
            .map_err(|error| self.failure(&error))?;
        // The connection is free for the next request when its own task has seen the end of this
        // one, which on a single thread is not before this task lets go.
        tokio::task::yield_now().await;
        Ok(Response {
            status,
            headers,
            body,
        })
    }

    fn silent(&self, reason: String) -> TransportError {
        let host = self.host();
        TransportError::NoAnswer { host, reason }
    }

    /// Tells what certainly never reached the server from what may have.
    fn failure(&self, error: &reqwest::Error) -> TransportError {
        let host = self.host();
        let reason = innermost(error);
        if error.is_connect() || error.is_builder() {
            TransportError::NotSent { host, reason }
        } else {
            TransportError::NoAnswer { host, reason }
        }
    }
}

impl Transport for HttpTransport {
    fn send<'a>(&'a self, request: &'a Request) -> Exchange<'a> {
        Box::pin(self.exchange(request))
    }

    fn lingers(&self) -> Duration {
        self.timeouts.arrival
    }
}

/// What the operating system or TLS said: the outer errors only repeat the URL.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut inner: &dyn Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    inner.to_string()
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::HttpTransport;
    use crate::live::transport::{Request, Transport as _, TransportError};

    /// Answers one connection with fixed bytes, and returns what was sent to it.
    async fn once(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = vec![0; 4096];
            let read = stream.read(&mut buffer).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&buffer[..read]).into_owned()
        });
        (url, served)
    }

    #[tokio::test]
    async fn a_request_goes_out_below_the_base_with_its_query_encoded() {
        let (url, served) =
            once("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-Kind: a\r\n\r\n{}").await;
        let transport = HttpTransport::new(&format!("{url}/api/v2/"), &[]).unwrap();
        let request = Request::get(&["hooks", "a b"]).query("pg[limit]", 10);
        let response = transport.send(&request).await.unwrap();
        assert_eq!((response.status, &response.body[..]), (200, &b"{}"[..]));
        assert_eq!(response.header("x-kind"), Some("a"));
        let sent = served.await.unwrap();
        assert!(
            sent.starts_with("GET /api/v2/hooks/a%20b?pg%5Blimit%5D=10 HTTP/1.1\r\n"),
            "{sent}"
        );
        let agent = format!("user-agent: makeform/{}", env!("CARGO_PKG_VERSION"));
        assert!(sent.to_lowercase().contains(&agent), "{sent}");
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer() {
        let (url, _served) = once(
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        )
        .await;
        let transport = HttpTransport::new(&url, &[]).unwrap();
        let response = transport.send(&Request::get(&["ping"])).await.unwrap();
        assert_eq!(response.status, 302);
    }

    #[tokio::test]
    async fn what_never_left_is_told_from_what_lost_its_answer() {
        let (url, _served) = once("").await;
        let transport = HttpTransport::new(&url, &[]).unwrap();
        let lost = transport.send(&Request::get(&["ping"])).await.unwrap_err();
        assert!(matches!(lost, TransportError::NoAnswer { .. }), "{lost}");

        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let transport = HttpTransport::new(&format!("http://{address}"), &[]).unwrap();
        let unsent = transport.send(&Request::get(&["ping"])).await.unwrap_err();
        assert!(matches!(unsent, TransportError::NotSent { .. }), "{unsent}");
    }
}
