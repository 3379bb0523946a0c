//! What the steps of a run see of how the account behaves, without a request of their own.
//!
//! A step reads its scenario before its first write, and again after its last one. Where it only
//! set the interface, the two show whether that moves the scenario's row.

use crate::{
    live::{Evidence, Write},
    model::Live,
};

/// What was seen so far.
#[derive(Default)]
pub(super) struct Witness {
    evidence: Evidence,
    /// The object of the step that is under way, right before its first write.
    before: Option<Live>,
    /// How many writes were sent since, and how many of them set an interface.
    sent: usize,
    interfaces: usize,
}

impl Witness {
    /// All of it.
    pub(super) fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// An object was read before it is changed. `planned`: as the plan saw it.
    pub(super) fn saw(&mut self, planned: Option<&Live>, now: Live) {
        if let Some(planned) = planned {
            self.evidence.add(Evidence::of_readings(planned, &now));
        }
        (self.before, self.sent, self.interfaces) = (Some(now), 0, 0);
    }

    /// A write is sent.
    pub(super) fn sends(&mut self, write: &Write) {
        self.sent += 1;
        self.interfaces += usize::from(write.is_interface());
    }

    /// A scenario was read after it was changed, by `user`.
    pub(super) fn saw_after(&mut self, planned: Option<&Live>, now: &Live, user: Option<u64>) {
        let before = self.before.take().filter(|before| before.id == now.id);
        let (Some(planned), Some(before)) = (planned, before) else {
            return;
        };
        if (self.sent, self.interfaces) == (1, 1) {
            let seen = Evidence::of_interface_write(planned, &before, now, user);
            self.evidence.add(seen);
        }
    }
}
