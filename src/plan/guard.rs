//! Guards: what makes a plan refuse itself, unless somebody says `--allow CODE`.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Action, Plan, Reason, Step,
    input::{PlanInput, is_managed},
    occupied::strands,
    order::Needs,
    roles::is_admin,
};
use crate::{
    diagnostic::{
        Finding,
        codes::{guards as codes, plan::OWN_TEAM},
    },
    model::{Address, Dialect, Form, Kind, Reading, RemoteId, Snapshot, Spec},
};

/// Deleting this share of things is a guard..
const MASS_PERCENT: usize = 30;

/// ..of at least this many: below, deleting one is already a large share..
const MASS_LEAST: usize = 10;

/// ..and so is deleting more than this many, whatever the share.
const MASS_COUNT: usize = 20;

/// The kinds that are roles of people, and where.
const ROLES: [(Kind, &str); 2] = [
    (Kind::OrganizationRole, "organization"),
    (Kind::TeamRole, "team"),
];

/// The findings of guards that a plan runs into and that were not allowed.
#[must_use]
pub fn refusals<'p>(plan: &'p Plan, allowed: &[String]) -> Vec<&'p Finding> {
    let is_refused = |finding: &&Finding| {
        codes::GUARDS.contains(&finding.code)
            && !allowed.iter().any(|name| name == finding.code.name)
    };
    plan.findings.iter().filter(is_refused).collect()
}

/// All guards that steps run into.
pub(super) fn guard(input: &PlanInput<'_>, steps: &[Step]) -> Vec<Finding> {
    let mut found = Vec::new();
    for step in steps {
        found.extend(protected(input, step));
        found.extend(overwrites(step));
        found.extend(waiting_work(input, step));
        found.extend(own_user(input, step));
        found.extend(kept_things(input, step));
        found.extend(not_supported(input, step));
        found.extend(strands(input, step, steps));
    }
    found.extend(mass_delete(input, steps));
    for (kind, what) in ROLES {
        found.extend(last_admin(input, steps, kind, what));
    }
    found.extend(incomplete(input, steps));
    if !input.ledger_shared && !steps.is_empty() {
        let message = "the ledger is a file on this machine, which is gone after this run";
        let finding = Finding::new(&codes::LEDGER_NOT_SHARED, message);
        found.push(finding.help("set `state: git` in makeform.yaml"));
    }
    found.into_iter().map(with_way_out).collect()
}

/// Says how to go on all the same.
pub(super) fn with_way_out(mut finding: Finding) -> Finding {
    let flag = format!("`--allow {}`", finding.code);
    finding.help = Some(match finding.help.take() {
        Some(help) => format!("{help}, or go on with {flag}"),
        None => format!("if that is meant, go on with {flag}"),
    });
    finding
}

/// Whether the step makes an object go.
fn destroys(step: &Step) -> bool {
    match step.action {
        Action::Delete | Action::Replace => true,
        Action::Create | Action::Update | Action::Adopt | Action::Forget => false,
    }
}

/// Whether the step is right only if the account was read whole.
fn trusts_absence(step: &Step) -> bool {
    match step.action {
        Action::Create | Action::Adopt | Action::Delete | Action::Replace => true,
        Action::Update | Action::Forget => false,
    }
}

fn is_mass(some: usize, all: usize) -> bool {
    some > MASS_COUNT || (all >= MASS_LEAST && some * 100 > all * MASS_PERCENT)
}

fn protected(input: &PlanInput<'_>, step: &Step) -> Option<Finding> {
    if !destroys(step) {
        return None;
    }
    let bindings = &input.bindings;
    // One that has another address today is still protected as it was.
    let bound = bindings.by_address.get(&step.address).or_else(|| {
        let address = bindings.address_of(step.address.kind, step.id.as_ref()?)?;
        bindings.by_address.get(address)
    });
    if !step.prevent_destroy && !bound.is_some_and(|binding| binding.prevent_destroy) {
        return None;
    }
    let verb = if step.action == Action::Replace {
        "replaced"
    } else {
        "deleted"
    };
    let message = format!("`{}` is protected and would be {verb}", step.address);
    Some(about(step, Finding::new(&codes::PREVENT_DESTROY, message)))
}

fn overwrites(step: &Step) -> Option<Finding> {
    let adopts = |reason: &Reason| matches!(reason, Reason::SameName | Reason::Pinned);
    if step.changes.is_empty() || !step.reasons.iter().any(adopts) {
        return None;
    }
    let id = step.id.as_ref()?;
    let message = format!(
        "object {id} is unmanaged and would be taken over as `{}` and changed",
        step.address
    );
    Some(about(step, Finding::new(&codes::ADOPT_OVERWRITES, message)))
}

