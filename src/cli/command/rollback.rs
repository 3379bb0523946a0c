//! `rollback`: how things were before an apply.

use std::path::PathBuf;

use serde_json::Value;

use tokio::time::Instant;

use crate::{
    apply,
    cli::{
        access::sealer,
        approval::{Approval, digest},
        command::{
            apply::{Running, carry_out, check_codes, exit_of, review},
            plan::{Format, input, show},
        },
        commit,
        ending::{self, until_told},
        error::Stop,
        exit::Exit,
        files,
        forecast::look_ahead,
        ledger::{LockArgs, NetworkArgs},
        session::{Connected, Opened, Scope, interest},
        suggest::check_addresses,
    },
    diagnostic::{Finding, Report, codes::rollback as codes},
    manifest::Project,
    model::{Address, ApplyId, Desired, Ending, Hidden, Record, Variables},
    plan::{self, Past, Plan, PlanInput, Rewind, Rewound, Seals},
    render,
    state::{Ahead, Applied, Ledger, Locked, Sealer, Store},
};

/// Go back to how things were before an apply
///
/// Plans the way back from what the journals of applies recorded, shows it and asks. What was made
/// since goes, what was changed returns, and what was deleted is made again, with its new id
/// wherever it is named. All applies from the named one on are undone, the last one if none is
/// named; what they did not touch stays as it is. Afterwards check the earlier manifests out, too:
/// the next apply of today's would bring their changes back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform rollback                    to before the last apply
  makeform rollback 12                 to before apply 12 (see makeform state history)
  makeform rollback --to-commit 4f1c2ab
  makeform rollback --dry-run          only show what it would do
  makeform rollback --expect sha256:4f1c..
  makeform rollback --only scenario.lead-sync
  MAKEFORM_STATE_KEY=.. makeform rollback   with the key that secrets were sealed with")]
pub(crate) struct RollbackArgs {
    /// Go back to before this apply
    #[arg(value_name = "APPLY", conflicts_with = "to_commit", value_parser = number)]
    apply: Option<u64>,

    /// Go back to what the last apply from this commit has left
    #[arg(long, value_name = "COMMIT")]
    to_commit: Option<String>,

    /// Only show the plan
    #[arg(long, conflicts_with_all = ["auto_approve", "expect"])]
    dry_run: bool,

    /// Only save the plan, as JSON for review: `--expect` carries it out
    #[arg(long, value_name = "FILE", conflicts_with_all = ["auto_approve", "expect"])]
    out: Option<PathBuf>,

    /// How --dry-run writes the plan
    #[arg(long, value_enum, default_value_t = Format::Text, requires = "dry_run")]
    format: Format,

    /// Do not ask
    #[arg(long)]
    auto_approve: bool,

    /// Go on only if the plan has this digest
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    expect: Option<String>,

    /// Override one guard by its code (can be repeated)
    #[arg(long = "allow", value_name = "CODE")]
    allowed: Vec<String>,

    /// Only this thing (can be repeated)
    #[arg(long, value_name = "ADDRESS")]
    only: Vec<Address>,

    /// Bring the editor's part of blueprints back too: positions, labels, samples, notes
    #[arg(long)]
    editor: bool,

    /// Read every blueprint again, also where nothing shows that it changed
    #[arg(long)]
    refresh: bool,

    #[command(flatten)]
    lock: LockArgs,

    #[command(flatten)]
    network: NetworkArgs,
}

/// The number of an apply, as it is typed or as it is shown: `12`, `#12`.
fn number(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    digits.parse().map_err(|_| {
        "no number of an apply, such as 12: `makeform state history` lists them".to_owned()
    })
}

