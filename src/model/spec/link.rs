//! A field that names another thing.

use crate::model::{Address, RemoteId};

/// Another thing: by address in manifests, by id in accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// A thing of the project.
    Thing(Address),
    /// An object of the account.
    Id(RemoteId),
}
