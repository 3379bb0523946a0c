//! How scenarios fare, and the incomplete executions that they have.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};

use super::{
    LiveError, WriteError,
    answer::found,
    client::Client,
    expected::Expected,
    retry::Repeat,
    wire::{unified, zone},
};
use crate::model::{
    Account, Dialect, Execution, ExecutionFilter, IncompleteExecution, RemoteId, ScenarioHealth,
};

impl Client {
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

    /// The newest runs of scenarios, at most so many of each: one request for each, and another one
    /// where edits stand among the runs. A scenario that is gone is left out.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn newest_runs(
        &self,
        scenarios: &BTreeSet<RemoteId>,
        most: usize,
    ) -> Result<BTreeMap<RemoteId, Vec<Execution>>, LiveError> {
        let filter = ExecutionFilter::newest(most);
        let filter = &filter;
        let reads = scenarios.iter().map(async |id| {
            let runs = found(self.executions(id, filter).await)?;
            Ok::<_, LiveError>(runs.map(|runs| (id.clone(), runs)))
        });
        let mut reads = stream::iter(reads).buffered(self.pace().in_flight());
        let mut all = BTreeMap::new();
        while let Some(read) = reads.next().await {
            all.extend(read?);
        }
        Ok(all)
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
}