pub(crate) async fn run(args: &RollbackArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let name = scope.one_target(&project, "rollback")?;
    check_codes(&args.allowed)?;
    let opened = opened(scope, &project, &name)?;
    let store = opened.target.store(scope)?;
    if args.dry_run || args.out.is_some() {
        return dry(args, scope, &opened, &store).await;
    }
    if args.apply.is_some() || args.to_commit.is_some() {
        // A slip is told before anybody is asked, and before the ledger is locked.
        first(args, &store.read().await?.applies)?;
    }
    let approval = match (&args.expect, args.auto_approve) {
        (Some(digest), _) => Approval::Digest(digest.clone()),
        (None, true) => Approval::Any,
        (None, false) => Approval::Ask,
    };
    if matches!(approval, Approval::Ask) && !scope.ui.can_ask() {
        return Err(anyhow::anyhow!(
            "rollback needs an approval and there is no terminal to ask on: say --auto-approve, \
             --expect DIGEST, or --dry-run"
        )
        .into());
    }
    let owner = scope.owner("rollback");
    let wait = args.lock.wait();
    until_told(
        scope,
        (&name, &store),
        &owner,
        wait,
        async |ledger, ending| {
            locked(args, scope, &opened, &store, &approval, (ledger, ending)).await
        },
    )
    .await
}

/// The target with its manifests, as far as they can be read: going back must not hang on those
/// that are to blame.
fn opened(scope: &Scope<'_>, project: &Project, name: &str) -> Result<Opened, Stop> {
    let target = scope.target(project, name)?;
    let desired = match scope.open(project, name) {
        Ok(opened) => opened.desired,
        Err(Stop::Findings(report)) => {
            let count = report.iter().count();
            let some = if count == 1 { "finding" } else { "findings" };
            scope.ui.status(&format!(
                "The manifests are left aside: {count} {some}, see `makeform validate`."
            ));
            let env = target.env.iter().filter_map(|name| {
                let value = scope.settings.variable(name)?;
                Some((name.clone(), value.into()))
            });
            Desired {
                variables: Variables {
                    env: env.collect(),
                    target: name.to_owned(),
                    ..Variables::default()
                },
                policy: project.policy.clone(),
                ..Desired::default()
            }
        }
        Err(stop) => return Err(stop),
    };
    Ok(Opened {
        target,
        desired,
        // What there is to tell of the manifests is none of the way back.
        findings: Report::default(),
        lints: project.lints.clone(),
    })
}

/// Shows the plan, or saves it, without a lock.
async fn dry(
    args: &RollbackArgs,
    scope: &Scope<'_>,
    opened: &Opened,
    store: &Store,
) -> Result<Exit, Stop> {
    let ledger = store.read().await?;
    let Some(first) = first(args, &ledger.applies)? else {
        scope.ui.status("Nothing was applied since.");
        return Ok(Exit::Done);
    };
    let connected = opened.target.connect(scope).await?;
    let from = (store, connected);
    let way = Way::read(args, scope, opened, from, (&ledger, None), first).await?;
    let mut plan = way.plan(args, opened, &ledger).await?;
    look_ahead(&mut plan, &way.connected, &opened.desired.policy).await;
    show(&plan, args.format, scope)?;
    if let Some(file) = &args.out {
        let path = scope.settings.directory.join(file);
        files::write_private(&path, render::plan_json_pretty(&plan).as_bytes())?;
        scope.ui.status(&format!(
            "Saved the plan. To carry it out: {}",
            render::on_target(
                &plan.target.name,
                &format!("{} --expect {}", again(args, first).run, plan.digest)
            )
        ));
    }
    Ok(match plan.findings.has_errors() {
        true => Exit::Error,
        false => Exit::Done,
    })
}

