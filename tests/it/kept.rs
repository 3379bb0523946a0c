//! What a look through the cache sees of a sandbox, whatever an edit moves there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Value, json};

use makeform::{
    live::{
        Blueprints, Cache, CacheKey, Client, Evidence, Scenarios, Wanted,
        transport::{
            Method::{self, Delete, Patch, Post, Put},
            Request, Transport as _,
        },
    },
    model::{Account, Kind, Live, RemoteId},
    sandbox::{Collection, TOKEN, World},
};

use crate::support::pairwise::pairwise;

/// The edits, one of each scenario: `ask` and `unasked` are of an interface, which is managed
/// in the first, as are the custom properties of `properties`.
const EDITS: [&str; 10] = [
    "blueprint",
    "name",
    "folderId",
    "scheduling",
    "description",
    "start",
    "metadata",
    "ask",
    "unasked",
    "properties",
];

/// Those whose interfaces are managed, where nothing else is said. There are several, because one of
/// those that are taken on trust is read all the same.
const ASKING: [&str; 4] = ["ask", "metadata", "description", "blueprint"];

/// A world, and a cache of it.
struct Bench {
    world: World,
    client: Client,
    account: Account,
    cache: Cache,
    ids: BTreeMap<String, u64>,
    asking: BTreeSet<String>,
    _folder: tempfile::TempDir,
}

impl Bench {
    /// Scenarios that were edited an hour before the list is read.
    async fn new(options: &str) -> Self {
        Self::with(options, &EDITS, &ASKING).await
    }

