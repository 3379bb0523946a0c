//! A login in use, against a server that counts.
#![expect(clippy::disallowed_methods, reason = "a crash in a test loses nothing")]

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

use axum::{Router, extract::State, http::StatusCode, routing::post};
use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::{AuthError, Credential, Kept, Login, LoginKey, Scheme, Session, Tokens, Vault};
use crate::live::{
    Client,
    expected::Expected,
    retry::Repeat,
    script::{Line, Script},
    transport::Request,
};

/// A token endpoint, the logins of a user, and a clock that stands still.
struct Trial {
    folder: TempDir,
    server: Arc<Server>,
    url: url::Url,
    now: Arc<AtomicI64>,
}

#[derive(Default)]
struct Server {
    asked: AtomicUsize,
    /// What it answers in place of the next tokens.
    says: Mutex<Option<(u16, String)>>,
    /// What another process does meanwhile.
    meanwhile: Mutex<Option<(PathBuf, String)>>,
}

async fn exchange(State(server): State<Arc<Server>>, body: String) -> (StatusCode, String) {
    let count = server.asked.fetch_add(1, Ordering::SeqCst) + 1;
    if let Some((path, text)) = server.meanwhile.lock().unwrap().take() {
        fs::write(path, text).unwrap();
    }
    if let Some((status, text)) = server.says.lock().unwrap().take() {
        return (StatusCode::from_u16(status).unwrap(), text);
    }
    if !body.contains("grant_type=refresh_token") || body.contains("client_secret") {
        return (
            StatusCode::BAD_REQUEST,
            json!({"error": "invalid_request"}).to_string(),
        );
    }
    // The number as text, and no `token_type`: both have been seen.
    let tokens = json!({
        "access_token": format!("access-{count}"),
        "refresh_token": format!("refresh-{count}"),
        "expires_in": "3600",
    });
    (StatusCode::OK, tokens.to_string())
}

impl Trial {
    async fn new() -> Self {
        let server = Arc::new(Server::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/token", post(exchange))
            .with_state(Arc::clone(&server));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            folder: tempfile::tempdir().unwrap(),
            server,
            url: url.parse().unwrap(),
            now: Arc::new(AtomicI64::new(1_000_000)),
        }
    }

    fn vault(&self) -> Vault {
        Vault::new(self.folder.path().into(), None)
    }

    fn key(&self) -> LoginKey {
        LoginKey {
            project: "acme".into(),
            target: "one".into(),
            host: "eu1.make.com".into(),
        }
    }

    /// Keeps a login that ends so many seconds from now.
    fn keep(&self, access: &str, seconds: i64) -> Login {
        let end = self.now.load(Ordering::SeqCst) + seconds;
        let tokens = Tokens {
            access: access.into(),
            refresh: Some("refresh-0".into()),
            expires: Some(Timestamp::from_second(end).unwrap()),
            scope: vec!["read".into()],
            client: "app".into(),
            token_url: self.url.clone(),
            revoke_url: None,
        };
        let login = Login {
            key: self.key(),
            who: None,
            saved: Timestamp::UNIX_EPOCH,
            kept: Kept::Oauth(Box::new(tokens)),
        };
        self.vault().lock().unwrap().put(&login).unwrap();
        login
    }

    /// What a process makes of a login that it read.
    fn credential(&self, login: &Login) -> Credential {
        let Kept::Oauth(tokens) = login.kept.clone() else {
            panic!("these are logins by OAuth");
        };
        let now = Arc::clone(&self.now);
        let clock = Arc::new(move || Timestamp::from_second(now.load(Ordering::SeqCst)).unwrap());
        let session = Session::new(
            login.clone(),
            *tokens,
            self.vault(),
            Scheme::Bearer,
            None,
            clock,
        );
        Credential::session(session)
    }

    fn asked(&self) -> usize {
        self.server.asked.load(Ordering::SeqCst)
    }

    fn stored(&self) -> String {
        fs::read_to_string(self.vault().file()).unwrap()
    }
}

async fn header(credential: &Credential) -> String {
    credential.present().await.unwrap().header()
}

#[tokio::test]
async fn a_token_is_renewed_in_the_last_minute_before_its_end_and_not_before() {
    let trial = Trial::new().await;
    let credential = trial.credential(&trial.keep("access-0", 61));
    assert_eq!(header(&credential).await, "Bearer access-0");
    trial.now.fetch_add(1, Ordering::SeqCst);
    assert_eq!(header(&credential).await, "Bearer access-1");
    assert!(trial.stored().contains("access-1") && trial.stored().contains("refresh-1"));
    assert!(!trial.stored().contains("refresh-0"));
    trial.now.fetch_add(3539, Ordering::SeqCst);
    assert_eq!(header(&credential).await, "Bearer access-1");
    trial.now.fetch_add(1, Ordering::SeqCst);
    assert_eq!(header(&credential).await, "Bearer access-2");
    assert_eq!(trial.asked(), 2);
}

#[tokio::test]
async fn one_renews_for_all_requests_and_for_all_processes() {
    let trial = Trial::new().await;
    let login = trial.keep("access-0", 0);
    let processes = [trial.credential(&login), trial.credential(&login)];
    let requests = (0..20).map(|at| processes[at % 2].present());
    for presented in futures_util::future::join_all(requests).await {
        assert_eq!(presented.unwrap().header(), "Bearer access-1");
    }
    assert_eq!(trial.asked(), 1);
    // Refused at once, in both: again one of them asks.
    let refused = processes[0].present().await.unwrap();
    let again = (0..20).map(|at| processes[at % 2].replace(&refused));
    for presented in futures_util::future::join_all(again).await {
        assert_eq!(presented.unwrap().unwrap().header(), "Bearer access-2");
    }
    assert_eq!(trial.asked(), 2);
}

