//! How this machine reaches servers: through which proxy, trusting whom, and for how long.
//!
//! What is set here comes from the environment by way of the caller; nothing here reads it.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use jiff::SignedDuration;
use reqwest::{Certificate, NoProxy, Proxy, redirect::Policy};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{
    LiveError,
    host::is_loopback,
    http::{innermost, install_tls},
};

/// How long each phase of an exchange may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Looking up the name, TCP, the proxy's CONNECT and TLS.
    pub connect: Duration,
    /// Sending the request, and waiting for the first byte of the answer.
    pub answer: Duration,
    /// From the first byte of the answer to the last.
    pub body: Duration,
    /// Until a request can arrive no more whose sender is gone: what a killed run has sent last.
    pub arrival: Duration,
    /// For how long a ledger on another machine is asked again while it can't be reached.
    pub ledger: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            answer: Duration::from_secs(60),
            body: Duration::from_secs(240),
            arrival: Duration::from_secs(60),
            ledger: Duration::from_secs(45),
        }
    }
}

impl FromStr for Timeouts {
    type Err = TimeoutsError;

    /// Reads `connect 15s; answer 60s; body 4m; arrival 60s; ledger 45s`: any of these, and the
    /// defaults for the others.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut timeouts = Self::default();
        for part in text.split(';').map(str::trim) {
            let wrong = || TimeoutsError(part.to_owned());
            let Some((phase, time)) = part.split_once(char::is_whitespace) else {
                match part {
                    "" => continue,
                    _ => return Err(wrong()),
                }
            };
            let time: SignedDuration = time.trim().parse().map_err(|_| wrong())?;
            let time = Duration::try_from(time).map_err(|_| wrong())?;
            let set = match phase {
                "connect" => &mut timeouts.connect,
                "answer" => &mut timeouts.answer,
                "body" => &mut timeouts.body,
                "arrival" => &mut timeouts.arrival,
                "ledger" => &mut timeouts.ledger,
                _ => return Err(wrong()),
            };
            *set = Some(time)
                .filter(|time| LONGEST >= *time && !time.is_zero())
                .ok_or_else(wrong)?;
        }
        Ok(timeouts)
    }
}

/// The longest that a phase may be given.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// What is no time of a phase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is none of `connect TIME`, `answer TIME`, `body TIME`, `arrival TIME` and `ledger TIME`, with \
     a time such as 500ms, 20s or 2m (an hour at most)"
)]
pub struct TimeoutsError(String);

/// How servers are reached. The default is: without a proxy, trusting whom the system trusts.
#[derive(Clone, Default)]
pub struct Network {
    proxy: Option<Proxy>,
    authorities: Arc<[Certificate]>,
    timeouts: Timeouts,
}

/// Why a setting of the network can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The proxy's address is none. It is not quoted: a password may be in it.
    #[error("it is not the address of an HTTP proxy, as http://HOST:PORT")]
    Proxy,
    /// There is no certificate in the file.
    #[error("it holds no certificate in PEM form")]
    Authorities,
}

impl Network {
    /// The same, through an HTTP proxy: `http://user:password@host:port`, with or without the
    /// scheme. `except` are the hosts that are reached without it, as `NO_PROXY` writes them.
    ///
    /// # Errors
    /// When the address is none.
    pub fn through(
        mut self,
        proxy: &SecretString,
        except: Option<&str>,
    ) -> Result<Self, NetworkError> {
        let text = proxy.expose_secret();
        let url: Option<Url> = match text.contains("://") {
            true => text.parse().ok(),
            false => format!("http://{text}").parse().ok(),
        };
        let url = url
            .filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"))
            .ok_or(NetworkError::Proxy)?;
        let proxy = Proxy::https(url.as_str()).map_err(|_| NetworkError::Proxy)?;
        // The library takes it for all names, but for no address.
        let none = except.is_some_and(|except| except.split(',').any(|host| host.trim() == "*"));
        if none {
            return Ok(Self {
                proxy: None,
                ..self
            });
        }
        self.proxy = Some(proxy.no_proxy(except.and_then(NoProxy::from_string)));
        Ok(self)
    }