    /// The same, of these scenarios, of which these have managed interfaces.
    async fn with(options: &str, names: &[&str], asking: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("plan enterprise; minute 0.001; {options}");
        let world = World::open(&folder.path().join("world"), options.parse().unwrap());
        let world = world.unwrap();
        let client = Client::new(Arc::new(world.clone()), TOKEN.into(), "sandbox".into());
        let account = client.locate(None, None).await.unwrap();
        let key = CacheKey::kept_in(folder.path());
        let mut bench = Self {
            cache: Cache::at(&folder.path().join("cache"), &account, key.unwrap()),
            world,
            client,
            account,
            ids: BTreeMap::new(),
            asking: asking.iter().map(|name| (*name).to_owned()).collect(),
            _folder: folder,
        };
        let structure = json!({"associatedType": "scenario", "belongerType": "organization",
            "belongerId": 1});
        let structures = "/custom-property-structures";
        let made = bench.ask(Post, structures, structure).await;
        let made = &made["customPropertyStructure"]["id"];
        let items = format!("{structures}/{made}/custom-property-structure-items");
        let item = json!({"name": "cost", "label": "Cost", "type": "number", "required": false});
        bench.ask(Post, &items, item).await;
        for name in names {
            let id = bench.create(name).await;
            bench.ids.insert((*name).to_owned(), id);
            if *name == "properties" {
                let path = bench.path(name, "/custom-properties");
                bench.ask(Post, &path, json!({"cost": 1})).await;
            }
        }
        bench.pass().await;
        bench
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> Value {
        let request = Request {
            method,
            path: path.to_owned(),
            query: Vec::new(),
            headers: vec![
                ("authorization", format!("Token {TOKEN}")),
                ("content-type", "application/json".to_owned()),
            ],
            body: (!body.is_null()).then(|| body.to_string().into()),
        };
        let answer = self.world.send(&request).await.unwrap();
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, 200, "{method} {path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn create(&self, name: &str) -> u64 {
        let blueprint = json!({"name": name, "flow": [], "metadata": {}});
        let body = json!({"teamId": 1, "blueprint": blueprint.to_string(),
            "scheduling": r#"{"type":"on-demand"}"#});
        let made = self.ask(Post, "/scenarios", body).await;
        made["scenario"]["id"].as_u64().unwrap()
    }

    /// Lets an hour pass, and shows it by an edit of something else.
    async fn pass(&self) {
        let hour = jiff::SignedDuration::from_hours(1);
        self.world.advance(hour).unwrap();
        self.create("a clock").await;
    }

    /// From now on, the world behaves so.
    fn turn(&self, quirk: &str) {
        let mut quirks = self.world.quirks();
        quirks.set_from(quirk).unwrap();
        self.world.set_quirks(quirks);
    }

    /// Where a scenario is, or something of it.
    fn path(&self, name: &str, part: &str) -> String {
        format!("/scenarios/{}{part}", self.ids[name])
    }

    /// Sets an interface to one that it never had.
    async fn edit_interface(&self, name: &str) {
        let fields = json!([{"name": format!("field{}", self.read()), "type": "text"}]);
        let body = json!({"interface": {"input": fields, "output": []}});
        self.ask(Patch, &self.path(name, "/interface"), body).await;
    }

    async fn patch(&self, name: &str, body: Value) {
        self.ask(Patch, &self.path(name, ""), body).await;
    }

    async fn edit(&self, edit: &str) {
        let fields = json!([{"name": format!("field{}", self.read()), "type": "text"}]);
        let patch = |value: Value| self.patch(edit, json!({ (edit): value }));
        let blueprint = json!({"name": edit, "flow": [],
            "metadata": {"edited": self.read()}});
        match edit {
            "blueprint" => patch(blueprint.to_string().into()).await,
            "name" => patch("another name".into()).await,
            "folderId" => {
                let body = json!({"teamId": 1, "name": "CRM"});
                let made = self.ask(Post, "/scenarios-folders", body).await;
                patch(made["scenarioFolder"]["id"].clone()).await;
            }
            "scheduling" => patch(r#"{"type":"indefinitely","interval":900}"#.into()).await,
            "description" => patch("Changed.".into()).await,
            "start" => drop(self.ask(Post, &self.path(edit, "/start"), json!({})).await),
            "metadata" => patch(json!({ "input_spec": fields })).await,
            "properties" => {
                let path = self.path(edit, "/custom-properties");
                self.ask(Put, &path, json!({"cost": self.read() + 2})).await;
            }
            _ => self.edit_interface(edit).await,
        }
    }

    async fn collect(&self, refresh: bool) -> Vec<Live> {
        let wanted = Wanted {
            functions: false,
            kinds: [Kind::Scenario].into(),
            blueprints: Blueprints::All,
            interfaces: Scenarios::Of {
                names: self.asking.clone(),
                ids: BTreeSet::new(),
            },
            scheduled: Scenarios::none(),
            properties: Scenarios::Of {
                names: ["properties".to_owned()].into(),
                ids: BTreeSet::new(),
            },
            cache: Some(self.cache.clone().refreshed(refresh)),
            unlisted: Vec::new(),
        };
        let mut silent = |_| {};
        let snapshot = self.client.collect(&self.account, &wanted, &mut silent);
        let snapshot = snapshot.await.unwrap();
        assert!(snapshot.is_whole(Kind::Scenario));
        snapshot.of(Kind::Scenario).cloned().collect()
    }

    /// How many blueprints a look at all scenarios reads, and what it sees.
    async fn look(&self, refresh: bool) -> (u64, Vec<String>) {
        let before = self.read();
        let lives = self.collect(refresh).await;
        let seen = lives.iter().map(|live| {
            let spec = live.spec.as_scenario().unwrap();
            let document = spec.blueprint.as_set().unwrap().document().unwrap();
            format!("{:?} {:?} {document}", live.id, live.spec)
        });
        (self.read() - before, seen.collect())
    }

    /// What a look sees, which is what there is.
    async fn look_twice(&self, why: &str) -> (u64, Vec<String>) {
        let (read, seen) = self.look(false).await;
        let (_, fresh) = self.look(true).await;
        assert_eq!(seen, fresh, "{why}");
        (read, seen)
    }

    /// Sets the interface of a scenario as apply does, and learns of it.
    async fn write_interface(&self, name: &str) -> Evidence {
        let planned = self.collect(false).await;
        let id = RemoteId::Int(self.ids[name]);
        let planned = planned.iter().find(|live| live.id == id).unwrap();
        let read = || self.client.read(&self.account, Kind::Scenario, &id);
        let before = read().await.unwrap().unwrap();
        self.edit_interface(name).await;
        let after = read().await.unwrap().unwrap();
        let user = self.account.own_user;
        let evidence = Evidence::of_interface_write(planned, &before, &after, user);
        self.cache.learn(evidence);
        evidence
    }

    fn asked(&self, route: impl Fn(&str) -> bool) -> u64 {
        let requests = self.world.stats().unwrap().requests;
        let asked = requests.iter().filter(|(name, _)| route(name));
        asked.map(|(_, count)| count).sum()
    }

    /// How many blueprints were read so far.
    fn read(&self) -> u64 {
        self.asked(|route| route.starts_with("GET ") && route.ends_with("/blueprint"))
    }
}

/// Every setting of the quirks that decide what rows show.
/// What a Make may say of an edit: of each question its settings.
const SETTINGS: [[&str; 3]; 4] = [
    ["any", "save", "blueprint"],
    ["blueprint", "any", "absent"],
    ["both-follow", "scenario-wins", "blueprint-wins"],
    ["shown", "hidden", "unknown"],
];

/// Rows in which every two settings meet; with the feature `long-tests` all that there are.
fn settings() -> Vec<[&'static str; 4]> {
    let counts = SETTINGS.map(|settings| settings.len());
    let rows: Vec<Vec<usize>> = match cfg!(feature = "long-tests") {
        true => (0..counts.iter().product())
            .map(|row: usize| {
                (0..4)
                    .map(|question| row / 3_usize.pow(question) % 3)
                    .collect()
            })
            .collect(),
        false => pairwise(&counts),
    };
    let named = |row: Vec<usize>| [0, 1, 2, 3].map(|question| SETTINGS[question][row[question]]);
    rows.into_iter().map(named).collect()
}

fn options([last_edit, version, name, row]: [&str; 4]) -> String {
    format!(
        "quirk last-edit={last_edit}; quirk scenario-version={version}; \
         quirk name-source={name}; quirk custom-properties-row={row}"
    )
}

#[tokio::test]
async fn what_is_kept_is_what_a_fresh_look_sees_whatever_an_edit_moves() {
    for setting in settings() {
        stays_true(setting).await;
    }
}

/// Each edit in turn, seen through the cache and afresh: before anything is known of the rows,
/// and after.
async fn stays_true(setting: [&str; 4]) {
    let options = options(setting);
    let [last_edit, version, _, _] = setting;
    let bench = Bench::new(&options).await;
    let (cold, fresh) = bench.look(false).await;
    assert_eq!(cold, 11, "{options}");
    // The clock is too young to be kept, and no interface is trusted.
    let warm = if version == "absent" { 11 } else { 5 };
    assert_eq!(bench.look(false).await, (warm, fresh), "{options}");
    for edit in EDITS {
        bench.edit(edit).await;
        bench.look_twice(&format!("{options}: {edit}")).await;
    }
    // What was edited is kept in turn, once it is old enough.
    bench.pass().await;
    bench.look_twice(&options).await;
    let evidence = bench.write_interface("unasked").await;
    let expected = match (version, last_edit) {
        ("absent", _) => None,
        (_, "any") => Some(true),
        _ => Some(false),
    };
    assert_eq!(evidence.rows_show_interfaces(), expected, "{options}");
    bench.pass().await;
    bench.look_twice(&options).await;
    // The newest clock, and one interface or all.
    let expected = match (version, last_edit) {
        ("absent", _) => 13,
        (_, "any") => 2,
        _ => 5,
    };
    let (warm, _) = bench.look_twice(&options).await;
    assert_eq!(warm, expected, "{options}");
    for edit in [
        "ask",
        "metadata",
        "name",
        "blueprint",
        "ask",
        "properties",
        "ask",
    ] {
        bench.edit(edit).await;
        bench.look_twice(&format!("{options}: {edit}, later")).await;
    }
}

#[tokio::test]
async fn custom_properties_cost_a_request_only_where_no_row_shows_them() {
    for (row, unknown, listed, lists, calls) in [
        ("shown", "refused", "whole", 1, 0),
        ("shown", "refused", "listed", 1, 1),
        ("hidden", "refused", "whole", 1, 1),
        ("unknown", "ignored", "whole", 1, 1),
        // Refused once, and not asked for again.
        ("unknown", "refused", "whole", 2, 1),
    ] {
        let options = format!(
            "quirk custom-properties-row={row}; quirk unknown-columns={unknown}; \
             quirk scenario-row={listed}"
        );
        let bench = Bench::new(&options).await;
        let count = || {
            let is_call = |route: &str| route == "GET /scenarios/{id}/custom-properties";
            (
                bench.asked(|route| route == "GET /scenarios"),
                bench.asked(is_call),
            )
        };
        let mut before = count();
        for (refresh, lists) in [(false, lists), (false, 1), (true, lists), (false, 1)] {
            let lives = bench.collect(refresh).await;
            let now = count();
            assert_eq!(
                (now.0 - before.0, now.1 - before.1),
                (lists, calls),
                "{options}"
            );
            before = now;
            for live in &lives {
                let spec = live.spec.as_scenario().unwrap();
                let cost = spec
                    .custom_properties
                    .as_set()
                    .map(|all| all["cost"].clone());
                let expected = (spec.name == "properties").then(|| json!(1));
                assert_eq!(cost, expected, "{options}: {}", spec.name);
            }
        }
    }
}

#[tokio::test]
async fn a_row_without_custom_properties_may_only_not_show_them() {
    let bench = Bench::with("", &["properties"], &[]).await;
    let path = bench.path("properties", "/custom-properties");
    bench.ask(Delete, &path, Value::Null).await;
    let calls = || bench.asked(|route| route == "GET /scenarios/{id}/custom-properties");
    for expected in 1..=2 {
        bench.look_twice("none").await;
        assert_eq!(calls(), 2 * expected);
    }
}

#[tokio::test]
async fn a_scenario_with_a_name_of_its_own_is_kept() {
    let bench = Bench::with("quirk name-source=scenario-wins", &["name"], &[]).await;
    bench.edit("name").await;
    for setting in ["any", "blueprint"] {
        bench.turn(&format!("last-edit={setting}"));
        bench.pass().await;
        bench.look_twice(setting).await;
        let (warm, _) = bench.look_twice(setting).await;
        assert_eq!(warm, 1, "only the clock is too young");
        for name in ["one", "other", "one"] {
            let body = json!({ "name": name });
            bench.patch("name", body).await;
            bench.look_twice(&format!("{setting}: {name}")).await;
        }
    }
}

#[tokio::test]
async fn a_save_of_an_interface_is_no_evidence_that_an_edit_of_it_alone_moves_the_row() {
    let bench = Bench::with("quirk last-edit=save", &["metadata", "ask"], &["ask"]).await;
    bench.look_twice("first").await;
    // The row moves, the blueprint is the same, the interface is another.
    let body = json!({"metadata": {"input_spec": [{"name": "saved", "type": "text"}]}});
    bench.patch("ask", body).await;
    bench.pass().await;
    bench.look_twice("saved").await;
    bench.edit_interface("ask").await;
    bench.look_twice("edited alone").await;
}

#[tokio::test]
async fn trust_ends_with_the_first_edit_that_no_row_shows() {
    for (last_edit, version) in [
        ("save", "blueprint"),
        ("blueprint", "any"),
        ("save", "absent"),
    ] {
        let bench = Bench::with("", &["ask", "teacher"], &["ask"]).await;
        let evidence = bench.write_interface("teacher").await;
        assert_eq!(evidence.rows_show_interfaces(), Some(true));
        bench.pass().await;
        bench.look_twice("known").await;
        bench.look_twice("trusted").await;
        // Make becomes another.
        bench.turn(&format!("last-edit={last_edit}"));
        bench.turn(&format!("scenario-version={version}"));
        for _ in 0..3 {
            bench.edit_interface("ask").await;
            bench.look_twice(last_edit).await;
        }
    }
}

#[tokio::test]
async fn an_edit_that_no_row_shows_is_come_across_among_many() {
    let names = ["one", "two", "three", "four", "five", "teacher"];
    let bench = Bench::with("", &names, &names[..5]).await;
    let _ = bench.write_interface("teacher").await;
    bench.pass().await;
    bench.look_twice("known").await;
    bench.turn("last-edit=save");
    bench.edit_interface("two").await;
    bench.edit_interface("four").await;
    // One of the five is read in each look; whichever of the two it is, the other follows.
    let fresh = loop {
        let (read, seen) = bench.look(false).await;
        let is_old = |name: &str| {
            let id = format!("Int({})", bench.ids[name]);
            let mut seen = seen.iter();
            seen.any(|line| line.starts_with(&id) && !line.contains("\"field"))
        };
        match (is_old("two"), is_old("four")) {
            // A clock, and one on probation.
            (true, true) => assert_eq!(read, 2),
            (false, false) => break seen,
            half => panic!("{half:?}"),
        }
    };
    assert_eq!(fresh, bench.look(true).await.1);
    for name in &names[..5] {
        bench.edit_interface(name).await;
        let (read, _) = bench.look_twice("for good").await;
        assert_eq!(read, 6);
    }
}

#[tokio::test]
async fn what_was_found_to_be_untrue_ends_all_trust_in_the_same_look() {
    let names = ["ask", "other", "teacher"];
    let bench = Bench::with("", &names, &["ask"]).await;
    let _ = bench.write_interface("teacher").await;
    bench.pass().await;
    bench.look_twice("known").await;
    bench.look_twice("trusted").await;
    // Blueprints become others behind the same rows.
    let edited = bench.world.batch(|batch| {
        for id in bench.ids.values() {
            let mut saved = batch.get(Collection::Blueprints, *id)?.unwrap();
            saved["blueprint"]["metadata"]["edited"] = json!(true);
            batch.put(Collection::Blueprints, *id, &saved)?;
        }
        Ok(())
    });
    edited.unwrap();
    // The interface of `ask` is taken on trust, and so it is looked at.
    let (read, _) = bench.look_twice("found out").await;
    assert_eq!(read, 5);
    let (read, _) = bench.look_twice("nothing is taken any more").await;
    assert_eq!(read, 5);
}
