//! What the rows of scenarios don't say: their blueprints, interfaces and custom properties.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{
    StreamExt as _,
    stream::{self, FuturesUnordered},
};

use super::{
    LiveError,
    cache::Opened,
    client::{Client, found},
    collect::bearable,
    wanted::Wanted,
    wire::{
        Node,
        zone::{
            blueprint::{self, Content},
            scenario,
        },
    },
};
use crate::model::{
    Account, Blueprint, Event, Field, Kind, Live, RemoteId, Spec, Tally, spec::Interface,
};

impl Client {
    /// Reads a scenario's blueprint, with its interface; none if the scenario is gone. That the
    /// blueprint is not found does not say so: only the scenario itself can.
    pub(super) async fn content(&self, id: &RemoteId) -> Result<Option<Content>, LiveError> {
        let request = blueprint::get(id);
        match self.fetch_as(&request, blueprint::read).await {
            Err(missing) if missing.status() == Some(404) => {
                let request = scenario::get(id);
                let read = self.fetch_as(&request, |answer| {
                    Node::at(answer, "").get("scenario").map(drop)
                });
                match found(read.await)? {
                    Some(()) => Err(missing),
                    None => Ok(None),
                }
            }
            read => read.map(Some),
        }
    }

    /// Reads scenarios whole, in a dialect whose rows say little of them.
    pub(super) async fn fill_whole(
        &self,
        account: &Account,
        scenarios: &mut Vec<Live>,
        refused: &mut Option<LiveError>,
        wanted: &Wanted,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Result<(), LiveError> {
        let all = std::mem::take(scenarios).into_iter();
        let (read, left): (Vec<Live>, Vec<Live>) =
            all.partition(|live| wanted.blueprints.includes(live));
        *scenarios = left;
        let total = read.len();
        let mut asked = read.into_iter().map(|row| async move {
            let whole = self.read_unified(account, Kind::Scenario, &row.id).await;
            (row, whole)
        });
        let mut answers = FuturesUnordered::new();
        let mut done = 0;
        self.pace().begin();
        loop {
            let room = self.pace().in_flight().saturating_sub(answers.len());
            answers.extend(asked.by_ref().take(room));
            let Some((row, whole)) = answers.next().await else {
                break;
            };
            match whole {
                Ok(Some(whole)) => scenarios.push(whole),
                Ok(None) => {}
                Err(error) => {
                    *refused = Some(bearable(error)?);
                    scenarios.push(row);
                }
            }
            done += 1;
            emit(Event::Reading {
                kind: Kind::Scenario,
                tally: Tally { done, total },
            });
        }
        Ok(())
    }

    /// Reads the blueprints of scenarios that are not kept from an earlier run, and what else is
    /// wanted of them. A scenario that is gone by now is taken out; one whose blueprint is refused
    /// stays without it.
    pub(super) async fn fill(
        &self,
        scenarios: &mut Vec<Live>,
        refused: &mut Option<LiveError>,
        wanted: &Wanted,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Result<(), LiveError> {
        let mut cache = wanted.cache.as_ref().map(super::Cache::open);
        let read = self
            .blueprints(scenarios, refused, wanted, cache.as_mut(), emit)
            .await;
        // What was read before a failure was not in vain.
        if let Some(cache) = cache.filter(|_| !scenarios.is_empty()) {
            cache.save(scenarios);
        }
        let Read { mut contents, gone } = read?;
        scenarios.retain(|live| !gone.contains(&live.id));
        for live in scenarios.iter_mut() {
            if let Some((blueprint, interface)) = contents.remove(&live.id) {
                give(live, blueprint, interface);
            }
        }
        let reads: Vec<_> = scenarios
            .iter_mut()
            .filter(|live| wanted.properties.includes(live))
            .map(|live| self.read_properties(live))
            .collect();
        let mut reads = stream::iter(reads).buffer_unordered(self.pace().in_flight());
        while let Some(ended) = reads.next().await {
            if let Err(error) = ended {
                *refused = Some(bearable(error)?);
            }
        }
        Ok(())
    }

    async fn blueprints(
        &self,
        scenarios: &[Live],
        refused: &mut Option<LiveError>,
        wanted: &Wanted,
        mut cache: Option<&mut Opened>,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Read, LiveError> {
        let Wanted {
            blueprints,
            interfaces,
            ..
        } = wanted;
        let mut read = Read::default();
        let mut missing = Vec::new();
        for live in scenarios.iter().filter(|live| blueprints.includes(live)) {
            let kept = cache.as_ref().filter(|_| !interfaces.includes(live));
            match kept.and_then(|cache| cache.find(live)) {
                Some(kept) => {
                    let kept = (blueprints.shared(kept), Field::Absent);
                    drop(read.contents.insert(live.id.clone(), kept));
                }
                None => missing.push(live),
            }
        }
        let mut done = read.contents.len();
        let total = done + missing.len();
        let mut asked = missing.into_iter().map(|live| async move {
            let content = self.content(&live.id).await;
            (live, content)
        });
        let mut answers = FuturesUnordered::new();
        self.pace().begin();
        loop {
            let room = self.pace().in_flight().saturating_sub(answers.len());
            answers.extend(asked.by_ref().take(room));
            let Some((live, content)) = answers.next().await else {
                break;
            };
            match content {
                Ok(Some(content)) => {
                    if let Some(cache) = cache.as_deref_mut() {
                        cache.keep(live, &content);
                    }
                    let interface = match interfaces.includes(live) {
                        true => Field::Set(content.interface),
                        false => Field::Absent,
                    };
                    let content = (blueprints.shared(content.blueprint), interface);
                    read.contents.insert(live.id.clone(), content);
                }
                Ok(None) => drop(read.gone.insert(live.id.clone())),
                Err(error) => *refused = Some(bearable(error)?),
            }
            done += 1;
            emit(Event::Reading {
                kind: Kind::Scenario,
                tally: Tally { done, total },
            });
        }
        Ok(read)
    }
}

/// What was read of scenarios.
#[derive(Default)]
struct Read {
    contents: BTreeMap<RemoteId, (Blueprint, Field<Interface>)>,
    /// Those that were listed, and are gone by now.
    gone: BTreeSet<RemoteId>,
}

/// Puts into a scenario what its row does not say.
pub(super) fn give(live: &mut Live, blueprint: Blueprint, interface: Field<Interface>) {
    if let Spec::Scenario(spec) = &mut live.spec {
        spec.blueprint = Field::Set(blueprint);
        spec.interface = interface;
    }
}
