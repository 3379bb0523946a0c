//! The executions of a scenario, as far back as they are asked for.

use std::collections::HashSet;

use super::{
    LiveError,
    client::Client,
    page::{self, Page},
    runs::unreadable,
    wire::{Node, unified, zone},
};
use crate::model::{Dialect, Execution, ExecutionFilter, RemoteId};

/// The rows of a page where not every row counts.
const PAGE: usize = 100;

/// The most rows that are asked for at once.
const LARGEST_PAGE: usize = 10_000;

/// The most pages that are looked through.
const PAGES: usize = 1_000;

impl Client {
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
            let Page { rows, stated, .. } = page::page(self, &request, key).await?;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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
}
