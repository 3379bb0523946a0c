//! One step of a plan.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Action, Change, Decided, Reason, Upcoming};
use crate::model::{
    Address, Blueprint, Edited, Form, HealthRule, Mark, PackedJson, Path, Place, RemoteId,
    blueprint::is_graph,
};

/// One thing that apply does.
#[derive(Clone, Debug)]
pub struct Step {
    /// The thing.
    pub address: Address,
    /// What is done.
    pub action: Action,
    /// The object it is done to; none for a create.
    pub id: Option<RemoteId>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What differs. Empty for an adoption that changes nothing.
    pub changes: Vec<Change>,
    /// How many attributes are the same.
    pub unchanged: usize,
    /// When it runs next, where its schedule changes. No part of the digest: it is another one
    /// each day.
    pub upcoming: Option<Upcoming>,
    /// The steps that must have succeeded before.
    pub depends_on: BTreeSet<Address>,
    /// The steps behind this one after which the rest of it is sent: it makes a scenario that is
    /// switched off, since what these make needs its id, and it may need theirs. A scenario that
    /// calls itself is among them. Empty for all others.
    pub later: BTreeSet<Address>,
    /// The live form that was decided upon; apply reads it again and goes on only if it holds.
    /// None for a create, and for a scenario that is adopted as it is.
    pub before: Option<Form>,
    /// The form to bring about, ready to be sent but for what is unknown; none for a delete, and
    /// for a scenario that is adopted as it is.
    pub after: Option<Form>,
    /// What the ledger is to remember of `after`: comparable, without editor noise, sensitive
    /// values left out, references to unknown things by their text.
    pub remembered: Option<PackedJson>,
    /// Whether the manifest asks for protection.
    pub prevent_destroy: bool,
    /// Whether its object is nobody's afterwards: it was adopted, and that is undone.
    pub releases: bool,
    /// What is done with a scenario that does not work after the step, and how that is found out.
    pub health: HealthRule,
    /// Where the thing is declared.
    pub place: Option<Place>,
    /// Who edited the object last in Make, and when. No part of the digest.
    pub edited: Option<Edited>,
    /// What was decided, and upon what.
    pub decided: Decided,
}

impl Step {
    /// The form that the object is made with: the one that is wanted; or, where the rest follows
    /// [`later`](Self::later), one that is switched off, and does nothing yet if its blueprint
    /// names what is not there.
    #[must_use]
    pub fn first(&self) -> Form {
        let mut first = self.after.clone().unwrap_or_default();
        if self.later.is_empty() {
            return first;
        }
        first.set("active", false);
        let in_blueprint = |path: &Path| path.first().is_some_and(|head| head == "blueprint");
        let is_open = |(path, mark): (&Path, &Mark)| in_blueprint(path) && *mark == Mark::Unknown;
        if first.marks.iter().any(is_open) {
            first.marks.retain(|path, _| !in_blueprint(path));
            let document = first.blueprint.as_ref();
            let document = document.and_then(|blueprint| blueprint.document().ok());
            let nothing = match document.as_ref().is_some_and(is_graph) {
                true => json!({ "modules": [], "connections": [] }),
                false => {
                    // Without a trigger nothing can start it.
                    first.set("schedule", json!({ "type": "on-demand" }));
                    json!({ "name": first.text("name"), "flow": [], "metadata": {} })
                }
            };
            first.blueprint = Some(Blueprint::new(&nothing, false));
        }
        first
    }

    /// Whether a scenario is to be on after the step: as its manifest says, or as it was.
    #[must_use]
    pub fn is_to_be_on(&self) -> bool {
        let active = |form: &Option<Form>| form.as_ref().and_then(|form| form.flag("active"));
        active(&self.after)
            .or_else(|| active(&self.before))
            .unwrap_or(false)
    }

    /// Whether anything of its blueprint changes.
    #[must_use]
    pub fn changes_blueprint(&self) -> bool {
        let mut changes = self.changes.iter();
        changes.any(|change| change.path == ["blueprint"])
    }

    /// Whether nothing differs, and apply only looks whether the scenario works.
    #[must_use]
    pub fn only_checks(&self) -> bool {
        self.changes.is_empty() && self.reasons.contains(&Reason::Unchecked)
    }

    /// Whether apply only records this: an adoption that changes nothing, or a forgetting.
    #[must_use]
    pub fn sends_nothing(&self) -> bool {
        match self.action {
            Action::Adopt => self.changes.is_empty(),
            Action::Forget => true,
            Action::Create | Action::Update | Action::Replace | Action::Delete => false,
        }
    }
}
