use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{Cache, CacheKey, Evidence, Index, Opened, RowMoves, settled};
use crate::{
    live::{
        fill::give,
        wire::{
            Node,
            zone::{blueprint, scenario},
        },
    },
    model::{Account, Dialect, Field, Licence, Live},
};

const EDITED: &str = "2026-01-02T03:04:05.678Z";

pub(super) fn account(team: u64) -> Account {
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

    fn cache(&self, team: u64) -> Cache {
        let key = CacheKey::kept_in(&self.path().join("settings"));
        Cache::at(self.path(), &account(team), key.unwrap())
    }

    fn open(&self) -> Opened {
        self.cache(4).open()
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
    let (kept, _) = opened.find(&row(1, 1), false).unwrap();
    let read = content(&flow, EDITED, "Sync").blueprint;
    assert_eq!(kept, read);
    assert_eq!(
        kept.document().unwrap().to_string(),
        read.document().unwrap().to_string()
    );
    assert!(opened.find(&row(1, 2), false).is_none());
    assert!(opened.find(&row(2, 1), false).is_none());
    let mut unsettled = row(1, 1);
    unsettled.facts.revision = None;
    assert!(opened.find(&unsettled, false).is_none());
    let refreshed = shelf.cache(4).refreshed(true);
    assert!(refreshed.open().find(&row(1, 1), false).is_none());
    let other = shelf.cache(5);
    assert!(other.open().find(&row(1, 1), false).is_none());
}

#[test]
fn an_answer_that_is_about_another_edit_than_the_row_is_not_kept() {
    for (edited, name, is_kept) in [
        ("2026-01-02T03:04:05.679Z", "Sync", false),
        ("", "Sync", false),
        (EDITED, "Sync", true),
        // Scenarios and blueprints may have names of their own.
        (EDITED, "Other", true),
    ] {
        let shelf = Shelf::new();
        let mut opened = shelf.open();
        opened.keep(&row(1, 1), &content(&json!([]), edited, name));
        opened.save(&[row(1, 1)]);
        assert_eq!(
            shelf.open().find(&row(1, 1), false).is_some(),
            is_kept,
            "{edited} {name}"
        );
    }
}

fn with_interface(input: &Value) -> blueprint::Content {
    let answer = json!({"response": {"last_edit": EDITED, "metadata": {"input_spec": input},
        "blueprint": {"name": "Sync", "flow": [], "metadata": {}}}});
    blueprint::read(answer.to_string().as_bytes()).unwrap()
}

fn shown(interfaces: RowMoves) -> Evidence {
    Evidence {
        interfaces,
        ..Evidence::default()
    }
}

#[test]
fn an_interface_is_taken_only_where_rows_are_known_to_move_with_it() {
    let shelf = Shelf::new();
    let keep = |content: &blueprint::Content| {
        let mut opened = shelf.open();
        opened.keep(&row(1, 1), content);
        opened.save(&[row(1, 1)]);
    };
    let fields = json!([{"name": "email", "type": "text", "default": 1.50}]);
    keep(&with_interface(&fields));
    let find = || shelf.open().find(&row(1, 1), true);
    assert!(find().is_none());
    let cache = shelf.cache(4);
    cache.learn(shown(RowMoves::Yes));
    let (_, interface) = find().unwrap();
    assert_eq!(interface, Field::Set(with_interface(&fields).interface));
    // Nothing that was seen later weighs more than one edit that no row showed.
    keep(&with_interface(&json!([])));
    assert!(find().is_none());
    cache.learn(shown(RowMoves::Yes));
    assert!(find().is_none());
    // The blueprint is another matter.
    assert!(shelf.open().find(&row(1, 1), false).is_some());
}

#[test]
fn an_interface_that_is_too_long_is_read_again() {
    let shelf = Shelf::new();
    let mut opened = shelf.open();
    let long = "x".repeat(super::LONGEST_INTERFACE);
    opened.learn(shown(RowMoves::Yes));
    opened.keep(&row(1, 1), &with_interface(&json!([{"name": long}])));
    opened.save(&[row(1, 1)]);
    assert!(shelf.open().find(&row(1, 1), true).is_none());
    assert!(shelf.open().find(&row(1, 1), false).is_some());
}

#[test]
fn a_write_shows_something_only_where_nothing_else_can_have_happened() {
    let fields = json!([{"name": "email"}]);
    let live = |change: Value, input: &Value| {
        let mut told = json!({"id": 1, "name": "Sync", "lastEdit": EDITED, "scenarioVersion": 3,
            "isActive": false, "updatedByUser": {"id": 7, "name": "Ada"}});
        for (key, value) in change.as_object().unwrap() {
            told[key] = value.clone();
        }
        let mut live = scenario::live(&Node::at(&told, "")).unwrap();
        let content = with_interface(input);
        give(&mut live, content.blueprint, Field::Set(content.interface));
        live
    };
    let before = live(json!({}), &json!([]));
    let seen = |planned: &Live, after: &Live| {
        Evidence::of_interface_write(planned, &before, after, Some(7)).interfaces
    };
    let later = "2026-01-02T03:05:05.678Z";
    for (change, expected) in [
        (json!({"lastEdit": later}), RowMoves::Yes),
        (json!({"scenarioVersion": 4}), RowMoves::Yes),
        (json!({}), RowMoves::No),
        // Somebody else, something else, an older copy, a row that tells too little.
        (
            json!({"lastEdit": later, "updatedByUser": {"id": 8, "name": "Bob"}}),
            RowMoves::Unknown,
        ),
        (
            json!({"lastEdit": later, "updatedByUser": null}),
            RowMoves::Unknown,
        ),
        (
            json!({"lastEdit": later, "name": "Other"}),
            RowMoves::Unknown,
        ),
        (
            json!({"lastEdit": later, "isActive": true}),
            RowMoves::Unknown,
        ),
        (
            json!({"lastEdit": later, "isinvalid": true}),
            RowMoves::Unknown,
        ),
        (
            json!({"lastEdit": later, "scenarioVersion": null}),
            RowMoves::Unknown,
        ),
    ] {
        let after = live(change.clone(), &fields);
        assert_eq!(seen(&before, &after), expected, "{change}");
    }
    // It was not to be seen, or the row was not settled, or had moved since the plan.
    let after = live(json!({"lastEdit": later}), &fields);
    assert_eq!(
        seen(&before, &live(json!({"lastEdit": later}), &json!([]))),
        RowMoves::Unknown
    );
    let mut unsettled = before.clone();
    unsettled.facts.revision = None;
    assert_eq!(seen(&unsettled, &after), RowMoves::Unknown);
    assert_eq!(
        seen(&live(json!({"scenarioVersion": 2}), &json!([])), &after),
        RowMoves::Unknown
    );
    let stranger = Evidence::of_interface_write(&before, &before, &after, None);
    assert_eq!(stranger, Evidence::default());
    // Two readings of one revision.
    let later = live(json!({}), &fields);
    assert_eq!(Evidence::of_readings(&before, &later), shown(RowMoves::No));
    assert_eq!(Evidence::of_readings(&before, &before), Evidence::default());
    assert_eq!(Evidence::of_readings(&before, &after), Evidence::default());
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
    assert!(shelf.open().find(&row(1, 1), false).is_none());
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
    assert!(opened.find(&row(1, 1), false).is_some());
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
    assert!(shelf.open().find(&row(1, 1), false).is_none());
    assert!(shelf.open().find(&row(2, 1), false).is_some());
}

#[test]
fn a_limit_lets_other_accounts_go_first_and_then_what_is_too_much() {
    let shelf = Shelf::new();
    shelf.keep(&json!([]));
    let cache = shelf.cache(5);
    let mut opened = cache.open();
    for id in 1..=3 {
        opened.keep(&row(id, 1), &content(&json!([id]), EDITED, "Sync"));
    }
    let mut index = opened.merged();
    let size = index.scenarios.values().map(|entry| entry.bytes).max();
    let size = size.unwrap();
    assert_eq!(
        Index::named(shelf.path(), &cache.account, &cache.key, &index, 100 * size).len(),
        4
    );
    index.bound(2 * size);
    assert_eq!(index.scenarios.len(), 2);
    assert_eq!(
        Index::named(shelf.path(), &cache.account, &cache.key, &index, 2 * size).len(),
        2
    );
    assert!(shelf.open().find(&row(1, 1), false).is_none());
}

#[test]
fn a_cache_that_cannot_be_written_is_none() {
    let shelf = Shelf::new();
    let file = shelf.path().join("file");
    fs::File::create(&file).unwrap();
    let key = CacheKey::kept_in(shelf.path()).unwrap();
    let cache = Cache::at(&file, &account(4), key);
    let mut opened = cache.open();
    opened.keep(&row(1, 1), &content(&json!([]), EDITED, "Sync"));
    opened.save(&[row(1, 1)]);
    assert!(cache.open().find(&row(1, 1), false).is_none());
}
