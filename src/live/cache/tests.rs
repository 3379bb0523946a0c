use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{Cache, Index, Opened, settled};
use crate::{
    live::wire::{
        Node,
        zone::{blueprint, scenario},
    },
    model::{Account, Dialect, Licence, Live},
};

const EDITED: &str = "2026-01-02T03:04:05.678Z";

fn account(team: u64) -> Account {
    Account {
        host: "eu1.make.com".to_owned(),
        dialect: Dialect::Zone,
        organization: 1,
        organization_name: "Acme".to_owned(),
        team,
        team_name: "Sales".to_owned(),
        timezone: None,
        minimum_interval: None,
        licence: Licence::default(),
        own_user: None,
    }
}

fn row(id: u64, version: u64) -> Live {
    let row = json!({"id": id, "name": "Sync", "lastEdit": EDITED, "scenarioVersion": version});
    scenario::live(&Node::at(&row, "")).unwrap()
}

fn content(flow: &Value, edited: &str, name: &str) -> blueprint::Content {
    let answer = json!({"response": {"last_edit": edited,
        "blueprint": {"name": name, "flow": flow, "metadata": {}}}});
    blueprint::read(answer.to_string().as_bytes()).unwrap()
}

struct Shelf(tempfile::TempDir);

impl Shelf {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn open(&self) -> Opened {
        Cache::at(self.path(), &account(4)).open()
    }

    /// Keeps the blueprint of scenario 1 in a run of its own.
    fn keep(&self, flow: &Value) {
        let mut opened = self.open();
        opened.keep(&row(1, 1), &content(flow, EDITED, "Sync"));
        opened.save(&[row(1, 1)]);
    }

    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path().join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

#[test]
fn what_was_kept_comes_back_only_for_the_revision_it_was_kept_in() {
    let shelf = Shelf::new();
    let flow = json!([{"id": 1, "x": 1.0}]);
    shelf.keep(&flow);
    let opened = shelf.open();
    let kept = opened.find(&row(1, 1)).unwrap();
    let read = content(&flow, EDITED, "Sync").blueprint;
    assert_eq!(kept, read);
    assert_eq!(
        kept.document().unwrap().to_string(),
        read.document().unwrap().to_string()
    );
    assert!(opened.find(&row(1, 2)).is_none());
    assert!(opened.find(&row(2, 1)).is_none());
    let mut unsettled = row(1, 1);
    unsettled.facts.revision = None;
    assert!(opened.find(&unsettled).is_none());
    let refreshed = Cache::at(shelf.path(), &account(4)).refreshed(true);
    assert!(refreshed.open().find(&row(1, 1)).is_none());
    let other = Cache::at(shelf.path(), &account(5));
    assert!(other.open().find(&row(1, 1)).is_none());
}

#[test]
fn an_answer_that_is_about_another_edit_or_name_than_the_row_is_not_kept() {
    for content in [
        content(&json!([]), "2026-01-02T03:04:05.679Z", "Sync"),
        content(&json!([]), "", "Sync"),
        content(&json!([]), EDITED, "Other"),
    ] {
        let shelf = Shelf::new();
        let mut opened = shelf.open();
        opened.keep(&row(1, 1), &content);
        opened.save(&[row(1, 1)]);
        assert!(shelf.open().find(&row(1, 1)).is_none());
    }
}

#[test]
fn a_row_that_was_edited_shortly_before_it_was_read_shows_no_revision() {
    let revision = row(1, 1).facts.revision.unwrap();
    let settled = |read_at: &str| settled(revision.clone(), read_at.parse().ok()).is_some();
    assert!(settled("2026-01-02T03:04:15.678Z"));
    assert!(!settled("2026-01-02T03:04:15.677Z"));
    assert!(!settled("2026-01-02T03:00:00Z"));
    assert!(!settled("no time"));
}

#[test]
fn a_blueprint_that_changes_behind_a_revision_ends_all_trust() {
    let shelf = Shelf::new();
    shelf.keep(&json!([]));
    shelf.keep(&json!([{"id": 1}]));
    shelf.keep(&json!([{"id": 1}]));
    assert!(shelf.open().find(&row(1, 1)).is_none());
}

#[test]
fn what_another_process_kept_meanwhile_stays() {
    let shelf = Shelf::new();
    let all = [row(1, 1), row(2, 1)];
    let (mut one, mut two) = (shelf.open(), shelf.open());
    one.keep(&row(1, 1), &content(&json!([1]), EDITED, "Sync"));
    two.keep(&row(2, 1), &content(&json!([2]), EDITED, "Sync"));
    one.save(&all);
    two.save(&all);
    let opened = shelf.open();
    // The blob of the second may have been swept by the first, which costs a request.
    assert!(opened.find(&row(1, 1)).is_some());
    assert!(opened.index.scenarios.contains_key("2"));
}

#[test]
fn what_no_index_names_goes_and_so_do_scenarios_that_are_gone() {
    let shelf = Shelf::new();
    shelf.keep(&json!([]));
    let stray = shelf.path().join("blobs/stray");
    fs::File::create(&stray).unwrap();
    let mut opened = shelf.open();
    opened.keep(&row(2, 1), &content(&json!([2]), EDITED, "Sync"));
    opened.save(&[row(2, 1)]);
    assert!(!stray.exists());
    assert_eq!(shelf.files("blobs").len(), 1);
    assert!(shelf.open().find(&row(1, 1)).is_none());
    assert!(shelf.open().find(&row(2, 1)).is_some());
}

#[test]
fn a_limit_lets_other_accounts_go_first_and_then_what_is_too_much() {
    let shelf = Shelf::new();
    shelf.keep(&json!([]));
    let cache = Cache::at(shelf.path(), &account(5));
    let mut opened = cache.open();
    for id in 1..=3 {
        opened.keep(&row(id, 1), &content(&json!([id]), EDITED, "Sync"));
    }
    let mut index = opened.merged();
    let size = index.scenarios.values().map(|entry| entry.bytes).max();
    let size = size.unwrap();
    assert_eq!(
        Index::named(shelf.path(), &cache.account, &index, 100 * size).len(),
        4
    );
    index.bound(2 * size);
    assert_eq!(index.scenarios.len(), 2);
    assert_eq!(
        Index::named(shelf.path(), &cache.account, &index, 2 * size).len(),
        2
    );
    assert!(shelf.open().find(&row(1, 1)).is_none());
}

#[test]
fn a_cache_that_cannot_be_written_is_none() {
    let shelf = Shelf::new();
    let file = shelf.path().join("file");
    fs::File::create(&file).unwrap();
    let cache = Cache::at(&file, &account(4));
    let mut opened = cache.open();
    opened.keep(&row(1, 1), &content(&json!([]), EDITED, "Sync"));
    opened.save(&[row(1, 1)]);
    assert!(cache.open().find(&row(1, 1)).is_none());
}
