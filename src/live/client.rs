//! The client: one account's API behind a transport and a token.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use secrecy::SecretString;

use super::{
    Asked, LiveError, Refusal,
    auth::{Credential, Presented},
    expected::Expected,
    gate::{Door, Gate, Gates},
    mask::Mask,
    pace::Pace,
    patience::Patience,
    retry::{self, Check, May, Repeat, Way},
    transport::{Request, Response, Transport},
};
use crate::model::Dialect;

/// Reads and changes an account. Cheap to share.
pub struct Client {
    transport: Arc<dyn Transport>,
    credential: Credential,
    mask: Mask,
    host: String,
    dialect: Dialect,
    door: Option<Door>,
    pace: Pace,
    patience: Patience,
    sent: AtomicU64,
}

/// How a request ended, after all tries.
pub(super) struct Ended {
    /// The answer, or why there is none to go on with.
    pub(super) last: Result<Response, LiveError>,
    /// Whether a try before the last may have been carried out unseen.
    pub(super) clouded: bool,
}

/// What is to be sent.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) request: &'a Request,
    pub(super) repeat: Repeat,
    pub(super) check: Check<'a>,
    /// What of it must not be quoted.
    pub(super) hidden: &'a [SecretString],
    /// Whether it may go out now; asked before each try.
    pub(super) may: May<'a>,
}

impl Ended {
    /// Nothing left this machine.
    fn unsent(error: LiveError) -> Self {
        Self {
            last: Err(error),
            clouded: false,
        }
    }
}

impl Client {
    /// A client that sends this token over a transport. `host` is what the account is known by
    /// in plans and ledgers: the API's host, or the sandbox's name.
    ///
    /// Secret stores like to end a token with a line break, which is left out. With a token that
    /// is malformed otherwise, each request fails and nothing is sent.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, token: SecretString, host: String) -> Self {
        Self::with_credential(transport, Credential::fixed(&token, None), host)
    }

    /// A client that is let in by a credential: one that can be refreshed, or a token that is
    /// shown in another way than its form tells.
    #[must_use]
    pub fn with_credential(
        transport: Arc<dyn Transport>,
        credential: Credential,
        host: String,
    ) -> Self {
        Self {
            transport,
            credential,
            mask: Mask::default(),
            host,
            dialect: Dialect::Zone,
            door: None,
            pace: Pace::default(),
            patience: Patience::default(),
            sent: AtomicU64::new(0),
        }
    }

    /// The same client, which speaks this dialect.
    #[must_use]
    pub fn speaking(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// The same client, which also keeps these values out of its errors, wherever a server
    /// quotes them. Values shorter than four characters are left.
    #[must_use]
    pub fn hide(mut self, values: impl IntoIterator<Item = SecretString>) -> Self {
        for value in values {
            self.mask.add(&value);
        }
        self
    }

    /// The same client, which waits so long for a network that it loses, unless `over` is set
    /// meanwhile.
    #[must_use]
    pub fn patient(mut self, most: Duration, over: Arc<AtomicBool>) -> Self {
        self.patience = Patience::new(most, over);
        self
    }

    /// Who waits for a lost network.
    pub(super) fn patience(&self) -> &Patience {
        &self.patience
    }

    /// Whether a text holds a value that is kept out of errors.
    #[must_use]
    pub fn hides(&self, text: &str) -> bool {
        self.mask.is_in(text)
    }

    /// The same client, whose requests pass the gate of their organization. `organization` is
    /// what the target names it by, and `cap` the most requests a minute that it wants.
    #[must_use]
    pub fn gated(
        mut self,
        gates: &Arc<Gates>,
        organization: Option<&str>,
        cap: Option<u32>,
    ) -> Self {
        let gates = Arc::clone(gates);
        self.door = Some(Door::new(gates, &self.host, organization, cap));
        self
    }

    /// The gate that its requests pass, if they pass one.
    #[must_use]
    pub fn gate(&self) -> Option<Arc<Gate>> {
        self.door.as_ref().map(Door::gate)
    }

    /// Says to which organization the requests from now on belong, and what its limit is where
    /// Make has told.
    pub(super) async fn enter(&self, organization: u64, limit: Option<u32>) {
        if let Some(door) = &self.door {
            door.enter(organization, limit).await;
        }
    }

    /// How many reads are in flight at once.
    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }

    /// The form of the API that it speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// How many requests it has sent, repetitions among them.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// How long a request may still be on its way to be carried out when whoever sent it is gone.
    #[must_use]
    pub fn lingers(&self) -> Duration {
        self.transport.lingers()
    }

    /// What the account is known by.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Sends a request, again where that is sound. A status that is not 2xx is an error, and so
    /// is an answer that is not what is expected.
    pub(super) async fn send(
        &self,
        request: &Request,
        repeat: Repeat,
        expected: Expected,
    ) -> Ended {
        self.send_hiding(request, repeat, expected, &[], &|| true)
            .await
    }

    /// The same of a request whose refusal must not quote these values, and that goes out only
    /// while it may.
    pub(super) async fn send_hiding(
        &self,
        request: &Request,
        repeat: Repeat,
        expected: Expected,
        hidden: &[SecretString],
        may: May<'_>,
    ) -> Ended {
        self.tell(Told {
            request,
            repeat,
            check: &|answer| expected.check(answer),
            hidden,
            may,
        })
        .await
    }

    pub(super) async fn tell(&self, told: Told<'_>) -> Ended {
        if let Some(problem) = self.credential.malformed() {
            return Ended::unsent(LiveError::TokenMalformed { problem });
        }
        let presented = match self.credential.present().await {
            Ok(presented) => presented,
            Err(error) => return Ended::unsent(error.into()),
        };
        let ended = self.attempt(told, &presented).await;
        let refused = ended.last.as_ref().err().and_then(LiveError::status);
        if refused != Some(401) {
            return ended;
        }
        // Who is not let in has done nothing: what was asked, a write too, is asked once more
        // with another token, where there is one.
        match self.credential.replace(&presented).await {
            Ok(None) => ended,
            Ok(Some(presented)) => {
                let again = self.attempt(told, &presented).await;
                Ended {
                    clouded: ended.clouded || again.clouded,
                    ..again
                }
            }
            Err(error) => Ended {
                last: Err(error.into()),
                clouded: ended.clouded,
            },
        }
    }

    async fn attempt(&self, told: Told<'_>, presented: &Presented) -> Ended {
        let Told {
            request,
            repeat,
            check,
            hidden,
            may,
        } = told;
        let mut request = request.clone();
        request.headers.push(("authorization", presented.header()));
        request
            .headers
            .push(("accept", "application/json".to_owned()));
        let way = Way {
            transport: self.transport.as_ref(),
            door: self.door.as_ref(),
            pace: &self.pace,
            patience: &self.patience,
            may,
            sent: &self.sent,
        };
        let sent = retry::send(way, &request, repeat, check).await;
        let asked = || Asked::from(&request);
        let last = match sent.last {
            Ok(response) if response.is_success() => match sent.problem {
                None => Ok(response),
                Some(problem) => Err(LiveError::Unreadable {
                    asked: asked(),
                    problem,
                }),
            },
            Ok(response) => {
                let mut mask = self.mask.clone();
                mask.add(&presented.token);
                hidden.iter().for_each(|value| mask.add(value));
                let refusal = Refusal::read(asked(), self.dialect, &response, &mask);
                Err(LiveError::Refused(Box::new(refusal)))
            }
            Err(source) => Err(LiveError::Unreached {
                asked: asked(),
                source,
            }),
        };
        Ended {
            last,
            clouded: sent.clouded,
        }
    }

    /// Sends a request once, without any token.
    pub(super) async fn knock(&self, request: &Request) -> Result<Response, LiveError> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let sent = self.transport.send(request).await;
        sent.map_err(|source| LiveError::Unreached {
            asked: request.into(),
            source,
        })
    }

    /// What lets it in.
    pub(super) fn credential(&self) -> &Credential {
        &self.credential
    }
}

