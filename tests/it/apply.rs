//! Apply against the sandbox, in process: what is lost, refused, killed or changed on the way
//! neither doubles nor loses anything.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use makeform::{
    apply::{self, ApplyInput, Completion, Outcome, StepOutcome},
    live::{Client, Wanted},
    model::{
        Account, Address, Bindings, Blueprint, Declared, Desired, Event, Field, Kind, Lifecycle,
        Place, Snapshot, Source, Spec, Tally,
        reference::Template,
        spec::{FolderSpec, Link, ScenarioSpec, Schedule, ScheduleUse, TeamRoleSpec, WebhookSpec},
    },
    plan::{self, Plan, PlanInput, Target},
    sandbox::{Collection, TOKEN, World, WorldOptions},
    state::{Locked, Owner, Sealer, Store, shelf::MemoryShelf},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::support::faulty_wire::{At, Fault, LOSE_ANSWER, LOSE_REQUEST, REFUSE, Wire, meddle};

/// Those after which applying again is to converge.
const FAULTS: [Fault; 6] = [
    REFUSE,
    LOSE_REQUEST,
    LOSE_ANSWER,
    Fault::DieBefore,
    Fault::DieAfter,
    Fault::Interrupt,
];

/// A new world, a client of its account, and a ledger.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
    pub(crate) wire: Arc<Wire>,
    client: Client,
    account: Account,
    events: Mutex<Vec<Event>>,
    is_far: bool,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("world");
        let world = World::open(&path, WorldOptions::default()).unwrap();
        let store = Store::at(&folder.path().join(".makeform/sandbox"));
        Self::with(folder, world, store).await
    }

    /// The same with a ledger on a shelf, far away.
    pub(crate) async fn far(shelf: &Arc<MemoryShelf>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("world");
        let world = World::open(&path, WorldOptions::default()).unwrap();
        let store = Store::on(shelf.clone(), Duration::from_secs(60));
        let far = Self::with(folder, world, store).await;
        Self {
            is_far: true,
            ..far
        }
    }

    async fn with(folder: tempfile::TempDir, world: World, store: Store) -> Self {
        let wire = Arc::new(Wire::new(world, store));
        let client = Client::new(wire.clone(), TOKEN.into(), "sandbox".into());
        let account = client.locate(None, None).await.unwrap();
        Self {
            folder,
            wire,
            client,
            account,
            events: Mutex::default(),
            is_far: false,
        }
    }

    fn ledger_file(&self) -> Vec<u8> {
        let file = self.folder.path().join(".makeform/sandbox/ledger.json");
        std::fs::read(file).unwrap()
    }

    pub(crate) async fn lock(&self) -> Locked {
        let owner = Owner {
            who: "ada@laptop".into(),
            pid: 1,
            command: "makeform apply".into(),
            since: Timestamp::UNIX_EPOCH,
        };
        // One that died far away is waited for until its lease is over.
        let wait = Duration::from_secs(if self.is_far { 600 } else { 0 });
        self.wire.store.lock(&owner, wait).await.unwrap()
    }

    pub(crate) async fn collect(&self) -> Snapshot {
        let mut silent = |_| {};
        let wanted = Wanted::everything(false);
        let all = self.client.collect(&self.account, &wanted, &mut silent);
        all.await.unwrap()
    }

    /// Plans without a lock, as `makeform plan` does.
    pub(crate) async fn plan(&self, desired: &Desired) -> (Plan, Snapshot) {
        let snapshot = self.collect().await;
        let ledger = self.wire.store.read().await.unwrap();
        let mut bindings = ledger.bindings;
        let settlement = apply::settle(&ledger.pending, &bindings, &snapshot);
        assert!(settlement.unclear.is_empty(), "{settlement:?}");
        settlement.apply_to(&mut bindings);
        let plan = self.plan_of(desired, &snapshot, &bindings);
        (plan, snapshot)
    }

    pub(crate) fn plan_of(
        &self,
        desired: &Desired,
        snapshot: &Snapshot,
        bindings: &Bindings,
    ) -> Plan {
        plan::plan(&PlanInput {
            target: Target {
                name: "sandbox".into(),
                account: self.account.clone(),
            },
            desired,
            snapshot,
            bindings,
            only: &[],
            destroy: false,
            editor: false,
            ledger_shared: true,
            now: Timestamp::UNIX_EPOCH,
        })
    }

    /// Settles, plans and carries out, as `makeform apply` does. None if it died.
    pub(crate) async fn try_apply(&self, desired: &Desired) -> Option<Outcome> {
        let mut locked = self.lock().await;
        let snapshot = self.collect().await;
        let ledger = locked.ledger();
        let settlement = apply::settle(&ledger.pending, &ledger.bindings, &snapshot);
        assert!(settlement.unclear.is_empty(), "{settlement:?}");
        settlement.record(&mut locked, desired).await.unwrap();
        let plan = self.plan_of(desired, &snapshot, &locked.ledger().bindings);
        let outcome = self.carry_out(&plan, &snapshot, &mut locked).await;
        if outcome.is_some() {
            locked.close().await.unwrap();
        }
        outcome
    }

    pub(crate) async fn carry_out(
        &self,
        plan: &Plan,
        snapshot: &Snapshot,
        locked: &mut Locked,
    ) -> Option<Outcome> {
        let input = ApplyInput {
            plan,
            snapshot,
            client: &self.client,
            by: "ada@laptop",
            command: "apply",
            commit: None,
            sealer: &Sealer::new(None),
            allowed: &[],
            clock: &|| Timestamp::UNIX_EPOCH,
            interrupted: &self.wire.interrupted,
        };
        let mut record = |event| self.events.lock().unwrap().push(event);
        tokio::select! {
            outcome = apply::run(&input, locked, &mut record) => Some(outcome),
            () = self.wire.died.notified() => None,
        }
    }

    pub(crate) async fn apply(&self, desired: &Desired) -> Outcome {
        self.try_apply(desired).await.unwrap()
    }

    /// Planning again changes nothing, and everything is there once.
    pub(crate) async fn assert_settled(&self, desired: &Desired) {
        let (plan, snapshot) = self.plan(desired).await;
        assert!(plan.is_empty(), "{:?} {:?}", plan.steps, plan.records);
        assert!(self.wire.store.read().await.unwrap().pending.is_empty());
        for kind in [Kind::Folder, Kind::Webhook, Kind::Scenario] {
            let wanted = desired.things.keys().filter(|at| at.kind == kind);
            assert_eq!(snapshot.of(kind).count(), wanted.count(), "{kind}");
        }
        for (address, declared) in &desired.things {
            let same = snapshot
                .of(address.kind)
                .filter(|live| live.spec.match_key() == declared.spec.match_key());
            assert_eq!(same.count(), 1, "{address}");
        }
    }
}