    /// The same, which trusts these authorities too: certificates in PEM form.
    ///
    /// # Errors
    /// When there is none among them.
    pub fn trusting(mut self, pem: &[u8]) -> Result<Self, NetworkError> {
        let found = Certificate::from_pem_bundle(pem).map_err(|_| NetworkError::Authorities)?;
        if found.is_empty() {
            return Err(NetworkError::Authorities);
        }
        self.authorities = self.authorities.iter().cloned().chain(found).collect();
        Ok(self)
    }

    /// The same, with other times.
    #[must_use]
    pub fn within(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    pub(super) fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// An HTTP client for one server: no redirects, so that no secret follows one.
    pub(crate) fn client(&self, server: &Url) -> Result<reqwest::Client, LiveError> {
        install_tls();
        let Timeouts {
            connect,
            answer,
            body,
            arrival: _,
            ledger: _,
        } = self.timeouts;
        // Without this the library would look for a proxy itself.
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .user_agent(concat!("makeform/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(connect)
            .timeout(connect + answer + body)
            .tls_certs_merge(self.authorities.iter().cloned());
        // A proxy would take a token off this machine, and in the clear.
        let stays_here = server.host().as_ref().is_some_and(is_loopback);
        if let Some(proxy) = self.proxy.clone().filter(|_| !stays_here) {
            builder = builder.proxy(proxy);
        }
        let setup = |error| LiveError::Setup {
            reason: innermost(&error),
        };
        builder.build().map_err(setup)
    }
}

impl fmt::Debug for Network {
    /// Without the proxy, whose address may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("has_proxy", &self.proxy.is_some())
            .field("authorities", &self.authorities.len())
            .field("timeouts", &self.timeouts)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };

    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
        net::{TcpListener, TcpStream},
    };
    use tokio_rustls::{
        TlsAcceptor,
        rustls::{ServerConfig, pki_types::PrivateKeyDer},
    };

    use super::{Network, NetworkError, Timeouts};
    use crate::live::{
        HttpTransport,
        transport::{Request, Response, Transport as _, TransportError},
    };

    const HOST: &str = "make.example.com";

    /// A server of that name with a certificate of its own authority: its port, and the
    /// authority in PEM form.
    async fn secure() -> (u16, String) {
        let authority_key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params.self_signed(&authority_key).unwrap();
        let issuer = Issuer::new(params, authority_key);
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        let certificate = server.signed_by(&key, &issuer).unwrap();
        super::install_tls();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that does not trust it hangs up.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let _ = stream.read(&mut [0; 4096]).await;
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        (port, authority.pem())
    }

    /// A proxy that leads every CONNECT to one port, counts them, and keeps what they said.
    async fn proxy(to: u16) -> (u16, Arc<AtomicUsize>, Arc<std::sync::Mutex<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let count = Arc::new(AtomicUsize::new(0));
        let said = Arc::new(std::sync::Mutex::new(String::new()));
        let (counted, kept) = (Arc::clone(&count), Arc::clone(&said));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = vec![0; 4096];
                let read = stream.read(&mut head).await.unwrap();
                let head = String::from_utf8_lossy(&head[..read]).into_owned();
                assert!(head.starts_with("CONNECT "), "{head}");
                *kept.lock().unwrap() = head;
                counted.fetch_add(1, Ordering::SeqCst);
                let established = "HTTP/1.1 200 Connection established\r\n\r\n";
                stream.write_all(established.as_bytes()).await.unwrap();
                let mut server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                tokio::spawn(async move { copy_bidirectional(&mut stream, &mut server).await });
            }
        });
        (port, count, said)
    }

    async fn ask(url: &str, network: &Network) -> Result<Response, TransportError> {
        let transport = HttpTransport::over(url, &[HOST.to_owned()], network).unwrap();
        transport.send(&Request::get(&["ping"])).await
    }

    #[tokio::test]
    async fn a_proxy_and_a_private_authority_lead_to_the_server() {
        let (server, authority) = secure().await;
        let (proxy, count, said) = proxy(server).await;
        let address = format!("http://ann:pa%20ss@127.0.0.1:{proxy}");
        let trusting = Network::default().trusting(authority.as_bytes()).unwrap();
        let network = trusting
            .clone()
            .through(&address.as_str().into(), None)
            .unwrap();
        let answer = ask(&format!("https://{HOST}"), &network).await.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(count.load(Ordering::SeqCst), 1);
        let head = said.lock().unwrap().to_lowercase();
        assert!(head.starts_with("connect make.example.com:443 "), "{head}");
        assert!(
            head.contains("proxy-authorization: basic yw5uonbhihnz"),
            "{head}"
        );

        // Without the authority the server is not trusted, and nothing was sent.
        let network = Network::default()
            .through(&address.as_str().into(), None)
            .unwrap();
        let distrust = ask(&format!("https://{HOST}"), &network).await;
        let distrust = distrust.unwrap_err();
        assert!(
            matches!(distrust, TransportError::NotSent { .. }),
            "{distrust}"
        );
        assert!(!format!("{distrust:?} {network:?}").contains("pa%20ss"));
    }

    #[tokio::test]
    async fn this_machine_and_the_hosts_of_no_proxy_are_reached_without_it() {
        let (server, authority) = secure().await;
        let (proxy, count, _) = proxy(server).await;
        let network = Network::default().trusting(authority.as_bytes()).unwrap();
        let network = network
            .through(&format!("127.0.0.1:{proxy}").into(), Some("example.com"))
            .unwrap()
            .within(Timeouts {
                connect: Duration::from_secs(5),
                ..Timeouts::default()
            });
        // Neither leads anywhere: the certificate is for another name, and nobody has that one.
        assert!(
            ask(&format!("https://localhost:{server}"), &network)
                .await
                .is_err()
        );
        assert!(
            ask(&format!("https://{HOST}:{server}"), &network)
                .await
                .is_err()
        );
        assert_eq!(count.load(Ordering::SeqCst), 0);
    }

    /// A server that says this and then nothing more.
    async fn stalling(answer: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                held.push(stream);
            }
        });
        port
    }

    #[tokio::test]
    async fn a_server_that_stalls_is_given_up_in_each_phase() {
        let short = Duration::from_millis(200);
        let long = Duration::from_secs(600);
        let with = |connect, answer, body| {
            Network::default().within(Timeouts {
                connect,
                answer,
                body,
                ..Timeouts::default()
            })
        };
        let port = stalling("").await;
        let url = format!("https://127.0.0.1:{port}");
        let error = ask(&url, &with(short, long, long)).await.unwrap_err();
        assert!(matches!(error, TransportError::NotSent { .. }), "{error}");
        assert!(error.to_string().contains("timed out"), "{error}");

        let url = format!("http://127.0.0.1:{port}");
        let error = ask(&url, &with(short, short, long)).await.unwrap_err();
        assert!(matches!(error, TransportError::NoAnswer { .. }), "{error}");
        assert!(error.to_string().contains("no answer began"), "{error}");

        let port = stalling("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").await;
        let url = format!("http://127.0.0.1:{port}");
        let error = ask(&url, &with(long, long, short)).await.unwrap_err();
        assert!(matches!(error, TransportError::NoAnswer { .. }), "{error}");
        assert!(error.to_string().contains("did not end"), "{error}");
    }

    #[test]
    fn times_are_read_phase_by_phase() {
        let usual = Timeouts::default();
        assert_eq!("".parse(), Ok(usual));
        let times: Timeouts = "answer 500ms;connect  2s ; ledger 90s".parse().unwrap();
        let expected = Timeouts {
            connect: Duration::from_secs(2),
            answer: Duration::from_millis(500),
            ledger: Duration::from_secs(90),
            ..usual
        };
        assert_eq!(times, expected);
        for wrong in [
            "connect",
            "head 2s",
            "body 2",
            "body 0s",
            "body -2s",
            "body 2h",
            "body 2s answer 2s",
        ] {
            let refused = format!("answer 1s; {wrong}").parse::<Timeouts>();
            assert!(refused.unwrap_err().to_string().contains(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_proxy_and_no_certificate_is_said_without_quoting_it() {
        for proxy in ["", "socks5://host:1080", "http://", "::"] {
            let refused = Network::default().through(&proxy.into(), None);
            assert_eq!(refused.err(), Some(NetworkError::Proxy), "{proxy}");
        }
        let refused = Network::default().trusting(b"no certificate");
        assert_eq!(refused.err(), Some(NetworkError::Authorities));
    }
}