impl fmt::Debug for Client {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Client, Expected};
    use crate::live::{
        script::{Line, Script},
        transport::Request,
    };

    const TOKEN: &str = "5a4db0c5-0000-4000-8000-000000000001";

    async fn ask(token: &str, line: Line) -> (String, String) {
        let script = Arc::new(Script::new(std::iter::repeat_n(line, 5)));
        let client = Client::new(script.clone(), token.to_owned().into(), "script".into());
        let error = client
            .fetch(&Request::get(&["teams", "4"]), Expected::OBJECT)
            .await
            .err();
        let request = script.asked().pop().unwrap();
        let header = request
            .headers
            .iter()
            .find(|(name, _)| *name == "authorization");
        let shown = format!(
            "{client:?} {request:?} {error:?} {}",
            error.as_ref().map(ToString::to_string).unwrap_or_default()
        );
        (header.unwrap().1.clone(), shown)
    }

    #[tokio::test]
    async fn api_tokens_and_oauth_tokens_have_their_own_schemes() {
        let (header, _) = ask(TOKEN, Line::ok("{}")).await;
        assert_eq!(header, format!("Token {TOKEN}"));
        let (header, _) = ask("eyJhbGciOi", Line::ok("{}")).await;
        assert_eq!(header, "Bearer eyJhbGciOi");
    }

    #[tokio::test(start_paused = true)]
    async fn no_debug_form_and_no_error_shows_the_token() {
        for line in [
            Line::ok("no json"),
            Line::refused(401, &format!(r#"{{"message":"bad {TOKEN}"}}"#)),
            Line::refused(404, &format!("Token {TOKEN} is unknown")),
            Line::refused(
                400,
                r#"{"message":"x","code":"a 5A4DB0C5000040008000000000000001"}"#,
            ),
        ] {
            let (_, shown) = ask(TOKEN, line).await;
            assert!(shown.contains("GET /teams/4"), "{shown}");
            assert!(!shown.to_lowercase().contains("5a4db0c5"), "{shown}");
        }
    }

    #[tokio::test]
    async fn a_token_may_end_with_a_line_break_and_is_else_taken_as_it_is_or_refused() {
        let (header, _) = ask(&format!("{TOKEN}\r\n"), Line::ok("{}")).await;
        assert_eq!(header, format!("Token {TOKEN}"));
        for token in ["tok en", "tok\nen", "Zq8 ", "tok\u{7}en", "t\u{f6}k", "\n"] {
            let script = Arc::new(Script::new([]));
            let client = Client::new(script.clone(), token.into(), "script".into());
            let asked = Request::get(&["teams", "4"]);
            let error = client.fetch(&asked, Expected::OBJECT).await.unwrap_err();
            assert_eq!(error.code().name, "token-malformed");
            assert!(!format!("{error} {error:?}").contains(token), "{error}");
            assert_eq!(script.asked().len(), 0);
        }
    }

    #[tokio::test]
    async fn hidden_values_are_kept_out_of_errors() {
        let body = r#"{"message":"no","suberrors":[{"message":"mapper.body: 'a Zq8Value b'"}]}"#;
        let script = Arc::new(Script::new([Line::refused(400, body)]));
        let client = Client::new(script, TOKEN.into(), "script".into()).hide(["zq8value".into()]);
        let asked = Request::get(&["teams", "4"]);
        let error = client.fetch(&asked, Expected::OBJECT).await.unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("no; mapper.body: 'a (secret) b'"),
            "{error}"
        );
    }
}
