//! WHAT WE REMEMBER: the ledger of one target, and the journal of what was applied.
//!
//! In comes the folder of a target (`.makeform/<target>`), out come [`Ledger`] values; under a
//! lock, records go in. A record is on disk before the call that writes it returns, so whoever
//! sends a request after [`Locked::intend`] leaves a trace of it whatever happens then. Nothing
//! here knows the account, decides anything or sends anything.
//!
//! What stands in the folder:
//!
//! | file | holds |
//! |---|---|
//! | `ledger.json` | the ledger as it was when the journal began, replaced whole |
//! | `journal.jsonl` | every record since, one a line, only ever appended to |
//! | `history/N.jsonl` | the journal of apply N, once it is part of the ledger |
//! | `history/ledger-N.json` | the ledger of generation N, when its account was made new |
//! | `reviews/COMMIT.json` | the plan that was shown for review under a commit |
//! | `lock` | held by the one process that may write; says who that is |

mod crypt;
mod error;
mod format;
mod ledger;
mod owner;
mod review;
mod seal;
pub mod shelf;
mod store;

pub use crypt::{Cipher, CommandFault, CryptError, Direction};
pub use error::StateError;
use ledger::Standing;
pub use ledger::{Applied, Ledger};
pub use owner::Owner;
pub use review::{Recorded, Review};
pub use seal::{Ahead, Sealer};
#[cfg(feature = "failpoints")]
pub use store::fill_disk;
pub use store::{Answering, Locked, Migrated, Pending, Started, Store, git_in};