fn waiting_work(input: &PlanInput<'_>, step: &Step) -> Option<Finding> {
    if !destroys(step) {
        return None;
    }
    let live = input.snapshot.get(step.address.kind, step.id.as_ref()?)?;
    let (incomplete, queued) = (live.facts.incomplete, live.facts.queued);
    let what = match (incomplete, queued) {
        (0, 0) => return None,
        (0, queued) => format!("{queued} items in its queue"),
        (incomplete, _) => format!("{incomplete} incomplete executions"),
    };
    let message = format!("`{}` has {what}, which would be lost", step.address);
    Some(about(step, Finding::new(&codes::WAITING_WORK, message)))
}

/// What goes with a data store or a team.
fn kept_things(input: &PlanInput<'_>, step: &Step) -> Option<Finding> {
    if !destroys(step) {
        return None;
    }
    let facts = &input
        .snapshot
        .get(step.address.kind, step.id.as_ref()?)?
        .facts;
    let (code, message) = match step.address.kind {
        Kind::DataStore if facts.records > 0 => {
            let records = facts.records;
            let message = format!(
                "`{}` holds {records} records, which would be lost",
                step.address
            );
            (&codes::DATA_STORE_RECORDS, message)
        }
        Kind::Team => {
            let all = match facts.active_scenarios {
                Some(active) => format!("all that it holds, {active} active scenarios among it"),
                None => "all that it holds".to_owned(),
            };
            (
                &codes::TEAM_DELETE,
                format!("`{}` would go with {all}", step.address),
            )
        }
        Kind::Agent
        | Kind::Connection
        | Kind::DataStore
        | Kind::DataStructure
        | Kind::Device
        | Kind::Folder
        | Kind::Key
        | Kind::OrganizationRole
        | Kind::Scenario
        | Kind::Schedule
        | Kind::TeamRole
        | Kind::Variable
        | Kind::Webhook => return None,
    };
    Some(about(step, Finding::new(code, message)))
}

/// The team of the target: its plan can't take away what it stands in. No guard, since nothing
/// could follow.
pub(super) fn own_team(input: &PlanInput<'_>, steps: &[Step]) -> Option<Finding> {
    let own = RemoteId::Int(input.snapshot.account.team);
    let step = steps.iter().find(|step| {
        step.address.kind == Kind::Team && step.id.as_ref() == Some(&own) && destroys(step)
    })?;
    let message = format!(
        "`{}` is the target's own team and would be deleted",
        step.address
    );
    let finding = Finding::new(&OWN_TEAM, message);
    let address = &step.address;
    let help = format!("forget it with `removed: [{{ address: {address}, destroy: false }}]`");
    Some(about(step, finding.help(help)))
}

fn own_user(input: &PlanInput<'_>, step: &Step) -> Option<Finding> {
    let own = RemoteId::Int(input.snapshot.account.own_user?);
    let kind = step.address.kind;
    if !kind.is_role() || step.id.as_ref() != Some(&own) {
        return None;
    }
    let is_admin = |form: &Option<Form>| is_admin_in(input, kind, form.as_ref());
    let demotes = is_admin(&step.before) && !is_admin(&step.after);
    if !destroys(step) && !demotes {
        return None;
    }
    let message = format!(
        "`{}` is the token's own user and would lose a role",
        step.address
    );
    Some(about(step, Finding::new(&codes::OWN_USER, message)))
}

/// Whoever administers the team is demoted after others are promoted: the token's own user could
/// not do it any more, and the team must not be without an admin if that goes wrong.
pub(super) fn needs_of_demotions(
    input: &PlanInput<'_>,
    steps: &BTreeMap<Address, (Step, String)>,
    needs: &mut BTreeMap<Address, Needs>,
) {
    for (kind, _) in ROLES {
        needs_of(kind, input, steps, needs);
    }
}

fn needs_of(
    kind: Kind,
    input: &PlanInput<'_>,
    steps: &BTreeMap<Address, (Step, String)>,
    needs: &mut BTreeMap<Address, Needs>,
) {
    let roles = || {
        let steps = steps.values().map(|(step, _)| step);
        steps.filter(|step| step.address.kind == kind)
    };
    let was = |step: &Step| is_admin_in(input, kind, step.before.as_ref());
    let will_be = |step: &Step| is_admin_in(input, kind, step.after.as_ref());
    let promoted: BTreeSet<Address> = roles()
        .filter(|step| !was(step) && will_be(step))
        .map(|step| step.address.clone())
        .collect();
    let demoted: Vec<&Step> = roles().filter(|step| was(step) && !will_be(step)).collect();
    let gone: BTreeSet<Option<&RemoteId>> = demoted.iter().map(|step| step.id.as_ref()).collect();
    let one_stays = admins(input, kind).any(|id| !gone.contains(&Some(id)));
    let own = input.snapshot.account.own_user.map(RemoteId::Int);
    for step in demoted {
        if (!one_stays || step.id == own)
            && let Some(needs) = needs.get_mut(&step.address)
        {
            needs.settled.extend(promoted.iter().cloned());
        }
    }
}

/// Whether a form of a role administers the team.
fn is_admin_in(input: &PlanInput<'_>, kind: Kind, form: Option<&Form>) -> bool {
    let role = form.and_then(|form| form.text("role"));
    role.is_some_and(|role| administers(input, kind, role))
}

