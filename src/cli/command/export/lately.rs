//! What an account tells of its past, for a catalogue.

use std::collections::BTreeSet;

use super::source::Source;
use crate::{
    cli::{error::Stop, session::Scope},
    model::{Dialect, Kind, RemoteId, RunTally},
    plan::Lately,
};

/// How many runs of a scenario are looked at: a page of Make's log.
const MOST: usize = 100;

/// Asks what was consumed, which takes one request, and if that is wanted, how the newest runs of
/// each scenario ended. What was consumed is left out where it can't be read.
pub(super) async fn read(runs: bool, source: &Source, scope: &Scope<'_>) -> Result<Lately, Stop> {
    let connected = &source.connected;
    let (client, account) = (&connected.client, &connected.account);
    let consumed = match account.dialect {
        Dialect::Zone => client.consumptions(account).await.ok(),
        Dialect::Unified => None,
    };
    if !runs {
        return Ok(Lately {
            consumed,
            runs: None,
        });
    }
    let scenarios = source.snapshot.of(Kind::Scenario);
    let ids: BTreeSet<RemoteId> = scenarios.map(|live| live.id.clone()).collect();
    scope.ui.status(&format!(
        "Reading the newest {MOST} runs of each scenario: {} requests or more.",
        ids.len()
    ));
    let read = client.newest_runs(&ids, MOST).await?;
    let runs = read
        .into_iter()
        .map(|(id, runs)| (id, RunTally::of(&runs, MOST)));
    Ok(Lately {
        consumed,
        runs: Some(runs.collect()),
    })
}
