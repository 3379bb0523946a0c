//! `apply`: carries a plan out.

use std::collections::BTreeSet;

use anyhow::Context as _;

use tokio::time::Instant;

use crate::{
    apply::{self, ApplyInput, Completion, Outcome},
    cli::{
        access::sealer,
        approval::{Approval, ApprovalArgs},
        command::plan::{Extent, make},
        commit,
        ending::{Ending, until_told},
        error::Stop,
        exit::Exit,
        forecast::look_ahead,
        ledger::{LockArgs, NetworkArgs},
        progress::Progress,
        session::{Connected, Opened, Scope, interest, now},
        verify::check_right_to_run,
    },
    diagnostic::{Finding, Report, codes, nearest},
    manifest::Project,
    model::{Event, Snapshot},
    plan::{self, Plan},
    render,
    state::{Locked, Sealer},
};

/// Carry out what plan shows
///
/// Without a plan file it shows the plan and asks. A plan file, or --expect with the digest that
/// a plan printed, approves that very plan: apply plans again and goes on only if the digest is
/// the same.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform apply
  makeform apply --auto-approve
  makeform plan --out review.json && makeform apply review.json
  makeform apply --expect sha256:4f1c..
  makeform apply --expect recorded       the plan that `plan --record` recorded under this commit
  makeform apply --allow mass-delete
  makeform --target staging --target production apply   production only if staging went well")]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    approval: ApprovalArgs,

    /// Override one guard by its code (can be repeated)
    #[arg(long = "allow", value_name = "CODE")]
    allowed: Vec<String>,

    #[command(flatten)]
    lock: LockArgs,

    #[command(flatten)]
    network: NetworkArgs,

    #[command(flatten)]
    extent: Extent,
}

