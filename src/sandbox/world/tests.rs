//! Worlds over processes, counts, and the door.

use serde_json::json;

use super::World;
use crate::live::transport::{Method, Transport};
use crate::sandbox::WorldOptions;
use crate::sandbox::trial::{Trial, request};
use crate::sandbox::{Collection, PlanName, WorldError};

#[test]
fn a_world_outlives_its_process_and_two_may_use_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let open = || World::open(folder.path(), WorldOptions::default()).unwrap();
    let first = open();
    let id = first
        .batch(|batch| {
            let id = batch.next_id(Collection::Keys)?;
            batch.put(Collection::Keys, id, &json!({ "name": "CRM" }))?;
            Ok(id)
        })
        .unwrap();
    let second = open();
    let found = second
        .batch(|batch| batch.get(Collection::Keys, id))
        .unwrap();
    assert_eq!(found, Some(json!({ "name": "CRM" })));
    assert_eq!(
        second
            .batch(|batch| batch.next_id(Collection::Keys))
            .unwrap(),
        id + 1
    );
    assert_eq!(
        first
            .batch(|batch| batch.next_id(Collection::Keys))
            .unwrap(),
        id + 2
    );
}

#[test]
fn a_batch_that_fails_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path(), WorldOptions::default()).unwrap();
    let failed: Result<(), WorldError> = world.batch(|batch| {
        batch.put(Collection::Keys, 7, &json!({}))?;
        Err(WorldError::Format {
            path: folder.path().to_path_buf(),
            found: 0,
            known: 0,
        })
    });
    assert!(failed.is_err());
    assert_eq!(
        world.batch(|batch| batch.get(Collection::Keys, 7)).unwrap(),
        None
    );
}

#[test]
fn requests_are_counted_at_once_here_and_exactly_for_who_comes_after() {
    let trial = Trial::new();
    let id = trial.scenario("x", json!([]));
    trial.get(&format!("/scenarios/{id}/blueprint"));
    trial.get(&format!("/scenarios/{id}/blueprint"));
    trial.refused(Method::Get, "/scenario", None);
    let expected = json!({
        "total": 4,
        "requests": {
            "GET (unknown)": 1, "GET /scenarios/{id}/blueprint": 2, "POST /scenarios": 1,
        },
        "limited": 0,
    });
    let stats = |world: &World| serde_json::to_value(world.stats().unwrap()).unwrap();
    assert_eq!(stats(&trial.world), expected);
    let open = || World::open(trial.folder.path(), WorldOptions::default()).unwrap();
    assert_eq!(
        stats(&open())["total"],
        1,
        "the write took along what was counted before it"
    );
    trial.world.write_counts().unwrap();
    assert_eq!(stats(&open()), expected);
    trial.world.reset().unwrap();
    assert_eq!(
        stats(&trial.world),
        json!({ "total": 0, "requests": {}, "limited": 0 })
    );
    assert_eq!(trial.get("/scenarios?teamId=1")["scenarios"], json!([]));
}

#[test]
fn only_the_token_opens_the_world_and_a_plan_limits_it() {
    let trial = Trial::with(WorldOptions {
        plan: Some(PlanName::Free),
        ..WorldOptions::default()
    });
    let mut request = request(Method::Get, "/teams?organizationId=1", None);
    request.headers = vec![("authorization", "Token other".to_owned())];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let answer = runtime.block_on(trial.world.send(&request)).unwrap();
    assert_eq!(answer.status, 401);
    assert_eq!(
        trial.send(Method::Get, "/ping", None).body.as_ref(),
        b"pong"
    );
    assert!(
        trial
            .refused(Method::Put, "/teams", None)
            .starts_with("405")
    );

    let organization = trial.get("/organizations/1");
    assert_eq!(organization["organization"]["license"]["apiLimit"], 30);
    for _ in 1..30 {
        trial.get("/users/me");
    }
    let limited = trial.refused(Method::Get, "/users/me", None);
    assert!(limited.starts_with("429 SC429 Requests limit for organization exceeded"));
    let run = trial.refused(Method::Post, "/scenarios/1/run", None);
    assert!(run.starts_with("404"), "runs are outside the limit");
    assert_eq!(trial.world.stats().unwrap().limited, 1);
}
