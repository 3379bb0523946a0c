//! Running scenarios: starting a run, waiting for it, looking at it, stopping it.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use super::{
    Asked, LiveError, WriteError,
    answer::found,
    client::Client,
    expected::Expected,
    retry::{May, Repeat},
    transport::Request,
    wire::{Node, Wrong, unified, zone},
    write::is_undone,
};
use crate::model::{Dialect, Execution, ExecutionStatus, Outcome, RemoteId};

/// The first pause between two looks at a run.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest pause between two looks: each costs a request.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long after its start a run may be unknown to Make, which answers 404 at first.
const UNSEEN: Duration = Duration::from_secs(30);

/// How waiting for a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Waited {
    /// The run is over.
    Over(Outcome),
    /// It still runs.
    Running,
    /// Make does not know it.
    Unseen,
}

impl Client {
    /// Starts a run of a scenario, which must be active; its id. Sent once: a second try could
    /// be a second run.
    ///
    /// # Errors
    /// [`WriteError::Refused`] where nothing was started, [`WriteError::Unknown`] where that
    /// can't be told.
    pub async fn run(
        &self,
        scenario: &RemoteId,
        input: Option<&Map<String, Value>>,
    ) -> Result<String, WriteError> {
        self.run_while(scenario, input, &|| true).await
    }

    /// The same, sent only while it may be.
    ///
    /// # Errors
    /// As of [`run`](Self::run).
    pub async fn run_while(
        &self,
        scenario: &RemoteId,
        input: Option<&Map<String, Value>>,
        may: &(dyn Fn() -> bool + Sync),
    ) -> Result<String, WriteError> {
        let (request, key) = match self.dialect() {
            Dialect::Zone => {
                let request = zone::execution::run(scenario, input);
                (request, zone::execution::STARTED)
            }
            Dialect::Unified => {
                let request = unified::execution::run(scenario, input);
                (request, unified::execution::STARTED)
            }
        };
        let answer = self
            .act_while(&request, Repeat::Never, Expected::member(key), may)
            .await?;
        let id = Node::at(&answer, "").get(key).and_then(|id| id.text());
        id.map_err(|wrong| WriteError::Unknown(unreadable(&request, &wrong)))
    }

    /// Waits until a run is over, at most so long.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn wait(
        &self,
        scenario: &RemoteId,
        execution: &str,
        timeout: Duration,
    ) -> Result<Waited, LiveError> {
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let outcome = self.outcome(scenario, execution).await?;
            let passed = start.elapsed();
            let so_far = match outcome {
                Some(outcome) if outcome.status.is_over() => return Ok(Waited::Over(outcome)),
                Some(_) => Waited::Running,
                None if passed >= UNSEEN => return Ok(Waited::Unseen),
                None => Waited::Unseen,
            };
            let left = timeout.saturating_sub(passed);
            if left.is_zero() {
                return Ok(so_far);
            }
            sleep(pause.min(left)).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    /// How a run ended, or that it still runs; none if Make does not know it.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn outcome(
        &self,
        scenario: &RemoteId,
        execution: &str,
    ) -> Result<Option<Outcome>, LiveError> {
        match self.dialect() {
            Dialect::Zone => {
                let request = zone::execution::outcome(scenario, execution);
                let read = self.fetch_as(&request, zone::execution::read_outcome);
                found(read.await)
            }
            Dialect::Unified => Ok(self.unified_execution(execution).await?.map(|(_, end)| end)),
        }
    }

    /// One execution, and how it ended; none if Make does not know it.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn execution(
        &self,
        scenario: &RemoteId,
        execution: &str,
    ) -> Result<Option<(Execution, Outcome)>, LiveError> {
        if self.dialect() == Dialect::Unified {
            return self.unified_execution(execution).await;
        }
        let request = zone::execution::log(scenario, execution);
        let (row, outcome) = tokio::join!(
            self.fetch_as(&request, zone::execution::read_log),
            self.outcome(scenario, execution),
        );
        let (row, outcome) = (found(row)?.flatten(), outcome?);
        // Each of the two may come to know a run before the other does.
        Ok(match (row, outcome) {
            (Some(row), Some(outcome)) => Some((row, outcome)),
            (Some(row), None) => {
                let status = row.status.clone();
                let outcome = Outcome {
                    status,
                    outputs: None,
                    failure: None,
                };
                Some((row, outcome))
            }
            (None, Some(outcome)) => Some((bare(execution, outcome.status.clone()), outcome)),
            (None, None) => None,
        })
    }

    async fn unified_execution(
        &self,
        execution: &str,
    ) -> Result<Option<(Execution, Outcome)>, LiveError> {
        let request = unified::execution::get(execution);
        let read = self.fetch_as(&request, |answer| {
            unified::execution::read_one(execution, answer)
        });
        found(read.await)
    }

    /// Stops an execution. `force` is the zone dialect's.
    ///
    /// # Errors
    /// [`WriteError::Refused`] where it does not run, [`WriteError::Unknown`] where that can't be
    /// told.
    pub async fn stop_execution(
        &self,
        scenario: &RemoteId,
        execution: &str,
        force: bool,
    ) -> Result<(), WriteError> {
        let request = match self.dialect() {
            Dialect::Zone => zone::execution::stop(scenario, execution, force),
            Dialect::Unified => unified::execution::stop(execution),
        };
        let expected = Expected::OBJECT.or_nothing();
        let sent = self.send(&request, Repeat::Safe, expected).await;
        let error = match sent.last {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        if is_undone(&error) && !sent.clouded {
            return Err(WriteError::Refused(error));
        }
        // A try whose answer was lost may have stopped it: then it does not run any more.
        match self.outcome(scenario, execution).await {
            Ok(Some(outcome)) if outcome.status.is_over() => Ok(()),
            Ok(_) | Err(_) => Err(WriteError::Unknown(error)),
        }
    }

    /// Sends what acts; its answer.
    pub(super) async fn act(
        &self,
        request: &Request,
        repeat: Repeat,
        expected: Expected,
    ) -> Result<Value, WriteError> {
        self.act_while(request, repeat, expected, &|| true).await
    }

    async fn act_while(
        &self,
        request: &Request,
        repeat: Repeat,
        expected: Expected,
        may: May<'_>,
    ) -> Result<Value, WriteError> {
        let sent = self.send_hiding(request, repeat, expected, &[], may).await;
        let response = sent.last.map_err(|error| {
            if is_undone(&error) && !sent.clouded {
                WriteError::Refused(error)
            } else {
                WriteError::Unknown(error)
            }
        })?;
        serde_json::from_slice(&response.body).map_err(|_| {
            WriteError::Unknown(LiveError::Unreadable {
                asked: request.into(),
                problem: "it is no JSON".to_owned(),
            })
        })
    }
}

