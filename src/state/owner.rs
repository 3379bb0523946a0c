//! Who holds a lock.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// `user@host`.
    pub who: String,
    /// The process.
    pub pid: u32,
    /// What it does: `makeform apply`.
    pub command: String,
    /// Since when.
    pub since: Timestamp,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            who,
            pid,
            command,
            since,
        } = self;
        write!(f, "{who} (`{command}`, process {pid}, since {since:.0})")
    }
}