#[tokio::test]
async fn a_server_that_is_away_is_no_reason_to_stop_while_the_token_is_good() {
    let trial = Trial::new().await;
    let credential = trial.credential(&trial.keep("access-0", 30));
    let away = || *trial.server.says.lock().unwrap() = Some((503, "<html>".into()));
    away();
    assert_eq!(header(&credential).await, "Bearer access-0");
    trial.now.fetch_add(30, Ordering::SeqCst);
    away();
    let error = credential.present().await.err().unwrap();
    assert!(matches!(error, AuthError::Answer { .. }), "{error}");
    // It is back, and nothing was lost.
    assert_eq!(header(&credential).await, "Bearer access-3");
}

#[tokio::test]
async fn a_refusal_ends_the_login_unless_another_process_was_there_first() {
    let trial = Trial::new().await;
    let login = trial.keep("access-0", 0);
    let refuse = || {
        let body = json!({"error": "invalid_grant", "error_description": "no refresh-0 here"});
        *trial.server.says.lock().unwrap() = Some((400, body.to_string()));
    };
    refuse();
    let error = trial.credential(&login).present().await.err().unwrap();
    assert_eq!(error.code().name, "login-expired");
    assert!(error.to_string().contains("invalid_grant"), "{error}");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("refresh-0"), "{shown}");
    // On a file system without locks: what it wrote is read before we give up.
    let written = trial.stored().replace("access-0", "access-theirs");
    *trial.server.meanwhile.lock().unwrap() = Some((trial.vault().file(), written));
    refuse();
    assert_eq!(
        header(&trial.credential(&login)).await,
        "Bearer access-theirs"
    );
}

#[tokio::test]
async fn tokens_that_no_header_can_carry_are_not_taken() {
    let trial = Trial::new().await;
    let login = trial.keep("access-0", 0);
    for access in ["", "a\r\nb", "a b", "\u{e4}"] {
        let body = json!({"access_token": access, "token_type": "bearer"}).to_string();
        *trial.server.says.lock().unwrap() = Some((200, body));
        let error = trial.credential(&login).present().await.err().unwrap();
        assert!(matches!(error, AuthError::Answer { .. }), "{error}");
    }
    assert!(
        trial.stored().contains("refresh-0"),
        "what there was is still there"
    );
}

fn client(script: &Arc<Script>, credential: Credential) -> Client {
    Client::with_credential(script.clone(), credential, "script".into())
}

fn headers(script: &Script) -> Vec<String> {
    let asked = script.asked();
    let header = |request: &Request| {
        let mut headers = request.headers.iter();
        headers
            .find(|(name, _)| *name == "authorization")
            .unwrap()
            .1
            .clone()
    };
    asked.iter().map(header).collect()
}

#[tokio::test]
async fn a_refused_request_is_sent_once_more_with_another_token_a_write_too() {
    let trial = Trial::new().await;
    let credential = trial.credential(&trial.keep("access-0", 600));
    let no = r#"{"message":"no access-1","detail":"nor access-0"}"#;
    let script = Arc::new(Script::new([
        Line::status(401),
        Line::ok("{}"),
        Line::refused(401, no),
        Line::refused(401, no),
        Line::status(401),
    ]));
    let client = client(&script, credential);
    let create = Request::post(&["hooks"]);
    let done = client.send(&create, Repeat::Never, Expected::OBJECT).await;
    assert_eq!(done.last.unwrap().status, 200);
    assert!(!done.clouded, "who is not let in has done nothing");
    assert_eq!(headers(&script), ["Bearer access-0", "Bearer access-1"]);
    // Refused with that one too: it is an end, and the words are shown without the token.
    let refused = client.send(&create, Repeat::Never, Expected::OBJECT).await;
    let error = refused.last.unwrap_err();
    assert_eq!(error.status(), Some(401));
    assert!(!error.to_string().contains("access-2"), "{error}");
    assert_eq!(
        headers(&script)[2..],
        ["Bearer access-1", "Bearer access-2"]
    );
    // There is no other for a token that stays as it is.
    let fixed = Credential::fixed(&"some-token".into(), Some(Scheme::Token));
    let client = self::client(&script, fixed);
    let refused = client.send(&create, Repeat::Never, Expected::OBJECT).await;
    assert_eq!(refused.last.unwrap_err().status(), Some(401));
    assert_eq!(headers(&script)[4..], ["Token some-token"]);
}

#[tokio::test]
async fn a_login_that_cannot_be_renewed_says_so_and_shows_nothing() {
    let trial = Trial::new().await;
    let mut login = trial.keep("access-0", 600);
    if let Kept::Oauth(tokens) = &mut login.kept {
        tokens.refresh = None;
    }
    trial.vault().lock().unwrap().put(&login).unwrap();
    let script = Arc::new(Script::new([Line::status(401)]));
    let credential = trial.credential(&login);
    let shown = format!("{login:?} {credential:?}");
    assert!(!shown.contains("access-0"), "{shown}");
    let client = client(&script, credential);
    let request = Request::get(&["teams"]);
    let error = client.fetch(&request, Expected::OBJECT).await.unwrap_err();
    assert_eq!(error.code().name, "login-expired");
    assert_eq!(trial.asked(), 0);
}