fn bare(id: &str, status: ExecutionStatus) -> Execution {
    Execution {
        id: id.to_owned(),
        status,
        began: None,
        duration: None,
        operations: None,
        centicredits: None,
        transfer: None,
        trigger: None,
    }
}

/// An answer that lacks something.
pub(super) fn unreadable(request: &Request, wrong: &Wrong) -> LiveError {
    LiveError::Unreadable {
        asked: Asked::from(request),
        problem: wrong.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use serde_json::json;

    use super::{Waited, WriteError};
    use crate::{
        live::{
            Client,
            script::{Line, Script},
        },
        model::RemoteId,
    };

    const ID: RemoteId = RemoteId::Int(7);

    fn client(lines: impl IntoIterator<Item = Line>) -> (Client, Arc<Script>) {
        let script = Arc::new(Script::new(lines));
        let client = Client::new(script.clone(), "t".into(), "script".into());
        (client, script)
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_whose_answer_is_lost_is_not_started_again() {
        for line in [
            Line::NoAnswer,
            Line::status(500),
            Line::status(504),
            Line::ok("<html>"),
            Line::ok("{}"),
        ] {
            let (client, script) = client([line]);
            let ended = client.run(&ID, None).await;
            assert!(matches!(ended, Err(WriteError::Unknown(_))), "{ended:?}");
            assert_eq!(script.asked().len(), 1);
        }
        let inactive = r#"{"message":"Scenario is not activated","code":"IM016"}"#;
        let (client, script) = client([Line::refused(422, inactive)]);
        let ended = client.run(&ID, None).await;
        assert!(matches!(ended, Err(WriteError::Refused(_))), "{ended:?}");
        assert_eq!(script.asked().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_left_is_sent_again() {
        let (client, script) = client([Line::NotSent, Line::ok(r#"{"executionId":"ab"}"#)]);
        assert_eq!(client.run(&ID, None).await.unwrap(), "ab");
        assert_eq!(script.asked().len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_is_waited_for_even_if_it_is_unknown_at_first() {
        let running = || Line::ok(r#"{"status":"RUNNING"}"#);
        let (over, _) = client([
            Line::status(404),
            running(),
            Line::ok(r#"{"status":"SUCCESS","outputs":{"a":1}}"#),
        ]);
        let waited = over.wait(&ID, "ab", Duration::from_secs(60)).await.unwrap();
        let Waited::Over(outcome) = waited else {
            panic!("{waited:?}");
        };
        assert_eq!(outcome.outputs, Some(json!({ "a": 1 })));

        let (slow, script) = client((0..4).map(|_| running()));
        let waited = slow.wait(&ID, "ab", Duration::from_secs(2)).await;
        assert_eq!(waited.unwrap(), Waited::Running);
        assert_eq!(script.asked().len(), 4); // at 0, 0.5, 1.5 and 2 s

        let (unknown, _) = client((0..20).map(|_| Line::status(404)));
        let waited = unknown.wait(&ID, "ab", Duration::from_secs(600)).await;
        assert_eq!(waited.unwrap(), Waited::Unseen);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_whose_answer_was_lost_is_looked_up() {
        let over = r#"{"status":"ERROR"}"#;
        let refused = Line::refused(422, r#"{"message":"Execution is not running"}"#);
        let (client, script) = client([Line::NoAnswer, refused, Line::ok(over)]);
        client.stop_execution(&ID, "ab", false).await.unwrap();
        assert_eq!(script.asked().len(), 3);
    }
}
