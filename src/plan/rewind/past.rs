//! What journals say of the things that some applies touched: how they were bound before, and what
//! they were.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Address, ApplyId, Binding, Bindings, Ending, Fingerprint, Hidden, Intent, Kind, PackedJson,
    Record, RemoteId, Sequence,
};

/// What is known of the time before some applies.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The things that were touched since.
    pub(super) things: BTreeMap<Address, Touched>,
    /// Which address each object had, at that time or since.
    pub(super) addresses: BTreeMap<(Kind, RemoteId), Address>,
}

/// One thing that applies touched.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    /// How it was bound before the first of them.
    pub(super) was: Option<Binding>,
    /// Whether that is written down: not in journals of before there was this.
    pub(super) is_known: bool,
    /// What it was before the first request that was sent about it.
    pub(super) form: Option<Recorded>,
    /// The objects that were made for it.
    pub(super) made: BTreeSet<RemoteId>,
    /// What was sent to make them.
    pub(super) sent: BTreeMap<RemoteId, Fingerprint>,
    /// Whether something was sent about it after its form was last remembered: what, nobody knows.
    pub(super) is_half: bool,
    /// Whether it was switched on or off.
    pub(super) is_switched: bool,
    /// The applies that touched it.
    pub(super) applies: BTreeSet<ApplyId>,
}

/// A form of a journal.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    /// The comparable form.
    pub(super) form: PackedJson,
    /// What the editor kept.
    pub(super) editor: Option<PackedJson>,
    /// What is left out of both.
    pub(super) hidden: Vec<Hidden>,
}

/// The requests that switch a scenario on and off.
const SWITCHES: [&str; 2] = ["start scenario", "stop scenario"];

impl Past {
    /// What the journals of applies say, oldest first, of the time before the first of them.
    /// `bindings` are those of today.
    #[must_use]
    pub fn before(first: ApplyId, journals: &[Vec<Record>], bindings: &Bindings) -> Self {
        let mut past = Self::default();
        let mut reading = Reading::default();
        for record in journals.iter().flatten() {
            // What was bound by hand before the first of them began is as it was.
            if let Record::Started { apply, .. } = record
                && *apply >= first
            {
                reading.apply = Some(*apply);
            }
            if reading.apply.is_some() {
                past.read(record, &mut reading);
            }
        }
        past.name(bindings);
        past
    }

    /// Whether nothing was touched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    /// The things that were touched.
    pub fn touched(&self) -> impl Iterator<Item = &Address> {
        self.things.keys()
    }

    /// The id that each thing had then; of what was not touched, the one that it has.
    pub(super) fn ids(&self, bindings: &Bindings) -> BTreeMap<Address, RemoteId> {
        let today = bindings.by_address.iter();
        let mut ids: BTreeMap<Address, RemoteId> = today
            .map(|(address, binding)| (address.clone(), binding.id.clone()))
            .collect();
        for (address, touched) in &self.things {
            if let Some(was) = &touched.was {
                ids.insert(address.clone(), was.id.clone());
            }
        }
        ids
    }

    fn read(&mut self, record: &Record, reading: &mut Reading) {
        match record {
            Record::Started { .. } | Record::Finished { .. } | Record::Checked { .. } => {}
            Record::Stood { address, binding } => {
                let touched = self.things.entry(address.clone()).or_default();
                if !touched.is_known {
                    touched.was.clone_from(binding);
                    touched.is_known = true;
                }
            }
            Record::Intent(intent) => {
                let touched = self.touch(&intent.address, reading);
                touched.intend(intent);
                reading.open.insert(intent.sequence, intent.clone());
            }
            Record::Ended { sequence, ending } => {
                let made = match ending {
                    Ending::Refused { .. } => {
                        reading.open.remove(sequence);
                        return;
                    }
                    Ending::Unknown { .. } => None,
                    Ending::Confirmed { id } | Ending::Settled { id } => id.clone(),
                };
                let Some(intent) = reading.open.get(sequence) else {
                    return;
                };
                let touched = self.things.entry(intent.address.clone()).or_default();
                touched.is_half = true;
                touched.is_switched |= SWITCHES.iter().any(|what| intent.what.starts_with(what));
                if let (Some(id), Some(creates)) = (made, &intent.creates) {
                    let held = (intent.address.kind, id.clone());
                    self.addresses.insert(held, intent.address.clone());
                    let sent = creates.sent.clone().map(|sent| (id.clone(), sent));
                    touched.sent.extend(sent);
                    touched.made.insert(id);
                }
            }
            Record::Bound { address, binding } => {
                self.touch(address, reading).is_half = false;
                let held = (address.kind, binding.id.clone());
                self.addresses.insert(held, address.clone());
            }
            Record::Unbound { address } => self.touch(address, reading).is_half = false,
        }
    }

