//! Whether a step still fits the account: what it is about is read again just before it.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use super::{
    executor::Run,
    settle,
    stop::{Stop, failed, finding, stale},
};
use crate::{
    diagnostic::codes::apply as codes,
    model::{
        Creates, Ending, Field, Form, Kind, Live, RemoteId, Sequence, Spec,
        spec::{Interface, match_key_of},
    },
    plan::{self, Action, Step},
};

/// How long a list is believed. A colleague who makes an object of the name that is made next goes
/// unseen for so long; to list before each create would double the requests of a first apply.
const FRESH: Duration = Duration::from_secs(5);

/// Who has which name, kind by kind: read before a create of the kind.
#[derive(Default)]
pub(super) struct FreshLists(BTreeMap<Kind, FreshList>);

struct FreshList {
    read: Instant,
    ids: BTreeMap<String, Vec<RemoteId>>,
    /// When the newest was edited, by Make's clock.
    newest: Option<Timestamp>,
}

impl FreshLists {
    /// Whether the list of a kind is recent enough.
    fn has(&self, kind: Kind) -> bool {
        let list = self.0.get(&kind);
        list.is_some_and(|list| list.read.elapsed() < FRESH)
    }

    /// Takes what was read from `read` on.
    fn learn(&mut self, kind: Kind, list: &[Live], read: Instant) {
        let newest = list.iter().filter_map(|live| live.facts.edited_at).max();
        let mut fresh = FreshList {
            read,
            ids: BTreeMap::new(),
            newest,
        };
        for live in list {
            if let Some(key) = live.spec.match_key() {
                fresh.ids.entry(key).or_default().push(live.id.clone());
            }
        }
        self.0.insert(kind, fresh);
    }

    /// Adds what the run itself has made.
    pub(super) fn add(&mut self, kind: Kind, key: &str, id: &RemoteId) {
        if let Some(list) = self.0.get_mut(&kind) {
            list.ids.entry(key.to_owned()).or_default().push(id.clone());
        }
    }

    /// When the newest of a kind was edited, as far as Make tells.
    fn newest(&self, kind: Kind) -> Option<Timestamp> {
        self.0.get(&kind)?.newest
    }

    /// Whether there is an object of that id.
    fn holds(&self, kind: Kind, id: &RemoteId) -> bool {
        let lists = self.0.get(&kind).into_iter();
        let mut ids = lists.flat_map(|list| list.ids.values()).flatten();
        ids.any(|other| other == id)
    }

    /// The ids of a kind and key.
    fn ids(&self, kind: Kind, key: &str) -> Vec<RemoteId> {
        let ids = self.0.get(&kind).and_then(|list| list.ids.get(key));
        ids.cloned().unwrap_or_default()
    }
}

/// Whether a webhook that is to go is what the plan decided upon, but for the scenario that it
/// started, which went before it.
fn is_left_alone(step: &Step, before: &Form, now: &Form) -> bool {
    let without_scenario = |form: &Form| {
        let mut form = form.clone();
        form.fields.remove("scenario");
        form
    };
    step.address.kind == Kind::Webhook
        && step.action == Action::Delete
        && now.get("scenario").is_none_or(Value::is_null)
        && plan::holds(&without_scenario(before), &without_scenario(now))
}