fn administers(input: &PlanInput<'_>, kind: Kind, role: &str) -> bool {
    let Snapshot {
        account, directory, ..
    } = input.snapshot;
    is_admin(account.dialect, kind, role, directory)
}

/// Those who administer the team, or the organization.
fn admins<'a>(input: &PlanInput<'a>, kind: Kind) -> impl Iterator<Item = &'a RemoteId> {
    let snapshot = input.snapshot;
    let roles = snapshot.of(kind);
    roles
        .filter(move |live| {
            let role = match &live.spec {
                Spec::OrganizationRole(spec) => &spec.role,
                Spec::TeamRole(spec) => &spec.role,
                Spec::Agent(_)
                | Spec::Connection(_)
                | Spec::DataStore(_)
                | Spec::DataStructure(_)
                | Spec::Device(_)
                | Spec::Folder(_)
                | Spec::Key(_)
                | Spec::Scenario(_)
                | Spec::Schedule(_)
                | Spec::Team(_)
                | Spec::Variable(_)
                | Spec::Webhook(_) => return false,
            };
            administers(input, kind, role)
        })
        .map(|live| &live.id)
}

/// Whether the step would take somebody away from an account that only takes people in.
fn not_supported(input: &PlanInput<'_>, step: &Step) -> Option<Finding> {
    let dialect = input.snapshot.account.dialect;
    if dialect == Dialect::Zone || !step.address.kind.is_role() || !destroys(step) {
        return None;
    }
    let message = format!(
        "`{}` would be taken away, and {} removes nobody",
        step.address,
        dialect.in_words()
    );
    let finding = Finding::new(&codes::NOT_SUPPORTED, message);
    let help = format!(
        "remove the member in Make; to leave them there, say \
         `removed: [{{ address: {}, destroy: false }}]`",
        step.address
    );
    Some(about(step, finding.help(help)))
}

fn mass_delete(input: &PlanInput<'_>, steps: &[Step]) -> Option<Finding> {
    let gone = steps.iter().filter(|step| destroys(step)).count();
    let all = managed_bindings(input).count();
    let message = format!("{gone} of {all} managed things would be deleted");
    is_mass(gone, all).then(|| Finding::new(&codes::MASS_DELETE, message))
}

fn last_admin(input: &PlanInput<'_>, steps: &[Step], kind: Kind, what: &str) -> Option<Finding> {
    let mut admins: BTreeSet<&RemoteId> = admins(input, kind).collect();
    let had = !admins.is_empty();
    let mut gains = false;
    for step in steps.iter().filter(|step| step.address.kind == kind) {
        let role = step.after.as_ref().and_then(|form| form.text("role"));
        let stays = role.is_some_and(|role| administers(input, kind, role));
        gains |= stays;
        if let Some(id) = &step.id
            && (destroys(step) || (role.is_some() && !stays))
        {
            admins.remove(id);
        }
    }
    let message = format!("nobody would be left who administers the {what}");
    (had && admins.is_empty() && !gains).then(|| Finding::new(&codes::LAST_ADMIN, message))
}

fn incomplete(input: &PlanInput<'_>, steps: &[Step]) -> Vec<Finding> {
    let mut found = Vec::new();
    let declared = input.desired.things.keys();
    let kinds: BTreeSet<Kind> = declared
        .chain(input.bindings.by_address.keys())
        .map(|address| address.kind)
        .filter(|kind| is_managed(*kind) && input.snapshot.account.dialect.has(*kind))
        .collect();
    for kind in kinds {
        let why = match input.snapshot.reading.get(&kind) {
            Some(Reading::Whole) => continue,
            Some(Reading::Partial(why)) => why.as_str(),
            None => "it was not read",
        };
        let message = format!("things of kind {kind} were not read to the end: {why}");
        found.push(Finding::new(&codes::INCOMPLETE_SNAPSHOT, message));
    }
    let (mut all, mut missing) = (0, 0);
    for (address, id) in managed_bindings(input) {
        if input.snapshot.is_whole(address.kind) {
            all += 1;
            missing += usize::from(input.snapshot.get(address.kind, id).is_none());
        }
    }
    if is_mass(missing, all) && steps.iter().any(trusts_absence) {
        let message = format!("{missing} of {all} bound objects are missing from the account");
        let finding = Finding::new(&codes::INCOMPLETE_SNAPSHOT, message);
        found.push(finding.help("check that this is the right team, and what the token may read"));
    }
    found
}

fn managed_bindings<'a>(
    input: &PlanInput<'a>,
) -> impl Iterator<Item = (&'a Address, &'a RemoteId)> {
    let bindings = input.bindings.by_address.iter();
    bindings
        .filter(|(address, _)| is_managed(address.kind))
        .map(|(address, binding)| (address, &binding.id))
}

/// Says which step a finding is about, and where that is declared.
pub(super) fn about(step: &Step, finding: Finding) -> Finding {
    let finding = finding.about(&step.address);
    match &step.place {
        Some(place) => finding.at(place.clone()),
        None => finding,
    }
}