    fn touch(&mut self, address: &Address, reading: &Reading) -> &mut Touched {
        let touched = self.things.entry(address.clone()).or_default();
        touched.applies.extend(reading.apply);
        touched
    }

    /// Says which address each object had: at that time, else since, else today.
    fn name(&mut self, bindings: &Bindings) {
        for (address, binding) in &bindings.by_address {
            let held = (address.kind, binding.id.clone());
            self.addresses
                .entry(held)
                .or_insert_with(|| address.clone());
        }
        for (address, touched) in &self.things {
            if let Some(was) = &touched.was {
                let held = (address.kind, was.id.clone());
                self.addresses.insert(held, address.clone());
            }
        }
    }
}

impl Touched {
    fn intend(&mut self, intent: &Intent) {
        let (Some(form), Some(id)) = (&intent.before, &intent.id) else {
            return;
        };
        // What an apply has made itself was not there before.
        if self.form.is_none() && !self.made.contains(id) {
            self.form = Some(Recorded {
                form: form.clone(),
                editor: intent.editor.clone(),
                hidden: intent.hidden.clone(),
            });
        }
    }
}

/// Where the reading of journals is.
#[derive(Default)]
struct Reading {
    /// The apply whose records come; none before the first.
    apply: Option<ApplyId>,
    /// The requests that may have been carried out.
    open: BTreeMap<Sequence, Intent>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Past;
    use crate::model::{
        ApplyId, Binding, Bindings, Creates, Ending, Intent, PackedJson, Record, RemoteId, Sequence,
    };

    fn intent(sequence: u64, address: &str, id: Option<u64>, what: &str) -> Record {
        let creates = Creates {
            key: "A".into(),
            existing: Vec::new(),
            sent: None,
            since: None,
        };
        Record::Intent(Intent {
            sequence: Sequence(sequence),
            apply: ApplyId(1),
            address: address.parse().unwrap(),
            what: what.into(),
            id: id.map(RemoteId::Int),
            creates: id.is_none().then_some(creates),
            before: id.map(|id| PackedJson::from(json!({ "of": id, "sequence": sequence }))),
            editor: None,
            hidden: Vec::new(),
            owes: None,
        })
    }

    fn ended(sequence: u64, id: Option<u64>) -> Record {
        let id = id.map(RemoteId::Int);
        Record::Ended {
            sequence: Sequence(sequence),
            ending: Ending::Confirmed { id },
        }
    }

    fn stood(address: &str, id: Option<u64>) -> Record {
        Record::Stood {
            address: address.parse().unwrap(),
            binding: id.map(|id| Binding::bare(RemoteId::Int(id))),
        }
    }

    fn bound(address: &str, id: u64) -> Record {
        Record::Bound {
            address: address.parse().unwrap(),
            binding: Binding::bare(RemoteId::Int(id)),
        }
    }

    fn started(apply: u64) -> Record {
        serde_json::from_value(
            json!({"started": {"apply": apply, "at": "2026-01-01T00:00:00Z",
            "by": "a@b", "digest": "sha256:0"}}),
        )
        .unwrap()
    }

    #[test]
    fn the_first_that_is_said_of_a_thing_is_what_it_was() {
        let journals = [
            // An import by hand, before the first apply.
            vec![
                stood("scenario.b", None),
                bound("scenario.b", 7),
                started(3),
                stood("scenario.a", Some(5)),
                intent(1, "scenario.a", Some(5), "stop scenario"),
                ended(1, None),
                intent(2, "scenario.a", Some(5), "change scenario"),
                ended(2, None),
                bound("scenario.a", 5),
                stood("folder.new", None),
                intent(3, "folder.new", None, "create folder"),
                ended(3, Some(9)),
                bound("folder.new", 9),
            ],
            vec![
                started(4),
                stood("scenario.a", Some(5)),
                intent(4, "scenario.a", Some(5), "change scenario"),
                ended(4, None),
            ],
        ];
        let past = Past::before(ApplyId(3), &journals, &Bindings::default());
        assert_eq!(past.things.len(), 2, "{past:?}");
        let a = &past.things[&"scenario.a".parse().unwrap()];
        assert_eq!(a.was.as_ref().unwrap().id, RemoteId::Int(5));
        assert_eq!(
            a.form.as_ref().unwrap().form.document().unwrap()["sequence"],
            1
        );
        assert!(a.is_half && a.is_switched && a.is_known);
        assert_eq!(a.applies.len(), 2);
        let new = &past.things[&"folder.new".parse().unwrap()];
        assert!(new.was.is_none() && new.is_known && !new.is_half);
        assert_eq!(new.made, [RemoteId::Int(9)].into());

        // Only the later one.
        let past = Past::before(ApplyId(4), &journals, &Bindings::default());
        let a = &past.things[&"scenario.a".parse().unwrap()];
        assert_eq!(
            a.form.as_ref().unwrap().form.document().unwrap()["sequence"],
            4
        );
        assert_eq!(past.things.len(), 1);
    }
}
