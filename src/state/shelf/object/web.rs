//! The HTTP client of object stores: makeform's own, so that proxy, authorities, User-Agent and
//! times are those of everything else.

use std::pin::Pin;

use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
    },
};

/// What the library gets its connections from.
#[derive(Clone, Debug)]
pub(super) struct Web(pub(super) reqwest::Client);

/// A request that must not leave this machine in the clear.
#[derive(Debug, thiserror::Error)]
#[error("object stores are reached over TLS only, except on this machine")]
struct InTheClear;

impl HttpConnector for Web {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

impl HttpService for Web {
    fn call<'a, 'b>(
        &'a self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        let uri = request.uri();
        let is_safe = match uri.scheme_str() {
            Some("https") => true,
            Some(_) | None => uri.host().is_some_and(is_here),
        };
        match is_safe {
            true => self.0.call(request),
            false => Box::pin(std::future::ready(Err(HttpError::new(
                HttpErrorKind::Unknown,
                InTheClear,
            )))),
        }
    }
}

/// Whether a host is this machine.
pub(super) fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
