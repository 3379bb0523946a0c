//! Stories of steps in two parts, against a sandbox of the unified dialect.

#![expect(
    clippy::disallowed_methods,
    reason = "files of a temporary project need no care"
)]

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::{
    apply::{self, ApplyInput, Completion, Outcome, StepOutcome},
    export::{self, ExportOptions},
    live::{
        Client, Wanted,
        transport::{Exchange, Request, Response, Transport, TransportError},
    },
    manifest::{self, emit},
    model::{Account, Bindings, Desired, Dialect, Kind, Snapshot, Spec},
    plan::{self, Plan, PlanInput, Target},
    sandbox::{self, TOKEN, World, WorldOptions},
    state::{Owner, Sealer, Store},
};

const PROJECT: &str = "
apiVersion: makeform/v1
kind: Project
metadata: { name: test }
spec:
  manifests: [\"*.manifest.yaml\"]
  env: [HOOK_USER, HOOK_PASSWORD]
  targets: { sandbox: { url: \"sandbox:\", organization: \"1\", dialect: unified } }
";

const MANIFESTS: &str = r#"
apiVersion: makeform/v1
kind: Scenario
metadata: { name: leads }
spec:
  name: Leads
  description: Copies leads.
  active: true
  priority: high
  schedule: { cron: "0 9,17 * * 1-5", timezone: Europe/Prague }
  settings: { maxErrors: 7 }
  blueprint:
    modules:
      - { id: 1, app: gateway, action: CustomWebHook, parameters: { hook: "${webhook.leads-hook}" } }
      - { id: 2, app: http, action: ActionSendData, mapper: { url: "https://crm.test" } }
    connections: [{ from: 1, to: 2 }]
---
apiVersion: makeform/v1
kind: Webhook
metadata: { name: leads-hook }
spec:
  name: Leads hook
  type: raw
  hookType: GET
  scenario: scenario.leads
  security: { type: basic, username: "${env.HOOK_USER}", password: "${env.HOOK_PASSWORD}" }
---
apiVersion: makeform/v1
kind: Scenario
metadata: { name: nightly }
spec:
  name: Nightly
  active: true
  schedule: { daily: "02:30" }
  blueprint:
    modules: [{ id: 1, app: http, action: ActionSendData }]
---
apiVersion: makeform/v1
kind: OrganizationRole
metadata: { name: mia }
spec: { email: mia@acme.example, role: builder }
---
apiVersion: makeform/v1
kind: Folder
metadata: { name: crm }
spec: { name: CRM }
"#;

/// What happens to a write.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Refuse,
    LoseRequest,
    LoseAnswer,
    DieBefore,
    DieAfter,
}

/// The way to a sandbox, with one mishap.
struct Wire {
    world: World,
    writes: AtomicUsize,
    fault: Mutex<Option<(usize, Fault)>>,
    died: Notify,
}

impl Transport for Wire {
    fn send<'a>(&'a self, request: &'a Request) -> Exchange<'a> {
        Box::pin(async move {
            if request.method.is_read() {
                return self.world.send(request).await;
            }
            let number = self.writes.fetch_add(1, Ordering::Relaxed);
            let due = *self.fault.lock().unwrap();
            let Some((_, fault)) = due.filter(|(at, _)| *at == number) else {
                return self.world.send(request).await;
            };
            let lost = Err(TransportError::NoAnswer {
                host: "sandbox".into(),
                reason: "as told".into(),
            });
            match fault {
                Fault::Refuse => Ok(Response {
                    status: 400,
                    headers: Vec::new(),
                    body: r#"{"message":"refused as told"}"#.into(),
                }),
                Fault::LoseRequest => lost,
                Fault::LoseAnswer => self.world.send(request).await.and(lost),
                Fault::DieBefore | Fault::DieAfter => {
                    if matches!(fault, Fault::DieAfter) {
                        let _ = self.world.send(request).await;
                    }
                    self.died.notify_one();
                    std::future::pending().await
                }
            }
        })
    }
}

struct Bench {
    folder: tempfile::TempDir,
    wire: Arc<Wire>,
    client: Client,
    account: Account,
    store: Store,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("world");
        let world = World::open(&path, WorldOptions::default()).unwrap();
        let wire = Arc::new(Wire {
            world: world.speaking(sandbox::Dialect::Unified),
            writes: AtomicUsize::new(0),
            fault: Mutex::default(),
            died: Notify::new(),
        });
        let client = Client::new(wire.clone(), TOKEN.into(), "sandbox".into());
        let client = client.speaking(Dialect::Unified);
        let account = client.locate(Some("1"), None).await.unwrap();
        let store = Store::at(&folder.path().join(".makeform/sandbox"));
        Self {
            folder,
            wire,
            client,
            account,
            store,
        }
    }

    fn desired(&self, manifests: &str) -> Desired {
        let folder = self.folder.path().join("project");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("makeform.yaml"), PROJECT).unwrap();
        fs::write(folder.join("all.manifest.yaml"), manifests).unwrap();
        load(&folder)
    }

    async fn collect(&self) -> Snapshot {
        let wanted = Wanted::everything(false);
        let mut silent = |_| {};
        let all = self.client.collect(&self.account, &wanted, &mut silent);
        all.await.unwrap()
    }

    fn plan_of(&self, desired: &Desired, snapshot: &Snapshot, bindings: &Bindings) -> Plan {
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

    /// None if it died.
    async fn apply(&self, desired: &Desired) -> Option<Outcome> {
        let owner = Owner {
            who: "ada@laptop".into(),
            pid: 1,
            command: "makeform apply".into(),
            since: Timestamp::UNIX_EPOCH,
        };
        let mut locked = self.store.lock(&owner, Duration::ZERO).await.unwrap();
        let snapshot = self.collect().await;
        let ledger = locked.ledger();
        let settlement = apply::settle(&ledger.pending, &ledger.bindings, &snapshot);
        assert!(settlement.unclear.is_empty(), "{settlement:?}");
        settlement.record(&mut locked, desired).await.unwrap();
        let plan = self.plan_of(desired, &snapshot, &locked.ledger().bindings);
        assert!(!plan.findings.has_errors(), "{:?}", plan.findings);
        let input = ApplyInput {
            plan: &plan,
            snapshot: &snapshot,
            client: &self.client,
            by: "ada@laptop",
            command: "apply",
            commit: None,
            sealer: &Sealer::new(None),
            allowed: &[],
            clock: &|| Timestamp::UNIX_EPOCH,
            interrupted: &AtomicBool::new(false),
        };
        let mut silent = |_| {};
        tokio::select! {
            outcome = apply::run(&input, &mut locked, &mut silent) => Some(outcome),
            () = self.wire.died.notified() => None,
        }
    }

    /// Planning again changes nothing, and everything is there once.
    async fn assert_settled(&self, desired: &Desired, when: &str) {
        let snapshot = self.collect().await;
        let ledger = self.store.read().await.unwrap();
        assert!(ledger.pending.is_empty(), "{when}");
        let plan = self.plan_of(desired, &snapshot, &ledger.bindings);
        assert!(
            plan.is_empty(),
            "{when}: {:#?} {:#?}",
            plan.steps,
            plan.records
        );
        for kind in [Kind::Webhook, Kind::Scenario] {
            let wanted = desired.things.keys().filter(|at| at.kind == kind);
            assert_eq!(snapshot.of(kind).count(), wanted.count(), "{when}: {kind}");
        }
        for live in snapshot.of(Kind::Scenario) {
            let Spec::Scenario(spec) = &live.spec else {
                panic!("{live:?}");
            };
            assert_eq!(spec.active.as_set(), Some(&true), "{when}: {}", spec.name);
        }
    }
}

fn load(folder: &Path) -> Desired {
    let project = manifest::find_project(folder).unwrap();
    let (desired, report) = manifest::load(&project, "sandbox", &|name| {
        Some(format!("value of {name}"))
    });
    assert!(!report.has_errors(), "{report:?}");
    desired
}

#[tokio::test]
async fn what_needs_each_other_is_made_and_exported_and_then_nothing_changes() {
    let bench = Bench::new().await;
    let desired = bench.desired(MANIFESTS);
    let outcome = bench.apply(&desired).await.unwrap();
    assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
    bench.assert_settled(&desired, "first").await;
    let snapshot = bench.collect().await;
    let hook = snapshot.of(Kind::Webhook).next().unwrap();
    let leads = snapshot.get(Kind::Scenario, hook.facts.attached.as_ref().unwrap());
    let Spec::Scenario(spec) = &leads.unwrap().spec else {
        panic!("{leads:?}");
    };
    let document = spec.blueprint.as_set().unwrap().document().unwrap();
    assert_eq!(
        document["modules"][0]["parameters"]["hook"],
        hook.id.to_value()
    );
    let ledger = fs::read(bench.folder.path().join(".makeform/sandbox/ledger.json")).unwrap();
    assert!(!String::from_utf8(ledger).unwrap().contains("value of HOOK"));

    // Another name is another webhook, of which the scenario gets the id.
    let renamed = bench.desired(&MANIFESTS.replace("name: Leads hook", "name: New hook"));
    let outcome = bench.apply(&renamed).await.unwrap();
    assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
    bench.assert_settled(&renamed, "renamed").await;

    let snapshot = bench.collect().await;
    let options = ExportOptions {
        target: "sandbox".into(),
        ..ExportOptions::default()
    };
    let exported = export::export(&snapshot, &options);
    assert!(!exported.findings.has_errors(), "{:?}", exported.findings);
    let out = bench.folder.path().join("exported");
    fs::create_dir_all(&out).unwrap();
    let project = PROJECT.replace("*.manifest.yaml", "manifests/**/*.yaml");
    fs::write(out.join("makeform.yaml"), project).unwrap();
    for file in emit::files(&exported.desired, &exported.places) {
        let file = file.unwrap();
        let path = out.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.bytes).unwrap();
    }
    let again = load(&out);
    assert!(again.things.len() >= 4, "{:?}", again.things.keys());
    let plan = bench.plan_of(&again, &snapshot, &Bindings::default());
    assert!(!plan.findings.has_errors(), "{:?}", plan.findings);
    for step in &plan.steps {
        assert!(step.sends_nothing(), "{step:#?}");
    }
}

