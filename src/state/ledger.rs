//! The ledger as a value: what a sequence of records adds up to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StateError;
use crate::model::{
    Address, ApplyId, Audit, Binding, Bindings, Conclusion, Ending, Identity, Intent, Record,
    Sequence,
};

/// All that is remembered of one target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// Which address is which id, and whose account that is.
    pub bindings: Bindings,
    /// Intents without an ending, or with an unknown one: nobody knows yet whether Make carried
    /// them out.
    pub pending: Vec<Intent>,
    /// The applies so far, oldest first.
    pub applies: Vec<Applied>,
    /// The number of the last intent; 0 before the first.
    pub(super) last_sequence: u64,
    /// How often the journal has become part of `ledger.json`.
    pub(super) generation: u64,
    /// How many records the journal has that follows it.
    pub(super) records: u64,
    /// Whether it is the one that counts.
    pub(super) standing: Standing,
}

/// Whether a ledger is the one that counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is.
    #[default]
    Living,
    /// It is another by now.
    Moved {
        /// Where that is, as the project file calls it.
        to: String,
    },
    /// It will be, once the other is marked.
    Arriving {
        /// Where that is, as the project file calls it.
        from: String,
    },
}

/// One apply of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Its number.
    pub apply: ApplyId,
    /// When it began.
    pub at: Timestamp,
    /// Who ran it: `user@host`.
    pub by: String,
    /// The digest of its plan.
    pub digest: String,
    /// The commit of the project that it was planned from, where there is git.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What ran it: `apply`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// When it ended; none if it was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Timestamp>,
    /// How it ended, where that was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<Conclusion>,
    /// What it did; none in journals of before there was this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit>,
}

impl Ledger {
    /// Refuses the bindings of another account.
    ///
    /// # Errors
    /// When the ledger belongs to another host, organization or team.
    pub fn check_account(&self, asked: &Identity) -> Result<(), StateError> {
        match &self.bindings.identity {
            Some(ledger) if ledger != asked => Err(StateError::OtherAccount {
                ledger: ledger.clone(),
                asked: asked.clone(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// What is left when all that is known of the account is forgotten: numbers go on where they
    /// were, so that what is in the history stays there.
    pub(super) fn emptied(&self) -> Self {
        Self {
            bindings: Bindings::default(),
            pending: Vec::new(),
            applies: self.applies.clone(),
            last_sequence: self.last_sequence,
            generation: self.generation,
            records: 0,
            standing: Standing::Living,
        }
    }

    /// Whether nothing was ever done with it.
    pub(super) fn is_empty(&self) -> bool {
        self.bindings.by_address.is_empty() && self.pending.is_empty() && self.applies.is_empty()
    }

    /// The number of the next apply.
    pub(super) fn next_apply(&self) -> ApplyId {
        ApplyId(self.applies.last().map_or(1, |last| last.apply.0 + 1))
    }

    /// The number of the next intent.
    pub(super) fn next_sequence(&self) -> Sequence {
        Sequence(self.last_sequence + 1)
    }

    /// Adds one record to what is remembered.
    pub(super) fn absorb(&mut self, record: Record) {
        self.records += 1;
        match record {
            Record::Started {
                apply,
                at,
                by,
                digest,
                commit,
                command,
            } => self.applies.push(Applied {
                apply,
                at,
                by,
                digest,
                commit,
                command,
                finished: None,
                conclusion: None,
                audit: None,
            }),
            Record::Finished {
                apply,
                at,
                conclusion,
                audit,
            } => {
                if let Some(applied) = self.applies.iter_mut().find(|a| a.apply == apply) {
                    applied.finished = Some(at);
                    applied.conclusion = conclusion;
                    applied.audit = audit;
                }
            }
            Record::Intent(intent) => {
                self.last_sequence = self.last_sequence.max(intent.sequence.0);
                self.pending.push(intent);
            }
            Record::Ended { sequence, ending } => self.end(sequence, ending),
            Record::Stood { .. } => {}
            Record::Bound { address, binding } => self.bind(address, binding),
            Record::Checked { address } => {
                if let Some(binding) = self.bindings.by_address.get_mut(&address) {
                    binding.unchecked = None;
                }
            }
            Record::Unbound { address } => {
                self.bindings.by_address.remove(&address);
            }
        }
    }

    /// Ends an intent, unless nobody knows how. The ending of a create binds what it made: were
    /// that a record of its own, a crash between the two would leave an object that is nobody's.
    fn end(&mut self, sequence: Sequence, ending: Ending) {
        // What was found in the account is in its lists.
        let (made, is_seen) = match ending {
            Ending::Unknown { .. } => return,
            Ending::Refused { .. } => {
                self.pending.retain(|intent| intent.sequence != sequence);
                return;
            }
            Ending::Confirmed { id } => (id, false),
            Ending::Settled { id } => (id, true),
        };
        let Some(at) = self.pending.iter().position(|i| i.sequence == sequence) else {
            return;
        };
        let intent = self.pending.remove(at);
        if let (Some(id), Some(_)) = (made, &intent.creates) {
            let binding = Binding {
                invited: intent.address.kind.is_role() && !is_seen,
                ..Binding::bare(id)
            };
            self.bind(intent.address.clone(), binding);
        }
        self.bindings.owe(&intent);
    }

    /// Binds an address. An object has one address: a new one takes it from the old, so that a
    /// rename is one record and can't be cut in half.
    fn bind(&mut self, address: Address, mut binding: Binding) {
        let bindings = &mut self.bindings.by_address;
        // Nearly always it is its own already: no need to ask all the others.
        if bindings
            .get(&address)
            .is_none_or(|held| held.id != binding.id)
        {
            bindings.retain(|other, held| other.kind != address.kind || held.id != binding.id);
        } else if let Some(held) = bindings.get_mut(&address) {
            // That it is bound anew tells nothing of whether it works.
            binding.unchecked = binding.unchecked.or(held.unchecked.take());
        }
        bindings.insert(address, binding);
    }
}