pub(crate) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

pub(crate) fn declared(spec: Spec) -> Declared {
    let source = Arc::new(Source {
        name: "manifests/all.yaml".into(),
        text: String::new(),
    });
    Declared {
        spec,
        lifecycle: Lifecycle::default(),
        place: Place::new(&source, 0..0),
        places: BTreeMap::new(),
    }
}

pub(crate) fn folder(name: &str) -> Spec {
    Spec::Folder(FolderSpec {
        name: name.into(),
        parent: Field::Absent,
    })
}

pub(crate) fn webhook(name: &str) -> Spec {
    Spec::Webhook(webhook_spec(name))
}

fn webhook_spec(name: &str) -> WebhookSpec {
    WebhookSpec {
        name: name.into(),
        kind: "custom".into(),
        connection: Field::Absent,
        enabled: Field::Absent,
        headers: Field::Set(true),
        method: Field::Absent,
        stringify: Field::Absent,
        ip: Field::Set(Template::literal("10.0.0.1")),
        ..WebhookSpec::default()
    }
}

pub(crate) fn scenario(name: &str, hook: Option<&str>, active: bool) -> Spec {
    let first = match hook {
        Some(hook) => json!({"id": 1, "module": "gateway:CustomWebHook", "version": 1,
            "parameters": {"hook": format!("${{{hook}}}"), "maxResults": 1},
            "mapper": {}, "metadata": {"designer": {"x": 0, "y": 0}}}),
        None => json!({"id": 1, "module": "json:ParseJSON", "version": 1,
            "parameters": {"type": ""}, "mapper": {"json": "{}"},
            "metadata": {"designer": {"x": 0, "y": 0}}}),
    };
    let document = json!({"name": name, "flow": [first], "metadata": {"version": 1,
        "scenario": {"roundtrips": 1, "maxErrors": 3, "autoCommit": true}}});
    let schedule = match hook {
        Some(_) => json!({"type": "immediately"}),
        None => json!({"type": "indefinitely", "interval": 900}),
    };
    let schedule = Schedule::from_make(&schedule).normal();
    Spec::Scenario(Box::new(ScenarioSpec {
        name: name.into(),
        folder: Field::Set(Link::Thing(address("folder.crm"))),
        description: Field::Set(Template::literal("made by a test")),
        active: Field::Set(active),
        schedule: Field::Set(ScheduleUse::Inline(schedule)),
        blueprint: Field::Set(Blueprint::new(&document, true)),
        ..ScenarioSpec::default()
    }))
}

