//! What the rows of scenarios don't say: their blueprints, interfaces and custom properties.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{
    StreamExt as _,
    stream::{self, FuturesUnordered},
};

use super::{
    LiveError,
    answer::found,
    cache::{Cache, Evidence, Opened},
    client::Client,
    collect::{Part, bearable, listed, partial},
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
    Account, Blueprint, Dialect, Event, Field, Kind, Live, RemoteId, Spec, Tally, spec::Interface,
};

impl Client {
    /// Reads a scenario's blueprint, with its interface; none if the scenario is gone. That the
    /// blueprint is not found does not say so: only the scenario itself can.
    pub(super) async fn content(&self, id: &RemoteId) -> Result<Option<Content>, LiveError> {
        let request = blueprint::get(id);
        match self.fetch_text(&request, blueprint::read).await {
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

    /// Lists the scenarios, and reads all that is wanted of them.
    pub(super) async fn whole_scenarios(
        &self,
        account: &Account,
        wanted: &Wanted,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Part<Live>, LiveError> {
        match account.dialect {
            Dialect::Zone => {
                let mut cache = wanted.cache.as_ref().map(Cache::open);
                let lacks_column = cache.as_ref().is_some_and(Opened::lacks_properties);
                let with_column = !wanted.properties.is_none() && !lacks_column;
                let (list, evidence) = self.list_with_properties(account.team, with_column).await;
                let (mut scenarios, mut refused) = partial(list)?;
                emit(listed(Kind::Scenario));
                if let Some(cache) = &mut cache {
                    cache.learn(evidence);
                }
                self.fill(&mut scenarios, &mut refused, wanted, cache, emit)
                    .await?;
                Ok((scenarios, refused))
            }
            Dialect::Unified => {
                let (mut scenarios, mut refused) =
                    partial(self.list(account, Kind::Scenario).await)?;
                emit(listed(Kind::Scenario));
                self.fill_whole(account, &mut scenarios, &mut refused, wanted, emit)
                    .await?;
                Ok((scenarios, refused))
            }
        }
    }

    /// The scenarios of a team, with custom properties where rows show them and they are asked
    /// for; and whether it turned out that rows have no column of them, which no document has.
    async fn list_with_properties(
        &self,
        team: u64,
        with_properties: bool,
    ) -> (Result<Vec<Live>, LiveError>, Evidence) {
        let read = self.scenarios(&scenario::list(team, with_properties)).await;
        match read {
            Err(error) if with_properties && error.status() == Some(400) => {
                let read = self.scenarios(&scenario::list(team, false)).await;
                let lacks_column = read.is_ok();
                (read, Evidence::of_properties(lacks_column))
            }
            read => (read, Evidence::of_properties(false)),
        }
    }

    /// Reads scenarios whole, in a dialect whose rows say little of them.
    async fn fill_whole(
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
            let read = || self.read_unified(account, Kind::Scenario, &row.id);
            let mut whole = read().await;
            if let Ok(None) = whole {
                // The list has just told that it is there.
                whole = read().await;
            }
            (row, whole)
        });
        let mut answers = FuturesUnordered::new();
        let mut done = 0;
        emit(reading(done, total));
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
            emit(reading(done, total));
        }
        Ok(())
    }