/// Plans and carries out, while nobody else may.
async fn locked(
    args: &RollbackArgs,
    scope: &Scope<'_>,
    opened: &Opened,
    store: &Store,
    approval: &Approval,
    (ledger, ending): (&mut Locked, &ending::Ending),
) -> Result<Exit, Stop> {
    let since = Instant::now();
    let Some(first) = first(args, &ledger.ledger().applies)? else {
        scope.ui.status("Nothing was applied since.");
        return Ok(Exit::Done);
    };
    let mut connected = opened.target.connect(scope).await?;
    let most = args.network.wait();
    connected.client = connected.client.patient(most, ending.flag());
    let from = (store, connected);
    let held = (ledger.ledger(), Some(since));
    let way = Way::read(args, scope, opened, from, held, first).await?;
    way.settlement.record(ledger, &opened.desired).await?;
    let mut plan = way.plan(args, opened, ledger.ledger()).await?;
    look_ahead(&mut plan, &way.connected, &opened.desired.policy).await;
    if let Some(exit) = review(&plan, approval, &args.allowed, scope).await? {
        return Ok(exit);
    }
    let running = Running {
        command: "rollback",
        commit: commit::of(opened.target.root()).await,
        sealer: &way.sealer,
        allowed: &args.allowed,
        ending,
    };
    let (snapshot, connected) = (&way.snapshot, &way.connected);
    let outcome = carry_out(&plan, snapshot, connected, ledger, &running, scope).await;
    if let Some(cache) = &way.cache {
        cache.learn(outcome.evidence);
    }
    scope.ui.findings(&outcome.findings());
    scope.ui.text(&render::outcome_text(
        &outcome,
        &plan,
        &again(args, first),
        scope.ui.data_style(),
    ))?;
    Ok(exit_of(&outcome))
}

/// How to go on with the same way back: what this run has done is an apply itself by now, so the
/// first one that is undone is named.
fn again(args: &RollbackArgs, first: ApplyId) -> render::Again {
    let mut run = format!("rollback {}", first.0);
    if args.editor {
        run.push_str(" --editor");
    }
    for address in &args.only {
        run.push_str(&format!(" --only {address}"));
    }
    render::Again {
        look: format!("{run} --dry-run"),
        run,
    }
}

/// What a way back is planned from.
struct Way {
    journals: Vec<Vec<Record>>,
    first: ApplyId,
    connected: Connected,
    snapshot: crate::model::Snapshot,
    settlement: apply::Settlement,
    sealer: Sealer,
    cache: Option<crate::live::Cache>,
}

impl Way {
    /// Reads the journals, and of the account what they are about. `locked`: since when nobody else
    /// may apply, if so.
    async fn read(
        args: &RollbackArgs,
        scope: &Scope<'_>,
        opened: &Opened,
        (store, connected): (&Store, Connected),
        (ledger, locked): (&Ledger, Option<Instant>),
        first: ApplyId,
    ) -> Result<Self, Stop> {
        let mut journals = Vec::new();
        for applied in ledger.applies.iter().filter(|one| one.apply >= first) {
            let journal = store.journal(applied.apply).await?;
            let apply = applied.apply;
            journals.push(journal.ok_or_else(|| {
                let message = format!("the journal of apply {apply} is gone");
                Stop::finding(Finding::new(&codes::ROLLBACK_TARGET, message))
            })?);
        }
        let past = Past::before(first, &journals, &ledger.bindings);
        let bound = ledger.bindings.by_address.keys();
        let known = bound
            .chain(past.touched())
            .chain(opened.desired.things.keys());
        check_addresses(&args.only, known)?;
        ledger.check_account(&connected.identity())?;
        if let Some(since) = locked {
            connected.await_stragglers(ledger, since, scope).await;
        }
        let sealer = sealer(scope.settings);
        let way = Rewind {
            past: &past,
            bindings: &ledger.bindings,
            manifests: &opened.desired,
            snapshot: None,
            seals: &Opening(&sealer),
            only: &args.only,
        };
        let rewound = rewind(way, &sealer).await;
        let cache = opened.target.cache(scope, &connected.account, args.refresh);
        let mut known = ledger.clone();
        known.bindings = rewound.bindings;
        let wanted = interest(&rewound.desired, &known, false).with_cache(cache.clone());
        let snapshot = connected.snapshot(&wanted, scope).await?;
        let settlement = apply::settle(&ledger.pending, &ledger.bindings, &snapshot);
        // What was found out belongs to the apply that left it open.
        let settled = |sequence, id| Record::Ended {
            sequence,
            ending: Ending::Settled { id },
        };
        let bound = settlement.bound.iter();
        let mut found: Vec<Record> = bound
            .map(|(_, id, sequence)| settled(*sequence, Some(id.clone())))
            .collect();
        let closed = settlement.closed.iter();
        found.extend(closed.map(|sequence| settled(*sequence, None)));
        if let Some(last) = journals.last_mut() {
            last.extend(found);
        }
        Ok(Self {
            journals,
            first,
            connected,
            snapshot,
            settlement,
            sealer,
            cache,
        })
    }

