//! The account: what there is in it, and what somebody does to it without makeform.

use std::collections::{BTreeMap, BTreeSet};

use makeform::{
    live::transport::{Method, Request, Transport as _},
    sandbox::{Collection, TOKEN},
};
use serde_json::{Value, json};

use super::{
    manifests::Sort,
    operation::{At, Meddling},
    state::{Machine, Object, chosen},
};

impl Sort {
    pub(super) fn collection(self) -> Collection {
        match self {
            Self::Folder => Collection::Folders,
            Self::Webhook => Collection::Hooks,
            Self::Scenario => Collection::Scenarios,
        }
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Folder => "/scenarios-folders",
            Self::Webhook => "/hooks",
            Self::Scenario => "/scenarios",
        }
    }
}

pub(super) const SORTS_OF_THINGS: [Sort; 3] = [Sort::Folder, Sort::Webhook, Sort::Scenario];

impl Machine {
    pub(super) fn meddle(&mut self, at: At, what: Meddling) {
        let number = self.next();
        let Some((sort, id)) = self.one_of_ours(at) else {
            return;
        };
        let path = format!("{}/{id}", sort.path());
        let patch = |body| (Method::Patch, path.clone(), Some(body));
        let (method, path, body) = match (sort, what) {
            (_, Meddling::Rename) => patch(json!({ "name": format!("Meddled {number}") })),
            (Sort::Folder | Sort::Webhook, _) => return,
            (_, Meddling::Description) => patch(json!({ "description": "meddled" })),
            (_, Meddling::Schedule) => {
                patch(json!({ "scheduling": r#"{"type":"indefinitely","interval":7200}"# }))
            }
            (_, Meddling::Blueprint) => {
                let name = self.object(sort, id).map(|row| row["name"].clone());
                let blueprint = json!({ "name": name, "flow": [], "metadata": {} });
                patch(json!({ "blueprint": blueprint.to_string() }))
            }
            (_, Meddling::Folder) => patch(json!({ "folderId": null })),
            (_, Meddling::Start) => (Method::Post, format!("{path}/start"), None),
            (_, Meddling::Stop) => (Method::Post, format!("{path}/stop"), None),
        };
        self.send(method, &path, body);
    }

    pub(super) fn delete(&mut self, sort: Sort, id: u64) {
        self.send(Method::Delete, &format!("{}/{id}", sort.path()), None);
        self.strangers.remove(&(sort, id));
    }

    pub(super) fn stranger(&mut self, sort: Sort, title: &str) {
        let blueprint = json!({ "name": title, "flow": [], "metadata": {} });
        let body = match sort {
            Sort::Folder => json!({ "teamId": 1, "name": title }),
            Sort::Webhook => json!({
                "teamId": 1, "name": title, "typeName": "gateway-webhook",
                "method": false, "headers": false, "stringify": false,
            }),
            Sort::Scenario => json!({
                "teamId": 1, "blueprint": blueprint.to_string(),
                "scheduling": r#"{"type":"on-demand"}"#,
            }),
        };
        let before = self.objects(sort);
        self.send(Method::Post, sort.path(), Some(body));
        let after = self.objects(sort);
        let new = after.into_iter().filter(|(id, _)| !before.contains_key(id));
        self.strangers
            .extend(new.map(|(id, row)| ((sort, id), row)));
    }

    /// The objects that the ledger knows.
    pub(super) fn ours(&mut self) -> BTreeSet<Object> {
        let (list, _) = self
            .runtime
            .block_on(self.trial.run(&["state", "list"], None));
        assert_eq!(list.code, 0, "{}: the ledger: {}", self.at, list.stderr);
        let object = |line: &str| {
            let mut words = line.split_whitespace();
            let (kind, _) = words.next()?.split_once('.')?;
            let sort = match kind {
                "folder" => Sort::Folder,
                "webhook" => Sort::Webhook,
                _ => Sort::Scenario,
            };
            Some((sort, words.next()?.parse().ok()?))
        };
        list.stdout.lines().filter_map(object).collect()
    }

    pub(super) fn one_of_ours(&mut self, at: At) -> Option<Object> {
        let ours: Vec<Object> = self.ours().into_iter().collect();
        chosen(&ours, at).copied()
    }

    pub(super) fn objects(&self, sort: Sort) -> BTreeMap<u64, Value> {
        let mut objects = BTreeMap::new();
        let each = |id, row| {
            objects.insert(id, row);
        };
        let mut each = each;
        let read = self
            .trial
            .world()
            .batch(|batch| batch.each(sort.collection(), &mut each));
        read.unwrap();
        objects
    }

    pub(super) fn object(&self, sort: Sort, id: u64) -> Option<Value> {
        self.objects(sort).remove(&id)
    }

    /// What somebody made and called as a thing of ours goes, and nobody is confused any more.
    pub(super) fn send_namesakes_away(&mut self) {
        let ours = self.ours();
        let titles: BTreeSet<String> = self
            .manifests
            .things
            .values()
            .map(|thing| thing.title.clone())
            .collect();
        let strangers: Vec<Object> = self
            .strangers
            .iter()
            .filter(|(object, row)| {
                let title = row["name"].as_str().unwrap_or_default();
                !ours.contains(object) && titles.contains(title)
            })
            .map(|(object, _)| *object)
            .collect();
        for (sort, id) in strangers {
            self.delete(sort, id);
        }
    }

    /// Sends a request as Make's editor would. Whether Make takes it is its own business.
    pub(super) fn send(&self, method: Method, path: &str, body: Option<Value>) {
        let request = Request {
            method,
            path: path.to_owned(),
            query: vec![("confirmed".to_owned(), "true".to_owned())],
            headers: vec![
                ("authorization", format!("Token {TOKEN}")),
                ("content-type", "application/json".into()),
            ],
            body: body.map(|body| body.to_string().into()),
        };
        let world = self.trial.world();
        self.runtime.block_on(world.send(&request)).unwrap();
    }
}
