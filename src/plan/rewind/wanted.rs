//! Each thing that was touched: what becomes of it, and what is wanted of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Fate, Rewind, Rewound, Unsure, finish,
    hidden::{Lacking, Values},
    ids::Ids,
    keep::{complete, keep_untouched},
    past::Touched,
    secrets::{has_other_secret, overwrites_secret},
    weave::{Sheet, Weaver},
};
use crate::{
    diagnostic::Report,
    model::{
        Address, Binding, Declared, Desired, Excluded, Handling, Kind, Lifecycle, Live, Mentions,
        Moved, Place, RemoteId, Removed, Source, blueprint::id_places,
    },
    plan::{
        is_of,
        normalize::{Drawn, draw_live},
    },
};

pub(super) struct Rewinding<'a> {
    input: Rewind<'a>,
    values: Values<'a>,
    out: Rewound,
}

impl<'a> Rewinding<'a> {
    pub(super) fn new(input: &Rewind<'a>) -> Self {
        let variables = input.manifests.variables.clone();
        Self {
            input: *input,
            values: Values::new(input.seals, input.snapshot, variables),
            out: Rewound {
                desired: Desired {
                    // The project's guards hold on the way back, too.
                    policy: input.manifests.policy.clone(),
                    ..Desired::default()
                },
                bindings: input.bindings.clone(),
                today: input.bindings.by_address.clone(),
                only: Vec::new(),
                findings: Report::default(),
                fates: BTreeMap::new(),
                left: BTreeMap::new(),
                unsure: BTreeMap::new(),
                missing: BTreeMap::new(),
            },
        }
    }

    pub(super) fn all(mut self) -> Rewound {
        let past = self.input.past;
        let chosen =
            |address: &Address| self.input.only.is_empty() || self.input.only.contains(address);
        let things: BTreeMap<&Address, &Touched> = past
            .things
            .iter()
            .filter(|(address, _)| chosen(address))
            .collect();
        self.rename(&things);
        for (address, touched) in &things {
            if let Some(fate) = self.fate(address, touched) {
                self.out.fates.insert((*address).clone(), fate);
            }
        }
        let restored = self.restored();
        let ids = Ids {
            addresses: &past.addresses,
            then: &past.ids(self.input.bindings),
            restored: &restored,
            bindings: self.input.bindings,
        };
        self.learn_urls(&restored);
        for (address, fate) in self.out.fates.clone() {
            if let Some(touched) = things.get(&address) {
                self.want(&address, touched, &fate, &ids);
            }
        }
        self.others(&ids);
        self.rest(&restored);
        self.out
    }

    /// Things that have another address today: they go back to the one that they had.
    fn rename(&mut self, things: &BTreeMap<&Address, &Touched>) {
        for (address, touched) in things {
            let Some(was) = &touched.was else { continue };
            let bindings = self.input.bindings;
            let holder = bindings.address_of(address.kind, &was.id);
            let is_bound = bindings.by_address.contains_key(*address);
            if let Some(holder) = holder.filter(|holder| holder != address && !is_bound) {
                let moved = Moved {
                    to: (*address).clone(),
                    place: place(),
                };
                self.out.desired.moved.insert(holder.clone(), moved);
                // Where its object is gone, nothing takes the binding along: it lapses.
                if self.live(holder, &was.id).is_none() {
                    self.out.only.push(holder.clone());
                }
            }
        }
    }