    async fn plan(
        &self,
        args: &RollbackArgs,
        opened: &Opened,
        ledger: &Ledger,
    ) -> Result<Plan, Stop> {
        let mut bindings = ledger.bindings.clone();
        self.settlement.apply_to(&mut bindings);
        let past = Past::before(self.first, &self.journals, &bindings);
        let way = Rewind {
            past: &past,
            bindings: &bindings,
            manifests: &opened.desired,
            snapshot: Some(&self.snapshot),
            seals: &Opening(&self.sealer),
            only: &args.only,
        };
        let rewound = rewind(way, &self.sealer).await;
        let mut plan = rewound.plan(&PlanInput {
            editor: args.editor,
            ..input(opened, &self.connected, &self.snapshot, &bindings)?
        });
        opened.lints.apply(&mut plan.findings);
        let findings = self.settlement.clone().findings(&plan);
        plan.findings.extend(Report::from_iter(findings));
        Ok(plan)
    }
}

/// Makes of the past what is wanted. To make a hash takes its time: first all that are going to be
/// asked for.
async fn rewind(way: Rewind<'_>, sealer: &Sealer) -> Rewound {
    let ahead = sealer.ahead();
    let seals = &Asking(sealer, &ahead);
    let _ = plan::rewind(&Rewind { seals, ..way });
    ahead.make().await;
    plan::rewind(&way)
}

/// The first apply that is undone; none if nothing was applied since.
fn first(args: &RollbackArgs, applies: &[Applied]) -> Result<Option<ApplyId>, Stop> {
    let stop = |message: String| {
        let finding = Finding::new(&codes::ROLLBACK_TARGET, message);
        Stop::finding(finding.help("`makeform state history` lists what was applied"))
    };
    let Some(last) = applies.last() else {
        return Err(stop("nothing was ever applied to this target".to_owned()));
    };
    if let Some(number) = args.apply {
        let named = applies.iter().find(|applied| applied.apply.0 == number);
        let named = named.ok_or_else(|| {
            let last = last.apply;
            stop(format!(
                "there is no apply #{number}: the last one is {last}"
            ))
        })?;
        return Ok(Some(named.apply));
    }
    let Some(commit) = &args.to_commit else {
        return Ok(Some(last.apply));
    };
    // What a rollback has left is of no commit.
    let is_of = |applied: &Applied| {
        let is_rollback = applied.command.as_deref() == Some("rollback");
        let of = applied.commit.as_deref().filter(|_| !is_rollback);
        of.is_some_and(|of| !of.ends_with("-dirty") && of.starts_with(commit.as_str()))
    };
    if commit.len() < SHORTEST || !applies.iter().any(is_of) {
        return Err(stop(format!("nothing was applied from commit `{commit}`")));
    }
    let undone = applies.iter().rev().take_while(|applied| !is_of(applied));
    Ok(undone.last().map(|applied| applied.apply))
}

/// As short as git shows commits: less could be several.
const SHORTEST: usize = 7;

/// Opens what journals keep.
struct Opening<'a>(&'a Sealer);

impl Seals for Opening<'_> {
    fn open(&self, address: &Address, hidden: &Hidden) -> Option<Value> {
        self.0.open(address, hidden)
    }

    fn is(&self, address: &Address, hidden: &Hidden, value: &Value) -> bool {
        self.0.is(address, hidden, value)
    }
}

/// Opens what journals keep, and only notes what is going to be compared.
struct Asking<'a>(&'a Sealer, &'a Ahead<'a>);

impl Seals for Asking<'_> {
    fn open(&self, address: &Address, hidden: &Hidden) -> Option<Value> {
        self.0.open(address, hidden)
    }

    fn is(&self, _: &Address, hidden: &Hidden, value: &Value) -> bool {
        self.1.compares(hidden, value);
        false
    }
}
