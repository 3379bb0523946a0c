//! Single writes: what it takes to bring a form about, and how each request ended.

use secrecy::SecretString;
use serde_json::Value;

use super::{
    Asked, LiveError, Refusal,
    client::Client,
    expected::Expected,
    failpoint_with,
    retry::Repeat,
    transport::{Request, Response, TransportError},
    wire::{Wrong, unified, zone},
};
use crate::model::{Form, Kind, RemoteId, values_equal};

/// One request that changes the account.
#[derive(Clone, Debug)]
pub struct Write {
    /// What it does, for people and journals: `create scenario`.
    pub what: &'static str,
    /// The request, without the token.
    pub request: Request,
    creates: Option<Kind>,
    /// Reads the answer to a create.
    created: fn(Kind, &Value) -> Result<Performed, Wrong>,
    /// The id of what it makes, where its name says so already.
    known: Option<RemoteId>,
    /// The same in other words, where these are refused in a certain way.
    instead: Option<Instead>,
    repeat: Repeat,
    removes: bool,
    settled: &'static [&'static str],
    expected: Expected,
    /// What of it must not be quoted.
    hidden: Vec<SecretString>,
}

/// Another request for the same, for an API of which two accounts exist.
#[derive(Clone, Debug)]
struct Instead {
    when: fn(&Refusal) -> bool,
    request: Request,
}

impl Write {
    /// A request that makes an object. Never sent again once it may have been carried out.
    pub(super) fn create(kind: Kind, request: Request) -> Self {
        let what = match kind {
            Kind::Agent => "create agent",
            Kind::Connection => "create connection",
            Kind::DataStore => "create data store",
            Kind::DataStructure => "create data structure",
            Kind::Device => "create device",
            Kind::Folder => "create folder",
            Kind::Key => "create key",
            Kind::OrganizationRole => "create organization role",
            Kind::Scenario => "create scenario",
            Kind::Schedule => "create schedule",
            Kind::Team => "create team",
            Kind::TeamRole => "create team role",
            Kind::Variable => "create variable",
            Kind::Webhook => "create webhook",
        };
        Self {
            what,
            request,
            creates: Some(kind),
            created: zone::created,
            // A role has no id of its own: giving it twice is giving it once.
            repeat: match kind == Kind::TeamRole {
                true => Repeat::Safe,
                false => Repeat::Never,
            },
            known: None,
            instead: None,
            removes: false,
            settled: &[],
            expected: Expected::member(zone::envelope(kind)),
            hidden: Vec::new(),
        }
    }

    /// The same in the unified dialect, whose answers have no envelope.
    pub(super) fn create_unified(kind: Kind, request: Request) -> Self {
        Self {
            repeat: Repeat::Never,
            created: |_, answer| unified::created(answer),
            expected: Expected::member("id"),
            ..Self::create(kind, request)
        }
    }

    /// A request that leads to a given state, however often it is sent.
    pub(super) fn change(what: &'static str, request: Request, expected: Expected) -> Self {
        Self {
            what,
            request,
            creates: None,
            created: zone::created,
            repeat: Repeat::Safe,
            known: None,
            instead: None,
            removes: false,
            settled: &[],
            // The state is read again; the answer only has to be one.
            expected: expected.or_nothing(),
            hidden: Vec::new(),
        }
    }

    /// A request that takes something away. Where it is gone after an unclear try, that try did
    /// it.
    pub(super) fn remove(what: &'static str, request: Request, expected: Expected) -> Self {
        Self {
            removes: true,
            ..Self::change(what, request, expected)
        }
    }

    /// A request that may be refused with one of these messages because the state that it leads
    /// to is there already, which is as good as done.
    pub(super) fn settled_by(mut self, messages: &'static [&'static str]) -> Self {
        self.settled = messages;
        self
    }

    /// The same create of what is known by its name: the answer need not tell an id.
    pub(super) fn known_as(mut self, id: RemoteId) -> Self {
        self.known = Some(id);
        self.expected = Expected::OBJECT.or_nothing();
        self
    }

    /// The same request, followed by another that leads to the same state where this one is
    /// refused so: nothing was done then.
    pub(super) fn or_else(mut self, when: fn(&Refusal) -> bool, request: Request) -> Self {
        self.instead = Some(Instead { when, request });
        self
    }

    /// The same request, sent at most once with effect.
    pub(super) fn once(mut self) -> Self {
        self.repeat = Repeat::Never;
        self
    }

    /// Whether it sets inputs and outputs of a scenario, and nothing else.
    #[must_use]
    pub fn is_interface(&self) -> bool {
        self.what == zone::scenario::SET_INTERFACE
    }

    /// The same request, of whose refusal nothing is shown that quotes these values.
    #[must_use]
    pub fn hiding(mut self, values: impl IntoIterator<Item = SecretString>) -> Self {
        self.hidden.extend(values);
        self
    }

    /// Whether doing it twice is doing it once.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.repeat == Repeat::Safe
    }

    /// Whether it makes an object.
    #[must_use]
    pub fn is_create(&self) -> bool {
        self.creates.is_some()
    }
}