    fn fate(&mut self, address: &Address, touched: &Touched) -> Option<Fate> {
        if self.out.desired.moved.contains_key(address) {
            // It goes back under its earlier address.
            return None;
        }
        if !touched.is_known {
            finish::lacks_form(&mut self.out.findings, address, touched);
            return None;
        }
        let now = self.input.bindings.by_address.get(address);
        let fate = match (&touched.was, now) {
            (None, None) => return None,
            (None, Some(now)) if touched.made.contains(&now.id) => Fate::Gone,
            (None, Some(_)) if touched.form.is_some() => Fate::Released,
            (None, Some(_)) => Fate::Forgotten,
            (Some(was), now) => {
                let is_there = self.live(address, &was.id).is_some();
                let is_sent = touched.form.is_some() || !touched.made.is_empty();
                match (is_sent, now) {
                    // It was forgotten, or remembered otherwise, and nothing was sent.
                    (false, now) if is_there || now.is_some() || self.input.snapshot.is_none() => {
                        let id = now.map_or(&was.id, |now| &now.id).clone();
                        Fate::Bound(Binding { id, ..was.clone() })
                    }
                    _ => Fate::Back(was.clone()),
                }
            }
        };
        if let (Fate::Back(was) | Fate::Bound(was), None) = (&fate, now)
            && (self.input.snapshot.is_none() || self.live(address, &was.id).is_some())
            && self
                .input
                .bindings
                .address_of(address.kind, &was.id)
                .is_none()
        {
            // It was only forgotten: it is no stranger of that name.
            let bindings = &mut self.out.bindings.by_address;
            bindings.insert(address.clone(), was.clone());
        }
        Some(fate)
    }

    /// The things that there were at that time, and that the plan is about.
    fn restored(&self) -> BTreeSet<Address> {
        let fates = self.out.fates.iter();
        fates
            .filter(|(_, fate)| matches!(fate, Fate::Back(_) | Fate::Released))
            .map(|(address, _)| address.clone())
            .collect()
    }

    /// The URLs that webhooks had.
    fn learn_urls(&mut self, restored: &BTreeSet<Address>) {
        for (address, touched) in &self.input.past.things {
            let recorded = touched.form.as_ref().filter(|_| restored.contains(address));
            let url = recorded.and_then(|recorded| {
                let mut hidden = recorded.hidden.iter();
                let url = hidden.find(|hidden| hidden.path == ["url"])?;
                self.input.seals.open(address, url)
            });
            if let Some(url) = url.as_ref().and_then(serde_json::Value::as_str) {
                self.values.urls.push((url.to_owned(), address.clone()));
            }
        }
    }

    /// Notes what is wanted of one thing.
    fn want(&mut self, address: &Address, touched: &Touched, fate: &Fate, ids: &Ids<'_>) {
        let now = self.input.bindings.by_address.get(address).cloned();
        match fate {
            Fate::Back(was) => {
                let live = self.current(address, &was.id);
                self.restore(address, touched, live, Some(was), ids);
            }
            Fate::Released => {
                let live = now.as_ref().and_then(|now| self.live(address, &now.id));
                self.restore(address, touched, live, None, ids);
            }
            Fate::Gone => {
                if let Some(now) = &now {
                    self.leave(address, touched, now, ids);
                }
                self.out.only.push(address.clone());
            }
            Fate::Forgotten => {
                let removed = Removed {
                    destroy: false,
                    place: place(),
                };
                self.out.desired.removed.insert(address.clone(), removed);
                self.out.only.push(address.clone());
            }
            Fate::Bound(_) => {}
        }
    }

