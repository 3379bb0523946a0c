//! What steps write down: each request by itself, or all that a group of steps does at once.
//!
//! Where a write of the journal costs a journey, steps that are ready go in groups: their intents
//! are one write, and their endings and bindings are another. All requests of such a step go under
//! the one intent that it has.

use std::collections::BTreeMap;

use super::{executor::Run, outcome::Halt, stop::Stop};
use crate::{
    live::failpoint_with,
    model::{Address, Binding, Creates, Ending, Kept, Kind, NewIntent, Record, RemoteId, Sequence},
    plan::Step,
    state::{Pending, StateError},
};

/// What the steps of a group have to write down when all of them are through.
#[derive(Default)]
pub(super) struct Book {
    /// The intents that are written down.
    entries: BTreeMap<Address, Entry>,
    /// What else has come of the steps, in the order in which it did.
    more: Vec<Record>,
}

/// The intent of a step in a group.
struct Entry {
    pending: Pending,
    /// How its requests ended so far; none before the first one.
    ending: Option<Ending>,
    /// Whether nobody knows how the last one ended.
    is_lost: bool,
}

impl Entry {
    /// Counts in how a request ended. What a create has made is never forgotten for what became
    /// of the requests after it.
    fn absorb(&mut self, new: Ending) {
        self.is_lost = matches!(new, Ending::Unknown { .. });
        let made = match &self.ending {
            Some(Ending::Confirmed { id: Some(id) }) => Some(id.clone()),
            Some(_) | None => None,
        };
        let was_done = matches!(self.ending, Some(Ending::Confirmed { .. }));
        self.ending = Some(match (new, made) {
            (_, Some(id)) => Ending::Confirmed { id: Some(id) },
            (Ending::Confirmed { id } | Ending::Settled { id }, None) => Ending::Confirmed { id },
            (Ending::Refused { .. }, None) if was_done => Ending::Confirmed { id: None },
            (new @ (Ending::Refused { .. } | Ending::Unknown { .. }), None) => new,
        });
    }
}

