//! The records of what was applied: written before a request is sent, and after it ended.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Address, Audit, Binding, Hidden, PackedJson, Path, RemoteId};

/// The number of an apply in its target's journal, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApplyId(pub u64);

impl fmt::Display for ApplyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// The number of an intent in its target's journal, from 1; an ending names the one it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u64);

/// One line of the journal: `{"intent":{..}}`.
// Tagged from outside: serde buffers what is tagged inside, and numbers lose their text there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// An apply began.
    Started {
        /// Its number.
        apply: ApplyId,
        /// When, by the clock of the machine it runs on.
        at: Timestamp,
        /// Who runs it: `user@host`.
        by: String,
        /// The digest of its plan.
        digest: String,
        /// The commit of the project that it was planned from, with `-dirty` behind it where files
        /// differed; none where there is no git.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commit: Option<String>,
        /// What ran it: `apply`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<String>,
    },
    /// A request is about to be sent.
    Intent(Intent),
    /// A request ended.
    Ended {
        /// The intent that ended.
        sequence: Sequence,
        /// How.
        ending: Ending,
    },
    /// How an address was bound until now: written before the first record of a run that is about
    /// it.
    Stood {
        /// The thing.
        address: Address,
        /// The object; none if it was not bound.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        binding: Option<Binding>,
    },
    /// An address is bound to an id from now on, or its applied form is a new one.
    Bound {
        /// The thing.
        address: Address,
        /// The object.
        binding: Binding,
    },
    /// It was found out whether a scenario works that was changed, or it is as it was again.
    Checked {
        /// The thing.
        address: Address,
    },
    /// An address is bound no more.
    Unbound {
        /// The thing.
        address: Address,
    },
    /// An apply ended.
    Finished {
        /// Its number.
        apply: ApplyId,
        /// When.
        at: Timestamp,
        /// How; none in journals of before there was this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conclusion: Option<Conclusion>,
        /// What it did; none in journals of before there was this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        audit: Option<Audit>,
    },
}

/// How an apply ended, on the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// All was done.
    Complete,
    /// Some of it was done.
    Partial,
    /// Nothing was done.
    Failed,
    /// Nothing was done, since things were not as planned.
    Refused,
    /// Somebody stopped it.
    Interrupted,
}

impl Conclusion {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A request that is about to be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// Its number.
    pub sequence: Sequence,
    /// The apply that sends it.
    pub apply: ApplyId,
    /// The thing it is about.
    pub address: Address,
    /// What it does, for people: `create scenario`.
    pub what: String,
    /// The object it changes; none for a create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RemoteId>,
    /// For a create: what pairs the new object with this intent if the answer is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creates: Option<Creates>,
    /// The comparable form before the change, sensitive values left out; with the first request of
    /// a step only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<PackedJson>,
    /// What Make's editor kept with the blueprint of that form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub editor: Option<PackedJson>,
    /// The sensitive values that are left out of both, sealed or hashed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<Hidden>,
    /// What the step ends with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owes: Option<Owes>,
}

/// That a step ends with a look at its scenario: whether it works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Owes {
    /// Whether Make marked it as invalid before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_invalid: bool,
}

/// An intent before it has its number.
#[derive(Clone, Debug, PartialEq)]
pub struct NewIntent {
    /// The apply that sends it.
    pub apply: ApplyId,
    /// The thing it is about.
    pub address: Address,
    /// What it does, for people: `create scenario`.
    pub what: String,
    /// The object it changes; none for a create.
    pub id: Option<RemoteId>,
    /// For a create: what pairs the new object with this intent if the answer is lost.
    pub creates: Option<Creates>,
    /// The comparable form before the change, sensitive values left out; with the first request of
    /// a step only.
    pub before: Option<PackedJson>,
    /// What Make's editor kept with the blueprint of that form.
    pub editor: Option<PackedJson>,
    /// The sensitive values that are left out of both, sealed or hashed.
    pub hidden: Vec<Hidden>,
    /// What the step ends with.
    pub owes: Option<Owes>,
}

impl NewIntent {
    /// The intent of that number.
    #[must_use]
    pub fn numbered(self, sequence: Sequence) -> Intent {
        let Self {
            apply,
            address,
            what,
            id,
            creates,
            before,
            editor,
            hidden,
            owes,
        } = self;
        Intent {
            sequence,
            apply,
            address,
            what,
            id,
            creates,
            before,
            editor,
            hidden,
            owes,
        }
    }
}

/// What is known of an object before it exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Creates {
    /// Its match key (see `Spec::match_key`).
    pub key: String,
    /// The ids of that kind and key that existed when the request was sent.
    pub existing: Vec<RemoteId>,
    /// What it was to be; none in journals of before there was this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Fingerprint>,
    /// When the newest object of the kind was edited that was there before the request was sent,
    /// by Make's own clock; none where Make tells no times. What is older was not made by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// What an object is recognised by that was sent and perhaps made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fingerprint {
    /// The digest of its comparable form.
    pub digest: String,
    /// The sensitive values that are left out of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<Path>,
    /// The fields that are left out of it, since further requests may have set them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "kebab-case")]
pub enum Ending {
    /// Make carried it out.
    Confirmed {
        /// The id of what it created.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<RemoteId>,
    },
    /// Make refused it, or it never left: nothing was done.
    Refused {
        /// What was said, without secrets.
        reason: String,
    },
    /// The answer was lost: it may have been carried out. The next run reads the account.
    Unknown {
        /// What went wrong.
        reason: String,
    },
    /// A later run read the account and found out.
    Settled {
        /// The object that the create had made, if it had made one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<RemoteId>,
    },
}
