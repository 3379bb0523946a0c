//! Apply against the sandbox, in process: what is lost, refused, killed or changed on the way
//! neither doubles nor loses anything.

mod bench;
mod project;
mod sweep;

pub(crate) use self::{
    bench::Bench,
    project::{address, declared, desired, folder, of, only, scenario, webhook},
    sweep::sweep_of,
};
use self::{project::webhook_spec, sweep::sweep};

use std::collections::BTreeSet;

use makeform::{
    apply::{self, Completion, StepOutcome},
    model::{Address, Blueprint, Desired, Event, Field, Kind, Spec, Tally, spec::WebhookSpec},
    sandbox::Collection,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::support::faulty_wire::{At, Fault, LOSE_ANSWER, REFUSE, meddle};

#[tokio::test(start_paused = true)]
async fn a_project_is_built_and_then_nothing_changes() {
    let bench = Bench::new().await;
    let desired = desired();
    let outcome = bench.apply(&desired).await;
    assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
    bench.assert_settled(&desired).await;

    let ledger = bench.ledger_file();
    bench.wire.mend();
    let outcome = bench.apply(&desired).await;
    assert_eq!(outcome.completion(), Completion::Complete);
    assert_eq!((outcome.apply, bench.wire.writes()), (None, 0));
    let same = bench.ledger_file();
    assert_eq!(ledger, same);
}

#[tokio::test(start_paused = true)]
async fn whatever_becomes_of_any_write_that_builds_applying_again_converges() {
    sweep(None, &desired()).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_becomes_of_any_write_that_changes_or_deletes_applying_again_converges() {
    let before = desired();
    let mut after = before.clone();
    after.things.remove(&address("webhook.leads"));
    after.things.remove(&address("scenario.lead-sync"));
    for (name, spec) in [
        ("folder.other", folder("Others")),
        ("scenario.nightly", scenario("Every night", None, true)),
        ("webhook.orders", webhook("Orders")),
    ] {
        after.things.insert(address(name), declared(spec));
    }
    sweep(Some(&before), &after).await;
}

/// A webhook of another type, which makes a replace, under a scenario that is on.
fn replaced() -> Desired {
    let mut replaced = desired();
    let hook = Spec::Webhook(WebhookSpec {
        kind: "mail".into(),
        headers: Field::Absent,
        ip: Field::Absent,
        ..webhook_spec("Leads")
    });
    replaced
        .things
        .insert(address("webhook.leads"), declared(hook));
    let folder = declared(folder("Others"));
    replaced.things.insert(address("folder.other"), folder);
    replaced
}

#[tokio::test(start_paused = true)]
async fn a_webhook_is_replaced_under_a_scenario_that_is_on() {
    let bench = Bench::new().await;
    bench.apply(&desired()).await;
    let outcome = bench.apply(&replaced()).await;
    assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
    assert!(outcome.notes.is_empty());
    bench.assert_settled(&replaced()).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_becomes_of_any_write_that_replaces_a_webhook_applying_again_converges() {
    sweep(Some(&desired()), &replaced()).await;
}

#[tokio::test(start_paused = true)]
async fn a_scenario_that_was_stopped_and_not_started_again_is_told() {
    for request in [
        "DELETE /hooks/*",
        "POST /hooks",
        "PATCH /scenarios/*",
        "POST /scenarios/*/start",
    ] {
        let bench = Bench::new().await;
        bench.apply(&desired()).await;
        bench.wire.inject(At::Request(request), REFUSE);
        let outcome = bench.apply(&replaced()).await;
        let [note] = outcome.notes.as_slice() else {
            panic!("{request}: {outcome:?}");
        };
        assert_eq!(note.code.name, "scenario-left-off");
        assert_eq!(note.address, Some(address("scenario.lead-sync")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_create_is_found_at_once_and_the_run_goes_on() {
    let bench = Bench::new().await;
    bench
        .wire
        .inject(At::Request("POST /scenarios"), LOSE_ANSWER);
    let outcome = bench.apply(&desired()).await;
    assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_create_takes_over_nothing_that_it_did_not_send() {
    for (request, kind) in [
        ("POST /hooks", Kind::Webhook),
        ("POST /scenarios", Kind::Scenario),
    ] {
        let bench = Bench::new().await;
        let mut desired = desired();
        desired.things.remove(&address("team-role.mia"));
        desired
            .things
            .retain(|at, _| at.kind != Kind::Folder || at.name.as_str() == "crm");
        bench.apply(&only(&desired, Kind::Folder)).await;
        bench.wire.inject(At::Request(request), Fault::Rival);
        bench.apply(&desired).await;
        let ledger = bench.wire.store.read().await.unwrap();
        let [lost] = ledger.pending.as_slice() else {
            panic!("{:?}", ledger.pending);
        };
        assert_eq!(lost.address.kind, kind);

        let snapshot = bench.collect().await;
        let settlement = apply::settle(&ledger.pending, &ledger.bindings, &snapshot);
        assert_eq!(settlement.bound, []);
        let (plan, _) = bench.plan(&desired).await;
        let codes: BTreeSet<&str> = plan.findings.iter().map(|found| found.code.name).collect();
        assert!(codes.contains("adopt-overwrites"), "{codes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_had_gone_and_whose_new_create_is_lost_is_made_once() {
    let desired = desired();
    for fault in [LOSE_ANSWER, Fault::DieAfter, Fault::DieBefore] {
        let bench = Bench::new().await;
        bench.apply(&desired).await;
        bench
            .wire
            .world
            .batch(|batch| {
                let mut found = Vec::new();
                batch.each(Collection::Scenarios, |id, row| {
                    if row["name"] == "Nightly" {
                        found.push(id);
                    }
                })?;
                batch.remove(Collection::Scenarios, found[0])
            })
            .unwrap();
        bench.wire.inject(At::Request("POST /scenarios"), fault);
        bench.try_apply(&desired).await;
        bench.wire.mend();
        bench.apply(&desired).await;
        bench.assert_settled(&desired).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_step_stops_what_stands_on_it_and_nothing_else() {
    let bench = Bench::new().await;
    let desired = desired();
    bench.wire.inject(At::Request("POST /hooks"), REFUSE);
    let outcome = bench.apply(&desired).await;
    assert_eq!(outcome.completion(), Completion::Partial);
    let StepOutcome::Failed(finding) = of(&outcome, "webhook.leads") else {
        panic!("{outcome:?}");
    };
    assert!(finding.message.contains("by a fault's rule"), "{finding:?}");
    assert!(finding.place.is_some(), "it says which manifest");
    assert!(matches!(
        of(&outcome, "scenario.lead-sync"),
        StepOutcome::Skipped { because } if *because == address("webhook.leads")
    ));
    for name in ["folder.crm", "scenario.nightly", "team-role.mia"] {
        assert!(matches!(of(&outcome, name), StepOutcome::Done), "{name}");
    }
    let events = bench.events.lock().unwrap();
    let started = |event: &&Event| matches!(event, Event::StepStarted { .. });
    assert_eq!(events.iter().filter(started).count(), 5, "{events:?}");
    let tally = Tally { done: 6, total: 6 };
    assert!(
        matches!(events.last(), Some(Event::StepSkipped { tally: last, .. }) if *last == tally)
    );
}

#[tokio::test(start_paused = true)]
async fn without_the_account_the_run_ends_and_the_rest_is_not_reached() {
    for (fault, code) in [
        (Fault::GoAway, "account-unreached"),
        (Fault::Expire, "token-refused"),
    ] {
        let bench = Bench::new().await;
        let desired = desired();
        bench.wire.inject(At::Number(2), fault);
        let outcome = bench.apply(&desired).await;
        assert_eq!(outcome.completion(), Completion::Partial, "{outcome:?}");
        let counts = outcome.counts();
        assert_eq!((counts.done, counts.failed, counts.not_reached), (1, 0, 5));
        let findings = outcome.findings();
        let codes: Vec<&str> = findings.iter().map(|finding| finding.code.name).collect();
        assert_eq!(codes, [code], "told once");

        bench.wire.mend();
        bench.apply(&desired).await;
        bench.assert_settled(&desired).await;
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_whose_webhook_was_to_be_taken_over_by_what_failed() {
    let bench = Bench::new().await;
    let mut desired = desired();
    bench.apply(&desired).await;
    desired.things.remove(&address("scenario.lead-sync"));
    let moved = scenario("Lead sync, moved", Some("webhook.leads"), true);
    desired
        .things
        .insert(address("scenario.moved"), declared(moved));
    bench.wire.inject(At::Request("POST /scenarios"), REFUSE);
    let outcome = bench.apply(&desired).await;
    assert!(matches!(
        of(&outcome, "scenario.lead-sync"),
        StepOutcome::Skipped { because } if *because == address("scenario.moved")
    ));
}

#[tokio::test(start_paused = true)]
async fn what_somebody_changed_after_the_plan_is_left_alone() {
    let bench = Bench::new().await;
    let mut desired = desired();
    bench.apply(&desired).await;
    for (name, spec) in [
        ("folder.other", folder("Others")),
        ("scenario.nightly", scenario("Nightly", None, true)),
        ("folder.third", folder("Third")),
    ] {
        desired.things.insert(address(name), declared(spec));
    }
    let (plan, snapshot) = bench.plan(&desired).await;

    meddle(&bench.wire.world, Collection::Folders, "Other", |folder| {
        folder["name"] = "Hands off".into();
    });
    let made = bench
        .client
        .list(&bench.account, Kind::Folder)
        .await
        .unwrap();
    let mut third = None;
    bench
        .wire
        .world
        .batch(|batch| {
            let id = made[0].id.as_int().unwrap();
            third = batch.get(Collection::Folders, id)?;
            let new = batch.next_id(Collection::Folders)?;
            let mut copy = third.clone().unwrap();
            copy["id"] = new.into();
            copy["name"] = "Third".into();
            batch.put(Collection::Folders, new, &copy)
        })
        .unwrap();
    bench.wire.mend();

    let mut locked = bench.lock().await;
    let outcome = bench
        .carry_out(&plan, &snapshot, &mut locked)
        .await
        .unwrap();
    drop(locked);
    assert_eq!(outcome.completion(), Completion::Partial, "{outcome:?}");
    for name in ["folder.other", "folder.third"] {
        assert!(
            matches!(of(&outcome, name), StepOutcome::Stale(_)),
            "{name}"
        );
    }
    assert!(matches!(
        of(&outcome, "scenario.nightly"),
        StepOutcome::Done
    ));
    let names: BTreeSet<Option<String>> = bench
        .collect()
        .await
        .of(Kind::Folder)
        .map(|live| live.spec.match_key())
        .collect();
    assert!(names.contains(&Some("Hands off".into())));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_longer_declared_goes_in_order() {
    let bench = Bench::new().await;
    let all = desired();
    bench.apply(&all).await;
    let mut less = all.clone();
    less.things.remove(&address("scenario.lead-sync"));
    less.things.remove(&address("webhook.leads"));
    let outcome = bench.apply(&less).await;
    assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
    bench.assert_settled(&less).await;
    let ledger = bench.wire.store.read().await.unwrap();
    assert_eq!(ledger.bindings.by_address.len(), 4);
    assert_eq!(ledger.applies.len(), 2);
}

/// The lists of the kinds that are created.
const LISTS: [&str; 4] = [
    "/hooks",
    "/scenarios",
    "/scenarios-folders",
    "/teams/1/user-team-roles",
];

#[tokio::test(start_paused = true)]
async fn one_list_that_lacks_everything_makes_no_duplicates() {
    for list in LISTS {
        let bench = Bench::new().await;
        let desired = desired();
        bench.apply(&desired).await;
        bench.wire.mend();
        bench.wire.hide(list);
        let outcome = bench.apply(&desired).await;
        assert!(outcome.counts().stale > 0, "{list}: {outcome:?}");
        assert_eq!(bench.wire.writes(), 0, "{list}");
        bench.assert_settled(&desired).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_list_that_lacks_everything_drops_no_binding() {
    for list in LISTS {
        let bench = Bench::new().await;
        let desired = desired();
        bench.apply(&desired).await;
        let before = bench.wire.store.read().await.unwrap().bindings;
        bench.wire.hide(list);
        let outcome = bench.apply(&Desired::default()).await;
        let findings = outcome.findings();
        let kept: Vec<&Address> = findings
            .iter()
            .filter(|finding| finding.code.name == "binding-kept")
            .filter_map(|finding| finding.address.as_ref())
            .collect();
        assert!(!kept.is_empty(), "{list}");
        let ledger = bench.wire.store.read().await.unwrap();
        for address in kept {
            let now = ledger.bindings.by_address.get(address);
            assert_eq!(now, before.by_address.get(address), "{list}");
        }
        bench.apply(&desired).await;
        bench.assert_settled(&desired).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_still_there_after_its_deletion_stays_ours() {
    let bench = Bench::new().await;
    let all = desired();
    bench.apply(&all).await;
    let other = address("folder.other");
    let mut less = all.clone();
    less.things.remove(&other);
    bench
        .wire
        .inject(At::Request("DELETE /scenarios-folders/*"), Fault::Pretend);
    let outcome = bench.apply(&less).await;
    assert!(matches!(
        of(&outcome, "folder.other"),
        StepOutcome::Failed(_)
    ));
    let ledger = bench.wire.store.read().await.unwrap();
    assert!(ledger.bindings.by_address.contains_key(&other));
    bench.apply(&less).await;
    bench.assert_settled(&less).await;
}

#[tokio::test(start_paused = true)]
async fn a_scenario_that_make_does_not_run_is_no_success() {
    let mut desired = desired();
    let spec = scenario("Nightly", None, true);
    let nightly = address("scenario.nightly");
    let idle = desired.things.insert(nightly.clone(), declared(spec));
    let mut before = desired.clone();
    before.things.insert(nightly, idle.unwrap());
    for (fault, works) in [(Fault::Invalidate, false), (Fault::SwitchOff, true)] {
        let bench = Bench::new().await;
        bench.apply(&before).await;
        bench
            .wire
            .inject(At::Request("POST /scenarios/*/start"), fault);
        let outcome = bench.apply(&desired).await;
        let ended = of(&outcome, "scenario.nightly");
        if let StepOutcome::Failed(finding) = ended {
            assert_eq!(finding.code.name, "scenario-unhealthy");
        }
        // One that Make has only switched off is started once more.
        assert_eq!(matches!(ended, StepOutcome::Done), works, "{ended:?}");
        let (plan, _) = bench.plan(&desired).await;
        assert_eq!(plan.is_empty(), works, "what does not work shows again");
    }
}

#[tokio::test(start_paused = true)]
async fn no_secret_reaches_the_ledger_its_journal_or_its_history() {
    const TOKEN: &str = "s3cr3t-token-of-the-crm";
    let mut desired = desired();
    let token = SecretString::from(TOKEN);
    desired.variables.env.insert("CRM_TOKEN".into(), token);
    let calls = |times: u64, active| {
        let Spec::Scenario(mut spec) = scenario("Nightly", None, active) else {
            panic!("no scenario");
        };
        let document = json!({"name": "Nightly", "metadata": {"version": 1}, "flow": [
            {"id": 1, "module": "http:ActionSendData", "version": 3, "parameters": {},
             "mapper": {"url": "${webhook.leads.url}", "times": times,
                        "authorization": "Bearer ${env.CRM_TOKEN}"},
             "metadata": {"designer": {"x": 0, "y": 0}}}]});
        spec.blueprint = Field::Set(Blueprint::new(&document, true));
        declared(Spec::Scenario(spec))
    };
    let bench = Bench::new().await;
    for (times, active) in [(1, false), (2, true)] {
        let nightly = calls(times, active);
        desired.things.insert(address("scenario.nightly"), nightly);
        let outcome = bench.apply(&desired).await;
        assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
        bench.assert_settled(&desired).await;
    }
    desired.things.remove(&address("scenario.nightly"));
    bench.apply(&desired).await;

    let snapshot = bench.collect().await;
    let hook = snapshot.of(Kind::Webhook).next().unwrap();
    let url = hook.facts.url.as_ref().unwrap().expose_secret();
    let folder = bench.folder.path().join(".makeform/sandbox");
    let mut files = 0;
    for folder in [folder.clone(), folder.join("history")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains(TOKEN) && !text.contains(url), "{path:?}");
                files += 1;
            }
        }
    }
    assert_eq!(files, 6, "ledger, journal, lock and three applies");
}