impl Run<'_> {
    /// Reads the object of a step again and stops the step if it is not what was decided upon.
    /// Gives the form to go on from.
    pub(super) async fn check_unchanged(
        &mut self,
        step: &Step,
        id: &RemoteId,
    ) -> Result<Form, Stop> {
        match self.check_there(step, id).await? {
            Some(form) => Ok(form),
            None => Err(stale(step, &format!("it is gone from Make (id {id})"))),
        }
    }

    /// The same, with nothing where the object is gone.
    pub(super) async fn check_there(
        &mut self,
        step: &Step,
        id: &RemoteId,
    ) -> Result<Option<Form>, Stop> {
        let now = self.read_whole(step, id).await?;
        let Some(mut now) = now.or_else(|| self.remembered(step, id)) else {
            return Ok(None);
        };
        if let Some(interface) = take_unplanned(step, &mut now).and_then(plan::interface_form) {
            let unplanned = self.unplanned.entry(step.address.clone()).or_default();
            unplanned.insert("interface", interface);
        }
        let form = plan::live_form(&now);
        let checked = match &step.before {
            Some(before) if plan::holds(before, &form) => Ok(Some(before.clone())),
            Some(before) if is_left_alone(step, before, &form) => Ok(Some(form)),
            Some(_) if !self.is_ours(step, &form) => Err(stale(step, &changed(&now))),
            Some(_) | None => Ok(Some(form)),
        };
        let planned = self.input.snapshot.get(step.address.kind, id);
        self.witness.saw(planned, now);
        checked
    }

    /// Stops the step unless the list of its kind says too that the object is gone: a token that
    /// has lost its team is answered 404 for everything, and nothing may be forgotten for that.
    pub(super) async fn confirm_gone(&self, step: &Step, id: &RemoteId) -> Result<(), Stop> {
        let kind = step.address.kind;
        let listed = self.input.client.list(self.account, kind).await;
        let listed = listed.map_err(|error| failed(step, &error))?;
        match listed.iter().any(|live| live.id == *id) {
            true => Err(stale(step, "its list has it, and it can't be read")),
            false => Ok(()),
        }
    }

    /// Stops the step if somebody has made an object of its name, or an earlier create of it
    /// is unsettled. Gives what tells the new object from those that are there.
    pub(super) async fn check_absent(&mut self, step: &Step) -> Result<Creates, Stop> {
        let kind = step.address.kind;
        let pending = self.ledger.ledger().pending.iter();
        let open: Vec<Sequence> = pending
            .filter(|intent| intent.address == step.address && intent.creates.is_some())
            .map(|intent| intent.sequence)
            .collect();
        if !open.is_empty() && !settle::invites(self.account.dialect, kind) {
            let message = "an earlier create of it is not settled";
            let finding = finding(step, &codes::CREATE_UNSETTLED, message)
                .help("plan again: the account is read, and the create settled");
            return Err(Stop::failed(finding));
        }
        let key = key(step);
        if !self.fresh.has(kind) {
            let read = Instant::now();
            let list = self.input.client.list(self.account, kind).await;
            let list = list.map_err(|error| failed(step, &error))?;
            self.fresh.learn(kind, &list, read);
        }
        self.check_vanished(step).await?;
        let existing = self.fresh.ids(kind, &key);
        // What the plan saw, and what this run has made and bound, it has decided about.
        let stranger = existing.iter().find(|id| {
            let seen = self.input.snapshot.get(kind, id).is_some();
            let bindings = &self.ledger.ledger().bindings;
            !seen && bindings.address_of(kind, id).is_none()
        });
        match stranger {
            Some(id) => Err(stale(
                step,
                &format!("somebody has made one of that name (id {id})"),
            )),
            None => {
                // An earlier invitation was lost, and the plan said that this may be the second.
                for sequence in open {
                    self.ledger
                        .settle(sequence, Ending::Settled { id: None })
                        .await?;
                }
                Ok(Creates {
                    key,
                    existing,
                    sent: None,
                    since: self.fresh.newest(kind),
                })
            }
        }
    }

    /// Stops the create of something that is bound, and only seemed to be gone: one list that
    /// lacks it must not make a second one.
    async fn check_vanished(&self, step: &Step) -> Result<(), Stop> {
        let bindings = &self.ledger.ledger().bindings.by_address;
        let Some(id) = bindings.get(&step.address).map(|binding| &binding.id) else {
            return Ok(());
        };
        let listed = self.fresh.holds(step.address.kind, id);
        if listed || self.read(step, id).await?.is_some() {
            let message = format!("the plan did not see it, and it is there (id {id})");
            return Err(stale(step, &message));
        }
        Ok(())
    }

    /// The role of somebody who was invited and whom no list shows, as the plan had it.
    pub(super) fn remembered(&self, step: &Step, id: &RemoteId) -> Option<Live> {
        let live = self.input.snapshot.get(step.address.kind, id)?;
        live.facts.unlisted.then(|| live.clone())
    }

    /// Reads the object of a step, as far as the plan looked at it.
    pub(super) async fn read(&self, step: &Step, id: &RemoteId) -> Result<Option<Live>, Stop> {
        let mut read = self.read_whole(step, id).await?;
        if let Some(live) = &mut read {
            take_unplanned(step, live);
        }
        Ok(read)
    }

    /// Reads the object of a step, with the interface of every scenario.
    async fn read_whole(&self, step: &Step, id: &RemoteId) -> Result<Option<Live>, Stop> {
        let kind = step.address.kind;
        let client = self.input.client;
        let read = client.read(self.account, kind, id).await;
        let mut read = read.map_err(|error| failed(step, &error))?;
        if let Some(live) = read.as_mut().filter(|_| has(step, "customProperties")) {
            let properties = client.read_properties(live).await;
            properties.map_err(|error| failed(step, &error))?;
        }
        Ok(read)
    }
}

/// Takes the interface out of a scenario whose plan did not look at it.
fn take_unplanned(step: &Step, live: &mut Live) -> Option<Interface> {
    let Spec::Scenario(spec) = &mut live.spec else {
        return None;
    };
    if has(step, "interface") {
        return None;
    }
    match std::mem::replace(&mut spec.interface, Field::Absent) {
        Field::Set(interface) => Some(interface),
        Field::Null | Field::Absent => None,
    }
}

/// What the new object of a step will be known by.
fn key(step: &Step) -> String {
    let form = step.after.as_ref();
    form.map_or_else(String::new, |form| match_key_of(step.address.kind, form))
}

/// Whether a step is about a field, which not every plan about its object is.
fn has(step: &Step, field: &str) -> bool {
    let mut forms = step.before.iter().chain(&step.after);
    forms.any(|form| form.get(field).is_some())
}

fn changed(now: &Live) -> String {
    let mut message = "it is no longer what the plan decided upon".to_owned();
    if let Some(who) = &now.facts.edited_by {
        message.push_str(&format!("; {who} edited it last"));
    }
    if let Some(at) = now.facts.edited_at {
        message.push_str(&format!(", at {at:.0}"));
    }
    message
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, advance};

    use super::{FRESH, FreshLists};
    use crate::model::{Kind, RemoteId};

    #[tokio::test(start_paused = true)]
    async fn a_list_is_read_again_once_somebody_may_have_made_something_since() {
        let mut lists = FreshLists::default();
        assert!(!lists.has(Kind::Folder));
        lists.learn(Kind::Folder, &[], Instant::now());
        lists.add(Kind::Folder, "CRM", &RemoteId::Int(7));
        assert!(lists.has(Kind::Folder) && !lists.has(Kind::Webhook));
        assert!(lists.holds(Kind::Folder, &RemoteId::Int(7)));
        advance(FRESH).await;
        assert!(!lists.has(Kind::Folder));
        lists.learn(Kind::Folder, &[], Instant::now());
        assert!(lists.ids(Kind::Folder, "CRM").is_empty());
    }
}