/// What a write has done.
#[derive(Clone, Debug, Default)]
pub struct Performed {
    /// The id of what a create made.
    pub id: Option<RemoteId>,
    /// The URL of a webhook or the address of a mailhook that it made.
    pub url: Option<SecretString>,
}

/// How a write failed.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Make said no, or nothing was sent: nothing was done.
    #[error(transparent)]
    Refused(LiveError),
    /// It may have been carried out: only reading the account can tell.
    #[error(transparent)]
    Unknown(LiveError),
}

impl WriteError {
    /// What went wrong.
    #[must_use]
    pub fn reason(&self) -> &LiveError {
        match self {
            Self::Refused(error) | Self::Unknown(error) => error,
        }
    }
}

/// The new value of a field, where `after` has it and it differs. What is not there need not be
/// cleared.
pub(super) fn changed<'f>(before: &Form, after: &'f Form, field: &str) -> Option<&'f Value> {
    let new = after.get(field)?;
    let old = before.get(field);
    let same = old.map_or(new.is_null(), |old| values_equal(old, new));
    (!same).then_some(new)
}

impl Client {
    /// Sends one write and tells how it ended.
    ///
    /// # Errors
    /// [`WriteError::Refused`] where nothing was done, [`WriteError::Unknown`] where that can't
    /// be told.
    pub async fn perform(&self, write: &Write) -> Result<Performed, WriteError> {
        self.perform_while(write, &|| true).await
    }

    /// The same, which sends nothing when it `may` no more: it is asked before each try.
    ///
    /// # Errors
    /// As [`Client::perform`].
    pub async fn perform_while(
        &self,
        write: &Write,
        may: &(dyn Fn() -> bool + Sync),
    ) -> Result<Performed, WriteError> {
        failpoint_with("before-send", &(self, write));
        let send =
            |request| self.send_hiding(request, write.repeat, write.expected, &write.hidden, may);
        let mut sent = send(&write.request).await;
        let refusal = sent.last.as_ref().err().and_then(LiveError::refusal);
        if let (Some(refusal), Some(instead)) = (refusal, &write.instead)
            && (instead.when)(refusal)
        {
            let clouded = sent.clouded;
            sent = send(&instead.request).await;
            sent.clouded |= clouded;
        }
        failpoint_with("after-send", &(&sent.last, write));
        let ended = end(write, sent.last, sent.clouded);
        failpoint_with("after-answer", &ended);
        ended
    }
}

/// Judges the last answer. `clouded`: a try before it may have been carried out.
fn end(
    write: &Write,
    last: Result<Response, LiveError>,
    clouded: bool,
) -> Result<Performed, WriteError> {
    match last {
        Ok(response) => read(write, &response).map_err(WriteError::Unknown),
        Err(error) => {
            if is_done(write, &error, clouded) {
                return Ok(Performed::default());
            }
            // What is repeated is repeated because it leads to one state: a refusal after an
            // unclear try still leaves open whether that try did it.
            if is_undone(&error) && !clouded {
                Err(WriteError::Refused(error))
            } else {
                Err(WriteError::Unknown(error))
            }
        }
    }
}

/// Whether a request that ended so was certainly not carried out.
pub(super) fn is_undone(error: &LiveError) -> bool {
    match error {
        LiveError::Unreached { source, .. } => matches!(source, TransportError::NotSent { .. }),
        LiveError::TokenMalformed { .. } | LiveError::Login(_) => true,
        LiveError::Refused(refusal) => refusal.status < 500 && refusal.status != 408,
        LiveError::Unreadable { .. }
        | LiveError::Unending { .. }
        | LiveError::HostRefused { .. }
        | LiveError::Setup { .. }
        | LiveError::NotThere { .. }
        | LiveError::Unnamed { .. }
        | LiveError::NoMember { .. }
        | LiveError::NoRole { .. }
        | LiveError::Unsayable { .. } => false,
    }
}

/// Whether a refusal says that the wanted state is there.
fn is_done(write: &Write, error: &LiveError, clouded: bool) -> bool {
    error.refusal().is_some_and(|refusal| {
        write.settled.iter().any(|message| refusal.says(message))
            || (clouded && write.removes && refusal.status == 404)
    })
}

