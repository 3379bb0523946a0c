//! Real servers of object stores on this machine, each with an empty bucket. `.ci/run` installs them.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ring::hmac;

/// The bucket that each of them has.
const BUCKET: &str = "ledgers";

/// Azurite's only account, which the whole world knows.
const AZURE_ACCOUNT: &str = "devstoreaccount1";
const AZURE_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A server of an object store.
pub(crate) struct ObjectServer {
    child: Child,
    /// What `state:` is of a ledger in it.
    pub(crate) state: &'static str,
    /// The variables to reach it with.
    pub(crate) environment: Vec<(&'static str, String)>,
}

impl ObjectServer {
    /// One that speaks like S3.
    pub(crate) fn s3() -> Self {
        let port = free_port();
        let mut command = Command::new(tool("s3/bin/python"));
        command.arg(repository().join("tests/it/support/s3_server.py"));
        command.arg(port.to_string());
        let child = start(command);
        wait_for(port, || ask(port, &format!("PUT /{BUCKET}"), &[]));
        Self {
            child,
            state: "s3://ledgers/make",
            environment: vec![
                ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")),
                ("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST".to_owned()),
                ("AWS_SECRET_ACCESS_KEY", "canary-s3-secret-Zt71".to_owned()),
                ("AWS_REGION", "eu-central-1".to_owned()),
            ],
        }
    }

    /// One that speaks like Azure.
    pub(crate) fn azure() -> Self {
        let port = free_port();
        let mut command = Command::new(tool("azurite/node_modules/.bin/azurite-blob"));
        command.args(["--inMemoryPersistence", "--silent", "--skipApiVersionCheck"]);
        command.args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string()]);
        let child = start(command);
        wait_for(port, || azure_container(port));
        Self {
            child,
            state: "az://ledgers/make",
            environment: vec![
                (
                    "AZURE_STORAGE_ENDPOINT",
                    format!("http://127.0.0.1:{port}/{AZURE_ACCOUNT}"),
                ),
                ("AZURE_STORAGE_ACCOUNT_NAME", AZURE_ACCOUNT.to_owned()),
                ("AZURE_STORAGE_ACCOUNT_KEY", AZURE_KEY.to_owned()),
            ],
        }
    }
}

impl Drop for ObjectServer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn tool(path: &str) -> PathBuf {
    let tool = repository().join("target/tools").join(path);
    assert!(
        tool.exists(),
        "{} is missing: .ci/run installs it",
        tool.display()
    );
    tool
}

fn start(mut command: Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A port that nobody listens on. Somebody else may take it before the server does.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Asks until the server is up and has made the bucket.
fn wait_for(port: u16, make: impl Fn() -> Option<u16>) {
    let begun = Instant::now();
    while !make().is_some_and(|status| matches!(status, 200 | 201)) {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "nothing on port {port}"
        );
        thread::sleep(Duration::from_millis(100));
    }
}

/// Sends a request without a body, and gives back the status of its answer.
fn ask(port: u16, line: &str, headers: &[(&str, String)]) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: 0\r\nconnection: close\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer);
    answer.split_whitespace().nth(1)?.parse().ok()
}

/// Makes the container: Azure wants even that signed.
fn azure_container(port: u16) -> Option<u16> {
    let date = jiff::Timestamp::now()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    let version = "2021-12-02";
    let path = format!("/{AZURE_ACCOUNT}/{BUCKET}");
    let signed = format!(
        "PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:{version}\n/{AZURE_ACCOUNT}{path}\nrestype:container"
    );
    let key = hmac::Key::new(
        hmac::HMAC_SHA256,
        &BASE64_STANDARD.decode(AZURE_KEY).unwrap(),
    );
    let signature = BASE64_STANDARD.encode(hmac::sign(&key, signed.as_bytes()));
    ask(
        port,
        &format!("PUT {path}?restype=container"),
        &[
            ("x-ms-date", date),
            ("x-ms-version", version.to_owned()),
            (
                "authorization",
                format!("SharedKey {AZURE_ACCOUNT}:{signature}"),
            ),
        ],
    )
}