/// A project with a thing of each kind, and references between them. Mia is in the team of a new
/// world, with another role.
pub(crate) fn desired() -> Desired {
    let mia = Spec::TeamRole(TeamRoleSpec {
        email: "mia@acme.example".into(),
        role: "builder".into(),
    });
    let things = [
        ("team-role.mia", mia),
        ("folder.crm", folder("CRM")),
        ("folder.other", folder("Other")),
        ("webhook.leads", webhook("Leads")),
        (
            "scenario.lead-sync",
            scenario("Lead sync", Some("webhook.leads"), true),
        ),
        ("scenario.nightly", scenario("Nightly", None, false)),
    ];
    Desired {
        things: things
            .map(|(name, spec)| (address(name), declared(spec)))
            .into(),
        ..Desired::default()
    }
}

/// What of a project is of one kind.
pub(crate) fn only(desired: &Desired, kind: Kind) -> Desired {
    let mut only = desired.clone();
    only.things.retain(|at, _| at.kind == kind);
    only
}

pub(crate) fn of<'o>(outcome: &'o Outcome, name: &str) -> &'o StepOutcome {
    let address = address(name);
    let step = outcome.steps.iter().find(|step| step.address == address);
    &step.unwrap().outcome
}

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

/// Lets each write of the way to `desired` go wrong in each manner, then applies again.
async fn sweep(from: Option<&Desired>, desired: &Desired) {
    sweep_of(async || Bench::new().await, from, desired).await;
}

/// The same on benches of another make.
pub(crate) async fn sweep_of(
    new: impl AsyncFn() -> Bench,
    from: Option<&Desired>,
    desired: &Desired,
) {
    let begin = async || {
        let bench = new().await;
        if let Some(from) = from {
            bench.apply(from).await;
        }
        bench.wire.mend();
        bench
    };
    let bench = begin().await;
    bench.apply(desired).await;
    let writes = bench.wire.writes();
    assert!(writes > 5, "{writes}");

    for fault in FAULTS {
        for at in 1..=writes {
            let bench = begin().await;
            bench.wire.inject(At::Number(at), fault);
            let outcome = bench.try_apply(desired).await;
            let completion = outcome.as_ref().map(Outcome::completion);
            match fault {
                REFUSE => assert_ne!(completion, Some(Completion::Complete)),
                Fault::Interrupt if at < writes => {
                    assert_eq!(completion, Some(Completion::Interrupted), "{outcome:?}");
                }
                Fault::DieBefore | Fault::DieAfter => assert_eq!(completion, None),
                Fault::Interrupt | Fault::Rule(_) => {
                    assert!(completion.is_some());
                }
                Fault::Expire
                | Fault::GoAway
                | Fault::Invalidate
                | Fault::Pretend
                | Fault::Rival
                | Fault::SwitchOff => unreachable!("no fault of this sweep"),
            }
            bench.wire.mend();
            let again = bench.apply(desired).await;
            assert_eq!(
                again.completion(),
                Completion::Complete,
                "{fault:?} at {at}: {again:?}"
            );
            bench.assert_settled(desired).await;
        }
    }
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