pub(crate) async fn run(args: &ApplyArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    if args.approval.is_of_one_plan() {
        scope.one_target(&project, "a plan file or --expect")?;
    }
    check_codes(&args.allowed)?;
    let names = scope.target_names(&project)?;
    let mut rest = names.iter();
    while let Some(name) = rest.next() {
        let exit = match one(args, scope, &project, name).await {
            Err(stop) if names.len() > 1 => scope.told(name, stop),
            done => done?,
        };
        // What goes wrong in staging shall not go on to production.
        if exit != Exit::Done {
            let left: Vec<&str> = rest.map(String::as_str).collect();
            if !left.is_empty() {
                let left = left.join(", ");
                scope
                    .ui
                    .status(&format!("Not begun after target {name}: {left}."));
            }
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

async fn one(
    args: &ApplyArgs,
    scope: &Scope<'_>,
    project: &Project,
    name: &str,
) -> Result<Exit, Stop> {
    if args.approval.asks() && !scope.ui.can_ask() {
        return Err(anyhow::anyhow!(
            "apply needs an approval and there is no terminal to ask on: say --auto-approve, \
             --expect DIGEST, or name a plan file"
        )
        .into());
    }
    let opened = scope.open(project, name)?;
    let approval = args.approval.find(&opened, scope).await?;
    let owner = scope.owner("apply");
    let wait = args.lock.wait();
    let store = opened.target.store(scope)?;
    until_told(
        scope,
        (name, &store),
        &owner,
        wait,
        async |ledger, ending| locked(args, scope, &opened, &approval, ledger, ending).await,
    )
    .await
}

/// Plans and carries out, while nobody else may.
async fn locked(
    args: &ApplyArgs,
    scope: &Scope<'_>,
    opened: &Opened,
    approval: &Approval,
    ledger: &mut Locked,
    ending: &Ending,
) -> Result<Exit, Stop> {
    let since = Instant::now();
    let mut connected = opened.target.connect(scope).await?;
    let most = args.network.wait();
    connected.client = connected.client.patient(most, ending.flag());
    ledger.ledger().check_account(&connected.identity())?;
    connected
        .await_stragglers(ledger.ledger(), since, scope)
        .await;
    let cache = opened
        .target
        .cache(scope, &connected.account, args.extent.refresh);
    let wanted = interest(&opened.desired, ledger.ledger(), args.extent.destroy);
    let wanted = wanted.with_cache(cache.clone());
    let snapshot = connected.snapshot(&wanted, scope).await?;
    let settlement = apply::settle(
        &ledger.ledger().pending,
        &ledger.ledger().bindings,
        &snapshot,
    );
    settlement.record(ledger, &opened.desired).await?;
    let bindings = &ledger.ledger().bindings;
    let mut plan = make(opened, &connected, &snapshot, bindings, &args.extent)?;
    let findings = settlement.findings(&plan);
    plan.findings.extend(Report::from_iter(findings));
    check_right_to_run(&mut plan, &connected).await?;
    look_ahead(&mut plan, &connected, &opened.desired.policy).await;
    if let Some(exit) = review(&plan, approval, &args.allowed, scope).await? {
        return Ok(exit);
    }
    let running = Running {
        command: "apply",
        commit: commit::of(opened.target.root()).await,
        sealer: &sealer(scope.settings),
        allowed: &args.allowed,
        ending,
    };
    let outcome = carry_out(&plan, &snapshot, &connected, ledger, &running, scope).await;
    if let Some(cache) = cache {
        cache.learn(outcome.evidence);
    }
    scope.ui.findings(&outcome.findings());
    scope.ui.text(&render::outcome_text(
        &outcome,
        &plan,
        &args.extent.again("apply", "plan"),
        scope.ui.data_style(),
    ))?;
    Ok(exit_of(&outcome))
}

/// Shows the plan and finds out whether to go on; an exit code where not.
pub(super) async fn review(
    plan: &Plan,
    approval: &Approval,
    allowed: &[String],
    scope: &Scope<'_>,
) -> Result<Option<Exit>, Stop> {
    let text = render::plan_text(plan, allowed, scope.ui.data_style());
    scope.ui.text(&text)?;
    if plan.findings.has_errors() {
        return Ok(Some(Exit::Error));
    }
    match approval {
        Approval::Ask | Approval::Any => {}
        Approval::Digest(digest) if *digest == plan.digest => {}
        Approval::Digest(digest) => {
            return Ok(Some(refuse_digest(digest, plan, &[], scope)));
        }
        Approval::File(file) if file.digest == plan.digest => {}
        Approval::File(file) => {
            let moved = file.moved(plan);
            return Ok(Some(refuse_digest(&file.digest, plan, &moved, scope)));
        }
    }
    let refusals = plan::refusals(plan, allowed);
    if !refusals.is_empty() {
        let codes = refusals.iter().map(|finding| finding.code.name);
        let codes: BTreeSet<&str> = codes.collect();
        let codes: Vec<&str> = codes.into_iter().collect();
        let flags: Vec<String> = codes.iter().map(|code| format!("--allow {code}")).collect();
        scope.ui.status(&format!(
            "Refused: {}. Nothing was sent. If that is what you want, say {}.",
            codes.join(", "),
            flags.join(" ")
        ));
        return Ok(Some(Exit::Refused));
    }
    if plan.is_empty() {
        return Ok(Some(Exit::Done));
    }
    if matches!(approval, Approval::Ask) && plan.has_changes() && !ask(plan).await? {
        scope.ui.status("Apply cancelled.");
        return Ok(Some(Exit::Error));
    }
    Ok(None)
}

/// Says that another plan was approved than the one that would be carried out.
fn refuse_digest(approved: &str, plan: &Plan, moved: &[String], scope: &Scope<'_>) -> Exit {
    let mut text = format!(
        "Refused: the plan is another than the approved one. Nothing was sent.\n  \
         approved: {approved}\n  now:      {}",
        plan.digest
    );
    for line in moved {
        text.push_str("\n  moved:    ");
        text.push_str(&render::printable(line));
    }
    text.push_str(
        "\n  What it is now stands above: read that, and approve it anew.\
         \n  A plan of --only, --destroy or --editor takes the same flags here.",
    );
    scope.ui.status(&text);
    Exit::Refused
}

/// What is remembered of a run beside its plan.
pub(super) struct Running<'a> {
    /// What runs: `apply`.
    pub(super) command: &'a str,
    /// The commit that the project is checked out at.
    pub(super) commit: Option<String>,
    /// Seals what is sensitive.
    pub(super) sealer: &'a Sealer,
    /// The guards that are overridden.
    pub(super) allowed: &'a [String],
    /// Whether it is told to end.
    pub(super) ending: &'a Ending,
}

pub(super) async fn carry_out(
    plan: &Plan,
    snapshot: &Snapshot,
    connected: &Connected,
    ledger: &mut Locked,
    running: &Running<'_>,
    scope: &Scope<'_>,
) -> Outcome {
    let interrupted = running.ending.begin_sending();
    let progress = Progress::of_apply(scope.ui, plan.cost().requests);
    let mut emit = |event: Event| progress.show(&event);
    let input = ApplyInput {
        plan,
        snapshot,
        client: &connected.client,
        by: &scope.settings.who,
        command: running.command,
        commit: running.commit.as_deref(),
        sealer: running.sealer,
        allowed: running.allowed,
        clock: &now,
        interrupted,
    };
    // Steps at once make a future of 40 kB.
    let work = Box::pin(apply::run(&input, ledger, &mut emit));
    let outcome = progress.of(&connected.client, work).await;
    progress.finish();
    outcome
}

/// `--allow` names guards, and only guards.
pub(super) fn check_codes(allowed: &[String]) -> Result<(), Stop> {
    for name in allowed {
        if codes::guards::GUARDS.iter().any(|code| code.name == name) {
            continue;
        }
        let guards: Vec<&str> = codes::guards::GUARDS.iter().map(|code| code.name).collect();
        let finding = Finding::new(
            &codes::guards::UNKNOWN_GUARD,
            format!("`{name}` is no guard that --allow could override"),
        );
        let help = match nearest(name, guards.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the guards are {}", guards.join(", ")),
        };
        return Err(Stop::finding(finding.help(help)));
    }
    Ok(())
}

/// Asks on another thread: the lock is renewed meanwhile.
async fn ask(plan: &Plan) -> Result<bool, Stop> {
    let question = format!(
        "Do you want to perform these actions on target {}? Only `yes` is accepted",
        plan.target.name
    );
    let asking = tokio::task::spawn_blocking(move || {
        let input = dialoguer::Input::<String>::new().with_prompt(question);
        input.allow_empty(true).interact_text()
    });
    let answer = asking.await.context("failed to ask")?;
    let answer = answer.context("failed to ask")?;
    Ok(answer.trim() == "yes")
}

pub(super) fn exit_of(outcome: &Outcome) -> Exit {
    match outcome.completion() {
        Completion::Complete => Exit::Done,
        Completion::Failed => Exit::Error,
        Completion::Stale => Exit::Refused,
        Completion::Partial => Exit::Partial,
        Completion::Interrupted => Exit::Interrupted,
    }
}
