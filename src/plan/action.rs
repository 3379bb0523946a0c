//! What a step does, and why.

use serde::Serialize;

use crate::model::RemoteId;

/// What a step does to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Makes a new object.
    Create,
    /// Changes an object in place.
    Update,
    /// Deletes an object and makes a new one, where a field can't be changed in place.
    Replace,
    /// Deletes an object.
    Delete,
    /// Takes over an unmanaged object of that name, and changes it where it differs.
    Adopt,
    /// Forgets an object without touching it.
    Forget,
}

impl Action {
    /// The sign that plans show.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Create => "+",
            Self::Update => "~",
            Self::Replace => "-/+",
            Self::Delete => "-",
            Self::Adopt => "=",
            Self::Forget => ".",
        }
    }

    /// The word in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Adopt => "adopt",
            Self::Forget => "forget",
        }
    }
}

/// Why a step is in the plan. For people: apply never branches on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A manifest declares it, and the account has nothing of that name.
    NotFound,
    /// It was bound, but the object is gone from the account.
    Vanished(RemoteId),
    /// These fields differ.
    FieldsDiffer(Vec<String>),
    /// This field can't be changed in place.
    ReplacedBecause(String),
    /// No manifest declares it any more.
    NoLongerDeclared,
    /// Everything that is bound is to go, whatever the manifests say.
    DestroyAll,
    /// An apply that is undone made it.
    MadeSince,
    /// An apply that is undone adopted it.
    AdoptedSince,
    /// A `removed:` entry says so.
    Removed,
    /// A `removed:` entry says so, and that the object stays.
    RemovedAndKept,
    /// The target leaves it out, and the object stays.
    Excluded,
    /// The account has exactly one object of that name, and nothing says whose it is.
    SameName,
    /// `makeform.ids.yaml` names the object.
    Pinned,
    /// The Schedule that it shares changed.
    ScheduleChanged(crate::model::Address),
    /// The field was applied before and is gone from the manifest: back to Make's default.
    FieldGone(String),
    /// Switching it on runs it once as well.
    StartRuns,
    /// These need its id, and it may need theirs: it is made first, switched off, and gets the
    /// rest after them.
    FinishedAfter(Vec<crate::model::Address>),
    /// An apply that changed it ended before anybody had looked whether it works.
    Unchecked,
    /// The new role allows this, and the one before did not: Make's names of permissions.
    MayAlso(Vec<String>),
    /// The role before allowed this, and the new one does not.
    MayNoLonger(Vec<String>),
    /// It is run after the step, and has to end in success within so many seconds.
    Verified(u64),
}