    /// Reads the blueprints of scenarios that are not kept from an earlier run, and what else is
    /// wanted of them. A scenario that is gone by now is taken out; one whose blueprint is refused
    /// stays without it.
    async fn fill(
        &self,
        scenarios: &mut Vec<Live>,
        refused: &mut Option<LiveError>,
        wanted: &Wanted,
        mut cache: Option<Opened>,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Result<(), LiveError> {
        let read = self
            .blueprints(scenarios, wanted, cache.as_mut(), emit)
            .await;
        // What was read before a failure was not in vain.
        if let Some(cache) = cache.filter(|_| !scenarios.is_empty()) {
            cache.save(scenarios);
        }
        let Read {
            mut contents,
            gone,
            refused: kept_back,
        } = read?;
        *refused = kept_back.or_else(|| refused.take());
        scenarios.retain(|live| !gone.contains(&live.id));
        for live in scenarios.iter_mut() {
            if let Some((blueprint, interface)) = contents.remove(&live.id) {
                give(live, blueprint, interface);
            }
        }
        self.properties(scenarios, refused, wanted).await
    }

    /// Reads the custom properties that are wanted, and that no row shows.
    async fn properties(
        &self,
        scenarios: &mut [Live],
        refused: &mut Option<LiveError>,
        wanted: &Wanted,
    ) -> Result<(), LiveError> {
        let mut unshown = Vec::new();
        for live in scenarios {
            let is_wanted = wanted.properties.includes(live);
            let Spec::Scenario(spec) = &mut live.spec else {
                continue;
            };
            if !is_wanted {
                spec.custom_properties = Field::Absent;
            } else if spec.custom_properties.is_absent() {
                unshown.push(live);
            }
        }
        let reads: Vec<_> = unshown
            .into_iter()
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
        wanted: &Wanted,
        mut cache: Option<&mut Opened>,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Read, LiveError> {
        let blueprints = &wanted.blueprints;
        let mut read = Read::default();
        let (mut missing, mut kept) = (Vec::new(), Vec::new());
        for live in scenarios.iter().filter(|live| blueprints.includes(live)) {
            let found = cache
                .as_ref()
                .and_then(|cache| cache.find(live, wanted.reads_interface(live)));
            match found {
                Some((blueprint, interface)) => {
                    let content = (blueprints.shared(live, blueprint), interface);
                    read.contents.insert(live.id.clone(), content);
                    kept.push(live);
                }
                None => missing.push(live),
            }
        }
        // That rows show edits of interfaces was learned, and may be true no longer: one of those
        // that are taken on trust is read all the same.
        let trusted: Vec<&Live> = kept
            .iter()
            .copied()
            .filter(|it| wanted.reads_interface(it))
            .collect();
        if let Some(probe) = fastrand::choice(trusted) {
            missing.push(probe);
            kept.retain(|live| live.id != probe.id);
            read.contents.remove(&probe.id);
        }
        let known = cache.as_ref().map(|cache| cache.evidence());
        self.contents(missing, &mut read, wanted, cache.as_deref_mut(), emit)
            .await?;
        // What turned out on the way is true of what was taken on trust before.
        if let Some(cache) = cache.filter(|cache| Some(cache.evidence()) != known) {
            kept.retain(|live| cache.find(live, wanted.reads_interface(live)).is_none());
            self.contents(kept, &mut read, wanted, Some(cache), emit)
                .await?;
        }
        Ok(read)
    }

    /// Reads blueprints with their interfaces.
    async fn contents(
        &self,
        missing: Vec<&Live>,
        read: &mut Read,
        wanted: &Wanted,
        mut cache: Option<&mut Opened>,
        emit: &mut (dyn FnMut(Event) + Send),
    ) -> Result<(), LiveError> {
        for live in &missing {
            read.contents.remove(&live.id);
        }
        let mut done = read.contents.len();
        let total = done + missing.len();
        let mut asked = missing.into_iter().map(|live| async move {
            let content = self.content(&live.id).await;
            (live, content)
        });
        let mut answers = FuturesUnordered::new();
        emit(reading(done, total));
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
                    let interface = match wanted.reads_interface(live) {
                        true => Field::Set(content.interface),
                        false => Field::Absent,
                    };
                    let content = (wanted.blueprints.shared(live, content.blueprint), interface);
                    read.contents.insert(live.id.clone(), content);
                }
                Ok(None) => drop(read.gone.insert(live.id.clone())),
                Err(error) => read.refused = Some(bearable(error)?),
            }
            done += 1;
            emit(reading(done, total));
        }
        Ok(())
    }
}

/// How far the reading of scenarios is.
fn reading(done: usize, total: usize) -> Event {
    Event::Reading {
        kind: Kind::Scenario,
        tally: Tally { done, total },
    }
}

/// What was read of scenarios.
#[derive(Default)]
struct Read {
    contents: BTreeMap<RemoteId, (Blueprint, Field<Interface>)>,
    /// Those that were listed, and are gone by now.
    gone: BTreeSet<RemoteId>,
    /// Why the rest could not be read.
    refused: Option<LiveError>,
}

/// Puts into a scenario what its row does not say.
pub(super) fn give(live: &mut Live, blueprint: Blueprint, interface: Field<Interface>) {
    if let Spec::Scenario(spec) = &mut live.spec {
        spec.blueprint = Field::Set(blueprint);
        spec.interface = interface;
    }
}
