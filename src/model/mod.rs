//! The nouns: what manifests, accounts, plans and ledgers are made of. No IO.
//!
//! `manifest` fills [`Desired`], `live` fills [`Snapshot`], `state` fills [`Bindings`]; `plan`
//! reads the three. The same [`Spec`] describes a thing as wanted and as it is, so that there is
//! one list of fields for each kind.

mod address;
mod audit;
mod bindings;
pub mod blueprint;
mod bucket;
mod canonical_text;
mod desired;
mod dialect;
mod event;
mod execution;
mod field;
mod form;
mod health;
mod journal;
mod json;
mod kept;
mod kind;
mod origin;
mod packed;
mod place;
mod policy;
pub mod reference;
mod remote_id;
pub mod secret;
mod snapshot;
pub mod spec;
mod trail;
mod usage;

pub use address::{Address, AddressError, Name};
pub use audit::{Audit, Closing, Figures};
pub use bindings::{Binding, Bindings, Identity, Unchecked};
pub use blueprint::Blueprint;
pub use bucket::{Bucket, Cloud, LocationError};
pub use desired::{
    BlueprintFile, Declared, Desired, Excluded, Lifecycle, Mentions, Moved, Pin, Removed, Variables,
};
pub use dialect::Dialect;
pub use event::{Event, Tally};
pub use execution::{
    Execution, ExecutionFilter, ExecutionStatus, Failure, IncompleteExecution, Outcome, RunTally,
    ScenarioHealth, StatusError, Trouble,
};
pub use field::Field;
pub use form::{Form, Mark};
pub use health::{HealthRule, OnUnhealthy, Verify};
pub use journal::{
    ApplyId, Conclusion, Creates, Ending, Fingerprint, Intent, NewIntent, Owes, Record, Sequence,
};
pub use json::{
    Path, canonical, digest_of, digest_of_members, numbers_equal, value_at, value_at_mut,
    values_equal,
};
pub use kept::{Cover, Hidden, Kept};
pub use kind::{Handling, Kind};
pub use origin::Origin;
pub use packed::{PackedJson, UnpackError};
pub use place::{Place, Source};
pub use policy::{Policy, Threshold};
pub use remote_id::RemoteId;
pub use snapshot::{
    Account, Directory, Edited, Facts, Invitation, Licence, Live, Membership, Person, Reading,
    Revision, Role, Snapshot, Unread,
};
pub use spec::Spec;
pub use trail::{Trail, each_text};
pub use usage::{Consumed, Consumptions, UsageDay};