/// Reads the id of what was created.
fn read(write: &Write, response: &Response) -> Result<Performed, LiveError> {
    let Some(kind) = write.creates else {
        return Ok(Performed::default());
    };
    if let Some(id) = &write.known {
        return Ok(Performed {
            id: Some(id.clone()),
            url: None,
        });
    }
    let asked = Asked::from(&write.request);
    let unreadable = |problem: String| LiveError::Unreadable {
        asked: asked.clone(),
        problem,
    };
    let answer: Value =
        serde_json::from_slice(&response.body).map_err(|_| unreadable("it is no JSON".into()))?;
    (write.created)(kind, &answer).map_err(|wrong| unreadable(wrong.to_string()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Expected, Kind, Performed, Write, WriteError};
    use crate::live::{
        client::Client,
        script::{Line, Script},
        transport::Request,
    };

    /// Performs a write against scripted answers; says how it ended and how often it was sent.
    async fn perform(
        write: &Write,
        lines: impl IntoIterator<Item = Line>,
    ) -> (Result<Performed, WriteError>, usize) {
        let script = Arc::new(Script::new(lines));
        let client = Client::new(script.clone(), "t".into(), "script".into());
        let ended = client.perform(write).await;
        (ended, script.asked().len())
    }

    fn create() -> Write {
        Write::create(Kind::Webhook, Request::post(&["hooks"]))
    }

    fn delete() -> Write {
        let request = Request::delete(&["hooks", "58"]);
        Write::remove("delete webhook", request, Expected::member("hook"))
    }

    #[tokio::test(start_paused = true)]
    async fn a_create_that_lost_its_answer_is_unknown_and_never_sent_again() {
        for line in [
            Line::NoAnswer,
            Line::status(502),
            Line::ok("<html>"),
            Line::ok(r#"{"hook":{}}"#),
        ] {
            let (ended, sent) = perform(&create(), [line]).await;
            assert!(matches!(ended, Err(WriteError::Unknown(_))), "{ended:?}");
            assert_eq!(sent, 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_is_done_only_when_make_itself_says_so() {
        for body in ["<html>We are down for maintenance</html>", "", "{}", "[1]"] {
            let page = std::iter::repeat_n(Line::ok(body), 5);
            let (ended, _) = perform(&delete(), page).await;
            assert!(matches!(ended, Err(WriteError::Unknown(_))), "{ended:?}");
        }
        for line in [Line::ok(r#"{"hook":58}"#), Line::status(204)] {
            let (ended, sent) = perform(&delete(), [line]).await;
            assert!(ended.is_ok() && sent == 1, "{ended:?}");
        }
        let (ended, _) = perform(&delete(), [Line::ok("<html>"), Line::status(404)]).await;
        assert!(ended.is_ok(), "{ended:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_create_that_never_left_is_refused_in_the_end() {
        let (ended, sent) = perform(&create(), std::iter::repeat_n(Line::NotSent, 5)).await;
        assert!(matches!(ended, Err(WriteError::Refused(_))), "{ended:?}");
        assert_eq!(sent, 5);
        let limited = [Line::status(429), Line::ok(r#"{"hook":{"id":58}}"#)];
        let (ended, _) = perform(&create(), limited).await;
        assert_eq!(ended.unwrap().id, Some(58_u64.to_string().as_str().into()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_deletion_that_finds_nothing_after_an_unclear_try_is_done() {
        let (ended, _) = perform(&delete(), [Line::NoAnswer, Line::status(404)]).await;
        assert!(ended.is_ok());
        let (ended, _) = perform(&delete(), [Line::status(404)]).await;
        assert!(matches!(ended, Err(WriteError::Refused(_))), "{ended:?}");
        let (ended, _) = perform(&delete(), [Line::status(503), Line::status(403)]).await;
        assert!(matches!(ended, Err(WriteError::Unknown(_))), "{ended:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn where_two_forms_are_told_of_the_other_follows_a_refusal_of_that_kind_alone() {
        let other = Request::delete(&["data-stores", "7"]);
        let write = Write::remove(
            "delete data store",
            Request::delete(&["data-stores"]),
            Expected::OBJECT,
        )
        .or_else(|refusal| refusal.status == 404, other);
        let (ended, sent) = perform(&write, [Line::status(404), Line::ok("{}")]).await;
        assert!(ended.is_ok() && sent == 2, "{ended:?}");
        let (ended, sent) = perform(&write, [Line::status(403)]).await;
        assert!(
            matches!(ended, Err(WriteError::Refused(_))) && sent == 1,
            "{ended:?}"
        );
        let (ended, sent) = perform(&write, [Line::status(404), Line::status(404)]).await;
        assert!(
            matches!(ended, Err(WriteError::Refused(_))) && sent == 2,
            "{ended:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_known_by_its_name_needs_no_id_in_the_answer() {
        let write = Write::create(Kind::Variable, Request::post(&["teams", "4", "variables"]))
            .known_as("team/apiBase".into());
        for line in [
            Line::ok("{}"),
            Line::ok(r#"{"teamVariable":{"name":"apiBase"}}"#),
        ] {
            let (ended, _) = perform(&write, [line]).await;
            assert_eq!(ended.unwrap().id, Some("team/apiBase".into()));
        }
        let (ended, sent) = perform(&write, [Line::NoAnswer]).await;
        assert!(
            matches!(ended, Err(WriteError::Unknown(_))) && sent == 1,
            "{ended:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_so_already_is_as_good_as_done() {
        let start = Write::change(
            "start scenario",
            Request::post(&["scenarios", "9", "start"]),
            Expected::member("scenario"),
        )
        .once()
        .settled_by(&["Scenario is already running"]);
        let running = r#"{"message":"Bad Request","detail":"Scenario is already running"}"#;
        let (ended, _) = perform(&start, [Line::refused(400, running)]).await;
        assert!(ended.is_ok());
        let (ended, _) = perform(&start, [Line::refused(422, r#"{"message":"no"}"#)]).await;
        assert!(matches!(ended, Err(WriteError::Refused(_))), "{ended:?}");
    }
}