    /// Wants a thing as it was.
    fn restore(
        &mut self,
        address: &Address,
        touched: &Touched,
        live: Option<&'a Live>,
        was: Option<&Binding>,
        ids: &Ids<'_>,
    ) {
        let now = self.input.bindings.by_address.get(address);
        let sheet = |binding: &Binding| binding.form.as_ref().map(Sheet::of);
        let drawn = live.and_then(|live| draw_live(live).ok());
        let mut weaver = Weaver {
            address,
            ids,
            was: was.and_then(sheet),
            live: drawn.as_ref().map(Sheet::of_live),
            values: &mut self.values,
            lacking: Vec::new(),
        };
        let mut old = match (&touched.form, was.and_then(|was| was.form.as_ref())) {
            (Some(recorded), _) => weaver.recorded(recorded),
            (None, Some(form)) => weaver.remembered(form),
            (None, None) => Sheet::default(),
        };
        let lacking = std::mem::take(&mut weaver.lacking);
        let (was_said, is_live) = (weaver.was.take(), weaver.live.take());
        let is_now = now.and_then(sheet);
        complete(&mut old, was_said.as_ref());
        if live.is_some() && !touched.is_half {
            keep_untouched(&mut old, touched, was_said.as_ref(), is_now.as_ref());
        }
        if let (Some(is_live), Some(is_now)) = (&is_live, &is_now)
            && overwrites_secret(&old, (is_now, is_live), &self.values, ids)
        {
            self.out.unsure.insert(address.clone(), Unsure::Secret);
        }
        let missing = self.missing(&old, ids);
        match self.declared(address, old, was) {
            Some(declared) => {
                if !missing.is_empty() {
                    self.out.missing.insert(address.clone(), missing);
                }
                if self.input.snapshot.is_some() {
                    let found = Lacking::findings(address, lacking);
                    self.out.findings.extend(found.into_iter().collect());
                    finish::lost(&mut self.out.findings, address, live);
                }
                self.out.desired.things.insert(address.clone(), declared);
                self.out.only.push(address.clone());
            }
            None => {
                finish::lacks_form(&mut self.out.findings, address, touched);
                self.out.fates.remove(address);
            }
        }
    }

    /// The things that a form names, that are gone in Make, and that do not go back.
    fn missing(&self, sheet: &Sheet, ids: &Ids<'_>) -> BTreeSet<Address> {
        let mut named = sheet.named();
        named.extend(ids.named(&sheet.fields, sheet.document.as_ref()));
        named.retain(|address| {
            let now = self.input.bindings.by_address.get(address);
            self.input.snapshot.is_some()
                && !ids.restored.contains(address)
                && now.is_some_and(|now| self.live(address, &now.id).is_none())
        });
        named
    }

    /// Notes what the last apply left of a thing that goes.
    fn leave(&mut self, address: &Address, touched: &Touched, now: &Binding, ids: &Ids<'_>) {
        let Some(live) = self.live(address, &now.id) else {
            return;
        };
        let Some(form) = &now.form else {
            // The apply that made it was cut short.
            let sent = touched.sent.get(&now.id);
            if sent.and_then(|sent| is_of(sent, live)) != Some(true) {
                self.out.unsure.insert(address.clone(), Unsure::CutShort);
            }
            return;
        };
        let drawn = draw_live(live).ok();
        let is_other = drawn.as_ref().is_some_and(|drawn| {
            has_other_secret(&Sheet::of(form), &Sheet::of_live(drawn), &self.values, ids)
        });
        if is_other {
            self.out.unsure.insert(address.clone(), Unsure::Secret);
        }
        let mut weaver = Weaver {
            address,
            ids,
            was: Some(Sheet::of(form)),
            live: drawn.as_ref().map(Sheet::of_live),
            values: &mut self.values,
            lacking: Vec::new(),
        };
        let sheet = weaver.remembered(form);
        if let Some(declared) = self.declared(address, sheet, Some(now)) {
            self.out.left.insert(address.clone(), declared);
        }
    }

    /// Scenarios that no apply touched, and that name what comes back with another id.
    fn others(&mut self, ids: &Ids<'_>) {
        let Some(snapshot) = self.input.snapshot else {
            return;
        };
        let mut renewed: BTreeSet<(Kind, RemoteId)> = BTreeSet::new();
        let mut renewed_things: BTreeSet<Address> = BTreeSet::new();
        for (address, fate) in &self.out.fates {
            if let Fate::Back(was) = fate
                && self.current(address, &was.id).is_none()
            {
                renewed.insert((address.kind, was.id.clone()));
                renewed_things.insert(address.clone());
            }
        }
        if renewed.is_empty() {
            return;
        }
        for (address, binding) in &self.input.bindings.by_address {
            let chosen = self.input.only.is_empty() || self.input.only.contains(address);
            let touched = self.out.fates.contains_key(address);
            if address.kind != Kind::Scenario || touched || !chosen {
                continue;
            }
            let live = snapshot.get(address.kind, &binding.id);
            let Some(drawn) = live.and_then(|live| draw_live(live).ok()) else {
                continue;
            };
            let was = binding.form.as_ref().map(Sheet::of);
            let symbols = was.as_ref().map(Sheet::named).unwrap_or_default();
            let says_so = symbols.iter().any(|named| renewed_things.contains(named));
            if says_so || names_any(&drawn, &renewed) {
                let mut weaver = Weaver {
                    address,
                    ids,
                    was,
                    live: None,
                    values: &mut self.values,
                    lacking: Vec::new(),
                };
                let sheet = weaver.as_it_is(&drawn);
                if let Some(declared) = self.declared(address, sheet, Some(binding)) {
                    let fate = Fate::Back(binding.clone());
                    self.out.fates.insert(address.clone(), fate);
                    self.out.desired.things.insert(address.clone(), declared);
                    self.out.only.push(address.clone());
                }
            }
        }
    }

