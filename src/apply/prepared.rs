//! What a step is about, read again right before it, and what it is about to send.

use super::{
    executor::Run,
    stop::{Stop, failed},
};
use crate::{
    live::{self, Write},
    model::{Creates, Form, NewIntent, RemoteId},
    plan::{self, Action, Step},
};

/// What a step goes on from.
pub(super) enum Prepared {
    /// There is nothing of its name yet.
    Absent(Box<Making>),
    /// The object is what was decided upon.
    There(RemoteId, Form),
    /// The object is gone already.
    Gone,
    /// Nothing is sent.
    Nothing,
}

/// A create that is about to be sent.
pub(super) struct Making {
    /// The form that is wanted, or the first one of a step in two parts.
    pub(super) after: Form,
    pub(super) write: Write,
    /// The form that stands when it is done.
    pub(super) standing: Form,
    pub(super) creates: Creates,
}

impl Run<'_> {
    /// Reads again what a step is about, and stops it where that is no longer what was decided
    /// upon. Sends nothing.
    pub(super) async fn prepare(&mut self, step: &Step) -> Result<Prepared, Stop> {
        match step.action {
            Action::Create => {
                let making = self.making(step).await?;
                Ok(Prepared::Absent(Box::new(making)))
            }
            Action::Update | Action::Replace => self.prepare_change(step).await,
            // One that changes nothing sends nothing: there is nothing to overwrite.
            Action::Adopt if step.changes.is_empty() => Ok(Prepared::Nothing),
            Action::Adopt => self.prepare_change(step).await,
            Action::Delete => {
                let id = self.bound_id(step)?;
                // What is gone already may have gone with what it belonged to.
                if let Some(before) = self.check_there(step, &id).await? {
                    return Ok(Prepared::There(id, before));
                }
                self.confirm_gone(step, &id).await?;
                Ok(Prepared::Gone)
            }
            Action::Forget => Ok(Prepared::Nothing),
        }
    }

    async fn prepare_change(&mut self, step: &Step) -> Result<Prepared, Stop> {
        let id = self.bound_id(step)?;
        let before = self.check_unchanged(step, &id).await?;
        Ok(Prepared::There(id, before))
    }

    /// Looks whether something may be made, and how.
    pub(super) async fn making(&mut self, step: &Step) -> Result<Making, Stop> {
        let after = self.learned.fill_in(step, &step.first())?;
        let mut creates = self.check_absent(step).await?;
        let kind = step.address.kind;
        let (write, standing) = live::create(self.account, &self.directory, kind, &after)
            .map_err(|error| failed(step, &error))?;
        creates.sent = Some(plan::fingerprint(kind, &standing, &after));
        Ok(Making {
            after,
            write,
            standing,
            creates,
        })
    }

    /// The one intent under which all requests of a step go; none where it sends none.
    pub(super) async fn intent_of(
        &mut self,
        step: &Step,
        prepared: &Prepared,
    ) -> Option<NewIntent> {
        match prepared {
            Prepared::Absent(making) => {
                let mut creates = making.creates.clone();
                // Where it is found by what it was to be, some of that may have been sent or not.
                if let Some(sent) = &mut creates.sent {
                    *sent = plan::fingerprint_of_some(
                        step.address.kind,
                        &making.standing,
                        &making.after,
                    );
                }
                let intent = self.intent(step, making.write.what, None, Some(creates));
                Some(intent.await)
            }
            Prepared::There(id, before) => {
                let writes = match step.action {
                    Action::Delete => {
                        let kind = step.address.kind;
                        let before = step.before.as_ref()?;
                        live::delete(self.account, kind, id, before).ok()?
                    }
                    Action::Update | Action::Adopt => {
                        let after = self.learned.fill(step).ok()?;
                        self.writes_to(step, id, before, &after).ok()?
                    }
                    Action::Create | Action::Replace | Action::Forget => return None,
                };
                let last = writes.last()?;
                let intent = self.intent(step, last.what, Some(id), None);
                Some(intent.await)
            }
            Prepared::Gone | Prepared::Nothing => None,
        }
    }
}
