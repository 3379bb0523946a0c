//! Applies whose ledger is far away: steps go in groups, and neither a kill nor a lost answer in the
//! middle of one doubles or loses anything.

use std::{sync::Arc, time::Duration};

use makeform::{
    apply::{self, Completion, Halt},
    live::transport::{Method, Request, Transport as _},
    model::{Address, Desired, Kind},
    sandbox::TOKEN,
    state::{Owner, shelf::MemoryShelf},
};
use serde_json::json;

use crate::{
    apply::{Bench, address, declared, desired, folder, only, scenario, sweep_of, webhook},
    support::faulty_wire::{At, Fault},
};

async fn far() -> Bench {
    Bench::far(&Arc::default()).await
}

/// So many scenarios, each of which takes three requests.
fn scenarios(count: usize) -> Desired {
    let mut desired = only(&desired(), Kind::Folder);
    for number in 0..count {
        let name = format!("nightly-{number}");
        let spec = scenario(&format!("Nightly {number}"), None, true);
        let at = address(&format!("scenario.{name}"));
        desired.things.insert(at, declared(spec));
    }
    desired
}

/// How often the shelf is written to by an apply.
async fn written(desired: &Desired) -> u64 {
    let shelf = Arc::new(MemoryShelf::new());
    let bench = Bench::far(&shelf).await;
    bench.apply(&only(desired, Kind::Folder)).await;
    let before = shelf.writes();
    let outcome = bench.apply(desired).await;
    assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
    let written = shelf.writes() - before;
    bench.assert_settled(desired).await;
    written
}

#[tokio::test(start_paused = true)]
async fn a_group_costs_two_writes_however_many_requests_it_has() {
    let one = written(&scenarios(1)).await;
    assert_eq!(written(&scenarios(16)).await, one);
    // Two more groups.
    assert_eq!(written(&scenarios(40)).await, one + 4);
}

/// How often the shelf is written to by an apply that forgets things which are gone in Make.
async fn written_to_forget(count: usize) -> u64 {
    let shelf = Arc::new(MemoryShelf::new());
    let bench = Bench::far(&shelf).await;
    let kept = only(&desired(), Kind::Folder);
    let mut more = kept.clone();
    for number in 0..count {
        let at = address(&format!("folder.gone-{number}"));
        more.things
            .insert(at, declared(folder(&format!("Gone {number}"))));
    }
    bench.apply(&more).await;
    for (address, binding) in bench.wire.store.read().await.unwrap().bindings.by_address {
        if address.name.as_str().starts_with("gone-") {
            let delete = Request {
                method: Method::Delete,
                path: format!("/scenarios-folders/{}", binding.id),
                query: Vec::new(),
                headers: vec![("authorization", format!("Token {TOKEN}"))],
                body: None,
            };
            let answer = bench.wire.world.send(&delete).await.unwrap();
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }
    let before = shelf.writes();
    let outcome = bench.apply(&kept).await;
    assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
    let written = shelf.writes() - before;
    let left = bench.wire.store.read().await.unwrap().bindings.by_address;
    assert_eq!(left.len(), kept.things.len());
    bench.assert_settled(&kept).await;
    written
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_forgotten_in_one_write() {
    assert_eq!(written_to_forget(1).await, written_to_forget(20).await);
}

#[tokio::test(start_paused = true)]
async fn whatever_becomes_of_any_write_of_a_group_applying_again_converges() {
    sweep_of(far, None, &desired()).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_becomes_of_any_write_that_changes_a_group_applying_again_converges() {
    let before = desired();
    let mut after = before.clone();
    after.things.remove(&address("webhook.leads"));
    after.things.remove(&address("scenario.lead-sync"));
    for (name, spec) in [
        ("folder.other", folder("Others")),
        ("scenario.nightly", scenario("Nightly", None, true)),
        ("webhook.orders", webhook("Orders")),
    ] {
        after.things.insert(address(name), declared(spec));
    }
    sweep_of(far, Some(&before), &after).await;
}

#[tokio::test(start_paused = true)]
async fn where_two_things_could_be_what_a_killed_group_has_made_nobody_guesses() {
    let bench = far().await;
    let desired = only(&desired(), Kind::Folder);
    bench.wire.inject(At::Number(1), Fault::DieAfter);
    assert!(bench.try_apply(&desired).await.is_none());
    bench.wire.mend();
    let pending = bench.wire.store.read().await.unwrap().pending;
    assert_eq!(pending.len(), 2, "both intents of the group: {pending:?}");
    let settle = async || {
        let ledger = bench.wire.store.read().await.unwrap();
        let snapshot = bench.collect().await;
        apply::settle(&ledger.pending, &ledger.bindings, &snapshot)
    };
    let settled = settle().await;
    assert_eq!((settled.bound.len(), settled.closed.len()), (1, 1));
    // Somebody makes another one, the same in all.
    let body = json!({ "name": shown(&settled.bound[0].0), "teamId": 1 });
    let twin = Request {
        method: Method::Post,
        path: "/scenarios-folders".into(),
        query: Vec::new(),
        headers: vec![
            ("authorization", format!("Token {TOKEN}")),
            ("content-type", "application/json".into()),
        ],
        body: Some(body.to_string().into()),
    };
    assert_eq!(bench.wire.world.send(&twin).await.unwrap().status, 200);
    let settled = settle().await;
    assert!(settled.bound.is_empty());
    assert_eq!(settled.unclear.len(), 1, "{settled:?}");
    assert_eq!(settled.unclear[0].code.name, "create-unsettled");
}

fn shown(address: &Address) -> &'static str {
    match address.name.as_str() {
        "crm" => "CRM",
        _ => "Other",
    }
}

#[tokio::test(start_paused = true)]
async fn whose_lock_was_taken_sends_nothing_more() {
    let bench = far().await;
    let desired = desired();
    let (plan, snapshot) = bench.plan(&desired).await;
    let mut locked = bench.lock().await;
    let breaker = Owner {
        who: "bob@ci".into(),
        pid: 2,
        command: "makeform state unlock".into(),
        since: jiff::Timestamp::UNIX_EPOCH,
    };
    bench.wire.mend();
    let holder = bench.wire.store.holder().await.unwrap().unwrap();
    let broken = bench.wire.store.unlock(&breaker, &holder).await.unwrap();
    assert_eq!(broken.map(|owner| owner.who), Some("ada@laptop".to_owned()));
    let outcome = bench.carry_out(&plan, &snapshot, &mut locked).await;
    let outcome = outcome.unwrap();
    assert!(matches!(outcome.halt, Some(Halt::Ledger(_))), "{outcome:?}");
    assert_eq!(bench.wire.writes(), 0);
    drop(locked);
    tokio::time::sleep(Duration::from_secs(600)).await;
    let outcome = bench.apply(&desired).await;
    assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
    bench.assert_settled(&desired).await;
}
