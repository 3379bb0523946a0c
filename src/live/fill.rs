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
            emit(reading(done, total));
        }
        Ok(read)
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
}

/// Puts into a scenario what its row does not say.
pub(super) fn give(live: &mut Live, blueprint: Blueprint, interface: Field<Interface>) {
    if let Spec::Scenario(spec) = &mut live.spec {
        spec.blueprint = Field::Set(blueprint);
        spec.interface = interface;
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use serde_json::{Value, json};

    use crate::{
        live::{
            Blueprints, Cache, Client, Scenarios, Wanted,
            transport::{Request, Transport as _},
        },
        model::{Account, Kind, RemoteId, Spec},
        sandbox::{TOKEN, World},
    };

    /// The edits, one of each scenario: `ask` and `unasked` are of an interface, which is managed
    /// in the first.
    const EDITS: [&str; 9] = [
        "blueprint",
        "name",
        "folderId",
        "scheduling",
        "description",
        "start",
        "metadata",
        "ask",
        "unasked",
    ];

    /// A world, and a cache of it.
    struct Bench {
        world: World,
        client: Client,
        account: Account,
        cache: Cache,
        ids: Vec<u64>,
        _folder: tempfile::TempDir,
    }

    impl Bench {
        /// Scenarios that were edited an hour before the list is read.
        async fn new(options: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let world = World::open(&folder.path().join("world"), options.parse().unwrap());
            let world = world.unwrap();
            let client = Client::new(Arc::new(world.clone()), TOKEN.into(), "sandbox".into());
            let account = client.locate(None, None).await.unwrap();
            let mut bench = Self {
                cache: Cache::at(&folder.path().join("cache"), &account),
                world,
                client,
                account,
                ids: Vec::new(),
                _folder: folder,
            };
            for edit in EDITS {
                let id = bench.create(edit).await;
                bench.ids.push(id);
            }
            bench.pass().await;
            bench
        }

        async fn ask(&self, mut request: Request) -> Value {
            let token = ("authorization", format!("Token {TOKEN}"));
            request.headers.push(token);
            let answer = self.world.send(&request).await.unwrap();
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            assert_eq!(answer.status, 200, "{request:?}: {text}");
            serde_json::from_str(&text).unwrap()
        }

        async fn create(&self, name: &str) -> u64 {
            let blueprint = json!({"name": name, "flow": [], "metadata": {}});
            let body = json!({"teamId": 1, "blueprint": blueprint.to_string(),
                "scheduling": r#"{"type":"on-demand"}"#});
            let made = self.ask(Request::post(&["scenarios"]).json(&body)).await;
            made["scenario"]["id"].as_u64().unwrap()
        }

        /// Lets an hour pass, and shows it by an edit of something else.
        async fn pass(&self) {
            let hour = jiff::SignedDuration::from_hours(1);
            self.world.advance(hour).unwrap();
            self.create("a clock").await;
        }

        async fn edit(&self, index: usize) {
            let (edit, id) = (EDITS[index], self.ids[index].to_string());
            let fields = json!([{"name": "other", "type": "text"}]);
            let patch =
                |value: Value| Request::patch(&["scenarios", &id]).json(&json!({ (edit): value }));
            let blueprint = json!({"name": edit, "flow": [],
                "metadata": {"edited": self.read()}});
            let request = match edit {
                "blueprint" => patch(blueprint.to_string().into()),
                "name" => patch("another name".into()),
                "folderId" => {
                    let body = json!({"teamId": 1, "name": "CRM"});
                    let folder = Request::post(&["scenarios-folders"]).json(&body);
                    patch(self.ask(folder).await["scenarioFolder"]["id"].clone())
                }
                "scheduling" => patch(r#"{"type":"indefinitely","interval":900}"#.into()),
                "description" => patch("Changed.".into()),
                "start" => Request::post(&["scenarios", &id, "start"]).json(&json!({})),
                "metadata" => patch(json!({ "input_spec": fields })),
                _ => Request::patch(&["scenarios", &id, "interface"])
                    .json(&json!({"interface": {"input": fields, "output": []}})),
            };
            self.ask(request).await;
        }

        /// How many blueprints a look at all scenarios reads, and what it sees.
        async fn look(&self, refresh: bool) -> (u64, Vec<String>) {
            let wanted = Wanted {
                kinds: [Kind::Scenario].into(),
                blueprints: Blueprints::All,
                interfaces: Scenarios::Of {
                    names: ["ask".to_owned()].into(),
                    ids: BTreeSet::from([RemoteId::Int(self.ids[7])]),
                },
                properties: Scenarios::none(),
                cache: Some(self.cache.clone().refreshed(refresh)),
            };
            let before = self.read();
            let mut silent = |_| {};
            let snapshot = self.client.collect(&self.account, &wanted, &mut silent);
            let snapshot = snapshot.await.unwrap();
            let seen = snapshot.of(Kind::Scenario).map(|live| {
                let Spec::Scenario(spec) = &live.spec else {
                    panic!("no scenario");
                };
                let document = spec.blueprint.as_set().unwrap().document().unwrap();
                format!("{:?} {:?} {document}", live.id, live.spec)
            });
            (self.read() - before, seen.collect())
        }

        /// How many blueprints were read so far.
        fn read(&self) -> u64 {
            let requests = self.world.stats().unwrap().requests;
            let reads = requests
                .iter()
                .filter(|(route, _)| route.starts_with("GET ") && route.ends_with("/blueprint"));
            reads.map(|(_, count)| count).sum()
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_what_a_fresh_look_sees_whatever_an_edit_moves() {
        for last_edit in ["any", "save", "blueprint"] {
            for version in ["blueprint", "any", "absent"] {
                for name in ["both-follow", "scenario-wins", "blueprint-wins"] {
                    let options = format!(
                        "quirk last-edit={last_edit}; quirk scenario-version={version}; \
                         quirk name-source={name}"
                    );
                    stays_true(&options, version == "absent").await;
                }
            }
        }
    }

    /// Each edit in turn, seen through the cache and afresh.
    async fn stays_true(options: &str, nothing_kept: bool) {
        let bench = Bench::new(options).await;
        let (cold, fresh) = bench.look(false).await;
        assert_eq!(cold, 10, "{options}");
        // The clock is too young to be kept, and `ask` is not trusted.
        let warm = if nothing_kept { 10 } else { 2 };
        assert_eq!(bench.look(false).await, (warm, fresh), "{options}");
        for (index, edit) in EDITS.iter().enumerate() {
            bench.edit(index).await;
            let (_, warm) = bench.look(false).await;
            let (_, fresh) = bench.look(true).await;
            assert_eq!(warm, fresh, "{options}: {edit}");
        }
        // What was edited is kept in turn, once it is old enough.
        bench.pass().await;
        let (_, warm) = bench.look(false).await;
        let (again, fresh) = bench.look(true).await;
        assert_eq!(warm, fresh, "{options}");
        assert_eq!(again, 11, "{options}");
        for (index, edit) in EDITS.iter().enumerate() {
            if ["blueprint", "description"].contains(edit) {
                bench.edit(index).await;
            }
        }
        let (_, warm) = bench.look(false).await;
        assert_eq!(warm, bench.look(true).await.1, "{options}");
    }
}
