//! One step: its precondition, its requests, and what the ledger remembers of it.

use std::collections::VecDeque;

use super::{
    executor::Run,
    outcome::StepOutcome,
    prepared::{Making, Prepared},
    request::Sent,
    settle,
    stop::{Stop, failed, finding, in_full, invitation_lost, lost, not_taken_away, stale},
};
use crate::{
    diagnostic::codes::apply as codes,
    live::{self, LiveError, Write},
    model::{Binding, Creates, Form, Kind, Live, PackedJson, Person, RemoteId},
    plan::{self, Action, Step},
};

impl Run<'_> {
    /// Carries out one step, and remembers it when it is complete.
    pub(super) async fn carry_out(&mut self, step: &Step, prepared: Prepared) -> Result<(), Stop> {
        let writes = self.writes;
        let mut previous = None;
        let id = match (step.action, prepared) {
            (Action::Create, Prepared::Absent(making)) => {
                if !step.later.is_empty() {
                    return self.begin(step, *making).await;
                }
                self.create(step, *making).await?.0
            }
            (Action::Update, Prepared::There(id, before)) => {
                previous = self.former(step, &before).await;
                self.change(step, &id, &before, previous.as_ref()).await?;
                id
            }
            (Action::Adopt, Prepared::There(id, before)) => {
                self.bind(step, &id, false).await?;
                previous = self.former(step, &before).await;
                self.change(step, &id, &before, previous.as_ref()).await?;
                id
            }
            (Action::Adopt, _) => self.bound_id(step)?,
            (Action::Replace, Prepared::There(id, _)) => {
                self.stop_users(step).await?;
                self.delete(step, &id).await?;
                let making = self.making(step).await?;
                self.create(step, making).await?.0
            }
            (Action::Delete, Prepared::There(id, before)) => {
                self.stop_users(step).await?;
                self.release_webhook(step, &id, before).await?;
                return self.delete(step, &id).await;
            }
            // Nothing is there, or nothing is known of it any more.
            (Action::Delete | Action::Forget, _) => return Ok(self.unbind(step).await?),
            (Action::Create | Action::Update | Action::Replace, _) => {
                return Err(stale(step, "it is no longer what was prepared"));
            }
        };
        self.complete(step, &id, writes, previous.as_ref()).await
    }

    /// Makes an object and brings it to the form that is wanted, or to the first one of a step in
    /// two parts. Gives back its id, and that form.
    pub(super) async fn create(
        &mut self,
        step: &Step,
        making: Making,
    ) -> Result<(RemoteId, Form), Stop> {
        let kind = step.address.kind;
        let Making {
            after,
            write,
            standing,
            creates,
        } = making;
        let sent = self.send(step, &write, None, Some(creates.clone())).await;
        let (id, url) = match self.look_for_refused(step, &creates, sent).await? {
            Sent::Done(performed) => match performed.id {
                Some(id) => (id, performed.url),
                None => return Err(lost(step, "its answer names no id")),
            },
            Sent::Lost { sequence, error } => {
                let Some(made) = self.find_made(step, &creates).await? else {
                    return Err(match settle::invites(self.account.dialect, kind) {
                        true => invitation_lost(step, &in_full(&error)),
                        false => lost(step, &in_full(&error)),
                    });
                };
                let id = Some(made.id.clone());
                self.settled(step, sequence, id).await?;
                self.writes += 1;
                (made.id, made.facts.url)
            }
        };
        self.fresh.add(kind, &creates.key, &id);
        self.learned.add(&step.address, &id, url);
        if settle::invites(self.account.dialect, kind) {
            self.invited(&id, &after).await;
        }
        self.write_all(step, &id, standing, &after).await?;
        Ok((id, after))
    }

    /// Sees to it that a create which was refused has made nothing: not all who answer for Make
    /// know what it did. What is there in spite of the refusal is bound, so that the next apply
    /// does the rest.
    async fn look_for_refused(
        &mut self,
        step: &Step,
        creates: &Creates,
        sent: Result<Sent, Stop>,
    ) -> Result<Sent, Stop> {
        let refused = match sent {
            Err(Stop::Step(refused @ StepOutcome::Failed(_))) => refused,
            sent => return sent,
        };
        if let Some(made) = self.find_made(step, creates).await? {
            self.writes += 1;
            self.bind(step, &made.id, false).await?;
        }
        Err(Stop::Step(refused))
    }

    /// Counts somebody who was invited among the people: roles in teams come next. Finds out
    /// whether the account lists them, which the next run has to know; where that can't be told,
    /// it does not count on it.
    async fn invited(&mut self, id: &RemoteId, form: &Form) {
        let listed = self.input.client.is_member(self.account, id).await;
        if !listed.unwrap_or(false) {
            self.unlisted.insert(id.clone());
        }
        let text = |field: &str| form.text(field).unwrap_or_default().to_owned();
        if let Some(id) = id.as_int() {
            self.directory.people.push(Person {
                id,
                name: text("name"),
                email: text("email"),
            });
        }
    }

    /// Looks for the one object that a create whose answer was lost has made: among those of its
    /// name, for one that is what was sent. What somebody else has made meanwhile is theirs.
    async fn find_made(&self, step: &Step, creates: &Creates) -> Result<Option<Live>, Stop> {
        let kind = step.address.kind;
        let Ok(now) = self.input.client.list(self.account, kind).await else {
            return Ok(None);
        };
        let bindings = &self.ledger.ledger().bindings;
        let mut made = Vec::new();
        for live in settle::named_by(creates, kind, now.iter(), bindings) {
            // Lists show no blueprints.
            let Ok(whole) = self.input.client.read(self.account, kind, &live.id).await else {
                return Ok(None);
            };
            made.extend(whole.filter(|live| settle::is_sent(creates, live) == Some(true)));
        }
        if made.len() > 1 {
            let several: Vec<&Live> = made.iter().collect();
            let mut finding = settle::ambiguous(&step.address, creates, &several);
            finding.place.clone_from(&step.place);
            return Err(Stop::failed(finding));
        }
        Ok(made.pop())
    }

    /// Brings an object from one form to the one that is wanted. `former`: the one that it goes
    /// back to where only a part of that is carried out.
    async fn change(
        &mut self,
        step: &Step,
        id: &RemoteId,
        before: &Form,
        former: Option<&Form>,
    ) -> Result<(), Stop> {
        let after = self.learned.fill(step)?;
        let writes = self.writes;
        let written = self.write_all(step, id, before.clone(), &after).await;
        if let Err(stop) = written {
            // What an earlier run has left half done goes back as well.
            return Err(
                match self.writes > writes || self.unchecked(step).is_some() {
                    true => self.undo(step, id, former, stop).await,
                    false => stop,
                },
            );
        }
        self.stopped.remove(&step.address);
        Ok(())
    }

    /// Sends what it takes from one form to another.
    pub(super) async fn write_all(
        &mut self,
        step: &Step,
        id: &RemoteId,
        before: Form,
        after: &Form,
    ) -> Result<(), Stop> {
        let mut left = VecDeque::from(self.writes_to(step, id, &before, after)?);
        let mut is_first = true;
        while let Some(write) = left.pop_front() {
            let before = is_first.then_some(&before);
            is_first = false;
            if let Sent::Lost { sequence, error } = self.send(step, &write, Some(id), None).await? {
                // Was it done? What is still missing now tells.
                let now = self.read(step, id).await?;
                let Some(now) = now.or_else(|| self.remembered(step, id)) else {
                    return Err(lost(step, &in_full(&error)));
                };
                let now = plan::live_form(&now);
                let missing = self.writes_to(step, id, &now, after)?;
                if !missing.iter().any(|missing| missing.what == write.what) {
                    self.settled(step, sequence, None).await?;
                    self.writes += 1;
                    left = missing.into();
                    continue;
                }
                // The network was lost, and all is as before: what leads to one state may go again.
                let is_as_before = before.is_some_and(|before| plan::holds(before, &now));
                let was_away = matches!(error, LiveError::Unreached { .. });
                if !(was_away && is_as_before && write.is_repeatable()) {
                    return Err(lost(step, &in_full(&error)));
                }
                self.settled(step, sequence, None).await?;
                left = missing.into();
            }
        }
        Ok(())
    }

    pub(super) fn writes_to(
        &self,
        step: &Step,
        id: &RemoteId,
        before: &Form,
        after: &Form,
    ) -> Result<Vec<Write>, Stop> {
        live::update(
            self.account,
            &self.directory,
            step.address.kind,
            id,
            before,
            after,
        )
        .map_err(|error| failed(step, &error))
    }

    /// Deletes an object and forgets it, once it is seen to be gone: a page that a proxy shows
    /// while Make is away says 200 as well.
    async fn delete(&mut self, step: &Step, id: &RemoteId) -> Result<(), Stop> {
        if step.address.kind == Kind::Webhook {
            self.gone.insert(id.clone());
        }
        let before = step.before.clone().unwrap_or_default();
        let writes = live::delete(self.account, step.address.kind, id, &before)
            .map_err(|error| failed(step, &error))?;
        for write in writes {
            let sent = self.send(step, &write, Some(id), None).await;
            let sent = sent.map_err(|stop| not_taken_away(step, stop))?;
            if let Sent::Lost { sequence, error } = sent {
                if self.read(step, id).await?.is_some() {
                    return Err(lost(step, &in_full(&error)));
                }
                self.settled(step, sequence, None).await?;
                self.writes += 1;
                return Ok(self.unbind(step).await?);
            }
        }
        if self.read(step, id).await?.is_some() {
            let message = format!("Make took the deletion, and it is still there (id {id})");
            let finding = finding(step, &codes::STEP_FAILED, message).help("apply again");
            return Err(Stop::failed(finding));
        }
        Ok(self.unbind(step).await?)
    }

    /// Switches a scenario on that Make has switched off.
    pub(super) async fn start_again(&mut self, step: &Step, id: &RemoteId) -> Result<(), Stop> {
        let mut after = self.learned.fill(step)?;
        let mut off = after.clone();
        off.set("active", false);
        // It may not be managed, and have been on.
        after.set("active", true);
        self.write_all(step, id, off, &after).await
    }

    /// Binds the step's address; with the form that was applied once it is complete.
    pub(super) async fn bind(
        &mut self,
        step: &Step,
        id: &RemoteId,
        complete: bool,
    ) -> Result<(), Stop> {
        if complete && step.releases {
            return Ok(self.unbind(step).await?);
        }
        let form = complete.then(|| step.remembered.clone()).flatten();
        self.bind_as(step, id, form).await
    }

    /// The same with a form that stands in the place of the wanted one.
    pub(super) async fn bind_as(
        &mut self,
        step: &Step,
        id: &RemoteId,
        form: Option<PackedJson>,
    ) -> Result<(), Stop> {
        let binding = Binding {
            id: id.clone(),
            form,
            prevent_destroy: step.prevent_destroy,
            invited: step.address.kind.is_role() && self.unlisted.contains(id),
            unchecked: None,
        };
        self.write_binding(step, binding).await?;
        live::failpoint("after-journal");
        Ok(())
    }

    /// The object that a step is about.
    pub(super) fn bound_id(&self, step: &Step) -> Result<RemoteId, Stop> {
        step.id
            .clone()
            .ok_or_else(|| stale(step, "the plan names no object to change"))
    }
}
