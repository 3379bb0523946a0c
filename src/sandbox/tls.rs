//! The sandbox behind TLS, with a certificate from an authority of its own.
//!
//! The authority is made once for each world and stays with it, so that a client that was told
//! to trust it (`NODE_EXTRA_CA_CERTS`, `--cacert`) need be told only once. Its key never leaves
//! the world's folder. The server's certificate is made anew at each start and is kept nowhere.

use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::serve::Listener;
use jiff::Zoned;
use jiff::tz::TimeZone;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use super::error::WorldError;

/// The file of the authority's certificate, in the world's folder.
pub const AUTHORITY: &str = "ca.pem";

/// The file of its key, which only the owner may read.
const KEY: &str = "ca.key";

/// The names by which every server on this machine can be called.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Handshakes that may be under way at once; further connections wait for one to end.
const HANDSHAKES: usize = 1024;

/// Takes connections and gives them on once their TLS handshake is done. One that fails or
/// lingers holds up nobody else.
pub struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: JoinSet<io::Result<(TlsStream<TcpStream>, SocketAddr)>>,
}

impl TlsListener {
    /// Puts TLS on `tcp`, with a certificate for this machine and for `names` (host names or IP
    /// addresses) from the authority of the world in `folder`, which is made where there is none.
    ///
    /// # Errors
    ///
    /// The authority cannot be read or kept, or a name is none.
    pub fn new(tcp: TcpListener, folder: &Path, names: &[String]) -> Result<Self, WorldError> {
        let config = server_config(folder, names)?;
        Ok(Self {
            tcp,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            handshakes: JoinSet::new(),
        })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let has_room = self.handshakes.len() < HANDSHAKES;
            tokio::select! {
                (stream, address) = Listener::accept(&mut self.tcp), if has_room => {
                    let handshake = self.acceptor.accept(stream);
                    self.handshakes.spawn(async move { Ok((handshake.await?, address)) });
                }
                // A client that does not trust the authority hangs up: nothing to serve.
                Some(Ok(Ok(ready))) = self.handshakes.join_next() => return ready,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

fn server_config(folder: &Path, names: &[String]) -> Result<ServerConfig, WorldError> {
    let path = folder.join(KEY);
    let (key, certificate) = certify(folder, &path, names).map_err(|error| match error {
        Failure::Kept(error) => error,
        Failure::Made(source) => WorldError::Certificate { key: path, source },
    })?;
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.into()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Why there is no certificate.
enum Failure {
    Kept(WorldError),
    Made(rcgen::Error),
}

impl From<WorldError> for Failure {
    fn from(error: WorldError) -> Self {
        Self::Kept(error)
    }
}

impl From<rcgen::Error> for Failure {
    fn from(error: rcgen::Error) -> Self {
        Self::Made(error)
    }
}

/// A key and a certificate of the world's authority for it.
fn certify(
    folder: &Path,
    authority_key: &Path,
    names: &[String],
) -> Result<(KeyPair, rcgen::Certificate), Failure> {
    // Whoever comes second takes the first one's key: two servers of a world have one authority.
    let new = KeyPair::generate()?.serialize_pem();
    let kept = keep_first(authority_key, &new)?;
    let issuer_key = KeyPair::from_pem(&kept)?;
    let params = authority_params();
    let text = params.self_signed(&issuer_key)?.pem();
    keep_first(&folder.join(AUTHORITY), &text)?;

    let issuer = Issuer::new(params, issuer_key);
    let key = KeyPair::generate()?;
    let certificate = server_params(names)?.signed_by(&key, &issuer)?;
    Ok((key, certificate))
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    let name = &mut params.distinguished_name;
    name.push(DnType::CommonName, "makeform sandbox authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn server_params(names: &[String]) -> Result<CertificateParams, rcgen::Error> {
    let mut all: Vec<String> = LOCAL.map(str::to_owned).into();
    all.extend(names.iter().cloned());
    let mut params = CertificateParams::new(all)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "makeform sandbox");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let (first, last) = validity();
    params.not_before = date_time_ymd(first, 1, 1);
    params.not_after = date_time_ymd(last, 1, 1);
    Ok(params)
}

/// The years between whose beginnings a certificate holds: it is one of a test server that is
/// started often, and clocks differ.
#[expect(clippy::disallowed_methods, reason = "a server has a clock of its own")]
fn validity() -> (i32, i32) {
    let now = Zoned::new(jiff::Timestamp::now(), TimeZone::UTC);
    let year = i32::from(now.year());
    (year - 1, year + 2)
}

/// Writes a file unless it is there, and returns what it then holds. Only the owner may read it.
fn keep_first(path: &Path, text: &str) -> Result<String, WorldError> {
    let failed = |source| WorldError::Authority {
        path: path.to_path_buf(),
        source,
    };
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => return other.map_err(failed),
    }
    let folder = path.parent().map(PathBuf::from).unwrap_or_default();
    // A temporary file is its owner's alone on every system that knows owners.
    let mut aside = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    aside.write_all(text.as_bytes()).map_err(failed)?;
    aside.as_file().sync_all().map_err(failed)?;
    match aside.persist_noclobber(path) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            fs::read_to_string(path).map_err(failed)
        }
        Err(error) => Err(failed(error.error)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;

    use tokio::io::AsyncReadExt as _;
    use tokio::net::{TcpListener, TcpStream};

    use super::{AUTHORITY, KEY, TlsListener, server_config};
    use crate::sandbox::{World, WorldOptions, serve};

    fn client(folder: &Path) -> reqwest::Client {
        crate::live::install_tls();
        let authority = fs::read(folder.join(AUTHORITY)).unwrap();
        let authority = reqwest::Certificate::from_pem(&authority).unwrap();
        reqwest::Client::builder()
            .tls_certs_only([authority])
            .no_proxy()
            .build()
            .unwrap()
    }

    #[tokio::test]
    async fn who_trusts_the_authority_is_served_under_every_name_of_this_machine() {
        let folder = tempfile::tempdir().unwrap();
        let world = Arc::new(World::open(folder.path(), WorldOptions::default()).unwrap());
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        let listener = TlsListener::new(tcp, folder.path(), &[]).unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = tokio::spawn(serve(world, listener, async {
            stopped.await.unwrap();
        }));
        // One that never says hello holds up nobody.
        let mut silent = TcpStream::connect(address).await.unwrap();

        let trusting = client(folder.path());
        for host in ["127.0.0.1", "localhost"] {
            let url = format!("https://{host}:{}/api/v2/ping", address.port());
            let answer = trusting.get(url).send().await.unwrap();
            assert_eq!(answer.text().await.unwrap(), "pong");
        }
        let other = tempfile::tempdir().unwrap();
        server_config(other.path(), &[]).unwrap();
        let url = format!("https://{address}/api/v2/ping");
        let distrust = client(other.path()).get(&url).send().await.unwrap_err();
        assert!(
            format!("{distrust:?}").contains("UnknownIssuer")
                || format!("{distrust:?}").contains("BadSignature"),
            "{distrust:?}"
        );

        drop(trusting);
        stop.send(()).unwrap();
        server.await.unwrap().unwrap();
        assert_eq!(silent.read(&mut [0]).await.unwrap(), 0, "hung up");
    }

    #[test]
    fn the_authority_stays_and_its_key_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        server_config(folder.path(), &[]).unwrap();
        let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
        let first = (read(AUTHORITY), read(KEY));
        let names = ["make.test".to_owned(), "192.0.2.7".to_owned()];
        server_config(folder.path(), &names).unwrap();
        assert!(first == (read(AUTHORITY), read(KEY)));
        assert!(!String::from_utf8(first.0).unwrap().contains("PRIVATE"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(folder.path().join(KEY)).unwrap().permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_key_that_is_none_and_a_name_that_is_none_are_said() {
        let folder = tempfile::tempdir().unwrap();
        let name = ["stra\u{df}e.example".to_owned()];
        let error = server_config(folder.path(), &name).unwrap_err();
        assert!(error.to_string().contains("certificate"), "{error}");
        let broken = tempfile::tempdir().unwrap();
        fs::File::create(broken.path().join(KEY)).unwrap();
        let error = server_config(broken.path(), &[]).unwrap_err();
        assert!(error.to_string().contains("ca.key"), "{error}");
    }
}
