//! Running scenarios, and looking at what their runs left.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use super::{
    Asked, LiveError, WriteError,
    client::{Client, found},
    expected::Expected,
    page,
    retry::Repeat,
    transport::Request,
    wire::{Node, Wrong, unified, zone},
    write::is_undone,
};
use crate::model::{
    Account, Dialect, Execution, ExecutionFilter, ExecutionStatus, IncompleteExecution, Outcome,
    RemoteId, ScenarioHealth,
};

/// The first pause between two looks at a run.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest pause between two looks: each costs a request.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long after its start a run may be unknown to Make, which answers 404 at first.
const UNSEEN: Duration = Duration::from_secs(30);

/// The rows of a page where not every row counts.
const PAGE: usize = 100;

/// The most rows that are asked for at once.
const LARGEST_PAGE: usize = 10_000;

/// The most pages that are looked through.
const PAGES: usize = 1_000;

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
            .act(&request, Repeat::Never, Expected::member(key))
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

    /// The executions of a scenario that a filter asks for, the newest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn executions(
        &self,
        scenario: &RemoteId,
        filter: &ExecutionFilter,
    ) -> Result<Vec<Execution>, LiveError> {
        let mut kept = Vec::new();
        let (mut seen, mut last, mut offset) = (HashSet::new(), None, 0);
        let counts = match self.dialect() {
            Dialect::Zone => zone::execution::one_status(filter).is_some(),
            Dialect::Unified => filter.status.len() == 1,
        };
        // Where Make can't filter, most rows of a page may be of no use.
        let mut rows_wanted = match counts || filter.status.is_empty() {
            true => filter.limit.min(LARGEST_PAGE),
            false => filter.limit.clamp(PAGE, LARGEST_PAGE),
        };
        for _ in 0..PAGES {
            let (request, key) = match self.dialect() {
                Dialect::Zone => {
                    let last: Option<&String> = last.as_ref();
                    let after = last.map(String::as_str);
                    let request = zone::execution::logs(scenario, filter, rows_wanted, after);
                    (request, zone::execution::LOGS)
                }
                Dialect::Unified => {
                    let request = unified::execution::list(scenario, filter, rows_wanted, offset);
                    (request, unified::ROWS)
                }
            };
            let (rows, stated) = page::page(self, &request, key).await?;
            offset += rows.len();
            let known = seen.len();
            for row in &rows {
                let name = row.get("imtId").or_else(|| row.get("id"));
                if !seen.insert(name.map(ToString::to_string)) {
                    continue;
                }
                let node = Node::at(row, key);
                let execution = match self.dialect() {
                    Dialect::Zone => zone::execution::read(&node),
                    Dialect::Unified => unified::execution::read(&node).map(Some),
                };
                let execution = execution.map_err(|wrong| unreadable(&request, &wrong))?;
                kept.extend(execution.filter(|execution| is_wanted(filter, execution)));
                if kept.len() >= filter.limit {
                    return Ok(kept);
                }
            }
            let got = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            let is_last = got == 0 || stated.is_some_and(|stated| got < stated);
            if is_last || seen.len() == known {
                break;
            }
            last = rows
                .last()
                .and_then(|row| row.get("imtId")?.as_str())
                .map(str::to_owned);
            if self.dialect() == Dialect::Zone && last.is_none() {
                break; // nothing to go on from
            }
            rows_wanted = rows_wanted.max(PAGE);
        }
        Ok(kept)
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

    /// The incomplete executions of a scenario. The unified dialect has none.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn incomplete(
        &self,
        scenario: &RemoteId,
    ) -> Result<Vec<IncompleteExecution>, LiveError> {
        let list = zone::incomplete::list(scenario);
        self.rows_as(&list, zone::incomplete::read).await
    }

    /// One incomplete execution; none if there is none of that id.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn incomplete_execution(
        &self,
        id: &str,
    ) -> Result<Option<IncompleteExecution>, LiveError> {
        let request = zone::incomplete::get(id);
        found(self.fetch_as(&request, zone::incomplete::read_one).await)
    }

    /// Takes incomplete executions up again; what Make says of those that it could not. Sent
    /// once: a second try could be a second run.
    ///
    /// # Errors
    /// As [`Client::run`].
    pub async fn retry_incomplete(
        &self,
        scenario: &RemoteId,
        ids: &[String],
    ) -> Result<Option<String>, WriteError> {
        let request = zone::incomplete::retry(scenario, ids);
        let answer = self.act(&request, Repeat::Never, Expected::OBJECT).await?;
        Ok(zone::incomplete::shortfall(&answer))
    }

    /// Deletes incomplete executions; what Make says of those that it could not.
    ///
    /// # Errors
    /// [`WriteError::Refused`] where nothing was deleted, [`WriteError::Unknown`] where that
    /// can't be told.
    pub async fn delete_incomplete(
        &self,
        scenario: &RemoteId,
        ids: &[String],
    ) -> Result<Option<String>, WriteError> {
        let request = zone::incomplete::delete(scenario, ids);
        let answer = self.act(&request, Repeat::Never, Expected::OBJECT).await?;
        Ok(zone::incomplete::shortfall(&answer))
    }

    /// How scenarios fare: the rows of all, with one request, and the newest run of each that is
    /// wanted, with one request each. A scenario that is gone is left out.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn health(
        &self,
        account: &Account,
        wanted: &BTreeSet<RemoteId>,
    ) -> Result<Vec<ScenarioHealth>, LiveError> {
        let mut rows = self.scenario_rows(account).await?;
        rows.retain(|row| wanted.contains(&row.id));
        let reads = rows.into_iter().map(|row| self.with_last_run(row));
        let mut reads = stream::iter(reads).buffered(self.pace().in_flight());
        let mut fares = Vec::new();
        while let Some(read) = reads.next().await {
            fares.extend(read?);
        }
        Ok(fares)
    }

    /// How scenarios fare as far as their rows tell: all of them, with one request.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn scenario_rows(&self, account: &Account) -> Result<Vec<ScenarioHealth>, LiveError> {
        match self.dialect() {
            Dialect::Zone => {
                let list = zone::execution::scenarios(account.team);
                self.rows_as(&list, zone::execution::health).await
            }
            Dialect::Unified => {
                let list = unified::scenario::list();
                self.rows_as(&list, unified::execution::health).await
            }
        }
    }

    /// None if the scenario was deleted meanwhile.
    async fn with_last_run(
        &self,
        row: ScenarioHealth,
    ) -> Result<Option<ScenarioHealth>, LiveError> {
        let newest = ExecutionFilter::newest(1);
        let runs = found(self.executions(&row.id, &newest).await)?;
        Ok(runs.map(|runs| ScenarioHealth {
            last_run: runs.into_iter().next(),
            ..row
        }))
    }

    /// Sends what acts; its answer.
    async fn act(
        &self,
        request: &Request,
        repeat: Repeat,
        expected: Expected,
    ) -> Result<Value, WriteError> {
        let sent = self.send(request, repeat, expected).await;
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

/// Whether an execution is one of those that are asked for, whatever Make made of the filter.
fn is_wanted(filter: &ExecutionFilter, execution: &Execution) -> bool {
    let status = &filter.status;
    let began = execution.began;
    (status.is_empty() || status.contains(&execution.status))
        && filter
            .from
            .is_none_or(|from| began.is_none_or(|at| at >= from))
        && filter.to.is_none_or(|to| began.is_none_or(|at| at <= to))
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

fn unreadable(request: &Request, wrong: &Wrong) -> LiveError {
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
        model::{ExecutionFilter, ExecutionStatus, RemoteId},
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

    #[tokio::test]
    async fn edits_in_the_log_are_passed_over() {
        let edit =
            r#"{"scenarioLogs":[{"imtId":"9_e","id":"e","type":"modify"}],"pg":{"limit":1}}"#;
        let run = r#"{"scenarioLogs":[{"imtId":"8_r","id":"r","type":"auto","status":3}],
            "pg":{"limit":100}}"#;
        let (client, script) = client([Line::ok(edit), Line::ok(run)]);
        let runs = client.executions(&ID, &ExecutionFilter::newest(1)).await;
        let runs = runs.unwrap();
        assert_eq!((runs.len(), &runs[0].status), (1, &ExecutionStatus::Error));
        let asked = format!("{:?}", script.asked()[1]);
        assert!(
            asked.contains("pg[limit]=100") && asked.ends_with("pg[last]=9_e"),
            "{asked}"
        );
    }

    #[tokio::test]
    async fn running_executions_are_picked_here() {
        let rows = r#"{"scenarioLogs":[
            {"imtId":"9_a","id":"a","type":"auto","status":0},
            {"imtId":"8_b","id":"b","type":"auto","status":1}],"pg":{"limit":100}}"#;
        let (client, script) = client([Line::ok(rows)]);
        let filter = ExecutionFilter {
            status: vec![ExecutionStatus::Running],
            ..ExecutionFilter::newest(5)
        };
        let runs = client.executions(&ID, &filter).await.unwrap();
        assert_eq!(
            runs.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(),
            ["a"]
        );
        assert!(!format!("{:?}", script.asked()[0]).contains("status"));
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
