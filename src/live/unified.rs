//! Reading an account through the unified dialect, which has scenarios, webhooks and members.
//!
//! Rows of scenarios say little more than a name: each one that planning looks at is read whole,
//! with one request, and nothing says which of them have changed.

use super::{
    LiveError,
    client::{Client, found},
    wire::unified::{member, scenario, webhook},
};
use crate::model::{Account, Kind, Live, RemoteId};

impl Client {
    /// Lists the objects of a kind; none of a kind that the dialect does not have.
    pub(super) async fn list_unified(
        &self,
        account: &Account,
        kind: Kind,
    ) -> Result<Vec<Live>, LiveError> {
        match kind {
            Kind::Scenario => self.rows_as(&scenario::list(), scenario::live).await,
            Kind::Webhook => self.rows_as(&webhook::list(), webhook::live).await,
            Kind::OrganizationRole | Kind::TeamRole => {
                let list = member::list(account.organization);
                self.rows_as(&list, |row| member::live(kind, row)).await
            }
            Kind::Agent
            | Kind::Connection
            | Kind::DataStore
            | Kind::DataStructure
            | Kind::Device
            | Kind::Folder
            | Kind::Key
            | Kind::Schedule
            | Kind::Team
            | Kind::Variable => Ok(Vec::new()),
        }
    }

    /// Reads one object whole; none if it is gone.
    pub(super) async fn read_unified(
        &self,
        account: &Account,
        kind: Kind,
        id: &RemoteId,
    ) -> Result<Option<Live>, LiveError> {
        if kind == Kind::Scenario {
            let request = scenario::get(id);
            let read = self.fetch_as(&request, |answer| scenario::whole(id, answer));
            return found(read.await);
        }
        let all = self.list_unified(account, kind).await?;
        Ok(all.into_iter().find(|live| live.id == *id))
    }
}
