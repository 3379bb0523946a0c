//! The writes that bring a form about: by dialect, then by kind.

use super::{LiveError, unified, wire::zone, write::Write};
use crate::model::{Account, Dialect, Directory, Form, Handling, Kind, RemoteId};

/// The request that creates a thing, and the form that stands when it has succeeded. What is
/// still missing then follows as an update from that form.
///
/// # Errors
/// When the form can't be said: a role for a stranger, a kind that is never created.
pub fn create(
    account: &Account,
    directory: &Directory,
    kind: Kind,
    after: &Form,
) -> Result<(Write, Form), LiveError> {
    if account.dialect == Dialect::Unified {
        return unified::create(account, kind, after);
    }
    match kind {
        Kind::DataStore => zone::data_store::create(account.team, after),
        Kind::DataStructure => zone::data_structure::create(account.team, after),
        Kind::Folder => zone::folder::create(account.team, after),
        Kind::OrganizationRole => {
            zone::organization_role::create(account.organization, directory, after)
        }
        Kind::Scenario => zone::scenario::create(account.team, after),
        Kind::Team => zone::team::create(account.organization, after),
        Kind::TeamRole => zone::team_role::create(account.team, directory, after),
        Kind::Variable => zone::variable::create(account, after),
        Kind::Webhook => zone::webhook::create(account.team, after),
        Kind::Agent | Kind::Connection | Kind::Device | Kind::Key | Kind::Schedule => {
            Err(unmanaged(kind))
        }
    }
}

/// The requests that turn one form into another, in order; none where they agree.
///
/// Fields that `after` lacks stay as they are; those that `before` lacks count as
/// empty.
///
/// # Errors
/// When a field differs that can't be changed in place, or a role is unknown.
pub fn update(
    account: &Account,
    directory: &Directory,
    kind: Kind,
    id: &RemoteId,
    before: &Form,
    after: &Form,
) -> Result<Vec<Write>, LiveError> {
    if account.dialect == Dialect::Unified {
        return unified::update(account, kind, id, before, after);
    }
    match kind {
        Kind::DataStore => Ok(zone::data_store::update(id, before, after)),
        Kind::DataStructure => Ok(zone::data_structure::update(id, before, after)),
        Kind::Folder => Ok(zone::folder::update(id, before, after)),
        Kind::OrganizationRole => {
            let organization = account.organization;
            zone::organization_role::update(organization, directory, id, before, after)
        }
        Kind::Scenario => zone::scenario::update(id, before, after),
        Kind::Team => Ok(zone::team::update(id, before, after)),
        Kind::Variable => zone::variable::update(account, before, after),
        Kind::TeamRole => zone::team_role::update(account.team, directory, id, before, after),
        Kind::Webhook => zone::webhook::update(id, before, after),
        Kind::Agent | Kind::Connection | Kind::Device | Kind::Key | Kind::Schedule => {
            Err(unmanaged(kind))
        }
    }
}

/// The requests that delete a thing, in order.
///
/// # Errors
/// When things of the kind are never deleted.
pub fn delete(
    account: &Account,
    kind: Kind,
    id: &RemoteId,
    before: &Form,
) -> Result<Vec<Write>, LiveError> {
    if account.dialect == Dialect::Unified {
        return unified::delete(kind, id, before);
    }
    match kind {
        Kind::DataStore => Ok(zone::data_store::delete(account.team, id)),
        Kind::DataStructure => Ok(zone::data_structure::delete(id)),
        Kind::Folder => Ok(zone::folder::delete(id)),
        Kind::OrganizationRole => Ok(zone::organization_role::delete(account.organization, id)),
        Kind::Scenario => Ok(zone::scenario::delete(id, before)),
        Kind::Team => Ok(zone::team::delete(id)),
        Kind::TeamRole => Ok(zone::team_role::delete(account.team, id)),
        Kind::Variable => zone::variable::delete(account, id),
        Kind::Webhook => Ok(zone::webhook::delete(id)),
        Kind::Agent | Kind::Connection | Kind::Device | Kind::Key | Kind::Schedule => {
            Err(unmanaged(kind))
        }
    }
}

/// That things of a kind are not written.
pub(super) fn unmanaged(kind: Kind) -> LiveError {
    let reason = match kind.handling() {
        Handling::Looked => "things of this kind are looked up, never written",
        Handling::Managed | Handling::Local => "schedules are part of their scenarios",
    };
    LiveError::Unsayable {
        kind: kind.prefix(),
        reason: reason.to_owned(),
    }
}
