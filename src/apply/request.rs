//! One request: written down, sent, and its ending written down.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::{
    executor::Run,
    stop::{Stop, failed, reason},
};
use crate::{
    live::{LiveError, Performed, Write, WriteError, failpoint_with},
    model::{Cover, Creates, Ending, Kept, Mark, RemoteId, Sequence, value_at},
    plan::{self, Covering, Step},
    state::Pending,
};

/// A word of a secret text that may be the secret itself.
const LONG_WORD: usize = 8;

/// How a request ended that was not refused.
pub(super) enum Sent {
    /// Make carried it out.
    Done(Performed),
    /// The answer was lost; its intent stays open until somebody settles it.
    Lost {
        /// The intent; none where it is that of the step in its group.
        sequence: Option<Sequence>,
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
        let pending = self.intend(step, write.what, id, creates).await?;
        let at_hand = (self.input.plan, self.input.snapshot, step, write);
        failpoint_with("after-journal", &at_hand);
        let sequence = pending.as_ref().map(Pending::sequence);
        self.witness.sends(write);
        // A server may quote what it was sent, or what stands there.
        let write = write.clone().hiding(secrets_of(step));
        self.ledger.ready().await?;
        let ledger = &*self.ledger;
        let may = || ledger.may_send().is_ok();
        let performed = self.input.client.perform_while(&write, &may).await;
        let is_ours = ledger.may_send();
        let (ending, sent) = match performed {
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
        self.end(step, pending, ending).await?;
        // What was not sent since the lock is not ours any more is no fault of the account.
        match (sent, is_ours) {
            (Err(_), Err(lost)) => Err(lost.into()),
            (sent, _) => sent,
        }
    }

    /// The form before a step, as the journal keeps it with the step's first request: also what the
    /// plan did not look at, and what could not be made again from what is left.
    pub(super) async fn form_before(&mut self, step: &Step) -> Option<Kept> {
        let before = step.before.as_ref()?;
        if !self.kept.insert(step.address.clone()) {
            return None;
        }
        let client = self.input.client;
        let mut before = before.clone();
        let known: Vec<SecretString> = secrets_of(step);
        let holds_known = |text: &str| {
            let mut known = known.iter().map(|secret| secret.expose_secret());
            known.any(|secret| secret.len() >= LONG_WORD && text.contains(secret))
        };
        let is_secret = |text: &str| client.hides(text) || holds_known(text);
        for (field, value) in self.unplanned.get(&step.address).into_iter().flatten() {
            plan::add_unplanned(&mut before, field, value, is_secret(&value.to_string()));
        }
        let id = step.id.as_ref();
        let live = id.and_then(|id| self.input.snapshot.get(step.address.kind, id));
        let url = live.and_then(|live| live.facts.url.as_ref());
        let keep = |cover: Covering<'_>| {
            let mut kept = plan::kept(&before, cover, &is_secret);
            let url = url.and_then(|url| plan::kept_url(url.expose_secret(), cover));
            kept.hidden.extend(url);
            kept
        };
        // To make a hash takes its time: first all that are going to be asked for.
        let sealer = self.input.sealer;
        let ahead = sealer.ahead();
        let _ = keep(&|_, value| {
            ahead.covers(value);
            Some(Cover::Hashed {
                salt: String::new(),
                hash: String::new(),
            })
        });
        ahead.make().await;
        let kept = keep(&|path, value| sealer.cover(&step.address, path, value));
        Some(kept)
    }
}

/// What is secret in a step's thing, as it is and as it is to be: whole values, and their longer
/// words (`Bearer ..`).
fn secrets_of(step: &Step) -> Vec<SecretString> {
    let mut found = Vec::new();
    for form in [&step.before, &step.after].into_iter().flatten() {
        let blueprint = form.blueprint.as_ref();
        let document = blueprint.and_then(|blueprint| blueprint.document().ok());
        for (path, mark) in &form.marks {
            let value = match (mark, path.split_first()) {
                (Mark::Sensitive(_), Some((head, rest))) => match head.as_str() {
                    "blueprint" => document.as_ref().and_then(|whole| value_at(whole, rest)),
                    field => form.get(field).and_then(|value| value_at(value, rest)),
                },
                (Mark::Sensitive(_) | Mark::Unknown, _) => None,
            };
            if let Some(Value::String(text)) = value {
                let words = text
                    .split_whitespace()
                    .filter(|word| word.len() >= LONG_WORD);
                found.extend(words.chain([text.as_str()]).map(SecretString::from));
            }
        }
    }
    found
}
