//! An account through the unified dialect, which has scenarios, webhooks and members.
//!
//! Rows of scenarios say little more than a name: each one that planning looks at is read whole,
//! with one request, and nothing says which of them have changed.

use super::{
    LiveError,
    answer::found,
    change::unmanaged,
    client::Client,
    wire::unified::{member, scenario, webhook},
    write::Write,
};
use crate::model::{Account, Dialect, Form, Kind, Live, RemoteId};

/// What the dialect knows a kind as.
enum Object {
    Scenario,
    Webhook,
    /// Roles of either kind are those of members.
    Member,
}

impl Object {
    /// None of a kind that the dialect does not have, or that needs no API.
    fn of(kind: Kind) -> Option<Self> {
        let objects = [
            (Kind::Scenario, Self::Scenario),
            (Kind::Webhook, Self::Webhook),
            (Kind::OrganizationRole, Self::Member),
            (Kind::TeamRole, Self::Member),
        ];
        let found = objects.into_iter().find(|(known, _)| *known == kind);
        debug_assert!(found.is_none() || Dialect::Unified.has(kind));
        found.map(|(_, object)| object)
    }
}

impl Client {
    /// Lists the objects of a kind; none of a kind that the dialect does not have.
    pub(super) async fn list_unified(
        &self,
        account: &Account,
        kind: Kind,
    ) -> Result<Vec<Live>, LiveError> {
        match Object::of(kind) {
            Some(Object::Scenario) => self.rows_as(&scenario::list(), scenario::live).await,
            Some(Object::Webhook) => self.rows_as(&webhook::list(), webhook::live).await,
            Some(Object::Member) => {
                let list = member::list(account.organization);
                self.rows_as(&list, |row| member::live(kind, row)).await
            }
            None => Ok(Vec::new()),
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

/// [`super::create`] in this dialect. A plan asks for no kind that it does not have.
pub(super) fn create(
    account: &Account,
    kind: Kind,
    after: &Form,
) -> Result<(Write, Form), LiveError> {
    match Object::of(kind) {
        Some(Object::Scenario) => scenario::create(after),
        Some(Object::Webhook) => webhook::create(after),
        Some(Object::Member) => member::create(account.organization, kind, after),
        None => Err(unmanaged(kind)),
    }
}

/// [`super::update`] in this dialect.
pub(super) fn update(
    account: &Account,
    kind: Kind,
    id: &RemoteId,
    before: &Form,
    after: &Form,
) -> Result<Vec<Write>, LiveError> {
    match Object::of(kind) {
        Some(Object::Scenario) => scenario::update(id, before, after),
        Some(Object::Webhook) => webhook::update(before, after),
        Some(Object::Member) => Ok(member::update(account.organization, id, before, after)),
        None => Err(unmanaged(kind)),
    }
}

/// [`super::delete`] in this dialect.
pub(super) fn delete(kind: Kind, id: &RemoteId, before: &Form) -> Result<Vec<Write>, LiveError> {
    match Object::of(kind) {
        Some(Object::Scenario) => Ok(scenario::delete(id, before)),
        Some(Object::Webhook) => Ok(webhook::delete(id)),
        Some(Object::Member) => Err(member::delete()),
        None => Err(unmanaged(kind)),
    }
}