    /// What else a plan has to know: what is looked up, and what others may name.
    fn rest(&mut self, restored: &BTreeSet<Address>) {
        for (address, declared) in &self.input.manifests.things {
            if address.kind.handling() == Handling::Looked {
                let things = &mut self.out.desired.things;
                things.insert(address.clone(), declared.clone());
            }
        }
        for address in self.input.bindings.by_address.keys() {
            let is_planned = restored.contains(address) || self.out.fates.contains_key(address);
            if !is_planned && !self.out.desired.moved.contains_key(address) {
                let excluded = Excluded {
                    declared: None,
                    place: place(),
                };
                self.out.desired.excluded.insert(address.clone(), excluded);
            }
        }
        self.out.desired.pins = self.input.manifests.pins.clone();
        self.out
            .desired
            .pins
            .retain(|address, _| address.kind.handling() == Handling::Looked);
        self.out.desired.mentions = mentions(&self.out.desired);
        self.out.desired.variables = self.values.variables.clone();
        self.out.only.sort();
        self.out.only.dedup();
    }

    /// A thing as a manifest of that time would declare it.
    fn declared(&self, address: &Address, sheet: Sheet, was: Option<&Binding>) -> Option<Declared> {
        let spec = sheet.into_fields().spec(address.kind)?;
        let manifest = self.input.manifests.things.get(address);
        let now = manifest
            .map(|declared| declared.lifecycle.clone())
            .unwrap_or_default();
        Some(Declared {
            spec,
            lifecycle: Lifecycle {
                prevent_destroy: was.is_some_and(|was| was.prevent_destroy),
                ..now
            },
            place: manifest.map_or_else(place, |declared| declared.place.clone()),
            places: BTreeMap::new(),
        })
    }

    fn live(&self, address: &Address, id: &RemoteId) -> Option<&'a Live> {
        self.input.snapshot?.get(address.kind, id)
    }

    /// The object that a thing is today, be it under the address that it has now.
    fn current(&self, address: &Address, was: &RemoteId) -> Option<&'a Live> {
        let now = self.input.bindings.by_address.get(address);
        self.live(address, now.map_or(was, |now| &now.id))
    }
}

/// Whether a blueprint names one of these objects.
fn names_any(drawn: &Drawn, objects: &BTreeSet<(Kind, RemoteId)>) -> bool {
    let places = drawn.document.as_ref().map(id_places);
    let mut places = places.into_iter().flatten();
    places.any(|place| {
        place
            .id()
            .is_some_and(|id| objects.contains(&(place.kind, id)))
    })
}

fn mentions(desired: &Desired) -> Mentions {
    let mut mentions = Mentions::default();
    for declared in desired.things.values() {
        let blueprint = declared.spec.as_scenario();
        let blueprint = blueprint.and_then(|spec| spec.blueprint.as_set());
        if let Some(Ok(document)) = blueprint.map(crate::model::Blueprint::document) {
            mentions.add(&document, &id_places(&document));
        }
    }
    mentions
}

/// Where a thing stands that no manifest declares.
fn place() -> Place {
    let source = Source {
        name: "journal".to_owned(),
        text: String::new(),
    };
    Place::new(&source.into(), 0..0)
}
