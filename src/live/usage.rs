//! What scenarios have consumed, as Make counts it. The unified dialect does not tell.

use super::{LiveError, client::Client, wire::zone};
use crate::model::{Account, Consumptions, RemoteId, UsageDay};

impl Client {
    /// What each scenario of the account's team has consumed since the last reset: one request.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn consumptions(&self, account: &Account) -> Result<Consumptions, LiveError> {
        let request = zone::usage::consumptions(account.team);
        self.fetch_as(&request, zone::usage::read_consumptions)
            .await
    }

    /// What a scenario consumed on each of the last 30 days on which it ran.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn usage(&self, scenario: &RemoteId) -> Result<Vec<UsageDay>, LiveError> {
        let request = zone::usage::of_scenario(scenario);
        self.fetch_as(&request, zone::usage::read_days).await
    }
}