#[tokio::test]
async fn what_is_declared_no_more_goes_and_a_member_stays_unless_it_is_forgotten() {
    let bench = Bench::new().await;
    let all = bench.desired(MANIFESTS);
    let outcome = bench.apply(&all).await.unwrap();
    assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
    let documents = MANIFESTS.split("---\n");
    let members: Vec<&str> = documents.filter(|text| text.contains("Role")).collect();
    let members = bench.desired(&members.join("---\n"));
    let outcome = bench.apply(&members).await.unwrap();
    assert_eq!(outcome.steps.len(), 3, "{outcome:?}");
    assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
    bench.assert_settled(&members, "after the end").await;

    let nobody = bench.desired("");
    let snapshot = bench.collect().await;
    let bindings = bench.store.read().await.unwrap().bindings;
    let plan = bench.plan_of(&nobody, &snapshot, &bindings);
    let codes: Vec<&str> = plan.findings.iter().map(|found| found.code.name).collect();
    assert!(codes.contains(&"not-supported"), "{codes:?}");
    let outcome = bench.apply(&nobody).await.unwrap();
    assert_eq!(outcome.completion(), Completion::Failed, "{outcome:?}");
    bench.assert_settled(&members, "after the refusal").await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_a_request_the_next_apply_brings_about_the_rest() {
    let faults = [
        Fault::Refuse,
        Fault::LoseRequest,
        Fault::LoseAnswer,
        Fault::DieBefore,
        Fault::DieAfter,
    ];
    for fault in faults {
        for at in 0.. {
            let bench = Bench::new().await;
            let desired = bench.desired(MANIFESTS);
            *bench.wire.fault.lock().unwrap() = Some((at, fault));
            let first = bench.apply(&desired).await;
            if bench.wire.writes.load(Ordering::Relaxed) <= at {
                assert!(at > 5, "{fault:?} was hit {at} times only");
                break;
            }
            let when = format!("{fault:?} of write {at}: {first:?}");
            *bench.wire.fault.lock().unwrap() = None;
            let outcome = bench.apply(&desired).await.unwrap();
            assert_eq!(
                outcome.completion(),
                Completion::Complete,
                "{when}: {outcome:?}"
            );
            bench.assert_settled(&desired, &when).await;
        }
    }
}

#[tokio::test]
async fn a_scenario_whose_webhook_is_refused_stays_off_and_says_so() {
    let bench = Bench::new().await;
    let desired = bench.desired(MANIFESTS);
    bench
        .wire
        .world
        .add_fault("POST /webhooks: 400".parse().unwrap());
    let outcome = bench.apply(&desired).await.unwrap();
    assert_eq!(outcome.completion(), Completion::Partial, "{outcome:?}");
    let of = |name: &str| {
        let mut steps = outcome.steps.iter();
        steps.find(|step| step.address.to_string() == name).unwrap()
    };
    let StepOutcome::Failed(finding) = &of("scenario.leads").outcome else {
        panic!("{outcome:?}");
    };
    assert!(
        finding.message.contains("stays switched off"),
        "{finding:?}"
    );
    assert!(matches!(of("scenario.nightly").outcome, StepOutcome::Done));
    bench.wire.world.clear_faults();
    let outcome = bench.apply(&desired).await.unwrap();
    assert_eq!(outcome.completion(), Completion::Complete, "{outcome:?}");
    bench.assert_settled(&desired, "after the refusal").await;
}
