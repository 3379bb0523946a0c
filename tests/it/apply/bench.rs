//! A new world, a client of its account, and a ledger, in process.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use makeform::{
    apply::{self, ApplyInput, Outcome},
    live::{Client, Wanted},
    model::{Account, Bindings, Desired, Event, Kind, Snapshot},
    plan::{self, Plan, PlanInput, Target},
    sandbox::{TOKEN, World, WorldOptions},
    state::{Locked, Owner, Sealer, Store, shelf::MemoryShelf},
};

use crate::support::faulty_wire::Wire;

/// A new world, a client of its account, and a ledger.
pub(crate) struct Bench {
    pub(super) folder: tempfile::TempDir,
    pub(crate) wire: Arc<Wire>,
    pub(super) client: Client,
    pub(super) account: Account,
    pub(super) events: Mutex<Vec<Event>>,
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

    pub(super) fn ledger_file(&self) -> Vec<u8> {
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
