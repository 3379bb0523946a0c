//! One request: written down, sent, and its ending written down.

use serde_json::Value;

use super::{
    executor::Run,
    outcome::Halt,
    stop::{Stop, failed, reason},
};
use crate::{
    live::{LiveError, Performed, Write, WriteError, failpoint},
    model::{Creates, Ending, Intent, PackedJson, RemoteId, Sequence},
    plan::{self, Step},
};

/// How a request ended that was not refused.
pub(super) enum Sent {
    /// Make carried it out.
    Done(Performed),
    /// The answer was lost; its intent stays open until somebody settles it.
    Lost {
        /// The intent.
        sequence: Sequence,
        /// What went wrong.
        error: LiveError,
    },
}

impl Run<'_> {
    /// Sends one write of a step. Its intent is on disk before, its ending after.
    pub(super) async fn send(
        &mut self,
        step: &Step,
        write: &Write,
        id: Option<&RemoteId>,
        creates: Option<Creates>,
    ) -> Result<Sent, Stop> {
        if self.is_interrupted() {
            return Err(Stop::Run(Halt::Interrupted));
        }
        let apply = self.apply;
        let before = self.form_before(step);
        let pending = self.ledger.intend(|sequence| Intent {
            sequence,
            apply,
            address: step.address.clone(),
            what: write.what.to_owned(),
            id: id.cloned(),
            creates,
            before: before.map(PackedJson::from),
        })?;
        failpoint("after-journal");
        let sequence = pending.sequence();
        self.witness.sends(write);
        let (ending, sent) = match self.input.client.perform(write).await {
            Ok(performed) => {
                self.writes += 1;
                let id = performed.id.clone();
                (Ending::Confirmed { id }, Ok(Sent::Done(performed)))
            }
            Err(WriteError::Refused(error)) => {
                let reason = reason(&error);
                (Ending::Refused { reason }, Err(failed(step, &error)))
            }
            Err(WriteError::Unknown(error)) => {
                let reason = reason(&error);
                (
                    Ending::Unknown { reason },
                    Ok(Sent::Lost { sequence, error }),
                )
            }
        };
        self.ledger.end(pending, ending)?;
        failpoint("after-journal");
        sent
    }

    /// The form before a step, as the journal keeps it: also what the plan did not look at, and
    /// what could not be made again from what is left.
    fn form_before(&self, step: &Step) -> Option<Value> {
        let before = step.before.as_ref()?;
        let Some(interface) = self.unplanned.get(&step.address) else {
            return Some(plan::masked(before));
        };
        let mut before = before.clone();
        let is_secret = self.input.client.hides(&interface.to_string());
        plan::add_unplanned(&mut before, "interface", interface, is_secret);
        Some(plan::masked(&before))
    }
}