impl Run<'_> {
    /// What is about to be sent for a step.
    pub(super) async fn intent(
        &mut self,
        step: &Step,
        what: &str,
        id: Option<&RemoteId>,
        creates: Option<Creates>,
    ) -> NewIntent {
        let (before, editor, hidden) = match self.form_before(step).await {
            Some(Kept {
                form,
                editor,
                hidden,
            }) => (Some(form), editor, hidden),
            None => (None, None, Vec::new()),
        };
        NewIntent {
            apply: self.apply,
            address: step.address.clone(),
            what: match self.mending {
                true => format!("{what}, since it does not work"),
                false => what.to_owned(),
            },
            id: id.cloned(),
            creates,
            before,
            editor,
            hidden,
            owes: self.owes(step, id),
        }
    }

    /// Writes down that a request of a step is about to be sent; nothing where the step's intent
    /// stands already.
    pub(super) async fn intend(
        &mut self,
        step: &Step,
        what: &str,
        id: Option<&RemoteId>,
        creates: Option<Creates>,
    ) -> Result<Option<Pending>, Stop> {
        if self.is_interrupted() {
            return Err(Stop::Run(Halt::Interrupted));
        }
        if self.has_entry(step) {
            return Ok(None);
        }
        let intent = self.intent(step, what, id, creates).await;
        let pending = self.ledger.intend(vec![intent]).await?;
        Ok(pending.into_iter().next())
    }

    /// Writes down how a request ended, or notes it for later.
    pub(super) async fn end(
        &mut self,
        step: &Step,
        pending: Option<Pending>,
        ending: Ending,
    ) -> Result<(), StateError> {
        match pending {
            Some(pending) => {
                self.ledger.end(vec![(pending, ending)], Vec::new()).await?;
            }
            None => {
                let entry = self.book.as_mut();
                let entry = entry.and_then(|book| book.entries.get_mut(&step.address));
                if let Some(entry) = entry {
                    entry.absorb(ending);
                }
            }
        }
        failpoint_with("after-journal", &self.ledger.ledger());
        Ok(())
    }

    /// Writes down what reading the account has told of a request whose answer was lost.
    pub(super) async fn settled(
        &mut self,
        step: &Step,
        sequence: Option<Sequence>,
        id: Option<RemoteId>,
    ) -> Result<(), StateError> {
        let ending = Ending::Settled { id };
        match sequence {
            Some(sequence) => self.ledger.settle(sequence, ending).await,
            None => self.end(step, None, ending).await,
        }
    }

    /// Binds the address of a step, now or with its group.
    pub(super) async fn write_binding(
        &mut self,
        step: &Step,
        binding: Binding,
    ) -> Result<(), StateError> {
        let address = step.address.clone();
        self.note(Record::Bound { address, binding }).await
    }

    /// Forgets the address of a step, now or with its group.
    pub(super) async fn unbind(&mut self, step: &Step) -> Result<(), StateError> {
        let address = step.address.clone();
        self.note(Record::Unbound { address }).await
    }

    /// Writes down that it was found out whether a scenario works, or that it is as it was again:
    /// now or with its group.
    pub(super) async fn write_checked(&mut self, step: &Step) -> Result<(), StateError> {
        if step.address.kind != Kind::Scenario {
            return Ok(());
        }
        let address = step.address.clone();
        self.note(Record::Checked { address }).await
    }

    async fn note(&mut self, record: Record) -> Result<(), StateError> {
        match &mut self.book {
            Some(book) => book.more.push(record),
            None => self.ledger.record(vec![record]).await?,
        }
        Ok(())
    }

    /// Whether a step has sent a request whose ending nobody knows.
    pub(super) fn is_open(&self, step: &Step) -> bool {
        let entry = self.book.as_ref();
        if let Some(entry) = entry.and_then(|book| book.entries.get(&step.address)) {
            return entry.is_lost;
        }
        let mut pending = self.ledger.ledger().pending.iter();
        pending.any(|intent| intent.apply == self.apply && intent.address == step.address)
    }

    /// Whether the intent of a step stands for all of its requests.
    fn has_entry(&self, step: &Step) -> bool {
        let book = self.book.as_ref();
        book.is_some_and(|book| book.entries.contains_key(&step.address))
    }

    /// Writes down the intents of a group, in one write.
    pub(super) async fn open_book(&mut self, intents: Vec<NewIntent>) -> Result<(), StateError> {
        let addresses: Vec<Address> = intents
            .iter()
            .map(|intent| intent.address.clone())
            .collect();
        let pending = match intents.is_empty() {
            true => Vec::new(),
            false => self.ledger.intend(intents).await?,
        };
        failpoint_with("after-journal", &self.ledger.ledger());
        let entries = addresses.into_iter().zip(pending);
        let entries = entries.map(|(address, pending)| {
            let entry = Entry {
                pending,
                ending: None,
                is_lost: false,
            };
            (address, entry)
        });
        self.book = Some(Book {
            entries: entries.collect(),
            more: Vec::new(),
        });
        Ok(())
    }

    /// Writes down what has come of a group, in one write.
    pub(super) async fn close_book(&mut self) -> Result<(), StateError> {
        let Some(Book { entries, more }) = self.book.take() else {
            return Ok(());
        };
        let ended = entries.into_values().map(|entry| {
            let unsent = || Ending::Refused {
                reason: "it was not sent".to_owned(),
            };
            (entry.pending, entry.ending.unwrap_or_else(unsent))
        });
        let ended: Vec<(Pending, Ending)> = ended.collect();
        if ended.is_empty() && more.is_empty() {
            return Ok(());
        }
        self.ledger.end(ended, more).await?;
        failpoint_with("after-journal", &self.ledger.ledger());
        Ok(())
    }
}
